/* cmd_infer.c - `cep infer`: declarations for files that nobody has described. */
#include <stdio.h>

#include "commands.h"
#include "inferred.h"

enum { OPT_NAME, OPT_NO_SCAN };
static const option_spec options[] = {
    [OPT_NAME] = {"name", "NAME", "what the input and its stream are called; else as the first file", 'n'},
    [OPT_NO_SCAN] = {"no-scan", NULL, "do not look through whole files for the order of their times", 0},
    {NULL, NULL, NULL, 0},
};

static int run_command(const command_spec *self, int argc, char **argv)
{
  static inferred found; /* large, and there is one */
  option_reader reader = option_reader_start(self, argc, argv);
  int code = EXIT_FINE, what;
  found.command = self;
  while (code == EXIT_FINE && (what = option_next(&reader)) != OPTION_END) {
    switch (what) {
    case OPTION_OPERAND: code = inferred_file(&found, reader.value); break;
    case OPT_NAME: found.name = reader.value; break;
    case OPT_NO_SCAN: found.is_unscanned = 1; break;
    case OPTION_HELP: return EXIT_FINE;
    default: code = EXIT_USAGE; break;
    }
  }
  if (code == EXIT_FINE && found.path_count == 0) code = usage_wrong(self, "which file? '-' is standard input");
  if (code == EXIT_FINE) code = inferred_make(&found);
  if (code == EXIT_FINE && (fwrite(found.text, 1, found.text_len, stdout) != found.text_len || fflush(stdout) != 0)) {
    fprintf(stderr, "cep infer: cannot write\n");
    code = EXIT_FAILED;
  }
  inferred_free(&found);
  return code;
}

const command_spec command_infer = {
    .name = "infer",
    .operands = "FILE...",
    .summary = "the declarations of a log that nobody has described, to standard output",
    .options = options,
    .details = "JSON lines, CSV, logfmt and log lines are told apart by what is in them; what is packed by\n"
               "gzip or zstd is unpacked. Several files are parts of one input.\n"
               "exit code: 0 done; 1 nothing can be declared; 2 usage; 3 reading or writing failed\n\n"
               "examples:\n"
               "  cep infer /var/log/auth.log > auth.cep\n"
               "  head -1000 events.json | cep infer - --name Events\n"
               "  cep -e 'detect many by ip within 1m { match 5 FailedPassword as f }' /var/log/auth.log\n",
    .run = run_command,
};
