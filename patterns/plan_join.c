/* plan_join.c - a join of the plan: its two sides, which pairs come out, and who comes out alone. */
#include <string.h>

#include "patterns/plan_build.h"

/* ---- Pairs --------------------------------------------------------------------------- */

static int build_reach(const pat_builder *builder, plan_join *join)
{
  const pat_join *written = builder->decl->join;
  join->kind = written->kind;
  join->within = written->within;
  if (!written->window) return 1;
  plan_window *window = cb_arena_take(builder->compile->arena, sizeof *window);
  if (!window) return 0;
  join->window = window;
  if (written->window->kind != PLAN_SESSION && written->window->kind != PLAN_COUNT_WINDOW) return pat_build_window(builder, written->window, window);
  pat_report(builder->compile->diags, 533, written->window->span, "a join has no '%s' windows, whose bounds would differ from side to side; write  within 5m,  or  window tumbling 5m",
             plan_window_word(written->window->kind));
  return 0;
}

static int build_where(const pat_builder *builder, plan_join *join)
{
  const pat_expr *written = builder->decl->join->where;
  if (!written) return 1;
  pat_scope scope;
  pat_scope_outputs(&scope, builder, "'where'");
  scope.sure = 3;
  join->where = pat_check_condition(&scope, written);
  return join->where != NULL;
}

/* ---- The whole ------------------------------------------------------------------------- */

static int build_sides(pat_builder *builder)
{
  int is_good = pat_check_key_names(builder);
  is_good &= pat_resolve_steps(builder);
  if (!is_good) return 0;
  for (uint32_t i = 0; i < builder->detection->step_count; i++) builder->steps[i].min = builder->steps[i].max = 1;
  return pat_build_key(builder);
}

int pat_build_join(pat_compile *compile, pat_symbol *symbol)
{
  pat_builder builder = pat_builder_begin(compile, symbol);
  plan_detection *detection = builder.detection;
  plan_join *join = cb_arena_take(compile->arena, sizeof *join);
  if (!join) return 0;
  detection->skip = PLAN_SKIP_NO;
  detection->join = join;
  detection->pattern = (plan_element){.kind = PLAN_SEQUENCE, .span = symbol->span, .step = CEP_NONE, .min = 1, .max = 1, .until = CEP_NONE};
  if (!build_sides(&builder)) return 0;
  int is_good = build_reach(&builder, join) & build_where(&builder, join);
  detection->within = join->window ? pat_window_span(join->window) : join->within;
  is_good &= pat_build_outputs(&builder);
  if (!is_good || !pat_build_output_stream(&builder)) return 0;
  symbol->stratum = detection->stratum;
  return pat_build_tests(&builder);
}
