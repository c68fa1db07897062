/* engine_instant.c - events to matchers; alerts to suppression, readers and callback. */
#include <stdlib.h>
#include <string.h>

#include "runtime/engine_parts.h"

/* ---- Events to the matchers of one stratum ----------------------------------------------- */

static int is_ours(const rt_engine *engine, const rt_key *key)
{
  const rt_part *part = &engine->options.part;
  return rt_owner_of(key->hash, part->workers) == part->worker;
}

/* The items of one reader one by one: of several keys of one event each may be at another worker. It is in the
 * detection's input where the first is. */
static cep_status feed_reader(rt_engine *engine, const nfa_reader *reader, uint32_t count)
{
  rt_item *items = engine->router.items;
  engine->place.reader = reader->detection;
  for (uint32_t i = 0; i < count; i++) {
    if (!is_ours(engine, &items[i].key)) continue;
    if (i == 0) rt_stats_add(&engine->core.stats, CEP_STAT_EVENTS_IN, reader->detection, 1);
    engine->place.item = i;
    cep_status status = rt_operator_events(&engine->operators[engine->matcher_of[reader->detection]], items + i, 1, &engine->out);
    if (status < 0) return status;
  }
  return CEP_OK;
}

cep_status rt_engine_feed(rt_engine *engine, const rt_seen *event, uint32_t stratum, int is_new)
{
  rt_seen seen = *event;
  rt_router *router = &engine->router;
  cep_status status = rt_router_recall(router, &seen);
  if (status < 0) return status;
  if (is_new) rt_router_count(router, &engine->core.stats, seen.finds, seen.list, stratum, 1);
  uint32_t end = seen.list.first + seen.list.count;
  for (uint32_t i = seen.list.first, count; i < end; i += count) {
    const nfa_reader *reader = rt_router_reader(router, &seen.finds->all.at[i]);
    count = 1;
    if (reader->stratum != stratum) continue;
    count = rt_router_items(router, &seen, i);
    status = feed_reader(engine, reader, count);
    if (status < 0) return status;
  }
  return engine->options.reload_keys ? rt_operators_reload(engine->operators, &engine->core) : CEP_OK;
}

/* ---- Alerts to events ------------------------------------------------------------------------ */

static uint64_t word_of(const uint8_t *bytes)
{
  uint64_t word = 0;
  for (int i = 0; i < 8; i++) word = word << 8 | bytes[i];
  return word;
}

cb_hash128 rt_engine_group_of(rt_engine *engine, const cep_value *keys, uint32_t count, uint32_t *key_group_out)
{
  cb_writer *bytes = &engine->core.bytes;
  cb_writer_reset(bytes);
  for (uint32_t i = 0; i < count; i++) rt_key_write(bytes, &keys[i]);
  if (key_group_out) *key_group_out = rt_key_group(rt_key_hash(bytes->data, (uint32_t)bytes->len));
  return cb_hash128_of(bytes->data, bytes->len);
}

/* Makes an event of a detection's stream from its fields: key parts, then emitted values. `least` NULL: not known yet.
 * `is_ahead`: of an instant that may not be open. */
static cep_status derive(rt_engine *engine, uint32_t detection, cep_time time, const cb_hash128 *id,
                         const cep_value *keys, const cep_value *outputs, uint64_t sequence, const cb_hash128 *least,
                         int is_ahead)
{
  const prg *program = engine->program;
  const prg_detection *of = &program->detections[detection];
  const prg_stream *stream = &program->streams[of->stream];
  if (engine->program->readers->streams[of->stream].readers.count == 0) return CEP_OK;
  rt_stage *single = &engine->singles[of->stream];
  cep_status status = rt_stage_reserve(engine->program, &engine->alloc, single, of->stream, 1);
  if (status < 0) return status;
  cb_batch_clear(&single->batch);
  cb_batch_begin_row(&single->batch, time, PRG_NONE, word_of(id->bytes));
  for (uint32_t f = 0; f < stream->fields.count; f++) {
    uint32_t column = program->fields[stream->fields.first + f].column;
    if (column == PRG_NONE) continue;
    status = cb_batch_set(&single->batch, column, f < of->keys.count ? &keys[f] : &outputs[f - of->keys.count]);
    if (status < 0) return status;
  }
  cb_batch_end_row(&single->batch);

  rt_derived derived = {.time = time,
                        .detection = detection,
                        .stratum = of->stratum,
                        .id = *id,
                        .sequence = sequence};
  derived.group = rt_engine_group_of(engine, keys, of->keys.count, &derived.key_group);
  if (least) {
    derived.has_least = 1;
    derived.least = *least;
  }
  derived.cell = cb_cell_from_row(&engine->slab, rt_engine_held_layout(engine, of->stream), &single->batch, 0);
  if (derived.cell == CB_SLAB_NONE) return CEP_E_NOMEM;
  rt_arrival arrival = {.time = time, .derived = derived};
  if (is_ahead ? rt_arrivals_add(&engine->ahead, &arrival) : cb_vec_push(&engine->alloc, &engine->derived, derived))
    return CEP_OK;
  cb_cell_unref(&engine->slab, derived.cell);
  return CEP_E_NOMEM;
}

#ifdef CEP_EXPENSIVE_CHECKS
/* 1 if the alert stands behind the one before it, as far as that is still there. Keys are not looked at. */
static int is_behind_last(const rt_engine *engine, const rt_alert *alert)
{
  return !engine->emit.last || rt_place_compare(&engine->emit.last->place, &alert->place) <= 0;
}
#endif

/* An alert that comes out: to the readers of its stream, and to the callback. */
static cep_status come_out(rt_engine *engine, rt_alert *alert)
{
  cep_status status = CEP_OK;
  if (alert->kind != CEP_TIMEOUT) { /* a timeout is no event of the stream */
    cb_hash128 id;
    memcpy(id.bytes, alert->id, sizeof id.bytes);
    rt_stats_add(&engine->core.stats, CEP_STAT_STREAM_EVENTS, engine->program->detections[alert->detection].stream, 1);
    status = derive(engine, alert->detection, alert->time, &id, alert->keys, alert->outputs, alert->sequence,
                    alert->has_least ? &alert->least : NULL, 0);
  }
  alert->place = engine->place;
  CB_EXPENSIVE((engine->is_last && engine->counting > 1) || is_behind_last(engine, alert));
  rt_emit_add(&engine->emit, alert);
  return status;
}

cep_status rt_engine_alert(void *ctx, const rt_operator *from, rt_alert *alert)
{
  rt_engine *engine = ctx;
  alert->is_by_clock |= rt_engine_by_clock(engine, alert->detection);
  if (from->kind == &rt_suppress || engine->suppress_of[alert->detection] == PRG_NONE) {
    return come_out(engine, alert);
  }
  if (cb_vec_push(&engine->alloc, &engine->waiting, alert)) return CEP_OK;
  rt_alert_free(&engine->slab, alert);
  return CEP_E_NOMEM;
}

cep_status rt_engine_derived_row(rt_engine *engine, const cep_event *event, cep_error *err)
{
  cep_status status = rt_engine_begin_call(engine, err);
  if (status < 0) return status;
  const prg *program = engine->program;
  CB_ASSERT(event->stream < program->streams_count);
  uint32_t detection = program->streams[event->stream].detection;
  CB_ASSERT(detection != PRG_NONE);
  CB_ASSERT(event->field_count == program->streams[event->stream].fields.count);
  if (rt_frontier_is_beyond(&engine->frontier, event->time)) return rt_engine_end_call(engine, CEP_LATE, err);
  cb_writer *bytes = &engine->core.bytes;
  cb_writer_reset(bytes);
  cb_write_text(bytes, prg_text(program, program->streams[event->stream].name));
  cb_write_u64(bytes, engine->test_rows++);
  cb_hash128 id = cb_hash128_of(bytes->data, bytes->len);
  rt_stats_add(&engine->core.stats, CEP_STAT_STREAM_EVENTS, event->stream, 1);
  status = bytes->status;
  if (status == CEP_OK) {
    status = derive(engine, detection, event->time, &id, event->fields,
                    event->fields + program->detections[detection].keys.count, engine->core.sequence++, NULL, 1);
    if (event->time > engine->newest_given) engine->newest_given = event->time;
  }
  if (status == CEP_OK) status = rt_engine_process(engine);
  return rt_engine_end_call(engine, status, err);
}

/* ---- The end of an instant ------------------------------------------------------------------ */

cep_status rt_engine_open_instant(rt_engine *engine)
{
  while (rt_arrivals_first(&engine->ahead) == engine->core.now && engine->ahead.heap.count > 0) {
    /* Room first: what was taken out has an owner at any time. */
    if (!cb_vec_reserve(&engine->alloc, &engine->waiting, 1) || !cb_vec_reserve(&engine->alloc, &engine->derived, 1))
      return CEP_E_NOMEM;
    rt_arrival arrival = rt_arrivals_take(&engine->ahead);
    if (arrival.alert) engine->waiting.at[engine->waiting.count++] = arrival.alert;
    else engine->derived.at[engine->derived.count++] = arrival.derived;
  }
  return CEP_OK;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
  return (a > b) - (a < b);
}

static int compare_by_key(const void *a_void, const void *b_void)
{
  const rt_alert *a = *(rt_alert *const *)a_void, *b = *(rt_alert *const *)b_void;
  if (a->detection != b->detection) return compare_numbers(a->detection, b->detection);
  int order = memcmp(a->group.bytes, b->group.bytes, sizeof a->group.bytes);
  if (order != 0) return order;
  if ((a->kind == CEP_TIMEOUT) != (b->kind == CEP_TIMEOUT)) return a->kind == CEP_TIMEOUT ? 1 : -1;
  return memcmp(a->id, b->id, sizeof a->id);
}

/* The least id of each key, of all matches that it gave, held back or not: who shares out alerts by another key than
 * the detection's cannot see it any more. A timeout is no event, and decides nothing. */
static void find_least(rt_engine *engine)
{
  rt_alert **all = engine->waiting.at;
  uint32_t count = engine->waiting.count, read = 0;
  for (uint32_t i = 0; i < count; i++) {
    read += engine->program->readers->streams[engine->program->detections[all[i]->detection].stream].readers.count;
  }
  if (read == 0) return;
  for (uint32_t i = 0; i < count; i++) {
    if (!all[i]->has_least) all[i]->group = rt_engine_group_of(engine, all[i]->keys, all[i]->key_count, NULL);
  }
  if (count > 1) qsort(all, count, sizeof *all, compare_by_key);
  for (uint32_t first = 0; first < count;) {
    uint32_t i = first;
    for (; i < count && all[i]->detection == all[first]->detection &&
           memcmp(&all[i]->group, &all[first]->group, sizeof all[i]->group) == 0;
         i++) {
      if (all[i]->has_least) continue;
      memcpy(all[i]->least.bytes, all[first]->id, sizeof all[i]->least.bytes);
      all[i]->has_least = 1;
    }
    first = i;
  }
}

/* As suppression takes them: one detection after the other, each in the order of ids. */
static int compare_waiting(const void *a_void, const void *b_void)
{
  const rt_alert *a = *(rt_alert *const *)a_void, *b = *(rt_alert *const *)b_void;
  if (a->detection != b->detection) return compare_numbers(a->detection, b->detection);
  int order = memcmp(a->id, b->id, sizeof a->id);
  return order != 0 ? order : compare_numbers(a->sequence, b->sequence);
}

static void set_suppress_place(rt_engine *engine, const rt_alert *alert)
{
  uint32_t stratum = engine->program->detections[alert->detection].stratum;
  engine->place = (rt_place){.time = alert->time,
                             .phase = RT_PHASE_SUPPRESS(stratum),
                             .word = {alert->detection, word_of(alert->id), word_of(alert->id + 8)}};
}

/* Alerts that wait, each to its suppression: here, or at the worker that has its key. */
static cep_status give_waiting(rt_engine *engine, rt_alert *alert)
{
  rt_operator *op = &engine->operators[engine->suppress_of[alert->detection]];
  const rt_part *part = &engine->options.part;
  rt_item item = {.alert = alert};
  cep_status status = CEP_E_NOMEM;
  if (!rt_suppress_key(op, alert, &item.key)) {
    rt_alert_free(&engine->slab, alert);
  } else if (part->stratum != 0 && !part->suppresses) {
    const rt_exchange *exchange = &engine->options.exchange;
    status = exchange->alert(exchange->ctx, alert, rt_owner_of(item.key.hash, part->workers));
    rt_alert_free(&engine->slab, alert);
  } else {
    CB_ASSERT(is_ours(engine, &item.key));
    set_suppress_place(engine, alert);
    status = rt_operator_events(op, &item, 1, &engine->out);
  }
  return status;
}

cep_status rt_engine_suppress(rt_engine *engine, uint32_t stratum)
{
  find_least(engine);
  uint32_t count = engine->waiting.count;
  if (count > 1) qsort(engine->waiting.at, count, sizeof *engine->waiting.at, compare_waiting);
  uint32_t kept = 0;
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < count; i++) {
    rt_alert *alert = engine->waiting.at[i];
    if (status < 0 || engine->program->detections[alert->detection].stratum != stratum) {
      engine->waiting.at[kept++] = alert;
    } else {
      status = give_waiting(engine, alert);
    }
  }
  engine->waiting.count = kept;
  return status;
}

static int compare_ids(const cb_hash128 *a, const cb_hash128 *b)
{
  return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static int compare_groups(const void *a_void, const void *b_void)
{
  const rt_derived *a = a_void, *b = b_void;
  if (a->time != b->time) return a->time < b->time ? -1 : 1;
  if (a->stratum != b->stratum) return compare_numbers(a->stratum, b->stratum);
  if (a->detection != b->detection) return compare_numbers(a->detection, b->detection);
  int order = compare_ids(&a->group, &b->group);
  return order != 0 ? order : compare_numbers(a->sequence, b->sequence);
}

static int compare_derived(const void *a_void, const void *b_void)
{
  const rt_derived *a = a_void, *b = b_void;
  if (a->time != b->time) return a->time < b->time ? -1 : 1;
  if (a->stratum != b->stratum) return compare_numbers(a->stratum, b->stratum);
  if (a->detection != b->detection) return compare_numbers(a->detection, b->detection);
  int order = compare_ids(&a->least, &b->least);
  return order != 0 ? order : compare_numbers(a->sequence, b->sequence);
}

/* The order of derived events: of one key as they came out; between keys of a detection the least id of each
 * decides. Only of lower strata all are there. */
void rt_engine_sort_derived(rt_engine *engine)
{
  rt_derived *all = engine->derived.at;
  uint32_t count = engine->derived.count;
  if (count == 0) return;
  qsort(all, count, sizeof *all, compare_groups);
  for (uint32_t first = 0; first < count;) {
    uint32_t end = first;
    cb_hash128 least = all[first].id;
    for (; end < count && all[end].time == all[first].time && all[end].detection == all[first].detection &&
           compare_ids(&all[end].group, &all[first].group) == 0;
         end++) {
      if (compare_ids(&all[end].id, &least) < 0) least = all[end].id;
    }
    for (; first < end; first++) {
      if (!all[first].has_least) all[first].least = least;
    }
  }
  qsort(all, count, sizeof *all, compare_derived);
}

static cep_status feed_cell(rt_engine *engine, uint32_t stream, cb_slab_id cell, uint32_t stratum, int is_new)
{
  rt_seen seen;
  cep_status status = rt_engine_read_cell(engine, stream, cell, &seen);
  return status < 0 ? status : rt_engine_feed(engine, &seen, stratum, is_new);
}

static void set_event_place(rt_engine *engine, uint32_t stratum)
{
  engine->place = (rt_place){.time = engine->core.now, .phase = RT_PHASE_EVENTS(stratum)};
}

cep_status rt_engine_feed_later(rt_engine *engine, uint32_t stratum)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < engine->later.count && status == CEP_OK; i++) {
    const rt_later *later = &engine->later.at[i];
    const cb_cell *cell = cb_slab_at(&engine->slab, later->cell);
    set_event_place(engine, stratum);
    engine->place.word[1] = later->order;
    engine->place.word[2] = cell->position;
    engine->place.word[3] = later->stream;
    status = feed_cell(engine, later->stream, later->cell, stratum, 0);
  }
  return status;
}

cep_status rt_engine_feed_derived(rt_engine *engine, const rt_derived *derived, uint32_t stratum)
{
  int is_new = engine->options.part.stratum == 0; /* else it was looked at where it came from */
  set_event_place(engine, stratum);
  engine->place.word[0] = RT_PLACE_DERIVED;
  engine->place.word[1] = (uint64_t)derived->stratum << 32 | derived->detection;
  engine->place.word[2] = word_of(derived->least.bytes);
  engine->place.word[3] = word_of(derived->least.bytes + 8);
  engine->place.word[4] = derived->sequence;
  return feed_cell(engine, engine->program->detections[derived->detection].stream, derived->cell, stratum, is_new);
}

/* The open instant's input of one stratum: source events, then events of lower strata. */
static cep_status feed_stratum(rt_engine *engine, uint32_t stratum)
{
  cep_status status = rt_engine_feed_later(engine, stratum);
  rt_engine_sort_derived(engine);
  uint32_t count = engine->derived.count; /* what this stratum adds is for higher ones */
  for (uint32_t i = 0; i < count && status == CEP_OK; i++) {
    rt_derived derived = engine->derived.at[i];
    if (derived.stratum >= stratum) continue;
    status = rt_engine_feed_derived(engine, &derived, stratum);
  }
  return status;
}

/* An event of this stage to the workers that have a key of it, and counted for the detections that have no work with it. */
static cep_status send_derived(rt_engine *engine, const rt_derived *derived)
{
  rt_router *router = &engine->router;
  rt_seen seen;
  cep_status status = rt_engine_read_cell(engine, engine->program->detections[derived->detection].stream, derived->cell, &seen);
  if (status == CEP_OK) status = rt_router_recall(router, &seen);
  if (status < 0) return status;
  rt_router_count(router, &engine->core.stats, seen.finds, seen.list, 0, 1);
  const rt_exchange *exchange = &engine->options.exchange;
  uint64_t workers = 0;
  uint32_t end = seen.list.first + seen.list.count;
  for (uint32_t i = seen.list.first; i < end && status == CEP_OK; i++) {
    const rt_find *find = &seen.finds->all.at[i];
    uint32_t stratum = rt_router_reader(router, find)->stratum;
    workers |= 1ull << rt_owner_of(seen.finds->keys.at[find->key].hash, engine->options.part.workers);
    if (i + 1 < end && rt_router_reader(router, find + 1)->stratum == stratum) continue;
    status = exchange->derived(exchange->ctx, derived, stratum, workers);
    workers = 0;
  }
  return status;
}

void rt_engine_drop_instant(rt_engine *engine)
{
  CB_ASSERT(engine->waiting.count == 0);
  for (uint32_t i = 0; i < engine->later.count; i++) cb_cell_unref(&engine->slab, engine->later.at[i].cell);
  for (uint32_t i = 0; i < engine->derived.count; i++) cb_cell_unref(&engine->slab, engine->derived.at[i].cell);
  engine->later.count = engine->derived.count = 0;
  engine->is_open = engine->is_last = 0;
}

/* Of a stage: its stratum, then what it gives to others. */
static cep_status close_stage(rt_engine *engine)
{
  const rt_part *part = &engine->options.part;
  cep_status status = part->matches && part->stratum > 1 ? feed_stratum(engine, part->stratum) : CEP_OK;
  if (status == CEP_OK && engine->is_last) status = rt_engine_end_counts(engine, part->stratum);
  if (status == CEP_OK && engine->waiting.count > 0) status = rt_engine_suppress(engine, part->stratum);
  if (status == CEP_OK) rt_engine_sort_derived(engine);
  for (uint32_t i = 0; i < engine->derived.count && status == CEP_OK; i++) {
    if (engine->derived.at[i].stratum == part->stratum) status = send_derived(engine, &engine->derived.at[i]);
  }
  return status;
}

static cep_status close_all(rt_engine *engine)
{
  for (uint32_t stratum = 1; stratum <= engine->strata; stratum++) {
    cep_status status = engine->is_last ? rt_engine_end_counts(engine, stratum) : CEP_OK;
    if (status == CEP_OK && engine->waiting.count > 0) status = rt_engine_suppress(engine, stratum);
    if (status == CEP_OK && stratum < engine->strata) status = feed_stratum(engine, stratum + 1);
    if (status < 0) return status;
  }
  return CEP_OK;
}

cep_status rt_engine_close_instant(rt_engine *engine)
{
  if (engine->is_last && engine->counting > 1) return rt_engine_close_last(engine);
  cep_status status = engine->options.part.stratum == 0 ? close_all(engine) : close_stage(engine);
  if (status < 0) return status;
  rt_engine_drop_instant(engine);
  return CEP_OK;
}
