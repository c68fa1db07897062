/* api_record.c - what one record is to the rules, as text. */
#include <string.h>

#include "cep/api_internal.h"
#include "nfa/predicate.h"
#include "nfa/program_text.h"
#include "nfa/why.h"
#include "runtime/codec.h"
#include "runtime/table.h"

typedef struct telling {
  const prg *program;
  const rt_options *options;
  cb_alloc alloc;
  cb_writer text;
  nfa_scratch scratch;
  nfa_table_slot *tables;
  rt_codec *codec;
  uint32_t detection; /* CEP_NONE: all */
} telling;

static const char *name_of(const telling *t, prg_string name)
{
  return prg_text(t->program, name);
}

/* ---- Streams --------------------------------------------------------------------------------- */

static void tell_fields(telling *t, const prg_stream *stream, const cb_batch *batch)
{
  size_t widest = 0, unread = 0;
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    const prg_field *field = &t->program->fields[stream->fields.first + i];
    if (field->column != PRG_NONE && field->name.length > widest) widest = field->name.length;
  }
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    const prg_field *field = &t->program->fields[stream->fields.first + i];
    if (field->column == PRG_NONE) {
      unread += !field->is_time;
      continue;
    }
    cep_value value = cb_batch_get(batch, field->column, 0);
    cb_write_printf(&t->text, "  %-*s  ", (int)widest, name_of(t, field->name));
    cb_value_write_json(&t->text, &value);
    cb_write_u8(&t->text, '\n');
  }
  if (!unread) return;
  cb_write_text(&t->text, "  no rule reads:");
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    const prg_field *field = &t->program->fields[stream->fields.first + i];
    if (field->column == PRG_NONE && !field->is_time) cb_write_printf(&t->text, " %s", name_of(t, field->name));
  }
  cb_write_u8(&t->text, '\n');
}

static int is_read_by(const telling *t, uint32_t detection, uint32_t stream)
{
  prg_list routes = t->program->detections[detection].routes;
  for (uint32_t i = 0; i < routes.count; i++)
    if (t->program->routes[routes.first + i].stream == stream) return 1;
  return 0;
}

/* ---- Detections ------------------------------------------------------------------------------- */

/* 0: the key is null in some part, and the event is none of the detection's. */
static int tell_key(telling *t, const nfa_env *env, const prg_detection *detection, const prg_route *route)
{
  int is_keyed = 1;
  for (uint32_t i = 0; i < route->keys.count; i++) {
    nfa_scratch_reset(&t->scratch);
    cep_value value = nfa_expr_eval(env, t->program->lists[route->keys.first + i]);
    is_keyed &= value.kind != CEP_NULL;
    cb_write_printf(&t->text, "%s%s = ", i ? ", " : "  key ", name_of(t, t->program->keys[detection->keys.first + i].name));
    cb_value_write_json(&t->text, &value);
  }
  cb_write_text(&t->text, is_keyed ? "" : ": without a key it is not looked at");
  return is_keyed;
}

static void tell_step(telling *t, const nfa_env *env, const prg_detection *detection, uint32_t number)
{
  const prg_step *step = &t->program->steps[detection->steps.first + number];
  int fits = nfa_cond_is_true(env, step->local);
  int is_no = (step->flags & PRG_STEP_NO) != 0, is_until = (step->flags & PRG_STEP_UNTIL) != 0;
  const char *verb = !fits ? "does not fit" : step->residual != PRG_NONE ? "fits, if what looks back holds" : is_no ? "fits, and forbids" : "fits";
  cb_write_text(&t->text, "  step ");
  if (is_no || is_until)
    cb_write_printf(&t->text, "%s %s", is_no ? "no" : "until", name_of(t, step->role));
  else
    cb_write_printf(&t->text, "%s (%s)", name_of(t, step->name), name_of(t, step->role));
  cb_write_printf(&t->text, ": %s\n", verb);
  nfa_why_cond(&t->text, env, step->local, NFA_WHY_ALL, "    ");
  if (step->residual == PRG_NONE) return;
  cb_write_text(&t->text, "    looks back:  ");
  prg_write_expr(&t->text, t->program, detection, step->residual);
  cb_write_u8(&t->text, '\n');
}

static void tell_detection(telling *t, const nfa_env *env, uint32_t stream, uint32_t number)
{
  const prg_detection *detection = &t->program->detections[number];
  for (uint32_t r = 0; r < detection->routes.count; r++) {
    const prg_route *route = &t->program->routes[detection->routes.first + r];
    if (route->stream != stream) continue;
    cb_write_printf(&t->text, "\ndetection %s", name_of(t, detection->name));
    int is_member = nfa_cond_is_true(env, route->member);
    int is_keyed = is_member && tell_key(t, env, detection, route);
    cb_write_text(&t->text, is_member ? "\n" : ": no event of it\n");
    if (!is_member) nfa_why_cond(&t->text, env, route->member, NFA_WHY_ALL, "    ");
    if (!is_keyed) continue;
    for (uint32_t s = 0; s < detection->steps.count; s++)
      if (t->program->steps[detection->steps.first + s].route == detection->routes.first + r) tell_step(t, env, detection, s);
  }
}

/* The row, open or not. A fault counts only if it meets the condition of the stream. */
static void tell_row(telling *t, uint32_t number, const cb_batch *batch, const rt_fault *fault)
{
  const prg_stream *stream = &t->program->streams[number];
  nfa_env env = {.program = t->program, .scratch = &t->scratch, .batch = batch, .row = 0};
  int fits = nfa_cond_is_true(&env, stream->fits);
  cb_write_printf(&t->text, "\nstream %s: ", name_of(t, stream->name));
  if (!fits) {
    cb_write_text(&t->text, "does not fit\n");
    nfa_why_cond(&t->text, &env, stream->fits, NFA_WHY_ALL, "    ");
    return;
  }
  if (fault->reason != RT_REASON_NONE) {
    cb_write_printf(&t->text, "cannot be read (%s): %s\n", rt_reason_word(fault->reason), fault->detail);
    return;
  }
  cb_write_text(&t->text, "fits\n");
  tell_fields(t, stream, batch);
  uint32_t readers = 0;
  for (uint32_t d = 0; d < t->program->detections_count; d++) {
    if ((t->detection != CEP_NONE && t->detection != d) || !is_read_by(t, d, number)) continue;
    readers++;
    tell_detection(t, &env, number, d);
  }
  if (!readers) cb_write_text(&t->text, t->detection == CEP_NONE ? "  no detection reads it\n" : "  the detection does not read it\n");
}

/* ---- The record -------------------------------------------------------------------------------- */

static cep_status tell_stream(telling *t, uint32_t number, cep_time time)
{
  const prg_stream *stream = &t->program->streams[number];
  cb_batch batch;
  rt_fault fault = {.reason = RT_REASON_NONE};
  int fits = 0;
  cep_status status = cb_batch_init(&batch, &t->alloc, number, stream->columns.count, t->program->columns + stream->columns.first, 1);
  if (status < 0) return status;
  cb_batch_begin_row(&batch, time, 0, 0);
  status = rt_codec_fill(t->codec, number, &batch, &fits, &fault);
  if (status == CEP_OK && !fits) {
    cb_write_printf(&t->text, "\nstream %s: does not fit", name_of(t, stream->name));
    if (stream->regex != PRG_NONE)
      cb_write_printf(&t->text, "; the line is not one of r\"%s\"", name_of(t, t->program->regexes[stream->regex].pattern));
    cb_write_u8(&t->text, '\n');
  } else if (status == CEP_OK) {
    tell_row(t, number, &batch, &fault);
  }
  cb_batch_fini(&batch);
  return status;
}

static cep_status tell_record(telling *t, uint32_t input, const cep_record_question *question)
{
  rt_fault fault = {.reason = RT_REASON_NONE};
  cep_time time = CEP_TIME_MIN;
  cep_status status = rt_codec_new(&t->alloc, t->program, input, &t->scratch, t->options->record_max, t->options->json_depth, &t->codec);
  if (status == CEP_OK && question->header)
    status = rt_codec_begin(t->codec, question->header, question->header_len, CEP_TIME_MIN, &time, &fault);
  fault.reason = RT_REASON_NONE;
  if (status == CEP_OK)
    status = rt_codec_begin(t->codec, question->record_len ? question->record : "", question->record_len, CEP_TIME_MIN, &time, &fault);
  if (status < 0) return status;
  if (fault.reason != RT_REASON_NONE) {
    cb_write_printf(&t->text, "cannot be read (%s): %s\n", rt_reason_word(fault.reason), fault.detail);
    return CEP_OK;
  }
  if (time == CEP_TIME_MIN) {
    cb_write_text(&t->text, "fits no stream, so that nothing says where its time is; or it names the columns of csv\n");
  } else {
    cep_value at = cb_value_i(CEP_TIME, time);
    char text[CB_VALUE_TEXT_MAX];
    cb_value_print(&at, text);
    cb_write_printf(&t->text, "time %s\n", text);
  }
  prg_list streams = t->program->inputs[input].streams;
  for (uint32_t i = 0; i < streams.count && status == CEP_OK && time != CEP_TIME_MIN; i++)
    status = tell_stream(t, t->program->lists[streams.first + i], time);
  return status;
}

static cep_status open_telling(telling *t, const cep_program *program, nfa_table *const *rows)
{
  cb_alloc_init(&t->alloc, &program->alloc.hook, 0);
  cb_writer_init(&t->text, &t->alloc);
  t->tables = cb_new0(&t->alloc, t->program->tables_count * sizeof *t->tables);
  if (!t->tables) return CEP_E_NOMEM;
  cep_status status = nfa_scratch_init(&t->scratch, &t->alloc, t->program, t->options->regex_match_limit, t->options->regex_text_max);
  for (uint32_t i = 0; i < t->program->tables_count; i++) t->tables[i].rows = rows[i];
  t->scratch.tables = t->tables;
  return status;
}

static void close_telling(telling *t)
{
  if (t->codec) rt_codec_free(&t->alloc, t->codec);
  nfa_scratch_fini(&t->scratch);
  cb_free(&t->alloc, t->tables, t->program->tables_count * sizeof *t->tables);
  cb_writer_fini(&t->text);
}

static cep_status answer(const cep_program *program, const cep_record_question *question, uint32_t input, nfa_table *const *rows,
                         cep_write_fn write, void *ctx, cep_error *err)
{
  rt_options options = api_options(&program->settings, &program->alloc.hook);
  telling t = {.program = program->image, .options = &options, .detection = question->detection};
  cep_status status = open_telling(&t, program, rows);
  if (status == CEP_OK) status = tell_record(&t, input, question);
  if (status == CEP_OK) status = t.text.status;
  if (status < 0)
    cb_error_set(err, status, "no memory to explain the record");
  else
    status = api_write(write, ctx, t.text.data, t.text.len, err);
  close_telling(&t);
  return status;
}

cep_status cep_program_explain_record(const cep_program *program, const cep_record_question *given, cep_write_fn write, void *ctx,
                                      cep_error *err)
{
  API_NEED(program, "program", "is NULL");
  API_NEED(given && given->size >= sizeof given->size, "question", "is NULL or has no size");
  cep_record_question question = {.detection = CEP_NONE};
  memcpy(&question, given, given->size < sizeof question ? given->size : sizeof question);
  API_NEED(question.input && (question.record || question.record_len == 0), "question", "has no input or no record");
  API_NEED(question.detection == CEP_NONE || question.detection < program->image->detections_count, "detection", "is not one of the program");
  API_NEED(write, "write", "is NULL");
  const prg *image = program->image;
  uint32_t input = 0;
  while (input < image->inputs_count && strcmp(prg_text(image, image->inputs[input].name), question.input) != 0) input++;
  if (input == image->inputs_count) return cb_error_set(err, CEP_E_NOT_FOUND, "there is no input \"%s\"", question.input);
  cb_alloc alloc;
  cb_alloc_init(&alloc, &program->alloc.hook, 0);
  size_t size = image->tables_count * sizeof(nfa_table *);
  nfa_table **rows = cb_new0(&alloc, size);
  cep_status status = rows ? CEP_OK : cb_error_set(err, CEP_E_NOMEM, "no memory to explain the record");
  for (size_t i = 0; i < question.table_count && status == CEP_OK; i++) status = api_read_rows(program, &question.tables[i], rows, err);
  if (status == CEP_OK) status = answer(program, &question, input, rows, write, ctx, err);
  for (uint32_t i = 0; rows && i < image->tables_count; i++) nfa_table_unref(rows[i]);
  cb_free(&alloc, rows, size);
  return status;
}
