/*
 * watch.h - how far a run has got, and what it waits for: for whoever wants to show it.
 *
 * Contract
 *   Looks only; moves nothing. rt_watch_round is called in each round of the loop of live.h, with the
 *   clock's reading in `pipeline->now`: it notes when event time moved, and calls the program's function
 *   when `every` has passed. `is_waiting`: nothing can be read, all that was decided has been
 *   given out, and no worker does anything.
 *   Without such a function the clock is not looked at for this.
 */
#ifndef RT_IO_WATCH_H
#define RT_IO_WATCH_H

#include "runtime/io/pipeline.h"

void rt_watch_begin(rt_pipeline *pipeline);
void rt_watch_round(rt_pipeline *pipeline, int is_waiting);
/* The run stood still since `before`, for this one. */
void rt_watch_waited(rt_pipeline *pipeline, rt_feed *holder, cep_time before);
void rt_watch_look(const rt_pipeline *pipeline, cep_pipeline_state *out);
/* CEP_E_NOT_FOUND: there is no such source. */
cep_status rt_watch_source(const rt_pipeline *pipeline, uint32_t index, cep_source_state *out) CB_MUST_USE;

#endif
