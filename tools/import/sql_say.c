/* sql_say.c - SQL expressions in the words of the rule language. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tools/import/sql_tree.h"

/* ---- Names and constants ------------------------------------------------------------------------- */

const char *sql_say_name(sql_arena *arena, const char *name)
{
  static const char *const taken[] = {"and", "or", "not", "in", "is", "like", "ilike", "between", "true", "false", "null", "where",
                                      "then", "no", "as", "match", "emit", "having", "until", "case", "one", "all", "any",
                                      "optional", "greedy", "reluctant", "consecutive", "relaxed", "immediately", "within",
                                      "latest", "distinct", "time", "count", "sum", "avg", "min", "max", "first", "last",
                                      "prev", "by", "at", "end", "when", "else"};
  int is_plain = !(name[0] >= '0' && name[0] <= '9');
  for (const char *c = name; *c; c++)
    is_plain &= (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '_';
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) is_plain &= strcmp(name, taken[i]) != 0;
  if (is_plain) return name;
  sql_text made = {arena, NULL, 0, 0};
  sql_put(&made, "`");
  for (const char *c = name; *c; c++) sql_putf(&made, "%c", *c == '`' || (unsigned char)*c < 32 ? '_' : *c);
  sql_put(&made, "`");
  return made.bytes;
}

const char *sql_say_string(sql_arena *arena, const char *text)
{
  sql_text made = {arena, NULL, 0, 0};
  sql_put(&made, "\"");
  for (const char *c = text; *c; c++) {
    if (*c == '"' || *c == '\\') sql_putf(&made, "\\%c", *c);
    else if (*c == '\n') sql_put(&made, "\\n");
    else if (*c == '\t') sql_put(&made, "\\t");
    else if ((unsigned char)*c < 32 || *c == 127) sql_putf(&made, "\\u{%x}", (unsigned)(unsigned char)*c);
    else sql_putf(&made, "%c", *c);
  }
  sql_put(&made, "\"");
  return made.bytes;
}

const char *sql_say_duration(sql_arena *arena, int64_t ns)
{
  static const struct {
    const char *unit;
    int64_t ns;
  } units[] = {{"d", 86400000000000}, {"h", 3600000000000}, {"m", 60000000000}, {"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
  sql_text made = {arena, NULL, 0, 0};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (ns < units[i].ns) continue;
    sql_putf(&made, "%lld%s", (long long)(ns / units[i].ns), units[i].unit);
    ns %= units[i].ns;
  }
  return made.bytes ? made.bytes : "0s";
}

/* ---- What an expression is --------------------------------------------------------------------------- */

const sql_column *sql_column_of(const sql_table *table, const char *name)
{
  for (uint32_t i = 0; i < table->column_count; i++)
    if (sql_same(table->columns[i].name, name)) return &table->columns[i];
  return NULL;
}

int sql_is_aggregate(const char *name)
{
  static const char *const names[] = {"COUNT", "SUM", "AVG", "MIN", "MAX", "STDDEV", "STDDEV_SAMP"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (sql_same(name, names[i])) return 1;
  return 0;
}

int sql_calls(const sql_expr *expr, const char *name)
{
  if (expr->kind == SQL_X_CALL && sql_same(expr->text, name)) return 1;
  for (uint32_t i = 0; i < expr->arg_count; i++)
    if (sql_calls(expr->args[i], name)) return 1;
  return 0;
}

int sql_is_false(const sql_expr *expr)
{
  return expr->kind == SQL_X_BOOL && !expr->number;
}

int sql_is_true(const sql_expr *expr)
{
  return expr->kind == SQL_X_BOOL && expr->number;
}

static sql_type type_of_call(const sql_say *say, const sql_expr *expr)
{
  static const char *const ints[] = {"COUNT", "LENGTH", "CHAR_LENGTH", "CHARACTER_LENGTH"};
  static const char *const texts[] = {"LOWER", "UPPER", "CONCAT"};
  for (size_t i = 0; i < sizeof ints / sizeof *ints; i++)
    if (sql_same(expr->text, ints[i])) return SQL_T_INT;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (sql_same(expr->text, texts[i])) return SQL_T_STRING;
  sql_type inside = expr->arg_count ? sql_type_of(say, expr->args[0]) : SQL_T_OTHER;
  if (sql_same(expr->text, "AVG")) return inside == SQL_T_INT && say->state->dialect == SQL_STANDARD ? SQL_T_FLOAT : inside;
  return sql_same(expr->text, "STDDEV") || sql_same(expr->text, "STDDEV_SAMP") ? SQL_T_FLOAT : inside;
}

static sql_type type_of_binary(const sql_say *say, const sql_expr *expr)
{
  if (!strchr("+-*/%", expr->text[0])) return strcmp(expr->text, "||") == 0 ? SQL_T_STRING : SQL_T_BOOL;
  sql_type a = sql_type_of(say, expr->args[0]), b = sql_type_of(say, expr->args[1]);
  if (a == SQL_T_TIME && b == SQL_T_TIME) return SQL_T_DURATION;
  if (a == SQL_T_TIME || a == SQL_T_DURATION) return a;
  return a == SQL_T_INT && b == SQL_T_INT ? SQL_T_INT : SQL_T_FLOAT;
}

sql_type sql_type_of(const sql_say *say, const sql_expr *expr)
{
  const sql_column *column;
  switch (expr->kind) {
    case SQL_X_NUMBER: return strpbrk(expr->text, ".eE") ? SQL_T_FLOAT : SQL_T_INT;
    case SQL_X_STRING: return SQL_T_STRING;
    case SQL_X_INTERVAL: return SQL_T_DURATION;
    case SQL_X_TIMESTAMP: return SQL_T_TIME;
    case SQL_X_COLUMN:
      column = sql_column_of(say->table, expr->text);
      return column ? column->type : SQL_T_OTHER;
    case SQL_X_CALL: return type_of_call(say, expr);
    case SQL_X_MINUS: return sql_type_of(say, expr->args[0]);
    case SQL_X_BINARY: return type_of_binary(say, expr);
    case SQL_X_CASE: return sql_type_of(say, expr->args[1]);
    case SQL_X_NULL:
    case SQL_X_STAR: return SQL_T_OTHER;
    case SQL_X_BOOL:
    case SQL_X_NOT:
    case SQL_X_IS_NULL:
    case SQL_X_BETWEEN:
    case SQL_X_IN:
    case SQL_X_LIKE: return SQL_T_BOOL;
  }
  return SQL_T_OTHER;
}

int sql_may_be_null(const sql_say *say, const sql_expr *expr)
{
  if (expr->kind == SQL_X_COLUMN) {
    const sql_column *column = sql_column_of(say->table, expr->text);
    int is_time = column && say->table->time && sql_same(column->name, say->table->time);
    return !column || (!column->not_null && !is_time);
  }
  if (expr->kind == SQL_X_NULL || expr->kind == SQL_X_CALL || expr->kind == SQL_X_CASE) return 1;
  if (expr->kind == SQL_X_BINARY && (expr->text[0] == '/' || expr->text[0] == '%')) return 1;
  for (uint32_t i = 0; i < expr->arg_count; i++)
    if (sql_may_be_null(say, expr->args[i])) return 1;
  return 0;
}

/* ---- Saying ------------------------------------------------------------------------------------------- */

void sql_cannot(sql_say *say, const sql_token *at, const char *format, ...)
{
  say->faults++;
  if (say->is_quiet) return;
  char text[400];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  sql_remark_at(say->state, SQL_ERROR, at, "%s", text);
}

static const char *say_binary(sql_say *say, const sql_expr *expr, int *level)
{
  static const struct {
    const char *sql;
    const char *ours;
    int level;
  } signs[] = {{"OR", "or", SQL_L_OR}, {"AND", "and", SQL_L_AND}, {"=", "==", SQL_L_TEST}, {"<>", "!=", SQL_L_TEST},
               {"<", "<", SQL_L_TEST}, {"<=", "<=", SQL_L_TEST}, {">", ">", SQL_L_TEST}, {">=", ">=", SQL_L_TEST},
               {"+", "+", SQL_L_SUM}, {"-", "-", SQL_L_SUM}, {"*", "*", SQL_L_PRODUCT}, {"/", "/", SQL_L_PRODUCT},
               {"%", "%", SQL_L_PRODUCT}};
  sql_arena *arena = say->state->arena;
  const sql_expr *left = expr->args[0], *right = expr->args[1];
  if (strcmp(expr->text, "||") == 0) {
    *level = SQL_L_PRIMARY;
    return sql_printf(arena, "concat(%s, %s)", sql_say_expr(say, left, SQL_L_ANY), sql_say_expr(say, right, SQL_L_ANY));
  }
  size_t i = 0;
  while (strcmp(signs[i].sql, expr->text) != 0) i++;
  if (signs[i].level == SQL_L_TEST && (left->kind == SQL_X_NULL || right->kind == SQL_X_NULL))
    sql_cannot(say, expr->at, "a comparison with NULL is never true; IS NULL is what is meant");
  int is_div = expr->text[0] == '/' && sql_type_of(say, left) == SQL_T_INT && sql_type_of(say, right) == SQL_T_INT;
  *level = signs[i].level;
  int is_test = signs[i].level == SQL_L_TEST;
  return sql_printf(arena, "%s %s %s", sql_say_expr(say, left, signs[i].level + is_test), is_div ? "div" : signs[i].ours,
                    sql_say_expr(say, right, signs[i].level + (signs[i].level > SQL_L_AND)));
}

static const char *say_list(sql_say *say, sql_expr *const *args, uint32_t count)
{
  sql_text made = {say->state->arena, NULL, 0, 0};
  for (uint32_t i = 0; i < count; i++) sql_putf(&made, "%s%s", i ? ", " : "", sql_say_expr(say, args[i], SQL_L_ANY));
  return sql_text_of(&made);
}

static const char *say_function(sql_say *say, const sql_expr *expr, int *level)
{
  static const struct {
    const char *sql;
    const char *ours;
  } functions[] = {{"ABS", "abs"}, {"LOWER", "lower"}, {"UPPER", "upper"}, {"LENGTH", "length"}, {"CHAR_LENGTH", "length"},
                   {"CHARACTER_LENGTH", "length"}, {"CONCAT", "concat"}, {"COALESCE", "coalesce"}};
  sql_arena *arena = say->state->arena;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (sql_same(expr->text, functions[i].sql))
      return sql_printf(arena, "%s(%s)", functions[i].ours, say_list(say, expr->args, expr->arg_count));
  if (sql_same(expr->text, "MOD") && expr->arg_count == 2) {
    *level = SQL_L_PRODUCT;
    return sql_printf(arena, "%s %% %s", sql_say_expr(say, expr->args[0], SQL_L_PRODUCT), sql_say_expr(say, expr->args[1], SQL_L_UNARY));
  }
  sql_cannot(say, expr->at, "the function %.60s has no counterpart", expr->text);
  return "null";
}

/* An aggregate over the rows of a window becomes a measure; the same one twice is one. */
static const char *say_measure(sql_say *say, const sql_expr *expr)
{
  sql_arena *arena = say->state->arena;
  const char *name = expr->text, *wanted = say->wanted_name, *made;
  int is_star = expr->arg_count == 1 && expr->args[0]->kind == SQL_X_STAR;
  say->wanted_name = NULL;
  say->place = SQL_IN_WHERE;
  const char *inside = is_star ? "" : say_list(say, expr->args, expr->arg_count);
  const sql_expr *first = expr->arg_count ? expr->args[0] : NULL;
  int is_int = first && !is_star && sql_type_of(say, first) == SQL_T_INT;
  int may_be_null = first && !is_star && sql_may_be_null(say, first);
  say->place = SQL_IN_WINDOW;
  if (expr->arg_count != 1 || (is_star && !sql_same(name, "COUNT")) || (expr->distinct && !sql_same(name, "COUNT")))
    sql_cannot(say, expr->at, "%s takes one expression here, and only COUNT takes DISTINCT", name);
  if (expr->distinct) made = sql_printf(arena, "distinct(%s)", inside);
  else if (sql_same(name, "SUM") && may_be_null) made = sql_printf(arena, "case when count(%s) > 0 then sum(%s) else null end", inside, inside);
  else if (sql_same(name, "AVG") && is_int && say->state->dialect == SQL_FLINK) made = sql_printf(arena, "sum(%s) div count(%s)", inside, inside);
  else if (sql_same(name, "COUNT")) made = sql_printf(arena, may_be_null || is_star ? "count(%s)" : "count()", inside);
  else if (sql_same(name, "STDDEV_SAMP")) made = sql_printf(arena, "stddev(%s)", inside);
  else {
    char lower[16];
    size_t i = 0;
    for (; name[i] && i < sizeof lower - 1; i++) lower[i] = (char)(name[i] | 32);
    lower[i] = '\0';
    made = sql_printf(arena, "%s(%s)", lower, inside);
  }
  const char *line = sql_printf(arena, "\n%s=", made), *known = say->seen->bytes ? strstr(say->seen->bytes, line) : NULL;
  if (known) {
    known += strlen(line);
    return sql_copy(arena, known, strcspn(known, "\n"));
  }
  const char *own = wanted ? sql_say_name(arena, wanted) : sql_printf(arena, "measure_%u", ++say->measure_count);
  sql_putf(say->seen, "%s%s\n", line, own);
  sql_putf(say->measures, "    %s: %s\n", own, made);
  return own;
}

static const char *say_case(sql_say *say, const sql_expr *expr)
{
  sql_text made = {say->state->arena, NULL, 0, 0};
  sql_put(&made, "case");
  for (uint32_t i = 0; i + 1 < expr->arg_count; i += 2)
    sql_putf(&made, " when %s then %s", sql_say_expr(say, expr->args[i], SQL_L_ANY), sql_say_expr(say, expr->args[i + 1], SQL_L_ANY));
  sql_putf(&made, " else %s end", sql_say_expr(say, expr->args[expr->arg_count - 1], SQL_L_ANY));
  return made.bytes;
}

static const char *say_tested(sql_say *say, const sql_expr *expr)
{
  sql_arena *arena = say->state->arena;
  const char *left = sql_say_expr(say, expr->args[0], SQL_L_SUM), *no = expr->negated ? "not " : "";
  if (expr->kind == SQL_X_IS_NULL) return sql_printf(arena, "%s is %snull", left, no);
  if (expr->kind == SQL_X_LIKE) return sql_printf(arena, "%s %slike %s", left, no, sql_say_string(arena, expr->text));
  if (expr->kind == SQL_X_IN) return sql_printf(arena, "%s %sin (%s)", left, no, say_list(say, expr->args + 1, expr->arg_count - 1));
  return sql_printf(arena, "%s %sbetween %s and %s", left, no, sql_say_expr(say, expr->args[1], SQL_L_SUM),
                    sql_say_expr(say, expr->args[2], SQL_L_SUM));
}

/* A column outside of MATCH_RECOGNIZE. */
static const char *say_column(sql_say *say, const sql_expr *expr)
{
  const sql_column *column = sql_column_of(say->table, expr->text);
  if (!column) sql_cannot(say, expr->at, "\"%.60s\" is no column of \"%.60s\"", expr->text, say->table->name);
  if (column && column->is_processing) sql_cannot(say, expr->at, "the clock \"%.60s\" is not a value here", expr->text);
  return sql_say_name(say->state->arena, column ? column->name : expr->text);
}

static const char *say_any(sql_say *say, const sql_expr *expr, int *level)
{
  sql_arena *arena = say->state->arena;
  int is_of_match = say->place == SQL_IN_DEFINE || say->place == SQL_IN_MEASURE;
  *level = SQL_L_PRIMARY;
  switch (expr->kind) {
    case SQL_X_NULL: return "null";
    case SQL_X_BOOL: return expr->number ? "true" : "false";
    case SQL_X_NUMBER: return expr->text;
    case SQL_X_STRING: return sql_say_string(arena, expr->text);
    case SQL_X_TIMESTAMP: return sql_say_string(arena, expr->text);
    case SQL_X_INTERVAL: return sql_say_duration(arena, expr->ns);
    case SQL_X_COLUMN: return is_of_match ? sql_say_of_match(say, expr, level) : say_column(say, expr);
    case SQL_X_STAR: sql_cannot(say, expr->at, "'*' stands in COUNT(*) only"); return "null";
    case SQL_X_CALL:
      if (is_of_match) {
        const char *made = sql_say_of_match(say, expr, level);
        if (made) return made;
      } else if (sql_is_aggregate(expr->text)) {
        if (say->place == SQL_IN_WINDOW) return say_measure(say, expr);
        sql_cannot(say, expr->at, "%s cannot stand here", expr->text);
        return "null";
      }
      return say_function(say, expr, level);
    case SQL_X_NOT: *level = SQL_L_NOT; return sql_printf(arena, "not %s", sql_say_expr(say, expr->args[0], SQL_L_NOT));
    case SQL_X_MINUS: *level = SQL_L_UNARY; return sql_printf(arena, "-%s", sql_say_expr(say, expr->args[0], SQL_L_PRIMARY));
    case SQL_X_BINARY: return say_binary(say, expr, level);
    case SQL_X_IS_NULL:
    case SQL_X_BETWEEN:
    case SQL_X_IN:
    case SQL_X_LIKE: *level = SQL_L_TEST; return say_tested(say, expr);
    case SQL_X_CASE: return say_case(say, expr);
  }
  return "null";
}

const char *sql_say_expr(sql_say *say, const sql_expr *expr, int level)
{
  int own;
  const char *made = say_any(say, expr, &own);
  return own < level ? sql_printf(say->state->arena, "(%s)", made) : made;
}
