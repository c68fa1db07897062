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

/* To the '{': what a window that is not built is made of is not looked at. */
static int skip_window(pat_parser *parser)
{
  while (!pat_parser_at(parser, PAT_BRACE_OPEN)) {
    if (pat_parser_at(parser, PAT_END) || pat_parser_at_margin(parser)) return 0;
    pat_parser_next(parser);
  }
  return 1;
}

static int want_length(pat_parser *parser, const char *what, cep_duration *out)
{
  cb_span span = parser->token.span;
  if (!pat_parser_want_duration(parser, what, out)) return 0;
  if (*out > 0) return 1;
  pat_parser_broken(parser);
  pat_report(parser->diags, 212, span, "%s must be longer than 0", what);
  return 1;
}

static int parse_tumbling(pat_parser *parser, pat_detect *detect)
{
  pat_window *window = detect->window;
  pat_parser_next(parser);
  if (!want_length(parser, "the length of the window", &window->length)) return 0;
  detect->has_span = 1;
  detect->within = window->length;
  cb_span word = parser->token.span;
  if (pat_parser_take_word(parser, PAT_W_offset)) {
    if (!pat_parser_want_duration(parser, "how much later windows begin", &window->offset)) return 0;
    window->offset_span = pat_parser_since(parser, word);
  }
  word = parser->token.span;
  if (pat_parser_take_word(parser, PAT_W_even)) {
    if (!pat_parser_want_word(parser, PAT_W_empty) || !pat_parser_want_word(parser, PAT_W_for)) return 0;
    if (!want_length(parser, "how long empty windows go on", &window->even_empty)) return 0;
    window->even_span = pat_parser_since(parser, word);
  }
  return 1;
}

static int parse_window(pat_parser *parser, pat_detect *detect)
{
  if (!pat_parser_want_word(parser, PAT_W_window)) return 0;
  const char *what = NULL;
  switch (pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE) {
  case PAT_W_tumbling: return parse_tumbling(parser, detect);
  case PAT_W_sliding: what = "'window sliding'"; break;
  case PAT_W_session: what = "'window session'"; break;
  case PAT_W_count: what = "'window count'"; break;
  default: return pat_parser_expected(parser, "'tumbling' and a duration");
  }
  pat_parser_unsupported(parser, parser->token.span, what);
  return skip_window(parser);
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

static int parse_member(pat_parser *parser, pat_detect *detect)
{
  if (pat_parser_at(parser, PAT_NAME) && parser->token.is_label) return parse_measure(parser, detect->window);
  if (pat_parser_at(parser, PAT_HAVING)) return parse_having(parser, detect->window);
  if (pat_parser_at(parser, PAT_EMIT)) return parse_emit(parser, detect);
  switch (pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE) {
  case PAT_W_meta: return pat_parse_meta(parser, detect);
  case PAT_W_suppress: return pat_parse_suppress(parser, detect);
  case PAT_W_test: return pat_parse_test(parser, detect);
  case PAT_W_early: {
    cep_duration every;
    pat_parser_unsupported(parser, parser->token.span, "'early every'");
    pat_parser_next(parser);
    return pat_parser_want_word(parser, PAT_W_every) && pat_parser_want_duration(parser, "a duration behind 'every'", &every);
  }
  default: break;
  }
  return pat_parser_expected(parser, "a measure such as  total: count()  or a clause (having, emit, suppress, meta, test) or '}'");
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

static int parse_members(pat_parser *parser, pat_detect *detect)
{
  int32_t level = parser->braces;
  while (!pat_parser_at(parser, PAT_BRACE_CLOSE)) {
    if (pat_parser_at(parser, PAT_END)) return pat_parser_expected(parser, "a measure, a clause or '}'");
    if (parser->arena->failed) return 0;
    uint32_t offset = parser->token.span.offset;
    if (parse_member(parser, detect)) continue;
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
  if (!parse_window(parser, detect)) return 0;
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, NULL)) return 0;
  return parse_members(parser, detect);
}
