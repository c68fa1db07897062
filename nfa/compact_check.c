/* compact_check.c - the invariants of a slot of the compact evaluator; they also tell what a load may not take. */
#include "nfa/compact.h"

#include <string.h>

#define UNIONS_MAX 3u /* I3: along the lefts, before an output */

static int is_safe(const nfa_tecs *set, uint32_t node)
{
  return !set->at[node].is_union || !set->at[set->at[node].left].is_union;
}

static int union_holds(const nfa_tecs *set, uint32_t node)
{
  const nfa_tecs_node *it = &set->at[node];
  if (it->left >= node || it->right >= node) return 0;
  if (it->max_start != set->at[it->left].max_start || it->max_start < set->at[it->right].max_start) return 0;
  uint32_t unions = 1, at = it->left;
  while (unions <= UNIONS_MAX && set->at[at].is_union) {
    at = set->at[at].left;
    unions++;
  }
  return unions <= UNIONS_MAX;
}

/* `newest`: of each node before this one, the newest event of its histories. */
static int output_holds(const nfa_tecs *set, uint32_t node, const uint32_t *newest)
{
  const nfa_tecs_node *it = &set->at[node];
  const cb_cell *cell = (const cb_cell *)cb_slab_at(set->worker->slab, it->right);
  if (cell->refs == 0 || it->seq == 0 || it->seq > set->slot->seq) return 0;
  int counts = nfa_compact_counts(set->worker);
  if (it->left == NFA_TECS_NONE) return counts ? it->max_start > 0 && it->max_start <= set->slot->due : it->max_start == cell->time;
  if (it->left >= node || !is_safe(set, it->left) || it->max_start != set->at[it->left].max_start) return 0;
  return newest[it->left] < it->seq && (counts || it->max_start <= cell->time);
}

static int nodes_hold(const nfa_tecs *set)
{
  nfa_compact_own *own = nfa_compact_own_of(set->worker);
  own->moved.count = 0;
  if (!cb_vec_reserve(set->worker->alloc, &own->moved, set->slot->count)) return 1; /* not looked at */
  uint32_t *newest = own->moved.at, seq = 0;
  for (uint32_t i = 0; i < set->slot->count; i++) {
    const nfa_tecs_node *it = &set->at[i];
    if (it->is_union) {
      if (!union_holds(set, i)) return 0;
      newest[i] = newest[it->left] > newest[it->right] ? newest[it->left] : newest[it->right];
      continue;
    }
    if (it->seq < seq || !output_holds(set, i, newest)) return 0;
    newest[i] = seq = it->seq;
  }
  return 1;
}

static int list_holds(const nfa_tecs *set, const nfa_list_view *list, int64_t newest)
{
  const nfa_automaton *automaton = &nfa_compact_own_of(set->worker)->automaton;
  if (list->count == 0 || list->state == NFA_STATE_START || list->state >= automaton->states.count) return 0;
  if (!automaton->states.at[list->state].is_used || automaton->states.at[list->state].refs == 0) return 0;
  if (set->at[list->nodes[0]].is_union || set->at[list->nodes[0]].max_start > newest) return 0;
  for (uint32_t i = 0; i < list->count; i++) {
    if (list->nodes[i] >= set->slot->count || !is_safe(set, list->nodes[i])) return 0;
    if (i == 0) continue;
    int64_t before = set->at[list->nodes[i - 1]].max_start, own = set->at[list->nodes[i]].max_start;
    if (own > before || (own == before && i > 1)) return 0;
  }
  return 1;
}

int nfa_compact_check(nfa_worker *worker, const nfa_slot *slot)
{
  nfa_compact_slot copy;
  memcpy(&copy, slot, sizeof copy);
  if (nfa_compact_is_one(&copy)) return nfa_compact_one_holds(worker, &copy);
  nfa_tecs set = nfa_tecs_of(worker, &copy);
  if (copy.list_words == 0) return copy.count == 0 && copy.lists == CB_SLAB_NONE && copy.nodes == CB_SLAB_NONE;
  if (copy.count == 0 || copy.count > copy.capacity || copy.counted < copy.count || !nodes_hold(&set)) return 0;
  nfa_list_view list;
  int64_t newest = CEP_TIME_MAX;
  for (uint32_t at = 0; nfa_list_next(worker, &copy, &at, &list);) {
    if (!list_holds(&set, &list, newest)) return 0;
    newest = set.at[list.nodes[0]].max_start;
  }
  return 1;
}
