/*
 * differences.h - the page that lists where answers may differ from a judge's, as data.
 *
 * Contract
 *   The page is Markdown: each row of each table is one reason. Its first cell says what
 *   differs, its last cell names in back quotes the cases (or constructs) to which it
 *   applies; it belongs to the section (`## `) that it stands in. Names are unique on the
 *   page. A judge asks for each case; what it found is counted for the summary.
 *   Everything lies in the arena.
 */
#ifndef DIFFERENCES_H
#define DIFFERENCES_H

#include "cep/base/arena.h"

typedef struct diff_row {
  const char *section;
  const char *what;
  uint32_t found; /* cases met that differ for this reason */
} diff_row;

typedef struct diff_name {
  const char *name;
  uint32_t row;
} diff_name;

typedef struct differences {
  diff_row *rows;
  uint32_t row_count;
  diff_name *names;
  uint32_t name_count;
} differences;

/* NULL: the file cannot be read. */
differences *diff_read(cb_arena *arena, const char *path);
/* The row that names it, NULL if none does. */
diff_row *diff_find(differences *d, const char *name);
/* How many were found in sections with this title. */
uint32_t diff_found(const differences *d, const char *section);
/* A line on stdout for each reason that was found. */
void diff_print(const differences *d);

#endif
