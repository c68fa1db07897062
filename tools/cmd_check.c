/* cmd_check.c - `cep check`: are these rule files right? */
#include <stdio.h>

#include "commands.h"
#include "rules.h"

static const option_spec options[] = {
    {"strict", NULL, "warnings are errors", 0},
    {NULL, NULL, NULL, 0},
};

static int check_file(const char *path, int is_strict)
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  rule_file rules;
  int code = rules_load(&rules, config, path);
  if (code == EXIT_FINE && rules.warnings) {
    fprintf(stderr, "%s: %u warning%s%s\n", rules.path, rules.warnings, rules.warnings == 1 ? "" : "s", is_strict ? ", and --strict" : "");
    if (is_strict) code = EXIT_WRONG;
  }
  rules_free(&rules);
  cep_config_free(config);
  return code;
}

static int check(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  int is_strict = 0, file_count = 0;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND) argv[file_count++] = argv[reader.at - 1]; /* never overtakes the reader */
    if (what == 0) is_strict = 1;
  }
  if (file_count == 0) return usage_wrong(self, "which file?");
  int worst = EXIT_FINE;
  for (int i = 0; i < file_count; i++) {
    int code = check_file(argv[i], is_strict);
    if (code > worst) worst = code;
  }
  return worst;
}

const command_spec command_check = {
    .name = "check",
    .operands = "FILE...",
    .summary = "compile rule files and show what is wrong with them",
    .options = options,
    .details = "exit code: 0 all right; 1 a file has errors; 2 usage; 3 a file cannot be read\n\n"
               "examples:\n"
               "  cep check rules.cep\n"
               "  cep check --strict rules/*.cep\n",
    .run = check,
};
