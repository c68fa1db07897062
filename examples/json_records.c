/*
 * json_records.c - JSON lines from standard input through the rules of a file.
 *
 *   cc json_records.c $(pkg-config --cflags --libs cep) -o json_records
 *   ./json_records orders.cep Order < orders.ndjson
 *
 * Without arguments it runs rules and records of its own. Alerts go to standard output,
 * what was refused to standard error.
 */
#define _POSIX_C_SOURCE 200809L
#include <cep/cep.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char own_rules[] =
    "stream Order from stdin format json { time ts rfc3339  id: string  what: string }\n"
    "detect not_shipped by id within 2h {\n"
    "  match Order as placed where what == \"placed\"\n"
    "  then  no Order where what == \"shipped\"\n"
    "  emit  { order: id }\n"
    "}\n";

static const char *const own_records[] = {
    "{\"ts\":\"2026-01-02T08:00:00Z\",\"id\":\"A1\",\"what\":\"placed\"}",
    "{\"ts\":\"2026-01-02T08:10:00Z\",\"id\":\"A2\",\"what\":\"placed\"}",
    "{\"ts\":\"2026-01-02T09:00:00Z\",\"id\":\"A2\",\"what\":\"shipped\"}",
    "{\"ts\":\"2026-01-02T09:30:00Z\",\"id\":17}",
    "{\"ts\":\"2026-01-02T12:00:00Z\",\"id\":\"A3\",\"what\":\"placed\"}",
};

static cep_status print(void *ctx, const void *data, size_t len)
{
  return fwrite(data, 1, len, ctx) == len ? CEP_OK : CEP_E_IO;
}

static int on_match(void *ctx, const cep_match *match)
{
  (void)ctx;
  if (cep_match_write_json(match, print, stdout) < 0) return 1;
  return putchar('\n') == EOF;
}

static void on_refused(void *ctx, const cep_refused *refused)
{
  fprintf(stderr, "%s: record %llu: %s\n", (const char *)ctx, (unsigned long long)refused->position,
          refused->detail);
}

/* Standard input, or the records of this example. */
static cep_status feed(cep_input *input, int own, cep_error *err)
{
  cep_status status = CEP_OK;
  size_t count = sizeof own_records / sizeof *own_records;
  for (size_t i = 0; own && i < count && status >= 0; i++)
    status = cep_input_record(input, own_records[i], strlen(own_records[i]), CEP_POSITION_NEXT, err);
  char *line = NULL;
  size_t size = 0;
  ssize_t len;
  while (!own && status >= 0 && (len = getline(&line, &size, stdin)) > 0) {
    if (line[len - 1] == '\n') len--;
    status = cep_input_record(input, line, (size_t)len, CEP_POSITION_NEXT, err);
  }
  free(line);
  return status;
}

static char *read_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  size_t size = 0;
  if (!file) return NULL;
  if (getdelim(&text, &size, 0, file) < 0) perror(path);
  fclose(file);
  return text;
}

int main(int argc, char **argv)
{
  int own = argc < 3;
  char *name = own ? "orders.cep" : argv[1];
  char *text = own ? NULL : read_file(name);
  if (!own && !text) return 1;
  const char *rules = own ? own_rules : text;
  cep_error err = {0};
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_engine *engine = NULL;
  cep_input *input = NULL;
  cep_status status = cep_config_new(NULL, &config);
  if (status < 0) return 1;
  cep_config_set_dead_letter(config, on_refused, "refused");
  cep_config_set_late(config, on_refused, "late");
  status = cep_program_compile(config, name, rules, strlen(rules), &program, &err);
  if (status >= 0) status = cep_engine_new(config, program, on_match, NULL, &engine, &err);
  if (status >= 0) status = cep_engine_input(engine, own ? "Order" : argv[2], 0, &input, &err);
  if (status >= 0) status = feed(input, own, &err);
  if (status >= 0) status = cep_engine_finish(engine, &err);
  if (status < 0) fprintf(stderr, "%s:%u:%u: %s\n", name, err.line, err.column, err.text);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  free(text);
  return status < 0;
}
