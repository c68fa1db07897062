/* engine_instant.c - events to matchers; alerts to suppression, readers and callback. */
#include <stdlib.h>
#include <string.h>

#include "runtime/engine_parts.h"

/* ---- Events to the matchers of one stratum ----------------------------------------------- */

static cep_status feed_reader(rt_engine *engine, const rt_reader *reader, const rt_seen *seen, int is_new)
{
  const rt_stats *stats = &engine->core.stats;
  rt_router *router = &engine->router;
  rt_wanted wanted;
  cep_status status = rt_router_items(router, reader, seen, &wanted);
  if (status < 0) return status;
  if (wanted == RT_WANTED) rt_stats_add(stats, CEP_STAT_EVENTS_IN, reader->detection, 1);
  if (wanted == RT_PASSING && is_new) rt_stats_add(stats, CEP_STAT_EVENTS_IN, reader->detection, 1);
  if (wanted == RT_UNKEYED && is_new) rt_stats_add(stats, CEP_STAT_EVENTS_UNKEYED, reader->detection, 1);
  rt_operator *matcher = &engine->operators[engine->matcher_of[reader->detection]];
  for (uint32_t done = 0; done < router->item_count; done += RT_ITEMS_MAX) {
    uint32_t rest = router->item_count - done;
    status = rt_operator_events(matcher, router->items + done, rest < RT_ITEMS_MAX ? rest : RT_ITEMS_MAX,
                                &engine->out);
    if (status < 0) return status;
  }
  return CEP_OK;
}

cep_status rt_engine_feed(rt_engine *engine, const rt_seen *seen, uint32_t stratum, int is_new)
{
  prg_list readers = engine->router.by_stream[seen->batch->stream];
  for (uint32_t i = 0; i < readers.count; i++) {
    const rt_reader *reader = &engine->router.readers[readers.first + i];
    if (reader->stratum != stratum) continue;
    cep_status status = feed_reader(engine, reader, seen, is_new);
    if (status < 0) return status;
  }
  return engine->options.reload_keys ? rt_operators_reload(engine->operators, &engine->core) : CEP_OK;
}

/* ---- Alerts to events ------------------------------------------------------------------------ */

static uint64_t position_of(const cb_hash128 *id)
{
  uint64_t position = 0;
  for (int i = 0; i < 8; i++) position = position << 8 | id->bytes[i];
  return position;
}

/* Makes an event of a detection's stream from its fields: key parts, then emitted values. */
static cep_status derive(rt_engine *engine, uint32_t detection, cep_time time, const cb_hash128 *id,
                         const cep_value *keys, const cep_value *outputs, uint64_t sequence)
{
  const prg *program = engine->program;
  const prg_detection *of = &program->detections[detection];
  const prg_stream *stream = &program->streams[of->stream];
  if (engine->router.by_stream[of->stream].count == 0) return CEP_OK;
  rt_stage *single = &engine->singles[of->stream];
  cep_status status = rt_stage_reserve(engine, single, of->stream, 1);
  if (status < 0) return status;
  cb_batch_clear(&single->batch);
  cb_batch_begin_row(&single->batch, time, PRG_NONE, position_of(id));
  for (uint32_t f = 0; f < stream->fields.count; f++) {
    uint32_t column = program->fields[stream->fields.first + f].column;
    if (column == PRG_NONE) continue;
    status = cb_batch_set(&single->batch, column, f < of->keys.count ? &keys[f] : &outputs[f - of->keys.count]);
    if (status < 0) return status;
  }
  cb_batch_end_row(&single->batch);

  cb_writer *bytes = &engine->core.bytes;
  cb_writer_reset(bytes);
  for (uint32_t i = 0; i < of->keys.count; i++) rt_key_write(bytes, &keys[i]);
  if (bytes->status < 0) return bytes->status;
  rt_derived derived = {.time = time,
                        .detection = detection,
                        .stratum = of->stratum,
                        .group = cb_hash128_of(bytes->data, bytes->len),
                        .id = *id,
                        .sequence = sequence};
  derived.cell = cb_cell_from_row(&engine->slab, rt_engine_held_layout(engine, of->stream), &single->batch, 0);
  if (derived.cell == CB_SLAB_NONE) return CEP_E_NOMEM;
  if (cb_vec_push(&engine->alloc, &engine->derived, derived)) return CEP_OK;
  cb_cell_unref(&engine->slab, derived.cell);
  return CEP_E_NOMEM;
}

/* An alert that comes out: to the readers of its stream, and to the callback. */
static cep_status come_out(rt_engine *engine, rt_alert *alert)
{
  cep_status status = CEP_OK;
  if (alert->kind != CEP_TIMEOUT) { /* a timeout is no event of the stream */
    cb_hash128 id;
    memcpy(id.bytes, alert->id, sizeof id.bytes);
    rt_stats_add(&engine->core.stats, CEP_STAT_STREAM_EVENTS, engine->program->detections[alert->detection].stream, 1);
    status = derive(engine, alert->detection, alert->time, &id, alert->keys, alert->outputs, alert->sequence);
  }
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
                    event->fields + program->detections[detection].keys.count, engine->core.sequence++);
    engine->derived_ahead++;
    if (event->time > engine->newest_test_row) engine->newest_test_row = event->time;
  }
  if (status == CEP_OK) status = rt_engine_process(engine);
  return rt_engine_end_call(engine, status, err);
}

/* ---- The end of an instant ------------------------------------------------------------------ */

cep_time rt_engine_next_derived(const rt_engine *engine)
{
  cep_time least = CEP_TIME_MAX;
  for (uint32_t i = 0; engine->derived_ahead > 0 && i < engine->derived.count; i++) {
    cep_time time = engine->derived.at[i].time;
    if (engine->is_open && time == engine->core.now) continue;
    if (time < least) least = time;
  }
  return least;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
  return (a > b) - (a < b);
}

/* As suppression takes them: one detection after the other, each in the order of ids. */
static int compare_waiting(const void *a_void, const void *b_void)
{
  const rt_alert *a = *(rt_alert *const *)a_void, *b = *(rt_alert *const *)b_void;
  if (a->detection != b->detection) return compare_numbers(a->detection, b->detection);
  int order = memcmp(a->id, b->id, sizeof a->id);
  return order != 0 ? order : compare_numbers(a->sequence, b->sequence);
}

cep_status rt_engine_suppress(rt_engine *engine, uint32_t stratum)
{
  uint32_t count = engine->waiting.count;
  if (count > 1) qsort(engine->waiting.at, count, sizeof *engine->waiting.at, compare_waiting);
  uint32_t kept = 0;
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < count; i++) {
    rt_alert *alert = engine->waiting.at[i];
    if (status < 0 || engine->program->detections[alert->detection].stratum != stratum) {
      engine->waiting.at[kept++] = alert;
      continue;
    }
    rt_operator *op = &engine->operators[engine->suppress_of[alert->detection]];
    rt_item item = {.alert = alert};
    if (rt_suppress_key(op, alert, &item.key)) {
      status = rt_operator_events(op, &item, 1, &engine->out);
    } else {
      rt_alert_free(&engine->slab, alert);
      status = CEP_E_NOMEM;
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

/* The order of derived events: of one key as they came out; between keys of a detection
 * the least id of each decides. */
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
    for (; first < end; first++) all[first].least = least;
  }
  qsort(all, count, sizeof *all, compare_derived);
}

static cep_status feed_cell(rt_engine *engine, uint32_t stream, cb_slab_id cell, uint32_t stratum, int is_derived)
{
  rt_seen seen;
  cep_status status = rt_engine_read_cell(engine, stream, cell, &seen);
  return status < 0 ? status : rt_engine_feed(engine, &seen, stratum, is_derived);
}

cep_status rt_engine_feed_later(rt_engine *engine, uint32_t stratum)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < engine->later.count && status == CEP_OK; i++) {
    status = feed_cell(engine, engine->later.at[i].stream, engine->later.at[i].cell, stratum, 0);
  }
  return status;
}

cep_status rt_engine_feed_derived(rt_engine *engine, const rt_derived *derived, uint32_t stratum)
{
  return feed_cell(engine, engine->program->detections[derived->detection].stream, derived->cell, stratum, 1);
}

/* The open instant's input of one stratum: source events, then events of lower strata. */
static cep_status feed_stratum(rt_engine *engine, uint32_t stratum)
{
  cep_status status = rt_engine_feed_later(engine, stratum);
  rt_engine_sort_derived(engine);
  uint32_t count = engine->derived.count; /* what this stratum adds is for higher ones */
  for (uint32_t i = 0; i < count && status == CEP_OK; i++) {
    rt_derived derived = engine->derived.at[i];
    if (derived.time > engine->core.now) break;
    if (derived.stratum >= stratum) continue;
    status = rt_engine_feed_derived(engine, &derived, stratum);
  }
  return status;
}

void rt_engine_drop_instant(rt_engine *engine)
{
  CB_ASSERT(engine->waiting.count == 0);
  for (uint32_t i = 0; i < engine->later.count; i++) cb_cell_unref(&engine->slab, engine->later.at[i].cell);
  engine->later.count = 0;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < engine->derived.count; i++) {
    if (engine->derived.at[i].time > engine->core.now) {
      engine->derived.at[kept++] = engine->derived.at[i];
    } else {
      cb_cell_unref(&engine->slab, engine->derived.at[i].cell);
    }
  }
  engine->derived.count = engine->derived_ahead = kept;
  engine->is_open = engine->is_last = 0;
}

cep_status rt_engine_close_instant(rt_engine *engine)
{
  if (engine->is_last && engine->counting > 1) return rt_engine_close_last(engine);
  for (uint32_t stratum = 1; stratum <= engine->strata; stratum++) {
    cep_status status = engine->is_last ? rt_engine_end_counts(engine, stratum) : CEP_OK;
    if (status == CEP_OK && engine->waiting.count > 0) status = rt_engine_suppress(engine, stratum);
    if (status == CEP_OK && stratum < engine->strata) status = feed_stratum(engine, stratum + 1);
    if (status < 0) return status;
  }
  rt_engine_drop_instant(engine);
  return CEP_OK;
}
