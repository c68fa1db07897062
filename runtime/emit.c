/* emit.c - the queue of alerts to deliver. */
#include "runtime/emit.h"

void rt_emit_init(rt_emit *emit, cb_slab *slab, const rt_stats *stats, rt_deliver_fn deliver, void *ctx)
{
  *emit = (rt_emit){.slab = slab, .stats = stats, .deliver = deliver, .ctx = ctx};
}

static rt_alert *take_first(rt_emit *emit)
{
  rt_alert *alert = emit->first;
  emit->first = alert->next;
  if (!emit->first) emit->last = NULL;
  alert->next = NULL;
  return alert;
}

void rt_emit_fini(rt_emit *emit)
{
  while (emit->first) rt_alert_free(emit->slab, take_first(emit));
}

void rt_emit_add(rt_emit *emit, rt_alert *alert)
{
  alert->next = NULL;
  if (emit->last) {
    emit->last->next = alert;
  } else {
    emit->first = alert;
  }
  emit->last = alert;
}

/* Takes `count` alerts, or what is there, off the front of a list. */
static rt_alert *split(rt_alert **list, uint64_t count)
{
  rt_alert *first = *list, **link = list;
  for (; *link && count > 0; count--) link = &(*link)->next;
  rt_alert *rest = *link;
  *link = NULL;
  *list = rest;
  return first;
}

/* Appends both to `*link`, of one time `a` first; gives the new end. */
static rt_alert **merge(rt_alert **link, rt_alert *a, rt_alert *b)
{
  while (a || b) {
    rt_alert **from = !b || (a && a->time <= b->time) ? &a : &b;
    *link = *from;
    *from = (*from)->next;
    link = &(*link)->next;
  }
  *link = NULL;
  return link;
}

/* Merge sort from below: no recursion, no memory. */
void rt_emit_sort(rt_emit *emit)
{
  for (uint64_t width = 1;; width *= 2) {
    rt_alert *rest = emit->first, **link = &emit->first;
    uint64_t merges = 0;
    while (rest) {
      rt_alert *a = split(&rest, width), *b = split(&rest, width);
      link = merge(link, a, b);
      merges++;
    }
    if (merges <= 1) break;
  }
  emit->last = emit->first;
  while (emit->last && emit->last->next) emit->last = emit->last->next;
}

cep_status rt_emit_deliver(rt_emit *emit)
{
  while (emit->first) {
    rt_alert *alert = take_first(emit);
    rt_stats_add(emit->stats, CEP_STAT_ALERTS_OUT, alert->detection, 1);
    rt_stats_add(emit->stats, CEP_STAT_ALERTS_CLOCK, alert->detection, alert->is_by_clock != 0);
    int stop = emit->deliver(emit->ctx, alert);
    rt_alert_free(emit->slab, alert);
    if (stop) return CEP_STOPPED;
  }
  return CEP_OK;
}
