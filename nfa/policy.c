/* policy.c - what comes out when, in which order, and what it prunes. */
#include "nfa/runs.h"

#include <string.h>

#include "nfa/register.h"

/* ---- Deadlines ----------------------------------------------------------------------- */

cep_time nfa_runs_span_end(const nfa_worker *worker, const nfa_run *run)
{
  if (worker->detection->within_events > 0) {
    uint64_t counted = ((const nfa_runs_own *)worker->own)->span_seq;
    int is_over = counted >= run->start_seq && counted - run->start_seq >= worker->detection->within_events;
    return is_over ? CEP_TIME_MIN : CEP_TIME_MAX;
  }
  if (worker->detection->within == CEP_TIME_MAX) return CEP_TIME_MAX;
#ifdef CEP_FAULT_SPAN_INCLUSIVE
  return cb_time_add(run->start_time, worker->detection->within + 1);
#else
  return cb_time_add(run->start_time, worker->detection->within);
#endif
}

/* When no event can go into the loop any more: with the span, or with the gap bounds of the
 * ways into it. */
static cep_time loop_end(const nfa_worker *worker, const nfa_run *run, const prg_edge *finish)
{
  cep_time span = nfa_runs_span_end(worker, run), end = CEP_TIME_MIN;
  const prg_state *state = nfa_state(worker, run->state);
  if (((const nfa_runs_own *)worker->own)->gaps[run->state] == 0 || finish->tail == state->step) return span;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    if (edge->target != finish->tail || !(run->open >> e & 1)) continue;
    cep_time own = edge->gap > 0 ? cb_time_add(nfa_history_at(worker->slab, run->head)->time, edge->gap) : span;
    if (own > end) end = own;
  }
  return end == CEP_TIME_MIN || end > span ? span : end;
}

cep_time nfa_runs_finish_time(const nfa_worker *worker, const nfa_run *run, const prg_edge *finish)
{
  if (finish->flags & PRG_EDGE_AFTER_LOOP) return loop_end(worker, run, finish);
  /* Each quiet period has to pass; of the others the last one tells when it is over. */
  cep_time latest = CEP_TIME_MIN;
  for (uint32_t n = finish->nos.count - finish->trailing; n < finish->nos.count; n++) {
    const prg_step *no = nfa_step(worker, nfa_list_at(worker, finish->nos, n));
    cep_time passed = CEP_TIME_MIN;
    if (no->no_for > 0) {
      passed = cb_time_add(nfa_history_at(worker->slab, run->head)->time, no->no_for);
    } else if (n + 1 == finish->nos.count && (no->hop != PRG_STRICT || (run->flags & RUN_FRESH))) {
      passed = nfa_runs_span_end(worker, run);
    }
    if (passed > latest) latest = passed;
  }
  return latest;
}

/* The ends that are still ways of the run. */
static uint64_t open_ends(const nfa_worker *worker, const nfa_run *run)
{
  return run->open & ((const nfa_runs_own *)worker->own)->finishes[run->state];
}

static const prg_edge *edge_of(const nfa_worker *worker, const nfa_run *run, uint64_t bit)
{
  return nfa_edge(worker, nfa_state(worker, run->state), (uint32_t)__builtin_ctzll(bit));
}

static cep_time gap_end(const nfa_worker *worker, const nfa_run *run, uint64_t bit)
{
#ifdef CEP_FAULT_GAP_INCLUSIVE
  return cb_time_add(nfa_history_at(worker->slab, run->head)->time, edge_of(worker, run, bit)->gap + 1);
#else
  return cb_time_add(nfa_history_at(worker->slab, run->head)->time, edge_of(worker, run, bit)->gap);
#endif
}

cep_time nfa_runs_deadline(const nfa_worker *worker, const nfa_run *run)
{
  uint64_t ends = open_ends(worker, run);
  cep_time deadline = CEP_TIME_MAX;
  if (run->open & ~ends) deadline = nfa_runs_span_end(worker, run);
  for (uint64_t rest = ends; rest != 0; rest &= rest - 1) {
    cep_time passed = nfa_runs_finish_time(worker, run, edge_of(worker, run, rest));
    if (passed < deadline) deadline = passed;
  }
  for (uint64_t rest = run->open & ((const nfa_runs_own *)worker->own)->gaps[run->state]; rest != 0; rest &= rest - 1) {
    cep_time end = gap_end(worker, run, rest);
    if (end < deadline) deadline = end;
  }
  return deadline;
}

/* ---- Order --------------------------------------------------------------------------- */

/* Merge sort of own->done, bottom up: stable, no recursion, scratch kept between events. */
static cep_status sort_done(nfa_worker *worker)
{
  nfa_runs_own *own = (nfa_runs_own *)worker->own;
  uint32_t count = own->done.count;
  own->sorted.count = 0;
  if (!cb_vec_reserve(worker->alloc, &own->sorted, count)) return CEP_E_NOMEM;
  for (uint32_t width = 1; width < count; width *= 2) {
    for (uint32_t low = 0; low < count; low += 2 * width) {
      uint32_t middle = low + width < count ? low + width : count;
      uint32_t high = low + 2 * width < count ? low + 2 * width : count;
      uint32_t left = low;
      uint32_t right = middle;
      for (uint32_t i = low; i < high; i++) {
        int from_left = left < middle;
        if (from_left && right < high) {
          const nfa_run *a = nfa_run_at(worker, own->done.at[left]);
          const nfa_run *b = nfa_run_at(worker, own->done.at[right]);
          from_left = nfa_history_order(worker->slab, a->head, b->head) <= 0;
        }
        own->sorted.at[i] = own->done.at[from_left ? left++ : right++];
      }
    }
    memcpy(own->done.at, own->sorted.at, count * sizeof *own->done.at);
  }
  return CEP_OK;
}

/* The same events under the same steps are one match: equal ones follow each other. */
static int same_as_before(nfa_worker *worker, uint32_t i)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  if (i == 0) return 0;
  const nfa_run *a = nfa_run_at(worker, own->done.at[i - 1]);
  const nfa_run *b = nfa_run_at(worker, own->done.at[i]);
  return nfa_history_order(worker->slab, a->head, b->head) == 0;
}

/* After a match (or timeout) with these captures, what started before the result is dropped. */
static uint64_t pruned_below(const nfa_worker *worker, const nfa_run *run, int *missed)
{
  cb_slab_id target = CB_SLAB_NONE;
  *missed = 0;
  switch ((prg_skip)worker->detection->skip) {
  case PRG_SKIP_NO: return 0;
#ifdef CEP_FAULT_SKIP_OFF_BY_ONE
  case PRG_SKIP_PAST_LAST: return nfa_history_at(worker->slab, run->head)->seq;
#else
  case PRG_SKIP_PAST_LAST: return nfa_history_at(worker->slab, run->head)->seq + 1;
#endif
  case PRG_SKIP_TO_NEXT: return run->start_seq + 1;
  case PRG_SKIP_TO_FIRST: target = nfa_history_nth(worker->slab, run->head, worker->detection->skip_step, 0); break;
  case PRG_SKIP_TO_LAST: target = nfa_history_nth(worker->slab, run->head, worker->detection->skip_step, -1); break;
  }
  if (target != CB_SLAB_NONE) return nfa_history_at(worker->slab, target)->seq;
  *missed = 1;
  return 0;
}

/* ---- Coming out ---------------------------------------------------------------------- */

static cep_status report(const nfa_moment *moment, nfa_run *run, nfa_result_kind kind, uint32_t waited)
{
  nfa_result result = {.kind = kind,
                       .index = moment->index,
                       .time = moment->time,
                       .start = run->start_time,
                       .waited = waited,
                       .captures = nfa_run_captures(moment->worker, run)};
  return moment->out->report(moment->out->ctx, &result);
}

/* Reports one match if the limit allows. Gives what it prunes in *below. */
static cep_status report_match(const nfa_moment *moment, nfa_run *run, uint64_t *reported, uint64_t *below)
{
  nfa_worker *worker = moment->worker;
  if (worker->detection->limit > 0 && *reported >= worker->detection->limit) {
    worker->counters.matches_dropped++;
    return CEP_OK;
  }
  (*reported)++;
  int missed;
  uint64_t pruned = pruned_below(worker, run, &missed);
  worker->counters.skip_missed += (uint64_t)missed;
  if (pruned > *below) *below = pruned;
  return report(moment, run, NFA_MATCHED, PRG_NONE);
}

static void free_done(nfa_worker *worker)
{
  nfa_runs_own *own = (nfa_runs_own *)worker->own;
  for (uint32_t i = 0; i < own->done.count; i++) nfa_run_free(worker, own->done.at[i]);
  own->done.count = 0;
}

/* First completed wins: the finished come out in order, each prunes the ones behind it. */
static cep_status report_done(nfa_moment *moment, uint64_t *below)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  cep_status status = sort_done(worker);
  uint64_t reported = 0;
  for (uint32_t i = 0; i < own->done.count && status >= 0; i++) {
    nfa_run *run = nfa_run_at(worker, own->done.at[i]);
    if (run->start_seq < *below || same_as_before(worker, i)) continue;
    status = report_match(moment, run, &reported, below);
  }
  free_done(worker);
  return status;
}

static void swap_heads(nfa_run *a, nfa_run *b)
{
  cb_slab_id head = a->head;
  a->head = b->head;
  b->head = head;
}

static void join(nfa_worker *worker, nfa_run *run, nfa_run *more)
{
  nfa_registers_join(worker->program, worker->detection->registers, nfa_run_registers(run), &run->null,
                     nfa_run_registers(more), more->null, &worker->counters.sum_overflow);
}

/* The event that stands for all matches of an instant: the newest one, by the earliest step. */
static int stands_before(const nfa_worker *worker, const nfa_run *a, const nfa_run *b)
{
  const nfa_node *x = nfa_history_at(worker->slab, a->head);
  const nfa_node *y = nfa_history_at(worker->slab, b->head);
  return x->seq != y->seq ? x->seq > y->seq : x->step < y->step;
}

/* `emit once`: what is finished, and not pruned, is one output; the first in order has its start. */
static cep_status report_once(nfa_moment *moment, uint64_t *below)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  cep_status status = sort_done(worker);
  nfa_run *sum = NULL, *shown = NULL;
  for (uint32_t i = 0; i < own->done.count && status >= 0; i++) {
    nfa_run *run = nfa_run_at(worker, own->done.at[i]);
    if (run->start_seq < *below || same_as_before(worker, i)) continue;
    int missed;
    uint64_t pruned = pruned_below(worker, run, &missed);
    if (pruned > *below) *below = pruned;
    if (sum == NULL) sum = run;
    else join(worker, sum, run);
    if (shown == NULL || stands_before(worker, run, shown)) shown = run;
  }
  if (sum != NULL && status >= 0) {
    swap_heads(sum, shown);
    status = report(moment, sum, NFA_MATCHED, PRG_NONE);
  }
  free_done(worker);
  return status;
}

static cep_status come_out(nfa_moment *moment, uint64_t *below)
{
  int is_once = (moment->worker->detection->flags & PRG_DETECT_ONCE) != 0;
  return is_once ? report_once(moment, below) : report_done(moment, below);
}

/* Earliest start first: the finished wait in a list by (start, when completed, order). */
static cep_status queue_done(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  if (own->done.count == 0) return CEP_OK;
  cep_status status = sort_done(worker);
  if (status < 0) return status;
  nfa_extra *extra = nfa_extra_make(worker, moment->slot);
  if (extra == NULL) return CEP_E_NOMEM;
  cb_slab_id *link = &extra->waiting;
  cb_slab_id last = CB_SLAB_NONE;
  uint32_t twice = 0;
  for (uint32_t i = 0; i < own->done.count; i++) {
    nfa_run *run = nfa_run_at(worker, own->done.at[i]);
    if (last != CB_SLAB_NONE && nfa_history_order(worker->slab, nfa_run_at(worker, last)->head, run->head) == 0) {
      own->done.at[twice++] = own->done.at[i]; /* one match, found twice: freed below */
      continue;
    }
    last = own->done.at[i];
    while (*link != CB_SLAB_NONE && nfa_run_at(worker, *link)->start_seq <= run->start_seq) {
      link = &nfa_run_at(worker, *link)->next;
    }
    run->next = *link;
    *link = own->done.at[i];
    link = &run->next;
  }
  own->done.count = twice;
  free_done(worker);
  return CEP_OK;
}

static cep_status release_waiting(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  nfa_extra *extra = nfa_extra_at(worker, moment->slot);
  uint64_t below = 0;
  uint64_t reported = 0;
  cep_status status = CEP_OK;
  while (status >= 0 && extra != NULL && extra->waiting != CB_SLAB_NONE) {
    cb_slab_id id = extra->waiting;
    nfa_run *run = nfa_run_at(worker, id);
    int pruned = run->start_seq < below;
    int held = moment->slot->first != CB_SLAB_NONE &&
               nfa_run_at(worker, moment->slot->first)->start_seq < run->start_seq;
    if (!pruned && held) break;
    extra->waiting = run->next;
    if (!pruned) status = report_match(moment, run, &reported, &below);
    nfa_run_free(worker, id);
    nfa_runs_sweep(worker, moment->slot, below);
    extra = nfa_extra_at(worker, moment->slot); /* gone with the last partial match */
  }
  return status;
}

/* ---- First-of ------------------------------------------------------------------------ */

/* 1 if the two have the same future, whatever comes. */
static int same_future(const nfa_worker *worker, nfa_run *a, nfa_run *b)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  uint32_t flags = own->fresh_matters[a->state] ? ~0u : ~(uint32_t)RUN_FRESH;
  if (a->state != b->state || a->open != b->open || ((a->flags ^ b->flags) & flags) != 0) return 0;
  const prg_state *state = nfa_state(worker, a->state);
  if (state->flags & PRG_STATE_UNMERGED) return 0;
  const prg_step *step = nfa_step(worker, state->step);
  int repeats = nfa_edge(worker, state, 0)->kind == PRG_EDGE_REPEAT && (a->open & 1);
  if (repeats && a->count != b->count) {
    /* Past its minimum an open loop does not look at its count again. */
    if (step->max != PRG_OPEN || a->count < step->min || b->count < step->min) return 0;
  }
  if (own->head_matters[a->state] &&
      nfa_history_at(worker->slab, a->head)->seq != nfa_history_at(worker->slab, b->head)->seq) {
    return 0;
  }
  for (uint32_t i = 0; i < own->counter_words; i++) {
    if (nfa_run_counters(worker, a)[i] != nfa_run_counters(worker, b)[i]) return 0;
  }
  if ((a->null ^ b->null) & own->condition_registers) return 0;
  for (uint64_t rest = own->condition_registers; rest != 0; rest &= rest - 1) {
    uint32_t i = (uint32_t)__builtin_ctzll(rest);
    if (nfa_run_registers(a)[i] != nfa_run_registers(b)[i]) return 0;
  }
  return 1;
}

/* Only the first in order can ever be reported: the better history moves into the record that stays. */
static void keep_better(nfa_moment *moment, cb_slab_id id, nfa_run *other)
{
  nfa_run *run = nfa_run_at(moment->worker, id);
  if (nfa_history_order(moment->worker->slab, other->head, run->head) >= 0) return;
  nfa_run old = *run;
  memcpy(run, other, moment->own->run_size);
  run->next = old.next;
  run->hook = old.hook;
  other->head = old.head;
  if (moment->slot->index != CB_SLAB_NONE) nfa_index_moved(moment->worker, moment->slot, id);
}

/* The matches of both, told by one of them: with the newest event, and as short as there is one,
 * so that what is long for a few only does not meet the limit for all. */
static void add_up(nfa_worker *worker, nfa_run *run, nfa_run *other)
{
#ifndef CEP_FAULT_MATCHES_LOST
  join(worker, run, other);
#endif
  run->flags |= other->flags & RUN_FRESH;
  const nfa_node *mine = nfa_history_at(worker->slab, run->head);
  const nfa_node *others = nfa_history_at(worker->slab, other->head);
  int is_better = others->seq > mine->seq;
  if (others->seq == mine->seq) {
    is_better = others->length < mine->length;
    if (others->length == mine->length) is_better = nfa_history_order(worker->slab, other->head, run->head) < 0;
  }
  if (is_better) swap_heads(run, other);
}

/* What follows the run and has its start and future. */
static void merge_into(nfa_moment *moment, cb_slab_id id)
{
  nfa_worker *worker = moment->worker;
  nfa_run *run = nfa_run_at(worker, id);
  cb_slab_id *link = &run->next;
  while (*link != CB_SLAB_NONE) {
    cb_slab_id gone = *link;
    nfa_run *other = nfa_run_at(worker, gone);
    if (other->start_seq != run->start_seq) break;
    if (!same_future(worker, run, other)) {
      link = &other->next;
      continue;
    }
    if (worker->detection->flags & PRG_DETECT_WEIGHED) add_up(worker, run, other);
    else keep_better(moment, id, other);
    if (moment->slot->index != CB_SLAB_NONE) { /* the sweep removes it */
      other->open = 0;
      link = &other->next;
      continue;
    }
    *link = other->next;
    nfa_run_free(worker, gone);
    moment->slot->count--;
    worker->counters.active--;
  }
}

/* Equal start, state and registers are one record. */
static void merge(nfa_moment *moment)
{
  const nfa_worker *worker = moment->worker;
  if (moment->slot->index != CB_SLAB_NONE) {
    const nfa_ids *touched = &moment->own->touched;
    for (uint32_t i = 0; i < touched->count; i++) merge_into(moment, touched->at[i]);
    return;
  }
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) merge_into(moment, id);
  moment->slot->last = CB_SLAB_NONE; /* may be gone */
}

/* ---- Several runs with one history ----------------------------------------------------- */

/* All that have the newest node of something in own->done get the flag, and lose their ends
 * if `ends`: a history comes out once. */
static void tell_twins(nfa_moment *moment, uint32_t flag, int ends)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  if (!own->may_twin || own->done.count == 0) return;
  for (uint32_t i = 0; i < own->done.count; i++) {
    ((nfa_node *)cb_slab_at(worker->slab, nfa_run_at(worker, own->done.at[i])->head))->mark = 1;
  }
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (nfa_history_at(worker->slab, run->head)->mark == 0) continue;
    run->flags |= flag;
    if (ends) run->open &= ~own->finishes[run->state];
  }
  for (uint32_t i = 0; i < own->done.count; i++) {
    ((nfa_node *)cb_slab_at(worker->slab, nfa_run_at(worker, own->done.at[i])->head))->mark = 0;
  }
}

/* ---- The two entrances --------------------------------------------------------------- */

static int is_earliest_first(const nfa_worker *worker)
{
  return (worker->detection->flags & PRG_DETECT_EARLIEST_FIRST) != 0;
}

/* What is left once everything has come out. */
static void tidy(nfa_moment *moment, uint64_t below)
{
  if (moment->worker->detection->flags & (PRG_DETECT_FIRST_OF | PRG_DETECT_WEIGHED)) merge(moment);
  nfa_runs_sweep(moment->worker, moment->slot, below);
}

cep_status nfa_runs_settle(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  uint64_t below = 0;
  if (moment->slot->index != CB_SLAB_NONE) (void)nfa_index_gather(moment);
  tell_twins(moment, 0, 1);
  if (is_earliest_first(worker)) {
    cep_status status = queue_done(moment);
    nfa_runs_sweep(worker, moment->slot, 0);
    return status < 0 ? status : release_waiting(moment);
  }
  cep_status status = moment->own->done.count > 0 ? come_out(moment, &below) : CEP_OK;
  tidy(moment, below);
  return status;
}

/* ---- Falling due ------------------------------------------------------------------------ */

/* With an index nothing falls due but with its span: no later run concerns this instant. */
static int is_beyond(const nfa_moment *moment, const nfa_run *run)
{
  return moment->slot->index != CB_SLAB_NONE && nfa_runs_span_end(moment->worker, run) > moment->time;
}

/* Absence, quiet periods and greedy ends that are due: into own->done. */
static cep_status finish_due(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (is_beyond(moment, run)) break;
    uint64_t ends = open_ends(worker, run);
    int is_due = 0;
    for (uint64_t rest = ends; rest != 0 && !is_due; rest &= rest - 1) {
      is_due = nfa_runs_finish_time(worker, run, edge_of(worker, run, rest)) <= moment->time;
    }
    if (!is_due) continue;
    run->open &= ~ends; /* the others would give the same match once more */
#ifndef CEP_FAULT_NO_HAVING_LATER
    if (!nfa_runs_having(moment, run)) continue;
#endif
    cb_slab_id done = nfa_run_copy(worker, run);
    if (done == CB_SLAB_NONE) return CEP_E_NOMEM;
    if (!cb_vec_push(worker->alloc, &moment->own->done, done)) {
      nfa_run_free(worker, done);
      return CEP_E_NOMEM;
    }
    run->flags |= RUN_MATCHED;
  }
  return CEP_OK;
}

/* The ways to steps whose time is over. */
static uint64_t expired_ways(const nfa_moment *moment, const nfa_run *run)
{
  const nfa_worker *worker = moment->worker;
  uint64_t ways = run->open & ~open_ends(worker, run);
  if (ways == 0 || nfa_runs_span_end(worker, run) <= moment->time) return ways;
  uint64_t expired = 0;
  for (uint64_t rest = ways & moment->own->gaps[run->state]; rest != 0; rest &= rest - 1) {
    if (gap_end(worker, run, rest) <= moment->time) expired |= rest & -rest;
  }
  return expired;
}

/* Spans and gaps that have run out: closes the ways; what has no way to a step left times out:
 * a copy, whose open ways are those just closed, into own->done. */
static cep_status expire(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  int reports = (worker->detection->flags & PRG_DETECT_ON_TIMEOUT) != 0;
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (is_beyond(moment, run)) break;
    uint64_t expired = expired_ways(moment, run);
    if (expired == 0) continue;
    run->open &= ~expired;
    if (!reports || (run->open & ~open_ends(worker, run)) != 0) continue;
    if (run->flags & (RUN_MATCHED | RUN_TIMED_OUT | RUN_SILENT)) continue;
    cb_slab_id copy = nfa_run_copy(worker, run);
    if (copy == CB_SLAB_NONE) return CEP_E_NOMEM;
    nfa_run_at(worker, copy)->open = expired;
    if (!cb_vec_push(worker->alloc, &moment->own->done, copy)) {
      nfa_run_free(worker, copy);
      return CEP_E_NOMEM;
    }
  }
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (is_beyond(moment, run)) break;
    run->flags &= ~(uint32_t)RUN_MATCHED;
  }
  tell_twins(moment, RUN_TIMED_OUT, 0);
  return CEP_OK;
}

/* The earliest step that item i of own->done waited for, or another one with its history. */
static uint32_t waited_for(nfa_worker *worker, uint32_t i)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  uint32_t least = PRG_NONE;
  do {
    const nfa_run *run = nfa_run_at(worker, own->done.at[i]);
    for (uint64_t rest = run->open; rest != 0; rest &= rest - 1) {
      uint32_t target = edge_of(worker, run, rest)->target;
      if (target < least) least = target;
    }
  } while (++i < own->done.count && same_as_before(worker, i));
  return least;
}

/* Of one start, gap bounds may let histories time out one after the other. */
static void silence_start(const nfa_moment *moment, uint64_t start_seq)
{
  const nfa_worker *worker = moment->worker;
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (run->start_seq > start_seq) return;
    if (run->start_seq == start_seq) run->flags |= RUN_SILENT;
  }
}

/* Timeouts prune nothing but later timeouts: those that the skip rule would drop after a
 * match with the same captures, and all but the first history of one start. */
static cep_status report_timeouts(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  if (own->done.count == 0) return CEP_OK;
  cep_status status = sort_done(worker);
  int prunes = worker->detection->skip != PRG_SKIP_NO && !is_earliest_first(worker);
  nfa_extra *extra = prunes ? nfa_extra_make(worker, moment->slot) : NULL;
  if (prunes && extra == NULL) status = CEP_E_NOMEM;
  uint64_t start_before = UINT64_MAX;
  for (uint32_t i = 0; i < own->done.count && status >= 0; i++) {
    nfa_run *run = nfa_run_at(worker, own->done.at[i]);
    if (same_as_before(worker, i)) continue;
    if (prunes && (run->start_seq < extra->silent_below || run->start_seq == start_before)) continue;
    start_before = run->start_seq;
    int missed;
    uint64_t below = prunes ? pruned_below(worker, run, &missed) : 0;
    if (prunes && below > extra->silent_below) extra->silent_below = below;
    if (prunes) silence_start(moment, run->start_seq);
    status = report(moment, run, NFA_TIMED_OUT, waited_for(worker, i));
  }
  free_done(worker);
  return status;
}

cep_status nfa_runs_fall_due(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_own *own = moment->own;
  uint64_t below = 0;
  int waits = is_earliest_first(worker);
  if (moment->slot->index != CB_SLAB_NONE) (void)nfa_index_due(moment);
  cep_status status = finish_due(moment);
  tell_twins(moment, RUN_MATCHED, 1);
  if (status >= 0) status = waits ? queue_done(moment) : come_out(moment, &below);
  free_done(worker);
  if (status < 0) return status;
  if (below > 0) nfa_runs_sweep(worker, moment->slot, below);
  status = expire(moment);
  if (status < 0) return status;
  if (waits) { /* what waited may come out now, before the timeouts of this instant */
    nfa_runs_sweep(worker, moment->slot, 0);
    nfa_ids timeouts = own->done;
    memset(&own->done, 0, sizeof own->done);
    status = release_waiting(moment);
    own->done = timeouts;
    if (status < 0) return status;
  }
  status = report_timeouts(moment);
  if (status < 0) return status;
  tidy(moment, 0);
  if (own->looked_up != 0) nfa_index_settle(worker, moment->slot);
  return CEP_OK;
}

cep_status nfa_runs_count_event(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  moment->own->span_seq = moment->slot->seq;
  cb_slab_id first = moment->slot->first; /* the oldest start */
  if (first == CB_SLAB_NONE || nfa_runs_span_end(worker, nfa_run_at(worker, first)) > moment->time) return CEP_OK;
  return nfa_runs_fall_due(moment);
}
