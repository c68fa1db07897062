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

/* "5m" where the number is a whole one of its unit. */
static void print_duration(FILE *out, int64_t value)
{
  static const struct {
    const char *name;
    int64_t ns;
  } units[] = {{"d", INT64_C(86400000000000)}, {"h", INT64_C(3600000000000)}, {"m", INT64_C(60000000000)}, {"s", INT64_C(1000000000)}};
  size_t unit = 0;
  while (unit < 3 && (value == 0 || value % units[unit].ns != 0)) unit++;
  fprintf(out, "%" PRId64 "%s", value / units[unit].ns, units[unit].name);
}

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
  else if (strcmp(type, "duration") == 0)
    print_duration(out, value);
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
        "with `KiB`, `MiB` or `GiB` behind it; a bool is `true` or `false`; a duration is written as in rules, `90s`, `1h30m`.\n\n"
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

/* What a letter of cep/base/signature.h takes, as a rule says it. */
static const char *argument_of(char letter)
{
  switch (letter) {
  case 'b': return "bool";
  case 'i': return "int";
  case 'f': return "float";
  case 's': return "string";
  case 't': return "time";
  case 'd': return "duration";
  case 'a': return "ip";
  case 'n': return "number";
  case 'm': return "number, time, duration or string";
  case 'x': return "any";
  case 'q': return "number, string or bool";
  case 'e': return "number, string or time";
  case 'l': return "number, string or duration";
  case 'j': return "string or ip";
  case 'h': return "string or int";
  case 'R': return "*regex*";
  case 'G': return "*group*";
  case 'T': return "*replacement*";
  case 'Z': return "*zone*";
  case 'J': return "*path*";
  case 'W':
  case 'P': return "*form*";
  case 'D': return "*duration*";
  default: return "?";
  }
}

typedef struct function {
  const char *name;
  const char *category;
  const char *arguments;
  const char *result;
  const char *text;
  const char *example;
  const char *value;
} function;

static const function functions[] = {
#define F(name, category, arguments, result, text, example, value)                                           \
  {#name, #category, arguments, result, text, example, value},
#include "patterns/builtin.def"
#undef F
};
#define FUNCTION_COUNT (sizeof functions / sizeof *functions)

/* A '|' would end the cell. */
static void print_cell(FILE *out, const char *text)
{
  for (; *text; text++) {
    if (*text == '|') fputc('\\', out);
    fputc(*text, out);
  }
}

static void print_function(FILE *out, const function *f)
{
  int is_open = 0;
  const char *between = "";
  fprintf(out, "| `%s` | ", f->name);
  for (const char *at = f->arguments; *at; at++) {
    if (*at == '[') {
      fputs(" [", out);
      is_open = 1;
    } else if (*at == '+') {
      fputs(", ...", out);
    } else {
      fprintf(out, "%s%s", between, argument_of(*at));
    }
    between = ", ";
  }
  char kind = f->result[0];
  fprintf(out, "%s | %s%s | ", is_open ? "]" : "", kind == 'n' || kind == 'm' ? "as the first" : argument_of(kind),
          f->result[1] ? "?" : "");
  print_cell(out, f->text);
  fputs(" | `", out);
  print_cell(out, f->example);
  fputs("` → `", out);
  print_cell(out, f->value);
  fputs("` |\n", out);
}

static int print_builtins(FILE *out)
{
  static const struct {
    const char *category;
    const char *title;
    const char *text;
  } parts[] = {
      {"TEXT", "Texts", "Places are counted from 0, in characters (code points of UTF-8; a byte that fits nowhere is one)."},
      {"REGEX", "Regular expressions",
       "PCRE2, as for `~`, with the same limit on its work: where that ends it, the value is null and the statistic\n"
       "REGEX_LIMIT counts it. A *regex*, *group* and *replacement* are constants."},
      {"ADDRESS", "Addresses and networks", "`in cidr` tests networks. An IPv4 address within IPv6 (`::ffff:10.0.0.1`) is the IPv4 address."},
      {"TIME", "Times, calendar, zones",
       "A *zone* is a constant: `\"UTC\"` (which holds if it is left out), an offset such as `\"+05:30\"`, or a name of the\n"
       "IANA database such as `\"Europe/Berlin\"`. What clocks show follows the rule that the zone has today, for all times:\n"
       "the library has no table of how clocks were set in other years. A time of day that comes twice is the first of the\n"
       "two; one that is skipped counts on from the clock before the change. A *form* is a constant of at most 128 bytes."},
      {"NUMBER", "Numbers", "`pow exp ln log10 log2 distance entropy` come from the C library, whose last digit may differ between versions; all\n"
                            "other results are the same on every machine. What is not finite is null."},
      {"CONVERT", "Conversions", "Null for what cannot be converted."},
      {"HASH", "Hashes", "Not for secrets: whoever chooses the values can choose the hash."},
      {"JSON", "JSON in texts", "A *path* is a constant. The text of the event before is not parsed again when it is the same."}};
  fprintf(out, "# Functions\n\n%s", made);
  fputs("Functions over values. A null argument gives null; `?` behind a result means that it may be null though no\n"
        "argument is. Results depend on nothing but the arguments: not on the machine's language, clock or zone. Arguments in\n"
        "*slanted* letters are constants, and judged when the rules are compiled; an int may stand where a float is asked for.\n\n"
        "Part of the language, see language.md: `coalesce(a, b, ...)`, the first that is not null; `if(c, a, b)`, a if the\n"
        "condition is true, else b; `nullif(a, b)`, null if they are equal, else a; `case when`; and what looks at captured\n"
        "events (`first last count sum avg min max stddev distinct prev`) or at those of a window (the same but `prev`, and\n"
        "`approx_distinct approx_percentile top`).\n",
        out);
  for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
    fprintf(out, "\n## %s\n\n%s\n\n| Function | Arguments | Result | Meaning | Example |\n|---|---|---|---|---|\n", parts[p].title, parts[p].text);
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
      if (strcmp(functions[i].category, parts[p].category) == 0) print_function(out, &functions[i]);
    }
  }
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
