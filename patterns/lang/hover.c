/* hover.c - what is said about the name under the pointer. */
#include <string.h>

#include "patterns/lang/answer.h"

/* Fields shown of a stream; the others are counted. */
#define FIELDS_SHOWN 40u

void lsp_write_kind(cb_writer *out, const lsp_field *field)
{
  if (field->kind != CEP_NULL) cb_write_printf(out, "%s%s", cb_kind_name(field->kind), field->is_nullable ? "?" : "");
}

cb_span lsp_head_of(const lsp_study *study, uint32_t decl)
{
  const lsp_decl *found = &study->decls.at[decl];
  uint32_t end = found->first;
  while (end < found->last && lsp_at(study, end + 1)->kind != PAT_BRACE_OPEN && lsp_at(study, end + 1)->kind != PAT_END) end++;
  return cb_span_join(lsp_at(study, found->first)->span, lsp_at(study, end)->span);
}

static void write_head(cb_writer *out, const lsp_study *study, uint32_t decl)
{
  cb_span span = lsp_head_of(study, decl);
  cb_write_bytes(out, study->source.text + span.offset, span.length);
}

static void write_fields(cb_writer *out, const lsp_text *text, uint32_t decl)
{
  cb_arena arena;
  lsp_fields fields = {NULL, 0, 0};
  cb_arena_init(&arena, out->alloc);
  lsp_fields_of(text, &arena, decl, &fields);
  cb_write_text(out, " {");
  for (uint32_t i = 0; i < fields.count && i < FIELDS_SHOWN; i++) {
    cb_write_text(out, "\n    ");
    lsp_write_name(out, fields.at[i].name);
    if (fields.at[i].kind != CEP_NULL) cb_write_text(out, ": ");
    lsp_write_kind(out, &fields.at[i]);
  }
  if (fields.count > FIELDS_SHOWN) cb_write_printf(out, "\n    // and %u more", fields.count - FIELDS_SHOWN);
  cb_write_text(out, "\n}");
  cb_arena_fini(&arena);
}

static void write_decl(cb_writer *out, const lsp_text *text, uint32_t decl)
{
  write_head(out, text->study, decl);
  if (text->study->decls.at[decl].decl->kind != PAT_D_DEFINE) write_fields(out, text, decl);
}

static const char *kind_of_decl(const pat_decl *decl)
{
  switch (decl->kind) {
  case PAT_D_INPUT: return "input";
  case PAT_D_STREAM: return "stream";
  case PAT_D_TABLE: return "table";
  case PAT_D_DEFINE: return "definition";
  case PAT_D_DETECT: return decl->detect->window ? "aggregate" : decl->detect->join ? "join" : "detection";
  case PAT_D_OTHER: break;
  }
  return "declaration";
}

static void write_field(cb_writer *out, const lsp_text *text, const lsp_meaning *meaning)
{
  cb_arena arena;
  lsp_fields fields = {NULL, 0, 0};
  const pat_decl *owner = text->study->decls.at[meaning->decl].decl;
  cb_arena_init(&arena, out->alloc);
  if (meaning->sort == LSP_MEASURE) lsp_measures_of(text, &arena, meaning->decl, &fields);
  else lsp_fields_of(text, &arena, meaning->decl, &fields);
  lsp_write_name(out, meaning->name);
  for (uint32_t i = 0; i < fields.count; i++) {
    if (strcmp(fields.at[i].name, meaning->name) != 0 || fields.at[i].kind == CEP_NULL) continue;
    cb_write_text(out, ": ");
    lsp_write_kind(out, &fields.at[i]);
  }
  const char *what = owner->kind == PAT_D_DETECT ? "value" : "field";
  if (meaning->sort == LSP_KEY) what = "key";
  if (meaning->sort == LSP_MEASURE) what = "measure";
  cb_write_printf(out, "\n```\n%s of the %s `%s`", what, kind_of_decl(owner), owner->name.text);
  cb_arena_fini(&arena);
}

static void write_step(cb_writer *out, const lsp_text *text, const lsp_meaning *meaning)
{
  lsp_write_name(out, meaning->name);
  if (meaning->stream == CEP_NONE) {
    cb_write_text(out, "\n```\nstep");
    return;
  }
  cb_write_text(out, ": ");
  lsp_write_name(out, text->study->decls.at[meaning->stream].decl->name.text);
  write_fields(out, text, meaning->stream);
  cb_write_text(out, "\n```\nstep");
}

static void write_meaning(cb_writer *out, const lsp_text *text, const lsp_meaning *meaning)
{
  if (meaning->sort == LSP_FUNCTION) {
    (void)lsp_write_function(out, meaning->name);
    return;
  }
  cb_write_text(out, "```cep\n");
  switch (meaning->sort) {
  case LSP_DECL:
    write_decl(out, text, meaning->decl);
    cb_write_text(out, "\n```");
    break;
  case LSP_STEP: write_step(out, text, meaning); break;
  case LSP_FIELD:
  case LSP_MEASURE:
  case LSP_KEY: write_field(out, text, meaning); break;
  case LSP_FUNCTION:
  case LSP_NOTHING: break;
  }
}

void lsp_answer_hover(const lsp_question *question)
{
  lsp_text text = lsp_document_text(question->document);
  uint32_t token = lsp_token_at(text.study, question->offset);
  lsp_meaning meaning = lsp_meaning_of(&text, token);
  if (meaning.sort == LSP_NOTHING) {
    cb_write_text(question->out, "null");
    return;
  }
  cb_writer words;
  cb_writer_init(&words, question->out->alloc);
  write_meaning(&words, &text, &meaning);
  cb_write_text(question->out, "{\"contents\":{\"kind\":\"markdown\",\"value\":");
  cb_json_write_string(question->out, (const char *)words.data, words.len);
  cb_write_text(question->out, "},\"range\":");
  lsp_write_span(question, lsp_at(text.study, token)->span);
  cb_write_text(question->out, "}");
  if (words.status < 0) question->out->status = words.status;
  cb_writer_fini(&words);
}
