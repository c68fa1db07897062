/* fuzz_program.c - any bytes as a program image: refused, or safe to print and to run. */
#include <stdlib.h>
#include <string.h>

#include "nfa/build.h"
#include "tests/support/program_run.h"
#include "tests/support/program_use.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a byte behind the text does to the image: so much is overwritten, there. */
typedef struct edit {
  uint8_t width; /* 1, 2, 4, 8 by its two lowest bits */
  uint8_t at[3];
  uint8_t value[4]; /* sign-extended */
} edit;

static void ignore(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

/* Size and checksum are made right: no mutation would find them, and a forger would. */
static void repair(uint8_t *image, size_t size)
{
  prg_header header;
  if (size < sizeof header) return;
  memcpy(&header, image, sizeof header);
  header.size = size;
  header.checksum = cb_hash64(image + sizeof header, size - sizeof header);
  memcpy(image, &header, sizeof header);
}

/* A block of just this size, so that a sanitizer sees one byte too many. */
static void try_image(const uint8_t *bytes, size_t size)
{
  prg *program = NULL;
  uint8_t *image = malloc(size > 0 ? size : 1);
  if (!image) return;
  if (size > 0) memcpy(image, bytes, size);
  repair(image, size);
  cep_status status = prg_load(NULL, image, size, &program, NULL);
  if (status != CEP_OK && status != CEP_E_CORRUPT && status != CEP_E_VERSION) abort();
  if (program) {
    program_use(program);
    program_run(program, image, size, size);
  }
  prg_unref(program);
  free(image);
}

static void apply(uint8_t *image, size_t size, const edit *it)
{
  uint32_t at = (uint32_t)it->at[0] | (uint32_t)it->at[1] << 8 | (uint32_t)it->at[2] << 16;
  uint32_t word = (uint32_t)it->value[0] | (uint32_t)it->value[1] << 8 | (uint32_t)it->value[2] << 16 | (uint32_t)it->value[3] << 24;
  int64_t value = (int32_t)word;
  size_t width = (size_t)1 << (it->width & 3), room = size - sizeof(prg_header);
  if (room < width) return;
  memcpy(image + sizeof(prg_header) + at % (room - width + 1) / width * width, &value, width);
}

/* Rule text, a zero byte, and changes of the image that it gives. */
static void try_text(const uint8_t *data, size_t size)
{
  const uint8_t *zero = memchr(data, 0, size);
  size_t text_len = zero ? (size_t)(zero - data) : size;
  cb_alloc alloc;
  cb_arena arena;
  cb_writer image;
  plan *meaning = NULL;
  cep_error err;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  cb_writer_init(&image, &alloc);
  cep_status status = plan_compile(&arena, "fuzz", (const char *)data, text_len, ignore, NULL, &meaning, &err);
  if (status == CEP_OK) status = nfa_build(&alloc, meaning, &image, &err);
  for (size_t at = text_len + 1; status == CEP_OK && at + sizeof(edit) <= size; at += sizeof(edit)) {
    edit one;
    memcpy(&one, data + at, sizeof one);
    apply(image.data, image.len, &one);
  }
  if (status == CEP_OK) try_image(image.data, image.len);
  cb_writer_fini(&image);
  cb_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint32_t magic = 0;
  if (size >= sizeof magic) memcpy(&magic, data, sizeof magic);
  if (magic == PRG_MAGIC) try_image(data, size);
  else try_text(data, size);
  return 0;
}
