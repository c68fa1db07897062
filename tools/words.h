/*
 * words.h - numbers and times as people read them.
 *
 * Contract
 *   Writes into the caller's array and gives it back.
 */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include "cep/cep.h"

#define NUMBER_MAX 32
#define SPAN_MAX   32
#define WHEN_MAX   40

/* "1,522". */
const char *number(uint64_t value, char out[NUMBER_MAX]);
/* "0.4s", "12s", "3m05s", "2h10m", "3d04h". */
const char *span(cep_duration ns, char out[SPAN_MAX]);
/* "2026-03-14T08:12:35Z"; of CEP_TIME_MIN "its beginning". */
const char *when(cep_time time, char out[WHEN_MAX]);
/* As rules have it, up to the next millisecond: "40s", "250ms". */
const char *duration(int64_t ns, char out[NUMBER_MAX]);

#endif
