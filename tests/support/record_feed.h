/*
 * record_feed.h - wild records into an engine, each of them accounted for.
 *
 * Contract
 *   One program with an input of each format, compiled once for each feed. Records go to
 *   the JSON input if they begin with '{' or a tab, to CSV with ',', to logfmt with '=' (all
 *   but the '{' are cut), else to the line input.
 *   feed_account gives 1 if every record ended in exactly one of the ways of stats.def,
 *   and each refused one was given to its callback.
 */
#ifndef RECORD_FEED_H
#define RECORD_FEED_H

#include "cep/cep.h"

typedef struct record_feed {
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *json;
  cep_input *lines;
  cep_input *rows;
  cep_input *pairs;
  cep_input *table; /* csv whose first record names the columns */
  uint64_t fed;
  uint64_t dead;
  uint64_t late;
  uint64_t matches;
} record_feed;

/* 1, or 0 with a sentence on stderr. `batch`: of "batch.events". */
int feed_open(record_feed *feed, const char *batch);
void feed_close(record_feed *feed);
/* A fresh engine; the program stays. */
int feed_restart(record_feed *feed);
/* Below zero: the status of the call that failed. */
cep_status feed_record(record_feed *feed, const char *record, size_t len);
/* The same for `table`. */
cep_status feed_row(record_feed *feed, const char *record, size_t len);
int feed_account(record_feed *feed);

#endif
