/* engine_sweep.c - all that the frontier has passed, instant by instant, in the one order. */
#include "cep/base/error.h"
#include "cep/base/time.h"
#include "runtime/engine_parts.h"
#include "runtime/fan.h"

/* ---- From rows taken to rows in order ---------------------------------------------------- */

static void count_records(rt_engine *engine, uint32_t declared, rt_wanted best, uint64_t records)
{
  cep_stat which = best >= RT_PASSING   ? CEP_STAT_RECORDS_USED
                   : best == RT_UNKEYED ? CEP_STAT_RECORDS_UNKEYED
                                        : CEP_STAT_RECORDS_FILTERED;
  rt_stats_add(&engine->core.stats, which, declared, records);
}

void rt_engine_count_record(rt_engine *engine, uint32_t declared, rt_wanted best)
{
  count_records(engine, declared, best, 1);
}

/* Typed rows that were on time: each is a record. */
static cep_status sort_out_plain(rt_engine *engine)
{
  const rt_filler filler = rt_engine_filler(engine);
  for (uint32_t i = 0; engine->plain_count > 0 && i < engine->touched.count; i++) {
    uint32_t stream = engine->touched.at[i];
    uint64_t counts[RT_WANTED + 1] = {0};
    cep_status status = rt_rows_look_plain(&filler, &engine->router, &engine->core.stats, engine->inputs.at, stream, counts);
    if (status < 0) return status;
    count_records(engine, engine->program->streams[stream].input, RT_UNWANTED, counts[RT_UNWANTED]);
    count_records(engine, engine->program->streams[stream].input, RT_UNKEYED, counts[RT_UNKEYED]);
    count_records(engine, engine->program->streams[stream].input, RT_WANTED, counts[RT_PASSING] + counts[RT_WANTED]);
  }
  engine->plain_count = 0;
  return CEP_OK;
}

/* Drops rows that nobody has work with, and settles what each record was. */
static cep_status sort_out(rt_engine *engine)
{
  uint32_t kept = 0;
  rt_wanted best = RT_UNWANTED;
  for (uint32_t i = 0; i < engine->staged.count; i++) {
    rt_staged staged = engine->staged.at[i];
    rt_wanted wanted;
    cep_status status = rt_rows_look(&engine->router, &engine->core.stats, &staged, &engine->stages[staged.stream].finds, &wanted);
    if (status < 0) return status;
    if (wanted > best) best = wanted;
    if (i + 1 == engine->staged.count || engine->staged.at[i + 1].record != staged.record) {
      if (!staged.is_late) rt_engine_count_record(engine, staged.declared, best);
      best = RT_UNWANTED;
    }
    if (wanted == RT_WANTED) engine->staged.at[kept++] = staged;
  }
  engine->staged.count = kept;
  return sort_out_plain(engine);
}

static int compare_staged(const void *a_void, const void *b_void)
{
  const rt_staged *a = a_void, *b = b_void;
#ifdef CEP_FAULT_TIE_BY_ARRIVAL
  return a->at.time != b->at.time ? (a->at.time < b->at.time ? -1 : 1) : a < b ? -1 : 1;
#endif
  return rt_held_compare(&a->at, a->stream, &b->at, b->stream);
}

static void sink(rt_staged *rows, uint32_t at, uint32_t count)
{
  rt_staged item = rows[at];
  for (uint32_t child; (child = at * 2 + 1) < count; at = child) {
    if (child + 1 < count && compare_staged(&rows[child], &rows[child + 1]) < 0) child++;
    if (compare_staged(&rows[child], &item) <= 0) break;
    rows[at] = rows[child];
  }
  rows[at] = item;
}

/* In place. No two are equal. */
static void sort_strays(rt_staged *rows, uint32_t count)
{
  for (uint32_t i = count / 2; i-- > 0;) sink(rows, i, count);
  for (uint32_t end = count; end-- > 1;) {
    rt_staged greatest = rows[0];
    rows[0] = rows[end];
    rows[end] = greatest;
    sink(rows, 0, end);
  }
}

/* Rows mostly come in order: those that do stay, the strays are sorted and put among them from behind. */
static cep_status sort_rows(rt_engine *engine)
{
  rt_staged *rows = engine->staged.at;
  uint32_t kept = 0, count = engine->staged.count;
  engine->strays.count = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (kept == 0 || compare_staged(&rows[kept - 1], &rows[i]) <= 0) {
      if (kept != i) rows[kept] = rows[i];
      kept++;
    } else if (!cb_vec_push(&engine->alloc, &engine->strays, rows[i])) {
      return CEP_E_NOMEM;
    }
  }
  uint32_t left = engine->strays.count;
  sort_strays(engine->strays.at, left);
  for (uint32_t to = count; left > 0;) {
    const rt_staged *stray = &engine->strays.at[left - 1];
    int is_stray = kept == 0 || compare_staged(&rows[kept - 1], stray) <= 0;
    rows[--to] = is_stray ? *stray : rows[kept - 1];
    if (is_stray) left--;
    else kept--;
  }
  return CEP_OK;
}

/* What a row of one reader was found to be, so that it need not be looked at again. */
static void keep_find(const rt_engine *engine, const rt_staged *staged, rt_held *held)
{
  if (!staged->is_found || !engine->router.straight[staged->stream]) return;
  const rt_find *find = &staged->from->finds.all.at[staged->found.first];
  held->hash = staged->from->finds.keys.at[find->key].hash;
  held->symbol = find->symbol;
}

static cep_status hold_rest(rt_engine *engine)
{
  for (; engine->staged_next < engine->staged.count; engine->staged_next++) {
    const rt_staged *staged = &engine->staged.at[engine->staged_next];
    rt_held held = {.at = staged->at, .stream = staged->stream};
    keep_find(engine, staged, &held);
    held.cell = cb_cell_from_row(&engine->slab, rt_engine_held_layout(engine, staged->stream),
                                 &staged->from->batch, staged->row);
    if (held.cell == CB_SLAB_NONE) return CEP_E_NOMEM;
    if (rt_reorder_add(&engine->reorder, &held)) continue;
    cb_cell_unref(&engine->slab, held.cell);
    return CEP_E_NOMEM;
  }
  return CEP_OK;
}

static void clear_stages(rt_engine *engine)
{
  for (uint32_t i = 0; i < engine->touched.count; i++) {
    rt_stage *stage = &engine->stages[engine->touched.at[i]];
    rt_stage_clear(stage);
  }
  engine->touched.count = 0;
  engine->takes = 0;
}

/* ---- The sweep ---------------------------------------------------------------------------- */

/* The first of all events that wait; 1 if the frontier has passed it. */
static int next_event(const rt_engine *engine, rt_triple *at, int *is_held)
{
  const rt_held *held = rt_reorder_first(&engine->reorder);
  const rt_staged *staged =
      engine->staged_next < engine->staged.count ? &engine->staged.at[engine->staged_next] : NULL;
  if (!held && !staged) return 0;
  *is_held = held && (!staged || rt_held_compare(&held->at, held->stream, &staged->at, staged->stream) < 0);
  *at = *is_held ? held->at : staged->at;
#ifdef CEP_FAULT_RELEASE_EARLY
  return rt_frontier_reached(&engine->frontier, at->time);
#endif
  return rt_frontier_passed(&engine->frontier, at);
}

static cep_status keep_for_later(rt_engine *engine, uint32_t stream, const rt_triple *at, const rt_seen *seen)
{
  cb_slab_id cell =
      cb_cell_from_row(&engine->slab, rt_engine_held_layout(engine, stream), seen->batch, seen->row);
  if (cell == CB_SLAB_NONE) return CEP_E_NOMEM;
  if (cb_vec_push(&engine->alloc, &engine->later, ((rt_later){stream, cell, at->order}))) return CEP_OK;
  cb_cell_unref(&engine->slab, cell);
  return CEP_E_NOMEM;
}

/* Rows ahead of the one in hand: so far off memory is asked for, so that it is there when the row comes. Of a row with many finds
 * the first ones: others come after them. */
#define CELLS_AHEAD   16u
#define ENTRIES_AHEAD 6u
#define FINDS_AHEAD   4u

static inline void expect_row(const rt_engine *engine, uint32_t row, int is_entry)
{
  if (row >= engine->staged.count) return;
  const rt_staged *staged = &engine->staged.at[row];
  const rt_finds *finds = &staged->from->finds;
  uint32_t count = !staged->is_found ? 0 : staged->found.count < FINDS_AHEAD ? staged->found.count : FINDS_AHEAD;
  for (uint32_t i = 0; i < count; i++) {
    const rt_find *find = &finds->all.at[staged->found.first + i];
    uint32_t number = engine->matcher_of[rt_router_reader(&engine->router, find)->detection];
    uint64_t hash = finds->keys.at[find->key].hash;
    if (is_entry) rt_keyed_expect_entry(&engine->core.keyed, number, hash);
    else rt_keyed_expect(&engine->core.keyed, number, hash);
  }
}

/* The same for those that were held. */
static void expect_held(const rt_engine *engine)
{
  const rt_reorder *reorder = &engine->reorder;
  const uint32_t distance[] = {2 * CELLS_AHEAD, CELLS_AHEAD, ENTRIES_AHEAD};
  for (uint32_t i = 0; i < sizeof distance / sizeof *distance && distance[i] < reorder->line_count; i++) {
    const rt_held *held = rt_reorder_line(reorder, distance[i]);
    if (i == 0) __builtin_prefetch(cb_slab_at(&engine->slab, held->cell));
    if (i == 0 || held->hash == 0) continue;
    const nfa_reader *reader = &engine->program->readers->readers[engine->program->readers->streams[held->stream].readers.first];
    uint32_t number = engine->matcher_of[reader->detection];
    if (i == 1) rt_keyed_expect(&engine->core.keyed, number, held->hash);
    else rt_keyed_expect_entry(&engine->core.keyed, number, held->hash);
  }
}

static cep_status release_event(rt_engine *engine, const rt_triple *at, int is_held)
{
  rt_seen seen;
  uint32_t stream;
  if (is_held) {
    expect_held(engine);
    rt_held held = rt_reorder_take(&engine->reorder);
    stream = held.stream;
    cep_status status = rt_engine_read_cell(engine, stream, held.cell, &seen);
    cb_cell_unref(&engine->slab, held.cell);
    if (status == CEP_OK && held.hash != 0) status = rt_router_refind(&engine->router, &seen, held.hash, held.symbol);
    if (status < 0) return status;
    seen.late = cb_time_sub(held.at.time, seen.batch->time[seen.row]);
  } else {
    const rt_staged *staged = &engine->staged.at[engine->staged_next++];
    expect_row(engine, engine->staged_next + CELLS_AHEAD, 0);
    expect_row(engine, engine->staged_next + ENTRIES_AHEAD, 1);
    stream = staged->stream;
    rt_rows_seen(staged, &seen);
  }
  const rt_part *part = &engine->options.part;
  cep_status status = CEP_OK;
  if (part->stratum <= 1) {
    engine->place = (rt_place){.time = at->time, .phase = RT_PHASE_EVENTS(1), .word = {RT_PLACE_SOURCE, at->order, at->position, stream}};
    status = rt_engine_feed(engine, &seen, 1, 0);
  }
  if (status == CEP_OK && seen.late <= 0 && part->stratum != 1 && engine->strata > 1 && rt_router_is_read_above(&engine->router, stream)) {
    status = keep_for_later(engine, stream, at, &seen);
  }
  return status;
}

static void set_deadline_place(rt_engine *engine, cep_time time)
{
  const rt_timer *timer = rt_timers_first(&engine->core.timers, time);
  engine->place = (rt_place){.time = time, .phase = RT_PHASE_DEADLINE, .word = {timer->operator_number}};
}

static void deliver(rt_engine *engine)
{
  /* With a fan: what a saved state had left to deliver. */
  if (!engine->is_stopping) engine->is_stopping = rt_emit_deliver(&engine->emit) == CEP_STOPPED;
  if (engine->fan && !engine->is_stopping) engine->is_stopping = rt_fan_give(engine->fan) == CEP_STOPPED;
}

/* So many deadlines of one instant, then what they gave is delivered: a million windows that end together need no room for all. */
#define FIRED_AT_ONCE 64u

cep_status rt_engine_fire(rt_engine *engine, cep_time time)
{
  for (uint32_t fired = 1;; fired++) {
    cep_time deadline;
    cep_status status = rt_operators_deadline(engine->operators, &engine->core, time, &deadline);
    if (status < 0 || deadline > time || deadline == CEP_TIME_MAX) return status;
    CB_ASSERT(deadline == time);
    set_deadline_place(engine, time);
    status = rt_operators_fire(engine->operators, &engine->core, time, &engine->out);
    if (status < 0) return status;
    if (fired % FIRED_AT_ONCE == 0 && !engine->is_last) deliver(engine);
    if (!engine->options.reload_keys) continue;
    status = rt_operators_reload(engine->operators, &engine->core);
    if (status < 0) return status;
  }
}

/* Nothing is left up to the newest that any input has delivered, and nothing more can come. */
static int is_last_next(const rt_engine *engine, int is_there, cep_time next)
{
  const rt_frontier *frontier = &engine->frontier;
  if (engine->counting == 0 || engine->is_past_last) return 0;
  if (!frontier->is_end && frontier->at.time < CEP_TIME_MAX) return 0;
  cep_time last = rt_engine_last(engine);
  if (last == CEP_TIME_MIN || (engine->is_open && engine->core.now != last)) return 0;
  return !is_there || next > last;
}

/* Deadlines at `time` first, then its source events that the frontier has passed. */
static cep_status run_instant(rt_engine *engine, cep_time time)
{
  CB_ASSERT(time >= engine->core.now);
  engine->core.now = time;
  engine->is_open = 1;
  cep_status status = rt_engine_fire(engine, time);
  if (status == CEP_OK) status = rt_engine_open_instant(engine);
  rt_triple at;
  int is_held;
  while (status == CEP_OK && next_event(engine, &at, &is_held) && at.time == time) {
    status = release_event(engine, &at, is_held);
  }
  return status;
}

/* The next instant at which something happens; 0: none that the frontier has reached. */
static cep_status next_instant(rt_engine *engine, int *is_there, cep_time *out)
{
  const rt_frontier *frontier = &engine->frontier;
  cep_time deadline, arrival = rt_arrivals_first(&engine->ahead);
  rt_triple at;
  int is_held;
  *is_there = next_event(engine, &at, &is_held);
  *out = *is_there ? at.time : CEP_TIME_MAX;
  cep_time upto = rt_frontier_reached(frontier, *out) ? *out : frontier->at.time; /* beyond it deadlines are still put in order */
  cep_status status = rt_operators_deadline(engine->operators, &engine->core, upto, &deadline);
  if (status < 0) return status;
  if (deadline < CEP_TIME_MAX && (!*is_there || deadline < *out)) {
    *out = deadline;
    *is_there = 1;
  }
  if (arrival < CEP_TIME_MAX && rt_frontier_is_beyond(frontier, arrival) && (!*is_there || arrival < *out)) {
    *out = arrival;
    *is_there = 1;
  }
  return CEP_OK;
}

/* 1 if nothing of the open instant has to wait for its end. */
static int is_closed_at_once(const rt_engine *engine)
{
  return engine->waiting.count == 0 && engine->derived.count == 0 && engine->later.count == 0 && !engine->is_last;
}

/* 1 if something else is due at `time`, or before it. */
static int is_else_due(rt_engine *engine, cep_time time)
{
  if (rt_timers_first(&engine->core.timers, time)) return 1;
  return engine->ahead.heap.count > 0 && rt_arrivals_first(&engine->ahead) <= time;
}

/* Events, as long as nothing but events happens: most instants are one event, at which no deadline lies, and after which
 * nothing is left to do. */
static cep_status sweep_events(rt_engine *engine)
{
  rt_triple at;
  int is_held;
  cep_status status = CEP_OK;
  if (engine->counting > 0 || engine->options.reload_keys) return CEP_OK;
  while (status == CEP_OK && next_event(engine, &at, &is_held) && !is_else_due(engine, at.time)) {
    if (!engine->is_open || at.time != engine->core.now) {
      if (engine->is_open && !is_closed_at_once(engine)) break;
      if (engine->emit.first) deliver(engine);
      CB_ASSERT(at.time >= engine->core.now);
      engine->core.now = at.time;
      engine->is_open = 1;
    }
    status = release_event(engine, &at, is_held);
  }
  if (status == CEP_OK && engine->emit.first) deliver(engine);
  return status;
}

/* An instant is closed only when what is left of it has been processed: the frontier may
 * have come to its middle in one call and beyond it in the next. */
static cep_status sweep(rt_engine *engine)
{
  for (;;) {
    int is_there;
    cep_time time;
    cep_status status = sweep_events(engine);
    if (status < 0) return status;
    status = next_instant(engine, &is_there, &time);
    if (status < 0) return status;
    if (is_last_next(engine, is_there, time)) rt_engine_begin_last(engine);
    int is_over = engine->is_open && rt_frontier_is_beyond(&engine->frontier, engine->core.now);
    if (is_over && (!is_there || time > engine->core.now)) {
      status = rt_engine_close_instant(engine);
    } else if (is_there) {
      status = run_instant(engine, time);
    } else {
      return CEP_OK;
    }
    if (status < 0) return status;
    deliver(engine);
  }
}

/* Every record read ends in exactly one way. */
static void check_accounts(const rt_engine *engine)
{
  const rt_stats *stats = &engine->core.stats;
  for (uint32_t i = 0; i < engine->program->inputs_count; i++) {
    uint64_t sum = *rt_stats_at(stats, CEP_STAT_RECORDS_DEAD, i) + *rt_stats_at(stats, CEP_STAT_RECORDS_LATE, i) +
                   *rt_stats_at(stats, CEP_STAT_RECORDS_FILTERED, i) +
                   *rt_stats_at(stats, CEP_STAT_RECORDS_UNKEYED, i) + *rt_stats_at(stats, CEP_STAT_RECORDS_USED, i);
    CB_ASSERT(*rt_stats_at(stats, CEP_STAT_RECORDS_READ, i) == sum);
  }
}

/* How many rows the workers hold because the frontier has not passed them: only of several inputs one can be ahead
 * (may_take). Counted here and not there, so that their number does not matter. */
static cep_status count_held(rt_engine *engine)
{
  for (uint32_t i = 0; engine->inputs.count > 1 && i < engine->staged.count; i++) {
    const rt_staged *staged = &engine->staged.at[i];
    rt_held held = {.at = staged->at, .stream = staged->stream, .cell = CB_SLAB_NONE};
    if (rt_frontier_passed(&engine->frontier, &held.at)) continue;
    if (!rt_reorder_add(&engine->reorder, &held)) return CEP_E_NOMEM;
  }
  for (const rt_held *first; (first = rt_reorder_first(&engine->reorder)) != NULL && rt_frontier_passed(&engine->frontier, &first->at);)
    (void)rt_reorder_take(&engine->reorder);
  return CEP_OK;
}

/* Rows to the workers that have their keys. */
static cep_status fan_out(rt_engine *engine, cep_error *err)
{
  cep_status counted = count_held(engine);
  if (counted < 0) return counted;
  for (uint32_t i = 0; i < engine->staged.count; i++) {
    cep_status status = rt_fan_row(engine->fan, &engine->router, &engine->staged.at[i]);
    if (status < 0) return status;
  }
  engine->staged.count = 0;
  int is_by_clock = engine->is_late_by_idle || rt_engine_has_idle(engine);
  cep_status status = rt_fan_send(engine->fan, &engine->frontier, rt_engine_last(engine), is_by_clock, &engine->stages, err);
  if (status < 0) return status;
  engine->touched.count = 0; /* they went with the stages */
  return rt_engine_want_stages(engine);
}

/* What is staged, in order, with what was held before, as far as the frontier has got. */
cep_status rt_engine_run(rt_engine *engine)
{
  engine->staged_next = 0;
  cep_status status = sort_rows(engine);
  if (status == CEP_OK) status = sweep(engine);
  if (status == CEP_OK) status = hold_rest(engine);
  if (status == CEP_OK) engine->staged.count = engine->staged_next = 0;
  return status;
}

cep_status rt_engine_process(rt_engine *engine)
{
  cep_status status = rt_engine_join(engine);
  if (status == CEP_OK) status = sort_out(engine);
  if (status < 0) return status;
  cep_error err;
  status = engine->fan ? fan_out(engine, &err) : rt_engine_run(engine);
  if (status < 0) return status;
  clear_stages(engine);
  check_accounts(engine);
  return CEP_OK;
}

/* ---- Calls ---------------------------------------------------------------------------------- */

cep_status rt_engine_begin_call(rt_engine *engine, cep_error *err)
{
  engine->is_stopping = 0;
  if (engine->failed == CEP_OK) return CEP_OK;
  return cb_error_set(err, engine->failed, "the engine ran out of memory and has stopped");
}

cep_status rt_engine_end_call(rt_engine *engine, cep_status status, cep_error *err)
{
  if (status == CEP_E_NOMEM) {
    engine->failed = CEP_E_NOMEM;
    return cb_error_set(err, CEP_E_NOMEM, "the engine holds %zu bytes and was refused more (memory.max)",
                        cb_budget_in_use(engine->options.budget));
  }
  deliver(engine);
  if (status < 0) return status;
  return engine->is_stopping ? CEP_STOPPED : status;
}
