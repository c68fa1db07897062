/* engine_rows.c - typed rows as they come, many in a call. */
#include <string.h>

#include "cep/base/error.h"
#include "runtime/engine_parts.h"

/* What is the same for rows of one stream that follow one another. */
typedef struct taking {
  rt_input *input;
  rt_engine *engine;
  uint32_t number; /* of the stream */
  const prg_stream *stream; /* NULL: there was none yet */
  const prg_field *fields;
} taking;

/* What is wrong with a row: the first of its fields that cannot be taken. */
typedef struct row_fault {
  rt_reason reason;
  uint32_t field;
} row_fault;

/* ---- What the caller must not do ---------------------------------------------------------- */

/* Bytes must be there, and numbers must be of their kind. */
static int is_whole(const cep_value *value)
{
  switch (value->kind) {
  case CEP_NULL:
  case CEP_INT:
  case CEP_FLOAT:
  case CEP_TIME:
  case CEP_DURATION: return 1;
  case CEP_BOOL: return value->as.i == 0 || value->as.i == 1;
  case CEP_STRING: return value->as.s || value->length == 0;
  case CEP_IP: return value->as.s && value->length == 16;
  }
  return 0;
}

static cep_status refuse(cep_error *err, const char *text)
{
  return cb_error_set(err, CEP_E_INVALID, "argument 'event' %s", text);
}

static cep_status open_stream(taking *all, const cep_event *event, cep_error *err)
{
  const prg *program = all->engine->program;
  if (event->stream >= program->streams_count) return refuse(err, "names a stream that the program does not have");
  const prg_stream *stream = &program->streams[event->stream];
  if (stream->input != all->input->declared) {
    return cb_error_set(err, CEP_E_INVALID, "argument 'event' is of stream \"%s\", which is not read from input \"%s\"",
                        prg_text(program, stream->name), prg_text(program, program->inputs[all->input->declared].name));
  }
  all->number = event->stream;
  all->stream = stream;
  all->fields = program->fields + stream->fields.first;
  return CEP_OK;
}

static cep_status check_shape(taking *all, const cep_event *event, size_t size, cep_error *err)
{
  if (event->size < sizeof *event || event->size != size) return refuse(err, "has a size that is not sizeof(cep_event)");
  if (!all->stream || event->stream != all->number) {
    cep_status status = open_stream(all, event, err);
    if (status < 0) return status;
  }
  if (event->field_count != all->stream->fields.count) {
    return cb_error_set(err, CEP_E_INVALID, "argument 'event' has %u fields; stream \"%s\" has %u", event->field_count,
                        prg_text(all->engine->program, all->stream->name), all->stream->fields.count);
  }
  return event->fields || event->field_count == 0 ? CEP_OK : refuse(err, "has fields that are NULL");
}

/* ---- Values ------------------------------------------------------------------------------- */

/* Kinds whose values are their word, whatever it is. */
#define WORD_KINDS (1u << CEP_INT | 1u << CEP_FLOAT | 1u << CEP_TIME | 1u << CEP_DURATION)

/* The value as its column wants it; or why not. */
static rt_reason convert(const prg_field *field, const cep_value *given, cep_time time, int allows_null, cep_value *out)
{
  *out = *given;
  if (field->is_time && field->kind == CEP_TIME) {
    *out = cb_value_i(CEP_TIME, time);
  } else if (given->kind == CEP_NULL) {
    return field->nullable || allows_null ? RT_REASON_NONE : RT_REASON_NULL;
  } else if (given->kind == CEP_INT && field->kind == CEP_FLOAT) {
    *out = cb_float((double)given->as.i);
  } else if (given->kind != field->kind || (given->kind == CEP_IP && given->length != 16)) {
    return RT_REASON_TYPE;
  }
  return RT_REASON_NONE;
}

/* A value that is not simply the word of its column. CEP_E_INVALID: it is not well-formed. */
static cep_status fill_value(const taking *all, cb_batch *batch, const cep_event *event, uint32_t number, row_fault *fault)
{
  const prg_field *field = &all->fields[number];
  const cep_value *given = &event->fields[number];
  cep_value value;
  if (!is_whole(given)) {
    fault->field = number;
    return CEP_E_INVALID;
  }
  if (fault->reason != RT_REASON_NONE) return CEP_OK;
  rt_reason reason = convert(field, given, event->time, all->engine->options.ignore_lateness, &value);
  if (reason != RT_REASON_NONE) {
    *fault = (row_fault){reason, number};
    return CEP_OK;
  }
  return field->column == PRG_NONE ? CEP_OK : cb_batch_set(batch, field->column, &value);
}

/* Every field is looked at, also those that nothing reads. */
static cep_status fill_row(const taking *all, cb_batch *batch, const cep_event *event, row_fault *fault)
{
  for (uint32_t f = 0; f < all->stream->fields.count; f++) {
    const prg_field *field = &all->fields[f];
    const cep_value *given = &event->fields[f];
    if (given->kind != field->kind || !(WORD_KINDS >> field->kind & 1)) {
      cep_status status = fill_value(all, batch, event, f, fault);
      if (status < 0) return status;
      continue;
    }
    if (field->column == PRG_NONE) continue;
    uint64_t word;
    memcpy(&word, &given->as, sizeof word);
    if (field->is_time && field->kind == CEP_TIME) word = (uint64_t)event->time;
    cb_batch_put(batch, field->column, word);
  }
  return CEP_OK;
}

static void report_field(const taking *all, const cep_event *event, uint64_t position, const row_fault *fault)
{
  const prg *program = all->engine->program;
  const prg_field *field = &all->fields[fault->field];
  cb_writer *detail = &all->engine->core.bytes;
  uint32_t kind = event->fields[fault->field].kind;
  cb_writer_reset(detail);
  cb_write_printf(detail, "field '%s': found %s, expected %s", prg_text(program, field->name), cb_kind_name((cep_kind)kind),
                  cb_kind_name((cep_kind)field->kind));
  cb_write_u8(detail, 0);
  rt_input_report_dead(all->input, position, rt_reason_word(fault->reason), detail->status < 0 ? "" : (const char *)detail->data, NULL, 0);
}

/* ---- Rows --------------------------------------------------------------------------------- */

static cep_status open_row(const taking *all, const cep_event *event, uint64_t position, row_fault *fault, rt_stage **out, cep_error *err)
{
  rt_stage *stage = &all->engine->stages[all->number];
  if (!stage->is_touched) {
    const rt_filler filler = rt_engine_filler(all->engine);
    cep_status status = rt_rows_want(&filler, all->number, &stage);
    if (status < 0) return status;
  }
  *out = stage;
  cb_batch_begin_row(&stage->batch, event->time, all->input->index, position);
  cep_status status = fill_row(all, &stage->batch, event, fault);
  if (status != CEP_E_INVALID) return status;
  cb_batch_drop_row(&stage->batch);
  return cb_error_set(err, CEP_E_INVALID, "argument 'event' has no well-formed value for field \"%s\"",
                      prg_text(all->engine->program, all->fields[fault->field].name));
}

/* The open row is late: an aggregate may take it, at another place. */
static cep_status end_late_row(const taking *all, rt_stage *stage, const rt_triple *at, const row_fault *fault)
{
  rt_engine *engine = all->engine;
  rt_triple place;
  uint32_t before = engine->staged.count;
  cep_status status = CEP_OK;
  if (fault->reason == RT_REASON_NONE && rt_input_find_place(all->input, at, &place)) {
    const rt_filler filler = rt_engine_filler(engine);
    const rt_whence whence = rt_input_whence(all->input, at, &place);
    status = rt_rows_close(&filler, all->number, &whence, 1);
  } else {
    cb_batch_drop_row(&stage->batch);
  }
  return status < 0 ? status : rt_input_end_late(all->input, at, before, NULL, 0);
}

/* The open row, whose record is the input's now. */
static cep_status end_row(const taking *all, rt_stage *stage, const cep_event *event, const rt_triple *at, const row_fault *fault)
{
  if (!rt_is_time(at->time) && rt_input_is_no_time(all->input, at, NULL, 0)) {
    cb_batch_drop_row(&stage->batch);
  } else if (rt_input_is_late(all->input, at)) {
    return end_late_row(all, stage, at, fault);
  } else if (fault->reason != RT_REASON_NONE) {
    cb_batch_drop_row(&stage->batch);
    report_field(all, event, at->position, fault);
  } else {
    rt_rows_close_plain(stage);
    all->engine->plain_count++;
  }
  return CEP_OK;
}

static cep_status take(taking *all, const cep_event *event, size_t size, cep_error *err)
{
  rt_engine *engine = all->engine;
  rt_triple at = {event->time, all->input->order, 0};
  row_fault fault = {RT_REASON_NONE, 0};
  rt_stage *stage = NULL;
  cep_status status = check_shape(all, event, size, err);
  if (status == CEP_OK) status = rt_input_may_take(all->input, event->position, &at.position, err);
  if (status == CEP_OK) status = open_row(all, event, at.position, &fault, &stage, err);
  if (status < 0) return status;
  rt_input_begin_take(all->input, at.position);
  status = end_row(all, stage, event, &at, &fault);
  if (status < 0 || ++engine->takes < engine->takes_max) return status;
  rt_input_moved(all->input);
  cep_status processed = rt_engine_process(engine);
  return processed < 0 ? processed : status;
}

/* ---- Rows alike, one behind the other -------------------------------------------------------- */

/* More fields than this, and rows are taken one by one. */
#define RUN_FIELDS 32u
/* A shorter run is not worth its beginning: then so many rows are taken one by one before the next is tried. */
#ifdef CEP_EXPENSIVE_CHECKS
#define RUN_WORTH 1u
#else
#define RUN_WORTH 8u
#endif

/* A field of all rows of a run. */
typedef struct run_field {
  uint64_t *words;  /* of its column; NULL: nothing reads it */
  uint32_t kind;
  uint32_t is_time; /* it is the time of its event, whatever was given */
} run_field;

/* What a run goes by. */
typedef struct row_run {
  run_field fields[RUN_FIELDS];
  uint32_t room;      /* rows */
  cep_time least;     /* what is before it is late */
  cep_time newest;
  uint64_t position;  /* of the next one, at least */
} row_run;

/* How many rows can follow without a step between two of them: the one at which a batch is full is not among them. */
static uint32_t room_of_run(const rt_input *input, const rt_stage *stage)
{
  const rt_engine *engine = input->engine;
  if (!stage->is_touched || input->is_ended || input->is_idle || engine->takes + 1 >= engine->takes_max) return 0;
  uint64_t held = (uint64_t)rt_reorder_count(&engine->reorder) + engine->staged.count + engine->plain_count;
  uint64_t room = held < engine->options.held_max ? engine->options.held_max - held : 0;
  uint32_t takes = engine->takes_max - engine->takes - 1, rows = stage->batch.capacity - stage->batch.count;
  if (room > takes) room = takes;
  return room > rows ? rows : (uint32_t)room;
}

/* 0: rows of the stream in hand cannot be taken so, now. */
static int begin_run(const taking *all, const rt_stage *stage, row_run *out)
{
  const rt_input *input = all->input;
  const rt_frontier *frontier = &all->engine->frontier;
  uint32_t columns = 0, count = all->stream->fields.count;
  out->room = room_of_run(input, stage);
  if (out->room == 0 || count > RUN_FIELDS || frontier->is_end) return 0;
  for (uint32_t f = 0; f < count; f++) {
    const prg_field *field = &all->fields[f];
    if (!(WORD_KINDS >> field->kind & 1)) return 0;
    out->fields[f] = (run_field){.kind = field->kind, .is_time = field->is_time && field->kind == CEP_TIME};
    if (field->column == PRG_NONE) continue;
    out->fields[f].words = stage->batch.words + (size_t)field->column * stage->batch.capacity;
    columns++;
  }
  cep_time watermark = rt_input_watermark(input);
  out->least = watermark > frontier->at.time ? watermark : frontier->at.time;
  out->newest = input->newest;
  out->position = input->next_position;
  return columns == stage->batch.column_count;
}

/* 0: the row has something to ask about. */
static inline int put_in_run(const taking *all, const cep_event *event, size_t size, const row_run *run, uint32_t row)
{
  uint32_t count = all->stream->fields.count;
  if (event->size != size || event->stream != all->number || event->field_count != count || (!event->fields && count > 0)) return 0;
  if (event->time < run->least || !rt_is_time(event->time)) return 0;
  if (event->position < run->position) return 0; /* CEP_POSITION_NEXT is the greatest */
  for (uint32_t f = 0; f < count; f++) {
    const run_field *field = &run->fields[f];
    const cep_value *given = &event->fields[f];
    if (given->kind != field->kind) return 0;
    if (!field->words) continue;
    memcpy(&field->words[row], &given->as, sizeof *field->words);
    if (field->is_time) field->words[row] = (uint64_t)event->time;
  }
  return 1;
}

static void end_run(const taking *all, rt_stage *stage, const row_run *run, uint32_t count)
{
  rt_engine *engine = all->engine;
  rt_input *input = all->input;
  for (uint32_t row = stage->batch.count; row < stage->batch.count + count; row++)
    stage->plain.bits[row / 64] |= (uint64_t)1 << row % 64;
  cb_batch_end_rows(&stage->batch, input->index, count);
  stage->plain_count += count;
  engine->plain_count += count;
  engine->takes += count;
  input->next_position = run->position;
  input->newest = run->newest;
  rt_stats_add(&engine->core.stats, CEP_STAT_RECORDS_READ, input->declared, count);
}

/* Rows of the stream in hand that are on time and have a value of its kind in each field: nothing is asked twice that was asked
 * for the one before. Gives how many of `count`. */
static uint32_t take_run(const taking *all, const cep_event *events, uint32_t count, size_t size)
{
  if (!all->stream) return 0;
  rt_stage *stage = &all->engine->stages[all->number];
  cb_batch *batch = &stage->batch;
  row_run run;
  if (!begin_run(all, stage, &run)) return 0;
  uint32_t taken = 0, row = batch->count;
  if (count > run.room) count = run.room;
  for (; taken < count; taken++, row++) {
    const cep_event *event = (const cep_event *)(const void *)((const char *)events + taken * size);
    if (!put_in_run(all, event, size, &run, row)) break;
    uint64_t position = event->position == CEP_POSITION_NEXT ? run.position : event->position;
    const rt_triple at = {event->time, all->input->order, position};
    if (position == CEP_POSITION_NEXT || rt_frontier_passed(&all->engine->frontier, &at)) break;
    batch->time[row] = event->time;
    batch->position[row] = position;
    run.position = position + 1;
    if (event->time <= run.newest) continue;
    run.newest = event->time;
    cep_time watermark = cb_time_sub(run.newest, all->input->lateness);
    if (watermark > run.least) run.least = watermark;
  }
  if (taken > 0) end_run(all, stage, &run, taken);
  return taken;
}

/* The frontier moves when somebody looks at it: a row that would be behind it because of rows before it in the call is behind the
 * watermark of its own input too. */
cep_status rt_input_rows(rt_input *input, const cep_event *events, uint32_t count, uint32_t *taken, cep_error *err)
{
  rt_engine *engine = input->engine;
  taking all = {.input = input, .engine = engine};
  size_t size = count > 0 ? events->size : 0;
  *taken = 0;
  cep_status status = rt_engine_begin_call(engine, err);
  if (status == CEP_OK) status = rt_engine_join(engine);
  int is_some_late = 0;
  uint32_t alone = 0; /* rows to be taken one by one */
  while (status >= 0 && *taken < count && !engine->is_stopping) {
    if (alone > 0) {
      alone--;
    } else if (count - *taken >= RUN_WORTH) {
      uint32_t run = take_run(&all, (const cep_event *)(const void *)((const char *)events + *taken * size), count - *taken, size);
      alone = run < RUN_WORTH ? RUN_WORTH : 0;
      *taken += run;
      if (*taken == count) break;
    }
    status = take(&all, (const cep_event *)(const void *)((const char *)events + *taken * size), size, err);
    is_some_late |= status == CEP_LATE;
    *taken += status >= 0;
  }
  rt_input_moved(input);
  return rt_engine_end_call(engine, status >= 0 && is_some_late ? CEP_LATE : status, err);
}
