/*
 * answer.h - the answers of the server, each about one document, written as JSON.
 *
 * Contract
 *   The document is studied. Functions write one JSON value to `out`, `null` where there is no answer; errors are
 *   those of the writer. Offsets are of the document's text.
 */
#ifndef LANG_ANSWER_H
#define LANG_ANSWER_H

#include "patterns/lang/document.h"

typedef struct lsp_question {
  const lsp_document *document;
  uint32_t offset;
  int is_bytes; /* how characters are counted */
  cb_writer *out;
} lsp_question;

void lsp_answer_diagnostics(const lsp_question *question);
void lsp_answer_hover(const lsp_question *question);
void lsp_answer_completion(const lsp_question *question);
void lsp_answer_definition(const lsp_question *question);
void lsp_answer_references(const lsp_question *question, int with_definition);
void lsp_answer_prepare_rename(const lsp_question *question);
/* 1, or 0: nothing written, `*why` says why not. */
int lsp_answer_rename(const lsp_question *question, const char *name, size_t len, const char **why);
void lsp_answer_symbols(const lsp_question *question);
cep_status lsp_answer_formatting(const lsp_question *question) CB_MUST_USE;

/* ---- Among the files of the answers ----------------------------------------------------- */

void lsp_write_span(const lsp_question *question, cb_span span); /* as a range */
/* A name as it can stand in the rules: in back-ticks where it must. */
void lsp_write_name(cb_writer *out, const char *name);
/* "string?", or "" where it is not known. */
void lsp_write_kind(cb_writer *out, const lsp_field *field);
/* What a function takes and gives, what it does, an example: Markdown. 0 if there is none of that name. */
int lsp_write_function(cb_writer *out, const char *name);
/* The name of a function, one after the other; NULL behind the last. */
const char *lsp_function_name(uint32_t index);
/* The first line of a declaration, up to its '{'. */
cb_span lsp_head_of(const lsp_study *study, uint32_t decl);

#endif
