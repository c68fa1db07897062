/* fuzz_format.c - any bytes as a rule file: refused, or laid out with the same tokens, comments and plan, once and for all. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tests/support/format_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  cb_alloc alloc;
  cb_arena arena;
  cb_prng prng;
  int is_laid_out;
  cb_alloc_init(&alloc, NULL, (size_t)256 * 1024 * 1024);
  cb_arena_init(&arena, &alloc);
  cb_prng_init(&prng, size > 0 ? data[size - 1] : 0);
  CB_ASSERT(format_check(&arena, (const char *)data, size, &is_laid_out) == NULL);
  if (is_laid_out) {
    const char *shaken = format_shake(&arena, &prng, (const char *)data, size);
    CB_ASSERT(format_check(&arena, shaken, strlen(shaken), NULL) == NULL);
  }
  cb_arena_fini(&arena);
  CB_ASSERT(alloc.bytes_in_use == 0);
  return 0;
}
