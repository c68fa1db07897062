/*
 * timer.h - deadlines: one for each entry of the keyed table, at the earliest possible.
 *
 *   operator 0   line  | head | -> | 610 | 612 | (gone) | 615 | ...      what was armed in order
 *   operator 1   line  | head | -> | ...
 *                         |
 *   heap         the heads of all lines, and what was armed earlier than the end of its line
 *
 * Contract
 *   An entry is armed at an instant that is not later than its real deadline. An event
 *   that puts the deadline off does not touch the timer: the owner, when the timer comes
 *   up, asks for the real deadline and arms it again.
 *   Order of coming up: (instant, operator number, key group, key bytes). Operators are
 *   numbered by stratum and place in the file, so the order does not depend on any table.
 *   A span is the same for all of a detection and time goes on, so most deadlines of an operator are
 *   armed in the order of their instants: they stand in its line and cost O(1). Only the head of a line lies
 *   in the heap, which thereby stays small. Those of one instant, as of all windows that end together, are
 *   put into the order of their keys when the instant is asked for, at once.
 *   Errors: refused memory only. O(log of the heap). One owner.
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

/* A ring. `gone` of its places belong to entries that were disarmed. */
typedef struct rt_timer_line {
  cb_slab_id head; /* the first of the line, which lies in the heap; CB_SLAB_NONE: none, and the ring is empty */
  uint32_t first;    /* number of its first place, taken modulo the capacity */
  uint32_t count;
  uint32_t gone;
  uint32_t capacity; /* 0 or a power of two */
  int is_sorted;     /* the head and those of its instant are in the order of their keys */
  cep_time time;     /* of the head */
  rt_timer *ring;
} rt_timer_line;

typedef struct rt_timers {
  cb_alloc *alloc;
  const rt_keyed *keyed;
  CB_VEC(rt_timer) heap; /* the first is the least; entry->timer = its place + 1, here or in the ring */
  CB_VEC(rt_timer_line) lines; /* by operator */
} rt_timers;

void rt_timers_init(rt_timers *timers, cb_alloc *alloc, const rt_keyed *keyed);
void rt_timers_fini(rt_timers *timers);
/* Sets the instant of an entry, armed or not. 0: memory refused, nothing has changed. */
int rt_timers_arm(rt_timers *timers, cb_slab_id entry, cep_time time);
void rt_timers_disarm(rt_timers *timers, cb_slab_id entry); /* not armed: does nothing */
/* When the entry is armed; CEP_TIME_MAX: not at all. */
cep_time rt_timers_time(const rt_timers *timers, cb_slab_id entry);
/* The first to come up, if that is not later than `upto`; else NULL. Lives until the next change. */
const rt_timer *rt_timers_first(rt_timers *timers, cep_time upto);
int rt_timers_check(const rt_timers *timers); /* 1: all is in order and entries know their places */

#endif
