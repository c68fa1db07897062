/* cep_main.c - `cep <command>`; the table of commands. */
#include <stdio.h>
#include <string.h>

#include "cep/cep.h"
#include "commands.h"
#include "describe.h"
#include "nearest.h"

static const command_spec *const commands[] = {&command_check, &command_run, &command_test, &command_explain,
                                               &command_import, &command_fmt, &command_lsp, &command_infer, &command_bench};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static void print_help(FILE *to)
{
  fprintf(to,
          "cep %s - finds patterns in streams of events.\n\nusage: cep COMMAND [options] ...\n\ncommands:\n",
          cep_version_string());
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    fprintf(to, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
  fprintf(to, "\n  cep COMMAND --help    options and exit codes of one command\n"
              "  cep --version         version and features\n"
              "\nexamples:\n"
              "  cep check rules.cep\n"
              "  cep test rules.cep\n"
              "  cep run rules.cep /var/log/auth.log\n"
              "  cep infer /var/log/auth.log > auth.cep\n"
              "  cep -e 'detect many by ip within 1m { match 5 FailedPassword as f }' /var/log/auth.log\n"
              "  journalctl -f | cep run rules.cep --input Sshd=-\n"
              "  cep explain rules.cep --dot | dot -Tsvg > rules.svg\n");
}

static void print_version(void)
{
  printf("cep %s\n", cep_version_string());
  printf("features: files pipes"
#ifdef CEP_WITH_JEMALLOC
         " jemalloc"
#endif
#ifdef CEP_EXPENSIVE_CHECKS
         " expensive-checks"
#endif
         "\n");
}

static void refuse_command(const char *name)
{
  size_t len = strlen(name);
  int is_rules = len > 4 && strcmp(name + len - 4, ".cep") == 0;
  nearest meant = nearest_begin(name, len);
  for (size_t i = 0; i < COMMAND_COUNT; i++) nearest_offer(&meant, commands[i]->name);
  fprintf(stderr, "cep: there is no command '%s'", name);
  nearest_tell(&meant, "cep ");
  fprintf(stderr, "\nTry: cep %s%s\n", is_rules ? "run " : "--help", is_rules ? name : "");
}

int main(int argc, char **argv)
{
  if (argc < 2) {
    print_help(stderr);
    return EXIT_USAGE;
  }
  const char *word = argv[1];
  if (strncmp(word, "-e", 2) == 0) return command_run.run(&command_run, argc, argv);
  if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
    print_version();
    return EXIT_FINE;
  }
  if (strcmp(word, "--tables") == 0) return describe_commands(commands, COMMAND_COUNT);
  if (strcmp(word, "--names") == 0 && argc == 4) return describe_names(argv[2], argv[3]);
  int wants_help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
  if (wants_help && argc < 3) {
    print_help(stdout);
    return EXIT_FINE;
  }
  char help[] = "--help";
  char *help_argv[] = {argv[1], help, NULL};
  const char *name = wants_help ? argv[2] : word;
  for (size_t i = 0; i < COMMAND_COUNT; i++) {
    if (strcmp(commands[i]->name, name) != 0) continue;
    return wants_help ? commands[i]->run(commands[i], 2, help_argv)
                      : commands[i]->run(commands[i], argc - 1, argv + 1);
  }
  refuse_command(name);
  return EXIT_USAGE;
}
