/* evaluator.c - which evaluator a detection gets, and why, in words. */
#include "nfa/automaton.h"
#include "nfa/opcode.h"

#define RUNS "runs: one record for each partial match; "

static const char *why_runs(const prg_detection *detection)
{
  if (detection->flags & PRG_DETECT_FIRST_OF)
    return RUNS "first-of is on: only one of those with the same state, start and values can ever be reported";
  if (detection->flags & PRG_DETECT_WEIGHED)
    return RUNS "with 'emit once' those with the same state, start and values are one record, which counts them";
  if (detection->flags & PRG_DETECT_EARLIEST_FIRST)
    return RUNS
        "first-of is off: with 'earliest start first' a finished match may still be pruned by another";
  if ((detection->flags & PRG_DETECT_ONCE) && (detection->flags & PRG_DETECT_ON_TIMEOUT))
    return RUNS "none stands for several, although it is 'emit once': 'on timeout' asks for each of them";
  if (detection->flags & PRG_DETECT_ONCE)
    return RUNS "none stands for several, although it is 'emit once': by the counts of its groups one match may come "
                "about in more than one way";
  if (detection->skip == PRG_SKIP_NO) return RUNS "first-of is off: with 'no skip' every match is reported";
  if (detection->skip == PRG_SKIP_TO_FIRST || detection->skip == PRG_SKIP_TO_LAST)
    return RUNS "first-of is off: what 'skip to' a step leaves depends on the events that it captured";
  return RUNS "first-of is off: 'limit' asks for more than one match of an event";
}

/* Every match comes out with its newest event: nothing waits for time. */
static int ends_at_once(const prg *program, const prg_detection *detection)
{
  for (uint32_t s = 0; s < detection->states.count; s++) {
    prg_list edges = program->states[detection->states.first + s].edges;
    for (uint32_t e = edges.first; e < edges.first + edges.count; e++) {
      const prg_edge *edge = &program->edges[e];
      if (edge->kind == PRG_EDGE_FINISH && !(edge->flags & PRG_EDGE_AT_ONCE)) return 0;
    }
  }
  return 1;
}

/* The expression can be worked out again when the match is listed: of what is kept of the event, and without tables,
 * which change. */
static int is_kept(const prg *program, uint32_t expr, const cb_layout *layout)
{
  if (expr == PRG_NONE) return 1;
  prg_list list = program->exprs[expr].code;
  const uint32_t *code = program->code + list.first, *end = code + list.count;
  for (; code < end; code += nfa_op_length(code, end)) {
    const char *operands = nfa_op_at(*code)->operands;
    for (uint32_t i = 0; operands[i] != '\0'; i++) {
      if (operands[i] == 't' || (operands[i] == 'f' && cb_layout_find(layout, code[1 + i]) == CEP_NONE)) return 0;
    }
  }
  return 1;
}

static int registers_are_kept(const prg *program, const prg_detection *detection)
{
  for (uint32_t r = 0; r < detection->registers.count; r++) {
    const prg_register *reg = &program->registers[detection->registers.first + r];
    if (reg->what == PRG_REG_MATCHES) continue;
    const cb_layout *layout = &program->layout_views[program->steps[detection->steps.first + reg->step].layout];
    if (!is_kept(program, reg->arg, layout) || !is_kept(program, reg->where, layout)) return 0;
  }
  return 1;
}

#define FIRST_OF "first-of: partial matches in one state move together, whatever their number; "
#define COMPACT "compact: one graph for all partial matches of a key; "

/* NULL: it does. Else what keeps it from that. */
static const char *why_not_compact(const prg *program, const prg_detection *detection)
{
  if (detection->skip != PRG_SKIP_NO || detection->window != PRG_NONE || detection->join != PRG_NONE) return why_runs(detection);
  if (detection->flags & PRG_DETECT_EARLIEST_FIRST) return why_runs(detection);
  if ((detection->flags & PRG_DETECT_ONCE) && (detection->having != PRG_NONE || (detection->flags & PRG_DETECT_ON_TIMEOUT)))
    return why_runs(detection);
  if (detection->flags & PRG_DETECT_ON_TIMEOUT)
    return RUNS "no graph stands for them all: 'on timeout' asks for each of them";
  if (detection->flags & PRG_DETECT_LATEST)
    return RUNS "no graph stands for them all: with 'match latest' what may go on depends on how long it is";
  if (detection->flags & PRG_DETECT_QUIET_START)
    return RUNS "no graph stands for them all: it begins with a quiet time";
  if (!ends_at_once(program, detection))
    return RUNS "no graph stands for them all: a match may have to wait for time to pass";
  if (!registers_are_kept(program, detection))
    return RUNS "no graph stands for them all: an aggregate reads a table, which may change before the match comes out";
  if (!nfa_automaton_fits(program, detection))
    return RUNS "no graph stands for them all: a condition or a bound looks at what one of them has captured, or it counts "
                "beyond 64";
  return NULL;
}

/* ---- Those that move together -------------------------------------------------------------- */

#define APART RUNS "first-of is on, but they do not move together: "

static const char *step_apart(const prg_step *step)
{
  if (step->residual != PRG_NONE || step->distinct.count > 0) return APART "a condition looks at what each has captured";
  if (step->no_for > 0) return APART "a quiet time runs from what each has captured";
  return NULL;
}

static const char *edge_apart(const prg *program, const prg_state *state, uint32_t e)
{
  const prg_edge *edge = &program->edges[state->edges.first + e];
  if (edge->gap > 0) return APART "a bound runs from what each has captured";
  if (edge->contiguity == PRG_ANY && edge->kind == PRG_EDGE_FORWARD && state->step != PRG_NONE)
    return APART "by 'any' one start is in several states at once";
  if (e > 0 && edge->target != PRG_NONE && edge->target == edge[-1].target) return APART "there are several ways from one step to another";
  return NULL;
}

static const char *state_apart(const prg *program, const prg_state *state)
{
  const char *why = NULL;
  if (state->flags & (PRG_STATE_PREV | PRG_STATE_UNMERGED)) return APART "a condition looks at what each has captured";
  for (uint32_t e = 0; e < state->edges.count && why == NULL; e++) why = edge_apart(program, state, e);
  return why;
}

/* Of a detection with the first-of rule; NULL: they do move together. */
static const char *why_apart(const prg *program, const prg_detection *detection)
{
  const char *why = NULL;
  if (detection->flags & PRG_DETECT_ONCE) return APART "with 'emit once' those that come out are added up";
  if (detection->flags & PRG_DETECT_LATEST) return APART "with 'match latest' what may go on depends on how long it is";
  if (detection->flags & PRG_DETECT_QUIET_START) return APART "the pattern begins with a quiet time";
  if (detection->having != PRG_NONE) return APART "'having' is asked of each";
  if (detection->within_events > 0) return APART "each counts events of its own";
  if (detection->counters.count > 0) return APART "each counts the rounds and items of its groups";
  for (uint32_t s = 0; s < detection->steps.count && why == NULL; s++) why = step_apart(&program->steps[detection->steps.first + s]);
  for (uint32_t s = 0; s < detection->states.count && why == NULL; s++) why = state_apart(program, &program->states[detection->states.first + s]);
  if (why == NULL && !registers_are_kept(program, detection)) return APART "an aggregate needs fields that are not kept";
  return why;
}

static int has_first_of(const prg_detection *detection)
{
  return (detection->flags & PRG_DETECT_FIRST_OF) && !(detection->flags & (PRG_DETECT_EARLIEST_FIRST | PRG_DETECT_WEIGHED));
}

int nfa_first_of_fits(const prg *program, const prg_detection *detection)
{
  return has_first_of(detection) && why_apart(program, detection) == NULL;
}

#define TALLY "tally: how many partial matches there are in each state; how many an event completes is all that is asked for, and what it does to them depends on the event alone"

#define TALLY_STATES 64u

/* How many states of the automaton may come of it: by counts, by which ways are open, by whether an event came since; with ways
 * that meet again any number. */
static uint64_t states_behind(const prg *program, const prg_detection *detection, const prg_state *state)
{
  const prg_step *step = &program->steps[detection->steps.first + state->step];
  uint64_t counts = step->max != PRG_OPEN ? step->max : step->min > 0 ? step->min : 1;
  uint32_t ways = 1;
  if (state->edges.count > 8) return TALLY_STATES + 1;
  for (uint32_t e = state->edges.first; e < state->edges.first + state->edges.count; e++) {
    const prg_edge *edge = &program->edges[e];
    if (e > state->edges.first && edge->target != PRG_NONE && edge->target == edge[-1].target) return TALLY_STATES + 1;
    if (edge->until != PRG_NONE || edge->untils.count > 0) return TALLY_STATES + 1;
    ways += edge->kind != PRG_EDGE_FINISH;
  }
  return counts << ways;
}

/* 'emit once' without a sum, where the first register is the number of matches; and few states. */
static int is_tally(const prg *program, const prg_detection *detection)
{
  uint64_t states = 0;
  if (!(detection->flags & PRG_DETECT_ONCE) || detection->registers.count != 1 || detection->counters.count > 0) return 0;
  for (uint32_t s = 0; s < detection->states.count && states <= TALLY_STATES; s++) {
    const prg_state *state = &program->states[detection->states.first + s];
    if (state->step != PRG_NONE) states += states_behind(program, detection, state);
  }
  return states <= TALLY_STATES;
}

static const nfa_evaluator *best_of(const prg *program, const prg_detection *detection, const char **why)
{
  *why = why_not_compact(program, detection);
  if (*why == NULL && is_tally(program, detection)) {
    *why = TALLY;
    return &nfa_tallied;
  }
  if (*why == NULL) {
    *why = (detection->flags & PRG_DETECT_ONCE) ? COMPACT "what an event does to them depends on the event alone; their matches are added up over it"
                                                : COMPACT "every match is reported, and what an event does to them depends on the event alone";
    return &nfa_compact;
  }
  if (!has_first_of(detection)) return &nfa_runs;
  *why = why_apart(program, detection);
  if (*why != NULL) return &nfa_runs;
  *why = FIRST_OF "only the first history of each start can ever be reported, and what an event does to them depends on the event alone";
  return &nfa_first_of;
}

const nfa_evaluator *nfa_evaluator_for(const prg *program, const prg_detection *detection, nfa_wish wish, const char **why)
{
  static const nfa_evaluator *const wished[] = {[NFA_WISH_RUNS] = &nfa_runs, [NFA_WISH_COMPACT] = &nfa_compact, [NFA_WISH_FIRST_OF] = &nfa_first_of};
  const char *told;
  const nfa_evaluator *best = best_of(program, detection, &told);
  if (wish == NFA_WISH_RUNS && best != &nfa_runs) told = why_runs(detection);
  if (why != NULL) *why = told;
  if (wish == NFA_WISH_NONE || wish == NFA_WISH_RUNS) return wish == NFA_WISH_NONE ? best : &nfa_runs;
  if (wish == NFA_WISH_COMPACT && best == &nfa_tallied) return &nfa_compact;
  return best == wished[wish] ? best : NULL;
}

/* ---- What it costs --------------------------------------------------------------------------- */

const char *nfa_evaluator_cost(const prg *program, const prg_detection *detection, int is_looked_up)
{
  const char *why;
  const nfa_evaluator *best = best_of(program, detection, &why);
  if (best == &nfa_first_of)
    return "the key's slot, and one operation on a queue for each state that its partial matches are in: O(states), however many they are";
  if (best == &nfa_tallied)
    return "the key's slot, and a number for each two states: O(states x states), however many partial matches and events; once in a span a walk over "
           "the events of the span";
  if (best == &nfa_compact && (detection->flags & PRG_DETECT_ONCE))
    return "the key's slot, and a few nodes for each state: O(states), however many partial matches; one that completes matches: O(nodes within the span)";
  if (best == &nfa_compact)
    return "the key's slot, and a few nodes for each state: O(states), however many partial matches; one that completes matches: O(their events)";
  if (is_looked_up)
    return "the key's slot, and the partial matches that wait for its values, found in a table: O(those found); those that wait for more than a value: "
           "each of them";
  if (detection->flags & (PRG_DETECT_FIRST_OF | PRG_DETECT_WEIGHED))
    return "the key's slot, and each of its partial matches, of which those with the same state, start and values are one: O(partial matches of the key)";
  return "the key's slot, and each of its partial matches: O(partial matches of the key)";
}
