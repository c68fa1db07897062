/* analyse_pairs.c - detections that find what another one finds. */
#include <string.h>

#include "cep/base/hash.h"
#include "patterns/analyse.h"

/* Each detection is compared with so many earlier ones of its shape. */
#define PAIRS_MAX 32u

/* ---- The same ---------------------------------------------------------------------------- */

static int same_exprs(const plan_expr *const *a, uint32_t a_count, const plan_expr *const *b, uint32_t b_count)
{
  if (a_count != b_count) return 0;
  for (uint32_t i = 0; i < a_count; i++) {
    if (!pat_same_expr(a[i], b[i])) return 0;
  }
  return 1;
}

static int same_outputs(const plan_output *a, uint32_t a_count, const plan_output *b, uint32_t b_count)
{
  if (a_count != b_count) return 0;
  for (uint32_t i = 0; i < a_count; i++) {
    if (!pat_same_expr(a[i].expr, b[i].expr)) return 0;
  }
  return 1;
}

static int same_routes(const plan_detection *a, const plan_detection *b, int with_members)
{
  if (a->route_count != b->route_count || a->key_count != b->key_count) return 0;
  for (uint32_t i = 0; i < a->route_count; i++) {
    const plan_route *x = &a->routes[i], *y = &b->routes[i];
    if (x->stream != y->stream || !same_exprs(x->keys, a->key_count, y->keys, b->key_count)) return 0;
    if (with_members && !pat_same_expr(x->member, y->member)) return 0;
  }
  return 1;
}

static int same_step(const plan_step *a, const plan_step *b)
{
  if (a->kind != b->kind || a->stream != b->stream || a->route != b->route || a->hop != b->hop || a->gap != b->gap) return 0;
  if (a->optional != b->optional || a->min != b->min || a->max != b->max || a->inner != b->inner || a->greed != b->greed) return 0;
  if (a->no_for != b->no_for || a->until != b->until) return 0;
  if (!pat_same_expr(a->member, b->member) || !pat_same_expr(a->where, b->where)) return 0;
  return same_exprs(a->distinct, a->distinct_count, b->distinct, b->distinct_count);
}

static int same_element(const plan_element *a, const plan_element *b)
{
  if (a->kind != b->kind || a->step != b->step || a->item_count != b->item_count || a->hop != b->hop || a->gap != b->gap) return 0;
  if (a->optional != b->optional || a->min != b->min || a->max != b->max || a->inner != b->inner || a->until != b->until) return 0;
  for (uint32_t i = 0; i < a->item_count; i++) {
    if (!same_element(&a->items[i], &b->items[i])) return 0;
  }
  return 1;
}

static int same_window(const plan_window *a, const plan_window *b)
{
  if (!a || !b) return a == b;
  if (a->kind != b->kind || a->length != b->length || a->every != b->every || a->max != b->max || a->events != b->events) return 0;
  if (a->every_events != b->every_events || a->early_every != b->early_every || a->allowed != b->allowed) return 0;
  if (a->offset != b->offset || a->even_empty != b->even_empty || a->at_once != b->at_once) return 0;
  return same_outputs(a->measures, a->measure_count, b->measures, b->measure_count) && pat_same_expr(a->having, b->having);
}

static int same_join(const plan_join *a, const plan_join *b)
{
  if (!a || !b) return a == b;
  return a->kind == b->kind && a->within == b->within && same_window(a->window, b->window) && pat_same_expr(a->where, b->where);
}

static int same_suppress(const plan_suppress *a, const plan_suppress *b)
{
  if (a->duration != b->duration || a->by_count != b->by_count) return 0;
  for (uint32_t i = 0; i < a->by_count; i++) {
    if (a->by[i] != b->by[i]) return 0;
  }
  return 1;
}

static int same_meta(const plan_detection *a, const plan_detection *b)
{
  if (a->meta_count != b->meta_count) return 0;
  for (uint32_t i = 0; i < a->meta_count; i++) {
    if (strcmp(a->meta[i].name, b->meta[i].name) != 0 || !cb_value_same(&a->meta[i].value, &b->meta[i].value)) return 0;
  }
  return 1;
}

static int same_detection(const plan_detection *a, const plan_detection *b)
{
  if (a->within != b->within || a->within_events != b->within_events || a->latest != b->latest || a->step_count != b->step_count) return 0;
  if (a->skip != b->skip || a->skip_step != b->skip_step || a->earliest_first != b->earliest_first || a->limit != b->limit) return 0;
  if (a->emit_once != b->emit_once || a->on_timeout != b->on_timeout) return 0;
  for (uint32_t i = 0; i < a->step_count; i++) {
    if (!same_step(&a->steps[i], &b->steps[i])) return 0;
  }
  return same_routes(a, b, 1) && same_element(&a->pattern, &b->pattern) && same_window(a->window, b->window) && same_join(a->join, b->join) && pat_same_expr(a->having, b->having) &&
         same_outputs(a->emit, a->emit_count, b->emit, b->emit_count) && same_suppress(&a->suppress, &b->suppress) &&
         same_outputs(a->timeout_emit, a->timeout_emit_count, b->timeout_emit, b->timeout_emit_count);
}

/* ---- One finds more than the other ----------------------------------------------------------- */

/* One event for each step, and nothing that only holds a match back. */
static int is_plain(const plan_detection *it)
{
  if (it->window || it->join || it->having || it->latest || it->within_events || it->emit_once || it->on_timeout || it->earliest_first) return 0;
  if (it->pattern.item_count != it->step_count) return 0;
  for (uint32_t i = 0; i < it->step_count; i++) {
    const plan_step *step = &it->steps[i];
    if (step->kind != PLAN_TAKE || step->hop != PLAN_RELAXED || step->optional || step->max != 1 || step->gap || step->distinct_count) return 0;
    if (it->pattern.items[i].kind != PLAN_STEP) return 0;
  }
  return 1;
}

/* From each first event of a match of `narrow` `wide` has a match too, and not later. */
static int finds_less(pat_analysis *analysis, const plan_detection *narrow, const plan_detection *wide)
{
  int is_free = narrow->step_count == 1 || (narrow->skip == PLAN_SKIP_NO && wide->skip == PLAN_SKIP_NO && wide->limit == 0);
  if (!is_plain(narrow) || !is_plain(wide) || !is_free || wide->suppress.duration || narrow->within > wide->within) return 0;
  if (!same_routes(narrow, wide, 0) || !same_meta(narrow, wide)) return 0;
  if (!same_outputs(narrow->emit, narrow->emit_count, wide->emit, wide->emit_count)) return 0;
  for (uint32_t i = 0; i < narrow->step_count; i++) {
    const plan_step *a = &narrow->steps[i], *b = &wide->steps[i];
    if (a->stream != b->stream || a->route != b->route || plan_expr_looks_back(b->where)) return 0;
    if (!pat_implies(analysis, a, b)) return 0;
  }
  return 1;
}

/* ---- All pairs of one shape --------------------------------------------------------------------- */

/* What two detections must share for either to be said. */
static uint64_t shape_of(const plan_detection *it)
{
  uint64_t shape = cb_hash64(&it->key_count, sizeof it->key_count);
  for (uint32_t i = 0; i < it->step_count; i++) {
    const plan_step *step = &it->steps[i];
    const uint64_t parts[] = {shape, (uint64_t)step->kind, step->stream, step->min, step->max};
    shape = cb_hash64(parts, sizeof parts);
  }
  return shape;
}

/* 1 when something has been said of `later`. */
static int compare(pat_analysis *analysis, const plan_detection *earlier, const plan_detection *later)
{
  pat_diags *diags = analysis->compile->diags;
  if (same_detection(earlier, later)) {
    uint32_t line = 0, column = 0;
    cb_source_place(&analysis->plan->source, earlier->span.offset, &line, &column);
    pat_report(diags, 569, later->span, "'%s' finds what '%s' on line %u finds, and nothing else; leave one of them out", later->name, earlier->name, line);
    return 1;
  }
  const plan_detection *narrow = later, *wide = earlier;
  if (!finds_less(analysis, narrow, wide)) {
    narrow = earlier;
    wide = later;
    if (!finds_less(analysis, narrow, wide)) return 0;
  }
  pat_report(diags, 570, narrow->span, "whenever '%s' fires, '%s' fires too, from the same first event and not later; leave one of them out, or tell them apart in 'meta'",
             narrow->name, wide->name);
  return narrow == later;
}

typedef struct entry {
  uint64_t shape;
  uint32_t older; /* of the same bucket: index + 1 */
} entry;

void pat_analyse_pairs(pat_analysis *analysis)
{
  uint32_t count = analysis->plan->detection_count, heads = 16;
  while (heads < count) heads *= 2;
  entry *entries = cb_arena_take(analysis->compile->arena, ((size_t)count + 1) * sizeof *entries);
  uint32_t *head_of = cb_arena_take(analysis->compile->arena, (size_t)heads * sizeof *head_of);
  if (!entries || !head_of) return;
  for (uint32_t i = 0; i < count; i++) {
    const plan_detection *it = &analysis->plan->detections[i];
    uint64_t shape = shape_of(it);
    uint32_t *head = &head_of[shape & (heads - 1)], left = PAIRS_MAX;
    for (uint32_t at = *head; at > 0 && left > 0 && analysis->logic.work > 0; at = entries[at - 1].older) {
      if (entries[at - 1].shape != shape) continue;
      left--;
      if (compare(analysis, &analysis->plan->detections[at - 1], it)) break;
    }
    entries[i].shape = shape;
    entries[i].older = *head;
    *head = i + 1;
  }
}
