/* plan_identity.c - the canonical text of what a detection matches and emits. */
#include <string.h>

#include "cep/base/num.h"
#include "patterns/plan.h"

/*
 * Prefix form, one blank between words, names and texts as JSON strings, no places. What is
 * written here goes into the id of every match: a change of this file changes all ids, so
 * words are spelled out here and not taken from enums or other tables.
 */

static const char *const function_names[] = {
#define F(name, category, args, result, text, example, value) #name,
#include "patterns/builtin.def"
#undef F
};

typedef struct identity_text {
  cb_writer *writer;
  const plan *whole;
  const plan_detection *detection;
} identity_text;

static void write_name(const identity_text *identity, const char *name)
{
  cb_write_text(identity->writer, " ");
  cb_json_write_string(identity->writer, name, strlen(name));
}

static void write_int(const identity_text *identity, int64_t number)
{
  char text[CB_NUM_TEXT_MAX];
  (void)cb_num_print_int(number, text);
  cb_write_printf(identity->writer, " %s", text);
}

static void write_value(const identity_text *identity, cep_kind kind, const cep_value *value)
{
  char text[CB_NUM_TEXT_MAX];
  cb_write_printf(identity->writer, " (%s", cb_kind_name(kind));
  switch ((cep_kind)value->kind) {
  case CEP_NULL: cb_write_text(identity->writer, " null"); break;
  case CEP_BOOL:
  case CEP_INT:
  case CEP_TIME:
  case CEP_DURATION: write_int(identity, value->as.i); break;
  case CEP_FLOAT:
    (void)cb_num_print_float(value->as.f, text);
    cb_write_printf(identity->writer, " %s", text);
    break;
  case CEP_STRING:
    cb_write_text(identity->writer, " ");
    cb_json_write_string(identity->writer, value->as.s, value->length);
    break;
  case CEP_IP:
    for (int i = 0; i < 16; i++) cb_write_printf(identity->writer, i == 0 ? " %02x" : "%02x", (unsigned)(uint8_t)value->as.s[i]);
    break;
  }
  cb_write_text(identity->writer, ")");
}

/* ---- Expressions -------------------------------------------------------------------- */

static const char *op_name(plan_op op)
{
  switch (op) {
  case PLAN_CONST: return "const";
  case PLAN_FIELD: return "field";
  case PLAN_KEY: return "key";
  case PLAN_MEASURE: return "measure";
  case PLAN_WINDOW_START: return "window-start";
  case PLAN_WINDOW_END: return "window-end";
  case PLAN_CAPTURE: return "capture";
  case PLAN_PREV: return "prev";
  case PLAN_AGGREGATE: return "aggregate";
  case PLAN_TO_FLOAT: return "float";
  case PLAN_NOT: return "not";
  case PLAN_AND: return "and";
  case PLAN_OR: return "or";
  case PLAN_EQ: return "eq";
  case PLAN_NE: return "ne";
  case PLAN_LT: return "lt";
  case PLAN_LE: return "le";
  case PLAN_GT: return "gt";
  case PLAN_GE: return "ge";
  case PLAN_ADD: return "add";
  case PLAN_SUB: return "sub";
  case PLAN_MUL: return "mul";
  case PLAN_DIV: return "div";
  case PLAN_IDIV: return "idiv";
  case PLAN_MOD: return "mod";
  case PLAN_NEG: return "neg";
  case PLAN_IS_NULL: return "isnull";
  case PLAN_IN: return "in";
  case PLAN_LIKE: return "like";
  case PLAN_ILIKE: return "ilike";
  case PLAN_REGEX: return "regex";
  case PLAN_CONTAINS: return "contains";
  case PLAN_STARTS: return "starts";
  case PLAN_ENDS: return "ends";
  case PLAN_ICONTAINS: return "icontains";
  case PLAN_ISTARTS: return "istarts";
  case PLAN_IENDS: return "iends";
  case PLAN_CIDR: return "cidr";
  case PLAN_COALESCE: return "coalesce";
  case PLAN_CALL: return "call";
  case PLAN_CASE: return "case";
  case PLAN_IN_TABLE: return "in-table";
  case PLAN_LOOKUP: return "lookup";
  case PLAN_MATCHES: return "matches";
  }
  CB_UNREACHABLE();
}

static const char *aggregate_name(plan_aggregate what)
{
  switch (what) {
  case PLAN_COUNT: return "count";
  case PLAN_SUM: return "sum";
  case PLAN_AVG: return "avg";
  case PLAN_MIN: return "min";
  case PLAN_MAX: return "max";
  case PLAN_DISTINCT: return "distinct";
  case PLAN_STDDEV: return "stddev";
  case PLAN_FIRST: return "first";
  case PLAN_LAST: return "last";
  case PLAN_APPROX_DISTINCT: return "approx-distinct";
  case PLAN_APPROX_PERCENTILE: return "approx-percentile";
  case PLAN_TOP: return "top";
  }
  CB_UNREACHABLE();
}

static const plan_stream *stream_of(const identity_text *identity, uint32_t step)
{
  return &identity->whole->streams[identity->detection->steps[step].stream];
}

/* What the leaves say beside their arguments. `stream`: whose fields are bare. */
static void write_leaf(const identity_text *identity, const plan_stream *stream, const plan_expr *expr)
{
  switch (expr->op) {
  case PLAN_CONST: write_value(identity, expr->kind, &expr->value); break;
  case PLAN_FIELD: write_name(identity, stream->fields[expr->field].name); break;
  case PLAN_KEY:
  case PLAN_MEASURE: write_int(identity, expr->index); break;
  case PLAN_CAPTURE:
    write_int(identity, expr->step);
    write_int(identity, expr->nth);
    write_name(identity, stream_of(identity, expr->step)->fields[expr->field].name);
    break;
  case PLAN_PREV:
    for (uint32_t i = 0; i < expr->prev_count; i++) {
      write_int(identity, expr->prev[i].step);
      write_name(identity, stream_of(identity, expr->prev[i].step)->fields[expr->prev[i].field].name);
    }
    break;
  case PLAN_AGGREGATE:
    cb_write_printf(identity->writer, " %s", aggregate_name(expr->aggregate));
    write_int(identity, expr->step);
    if (expr->value.kind != CEP_NULL) write_value(identity, expr->value.kind, &expr->value);
    break;
  case PLAN_CALL: write_name(identity, function_names[expr->index]); break;
  case PLAN_IN_TABLE:
  case PLAN_LOOKUP:
    write_name(identity, identity->whole->tables[expr->table].name);
    write_name(identity, identity->whole->tables[expr->table].fields[expr->field].name);
    if (expr->op == PLAN_LOOKUP) write_name(identity, identity->whole->tables[expr->table].fields[identity->whole->tables[expr->table].key].name);
    if (identity->whole->tables[expr->table].as_of != CEP_NONE)
      write_name(identity, identity->whole->tables[expr->table].fields[identity->whole->tables[expr->table].as_of].name);
    break;
  default: break;
  }
}

static void write_expr(const identity_text *identity, const plan_stream *stream, const plan_expr *expr)
{
  if (!expr) {
    cb_write_text(identity->writer, " ()");
    return;
  }
  cb_write_printf(identity->writer, " (%s", op_name(expr->op));
  write_leaf(identity, stream, expr);
  if (expr->op == PLAN_AGGREGATE) stream = stream_of(identity, expr->step);
  for (uint32_t i = 0; i < expr->arg_count; i++) write_expr(identity, stream, expr->args[i]);
  cb_write_text(identity->writer, ")");
}

/* ---- Detections ---------------------------------------------------------------------- */

static const char *contiguity_name(plan_contiguity contiguity)
{
  switch (contiguity) {
  case PLAN_RELAXED: return "relaxed";
  case PLAN_STRICT: return "strict";
  case PLAN_ANY: return "any";
  }
  CB_UNREACHABLE();
}

static const char *skip_name(plan_skip skip)
{
  switch (skip) {
  case PLAN_SKIP_PAST_LAST: return "past-last";
  case PLAN_SKIP_NO: return "no";
  case PLAN_SKIP_TO_NEXT: return "to-next";
  case PLAN_SKIP_TO_FIRST: return "to-first";
  case PLAN_SKIP_TO_LAST: return "to-last";
  }
  CB_UNREACHABLE();
}

static void write_route(const identity_text *identity, const plan_route *route)
{
  const plan_stream *stream = &identity->whole->streams[route->stream];
  cb_write_text(identity->writer, "\n(route");
  write_name(identity, stream->name);
  write_expr(identity, stream, route->member);
  for (uint32_t i = 0; i < identity->detection->key_count; i++) write_expr(identity, stream, route->keys[i]);
  cb_write_text(identity->writer, ")");
}

static void write_step(const identity_text *identity, const plan_step *step)
{
  const plan_stream *stream = &identity->whole->streams[step->stream];
  cb_write_text(identity->writer, step->kind == PLAN_NO ? "\n(no" : step->kind == PLAN_UNTIL ? "\n(until" : "\n(take");
  write_name(identity, step->name);
  write_name(identity, stream->name);
  write_int(identity, step->route);
  cb_write_printf(identity->writer, " %s %s", contiguity_name(step->hop), step->optional ? "optional" : "needed");
  if (step->counted) {
    write_int(identity, step->min);
    write_int(identity, step->max == PLAN_OPEN ? -1 : (int64_t)step->max);
    cb_write_printf(identity->writer, " %s %s", contiguity_name(step->inner), step->greed == PLAN_GREEDY ? "greedy" : "reluctant");
  }
  if (step->no_for) write_int(identity, step->no_for);
  write_expr(identity, stream, step->member);
  write_expr(identity, stream, step->where);
  for (uint32_t i = 0; i < step->distinct_count; i++) write_expr(identity, stream, step->distinct[i]);
  cb_write_text(identity->writer, ")");
}

static int is_flat(const plan_detection *detection)
{
  for (uint32_t i = 0; i < detection->pattern.item_count; i++) {
    const plan_element *item = &detection->pattern.items[i];
    if (item->kind != PLAN_STEP || item->gap != 0 || item->until != CEP_NONE) return 0;
  }
  return 1;
}

static const char *element_word(plan_element_kind kind)
{
  switch (kind) {
  case PLAN_STEP: return "step";
  case PLAN_SEQUENCE: return "sequence";
  case PLAN_ONE_OF: return "one-of";
  case PLAN_ALL_OF: return "all-of";
  }
  CB_UNREACHABLE();
}

static void write_element(const identity_text *identity, const plan_element *element)
{
  cb_write_printf(identity->writer, " (%s", element_word(element->kind));
  if (element->kind == PLAN_STEP) {
    write_int(identity, element->step);
  } else {
    cb_write_printf(identity->writer, " %s %s %s", contiguity_name(element->hop), element->optional ? "optional" : "needed", contiguity_name(element->inner));
    write_int(identity, element->min);
    write_int(identity, element->max == PLAN_OPEN ? -1 : (int64_t)element->max);
  }
  write_int(identity, element->gap);
  write_int(identity, element->until == CEP_NONE ? -1 : (int64_t)element->until);
  for (uint32_t i = 0; i < element->item_count; i++) write_element(identity, &element->items[i]);
  cb_write_text(identity->writer, ")");
}

/* Only what the steps do not say already, so that a plain sequence keeps the ids it has. */
static void write_pattern(const identity_text *identity, const plan_detection *detection)
{
  if (!is_flat(detection)) {
    cb_write_text(identity->writer, "\n(pattern");
    for (uint32_t i = 0; i < detection->pattern.item_count; i++) write_element(identity, &detection->pattern.items[i]);
    cb_write_text(identity->writer, ")");
  }
  if (detection->having) {
    cb_write_text(identity->writer, "\n(having");
    write_expr(identity, NULL, detection->having);
    cb_write_text(identity->writer, ")");
  }
  if (detection->latest) cb_write_text(identity->writer, "\n(latest)");
  if (detection->within_events > 0) cb_write_printf(identity->writer, "\n(events %llu)", (unsigned long long)detection->within_events);
  if (detection->emit_once) cb_write_text(identity->writer, "\n(once)");
}

static void write_outputs(const identity_text *identity, const char *word, const plan_output *outputs, uint32_t count)
{
  cb_write_printf(identity->writer, "\n(%s", word);
  for (uint32_t i = 0; i < count; i++) {
    write_name(identity, outputs[i].name);
    write_expr(identity, NULL, outputs[i].expr);
  }
  cb_write_text(identity->writer, ")");
}

static void write_suppress(const identity_text *identity, const plan_suppress *suppress)
{
  if (suppress->duration == 0) return;
  cb_write_text(identity->writer, "\n(suppress");
  write_int(identity, suppress->duration);
  for (uint32_t i = 0; i < suppress->by_count; i++) write_int(identity, suppress->by[i]);
  cb_write_text(identity->writer, ")");
}

/* Tumbling windows say what they always did, and no more, so that they keep the ids they have. */
static void write_span(const identity_text *identity, const plan_window *window)
{
  cb_write_printf(identity->writer, "\n(window %s", plan_window_word(window->kind));
  write_int(identity, window->length);
  if (window->kind == PLAN_SLIDING) write_int(identity, window->every);
  if (window->kind == PLAN_SESSION) write_int(identity, window->max);
  if (window->kind == PLAN_COUNT_WINDOW)
    cb_write_printf(identity->writer, " %llu %llu", (unsigned long long)window->events, (unsigned long long)window->every_events);
  write_int(identity, window->offset);
  write_int(identity, window->even_empty);
  cb_write_text(identity->writer, window->at_once ? " at-once)" : " at-end)");
  if (window->early_every > 0) cb_write_printf(identity->writer, "\n(early %lld)", (long long)window->early_every);
  if (window->allowed > 0) cb_write_printf(identity->writer, "\n(allowed %lld)", (long long)window->allowed);
}

static void write_join(const identity_text *identity, const plan_join *join)
{
  cb_write_printf(identity->writer, "\n(join %s", plan_join_word(join->kind));
  write_int(identity, join->within);
  write_expr(identity, NULL, join->where);
  cb_write_text(identity->writer, ")");
  if (join->window) write_span(identity, join->window);
}

static void write_window(const identity_text *identity, const plan_window *window)
{
  write_span(identity, window);
  write_outputs(identity, "measures", window->measures, window->measure_count);
  cb_write_text(identity->writer, "\n(having");
  write_expr(identity, NULL, window->having);
  cb_write_text(identity->writer, ")");
}

cep_status plan_identity(cb_writer *writer, const plan *whole, const plan_detection *detection)
{
  identity_text identity = {writer, whole, detection};
  cb_write_text(writer, "(detection 1");
  write_name(&identity, detection->name);
  write_int(&identity, detection->within);
  for (uint32_t i = 0; i < detection->key_count; i++) {
    write_name(&identity, detection->key_names[i]);
    cb_write_printf(writer, " %s", cb_kind_name(detection->key_kinds[i]));
  }
  cb_write_text(writer, ")");
  for (uint32_t i = 0; i < detection->route_count; i++) write_route(&identity, &detection->routes[i]);
  for (uint32_t i = 0; i < detection->step_count; i++) write_step(&identity, &detection->steps[i]);
  if (detection->window) {
    write_window(&identity, detection->window);
  } else if (detection->join) {
    write_join(&identity, detection->join);
  } else {
    write_pattern(&identity, detection);
  }
  cb_write_printf(writer, "\n(skip %s", skip_name(detection->skip));
  if (detection->skip_step != CEP_NONE) write_int(&identity, detection->skip_step);
  cb_write_printf(writer, " %s %llu)", detection->earliest_first ? "earliest-first" : "completed-first", (unsigned long long)detection->limit);
  write_outputs(&identity, "emit", detection->emit, detection->emit_count);
  if (detection->on_timeout) write_outputs(&identity, "timeout", detection->timeout_emit, detection->timeout_emit_count);
  write_suppress(&identity, &detection->suppress);
  return writer->status;
}
