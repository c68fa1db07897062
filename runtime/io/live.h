/*
 * live.h - what a run does by the clock: stamps, idleness, tables read again.
 *
 * Contract
 *   Needed when an input has the time of a clock, or when some source may have to wait and there are
 *   others, an input may become idle, a table is to be refreshed, or somebody wants to see progress; else the loop of pipeline.c runs, which
 *   looks at no clock. Then, in each round: the clock is handed to the inputs whose time it is,
 *   tables that are due and whose file has changed are read, and records are taken from the source
 *   that holds the frontier back, from all whose input has the time of a clock, and from the idle
 *   ones. If the first has none, the others are read ahead: those whose watermark is no more than
 *   `drift_max` beyond the frontier, and a burst of records more. If none of them has any, what is decided
 *   is shown and they are waited for together, RT_LIVE_WAIT_MS at most, or as the wait function of the
 *   pipeline says.
 *   An input is idle when its source may have to wait, has nothing, and has given nothing for as long
 *   as the rules say, or `idle_after`. So who stands still at `drift_max` waits for ever only if the one
 *   that it waits for is never called idle.
 *   Errors: those of rt_pipeline_run. A table that cannot be read again is counted and told, and
 *   keeps its rows.
 */
#ifndef RT_IO_LIVE_H
#define RT_IO_LIVE_H

#include "runtime/io/pipeline.h"

#define RT_LIVE_WAIT_MS 100

int rt_live_is_needed(const rt_pipeline *pipeline);
/* After how long without a record the input is idle; 0: never. */
cep_duration rt_live_idle_after(const rt_pipeline *pipeline, const rt_feed *feed);
/* 1 if the input may be read although another one is behind it. */
int rt_live_is_near(const rt_pipeline *pipeline, const rt_feed *feed);
cep_status rt_live_run(rt_pipeline *pipeline, cep_error *err) CB_MUST_USE;
/* Reads the file of a table and hands its rows to the engine. */
cep_status rt_live_table(rt_pipeline *pipeline, const char *name, const char *path, cep_error *err) CB_MUST_USE;
void rt_live_fini(rt_pipeline *pipeline);

#endif
