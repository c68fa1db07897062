/*
 * windows.h - random aggregates and joins, and streams for them.
 *
 * Contract
 *   The same generator state gives the same text and acts on every machine. Events are
 *   made in order of time; win_shuffle gives the same events in another order of arrival,
 *   none of them late. Texts always compile.
 */
#ifndef WINDOWS_H
#define WINDOWS_H

#include "cep/base/prng.h"
#include "tests/support/scenario.h"

#define WIN_LATENESS_MAX 5

typedef struct win_case {
  scenario sc;
  scn_input inputs[2];
  cep_time lateness;
  int suppresses; /* or ids have another part in what comes out */
  int takes_late; /* and some events may be late */
} win_case;

void win_make(cb_arena *arena, cb_prng *prng, win_case *out);
/* The same with a join, and a table as of a time. */
void join_make(cb_arena *arena, cb_prng *prng, win_case *out);
/* 0: there is nothing to shuffle. */
int win_shuffle(cb_arena *arena, const win_case *it, cb_prng *prng, scenario *out);

#endif
