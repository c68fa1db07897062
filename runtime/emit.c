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

cep_status rt_emit_deliver(rt_emit *emit)
{
  while (emit->first) {
    rt_alert *alert = take_first(emit);
    rt_stats_add(emit->stats, CEP_STAT_ALERTS_OUT, alert->detection, 1);
    int stop = emit->deliver(emit->ctx, alert);
    rt_alert_free(emit->slab, alert);
    if (stop) return CEP_STOPPED;
  }
  return CEP_OK;
}
