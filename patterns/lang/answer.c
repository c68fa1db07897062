/* answer.c - mistakes, definitions, references, new names, outlines and layout of a document. */
#include "patterns/lang/answer.h"

#include <string.h>

#include "cep/base/utf8.h"
#include "patterns/format.h"

/* ---- Places and names ------------------------------------------------------------------ */

static void write_range(cb_writer *out, lsp_place from, lsp_place to)
{
  cb_write_printf(out, "{\"start\":{\"line\":%u,\"character\":%u},\"end\":{\"line\":%u,\"character\":%u}}", from.line, from.character, to.line,
                  to.character);
}

void lsp_write_span(const lsp_question *question, cb_span span)
{
  const lsp_study *study = question->document->study;
  write_range(question->out, lsp_place_of(study, span.offset, question->is_bytes),
              lsp_place_of(study, span.offset + span.length, question->is_bytes));
}

static int is_bare(const char *name, size_t len)
{
  if (len == 0 || (name[0] >= '0' && name[0] <= '9')) return 0;
  for (size_t i = 0; i < len; i++) {
    char c = name[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return 0;
  }
  for (int kind = PAT_AND; kind <= PAT_CASE; kind++)
    if (strlen(pat_token_text((pat_token_kind)kind)) == len && memcmp(pat_token_text((pat_token_kind)kind), name, len) == 0) return 0;
  return 1;
}

void lsp_write_name(cb_writer *out, const char *name)
{
  int bare = is_bare(name, strlen(name));
  cb_write_printf(out, bare ? "%s" : "`%s`", name);
}

static void write_location(const lsp_question *question, cb_span span)
{
  cb_write_text(question->out, "{\"uri\":");
  cb_json_write_string(question->out, question->document->uri, question->document->uri_len);
  cb_write_text(question->out, ",\"range\":");
  lsp_write_span(question, span);
  cb_write_text(question->out, "}");
}

/* ---- Mistakes ---------------------------------------------------------------------------- */

/* Of a name that is taken already: where. */
static void write_related(const lsp_question *question, const cep_error *problem)
{
  const lsp_study *study = question->document->study;
  if (problem->code != 305 && problem->code != 306) return;
  uint32_t token = lsp_token_at(study, problem->offset);
  if (!lsp_is(study, token, PAT_NAME)) return;
  uint32_t other = lsp_find_decl(study, lsp_at(study, token)->text, problem->code == 306);
  if (other == CEP_NONE || study->decls.at[other].first + 1 == token) return;
  cb_write_text(question->out, ",\"relatedInformation\":[{\"location\":");
  write_location(question, study->decls.at[other].decl->name.span);
  cb_write_text(question->out, ",\"message\":\"the other one of that name\"}]");
}

void lsp_answer_diagnostics(const lsp_question *question)
{
  static const int severities[] = {[CEP_ERROR] = 1, [CEP_WARNING] = 2, [CEP_NOTE] = 3};
  const lsp_study *study = question->document->study;
  cb_writer *out = question->out;
  cb_write_text(out, "[");
  for (uint32_t i = 0; i < study->problems.count; i++) {
    const cep_error *problem = &study->problems.at[i];
    cb_span span = {problem->offset, problem->length};
    cb_write_text(out, i > 0 ? ",{\"range\":" : "{\"range\":");
    lsp_write_span(question, span);
    cb_write_printf(out, ",\"severity\":%d,\"source\":\"cep\"", severities[problem->severity]);
    if (problem->code > 0) cb_write_printf(out, ",\"code\":%u", problem->code);
    cb_write_text(out, ",\"message\":");
    cb_json_write_string(out, problem->text, strlen(problem->text));
    write_related(question, problem);
    cb_write_text(out, "}");
  }
  cb_write_text(out, "]");
}

/* ---- Definition, references ---------------------------------------------------------------- */

static lsp_meaning meaning_at(const lsp_question *question, uint32_t *token)
{
  lsp_text text = lsp_document_text(question->document);
  *token = lsp_token_at(text.study, question->offset);
  return lsp_meaning_of(&text, *token);
}

void lsp_answer_definition(const lsp_question *question)
{
  uint32_t token;
  lsp_meaning meaning = meaning_at(question, &token);
  if (meaning.sort == LSP_NOTHING || meaning.token == CEP_NONE) {
    cb_write_text(question->out, "null");
  } else {
    write_location(question, lsp_at(question->document->study, meaning.token)->span);
  }
}

/* The next token at or behind `from` that stands for what `wanted` stands for; CEP_NONE. */
static uint32_t next_reference(const lsp_question *question, const lsp_meaning *wanted, uint32_t from)
{
  lsp_text text = lsp_document_text(question->document);
  for (uint32_t i = from; i < text.study->tokens.count; i++) {
    const lsp_token *token = lsp_at(text.study, i);
    if (token->kind != PAT_NAME || strcmp(token->text, wanted->name) != 0) continue;
    lsp_meaning meaning = lsp_meaning_of(&text, i);
    if (meaning.sort != LSP_NOTHING && meaning.token == wanted->token) return i;
  }
  return CEP_NONE;
}

void lsp_answer_references(const lsp_question *question, int with_definition)
{
  uint32_t token;
  int is_first = 1;
  lsp_meaning meaning = meaning_at(question, &token);
  cb_write_text(question->out, "[");
  if (meaning.sort != LSP_NOTHING && meaning.token != CEP_NONE) {
    for (uint32_t i = next_reference(question, &meaning, 0); i != CEP_NONE; i = next_reference(question, &meaning, i + 1)) {
      if (i == meaning.token && !with_definition) continue;
      if (!is_first) cb_write_text(question->out, ",");
      write_location(question, lsp_at(question->document->study, i)->span);
      is_first = 0;
    }
  }
  cb_write_text(question->out, "]");
}

/* ---- New names ----------------------------------------------------------------------------- */

/* Fields and keys are also names in records, which this file cannot change. */
static int can_rename(const lsp_meaning *meaning)
{
  return (meaning->sort == LSP_STEP || meaning->sort == LSP_DECL) && meaning->token != CEP_NONE;
}

void lsp_answer_prepare_rename(const lsp_question *question)
{
  uint32_t token;
  lsp_meaning meaning = meaning_at(question, &token);
  if (!can_rename(&meaning)) {
    cb_write_text(question->out, "null");
    return;
  }
  cb_write_text(question->out, "{\"range\":");
  lsp_write_span(question, lsp_at(question->document->study, token)->span);
  cb_write_text(question->out, ",\"placeholder\":");
  cb_json_write_string(question->out, meaning.name, strlen(meaning.name));
  cb_write_text(question->out, "}");
}

/* Whether the name is taken where the old one stands. */
static int is_taken(const lsp_question *question, const lsp_meaning *meaning, const char *name, size_t len)
{
  lsp_text text = lsp_document_text(question->document);
  const lsp_decl *around = &text.study->decls.at[meaning->decl];
  uint32_t from = meaning->sort == LSP_STEP ? around->first : 0;
  uint32_t to = meaning->sort == LSP_STEP ? around->last : text.study->tokens.count - 1;
  for (uint32_t i = from; i <= to; i++) {
    const lsp_token *token = lsp_at(text.study, i);
    if (token->kind != PAT_NAME || strlen(token->text) != len || memcmp(token->text, name, len) != 0) continue;
    lsp_meaning other = lsp_meaning_of(&text, i);
    if (other.sort == meaning->sort && other.token != meaning->token) return 1;
  }
  return 0;
}

int lsp_answer_rename(const lsp_question *question, const char *name, size_t len, const char **why)
{
  uint32_t token;
  lsp_meaning meaning = meaning_at(question, &token);
  *why = NULL;
  if (!can_rename(&meaning)) {
    *why = "only steps and declarations have names that can be changed here; fields are also names in the records";
  } else if (len == 0 || len > PAT_NAME_MAX || memchr(name, '`', len) || memchr(name, '\n', len) || memchr(name, 0, len) || !cb_utf8_valid(name, len)) {
    *why = "a name has 1 to 255 bytes, and none of them is a back-tick or ends a line";
  } else if (is_taken(question, &meaning, name, len)) {
    *why = "that name is taken already";
  }
  if (*why) return 0;
  cb_writer *out = question->out;
  cb_write_text(out, "{\"changes\":{");
  cb_json_write_string(out, question->document->uri, question->document->uri_len);
  cb_write_text(out, ":[");
  int bare = is_bare(name, len), is_first = 1;
  for (uint32_t i = next_reference(question, &meaning, 0); i != CEP_NONE; i = next_reference(question, &meaning, i + 1)) {
    cb_write_text(out, is_first ? "{\"range\":" : ",{\"range\":");
    lsp_write_span(question, lsp_at(question->document->study, i)->span);
    cb_write_text(out, ",\"newText\":");
    if (!bare) cb_write_text(out, "\"`");
    cb_writer quoted;
    cb_writer_init(&quoted, out->alloc);
    cb_json_write_string(&quoted, name, len);
    if (quoted.status < 0) out->status = quoted.status;
    if (bare) cb_write_bytes(out, quoted.data, quoted.len);
    else if (quoted.len > 2) cb_write_bytes(out, quoted.data + 1, quoted.len - 2);
    cb_writer_fini(&quoted);
    cb_write_text(out, bare ? "}" : "`\"}");
    is_first = 0;
  }
  cb_write_text(out, "]}}");
  return 1;
}

/* ---- Outline --------------------------------------------------------------------------------- */

enum { SYMBOL_CLASS = 5, SYMBOL_METHOD = 6, SYMBOL_FIELD = 8, SYMBOL_FUNCTION = 12, SYMBOL_VARIABLE = 13, SYMBOL_STRUCT = 23, SYMBOL_EVENT = 24 };

static int symbol_kind(const pat_decl *decl)
{
  switch (decl->kind) {
  case PAT_D_INPUT:
  case PAT_D_STREAM: return SYMBOL_STRUCT;
  case PAT_D_TABLE: return SYMBOL_CLASS;
  case PAT_D_DEFINE: return SYMBOL_FUNCTION;
  default: return SYMBOL_EVENT;
  }
}

static void write_symbol(const lsp_question *question, const char *name, int kind, const char *detail, cb_span range, cb_span selection)
{
  cb_writer *out = question->out;
  /* The protocol has no empty names. */
  cb_write_text(out, "{\"name\":");
  cb_json_write_string(out, *name ? name : "\"\"", *name ? strlen(name) : 2);
  cb_write_printf(out, ",\"kind\":%d,\"detail\":", kind);
  cb_json_write_string(out, detail, strlen(detail));
  cb_write_text(out, ",\"range\":");
  lsp_write_span(question, range);
  cb_write_text(out, ",\"selectionRange\":");
  lsp_write_span(question, selection);
}

static void write_child(const lsp_question *question, int *count, const pat_name *name, int kind, const char *detail)
{
  if (!name->text) return;
  if ((*count)++ > 0) cb_write_text(question->out, ",");
  write_symbol(question, name->text, kind, detail, name->span, name->span);
  cb_write_text(question->out, "}");
}

static void write_children(const lsp_question *question, const pat_decl *decl)
{
  int count = 0;
  const pat_stream *stream = decl->kind == PAT_D_TABLE ? &decl->table->source : decl->stream;
  for (uint32_t i = 0; stream && i < stream->members.count; i++)
    write_child(question, &count, &stream->members.at[i].name, SYMBOL_FIELD, cb_kind_name(stream->members.at[i].kind));
  const pat_detect *detect = decl->detect;
  for (uint32_t i = 0; detect && i < detect->steps.count; i++)
    write_child(question, &count, &detect->steps.at[i].name, SYMBOL_VARIABLE, detect->steps.at[i].role.text ? detect->steps.at[i].role.text : "");
  for (uint32_t i = 0; detect && detect->window && i < detect->window->measures.count; i++)
    write_child(question, &count, &detect->window->measures.at[i].name, SYMBOL_FIELD, "measure");
  for (uint32_t i = 0; detect && i < detect->tests.count; i++) write_child(question, &count, &detect->tests.at[i].name, SYMBOL_METHOD, "test");
}

void lsp_answer_symbols(const lsp_question *question)
{
  const lsp_study *study = question->document->study;
  cb_writer *out = question->out;
  cb_write_text(out, "[");
  for (uint32_t i = 0; i < study->decls.count; i++) {
    const lsp_decl *found = &study->decls.at[i];
    uint32_t last = found->last;
    if (last > found->first && lsp_at(study, last)->kind == PAT_END) last--;
    cb_span range = cb_span_join(lsp_at(study, found->first)->span, lsp_at(study, last)->span);
    const lsp_token *word = lsp_at(study, found->first);
    if (i > 0) cb_write_text(out, ",");
    write_symbol(question, found->decl->name.text, symbol_kind(found->decl), word->word != PAT_W_NONE ? pat_word_text(word->word) : "", range,
                 found->decl->name.span);
    cb_write_text(out, ",\"children\":[");
    write_children(question, found->decl);
    cb_write_text(out, "]}");
  }
  cb_write_text(out, "]");
}

/* ---- Layout ---------------------------------------------------------------------------------- */

cep_status lsp_answer_formatting(const lsp_question *question)
{
  const lsp_study *study = question->document->study;
  cb_arena arena;
  cb_writer text;
  cep_error err;
  cb_arena_init(&arena, question->out->alloc);
  cb_writer_init(&text, question->out->alloc);
  cep_status status = pat_format_text(&arena, "text", study->source.text, study->source.len, NULL, NULL, &text, &err);
  int is_same = text.len == study->source.len && (text.len == 0 || memcmp(text.data, study->source.text, text.len) == 0);
  if (status < 0 && status != CEP_E_NOMEM) {
    cb_write_text(question->out, "null"); /* the mistakes are shown already */
    status = CEP_OK;
  } else if (status == CEP_OK && is_same) {
    cb_write_text(question->out, "[]");
  } else if (status == CEP_OK) {
    cb_span all = {0, study->source.len};
    cb_write_text(question->out, "[{\"range\":");
    lsp_write_span(question, all);
    cb_write_text(question->out, ",\"newText\":");
    cb_json_write_string(question->out, text.data ? (const char *)text.data : "", text.len);
    cb_write_text(question->out, "}]");
  }
  cb_writer_fini(&text);
  cb_arena_fini(&arena);
  return status;
}
