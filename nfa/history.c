/* history.c - captured events of partial matches: chains with shared tails, counted. */
#include "nfa/history.h"

static nfa_node *node_at(cb_slab *slab, cb_slab_id node) { return (nfa_node *)cb_slab_at(slab, node); }

/* The jump of a node behind `prev`: two equal jumps in a row become one. So there are about log length of them to the start. */
static cb_slab_id jump_from(const cb_slab *slab, cb_slab_id prev)
{
  const nfa_node *first = nfa_history_at(slab, prev), *second = nfa_history_at(slab, first->jump);
  uint32_t third = nfa_history_at(slab, second->jump)->length;
  return first->length - second->length == second->length - third ? second->jump : prev;
}

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
  node->jump = id;
  if (prev != CB_SLAB_NONE) {
    nfa_node *before = node_at(slab, prev);
    CB_ASSERT(before->seq < seq);
    before->refs++;
    node->length = before->length + 1;
    node->jump = jump_from(slab, prev);
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

/* The node of this length, which is not longer than that of `id`. */
static cb_slab_id back_to(const cb_slab *slab, cb_slab_id id, uint32_t length)
{
  if (length == 0) return CB_SLAB_NONE;
  while (nfa_history_at(slab, id)->length > length) {
    const nfa_node *node = nfa_history_at(slab, id);
    id = nfa_history_at(slab, node->jump)->length >= length ? node->jump : node->prev;
  }
  return id;
}

int nfa_history_order(const cb_slab *slab, cb_slab_id a, cb_slab_id b)
{
  uint32_t length_a = a == CB_SLAB_NONE ? 0 : nfa_history_at(slab, a)->length;
  uint32_t length_b = b == CB_SLAB_NONE ? 0 : nfa_history_at(slab, b)->length;
  cb_slab_id p = length_a > length_b ? back_to(slab, a, length_b) : a;
  cb_slab_id q = length_b > length_a ? back_to(slab, b, length_a) : b;
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
    /* Where the events at the other end of the jump differ, those on the way do not matter. */
    int jumps = nfa_history_at(slab, x->jump)->seq != nfa_history_at(slab, y->jump)->seq;
    p = jumps && x->prev != CB_SLAB_NONE ? x->jump : x->prev;
    q = jumps && y->prev != CB_SLAB_NONE ? y->jump : y->prev;
  }
  if (by_position != 0) return by_position;
  if (length_a != length_b) return length_a > length_b ? -1 : 1;
  return by_step;
}
