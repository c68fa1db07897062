/* collect.c - a merge of the alerts of all stages, each of which rises. */
#include "runtime/collect.h"

typedef struct queue {
  rt_alert *first;
  rt_alert *last;
  rt_place low;
  uint64_t barrier;
} queue;

struct rt_collect {
  cb_alloc *alloc;
  const prg *program;
  uint32_t stages;
  uint32_t count; /* queues: of worker w and stage s the one of number w * stages + s */
  queue *queues;
  cb_slab slab;
  cb_writer a_key; /* for rt_alert_compare */
  cb_writer b_key;
  rt_deliver_fn deliver;
  void *ctx;
  uint64_t waiting;
};

cep_status rt_collect_new(cb_alloc *alloc, const prg *program, uint32_t workers, uint32_t stages, int small_slabs,
                          rt_deliver_fn deliver, void *ctx, rt_collect **out)
{
  rt_collect *collect = cb_new0(alloc, sizeof *collect);
  if (!collect) return CEP_E_NOMEM;
  *collect = (rt_collect){.alloc = alloc,
                          .program = program,
                          .stages = stages,
                          .count = workers * stages,
                          .deliver = deliver,
                          .ctx = ctx};
  cb_slab_init(&collect->slab, alloc, small_slabs);
  cb_writer_init(&collect->a_key, alloc);
  cb_writer_init(&collect->b_key, alloc);
  collect->queues = cb_new0(alloc, collect->count * sizeof *collect->queues);
  if (!collect->queues) {
    rt_collect_free(collect);
    return CEP_E_NOMEM;
  }
  for (uint32_t i = 0; i < collect->count; i++) collect->queues[i].low.time = CEP_TIME_MIN;
  *out = collect;
  return CEP_OK;
}

static rt_alert *take_first(queue *from)
{
  rt_alert *alert = from->first;
  from->first = alert->next;
  if (!from->first) from->last = NULL;
  return alert;
}

void rt_collect_free(rt_collect *collect)
{
  if (!collect) return;
  for (uint32_t i = 0; collect->queues && i < collect->count; i++) {
    while (collect->queues[i].first) rt_alert_free(&collect->slab, take_first(&collect->queues[i]));
  }
  cb_free(collect->alloc, collect->queues, collect->count * sizeof *collect->queues);
  cb_writer_fini(&collect->a_key);
  cb_writer_fini(&collect->b_key);
  cb_slab_fini(&collect->slab);
  cb_free(collect->alloc, collect, sizeof *collect);
}

/* ---- Reading --------------------------------------------------------------------------- */

static cep_status add_alert(rt_collect *collect, queue *to, cb_reader *reader)
{
  rt_alert *alert;
  cep_status status = rt_alert_read(reader, &collect->slab, collect->program, &alert);
  if (status < 0) return status;
  CB_ASSERT(rt_place_compare(&to->low, &alert->place) <= 0);
  alert->next = NULL;
  if (to->last) to->last->next = alert;
  else to->first = alert;
  to->last = alert;
  collect->waiting++;
  return CEP_OK;
}

cep_status rt_collect_read(rt_collect *collect, uint32_t worker, rt_channel *from, int *did_out)
{
  rt_message kind;
  uint32_t stage;
  for (cb_reader *reader; (reader = rt_channel_next(from, &kind, &stage)) != NULL; *did_out = 1) {
    CB_ASSERT(stage < collect->stages);
    queue *to = &collect->queues[worker * collect->stages + stage];
    switch (kind) {
    case RT_MESSAGE_ALERT: {
      cep_status status = add_alert(collect, to, reader);
      if (status < 0) return status;
      break;
    }
    case RT_MESSAGE_LOW: to->low = rt_place_read(reader); break;
    case RT_MESSAGE_BARRIER: to->barrier = cb_read_u64(reader); break;
    default: CB_UNREACHABLE();
    }
  }
  return CEP_OK;
}

/* ---- Giving ---------------------------------------------------------------------------- */

/* The queue with the least alert, if nothing before it can come; NULL: none. */
static queue *next_queue(rt_collect *collect)
{
  queue *least = NULL;
  for (uint32_t i = 0; i < collect->count; i++) {
    queue *one = &collect->queues[i];
    if (one->first && (!least || rt_alert_compare(one->first, least->first, &collect->a_key, &collect->b_key) < 0)) least = one;
  }
  for (uint32_t i = 0; least && i < collect->count; i++) {
    const queue *one = &collect->queues[i];
    if (!one->first && rt_place_compare(&one->low, &least->first->place) <= 0) return NULL;
  }
  return least;
}

cep_status rt_collect_give_to(rt_collect *collect, rt_deliver_fn deliver, void *ctx)
{
  for (queue *from; (from = next_queue(collect)) != NULL;) {
    rt_alert *alert = take_first(from);
    collect->waiting--;
    int stop = deliver(ctx, alert);
    rt_alert_free(&collect->slab, alert);
    if (stop) return CEP_STOPPED;
  }
  return CEP_OK;
}

cep_status rt_collect_give(rt_collect *collect)
{
  return rt_collect_give_to(collect, collect->deliver, collect->ctx);
}

uint64_t rt_collect_waiting(const rt_collect *collect)
{
  return collect->waiting;
}

uint64_t rt_collect_barrier(const rt_collect *collect)
{
  uint64_t least = UINT64_MAX;
  for (uint32_t i = 0; i < collect->count; i++) {
    if (collect->queues[i].barrier < least) least = collect->queues[i].barrier;
  }
  return least == UINT64_MAX ? 0 : least;
}
