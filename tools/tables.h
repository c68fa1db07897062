/*
 * tables.h - the files of the tables of a rule file.
 *
 * Contract
 *   A path given with --table NAME=PATH counts from the working folder; that in the rules from the folder of
 *   the rule file (of rules from standard input: the working folder). Functions that give an exit
 *   code have told what is wrong.
 */
#ifndef TOOLS_TABLES_H
#define TOOLS_TABLES_H

#include "options.h"
#include "rules.h"

#define TABLES_MAX 256

typedef struct table_paths {
  struct {
    const char *name; /* not terminated: name_len */
    size_t name_len;
    const char *path;
  } given[TABLES_MAX];
  unsigned count;
} table_paths;

/* Takes the value of --table. */
int tables_take(const command_spec *command, table_paths *tables, const char *text);
/* Every --table names a table of the rules. */
int tables_check(const command_spec *command, const table_paths *tables, const rule_file *rules);
/* The path of a table's file; the caller frees it. NULL: no memory. */
char *tables_path(const table_paths *tables, const rule_file *rules, uint32_t table);

#endif
