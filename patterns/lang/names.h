/*
 * names.h - what the names in a rule text stand for, whole or broken.
 *
 * Contract
 *   Read off the tokens around a name, so that it works while a line is being written; kinds come from what could be
 *   compiled. `older`, a study of the same file from when it had no mistakes of grammar (NULL: none), helps
 *   out for declarations that are broken now. Results live as long as both studies; lists lie in the caller's arena.
 */
#ifndef LANG_NAMES_H
#define LANG_NAMES_H

#include "patterns/lang/study.h"

typedef struct lsp_text {
  const lsp_study *study;
  const lsp_study *older;
} lsp_text;

typedef struct lsp_field {
  const char *name;
  cep_kind kind; /* CEP_NULL: not known */
  int is_nullable;
} lsp_field;
typedef PAT_LIST(lsp_field) lsp_fields;

typedef struct lsp_step {
  const char *name;
  uint32_t token; /* behind `as`; of one without: that of the stream */
  uint32_t role;  /* token that names its stream */
} lsp_step;
typedef PAT_LIST(lsp_step) lsp_steps;

typedef enum lsp_sort { LSP_NOTHING, LSP_DECL, LSP_STEP, LSP_FIELD, LSP_KEY, LSP_MEASURE, LSP_FUNCTION } lsp_sort;

typedef struct lsp_meaning {
  lsp_sort sort;
  const char *name;
  uint32_t decl;   /* LSP_DECL: that one; LSP_FIELD: the one that has it; else the one around the name */
  uint32_t token;  /* that brings the name; CEP_NONE: of a function, or not found */
  uint32_t stream; /* LSP_STEP: the declaration of its stream; CEP_NONE */
} lsp_meaning;

lsp_meaning lsp_meaning_of(const lsp_text *text, uint32_t token);

/* A declaration by name; `is_input` prefers inputs. CEP_NONE. */
uint32_t lsp_find_decl(const lsp_study *study, const char *name, int is_input);
/* The fields of what a declaration gives: of a define those of its stream, of a detection keys and emitted values. */
void lsp_fields_of(const lsp_text *text, cb_arena *arena, uint32_t decl, lsp_fields *out);
/* The measures of an aggregate; of another declaration none. */
void lsp_measures_of(const lsp_text *text, cb_arena *arena, uint32_t decl, lsp_fields *out);
/* The token that brings the field; CEP_NONE. */
uint32_t lsp_field_token(const lsp_study *study, uint32_t decl, const char *name);
/* The steps of a detection or the sides of a join that can be named. */
void lsp_steps_of(const lsp_study *study, cb_arena *arena, uint32_t decl, lsp_steps *out);

/* ---- Places: of a name at the token, or of one that would stand in front of it ---------- */

/* The declaration whose fields are bare names there; CEP_NONE. */
uint32_t lsp_stream_at(const lsp_study *study, uint32_t token);
/* In front of what stands behind a '.': the declaration whose fields can follow; CEP_NONE. `dot` is the token of the '.'. */
uint32_t lsp_owner_of(const lsp_text *text, uint32_t dot);
/* In the braces of an event, of emitted or of expected values: the declaration whose fields the labels are; CEP_NONE. */
uint32_t lsp_labels_of(const lsp_study *study, uint32_t brace);
/* Whether a `then` at the token belongs to a `case`. */
int lsp_is_case_then(const lsp_study *study, uint32_t token);

#endif
