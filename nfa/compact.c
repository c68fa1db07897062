/* compact.c - the compact evaluator: an event meets union lists, whatever number of partial matches is in them. */
#include "nfa/compact.h"

#include <string.h>

#include "nfa/register.h"

/* The event in hand. */
typedef struct moment {
  nfa_tecs set;
  nfa_compact_own *own;
  const nfa_event *event;
  uint64_t symbol;
  int64_t now;      /* what a start now would be: the time, or the place of the event */
  int64_t oldest;   /* starts before this are over */
  int has_nodes;    /* the event has its place in the order of the slot */
} moment;

static nfa_compact_slot *slot_of(nfa_slot *slot) { return (nfa_compact_slot *)(void *)slot; }
static const nfa_compact_slot *slot_seen(const nfa_slot *slot) { return (const nfa_compact_slot *)(const void *)slot; }

/* ---- The lists that come to be ------------------------------------------------------------ */

static nfa_union_list *find_list(const nfa_compact_own *own, uint32_t state)
{
  for (uint32_t i = 0; i < own->next_count; i++) {
    if (own->next.at[i].state == state) return &own->next.at[i];
  }
  return NULL;
}

/* 0: memory refused. */
static int add_list(const nfa_worker *worker, uint32_t state, const uint32_t *nodes, uint32_t count)
{
  nfa_union_list *list = nfa_union_list_add(worker, state);
  if (list == NULL || !cb_vec_reserve(worker->alloc, &list->nodes, count)) return 0;
  memcpy(list->nodes.at, nodes, count * sizeof *nodes);
  list->nodes.count = count;
  return 1;
}

/* One more set of histories is in the state. */
static int put(moment *m, uint32_t state, uint32_t node)
{
  nfa_union_list *list = find_list(m->own, state);
  return list != NULL ? nfa_tecs_insert(&m->set, list, node) : add_list(m->set.worker, state, &node, 1);
}

/* How many of the first nodes are young enough; 0: the list is over. */
static uint32_t young(const nfa_tecs *set, const nfa_list_view *list, int64_t oldest)
{
  uint32_t count = list->count;
  while (count > 0 && set->at[list->nodes[count - 1]].max_start < oldest) count--;
  return count;
}

/* ---- An event ------------------------------------------------------------------------------ */

/* More would not be remembered: what the event would begin or go on with is dropped, and counted. Counted as a
 * node too, so that the nodes are looked through again in time. */
static int is_full(moment *m)
{
  nfa_worker *worker = m->set.worker;
  if (m->set.slot->counted < nfa_compact_nodes_max(worker)) return 0;
  worker->counters.partials_dropped++;
  worker->counters.active++;
  m->set.slot->counted++;
  return 1;
}

/* The event behind all histories of `left` (NFA_TECS_NONE: it starts). */
static cep_status take(moment *m, const nfa_take *how, uint32_t left)
{
  nfa_worker *worker = m->set.worker;
  int lives = how->state != NFA_STATE_NONE && !is_full(m);
  if (!lives && !how->is_end) return CEP_OK;
  if (!m->has_nodes) m->set.slot->seq++;
  m->has_nodes = 1;
  cb_slab_id cell = nfa_taken_cell(worker, &m->own->taken, m->event, how->step);
  if (cell == CB_SLAB_NONE) return CEP_E_NOMEM;
  uint32_t node = nfa_tecs_output(&m->set, left, cell, how->step, m->now);
  if (node == NFA_TECS_NONE) return CEP_E_NOMEM;
  if (how->is_end && !cb_vec_push(worker->alloc, &m->own->ends, node)) return CEP_E_NOMEM;
  return lives && !put(m, how->state, node) ? CEP_E_NOMEM : CEP_OK;
}

static cep_status take_all(moment *m, const nfa_move *move, uint32_t left)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < move->take_count && status >= 0; i++) {
    nfa_take how = m->own->automaton.takes.at[move->first_take + i];
    status = take(m, &how, left);
  }
  return status;
}

static cep_status start(moment *m)
{
  nfa_move *move;
  cep_status status = nfa_automaton_move(&m->own->automaton, NFA_STATE_START, m->event, m->symbol, &move);
  if (status < 0) return status;
  m->set.worker->counters.started += move->take_count;
  return take_all(m, move, NFA_TECS_NONE);
}

/* What takes the event goes on from one node for the whole list, made once; what does not keeps the list. */
static cep_status meet_list(moment *m, nfa_list_view list)
{
  nfa_move *move;
  cep_status status = nfa_automaton_move(&m->own->automaton, list.state, m->event, m->symbol, &move);
  if (status < 0) return status;
  int skips = move->skip != NFA_STATE_NONE;
  if (skips && move->take_count == 0 && find_list(m->own, move->skip) == NULL)
    return add_list(m->set.worker, move->skip, list.nodes, list.count) ? CEP_OK : CEP_E_NOMEM;
  if (!skips && move->take_count == 0) return CEP_OK;
  uint32_t all = nfa_tecs_merge(&m->set, list.nodes, list.count);
  if (all == NFA_TECS_NONE) return CEP_E_NOMEM;
  status = take_all(m, move, all);
  if (status < 0 || !skips) return status;
  if (find_list(m->own, move->skip) != NULL) return put(m, move->skip, all) ? CEP_OK : CEP_E_NOMEM;
  return add_list(m->set.worker, move->skip, list.nodes, list.count) ? CEP_OK : CEP_E_NOMEM;
}

/* The lists stand in order of their newest starts: behind one that is over there are no others. */
static cep_status meet_all(moment *m)
{
  nfa_list_view list;
  cep_status status = CEP_OK;
  for (uint32_t at = 0; status >= 0 && nfa_list_next(m->set.worker, m->set.slot, &at, &list);) {
    list.count = young(&m->set, &list, m->oldest);
    if (list.count == 0) break;
    status = meet_list(m, list);
  }
  return status;
}

/* The event changes nothing: common where it has to be seen only because it could break a contiguity. */
static cep_status is_idle(moment *m, int *idle)
{
  nfa_move *move;
  nfa_list_view list;
  cep_status status = nfa_automaton_move(&m->own->automaton, NFA_STATE_START, m->event, m->symbol, &move);
  *idle = status >= 0 && move->take_count == 0;
  for (uint32_t at = 0; *idle && nfa_list_next(m->set.worker, m->set.slot, &at, &list);) {
    status = nfa_automaton_move(&m->own->automaton, list.state, m->event, m->symbol, &move);
    *idle = status >= 0 && move->take_count == 0 && move->skip == list.state;
  }
  return status;
}

/* Takes over the lists that have come to be, and looks after the memory of the slot. */
static cep_status settle(moment *m)
{
  nfa_worker *worker = m->set.worker;
  nfa_compact_slot *slot = m->set.slot;
  if (m->own->next_count == 0) {
    nfa_tecs_release(worker, slot);
    return CEP_OK;
  }
  if (slot->list_words == 0) {
    slot->due = nfa_compact_counts(worker) ? m->now : cb_time_add(m->now, worker->detection->within);
    slot->tidy_at = NFA_TIDY_LEAST;
  }
  if (!nfa_tecs_store(&m->set)) return CEP_E_NOMEM;
  if (slot->counted >= slot->tidy_at) nfa_tecs_tidy(&m->set, m->oldest);
  nfa_compact_fold(worker, slot);
  return CEP_OK;
}

/* What changes something. */
static cep_status meet_event(moment *m, uint32_t index, const nfa_out *out)
{
  nfa_worker *worker = m->set.worker;
  m->own->next_count = 0;
  m->own->ends.count = 0;
  cep_status status = start(m);
  if (status >= 0) status = meet_all(m);
  if (status >= 0 && m->own->ends.count > 0) {
    nfa_when when = {.out = out, .now = m->event->batch->time[m->event->row], .index = index};
    int is_once = (worker->detection->flags & PRG_DETECT_ONCE) != 0;
    status = is_once ? nfa_compact_count(&m->set, m->oldest, &when) : nfa_compact_report(&m->set, m->oldest, &when);
  }
  nfa_taken_forget(worker, &m->own->taken);
  return status < 0 ? status : settle(m);
}

/* A slot with nothing open. */
static cep_status step_empty(moment *m, uint32_t index, const nfa_out *out)
{
  nfa_worker *worker = m->set.worker;
  nfa_move *move;
  cep_status status = nfa_automaton_move(&m->own->automaton, NFA_STATE_START, m->event, m->symbol, &move);
  if (status < 0 || move->take_count == 0) return status;
  const nfa_take how = m->own->automaton.takes.at[move->first_take];
  if (move->take_count > 1 || how.is_end) return meet_event(m, index, out);
  worker->counters.started++;
  status = nfa_compact_begin_one(worker, m->set.slot, m->event, &how) ? CEP_OK : CEP_E_NOMEM;
  nfa_taken_forget(worker, &m->own->taken);
  return status;
}

static cep_status step_one(moment *m, uint32_t index, const nfa_out *out)
{
  int idle;
  nfa_worker *worker = m->set.worker;
  nfa_automaton_trim(&m->own->automaton);
  nfa_compact_slot *slot = m->set.slot;
  if (nfa_compact_counts(worker) && slot->list_words > 0) slot->due = m->now;
  cep_status status = CEP_OK;
  if (nfa_compact_is_one(slot)) {
    status = nfa_compact_meet_one(worker, slot, m->event, m->symbol, m->oldest, &idle);
    m->set = nfa_tecs_of(worker, slot);
    if (status < 0 || idle) return status;
  }
  if (slot->list_words == 0) return step_empty(m, index, out);
  status = is_idle(m, &idle);
  return status < 0 || idle ? status : meet_event(m, index, out);
}

static cep_status compact_step(nfa_worker *worker, nfa_slot *const *slots, const nfa_event *events,
                               const uint64_t *symbols, uint32_t count, const nfa_out *out)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < count && status >= 0; i++) {
    int64_t now = nfa_compact_counts(worker) ? slot_of(slots[i])->due + 1 : events[i].batch->time[events[i].row];
    moment m = {.set = nfa_tecs_of(worker, slot_of(slots[i])),
                .own = nfa_compact_own_of(worker),
                .event = &events[i],
                .symbol = symbols[i],
                .now = now,
                .oldest = nfa_compact_oldest(worker, now)};
    status = step_one(&m, i, out);
  }
  return status;
}

/* ---- Time, and the rest ---------------------------------------------------------------------- */

static cep_time compact_next_deadline(const nfa_worker *worker, const nfa_slot *slot)
{
  int waits = slot_seen(slot)->list_words > 0 && !nfa_compact_counts(worker);
  return waits ? slot_seen(slot)->due : CEP_TIME_MAX;
}

/* Nothing comes out by time alone; but what is over is forgotten, though no event comes. */
static cep_status compact_advance(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  (void)out;
  nfa_compact_slot *at = slot_of(slot);
  if (compact_next_deadline(worker, slot) > time || at->due == CEP_TIME_MAX) return CEP_OK;
  if (nfa_compact_is_one(at)) {
    nfa_compact_free_one(worker, at);
    return CEP_OK;
  }
  moment m = {.set = nfa_tecs_of(worker, at),
              .own = nfa_compact_own_of(worker),
              .now = time,
              .oldest = nfa_compact_oldest(worker, time)};
  nfa_list_view list;
  m.own->next_count = 0;
  for (uint32_t next = 0; nfa_list_next(worker, at, &next, &list);) {
    list.count = young(&m.set, &list, m.oldest);
    if (list.count == 0) break;
    if (!add_list(worker, list.state, list.nodes, list.count)) return CEP_E_NOMEM;
  }
  if (m.own->next_count == 0) {
    nfa_tecs_release(worker, at);
    return CEP_OK;
  }
  int64_t newest = m.set.at[m.own->next.at[0].nodes.at[0]].max_start;
  if (!nfa_tecs_store(&m.set)) return CEP_E_NOMEM;
  nfa_tecs_tidy(&m.set, m.oldest);
  at->due = cb_time_add(newest, worker->detection->within);
  nfa_compact_fold(worker, at);
  return CEP_OK;
}

/* `within N events`, and none can come: nothing can be completed. */
static cep_status compact_end(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  (void)time, (void)out;
  nfa_tecs_release(worker, slot_of(slot));
  return CEP_OK;
}

static int compact_is_empty(const nfa_slot *slot) { return slot_seen(slot)->list_words == 0; }

static void compact_release(nfa_worker *worker, nfa_slot *slot) { nfa_tecs_release(worker, slot_of(slot)); }

static void compact_close(nfa_worker *worker)
{
  nfa_compact_own *own = nfa_compact_own_of(worker);
  if (own == NULL) return;
  nfa_automaton_close(&own->automaton);
  nfa_listing_free(worker, &own->listing);
  for (uint32_t i = 0; i < own->next.count; i++) cb_vec_free(worker->alloc, &own->next.at[i].nodes);
  cb_vec_free(worker->alloc, &own->next);
  cb_vec_free(worker->alloc, &own->ends);
  cb_vec_free(worker->alloc, &own->moved);
  cb_free(worker->alloc, own, sizeof *own);
  worker->own = NULL;
}

static cep_status compact_open(nfa_worker *worker)
{
  nfa_compact_own *own = (nfa_compact_own *)cb_new0(worker->alloc, sizeof *own);
  if (own == NULL) return CEP_E_NOMEM;
  worker->own = own;
  worker->deadline_rises = 1;
  own->null_at_start = nfa_registers_null_at_start(worker->program, worker->detection->registers);
  cep_status status = nfa_automaton_open(&own->automaton, worker);
  if (status < 0) compact_close(worker);
  return status;
}

const nfa_evaluator nfa_compact = {
    .name = "compact",
    .open = compact_open,
    .close = compact_close,
    .step = compact_step,
    .advance = compact_advance,
    .end = compact_end,
    .next_deadline = compact_next_deadline,
    .is_empty = compact_is_empty,
    .release = compact_release,
    .save = nfa_compact_save,
    .load = nfa_compact_load,
    .check = nfa_compact_check,
};
