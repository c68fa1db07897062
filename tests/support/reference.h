/*
 * reference.h - the answers of a plan by brute force, to judge the engine with.
 *
 * Contract
 *   Straight from the meaning of the language: it writes down every assignment of events
 *   to steps that is valid as it stands, with the moment at which it completes, and then
 *   folds order, skip rule, timeouts and limits over time. Slow and obvious: exponential
 *   in the events, meant for some dozen of them. It shares no code with nfa/ or runtime/.
 *   Events are given in the order of semantics (place, input, partition, position); their
 *   values are in the order of the stream's fields. Memory is the arena's, and of its allocator until ref_fini.
 *   Fails only by `too_big`: more than `histories_max` assignments of one detection and
 *   key; then the outputs mean nothing.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "cep/base/vec.h"
#include "patterns/plan.h"

typedef struct ref_event {
  uint32_t stream; /* of the plan */
  cep_time time;
  uint32_t input;  /* order of the input: only carried along */
  uint32_t partition;
  uint64_t position;
  const cep_value *values;
  cep_time place;  /* where it stands in the order: its time; of one that is late, but allowed, what its input had promised */
} ref_event;

typedef struct ref_capture {
  uint32_t step;
  uint32_t event; /* index in ref_run.events; those of detections follow the given ones */
} ref_capture;

typedef struct ref_output {
  uint32_t detection;
  cep_match_kind kind;
  cep_time time;
  uint32_t key_index; /* outputs of one detection with equal key_index are of one key */
  const cep_value *keys;
  const ref_capture *captures;
  uint32_t capture_count;
  cep_time window_start;
  uint32_t firing; /* of a window: how often it has been told of, this time included */
  uint32_t waited; /* of a timeout: the earliest step it waited for */
  const cep_value *values;
  uint32_t value_count;
  uint64_t suppressed;
  uint8_t id[16];
  uint32_t sequence; /* in the order in which the matcher gave them */
  uint8_t least[16]; /* of the ids of the matches that this key gave at this instant, before suppression */
} ref_output;

/* A row of a table of the plan; a later one takes the place of an earlier one with its key. */
typedef struct ref_row {
  uint32_t table;
  const cep_value *values;
} ref_row;

typedef struct ref_run {
  cb_arena *arena;
  const plan *plan;
  CB_VEC(ref_event) events;
  CB_VEC(ref_row) rows;
  CB_VEC(ref_output) outputs; /* detections in order of stratum and file; of one key in the order they come out */
  cep_time frontier;          /* deadlines up to it fire; CEP_TIME_MAX: the input has ended */
  cep_time newest;            /* of what was given: events, promises */
  uint32_t histories_max;
  int too_big;
  uint64_t partials_open; /* assignments still waiting at the end, over all detections and keys */
  uint64_t matches; /* before suppression, as are timeouts */
  uint64_t timeouts;
  uint64_t suppressed;
  uint64_t skip_missed;
  uint64_t matches_dropped;
} ref_run;

void ref_init(ref_run *run, cb_arena *arena, const plan *meaning, cep_time frontier);
void ref_fini(ref_run *run); /* before the end of the arena */
void ref_add(ref_run *run, const ref_event *event);
void ref_add_row(ref_run *run, uint32_t table, const cep_value *values);
/* 1 if some aggregate takes the event, which is late, at its place. */
int ref_allows(ref_run *run, const ref_event *event);
/* Runs all detections, or only one with its index in `only` (CEP_NONE: all). */
void ref_go(ref_run *run, uint32_t only);

#endif
