/* sql_lex.c - the tokens of an SQL text. */
#include <string.h>

#include "tools/import/sql_tree.h"

typedef struct lexer {
  sql_arena *arena;
  const char *text;
  size_t len;
  size_t at;
  uint32_t line;
  size_t line_start;
} lexer;

static int is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || ((unsigned char)c & 0x80);
}

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

int sql_same(const char *a, const char *b)
{
  while (*a && lower(*a) == lower(*b)) a++, b++;
  return *a == *b;
}

static char peek(const lexer *lex, size_t ahead)
{
  return lex->at + ahead < lex->len ? lex->text[lex->at + ahead] : '\0';
}

static void step(lexer *lex)
{
  if (lex->text[lex->at++] == '\n') {
    lex->line++;
    lex->line_start = lex->at;
  }
}

/* White space and comments. A comment that does not end is closed by the end of the text. */
static void pass_blanks(lexer *lex)
{
  for (;;) {
    char c = peek(lex, 0);
    if (lex->at < lex->len && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      step(lex);
    } else if (c == '-' && peek(lex, 1) == '-') {
      while (lex->at < lex->len && lex->text[lex->at] != '\n') step(lex);
    } else if (c == '/' && peek(lex, 1) == '*') {
      step(lex);
      step(lex);
      while (lex->at < lex->len && !(peek(lex, 0) == '*' && peek(lex, 1) == '/')) step(lex);
      for (int i = 0; i < 2 && lex->at < lex->len; i++) step(lex);
    } else {
      return;
    }
  }
}

static void take_wrong(sql_token *token, const char *what)
{
  token->kind = SQL_WRONG;
  token->text = what;
}

/* '...', "..." or `...`; the quote doubled is one. */
static void take_quoted(lexer *lex, sql_token *token, char quote)
{
  char *made = sql_take(lex->arena, 1);
  size_t room = 1, len = 0;
  step(lex);
  for (;;) {
    if (lex->at >= lex->len) {
      take_wrong(token, quote == '\'' ? "a text that does not end" : "a quoted name that does not end");
      return;
    }
    char c = lex->text[lex->at];
    step(lex);
    if (c == quote && peek(lex, 0) != quote) break;
    if (c == quote) step(lex);
    if (c == '\0') {
      take_wrong(token, "a NUL byte");
      return;
    }
    if (len + 1 >= room) made = sql_grow(lex->arena, made, len, room *= 2, 1);
    made[len++] = c;
  }
  made[len] = '\0';
  token->kind = quote == '\'' ? SQL_STRING : SQL_QUOTED;
  token->text = made;
  if (quote != '\'' && len == 0) take_wrong(token, "a name without letters");
}

static void take_number(lexer *lex, sql_token *token)
{
  size_t start = lex->at;
  while (is_digit(peek(lex, 0))) step(lex);
  if (peek(lex, 0) == '.' && is_digit(peek(lex, 1)))
    for (step(lex); is_digit(peek(lex, 0));) step(lex);
  size_t ahead = peek(lex, 1) == '-' || peek(lex, 1) == '+' ? 2 : 1;
  if ((peek(lex, 0) == 'e' || peek(lex, 0) == 'E') && is_digit(peek(lex, ahead))) {
    for (size_t i = 0; i < ahead; i++) step(lex);
    while (is_digit(peek(lex, 0))) step(lex);
  }
  token->kind = SQL_NUMBER;
  token->text = sql_copy(lex->arena, lex->text + start, lex->at - start);
  if (is_letter(peek(lex, 0))) take_wrong(token, "a number with a letter behind it");
}

static void take_sign(lexer *lex, sql_token *token)
{
  static const char *const pairs[] = {"<>", "!=", "<=", ">=", "||", "{-", "-}"};
  token->kind = SQL_SIGN;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    if (peek(lex, 0) != pairs[i][0] || peek(lex, 1) != pairs[i][1]) continue;
    token->text = i == 1 ? "<>" : pairs[i];
    step(lex);
    step(lex);
    return;
  }
  char c = lex->text[lex->at];
  token->text = sql_copy(lex->arena, &c, 1);
  step(lex);
  if (c == '\0' || !strchr("()[]{},;.*+-/%=<>?|^$", c)) take_wrong(token, "a sign that means nothing here");
}

static sql_token take_token(lexer *lex)
{
  pass_blanks(lex);
  sql_token token = {SQL_END, lex->line, (uint32_t)(lex->at - lex->line_start) + 1, "the end"};
  if (lex->at >= lex->len) return token;
  char c = lex->text[lex->at];
  if (is_letter(c)) {
    size_t start = lex->at;
    while (is_letter(peek(lex, 0)) || is_digit(peek(lex, 0))) step(lex);
    token.kind = SQL_NAME;
    token.text = sql_copy(lex->arena, lex->text + start, lex->at - start);
  } else if (is_digit(c)) {
    take_number(lex, &token);
  } else if (c == '\'' || c == '"' || c == '`') {
    take_quoted(lex, &token, c);
  } else {
    take_sign(lex, &token);
  }
  return token;
}

sql_token *sql_lex(sql_arena *arena, const char *text, size_t len)
{
  lexer lex = {arena, text, len, 0, 1, 0};
  size_t room = 256, count = 0;
  sql_token *tokens = sql_take(arena, room * sizeof *tokens);
  for (;;) {
    if (count == room) {
      tokens = sql_grow(arena, tokens, count, room * 2, sizeof *tokens);
      room *= 2;
    }
    tokens[count] = take_token(&lex);
    if (tokens[count++].kind == SQL_END) return tokens;
  }
}
