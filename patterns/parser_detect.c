/* parser_detect.c - a detection's header and its clauses. */
#include "patterns/parser_state.h"

#include <string.h>

/* More in one span cannot be meant; history.max would end it. */
#define EVENTS_MAX 1000000000

int pat_parser_is_twice(pat_parser *parser, cb_span before, cb_span span, const char *what)
{
  if (before.length == 0) return 0;
  pat_parser_broken(parser);
  pat_report(parser->diags, 219, span, "'%s' stands twice in this detection", what);
  return 1;
}

/* ---- Header ------------------------------------------------------------------------ */

int pat_parse_keys(pat_parser *parser, pat_detect *detect)
{
  do {
    pat_key key;
    memset(&key, 0, sizeof key);
    if (!pat_parser_want_name(parser, "the name of a key", &key.name)) return 0;
    while (pat_parser_take(parser, PAT_ASSIGN)) {
      pat_expr *part = pat_parse_sum(parser);
      if (!part || !pat_list_push(parser->arena, &key.parts, part)) return 0;
    }
    if (pat_parser_at(parser, PAT_DOT)) {
      pat_name field;
      pat_parser_next(parser);
      if (!pat_parser_want_name(parser, "the name of a field", &field)) return 0;
      pat_parser_broken(parser);
      pat_report(parser->diags, 220, pat_parser_since(parser, key.name.span), "a part of the key has a name of its own; write  by %s = %s.%s",
                 field.text, key.name.text, field.text);
    }
    if (!pat_list_push(parser->arena, &detect->keys, key)) return 0;
  } while (pat_parser_take(parser, PAT_COMMA));
  return 1;
}

static int parse_events(pat_parser *parser, pat_detect *detect)
{
  int64_t events = 0;
  if (!pat_parser_want_int(parser, "a number of events", 1, EVENTS_MAX, &events)) return 0;
  detect->within = PLAN_UNBOUNDED;
  detect->within_events = (uint64_t)events;
  detect->has_span = 1;
  return pat_parser_want_word(parser, PAT_W_events);
}

static int parse_span(pat_parser *parser, pat_detect *detect)
{
  if (pat_parser_take_word(parser, PAT_W_unbounded)) {
    detect->within = PLAN_UNBOUNDED;
  } else {
    pat_parser_next(parser);
    if (pat_parser_at(parser, PAT_INT)) {
      pat_lexer ahead = parser->lexer;
      pat_token next = pat_lexer_next(&ahead);
      if (next.kind == PAT_NAME && next.word == PAT_W_events) {
        return parse_events(parser, detect);
      }
    }
    cb_span span = parser->token.span;
    if (!pat_parser_want_duration(parser, "a span behind 'within'", &detect->within)) return 0;
    if (detect->within == 0) {
      pat_parser_broken(parser);
      pat_report(parser->diags, 212, span, "a span must be longer than 0");
    }
  }
  detect->has_span = 1;
  return 1;
}

/* ---- Clauses ----------------------------------------------------------------------- */

static int parse_match(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, detect->match_span, word, "match");
  detect->match_span = word;
  detect->having = NULL;
  detect->latest_span = parser->token.span;
  if (!pat_parser_take_word(parser, PAT_W_latest)) detect->latest_span.length = 0;
  if (!pat_parse_pattern(parser, detect)) return 0;
  if (!pat_parser_take(parser, PAT_HAVING)) return 1;
  detect->having = pat_parse_expr(parser);
  return detect->having != NULL;
}

static int parse_skip_to(pat_parser *parser, pat_detect *detect)
{
  if (pat_parser_take_word(parser, PAT_W_next)) {
    detect->skip = PLAN_SKIP_TO_NEXT;
    return 1;
  }
  if (pat_parser_take_word(parser, PAT_W_first)) {
    detect->skip = PLAN_SKIP_TO_FIRST;
  } else if (pat_parser_take_word(parser, PAT_W_last)) {
    detect->skip = PLAN_SKIP_TO_LAST;
  } else {
    return pat_parser_expected(parser, "'next', 'first' and a step, or 'last' and a step");
  }
  return pat_parser_want_name(parser, "the name of a step", &detect->skip_step);
}

static int parse_after(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  if (!pat_parser_want(parser, PAT_MATCH, NULL)) return 0;
  (void)pat_parser_is_twice(parser, detect->skip_span, word, "after match");
  if (pat_parser_take(parser, PAT_NO)) {
    if (!pat_parser_want_word(parser, PAT_W_skip)) return 0;
    detect->skip = PLAN_SKIP_NO;
  } else if (!pat_parser_take_word(parser, PAT_W_skip)) {
    return pat_parser_expected(parser, "'skip' or 'no skip'");
  } else if (pat_parser_take_word(parser, PAT_W_past)) {
    if (!pat_parser_want_word(parser, PAT_W_last)) return 0;
    detect->skip = PLAN_SKIP_PAST_LAST;
  } else if (pat_parser_take_word(parser, PAT_W_to)) {
    if (!parse_skip_to(parser, detect)) return 0;
  } else {
    return pat_parser_expected(parser, "'past last' or 'to' behind 'skip'");
  }
  if (pat_parser_take_word(parser, PAT_W_earliest)) {
    if (!pat_parser_want_word(parser, PAT_W_start) || !pat_parser_want_word(parser, PAT_W_first)) return 0;
    detect->is_earliest_first = 1;
  }
  detect->skip_span = pat_parser_since(parser, word);
  return 1;
}

static int parse_limit(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, detect->limit_span, word, "limit");
  if (!pat_parser_take_word(parser, PAT_W_unbounded)) {
    int64_t limit = 0;
    if (!pat_parser_at(parser, PAT_INT)) return pat_parser_expected(parser, "a number of matches, or 'unbounded'");
    if (!pat_parser_want_int(parser, "a number of matches", 1, INT64_MAX, &limit)) return 0;
    if (!pat_parser_want_word(parser, PAT_W_matches)) return 0;
    detect->limit = (uint64_t)limit;
  }
  detect->limit_span = pat_parser_since(parser, word);
  return 1;
}

static int parse_emit(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, detect->emit_span, word, "emit");
  detect->emit.count = 0;
  detect->emit_span = word;
  detect->once_span = parser->token.span;
  if (!pat_parser_take_word(parser, PAT_W_once)) detect->once_span.length = 0;
  return pat_parse_object(parser, &detect->emit);
}

static int parse_on(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  if (!pat_parser_want_word(parser, PAT_W_timeout) || !pat_parser_want(parser, PAT_EMIT, NULL)) return 0;
  (void)pat_parser_is_twice(parser, detect->timeout_span, word, "on timeout");
  detect->timeout_emit.count = 0;
  detect->timeout_span = pat_parser_since(parser, word);
  return pat_parse_object(parser, &detect->timeout_emit);
}

int pat_parse_suppress(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, detect->suppress_span, word, "suppress");
  detect->suppress_by.count = 0;
  cb_span span = parser->token.span;
  if (!pat_parser_want_duration(parser, "a duration behind 'suppress'", &detect->suppress)) return 0;
  if (detect->suppress == 0) {
    pat_parser_broken(parser);
    pat_report(parser->diags, 212, span, "a silence must be longer than 0");
  }
  if (pat_parser_take_word(parser, PAT_W_by)) {
    do {
      pat_name name;
      if (!pat_parser_want_name(parser, "the name of a key or emitted value", &name)) return 0;
      if (!pat_list_push(parser->arena, &detect->suppress_by, name)) return 0;
    } while (pat_parser_take(parser, PAT_COMMA));
  }
  detect->suppress_span = pat_parser_since(parser, word);
  return 1;
}

int pat_parse_meta(pat_parser *parser, pat_detect *detect)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  (void)pat_parser_is_twice(parser, detect->meta_span, word, "meta");
  detect->meta.count = 0;
  detect->meta_span = word;
  return pat_parse_object(parser, &detect->meta);
}

static int parse_clause(pat_parser *parser, pat_detect *detect)
{
  if (pat_parser_at(parser, PAT_MATCH)) return parse_match(parser, detect);
  if (pat_parser_at(parser, PAT_EMIT)) return parse_emit(parser, detect);
  switch (pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE) {
  case PAT_W_meta: return pat_parse_meta(parser, detect);
  case PAT_W_after: return parse_after(parser, detect);
  case PAT_W_limit: return parse_limit(parser, detect);
  case PAT_W_on: return parse_on(parser, detect);
  case PAT_W_suppress: return pat_parse_suppress(parser, detect);
  case PAT_W_test: return pat_parse_test(parser, detect);
  default: break;
  }
  if (detect->match_span.length == 0)
    return pat_parser_expected(parser, "'match' or another clause (meta, after match, limit, emit, on timeout, suppress, test)");
  if (detect->emit_span.length == 0)
    return pat_parser_expected_behind_step(parser, "'then', a clause (after match, limit, emit, on timeout, suppress, meta, test) or '}'");
  return pat_parser_expected(parser, "a clause (after match, limit, on timeout, suppress, meta, test) or '}'");
}

/* ---- Recovery ---------------------------------------------------------------------- */

/* Whether the token begins a clause. Only here is the token behind it looked at: after a
 * mistake `test` or `limit` may as well be a field. */
static int begins_clause(pat_parser *parser, pat_token_kind before, pat_word before_word)
{
  if (pat_parser_at(parser, PAT_EMIT)) return before_word != PAT_W_timeout;
  if (pat_parser_at(parser, PAT_MATCH)) return before_word != PAT_W_after;
  if (!pat_parser_at(parser, PAT_NAME) || parser->token.word == PAT_W_NONE || before == PAT_DOT) return 0;
  pat_lexer ahead = parser->lexer;
  if (parser->diags->is_full) return 0;
  pat_token next = pat_lexer_next(&ahead);
  switch (parser->token.word) {
  case PAT_W_meta: return next.kind == PAT_BRACE_OPEN;
  case PAT_W_after: return next.kind == PAT_MATCH;
  case PAT_W_limit: return next.kind == PAT_INT || (next.kind == PAT_NAME && next.word == PAT_W_unbounded);
  case PAT_W_on: return next.kind == PAT_NAME && next.word == PAT_W_timeout;
  case PAT_W_suppress: return next.kind == PAT_DURATION || next.kind == PAT_INT;
  case PAT_W_test: return next.kind == PAT_STRING;
  default: return 0;
  }
}

/* To the next clause of this detection or its '}'. 0 when that cannot be found: a brace is
 * missing, and the next declaration is here already. */
static int skip_to_clause(pat_parser *parser, int32_t level)
{
  pat_token_kind before = PAT_END;
  pat_word before_word = PAT_W_NONE;
  while (!pat_parser_at(parser, PAT_END)) {
    if (pat_parser_at_margin(parser)) return 0;
    if (parser->braces <= level &&
        (pat_parser_at(parser, PAT_BRACE_CLOSE) || begins_clause(parser, before, before_word)))
      return 1;
    before = parser->token.kind;
    before_word = parser->token.word;
    pat_parser_next(parser);
  }
  return 0;
}

static int parse_clauses(pat_parser *parser, pat_detect *detect)
{
  int32_t level = parser->braces;
  while (!pat_parser_at(parser, PAT_BRACE_CLOSE)) {
    if (pat_parser_at(parser, PAT_END)) return pat_parser_expected(parser, "a clause or '}'");
    if (parser->arena->failed || parser->diags->is_full) return 0;
    uint32_t offset = parser->token.span.offset;
    if (parse_clause(parser, detect)) continue;
    if (parser->token.span.offset == offset) pat_parser_next(parser);
    if (!skip_to_clause(parser, level)) return 0;
  }
  pat_parser_next(parser);
  return 1;
}

int pat_parse_detect(pat_parser *parser, pat_decl *decl)
{
  pat_detect *detect = cb_arena_take(parser->arena, sizeof *detect);
  if (!detect) return 0;
  decl->kind = PAT_D_DETECT;
  decl->detect = detect;
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, "the name of the detection", &decl->name)) return 0;
  if (pat_parser_take_word(parser, PAT_W_by) && !pat_parse_keys(parser, detect)) return 0;
  if (pat_parser_at_word(parser, PAT_W_within) || pat_parser_at_word(parser, PAT_W_unbounded)) {
    if (!parse_span(parser, detect)) return 0;
  }
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, detect->has_span ? "'{'" : "'by', 'within', 'unbounded' or '{'")) return 0;
  return parse_clauses(parser, detect);
}
