/* cmd_test.c - `cep test`: runs the test blocks of rule files. */
#include <stdio.h>

#include "commands.h"
#include "rules.h"

static const option_spec options[] = {
    {"quiet", NULL, "only tests that fail, and the count", 'q'},
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

static int test_file(const char *path, test_tally *tally)
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  rule_file rules;
  int code = rules_load(&rules, config, path);
  tally->rules = &rules;
  if (code == EXIT_FINE && cep_program_test_count(rules.program) == 0)
    fprintf(stderr, "%s: has no test\n", rules.path);
  if (code == EXIT_FINE) {
    uint32_t failed = 0;
    cep_error err;
    cep_status status = cep_program_test(rules.program, on_result, tally, &failed, &err);
    if (status < 0) rules_show(&rules, &err);
    if (status < 0 || failed) code = EXIT_WRONG;
  }
  rules_free(&rules);
  cep_config_free(config);
  return code;
}

static int test(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  test_tally tally = {0};
  int file_count = 0;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND) argv[file_count++] = argv[reader.at - 1]; /* never overtakes the reader */
    if (what == 0) tally.is_quiet = 1;
  }
  if (file_count == 0) return usage_wrong(self, "which file?");
  int worst = EXIT_FINE;
  for (int i = 0; i < file_count; i++) {
    int code = test_file(argv[i], &tally);
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
        "Tests run on a virtual clock and read no input.\n"
        "exit code: 0 all pass; 1 one fails, or a file has errors; 2 usage; 3 a file cannot be read\n\n"
        "examples:\n"
        "  cep test rules.cep\n"
        "  cep test --quiet rules/*.cep\n",
    .run = test,
};
