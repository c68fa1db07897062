/* api_test.c - runs the test blocks of a program on a virtual clock. */
#include <string.h>

#include "cep/api_internal.h"
#include "cep/base/arena.h"
#include "cep/base/time.h"
#include "cep/base/vec.h"
#include "nfa/cover.h"
#include "patterns/plan.h"

/* An alert of the tested detection, with values of its own. */
typedef struct seen_alert {
  uint32_t kind; /* cep_match_kind */
  int is_taken;
  cep_time time;
  uint32_t value_count;
  cep_value *values;
} seen_alert;

typedef struct seen_input {
  rt_input *inner;
  uint32_t declared;
  uint32_t partition;
} seen_input;

/*
 * One run of one test block.
 *
 * Every input's watermark is `raised`, the newest time of the block so far. An alert may
 * need the whole of that instant (events of later inputs, suppression, detections over
 * detections), so before an expectation the watermark goes one nanosecond further, unless
 * the block still has events for the same instant.
 */
typedef struct test_run {
  const prg *program;
  const prg_test *test;
  rt_engine *engine;
  cb_alloc *alloc;
  cb_arena arena;
  CB_VEC(seen_alert) alerts;
  CB_VEC(seen_input) inputs;
  cep_time newest;
  cep_time raised;
  uint64_t late;
  int is_out_of_memory;
  cb_writer expected; /* filled by the expectation that fails */
  cb_writer got;
  cb_writer refused; /* why an event was not taken; empty: all were */
  uint32_t line;
  uint32_t column;
} test_run;

/* ---- What comes out -------------------------------------------------------------------- */

static int copy_value(cb_arena *arena, const cep_value *from, cep_value *to)
{
  *to = *from;
  if (from->kind != CEP_STRING && from->kind != CEP_IP) return 1;
  to->as.s = cb_arena_text(arena, from->as.s, from->length);
  return to->as.s != NULL;
}

static int take_alert(void *ctx, const rt_alert *alert)
{
  test_run *run = ctx;
  if (alert->detection != run->test->detection) return 0;
  seen_alert seen = {alert->kind, 0, alert->time, alert->output_count, NULL};
  seen.values = cb_arena_take(&run->arena, (alert->output_count + 1) * sizeof *seen.values);
  int ok = seen.values != NULL;
  for (uint32_t i = 0; ok && i < alert->output_count; i++)
    ok = copy_value(&run->arena, &alert->outputs[i], &seen.values[i]);
  if (!ok || !cb_vec_push(run->alloc, &run->alerts, seen)) run->is_out_of_memory = 1;
  return 0;
}

static void take_refused(void *ctx, const cep_refused *refused)
{
  test_run *run = ctx;
  if (run->refused.len == 0) cb_write_text(&run->refused, refused->detail);
}

static seen_alert *next_alert(test_run *run)
{
  for (uint32_t i = 0; i < run->alerts.count; i++) {
    if (!run->alerts.at[i].is_taken) return &run->alerts.at[i];
  }
  return NULL;
}

/* ---- Sentences ---------------------------------------------------------------------------- */

/* Times of tests are near 1970, where they read best as the block writes them. */
static void write_time(cb_writer *writer, cep_time time)
{
  char text[CB_TIME_TEXT_MAX];
  if (time >= 0 && time < 400 * 86400 * CB_SECOND)
    cb_duration_print(time, text);
  else
    cb_time_print(time, text);
  cb_write_printf(writer, "at %s ", text);
}

static const prg_output *outputs_of(const test_run *run, int is_timeout)
{
  const prg_detection *detection = &run->program->detections[run->test->detection];
  return run->program->outputs + (is_timeout ? detection->timeout_outputs.first : detection->outputs.first);
}

static void write_alert(cb_writer *writer, const test_run *run, const seen_alert *alert)
{
  int is_timeout = alert->kind == CEP_TIMEOUT;
  const prg_output *outputs = outputs_of(run, is_timeout);
  write_time(writer, alert->time);
  cb_write_text(writer, is_timeout ? "timeout {" : alert->kind == CEP_UPDATE ? "update {" : "{");
  for (uint32_t i = 0; i < alert->value_count; i++) {
    cb_write_printf(writer, "%s%s: ", i ? ", " : "", prg_text(run->program, outputs[i].name));
    cb_value_write_json(writer, &alert->values[i]);
  }
  cb_write_text(writer, "}");
}

static void write_expected(cb_writer *writer, const test_run *run, const prg_test_action *action)
{
  int is_timeout = action->what == PLAN_TEST_TIMEOUT;
  const prg_output *outputs = outputs_of(run, is_timeout);
  if (action->has_time) write_time(writer, action->time);
  cb_write_text(writer, is_timeout ? "timeout {" : action->what == PLAN_TEST_UPDATE ? "update {" : "{");
  for (uint32_t i = 0; i < action->values.count; i++) {
    const prg_test_value *value = &run->program->test_values[action->values.first + i];
    cep_value constant = prg_const_value(run->program, value->value);
    cb_write_printf(writer, "%s%s: ", i ? ", " : "", prg_text(run->program, outputs[value->field].name));
    cb_value_write_json(writer, &constant);
  }
  cb_write_text(writer, "}");
}

static void write_next(test_run *run)
{
  const seen_alert *alert = next_alert(run);
  if (alert)
    write_alert(&run->got, run, alert);
  else
    cb_write_text(&run->got, "no alert");
}

/* ---- What goes in ------------------------------------------------------------------------- */

static cep_status open_input(test_run *run, uint32_t declared, uint32_t partition, cep_error *err)
{
  for (uint32_t i = 0; i < run->inputs.count; i++) {
    if (run->inputs.at[i].declared == declared && run->inputs.at[i].partition == partition) return CEP_OK;
  }
  seen_input input = {NULL, declared, partition};
  cep_status status = rt_engine_input(run->engine, declared, partition, &input.inner, err);
  if (status == CEP_OK && !cb_vec_push(run->alloc, &run->inputs, input)) status = CEP_E_NOMEM;
  return status;
}

/* Partition 0 of each, so that time moves in all of them, and those that the block names. */
static cep_status open_inputs(test_run *run, cep_error *err)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < run->program->inputs_count && status == CEP_OK; i++)
    status = open_input(run, i, 0, err);
  for (uint32_t i = 0; i < run->test->actions.count && status == CEP_OK; i++) {
    const prg_test_action *action = &run->program->test_actions[run->test->actions.first + i];
    if (action->what != PLAN_TEST_AT) continue;
    uint32_t declared = run->program->streams[action->stream].input;
    if (declared != PRG_NONE) status = open_input(run, declared, action->partition, err);
  }
  return status;
}

static rt_input *find_input(test_run *run, uint32_t declared, uint32_t partition)
{
  for (uint32_t i = 0; i < run->inputs.count; i++) {
    const seen_input *input = &run->inputs.at[i];
    if (input->declared == declared && input->partition == partition) return input->inner;
  }
  CB_UNREACHABLE();
}

static cep_status raise_all(test_run *run, cep_time time, cep_error *err)
{
  if (time <= run->raised) return CEP_OK;
  run->raised = time;
  for (uint32_t i = 0; i < run->inputs.count; i++) {
    cep_status status = rt_input_advance(run->inputs.at[i].inner, time, err);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* The event of an `at`, all fields null but those that are named and the time. */
static cep_event make_event(test_run *run, const prg_test_action *action, cep_value *fields, cep_time time)
{
  const prg *program = run->program;
  const prg_stream *stream = &program->streams[action->stream];
  for (uint32_t i = 0; i < stream->fields.count; i++)
    fields[i] = program->fields[stream->fields.first + i].is_time ? cb_value_i(CEP_TIME, time) : cb_null();
  for (uint32_t i = 0; i < action->values.count; i++) {
    const prg_test_value *value = &program->test_values[action->values.first + i];
    fields[value->field] = prg_const_value(program, value->value);
  }
  return (cep_event){sizeof(cep_event), action->stream, time,
                     CEP_POSITION_NEXT, fields,         stream->fields.count};
}

static cep_status do_at(test_run *run, const prg_test_action *action, cep_error *err)
{
  const prg_stream *stream = &run->program->streams[action->stream];
  cep_value *fields = cb_arena_take(&run->arena, (stream->fields.count + 1) * sizeof *fields);
  if (!fields) return CEP_E_NOMEM;
  cep_time time = action->time;
  for (uint64_t i = 0; i < action->repeat; i++, time = cb_time_add(time, action->every)) {
    cep_event event = make_event(run, action, fields, time);
    cep_status status = stream->input == PRG_NONE
                            ? rt_engine_derived_row(run->engine, &event, err)
                            : rt_input_row(find_input(run, stream->input, action->partition), &event, err);
    if (status == CEP_LATE) run->late++;
    if (time > run->newest) run->newest = time;
    if (status >= 0) status = raise_all(run, run->newest, err);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- Expectations ----------------------------------------------------------------------------- */

/* 1 if an event of the newest instant is still to come from a later line of the block. */
static int instant_goes_on(const test_run *run, const prg_test_action *from)
{
  const prg_test_action *end =
      run->program->test_actions + run->test->actions.first + run->test->actions.count;
  for (const prg_test_action *action = from; action < end; action++) {
    if (action->what == PLAN_TEST_AT && action->time == run->newest) return 1;
  }
  return 0;
}

static int alert_fits(const test_run *run, const prg_test_action *action, const seen_alert *alert)
{
  int is_timeout = action->what == PLAN_TEST_TIMEOUT, is_update = action->what == PLAN_TEST_UPDATE;
  if ((alert->kind == CEP_TIMEOUT) != is_timeout || (alert->kind == CEP_UPDATE) != is_update || (action->has_time && alert->time != action->time)) return 0;
  for (uint32_t i = 0; i < action->values.count; i++) {
    const prg_test_value *value = &run->program->test_values[action->values.first + i];
    cep_value constant = prg_const_value(run->program, value->value);
    if (!cb_value_same(&constant, &alert->values[value->field])) return 0;
  }
  return 1;
}

static int expect_alert(test_run *run, const prg_test_action *action)
{
  seen_alert *alert = next_alert(run);
  if (alert && alert_fits(run, action, alert)) {
    alert->is_taken = 1;
    return 1;
  }
  write_expected(&run->expected, run, action);
  write_next(run);
  return 0;
}

static void write_count(cb_writer *writer, uint64_t count, const char *what)
{
  cb_write_printf(writer, "%llu %s%s", (unsigned long long)count, what, count == 1 ? "" : "es");
}

static int expect_count(test_run *run, const prg_test_action *action)
{
  uint64_t count = 0;
  int times_fit = 1;
  for (uint32_t i = 0; i < run->alerts.count; i++) {
    const seen_alert *alert = &run->alerts.at[i];
    if (alert->is_taken || alert->kind == CEP_TIMEOUT) continue;
    count++;
    times_fit &= !action->has_time || alert->time == action->time;
  }
  if (count == action->repeat && times_fit) {
    for (uint32_t i = 0; i < run->alerts.count; i++) {
      if (run->alerts.at[i].kind != CEP_TIMEOUT) run->alerts.at[i].is_taken = 1;
    }
    return 1;
  }
  if (action->has_time) write_time(&run->expected, action->time);
  write_count(&run->expected, action->repeat, "match");
  write_count(&run->got, count, "match");
  for (uint32_t i = 0; i < run->alerts.count; i++) {
    if (run->alerts.at[i].is_taken || run->alerts.at[i].kind == CEP_TIMEOUT) continue;
    cb_write_text(&run->got, "; ");
    write_alert(&run->got, run, &run->alerts.at[i]);
  }
  return 0;
}

static int expect_nothing(test_run *run, const char *expected)
{
  if (!next_alert(run)) return 1;
  cb_write_text(&run->expected, expected);
  write_next(run);
  return 0;
}

static int expect_late(test_run *run, const prg_test_action *action)
{
  if (run->late == action->repeat) return 1;
  cb_write_printf(&run->expected, "%llu late", (unsigned long long)action->repeat);
  cb_write_printf(&run->got, "%llu late", (unsigned long long)run->late);
  return 0;
}

static int expectation_holds(test_run *run, const prg_test_action *action)
{
  switch ((plan_test_do)action->what) {
  case PLAN_TEST_MATCH:
  case PLAN_TEST_TIMEOUT:
  case PLAN_TEST_UPDATE: return expect_alert(run, action);
  case PLAN_TEST_COUNT: return expect_count(run, action);
  case PLAN_TEST_NOTHING: return expect_nothing(run, "nothing");
  case PLAN_TEST_LATE: return expect_late(run, action);
  case PLAN_TEST_AT:
  case PLAN_TEST_WATERMARK: break;
  }
  CB_UNREACHABLE();
}

/* ---- The block --------------------------------------------------------------------------------- */

static cep_status close_instant(test_run *run, const prg_test_action *from, cep_error *err)
{
  if (run->newest == CEP_TIME_MIN || instant_goes_on(run, from)) return CEP_OK;
  return raise_all(run, cb_time_add(run->newest, 1), err);
}

static cep_status do_action(test_run *run, const prg_test_action *action, int *passed, cep_error *err)
{
  run->line = action->line;
  run->column = action->column;
  cep_status status;
  switch ((plan_test_do)action->what) {
  case PLAN_TEST_AT:
    status = do_at(run, action, err);
    if (run->refused.len == 0) return status;
    cb_write_text(&run->expected, "an event that the stream takes");
    cb_write_bytes(&run->got, run->refused.data, run->refused.len);
    *passed = 0;
    return status;
  case PLAN_TEST_WATERMARK:
    if (action->time > run->newest) run->newest = action->time;
    return raise_all(run, run->newest, err);
  case PLAN_TEST_MATCH:
  case PLAN_TEST_TIMEOUT:
  case PLAN_TEST_UPDATE:
  case PLAN_TEST_COUNT:
  case PLAN_TEST_NOTHING:
  case PLAN_TEST_LATE:
    status = close_instant(run, action, err);
    if (status == CEP_OK) *passed = expectation_holds(run, action);
    return status;
  }
  CB_UNREACHABLE();
}

static cep_status run_actions(test_run *run, int *passed, cep_error *err)
{
  const prg_test_action *actions = run->program->test_actions + run->test->actions.first;
  cep_status status = open_inputs(run, err);
  *passed = 1;
  for (uint32_t i = 0; i < run->test->actions.count && *passed && status == CEP_OK; i++)
    status = do_action(run, &actions[i], passed, err);
  if (status < 0 || !*passed) return status;
  run->line = run->test->line;
  run->column = run->test->column;
  status = close_instant(run, actions + run->test->actions.count, err);
  if (status == CEP_OK) *passed = expect_nothing(run, "no further alert");
  return status;
}

static const char *text_of(cb_writer *writer)
{
  cb_write_u8(writer, 0);
  return writer->status < 0 ? "" : (const char *)writer->data;
}

/* The rows of each table; NULL: none. */
static cep_status give_tables(rt_engine *engine, nfa_table *const *rows, cep_error *err)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < rt_engine_program(engine)->tables_count && status == CEP_OK; i++) {
    if (!rows[i]) continue;
    nfa_table_ref(rows[i]);
    status = rt_engine_table(engine, i, rows[i], err);
  }
  return status;
}

static cep_status run_test(const cep_program *program, cb_alloc *alloc, const prg_test *test, nfa_table *const *tables,
                           nfa_cover *cover, cep_test_fn report, void *ctx, int *passed, cep_error *err)
{
  test_run run = {.program = program->image, .test = test, .alloc = alloc};
  run.newest = run.raised = CEP_TIME_MIN;
  run.line = test->line;
  run.column = test->column;
  cb_arena_init(&run.arena, alloc);
  cb_writer_init(&run.expected, alloc);
  cb_writer_init(&run.got, alloc);
  cb_writer_init(&run.refused, alloc);
  rt_options options = api_options(&program->settings, &alloc->hook);
  options.batch_events = 1;
  options.ignore_lateness = 1;
  options.dead_letter = take_refused;
  options.dead_letter_ctx = &run;
  const nfa_trace trace = {.cover = cover};
  if (cover) {
    options.trace = &trace;
    options.traced = prg_text(program->image, program->image->detections[test->detection].name);
    options.workers = 1;
  }
  cep_status status = api_check_evaluator(&program->settings, program->image, err);
  if (status == CEP_OK) status = rt_engine_new(&options, program->image, take_alert, &run, &run.engine);
  if (status == CEP_OK) status = give_tables(run.engine, tables, err);
  if (status == CEP_OK) status = run_actions(&run, passed, err);
  if (status >= 0 && run.is_out_of_memory) status = CEP_E_NOMEM;
  if (status >= 0) {
    const char *detection = prg_text(program->image, program->image->detections[test->detection].name);
    cep_test_result result = {detection,        prg_text(program->image, test->name),
                              *passed,          run.line,
                              run.column,       text_of(&run.expected),
                              text_of(&run.got)};
    if (run.expected.status < 0 || run.got.status < 0)
      status = CEP_E_NOMEM;
    else if (report)
      report(ctx, &result);
  }
  if (status == CEP_E_NOMEM)
    cb_error_set(err, status, "no memory for the test \"%s\"", prg_text(program->image, test->name));
  rt_engine_free(run.engine);
  cb_writer_fini(&run.refused);
  cb_writer_fini(&run.got);
  cb_writer_fini(&run.expected);
  cb_vec_free(alloc, &run.inputs);
  cb_vec_free(alloc, &run.alerts);
  cb_arena_fini(&run.arena);
  return status;
}

/* ---- All of them ------------------------------------------------------------------------------- */

/* The first row that cannot be read. */
static void keep_first(void *ctx, const cep_refused *refused)
{
  cep_error *err = ctx;
  if (err->status == CEP_OK) (void)cb_error_set(err, CEP_E_INVALID, "%s", refused->detail);
}

cep_status api_read_rows(const cep_program *program, const cep_table_rows *given, nfa_table **tables, cep_error *err)
{
  uint32_t table = 0;
  uint64_t refused_count = 0;
  cep_error refused = {.status = CEP_OK};
  API_NEED(given->name && (given->data || given->data_len == 0), "tables", "has a table without name or data");
  cep_status status = api_find_table(program->image, given->name, &table, err);
  if (status < 0) return status;
  API_NEED(!tables[table], "tables", "has a table twice");
  rt_options options = api_options(&program->settings, &program->alloc.hook);
  rt_table_options reading = {.hook = options.hook,
                              .limits = {options.table_rows, options.table_bytes},
                              .record_max = options.record_max,
                              .json_depth = options.json_depth,
                              .refused = keep_first,
                              .refused_ctx = &refused};
  status = rt_table_read(&reading, program->image, table, given->data_len > 0 ? given->data : "", given->data_len,
                         &tables[table], &refused_count, err);
  if (status < 0 || refused_count == 0) return status;
  if (err) *err = refused;
  return CEP_E_INVALID;
}

static int is_wanted(const cep_program *program, const cep_test_options *options, const prg_test *test)
{
  const prg *image = program->image;
  if (!options->wants) return 1;
  return options->wants(options->ctx, prg_text(image, image->detections[test->detection].name), prg_text(image, test->name));
}

/* ---- Coverage ---------------------------------------------------------------------------------- */

static cep_status make_covers(const cep_program *program, cb_alloc *alloc, nfa_cover **out, cep_error *err)
{
  uint32_t count = program->image->detections_count;
  nfa_cover *covers = cb_new0(alloc, count * sizeof *covers);
  cep_status status = covers ? CEP_OK : CEP_E_NOMEM;
  for (uint32_t d = 0; d < count && status == CEP_OK; d++) status = nfa_cover_init(&covers[d], alloc, program->image, d);
  *out = covers;
  return status < 0 ? cb_error_set(err, status, "no memory to count what the tests reach") : status;
}

static void free_covers(const cep_program *program, cb_alloc *alloc, nfa_cover *covers)
{
  uint32_t count = program->image->detections_count;
  for (uint32_t d = 0; covers && d < count; d++) nfa_cover_fini(&covers[d]);
  cb_free(alloc, covers, count * sizeof *covers);
}

typedef struct cover_telling {
  const cep_test_options *options;
  const char *detection;
} cover_telling;

static void tell_cover(void *ctx, const char *what, const char *of, const char *text, uint64_t times)
{
  const cover_telling *telling = ctx;
  const cep_coverage item = {telling->detection, what, of, text, times};
  telling->options->covered(telling->options->ctx, &item);
}

static cep_status tell_covers(const cep_program *program, const nfa_cover *covers, const cep_test_options *options, cep_error *err)
{
  cep_status status = CEP_OK;
  for (uint32_t d = 0; d < program->image->detections_count && status == CEP_OK; d++) {
    cover_telling telling = {options, prg_text(program->image, program->image->detections[d].name)};
    status = nfa_cover_list(&covers[d], tell_cover, &telling);
  }
  return status < 0 ? cb_error_set(err, status, "no memory to tell what the tests reach") : status;
}

cep_status cep_program_test_run(cep_program *program, const cep_test_options *given, uint32_t *failed_out, cep_error *err)
{
  API_NEED(program, "program", "is NULL");
  API_NEED(given && given->size >= sizeof given->size, "options", "is NULL or has no size");
  cep_test_options options = {.size = 0};
  memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
  API_NEED(options.tables || options.table_count == 0, "tables", "is NULL");
  API_NEED(failed_out, "failed_out", "is NULL");
  cb_alloc alloc;
  cb_alloc_init(&alloc, &program->alloc.hook, 0);
  uint32_t failed = 0;
  size_t size = program->image->tables_count * sizeof(nfa_table *);
  nfa_table **rows = cb_new0(&alloc, size);
  cep_status status = rows ? CEP_OK : cb_error_set(err, CEP_E_NOMEM, "no memory for the tables of tests");
  for (size_t i = 0; i < options.table_count && status == CEP_OK; i++) status = api_read_rows(program, &options.tables[i], rows, err);
  nfa_cover *covers = NULL;
  if (options.covered && status == CEP_OK) status = make_covers(program, &alloc, &covers, err);
  for (uint32_t i = 0; i < program->image->tests_count && status >= 0; i++) {
    int passed = 0;
    const prg_test *test = &program->image->tests[i];
    if (!is_wanted(program, &options, test)) continue;
    status = run_test(program, &alloc, test, rows, covers ? &covers[test->detection] : NULL, options.report, options.ctx, &passed, err);
    failed += !passed;
  }
  if (covers && status >= 0) status = tell_covers(program, covers, &options, err);
  free_covers(program, &alloc, covers);
  for (uint32_t i = 0; rows && i < program->image->tables_count; i++) nfa_table_unref(rows[i]);
  cb_free(&alloc, rows, size);
  if (status < 0) return status;
  *failed_out = failed;
  return CEP_OK;
}

cep_status cep_program_test_with(cep_program *program, const cep_table_rows *tables, size_t table_count,
                                 cep_test_fn report, void *ctx, uint32_t *failed_out, cep_error *err)
{
  const cep_test_options options = {
      .size = sizeof options, .tables = tables, .table_count = table_count, .report = report, .ctx = ctx};
  return cep_program_test_run(program, &options, failed_out, err);
}

cep_status cep_program_test(cep_program *program, cep_test_fn report, void *ctx, uint32_t *failed_out, cep_error *err)
{
  return cep_program_test_with(program, NULL, 0, report, ctx, failed_out, err);
}
