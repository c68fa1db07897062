/* test_compact_set.c - the graph of the compact evaluator alone: unions and lists keep their order. */
#include "cep/base/prng.h"
#include "nfa/compact.h"
#include "tests/support/test.h"

#define LISTS 4u

typedef struct graph {
  cb_alloc alloc;
  cb_slab slab;
  nfa_worker worker;
  nfa_compact_slot slot;
  nfa_tecs set;
  cb_slab_id cell;
  nfa_union_list lists[LISTS];
  cep_time now;
} graph;

static void open_graph(graph *g)
{
  memset(g, 0, sizeof *g);
  cb_alloc_init(&g->alloc, NULL, 0);
  cb_slab_init(&g->slab, &g->alloc, 0);
  g->worker = (nfa_worker){.alloc = &g->alloc, .slab = &g->slab};
  g->set = nfa_tecs_of(&g->worker, &g->slot);
  g->cell = cb_slab_take(&g->slab, sizeof(cb_cell));
  *(cb_cell *)cb_slab_at(&g->slab, g->cell) = (cb_cell){.refs = 1};
}

static void close_graph(graph *g)
{
  for (uint32_t i = 0; i < LISTS; i++) cb_vec_free(&g->alloc, &g->lists[i].nodes);
  cb_slab_fini(&g->slab);
  assert_int_equal(g->alloc.bytes_in_use, 0);
}

/* Adds a safe node to a list, if it may stand there. */
static void put(graph *g, nfa_union_list *list, uint32_t node)
{
  if (list->nodes.count == 0) {
    if (!g->set.at[node].is_union) assert_true(cb_vec_push(&g->alloc, &list->nodes, node));
  } else if (g->set.at[node].max_start <= g->set.at[list->nodes.at[0]].max_start) {
    assert_true(nfa_tecs_insert(&g->set, list, node));
  }
}

/* The starts that a node stands for, not older than `oldest`, by a walk that trusts no order; and in *pruned by one
 * that does not go where max_start forbids it. */
static void count_starts(const graph *g, uint32_t node, cep_time oldest, uint32_t *all, uint32_t *pruned, int is_cut, uint32_t depth)
{
  const nfa_tecs_node *it = &g->set.at[node];
  is_cut |= it->max_start < oldest;
  if (depth > 400 || *all > 3000) return;
  if (!it->is_union) {
    *all += it->max_start >= oldest;
    *pruned += it->max_start >= oldest && !is_cut;
    return;
  }
  count_starts(g, it->left, oldest, all, pruned, is_cut, depth + 1);
  count_starts(g, it->right, oldest, all, pruned, is_cut, depth + 1);
}

static void list_is_in_order(const graph *g, const nfa_union_list *list)
{
  for (uint32_t i = 0; i < list->nodes.count; i++) {
    const nfa_tecs_node *it = &g->set.at[list->nodes.at[i]];
    uint32_t all = 0, pruned = 0;
    count_starts(g, list->nodes.at[i], g->now - 6, &all, &pruned, 0, 0);
    assert_int_equal(pruned, all);
    assert_true(!it->is_union || (i > 0 && !g->set.at[it->left].is_union));
    if (i > 0) assert_true(it->max_start <= g->set.at[list->nodes.at[i - 1]].max_start);
    if (i > 1) assert_true(it->max_start < g->set.at[list->nodes.at[i - 1]].max_start);
  }
}

static void unions_are_in_order(const graph *g)
{
  for (uint32_t i = 0; i < g->slot.count; i++) {
    uint32_t unions = 0;
    for (uint32_t at = i; g->set.at[at].is_union; at = g->set.at[at].left) unions++;
    assert_true(unions <= 3);
    if (unions > 0) assert_true(g->set.at[g->set.at[i].left].max_start >= g->set.at[g->set.at[i].right].max_start);
  }
}

/* One step of what events do to lists: a start, an event behind a whole list, a list that joins another. */
static void change(graph *g, cb_prng *prng)
{
  nfa_union_list *from = &g->lists[cb_prng_below(prng, LISTS)], *to = &g->lists[cb_prng_below(prng, LISTS)];
  uint32_t what = cb_prng_below(prng, 8);
  g->slot.seq++;
  if (what == 0) {
    from->nodes.count = 0;
    return;
  }
  if (what < 3 || from->nodes.count == 0) {
    uint32_t start = nfa_tecs_output(&g->set, NFA_TECS_NONE, g->cell, 0, ++g->now);
    nfa_union_list fresh = {0};
    assert_true(cb_vec_push(&g->alloc, &fresh.nodes, start));
    if (from->nodes.count > 0) put(g, &fresh, nfa_tecs_merge(&g->set, from->nodes.at, from->nodes.count));
    cb_vec_free(&g->alloc, &from->nodes);
    *from = fresh;
    return;
  }
  uint32_t all = nfa_tecs_merge(&g->set, from->nodes.at, from->nodes.count);
  if (what < 5) put(g, to, nfa_tecs_output(&g->set, all, g->cell, 1, 0));
  else if (from != to) put(g, to, all);
}

static void unions_keep_their_order_whatever_is_put_together(void **state)
{
  (void)state;
  for (uint32_t seed = 1; seed <= 200; seed++) {
    graph g;
    cb_prng prng;
    open_graph(&g);
    cb_prng_init(&prng, seed);
    for (uint32_t i = 0; i < 60; i++) {
      change(&g, &prng);
      for (uint32_t n = 0; n < LISTS; n++) list_is_in_order(&g, &g.lists[n]);
    }
    unions_are_in_order(&g);
    close_graph(&g);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unions_keep_their_order_whatever_is_put_together),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
