/*
 * lexer.h - rule text to tokens.
 *
 * Contract
 *   One token at a time; the text is borrowed, decoded names and strings lie in the arena.
 *   A mistake is reported here, and the token is PAT_BROKEN: the parser says nothing more
 *   about it. A lexer is a plain value: copying it keeps a place to come back to.
 *   A name is at most PAT_NAME_MAX bytes and has no zero byte; strings have none either.
 */
#ifndef PAT_LEXER_H
#define PAT_LEXER_H

#include "patterns/diag.h"

#define PAT_NAME_MAX 255u

typedef enum pat_token_kind {
  PAT_END,
  PAT_BROKEN,
  PAT_NAME,
  PAT_INT,
  PAT_FLOAT,
  PAT_DURATION,
  PAT_STRING,
#define T(name, text) PAT_##name,
#define O(name, text) PAT_##name,
#include "patterns/token.def"
  PAT_TOKEN_KINDS
} pat_token_kind;

typedef enum pat_word {
  PAT_W_NONE,
#define K(name) PAT_W_##name,
#include "patterns/token.def"
  PAT_WORDS
} pat_word;

typedef struct pat_token {
  pat_token_kind kind;
  pat_word word;    /* of a bare name that is no label; else PAT_W_NONE */
  cb_span span;
  int is_label;     /* a name with ':' behind it: any word, also a reserved one */
  const char *text; /* PAT_NAME, PAT_STRING: decoded, terminated */
  uint32_t text_len;
  int64_t i;        /* PAT_INT; PAT_DURATION in ns */
  int is_int_min;   /* PAT_INT 9223372036854775808: only good behind a '-' */
  double f;         /* PAT_FLOAT */
} pat_token;

typedef struct pat_lexer {
  cb_arena *arena;
  pat_diags *diags;
  const char *text;
  uint32_t len;
  uint32_t at;
} pat_lexer;

void pat_lexer_init(pat_lexer *lexer, cb_arena *arena, pat_diags *diags, const char *text, uint32_t len);
pat_token pat_lexer_next(pat_lexer *lexer);

/* "{", "then", "within": as written in a rule file; "" for kinds with many texts. */
const char *pat_token_text(pat_token_kind kind);
const char *pat_word_text(pat_word word);
/* What stands there, in quotes and cut short; "the end of the file". In the arena. */
const char *pat_token_found(const pat_lexer *lexer, const pat_token *token);

#endif
