/* junit.c - results of tests in the XML of JUnit, which build servers read. */
#include "junit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double clock_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Control characters have no place in XML, not even as references. */
static void put_text(FILE *to, const char *text)
{
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '<' || c == '>' || c == '&' || c == '"')
      fprintf(to, "&#%d;", c);
    else
      fputc(c < ' ' && c != '\n' && c != '\t' ? '?' : c, to);
  }
}

static void put_attribute(FILE *to, const char *name, const char *text)
{
  fprintf(to, " %s=\"", name);
  put_text(to, text);
  fputc('"', to);
}

int junit_begin(junit *out)
{
  *out = (junit){.tests = 0};
  out->memory = open_memstream(&out->text, &out->len);
  out->all = open_memstream(&out->all_text, &out->all_len);
  return out->memory && out->all;
}

void junit_suite(junit *out, const char *file)
{
  if (!out->memory) return;
  rewind(out->memory);
  out->file = file;
  out->tests = out->failures = out->errors = 0;
  out->then = clock_seconds();
}

static void put_case(junit *out, const char *name, const char *class)
{
  double now = clock_seconds();
  fputs("    <testcase", out->memory);
  put_attribute(out->memory, "classname", class);
  put_attribute(out->memory, "name", name);
  fprintf(out->memory, " time=\"%.6f\"", now - out->then);
  out->then = now;
  out->tests++;
}

void junit_result(junit *out, const cep_test_result *result)
{
  if (!out->memory) return;
  put_case(out, result->name, result->detection);
  if (result->passed) {
    fputs("/>\n", out->memory);
    return;
  }
  out->failures++;
  fputs(">\n      <failure", out->memory);
  put_attribute(out->memory, "message", result->got);
  fputc('>', out->memory);
  put_text(out->memory, out->file);
  fprintf(out->memory, ":%u:%u\nexpected ", result->line, result->column);
  put_text(out->memory, result->expected);
  fputs("\ngot      ", out->memory);
  put_text(out->memory, result->got);
  fputs("</failure>\n    </testcase>\n", out->memory);
}

void junit_error(junit *out, const char *why)
{
  if (!out->memory) return;
  put_case(out, "rules", "cep");
  out->errors++;
  fputs(">\n      <error", out->memory);
  put_attribute(out->memory, "message", why);
  fputs("/>\n    </testcase>\n", out->memory);
}

void junit_suite_end(junit *out)
{
  if (!out->memory || fflush(out->memory) != 0) return;
  fputs("  <testsuite", out->all);
  put_attribute(out->all, "name", out->file);
  fprintf(out->all, " tests=\"%u\" failures=\"%u\" errors=\"%u\">\n", out->tests, out->failures, out->errors);
  fwrite(out->text, 1, out->len, out->all);
  fputs("  </testsuite>\n", out->all);
}

int junit_write(junit *out, const char *path)
{
  int is_written = fclose(out->memory) == 0;
  is_written &= fclose(out->all) == 0;
  FILE *file = fopen(path, "w");
  is_written = is_written && file && fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", file) >= 0 &&
               fwrite(out->all_text, 1, out->all_len, file) == out->all_len && fputs("</testsuites>\n", file) >= 0;
  if (file && fclose(file) != 0) is_written = 0;
  if (!is_written) fprintf(stderr, "cep test: cannot write \"%s\": %s\n", path, strerror(errno));
  free(out->text);
  free(out->all_text);
  return is_written;
}
