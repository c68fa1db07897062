/* check_choice.c - a value chosen among others: case, if, nullif, coalesce. */
#include "patterns/check.h"

/* Brings all `values` that are not null to one kind, which it gives; CEP_NULL: reported. */
static cep_kind one_kind(pat_scope *scope, const char *what, const plan_expr **values, uint32_t count, cb_span span)
{
  pat_compile *compile = scope->compile;
  const plan_expr *all = NULL;
  uint32_t first = 0;
  for (uint32_t i = 0; i < count; i++) {
    const char *why = NULL;
    if (values[i]->kind == CEP_NULL) continue;
    if (!all) {
      all = values[i];
      first = i;
      continue;
    }
    const plan_expr *value = values[i];
    if (pat_unify(compile, &all, &value, &why)) continue;
    pat_report(compile->diags, 401, values[i]->span, "%s needs values of one kind, found '%s' (%s) and '%s' (%s)", what,
               pat_text_at(compile, values[first]->span), cb_kind_name(all->kind), pat_text_at(compile, values[i]->span),
               cb_kind_name(values[i]->kind));
    return CEP_NULL;
  }
  if (!all) {
    pat_report(compile->diags, 415, span, "%s needs a value that is not null", what);
    return CEP_NULL;
  }
  for (uint32_t i = 0; i < count; i++) {
    const char *why = NULL;
    if (values[i]->kind == CEP_NULL) continue;
    values[i] = pat_convert(compile, values[i], all->kind, &why);
    if (!values[i]) return CEP_NULL;
  }
  return all->kind;
}

/* ---- case -------------------------------------------------------------------------- */

/* Of `args` (condition, value, …, else): without what constants rule out. */
static const plan_expr *choose(pat_scope *scope, cb_span span, const plan_expr **args, uint32_t count, cep_kind kind)
{
  uint32_t kept = 0, at = 0;
  for (; at + 1 < count; at += 2) {
    const plan_expr *condition = args[at];
    int is_known = condition->op == PLAN_CONST;
    if (is_known && condition->value.kind == CEP_BOOL && condition->value.as.i) break;
    if (is_known) continue;
    args[kept++] = condition;
    args[kept++] = args[at + 1];
  }
  args[kept++] = at + 1 < count ? args[at + 1] : args[count - 1];
  if (kept == 1 && args[0]->kind == kind) return args[0];
  plan_expr *result = pat_new_plan_expr(scope->compile, PLAN_CASE, kind, span, kept, args);
  if (!result) return NULL;
  result->may_be_null = 0;
  for (uint32_t i = 1; i < kept; i += 2) result->may_be_null |= args[i]->may_be_null;
  result->may_be_null |= args[kept - 1]->may_be_null;
  return result;
}

/* Conditions stand at even places, but for the last one. */
static const plan_expr *check_choice(pat_scope *scope, const pat_expr *expr, const char *what)
{
  pat_compile *compile = scope->compile;
  uint32_t count = expr->args.count, value_count = 0;
  const plan_expr **args = cb_arena_take(compile->arena, count * sizeof *args);
  const plan_expr **values = cb_arena_take(compile->arena, count * sizeof *values);
  int is_good = args != NULL && values != NULL;
  for (uint32_t i = 0; args && values && i < count; i++) {
    int is_condition = i % 2 == 0 && i + 1 < count;
    args[i] = is_condition ? pat_check_condition(scope, expr->args.at[i]) : pat_check(scope, expr->args.at[i]);
    if (!args[i]) is_good = 0;
    if (!is_condition) values[value_count++] = args[i];
  }
  if (!is_good) return NULL;
  cep_kind kind = one_kind(scope, what, values, value_count, expr->span);
  if (kind == CEP_NULL) return NULL;
  for (uint32_t i = 0; i < value_count; i++) args[i + 1 < value_count ? 2 * i + 1 : count - 1] = values[i];
  return choose(scope, expr->span, args, count, kind);
}

const plan_expr *pat_check_case(pat_scope *scope, const pat_expr *expr)
{
  return check_choice(scope, expr, "case");
}

const plan_expr *pat_check_if(pat_scope *scope, const pat_expr *expr)
{
  if (expr->has_where || expr->args.count != 3) {
    pat_report(scope->compile->diags, 323, expr->span, "if takes a condition, the value when it is true, and the value when it is not");
    return NULL;
  }
  return check_choice(scope, expr, "if");
}

/* ---- nullif and coalesce ----------------------------------------------------------- */

const plan_expr *pat_check_nullif(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  if (expr->has_where || expr->args.count != 2) {
    pat_report(compile->diags, 323, expr->span, "nullif takes a value, and the one that counts as null");
    return NULL;
  }
  const plan_expr **args = pat_check_all(scope, expr);
  cep_kind kind = args ? one_kind(scope, "nullif", args, 2, expr->span) : CEP_NULL;
  if (kind == CEP_NULL) return NULL;
  if (args[0]->kind == CEP_NULL || args[1]->kind == CEP_NULL) return args[0];
  const plan_expr *choice[3] = {pat_new_plan_expr(compile, PLAN_EQ, CEP_BOOL, expr->span, 2, args),
                                pat_new_constant(compile, expr->span, CEP_NULL, cb_null()), args[0]};
  if (!choice[0] || !choice[1]) return NULL;
  return choose(scope, expr->span, choice, 3, kind);
}

const plan_expr *pat_check_coalesce(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  if (expr->has_where || expr->args.count == 0) {
    pat_report(compile->diags, 323, expr->span, "coalesce takes one value or more");
    return NULL;
  }
  const plan_expr **args = pat_check_all(scope, expr);
  if (!args) return NULL;
  uint32_t count = 0;
  const plan_expr *first = args[0];
  for (uint32_t i = 0; i < expr->args.count; i++) {
    if (args[i]->kind != CEP_NULL) args[count++] = args[i];
  }
  if (count == 0) return first;
  cep_kind kind = one_kind(scope, "coalesce", args, count, expr->span);
  if (kind == CEP_NULL) return NULL;
  plan_expr *result = pat_new_plan_expr(compile, PLAN_COALESCE, kind, expr->span, count, args);
  if (!result) return NULL;
  result->may_be_null = 1;
  for (uint32_t i = 0; i < count; i++) result->may_be_null &= args[i]->may_be_null;
  return result;
}
