/* plan_test.c - test blocks of the plan: values brought to the kinds of fields. */
#include <string.h>

#include "cep/base/cell.h"
#include "patterns/plan_build.h"

/* ---- What a detection reads --------------------------------------------------------- */

static void mark_fields(const pat_builder *builder, uint8_t *read, uint32_t stream, uint32_t over, const plan_expr *expr)
{
  if (!expr) return;
  if (expr->op == PLAN_FIELD && over == stream) read[expr->field] = 1;
  if (expr->op == PLAN_CAPTURE && builder->steps[expr->step].stream == stream) read[expr->field] = 1;
  for (uint32_t i = 0; i < expr->prev_count; i++) {
    if (builder->steps[expr->prev[i].step].stream == stream) read[expr->prev[i].field] = 1;
  }
  /* Inside an aggregate bare fields are those of the step that it ranges over. */
  if (expr->op == PLAN_AGGREGATE) over = builder->steps[expr->step].stream;
  for (uint32_t i = 0; i < expr->arg_count; i++) mark_fields(builder, read, stream, over, expr->args[i]);
}

/* A byte for each field of the stream: whether the detection looks at it. The default emit
 * takes every field and means none. */
static const uint8_t *fields_read(const pat_builder *builder, uint32_t stream)
{
  const plan_detection *detection = builder->detection;
  uint8_t *read = cb_arena_take(builder->compile->arena, (size_t)builder->compile->streams[stream].field_count + 1);
  if (!read) return NULL;
  for (uint32_t i = 0; i < detection->route_count; i++) {
    mark_fields(builder, read, stream, detection->routes[i].stream, detection->routes[i].member);
    for (uint32_t j = 0; j < detection->key_count; j++)
      mark_fields(builder, read, stream, detection->routes[i].stream, detection->routes[i].keys[j]);
  }
  for (uint32_t i = 0; i < detection->step_count; i++) {
    const plan_step *step = &builder->steps[i];
    mark_fields(builder, read, stream, step->stream, step->member);
    mark_fields(builder, read, stream, step->stream, step->where);
    for (uint32_t j = 0; j < step->distinct_count; j++) mark_fields(builder, read, stream, step->stream, step->distinct[j]);
  }
  mark_fields(builder, read, stream, CEP_NONE, detection->having);
  if (detection->join) mark_fields(builder, read, stream, CEP_NONE, detection->join->where);
  const plan_window *window = detection->window;
  for (uint32_t i = 0; window && i < window->measure_count; i++) mark_fields(builder, read, stream, CEP_NONE, window->measures[i].expr);
  if (window) mark_fields(builder, read, stream, CEP_NONE, window->having);
  for (uint32_t i = 0; builder->decl->emit_span.length > 0 && i < detection->emit_count; i++)
    mark_fields(builder, read, stream, CEP_NONE, detection->emit[i].expr);
  for (uint32_t i = 0; i < detection->timeout_emit_count; i++)
    mark_fields(builder, read, stream, CEP_NONE, detection->timeout_emit[i].expr);
  return read;
}

static int is_given(const pat_object *object, const char *name)
{
  for (uint32_t i = 0; i < object->count; i++) {
    if (strcmp(object->at[i].name.text, name) == 0) return 1;
  }
  return 0;
}

static void warn_left_out(pat_builder *builder, const pat_test_action *written, uint32_t stream_index)
{
  const plan_stream *stream = &builder->compile->streams[stream_index];
  /* The events of tests are mostly of one stream. */
  if (builder->read_stream != stream_index) builder->read = fields_read(builder, stream_index);
  builder->read_stream = stream_index;
  const uint8_t *read = builder->read;
  for (uint32_t i = 0; read && i < stream->field_count; i++) {
    const plan_field *field = &stream->fields[i];
    if (!read[i] || field->is_time || field->nullable || field->missing || is_given(&written->object, field->name)) continue;
    pat_report(builder->compile->diags, 601, written->stream.span, "this event has no '%s', which the detection reads; it is null here",
               field->name);
    return;
  }
}

/* ---- Values ------------------------------------------------------------------------ */

static int is_named_twice(pat_builder *builder, const pat_object *object, uint32_t index)
{
  for (uint32_t i = 0; i < index; i++) {
    if (strcmp(object->at[i].name.text, object->at[index].name.text) != 0) continue;
    pat_report(builder->compile->diags, 330, object->at[index].name.span, "'%s' is given twice", object->at[index].name.text);
    return 1;
  }
  return 0;
}

static int build_value(pat_builder *builder, const pat_entry *entry, cep_kind kind, plan_test_value *value)
{
  const char *what = cb_arena_printf(builder->compile->arena, "'%s'", entry->name.text);
  return what && pat_check_constant(builder->compile, entry->expr, kind, what, &value->value);
}

static int build_event_values(pat_builder *builder, const pat_test_action *written, const plan_stream *stream, plan_test_value *values)
{
  int is_good = 1;
  for (uint32_t i = 0; i < written->object.count; i++) {
    const pat_entry *entry = &written->object.at[i];
    uint32_t field = pat_find_field(stream, entry->name.text);
    if (field == CEP_NONE) {
      pat_report(builder->compile->diags, 302, entry->name.span, "stream '%s' has no field '%s'%s", stream->name, entry->name.text,
                 pat_near_field(builder->compile, stream, entry->name.text));
      is_good = 0;
    } else if (stream->fields[field].is_time) {
      pat_report(builder->compile->diags, 602, entry->name.span, "'%s' is the time of the event, which stands behind 'at'", entry->name.text);
      is_good = 0;
    } else {
      values[i].field = field;
      is_good &= !is_named_twice(builder, &written->object, i) && build_value(builder, entry, stream->fields[field].kind, &values[i]);
    }
  }
  return is_good;
}

static int build_expected(pat_builder *builder, const pat_object *object, const plan_output *outputs, uint32_t count, plan_test_value *values)
{
  int is_good = 1;
  for (uint32_t i = 0; i < object->count; i++) {
    const pat_entry *entry = &object->at[i];
    uint32_t at = 0;
    pat_nearest nearest;
    pat_nearest_init(&nearest, entry->name.text);
    while (at < count && strcmp(outputs[at].name, entry->name.text) != 0) pat_nearest_offer(&nearest, outputs[at++].name);
    if (at == count) {
      int is_key = pat_find_field(&builder->compile->streams[builder->symbol->stream], entry->name.text) < builder->detection->key_count;
      pat_report(builder->compile->diags, 603, entry->name.span, "'%s' is not among the emitted values%s", entry->name.text,
                 is_key ? "; a key is compared when it is emitted too" : pat_nearest_text(&nearest, builder->compile->arena));
      is_good = 0;
      continue;
    }
    values[i].field = at;
    is_good &= !is_named_twice(builder, object, i) && build_value(builder, entry, outputs[at].expr->kind, &values[i]);
  }
  return is_good;
}

/* ---- Actions ----------------------------------------------------------------------- */

static int build_event(pat_builder *builder, const pat_test_action *written, plan_test_action *action, plan_test_value *values)
{
  pat_compile *compile = builder->compile;
  const pat_symbol *symbol = pat_resolve_name(compile, &written->stream);
  if (!symbol) return 0;
  if (symbol->decl->kind == PAT_D_DEFINE) {
    pat_report(compile->diags, 604, written->stream.span, "'%s' is a definition; an event comes from a stream, here '%s'", symbol->name,
               compile->streams[symbol->stream].name);
    return 0;
  }
  int64_t last = 0;
  if (__builtin_mul_overflow(written->every, (int64_t)written->number - 1, &last) || __builtin_add_overflow(last, written->time, &last)) {
    pat_report(compile->diags, 605, written->span, "the last of these events lies beyond the end of time");
    return 0;
  }
  action->stream = symbol->stream;
  if (!build_event_values(builder, written, &compile->streams[symbol->stream], values)) return 0;
  warn_left_out(builder, written, symbol->stream);
  return 1;
}

static int build_action(pat_builder *builder, const pat_test_action *written, plan_test_action *action)
{
  const plan_detection *detection = builder->detection;
  if (written->object.count > CB_CELL_COLUMNS_MAX) {
    pat_report(builder->compile->diags, 327, written->span, "more than %u values", CB_CELL_COLUMNS_MAX);
    return 0;
  }
  plan_test_value *values = cb_arena_take(builder->compile->arena, (written->object.count + 1) * sizeof *values);
  if (!values) return 0;
  action->what = written->what;
  action->span = written->span;
  action->time = written->time;
  action->has_time = written->has_time;
  action->partition = written->partition;
  action->repeat = written->number;
  action->every = written->every;
  action->stream = CEP_NONE;
  action->values = values;
  action->value_count = written->object.count;
  switch (written->what) {
  case PLAN_TEST_AT: return build_event(builder, written, action, values);
  case PLAN_TEST_UPDATE:
    if (!detection->window || (detection->window->early_every == 0 && detection->window->allowed == 0)) {
      pat_report(builder->compile->diags, 607, written->span, "an update is expected, and nothing here is told of again: that takes an aggregate with 'early every' or 'allowed lateness'");
      return 0;
    }
    return build_expected(builder, &written->object, detection->emit, detection->emit_count, values);
  case PLAN_TEST_MATCH: return build_expected(builder, &written->object, detection->emit, detection->emit_count, values);
  case PLAN_TEST_TIMEOUT:
    if (!detection->on_timeout) {
      pat_report(builder->compile->diags, 606, written->span, "a timeout is expected, and the detection has no 'on timeout emit'");
      return 0;
    }
    return build_expected(builder, &written->object, detection->timeout_emit, detection->timeout_emit_count, values);
  case PLAN_TEST_WATERMARK:
  case PLAN_TEST_COUNT:
  case PLAN_TEST_NOTHING:
  case PLAN_TEST_LATE: return 1;
  }
  CB_UNREACHABLE();
}

static int build_test(pat_builder *builder, const pat_test *written, plan_test *test)
{
  plan_test_action *actions = cb_arena_take(builder->compile->arena, (written->actions.count + 1) * sizeof *actions);
  if (!actions) return 0;
  test->name = written->name.text;
  test->span = written->name.span;
  test->actions = actions;
  test->action_count = written->actions.count;
  int is_good = 1;
  for (uint32_t i = 0; i < written->actions.count; i++) is_good &= build_action(builder, &written->actions.at[i], &actions[i]);
  return is_good;
}

int pat_build_tests(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  plan_test *tests = cb_arena_take(builder->compile->arena, (decl->tests.count + 1) * sizeof *tests);
  if (!tests) return 0;
  int is_good = 1;
  for (uint32_t i = 0; i < decl->tests.count; i++) is_good &= build_test(builder, &decl->tests.at[i], &tests[i]);
  builder->detection->tests = tests;
  builder->detection->test_count = decl->tests.count;
  return is_good;
}
