/* fan.c - rows to the workers that have their keys. */
#include "runtime/fan.h"

#define POLL_BUDGET 4u

typedef struct list {
  CB_VEC(rt_staged) rows;
  CB_VEC(uint64_t) strata;
  rt_mail mail;
} list;

struct rt_fan {
  cb_alloc alloc;
  rt_workers workers;
  rt_collect *collect;
  list *lists; /* by worker */
};

cep_status rt_fan_new(const rt_options *options, prg *program, uint32_t workers, rt_deliver_fn deliver, void *ctx,
                      rt_fan **out)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, options->hook.resize ? &options->hook : NULL, options->memory_max);
  rt_fan *fan = cb_new0(&alloc, sizeof *fan);
  if (!fan) return CEP_E_NOMEM;
  fan->alloc = alloc;
  cep_status status = rt_workers_new(options, program, workers, &fan->workers);
  if (status == CEP_OK)
    status = rt_collect_new(&fan->alloc, program, workers, fan->workers.stage_count, options->small_slabs, deliver, ctx,
                            &fan->collect);
  if (status == CEP_OK) {
    fan->lists = cb_new0(&fan->alloc, workers * sizeof *fan->lists);
    if (!fan->lists) status = CEP_E_NOMEM;
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
  for (uint32_t w = 0; fan->lists && w < fan->workers.count; w++) {
    cb_vec_free(&fan->alloc, &fan->lists[w].rows);
    cb_vec_free(&fan->alloc, &fan->lists[w].strata);
  }
  cb_free(&fan->alloc, fan->lists, fan->workers.count * sizeof *fan->lists);
  rt_collect_free(fan->collect);
  rt_workers_free(&fan->workers);
  cb_alloc alloc = fan->alloc;
  cb_free(&alloc, fan, sizeof *fan);
}

/* ---- Polling --------------------------------------------------------------------------- */

/* Until nothing is left to do. A worker is blocked only until the others have been polled. */
static cep_status run_all(rt_fan *fan, cep_error *err)
{
  for (int did = 1; did;) {
    did = 0;
    for (uint32_t w = 0; w < fan->workers.count; w++) {
      rt_worker *worker = fan->workers.at[w];
      rt_polled polled;
      cep_status status = rt_worker_poll(worker, POLL_BUDGET, &polled, err);
      if (status == CEP_OK) status = rt_collect_read(fan->collect, w, rt_worker_out(worker), &did);
      if (status < 0) return status;
      did |= polled == RT_POLLED_WORK || polled == RT_POLLED_BLOCKED;
      while (rt_worker_returned(worker)) did = 1;
    }
  }
  return CEP_OK;
}

/* The mails of all lists, to all workers; worked off. */
static cep_status send_all(rt_fan *fan, const rt_mail *head, cep_error *err)
{
  for (uint32_t w = 0; w < fan->workers.count; w++) {
    list *one = &fan->lists[w];
    one->mail = *head;
    one->mail.rows = one->rows.at;
    one->mail.strata = one->strata.at;
    one->mail.row_count = one->rows.count;
    int is_sent = rt_worker_mail(fan->workers.at[w], &one->mail);
    CB_ASSERT(is_sent); /* all mail before it has been worked off */
  }
  cep_status status = run_all(fan, err);
  for (uint32_t w = 0; w < fan->workers.count; w++) fan->lists[w].rows.count = fan->lists[w].strata.count = 0;
  return status;
}

cep_status rt_fan_origin(rt_fan *fan, uint32_t declared, uint32_t partition, cep_error *err)
{
  return send_all(fan, &(rt_mail){.kind = RT_MAIL_ORIGIN, .origin = {declared, partition}}, err);
}

cep_status rt_fan_table(rt_fan *fan, uint32_t table, nfa_table *rows, cep_error *err)
{
  for (uint32_t w = 0; w < fan->workers.count; w++) nfa_table_ref(rows);
  return send_all(fan, &(rt_mail){.kind = RT_MAIL_TABLE, .table = table, .table_rows = rows}, err);
}

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
    list *to = &fan->lists[w];
    if (!cb_vec_push(&fan->alloc, &to->rows, *row) || !cb_vec_push(&fan->alloc, &to->strata, strata[w])) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

cep_status rt_fan_send(rt_fan *fan, const rt_frontier *frontier, cep_time newest, int is_by_clock, cep_error *err)
{
  rt_mail head = {.kind = frontier->is_end ? RT_MAIL_END : RT_MAIL_ROWS,
                  .frontier = *frontier,
                  .newest = newest,
                  .is_by_clock = is_by_clock};
  return send_all(fan, &head, err);
}

cep_status rt_fan_give(rt_fan *fan)
{
  return rt_collect_give(fan->collect);
}

uint64_t rt_fan_stat(const rt_fan *fan, cep_stat which, uint32_t index)
{
  uint64_t sum = 0;
  for (uint32_t w = 0; w < fan->workers.count; w++) {
    for (uint32_t s = 0; s < fan->workers.stage_count; s++)
      sum += rt_engine_stat(rt_worker_stage(fan->workers.at[w], s), which, index);
  }
  return sum;
}
