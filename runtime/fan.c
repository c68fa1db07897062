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

struct chunk {
  rt_stage *stages;
  list *lists;  /* by worker */
  uint32_t out; /* mails that have not come back */
};

struct rt_fan {
  cb_alloc alloc;
  const prg *program;
  rt_workers workers;
  rt_collect *collect;
  rt_crew crew; /* wait NULL: none */
  CB_VEC(chunk *) chunks;
  chunk *open;       /* being filled */
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
    cb_vec_free(&fan->alloc, &one->lists[w].rows);
    cb_vec_free(&fan->alloc, &one->lists[w].strata);
  }
  cb_free(&fan->alloc, one->lists, fan->workers.count * sizeof *one->lists);
  cb_free(&fan->alloc, one, sizeof *one);
}

static chunk *make_chunk(rt_fan *fan)
{
  chunk *made = cb_new0(&fan->alloc, sizeof *made);
  if (!made) return NULL;
  made->lists = cb_new0(&fan->alloc, fan->workers.count * sizeof *made->lists);
  if (!made->lists || !cb_vec_push(&fan->alloc, &fan->chunks, made)) {
    free_chunk(fan, made);
    return NULL;
  }
  for (uint32_t w = 0; w < fan->workers.count; w++) made->lists[w].of = made;
  return made;
}

cep_status rt_fan_new(const rt_options *options, prg *program, uint32_t workers, rt_deliver_fn deliver, void *ctx,
                      rt_fan **out)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, options->hook.resize ? &options->hook : NULL, options->memory_max);
  rt_fan *fan = cb_new0(&alloc, sizeof *fan);
  if (!fan) return CEP_E_NOMEM;
  fan->alloc = alloc;
  fan->program = program;
  atomic_init(&fan->failed, CEP_OK);
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
  for (uint32_t i = 0; i < fan->chunks.count; i++) free_chunk(fan, fan->chunks.at[i]);
  cb_vec_free(&fan->alloc, &fan->chunks);
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
  for (uint32_t i = 0; i < fan->chunks.count; i++) {
    rt_stage *stages = fan->chunks.at[i]->stages;
    if (!stages) continue;
    fan->chunks.at[i]->stages = NULL;
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
  return 0;
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

cep_status rt_fan_settle(rt_fan *fan, cep_error *err)
{
  cep_status status = CEP_OK;
  if (fan->crew.wait) {
    status = order_all(fan, &(rt_mail){.kind = RT_MAIL_BARRIER, .barrier = ++fan->barrier});
    while (status == CEP_OK && rt_collect_barrier(fan->collect) < fan->barrier) status = wait_for_workers(fan);
  } else {
    status = run_all(fan);
  }
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

cep_status rt_fan_row(rt_fan *fan, rt_router *router, const rt_staged *row, const rt_seen *seen)
{
  uint64_t strata[RT_WORKERS_MAX] = {0};
  uint32_t workers = fan->workers.count;
  prg_list readers = router->by_stream[row->stream];
  for (uint32_t i = 0; i < readers.count; i++) {
    const rt_reader *reader = &router->readers[readers.first + i];
    rt_wanted wanted;
    cep_status status = rt_router_items(router, reader, seen, &wanted);
    if (status < 0) return status;
    for (uint32_t k = 0; k < router->item_count; k++)
      strata[rt_owner_of(router->items[k].key.hash, workers)] |= 1ull << (reader->stratum - 1);
  }
  for (uint32_t w = 0; w < workers; w++) {
    if (strata[w] == 0) continue;
    list *to = &fan->open->lists[w];
    if (!cb_vec_push(&fan->alloc, &to->rows, *row) || !cb_vec_push(&fan->alloc, &to->strata, strata[w])) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

static void empty(const rt_fan *fan, chunk *one)
{
  for (uint32_t w = 0; w < fan->workers.count; w++) one->lists[w].rows.count = one->lists[w].strata.count = 0;
  for (uint32_t s = 0; one->stages && s < fan->program->streams_count; s++) {
    if (!one->stages[s].is_touched) continue;
    cb_batch_clear(&one->stages[s].batch);
    one->stages[s].is_touched = 0;
  }
}

/* A chunk that can be filled: one that has come back, or a new one, or the first that comes back. */
static cep_status open_next(rt_fan *fan)
{
  int did = 0;
  cep_status status = take_in(fan, &did);
  while (status == CEP_OK) {
    for (uint32_t i = 0; i < fan->chunks.count; i++) {
      if (fan->chunks.at[i]->out > 0) continue;
      fan->open = fan->chunks.at[i];
      empty(fan, fan->open);
      return CEP_OK;
    }
    if (fan->chunks.count < CHUNKS_FOR(fan->workers.count)) {
      fan->open = make_chunk(fan);
      return fan->open ? CEP_OK : CEP_E_NOMEM;
    }
    status = wait_for_workers(fan);
  }
  return status;
}

cep_status rt_fan_send(rt_fan *fan, const rt_frontier *frontier, cep_time newest, int is_by_clock, rt_stage **stages,
                       cep_error *err)
{
  chunk *sent = fan->open;
  cep_status status = CEP_OK;
  sent->stages = *stages;
  *stages = NULL;
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
  if (status == CEP_OK) {
    if (fan->crew.wait) fan->crew.wake(fan->crew.ctx);
    else status = run_all(fan);
  }
  if (status == CEP_OK) status = open_next(fan);
  if (status < 0) return fail(status, err);
  *stages = fan->open->stages;
  fan->open->stages = NULL;
  return CEP_OK;
}

/* ---- What comes out ------------------------------------------------------------------------ */

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
  }
  return sum;
}
