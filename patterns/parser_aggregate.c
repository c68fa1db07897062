/* parser_aggregate.c - an aggregate: what it counts, its window, its measures. */
#include "patterns/parser_state.h"

#include <string.h>

/* ---- Header ------------------------------------------------------------------------ */

/* Its one step: the stream and the condition on what is counted. */
static int parse_from(pat_parser *parser, pat_detect *detect)
{
  pat_step step;
  memset(&step, 0, sizeof step);
  if (!pat_parser_want_word(parser, PAT_W_from)) return 0;
  step.span = parser->token.span;
  if (!pat_parser_want_name(parser, "the name of a stream, definition or detection", &step.role)) return 0;
  if (pat_parser_take(parser, PAT_WHERE)) {
    step.where = pat_parse_expr(parser);
    if (!step.where) return 0;
  }
  detect->match_span = step.span;
  detect->pattern.kind = PLAN_SEQUENCE;
  return pat_list_push(parser->arena, &detect->steps, step);
}

static int parse_even_empty(pat_parser *parser, pat_window *window)
{
  cb_span word = parser->token.span;
  if (!pat_parser_take_word(parser, PAT_W_even)) return 1;
  if (!pat_parser_want_word(parser, PAT_W_empty) || !pat_parser_want_word(parser, PAT_W_for)) return 0;
  if (!pat_parse_length(parser, "how long empty windows go on", &window->even_empty)) return 0;
  window->even_span = pat_parser_since(parser, word);
  return 1;
}

static int parse_allowed(pat_parser *parser, pat_window *window)
{
  cb_span word = parser->token.span;
  if (!pat_parser_take_word(parser, PAT_W_allowed)) return 1;
  if (!pat_parser_want_word(parser, PAT_W_lateness)) return 0;
  if (!pat_parse_length(parser, "how late an event may be to be taken still", &window->allowed)) return 0;
  window->allowed_span = pat_parser_since(parser, word);
  return 1;
}

/* ---- Members ----------------------------------------------------------------------- */

static int parse_measure(pat_parser *parser, pat_window *window)
{
  pat_entry entry;
  if (!pat_parser_want_label(parser, "a measure", &entry.name)) return 0;
  entry.expr = pat_parse_expr(parser);
  return entry.expr && pat_list_push(parser->arena, &window->measures, entry);
}

static int parse_having(pat_parser *parser, pat_window *window)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, window->having_span, word, "having");
  window->having_span = word;
  window->having = pat_parse_expr(parser);
  return window->having != NULL;
}

static int parse_emit(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, detect->emit_span, word, "emit");
  detect->emit.count = 0;
  detect->emit_span = word;
  if (pat_parser_take_word(parser, PAT_W_at)) {
    if (!pat_parser_want_word(parser, PAT_W_once)) return 0;
    detect->window->is_at_once = 1;
  }
  return pat_parse_object(parser, &detect->emit);
}

static int parse_early(pat_parser *parser, pat_window *window)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, window->early_span, word, "early");
  if (!pat_parser_want_word(parser, PAT_W_every)) return 0;
  if (!pat_parse_length(parser, "the time from one early report to the next", &window->early_every)) return 0;
  window->early_span = pat_parser_since(parser, word);
  return 1;
}

static int parse_member(pat_parser *parser, pat_detect *detect)
{
  if (pat_parser_at(parser, PAT_NAME) && parser->token.is_label) return parse_measure(parser, detect->window);
  if (pat_parser_at(parser, PAT_HAVING)) return parse_having(parser, detect->window);
  if (pat_parser_at(parser, PAT_EMIT)) return parse_emit(parser, detect);
  switch (pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE) {
  case PAT_W_meta: return pat_parse_meta(parser, detect);
  case PAT_W_suppress: return pat_parse_suppress(parser, detect);
  case PAT_W_test: return pat_parse_test(parser, detect);
  case PAT_W_early: return parse_early(parser, detect->window);
  default: break;
  }
  return pat_parser_expected(parser, "a measure such as  total: count()  or a clause (having, emit, early, suppress, meta, test) or '}'");
}

/* To the next member or the '}'. 0 when the next declaration is here already. */
static int skip_to_member(pat_parser *parser, int32_t level)
{
  while (!pat_parser_at(parser, PAT_END)) {
    if (pat_parser_at_margin(parser)) return 0;
    int is_label = pat_parser_at(parser, PAT_NAME) && parser->token.is_label;
    int begins = is_label || pat_parser_at(parser, PAT_BRACE_CLOSE) || pat_parser_at(parser, PAT_HAVING) || pat_parser_at(parser, PAT_EMIT) ||
                 pat_parser_at_word(parser, PAT_W_test);
    if (parser->braces <= level && begins) return 1;
    pat_parser_next(parser);
  }
  return 0;
}

int pat_parse_members(pat_parser *parser, pat_detect *detect, pat_member_fn *parse)
{
  int32_t level = parser->braces;
  while (!pat_parser_at(parser, PAT_BRACE_CLOSE)) {
    if (pat_parser_at(parser, PAT_END)) return pat_parser_expected(parser, detect->window ? "a measure, a clause or '}'" : "a clause or '}'");
    if (parser->arena->failed) return 0;
    uint32_t offset = parser->token.span.offset;
    if (parse(parser, detect)) continue;
    if (parser->token.span.offset == offset) pat_parser_next(parser);
    if (!skip_to_member(parser, level)) return 0;
  }
  pat_parser_next(parser);
  return 1;
}

int pat_parse_aggregate(pat_parser *parser, pat_decl *decl)
{
  pat_detect *detect = cb_arena_take(parser->arena, sizeof *detect);
  pat_window *window = cb_arena_take(parser->arena, sizeof *window);
  if (!detect || !window) return 0;
  decl->kind = PAT_D_DETECT;
  decl->detect = detect;
  detect->window = window;
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, "the name of the aggregate", &decl->name)) return 0;
  if (!parse_from(parser, detect)) return 0;
  if (pat_parser_take_word(parser, PAT_W_by) && !pat_parse_keys(parser, detect)) return 0;
  if (!pat_parser_want_word(parser, PAT_W_window) || !pat_parse_window(parser, window)) return 0;
  if (!parse_even_empty(parser, window) || !parse_allowed(parser, window)) return 0;
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, NULL)) return 0;
  return pat_parse_members(parser, detect, parse_member);
}
