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

#ifdef __cplusplus
}
#endif

#endif
