/* firstof.c - the first-of evaluator: starts that share their future move together. */
#include "nfa/firstof.h"

#include <string.h>

/* ---- Bounds ----------------------------------------------------------------------------- */

/* How many look at the first event behind the newest one only. */
static uint32_t count_strict(const prg *program, const prg_detection *detection, prg_list nos)
{
  uint32_t count = 0;
  for (uint32_t n = 0; n < nos.count; n++)
    count += program->steps[detection->steps.first + program->lists[nos.first + n]].hop == PRG_STRICT;
  return count;
}

/* Each state has one way on, beside a loop that makes its shorter form vain. */
int nfa_first_of_is_chain(const prg *program, const prg_detection *detection)
{
  if (detection->limit > 0 && detection->skip != PRG_SKIP_PAST_LAST) return 0;
  for (uint32_t s = 0; s < detection->states.count; s++) {
    const prg_state *state = &program->states[detection->states.first + s];
    uint32_t forward = 0, delicate = 0, repeats = 0;
    for (uint32_t e = state->edges.first; e < state->edges.first + state->edges.count; e++) {
      const prg_edge *edge = &program->edges[e];
      forward += edge->kind == PRG_EDGE_FORWARD;
      repeats += edge->kind == PRG_EDGE_REPEAT;
      delicate += edge->guards.count + edge->untils.count + (edge->until != PRG_NONE) + count_strict(program, detection, edge->nos);
      delicate += edge->kind == PRG_EDGE_REPEAT && edge->contiguity == PRG_ANY;
    }
    delicate += count_strict(program, detection, state->direct_nos);
    if (forward > 1 || (repeats > 0 && delicate > 0)) return 0;
  }
  return 1;
}

/* ---- Coming out ------------------------------------------------------------------------- */

/* Takes over the history. `waited`: of a timeout; PRG_NONE: it is a match. */
static cep_status report(nfa_moment *moment, cb_slab_id head, cep_time start, uint32_t waited)
{
  nfa_worker *worker = moment->worker;
  uint64_t *registers = nfa_first_own_of(worker)->registers;
  nfa_result result = {.kind = waited == PRG_NONE ? NFA_MATCHED : NFA_TIMED_OUT,
                       .index = moment->index,
                       .time = moment->time,
                       .start = start,
                       .waited = waited,
                       .captures = {.slab = worker->slab, .head = head, .registers = registers}};
  int done = head != CB_SLAB_NONE && nfa_history_registers(worker, head, registers, &result.captures.null);
  cep_status status = done ? moment->out->report(moment->out->ctx, &result) : CEP_E_NOMEM;
  nfa_history_unref(worker->slab, head);
  return status;
}

/* With the event in hand at its end if a step took it. */
static cep_status report_with(nfa_moment *moment, cb_slab_id head, cep_time start, const nfa_first_move *move)
{
  nfa_worker *worker = moment->worker;
  if (move->effect == NFA_COMPLETES) {
    nfa_caught event;
    if (!nfa_catch(moment, move->step, &event)) {
      nfa_history_unref(worker->slab, head);
      return CEP_E_NOMEM;
    }
    head = nfa_caught_history(worker, head, &event);
    nfa_caught_free(worker, &event);
  }
  return report(moment, head, start, PRG_NONE);
}

/* What starts before the result is gone once it has come out whose newest event is `newest`. */
static uint64_t pruned_below(const nfa_worker *worker, uint64_t start, uint64_t newest)
{
#ifdef CEP_FAULT_MATCH_PRUNES_LESS
  newest = start; /* planted: past the first event only */
#endif
  return worker->detection->skip == PRG_SKIP_PAST_LAST ? newest + 1 : start + 1;
}

/* A match more, if the limit allows it. */
static int may_come_out(nfa_worker *worker)
{
  nfa_first_own *own = nfa_first_own_of(worker);
  if (worker->detection->limit == 0 || own->reported < worker->detection->limit) {
    own->reported++;
    return 1;
  }
  worker->counters.matches_dropped++;
  return 0;
}

/* Why starts come out: an event, or that their span is over. */
typedef struct occasion {
  const nfa_first_move *move; /* NULL: the span of what began at `last` or before is over */
  cep_time last;
  uint32_t waited;            /* then: of a timeout; PRG_NONE: they are matches */
} occasion;

/* The starts of a group, one after the other, as far as they do not prune each other. */
static cep_status report_group(nfa_moment *moment, const nfa_group *group, const occasion *why, uint64_t *below)
{
  nfa_worker *worker = moment->worker;
  const nfa_ids *path = &nfa_first_own_of(worker)->path;
  int is_longer = why->move != NULL && why->move->effect == NFA_COMPLETES;
  cep_status status = CEP_OK;
  int is_there = nfa_walk_first(worker, group);
  for (; is_there > 0 && status >= 0; is_there = nfa_walk_next(worker)) {
    const nfa_caught start = *nfa_walk_start(worker);
    uint64_t newest = is_longer ? moment->seq : nfa_link_at(worker, path->at[0])->event.seq;
    if (*below > moment->seq || start.time > why->last) break;
    if (start.seq < *below) continue;
    if (is_longer && path->count >= worker->history_max) {
      worker->counters.partials_dropped++;
      continue;
    }
    if (why->waited == PRG_NONE && !may_come_out(worker)) continue;
    *below = pruned_below(worker, start.seq, newest);
    cb_slab_id head = nfa_walk_history(worker);
    status = why->move != NULL ? report_with(moment, head, start.time, why->move) : report(moment, head, start.time, why->waited);
  }
  return is_there < 0 ? CEP_E_NOMEM : status;
}

/* ---- Alone ------------------------------------------------------------------------------ */

static cep_status begin_alone(nfa_moment *moment, nfa_slot *slot, const nfa_first_move *move)
{
  nfa_caught event;
  moment->seq = 1;
  if (!nfa_catch(moment, move->step, &event)) return CEP_E_NOMEM;
  moment->worker->counters.started++;
  moment->worker->counters.active++;
  nfa_alone *alone = nfa_alone_of(slot);
  *alone = (nfa_alone){.situation = move->to, .first_step = event.step, .form = NFA_FORM_ONE};
  alone->time[0] = event.time;
  alone->at[0] = event.at;
  alone->input[0] = event.input;
  return CEP_OK;
}

/* A slot with nothing open. */
static cep_status step_empty(nfa_moment *moment, nfa_slot *slot)
{
  nfa_first_move move;
  if (!nfa_move_of(moment, NFA_START, &move)) return CEP_E_NOMEM;
  switch ((nfa_effect)move.effect) {
  case NFA_TAKES:
    return begin_alone(moment, slot, &move);
  case NFA_COMPLETES:
    moment->worker->counters.started++;
    moment->seq = 1;
    return may_come_out(moment->worker) ? report_with(moment, CB_SLAB_NONE, moment->time, &move) : CEP_OK;
  case NFA_SEVERAL:
    return nfa_runs_step_one(moment);
  case NFA_STAYS:
  case NFA_FINISHES:
  case NFA_ENDS: break;
  }
  return CEP_OK;
}

/* What would be longer than history.max is dropped, and counted. */
static void drop_alone(nfa_worker *worker, nfa_slot *slot, uint16_t else_to)
{
  worker->counters.partials_dropped++;
  if (else_to == NFA_START) nfa_alone_free(worker, slot);
  else nfa_alone_of(slot)->situation = else_to;
}

/* An event that begins nothing. 0 in *done: it takes more than one can hold alone. */
static cep_status step_alone(nfa_moment *moment, nfa_slot *slot, const nfa_first_move *move, int *done)
{
  nfa_worker *worker = moment->worker;
  nfa_alone *alone = nfa_alone_of(slot);
  nfa_caught event;
  *done = 1;
  switch ((nfa_effect)move->effect) {
  case NFA_STAYS:
    alone->situation = move->to;
    return CEP_OK;
  case NFA_ENDS:
    nfa_alone_free(worker, slot);
    return CEP_OK;
  case NFA_TAKES:
    if (alone->form >= worker->history_max) {
      drop_alone(worker, slot, move->else_to);
      return CEP_OK;
    }
    *done = alone->form == NFA_FORM_ONE;
    if (!*done) return CEP_OK;
    moment->seq = 2;
    if (!nfa_catch(moment, move->step, &event)) return CEP_E_NOMEM;
    alone->time[1] = event.time;
    alone->at[1] = event.at;
    alone->input[1] = event.input;
    alone->situation = move->to;
    alone->form = NFA_FORM_TWO;
    return CEP_OK;
  case NFA_COMPLETES:
    if (alone->form < worker->history_max) break;
    drop_alone(worker, slot, NFA_START);
    return CEP_OK;
  case NFA_FINISHES: break;
  case NFA_SEVERAL:
    *done = 0;
    return CEP_OK;
  }
  moment->seq = alone->form + 1u;
  cb_slab_id head = nfa_alone_history(worker, alone);
  cep_time start = alone->time[0];
  if (head == CB_SLAB_NONE) return CEP_E_NOMEM;
  nfa_alone_free(worker, slot);
  if (may_come_out(worker)) return report_with(moment, head, start, move);
  nfa_history_unref(worker->slab, head);
  return CEP_OK;
}

/* ---- A queue ---------------------------------------------------------------------------- */

/* own->moves_now: what the event does to each group. 1 if all of it can be said of a queue; -1: memory refused. */
static int is_sayable(nfa_moment *moment, const nfa_queue *queue, const nfa_first_move *start)
{
  nfa_worker *worker = moment->worker;
  nfa_first_own *own = nfa_first_own_of(worker);
  if (queue->seq == UINT32_MAX || start->effect == NFA_SEVERAL) return 0;
  own->moves_now.count = 0;
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE; id = nfa_group_at(worker, id)->next) {
    nfa_first_move move;
    if (!nfa_move_of(moment, nfa_group_at(worker, id)->situation, &move) || !cb_vec_push(worker->alloc, &own->moves_now, move)) return -1;
    if (move.effect == NFA_SEVERAL) return 0;
  }
  return 1;
}

/* What is left of a group once its matches have come out. */
static cep_status move_group(nfa_moment *moment, nfa_queue *queue, nfa_group *group, const nfa_first_move *move)
{
  nfa_worker *worker = moment->worker;
  nfa_caught event;
  int at_limit = move->effect == NFA_TAKES && group->longest >= worker->history_max; /* all that move together stop together */
  if (at_limit) worker->counters.partials_dropped += group->count;
  if (move->effect == NFA_STAYS || (move->effect == NFA_TAKES && !at_limit)) {
    group->situation = move->to;
    if (move->effect == NFA_STAYS) return CEP_OK;
    return nfa_catch(moment, move->step, &event) && nfa_group_take(worker, group, &event) ? CEP_OK : CEP_E_NOMEM;
  }
  group->situation = move->else_to;
  if (!at_limit || move->else_to == NFA_START) nfa_group_clear(worker, queue, group);
  return CEP_OK;
}

static cep_status start_in(nfa_moment *moment, nfa_queue *queue, const nfa_first_move *start, uint64_t *below)
{
  nfa_worker *worker = moment->worker;
  if (start->effect == NFA_ENDS) return CEP_OK;
  worker->counters.started++;
  if (moment->seq < *below) return CEP_OK;
  if (start->effect == NFA_COMPLETES) {
    if (!may_come_out(worker)) return CEP_OK;
    *below = moment->seq + 1;
    return report_with(moment, CB_SLAB_NONE, moment->time, start);
  }
  nfa_queue_prune(worker, queue, *below);
  if (queue->count >= worker->partial_max) {
    worker->counters.partials_dropped++;
    return CEP_OK;
  }
  nfa_caught event;
  int done = nfa_catch(moment, start->step, &event) && nfa_queue_add(worker, queue, start->to, &event);
  return done ? CEP_OK : CEP_E_NOMEM;
}

static cep_status step_queue(nfa_moment *moment, nfa_slot *slot, const nfa_first_move *start)
{
  nfa_worker *worker = moment->worker;
  nfa_queue *queue = nfa_queue_of(slot);
  uint64_t below = 0;
  cep_status status = CEP_OK;
  moment->seq = ++queue->seq;
  const nfa_first_move *move = nfa_first_own_of(worker)->moves_now.at;
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE && status >= 0; id = nfa_group_at(worker, id)->next, move++) {
    nfa_group *group = nfa_group_at(worker, id);
    int comes_out = move->effect == NFA_COMPLETES || move->effect == NFA_FINISHES;
    occasion why = {.move = move, .last = CEP_TIME_MAX, .waited = PRG_NONE};
    if (comes_out) status = report_group(moment, group, &why, &below);
    if (status >= 0) status = move_group(moment, queue, group, move);
  }
  if (status >= 0) status = start_in(moment, queue, start, &below);
  if (status >= 0) nfa_queue_prune(worker, queue, below);
  nfa_queue_tidy(worker, queue);
  return status;
}

/* ---- The evaluator ---------------------------------------------------------------------- */

static void first_close(nfa_worker *worker)
{
  nfa_first_own *own = nfa_first_own_of(worker);
  if (own != NULL) {
    nfa_automaton_close(&own->automaton);
    cb_vec_free(worker->alloc, &own->path);
    cb_vec_free(worker->alloc, &own->moves_now);
  }
  nfa_runs.close(worker);
}

static cep_status first_open(nfa_worker *worker)
{
  cep_status status = nfa_runs_open(worker, sizeof(nfa_first_own) + worker->detection->registers.count * sizeof(uint64_t));
  if (status >= 0) status = nfa_automaton_share(&nfa_first_own_of(worker)->automaton, worker);
  if (status < 0) first_close(worker);
  return status;
}

/* An event for a slot with something open, in its own form. */
static cep_status step_open(nfa_moment *moment, nfa_slot *slot)
{
  nfa_worker *worker = moment->worker;
  nfa_first_move start, move;
  if (!nfa_move_of(moment, NFA_START, &start)) return CEP_E_NOMEM;
  if (nfa_form_of(slot) != NFA_FORM_QUEUE && start.effect == NFA_ENDS) {
    if (!nfa_move_of(moment, nfa_alone_seen(slot)->situation, &move)) return CEP_E_NOMEM;
    int done = 0;
    cep_status status = step_alone(moment, slot, &move, &done);
    if (status < 0 || done) return status;
  }
  if (nfa_form_of(slot) != NFA_FORM_QUEUE && !nfa_queue_make(worker, slot)) return CEP_E_NOMEM;
  int sayable = is_sayable(moment, nfa_queue_seen(slot), &start);
  if (sayable < 0) return CEP_E_NOMEM;
  if (sayable) return step_queue(moment, slot, &start);
  cep_status status = nfa_first_to_runs(worker, slot);
  return status < 0 ? status : nfa_runs_step_one(moment);
}

static cep_status step_one(nfa_moment *moment, nfa_slot *slot)
{
  const nfa_runs_slot *runs = moment->slot;
  cep_status status;
  if (nfa_form_of(slot) != NFA_FORM_RUNS) status = step_open(moment, slot);
  else if (runs->count == 0) status = step_empty(moment, slot);
  else return nfa_runs_step_one(moment);
  nfa_taken_forget(moment->worker, &moment->own->taken);
  return status;
}

static cep_status first_step(nfa_worker *worker, nfa_slot *const *slots, const nfa_event *events,
                             const uint64_t *symbols, uint32_t count, const nfa_out *out)
{
  nfa_automaton_trim(&nfa_first_own_of(worker)->automaton);
  for (uint32_t i = 0; i < count; i++) {
    nfa_first_own_of(worker)->reported = 0;
    nfa_moment moment = nfa_moment_of(worker, slots[i], &events[i], symbols[i], i, out);
    cep_status status = step_one(&moment, slots[i]);
    if (status < 0) return status;
  }
  return CEP_OK;
}

static cep_time span_end(const nfa_worker *worker, cep_time start)
{
#ifdef CEP_FAULT_SPAN_INCLUSIVE
  return worker->detection->within == CEP_TIME_MAX ? CEP_TIME_MAX : cb_time_add(start, worker->detection->within + 1);
#else
  return worker->detection->within == CEP_TIME_MAX ? CEP_TIME_MAX : cb_time_add(start, worker->detection->within);
#endif
}

/* The step that a timeout out of the situation tells of; PRG_NONE: none is told. */
static uint32_t timeout_of(const nfa_worker *worker, uint32_t situation)
{
  return (worker->detection->flags & PRG_DETECT_ON_TIMEOUT) ? nfa_situation_waits(worker, situation) : PRG_NONE;
}

static cep_status expire_alone(nfa_moment *moment, nfa_slot *slot)
{
  nfa_worker *worker = moment->worker;
  const nfa_alone *alone = nfa_alone_seen(slot);
  cep_time start = alone->time[0];
  int is_match = nfa_situation_is_due(worker, alone->situation);
  uint32_t waited = is_match ? PRG_NONE : timeout_of(worker, alone->situation);
  cb_slab_id head = CB_SLAB_NONE;
  if (is_match || waited != PRG_NONE) {
    head = nfa_alone_history(worker, alone);
    if (head == CB_SLAB_NONE) return CEP_E_NOMEM;
  }
  nfa_alone_free(worker, slot);
  return head != CB_SLAB_NONE ? report(moment, head, start, waited) : CEP_OK;
}

/* Matches that their span has been waited for come out, in order of starts, and prune; then timeouts. */
static cep_status expire_queue(nfa_moment *moment, nfa_slot *slot)
{
  nfa_worker *worker = moment->worker;
  nfa_queue *queue = nfa_queue_of(slot);
  occasion why = {.last = queue->oldest, .waited = PRG_NONE}; /* what began at one instant is over at one instant */
  uint64_t below = 0;
  cep_status status = CEP_OK;
  moment->seq = queue->seq;
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE && status >= 0; id = nfa_group_at(worker, id)->next) {
    const nfa_group *group = nfa_group_at(worker, id);
    if (nfa_situation_is_due(worker, group->situation)) status = report_group(moment, group, &why, &below);
  }
  if (status < 0) return status;
  nfa_queue_prune(worker, queue, below);
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE && status >= 0; id = nfa_group_at(worker, id)->next) {
    const nfa_group *group = nfa_group_at(worker, id);
    why.waited = nfa_situation_is_due(worker, group->situation) ? PRG_NONE : timeout_of(worker, group->situation);
    if (why.waited != PRG_NONE) status = report_group(moment, group, &why, &queue->silent_below);
  }
  if (status < 0) return status;
  nfa_queue_expire(worker, queue, why.last);
  nfa_queue_tidy(worker, queue);
  if (queue->count == 1) nfa_queue_shrink(worker, slot);
  return CEP_OK;
}

static cep_time first_next_deadline(const nfa_worker *worker, const nfa_slot *slot)
{
  switch (nfa_form_of(slot)) {
  case NFA_FORM_RUNS: return nfa_runs.next_deadline(worker, slot);
  case NFA_FORM_QUEUE: return span_end(worker, nfa_queue_seen(slot)->oldest);
  case NFA_FORM_ONE:
  case NFA_FORM_TWO: break;
  }
  return span_end(worker, nfa_alone_seen(slot)->time[0]);
}

static cep_status first_advance(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  while (nfa_form_of(slot) != NFA_FORM_RUNS) {
    cep_time deadline = first_next_deadline(worker, slot);
    if (deadline > time || deadline == CEP_TIME_MAX) return CEP_OK;
    nfa_first_own_of(worker)->reported = 0;
    nfa_moment moment = {.worker = worker, .own = (nfa_runs_own *)worker->own, .slot = nfa_runs_of(slot), .time = deadline, .out = out};
    cep_status status = nfa_form_of(slot) == NFA_FORM_QUEUE ? expire_queue(&moment, slot) : expire_alone(&moment, slot);
    if (status < 0) return status;
  }
  return nfa_runs.advance(worker, slot, time, out);
}

/* Spans are of time: nothing waits for a number of events. */
static cep_status first_end(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  (void)worker, (void)slot, (void)time, (void)out;
  return CEP_OK;
}

static int first_is_empty(const nfa_slot *slot)
{
  return nfa_form_of(slot) == NFA_FORM_RUNS && nfa_runs.is_empty(slot);
}

static void first_release(nfa_worker *worker, nfa_slot *slot)
{
  switch (nfa_form_of(slot)) {
  case NFA_FORM_RUNS: nfa_runs.release(worker, slot); return;
  case NFA_FORM_QUEUE: nfa_queue_free(worker, slot); return;
  case NFA_FORM_ONE:
  case NFA_FORM_TWO: break;
  }
  nfa_alone_free(worker, slot);
}

const nfa_evaluator nfa_first_of = {
    .name = "first-of",
    .open = first_open,
    .close = first_close,
    .step = first_step,
    .advance = first_advance,
    .end = first_end,
    .next_deadline = first_next_deadline,
    .is_empty = first_is_empty,
    .release = first_release,
    .save = nfa_first_save,
    .load = nfa_first_load,
    .check = nfa_first_check,
};
