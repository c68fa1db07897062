/*
 * split.h - where records end in a run of bytes.
 *
 * Contract
 *   A record ends at a line feed. Of CSV, one within quotes does not count: a quote opens at
 *   the start of a field, and stands for itself elsewhere; twice within quotes it is one
 *   quote of the text. What stands behind a closing quote up to the delimiter is wrong, but
 *   that is not judged here, and the next line feed ends the record.
 *   Bytes may come in any pieces: the state says where in a record the last one ended. Any
 *   bytes are taken. No memory, no errors. One owner.
 */
#ifndef CB_SPLIT_H
#define CB_SPLIT_H

#include <stddef.h>

typedef enum cb_split_state {
  CB_SPLIT_START, /* of a field */
  CB_SPLIT_PLAIN,
  CB_SPLIT_QUOTED,
  CB_SPLIT_QUOTE /* behind a quote within quotes: the end, or the first of two */
} cb_split_state;

typedef struct cb_split {
  cb_split_state state;
  char delimiter;
  char quote; /* 0: nothing is quoted, and only line feeds count */
} cb_split;

static inline cb_split cb_split_lines(void)
{
  return (cb_split){CB_SPLIT_START, 0, 0};
}

static inline cb_split cb_split_csv(char delimiter, char quote)
{
  return (cb_split){CB_SPLIT_START, delimiter, quote};
}

/* One byte within a record of CSV that has quotes. */
cb_split_state cb_split_step(const cb_split *split, cb_split_state state, char c);
/* The line feed that ends the record, or NULL: it is not in these bytes. */
const char *cb_split_end(cb_split *split, const char *bytes, size_t len);
/* The record is given up at the end of a file. */
static inline void cb_split_restart(cb_split *split)
{
  split->state = CB_SPLIT_START;
}

#endif
