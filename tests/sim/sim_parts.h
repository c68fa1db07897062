/*
 * sim_parts.h - a run on many workers: what sim_run.c and sim_crash.c share.
 *
 * Contract
 *   Private to tests/sim/. The run polls the workers of the engine that it was attached to last, and looks over each
 *   after its step.
 */
#ifndef SIM_PARTS_H
#define SIM_PARTS_H

#include <setjmp.h>

#include "runtime/worker.h"
#include "tests/sim/sim.h"

typedef struct sim_run {
  cb_prng prng;
  cb_arena *arena;
  const scenario *sc;
  rt_engine *engine;
  rt_workers *workers; /* NULL: one engine has all keys */
  uint32_t act;        /* the one that is done now */
  sim_note *notes;     /* by act, of one engine at barriers */
  uint64_t digest;     /* of the stages that have passed the barrier of this act, */
  uint32_t passed;     /* and how many */
  int is_eager;        /* workers go on after each act, not only when they must */
  uint64_t starved;    /* workers that are not polled, a bit each, */
  uint32_t patience;   /* for so many steps */
  uint32_t stuck;      /* rounds in a row in which nobody could go on */
  rt_place *lows;      /* by worker and stage */
  uint32_t crash_in;   /* so many steps; 0: never */
  jmp_buf crash;
} sim_run;

/* How the engine and its workers are set up, and whether they are eager. */
scn_way sim_draw_way(sim_run *run);
/* To be called before its inputs are asked for. */
void sim_attach(sim_run *run, cep_engine *engine);
/* From here on stages that pass a barrier are noted. */
void sim_watch_barriers(sim_run *run);
/* What has been noted is the state of one engine. */
void sim_check_barrier(sim_run *run);
/* Some worker, if it is not starved. 1: it did something. */
int sim_step(sim_run *run);
/* Between two acts. */
void sim_go_on(sim_run *run);
/* Counts a step, and may never return. */
void sim_may_crash(sim_run *run);

#endif
