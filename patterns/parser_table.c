/* parser_table.c - tables. */
#include "patterns/parser_state.h"

#include <string.h>

static int parse_from(pat_parser *parser, pat_stream *source)
{
  pat_name place = {NULL, {0, 0}};
  if (!pat_parser_want_word(parser, PAT_W_from) || !pat_parser_want_word(parser, PAT_W_file)) return 0;
  if (!pat_parser_want_string(parser, "the path of the table's file as a string, like \"users.csv\"", &place)) return 0;
  source->has_place = 1;
  source->place_kind = pat_word_text(PAT_W_file);
  source->place = place.text;
  return 1;
}

static int parse_fields(pat_parser *parser, pat_stream *source)
{
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, "'as of', 'refresh' or '{'")) return 0;
  while (!pat_parser_at(parser, PAT_BRACE_CLOSE)) {
    if (pat_parser_at(parser, PAT_END)) return pat_parser_expected(parser, "a field 'name: type' or '}'");
    if (pat_parser_at(parser, PAT_COMMA)) {
      pat_report(parser->diags, 209, parser->token.span, "fields stand one behind the other, without ','");
      pat_parser_next(parser);
      continue;
    }
    if (pat_parser_at_word(parser, PAT_W_time))
      return pat_parser_expected(parser, "a field 'name: type' or '}'; the rows of a table have no time");
    if (!pat_parse_member(parser, source)) return 0;
  }
  pat_parser_next(parser);
  return 1;
}

int pat_parse_table(pat_parser *parser, pat_decl *decl)
{
  pat_table *table = cb_arena_take(parser->arena, sizeof *table);
  if (!table) return 0;
  decl->kind = PAT_D_TABLE;
  decl->table = table;
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, "the name of the table", &decl->name)) return 0;
  if (!parse_from(parser, &table->source)) return 0;
  if (pat_parser_at_word(parser, PAT_W_format) && !pat_parse_format(parser, &table->source)) return 0;
  if (!pat_parser_at_word(parser, PAT_W_key))
    return pat_parser_expected(parser, table->source.has_format ? "'key' and the field that tells the rows apart"
                                                                : "'format', or 'key' and the field that tells the rows apart");
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, "the field that tells the rows apart", &table->key)) return 0;
  if (pat_parser_take(parser, PAT_AS)) {
    if (!pat_parser_want_word(parser, PAT_W_of)) return 0;
    if (!pat_parser_want_name(parser, "the field of kind time from which on a row counts", &table->as_of)) return 0;
  }
  if (pat_parser_take_word(parser, PAT_W_refresh)) {
    cb_span span = parser->token.span;
    if (!pat_parser_want_duration(parser, "the time between two looks at the file, like 5m", &table->refresh)) return 0;
    if (table->refresh == 0) pat_report(parser->diags, 212, span, "a table cannot be looked at without a pause: 'refresh' must be longer than 0");
  }
  return parse_fields(parser, &table->source);
}
