/* detect.c - the matcher: an evaluator as an operator; its results become alerts. */
#include "nfa/trace.h"
#include "runtime/operator.h"

static const prg_detection *detection_of(const rt_operator *op)
{
  return &op->core->program->detections[op->detection];
}

static cep_status open_matcher(rt_operator *op)
{
  rt_core *core = op->core;
  const char *why;
  op->evaluator = nfa_evaluator_for(core->program, detection_of(op), core->evaluator, &why);
  if (!op->evaluator) return CEP_E_INVALID;
  op->worker = (nfa_worker){.program = core->program,
                            .detection = detection_of(op),
                            .alloc = core->alloc,
                            .slab = core->slab,
                            .scratch = core->scratch,
                            .partial_max = core->partial_max,
                            .history_max = core->history_max,
                            .index_runs = core->index_runs};
  if (core->trace && core->traced == op->detection) {
    op->evaluator = &nfa_traced;
    op->worker.trace = core->trace;
    op->worker.index_runs = 0;
  }
  return op->evaluator->open(&op->worker);
}

static void close_matcher(rt_operator *op)
{
  op->evaluator->close(&op->worker);
}

/* One call of the evaluator; `entries` gives the key of each result. */
typedef struct stepping {
  rt_operator *op;
  const cb_slab_id *entries; /* by nfa_result.index */
  const rt_out *out;
} stepping;

static void evaluate_outputs(rt_core *core, const prg_detection *detection, prg_list outputs, const nfa_captures *captures)
{
  nfa_env env = {.program = core->program,
                 .scratch = core->scratch,
                 .captures = captures,
                 .register_first = detection->registers.first,
                 .keys = core->keys,
                 .now = core->now};
  for (uint32_t i = 0; i < outputs.count; i++) {
    core->outputs[i] = nfa_expr_eval(&env, core->program->outputs[outputs.first + i].expr);
  }
}

static cep_status report(void *ctx, const nfa_result *result)
{
  const stepping *step = ctx;
  rt_operator *op = step->op;
  rt_core *core = op->core;
  const prg_detection *detection = detection_of(op);
  int is_timeout = result->kind == NFA_TIMED_OUT;
  CB_ASSERT(result->time == core->now);

  /* What the evaluator holds in the scratch must outlive this call: the bytes of the
   * outputs lie behind it, and go when they have been copied. */
  uint32_t used = core->scratch->used;
  rt_core_read_key(core, detection, step->entries[result->index]);
  evaluate_outputs(core, detection, is_timeout ? detection->timeout_outputs : detection->outputs, &result->captures);
  rt_alert_parts parts = {.program = core->program,
                          .origins = core->origins.at,
                          .detection = op->detection,
                          .kind = is_timeout ? CEP_TIMEOUT : CEP_MATCH,
                          .waited = result->waited,
                          .time = result->time,
                          .start = result->start,
                          .keys = core->keys,
                          .outputs = core->outputs,
                          .captures = result->captures};
  rt_alert *alert = rt_alert_make(core->slab, &core->bytes, &parts);
  core->scratch->used = used;
  if (!alert) return CEP_E_NOMEM;
  alert->sequence = core->sequence++;
  rt_stats_add(&core->stats, is_timeout ? CEP_STAT_TIMEOUTS : CEP_STAT_MATCHES, op->detection, 1);
  return step->out->alert(step->out->ctx, op, alert);
}

static const cep_value *key_of(void *ctx, uint32_t index)
{
  const stepping *step = ctx;
  rt_core_read_key(step->op->core, detection_of(step->op), step->entries[index]);
  return step->op->core->keys;
}

/* How many items go to the evaluator in one call: they are copied to arrays on the stack. */
#define ITEMS_AT_ONCE 64u

static cep_status match_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  nfa_slot *slots[ITEMS_AT_ONCE];
  nfa_event events[ITEMS_AT_ONCE];
  uint64_t symbols[ITEMS_AT_ONCE];
  cb_slab_id entries[ITEMS_AT_ONCE];
  stepping step = {op, entries, out};
  nfa_out results = {report, key_of, &step};
  for (uint32_t next = 0; next < count;) {
    uint32_t n = 0;
    for (; next < count && n < ITEMS_AT_ONCE; next++) {
      if (items[next].entry == CB_SLAB_NONE) continue;
      slots[n] = &rt_keyed_at(&op->core->keyed, items[next].entry)->slot;
      events[n] = items[next].event;
      symbols[n] = items[next].symbol;
      entries[n++] = items[next].entry;
    }
    cep_status status = op->evaluator->step(&op->worker, slots, events, symbols, n, &results);
    if (status < 0) return status;
  }
  return CEP_OK;
}

cep_status rt_detect_event(rt_operator *op, const rt_item *item, const rt_out *out)
{
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, item->entry)->slot;
  stepping step = {op, &item->entry, out};
  nfa_out results = {report, key_of, &step};
  return op->evaluator->step(&op->worker, &slot, &item->event, &item->symbol, 1, &results);
}

static cep_status match_advance(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  stepping step = {op, &entry, out};
  nfa_out results = {report, key_of, &step};
  return op->evaluator->advance(&op->worker, &rt_keyed_at(&op->core->keyed, entry)->slot, time, &results);
}

static cep_status match_end(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  stepping step = {op, &entry, out};
  nfa_out results = {report, key_of, &step};
  return op->evaluator->end(&op->worker, &rt_keyed_at(&op->core->keyed, entry)->slot, time, &results);
}

static cep_time match_deadline(const rt_operator *op, const nfa_slot *slot)
{
  return op->evaluator->next_deadline(&op->worker, slot);
}

static int match_is_empty(const rt_operator *op, const nfa_slot *slot)
{
  return op->evaluator->is_empty(slot);
}

static void match_release(rt_operator *op, nfa_slot *slot)
{
  op->evaluator->release(&op->worker, slot);
}

static void match_save(rt_operator *op, const nfa_slot *slot, cb_writer *writer)
{
  op->evaluator->save(&op->worker, slot, writer);
}

static cep_status match_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  return op->evaluator->load(&op->worker, slot, reader);
}

static int match_check(rt_operator *op, const nfa_slot *slot)
{
  return op->evaluator->check(&op->worker, slot);
}

const rt_operator_kind rt_detect = {.name = "match",
                                    .open = open_matcher,
                                    .close = close_matcher,
                                    .events = match_events,
                                    .advance = match_advance,
                                    .end = match_end,
                                    .next_deadline = match_deadline,
                                    .is_empty = match_is_empty,
                                    .release = match_release,
                                    .save = match_save,
                                    .load = match_load,
                                    .check = match_check};
