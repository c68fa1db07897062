/* compact_set.c - the graph of a slot: nodes, unions that keep order, lists; and what of it is still reached. */
#include "nfa/compact.h"

#include <string.h>

/* ---- Nodes --------------------------------------------------------------------------------- */

/* How many nodes a cell of the slab has room for that is taken for `count` of them. */
static uint32_t room_for(uint32_t count)
{
  size_t size = cb_slab_bytes(count * sizeof(nfa_tecs_node));
  if (size >= 4096) size -= sizeof(cb_slab_block);
  return (uint32_t)(size / sizeof(nfa_tecs_node));
}

/* Moves the nodes to a cell with room for `room`; at least those that there are. */
static int resize(nfa_tecs *set, uint32_t room)
{
  cb_slab *slab = set->worker->slab;
  nfa_compact_slot *slot = set->slot;
  cb_slab_id id = cb_slab_take(slab, room * sizeof(nfa_tecs_node));
  if (id == CB_SLAB_NONE) return 0;
  nfa_tecs_node *at = (nfa_tecs_node *)cb_slab_at(slab, id);
  if (slot->count > 0) memcpy(at, set->at, slot->count * sizeof *at);
  if (slot->nodes != CB_SLAB_NONE) cb_slab_give(slab, slot->nodes);
  slot->nodes = id;
  slot->capacity = room_for(room);
  set->at = at;
  return 1;
}

static uint32_t add_node(nfa_tecs *set, nfa_tecs_node node)
{
  nfa_compact_slot *slot = set->slot;
  if (slot->count == slot->capacity && !resize(set, slot->capacity > 0 ? 2 * slot->capacity : 1)) return NFA_TECS_NONE;
  set->at[slot->count] = node;
  slot->counted++;
  set->worker->counters.active++;
  return slot->count++;
}

uint32_t nfa_tecs_output(nfa_tecs *set, uint32_t left, cb_slab_id cell, uint32_t step, int64_t start)
{
  nfa_tecs_node node = {.max_start = left != NFA_TECS_NONE ? set->at[left].max_start : start,
                        .left = left,
                        .right = cell,
                        .seq = set->slot->seq,
                        .step = (uint16_t)step};
  uint32_t at = add_node(set, node);
  if (at != NFA_TECS_NONE) cb_cell_ref(set->worker->slab, cell);
  return at;
}

/* Of two with left->max_start >= right->max_start. */
static uint32_t make_union(nfa_tecs *set, uint32_t left, uint32_t right)
{
  if (left == NFA_TECS_NONE || right == NFA_TECS_NONE) return NFA_TECS_NONE;
  nfa_tecs_node node = {.max_start = set->at[left].max_start, .left = left, .right = right, .is_union = 1};
  return add_node(set, node);
}

/* Of two that are safe and have one max_start. If both are unions, their lefts come out of the way of I3: first
 * a's left, then b's, then both rights in order. */
static uint32_t union_of_equals(nfa_tecs *set, uint32_t a, uint32_t b)
{
  if (!set->at[a].is_union) return make_union(set, a, b);
  if (!set->at[b].is_union) return make_union(set, b, a);
  uint32_t a_left = set->at[a].left, b_left = set->at[b].left;
  uint32_t newer = set->at[a].right, older = set->at[b].right;
#ifdef CEP_FAULT_UNION
  int is_turned = set->at[a].max_start < set->at[b].max_start; /* a planted fault: not of the rights, as CORE's code has it */
#else
  int is_turned = set->at[newer].max_start < set->at[older].max_start;
#endif
  uint32_t rights = is_turned ? make_union(set, older, newer) : make_union(set, newer, older);
  return make_union(set, a_left, make_union(set, b_left, rights));
}

/* ---- Lists --------------------------------------------------------------------------------- */

uint32_t nfa_tecs_merge(nfa_tecs *set, const uint32_t *nodes, uint32_t count)
{
  uint32_t all = nodes[count - 1];
  for (uint32_t i = count - 1; i-- > 0 && all != NFA_TECS_NONE;) all = make_union(set, nodes[i], all);
  return all;
}

int nfa_tecs_insert(nfa_tecs *set, nfa_union_list *list, uint32_t node)
{
  if (node == NFA_TECS_NONE) return 0;
  int64_t start = set->at[node].max_start;
  uint32_t at = 1;
  while (at < list->nodes.count && set->at[list->nodes.at[at]].max_start > start) at++;
  if (at < list->nodes.count && set->at[list->nodes.at[at]].max_start == start) {
    uint32_t both = union_of_equals(set, list->nodes.at[at], node);
    if (both != NFA_TECS_NONE) list->nodes.at[at] = both;
    return both != NFA_TECS_NONE;
  }
  if (!cb_vec_push(set->worker->alloc, &list->nodes, node)) return 0;
  for (uint32_t i = list->nodes.count - 1; i > at; i--) {
    list->nodes.at[i] = list->nodes.at[i - 1];
    list->nodes.at[i - 1] = node;
  }
  return 1;
}

nfa_union_list *nfa_union_list_add(const nfa_worker *worker, uint32_t state)
{
  nfa_compact_own *own = nfa_compact_own_of(worker);
  nfa_union_list fresh = {.state = state};
  if (own->next_count == own->next.count && !cb_vec_push(worker->alloc, &own->next, fresh)) return NULL;
  nfa_union_list *list = &own->next.at[own->next_count++];
  list->state = state;
  list->nodes.count = 0;
  return list;
}

static void count_refs(const nfa_worker *worker, const nfa_compact_slot *slot, int up)
{
  nfa_list_view list;
  nfa_automaton *automaton = &nfa_compact_own_of(worker)->automaton;
  for (uint32_t at = 0; nfa_list_next(worker, slot, &at, &list);) {
    if (up) automaton->states.at[list.state].refs++;
    else automaton->states.at[list.state].refs--;
  }
}

int nfa_tecs_store(nfa_tecs *set)
{
  nfa_worker *worker = set->worker;
  nfa_compact_slot *slot = set->slot;
  const nfa_compact_own *own = nfa_compact_own_of(worker);
  uint32_t words = 0;
  for (uint32_t i = 0; i < own->next_count; i++) words += 2 + own->next.at[i].nodes.count;
  cb_slab_id lists = slot->lists;
  size_t size = words * sizeof(uint32_t), old_size = slot->list_words * sizeof(uint32_t);
  int is_moved = words > 0 && (lists == CB_SLAB_NONE || cb_slab_bytes(size) != cb_slab_bytes(old_size));
  if (is_moved) lists = cb_slab_take(worker->slab, size);
  if (is_moved && lists == CB_SLAB_NONE) return 0;
  count_refs(worker, slot, 0);
  if (slot->lists != CB_SLAB_NONE && (is_moved || words == 0)) cb_slab_give(worker->slab, slot->lists);
  slot->lists = words > 0 ? lists : CB_SLAB_NONE;
  slot->list_words = words;
  uint32_t *at = words > 0 ? (uint32_t *)cb_slab_at(worker->slab, lists) : NULL;
  for (uint32_t i = 0; i < own->next_count; i++) {
    const nfa_union_list *list = &own->next.at[i];
    *at++ = list->state;
    *at++ = list->nodes.count;
    memcpy(at, list->nodes.at, list->nodes.count * sizeof *at);
    at += list->nodes.count;
  }
  count_refs(worker, slot, 1);
  return 1;
}

/* ---- What is still reached ------------------------------------------------------------------- */

/* Marks all that the lists reach and that is not older, from the newest node down: who reaches stands behind. */
static void mark_reached(const nfa_tecs *set, int64_t oldest, uint32_t *marks)
{
  const nfa_tecs_node *nodes = set->at;
  nfa_list_view list;
  memset(marks, 0, set->slot->count * sizeof *marks);
  for (uint32_t at = 0; nfa_list_next(set->worker, set->slot, &at, &list);) {
    for (uint32_t i = 0; i < list.count; i++) marks[list.nodes[i]] = 1;
  }
  for (uint32_t i = set->slot->count; i-- > 0;) {
    if (nodes[i].max_start < oldest) marks[i] = 0;
    if (!marks[i]) continue;
    if (nodes[i].left != NFA_TECS_NONE) marks[nodes[i].left] = 1;
    if (nodes[i].is_union) marks[nodes[i].right] = 1;
  }
}

int nfa_tecs_number(nfa_tecs *set, int64_t oldest, uint32_t *count)
{
  nfa_compact_own *own = nfa_compact_own_of(set->worker);
  const nfa_tecs_node *nodes = set->at;
  own->moved.count = 0;
  if (!cb_vec_reserve(set->worker->alloc, &own->moved, set->slot->count)) return 0;
  uint32_t *moved = own->moved.at;
  mark_reached(set, oldest, moved);
  *count = 0;
  for (uint32_t i = 0; i < set->slot->count; i++) {
    int is_half = moved[i] && nodes[i].is_union && nodes[nodes[i].right].max_start < oldest;
    if (!moved[i]) moved[i] = NFA_TECS_NONE;
    else if (is_half) moved[i] = moved[nodes[i].left];
    else moved[i] = (*count)++;
  }
  return 1;
}

/* A node in its new place, with children that have theirs. */
static nfa_tecs_node renumbered(const nfa_tecs_node *node, const uint32_t *moved, uint32_t seq)
{
  nfa_tecs_node copy = *node;
  if (copy.left != NFA_TECS_NONE) copy.left = moved[copy.left];
  if (copy.is_union) copy.right = moved[copy.right];
  else copy.seq = seq;
  return copy;
}

static void renumber_lists(const nfa_tecs *set, const uint32_t *moved)
{
  uint32_t *words = set->slot->list_words > 0 ? (uint32_t *)cb_slab_at(set->worker->slab, set->slot->lists) : NULL;
  for (uint32_t at = 0; at < set->slot->list_words; at += 2 + words[at + 1]) {
    for (uint32_t i = 0; i < words[at + 1]; i++) words[at + 2 + i] = moved[words[at + 2 + i]];
  }
}

/* When the number of nodes has doubled; near the limit sooner, so that nothing is refused for the sake of what is over. */
static uint32_t tidy_next(const nfa_worker *worker, uint32_t count)
{
  uint64_t doubled = 2 * (uint64_t)count, soon = count + count / 8 + NFA_TIDY_LEAST;
  uint64_t limit = nfa_compact_nodes_max(worker) > soon ? nfa_compact_nodes_max(worker) : soon;
  uint64_t next = doubled < limit ? doubled : limit;
  return next > NFA_TIDY_LEAST ? (uint32_t)next : NFA_TIDY_LEAST;
}

void nfa_tecs_tidy(nfa_tecs *set, int64_t oldest)
{
  nfa_worker *worker = set->worker;
  nfa_compact_slot *slot = set->slot;
  uint32_t count, seq = 0, seq_before = 0;
  if (!nfa_tecs_number(set, oldest, &count)) return;
  const uint32_t *moved = nfa_compact_own_of(worker)->moved.at;
  uint32_t placed = 0;
  for (uint32_t i = 0; i < slot->count; i++) {
    const nfa_tecs_node *node = &set->at[i];
    int stays = moved[i] == placed; /* not dropped, and no union that became its left */
    if (!stays && !node->is_union) cb_cell_unref(worker->slab, node->right);
    if (!stays) continue;
    if (!node->is_union && node->seq != seq_before) {
      seq_before = node->seq;
      seq++;
    }
    set->at[placed++] = renumbered(node, moved, seq);
  }
  CB_ASSERT(placed == count);
  renumber_lists(set, moved);
  worker->counters.active -= slot->counted - count;
  slot->count = slot->counted = count;
  slot->seq = seq;
  slot->tidy_at = tidy_next(worker, count);
  if (count > 0 && room_for(count) <= slot->capacity / 4) (void)resize(set, count);
}

void nfa_tecs_release(nfa_worker *worker, nfa_compact_slot *slot)
{
  if (nfa_compact_is_one(slot)) {
    nfa_compact_free_one(worker, slot);
    return;
  }
  nfa_tecs set = nfa_tecs_of(worker, slot);
  if (slot->list_words > 0) count_refs(worker, slot, 0);
  for (uint32_t i = 0; i < slot->count; i++) {
    if (!set.at[i].is_union) cb_cell_unref(worker->slab, set.at[i].right);
  }
  worker->counters.active -= slot->counted;
  if (slot->nodes != CB_SLAB_NONE) cb_slab_give(worker->slab, slot->nodes);
  if (slot->lists != CB_SLAB_NONE) cb_slab_give(worker->slab, slot->lists);
  memset(slot, 0, sizeof *slot);
}
