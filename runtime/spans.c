/* spans.c - windows that each keep what they need: sessions, and windows told of early, at once or again. */
#include <string.h>

#include "cep/base/time.h"
#include "nfa/bound.h"
#include "runtime/window.h"

/*
 * A slot. All zero: there is no window.
 *
 *   first <-> span <-> span <-> last      by their start
 *
 * A window is open until its end, then decided; with allowed lateness it is kept for so long
 * behind its end. An event that is in many windows goes into each.
 */
typedef struct spans {
  cb_slab_id first;
  cb_slab_id last;
  cep_time deadline; /* the least of all spans */
  cep_time until;    /* windows that begin before it exist even if they are empty */
  uint32_t flags;    /* SPANS_OPEN */
} spans;
_Static_assert(sizeof(spans) <= NFA_SLOT_BYTES, "lies in the slot");

enum { SPANS_OPEN = 1 };
enum {
  SPAN_DECIDED = 1,
  SPAN_TOLD = 2, /* as `window`: what is told of it from now on is an update */
  SPAN_FLAGS = 3
};

typedef struct span {
  cep_time start;
  cep_time end;
  int64_t mark;     /* its number; of a session: the time of its newest event */
  cep_time early;   /* when it is told of while it is open; CEP_TIME_MAX: not, as it stands */
  cb_slab_id prev;
  cb_slab_id next;
  uint32_t firings;
  uint32_t flags;   /* SPAN_* */
  /* rt_accum */
} span;
_Static_assert(sizeof(span) == NFA_SPAN_BYTES, "what the bound of a key's state says");

static spans *spans_of(nfa_slot *slot)
{
  return (spans *)(void *)slot;
}
static const spans *spans_seen(const nfa_slot *slot)
{
  return (const spans *)(const void *)slot;
}
static span *span_at(const rt_operator *op, cb_slab_id id)
{
  return cb_slab_at(op->core->slab, id);
}
static rt_accum *accum_of(span *it)
{
  return (rt_accum *)(void *)(it + 1);
}

/* ---- The list ------------------------------------------------------------------------------- */

/* A new one behind `before`; CB_SLAB_NONE: the first. CB_SLAB_NONE: memory refused. */
static cb_slab_id insert_span(rt_operator *op, spans *all, cb_slab_id before, cep_time start, cep_time end, int64_t mark)
{
  cb_slab_id id = cb_slab_take(op->core->slab, sizeof(span) + op->accums.size);
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  cb_slab_id next = before == CB_SLAB_NONE ? all->first : span_at(op, before)->next;
  span *it = span_at(op, id);
  *it = (span){.start = start, .end = end, .mark = mark, .early = CEP_TIME_MAX, .prev = before, .next = next};
  rt_accum_begin(&op->accums, accum_of(it));
  if (before == CB_SLAB_NONE) all->first = id;
  else span_at(op, before)->next = id;
  if (next == CB_SLAB_NONE) all->last = id;
  else span_at(op, next)->prev = id;
  return id;
}

static void remove_span(rt_operator *op, spans *all, cb_slab_id id)
{
  span *it = span_at(op, id);
  if (it->prev == CB_SLAB_NONE) all->first = it->next;
  else span_at(op, it->prev)->next = it->next;
  if (it->next == CB_SLAB_NONE) all->last = it->prev;
  else span_at(op, it->next)->prev = it->prev;
  rt_accum_release(&op->accums, accum_of(it));
  cb_slab_give(op->core->slab, id);
}

static void spans_release(rt_operator *op, nfa_slot *slot)
{
  spans *all = spans_of(slot);
  while (all->first != CB_SLAB_NONE) remove_span(op, all, all->first);
  *slot = (nfa_slot){{0}};
}

/* ---- Telling ---------------------------------------------------------------------------------- */

static cep_time due_of(const prg_window *how, const span *it)
{
  if (it->flags & SPAN_DECIDED) return cb_time_add(it->end, how->allowed);
  return it->early < it->end ? it->early : it->end;
}

/* The first of the instants start + D, start + 2 D, ... behind `now` and before the end. */
static cep_time early_of(const prg_window *how, const span *it, cep_time now)
{
  if (how->early_every == 0) return CEP_TIME_MAX;
  rt_wide passed = (rt_wide)now - it->start;
  rt_wide next = it->start + (passed < 0 ? 1 : passed / how->early_every + 1) * how->early_every;
  return next < it->end ? (cep_time)next : CEP_TIME_MAX;
}

static cep_status tell(rt_operator *op, cb_slab_id entry, span *it, cep_time time, uint32_t kind, const rt_out *out)
{
  rt_report report = {.entry = entry,
                      .accum = accum_of(it),
                      .start = it->start,
                      .end = it->end,
                      .time = time,
                      .kind = kind,
                      .firing = it->firings + 1};
  int is_told;
  cep_status status = rt_window_report(op, &report, out, &is_told);
  if (!is_told) return status;
  it->firings++;
  if (kind == CEP_WINDOW) it->flags |= SPAN_TOLD;
  return status;
}

/* An event went into it. */
static cep_status after_event(rt_operator *op, cb_slab_id entry, span *it, const rt_out *out)
{
  const prg_window *how = rt_window_of(op);
  cep_time now = op->core->now;
  int is_decided = it->end <= now && it->end < CEP_TIME_MAX;
  it->flags = is_decided ? it->flags | SPAN_DECIDED : it->flags & ~(uint32_t)SPAN_DECIDED;
  it->early = is_decided ? CEP_TIME_MAX : early_of(how, it, now);
  if (how->at_once) return it->flags & SPAN_TOLD ? CEP_OK : tell(op, entry, it, now, CEP_WINDOW, out);
  return is_decided ? tell(op, entry, it, now, CEP_UPDATE, out) : CEP_OK;
}

static void take_due(const prg_window *how, spans *all, const span *it)
{
  cep_time due = due_of(how, it);
  if (due < all->deadline) all->deadline = due;
}

/* ---- An event into the windows that contain its time --------------------------------------------- */

/* The window of a number, made if it is not there; looked for from `from` on backwards. */
static cb_slab_id want_window(rt_operator *op, spans *all, cb_slab_id from, int64_t number)
{
  const prg_window *how = rt_window_of(op);
  while (from != CB_SLAB_NONE && span_at(op, from)->mark > number) from = span_at(op, from)->prev;
  if (from != CB_SLAB_NONE && span_at(op, from)->mark == number) return from;
  return insert_span(op, all, from, rt_window_start(how, number), rt_window_end(how, number), number);
}

static cep_status take_fixed(rt_operator *op, spans *all, const rt_item *item, cep_time time, const rt_out *out)
{
  const prg_window *how = rt_window_of(op);
  cep_time now = op->core->now;
  int64_t last = rt_window_last(how, time);
  for (int64_t k = rt_window_first(how, time); k <= last; k++) {
    cb_slab_id id = want_window(op, all, all->last, k);
    if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
    span *it = span_at(op, id);
    cep_status status = rt_accum_take(&op->accums, accum_of(it), &item->event);
    if (status == CEP_OK) status = after_event(op, item->entry, it, out);
    if (status < 0) return status;
    take_due(how, all, it);
  }
  if (how->even_empty == 0) return CEP_OK;
  cep_time until = cb_time_add(time, how->even_empty);
  if (until > all->until) all->until = until;
  int64_t open = rt_window_first(how, now); /* a late event may be the reason why it exists */
  if (rt_window_start(how, open) >= all->until) return CEP_OK;
  cb_slab_id id = want_window(op, all, all->last, open);
  if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
  take_due(how, all, span_at(op, id));
  return CEP_OK;
}

/* ---- An event into a session --------------------------------------------------------------------- */

static int is_within(const prg_window *how, cep_time start, cep_time newest, cep_time time)
{
  return time < cb_time_add(newest, how->length) && (how->max == 0 || time < cb_time_add(start, how->max));
}

static void bound_session(const prg_window *how, span *it)
{
  it->end = cb_time_add(it->mark, how->length);
  cep_time most = how->max == 0 ? CEP_TIME_MAX : cb_time_add(it->start, how->max);
  if (most < it->end) it->end = most;
}

/* The session that an event at `time` is in, made if there is none. CB_SLAB_NONE: memory refused. */
static cb_slab_id want_session(rt_operator *op, spans *all, cep_time time)
{
  const prg_window *how = rt_window_of(op);
  cb_slab_id before = all->last;
  while (before != CB_SLAB_NONE && span_at(op, before)->start > time) before = span_at(op, before)->prev;
  if (before != CB_SLAB_NONE && is_within(how, span_at(op, before)->start, span_at(op, before)->mark, time)) {
    span *it = span_at(op, before);
    if (time > it->mark) it->mark = time;
    return before;
  }
  cb_slab_id behind = before == CB_SLAB_NONE ? all->first : span_at(op, before)->next;
  if (behind != CB_SLAB_NONE) {
    span *it = span_at(op, behind);
    if (it->start < cb_time_add(time, how->length) && is_within(how, time, it->mark, it->mark)) {
      it->start = time;
      return behind;
    }
  }
  return insert_span(op, all, before, time, time, time);
}

/* Sessions behind this one that it has come up to become part of it. */
static cep_status join_sessions(rt_operator *op, spans *all, cb_slab_id id)
{
  const prg_window *how = rt_window_of(op);
  span *it = span_at(op, id);
  while (it->next != CB_SLAB_NONE) {
    span *next = span_at(op, it->next);
#ifdef CEP_FAULT_SESSION_MERGE
    break;
#endif
    if (!is_within(how, it->start, it->mark, next->start)) break;
    if (how->max > 0 && next->mark >= cb_time_add(it->start, how->max)) break;
    cep_status status = rt_accum_merge(&op->accums, accum_of(it), accum_of(next));
    if (status < 0) return status;
    it->mark = next->mark;
    it->flags |= next->flags & SPAN_TOLD;
    if (next->firings > it->firings) it->firings = next->firings;
    remove_span(op, all, it->next);
  }
  bound_session(how, it);
  return CEP_OK;
}

static cep_status take_session(rt_operator *op, spans *all, const rt_item *item, cep_time time, const rt_out *out)
{
  cb_slab_id id = want_session(op, all, time);
  if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
  span *it = span_at(op, id);
  cep_status status = rt_accum_take(&op->accums, accum_of(it), &item->event);
  if (status == CEP_OK) status = join_sessions(op, all, id);
  if (status == CEP_OK) status = after_event(op, item->entry, it, out);
  return status;
}

static void find_deadline(const rt_operator *op, spans *all)
{
  all->deadline = CEP_TIME_MAX;
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE; id = span_at(op, id)->next) take_due(rt_window_of(op), all, span_at(op, id));
}

static cep_status spans_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  int is_session = rt_window_of(op)->kind == PRG_SESSION;
  for (uint32_t i = 0; i < count; i++) {
    spans *all = spans_of(&rt_keyed_at(&op->core->keyed, items[i].entry)->slot);
    cep_time time = items[i].event.batch->time[items[i].event.row];
    if (!(all->flags & SPANS_OPEN)) {
      *all = (spans){.deadline = CEP_TIME_MAX, .until = CEP_TIME_MIN, .flags = SPANS_OPEN};
      op->worker.counters.started++;
    }
    cep_status status = is_session ? take_session(op, all, &items[i], time, out) : take_fixed(op, all, &items[i], time, out);
    if (status < 0) return status;
    if (is_session) find_deadline(op, all); /* which may be later now */
  }
  return CEP_OK;
}

/* ---- Time ---------------------------------------------------------------------------------- */

static cep_time spans_deadline(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return spans_seen(slot)->flags & SPANS_OPEN ? spans_seen(slot)->deadline : CEP_TIME_MAX;
}

/* Its end has come: told of, and the next one exists if it has to, even empty. */
static cep_status decide(rt_operator *op, spans *all, cb_slab_id entry, cb_slab_id id, const rt_out *out)
{
  const prg_window *how = rt_window_of(op);
  span *it = span_at(op, id);
  it->flags |= SPAN_DECIDED;
  it->early = CEP_TIME_MAX;
  int was_told = (it->flags & SPAN_TOLD) != 0;
  cep_status status = CEP_OK;
  if (!was_told || !how->at_once) status = tell(op, entry, it, it->end, was_told ? CEP_UPDATE : CEP_WINDOW, out);
  if (status < 0 || how->even_empty == 0 || rt_window_start(how, it->mark + 1) >= all->until) return status;
  if (it->next != CB_SLAB_NONE && span_at(op, it->next)->mark == it->mark + 1) return CEP_OK;
  return want_window(op, all, id, it->mark + 1) == CB_SLAB_NONE ? CEP_E_NOMEM : CEP_OK;
}

static cep_status spans_advance(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, entry)->slot;
  spans *all = spans_of(slot);
  const prg_window *how = rt_window_of(op);
  for (cb_slab_id id = all->first, next; id != CB_SLAB_NONE; id = next) {
    span *it = span_at(op, id);
    cep_status status = CEP_OK;
    if (!(it->flags & SPAN_DECIDED) && it->early <= time) {
      it->early = CEP_TIME_MAX;
      status = tell(op, entry, it, time, CEP_UPDATE, out);
    } else if (!(it->flags & SPAN_DECIDED) && it->end <= time && it->end < CEP_TIME_MAX) {
      status = decide(op, all, entry, id, out);
    }
    if (status < 0) return status;
    next = it->next;
    if ((it->flags & SPAN_DECIDED) && due_of(how, it) <= time) remove_span(op, all, id);
  }
  find_deadline(op, all);
  if (all->first == CB_SLAB_NONE) *slot = (nfa_slot){{0}};
  return CEP_OK;
}

static int spans_is_empty(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return !(spans_seen(slot)->flags & SPANS_OPEN);
}

/* ---- Saved state --------------------------------------------------------------------------- */

static void spans_save(rt_operator *op, const nfa_slot *slot, cb_writer *writer)
{
  const spans *all = spans_seen(slot);
  uint32_t count = 0;
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE; id = span_at(op, id)->next) count++;
  cb_write_i64(writer, all->until);
  cb_write_u32(writer, count);
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE; id = span_at(op, id)->next) {
    span *it = span_at(op, id);
    cb_write_i64(writer, it->start);
    cb_write_i64(writer, it->end);
    cb_write_i64(writer, it->mark);
    cb_write_i64(writer, it->early);
    cb_write_u32(writer, it->firings);
    cb_write_u32(writer, it->flags);
    rt_accum_save(&op->accums, accum_of(it), writer);
  }
}

static int span_is_sound(const prg_window *how, const span *it)
{
  if ((it->flags & ~(uint32_t)SPAN_FLAGS) != 0 || it->start > it->end) return 0;
  if (it->flags & SPAN_DECIDED) return it->early == CEP_TIME_MAX && it->end < CEP_TIME_MAX;
  if (how->kind == PRG_SESSION) return it->start <= it->mark;
  return it->start == rt_window_start(how, it->mark) && it->end == rt_window_end(how, it->mark);
}

static int spans_check(rt_operator *op, const nfa_slot *slot)
{
  static const nfa_slot empty;
  const spans *all = spans_seen(slot);
  if (!(all->flags & SPANS_OPEN)) return memcmp(slot, &empty, sizeof empty) == 0;
  cb_slab_id before = CB_SLAB_NONE;
  cep_time deadline = CEP_TIME_MAX;
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE; id = span_at(op, id)->next) {
    span *it = span_at(op, id);
    if (it->prev != before || !span_is_sound(rt_window_of(op), it)) return 0;
    if (before != CB_SLAB_NONE && span_at(op, before)->mark >= it->mark) return 0;
    if (!rt_accum_check(&op->accums, accum_of(it))) return 0;
    cep_time due = due_of(rt_window_of(op), it);
    if (due < deadline) deadline = due;
    before = id;
  }
  return all->last == before && all->first != CB_SLAB_NONE && all->deadline == deadline;
}

static cep_status load_span(rt_operator *op, spans *all, cb_reader *reader)
{
  cep_time start = cb_read_i64(reader), end = cb_read_i64(reader);
  int64_t mark = cb_read_i64(reader);
  cep_time early = cb_read_i64(reader);
  uint32_t firings = cb_read_u32(reader), flags = cb_read_u32(reader);
  if (reader->status < 0) return reader->status;
  int is_to_come = rt_window_of(op)->kind == PRG_SESSION && (start > mark || mark > op->core->now);
  if (is_to_come) return CEP_E_CORRUPT;
  cb_slab_id id = insert_span(op, all, all->last, start, end, mark);
  if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
  span *it = span_at(op, id);
  it->early = early;
  it->firings = firings;
  it->flags = flags;
  cep_status status = rt_accum_load(&op->accums, accum_of(it), reader);
  if (status < 0) rt_accum_begin(&op->accums, accum_of(it));
  return status;
}

static cep_status spans_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  spans *all = spans_of(slot);
  *all = (spans){.deadline = CEP_TIME_MAX, .until = cb_read_i64(reader), .flags = SPANS_OPEN};
  uint32_t count = cb_read_u32(reader);
  cep_status status = reader->status;
  for (uint32_t i = 0; i < count && status == CEP_OK; i++) status = load_span(op, all, reader);
  if (status == CEP_OK) find_deadline(op, all);
  if (status == CEP_OK && !spans_check(op, slot)) status = CEP_E_CORRUPT;
  if (status < 0) spans_release(op, slot);
  return status;
}

const rt_operator_kind rt_spans = {.name = "spans",
                                   .open = rt_window_open,
                                   .close = rt_window_close,
                                   .events = spans_events,
                                   .advance = spans_advance,
                                   .next_deadline = spans_deadline,
                                   .is_empty = spans_is_empty,
                                   .release = spans_release,
                                   .save = spans_save,
                                   .load = spans_load,
                                   .check = spans_check};
