/*
 * history.h - the captured events of partial matches, as chains with shared tails.
 *
 *   run A -> [ok @9] -> [fail @5] -> [fail @2]
 *   run B --------------^                        newest first; `prev` leads back
 *
 * Contract
 *   A node is named by its slab id, holds one reference to its cell and one to `prev`, and
 *   is counted by the runs and nodes that name it. Nodes are immutable. `seq` is the
 *   event's place in the order of its key: rising, unique.
 *   `jump` leads far back: from any node the one of some length is found in O(log length) steps.
 *   cb_slab_id 0 is the empty history. One owner.
 */
#ifndef NFA_HISTORY_H
#define NFA_HISTORY_H

#include "cep/base/cell.h"

typedef struct nfa_node {
  uint64_t seq;
  cep_time time;
  cb_slab_id prev;
  cb_slab_id cell;
  uint32_t refs;
  uint32_t step;   /* step number that took it */
  uint32_t length; /* events from the start to here */
  uint32_t mark;   /* free for one walk at a time (saving, checking); 0 between walks */
  cb_slab_id jump; /* an older node, which one depends on the length alone; of the first, itself */
} nfa_node;

/* One reference to the new node; takes over the caller's reference to `cell`, refs `prev`.
 * 0: memory refused (then the caller still holds `cell`). */
cb_slab_id nfa_history_add(cb_slab *slab, cb_slab_id prev, cb_slab_id cell, uint32_t step, uint64_t seq, cep_time time);
void nfa_history_ref(cb_slab *slab, cb_slab_id node);
void nfa_history_unref(cb_slab *slab, cb_slab_id node);
static inline const nfa_node *nfa_history_at(const cb_slab *slab, cb_slab_id node)
{
  return (const nfa_node *)cb_slab_at(slab, node);
}
/* The nth event taken by `step`: 0 first, 1 second ...; -1 last, -2 the one before. 0: none. */
cb_slab_id nfa_history_nth(const cb_slab *slab, cb_slab_id head, uint32_t step, int32_t nth);
/* The order in which matches come out: by position of the events, smaller at the first
 * difference first, the end counting as larger than any; then the earlier step. -1, 0, 1.
 * O(log length) but where both have the same events at different steps. */
int nfa_history_order(const cb_slab *slab, cb_slab_id a, cb_slab_id b);

#endif
