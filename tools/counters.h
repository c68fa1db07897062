/*
 * counters.h - all counters of a run as one JSON object.
 *
 * Contract
 *   {"seconds","bytes","empty_lines","refused":{reason:count},"total":{NAME:count},"inputs":{name:{NAME:count}},
 * "streams","detections","tables"}. NAMEs are those of docs/reference/stats.md; `total` has all of them.
 */
#ifndef TOOLS_COUNTERS_H
#define TOOLS_COUNTERS_H

#include <stdio.h>

#include "summary.h"

/* One line without its end. */
void counters_write(FILE *to, const run_summary *summary);

#endif
