/* reference_expr.c - the reference's own evaluator of expressions: a walk over the tree. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <string.h>

#include "tests/support/reference_fn.h"
#include "tests/support/reference_parts.h"

typedef struct text {
  const char *at;
  uint32_t len;
} text;

static text text_of(const cep_value *value)
{
  text t = {value->as.s, value->length};
  return t;
}

static int lower_case(int c)
{
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static int same_char(char a, char b, int fold)
{
  return fold ? lower_case((unsigned char)a) == lower_case((unsigned char)b) : a == b;
}

static int starts(text whole, text part, int fold)
{
  if (part.len > whole.len) return 0;
  for (uint32_t i = 0; i < part.len; i++) {
    if (!same_char(whole.at[i], part.at[i], fold)) return 0;
  }
  return 1;
}

static int ends(text whole, text part, int fold)
{
  if (part.len > whole.len) return 0;
  text tail = {whole.at + (whole.len - part.len), part.len};
  return starts(tail, part, fold);
}

static int contains(text whole, text part, int fold)
{
  for (uint32_t i = 0; i + part.len <= whole.len; i++) {
    text tail = {whole.at + i, whole.len - i};
    if (starts(tail, part, fold)) return 1;
  }
  return 0;
}

/* Bytes of the character at the start of a non-empty text. */
static uint32_t char_len(text t)
{
  uint32_t len = 1;
  while (len < t.len && ((unsigned char)t.at[len] & 0xC0) == 0x80) len++;
  return len;
}

static text rest(text t, uint32_t from)
{
  text r = {t.at + from, t.len - from};
  return r;
}

static int like(text value, text pattern, int fold)
{
  if (pattern.len == 0) return value.len == 0;
  if (pattern.at[0] == '%') {
    for (uint32_t i = 0; i <= value.len; i++) {
      if (like(rest(value, i), rest(pattern, 1), fold)) return 1;
    }
    return 0;
  }
  if (value.len == 0) return 0;
  if (pattern.at[0] == '_') return like(rest(value, char_len(value)), rest(pattern, 1), fold);
  uint32_t skip = pattern.at[0] == '\\' && pattern.len > 1 ? 1 : 0;
  if (!same_char(value.at[0], pattern.at[skip], fold)) return 0;
  return like(rest(value, 1), rest(pattern, skip + 1), fold);
}

static int regex_finds(text value, text pattern)
{
  int number = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF,
                                   &number, &offset, NULL);
  CB_ASSERT(code);
  pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
  CB_ASSERT(data);
  int found = pcre2_match(code, (PCRE2_SPTR)value.at, value.len, 0, 0, data, NULL) >= 0;
  pcre2_match_data_free(data);
  pcre2_code_free(code);
  return found;
}

static cep_value text_test(plan_op op, const cep_value *a, const cep_value *b)
{
  if (a->kind == CEP_NULL || b->kind == CEP_NULL) return cb_null();
  text value = text_of(a), part = text_of(b);
  switch (op) {
    case PLAN_LIKE: return cb_bool(like(value, part, 0));
    case PLAN_ILIKE: return cb_bool(like(value, part, 1));
    case PLAN_REGEX: return cb_bool(regex_finds(value, part));
    case PLAN_CONTAINS: return cb_bool(contains(value, part, 0));
    case PLAN_STARTS: return cb_bool(starts(value, part, 0));
    case PLAN_ENDS: return cb_bool(ends(value, part, 0));
    case PLAN_ICONTAINS: return cb_bool(contains(value, part, 1));
    case PLAN_ISTARTS: return cb_bool(starts(value, part, 1));
    default: return cb_bool(ends(value, part, 1));
  }
}

/* ---- Arithmetic ---------------------------------------------------------------------- */

static cep_value int_result(cep_kind kind, int overflow, const int64_t *value)
{
  return overflow ? cb_null() : cb_value_i(kind, *value);
}

static cep_value float_result(double value)
{
  return isfinite(value) ? cb_float(value) : cb_null();
}

/* A number of nanoseconds as a double, back to a whole number; null if it does not fit. */
static cep_value duration_result(double value)
{
  if (!(value > -9.2e18 && value < 9.2e18)) return cb_null();
  return cb_value_i(CEP_DURATION, (int64_t)value);
}

static cep_value arith_int(const plan_expr *expr, int64_t a, int64_t b)
{
  int64_t r = 0;
  switch (expr->op) {
    case PLAN_ADD: return int_result(expr->kind, __builtin_add_overflow(a, b, &r), &r);
    case PLAN_SUB: return int_result(expr->kind, __builtin_sub_overflow(a, b, &r), &r);
    case PLAN_MUL: return int_result(expr->kind, __builtin_mul_overflow(a, b, &r), &r);
    case PLAN_IDIV: return b == 0 || (a == INT64_MIN && b == -1) ? cb_null() : cb_int(a / b);
    case PLAN_MOD:
      if (b == 0) return cb_null();
      return cb_int(b == -1 ? 0 : a % b);
    default: /* PLAN_DIV of durations */
      return b == 0 ? cb_null() : float_result((double)a / (double)b);
  }
}

static cep_value arith(const plan_expr *expr, const cep_value *a, const cep_value *b)
{
  if (a->kind == CEP_NULL || b->kind == CEP_NULL) return cb_null();
  if (a->kind == CEP_FLOAT && b->kind == CEP_FLOAT) {
    double x = a->as.f, y = b->as.f;
    switch (expr->op) {
      case PLAN_ADD: return float_result(x + y);
      case PLAN_SUB: return float_result(x - y);
      case PLAN_MUL: return float_result(x * y);
      default: return y == 0 ? cb_null() : float_result(x / y);
    }
  }
  if (b->kind == CEP_FLOAT) { /* of a duration */
    if (expr->op == PLAN_MUL) return duration_result((double)a->as.i * b->as.f);
    return b->as.f == 0 ? cb_null() : duration_result((double)a->as.i / b->as.f);
  }
  return arith_int(expr, a->as.i, b->as.i);
}

static cep_value compare(plan_op op, const cep_value *a, const cep_value *b)
{
  if (a->kind == CEP_NULL || b->kind == CEP_NULL) return cb_null();
  cb_order order = cb_value_compare(a, b);
  switch (op) {
    case PLAN_EQ: return cb_bool(order == CB_EQUAL);
    case PLAN_NE: return cb_bool(order != CB_EQUAL);
    case PLAN_LT: return cb_bool(order == CB_LESS);
    case PLAN_LE: return cb_bool(order == CB_LESS || order == CB_EQUAL);
    case PLAN_GT: return cb_bool(order == CB_GREATER);
    default: return cb_bool(order == CB_GREATER || order == CB_EQUAL);
  }
}

/* ---- Captures ------------------------------------------------------------------------ */

static const ref_event *event_of(const ref_scope *scope, const ref_capture *capture)
{
  return &scope->run->events.at[capture->event];
}

static cep_value capture(const ref_scope *scope, const plan_expr *expr)
{
  int32_t count = 0;
  for (uint32_t i = 0; i < scope->capture_count; i++) count += scope->captures[i].step == expr->step;
  int32_t wanted = expr->nth >= 0 ? expr->nth : count + expr->nth;
  if (wanted < 0 || wanted >= count) return cb_null();
  for (uint32_t i = 0; i < scope->capture_count; i++) {
    if (scope->captures[i].step != expr->step) continue;
    if (wanted-- == 0) return event_of(scope, &scope->captures[i])->values[expr->field];
  }
  return cb_null();
}

static cep_value previous(const ref_scope *scope, const plan_expr *expr)
{
  if (scope->capture_count == 0) return expr->arg_count ? ref_eval(scope, expr->args[0]) : cb_null();
  const ref_capture *newest = &scope->captures[scope->capture_count - 1];
  for (uint32_t i = 0; i < expr->prev_count; i++) {
    if (expr->prev[i].step == newest->step) return event_of(scope, newest)->values[expr->prev[i].field];
  }
  return cb_null();
}

__extension__ typedef __int128 wide;

/* An aggregate over the values in event order. */
typedef struct tally {
  uint64_t count;
  int overflow;
  int64_t sum_i;
  wide exact;    /* of a window only the sum of all has to fit */
  double sum_f;
  double squares; /* of the deviations from the mean: a second walk */
  cep_value least;
  cep_value most;
} tally;

static void tally_add(tally *t, const cep_value *value)
{
  if (value->kind == CEP_NULL) return;
  if (value->kind == CEP_FLOAT) {
    t->sum_f += value->as.f;
  } else if (value->kind == CEP_INT || value->kind == CEP_DURATION) {
    t->overflow |= __builtin_add_overflow(t->sum_i, value->as.i, &t->sum_i);
    t->exact += value->as.i;
    t->sum_f += (double)value->as.i; /* the mean of ints is one of floats: it does not overflow */
  }
  if (t->count == 0 || cb_value_compare(value, &t->least) == CB_LESS) t->least = *value;
  if (t->count == 0 || cb_value_compare(value, &t->most) == CB_GREATER) t->most = *value;
  t->count++;
}

static cep_value tally_result(const tally *t, const plan_expr *expr)
{
  switch (expr->aggregate) {
    case PLAN_COUNT: return cb_int((int64_t)t->count);
    case PLAN_SUM: return expr->kind == CEP_FLOAT ? float_result(t->sum_f) : int_result(expr->kind, t->overflow, &t->sum_i);
    case PLAN_MIN: return t->count ? t->least : cb_null();
    case PLAN_MAX: return t->count ? t->most : cb_null();
    default: break;
  }
  if (expr->aggregate == PLAN_STDDEV) return t->count < 2 ? cb_null() : float_result(sqrt(t->squares / (double)(t->count - 1)));
  if (t->count == 0) return cb_null();
  if (expr->kind != CEP_DURATION) return float_result(t->sum_f / (double)t->count);
  return t->overflow ? cb_null() : cb_value_i(CEP_DURATION, t->sum_i / (int64_t)t->count);
}

/* How many of the captured events have values, none null, that no earlier one has. */
static cep_value distinct(const ref_scope *scope, const plan_expr *expr)
{
  int64_t count = 0;
  for (uint32_t i = 0; i < scope->capture_count; i++) {
    ref_scope one = *scope, other = *scope;
    if (scope->captures[i].step != expr->step) continue;
    one.event = event_of(scope, &scope->captures[i]);
    int is_new = 1;
    for (uint32_t k = 0; k < expr->arg_count; k++) is_new &= ref_eval(&one, expr->args[k]).kind != CEP_NULL;
    for (uint32_t j = 0; j < i && is_new; j++) {
      uint32_t same = 0;
      if (scope->captures[j].step != expr->step) continue;
      other.event = event_of(scope, &scope->captures[j]);
      for (uint32_t k = 0; k < expr->arg_count; k++) {
        cep_value a = ref_eval(&one, expr->args[k]), b = ref_eval(&other, expr->args[k]);
        same += cb_value_compare(&a, &b) == CB_EQUAL;
      }
      is_new = same < expr->arg_count;
    }
    count += is_new;
  }
  return cb_int(count);
}

/* The value of the i-th capture under an aggregate; null if it does not count. */
static cep_value counted_value(const ref_scope *scope, const plan_expr *expr, uint32_t i)
{
  const plan_expr *arg = expr->arg_count > 0 ? expr->args[0] : NULL;
  const plan_expr *where = expr->arg_count > 1 ? expr->args[1] : NULL;
  if (scope->captures[i].step != expr->step) return cb_null();
  ref_scope inner = *scope;
  inner.event = event_of(scope, &scope->captures[i]);
  if (!ref_holds(&inner, where)) return cb_null();
  return arg ? ref_eval(&inner, arg) : cb_bool(1);
}

static double as_double(const cep_value *value)
{
  return value->kind == CEP_FLOAT ? value->as.f : (double)value->as.i;
}

static cep_value aggregate(const ref_scope *scope, const plan_expr *expr)
{
  if (expr->aggregate == PLAN_DISTINCT || expr->aggregate == PLAN_APPROX_DISTINCT) return distinct(scope, expr);
  if (expr->aggregate >= PLAN_FIRST) {
    cep_value *values = cb_arena_take(scope->run->arena, (scope->capture_count + 1) * sizeof *values);
    CB_ASSERT(values);
    for (uint32_t i = 0; i < scope->capture_count; i++) values[i] = counted_value(scope, expr, i);
    return ref_estimate(scope, expr, values, scope->capture_count);
  }
  tally t;
  memset(&t, 0, sizeof t);
  for (uint32_t i = 0; i < scope->capture_count; i++) {
    cep_value value = counted_value(scope, expr, i);
    tally_add(&t, &value);
  }
  if (scope->window) {
    t.sum_i = (int64_t)t.exact;
    t.overflow = t.sum_i != t.exact;
  }
  for (uint32_t i = 0; expr->aggregate == PLAN_STDDEV && i < scope->capture_count; i++) {
    cep_value value = counted_value(scope, expr, i);
    if (value.kind == CEP_NULL) continue;
    double off = as_double(&value) - t.sum_f / (double)t.count;
    t.squares += off * off;
  }
  return tally_result(&t, expr);
}

/* ---- Logic and functions ---------------------------------------------------------------- */

static cep_value junction(const ref_scope *scope, const plan_expr *expr)
{
  int decides = expr->op == PLAN_OR; /* the value that settles it */
  int unknown = 0;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    cep_value value = ref_eval(scope, expr->args[i]);
    if (value.kind == CEP_NULL) unknown = 1;
    else if ((value.as.i != 0) == decides) return cb_bool(decides);
  }
  return unknown ? cb_null() : cb_bool(!decides);
}

static cep_value in_list(const ref_scope *scope, const plan_expr *expr)
{
  cep_value value = ref_eval(scope, expr->args[0]);
  if (value.kind == CEP_NULL) return cb_null();
  int unknown = 0;
  for (uint32_t i = 1; i < expr->arg_count; i++) {
    cep_value other = ref_eval(scope, expr->args[i]);
    if (other.kind == CEP_NULL) unknown = 1;
    else if (cb_value_compare(&value, &other) == CB_EQUAL) return cb_bool(1);
  }
  return unknown ? cb_null() : cb_bool(0);
}

static cep_value in_cidr(const ref_scope *scope, const plan_expr *expr)
{
  cep_value value = ref_eval(scope, expr->args[0]);
  if (value.kind == CEP_NULL) return cb_null();
  for (uint32_t i = 1; i < expr->arg_count; i++) {
    uint8_t net[16];
    uint32_t bits = 0;
    const cep_value *text_value = &expr->args[i]->value;
    int is_net = cb_cidr_read(text_value->as.s, text_value->length, net, &bits);
    CB_ASSERT(is_net);
    if (cb_cidr_holds(net, bits, (const uint8_t *)value.as.s)) return cb_bool(1);
  }
  return cb_bool(0);
}

static cep_value call(const ref_scope *scope, const plan_expr *expr)
{
  cep_value *args = cb_arena_take(scope->run->arena, (expr->arg_count + 1) * sizeof *args);
  CB_ASSERT(args);
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    args[i] = ref_eval(scope, expr->args[i]);
    if (args[i].kind == CEP_NULL) return cb_null();
  }
  return ref_fn(scope->run->arena, expr->index, args, expr->arg_count);
}

static cep_value of_one(const ref_scope *scope, const plan_expr *expr)
{
  cep_value value = ref_eval(scope, expr->args[0]);
  if (expr->op == PLAN_IS_NULL) return cb_bool(value.kind == CEP_NULL);
  if (value.kind == CEP_NULL) return value;
  if (expr->op == PLAN_NOT) return cb_bool(!value.as.i);
  if (expr->op == PLAN_TO_FLOAT) return cb_float((double)value.as.i);
  if (value.kind == CEP_FLOAT) return cb_float(-value.as.f);
  return value.as.i == INT64_MIN ? cb_null() : cb_value_i((cep_kind)value.kind, -value.as.i);
}

static cep_value of_two(const ref_scope *scope, const plan_expr *expr)
{
  cep_value a = ref_eval(scope, expr->args[0]);
  cep_value b = ref_eval(scope, expr->args[1]);
  if (expr->op >= PLAN_EQ && expr->op <= PLAN_GE) return compare(expr->op, &a, &b);
  if (expr->op >= PLAN_ADD && expr->op <= PLAN_MOD) return arith(expr, &a, &b);
  return text_test(expr->op, &a, &b);
}

static int is_equal(const cep_value *a, const cep_value *b)
{
  cep_value equal = compare(PLAN_EQ, a, b);
  return equal.kind == CEP_BOOL && equal.as.i;
}

/* The row counts then: it has begun, and no row of its key that began after it has; of those that begin together
 * the last one. */
static int counts_at(const ref_run *run, uint32_t row, cep_time now)
{
  const ref_row *own = &run->rows.at[row];
  const plan_table *table = &run->plan->tables[own->table];
  uint32_t at = table->as_of;
  if (at != CEP_NONE && own->values[at].as.i > now) return 0;
  for (uint32_t i = 0; i < run->rows.count; i++) {
    const ref_row *other = &run->rows.at[i];
    if (i == row || other->table != own->table || !is_equal(&other->values[table->key], &own->values[table->key])) continue;
    if (at != CEP_NONE && other->values[at].as.i > now) continue;
    if (at != CEP_NONE && other->values[at].as.i != own->values[at].as.i ? other->values[at].as.i > own->values[at].as.i : i > row) return 0;
  }
  return 1;
}

static cep_value look_up(const ref_scope *scope, const plan_expr *expr)
{
  const ref_run *run = scope->run;
  cep_value sought = ref_eval(scope, expr->args[0]);
  if (sought.kind == CEP_NULL) return sought;
  cep_time now = scope->event ? scope->event->time : scope->now;
  uint32_t by = expr->op == PLAN_LOOKUP ? run->plan->tables[expr->table].key : expr->field;
  for (uint32_t i = 0; i < run->rows.count; i++) {
    const ref_row *row = &run->rows.at[i];
    if (row->table != expr->table || !counts_at(run, i, now) || !is_equal(&row->values[by], &sought)) continue;
    return expr->op == PLAN_LOOKUP ? row->values[expr->field] : cb_bool(1);
  }
  return expr->op == PLAN_LOOKUP ? cb_null() : cb_bool(0);
}

cep_value ref_eval(const ref_scope *scope, const plan_expr *expr)
{
  switch (expr->op) {
    case PLAN_CONST: return expr->value;
    case PLAN_FIELD: CB_ASSERT(scope->event); return scope->event->values[expr->field];
    case PLAN_KEY: return scope->keys[expr->index];
    case PLAN_MATCHES: return cb_int((int64_t)scope->matches);
    case PLAN_MEASURE: return ref_eval(scope, scope->window->measures[expr->index].expr);
    case PLAN_WINDOW_START: return cb_value_i(CEP_TIME, scope->window_start);
    case PLAN_WINDOW_END: return cb_value_i(CEP_TIME, scope->window_end);
    case PLAN_CAPTURE: return capture(scope, expr);
    case PLAN_PREV: return previous(scope, expr);
    case PLAN_AGGREGATE: return aggregate(scope, expr);
    case PLAN_AND:
    case PLAN_OR: return junction(scope, expr);
    case PLAN_IN: return in_list(scope, expr);
    case PLAN_CIDR: return in_cidr(scope, expr);
    case PLAN_IN_TABLE:
    case PLAN_LOOKUP: return look_up(scope, expr);
    case PLAN_CALL: return call(scope, expr);
    case PLAN_CASE:
      for (uint32_t i = 0; i + 1 < expr->arg_count; i += 2) {
        if (ref_holds(scope, expr->args[i])) return ref_eval(scope, expr->args[i + 1]);
      }
      return ref_eval(scope, expr->args[expr->arg_count - 1]);
    case PLAN_COALESCE:
      for (uint32_t i = 0; i < expr->arg_count; i++) {
        cep_value value = ref_eval(scope, expr->args[i]);
        if (value.kind != CEP_NULL) return value;
      }
      return cb_null();
    case PLAN_NOT:
    case PLAN_TO_FLOAT:
    case PLAN_NEG:
    case PLAN_IS_NULL: return of_one(scope, expr);
    default: return of_two(scope, expr);
  }
}

int ref_holds(const ref_scope *scope, const plan_expr *expr)
{
  if (!expr) return 1;
  cep_value value = ref_eval(scope, expr);
  return value.kind == CEP_BOOL && value.as.i != 0;
}
