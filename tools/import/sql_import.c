/* sql_import.c - an SQL file into a rule file. */
#include <string.h>

#include "tools/import/sql_tree.h"

/* The table's time: of the watermark, or else the column that the statement goes by. */
static int settle_time(sql_state *state, sql_table *table, const char *column, const sql_token *at)
{
  const sql_column *known = sql_column_of(table, column);
  if (!known) {
    sql_remark_at(state, SQL_ERROR, at, "\"%.60s\" is no column of \"%.60s\"", column, table->name);
    return 0;
  }
  if (!table->time) {
    table->time = known->name;
    if (!known->is_processing)
      sql_remark_at(state, SQL_NOTE, at, "\"%s\" has no watermark, so no event of \"%s\" may be out of order", known->name, table->name);
  }
  if (!sql_same(table->time, known->name)) {
    sql_remark_at(state, SQL_ERROR, at, "\"%s\" is not the time of \"%s\", which is \"%s\"; events are taken in the order of their time",
                  known->name, table->name, table->time);
    return 0;
  }
  if (known->type != SQL_T_TIME) {
    sql_remark_at(state, SQL_ERROR, at, "\"%s\" is not a TIMESTAMP; events are taken in the order of their time", known->name);
    return 0;
  }
  return 1;
}

static int is_name_taken(const sql_state *state, const sql_select *select, const char *name)
{
  for (const sql_table *table = state->tables; table; table = table->next)
    if (sql_same(table->name, name)) return 1;
  for (const sql_select *other = state->selects; other; other = other->next)
    if (other != select && other->name && sql_same(other->name, name)) return 1;
  return 0;
}

/* The detection is called like the view or table that the SELECT fills, or after what it reads. */
static void settle_name(sql_state *state, sql_select *select)
{
  const char *base = select->name ? select->name : sql_printf(state->arena, "%s_%s", select->from, select->match ? "matches" : "windows");
  const char *name = base;
  for (unsigned n = 2; is_name_taken(state, select, name); n++) name = sql_printf(state->arena, "%s_%u", base, n);
  select->name = name;
}

static void prepare(sql_state *state, sql_select *select)
{
  settle_name(state, select);
  sql_table *table = sql_find_table(state, select->from);
  if (!table) {
    sql_remark_at(state, SQL_ERROR, select->from_at, "there is no table \"%.60s\"; its CREATE TABLE stands in the same file", select->from);
    return;
  }
  if (!select->match && !select->window_time) {
    sql_remark_at(state, SQL_ERROR, select->at, "this SELECT has neither MATCH_RECOGNIZE nor a window; there is nothing to watch for");
    return;
  }
  const char *column = select->match ? select->match->order : select->window_time;
  table->is_used = settle_time(state, table, column, select->match ? select->match->order_at : select->window_at);
}

static void write_all(sql_state *state)
{
  for (sql_select *select = state->selects; select; select = select->next) prepare(state, select);
  if (!state->selects && !state->import->error_count) sql_remark_at(state, SQL_ERROR, state->token, "there is no SELECT in this file");
  if (state->import->error_count) return;
  for (const sql_table *table = state->tables; table; table = table->next) {
    if (table->is_used) sql_write_table(state, table);
    else sql_remark_at(state, SQL_NOTE, table->at, "no SELECT reads the table \"%s\"", table->name);
  }
  for (const sql_select *select = state->selects; select; select = select->next) {
    sql_table *table = sql_find_table(state, select->from);
    if (select->match) sql_write_match(state, select, table);
    else sql_write_window(state, select, table);
  }
}

/* What changed, above the rules, so that it stays with them. */
static void write_head(sql_state *state, sql_text *to)
{
  sql_putf(to, "// From SQL (%s).\n", state->dialect == SQL_FLINK ? "as Flink reads it" : "as the standard reads it");
  for (uint32_t i = 0; i < state->import->remark_count; i++) {
    const sql_remark *remark = &state->import->remarks[i];
    if (remark->kind == SQL_CHANGED) sql_putf(to, "// Changed, SQL line %u: %s.\n", remark->line, remark->text);
  }
  sql_put(to, "\n");
}

int sql_import_text(sql_import *import, const char *text, size_t len, sql_dialect dialect)
{
  memset(import, 0, sizeof *import);
  import->arena = sql_arena_new();
  if (!import->arena || setjmp(*sql_arena_way_out(import->arena))) return -1;
  sql_state state = {.arena = import->arena, .import = import, .dialect = dialect, .out = {import->arena, NULL, 0, 0}};
  static const sql_token start = {SQL_END, 1, 1, ""};
  if (len > SQL_TEXT_MAX) {
    sql_remark_at(&state, SQL_ERROR, &start, "the text is longer than 1 MiB");
    return 1;
  }
  state.token = sql_lex(import->arena, text, len);
  sql_parse(&state);
  write_all(&state);
  if (import->error_count) return 1;
  sql_text whole = {import->arena, NULL, 0, 0};
  write_head(&state, &whole);
  sql_put(&whole, sql_text_of(&state.out));
  while (whole.len > 1 && whole.bytes[whole.len - 1] == '\n' && whole.bytes[whole.len - 2] == '\n') whole.bytes[--whole.len] = '\0';
  import->rules = whole.bytes;
  import->rules_len = whole.len;
  return 0;
}

void sql_import_free(sql_import *import)
{
  sql_arena_free(import->arena);
  import->arena = NULL;
}
