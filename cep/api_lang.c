/* api_lang.c - rule text laid out; the language server as cep_lang.h shows it. */
#include "cep/cep_lang.h"

#include "cep/api_internal.h"
#include "patterns/format.h"

cep_status cep_format(const cep_config *config, const char *name, const char *text, size_t text_len, cep_write_fn write,
                      void *ctx, cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(name, "name", "is NULL");
  API_NEED(text || text_len == 0, "text", "is NULL");
  API_NEED(write, "write", "is NULL");
  cb_alloc alloc;
  cb_arena arena;
  cb_writer out;
  cb_alloc_init(&alloc, &config->alloc.hook, 0);
  cb_arena_init(&arena, &alloc);
  cb_writer_init(&out, &alloc);
  cep_status status = pat_format_text(&arena, name, text ? text : "", text_len, config->diag, config->diag_ctx, &out, err);
  if (status == CEP_OK) status = api_write(write, ctx, out.data, out.len, err);
  cb_writer_fini(&out);
  cb_arena_fini(&arena);
  return status;
}
