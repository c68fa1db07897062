/* fuzz_cases.c - any bytes as the choices of a program and its events: engine and reference agree. */
#include <stdlib.h>

#include "tests/conformance/random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte: one case in four runs in every way that must not matter, too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0) return 0;
  cb_prng prng;
  cb_prng_init_tape(&prng, data + 1, size - 1);
  gen_case it;
  gen_program(&it, &prng);
  cb_alloc alloc;
  cb_arena arena;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  const char *wrong = rnd_judge(&arena, &it, data[0], data[0] % 4 != 0, NULL);
  int differs = wrong && wrong != RND_INVALID && wrong != RND_UNSUPPORTED && wrong != RND_TOO_BIG;
  cb_arena_fini(&arena);
  if (alloc.bytes_in_use != 0) abort();
  if (!differs) return 0;
  rnd_show(&it, data[0], "fuzz_cases");
  abort();
}
