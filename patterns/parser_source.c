/* parser_source.c - inputs and streams. */
#include "patterns/parser_state.h"

#include <string.h>

static const char kind_words[] = "'bool', 'int', 'float', 'string', 'time', 'duration' or 'ip'";

static int want_kind(pat_parser *parser, cep_kind *out)
{
  pat_word word = pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE;
  switch (word) {
  case PAT_W_bool: *out = CEP_BOOL; break;
  case PAT_W_int: *out = CEP_INT; break;
  case PAT_W_float: *out = CEP_FLOAT; break;
  case PAT_W_string: *out = CEP_STRING; break;
  case PAT_W_time: *out = CEP_TIME; break;
  case PAT_W_duration: *out = CEP_DURATION; break;
  case PAT_W_ip: *out = CEP_IP; break;
  default: return pat_parser_expected(parser, kind_words);
  }
  pat_parser_next(parser);
  return 1;
}

int pat_parse_member(pat_parser *parser, pat_stream *stream)
{
  pat_member member;
  memset(&member, 0, sizeof member);
  if (!pat_parser_want_label(parser, "a field 'name: type', 'time' or '}'", &member.name)) return 0;
  if (!want_kind(parser, &member.kind)) return 0;
  member.is_nullable = pat_parser_take(parser, PAT_QUESTION);
  if (pat_parser_take_word(parser, PAT_W_at) &&
      !pat_parser_want_string(parser, "the path of the field as a string, like \"source.ip\"", &member.path))
    return 0;
  if (pat_parser_take(parser, PAT_ASSIGN)) {
    member.missing = pat_parse_sum(parser);
    if (!member.missing) return 0;
  }
  return pat_list_push(parser->arena, &stream->members, member);
}

/* ---- Time -------------------------------------------------------------------------- */

static int parse_strptime(pat_parser *parser, pat_time *time)
{
  if (!pat_parser_want_string(parser, "a time form as a string, like \"%Y-%m-%d %H:%M:%S\"", &time->strptime)) return 0;
  time->form = PLAN_TIME_STRPTIME;
  time->has_form = 1;
  for (;;) {
    if (pat_parser_take_word(parser, PAT_W_year)) {
      int64_t year = 0;
      if (!pat_parser_want_int(parser, "a year", 1, 9999, &year)) return 0;
      time->year = (int32_t)year;
    } else if (pat_parser_take_word(parser, PAT_W_zone)) {
      if (!pat_parser_want_string(parser, "a zone as a string, like \"Europe/Berlin\" or \"+02:00\"", &time->zone)) return 0;
    } else {
      return 1;
    }
  }
}

static int parse_time_form(pat_parser *parser, pat_time *time)
{
  if (pat_parser_at(parser, PAT_STRING)) return parse_strptime(parser, time);
  if (!pat_parser_at(parser, PAT_NAME)) return 1;
  switch (parser->token.word) {
  case PAT_W_s: time->form = PLAN_TIME_S; break;
  case PAT_W_ms: time->form = PLAN_TIME_MS; break;
  case PAT_W_us: time->form = PLAN_TIME_US; break;
  case PAT_W_ns: time->form = PLAN_TIME_NS; break;
  case PAT_W_rfc3339: time->form = PLAN_TIME_RFC3339; break;
  default: return 1;
  }
  time->has_form = 1;
  pat_parser_next(parser);
  return 1;
}

static int parse_time_place(pat_parser *parser, pat_time *time)
{
  if (pat_parser_at_word(parser, PAT_W_ingestion) || pat_parser_at_word(parser, PAT_W_processing)) {
    time->clock = parser->token.word == PAT_W_ingestion ? PLAN_CLOCK_INGESTION : PLAN_CLOCK_PROCESSING;
    return pat_parser_want_name(parser, "", &time->field);
  }
  if (pat_parser_at(parser, PAT_STRING)) return parse_strptime(parser, time);
  if (!pat_parser_want_name(parser, "the field that holds the time, or a time form as a string", &time->field)) return 0;
  if (pat_parser_take_word(parser, PAT_W_at) &&
      !pat_parser_want_string(parser, "the path of the time as a string", &time->path))
    return 0;
  return parse_time_form(parser, time);
}

static int parse_time(pat_parser *parser, pat_stream *stream)
{
  pat_time time;
  memset(&time, 0, sizeof time);
  cb_span word = parser->token.span;
  time.member = stream->members.count;
  pat_parser_next(parser);
  if (!parse_time_place(parser, &time)) return 0;
  cb_span option = parser->token.span;
  if (pat_parser_take_word(parser, PAT_W_lateness)) {
    if (!pat_parser_want_duration(parser, "the lateness", &time.lateness)) return 0;
    time.lateness_span = pat_parser_since(parser, option);
  }
  option = parser->token.span;
  if (pat_parser_take_word(parser, PAT_W_idle)) {
    if (!pat_parser_want_duration(parser, "a duration behind 'idle'", &time.idle)) return 0;
    time.idle_span = pat_parser_since(parser, option);
  }
  if (pat_parser_at_word(parser, PAT_W_late)) {
    pat_name place;
    pat_parser_unsupported(parser, parser->token.span, "'late to'");
    pat_parser_next(parser);
    if (!pat_parser_want_word(parser, PAT_W_to) || !pat_parser_want_string(parser, "a place as a string", &place)) return 0;
  }
  time.span = pat_parser_since(parser, word);
  if (stream->time.span.length > 0) {
    pat_report(parser->diags, 208, time.span, "'time' is declared twice");
    return 1;
  }
  stream->time = time;
  return 1;
}

/* ---- The declaration --------------------------------------------------------------- */

/* One option of `format csv (…)`. */
static int parse_csv_option(pat_parser *parser, pat_stream *stream)
{
  static const char some_names[] = "the names of the columns as a string, like \"time,user,size\"";
  pat_name *option = NULL;
  const char *what = "a sign as a string, like \";\"";
  cb_span word = parser->token.span;
  if (pat_parser_take_word(parser, PAT_W_header)) {
    stream->has_header = 1;
    return 1;
  }
  if (pat_parser_take_word(parser, PAT_W_columns)) {
    option = &stream->columns;
    what = some_names;
  } else if (pat_parser_take_word(parser, PAT_W_delimiter)) {
    option = &stream->delimiter;
  } else if (pat_parser_take_word(parser, PAT_W_quote)) {
    option = &stream->quote;
  } else {
    return pat_parser_expected(parser, "'header', 'columns', 'delimiter', 'quote' or ')'");
  }
  if (option->text && stream->twice.length == 0) stream->twice = word;
  return pat_parser_want_string(parser, what, option);
}

/* Behind the '('. A comma may stand between options. */
static int parse_csv_options(pat_parser *parser, pat_stream *stream)
{
  while (!pat_parser_take(parser, PAT_PAREN_CLOSE)) {
    if (!parse_csv_option(parser, stream)) return 0;
    (void)pat_parser_take(parser, PAT_COMMA);
  }
  return 1;
}

int pat_parse_format(pat_parser *parser, pat_stream *stream)
{
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  stream->has_format = 1;
  if (pat_parser_take_word(parser, PAT_W_json)) {
    stream->format = PLAN_JSON;
  } else if (pat_parser_take_word(parser, PAT_W_line)) {
    stream->format = PLAN_LINE;
    if (pat_parser_at(parser, PAT_STRING)) (void)pat_parser_want_string(parser, "", &stream->line);
  } else if (pat_parser_take_word(parser, PAT_W_logfmt)) {
    stream->format = PLAN_LOGFMT;
  } else if (pat_parser_take_word(parser, PAT_W_csv)) {
    stream->format = PLAN_CSV;
    if (pat_parser_take(parser, PAT_PAREN_OPEN) && !parse_csv_options(parser, stream)) return 0;
  } else {
    return pat_parser_expected(parser, "'json', 'line', 'csv' or 'logfmt' behind 'format'");
  }
  stream->format_span = pat_parser_since(parser, word);
  return 1;
}

static int parse_from(pat_parser *parser, pat_stream *stream)
{
  pat_word word = pat_parser_at(parser, PAT_NAME) ? parser->token.word : PAT_W_NONE;
  if (word == PAT_W_file || word == PAT_W_kafka || word == PAT_W_stdin) {
    pat_name place = {"", {0, 0}};
    pat_parser_next(parser);
    if (pat_parser_at(parser, PAT_STRING)) (void)pat_parser_want_string(parser, "", &place);
    stream->has_place = 1;
    stream->place_kind = pat_word_text(word);
    stream->place = place.text;
    return 1;
  }
  if (stream->is_input) return pat_parser_expected(parser, "'file', 'kafka' or 'stdin' behind 'from'");
  if (!pat_parser_want_name(parser, "'file', 'kafka', 'stdin' or the name of an input behind 'from'", &stream->from)) return 0;
  if (pat_parser_at(parser, PAT_STRING)) (void)pat_parser_want_string(parser, "", &stream->regex);
  if (pat_parser_take(parser, PAT_WHERE)) {
    stream->where = pat_parse_expr(parser);
    if (!stream->where) return 0;
  }
  return 1;
}

/* To the next member, past what a mistake has spoilt. */
static void skip_to_member(pat_parser *parser)
{
  while (!pat_parser_at(parser, PAT_END) && !pat_parser_at(parser, PAT_BRACE_CLOSE) &&
         !pat_parser_at_word(parser, PAT_W_time)) {
    if ((pat_parser_at(parser, PAT_NAME) && parser->token.is_label) || pat_parser_at_margin(parser)) return;
    pat_parser_next(parser);
  }
}

static int parse_members(pat_parser *parser, pat_stream *stream)
{
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, stream->has_format ? "'{'" : "'format' or '{'")) return 0;
  while (!pat_parser_at(parser, PAT_BRACE_CLOSE)) {
    /* Behind a mistake the missing brace is most likely part of it. */
    if (pat_parser_at(parser, PAT_END)) return parser->is_broken ? 0 : pat_parser_expected(parser, "a field, 'time' or '}'");
    if (parser->is_broken && pat_parser_at_margin(parser)) return 0;
    if (pat_parser_at(parser, PAT_COMMA)) {
      pat_report(parser->diags, 209, parser->token.span, "fields stand one behind the other, without ','");
      pat_parser_next(parser);
      continue;
    }
    int is_time = pat_parser_at_word(parser, PAT_W_time);
    if (is_time ? parse_time(parser, stream) : pat_parse_member(parser, stream)) continue;
    if (parser->arena->failed || parser->diags->is_full) return 0;
    skip_to_member(parser);
  }
  pat_parser_next(parser);
  return 1;
}

int pat_parse_source(pat_parser *parser, pat_decl *decl)
{
  pat_stream *stream = cb_arena_take(parser->arena, sizeof *stream);
  if (!stream) return 0;
  stream->is_input = pat_parser_at_word(parser, PAT_W_input);
  decl->kind = stream->is_input ? PAT_D_INPUT : PAT_D_STREAM;
  decl->stream = stream;
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, stream->is_input ? "the name of the input" : "the name of the stream", &decl->name))
    return 0;
  if (pat_parser_take_word(parser, PAT_W_from) && !parse_from(parser, stream)) return 0;
  if (pat_parser_at_word(parser, PAT_W_format) && !pat_parse_format(parser, stream)) return 0;
  return parse_members(parser, stream);
}
