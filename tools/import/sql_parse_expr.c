/* sql_parse_expr.c - SQL expressions: one token of look-ahead, one function for each level. */
#include <string.h>

#include "tools/import/sql_tree.h"

static sql_expr *make(sql_state *state, sql_expr_kind kind, const sql_token *at)
{
  sql_expr *expr = sql_take(state->arena, sizeof *expr);
  expr->kind = kind;
  expr->at = at;
  return expr;
}

void sql_append_expr(sql_state *state, sql_expr ***list, uint32_t *count, sql_expr *expr)
{
  if ((*count & (*count - 1)) == 0) *list = sql_grow(state->arena, *list, *count, *count ? *count * 2u : 1u, sizeof **list);
  (*list)[(*count)++] = expr;
}

static void append(sql_state *state, sql_expr *to, sql_expr *arg)
{
  sql_append_expr(state, &to->args, &to->arg_count, arg);
  if (arg->height >= to->height) to->height = arg->height + 1;
  if (to->height > SQL_HEIGHT_MAX) sql_expected(state, "less: the expression is too deep");
}

static sql_expr *make_binary(sql_state *state, const sql_token *at, const char *text, sql_expr *a, sql_expr *b)
{
  sql_expr *expr = make(state, SQL_X_BINARY, at);
  expr->text = text;
  append(state, expr, a);
  append(state, expr, b);
  return expr;
}

/* ---- Intervals --------------------------------------------------------------------------- */

/* Thousandths of the number in the text, -1 if it is none or too large. */
static int64_t thousandths(const char *text)
{
  int64_t value = 0, scale = 0;
  if (!*text) return -1;
  for (; *text; text++) {
    if (*text == '.' && !scale) {
      scale = 1000;
      continue;
    }
    if (*text < '0' || *text > '9' || value > 1000000000) return -1;
    if (scale == 1) return -1;
    value = value * 10 + (*text - '0');
    if (scale) scale /= 10;
  }
  return value * (scale ? scale : 1000);
}

static int64_t unit_us(const char *word)
{
  static const struct {
    const char *word;
    int64_t us;
  } units[] = {{"MILLISECOND", 1000}, {"SECOND", 1000000}, {"MINUTE", 60000000}, {"HOUR", 3600000000}, {"DAY", 86400000000}, {"WEEK", 604800000000}};
  size_t len = strlen(word);
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    size_t own = strlen(units[i].word);
    if (sql_same(word, units[i].word)) return units[i].us;
    if (len == own + 1 && (word[own] == 'S' || word[own] == 's') && strlen(units[i].word) == own) {
      size_t same = 0;
      while (same < own && (word[same] | 32) == (units[i].word[same] | 32)) same++;
      if (same == own) return units[i].us;
    }
  }
  return 0;
}

int64_t sql_parse_interval(sql_state *state)
{
  const sql_token *at = state->token;
  if (at->kind != SQL_STRING && at->kind != SQL_NUMBER) {
    sql_expected(state, "the length of the interval in quotes, such as INTERVAL '5' SECOND");
    return 0;
  }
  int64_t value = thousandths(at->text);
  sql_advance(state);
  int64_t us = state->token->kind == SQL_NAME ? unit_us(state->token->text) : 0;
  if (us == 0) {
    sql_expected(state, "a unit of fixed length: MILLISECOND, SECOND, MINUTE, HOUR, DAY or WEEK");
    return 0;
  }
  sql_advance(state);
  if (sql_take_sign(state, "(")) { /* digits: DAY(3), SECOND(0, 3) */
    while (state->token->kind == SQL_NUMBER || sql_at_sign(state, ",")) sql_advance(state);
    sql_need_sign(state, ")");
  }
  if (sql_at_word(state, "TO")) sql_expected(state, "one unit; write '90' MINUTE instead of '1:30' HOUR TO MINUTE");
  if (value <= 0 || value > 1000 * (INT64_MAX / 2000 / us / 1000)) {
    if (!state->is_lost) sql_remark_at(state, SQL_ERROR, at, "'%s' is no length of an interval", at->text);
    state->is_lost = 1;
    return 0;
  }
  return value * us;
}

/* ---- Primaries ---------------------------------------------------------------------------- */

static sql_expr *parse_timestamp(sql_state *state, const sql_token *at)
{
  sql_expr *expr = make(state, SQL_X_TIMESTAMP, at);
  char *text = sql_printf(state->arena, "%sZ", state->token->text);
  if (strlen(text) < 20) text = sql_printf(state->arena, "%.10s%sZ", text, strlen(text) == 11 ? " 00:00:00" : "");
  if (strlen(text) > 10 && text[10] == ' ') text[10] = 'T';
  expr->text = text;
  sql_advance(state);
  return expr;
}

static sql_expr *parse_case(sql_state *state, const sql_token *at)
{
  sql_expr *expr = make(state, SQL_X_CASE, at);
  if (!sql_at_word(state, "WHEN")) {
    sql_expected(state, "WHEN; write CASE WHEN x = 1 instead of CASE x WHEN 1");
    return expr;
  }
  while (sql_take_word(state, "WHEN")) {
    append(state, expr, sql_parse_expr(state));
    sql_need_word(state, "THEN");
    append(state, expr, sql_parse_expr(state));
  }
  append(state, expr, sql_take_word(state, "ELSE") ? sql_parse_expr(state) : make(state, SQL_X_NULL, at));
  sql_need_word(state, "END");
  return expr;
}

static void parse_arguments(sql_state *state, sql_expr *call)
{
  if (sql_take_sign(state, ")")) return;
  call->distinct = sql_take_word(state, "DISTINCT");
  if (sql_at_sign(state, "*")) {
    append(state, call, make(state, SQL_X_STAR, state->token));
    sql_advance(state);
  } else {
    do {
      append(state, call, sql_parse_expr(state));
    } while (sql_take_sign(state, ","));
  }
  sql_need_sign(state, ")");
}

/* name, name.name, name.*, name(...) */
static sql_expr *parse_name(sql_state *state, int is_running)
{
  const sql_token *at = state->token;
  const char *name = sql_need_name(state, "an expression");
  if (at->kind == SQL_NAME && sql_take_sign(state, "(")) {
    sql_expr *call = make(state, SQL_X_CALL, at);
    call->text = name;
    call->is_running = is_running;
    if (sql_same(name, "CAST") || sql_same(name, "EXTRACT"))
      sql_expected(state, "something else: CAST and EXTRACT have no counterpart; give the column the right type");
    parse_arguments(state, call);
    if (sql_at_word(state, "OVER") || sql_at_word(state, "FILTER"))
      sql_expected(state, "something else: OVER and FILTER have no counterpart");
    return call;
  }
  sql_expr *column = make(state, SQL_X_COLUMN, at);
  column->text = name;
  if (sql_take_sign(state, ".")) {
    column->qualifier = name;
    if (sql_at_sign(state, "*")) {
      column->kind = SQL_X_STAR;
      sql_advance(state);
    } else {
      column->text = sql_need_name(state, "a column");
    }
  }
  return column;
}

static sql_expr *parse_literal_word(sql_state *state)
{
  const sql_token *at = state->token;
  sql_advance(state);
  if (sql_same(at->text, "NULL")) return make(state, SQL_X_NULL, at);
  if (sql_same(at->text, "CASE")) return parse_case(state, at);
  if (sql_same(at->text, "INTERVAL")) {
    sql_expr *expr = make(state, SQL_X_INTERVAL, at);
    expr->ns = sql_parse_interval(state);
    return expr;
  }
  sql_expr *expr = make(state, SQL_X_BOOL, at);
  expr->number = sql_same(at->text, "TRUE");
  return expr;
}

static int at_literal_word(const sql_state *state)
{
  static const char *const words[] = {"NULL", "TRUE", "FALSE", "CASE", "INTERVAL"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (sql_at_word(state, words[i])) return 1;
  return 0;
}

static sql_expr *parse_primary(sql_state *state)
{
  const sql_token *at = state->token;
  if (sql_take_sign(state, "(")) {
    sql_expr *inside = sql_parse_expr(state);
    sql_need_sign(state, ")");
    return inside;
  }
  if (at->kind == SQL_NUMBER || at->kind == SQL_STRING) {
    sql_expr *expr = make(state, at->kind == SQL_NUMBER ? SQL_X_NUMBER : SQL_X_STRING, at);
    expr->text = at->text;
    sql_advance(state);
    return expr;
  }
  if (at_literal_word(state)) return parse_literal_word(state);
  if (sql_at_word(state, "TIMESTAMP") && at[1].kind == SQL_STRING) {
    sql_advance(state);
    return parse_timestamp(state, at);
  }
  int is_running = sql_at_word(state, "RUNNING") && at[1].kind == SQL_NAME;
  if (is_running || (sql_at_word(state, "FINAL") && at[1].kind == SQL_NAME)) sql_advance(state);
  return parse_name(state, is_running);
}

static sql_expr *parse_unary(sql_state *state)
{
  const sql_token *at = state->token;
  if (sql_take_sign(state, "+")) return parse_primary(state);
  if (!sql_take_sign(state, "-")) return parse_primary(state);
  sql_expr *expr = make(state, SQL_X_MINUS, at);
  append(state, expr, parse_primary(state));
  return expr;
}

/* ---- Operators, from strong to weak --------------------------------------------------------- */

static const char *take_one_of(sql_state *state, const char *const *signs)
{
  for (; *signs; signs++)
    if (sql_take_sign(state, *signs)) return *signs;
  return NULL;
}

static sql_expr *parse_product(sql_state *state)
{
  static const char *const signs[] = {"*", "/", "%", NULL};
  sql_expr *left = parse_unary(state);
  const sql_token *at = state->token;
  for (const char *sign; (sign = take_one_of(state, signs)); at = state->token)
    left = make_binary(state, at, sign, left, parse_unary(state));
  return left;
}

static sql_expr *parse_sum(sql_state *state)
{
  static const char *const signs[] = {"+", "-", "||", NULL};
  sql_expr *left = parse_product(state);
  const sql_token *at = state->token;
  for (const char *sign; (sign = take_one_of(state, signs)); at = state->token)
    left = make_binary(state, at, sign, left, parse_product(state));
  return left;
}

/* The pattern of LIKE in our form, where \ always escapes. */
static const char *parse_like(sql_state *state)
{
  if (state->token->kind != SQL_STRING) {
    sql_expected(state, "a text in quotes: the pattern of LIKE is a constant");
    return "";
  }
  const char *from = state->token->text;
  sql_advance(state);
  char escape = '\0';
  if (sql_take_word(state, "ESCAPE")) {
    if (state->token->kind != SQL_STRING || strlen(state->token->text) != 1) sql_expected(state, "one character in quotes");
    else escape = state->token->text[0];
    sql_advance(state);
  }
  char *made = sql_take(state->arena, 2 * strlen(from) + 1), *to = made;
  for (; *from; from++) {
    if (escape && *from == escape && from[1]) {
      *to++ = '\\';
      *to++ = *++from;
    } else {
      if (*from == '\\') *to++ = '\\';
      *to++ = *from;
    }
  }
  return made;
}

static sql_expr *parse_test_word(sql_state *state, sql_expr *left, const sql_token *at, int negated)
{
  sql_expr_kind kind = SQL_X_LIKE;
  if (sql_take_word(state, "BETWEEN")) kind = SQL_X_BETWEEN;
  else if (sql_take_word(state, "IN")) kind = SQL_X_IN;
  else sql_need_word(state, "LIKE");
  sql_expr *expr = make(state, kind, at);
  expr->negated = negated;
  append(state, expr, left);
  if (kind == SQL_X_LIKE) {
    expr->text = parse_like(state);
  } else if (kind == SQL_X_BETWEEN) {
    append(state, expr, parse_sum(state));
    sql_need_word(state, "AND");
    append(state, expr, parse_sum(state));
  } else {
    sql_need_sign(state, "(");
    do {
      append(state, expr, sql_parse_expr(state));
    } while (sql_take_sign(state, ","));
    sql_need_sign(state, ")");
  }
  return expr;
}

static sql_expr *parse_test(sql_state *state)
{
  static const char *const signs[] = {"=", "<>", "<=", ">=", "<", ">", NULL};
  sql_expr *left = parse_sum(state);
  const sql_token *at = state->token;
  if (sql_take_word(state, "IS")) {
    sql_expr *expr = make(state, SQL_X_IS_NULL, at);
    expr->negated = sql_take_word(state, "NOT");
    sql_need_word(state, "NULL");
    append(state, expr, left);
    return expr;
  }
  int negated = sql_take_word(state, "NOT");
  if (negated || sql_at_word(state, "BETWEEN") || sql_at_word(state, "IN") || sql_at_word(state, "LIKE"))
    return parse_test_word(state, left, at, negated);
  const char *sign = take_one_of(state, signs);
  return sign ? make_binary(state, at, sign, left, parse_sum(state)) : left;
}

static sql_expr *parse_not(sql_state *state)
{
  const sql_token *at = state->token;
  if (!sql_enter(state)) return make(state, SQL_X_NULL, at);
  sql_expr *expr;
  if (sql_take_word(state, "NOT")) {
    expr = make(state, SQL_X_NOT, at);
    append(state, expr, parse_not(state));
  } else {
    expr = parse_test(state);
  }
  state->depth--;
  return expr;
}

static sql_expr *parse_and(sql_state *state)
{
  sql_expr *left = parse_not(state);
  const sql_token *at = state->token;
  for (; sql_take_word(state, "AND"); at = state->token) left = make_binary(state, at, "AND", left, parse_not(state));
  return left;
}

sql_expr *sql_parse_expr(sql_state *state)
{
  sql_expr *left = parse_and(state);
  const sql_token *at = state->token;
  for (; sql_take_word(state, "OR"); at = state->token) left = make_binary(state, at, "OR", left, parse_and(state));
  return left;
}
