/* runs_take.c - an event meets a partial match: ways are taken, kept, closed. */
#include "nfa/runs.h"

#include <string.h>

#include "nfa/register.h"

static nfa_env env_of(const nfa_moment *moment, const nfa_captures *captures)
{
  const nfa_worker *worker = moment->worker;
  nfa_env env = {.program = worker->program,
                 .scratch = worker->scratch,
                 .batch = moment->event->batch,
                 .row = moment->event->row,
                 .captures = captures,
                 .register_first = worker->detection->registers.first};
  return env;
}

/* 1 if the values of `distinct` are all there and differ from those of every event that
 * the loop has captured. */
static int is_distinct(const nfa_moment *moment, const nfa_env *event_env, const prg_step *step, uint32_t number,
                       const nfa_captures *captures)
{
  const prg *program = moment->worker->program;
  for (uint32_t i = 0; i < step->distinct.count; i++) {
    cep_value value = nfa_expr_eval(event_env, nfa_list_at(moment->worker, step->distinct, i));
    if (value.kind == CEP_NULL) return 0;
  }
  cb_slab_id head = captures != NULL ? captures->head : CB_SLAB_NONE;
  for (cb_slab_id id = head; id != CB_SLAB_NONE; id = nfa_history_at(captures->slab, id)->prev) {
    const nfa_node *node = nfa_history_at(captures->slab, id);
    if (node->step != number) continue;
    nfa_env old = {.program = program, .scratch = event_env->scratch,
                   .cell = (const cb_cell *)cb_slab_at(captures->slab, node->cell)};
    uint32_t same = 0;
    for (uint32_t i = 0; i < step->distinct.count; i++) {
      uint32_t expr = nfa_list_at(moment->worker, step->distinct, i);
      cep_value a = nfa_expr_eval(event_env, expr);
      cep_value b = nfa_expr_eval(&old, expr);
      same += cb_value_compare(&a, &b) == CB_EQUAL;
      nfa_scratch_reset(event_env->scratch);
    }
    if (same == step->distinct.count) return 0;
  }
  return 1;
}

int nfa_runs_fits(const nfa_moment *moment, uint32_t number, const nfa_captures *captures)
{
  if (!(moment->symbol >> number & 1)) return 0;
  const prg_step *step = nfa_step(moment->worker, number);
  if (step->residual == PRG_NONE && step->distinct.count == 0) return 1;
  nfa_scratch_reset(moment->worker->scratch);
  nfa_env env = env_of(moment, captures);
  if (step->residual != PRG_NONE && !nfa_expr_holds(&env, step->residual)) return 0;
  return step->distinct.count == 0 || is_distinct(moment, &env, step, number, captures);
}

static int fits_any(const nfa_moment *moment, prg_list steps, const nfa_captures *captures)
{
  for (uint32_t i = 0; i < steps.count; i++) {
    if (nfa_runs_fits(moment, nfa_list_at(moment->worker, steps, i), captures)) return 1;
  }
  return 0;
}

/* The event would go on with the loop of this step: it fits, and ends it by no `until`. */
static int fits_loop(const nfa_moment *moment, uint32_t number, const nfa_captures *captures)
{
  return nfa_runs_fits(moment, number, captures) &&
         !fits_any(moment, nfa_step(moment->worker, number)->untils, captures);
}

int nfa_runs_having(const nfa_moment *moment, nfa_run *run)
{
  const nfa_worker *worker = moment->worker;
  uint32_t having = worker->detection->having;
  if (having == PRG_NONE) return 1;
  nfa_scratch_reset(worker->scratch);
  nfa_captures captures = nfa_run_captures(worker, run);
  nfa_env env = {.program = worker->program,
                 .scratch = worker->scratch,
                 .captures = &captures,
                 .register_first = worker->detection->registers.first,
                 .keys = moment->out->keys(moment->out->ctx, moment->index),
                 .now = moment->time};
  return nfa_expr_holds(&env, having);
}

/* ---- Capture ----------------------------------------------------------------------- */

/* A partial match of this event whose history is `prev` and the event, taken by `number`;
 * NULL: none. `upto`: how many of own->born to look at. */
static nfa_run *born_before(const nfa_moment *moment, cb_slab_id prev, uint32_t number, uint64_t start_seq, uint32_t *upto)
{
  const nfa_worker *worker = moment->worker;
  const nfa_runs_own *own = moment->own;
  while (*upto > 0) {
    nfa_run *run = nfa_run_at(worker, own->born.at[--*upto]);
    if (run->start_seq != start_seq) return NULL; /* starts come one after the other */
    const nfa_node *node = nfa_history_at(worker->slab, run->head);
    if (node->prev == prev && node->step == number) return run;
  }
  return NULL;
}

/* The newest node of a new run, with one reference for the caller. 0: memory refused. */
static cb_slab_id head_for(nfa_moment *moment, const nfa_run *parent, uint32_t number)
{
  nfa_worker *worker = moment->worker;
  cb_slab_id prev = parent != NULL ? parent->head : CB_SLAB_NONE;
  if (moment->own->may_twin) { /* one history has one newest node */
    uint32_t upto = moment->own->born.count;
    const nfa_run *twin = born_before(moment, prev, number, parent != NULL ? parent->start_seq : moment->seq, &upto);
    if (twin != NULL) {
      nfa_history_ref(worker->slab, twin->head);
      return twin->head;
    }
  }
  cb_slab_id cell = nfa_taken_cell(worker, &moment->own->taken, moment->event, number);
  if (cell == CB_SLAB_NONE) return CB_SLAB_NONE;
  cb_cell_ref(worker->slab, cell);
  cb_slab_id head = nfa_history_add(worker->slab, prev, cell, number, moment->seq, moment->time);
  if (head == CB_SLAB_NONE) cb_cell_unref(worker->slab, cell);
  return head;
}

/* A new run: `parent` (NULL: none) and the event, taken by `number`. 0: memory refused. */
static cb_slab_id extend(nfa_moment *moment, const nfa_run *parent, uint32_t number, uint32_t count)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  cb_slab_id head = head_for(moment, parent, number);
  if (head == CB_SLAB_NONE) return CB_SLAB_NONE;
  cb_slab_id id = cb_slab_take(worker->slab, own->run_size);
  if (id == CB_SLAB_NONE) {
    nfa_history_unref(worker->slab, head);
    return CB_SLAB_NONE;
  }
  nfa_run *run = nfa_run_at(worker, id);
  if (parent != NULL) {
    memcpy(run, parent, own->run_size);
  } else {
    memset(run, 0, own->run_size);
    run->start_seq = moment->seq;
    run->start_time = moment->time;
    run->null = own->null_at_start;
    if (worker->detection->flags & PRG_DETECT_ONCE) nfa_run_registers(run)[0] = 1; /* how many matches it stands for */
  }
  run->next = CB_SLAB_NONE;
  run->hook = CB_SLAB_NONE;
  run->head = head;
  run->state = own->steps[number].state;
  run->count = count;
  run->flags = RUN_FRESH | (run->flags & RUN_SILENT);
  if (own->lifts) nfa_run_set_met(worker, run, 0);
  prg_list registers = own->steps[number].registers;
  nfa_env env = env_of(moment, NULL);
  for (uint32_t r = 0; r < registers.count; r++) {
    uint32_t at = own->register_order[registers.first + r];
    nfa_register_take(&env, &worker->program->registers[worker->detection->registers.first + at], at, nfa_run_registers(run),
                      &run->null, &worker->counters.sum_overflow);
  }
  return id;
}

static uint64_t untils_of(const nfa_worker *worker, uint32_t number)
{
  prg_list untils = nfa_step(worker, number)->untils;
  uint64_t bits = 0;
  for (uint32_t i = 0; i < untils.count; i++) bits |= 1ull << nfa_list_at(worker, untils, i);
  return bits;
}

/* 1 if the event fits a greedy loop that this way has left behind or left out. `fresh`: it
 * is the first event since the newest capture. `met`: the `until`s that earlier ones met. */
static int any_guard_fits(const nfa_moment *moment, const prg_edge *edge, int fresh, uint64_t met,
                          const nfa_captures *captures)
{
  for (uint32_t g = 0; g < edge->guards.count; g++) {
    if (!fresh && g + edge->lasting < edge->guards.count) continue;
    uint32_t guard = nfa_list_at(moment->worker, edge->guards, g);
    if (met != 0 && (met & untils_of(moment->worker, guard)) != 0) continue;
    if (fits_loop(moment, guard, captures)) return 1;
  }
  return 0;
}

/* Remembers the `until`s that the event meets, if one ends a loop that guards a way. */
static void note_untils(const nfa_moment *moment, nfa_run *run, const nfa_captures *captures)
{
  uint64_t met = nfa_run_met(moment->worker, run);
  for (uint64_t rest = moment->own->lifters[run->state] & ~met; rest != 0; rest &= rest - 1) {
    if (nfa_runs_fits(moment, (uint32_t)__builtin_ctzll(rest), captures)) met |= rest & -rest;
  }
  nfa_run_set_met(moment->worker, run, met);
}

/* ---- Counters ------------------------------------------------------------------------ */

static int count_holds(const prg_count *count, uint32_t value)
{
  switch ((prg_count_kind)count->what) {
#ifdef CEP_FAULT_ROUND_TOO_MANY
  case PRG_COUNT_BELOW: return value <= count->value;
#else
  case PRG_COUNT_BELOW: return value < count->value;
#endif
  case PRG_COUNT_FROM: return value >= count->value;
  case PRG_COUNT_HAS: return (value & count->value) == count->value;
#ifdef CEP_FAULT_ITEM_TWICE
  case PRG_COUNT_LACKS: return 1;
#else
  case PRG_COUNT_LACKS: return (value & count->value) == 0;
#endif
  case PRG_COUNT_SET:
  case PRG_COUNT_ADD:
  case PRG_COUNT_MARK: break;
  }
  CB_UNREACHABLE();
}

static uint32_t count_changed(const prg_count *count, uint32_t value)
{
  switch ((prg_count_kind)count->what) {
  case PRG_COUNT_SET: return count->value;
  case PRG_COUNT_ADD: return value < count->value ? value + 1 : count->value;
  case PRG_COUNT_MARK: return value | count->value;
  case PRG_COUNT_BELOW:
  case PRG_COUNT_FROM:
  case PRG_COUNT_HAS:
  case PRG_COUNT_LACKS: break;
  }
  CB_UNREACHABLE();
}

static void change_counters(const nfa_worker *worker, nfa_run *run, const prg_edge *edge)
{
  uint32_t *counters = nfa_run_counters(worker, run);
  for (uint32_t i = 0; i < edge->changes.count; i++) {
    const prg_count *change = &worker->program->counts[edge->changes.first + i];
    counters[change->counter] = count_changed(change, counters[change->counter]);
  }
}

static int tests_hold(const nfa_worker *worker, nfa_run *run, const prg_edge *edge)
{
  const uint32_t *counters = nfa_run_counters(worker, run);
  for (uint32_t i = 0; i < edge->tests.count; i++) {
    const prg_count *test = &worker->program->counts[edge->tests.first + i];
    if (!count_holds(test, counters[test->counter])) return 0;
  }
  return 1;
}

/* The ways out of a new run, by its count and counters. */
static uint64_t ways_of(const nfa_worker *worker, nfa_run *run)
{
  const prg_state *state = nfa_state(worker, run->state);
  const prg_step *step = nfa_step(worker, state->step);
  uint64_t open = 0;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    int is_there = edge->kind == PRG_EDGE_REPEAT ? run->count < step->max : run->count >= step->min;
    if (is_there && (edge->tests.count == 0 || tests_hold(worker, run, edge))) open |= 1ull << e;
  }
  return open;
}

/* ---- Taking -------------------------------------------------------------------------- */

/* Whether the event just taken into `step` completes the match over this FINISH. `before`:
 * the captures that the event was judged by. */
static int finishes_now(const nfa_moment *moment, const nfa_run *run, const prg_edge *finish,
                        const nfa_captures *before)
{
  const nfa_worker *worker = moment->worker;
  uint32_t number = nfa_state(worker, run->state)->step;
  if (finish->flags & PRG_EDGE_AFTER_LOOP) {
    return number == finish->tail && run->count == nfa_step(worker, number)->max;
  }
  for (uint32_t n = 0; n < finish->nos.count; n++) { /* behind them only optional steps are left out */
    uint32_t no = nfa_list_at(worker, finish->nos, n);
    int immediate = nfa_step(worker, no)->no_for == 0 && nfa_step(worker, no)->hop == PRG_STRICT;
    if (immediate && nfa_runs_fits(moment, no, before)) return 0;
  }
  for (uint32_t g = 0; g < finish->guards.count; g++) {
    uint32_t guard = nfa_list_at(worker, finish->guards, g);
    if (guard == number || fits_loop(moment, guard, before)) return 0;
  }
  return 1;
}

/* The ends of a run just made: 1 if one is reached with this event. Closes what is decided. */
static int meet_ends(const nfa_moment *moment, nfa_run *run, const nfa_captures *before)
{
  const nfa_worker *worker = moment->worker;
  const prg_state *state = nfa_state(worker, run->state);
  uint64_t ends = run->open & moment->own->finishes[run->state];
  int finished = 0;
  for (uint64_t rest = ends; rest != 0 && !finished; rest &= rest - 1) {
    const prg_edge *finish = nfa_edge(worker, state, (uint32_t)__builtin_ctzll(rest));
    if (!(finish->flags & (PRG_EDGE_AT_ONCE | PRG_EDGE_AFTER_LOOP))) continue;
    finished = finishes_now(moment, run, finish, before);
    if (finish->flags & PRG_EDGE_AT_ONCE) run->open &= ~(rest & -rest);
  }
  if (finished) run->open &= ~ends; /* by another end it would be the same match */
  return finished && nfa_runs_having(moment, run);
}

/* 1 if a partial match that this event has made is equal to this one in all that matters. */
static int has_twin(const nfa_moment *moment, nfa_run *run)
{
  const nfa_worker *worker = moment->worker;
  const nfa_node *node = nfa_history_at(worker->slab, run->head);
  uint32_t upto = moment->own->born.count;
  for (;;) {
    nfa_run *other = born_before(moment, node->prev, node->step, run->start_seq, &upto);
    if (other == NULL) return 0;
    if (other->count == run->count &&
        memcmp(nfa_run_counters(worker, other), nfa_run_counters(worker, run),
               moment->own->counter_count * sizeof(uint32_t)) == 0)
      return 1;
  }
}

/* Takes the event over `edge`. `dying`: a `no` holds it back from anything but completing.
 * The new run, if it lives, goes behind `*after` and becomes it. */
static cep_status take(nfa_moment *moment, nfa_run *parent, const prg_edge *edge, int dying, cb_slab_id *after)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  uint32_t count = edge->kind == PRG_EDGE_REPEAT ? parent->count + 1 : 1;
  cb_slab_id id = extend(moment, parent, edge->target, count);
  if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
  nfa_run *run = nfa_run_at(worker, id);
  if (edge->changes.count > 0) change_counters(worker, run, edge);
  if (own->may_twin && has_twin(moment, run)) {
    nfa_run_free(worker, id);
    return CEP_OK;
  }
  if (parent == NULL) worker->counters.started++;
  if (nfa_history_at(worker->slab, run->head)->length > worker->history_max) {
    worker->counters.partials_dropped++;
    nfa_run_free(worker, id);
    return CEP_OK;
  }
  run->open = ways_of(worker, run);
  nfa_captures before = {.slab = worker->slab, .head = CB_SLAB_NONE};
  if (parent != NULL) before = nfa_run_captures(worker, parent);
  int finished = meet_ends(moment, run, parent != NULL ? &before : NULL);
  int lives = run->open != 0 && !dying;
  if (finished) {
    cb_slab_id done = lives ? nfa_run_copy(worker, run) : id;
    if (done == CB_SLAB_NONE || !cb_vec_push(worker->alloc, &own->done, done)) {
      if (lives && done != CB_SLAB_NONE) nfa_run_free(worker, done);
      nfa_run_free(worker, id);
      return CEP_E_NOMEM;
    }
  } else if (!lives) {
    nfa_run_free(worker, id);
  }
  if (!lives) return CEP_OK;
  cb_slab_id *link = *after != CB_SLAB_NONE ? &nfa_run_at(worker, *after)->next : &moment->slot->first;
  run->next = *link;
  *link = id;
  *after = id;
  moment->slot->count++;
  worker->counters.active++;
  if (own->may_twin && !cb_vec_push(worker->alloc, &own->born, id)) return CEP_E_NOMEM;
  return CEP_OK;
}

/* ---- Meeting ------------------------------------------------------------------------ */

static int is_greedy_loop(const prg_step *step)
{
  return (step->flags & PRG_STEP_GREEDY) && step->max > step->min;
}

/* What a `no` makes of a way that the event would take. */
typedef enum no_effect {
  NO_NONE,
  NO_DYING, /* it may still complete the match, and nothing else */
  NO_CLOSED /* `immediately no`: the way is not there for this event */
} no_effect;

/* 1 if a way that the run had when it was made passes the `no`: also an end that a quiet period
 * or the span has closed since, for the loop before it is then over all the same. */
static int is_passed(const nfa_worker *worker, nfa_run *run, uint32_t no)
{
  const prg_state *state = nfa_state(worker, run->state);
  for (uint64_t rest = ways_of(worker, run); rest != 0; rest &= rest - 1) {
    const prg_edge *edge = nfa_edge(worker, state, (uint32_t)__builtin_ctzll(rest));
    for (uint32_t n = 0; n < edge->nos.count; n++) {
      if (nfa_list_at(worker, edge->nos, n) == no) return 1;
    }
  }
  return 0;
}

/* The effect of the `no`s among items `from`.. of the list that are in force. */
static no_effect meet_nos(const nfa_moment *moment, nfa_run *run, prg_list nos, uint32_t from, int fresh,
                          const nfa_captures *captures)
{
  const nfa_worker *worker = moment->worker;
  const prg_step *newest = nfa_step(worker, nfa_state(worker, run->state)->step);
  cep_time newest_time = nfa_history_at(worker->slab, run->head)->time;
  no_effect effect = NO_NONE;
  int into_loop = -1; /* not looked at yet */
  for (uint32_t n = from; n < nos.count && effect != NO_CLOSED; n++) {
    uint32_t number = nfa_list_at(worker, nos, n);
    const prg_step *no = nfa_step(worker, number);
    int immediate = no->no_for == 0 && no->hop == PRG_STRICT;
    int in_force = moment->time < nfa_runs_span_end(worker, run);
    if (no->no_for > 0) in_force = moment->time < cb_time_add(newest_time, no->no_for);
    else if (immediate) in_force = in_force && fresh && is_passed(worker, run, number);
    if (in_force && immediate && is_greedy_loop(newest)) {
      /* An event that fits the greedy loop belongs to it, and is not the one behind it. */
      uint32_t own = nfa_state(worker, run->state)->step;
      if (into_loop < 0) into_loop = fits_loop(moment, own, captures);
      in_force = !into_loop;
    }
    if (in_force && nfa_runs_fits(moment, number, captures)) effect = immediate ? NO_CLOSED : NO_DYING;
  }
  return effect;
}

#ifdef CEP_FAULT_NO_AFTER_TAKEN
/* A planted fault for the judges: a `no` goes on forbidding after the next step was taken. */
static int meets_old_no(const nfa_moment *moment, const nfa_run *run, const nfa_captures *captures)
{
  uint32_t number = nfa_state(moment->worker, run->state)->step;
  if (number == 0 || !(nfa_step(moment->worker, number - 1)->flags & PRG_STEP_NO)) return 0;
  return nfa_runs_fits(moment, number - 1, captures);
}
#endif

/* Behind `no X for D`: too early, the way skips what comes. */
static int is_quiet(const nfa_moment *moment, const nfa_run *run, const prg_edge *edge)
{
  const nfa_worker *worker = moment->worker;
  for (uint32_t n = 0; n < edge->nos.count; n++) {
    const prg_step *no = nfa_step(worker, nfa_list_at(worker, edge->nos, n));
    if (no->no_for == 0) continue;
    cep_time newest = nfa_history_at(worker->slab, run->head)->time;
    if (moment->time < cb_time_add(newest, no->no_for)) return 1;
  }
  return 0;
}

static cep_status finish_copy(nfa_moment *moment, const nfa_run *run)
{
  cb_slab_id done = nfa_run_copy(moment->worker, run);
  if (done == CB_SLAB_NONE) return CEP_E_NOMEM;
  if (cb_vec_push(moment->worker->alloc, &moment->own->done, done)) return CEP_OK;
  nfa_run_free(moment->worker, done);
  return CEP_E_NOMEM;
}

/* The end behind a greedy last loop that the run is in, or may still enter. 1: it comes now;
 * 0: it waits, or is closed because a longer form has taken its place. */
static int loop_is_over(nfa_moment *moment, nfa_run *run, const prg_edge *finish, uint64_t finish_bit, uint64_t taken)
{
  const prg_state *state = nfa_state(moment->worker, run->state);
  uint32_t into = finish->tail == state->step ? PRG_EDGE_REPEAT : PRG_EDGE_FORWARD;
  int is_over = 1;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(moment->worker, state, e);
    if (edge->target != finish->tail || edge->kind != into) continue;
    if (taken >> e & 1) run->open &= ~finish_bit;
    if ((taken | run->open) >> e & 1) is_over = 0;
  }
  return is_over;
}

/* An end of a run that met the event. `taken`: the ways that took it. */
static cep_status meet_finish(nfa_moment *moment, nfa_run *run, uint32_t e, const prg_edge *edge, uint64_t taken)
{
  if (edge->flags & PRG_EDGE_AFTER_LOOP) {
    if (!loop_is_over(moment, run, edge, 1ull << e, taken)) return CEP_OK;
  } else if (nfa_runs_finish_time(moment->worker, run, edge) > moment->time) {
    return CEP_OK;
  }
  run->open &= ~moment->own->finishes[run->state];
  return nfa_runs_having(moment, run) ? finish_copy(moment, run) : CEP_OK;
}

/* What the `until` of a loop makes of a way into it. */
typedef enum until_effect {
  UNTIL_NONE,
  UNTIL_WAITS, /* a loop that the way would enter does not begin with this event */
  UNTIL_CLOSED
} until_effect;

static until_effect meet_until(const nfa_moment *moment, const prg_edge *edge, const nfa_captures *captures)
{
  if (edge->until == PRG_NONE || !nfa_runs_fits(moment, edge->until, captures)) return UNTIL_NONE;
  if (edge->contiguity == PRG_STRICT) return UNTIL_CLOSED;
  /* A relaxed way takes the first event that fits, and this one it may not have. */
  int is_missed = edge->contiguity == PRG_RELAXED && nfa_runs_fits(moment, edge->target, captures);
  return is_missed ? UNTIL_CLOSED : UNTIL_WAITS;
}

/* A way that leads to a step, and that nothing forbids. Gives its bit if it took the event. */
static cep_status meet_way(nfa_moment *moment, nfa_run *run, uint32_t e, const prg_edge *edge, int dying,
                           cb_slab_id *after, uint64_t *taken)
{
  nfa_captures captures = nfa_run_captures(moment->worker, run);
  uint64_t bit = 1ull << e;
  if (is_quiet(moment, run, edge)) return CEP_OK; /* skipped: neither taken nor a breach of contiguity */
  until_effect until = meet_until(moment, edge, &captures);
  if (until == UNTIL_CLOSED) run->open &= ~bit;
  if (until != UNTIL_NONE) return CEP_OK;
  if (nfa_runs_fits(moment, edge->target, &captures)) {
    *taken |= bit;
    if (edge->contiguity != PRG_ANY) run->open &= ~bit;
    return take(moment, run, edge, dying, after);
  }
  if (edge->contiguity == PRG_STRICT) run->open &= ~bit;
  return CEP_OK;
}

cep_status nfa_runs_meet(nfa_moment *moment, cb_slab_id run_id)
{
  nfa_worker *worker = moment->worker;
  nfa_run *run = nfa_run_at(worker, run_id);
  const prg_state *state = nfa_state(worker, run->state);
  nfa_captures captures = nfa_run_captures(worker, run);
  int fresh = (run->flags & RUN_FRESH) != 0;
  run->flags &= ~(uint32_t)RUN_FRESH;
  uint64_t met = moment->own->lifts ? nfa_run_met(worker, run) : 0;
  no_effect killed = meet_nos(moment, run, state->direct_nos, 0, fresh, &captures);
#ifdef CEP_FAULT_NO_AFTER_TAKEN
  if (killed == NO_NONE && meets_old_no(moment, run, &captures)) killed = NO_DYING;
#endif
  cb_slab_id after = run_id;
  int in_span = moment->time < nfa_runs_span_end(worker, run); /* past it only quiet periods are waited for */
  uint64_t taken = 0;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    uint64_t bit = 1ull << e;
    if (!(run->open & bit)) continue;
    const prg_edge *edge = nfa_edge(worker, state, e);
    /* A loop, or a round, that goes on stands before the `no`s behind it. */
    int passes_all = edge->passes == state->direct_nos.count;
    no_effect no = meet_nos(moment, run, edge->nos, passes_all ? edge->passes : 0, fresh, &captures);
    if (killed > no) no = passes_all ? killed : NO_DYING;
    int guarded = in_span && any_guard_fits(moment, edge, fresh, met, &captures);
#ifdef CEP_FAULT_UNTIL_ON_ENTRY
    int is_ended = 0; /* a planted fault for the judges: only who enters a loop looks at its `until` */
#else
    int is_ended = fits_any(moment, edge->untils, &captures);
#endif
    cep_status status = CEP_OK;
    /* A match that only waits for a last greedy loop is complete: a `no` before the loop ends the wait. */
    int ends_wait = edge->kind == PRG_EDGE_FINISH && (edge->flags & PRG_EDGE_AFTER_LOOP);
    if (guarded || (no == NO_CLOSED && !ends_wait) || is_ended) {
      run->open &= ~bit;
    } else if (edge->kind == PRG_EDGE_FINISH) {
      if (no == NO_NONE || ends_wait) status = meet_finish(moment, run, e, edge, taken);
    } else {
      status = meet_way(moment, run, e, edge, no == NO_DYING, &after, &taken);
    }
#ifdef CEP_FAULT_LOOP_CONTIGUITY
    if (edge->kind == PRG_EDGE_REPEAT) run->open &= ~bit;
#endif
    if (no != NO_NONE) run->open &= ~bit;
    if (status < 0) return status;
  }
  if (moment->own->lifts) note_untils(moment, run, &captures);
  return CEP_OK;
}

/* ---- Starting ------------------------------------------------------------------------ */

/* `no X for D` at the front: the key has been quiet for long enough. */
static int quiet_has_passed(const nfa_moment *moment, const prg_state *start, nfa_extra *extra)
{
  for (uint32_t n = 0; n < start->direct_nos.count; n++) {
    const prg_step *no = nfa_step(moment->worker, nfa_list_at(moment->worker, start->direct_nos, n));
    cep_time since = nfa_extra_since(extra)[n];
    if (since == CEP_TIME_MIN || moment->time < cb_time_add(since, no->no_for)) return 0;
  }
  return 1;
}

static void restart_quiet(const nfa_moment *moment, const prg_state *start, nfa_extra *extra)
{
  for (uint32_t n = 0; n < start->direct_nos.count; n++) {
    cep_time *since = &nfa_extra_since(extra)[n];
    int is_first = *since == CEP_TIME_MIN;
    if (is_first || nfa_runs_fits(moment, nfa_list_at(moment->worker, start->direct_nos, n), NULL)) {
      *since = moment->time;
    }
  }
}

static cb_slab_id last_run(const nfa_worker *worker, const nfa_runs_slot *slot)
{
  cb_slab_id last = slot->last != CB_SLAB_NONE ? slot->last : slot->first;
  while (last != CB_SLAB_NONE && nfa_run_at(worker, last)->next != CB_SLAB_NONE) last = nfa_run_at(worker, last)->next;
  return last;
}

/* `match latest`: what has only its first event makes room for the new one. */
static void replace_starts(nfa_moment *moment)
{
  const nfa_worker *worker = moment->worker;
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (nfa_history_at(worker->slab, run->head)->length == 1) run->open = 0; /* the sweep removes it */
  }
}

cep_status nfa_runs_start(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  const prg_state *start = nfa_state(worker, 0);
  nfa_extra *extra = NULL;
  if (start->direct_nos.count > 0) {
    extra = nfa_extra_make(worker, moment->slot);
    if (extra == NULL) return CEP_E_NOMEM;
  }
  int may_start = extra == NULL || quiet_has_passed(moment, start, extra);
  cb_slab_id last = last_run(worker, moment->slot);
  for (uint32_t e = 0; may_start && e < start->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, start, e);
    if (edge->kind != PRG_EDGE_FORWARD || !nfa_runs_fits(moment, edge->target, NULL)) continue;
    if (any_guard_fits(moment, edge, 1, 0, NULL) || fits_any(moment, edge->untils, NULL)) continue;
    if (meet_until(moment, edge, NULL) != UNTIL_NONE) continue;
    if (worker->detection->flags & PRG_DETECT_LATEST) replace_starts(moment);
    cep_status status = take(moment, NULL, edge, 0, &last);
    if (status < 0) return status;
  }
  if (extra != NULL) restart_quiet(moment, start, extra);
  return CEP_OK;
}
