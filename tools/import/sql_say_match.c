/*
 * sql_say_match.c - columns, navigation and aggregates over the rows of a match.
 *
 * In DEFINE the row under test already counts among the rows of its own variable; in a rule
 * it does not. So what SQL calls the last row of that variable is the bare field here, and
 * aggregates over the own variable have the row under test added.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/import/sql_tree.h"

sql_var *sql_var_of(const sql_match *match, const char *name)
{
  for (sql_var *var = match->vars; var; var = var->next)
    if (sql_same(var->name, name)) return var;
  return NULL;
}

static const sql_column *column_of(sql_say *say, const sql_expr *expr)
{
  static const sql_column none = {.name = "null"};
  const sql_column *column = sql_column_of(say->table, expr->text);
  if (!column) sql_cannot(say, expr->at, "\"%.60s\" is no column of \"%.60s\"", expr->text, say->table->name);
  else if (column->is_processing) sql_cannot(say, expr->at, "the clock \"%.60s\" is not a value here", expr->text);
  return column ? column : &none;
}

static const char *field_of(sql_say *say, const sql_expr *expr)
{
  return sql_say_name(say->state->arena, column_of(say, expr)->name);
}

static const char *step_of(sql_say *say, const sql_var *var)
{
  return sql_say_name(say->state->arena, var->leaf->step);
}

/* The variable of a qualifier; NULL: told. */
static sql_var *var_of(sql_say *say, const sql_expr *expr)
{
  sql_var *var = sql_var_of(say->match, expr->qualifier);
  if (!var) {
    for (uint32_t i = 0; i < say->match->subset_count; i++)
      if (sql_same(say->match->subsets[i].name, expr->qualifier)) {
        sql_cannot(say, expr->at, "\"%.60s\" is a SUBSET, whose rows have no counterpart; name one variable", expr->qualifier);
        return NULL;
      }
    sql_cannot(say, expr->at, "\"%.60s\" is no variable of PATTERN", expr->qualifier);
    return NULL;
  }
  if (var->uses > 1 && var != say->own) {
    sql_cannot(say, expr->at, "\"%.60s\" stands %u times in PATTERN, so its rows are those of several steps; give each place a name of its own",
               var->name, var->uses);
    return NULL;
  }
  var->is_referenced = 1;
  return var;
}

/* The field of the n-th row of a variable, from the end (-1, -2, ...) or the start (0, 1, ...). */
static const char *nth(sql_say *say, const sql_var *var, const char *field, long n)
{
  sql_arena *arena = say->state->arena;
  if (var->uses == 0) return "null";
  const char *step = step_of(say, var);
  if (!var->repeats) return n == 0 || n == -1 ? sql_printf(arena, "%s.%s", step, field) : "null";
  if (n == -1) return sql_printf(arena, "last(%s).%s", step, field);
  if (n == 0) return sql_printf(arena, "first(%s).%s", step, field);
  return sql_printf(arena, "%s[%ld].%s", step, n, field);
}

/* ---- The first and the last row of the match ---------------------------------------------------------- */

static const sql_node *root_of(const sql_match *match)
{
  return match->pattern;
}

/* The variable that an item of the whole pattern is, alone or repeated; NULL: it is more. */
static const sql_var *var_of_item(const sql_node *item, int *is_sure)
{
  *is_sure = item->kind == SQL_P_VAR || (item->kind == SQL_P_REPEAT && item->min > 0);
  if (item->kind == SQL_P_REPEAT) item = item->items[0];
  return item->kind == SQL_P_VAR && item->var->uses == 1 ? item->var : NULL;
}

/* The column in the first or last row: of the first item from that side that has rows. */
static const char *of_whole(sql_say *say, const sql_expr *expr, int is_last)
{
  sql_arena *arena = say->state->arena;
  const sql_node *root = root_of(say->match);
  uint32_t count = root->kind == SQL_P_SEQ ? root->item_count : 1;
  const char *field = field_of(say, expr);
  sql_text made = {arena, NULL, 0, 0};
  for (uint32_t i = 0; i < count; i++) {
    const sql_node *item = root->kind == SQL_P_SEQ ? root->items[is_last ? count - 1 - i : i] : root;
    int is_sure;
    const sql_var *var = var_of_item(item, &is_sure);
    if (!var) break;
    const char *value = nth(say, var, field, is_last ? -1 : 0);
    if (is_sure && i == 0) return value;
    if (is_sure) {
      sql_putf(&made, " else %s end", value);
      return made.bytes;
    }
    sql_putf(&made, "%s when count(%s) > 0 then %s", made.len ? "" : "case", step_of(say, var), value);
  }
  sql_cannot(say, expr->at, "which variable has the %s row of the match depends on the match; name one: A.%s",
             is_last ? "last" : "first", expr->text);
  return "null";
}

/* ---- Columns and navigation ------------------------------------------------------------------------------ */

static int is_partition(const sql_say *say, const char *name)
{
  for (uint32_t i = 0; i < say->match->partition_count; i++)
    if (say->match->partition[i]->kind == SQL_X_COLUMN && sql_same(say->match->partition[i]->text, name)) return 1;
  return 0;
}

static const char *say_column(sql_say *say, const sql_expr *expr)
{
  if (!expr->qualifier) {
    if (say->place == SQL_IN_DEFINE || is_partition(say, expr->text)) return field_of(say, expr);
    return of_whole(say, expr, 1);
  }
  const sql_var *var = var_of(say, expr);
  if (!var) return "null";
  return var == say->own ? field_of(say, expr) : nth(say, var, field_of(say, expr), -1);
}

/* The number behind the column: LAST(x, 2). -1: told. */
static long offset_of(sql_say *say, const sql_expr *call, long unsaid)
{
  if (call->arg_count < 2) return unsaid;
  const sql_expr *number = call->args[1];
  if (call->arg_count == 2 && number->kind == SQL_X_NUMBER && strlen(number->text) < 6 && !strchr(number->text, '.')) return atol(number->text);
  sql_cannot(say, call->at, "%s takes a column and a whole number", call->text);
  return -1;
}

static const char *say_prev(sql_say *say, const sql_expr *call, const sql_expr *column)
{
  long n = offset_of(say, call, 1);
  const char *field = field_of(say, column);
  const sql_var *var = column->qualifier ? var_of(say, column) : NULL;
  if (n < 0 || (column->qualifier && !var)) return "null";
  if (say->place != SQL_IN_DEFINE || (var && var != say->own) || n > 1) {
    sql_cannot(say, call->at, "PREV has a counterpart only in DEFINE, for the row right before the one under test: PREV(%s)", column->text);
    return "null";
  }
  if (n == 0) return field;
  if (!say->has_pairs) return sql_printf(say->state->arena, "prev(%s)", field);
  return sql_say_name(say->state->arena, sql_printf(say->state->arena, "prev_%s", sql_column_of(say->table, column->text) ? sql_column_of(say->table, column->text)->name : ""));
}

/* The row under test is the newest of its own variable: 0 is that row, 1 the one before. */
static const char *say_own_last(sql_say *say, const sql_expr *column, long n)
{
  const char *field = field_of(say, column);
  if (n == 0) return field;
  if (column->qualifier) return nth(say, say->own, field, -n);
  if (n == 1) return sql_printf(say->state->arena, "prev(%s)", field);
  sql_cannot(say, column->at, "LAST(%s, %ld) without a variable has no counterpart", column->text, n);
  return "null";
}

static const char *say_own_first(sql_say *say, const sql_expr *column, long n)
{
  sql_arena *arena = say->state->arena;
  const char *field = field_of(say, column), *step = step_of(say, say->own);
  if (!say->own->repeats) return n == 0 ? field : "null";
  if (n == 0 && !sql_may_be_null(say, column)) return sql_printf(arena, "coalesce(first(%s).%s, %s)", step, field, field);
  return sql_printf(arena, "case when count(%s) == %ld then %s else %s[%ld].%s end", step, n, field, step, n, field);
}

static const char *say_navigation(sql_say *say, const sql_expr *call)
{
  const sql_expr *column = call->arg_count ? call->args[0] : NULL;
  if (!column || column->kind != SQL_X_COLUMN) {
    sql_cannot(say, call->at, "%s takes a column, and a whole number if need be", call->text);
    return "null";
  }
  if (sql_same(call->text, "PREV")) return say_prev(say, call, column);
  if (sql_same(call->text, "NEXT")) {
    sql_cannot(say, call->at, "NEXT has no counterpart: a row is decided before the next one is known");
    return "null";
  }
  int is_last = sql_same(call->text, "LAST");
  long n = offset_of(say, call, 0);
  if (n < 0) return "null";
  if (!column->qualifier) {
    if (say->place == SQL_IN_DEFINE && is_last) return say_own_last(say, column, n);
    int is_sure;
    const sql_node *root = root_of(say->match);
    const sql_var *start = var_of_item(root->kind == SQL_P_SEQ ? root->items[0] : root, &is_sure);
    if (!is_last && n == 0 && say->own && start == say->own && is_sure) return say_own_first(say, column, 0);
    if (n == 0) return of_whole(say, column, is_last);
    sql_cannot(say, call->at, "%s(%s, %ld) without a variable has no counterpart", call->text, column->text, n);
    return "null";
  }
  const sql_var *var = var_of(say, column);
  if (!var) return "null";
  if (var == say->own) {
    if (var->uses > 1) {
      sql_cannot(say, call->at, "\"%s\" stands several times in PATTERN; give each place a name of its own", var->name);
      return "null";
    }
    return is_last ? say_own_last(say, column, n) : say_own_first(say, column, n);
  }
  return nth(say, var, field_of(say, column), is_last ? -1 - n : n);
}

/* ---- Aggregates ---------------------------------------------------------------------------------------- */

/* COUNT(*): the rows of all steps. */
static const char *count_all(sql_say *say, const sql_node *node, const char *so_far)
{
  sql_arena *arena = say->state->arena;
  if (node->kind == SQL_P_VAR)
    return sql_printf(arena, "%s%scount(%s)", so_far, *so_far ? " + " : "", sql_say_name(arena, node->step));
  for (uint32_t i = 0; i < node->item_count; i++) so_far = count_all(say, node->items[i], so_far);
  return so_far;
}

/* The one variable whose columns the expression has; `is_bare`: columns without one. */
static void find_vars(const sql_expr *expr, const char **name, int *is_mixed, int *is_bare)
{
  if (expr->kind == SQL_X_COLUMN || expr->kind == SQL_X_STAR) {
    if (!expr->qualifier) *is_bare = 1;
    else if (*name && !sql_same(*name, expr->qualifier)) *is_mixed = 1;
    else *name = expr->qualifier;
  }
  for (uint32_t i = 0; i < expr->arg_count; i++) find_vars(expr->args[i], name, is_mixed, is_bare);
}

/* The expression over one row; each column with `prefix` before it. */
static const char *over_row(sql_say *say, const sql_expr *expr, const char *prefix, int level)
{
  sql_arena *arena = say->state->arena;
  if (expr->kind == SQL_X_COLUMN) return sql_printf(arena, "%s%s", prefix, field_of(say, expr));
  if (expr->kind == SQL_X_NUMBER) return expr->text;
  if (expr->kind == SQL_X_BINARY && strchr("+-*", expr->text[0])) {
    int own = expr->text[0] == '*' ? SQL_L_PRODUCT : SQL_L_SUM;
    return sql_printf(arena, own < level ? "(%s %s %s)" : "%s %s %s", over_row(say, expr->args[0], prefix, own), expr->text,
                      over_row(say, expr->args[1], prefix, own + 1));
  }
  sql_cannot(say, expr->at, "an aggregate goes over columns, numbers, + - and * here");
  return "null";
}

static const char *over_captured(sql_say *say, const sql_expr *call, const char *all, const char *step, int may_be_none)
{
  sql_arena *arena = say->state->arena;
  int is_int = sql_type_of(say, call->args[0]) == SQL_T_INT;
  if (sql_same(call->text, "COUNT")) return sql_printf(arena, "count(%s)", all ? all : step);
  if (sql_same(call->text, "MIN")) return sql_printf(arena, "min(%s)", all);
  if (sql_same(call->text, "MAX")) return sql_printf(arena, "max(%s)", all);
  if (sql_same(call->text, "AVG"))
    return is_int && say->state->dialect == SQL_FLINK ? sql_printf(arena, "(sum(%s) div count(%s))", all, all) : sql_printf(arena, "avg(%s)", all);
  return may_be_none ? sql_printf(arena, "case when count(%s) > 0 then sum(%s) else null end", all, all) : sql_printf(arena, "sum(%s)", all);
}

/* With the row under test, whose value is `row`, among them. */
static const char *over_own(sql_say *say, const sql_expr *call, const char *all, const char *step, const char *row, int may_be_null)
{
  sql_arena *arena = say->state->arena;
  int is_int = sql_type_of(say, call->args[0]) == SQL_T_INT;
  const char *one = may_be_null ? sql_printf(arena, "case when %s is not null then 1 else 0 end", row) : "1";
  const char *count = sql_printf(arena, "(count(%s) + %s)", all ? all : step, all ? one : "1");
  if (sql_same(call->text, "COUNT")) return count;
  if (sql_same(call->text, "MIN") || sql_same(call->text, "MAX")) {
    const char *word = sql_same(call->text, "MIN") ? "min" : "max", *sign = sql_same(call->text, "MIN") ? "<" : ">";
    return sql_printf(arena, "case when %s is null or %s(%s) %s %s then %s(%s) else %s end", row, word, all, sign, row, word, all, row);
  }
  const char *sum = sql_printf(arena, may_be_null ? "(sum(%s) + coalesce(%s, 0))" : "(sum(%s) + %s)", all, row);
  if (sql_same(call->text, "AVG"))
    return sql_printf(arena, is_int && say->state->dialect == SQL_FLINK ? "(%s div %s)" : "(%s / %s)", sum, count);
  if (!may_be_null) return sum;
  return sql_printf(arena, "case when count(%s) > 0 or %s is not null then %s else null end", all, row, sum);
}

static const char *say_aggregate(sql_say *say, const sql_expr *call)
{
  sql_arena *arena = say->state->arena;
  const sql_expr *arg = call->arg_count == 1 ? call->args[0] : NULL;
  int is_star = arg && arg->kind == SQL_X_STAR, is_mixed = 0, is_bare = 0;
  const char *name = NULL;
  if (!arg || call->distinct || (is_star && !sql_same(call->text, "COUNT")) || sql_same(call->text, "STDDEV") || sql_same(call->text, "STDDEV_SAMP")) {
    sql_cannot(say, call->at, "over the rows of a match there are COUNT, SUM, AVG, MIN and MAX of one expression");
    return "null";
  }
  find_vars(arg, &name, &is_mixed, &is_bare);
  const sql_node *root = root_of(say->match);
  if (is_bare && !name && sql_same(call->text, "COUNT") && (is_star || !sql_may_be_null(say, arg)))
    return sql_printf(arena, "(%s%s)", count_all(say, root, ""), say->place == SQL_IN_DEFINE ? " + 1" : "");
  if (is_bare && !name && say->match->vars && !say->match->vars->next) {
    name = say->match->vars->name; /* one variable has all rows */
    is_bare = 0;
  }
  if (is_mixed || is_bare || !name) {
    sql_cannot(say, call->at, "%s goes over the rows of several variables; here it goes over those of one: %s(A.x)", call->text, call->text);
    return "null";
  }
  sql_expr asked = *arg;
  asked.qualifier = name;
  const sql_var *var = var_of(say, &asked);
  if (!var) return "null";
  if (var->uses == 0) return sql_same(call->text, "COUNT") ? "0" : "null";
  if (var->uses > 1) {
    sql_cannot(say, call->at, "\"%s\" stands several times in PATTERN; give each place a name of its own", var->name);
    return "null";
  }
  const char *step = step_of(say, var);
  int may_be_null = !is_star && sql_may_be_null(say, arg);
  /* COUNT of what is never null counts rows. */
  const char *all = is_star || (sql_same(call->text, "COUNT") && !may_be_null) ? NULL : over_row(say, arg, sql_printf(arena, "%s.", step), SQL_L_ANY);
  if (var == say->own) return over_own(say, call, all, step, is_star ? "" : over_row(say, arg, "", SQL_L_PRIMARY), may_be_null);
  return over_captured(say, call, all, step, may_be_null || !var->is_sure || say->place == SQL_IN_DEFINE);
}

const char *sql_say_of_match(sql_say *say, const sql_expr *expr, int *level)
{
  static const char *const navigation[] = {"FIRST", "LAST", "PREV", "NEXT"};
  *level = SQL_L_PRIMARY;
  if (expr->kind == SQL_X_COLUMN) return say_column(say, expr);
  for (size_t i = 0; i < sizeof navigation / sizeof *navigation; i++)
    if (sql_same(expr->text, navigation[i])) return say_navigation(say, expr);
  if (sql_is_aggregate(expr->text)) return say_aggregate(say, expr);
  if (sql_same(expr->text, "MATCH_NUMBER") || sql_same(expr->text, "CLASSIFIER")) {
    sql_cannot(say, expr->at, "%s() has no counterpart; an alert lists its events with the step of each", expr->text);
    return "null";
  }
  return NULL;
}
