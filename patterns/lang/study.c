/* study.c - a rule text read for an editor. */
#include "patterns/lang/study.h"

#include <string.h>

/* ---- Tokens ------------------------------------------------------------------------ */

static int fits_bracket(pat_token_kind open, pat_token_kind close)
{
  switch (close) {
  case PAT_BRACE_CLOSE: return open == PAT_BRACE_OPEN;
  case PAT_PAREN_CLOSE: return open == PAT_PAREN_OPEN;
  default: return open == PAT_BRACKET_OPEN;
  }
}

/* The bracket around another is found through its own `brace` and `paren`. A closing one closes the
 * innermost of its kind; what was open inside of that is left without a match. */
static uint32_t close_bracket(lsp_study *study, uint32_t brace, uint32_t paren, uint32_t close)
{
  lsp_token *tokens = study->tokens.at;
  pat_token_kind kind = tokens[close].kind;
  uint32_t open = kind == PAT_BRACE_CLOSE ? brace : paren;
  while (kind != PAT_BRACE_CLOSE && open != CEP_NONE && !fits_bracket(tokens[open].kind, kind)) open = tokens[open].paren;
  if (open == CEP_NONE) return CEP_NONE;
  tokens[open].match = close;
  tokens[close].match = open;
  return open;
}

static void pair_brackets(lsp_study *study)
{
  uint32_t brace = CEP_NONE, paren = CEP_NONE;
  for (uint32_t i = 0; i < study->tokens.count; i++) {
    lsp_token *token = &study->tokens.at[i];
    pat_token_kind kind = token->kind;
    if (kind == PAT_BRACE_CLOSE || kind == PAT_PAREN_CLOSE || kind == PAT_BRACKET_CLOSE) {
      uint32_t open = close_bracket(study, brace, paren, i);
      if (open != CEP_NONE) {
        paren = study->tokens.at[open].paren;
        brace = study->tokens.at[open].brace;
      }
    }
    token->brace = brace;
    token->paren = paren;
    if (kind == PAT_BRACE_OPEN) {
      brace = i;
      paren = CEP_NONE;
    } else if (kind == PAT_PAREN_OPEN || kind == PAT_BRACKET_OPEN) {
      paren = i;
    }
  }
}

static void read_tokens(lsp_study *study)
{
  pat_lexer lexer;
  pat_diags unheard; /* the parser says the same again */
  pat_diags_init(&unheard, &study->arena, &study->source, NULL, NULL);
  pat_lexer_init(&lexer, &study->arena, &unheard, study->source.text, study->source.len);
  for (pat_token_kind kind = PAT_BROKEN; kind != PAT_END && !study->arena.failed;) {
    pat_token read = pat_lexer_next(&lexer);
    kind = read.kind;
    lsp_token token = {read.kind, read.word, read.is_label, read.span, read.text, CEP_NONE, CEP_NONE, CEP_NONE};
    (void)pat_list_push(&study->arena, &study->tokens, token);
  }
  if (!study->arena.failed) pair_brackets(study);
}

/* A line ends with \n, \r\n, or \r alone, as the protocol has it. */
static void read_lines(lsp_study *study)
{
  const char *text = study->source.text;
  uint32_t start = 0;
  (void)pat_list_push(&study->arena, &study->lines, start);
  for (uint32_t i = 0; i < study->source.len; i++) {
    if (text[i] != '\n' && text[i] != '\r') continue;
    if (text[i] == '\r' && i + 1 < study->source.len && text[i + 1] == '\n') continue;
    start = i + 1;
    (void)pat_list_push(&study->arena, &study->lines, start);
  }
}

/* ---- Looking for tokens -------------------------------------------------------------- */

/* The first token that begins behind the offset. */
static uint32_t first_behind(const lsp_study *study, uint32_t offset)
{
  uint32_t low = 0, high = study->tokens.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (study->tokens.at[middle].span.offset <= offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static uint32_t end_of(const lsp_study *study, uint32_t token)
{
  return study->tokens.at[token].span.offset + study->tokens.at[token].span.length;
}

uint32_t lsp_token_at(const lsp_study *study, uint32_t offset)
{
  uint32_t behind = first_behind(study, offset);
  uint32_t holds = behind > 0 && end_of(study, behind - 1) > offset ? behind - 1 : CEP_NONE;
  if (holds != CEP_NONE && (study->tokens.at[holds].span.offset < offset || study->tokens.at[holds].kind == PAT_NAME)) return holds;
  uint32_t before = holds == CEP_NONE ? behind : holds;
  while (before > 0 && study->tokens.at[before - 1].kind == PAT_END) before--;
  if (before > 0 && end_of(study, before - 1) == offset && study->tokens.at[before - 1].kind == PAT_NAME) return before - 1;
  return holds;
}

uint32_t lsp_token_before(const lsp_study *study, uint32_t offset)
{
  uint32_t behind = first_behind(study, offset);
  while (behind > 0 && (end_of(study, behind - 1) > offset || study->tokens.at[behind - 1].kind == PAT_END)) behind--;
  return behind > 0 ? behind - 1 : CEP_NONE;
}

int lsp_in_comment(const lsp_study *study, uint32_t offset)
{
  const char *text = study->source.text;
  uint32_t before = lsp_token_before(study, offset);
  uint32_t at = before == CEP_NONE ? 0 : end_of(study, before);
  while (at < offset) {
    if (text[at] != '/' || at + 1 >= study->source.len) {
      at++;
    } else if (text[at + 1] == '/') {
      while (at < offset && text[at] != '\n') at++;
      if (at == offset) return 1;
    } else {
      for (at += 2; at + 1 < study->source.len && !(text[at] == '*' && text[at + 1] == '/');) at++;
      at += 2;
      if (at > offset) return 1;
    }
  }
  return 0;
}

uint32_t lsp_decl_of(const lsp_study *study, uint32_t token)
{
  uint32_t low = 0, high = study->decls.count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (study->decls.at[middle].first <= token) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 ? low - 1 : CEP_NONE;
}

/* ---- The study ----------------------------------------------------------------------- */

static void keep_problem(void *ctx, const cep_error *diagnostic)
{
  lsp_study *study = ctx;
  (void)pat_list_push(&study->arena, &study->problems, *diagnostic);
}

static void find_decls(lsp_study *study)
{
  for (uint32_t i = 0; i < study->compile.file->decls.count; i++) {
    const pat_decl *decl = &study->compile.file->decls.at[i];
    if (!decl->name.text) continue;
    uint32_t behind = first_behind(study, decl->name.span.offset);
    if (behind < 2) continue; /* the word stands before the name */
    lsp_decl found = {decl, behind - 2, study->tokens.count - 1};
    if (study->decls.count > 0) study->decls.at[study->decls.count - 1].last = found.first - 1;
    (void)pat_list_push(&study->arena, &study->decls, found);
  }
}

static cep_status study_text(lsp_study *study, const char *text, size_t len)
{
  pat_diags diags;
  int is_long = len > PAT_TEXT_MAX;
  if (is_long) len = 0;
  plan *made = cb_arena_take(&study->arena, sizeof *made);
  char *copy = cb_arena_text(&study->arena, text, len);
  if (!made || !copy) return CEP_E_NOMEM;
  cb_source_init(&study->source, "text", copy, (uint32_t)len);
  made->source = study->source;
  read_lines(study);
  read_tokens(study);
  pat_diags_init(&diags, &study->arena, &made->source, is_long ? NULL : keep_problem, study);
  if (study->arena.failed) return CEP_E_NOMEM;
  cep_status status = pat_compile_source(&study->compile, &study->arena, &diags, made);
  if (status < 0) return status;
  study->compile.diags = NULL; /* ends with this call */
  find_decls(study);
  if (is_long) {
    cep_error problem;
    memset(&problem, 0, sizeof problem);
    (void)cb_error_set(&problem, CEP_E_LIMIT, "a rule file has at most %zu bytes", PAT_TEXT_MAX);
    keep_problem(study, &problem);
  }
  return study->arena.failed ? CEP_E_NOMEM : CEP_OK;
}

cep_status lsp_study_new(cb_alloc *alloc, const char *text, size_t len, lsp_study **out)
{
  lsp_study *study = cb_new0(alloc, sizeof *study);
  if (!study) return CEP_E_NOMEM;
  study->alloc = alloc;
  cb_arena_init(&study->arena, alloc);
  cep_status status = study_text(study, text, len);
  if (status < 0) {
    lsp_study_free(study);
    return status;
  }
  *out = study;
  return CEP_OK;
}

void lsp_study_free(lsp_study *study)
{
  if (!study) return;
  cb_arena_fini(&study->arena);
  cb_free(study->alloc, study, sizeof *study);
}
