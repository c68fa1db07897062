/* ast_print.c - the tree of a rule file as indented text, for goldens. */
#include "patterns/ast.h"

#include <string.h>

#include "cep/base/time.h"

static void write_indent(cb_writer *writer, int depth)
{
  for (int i = 0; i < depth; i++) cb_write_text(writer, "  ");
}

static void write_duration(cb_writer *writer, const char *label, cep_duration duration)
{
  char text[CB_TIME_TEXT_MAX];
  (void)cb_duration_print(duration, text);
  cb_write_printf(writer, "%s%s", label, text);
}

static void write_quoted(cb_writer *writer, const char *label, const char *text)
{
  cb_write_text(writer, label);
  cb_json_write_string(writer, text, strlen(text));
}

/* ---- Expressions -------------------------------------------------------------------- */

static const char *op_text(plan_op op)
{
  switch (op) {
  case PLAN_NOT: return "not";
  case PLAN_AND: return "and";
  case PLAN_OR: return "or";
  case PLAN_EQ: return "==";
  case PLAN_NE: return "!=";
  case PLAN_LT: return "<";
  case PLAN_LE: return "<=";
  case PLAN_GT: return ">";
  case PLAN_GE: return ">=";
  case PLAN_ADD: return "+";
  case PLAN_SUB:
  case PLAN_NEG: return "-";
  case PLAN_MUL: return "*";
  case PLAN_DIV: return "/";
  case PLAN_IDIV: return "div";
  case PLAN_MOD: return "%";
  case PLAN_IS_NULL: return "is-null";
  case PLAN_IN: return "in";
  case PLAN_LIKE: return "like";
  case PLAN_ILIKE: return "ilike";
  case PLAN_REGEX: return "~";
  case PLAN_CONTAINS: return "contains";
  case PLAN_STARTS: return "starts-with";
  case PLAN_ENDS: return "ends-with";
  case PLAN_ICONTAINS: return "icontains";
  case PLAN_ISTARTS: return "istarts-with";
  case PLAN_IENDS: return "iends-with";
  case PLAN_CIDR: return "in-cidr";
  case PLAN_IN_TABLE: return "in-table";
  default: return "";
  }
}

static void print_args(cb_writer *writer, const pat_expr *expr)
{
  for (uint32_t i = 0; i < expr->args.count; i++) {
    cb_write_text(writer, " ");
    pat_ast_print_expr(writer, expr->args.at[i]);
  }
}

static void print_literal(cb_writer *writer, const cep_value *value)
{
  if (value->kind == CEP_DURATION) {
    write_duration(writer, "", value->as.i);
  } else {
    cb_value_write_json(writer, value);
  }
}

void pat_ast_print_expr(cb_writer *writer, const pat_expr *expr)
{
  switch (expr->kind) {
  case PAT_E_LITERAL: print_literal(writer, &expr->value); return;
  case PAT_E_NAME: cb_write_text(writer, expr->name.text); return;
  case PAT_E_MEMBER: cb_write_printf(writer, "(. %s", expr->name.text); break;
  case PAT_E_INDEX: cb_write_text(writer, "([]"); break;
  case PAT_E_CALL: cb_write_printf(writer, "(%s%s", expr->name.text, expr->has_where ? " where" : "()"); break;
  case PAT_E_OP: cb_write_printf(writer, expr->is_negated ? "(not-%s" : "(%s", op_text(expr->op)); break;
  case PAT_E_BETWEEN: cb_write_text(writer, expr->is_negated ? "(not-between" : "(between"); break;
  case PAT_E_CASE: cb_write_text(writer, "(case"); break;
  }
  print_args(writer, expr);
  cb_write_text(writer, ")");
}

static void print_expr_line(cb_writer *writer, int depth, const char *label, const pat_expr *expr)
{
  if (!expr) return;
  write_indent(writer, depth);
  cb_write_text(writer, label);
  pat_ast_print_expr(writer, expr);
  cb_write_text(writer, "\n");
}

static void print_object(cb_writer *writer, int depth, const char *label, const pat_object *object)
{
  write_indent(writer, depth);
  cb_write_printf(writer, "%s\n", label);
  for (uint32_t i = 0; i < object->count; i++) {
    write_indent(writer, depth + 1);
    cb_write_printf(writer, "%s: ", object->at[i].name.text);
    pat_ast_print_expr(writer, object->at[i].expr);
    cb_write_text(writer, "\n");
  }
}

/* ---- Sources ------------------------------------------------------------------------- */

static void print_time(cb_writer *writer, const pat_time *time)
{
  static const char *const forms[] = {[PLAN_TIME_RFC3339] = "rfc3339", [PLAN_TIME_S] = "s",   [PLAN_TIME_MS] = "ms",
                                      [PLAN_TIME_US] = "us",           [PLAN_TIME_NS] = "ns", [PLAN_TIME_STRPTIME] = "form"};
  if (time->span.length == 0) return;
  cb_write_printf(writer, "  time %s", time->field.text ? time->field.text : "(line start)");
  if (time->path.text) write_quoted(writer, " at ", time->path.text);
  if (time->has_form) cb_write_printf(writer, " %s", forms[time->form]);
  if (time->strptime.text) write_quoted(writer, " ", time->strptime.text);
  if (time->year) cb_write_printf(writer, " year %d", (int)time->year);
  if (time->zone.text) write_quoted(writer, " zone ", time->zone.text);
  if (time->lateness) write_duration(writer, " lateness ", time->lateness);
  if (time->idle) write_duration(writer, " idle ", time->idle);
  cb_write_text(writer, "\n");
}

static void print_format(cb_writer *writer, const pat_stream *stream)
{
  if (stream->has_format) cb_write_printf(writer, " %s", plan_format_word(stream->format));
  if (stream->line.text) write_quoted(writer, " ", stream->line.text);
  if (stream->columns.text) write_quoted(writer, " columns ", stream->columns.text);
  if (stream->delimiter.text) write_quoted(writer, " delimiter ", stream->delimiter.text);
  if (stream->quote.text) write_quoted(writer, " quote ", stream->quote.text);
}

static void print_members(cb_writer *writer, const pat_stream *stream)
{
  for (uint32_t i = 0; i < stream->members.count; i++) {
    const pat_member *member = &stream->members.at[i];
    cb_write_printf(writer, "  %s: %s%s", member->name.text, cb_kind_name(member->kind), member->is_nullable ? "?" : "");
    if (member->path.text) write_quoted(writer, " at ", member->path.text);
    cb_write_text(writer, "\n");
    print_expr_line(writer, 2, "= ", member->missing);
  }
}

static void print_source(cb_writer *writer, const pat_decl *decl)
{
  const pat_stream *stream = decl->stream;
  cb_write_printf(writer, "%s %s", stream->is_input ? "input" : "stream", decl->name.text);
  if (stream->has_place) write_quoted(writer, " place ", stream->place_kind);
  if (stream->place) write_quoted(writer, " ", stream->place);
  if (stream->from.text) cb_write_printf(writer, " from %s", stream->from.text);
  if (stream->regex.text) write_quoted(writer, " ", stream->regex.text);
  print_format(writer, stream);
  cb_write_text(writer, "\n");
  print_expr_line(writer, 1, "where ", stream->where);
  print_time(writer, &stream->time);
  print_members(writer, stream);
}

static void print_table(cb_writer *writer, const pat_decl *decl)
{
  const pat_table *table = decl->table;
  cb_write_printf(writer, "table %s", decl->name.text);
  write_quoted(writer, " from file ", table->source.place);
  print_format(writer, &table->source);
  cb_write_printf(writer, " key %s", table->key.text);
  if (table->as_of.text) cb_write_printf(writer, " as of %s", table->as_of.text);
  if (table->refresh) write_duration(writer, " refresh ", table->refresh);
  cb_write_text(writer, "\n");
  print_members(writer, &table->source);
}

/* ---- Detections ----------------------------------------------------------------------- */

static const char *contiguity_text(plan_contiguity contiguity)
{
  return contiguity == PLAN_STRICT ? "strict" : contiguity == PLAN_ANY ? "any" : "relaxed";
}

static void print_count(cb_writer *writer, const pat_element *element)
{
  if (element->is_optional) cb_write_text(writer, " optional");
  if (!element->has_count) return;
  cb_write_printf(writer, " %lld", (long long)element->min);
  if (element->max == PLAN_OPEN) {
    cb_write_text(writer, "+");
  } else if (element->max != element->min) {
    cb_write_printf(writer, "..%lld", (long long)element->max);
  }
  if (element->has_greed) cb_write_text(writer, element->greed == PLAN_GREEDY ? " greedy" : " reluctant");
  if (element->has_inner) cb_write_printf(writer, " inner-%s", contiguity_text(element->inner));
}

static void print_step_parts(cb_writer *writer, int depth, const pat_step *step)
{
  cb_write_printf(writer, " %s", step->role.text);
  if (step->name.text) cb_write_printf(writer, " as %s", step->name.text);
  if (step->has_for) write_duration(writer, " for ", step->no_for);
  cb_write_text(writer, "\n");
  for (uint32_t i = 0; i < step->distinct.count; i++) print_expr_line(writer, depth + 1, "distinct ", step->distinct.at[i]);
  print_expr_line(writer, depth + 1, "where ", step->where);
}

static const char *element_word(const pat_detect *detect, const pat_element *element)
{
  switch (element->kind) {
  case PLAN_STEP: return detect->steps.at[element->step].kind == PLAN_NO ? "no" : "step";
  case PLAN_SEQUENCE: return "group";
  case PLAN_ONE_OF: return "one-of";
  case PLAN_ALL_OF: return "all-of";
  }
  CB_UNREACHABLE();
}

static void print_elements(cb_writer *writer, const pat_detect *detect, const pat_elements *elements, int depth, int has_hops)
{
  for (uint32_t i = 0; i < elements->count; i++) {
    const pat_element *element = &elements->at[i];
    write_indent(writer, depth);
    cb_write_text(writer, element_word(detect, element));
    if (has_hops && i > 0) cb_write_printf(writer, " %s", contiguity_text(element->hop));
    if (element->gap > 0) write_duration(writer, " within ", element->gap);
    print_count(writer, element);
    if (element->kind == PLAN_STEP) {
      print_step_parts(writer, depth, &detect->steps.at[element->step]);
    } else {
      cb_write_text(writer, "\n");
      print_elements(writer, detect, &element->items, depth + 1, element->kind == PLAN_SEQUENCE);
    }
    if (element->until == CEP_NONE) continue;
    write_indent(writer, depth);
    cb_write_text(writer, "until");
    print_step_parts(writer, depth, &detect->steps.at[element->until]);
  }
}

static void print_skip(cb_writer *writer, const pat_detect *detect)
{
  static const char *const skips[] = {[PLAN_SKIP_PAST_LAST] = "past last", [PLAN_SKIP_NO] = "no", [PLAN_SKIP_TO_NEXT] = "to next",
                                      [PLAN_SKIP_TO_FIRST] = "to first", [PLAN_SKIP_TO_LAST] = "to last"};
  if (detect->skip_span.length > 0) {
    cb_write_printf(writer, "  skip %s", skips[detect->skip]);
    if (detect->skip_step.text) cb_write_printf(writer, " %s", detect->skip_step.text);
    cb_write_text(writer, detect->is_earliest_first ? " earliest-first\n" : "\n");
  }
  if (detect->limit_span.length > 0) cb_write_printf(writer, "  limit %llu\n", (unsigned long long)detect->limit);
}

static void print_action(cb_writer *writer, const pat_test_action *action)
{
  static const char *const words[] = {[PLAN_TEST_AT] = "at", [PLAN_TEST_WATERMARK] = "watermark", [PLAN_TEST_MATCH] = "expect match",
                                      [PLAN_TEST_TIMEOUT] = "expect timeout", [PLAN_TEST_COUNT] = "expect count",
                                      [PLAN_TEST_NOTHING] = "expect nothing", [PLAN_TEST_LATE] = "expect late",
                                      [PLAN_TEST_UPDATE] = "expect update"};
  cb_write_printf(writer, "    %s", words[action->what]);
  if (action->has_time) write_duration(writer, " ", action->time);
  if (action->stream.text) cb_write_printf(writer, " %s", action->stream.text);
  if (action->number) cb_write_printf(writer, " x%llu", (unsigned long long)action->number);
  if (action->every) write_duration(writer, " every ", action->every);
  if (action->partition) cb_write_printf(writer, " partition %u", action->partition);
  cb_write_text(writer, "\n");
  if (action->object.count > 0) print_object(writer, 3, "values", &action->object);
}

static void print_test(cb_writer *writer, const pat_test *test)
{
  write_quoted(writer, "  test ", test->name.text);
  cb_write_text(writer, "\n");
  for (uint32_t i = 0; i < test->actions.count; i++) print_action(writer, &test->actions.at[i]);
}

static void print_window(cb_writer *writer, const pat_window *window)
{
  cb_write_printf(writer, " %s", plan_window_word(window->kind));
  if (window->length > 0) write_duration(writer, " ", window->length);
  if (window->every > 0) write_duration(writer, " every ", window->every);
  if (window->max > 0) write_duration(writer, " max ", window->max);
  if (window->events > 0)
    cb_write_printf(writer, " %llu every %llu", (unsigned long long)window->events, (unsigned long long)window->every_events);
  if (window->offset_span.length > 0) write_duration(writer, " offset ", window->offset);
  if (window->even_span.length > 0) write_duration(writer, " even-empty ", window->even_empty);
  if (window->allowed_span.length > 0) write_duration(writer, " allowed ", window->allowed);
  if (window->early_span.length > 0) write_duration(writer, " early ", window->early_every);
  if (window->is_at_once) cb_write_text(writer, " at-once");
}

static void print_join(cb_writer *writer, const pat_join *join)
{
  if (join->window) {
    print_window(writer, join->window);
  } else {
    write_duration(writer, " within ", join->within);
  }
  cb_write_printf(writer, " %s", plan_join_word(join->kind));
}

static void print_header(cb_writer *writer, const pat_decl *decl)
{
  const pat_detect *detect = decl->detect;
  cb_write_printf(writer, detect->window ? "aggregate %s" : detect->join ? "join %s" : "detect %s", decl->name.text);
  if (detect->window) {
    print_window(writer, detect->window);
  } else if (detect->join) {
    print_join(writer, detect->join);
  } else if (detect->within_events > 0) {
    cb_write_printf(writer, " within %llu events", (unsigned long long)detect->within_events);
  } else if (detect->has_span && detect->within == PLAN_UNBOUNDED) {
    cb_write_text(writer, " unbounded");
  } else if (detect->has_span) {
    write_duration(writer, " within ", detect->within);
  }
  cb_write_text(writer, "\n");
  for (uint32_t i = 0; i < detect->keys.count; i++) {
    const pat_key *key = &detect->keys.at[i];
    cb_write_printf(writer, "  by %s", key->name.text);
    for (uint32_t j = 0; j < key->parts.count; j++) {
      cb_write_text(writer, " = ");
      pat_ast_print_expr(writer, key->parts.at[j]);
    }
    cb_write_text(writer, "\n");
  }
}

static void print_detect(cb_writer *writer, const pat_decl *decl)
{
  const pat_detect *detect = decl->detect;
  print_header(writer, decl);
  if (detect->latest_span.length > 0) cb_write_text(writer, "  latest\n");
  print_elements(writer, detect, &detect->pattern.items, 1, 1);
  print_expr_line(writer, 1, "having ", detect->having);
  int is_pattern = !detect->window && !detect->join;
  for (uint32_t i = 0; !is_pattern && i < detect->steps.count; i++) {
    cb_write_text(writer, "  step");
    print_step_parts(writer, 1, &detect->steps.at[i]);
  }
  if (detect->join) print_expr_line(writer, 1, "where ", detect->join->where);
  if (detect->window) {
    print_object(writer, 1, "measures", &detect->window->measures);
    print_expr_line(writer, 1, "having ", detect->window->having);
  }
  print_skip(writer, detect);
  if (detect->emit_span.length > 0) print_object(writer, 1, detect->once_span.length > 0 ? "emit once" : "emit", &detect->emit);
  if (detect->timeout_span.length > 0) print_object(writer, 1, "on timeout emit", &detect->timeout_emit);
  if (detect->suppress_span.length > 0) {
    write_duration(writer, "  suppress ", detect->suppress);
    for (uint32_t i = 0; i < detect->suppress_by.count; i++) cb_write_printf(writer, " %s", detect->suppress_by.at[i].text);
    cb_write_text(writer, "\n");
  }
  if (detect->meta_span.length > 0) print_object(writer, 1, "meta", &detect->meta);
  for (uint32_t i = 0; i < detect->tests.count; i++) print_test(writer, &detect->tests.at[i]);
}

cep_status pat_ast_print(cb_writer *writer, const pat_file *file)
{
  for (uint32_t i = 0; i < file->decls.count; i++) {
    const pat_decl *decl = &file->decls.at[i];
    if (decl->is_broken || !decl->name.text) {
      cb_write_text(writer, "broken\n");
      continue;
    }
    switch (decl->kind) {
    case PAT_D_INPUT:
    case PAT_D_STREAM: print_source(writer, decl); break;
    case PAT_D_DEFINE:
      cb_write_printf(writer, "define %s = %s\n", decl->name.text, decl->define->base.text);
      print_expr_line(writer, 1, "where ", decl->define->where);
      break;
    case PAT_D_DETECT: print_detect(writer, decl); break;
    case PAT_D_TABLE: print_table(writer, decl); break;
    case PAT_D_OTHER: cb_write_printf(writer, "other %s\n", decl->name.text); break;
    }
  }
  return writer->status;
}
