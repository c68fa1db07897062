/*
 * scenario_run.h - an engine and what is done to it, step by step: for those who do not go straight from beginning to end.
 *
 *   scn_run_init -> scn_run_program -> scn_run_new or scn_run_restore -> scn_run_equip -> scn_run_act, ... -> scn_run_count
 *
 * Contract
 *   The scenario says what may be done; the run does what it is told, and gathers the outcome. What fails is kept in the
 *   outcome, and what follows does nothing. The engine, the program and the config are the run's only in so far as
 *   their owner frees them.
 */
#ifndef SCENARIO_RUN_H
#define SCENARIO_RUN_H

#include "tests/support/scenario.h"

/* A crew without threads: one worker after the other, whenever the owner has to wait. */
typedef struct scn_turns {
  cep_engine *engine;
  uint32_t next;
} scn_turns;

/* The file of a table. */
typedef struct scn_table {
  const char *name;
  const void *data;
  size_t len;
} scn_table;

typedef struct scn_run {
  cb_arena *arena;
  const scenario *sc;
  const cep_allocator *allocator; /* of configs; NULL: the C library's */
  scn_outcome *outcome;
  cep_program *program;
  uint32_t act;                   /* the one that is done now, for the outcome */
  cep_input *together;            /* where acts are pushed together: to that input, */
  uint32_t declared;              /* which is of that one, */
  uint64_t read_before;           /* of which so many were read before the call */
  uint32_t changes;               /* engines put in the place of others */
  cb_writer image;                /* what was saved last: the program, or the state */
  cep_engine *engine;
  cep_input **inputs;
  scn_table *tables;              /* made when they are first handed in */
  uint32_t table_count;
  scn_turns turns;
  struct scn_run *twin;           /* of the way `saved`: the engine that is never put back */
} scn_run;

void scn_run_init(scn_run *run, cb_arena *arena, const scenario *sc, cb_alloc *alloc);
void scn_run_fini(scn_run *run);
/* The caller frees it. */
cep_config *scn_run_config(scn_run *run, const scn_way *way, uint32_t workers);
/* `image`: saved and loaded. */
void scn_run_program(scn_run *run, const cep_config *config, int image);
void scn_run_new(scn_run *run, const cep_config *config);
/* Out of run->image. */
void scn_run_restore(scn_run *run, const cep_config *config);
/* Its inputs and tables. */
void scn_run_equip(scn_run *run);
void scn_run_act(scn_run *run, uint32_t act);
/* The state, with the number of the act as its position, into run->image. */
void scn_run_save(scn_run *run);
/* What there is to count at the end. */
void scn_run_count(scn_run *run);

#endif
