/*
 * format.h - rule text to the same rules in their canonical layout.
 *
 * Contract
 *   Only white space changes: the tokens and the comments of the result are those of the text, in their order.
 *   The same text always gives the same result, and a result gives itself. Four blanks a level, lines of at most
 *   PAT_FORMAT_WIDTH characters where there is a place to break, LF line ends. Where both are possible the author
 *   decides whether braces stand on one line or open: they stay open if a line ends behind the '{'.
 *   Mistakes that the parser finds go to `diags` and nothing is written: CEP_E_SYNTAX. CEP_E_NOMEM.
 */
#ifndef PAT_FORMAT_H
#define PAT_FORMAT_H

#include "patterns/diag.h"

#define PAT_FORMAT_WIDTH 100u

cep_status pat_format(cb_arena *arena, pat_diags *diags, const cb_source *source, cb_writer *out) CB_MUST_USE;
/* The same for a whole call from outside: diagnostics as those of plan_compile. */
cep_status pat_format_text(cb_arena *arena, const char *name, const char *text, size_t text_len, cep_diag_fn report,
                           void *report_ctx, cb_writer *out, cep_error *err) CB_MUST_USE;

#endif
