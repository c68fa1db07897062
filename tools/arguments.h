/*
 * arguments.h - options of every command that reads records: inputs, settings, workers.
 *
 * Contract
 *   Functions that give an exit code have told on stderr what is wrong. Texts of the command line are
 * borrowed.
 */
#ifndef TOOLS_ARGUMENTS_H
#define TOOLS_ARGUMENTS_H

#include <glob.h>

#include "cep/cep_io.h"
#include "options.h"
#include "rules.h"
#include "tables.h"

#define INPUTS_MAX 256

typedef struct input_paths {
  struct {
    const char *name; /* not terminated: name_len; NULL: a file without --input */
    size_t name_len;
    const char *path;
  } given[INPUTS_MAX];
  uint32_t count;
} input_paths;

/* Take the values of --input, --set and --workers. */
int inputs_take(const command_spec *command, input_paths *inputs, const char *text);
/* A file that is named without --input. */
int file_take(const command_spec *command, input_paths *inputs, const char *path);
int setting_take(const command_spec *command, cep_config *config, const char *text);
int evaluator_take(const command_spec *command, cep_config *config, const char *text);
int workers_take(const command_spec *command, uint32_t *workers, const char *text);

/* Every --input names an input of the rules; files without one are given to the only input that has none, or to the
 * only one of those whose rules name no place. */
int inputs_check(const command_spec *command, input_paths *inputs, const rule_file *rules);
/* Is there an --input for this one? */
int inputs_give(const input_paths *inputs, const char *name);
/* Opens what is given for each input of the rules, else the place that they name. */
int inputs_open(const command_spec *command, const input_paths *inputs, const rule_file *rules,
                cep_pipeline *pipeline);
/* Files are scanned for the lateness that inputs need which declare none (cep_pipeline_scan), and that is said unless
 * `is_quiet`. */
int inputs_scan(const command_spec *command, const rule_file *rules, cep_pipeline *pipeline, int is_quiet);
/* Reads the file of each table. */
int tables_open(const command_spec *command, const table_paths *tables, const rule_file *rules,
                cep_pipeline *pipeline);

typedef struct file_list {
  glob_t found;
  const char *const *paths;
  size_t count;
} file_list;

/* The files that a pattern means, sorted by name; what names a file, or nothing fits, is no
 * pattern. `*path` stays where it is. 0: a folder cannot be read. file_list_free also then. */
int file_list_find(file_list *list, const char *const *path);
void file_list_free(file_list *list);

/* "cep run: TEXT"; gives EXIT_FAILED. */
int command_failed(const command_spec *command, const cep_error *err);

#endif
