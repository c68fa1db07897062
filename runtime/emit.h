/*
 * emit.h - alerts on their way to the callback.
 *
 * Contract
 *   First in, first out. rt_emit_add takes the alert over. rt_emit_deliver calls back until
 *   nothing is left or the callback gives non-zero: the alert it was given is delivered,
 *   those behind it stay for the next call. rt_emit_sort puts what waits in order of time;
 *   of one time nothing changes places. Owns what it holds. No allocation.
 */
#ifndef RT_EMIT_H
#define RT_EMIT_H

#include "runtime/engine.h"
#include "runtime/stats.h"

typedef struct rt_emit {
  cb_slab *slab;
  const rt_stats *stats;
  rt_deliver_fn deliver;
  void *ctx;
  rt_alert *first;
  rt_alert *last;
} rt_emit;

void rt_emit_init(rt_emit *emit, cb_slab *slab, const rt_stats *stats, rt_deliver_fn deliver, void *ctx);
void rt_emit_fini(rt_emit *emit);
void rt_emit_add(rt_emit *emit, rt_alert *alert);
void rt_emit_sort(rt_emit *emit);
/* CEP_OK or CEP_STOPPED. */
cep_status rt_emit_deliver(rt_emit *emit) CB_MUST_USE;

#endif
