/* scenario_table.c - rows of a scenario as the bytes of a file. */
#include <string.h>

#include "cep/base/time.h"
#include "tests/support/scenario_parts.h"

static void write_json(cb_writer *writer, const plan_table *table, const cep_value *values)
{
  cb_write_u8(writer, '{');
  for (uint32_t f = 0; f < table->field_count; f++) {
    const char *path = table->fields[f].path;
    if (f > 0) cb_write_u8(writer, ',');
    cb_json_write_string(writer, path, strlen(path));
    cb_write_u8(writer, ':');
    cb_value_write_json(writer, &values[f]);
  }
  cb_write_text(writer, "}\n");
}

static void write_text(cb_writer *writer, const cep_value *value)
{
  char text[CB_TIME_TEXT_MAX + CB_IP_TEXT_MAX];
  switch ((cep_kind)value->kind) {
  case CEP_STRING: cb_write_bytes(writer, value->as.s, value->length); return;
  case CEP_IP: cb_write_bytes(writer, text, cb_ip_print((const uint8_t *)value->as.s, text)); return;
  case CEP_TIME: cb_time_print(value->as.i, text); break;
  case CEP_DURATION: (void)cb_duration_print(value->as.i, text); break;
  default: cb_value_write_json(writer, value); return;
  }
  cb_write_text(writer, text);
}

/* Everything in quotes; null is nothing at all. */
static void write_csv(cb_writer *writer, const plan_table *table, const cep_value *values)
{
  for (uint32_t f = 0; f < table->field_count; f++) {
    if (f > 0) cb_write_u8(writer, (uint8_t)table->csv_delimiter);
    if (values[f].kind == CEP_NULL) continue;
    cb_write_u8(writer, (uint8_t)table->csv_quote);
    write_text(writer, &values[f]);
    cb_write_u8(writer, (uint8_t)table->csv_quote);
  }
  cb_write_u8(writer, '\n');
}

void scn_table_bytes(cb_writer *writer, const plan_table *table, uint32_t index, const scenario *sc)
{
  for (uint32_t f = 0; table->format == PLAN_CSV && f < table->field_count; f++)
    cb_write_printf(writer, "%s%c", table->fields[f].path, f + 1 < table->field_count ? table->csv_delimiter : '\n');
  for (uint32_t i = 0; i < sc->row_count; i++) {
    if (sc->rows[i].table != index) continue;
    (table->format == PLAN_CSV ? write_csv : write_json)(writer, table, sc->rows[i].values);
  }
}
