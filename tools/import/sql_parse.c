/* sql_parse.c - the statements of an SQL file: CREATE TABLE, and SELECT with a pattern or a window. */
#include <stdlib.h>
#include <string.h>

#include "tools/import/sql_tree.h"

/* ---- Tokens --------------------------------------------------------------------------------- */

int sql_at_word(const sql_state *state, const char *word)
{
  return state->token->kind == SQL_NAME && sql_same(state->token->text, word);
}

int sql_at_sign(const sql_state *state, const char *sign)
{
  return state->token->kind == SQL_SIGN && strcmp(state->token->text, sign) == 0;
}

/* Once the statement is lost every token looks like the end, so that every loop ends. */
void sql_advance(sql_state *state)
{
  if (state->token->kind != SQL_END && !state->is_lost) state->token++;
}

int sql_take_word(sql_state *state, const char *word)
{
  if (state->is_lost || !sql_at_word(state, word)) return 0;
  sql_advance(state);
  return 1;
}

int sql_take_sign(sql_state *state, const char *sign)
{
  if (state->is_lost || !sql_at_sign(state, sign)) return 0;
  sql_advance(state);
  return 1;
}

void sql_expected(sql_state *state, const char *what)
{
  if (state->is_lost) return;
  state->is_lost = 1;
  const sql_token *at = state->token;
  if (at->kind == SQL_WRONG) sql_remark_at(state, SQL_ERROR, at, "%s", at->text);
  else if (at->kind == SQL_END) sql_remark_at(state, SQL_ERROR, at, "the text ends here; expected %s", what);
  else sql_remark_at(state, SQL_ERROR, at, "\"%.60s\" stands here; expected %s", at->text, what);
}

void sql_need_word(sql_state *state, const char *word)
{
  if (!sql_take_word(state, word)) sql_expected(state, word);
}

void sql_need_sign(sql_state *state, const char *sign)
{
  if (!sql_take_sign(state, sign)) sql_expected(state, sql_printf(state->arena, "'%s'", sign));
}

const char *sql_need_name(sql_state *state, const char *what)
{
  const sql_token *at = state->token;
  if (state->is_lost || (at->kind != SQL_NAME && at->kind != SQL_QUOTED)) {
    sql_expected(state, what);
    return "";
  }
  sql_advance(state);
  return at->text;
}

int sql_enter(sql_state *state)
{
  if (state->depth < SQL_DEPTH_MAX) {
    state->depth++;
    return 1;
  }
  sql_expected(state, "less: this is nested too deep");
  return 0;
}

/* ---- CREATE TABLE ----------------------------------------------------------------------------- */

static void pass_parentheses(sql_state *state)
{
  if (!sql_take_sign(state, "(")) return;
  while (state->token->kind == SQL_NUMBER || sql_at_sign(state, ",")) sql_advance(state);
  sql_need_sign(state, ")");
}

static sql_type type_of_word(const char *word)
{
  static const struct {
    const char *word;
    sql_type type;
  } types[] = {{"INT", SQL_T_INT}, {"INTEGER", SQL_T_INT}, {"BIGINT", SQL_T_INT}, {"SMALLINT", SQL_T_INT},
               {"TINYINT", SQL_T_INT}, {"FLOAT", SQL_T_FLOAT}, {"DOUBLE", SQL_T_FLOAT}, {"REAL", SQL_T_FLOAT},
               {"DECIMAL", SQL_T_FLOAT}, {"NUMERIC", SQL_T_FLOAT}, {"DEC", SQL_T_FLOAT}, {"VARCHAR", SQL_T_STRING},
               {"CHAR", SQL_T_STRING}, {"STRING", SQL_T_STRING}, {"TEXT", SQL_T_STRING}, {"BOOLEAN", SQL_T_BOOL},
               {"BOOL", SQL_T_BOOL}, {"TIMESTAMP", SQL_T_TIME}, {"TIMESTAMP_LTZ", SQL_T_TIME}, {"IPADDRESS", SQL_T_IP}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (sql_same(word, types[i].word)) return types[i].type;
  return SQL_T_OTHER;
}

static void parse_type(sql_state *state, sql_column *column)
{
  const sql_token *at = state->token;
  const char *word = sql_need_name(state, "a type");
  column->type = type_of_word(word);
  if (state->is_lost) return;
  if (column->type == SQL_T_OTHER) {
    sql_remark_at(state, SQL_ERROR, at,
                  "the type \"%s\" has no counterpart; there are INT, BIGINT, DOUBLE, DECIMAL, VARCHAR, STRING, BOOLEAN, TIMESTAMP and IPADDRESS", word);
    state->is_lost = 1;
    return;
  }
  if (sql_same(word, "DECIMAL") || sql_same(word, "NUMERIC") || sql_same(word, "DEC"))
    sql_remark_at(state, SQL_CHANGED, at, "%s: \"%s\" is a float here, which is not exact", word, column->name);
  if (sql_same(word, "DOUBLE")) sql_take_word(state, "PRECISION");
  pass_parentheses(state);
  if (column->type == SQL_T_TIME && (sql_at_word(state, "WITH") || sql_at_word(state, "WITHOUT"))) {
    sql_advance(state);
    sql_take_word(state, "LOCAL");
    sql_need_word(state, "TIME");
    sql_need_word(state, "ZONE");
  }
}

/* name AS PROCTIME() or name AS TO_TIMESTAMP_LTZ(column, 0 or 3) */
static void parse_computed(sql_state *state, sql_column *column)
{
  column->type = SQL_T_TIME;
  column->not_null = 1;
  if (sql_take_word(state, "PROCTIME")) {
    sql_need_sign(state, "(");
    sql_need_sign(state, ")");
    column->is_processing = 1;
    return;
  }
  if (!sql_take_word(state, "TO_TIMESTAMP_LTZ")) {
    sql_expected(state, "PROCTIME() or TO_TIMESTAMP_LTZ(column, 3): no other computed column has a counterpart");
    return;
  }
  sql_need_sign(state, "(");
  column->epoch = sql_need_name(state, "a column");
  sql_need_sign(state, ",");
  column->digits = sql_at_sign(state, ")") ? 0 : atoi(state->token->kind == SQL_NUMBER ? state->token->text : "9");
  if (column->digits != 0 && column->digits != 3) sql_expected(state, "0 (seconds) or 3 (milliseconds)");
  sql_advance(state);
  sql_need_sign(state, ")");
}

static void parse_column(sql_state *state, sql_table *table)
{
  table->columns = sql_grow(state->arena, table->columns, table->column_count, table->column_count + 1u, sizeof *table->columns);
  sql_column *column = &table->columns[table->column_count];
  column->at = state->token;
  column->name = sql_need_name(state, "a column");
  if (state->is_lost) return;
  if (sql_column_of(table, column->name)) {
    sql_remark_at(state, SQL_ERROR, column->at, "there are two columns \"%s\"", column->name);
    state->is_lost = 1;
    return;
  }
  table->column_count++;
  if (sql_take_word(state, "AS")) {
    parse_computed(state, column);
    return;
  }
  parse_type(state, column);
  if (sql_take_word(state, "NOT")) {
    sql_need_word(state, "NULL");
    column->not_null = 1;
  } else {
    sql_take_word(state, "NULL");
  }
  if (sql_take_word(state, "PRIMARY")) sql_need_word(state, "KEY");
  if (sql_take_word(state, "COMMENT")) sql_advance(state);
}

static void parse_watermark(sql_state *state, sql_table *table)
{
  sql_need_word(state, "FOR");
  table->time = sql_need_name(state, "the column of the time");
  sql_need_word(state, "AS");
  const sql_token *at = state->token;
  const char *again = sql_need_name(state, "the same column");
  if (!state->is_lost && !sql_same(again, table->time)) {
    state->token = at;
    sql_expected(state, "the column of the watermark itself, less an interval");
  }
  if (!sql_take_sign(state, "-")) return;
  sql_need_word(state, "INTERVAL");
  table->lateness_ns = sql_parse_interval(state);
}

static void parse_options(sql_state *state, sql_table *table)
{
  sql_need_sign(state, "(");
  do {
    table->options = sql_grow(state->arena, table->options, table->option_count, table->option_count + 1u, sizeof *table->options);
    sql_option *option = &table->options[table->option_count++];
    option->at = state->token;
    option->name = option->at->text;
    if (option->at->kind != SQL_STRING && option->at->kind != SQL_NAME) sql_expected(state, "the name of an option");
    sql_advance(state);
    sql_need_sign(state, "=");
    option->value = state->token->text;
    if (state->token->kind != SQL_STRING) sql_expected(state, "a text in quotes");
    sql_advance(state);
  } while (sql_take_sign(state, ",") && !state->is_lost);
  sql_need_sign(state, ")");
}

static void parse_table(sql_state *state)
{
  sql_table *table = sql_take(state->arena, sizeof *table);
  if (sql_take_word(state, "IF")) {
    sql_need_word(state, "NOT");
    sql_need_word(state, "EXISTS");
  }
  table->at = state->token;
  table->name = sql_need_name(state, "the name of the table");
  sql_need_sign(state, "(");
  do {
    if (sql_take_word(state, "WATERMARK")) parse_watermark(state, table);
    else if (sql_at_word(state, "PRIMARY") || sql_at_word(state, "CONSTRAINT") || sql_at_word(state, "UNIQUE"))
      sql_expected(state, "a column or WATERMARK FOR: rows have no constraints here");
    else parse_column(state, table);
  } while (sql_take_sign(state, ",") && !state->is_lost);
  sql_need_sign(state, ")");
  if (sql_take_word(state, "WITH")) parse_options(state, table);
  if (state->is_lost) return;
  if (sql_find_table(state, table->name)) {
    sql_remark_at(state, SQL_ERROR, table->at, "there are two tables \"%s\"", table->name);
    return;
  }
  sql_table **end = &state->tables;
  while (*end) end = &(*end)->next;
  *end = table;
}

/* ---- SELECT ------------------------------------------------------------------------------------- */

void sql_parse_items(sql_state *state, sql_items *items, int star_allowed)
{
  do {
    items->all = sql_grow(state->arena, items->all, items->count, items->count + 1u, sizeof *items->all);
    sql_item *item = &items->all[items->count++];
    item->at = state->token;
    if (star_allowed && sql_take_sign(state, "*")) continue;
    item->expr = sql_parse_expr(state);
    if (sql_take_word(state, "AS")) item->name = sql_need_name(state, "a name");
    else if (!star_allowed) sql_expected(state, "AS and a name");
  } while (sql_take_sign(state, ",") && !state->is_lost);
}

static int find_window(const char *name, sql_window_kind *out)
{
  static const char *const names[] = {[SQL_TUMBLE] = "TUMBLE", [SQL_HOP] = "HOP", [SQL_SESSION] = "SESSION"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!sql_same(name, names[i])) continue;
    *out = (sql_window_kind)i;
    return 1;
  }
  return 0;
}

/* Lengths that windows here cannot have. */
static void check_window(sql_state *state, const sql_select *select)
{
  if (select->window == SQL_HOP && select->slide_ns > select->length_ns)
    sql_remark_at(state, SQL_ERROR, select->window_at, "HOP with windows further apart than they are long leaves rows out; windows here may not");
  if (select->window == SQL_SESSION)
    sql_remark_at(state, SQL_CHANGED, select->window_at, "a row that comes exactly the gap behind the newest begins a session of its own here, in Flink it does not");
}

static int64_t need_interval(sql_state *state)
{
  sql_need_sign(state, ",");
  sql_need_word(state, "INTERVAL");
  return sql_parse_interval(state);
}

/* FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE [, INTERVAL offset])), HOP with the slide
 * before the length, SESSION with the gap. */
static void parse_table_function(sql_state *state, sql_select *select)
{
  sql_need_sign(state, "(");
  select->window_at = state->token;
  const char *name = sql_need_name(state, "TUMBLE, HOP or SESSION");
  if (!state->is_lost && !find_window(name, &select->window)) {
    sql_remark_at(state, SQL_ERROR, select->window_at, "%.60s has no counterpart; there are TUMBLE, HOP and SESSION", name);
    state->is_lost = 1;
  }
  sql_need_sign(state, "(");
  sql_need_word(state, "TABLE");
  select->from_at = state->token;
  select->from = sql_need_name(state, "a table");
  sql_need_sign(state, ",");
  sql_need_word(state, "DESCRIPTOR");
  sql_need_sign(state, "(");
  select->window_time = sql_need_name(state, "the column of the time");
  sql_need_sign(state, ")");
  if (select->window == SQL_HOP) select->slide_ns = need_interval(state);
  select->length_ns = need_interval(state);
  if (select->window != SQL_SESSION && sql_take_sign(state, ",")) {
    sql_need_word(state, "INTERVAL");
    select->offset_ns = sql_parse_interval(state);
  }
  sql_need_sign(state, ")");
  sql_need_sign(state, ")");
  select->is_table_function = 1;
  if (!state->is_lost) check_window(state, select);
}

/* TUMBLE(ts, INTERVAL '1' MINUTE) and the like among the keys of GROUP BY. 1: it was one. */
static int take_window(sql_state *state, sql_select *select, const sql_expr *key)
{
  sql_window_kind kind;
  if (key->kind != SQL_X_CALL || !find_window(key->text, &kind)) return 0;
  uint32_t intervals = kind == SQL_HOP ? 2 : 1;
  int is_good = key->arg_count == 1 + intervals && key->args[0]->kind == SQL_X_COLUMN && !select->window_time;
  for (uint32_t i = 1; is_good && i <= intervals; i++) is_good = key->args[i]->kind == SQL_X_INTERVAL;
  if (!is_good) {
    static const char *const forms[] = {[SQL_TUMBLE] = "TUMBLE(column of the time, INTERVAL '1' MINUTE)",
                                        [SQL_HOP] = "HOP(column of the time, INTERVAL '10' SECOND, INTERVAL '1' MINUTE)",
                                        [SQL_SESSION] = "SESSION(column of the time, INTERVAL '1' MINUTE)"};
    sql_remark_at(state, SQL_ERROR, key->at, "expected one %s", forms[kind]);
    state->is_lost = 1;
    return 1;
  }
  select->window = kind;
  select->window_at = key->at;
  select->window_time = key->args[0]->text;
  select->slide_ns = kind == SQL_HOP ? key->args[1]->ns : 0;
  select->length_ns = key->args[intervals]->ns;
  check_window(state, select);
  return 1;
}

static void parse_group(sql_state *state, sql_select *select)
{
  sql_need_word(state, "BY");
  do {
    sql_expr *key = sql_parse_expr(state);
    if (!state->is_lost && !take_window(state, select, key)) sql_append_expr(state, &select->group, &select->group_count, key);
  } while (sql_take_sign(state, ","));
}

static int at_alias(const sql_state *state)
{
  static const char *const not_alias[] = {"WHERE", "GROUP", "HAVING", "MATCH_RECOGNIZE", "ORDER", "LIMIT", "UNION", "JOIN", "LEFT", "INNER", "CROSS", "WINDOW"};
  if (state->token->kind == SQL_QUOTED) return 1;
  if (state->token->kind != SQL_NAME) return 0;
  for (size_t i = 0; i < sizeof not_alias / sizeof *not_alias; i++)
    if (sql_at_word(state, not_alias[i])) return 0;
  return 1;
}

static void parse_alias(sql_state *state, sql_select *select)
{
  if (sql_take_word(state, "AS")) select->alias = sql_need_name(state, "a name");
  else if (at_alias(state)) select->alias = sql_need_name(state, "a name");
}

static void parse_select(sql_state *state, const char *name, const sql_token *at)
{
  sql_select *select = sql_take(state->arena, sizeof *select);
  select->name = name;
  select->at = at;
  sql_parse_items(state, &select->items, 1);
  sql_need_word(state, "FROM");
  select->from_at = state->token;
  if (sql_at_word(state, "TABLE") && state->token[1].kind == SQL_SIGN) {
    sql_advance(state);
    parse_table_function(state, select);
  } else {
    select->from = sql_need_name(state, "a table");
  }
  parse_alias(state, select);
  if (sql_take_word(state, "MATCH_RECOGNIZE")) {
    if (select->alias) sql_remark_at(state, SQL_NOTE, select->from_at, "the name \"%s\" before MATCH_RECOGNIZE is not used", select->alias);
    select->alias = NULL;
    select->match = sql_parse_match(state);
    parse_alias(state, select);
  } else {
    if (sql_take_word(state, "WHERE")) select->where = sql_parse_expr(state);
    if (sql_take_word(state, "GROUP")) parse_group(state, select);
    if (sql_take_word(state, "HAVING")) select->having = sql_parse_expr(state);
  }
  if (state->token->kind != SQL_END && !sql_at_sign(state, ";"))
    sql_expected(state, select->match ? "';' behind MATCH_RECOGNIZE ( ... ); conditions stand in DEFINE"
                                      : "WHERE, GROUP BY, HAVING or ';'");
  if (state->is_lost) return;
  sql_select **end = &state->selects;
  while (*end) end = &(*end)->next;
  *end = select;
}

/* ---- Files ---------------------------------------------------------------------------------------- */

static void parse_statement(sql_state *state)
{
  const sql_token *at = state->token;
  const char *name = NULL;
  if (sql_take_word(state, "CREATE")) {
    sql_take_word(state, "TEMPORARY");
    if (sql_take_word(state, "TABLE")) {
      parse_table(state);
      return;
    }
    if (!sql_take_word(state, "VIEW")) sql_expected(state, "TABLE or VIEW");
    name = sql_need_name(state, "the name of the view");
    sql_need_word(state, "AS");
  } else if (sql_take_word(state, "INSERT")) {
    sql_need_word(state, "INTO");
    name = sql_need_name(state, "the name of a table");
  }
  if (sql_take_word(state, "SELECT")) parse_select(state, name, at);
  else sql_expected(state, "CREATE TABLE, CREATE VIEW, INSERT INTO or SELECT");
}

void sql_parse(sql_state *state)
{
  while (state->token->kind != SQL_END) {
    if (sql_take_sign(state, ";")) continue;
    parse_statement(state);
    state->depth = 0;
    if (!state->is_lost && (state->token->kind == SQL_END || sql_at_sign(state, ";"))) continue;
    sql_expected(state, "';'");
    state->is_lost = 0;
    while (state->token->kind != SQL_END && !sql_at_sign(state, ";")) sql_advance(state);
  }
}
