/* fuzz_lsp.c - any bytes as what an editor sends, or as a rule file that it asks everything about: every answer is whole. */
#include <stddef.h>
#include <stdint.h>

#include "tests/support/lsp_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  cb_alloc alloc;
  cb_prng prng;
  lsp_server *server = NULL;
  cep_status status;
  const char *text = (const char *)data;
  cb_alloc_init(&alloc, NULL, (size_t)256 * 1024 * 1024);
  cb_prng_init(&prng, size > 0 ? data[size - 1] + size : 0);
  CB_ASSERT(lsp_server_new(&alloc, &server) == CEP_OK);
  if (size > 0 && data[0] == 'C') {
    CB_ASSERT(lsp_session_feed(server, &prng, text, size, &status));
  } else {
    CB_ASSERT(lsp_session_play(server, &prng, text, size, &status));
    CB_ASSERT(status == CEP_OK || status == CEP_E_NOMEM);
  }
  lsp_server_free(server);
  CB_ASSERT(alloc.bytes_in_use == 0);
  return 0;
}
