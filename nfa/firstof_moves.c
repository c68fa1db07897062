/* firstof_moves.c - what events make of situations, as a queue can do it: read off the automaton's moves. */
#include "nfa/firstof.h"

/* ---- Situations ------------------------------------------------------------------------ */

/* A state of the automaton that a slot may be in is kept as long as the worker. 0: its number is too large. */
static int hold(nfa_first_own *own, uint32_t state)
{
  if (state >= NFA_SITUATIONS_MAX) return 0;
  own->automaton.states.at[state].refs = 1;
  return 1;
}

uint32_t nfa_situation_of(nfa_worker *worker, nfa_run *run)
{
  nfa_first_own *own = nfa_first_own_of(worker);
  nfa_shape shape = nfa_shape_of(worker, run);
  nfa_shapes one = {.at = &shape, .count = 1, .capacity = 1};
  uint32_t state = nfa_automaton_state(&own->automaton, &one);
  return state != NFA_STATE_NONE && hold(own, state) ? state : NFA_START;
}

/* A run of the situation as far as its ends look at it. */
static nfa_run run_like(const nfa_shape *shape)
{
  return (nfa_run){.open = shape->open, .state = shape->state, .count = shape->count, .flags = shape->flags};
}

uint32_t nfa_situation_waits(const nfa_worker *worker, uint32_t situation)
{
  const nfa_first_own *own = nfa_first_own_of(worker);
  const nfa_shape *shape = nfa_situation_at(own, situation);
  uint32_t least = PRG_NONE;
  for (uint64_t rest = shape->open & ~own->runs.finishes[shape->state]; rest != 0; rest &= rest - 1) {
    uint32_t target = nfa_edge(worker, nfa_state(worker, shape->state), (uint32_t)__builtin_ctzll(rest))->target;
    if (target < least) least = target;
  }
  return least;
}

int nfa_situation_is_due(const nfa_worker *worker, uint32_t situation)
{
  const nfa_first_own *own = nfa_first_own_of(worker);
  nfa_run run = run_like(nfa_situation_at(own, situation));
  for (uint64_t rest = run.open & own->runs.finishes[run.state]; rest != 0; rest &= rest - 1) {
    const prg_edge *finish = nfa_edge(worker, nfa_state(worker, run.state), (uint32_t)__builtin_ctzll(rest));
    if (nfa_runs_finish_time(worker, &run, finish) <= nfa_runs_span_end(worker, &run)) return 1;
  }
  return 0;
}

/* ---- Moves ----------------------------------------------------------------------------- */

/* One match too many for the limit prunes nothing, itself neither: what a start has besides it goes on. */
static int may_be_dropped(const nfa_worker *worker)
{
  return worker->detection->limit > 0 && worker->detection->skip != PRG_SKIP_PAST_LAST;
}

/* A loop that has gone on with the event, and the same one without it: whatever the shorter can become, the longer
 * can too, and no later; and of the two it is always the first in order. So the shorter is never told. With a limit
 * only if what they can become is the same. */
static int makes_vain(const nfa_worker *worker, const nfa_shape *longer, const nfa_shape *shorter)
{
  const nfa_first_own *own = nfa_first_own_of(worker);
  if (longer->state != shorter->state || (shorter->open & ~longer->open) != 0 || longer->met != shorter->met) return 0;
  const prg_state *state = nfa_state(worker, longer->state);
  int may_repeat = nfa_edge(worker, state, 0)->kind == PRG_EDGE_REPEAT && (shorter->open & 1);
  int counts = may_repeat && longer->count != shorter->count;
  if (longer->open == shorter->open && longer->flags == shorter->flags && !counts) return 1;
  if (may_be_dropped(worker) || own->runs.fresh_matters[longer->state]) return 0;
  return !may_repeat || nfa_step(worker, state->step)->max == PRG_OPEN;
}

/* Of several ends in one event the first in order is the match, which is the one by the earliest step; the others it
 * prunes. 0: there is none. */
static int read_ends(const nfa_worker *worker, const nfa_move *move, const nfa_take *takes, nfa_first_move *out)
{
  int goes_on = move->skip != NFA_STATE_NONE;
  out->effect = move->finishes ? NFA_FINISHES : NFA_ENDS;
  for (uint32_t i = move->take_count; i-- > 0;) {
    goes_on |= takes[i].state != NFA_STATE_NONE;
    if (!takes[i].is_end) continue;
    out->effect = NFA_COMPLETES;
    out->step = (uint8_t)takes[i].step;
  }
  if (out->effect == NFA_ENDS) return 0;
  int is_limited = worker->detection->limit > 0;
  if (goes_on && (may_be_dropped(worker) || (is_limited && out->effect == NFA_FINISHES))) out->effect = NFA_SEVERAL;
  return 1;
}

/* What goes on, in one way or in several. */
static void read_rest(nfa_worker *worker, const nfa_move *move, const nfa_take *takes, nfa_first_move *out)
{
  nfa_first_own *own = nfa_first_own_of(worker);
  int skips = move->skip != NFA_STATE_NONE;
  out->effect = NFA_SEVERAL;
  if (move->take_count > 1 || (skips && !hold(own, move->skip))) return;
  if (move->take_count == 0) {
    out->effect = skips ? NFA_STAYS : NFA_ENDS;
    out->to = skips ? (uint16_t)move->skip : NFA_START;
    return;
  }
  if (!hold(own, takes->state)) return;
#ifdef CEP_FAULT_SHORTER_STAYS
  int is_longer_dropped = skips && makes_vain(worker, nfa_situation_at(own, takes->state), nfa_situation_at(own, move->skip));
  if (is_longer_dropped) *out = (nfa_first_move){.effect = NFA_STAYS, .to = (uint16_t)move->skip};
  if (is_longer_dropped) return;
#endif
  if (skips && !makes_vain(worker, nfa_situation_at(own, takes->state), nfa_situation_at(own, move->skip))) return;
  *out = (nfa_first_move){.effect = NFA_TAKES, .step = (uint8_t)takes->step, .to = (uint16_t)takes->state};
  if (skips) out->else_to = (uint16_t)move->skip;
}

static uint64_t packed(const nfa_first_move *move)
{
  return 1u | (uint64_t)move->effect << 8 | (uint64_t)move->step << 16 | (uint64_t)move->to << 32 | (uint64_t)move->else_to << 48;
}

static nfa_first_move unpacked(uint64_t note)
{
  return (nfa_first_move){.effect = (uint8_t)(note >> 8), .step = (uint8_t)(note >> 16), .to = (uint16_t)(note >> 32), .else_to = (uint16_t)(note >> 48)};
}

int nfa_move_of(nfa_moment *moment, uint32_t situation, nfa_first_move *out)
{
  nfa_automaton *automaton = &nfa_first_own_of(moment->worker)->automaton;
  nfa_move *move;
  if (nfa_automaton_move(automaton, situation, moment->event, moment->symbol, &move) < 0) return 0;
  if (move->note == 0) {
    nfa_first_move made = {0};
    const nfa_take *takes = automaton->takes.at + move->first_take;
    if (!read_ends(moment->worker, move, takes, &made)) read_rest(moment->worker, move, takes, &made);
    move->note = packed(&made);
  }
  *out = unpacked(move->note);
  return 1;
}
