/* describe.c - what the command says of itself to programs: for manual pages and completion. */
#include "describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cep/cep.h"
#include "rules.h"

/* Texts of the tables are ASCII and have no control character but the line end. */
static void print_member(const char *name, const char *text, const char *end)
{
  printf("\"%s\":", name);
  if (!text) {
    printf("null%s", end);
    return;
  }
  putchar('"');
  for (; *text; text++) {
    if (*text == '\n') {
      fputs("\\n", stdout);
      continue;
    }
    if (*text == '"' || *text == '\\') putchar('\\');
    putchar(*text);
  }
  printf("\"%s", end);
}

static void print_option(const option_spec *option, int is_first)
{
  char letter[2] = {option->letter, 0};
  fputs(is_first ? "{" : ",\n  {", stdout);
  print_member("name", option->name, ",");
  print_member("letter", option->letter ? letter : NULL, ",");
  print_member("value", option->value, ",");
  print_member("text", option->text, "}");
}

int describe_commands(const command_spec *const *commands, size_t count)
{
  printf("[");
  for (size_t i = 0; i < count; i++) {
    const command_spec *command = commands[i];
    fputs(i == 0 ? "{" : ",\n{", stdout);
    print_member("name", command->name, ",");
    print_member("operands", command->operands, ",");
    print_member("summary", command->summary, ",");
    print_member("details", command->details, ",\n \"options\":[");
    int shown = 0;
    for (const option_spec *option = command->options; option->name; option++) {
      if (option->text) print_option(option, shown++ == 0); /* without a text: hidden */
    }
    printf("]}");
  }
  printf("]\n");
  return ferror(stdout) ? EXIT_FAILED : EXIT_FINE;
}

typedef const char *(*name_fn)(const cep_program *program, uint32_t index);

static cep_program *compile(const char *path)
{
  char *text = NULL;
  size_t len = 0;
  FILE *file = fopen(path, "rb"); /* quietly: rules_read_file would tell */
  if (!file) return NULL;
  fclose(file);
  cep_program *program = NULL;
  cep_config *config = NULL;
  if (rules_read_file(path, &text, &len) && cep_config_new(NULL, &config) == CEP_OK)
    (void)cep_program_compile(config, path, text, len, &program, NULL);
  cep_config_free(config);
  free(text);
  return program;
}

int describe_names(const char *kind, const char *path)
{
  static const struct {
    const char *kind;
    name_fn name;
  } kinds[] = {{"detections", cep_program_detection_name}, {"inputs", cep_program_input_name}, {"tables", cep_program_table_name}};
  cep_program *program = compile(path);
  for (size_t i = 0; program && i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].kind, kind) != 0) continue;
    const char *name;
    for (uint32_t n = 0; (name = kinds[i].name(program, n)) != NULL; n++) puts(name);
  }
  cep_program_free(program);
  return EXIT_FINE;
}
