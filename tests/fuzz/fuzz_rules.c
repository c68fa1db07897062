/* fuzz_rules.c - any bytes as rule text: refused with places inside it, or compiled, explained, saved and loaded; no byte leaks. */
#include <stdlib.h>
#include <string.h>

#include "cep/cep.h"

typedef struct image {
  uint8_t *bytes;
  size_t len;
} image;

/* Counts, so that a build without a sanitizer sees a leak too. */
static void *resize(void *ctx, void *ptr, size_t size_old, size_t size_new)
{
  size_t *in_use = ctx;
  void *now = NULL;
  if (size_new == 0) free(ptr);
  else if (!(now = realloc(ptr, size_new))) return NULL;
  *in_use += size_new - size_old;
  return now;
}

static cep_status append(void *ctx, const void *data, size_t data_len)
{
  image *image_out = ctx;
  uint8_t *bytes = realloc(image_out->bytes, image_out->len + data_len + 1);
  if (!bytes) return CEP_E_NOMEM;
  memcpy(bytes + image_out->len, data, data_len);
  image_out->bytes = bytes;
  image_out->len += data_len;
  return CEP_OK;
}

static void on_diagnostic(void *ctx, const cep_error *diagnostic)
{
  const size_t *size = ctx;
  if (!memchr(diagnostic->text, 0, sizeof diagnostic->text) || diagnostic->text[0] == 0) abort();
  if (diagnostic->line == 0) return;
  if ((size_t)diagnostic->offset + diagnostic->length > *size + 1 || diagnostic->column == 0) abort();
}

static void look_at(const cep_config *config, cep_program *program)
{
  for (cep_explain what = CEP_EXPLAIN_PLAN; what <= CEP_EXPLAIN_MERMAID; what++) {
    image text = {NULL, 0};
    if (cep_program_explain(program, what, append, &text, NULL) != CEP_OK) abort();
    free(text.bytes);
  }
  image saved = {NULL, 0}, again = {NULL, 0};
  if (cep_program_save(program, append, &saved, NULL) != CEP_OK) abort();
  cep_program *loaded = NULL;
  if (cep_program_load(config, saved.bytes, saved.len, &loaded, NULL) != CEP_OK) abort();
  if (cep_program_save(loaded, append, &again, NULL) != CEP_OK) abort();
  if (saved.len != again.len || memcmp(saved.bytes, again.bytes, saved.len) != 0) abort();
  cep_program_free(loaded);
  free(saved.bytes);
  free(again.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_error err;
  size_t in_use = 0;
  const cep_allocator hook = {resize, &in_use};
  if (cep_config_new(&hook, &config) != CEP_OK) return 0;
  cep_config_set_diagnostics(config, on_diagnostic, &size);
  cep_status status = cep_program_compile(config, "fuzz", (const char *)data, size, &program, &err);
  if (status == CEP_OK)
    look_at(config, program);
  else if (err.text[0] == 0)
    abort();
  cep_program_free(program);
  cep_config_free(config);
  if (in_use != 0) abort();
  return 0;
}
