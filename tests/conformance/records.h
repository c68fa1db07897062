/*
 * records.h - a scenario as records: lines of text, with others between them that are late, refused or of no stream.
 *
 *   scenario --rec_make--> lines --rec_run--> alerts, what was refused or late, counts
 *
 * Contract
 *   Lines follow from the scenario and the generator: the same on every machine. What comes out is bytes: it must be the
 *   same for any number of workers, with threads and without, in blocks of any size, from files, packed files and pipes.
 *   Threads exist only inside rec_run. rec_open makes a folder for the files, which rec_close takes away.
 */
#ifndef RECORDS_H
#define RECORDS_H

#include "tests/conformance/random.h"

#define REC_RECORD_MAX 400u /* bytes; a line with more is refused by the reader */

typedef enum rec_what { REC_LINE, REC_LONG, REC_ADVANCE, REC_FINISH } rec_what;

typedef struct rec_act {
  rec_what what;
  uint32_t input;      /* in scenario.inputs; ADVANCE: CEP_NONE for all */
  const char *text;    /* of a line, without its end */
  size_t len;
  const char *end;     /* of the line, and empty lines behind it; "" perhaps for the last one of an input */
  uint64_t position;   /* of its first byte in the input */
  cep_time time;
  const scn_act *row;  /* the typed row that says the same; NULL: none */
} rec_act;

/* 0: as ever. */
typedef struct rec_limits {
  uint32_t partial;
  uint32_t history;
  uint32_t distinct;
  uint32_t held; /* what is refused because of it is left out */
} rec_limits;

typedef struct rec_case {
  const scenario *sc;
  rec_limits limits;
  const char *text; /* the rules: formats may be others than the scenario's */
  const rec_act *acts;
  uint32_t act_count;
  int has_rows;  /* typed rows come to the same alerts and late events */
  int has_files; /* lines and the end, nothing else: files say the same */
} rec_case;

void rec_make(cb_arena *arena, const scenario *sc, cb_prng *prng, rec_case *out);
void rec_print(const rec_case *it);

typedef enum rec_way_kind { REC_ROWS, REC_RECORDS, REC_FILES, REC_PACKED, REC_PIPE } rec_way_kind;
typedef enum rec_crew { REC_ALONE, REC_TURNS, REC_THREADS } rec_crew;

typedef struct rec_way {
  const char *name;
  rec_way_kind kind;
  uint32_t workers;
  rec_crew crew; /* RECORDS only: pipelines have threads with more than one worker */
} rec_way;

typedef struct rec_outcome {
  cep_status status;
  char error[512];
  cb_writer alerts;  /* a line each */
  cb_writer refused; /* late and dead letters, and what an input ahead could not give, in their order */
  cb_writer late;    /* late ones alone, without their bytes: typed rows have none */
  cb_writer counts;  /* statistics */
  uint64_t alert_count;
  uint64_t late_count;
  uint64_t dead_count;
  uint64_t held_count;    /* refused at held.max */
  uint64_t dropped_count; /* at the limits of keys */
} rec_outcome;

int rec_open(void); /* 0: no folder can be made */
void rec_close(void);
/* `seed` decides sizes of batches, blocks and pieces, and who works when. The outcome is given back with rec_fini. */
void rec_run(cb_arena *arena, const rec_case *it, const rec_way *way, uint64_t seed, rec_outcome *out);
void rec_fini(rec_outcome *outcome);

typedef struct rec_tally {
  uint64_t alerts;
  uint64_t late;
  uint64_t dead;
  uint64_t held;
  uint64_t dropped;
  uint64_t apart; /* cases of one input, whose records are decoded in blocks */
  uint64_t files;
  uint64_t runs;
} rec_tally;

/* NULL, or in what two ways of one case differ. */
const char *rec_judge(cb_arena *arena, const scenario *sc, uint64_t seed, rec_tally *tally);

#endif
