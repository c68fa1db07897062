/* sql_window.c - GROUP BY over windows as an aggregate. */
#include <string.h>

#include "tools/import/sql_tree.h"

typedef struct window {
  sql_state *state;
  const sql_select *select;
  sql_table *table;
  sql_text measures;
  sql_text seen;
  sql_text emit;
  sql_say say;
} window;

/* window_start, TUMBLE_END(...) and the like in our words; NULL: it is none. The time of a window is the
 * last millisecond in it. */
static const char *bound_of(const sql_expr *expr)
{
  static const struct {
    const char *sql;
    const char *ours;
  } names[] = {{"window_start", "window_start"},  {"window_end", "window_end"},  {"window_time", "window_end - 1ms"},
               {"TUMBLE_START", "window_start"},  {"TUMBLE_END", "window_end"},  {"TUMBLE_ROWTIME", "window_end - 1ms"},
               {"HOP_START", "window_start"},     {"HOP_END", "window_end"},     {"HOP_ROWTIME", "window_end - 1ms"},
               {"SESSION_START", "window_start"}, {"SESSION_END", "window_end"}, {"SESSION_ROWTIME", "window_end - 1ms"}};
  if (expr->kind != SQL_X_COLUMN && expr->kind != SQL_X_CALL) return NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (sql_same(expr->text, names[i].sql)) return names[i].ours;
  return NULL;
}

static int is_key(const window *w, const sql_expr *expr)
{
  for (uint32_t i = 0; i < w->select->group_count; i++) {
    const sql_expr *key = w->select->group[i];
    if (expr->kind == SQL_X_COLUMN && key->kind == SQL_X_COLUMN && sql_same(key->text, expr->text)) return 1;
  }
  return 0;
}

static void write_keys(window *w)
{
  sql_state *state = w->state;
  int count = 0;
  for (uint32_t i = 0; i < w->select->group_count; i++) {
    const sql_expr *key = w->select->group[i];
    if (bound_of(key)) continue;
    const sql_column *column = key->kind == SQL_X_COLUMN ? sql_column_of(w->table, key->text) : NULL;
    if (!column) {
      sql_remark_at(state, SQL_ERROR, key->at, "GROUP BY takes columns and TUMBLE(...), HOP(...) or SESSION(...) here");
      continue;
    }
    if (!column->not_null)
      sql_remark_at(state, SQL_CHANGED, key->at, "rows whose \"%s\" is null are a group of their own in SQL; here they are in none, and counted", column->name);
    sql_putf(&state->out, "%s%s", count++ ? ", " : " by ", sql_say_name(state->arena, column->name));
  }
}

/* Aggregates in it are measures; other columns must be keys. */
static const char *say_over_window(window *w, const sql_expr *expr)
{
  if (expr->kind == SQL_X_COLUMN && !is_key(w, expr)) {
    sql_cannot(&w->say, expr->at, "\"%.60s\" is no key of GROUP BY and stands in no aggregate", expr->text);
    return "null";
  }
  return sql_say_expr(&w->say, expr, SQL_L_ANY);
}

static int has_bare_column(const window *w, const sql_expr *expr)
{
  if (expr->kind == SQL_X_CALL && sql_is_aggregate(expr->text)) return 0;
  if (expr->kind == SQL_X_COLUMN) return !is_key(w, expr);
  for (uint32_t i = 0; i < expr->arg_count; i++)
    if (has_bare_column(w, expr->args[i])) return 1;
  return 0;
}

static void write_item(window *w, const sql_item *item)
{
  sql_state *state = w->state;
  if (!item->expr) {
    sql_remark_at(state, SQL_ERROR, item->at, "'*' has no counterpart over a window; name what is wanted");
    return;
  }
  const char *bound = bound_of(item->expr);
  if (bound) {
    const char *called = item->name ? item->name : item->expr->text;
    sql_putf(&w->emit, "%s%s: %s", w->emit.len ? ", " : "", sql_say_name(state->arena, called), bound);
    return;
  }
  if (is_key(w, item->expr) && (!item->name || sql_same(item->name, item->expr->text))) return;
  int is_aggregate = item->expr->kind == SQL_X_CALL && sql_is_aggregate(item->expr->text);
  const char *name = item->name ? item->name : sql_printf(state->arena, "value_%u", (uint32_t)(item - w->select->items.all) + 1);
  if (!is_aggregate && has_bare_column(w, item->expr)) {
    sql_remark_at(state, SQL_ERROR, item->at, "a column that is no key of GROUP BY stands outside of the aggregates");
    return;
  }
  w->say.wanted_name = is_aggregate ? name : NULL;
  const char *said = say_over_window(w, item->expr);
  w->say.wanted_name = NULL;
  sql_putf(&w->emit, "%s%s: %s", w->emit.len ? ", " : "", sql_say_name(state->arena, name), said);
}

static void write_head(window *w, const char *name)
{
  sql_state *state = w->state;
  sql_putf(&state->out, "aggregate %s from %s", sql_say_name(state->arena, name), sql_say_name(state->arena, w->table->name));
  if (w->select->where) {
    w->say.place = SQL_IN_WHERE;
    sql_putf(&state->out, " where %s", sql_say_expr(&w->say, w->select->where, SQL_L_ANY));
    w->say.place = SQL_IN_WINDOW;
  }
  write_keys(w);
  static const char *const kinds[] = {[SQL_TUMBLE] = "tumbling", [SQL_HOP] = "sliding", [SQL_SESSION] = "session gap"};
  sql_putf(&state->out, " window %s %s", kinds[w->select->window], sql_say_duration(state->arena, w->select->length_ns));
  if (w->select->window == SQL_HOP) sql_putf(&state->out, " every %s", sql_say_duration(state->arena, w->select->slide_ns));
  if (w->select->offset_ns) sql_putf(&state->out, " offset %s", sql_say_duration(state->arena, w->select->offset_ns));
  sql_put(&state->out, " {\n");
}

void sql_write_window(sql_state *state, const sql_select *select, sql_table *table)
{
  window w = {state, select, table, {state->arena, NULL, 0, 0}, {state->arena, NULL, 0, 0}, {state->arena, NULL, 0, 0}, {0}};
  w.say = (sql_say){.state = state, .table = table, .place = SQL_IN_WINDOW, .measures = &w.measures, .seen = &w.seen};
  sql_put(&w.seen, "\n");
  write_head(&w, select->name);
  for (uint32_t i = 0; i < select->items.count; i++) write_item(&w, &select->items.all[i]);
  const char *having = NULL;
  if (select->having && has_bare_column(&w, select->having))
    sql_remark_at(state, SQL_ERROR, select->having->at, "a column that is no key of GROUP BY stands outside of the aggregates");
  else if (select->having) having = sql_say_expr(&w.say, select->having, SQL_L_ANY);
  sql_put(&state->out, sql_text_of(&w.measures));
  if (having) sql_putf(&state->out, "    having %s\n", having);
  sql_putf(&state->out, "    emit { %s }\n}\n\n", sql_text_of(&w.emit));
}
