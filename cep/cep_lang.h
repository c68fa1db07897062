/*
 * cep_lang.h - for tools around rule text: its canonical layout, and a language server.
 *
 * What cep.h says of objects, memory, errors and threads holds here.
 */
#ifndef CEP_CEP_LANG_H
#define CEP_CEP_LANG_H

#include "cep/cep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Layout -------------------------------------------------------------------- */

/* Gives the rule text in its canonical layout to `write`, in one call: the same tokens and comments in the same
 * order, so the same meaning; a text that is laid out so already comes out unchanged. `name` and diagnostics as
 * for cep_program_compile. Text that does not parse is not written: CEP_E_SYNTAX and the like, with the place.
 * Names and types are not looked at. */
CEP_API cep_status cep_format(const cep_config *config, const char *name, const char *text, size_t text_len,
                              cep_write_fn write, void *ctx, cep_error *err);

/* ---- Language server ------------------------------------------------------------ */

typedef struct cep_lsp cep_lsp;

/* The Language Server Protocol 3.17 over bytes, without I/O: mistakes while one types, types under the pointer,
 * proposals, definitions, references, new names, outline, layout. Errors: CEP_E_INVALID, CEP_E_NOMEM. */
CEP_API cep_status cep_lsp_new(const cep_config *config, cep_lsp **out, cep_error *err);
CEP_API void cep_lsp_free(cep_lsp *lsp);

/* Takes bytes from the client, in pieces of any size, and gives each message for it to `write`, one a call.
 * CEP_STOPPED: the client has said `exit`; nothing more is to be read. CEP_E_CORRUPT: what came is no message, and
 * CEP_E_NOMEM: there is no room for it; nothing can follow. A status of `write` ends the call. */
CEP_API cep_status cep_lsp_take(cep_lsp *lsp, const void *data, size_t data_len, cep_write_fn write, void *ctx,
                                cep_error *err);
/* 1 if the client has asked for `shutdown`, as it should before `exit`. */
CEP_API int cep_lsp_is_shut_down(const cep_lsp *lsp);

#ifdef __cplusplus
}
#endif

#endif
