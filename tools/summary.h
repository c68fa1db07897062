/*
 * summary.h - what a run says on stderr when it is over.
 *
 * Contract
 *   Counts and rate first; then one line for each thing that a person would otherwise not
 *   notice: late events with the lateness that would have kept all, refused records by
 *   reason, limits that were reached, what never came and what never began.
 *   summary_refused counts; it is called for each record that was dead-lettered.
 */
#ifndef TOOLS_SUMMARY_H
#define TOOLS_SUMMARY_H

#include "cep/cep_io.h"

#define SUMMARY_REASONS_MAX 16

typedef struct run_summary {
  const cep_program *program;
  const cep_engine *engine;
  double seconds;
  uint64_t bytes;
  uint64_t empty_lines;
  const char *dead_letter_path; /* NULL: they were not kept */
  const char *late_path;
  struct {
    char word[32];
    uint64_t count;
  } reasons[SUMMARY_REASONS_MAX]; /* in the order first seen; the last one gathers the rest */
} run_summary;

void summary_refused(run_summary *summary, const cep_refused *refused);
/* `was_stopped`: the inputs were not read to their ends, so nothing is said of what never came. */
void summary_print(const run_summary *summary, int was_stopped);

#endif
