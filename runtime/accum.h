/*
 * accum.h - what an aggregate keeps of some events: running values, sets, sketches.
 *
 *   | null | a word for each register | what a word does not hold |
 *                                       sum: its upper half     distinct, top: a set
 *                                       first, last: the value  estimates: their cells
 *
 * Contract
 *   Of one set of events there is one accum, a block of `rt_accums.size` bytes that the
 *   caller has room for, aligned to 8. It holds slab ids and no pointer. Two of them merge
 *   into that of all their events; sums of floats depend on the order in which that is
 *   done, nothing else does. An int sum is exact on the way: it is null if the sum of all
 *   does not fit. `first` and `last` go by the time of the events, those of one time by the
 *   order in which they were taken.
 *   Errors: CEP_E_NOMEM; then the accum may be released, no more. One owner.
 */
#ifndef RT_ACCUM_H
#define RT_ACCUM_H

#include "nfa/match.h"

struct rt_core;

typedef struct rt_accum {
  uint64_t null; /* registers that are null */
  uint64_t words[];
} rt_accum;

/* How a register takes an event. All but the first: a plain column of the event, or none at all, and no `where`. */
typedef enum rt_taking { RT_TAKE_ANY, RT_TAKE_COUNT, RT_TAKE_SUM_INT, RT_TAKE_SUM_FLOAT, RT_TAKE_LEAST, RT_TAKE_GREATEST } rt_taking;

typedef struct rt_accum_part {
  uint32_t at;     /* where what its word does not hold begins; 0: nothing */
  uint32_t taking; /* rt_taking */
  uint32_t column;
} rt_accum_part;

/* What the accums of one aggregate have in common. */
typedef struct rt_accums {
  struct rt_core *core;
  uint32_t detection;
  uint32_t size;
  uint64_t null_at_start;
  prg_list registers;
  rt_accum_part *parts; /* by register */
  cb_writer bytes;      /* one value */
} rt_accums;

cep_status rt_accums_open(rt_accums *all, struct rt_core *core, uint32_t detection) CB_MUST_USE;
void rt_accums_close(rt_accums *all);

void rt_accum_begin(const rt_accums *all, rt_accum *accum); /* whatever the bytes were */
void rt_accum_release(const rt_accums *all, rt_accum *accum);
cep_status rt_accum_take(rt_accums *all, rt_accum *accum, const nfa_event *event) CB_MUST_USE;
/* The events of `from` lie behind those of `into`, or are of no order. */
cep_status rt_accum_merge(rt_accums *all, rt_accum *into, const rt_accum *from) CB_MUST_USE;

/* What expressions see of an accum; borrows from it and from the scratch. */
typedef struct rt_accum_seen {
  nfa_captures captures;
  cep_value values[64];
  uint32_t overflows; /* sums that do not fit */
} rt_accum_seen;
cep_status rt_accum_see(rt_accums *all, const rt_accum *accum, rt_accum_seen *out) CB_MUST_USE;

void rt_accum_save(const rt_accums *all, const rt_accum *accum, cb_writer *writer);
/* Into one that has begun, which is released after a failure. CEP_E_CORRUPT, CEP_E_NOMEM. */
cep_status rt_accum_load(const rt_accums *all, rt_accum *accum, cb_reader *reader) CB_MUST_USE;
int rt_accum_check(const rt_accums *all, const rt_accum *accum); /* 1: all invariants hold */

#endif
