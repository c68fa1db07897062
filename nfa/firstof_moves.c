/* firstof_moves.c - situations of partial matches, and what events make of them. */
#include "nfa/firstof.h"

#include <string.h>

/* ---- Situations ------------------------------------------------------------------------ */

static size_t words_of(const nfa_first_own *own)
{
  return (own->runs.run_size + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

static nfa_run *situation_at(const nfa_first_own *own, uint32_t situation)
{
  return (nfa_run *)(void *)(own->situations.at + situation * words_of(own));
}

const nfa_run *nfa_situation_at(const nfa_first_own *own, uint32_t situation)
{
  return situation_at(own, situation);
}

/* What two partial matches with one future may differ in is made equal. */
static void make_plain(const nfa_worker *worker, nfa_run *run)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  const prg_state *state = nfa_state(worker, run->state);
  const prg_step *step = nfa_step(worker, state->step);
  uint32_t least = step->min > 0 ? step->min : 1;
  run->next = run->head = run->hook = CB_SLAB_NONE;
  run->start_seq = 0;
  run->start_time = 0;
  run->null = 0;
  memset(nfa_run_registers(run), 0, worker->detection->registers.count * sizeof(uint64_t)); /* of the history */
  if (!own->fresh_matters[run->state]) run->flags &= ~(uint32_t)RUN_FRESH;
  if (step->max == PRG_OPEN && run->count > least) run->count = least; /* past its minimum it is not looked at again */
}

uint32_t nfa_situation_of(nfa_worker *worker, const nfa_run *run)
{
  nfa_first_own *own = nfa_first_own_of(worker);
  size_t words = words_of(own);
  if (own->situation_count == NFA_SITUATIONS_MAX) return 0;
  if (!cb_vec_reserve(worker->alloc, &own->situations, (uint32_t)(words * (own->situation_count == 0 ? 2 : 1)))) return 0;
  if (own->situation_count == 0) memset(own->situations.at, 0, words * sizeof(uint64_t));
  uint32_t next = own->situation_count > 0 ? own->situation_count : 1;
  nfa_run *made = situation_at(own, next);
  made = memset(made, 0, words * sizeof(uint64_t));
  memcpy(made, run, own->runs.run_size);
  make_plain(worker, made);
  for (uint32_t i = 1; i < next; i++) {
    if (memcmp(situation_at(own, i), made, own->runs.run_size) == 0) return i;
  }
  own->situation_count = next + 1;
  own->situations.count = (uint32_t)(words * own->situation_count);
  return next;
}

/* What is waited for, of the situation when its span is over; PRG_NONE: it is no timeout. */
uint32_t nfa_situation_waits(const nfa_worker *worker, uint32_t situation)
{
  const nfa_first_own *own = nfa_first_own_of(worker);
  const nfa_run *run = nfa_situation_at(own, situation);
  uint32_t least = PRG_NONE;
  for (uint64_t rest = run->open & ~own->runs.finishes[run->state]; rest != 0; rest &= rest - 1) {
    uint32_t target = nfa_edge(worker, nfa_state(worker, run->state), (uint32_t)__builtin_ctzll(rest))->target;
    if (target < least) least = target;
  }
  return least;
}

int nfa_situation_is_due(nfa_worker *worker, uint32_t situation)
{
  const nfa_run *run = nfa_situation_at(nfa_first_own_of(worker), situation);
  uint64_t ends = run->open & nfa_first_own_of(worker)->runs.finishes[run->state];
  for (uint64_t rest = ends; rest != 0; rest &= rest - 1) {
    const prg_edge *finish = nfa_edge(worker, nfa_state(worker, run->state), (uint32_t)__builtin_ctzll(rest));
    if (nfa_runs_finish_time(worker, run, finish) <= nfa_runs_span_end(worker, run)) return 1;
  }
  return 0;
}

/* ---- What an event makes of one -------------------------------------------------------- */

/* A slot of the runs evaluator for one event, with one partial match whose only event is an older one. */
typedef struct trial {
  nfa_worker worker;
  nfa_runs_slot slot;
  nfa_moment moment;
  cb_slab_id head;
} trial;

static int begin_trial(trial *t, const nfa_moment *moment, uint32_t situation)
{
  *t = (trial){.worker = *moment->worker};
  t->worker.partial_max = t->worker.history_max = UINT64_MAX;
  t->moment = *moment;
  t->moment.worker = &t->worker;
  t->moment.slot = &t->slot;
  t->moment.seq = 2;
  t->slot.seq = 2;
  moment->own->born.count = 0;
  if (situation == NFA_START) return 1;
  const nfa_run *like = nfa_situation_at(nfa_first_own_of(&t->worker), situation);
  uint32_t step = nfa_state(&t->worker, like->state)->step;
  const cb_layout *layout = &t->worker.program->layout_views[nfa_step(&t->worker, step)->layout];
  cb_slab_id cell = cb_cell_of_identity(t->worker.slab, layout, moment->time, 0, 0); /* no condition looks at it */
  if (cell == CB_SLAB_NONE) return 0;
  t->head = nfa_history_add(t->worker.slab, CB_SLAB_NONE, cell, step, 1, moment->time);
  if (t->head == CB_SLAB_NONE) {
    cb_cell_unref(t->worker.slab, cell);
    return 0;
  }
  cb_slab_id id = cb_slab_take(t->worker.slab, moment->own->run_size);
  if (id == CB_SLAB_NONE) {
    nfa_history_unref(t->worker.slab, t->head);
    return 0;
  }
  nfa_run *run = nfa_run_at(&t->worker, id);
  memcpy(run, like, moment->own->run_size);
  run->head = t->head;
  run->start_seq = 1;
  run->start_time = moment->time;
  t->slot.first = id;
  t->slot.count = 1;
  return 1;
}

/* One match too many for the limit prunes nothing, itself neither: what a start has besides it goes on. */
static int may_be_dropped(const nfa_worker *worker)
{
  return worker->detection->limit > 0 && worker->detection->skip != PRG_SKIP_PAST_LAST;
}

/* Of several ends in one event the first in order is the match; the others it prunes. */
static void read_ends(trial *t, nfa_first_move *move)
{
  const nfa_ids *done = &t->moment.own->done;
  cb_slab_id best = nfa_run_at(&t->worker, done->at[0])->head;
  for (uint32_t i = 1; i < done->count; i++) {
    cb_slab_id other = nfa_run_at(&t->worker, done->at[i])->head;
    if (nfa_history_order(t->worker.slab, other, best) < 0) best = other;
  }
  move->effect = best == t->head ? NFA_FINISHES : NFA_COMPLETES;
  move->step = (uint8_t)nfa_history_at(t->worker.slab, best)->step;
  for (uint32_t i = 0; i < done->count; i++) nfa_run_free(&t->worker, done->at[i]);
  t->moment.own->done.count = 0;
  nfa_runs_sweep(&t->worker, &t->slot, 0);
  int is_limited = t->worker.detection->limit > 0;
  if (t->slot.count > 0 && (may_be_dropped(&t->worker) || (is_limited && move->effect == NFA_FINISHES))) move->effect = NFA_SEVERAL;
}

/* A loop that has gone on with the event, and the same one without it: whatever the shorter can become, the longer
 * can too, and no later; and of the two it is always the first in order. So the shorter is never told. */
static int makes_vain(const trial *t, nfa_run *longer, nfa_run *shorter)
{
  const nfa_worker *worker = &t->worker;
  const nfa_runs_own *own = t->moment.own;
  if (longer->state != shorter->state || (shorter->open & ~longer->open) != 0 || own->fresh_matters[longer->state]) return 0;
  const prg_state *state = nfa_state(worker, longer->state);
  int may_repeat = nfa_edge(worker, state, 0)->kind == PRG_EDGE_REPEAT && (shorter->open & 1);
  if (may_repeat && nfa_step(worker, state->step)->max != PRG_OPEN) return 0;
  return !own->lifts || nfa_run_met(worker, longer) == nfa_run_met(worker, shorter);
}

/* The one that goes on; NULL: there are several, or none. */
static const nfa_run *sole(const trial *t)
{
  nfa_run *run = t->slot.count > 0 ? nfa_run_at(&t->worker, t->slot.first) : NULL;
  if (t->slot.count != 2) return t->slot.count == 1 ? run : NULL;
  if (may_be_dropped(&t->worker)) return NULL;
  nfa_run *longer = nfa_run_at(&t->worker, run->next);
#ifdef CEP_FAULT_SHORTER_STAYS
  return run->head == t->head && makes_vain(t, longer, run) ? run : NULL;
#endif
  return run->head == t->head && makes_vain(t, longer, run) ? longer : NULL;
}

/* What goes on, in one way or in several. */
static int read_rest(trial *t, nfa_first_move *move)
{
  cep_status status = nfa_runs_settle(&t->moment);
  if (status < 0) return 0;
  const nfa_run *run = sole(t);
  if (run == NULL) {
    move->effect = t->slot.count == 0 ? NFA_ENDS : NFA_SEVERAL;
    return 1;
  }
  uint32_t to = nfa_situation_of(&t->worker, run);
  move->effect = run->head == t->head ? NFA_STAYS : NFA_TAKES;
  move->step = (uint8_t)nfa_history_at(t->worker.slab, run->head)->step;
  move->to = (uint16_t)to;
  const nfa_run *first = nfa_run_at(&t->worker, t->slot.first);
  uint32_t else_to = first != run ? nfa_situation_of(&t->worker, first) : NFA_START;
  move->else_to = (uint16_t)else_to;
  if (to == 0 || (first != run && else_to == 0)) move->effect = NFA_SEVERAL;
  return 1;
}

static int try_event(const nfa_moment *moment, uint32_t situation, nfa_first_move *move)
{
  trial t;
  if (!begin_trial(&t, moment, situation)) return 0;
  cep_status status = situation == NFA_START ? nfa_runs_start(&t.moment) : nfa_runs_meet(&t.moment, t.slot.first);
  int done = status >= 0;
  if (done && t.moment.own->done.count > 0) read_ends(&t, move);
  else if (done) done = read_rest(&t, move);
  for (uint32_t i = 0; i < t.moment.own->done.count; i++) nfa_run_free(&t.worker, t.moment.own->done.at[i]);
  t.moment.own->done.count = 0;
  nfa_runs.release(&t.worker, (nfa_slot *)(void *)&t.slot);
  return done;
}

/* ---- Remembered ------------------------------------------------------------------------ */

/* The place of a move, or the free one where it would stand. */
static nfa_first_move *place_of(const nfa_first_own *own, uint32_t situation, uint64_t symbol)
{
  uint64_t at = (symbol + 1) * 0x9E3779B97F4A7C15u + situation * 0xD6E8FEB86659FD93u;
  for (at ^= at >> 32;; at++) {
    nfa_first_move *move = &own->moves[at & (own->move_capacity - 1)];
    if (move->from == 0 || (move->from == situation + 1 && move->symbol == symbol)) return move;
  }
}

/* Room for one more, with half of the places free. */
static int make_room(nfa_worker *worker, nfa_first_own *own)
{
  if (own->move_count == NFA_MOVES_MAX) {
    memset(own->moves, 0, own->move_capacity * sizeof *own->moves);
    own->move_count = 0;
  }
  if (own->move_count * 2 < own->move_capacity) return 1;
  nfa_first_move *old = own->moves;
  uint32_t old_capacity = own->move_capacity, capacity = old_capacity > 0 ? old_capacity * 2 : 16;
  nfa_first_move *moves = (nfa_first_move *)cb_new0(worker->alloc, capacity * sizeof *moves);
  if (moves == NULL) return 0;
  own->moves = moves;
  own->move_capacity = capacity;
  for (uint32_t i = 0; i < old_capacity; i++) {
    if (old[i].from != 0) *place_of(own, old[i].from - 1u, old[i].symbol) = old[i];
  }
  cb_free(worker->alloc, old, old_capacity * sizeof *old);
  return 1;
}

const nfa_first_move *nfa_move_of(nfa_moment *moment, uint32_t situation)
{
  nfa_first_own *own = nfa_first_own_of(moment->worker);
  if (own->move_capacity > 0) {
    const nfa_first_move *known = place_of(own, situation, moment->symbol);
    if (known->from != 0) return known;
  }
  nfa_first_move move = {.symbol = moment->symbol, .from = (uint16_t)(situation + 1)};
  if (!make_room(moment->worker, own) || !try_event(moment, situation, &move)) return NULL;
  nfa_first_move *place = place_of(own, situation, moment->symbol);
  *place = move;
  own->move_count++;
  return place;
}
