/* aggregate.c - tumbling windows that are told of once: the open window of each key. */
#include <string.h>

#include "cep/base/time.h"
#include "runtime/window.h"

/*
 * A slot. All zero: no window is open.
 *
 *   open window [start, start + length) -> block: accum
 *
 * Events of a key come in order, and every window that ends at or before an event has been
 * closed before it: one window is open at most.
 */
typedef struct open_window {
  int64_t start;
  int64_t last;   /* time of the key's newest event */
  cb_slab_id block;
  uint32_t flags; /* WINDOW_* */
} open_window;
_Static_assert(sizeof(open_window) <= NFA_SLOT_BYTES, "lies in the slot");

enum { WINDOW_OPEN = 1, WINDOW_REPORTED = 2 };

static open_window *window_of(nfa_slot *slot)
{
  return (open_window *)(void *)slot;
}
static const open_window *window_seen(const nfa_slot *slot)
{
  return (const open_window *)(const void *)slot;
}
static rt_accum *accum_of(const rt_operator *op, const open_window *window)
{
  return cb_slab_at(op->core->slab, window->block);
}

/* ---- Opening and closing ------------------------------------------------------------------- */

/* How far `time` is into its window. */
static int64_t time_into(const prg_window *how, cep_time time)
{
  int64_t into = time % how->length;
  if (into < 0) into += how->length;
  into -= how->offset;
  return into < 0 ? into + how->length : into;
}

/* The start of the window that `time` is in, cut off at the beginning of time. */
static cep_time start_of(const prg_window *how, cep_time time)
{
  int64_t into = time_into(how, time);
  return time < CEP_TIME_MIN + into ? CEP_TIME_MIN : time - into;
}

/* CEP_TIME_MAX: it never ends. */
static cep_time end_of(const rt_operator *op, const open_window *window)
{
  const prg_window *how = rt_window_of(op);
  int64_t cut = window->start == CEP_TIME_MIN ? time_into(how, CEP_TIME_MIN) : 0;
  return cb_time_add(window->start, how->length - cut);
}

/* A window with nothing in it, in place of the one before if there is one. */
static cep_status begin_window(const rt_operator *op, open_window *window, cep_time start)
{
  if (!(window->flags & WINDOW_OPEN)) {
    *window = (open_window){.last = start, .block = cb_slab_take(op->core->slab, op->accums.size)};
    if (window->block == CB_SLAB_NONE) return CEP_E_NOMEM;
  } else {
    rt_accum_release(&op->accums, accum_of(op, window));
  }
  rt_accum_begin(&op->accums, accum_of(op, window));
  window->start = start;
  window->flags = WINDOW_OPEN;
  return CEP_OK;
}

static void aggregate_release(rt_operator *op, nfa_slot *slot)
{
  open_window *window = window_of(slot);
  if (window->block != CB_SLAB_NONE) {
    if (window->flags & WINDOW_OPEN) rt_accum_release(&op->accums, accum_of(op, window));
    cb_slab_give(op->core->slab, window->block);
  }
  *slot = (nfa_slot){{0}};
}

/* ---- Reporting ----------------------------------------------------------------------------- */

static cep_status report(rt_operator *op, cb_slab_id entry, open_window *window, cep_time time, const rt_out *out)
{
  if (window->flags & WINDOW_REPORTED) return CEP_OK;
  rt_report it = {.entry = entry,
                  .accum = accum_of(op, window),
                  .start = window->start,
                  .end = end_of(op, window),
                  .time = time,
                  .kind = CEP_WINDOW,
                  .firing = RT_FIRING_ONCE};
  int is_told;
  cep_status status = rt_window_report(op, &it, out, &is_told);
  if (is_told) window->flags |= WINDOW_REPORTED;
  return status;
}

static cep_status aggregate_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  const prg_window *how = rt_window_of(op);
  for (uint32_t i = 0; i < count; i++) {
    open_window *window = window_of(&rt_keyed_at(&op->core->keyed, items[i].entry)->slot);
    const nfa_event *event = &items[i].event;
    cep_time time = event->batch->time[event->row];
    cep_status status = CEP_OK;
    if (!(window->flags & WINDOW_OPEN)) {
      status = begin_window(op, window, start_of(how, time));
      if (status < 0) return status;
      op->worker.counters.started++;
    }
    CB_ASSERT(time >= window->start);
    CB_EXPENSIVE(time < end_of(op, window) || end_of(op, window) == CEP_TIME_MAX);
    window->last = time;
    status = rt_accum_take(&op->accums, accum_of(op, window), event);
    if (status == CEP_OK && how->at_once) status = report(op, items[i].entry, window, time, out);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- Time ---------------------------------------------------------------------------------- */

static cep_time aggregate_deadline(const rt_operator *op, const nfa_slot *slot)
{
  const open_window *window = window_seen(slot);
  return window->flags & WINDOW_OPEN ? end_of(op, window) : CEP_TIME_MAX;
}

static cep_status aggregate_advance(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, entry)->slot;
  open_window *window = window_of(slot);
  cep_duration even_empty = rt_window_of(op)->even_empty;
  for (;;) {
    cep_time end = aggregate_deadline(op, slot);
    if (end > time || end == CEP_TIME_MAX) return CEP_OK;
    cep_status status = report(op, entry, window, end, out);
    if (status < 0) return status;
    cep_time quiet_at = cb_time_add(window->last, even_empty);
#ifdef CEP_FAULT_EMPTY_WINDOW
    quiet_at = cb_time_add(quiet_at, 1);
#endif
    if (even_empty == 0 || end >= quiet_at) {
      aggregate_release(op, slot);
      return CEP_OK;
    }
    status = begin_window(op, window, end);
    if (status < 0) return status;
  }
}

static int aggregate_is_empty(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return !(window_seen(slot)->flags & WINDOW_OPEN);
}

/* ---- Saved state --------------------------------------------------------------------------- */

static void aggregate_save(rt_operator *op, const nfa_slot *slot, cb_writer *writer)
{
  const open_window *window = window_seen(slot);
  cb_write_i64(writer, window->start);
  cb_write_i64(writer, window->last);
  cb_write_u32(writer, window->flags);
  rt_accum_save(&op->accums, accum_of(op, window), writer);
}

static cep_status aggregate_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  open_window *window = window_of(slot);
  cep_time start = cb_read_i64(reader), last = cb_read_i64(reader);
  uint32_t flags = cb_read_u32(reader);
  if (reader->status < 0) return reader->status;
  if (!(flags & WINDOW_OPEN) || (flags & ~(uint32_t)(WINDOW_OPEN | WINDOW_REPORTED)) != 0) return CEP_E_CORRUPT;
  cep_status status = begin_window(op, window, start);
  if (status < 0) {
    *slot = (nfa_slot){{0}};
    return status;
  }
  window->last = last;
  window->flags = flags;
  status = rt_accum_load(&op->accums, accum_of(op, window), reader);
  if (status < 0) {
    cb_slab_give(op->core->slab, window->block);
    *slot = (nfa_slot){{0}};
  }
  return status;
}

static int aggregate_check(rt_operator *op, const nfa_slot *slot)
{
  static const nfa_slot empty;
  const open_window *window = window_seen(slot);
  if (!(window->flags & WINDOW_OPEN)) return memcmp(slot, &empty, sizeof empty) == 0;
  if (start_of(rt_window_of(op), window->start) != window->start) return 0;
  return rt_accum_check(&op->accums, accum_of(op, window));
}

const rt_operator_kind rt_aggregate = {.name = "aggregate",
                                       .open = rt_window_open,
                                       .close = rt_window_close,
                                       .events = aggregate_events,
                                       .advance = aggregate_advance,
                                       .next_deadline = aggregate_deadline,
                                       .is_empty = aggregate_is_empty,
                                       .release = aggregate_release,
                                       .save = aggregate_save,
                                       .load = aggregate_load,
                                       .check = aggregate_check};
