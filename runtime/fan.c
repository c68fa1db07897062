/* fan.c - rows to the workers that have their keys. */
#include "runtime/fan.h"

#include <stdatomic.h>

#include "cep/base/error.h"

#define POLL_BUDGET 4u
/* Chunks that a crew has at once: each worker at one, one behind it, and those being filled and come back. */
#define CHUNKS_FOR(workers) ((workers) * 2 + 2)

typedef struct chunk chunk;

/* What one worker gets. The mail comes back, and stands first. */
typedef struct list {
  rt_mail mail;
  chunk *of; /* NULL: not of rows */
  CB_VEC(rt_staged) rows;
  CB_VEC(uint64_t) strata;
} list;

/* Of a chunk whose records are decoded apart. */
enum { CHUNK_OWN, CHUNK_READY, CHUNK_TAKEN, CHUNK_DECODED };

struct chunk {
  cb_alloc alloc;   /* of the lists; used by whoever has the chunk */
  rt_stage *stages; /* the engine's */
  list *lists;      /* by worker */
  uint32_t out;     /* mails that have not come back */
  rt_block *block;  /* NULL: none was needed yet */
  atomic_int state;
  atomic_uint number; /* rises with each that is submitted */
  int is_pending;   /* submitted, not yet sent */
};

#define CHUNKS_MAX CHUNKS_FOR(RT_WORKERS_MAX)

typedef struct decoder_place {
  atomic_flag claimed;
  rt_decoder decoder;
} decoder_place;

struct rt_fan {
  cb_alloc alloc;
  const prg *program;
  rt_workers workers;
  rt_collect *collect;
  rt_crew crew; /* wait NULL: none */
  chunk *chunks[CHUNKS_MAX];
  atomic_uint chunk_count; /* others look at them while the owner makes more */
  chunk *open;       /* being filled; NULL: none is free */
  chunk *pending[CHUNKS_MAX]; /* a queue of those that are decoded apart */
  uint32_t pending_first;
  uint32_t pending_count;
  uint32_t submitted;
  rt_decoding with;
  decoder_place *decoders; /* as many as workers; NULL: none */
  list *orders;      /* by worker: mails without rows */
  uint32_t orders_out;
  uint64_t barrier;  /* the last one sent */
  int is_due;        /* alerts may have come since they were given */
  atomic_int failed; /* the cep_status of the first worker that failed */
  atomic_flag claimed[RT_WORKERS_MAX];
};

/* ---- Making and ending --------------------------------------------------------------------- */

static void free_chunk(rt_fan *fan, chunk *one)
{
  for (uint32_t w = 0; one->lists && w < fan->workers.count; w++) {
    cb_vec_free(&one->alloc, &one->lists[w].rows);
    cb_vec_free(&one->alloc, &one->lists[w].strata);
  }
  if (one->block) rt_block_fini(one->block);
  cb_free(&fan->alloc, one->block, sizeof *one->block);
  cb_free(&fan->alloc, one->lists, fan->workers.count * sizeof *one->lists);
  cb_free(&fan->alloc, one, sizeof *one);
}

static chunk *make_chunk(rt_fan *fan)
{
  chunk *made = cb_new0(&fan->alloc, sizeof *made);
  if (!made) return NULL;
  cb_alloc_init(&made->alloc, fan->with.hook, 0);
  cb_alloc_share(&made->alloc, fan->with.budget);
  made->lists = cb_new0(&fan->alloc, fan->workers.count * sizeof *made->lists);
  if (!made->lists) {
    free_chunk(fan, made);
    return NULL;
  }
  for (uint32_t w = 0; w < fan->workers.count; w++) made->lists[w].of = made;
  atomic_init(&made->state, CHUNK_OWN);
  atomic_init(&made->number, 0);
  uint32_t count = atomic_load_explicit(&fan->chunk_count, memory_order_relaxed);
  fan->chunks[count] = made;
  atomic_store_explicit(&fan->chunk_count, count + 1, memory_order_release);
  return made;
}

cep_status rt_fan_new(const rt_options *options, prg *program, uint32_t workers, rt_deliver_fn deliver, void *ctx,
                      rt_fan **out)
{
  cb_alloc alloc;
  rt_options_alloc(options, &alloc);
  rt_fan *fan = cb_new0(&alloc, sizeof *fan);
  if (!fan) return CEP_E_NOMEM;
  fan->alloc = alloc;
  fan->program = program;
  fan->with = (rt_decoding){.hook = &fan->alloc.hook, .budget = options->budget};
  atomic_init(&fan->failed, CEP_OK);
  atomic_init(&fan->chunk_count, 0);
  for (uint32_t w = 0; w < RT_WORKERS_MAX; w++) atomic_flag_clear(&fan->claimed[w]);
  cep_status status = rt_workers_new(options, program, workers, &fan->workers);
  if (status == CEP_OK)
    status = rt_collect_new(&fan->alloc, program, workers, fan->workers.stage_count, options->small_slabs, deliver, ctx,
                            &fan->collect);
  if (status == CEP_OK) {
    fan->orders = cb_new0(&fan->alloc, workers * sizeof *fan->orders);
    fan->open = make_chunk(fan);
    if (!fan->orders || !fan->open) status = CEP_E_NOMEM;
  }
  if (status < 0) {
    rt_fan_free(fan);
    return status;
  }
  *out = fan;
  return CEP_OK;
}

void rt_fan_free(rt_fan *fan)
{
  if (!fan) return;
  rt_workers_free(&fan->workers); /* which look at mail that they have not worked off */
  rt_collect_free(fan->collect);
  for (uint32_t i = 0; i < fan->chunk_count; i++) free_chunk(fan, fan->chunks[i]);
  for (uint32_t w = 0; fan->decoders && w < fan->workers.count; w++) rt_decoder_fini(&fan->decoders[w].decoder);
  cb_free(&fan->alloc, fan->decoders, fan->workers.count * sizeof *fan->decoders);
  cb_free(&fan->alloc, fan->orders, fan->workers.count * sizeof *fan->orders);
  cb_alloc alloc = fan->alloc;
  cb_free(&alloc, fan, sizeof *fan);
}

uint32_t rt_fan_workers(const rt_fan *fan)
{
  return fan->workers.count;
}

rt_workers *rt_fan_all(rt_fan *fan)
{
  return &fan->workers;
}

void rt_fan_crew(rt_fan *fan, const rt_crew *crew)
{
  fan->crew = crew ? *crew : (rt_crew){0};
}

rt_stage *rt_fan_take_stages(rt_fan *fan)
{
  for (uint32_t i = 0; i < fan->chunk_count; i++) {
    rt_stage *stages = fan->chunks[i]->stages;
    if (!stages) continue;
    fan->chunks[i]->stages = NULL;
    return stages;
  }
  return NULL;
}

/* ---- Polling --------------------------------------------------------------------------- */

static int claim(rt_fan *fan, uint32_t worker)
{
  return !atomic_flag_test_and_set_explicit(&fan->claimed[worker], memory_order_acquire);
}

static void release(rt_fan *fan, uint32_t worker)
{
  atomic_flag_clear_explicit(&fan->claimed[worker], memory_order_release);
}

/* To the lists of the workers that have a key of it. */
static cep_status add_row(const rt_fan *fan, chunk *of, rt_router *router, const rt_staged *row)
{
  uint64_t strata[RT_WORKERS_MAX] = {0};
  uint32_t workers = fan->workers.count;
  rt_seen seen;
  rt_rows_seen(row, &seen);
  cep_status status = rt_router_recall(router, &seen);
  if (status < 0) return status;
  for (uint32_t i = seen.list.first; i < seen.list.first + seen.list.count; i++) {
    const rt_find *find = &seen.finds->all.at[i];
    strata[rt_owner_of(seen.finds->keys.at[find->key].hash, workers)] |= 1ull << (rt_router_reader(router, find)->stratum - 1);
  }
  for (uint32_t w = 0; w < workers; w++) {
    if (strata[w] == 0) continue;
    list *to = &of->lists[w];
    if (!cb_vec_push(&of->alloc, &to->rows, *row) || !cb_vec_push(&of->alloc, &to->strata, strata[w])) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

static cep_status sort_rows(rt_fan *fan, chunk *to, rt_decoder *decoder)
{
  const rt_block *block = to->block;
  for (uint32_t i = 0; i < block->staged.count; i++) {
    const rt_staged *staged = &block->staged.at[i];
    if (block->wanted.at[i] != RT_WANTED) continue;
    cep_status status = add_row(fan, to, &decoder->router, staged);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* The one that was submitted first of those that wait to be decoded; NULL: none. */
static chunk *take_ready(rt_fan *fan)
{
  for (;;) {
    chunk *first = NULL;
    uint32_t count = atomic_load_explicit(&fan->chunk_count, memory_order_acquire), number = 0;
    for (uint32_t i = 0; i < count; i++) {
      chunk *one = fan->chunks[i];
      if (atomic_load_explicit(&one->state, memory_order_acquire) != CHUNK_READY) continue;
      uint32_t own = atomic_load_explicit(&one->number, memory_order_relaxed);
      if (first && (int32_t)(own - number) > 0) continue;
      first = one;
      number = own;
    }
    int ready = CHUNK_READY;
    if (!first || atomic_compare_exchange_strong(&first->state, &ready, CHUNK_TAKEN)) return first;
  }
}

/* 1: a block was decoded. */
static int decode_one(rt_fan *fan)
{
  for (uint32_t i = 0; fan->decoders && i < fan->workers.count; i++) {
    decoder_place *place = &fan->decoders[i];
    if (atomic_flag_test_and_set_explicit(&place->claimed, memory_order_acquire)) continue;
    chunk *taken = take_ready(fan);
    if (taken) {
      rt_block_decode(taken->block, &place->decoder);
      if (taken->block->status == CEP_OK) taken->block->status = sort_rows(fan, taken, &place->decoder);
      atomic_store_explicit(&taken->state, CHUNK_DECODED, memory_order_release);
    }
    atomic_flag_clear_explicit(&place->claimed, memory_order_release);
    return taken != NULL;
  }
  return 0;
}

int rt_fan_work(rt_fan *fan, uint32_t first, uint32_t budget)
{
  uint32_t count = fan->workers.count;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t w = (first + i) % count;
    if (atomic_load_explicit(&fan->failed, memory_order_relaxed) < 0) return 0;
    if (!claim(fan, w)) continue;
    rt_polled polled;
    cep_status status = rt_worker_poll(fan->workers.at[w], budget, &polled, NULL);
    release(fan, w);
    if (status < 0) {
      int none = CEP_OK;
      (void)atomic_compare_exchange_strong(&fan->failed, &none, (int)status);
      return 1;
    }
    if (polled == RT_POLLED_WORK) return 1;
  }
  return decode_one(fan);
}

/* Mail that was worked off. */
static int take_returned(rt_fan *fan, uint32_t worker)
{
  int did = 0;
  for (rt_mail *mail; (mail = rt_worker_returned(fan->workers.at[worker])) != NULL; did = 1) {
    list *back = (list *)mail;
    if (back->of) back->of->out--;
    else fan->orders_out--;
  }
  return did;
}

/* What has come back to the owner. `*did`: there was something. */
static cep_status take_in(rt_fan *fan, int *did)
{
  int is_read = 0;
  for (uint32_t w = 0; w < fan->workers.count; w++) {
    cep_status status = rt_collect_read(fan->collect, w, rt_worker_out(fan->workers.at[w]), &is_read);
    if (status < 0) return status;
    *did |= take_returned(fan, w);
  }
  fan->is_due |= is_read;
  /* Whoever was stopped because nobody read can go on. */
  if (is_read && fan->crew.wait) fan->crew.wake(fan->crew.ctx);
  *did |= is_read;
  return CEP_OK;
}

/* Takes in what there is; if there is nothing, somebody else must do something first. */
static cep_status wait_for_workers(rt_fan *fan)
{
  int did = 0;
  cep_status status = take_in(fan, &did);
  if (status == CEP_OK) status = (cep_status)atomic_load_explicit(&fan->failed, memory_order_acquire);
  if (status < 0 || did) return status;
  if (fan->crew.wait) {
    fan->crew.wait(fan->crew.ctx);
  } else {
    did = rt_fan_work(fan, 0, POLL_BUDGET);
    CB_ASSERT(did); /* what is waited for is in the hands of some worker */
  }
  return CEP_OK;
}

/* Without a crew: until nothing is left to do. */
static cep_status run_all(rt_fan *fan)
{
  for (int did = 1; did;) {
    did = 0;
    for (uint32_t w = 0; w < fan->workers.count; w++) did |= rt_fan_work(fan, w, POLL_BUDGET);
    cep_status status = take_in(fan, &did);
    if (status == CEP_OK) status = (cep_status)atomic_load_explicit(&fan->failed, memory_order_relaxed);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- Mail -------------------------------------------------------------------------------- */

static cep_status mail_to(rt_fan *fan, uint32_t worker, rt_mail *mail)
{
  for (;;) {
    (void)take_returned(fan, worker);
    if (rt_worker_mail(fan->workers.at[worker], mail)) return CEP_OK;
    cep_status status = wait_for_workers(fan);
    if (status < 0) return status;
  }
}

static cep_status fail(cep_status status, cep_error *err)
{
  return status == CEP_OK ? CEP_OK : cb_error_set(err, status, "a worker was refused memory");
}

/* A mail without rows to all workers. It has come back when this returns. */
static cep_status order_all(rt_fan *fan, const rt_mail *mail)
{
  cep_status status = CEP_OK;
  for (uint32_t w = 0; w < fan->workers.count && status == CEP_OK; w++) {
    fan->orders[w].mail = *mail;
    if (mail->kind == RT_MAIL_TABLE) nfa_table_ref(mail->table_rows);
    status = mail_to(fan, w, &fan->orders[w].mail);
    if (status == CEP_OK) fan->orders_out++;
    else if (mail->kind == RT_MAIL_TABLE) nfa_table_unref(mail->table_rows);
  }
  if (fan->crew.wait) fan->crew.wake(fan->crew.ctx);
  while (status == CEP_OK && fan->orders_out > 0) status = wait_for_workers(fan);
  return status;
}

cep_status rt_fan_origin(rt_fan *fan, uint32_t declared, uint32_t partition, cep_error *err)
{
  return fail(order_all(fan, &(rt_mail){.kind = RT_MAIL_ORIGIN, .origin = {declared, partition}}), err);
}

/* A barrier through all stages of all workers. */
static cep_status pass_barrier(rt_fan *fan)
{
  cep_status status = order_all(fan, &(rt_mail){.kind = RT_MAIL_BARRIER, .barrier = ++fan->barrier});
  while (status == CEP_OK && rt_collect_barrier(fan->collect) < fan->barrier) status = wait_for_workers(fan);
  return status;
}

cep_status rt_fan_settle(rt_fan *fan, cep_error *err)
{
  return fail(fan->crew.wait ? pass_barrier(fan) : run_all(fan), err);
}

/* Also if the barrier was not passed: nobody is at `ctx` any more when this returns. */
static void show_to(rt_fan *fan, rt_saved_fn saved, void *ctx)
{
  for (uint32_t w = 0; w < fan->workers.count; w++) {
    while (!claim(fan, w)) continue; /* for the time of a poll */
    rt_worker_on_saved(fan->workers.at[w], saved, ctx);
    release(fan, w);
  }
}

cep_status rt_fan_barrier(rt_fan *fan, rt_saved_fn saved, void *ctx, cep_error *err)
{
  show_to(fan, saved, ctx);
  cep_status status = pass_barrier(fan);
  show_to(fan, NULL, NULL);
  return fail(status, err);
}

cep_status rt_fan_table(rt_fan *fan, uint32_t table, nfa_table *rows, cep_error *err)
{
  /* Later strata too decide with the rows of so far what has been sent so far. */
  cep_status status = rt_fan_settle(fan, err);
  if (status < 0) return status;
  return fail(order_all(fan, &(rt_mail){.kind = RT_MAIL_TABLE, .table = table, .table_rows = rows}), err);
}

/* ---- Rows -------------------------------------------------------------------------------- */

static void empty(const rt_fan *fan, chunk *one)
{
  for (uint32_t w = 0; w < fan->workers.count; w++) one->lists[w].rows.count = one->lists[w].strata.count = 0;
  rt_stages_clear(fan->program, one->stages);
  if (one->block) rt_block_clear(one->block);
}

/* A chunk that can be filled: one that has come back, or a new one. NULL: all are under way. */
static chunk *free_chunk_of(rt_fan *fan, cep_status *status)
{
  uint32_t count = fan->chunk_count;
  for (uint32_t i = 0; i < count; i++) {
    chunk *one = fan->chunks[i];
    if (one->out > 0 || one->is_pending) continue;
    empty(fan, one);
    return one;
  }
  if (count == CHUNKS_FOR(fan->workers.count)) return NULL;
  chunk *made = make_chunk(fan);
  if (!made) *status = CEP_E_NOMEM;
  return made;
}

/* Nothing is being decoded: what is under way comes back. */
static cep_status open_next(rt_fan *fan)
{
  int did = 0;
  cep_status status = take_in(fan, &did);
  while (status == CEP_OK && !(fan->open = free_chunk_of(fan, &status)) && status == CEP_OK) status = wait_for_workers(fan);
  return status;
}

cep_status rt_fan_row(rt_fan *fan, rt_router *router, const rt_staged *row)
{
  cep_status status = fan->open ? CEP_OK : open_next(fan);
  return status == CEP_OK ? add_row(fan, fan->open, router, row) : status;
}

/* The mails of a chunk's lists. */
static cep_status mail_lists(rt_fan *fan, chunk *sent, const rt_frontier *frontier, cep_time newest, int is_by_clock)
{
  cep_status status = CEP_OK;
  for (uint32_t w = 0; w < fan->workers.count && status == CEP_OK; w++) {
    list *one = &sent->lists[w];
    one->mail = (rt_mail){.kind = frontier->is_end ? RT_MAIL_END : RT_MAIL_ROWS,
                          .frontier = *frontier,
                          .newest = newest,
                          .is_by_clock = is_by_clock,
                          .rows = one->rows.at,
                          .strata = one->strata.at,
                          .row_count = one->rows.count};
    status = mail_to(fan, w, &one->mail);
    if (status == CEP_OK) sent->out++;
  }
  if (status == CEP_OK && fan->crew.wait) fan->crew.wake(fan->crew.ctx);
  return status;
}

cep_status rt_fan_send(rt_fan *fan, const rt_frontier *frontier, cep_time newest, int is_by_clock, rt_stage **stages,
                       cep_error *err)
{
  CB_ASSERT(fan->pending_count == 0);
  cep_status status = fan->open ? CEP_OK : open_next(fan);
  if (status < 0) return fail(status, err);
  chunk *sent = fan->open;
  rt_stage *others = sent->stages;
  sent->stages = *stages;
  *stages = others;
  status = mail_lists(fan, sent, frontier, newest, is_by_clock);
  if (status == CEP_OK && !fan->crew.wait) status = run_all(fan);
  if (status == CEP_OK) status = open_next(fan);
  return fail(status, err);
}

/* ---- Records decoded apart ------------------------------------------------------------------ */

cep_status rt_fan_decode(rt_fan *fan, const rt_decoding *with)
{
  fan->with = *with;
  fan->decoders = cb_new0(&fan->alloc, fan->workers.count * sizeof *fan->decoders);
  if (!fan->decoders) return CEP_E_NOMEM;
  for (uint32_t w = 0; w < fan->workers.count; w++) {
    atomic_flag_clear(&fan->decoders[w].claimed);
    cep_status status = rt_decoder_init(&fan->decoders[w].decoder, fan->program, with);
    if (status < 0) return status;
  }
  return CEP_OK;
}

void rt_fan_decoder_table(rt_fan *fan, uint32_t table, nfa_table *rows)
{
  for (uint32_t w = 0; fan->decoders && w < fan->workers.count; w++) rt_decoder_table(&fan->decoders[w].decoder, table, rows);
}

rt_block *rt_fan_block(rt_fan *fan, cep_status *status)
{
  if (!fan->open) {
    int did = 0;
    *status = take_in(fan, &did);
    if (*status == CEP_OK) fan->open = free_chunk_of(fan, status);
    if (!fan->open) return NULL;
  }
  chunk *open = fan->open;
  if (open->block) return open->block;
  open->block = cb_new0(&fan->alloc, sizeof *open->block);
  *status = open->block ? rt_block_init(open->block, fan->program, &fan->with) : CEP_E_NOMEM;
  return *status == CEP_OK ? open->block : NULL;
}

void rt_fan_submit(rt_fan *fan)
{
  chunk *ready = fan->open;
  if (!ready || !ready->block || ready->block->raws.count == 0) return;
  uint32_t room = CHUNKS_FOR(fan->workers.count);
  ready->is_pending = 1;
  fan->pending[(fan->pending_first + fan->pending_count++) % room] = ready;
  fan->open = NULL;
  atomic_store_explicit(&ready->number, fan->submitted++, memory_order_relaxed);
  atomic_store_explicit(&ready->state, CHUNK_READY, memory_order_release);
  fan->crew.wake(fan->crew.ctx);
}

int rt_fan_is_decoding(const rt_fan *fan)
{
  return fan->pending_count > 0;
}

rt_block *rt_fan_decoded(rt_fan *fan)
{
  if (fan->pending_count == 0) return NULL;
  chunk *first = fan->pending[fan->pending_first];
  return atomic_load_explicit(&first->state, memory_order_acquire) == CHUNK_DECODED ? first->block : NULL;
}

/* Without the rows of records that were dropped. */
static void leave_out_dropped(const rt_fan *fan, const chunk *of)
{
  for (uint32_t w = 0; w < fan->workers.count; w++) {
    list *one = &of->lists[w];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < one->rows.count; i++) {
      if (of->block->raws.at[one->rows.at[i].record].is_dropped) continue;
      one->rows.at[kept] = one->rows.at[i];
      one->strata.at[kept++] = one->strata.at[i];
    }
    one->rows.count = one->strata.count = kept;
  }
}

cep_status rt_fan_send_block(rt_fan *fan, const rt_frontier *frontier, cep_time newest, int is_by_clock, cep_error *err)
{
  chunk *sent = fan->pending[fan->pending_first];
  CB_ASSERT(fan->pending_count > 0 && atomic_load(&sent->state) == CHUNK_DECODED);
  fan->pending_first = (fan->pending_first + 1) % CHUNKS_FOR(fan->workers.count);
  fan->pending_count--;
  sent->is_pending = 0;
  atomic_store_explicit(&sent->state, CHUNK_OWN, memory_order_relaxed);
  if (sent->block->has_dropped) leave_out_dropped(fan, sent);
  return fail(mail_lists(fan, sent, frontier, newest, is_by_clock), err);
}

cep_status rt_fan_wait(rt_fan *fan, cep_error *err)
{
  return fail(wait_for_workers(fan), err);
}

/* ---- What comes out ------------------------------------------------------------------------ */

cep_status rt_fan_drain(rt_fan *fan, rt_deliver_fn deliver, void *ctx)
{
  return rt_collect_give_to(fan->collect, deliver, ctx);
}

cep_status rt_fan_give(rt_fan *fan)
{
  if (!fan->is_due) return CEP_OK;
  cep_status status = rt_collect_give(fan->collect);
  if (status == CEP_OK) fan->is_due = 0;
  return status;
}

uint64_t rt_fan_stat(rt_fan *fan, cep_stat which, uint32_t index)
{
  uint64_t sum = 0;
  for (uint32_t w = 0; w < fan->workers.count; w++) {
    while (!claim(fan, w)) continue; /* for the time of a poll */
    for (uint32_t s = 0; s < fan->workers.stage_count; s++)
      sum += rt_engine_stat(rt_worker_stage(fan->workers.at[w], s), which, index);
    release(fan, w);
    if (!fan->decoders || which != CEP_STAT_REGEX_LIMIT) continue;
    while (atomic_flag_test_and_set_explicit(&fan->decoders[w].claimed, memory_order_acquire)) continue;
    sum += fan->decoders[w].decoder.scratch.regex_limit_hits;
    atomic_flag_clear_explicit(&fan->decoders[w].claimed, memory_order_release);
  }
  return sum;
}
