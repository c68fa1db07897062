/*
 * timer.h - deadlines: one for each entry of the keyed table, at the earliest possible.
 *
 * Contract
 *   An entry is armed at an instant that is not later than its real deadline. An event
 *   that puts the deadline off does not touch the timer: the owner, when the timer comes
 *   up, asks for the real deadline and arms it again.
 *   Order of coming up: (instant, operator number, key group, key bytes). Operators are
 *   numbered by stratum and place in the file, so the order does not depend on any table.
 *   Errors: refused memory only. O(log armed). One owner.
 */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include "cep/base/vec.h"
#include "runtime/keyed.h"

typedef struct rt_timer {
  cep_time time;
  cb_slab_id entry;
  uint32_t operator_number;
} rt_timer;

typedef struct rt_timers {
  cb_alloc *alloc;
  const rt_keyed *keyed;
  CB_VEC(rt_timer) heap; /* the first is the least; entry->timer = its place + 1 */
} rt_timers;

void rt_timers_init(rt_timers *timers, cb_alloc *alloc, const rt_keyed *keyed);
void rt_timers_fini(rt_timers *timers);
/* Sets the instant of an entry, armed or not. 0: memory refused, nothing has changed. */
int rt_timers_arm(rt_timers *timers, cb_slab_id entry, cep_time time);
void rt_timers_disarm(rt_timers *timers, cb_slab_id entry); /* not armed: does nothing */
/* When the entry is armed; CEP_TIME_MAX: not at all. */
cep_time rt_timers_time(const rt_timers *timers, cb_slab_id entry);
/* The first to come up; NULL if none. Lives until the next change. */
const rt_timer *rt_timers_first(const rt_timers *timers);
int rt_timers_check(const rt_timers *timers); /* 1: the heap is in order and entries know their places */

#endif
