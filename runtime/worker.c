/* worker.c - the stages of one worker: mail in, messages to and from others, alerts out. */
#include "runtime/worker.h"

#include <string.h>

typedef struct stage {
  rt_worker *worker;
  uint32_t number;
  rt_engine *engine;
  cep_time done;  /* as it was told last */
  rt_place low;
  uint32_t reach; /* which of the worker's reaches it is in */
} stage;

/* How far mails came one after the other that agree in whether a clock had a part in it. */
typedef struct reach {
  rt_frontier frontier;
  int is_by_clock;
} reach;

struct rt_worker {
  rt_workers *all;
  uint32_t index;
  cb_alloc alloc;
  const prg *program;
  stage *stages;
  rt_frontier frontier;   /* of the source events */
  cep_time newest;
  CB_VEC(reach) reaches;  /* of mails that some stage is not yet through with; later stages come behind */
  cep_time *done;         /* of worker w, stage s: at w * stage count + s */
  rt_ring mail;
  rt_ring returned;
  rt_channel *to;         /* by worker; the one to itself too, so that nothing depends on who has a key */
  rt_channel out;
  uint64_t *stopped_at;   /* by worker: stage + 1 of the barrier that its channel stands at; 0: none */
  uint64_t *barriers;     /* by stage: the last one that it has passed */
  uint64_t barrier;       /* the one in the mail that is being passed */
  int has_sent;           /* in this poll */
  int has_come;           /* messages were taken in, and the stages have not gone on since */
  rt_saved_fn saved;
  void *saved_ctx;
};

/* ---- Stages ---------------------------------------------------------------------------- */

/* 1 if `suppress` goes by the key of the detection, part for part. */
static int goes_by_key(const prg *program, const prg_detection *detection)
{
  if (detection->suppress_by.count != detection->keys.count) return 0;
  for (uint32_t i = 0; i < detection->suppress_by.count; i++) {
    if (program->lists[detection->suppress_by.first + i] != i) return 0;
  }
  return 1;
}

cep_status rt_stages_of(const prg *program, rt_part *out, uint32_t *count_out)
{
  uint32_t strata = 0, count = 0;
  for (uint32_t d = 0; d < program->detections_count; d++) {
    if (program->detections[d].stratum > strata) strata = program->detections[d].stratum;
  }
  for (uint32_t stratum = 1; stratum <= strata; stratum++) {
    int is_apart = 0;
    for (uint32_t d = 0; d < program->detections_count; d++) {
      const prg_detection *detection = &program->detections[d];
      is_apart |= detection->stratum == stratum && detection->suppress != 0 && !goes_by_key(program, detection);
    }
    if (count + 2 > RT_STAGES_MAX) return CEP_E_LIMIT;
    out[count++] = (rt_part){.stratum = stratum, .matches = 1, .suppresses = !is_apart};
    if (is_apart) out[count++] = (rt_part){.stratum = stratum, .suppresses = 1};
  }
  *count_out = count;
  return CEP_OK;
}

/* ---- What stages send ------------------------------------------------------------------- */

static cep_status send_derived(void *ctx, const rt_derived *derived, uint32_t stratum, uint64_t workers)
{
  const stage *from = ctx;
  rt_worker *worker = from->worker;
  uint32_t target = from->number + 1;
  while (worker->all->stages[target].stratum != stratum || !worker->all->stages[target].matches) target++;
  for (uint32_t w = 0; w < worker->all->count; w++) {
    if (!(workers >> w & 1)) continue;
    cb_writer *writer = rt_channel_begin(&worker->to[w], RT_MESSAGE_DERIVED, target);
    CB_ASSERT(writer); /* work begins only when every channel has a block */
    rt_derived_write(from->engine, derived, writer);
    if (writer->status < 0) return writer->status;
  }
  return CEP_OK;
}

/* The suppression of a stratum stands right behind its matching. */
static cep_status send_alert(void *ctx, const rt_alert *alert, uint32_t to)
{
  const stage *from = ctx;
  cb_writer *writer = rt_channel_begin(&from->worker->to[to], RT_MESSAGE_ALERT, from->number + 1);
  CB_ASSERT(writer);
  rt_alert_write(writer, alert);
  return writer->status;
}

static int give_alert(void *ctx, const rt_alert *alert)
{
  const stage *from = ctx;
  cb_writer *writer = rt_channel_begin(&from->worker->out, RT_MESSAGE_ALERT, from->number);
  CB_ASSERT(writer);
  rt_alert_write(writer, alert);
  return 0; /* what the writer was refused is seen when it is sent */
}

/* To all workers: this stage has given everything before a time. To the collector: before a place. */
static void tell_progress(stage *from)
{
  rt_worker *worker = from->worker;
  rt_place low;
  rt_stage_low(from->engine, &low);
  if (rt_place_compare(&from->low, &low) == 0) return;
  from->low = low;
  cb_writer *writer = rt_channel_begin(&worker->out, RT_MESSAGE_LOW, from->number);
  CB_ASSERT(writer);
  rt_place_write(writer, &low);
  if (low.time == from->done || from->number + 1 == worker->all->stage_count) return;
  from->done = low.time;
  for (uint32_t w = 0; w < worker->all->count; w++) {
    writer = rt_channel_begin(&worker->to[w], RT_MESSAGE_DONE, from->number);
    CB_ASSERT(writer);
    cb_write_i64(writer, low.time);
  }
}

static int flush_one(rt_worker *worker, rt_channel *channel)
{
  const cb_writer *open = channel->open;
  worker->has_sent |= open && open->len > 0;
  return rt_channel_flush(channel);
}

/* 1: every channel has room for new work. */
static int flush(rt_worker *worker, cep_status *status)
{
  int all = flush_one(worker, &worker->out);
  if (all < 0) *status = all;
  for (uint32_t w = 0; w < worker->all->count; w++) {
    int one = flush_one(worker, &worker->to[w]);
    if (one < 0) *status = one;
    all = all > 0 && one > 0;
  }
  return all > 0 && *status == CEP_OK;
}

/* ---- Making and ending -------------------------------------------------------------------- */

static cep_status make_stage(rt_worker *worker, const rt_options *options, prg *program, uint32_t number)
{
  stage *one = &worker->stages[number];
  rt_options own = *options;
  own.part = worker->all->stages[number];
  own.part.worker = worker->index;
  own.part.workers = worker->all->count;
  own.exchange = (rt_exchange){send_derived, send_alert, one};
  own.late = own.dead_letter = NULL;
  *one = (stage){.worker = worker, .number = number, .done = CEP_TIME_MIN, .low = {.time = CEP_TIME_MIN}};
  return rt_engine_new(&own, program, give_alert, one, &one->engine);
}

static cep_status fill_worker(rt_worker *worker, const rt_options *options, prg *program)
{
  uint32_t workers = worker->all->count, stages = worker->all->stage_count;
  cb_alloc *alloc = &worker->alloc;
  rt_frontier_init(&worker->frontier);
  worker->newest = CEP_TIME_MIN;
  worker->stages = cb_new0(alloc, stages * sizeof *worker->stages);
  worker->done = cb_new0(alloc, (size_t)workers * stages * sizeof *worker->done);
  worker->to = cb_new0(alloc, workers * sizeof *worker->to);
  worker->stopped_at = cb_new0(alloc, workers * sizeof *worker->stopped_at);
  worker->barriers = cb_new0(alloc, stages * sizeof *worker->barriers);
  if (!worker->stages || !worker->done || !worker->to || !worker->stopped_at || !worker->barriers) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < workers * stages; i++) worker->done[i] = CEP_TIME_MIN;
  uint32_t ring = options->small_slabs ? 1 : RT_MAIL_RING;
  cep_status status = rt_ring_init(&worker->mail, alloc, ring);
  if (status == CEP_OK) status = rt_ring_init(&worker->returned, alloc, ring * 2);
  if (status == CEP_OK) status = rt_channel_init(&worker->out, alloc, options->small_slabs);
  for (uint32_t w = 0; w < workers && status == CEP_OK; w++) status = rt_channel_init(&worker->to[w], alloc, options->small_slabs);
  for (uint32_t s = 0; s < stages && status == CEP_OK; s++) status = make_stage(worker, options, program, s);
  return status;
}

/* Also one that was only partly made, or has failed. */
static void free_worker(rt_worker *worker)
{
  if (!worker) return;
  for (rt_mail *mail; worker->mail.places && (mail = rt_ring_take(&worker->mail)) != NULL;) {
    if (mail->kind == RT_MAIL_TABLE) nfa_table_unref(mail->table_rows);
  }
  uint32_t workers = worker->all->count, stages = worker->all->stage_count;
  cb_alloc alloc = worker->alloc;
  for (uint32_t s = 0; worker->stages && s < stages; s++) rt_engine_free(worker->stages[s].engine);
  if (worker->out.alloc) rt_channel_fini(&worker->out);
  for (uint32_t w = 0; worker->to && w < workers; w++) {
    if (worker->to[w].alloc) rt_channel_fini(&worker->to[w]);
  }
  cb_vec_free(&alloc, &worker->reaches);
  rt_ring_fini(&worker->mail, &alloc);
  rt_ring_fini(&worker->returned, &alloc);
  cb_free(&alloc, worker->stages, stages * sizeof *worker->stages);
  cb_free(&alloc, worker->done, (size_t)workers * stages * sizeof *worker->done);
  cb_free(&alloc, worker->to, workers * sizeof *worker->to);
  cb_free(&alloc, worker->stopped_at, workers * sizeof *worker->stopped_at);
  cb_free(&alloc, worker->barriers, stages * sizeof *worker->barriers);
}

static cep_status make_worker(rt_workers *all, const rt_options *options, prg *program, uint32_t index)
{
  cb_alloc alloc;
  rt_options_alloc(options, &alloc);
  rt_worker *worker = cb_new0(&alloc, sizeof *worker);
  if (!worker) return CEP_E_NOMEM;
  *worker = (rt_worker){.all = all, .index = index, .alloc = alloc, .program = program};
  all->at[index] = worker;
  return fill_worker(worker, options, program);
}

cep_status rt_workers_new(const rt_options *options, prg *program, uint32_t count, rt_workers *out)
{
  CB_ASSERT(count >= 1 && count <= RT_WORKERS_MAX);
  *out = (rt_workers){.count = count};
  cep_status status = rt_stages_of(program, out->stages, &out->stage_count);
  for (uint32_t w = 0; w < count && status == CEP_OK; w++) status = make_worker(out, options, program, w);
  if (status < 0) rt_workers_free(out);
  return status;
}

void rt_workers_free(rt_workers *workers)
{
  for (uint32_t w = 0; w < workers->count; w++) {
    rt_worker *worker = workers->at[w];
    if (!worker) continue;
    free_worker(worker);
    cb_alloc alloc = worker->alloc;
    cb_free(&alloc, worker, sizeof *worker);
    workers->at[w] = NULL;
  }
}

void rt_worker_on_saved(rt_worker *worker, rt_saved_fn saved, void *ctx)
{
  worker->saved = saved;
  worker->saved_ctx = ctx;
}

int rt_worker_mail(rt_worker *worker, rt_mail *mail)
{
  return rt_ring_put(&worker->mail, mail);
}

int rt_worker_is_full(const rt_worker *worker)
{
  return rt_ring_is_full(&worker->mail);
}

rt_mail *rt_worker_returned(rt_worker *worker)
{
  return rt_ring_take(&worker->returned);
}

rt_channel *rt_worker_out(rt_worker *worker)
{
  return &worker->out;
}

rt_engine *rt_worker_stage(rt_worker *worker, uint32_t number)
{
  return worker->stages[number].engine;
}

/* ---- Time of a stage ---------------------------------------------------------------------- */

/* How far a stage may go: as its mail says, and not beyond what any earlier stage has yet to give. */
static rt_frontier frontier_of(const rt_worker *worker, uint32_t number)
{
  rt_frontier frontier = worker->frontier;
  if (number == 0) return frontier;
  cep_time least = CEP_TIME_MAX;
  for (uint32_t w = 0; w < worker->all->count; w++) {
    for (uint32_t s = 0; s < number; s++) {
      cep_time done = worker->done[w * worker->all->stage_count + s];
      if (done < least) least = done;
    }
  }
  if (least < CEP_TIME_MAX) {
    rt_triple at = {least, 0, 0};
    if (frontier.is_end || rt_triple_compare(&at, &frontier.at) < 0) frontier.at = at;
    frontier.is_end = 0;
  }
  return frontier;
}

static cep_status move_stage(rt_worker *worker, uint32_t number, cep_error *err)
{
  stage *one = &worker->stages[number];
  rt_frontier all = frontier_of(worker, number);
  cep_status status = CEP_OK;
  if (worker->reaches.count == 0) return CEP_OK; /* no mail has come */
  for (;; one->reach++) {
    const reach *of = &worker->reaches.at[one->reach];
    int is_through = one->reach + 1 < worker->reaches.count && (all.is_end || rt_triple_compare(&of->frontier.at, &all.at) <= 0);
    status = rt_stage_move(one->engine, is_through ? &of->frontier : &all, worker->newest, of->is_by_clock, err);
    if (status < 0 || !is_through) break;
  }
  if (status == CEP_OK) tell_progress(one);
  return status;
}

/* The next mail has come: a stage is moved by it as one engine is, also when it comes behind. */
static cep_status add_reach(rt_worker *worker, const rt_mail *mail)
{
  worker->frontier = mail->frontier;
  worker->newest = mail->newest;
  uint32_t through = worker->reaches.count;
  for (uint32_t s = 0; s < worker->all->stage_count; s++) {
    if (worker->stages[s].reach < through) through = worker->stages[s].reach;
  }
  for (uint32_t s = 0; s < worker->all->stage_count; s++) worker->stages[s].reach -= through;
  worker->reaches.count -= through;
  if (through > 0) memmove(worker->reaches.at, worker->reaches.at + through, worker->reaches.count * sizeof *worker->reaches.at);
  reach *last = worker->reaches.count > 0 ? &worker->reaches.at[worker->reaches.count - 1] : NULL;
  if (last && last->is_by_clock == mail->is_by_clock) {
    last->frontier = mail->frontier;
    return CEP_OK;
  }
  return cb_vec_push(&worker->alloc, &worker->reaches, ((reach){mail->frontier, mail->is_by_clock})) ? CEP_OK : CEP_E_NOMEM;
}

/* ---- Mail --------------------------------------------------------------------------------- */

static cep_status take_rows(rt_worker *worker, const rt_mail *mail)
{
  for (uint32_t s = 0; s < worker->all->stage_count; s++) {
    const rt_part *part = &worker->all->stages[s];
    if (!part->matches) continue;
    for (uint32_t i = 0; i < mail->row_count; i++) {
      if (!(mail->strata[i] >> (part->stratum - 1) & 1)) continue;
      cep_status status = rt_stage_row(worker->stages[s].engine, &mail->rows[i]);
      if (status < 0) return status;
    }
  }
  return CEP_OK;
}

static cep_status take_mail(rt_worker *worker, rt_mail *mail, cep_error *err)
{
  cep_status status = CEP_OK;
  switch (mail->kind) {
  case RT_MAIL_ROWS:
  case RT_MAIL_END:
    status = add_reach(worker, mail);
    if (status == CEP_OK) status = take_rows(worker, mail);
    break;
  case RT_MAIL_ORIGIN:
    for (uint32_t s = 0; s < worker->all->stage_count && status == CEP_OK; s++)
      status = rt_stage_origin(worker->stages[s].engine, mail->origin.declared, mail->origin.partition);
    return status;
  case RT_MAIL_TABLE:
    for (uint32_t s = 0; s < worker->all->stage_count && status == CEP_OK; s++) {
      nfa_table_ref(mail->table_rows);
      status = rt_engine_table(worker->stages[s].engine, mail->table, mail->table_rows, err);
    }
    nfa_table_unref(mail->table_rows);
    return status;
  case RT_MAIL_BARRIER: worker->barrier = mail->barrier; return CEP_OK;
  }
  for (uint32_t s = 0; s < worker->all->stage_count && status == CEP_OK; s++) status = move_stage(worker, s, err);
  return status;
}

/* ---- Barriers ------------------------------------------------------------------------------ */

/* Stage `number` has all that belongs before the barrier: its state, and word to all. */
static cep_status pass_barrier(rt_worker *worker, uint32_t number)
{
  stage *one = &worker->stages[number];
  worker->barriers[number] = worker->barrier;
  cep_status status = worker->saved ? worker->saved(worker->saved_ctx, worker->barrier, number, one->engine) : CEP_OK;
  if (status < 0) return status;
  cb_writer *writer = rt_channel_begin(&worker->out, RT_MESSAGE_BARRIER, number);
  CB_ASSERT(writer);
  cb_write_u64(writer, worker->barrier);
  if (number + 1 == worker->all->stage_count) {
    worker->barrier = 0;
    return CEP_OK;
  }
  for (uint32_t w = 0; w < worker->all->count; w++) {
    writer = rt_channel_begin(&worker->to[w], RT_MESSAGE_BARRIER, number);
    CB_ASSERT(writer);
    cb_write_u64(writer, worker->barrier);
  }
  return CEP_OK;
}

/* The stage that is next to pass the barrier in hand. */
static uint32_t barrier_stage(const rt_worker *worker)
{
  uint32_t number = 0;
  while (worker->barriers[number] == worker->barrier) number++;
  return number;
}

/* A barrier is in hand, and the stage that is next to pass it still waits for it from some worker. Until then no stage
 * goes on: what it gave would lie behind a barrier that is not read on, and keep the block that is needed to pass. */
static int waits_at_barrier(const rt_worker *worker)
{
  uint32_t number = worker->barrier != 0 ? barrier_stage(worker) : 0, come = 0;
  if (number == 0) return 0;
  for (uint32_t w = 0; w < worker->all->count; w++) come += worker->stopped_at[w] == number;
#ifdef CEP_FAULT_BARRIER_OVERTAKES
  if (come > 0) return 0;
#endif
  return come < worker->all->count;
}

static cep_status go_on_with_barrier(rt_worker *worker)
{
  uint32_t number = barrier_stage(worker);
  if (number > 0) memset(worker->stopped_at, 0, worker->all->count * sizeof *worker->stopped_at);
  return pass_barrier(worker, number);
}

/* ---- Messages ------------------------------------------------------------------------------ */

static cep_status take_message(rt_worker *worker, uint32_t from, rt_message kind, uint32_t number, cb_reader *reader)
{
  switch (kind) {
  case RT_MESSAGE_DERIVED: return rt_stage_read_derived(worker->stages[number].engine, reader);
  case RT_MESSAGE_ALERT: return rt_stage_read_alert(worker->stages[number].engine, reader);
  case RT_MESSAGE_DONE: worker->done[from * worker->all->stage_count + number] = cb_read_i64(reader); return CEP_OK;
  case RT_MESSAGE_BARRIER:
    (void)cb_read_u64(reader);
#ifdef CEP_FAULT_BARRIER_OVERTAKES
    if (worker->barrier == 0 || worker->barriers[number + 1] == worker->barrier) return CEP_OK;
#endif
    worker->stopped_at[from] = number + 1;
    return CEP_OK;
  default: CB_UNREACHABLE();
  }
}

/* All that has come, of each worker up to a barrier that others have not sent yet. */
static cep_status take_messages(rt_worker *worker, int *did)
{
  for (uint32_t w = 0; w < worker->all->count; w++) {
    rt_channel *from = &worker->all->at[w]->to[worker->index];
    rt_message kind;
    uint32_t number;
    for (cb_reader *reader; worker->stopped_at[w] == 0 && (reader = rt_channel_next(from, &kind, &number)) != NULL; *did = 1) {
      cep_status status = take_message(worker, w, kind, number, reader);
      if (status < 0) return status;
    }
    /* A barrier is the last message of its block; what held the block would keep the sender from passing the next one. */
    if (worker->stopped_at[w] != 0) rt_channel_pause(from);
  }
  return CEP_OK;
}

static int has_ended(const rt_worker *worker)
{
  for (uint32_t s = 0; s < worker->all->stage_count; s++) {
    if (worker->stages[s].low.time != CEP_TIME_MAX) return 0;
  }
  return 1;
}

cep_status rt_worker_poll(rt_worker *worker, uint32_t budget, rt_polled *out, cep_error *err)
{
  int did = 0;
  worker->has_sent = 0;
  cep_status status = take_messages(worker, &did);
  worker->has_come |= did;
  int is_free = status == CEP_OK && flush(worker, &status);
  *out = did || worker->has_sent ? RT_POLLED_WORK : RT_POLLED_BLOCKED;
  if (!is_free) return status;
  if (waits_at_barrier(worker)) return status;
  did = worker->has_come;
  worker->has_come = 0;
  for (uint32_t s = 1; did && s < worker->all->stage_count && status == CEP_OK; s++) status = move_stage(worker, s, err);
  if (status == CEP_OK && worker->barrier != 0) { /* in the blocks of what the stages have just given */
    status = go_on_with_barrier(worker);
    did = 1;
  }
  while (status == CEP_OK && worker->barrier == 0 && budget-- > 0 && flush(worker, &status)) {
    rt_mail *mail = rt_ring_peek(&worker->mail);
    if (!mail) break;
    did = 1;
    status = take_mail(worker, mail, err);
    (void)rt_ring_take(&worker->mail);
    int is_back = rt_ring_put(&worker->returned, mail);
    CB_ASSERT(is_back);
  }
  if (status < 0) return status;
  int is_sent = flush(worker, &status);
  did |= worker->has_sent;
  *out = did ? RT_POLLED_WORK : !is_sent ? RT_POLLED_BLOCKED : has_ended(worker) ? RT_POLLED_END : RT_POLLED_IDLE;
  return status;
}
