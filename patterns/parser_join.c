/* parser_join.c - a join: its two sides, its key, which pairs it makes. */
#include "patterns/parser_state.h"

#include <string.h>

/* ---- Header ------------------------------------------------------------------------ */

static int parse_side(pat_parser *parser, pat_detect *detect)
{
  pat_step step;
  memset(&step, 0, sizeof step);
  step.span = parser->token.span;
  if (!pat_parser_want_name(parser, "the name of a stream, definition or detection", &step.role)) return 0;
  if (!pat_parser_want(parser, PAT_AS, "'as' and a name for the events of this side")) return 0;
  if (!pat_parser_want_name(parser, "a name for the events of this side", &step.name)) return 0;
  step.span = pat_parser_since(parser, step.span);
  return pat_list_push(parser->arena, &detect->steps, step);
}

static int parse_sides(pat_parser *parser, pat_detect *detect)
{
  detect->match_span = parser->token.span;
  detect->pattern.kind = PLAN_SEQUENCE;
  if (!pat_parser_want_word(parser, PAT_W_from) || !parse_side(parser, detect)) return 0;
  if (!pat_parser_want(parser, PAT_COMMA, "',' and the other side")) return 0;
  return parse_side(parser, detect);
}

static int parse_reach(pat_parser *parser, pat_join *join)
{
  if (pat_parser_take_word(parser, PAT_W_within)) return pat_parse_length(parser, "a span behind 'within'", &join->within);
  if (!pat_parser_take_word(parser, PAT_W_window))
    return pat_parser_expected(parser, "'within' and a duration, or 'window' and its kind");
  join->window = cb_arena_take(parser->arena, sizeof *join->window);
  return join->window && pat_parse_window(parser, join->window);
}

static void parse_kind(pat_parser *parser, pat_join *join)
{
  switch (pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE) {
  case PAT_W_inner: join->kind = PLAN_INNER; break;
  case PAT_W_left: join->kind = PLAN_LEFT; break;
  case PAT_W_full: join->kind = PLAN_FULL; break;
  default: return;
  }
  pat_parser_next(parser);
}

/* ---- Members ----------------------------------------------------------------------- */

static int parse_where(pat_parser *parser, pat_join *join)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, join->where_span, word, "where");
  join->where_span = word;
  join->where = pat_parse_expr(parser);
  return join->where != NULL;
}

static int parse_member(pat_parser *parser, pat_detect *detect)
{
  if (pat_parser_at(parser, PAT_WHERE)) return parse_where(parser, detect->join);
  if (pat_parser_at(parser, PAT_EMIT)) {
    cb_span word = parser->token.span;
    pat_parser_next(parser);
    (void)pat_parser_is_twice(parser, detect->emit_span, word, "emit");
    detect->emit.count = 0;
    detect->emit_span = word;
    return pat_parse_object(parser, &detect->emit);
  }
  switch (pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE) {
  case PAT_W_meta: return pat_parse_meta(parser, detect);
  case PAT_W_suppress: return pat_parse_suppress(parser, detect);
  case PAT_W_test: return pat_parse_test(parser, detect);
  default: return pat_parser_expected(parser, "a clause (where, emit, suppress, meta, test) or '}'");
  }
}

int pat_parse_join(pat_parser *parser, pat_decl *decl)
{
  pat_detect *detect = cb_arena_take(parser->arena, sizeof *detect);
  pat_join *join = cb_arena_take(parser->arena, sizeof *join);
  if (!detect || !join) return 0;
  decl->kind = PAT_D_DETECT;
  decl->detect = detect;
  detect->join = join;
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, "the name of the join", &decl->name)) return 0;
  if (!parse_sides(parser, detect)) return 0;
  if (!pat_parser_at_word(parser, PAT_W_by)) return pat_parser_expected(parser, "'by' and the key that both sides share");
  pat_parser_next(parser);
  if (!pat_parse_keys(parser, detect) || !parse_reach(parser, join)) return 0;
  parse_kind(parser, join);
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, "'inner', 'left', 'full' or '{'")) return 0;
  return pat_parse_members(parser, detect, parse_member);
}
