/*
 * parser_state.h - what the parser's files share.
 *
 * Contract
 *   Functions that read a part of the grammar give 1, or 0 when a mistake there has been
 *   reported and the text behind it cannot be trusted: the caller gives 0 in turn, up to
 *   the one that recovers. Expressions give NULL for that. `token` is the look-ahead.
 */
#ifndef PAT_PARSER_STATE_H
#define PAT_PARSER_STATE_H

#include "patterns/parser.h"

typedef struct pat_parser {
  pat_lexer lexer;
  pat_token token;
  cb_span last;     /* of the token before `token` */
  uint32_t depth;   /* of expressions being read */
  uint32_t groups;  /* open in this pattern */
  int32_t braces;   /* open in this declaration */
  int is_broken;    /* the declaration at hand has a mistake */
  cb_arena *arena;
  pat_diags *diags;
} pat_parser;

void pat_parser_next(pat_parser *parser);
static inline int pat_parser_at(const pat_parser *parser, pat_token_kind kind)
{
  return parser->token.kind == kind;
}
static inline int pat_parser_at_word(const pat_parser *parser, pat_word word)
{
  return parser->token.kind == PAT_NAME && parser->token.word == word;
}
/* Takes the token if it is that one. */
int pat_parser_take(pat_parser *parser, pat_token_kind kind);
int pat_parser_take_word(pat_parser *parser, pat_word word);
/* Takes it, or reports that `what` was expected. `what` NULL: the token's own text. */
int pat_parser_want(pat_parser *parser, pat_token_kind kind, const char *what);
int pat_parser_want_word(pat_parser *parser, pat_word word);
int pat_parser_want_name(pat_parser *parser, const char *what, pat_name *out);
int pat_parser_want_label(pat_parser *parser, const char *what, pat_name *out);
int pat_parser_want_string(pat_parser *parser, const char *what, pat_name *out);
int pat_parser_want_duration(pat_parser *parser, const char *what, cep_duration *out);
int pat_parser_want_int(pat_parser *parser, const char *what, int64_t min, int64_t max, int64_t *out);
/* "expected WHAT, found …"; nothing more if the token itself is broken. Gives 0. */
int pat_parser_expected(pat_parser *parser, const char *what);
/* The same behind a step, where a count is a habit from regular expressions. */
int pat_parser_expected_behind_step(pat_parser *parser, const char *what);
/* Marks the declaration broken: call it beside every pat_report of an error that leaves its
 * meaning open. One that does not lets the rest be checked as well. */
void pat_parser_broken(pat_parser *parser);
/* "WHAT is not supported yet" at the span. The declaration is broken. */
void pat_parser_unsupported(pat_parser *parser, cb_span span, const char *what);
/* At a word that begins a declaration, first on its line: there one begins, whatever braces
 * a mistake has left open. */
int pat_parser_at_margin(const pat_parser *parser);
cb_span pat_parser_since(const pat_parser *parser, cb_span from);

pat_expr *pat_parse_expr(pat_parser *parser);
/* Without tests, `and` and `or`: parts of a key, between which '=' stands; defaults. */
pat_expr *pat_parse_sum(pat_parser *parser);
int pat_parse_exprs(pat_parser *parser, pat_exprs *out);
int pat_parse_object(pat_parser *parser, pat_object *out);
int pat_parse_detect(pat_parser *parser, pat_decl *decl);
int pat_parse_aggregate(pat_parser *parser, pat_decl *decl);
int pat_parse_join(pat_parser *parser, pat_decl *decl);
/* What both have: a window behind that word; what stands in braces, one member after the other. */
int pat_parse_window(pat_parser *parser, pat_window *window);
typedef int pat_member_fn(pat_parser *parser, pat_detect *detect);
int pat_parse_members(pat_parser *parser, pat_detect *detect, pat_member_fn *parse);
/* A duration that is not 0. */
int pat_parse_length(pat_parser *parser, const char *what, cep_duration *out);
/* Clauses that detections and aggregates share. */
int pat_parser_is_twice(pat_parser *parser, cb_span before, cb_span span, const char *what);
int pat_parse_keys(pat_parser *parser, pat_detect *detect);
int pat_parse_suppress(pat_parser *parser, pat_detect *detect);
int pat_parse_meta(pat_parser *parser, pat_detect *detect);
/* The pattern of a detection, and its steps. */
int pat_parse_pattern(pat_parser *parser, pat_detect *detect);
int pat_parse_test(pat_parser *parser, pat_detect *detect);
int pat_parse_source(pat_parser *parser, pat_decl *decl);
int pat_parse_table(pat_parser *parser, pat_decl *decl);
/* What inputs and tables share. */
int pat_parse_format(pat_parser *parser, pat_stream *stream);
int pat_parse_member(pat_parser *parser, pat_stream *stream);

#endif
