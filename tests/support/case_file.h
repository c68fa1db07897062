/*
 * case_file.h - .case files: program, events, what comes out. The format: tests/cases/README.md.
 *
 * Contract
 *   case_read splits a text into cases and keeps pointers into it; the arena keeps the
 *   rest. case_scenario compiles the program to see where values go. Errors are one
 *   sentence in `error`, with the line in it. case_holds compares one expected line with
 *   an output: every word of the line must be in the output's full line, in order; of the
 *   captured events all are written or none.
 */
#ifndef CASE_FILE_H
#define CASE_FILE_H

#include "tests/support/scenario.h"

#define CASE_ERROR_MAX 400

typedef enum case_kind { CASE_EVENT, CASE_ADVANCE, CASE_FINISH, CASE_EXPECT, CASE_NONE, CASE_ROW } case_kind;

typedef struct case_line {
  case_kind kind;
  uint32_t number; /* in the file */
  const char *text; /* without leading white space, terminated */
} case_line;

typedef struct case_item {
  const char *title;
  uint32_t number;     /* line of the title */
  const char *program; /* terminated */
  int has_events;      /* 0: its block is another one (`-- error`) */
  CB_VEC(case_line) lines;
} case_item;

typedef struct case_file {
  CB_VEC(case_item) items;
} case_file;

int case_read(cb_arena *arena, const char *text, size_t len, case_file *out, char error[CASE_ERROR_MAX]);
void case_free(cb_arena *arena, case_file *file);
/* One act for each event and advance; behind each block of expectations a SCN_CHECK. */
int case_scenario(cb_arena *arena, const case_item *item, scenario *out, char error[CASE_ERROR_MAX]);
/* `+p @10s k=1 a@0s {v=3}`, without a line end. */
void case_write_output(cb_writer *writer, const scenario *sc, const scn_output *output);
int case_holds(cb_arena *arena, const char *expected, const char *full);
/* A whole case as text: program, events, and the outcome behind the last act. */
void case_write(cb_writer *writer, cb_arena *arena, const char *title, const scenario *sc, const scn_outcome *outcome);

#endif
