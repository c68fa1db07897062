/*
 * bound_graph.h - inside of bound.h: the places that a partial match can be in, and the ways between.
 *
 * Contract
 *   A place is a state with the counters that a partial match has there; the start is number
 *   0. Made by nfa_graph_make, judged from the ends to the start by nfa_graph_walk, given back
 *   by nfa_graph_free, which may be called after a failure of either. At most
 *   NFA_PLACES_MAX places: with more `is_too_big` is set, and nothing else may be asked.
 */
#ifndef NFA_BOUND_GRAPH_H
#define NFA_BOUND_GRAPH_H

#include "cep/base/vec.h"
#include "nfa/bound.h"

#define NFA_PLACES_MAX 2000u

typedef struct nfa_way {
  const prg_edge *edge;
  uint32_t target; /* place; 0 for an end */
} nfa_way;

typedef struct nfa_place {
  uint32_t state;
  uint32_t step;       /* PRG_NONE: the start */
  prg_list ways;       /* all but its own loop's */
  uint32_t circle;     /* places that lead to each other have the same number */
  int repeats;         /* its loop may take another event, ... */
  int repeats_any;     /* ... and any one */
  int is_first;        /* only the start leads here */
  nfa_amount alive;    /* at most, of what one partial match here becomes */
  nfa_amount captures; /* nodes of those, its own included */
  nfa_amount matches;
  nfa_amount depth;    /* captures of the longest, from here on */
  cep_duration lives;
} nfa_place;

typedef struct nfa_graph {
  cb_alloc *alloc;
  const prg *program;
  const prg_detection *detection;
  int is_too_big;
  uint32_t doubles_at;
  CB_VEC(nfa_place) places;
  CB_VEC(nfa_way) ways;
  CB_VEC(uint32_t) counters; /* of each place, one after the other */
} nfa_graph;

cep_status nfa_graph_make(nfa_graph *graph, cb_alloc *alloc, const prg *program, const prg_detection *detection) CB_MUST_USE;
cep_status nfa_graph_walk(nfa_graph *graph) CB_MUST_USE;
void nfa_graph_free(nfa_graph *graph);

static inline const prg_state *nfa_graph_state(const nfa_graph *graph, uint32_t state)
{
  return &graph->program->states[graph->detection->states.first + state];
}
static inline const prg_step *nfa_graph_step(const nfa_graph *graph, uint32_t step)
{
  return &graph->program->steps[graph->detection->steps.first + step];
}

/* bound.c: places that lead to each other; all that they lead to have been judged. */
void nfa_bound_judge(nfa_graph *graph, const uint32_t *members, uint32_t count);
/* How long one lives here; after nfa_bound_judge. */
void nfa_bound_lives(nfa_graph *graph, uint32_t index);

#endif
