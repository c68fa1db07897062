/* plan_steps.c - the steps of a detection: counts, contiguity, conditions. */
#include <string.h>

#include "patterns/plan_build.h"

static void fill_counts(const pat_step *written, plan_step *step, uint32_t index)
{
  step->counted = written->has_count;
  /* `0+` and `0..n` are none, or one and more. */
  step->optional = written->is_optional || (written->has_count && written->min == 0);
  step->min = written->min > 0 ? (uint32_t)written->min : 1;
  step->max = (uint32_t)written->max;
  step->hop = index == 0 ? PLAN_RELAXED : written->hop;
  step->inner = written->has_inner ? written->inner : step->hop;
  step->greed = written->has_greed ? written->greed : PLAN_RELUCTANT;
  step->no_for = written->no_for;
  step->repeats = step->max > 1;
}

/* The sequence of all steps. */
static int build_pattern(pat_builder *builder)
{
  uint32_t count = builder->detection->step_count;
  plan_element *items = cb_arena_take(builder->compile->arena, (count + 1) * sizeof *items);
  if (!items) return 0;
  for (uint32_t i = 0; i < count; i++) {
    const plan_step *step = &builder->steps[i];
    plan_element item = {PLAN_STEP, step->span, i, NULL, 0, step->hop, step->gap, step->optional, step->min, step->max, step->inner, step->until};
    items[i] = item;
  }
  plan_element whole = {PLAN_SEQUENCE, builder->decl->match_span, CEP_NONE, items, count, PLAN_RELAXED, 0, 0, 1, 1, PLAN_RELAXED, CEP_NONE};
  builder->detection->pattern = whole;
  return 1;
}

static int build_distinct(pat_builder *builder, const pat_step *written, plan_step *step)
{
  if (written->distinct.count == 0) return 1;
  if (written->distinct.count > PAT_PARTS_MAX) {
    pat_report(builder->compile->diags, 502, written->distinct.at[PAT_PARTS_MAX]->span, "distinct takes at most %u values", PAT_PARTS_MAX);
    return 0;
  }
  const plan_expr **all = cb_arena_take(builder->compile->arena, written->distinct.count * sizeof *all);
  if (!all) return 0;
  pat_scope scope;
  pat_scope_event(&scope, builder->compile, &builder->compile->streams[step->stream], "distinct");
  for (uint32_t i = 0; i < written->distinct.count; i++) {
    const pat_expr *expr = written->distinct.at[i];
    scope.fields_read = 0;
    all[i] = pat_check(&scope, expr);
    if (!all[i]) return 0;
    if (scope.fields_read == 0) {
      pat_report(builder->compile->diags, 521, expr->span, "'%s' reads no field, so no two events differ in it",
                 pat_text_at(builder->compile, expr->span));
      return 0;
    }
  }
  step->distinct = all;
  step->distinct_count = written->distinct.count;
  return 1;
}

/* Conditions that are never true: said, and compiled all the same. */
static void warn_never(pat_builder *builder, uint32_t index, const plan_step *step, cb_span span)
{
  pat_compile *compile = builder->compile;
  if (!pat_can_hold(step->where, 0)) {
    pat_report(compile->diags, 522, span,
               step->kind == PLAN_NO ? "'%s' is never true, so this 'no' forbids nothing"
               : step->optional      ? "'%s' is never true, so this step never takes an event"
                                     : "'%s' is never true, so this detection can never fire",
               pat_text_at(compile, span));
    return;
  }
  for (uint32_t i = 0; i < index; i++) {
    if (builder->steps[i].kind == PLAN_TAKE) return;
  }
  if (step->kind == PLAN_NO || pat_can_hold(step->where, 1)) return;
  pat_report(compile->diags, 523, span,
             "'%s' is never true for the first event of a match: nothing was captured before it; begin with a step without it, or give prev another value",
             pat_text_at(compile, span));
}

static int build_where(pat_builder *builder, uint32_t index, const pat_step *written, plan_step *step)
{
  if (!written->where) return 1;
  pat_scope scope;
  pat_scope_event(&scope, builder->compile, &builder->compile->streams[step->stream], "a condition");
  scope.kind = PAT_IN_STEP;
  scope.steps = builder->steps;
  scope.step_count = builder->detection->step_count;
  scope.step = index;
  uint32_t reported = builder->compile->diags->kept.count;
  step->where = pat_check_condition(&scope, written->where);
  if (!step->where) return 0;
  /* What has been said of it may be why it never holds. */
  if (builder->compile->diags->kept.count == reported) warn_never(builder, index, step, written->where->span);
  return 1;
}

int pat_build_steps(pat_builder *builder)
{
  int is_good = 1;
  /* Counts of all first: conditions ask whether a step repeats. */
  for (uint32_t i = 0; i < builder->detection->step_count; i++)
    fill_counts(&builder->decl->steps.at[i], &builder->steps[i], i);
  is_good &= build_pattern(builder);
  for (uint32_t i = 0; i < builder->detection->step_count; i++) {
    const pat_step *written = &builder->decl->steps.at[i];
    is_good &= build_distinct(builder, written, &builder->steps[i]);
    is_good &= build_where(builder, i, written, &builder->steps[i]);
  }
  return is_good;
}
