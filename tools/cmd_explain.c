/* cmd_explain.c - `cep explain`: what a rule file became. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "explain_record.h"
#include "rules.h"

static const option_spec options[] = {
    {"plan", NULL, "what will be matched, as an indented tree", 0},
    {"automaton", NULL, "a picture of each automaton", 0},
    {"mermaid", NULL, "the same as a state diagram for Mermaid, which Git hosts draw", 0},
    {"nfa", NULL, "states and edges; which evaluator, and why", 0},
    {"dot", NULL, "states and edges, for Graphviz", 0},
    {"code", NULL, "bytecode, disassembled", 0},
    {"event", "PATH", "what a record of this file ('-': standard input) is to the rules: streams, steps, conditions, values", 0},
    {"record", "N", "which record: the Nth line, or @BYTE, the line there (a position that alerts show); else the first", 0},
    {"input", "NAME", "the input that it is a record of; else of each", 'i'},
    {"table", "NAME=PATH", "read this table from another file than the rules say", 0},
    {NULL, NULL, NULL, 0},
};
static const cep_explain kinds[] = {CEP_EXPLAIN_PLAN, CEP_EXPLAIN_AUTOMATON, CEP_EXPLAIN_MERMAID,
                                    CEP_EXPLAIN_NFA,  CEP_EXPLAIN_DOT,       CEP_EXPLAIN_CODE};
#define KIND_COUNT ((int)(sizeof kinds / sizeof *kinds))
enum { OPT_EVENT = KIND_COUNT, OPT_RECORD, OPT_INPUT, OPT_TABLE };

static cep_status to_stdout(void *ctx, const void *data, size_t data_len)
{
  (void)ctx;
  return fwrite(data, 1, data_len, stdout) == data_len ? CEP_OK : CEP_E_IO;
}

/* One number for each of `kinds`; of a detection alone only pictures are drawn. */
enum { PLAN, AUTOMATON, MERMAID, NFA };

/* `name` NULL: all detections. */
static int explain_file(const char *path, const char *name, const int wanted[KIND_COUNT])
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  rule_file rules;
  cep_detection_id detection = CEP_NONE;
  int code = rules_load(&rules, config, path);
  if (name && code == EXIT_FINE && !rules_find_detection("explain", path, rules.program, name, &detection)) code = EXIT_WRONG;
  for (int i = 0, shown = 0; i < KIND_COUNT && code == EXIT_FINE; i++) {
    if (!wanted[i]) continue;
    if (shown++) putchar('\n');
    cep_error err;
    cep_status status = name ? cep_program_explain_detection(rules.program, kinds[i], detection, to_stdout, NULL, &err)
                             : cep_program_explain(rules.program, kinds[i], to_stdout, NULL, &err);
    if (status == CEP_OK) continue;
    fprintf(stderr, "cep explain: %s\n", err.text);
    code = EXIT_FAILED;
  }
  if (fflush(stdout) != 0 && code == EXIT_FINE) code = EXIT_FAILED;
  rules_free(&rules);
  cep_config_free(config);
  return code;
}

static int explain_forms(const command_spec *self, const char *path, const char *name, int wanted[KIND_COUNT], int any)
{
  for (int i = 0; name && i < KIND_COUNT; i++) {
    if (wanted[i] && i != AUTOMATON && i != MERMAID)
      return usage_wrong(self, "--%s shows the whole file; of '%s' alone there is --automaton and --mermaid", options[i].name, name);
  }
  if (!any && name) wanted[AUTOMATON] = 1;
  if (!any && !name) wanted[PLAN] = wanted[NFA] = 1;
  return explain_file(path, name, wanted);
}

static int explain(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  int wanted[KIND_COUNT] = {0}, any = 0;
  static record_wish wish; /* large, and there is one */
  const char *path = NULL, *name = NULL;
  wish.self = self;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND && name) return usage_wrong(self, "one file at a time, and one detection of it");
    if (what == OPTION_OPERAND) *(path ? &name : &path) = reader.value;
    if (what >= 0 && what < KIND_COUNT) any = wanted[what] = 1;
    if (what == OPT_EVENT) wish.path = reader.value;
    if (what == OPT_RECORD) wish.which = reader.value;
    if (what == OPT_INPUT) wish.input = reader.value;
    if (what == OPT_TABLE && tables_take(self, &wish.tables, reader.value) != EXIT_FINE) return EXIT_USAGE;
  }
  if (!path) return usage_wrong(self, "which file?");
  if (!wish.path && (wish.which || wish.input)) return usage_wrong(self, "--record and --input go with --event PATH");
  if (!wish.path) return explain_forms(self, path, name, wanted, any);
  if (any) return usage_wrong(self, "--event stands alone");
  wish.detection = name;
  return explain_record(&wish, path);
}

const command_spec command_explain = {
    .name = "explain",
    .operands = "FILE [DETECTION]",
    .summary = "show what a rule file became: plan, automaton, evaluator",
    .options = options,
    .details = "Why did a rule not fire? --event shows what a record is to it.\n"
               "Without an option: --plan --nfa; with the name of a detection: --automaton.\n"
               "exit code: 0 shown; 1 the file has errors; 2 usage; 3 reading or writing failed\n\n"
               "examples:\n"
               "  cep explain rules.cep\n"
               "  cep explain rules.cep brute_force\n"
               "  cep explain rules.cep brute_force --event auth.log --record 12\n"
               "  cep explain --dot rules.cep | dot -Tsvg > rules.svg\n",
    .run = explain,
};
