/* engine_stage.c - an engine as one stage of one worker: what others give it, and how far it has got. */
#include "runtime/engine_stage.h"

#include <string.h>

#include "cep/base/error.h"

static int is_stage(const rt_engine *engine)
{
  return engine->options.part.stratum != 0;
}

cep_status rt_stage_origin(rt_engine *engine, uint32_t declared, uint32_t partition)
{
  CB_ASSERT(is_stage(engine));
  return cb_vec_push(&engine->alloc, &engine->core.origins, ((rt_origin){declared, partition})) ? CEP_OK : CEP_E_NOMEM;
}

cep_status rt_stage_row(rt_engine *engine, const rt_staged *row)
{
  CB_ASSERT(is_stage(engine));
  return cb_vec_push(&engine->alloc, &engine->staged, *row) ? CEP_OK : CEP_E_NOMEM;
}

cep_status rt_stage_arrive(rt_engine *engine, const rt_arrival *arrival)
{
  CB_ASSERT(is_stage(engine));
  CB_ASSERT(!rt_frontier_is_beyond(&engine->frontier, arrival->time));
  return rt_arrivals_add(&engine->ahead, arrival) ? CEP_OK : CEP_E_NOMEM;
}

cep_status rt_stage_move(rt_engine *engine, const rt_frontier *frontier, cep_time newest, int is_by_clock, cep_error *err)
{
  CB_ASSERT(is_stage(engine));
  CB_ASSERT(frontier->is_end || rt_triple_compare(&engine->frontier.at, &frontier->at) <= 0);
  cep_status status = rt_engine_begin_call(engine, err);
  if (status < 0) return status;
  engine->frontier = *frontier;
  engine->newest_given = newest;
  engine->is_given_clock = is_by_clock;
  return rt_engine_end_call(engine, rt_engine_run(engine), err);
}

void rt_stage_low(const rt_engine *engine, rt_place *out)
{
  const rt_part *part = &engine->options.part;
  const rt_frontier *frontier = &engine->frontier;
  *out = (rt_place){.time = frontier->is_end ? CEP_TIME_MAX : frontier->at.time};
  if (!part->matches) {
    out->phase = RT_PHASE_SUPPRESS(part->stratum);
  } else {
    out->phase = RT_PHASE_EVENTS(part->stratum);
  }
  if (frontier->is_end || part->stratum > 1) return;
  out->word[1] = frontier->at.order;
  out->word[2] = frontier->at.position;
}

/* ---- From one engine to another ------------------------------------------------------------ */

void rt_derived_write(const rt_engine *engine, const rt_derived *derived, cb_writer *writer)
{
  uint32_t stream = engine->program->detections[derived->detection].stream;
  cb_write_i64(writer, derived->time);
  cb_write_u32(writer, derived->detection);
  cb_write_bytes(writer, derived->group.bytes, sizeof derived->group.bytes);
  cb_write_bytes(writer, derived->id.bytes, sizeof derived->id.bytes);
  cb_write_bytes(writer, derived->least.bytes, sizeof derived->least.bytes);
  cb_write_u64(writer, derived->sequence);
  cb_cell_write(writer, cb_slab_at(&engine->slab, derived->cell), rt_engine_held_layout(engine, stream));
}

static void read_hash(cb_reader *reader, cb_hash128 *out)
{
  const void *bytes = cb_read_bytes(reader, sizeof out->bytes);
  if (bytes) memcpy(out->bytes, bytes, sizeof out->bytes);
}

cep_status rt_derived_read(rt_engine *engine, cb_reader *reader, rt_derived *out)
{
  *out = (rt_derived){.time = cb_read_i64(reader), .detection = cb_read_u32(reader), .has_least = 1};
  read_hash(reader, &out->group);
  read_hash(reader, &out->id);
  read_hash(reader, &out->least);
  out->sequence = cb_read_u64(reader);
  if (reader->status < 0) return reader->status;
  if (out->detection >= engine->program->detections_count) return CEP_E_CORRUPT;
  const prg_detection *detection = &engine->program->detections[out->detection];
  out->stratum = detection->stratum;
  out->cell = cb_cell_read(&engine->slab, reader, rt_engine_held_layout(engine, detection->stream), PRG_NONE);
  return out->cell == CB_SLAB_NONE ? reader->status : CEP_OK;
}

cep_status rt_stage_read_derived(rt_engine *engine, cb_reader *reader)
{
  rt_arrival arrival = {.alert = NULL};
  cep_status status = rt_derived_read(engine, reader, &arrival.derived);
  if (status < 0) return status;
  arrival.time = arrival.derived.time;
  status = rt_stage_arrive(engine, &arrival);
  if (status < 0) cb_cell_unref(&engine->slab, arrival.derived.cell);
  return status;
}

cep_status rt_stage_read_alert(rt_engine *engine, cb_reader *reader)
{
  rt_arrival arrival = {.time = CEP_TIME_MIN};
  cep_status status = rt_alert_read(reader, &engine->slab, engine->program, &arrival.alert);
  if (status < 0) return status;
  arrival.time = arrival.alert->time;
  status = rt_stage_arrive(engine, &arrival);
  if (status < 0) rt_alert_free(&engine->slab, arrival.alert);
  return status;
}
