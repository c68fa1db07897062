/* format_read.c - a rule text as tokens with the comments between them. */
#include <string.h>

#include "cep/base/utf8.h"
#include "patterns/format_parts.h"

/* ---- Comments ---------------------------------------------------------------------- */

/* Where the comment at `at` ends; the lexer has read it, so it does. */
static uint32_t comment_end(const cb_source *source, uint32_t at)
{
  const char *text = source->text;
  uint32_t end = at + 2;
  if (text[at + 1] == '/') {
    while (end < source->len && text[end] != '\n') end++;
  } else {
    while (!(text[end] == '*' && text[end + 1] == '/')) end++;
    end += 2;
  }
  while (text[end - 1] == ' ' || text[end - 1] == '\t' || text[end - 1] == '\r') end--;
  return end;
}

static void add_comment(fmt *text, fmt_token *token, uint32_t at, uint32_t end, int line_ends)
{
  const char *from = text->source->text + at;
  fmt_comment comment = {.span = {at, end - at}, .is_own_line = line_ends > 0, .has_blank = line_ends > 1};
  comment.is_to_line_end = from[1] == '/' || memchr(from, '\n', end - at) != NULL;
  if (token->comment_count++ == 0) token->comment = text->comments.count;
  (void)pat_list_push(text->arena, &text->comments, comment);
}

/* What stands between two tokens is white space and comments. */
static void read_gap(fmt *text, fmt_token *token, uint32_t from)
{
  const char *at = text->source->text;
  int line_ends = from == 0; /* at the start of the text a line begins as well, */
  if (from == 0 && text->source->len >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) from = 3; /* and behind a byte order mark */
  for (uint32_t i = from; i < token->span.offset;) {
    if (at[i] == '/') {
      uint32_t end = comment_end(text->source, i);
      add_comment(text, token, i, end, line_ends);
      line_ends = 0;
      i = end;
    } else {
      line_ends += at[i++] == '\n';
    }
  }
  token->has_line_end = line_ends > 0;
  token->has_blank = line_ends > 1;
}

/* ---- Tokens ------------------------------------------------------------------------ */

static int closes(pat_token_kind kind)
{
  return kind == PAT_BRACE_CLOSE || kind == PAT_PAREN_CLOSE || kind == PAT_BRACKET_CLOSE;
}

static int opens(pat_token_kind kind)
{
  return kind == PAT_BRACE_OPEN || kind == PAT_PAREN_OPEN || kind == PAT_BRACKET_OPEN;
}

/* The innermost open bracket is found through `match`: until it is closed that holds the one around it. */
static void pair_brackets(fmt *text)
{
  uint32_t open = CEP_NONE;
  for (uint32_t i = 0; i < text->tokens.count; i++) {
    fmt_token *token = &text->tokens.at[i];
    if (opens(token->kind)) {
      token->match = open;
      open = i;
    } else if (closes(token->kind) && open != CEP_NONE) {
      uint32_t outer = text->tokens.at[open].match;
      text->tokens.at[open].match = i;
      token->match = open;
      open = outer;
    }
  }
  CB_ASSERT(open == CEP_NONE);
}

void pat_format_read(fmt *text)
{
  pat_lexer lexer;
  pat_diags diags;
  uint32_t end = 0;
  pat_diags_init(&diags, text->arena, text->source, NULL, NULL);
  pat_lexer_init(&lexer, text->arena, &diags, text->source->text, text->source->len);
  for (pat_token_kind kind = PAT_BROKEN; kind != PAT_END && !text->arena->failed;) {
    pat_token read = pat_lexer_next(&lexer);
    kind = read.kind;
    fmt_token token = {.kind = kind, .word = read.word, .is_label = read.is_label, .span = read.span, .match = CEP_NONE,
                       .owner = CEP_NONE, .pad_in = CEP_NONE};
    token.width = (uint32_t)cb_utf8_count(text->source->text + read.span.offset, read.span.length);
    read_gap(text, &token, end);
    end = read.span.offset + read.span.length;
    (void)pat_list_push(text->arena, &text->tokens, token);
  }
  if (!text->arena->failed) pair_brackets(text);
}
