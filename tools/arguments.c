/* arguments.c - options of every command that reads records: inputs, settings, workers. */
#include "arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

#define LONG_SCAN 500000000u /* bytes, of some seconds: who waits wants to know for what */

int command_failed(const command_spec *command, const cep_error *err)
{
  fprintf(stderr, "cep %s: %s\n", command->name, err->text);
  return EXIT_FAILED;
}

int inputs_take(const command_spec *command, input_paths *inputs, const char *text)
{
  const char *equals = strchr(text, '=');
  if (!equals || equals == text || !equals[1])
    return usage_wrong(command, "--input wants NAME=PATH, not '%s'", text);
  if (inputs->count == INPUTS_MAX) return usage_wrong(command, "more than %d inputs", INPUTS_MAX);
  uint32_t i = inputs->count++;
  inputs->given[i].name = text;
  inputs->given[i].name_len = (size_t)(equals - text);
  inputs->given[i].path = equals + 1;
  return EXIT_FINE;
}

int file_take(const command_spec *command, input_paths *inputs, const char *path)
{
  if (inputs->count == INPUTS_MAX) return usage_wrong(command, "more than %d inputs", INPUTS_MAX);
  inputs->given[inputs->count].name = NULL;
  inputs->given[inputs->count++].path = path;
  return EXIT_FINE;
}

int setting_take(const command_spec *command, cep_config *config, const char *text)
{
  char key[64];
  const char *equals = strchr(text, '=');
  if (!equals || (size_t)(equals - text) >= sizeof key)
    return usage_wrong(command, "--set wants KEY=VALUE, not '%s'", text);
  memcpy(key, text, (size_t)(equals - text));
  key[equals - text] = 0;
  cep_error err;
  if (cep_config_set(config, key, equals + 1, &err) < 0) return usage_wrong(command, "%s", err.text);
  return EXIT_FINE;
}

int evaluator_take(const command_spec *command, cep_config *config, const char *text)
{
  static const char *const names[] = {"best", "runs", "compact", "firstof"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    char number[2] = {(char)('0' + i), 0};
    cep_error err;
    if (strcmp(text, names[i]) != 0) continue;
    return cep_config_set(config, "debug.evaluator", number, &err) < 0 ? usage_wrong(command, "%s", err.text) : EXIT_FINE;
  }
  return usage_wrong(command, "--evaluator is best, runs, compact or firstof, not '%s'", text);
}

int workers_take(const command_spec *command, uint32_t *workers, const char *text)
{
  unsigned number = 0;
  int len = 0;
  if (sscanf(text, "%2u%n", &number, &len) != 1 || text[len] || number > 64)
    return usage_wrong(command, "--workers is a number from 0 to 64, not '%s'", text);
  *workers = number;
  return EXIT_FINE;
}

static int input_is(const input_paths *inputs, uint32_t given, const char *name)
{
  return inputs->given[given].name && strlen(name) == inputs->given[given].name_len &&
         memcmp(name, inputs->given[given].name, inputs->given[given].name_len) == 0;
}

int inputs_give(const input_paths *inputs, const char *name)
{
  for (uint32_t given = 0; given < inputs->count; given++)
    if (input_is(inputs, given, name)) return 1;
  return 0;
}

static void show_inputs(const rule_file *rules)
{
  fputs("Its inputs:", stderr);
  for (uint32_t i = 0; i < cep_program_input_count(rules->program); i++)
    fprintf(stderr, " %s", cep_program_input_name(rules->program, i));
  fputc('\n', stderr);
}

/* Of the inputs that no --input gives, without those whose rules name a place if `is_homeless`: the only one, or NULL. */
static const char *only_input(const input_paths *inputs, const rule_file *rules, int is_homeless)
{
  const char *found = NULL;
  for (uint32_t i = 0; i < cep_program_input_count(rules->program); i++) {
    const char *name = cep_program_input_name(rules->program, i);
    if (inputs_give(inputs, name) || (is_homeless && *cep_program_input_place(rules->program, i))) continue;
    if (found) return NULL;
    found = name;
  }
  return found;
}

static int place_files(const command_spec *command, input_paths *inputs, const rule_file *rules)
{
  const char *name = NULL;
  for (uint32_t given = 0; given < inputs->count; given++) {
    if (inputs->given[given].name) continue;
    if (!name) name = only_input(inputs, rules, 0);
    if (!name) name = only_input(inputs, rules, 1);
    if (!name) {
      usage_wrong(command, "which input of %s is '%s'? Say --input NAME=%s", rules->path, inputs->given[given].path,
                  inputs->given[given].path);
      show_inputs(rules);
      return EXIT_USAGE;
    }
  }
  for (uint32_t given = 0; given < inputs->count; given++) {
    if (inputs->given[given].name) continue;
    inputs->given[given].name = name;
    inputs->given[given].name_len = strlen(name);
  }
  return EXIT_FINE;
}

int inputs_check(const command_spec *command, input_paths *inputs, const rule_file *rules)
{
  uint32_t count = cep_program_input_count(rules->program);
  for (uint32_t given = 0; given < inputs->count; given++) {
    uint32_t i = 0;
    while (i < count && !input_is(inputs, given, cep_program_input_name(rules->program, i))) i++;
    if (i < count || !inputs->given[given].name) continue;
    usage_wrong(command, "%s has no input '%.*s'", rules->path, (int)inputs->given[given].name_len,
                inputs->given[given].name);
    show_inputs(rules);
    return EXIT_USAGE;
  }
  return place_files(command, inputs, rules);
}

/* ---- Files ---------------------------------------------------------------------------------- */

int file_list_find(file_list *list, const char *const *path)
{
  *list = (file_list){.paths = path, .count = 1};
  if (access(*path, F_OK) == 0) return 1;
  int result = glob(*path, 0, NULL, &list->found);
  if (result == GLOB_NOMATCH) return 1;
  list->paths = (const char *const *)list->found.gl_pathv;
  list->count = list->found.gl_pathc;
  return result == 0;
}

void file_list_free(file_list *list)
{
  globfree(&list->found);
}

static int open_source(const command_spec *command, cep_pipeline *pipeline, const char *name,
                       uint32_t partition, const char *path)
{
  cep_error err;
  file_list files;
  cep_status status = CEP_E_IO;
  if (file_list_find(&files, &path))
    status = cep_pipeline_files(pipeline, name, partition, files.paths, files.count, &err);
  else
    snprintf(err.text, sizeof err.text, "cannot look for \"%s\"", path);
  file_list_free(&files);
  if (status == CEP_E_INVALID) return usage_wrong(command, "%s", err.text);
  return status < 0 ? command_failed(command, &err) : EXIT_FINE;
}

int inputs_open(const command_spec *command, const input_paths *inputs, const rule_file *rules,
                cep_pipeline *pipeline)
{
  for (uint32_t i = 0; i < cep_program_input_count(rules->program); i++) {
    const char *name = cep_program_input_name(rules->program, i);
    uint32_t partition = 0;
    int code = EXIT_FINE;
    for (uint32_t given = 0; given < inputs->count && code == EXIT_FINE; given++)
      if (input_is(inputs, given, name))
        code = open_source(command, pipeline, name, partition++, inputs->given[given].path);
    const char *place = cep_program_input_place(rules->program, i);
    if (partition == 0 && !*place)
      return usage_wrong(command,
                         "where is input '%s'? Say --input %s=PATH, or in the rules: from file \"PATH\"",
                         name, name);
    if (partition == 0) code = open_source(command, pipeline, name, 0, place);
    if (code != EXIT_FINE) return code;
  }
  return EXIT_FINE;
}

typedef struct scan_words {
  const command_spec *command;
  int is_quiet;
} scan_words;

static void on_scanned(void *ctx, const cep_scanned *scanned)
{
  const scan_words *words = ctx;
  char worst[NUMBER_MAX], used[NUMBER_MAX], behind[NUMBER_MAX];
  const cep_disorder *disorder = &scanned->disorder;
  if (words->is_quiet || disorder->behind == 0) return;
  fprintf(stderr, "cep %s: input %s: events are up to %s late (%s of them are); ", words->command->name, scanned->input,
          duration(disorder->worst, worst), number(disorder->behind, behind));
  if (scanned->lateness > 0)
    fprintf(stderr, "lateness %s used - declare it to skip the scan\n", duration(scanned->lateness, used));
  else
    fputs("that is no order of time, and lateness 0 is used - sort the records, or declare a lateness\n", stderr);
}

/* Bytes of files that may be read once more; packed ones count as they are. */
static uint64_t bytes_to_scan(const rule_file *rules, const cep_pipeline *pipeline)
{
  uint64_t bytes = 0;
  cep_source_state source = {.size = sizeof source};
  for (uint32_t i = 0; cep_pipeline_look_at(pipeline, i, &source) == CEP_OK; i++)
    for (uint32_t input = 0; input < cep_program_input_count(rules->program); input++)
      if (strcmp(cep_program_input_name(rules->program, input), source.input) == 0 &&
          cep_program_input_lateness(rules->program, input) < 0)
        bytes += source.whole;
  return bytes;
}

int inputs_scan(const command_spec *command, const rule_file *rules, cep_pipeline *pipeline, int is_quiet)
{
  cep_error err;
  char text[NUMBER_MAX];
  uint64_t bytes = bytes_to_scan(rules, pipeline);
  if (!is_quiet && bytes >= LONG_SCAN)
    fprintf(stderr, "cep %s: looking through %s MB for the lateness that they need; declare one to skip it\n", command->name,
            number(bytes / 1000000, text));
  scan_words words = {command, is_quiet};
  cep_status status = cep_pipeline_scan(pipeline, on_scanned, &words, &err);
  return status < 0 ? command_failed(command, &err) : EXIT_FINE;
}

int tables_open(const command_spec *command, const table_paths *tables, const rule_file *rules,
                cep_pipeline *pipeline)
{
  cep_error err;
  for (uint32_t i = 0; i < cep_program_table_count(rules->program); i++) {
    const char *name = cep_program_table_name(rules->program, i);
    char *path = tables_path(tables, rules, i);
    if (!path) return EXIT_FAILED;
    cep_status status = cep_pipeline_table(pipeline, name, path, &err);
    free(path);
    if (status >= 0) continue;
    (void)command_failed(command, &err);
    fprintf(stderr, "That is the file of table '%s'; --table %s=PATH reads another one\n", name, name);
    return EXIT_FAILED;
  }
  return EXIT_FINE;
}
