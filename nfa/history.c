/* history.c - captured events of partial matches: chains with shared tails, counted. */
#include "nfa/history.h"

static nfa_node *node_at(cb_slab *slab, cb_slab_id node) { return (nfa_node *)cb_slab_at(slab, node); }

cb_slab_id nfa_history_add(cb_slab *slab, cb_slab_id prev, cb_slab_id cell, uint32_t step, uint64_t seq,
                           cep_time time)
{
  cb_slab_id id = cb_slab_take(slab, sizeof(nfa_node));
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  nfa_node *node = node_at(slab, id);
  node->seq = seq;
  node->time = time;
  node->prev = prev;
  node->cell = cell;
  node->refs = 1;
  node->step = step;
  node->length = 1;
  node->mark = 0;
  if (prev != CB_SLAB_NONE) {
    nfa_node *before = node_at(slab, prev);
    CB_ASSERT(before->seq < seq);
    before->refs++;
    node->length = before->length + 1;
  }
  return id;
}

void nfa_history_ref(cb_slab *slab, cb_slab_id node)
{
  if (node != CB_SLAB_NONE) node_at(slab, node)->refs++;
}

/* A loop, not recursion: a chain may be as long as history.max. */
void nfa_history_unref(cb_slab *slab, cb_slab_id node)
{
  while (node != CB_SLAB_NONE) {
    nfa_node *at = node_at(slab, node);
    CB_ASSERT(at->refs > 0);
    if (--at->refs > 0) return;
    cb_slab_id prev = at->prev;
    cb_cell_unref(slab, at->cell);
    cb_slab_give(slab, node);
    node = prev;
  }
}

/* The chain leads backwards, so the nth from the front is counted first. */
static int32_t captures_of(const cb_slab *slab, cb_slab_id head, uint32_t step)
{
  int32_t count = 0;
  for (cb_slab_id id = head; id != CB_SLAB_NONE; id = nfa_history_at(slab, id)->prev) {
    if (nfa_history_at(slab, id)->step == step) count++;
  }
  return count;
}

cb_slab_id nfa_history_nth(const cb_slab *slab, cb_slab_id head, uint32_t step, int32_t nth)
{
  int64_t back = nth < 0 ? -(int64_t)nth - 1 : (int64_t)captures_of(slab, head, step) - 1 - nth;
  if (back < 0) return CB_SLAB_NONE;
  for (cb_slab_id id = head; id != CB_SLAB_NONE; id = nfa_history_at(slab, id)->prev) {
    if (nfa_history_at(slab, id)->step != step) continue;
    if (back-- == 0) return id;
  }
  return CB_SLAB_NONE;
}

int nfa_history_order(const cb_slab *slab, cb_slab_id a, cb_slab_id b)
{
  uint32_t length_a = a == CB_SLAB_NONE ? 0 : nfa_history_at(slab, a)->length;
  uint32_t length_b = b == CB_SLAB_NONE ? 0 : nfa_history_at(slab, b)->length;
  cb_slab_id p = a;
  cb_slab_id q = b;
  for (uint32_t n = length_a; n > length_b; n--) p = nfa_history_at(slab, p)->prev;
  for (uint32_t n = length_b; n > length_a; n--) q = nfa_history_at(slab, q)->prev;
  int by_position = 0;
  int by_step = 0;
  while (p != q) { /* backwards: the last difference seen is the first in the order of events */
    const nfa_node *x = nfa_history_at(slab, p);
    const nfa_node *y = nfa_history_at(slab, q);
    if (x->seq != y->seq) by_position = x->seq < y->seq ? -1 : 1;
#ifdef CEP_FAULT_TIE_ORDER
    if (x->prev != CB_SLAB_NONE) by_position = -by_position; /* planted: matches of one start the wrong way round */
#endif
    if (x->step != y->step) by_step = x->step < y->step ? -1 : 1;
    p = x->prev;
    q = y->prev;
  }
  if (by_position != 0) return by_position;
  if (length_a != length_b) return length_a > length_b ? -1 : 1;
  return by_step;
}
