/* runs.c - the runs evaluator: one record for each partial match, met by every event. */
#include "nfa/runs.h"

#include <string.h>

#include "nfa/register.h"

static nfa_runs_slot *slot_of(nfa_slot *slot) { return (nfa_runs_slot *)(void *)slot; }
static const nfa_runs_slot *slot_seen(const nfa_slot *slot) { return (const nfa_runs_slot *)(const void *)slot; }

/* ---- Records ------------------------------------------------------------------------- */

void nfa_run_free(nfa_worker *worker, cb_slab_id run)
{
  nfa_history_unref(worker->slab, nfa_run_at(worker, run)->head);
  cb_slab_give(worker->slab, run);
}

cb_slab_id nfa_run_copy(nfa_worker *worker, const nfa_run *run)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  cb_slab_id id = cb_slab_take(worker->slab, own->run_size);
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  nfa_run *copy = nfa_run_at(worker, id);
  memcpy(copy, run, own->run_size);
  copy->next = CB_SLAB_NONE;
  copy->hook = CB_SLAB_NONE;
  nfa_history_ref(worker->slab, copy->head);
  return id;
}

nfa_extra *nfa_extra_make(nfa_worker *worker, nfa_runs_slot *slot)
{
  if (slot->extra != CB_SLAB_NONE) return nfa_extra_at(worker, slot);
  uint32_t quiet = nfa_state(worker, 0)->direct_nos.count;
  cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_extra) + quiet * sizeof(cep_time));
  if (id == CB_SLAB_NONE) return NULL;
  slot->extra = id;
  nfa_extra *extra = nfa_extra_at(worker, slot);
  extra->waiting = CB_SLAB_NONE;
  extra->quiet_count = quiet;
  extra->silent_below = 0;
  for (uint32_t i = 0; i < quiet; i++) nfa_extra_since(extra)[i] = CEP_TIME_MIN;
  return extra;
}

static void unlink_run(nfa_worker *worker, nfa_runs_slot *slot, cb_slab_id *link)
{
  cb_slab_id id = *link;
  *link = nfa_run_at(worker, id)->next;
  nfa_run_free(worker, id);
  slot->count--;
  worker->counters.active--;
}

/* Without partial matches nothing that the extra record remembers can matter, but for a
 * quiet start and for matches that wait. */
static void drop_extra(nfa_worker *worker, nfa_runs_slot *slot)
{
  const nfa_extra *extra = nfa_extra_at(worker, slot);
  if (extra == NULL || extra->quiet_count > 0 || extra->waiting != CB_SLAB_NONE) return;
  cb_slab_give(worker->slab, slot->extra);
  slot->extra = CB_SLAB_NONE;
}

/* Every run is looked at. */
static void sweep_all(nfa_worker *worker, nfa_runs_slot *slot, uint64_t below)
{
  nfa_runs_own *own = (nfa_runs_own *)worker->own;
  cb_slab_id *link = &slot->first;
  uint64_t kept = 0;
  int may_index = own->looked_up != 0;
  own->steady_runs = 0;
  slot->last = CB_SLAB_NONE;
  slot->deadline = CEP_TIME_MAX;
  while (*link != CB_SLAB_NONE) {
    nfa_run *run = nfa_run_at(worker, *link);
    int gone = run->open == 0 || run->start_seq < below;
    if (!gone && kept == worker->partial_max) {
      worker->counters.partials_dropped++;
      gone = 1;
    }
    if (gone) {
      unlink_run(worker, slot, link);
      continue;
    }
    kept++;
    if (may_index) own->steady_runs += (uint32_t)nfa_run_is_steady(own, run);
    cep_time deadline = nfa_runs_deadline(worker, run);
    if (deadline < slot->deadline) slot->deadline = deadline;
    slot->last = *link;
    link = &run->next;
  }
}

void nfa_runs_sweep(nfa_worker *worker, nfa_runs_slot *slot, uint64_t below)
{
  if (slot->index == CB_SLAB_NONE || !nfa_index_sweep(worker, slot, below)) sweep_all(worker, slot, below);
  if (slot->count > 0) return;
  drop_extra(worker, slot);
  if (slot->extra == CB_SLAB_NONE) memset(slot, 0, sizeof *slot);
}

/* ---- The evaluator ------------------------------------------------------------------- */

static void order_registers(nfa_worker *worker, nfa_runs_own *own)
{
  const prg_detection *detection = worker->detection;
  uint32_t used = 0;
  for (uint32_t s = 0; s < detection->steps.count; s++) {
    own->steps[s].registers.first = used;
    for (uint32_t r = 0; r < detection->registers.count; r++) {
      const prg_register *reg = &worker->program->registers[detection->registers.first + r];
      if (reg->step == s) own->register_order[used++] = r;
    }
    own->steps[s].registers.count = used - own->steps[s].registers.first;
  }
  own->null_at_start = nfa_registers_null_at_start(worker->program, detection->registers);
  for (uint32_t r = 0; r < detection->registers.count; r++) {
    const prg_register *reg = &worker->program->registers[detection->registers.first + r];
    if (reg->in_condition) own->condition_registers |= 1ull << r;
  }
}

/* Whether two histories that differ in their newest event alone may differ in what they match. */
static int newest_matters(const nfa_worker *worker, const prg_state *state)
{
  if (state->flags & PRG_STATE_PREV) return 1;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    if (edge->gap > 0) return 1;
    for (uint32_t n = 0; n < edge->nos.count; n++) {
      if (nfa_step(worker, nfa_list_at(worker, edge->nos, n))->no_for > 0) return 1;
    }
  }
  return 0;
}

/* Whether a way looks at the first event since the newest capture in another way than at later ones. */
static int fresh_matters(const nfa_worker *worker, const prg_state *state)
{
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    if (edge->guards.count > edge->lasting) return 1;
    for (uint32_t n = 0; n < edge->nos.count; n++) {
      if (nfa_step(worker, nfa_list_at(worker, edge->nos, n))->hop == PRG_STRICT) return 1;
    }
  }
  for (uint32_t n = 0; n < state->direct_nos.count; n++) {
    if (nfa_step(worker, nfa_list_at(worker, state->direct_nos, n))->hop == PRG_STRICT) return 1;
  }
  return 0;
}

static void look_at_edges(const nfa_worker *worker, nfa_runs_own *own, uint32_t s)
{
  const prg_state *state = nfa_state(worker, s);
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    if (edge->kind == PRG_EDGE_FINISH) own->finishes[s] |= 1ull << e;
    if (edge->gap > 0) own->gaps[s] |= 1ull << e;
    for (uint32_t g = 0; g < edge->guards.count; g++) {
      prg_list untils = nfa_step(worker, nfa_list_at(worker, edge->guards, g))->untils;
      for (uint32_t u = 0; u < untils.count; u++) own->lifters[s] |= 1ull << nfa_list_at(worker, untils, u);
    }
    if (own->lifters[s] != 0) own->lifts = 1;
    if (e > 0 && edge->target != PRG_NONE && edge->target == nfa_edge(worker, state, e - 1)->target) own->may_twin = 1;
  }
}

/* Where the tables stand: those of wide words first, so that all lie on their boundaries. Gives the end of all. */
static size_t lay_out(const prg_detection *detection, nfa_runs_own *own, size_t at)
{
  size_t states = detection->states.count, steps = detection->steps.count;
  char *base = (char *)own;
  uint64_t **words[] = {&own->finishes, &own->gaps, &own->lifters, &own->steady};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++, at += states * sizeof(uint64_t)) *words[i] = (uint64_t *)(void *)(base + at);
  own->steps = (nfa_step_info *)(void *)(base + at);
  at += steps * sizeof *own->steps;
  own->register_order = (uint32_t *)(void *)(base + at);
  at += detection->registers.count * sizeof *own->register_order;
  uint8_t **bytes[] = {&own->head_matters, &own->fresh_matters, &own->lookups};
  for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++, at += states) *bytes[i] = (uint8_t *)(base + at);
  own->lookup_of = (uint8_t *)(base + at);
  return at + steps;
}

static size_t tables_size(const prg_detection *detection)
{
  return detection->states.count * (4 * sizeof(uint64_t) + 3) + detection->steps.count * (sizeof(nfa_step_info) + 1) +
         detection->registers.count * sizeof(uint32_t);
}

cep_status nfa_runs_open(nfa_worker *worker, size_t size)
{
  const prg_detection *detection = worker->detection;
  CB_ASSERT(detection->steps.count <= 64);
  CB_ASSERT(detection->registers.count <= NFA_REGISTERS_MAX);
  size_t all = size + tables_size(detection);
  nfa_runs_own *own = (nfa_runs_own *)cb_new0(worker->alloc, all);
  if (own == NULL) return CEP_E_NOMEM;
  worker->own = own;
  own->size = lay_out(detection, own, size);
  CB_ASSERT(own->size == all);
  own->counter_count = detection->counters.count;
  own->may_twin = own->counter_count > 0;
  order_registers(worker, own);
  for (uint32_t s = 0; s < detection->states.count; s++) {
    const prg_state *state = nfa_state(worker, s);
    own->head_matters[s] = (uint8_t)newest_matters(worker, state);
    own->fresh_matters[s] = (uint8_t)fresh_matters(worker, state);
    look_at_edges(worker, own, s);
    if (state->step != PRG_NONE) own->steps[state->step].state = s;
  }
  own->counter_words = own->counter_count + (own->lifts ? 2u : 0u);
  uint32_t words = detection->registers.count + (own->counter_words + 1) / 2;
  own->run_size = (uint32_t)(sizeof(nfa_run) + words * sizeof(uint64_t));
  worker->deadline_rises = nfa_runs_has_spans_only(worker);
  nfa_lookups_find(worker);
  return CEP_OK;
}

static cep_status runs_open(nfa_worker *worker)
{
  return nfa_runs_open(worker, sizeof(nfa_runs_own));
}

static void runs_close(nfa_worker *worker)
{
  nfa_runs_own *own = (nfa_runs_own *)worker->own;
  if (own == NULL) return;
  cb_vec_free(worker->alloc, &own->done);
  cb_vec_free(worker->alloc, &own->sorted);
  cb_vec_free(worker->alloc, &own->born);
  cb_vec_free(worker->alloc, &own->touched);
  cb_free(worker->alloc, own, own->size);
  worker->own = NULL;
}

static cep_status meet_all(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  cep_status status = CEP_OK;
  cb_slab_id id = moment->slot->first;
  while (id != CB_SLAB_NONE && status >= 0) {
    cb_slab_id next = nfa_run_at(worker, id)->next; /* what this run gives birth to goes in between */
    status = nfa_runs_meet(moment, id);
    id = next;
  }
  return status;
}

static cep_status meet_touched(nfa_moment *moment)
{
  const nfa_ids *touched = &moment->own->touched;
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < touched->count && status >= 0; i++) status = nfa_runs_meet(moment, touched->at[i]);
  return status;
}

cep_status nfa_runs_step_one(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  nfa_runs_slot *slot = moment->slot;
  CB_ASSERT(slot->count == 0 || slot->deadline > moment->time);
  moment->own->span_seq = slot->seq;
  moment->own->born.count = 0;
  int is_found = slot->index != CB_SLAB_NONE && nfa_index_find(moment);
  moment->seq = ++slot->seq;
  cep_status status = is_found ? meet_touched(moment) : meet_all(moment);
  if (status >= 0) status = nfa_runs_start(moment);
  nfa_taken_forget(worker, &moment->own->taken);
  cep_status settled = nfa_runs_settle(moment);
  if (moment->own->looked_up != 0) nfa_index_settle(worker, slot);
  if (status < 0 || settled < 0 || worker->detection->within_events == 0) return status < 0 ? status : settled;
  return nfa_runs_count_event(moment);
}

static cep_status runs_step(nfa_worker *worker, nfa_slot *const *slots, const nfa_event *events,
                            const uint64_t *symbols, uint32_t count, const nfa_out *out)
{
  for (uint32_t i = 0; i < count; i++) {
    nfa_moment moment = nfa_moment_of(worker, slots[i], &events[i], symbols[i], i, out);
    cep_status status = nfa_runs_step_one(&moment);
    if (status < 0) return status;
  }
  return CEP_OK;
}

static cep_status runs_advance(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  nfa_runs_slot *at = slot_of(slot);
  ((nfa_runs_own *)worker->own)->span_seq = at->seq;
  while (at->count > 0 && at->deadline <= time && at->deadline != CEP_TIME_MAX) {
    nfa_moment moment = {.worker = worker,
                         .own = (nfa_runs_own *)worker->own,
                         .slot = at,
                         .time = at->deadline,
                         .out = out};
    cep_status status = nfa_runs_fall_due(&moment);
    if (status < 0) return status;
  }
  return CEP_OK;
}

static cep_status runs_end(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  nfa_runs_slot *at = slot_of(slot);
  if (at->count == 0) return CEP_OK;
  at->seq = UINT64_MAX - 1; /* as if the spans of all had been counted to their ends */
  nfa_moment moment = {.worker = worker, .own = (nfa_runs_own *)worker->own, .slot = at, .time = time, .out = out};
  moment.own->span_seq = at->seq;
  return nfa_runs_fall_due(&moment);
}

static cep_time runs_next_deadline(const nfa_worker *worker, const nfa_slot *slot)
{
  (void)worker;
  return slot_seen(slot)->count > 0 ? slot_seen(slot)->deadline : CEP_TIME_MAX;
}

static int runs_is_empty(const nfa_slot *slot)
{
  return slot_seen(slot)->count == 0 && slot_seen(slot)->extra == CB_SLAB_NONE;
}

static void runs_release(nfa_worker *worker, nfa_slot *slot)
{
  nfa_runs_slot *at = slot_of(slot);
  if (at->index != CB_SLAB_NONE) nfa_index_drop(worker, at);
  while (at->first != CB_SLAB_NONE) unlink_run(worker, at, &at->first);
  nfa_extra *extra = nfa_extra_at(worker, at);
  while (extra != NULL && extra->waiting != CB_SLAB_NONE) {
    cb_slab_id id = extra->waiting;
    extra->waiting = nfa_run_at(worker, id)->next;
    nfa_run_free(worker, id);
  }
  if (extra != NULL) cb_slab_give(worker->slab, at->extra);
  memset(slot, 0, sizeof *slot);
}

const nfa_evaluator nfa_runs = {
    .name = "runs",
    .open = runs_open,
    .close = runs_close,
    .step = runs_step,
    .advance = runs_advance,
    .end = runs_end,
    .next_deadline = runs_next_deadline,
    .is_empty = runs_is_empty,
    .release = runs_release,
    .save = nfa_runs_save,
    .load = nfa_runs_load,
    .check = nfa_runs_check,
};
