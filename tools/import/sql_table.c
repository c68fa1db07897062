/* sql_table.c - CREATE TABLE as a stream. */
#include <string.h>

#include "tools/import/sql_tree.h"

sql_table *sql_find_table(sql_state *state, const char *name)
{
  for (sql_table *table = state->tables; table; table = table->next)
    if (sql_same(table->name, name)) return table;
  return NULL;
}

static const char *option_of(const sql_table *table, const char *name)
{
  for (uint32_t i = 0; i < table->option_count; i++)
    if (sql_same(table->options[i].name, name)) return table->options[i].value;
  return NULL;
}

static void write_place(sql_state *state, const sql_table *table)
{
  const char *connector = option_of(table, "connector"), *path = option_of(table, "path"), *topic = option_of(table, "topic");
  if (!connector) return;
  if (sql_same(connector, "filesystem") && path) {
    if (strncmp(path, "file://", 7) == 0) path += 7;
    sql_putf(&state->out, " from file %s", sql_say_string(state->arena, path));
  } else if (sql_same(connector, "kafka") && topic) {
    sql_putf(&state->out, " from kafka %s", sql_say_string(state->arena, topic));
  } else {
    sql_remark_at(state, SQL_NOTE, table->at, "the connector '%s' has no counterpart; the command line names the input: --input %s=PATH",
                  connector, table->name);
  }
}

/* Flink's csv has no header: its columns are those of the table. */
static void write_format(sql_state *state, const sql_table *table)
{
  const char *format = option_of(table, "format"), *delimiter = option_of(table, "csv.field-delimiter");
  if (!format) format = option_of(table, "value.format");
  if (!format) return;
  if (sql_same(format, "json")) {
    sql_put(&state->out, " format json");
  } else if (sql_same(format, "csv")) {
    sql_text columns = {state->arena, NULL, 0, 0};
    for (uint32_t i = 0; i < table->column_count; i++)
      if (!table->columns[i].is_processing && !table->columns[i].epoch)
        sql_putf(&columns, "%s%s", columns.len ? "," : "", table->columns[i].name);
    sql_putf(&state->out, " format csv (columns %s", sql_say_string(state->arena, sql_text_of(&columns)));
    if (delimiter) sql_putf(&state->out, ", delimiter %s", sql_say_string(state->arena, delimiter));
    sql_put(&state->out, ")");
  } else {
    sql_remark_at(state, SQL_ERROR, table->at, "the format '%s' has no counterpart; there are json and csv", format);
  }
}

static void tell_unused_options(sql_state *state, const sql_table *table)
{
  static const char *const used[] = {"connector", "path", "topic", "format", "value.format", "csv.field-delimiter"};
  for (uint32_t i = 0; i < table->option_count; i++) {
    int is_used = 0;
    for (size_t j = 0; j < sizeof used / sizeof *used; j++) is_used |= sql_same(table->options[i].name, used[j]);
    if (!is_used) sql_remark_at(state, SQL_NOTE, table->options[i].at, "the option '%s' is not used", table->options[i].name);
  }
}

static void write_time(sql_state *state, const sql_table *table)
{
  const sql_column *time = sql_column_of(table, table->time);
  if (time->is_processing) {
    sql_put(&state->out, "    time processing\n");
    return;
  }
  sql_putf(&state->out, "    time %s", sql_say_name(state->arena, time->name));
  if (time->epoch) {
    const sql_column *from = sql_column_of(table, time->epoch);
    sql_putf(&state->out, " at %s %s", sql_say_string(state->arena, from ? from->name : time->epoch), time->digits ? "ms" : "s");
  }
  if (table->lateness_ns) sql_putf(&state->out, " lateness %s", sql_say_duration(state->arena, table->lateness_ns));
  sql_put(&state->out, "\n");
}

void sql_write_table(sql_state *state, const sql_table *table)
{
  static const char *const types[] = {"string", "bool", "int", "float", "string", "time", "ip", "duration"};
  const char *name = sql_say_name(state->arena, table->name);
  sql_putf(&state->out, "stream %s", name);
  write_place(state, table);
  write_format(state, table);
  tell_unused_options(state, table);
  sql_put(&state->out, " {\n");
  write_time(state, table);
  for (uint32_t i = 0; i < table->column_count; i++) {
    const sql_column *column = &table->columns[i];
    if (sql_same(column->name, table->time)) continue;
    if (column->epoch || column->is_processing) {
      sql_remark_at(state, SQL_ERROR, column->at, "the computed column \"%s\" is not the time of the events; only that one has a counterpart", column->name);
      continue;
    }
    sql_putf(&state->out, "    %s: %s%s\n", sql_say_name(state->arena, column->name), types[column->type], column->not_null ? "" : "?");
  }
  sql_put(&state->out, "}\n\n");
}
