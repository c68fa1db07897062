/* api_engine.c - engines and their inputs: arguments are checked here, then runtime/ works. */
#include <string.h>

#include "cep/api_internal.h"
#include "runtime/snapshot.h"

#define WORK_BUDGET 4u /* mails, each of up to 1024 records: some milliseconds */

/* ---- One call at a time ---------------------------------------------------------------- */

cep_status api_enter(cep_engine *engine, cep_error *err)
{
  if (engine->is_busy)
    return cb_error_set(err, CEP_E_BUSY, "a callback of the engine may not change the engine");
  engine->is_busy = 1;
  return CEP_OK;
}

static void destroy(cep_engine *engine)
{
  rt_engine_free(engine->inner);
  while (engine->inputs) {
    cep_input *input = engine->inputs;
    engine->inputs = input->next;
    cb_free(&engine->alloc, input, sizeof *input);
  }
  cb_writer_fini(&engine->json);
  cb_writer_fini(&engine->position);
  cep_program_free(engine->program);
  cb_alloc alloc = engine->alloc;
  cb_free(&alloc, engine, sizeof *engine);
}

cep_status api_leave(cep_engine *engine, cep_status status)
{
  engine->is_busy = 0;
  if (status == CEP_E_NOMEM && !engine->is_stopped) {
    engine->is_stopped = 1;
    api_log_line(&engine->log, CEP_LOG_ERROR, "the engine stops: no memory");
  }
  if (engine->is_doomed) destroy(engine);
  return status;
}

static int deliver(void *ctx, const rt_alert *alert)
{
  cep_engine *engine = ctx;
  if (engine->is_doomed) return 1;
  cep_match match = {engine, alert};
  return engine->on_match(engine->ctx, &match);
}

/* ---- Life -------------------------------------------------------------------------------- */

cep_status cep_engine_new(const cep_config *config, cep_program *program, cep_match_fn on_match, void *ctx,
                          cep_engine **out, cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(program, "program", "is NULL");
  API_NEED(on_match, "on_match", "is NULL");
  API_NEED(out, "out", "is NULL");
  cep_status fits = api_check_evaluator(&config->settings, program->image, err);
  if (fits < 0) return fits;
  cb_alloc alloc;
  cb_alloc_init(&alloc, &config->alloc.hook, 0);
  cep_engine *engine = cb_new0(&alloc, sizeof *engine);
  if (!engine) return cb_error_set(err, CEP_E_NOMEM, "no memory for an engine");
  engine->alloc = alloc;
  engine->on_match = on_match;
  engine->ctx = ctx;
  engine->log = config->log;
  cb_writer_init(&engine->json, &engine->alloc);
  cb_writer_init(&engine->position, &engine->alloc);
  rt_options options = api_options(&config->settings, &config->alloc.hook);
  options.late = config->late;
  options.late_ctx = config->late_ctx;
  options.dead_letter = config->dead_letter;
  options.dead_letter_ctx = config->dead_letter_ctx;
  engine->story = config->story;
  if (engine->story.tell) {
    options.trace = &engine->story;
    options.traced = config->told;
    options.workers = 1;
  }
  cep_status status = rt_engine_new(&options, program->image, deliver, engine, &engine->inner);
  if (status < 0) {
    destroy(engine);
    return cb_error_set(err, status, "no memory for an engine");
  }
  engine->program = cep_program_ref(program);
  *out = engine;
  return CEP_OK;
}

void cep_engine_free(cep_engine *engine)
{
  if (!engine) return;
  if (engine->is_busy)
    engine->is_doomed = 1;
  else
    destroy(engine);
}

const cep_program *cep_engine_program(const cep_engine *engine)
{
  return engine ? engine->program : NULL;
}

cep_status cep_engine_input(cep_engine *engine, const char *name, uint32_t partition, cep_input **out,
                            cep_error *err)
{
  API_NEED(engine, "engine", "is NULL");
  API_NEED(name, "name", "is NULL");
  API_NEED(out, "out", "is NULL");
  const prg *image = engine->program->image;
  uint32_t declared = 0;
  while (declared < image->inputs_count && strcmp(prg_text(image, image->inputs[declared].name), name) != 0)
    declared++;
  if (declared == image->inputs_count)
    return cb_error_set(err, CEP_E_NOT_FOUND, "there is no input \"%.60s\"", name);
  cep_status status = api_enter(engine, err);
  if (status < 0) return status;
  cep_input *input = cb_new0(&engine->alloc, sizeof *input);
  if (!input) {
    api_leave(engine, CEP_OK); /* the engine itself lacks nothing and goes on */
    return cb_error_set(err, CEP_E_NOMEM, "no memory for an input");
  }
  status = rt_engine_input(engine->inner, declared, partition, &input->inner, err);
  if (status < 0) {
    cb_free(&engine->alloc, input, sizeof *input);
    return api_leave(engine, status);
  }
  input->engine = engine;
  input->next = engine->inputs;
  engine->inputs = input;
  *out = input;
  return api_leave(engine, CEP_OK);
}

/* ---- Workers ----------------------------------------------------------------------------- */

cep_status cep_engine_share(cep_engine *engine, uint32_t workers, const cep_crew *crew, cep_error *err)
{
  API_NEED(engine, "engine", "is NULL");
  API_NEED(workers >= 1 && workers <= RT_WORKERS_MAX, "workers", "is not from 1 to 64");
  API_NEED(crew && crew->size >= sizeof *crew, "crew", "is NULL, or has a size that is not sizeof(cep_crew)");
  API_NEED(crew->wake && crew->wait, "crew", "lacks a function");
  if (workers > 1 && engine->story.tell) return cb_error_set(err, CEP_E_INVALID, "an engine that tells a story cannot share its keys out");
  cep_status status = api_enter(engine, err);
  if (status < 0) return status;
  rt_crew inner = {crew->wake, crew->wait, crew->ctx};
  if (workers > 1 && rt_engine_is_restored(engine->inner)) status = rt_engine_reshare(&engine->inner, workers, err);
  if (status == CEP_OK) status = rt_engine_share(engine->inner, workers, &inner, err);
  return api_leave(engine, status);
}

uint32_t cep_engine_workers(const cep_engine *engine)
{
  return engine ? rt_engine_workers(engine->inner) : 0;
}

int cep_engine_work(cep_engine *engine, uint32_t first)
{
  return engine ? rt_engine_work(engine->inner, first, WORK_BUDGET) : 0;
}

void cep_engine_dismiss(cep_engine *engine)
{
  if (engine) rt_engine_dismiss(engine->inner);
}

/* ---- Events ------------------------------------------------------------------------------ */

cep_status cep_input_push_all(cep_input *input, const cep_event *events, uint32_t count, uint32_t *taken, cep_error *err)
{
  uint32_t unused;
  if (!taken) taken = &unused;
  *taken = 0;
  API_NEED(input, "input", "is NULL");
  API_NEED(events || count == 0, "events", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_rows(input->inner, events, count, taken, err));
}

cep_status cep_input_push(cep_input *input, const cep_event *event, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  API_NEED(event, "event", "is NULL");
  return cep_input_push_all(input, event, 1, NULL, err);
}

cep_status cep_input_record(cep_input *input, const void *record, size_t record_len, uint64_t position,
                            cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  API_NEED(record || record_len == 0, "record", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_record(input->inner, record ? record : "", record_len, position, err));
}

cep_status cep_input_refuse(cep_input *input, const void *record, size_t record_len, uint64_t position,
                            const char *reason, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  API_NEED(record || record_len == 0, "record", "is NULL");
  API_NEED(reason, "reason", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_refuse(input->inner, record, record_len, position, reason, err));
}

cep_status cep_input_new_file(cep_input *input, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  rt_input_new_file(input->inner);
  return api_leave(input->engine, CEP_OK);
}

cep_status cep_input_time(cep_input *input, const void *record, size_t record_len, cep_time *out, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  API_NEED(record || record_len == 0, "record", "is NULL");
  API_NEED(out, "out", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_time(input->inner, record, record_len, out, err));
}

cep_status cep_input_scan(cep_input *input, const void *record, size_t record_len, cep_disorder *disorder, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  API_NEED(record || record_len == 0, "record", "is NULL");
  API_NEED(disorder, "disorder", "is NULL");
  API_NEED(disorder->size == sizeof *disorder, "disorder", "has a size that is not sizeof(cep_disorder)");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_scan(input->inner, record ? record : "", record_len, disorder, err));
}

cep_status cep_input_lateness(cep_input *input, cep_duration lateness, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  API_NEED(lateness >= 0, "lateness", "is negative");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_wait(input->inner, lateness, err));
}

int cep_input_csv(const cep_input *input, char *delimiter, char *quote)
{
  return input && delimiter && quote && rt_input_csv(input->inner, delimiter, quote);
}

cep_time_source cep_input_time_source(const cep_input *input)
{
  if (!input) return CEP_TIME_OF_EVENT;
  const prg *image = input->engine->program->image;
  return (cep_time_source)image->inputs[rt_input_declared(input->inner)].clock;
}

cep_duration cep_input_idle_after(const cep_input *input)
{
  if (!input) return 0;
  const prg *image = input->engine->program->image;
  return image->inputs[rt_input_declared(input->inner)].idle;
}

/* ---- Tables ------------------------------------------------------------------------------ */

cep_status cep_engine_table(cep_engine *engine, const char *name, const void *data, size_t data_len, cep_error *err)
{
  API_NEED(engine, "engine", "is NULL");
  API_NEED(name, "name", "is NULL");
  API_NEED(data || data_len == 0, "data", "is NULL");
  uint32_t table = 0;
  cep_status status = api_find_table(engine->program->image, name, &table, err);
  if (status == CEP_OK) status = api_enter(engine, err);
  if (status < 0) return status;
  nfa_table *rows = NULL;
  status = rt_engine_rows(engine->inner, table, data_len > 0 ? data : "", data_len, &rows, err);
  if (status < 0) {
    (void)api_leave(engine, CEP_OK); /* the engine itself lacks nothing and goes on */
    return status;
  }
  return api_leave(engine, rt_engine_table(engine->inner, table, rows, err));
}

/* ---- Time -------------------------------------------------------------------------------- */

cep_status cep_input_advance(cep_input *input, cep_time watermark, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_advance(input->inner, watermark, err));
}

cep_status cep_input_clock(cep_input *input, cep_time now, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  API_NEED(now > CEP_TIME_MIN && now < CEP_TIME_MAX, "now", "is no time");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_clock(input->inner, now, err));
}

cep_status cep_input_idle(cep_input *input, int idle, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_idle(input->inner, idle != 0, err));
}

cep_status cep_input_end(cep_input *input, cep_error *err)
{
  API_NEED(input, "input", "is NULL");
  cep_status status = api_enter(input->engine, err);
  if (status < 0) return status;
  return api_leave(input->engine, rt_input_end(input->inner, err));
}

cep_status cep_engine_flush(cep_engine *engine, cep_error *err)
{
  API_NEED(engine, "engine", "is NULL");
  cep_status status = api_enter(engine, err);
  if (status < 0) return status;
  return api_leave(engine, rt_engine_flush(engine->inner, err));
}

cep_status cep_engine_finish(cep_engine *engine, cep_error *err)
{
  API_NEED(engine, "engine", "is NULL");
  cep_status status = api_enter(engine, err);
  if (status < 0) return status;
  return api_leave(engine, rt_engine_finish(engine->inner, err));
}

cep_time cep_engine_watermark(const cep_engine *engine, const cep_input **held_by)
{
  if (held_by) *held_by = NULL;
  if (!engine) return CEP_TIME_MIN;
  const rt_input *holder = NULL;
  cep_time time = rt_engine_watermark(engine->inner, &holder);
  for (const cep_input *input = engine->inputs; held_by && input; input = input->next) {
    if (input->inner == holder) *held_by = input;
  }
  return time;
}

const char *cep_input_name(const cep_input *input)
{
  if (!input) return NULL;
  const prg *image = input->engine->program->image;
  return prg_text(image, image->inputs[rt_input_declared(input->inner)].name);
}

cep_status cep_input_look(const cep_input *input, cep_input_state *out)
{
  if (!input || !out || out->size < sizeof out->size) return CEP_E_INVALID;
  cep_input_state state;
  rt_input_look(input->inner, &state);
  state.size = out->size;
  memcpy(out, &state, out->size < sizeof state ? out->size : sizeof state);
  return CEP_OK;
}

/* ---- Statistics ---------------------------------------------------------------------------- */

uint64_t cep_engine_stat(const cep_engine *engine, cep_stat which, uint32_t index)
{
  static const enum {
    SCOPE_engine,
    SCOPE_input,
    SCOPE_stream,
    SCOPE_detection,
    SCOPE_table
  } scopes[] = {
#define T(name, scope, unit, text) SCOPE_##scope,
#include "cep/stats.def"
#undef T
  };
  if (!engine || (unsigned)which >= CEP_STAT_COUNT) return 0;
  if (index != CEP_NONE) {
    const prg *image = engine->program->image;
    const uint32_t counts[] = {[SCOPE_engine] = 0,
                               [SCOPE_input] = image->inputs_count,
                               [SCOPE_stream] = image->streams_count,
                               [SCOPE_detection] = image->detections_count,
                               [SCOPE_table] = image->tables_count};
    if (index >= counts[scopes[which]]) return 0;
  }
  return rt_engine_stat(engine->inner, which, index);
}

const char *cep_stat_name(cep_stat which)
{
  static const char *const names[] = {
#define T(name, scope, unit, text) #name,
#include "cep/stats.def"
#undef T
  };
  return (unsigned)which < CEP_STAT_COUNT ? names[which] : "";
}

const char *cep_stat_scope(cep_stat which)
{
  static const char *const scopes[] = {
#define T(name, scope, unit, text) #scope,
#include "cep/stats.def"
#undef T
  };
  return (unsigned)which < CEP_STAT_COUNT ? scopes[which] : "";
}
