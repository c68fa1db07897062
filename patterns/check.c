/* check.c - kinds of expressions: operators, conversions, constants. */
#include "patterns/check.h"

#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "patterns/fold.h"
#include "patterns/regex_check.h"

void pat_scope_constant(pat_scope *scope, pat_compile *compile, const char *what)
{
  memset(scope, 0, sizeof *scope);
  scope->compile = compile;
  scope->kind = PAT_IN_CONSTANT;
  scope->what = what;
  scope->step = scope->over = CEP_NONE;
}

void pat_scope_event(pat_scope *scope, pat_compile *compile, const plan_stream *stream, const char *what)
{
  pat_scope_constant(scope, compile, what);
  scope->kind = PAT_IN_EVENT;
  scope->stream = stream;
  scope->field_count = stream->field_count;
}

/* ---- Nodes ------------------------------------------------------------------------- */

const char *pat_text_at(const pat_compile *compile, cb_span span)
{
  enum { CUT = 48 };
  char text[CUT + 4];
  const char *from = compile->plan->source.text + span.offset;
  uint32_t len = 0, at = 0;
  for (; at < span.length && len < CUT; at++) {
    char c = from[at];
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    if (c == ' ' && len > 0 && text[len - 1] == ' ') continue;
    text[len++] = c;
  }
  while (at < span.length && len > 0 && ((uint8_t)from[at] & 0xC0) == 0x80) at--, len--;
  const char *result = cb_arena_printf(compile->arena, "%.*s%s", (int)len, text, at < span.length ? "…" : "");
  return result ? result : "";
}

static const plan_expr *const *copy_args(const pat_compile *compile, uint32_t count, const plan_expr *const *args)
{
  const plan_expr **copy = cb_arena_take(compile->arena, (size_t)count * sizeof *copy + 1);
  if (copy && count > 0) memcpy(copy, args, (size_t)count * sizeof *copy);
  return copy;
}

plan_expr *pat_new_plan_expr(const pat_compile *compile, plan_op op, cep_kind kind, cb_span span, uint32_t arg_count,
                             const plan_expr *const *args)
{
  plan_expr *expr = cb_arena_take(compile->arena, sizeof *expr);
  if (!expr) return NULL;
  expr->op = op;
  expr->kind = kind;
  expr->span = span;
  expr->arg_count = arg_count;
  expr->args = copy_args(compile, arg_count, args);
  expr->field = expr->index = expr->step = CEP_NONE;
  for (uint32_t i = 0; i < arg_count; i++) expr->may_be_null |= args[i]->may_be_null;
  return expr->args ? expr : NULL;
}

const plan_expr *pat_new_constant(const pat_compile *compile, cb_span span, cep_kind kind, cep_value value)
{
  plan_expr *expr = pat_new_plan_expr(compile, PLAN_CONST, kind, span, 0, NULL);
  if (!expr) return NULL;
  expr->value = value;
  expr->may_be_null = value.kind == CEP_NULL;
  return expr;
}

/* The constant that a finished node is worth, or the node. */
static const plan_expr *folded(const pat_compile *compile, const plan_expr *expr)
{
  cep_value value;
  if (!expr || !pat_fold(expr, &value)) return expr;
  if (value.kind == CEP_NULL && expr->kind != CEP_BOOL) {
    pat_report(compile->diags, 406, expr->span, "'%s' has no value: it overflows or divides by zero",
               pat_text_at(compile, expr->span));
    return NULL;
  }
  if (value.kind == CEP_NULL) return expr;
  return pat_new_constant(compile, expr->span, expr->kind, value);
}

static const plan_expr *new_op(const pat_compile *compile, plan_op op, cep_kind kind, cb_span span, uint32_t arg_count,
                               const plan_expr *const *args)
{
  return folded(compile, pat_new_plan_expr(compile, op, kind, span, arg_count, args));
}

/* Arithmetic: overflow and division by zero are null at run time. */
static const plan_expr *new_arithmetic(const pat_compile *compile, plan_op op, cep_kind kind, cb_span span,
                                       uint32_t arg_count, const plan_expr *const *args)
{
  plan_expr *expr = pat_new_plan_expr(compile, op, kind, span, arg_count, args);
  if (!expr) return NULL;
  if (kind != CEP_FLOAT || op == PLAN_DIV) expr->may_be_null = 1;
  return folded(compile, expr);
}

static const plan_expr *negated(const pat_compile *compile, const plan_expr *expr, int is_negated)
{
  if (!expr || !is_negated) return expr;
  return new_op(compile, PLAN_NOT, CEP_BOOL, expr->span, 1, &expr);
}

const plan_expr *pat_both(pat_compile *compile, const plan_expr *a, const plan_expr *b)
{
  const plan_expr *args[2 * PAT_DEPTH_MAX];
  uint32_t count = 0;
  /* A chain of defines is one flat `and`. */
  int is_flat = a->op == PLAN_AND && a->arg_count < PAT_DEPTH_MAX;
  for (uint32_t i = 0; is_flat && i < a->arg_count; i++) args[count++] = a->args[i];
  if (!is_flat) args[count++] = a;
  args[count++] = b;
  return new_op(compile, PLAN_AND, CEP_BOOL, b->span, count, args);
}

/* ---- Conversions ------------------------------------------------------------------- */

static int read_text(const pat_compile *compile, const cep_value *text, cep_kind kind, cep_value *out, const char **why)
{
  if (kind == CEP_IP) {
    uint8_t *bytes = cb_arena_take(compile->arena, 16);
    if (!bytes) return 0;
    *why = "it is no IP address";
    if (!cb_ip_read(text->as.s, text->length, bytes)) return 0;
    *out = cb_value_i(CEP_IP, 0);
    out->length = 16;
    out->as.s = (const char *)bytes;
    return 1;
  }
  int64_t number = 0;
  if (kind == CEP_TIME) {
    *why = "it is no time such as \"2015-12-10T07:28:03Z\"";
    if (!cb_time_read_rfc3339(text->as.s, text->length, &number)) return 0;
  } else if (kind == CEP_DURATION) {
    *why = "it is no duration such as \"5m\"";
    if (!cb_duration_read(text->as.s, text->length, &number)) return 0;
  } else {
    return 0;
  }
  *out = cb_value_i(kind, number);
  return 1;
}

const plan_expr *pat_convert(const pat_compile *compile, const plan_expr *expr, cep_kind kind, const char **why)
{
  *why = NULL;
  if (expr->kind == kind) return expr;
  if (expr->kind == CEP_INT && kind == CEP_FLOAT) return new_op(compile, PLAN_TO_FLOAT, CEP_FLOAT, expr->span, 1, &expr);
  if (expr->kind == CEP_STRING && expr->op == PLAN_CONST && expr->value.kind == CEP_STRING) {
    cep_value value;
    if (read_text(compile, &expr->value, kind, &value, why)) return pat_new_constant(compile, expr->span, kind, value);
  }
  return NULL;
}

int pat_unify(const pat_compile *compile, const plan_expr **a, const plan_expr **b, const char **why)
{
  const plan_expr *converted = pat_convert(compile, *a, (*b)->kind, why);
  if (converted) {
    *a = converted;
    return 1;
  }
  if (*why) return 0;
  converted = pat_convert(compile, *b, (*a)->kind, why);
  if (!converted) return 0;
  *b = converted;
  return 1;
}

/* Seconds as a number to a duration; 0 out of range. */
static int seconds_to_duration(const cep_value *value, cep_value *out)
{
  int64_t ns = 0;
  if (value->kind == CEP_INT) {
    if (__builtin_mul_overflow(value->as.i, CB_SECOND, &ns)) return 0;
  } else {
    double exact = value->as.f * 1e9;
    if (!(exact > -9.2e18 && exact < 9.2e18)) return 0;
    ns = (int64_t)(exact < 0 ? exact - 0.5 : exact + 0.5);
  }
  *out = cb_value_i(CEP_DURATION, ns);
  return 1;
}

int pat_check_constant(pat_compile *compile, const pat_expr *expr, cep_kind kind, const char *what, cep_value *out)
{
  pat_scope scope;
  pat_scope_constant(&scope, compile, what);
  const plan_expr *checked = pat_check(&scope, expr);
  if (!checked) return 0;
  if (checked->op != PLAN_CONST) {
    pat_report(compile->diags, 404, expr->span, "%s must be a constant", what);
    return 0;
  }
  const cep_value *value = &checked->value;
  *out = *value;
  if (value->kind == CEP_NULL || kind == CEP_NULL || value->kind == (uint32_t)kind) return 1;
  int is_number = value->kind == CEP_INT || value->kind == CEP_FLOAT;
  if (kind == CEP_DURATION && is_number && seconds_to_duration(value, out)) return 1;
  if (kind == CEP_TIME && value->kind == CEP_DURATION) {
    /* An instant of a test's clock, which begins at 1970. */
    *out = cb_value_i(CEP_TIME, value->as.i);
    return 1;
  }
  const char *why = NULL;
  const plan_expr *converted = pat_convert(compile, checked, kind, &why);
  if (converted) {
    *out = converted->value;
    return 1;
  }
  pat_report(compile->diags, 405, expr->span, "%s is %s, found %s '%s'%s%s", what, cb_kind_name(kind),
             cb_kind_name((cep_kind)value->kind), pat_text_at(compile, expr->span), why ? ": " : "", why ? why : "");
  return 0;
}

/* ---- Operators --------------------------------------------------------------------- */

static int is_number(cep_kind kind)
{
  return kind == CEP_INT || kind == CEP_FLOAT;
}

static int is_numeral(const plan_expr *text)
{
  double f;
  return text->kind == CEP_STRING && text->op == PLAN_CONST && cb_num_float(text->value.as.s, text->value.length, &f);
}

static const plan_expr *kinds_differ(pat_scope *scope, const pat_expr *expr, const plan_expr *a, const plan_expr *b,
                                     const char *why)
{
  pat_compile *compile = scope->compile;
  const char *op = pat_text_at(compile, expr->op_span);
  if (why) {
    const plan_expr *text = a->kind == CEP_STRING ? a : b, *other = text == a ? b : a;
    pat_report(compile->diags, 405, text->span, "%s cannot be compared with '%s' (%s): %s", pat_text_at(compile, text->span),
               pat_text_at(compile, other->span), cb_kind_name(other->kind), why);
    return NULL;
  }
  const char *hint = "";
  const plan_expr *text = a->kind == CEP_STRING ? a : b, *other = text == a ? b : a;
  if (is_numeral(text) && is_number(other->kind)) hint = "; write the number without quotes";
  if ((a->kind == CEP_DURATION && b->kind == CEP_INT) || (a->kind == CEP_INT && b->kind == CEP_DURATION))
    hint = "; a duration has its unit, as 500ms or 5m";
  pat_report(compile->diags, 401, expr->span, "'%s' needs two values of one kind, found '%s' (%s) and '%s' (%s)%s", op,
             pat_text_at(compile, a->span), cb_kind_name(a->kind), pat_text_at(compile, b->span), cb_kind_name(b->kind), hint);
  return NULL;
}

/* `x == null` is never true; that is said instead of compiling it. 1 if said. */
static int compares_null(pat_scope *scope, const pat_expr *expr, const plan_expr *a, const plan_expr *b)
{
  if (a->kind != CEP_NULL && b->kind != CEP_NULL) return 0;
  const plan_expr *other = a->kind == CEP_NULL ? b : a;
  pat_report(scope->compile->diags, 403, expr->span, "nothing equals null, not even null; write '%s is %snull'",
             pat_text_at(scope->compile, other->span), expr->op == PLAN_NE ? "not " : "");
  return 1;
}

static const plan_expr *check_comparison(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  const plan_expr *both[2] = {args[0], args[1]};
  const char *why = NULL;
  if (compares_null(scope, expr, both[0], both[1])) return NULL;
  if (!pat_unify(scope->compile, &both[0], &both[1], &why)) return kinds_differ(scope, expr, both[0], both[1], why);
  cep_kind kind = both[0]->kind;
  if (expr->op != PLAN_EQ && expr->op != PLAN_NE && (kind == CEP_BOOL || kind == CEP_IP)) {
    pat_report(scope->compile->diags, 401, expr->span, "values of kind %s have no order; '%s' does not go with them%s",
               cb_kind_name(kind), pat_text_at(scope->compile, expr->op_span),
               kind == CEP_IP ? ", 'in cidr' does" : "");
    return NULL;
  }
  return new_op(scope->compile, expr->op, CEP_BOOL, expr->span, 2, both);
}

static const plan_expr *bad_arithmetic(pat_scope *scope, const pat_expr *expr, const plan_expr *a, const plan_expr *b)
{
  const char *hint = "";
  if (expr->op == PLAN_ADD && (a->kind == CEP_STRING || b->kind == CEP_STRING)) hint = "; texts are joined by concat(…)";
  if (a->kind == CEP_NULL || b->kind == CEP_NULL) hint = "; null is no value to compute with";
  if (expr->op == PLAN_IDIV || expr->op == PLAN_MOD) hint = "; it needs two ints";
  pat_report(scope->compile->diags, 402, expr->span, "'%s' does not go with '%s' (%s) and '%s' (%s)%s",
             pat_text_at(scope->compile, expr->op_span), pat_text_at(scope->compile, a->span), cb_kind_name(a->kind),
             pat_text_at(scope->compile, b->span), cb_kind_name(b->kind), hint);
  return NULL;
}

/* Of int and float operands. */
static const plan_expr *check_numbers(pat_scope *scope, const pat_expr *expr, const plan_expr *both[2])
{
  const char *why;
  int is_whole = both[0]->kind == CEP_INT && both[1]->kind == CEP_INT;
  if (expr->op == PLAN_IDIV || expr->op == PLAN_MOD) {
    if (!is_whole) return bad_arithmetic(scope, expr, both[0], both[1]);
  } else if (!is_whole || expr->op == PLAN_DIV) {
    both[0] = pat_convert(scope->compile, both[0], CEP_FLOAT, &why);
    both[1] = pat_convert(scope->compile, both[1], CEP_FLOAT, &why);
    if (!both[0] || !both[1]) return NULL;
  }
  return new_arithmetic(scope->compile, expr->op, both[0]->kind, expr->span, 2, both);
}

/* The kind of an operation that a time or a duration takes part in; CEP_NULL: there is none.
 * May swap the operands, so that the time or duration comes first. */
static cep_kind span_kind(plan_op op, const plan_expr *both[2])
{
  int is_commuting = op == PLAN_ADD || op == PLAN_MUL;
  int is_second = both[1]->kind == CEP_TIME || (both[1]->kind == CEP_DURATION && is_number(both[0]->kind));
  if (is_commuting && is_second) {
    const plan_expr *first = both[0];
    both[0] = both[1];
    both[1] = first;
  }
  cep_kind a = both[0]->kind, b = both[1]->kind;
  switch (op) {
  case PLAN_ADD: return b == CEP_DURATION && (a == CEP_TIME || a == CEP_DURATION) ? a : CEP_NULL;
  case PLAN_SUB:
    if (a == CEP_TIME && b == CEP_TIME) return CEP_DURATION;
    return b == CEP_DURATION && (a == CEP_TIME || a == CEP_DURATION) ? a : CEP_NULL;
  case PLAN_MUL: return a == CEP_DURATION && is_number(b) ? CEP_DURATION : CEP_NULL;
  case PLAN_DIV:
    if (a == CEP_DURATION && b == CEP_DURATION) return CEP_FLOAT;
    return a == CEP_DURATION && is_number(b) ? CEP_DURATION : CEP_NULL;
  default: return CEP_NULL;
  }
}

static const plan_expr *check_arithmetic(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  const plan_expr *both[2] = {args[0], args[1]};
  if (is_number(both[0]->kind) && is_number(both[1]->kind)) return check_numbers(scope, expr, both);
  cep_kind kind = span_kind(expr->op, both);
  if (kind == CEP_NULL) return bad_arithmetic(scope, expr, args[0], args[1]);
  if (expr->op == PLAN_DIV && both[1]->kind == CEP_INT) {
    const char *why;
    both[1] = pat_convert(scope->compile, both[1], CEP_FLOAT, &why);
    if (!both[1]) return NULL;
  }
  return new_arithmetic(scope->compile, expr->op, kind, expr->span, 2, both);
}

static const plan_expr *check_negation(pat_scope *scope, const pat_expr *expr, const plan_expr *arg)
{
  if (is_number(arg->kind) || arg->kind == CEP_DURATION)
    return new_arithmetic(scope->compile, PLAN_NEG, arg->kind, expr->span, 1, &arg);
  pat_report(scope->compile->diags, 402, expr->span, "'-' needs a number or a duration, found '%s' (%s)",
             pat_text_at(scope->compile, arg->span), cb_kind_name(arg->kind));
  return NULL;
}

static const plan_expr *check_logic(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  for (uint32_t i = 0; i < expr->args.count; i++) {
    if (args[i]->kind == CEP_BOOL) continue;
    pat_report(scope->compile->diags, 407, args[i]->span, "'%s' joins conditions, found '%s' (%s)",
               expr->op == PLAN_AND ? "and" : expr->op == PLAN_OR ? "or" : "not", pat_text_at(scope->compile, args[i]->span),
               cb_kind_name(args[i]->kind));
    return NULL;
  }
  return new_op(scope->compile, expr->op, CEP_BOOL, expr->span, expr->args.count, args);
}

static const plan_expr *need_text(pat_scope *scope, const pat_expr *expr, const plan_expr *arg)
{
  pat_report(scope->compile->diags, 401, expr->span, "'%s' looks at strings, found '%s' (%s)",
             pat_text_at(scope->compile, expr->op_span), pat_text_at(scope->compile, arg->span), cb_kind_name(arg->kind));
  return NULL;
}

int pat_check_regex(pat_scope *scope, const plan_expr *pattern)
{
  char why[128];
  size_t at = 0;
  if (pat_regex_check(pattern->value.as.s, pattern->value.length, why, sizeof why, &at)) return 1;
  pat_report(scope->compile->diags, 408, pattern->span, "the regular expression is wrong at its byte %zu: %s", at, why);
  return 0;
}

static const plan_expr *check_text(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  for (int i = 0; i < 2; i++) {
    if (args[i]->kind != CEP_STRING) return need_text(scope, expr, args[i]);
  }
  int needs_constant = expr->op == PLAN_LIKE || expr->op == PLAN_ILIKE || expr->op == PLAN_REGEX;
  if (needs_constant && args[1]->op != PLAN_CONST) {
    pat_report(scope->compile->diags, 404, args[1]->span, "the pattern of '%s' must be a constant",
               pat_text_at(scope->compile, expr->op_span));
    return NULL;
  }
  if (expr->op == PLAN_REGEX && !pat_check_regex(scope, args[1])) return NULL;
  return new_op(scope->compile, expr->op, CEP_BOOL, expr->span, 2, args);
}

static const plan_expr *check_in(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  const plan_expr **all = cb_arena_take(scope->compile->arena, expr->args.count * sizeof *all);
  if (!all) return NULL;
  memcpy(all, args, expr->args.count * sizeof *all);
  /* One float among the values makes all of them floats. */
  for (uint32_t i = 1; i < expr->args.count; i++) {
    const char *why = NULL;
    if (compares_null(scope, expr, all[0], all[i])) return NULL;
    if (!pat_unify(scope->compile, &all[0], &all[i], &why)) return kinds_differ(scope, expr, all[0], all[i], why);
  }
  for (uint32_t i = 1; i < expr->args.count; i++) {
    const char *why = NULL;
    all[i] = pat_convert(scope->compile, all[i], all[0]->kind, &why);
    if (!all[i]) return kinds_differ(scope, expr, all[0], args[i], why);
  }
  return new_op(scope->compile, PLAN_IN, CEP_BOOL, expr->span, expr->args.count, all);
}

static const plan_expr *check_cidr(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  if (args[0]->kind != CEP_IP) {
    pat_report(scope->compile->diags, 401, args[0]->span, "'in cidr' looks at addresses (ip), found '%s' (%s)",
               pat_text_at(scope->compile, args[0]->span), cb_kind_name(args[0]->kind));
    return NULL;
  }
  for (uint32_t i = 1; i < expr->args.count; i++) {
    uint8_t net[16];
    uint32_t bits;
    if (cb_cidr_read(args[i]->value.as.s, args[i]->value.length, net, &bits)) continue;
    pat_report(scope->compile->diags, 405, args[i]->span, "%s is no network such as \"10.0.0.0/8\" or \"2001:db8::/32\"",
               pat_text_at(scope->compile, args[i]->span));
    return NULL;
  }
  return new_op(scope->compile, PLAN_CIDR, CEP_BOOL, expr->span, expr->args.count, args);
}

static const plan_expr *check_between(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  pat_expr bound = *expr;
  const plan_expr *low[2] = {args[0], args[1]}, *high[2] = {args[0], args[2]}, *both[2];
  bound.op = PLAN_GE;
  both[0] = check_comparison(scope, &bound, low);
  bound.op = PLAN_LE;
  both[1] = both[0] ? check_comparison(scope, &bound, high) : NULL;
  if (!both[1]) return NULL;
  return negated(scope->compile, new_op(scope->compile, PLAN_AND, CEP_BOOL, expr->span, 2, both), expr->is_negated);
}

static const plan_expr *check_op(pat_scope *scope, const pat_expr *expr, const plan_expr *const *args)
{
  switch (expr->op) {
  case PLAN_AND:
  case PLAN_OR:
  case PLAN_NOT: return check_logic(scope, expr, args);
  case PLAN_NEG: return check_negation(scope, expr, args[0]);
  case PLAN_IS_NULL: {
    plan_expr *test = pat_new_plan_expr(scope->compile, PLAN_IS_NULL, CEP_BOOL, expr->span, 1, args);
    if (test) test->may_be_null = 0;
    return test;
  }
  case PLAN_EQ:
  case PLAN_NE:
  case PLAN_LT:
  case PLAN_LE:
  case PLAN_GT:
  case PLAN_GE: return check_comparison(scope, expr, args);
  case PLAN_IN: return check_in(scope, expr, args);
  case PLAN_CIDR: return check_cidr(scope, expr, args);
  case PLAN_LIKE:
  case PLAN_ILIKE:
  case PLAN_REGEX:
  case PLAN_CONTAINS:
  case PLAN_STARTS:
  case PLAN_ENDS:
  case PLAN_ICONTAINS:
  case PLAN_ISTARTS:
  case PLAN_IENDS: return check_text(scope, expr, args);
  default: return check_arithmetic(scope, expr, args);
  }
}

static const plan_expr *check_args(pat_scope *scope, const pat_expr *expr)
{
  const plan_expr **args = cb_arena_take(scope->compile->arena, expr->args.count * sizeof *args + 1);
  if (!args) return NULL;
  int is_good = 1;
  /* All of them, so that each has its mistakes reported. */
  for (uint32_t i = 0; i < expr->args.count; i++) {
    args[i] = pat_check(scope, expr->args.at[i]);
    if (!args[i]) is_good = 0;
  }
  if (!is_good) return NULL;
  if (expr->kind == PAT_E_BETWEEN) return check_between(scope, expr, args);
  return negated(scope->compile, check_op(scope, expr, args), expr->is_negated);
}

const plan_expr *pat_check(pat_scope *scope, const pat_expr *expr)
{
  /* More mistakes than are told: looking for others would only cost memory. */
  if (scope->compile->diags->is_full) return NULL;
  switch (expr->kind) {
  case PAT_E_LITERAL: return pat_new_constant(scope->compile, expr->span, (cep_kind)expr->value.kind, expr->value);
  case PAT_E_NAME: return pat_check_name(scope, expr);
  case PAT_E_MEMBER:
  case PAT_E_INDEX: return pat_check_member(scope, expr);
  case PAT_E_CALL: return pat_check_call(scope, expr);
  case PAT_E_CASE: return pat_check_case(scope, expr);
  case PAT_E_OP:
    if (expr->op == PLAN_IN_TABLE) return pat_check_in_table(scope, expr);
    return check_args(scope, expr);
  case PAT_E_BETWEEN: return check_args(scope, expr);
  }
  CB_UNREACHABLE();
}

const plan_expr *pat_check_condition(pat_scope *scope, const pat_expr *expr)
{
  const plan_expr *checked = pat_check(scope, expr);
  if (!checked || checked->kind == CEP_BOOL) return checked;
  pat_report(scope->compile->diags, 409, expr->span, "a condition is needed here, found '%s' (%s)",
             pat_text_at(scope->compile, expr->span), cb_kind_name(checked->kind));
  return NULL;
}
