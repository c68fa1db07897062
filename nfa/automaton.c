/* automaton.c - states and moves, made when they are first met, by asking the runs evaluator. */
#include "nfa/automaton.h"

#include <stdlib.h>
#include <string.h>

#include "cep/base/hash.h"

#define STATES_MAX 4096u
#define MOVES_MAX  65536u

_Static_assert(sizeof(nfa_shape) == 8 * (2 + 2 + NFA_SHAPE_COUNTERS / 2), "shapes are compared as bytes");

/* ---- What fits --------------------------------------------------------------------------- */

static int step_fits(const prg_step *step)
{
  if (step->residual != PRG_NONE || step->distinct.count > 0 || step->no_for > 0) return 0;
  return step->min <= NFA_SHAPE_COUNT && (step->max == PRG_OPEN || step->max <= NFA_SHAPE_COUNT);
}

int nfa_automaton_fits(const prg *program, const prg_detection *detection)
{
  if (detection->counters.count > NFA_SHAPE_COUNTERS) return 0;
  for (uint32_t i = 0; i < detection->steps.count; i++) {
    if (!step_fits(&program->steps[detection->steps.first + i])) return 0;
  }
  for (uint32_t i = 0; i < detection->counters.count; i++) {
    const prg_counter *counter = &program->counters[detection->counters.first + i];
    if (counter->what == PRG_COUNTER_ROUNDS && counter->most > NFA_SHAPE_COUNT) return 0;
  }
  for (uint32_t s = 0; s < detection->states.count; s++) {
    prg_list edges = program->states[detection->states.first + s].edges;
    for (uint32_t e = edges.first; e < edges.first + edges.count; e++) {
      if (program->edges[e].gap > 0) return 0;
    }
  }
  return 1;
}

/* ---- States ------------------------------------------------------------------------------ */

static int by_bytes(const void *a, const void *b) { return memcmp(a, b, sizeof(nfa_shape)); }

static void put_in_order(nfa_shapes *shapes)
{
  if (shapes->count > 1) qsort(shapes->at, shapes->count, sizeof *shapes->at, by_bytes);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < shapes->count; i++) {
    if (kept == 0 || by_bytes(&shapes->at[kept - 1], &shapes->at[i]) != 0) shapes->at[kept++] = shapes->at[i];
  }
  shapes->count = kept;
}

/* A number that is free: one given back before, or a new one. */
static uint32_t free_state(nfa_automaton *automaton)
{
  if (automaton->used_states < automaton->states.count) {
    uint32_t at = NFA_STATE_START + 1;
    while (automaton->states.at[at].is_used) at++;
    return at;
  }
  nfa_state_set fresh = {.is_used = 0};
  if (!cb_vec_push(automaton->runs.alloc, &automaton->states, fresh)) return NFA_STATE_NONE;
  return automaton->states.count - 1;
}

uint32_t nfa_automaton_state(nfa_automaton *automaton, nfa_shapes *shapes)
{
  put_in_order(shapes);
  size_t bytes = shapes->count * sizeof *shapes->at;
  uint64_t hash = cb_hash64(shapes->at, bytes);
  for (uint32_t s = NFA_STATE_START + 1; s < automaton->states.count; s++) {
    const nfa_state_set *set = &automaton->states.at[s];
    if (!set->is_used || set->hash != hash || set->shapes.count != shapes->count) continue;
    if (memcmp(set->shapes.at, shapes->at, bytes) == 0) return s;
  }
  uint32_t number = free_state(automaton);
  if (number == NFA_STATE_NONE) return NFA_STATE_NONE;
  nfa_state_set *set = &automaton->states.at[number];
  if (!cb_vec_reserve(automaton->runs.alloc, &set->shapes, shapes->count)) return NFA_STATE_NONE;
  memcpy(set->shapes.at, shapes->at, bytes);
  set->shapes.count = shapes->count;
  set->hash = hash;
  set->refs = 0;
  set->is_used = 1;
  automaton->used_states++;
  return number;
}

/* ---- Moves that are known ------------------------------------------------------------------ */

static uint32_t place_of(const nfa_automaton *automaton, uint32_t state, uint64_t symbol)
{
  uint32_t mask = automaton->move_capacity - 1;
  uint64_t mixed = (symbol + state * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
  uint32_t at = (uint32_t)(mixed >> 32) & mask;
  while (automaton->moves[at].is_used && (automaton->moves[at].symbol != symbol || automaton->moves[at].state != state)) {
    at = (at + 1) & mask;
  }
  return at;
}

static int make_room(nfa_automaton *automaton)
{
  if (2 * (automaton->move_count + 1) <= automaton->move_capacity) return 1;
  nfa_known_move *old = automaton->moves;
  uint32_t old_capacity = automaton->move_capacity, capacity = old_capacity > 0 ? 2 * old_capacity : 16;
  nfa_known_move *moves = (nfa_known_move *)cb_new0(automaton->runs.alloc, capacity * sizeof *moves);
  if (moves == NULL) return 0;
  automaton->moves = moves;
  automaton->move_capacity = capacity;
  for (uint32_t i = 0; i < old_capacity; i++) {
    if (old[i].is_used) moves[place_of(automaton, old[i].state, old[i].symbol)] = old[i];
  }
  cb_free(automaton->runs.alloc, old, old_capacity * sizeof *old);
  return 1;
}

void nfa_automaton_trim(nfa_automaton *automaton)
{
  if (automaton->used_states <= automaton->states_max && automaton->move_count <= MOVES_MAX) return;
  if (automaton->move_count > 0) memset(automaton->moves, 0, automaton->move_capacity * sizeof *automaton->moves);
  automaton->move_count = 0;
  automaton->takes.count = 0;
  for (uint32_t s = NFA_STATE_START + 1; s < automaton->states.count; s++) {
    nfa_state_set *set = &automaton->states.at[s];
    if (!set->is_used || set->refs > 0) continue;
    cb_vec_free(automaton->runs.alloc, &set->shapes);
    set->is_used = 0;
    automaton->used_states--;
  }
  automaton->states_max = 2 * automaton->used_states > STATES_MAX ? 2 * automaton->used_states : STATES_MAX;
}

/* ---- A new move: what the runs evaluator makes of each shape --------------------------------- */

nfa_shape nfa_shape_of(const nfa_worker *runs, nfa_run *run)
{
  const nfa_runs_own *own = (const nfa_runs_own *)runs->own;
  const prg_step *step = nfa_step(runs, nfa_state(runs, run->state)->step);
  nfa_shape shape;
  memset(&shape, 0, sizeof shape);
  shape.open = run->open;
  shape.state = run->state;
  shape.count = run->count;
  uint32_t enough = step->min > 0 ? step->min : 1; /* of an open loop: more repetitions change nothing */
  if (step->max == PRG_OPEN && shape.count > enough) shape.count = enough;
  if (own->fresh_matters[run->state]) shape.flags = run->flags & RUN_FRESH;
  if (own->lifts) shape.met = nfa_run_met(runs, run);
  for (uint32_t i = 0; i < own->counter_count; i++) shape.counters[i] = nfa_run_counters(runs, run)[i];
  return shape;
}

void nfa_shape_write(const nfa_worker *runs, const nfa_shape *shape, nfa_run *run)
{
  const nfa_runs_own *own = (const nfa_runs_own *)runs->own;
  memset(run, 0, own->run_size);
  run->open = shape->open;
  run->state = shape->state;
  run->count = shape->count;
  run->flags = shape->flags;
  for (uint32_t i = 0; i < own->counter_count; i++) nfa_run_counters(runs, run)[i] = shape->counters[i];
  if (own->lifts) nfa_run_set_met(runs, run, shape->met);
}

/* A history of one event without any field: nothing looks at it. */
static cb_slab_id stand_in(const nfa_worker *runs, uint32_t step, cep_time time)
{
  cb_slab_id cell = cb_slab_take(runs->slab, sizeof(cb_cell));
  if (cell == CB_SLAB_NONE) return CB_SLAB_NONE;
  *(cb_cell *)cb_slab_at(runs->slab, cell) = (cb_cell){.time = time, .refs = 1};
  cb_slab_id head = nfa_history_add(runs->slab, CB_SLAB_NONE, cell, step, 1, time);
  if (head == CB_SLAB_NONE) cb_cell_unref(runs->slab, cell);
  return head;
}

static cb_slab_id run_of(const nfa_automaton *automaton, const nfa_shape *shape, cep_time time)
{
  const nfa_worker *runs = &automaton->runs;
  const nfa_runs_own *own = (const nfa_runs_own *)runs->own;
  cb_slab_id id = cb_slab_take(runs->slab, own->run_size);
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  nfa_run *run = nfa_run_at(runs, id);
  nfa_shape_write(runs, shape, run);
  run->head = stand_in(runs, nfa_state(runs, shape->state)->step, time);
  if (run->head == CB_SLAB_NONE) {
    cb_slab_give(runs->slab, id);
    return CB_SLAB_NONE;
  }
  run->start_seq = 1;
  run->start_time = time;
  return id;
}

static int add_born(nfa_automaton *automaton, uint32_t step, const nfa_shape *shape)
{
  struct nfa_taken_shape one = {.step = step, .shape = *shape};
  if (!cb_vec_grow(automaton->runs.alloc, (void **)&automaton->born, automaton->born_count, &automaton->born_capacity, 1, sizeof one))
    return 0;
  automaton->born[automaton->born_count++] = one;
  return 1;
}

/* Reads off what became of the run (0: none, it was the start) and what it has made. */
static cep_status read_off(nfa_automaton *automaton, const nfa_runs_slot *slot, cb_slab_id met)
{
  nfa_worker *runs = &automaton->runs;
  nfa_runs_own *own = (nfa_runs_own *)runs->own;
  cep_status status = CEP_OK;
  for (cb_slab_id id = slot->first; id != CB_SLAB_NONE && status >= 0; id = nfa_run_at(runs, id)->next) {
    nfa_run *run = nfa_run_at(runs, id);
    nfa_shape shape = nfa_shape_of(runs, run);
    int is_added = 1;
    if (id != met) is_added = add_born(automaton, nfa_state(runs, run->state)->step, &shape);
    else if (run->open != 0) is_added = cb_vec_push(runs->alloc, &automaton->kept, shape);
    if (!is_added) status = CEP_E_NOMEM;
  }
  cb_slab_id before = met != CB_SLAB_NONE ? nfa_run_at(runs, met)->head : CB_SLAB_NONE;
  for (uint32_t i = 0; i < own->done.count; i++) {
    const nfa_run *run = nfa_run_at(runs, own->done.at[i]);
    if (run->head == before) automaton->finishes = 1;
    else automaton->ends |= 1ull << nfa_state(runs, run->state)->step;
    nfa_run_free(runs, own->done.at[i]);
  }
  own->done.count = 0;
  return status;
}

/* Any event: what steps would keep of it is kept already, and empty. */
static const nfa_event any_event = {NULL, 0};
static int take_nothing(const nfa_worker *runs, nfa_taken *taken)
{
  uint32_t steps = runs->detection->steps.count;
  for (taken->steps = 0; taken->steps < steps; taken->steps++) {
    cb_slab_id cell = cb_slab_take(runs->slab, sizeof(cb_cell));
    if (cell == CB_SLAB_NONE) return 0;
    *(cb_cell *)cb_slab_at(runs->slab, cell) = (cb_cell){.refs = 1};
    taken->cells[taken->steps] = cell;
  }
  return 1;
}

/* One shape (NULL: the start) meets the event. */
static cep_status try_shape(nfa_automaton *automaton, const nfa_shape *shape, const nfa_event *event, uint64_t symbol)
{
  nfa_worker *runs = &automaton->runs;
  nfa_slot slot = {{0}};
  nfa_runs_slot *at = (nfa_runs_slot *)(void *)&slot;
  nfa_moment moment = {.worker = runs,
                       .own = (nfa_runs_own *)runs->own,
                       .slot = at,
                       .event = event != NULL ? event : &any_event,
                       .symbol = symbol,
                       .seq = 2,
                       .time = event != NULL ? event->batch->time[event->row] : 0};
  moment.own->born.count = 0;
  if (event == NULL && !take_nothing(runs, &moment.own->taken)) {
    nfa_taken_forget(runs, &moment.own->taken);
    return CEP_E_NOMEM;
  }
  cb_slab_id id = CB_SLAB_NONE;
  if (shape != NULL) {
    id = run_of(automaton, shape, moment.time);
    if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
    at->first = id;
    at->count = 1;
    runs->counters.active++;
  }
  cep_status status = shape != NULL ? nfa_runs_meet(&moment, id) : nfa_runs_start(&moment);
  if (!automaton->is_shared) nfa_taken_forget(runs, &moment.own->taken);
  cep_status read = read_off(automaton, at, id);
  nfa_runs.release(runs, &slot);
  return status < 0 ? status : read;
}

/* What `step` takes, of all shapes: one history. */
static cep_status add_take(nfa_automaton *automaton, uint32_t step)
{
  nfa_take take = {.step = step, .state = NFA_STATE_NONE, .is_end = automaton->ends >> step & 1};
  nfa_shapes shapes = {0};
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < automaton->born_count && status == CEP_OK; i++) {
    if (automaton->born[i].step != step) continue;
    if (!cb_vec_push(automaton->runs.alloc, &shapes, automaton->born[i].shape)) status = CEP_E_NOMEM;
  }
  if (status == CEP_OK && shapes.count > 0) {
    take.state = nfa_automaton_state(automaton, &shapes);
    if (take.state == NFA_STATE_NONE) status = CEP_E_NOMEM;
  }
  cb_vec_free(automaton->runs.alloc, &shapes);
  int is_taken = take.state != NFA_STATE_NONE || take.is_end;
  if (status == CEP_OK && is_taken && !cb_vec_push(automaton->runs.alloc, &automaton->takes, take)) return CEP_E_NOMEM;
  return status;
}

static cep_status find_move(nfa_automaton *automaton, uint32_t state, const nfa_event *event, uint64_t symbol, nfa_move *out)
{
  automaton->kept.count = 0;
  automaton->born_count = 0;
  automaton->ends = 0;
  automaton->finishes = 0;
  cep_status status = CEP_OK;
  if (state == NFA_STATE_START) status = try_shape(automaton, NULL, event, symbol);
  uint32_t count = state == NFA_STATE_START ? 0 : automaton->states.at[state].shapes.count;
  for (uint32_t i = 0; i < count && status >= 0; i++) {
    status = try_shape(automaton, &automaton->states.at[state].shapes.at[i], event, symbol);
  }
  if (status < 0) return status;
  *out = (nfa_move){.skip = NFA_STATE_NONE, .finishes = automaton->finishes};
  if (automaton->kept.count > 0) {
    out->skip = nfa_automaton_state(automaton, &automaton->kept);
    if (out->skip == NFA_STATE_NONE) return CEP_E_NOMEM;
  }
  out->first_take = automaton->takes.count;
  for (uint32_t step = 0; step < automaton->runs.detection->steps.count && status >= 0; step++) status = add_take(automaton, step);
  out->take_count = automaton->takes.count - out->first_take;
  return status;
}

cep_status nfa_automaton_move(nfa_automaton *automaton, uint32_t state, const nfa_event *event, uint64_t symbol,
                              nfa_move **out)
{
  if (automaton->move_capacity > 0) {
    nfa_known_move *known = &automaton->moves[place_of(automaton, state, symbol)];
    *out = &known->move;
    if (known->is_used) return CEP_OK;
  }
  nfa_move move;
  if (!make_room(automaton)) return CEP_E_NOMEM;
  cep_status status = find_move(automaton, state, event, symbol, &move);
  if (status < 0) return status;
  nfa_known_move *place = &automaton->moves[place_of(automaton, state, symbol)];
  *place = (nfa_known_move){.symbol = symbol, .state = state, .is_used = 1, .move = move};
  automaton->move_count++;
  *out = &place->move;
  return CEP_OK;
}

/* ---- Open and close -------------------------------------------------------------------------- */

/* Without the runs evaluator's memory. */
static cep_status begin(nfa_automaton *automaton, const nfa_worker *worker)
{
  memset(automaton, 0, sizeof *automaton);
  automaton->states_max = STATES_MAX;
  automaton->runs = *worker;
  automaton->runs.history_max = UINT64_MAX;
  nfa_state_set start = {.is_used = 1};
  if (!cb_vec_push(worker->alloc, &automaton->states, start)) return CEP_E_NOMEM;
  automaton->used_states = 1;
  return CEP_OK;
}

cep_status nfa_automaton_open(nfa_automaton *automaton, const nfa_worker *worker)
{
  cep_status status = begin(automaton, worker);
  automaton->plain = *worker->detection;
  automaton->plain.flags = 0;
  automaton->plain.registers.count = 0;
  automaton->plain.having = PRG_NONE;
  automaton->runs.detection = &automaton->plain;
  automaton->runs.own = NULL;
  return status < 0 ? status : nfa_runs.open(&automaton->runs);
}

cep_status nfa_automaton_share(nfa_automaton *automaton, const nfa_worker *worker)
{
  cep_status status = begin(automaton, worker);
  automaton->is_shared = 1;
  return status;
}

void nfa_automaton_close(nfa_automaton *automaton)
{
  cb_alloc *alloc = automaton->runs.alloc;
  for (uint32_t s = 0; s < automaton->states.count; s++) cb_vec_free(alloc, &automaton->states.at[s].shapes);
  cb_vec_free(alloc, &automaton->states);
  cb_vec_free(alloc, &automaton->takes);
  cb_vec_free(alloc, &automaton->kept);
  cb_free(alloc, automaton->moves, automaton->move_capacity * sizeof *automaton->moves);
  cb_free(alloc, automaton->born, automaton->born_capacity * sizeof *automaton->born);
  if (!automaton->is_shared) nfa_runs.close(&automaton->runs);
}
