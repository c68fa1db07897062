/* program_use.c - every expression, condition and text of a program, once. */
#include "tests/support/program_use.h"

#include <stdlib.h>
#include <string.h>

#include "nfa/match.h"
#include "nfa/wake.h"

typedef struct user {
  const prg *program;
  cb_alloc alloc;
  nfa_scratch scratch;
  cb_slab slab;
  cb_batch batch; /* of the stream at hand: a row of values, a row of nulls */
  nfa_captures captures;
  uint64_t registers[NFA_REGISTERS_MAX];
  cep_value keys[8 + PRG_WINDOW_PARTS + 64]; /* with windows and measures */
} user;

static cep_value value_of(uint32_t kind)
{
  static const char text[] = "::ffff:10.0.0.7 \xC3\xA9 and more";
  switch (kind) {
  case CEP_STRING: return cb_string(text, sizeof text - 1);
  case CEP_IP: return (cep_value){CEP_IP, 16, {.s = text}};
  case CEP_FLOAT: return cb_float(-1e300);
  case CEP_NULL: return cb_null();
  default: return cb_value_i((cep_kind)kind, kind == CEP_BOOL ? 1 : INT64_MIN);
  }
}

static int open_batch(user *u, uint32_t stream)
{
  prg_list columns = u->program->streams[stream].columns;
  const uint8_t *kinds = u->program->columns + columns.first;
  if (cb_batch_init(&u->batch, &u->alloc, stream, columns.count, kinds, 2) < 0) return 0;
  cb_batch_begin_row(&u->batch, 1, 0, 1);
  for (uint32_t i = 0; i < columns.count; i++) {
    cep_value value = value_of(kinds[i]);
    if (cb_batch_set(&u->batch, i, &value) < 0) return 0;
  }
  cb_batch_end_row(&u->batch);
  cb_batch_begin_row(&u->batch, 2, 0, 2);
  cb_batch_end_row(&u->batch);
  return 1;
}

static void evaluate(user *u, const prg_detection *detection, uint32_t expr)
{
  if (expr == PRG_NONE) return;
  nfa_env env = {.program = u->program,
                 .scratch = &u->scratch,
                 .batch = &u->batch,
                 .keys = u->keys,
                 .register_first = detection ? detection->registers.first : 0};
  for (env.row = 0; env.row < 2; env.row++) (void)nfa_expr_eval(&env, expr);
  env.row = 0;
  if (detection) {
    env.captures = &u->captures;
    (void)nfa_expr_holds(&env, expr);
  }
  nfa_scratch_reset(&u->scratch);
}

/* One event of the batch's stream for each step that takes them. */
static void capture(user *u, const prg_detection *detection, uint64_t seq)
{
  for (uint32_t i = 0; i < detection->steps.count; i++) {
    const prg_step *step = &u->program->steps[detection->steps.first + i];
    if (step->stream != u->batch.stream || (step->flags & (PRG_STEP_NO | PRG_STEP_UNTIL))) continue;
    cb_slab_id cell = cb_cell_from_row(&u->slab, &u->program->layout_views[step->layout], &u->batch, 0);
    if (cell == CB_SLAB_NONE) return;
    cb_slab_id node = nfa_history_add(&u->slab, u->captures.head, cell, i, seq++, 1);
    if (node == CB_SLAB_NONE) {
      cb_cell_unref(&u->slab, cell);
      return;
    }
    nfa_history_unref(&u->slab, u->captures.head); /* the new node has a reference of its own */
    u->captures.head = node;
  }
}

static void use_step(user *u, const prg_detection *detection, const prg_step *step)
{
  evaluate(u, detection, step->residual);
  for (uint32_t i = 0; i < step->distinct.count; i++)
    evaluate(u, detection, u->program->lists[step->distinct.first + i]);
}

/* The window and the measures are read as parts of the key behind the real ones. */
static void use_window(user *u, const prg_detection *detection)
{
  const prg *program = u->program;
  if (detection->join != PRG_NONE) evaluate(u, detection, program->joins[detection->join].where);
  for (uint32_t i = 0; i < PRG_WINDOW_PARTS; i++) u->keys[detection->keys.count + i] = value_of(CEP_TIME);
  if (detection->window == PRG_NONE) return;
  const prg_window *window = &program->windows[detection->window];
  for (uint32_t i = 0; i < window->measures.count; i++) {
    const prg_output *measure = &program->outputs[window->measures.first + i];
    evaluate(u, detection, measure->expr);
    u->keys[detection->keys.count + PRG_WINDOW_PARTS + i] = value_of(measure->kind);
  }
  evaluate(u, detection, window->having);
}

static void use_detection(user *u, const prg_detection *detection, uint32_t stream)
{
  const prg *program = u->program;
  const char *why;
  if (detection->steps.count == 0) return;
  (void)nfa_evaluator_for(program, detection, NFA_WISH_NONE, &why);
  capture(u, detection, stream * 100 + 1);
  for (uint32_t i = 0; i < detection->keys.count; i++)
    u->keys[i] = value_of(program->keys[detection->keys.first + i].kind);
  for (uint32_t i = 0; i < detection->routes.count; i++) {
    const prg_route *route = &program->routes[detection->routes.first + i];
    if (route->stream != stream) continue;
    for (uint32_t k = 0; k < route->keys.count; k++) evaluate(u, NULL, program->lists[route->keys.first + k]);
  }
  for (uint32_t i = 0; i < detection->steps.count; i++) {
    const prg_step *step = &program->steps[detection->steps.first + i];
    if (step->stream == stream) use_step(u, detection, step);
  }
  for (uint32_t i = 0; i < detection->registers.count; i++) {
    const prg_register *reg = &program->registers[detection->registers.first + i];
    if (reg->step == PRG_NONE || program->steps[detection->steps.first + reg->step].stream != stream) continue;
    evaluate(u, detection, reg->arg);
    evaluate(u, detection, reg->where);
    for (uint32_t k = 0; k < reg->tuple.count; k++) evaluate(u, detection, program->lists[reg->tuple.first + k]);
  }
  use_window(u, detection);
  for (uint32_t i = 0; i < detection->outputs.count; i++)
    evaluate(u, detection, program->outputs[detection->outputs.first + i].expr);
  for (uint32_t i = 0; i < detection->timeout_outputs.count; i++)
    evaluate(u, detection, program->outputs[detection->timeout_outputs.first + i].expr);
  nfa_history_unref(&u->slab, u->captures.head);
  u->captures.head = CB_SLAB_NONE;
}

static void use_stream(user *u, uint32_t stream)
{
  const prg *program = u->program;
  nfa_facts facts;
  nfa_woken woken;
  prg_list readers = program->readers->streams[stream].readers;
  uint32_t *asked = cb_new(&u->alloc, (readers.count + 1) * sizeof *asked);
  int is_made = nfa_facts_init(&facts, &u->alloc, program, &u->scratch) == CEP_OK;
  is_made &= nfa_woken_init(&woken, &u->alloc, program) == CEP_OK;
  for (uint32_t row = 0; row < 2 && asked && is_made; row++) {
    nfa_facts_begin(&facts, &u->batch, row);
    for (uint32_t i = 0; i < program->conds_count; i++) {
      if (program->conds[i].stream == stream) (void)nfa_cond_holds(&facts, i);
    }
    nfa_facts_begin(&facts, &u->batch, row);
    nfa_wake_run(&program->wakes[stream], &facts, &woken);
    uint32_t count = nfa_wake_list(&program->wakes[stream], &woken, asked);
    CB_ASSERT(nfa_wake_check(&program->wakes[stream], &facts, asked, count));
  }
  nfa_facts_fini(&facts);
  nfa_woken_fini(&woken);
  cb_free(&u->alloc, asked, (readers.count + 1) * sizeof *asked);
  for (uint32_t i = 0; i < program->detections_count; i++) use_detection(u, &program->detections[i], stream);
}

static void print_all(user *u)
{
  cb_writer writer;
  cb_writer_init(&writer, &u->alloc);
  (void)!prg_dump_nfa(&writer, u->program);
  (void)!prg_dump_dot(&writer, u->program);
  (void)!prg_dump_code(&writer, u->program);
  for (uint32_t i = 0; i < u->program->detections_count; i++) {
    (void)!prg_draw(&writer, u->program, i, 0);
    (void)!prg_draw(&writer, u->program, i, 1);
  }
  cb_writer_fini(&writer);
}

void program_use(const prg *program)
{
  user u = {.program = program};
  cb_alloc_init(&u.alloc, NULL, 0);
  cb_slab_init(&u.slab, &u.alloc, 0);
  for (uint32_t i = 0; i < NFA_REGISTERS_MAX; i++) u.registers[i] = UINT64_MAX / (i + 1);
  u.captures = (nfa_captures){.slab = &u.slab, .registers = u.registers, .null = 0xF0F0};
  print_all(&u);
  if (nfa_scratch_init(&u.scratch, &u.alloc, program, 1000, 1000) == CEP_OK) {
    for (uint32_t i = 0; i < program->streams_count; i++) {
      if (open_batch(&u, i)) use_stream(&u, i);
      cb_batch_fini(&u.batch);
      memset(&u.batch, 0, sizeof u.batch);
    }
  }
  nfa_scratch_fini(&u.scratch);
  CB_ASSERT(cb_slab_in_use(&u.slab) == 0);
  cb_slab_fini(&u.slab);
}
