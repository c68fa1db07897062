/* aggregate.c - an aggregate: running values of the open window of each key. */
#include "runtime/operator.h"

#include <string.h>

#include "cep/base/time.h"
#include "nfa/bound.h"
#include "nfa/register.h"
#include "runtime/distinct.h"

/*
 * A slot. All zero: no window is open.
 *
 *   open window [start, start + length) -> block: | words, one for each register | sets of `distinct` |
 *
 * Events of a key come in order, and every window that ends at or before an event has been
 * closed before it: one window is open at most.
 */
typedef struct open_window {
  int64_t start;
  int64_t last;   /* time of the key's newest event */
  uint64_t null;  /* registers that are null */
  cb_slab_id block;
  uint32_t flags; /* WINDOW_* */
} open_window;
_Static_assert(sizeof(open_window) <= NFA_SLOT_BYTES, "lies in the slot");
_Static_assert(sizeof(rt_distinct) == NFA_DISTINCT_BYTES, "what the bound of a key's state says");

enum { WINDOW_OPEN = 1, WINDOW_REPORTED = 2 };

/* A tumbling window is reported once. */
#define FIRING 1u

static open_window *window_of(nfa_slot *slot)
{
  return (open_window *)(void *)slot;
}
static const open_window *window_seen(const nfa_slot *slot)
{
  return (const open_window *)(const void *)slot;
}
static const prg_detection *detection_of(const rt_operator *op)
{
  return &op->core->program->detections[op->detection];
}
static const prg_window *described(const rt_operator *op)
{
  return &op->core->program->windows[detection_of(op)->window];
}
static uint64_t *words_of(const rt_operator *op, const open_window *window)
{
  return cb_slab_at(op->core->slab, window->block);
}
static rt_distinct *sets_of(const rt_operator *op, const open_window *window)
{
  return (rt_distinct *)(void *)(words_of(op, window) + detection_of(op)->registers.count);
}

static size_t block_size(const rt_operator *op)
{
  return detection_of(op)->registers.count * sizeof(uint64_t) + op->sets * sizeof(rt_distinct);
}

/* ---- Opening and closing ------------------------------------------------------------------- */

/* Images can say more than windows here can do. */
static int is_built(const rt_operator *op)
{
  const prg_window *how = described(op);
  prg_list registers = detection_of(op)->registers;
  for (uint32_t r = 0; r < registers.count; r++) {
    if (prg_register_is_made(&op->core->program->registers[registers.first + r])) return 0;
  }
  return how->kind == PRG_TUMBLING && how->early_every == 0 && how->allowed == 0;
}

static cep_status open_aggregate(rt_operator *op)
{
  const prg *program = op->core->program;
  prg_list registers = detection_of(op)->registers;
  if (!is_built(op)) return CEP_E_UNSUPPORTED;
  cb_writer_init(&op->key, op->core->alloc);
  op->null_at_start = nfa_registers_null_at_start(program, registers);
  for (uint32_t r = 0; r < registers.count; r++) op->sets += program->registers[registers.first + r].what == PRG_REG_DISTINCT;
  return CEP_OK;
}

static void close_aggregate(rt_operator *op)
{
  cb_writer_fini(&op->key);
}

static int has_block(const rt_operator *op)
{
  return block_size(op) > 0;
}

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
  const prg_window *how = described(op);
  int64_t cut = window->start == CEP_TIME_MIN ? time_into(how, CEP_TIME_MIN) : 0;
  return cb_time_add(window->start, how->length - cut);
}

static void clear_sets(const rt_operator *op, open_window *window)
{
  rt_distinct *sets = sets_of(op, window);
  for (uint32_t i = 0; i < op->sets; i++) rt_distinct_clear(&sets[i], op->core->slab);
}

/* A window with nothing in it, in place of the one before if there is one. */
static cep_status begin_window(const rt_operator *op, open_window *window, cep_time start)
{
  if (!(window->flags & WINDOW_OPEN)) {
    *window = (open_window){.last = start};
    if (has_block(op)) window->block = cb_slab_take(op->core->slab, block_size(op));
    if (has_block(op) && window->block == CB_SLAB_NONE) return CEP_E_NOMEM;
  } else if (has_block(op)) {
    clear_sets(op, window);
  }
  if (has_block(op)) memset(words_of(op, window), 0, block_size(op));
  window->start = start;
  window->null = op->null_at_start;
  window->flags = WINDOW_OPEN;
  return CEP_OK;
}

static void aggregate_release(rt_operator *op, nfa_slot *slot)
{
  open_window *window = window_of(slot);
  if (window->block != CB_SLAB_NONE) {
    clear_sets(op, window);
    cb_slab_give(op->core->slab, window->block);
  }
  *slot = (nfa_slot){{0}};
}

/* ---- An event ------------------------------------------------------------------------------ */

static cep_status add_distinct(rt_operator *op, const nfa_env *env, const prg_register *reg, rt_distinct *set, uint64_t *word)
{
  rt_core *core = op->core;
  nfa_scratch_reset(core->scratch);
  cb_writer_reset(&op->key);
  for (uint32_t i = 0; i < reg->tuple.count; i++) {
    cep_value value = nfa_expr_eval(env, core->program->lists[reg->tuple.first + i]);
    if (value.kind == CEP_NULL) return CEP_OK;
    rt_key_write(&op->key, &value);
  }
  if (op->key.status < 0 || op->key.len > UINT32_MAX) return CEP_E_NOMEM;
  switch (rt_distinct_add(set, core->slab, op->key.data, (uint32_t)op->key.len, core->distinct_max)) {
  case RT_DISTINCT_NEW: ++*word; return CEP_OK;
  case RT_DISTINCT_OLD: return CEP_OK;
  case RT_DISTINCT_FULL: rt_stats_add(&core->stats, CEP_STAT_DISTINCT_DROPPED, op->detection, 1); return CEP_OK;
  case RT_DISTINCT_NOMEM: return CEP_E_NOMEM;
  }
  CB_UNREACHABLE();
}

static cep_status take_event(rt_operator *op, open_window *window, const nfa_event *event)
{
  rt_core *core = op->core;
  prg_list registers = detection_of(op)->registers;
  nfa_env env = {.program = core->program,
                 .scratch = core->scratch,
                 .batch = event->batch,
                 .row = event->row,
                 .register_first = registers.first};
  uint32_t set = 0;
  cep_status status = CEP_OK;
  for (uint32_t r = 0; r < registers.count && status == CEP_OK; r++) {
    const prg_register *reg = &core->program->registers[registers.first + r];
    uint64_t *words = words_of(op, window);
    if (reg->what == PRG_REG_DISTINCT) {
      status = add_distinct(op, &env, reg, &sets_of(op, window)[set++], &words[r]);
    } else {
      nfa_register_take(&env, reg, r, words, &window->null, &op->worker.counters.sum_overflow);
    }
  }
  return status;
}

/* ---- Reporting ----------------------------------------------------------------------------- */

/* Key parts and measures into core->keys, outputs into core->outputs. 0: `having` does not hold. */
static int evaluate(rt_operator *op, cb_slab_id entry, const open_window *window)
{
  rt_core *core = op->core;
  const prg *program = core->program;
  const prg_detection *detection = detection_of(op);
  const prg_window *how = described(op);
  nfa_captures captures = {.slab = core->slab,
                           .head = CB_SLAB_NONE,
                           .registers = has_block(op) ? words_of(op, window) : NULL,
                           .null = window->null};
  nfa_env env = {.program = program,
                 .scratch = core->scratch,
                 .captures = &captures,
                 .register_first = detection->registers.first,
                 .keys = core->keys};
  nfa_scratch_reset(core->scratch);
  rt_core_read_key(core, detection, entry);
  cep_value *parts = core->keys + detection->keys.count, *measures = parts + PRG_WINDOW_PARTS;
  parts[0] = cb_value_i(CEP_TIME, window->start);
  parts[1] = cb_value_i(CEP_TIME, end_of(op, window));
  for (uint32_t i = 0; i < how->measures.count; i++) measures[i] = nfa_expr_eval(&env, program->outputs[how->measures.first + i].expr);
  if (how->having != PRG_NONE && !nfa_expr_holds(&env, how->having)) return 0;
  for (uint32_t i = 0; i < detection->outputs.count; i++)
    core->outputs[i] = nfa_expr_eval(&env, program->outputs[detection->outputs.first + i].expr);
  return 1;
}

static cep_status report(rt_operator *op, cb_slab_id entry, open_window *window, cep_time time, const rt_out *out)
{
  rt_core *core = op->core;
  if ((window->flags & WINDOW_REPORTED) || !evaluate(op, entry, window)) return CEP_OK;
  window->flags |= WINDOW_REPORTED;
  rt_alert_parts parts = {.program = core->program,
                          .origins = core->origins.at,
                          .detection = op->detection,
                          .kind = CEP_WINDOW,
                          .waited = PRG_NONE,
                          .time = time,
                          .window_start = window->start,
                          .window_end = end_of(op, window),
                          .firing = FIRING,
                          .keys = core->keys,
                          .outputs = core->outputs,
                          .captures = {.slab = core->slab, .head = CB_SLAB_NONE}};
  rt_alert *alert = rt_alert_make(core->slab, &core->bytes, &parts);
  if (!alert) return CEP_E_NOMEM;
  alert->sequence = core->sequence++;
  rt_stats_add(&core->stats, CEP_STAT_WINDOWS, op->detection, 1);
  return out->alert(out->ctx, op, alert);
}

static cep_status aggregate_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  const prg_window *how = described(op);
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
    CB_ASSERT(time < end_of(op, window) || end_of(op, window) == CEP_TIME_MAX);
    window->last = time;
    status = take_event(op, window, event);
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
  cep_duration even_empty = described(op)->even_empty;
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
  cb_write_u64(writer, window->null);
  cb_write_u32(writer, window->flags);
  if (!has_block(op)) return;
  for (uint32_t r = 0; r < detection_of(op)->registers.count; r++) cb_write_u64(writer, words_of(op, window)[r]);
  for (uint32_t i = 0; i < op->sets; i++) rt_distinct_save(&sets_of(op, window)[i], op->core->slab, writer);
}

static cep_status aggregate_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  open_window *window = window_of(slot);
  cep_time start = cb_read_i64(reader), last = cb_read_i64(reader);
  uint64_t null = cb_read_u64(reader);
  uint32_t flags = cb_read_u32(reader);
  if (reader->status < 0) return reader->status;
  if (!(flags & WINDOW_OPEN) || (flags & ~(uint32_t)(WINDOW_OPEN | WINDOW_REPORTED)) != 0) return CEP_E_CORRUPT;
  cep_status status = begin_window(op, window, start);
  if (status < 0) {
    *slot = (nfa_slot){{0}};
    return status;
  }
  window->last = last;
  window->null = null;
  window->flags = flags;
  for (uint32_t r = 0; r < detection_of(op)->registers.count; r++) words_of(op, window)[r] = cb_read_u64(reader);
  for (uint32_t i = 0; i < op->sets && status == CEP_OK; i++) status = rt_distinct_load(&sets_of(op, window)[i], op->core->slab, reader);
  if (status == CEP_OK) status = reader->status;
  if (status < 0) aggregate_release(op, slot);
  return status;
}

static int aggregate_check(rt_operator *op, const nfa_slot *slot)
{
  static const nfa_slot empty;
  const open_window *window = window_seen(slot);
  if (!(window->flags & WINDOW_OPEN)) return memcmp(slot, &empty, sizeof empty) == 0;
  if ((window->block != CB_SLAB_NONE) != has_block(op)) return 0;
  if (start_of(described(op), window->start) != window->start) return 0;
  const prg *program = op->core->program;
  prg_list registers = detection_of(op)->registers;
  for (uint32_t r = 0, set = 0; r < registers.count; r++) {
    if (program->registers[registers.first + r].what != PRG_REG_DISTINCT) continue;
    const rt_distinct *values = &sets_of(op, window)[set++];
    if (!rt_distinct_check(values, op->core->slab) || words_of(op, window)[r] != values->count) return 0;
  }
  return 1;
}

const rt_operator_kind rt_aggregate = {.name = "aggregate",
                                       .open = open_aggregate,
                                       .close = close_aggregate,
                                       .events = aggregate_events,
                                       .advance = aggregate_advance,
                                       .next_deadline = aggregate_deadline,
                                       .is_empty = aggregate_is_empty,
                                       .release = aggregate_release,
                                       .save = aggregate_save,
                                       .load = aggregate_load,
                                       .check = aggregate_check};
