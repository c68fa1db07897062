/* tally_codec.c - a slot of the tally evaluator to bytes and back, and what holds of it.
 *
 *   version | due | steps: identities | states ... | own | front: width, (start, vector) ... | product | back ...
 *
 * The steps are written since the symbols of the back are bits of them. */
#include "nfa/tally.h"

#include <string.h>

#include "nfa/compact.h"

/* ---- Saving ------------------------------------------------------------------------------------ */

static void write_sums(const nfa_tally_sum *sums, uint32_t count, cb_writer *writer)
{
  for (uint32_t i = 0; i < count; i++) {
    cb_write_u64(writer, sums[i].count);
    cb_write_i64(writer, sums[i].count > 0 ? sums[i].earliest : 0);
  }
}

static void write_front(const nfa_tally *t, cb_writer *writer)
{
  const nfa_tally_slot *slot = t->slot;
  uint32_t count = slot->front_count - slot->front_first, width = count > 0 ? slot->front_width : 0;
  cb_write_u32(writer, count);
  cb_write_u32(writer, width);
  for (uint32_t i = slot->front_first; i < slot->front_count; i++) {
    const int64_t *entry = nfa_tally_front(t, i);
    cb_write_i64(writer, *entry);
    write_sums((const nfa_tally_sum *)(const void *)(entry + 1), width, writer);
  }
  for (uint32_t from = 0; from < width; from++) {
    for (uint32_t to = 0; to < slot->width; to++) cb_write_u64(writer, nfa_tally_product(t)[(size_t)from * slot->width + to]);
  }
}

void nfa_tally_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer)
{
  nfa_slot copy = *slot;
  nfa_tally t = nfa_tally_of(worker, &copy);
  cb_write_u8(writer, NFA_SAVED_TALLY);
  cb_write_i64(writer, t.slot->due);
  cb_write_u32(writer, worker->detection->steps.count);
  for (uint32_t i = 0; i < worker->detection->steps.count; i++) cb_write_u64(writer, nfa_step(worker, i)->identity);
  cb_write_u32(writer, t.slot->width);
  for (uint32_t i = 0; i < t.slot->width; i++) nfa_automaton_write(&t.own->automaton, nfa_tally_states(&t)[i], writer);
  if (t.slot->width > 0) write_sums(nfa_tally_sums(&t), t.slot->width, writer);
  write_front(&t, writer);
  cb_write_u32(writer, t.slot->back_count);
  for (uint32_t i = 0; i < t.slot->back_count; i++) {
    const nfa_tally_event *event = &nfa_tally_back(&t)[i];
    cb_write_u64(writer, event->symbol);
    cb_write_i64(writer, event->start);
    cb_write_i64(writer, event->time);
  }
}

/* ---- Loading ----------------------------------------------------------------------------------- */

static cep_status corrupt(const cb_reader *reader)
{
  return reader->status < 0 ? reader->status : CEP_E_CORRUPT;
}

static int read_count(cb_reader *reader, uint64_t *count)
{
  *count = cb_read_u64(reader);
  return reader->status >= 0 && *count <= NFA_TALLY_OVER;
}

static int read_sums(const nfa_worker *worker, cb_reader *reader, nfa_tally_sum *sums, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    if (!read_count(reader, &sums[i].count)) return 0;
    sums[i].earliest = cb_read_i64(reader);
    if (sums[i].count > 0 && !nfa_time_may_be(worker, sums[i].earliest)) return 0;
  }
  return reader->status >= 0;
}

static cep_status read_head(nfa_tally *t, cb_reader *reader)
{
  uint32_t version = cb_read_u8(reader);
  if (reader->status >= 0 && (version == NFA_SAVED_RUNS || version == NFA_SAVED_COMPACT)) return CEP_E_MISMATCH;
  if (version != NFA_SAVED_TALLY) return corrupt(reader);
  t->slot->due = cb_read_i64(reader);
  uint32_t steps = cb_read_u32(reader);
  if (reader->status < 0) return reader->status;
  if (steps != t->worker->detection->steps.count) return CEP_E_MISMATCH;
  for (uint32_t i = 0; i < steps; i++) {
    uint64_t identity = cb_read_u64(reader);
    if (reader->status < 0) return reader->status;
    if (identity != nfa_step(t->worker, i)->identity) return CEP_E_MISMATCH;
  }
  return CEP_OK;
}

static cep_status read_states(nfa_tally *t, cb_reader *reader)
{
  uint32_t width = cb_read_u32(reader);
  if (reader->status < 0 || width > NFA_TALLY_WIDTH_MAX) return corrupt(reader);
  for (uint32_t i = 0; i < width; i++) {
    uint32_t state;
    cep_status status = nfa_automaton_read(&t->own->automaton, reader, &state);
    if (status < 0) return status;
    for (uint32_t k = 0; k < i; k++) {
      if (nfa_tally_states(t)[k] == state) return CEP_E_CORRUPT;
    }
    if (!nfa_tally_add_state(t, state)) return CEP_E_NOMEM;
  }
  return width == 0 || read_sums(t->worker, reader, nfa_tally_sums(t), width) ? CEP_OK : corrupt(reader);
}

static cep_status read_front(nfa_tally *t, cb_reader *reader)
{
  nfa_tally_slot *slot = t->slot;
  uint32_t count = cb_read_u32(reader), width = cb_read_u32(reader);
  if (reader->status < 0 || width > slot->width || (count == 0) != (width == 0)) return corrupt(reader);
  size_t size = nfa_tally_entry_bytes(width);
  if (count == 0) return CEP_OK;
  if (count > (reader->len - reader->at) / size) return corrupt(reader);
  slot->front = cb_slab_take(t->worker->slab, count * size);
  if (slot->front == CB_SLAB_NONE) return CEP_E_NOMEM;
  slot->front_width = (uint16_t)width;
  slot->front_count = count;
  t->worker->counters.active += count;
  for (uint32_t i = 0; i < count; i++) {
    int64_t *entry = nfa_tally_front(t, i);
    *entry = cb_read_i64(reader);
    if (!nfa_compact_counts(t->worker) && !nfa_time_may_be(t->worker, *entry)) return corrupt(reader);
    if (!read_sums(t->worker, reader, (nfa_tally_sum *)(void *)(entry + 1), width)) return corrupt(reader);
  }
  for (uint32_t from = 0; from < width; from++) {
    for (uint32_t to = 0; to < slot->width; to++) {
      if (!read_count(reader, &nfa_tally_product(t)[(size_t)from * slot->width + to])) return corrupt(reader);
    }
  }
  return CEP_OK;
}

static cep_status read_back(nfa_tally *t, cb_reader *reader)
{
  uint32_t count = cb_read_u32(reader);
  for (uint32_t i = 0; i < count && reader->status >= 0; i++) {
    nfa_tally_event event = {.symbol = cb_read_u64(reader)};
    event.start = cb_read_i64(reader);
    event.time = cb_read_i64(reader);
    if (reader->status < 0 || !nfa_time_may_be(t->worker, event.time)) return corrupt(reader);
    if (i == 0 && event.start == NFA_TALLY_NO_START) return CEP_E_CORRUPT;
    if (!nfa_tally_add_event(t, &event)) return CEP_E_NOMEM;
  }
  return reader->status;
}

cep_status nfa_tally_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader)
{
  memset(slot, 0, sizeof *slot);
  nfa_tally t = nfa_tally_of(worker, slot);
  cep_status status = read_head(&t, reader);
  if (status >= 0) status = read_states(&t, reader);
  if (status >= 0) status = read_front(&t, reader);
  if (status >= 0) status = read_back(&t, reader);
  if (status >= 0 && !nfa_compact_counts(worker) && !nfa_due_may_be(worker, t.slot->due)) status = CEP_E_CORRUPT;
  if (status >= 0 && !nfa_tally_check(worker, slot)) status = CEP_E_CORRUPT;
  if (status < 0) nfa_tally_release(&t);
  return status;
}

/* ---- Invariants -------------------------------------------------------------------------------- */

/* Starts rise, over the front and then the back, which begins with one; so do the events of the back. */
static int starts_rise(const nfa_tally *t)
{
  const nfa_tally_slot *slot = t->slot;
  int counts = nfa_compact_counts(t->worker);
  int64_t newest = INT64_MIN;
  for (uint32_t i = slot->front_first; i < slot->front_count; i++) {
    int64_t start = *nfa_tally_front(t, i);
    if (start == NFA_TALLY_NO_START || start < newest) return 0;
    newest = start;
  }
  uint32_t starts = 0;
  for (uint32_t i = 0; i < slot->back_count; i++) {
    const nfa_tally_event *event = &nfa_tally_back(t)[i];
    int64_t start = event->start;
    if (i > 0 && event->time < event[-1].time) return 0;
    if (start == NFA_TALLY_NO_START && i > 0) continue;
    if (start == NFA_TALLY_NO_START || start < newest || (!counts && start != event->time)) return 0;
    newest = start;
    starts++;
  }
  return slot->back_starts == starts && newest != INT64_MIN && (!counts || newest <= slot->due);
}

int nfa_tally_check(nfa_worker *worker, const nfa_slot *slot)
{
  nfa_slot copy = *slot;
  nfa_tally t = nfa_tally_of(worker, &copy);
  const nfa_automaton *automaton = &t.own->automaton;
  if (t.slot->width == 0) return t.slot->back_count == 0 && t.slot->front_count == 0;
  if (t.slot->front_first > t.slot->front_count || t.slot->front_width > t.slot->width) return 0;
  if (nfa_compact_counts(worker) && (t.slot->due < 0 || t.slot->due > INT64_MAX / 2)) return 0;
  for (uint32_t i = 0; i < t.slot->width; i++) {
    uint32_t state = nfa_tally_states(&t)[i];
    if (state == NFA_STATE_START || state >= automaton->states.count) return 0;
    if (!automaton->states.at[state].is_used || automaton->states.at[state].refs == 0) return 0;
  }
  return starts_rise(&t);
}
