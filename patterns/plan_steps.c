/* plan_steps.c - the steps of a detection: their conditions. */
#include <string.h>

#include "patterns/plan_build.h"

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

static int build_where(pat_builder *builder, uint32_t index, const pat_step *written, plan_step *step)
{
  if (!written->where) return 1;
  pat_scope scope;
  pat_scope_event(&scope, builder->compile, &builder->compile->streams[step->stream], "a condition");
  scope.kind = PAT_IN_STEP;
  scope.steps = builder->steps;
  scope.step_count = builder->detection->step_count;
  scope.step = index;
  scope.pattern = &builder->detection->pattern;
  scope.shape = &builder->shape;
  step->where = pat_check_condition(&scope, written->where);
  return step->where != NULL;
}

int pat_build_steps(pat_builder *builder)
{
  /* The tree first: conditions ask whether a step repeats, and what may come before it. */
  int is_good = pat_build_pattern(builder);
  for (uint32_t i = 0; i < builder->detection->step_count; i++) {
    const pat_step *written = &builder->decl->steps.at[i];
    is_good &= build_distinct(builder, written, &builder->steps[i]);
    is_good &= build_where(builder, i, written, &builder->steps[i]);
  }
  return is_good;
}
