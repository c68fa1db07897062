/* compact_reach.c - what the ends of an event reach in the graph, each node once. */
#include "nfa/compact.h"

#include <string.h>

static void see(nfa_reach *reach, uint32_t node)
{
  uint64_t *word = &reach->seen[node / 64], bit = 1ull << (node % 64);
  if (*word & bit) return;
  *word |= bit;
  if (node < reach->low) reach->low = node;
  if (node > reach->high) reach->high = node;
  reach->stack[reach->top++] = node;
}

int nfa_reach_ends(nfa_reach *reach, const nfa_tecs *set, int64_t oldest)
{
  nfa_compact_own *own = nfa_compact_own_of(set->worker);
  nfa_listing *listing = &own->listing;
  uint32_t count = set->slot->count, words = count / 64 + 1, had = listing->seen.count;
  cb_alloc *alloc = set->worker->alloc;
  listing->stack.count = 0;
  if (!cb_vec_reserve(alloc, &listing->stack, 2 * count + 2)) return 0;
  if (words > had) {
    if (!cb_vec_reserve(alloc, &listing->seen, words - had)) return 0;
    memset(listing->seen.at + had, 0, (words - had) * sizeof *listing->seen.at);
    listing->seen.count = words;
  }
  *reach = (nfa_reach){.seen = listing->seen.at, .stack = listing->stack.at, .low = UINT32_MAX};
  for (uint32_t i = 0; i < own->ends.count; i++) see(reach, own->ends.at[i]);
  while (reach->top > 0) {
    const nfa_tecs_node *node = &set->at[reach->stack[--reach->top]];
    if (node->left != NFA_TECS_NONE) see(reach, node->left);
    if (node->is_union && set->at[node->right].max_start >= oldest) see(reach, node->right);
  }
  return 1;
}

void nfa_reach_forget(nfa_reach *reach)
{
  if (reach->low > reach->high) return;
  memset(&reach->seen[reach->low / 64], 0, (reach->high / 64 - reach->low / 64 + 1) * sizeof *reach->seen);
}
