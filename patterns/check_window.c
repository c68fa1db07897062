/* check_window.c - what only windows have: their bounds, and functions that need them. */
#include "patterns/check.h"

#include <string.h>

/* ---- Bounds ---------------------------------------------------------------------------- */

static const char *const bounds[] = {"window_start", "window_end"};

const plan_expr *pat_check_bound(pat_scope *scope, const pat_name *name)
{
  for (uint32_t i = 0; i < 2; i++) {
    if (strcmp(name->text, bounds[i]) == 0) return pat_new_plan_expr(scope->compile, i == 0 ? PLAN_WINDOW_START : PLAN_WINDOW_END, CEP_TIME, name->span, 0, NULL);
  }
  return NULL;
}

void pat_offer_bounds(pat_nearest *nearest)
{
  for (uint32_t i = 0; i < 2; i++) pat_nearest_offer(nearest, bounds[i]);
}

/* ---- Functions --------------------------------------------------------------------------- */

/* Beside its value each takes a number, or none: `place` says where it stands. */
typedef struct shape {
  plan_aggregate what;
  uint32_t count;
  uint32_t place;
  const char *right; /* an example */
} shape;

static const shape shapes[] = {{PLAN_FIRST, 1, CEP_NONE, "first(user)"},
                               {PLAN_LAST, 1, CEP_NONE, "last(user)"},
                               {PLAN_APPROX_PERCENTILE, 2, 1, "approx_percentile(latency, 99)"},
                               {PLAN_TOP, 2, 0, "top(10, user)"}};

static const shape *shape_of(plan_aggregate what)
{
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    if (shapes[i].what == what) return &shapes[i];
  }
  CB_UNREACHABLE();
}

static int number_of(pat_scope *scope, const pat_expr *expr, plan_aggregate what, cep_value *out)
{
  int is_top = what == PLAN_TOP;
  if (!pat_check_constant(scope->compile, expr, is_top ? CEP_INT : CEP_FLOAT, is_top ? "how many values top gives" : "the percentage", out)) return 0;
  int is_good = is_top ? out->kind == CEP_INT && out->as.i >= 1 && out->as.i <= PLAN_TOP_MAX
                       : out->kind == CEP_FLOAT && out->as.f >= 0 && out->as.f <= 100;
  if (is_good) return 1;
  pat_report(scope->compile->diags, 346, expr->span, is_top ? "top gives 1 to %d values, not %s; write top(10, user)" : "a percentage is from 0 to %d, not %s; write approx_percentile(latency, 99)",
             is_top ? PLAN_TOP_MAX : 100, pat_text_at(scope->compile, expr->span));
  return 0;
}

plan_expr *pat_check_made(pat_scope *scope, const pat_expr *expr, plan_aggregate what, pat_scope *inner, const plan_expr **value)
{
  pat_compile *compile = scope->compile;
  const shape *form = shape_of(what);
  const plan_expr **args = cb_arena_take(compile->arena, sizeof *args);
  if (!args) return NULL;
  if (expr->args.count != form->count || expr->has_where) {
    pat_report(compile->diags, 323, expr->span, "%s takes %s: %s", expr->name.text,
               form->count == 1 ? "one value of the events" : form->place == 0 ? "a number and one value of the events" : "one value of the events and a percentage",
               form->right);
    return NULL;
  }
  cep_value number = cb_null();
  args[0] = *value = pat_check(inner, expr->args.at[form->place == 0 ? 1 : 0]);
  if (form->place != CEP_NONE && !number_of(scope, expr->args.at[form->place], what, &number)) return NULL;
  plan_expr *result = *value ? pat_new_plan_expr(compile, PLAN_AGGREGATE, CEP_NULL, expr->span, 0, NULL) : NULL;
  if (!result) return NULL;
  result->aggregate = what;
  result->args = args;
  result->arg_count = 1;
  result->step = 0;
  result->value = number;
  result->may_be_null = what != PLAN_TOP;
  return result;
}
