/* utf8.h - UTF-8: validity, encoding, code points counted. */
#ifndef CB_UTF8_H
#define CB_UTF8_H

#include "cep/base/assert.h"

/* 1 if all of it is well-formed UTF-8 (no surrogates, no overlong forms). */
int cb_utf8_valid(const char *text, size_t len);
/* Bytes written to `out` (1 to 4), 0 if `code` is no scalar value. */
size_t cb_utf8_encode(uint32_t code, char out[4]);
/* Bytes of the well-formed character at the start of `text`, 0 if there is none. */
size_t cb_utf8_step(const char *text, size_t len);
/* Code points; a byte that fits nowhere counts as one. */
size_t cb_utf8_count(const char *text, size_t len);

#endif
