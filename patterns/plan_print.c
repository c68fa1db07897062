/* plan_print.c - the plan as an indented tree, for people and goldens. */
#include <string.h>

#include "cep/base/time.h"
#include "patterns/plan.h"

static const char *const function_names[] = {
#define F(name, category, args, result, text, example, value) #name,
#include "patterns/builtin.def"
#undef F
};

typedef struct tree_printer {
  cb_writer *writer;
  const plan *whole;
  const plan_detection *detection; /* NULL outside of one */
  const plan_stream *stream;       /* whose fields are bare */
} tree_printer;

static void print_expr(const tree_printer *printer, const plan_expr *expr);

/* A name as it would have to be written: in back-ticks unless it is a plain word. */
static void print_name(cb_writer *writer, const char *name)
{
  int is_plain = name[0] != '\0' && !(name[0] >= '0' && name[0] <= '9');
  for (const char *c = name; *c; c++) {
    if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_')) is_plain = 0;
  }
  cb_write_printf(writer, is_plain ? "%s" : "`%s`", name);
}

static void print_duration(cb_writer *writer, cep_duration duration)
{
  char text[CB_TIME_TEXT_MAX];
  (void)cb_duration_print(duration, text);
  cb_write_text(writer, text);
}

static void print_value(cb_writer *writer, const cep_value *value)
{
  if (value->kind == CEP_DURATION) {
    print_duration(writer, value->as.i);
  } else {
    cb_value_write_json(writer, value);
  }
}

/* ---- Expressions -------------------------------------------------------------------- */

static const char *infix_of(plan_op op)
{
  switch (op) {
  case PLAN_AND: return "and";
  case PLAN_OR: return "or";
  case PLAN_EQ: return "==";
  case PLAN_NE: return "!=";
  case PLAN_LT: return "<";
  case PLAN_LE: return "<=";
  case PLAN_GT: return ">";
  case PLAN_GE: return ">=";
  case PLAN_ADD: return "+";
  case PLAN_SUB: return "-";
  case PLAN_MUL: return "*";
  case PLAN_DIV: return "/";
  case PLAN_IDIV: return "div";
  case PLAN_MOD: return "%";
  case PLAN_LIKE: return "like";
  case PLAN_ILIKE: return "ilike";
  case PLAN_REGEX: return "~";
  case PLAN_CONTAINS: return "contains";
  case PLAN_STARTS: return "starts with";
  case PLAN_ENDS: return "ends with";
  case PLAN_ICONTAINS: return "icontains";
  case PLAN_ISTARTS: return "istarts with";
  case PLAN_IENDS: return "iends with";
  default: return "";
  }
}

static void print_args(const tree_printer *printer, const plan_expr *expr, uint32_t from)
{
  for (uint32_t i = from; i < expr->arg_count; i++) {
    if (i > from) cb_write_text(printer->writer, ", ");
    print_expr(printer, expr->args[i]);
  }
}

static void print_call(const tree_printer *printer, const char *name, const plan_expr *expr)
{
  cb_write_printf(printer->writer, "%s(", name);
  print_args(printer, expr, 0);
  cb_write_text(printer->writer, ")");
}

static void print_infix(const tree_printer *printer, const plan_expr *expr)
{
  cb_write_text(printer->writer, "(");
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (i > 0) cb_write_printf(printer->writer, " %s ", infix_of(expr->op));
    print_expr(printer, expr->args[i]);
  }
  cb_write_text(printer->writer, ")");
}

static const plan_stream *stream_of(const tree_printer *printer, uint32_t step)
{
  return &printer->whole->streams[printer->detection->steps[step].stream];
}

static void print_capture(const tree_printer *printer, const plan_expr *expr)
{
  const plan_step *step = &printer->detection->steps[expr->step];
  print_name(printer->writer, step->name);
  if (step->max > 1) cb_write_printf(printer->writer, "[%d]", (int)expr->nth);
  cb_write_text(printer->writer, ".");
  print_name(printer->writer, stream_of(printer, expr->step)->fields[expr->field].name);
}

static void print_prev(const tree_printer *printer, const plan_expr *expr)
{
  cb_write_text(printer->writer, "prev(");
  for (uint32_t i = 0; i < expr->prev_count; i++) {
    if (i > 0) cb_write_text(printer->writer, " | ");
    print_name(printer->writer, printer->detection->steps[expr->prev[i].step].name);
    cb_write_text(printer->writer, ".");
    print_name(printer->writer, stream_of(printer, expr->prev[i].step)->fields[expr->prev[i].field].name);
  }
  if (expr->arg_count > 0) {
    cb_write_text(printer->writer, ", ");
    print_expr(printer, expr->args[0]);
  }
  cb_write_text(printer->writer, ")");
}

static void print_aggregate(const tree_printer *printer, const plan_expr *expr)
{
  static const char *const names[] = {
    [PLAN_COUNT] = "count", [PLAN_SUM] = "sum", [PLAN_AVG] = "avg", [PLAN_MIN] = "min", [PLAN_MAX] = "max",
    [PLAN_DISTINCT] = "distinct", [PLAN_STDDEV] = "stddev", [PLAN_FIRST] = "first", [PLAN_LAST] = "last",
    [PLAN_APPROX_DISTINCT] = "approx_distinct", [PLAN_APPROX_PERCENTILE] = "approx_percentile", [PLAN_TOP] = "top"};
  int has_tuple = expr->aggregate == PLAN_DISTINCT || expr->aggregate == PLAN_APPROX_DISTINCT;
  tree_printer inner = *printer;
  inner.stream = stream_of(printer, expr->step);
  cb_write_printf(printer->writer, "%s(", names[expr->aggregate]);
  print_name(printer->writer, printer->detection->steps[expr->step].name);
  if (expr->arg_count > 0 && expr->args[0]) {
    cb_write_text(printer->writer, ": ");
    print_expr(&inner, expr->args[0]);
  }
  if (expr->arg_count > 1 && !has_tuple) {
    cb_write_text(printer->writer, " where ");
    print_expr(&inner, expr->args[1]);
  }
  for (uint32_t i = 1; has_tuple && i < expr->arg_count; i++) {
    cb_write_text(printer->writer, ", ");
    print_expr(&inner, expr->args[i]);
  }
  if (expr->value.kind != CEP_NULL) {
    cb_write_text(printer->writer, ", ");
    print_value(printer->writer, &expr->value);
  }
  cb_write_text(printer->writer, ")");
}

static void print_case(const tree_printer *printer, const plan_expr *expr)
{
  cb_writer *writer = printer->writer;
  cb_write_text(writer, "case");
  for (uint32_t i = 0; i + 1 < expr->arg_count; i += 2) {
    cb_write_text(writer, " when ");
    print_expr(printer, expr->args[i]);
    cb_write_text(writer, " then ");
    print_expr(printer, expr->args[i + 1]);
  }
  cb_write_text(writer, " else ");
  print_expr(printer, expr->args[expr->arg_count - 1]);
  cb_write_text(writer, " end");
}

static void print_table(const tree_printer *printer, const plan_expr *expr)
{
  cb_writer *writer = printer->writer;
  const plan_table *table = &printer->whole->tables[expr->table];
  if (expr->op == PLAN_IN_TABLE) {
    print_expr(printer, expr->args[0]);
    cb_write_text(writer, " in ");
    print_name(writer, table->name);
  } else {
    print_name(writer, table->name);
    cb_write_text(writer, "[");
    print_expr(printer, expr->args[0]);
    cb_write_text(writer, "]");
  }
  cb_write_text(writer, ".");
  print_name(writer, table->fields[expr->field].name);
}

static void print_expr(const tree_printer *printer, const plan_expr *expr)
{
  cb_writer *writer = printer->writer;
  switch (expr->op) {
  case PLAN_CONST: print_value(writer, &expr->value); return;
  case PLAN_FIELD: print_name(writer, printer->stream->fields[expr->field].name); return;
  case PLAN_KEY: print_name(writer, printer->detection->key_names[expr->index]); return;
  case PLAN_MEASURE: print_name(writer, printer->detection->window->measures[expr->index].name); return;
  case PLAN_WINDOW_START: cb_write_text(writer, "window_start"); return;
  case PLAN_WINDOW_END: cb_write_text(writer, "window_end"); return;
  case PLAN_CAPTURE: print_capture(printer, expr); return;
  case PLAN_PREV: print_prev(printer, expr); return;
  case PLAN_AGGREGATE: print_aggregate(printer, expr); return;
  case PLAN_TO_FLOAT: print_call(printer, "float", expr); return;
  case PLAN_NOT: print_call(printer, "not ", expr); return;
  case PLAN_NEG: print_call(printer, "-", expr); return;
  case PLAN_COALESCE: print_call(printer, "coalesce", expr); return;
  case PLAN_MATCHES: print_call(printer, "matches", expr); return;
  case PLAN_CASE: print_case(printer, expr); return;
  case PLAN_IN_TABLE:
  case PLAN_LOOKUP: print_table(printer, expr); return;
  case PLAN_CALL: print_call(printer, function_names[expr->index], expr); return;
  case PLAN_IS_NULL:
    print_expr(printer, expr->args[0]);
    cb_write_text(writer, " is null");
    return;
  case PLAN_IN:
  case PLAN_CIDR:
    print_expr(printer, expr->args[0]);
    cb_write_text(writer, expr->op == PLAN_IN ? " in (" : " in cidr (");
    print_args(printer, expr, 1);
    cb_write_text(writer, ")");
    return;
  case PLAN_AND:
  case PLAN_OR:
  case PLAN_EQ:
  case PLAN_NE:
  case PLAN_LT:
  case PLAN_LE:
  case PLAN_GT:
  case PLAN_GE:
  case PLAN_ADD:
  case PLAN_SUB:
  case PLAN_MUL:
  case PLAN_DIV:
  case PLAN_IDIV:
  case PLAN_MOD:
  case PLAN_LIKE:
  case PLAN_ILIKE:
  case PLAN_REGEX:
  case PLAN_CONTAINS:
  case PLAN_STARTS:
  case PLAN_ENDS:
  case PLAN_ICONTAINS:
  case PLAN_ISTARTS:
  case PLAN_IENDS: print_infix(printer, expr); return;
  }
  CB_UNREACHABLE();
}

static void print_line_expr(const tree_printer *printer, const char *label, const plan_expr *expr)
{
  if (!expr) return;
  cb_write_text(printer->writer, label);
  print_expr(printer, expr);
  cb_write_text(printer->writer, "\n");
}

/* ---- Inputs and streams -------------------------------------------------------------- */

static void print_waits(cb_writer *writer, const plan_input *input)
{
  cb_write_text(writer, "\n  lateness ");
  print_duration(writer, input->lateness);
  if (input->idle) {
    cb_write_text(writer, "\n  idle ");
    print_duration(writer, input->idle);
  }
  cb_write_text(writer, "\n");
}

static void print_time(cb_writer *writer, const plan_input *input)
{
  static const char *const forms[] = {
    [PLAN_TIME_RFC3339] = "rfc3339", [PLAN_TIME_S] = "s", [PLAN_TIME_MS] = "ms", [PLAN_TIME_US] = "us", [PLAN_TIME_NS] = "ns", [PLAN_TIME_STRPTIME] = "strptime"};
  static const char *const clocks[] = {[PLAN_CLOCK_INGESTION] = "  time ingestion", [PLAN_CLOCK_PROCESSING] = "  time processing"};
  if (input->clock != PLAN_CLOCK_EVENT) {
    cb_write_text(writer, clocks[input->clock]);
    print_waits(writer, input);
    return;
  }
  cb_write_text(writer, "  time ");
  if (input->time_path) {
    cb_json_write_string(writer, input->time_path, strlen(input->time_path));
  } else {
    cb_write_text(writer, "at the line's start");
  }
  cb_write_printf(writer, " %s", forms[input->time_form]);
  if (input->time_strptime) {
    cb_write_text(writer, " ");
    cb_json_write_string(writer, input->time_strptime, strlen(input->time_strptime));
  }
  if (input->time_year) cb_write_printf(writer, " year %d", (int)input->time_year);
  if (input->time_zone) {
    cb_write_text(writer, " zone ");
    cb_json_write_string(writer, input->time_zone, strlen(input->time_zone));
  }
  print_waits(writer, input);
}

/* What is not as usual. */
static void print_csv(cb_writer *writer, const plan_input *input)
{
  if (input->csv_columns) {
    cb_write_text(writer, " columns ");
    cb_json_write_string(writer, input->csv_columns, strlen(input->csv_columns));
  }
  if (input->csv_delimiter != PLAN_DELIMITER) {
    cb_write_text(writer, " delimiter ");
    cb_json_write_string(writer, &input->csv_delimiter, 1);
  }
  if (input->csv_quote != PLAN_QUOTE) {
    cb_write_text(writer, " quote ");
    cb_json_write_string(writer, &input->csv_quote, input->csv_quote ? 1 : 0);
  }
}

static void print_input(cb_writer *writer, const plan_input *input)
{
  cb_write_text(writer, "input ");
  print_name(writer, input->name);
  if (input->place_kind[0]) {
    cb_write_printf(writer, " from %s ", input->place_kind);
    cb_json_write_string(writer, input->place, strlen(input->place));
  }
  cb_write_printf(writer, " format %s", plan_format_word(input->format));
  if (input->line_regex) {
    cb_write_text(writer, " ");
    cb_json_write_string(writer, input->line_regex, strlen(input->line_regex));
  }
  if (input->format == PLAN_CSV) print_csv(writer, input);
  cb_write_text(writer, "\n");
  print_time(writer, input);
}

static void print_field(cb_writer *writer, const plan_field *field)
{
  cb_write_text(writer, "  ");
  print_name(writer, field->name);
  cb_write_printf(writer, ": %s%s", cb_kind_name(field->kind), field->nullable ? "?" : "");
  if (strcmp(field->path, field->name) != 0) {
    cb_write_text(writer, " at ");
    cb_json_write_string(writer, field->path, strlen(field->path));
  }
  if (field->missing) {
    cb_write_text(writer, " = ");
    print_value(writer, &field->missing->value);
  }
  cb_write_text(writer, field->is_time ? " (time)\n" : "\n");
}

static void print_table_of(cb_writer *writer, const plan_table *table)
{
  plan_input csv = {.csv_delimiter = table->csv_delimiter, .csv_quote = table->csv_quote, .csv_columns = table->csv_columns};
  cb_write_text(writer, "table ");
  print_name(writer, table->name);
  cb_write_text(writer, " from file ");
  cb_json_write_string(writer, table->place, strlen(table->place));
  cb_write_printf(writer, " format %s", plan_format_word(table->format));
  if (table->format == PLAN_CSV) print_csv(writer, &csv);
  cb_write_text(writer, " key ");
  print_name(writer, table->fields[table->key].name);
  if (table->as_of != CEP_NONE) {
    cb_write_text(writer, " as of ");
    print_name(writer, table->fields[table->as_of].name);
  }
  if (table->refresh > 0) {
    cb_write_text(writer, " refresh ");
    print_duration(writer, table->refresh);
  }
  cb_write_text(writer, "\n");
  for (uint32_t i = 0; i < table->field_count; i++) print_field(writer, &table->fields[i]);
}

static void print_stream(cb_writer *writer, const plan *whole, const plan_stream *stream)
{
  tree_printer printer = {writer, whole, NULL, stream};
  cb_write_text(writer, "stream ");
  print_name(writer, stream->name);
  if (stream->input != CEP_NONE) {
    cb_write_text(writer, " from ");
    print_name(writer, whole->inputs[stream->input].name);
  }
  cb_write_printf(writer, ", stratum %u\n", stream->stratum);
  if (stream->regex) {
    cb_write_text(writer, "  regex ");
    cb_json_write_string(writer, stream->regex, strlen(stream->regex));
    cb_write_text(writer, "\n");
  }
  print_line_expr(&printer, "  fits ", stream->fits);
  for (uint32_t i = 0; i < stream->field_count; i++) print_field(writer, &stream->fields[i]);
}

/* ---- Detections ---------------------------------------------------------------------- */

static void print_route(const tree_printer *outer, uint32_t number, const plan_route *route)
{
  tree_printer printer = *outer;
  printer.stream = &outer->whole->streams[route->stream];
  cb_write_printf(printer.writer, "  route %u ", number);
  print_name(printer.writer, printer.stream->name);
  for (uint32_t i = 0; i < outer->detection->key_count; i++) {
    cb_write_text(printer.writer, i == 0 ? " by " : ", ");
    print_name(printer.writer, outer->detection->key_names[i]);
    cb_write_text(printer.writer, " = ");
    print_expr(&printer, route->keys[i]);
  }
  cb_write_text(printer.writer, "\n");
  print_line_expr(&printer, "    member ", route->member);
}

static void print_count(cb_writer *writer, const plan_step *step)
{
  static const char *const inner[] = {[PLAN_RELAXED] = "relaxed", [PLAN_STRICT] = "consecutive", [PLAN_ANY] = "any"};
  if (step->optional) cb_write_text(writer, " optional");
  if (!step->counted) return;
  cb_write_printf(writer, " %u", step->min);
  if (step->max == PLAN_OPEN) {
    cb_write_text(writer, "+");
  } else if (step->max != step->min) {
    cb_write_printf(writer, "..%u", step->max);
  }
  cb_write_printf(writer, " %s %s", step->greed == PLAN_GREEDY ? "greedy" : "reluctant", inner[step->inner]);
}

static void print_step(const tree_printer *outer, uint32_t number, const plan_step *step)
{
  static const char *const hops[] = {[PLAN_RELAXED] = "", [PLAN_STRICT] = " immediately", [PLAN_ANY] = " any"};
  tree_printer printer = *outer;
  cb_writer *writer = outer->writer;
  printer.stream = &outer->whole->streams[step->stream];
  cb_write_printf(writer, "  step %u%s", number, hops[step->hop]);
  if (step->kind == PLAN_NO) cb_write_text(writer, " no");
  if (step->kind == PLAN_UNTIL) cb_write_text(writer, " until");
  if (step->gap) {
    cb_write_text(writer, " within ");
    print_duration(writer, step->gap);
  }
  print_count(writer, step);
  cb_write_text(writer, " ");
  print_name(writer, step->role);
  if (step->named) {
    cb_write_text(writer, " as ");
    print_name(writer, step->name);
  }
  cb_write_printf(writer, ", route %u", step->route);
  if (step->no_for) {
    cb_write_text(writer, ", for ");
    print_duration(writer, step->no_for);
  }
  if (step->until != CEP_NONE) cb_write_printf(writer, ", until %u", step->until);
  cb_write_text(writer, "\n");
  print_line_expr(&printer, "    member ", step->member);
  print_line_expr(&printer, "    where ", step->where);
  for (uint32_t i = 0; i < step->distinct_count; i++) print_line_expr(&printer, "    distinct ", step->distinct[i]);
}

static int is_flat(const plan_element *pattern)
{
  for (uint32_t i = 0; i < pattern->item_count; i++) {
    if (pattern->items[i].kind != PLAN_STEP) return 0;
  }
  return 1;
}

static void print_element(cb_writer *writer, const plan_element *element, int depth)
{
  static const char *const words[] = {[PLAN_SEQUENCE] = "sequence", [PLAN_ONE_OF] = "one of", [PLAN_ALL_OF] = "all of"};
  static const char *const hops[] = {[PLAN_RELAXED] = "", [PLAN_STRICT] = "immediately ", [PLAN_ANY] = "any "};
  static const char *const inner[] = {[PLAN_RELAXED] = "relaxed", [PLAN_STRICT] = "consecutive", [PLAN_ANY] = "any"};
  for (int i = 0; i < depth; i++) cb_write_text(writer, "  ");
  if (element->kind == PLAN_STEP) {
    cb_write_printf(writer, "step %u\n", element->step);
    return;
  }
  cb_write_text(writer, hops[element->hop]);
  if (element->gap) {
    cb_write_text(writer, "within ");
    print_duration(writer, element->gap);
    cb_write_text(writer, " ");
  }
  if (element->optional) cb_write_text(writer, "optional ");
  if (element->max == PLAN_OPEN) {
    cb_write_printf(writer, "%u+ %s ", element->min, inner[element->inner]);
  } else if (element->max > 1) {
    cb_write_printf(writer, "%u..%u %s ", element->min, element->max, inner[element->inner]);
  }
  cb_write_text(writer, words[element->kind]);
  if (element->until != CEP_NONE) cb_write_printf(writer, " until %u", element->until);
  cb_write_text(writer, "\n");
  for (uint32_t i = 0; i < element->item_count; i++) print_element(writer, &element->items[i], depth + 1);
}

/* How the steps stand together, where it is more than one behind the other; and what is asked of the whole. */
static void print_pattern(const tree_printer *printer)
{
  const plan_detection *detection = printer->detection;
  if (!is_flat(&detection->pattern)) {
    cb_write_text(printer->writer, "  pattern\n");
    for (uint32_t i = 0; i < detection->pattern.item_count; i++) print_element(printer->writer, &detection->pattern.items[i], 2);
  }
  if (detection->latest) cb_write_text(printer->writer, "  latest\n");
  print_line_expr(printer, "  having ", detection->having);
}

static void print_outputs(const tree_printer *printer, const char *label, const plan_output *outputs, uint32_t count)
{
  cb_write_printf(printer->writer, "  %s\n", label);
  for (uint32_t i = 0; i < count; i++) {
    cb_write_text(printer->writer, "    ");
    print_name(printer->writer, outputs[i].name);
    cb_write_printf(printer->writer, ": %s%s = ", cb_kind_name(outputs[i].expr->kind), outputs[i].expr->may_be_null ? "?" : "");
    print_expr(printer, outputs[i].expr);
    cb_write_text(printer->writer, "\n");
  }
}

static void print_skip(const tree_printer *printer)
{
  static const char *const skips[] = {[PLAN_SKIP_PAST_LAST] = "skip past last", [PLAN_SKIP_NO] = "no skip", [PLAN_SKIP_TO_NEXT] = "skip to next",
                                      [PLAN_SKIP_TO_FIRST] = "skip to first ", [PLAN_SKIP_TO_LAST] = "skip to last "};
  const plan_detection *detection = printer->detection;
  cb_write_printf(printer->writer, "  after match %s", skips[detection->skip]);
  if (detection->skip_step != CEP_NONE) print_name(printer->writer, detection->steps[detection->skip_step].name);
  cb_write_text(printer->writer, detection->earliest_first ? " earliest start first\n" : "\n");
  if (detection->limit) cb_write_printf(printer->writer, "  limit %llu matches\n", (unsigned long long)detection->limit);
}

static void print_suppress(const tree_printer *printer)
{
  const plan_detection *detection = printer->detection;
  if (!detection->suppress.duration) return;
  cb_write_text(printer->writer, "  suppress ");
  print_duration(printer->writer, detection->suppress.duration);
  for (uint32_t i = 0; i < detection->suppress.by_count; i++) {
    uint32_t by = detection->suppress.by[i];
    cb_write_text(printer->writer, i == 0 ? " by " : ", ");
    print_name(printer->writer, by < detection->key_count ? detection->key_names[by] : detection->emit[by - detection->key_count].name);
  }
  cb_write_text(printer->writer, "\n");
}

static void print_meta(const tree_printer *printer)
{
  for (uint32_t i = 0; i < printer->detection->meta_count; i++) {
    cb_write_text(printer->writer, "  meta ");
    print_name(printer->writer, printer->detection->meta[i].name);
    cb_write_text(printer->writer, ": ");
    print_value(printer->writer, &printer->detection->meta[i].value);
    cb_write_text(printer->writer, "\n");
  }
}

static void print_part(cb_writer *writer, const char *word, cep_duration duration)
{
  if (duration == 0) return;
  cb_write_text(writer, word);
  print_duration(writer, duration);
}

static void print_span(cb_writer *writer, const plan_window *window)
{
  cb_write_printf(writer, "window %s", plan_window_word(window->kind));
  print_part(writer, window->kind == PLAN_SESSION ? " gap " : " ", window->length);
  if (window->kind == PLAN_SLIDING) print_part(writer, " every ", window->every);
  if (window->kind == PLAN_COUNT_WINDOW) cb_write_printf(writer, " %llu", (unsigned long long)window->events);
  if (window->every_events != window->events) cb_write_printf(writer, " every %llu", (unsigned long long)window->every_events);
  print_part(writer, " max ", window->max);
  print_part(writer, " offset ", window->offset);
  print_part(writer, " even empty for ", window->even_empty);
  print_part(writer, " allowed lateness ", window->allowed);
}

static void print_join(const tree_printer *printer)
{
  const plan_join *join = printer->detection->join;
  cb_write_text(printer->writer, "  ");
  if (join->window) {
    print_span(printer->writer, join->window);
  } else {
    cb_write_text(printer->writer, "within ");
    print_duration(printer->writer, join->within);
  }
  cb_write_printf(printer->writer, " %s\n", plan_join_word(join->kind));
  print_line_expr(printer, "  where ", join->where);
}

/* In place of a sequence: the window and what is worked out at its end. */
static void print_window(const tree_printer *printer)
{
  const plan_window *window = printer->detection->window;
  cb_writer *writer = printer->writer;
  cb_write_text(writer, "  ");
  print_span(writer, window);
  print_part(writer, ", early every ", window->early_every);
  cb_write_text(writer, window->at_once ? ", at once\n" : "\n");
  print_outputs(printer, "measures", window->measures, window->measure_count);
  print_line_expr(printer, "  having ", window->having);
}

static void print_detection(cb_writer *writer, const plan *whole, const plan_detection *detection)
{
  tree_printer printer = {writer, whole, detection, NULL};
  int is_pattern = !detection->window && !detection->join;
  cb_write_text(writer, detection->window ? "aggregate " : detection->join ? "join " : "detection ");
  print_name(writer, detection->name);
  cb_write_printf(writer, is_pattern ? ", stratum %u\n  " : ", stratum %u\n", detection->stratum);
  if (detection->window) {
    print_window(&printer);
  } else if (detection->join) {
    print_join(&printer);
  } else if (detection->within_events > 0) {
    cb_write_printf(writer, "within %llu events\n", (unsigned long long)detection->within_events);
  } else if (detection->within == PLAN_UNBOUNDED) {
    cb_write_text(writer, "unbounded\n");
  } else {
    cb_write_text(writer, "within ");
    print_duration(writer, detection->within);
    cb_write_text(writer, "\n");
  }
  for (uint32_t i = 0; i < detection->route_count; i++) print_route(&printer, i, &detection->routes[i]);
  for (uint32_t i = 0; !detection->window && i < detection->step_count; i++) print_step(&printer, i, &detection->steps[i]);
  if (is_pattern) {
    print_pattern(&printer);
    print_skip(&printer);
  }
  print_outputs(&printer, detection->emit_once ? "emit once" : "emit", detection->emit, detection->emit_count);
  if (detection->on_timeout) print_outputs(&printer, "on timeout emit", detection->timeout_emit, detection->timeout_emit_count);
  print_suppress(&printer);
  print_meta(&printer);
  if (detection->test_count) cb_write_printf(writer, "  tests %u\n", detection->test_count);
}

cep_status plan_print(cb_writer *writer, const plan *whole)
{
  for (uint32_t i = 0; i < whole->table_count; i++) print_table_of(writer, &whole->tables[i]);
  for (uint32_t i = 0; i < whole->input_count; i++) print_input(writer, &whole->inputs[i]);
  for (uint32_t i = 0; i < whole->stream_count; i++) print_stream(writer, whole, &whole->streams[i]);
  for (uint32_t i = 0; i < whole->detection_count; i++) print_detection(writer, whole, &whole->detections[i]);
  return writer->status;
}
