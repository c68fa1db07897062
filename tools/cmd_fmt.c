/* cmd_fmt.c - `cep fmt`: rule files in their canonical layout. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cep/cep_lang.h"
#include "commands.h"
#include "diff.h"
#include "rules.h"

static const option_spec options[] = {
    {"write", NULL, "write the files instead of standard output, those that change", 'i'},
    {"check", NULL, "write nothing; name the files that would change, with exit code 1", 0},
    {"diff", NULL, "show what would change", 0},
    {NULL, NULL, NULL, 0},
};
enum { WRITE, CHECK, DIFF, OPTION_COUNT };

/* The laid out text as it comes. */
typedef struct layout {
  char *text;
  size_t len;
} layout;

static cep_status keep_text(void *ctx, const void *data, size_t data_len)
{
  layout *out = ctx;
  out->text = malloc(data_len + 1);
  if (!out->text) return CEP_E_NOMEM;
  memcpy(out->text, data, data_len);
  out->len = data_len;
  return CEP_OK;
}

static void show(void *ctx, const cep_error *diagnostic)
{
  rules_show(ctx, diagnostic);
}

static int failed(const char *path, const char *what)
{
  fprintf(stderr, "cep fmt: %s: %s: %s\n", path, what, strerror(errno));
  return EXIT_FAILED;
}

/* Beside the file, then in its place: whoever reads it meanwhile sees the old text or the new one, all of it. */
static int replace_file(const char *path, const layout *out)
{
  struct stat about;
  char *real = realpath(path, NULL), *beside = NULL;
  int file = -1, code = EXIT_FAILED;
  if (!real || stat(real, &about) != 0) goto done;
  beside = malloc(strlen(real) + sizeof ".XXXXXX");
  if (!beside) goto done;
  sprintf(beside, "%s.XXXXXX", real);
  file = mkstemp(beside);
  if (file < 0 || fchmod(file, about.st_mode & 07777) != 0) goto done;
  for (size_t at = 0; at < out->len;) {
    ssize_t written = write(file, out->text + at, out->len - at);
    if (written < 0) goto done;
    at += (size_t)written;
  }
  if (fsync(file) == 0 && rename(beside, real) == 0) code = EXIT_FINE;
done:
  if (code != EXIT_FINE) failed(path, "cannot be written");
  if (file >= 0) close(file);
  if (file >= 0 && code != EXIT_FINE) unlink(beside);
  free(beside);
  free(real);
  return code;
}

static int give_out(const rule_file *rules, const char *path, const layout *out, const int asked[OPTION_COUNT])
{
  int is_changed = out->len != rules->text_len || memcmp(out->text, rules->text, out->len) != 0;
  if (asked[DIFF]) {
    diff_text before = {rules->path, rules->text, rules->text_len}, after = {rules->path, out->text, out->len};
    if (!diff_print(stdout, &before, &after)) return failed(path, "cannot be shown");
  }
  if (asked[CHECK]) {
    if (is_changed && !asked[DIFF]) puts(rules->path);
    return is_changed ? EXIT_WRONG : EXIT_FINE;
  }
  if (asked[WRITE]) return is_changed ? replace_file(path, out) : EXIT_FINE;
  if (!asked[DIFF]) fwrite(out->text, 1, out->len, stdout);
  return EXIT_FINE;
}

static int format_file(const char *path, const int asked[OPTION_COUNT])
{
  rule_file rules = {.path = strcmp(path, "-") == 0 ? "<stdin>" : path};
  layout out = {NULL, 0};
  cep_config *config = NULL;
  cep_error err;
  int code = EXIT_FAILED;
  if (!rules_read_file(path, &rules.text, &rules.text_len) || cep_config_new(NULL, &config) < 0) goto done;
  cep_config_set_diagnostics(config, show, &rules);
  cep_status status = cep_format(config, rules.path, rules.text, rules.text_len, keep_text, &out, &err);
  if (status == CEP_OK) {
    code = give_out(&rules, path, &out, asked);
  } else if (err.line > 0) {
    code = EXIT_WRONG; /* told, with its place */
  } else {
    fprintf(stderr, "cep fmt: %s\n", err.text);
  }
done:
  cep_config_free(config);
  free(out.text);
  free(rules.text);
  return code;
}

static int fmt(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  int asked[OPTION_COUNT] = {0}, file_count = 0, worst = EXIT_FINE;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND) argv[file_count++] = argv[reader.at - 1]; /* never overtakes the reader */
    if (what >= 0) asked[what] = 1;
  }
  if (asked[WRITE] && asked[CHECK]) return usage_wrong(self, "--check writes nothing: leave out one of --write and --check");
  char input[] = "-";
  if (file_count == 0) argv[file_count++] = input;
  for (int i = 0; i < file_count; i++) {
    if (asked[WRITE] && strcmp(argv[i], "-") == 0) return usage_wrong(self, "--write needs files; standard input goes to standard output");
    int code = format_file(argv[i], asked);
    if (code > worst) worst = code;
  }
  if (fflush(stdout) != 0 || ferror(stdout)) return failed("standard output", "cannot be written");
  return worst;
}

const command_spec command_fmt = {
    .name = "fmt",
    .operands = "[FILE...]",
    .summary = "lay out rule files as all rule files are laid out",
    .options = options,
    .details = "Without FILE, or with -, standard input. The result goes to standard output, if nothing else is said.\n"
               "A file with mistakes is left as it is, and the mistakes are shown.\n\n"
               "exit code: 0 done; 1 a file has mistakes, or with --check would change; 2 usage; 3 reading or writing failed\n\n"
               "examples:\n"
               "  cep fmt rules.cep\n"
               "  cep fmt --write rules/*.cep\n"
               "  cep fmt --check --diff rules/*.cep\n",
    .run = fmt,
};
