/* snapshot_load.c - a saved state to the engines that have its keys now. */
#include <string.h>

#include "cep/base/error.h"
#include "cep/base/time.h"
#include "runtime/snapshot_parts.h"

typedef struct loading {
  rt_engine *engine;
  const rt_workers *workers; /* NULL: the engine has all keys */
  cb_reader reader;
  cep_time now;              /* of the frontier; CEP_TIME_MAX: the end */
} loading;

static cep_status corrupt(const loading *l)
{
  return l->reader.status < 0 ? l->reader.status : CEP_E_CORRUPT;
}

/* A block of a section, as a reader of its own. */
static cep_status next_block(loading *l, cb_reader *out)
{
  size_t len;
  const void *bytes = cb_read_block(&l->reader, &len);
  if (!bytes) return corrupt(l);
  cb_reader_init(out, bytes, len);
  return CEP_OK;
}

static int is_to_come(const loading *l, cep_time time)
{
  return time >= l->now && time > CEP_TIME_MIN && time < CEP_TIME_MAX;
}

/* ---- Who has what --------------------------------------------------------------------------- */

/* The engine of a key for the patterns, or the suppression, of a stratum. */
static rt_engine *engine_of(const loading *l, uint32_t stratum, int is_suppress, uint32_t key_group)
{
  if (!l->workers) return l->engine;
  const rt_workers *workers = l->workers;
  uint32_t stage = 0;
  while (workers->stages[stage].stratum != stratum ||
         !(is_suppress ? workers->stages[stage].suppresses : workers->stages[stage].matches))
    stage++;
  return rt_worker_stage(workers->at[rt_owner_of(key_group, workers->count)], stage);
}

/* ---- Keys ------------------------------------------------------------------------------------- */

static int find_operator(const rt_engine *engine, uint32_t number, uint32_t *detection_out, int *is_suppress_out)
{
  for (uint32_t d = 0; d < engine->program->detections_count; d++) {
    *detection_out = d;
    *is_suppress_out = engine->suppress_of[d] == number;
    if (*is_suppress_out || engine->matcher_of[d] == number) return 1;
  }
  return 0;
}

/* The bytes are those of a key, as this program would write them. A suppressed key is never read again, but found. */
static cep_status check_key(rt_engine *engine, const rt_key *key, uint32_t detection, int is_suppress)
{
  const prg_detection *of = &engine->program->detections[detection];
  uint32_t count = is_suppress ? of->suppress_by.count : of->keys.count;
  cb_reader reader;
  cb_reader_init(&reader, key->bytes, key->len);
  cb_writer *again = &engine->core.bytes;
  cb_writer_reset(again);
  for (uint32_t i = 0; i < count; i++) {
    cep_value value = cb_value_read(&reader);
    if (reader.status < 0) return CEP_E_CORRUPT;
    if (!is_suppress && value.kind != engine->program->keys[of->keys.first + i].kind) return CEP_E_CORRUPT;
    rt_key_write(again, &value);
  }
  if (again->status < 0) return again->status;
  int is_same = cb_reader_at_end(&reader) && again->len == key->len && (key->len == 0 || memcmp(again->data, key->bytes, key->len) == 0);
  return is_same ? CEP_OK : CEP_E_CORRUPT;
}

static cep_status load_key(loading *l)
{
  cb_reader block;
  cep_status status = next_block(l, &block);
  if (status < 0) return status;
  uint32_t number = cb_read_u32(&block), detection;
  size_t len;
  rt_key key = {.bytes = cb_read_block(&block, &len)};
  int is_suppress;
  if (block.status < 0 || !find_operator(l->engine, number, &detection, &is_suppress)) return CEP_E_CORRUPT;
  key.len = (uint32_t)len;
  key.hash = rt_key_hash(key.bytes, key.len);
  status = check_key(l->engine, &key, detection, is_suppress);
  if (status < 0) return status;
  uint32_t stratum = l->engine->program->detections[detection].stratum;
  rt_engine *engine = engine_of(l, stratum, is_suppress, rt_key_group(key.hash));
  status = rt_operator_load(&engine->operators[number], &key, &block, l->now);
  return status < 0 || cb_reader_at_end(&block) ? status : CEP_E_CORRUPT;
}

/* ---- Rows ---------------------------------------------------------------------------------------- */

typedef struct row {
  rt_triple at;
  uint32_t input;
  uint32_t stream;
  cb_reader cell; /* at its bytes */
} row;

/* To those that wait for the frontier; of one that the frontier has passed, to those that higher strata read. */
static cep_status give_row(loading *l, rt_engine *engine, const row *it)
{
  cb_reader reader = it->cell;
  cb_slab_id cell = cb_cell_read(&engine->slab, &reader, rt_engine_held_layout(engine, it->stream), it->input);
  if (cell == CB_SLAB_NONE) return reader.status;
  int is_kept;
  if (!l->workers && rt_frontier_passed(&l->engine->frontier, &it->at)) {
    is_kept = cb_vec_push(&engine->alloc, &engine->later, ((rt_later){it->stream, cell, it->at.order}));
    engine->is_open = 1;
    engine->core.now = it->at.time;
  } else {
    is_kept = rt_reorder_add(&engine->reorder, &(rt_held){.at = it->at, .stream = it->stream, .cell = cell});
  }
  if (is_kept) return CEP_OK;
  cb_cell_unref(&engine->slab, cell);
  return CEP_E_NOMEM;
}

/* Who has a key that some reader makes of the row: by worker, bit s - 1 for a reader of stratum s. */
static cep_status owners_of(loading *l, rt_seen *seen, uint64_t strata[RT_WORKERS_MAX])
{
  rt_router *router = &l->engine->router;
  cep_status status = rt_router_recall(router, seen);
  if (status < 0) return status;
  memset(strata, 0, RT_WORKERS_MAX * sizeof *strata);
  for (uint32_t i = seen->list.first; i < seen->list.first + seen->list.count; i++) {
    const rt_find *find = &seen->finds->all.at[i];
    strata[rt_owner_of(seen->finds->keys.at[find->key].hash, l->workers->count)] |= 1ull << (rt_router_reader(router, find)->stratum - 1);
  }
  return CEP_OK;
}

/* Who may have a key of the row. Conditions that look into tables cannot be asked yet, as the rows of those are still to come:
 * then any worker may. */
static cep_status find_owners(loading *l, const row *it, cb_slab_id cell, uint64_t strata[RT_WORKERS_MAX])
{
  rt_engine *engine = l->engine;
  if (engine->program->tables_count == 0) {
    rt_seen seen;
    cep_status status = rt_engine_read_cell(engine, it->stream, cell, &seen);
    if (status == CEP_OK) seen.late = cb_time_sub(it->at.time, seen.batch->time[seen.row]);
    return status < 0 ? status : owners_of(l, &seen, strata);
  }
  const nfa_readers *all_readers = engine->program->readers;
  prg_list readers = all_readers->streams[it->stream].readers;
  uint64_t all = 0;
  for (uint32_t i = 0; i < readers.count; i++) all |= 1ull << (all_readers->readers[readers.first + i].stratum - 1);
  for (uint32_t w = 0; w < l->workers->count; w++) strata[w] = all;
  return CEP_OK;
}

/* To every stage of every worker that has a key of it. What stratum 1 has had it does not get again. The engine counts
 * those that wait (count_held in engine_sweep.c). */
static cep_status share_row(loading *l, const row *it, cb_slab_id cell)
{
  rt_engine *engine = l->engine;
  uint64_t strata[RT_WORKERS_MAX];
  cep_status status = find_owners(l, it, cell, strata);
  int is_passed = rt_frontier_passed(&engine->frontier, &it->at);
  for (uint32_t w = 0; w < l->workers->count && status == CEP_OK; w++) {
    for (uint32_t s = 0; s < l->workers->stage_count && status == CEP_OK; s++) {
      const rt_part *part = &l->workers->stages[s];
      if (!part->matches || !(strata[w] >> (part->stratum - 1) & 1) || (is_passed && part->stratum == 1)) continue;
      status = give_row(l, rt_worker_stage(l->workers->at[w], s), it);
    }
  }
  if (status < 0 || is_passed || engine->inputs.count == 1) return status;
  return rt_reorder_add(&engine->reorder, &(rt_held){.at = it->at, .stream = it->stream, .cell = CB_SLAB_NONE}) ? CEP_OK : CEP_E_NOMEM;
}

static cep_status load_row(loading *l)
{
  rt_engine *engine = l->engine;
  row it;
  cep_status status = next_block(l, &it.cell);
  if (status < 0) return status;
  it.input = cb_read_u32(&it.cell);
  it.stream = cb_read_u32(&it.cell);
  it.at.time = cb_read_i64(&it.cell);
  if (it.cell.status < 0 || it.input >= engine->inputs.count || it.stream >= engine->program->streams_count) return CEP_E_CORRUPT;
  const rt_input *input = engine->inputs.at[it.input];
  if (engine->program->streams[it.stream].input != input->declared) return CEP_E_CORRUPT;
  cb_reader reader = it.cell;
  cb_slab_id id = cb_cell_read(&engine->slab, &reader, rt_engine_held_layout(engine, it.stream), it.input);
  if (id == CB_SLAB_NONE) return reader.status;
  const cb_cell *cell = cb_slab_at(&engine->slab, id);
  it.at.order = input->order;
  it.at.position = cell->position;
  if (!cb_reader_at_end(&reader) || !is_to_come(l, it.at.time) || it.at.time < cell->time || cell->time == CEP_TIME_MIN) status = CEP_E_CORRUPT;
  else status = l->workers ? share_row(l, &it, id) : give_row(l, engine, &it);
  cb_cell_unref(&engine->slab, id);
  return status;
}

/* ---- The open instant ------------------------------------------------------------------------------ */

static int values_fit(const cep_value *value, uint32_t kind)
{
  return value->kind == CEP_NULL || value->kind == kind;
}

/* Keys and outputs are of their kinds: they become fields of an event. */
static int alert_fits(const rt_alert *alert)
{
  const prg *program = alert->program;
  const prg_detection *of = &program->detections[alert->detection];
  prg_list outputs = rt_alert_outputs(alert);
  for (uint32_t i = 0; i < alert->key_count; i++) {
    if (!values_fit(&alert->keys[i], program->keys[of->keys.first + i].kind)) return 0;
  }
  for (uint32_t i = 0; i < alert->output_count; i++) {
    if (!values_fit(&alert->outputs[i], program->outputs[outputs.first + i].kind)) return 0;
  }
  return 1;
}

static cep_status read_alert(const loading *l, cb_reader *from, rt_engine *to, rt_alert **out)
{
  cep_status status = rt_alert_read(from, &to->slab, l->engine->program, out);
  if (status < 0) return status;
  if (alert_fits(*out)) return CEP_OK;
  rt_alert_free(&to->slab, *out);
  return CEP_E_CORRUPT;
}

/* Sequences begin anew, in the order of the bytes. */
static cep_status arrive(rt_engine *engine, const rt_arrival *arrival)
{
  engine->core.sequence++;
  return rt_arrivals_add(&engine->ahead, arrival) ? CEP_OK : CEP_E_NOMEM;
}

static cep_status load_waiting(loading *l)
{
  rt_engine *engine = l->engine;
  cb_reader block, again;
  cep_status status = next_block(l, &block);
  if (status < 0) return status;
  again = block;
  rt_alert *alert;
  status = read_alert(l, &block, engine, &alert);
  if (status < 0) return status;
  uint32_t group, detection = alert->detection;
  (void)rt_engine_group_of(engine, alert->keys, alert->key_count, &group);
  int is_whole = cb_reader_at_end(&block) && !alert->has_least && engine->suppress_of[detection] != PRG_NONE && is_to_come(l, alert->time);
  rt_alert_free(&engine->slab, alert);
  if (engine->core.bytes.status < 0) return CEP_E_NOMEM;
  if (!is_whole) return CEP_E_CORRUPT;
  rt_engine *owner = engine_of(l, engine->program->detections[detection].stratum, 0, group);
  status = read_alert(l, &again, owner, &alert);
  if (status < 0) return status;
  alert->sequence = owner->core.sequence;
  status = arrive(owner, &(rt_arrival){.time = alert->time, .alert = alert});
  if (status < 0) rt_alert_free(&owner->slab, alert);
  return status;
}

static cep_status load_derived(loading *l)
{
  cb_reader block;
  cep_status status = next_block(l, &block);
  if (status < 0) return status;
  uint32_t group = cb_read_u32(&block);
  cb_reader ahead = block;
  (void)cb_read_i64(&ahead);
  uint32_t detection = cb_read_u32(&ahead);
  if (ahead.status < 0 || group >= RT_GROUPS || detection >= l->engine->program->detections_count) return CEP_E_CORRUPT;
  rt_engine *owner = engine_of(l, l->engine->program->detections[detection].stratum, 0, group);
  rt_arrival arrival = {.alert = NULL};
  status = rt_derived_read(owner, &block, &arrival.derived);
  if (status < 0) return status;
  arrival.time = arrival.derived.time;
  arrival.derived.key_group = group;
  arrival.derived.has_least = 0;
  arrival.derived.sequence = owner->core.sequence;
  const cb_cell *cell = cb_slab_at(&owner->slab, arrival.derived.cell);
  if (!cb_reader_at_end(&block) || cell->time != arrival.time || !is_to_come(l, arrival.time)) status = CEP_E_CORRUPT;
  if (status == CEP_OK) status = arrive(owner, &arrival);
  if (status < 0) cb_cell_unref(&owner->slab, arrival.derived.cell);
  return status;
}

/* ---- Sections ------------------------------------------------------------------------------------- */

static cep_status load_sections(loading *l)
{
  static cep_status (*const load[RT_SECTIONS])(loading *) = {[RT_SECTION_ROW] = load_row,
                                                             [RT_SECTION_WAITING] = load_waiting,
                                                             [RT_SECTION_DERIVED] = load_derived,
                                                             [RT_SECTION_KEY] = load_key};
  for (uint32_t section = 0; section < RT_SECTIONS; section++) {
    uint32_t count = cb_read_u32(&l->reader);
    for (uint32_t i = 0; i < count; i++) {
      cep_status status = l->reader.status < 0 ? l->reader.status : load[section](l);
      if (status < 0) return status;
    }
  }
  return l->reader.status;
}

static cep_status load_pending(loading *l)
{
  uint32_t count = cb_read_u32(&l->reader);
  for (uint32_t i = 0; i < count; i++) {
    rt_alert *alert;
    cep_status status = l->reader.status < 0 ? l->reader.status : read_alert(l, &l->reader, l->engine, &alert);
    if (status < 0) return status;
    rt_emit_add(&l->engine->emit, alert);
  }
  return l->reader.status;
}

/* ---- The taking side -------------------------------------------------------------------------------- */

static cep_status load_input(loading *l, cep_error *err)
{
  cb_reader *reader = &l->reader;
  uint32_t declared = cb_read_u32(reader), partition = cb_read_u32(reader);
  if (reader->status < 0 || declared >= l->engine->program->inputs_count) return corrupt(l);
  rt_input *input;
  cep_status status = rt_engine_input(l->engine, declared, partition, &input, err);
  if (status < 0) return status == CEP_E_INVALID ? CEP_E_CORRUPT : status;
  input->is_unclaimed = 1;
  input->newest = cb_read_i64(reader);
  input->advanced = cb_read_i64(reader);
  input->clock = cb_read_i64(reader);
  input->next_position = cb_read_u64(reader);
  uint8_t flags = cb_read_u8(reader);
  if (reader->status < 0 || (flags & ~(RT_SAVED_IDLE | RT_SAVED_ENDED | RT_SAVED_CODEC)) != 0) return corrupt(l);
  input->is_idle = (flags & RT_SAVED_IDLE) != 0;
  input->is_ended = (flags & RT_SAVED_ENDED) != 0;
  if (!(flags & RT_SAVED_CODEC)) return CEP_OK;
  status = rt_input_want_codec(input);
  return status < 0 ? status : rt_codec_load(input->codec, reader);
}

/* The frontier is where it was, which must not be behind what the inputs say of it. */
static cep_status load_frontier(loading *l, const rt_triple *at, int is_end)
{
  rt_engine *engine = l->engine;
  rt_frontier *frontier = &engine->frontier;
  rt_frontier_init(frontier);
  if (is_end) rt_frontier_end(frontier);
  else frontier->at = *at;
  rt_triple saved = frontier->at;
  rt_frontier_update(frontier, engine->inputs.at, engine->inputs.count, PRG_NONE);
  if (rt_triple_compare(&frontier->at, &saved) != 0 || (frontier->is_end != 0) != is_end) return CEP_E_CORRUPT;
  l->now = is_end ? CEP_TIME_MAX : frontier->at.time;
  return CEP_OK;
}

static cep_status load_intake(loading *l, cep_error *err)
{
  rt_engine *engine = l->engine;
  cb_reader *reader = &l->reader;
  uint8_t flags = cb_read_u8(reader);
  engine->newest_given = cb_read_i64(reader);
  rt_triple at = {.time = cb_read_i64(reader)};
  at.order = cb_read_u64(reader);
  at.position = cb_read_u64(reader);
  uint32_t inputs = cb_read_u32(reader);
  if (flags >= RT_SAVED_END * 2) return corrupt(l);
  for (uint32_t i = 0; i < inputs; i++) {
    cep_status status = reader->status < 0 ? reader->status : load_input(l, err);
    if (status < 0) return status;
  }
  if (reader->status < 0) return reader->status;
  engine->was_idle = (flags & RT_SAVED_WAS_IDLE) != 0;
  engine->is_late_by_idle = (flags & RT_SAVED_LATE_BY_IDLE) != 0;
  engine->is_finished = (flags & RT_SAVED_FINISHED) != 0;
  return load_frontier(l, &at, (flags & RT_SAVED_END) != 0);
}

/* How often rows of a table were handed in says whether a clock decides with. */
static cep_status owe_tables(rt_engine *engine, const rt_stats *counted)
{
  uint32_t tables = engine->program->tables_count;
  engine->owed_tables = cb_new0(&engine->alloc, tables * sizeof *engine->owed_tables);
  if (!engine->owed_tables) return CEP_E_NOMEM;
  for (uint32_t t = 0; t < tables; t++) {
    uint64_t loads = *rt_stats_at(counted, CEP_STAT_TABLE_LOADS, t);
    *rt_stats_at(&engine->core.stats, CEP_STAT_TABLE_LOADS, t) = loads;
    engine->owed_tables[t] = loads > 0;
  }
  return CEP_OK;
}

/* What is counted goes on; what the engine itself looks at lies with its own counters. */
static cep_status load_counters(loading *l)
{
  rt_engine *engine = l->engine;
  rt_stats *before = &engine->before;
  uint32_t total = cb_read_u32(&l->reader);
  if (l->reader.status < 0 || total != engine->core.stats.total) return corrupt(l);
  cep_status status = rt_stats_init(before, &engine->alloc, engine->program);
  if (status < 0) return status;
  for (uint32_t i = 0; i < total; i++) before->values[i] = cb_read_u64(&l->reader);
  status = l->reader.status < 0 ? l->reader.status : owe_tables(engine, before);
  for (uint32_t w = 0; l->workers && w < l->workers->count && status == CEP_OK; w++) {
    for (uint32_t s = 0; s < l->workers->stage_count && status == CEP_OK; s++)
      status = owe_tables(rt_worker_stage(l->workers->at[w], s), before);
  }
  for (uint32_t i = 0; i < engine->program->inputs_count; i++) {
    uint64_t *needed = rt_stats_at(before, CEP_STAT_LATENESS_NEEDED, i);
    *rt_stats_at(&engine->core.stats, CEP_STAT_LATENESS_NEEDED, i) = *needed;
    *needed = 0;
  }
  for (uint32_t i = 0; i < engine->program->tables_count; i++) *rt_stats_at(before, CEP_STAT_TABLE_LOADS, i) = 0;
  return status;
}

/* ---- All of it ------------------------------------------------------------------------------------------ */

/* With nothing left of the frontier, what ends with the input has ended. */
static void mark_end(rt_engine *engine, const rt_engine *taking)
{
  int is_over = taking->frontier.is_end || taking->frontier.at.time == CEP_TIME_MAX;
  engine->is_past_last = is_over && engine->counting > 0 && rt_engine_last(taking) != CEP_TIME_MIN;
}

static cep_status load_all(loading *l, cep_error *err)
{
  rt_engine *engine = l->engine;
  cep_status status = load_intake(l, err);
  if (status >= 0) status = load_counters(l);
  if (status >= 0) status = load_sections(l);
  if (status >= 0) status = load_pending(l);
  if (status >= 0 && !cb_reader_at_end(&l->reader)) status = CEP_E_CORRUPT;
  if (status < 0) return status;
  mark_end(engine, engine);
  if (!l->workers) return CEP_OK;
  for (uint32_t w = 0; w < l->workers->count; w++) {
    for (uint32_t s = 0; s < l->workers->stage_count; s++) mark_end(rt_worker_stage(l->workers->at[w], s), engine);
  }
  int is_by_clock = engine->is_late_by_idle || rt_engine_has_idle(engine);
  status = rt_fan_send(engine->fan, &engine->frontier, rt_engine_last(engine), is_by_clock, &engine->stages, err);
  return status < 0 ? status : rt_engine_want_stages(engine);
}

/* Magic, version, checksum, program; then the reader stands behind them, and ends before the checksum. */
static cep_status check_head(loading *l, const void *data, size_t len, cep_error *err)
{
  cb_reader *reader = &l->reader;
  cb_reader_init(reader, data, len);
  if (cb_read_u64(reader) != RT_SNAPSHOT_MAGIC) return cb_error_set(err, CEP_E_CORRUPT, "the bytes are no saved state of an engine");
  uint32_t version = cb_read_u32(reader);
  if (reader->status == CEP_OK && version != RT_SNAPSHOT_VERSION)
    return cb_error_set(err, CEP_E_VERSION, "the state was saved in format %u, this library reads %u", (unsigned)version,
                        RT_SNAPSHOT_VERSION);
  uint64_t program = cb_read_u64(reader);
  if (reader->status < 0 || len - reader->at < sizeof(uint64_t))
    return cb_error_set(err, CEP_E_CORRUPT, "the saved state is cut off");
  reader->len -= sizeof(uint64_t);
  cb_reader end;
  cb_reader_init(&end, (const uint8_t *)data + reader->len, sizeof(uint64_t));
  if (cb_read_u64(&end) != cb_hash64(data, reader->len))
    return cb_error_set(err, CEP_E_CORRUPT, "the saved state is damaged: wrong checksum");
  if (program != rt_snapshot_program(l->engine->program))
    return cb_error_set(err, CEP_E_MISMATCH, "the state was saved by an engine of another program");
  return CEP_OK;
}

cep_status rt_engine_restore(rt_engine *engine, const void *data, size_t len, const void **position_out,
                             size_t *position_len_out, cep_error *err)
{
  CB_ASSERT(engine->options.part.stratum == 0 && engine->inputs.count == 0);
  loading l = {.engine = engine, .workers = engine->fan ? rt_fan_all(engine->fan) : NULL};
  cep_status status = check_head(&l, data, len, err);
  if (status < 0) return status;
  *position_out = cb_read_block(&l.reader, position_len_out);
  status = l.reader.status < 0 ? l.reader.status : load_all(&l, err);
  if (status == CEP_E_NOMEM) engine->failed = CEP_E_NOMEM;
  if (status == CEP_E_NOMEM) return cb_error_set(err, status, "no memory to put the state of an engine back");
  if (status < 0) return cb_error_set(err, status, "the saved state is damaged: what it says cannot be");
  return CEP_OK;
}
