/*
 * bar.h - the line that shows how far a run is, as text.
 *
 * Contract
 *   What does not fit into the width is left out, the least important first; the bar takes the room that is
 * left. Draws nothing: whoever has a terminal does.
 */
#ifndef TOOLS_BAR_H
#define TOOLS_BAR_H

#include "cep/cep.h"

#define BAR_LINE_MAX 512

typedef struct bar_view {
  double share;   /* 0 to 1; below 0: not known */
  uint64_t records;
  double rate;    /* records a second; below 0: not known */
  cep_time at;    /* event time that has been reached; CEP_TIME_MIN, CEP_TIME_MAX: none */
  double left;    /* seconds; below 0: not known */
  char waits[96]; /* "": it does not wait */
} bar_view;

/* Less than `width` columns, without a line end. */
void bar_line(const bar_view *view, unsigned width, int colours, char out[BAR_LINE_MAX]);

#endif
