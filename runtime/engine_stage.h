/*
 * engine_stage.h - an engine as one stage of one worker.
 *
 *   rows of chunks --row--\
 *   events, alerts of other stages --read--> [ engine, rt_part ] --> rt_exchange (events, alerts)
 *   frontier --move-----------------------/                    \--> deliver (alerts that come out)
 *
 * Contract
 *   For engines made with options.part.stratum > 0; those have no inputs of their own: rows come
 *   decoded and judged, in any order ahead of the frontier, as do arrivals. rt_stage_move is the only call that makes
 *   something happen: everything that the frontier passes comes out in it. Rows given before it may
 *   borrow memory until it returns; then what lies ahead has been copied.
 *   rt_stage_low: nothing that is still to come out has a place before it.
 *   Hostile bytes give CEP_E_CORRUPT. After CEP_E_NOMEM the engine refuses all calls. One owner.
 */
#ifndef RT_ENGINE_STAGE_H
#define RT_ENGINE_STAGE_H

#include "runtime/engine_parts.h"

/* The next input of all: inputs have the same numbers in every stage. */
cep_status rt_stage_origin(rt_engine *engine, uint32_t declared, uint32_t partition) CB_MUST_USE;
cep_status rt_stage_row(rt_engine *engine, const rt_staged *row) CB_MUST_USE;
/* Takes it over, if it does not fail. */
cep_status rt_stage_arrive(rt_engine *engine, const rt_arrival *arrival) CB_MUST_USE;
/* How far the frontier has got; `newest`: the newest time that any input has delivered, CEP_TIME_MIN: none. `is_by_clock`: something so far was decided by a clock (idleness). CEP_STOPPED: the callback asked to stop. */
cep_status rt_stage_move(rt_engine *engine, const rt_frontier *frontier, cep_time newest, int is_by_clock,
                         cep_error *err) CB_MUST_USE;
void rt_stage_low(const rt_engine *engine, rt_place *out);

/* An event of a detection, and an alert (rt_alert_write), as bytes that another stage of any worker reads. */
void rt_derived_write(const rt_engine *engine, const rt_derived *derived, cb_writer *writer);
cep_status rt_derived_read(rt_engine *engine, cb_reader *reader, rt_derived *out) CB_MUST_USE;
/* Read and arrived. */
cep_status rt_stage_read_derived(rt_engine *engine, cb_reader *reader) CB_MUST_USE;
cep_status rt_stage_read_alert(rt_engine *engine, cb_reader *reader) CB_MUST_USE;

#endif
