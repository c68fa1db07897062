/* fold.c - operations over constants, done at compile time. */
#include "patterns/fold.h"

static int all_constant(const plan_expr *expr)
{
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (expr->args[i]->op != PLAN_CONST) return 0;
  }
  return expr->arg_count > 0;
}

static int any_null(const plan_expr *expr)
{
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (expr->args[i]->value.kind == CEP_NULL) return 1;
  }
  return 0;
}

static cep_value whole(cep_kind kind, int overflows, int64_t result)
{
  return overflows ? cb_null() : cb_value_i(kind, result);
}

/* A duration from a product or quotient with a float: null outside of int64. */
static cep_value rounded(double result)
{
  if (!(result > -9223372036854775808.0 && result < 9223372036854775808.0)) return cb_null();
  return cb_value_i(CEP_DURATION, (int64_t)result);
}

/* Infinity is an overflow, and so null, as it is when it is computed from an event. */
static cep_value fold_float(plan_op op, double a, double b)
{
  double result;
  switch (op) {
  case PLAN_ADD: result = a + b; break;
  case PLAN_SUB: result = a - b; break;
  case PLAN_MUL: result = a * b; break;
  default:
    if (b == 0.0) return cb_null();
    result = a / b;
    break;
  }
  return result - result == 0.0 ? cb_float(result) : cb_null();
}

static cep_value fold_whole(plan_op op, cep_kind kind, int64_t a, int64_t b)
{
  int64_t result = 0;
  int overflows = 0;
  switch (op) {
  case PLAN_ADD: overflows = __builtin_add_overflow(a, b, &result); break;
  case PLAN_SUB: overflows = __builtin_sub_overflow(a, b, &result); break;
  case PLAN_MUL: overflows = __builtin_mul_overflow(a, b, &result); break;
  case PLAN_IDIV:
    overflows = b == 0 || (a == INT64_MIN && b == -1);
    if (!overflows) result = a / b;
    break;
  default:
    overflows = b == 0;
    if (b != 0 && b != -1) result = a % b;
    break;
  }
  return whole(kind, overflows, result);
}

static cep_value fold_arithmetic(const plan_expr *expr)
{
  const cep_value *a = &expr->args[0]->value, *b = &expr->args[1]->value;
  if (a->kind == CEP_FLOAT) return fold_float(expr->op, a->as.f, b->as.f);
  if (b->kind == CEP_FLOAT) {
    /* duration by float */
    if (expr->op == PLAN_MUL) return rounded((double)a->as.i * b->as.f);
    return b->as.f == 0.0 ? cb_null() : rounded((double)a->as.i / b->as.f);
  }
  if (expr->op == PLAN_DIV) return fold_float(PLAN_DIV, (double)a->as.i, (double)b->as.i);
  return fold_whole(expr->op, expr->kind, a->as.i, b->as.i);
}

static cep_value fold_negation(const cep_value *a)
{
  if (a->kind == CEP_FLOAT) return cb_float(-a->as.f);
  return whole((cep_kind)a->kind, a->as.i == INT64_MIN, a->as.i == INT64_MIN ? 0 : -a->as.i);
}

static cep_value fold_comparison(plan_op op, const cep_value *a, const cep_value *b)
{
  cb_order order = cb_value_compare(a, b);
  if (order == CB_UNORDERED) return cb_bool(op == PLAN_NE);
  switch (op) {
  case PLAN_EQ: return cb_bool(order == CB_EQUAL);
  case PLAN_NE: return cb_bool(order != CB_EQUAL);
  case PLAN_LT: return cb_bool(order == CB_LESS);
  case PLAN_LE: return cb_bool(order != CB_GREATER);
  case PLAN_GT: return cb_bool(order == CB_GREATER);
  default: return cb_bool(order != CB_LESS);
  }
}

/* `and`: false if one is false, else null if one is null, else true. `or` the other way round. */
static cep_value fold_logic(const plan_expr *expr, int deciding)
{
  int has_null = 0;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    const cep_value *value = &expr->args[i]->value;
    if (value->kind == CEP_NULL) {
      has_null = 1;
    } else if ((value->as.i != 0) == deciding) {
      return cb_bool(deciding);
    }
  }
  return has_null ? cb_null() : cb_bool(!deciding);
}

int pat_fold(const plan_expr *expr, cep_value *out)
{
  if (!all_constant(expr)) return 0;
  switch (expr->op) {
  case PLAN_AND: *out = fold_logic(expr, 0); return 1;
  case PLAN_OR: *out = fold_logic(expr, 1); return 1;
  case PLAN_IS_NULL: *out = cb_bool(any_null(expr)); return 1;
  case PLAN_NOT:
  case PLAN_NEG:
  case PLAN_TO_FLOAT:
  case PLAN_ADD:
  case PLAN_SUB:
  case PLAN_MUL:
  case PLAN_DIV:
  case PLAN_IDIV:
  case PLAN_MOD:
  case PLAN_EQ:
  case PLAN_NE:
  case PLAN_LT:
  case PLAN_LE:
  case PLAN_GT:
  case PLAN_GE: break;
  default: return 0;
  }
  const cep_value *first = &expr->args[0]->value;
  if (any_null(expr)) {
    *out = cb_null();
  } else if (expr->op == PLAN_NOT) {
    *out = cb_bool(!first->as.i);
  } else if (expr->op == PLAN_NEG) {
    *out = fold_negation(first);
  } else if (expr->op == PLAN_TO_FLOAT) {
    *out = cb_float((double)first->as.i);
  } else if (expr->op >= PLAN_EQ && expr->op <= PLAN_GE) {
    *out = fold_comparison(expr->op, first, &expr->args[1]->value);
  } else {
    *out = fold_arithmetic(expr);
  }
  return 1;
}
