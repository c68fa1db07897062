/*
 * pipeline.h - sources -> engine -> sinks: the loop.
 *
 * Contract
 *   Reads, and gives to sinks, on one thread, in rt_pipeline_run; others (parallel.h) work for the engine. Owns its sources, borrows engine
 *   and sinks. Which source is read next never depends on arrival where all are files: it
 *   is the one that holds the engine's frontier back.
 *   Where a source may have to wait and there are others, or a clock is needed, the loop of live.h runs.
 *   A record that the engine cannot hold (CEP_E_LIMIT) stays with its source until the
 *   one furthest behind has been read on.
 *   Only rt_pipeline_stop may be called from elsewhere: a signal handler, another thread.
 */
#ifndef RT_IO_PIPELINE_H
#define RT_IO_PIPELINE_H

#include <stdatomic.h>

#include "cep/base/vec.h"
#include "cep/cep_io.h"
#include "runtime/io/parallel.h"
#include "runtime/io/sink.h"
#include "runtime/io/source.h"

typedef struct rt_feed {
  rt_source *source;
  cep_input *input;
  rt_record record; /* taken from the source, not yet by the engine */
  int has_record;
  int is_ended;
  int is_idle;      /* by the clock */
  cep_time heard;   /* when the last record was given, by the clock; CEP_TIME_MIN: no clock was looked at */
  cep_duration waited; /* for how long the run stood still for it, by the clock */
} rt_feed;

/* What is noted for who wants to know how far a run has got (watch.h). */
typedef struct rt_watch {
  cep_progress_fn tell; /* NULL: nobody does */
  void *ctx;
  cep_duration every;
  cep_time due;         /* to tell again */
  cep_time frontier;    /* of the last look, */
  cep_time since;       /* and since when, by the clock */
  int is_waiting;
} rt_watch;

/* The file of a table. */
typedef struct rt_table_file {
  const char *name; /* the program's */
  char *path;
  cep_duration refresh;
  cep_time due;     /* when to look again */
  int64_t seen[5];  /* what told the file apart when it was read: device, number, size, time of change */
} rt_table_file;

typedef struct rt_pipeline_options {
  size_t record_max;
  cep_duration drift_max;
  cep_duration idle_after; /* where the rules do not say; 0: never */
} rt_pipeline_options;

typedef struct rt_pipeline {
  cb_alloc *alloc;
  cep_engine *engine;
  CB_VEC(rt_feed) feeds;
  CB_VEC(rt_sink *) sinks;
  rt_pipeline_options options;
  cep_time ahead_of; /* before there is a frontier: what counts for it; CEP_TIME_MIN: nothing yet */
  int wake_fds[2]; /* a byte in this pipe ends a wait */
  atomic_int is_stopping;
  int has_stdin;
  int is_following; /* the sources that are opened from now on */
  cep_wait_fn wait;
  void *wait_ctx;
  int no_wait;      /* the sources look here */
  cep_clock_fn clock;
  void *clock_ctx;
  cep_time now;     /* by the clock, of the last look at it */
  CB_VEC(rt_table_file) tables;
  cep_table_fn on_table; /* NULL: nobody wants to know */
  void *on_table_ctx;
  uint64_t table_reads;
  uint64_t table_failures;
  rt_watch watch;
  rt_parallel parallel;
} rt_pipeline;

cep_status rt_pipeline_init(rt_pipeline *pipeline, cb_alloc *alloc, cep_engine *engine, const rt_pipeline_options *options,
                            cep_error *err) CB_MUST_USE;
void rt_pipeline_fini(rt_pipeline *pipeline);
/* Several paths are put in the order of the first event time in each, and read as one. */
cep_status rt_pipeline_source(rt_pipeline *pipeline, const char *input, uint32_t partition,
                              const char *const *paths, size_t path_count, cep_error *err) CB_MUST_USE;
cep_status rt_pipeline_sink(rt_pipeline *pipeline, rt_sink *sink, cep_error *err) CB_MUST_USE;
/* How its sources are read: records as those of `input`, NULL: lines. The paths are left out. */
void rt_pipeline_reading(const rt_pipeline *pipeline, const cep_input *input, rt_source_options *options);
/* What the loops share. */
rt_feed *rt_pipeline_choose(rt_pipeline *pipeline);
/* Records that are in memory, at most a burst; `*state_out` tells why it stopped. */
cep_status rt_pipeline_burst(rt_pipeline *pipeline, rt_feed *feed, rt_source_state *state_out, cep_error *err) CB_MUST_USE;
cep_status rt_pipeline_end(rt_pipeline *pipeline, rt_feed *feed, cep_error *err) CB_MUST_USE;
/* The alerts that have come go out; */
cep_status rt_pipeline_flush(rt_pipeline *pipeline, cep_error *err);
/* all that is decided does. */
cep_status rt_pipeline_show(rt_pipeline *pipeline, cep_error *err) CB_MUST_USE;
cep_status rt_pipeline_run(rt_pipeline *pipeline, cep_error *err) CB_MUST_USE;
void rt_pipeline_stop(rt_pipeline *pipeline);

#endif
