/* build_identity.c - what a step asks of an event, as a number that survives edits elsewhere. */
#include "nfa/build_internal.h"

#include <string.h>

#include "nfa/fn.h"

typedef struct walk {
  const plan *plan;
  const plan_detection *detection;
  cb_writer *writer;
} walk;

static void write_name(walk *w, const char *name)
{
  cb_write_block(w->writer, name, strlen(name));
}

/* Fields by name: their indices change when one is added. */
static void write_field(walk *w, uint32_t stream, uint32_t field)
{
  write_name(w, w->plan->streams[stream].fields[field].name);
}

static void write_expr(walk *w, uint32_t stream, const plan_expr *expr)
{
  cb_write_u8(w->writer, expr != NULL);
  if (!expr) return;
  cb_write_u8(w->writer, (uint8_t)expr->op);
  cb_write_u8(w->writer, (uint8_t)expr->kind);
  uint32_t below = stream;
  if (expr->op == PLAN_CONST) cb_value_write(w->writer, &expr->value);
  if (expr->op == PLAN_FIELD) write_field(w, stream, expr->field);
  if (expr->op == PLAN_KEY || expr->op == PLAN_MEASURE) cb_write_u32(w->writer, expr->index);
  if (expr->op == PLAN_IN_TABLE || expr->op == PLAN_LOOKUP) {
    const plan_table *table = &w->plan->tables[expr->table];
    write_name(w, table->name);
    write_name(w, table->fields[expr->field].name);
    write_name(w, expr->op == PLAN_LOOKUP ? table->fields[table->key].name : "");
    if (table->as_of != CEP_NONE) write_name(w, table->fields[table->as_of].name);
  }
  if (expr->op == PLAN_CALL) write_name(w, nfa_fn_at(expr->index)->name);
  if (expr->op == PLAN_CAPTURE) {
    cb_write_u32(w->writer, expr->step);
    cb_write_u32(w->writer, (uint32_t)expr->nth);
    write_field(w, w->detection->steps[expr->step].stream, expr->field);
  }
  if (expr->op == PLAN_AGGREGATE) {
    cb_write_u32(w->writer, expr->step);
    cb_write_u8(w->writer, (uint8_t)expr->aggregate);
    below = w->detection->steps[expr->step].stream;
  }
  cb_write_u32(w->writer, expr->prev_count);
  for (uint32_t i = 0; i < expr->prev_count; i++) {
    cb_write_u32(w->writer, expr->prev[i].step);
    write_field(w, w->detection->steps[expr->prev[i].step].stream, expr->prev[i].field);
  }
  cb_write_u32(w->writer, expr->arg_count);
  for (uint32_t i = 0; i < expr->arg_count; i++) write_expr(w, below, expr->args[i]);
}

uint64_t build_identity(build *b, const plan_detection *detection, uint32_t step)
{
  cb_writer writer;
  cb_writer_init(&writer, b->alloc);
  walk w = {b->plan, detection, &writer};
  const plan_step *s = &detection->steps[step];
  write_name(&w, b->plan->streams[s->stream].name);
  write_expr(&w, s->stream, s->member);
  write_expr(&w, s->stream, s->where);
  cb_write_u32(&writer, s->distinct_count);
  for (uint32_t i = 0; i < s->distinct_count; i++) write_expr(&w, s->stream, s->distinct[i]);
  if (writer.status < 0) build_fail(b, writer.status);
  uint64_t identity = writer.status < 0 ? 0 : cb_hash64(writer.data, writer.len);
  cb_writer_fini(&writer);
  return identity;
}
