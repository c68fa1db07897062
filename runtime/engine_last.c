/* engine_last.c - spans that are counted in events end with the input: when, and in which order. */
#include "runtime/engine_parts.h"

static cep_time newer(cep_time a, cep_time b)
{
  return a > b ? a : b;
}

/* The first and the last time stand for none and never. Does not depend on which input ended first. */
cep_time rt_engine_last(const rt_engine *engine)
{
  cep_time last = engine->newest_given;
  for (uint32_t i = 0; i < engine->inputs.count; i++) {
    const rt_input *input = engine->inputs.at[i];
    last = newer(last, input->newest);
    if (input->advanced < CEP_TIME_MAX) last = newer(last, input->advanced);
  }
  return last;
}

void rt_engine_begin_last(rt_engine *engine)
{
  engine->is_last = engine->is_past_last = engine->is_open = 1;
  engine->core.now = rt_engine_last(engine);
  for (uint32_t d = 0; d < engine->program->detections_count; d++) engine->count_ends[d] = engine->core.now;
}

static int is_counting(const rt_engine *engine, uint32_t detection, uint32_t stratum)
{
  const prg_detection *of = &engine->program->detections[detection];
  return of->within_events > 0 && of->stratum == stratum;
}

cep_status rt_engine_end_counts(rt_engine *engine, uint32_t stratum)
{
  cep_status status = CEP_OK;
  for (uint32_t d = 0; d < engine->program->detections_count && status == CEP_OK; d++) {
    if (!is_counting(engine, d, stratum) || engine->count_ends[d] != engine->core.now) continue;
    engine->place = (rt_place){
        .time = engine->core.now, .phase = RT_PHASE_EVENTS(stratum), .word = {RT_PLACE_END, d}};
    status = rt_operator_end(&engine->operators[engine->matcher_of[d]], engine->core.now, &engine->out);
  }
  return status;
}

/* ---- Stratum by stratum --------------------------------------------------------------------- */

/*
 * What comes last to a detection of events of detections is known when all below has come to
 * its own end, which takes time beyond that: windows close, spans run out. So each
 * stratum runs to the end of time before the next one begins, with `derived` between them
 * and alerts put in order of time behind it all.
 */

/* Events of lower strata that the counting detections of this one read put off their ends. */
static cep_status put_off_ends(rt_engine *engine, uint32_t stratum)
{
  for (uint32_t i = 0; i < engine->derived.count; i++) {
    const rt_derived *derived = &engine->derived.at[i];
    if (derived->stratum >= stratum) continue;
    uint32_t stream = engine->program->detections[derived->detection].stream;
    rt_seen seen;
    cep_status status = rt_engine_read_cell(engine, stream, derived->cell, &seen);
    if (status == CEP_OK) status = rt_router_recall(&engine->router, &seen);
    if (status < 0) return status;
    prg_list readers = engine->program->readers->streams[stream].readers;
    for (uint32_t r = 0; r < readers.count; r++) {
      const nfa_reader *reader = &engine->program->readers->readers[readers.first + r];
      if (!is_counting(engine, reader->detection, stratum)) continue;
      if (rt_router_takes(&engine->router, reader) < RT_PASSING) continue;
      cep_time *end = &engine->count_ends[reader->detection];
      *end = newer(*end, derived->time);
    }
  }
  return CEP_OK;
}

static cep_status arm_stratum(rt_engine *engine, uint32_t stratum)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < engine->operator_count && status == CEP_OK; i++) {
    rt_operator *op = &engine->operators[i];
    if (engine->program->detections[op->detection].stratum == stratum) status = rt_operator_arm(op);
  }
  return status;
}

/* The events of lower strata at the instant; `*next` goes behind them. What the stratum itself
 * gives is put behind `end`. */
static cep_status feed_instant(rt_engine *engine, uint32_t stratum, uint32_t *next, uint32_t end)
{
  cep_status status = CEP_OK;
  for (; *next < end && engine->derived.at[*next].time <= engine->core.now && status == CEP_OK; ++*next) {
    rt_derived derived = engine->derived.at[*next];
    if (derived.stratum < stratum) status = rt_engine_feed_derived(engine, &derived, stratum);
  }
  return status;
}

/* One stratum from the last instant on, whose deadlines have been reached. */
static cep_status run_stratum(rt_engine *engine, uint32_t stratum)
{
  rt_engine_sort_derived(engine);
  uint32_t next = 0, end = engine->derived.count;
  cep_status status = put_off_ends(engine, stratum);
  if (status == CEP_OK) status = arm_stratum(engine, stratum);
  if (status == CEP_OK && stratum > 1) status = rt_engine_feed_later(engine, stratum);
  while (status == CEP_OK) {
    status = feed_instant(engine, stratum, &next, end);
    if (status == CEP_OK) status = rt_engine_end_counts(engine, stratum);
    if (status == CEP_OK) status = rt_engine_suppress(engine, stratum);
    cep_time time;
    if (status == CEP_OK) status = rt_operators_deadline(engine->operators, &engine->core, CEP_TIME_MAX, &time);
    if (status < 0) return status;
    if (next < end && engine->derived.at[next].time < time) time = engine->derived.at[next].time;
    if (time == CEP_TIME_MAX) return CEP_OK;
    engine->core.now = time;
    status = rt_engine_fire(engine, time);
  }
  return status;
}

cep_status rt_engine_close_last(rt_engine *engine)
{
  cep_time last = engine->core.now, reached = last;
  rt_operators_disarm(&engine->core);
  for (uint32_t stratum = 1; stratum <= engine->strata; stratum++) {
    engine->core.now = last;
    cep_status status = run_stratum(engine, stratum);
    if (status < 0) return status;
    reached = newer(reached, engine->core.now);
  }
  engine->core.now = reached;
  rt_emit_sort(&engine->emit);
  rt_engine_drop_instant(engine);
  return CEP_OK;
}
