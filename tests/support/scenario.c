/* scenario.c - runs a scenario through cep.h. */
#include "tests/support/scenario.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/scenario_parts.h"
#include "tests/support/scenario_run.h"

#define SAVES_MAX 8u /* of one run in the way `saved` */

const scn_way scn_ways[] = {
    {.name = "as written"},
    {.name = "program saved and loaded", .image = 1},
    {.name = "every key saved and loaded after each event", .reload_keys = 1},
    {.name = "batches of 1024", .batch = 1024, .together = 1},
    {.name = "pushed together", .together = 1},
    {.name = "smallest slabs", .small_slabs = 1, .batch = 1},
    {.name = "partial matches looked up", .index_runs = 1},
    {.name = "partial matches looked up, saved and loaded, smallest slabs", .reload_keys = 1, .small_slabs = 1, .index_runs = 1},
    {.name = "the runs evaluator alone", .evaluator = 1},
    {.name = "every detection asked about every event", .ask_all = 1},
    {.name = "three workers", .workers = 3},
    {.name = "eight workers, smallest rings, batches of 7", .small_slabs = 1, .batch = 7, .together = 1, .workers = 8},
    {.name = "three workers and a crew", .workers = 3, .crew = 1},
    {.name = "eight workers and a crew, smallest rings", .small_slabs = 1, .workers = 8, .crew = 1},
    {.name = "saved, and put back with other workers", .saved = 1},
    {.name = "saved, and put back with other workers, batches of 5", .saved = 1, .small_slabs = 1, .batch = 5},
};
const uint32_t scn_way_count = sizeof scn_ways / sizeof *scn_ways;

void *scn_take(cb_arena *arena, size_t size)
{
  void *p = cb_arena_take(arena, size ? size : 1);
  CB_ASSERT(p);
  return p;
}

scn_outcome *scn_outcome_new(cb_arena *arena, const scenario *sc)
{
  scn_outcome *outcome = scn_take(arena, sizeof *outcome);
  outcome->late = scn_take(arena, (sc->act_count + 1) * sizeof *outcome->late);
  return outcome;
}

scn_output *scn_output_add(cb_arena *arena, scn_outcome *outcome)
{
  if (outcome->output_count == outcome->output_room) {
    uint32_t room = outcome->output_room ? outcome->output_room * 2 : 16;
    scn_output *grown = scn_take(arena, room * sizeof *grown);
    if (outcome->output_count) memcpy(grown, outcome->outputs, outcome->output_count * sizeof *grown);
    outcome->outputs = grown;
    outcome->output_room = room;
  }
  return &outcome->outputs[outcome->output_count++];
}

cep_value scn_copy_value(cb_arena *arena, const cep_value *value)
{
  cep_value copy = *value;
  if (value->kind == CEP_STRING || value->kind == CEP_IP) {
    copy.as.s = cb_arena_text(arena, value->as.s, value->length);
    CB_ASSERT(copy.as.s);
  }
  return copy;
}

void scn_fail(scn_outcome *outcome, cep_status status, const char *what, const char *text)
{
  if (outcome->status < 0) return;
  outcome->status = status;
  snprintf(outcome->error, sizeof outcome->error, "%s: %s", what, text);
}

/* ---- Out of the callback ------------------------------------------------------------- */

static uint32_t tag_of(const scn_run *run, const cep_captured *captured)
{
  for (uint32_t i = 0; i < run->sc->act_count; i++) {
    const scn_act *act = &run->sc->acts[i];
    if (act->what != SCN_PUSH || act->position != captured->position) continue;
    const scn_input *input = &run->sc->inputs[act->input];
    if (input->partition == captured->partition && strcmp(input->name, captured->input) == 0) return act->tag;
  }
  return CEP_NONE;
}

static void copy_captures(scn_run *run, const cep_match *match, scn_output *out)
{
  out->capture_count = cep_match_event_count(match);
  scn_capture *captures = scn_take(run->arena, out->capture_count * sizeof *captures);
  for (uint32_t i = 0; i < out->capture_count; i++) {
    cep_captured event = {.size = sizeof event};
    cep_status status = cep_match_event(match, i, &event);
    CB_ASSERT(status == CEP_OK);
    captures[i].step = event.step_number;
    captures[i].step_name = cb_arena_text(run->arena, event.step, strlen(event.step));
    captures[i].stream = cb_arena_text(run->arena, event.stream, strlen(event.stream));
    captures[i].tag = event.input && event.input[0] ? tag_of(run, &event) : CEP_NONE;
    captures[i].time = event.time;
  }
  out->captures = captures;
}

typedef const cep_value *(*value_fn)(const cep_match *match, uint32_t index, const char **name);

static uint32_t copy_values(scn_run *run, const cep_match *match, value_fn get, const cep_value **out,
                            const char *const **names_out)
{
  uint32_t count = 0;
  const char *name = NULL;
  while (get(match, count, &name)) count++;
  cep_value *values = scn_take(run->arena, count * sizeof *values);
  const char **names = scn_take(run->arena, count * sizeof *names);
  for (uint32_t i = 0; i < count; i++) {
    values[i] = scn_copy_value(run->arena, get(match, i, &name));
    names[i] = cb_arena_text(run->arena, name, strlen(name));
  }
  *out = values;
  *names_out = names;
  return count;
}

static cep_status keep_json(void *ctx, const void *data, size_t len)
{
  cb_write_bytes(ctx, data, len);
  return ((cb_writer *)ctx)->status;
}

static const char *json_of(scn_run *run, const cep_match *match)
{
  cb_writer w;
  cb_writer_init(&w, run->arena->alloc);
  cep_status status = cep_match_write_json(match, keep_json, &w);
  CB_ASSERT(status == CEP_OK);
  const char *text = cb_arena_text(run->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return text;
}

static int on_match(void *ctx, const cep_match *match)
{
  scn_run *run = ctx;
  scn_output *out = scn_output_add(run->arena, run->outcome);
  memset(out, 0, sizeof *out);
  out->detection = cep_match_detection(match);
  const char *name = cep_program_detection_name(run->program, out->detection);
  out->name = cb_arena_text(run->arena, name, strlen(name));
  out->kind = cep_match_what(match);
  out->time = cep_match_time(match);
  out->suppressed = cep_match_suppressed(match);
  memcpy(out->id, cep_match_id(match), sizeof out->id);
  out->json = json_of(run, match);
  out->act = run->act;
  copy_captures(run, match, out);
  out->key_count = copy_values(run, match, cep_match_key, &out->keys, &out->key_names);
  out->value_count = copy_values(run, match, cep_match_value, &out->values, &out->value_names);
  return 0;
}

/* ---- The run -------------------------------------------------------------------------- */

static cep_status keep_image(void *ctx, const void *data, size_t len)
{
  scn_run *run = ctx;
  cb_write_bytes(&run->image, data, len);
  return run->image.status;
}

static void note(scn_run *run, cep_status status, const char *what, const cep_error *err)
{
  if (status >= 0) return;
  char text[400];
  snprintf(text, sizeof text, "%s (%u:%u): %s", cep_status_name(status), err->line, err->column, err->text);
  scn_fail(run->outcome, status, what, text);
}

/* Which of the events that were pushed together it is: what was read before it was pushed before it. */
static void on_late(void *ctx, const cep_refused *refused)
{
  scn_run *run = ctx;
  (void)refused;
  if (!run->together) return;
  uint64_t read = cep_engine_stat(run->engine, CEP_STAT_RECORDS_READ, run->declared) - run->read_before;
  run->outcome->late[run->outcome->late_count++] = run->sc->acts[run->act + read - 1].tag;
}

cep_config *scn_run_config(scn_run *run, const scn_way *way, uint32_t worker_count)
{
  cep_config *config = NULL;
  cep_error err = {0};
  cep_status status = cep_config_new(run->allocator, &config);
  CB_ASSERT(status == CEP_OK);
  if (way->reload_keys) note(run, cep_config_set(config, "debug.reload_keys", "1", &err), "config", &err);
  if (way->small_slabs) note(run, cep_config_set(config, "debug.small_slabs", "1", &err), "config", &err);
  if (way->ask_all) note(run, cep_config_set(config, "debug.predicate_index", "0", &err), "config", &err);
  if (way->index_runs) note(run, cep_config_set(config, "debug.index_runs", "1", &err), "config", &err);
  char batch[16], workers[16], evaluator[16];
  snprintf(evaluator, sizeof evaluator, "%u", way->evaluator);
  if (way->evaluator) note(run, cep_config_set(config, "debug.evaluator", evaluator, &err), "config", &err);
  snprintf(workers, sizeof workers, "%u", worker_count);
  if (worker_count && !way->crew) note(run, cep_config_set(config, "debug.workers", workers, &err), "config", &err);
  snprintf(batch, sizeof batch, "%u", way->batch);
  if (way->batch) note(run, cep_config_set(config, "batch.events", batch, &err), "config", &err);
  if (way->together) cep_config_set_late(config, on_late, run);
  return config;
}

void scn_run_program(scn_run *run, const cep_config *config, int image)
{
  cep_error err = {0};
  const char *text = run->sc->text;
  note(run, cep_program_compile(config, "case", text, strlen(text), &run->program, &err), "compile", &err);
  if (!run->program || !image) return;
  note(run, cep_program_save(run->program, keep_image, run, &err), "save", &err);
  cep_program_free(run->program);
  run->program = NULL;
  note(run, cep_program_load(config, run->image.data, run->image.len, &run->program, &err), "load", &err);
}

static void wake_nobody(void *ctx)
{
  (void)ctx;
}

static void work_by_turns(void *ctx)
{
  scn_turns *by_turns = ctx;
  (void)cep_engine_work(by_turns->engine, by_turns->next++);
}

static void share(scn_run *run, uint32_t workers)
{
  cep_error err = {0};
  cep_crew crew = {sizeof crew, wake_nobody, work_by_turns, &run->turns};
  run->turns.engine = run->engine;
  note(run, cep_engine_share(run->engine, workers, &crew, &err), "share", &err);
}

static void push(scn_run *run, cep_input *input, const scn_act *act)
{
  cep_error err = {0};
  cep_event event = {sizeof event, 0, act->time, act->position, act->values, act->value_count};
  cep_status status = cep_program_stream(run->program, act->stream, &event.stream);
  if (status == CEP_OK) status = cep_input_push(input, &event, &err);
  if (status == CEP_LATE) run->outcome->late[run->outcome->late_count++] = act->tag;
  note(run, status, "push", &err);
}

static uint32_t declared_of(const scn_run *run, const cep_input *input)
{
  uint32_t declared = 0;
  while (strcmp(cep_program_input_name(run->program, declared), cep_input_name(input)) != 0) declared++;
  return declared;
}

/* The act and those behind it that push to the same input. Gives how many. */
static uint32_t push_together(scn_run *run, uint32_t first)
{
  cep_error err = {0};
  const scn_act *acts = &run->sc->acts[first];
  uint32_t count = 1, taken = 0;
  while (first + count < run->sc->act_count && acts[count].what == SCN_PUSH && acts[count].input == acts->input) count++;
  cep_event *events = scn_take(run->arena, count * sizeof *events);
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < count && status == CEP_OK; i++) {
    events[i] = (cep_event){sizeof *events, 0, acts[i].time, acts[i].position, acts[i].values, acts[i].value_count};
    status = cep_program_stream(run->program, acts[i].stream, &events[i].stream);
  }
  run->act = first;
  run->together = run->inputs[acts->input];
  run->declared = declared_of(run, run->together);
  run->read_before = cep_engine_stat(run->engine, CEP_STAT_RECORDS_READ, run->declared);
  if (status == CEP_OK) status = cep_input_push_all(run->together, events, count, &taken, &err);
  CB_ASSERT(status < 0 || taken == count);
  run->together = NULL;
  note(run, status, "push", &err);
  return count;
}

void scn_run_act(scn_run *run, uint32_t number)
{
  const scn_act *act = &run->sc->acts[number];
  cep_error err = {0};
  run->act = number;
  if (act->what == SCN_PUSH) push(run, run->inputs[act->input], act);
  if (act->what == SCN_FINISH) note(run, cep_engine_finish(run->engine, &err), "finish", &err);
  for (uint32_t n = 0; act->what == SCN_ADVANCE && n < run->sc->input_count; n++) {
    if (act->input != CEP_NONE && act->input != n) continue;
    note(run, cep_input_advance(run->inputs[n], act->time, &err), "advance", &err);
  }
  if (act->what == SCN_IDLE) note(run, cep_input_idle(run->inputs[act->input], 1, &err), "idle", &err);
  if (act->what == SCN_CHECK) note(run, cep_engine_flush(run->engine, &err), "flush", &err);
}

/* ---- Making an engine, and putting one back ---------------------------------------------- */

static void make_tables(scn_run *run)
{
  cep_error err = {0};
  plan *meaning = scn_plan(run->arena, run->sc->text, &err);
  if (!meaning) return;
  run->table_count = meaning->table_count;
  run->tables = scn_take(run->arena, meaning->table_count * sizeof *run->tables);
  for (uint32_t i = 0; i < meaning->table_count; i++) {
    cb_writer bytes;
    cb_writer_init(&bytes, run->arena->alloc);
    scn_table_bytes(&bytes, &meaning->tables[i], i, run->sc);
    const char *name = meaning->tables[i].name;
    run->tables[i] = (scn_table){cb_arena_text(run->arena, name, strlen(name)), cb_arena_text(run->arena, (const char *)bytes.data, bytes.len), bytes.len};
    cb_writer_fini(&bytes);
  }
}

static void give_tables(scn_run *run)
{
  cep_error err = {0};
  if (run->sc->row_count > 0 && !run->tables) make_tables(run);
  for (uint32_t i = 0; i < run->table_count; i++) {
    const scn_table *table = &run->tables[i];
    note(run, cep_engine_table(run->engine, table->name, table->data, table->len, &err), "table", &err);
    CB_ASSERT(cep_engine_stat(run->engine, CEP_STAT_TABLE_REFUSED, i) == 0);
  }
}

void scn_run_equip(scn_run *run)
{
  cep_error err = {0};
  for (uint32_t i = 0; run->engine && i < run->sc->input_count; i++) {
    const scn_input *input = &run->sc->inputs[i];
    note(run, cep_engine_input(run->engine, input->name, input->partition, &run->inputs[i], &err), "input", &err);
  }
  if (run->engine && run->outcome->status >= 0) give_tables(run);
}

typedef struct source {
  const cb_writer *from;
  size_t at;
} source;

static cep_status read_state(void *ctx, void *data, size_t cap, size_t *len)
{
  source *it = ctx;
  *len = it->from->len - it->at < cap ? it->from->len - it->at : cap;
  if (*len > 0) memcpy(data, it->from->data + it->at, *len);
  it->at += *len;
  return CEP_OK;
}

void scn_run_save(scn_run *run)
{
  cep_error err = {0};
  char position[16];
  int len = snprintf(position, sizeof position, "%u", run->act);
  cb_writer_reset(&run->image);
  note(run, cep_engine_checkpoint(run->engine, position, (size_t)len, keep_image, run, &err), "save", &err);
}

void scn_run_new(scn_run *run, const cep_config *config)
{
  cep_error err = {0};
  if (run->program) note(run, cep_engine_new(config, run->program, on_match, run, &run->engine, &err), "engine", &err);
}

void scn_run_restore(scn_run *run, const cep_config *config)
{
  cep_error err = {0};
  note(run, cep_engine_restore(config, run->program, on_match, run, read_state, &(source){&run->image, 0}, &run->engine, &err), "restore", &err);
  char expected[16];
  size_t len, expected_len = (size_t)snprintf(expected, sizeof expected, "%u", run->act);
  const void *position = cep_engine_position(run->engine, &len);
  int is_right = !run->engine || (len == expected_len && memcmp(position, expected, len) == 0);
  if (!is_right) note(run, CEP_E_INVALID, "position", &err);
}

void scn_run_count(scn_run *run)
{
  static const cep_stat stats[SCN_COUNTS] = {CEP_STAT_MATCHES, CEP_STAT_TIMEOUTS, CEP_STAT_SUPPRESSED,
                                             CEP_STAT_SKIP_MISSED, CEP_STAT_MATCHES_DROPPED};
  cep_error err = {0};
  if (!run->engine) return;
  note(run, cep_engine_flush(run->engine, &err), "flush", &err);
  run->outcome->partials = cep_engine_stat(run->engine, CEP_STAT_PARTIALS_ACTIVE, CEP_NONE);
  for (uint32_t i = 0; i < SCN_COUNTS; i++) run->outcome->counts[i] = cep_engine_stat(run->engine, stats[i], CEP_NONE);
}

/* ---- From beginning to end ----------------------------------------------------------------- */

/* The state out, the engine away, and another one in its place. */
static void change_engine(scn_run *run, const scn_way *way)
{
  static const uint32_t workers[] = {3, 1, 2, 5};
  cep_error err = {0};
  scn_run_save(run);
  scn_run_save(run->twin);
  if (run->twin->outcome->status < 0) note(run, run->twin->outcome->status, "the second engine", &err);
  int is_same = run->image.len == run->twin->image.len && memcmp(run->image.data, run->twin->image.data, run->image.len) == 0;
  if (!is_same) {
    snprintf(err.text, sizeof err.text, "the saved state after act %u is another one than that of one engine", run->act);
    note(run, CEP_E_INVALID, "saved state", &err);
  }
  if (run->outcome->status < 0) return;
  cep_engine_dismiss(run->engine);
  cep_engine_free(run->engine);
  run->engine = NULL;
  uint32_t count = workers[run->changes++ % (sizeof workers / sizeof *workers)];
  int has_crew = run->changes % 3 == 0;
  cep_config *config = scn_run_config(run, way, has_crew ? 0 : count);
  scn_run_restore(run, config);
  cep_config_free(config);
  if (run->engine && has_crew) share(run, count);
  scn_run_equip(run);
}

static int ignore_match(void *ctx, const cep_match *match)
{
  (void)ctx;
  (void)match;
  return 0;
}

static void drive(scn_run *run, const scn_way *way)
{
  uint32_t every = run->sc->act_count / SAVES_MAX + 1; /* saving costs what there is */
  for (uint32_t i = 0; i < run->sc->act_count && run->outcome->status >= 0; i++) {
    if (way->together && !run->sc->watch && run->sc->acts[i].what == SCN_PUSH) {
      i += push_together(run, i) - 1;
      continue;
    }
    scn_run_act(run, i);
    if (run->twin) scn_run_act(run->twin, i);
    if (run->twin && i % every == 0 && run->outcome->status >= 0) change_engine(run, way);
    if (run->engine && run->sc->watch) run->sc->watch(run->sc->watch_ctx, run->engine);
  }
  scn_run_count(run);
}

void scn_run_init(scn_run *run, cb_arena *arena, const scenario *sc, cb_alloc *alloc)
{
  memset(run, 0, sizeof *run);
  run->arena = arena;
  run->sc = sc;
  run->outcome = scn_outcome_new(arena, sc);
  run->inputs = scn_take(arena, sc->input_count * sizeof *run->inputs);
  cb_writer_init(&run->image, alloc);
}

void scn_run_fini(scn_run *run)
{
  cb_writer_fini(&run->image);
}

scn_outcome *scn_engine(cb_arena *arena, const scenario *sc, const scn_way *way)
{
  scn_run run, twin;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  scn_run_init(&run, arena, sc, &alloc);
  scn_run_init(&twin, arena, sc, &alloc);
  cep_error err = {0};
  cep_config *config = scn_run_config(&run, way, way->workers);
  scn_run_program(&run, config, way->image);
  twin.program = run.program;
  scn_run_new(&run, config);
  if (run.engine && way->crew) share(&run, way->workers);
  if (run.engine && sc->open) sc->open(sc->watch_ctx, run.engine);
  scn_run_equip(&run);
  if (run.engine && way->saved) {
    run.twin = &twin;
    note(&twin, cep_engine_new(config, twin.program, ignore_match, NULL, &twin.engine, &err), "engine", &err);
    scn_run_equip(&twin);
  }
  if (run.engine && run.outcome->status >= 0) drive(&run, way);
  cep_engine_dismiss(run.engine);
  cep_engine_free(run.engine);
  cep_engine_free(twin.engine);
  cep_program_free(run.program);
  cep_config_free(config);
  scn_run_fini(&run);
  scn_run_fini(&twin);
  return run.outcome;
}
