/* inferred.c - declarations for files, made by tools/infer and tried. */
#include "inferred.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/infer/infer.h"

#define BLOCK        ((size_t)64 * 1024)
#define FIELDS_SHOWN 40

int inferred_file(inferred *self, const char *path)
{
  if (self->path_count == INPUTS_MAX) return usage_wrong(self->command, "more than %d files", INPUTS_MAX);
  self->paths[self->path_count++] = path;
  return EXIT_FINE;
}

static int read_file(inferred *self, const cep_config *config, const char *path, char *block)
{
  cep_error err;
  cep_reader *reader = NULL;
  cep_status status = cep_reader_open(config, path, &reader, &err);
  size_t len = 1;
  infer_file(self->model, path);
  while (status == CEP_OK && len > 0) {
    status = cep_reader_read(reader, block, BLOCK, &len, &err);
    if (status == CEP_OK && !infer_bytes(self->model, block, len)) break;
  }
  (void)infer_file_end(self->model);
  cep_reader_free(reader);
  return status < 0 ? command_failed(self->command, &err) : EXIT_FINE;
}

static int read_files(inferred *self, const cep_config *config)
{
  char *block = malloc(BLOCK);
  self->model = infer_new(self->path_count);
  int code = block && self->model ? EXIT_FINE : EXIT_FAILED;
  for (uint32_t i = 0; i < self->path_count && code == EXIT_FINE; i++) code = read_file(self, config, self->paths[i], block);
  free(block);
  if (code != EXIT_FINE) return code;
  const char *why = infer_finish(self->model);
  if (!why) return EXIT_FINE;
  fprintf(stderr, "cep %s: no declarations for \"%s\": %s\n", self->command->name, self->paths[0], why);
  return EXIT_WRONG;
}

/* ---- The order of all records -------------------------------------------------------------------- */

static int are_files(const inferred *self)
{
  for (uint32_t i = 0; i < self->path_count; i++) {
    struct stat of;
    if (strcmp(self->paths[i], "-") == 0 || stat(self->paths[i], &of) < 0 || !S_ISREG(of.st_mode)) return 0;
  }
  return 1;
}

static void on_scanned(void *ctx, const cep_scanned *scanned)
{
  *(cep_scanned *)ctx = *scanned;
}

static int no_match(void *ctx, const cep_match *match)
{
  (void)ctx;
  (void)match;
  return 0;
}

static int scan_with(const inferred *self, const cep_config *config, cep_scanned *scanned)
{
  cep_error err;
  cep_engine *engine = NULL;
  cep_pipeline *pipeline = NULL;
  cep_status status = cep_engine_new(config, self->program, no_match, NULL, &engine, &err);
  if (status == CEP_OK) status = cep_pipeline_new(config, engine, &pipeline, &err);
  for (uint32_t i = 0; i < self->path_count && status == CEP_OK; i++)
    status = cep_pipeline_source(pipeline, cep_program_input_name(self->program, 0), i, self->paths[i], &err);
  if (status == CEP_OK) status = cep_pipeline_scan(pipeline, on_scanned, scanned, &err);
  cep_pipeline_free(pipeline);
  cep_engine_free(engine);
  return status < 0 ? command_failed(self->command, &err) : EXIT_FINE;
}

static void on_diagnostic(void *ctx, const cep_error *diagnostic)
{
  if (diagnostic->severity != CEP_ERROR) return; /* there is no detection yet */
  fprintf(stderr, "cep %s: the declarations are wrong at line %u: %s\n", (const char *)ctx, diagnostic->line, diagnostic->text);
}

static int make_text(inferred *self, const infer_order *order)
{
  char name[INFER_NAME_MAX];
  infer_name(self->paths[0], name);
  self->text = infer_rules(self->model, self->name ? self->name : name, order, &self->text_len);
  return self->text ? EXIT_FINE : EXIT_FAILED;
}

/* A round one, as cep_pipeline_scan makes it. */
static int64_t lateness_of(int64_t worst)
{
  int64_t unit = worst < INT64_C(10000000000) ? 1000000 : 1000000000;
  return worst <= CEP_SCAN_MAX ? (worst + unit - 1) / unit * unit : 0;
}

/* With the declarations as they are without a lateness; then they are written once more. */
static int measure(inferred *self, cep_config *config)
{
  cep_error err;
  infer_order order;
  infer_sample_order(self->model, &order);
  int code = make_text(self, NULL);
  if (code != EXIT_FINE) return code;
  cep_config_set_diagnostics(config, on_diagnostic, (void *)(uintptr_t)self->command->name);
  cep_status status = cep_program_compile(config, "inferred", self->text, self->text_len, &self->program, &err);
  cep_config_set_diagnostics(config, NULL, NULL);
  if (status < 0) return EXIT_WRONG;
  if (!self->is_unscanned && are_files(self)) {
    cep_scanned scanned = {.size = 0};
    code = scan_with(self, config, &scanned);
    if (scanned.size > 0)
      order = (infer_order){.records = scanned.disorder.records,
                            .behind = scanned.disorder.behind,
                            .timeless = scanned.disorder.timeless,
                            .worst = scanned.disorder.worst,
                            .lateness = scanned.lateness,
                            .is_whole = 1};
  } else {
    order.lateness = lateness_of(order.worst);
  }
  return code == EXIT_FINE ? make_text(self, &order) : code;
}

int inferred_make(inferred *self)
{
  cep_config *config = NULL;
  if (cep_config_new(NULL, &config) < 0) return EXIT_FAILED;
  int code = read_files(self, config);
  if (code == EXIT_FINE) code = measure(self, config);
  cep_config_free(config);
  return code;
}

static int is_line_end(const char *text, size_t len, size_t at)
{
  return at == len || text[at] == '\n';
}

/* A name at the start of a line that begins with this word. */
static void show_names(const inferred *self, const char *word)
{
  size_t word_len = strlen(word);
  const char *before = word;
  for (size_t at = 0; at < self->text_len; at++) {
    if (self->text_len - at > word_len && memcmp(self->text + at, word, word_len) == 0) {
      size_t start = at + word_len, end = start;
      while (!is_line_end(self->text, self->text_len, end) && self->text[end] != ' ') end++;
      fprintf(stderr, "%s%.*s", before, (int)(end - start), self->text + start);
      before = ", ";
    }
    while (!is_line_end(self->text, self->text_len, at)) at++;
  }
  if (before != word) fputc('\n', stderr);
}

void inferred_show(const inferred *self)
{
  fprintf(stderr, "Inferred from %s ('cep infer' shows all of it):\n", self->paths[0]);
  for (uint32_t i = 0; i < cep_program_stream_count(self->program); i++) {
    fprintf(stderr, "stream %s:", cep_program_stream_name(self->program, i));
    for (uint32_t f = 0; f < cep_program_field_count(self->program, i); f++) {
      if (f == FIELDS_SHOWN) {
        fputs(" ...", stderr);
        break;
      }
      fprintf(stderr, " %s", cep_program_field_name(self->program, i, f));
    }
    fputc('\n', stderr);
  }
  show_names(self, "define ");
}

void inferred_free(inferred *self)
{
  cep_program_free(self->program);
  self->program = NULL;
  infer_free(self->model);
  self->model = NULL;
}
