/*
 * build_walk.h - from one step to all that can come next: the walk over the elements of a pattern.
 *
 *   a then ( b then optional c ){2..3} then d
 *
 *   behind b:  c                          the next item
 *              b    rounds < 3, one more  past c: the end of a round, and a new one
 *              d    rounds >= 2           past c, past the group
 *
 * Contract
 *   The tree of elements as an array of nodes, each with its place in the one that holds it
 *   and the counters that the run needs for it. A walk starts behind a step (or before the
 *   whole pattern) and gives every way to a step that may take the next event, and to the
 *   end, with all that it passes, tests and changes. Ways that are equal in everything are
 *   one. A walk goes into a new round of one group at most once, and no round is without an
 *   event: a group in which nothing has to be there is left out as a whole.
 *   CEP_E_LIMIT with a place: more ways than a state can have.
 */
#ifndef NFA_BUILD_WALK_H
#define NFA_BUILD_WALK_H

#include "nfa/build_internal.h"

#define BUILD_EDGES_MAX 64u

typedef struct build_node {
  const plan_element *element;
  uint32_t parent; /* CEP_NONE: the whole pattern */
  uint32_t place;  /* among the items of the parent */
  uint32_t first;  /* node of the first item; the others follow */
  uint32_t rounds; /* counters of the detection; PRG_NONE */
  uint32_t items;
  int nullable;    /* a round needs no event: the group may be left out as a whole */
  int is_entered;  /* by the walk in hand, which has no event of it yet */
} build_node;

typedef struct build_tree {
  build *b;
  const plan_detection *detection;
  build_node *nodes;
  uint32_t count;
  uint32_t capacity;
  uint32_t leaves[PLAN_STEPS_MAX]; /* node by step; CEP_NONE for `until` */
} build_tree;

/* Makes the tree, and pushes the counters of the detection. Failures are in b->status. */
void build_tree_make(build_tree *tree, build *b, const plan_detection *detection);

/* Pushes the edges of the state whose newest event `from` took (PRG_NONE: the start), and gives their list.
 * `direct`: the `no`s right behind the step. */
prg_list build_walk(build_tree *tree, uint32_t from, const uint32_t *direct, uint32_t direct_count);

/* The `no`s right behind a step, to `out`, which has room for all steps; their number. */
uint32_t build_direct_nos(const build_tree *tree, uint32_t from, uint32_t *out);

/* The `until`s that end the loop of a step: its own first, then those of the groups around it; their number. */
uint32_t build_untils(const build_tree *tree, uint32_t step, int with_own, uint32_t *out);

#endif
