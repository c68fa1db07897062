/*
 * results.h - figures of a bench, a line of JSON each: written, read again, compared.
 *
 * Contract
 *   A result is one figure of which more is better, such as a rate or the ratio of two, over several
 *   rounds. In a file each is a line: {"at":0,"name":"…","median":1,"min":1,"max":1,…}; members behind
 *   those are for other readers.
 */
#ifndef TOOLS_RESULTS_H
#define TOOLS_RESULTS_H

#include <stddef.h>
#include <stdio.h>

typedef struct result {
  char name[96];
  double median;
  double min;
  double max;
} result;

typedef struct results {
  result *items;
  size_t count;
} results;

/* The median and the ends of so many rounds, which it sorts. */
result result_of(const char *name, double *rounds, size_t count);
/* Writes the line but for its last brace. */
void result_write(FILE *to, const result *result);

/* 0: told on stderr. Zeroed `results` before; results_free also after it failed. */
int results_read(results *results, const char *path);
void results_free(results *results);
const result *results_find(const results *results, const char *name);
/* "better" or "worse" when all rounds of one lie beyond all of the other, else "same". */
const char *result_verdict(const result *now, const result *then);

#endif
