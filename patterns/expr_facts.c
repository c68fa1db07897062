/* expr_facts.c - what can be said of an expression without running it. */
#include <string.h>

#include "patterns/possible.h"

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

/* ---- What can it be? ---------------------------------------------------------------- */


static uint32_t values_of_constant(const plan_expr *expr)
{
  if (expr->value.kind == CEP_NULL) return PAT_V_NIL;
  if (expr->kind != CEP_BOOL) return PAT_V_OTHER;
  return expr->value.as.i ? PAT_V_YES : PAT_V_NO;
}

/* `and` (deciding PAT_V_NO): its least value counts; `or` (deciding PAT_V_YES) the other way round. */
static uint32_t values_of_logic(const plan_expr *expr, uint32_t deciding, int nothing_captured)
{
  uint32_t other = deciding == PAT_V_NO ? PAT_V_YES : PAT_V_NO, possible = other;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    uint32_t next = pat_values_of(expr->args[i], nothing_captured), joined = 0;
    if ((possible | next) & deciding) joined |= deciding;
    if ((possible & other) && (next & other)) joined |= other;
    if (((possible & PAT_V_NIL) && (next & (PAT_V_NIL | other))) || ((next & PAT_V_NIL) && (possible & other))) joined |= PAT_V_NIL;
    possible = joined;
  }
  return possible;
}

static uint32_t values_of_prev(const plan_expr *expr, int nothing_captured)
{
  if (nothing_captured || expr->prev_count == 0) return expr->arg_count > 0 ? pat_values_of(expr->args[0], nothing_captured) : PAT_V_NIL;
  return PAT_V_OTHER | (expr->may_be_null ? PAT_V_NIL : 0);
}

static uint32_t values_of_capture(const plan_expr *expr, int nothing_captured)
{
  if (nothing_captured && expr->op == PLAN_CAPTURE) return PAT_V_NIL;
  return PAT_V_OTHER | (expr->may_be_null ? PAT_V_NIL : 0);
}

uint32_t pat_values_of(const plan_expr *expr, int nothing_captured)
{
  switch (expr->op) {
  case PLAN_CONST: return values_of_constant(expr);
  case PLAN_AND: return values_of_logic(expr, PAT_V_NO, nothing_captured);
  case PLAN_OR: return values_of_logic(expr, PAT_V_YES, nothing_captured);
  case PLAN_PREV: return values_of_prev(expr, nothing_captured);
  case PLAN_CAPTURE:
  case PLAN_AGGREGATE: return values_of_capture(expr, nothing_captured);
  case PLAN_NOT: {
    uint32_t inner = pat_values_of(expr->args[0], nothing_captured);
    return (inner & PAT_V_NIL) | (inner & PAT_V_NO ? PAT_V_YES : 0) | (inner & PAT_V_YES ? PAT_V_NO : 0);
  }
  case PLAN_IS_NULL: {
    uint32_t inner = pat_values_of(expr->args[0], nothing_captured);
    return (inner & PAT_V_NIL ? PAT_V_YES : 0) | (inner & PAT_V_OTHER ? PAT_V_NO : 0);
  }
  case PLAN_CASE: {
    uint32_t possible = pat_values_of(expr->args[expr->arg_count - 1], nothing_captured);
    for (uint32_t i = 1; i < expr->arg_count; i += 2) possible |= pat_values_of(expr->args[i], nothing_captured);
    return possible;
  }
  case PLAN_COALESCE:
    for (uint32_t i = 0; i < expr->arg_count; i++) {
      if (pat_values_of(expr->args[i], nothing_captured) != PAT_V_NIL) return PAT_V_OTHER | PAT_V_NIL;
    }
    return PAT_V_NIL;
  default: break;
  }
  uint32_t possible = PAT_V_OTHER;
  if (expr->may_be_null) possible |= PAT_V_NIL;
  /* `in` may find its value before a null; everything else is null when one part is. */
  uint32_t parts = expr->op == PLAN_IN ? 1 : expr->arg_count;
  for (uint32_t i = 0; i < parts; i++) {
    uint32_t part = pat_values_of(expr->args[i], nothing_captured);
    if (part == PAT_V_NIL) return PAT_V_NIL;
    if (part & PAT_V_NIL) possible |= PAT_V_NIL;
  }
  return possible;
}
