/* build_mark.c - which fields anything reads: those get a column; and what captures keep. */
#include "nfa/build_internal.h"

#include <string.h>

/* Later passes recurse over the same trees. */
#define NESTING_MAX 1000u

typedef struct marker {
  build *b;
  const plan_detection *detection;
  uint8_t **is_kept;
  uint8_t *own_kept; /* not NULL: the event under test is read again after its capture */
  uint32_t nesting;
} marker;

static void mark_captured(marker *m, uint32_t step, uint32_t field)
{
  m->b->streams[m->detection->steps[step].stream].is_read[field] = 1;
  m->is_kept[step][field] = 1;
}

/* Where no match is pruned, aggregates may be worked out when it comes out, of the events that it has. */
static int adds_up_late(const plan_detection *detection)
{
  return detection->skip == PLAN_SKIP_NO && !detection->on_timeout;
}

static void mark(marker *m, uint32_t stream, const plan_expr *expr)
{
  if (!expr || m->b->status < 0) return;
  if (++m->nesting > NESTING_MAX) {
    build_limit(m->b, expr->span, "this expression is nested more than %u deep", NESTING_MAX);
    return;
  }
  if (expr->op == PLAN_FIELD) {
    m->b->streams[stream].is_read[expr->field] = 1;
    if (m->own_kept) m->own_kept[expr->field] = 1;
  }
  if (expr->op == PLAN_CAPTURE) mark_captured(m, expr->step, expr->field);
  for (uint32_t i = 0; i < expr->prev_count; i++) mark_captured(m, expr->prev[i].step, expr->prev[i].field);
  uint32_t below = expr->op == PLAN_AGGREGATE ? m->detection->steps[expr->step].stream : stream;
  uint8_t *own_kept = m->own_kept;
  int is_kept = expr->op == PLAN_AGGREGATE && (expr->aggregate == PLAN_DISTINCT || adds_up_late(m->detection)) && !m->detection->window;
  if (is_kept) m->own_kept = m->is_kept[expr->step]; /* looked at when the value is asked for */
  for (uint32_t i = 0; i < expr->arg_count; i++) mark(m, below, expr->args[i]);
  m->own_kept = own_kept;
  m->nesting--;
}

static void mark_detection(build *b, const plan_detection *detection, uint8_t **is_kept)
{
  marker m = {.b = b, .detection = detection, .is_kept = is_kept};
  for (uint32_t i = 0; i < detection->route_count; i++) {
    const plan_route *route = &detection->routes[i];
    mark(&m, route->stream, route->member);
    for (uint32_t k = 0; k < detection->key_count; k++) mark(&m, route->stream, route->keys[k]);
  }
  for (uint32_t i = 0; i < detection->step_count; i++) {
    const plan_step *step = &detection->steps[i];
    mark(&m, step->stream, step->member);
    mark(&m, step->stream, step->where);
    m.own_kept = is_kept[i];
    for (uint32_t k = 0; k < step->distinct_count; k++) mark(&m, step->stream, step->distinct[k]);
    m.own_kept = NULL;
  }
  const plan_window *window = detection->window;
  for (uint32_t i = 0; window && i < window->measure_count; i++) mark(&m, CEP_NONE, window->measures[i].expr);
  if (window) mark(&m, CEP_NONE, window->having);
  if (detection->join) mark(&m, CEP_NONE, detection->join->where);
  mark(&m, CEP_NONE, detection->having);
  for (uint32_t i = 0; i < detection->emit_count; i++) mark(&m, CEP_NONE, detection->emit[i].expr);
  for (uint32_t i = 0; i < detection->timeout_emit_count; i++)
    mark(&m, CEP_NONE, detection->timeout_emit[i].expr);
}

static int make_tables(build *b)
{
  b->streams = cb_arena_take(&b->arena, b->plan->stream_count * sizeof *b->streams);
  b->detections = cb_arena_take(&b->arena, b->plan->detection_count * sizeof *b->detections);
  if (!b->streams || !b->detections) return 0;
  for (uint32_t i = 0; i < b->plan->stream_count; i++) {
    uint32_t fields = b->plan->streams[i].field_count;
    b->streams[i].is_read = cb_arena_take(&b->arena, fields);
    b->streams[i].columns = cb_arena_take(&b->arena, fields * sizeof(uint32_t));
    if (!b->streams[i].is_read || !b->streams[i].columns) return 0;
  }
  for (uint32_t i = 0; i < b->plan->detection_count; i++) {
    const plan_detection *detection = &b->plan->detections[i];
    uint8_t **is_kept = cb_arena_take(&b->arena, detection->step_count * sizeof *is_kept);
    if (!is_kept) return 0;
    for (uint32_t s = 0; s < detection->step_count; s++) {
      is_kept[s] = cb_arena_take(&b->arena, b->plan->streams[detection->steps[s].stream].field_count);
      if (!is_kept[s]) return 0;
    }
    b->detections[i].is_kept = is_kept;
  }
  return 1;
}

void build_mark(build *b)
{
  if (!make_tables(b)) {
    build_fail(b, CEP_E_NOMEM);
    return;
  }
  for (uint32_t i = 0; i < b->plan->stream_count; i++) {
    marker m = {.b = b};
    mark(&m, i, b->plan->streams[i].fits);
  }
  for (uint32_t i = 0; i < b->plan->detection_count; i++)
    mark_detection(b, &b->plan->detections[i], b->detections[i].is_kept);
  for (uint32_t i = 0; i < b->plan->stream_count; i++) {
    const plan_stream *stream = &b->plan->streams[i];
    build_stream *out = &b->streams[i];
    for (uint32_t f = 0; f < stream->field_count; f++) {
      /* The time of an event is always there: it needs no column. */
      int has_column = out->is_read[f] && !stream->fields[f].is_time;
      out->columns[f] = has_column ? out->column_count++ : PRG_NONE;
    }
    if (out->column_count > CB_CELL_COLUMNS_MAX)
      build_limit(b, stream->span, "stream '%s' has %u fields that something reads, more than %u",
                  stream->name, out->column_count, CB_CELL_COLUMNS_MAX);
  }
}
