/* build_table.c - tables; and what from outside of the events decides what a detection gives. */
#include "nfa/build_internal.h"

#include <string.h>

void build_tables(build *b)
{
  for (uint32_t i = 0; i < b->plan->table_count && b->status == CEP_OK; i++) {
    const plan_table *table = &b->plan->tables[i];
    prg_table item = {.name = build_string(b, table->name),
                      .place = build_string(b, table->place),
                      .fields = {b->out.fields.count, table->field_count},
                      .columns = {b->out.columns.count, table->field_count},
                      .key = table->key,
                      .format = (uint32_t)table->format,
                      .csv_columns = build_string(b, table->csv_columns),
                      .csv_delimiter = (uint32_t)(unsigned char)table->csv_delimiter,
                      .csv_quote = (uint32_t)(unsigned char)table->csv_quote,
                      .refresh = table->refresh,
                      .as_of = table->as_of};
    for (uint32_t f = 0; f < table->field_count; f++) {
      const plan_field *field = &table->fields[f];
      prg_field of = {.name = build_string(b, field->name),
                      .path = build_string(b, field->path),
                      .kind = (uint32_t)field->kind,
                      .nullable = field->nullable != 0,
                      .column = f,
                      .missing = field->missing ? build_const(b, &field->missing->value) : PRG_NONE};
      BUILD_PUSH(b, fields, of);
      BUILD_PUSH(b, columns, (uint8_t)field->kind);
    }
    BUILD_PUSH(b, tables, item);
  }
}

/* ---- Who reads what -------------------------------------------------------------------- */

/* Marks of one detection: one for each table, one for clocks, and whether they are made. */
static uint32_t mark_count(const build *b)
{
  return b->plan->table_count + 2;
}

static uint8_t *marks_of(const build *b, uint32_t detection)
{
  return b->reads + (size_t)detection * mark_count(b);
}

static void look_at(const plan_expr *expr, uint8_t *marks)
{
  if (!expr) return;
  if (expr->op == PLAN_IN_TABLE || expr->op == PLAN_LOOKUP) marks[expr->table] = 1;
  for (uint32_t i = 0; i < expr->arg_count; i++) look_at(expr->args[i], marks);
}

static void look_at_outputs(const plan_output *outputs, uint32_t count, uint8_t *marks)
{
  for (uint32_t i = 0; i < count; i++) look_at(outputs[i].expr, marks);
}

static void look_at_own(const plan_detection *detection, uint8_t *marks)
{
  for (uint32_t i = 0; i < detection->route_count; i++) {
    look_at(detection->routes[i].member, marks);
    for (uint32_t k = 0; k < detection->key_count; k++) look_at(detection->routes[i].keys[k], marks);
  }
  for (uint32_t i = 0; i < detection->step_count; i++) {
    const plan_step *step = &detection->steps[i];
    look_at(step->member, marks);
    look_at(step->where, marks);
    for (uint32_t k = 0; k < step->distinct_count; k++) look_at(step->distinct[k], marks);
  }
  if (detection->window) {
    look_at_outputs(detection->window->measures, detection->window->measure_count, marks);
    look_at(detection->window->having, marks);
  }
  if (detection->join) look_at(detection->join->where, marks);
  look_at(detection->having, marks);
  look_at_outputs(detection->emit, detection->emit_count, marks);
  look_at_outputs(detection->timeout_emit, detection->timeout_emit_count, marks);
}

/* A detection reads only those of lower strata, so this ends. */
static const uint8_t *find_reads(build *b, uint32_t index)
{
  uint8_t *marks = marks_of(b, index);
  uint32_t clock = b->plan->table_count, is_made = clock + 1;
  if (marks[is_made]) return marks;
  marks[is_made] = 1;
  const plan_detection *detection = &b->plan->detections[index];
  look_at_own(detection, marks);
  for (uint32_t i = 0; i < detection->route_count; i++) {
    const plan_stream *stream = &b->plan->streams[detection->routes[i].stream];
    look_at(stream->fits, marks);
    if (stream->detection == CEP_NONE) {
      marks[clock] |= b->plan->inputs[stream->input].clock != PLAN_CLOCK_EVENT;
      continue;
    }
    const uint8_t *below = find_reads(b, stream->detection);
    for (uint32_t m = 0; m <= clock; m++) marks[m] |= below[m];
  }
  return marks;
}

prg_list build_reads(build *b, uint32_t detection, uint32_t *flags)
{
  prg_list list = {b->out.lists.count, 0};
  if (!b->reads) b->reads = cb_arena_take(&b->arena, (size_t)b->plan->detection_count * mark_count(b));
  if (!b->reads) {
    build_fail(b, CEP_E_NOMEM);
    return list;
  }
  const uint8_t *marks = find_reads(b, detection);
  if (marks[b->plan->table_count]) *flags |= PRG_DETECT_CLOCK;
  for (uint32_t t = 0; t < b->plan->table_count; t++) {
    if (marks[t]) BUILD_PUSH(b, lists, t);
  }
  list.count = b->out.lists.count - list.first;
  return list;
}
