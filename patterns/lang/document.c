/* document.c - a rule file that is open in an editor. */
#include "patterns/lang/document.h"

#include <string.h>

#include "cep/base/utf8.h"

cep_status lsp_document_new(cb_alloc *alloc, const char *uri, size_t uri_len, lsp_document **out)
{
  lsp_document *document = cb_new0(alloc, sizeof *document);
  if (!document) return CEP_E_NOMEM;
  document->alloc = alloc;
  cb_writer_init(&document->text, alloc);
  document->uri = cb_new(alloc, uri_len + 1);
  document->uri_len = uri_len;
  if (!document->uri) {
    lsp_document_free(document);
    return CEP_E_NOMEM;
  }
  memcpy(document->uri, uri, uri_len);
  document->uri[uri_len] = 0;
  *out = document;
  return CEP_OK;
}

void lsp_document_free(lsp_document *document)
{
  if (!document) return;
  lsp_study_free(document->study);
  lsp_study_free(document->older);
  cb_writer_fini(&document->text);
  if (document->uri) cb_free(document->alloc, document->uri, document->uri_len + 1);
  cb_free(document->alloc, document, sizeof *document);
}

/* A study without mistakes of grammar can help the ones behind it. */
static int is_helpful(const lsp_study *study)
{
  for (uint32_t i = 0; i < study->problems.count; i++)
    if (study->problems.at[i].status == CEP_E_SYNTAX) return 0;
  return study->decls.count > 0;
}

static void retire_study(lsp_document *document)
{
  if (document->study && is_helpful(document->study)) {
    lsp_study_free(document->older);
    document->older = document->study; /* moved */
  } else {
    lsp_study_free(document->study);
  }
  document->study = NULL;
}

cep_status lsp_document_edit(lsp_document *document, uint32_t from, uint32_t to, const char *text, size_t len)
{
  size_t old_len = document->text.len, tail = old_len - to;
  CB_ASSERT(from <= to);
  CB_ASSERT(to <= old_len);
  if (len > LSP_TEXT_MAX || from + len + tail > LSP_TEXT_MAX) return CEP_E_LIMIT;
  if (!cb_writer_reserve(&document->text, len + 1)) {
    document->text.status = CEP_OK; /* the text is as it was */
    return CEP_E_NOMEM;
  }
  if (tail > 0) memmove(document->text.data + from + len, document->text.data + to, tail);
  if (len > 0) memcpy(document->text.data + from, text, len);
  document->text.len = from + len + tail;
  retire_study(document);
  return CEP_OK;
}

cep_status lsp_document_study(lsp_document *document)
{
  if (document->study) return CEP_OK;
  const char *text = document->text.data ? (const char *)document->text.data : "";
  return lsp_study_new(document->alloc, text, document->text.len, &document->study);
}

lsp_text lsp_document_text(const lsp_document *document)
{
  return (lsp_text){document->study, document->older};
}

/* ---- Places -------------------------------------------------------------------------- */

/* Bytes and UTF-16 code units of the character there; a byte that is no UTF-8 is one of either. */
static uint32_t step_over(const char *text, uint32_t len, uint32_t *units)
{
  size_t step = cb_utf8_step(text, len);
  *units = step == 4 ? 2 : 1;
  return step == 0 ? 1 : (uint32_t)step;
}

static uint32_t past_line(const char *text, uint32_t len, uint32_t at)
{
  while (at < len && text[at] != '\n' && text[at] != '\r') at++;
  if (at < len && text[at] == '\r' && at + 1 < len && text[at + 1] == '\n') at++;
  return at < len ? at + 1 : len;
}

uint32_t lsp_offset_of(const char *text, uint32_t len, lsp_place place, int is_bytes)
{
  uint32_t at = 0, character = 0;
  for (uint32_t line = 0; line < place.line; line++) {
    uint32_t next = past_line(text, len, at);
    if (next == at || (next == len && text[len - 1] != '\n' && text[len - 1] != '\r')) return len;
    at = next;
  }
  while (at < len && text[at] != '\n' && text[at] != '\r' && character < place.character) {
    uint32_t units, step = step_over(text + at, len - at, &units);
    character += is_bytes ? step : units;
    if (character > place.character) break; /* in the middle of a character: at its start */
    at += step;
  }
  return at;
}

lsp_place lsp_place_of(const lsp_study *study, uint32_t offset, int is_bytes)
{
  uint32_t low = 0, high = study->lines.count;
  if (offset > study->source.len) offset = study->source.len;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (study->lines.at[middle] <= offset) {
      low = middle;
    } else {
      high = middle;
    }
  }
  lsp_place place = {low, 0};
  for (uint32_t at = study->lines.at[low]; at < offset;) {
    uint32_t units, step = step_over(study->source.text + at, study->source.len - at, &units);
    place.character += is_bytes ? step : units;
    at += step;
  }
  return place;
}
