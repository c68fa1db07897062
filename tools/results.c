/* results.c - figures of a bench, a line of JSON each; reading them is a rule like any other. */
#include "results.h"

#include <stdlib.h>
#include <string.h>

#include "cep/cep_io.h"

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

result result_of(const char *name, double *rounds, size_t count)
{
  result of = {.median = 0};
  snprintf(of.name, sizeof of.name, "%s", name);
  if (count == 0) return of;
  qsort(rounds, count, sizeof *rounds, compare);
  of.median = count % 2 ? rounds[count / 2] : (rounds[count / 2 - 1] + rounds[count / 2]) / 2;
  of.min = rounds[0];
  of.max = rounds[count - 1];
  return of;
}

void result_write(FILE *to, const result *of)
{
  fputs("{\"at\":0,\"name\":\"", to);
  for (const char *c = of->name; *c; c++) {
    if (*c == '"' || *c == '\\') fputc('\\', to);
    fputc(*c, to);
  }
  fprintf(to, "\",\"median\":%.9g,\"min\":%.9g,\"max\":%.9g", of->median, of->min, of->max);
}

static const char rules[] =
    "stream Result format json { time at s  name: string  median: float  min: float  max: float }\n"
    "detect each unbounded {\n"
    "  match Result as r\n"
    "  emit { name: r.name, median: r.median, min: r.min, max: r.max }\n"
    "}\n";

static int take(void *ctx, const cep_match *match)
{
  results *self = ctx;
  result *grown = realloc(self->items, (self->count + 1) * sizeof *grown);
  if (!grown) return 1;
  self->items = grown;
  result *of = &grown[self->count++];
  const cep_value *name = cep_match_value(match, 0, NULL);
  snprintf(of->name, sizeof of->name, "%.*s", (int)name->length, name->as.s);
  of->median = cep_match_value(match, 1, NULL)->as.f;
  of->min = cep_match_value(match, 2, NULL)->as.f;
  of->max = cep_match_value(match, 3, NULL)->as.f;
  return 0;
}

int results_read(results *self, const char *path)
{
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_engine *engine = NULL;
  cep_pipeline *pipeline = NULL;
  cep_error err = {0};
  cep_status status = cep_config_new(NULL, &config);
  if (status == CEP_OK)
    status = cep_program_compile(config, "results", rules, sizeof rules - 1, &program, &err);
  if (status == CEP_OK) status = cep_engine_new(config, program, take, self, &engine, &err);
  if (status == CEP_OK) status = cep_pipeline_new(config, engine, &pipeline, &err);
  if (status == CEP_OK) status = cep_pipeline_source(pipeline, "Result", 0, path, &err);
  if (status == CEP_OK) status = cep_pipeline_run(pipeline, &err);
  if (status == CEP_OK && cep_engine_stat(engine, CEP_STAT_RECORDS_DEAD, CEP_NONE) > 0) {
    snprintf(err.text, sizeof err.text, "\"%s\" is no file of results", path);
    status = CEP_E_INVALID;
  }
  if (status != CEP_OK)
    fprintf(stderr, "%s\n", status < 0 && err.text[0] ? err.text : cep_status_text(status));
  cep_pipeline_free(pipeline);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  return status == CEP_OK;
}

void results_free(results *self)
{
  free(self->items);
  *self = (results){0};
}

const result *results_find(const results *self, const char *name)
{
  for (size_t i = 0; i < self->count; i++)
    if (strcmp(self->items[i].name, name) == 0) return &self->items[i];
  return NULL;
}

const char *result_verdict(const result *now, const result *then)
{
  if (now->max < then->min) return "worse";
  return now->min > then->max ? "better" : "same";
}
