/*
 * error.h - filling a cep_error where the cause is known.
 *
 * Contract
 *   `err` may be NULL. Gives `status` back, so that a caller writes
 *   `return cb_error_set(err, CEP_E_LIMIT, …);`. Messages: lower case, no full stop, name
 *   the thing in quotes, say what was expected. Too long a message is cut at a character.
 */
#ifndef CB_ERROR_H
#define CB_ERROR_H

#include "cep/base/source.h"

cep_status cb_error_set(cep_error *err, cep_status status, const char *format, ...) CB_PRINTF(3, 4);
/* With a diagnostic number and its place in a text. */
cep_status cb_error_at(cep_error *err, cep_status status, uint32_t code, const cb_source *source,
                       cb_span span, const char *format, ...) CB_PRINTF(6, 7);

#endif
