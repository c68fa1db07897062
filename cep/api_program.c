/* api_program.c - compile, save, load, look up, explain. */
#include <string.h>

#include "cep/api_internal.h"
#include "nfa/build.h"
#include "patterns/plan.h"

/* The run side knows no plan, and so has its own names for these. */
_Static_assert((int)PRG_JSON == (int)PLAN_JSON && (int)PRG_LINE == (int)PLAN_LINE && (int)PRG_CSV == (int)PLAN_CSV &&
                   (int)PRG_LOGFMT == (int)PLAN_LOGFMT,
               "formats");
_Static_assert((int)PRG_TIME_RFC3339 == (int)PLAN_TIME_RFC3339 && (int)PRG_TIME_S == (int)PLAN_TIME_S &&
                   (int)PRG_TIME_MS == (int)PLAN_TIME_MS && (int)PRG_TIME_US == (int)PLAN_TIME_US &&
                   (int)PRG_TIME_NS == (int)PLAN_TIME_NS && (int)PRG_TIME_STRPTIME == (int)PLAN_TIME_STRPTIME,
               "time forms");

/* ---- Life ------------------------------------------------------------------------------ */

static cep_program *program_new(const cep_config *config)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, &config->alloc.hook, 0);
  cep_program *program = cb_new0(&alloc, sizeof *program);
  if (!program) return NULL;
  program->alloc = alloc;
  atomic_init(&program->refs, 1);
  program->settings = config->settings;
  cb_writer_init(&program->plan, &program->alloc);
  return program;
}

cep_program *cep_program_ref(cep_program *program)
{
  if (program) atomic_fetch_add_explicit(&program->refs, 1, memory_order_relaxed);
  return program;
}

void cep_program_free(cep_program *program)
{
  if (!program || atomic_fetch_sub_explicit(&program->refs, 1, memory_order_acq_rel) != 1) return;
  prg_unref(program->image);
  cb_writer_fini(&program->plan);
  cb_alloc alloc = program->alloc;
  cb_free(&alloc, program, sizeof *program);
}

static void report_nothing(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

/* Text to image; the plan lives only in here, what stays of it is its printed form. */
static cep_status build(const cep_config *config, cep_program *program, const char *name, const char *text,
                        size_t text_len, cep_error *err)
{
  cb_arena arena;
  cb_writer image;
  plan *rules = NULL;
  cb_arena_init(&arena, &program->alloc);
  cb_writer_init(&image, &program->alloc);
  cep_status status = plan_compile(&arena, name, text, text_len, config->diag ? config->diag : report_nothing,
                                   config->diag_ctx, &rules, err);
  if (status < 0) goto done;
  status = plan_print(&program->plan, rules);
  if (status == CEP_OK) status = program->plan.status;
  if (status < 0) {
    cb_error_set(err, status, "no memory for the printed plan of \"%s\"", name);
    goto done;
  }
  status = nfa_build(&program->alloc, rules, &image, err);
  if (status < 0) goto done;
  status = prg_load(&config->alloc.hook, image.data, image.len, &program->image, err);
done:
  cb_writer_fini(&image);
  cb_arena_fini(&arena);
  return status;
}

cep_status cep_program_compile(const cep_config *config, const char *name, const char *text, size_t text_len,
                               cep_program **out, cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(name, "name", "is NULL");
  API_NEED(text || text_len == 0, "text", "is NULL");
  API_NEED(out, "out", "is NULL");
  cep_program *program = program_new(config);
  if (!program) return cb_error_set(err, CEP_E_NOMEM, "no memory for the program \"%s\"", name);
  cep_status status = build(config, program, name, text ? text : "", text_len, err);
  if (status < 0) {
    if (status == CEP_E_NOMEM) cb_error_set(err, status, "no memory to compile \"%s\"", name);
    cep_program_free(program);
    return status;
  }
  api_log_line(&config->log, CEP_LOG_INFO, "compiled %s: %u inputs, %u streams, %u detections, %zu bytes",
               name, program->image->inputs_count, program->image->streams_count,
               program->image->detections_count, program->image->image_size);
  *out = program;
  return CEP_OK;
}

cep_status cep_program_save(const cep_program *program, cep_write_fn write, void *ctx, cep_error *err)
{
  API_NEED(program, "program", "is NULL");
  API_NEED(write, "write", "is NULL");
  return api_write(write, ctx, program->image->image, program->image->image_size, err);
}

cep_status cep_program_load(const cep_config *config, const void *image, size_t image_len, cep_program **out,
                            cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(image || image_len == 0, "image", "is NULL");
  API_NEED(out, "out", "is NULL");
  cep_program *program = program_new(config);
  if (!program) return cb_error_set(err, CEP_E_NOMEM, "no memory for the program");
  cep_status status = prg_load(&config->alloc.hook, image ? image : "", image_len, &program->image, err);
  if (status < 0) {
    cep_program_free(program);
    return status;
  }
  api_log_line(&config->log, CEP_LOG_INFO, "loaded a program of %zu bytes: %u detections", image_len,
               program->image->detections_count);
  *out = program;
  return CEP_OK;
}

/* ---- Look-ups ---------------------------------------------------------------------------- */

uint32_t cep_program_input_count(const cep_program *program)
{
  return program ? program->image->inputs_count : 0;
}

const char *cep_program_input_name(const cep_program *program, uint32_t index)
{
  if (index >= cep_program_input_count(program)) return NULL;
  return prg_text(program->image, program->image->inputs[index].name);
}

const char *cep_program_input_place(const cep_program *program, uint32_t index)
{
  if (index >= cep_program_input_count(program)) return NULL;
  const prg_input *input = &program->image->inputs[index];
  const char *kind = prg_text(program->image, input->place_kind);
  if (strcmp(kind, "stdin") == 0) return "-";
  return strcmp(kind, "file") == 0 ? prg_text(program->image, input->place) : "";
}

cep_duration cep_program_input_lateness(const cep_program *program, uint32_t index)
{
  if (index >= cep_program_input_count(program)) return -1;
  const prg_input *input = &program->image->inputs[index];
  return input->has_lateness && input->clock == PRG_CLOCK_EVENT ? input->lateness : -1;
}

uint32_t cep_program_table_count(const cep_program *program)
{
  return program ? program->image->tables_count : 0;
}

const char *cep_program_table_name(const cep_program *program, uint32_t index)
{
  if (index >= cep_program_table_count(program)) return NULL;
  return prg_text(program->image, program->image->tables[index].name);
}

const char *cep_program_table_place(const cep_program *program, uint32_t index)
{
  if (index >= cep_program_table_count(program)) return NULL;
  return prg_text(program->image, program->image->tables[index].place);
}

cep_duration cep_program_table_refresh(const cep_program *program, uint32_t index)
{
  return index < cep_program_table_count(program) ? program->image->tables[index].refresh : 0;
}

cep_status api_find_table(const prg *image, const char *name, uint32_t *out, cep_error *err)
{
  for (uint32_t i = 0; i < image->tables_count; i++) {
    if (strcmp(prg_text(image, image->tables[i].name), name) != 0) continue;
    *out = i;
    return CEP_OK;
  }
  return cb_error_set(err, CEP_E_NOT_FOUND, "there is no table \"%.60s\"", name);
}

uint32_t cep_program_stream_count(const cep_program *program)
{
  return program ? program->image->streams_count : 0;
}

const char *cep_program_stream_name(const cep_program *program, cep_stream_id stream)
{
  if (stream >= cep_program_stream_count(program)) return NULL;
  return prg_text(program->image, program->image->streams[stream].name);
}

cep_status cep_program_stream(const cep_program *program, const char *name, cep_stream_id *out)
{
  if (!program || !name || !out) return CEP_E_INVALID;
  for (uint32_t i = 0; i < program->image->streams_count; i++) {
    if (strcmp(prg_text(program->image, program->image->streams[i].name), name) != 0) continue;
    *out = i;
    return CEP_OK;
  }
  return CEP_E_NOT_FOUND;
}

uint32_t cep_program_stream_input(const cep_program *program, cep_stream_id stream)
{
  return stream < cep_program_stream_count(program) ? program->image->streams[stream].input : CEP_NONE;
}

uint32_t cep_program_field_count(const cep_program *program, cep_stream_id stream)
{
  if (stream >= cep_program_stream_count(program)) return 0;
  return program->image->streams[stream].fields.count;
}

static const prg_field *field_at(const cep_program *program, cep_stream_id stream, uint32_t index)
{
  if (index >= cep_program_field_count(program, stream)) return NULL;
  return &program->image->fields[program->image->streams[stream].fields.first + index];
}

const char *cep_program_field_name(const cep_program *program, cep_stream_id stream, uint32_t index)
{
  const prg_field *field = field_at(program, stream, index);
  return field ? prg_text(program->image, field->name) : NULL;
}

cep_status cep_program_field(const cep_program *program, cep_stream_id stream, const char *name,
                             uint32_t *index_out)
{
  if (!program || !name || !index_out) return CEP_E_INVALID;
  uint32_t count = cep_program_field_count(program, stream);
  for (uint32_t i = 0; i < count; i++) {
    if (strcmp(cep_program_field_name(program, stream, i), name) != 0) continue;
    *index_out = i;
    return CEP_OK;
  }
  return CEP_E_NOT_FOUND;
}

cep_kind cep_program_field_kind(const cep_program *program, cep_stream_id stream, uint32_t index)
{
  const prg_field *field = field_at(program, stream, index);
  return field ? (cep_kind)field->kind : CEP_NULL;
}

int cep_program_field_may_be_null(const cep_program *program, cep_stream_id stream, uint32_t index)
{
  const prg_field *field = field_at(program, stream, index);
  return field && field->nullable;
}

int cep_program_field_is_time(const cep_program *program, cep_stream_id stream, uint32_t index)
{
  const prg_field *field = field_at(program, stream, index);
  return field && field->is_time;
}

uint32_t cep_program_detection_count(const cep_program *program)
{
  return program ? program->image->detections_count : 0;
}

const char *cep_program_detection_name(const cep_program *program, cep_detection_id detection)
{
  if (detection >= cep_program_detection_count(program)) return NULL;
  return prg_text(program->image, program->image->detections[detection].name);
}

const char *cep_program_step_name(const cep_program *program, cep_detection_id detection, uint32_t index)
{
  if (detection >= cep_program_detection_count(program)) return NULL;
  const prg *image = program->image;
  prg_list steps = image->detections[detection].steps;
  for (uint32_t i = 0; i < steps.count; i++) {
    const prg_step *step = &image->steps[steps.first + i];
    if (!(step->flags & (PRG_STEP_NO | PRG_STEP_UNTIL)) && index-- == 0) return prg_text(image, step->name);
  }
  return NULL;
}

static const prg_detection *detection_at(const cep_program *program, cep_detection_id detection)
{
  return detection < cep_program_detection_count(program) ? &program->image->detections[detection] : NULL;
}

const char *cep_program_key_name(const cep_program *program, cep_detection_id id, uint32_t index)
{
  const prg_detection *detection = detection_at(program, id);
  if (!detection || index >= detection->keys.count) return NULL;
  return prg_text(program->image, program->image->keys[detection->keys.first + index].name);
}

const char *cep_program_value_name(const cep_program *program, cep_detection_id id, int of_timeout, uint32_t index)
{
  const prg_detection *detection = detection_at(program, id);
  const prg_list *outputs = !detection ? NULL : of_timeout ? &detection->timeout_outputs : &detection->outputs;
  if (!outputs || index >= outputs->count) return NULL;
  return prg_text(program->image, program->image->outputs[outputs->first + index].name);
}

const char *cep_program_meta(const cep_program *program, cep_detection_id id, uint32_t index, cep_value *out)
{
  const prg_detection *detection = detection_at(program, id);
  if (!detection || index >= detection->meta.count) return NULL;
  const prg_meta *meta = &program->image->meta[detection->meta.first + index];
  if (out) *out = prg_const_value(program->image, meta->value);
  return prg_text(program->image, meta->name);
}

uint32_t cep_program_test_count(const cep_program *program)
{
  return program ? program->image->tests_count : 0;
}

/* ---- Explain ------------------------------------------------------------------------------- */

/* `detection` CEP_NONE: all of them. */
static cep_status draw(const cep_program *program, cep_detection_id detection, int as_mermaid, cb_writer *writer)
{
  const prg *image = program->image;
  uint32_t first = detection == CEP_NONE ? 0 : detection;
  uint32_t last = detection == CEP_NONE ? image->detections_count : detection + 1;
  cep_status status = CEP_OK;
  for (uint32_t i = first; i < last && status == CEP_OK; i++) {
    if (i > first) cb_write_u8(writer, '\n');
    status = prg_draw(writer, image, i, as_mermaid);
  }
  return status;
}

static cep_status print(const cep_program *program, cep_explain what, cep_detection_id detection, cb_writer *writer)
{
  switch (what) {
  case CEP_EXPLAIN_PLAN: cb_write_bytes(writer, program->plan.data, program->plan.len); return CEP_OK;
  case CEP_EXPLAIN_NFA: return prg_dump_nfa(writer, program->image);
  case CEP_EXPLAIN_DOT: return prg_dump_dot(writer, program->image);
  case CEP_EXPLAIN_CODE: return prg_dump_code(writer, program->image);
  case CEP_EXPLAIN_AUTOMATON:
  case CEP_EXPLAIN_MERMAID: return draw(program, detection, what == CEP_EXPLAIN_MERMAID, writer);
  }
  CB_UNREACHABLE();
}

static cep_status explain(const cep_program *program, cep_explain what, cep_detection_id detection,
                          cep_write_fn write, void *ctx, cep_error *err)
{
  /* An allocator state of its own: the program may be shared, its counters may not. */
  cb_alloc alloc;
  cb_alloc_init(&alloc, &program->alloc.hook, 0);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  cep_status status = print(program, what, detection, &writer);
  if (status == CEP_OK) status = writer.status;
  if (status < 0)
    cb_error_set(err, status, "no memory to explain the program");
  else
    status = api_write(write, ctx, writer.data, writer.len, err);
  cb_writer_fini(&writer);
  return status;
}

cep_status cep_program_explain(const cep_program *program, cep_explain what, cep_write_fn write, void *ctx,
                               cep_error *err)
{
  API_NEED(program, "program", "is NULL");
  API_NEED((unsigned)what <= CEP_EXPLAIN_MERMAID, "what", "is not a cep_explain");
  API_NEED(write, "write", "is NULL");
  if (what == CEP_EXPLAIN_PLAN && program->plan.len == 0)
    return cb_error_set(err, CEP_E_UNSUPPORTED,
                        "the plan of a loaded program is not kept; compile its rule file");
  return explain(program, what, CEP_NONE, write, ctx, err);
}

cep_status cep_program_explain_detection(const cep_program *program, cep_explain what, cep_detection_id detection,
                                         cep_write_fn write, void *ctx, cep_error *err)
{
  API_NEED(program, "program", "is NULL");
  API_NEED(what == CEP_EXPLAIN_AUTOMATON || what == CEP_EXPLAIN_MERMAID, "what", "is not a picture");
  API_NEED(detection < program->image->detections_count, "detection", "is not one of the program");
  API_NEED(write, "write", "is NULL");
  return explain(program, what, detection, write, ctx, err);
}
