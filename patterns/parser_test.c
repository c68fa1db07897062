/* parser_test.c - test blocks. */
#include "patterns/parser_state.h"

#include <string.h>

#include "cep/base/time.h"

/* What one test may deliver: more would only make `cep check` slow. */
#define REPEAT_MAX 1000000

static int want_instant(pat_parser *parser, int64_t *out)
{
  if (pat_parser_at(parser, PAT_DURATION)) {
    *out = parser->token.i;
  } else if (!pat_parser_at(parser, PAT_STRING)) {
    return pat_parser_want_duration(parser, "a time: a duration from 0s = 1970, or a string such as \"2015-12-10T07:28:03Z\"", out);
  } else if (!cb_time_read_rfc3339(parser->token.text, parser->token.text_len, out)) {
    pat_parser_broken(parser);
    pat_report(parser->diags, 221, parser->token.span, "\"%s\" is no time; write it like \"2015-12-10T07:28:03Z\"",
               parser->token.text);
  }
  pat_parser_next(parser);
  return 1;
}

static int parse_at(pat_parser *parser, pat_test_action *action)
{
  action->what = PLAN_TEST_AT;
  action->has_time = 1;
  action->number = 1;
  if (!want_instant(parser, &action->time)) return 0;
  if (!pat_parser_want_name(parser, "the name of a stream", &action->stream)) return 0;
  if (!pat_parse_object(parser, &action->object)) return 0;
  if (pat_parser_take_word(parser, PAT_W_repeat)) {
    int64_t number = 1;
    if (!pat_parser_want_int(parser, "a number of events", 1, REPEAT_MAX, &number)) return 0;
    if (!pat_parser_want_word(parser, PAT_W_every)) return 0;
    if (!pat_parser_want_duration(parser, "a duration behind 'every'", &action->every)) return 0;
    action->number = (uint64_t)number;
  }
  if (pat_parser_take_word(parser, PAT_W_partition)) {
    int64_t partition = 0;
    if (!pat_parser_want_int(parser, "the number of a partition", 0, INT32_MAX, &partition)) return 0;
    action->partition = (uint32_t)partition;
  }
  return 1;
}

static int parse_expected_number(pat_parser *parser, pat_test_action *action)
{
  int64_t number = 0;
  if (!pat_parser_want_int(parser, "a number", 0, INT64_MAX, &number)) return 0;
  action->number = (uint64_t)number;
  return 1;
}

static int parse_expect(pat_parser *parser, pat_test_action *action)
{
  if (pat_parser_take_word(parser, PAT_W_at)) {
    action->has_time = 1;
    if (!want_instant(parser, &action->time)) return 0;
  }
  if (pat_parser_at(parser, PAT_BRACE_OPEN)) {
    action->what = PLAN_TEST_MATCH;
    return pat_parse_object(parser, &action->object);
  }
  if (pat_parser_take_word(parser, PAT_W_timeout)) {
    action->what = PLAN_TEST_TIMEOUT;
    return pat_parse_object(parser, &action->object);
  }
  if (pat_parser_take_word(parser, PAT_W_update)) {
    action->what = PLAN_TEST_UPDATE;
    return pat_parse_object(parser, &action->object);
  }
  if (action->has_time) return pat_parser_expected(parser, "'{', 'timeout' or 'update' behind 'expect at'");
  if (pat_parser_take_word(parser, PAT_W_nothing)) {
    action->what = PLAN_TEST_NOTHING;
  } else if (pat_parser_at(parser, PAT_INT)) {
    action->what = PLAN_TEST_COUNT;
    if (!parse_expected_number(parser, action)) return 0;
    if (!pat_parser_want_word(parser, PAT_W_matches)) return 0;
  } else if (pat_parser_take_word(parser, PAT_W_late)) {
    action->what = PLAN_TEST_LATE;
    if (!parse_expected_number(parser, action)) return 0;
  } else {
    return pat_parser_expected(parser, "'{', a number of matches, 'nothing', 'timeout', 'update', 'late' or 'at' behind 'expect'");
  }
  return 1;
}

static int parse_action(pat_parser *parser, pat_test_action *action)
{
  memset(action, 0, sizeof *action);
  cb_span word = parser->token.span;
  int is_good;
  if (pat_parser_take_word(parser, PAT_W_at)) {
    is_good = parse_at(parser, action);
  } else if (pat_parser_take_word(parser, PAT_W_expect)) {
    is_good = parse_expect(parser, action);
  } else if (pat_parser_take_word(parser, PAT_W_watermark)) {
    action->what = PLAN_TEST_WATERMARK;
    action->has_time = 1;
    is_good = want_instant(parser, &action->time);
  } else {
    return pat_parser_expected(parser, "'at', 'watermark', 'expect' or '}' in a test");
  }
  action->span = pat_parser_since(parser, word);
  return is_good;
}

int pat_parse_test(pat_parser *parser, pat_detect *detect)
{
  pat_test test;
  memset(&test, 0, sizeof test);
  pat_parser_next(parser);
  if (!pat_parser_want_string(parser, "the name of the test as a string", &test.name)) return 0;
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, NULL)) return 0;
  while (!pat_parser_at(parser, PAT_BRACE_CLOSE)) {
    pat_test_action action;
    if (!parse_action(parser, &action)) return 0;
    if (!pat_list_push(parser->arena, &test.actions, action)) return 0;
  }
  pat_parser_next(parser);
  return pat_list_push(parser->arena, &detect->tests, test);
}
