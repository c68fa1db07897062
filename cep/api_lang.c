/* api_lang.c - rule text laid out; the language server as cep_lang.h shows it. */
#include "cep/cep_lang.h"

#include "cep/api_internal.h"
#include "patterns/lang/server.h"
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

/* ---- Language server --------------------------------------------------------------------- */

struct cep_lsp {
  cb_alloc alloc;
  lsp_server *server;
};

cep_status cep_lsp_new(const cep_config *config, cep_lsp **out, cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(out, "out", "is NULL");
  cb_alloc alloc;
  cb_alloc_init(&alloc, &config->alloc.hook, 0);
  cep_lsp *lsp = cb_new0(&alloc, sizeof *lsp);
  if (!lsp) return cb_error_set(err, CEP_E_NOMEM, "no memory for the language server");
  lsp->alloc = alloc;
  if (lsp_server_new(&lsp->alloc, &lsp->server) < 0) {
    cep_lsp_free(lsp);
    return cb_error_set(err, CEP_E_NOMEM, "no memory for the language server");
  }
  *out = lsp;
  return CEP_OK;
}

void cep_lsp_free(cep_lsp *lsp)
{
  if (!lsp) return;
  lsp_server_free(lsp->server);
  cb_alloc alloc = lsp->alloc;
  cb_free(&alloc, lsp, sizeof *lsp);
}

cep_status cep_lsp_take(cep_lsp *lsp, const void *data, size_t data_len, cep_write_fn write, void *ctx, cep_error *err)
{
  API_NEED(lsp, "lsp", "is NULL");
  API_NEED(data || data_len == 0, "data", "is NULL");
  API_NEED(write, "write", "is NULL");
  cep_status status = lsp_server_take(lsp->server, data ? data : "", data_len, write, ctx);
  if (status == CEP_E_CORRUPT) return cb_error_set(err, status, "what came is no message of the Language Server Protocol: it has no Content-Length");
  return status < 0 ? cb_error_set(err, status, "%s", cep_status_text(status)) : status;
}

int cep_lsp_is_shut_down(const cep_lsp *lsp)
{
  return lsp && lsp_server_is_shut_down(lsp->server);
}
