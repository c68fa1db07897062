/* program_verify_detection.c - the same for detections, their automata, and tests. */
#include "nfa/program_verify.h"

#include <string.h>

#include "nfa/expr.h"

#define STEPS_MAX 64u
#define EDGES_MAX 64u
#define KEYS_MAX 8u
#define MEASURES_MAX 64u
#define EMPTY_MAX 100000
#define TEST_MATCH 2u /* plan_test_do */
#define TEST_TIMEOUT 3u
#define TEST_UPDATE 7u
#define TEST_DO_LAST 7u
#define NOS_MAX 64u
#define TESTS_MAX (PRG_COUNTERS_MAX * 17u)
#define STEP_FLAGS (PRG_STEP_NO | PRG_STEP_GREEDY | PRG_STEP_OPTIONAL | PRG_STEP_LOOPS | PRG_STEP_UNTIL |     \
   PRG_STEP_REPEATS)
#define STEP_KINDS (PRG_STEP_NO | PRG_STEP_UNTIL) /* neither: it takes events */
#define EDGE_FLAGS (PRG_EDGE_AT_ONCE | PRG_EDGE_AFTER_LOOP)
#define STATE_FLAGS (PRG_STATE_PREV | PRG_STATE_UNMERGED)
#define DETECT_FLAGS                                                                                         \
  (PRG_DETECT_EARLIEST_FIRST | PRG_DETECT_ON_TIMEOUT | PRG_DETECT_EVERY_EVENT | PRG_DETECT_FIRST_OF |        \
   PRG_DETECT_QUIET_START | PRG_DETECT_LATEST | PRG_DETECT_ONCE | PRG_DETECT_WEIGHED | PRG_DETECT_CLOCK)

static const prg_step *step_at(const prg *program, const prg_detection *detection, uint32_t step)
{
  return step < detection->steps.count ? &program->steps[detection->steps.first + step] : NULL;
}

/* An expression over an event of `stream` (PRG_NONE: over none) within the detection, which
 * may read that many parts of the key, measures counted in. */
static int expr_is_good(const prg_claims *claims, const prg_detection *detection, uint32_t expr,
                        uint32_t stream, int may_look_back, uint32_t keys)
{
  const prg *program = claims->program;
  if (expr >= program->exprs_count) return 0;
  const prg_expr *e = &program->exprs[expr];
  const nfa_expr_needs *needs = &claims->needs[expr];
  if (e->stream != PRG_NONE && e->stream != stream) return 0;
  if (e->looks_back && !may_look_back) return 0;
  return needs->registers <= detection->registers.count && needs->steps <= detection->steps.count &&
         needs->keys <= keys;
}

/* Steps of one kind: PRG_STEP_NO, PRG_STEP_UNTIL, or 0 for those that take events. */
static int step_list_is_good(prg_claims *claims, const prg_detection *detection, prg_list list, uint32_t kind)
{
  const prg *program = claims->program;
  if (list.count > NOS_MAX || !prg_claim_list(claims, list)) return 0;
  for (uint32_t i = 0; i < list.count; i++) {
    const prg_step *step = step_at(program, detection, program->lists[list.first + i]);
    if (!step || (step->flags & STEP_KINDS) != kind) return 0;
  }
  return 1;
}

/* What was captured must stay what it is while the partial match waits. */
static int equals_are_good(prg_claims *claims, const prg_detection *detection, const prg_step *step)
{
  const prg *program = claims->program;
  if (step->equals.count % 2 != 0 || step->equals.count > 2 * PRG_EQUALS_MAX || !prg_claim_list(claims, step->equals)) return 0;
  for (uint32_t i = step->equals.first; i < step->equals.first + step->equals.count; i += 2) {
    uint32_t captured = program->lists[i + 1];
    if (!expr_is_good(claims, detection, program->lists[i], step->stream, 0, 0)) return 0;
    if (!expr_is_good(claims, detection, captured, PRG_NONE, 1, 0) || claims->needs[captured].tables) return 0;
  }
  return 1;
}

static int step_is_good(prg_claims *claims, const prg_detection *detection, const prg_step *step)
{
  const prg *program = claims->program;
  if (!prg_string_is_good(program, step->name) || !prg_string_is_good(program, step->role)) return 0;
  if ((step->flags & ~(uint32_t)STEP_FLAGS) != 0 || step->inner > PRG_ANY || step->hop > PRG_ANY) return 0;
  if (step->route < detection->routes.first ||
      step->route - detection->routes.first >= detection->routes.count)
    return 0;
  if (step->route >= program->routes_count || program->routes[step->route].stream != step->stream) return 0;
  if (step->local != PRG_NONE &&
      (step->local >= program->conds_count || program->conds[step->local].stream != step->stream))
    return 0;
  if (step->residual != PRG_NONE && !expr_is_good(claims, detection, step->residual, step->stream, 1, 0))
    return 0;
  if (step->layout >= program->layouts_count || program->layouts[step->layout].stream != step->stream)
    return 0;
  if (step->min == 0 || step->max < step->min || step->no_for < 0) return 0;
  if (((step->flags & PRG_STEP_LOOPS) != 0) != (step->max > 1)) return 0;
  if ((step->flags & PRG_STEP_LOOPS) && !(step->flags & PRG_STEP_REPEATS)) return 0;
  if ((step->flags & PRG_STEP_GREEDY) && step->max == step->min) return 0;
  int takes = (step->flags & STEP_KINDS) == 0;
  if (!takes && step->flags != PRG_STEP_NO && step->flags != PRG_STEP_UNTIL) return 0;
  if (!takes && (step->distinct.count > 0 || step->untils.count > 0)) return 0;
  if (!step_list_is_good(claims, detection, step->untils, PRG_STEP_UNTIL)) return 0;
  if (!(step->flags & PRG_STEP_NO) && step->no_for > 0) return 0;
  if (!prg_claim_list(claims, step->distinct) || !equals_are_good(claims, detection, step)) return 0;
  for (uint32_t i = 0; i < step->distinct.count; i++) {
    uint32_t expr = program->lists[step->distinct.first + i];
    if (!expr_is_good(claims, detection, expr, step->stream, 0, 0)) return 0;
  }
  return 1;
}

static int distinct_is_good(prg_claims *claims, const prg_detection *detection, const prg_register *reg)
{
  const prg *program = claims->program;
  if (detection->window == PRG_NONE || reg->arg != PRG_NONE || reg->where != PRG_NONE || reg->kind != CEP_INT) return 0;
  if (reg->parameter != 0) return 0;
  const prg_step *step = step_at(program, detection, reg->step);
  for (uint32_t i = 0; i < reg->tuple.count; i++) {
    if (!expr_is_good(claims, detection, program->lists[reg->tuple.first + i], step->stream, 0, 0)) return 0;
  }
  return reg->tuple.count > 0;
}

/* The two registers that hold the rest of it. */
static int has_parts(const prg *program, const prg_detection *detection, const prg_register *reg)
{
  uint32_t at = (uint32_t)(reg - program->registers) - detection->registers.first;
  if (detection->registers.count - at < 3) return 0;
  return reg[1].what == PRG_REG_PART && reg[1].kind == CEP_FLOAT && reg[1].step == reg->step &&
         reg[2].what == PRG_REG_PART && reg[2].kind == CEP_INT && reg[2].step == reg->step;
}

/* How many matches, in front of all other registers of `emit once`. */
static int matches_is_good(const prg *program, const prg_detection *detection, const prg_register *reg)
{
  uint32_t at = (uint32_t)(reg - program->registers) - detection->registers.first;
  if (at != 0 || !(detection->flags & PRG_DETECT_ONCE) || reg->step != PRG_NONE || reg->kind != CEP_INT) return 0;
  return reg->arg == PRG_NONE && reg->where == PRG_NONE && reg->tuple.count == 0 && reg->in_condition == 0 && reg->total == 0 && reg->parameter == 0;
}

/* Those whose values the windows make. The argument is good already. */
static int made_is_good(const prg_claims *claims, const prg_detection *detection, const prg_register *reg)
{
  uint32_t kind = claims->program->exprs[reg->arg].kind;
  if (detection->window == PRG_NONE || reg->where != PRG_NONE) return 0;
  if (reg->what == PRG_REG_TOP) return reg->kind == CEP_STRING && reg->parameter >= 1 && reg->parameter <= PRG_TOP_MAX;
  if (reg->what != PRG_REG_DDSKETCH) return reg->kind == kind && kind != CEP_NULL && reg->parameter == 0;
  double percent;
  memcpy(&percent, &reg->parameter, sizeof percent);
  return reg->kind == kind && (kind == CEP_FLOAT || kind == CEP_DURATION) && percent >= 0 && percent <= 100;
}

static int register_is_good(prg_claims *claims, const prg_detection *detection, const prg_register *reg)
{
  const prg *program = claims->program;
  const prg_step *step = step_at(program, detection, reg->step);
  if (reg->total > 1 || reg->pad != 0 || !prg_claim_list(claims, reg->tuple)) return 0;
  if (reg->what == PRG_REG_MATCHES) return matches_is_good(program, detection, reg);
  if (!step || (step->flags & STEP_KINDS) || reg->in_condition > 1) return 0;
  if (reg->total && (!(detection->flags & PRG_DETECT_ONCE) || reg->in_condition || reg->what >= PRG_REG_DISTINCT)) return 0;
  if (reg->what == PRG_REG_DISTINCT || reg->what == PRG_REG_HLL) return distinct_is_good(claims, detection, reg);
  if (reg->tuple.count > 0) return 0;
  if (reg->where != PRG_NONE && !expr_is_good(claims, detection, reg->where, step->stream, 0, 0)) return 0;
  if (reg->what == PRG_REG_PART) return reg->arg == PRG_NONE && reg->parameter == 0 && (reg->kind == CEP_FLOAT || reg->kind == CEP_INT);
  if (reg->arg == PRG_NONE) return reg->what == PRG_REG_COUNT && reg->kind == CEP_INT && reg->parameter == 0;
  if (!expr_is_good(claims, detection, reg->arg, step->stream, 0, 0)) return 0;
  uint32_t kind = program->exprs[reg->arg].kind;
  if (reg->what < PRG_REG_KINDS && prg_register_is_made(reg)) return made_is_good(claims, detection, reg);
  if (reg->parameter != 0) return 0;
  switch (reg->what) {
  case PRG_REG_COUNT: return reg->kind == CEP_INT;
  case PRG_REG_SUM_INT: return reg->kind == kind && (kind == CEP_INT || kind == CEP_DURATION);
  case PRG_REG_MIN_INT:
  case PRG_REG_MAX_INT:
    return reg->kind == kind && (kind == CEP_INT || kind == CEP_DURATION || kind == CEP_TIME);
  case PRG_REG_SQUARES: return reg->kind == kind && kind == CEP_FLOAT && has_parts(program, detection, reg);
  case PRG_REG_SUM_FLOAT:
  case PRG_REG_MIN_FLOAT:
  case PRG_REG_MAX_FLOAT: return reg->kind == kind && kind == CEP_FLOAT;
  default: return 0;
  }
}

static int counter_is_good(const prg_detection *detection, const prg_counter *counter)
{
  if (counter->what > PRG_COUNTER_ITEMS || counter->most == 0) return 0;
  return counter->first <= counter->last && counter->last < detection->steps.count;
}

/* Tests, or changes: those keep the counter within its bounds. */
static int counts_are_good(prg_claims *claims, const prg_detection *detection, prg_list list, int are_tests)
{
  const prg *program = claims->program;
  if (list.count > TESTS_MAX || !PRG_CLAIM(claims, list, counts)) return 0;
  for (uint32_t i = 0; i < list.count; i++) {
    const prg_count *count = &program->counts[list.first + i];
    if (count->counter >= detection->counters.count || count->pad != 0) return 0;
    const prg_counter *counter = &program->counters[detection->counters.first + count->counter];
    int has_items = counter->what == PRG_COUNTER_ITEMS;
    int in_bounds = has_items ? (count->value & ~counter->most) == 0 : count->value <= counter->most;
    switch (count->what) {
    case PRG_COUNT_BELOW:
    case PRG_COUNT_FROM:
      if (!are_tests || has_items) return 0;
      break;
    case PRG_COUNT_HAS:
    case PRG_COUNT_LACKS:
      if (!are_tests || !has_items) return 0;
      break;
    case PRG_COUNT_SET:
      if (are_tests || !in_bounds) return 0;
      break;
    case PRG_COUNT_ADD:
      if (are_tests || has_items || !in_bounds) return 0;
      break;
    case PRG_COUNT_MARK:
      if (are_tests || !has_items || !in_bounds) return 0;
      break;
    default: return 0;
    }
  }
  return 1;
}

/* The end of a match: what it waits for. */
static int finish_is_good(const prg *program, const prg_detection *detection, const prg_edge *edge)
{
  if (edge->trailing > edge->nos.count || edge->changes.count > 0 || edge->gap != 0) return 0;
  if (edge->untils.count > 0 || edge->until != PRG_NONE) return 0;
  uint32_t when = edge->flags & (PRG_EDGE_AT_ONCE | PRG_EDGE_AFTER_LOOP);
  if (when == (PRG_EDGE_AT_ONCE | PRG_EDGE_AFTER_LOOP) || (when != 0) != (edge->trailing == 0)) return 0;
  if ((edge->tail != PRG_NONE) != (when == PRG_EDGE_AFTER_LOOP)) return 0;
  if (edge->tail == PRG_NONE) return 1;
  const prg_step *tail = step_at(program, detection, edge->tail);
  return tail && (tail->flags & PRG_STEP_GREEDY);
}

static int edge_is_good(prg_claims *claims, const prg_detection *detection, const prg_state *state,
                        const prg_edge *edge)
{
  const prg *program = claims->program;
  const prg_step *target = step_at(program, detection, edge->target);
  if ((edge->flags & ~(uint32_t)EDGE_FLAGS) != 0 || edge->contiguity > PRG_ANY || edge->gap < 0) return 0;
  switch (edge->kind) {
  case PRG_EDGE_REPEAT:
    if (!target || edge->target != state->step || !(target->flags & PRG_STEP_LOOPS)) return 0;
    break;
  case PRG_EDGE_FORWARD:
    if (!target || (target->flags & STEP_KINDS)) return 0;
    break;
  case PRG_EDGE_FINISH:
    if (edge->target != PRG_NONE || state->step == PRG_NONE || !finish_is_good(program, detection, edge)) return 0;
    break;
  default: return 0;
  }
  if (edge->kind != PRG_EDGE_FINISH && (edge->trailing > 0 || edge->tail != PRG_NONE)) return 0;
  if (edge->until != PRG_NONE) {
    const prg_step *until = step_at(program, detection, edge->until);
    if (!until || !(until->flags & PRG_STEP_UNTIL)) return 0;
  }
  if (edge->lasting > edge->guards.count || edge->pad != 0) return 0;
  if (edge->passes > edge->nos.count || edge->passes > state->direct_nos.count) return 0;
  return step_list_is_good(claims, detection, edge->nos, PRG_STEP_NO) &&
         step_list_is_good(claims, detection, edge->guards, 0) &&
         step_list_is_good(claims, detection, edge->untils, PRG_STEP_UNTIL) &&
         counts_are_good(claims, detection, edge->tests, 1) && counts_are_good(claims, detection, edge->changes, 0);
}

/* One REPEAT at most, then FORWARD by target, then FINISH. */
static int edges_are_in_order(const prg_edge *edges, uint32_t count)
{
  for (uint32_t i = 1; i < count; i++) {
    if (edges[i].kind < edges[i - 1].kind) return 0;
    if (edges[i].kind > edges[i - 1].kind || edges[i].kind == PRG_EDGE_FINISH) continue;
    if (edges[i].kind == PRG_EDGE_REPEAT || edges[i].target < edges[i - 1].target) return 0;
  }
  return 1;
}

static int state_is_good(prg_claims *claims, const prg_detection *detection, const prg_state *state)
{
  const prg *program = claims->program;
  if ((state->flags & ~(uint32_t)STATE_FLAGS) != 0) return 0;
  if (state->edges.count > EDGES_MAX || !PRG_CLAIM(claims, state->edges, edges)) return 0;
  const prg_edge *edges = program->edges + state->edges.first;
  if (!edges_are_in_order(edges, state->edges.count)) return 0;
  for (uint32_t i = 0; i < state->edges.count; i++) {
    if (!edge_is_good(claims, detection, state, &edges[i])) return 0;
  }
  return step_list_is_good(claims, detection, state->direct_nos, PRG_STEP_NO);
}

/* The start, then one for each step that captures. */
static int states_are_good(prg_claims *claims, const prg_detection *detection)
{
  const prg *program = claims->program;
  if (!PRG_CLAIM(claims, detection->states, states) || detection->states.count == 0) return 0;
  const prg_state *states = program->states + detection->states.first;
  uint32_t state = 0;
  if (states[state].step != PRG_NONE || !state_is_good(claims, detection, &states[state])) return 0;
  for (uint32_t step = 0; step < detection->steps.count; step++) {
    if (program->steps[detection->steps.first + step].flags & STEP_KINDS) continue;
    if (++state >= detection->states.count || states[state].step != step) return 0;
    if (!state_is_good(claims, detection, &states[state])) return 0;
  }
  if (state == 0 || state + 1 != detection->states.count) return 0;
  prg_list quiet = states[0].direct_nos;
  for (uint32_t i = 0; i < quiet.count; i++) {
    if (step_at(program, detection, program->lists[quiet.first + i])->no_for == 0) return 0;
  }
  return ((detection->flags & PRG_DETECT_QUIET_START) != 0) == (quiet.count > 0);
}

/* `parts`: how many behind those of the key may be read by the first one; `rises`: by each one more. */
static int outputs_are_good(prg_claims *claims, const prg_detection *detection, prg_list list, uint32_t parts, int rises)
{
  const prg *program = claims->program;
  if (!PRG_CLAIM(claims, list, outputs)) return 0;
  for (uint32_t i = 0; i < list.count; i++) {
    const prg_output *output = &program->outputs[list.first + i];
    if (!prg_string_is_good(program, output->name)) return 0;
    uint32_t keys = detection->keys.count + parts + (rises ? i : 0);
    if (!expr_is_good(claims, detection, output->expr, PRG_NONE, 1, keys)) return 0;
    if (output->kind != program->exprs[output->expr].kind) return 0;
  }
  return 1;
}

/* Windows along the clock: each begins a whole number of `every` behind the offset. */
#define EVENTS_MAX 1000000000u /* of a window by number */

static int clock_window_is_good(const prg_window *window)
{
  if (window->length <= 0 || window->every <= 0 || window->every > window->length || window->max != 0) return 0;
  if (window->kind == PRG_TUMBLING && window->every != window->length) return 0;
  if ((window->length - 1) / window->every >= PRG_PANES_MAX || window->even_empty / window->every > EMPTY_MAX) return 0;
  return window->offset >= 0 && window->offset < window->every && window->events == 0 && window->every_events == 0;
}

static int span_is_good(const prg_window *window)
{
  if (window->even_empty < 0 || window->early_every < 0 || window->allowed < 0 || window->at_once > 1 || window->pad != 0) return 0;
  if (window->at_once && window->early_every > 0) return 0;
  switch (window->kind) {
  case PRG_TUMBLING:
  case PRG_SLIDING: return clock_window_is_good(window);
  case PRG_SESSION:
    return window->length > 0 && window->max >= 0 && window->every == 0 && window->offset == 0 && window->even_empty == 0 &&
           window->events == 0 && window->every_events == 0;
  case PRG_COUNT_WINDOW:
    return window->length == 0 && window->max == 0 && window->every == 0 && window->offset == 0 && window->even_empty == 0 &&
           window->early_every == 0 && window->allowed == 0 && !window->at_once && window->every_events > 0 &&
           window->every_events <= window->events && window->events <= EVENTS_MAX && (window->events - 1) / window->every_events < PRG_PANES_MAX;
  default: return 0;
  }
}

/* So many plain steps, no automaton, and nothing that belongs to one. */
static int has_no_pattern(const prg_claims *claims, const prg_detection *detection, uint32_t steps)
{
  const prg *program = claims->program;
  if (detection->states.first != claims->states || detection->states.count > 0) return 0;
  if (detection->steps.count != steps || detection->routes.count > steps || detection->timeout_outputs.count > 0) return 0;
  for (uint32_t i = 0; i < steps; i++) {
    const prg_step *step = &program->steps[detection->steps.first + i];
    if (step->flags != 0 || step->min != 1 || step->max != 1 || step->residual != PRG_NONE || step->distinct.count > 0) return 0;
  }
  if ((detection->flags & ~(uint32_t)PRG_DETECT_CLOCK) != 0 || detection->limit != 0 || detection->skip != PRG_SKIP_NO) return 0;
  return detection->having == PRG_NONE && detection->counters.count == 0 && detection->within_events == 0;
}

/* An aggregate: one step, which takes every event of the one route. */
static int window_is_good(prg_claims *claims, const prg_detection *detection)
{
  const prg *program = claims->program;
  if (detection->window != claims->windows || detection->window >= program->windows_count) return 0;
  const prg_window *window = &program->windows[claims->windows++];
  if (!has_no_pattern(claims, detection, 1) || program->steps[detection->steps.first].local != PRG_NONE) return 0;
  if (!span_is_good(window) || window->measures.count > MEASURES_MAX) return 0;
  if (!outputs_are_good(claims, detection, window->measures, PRG_WINDOW_PARTS, 1)) return 0;
  if (window->having == PRG_NONE) return 1;
  uint32_t keys = detection->keys.count + PRG_WINDOW_PARTS + window->measures.count;
  return expr_is_good(claims, detection, window->having, PRG_NONE, 1, keys) && program->exprs[window->having].kind == CEP_BOOL;
}

static int join_window_is_good(prg_claims *claims, const prg_join *join)
{
  const prg *program = claims->program;
  if (join->window == PRG_NONE) return join->within > 0;
  if (join->window != claims->windows || join->window >= program->windows_count || join->within != 0) return 0;
  const prg_window *window = &program->windows[claims->windows++];
  if (!PRG_CLAIM(claims, window->measures, outputs) || window->measures.count > 0) return 0;
  if (!span_is_good(window) || (window->kind != PRG_TUMBLING && window->kind != PRG_SLIDING)) return 0;
  return window->even_empty == 0 && window->early_every == 0 && window->allowed == 0 && !window->at_once && window->having == PRG_NONE;
}

/* A join: two steps, one for each side. */
static int join_is_good(prg_claims *claims, const prg_detection *detection)
{
  const prg *program = claims->program;
  if (detection->join != claims->joins || detection->join >= program->joins_count || detection->window != PRG_NONE) return 0;
  const prg_join *join = &program->joins[claims->joins++];
  if (join->kind > PRG_FULL || join->pad != 0 || !has_no_pattern(claims, detection, 2)) return 0;
  if (detection->registers.count > 0 || !join_window_is_good(claims, join)) return 0;
  if (join->where == PRG_NONE) return 1;
  return expr_is_good(claims, detection, join->where, PRG_NONE, 1, detection->keys.count) && program->exprs[join->where].kind == CEP_BOOL;
}

/* How many parts its outputs may read behind those of the key. */
static uint32_t parts_of(const prg *program, const prg_detection *detection)
{
  if (detection->window != PRG_NONE) return PRG_WINDOW_PARTS + program->windows[detection->window].measures.count;
  int has_windows = detection->join != PRG_NONE && program->joins[detection->join].window != PRG_NONE;
  return has_windows ? PRG_WINDOW_PARTS : 0;
}

/* The automaton, the windows or the pairs. */
static int inside_is_good(prg_claims *claims, const prg_detection *detection)
{
  if (detection->join != PRG_NONE) return join_is_good(claims, detection);
  return detection->window != PRG_NONE ? window_is_good(claims, detection) : states_are_good(claims, detection);
}

/* The stream of a detection: its key parts, then its outputs. */
static int stream_agrees(const prg *program, const prg_detection *detection)
{
  const prg_stream *stream = &program->streams[detection->stream];
  uint64_t count = (uint64_t)detection->keys.count + detection->outputs.count;
  if (stream->fields.count != count) return 0;
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    uint32_t kind = program->fields[stream->fields.first + i].kind;
    uint32_t given = i < detection->keys.count
                         ? program->keys[detection->keys.first + i].kind
                         : program->outputs[detection->outputs.first + i - detection->keys.count].kind;
    if (given != kind && given != CEP_NULL) return 0;
  }
  return 1;
}

static int tables_are_good(prg_claims *claims, prg_list tables)
{
  const prg *program = claims->program;
  if (!prg_claim_list(claims, tables)) return 0;
  for (uint32_t i = 0; i < tables.count; i++) {
    uint32_t table = program->lists[tables.first + i];
    if (table >= program->tables_count || (i > 0 && table <= program->lists[tables.first + i - 1])) return 0;
  }
  return 1;
}

static int once_is_good(const prg *program, const prg_detection *detection)
{
  int is_weighed = (detection->flags & PRG_DETECT_WEIGHED) != 0;
  if (!(detection->flags & PRG_DETECT_ONCE)) return !is_weighed;
  if (detection->registers.count == 0 || program->registers[detection->registers.first].what != PRG_REG_MATCHES) return 0;
  if (detection->skip > PRG_SKIP_TO_NEXT || detection->limit != 0 || (detection->flags & PRG_DETECT_EARLIEST_FIRST)) return 0;
  return !is_weighed || (detection->skip == PRG_SKIP_NO && !(detection->flags & (PRG_DETECT_FIRST_OF | PRG_DETECT_ON_TIMEOUT)));
}

static int header_is_good(prg_claims *claims, const prg_detection *detection)
{
  const prg *program = claims->program;
  if (!prg_string_is_good(program, detection->name)) return 0;
  if (detection->stream >= program->streams_count || detection->stratum == 0) return 0;
  if (detection->stratum > program->detections_count)
    return 0; /* each one below needs a detection of its own */
  if ((detection->flags & ~(uint32_t)DETECT_FLAGS) != 0 || detection->skip > PRG_SKIP_TO_LAST) return 0;
  if (detection->within <= 0 || detection->suppress < 0) return 0;
  if (detection->within_events > 0 &&
      (detection->within != INT64_MAX || !(detection->flags & PRG_DETECT_EVERY_EVENT)))
    return 0;
  return detection->keys.count <= KEYS_MAX && detection->steps.count <= STEPS_MAX &&
         detection->registers.count <= NFA_REGISTERS_MAX && PRG_CLAIM(claims, detection->keys, keys) &&
         PRG_CLAIM(claims, detection->routes, routes) && PRG_CLAIM(claims, detection->steps, steps) &&
         detection->counters.count <= PRG_COUNTERS_MAX && PRG_CLAIM(claims, detection->counters, counters) &&
         PRG_CLAIM(claims, detection->registers, registers) && PRG_CLAIM(claims, detection->meta, meta) &&
         once_is_good(program, detection);
}

int prg_detection_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_detection *detection = &program->detections[index];
  if (!header_is_good(claims, detection)) return 0;
  if (program->streams[detection->stream].detection != index) return 0;
  for (uint32_t i = 0; i < detection->routes.count; i++) {
    if (program->routes[detection->routes.first + i].detection != index) return 0;
  }
  for (uint32_t i = 0; i < detection->steps.count; i++) {
    if (!step_is_good(claims, detection, &program->steps[detection->steps.first + i])) return 0;
  }
  for (uint32_t i = 0; i < detection->registers.count; i++) {
    if (!register_is_good(claims, detection, &program->registers[detection->registers.first + i])) return 0;
  }
  for (uint32_t i = 0; i < detection->counters.count; i++) {
    if (!counter_is_good(detection, &program->counters[detection->counters.first + i])) return 0;
  }
  if (detection->having != PRG_NONE) {
    if (!expr_is_good(claims, detection, detection->having, PRG_NONE, 1, detection->keys.count)) return 0;
    if (program->exprs[detection->having].kind != CEP_BOOL) return 0;
  }
  if (!inside_is_good(claims, detection)) return 0;
  uint32_t parts = parts_of(program, detection);
  if (!outputs_are_good(claims, detection, detection->outputs, parts, 0)) return 0;
  if (!outputs_are_good(claims, detection, detection->timeout_outputs, parts, 0)) return 0;
  if (!stream_agrees(program, detection)) return 0;
  if (detection->skip == PRG_SKIP_TO_FIRST || detection->skip == PRG_SKIP_TO_LAST) {
    const prg_step *step = step_at(program, detection, detection->skip_step);
    if (!step || (step->flags & STEP_KINDS)) return 0;
  }
  if (!tables_are_good(claims, detection->tables)) return 0;
  if (!prg_claim_list(claims, detection->suppress_by)) return 0;
  for (uint32_t i = 0; i < detection->suppress_by.count; i++) {
    uint32_t by = program->lists[detection->suppress_by.first + i];
    if (by >= detection->keys.count + detection->outputs.count) return 0;
  }
  return 1;
}

static int action_is_good(prg_claims *claims, const prg_detection *detection, const prg_test_action *action)
{
  const prg *program = claims->program;
  if (action->what > TEST_DO_LAST || action->has_time > 1 || action->every < 0) return 0;
  if (!PRG_CLAIM(claims, action->values, test_values)) return 0;
  uint32_t fields = 0;
  if (action->what == 0) {
    if (action->stream >= program->streams_count) return 0;
    fields = program->streams[action->stream].fields.count;
  } else if (action->what == TEST_MATCH || action->what == TEST_UPDATE) {
    fields = detection->outputs.count;
  } else if (action->what == TEST_TIMEOUT) {
    fields = detection->timeout_outputs.count;
  }
  for (uint32_t i = 0; i < action->values.count; i++) {
    const prg_test_value *value = &program->test_values[action->values.first + i];
    if (value->field >= fields || value->value >= program->consts_count) return 0;
  }
  return 1;
}

int prg_test_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_test *test = &program->tests[index];
  if (!prg_string_is_good(program, test->name) || test->pad != 0) return 0;
  if (test->detection >= program->detections_count || !PRG_CLAIM(claims, test->actions, test_actions))
    return 0;
  const prg_detection *detection = &program->detections[test->detection];
  for (uint32_t i = 0; i < test->actions.count; i++) {
    if (!action_is_good(claims, detection, &program->test_actions[test->actions.first + i])) return 0;
  }
  return 1;
}
