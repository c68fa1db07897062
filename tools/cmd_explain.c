/* cmd_explain.c - `cep explain`: what a rule file became. */
#include <stdio.h>

#include "commands.h"
#include "rules.h"

static const option_spec options[] = {
    {"plan", NULL, "what will be matched, as an indented tree", 0},
    {"nfa", NULL, "states and edges; which evaluator, and why", 0},
    {"dot", NULL, "states and edges, for Graphviz", 0},
    {"code", NULL, "bytecode, disassembled", 0},
    {NULL, NULL, NULL, 0},
};
static const cep_explain kinds[] = {CEP_EXPLAIN_PLAN, CEP_EXPLAIN_NFA, CEP_EXPLAIN_DOT, CEP_EXPLAIN_CODE};
#define KIND_COUNT ((int)(sizeof kinds / sizeof *kinds))

static cep_status to_stdout(void *ctx, const void *data, size_t data_len)
{
  (void)ctx;
  return fwrite(data, 1, data_len, stdout) == data_len ? CEP_OK : CEP_E_IO;
}

static int explain_file(const char *path, const int wanted[KIND_COUNT])
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  rule_file rules;
  int code = rules_load(&rules, config, path);
  for (int i = 0, shown = 0; i < KIND_COUNT && code == EXIT_FINE; i++) {
    if (!wanted[i]) continue;
    if (shown++) putchar('\n');
    cep_error err;
    if (cep_program_explain(rules.program, kinds[i], to_stdout, NULL, &err) == CEP_OK) continue;
    fprintf(stderr, "cep explain: %s\n", err.text);
    code = EXIT_FAILED;
  }
  if (fflush(stdout) != 0 && code == EXIT_FINE) code = EXIT_FAILED;
  rules_free(&rules);
  cep_config_free(config);
  return code;
}

static int explain(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  int wanted[KIND_COUNT] = {0}, any = 0;
  const char *path = NULL;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND && path) return usage_wrong(self, "one file at a time");
    if (what == OPTION_OPERAND) path = reader.value;
    if (what >= 0) any = wanted[what] = 1;
  }
  if (!path) return usage_wrong(self, "which file?");
  if (!any) wanted[0] = wanted[1] = 1;
  return explain_file(path, wanted);
}

const command_spec command_explain = {
    .name = "explain",
    .operands = "FILE",
    .summary = "show what a rule file became: plan, automaton, evaluator",
    .options = options,
    .details = "Without an option: --plan --nfa.\n"
               "exit code: 0 shown; 1 the file has errors; 2 usage; 3 reading or writing failed\n\n"
               "examples:\n"
               "  cep explain rules.cep\n"
               "  cep explain --dot rules.cep | dot -Tsvg > rules.svg\n",
    .run = explain,
};
