/*
 * format_check.h - what a layout must keep, whatever the text.
 *
 * Contract
 *   format_check lays the text out and gives NULL, or what is wrong with the result: other tokens or comments, another
 *   plan, a second layout that differs, untidy lines. Text that does not parse is fine as long as nothing is written;
 *   `*is_laid_out` tells (may be NULL). What it gives lies in the arena.
 *   format_shake gives the same tokens with random white space and comments between them.
 */
#ifndef FORMAT_CHECK_H
#define FORMAT_CHECK_H

#include "cep/base/arena.h"
#include "cep/base/prng.h"

const char *format_check(cb_arena *arena, const char *text, size_t len, int *is_laid_out);
const char *format_shake(cb_arena *arena, cb_prng *prng, const char *text, size_t len);

#endif
