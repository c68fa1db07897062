/* check_calls.c - calls by their name: first, last, and which file looks after the others. */
#include "patterns/check.h"

#include <string.h>

const plan_expr **pat_check_all(pat_scope *scope, const pat_expr *expr)
{
  const plan_expr **args = cb_arena_take(scope->compile->arena, expr->args.count * sizeof *args + 1);
  int is_good = args != NULL;
  for (uint32_t i = 0; args && i < expr->args.count; i++) {
    args[i] = pat_check(scope, expr->args.at[i]);
    if (!args[i]) is_good = 0;
  }
  return is_good ? args : NULL;
}

/* ---- first and last ---------------------------------------------------------------- */

/* last(fall.price) is last(fall).price. Over a window last(price) is that of its last event. */
static const plan_expr *check_end(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  if (scope->kind == PAT_IN_WINDOW) return pat_check_aggregate(scope, expr, expr->name.text[0] == 'l' ? PLAN_LAST : PLAN_FIRST);
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

/* ---- By name ----------------------------------------------------------------------- */

typedef struct special {
  const char *name;
  const plan_expr *(*check)(pat_scope *scope, const pat_expr *expr);
} special;

static const special specials[] = {{"first", check_end},
                                   {"last", check_end},
                                   {"prev", pat_check_prev},
                                   {"matches", pat_check_matches},
                                   {"coalesce", pat_check_coalesce},
                                   {"if", pat_check_if},
                                   {"nullif", pat_check_nullif}};
#define SPECIAL_COUNT (sizeof specials / sizeof *specials)

static const plan_expr *unknown_function(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  pat_nearest nearest;
  pat_nearest_init(&nearest, expr->name.text);
  for (uint32_t i = 0; pat_builtin_name(i); i++) pat_nearest_offer(&nearest, pat_builtin_name(i));
  for (uint32_t i = 0; pat_aggregate_name(i); i++) pat_nearest_offer(&nearest, pat_aggregate_name(i));
  for (size_t i = 0; i < SPECIAL_COUNT; i++) pat_nearest_offer(&nearest, specials[i].name);
  pat_report(compile->diags, 304, expr->name.span, "unknown function '%s'%s", expr->name.text, pat_nearest_text(&nearest, compile->arena));
  return NULL;
}

const plan_expr *pat_check_call(pat_scope *scope, const pat_expr *expr)
{
  const char *name = expr->name.text;
  uint32_t aggregate = pat_find_aggregate(name);
  if (aggregate != CEP_NONE) return pat_check_aggregate(scope, expr, (plan_aggregate)aggregate);
  for (size_t i = 0; i < SPECIAL_COUNT; i++) {
    if (strcmp(name, specials[i].name) == 0) return specials[i].check(scope, expr);
  }
  uint32_t builtin = pat_find_builtin(name);
  return builtin == CEP_NONE ? unknown_function(scope, expr) : pat_check_builtin(scope, expr, builtin);
}
