/* window.c - where windows lie, and what is told of one. */
#include "runtime/window.h"

#include "cep/base/time.h"

const rt_operator_kind *rt_window_operator(const prg *program, const prg_detection *detection)
{
  const prg_window *how = &program->windows[detection->window];
  if (how->kind == PRG_COUNT_WINDOW) return &rt_sliding;
  if (how->kind == PRG_SESSION || how->early_every > 0 || how->allowed > 0) return &rt_spans;
  if (how->kind == PRG_TUMBLING) return &rt_aggregate;
  return how->at_once ? &rt_spans : &rt_sliding;
}

/* Time goes on, so a window that ends never comes before one that is there; but for reports on the way and late events. */
cep_status rt_window_open(rt_operator *op)
{
  const prg_window *how = rt_window_of(op);
  op->worker.deadline_rises = how->early_every == 0 && how->allowed == 0;
  return rt_accums_open(&op->accums, op->core, op->detection);
}

void rt_window_close(rt_operator *op)
{
  rt_accums_close(&op->accums);
}

static cep_time in_time(rt_wide time)
{
  return time < CEP_TIME_MIN ? CEP_TIME_MIN : time > CEP_TIME_MAX ? CEP_TIME_MAX : (cep_time)time;
}

static int64_t floor_divide(rt_wide a, int64_t b)
{
  rt_wide whole = a / b;
  return in_time(whole - (whole * b > a));
}

cep_time rt_window_start(const prg_window *how, int64_t number)
{
  return in_time((rt_wide)number * how->every + how->offset);
}

cep_time rt_window_end(const prg_window *how, int64_t number)
{
  return in_time((rt_wide)number * how->every + how->offset + how->length);
}

int64_t rt_window_first(const prg_window *how, cep_time time)
{
  return floor_divide((rt_wide)time - how->offset - how->length, how->every) + 1;
}

int64_t rt_window_last(const prg_window *how, cep_time time)
{
  return floor_divide((rt_wide)time - how->offset, how->every);
}

/* Key parts, the window and measures into core->keys, outputs into core->outputs. 0: `having` does not hold. */
static int evaluate(rt_operator *op, const rt_report *report, const rt_accum_seen *seen)
{
  rt_core *core = op->core;
  const prg *program = core->program;
  const prg_detection *detection = &program->detections[op->detection];
  const prg_window *how = rt_window_of(op);
  nfa_env env = {.program = program,
                 .scratch = core->scratch,
                 .captures = &seen->captures,
                 .register_first = detection->registers.first,
                 .keys = core->keys,
                 .now = core->now};
  rt_core_read_key(core, detection, report->entry);
  cep_value *parts = core->keys + detection->keys.count, *measures = parts + PRG_WINDOW_PARTS;
  parts[0] = cb_value_i(CEP_TIME, report->start);
  parts[1] = cb_value_i(CEP_TIME, report->end);
  for (uint32_t i = 0; i < how->measures.count; i++) measures[i] = nfa_expr_eval(&env, program->outputs[how->measures.first + i].expr);
  if (how->having != PRG_NONE && !nfa_expr_holds(&env, how->having)) return 0;
  for (uint32_t i = 0; i < detection->outputs.count; i++)
    core->outputs[i] = nfa_expr_eval(&env, program->outputs[detection->outputs.first + i].expr);
  return 1;
}

cep_status rt_window_report(rt_operator *op, const rt_report *report, const rt_out *out, int *is_told)
{
  rt_core *core = op->core;
  rt_accum_seen seen;
  *is_told = 0;
  nfa_scratch_reset(core->scratch);
  cep_status status = rt_accum_see(&op->accums, report->accum, &seen);
  if (status < 0 || !evaluate(op, report, &seen)) return status;
  *is_told = 1;
  op->worker.counters.sum_overflow += seen.overflows;
  rt_alert_parts parts = {.program = core->program,
                          .origins = core->origins.at,
                          .detection = op->detection,
                          .kind = report->kind,
                          .waited = PRG_NONE,
                          .time = report->time,
                          .window_start = report->start,
                          .window_end = report->end,
                          .firing = report->firing,
                          .keys = core->keys,
                          .outputs = core->outputs,
                          .captures = {.slab = core->slab, .head = CB_SLAB_NONE}};
  rt_alert *alert = rt_alert_make(core->slab, &core->bytes, &parts);
  if (!alert) return CEP_E_NOMEM;
  alert->sequence = core->sequence++;
  rt_stats_add(&core->stats, report->kind == CEP_WINDOW ? CEP_STAT_WINDOWS : CEP_STAT_UPDATES, op->detection, 1);
  return out->alert(out->ctx, op, alert);
}
