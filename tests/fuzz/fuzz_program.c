/* fuzz_program.c - any bytes as a program image: refused, or safe to print and to run. */
#include <stdlib.h>
#include <string.h>

#include "nfa/program.h"
#include "tests/support/program_use.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Size and checksum are made right: no mutation would find them, and a forger would. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  prg *program = NULL;
  uint8_t *image = malloc(size > 0 ? size : 1);
  if (!image) return 0;
  if (size > 0) memcpy(image, data, size);
  if (size >= sizeof(prg_header)) {
    prg_header header;
    memcpy(&header, image, sizeof header);
    header.size = size;
    header.checksum = cb_hash64(image + sizeof header, size - sizeof header);
    memcpy(image, &header, sizeof header);
  }
  cep_status status = prg_load(NULL, image, size, &program, NULL);
  if (status != CEP_OK && status != CEP_E_CORRUPT && status != CEP_E_VERSION) abort();
  free(image);
  if (program) program_use(program);
  prg_unref(program);
  return 0;
}
