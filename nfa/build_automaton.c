/* build_automaton.c - what can follow each step: states and edges of a detection.
 *
 *   a then no X then optional 1+ greedy b then c
 *
 *   start -> a      a -> b (no X)      b -> b (repeat)      c -> finish
 *                   a -> c (no X,      b -> c (guard b)
 *                           guard b)
 *
 * A state is "the newest event was taken by this step". From there the elements behind it
 * are walked in order; an optional one lets the walk go on past it, a greedy loop that the
 * walk passes becomes a guard of all that lies beyond. */
#include "nfa/build_internal.h"

#define EDGES_MAX 64u

/* The walk over the elements behind one step. */
typedef struct walk {
  build *b;
  const plan_detection *detection;
  uint32_t from;       /* step; PRG_NONE: the start */
  uint32_t first_take; /* first and last step that captures */
  uint32_t last_take;
  int has_trailing_no;
  uint32_t nos[PLAN_STEPS_MAX];
  uint32_t no_count;
  uint32_t guards[PLAN_STEPS_MAX];
  uint32_t guard_count;
  uint32_t edge_first;
} walk;

int build_is_greedy(const plan_step *step)
{
  return step->kind == PLAN_TAKE && step->greed == PLAN_GREEDY && step->max > step->min;
}

static void put_edge(walk *w, prg_edge_kind kind, uint32_t target, plan_contiguity contiguity, uint32_t flags)
{
  build *b = w->b;
  int bare = kind == PRG_EDGE_REPEAT; /* a repetition passes nothing */
  prg_edge edge = {.kind = (uint32_t)kind,
                   .flags = flags,
                   .target = target,
                   .contiguity = (uint32_t)contiguity,
                   .nos = build_list(b, w->nos, bare ? 0 : w->no_count),
                   .guards = build_list(b, w->guards, bare ? 0 : w->guard_count)};
  uint32_t at = w->from == PRG_NONE ? 0 : w->from;
  if (b->out.edges.count - w->edge_first == EDGES_MAX)
    build_limit(b, w->detection->steps[at].span, "more than %u ways on from step '%s'", EDGES_MAX,
                w->detection->steps[at].name);
  BUILD_PUSH(b, edges, edge);
}

/* 1 if the newest guard stands right before `target`: no other step that captures between. */
static int follows_guard(const walk *w, uint32_t target)
{
  if (w->guard_count == 0) return 0;
  for (uint32_t i = w->guards[w->guard_count - 1] + 1; i < target; i++) {
    if (w->detection->steps[i].kind == PLAN_TAKE) return 0;
  }
  return 1;
}

static void put_forward(walk *w, uint32_t target)
{
  const plan_step *step = &w->detection->steps[target];
  uint32_t flags = !step->optional && follows_guard(w, target) ? PRG_EDGE_GUARD_LASTS : 0u;
  put_edge(w, PRG_EDGE_FORWARD, target, target == w->first_take ? PLAN_RELAXED : step->hop, flags);
}

static void put_finish(walk *w)
{
  uint32_t flags = follows_guard(w, w->detection->step_count) ? PRG_EDGE_GUARD_LASTS : 0u;
  if (!w->has_trailing_no) {
    /* Also from before an optional greedy loop at the end: it may still take its first event. */
    int open_tail = build_is_greedy(&w->detection->steps[w->last_take]);
    flags |= open_tail ? PRG_EDGE_AFTER_LOOP : PRG_EDGE_AT_ONCE;
  }
  put_edge(w, PRG_EDGE_FINISH, PRG_NONE, PLAN_RELAXED, flags);
}

static void walk_on(walk *w)
{
  const plan_detection *detection = w->detection;
  uint32_t at = 0;
  if (w->from != PRG_NONE) {
    const plan_step *step = &detection->steps[w->from];
    at = w->from + 1;
    if (step->max > 1) put_edge(w, PRG_EDGE_REPEAT, w->from, step->inner, 0);
    /* Before a trailing `no` the last loop stands in the middle as well. */
    if (build_is_greedy(step) && (w->from != w->last_take || w->has_trailing_no))
      w->guards[w->guard_count++] = w->from;
  }
  for (; at < detection->step_count; at++) {
    const plan_step *step = &detection->steps[at];
    if (step->kind == PLAN_NO) {
      w->nos[w->no_count++] = at;
      continue;
    }
    put_forward(w, at);
    if (!step->optional) return;
    if (build_is_greedy(step) && (at != w->last_take || w->has_trailing_no)) w->guards[w->guard_count++] = at;
  }
  if (w->from != PRG_NONE) put_finish(w);
}

/* ---- What makes partial matches differ ----------------------------------------------- */

static int reads_prev(const plan_expr *expr)
{
  if (!expr) return 0;
  if (expr->op == PLAN_PREV) return 1;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (reads_prev(expr->args[i])) return 1;
  }
  return 0;
}

/* 1 if the condition reads an event that was captured up to step `upto`, and in which two
 * partial matches with the same start may differ. */
static int reads_history(const plan_detection *detection, const plan_expr *expr, uint32_t upto,
                         uint32_t sure_first)
{
  if (!expr) return 0;
  if (expr->op == PLAN_CAPTURE && expr->step <= upto) {
    int is_first = expr->nth == 0 || (expr->nth == -1 && detection->steps[expr->step].max == 1);
    if (expr->step != sure_first || !is_first) return 1;
  }
  if (expr->op == PLAN_AGGREGATE && expr->aggregate == PLAN_DISTINCT && expr->step <= upto) return 1;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (reads_history(detection, expr->args[i], upto, sure_first)) return 1;
  }
  return 0;
}

static int step_reads_prev(const plan_detection *detection, uint32_t step)
{
  return reads_prev(detection->steps[step].member) || reads_prev(detection->steps[step].where);
}

/* `prev` of the steps that the next event may be tried on. */
static int state_reads_prev(const walk *w)
{
  const build *b = w->b;
  for (uint32_t i = w->edge_first; i < b->out.edges.count; i++) {
    const prg_edge *edge = &b->out.edges.at[i];
    if (edge->target != PRG_NONE && step_reads_prev(w->detection, edge->target)) return 1;
    for (uint32_t k = 0; k < edge->nos.count; k++) {
      if (step_reads_prev(w->detection, b->out.lists.at[edge->nos.first + k])) return 1;
    }
    for (uint32_t k = 0; k < edge->guards.count; k++) {
      if (step_reads_prev(w->detection, b->out.lists.at[edge->guards.first + k])) return 1;
    }
  }
  return 0;
}

/* A pattern is a line: from here every later step can come, and this one if it loops. */
static int state_is_unmerged(const walk *w, uint32_t sure_first)
{
  const plan_detection *detection = w->detection;
  if (w->from == PRG_NONE) return 0;
  const plan_step *own = &detection->steps[w->from];
  if (own->max > 1 && own->distinct_count > 0) return 1;
  uint32_t first = own->max > 1 ? w->from : w->from + 1;
  for (uint32_t i = first; i < detection->step_count; i++) {
    if (reads_history(detection, detection->steps[i].where, w->from, sure_first)) return 1;
  }
  return 0;
}

/* ---- The whole ------------------------------------------------------------------------ */

static void put_state(build *b, const plan_detection *detection, uint32_t from, uint32_t first_take,
                      uint32_t last_take)
{
  /* The step whose first event every match with one start has in common. */
  uint32_t sure_first = detection->steps[first_take].optional ? CEP_NONE : first_take;
  walk w = {.b = b,
            .detection = detection,
            .from = from,
            .first_take = first_take,
            .last_take = last_take,
            .has_trailing_no = last_take + 1 < detection->step_count,
            .edge_first = b->out.edges.count};
  walk_on(&w);
  if (b->status < 0) return;
  prg_state state = {.step = from, .edges = {w.edge_first, b->out.edges.count - w.edge_first}};
  if (state_reads_prev(&w)) state.flags |= PRG_STATE_PREV;
  if (state_is_unmerged(&w, sure_first)) state.flags |= PRG_STATE_UNMERGED;
  uint32_t direct[PLAN_STEPS_MAX], direct_count = 0;
  for (uint32_t i = from == PRG_NONE ? 0 : from + 1; i < detection->step_count; i++) {
    if (detection->steps[i].kind != PLAN_NO) break;
    direct[direct_count++] = i;
  }
  state.direct_nos = build_list(b, direct, direct_count);
  BUILD_PUSH(b, states, state);
}

static uint32_t detect_flags(const build *b, const plan_detection *detection, prg_list states)
{
  uint32_t flags = 0, takes = 0;
  for (uint32_t i = 0; i < detection->step_count; i++) {
    const plan_step *step = &detection->steps[i];
    int is_first = step->kind == PLAN_TAKE && takes++ == 0;
    if (!is_first && step->hop == PLAN_STRICT) flags |= PRG_DETECT_EVERY_EVENT;
    if (step->kind == PLAN_TAKE && step->max > 1 && step->inner == PLAN_STRICT)
      flags |= PRG_DETECT_EVERY_EVENT;
  }
  uint32_t first_edge = b->out.states.at[states.first].edges.first;
  for (uint32_t i = first_edge; i < b->out.edges.count; i++) {
    const prg_edge *edge = &b->out.edges.at[i];
    uint32_t lasting = edge->flags & PRG_EDGE_GUARD_LASTS ? 1 : 0;
    if (edge->guards.count > lasting) flags |= PRG_DETECT_EVERY_EVENT;
  }
  if (detection->steps[0].kind == PLAN_NO) flags |= PRG_DETECT_QUIET_START;
  if ((detection->skip == PLAN_SKIP_PAST_LAST || detection->skip == PLAN_SKIP_TO_NEXT) &&
      !detection->earliest_first && detection->limit <= 1)
    flags |= PRG_DETECT_FIRST_OF;
  return flags;
}

void build_automaton(build *b, const plan_detection *detection, prg_detection *out)
{
  uint32_t first_take = CEP_NONE, last_take = CEP_NONE;
  for (uint32_t i = 0; i < detection->step_count; i++) {
    if (detection->steps[i].kind != PLAN_TAKE) continue;
    if (first_take == CEP_NONE) first_take = i;
    last_take = i;
  }
  CB_ASSERT(first_take != CEP_NONE);
  out->states.first = b->out.states.count;
  put_state(b, detection, PRG_NONE, first_take, last_take);
  for (uint32_t i = 0; i < detection->step_count && b->status == CEP_OK; i++) {
    if (detection->steps[i].kind == PLAN_TAKE) put_state(b, detection, i, first_take, last_take);
  }
  out->states.count = b->out.states.count - out->states.first;
  if (b->status == CEP_OK) out->flags |= detect_flags(b, detection, out->states);
}
