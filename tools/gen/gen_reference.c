/* gen_reference.c - writes docs/reference/{config,stats,errors,builtins}.md from the .def tables and cep/diag.examples. */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cep/cep.h"
#include "gen_errors.h"

static const char made[] = "<!-- Made by tools/gen/gen_reference.c; do not edit. -->\n\n";

/* ---- Settings ------------------------------------------------------------------------ */

/* "1GiB" where the number is a whole one of its unit. */
static void print_number(FILE *out, const char *type, int64_t value)
{
  static const char *const units[] = {"", "KiB", "MiB", "GiB"};
  unsigned unit = 0;
  if (value == INT64_MAX) {
    fputs("no limit", out);
    return;
  }
  while (strcmp(type, "size") == 0 && unit < 3 && value != 0 && value % 1024 == 0) {
    value /= 1024;
    unit++;
  }
  if (strcmp(type, "bool") == 0)
    fputs(value ? "true" : "false", out);
  else
    fprintf(out, "%" PRId64 "%s", value, units[unit]);
}

static void print_setting(FILE *out, const char *key, const char *type, int64_t initial, int64_t min,
                          int64_t max, const char *text)
{
  fprintf(out, "| `%s` | %s | ", key, type);
  print_number(out, type, initial);
  fputs(" | ", out);
  print_number(out, type, min);
  fputs(" | ", out);
  print_number(out, type, max);
  fprintf(out, " | %s |\n", text);
}

static int print_config(FILE *out)
{
  fprintf(out, "# Settings\n\n%s", made);
  fputs("Set with `cep_config_set(config, key, value, &err)`, the value as text. A size is a number of "
        "bytes, or one\n"
        "with `KiB`, `MiB` or `GiB` behind it; a bool is `true` or `false`.\n\n"
        "| Key | Type | Default | Least | Most | Meaning |\n|---|---|---|---|---|---|\n",
        out);
#define C(key, member, type, initial, min, max, text) print_setting(out, key, #type, initial, min, max, text);
#include "cep/config.def"
#undef C
  return 1;
}

/* ---- Statistics ------------------------------------------------------------------------ */

static int print_stats(FILE *out)
{
  fprintf(out, "# Statistics\n\n%s", made);
  fputs(
      "Read with `cep_engine_stat(engine, CEP_STAT_<name>, index)`. The index is that of the input, stream "
      "or\n"
      "detection that the scope names; `CEP_NONE` gives the sum over all, and is the only one of the "
      "engine's own.\n\n"
      "Every record ends in exactly one place:\n"
      "`RECORDS_READ = RECORDS_DEAD + RECORDS_LATE + RECORDS_FILTERED + RECORDS_UNKEYED + RECORDS_USED`.\n\n"
      "| Name | Scope | Unit | Meaning |\n|---|---|---|---|\n",
      out);
#define T(name, scope, unit, text) fprintf(out, "| `%s` | %s | %s | %s |\n", #name, #scope, unit, text);
#include "cep/stats.def"
#undef T
  return 1;
}

/* ---- Errors ---------------------------------------------------------------------------- */

static const char *severity_of(cep_severity severity)
{
  switch (severity) {
  case CEP_ERROR: return "error";
  case CEP_WARNING: return "warning";
  case CEP_NOTE: return "note";
  }
  return "?";
}

static int print_errors(FILE *out)
{
  fprintf(out, "# Statuses and diagnostics\n\n%s", made);
  fputs("## Statuses\n\nBelow zero: the call failed and changed nothing. Above zero: done, and there is "
        "something to know.\n\n"
        "| Status | Number | Meaning |\n|---|---|---|\n",
        out);
#define S(name, text) fprintf(out, "| `%s` | %d | %s |\n", #name, (int)(name), text);
#include "cep/status.def"
#undef S
  fputs("\n## Diagnostics of rule files\n\n"
        "`cep_error.code` is the number. The message names what was found; this is what it is about.\n\n"
        "| Number | Severity | About |\n|---|---|---|\n",
        out);
#define D(number, severity, text)                                                                            \
  fprintf(out, "| [%d](#%d) | %s | %s |\n", (int)(number), (int)(number), severity_of(severity), text);
#include "cep/diag.def"
#undef D
  return gen_errors(out);
}

/* ---- Functions ----------------------------------------------------------------------------- */

static const char *kind_of(char letter)
{
  switch (letter) {
  case 'i': return "int";
  case 'f': return "float";
  case 's': return "string";
  case 'n': return "int or float";
  case 'b': return "bool";
  case 't': return "time";
  case 'd': return "duration";
  case 'a': return "ip";
  default: return "?";
  }
}

static void print_function(FILE *out, const char *name, const char *arguments, char result, const char *text)
{
  fprintf(out, "| `%s` | ", name);
  for (const char *at = arguments; *at; at++) {
    if (*at == '+')
      fputs(", ...", out);
    else
      fprintf(out, "%s%s", at == arguments ? "" : ", ", kind_of(*at));
  }
  fprintf(out, " | %s | %s |\n", result == 'n' ? "as the argument" : kind_of(result), text);
}

static int print_builtins(FILE *out)
{
  fprintf(out, "# Functions\n\n%s", made);
  fputs("Functions over the values of one event. A null argument gives null. `coalesce(a, b, ...)`, the "
        "first that is\n"
        "not null, and the functions over captured events (`first last count sum avg min max prev`) are part "
        "of the\n"
        "language: see language.md.\n\n"
        "| Function | Arguments | Result | Meaning |\n|---|---|---|---|\n",
        out);
#define F(name, arguments, result, text) print_function(out, #name, arguments, result, text);
#include "patterns/builtin.def"
#undef F
  return 1;
}

/* ---- Files ---------------------------------------------------------------------------------- */

static int write_page(const char *folder, const char *name, int (*print)(FILE *out))
{
  char path[4096];
  int len = snprintf(path, sizeof path, "%s/%s", folder, name);
  if (len < 0 || (size_t)len >= sizeof path) return 0;
  FILE *out = fopen(path, "w");
  int is_right = out && print(out), is_written = out && !ferror(out);
  if (out && fclose(out) != 0) is_written = 0;
  if (!is_written) fprintf(stderr, "gen_reference: %s: %s\n", path, strerror(errno));
  return is_right && is_written;
}

int main(int argc, char **argv)
{
  if (argc != 2) {
    fputs("usage: gen_reference FOLDER\n", stderr);
    return 2;
  }
  int ok = write_page(argv[1], "config.md", print_config) & write_page(argv[1], "stats.md", print_stats) &
           write_page(argv[1], "errors.md", print_errors) &
           write_page(argv[1], "builtins.md", print_builtins);
  return ok ? 0 : 1;
}
