/* gen_errors.c - the examples of docs/reference/errors.md, compiled as they are written. */
#include "gen_errors.h"

#include <stdlib.h>
#include <string.h>

#include "cep/cep.h"

#define PATH CEP_SOURCE_DIR "/cep/diag.examples"

typedef struct text {
  char *at;
  size_t len;
  size_t capacity;
} text;

static void add_bytes(text *to, const char *bytes, size_t len)
{
  if (to->capacity - to->len <= len) {
    to->capacity = 2 * (to->capacity + len + 1);
    to->at = realloc(to->at, to->capacity);
    if (!to->at) exit(3);
  }
  memcpy(to->at + to->len, bytes, len);
  to->len += len;
  to->at[to->len] = '\0';
}

static text read_examples(void)
{
  text all = {NULL, 0, 0};
  char block[4096];
  FILE *file = fopen(PATH, "rb");
  for (size_t len; file && (len = fread(block, 1, sizeof block, file)) > 0;) add_bytes(&all, block, len);
  if (file) fclose(file);
  return all;
}

/* ---- What is too long, or no text at all --------------------------------------------------- */

/* "<xFF>" a byte; "<1..9: text>" the text for each number, which '#' in it stands for, "#+1" for the next one.
 * Gives where to go on, NULL if there is no such sign here. */
static const char *expand_sign(const char *at, text *to)
{
  unsigned from = 0, end = 0;
  int len = 0;
  if (sscanf(at, "<x%2X>%n", &from, &len) == 1 && len > 0) {
    char byte = (char)from;
    add_bytes(to, &byte, 1);
    return at + len;
  }
  if (sscanf(at, "<%u..%u:%n", &from, &end, &len) != 2 || len == 0) return NULL;
  const char *body = at + len, *close = strchr(body, '>');
  if (!close) return NULL;
  for (unsigned number = from; number <= end; number++) {
    for (const char *c = body; c < close; c++) {
      char digits[16];
      int is_next = strncmp(c, "#+1", 3) == 0;
      if (*c == '#')
        add_bytes(to, digits, (size_t)snprintf(digits, sizeof digits, "%u", number + (is_next ? 1 : 0)));
      else
        add_bytes(to, c, 1);
      if (is_next) c += 2;
    }
  }
  return close + 1;
}

static text expand(const char *from, size_t len)
{
  text to = {NULL, 0, 0};
  add_bytes(&to, "", 0);
  for (const char *at = from, *next; at < from + len; at = next) {
    next = *at == '<' ? expand_sign(at, &to) : NULL;
    if (next) continue;
    add_bytes(&to, at, 1);
    next = at + 1;
  }
  return to;
}

/* ---- One example --------------------------------------------------------------------------- */

typedef struct listener {
  FILE *out;
  unsigned number; /* the only one that may come; 0: none may */
  unsigned heard;
  unsigned others;
} listener;

static const char *const severities[] = {[CEP_ERROR] = "error", [CEP_WARNING] = "warning", [CEP_NOTE] = "note"};

static void on_diagnostic(void *ctx, const cep_error *diagnostic)
{
  listener *told = ctx;
  if (diagnostic->code == told->number)
    told->heard++;
  else
    told->others++;
  if (diagnostic->code != told->number)
    fprintf(stderr, "%s: %u: found %u: %u:%u: %s\n", PATH, told->number, diagnostic->code, diagnostic->line, diagnostic->column,
            diagnostic->text);
  else
    fprintf(told->out, "    %u:%u: %s: %s\n", diagnostic->line, diagnostic->column, severities[diagnostic->severity], diagnostic->text);
}

static int compile(const char *from, size_t len, listener *told)
{
  cep_config *config;
  if (cep_config_new(NULL, &config) < 0) return 0;
  cep_config_set_diagnostics(config, on_diagnostic, told);
  cep_program *program = NULL;
  text whole = expand(from, len);
  cep_status status = cep_program_compile(config, "rules.cep", whole.at, whole.len, &program, NULL);
  cep_program_free(program);
  cep_config_free(config);
  free(whole.at);
  return status == CEP_OK;
}

static size_t without_blank_end(const char *from, size_t len)
{
  while (len > 1 && from[len - 1] == '\n' && from[len - 2] == '\n') len--;
  return len;
}

static void print_block(FILE *out, const char *from, size_t len)
{
  fprintf(out, "```rules\n%.*s```\n", (int)len, from);
}

/* `from` begins behind the number, with a title or the end of its line. */
static int print_example(FILE *out, unsigned number, const char *from, const char *end)
{
  const char *wrong = strchr(from, '\n') + 1, *mark = strstr(wrong, "-- right\n");
  if (wrong - from > 1) fprintf(out, "\n%.*s", (int)(wrong - from), from);
  if (!mark || mark >= end) {
    fprintf(stderr, "%s: an example of %u has no '-- right'\n", PATH, number);
    return 0;
  }
  const char *right = mark + strlen("-- right\n");
  size_t wrong_len = (size_t)(mark - wrong), right_len = without_blank_end(right, (size_t)(end - right));
  listener told = {out, number, 0, 0};
  fputs("\n", out);
  print_block(out, wrong, wrong_len);
  fputs("\n", out);
  (void)compile(wrong, wrong_len, &told);
  fputs("\n", out);
  print_block(out, right, right_len);
  if (told.heard == 0) fprintf(stderr, "%s: an example of %u does not give it\n", PATH, number);
  told.number = 0;
  int is_right = compile(right, right_len, &told);
  if (!is_right) fprintf(stderr, "%s: what is right at %u is wrong\n", PATH, number);
  return is_right && told.heard > 0 && told.others == 0;
}

/* ---- All ------------------------------------------------------------------------------------ */

static int print_number(FILE *out, const char *examples, unsigned number, cep_severity severity, const char *about)
{
  char head[16];
  int found = 0, is_good = 1, len = snprintf(head, sizeof head, "\n== %u", number);
  fprintf(out, "\n### %u\n\n%s: %s.\n", number, severity == CEP_ERROR ? "Error" : "Warning", about);
  for (const char *at = strstr(examples, head); at; at = strstr(at, head)) {
    at += len;
    const char *next = strstr(at, "\n== ");
    is_good &= print_example(out, number, at + (*at == ' '), next ? next + 1 : at + strlen(at));
    found++;
  }
  if (!found) fprintf(stderr, "%s: no example of %u: %s\n", PATH, number, about);
  return found && is_good;
}

int gen_errors(FILE *out)
{
  text all = read_examples();
  if (!all.at) {
    fprintf(stderr, "cannot read %s\n", PATH);
    return 0;
  }
  int is_good = 1;
  fputs("\n## Examples\n\n"
        "What is wrong, what is said of it, and what is right. `<xFF>` stands for a byte that is no text, `<1..9: f#: int >` for a text that\n"
        "stands there once for each number, with the number for `#` and the next one for `#+1`.\n",
        out);
#define D(number, severity, about) is_good &= print_number(out, all.at, number, severity, about);
#include "cep/diag.def"
#undef D
  free(all.at);
  return is_good;
}
