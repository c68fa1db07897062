/* format.c - rule text in its canonical layout: decides which groups are open, and writes. */
#include "patterns/format.h"

#include <string.h>

#include "cep/base/utf8.h"
#include "patterns/format_parts.h"
#include "patterns/parser.h"

/* ---- Before writing ---------------------------------------------------------------- */

/* A comment, or the author, forces a line end into the gap. */
static int is_line_end_forced(const fmt *text, const fmt_token *token)
{
  for (uint32_t i = 0; i < token->comment_count; i++) {
    const fmt_comment *comment = &text->comments.at[token->comment + i];
    if (comment->is_own_line || comment->is_to_line_end) return 1;
  }
  return 0;
}

static uint32_t comments_width(const fmt *text, const fmt_token *token)
{
  uint32_t width = 0;
  for (uint32_t i = 0; i < token->comment_count; i++) {
    cb_span span = text->comments.at[token->comment + i].span;
    width += 1 + (uint32_t)cb_utf8_count(text->source->text + span.offset, span.length);
  }
  return width;
}

static uint32_t gap_width(const fmt_token *token)
{
  uint32_t blanks = token->gap == FMT_NONE || token->gap == FMT_SOFT_NONE ? token->comment_count > 0 : token->gap == FMT_FIELD ? 2 : 1;
  return blanks + token->pad;
}

/* Gaps get their groups; what a comment opens is opened outwards, and no wider group can be flat. */
static void find_owners(fmt *text)
{
  uint32_t *stack = cb_arena_take(text->arena, ((size_t)text->groups.count + 1) * sizeof *stack);
  if (!stack) return;
  uint32_t depth = 0, next = 0;
  uint64_t width = 0;
  for (uint32_t i = 0; i < text->tokens.count; i++) {
    fmt_token *token = &text->tokens.at[i];
    while (depth > 0 && text->groups.at[stack[depth - 1]].last < i) depth--;
    token->owner = depth > 0 ? stack[depth - 1] : CEP_NONE;
    if (is_line_end_forced(text, token))
      for (uint32_t k = 0; k < depth; k++) text->groups.at[stack[k]].is_forced = 1;
    width += gap_width(token) + comments_width(text, token);
    token->width_to = width;
    width += token->width;
    while (next < text->groups.count && text->groups.at[next].first == i) {
      fmt_group *group = &text->groups.at[next];
      for (uint32_t k = 0; group->is_forced && k < depth; k++) text->groups.at[stack[k]].is_forced = 1;
      stack[depth++] = next++;
    }
  }
}

/* ---- Writing ----------------------------------------------------------------------- */

typedef struct fmt_pen {
  fmt *text;
  cb_writer *out;
  uint32_t column;
  uint32_t indent;  /* of the line */
  uint32_t group;   /* the next to begin */
  uint32_t *stack;  /* groups around the token */
  uint32_t depth;
  int is_head_open; /* of the last head */
} fmt_pen;

static void put_blanks(fmt_pen *pen, uint32_t count)
{
  static const char blanks[] = "                                ";
  pen->column += count;
  for (; count > 0; count -= count < 32 ? count : 32) cb_write_bytes(pen->out, blanks, count < 32 ? count : 32);
}

static void put_span(fmt_pen *pen, cb_span span)
{
  const char *text = pen->text->source->text + span.offset;
  cb_write_bytes(pen->out, text, span.length);
  pen->column += (uint32_t)cb_utf8_count(text, span.length);
}

static void put_line(fmt_pen *pen, uint32_t indent, int is_blank_before)
{
  if (pen->out->len == 0) return; /* the text begins with the first thing in it */
  cb_write_text(pen->out, is_blank_before ? "\n\n" : "\n");
  pen->column = 0;
  pen->indent = indent;
  put_blanks(pen, indent);
}

/* The lines of a comment, none with blanks at its end. */
static void put_comment(fmt_pen *pen, const fmt_comment *comment)
{
  const char *text = pen->text->source->text + comment->span.offset, *end = text + comment->span.length;
  while (text < end) {
    const char *line_end = memchr(text, '\n', (size_t)(end - text));
    const char *stop = line_end ? line_end : end;
    while (line_end && stop > text && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r')) stop--;
    cb_write_bytes(pen->out, text, (size_t)(stop - text));
    pen->column += (uint32_t)cb_utf8_count(text, (size_t)(stop - text));
    if (!line_end) return;
    cb_write_text(pen->out, "\n");
    pen->column = 0;
    text = line_end + 1;
  }
}

static const fmt_group *owner_of(const fmt_pen *pen, const fmt_token *token)
{
  return token->owner == CEP_NONE ? NULL : &pen->text->groups.at[token->owner];
}

/* Whether the line may end in front of the token, as far as is decided. */
static int may_end(const fmt_pen *pen, const fmt_token *token)
{
  const fmt_group *owner = owner_of(pen, token);
  if (token->gap == FMT_LINE || token->kind == PAT_END) return 1;
  if (token->gap == FMT_SPACE || token->gap == FMT_NONE) return 0;
  return !owner || !owner->is_decided || owner->is_open;
}

/* Whether the tokens from `first` to `last`, and what hangs on them, fit behind the column without a line end. */
static int fits(const fmt_pen *pen, uint32_t first, uint32_t last, uint64_t column)
{
  const fmt_token *tokens = pen->text->tokens.at;
  uint64_t from = tokens[first].width_to;
  uint32_t i = last;
  while (i + 1 < pen->text->tokens.count && !may_end(pen, &tokens[i + 1]) &&
         column + tokens[i].width_to + tokens[i].width - from <= PAT_FORMAT_WIDTH)
    i++;
  return column + tokens[i].width_to + tokens[i].width - from <= PAT_FORMAT_WIDTH;
}

/* The groups that begin with the token are flat or open from here on. */
static void begin_groups(fmt_pen *pen, uint32_t token)
{
  fmt *text = pen->text;
  while (pen->group < text->groups.count && text->groups.at[pen->group].first == token) {
    fmt_group *group = &text->groups.at[pen->group];
    const fmt_group *parent = pen->depth > 0 ? &text->groups.at[pen->stack[pen->depth - 1]] : NULL;
    group->base = group->is_body && parent ? parent->base : pen->indent;
    group->is_decided = 1;
    group->is_open = group->is_frame || group->is_forced || (group->is_body && pen->is_head_open) ||
                     ((!parent || parent->is_open) && !fits(pen, token, group->last, pen->column));
    if (group->is_head) pen->is_head_open = group->is_open;
    pen->stack[pen->depth++] = pen->group++;
  }
}

/* Past the token before the gap owned by the same group, or the end of that: what a filled line takes at once. */
static uint32_t piece_end(const fmt_pen *pen, uint32_t token, const fmt_group *owner)
{
  const fmt_token *tokens = pen->text->tokens.at;
  uint32_t i = token;
  uint64_t from = tokens[token].width_to;
  while (i < owner->last && tokens[i].width_to - from <= PAT_FORMAT_WIDTH) {
    const fmt_token *next = &tokens[i + 1];
    if (next->owner == tokens[token].owner && (next->gap != FMT_SPACE && next->gap != FMT_NONE)) break;
    i++;
  }
  return i;
}

static int breaks(const fmt_pen *pen, uint32_t index)
{
  const fmt_token *token = &pen->text->tokens.at[index];
  const fmt_group *owner = owner_of(pen, token);
  if (token->gap == FMT_LINE) return 1;
  if (token->gap == FMT_SPACE || token->gap == FMT_NONE || !owner || !owner->is_open) return 0;
  if (token->gap == FMT_SOFT || token->gap == FMT_SOFT_NONE) return 1;
  if (token->gap == FMT_FIELD && token->has_line_end) return 1;
  return !fits(pen, index, piece_end(pen, index, owner), (uint64_t)pen->column + gap_width(token));
}

static uint32_t line_indent(const fmt_pen *pen, const fmt_group *owner, uint32_t token, int is_comment)
{
  if (!owner) return 0;
  int is_closing = token == owner->last && !is_comment && pen->text->tokens.at[token].match == owner->first;
  return owner->base + (is_closing ? 0 : owner->indent);
}

/* The comments of a gap. 1 if the token behind them must stand on another line. */
static int put_comments(fmt_pen *pen, uint32_t index)
{
  const fmt_token *token = &pen->text->tokens.at[index];
  const fmt_group *owner = owner_of(pen, token);
  int is_line_over = 0, keeps_blanks = !owner || owner->is_braces;
  for (uint32_t i = 0; i < token->comment_count; i++) {
    const fmt_comment *comment = &pen->text->comments.at[token->comment + i];
    int is_first = i == 0 && owner && index == owner->first + 1;
    if (comment->is_own_line) {
      put_line(pen, line_indent(pen, owner, index, 1), comment->has_blank && keeps_blanks && !is_first);
    } else if (pen->out->len > 0) {
      put_blanks(pen, comment->is_to_line_end ? 2 : 1);
    }
    put_comment(pen, comment);
    is_line_over = comment->is_own_line || comment->is_to_line_end;
  }
  return is_line_over;
}

static void put_gap(fmt_pen *pen, uint32_t index)
{
  const fmt_token *token = &pen->text->tokens.at[index];
  const fmt_group *owner = owner_of(pen, token);
  int is_line_over = put_comments(pen, index);
  if (token->kind == PAT_END) {
    if (pen->out->len > 0) cb_write_text(pen->out, "\n");
    return;
  }
  if (is_line_over || breaks(pen, index)) {
    int is_edge = owner && (index == owner->last || (index == owner->first + 1 && token->comment_count == 0));
    put_line(pen, line_indent(pen, owner, index, 0), token->has_blank && (!owner || owner->is_braces) && !is_edge);
    return;
  }
  if (index == 0 && token->comment_count == 0) return;
  uint32_t blanks = gap_width(token) - token->pad;
  if (token->pad_in != CEP_NONE) {
    /* Braces are groups: the one that opens there is around this token. */
    for (uint32_t k = pen->depth; k > 0; k--) {
      const fmt_group *group = &pen->text->groups.at[pen->stack[k - 1]];
      if (group->first == token->pad_in && group->is_braces && group->is_open) blanks += token->pad;
    }
  }
  put_blanks(pen, blanks);
}

void pat_format_write(fmt *text, cb_writer *out)
{
  find_owners(text);
  fmt_pen pen = {.text = text, .out = out};
  pen.stack = cb_arena_take(text->arena, ((size_t)text->groups.count + 1) * sizeof *pen.stack);
  if (text->arena->failed) return;
  for (uint32_t i = 0; i < text->tokens.count; i++) {
    while (pen.depth > 0 && text->groups.at[pen.stack[pen.depth - 1]].last < i) pen.depth--;
    put_gap(&pen, i);
    begin_groups(&pen, i);
    put_span(&pen, text->tokens.at[i].span);
  }
}

/* ---- From text to text ------------------------------------------------------------- */

cep_status pat_format(cb_arena *arena, pat_diags *diags, const cb_source *source, cb_writer *out)
{
  pat_file *file = NULL;
  cep_status status = pat_parse(arena, diags, source, &file);
  pat_diags_flush(diags);
  if (status < 0) return status;
  if (diags->errors > 0) return diags->first.status;
  fmt text;
  memset(&text, 0, sizeof text);
  text.arena = arena;
  text.source = source;
  pat_format_read(&text);
  if (arena->failed) return CEP_E_NOMEM;
  pat_format_mark(&text, file);
  pat_format_write(&text, out);
  if (arena->failed) return CEP_E_NOMEM;
  return out->status;
}

cep_status pat_format_text(cb_arena *arena, const char *name, const char *text, size_t text_len, cep_diag_fn report,
                           void *report_ctx, cb_writer *out, cep_error *err)
{
  if (text_len > PAT_TEXT_MAX)
    return cb_error_set(err, CEP_E_LIMIT, "'%s' has %zu bytes; a rule file has at most %zu", name, text_len, PAT_TEXT_MAX);
  cb_source source;
  pat_diags diags;
  cb_source_init(&source, name, text, (uint32_t)text_len);
  pat_diags_init(&diags, arena, &source, report, report_ctx);
  cep_status status = pat_format(arena, &diags, &source, out);
  if (status == CEP_E_NOMEM) return cb_error_set(err, status, "no memory to format '%s'", name);
  if (status < 0 && err) *err = diags.first;
  return status;
}
