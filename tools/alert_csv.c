/* alert_csv.c - alerts as one table of comma-separated values. */
#include "alert_csv.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_TEXT_MAX 128

/* ---- Columns -------------------------------------------------------------------------------- */

static size_t find(const csv_columns *columns, size_t from, size_t to, const char *name)
{
  while (from < to && strcmp(columns->names[from], name) != 0) from++;
  return from;
}

static int add(csv_columns *columns, size_t from, const char *name)
{
  if (find(columns, from, columns->count, name) < columns->count) return 1;
  const char **names = realloc(columns->names, (columns->count + 1) * sizeof *names);
  if (!names) return 0;
  columns->names = names;
  names[columns->count++] = name;
  return 1;
}

static int add_values(csv_columns *columns, cep_detection_id detection)
{
  const char *name;
  int is_kept = 1;
  for (int of_timeout = 0; of_timeout < 2; of_timeout++)
    for (uint32_t i = 0; is_kept && (name = cep_program_value_name(columns->program, detection, of_timeout, i)); i++)
      is_kept = add(columns, columns->keys, name);
  return is_kept;
}

int csv_columns_find(csv_columns *columns, const cep_program *program, const unsigned char *detections)
{
  const char *name;
  int is_kept = 1;
  *columns = (csv_columns){.program = program};
  uint32_t count = cep_program_detection_count(program);
  for (uint32_t d = 0; d < count; d++)
    for (uint32_t i = 0; is_kept && (!detections || detections[d]) && (name = cep_program_key_name(program, d, i)); i++)
      is_kept = add(columns, 0, name);
  columns->keys = columns->count;
  for (uint32_t d = 0; d < count && is_kept; d++)
    if (!detections || detections[d]) is_kept = add_values(columns, d);
  columns->row = calloc(columns->count + 1, sizeof *columns->row);
  return is_kept && columns->row;
}

void csv_columns_free(csv_columns *columns)
{
  free(columns->names);
  free(columns->row);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void put_text(FILE *to, const char *text, size_t len)
{
  int is_plain = len > 0 && text[0] != ' ' && text[len - 1] != ' ';
  for (size_t i = 0; i < len && is_plain; i++) is_plain = !strchr("\",\r\n", text[i]);
  if (is_plain) {
    fwrite(text, 1, len, to);
    return;
  }
  fputc('"', to);
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '"') fputc('"', to);
    fputc(text[i], to);
  }
  fputc('"', to);
}

static void put_value(FILE *to, const cep_value *value)
{
  char text[VALUE_TEXT_MAX];
  if (!value || value->kind == CEP_NULL) return;
  if (value->kind == CEP_STRING)
    put_text(to, value->as.s, value->length);
  else
    put_text(to, text, cep_value_print(value, text, sizeof text));
}

static void put_time(FILE *to, cep_time time)
{
  const cep_value value = {.kind = CEP_TIME, .as.i = time};
  fputc(',', to);
  put_value(to, &value);
}

void csv_write_header(FILE *to, const csv_columns *columns)
{
  fputs("detection,id,kind,time,start,end", to);
  for (size_t i = 0; i < columns->count; i++) {
    int is_taken = i >= columns->keys && find(columns, 0, columns->keys, columns->names[i]) < columns->keys;
    fprintf(to, ",%s%s", is_taken ? "emit." : "", columns->names[i]);
  }
}

void csv_write_alert(FILE *to, csv_columns *columns, const cep_match *match)
{
  static const char *const kinds[] = {"match", "timeout", "window", "update"};
  const cep_value *value;
  const char *name = "";
  memset(columns->row, 0, columns->count * sizeof *columns->row);
  for (uint32_t i = 0; (value = cep_match_key(match, i, &name)); i++) columns->row[find(columns, 0, columns->keys, name)] = value;
  for (uint32_t i = 0; (value = cep_match_value(match, i, &name)); i++)
    columns->row[find(columns, columns->keys, columns->count, name)] = value;
  fputs(cep_program_detection_name(columns->program, cep_match_detection(match)), to);
  fputc(',', to);
  for (int i = 0; i < 16; i++) fprintf(to, "%02x", cep_match_id(match)[i]);
  fprintf(to, ",%s", kinds[cep_match_what(match)]);
  put_time(to, cep_match_time(match));
  put_time(to, cep_match_time_first(match));
  put_time(to, cep_match_time_last(match));
  for (size_t i = 0; i < columns->count; i++) {
    fputc(',', to);
    put_value(to, columns->row[i]);
  }
}
