/* build_automaton.c - states and edges of a detection, and what makes partial matches differ.
 *
 *   a then no X then optional 1+ greedy b then c
 *
 *   start -> a      a -> b (no X)      b -> b (repeat)      c -> finish
 *                   a -> c (no X,      b -> c (guard b)
 *                           guard b)
 *
 * A state is "the newest event was taken by this step"; its edges are the ways that
 * build_walk.c finds behind it. */
#include "nfa/build_walk.h"

int build_is_greedy(const plan_step *step)
{
  return step->kind == PLAN_TAKE && step->greed == PLAN_GREEDY && step->max > step->min;
}

/* ---- What makes partial matches differ ----------------------------------------------- */

/* Of each state: sets of steps, by bit. */
typedef struct reach {
  const plan_detection *detection;
  uint32_t sure_first; /* the step whose first event all matches with one start have in common; CEP_NONE */
  uint64_t tested[PLAN_STEPS_MAX];   /* by step: that an event may be tried on in its state */
  uint64_t targets[PLAN_STEPS_MAX];  /* that may take the next event */
  uint64_t later[PLAN_STEPS_MAX];    /* that may take some later one */
  uint64_t captured[PLAN_STEPS_MAX]; /* that may have taken events when the state is reached */
} reach;

static int reads_prev(const plan_expr *expr)
{
  if (!expr) return 0;
  if (expr->op == PLAN_PREV) return 1;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (reads_prev(expr->args[i])) return 1;
  }
  return 0;
}

/* 1 if the expression reads an event of one of the captured steps, in which two partial
 * matches with the same start may differ. */
static int reads_history(const reach *r, const plan_expr *expr, uint64_t captured)
{
  if (!expr) return 0;
  if (expr->op == PLAN_CAPTURE && (captured >> expr->step & 1)) {
    int is_first = expr->nth == 0 || (expr->nth == -1 && !r->detection->steps[expr->step].repeats);
    if (expr->step != r->sure_first || !is_first) return 1;
  }
  if (expr->op == PLAN_AGGREGATE && expr->aggregate == PLAN_DISTINCT && (captured >> expr->step & 1)) return 1;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (reads_history(r, expr->args[i], captured)) return 1;
  }
  return 0;
}

static uint64_t list_bits(const build *b, prg_list list)
{
  uint64_t bits = 0;
  for (uint32_t i = 0; i < list.count; i++) bits |= UINT64_C(1) << b->out.lists.at[list.first + i];
  return bits;
}

/* The steps that an event may be tried on, on this way. */
static uint64_t tested_on(const build *b, const build_tree *tree, const prg_edge *edge)
{
  uint64_t guards = list_bits(b, edge->guards);
  uint64_t bits = guards | list_bits(b, edge->nos) | list_bits(b, edge->untils);
  if (edge->target != PRG_NONE) bits |= UINT64_C(1) << edge->target;
  if (edge->until != PRG_NONE) bits |= UINT64_C(1) << edge->until;
  for (uint64_t rest = guards; rest != 0; rest &= rest - 1) {
    uint32_t untils[PLAN_STEPS_MAX];
    uint32_t count = build_untils(tree, (uint32_t)__builtin_ctzll(rest), 1, untils);
    for (uint32_t i = 0; i < count; i++) bits |= UINT64_C(1) << untils[i];
  }
  return bits;
}

static void follow(reach *r, const build *b, const build_tree *tree, prg_list states)
{
  uint64_t first = 0;
  for (uint32_t s = states.first; s < b->out.states.count; s++) {
    const prg_state *state = &b->out.states.at[s];
    for (uint32_t e = state->edges.first; e < state->edges.first + state->edges.count; e++) {
      const prg_edge *edge = &b->out.edges.at[e];
      uint64_t target = edge->target == PRG_NONE ? 0 : UINT64_C(1) << edge->target;
      if (state->step == PRG_NONE) {
        first |= target;
      } else {
        r->tested[state->step] |= tested_on(b, tree, edge);
        r->targets[state->step] |= target;
      }
    }
  }
  if (__builtin_popcountll(first) == 1) r->sure_first = (uint32_t)__builtin_ctzll(first);
  uint32_t count = r->detection->step_count;
  for (uint32_t s = 0; s < count; s++) r->later[s] = r->targets[s];
  for (int changed = 1; changed;) {
    changed = 0;
    for (uint32_t s = 0; s < count; s++) {
      uint64_t more = r->later[s];
      for (uint64_t rest = more; rest != 0; rest &= rest - 1) more |= r->later[__builtin_ctzll(rest)];
      changed |= more != r->later[s];
      r->later[s] = more;
    }
  }
  for (uint32_t s = 0; s < count; s++) {
    r->captured[s] |= UINT64_C(1) << s;
    for (uint64_t rest = r->later[s]; rest != 0; rest &= rest - 1) r->captured[__builtin_ctzll(rest)] |= UINT64_C(1) << s;
  }
}

static int step_reads_prev(const plan_detection *detection, uint32_t step)
{
  return reads_prev(detection->steps[step].member) || reads_prev(detection->steps[step].where);
}

static uint32_t state_flags(const reach *r, uint32_t step)
{
  uint32_t flags = 0;
  const plan_detection *detection = r->detection;
  uint64_t captured = r->captured[step], tested = r->tested[step];
  for (uint64_t rest = tested; rest != 0; rest &= rest - 1) {
    if (step_reads_prev(detection, (uint32_t)__builtin_ctzll(rest))) flags |= PRG_STATE_PREV;
  }
  for (uint64_t rest = r->later[step]; rest != 0; rest &= rest - 1) tested |= r->tested[__builtin_ctzll(rest)];
  for (uint64_t rest = tested; rest != 0; rest &= rest - 1) {
    uint32_t at = (uint32_t)__builtin_ctzll(rest);
    const plan_step *other = &detection->steps[at];
    int is_compared = other->distinct_count > 0 && (captured >> at & 1);
    if (is_compared || reads_history(r, other->where, captured)) flags |= PRG_STATE_UNMERGED;
  }
  if (reads_history(r, detection->having, captured)) flags |= PRG_STATE_UNMERGED;
  return flags;
}

/* ---- The whole ------------------------------------------------------------------------ */

static void put_state(build *b, build_tree *tree, uint32_t from)
{
  uint32_t direct[PLAN_STEPS_MAX];
  uint32_t direct_count = build_direct_nos(tree, from, direct);
  prg_state state = {.step = from, .edges = build_walk(tree, from, direct, direct_count)};
  state.direct_nos = build_list(b, direct, direct_count);
  BUILD_PUSH(b, states, state);
}

/* An event that fits no step of the pattern still closes or frees ways. */
static int needs_every_event(const build *b, const plan_detection *detection, prg_list states)
{
  if (detection->within_events > 0) return 1;
  for (uint32_t s = states.first; s < states.first + states.count; s++) {
    const prg_state *state = &b->out.states.at[s];
    if (state->step == PRG_NONE) continue; /* nothing waits there */
    for (uint32_t e = state->edges.first; e < state->edges.first + state->edges.count; e++) {
      const prg_edge *edge = &b->out.edges.at[e];
      if (edge->contiguity == PRG_STRICT || edge->guards.count > edge->lasting) return 1;
      for (uint32_t n = 0; n < edge->nos.count; n++) {
        if (detection->steps[b->out.lists.at[edge->nos.first + n]].hop == PLAN_STRICT) return 1;
      }
    }
  }
  return 0;
}

/* Two ways of a state into one step: a history may have come by several paths, and then stands in
 * several partial matches. */
static int meets_again(const build *b, prg_list states)
{
  for (uint32_t s = states.first; s < states.first + states.count; s++) {
    const prg_edge *edges = &b->out.edges.at[b->out.states.at[s].edges.first];
    uint64_t seen = 0;
    for (uint32_t e = 0; e < b->out.states.at[s].edges.count; e++) {
      if (edges[e].target == PRG_NONE) continue;
      if (seen >> edges[e].target & 1) return 1;
      seen |= UINT64_C(1) << edges[e].target;
    }
  }
  return 0;
}

/* Partial matches that are added up are no longer known one by one: each history has to stand in
 * one of them, and may not be asked for later, as by `on timeout`. */
static uint32_t once_flags(const build *b, const plan_detection *detection, prg_list states)
{
  if (!detection->emit_once) return 0;
  int can_add = detection->skip == PLAN_SKIP_NO && !detection->on_timeout && !meets_again(b, states);
  return PRG_DETECT_ONCE | (can_add ? PRG_DETECT_WEIGHED : 0u);
}

static uint32_t detect_flags(const build *b, const plan_detection *detection, prg_list states)
{
  uint32_t flags = once_flags(b, detection, states);
  if (needs_every_event(b, detection, states)) flags |= PRG_DETECT_EVERY_EVENT;
  if (detection->steps[0].kind == PLAN_NO) flags |= PRG_DETECT_QUIET_START;
  if (detection->latest) flags |= PRG_DETECT_LATEST;
  if ((detection->skip == PLAN_SKIP_PAST_LAST || detection->skip == PLAN_SKIP_TO_NEXT) &&
      !detection->earliest_first && detection->limit <= 1)
    flags |= PRG_DETECT_FIRST_OF;
  return flags;
}

void build_automaton(build *b, const plan_detection *detection, prg_detection *out)
{
  build_tree tree;
  build_tree_make(&tree, b, detection);
  uint32_t counter_first = b->detections[detection - b->plan->detections].counter_first;
  out->counters = (prg_list){counter_first, b->out.counters.count - counter_first};
  out->states.first = b->out.states.count;
  if (b->status == CEP_OK) put_state(b, &tree, PRG_NONE);
  for (uint32_t i = 0; i < detection->step_count && b->status == CEP_OK; i++) {
    if (detection->steps[i].kind == PLAN_TAKE) put_state(b, &tree, i);
  }
  out->states.count = b->out.states.count - out->states.first;
  if (b->status < 0) return;
  reach r = {.detection = detection, .sure_first = CEP_NONE};
  follow(&r, b, &tree, out->states);
  for (uint32_t i = 0; i < out->states.count; i++) {
    prg_state *state = &b->out.states.at[out->states.first + i];
    if (state->step != PRG_NONE) state->flags = state_flags(&r, state->step);
  }
  /* What the steps of the program need of the tree. */
  for (uint32_t i = 0; i < detection->step_count; i++) {
    if (detection->steps[i].kind != PLAN_TAKE) continue;
    uint32_t untils[PLAN_STEPS_MAX];
    uint32_t count = build_untils(&tree, i, 1, untils);
    b->out.steps.at[out->steps.first + i].untils = build_list(b, untils, count);
  }
  out->flags |= detect_flags(b, detection, out->states);
}
