/* build_flow.c - inputs, streams, fields; and of a detection all but its automaton. */
#include "nfa/build_internal.h"

#include <string.h>

#include "cep/base/zone.h"

/* The image has rules of zones, so that it means the same wherever it is loaded. */
static prg_string put_zone(build *b, const char *name)
{
  char space[CB_ZONE_RULE_MAX];
  const char *rule = name ? cb_zone_rule(name, strlen(name), space) : "";
  CB_ASSERT(rule);
  return build_string(b, rule);
}

void build_inputs(build *b)
{
  for (uint32_t i = 0; i < b->plan->input_count && b->status == CEP_OK; i++) {
    const plan_input *input = &b->plan->inputs[i];
    prg_input item = {.name = build_string(b, input->name),
                      .place_kind = build_string(b, input->place_kind),
                      .place = build_string(b, input->place),
                      .format = (uint32_t)input->format,
                      .regex = input->line_regex ? build_regex(b, input->line_regex) : PRG_NONE,
                      .time_form = (uint32_t)input->time_form,
                      .time_year = input->time_year,
                      .time_path = build_string(b, input->time_path),
                      .time_strptime = build_string(b, input->time_strptime),
                      .time_zone = put_zone(b, input->time_zone),
                      .lateness = input->lateness,
                      .idle = input->idle,
                      .csv_columns = build_string(b, input->csv_columns),
                      .csv_delimiter = (uint32_t)(unsigned char)input->csv_delimiter,
                      .csv_quote = (uint32_t)(unsigned char)input->csv_quote,
                      .clock = (uint32_t)input->clock,
                      .has_lateness = input->has_lateness != 0};
    item.streams.first = b->out.lists.count;
    for (uint32_t s = 0; s < b->plan->stream_count; s++) {
      if (b->plan->streams[s].input == i) BUILD_PUSH(b, lists, s);
    }
    item.streams.count = b->out.lists.count - item.streams.first;
    BUILD_PUSH(b, inputs, item);
  }
}

static prg_list put_fields(build *b, uint32_t stream)
{
  const plan_stream *s = &b->plan->streams[stream];
  prg_list list = {b->out.fields.count, s->field_count};
  for (uint32_t i = 0; i < s->field_count; i++) {
    const plan_field *field = &s->fields[i];
    uint32_t column = b->streams[stream].columns[i];
    prg_field item = {.name = build_string(b, field->name),
                      .path = build_string(b, field->path ? field->path : field->name),
                      .kind = (uint32_t)field->kind,
                      .nullable = field->nullable != 0,
                      .column = column,
                      .is_time = field->is_time != 0,
                      .missing = field->missing ? build_const(b, &field->missing->value) : PRG_NONE};
    BUILD_PUSH(b, fields, item);
    if (column != PRG_NONE) BUILD_PUSH(b, columns, (uint8_t)field->kind);
  }
  return list;
}

void build_streams(build *b)
{
  for (uint32_t i = 0; i < b->plan->stream_count && b->status == CEP_OK; i++) {
    const plan_stream *stream = &b->plan->streams[i];
    build_scope scope = {.stream = i};
    prg_stream item = {.name = build_string(b, stream->name),
                       .input = stream->input,
                       .detection = stream->detection,
                       .stratum = stream->stratum,
                       .regex = stream->regex ? build_regex(b, stream->regex) : PRG_NONE,
                       .fits = build_cond(b, &scope, stream->fits, NULL).local,
                       .held_layout = build_layout(b, i, NULL),
                       .columns = {b->out.columns.count, b->streams[i].column_count}};
    item.fields = put_fields(b, i);
    BUILD_PUSH(b, streams, item);
  }
}

/* Only after the last condition is every atom of a stream known. */
void build_atoms(build *b)
{
  for (uint32_t i = 0; i < b->plan->stream_count && b->status == CEP_OK; i++) {
    const build_stream *stream = &b->streams[i];
    b->out.streams.at[i].atoms = (prg_list){b->out.atoms.count, stream->atoms.count};
    for (uint32_t k = 0; k < stream->atoms.count; k++) BUILD_PUSH(b, atoms, stream->atoms.at[k]);
  }
}

static prg_list put_keys(build *b, const plan_detection *detection)
{
  prg_list list = {b->out.keys.count, detection->key_count};
  for (uint32_t i = 0; i < detection->key_count; i++) {
    prg_key item = {build_string(b, detection->key_names[i]), (uint32_t)detection->key_kinds[i], 0};
    BUILD_PUSH(b, keys, item);
  }
  return list;
}

static prg_list put_routes(build *b, const plan_detection *detection, uint32_t index)
{
  prg_list list = {b->out.routes.count, detection->route_count};
  uint32_t keys[PLAN_KEYS_MAX];
  CB_ASSERT(detection->key_count <= PLAN_KEYS_MAX);
  for (uint32_t i = 0; i < detection->route_count; i++) {
    const plan_route *route = &detection->routes[i];
    build_scope scope = {.stream = route->stream};
    for (uint32_t k = 0; k < detection->key_count; k++) keys[k] = build_expr(b, &scope, route->keys[k]);
    prg_route item = {.detection = index,
                      .stream = route->stream,
                      .member = build_cond(b, &scope, route->member, NULL).local,
                      .keys = build_list(b, keys, detection->key_count)};
    BUILD_PUSH(b, routes, item);
  }
  return list;
}

static prg_list put_distinct(build *b, const build_scope *scope, const plan_step *step)
{
  build_words exprs = {0};
  for (uint32_t i = 0; i < step->distinct_count; i++) {
    uint32_t expr = build_expr(b, scope, step->distinct[i]);
    if (!cb_vec_push(b->alloc, &exprs, expr)) build_fail(b, CEP_E_NOMEM);
  }
  prg_list list = build_list(b, exprs.at, exprs.count);
  cb_vec_free(b->alloc, &exprs);
  return list;
}

static uint32_t flags_of(const plan_step *step)
{
  if (step->kind == PLAN_NO) return PRG_STEP_NO;
  if (step->kind == PLAN_UNTIL) return PRG_STEP_UNTIL;
  return (build_is_greedy(step) ? PRG_STEP_GREEDY : 0u) | (step->optional ? PRG_STEP_OPTIONAL : 0u) |
         (step->max > 1 ? PRG_STEP_LOOPS : 0u) | (step->repeats ? PRG_STEP_REPEATS : 0u);
}

static prg_list put_steps(build *b, const plan_detection *detection, uint32_t index, uint32_t first_route)
{
  prg_list list = {b->out.steps.count, detection->step_count};
  for (uint32_t i = 0; i < detection->step_count && b->status == CEP_OK; i++) {
    const plan_step *step = &detection->steps[i];
    build_scope scope = {.stream = step->stream,
                         .detection = detection,
                         .register_first = b->detections[index].register_first,
                         .in_condition = 1};
    build_condition condition = build_cond(b, &scope, step->member, step->where);
    int takes = step->kind == PLAN_TAKE;
    prg_step item = {.name = build_string(b, step->name),
                     .role = build_string(b, step->role),
                     .flags = flags_of(step),
                     .route = first_route + step->route,
                     .stream = step->stream,
                     .local = condition.local,
                     .residual = condition.residual,
                     .layout = build_layout(b, step->stream, b->detections[index].is_kept[i]),
                     .min = takes ? step->min : 1,
                     .max = takes ? step->max : 1,
                     .inner = (uint32_t)step->inner,
                     .hop = (uint32_t)step->hop,
                     .distinct = put_distinct(b, &scope, step),
                     .equals = condition.equals,
                     .no_for = step->no_for,
                     .identity = build_identity(b, detection, i)};
    BUILD_PUSH(b, steps, item);
  }
  return list;
}

static prg_list put_outputs(build *b, const plan_detection *detection, uint32_t index,
                            const plan_output *outputs, uint32_t count)
{
  prg_list list = {b->out.outputs.count, count};
  build_scope scope = {.stream = CEP_NONE,
                       .detection = detection,
                       .register_first = b->detections[index].register_first,
                       .is_once = detection->emit_once && outputs == detection->emit};
  for (uint32_t i = 0; i < count; i++) {
    prg_output item = {build_string(b, outputs[i].name), build_expr(b, &scope, outputs[i].expr),
                       (uint32_t)outputs[i].expr->kind};
    BUILD_PUSH(b, outputs, item);
  }
  return list;
}

/* Measures come before the outputs, which read them. */
static uint32_t put_window(build *b, const plan_detection *detection, uint32_t index, const plan_window *window)
{
  if (!window) return PRG_NONE;
  build_scope scope = {.stream = CEP_NONE, .detection = detection, .register_first = b->detections[index].register_first};
  prg_window item = {.kind = (uint32_t)window->kind,
                     .at_once = window->at_once != 0,
                     .length = window->length,
                     .every = window->every,
                     .max = window->max,
                     .events = window->events,
                     .every_events = window->every_events,
                     .offset = window->offset,
                     .even_empty = window->even_empty,
                     .early_every = window->early_every,
                     .allowed = window->allowed,
                     .measures = put_outputs(b, detection, index, window->measures, window->measure_count),
                     .having = window->having ? build_expr(b, &scope, window->having) : PRG_NONE};
  BUILD_PUSH(b, windows, item);
  return b->out.windows.count - 1;
}

static uint32_t put_join(build *b, const plan_detection *detection, uint32_t index)
{
  const plan_join *join = detection->join;
  if (!join) return PRG_NONE;
  build_scope scope = {.stream = CEP_NONE, .detection = detection, .register_first = b->detections[index].register_first};
  prg_join item = {.kind = (uint32_t)join->kind,
                   .window = put_window(b, detection, index, join->window),
                   .within = join->within,
                   .where = join->where ? build_expr(b, &scope, join->where) : PRG_NONE};
  BUILD_PUSH(b, joins, item);
  return b->out.joins.count - 1;
}

/* Registers that it reads decide what can match, as those of conditions do. */
static uint32_t put_having(build *b, const plan_detection *detection, uint32_t index)
{
  build_scope scope = {.stream = CEP_NONE,
                       .detection = detection,
                       .register_first = b->detections[index].register_first,
                       .in_condition = 1};
  return build_expr(b, &scope, detection->having);
}

/* How many matches a partial match stands for. */
static void put_matches(build *b)
{
  prg_register item = {.what = PRG_REG_MATCHES, .step = PRG_NONE, .arg = PRG_NONE, .where = PRG_NONE, .kind = CEP_INT};
  item.tuple = build_list(b, NULL, 0);
  BUILD_PUSH(b, registers, item);
}

static prg_list put_meta(build *b, const plan_detection *detection)
{
  prg_list list = {b->out.meta.count, detection->meta_count};
  for (uint32_t i = 0; i < detection->meta_count; i++) {
    prg_meta item = {build_string(b, detection->meta[i].name), build_const(b, &detection->meta[i].value), 0};
    BUILD_PUSH(b, meta, item);
  }
  return list;
}

static void put_identity(build *b, const plan_detection *detection, uint8_t out[16])
{
  cb_writer writer;
  cb_writer_init(&writer, b->alloc);
  cep_status status = plan_identity(&writer, b->plan, detection);
  if (status < 0) {
    build_fail(b, status);
  } else {
    cb_hash128 hash = cb_hash128_of(writer.data, writer.len);
    memcpy(out, hash.bytes, sizeof hash.bytes);
  }
  cb_writer_fini(&writer);
}

static void build_detection_at(build *b, uint32_t index)
{
  const plan_detection *detection = &b->plan->detections[index];
  prg_detection item = {.name = build_string(b, detection->name),
                        .stream = detection->stream,
                        .stratum = detection->stratum,
                        .skip = (uint32_t)detection->skip,
                        .skip_step = PRG_NONE,
                        .within = detection->within,
                        .within_events = detection->within_events,
                        .having = PRG_NONE,
                        .limit = detection->limit,
                        .suppress = detection->suppress.duration};
  if (detection->skip == PLAN_SKIP_TO_FIRST || detection->skip == PLAN_SKIP_TO_LAST)
    item.skip_step = detection->skip_step;
  if (detection->on_timeout) item.flags |= PRG_DETECT_ON_TIMEOUT;
  if (detection->earliest_first) item.flags |= PRG_DETECT_EARLIEST_FIRST;
  put_identity(b, detection, item.identity);
  b->detections[index].register_first = b->out.registers.count;
  item.registers.first = b->out.registers.count;
  if (detection->emit_once) put_matches(b);
  item.keys = put_keys(b, detection);
  item.routes = put_routes(b, detection, index);
  item.steps = put_steps(b, detection, index, item.routes.first);
  if (!detection->window && !detection->join) {
    build_automaton(b, detection, &item);
  } else {
    item.states.first = b->out.states.count;
    item.counters.first = b->out.counters.count;
  }
  if (detection->having) item.having = put_having(b, detection, index);
  item.window = put_window(b, detection, index, detection->window);
  item.join = put_join(b, detection, index);
  item.outputs = put_outputs(b, detection, index, detection->emit, detection->emit_count);
  item.timeout_outputs =
      put_outputs(b, detection, index, detection->timeout_emit, detection->timeout_emit_count);
  item.registers.count = b->out.registers.count - item.registers.first;
  item.meta = put_meta(b, detection);
  item.tables = build_reads(b, index, &item.flags);
  item.suppress_by = build_list(b, detection->suppress.by, detection->suppress.by_count);
  BUILD_PUSH(b, detections, item);
}

void build_detections(build *b)
{
  for (uint32_t i = 0; i < b->plan->detection_count && b->status == CEP_OK; i++) build_detection_at(b, i);
}
