/* engine_apart.c - records that others decode: taken in blocks, judged one by one when they are decoded. */
#include "cep/base/error.h"
#include "runtime/engine_parts.h"
#include "runtime/fan.h"

int rt_engine_is_apart(const rt_input *input)
{
  const rt_engine *engine = input->engine;
  /* Which of several inputs is read next is decided by how far each has been judged: with blocks under way late and
   * refused records would be told in another order. Late records that an aggregate takes stand at a place that
   * is known only when they are judged. */
  if (engine->inputs.count != 1) return 0;
  return engine->is_decoding_apart && !engine->was_idle && engine->program->readers->allowed == 0 && rt_block_may(engine->program, input->declared);
}

/* ---- Judging --------------------------------------------------------------------------- */

/* As a record that is taken alone. */
static cep_status judge(rt_engine *engine, rt_block *block, uint32_t number)
{
  const rt_raw *raw = &block->raws.at[number];
  rt_input *input = raw->input;
  const char *record = (const char *)block->bytes.data + raw->offset;
  const rt_triple at = {raw->time, input->order, raw->position};
  const rt_fault *fault = &block->faults.at[raw->fault];
  cep_status status = CEP_OK;
  rt_input_begin_take(input, raw->position);
  if (raw->verdict == RT_VERDICT_DEAD) {
    rt_input_report_dead(input, raw->position, rt_reason_word(fault->reason), fault->detail, record, raw->len);
  } else if (raw->verdict == RT_VERDICT_NONE) {
    rt_engine_count_record(engine, input->declared, RT_UNWANTED);
  } else if (!rt_input_is_no_time(input, &at, record, raw->len)) {
    if (rt_input_judge(input, &at, record, raw->len)) {
      if (raw->has_rows) status = rt_block_drop(block, &engine->router, number);
    } else if (raw->verdict == RT_VERDICT_FAULTY) {
      rt_input_report_dead(input, raw->position, rt_reason_word(fault->reason), fault->detail, record, raw->len);
    } else {
      rt_engine_count_record(engine, input->declared, raw->best);
    }
  }
  rt_frontier_update(&engine->frontier, engine->inputs.at, engine->inputs.count, input->index);
  return status;
}

/* The blocks that are decoded, in order. */
static cep_status commit(rt_engine *engine, cep_error *err)
{
  cep_status status = CEP_OK;
  for (rt_block *block; status == CEP_OK && (block = rt_fan_decoded(engine->fan)) != NULL;) {
    if (block->status < 0) return block->status;
    for (uint32_t i = 0; i < block->raws.count && status == CEP_OK; i++) status = judge(engine, block, i);
    if (status < 0) return status;
    rt_stats_merge(&engine->core.stats, &block->stats);
    status = rt_fan_send_block(engine->fan, &engine->frontier, rt_engine_last(engine), 0, err);
  }
  return status;
}

cep_status rt_engine_join(rt_engine *engine)
{
  if (!engine->is_decoding_apart) return CEP_OK;
  cep_error err;
  rt_fan_submit(engine->fan);
  cep_status status = commit(engine, &err);
  while (status == CEP_OK && rt_fan_is_decoding(engine->fan)) {
    status = rt_fan_wait(engine->fan, &err);
    if (status == CEP_OK) status = commit(engine, &err);
  }
  return status;
}

/* ---- Taking ---------------------------------------------------------------------------- */

/* The block to add to. Waits until there is one. */
static cep_status want_block(rt_engine *engine, rt_block **out, cep_error *err)
{
  cep_status status = CEP_OK;
  while (status == CEP_OK && !(*out = rt_fan_block(engine->fan, &status)) && status == CEP_OK) {
    status = rt_fan_decoded(engine->fan) ? commit(engine, err) : rt_fan_wait(engine->fan, err);
  }
  return status;
}

static cep_status add(rt_input *input, const char *record, size_t len, uint64_t position, cep_error *err)
{
  rt_engine *engine = input->engine;
  cep_status status = engine->staged.count > 0 ? rt_engine_process(engine) : CEP_OK; /* typed rows before it */
  rt_block *block = NULL;
  if (status == CEP_OK) status = want_block(engine, &block, err);
  if (status == CEP_OK) status = rt_block_add(block, input, record, len, position);
  if (status < 0) return status;
  input->ahead = position + 1;
  if (!rt_block_is_full(block)) return CEP_OK;
  rt_fan_submit(engine->fan);
  return commit(engine, err);
}

cep_status rt_engine_take_apart(rt_input *input, const char *record, size_t len, uint64_t position, cep_error *err)
{
  rt_engine *engine = input->engine;
  const char *name = prg_text(engine->program, engine->program->inputs[input->declared].name);
  cep_status status = rt_engine_begin_call(engine, err);
  if (status < 0) return status;
  if (input->is_ended) return cb_error_set(err, CEP_E_INVALID, "input \"%s\" has ended", name);
  uint64_t next = input->ahead > input->next_position ? input->ahead : input->next_position;
  if (position == CEP_POSITION_NEXT) position = next;
  if (position < next || position >= CEP_POSITION_NEXT) {
    return cb_error_set(err, CEP_E_INVALID, "position %llu of input \"%s\" does not rise, expected %llu or more",
                        (unsigned long long)position, name, (unsigned long long)next);
  }
  return rt_engine_end_call(engine, add(input, record, len, position, err), err);
}
