/*
 * coverage.h - what the tests of a rule file reach, counted and listed.
 *
 * Contract
 *   coverage_item takes each item as the library tells it; coverage_print writes a line for each detection with its share, and
 * below it what was not reached. Gathered in memory, so that tests and this do not mix.
 */
#ifndef TOOLS_COVERAGE_H
#define TOOLS_COVERAGE_H

#include <stdio.h>

#include "cep/cep.h"

typedef struct coverage {
  FILE *missing; /* what the detection at hand lacks; NULL before the first */
  char *missing_text;
  size_t missing_len;
  char detection[128];
  unsigned reached;
  unsigned count;
  unsigned all_reached;
  unsigned all_count;
} coverage;

void coverage_item(coverage *into, const cep_coverage *item);
/* After the last item of a file. */
void coverage_end(coverage *into);
/* Of all files. */
void coverage_print_all(const coverage *into);

#endif
