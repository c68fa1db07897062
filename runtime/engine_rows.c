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
  while (status >= 0 && *taken < count && !engine->is_stopping) {
    status = take(&all, (const cep_event *)(const void *)((const char *)events + *taken * size), size, err);
    is_some_late |= status == CEP_LATE;
    *taken += status >= 0;
  }
  rt_input_moved(input);
  return rt_engine_end_call(engine, status >= 0 && is_some_late ? CEP_LATE : status, err);
}
