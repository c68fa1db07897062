/* plan_aggregate.c - an aggregate of the plan: its one step, its window, its measures. */
#include <string.h>

#include "cep/base/cell.h"
#include "patterns/plan_build.h"

#define MEASURES_MAX 64u

/* ---- What is counted --------------------------------------------------------------- */

/* The condition behind `from` goes to the route: what it refuses is not in the input. */
static int build_where(pat_builder *builder)
{
  const pat_expr *written = builder->decl->steps.at[0].where;
  plan_detection *detection = builder->detection;
  pat_compile *compile = builder->compile;
  plan_step *step = &builder->steps[0];
  step->member = NULL;
  step->min = step->max = 1;
  if (!written) return 1;
  pat_scope scope;
  pat_scope_event(&scope, compile, &compile->streams[step->stream], "this condition");
  const plan_expr *where = pat_check_condition(&scope, written);
  if (!where) return 0;
  plan_route *route = cb_arena_take(compile->arena, sizeof *route);
  if (!route) return 0;
  *route = detection->routes[0];
  route->member = route->member ? pat_both(compile, route->member, where) : where;
  detection->routes = route;
  return route->member != NULL;
}

/* ---- The window -------------------------------------------------------------------- */

static int build_window(pat_builder *builder, plan_window *window)
{
  const pat_window *written = builder->decl->window;
  const plan_stream *counted = &builder->compile->streams[builder->steps[0].stream];
  int is_good = pat_build_window(builder, written, window);
  builder->detection->within = pat_window_span(window);
  if (written->allowed == 0 || counted->detection == CEP_NONE) return is_good;
  pat_report(builder->compile->diags, 533, written->allowed_span, "'%s' is a detection: what it gives is never late; leave 'allowed lateness' out", counted->name);
  return 0;
}

static void scope_window(pat_scope *scope, const pat_builder *builder, plan_window *window, const char *what)
{
  pat_scope_constant(scope, builder->compile, what);
  scope->kind = PAT_IN_WINDOW;
  scope->stream = &builder->compile->streams[builder->steps[0].stream];
  scope->field_count = scope->stream->field_count;
  scope->detection = builder->detection;
  scope->measures = &builder->decl->window->measures;
  scope->measures_built = window->measures;
  scope->measure_count = window->measure_count;
}

static int is_label_free(const pat_builder *builder, uint32_t index)
{
  const pat_object *measures = &builder->decl->window->measures;
  const pat_name *name = &measures->at[index].name;
  pat_diags *diags = builder->compile->diags;
  for (uint32_t i = 0; i < builder->detection->key_count; i++) {
    if (strcmp(builder->detection->key_names[i], name->text) != 0) continue;
    pat_report(diags, 532, name->span, "'%s' is a key of this aggregate; a measure needs another name", name->text);
    return 0;
  }
  for (uint32_t i = 0; i < index; i++) {
    if (strcmp(measures->at[i].name.text, name->text) != 0) continue;
    pat_report(diags, 532, name->span, "there is a measure '%s' already", name->text);
    return 0;
  }
  return 1;
}

/* One by one: each may use those above it. */
static int build_measures(pat_builder *builder, plan_window *window)
{
  const pat_object *written = &builder->decl->window->measures;
  pat_compile *compile = builder->compile;
  if (written->count > MEASURES_MAX) {
    pat_report(compile->diags, 532, written->at[MEASURES_MAX].name.span, "an aggregate has at most %u measures, this one has %u", MEASURES_MAX,
               written->count);
    return 0;
  }
  plan_output *measures = cb_arena_take(compile->arena, ((size_t)written->count + 1) * sizeof *measures);
  if (!measures) return 0;
  window->measures = measures;
  int is_good = 1;
  for (uint32_t i = 0; i < written->count; i++) {
    pat_scope scope;
    scope_window(&scope, builder, window, "a measure");
    is_good &= is_label_free(builder, i);
    measures[i].name = written->at[i].name.text;
    measures[i].expr = pat_check(&scope, written->at[i].expr);
    window->measure_count = i + 1;
    if (!measures[i].expr) {
      is_good = 0;
    } else if (measures[i].expr->kind == CEP_NULL) {
      pat_report(compile->diags, 331, written->at[i].expr->span, "'%s' is always null; leave it out", measures[i].name);
      measures[i].expr = NULL;
      is_good = 0;
    }
  }
  return is_good;
}

static int build_having(pat_builder *builder, plan_window *window)
{
  const pat_expr *written = builder->decl->window->having;
  if (!written) return 1;
  pat_scope scope;
  scope_window(&scope, builder, window, "'having'");
  window->having = pat_check_condition(&scope, written);
  return window->having != NULL;
}

/* ---- What comes out ---------------------------------------------------------------- */

/* Without `emit`: every measure. */
static int build_default(pat_builder *builder, const plan_window *window)
{
  plan_detection *detection = builder->detection;
  const pat_object *written = &builder->decl->window->measures;
  plan_output *outputs = cb_arena_take(builder->compile->arena, ((size_t)window->measure_count + 1) * sizeof *outputs);
  if (!outputs) return 0;
  for (uint32_t i = 0; i < window->measure_count; i++) {
    const plan_expr *measure = window->measures[i].expr;
    plan_expr *expr = pat_new_plan_expr(builder->compile, PLAN_MEASURE, measure->kind, written->at[i].name.span, 0, NULL);
    if (!expr) return 0;
    expr->index = i;
    expr->may_be_null = measure->may_be_null;
    outputs[i] = (plan_output){window->measures[i].name, expr};
  }
  detection->emit = outputs;
  detection->emit_count = window->measure_count;
  return 1;
}

static int build_emit(pat_builder *builder, plan_window *window)
{
  const pat_detect *decl = builder->decl;
  plan_detection *detection = builder->detection;
  if (decl->emit_span.length == 0) return build_default(builder, window);
  pat_scope scope;
  scope_window(&scope, builder, window, "'emit'");
  return pat_build_object(builder, &scope, &decl->emit, &detection->emit, &detection->emit_count);
}

int pat_build_aggregate(pat_compile *compile, pat_symbol *symbol)
{
  pat_builder builder = pat_builder_begin(compile, symbol);
  plan_detection *detection = builder.detection;
  plan_window *window = cb_arena_take(compile->arena, sizeof *window);
  if (!window) return 0;
  detection->skip = PLAN_SKIP_NO;
  detection->window = window;
  detection->pattern = (plan_element){.kind = PLAN_SEQUENCE, .span = symbol->span, .step = CEP_NONE, .min = 1, .max = 1, .until = CEP_NONE};
  int is_good = pat_check_key_names(&builder);
  is_good &= pat_resolve_steps(&builder);
  if (!is_good || !pat_build_key(&builder)) return 0;
  is_good = build_window(&builder, window) & build_where(&builder);
  is_good &= build_measures(&builder, window);
  is_good &= build_having(&builder, window);
  if (!pat_build_after_emit(&builder, is_good && build_emit(&builder, window))) return 0;
  if (!is_good || !pat_build_output_stream(&builder)) return 0;
  symbol->stratum = detection->stratum;
  return pat_build_tests(&builder);
}
