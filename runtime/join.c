/* join.c - a join: of each key the events that may still find a partner, and the pairs that they make. */
#include "runtime/operator.h"

#include "cep/base/time.h"

/*
 * A slot. All zero: nothing is held.
 *
 *   side 0 -> [1] -> [2] -> [5]      by place in the order of the key's events, counted by `seq`;
 *   side 1 -> [3] -> [5]             an event of both sides is held twice, under one number
 *
 * `within`: a pair comes out with its later event. What is held has a time less than that away
 *   from now; a side that comes out alone gives up its events one deadline after the other,
 *   any other one when the next event comes, or when its newest has had its time.
 * Windows: all is decided at the end of each. What is held lies in the window that ends at `next`.
 */
typedef struct held_side {
  cb_slab_id first;
  cb_slab_id last;
  uint32_t count;
} held_side;

typedef struct join_state {
  uint64_t seq;  /* of the newest event */
  cep_time next; /* windows: the end of the first that is not decided */
  held_side sides[2];
} join_state;
_Static_assert(sizeof(join_state) <= NFA_SLOT_BYTES, "lies in the slot");

typedef struct held_event {
  cep_time time;
  uint64_t seq;
  cb_slab_id next;
  cb_slab_id cell;
  uint32_t is_paired; /* windows: in the one that is being decided */
  uint32_t pad;
} held_event;

static join_state *state_of(nfa_slot *slot)
{
  return (join_state *)(void *)slot;
}
static const join_state *state_seen(const nfa_slot *slot)
{
  return (const join_state *)(const void *)slot;
}
static const prg_detection *detection_of(const rt_operator *op)
{
  return &op->core->program->detections[op->detection];
}
static const prg_join *described(const rt_operator *op)
{
  return &op->core->program->joins[detection_of(op)->join];
}
/* NULL: it goes by `within`. */
static const prg_window *window_of(const rt_operator *op)
{
  uint32_t window = described(op)->window;
  return window == PRG_NONE ? NULL : &op->core->program->windows[window];
}
/* NULL for CB_SLAB_NONE. */
static held_event *held_at(const rt_operator *op, cb_slab_id id)
{
  return id == CB_SLAB_NONE ? NULL : cb_slab_at(op->core->slab, id);
}
static const cb_layout *layout_of(const rt_operator *op, uint32_t side)
{
  const prg *program = op->core->program;
  return &program->layout_views[program->steps[detection_of(op)->steps.first + side].layout];
}

static int comes_alone(const rt_operator *op, uint32_t side)
{
  uint32_t kind = described(op)->kind;
  return kind == PRG_FULL || (kind == PRG_LEFT && side == 0);
}

/* ---- Opening and closing ------------------------------------------------------------------- */

static void close_join(rt_operator *op)
{
  for (int side = 0; side < 2; side++) {
    if (op->pair[side] != CB_SLAB_NONE) cb_slab_give(op->core->slab, op->pair[side]);
    op->pair[side] = CB_SLAB_NONE;
  }
}

static cep_status open_join(rt_operator *op)
{
  for (int side = 0; side < 2; side++) {
    op->pair[side] = cb_slab_take(op->core->slab, sizeof(nfa_node));
    if (op->pair[side] != CB_SLAB_NONE) continue;
    close_join(op);
    return CEP_E_NOMEM;
  }
  return CEP_OK;
}

/* ---- What is held -------------------------------------------------------------------------- */

static void append(const rt_operator *op, held_side *side, cb_slab_id id)
{
  if (side->count == 0) side->first = id;
  else held_at(op, side->last)->next = id;
  side->last = id;
  side->count++;
}

/* An event at the end of its side, which takes the cell over. NULL: memory refused. */
static held_event *hold(rt_operator *op, held_side *side, cb_slab_id cell, uint64_t seq)
{
  cb_slab *slab = op->core->slab;
  cb_slab_id id = cell != CB_SLAB_NONE ? cb_slab_take(slab, sizeof(held_event)) : CB_SLAB_NONE;
  if (id == CB_SLAB_NONE) {
    if (cell != CB_SLAB_NONE) cb_cell_unref(slab, cell);
    return NULL;
  }
  held_event *held = cb_slab_at(slab, id);
  const cb_cell *of = cb_slab_at(slab, cell);
  *held = (held_event){.time = of->time, .seq = seq, .cell = cell};
  append(op, side, id);
  op->worker.counters.active++;
  return held;
}

static void drop_first(rt_operator *op, held_side *side)
{
  cb_slab *slab = op->core->slab;
  cb_slab_id id = side->first;
  const held_event *held = held_at(op, id);
  side->first = held->next;
  if (--side->count == 0) side->last = CB_SLAB_NONE;
  cb_cell_unref(slab, held->cell);
  cb_slab_give(slab, id);
  op->worker.counters.active--;
}

/* Zero bytes again once nothing is held. */
static void settle_state(join_state *state)
{
  if (state->sides[0].count == 0 && state->sides[1].count == 0) *state = (join_state){0};
}

static void join_release(rt_operator *op, nfa_slot *slot)
{
  join_state *state = state_of(slot);
  for (int side = 0; side < 2; side++) {
    while (state->sides[side].count > 0) drop_first(op, &state->sides[side]);
  }
  settle_state(state);
}

/* ---- Pairs --------------------------------------------------------------------------------- */

/* What comes out now, of one key. */
typedef struct joining {
  rt_operator *op;
  const rt_out *out;
  cep_time time;
  cep_time start; /* of the window; else 0 */
} joining;

/* The parts of the key, and the window, for all expressions. */
static joining begin(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  rt_core *core = op->core;
  const prg_window *window = window_of(op);
  joining j = {.op = op, .out = out, .time = time};
  rt_core_read_key(core, detection_of(op), entry);
  if (window) j.start = cb_time_add(time, -window->length);
  cep_value *parts = core->keys + detection_of(op)->keys.count;
  parts[0] = cb_value_i(CEP_TIME, j.start);
  parts[1] = cb_value_i(CEP_TIME, time);
  return j;
}

/* Two events, of which one may be NULL, in the form of captured ones. */
static nfa_captures captures_of(const rt_operator *op, const held_event *a, const held_event *b)
{
  const held_event *both[2] = {a, b};
  nfa_captures captures = {.slab = op->core->slab, .head = CB_SLAB_NONE};
  for (uint32_t side = 0, length = 0; side < 2; side++) {
    if (!both[side]) continue;
    nfa_node *node = cb_slab_at(op->core->slab, op->pair[side]);
    *node = (nfa_node){.seq = side,
                       .time = both[side]->time,
                       .prev = captures.head,
                       .cell = both[side]->cell,
                       .refs = 1,
                       .step = side,
                       .length = ++length};
    captures.head = op->pair[side];
  }
  return captures;
}

static nfa_env env_of(const joining *j, const nfa_captures *captures)
{
  rt_core *core = j->op->core;
  nfa_env env = {.program = core->program,
                 .scratch = core->scratch,
                 .captures = captures,
                 .register_first = detection_of(j->op)->registers.first,
                 .keys = core->keys,
                 .now = j->time};
  nfa_scratch_reset(core->scratch);
  return env;
}

static cep_status report(const joining *j, const held_event *a, const held_event *b)
{
  rt_operator *op = j->op;
  rt_core *core = op->core;
  prg_list outputs = detection_of(op)->outputs;
  nfa_captures captures = captures_of(op, a, b);
  nfa_env env = env_of(j, &captures);
  for (uint32_t i = 0; i < outputs.count; i++)
    core->outputs[i] = nfa_expr_eval(&env, core->program->outputs[outputs.first + i].expr);
  rt_alert_parts parts = {.program = core->program,
                          .origins = core->origins.at,
                          .detection = op->detection,
                          .kind = CEP_MATCH,
                          .waited = PRG_NONE,
                          .time = j->time,
                          .window_start = j->start,
                          .keys = core->keys,
                          .outputs = core->outputs,
                          .captures = captures};
  rt_alert *alert = rt_alert_make(core->slab, &core->bytes, &parts);
  if (!alert) return CEP_E_NOMEM;
  alert->sequence = core->sequence++;
  rt_stats_add(&core->stats, CEP_STAT_MATCHES, op->detection, 1);
  return j->out->alert(j->out->ctx, op, alert);
}

static cep_status try_pair(const joining *j, held_event *a, held_event *b)
{
  uint32_t where = described(j->op)->where;
  if (where != PRG_NONE) {
    nfa_captures captures = captures_of(j->op, a, b);
    nfa_env env = env_of(j, &captures);
    if (!nfa_expr_holds(&env, where)) return CEP_OK;
  }
  a->is_paired = b->is_paired = 1;
  return report(j, a, b);
}

static cep_status report_alone(const joining *j, uint32_t side, const held_event *held)
{
  if (held->is_paired || !comes_alone(j->op, side)) return CEP_OK;
  return side == 0 ? report(j, held, NULL) : report(j, NULL, held);
}

/* ---- Within a span ------------------------------------------------------------------------- */

/* From when on it finds no partner any more; CEP_TIME_MAX: always. */
static cep_time passed_at(const rt_operator *op, const held_event *held)
{
  int64_t within = described(op)->within;
#ifdef CEP_FAULT_JOIN_REACH
  within++; /* planted: pairs that are exactly the span apart */
#endif
  return cb_time_add(held->time, within);
}

static int is_passed(const rt_operator *op, const held_side *side, cep_time now)
{
  return side->count > 0 && passed_at(op, held_at(op, side->first)) <= now;
}

/* What is left on sides that do not come out alone: the others have had their deadlines. */
static void drop_passed(rt_operator *op, join_state *state, cep_time now)
{
  for (uint32_t side = 0; side < 2; side++) {
    while (is_passed(op, &state->sides[side], now)) drop_first(op, &state->sides[side]);
  }
}

/* The event with all that came before it, in their order; `own` is it, on the sides that it is on. Of one
 * partner on both sides the pair in which it is the first comes first. */
static cep_status pair_up(const joining *j, const join_state *state, held_event *const *own)
{
  const rt_operator *op = j->op;
  held_event *partners[2] = {own[1] ? held_at(op, state->sides[0].first) : NULL,
                             own[0] ? held_at(op, state->sides[1].first) : NULL};
  cep_status status = CEP_OK;
  while (status == CEP_OK) {
    for (int side = 0; side < 2; side++) {
      if (partners[side] && partners[side]->seq == state->seq) partners[side] = NULL;
    }
    if (!partners[0] && !partners[1]) break;
    int side = !partners[0] || (partners[1] && partners[1]->seq < partners[0]->seq);
    held_event *partner = partners[side];
    partners[side] = held_at(op, partner->next);
    status = side == 0 ? try_pair(j, partner, own[1]) : try_pair(j, own[0], partner);
  }
  return status;
}

static cep_status advance_span(const joining *j, join_state *state)
{
  rt_operator *op = j->op;
  for (;;) {
    int is_first = is_passed(op, &state->sides[0], j->time), is_second = is_passed(op, &state->sides[1], j->time);
    if (!is_first && !is_second) return CEP_OK;
    uint32_t side = !is_first || (is_second && held_at(op, state->sides[1].first)->seq < held_at(op, state->sides[0].first)->seq);
    cep_status status = report_alone(j, side, held_at(op, state->sides[side].first));
    if (status < 0) return status;
    drop_first(op, &state->sides[side]);
  }
}

static cep_time span_deadline(const rt_operator *op, const join_state *state)
{
  cep_time least = CEP_TIME_MAX;
  for (uint32_t side = 0; side < 2; side++) {
    const held_side *of = &state->sides[side];
    if (of->count == 0) continue;
    cep_time passed = passed_at(op, held_at(op, comes_alone(op, side) ? of->first : of->last));
    if (passed < least) least = passed;
  }
  return least;
}

/* ---- In windows ---------------------------------------------------------------------------- */

static int64_t modulo(int64_t value, int64_t by)
{
  int64_t rest = value % by;
  return rest < 0 ? rest + by : rest;
}

/* The end of the first window that an instant is in. */
static cep_time end_of(const prg_window *window, cep_time time)
{
  int64_t ends = (window->offset + window->length % window->every) % window->every;
  int64_t into = modulo(modulo(time, window->every) - ends, window->every);
  return cb_time_add(time, window->every - into);
}

static cep_status decide_pairs(const joining *j, join_state *state)
{
  const rt_operator *op = j->op;
  cep_status status = CEP_OK;
  for (held_event *a = held_at(op, state->sides[0].first); a && status == CEP_OK; a = held_at(op, a->next)) {
    for (held_event *b = held_at(op, state->sides[1].first); b && status == CEP_OK; b = held_at(op, b->next)) {
      if (a->seq != b->seq) status = try_pair(j, a, b);
    }
    if (status == CEP_OK) status = report_alone(j, 0, a);
  }
  for (held_event *b = held_at(op, state->sides[1].first); b && status == CEP_OK; b = held_at(op, b->next))
    status = report_alone(j, 1, b);
  return status;
}

/* The window that ends now; what lies in the next one too stays. */
static cep_status advance_window(const joining *j, join_state *state)
{
  rt_operator *op = j->op;
  const prg_window *window = window_of(op);
  cep_status status = decide_pairs(j, state);
  if (status < 0) return status;
  state->next = cb_time_add(j->time, window->every);
  cep_time start = cb_time_add(state->next, -window->length);
  for (int side = 0; side < 2; side++) {
    held_side *of = &state->sides[side];
    while (of->count > 0 && held_at(op, of->first)->time < start) drop_first(op, of);
    for (held_event *held = held_at(op, of->first); held; held = held_at(op, held->next)) held->is_paired = 0;
  }
  return CEP_OK;
}

/* ---- As an operator ------------------------------------------------------------------------ */

static cep_status take_event(rt_operator *op, const rt_item *item, const rt_out *out)
{
  join_state *state = state_of(&rt_keyed_at(&op->core->keyed, item->entry)->slot);
  const cb_batch *batch = item->event.batch;
  const prg_window *window = window_of(op);
  cep_time time = batch->time[item->event.row];
  if (!window) drop_passed(op, state, time);
  else if (state->sides[0].count + state->sides[1].count == 0) state->next = end_of(window, time);

  held_event *own[2] = {NULL, NULL};
  state->seq++;
  for (uint32_t side = 0; side < 2; side++) {
    if (!(item->symbol >> side & 1)) continue;
    cb_slab_id cell = cb_cell_from_row(op->core->slab, layout_of(op, side), batch, item->event.row);
    own[side] = hold(op, &state->sides[side], cell, state->seq);
    if (!own[side]) return CEP_E_NOMEM;
    op->worker.counters.started++;
  }
  cep_status status = CEP_OK;
  if (!window) {
    joining j = begin(op, item->entry, time, out);
    status = pair_up(&j, state, own);
  }
  for (int side = 0; side < 2; side++) {
    while (state->sides[side].count > op->core->partial_max) {
      drop_first(op, &state->sides[side]);
      op->worker.counters.partials_dropped++;
    }
  }
  return status;
}

static cep_status join_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < count && status == CEP_OK; i++) {
    if (items[i].entry != CB_SLAB_NONE) status = take_event(op, &items[i], out);
  }
  return status;
}

static cep_time join_deadline(const rt_operator *op, const nfa_slot *slot)
{
  const join_state *state = state_seen(slot);
  if (state->sides[0].count + state->sides[1].count == 0) return CEP_TIME_MAX;
  return window_of(op) ? state->next : span_deadline(op, state);
}

static cep_status join_advance(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, entry)->slot;
  join_state *state = state_of(slot);
  while (join_deadline(op, slot) <= time) {
    joining j = begin(op, entry, join_deadline(op, slot), out);
    cep_status status = window_of(op) ? advance_window(&j, state) : advance_span(&j, state);
    if (status < 0) return status;
    settle_state(state);
  }
  return CEP_OK;
}

static int join_is_empty(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return state_seen(slot)->seq == 0;
}

/* ---- Saved state --------------------------------------------------------------------------- */

static void join_save(rt_operator *op, const nfa_slot *slot, cb_writer *writer)
{
  const join_state *state = state_seen(slot);
  cb_write_u64(writer, state->seq);
  cb_write_i64(writer, state->next);
  for (uint32_t side = 0; side < 2; side++) {
    const held_side *of = &state->sides[side];
    cb_write_u32(writer, of->count);
    for (const held_event *held = held_at(op, of->first); held; held = held_at(op, held->next)) {
      const cb_cell *cell = cb_slab_at(op->core->slab, held->cell);
      cb_write_u64(writer, held->seq);
      cb_write_u32(writer, held->is_paired);
      cb_write_u32(writer, cell->input);
      cb_cell_write(writer, cell, layout_of(op, side));
    }
  }
}

static int join_check(rt_operator *op, const nfa_slot *slot);

/* The event of a source has its input, one of a detection none. */
static int may_be_from(const rt_operator *op, const cb_layout *layout, uint32_t input)
{
  if (!nfa_input_may_be(&op->worker, input)) return 0;
  return (op->core->program->streams[layout->stream].input == PRG_NONE) == (input == PRG_NONE);
}

static cep_status load_side(rt_operator *op, held_side *side, const cb_layout *layout, cb_reader *reader)
{
  uint32_t count = cb_read_u32(reader);
  for (uint32_t i = 0; i < count && reader->status >= 0; i++) {
    uint64_t seq = cb_read_u64(reader);
    uint32_t is_paired = cb_read_u32(reader), input = cb_read_u32(reader);
    if (reader->status < 0) break;
    if (!may_be_from(op, layout, input)) return CEP_E_CORRUPT;
    cb_slab_id cell = cb_cell_read(op->core->slab, reader, layout, input);
    if (cell == CB_SLAB_NONE) break;
    held_event *held = hold(op, side, cell, seq);
    if (!held) return CEP_E_NOMEM;
    held->is_paired = is_paired;
    if (held->time > op->core->now) return CEP_E_CORRUPT;
  }
  return reader->status;
}

static cep_status join_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  join_state *state = state_of(slot);
  state->seq = cb_read_u64(reader);
  state->next = cb_read_i64(reader);
  cep_status status = reader->status;
  for (uint32_t side = 0; side < 2 && status == CEP_OK; side++)
    status = load_side(op, &state->sides[side], layout_of(op, side), reader);
  if (status == CEP_OK && (state->seq == 0 || state->seq > INT64_MAX || !join_check(op, slot))) status = CEP_E_CORRUPT;
  if (status < 0) {
    join_release(op, slot);
    *slot = (nfa_slot){{0}};
  }
  return status;
}

static int side_is_good(const rt_operator *op, const join_state *state, const held_side *side)
{
  const held_event *before = NULL, *held = held_at(op, side->first);
  uint32_t count = 0;
  for (; held; before = held, held = held_at(op, held->next), count++) {
    const cb_cell *cell = cb_slab_at(op->core->slab, held->cell);
    if (held->seq == 0 || held->seq > state->seq || held->time != cell->time || held->is_paired > 1) return 0;
    if (before && (before->seq >= held->seq || before->time > held->time)) return 0;
    if (!window_of(op)) continue;
    if (held->is_paired || held->time >= state->next) return 0;
    if (held->time < cb_time_add(state->next, -window_of(op)->length)) return 0;
  }
  return count == side->count && (before ? before == held_at(op, side->last) : side->last == CB_SLAB_NONE);
}

static int join_check(rt_operator *op, const nfa_slot *slot)
{
  const join_state *state = state_seen(slot);
  const prg_window *window = window_of(op);
  if (state->seq == 0) return state->sides[0].count == 0 && state->sides[1].count == 0 && state->next == 0;
  if (state->sides[0].count == 0 && state->sides[1].count == 0) return 0;
  if (!window && state->next != 0) return 0;
  if (window && state->next < CEP_TIME_MAX && end_of(window, state->next) != cb_time_add(state->next, window->every)) return 0;
  return side_is_good(op, state, &state->sides[0]) && side_is_good(op, state, &state->sides[1]);
}

const rt_operator_kind rt_join = {.name = "join",
                                  .open = open_join,
                                  .close = close_join,
                                  .events = join_events,
                                  .advance = join_advance,
                                  .next_deadline = join_deadline,
                                  .is_empty = join_is_empty,
                                  .release = join_release,
                                  .save = join_save,
                                  .load = join_load,
                                  .check = join_check};
