/* bound.c - how much state one key of a detection can have: a walk over states and counters. */
#include "nfa/bound.h"

#include <string.h>

#include "cep/base/time.h"
#include "nfa/bound_graph.h"
#include "nfa/compact.h"
#include "nfa/firstof.h"
#include "nfa/tally.h"

/* ---- One place ------------------------------------------------------------------------------ */

/* What the ways out of a place add up to, all partial matches behind it living as long as they can. */
typedef struct ways {
  nfa_amount alive;    /* partial matches behind the ways that leave its cycle */
  nfa_amount captures; /* nodes of those */
  nfa_amount matches;  /* that come out, sooner or later */
  nfa_amount depth;    /* captures of the longest */
  int waits;           /* it is kept though all its ways to steps have been taken, or its loop has gone on */
  int waits_at_last;   /* the same once its loop does not go on */
  int goes_round;      /* ways that stay in its cycle */
  int any_round;
} ways;

static int is_guarded(const nfa_graph *graph, const prg_edge *edge, uint32_t step)
{
  for (uint32_t g = edge->guards.count - edge->lasting; g < edge->guards.count; g++) {
    if (graph->program->lists[edge->guards.first + g] == step) return 1;
  }
  return edge->kind == PRG_EDGE_FINISH && (edge->flags & PRG_EDGE_AFTER_LOOP) && edge->tail == step;
}

static void add_way(const nfa_graph *graph, const nfa_place *place, const nfa_way *way, ways *sum)
{
  const prg_edge *edge = way->edge;
  int guarded = is_guarded(graph, edge, place->step);
  if (edge->kind == PRG_EDGE_FINISH) {
    sum->matches = nfa_amount_add(sum->matches, nfa_amount_of(1));
    if (edge->flags & PRG_EDGE_AT_ONCE) return;
    sum->waits_at_last = 1;
    if (!guarded) sum->waits = 1;
    return;
  }
  const nfa_place *target = &graph->places.at[way->target];
  uint32_t choices = edge->contiguity == PRG_ANY ? 1 : 0;
  if (target->circle == place->circle) {
    sum->goes_round++;
    sum->any_round |= choices > 0;
    return;
  }
  sum->alive = nfa_amount_add(sum->alive, nfa_amount_chosen(target->alive, choices));
  sum->captures = nfa_amount_add(sum->captures, nfa_amount_chosen(target->captures, choices));
  sum->matches = nfa_amount_add(sum->matches, nfa_amount_chosen(target->matches, choices));
  sum->depth = nfa_amount_greater(sum->depth, target->depth);
  if (choices == 0 && target->alive.times > 0) return; /* taken, it is closed: one stands for the other */
  sum->waits_at_last = 1;
  if (!guarded || choices > 0) sum->waits = 1;
}

static ways ways_of_place(const nfa_graph *graph, const nfa_place *place)
{
  ways sum;
  memset(&sum, 0, sizeof sum);
  for (uint32_t i = 0; i < place->ways.count; i++) add_way(graph, place, &graph->ways.at[place->ways.first + i], &sum);
  return sum;
}

/* How many counts it can leave the loop with; 0: as many as there are events. */
static uint32_t exits_of(const prg_step *step)
{
  if (step->max == PRG_OPEN) return 0;
  return step->max - (step->min > 0 ? step->min : 1) + 1;
}

/* Finished matches wait, and with them what they have captured. */
static int holds_matches(const nfa_graph *graph)
{
  return (graph->detection->flags & PRG_DETECT_EARLIEST_FIRST) != 0;
}

/* A place that its own loop alone comes back to. */
static void judge_loop(const nfa_graph *graph, nfa_place *place)
{
  const prg_step *step = nfa_graph_step(graph, place->step);
  ways sum = ways_of_place(graph, place);
  nfa_amount one = nfa_amount_of(1), each = nfa_amount_add(sum.alive, nfa_amount_of(sum.waits != 0));
  nfa_amount last = nfa_amount_add(sum.alive, nfa_amount_of(sum.waits_at_last != 0));
  uint32_t exits = exits_of(step), choices = exits == 0 ? 1 : 0;
  uint64_t counts = step->max == PRG_OPEN ? 1 : step->max;
  place->alive = last;
  place->captures = nfa_amount_add(one, sum.captures);
  place->matches = sum.matches;
  place->depth = nfa_amount_add(one, sum.depth);
  if (place->repeats) {
    nfa_amount all = choices > 0 ? nfa_amount_chosen(each, 1) : nfa_amount_times(each, exits - 1);
    if (choices == 0 || each.times == 0 || each.times < last.times) all = nfa_amount_add(all, last);
    if (place->repeats_any) {
      choices = exits == 0 ? NFA_POWER_MAX + 1 : step->max - 1;
      all = nfa_amount_chosen(nfa_amount_times(nfa_amount_add(last, one), counts), choices);
    }
    place->alive = nfa_amount_add(all, nfa_amount_of(all.times == 0));
    nfa_amount nodes = nfa_amount_add(nfa_amount_times(one, counts), nfa_amount_times(sum.captures, place->repeats_any || exits == 0 ? counts : exits));
    place->captures = nfa_amount_chosen(nodes, choices);
    place->matches = nfa_amount_chosen(nfa_amount_times(sum.matches, exits > 0 ? exits : 1), choices);
    place->depth = nfa_amount_add(nfa_amount_chosen(nfa_amount_of(counts), exits == 0), sum.depth);
  }
  if (place->alive.times > 0 || holds_matches(graph)) return;
  place->captures = nfa_amount_of(0);
  place->depth = nfa_amount_of(0);
}

/* ---- A circle of places: rounds of an open group ---------------------------------------------- */

/* One way round, and each event on it leaves what leaves the circle there. With a choice on
 * the way each round multiplies. */
static void judge_circle(nfa_graph *graph, const uint32_t *members, uint32_t count)
{
  nfa_amount alive = nfa_amount_of(0), captures = nfa_amount_of(1), matches = alive, depth = alive, one = nfa_amount_of(1);
  for (uint32_t i = 0; i < count; i++) {
    nfa_place *place = &graph->places.at[members[i]];
    ways sum = ways_of_place(graph, place);
    int chooses = place->repeats && (exits_of(nfa_graph_step(graph, place->step)) != 1 || place->repeats_any);
    if (sum.goes_round > 1 || sum.any_round || chooses) {
      alive = captures = matches = nfa_amount_endless();
      graph->doubles_at = place->step;
      break;
    }
    alive = nfa_amount_add(alive, nfa_amount_add(sum.alive, nfa_amount_of(sum.waits_at_last != 0)));
    captures = nfa_amount_add(captures, sum.captures);
    matches = nfa_amount_add(matches, sum.matches);
    depth = nfa_amount_greater(depth, sum.depth);
  }
  alive = alive.times == 0 ? one : nfa_amount_chosen(alive, 1);
  for (uint32_t i = 0; i < count; i++) {
    nfa_place *place = &graph->places.at[members[i]];
    place->alive = alive;
    place->captures = nfa_amount_chosen(captures, 1);
    place->matches = nfa_amount_chosen(matches, 1);
    place->depth = nfa_amount_add(nfa_amount_chosen(one, 1), depth);
  }
}

void nfa_bound_judge(nfa_graph *graph, const uint32_t *members, uint32_t count)
{
  nfa_place *place = &graph->places.at[members[0]];
  for (uint32_t i = 0; i < count; i++) graph->places.at[members[i]].circle = members[0];
  int is_circle = count > 1 || ways_of_place(graph, place).goes_round > 0;
  if (place->step == PRG_NONE) return;
  if (is_circle) judge_circle(graph, members, count);
  else judge_loop(graph, place);
  if (!nfa_amount_is_bound(place->alive) && graph->doubles_at == PRG_NONE) graph->doubles_at = place->step;
}

/* ---- How long ----------------------------------------------------------------------------------- */

/* The longest that a `no` at the end may wait behind the span. */
static cep_duration longest_wait(const nfa_graph *graph)
{
  cep_duration longest = 0;
  for (uint32_t s = 0; s < graph->detection->steps.count; s++) {
    const prg_step *step = nfa_graph_step(graph, s);
    if ((step->flags & PRG_STEP_NO) && step->no_for > longest) longest = step->no_for;
  }
  return longest;
}

/* How long one lives from here on by the bounds of its gaps, INT64_MAX if they do not bound it.
 * Places behind a place have been judged before it. */
static cep_duration lives_of(const nfa_graph *graph, const nfa_place *place)
{
  cep_duration longest = 0;
  for (uint32_t i = 0; i < place->ways.count; i++) {
    const nfa_way *way = &graph->ways.at[place->ways.first + i];
    const prg_edge *edge = way->edge;
    cep_duration lives = edge->gap;
    if (edge->kind == PRG_EDGE_FINISH && (edge->flags & PRG_EDGE_AT_ONCE)) continue;
    if (edge->kind == PRG_EDGE_FINISH || (edge->gap == 0 && place->step != PRG_NONE)) return INT64_MAX;
    if (graph->places.at[way->target].circle == place->circle) return INT64_MAX;
    lives = cb_time_add(lives, graph->places.at[way->target].lives);
    if (lives > longest) longest = lives;
  }
  return place->repeats ? INT64_MAX : longest;
}

void nfa_bound_lives(nfa_graph *graph, uint32_t index)
{
  graph->places.at[index].lives = lives_of(graph, &graph->places.at[index]);
}

static void find_span(const nfa_graph *graph, nfa_bound *out)
{
  const prg_detection *detection = graph->detection;
  cep_duration by_gaps = graph->places.at[0].lives;
  out->span_events = longest_wait(graph) > 0 ? 0 : detection->within_events; /* such a `no` waits by time all the same */
  out->span = INT64_MAX;
  if (detection->within != INT64_MAX) out->span = cb_time_add(detection->within, longest_wait(graph));
  if (by_gaps < out->span) out->span = by_gaps;
}

/* ---- One record for equal ones ------------------------------------------------------------------- */

/* Partial matches of one start that stay apart where equal ones are one record, at one place: by counts, by the
 * ways that are open, by whether an event has come since. */
static nfa_amount apart_at(const nfa_graph *graph, const nfa_runs_own *own, const nfa_place *place)
{
  const prg_step *step = nfa_graph_step(graph, place->step);
  uint32_t bits = place->repeats ? 1 : 0, pending = 0;
  for (uint32_t i = 0; i < place->ways.count; i++) {
    const prg_edge *edge = graph->ways.at[place->ways.first + i].edge;
    if (edge->kind == PRG_EDGE_FINISH && (edge->flags & PRG_EDGE_AT_ONCE)) continue;
    pending |= edge->kind == PRG_EDGE_FINISH;
    bits++;
  }
  if (bits == 0 || place->alive.times == 0) return nfa_amount_of(0);
  if (bits > 20) return nfa_amount_endless();
  uint64_t leaves = place->repeats && step->max != PRG_OPEN ? exits_of(step) : 1;
  uint64_t below = place->repeats && step->min > 1 ? (place->is_first ? 1 : step->min - 1) : 0;
  uint64_t flags = (pending ? 2u : 1u) * (own->gaps[place->state] != 0 ? 4u : 1u);
  uint64_t met = own->lifts ? (uint64_t)1 << __builtin_popcountll(own->lifters[place->state] & 0xFFFFFull) : 1;
  nfa_amount apart = nfa_amount_times(nfa_amount_of(leaves << bits), flags * met);
  apart = nfa_amount_add(apart, nfa_amount_of(below));
  return own->head_matters[place->state] ? nfa_amount_chosen(apart, 1) : apart;
}

static nfa_amount kept_apart(const nfa_graph *graph, const nfa_runs_own *own)
{
  nfa_amount apart = nfa_amount_of(0);
  uint32_t flags = graph->detection->flags;
  if (!(flags & (PRG_DETECT_FIRST_OF | PRG_DETECT_WEIGHED)) || holds_matches(graph) || own->condition_registers != 0) return nfa_amount_endless();
  for (uint32_t i = 1; i < graph->places.count; i++) {
    const nfa_place *place = &graph->places.at[i];
    const prg_state *state = nfa_graph_state(graph, place->state);
    if (state->flags & PRG_STATE_UNMERGED) return nfa_amount_endless();
    apart = nfa_amount_add(apart, apart_at(graph, own, place));
  }
  return apart;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

/* Only ways that the next event takes or closes, and ends that wait for nothing. */
static int is_strict(const nfa_graph *graph)
{
  for (uint32_t i = 1; i < graph->places.count; i++) {
    const nfa_place *place = &graph->places.at[i];
    for (uint32_t w = 0; w < place->ways.count; w++) {
      const prg_edge *edge = graph->ways.at[place->ways.first + w].edge;
      if (edge->kind == PRG_EDGE_FINISH && !(edge->flags & PRG_EDGE_AT_ONCE)) return 0;
      if (edge->kind == PRG_EDGE_FINISH) continue;
      if (edge->contiguity != PRG_STRICT) return 0;
      for (uint32_t n = 0; n < edge->nos.count; n++) {
        if (nfa_graph_step(graph, graph->program->lists[edge->nos.first + n])->no_for > 0) return 0;
      }
    }
    if (place->repeats && nfa_graph_step(graph, place->step)->inner != PRG_STRICT) return 0;
  }
  return 1;
}

/* Of all starts together. `match latest`: all but the newest have their second event. */
static void add_starts(const nfa_graph *graph, nfa_amount apart, nfa_bound *out)
{
  ways sum = ways_of_place(graph, &graph->places.at[0]);
  int is_latest = (graph->detection->flags & PRG_DETECT_LATEST) != 0, is_short = is_strict(graph) && sum.depth.power == 0;
  if (is_latest) {
    ways first = sum;
    memset(&sum, 0, sizeof sum);
    for (uint32_t i = 0; i < graph->places.at[0].ways.count; i++) {
      ways next = ways_of_place(graph, &graph->places.at[graph->ways.at[graph->places.at[0].ways.first + i].target]);
      sum.alive = nfa_amount_add(sum.alive, next.alive);
      if (next.alive.times > 0 || holds_matches(graph)) sum.captures = nfa_amount_add(sum.captures, nfa_amount_add(next.captures, nfa_amount_of(1)));
      sum.matches = nfa_amount_add(sum.matches, next.matches);
    }
    sum.depth = first.depth;
  }
  sum.alive = nfa_amount_lesser(sum.alive, apart);
  if (!holds_matches(graph)) sum.captures = nfa_amount_lesser(sum.captures, nfa_amount_product(sum.alive, sum.depth));
  if (is_short) {
    out->partials = nfa_amount_product(sum.alive, sum.depth);
    out->captures = nfa_amount_product(sum.captures, sum.depth);
  } else {
    out->partials = nfa_amount_chosen(sum.alive, 1);
    out->captures = nfa_amount_chosen(sum.captures, 1);
  }
  if (is_latest) {
    uint32_t alone = graph->places.at[0].ways.count;
    out->partials = nfa_amount_add(out->partials, nfa_amount_of(alone));
    out->captures = nfa_amount_add(out->captures, nfa_amount_of(alone));
  }
  if (holds_matches(graph)) out->waiting = nfa_amount_chosen(sum.matches, 1);
}

/* Each step keeps an event of its own, unless fewer are captured. */
static void add_events(const nfa_graph *graph, nfa_bound *out)
{
  uint64_t seen = 0;
  int is_waiting = out->waiting.times > 0;
  for (uint32_t i = 1; i < graph->places.count; i++) {
    const nfa_place *place = &graph->places.at[i];
    if (!is_waiting && place->alive.times == 0) continue;
    const prg_step *step = nfa_graph_step(graph, place->step);
    const cb_layout *layout = &graph->program->layout_views[step->layout];
    uint64_t bytes = cb_slab_bytes(cb_cell_bytes(layout));
    if (bytes > out->event_bytes) out->event_bytes = bytes;
    for (uint32_t c = 0; c < layout->count; c++) out->has_strings |= layout->kinds[c] == CEP_STRING || layout->kinds[c] == CEP_IP;
    seen |= (uint64_t)1 << place->step;
  }
  nfa_amount all = nfa_amount_chosen(nfa_amount_of((uint64_t)__builtin_popcountll(seen)), 1);
  out->events = nfa_amount_lesser(all, out->captures);
}

/* `within N events`: n is known. */
static nfa_amount known(nfa_amount amount, uint64_t n)
{
  uint64_t value = nfa_amount_at(amount, n);
  return value == UINT64_MAX ? nfa_amount_endless() : nfa_amount_of(value);
}

/* An index of runs that wait for equal values: a hook for each lookup of a run's state, and at most four
 * places of buckets for each, in a block of at most twice the size. */
static void add_index(const nfa_graph *graph, const nfa_runs_own *own, nfa_bound *out)
{
  uint32_t most = 0;
  for (uint32_t s = 0; s < graph->detection->states.count; s++) {
    uint32_t lookups = (uint32_t)__builtin_popcount(own->lookups[s]);
    if (lookups > most) most = lookups;
  }
  if (most == 0 || out->partials.times == 0) return;
  out->partial_bytes += most * (cb_slab_bytes(sizeof(nfa_hook)) + 4 * sizeof(cb_slab_id));
  out->fixed_bytes += cb_slab_bytes(sizeof(nfa_index)) + cb_slab_bytes(NFA_BUCKETS_MIN * sizeof(cb_slab_id));
}

/* Something may be open between two events. */
static int is_open(const nfa_graph *graph)
{
  for (uint32_t i = 1; i < graph->places.count; i++) {
    if (graph->places.at[i].alive.times > 0) return 1;
  }
  return 0;
}

/* ---- The compact evaluator: one graph ----------------------------------------------------------------- */

/* How many shapes there are at one place: by counts, by which of the ways that can close are open, by what was met
 * since. */
static nfa_amount shapes_at(const nfa_graph *graph, const nfa_runs_own *own, const nfa_place *place)
{
  const prg_step *step = nfa_graph_step(graph, place->step);
  uint64_t enough = step->min > 0 ? step->min : 1, counts = !place->repeats ? 1 : step->max == PRG_OPEN ? enough : step->max;
  uint32_t closing = place->repeats != 0, lasting = 0, flags = own->fresh_matters[place->state];
  for (uint32_t i = 0; i < place->ways.count; i++) {
    const prg_edge *edge = graph->ways.at[place->ways.first + i].edge;
    int closes = edge->contiguity != PRG_ANY || edge->nos.count + edge->guards.count + edge->untils.count > 0;
    if (edge->kind == PRG_EDGE_FINISH) continue;
    if (closes) closing++;
    else lasting++;
  }
  if (own->lifts) flags += (uint32_t)__builtin_popcountll(own->lifters[place->state]);
  if (closing + flags > 20) return nfa_amount_endless();
  uint64_t open = ((uint64_t)1 << closing) - (lasting == 0); /* without any way there is none */
  return nfa_amount_of((counts * open) << flags);
}

/* An event makes an output for each list and way, and for each list and output a few unions; a list has at most one
 * entry more than there are lists. Nodes are looked through when their number has doubled, or after a span. */
static void fill_compact(nfa_graph *graph, nfa_worker *worker, nfa_bound *out)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  nfa_amount lists = nfa_amount_of(0), outputs = nfa_amount_of(graph->places.at[0].ways.count);
  uint64_t words = 0;
  for (uint32_t i = 1; i < graph->places.count; i++) {
    const nfa_place *place = &graph->places.at[i];
    nfa_amount shapes = own->may_twin ? nfa_amount_endless() : shapes_at(graph, own, place);
    lists = nfa_amount_add(lists, shapes);
    outputs = nfa_amount_add(outputs, nfa_amount_times(shapes, place->ways.count + 1));
  }
  int is_known = nfa_amount_is_bound(lists) && lists.times < 10000;
  if (is_known) words = lists.times * (lists.times + 3);
  nfa_amount unions = is_known ? nfa_amount_of(3 * (outputs.times + lists.times) + lists.times * lists.times) : nfa_amount_endless();
  nfa_amount nodes = nfa_amount_add(nfa_amount_times(nfa_amount_add(outputs, unions), 2), nfa_amount_of(NFA_TIDY_LEAST));
  find_span(graph, out);
  out->is_graph = 1;
  if (out->span_events == 0) out->span = cb_time_add(out->span, out->span);
  out->partials = out->captures = nfa_amount_chosen(nodes, 1);
  out->partial_bytes = 4 * sizeof(nfa_tecs_node);
  add_events(graph, out);
  out->captures = nfa_amount_of(0);
  if (out->span_events > 0) {
    out->partials = known(out->partials, out->span_events);
    out->events = known(out->events, out->span_events);
  }
  if (is_open(graph)) out->fixed_bytes = NFA_ENTRY_BYTES + cb_slab_bytes(words * sizeof(uint32_t));
  else out->partials = out->events = nfa_amount_of(0);
}

static void fill(nfa_graph *graph, nfa_worker *worker, nfa_bound *out)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  uint32_t quiet = nfa_graph_state(graph, 0)->direct_nos.count;
  find_span(graph, out);
  out->partial_bytes = cb_slab_bytes(own->run_size);
  out->capture_bytes = cb_slab_bytes(sizeof(nfa_node));
  add_starts(graph, kept_apart(graph, own), out);
  add_events(graph, out);
  if (out->span_events > 0) {
    out->partials = known(out->partials, out->span_events);
    out->waiting = known(out->waiting, out->span_events);
    out->captures = known(out->captures, out->span_events);
    out->events = known(out->events, out->span_events);
  }
  if (out->partials.times == 0 && quiet == 0) return;
  out->fixed_bytes = NFA_ENTRY_BYTES + cb_slab_bytes(sizeof(nfa_extra) + quiet * sizeof(cep_time));
  add_index(graph, own, out);
}

/* Of the tally evaluator: numbers for each two states; the events since the boundary, and a vector for each start
 * before it. A boundary may lie two spans back. */
static void fill_tally(nfa_graph *graph, const nfa_worker *worker, nfa_bound *out)
{
  nfa_amount states = nfa_amount_of(0);
  for (uint32_t i = 1; i < graph->places.count; i++)
    states = nfa_amount_add(states, shapes_at(graph, (const nfa_runs_own *)worker->own, &graph->places.at[i]));
  int is_known = nfa_amount_is_bound(states) && states.times <= NFA_TALLY_WIDTH_MAX;
  uint32_t width = is_known ? (uint32_t)states.times : 0;
  find_span(graph, out);
  out->is_tally = 1;
  if (out->span_events == 0) out->span = cb_time_add(out->span, out->span);
  out->partials = nfa_amount_chosen(is_known ? nfa_amount_of(3) : nfa_amount_endless(), 1);
  if (out->span_events > 0) out->partials = known(out->partials, out->span_events);
  out->fixed_bytes = NFA_ENTRY_BYTES + 2 * cb_slab_bytes(nfa_tally_sums_bytes(width + 1));
  out->partial_bytes = 2 * (2 * sizeof(nfa_tally_event) + nfa_tally_entry_bytes(width));
}

/* Partial matches that move together, each start once: a link and at most a group for a start, and for each event a
 * link above each group that takes it, but the first. Groups differ in step or count. */
static void fill_together(const nfa_graph *graph, nfa_bound *out)
{
  uint64_t groups = 0, bytes = 0;
  for (uint32_t s = 1; s < graph->detection->states.count; s++) {
    const prg_state *state = nfa_graph_state(graph, s);
    if (state->edges.count == 1 && (graph->program->edges[state->edges.first].flags & PRG_EDGE_AT_ONCE)) continue; /* has come out */
    const prg_step *step = nfa_graph_step(graph, state->step);
    const cb_layout *layout = &graph->program->layout_views[step->layout];
    uint64_t counts = step->max == PRG_OPEN ? step->min : step->max;
    groups += counts > 0 ? counts : 1;
    if (layout->count > 0 && cb_slab_bytes(cb_cell_bytes(layout)) > bytes) bytes = cb_slab_bytes(cb_cell_bytes(layout));
  }
  out->partial_bytes = cb_slab_bytes(sizeof(nfa_link)) + cb_slab_bytes(sizeof(nfa_group));
  out->capture_bytes = cb_slab_bytes(sizeof(nfa_link));
  out->event_bytes = bytes;
  out->fixed_bytes = NFA_ENTRY_BYTES;
  out->partials = nfa_amount_lesser(out->partials, nfa_amount_chosen(nfa_amount_of(1), 1));
  out->captures = nfa_amount_lesser(out->captures, nfa_amount_chosen(nfa_amount_of(groups > 0 ? groups - 1 : 0), 1));
}

cep_status nfa_bound_of(cb_alloc *alloc, const prg *program, const prg_detection *detection, nfa_bound *out)
{
  nfa_graph graph;
  memset(out, 0, sizeof *out);
  out->doubles_at = PRG_NONE;
  nfa_worker worker = {.program = program, .detection = detection, .alloc = alloc, .index_runs = 1};
  cep_status status = nfa_runs.open(&worker);
  if (status < 0) return status;
  out->is_looked_up = ((const nfa_runs_own *)worker.own)->looked_up != 0;
  status = nfa_graph_make(&graph, alloc, program, detection);
  if (status == CEP_OK && !graph.is_too_big) status = nfa_graph_walk(&graph);
  if (status == CEP_OK && graph.is_too_big) {
    out->is_too_big = 1;
    out->partials = out->captures = out->events = nfa_amount_endless();
  } else if (status == CEP_OK) {
    const nfa_evaluator *evaluator = nfa_evaluator_for(program, detection, NFA_WISH_NONE, NULL);
    if (evaluator == &nfa_compact) fill_compact(&graph, &worker, out);
    else if (evaluator == &nfa_tallied) fill_tally(&graph, &worker, out);
    else fill(&graph, &worker, out);
    if (evaluator == &nfa_first_of && nfa_first_of_is_chain(program, detection) && out->partials.times > 0) fill_together(&graph, out);
    if (!nfa_amount_is_bound(out->partials)) out->doubles_at = graph.doubles_at;
  }
  nfa_graph_free(&graph);
  nfa_runs.close(&worker);
  return status;
}
