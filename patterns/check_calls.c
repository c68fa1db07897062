/* check_calls.c - functions of one event, and aggregates over captures. */
#include "patterns/check.h"

#include <string.h>

typedef struct builtin {
  const char *name;
  const char *args;
  char result;
} builtin;

static const builtin builtins[] = {
#define F(name, args, result, text) {#name, args, result},
#include "patterns/builtin.def"
#undef F
};
#define BUILTIN_COUNT (sizeof builtins / sizeof *builtins)

static const char *const aggregates[] = {[PLAN_COUNT] = "count", [PLAN_SUM] = "sum", [PLAN_AVG] = "avg", [PLAN_MIN] = "min", [PLAN_MAX] = "max", [PLAN_DISTINCT] = "distinct"};
#define AGGREGATE_COUNT (sizeof aggregates / sizeof *aggregates)

/* ---- Aggregates -------------------------------------------------------------------- */

static int aggregate_kind(plan_aggregate what, cep_kind arg, cep_kind *out)
{
  int is_number = arg == CEP_INT || arg == CEP_FLOAT;
  *out = arg;
  switch (what) {
  case PLAN_COUNT:
  case PLAN_DISTINCT: *out = CEP_INT; return 1;
  case PLAN_SUM: return is_number || arg == CEP_DURATION;
  case PLAN_AVG:
    if (is_number) *out = CEP_FLOAT;
    return is_number || arg == CEP_DURATION;
  case PLAN_STDDEV: *out = CEP_FLOAT; return is_number;
  case PLAN_MIN:
  case PLAN_MAX: return is_number || arg == CEP_DURATION || arg == CEP_TIME;
  }
  CB_UNREACHABLE();
}

static plan_expr *new_aggregate(pat_scope *scope, plan_aggregate what, cep_kind kind, uint32_t step, cb_span span)
{
  plan_expr *result = pat_new_plan_expr(scope->compile, PLAN_AGGREGATE, kind, span, 0, NULL);
  if (!result) return NULL;
  result->aggregate = what;
  result->step = step;
  result->may_be_null = what != PLAN_COUNT && what != PLAN_DISTINCT;
  return result;
}

/* args[0] and args[1] of an aggregate: the value, NULL for events alone; the condition, if any. */
static const plan_expr *with_args(pat_scope *scope, plan_expr *result, const plan_expr *value, const plan_expr *where)
{
  const plan_expr **args = cb_arena_take(scope->compile->arena, 2 * sizeof *args);
  if (!result || !args) return NULL;
  args[0] = value;
  args[1] = where;
  result->args = args;
  result->arg_count = where ? 2 : 1;
  return result;
}

static const plan_expr *bad_aggregate(pat_scope *scope, const pat_expr *expr, const plan_expr *arg, plan_aggregate what)
{
  pat_report(scope->compile->diags, 410, expr->span, "%s goes over %s, found '%s' (%s)", aggregates[what],
             what == PLAN_MIN || what == PLAN_MAX ? "numbers, times and durations" : "numbers and durations",
             pat_text_at(scope->compile, arg->span), cb_kind_name(arg->kind));
  return NULL;
}

static const plan_expr *check_count_where(pat_scope *scope, const pat_expr *expr, pat_scope *inner)
{
  const plan_expr *where = pat_check_condition(inner, expr->args.at[0]);
  if (!where) return NULL;
  if (inner->over == CEP_NONE) {
    pat_report(scope->compile->diags, 314, expr->span, "count(where …) names no step; write count(where <step>.<field> …)");
    return NULL;
  }
  return with_args(scope, new_aggregate(scope, PLAN_COUNT, CEP_INT, inner->over, expr->span), NULL, where);
}

/* `fail` in count(fail). */
static int is_step_name(const pat_scope *scope, const pat_expr *arg)
{
  return arg->kind == PAT_E_NAME && pat_find_step(scope, arg->name.text) != CEP_NONE;
}

static const plan_expr *bad_window_args(pat_scope *scope, const pat_expr *expr, plan_aggregate what)
{
  const char *name = aggregates[what];
  pat_report(scope->compile->diags, 323, expr->span,
             what == PLAN_COUNT ? "%s takes nothing, a value or a condition: count(), count(user), count(where port > 1)"
                                : "%s takes one value of the events: %s(amount)",
             name, name);
  return NULL;
}

static const plan_expr *check_distinct(pat_scope *scope, const pat_expr *expr, pat_scope *inner)
{
  pat_compile *compile = scope->compile;
  if (expr->has_where || expr->args.count == 0) {
    pat_report(compile->diags, 323, expr->span, "distinct takes one value or more: distinct(user), distinct(user, host)");
    return NULL;
  }
  const plan_expr **args = cb_arena_take(compile->arena, expr->args.count * sizeof *args);
  int is_good = args != NULL;
  for (uint32_t i = 0; args && i < expr->args.count; i++) {
    args[i] = pat_check(inner, expr->args.at[i]);
    if (!args[i]) is_good = 0;
  }
  if (is_good && inner->fields_read == scope->fields_read) {
    pat_report(compile->diags, 521, expr->span, "'%s' reads no field", pat_text_at(compile, expr->span));
    is_good = 0;
  }
  plan_expr *result = is_good ? new_aggregate(scope, PLAN_DISTINCT, CEP_INT, 0, expr->span) : NULL;
  if (!result) return NULL;
  result->args = args;
  result->arg_count = expr->args.count;
  return result;
}

static const plan_expr *check_aggregate(pat_scope *scope, const pat_expr *expr, plan_aggregate what)
{
  pat_compile *compile = scope->compile;
  const char *name = aggregates[what];
  int is_window = scope->kind == PAT_IN_WINDOW;
  if (what == PLAN_DISTINCT && !is_window) {
    pat_report(compile->diags, 901, expr->name.span, "the function 'distinct' over captures is not supported yet");
    return NULL;
  }
  if (scope->kind != PAT_IN_STEP && scope->kind != PAT_IN_OUTPUT && !is_window) {
    pat_report(compile->diags, 316, expr->span, "%s sees one event alone; %s goes over the captures of a step", scope->what, name);
    return NULL;
  }
  if (scope->is_aggregate) {
    pat_report(compile->diags, 314, expr->span, "an aggregate cannot stand inside another one");
    return NULL;
  }
  pat_scope inner = *scope;
  inner.is_aggregate = 1;
  inner.over = is_window ? 0 : CEP_NONE;
  if (what == PLAN_DISTINCT) return check_distinct(scope, expr, &inner);
  if (is_window && what == PLAN_COUNT && expr->args.count == 0 && !expr->has_where)
    return new_aggregate(scope, PLAN_COUNT, CEP_INT, 0, expr->span);
  if (expr->args.count != 1 || (expr->has_where && what != PLAN_COUNT)) {
    if (is_window) return bad_window_args(scope, expr, what);
    pat_report(compile->diags, 323, expr->span,
               what == PLAN_COUNT ? "%s takes a step, a step's field or a condition: count(fail), count(fail.user), count(where fail.port > 1)"
                                  : "%s takes one expression over the captures of a step: %s(fail.amount)",
               name, name);
    return NULL;
  }
  if (expr->has_where) return check_count_where(scope, expr, &inner);
  const pat_expr *arg = expr->args.at[0];
  if (what == PLAN_COUNT && is_step_name(scope, arg)) {
    pat_capture capture;
    if (!pat_find_capture(scope, arg, &capture)) return NULL;
    return new_aggregate(scope, PLAN_COUNT, CEP_INT, capture.step, expr->span);
  }
  const plan_expr *value = pat_check(&inner, arg);
  if (!value) return NULL;
  if (what == PLAN_COUNT && value->kind == CEP_BOOL) {
    pat_report(compile->diags, 411, expr->span, "count of a condition counts values, true or false; to count where it is true write count(where %s)",
               pat_text_at(compile, arg->span));
    return NULL;
  }
  if (inner.over == CEP_NONE) {
    pat_report(compile->diags, 314, expr->span, "'%s' names no step; write %s(<step>.<field>)", pat_text_at(compile, arg->span), name);
    return NULL;
  }
  cep_kind kind;
  if (!aggregate_kind(what, value->kind, &kind)) return bad_aggregate(scope, expr, value, what);
  return with_args(scope, new_aggregate(scope, what, kind, inner.over, expr->span), value, NULL);
}

/* ---- first and last ---------------------------------------------------------------- */

/* last(fall.price) is last(fall).price. */
static const plan_expr *check_end(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  int is_member = expr->args.count == 1 && !expr->has_where && expr->args.at[0]->kind == PAT_E_MEMBER;
  const pat_expr *inside = is_member ? expr->args.at[0] : NULL;
  if (is_member && inside->args.at[0]->kind == PAT_E_NAME) {
    pat_capture capture;
    if (!pat_find_capture(scope, inside->args.at[0], &capture)) return NULL;
    capture.nth = expr->name.text[0] == 'l' ? -1 : 0;
    capture.is_bare = 0;
    return pat_read_capture(scope, &capture, &inside->name, expr->span);
  }
  pat_report(compile->diags, 312, expr->span, "'%s' is no value; write %s(step).field", pat_text_at(compile, expr->span),
             expr->name.text);
  return NULL;
}

/* ---- Functions --------------------------------------------------------------------- */

static const plan_expr *const *check_all(pat_scope *scope, const pat_expr *expr)
{
  const plan_expr **args = cb_arena_take(scope->compile->arena, expr->args.count * sizeof *args + 1);
  int is_good = args != NULL;
  for (uint32_t i = 0; args && i < expr->args.count; i++) {
    args[i] = pat_check(scope, expr->args.at[i]);
    if (!args[i]) is_good = 0;
  }
  return is_good ? args : NULL;
}

static const plan_expr *check_coalesce(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  if (expr->args.count == 0) {
    pat_report(compile->diags, 323, expr->span, "coalesce takes one value or more");
    return NULL;
  }
  const plan_expr *const *args = check_all(scope, expr);
  const plan_expr **kept = cb_arena_take(compile->arena, expr->args.count * sizeof *kept);
  if (!args || !kept) return NULL;
  uint32_t count = 0;
  for (uint32_t i = 0; i < expr->args.count; i++) {
    const char *why = NULL;
    if (args[i]->kind == CEP_NULL) continue;
    kept[count++] = args[i];
    if (pat_unify(compile, &kept[0], &kept[count - 1], &why)) continue;
    pat_report(compile->diags, 401, args[i]->span, "coalesce needs values of one kind, found '%s' (%s) and '%s' (%s)",
               pat_text_at(compile, args[0]->span), cb_kind_name(kept[0]->kind), pat_text_at(compile, args[i]->span),
               cb_kind_name(args[i]->kind));
    return NULL;
  }
  if (count == 0) return args[0];
  int may_be_null = 1;
  for (uint32_t i = 0; i < count; i++) {
    const char *why = NULL;
    kept[i] = pat_convert(compile, kept[i], kept[0]->kind, &why);
    if (!kept[i]) return NULL;
    may_be_null &= kept[i]->may_be_null;
  }
  plan_expr *result = pat_new_plan_expr(compile, PLAN_COALESCE, kept[0]->kind, expr->span, count, kept);
  if (result) result->may_be_null = may_be_null;
  return result;
}

static cep_kind letter_kind(char letter)
{
  switch (letter) {
  case 'i': return CEP_INT;
  case 'f': return CEP_FLOAT;
  case 's': return CEP_STRING;
  case 'b': return CEP_BOOL;
  case 't': return CEP_TIME;
  case 'd': return CEP_DURATION;
  case 'a': return CEP_IP;
  default: return CEP_NULL;
  }
}

/* The letter for argument `at`; 0 past the end. '+' repeats the last. */
static char letter_of(const char *letters, uint32_t at)
{
  size_t len = strlen(letters);
  int repeats = len > 1 && letters[len - 1] == '+';
  size_t fixed = repeats ? len - 1 : len;
  if (at < fixed) return letters[at];
  return repeats ? letters[fixed - 1] : '\0';
}

static int right_number_of_args(const builtin *function, uint32_t count)
{
  size_t len = strlen(function->args);
  if (len > 1 && function->args[len - 1] == '+') return count >= len - 1;
  return count == len;
}

static const plan_expr *check_builtin(pat_scope *scope, const pat_expr *expr, uint32_t index)
{
  pat_compile *compile = scope->compile;
  const builtin *function = &builtins[index];
  if (expr->has_where || !right_number_of_args(function, expr->args.count)) {
    size_t len = strlen(function->args);
    int is_open = function->args[len - 1] == '+';
    pat_report(compile->diags, 323, expr->span, "%s takes %zu %s%s, found %u", function->name, is_open ? len - 1 : len,
               len == 1 ? "value" : "values", is_open ? " or more" : "", expr->args.count);
    return NULL;
  }
  const plan_expr *const *args = check_all(scope, expr);
  const plan_expr **converted = cb_arena_take(compile->arena, expr->args.count * sizeof *converted + 1);
  if (!args || !converted) return NULL;
  cep_kind kind = letter_kind(function->result);
  for (uint32_t i = 0; i < expr->args.count; i++) {
    const char *why = NULL;
    char letter = letter_of(function->args, i);
    int is_number = args[i]->kind == CEP_INT || args[i]->kind == CEP_FLOAT;
    converted[i] = letter == 'n' ? (is_number ? args[i] : NULL) : pat_convert(compile, args[i], letter_kind(letter), &why);
    if (!converted[i]) {
      pat_report(compile->diags, 401, args[i]->span, "%s takes %s here, found '%s' (%s)", function->name,
                 letter == 'n' ? "a number" : cb_kind_name(letter_kind(letter)), pat_text_at(compile, args[i]->span),
                 cb_kind_name(args[i]->kind));
      return NULL;
    }
    if (function->result == 'n') kind = args[0]->kind;
  }
  plan_expr *result = pat_new_plan_expr(compile, PLAN_CALL, kind, expr->span, expr->args.count, converted);
  if (!result) return NULL;
  result->index = index;
  if (function->result == 'n') result->may_be_null = 1;
  return result;
}

/* ---- By name ----------------------------------------------------------------------- */

static const plan_expr *unknown_function(pat_scope *scope, const pat_expr *expr)
{
  /* What the language will have: said as such, so that nobody looks for a typing mistake. */
  static const char *const later[] = {"stddev", "matches", "net"};
  pat_compile *compile = scope->compile;
  for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
    if (strcmp(expr->name.text, later[i]) != 0) continue;
    pat_report(compile->diags, 901, expr->name.span, "the function '%s' is not supported yet", later[i]);
    return NULL;
  }
  pat_nearest nearest;
  pat_nearest_init(&nearest, expr->name.text);
  for (size_t i = 0; i < BUILTIN_COUNT; i++) pat_nearest_offer(&nearest, builtins[i].name);
  for (size_t i = 0; i < AGGREGATE_COUNT; i++) pat_nearest_offer(&nearest, aggregates[i]);
  static const char *const others[] = {"first", "last", "prev", "coalesce"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) pat_nearest_offer(&nearest, others[i]);
  pat_report(compile->diags, 304, expr->name.span, "unknown function '%s'%s", expr->name.text, pat_nearest_text(&nearest, compile->arena));
  return NULL;
}

const plan_expr *pat_check_call(pat_scope *scope, const pat_expr *expr)
{
  const char *name = expr->name.text;
  for (uint32_t i = 0; i < AGGREGATE_COUNT; i++) {
    if (strcmp(name, aggregates[i]) == 0) return check_aggregate(scope, expr, (plan_aggregate)i);
  }
  for (uint32_t i = 0; i < BUILTIN_COUNT; i++) {
    if (strcmp(name, builtins[i].name) == 0) return check_builtin(scope, expr, i);
  }
  if (strcmp(name, "first") == 0 || strcmp(name, "last") == 0) return check_end(scope, expr);
  if (strcmp(name, "prev") == 0) return pat_check_prev(scope, expr);
  if (strcmp(name, "coalesce") == 0) return check_coalesce(scope, expr);
  return unknown_function(scope, expr);
}
