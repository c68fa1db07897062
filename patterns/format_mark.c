/* format_mark.c - where a rule text may break, and what stays together: read off its tree. */
#include <stdlib.h>

#include "patterns/format_parts.h"

#define INDENT 4u
/* What goes on behind the head of a declaration is further in than its members. */
#define HEAD_INDENT 8u

/* ---- Finding tokens ---------------------------------------------------------------- */

/* The first token that begins at `offset` or behind it. */
static uint32_t token_at(const fmt *text, uint32_t offset)
{
  uint32_t low = 0, high = text->tokens.count - 1;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (text->tokens.at[middle].span.offset < offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static uint32_t first_of(const fmt *text, cb_span span)
{
  return token_at(text, span.offset);
}

static uint32_t last_of(const fmt *text, cb_span span)
{
  return token_at(text, span.offset + span.length) - 1;
}

static fmt_token *at(fmt *text, uint32_t token)
{
  CB_ASSERT(token < text->tokens.count);
  return &text->tokens.at[token];
}

static int is_word(const fmt *text, uint32_t token, pat_word word)
{
  return text->tokens.at[token].kind == PAT_NAME && text->tokens.at[token].word == word;
}

static void set_gap(fmt *text, uint32_t token, fmt_gap gap)
{
  at(text, token)->gap = gap;
}

static void add_group(fmt *text, uint32_t first, uint32_t last, uint32_t indent)
{
  fmt_group group = {.first = first, .last = last, .indent = indent};
  (void)pat_list_push(text->arena, &text->groups, group);
}

/* ---- Expressions ------------------------------------------------------------------- */

static void mark_expr(fmt *text, const pat_expr *expr);

/* A list in parentheses that begins at the token `open`. */
static void mark_list(fmt *text, uint32_t open, int is_filled)
{
  uint32_t close = at(text, open)->match;
  if (close == open + 1) return;
  add_group(text, open, close, INDENT);
  set_gap(text, open + 1, FMT_SOFT_NONE);
  set_gap(text, close, FMT_SOFT_NONE);
  for (uint32_t i = open + 1; i < close; i++) {
    if (at(text, i)->match != CEP_NONE) i = at(text, i)->match;
    if (at(text, i)->kind == PAT_COMMA) set_gap(text, i + 1, is_filled ? FMT_FILL : FMT_SOFT);
  }
}

/* Lines of a list are filled where its items are nothing but words. */
static int are_words(const pat_expr *expr, uint32_t from)
{
  for (uint32_t i = from; i < expr->args.count; i++) {
    const pat_expr *item = expr->args.at[i];
    int is_member = item->kind == PAT_E_MEMBER && item->args.at[0]->kind == PAT_E_NAME;
    if (item->kind != PAT_E_LITERAL && item->kind != PAT_E_NAME && !is_member) return 0;
  }
  return 1;
}

static void mark_case(fmt *text, const pat_expr *expr)
{
  uint32_t last = last_of(text, expr->span);
  add_group(text, first_of(text, expr->span), last, INDENT);
  for (uint32_t i = 0; i < expr->args.count; i += 2) set_gap(text, first_of(text, expr->args.at[i]->span) - 1, FMT_SOFT);
  set_gap(text, last, FMT_SOFT);
}

static int is_arithmetic(const pat_expr *expr)
{
  if (expr->kind != PAT_E_OP) return 0;
  return expr->op == PLAN_ADD || expr->op == PLAN_SUB || expr->op == PLAN_MUL || expr->op == PLAN_DIV || expr->op == PLAN_IDIV ||
         expr->op == PLAN_MOD;
}

static int is_in_parentheses(fmt *text, const pat_expr *expr)
{
  const fmt_token *first = at(text, first_of(text, expr->span));
  return first->kind == PAT_PAREN_OPEN && first->match == last_of(text, expr->span);
}

/* a + b - c is one chain though it nests to the left. */
static void mark_arithmetic(fmt *text, const pat_expr *expr)
{
  add_group(text, first_of(text, expr->span), last_of(text, expr->span), INDENT);
  for (;;) {
    const pat_expr *left = expr->args.at[0];
    set_gap(text, first_of(text, expr->op_span), FMT_SOFT);
    mark_expr(text, expr->args.at[1]);
    if (!is_arithmetic(left) || is_in_parentheses(text, left)) break;
    expr = left;
  }
  mark_expr(text, expr->args.at[0]);
}

static void mark_op(fmt *text, const pat_expr *expr)
{
  uint32_t word = first_of(text, expr->op_span);
  if (is_arithmetic(expr)) {
    mark_arithmetic(text, expr);
    return;
  }
  if (expr->op == PLAN_NEG) set_gap(text, word + 1, FMT_NONE);
  if (expr->op == PLAN_AND || expr->op == PLAN_OR) {
    add_group(text, first_of(text, expr->span), last_of(text, expr->span), INDENT);
    for (uint32_t i = 1; i < expr->args.count; i++) set_gap(text, first_of(text, expr->args.at[i]->span) - 1, FMT_SOFT);
  }
  if (expr->op == PLAN_IN || expr->op == PLAN_CIDR) {
    uint32_t open = word + (expr->op == PLAN_CIDR ? 2 : 1);
    if (at(text, open)->kind == PAT_PAREN_OPEN) mark_list(text, open, are_words(expr, 1));
  }
  for (uint32_t i = 0; i < expr->args.count; i++) mark_expr(text, expr->args.at[i]);
}

static void mark_expr(fmt *text, const pat_expr *expr)
{
  if (!expr) return;
  switch (expr->kind) {
  case PAT_E_OP: mark_op(text, expr); return;
  case PAT_E_LITERAL: {
    uint32_t first = first_of(text, expr->span);
    if (at(text, first)->kind == PAT_MINUS) set_gap(text, first + 1, FMT_NONE); /* the least int */
    return;
  }
  case PAT_E_CALL: {
    uint32_t open = first_of(text, expr->name.span) + 1;
    set_gap(text, open, FMT_NONE);
    mark_list(text, open, are_words(expr, 0));
    break;
  }
  case PAT_E_CASE: mark_case(text, expr); break;
  case PAT_E_NAME:
  case PAT_E_MEMBER:
  case PAT_E_INDEX:
  case PAT_E_BETWEEN: break;
  }
  for (uint32_t i = 0; i < expr->args.count; i++) mark_expr(text, expr->args.at[i]);
}

/* The word in front of an expression stands on a line of its own with it, where they do not fit. */
static void mark_where(fmt *text, const pat_expr *where)
{
  if (!where) return;
  set_gap(text, first_of(text, where->span) - 1, FMT_SOFT);
  mark_expr(text, where);
}

/* ---- Braces ------------------------------------------------------------------------ */

/* Whether the author has opened the braces: a line ends behind the first of them. */
static int is_opened(fmt *text, uint32_t open)
{
  const fmt_token *next = at(text, open + 1);
  if (next->comment_count > 0) return text->comments.at[next->comment].is_own_line;
  return next->has_line_end;
}

static void add_braces(fmt *text, uint32_t open, int is_body, int is_forced)
{
  uint32_t close = at(text, open)->match;
  fmt_group group = {.first = open, .last = close, .indent = INDENT, .is_braces = 1, .is_body = is_body};
  if (close > open + 1) {
    group.is_forced = is_forced || is_opened(text, open);
    set_gap(text, open + 1, FMT_SOFT);
    set_gap(text, close, FMT_SOFT);
  }
  (void)pat_list_push(text->arena, &text->groups, group);
}

/* From the first '{' at or behind a token. */
static uint32_t find_brace(fmt *text, uint32_t token)
{
  while (at(text, token)->kind != PAT_BRACE_OPEN) token++;
  return token;
}

static void mark_object(fmt *text, uint32_t from, const pat_object *object)
{
  uint32_t open = find_brace(text, from);
  add_braces(text, open, 0, 0);
  for (uint32_t i = 0; i < object->count; i++) {
    if (i > 0) set_gap(text, first_of(text, object->at[i].name.span), FMT_SOFT);
    mark_expr(text, object->at[i].expr);
  }
}

/* ---- Columns ----------------------------------------------------------------------- */

/* Lines that follow each other begin with cells of one width. */
typedef struct cells {
  uint32_t open;  /* the '{' around them */
  uint32_t count;
  uint32_t width; /* of the widest */
  PAT_LIST(uint32_t) behind; /* tokens that stand behind a cell */
} cells;

static void end_cells(fmt *text, cells *column)
{
  for (uint32_t i = 0; i < column->behind.count; i++) {
    fmt_token *token = at(text, column->behind.at[i]);
    token->pad = column->width - token->pad;
    token->pad_in = column->open;
  }
  column->behind.count = 0;
  column->width = 0;
}

/* A cell before the token `behind`, of a line that begins at `first`. Its width waits in `pad`. */
static void add_cell(fmt *text, cells *column, uint32_t first, uint32_t behind, uint32_t width)
{
  const fmt_token *start = at(text, first);
  int is_apart = start->has_blank;
  for (uint32_t i = 0; i < start->comment_count; i++) is_apart |= text->comments.at[start->comment + i].is_own_line;
  if (is_apart) end_cells(text, column);
  at(text, behind)->pad = width;
  if (width > column->width) column->width = width;
  (void)pat_list_push(text->arena, &column->behind, behind);
}

/* ---- Patterns ---------------------------------------------------------------------- */

static void mark_elements(fmt *text, const pat_detect *detect, const pat_elements *items);

static void mark_step(fmt *text, const pat_step *step)
{
  mark_where(text, step->where);
  for (uint32_t i = 0; i < step->distinct.count; i++) mark_expr(text, step->distinct.at[i]);
  if (step->distinct.count > 0) set_gap(text, first_of(text, step->distinct.at[0]->span) - 1, FMT_NONE);
}

static void mark_parentheses(fmt *text, const pat_detect *detect, const pat_element *element)
{
  uint32_t open = token_at(text, element->span.offset);
  /* In front of it stand words and a count, and never a name. */
  while (at(text, open)->kind != PAT_PAREN_OPEN) open++;
  mark_list(text, open, 0);
  if (element->kind == PLAN_ONE_OF) {
    for (uint32_t i = 0; i < element->items.count; i++) {
      const pat_element *choice = &element->items.at[i];
      add_group(text, first_of(text, choice->span), last_of(text, choice->span), INDENT);
      mark_elements(text, detect, &choice->items);
    }
  } else {
    mark_elements(text, detect, &element->items);
  }
}

static void mark_element(fmt *text, const pat_detect *detect, const pat_element *element)
{
  uint32_t first = token_at(text, element->span.offset);
  if (element->hop_span.length > 0) first = first_of(text, element->hop_span) - 1;
  add_group(text, first, last_of(text, element->span), INDENT);
  if (element->has_count) {
    uint32_t last = last_of(text, element->word_span);
    if (at(text, last)->kind == PAT_PLUS) set_gap(text, last, FMT_NONE);
  }
  if (element->until != CEP_NONE) {
    const pat_step *until = &detect->steps.at[element->until];
    set_gap(text, first_of(text, until->span), FMT_SOFT);
    add_group(text, first_of(text, until->span), last_of(text, until->span), INDENT);
    mark_step(text, until);
  }
  if (element->kind == PLAN_STEP) {
    mark_step(text, &detect->steps.at[element->step]);
  } else {
    mark_parentheses(text, detect, element);
  }
}

/* `then` begins a line if what is around it is open. */
static void mark_elements(fmt *text, const pat_detect *detect, const pat_elements *items)
{
  for (uint32_t i = 0; i < items->count; i++) {
    const pat_element *element = &items->at[i];
    mark_element(text, detect, element);
    if (element->hop_span.length > 0) set_gap(text, first_of(text, element->hop_span) - 1, FMT_SOFT);
  }
}

/* ---- Clauses ----------------------------------------------------------------------- */

static void mark_action(fmt *text, cells *times, const pat_test_action *action)
{
  uint32_t first = first_of(text, action->span);
  set_gap(text, first, FMT_SOFT);
  switch (action->what) {
  case PLAN_TEST_AT:
    add_cell(text, times, first, first + 2, at(text, first + 1)->width);
    mark_object(text, first, &action->object);
    return;
  case PLAN_TEST_MATCH:
  case PLAN_TEST_TIMEOUT:
  case PLAN_TEST_UPDATE: mark_object(text, first, &action->object); break;
  default: break;
  }
  end_cells(text, times);
}

static void mark_test(fmt *text, const pat_test *test)
{
  uint32_t name = first_of(text, test->name.span);
  cells times = {.open = name + 1};
  set_gap(text, name - 1, FMT_SOFT);
  add_braces(text, times.open, 0, 0);
  for (uint32_t i = 0; i < test->actions.count; i++) mark_action(text, &times, &test->actions.at[i]);
  end_cells(text, &times);
}

/* A clause that begins with the token, and has values in braces. */
static void mark_emit(fmt *text, cb_span word, const pat_object *object)
{
  if (word.length == 0) return;
  set_gap(text, first_of(text, word), FMT_SOFT);
  mark_object(text, first_of(text, word), object);
}

static void mark_measures(fmt *text, uint32_t open, const pat_window *window)
{
  cells names = {.open = open};
  uint32_t end = open + 1;
  for (uint32_t i = 0; i < window->measures.count; i++) {
    const pat_entry *measure = &window->measures.at[i];
    uint32_t first = first_of(text, measure->name.span);
    if (first != end) end_cells(text, &names);
    set_gap(text, first, FMT_SOFT);
    add_cell(text, &names, first, first + 2, at(text, first)->width);
    mark_expr(text, measure->expr);
    end = last_of(text, measure->expr->span) + 1;
  }
  end_cells(text, &names);
}

static void mark_clause(fmt *text, cb_span word)
{
  if (word.length > 0) set_gap(text, first_of(text, word), FMT_SOFT);
}

static void mark_clause_expr(fmt *text, const pat_expr *expr)
{
  if (!expr) return;
  uint32_t word = first_of(text, expr->span) - 1;
  set_gap(text, word, FMT_SOFT);
  add_group(text, word, last_of(text, expr->span), INDENT);
  mark_expr(text, expr);
}

/* `then` and `emit` as wide as the `match` above them. */
static void pad_word(fmt *text, uint32_t open, uint32_t word)
{
  at(text, word + 1)->pad = at(text, word)->width < 5 ? 5 - at(text, word)->width : 0;
  at(text, word + 1)->pad_in = open;
}

static void mark_match(fmt *text, uint32_t open, const pat_detect *detect)
{
  mark_clause(text, detect->match_span);
  mark_elements(text, detect, &detect->pattern.items);
  for (uint32_t i = 1; i < detect->pattern.items.count; i++) {
    uint32_t hop = first_of(text, detect->pattern.items.at[i].hop_span);
    if (hop == token_at(text, detect->pattern.items.at[i].span.offset)) pad_word(text, open, hop - 1);
  }
  if (detect->emit_span.length > 0 && detect->once_span.length == 0) pad_word(text, open, first_of(text, detect->emit_span));
}

static void mark_clauses(fmt *text, uint32_t open, const pat_detect *detect)
{
  add_braces(text, open, 1, detect->tests.count > 0);
  if (detect->window) {
    mark_measures(text, open, detect->window);
    mark_clause(text, detect->window->early_span);
    mark_clause_expr(text, detect->window->having);
  } else if (detect->join) {
    mark_clause_expr(text, detect->join->where);
  } else {
    mark_match(text, open, detect);
    mark_clause_expr(text, detect->having);
    mark_clause(text, detect->skip_span);
    mark_clause(text, detect->limit_span);
  }
  mark_emit(text, detect->emit_span, &detect->emit);
  mark_emit(text, detect->timeout_span, &detect->timeout_emit);
  mark_clause(text, detect->suppress_span);
  mark_emit(text, detect->meta_span, &detect->meta);
  for (uint32_t i = 0; i < detect->tests.count; i++) mark_test(text, &detect->tests.at[i]);
}

/* ---- Declarations ------------------------------------------------------------------ */

/* A part of a head; not a name that is spelt like the word for one. */
static int begins_part(const fmt *text, uint32_t token)
{
  static const pat_word words[] = {PAT_W_by,  PAT_W_within, PAT_W_unbounded, PAT_W_window,  PAT_W_even,
                                   PAT_W_key, PAT_W_format, PAT_W_allowed,   PAT_W_refresh};
  const fmt_token *before = &text->tokens.at[token - 1];
  if (text->tokens.at[token].gap != FMT_SPACE || before->kind == PAT_COMMA || before->kind == PAT_ASSIGN || is_word(text, token - 1, PAT_W_by))
    return 0;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (is_word(text, token, words[i])) return 1;
  return text->tokens.at[token].kind == PAT_WHERE;
}

/* From the word that begins the declaration to the token before its '{'. Expressions in it have been marked. */
static void mark_head(fmt *text, uint32_t first, uint32_t open, const pat_expr *where)
{
  fmt_group head = {.first = first, .last = open - 1, .indent = HEAD_INDENT, .is_head = 1};
  (void)pat_list_push(text->arena, &text->groups, head);
  uint32_t skip_from = where ? first_of(text, where->span) : open, skip_to = where ? last_of(text, where->span) : open;
  for (uint32_t i = first + 2; i < open; i++) {
    if (i >= skip_from && i <= skip_to) continue;
    if (begins_part(text, i)) set_gap(text, i, FMT_SOFT);
  }
  mark_expr(text, where);
}

static void mark_fields(fmt *text, uint32_t open, const pat_stream *stream)
{
  add_braces(text, open, 1, 0);
  for (uint32_t i = 0; i < stream->members.count; i++) {
    uint32_t first = first_of(text, stream->members.at[i].name.span);
    if (first > open + 1) set_gap(text, first, FMT_FIELD);
    mark_expr(text, stream->members.at[i].missing);
  }
  if (stream->time.span.length == 0) return;
  uint32_t first = first_of(text, stream->time.span), behind = last_of(text, stream->time.span) + 1;
  if (first > open + 1) set_gap(text, first, FMT_FIELD);
  at(text, first)->has_line_end = 1;
  at(text, behind)->has_line_end = 1;
}

static void mark_decl(fmt *text, const pat_decl *decl)
{
  uint32_t first = first_of(text, decl->name.span) - 1;
  if (first > 0) set_gap(text, first, FMT_LINE);
  if (decl->kind == PAT_D_DEFINE) {
    const pat_expr *where = decl->define->where;
    add_group(text, first, last_of(text, where->span), INDENT);
    mark_where(text, where);
    return;
  }
  uint32_t open = find_brace(text, first);
  fmt_group frame = {.first = first, .last = at(text, open)->match, .is_frame = 1};
  (void)pat_list_push(text->arena, &text->groups, frame);
  const pat_stream *stream = decl->kind == PAT_D_TABLE ? &decl->table->source : decl->stream;
  const pat_expr *where = stream ? stream->where : decl->detect->window ? decl->detect->steps.at[0].where : NULL;
  mark_head(text, first, open, where);
  if (stream) {
    mark_fields(text, open, stream);
    return;
  }
  for (uint32_t i = 0; i < decl->detect->keys.count; i++)
    for (uint32_t k = 0; k < decl->detect->keys.at[i].parts.count; k++) mark_expr(text, decl->detect->keys.at[i].parts.at[k]);
  mark_clauses(text, open, decl->detect);
}

/* ---- The whole --------------------------------------------------------------------- */

/* What needs no tree. */
static void mark_signs(fmt *text)
{
  for (uint32_t i = 1; i < text->tokens.count; i++) {
    pat_token_kind before = text->tokens.at[i - 1].kind, kind = text->tokens.at[i].kind;
    int is_glued = before == PAT_PAREN_OPEN || before == PAT_BRACKET_OPEN || before == PAT_DOT || before == PAT_DOTS ||
                   kind == PAT_PAREN_CLOSE || kind == PAT_BRACKET_CLOSE || kind == PAT_BRACKET_OPEN || kind == PAT_DOT ||
                   kind == PAT_DOTS || kind == PAT_COMMA || kind == PAT_COLON || kind == PAT_QUESTION;
    text->tokens.at[i].gap = is_glued ? FMT_NONE : FMT_SPACE;
  }
}

/* The inner of two groups that begin together ends first. */
static int compare_groups(const void *a, const void *b)
{
  const fmt_group *one = a, *other = b;
  if (one->first != other->first) return one->first < other->first ? -1 : 1;
  if (one->last != other->last) return one->last > other->last ? -1 : 1;
  return (one->indent > other->indent) - (one->indent < other->indent);
}

void pat_format_mark(fmt *text, const pat_file *file)
{
  mark_signs(text);
  for (uint32_t i = 0; i < file->decls.count; i++) mark_decl(text, &file->decls.at[i]);
  if (text->groups.count > 1) qsort(text->groups.at, text->groups.count, sizeof *text->groups.at, compare_groups);
}
