/*
 * collect.h - the alerts of all stages of all workers, in the order in which one engine with all keys gives them.
 *
 *   worker 0 stage 0 --> queue, low place --+
 *   worker 0 stage 1 --> queue, low place --+--> the least alert, if nothing before it can come --> deliver
 *   worker 1 stage 0 --> queue, low place --+
 *
 * Contract
 *   Each queue rises (place.h). An alert is given out once every queue has one behind it or a low place behind it; so
 *   what comes out does not depend on when messages arrive. A barrier counts as passed when all stages of all
 *   workers have passed it. Errors: CEP_E_NOMEM; CEP_STOPPED: `deliver` gave non-zero, the rest stays for the next
 *   call. One owner.
 */
#ifndef RT_COLLECT_H
#define RT_COLLECT_H

#include "runtime/channel.h"
#include "runtime/engine.h"

typedef struct rt_collect rt_collect;

/* `stages` queues for each of `workers`. Borrows alloc and program. */
cep_status rt_collect_new(cb_alloc *alloc, const prg *program, uint32_t workers, uint32_t stages, int small_slabs,
                          rt_deliver_fn deliver, void *ctx, rt_collect **out) CB_MUST_USE;
void rt_collect_free(rt_collect *collect);
/* What a worker's channel has. `*did_out`: something was read. */
cep_status rt_collect_read(rt_collect *collect, uint32_t worker, rt_channel *from, int *did_out) CB_MUST_USE;
/* Gives out what may come out. */
cep_status rt_collect_give(rt_collect *collect) CB_MUST_USE;
/* The same, to someone else. */
cep_status rt_collect_give_to(rt_collect *collect, rt_deliver_fn deliver, void *ctx) CB_MUST_USE;
/* Alerts that wait. */
uint64_t rt_collect_waiting(const rt_collect *collect);
/* The last barrier that every stage of every worker has passed; 0: none. */
uint64_t rt_collect_barrier(const rt_collect *collect);

#endif
