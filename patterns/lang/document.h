/*
 * document.h - a rule file that is open in an editor: its text as the editor has it, and what is known of it.
 *
 * Contract
 *   A place is a line and a character from 0, counted in UTF-16 code units or, if both sides want it, in bytes. Places past the
 *   end of a line or of the text stand for that end. A line ends with \n, \r\n or \r.
 *   Functions that change a document leave it as it was when memory is refused. One owner.
 */
#ifndef LANG_DOCUMENT_H
#define LANG_DOCUMENT_H

#include "patterns/lang/names.h"

typedef struct lsp_place {
  uint32_t line;
  uint32_t character;
} lsp_place;

typedef struct lsp_document {
  cb_alloc *alloc;
  char *uri;
  size_t uri_len;
  int64_t version;
  cb_writer text;
  lsp_study *study; /* of the text; NULL: not made yet */
  lsp_study *older; /* of the newest text without mistakes of grammar, if that is another one; NULL */
} lsp_document;

cep_status lsp_document_new(cb_alloc *alloc, const char *uri, size_t uri_len, lsp_document **out) CB_MUST_USE;
void lsp_document_free(lsp_document *document);
/* Puts `text` in place of the bytes from `from` to `to`. Limited to LSP_TEXT_MAX: CEP_E_LIMIT. */
cep_status lsp_document_edit(lsp_document *document, uint32_t from, uint32_t to, const char *text, size_t len) CB_MUST_USE;
/* Studies the text, if it has changed. */
cep_status lsp_document_study(lsp_document *document) CB_MUST_USE;
lsp_text lsp_document_text(const lsp_document *document);

uint32_t lsp_offset_of(const char *text, uint32_t len, lsp_place place, int is_bytes);
lsp_place lsp_place_of(const lsp_study *study, uint32_t offset, int is_bytes);

#define LSP_TEXT_MAX (2 * PAT_TEXT_MAX)

#endif
