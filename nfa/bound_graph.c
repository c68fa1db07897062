/* bound_graph.c - the places that a partial match can be in, found from the start on. */
#include "nfa/bound_graph.h"

#include <string.h>

/* ---- Counters ------------------------------------------------------------------------------ */

static int holds(const prg_count *test, uint32_t value)
{
  switch ((prg_count_kind)test->what) {
  case PRG_COUNT_BELOW: return value < test->value;
  case PRG_COUNT_FROM: return value >= test->value;
  case PRG_COUNT_HAS: return (value & test->value) == test->value;
  default: return (value & test->value) == 0;
  }
}

static uint32_t changed(const prg_count *change, uint32_t value)
{
  switch ((prg_count_kind)change->what) {
  case PRG_COUNT_SET: return change->value;
  case PRG_COUNT_ADD: return value < change->value ? value + 1 : value;
  default: return value | change->value;
  }
}

static int all_hold(const nfa_graph *graph, const prg_edge *edge, const uint32_t *counters)
{
  for (uint32_t i = 0; i < edge->tests.count; i++) {
    const prg_count *test = &graph->program->counts[edge->tests.first + i];
    if (!holds(test, counters[test->counter])) return 0;
  }
  return 1;
}

/* ---- Places ---------------------------------------------------------------------------------- */

static uint32_t state_of_step(const nfa_graph *graph, uint32_t step)
{
  for (uint32_t s = 1; s < graph->detection->states.count; s++) {
    if (nfa_graph_state(graph, s)->step == step) return s;
  }
  CB_UNREACHABLE();
}

/* The place with that state and those counters, made if it is not there. PRG_NONE: refused, or too many. */
static uint32_t place_at(nfa_graph *graph, uint32_t state, const uint32_t *counters, int from_start)
{
  uint32_t count = graph->detection->counters.count;
  for (uint32_t i = 0; i < graph->places.count; i++) {
    if (graph->places.at[i].state != state) continue;
    if (count > 0 && memcmp(&graph->counters.at[(size_t)i * count], counters, count * sizeof *counters) != 0) continue;
    graph->places.at[i].is_first &= from_start;
    return i;
  }
  graph->is_too_big = graph->places.count == NFA_PLACES_MAX;
  if (graph->is_too_big) return PRG_NONE;
  nfa_place place;
  memset(&place, 0, sizeof place);
  place.state = state;
  place.step = nfa_graph_state(graph, state)->step;
  place.circle = graph->places.count;
  place.is_first = from_start;
  for (uint32_t i = 0; i < count; i++) {
    if (!cb_vec_push(graph->alloc, &graph->counters, counters[i])) return PRG_NONE;
  }
  if (!cb_vec_push(graph->alloc, &graph->places, place)) return PRG_NONE;
  return graph->places.count - 1;
}

/* 0: refused, or too many. */
static int add_way(nfa_graph *graph, uint32_t from, const prg_edge *edge)
{
  uint32_t counters[PRG_COUNTERS_MAX] = {0}, count = graph->detection->counters.count;
  nfa_way way = {edge, 0};
  if (count > 0) memcpy(counters, &graph->counters.at[(size_t)from * count], count * sizeof *counters);
  if (!all_hold(graph, edge, counters)) return 1;
  if (edge->kind == PRG_EDGE_REPEAT) {
    const prg_step *step = nfa_graph_step(graph, edge->target);
    graph->places.at[from].repeats = step->max > 1;
    graph->places.at[from].repeats_any = edge->contiguity == PRG_ANY;
    return 1;
  }
  for (uint32_t i = 0; i < edge->changes.count; i++) {
    const prg_count *change = &graph->program->counts[edge->changes.first + i];
    counters[change->counter] = changed(change, counters[change->counter]);
  }
  if (edge->kind == PRG_EDGE_FORWARD) way.target = place_at(graph, state_of_step(graph, edge->target), counters, from == 0);
  if (way.target == PRG_NONE || !cb_vec_push(graph->alloc, &graph->ways, way)) return 0;
  graph->places.at[from].ways.count++;
  return 1;
}

cep_status nfa_graph_make(nfa_graph *graph, cb_alloc *alloc, const prg *program, const prg_detection *detection)
{
  uint32_t counters[PRG_COUNTERS_MAX] = {0};
  memset(graph, 0, sizeof *graph);
  graph->alloc = alloc;
  graph->program = program;
  graph->detection = detection;
  graph->doubles_at = PRG_NONE;
  if (place_at(graph, 0, counters, 0) == PRG_NONE) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < graph->places.count; i++) {
    prg_list edges = nfa_graph_state(graph, graph->places.at[i].state)->edges;
    graph->places.at[i].ways.first = graph->ways.count;
    for (uint32_t e = edges.first; e < edges.first + edges.count; e++) {
      if (!add_way(graph, i, &program->edges[e])) return graph->is_too_big ? CEP_OK : CEP_E_NOMEM;
    }
  }
  return CEP_OK;
}

void nfa_graph_free(nfa_graph *graph)
{
  cb_vec_free(graph->alloc, &graph->places);
  cb_vec_free(graph->alloc, &graph->ways);
  cb_vec_free(graph->alloc, &graph->counters);
}

/* ---- From the ends to the start ---------------------------------------------------------------- */

/* Tarjan's search for what leads to itself, with a stack of its own. */
typedef struct search {
  uint32_t *number; /* in which places were met, from 1 on; 0: not yet */
  uint32_t *low;    /* the least number that it leads back to */
  uint32_t *next;   /* way to be looked at */
  uint32_t *path;   /* from the start to the place in hand */
  uint32_t *open;   /* met, and not judged */
  uint32_t path_count;
  uint32_t open_count;
  uint32_t met;
} search;

static void enter(search *at, uint32_t place)
{
  at->number[place] = at->low[place] = ++at->met;
  at->path[at->path_count++] = place;
  at->open[at->open_count++] = place;
}

static void lower(search *at, uint32_t place, uint32_t low)
{
  if (low < at->low[place]) at->low[place] = low;
}

/* All that is behind the place has been looked at. A judged place has the low UINT32_MAX. */
static void leave(nfa_graph *graph, search *at, uint32_t place)
{
  uint32_t low = at->low[place];
  at->path_count--;
  if (low == at->number[place]) {
    uint32_t first = at->open_count;
    do at->low[at->open[--first]] = UINT32_MAX;
    while (at->open[first] != place);
    uint32_t count = at->open_count - first;
    nfa_bound_judge(graph, &at->open[first], count);
    for (uint32_t i = 0; i < count; i++) nfa_bound_lives(graph, at->open[first + i]);
    at->open_count = first;
  } else {
    lower(at, at->path[at->path_count - 1], low);
  }
}

cep_status nfa_graph_walk(nfa_graph *graph)
{
  uint32_t count = graph->places.count;
  size_t size = (size_t)count * 5 * sizeof(uint32_t);
  uint32_t *memory = cb_new0(graph->alloc, size);
  if (!memory) return CEP_E_NOMEM;
  search at = {memory, memory + count, memory + 2 * (size_t)count, memory + 3 * (size_t)count, memory + 4 * (size_t)count, 0, 0, 0};
  enter(&at, 0);
  while (at.path_count > 0) {
    uint32_t place = at.path[at.path_count - 1];
    prg_list ways = graph->places.at[place].ways;
    if (at.next[place] == ways.count) {
      leave(graph, &at, place);
      continue;
    }
    const nfa_way *way = &graph->ways.at[ways.first + at.next[place]++];
    if (way->edge->kind == PRG_EDGE_FINISH) continue;
    if (at.number[way->target] == 0) enter(&at, way->target);
    else if (at.low[way->target] != UINT32_MAX) lower(&at, place, at.number[way->target]);
  }
  cb_free(graph->alloc, memory, size);
  return CEP_OK;
}
