/*
 * diff.h - how two texts differ, line by line, as `diff -u` shows it.
 *
 * Contract
 *   diff_print writes hunks with three lines around each change, and nothing if the texts are equal; `patch -p0` takes
 *   them. A change of more than DIFF_EDITS_MAX lines is shown as one block, old lines before new ones.
 *   0 if memory is refused or writing fails.
 */
#ifndef TOOLS_DIFF_H
#define TOOLS_DIFF_H

#include <stddef.h>
#include <stdio.h>

#define DIFF_EDITS_MAX 2000

typedef struct diff_text {
  const char *name;
  const char *text;
  size_t len;
} diff_text;

int diff_print(FILE *to, const diff_text *before, const diff_text *after);

#endif
