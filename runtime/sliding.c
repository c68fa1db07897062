/* sliding.c - sliding windows, and windows of so many events: made of panes that windows share. */
#include <string.h>

#include "nfa/bound.h"
#include "runtime/window.h"

/*
 *   panes:    | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |      as long as the greatest common divisor of
 *   blocks:   |       0       |       1       |          length and slide; a block is a window's panes
 *   window:           |       :       |
 *                      suffix   prefix
 *
 * A window is the end of one block and the beginning of the next. When the first window that
 * begins in a block is decided, each pane of it is turned into itself with all behind it in
 * the block; the panes of the next block are added to one prefix, one after the other. So a
 * window costs two steps however many panes it has, and what is added up in which order
 * follows from the places of the panes alone. Panes without events do not exist.
 *
 * A window of N events is the same with the numbers of the key's events in the place of time.
 */
typedef struct pane {
  int64_t number;
  cep_time first; /* time of its first event */
  cb_slab_id prev;
  cb_slab_id next;
  /* rt_accum */
} pane;
_Static_assert(sizeof(pane) == NFA_PANE_BYTES, "what the bound of a key's state says");

/* A slot. All zero: no window is open. */
typedef struct sliding {
  cb_slab_id first; /* panes, ascending */
  cb_slab_id last;
  cb_slab_id prefix; /* accum of the panes of the next block up to `edge`; CB_SLAB_NONE: none of it */
  cb_slab_id edge;  /* the last pane that suffix or prefix has; CB_SLAB_NONE: those in front of all */
  int64_t window;   /* the next to be decided */
  int64_t newest;   /* time of the newest event; of a window of events: how many came */
  uint32_t flags;   /* SLIDING_* */
} sliding;
_Static_assert(sizeof(sliding) <= NFA_SLOT_BYTES, "lies in the slot");

enum { SLIDING_OPEN = 1, SLIDING_SUFFIXED = 2 };

static sliding *sliding_of(nfa_slot *slot)
{
  return (sliding *)(void *)slot;
}
static const sliding *sliding_seen(const nfa_slot *slot)
{
  return (const sliding *)(const void *)slot;
}
static pane *pane_at(const rt_operator *op, cb_slab_id id)
{
  return cb_slab_at(op->core->slab, id);
}
static rt_accum *accum_of(pane *it)
{
  return (rt_accum *)(void *)(it + 1);
}
static rt_accum *accum_at(const rt_operator *op, cb_slab_id id)
{
  return cb_slab_at(op->core->slab, id);
}
static int is_count(const rt_operator *op)
{
  return rt_window_of(op)->kind == PRG_COUNT_WINDOW;
}

/* ---- Panes, windows and blocks by their numbers ----------------------------------------------- */

static int64_t divisor(int64_t a, int64_t b)
{
  while (b != 0) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static int64_t length_of(const prg_window *how)
{
  return how->kind == PRG_COUNT_WINDOW ? (int64_t)how->events : how->length;
}
static int64_t slide_of(const prg_window *how)
{
  return how->kind == PRG_COUNT_WINDOW ? (int64_t)how->every_events : how->every;
}

static int64_t floor_divide(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

static rt_panes panes_of(const prg_window *how)
{
  int64_t width = divisor(length_of(how), slide_of(how));
  return (rt_panes){width, slide_of(how) / width, length_of(how) / width};
}

/* `at`: a time, or the number of an event. */
static int64_t pane_of(const rt_operator *op, int64_t at)
{
  rt_wide from = (rt_wide)at - rt_window_of(op)->offset, whole = from / op->panes.width;
  whole -= whole * op->panes.width > from;
  return whole < INT64_MIN ? INT64_MIN : (int64_t)whole;
}

/* Most events lie in the pane of the one before: that costs no division. */
static int is_in_pane(const rt_operator *op, const pane *it, int64_t at)
{
  rt_wide into = (rt_wide)at - rt_window_of(op)->offset - (rt_wide)it->number * op->panes.width;
  return into >= 0 && into < op->panes.width;
}

static int64_t add_bounded(int64_t a, int64_t b)
{
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* The first pane of a window. */
static int64_t pane_of_window(int64_t window, const rt_panes *m)
{
  rt_wide first = (rt_wide)window * m->slide;
  return first < INT64_MIN ? INT64_MIN : first > INT64_MAX ? INT64_MAX : (int64_t)first;
}

/* The first pane behind a block; the first block is cut off at the beginning of time. */
static int64_t end_of_block(int64_t block, const rt_panes *m)
{
  rt_wide end = ((rt_wide)block + 1) * m->block;
  return end > INT64_MAX ? INT64_MAX : (int64_t)end;
}

/* ---- Panes ------------------------------------------------------------------------------------ */

static cep_status open_sliding(rt_operator *op)
{
  cep_status status = rt_window_open(op);
  if (status < 0) return status;
  op->panes = panes_of(rt_window_of(op));
  op->spare = cb_slab_take(op->core->slab, op->accums.size);
  if (op->spare == CB_SLAB_NONE) rt_window_close(op);
  return op->spare == CB_SLAB_NONE ? CEP_E_NOMEM : CEP_OK;
}

static void close_sliding(rt_operator *op)
{
  cb_slab_give(op->core->slab, op->spare);
  rt_window_close(op);
}

static cb_slab_id append_pane(rt_operator *op, sliding *all, int64_t number, cep_time time)
{
  cb_slab_id id = cb_slab_take(op->core->slab, sizeof(pane) + op->accums.size);
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  pane *it = pane_at(op, id);
  *it = (pane){.number = number, .first = time, .prev = all->last};
  rt_accum_begin(&op->accums, accum_of(it));
  if (all->last != CB_SLAB_NONE) pane_at(op, all->last)->next = id;
  else all->first = id;
  all->last = id;
  return id;
}

static void drop_first(rt_operator *op, sliding *all)
{
  cb_slab_id id = all->first;
  pane *it = pane_at(op, id);
  all->first = it->next;
  if (all->first != CB_SLAB_NONE) pane_at(op, all->first)->prev = CB_SLAB_NONE;
  else all->last = CB_SLAB_NONE;
  if (all->edge == id) all->edge = CB_SLAB_NONE;
  rt_accum_release(&op->accums, accum_of(it));
  cb_slab_give(op->core->slab, id);
}

static void drop_prefix(rt_operator *op, sliding *all)
{
  if (all->prefix != CB_SLAB_NONE) {
    rt_accum_release(&op->accums, accum_at(op, all->prefix));
    cb_slab_give(op->core->slab, all->prefix);
  }
  all->prefix = all->edge = CB_SLAB_NONE;
  all->flags &= ~(uint32_t)SLIDING_SUFFIXED;
}

static void sliding_release(rt_operator *op, nfa_slot *slot)
{
  sliding *all = sliding_of(slot);
  drop_prefix(op, all);
  while (all->first != CB_SLAB_NONE) drop_first(op, all);
  *slot = (nfa_slot){{0}};
}

/* ---- Deciding --------------------------------------------------------------------------------- */

/* Each pane of the block becomes itself with all behind it. */
static cep_status make_suffixes(rt_operator *op, sliding *all, int64_t block_end)
{
  cb_slab_id last = CB_SLAB_NONE;
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE && pane_at(op, id)->number < block_end; id = pane_at(op, id)->next) last = id;
  all->edge = last;
  all->flags |= SLIDING_SUFFIXED;
  for (cb_slab_id id = last; id != CB_SLAB_NONE && id != all->first; id = pane_at(op, id)->prev) {
    pane *before = pane_at(op, pane_at(op, id)->prev);
    cep_status status = rt_accum_merge(&op->accums, accum_of(before), accum_of(pane_at(op, id)));
    if (status < 0) return status;
  }
  return CEP_OK;
}

static cep_status extend_prefix(rt_operator *op, sliding *all, int64_t end)
{
  for (;;) {
    cb_slab_id next = all->edge == CB_SLAB_NONE ? all->first : pane_at(op, all->edge)->next;
    if (next == CB_SLAB_NONE || pane_at(op, next)->number >= end) return CEP_OK;
    if (all->prefix == CB_SLAB_NONE) {
      all->prefix = cb_slab_take(op->core->slab, op->accums.size);
      if (all->prefix == CB_SLAB_NONE) return CEP_E_NOMEM;
      rt_accum_begin(&op->accums, accum_at(op, all->prefix));
    }
    cep_status status = rt_accum_merge(&op->accums, accum_at(op, all->prefix), accum_of(pane_at(op, next)));
    if (status < 0) return status;
    all->edge = next;
  }
}

static cep_status report(rt_operator *op, const sliding *all, int64_t block_end, rt_report *it, const rt_out *out)
{
  int has_suffix = all->first != CB_SLAB_NONE && pane_at(op, all->first)->number < block_end, is_told;
  rt_accum *spare = accum_at(op, op->spare);
  rt_accum_begin(&op->accums, spare);
  cep_status status = CEP_OK;
  it->accum = spare;
  if (has_suffix && all->prefix == CB_SLAB_NONE) {
    it->accum = accum_of(pane_at(op, all->first));
  } else if (!has_suffix && all->prefix != CB_SLAB_NONE) {
    it->accum = accum_at(op, all->prefix);
  } else if (has_suffix) {
    status = rt_accum_merge(&op->accums, spare, accum_of(pane_at(op, all->first)));
    if (status == CEP_OK) status = rt_accum_merge(&op->accums, spare, accum_at(op, all->prefix));
  }
  if (status == CEP_OK) status = rt_window_report(op, it, out, &is_told);
  rt_accum_release(&op->accums, spare);
  return status;
}

/* The next window is over, which is told of; what only it needed goes. */
static cep_status decide(rt_operator *op, sliding *all, rt_report *it, const rt_out *out)
{
  const rt_panes *m = &op->panes;
  int64_t from = pane_of_window(all->window, m), block = floor_divide(from, m->block);
  int64_t block_end = end_of_block(block, m);
  cep_status status = CEP_OK;
  if (!(all->flags & SLIDING_SUFFIXED)) status = make_suffixes(op, all, block_end);
  if (status == CEP_OK) status = extend_prefix(op, all, add_bounded(from, m->block));
  if (status == CEP_OK) status = report(op, all, block_end, it, out);
  if (status < 0) return status;
  int64_t next = pane_of_window(++all->window, m);
#ifdef CEP_FAULT_SLIDING_PANE
  next--;
#endif
  while (all->first != CB_SLAB_NONE && pane_at(op, all->first)->number < next) drop_first(op, all);
  if (floor_divide(pane_of_window(all->window, m), m->block) != block) drop_prefix(op, all);
  return CEP_OK;
}

/* A window of events ends with this one: from the time of its first to that of its last. */
static cep_status decide_count(rt_operator *op, cb_slab_id entry, nfa_slot *slot, cep_time time, const rt_out *out)
{
  sliding *all = sliding_of(slot);
  rt_report it = {.entry = entry,
                  .start = pane_at(op, all->first)->first,
                  .end = time,
                  .time = time,
                  .kind = CEP_WINDOW,
                  .firing = RT_FIRING_ONCE};
  cep_status status = decide(op, all, &it, out);
  if (status == CEP_OK && all->first == CB_SLAB_NONE) sliding_release(op, slot); /* the next event counts from 0 again */
  return status;
}

static cep_status take_event(rt_operator *op, const rt_item *item, const rt_out *out)
{
  const prg_window *how = rt_window_of(op);
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, item->entry)->slot;
  sliding *all = sliding_of(slot);
  cep_time time = item->event.batch->time[item->event.row];
  if (!(all->flags & SLIDING_OPEN)) {
    all->flags = SLIDING_OPEN;
    all->window = is_count(op) ? 0 : rt_window_first(how, time);
    op->worker.counters.started++;
  }
  int64_t at = is_count(op) ? all->newest : time;
  cb_slab_id id = all->last;
  if (id == CB_SLAB_NONE || !is_in_pane(op, pane_at(op, id), at)) {
    int64_t number = pane_of(op, at);
    if (id == CB_SLAB_NONE || pane_at(op, id)->number != number) id = append_pane(op, all, number, time);
  }
  if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
  cep_status status = rt_accum_take(&op->accums, accum_of(pane_at(op, id)), &item->event);
  if (status < 0) return status;
  all->newest = is_count(op) ? all->newest + 1 : time;
  if (!is_count(op) || all->newest < all->window * slide_of(how) + length_of(how)) return CEP_OK;
  return decide_count(op, item->entry, slot, time, out);
}

static cep_status sliding_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  for (uint32_t i = 0; i < count; i++) {
    cep_status status = take_event(op, &items[i], out);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- Time ---------------------------------------------------------------------------------- */

static cep_time sliding_deadline(const rt_operator *op, const nfa_slot *slot)
{
  const sliding *all = sliding_seen(slot);
  return (all->flags & SLIDING_OPEN) && !is_count(op) ? rt_window_end(rt_window_of(op), all->window) : CEP_TIME_MAX;
}

/* What is left lies in the next window: whatever came, came before the end of the one decided. */
static cep_status sliding_advance(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, entry)->slot;
  sliding *all = sliding_of(slot);
  const prg_window *how = rt_window_of(op);
  for (;;) {
    cep_time end = sliding_deadline(op, slot);
    if (end > time || end == CEP_TIME_MAX) return CEP_OK;
    rt_report it = {.entry = entry,
                    .start = rt_window_start(how, all->window),
                    .end = end,
                    .time = end,
                    .kind = CEP_WINDOW,
                    .firing = RT_FIRING_ONCE};
    cep_status status = decide(op, all, &it, out);
    if (status < 0) return status;
    cep_time start = rt_window_start(how, all->window);
    int is_even_empty = how->even_empty > 0 && (start <= all->newest || start - all->newest < how->even_empty);
    if (all->first != CB_SLAB_NONE || is_even_empty) continue;
    sliding_release(op, slot);
    return CEP_OK;
  }
}

static int sliding_is_empty(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return !(sliding_seen(slot)->flags & SLIDING_OPEN);
}

/* ---- Saved state --------------------------------------------------------------------------- */

static void sliding_save(rt_operator *op, const nfa_slot *slot, cb_writer *writer)
{
  const sliding *all = sliding_seen(slot);
  uint32_t panes = 0, edge = 0;
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE; id = pane_at(op, id)->next) {
    panes++;
    if (id == all->edge) edge = panes;
  }
  cb_write_u32(writer, all->flags);
  cb_write_i64(writer, all->window);
  cb_write_i64(writer, all->newest);
  cb_write_u32(writer, edge);
  cb_write_u32(writer, panes);
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE; id = pane_at(op, id)->next) {
    cb_write_i64(writer, pane_at(op, id)->number);
    cb_write_i64(writer, pane_at(op, id)->first);
    rt_accum_save(&op->accums, accum_of(pane_at(op, id)), writer);
  }
  cb_write_u8(writer, all->prefix != CB_SLAB_NONE);
  if (all->prefix != CB_SLAB_NONE) rt_accum_save(&op->accums, accum_at(op, all->prefix), writer);
}

static cep_status load_panes(rt_operator *op, sliding *all, cb_reader *reader)
{
  uint32_t edge = cb_read_u32(reader), panes = cb_read_u32(reader);
  if (reader->status == CEP_OK && edge > panes) return CEP_E_CORRUPT;
  for (uint32_t i = 1; i <= panes && reader->status == CEP_OK; i++) {
    int64_t number = cb_read_i64(reader);
    cep_time first = cb_read_i64(reader);
    if (reader->status < 0) break;
    cb_slab_id id = append_pane(op, all, number, first);
    if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
    if (i == edge) all->edge = id;
    cep_status status = rt_accum_load(&op->accums, accum_of(pane_at(op, id)), reader);
    if (status == CEP_OK) continue;
    rt_accum_begin(&op->accums, accum_of(pane_at(op, id)));
    return status;
  }
  return reader->status;
}

static cep_status load_prefix(rt_operator *op, sliding *all, cb_reader *reader)
{
  if (cb_read_u8(reader) == 0) return reader->status;
  all->prefix = cb_slab_take(op->core->slab, op->accums.size);
  if (all->prefix == CB_SLAB_NONE) return CEP_E_NOMEM;
  rt_accum_begin(&op->accums, accum_at(op, all->prefix));
  cep_status status = rt_accum_load(&op->accums, accum_at(op, all->prefix), reader);
  if (status < 0) rt_accum_begin(&op->accums, accum_at(op, all->prefix));
  return status;
}

static int sliding_check(rt_operator *op, const nfa_slot *slot)
{
  static const nfa_slot empty;
  const sliding *all = sliding_seen(slot);
  if (!(all->flags & SLIDING_OPEN)) return memcmp(slot, &empty, sizeof empty) == 0;
  if ((all->flags & ~(uint32_t)(SLIDING_OPEN | SLIDING_SUFFIXED)) != 0) return 0;
  if (!(all->flags & SLIDING_SUFFIXED) && (all->prefix != CB_SLAB_NONE || all->edge != CB_SLAB_NONE)) return 0;
  cb_slab_id before = CB_SLAB_NONE;
  int has_edge = all->edge == CB_SLAB_NONE;
  for (cb_slab_id id = all->first; id != CB_SLAB_NONE; id = pane_at(op, id)->next) {
    pane *it = pane_at(op, id);
    if (it->prev != before || (before != CB_SLAB_NONE && pane_at(op, before)->number >= it->number)) return 0;
    if (!rt_accum_check(&op->accums, accum_of(it))) return 0;
    has_edge |= id == all->edge;
    before = id;
  }
  return all->last == before && has_edge && (all->prefix == CB_SLAB_NONE || rt_accum_check(&op->accums, accum_at(op, all->prefix)));
}

/* Of a loaded one: the newest event lies in the last pane and is not to come, so that what comes lies in it or behind. */
static int sliding_fits(const rt_operator *op, const sliding *all)
{
  if (is_count(op)) {
    if (all->newest < 1 || all->newest > INT64_MAX / 4 || all->window < 0 || all->window > all->newest) return 0;
    return all->last != CB_SLAB_NONE && pane_at(op, all->first)->number >= 0 && pane_at(op, all->last)->number == pane_of(op, all->newest - 1);
  }
  if (all->newest > op->core->now || all->newest == CEP_TIME_MIN) return 0;
  return all->last == CB_SLAB_NONE || pane_at(op, all->last)->number == pane_of(op, all->newest);
}

static cep_status sliding_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  sliding *all = sliding_of(slot);
  all->flags = cb_read_u32(reader);
  all->window = cb_read_i64(reader);
  all->newest = cb_read_i64(reader);
  cep_status status = reader->status;
  if (status == CEP_OK && !(all->flags & SLIDING_OPEN)) status = CEP_E_CORRUPT;
  if (status == CEP_OK) status = load_panes(op, all, reader);
  if (status == CEP_OK) status = load_prefix(op, all, reader);
  if (status == CEP_OK && !(sliding_check(op, slot) && sliding_fits(op, all))) status = CEP_E_CORRUPT;
  if (status < 0) sliding_release(op, slot);
  return status;
}

const rt_operator_kind rt_sliding = {.name = "sliding",
                                     .open = open_sliding,
                                     .close = close_sliding,
                                     .events = sliding_events,
                                     .advance = sliding_advance,
                                     .next_deadline = sliding_deadline,
                                     .is_empty = sliding_is_empty,
                                     .release = sliding_release,
                                     .save = sliding_save,
                                     .load = sliding_load,
                                     .check = sliding_check};
