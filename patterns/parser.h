/*
 * parser.h - tokens to a tree: recursive descent with one token of look-ahead.
 *
 * Contract
 *   Every mistake is reported once; after one the parser goes on at the next clause or
 *   declaration. Always gives a file, unless memory is refused (CEP_E_NOMEM). What the
 *   grammar has and nothing builds yet is reported as unsupported at its place.
 */
#ifndef PAT_PARSER_H
#define PAT_PARSER_H

#include "patterns/ast.h"

cep_status pat_parse(cb_arena *arena, pat_diags *diags, const cb_source *source, pat_file **out) CB_MUST_USE;

#endif
