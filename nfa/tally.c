/* tally.c - the tally evaluator: matches counted by vectors and matrices, none of them known. */
#include "nfa/tally.h"

#include <string.h>

#include "nfa/compact.h"

/* The event in hand. */
typedef struct moment {
  nfa_tally t;
  const nfa_event *event;
  uint64_t symbol;
  int64_t now;    /* what a start now would be: the time, or the place of the event */
  int64_t oldest; /* starts before this are over */
} moment;

static const nfa_tally_slot *slot_seen(const nfa_slot *slot) { return (const nfa_tally_slot *)(const void *)slot; }

/* ---- Coming out -------------------------------------------------------------------------------- */

static cep_status report(moment *m, const nfa_tally_sum *sum, uint32_t step, uint32_t index, const nfa_out *out)
{
  nfa_worker *worker = m->t.worker;
  cb_slab *slab = worker->slab;
  uint64_t matches = sum->count;
  cep_time now = m->event->batch->time[m->event->row];
  cb_slab_id cell = nfa_taken_cell(worker, &m->t.own->taken, m->event, step);
  if (cell == CB_SLAB_NONE) return CEP_E_NOMEM;
  cb_cell_ref(slab, cell);
  cb_slab_id head = nfa_history_add(slab, CB_SLAB_NONE, cell, step, 1, now);
  if (head == CB_SLAB_NONE) {
    cb_cell_unref(slab, cell);
    return CEP_E_NOMEM;
  }
  int is_over = matches == NFA_TALLY_OVER;
  worker->counters.sum_overflow += (uint64_t)is_over;
  nfa_result result = {.kind = NFA_MATCHED,
                       .index = index,
                       .time = now,
                       .start = sum->earliest,
                       .waited = PRG_NONE,
                       .captures = {.slab = slab, .head = head, .registers = &matches, .null = (uint64_t)is_over}};
  cep_status status = out->report(out->ctx, &result);
  nfa_history_unref(slab, head);
  return status;
}

/* One result for all that the event completes; the earliest of the steps that do is what it shows. */
static cep_status come_out(moment *m, uint32_t index, const nfa_out *out)
{
  const nfa_tally_own *own = m->t.own;
  nfa_tally_sum all = {0, 0};
  uint32_t shown = UINT32_MAX;
  for (uint32_t i = 0; i < own->ends.count; i++) {
    nfa_tally_end end = own->ends.at[i];
    nfa_tally_sum sum = {1, m->event->batch->time[m->event->row]};
    if (end.from != NFA_TALLY_START) sum = nfa_tally_open_in(&m->t, end.from);
    if (sum.count > 0 && end.step < shown) shown = end.step;
    nfa_tally_add(&all, sum);
  }
  return all.count > 0 ? report(m, &all, shown, index, out) : CEP_OK;
}

/* ---- An event ---------------------------------------------------------------------------------- */

static int is_anything_open(const nfa_tally *t)
{
  for (uint32_t i = 0; i < t->slot->width; i++) {
    if (nfa_tally_open_in(t, i).count > 0) return 1;
  }
  return 0;
}

static cep_status take(moment *m)
{
  nfa_tally *t = &m->t;
  nfa_worker *worker = t->worker;
  nfa_tally_slot *slot = t->slot;
  cep_time time = m->event->batch->time[m->event->row];
  int is_first = nfa_tally_held(slot) == 0, starts = t->own->begun.count > 0;
  if (!nfa_tally_go(t, time)) return CEP_E_NOMEM;
  if (!is_anything_open(t)) {
    nfa_tally_release(t);
    return CEP_OK;
  }
  if (is_first) slot->due = nfa_compact_counts(worker) ? m->now : cb_time_add(m->now, worker->detection->within);
  nfa_tally_event event = {.symbol = m->symbol, .start = starts ? m->now : NFA_TALLY_NO_START, .time = time};
  if (!nfa_tally_add_event(t, &event)) return CEP_E_NOMEM;
  return nfa_tally_held(slot) < nfa_compact_nodes_max(worker) ? CEP_OK : nfa_tally_turn_over(t, INT64_MIN);
}

/* At partial.max an event starts nothing; what is open goes on with it. */
static void begin(nfa_tally *t)
{
  nfa_tally_own *own = t->own;
  int is_full = nfa_tally_starts(t->slot) >= t->worker->partial_max;
  if (is_full) t->worker->counters.partials_dropped += own->begun.count;
  if (is_full) own->begun.count = 0;
  t->worker->counters.started += own->begun.count;
}

static cep_status step_one(moment *m, uint32_t index, const nfa_out *out)
{
  nfa_tally *t = &m->t;
  nfa_tally_own *own = t->own;
  nfa_automaton_trim(&own->automaton);
  if (nfa_compact_counts(t->worker) && t->slot->width > 0) t->slot->due = m->now;
  cep_status status = t->slot->width > 0 ? nfa_tally_expire(t, m->oldest) : CEP_OK;
  if (status >= 0) status = nfa_tally_find_ways(t, m->symbol, 1);
  if (status < 0) return status;
  begin(t);
  status = own->ends.count > 0 ? come_out(m, index, out) : CEP_OK;
  nfa_taken_forget(t->worker, &own->taken);
  return status < 0 || (!own->changes && own->begun.count == 0) ? status : take(m);
}

static cep_status tally_step(nfa_worker *worker, nfa_slot *const *slots, const nfa_event *events, const uint64_t *symbols,
                             uint32_t count, const nfa_out *out)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < count && status >= 0; i++) {
    moment m = {.t = nfa_tally_of(worker, slots[i]), .event = &events[i], .symbol = symbols[i]};
    m.now = nfa_compact_counts(worker) ? m.t.slot->due + 1 : events[i].batch->time[events[i].row];
    m.oldest = nfa_compact_oldest(worker, m.now);
    status = step_one(&m, i, out);
  }
  return status;
}

/* ---- Time, and the rest -------------------------------------------------------------------------- */

static cep_time tally_next_deadline(const nfa_worker *worker, const nfa_slot *slot)
{
  int waits = slot_seen(slot)->width > 0 && !nfa_compact_counts(worker);
  return waits ? slot_seen(slot)->due : CEP_TIME_MAX;
}

static int64_t newest_start(const nfa_tally *t)
{
  for (uint32_t i = t->slot->back_count; i-- > 0;) {
    if (nfa_tally_back(t)[i].start != NFA_TALLY_NO_START) return nfa_tally_back(t)[i].start;
  }
  return *nfa_tally_front(t, t->slot->front_count - 1);
}

/* Nothing comes out by time alone; but what is over is forgotten, though no event comes. */
static cep_status tally_advance(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  (void)out;
  nfa_tally t = nfa_tally_of(worker, slot);
  if (tally_next_deadline(worker, slot) > time || t.slot->due == CEP_TIME_MAX) return CEP_OK;
  cep_status status = nfa_tally_expire(&t, nfa_compact_oldest(worker, time));
  if (status >= 0 && t.slot->width > 0) t.slot->due = cb_time_add(newest_start(&t), worker->detection->within);
  return status;
}

/* `within N events`, and none can come: nothing can be completed. */
static cep_status tally_end(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  (void)time, (void)out;
  nfa_tally t = nfa_tally_of(worker, slot);
  nfa_tally_release(&t);
  return CEP_OK;
}

static int tally_is_empty(const nfa_slot *slot) { return slot_seen(slot)->width == 0; }

static void tally_release(nfa_worker *worker, nfa_slot *slot)
{
  nfa_tally t = nfa_tally_of(worker, slot);
  nfa_tally_release(&t);
}

static void tally_close(nfa_worker *worker)
{
  nfa_tally_own *own = nfa_tally_own_of(worker);
  if (own == NULL) return;
  nfa_automaton_close(&own->automaton);
  cb_vec_free(worker->alloc, &own->ways);
  cb_vec_free(worker->alloc, &own->begun);
  cb_vec_free(worker->alloc, &own->ends);
  cb_vec_free(worker->alloc, &own->matrix);
  cb_vec_free(worker->alloc, &own->vector);
  cb_free(worker->alloc, own, sizeof *own);
  worker->own = NULL;
}

static cep_status tally_open(nfa_worker *worker)
{
  nfa_tally_own *own = (nfa_tally_own *)cb_new0(worker->alloc, sizeof *own);
  if (own == NULL) return CEP_E_NOMEM;
  worker->own = own;
  worker->deadline_rises = 1;
  cep_status status = nfa_automaton_open(&own->automaton, worker);
  if (status < 0) tally_close(worker);
  return status;
}

const nfa_evaluator nfa_tallied = {
    .name = "tally",
    .open = tally_open,
    .close = tally_close,
    .step = tally_step,
    .advance = tally_advance,
    .end = tally_end,
    .next_deadline = tally_next_deadline,
    .is_empty = tally_is_empty,
    .release = tally_release,
    .save = nfa_tally_save,
    .load = nfa_tally_load,
    .check = nfa_tally_check,
};
