/* check_aggregate.c - aggregates over the captures of a step or the events of a window. */
#include "patterns/check.h"

#include <string.h>

static const char *const aggregates[] = {[PLAN_COUNT] = "count", [PLAN_SUM] = "sum", [PLAN_AVG] = "avg",           [PLAN_MIN] = "min",
                                         [PLAN_MAX] = "max",     [PLAN_DISTINCT] = "distinct", [PLAN_STDDEV] = "stddev",
                                         [PLAN_FIRST] = "first", [PLAN_LAST] = "last",   [PLAN_APPROX_DISTINCT] = "approx_distinct",
                                         [PLAN_APPROX_PERCENTILE] = "approx_percentile", [PLAN_TOP] = "top"};
#define AGGREGATE_COUNT (sizeof aggregates / sizeof *aggregates)

const char *pat_aggregate_name(uint32_t what)
{
  return what < AGGREGATE_COUNT ? aggregates[what] : NULL;
}

uint32_t pat_find_aggregate(const char *name)
{
  for (uint32_t i = 0; i < AGGREGATE_COUNT; i++) {
    /* first and last are of captures too: check_calls.c */
    if (i != PLAN_FIRST && i != PLAN_LAST && strcmp(name, aggregates[i]) == 0) return i;
  }
  return CEP_NONE;
}

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
  case PLAN_FIRST:
  case PLAN_LAST: return arg != CEP_NULL;
  case PLAN_APPROX_DISTINCT: *out = CEP_INT; return 1;
  case PLAN_APPROX_PERCENTILE:
    if (is_number) *out = CEP_FLOAT;
    return is_number || arg == CEP_DURATION;
  case PLAN_TOP: *out = CEP_STRING; return arg != CEP_NULL;
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
  result->may_be_null = what != PLAN_COUNT && what != PLAN_DISTINCT && what != PLAN_APPROX_DISTINCT;
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
             what == PLAN_MIN || what == PLAN_MAX ? "numbers, times and durations"
             : what == PLAN_STDDEV               ? "numbers"
             : arg->kind == CEP_NULL             ? "values, not null"
                                                 : "numbers and durations",
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

static const plan_expr *check_distinct(pat_scope *scope, const pat_expr *expr, plan_aggregate what, pat_scope *inner)
{
  pat_compile *compile = scope->compile;
  int is_window = scope->kind == PAT_IN_WINDOW;
  const char *name = aggregates[what];
  if (expr->has_where || expr->args.count == 0) {
    pat_report(compile->diags, 323, expr->span,
               is_window ? "%s takes one value or more: %s(user), %s(user, host)"
                         : "%s takes one value or more of the captures of a step: %s(fail.user), %s(fail.user, fail.host)", name, name, name);
    return NULL;
  }
  const plan_expr **args = cb_arena_take(compile->arena, expr->args.count * sizeof *args);
  int is_good = args != NULL;
  for (uint32_t i = 0; args && i < expr->args.count; i++) {
    args[i] = pat_check(inner, expr->args.at[i]);
    if (!args[i]) is_good = 0;
  }
  if (is_good && inner->over == CEP_NONE) {
    pat_report(compile->diags, 314, expr->span, "'%s' names no step; write distinct(<step>.<field>)", pat_text_at(compile, expr->span));
    is_good = 0;
  } else if (is_good && inner->fields_read == scope->fields_read) {
    pat_report(compile->diags, 521, expr->span, "'%s' reads no field", pat_text_at(compile, expr->span));
    is_good = 0;
  }
  plan_expr *result = is_good ? new_aggregate(scope, what, CEP_INT, inner->over, expr->span) : NULL;
  if (!result) return NULL;
  result->args = args;
  result->arg_count = expr->args.count;
  return result;
}

static const plan_expr *check_made(pat_scope *scope, const pat_expr *expr, plan_aggregate what, pat_scope *inner)
{
  const plan_expr *value = NULL;
  plan_expr *result = pat_check_made(scope, expr, what, inner, &value);
  if (!result) return NULL;
  return aggregate_kind(what, value->kind, &result->kind) ? result : bad_aggregate(scope, expr, value, what);
}

const plan_expr *pat_check_aggregate(pat_scope *scope, const pat_expr *expr, plan_aggregate what)
{
  pat_compile *compile = scope->compile;
  const char *name = aggregates[what];
  int is_window = scope->kind == PAT_IN_WINDOW;
  if (scope->kind != PAT_IN_STEP && scope->kind != PAT_IN_OUTPUT && !is_window) {
    pat_report(compile->diags, 316, expr->span, "%s sees one event alone; %s goes over the captures of a step", scope->what, name);
    return NULL;
  }
  if (scope->detection && scope->detection->join) {
    pat_report(scope->compile->diags, 534, expr->span, "a pair has one event of each side, and %s goes over many; count pairs in an aggregate that reads this join", name);
    return NULL;
  }
  if (what >= PLAN_FIRST && !is_window) {
    pat_report(scope->compile->diags, 345, expr->span, "%s goes over the events of a window; write it in an aggregate", name);
    return NULL;
  }
  if (scope->is_aggregate) {
    pat_report(compile->diags, 314, expr->span, "an aggregate cannot stand inside another one");
    return NULL;
  }
  if (scope->is_once && (what == PLAN_DISTINCT || what == PLAN_STDDEV)) {
    pat_report(compile->diags, 546, expr->span, "'emit once' does not go through its matches one by one; of their events it knows count, sum, avg, min and max");
    return NULL;
  }
  pat_scope inner = *scope;
  inner.is_aggregate = 1;
  inner.over = is_window ? 0 : CEP_NONE;
  if (what == PLAN_DISTINCT || what == PLAN_APPROX_DISTINCT) return check_distinct(scope, expr, what, &inner);
  if (what >= PLAN_FIRST) return check_made(scope, expr, what, &inner);
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
