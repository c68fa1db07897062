/* options.c - command lines from tables. */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nearest.h"

static void print_help(const command_spec *command)
{
  printf("usage: cep %s [options] %s\n\n%s\n\noptions:\n", command->name, command->operands,
         command->summary);
  for (const option_spec *o = command->options; o->name; o++) {
    char left[64];
    if (!o->text) continue;
    snprintf(left, sizeof left, "%c%c%s --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
             o->letter ? "," : " ", o->name, o->value ? " " : "", o->value ? o->value : "");
    printf("  %-30s %s\n", left, o->text);
  }
  printf("  %-30s %s\n", "-h, --help", "this text");
  if (command->details) printf("\n%s", command->details);
}

int usage_wrong(const command_spec *command, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fprintf(stderr, "cep %s: ", command->name);
  vfprintf(stderr, format, args);
  fprintf(stderr, "\nTry: cep %s --help\n", command->name);
  va_end(args);
  return EXIT_USAGE;
}

option_reader option_reader_start(const command_spec *command, int argc, char **argv)
{
  return (option_reader){.command = command, .argv = argv, .argc = argc, .at = 1};
}

static int find_long(const command_spec *command, const char *name, size_t len)
{
  for (int i = 0; command->options[i].name; i++)
    if (strlen(command->options[i].name) == len && memcmp(command->options[i].name, name, len) == 0) return i;
  return OPTION_WRONG;
}

static int find_letter(const command_spec *command, char letter)
{
  for (int i = 0; command->options[i].name; i++)
    if (command->options[i].letter == letter) return i;
  return OPTION_WRONG;
}

/* `value` is what stood behind '=' or the letter; NULL: the next argument, if one is needed. */
static int with_value(option_reader *reader, int index, const char *value)
{
  const option_spec *option = &reader->command->options[index];
  if (option->value && !value && reader->at < reader->argc) value = reader->argv[reader->at++];
  if (option->value && !value) {
    if (option->letter) usage_wrong(reader->command, "-%c, --%s needs a value: %s", option->letter, option->name, option->value);
    else usage_wrong(reader->command, "--%s needs a value: %s", option->name, option->value);
    return OPTION_WRONG;
  }
  if (!option->value && value) {
    usage_wrong(reader->command, "--%s takes no value", option->name);
    return OPTION_WRONG;
  }
  reader->value = value;
  return index;
}

static void refuse_option(const command_spec *command, const char *word)
{
  size_t dashes = word[1] == '-' ? 2 : 1;
  nearest meant = nearest_begin(word + dashes, strcspn(word + dashes, "="));
  for (const option_spec *o = command->options; o->name; o++)
    if (o->text) nearest_offer(&meant, o->name);
  fprintf(stderr, "cep %s: there is no option '%.*s'", command->name, (int)strcspn(word, "="), word);
  nearest_tell(&meant, "--");
  fprintf(stderr, "\nTry: cep %s --help\n", command->name);
}

int option_next(option_reader *reader)
{
  if (reader->at >= reader->argc) return OPTION_END;
  const char *word = reader->argv[reader->at++];
  reader->value = word;
  if (reader->only_operands || word[0] != '-' || word[1] == 0) return OPTION_OPERAND;
  if (strcmp(word, "--") == 0) {
    reader->only_operands = 1;
    return option_next(reader);
  }
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
    print_help(reader->command);
    return OPTION_HELP;
  }
  const char *value = NULL;
  int index;
  if (word[1] == '-') {
    value = strchr(word, '=');
    index = find_long(reader->command, word + 2, value ? (size_t)(value - word) - 2 : strlen(word + 2));
    if (value) value++;
  } else {
    index = find_letter(reader->command, word[1]);
    if (word[2]) value = word + 2;
  }
  if (index >= 0) return with_value(reader, index, value);
  refuse_option(reader->command, word);
  return OPTION_WRONG;
}
