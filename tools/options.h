/*
 * options.h - command lines from tables.
 *
 * Contract
 *   Long options "--name VALUE" or "--name=VALUE", flags "--name", one-letter forms where
 *   the table has one; "--" ends them; "-" alone is an operand. Options may follow
 *   operands. The same table gives the help text, so the two cannot differ.
 *   No getopt: it keeps its place in globals and prints messages of its own; argp is
 *   glibc's alone and ends the process with codes that are not ours.
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

typedef struct option_spec {
  const char *name;  /* without the dashes; NULL ends a table */
  const char *value; /* what the help calls it; NULL: a flag */
  const char *text;  /* NULL: not in the help */
  char letter; /* 0: none */
} option_spec;

typedef struct command_spec command_spec;
struct command_spec {
  const char *name;
  const char *operands; /* as the usage line shows them */
  const char *summary;
  const option_spec *options;
  const char *details; /* printed below the options: exit codes, examples */
  int (*run)(const command_spec *self, int argc, char **argv);
};

/* Exit codes of every command. */
enum { EXIT_FINE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_FAILED = 3 };

typedef struct option_reader {
  const command_spec *command;
  char **argv;
  int argc;
  int at;
  int only_operands;
  const char *value; /* of the option or operand just read */
} option_reader;

enum { OPTION_END = -1, OPTION_OPERAND = -2, OPTION_WRONG = -3, OPTION_HELP = -4 };

/* argv[0] is the command's name. */
option_reader option_reader_start(const command_spec *command, int argc, char **argv);
/* The index of an option in the table, or one of the words above. OPTION_WRONG has been
 * told on stderr, OPTION_HELP has been answered on stdout. */
int option_next(option_reader *reader);
/* Tells what is wrong with the command line, and how to get help. Gives EXIT_USAGE. */
int usage_wrong(const command_spec *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
