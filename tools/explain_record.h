/*
 * explain_record.h - `cep explain --event`: what one record of a file is to the rules.
 *
 * Contract
 *   Gives an exit code, and has told what is wrong. What came with the record is harmless on a terminal.
 */
#ifndef TOOLS_EXPLAIN_RECORD_H
#define TOOLS_EXPLAIN_RECORD_H

#include "options.h"
#include "tables.h"

typedef struct record_wish {
  const command_spec *self;
  const char *path;      /* "-": standard input */
  const char *which;     /* "N", "@BYTE"; NULL: the first */
  const char *input;     /* NULL: of each */
  const char *detection; /* NULL: all */
  table_paths tables;
} record_wish;

int explain_record(const record_wish *wish, const char *rules_path);

#endif
