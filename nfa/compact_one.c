/* compact_one.c - a key with one partial match of one event: in the slot, without a graph. */
#include "nfa/compact.h"

#include <string.h>

static const nfa_compact_one *one_of(const nfa_compact_slot *slot) { return (const nfa_compact_one *)(const void *)slot; }
static const cb_layout *layout_of(const nfa_worker *worker, uint32_t step) { return &worker->program->layout_views[nfa_step(worker, step)->layout]; }

static void enter_state(const nfa_worker *worker, uint32_t state) { nfa_compact_own_of(worker)->automaton.states.at[state].refs++; }
static void leave_state(const nfa_worker *worker, uint32_t state) { nfa_compact_own_of(worker)->automaton.states.at[state].refs--; }

static int64_t start_of(const nfa_worker *worker, const nfa_compact_one *one)
{
  return nfa_compact_counts(worker) ? NFA_ONE_PLACE : one->time;
}

int nfa_compact_begin_one(nfa_worker *worker, nfa_compact_slot *slot, const nfa_event *event, const nfa_take *how)
{
  const cb_batch *batch = event->batch;
  uint32_t input = batch->input[event->row];
  nfa_compact_one one = {.time = batch->time[event->row],
                         .at = batch->position[event->row],
                         .state = how->state,
                         .input = (uint16_t)input,
                         .step = (uint8_t)how->step,
                         .form = NFA_COMPACT_ONE};
  one.due = nfa_compact_counts(worker) ? NFA_ONE_PLACE : cb_time_add(one.time, worker->detection->within);
  if (layout_of(worker, how->step)->count > 0 || input >= NFA_ONE_CELL) {
    cb_slab_id cell = nfa_taken_cell(worker, &nfa_compact_own_of(worker)->taken, event, how->step);
    if (cell == CB_SLAB_NONE) return 0;
    cb_cell_ref(worker->slab, cell);
    one.at = cell;
    one.input = NFA_ONE_CELL;
  }
  enter_state(worker, how->state);
  worker->counters.active++;
  memcpy(slot, &one, sizeof one);
  return 1;
}

void nfa_compact_free_one(nfa_worker *worker, nfa_compact_slot *slot)
{
  const nfa_compact_one *one = one_of(slot);
  if (one->input == NFA_ONE_CELL) cb_cell_unref(worker->slab, (cb_slab_id)one->at);
  leave_state(worker, one->state);
  worker->counters.active--;
  memset(slot, 0, sizeof *slot);
}

cep_status nfa_compact_meet_one(nfa_worker *worker, nfa_compact_slot *slot, const nfa_event *event, uint64_t symbol, int64_t oldest, int *done)
{
  nfa_automaton *automaton = &nfa_compact_own_of(worker)->automaton;
  nfa_compact_one *one = (nfa_compact_one *)(void *)slot;
  nfa_move *move;
  *done = 0;
  if (start_of(worker, one) < oldest) {
    nfa_compact_free_one(worker, slot);
    return CEP_OK;
  }
  cep_status status = nfa_automaton_move(automaton, NFA_STATE_START, event, symbol, &move);
  *done = status >= 0 && move->take_count == 0;
  if (*done) status = nfa_automaton_move(automaton, one->state, event, symbol, &move);
  *done = *done && status >= 0 && move->take_count == 0;
  if (status < 0) return status;
  if (!*done) return nfa_compact_unfold(worker, slot) ? CEP_OK : CEP_E_NOMEM;
  if (move->skip == NFA_STATE_NONE) {
    nfa_compact_free_one(worker, slot);
  } else if (move->skip != one->state) {
    enter_state(worker, move->skip);
    leave_state(worker, one->state);
    one->state = move->skip;
  }
  return CEP_OK;
}

int nfa_compact_graph_of(nfa_worker *worker, const nfa_compact_slot *slot, nfa_compact_slot *out)
{
  const nfa_compact_one one = *one_of(slot);
  memset(out, 0, sizeof *out);
  nfa_tecs set = nfa_tecs_of(worker, out);
  cb_slab_id cell = (cb_slab_id)one.at;
  if (one.input == NFA_ONE_CELL) cb_cell_ref(worker->slab, cell);
  else cell = cb_cell_of_identity(worker->slab, layout_of(worker, one.step), one.time, one.input, one.at);
  if (cell == CB_SLAB_NONE) return 0;
  out->seq = 1;
  out->due = one.due;
  out->tidy_at = NFA_TIDY_LEAST;
  uint32_t node = nfa_tecs_output(&set, NFA_TECS_NONE, cell, one.step, start_of(worker, &one));
  cb_cell_unref(worker->slab, cell);
  nfa_compact_own_of(worker)->next_count = 0;
  nfa_union_list *list = node != NFA_TECS_NONE ? nfa_union_list_add(worker, one.state) : NULL;
  if (list != NULL && cb_vec_push(worker->alloc, &list->nodes, node) && nfa_tecs_store(&set)) return 1;
  nfa_tecs_release(worker, out);
  return 0;
}

int nfa_compact_unfold(nfa_worker *worker, nfa_compact_slot *slot)
{
  nfa_compact_slot graph;
  if (!nfa_compact_graph_of(worker, slot, &graph)) return 0;
  nfa_compact_free_one(worker, slot);
  *slot = graph;
  return 1;
}

void nfa_compact_fold(nfa_worker *worker, nfa_compact_slot *slot)
{
  uint32_t at = 0;
  nfa_list_view list;
  if (slot->counted != 1 || slot->tidy_at != NFA_TIDY_LEAST || !nfa_list_next(worker, slot, &at, &list) || at != slot->list_words) return;
  const nfa_tecs_node node = nfa_tecs_of(worker, slot).at[0];
  const cb_cell *cell = (const cb_cell *)cb_slab_at(worker->slab, node.right);
  nfa_compact_one one = {.time = cell->time, .at = cell->position, .due = slot->due, .state = list.state, .input = (uint16_t)cell->input, .step = (uint8_t)node.step, .form = NFA_COMPACT_ONE};
  int is_due = nfa_compact_counts(worker) || slot->due == cb_time_add(one.time, worker->detection->within);
  if (node.max_start != start_of(worker, &one) || !is_due) return;
  if (layout_of(worker, node.step)->count > 0 || cell->input >= NFA_ONE_CELL) {
    cb_cell_ref(worker->slab, node.right);
    one.at = node.right;
    one.input = NFA_ONE_CELL;
  }
  nfa_tecs_release(worker, slot);
  enter_state(worker, one.state);
  worker->counters.active++;
  memcpy(slot, &one, sizeof one);
}

int nfa_compact_one_holds(const nfa_worker *worker, const nfa_compact_slot *slot)
{
  const nfa_compact_one *one = one_of(slot);
  const nfa_automaton *automaton = &nfa_compact_own_of(worker)->automaton;
  if (one->state == NFA_STATE_START || one->state >= automaton->states.count) return 0;
  const nfa_state_set *set = &automaton->states.at[one->state];
  int is_due = nfa_compact_counts(worker) ? one->due >= NFA_ONE_PLACE : one->due == cb_time_add(one->time, worker->detection->within);
  if (!set->is_used || set->refs == 0 || !is_due) return 0;
  for (uint32_t i = 0; i < set->shapes.count; i++) {
    if (nfa_state(&automaton->runs, set->shapes.at[i].state)->step != one->step) return 0;
  }
  return 1;
}
