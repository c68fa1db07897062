/* parser_window.c - windows of aggregates and joins: their kind and their lengths. */
#include "patterns/parser_state.h"

#include <string.h>

/* More events in one window cannot be meant. */
#define EVENTS_MAX 1000000000

int pat_parse_length(pat_parser *parser, const char *what, cep_duration *out)
{
  cb_span span = parser->token.span;
  if (!pat_parser_want_duration(parser, what, out)) return 0;
  if (*out > 0) return 1;
  pat_parser_broken(parser);
  pat_report(parser->diags, 212, span, "%s must be longer than 0", what);
  return 1;
}

static int parse_sliding(pat_parser *parser, pat_window *window)
{
  if (!pat_parse_length(parser, "the length of the window", &window->length)) return 0;
  if (!pat_parser_want_word(parser, PAT_W_every)) return 0;
  return pat_parse_length(parser, "the time from window to window", &window->every);
}

static int parse_session(pat_parser *parser, pat_window *window)
{
  if (!pat_parser_want_word(parser, PAT_W_gap)) return 0;
  if (!pat_parse_length(parser, "the pause that ends a session", &window->length)) return 0;
  if (!pat_parser_take_word(parser, PAT_W_max)) return 1;
  return pat_parse_length(parser, "the longest that a session may be", &window->max);
}

static int parse_count(pat_parser *parser, pat_window *window)
{
  int64_t events = 0, every = 0;
  if (!pat_parser_want_int(parser, "a number of events", 1, EVENTS_MAX, &events)) return 0;
  window->events = window->every_events = (uint64_t)events;
  if (!pat_parser_take_word(parser, PAT_W_every)) return 1;
  if (!pat_parser_want_int(parser, "a number of events", 1, EVENTS_MAX, &every)) return 0;
  window->every_events = (uint64_t)every;
  return 1;
}

static int parse_kind(pat_parser *parser, pat_window *window)
{
  pat_word word = pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE;
  switch (word) {
  case PAT_W_tumbling: window->kind = PLAN_TUMBLING; break;
  case PAT_W_sliding: window->kind = PLAN_SLIDING; break;
  case PAT_W_session: window->kind = PLAN_SESSION; break;
  case PAT_W_count: window->kind = PLAN_COUNT_WINDOW; break;
  default: return pat_parser_expected(parser, "'tumbling', 'sliding', 'session' or 'count'");
  }
  pat_parser_next(parser);
  switch (window->kind) {
  case PLAN_TUMBLING: return pat_parse_length(parser, "the length of the window", &window->length);
  case PLAN_SLIDING: return parse_sliding(parser, window);
  case PLAN_SESSION: return parse_session(parser, window);
  case PLAN_COUNT_WINDOW: return parse_count(parser, window);
  }
  CB_UNREACHABLE();
}

int pat_parse_window(pat_parser *parser, pat_window *window)
{
  cb_span word = parser->token.span;
  if (!parse_kind(parser, window)) return 0;
  window->span = pat_parser_since(parser, word);
  word = parser->token.span;
  if (!pat_parser_take_word(parser, PAT_W_offset)) return 1;
  if (!pat_parser_want_duration(parser, "how much later windows begin", &window->offset)) return 0;
  window->offset_span = pat_parser_since(parser, word);
  return 1;
}
