/* case_write.c - outcomes and whole scenarios in the form of .case files. */
#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "tests/support/case_file.h"

static void write_time(cb_writer *w, cep_time time)
{
  char text[CB_TIME_TEXT_MAX];
  cb_duration_print(time, text);
  cb_write_text(w, text);
}

static void write_string(cb_writer *w, const cep_value *value)
{
  cb_write_u8(w, '"');
  for (uint32_t i = 0; i < value->length; i++) {
    if (value->as.s[i] == '"' || value->as.s[i] == '\\') cb_write_u8(w, '\\');
    cb_write_u8(w, (uint8_t)value->as.s[i]);
  }
  cb_write_u8(w, '"');
}

static void write_value(cb_writer *w, const cep_value *value)
{
  char text[CB_IP_TEXT_MAX];
  if (value->kind == CEP_TIME || value->kind == CEP_DURATION) {
    write_time(w, value->as.i);
  } else if (value->kind == CEP_IP) {
    cb_ip_print((const uint8_t *)value->as.s, text);
    cb_write_text(w, text);
  } else if (value->kind == CEP_STRING) {
    write_string(w, value);
  } else {
    cb_value_write_json(w, value);
  }
}

static uint32_t events_at(const scenario *sc, cep_time time)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < sc->act_count; i++) count += sc->acts[i].what == SCN_PUSH && sc->acts[i].time == time;
  return count;
}

void case_write_output(cb_writer *writer, const scenario *sc, const scn_output *output)
{
  cb_write_printf(writer, "+%s%s @", output->name, output->kind == CEP_TIMEOUT ? " timeout" : output->kind == CEP_UPDATE ? " update" : "");
  write_time(writer, output->time);
  for (uint32_t i = 0; i < output->key_count; i++) {
    cb_write_printf(writer, " %s=", output->key_names ? output->key_names[i] : "?");
    write_value(writer, &output->keys[i]);
  }
  for (uint32_t i = 0; i < output->capture_count; i++) {
    const scn_capture *c = &output->captures[i];
    cb_write_printf(writer, " %s@", c->step_name);
    write_time(writer, c->time);
    if (c->tag != CEP_NONE && events_at(sc, c->time) > 1) cb_write_printf(writer, "#%u", c->tag + 1);
  }
  for (uint32_t i = 0; i < output->value_count; i++) {
    cb_write_printf(writer, " %s=", output->value_names ? output->value_names[i] : "?");
    write_value(writer, &output->values[i]);
  }
  if (output->suppressed) cb_write_printf(writer, " suppressed=%llu", (unsigned long long)output->suppressed);
}

static const plan_stream *find_stream(const plan *meaning, const char *name)
{
  for (uint32_t i = 0; meaning && i < meaning->stream_count; i++) {
    if (strcmp(meaning->streams[i].name, name) == 0) return &meaning->streams[i];
  }
  return NULL;
}

static void write_event(cb_writer *w, const scenario *sc, const plan *meaning, const scn_act *act)
{
  const plan_stream *stream = find_stream(meaning, act->stream);
  cb_write_text(w, "  ");
  write_time(w, act->time);
  cb_write_printf(w, " %s", act->stream);
  if (sc->inputs[act->input].partition) cb_write_printf(w, "/%u", sc->inputs[act->input].partition);
  for (uint32_t f = 0; stream && f < stream->field_count; f++) {
    if (stream->fields[f].is_time || act->values[f].kind == CEP_NULL) continue;
    cb_write_printf(w, " %s=", stream->fields[f].name);
    write_value(w, &act->values[f]);
  }
  cb_write_text(w, "\n");
}

static void write_row(cb_writer *w, const plan *meaning, const scn_row *row)
{
  const plan_table *table = &meaning->tables[row->table];
  cb_write_printf(w, "  | %s", table->name);
  for (uint32_t f = 0; f < table->field_count; f++) {
    if (row->values[f].kind == CEP_NULL) continue;
    cb_write_printf(w, " %s=", table->fields[f].name);
    write_value(w, &row->values[f]);
  }
  cb_write_text(w, "\n");
}

void case_write(cb_writer *writer, cb_arena *arena, const char *title, const scenario *sc, const scn_outcome *outcome)
{
  plan *meaning = scn_plan(arena, sc->text, NULL);
  cb_write_printf(writer, "== %s\n%s-- in\n", title, sc->text);
  for (uint32_t i = 0; meaning && i < sc->row_count; i++) write_row(writer, meaning, &sc->rows[i]);
  for (uint32_t i = 0; i < sc->act_count; i++) {
    const scn_act *act = &sc->acts[i];
    if (act->what == SCN_PUSH) write_event(writer, sc, meaning, act);
    if (act->what == SCN_FINISH) cb_write_text(writer, "  @end\n");
    if (act->what == SCN_ADVANCE) {
      cb_write_text(writer, "  @");
      write_time(writer, act->time);
      cb_write_text(writer, "\n");
    }
  }
  for (uint32_t i = 0; outcome && i < outcome->output_count; i++) {
    cb_write_text(writer, "  ");
    case_write_output(writer, sc, &outcome->outputs[i]);
    cb_write_text(writer, "\n");
  }
  if (outcome && outcome->output_count == 0) cb_write_text(writer, "  +none\n");
}
