/*
 * scenario.h - a program and what is done to its engine; run by the engine or the reference.
 *
 * Contract
 *   A scenario is data: rule text, inputs, and acts in order. scn_engine runs it through
 *   cep.h in one of the ways that must not matter; scn_reference gives what the reference
 *   evaluator says. Both give an outcome of the same form, all in the arena.
 *   A capture names the act that pushed the event, so that outcomes of differently
 *   ordered pushes compare. Values are in the order of the stream's declared fields; the
 *   time field's value is the event's time.
 *   Outcomes come out by decision time; scn_compare compares those of each detection and
 *   key in their order, so that to the reference the order between keys at one instant is free; of two engines
 *   the bytes of all, in their order, must be the same.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "cep/base/vec.h"
#include "patterns/plan.h"
#include "tests/support/reference.h"

typedef enum scn_what { SCN_PUSH, SCN_ADVANCE, SCN_CHECK, SCN_IDLE, SCN_FINISH } scn_what; /* IDLE: not for the reference */

typedef struct scn_act {
  scn_what what;
  uint32_t input; /* in scenario.inputs; ADVANCE: CEP_NONE for all */
  const char *stream;
  cep_time time;
  uint64_t position; /* PUSH: rises within its input */
  const cep_value *values;
  uint32_t value_count;
  uint32_t tag; /* PUSH: names the event in outcomes */
} scn_act;

/* A row of a table, there before the first event. */
typedef struct scn_row {
  uint32_t table; /* of the plan */
  const cep_value *values; /* of all fields */
} scn_row;

typedef struct scn_input {
  const char *name;
  uint32_t partition;
} scn_input;

typedef struct scenario {
  const char *text;
  const scn_input *inputs;
  uint32_t input_count;
  const scn_act *acts;
  uint32_t act_count;
  uint32_t histories_max; /* of the reference; 0: its own limit */
  const scn_row *rows;
  uint32_t row_count;
  void (*open)(void *ctx, cep_engine *engine); /* of the engine, before its inputs; or NULL */
  void (*watch)(void *ctx, const cep_engine *engine); /* of the engine, after each act; or NULL */
  void *watch_ctx;
} scenario;

typedef struct scn_capture {
  uint32_t step;
  const char *step_name;
  const char *stream;
  uint32_t tag; /* CEP_NONE: an event of a detection */
  cep_time time;
} scn_capture;

typedef struct scn_output {
  uint32_t detection;
  const char *name;
  cep_match_kind kind;
  cep_time time;
  const cep_value *keys;
  const char *const *key_names;
  uint32_t key_count;
  const scn_capture *captures;
  uint32_t capture_count;
  const cep_value *values;
  const char *const *value_names;
  uint32_t value_count;
  uint64_t suppressed;
  uint8_t id[16];
  const char *json; /* engine only: the alert record */
  uint32_t act;   /* engine only: during which act it came out */
} scn_output;

/* Statistics that the reference knows too, over all detections. */
typedef enum scn_count { SCN_MATCHES, SCN_TIMEOUTS, SCN_SUPPRESSED, SCN_SKIP_MISSED, SCN_MATCHES_DROPPED, SCN_COUNTS } scn_count;

typedef struct scn_outcome {
  int is_reference;
  cep_status status; /* of the first call that failed, or of the compiler */
  char error[512];
  scn_output *outputs;
  uint32_t output_count;
  uint32_t output_room;
  uint32_t *late; /* tags of the events refused as late */
  uint32_t late_count;
  uint64_t partials; /* alive at the end */
  uint64_t counts[SCN_COUNTS];
  int too_big;       /* reference only: the scenario is too large for it */
} scn_outcome;

typedef struct scn_way {
  const char *name;
  int image;        /* the program is saved and loaded */
  int reload_keys;
  int small_slabs;
  int ask_all;      /* every detection is asked about every event */
  int index_runs;   /* every partial match that may is looked up by what it waits for */
  uint32_t evaluator; /* debug.evaluator */
  uint32_t batch;   /* 0: the default */
  int together;     /* events that follow one another in one input are pushed by one call */
  uint32_t workers; /* 0: one */
  int crew;         /* the workers are worked for only when the engine waits (cep_engine_share) */
  int saved;        /* the state is saved and put back after the acts, with another number of workers each time; a second
                       engine, with one worker and never put back, must give the same bytes */
} scn_way;

/* The meaning of a rule text; NULL, with the first error in `err`, if it has none. */
plan *scn_plan(cb_arena *arena, const char *text, cep_error *err);

extern const scn_way scn_ways[];
extern const uint32_t scn_way_count;

scn_outcome *scn_engine(cb_arena *arena, const scenario *scenario, const scn_way *way);
scn_outcome *scn_reference(cb_arena *arena, const scenario *scenario);
/* NULL if equal by meaning, else one sentence. If one is the reference's it is `a`. `with_ids` 0: positions differ, so ids do. */
const char *scn_compare(cb_arena *arena, const scn_outcome *a, const scn_outcome *b, int with_ids);
/* `match p at 4s {k=1} a@0s …`, for messages. */
void scn_print_output(cb_writer *writer, const scn_output *output);

#endif
