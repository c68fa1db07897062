/*
 * progress.h - what a run says on stderr while it goes on: the line on a terminal, what it waits for.
 *
 * Contract
 *   The line is drawn over itself on a terminal, from the first second on. Whoever writes to that terminal while a run goes
 *   on calls progress_clear first. With `tells_why` a standstill of event time is
 *   told after two seconds, and again as it gets longer.
 *   Times are those of the pipeline's clock. Borrows pipeline and engine; one owner.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include "cep/cep_io.h"

typedef struct run_progress {
  cep_pipeline *pipeline;
  const cep_engine *engine;
  int draws;
  int colours;
  int tells_why;
  int is_drawn;     /* the line stands on the terminal */
  uint64_t records; /* at the last look, */
  cep_time looked;  /* and when; 0: never */
  cep_time began;   /* the first look, */
  double share;     /* and what had been read of the files by then */
  cep_time again;   /* not before then */
} run_progress;

/* Before the run. Nothing to say: the pipeline is not asked for anything. */
cep_status progress_start(run_progress *progress, cep_error *err);
void progress_clear(run_progress *progress);
/* After the run: which inputs it waited for, and what still waited. `was_stopped`: the inputs have not ended. */
void progress_end(run_progress *progress, int was_stopped);

#endif
