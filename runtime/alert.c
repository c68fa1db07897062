/* alert.c - one output of a detection: made, identified, written. */
#include "runtime/alert.h"

#include <string.h>

#include "cep/base/time.h"

static int has_bytes(const cep_value *value)
{
  return value->kind == CEP_STRING || value->kind == CEP_IP;
}

static size_t bytes_of(const cep_value *values, uint32_t count)
{
  size_t size = 0;
  for (uint32_t i = 0; i < count; i++) size += has_bytes(&values[i]) ? values[i].length : 0;
  return size;
}

/* Copies values, and what they point to, to `*bytes`, which moves on. */
static void copy_values(cep_value *to, const cep_value *from, uint32_t count, char **bytes)
{
  for (uint32_t i = 0; i < count; i++) {
    to[i] = from[i];
    if (!has_bytes(&from[i])) continue;
    if (from[i].length > 0) memcpy(*bytes, from[i].as.s, from[i].length);
    to[i].as.s = *bytes;
    *bytes += from[i].length;
  }
}

static const prg_detection *detection_of(const rt_alert *alert)
{
  return &alert->program->detections[alert->detection];
}

prg_list rt_alert_outputs(const rt_alert *alert)
{
  const prg_detection *detection = detection_of(alert);
  return alert->kind == CEP_TIMEOUT ? detection->timeout_outputs : detection->outputs;
}

/* One for all matches of an instant. */
static int is_once(const rt_alert *alert)
{
  return alert->kind == CEP_MATCH && (detection_of(alert)->flags & PRG_DETECT_ONCE) != 0;
}

/* The history leads from the newest event back, so the array is filled from its end. */
static void copy_events(rt_alert *alert, const rt_alert_parts *parts)
{
  const prg_detection *detection = detection_of(alert);
  cb_slab_id id = parts->captures.head;
  for (uint32_t i = alert->event_count; i-- > 0;) {
    const nfa_node *node = nfa_history_at(parts->captures.slab, id);
    const cb_cell *cell = cb_slab_at(parts->captures.slab, node->cell);
    const prg_step *step = &parts->program->steps[detection->steps.first + node->step];
    int is_derived = cell->input == PRG_NONE;
    alert->events[i] = (rt_alert_event){.step = node->step,
                                        .stream = step->stream,
                                        .input = cell->input,
                                        .partition = is_derived ? 0 : parts->origins[cell->input].partition,
                                        .position = cell->position,
                                        .time = cell->time};
    id = node->prev;
  }
  CB_ASSERT(id == CB_SLAB_NONE || is_once(alert));
}

static void write_block(cb_writer *writer, const prg *program, prg_string string)
{
  cb_write_block(writer, prg_text(program, string), string.length);
}

static int make_id(rt_alert *alert, const rt_alert_parts *parts, cb_writer *writer)
{
  const prg *program = alert->program;
  const prg_detection *detection = detection_of(alert);
  cb_writer_reset(writer);
  write_block(writer, program, detection->name);
  cb_write_bytes(writer, detection->identity, sizeof detection->identity);
  cb_write_u8(writer, (uint8_t)alert->kind);
  for (uint32_t i = 0; i < alert->key_count; i++) cb_value_write(writer, &alert->keys[i]);
  for (uint32_t i = 0; i < alert->event_count; i++) {
    const rt_alert_event *event = &alert->events[i];
    const prg_stream *stream = &program->streams[event->stream];
    int is_derived = event->input == PRG_NONE;
    cb_write_u32(writer, event->step);
    write_block(writer, program, is_derived ? stream->name : program->inputs[stream->input].name);
    cb_write_u32(writer, is_derived ? PRG_NONE : event->partition);
    cb_write_u64(writer, event->position);
  }
  if (is_once(alert)) cb_write_i64(writer, alert->time);
  if (alert->kind == CEP_TIMEOUT) cb_write_u32(writer, parts->waited);
  if (alert->kind == CEP_WINDOW) {
    cb_write_i64(writer, parts->window_start);
    cb_write_u32(writer, parts->firing);
  }
  if (writer->status < 0) return 0;
  cb_hash128 id = cb_hash128_of(writer->data, writer->len);
  memcpy(alert->id, id.bytes, sizeof alert->id);
  return 1;
}

rt_alert *rt_alert_make(cb_slab *slab, cb_writer *scratch, const rt_alert_parts *parts)
{
  const prg_detection *detection = &parts->program->detections[parts->detection];
  rt_alert head = {.program = parts->program,
                   .detection = parts->detection,
                   .kind = parts->kind,
                   .time = parts->time,
                   .time_first = parts->time,
                   .time_last = parts->time,
                   .key_count = detection->keys.count};
  head.output_count = rt_alert_outputs(&head).count;
  if (parts->captures.head != CB_SLAB_NONE) {
    head.event_count = is_once(&head) ? 1 : nfa_history_at(parts->captures.slab, parts->captures.head)->length;
  }
  head.size = sizeof head + ((size_t)head.key_count + head.output_count) * sizeof(cep_value) +
              head.event_count * sizeof(rt_alert_event) + bytes_of(parts->keys, head.key_count) +
              bytes_of(parts->outputs, head.output_count);
  head.cell = cb_slab_take(slab, head.size);
  if (head.cell == CB_SLAB_NONE) return NULL;

  rt_alert *alert = cb_slab_at(slab, head.cell);
  *alert = head;
  alert->keys = (cep_value *)(alert + 1); /* the block goes on behind its head */
  alert->outputs = alert->keys + alert->key_count;
  alert->events = (rt_alert_event *)(alert->outputs + alert->output_count);
  char *bytes = (char *)(alert->events + alert->event_count);
  copy_values(alert->keys, parts->keys, alert->key_count, &bytes);
  copy_values(alert->outputs, parts->outputs, alert->output_count, &bytes);
  copy_events(alert, parts);
  if (alert->kind == CEP_WINDOW) {
    alert->time_first = parts->window_start;
    alert->time_last = parts->window_end;
  } else if (alert->event_count > 0) {
    alert->time_first = is_once(alert) ? parts->start : alert->events[0].time;
    alert->time_last = alert->events[alert->event_count - 1].time;
  }
  if (!make_id(alert, parts, scratch)) {
    rt_alert_free(slab, alert);
    return NULL;
  }
  return alert;
}

void rt_alert_free(cb_slab *slab, rt_alert *alert)
{
  if (alert) cb_slab_give(slab, alert->cell);
}

static void write_name(cb_writer *writer, const prg *program, prg_string name)
{
  cb_json_write_string(writer, prg_text(program, name), name.length);
}

static void write_time(cb_writer *writer, const char *name, cep_time time)
{
  char text[CB_TIME_TEXT_MAX];
  cb_time_print(time, text);
  cb_write_printf(writer, "\"%s\":\"%s\"", name, text);
}

/* `"name":value` of an object; a comma before all but the first. */
static void write_member(cb_writer *writer, const prg *program, uint32_t index, prg_string name,
                         const cep_value *value)
{
  if (index > 0) cb_write_u8(writer, ',');
  write_name(writer, program, name);
  cb_write_u8(writer, ':');
  cb_value_write_json(writer, value);
}

static void write_event(cb_writer *writer, const rt_alert *alert, const rt_alert_event *event)
{
  const prg *program = alert->program;
  const prg_stream *stream = &program->streams[event->stream];
  cb_write_text(writer, "{\"step\":");
  write_name(writer, program, program->steps[detection_of(alert)->steps.first + event->step].name);
  cb_write_text(writer, ",\"stream\":");
  write_name(writer, program, stream->name);
  cb_write_text(writer, ",\"input\":");
  if (event->input == PRG_NONE) {
    cb_write_text(writer, "null");
  } else {
    write_name(writer, program, program->inputs[stream->input].name);
  }
  cb_write_printf(writer, ",\"partition\":%u,\"position\":%llu,", (unsigned)event->partition,
                  (unsigned long long)event->position);
  write_time(writer, "time", event->time);
  cb_write_u8(writer, '}');
}

static void write_head(cb_writer *writer, const rt_alert *alert)
{
  static const char *const kinds[] = {"match", "timeout", "window", "update"};
  CB_ASSERT(alert->kind < sizeof kinds / sizeof kinds[0]);
  cb_write_text(writer, "{\"detection\":");
  write_name(writer, alert->program, detection_of(alert)->name);
  cb_write_text(writer, ",\"id\":\"");
  for (size_t i = 0; i < sizeof alert->id; i++) cb_write_printf(writer, "%02x", alert->id[i]);
  cb_write_printf(writer, "\",\"kind\":\"%s\",", kinds[alert->kind]);
  write_time(writer, "time", alert->time);
  cb_write_u8(writer, ',');
  write_time(writer, "start", alert->time_first);
  cb_write_u8(writer, ',');
  write_time(writer, "end", alert->time_last);
}

void rt_alert_write_json(cb_writer *writer, const rt_alert *alert)
{
  const prg *program = alert->program;
  const prg_detection *detection = detection_of(alert);
  prg_list outputs = rt_alert_outputs(alert);
  write_head(writer, alert);
  cb_write_text(writer, ",\"key\":{");
  for (uint32_t i = 0; i < alert->key_count; i++) {
    write_member(writer, program, i, program->keys[detection->keys.first + i].name, &alert->keys[i]);
  }
  cb_write_text(writer, "},\"emit\":{");
  for (uint32_t i = 0; i < alert->output_count; i++) {
    write_member(writer, program, i, program->outputs[outputs.first + i].name, &alert->outputs[i]);
  }
  cb_write_text(writer, "},\"meta\":{");
  for (uint32_t i = 0; i < detection->meta.count; i++) {
    const prg_meta *meta = &program->meta[detection->meta.first + i];
    cep_value value = prg_const_value(program, meta->value);
    write_member(writer, program, i, meta->name, &value);
  }
  cb_write_text(writer, "},\"events\":[");
  for (uint32_t i = 0; i < alert->event_count; i++) {
    if (i > 0) cb_write_u8(writer, ',');
    write_event(writer, alert, &alert->events[i]);
  }
  cb_write_u8(writer, ']');
  if (alert->suppressed > 0) {
    cb_write_printf(writer, ",\"suppressed\":%llu", (unsigned long long)alert->suppressed);
  }
  if (alert->is_by_clock) cb_write_text(writer, ",\"clock\":true");
  cb_write_u8(writer, '}');
}
