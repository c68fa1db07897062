/* cmd_test.c - `cep test`: runs the test blocks of rule files. */
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "tables.h"

static const option_spec options[] = {
    {"quiet", NULL, "only tests that fail, and the count", 'q'},
    {"table", "NAME=PATH", "read this table from another file than the rules say", 0},
    {NULL, NULL, NULL, 0},
};

typedef struct test_tally {
  const rule_file *rules;
  unsigned passed;
  unsigned failed;
  int is_quiet;
} test_tally;

static void on_result(void *ctx, const cep_test_result *result)
{
  test_tally *tally = ctx;
  if (result->passed) {
    tally->passed++;
    if (!tally->is_quiet) printf("ok    %s: \"%s\"\n", result->detection, result->name);
    return;
  }
  tally->failed++;
  printf("FAIL  %s: \"%s\"\n", result->detection, result->name);
  printf("      %s:%u:%u\n", tally->rules->path, result->line, result->column);
  printf("      expected %s\n", result->expected);
  printf("      got      %s\n", result->got);
}

/* Rows of all tables; the file of each must be there. */
static int read_tables(const rule_file *rules, const table_paths *paths, cep_table_rows *rows)
{
  int is_read = 1;
  for (uint32_t i = 0; i < cep_program_table_count(rules->program) && is_read; i++) {
    char *path = tables_path(paths, rules, i), *bytes = NULL;
    size_t len = 0;
    is_read = path && rules_read_file(path, &bytes, &len);
    if (!is_read)
      fprintf(stderr, "%s: that is the file of table '%s'; --table %s=PATH reads another one\n", rules->path,
              cep_program_table_name(rules->program, i), cep_program_table_name(rules->program, i));
    rows[i] = (cep_table_rows){cep_program_table_name(rules->program, i), bytes, len};
    free(path);
  }
  return is_read;
}

static int run_tests(const rule_file *rules, const table_paths *paths, test_tally *tally)
{
  uint32_t failed = 0, tables = cep_program_table_count(rules->program);
  cep_table_rows *rows = calloc(tables + 1, sizeof *rows);
  cep_error err;
  int code = rows && read_tables(rules, paths, rows) ? EXIT_FINE : EXIT_FAILED;
  if (code == EXIT_FINE) {
    cep_status status = cep_program_test_with(rules->program, rows, tables, on_result, tally, &failed, &err);
    err.severity = CEP_ERROR;
    if (status < 0) rules_show(rules, &err);
    if (status < 0 || failed) code = EXIT_WRONG;
  }
  for (uint32_t i = 0; rows && i < tables; i++) free((void *)(uintptr_t)rows[i].data);
  free(rows);
  return code;
}

static int test_file(const command_spec *self, const char *path, const table_paths *paths, test_tally *tally)
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  rule_file rules;
  int code = rules_load(&rules, config, path);
  tally->rules = &rules;
  if (code == EXIT_FINE && cep_program_test_count(rules.program) == 0)
    fprintf(stderr, "%s: has no test\n", rules.path);
  if (code == EXIT_FINE) code = tables_check(self, paths, &rules);
  if (code == EXIT_FINE) code = run_tests(&rules, paths, tally);
  rules_free(&rules);
  cep_config_free(config);
  return code;
}

static int test(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  static table_paths paths; /* large, and there is one */
  test_tally tally = {0};
  int file_count = 0;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND) argv[file_count++] = argv[reader.at - 1]; /* never overtakes the reader */
    if (what == 0) tally.is_quiet = 1;
    if (what == 1 && tables_take(self, &paths, reader.value) != EXIT_FINE) return EXIT_USAGE;
  }
  if (file_count == 0) return usage_wrong(self, "which file?");
  int worst = EXIT_FINE;
  for (int i = 0; i < file_count; i++) {
    int code = test_file(self, argv[i], &paths, &tally);
    if (code > worst) worst = code;
  }
  printf("%u passed, %u failed\n", tally.passed, tally.failed);
  if (fflush(stdout) != 0) return EXIT_FAILED;
  return worst;
}

const command_spec command_test = {
    .name = "test",
    .operands = "FILE...",
    .summary = "run the test blocks of rule files",
    .options = options,
    .details =
        "Tests run on a virtual clock and read no input. Tables are read from their files.\n"
        "exit code: 0 all pass; 1 one fails, or a file has errors; 2 usage; 3 a file cannot be read\n\n"
        "examples:\n"
        "  cep test rules.cep\n"
        "  cep test --quiet rules/*.cep\n",
    .run = test,
};
