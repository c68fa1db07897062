/* tally_sums.c - vectors and matrices of a slot: events applied to them, starts taken off again. */
#include "nfa/tally.h"

#include <string.h>

/* ---- Numbers --------------------------------------------------------------------------------- */

static uint64_t plus(uint64_t a, uint64_t b)
{
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) || sum > NFA_TALLY_OVER ? NFA_TALLY_OVER : sum;
}

static uint64_t times(uint64_t a, uint64_t b)
{
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) || product > NFA_TALLY_OVER ? NFA_TALLY_OVER : product;
}

void nfa_tally_add(nfa_tally_sum *into, nfa_tally_sum more)
{
  if (more.count == 0) return;
  if (into->count == 0 || more.earliest < into->earliest) into->earliest = more.earliest;
  into->count = plus(into->count, more.count);
}

/* What all from this start of the front on have become by now. */
static nfa_tally_sum open_from(const nfa_tally *t, uint32_t entry, uint32_t state)
{
  const nfa_tally_slot *slot = t->slot;
  nfa_tally_sum sum = nfa_tally_sums(t)[state];
  const nfa_tally_sum *vector = (const nfa_tally_sum *)(const void *)(nfa_tally_front(t, entry) + 1);
  const uint64_t *product = nfa_tally_product(t);
  for (uint32_t from = 0; from < slot->front_width; from++) {
    nfa_tally_sum part = vector[from];
    part.count = times(part.count, product[(size_t)from * slot->width + state]);
    nfa_tally_add(&sum, part);
  }
  return sum;
}

nfa_tally_sum nfa_tally_open_in(const nfa_tally *t, uint32_t state)
{
  const nfa_tally_slot *slot = t->slot;
  return slot->front_first == slot->front_count ? nfa_tally_sums(t)[state] : open_from(t, slot->front_first, state);
}

/* ---- Growing --------------------------------------------------------------------------------- */

int nfa_tally_add_state(nfa_tally *t, uint32_t state)
{
  cb_slab *slab = t->worker->slab;
  uint32_t width = t->slot->width;
  if (width == NFA_TALLY_WIDTH_MAX) return 0;
  cb_slab_id id = cb_slab_take(slab, nfa_tally_sums_bytes(width + 1));
  if (id == CB_SLAB_NONE) return 0;
  nfa_tally old = *t;
  nfa_tally_slot before = *t->slot;
  old.slot = &before;
  t->slot->sums = id;
  t->slot->width = (uint16_t)(width + 1);
  memset(cb_slab_at(slab, id), 0, nfa_tally_sums_bytes(width + 1));
  if (width > 0) {
    memcpy(nfa_tally_sums(t), nfa_tally_sums(&old), width * sizeof(nfa_tally_sum));
    for (uint32_t from = 0; from < width; from++)
      memcpy(nfa_tally_product(t) + (size_t)from * (width + 1), nfa_tally_product(&old) + (size_t)from * width, width * sizeof(uint64_t));
    memcpy(nfa_tally_states(t), nfa_tally_states(&old), width * sizeof(uint32_t));
    cb_slab_give(slab, before.sums);
  }
  nfa_tally_states(t)[width] = state;
  t->own->automaton.states.at[state].refs++;
  return 1;
}

int nfa_tally_add_event(nfa_tally *t, const nfa_tally_event *event)
{
  cb_slab *slab = t->worker->slab;
  nfa_tally_slot *slot = t->slot;
  uint32_t count = slot->back_count;
  if (count == 0 && event->start == NFA_TALLY_NO_START) return 1; /* in `product` alone */
  if ((count & (count - 1)) == 0) { /* full, or none at all */
    cb_slab_id id = cb_slab_take(slab, (count > 0 ? 2 * (size_t)count : 1) * sizeof *event);
    if (id == CB_SLAB_NONE) return 0;
    if (count > 0) {
      memcpy(cb_slab_at(slab, id), nfa_tally_back(t), count * sizeof *event);
      cb_slab_give(slab, slot->back);
    }
    slot->back = id;
  }
  nfa_tally_back(t)[count] = *event;
  slot->back_starts += event->start != NFA_TALLY_NO_START;
  slot->back_count++;
  t->worker->counters.active++;
  return 1;
}

/* ---- An event -------------------------------------------------------------------------------- */

static uint32_t number_of(const nfa_tally *t, uint32_t state)
{
  if (t->slot->width == 0) return 0;
  const uint32_t *states = nfa_tally_states(t);
  uint32_t number = 0;
  while (number < t->slot->width && states[number] != state) number++;
  return number;
}

/* The slot's number of a state; its width: it is new, and may not become one. */
static int find_number(nfa_tally *t, uint32_t state, int may_grow, uint32_t *number)
{
  *number = number_of(t, state);
  return *number < t->slot->width || !may_grow || nfa_tally_add_state(t, state);
}

static int add_way(nfa_tally *t, uint32_t from, uint32_t state, int may_grow)
{
  cb_alloc *alloc = t->worker->alloc;
  nfa_tally_way way = {.from = from};
  if (!find_number(t, state, may_grow, &way.to)) return 0;
  if (way.to == t->slot->width) return 1; /* nothing has ever been there */
  return from == NFA_TALLY_START ? cb_vec_push(alloc, &t->own->begun, way.to) : cb_vec_push(alloc, &t->own->ways, way);
}

static cep_status find_from(nfa_tally *t, uint32_t from, uint32_t state, uint64_t symbol, int may_grow)
{
  nfa_tally_own *own = t->own;
  nfa_move *found;
  cep_status status = nfa_automaton_move(&own->automaton, state, NULL, symbol, &found);
  if (status < 0) return status;
  const nfa_move move = *found;
  if (from != NFA_TALLY_START) own->changes |= move.take_count > 0 || move.skip != state;
  if (move.skip != NFA_STATE_NONE && !add_way(t, from, move.skip, may_grow)) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < move.take_count; i++) {
    const nfa_take take = own->automaton.takes.at[move.first_take + i];
    nfa_tally_end end = {.from = from, .step = take.step};
    if (take.is_end && !cb_vec_push(t->worker->alloc, &own->ends, end)) return CEP_E_NOMEM;
    if (take.state != NFA_STATE_NONE && !add_way(t, from, take.state, may_grow)) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

cep_status nfa_tally_find_ways(nfa_tally *t, uint64_t symbol, int may_grow)
{
  nfa_tally_own *own = t->own;
  uint32_t width = t->slot->width;
  own->ways.count = own->begun.count = own->ends.count = 0;
  own->changes = 0;
  cep_status status = find_from(t, NFA_TALLY_START, NFA_STATE_START, symbol, may_grow);
  for (uint32_t from = 0; from < width && status >= 0; from++) status = find_from(t, from, nfa_tally_states(t)[from], symbol, may_grow);
  return status;
}

/* What the ways make of `own`, and of each row of `product`. */
int nfa_tally_go(nfa_tally *t, cep_time time)
{
  nfa_tally_own *own = t->own;
  uint32_t width = t->slot->width;
  cb_alloc *alloc = t->worker->alloc;
  own->vector.count = own->matrix.count = 0;
  if (!cb_vec_reserve(alloc, &own->vector, width) || !cb_vec_reserve(alloc, &own->matrix, width)) return 0;
  nfa_tally_sum *sums = nfa_tally_sums(t), *next = own->vector.at;
  memset(next, 0, width * sizeof *next);
  for (uint32_t i = 0; i < own->ways.count; i++) nfa_tally_add(&next[own->ways.at[i].to], sums[own->ways.at[i].from]);
  for (uint32_t i = 0; i < own->begun.count; i++) nfa_tally_add(&next[own->begun.at[i]], (nfa_tally_sum){1, time});
  memcpy(sums, next, width * sizeof *next);
  if (t->slot->front_first == t->slot->front_count) return 1;
  for (uint32_t row = 0; row < t->slot->front_width; row++) {
    uint64_t *old = nfa_tally_product(t) + (size_t)row * width, *made = own->matrix.at;
    memset(made, 0, width * sizeof *made);
    for (uint32_t i = 0; i < own->ways.count; i++) made[own->ways.at[i].to] = plus(made[own->ways.at[i].to], old[own->ways.at[i].from]);
    memcpy(old, made, width * sizeof *made);
  }
  return 1;
}

/* ---- Starts that are over ---------------------------------------------------------------------- */

static void drop_front(nfa_tally *t)
{
  nfa_tally_slot *slot = t->slot;
  if (slot->front != CB_SLAB_NONE) cb_slab_give(t->worker->slab, slot->front);
  slot->front = CB_SLAB_NONE;
  slot->front_first = slot->front_count = 0;
  slot->front_width = 0;
}

/* The back is gone over, and `own` and `product` are those of a boundary that lies here. */
static void clear_back(nfa_tally *t)
{
  nfa_tally_slot *slot = t->slot;
  uint32_t width = slot->width;
  t->worker->counters.active -= slot->back_count;
  if (slot->back != CB_SLAB_NONE) cb_slab_give(t->worker->slab, slot->back);
  slot->back = CB_SLAB_NONE;
  slot->back_count = slot->back_starts = 0;
  memset(nfa_tally_sums(t), 0, width * sizeof(nfa_tally_sum));
  memset(nfa_tally_product(t), 0, (size_t)width * width * sizeof(uint64_t));
  for (uint32_t i = 0; i < width; i++) nfa_tally_product(t)[(size_t)i * width + i] = 1;
}

/* A matrix of an event before: from each state the ways of the event, then what `after` makes of where they lead. */
static void put_before(const nfa_tally *t, const uint64_t *after, uint64_t *out)
{
  uint32_t width = t->slot->width;
  memset(out, 0, (size_t)width * width * sizeof *out);
  for (uint32_t i = 0; i < t->own->ways.count; i++) {
    const uint64_t *from = after + (size_t)t->own->ways.at[i].to * width;
    uint64_t *to = out + (size_t)t->own->ways.at[i].from * width;
    for (uint32_t k = 0; k < width; k++) to[k] = plus(to[k], from[k]);
  }
}

/* How many starts of the back are not over. */
static uint32_t count_starts(const nfa_tally *t, int64_t oldest)
{
  uint32_t count = 0;
  const nfa_tally_event *back = nfa_tally_back(t);
  for (uint32_t i = 0; i < t->slot->back_count; i++) count += back[i].start != NFA_TALLY_NO_START && back[i].start >= oldest;
  return count;
}

/* Fills a new front from its end: the vectors of all starts of the back from each one on, at the boundary. */
static cep_status fill_front(nfa_tally *t, uint8_t *entries, uint32_t count)
{
  nfa_tally_own *own = t->own;
  uint32_t width = t->slot->width;
  size_t size = nfa_tally_entry_bytes(width);
  uint64_t *after = own->matrix.at, *before = after + (size_t)width * width;
  nfa_tally_sum *vector = own->vector.at;
  memset(vector, 0, width * sizeof *vector);
  memset(after, 0, (size_t)width * width * sizeof *after);
  for (uint32_t i = 0; i < width; i++) after[(size_t)i * width + i] = 1;
  for (uint32_t i = t->slot->back_count; count > 0; i--) {
    const nfa_tally_event event = nfa_tally_back(t)[i - 1];
    cep_status status = nfa_tally_find_ways(t, event.symbol, 0);
    if (status < 0) return status;
    if (event.start != NFA_TALLY_NO_START) {
      for (uint32_t b = 0; b < own->begun.count; b++) {
        for (uint32_t k = 0; k < width; k++)
          nfa_tally_add(&vector[k], (nfa_tally_sum){after[(size_t)own->begun.at[b] * width + k], event.time});
      }
      uint8_t *entry = entries + --count * size;
      memcpy(entry, &event.start, sizeof event.start);
      memcpy(entry + sizeof event.start, vector, width * sizeof *vector);
    }
    put_before(t, after, before);
    uint64_t *turned = after;
    after = before;
    before = turned;
  }
  return CEP_OK;
}

/* What is left of the front, at the boundary that lies here: `own` has all starts behind it. */
static void move_front(const nfa_tally *t, uint8_t *entries)
{
  const nfa_tally_slot *slot = t->slot;
  for (uint32_t i = slot->front_first; i < slot->front_count; i++) {
    memcpy(entries, nfa_tally_front(t, i), sizeof(int64_t));
    nfa_tally_sum *vector = (nfa_tally_sum *)(void *)(entries + sizeof(int64_t));
    for (uint32_t state = 0; state < slot->width; state++) vector[state] = open_from(t, i, state);
    entries += nfa_tally_entry_bytes(slot->width);
  }
}

cep_status nfa_tally_turn_over(nfa_tally *t, int64_t oldest)
{
  nfa_tally_slot *slot = t->slot;
  uint32_t width = slot->width, left = slot->front_count - slot->front_first, count = left + count_starts(t, oldest);
  cb_alloc *alloc = t->worker->alloc;
  cb_slab_id front = CB_SLAB_NONE;
  t->own->matrix.count = t->own->vector.count = 0;
  if (!cb_vec_reserve(alloc, &t->own->matrix, 2 * width * width) || !cb_vec_reserve(alloc, &t->own->vector, width)) return CEP_E_NOMEM;
  if (count > 0) {
    front = cb_slab_take(t->worker->slab, count * nfa_tally_entry_bytes(width));
    if (front == CB_SLAB_NONE) return CEP_E_NOMEM;
    uint8_t *entries = (uint8_t *)cb_slab_at(t->worker->slab, front);
    move_front(t, entries);
    cep_status status = fill_front(t, entries + left * nfa_tally_entry_bytes(width), count - left);
    if (status < 0) {
      cb_slab_give(t->worker->slab, front);
      return status;
    }
  }
  clear_back(t);
  drop_front(t);
  slot->front = front;
  slot->front_count = count;
  slot->front_width = (uint16_t)width;
  t->worker->counters.active += count - left;
  return CEP_OK;
}

cep_status nfa_tally_expire(nfa_tally *t, int64_t oldest)
{
  nfa_tally_slot *slot = t->slot;
  while (slot->front_first < slot->front_count && *nfa_tally_front(t, slot->front_first) < oldest) {
    slot->front_first++;
    t->worker->counters.active--;
  }
  if (slot->front_first < slot->front_count) return CEP_OK;
  drop_front(t);
  cep_status status = CEP_OK;
  if (slot->back_count > 0 && nfa_tally_back(t)[0].start < oldest) status = nfa_tally_turn_over(t, oldest);
  if (status >= 0 && nfa_tally_held(slot) == 0) nfa_tally_release(t);
  return status;
}

void nfa_tally_release(nfa_tally *t)
{
  nfa_tally_slot *slot = t->slot;
  cb_slab *slab = t->worker->slab;
  t->worker->counters.active -= nfa_tally_held(slot);
  for (uint32_t i = 0; i < slot->width; i++) t->own->automaton.states.at[nfa_tally_states(t)[i]].refs--;
  if (slot->sums != CB_SLAB_NONE) cb_slab_give(slab, slot->sums);
  if (slot->back != CB_SLAB_NONE) cb_slab_give(slab, slot->back);
  if (slot->front != CB_SLAB_NONE) cb_slab_give(slab, slot->front);
  memset(slot, 0, sizeof *slot);
}
