/*
 * study.h - a rule text as an editor needs it: its tokens, lines, declarations and mistakes, whole or broken.
 *
 * Contract
 *   A study has a copy of the text and everything in one arena, and never changes. Mistakes in the text are part of it;
 *   what stands in declarations without them has its meaning all the same. A text longer than PAT_TEXT_MAX is
 *   studied as an empty one with one mistake.
 *   Indices: of tokens (the last is PAT_END) and of declarations, CEP_NONE for none. CEP_E_NOMEM leaves nothing behind.
 */
#ifndef LANG_STUDY_H
#define LANG_STUDY_H

#include "patterns/resolve.h"

typedef struct lsp_token {
  pat_token_kind kind;
  pat_word word;
  int is_label;
  cb_span span;
  const char *text; /* of names and strings */
  uint32_t match;   /* of a bracket: the other one; CEP_NONE */
  uint32_t brace;   /* the innermost '{' around it */
  uint32_t paren;   /* the innermost '(' or '[' around it within that; CEP_NONE */
} lsp_token;

/* A declaration whose name could be read. It goes to where the next one begins. */
typedef struct lsp_decl {
  const pat_decl *decl;
  uint32_t first, last; /* tokens */
} lsp_decl;

typedef struct lsp_study {
  cb_alloc *alloc;
  cb_arena arena;
  cb_source source;
  PAT_LIST(lsp_token) tokens;
  PAT_LIST(uint32_t) lines; /* offsets at which they begin */
  PAT_LIST(lsp_decl) decls;
  PAT_LIST(cep_error) problems;
  pat_compile compile;
} lsp_study;

cep_status lsp_study_new(cb_alloc *alloc, const char *text, size_t len, lsp_study **out) CB_MUST_USE;
void lsp_study_free(lsp_study *study);
/* The token that holds the offset or ends there, a name before others; CEP_NONE: white space or a comment. */
uint32_t lsp_token_at(const lsp_study *study, uint32_t offset);
/* The last token that ends at the offset or before it; CEP_NONE. */
uint32_t lsp_token_before(const lsp_study *study, uint32_t offset);
/* Whether the offset stands in a comment. */
int lsp_in_comment(const lsp_study *study, uint32_t offset);
/* The declaration around the token; CEP_NONE. */
uint32_t lsp_decl_of(const lsp_study *study, uint32_t token);

static inline const lsp_token *lsp_at(const lsp_study *study, uint32_t token)
{
  CB_ASSERT(token < study->tokens.count);
  return &study->tokens.at[token];
}
/* 1 if there is such a token and it is that one; so that one may ask for the token before the first. */
static inline int lsp_is(const lsp_study *study, uint32_t token, pat_token_kind kind)
{
  return token < study->tokens.count && study->tokens.at[token].kind == kind;
}
static inline int lsp_is_word(const lsp_study *study, uint32_t token, pat_word word)
{
  return lsp_is(study, token, PAT_NAME) && study->tokens.at[token].word == word;
}

#endif
