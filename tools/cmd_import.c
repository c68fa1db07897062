/* cmd_import.c - `cep import`: rules of other languages as rule text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cep/cep_lang.h"
#include "commands.h"
#include "tools/import/sql.h"

enum { OPTION_DIALECT, OPTION_STRICT };

static const option_spec options[] = {
    {"dialect", "standard|flink", "whose SQL it is, where they differ (standard)", 0},
    {"strict", NULL, "fail, without rules, if they would mean something else", 0},
    {NULL, NULL, NULL, 0},
};

/* The whole file, or NULL and errno. At most one byte more than an import takes. */
static char *read_all(const char *path, size_t *len)
{
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  char *text = file ? malloc(SQL_TEXT_MAX + 1) : NULL;
  if (!text) {
    if (file && file != stdin) fclose(file);
    return NULL;
  }
  *len = fread(text, 1, SQL_TEXT_MAX + 1, file);
  int is_read = !ferror(file);
  int cause = errno;
  if (file != stdin) fclose(file);
  if (is_read) return text;
  free(text);
  errno = cause;
  return NULL;
}

static void show(const char *path, const sql_remark *remark)
{
  static const char *const words[] = {"error", "changed", "note"};
  fprintf(stderr, "%s:%u:%u: %s: %s\n", path, remark->line, remark->column, words[remark->kind], remark->text);
}

static cep_status to_stdout(void *ctx, const void *data, size_t data_len)
{
  (void)ctx;
  return fwrite(data, 1, data_len, stdout) == data_len && fflush(stdout) == 0 ? CEP_OK : CEP_E_IO;
}

/* What is written must compile, and is laid out as rule files are. EXIT_WRONG: told. */
static int write_rules(const char *path, const sql_import *import)
{
  cep_config *config;
  cep_program *program = NULL;
  cep_error fault;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  int code = EXIT_FINE;
  if (cep_program_compile(config, "rules", import->rules, import->rules_len, &program, &fault) < 0) {
    fprintf(stderr, "%s: error: the rules would be wrong at line %u: %s\n", path, fault.line, fault.text);
    code = EXIT_WRONG;
  } else if (cep_format(config, "rules", import->rules, import->rules_len, to_stdout, NULL, &fault) < 0) {
    fprintf(stderr, "cep: cannot write: %s\n", fault.status == CEP_E_IO ? strerror(errno) : fault.text);
    code = EXIT_FAILED;
  }
  cep_program_free(program);
  cep_config_free(config);
  return code;
}

static int import_text(const char *path, const char *text, size_t len, sql_dialect dialect, int is_strict)
{
  sql_import import;
  int done = sql_import_text(&import, text, len, dialect), code = done == 0 ? EXIT_FINE : EXIT_WRONG;
  if (done < 0) {
    fprintf(stderr, "%s: out of memory\n", path);
    code = EXIT_FAILED;
  }
  for (uint32_t i = 0; done >= 0 && i < import.remark_count; i++) show(path, &import.remarks[i]);
  if (code == EXIT_FINE && is_strict && import.change_count) {
    fprintf(stderr, "%s: the rules would mean something else, and --strict\n", path);
    code = EXIT_WRONG;
  }
  if (code == EXIT_FINE) code = write_rules(path, &import);
  sql_import_free(&import);
  return code;
}

static int import(const command_spec *self, int argc, char **argv)
{
  option_reader reader = option_reader_start(self, argc, argv);
  int is_strict = 0, count = 0;
  sql_dialect dialect = SQL_STANDARD;
  for (int what; (what = option_next(&reader)) != OPTION_END;) {
    if (what == OPTION_HELP) return EXIT_FINE;
    if (what == OPTION_WRONG) return EXIT_USAGE;
    if (what == OPTION_OPERAND) argv[count++] = argv[reader.at - 1]; /* never overtakes the reader */
    if (what == OPTION_STRICT) is_strict = 1;
    if (what != OPTION_DIALECT) continue;
    if (strcmp(reader.value, "flink") == 0) dialect = SQL_FLINK;
    else if (strcmp(reader.value, "standard") != 0) return usage_wrong(self, "there is no dialect '%s'", reader.value);
  }
  if (count == 0 || strcmp(argv[0], "sql") != 0) return usage_wrong(self, "from which language? There is sql");
  if (count != 2) return usage_wrong(self, "one file, or -");
  const char *path = strcmp(argv[1], "-") == 0 ? "<stdin>" : argv[1];
  size_t len;
  char *text = read_all(argv[1], &len);
  if (!text) {
    fprintf(stderr, "cep: cannot read '%s': %s\n", path, strerror(errno));
    return EXIT_FAILED;
  }
  int code = import_text(path, text, len, dialect, is_strict);
  free(text);
  return code;
}

const command_spec command_import = {
    .name = "import",
    .operands = "sql FILE",
    .summary = "turn CREATE TABLE, MATCH_RECOGNIZE and GROUP BY TUMBLE into rules",
    .options = options,
    .details = "The rules go to standard output. On stderr stands, with its place in the SQL, what would\n"
               "mean something else (changed), what is worth knowing (note), and what cannot be said (error).\n\n"
               "exit code: 0 rules written; 1 the SQL is wrong or has no counterpart, or --strict and something\n"
               "changed; 2 usage; 3 a file cannot be read or written\n\n"
               "examples:\n"
               "  cep import sql ticker.sql > ticker.cep\n"
               "  cep import sql --dialect flink --strict jobs.sql | cep check -\n",
    .run = import,
};
