/* parser.c - the parser's hand: taking tokens, recovery, and the declarations of a file. */
#include "patterns/parser_state.h"

#include <string.h>

/* ---- Tokens ------------------------------------------------------------------------ */

void pat_parser_next(pat_parser *parser)
{
  if (parser->token.kind == PAT_BRACE_OPEN) parser->braces++;
  if (parser->token.kind == PAT_BRACE_CLOSE) parser->braces--;
  parser->last = parser->token.span;
  parser->token = pat_lexer_next(&parser->lexer);
}

int pat_parser_take(pat_parser *parser, pat_token_kind kind)
{
  if (!pat_parser_at(parser, kind)) return 0;
  pat_parser_next(parser);
  return 1;
}

int pat_parser_take_word(pat_parser *parser, pat_word word)
{
  if (!pat_parser_at_word(parser, word)) return 0;
  pat_parser_next(parser);
  return 1;
}

cb_span pat_parser_since(const pat_parser *parser, cb_span from)
{
  return cb_span_join(from, parser->last);
}

void pat_parser_broken(pat_parser *parser)
{
  parser->is_broken = 1;
}

static int is_reserved(pat_token_kind kind)
{
  return kind >= PAT_AND && kind <= PAT_CASE;
}

/* Words of the language are small: AND is a name. */
static const char *as_small_word(const pat_parser *parser)
{
  char small[16];
  const pat_token *token = &parser->token;
  size_t len = strlen(token->text);
  if (len >= sizeof small) return "";
  for (size_t i = 0; i <= len; i++) {
    char c = token->text[i];
    small[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
  }
  if (strcmp(small, token->text) == 0) return "";
  int is_word = 0;
  for (int kind = PAT_AND; kind <= PAT_CASE; kind++) is_word |= strcmp(small, pat_token_text((pat_token_kind)kind)) == 0;
  for (int word = PAT_W_NONE + 1; word < PAT_WORDS; word++) is_word |= strcmp(small, pat_word_text((pat_word)word)) == 0;
  const char *hint = is_word ? cb_arena_printf(parser->arena, "; words of the language are small: '%s'", small) : NULL;
  return hint ? hint : "";
}

/* What was meant, if it is a habit from another language: "; …" or "". */
static const char *habit(const pat_parser *parser)
{
  const pat_token *token = &parser->token;
  uint32_t after = token->span.offset + token->span.length;
  char next = after < parser->lexer.len ? parser->lexer.text[after] : 0;
  int is_minus = pat_parser_at(parser, PAT_MINUS);
  if (is_minus && next == '>') return "; the next step stands behind 'then'";
  if (is_minus && next == '-') return "; a comment begins with '//'";
  if (!pat_parser_at(parser, PAT_NAME)) return "";
  if (strcmp(token->text, "followed") == 0) return "; the next step stands behind 'then'";
  if (strcmp(token->text, "matches") == 0) return "; a regular expression stands behind '~'";
  return as_small_word(parser);
}

int pat_parser_expected(pat_parser *parser, const char *what)
{
  pat_parser_broken(parser);
  if (parser->token.kind == PAT_BROKEN) return 0;
  pat_report(parser->diags, 201, parser->token.span, "expected %s, found %s%s", what,
             pat_token_found(&parser->lexer, &parser->token), habit(parser));
  return 0;
}

int pat_parser_expected_behind_step(pat_parser *parser, const char *what)
{
  const pat_token *token = &parser->token;
  int is_count = pat_parser_at(parser, PAT_BRACE_OPEN) || pat_parser_at(parser, PAT_PLUS) || pat_parser_at(parser, PAT_STAR);
  if (!is_count) return pat_parser_expected(parser, what);
  pat_parser_broken(parser);
  pat_report(parser->diags, 201, token->span, "expected %s, found %s; how often stands before a step: 3 Login, 3+ Login, 2..4 Login",
             what, pat_token_found(&parser->lexer, token));
  return 0;
}

void pat_parser_unsupported(pat_parser *parser, cb_span span, const char *what)
{
  pat_parser_broken(parser);
  pat_report(parser->diags, 901, span, "%s is not supported yet", what);
}

static const char *quoted(const pat_parser *parser, const char *word)
{
  const char *text = cb_arena_printf(parser->arena, "'%s'", word);
  return text ? text : word;
}

int pat_parser_want(pat_parser *parser, pat_token_kind kind, const char *what)
{
  if (pat_parser_take(parser, kind)) return 1;
  return pat_parser_expected(parser, what ? what : quoted(parser, pat_token_text(kind)));
}

int pat_parser_want_word(pat_parser *parser, pat_word word)
{
  if (pat_parser_take_word(parser, word)) return 1;
  return pat_parser_expected(parser, quoted(parser, pat_word_text(word)));
}

static int take_name(pat_parser *parser, pat_name *out)
{
  out->text = parser->token.text;
  out->span = parser->token.span;
  pat_parser_next(parser);
  return 1;
}

int pat_parser_want_name(pat_parser *parser, const char *what, pat_name *out)
{
  if (pat_parser_at(parser, PAT_NAME) && !parser->token.is_label) return take_name(parser, out);
  if (is_reserved(parser->token.kind)) {
    pat_parser_broken(parser);
    const char *text = pat_token_text(parser->token.kind);
    pat_report(parser->diags, 205, parser->token.span,
               "expected %s, found the word '%s' of the language; as a name it stands in back-ticks: `%s`", what, text, text);
    return 0;
  }
  return pat_parser_expected(parser, what);
}

int pat_parser_want_label(pat_parser *parser, const char *what, pat_name *out)
{
  if (pat_parser_at(parser, PAT_NAME) && parser->token.is_label) {
    (void)take_name(parser, out);
    pat_parser_next(parser); /* the ':' */
    return 1;
  }
  return pat_parser_expected(parser, what);
}

int pat_parser_want_string(pat_parser *parser, const char *what, pat_name *out)
{
  return pat_parser_at(parser, PAT_STRING) ? take_name(parser, out) : pat_parser_expected(parser, what);
}

int pat_parser_want_duration(pat_parser *parser, const char *what, cep_duration *out)
{
  if (pat_parser_at(parser, PAT_INT)) {
    pat_parser_broken(parser);
    const char *found = pat_token_found(&parser->lexer, &parser->token);
    pat_report(parser->diags, 206, parser->token.span,
               "expected %s, found the number %s without a unit; write a duration such as 30s, 5m or 1h30m", what, found);
    return 0;
  }
  if (!pat_parser_at(parser, PAT_DURATION)) return pat_parser_expected(parser, what);
  *out = parser->token.i;
  pat_parser_next(parser);
  return 1;
}

int pat_parser_want_int(pat_parser *parser, const char *what, int64_t min, int64_t max, int64_t *out)
{
  if (!pat_parser_at(parser, PAT_INT)) return pat_parser_expected(parser, what);
  int is_good = !parser->token.is_int_min && parser->token.i >= min && parser->token.i <= max;
  if (!is_good) {
    pat_parser_broken(parser);
    const char *found = pat_token_found(&parser->lexer, &parser->token);
    if (max == INT64_MAX) {
      pat_report(parser->diags, 207, parser->token.span, "expected %s of at least %lld, found %s", what, (long long)min, found);
    } else {
      pat_report(parser->diags, 207, parser->token.span, "expected %s from %lld to %lld, found %s", what, (long long)min,
                 (long long)max, found);
    }
  }
  *out = is_good ? parser->token.i : min;
  pat_parser_next(parser);
  return 1;
}

/* ---- Recovery ---------------------------------------------------------------------- */

static int is_declaration_word(const pat_parser *parser)
{
  if (!pat_parser_at(parser, PAT_NAME)) return 0;
  switch (parser->token.word) {
  case PAT_W_input:
  case PAT_W_stream:
  case PAT_W_table:
  case PAT_W_define:
  case PAT_W_detect:
  case PAT_W_aggregate:
  case PAT_W_join: return 1;
  default: return 0;
  }
}

int pat_parser_at_margin(const pat_parser *parser)
{
  uint32_t at = parser->token.span.offset;
  return is_declaration_word(parser) && (at == 0 || parser->lexer.text[at - 1] == '\n');
}

/* To the next declaration. */
static void skip_to_declaration(pat_parser *parser)
{
  while (!pat_parser_at(parser, PAT_END) && !parser->diags->is_full) {
    if (pat_parser_at_margin(parser) || (is_declaration_word(parser) && parser->braces <= 0)) return;
    pat_parser_next(parser);
  }
}

/* ---- Declarations ------------------------------------------------------------------ */

static int parse_define(pat_parser *parser, pat_decl *decl)
{
  pat_define *define = cb_arena_take(parser->arena, sizeof *define);
  if (!define) return 0;
  decl->kind = PAT_D_DEFINE;
  decl->define = define;
  if (!pat_parser_want_name(parser, "the name of the definition", &decl->name)) return 0;
  if (!pat_parser_want(parser, PAT_ASSIGN, NULL)) return 0;
  if (!pat_parser_want_name(parser, "the name of a stream, definition or detection", &define->base)) return 0;
  if (!pat_parser_want(parser, PAT_WHERE, NULL)) return 0;
  define->where = pat_parse_expr(parser);
  return define->where != NULL;
}

static int parse_declaration(pat_parser *parser, pat_decl *decl)
{
  switch (parser->token.word) {
  case PAT_W_input:
  case PAT_W_stream: return pat_parse_source(parser, decl);
  case PAT_W_define: pat_parser_next(parser); return parse_define(parser, decl);
  case PAT_W_detect: return pat_parse_detect(parser, decl);
  case PAT_W_aggregate: return pat_parse_aggregate(parser, decl);
  case PAT_W_table: return pat_parse_table(parser, decl);
  case PAT_W_join: return pat_parse_join(parser, decl);
  default: CB_UNREACHABLE();
  }
}

static void expected_declaration(pat_parser *parser)
{
  static const char *const words[] = {"input", "stream", "table", "define", "detect", "aggregate", "join"};
  if (parser->token.kind != PAT_NAME) {
    (void)pat_parser_expected(parser, "'input', 'stream', 'table', 'define', 'detect', 'aggregate' or 'join'");
    return;
  }
  pat_nearest nearest;
  pat_nearest_init(&nearest, parser->token.text);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) pat_nearest_offer(&nearest, words[i]);
  pat_parser_broken(parser);
  const char *found = pat_token_found(&parser->lexer, &parser->token);
  pat_report(parser->diags, 201, parser->token.span, "expected 'input', 'stream', 'table', 'define', 'detect', 'aggregate' or 'join', found %s%s", found,
             pat_nearest_text(&nearest, parser->arena));
}

static void parse_file(pat_parser *parser, pat_file *file)
{
  while (!pat_parser_at(parser, PAT_END) && !parser->arena->failed && !parser->diags->is_full) {
    if (!is_declaration_word(parser)) {
      expected_declaration(parser);
      pat_parser_next(parser);
      parser->braces = 0;
      skip_to_declaration(parser);
      pat_decl lost = {.kind = PAT_D_OTHER, .is_broken = 1};
      (void)pat_list_push(parser->arena, &file->decls, lost);
      continue;
    }
    pat_decl decl;
    memset(&decl, 0, sizeof decl);
    parser->is_broken = 0;
    parser->braces = 0;
    if (!parse_declaration(parser, &decl)) skip_to_declaration(parser);
    decl.is_broken = parser->is_broken;
    (void)pat_list_push(parser->arena, &file->decls, decl);
  }
}

cep_status pat_parse(cb_arena *arena, pat_diags *diags, const cb_source *source, pat_file **out)
{
  pat_parser parser;
  memset(&parser, 0, sizeof parser);
  parser.arena = arena;
  parser.diags = diags;
  pat_lexer_init(&parser.lexer, arena, diags, source->text, source->len);
  pat_file *file = cb_arena_take(arena, sizeof *file);
  if (!file) return CEP_E_NOMEM;
  pat_parser_next(&parser);
  parse_file(&parser, file);
  *out = file;
  return arena->failed ? CEP_E_NOMEM : CEP_OK;
}
