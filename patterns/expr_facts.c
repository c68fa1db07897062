/* expr_facts.c - what can be said of an expression without running it. */
#include <string.h>

#include "patterns/plan_build.h"

int plan_expr_looks_back(const plan_expr *expr)
{
  if (!expr) return 0;
  if (expr->op == PLAN_CAPTURE || expr->op == PLAN_PREV || expr->op == PLAN_AGGREGATE) return 1;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (plan_expr_looks_back(expr->args[i])) return 1;
  }
  return 0;
}

int pat_same_expr(const plan_expr *a, const plan_expr *b)
{
  if (a == b) return 1;
  if (!a || !b || a->op != b->op || a->kind != b->kind || a->arg_count != b->arg_count) return 0;
  if (a->field != b->field || a->index != b->index || a->step != b->step || a->nth != b->nth || a->table != b->table) return 0;
  if (a->aggregate != b->aggregate || a->prev_count != b->prev_count) return 0;
  if (a->op == PLAN_CONST && !cb_value_same(&a->value, &b->value)) return 0;
  for (uint32_t i = 0; i < a->prev_count; i++) {
    if (a->prev[i].step != b->prev[i].step || a->prev[i].field != b->prev[i].field) return 0;
  }
  for (uint32_t i = 0; i < a->arg_count; i++) {
    if (!pat_same_expr(a->args[i], b->args[i])) return 0;
  }
  return 1;
}

/* ---- Can it be true? ---------------------------------------------------------------- */

/* The values that an expression may take, as a set. What is not bool has NIL and OTHER. */
enum { NIL = 1, NO = 2, YES = 4, OTHER = NO | YES };

static uint32_t values_of(const plan_expr *expr, int without_prev);

static uint32_t values_of_constant(const plan_expr *expr)
{
  if (expr->value.kind == CEP_NULL) return NIL;
  if (expr->kind != CEP_BOOL) return OTHER;
  return expr->value.as.i ? YES : NO;
}

/* `and` (deciding NO): its least value counts; `or` (deciding YES) the other way round. */
static uint32_t values_of_logic(const plan_expr *expr, uint32_t deciding, int without_prev)
{
  uint32_t other = deciding == NO ? YES : NO, possible = other;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    uint32_t next = values_of(expr->args[i], without_prev), joined = 0;
    if ((possible | next) & deciding) joined |= deciding;
    if ((possible & other) && (next & other)) joined |= other;
    if (((possible & NIL) && (next & (NIL | other))) || ((next & NIL) && (possible & other))) joined |= NIL;
    possible = joined;
  }
  return possible;
}

static uint32_t values_of_prev(const plan_expr *expr, int without_prev)
{
  if (without_prev || expr->prev_count == 0) return expr->arg_count > 0 ? values_of(expr->args[0], without_prev) : NIL;
  return OTHER | (expr->may_be_null ? NIL : 0);
}

static uint32_t values_of_capture(const plan_expr *expr, int without_prev)
{
  if (without_prev && expr->op == PLAN_CAPTURE) return NIL;
  return OTHER | (expr->may_be_null ? NIL : 0);
}

static uint32_t values_of(const plan_expr *expr, int without_prev)
{
  switch (expr->op) {
  case PLAN_CONST: return values_of_constant(expr);
  case PLAN_AND: return values_of_logic(expr, NO, without_prev);
  case PLAN_OR: return values_of_logic(expr, YES, without_prev);
  case PLAN_PREV: return values_of_prev(expr, without_prev);
  case PLAN_CAPTURE:
  case PLAN_AGGREGATE: return values_of_capture(expr, without_prev);
  case PLAN_NOT: {
    uint32_t inner = values_of(expr->args[0], without_prev);
    return (inner & NIL) | (inner & NO ? YES : 0) | (inner & YES ? NO : 0);
  }
  case PLAN_IS_NULL: {
    uint32_t inner = values_of(expr->args[0], without_prev);
    return (inner & NIL ? YES : 0) | (inner & OTHER ? NO : 0);
  }
  case PLAN_CASE: {
    uint32_t possible = values_of(expr->args[expr->arg_count - 1], without_prev);
    for (uint32_t i = 1; i < expr->arg_count; i += 2) possible |= values_of(expr->args[i], without_prev);
    return possible;
  }
  case PLAN_COALESCE:
    for (uint32_t i = 0; i < expr->arg_count; i++) {
      if (values_of(expr->args[i], without_prev) != NIL) return OTHER | NIL;
    }
    return NIL;
  default: break;
  }
  uint32_t possible = OTHER;
  if (expr->may_be_null) possible |= NIL;
  /* `in` may find its value before a null; everything else is null when one part is. */
  uint32_t parts = expr->op == PLAN_IN ? 1 : expr->arg_count;
  for (uint32_t i = 0; i < parts; i++) {
    uint32_t part = values_of(expr->args[i], without_prev);
    if (part == NIL) return NIL;
    if (part & NIL) possible |= NIL;
  }
  return possible;
}

/* ---- Bounds that exclude each other -------------------------------------------------- */

/* A comparison of a field of the event with a constant, the field first. 0 if it is none. */
static int bound_of(const plan_expr *expr, uint32_t *field, plan_op *op, const cep_value **value)
{
  static const plan_op turned[] = {[PLAN_EQ] = PLAN_EQ, [PLAN_NE] = PLAN_NE, [PLAN_LT] = PLAN_GT,
                                   [PLAN_LE] = PLAN_GE, [PLAN_GT] = PLAN_LT, [PLAN_GE] = PLAN_LE};
  if (expr->op < PLAN_EQ || expr->op > PLAN_GE) return 0;
  const plan_expr *a = expr->args[0], *b = expr->args[1];
  int is_turned = a->op == PLAN_CONST;
  if (is_turned) {
    const plan_expr *first = a;
    a = b;
    b = first;
  }
  if (a->op == PLAN_TO_FLOAT) a = a->args[0];
  if (a->op != PLAN_FIELD || b->op != PLAN_CONST) return 0;
  *field = a->field;
  *op = is_turned ? turned[expr->op] : expr->op;
  *value = &b->value;
  return 1;
}

/* Whether no value meets both `x op_a a` and `x op_b b`. Says no when in doubt. */
static int exclude(plan_op op_a, const cep_value *a, plan_op op_b, const cep_value *b)
{
  cb_order order = cb_value_compare(a, b);
  if (order == CB_UNORDERED) return 0;
  if (op_a == PLAN_EQ && op_b == PLAN_EQ) return order != CB_EQUAL;
  if (op_a == PLAN_EQ && op_b == PLAN_NE) return order == CB_EQUAL;
  int is_above = op_a == PLAN_GT || op_a == PLAN_GE || op_a == PLAN_EQ;
  int is_below = op_b == PLAN_LT || op_b == PLAN_LE || op_b == PLAN_EQ;
  if (!is_above || !is_below) return 0;
  int touches = op_a != PLAN_GT && op_b != PLAN_LT;
  return order == CB_GREATER || (order == CB_EQUAL && !touches);
}

static int has_contradiction(const plan_expr *expr)
{
  if (expr->op != PLAN_AND) return 0;
  /* Pairs: a condition has few parts; very long ones are not looked through. */
  for (uint32_t i = 0; i < expr->arg_count && i < 64; i++) {
    uint32_t field_a, field_b;
    plan_op op_a, op_b;
    const cep_value *a, *b;
    if (has_contradiction(expr->args[i])) return 1;
    if (!bound_of(expr->args[i], &field_a, &op_a, &a)) continue;
    for (uint32_t j = 0; j < i; j++) {
      if (!bound_of(expr->args[j], &field_b, &op_b, &b) || field_a != field_b) continue;
      if (exclude(op_a, a, op_b, b) || exclude(op_b, b, op_a, a)) return 1;
    }
  }
  return 0;
}

int pat_can_hold(const plan_expr *expr, int without_prev)
{
  return (values_of(expr, without_prev) & YES) && !has_contradiction(expr);
}
