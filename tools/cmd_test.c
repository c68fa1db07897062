/* cmd_test.c - `cep test`: runs the test blocks of rule files. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "commands.h"
#include "coverage.h"
#include "junit.h"
#include "tables.h"
#include "watch.h"

enum { OPT_QUIET, OPT_COVERAGE, OPT_FILTER, OPT_JUNIT, OPT_WATCH, OPT_TABLE, OPT_EVALUATOR };
static const option_spec options[] = {
    [OPT_QUIET] = {"quiet", NULL, "only tests that fail, and the count", 'q'},
    [OPT_COVERAGE] = {"coverage", NULL, "what the tests reach of steps, conditions and outputs, and what they do not", 0},
    [OPT_FILTER] = {"filter", "TEXT", "only tests whose \"DETECTION: NAME\" has this in it, or fits it, if it has * or ?", 0},
    [OPT_JUNIT] = {"junit", "PATH", "the results as the XML of JUnit, too", 0},
    [OPT_WATCH] = {"watch", NULL, "run again whenever a file changes; end with Ctrl-C", 0},
    [OPT_TABLE] = {"table", "NAME=PATH", "read this table from another file than the rules say", 0},
    [OPT_EVALUATOR] = {"evaluator", "NAME", NULL, 0},
    {NULL, NULL, NULL, 0},
};

typedef struct test_session {
  const command_spec *self;
  table_paths tables;
  const char *filter;
  const char *evaluator; /* NULL: what fits best */
  const char *junit_path;
  int is_quiet;
  int counts_coverage;
  coverage coverage;
  watch_list *watched; /* NULL: not --watch */
  const rule_file *rules;
  junit junit;
  unsigned passed;
  unsigned failed;
} test_session;

static int is_wanted(void *ctx, const char *detection, const char *name)
{
  const test_session *session = ctx;
  char both[1024];
  if (!session->filter) return 1;
  snprintf(both, sizeof both, "%s: %s", detection, name);
  if (strpbrk(session->filter, "*?")) return fnmatch(session->filter, both, 0) == 0;
  return strstr(both, session->filter) != NULL;
}

static void on_result(void *ctx, const cep_test_result *result)
{
  test_session *session = ctx;
  junit_result(&session->junit, result);
  if (result->passed) {
    session->passed++;
    if (!session->is_quiet) printf("ok    %s: \"%s\"\n", result->detection, result->name);
    return;
  }
  session->failed++;
  printf("FAIL  %s: \"%s\"\n", result->detection, result->name);
  printf("      %s:%u:%u\n", session->rules->path, result->line, result->column);
  printf("      expected %s\n", result->expected);
  printf("      got      %s\n", result->got);
}

static void on_covered(void *ctx, const cep_coverage *item)
{
  test_session *session = ctx;
  coverage_item(&session->coverage, item);
}

/* Rows of all tables; the file of each must be there. */
static int read_tables(test_session *session, cep_table_rows *rows)
{
  const rule_file *rules = session->rules;
  int is_read = 1;
  for (uint32_t i = 0; i < cep_program_table_count(rules->program) && is_read; i++) {
    char *path = tables_path(&session->tables, rules, i), *bytes = NULL;
    size_t len = 0;
    if (path && session->watched) watch_add(session->watched, path);
    is_read = path && rules_read_file(path, &bytes, &len);
    if (!is_read)
      fprintf(stderr, "%s: that is the file of table '%s'; --table %s=PATH reads another one\n", rules->path,
              cep_program_table_name(rules->program, i), cep_program_table_name(rules->program, i));
    rows[i] = (cep_table_rows){cep_program_table_name(rules->program, i), bytes, len};
    free(path);
  }
  return is_read;
}

static int run_tests(test_session *session)
{
  const rule_file *rules = session->rules;
  uint32_t failed = 0, tables = cep_program_table_count(rules->program);
  cep_table_rows *rows = calloc(tables + 1, sizeof *rows);
  cep_error err;
  int code = rows && read_tables(session, rows) ? EXIT_FINE : EXIT_FAILED;
  if (code == EXIT_FINE) {
    const cep_test_options wanted = {.size = sizeof wanted,
                                     .tables = rows,
                                     .table_count = tables,
                                     .wants = is_wanted,
                                     .report = on_result,
                                     .covered = session->counts_coverage ? on_covered : NULL,
                                     .ctx = session};
    cep_status status = cep_program_test_run(rules->program, &wanted, &failed, &err);
    coverage_end(&session->coverage);
    err.severity = CEP_ERROR;
    if (status < 0) rules_show(rules, &err);
    if (status < 0) junit_error(&session->junit, err.text);
    if (status < 0 || failed) code = EXIT_WRONG;
  } else {
    junit_error(&session->junit, "the file of a table could not be read");
  }
  for (uint32_t i = 0; rows && i < tables; i++) free((void *)(uintptr_t)rows[i].data);
  free(rows);
  return code;
}

static int test_file(test_session *session, const char *path)
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  rule_file rules = {0};
  junit_suite(&session->junit, path);
  int code = session->evaluator ? evaluator_take(session->self, config, session->evaluator) : EXIT_FINE;
  if (code == EXIT_FINE) code = rules_load(&rules, config, path);
  session->rules = &rules;
  if (code != EXIT_FINE) junit_error(&session->junit, "the rules have errors, or could not be read");
  if (code == EXIT_FINE && cep_program_test_count(rules.program) == 0)
    fprintf(stderr, "%s: has no test\n", rules.path);
  if (code == EXIT_FINE) code = tables_check(session->self, &session->tables, &rules);
  if (code == EXIT_FINE) code = run_tests(session);
  junit_suite_end(&session->junit);
  rules_free(&rules);
  cep_config_free(config);
  return code;
}

static int test_files(test_session *session, char **paths, int count)
{
  int worst = EXIT_FINE;
  session->passed = session->failed = 0;
  session->coverage = (coverage){.missing = NULL};
  if (session->junit_path && !junit_begin(&session->junit)) return EXIT_FAILED;
  for (int i = 0; i < count; i++) {
    if (session->watched) watch_add(session->watched, paths[i]);
    int code = test_file(session, paths[i]);
    if (code > worst) worst = code;
  }
  if (session->counts_coverage && count > 1) coverage_print_all(&session->coverage);
  printf("%u passed, %u failed\n", session->passed, session->failed);
  if (session->junit_path && !junit_write(&session->junit, session->junit_path)) worst = EXIT_FAILED;
  if (worst == EXIT_FINE && session->filter && session->passed == 0) {
    fprintf(stderr, "cep test: no test fits --filter '%s'\n", session->filter);
    worst = EXIT_WRONG;
  }
  return fflush(stdout) == 0 ? worst : EXIT_FAILED;
}

/* Until a signal ends the program, or standard output is gone. */
static int test_again_and_again(test_session *session, char **paths, int count)
{
  static watch_list watched; /* large, and there is one */
  session->watched = &watched;
  for (;;) {
    watch_clear(&watched);
    int code = test_files(session, paths, count);
    if (ferror(stdout)) return EXIT_FAILED;
    if (code == EXIT_USAGE) return code;
    printf("%s has changed\n", watch_wait(&watched));
  }
}

static int test(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  static test_session session; /* large, and there is one */
  int file_count = 0, is_watching = 0;
  session.self = self;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    switch (what) {
    case OPTION_HELP: return EXIT_FINE;
    case OPTION_WRONG: return EXIT_USAGE;
    case OPTION_OPERAND: argv[file_count++] = argv[reader.at - 1]; break; /* never overtakes the reader */
    case OPT_QUIET: session.is_quiet = 1; break;
    case OPT_COVERAGE: session.counts_coverage = 1; break;
    case OPT_FILTER: session.filter = reader.value; break;
    case OPT_EVALUATOR: session.evaluator = reader.value; break;
    case OPT_JUNIT: session.junit_path = reader.value; break;
    case OPT_WATCH: is_watching = 1; break;
    case OPT_TABLE:
      if (tables_take(self, &session.tables, reader.value) != EXIT_FINE) return EXIT_USAGE;
      break;
    }
  }
  if (file_count == 0) return usage_wrong(self, "which file?");
  for (int i = 0; i < file_count && is_watching; i++)
    if (strcmp(argv[i], "-") == 0) return usage_wrong(self, "standard input cannot be watched");
  return is_watching ? test_again_and_again(&session, argv, file_count) : test_files(&session, argv, file_count);
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
        "  cep test --quiet rules/*.cep\n"
        "  cep test --junit results.xml rules/*.cep\n"
        "  cep test --watch --filter 'brute*' rules.cep\n",
    .run = test,
};
