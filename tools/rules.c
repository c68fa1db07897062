/* rules.c - reading rule files and showing what is wrong with them. */
#include "rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nearest.h"
#include "options.h"
#include "terminal.h"

/* A longer line is shown without its ends: minified or hostile text would flood the screen. */
#define NO_DETECTION 347 /* the diagnostic: said also of what was inferred, for it is about what is not there */
#define SHOWN_MAX 160

typedef struct paint_set {
  const char *bold;
  const char *error;
  const char *warning;
  const char *note;
  const char *off;
} paint_set;

static const paint_set *choose_paint(void)
{
  static const paint_set plain = {"", "", "", "", ""};
  static const paint_set colour = {"\033[1m", "\033[1;31m", "\033[1;35m", "\033[1;36m", "\033[0m"};
  return terminal_colours(STDERR_FILENO) ? &colour : &plain;
}

static void put_carets(const char *line, size_t column, size_t len, const char *colour, const char *off)
{
  size_t step;
  for (size_t i = 0; i < column; i += step ? step : 1) {
    step = terminal_step(line + i, column - i);
    fputc(' ', stderr);
  }
  fprintf(stderr, "%s^", colour);
  for (size_t i = column; i < column + len; i += step ? step : 1) {
    step = terminal_step(line + i, column + len - i);
    if (i > column) fputc('~', stderr);
  }
  fprintf(stderr, "%s\n", off);
}

static void show_source(const rule_file *rules, const cep_error *diagnostic, const char *colour,
                        const char *off)
{
  size_t offset = diagnostic->offset;
  if (diagnostic->line == 0 || offset > rules->text_len) return;
  size_t start = offset, end = offset;
  while (start > 0 && rules->text[start - 1] != '\n') start--;
  while (end < rules->text_len && rules->text[end] != '\n' && rules->text[end] != '\r') end++;
  if (end - start > SHOWN_MAX) {
    if (offset - start > SHOWN_MAX / 2) start = offset - SHOWN_MAX / 2;
    if (end - start > SHOWN_MAX) end = start + SHOWN_MAX;
    while (start < offset && ((unsigned char)rules->text[start] & 0xC0) == 0x80) start++;
  }
  size_t len = diagnostic->length;
  if (len > end - offset) len = end - offset; /* carets stay on the first line */
  fputs("  ", stderr);
  terminal_put(stderr, rules->text + start, end - start);
  fputs("\n  ", stderr);
  put_carets(rules->text + start, offset - start, len, colour, off);
}

void rules_show(const rule_file *rules, const cep_error *diagnostic)
{
  const paint_set *paint = choose_paint();
  const char *word = "error", *colour = paint->error;
  if (diagnostic->severity == CEP_WARNING) {
    word = "warning";
    colour = paint->warning;
  } else if (diagnostic->severity == CEP_NOTE) {
    word = "note";
    colour = paint->note;
  }
  int is_given = rules->given > 0 && diagnostic->line > 0 && diagnostic->offset >= rules->given;
  uint32_t line = diagnostic->line;
  for (size_t i = 0; is_given && i < rules->given; i++) line -= rules->text[i] == '\n';
  fprintf(stderr, "%s%s:", paint->bold, is_given ? "-e" : rules->path);
  if (line) fprintf(stderr, "%u:%u:", line, diagnostic->column);
  fprintf(stderr, "%s %s%s:%s ", paint->off, colour, word, paint->off);
  terminal_put(stderr, diagnostic->text, strlen(diagnostic->text));
  fputc('\n', stderr);
  show_source(rules, diagnostic, colour, paint->off);
}

static void on_diagnostic(void *ctx, const cep_error *diagnostic)
{
  rule_file *rules = ctx;
  int is_of_nobody = rules->is_inferred && diagnostic->offset < rules->given;
  if (is_of_nobody && diagnostic->severity != CEP_ERROR && diagnostic->code != NO_DETECTION) return;
  if (diagnostic->severity == CEP_ERROR) rules->errors++;
  if (diagnostic->severity == CEP_WARNING) rules->warnings++;
  rules_show(rules, diagnostic);
}

/* The whole file, in memory that doubles: a pipe has no size. */
static int read_all(FILE *file, char **text, size_t *len)
{
  size_t capacity = 0;
  for (;;) {
    if (capacity - *len < 4096) {
      capacity = capacity ? 2 * capacity : 16384;
      char *more = realloc(*text, capacity);
      if (!more) return 0;
      *text = more;
    }
    size_t count = fread(*text + *len, 1, capacity - *len, file);
    *len += count;
    if (count == 0) return !ferror(file);
  }
}

int rules_read_file(const char *path, char **text, size_t *len)
{
  int is_stdin = strcmp(path, "-") == 0;
  FILE *file = is_stdin ? stdin : fopen(path, "rb");
  *text = NULL;
  *len = 0;
  int is_read = file && read_all(file, text, len);
  if (!is_read) fprintf(stderr, "cep: cannot read \"%s\": %s\n", path, strerror(errno));
  if (file && !is_stdin) fclose(file);
  return is_read;
}

static int compile(rule_file *rules, cep_config *config)
{
  cep_config_set_diagnostics(config, on_diagnostic, rules);
  cep_error err;
  cep_status status =
      cep_program_compile(config, rules->path, rules->text, rules->text_len, &rules->program, &err);
  cep_config_set_diagnostics(config, NULL, NULL);
  if (status >= 0) return EXIT_FINE;
  if (rules->errors == 0) { /* no memory, a limit: not the text's mistake, so not a diagnostic */
    err.severity = CEP_ERROR;
    rules_show(rules, &err);
  }
  return EXIT_WRONG;
}

int rules_load(rule_file *rules, cep_config *config, const char *path)
{
  memset(rules, 0, sizeof *rules);
  rules->path = path;
  if (!rules_read_file(path, &rules->text, &rules->text_len)) return EXIT_FAILED;
  if (strcmp(path, "-") == 0) rules->path = "<stdin>";
  return compile(rules, config);
}

int rules_load_text(rule_file *rules, cep_config *config, const char *text, size_t len, const char *given)
{
  size_t given_len = given ? strlen(given) : 0;
  rules->text_len = len + 1 + given_len;
  rules->text = malloc(rules->text_len);
  if (!rules->text) return EXIT_FAILED;
  memcpy(rules->text, text, len);
  rules->text[len] = '\n';
  if (given) memcpy(rules->text + len + 1, given, given_len);
  rules->given = given ? len + 1 : 0;
  return compile(rules, config);
}

void rules_free(rule_file *rules)
{
  cep_program_free(rules->program);
  free(rules->text);
  rules->program = NULL;
  rules->text = NULL;
}

int rules_find_detection(const char *command, const char *where, const cep_program *program, const char *name, cep_detection_id *out)
{
  uint32_t count = cep_program_detection_count(program);
  nearest meant = nearest_begin(name, strlen(name));
  for (*out = 0; *out < count; ++*out) {
    const char *one = cep_program_detection_name(program, *out);
    if (strcmp(one, name) == 0) return 1;
    nearest_offer(&meant, one);
  }
  *out = CEP_NONE;
  fprintf(stderr, "cep %s: there is no detection '%s' in %s", command, name, where);
  nearest_tell(&meant, "");
  fputc('\n', stderr);
  return 0;
}
