/* match_check.c - the invariants of a slot of the runs evaluator and all that it reaches. */
#include "nfa/runs.h"

static int history_holds(const nfa_worker *worker, const nfa_run *run)
{
  uint32_t length = 0;
  uint64_t seq = UINT64_MAX;
  const nfa_node *oldest = NULL;
  for (cb_slab_id id = run->head; id != CB_SLAB_NONE; id = oldest->prev) {
    oldest = nfa_history_at(worker->slab, id);
    if (oldest->refs == 0 || oldest->seq >= seq || oldest->mark != 0) return 0;
    seq = oldest->seq;
    length++;
  }
  if (oldest == NULL || oldest->seq != run->start_seq || oldest->time != run->start_time) return 0;
  return nfa_history_at(worker->slab, run->head)->length == length;
}

static int counters_hold(const nfa_worker *worker, nfa_run *run)
{
  const prg_list counters = worker->detection->counters;
  for (uint32_t i = 0; i < counters.count; i++) {
    const prg_counter *counter = &worker->program->counters[counters.first + i];
    if (!nfa_counter_holds(counter, nfa_run_counters(worker, run)[i])) return 0;
  }
  return 1;
}

static int run_holds(const nfa_worker *worker, nfa_run *run)
{
  const prg_state *state = nfa_state(worker, run->state);
  if (state->step == PRG_NONE || !history_holds(worker, run)) return 0;
  const prg_step *step = nfa_step(worker, state->step);
  if (nfa_history_at(worker->slab, run->head)->step != state->step) return 0;
  if (run->count == 0 || run->count > step->max) return 0;
  uint32_t ways = state->edges.count;
  if (!counters_hold(worker, run)) return 0;
  return ways == 64 || run->open >> ways == 0;
}

int nfa_runs_check(nfa_worker *worker, const nfa_slot *slot)
{
  const nfa_runs_slot *at = (const nfa_runs_slot *)(const void *)slot;
  ((nfa_runs_own *)worker->own)->span_seq = at->seq;
  uint32_t count = 0;
  uint64_t start_seq = 0;
  cep_time deadline = CEP_TIME_MAX;
  cb_slab_id last = CB_SLAB_NONE;
  for (cb_slab_id id = at->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (!run_holds(worker, run) || run->open == 0 || run->start_seq < start_seq) return 0;
    start_seq = run->start_seq;
    cep_time own = nfa_runs_deadline(worker, run);
    if (own < deadline) deadline = own;
    last = id;
    count++;
  }
  if (count != at->count || at->last != last || start_seq > at->seq) return 0;
  if (at->index != CB_SLAB_NONE && !nfa_index_holds(worker, at)) return 0;
  if (count > 0 && at->deadline != deadline) return 0;
  const nfa_extra *extra = nfa_extra_at(worker, at);
  start_seq = 0;
  for (cb_slab_id id = extra != NULL ? extra->waiting : CB_SLAB_NONE; id != CB_SLAB_NONE;
       id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (!run_holds(worker, run) || run->start_seq < start_seq) return 0;
    start_seq = run->start_seq;
  }
  return 1;
}
