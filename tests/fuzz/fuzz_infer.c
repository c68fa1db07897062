/* fuzz_infer.c - any bytes as a file, in pieces: refused, or declarations that compile, and the same again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cep/cep.h"
#include "tools/infer/infer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static infer *read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
  infer *model = infer_new(1);
  if (!model) abort();
  infer_file(model, "some \"file\".log");
  for (size_t at = 0; at < size; at += piece)
    if (!infer_bytes(model, (const char *)data + at, size - at < piece ? size - at : piece)) break;
  (void)infer_file_end(model);
  return model;
}

static void compile(const char *text, size_t len)
{
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_error err;
  if (cep_config_new(NULL, &config) < 0) abort();
  if (cep_program_compile(config, "inferred", text, len, &program, &err) < 0) {
    fprintf(stderr, "%s\nline %u: %s\n", text, err.line, err.text);
    abort();
  }
  cep_program_free(program);
  cep_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  infer *one = read_in_pieces(data, size, 4096), *other = read_in_pieces(data, size, 77);
  const char *why = infer_finish(one), *other_why = infer_finish(other);
  if (!why != !other_why) abort();
  if (!why) {
    infer_order order;
    size_t len, other_len, bare_len;
    infer_sample_order(one, &order);
    order.lateness = order.worst / 1000000 * 1000000;
    const char *text = infer_rules(one, "Name", &order, &len), *same = infer_rules(other, "Name", &order, &other_len);
    if (!text || !same || len != other_len || memcmp(text, same, len) != 0) abort();
    compile(text, len);
    text = infer_rules(one, "a b", NULL, &bare_len);
    if (!text) abort();
    compile(text, bare_len);
  }
  infer_free(one);
  infer_free(other);
  return 0;
}
