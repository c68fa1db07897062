/* alert.c - one output of a detection: made, identified, written. */
#include "runtime/alert.h"

#include <string.h>

#include "cep/base/time.h"
#include "runtime/keyed.h"

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
static int is_of_window(const rt_alert *alert)
{
  return alert->kind == CEP_WINDOW || alert->kind == CEP_UPDATE;
}

static int is_once(const rt_alert *alert)
{
  return alert->kind == CEP_MATCH && (detection_of(alert)->flags & PRG_DETECT_ONCE) != 0;
}

/* The pairs of a window are found when it ends. */
static int is_of_windows(const rt_alert *alert)
{
  uint32_t join = detection_of(alert)->join;
  return join != PRG_NONE && alert->program->joins[join].window != PRG_NONE;
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
  if (is_of_windows(alert)) cb_write_i64(writer, parts->window_start);
  if (alert->kind == CEP_TIMEOUT) cb_write_u32(writer, parts->waited);
  if (is_of_window(alert)) {
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
  if (is_of_window(alert)) {
    alert->time_first = parts->window_start;
    alert->time_last = parts->window_end;
  } else if (alert->event_count > 0) {
    alert->time_first = is_once(alert) ? parts->start : alert->events[0].time;
    alert->time_last = alert->events[alert->event_count - 1].time;
    if (alert->time_first > alert->time_last) { /* of a join: events are in the order of its sides */
      cep_time last = alert->time_first;
      alert->time_first = alert->time_last;
      alert->time_last = last;
    }
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

static int compare_keys(const rt_alert *a, const rt_alert *b, cb_writer *a_key, cb_writer *b_key)
{
  cb_writer_reset(a_key);
  cb_writer_reset(b_key);
  for (uint32_t i = 0; i < a->key_count; i++) rt_key_write(a_key, &a->keys[i]);
  for (uint32_t i = 0; i < b->key_count; i++) rt_key_write(b_key, &b->keys[i]);
  uint32_t a_group = rt_key_group(rt_key_hash(a_key->data, (uint32_t)a_key->len));
  uint32_t b_group = rt_key_group(rt_key_hash(b_key->data, (uint32_t)b_key->len));
  if (a_group != b_group) return a_group < b_group ? -1 : 1;
  size_t least = a_key->len < b_key->len ? a_key->len : b_key->len;
  int order = least > 0 ? memcmp(a_key->data, b_key->data, least) : 0;
  return order != 0 ? order : (a_key->len > b_key->len) - (a_key->len < b_key->len);
}

int rt_alert_compare(const rt_alert *a, const rt_alert *b, cb_writer *a_key, cb_writer *b_key)
{
  int order = rt_place_compare(&a->place, &b->place);
  if (order == 0 && rt_place_is_by_key(&a->place)) order = compare_keys(a, b, a_key, b_key);
  return order != 0 ? order : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

/* ---- As bytes -------------------------------------------------------------------------- */

void rt_place_write(cb_writer *writer, const rt_place *place)
{
  cb_write_i64(writer, place->time);
  cb_write_u32(writer, place->phase);
  cb_write_u32(writer, place->reader);
  cb_write_u64(writer, place->item);
  for (int i = 0; i < RT_PLACE_WORDS; i++) cb_write_u64(writer, place->word[i]);
}

rt_place rt_place_read(cb_reader *reader)
{
  rt_place it, *place = &it;
  place->time = cb_read_i64(reader);
  place->phase = cb_read_u32(reader);
  place->reader = cb_read_u32(reader);
  place->item = cb_read_u64(reader);
  for (int i = 0; i < RT_PLACE_WORDS; i++) place->word[i] = cb_read_u64(reader);
  return it;
}

void rt_alert_write(cb_writer *writer, const rt_alert *alert)
{
  cb_write_u32(writer, alert->detection);
  cb_write_u32(writer, alert->kind);
  cb_write_u32(writer, alert->event_count);
  cb_write_u8(writer, (uint8_t)(alert->is_by_clock | alert->has_least << 1));
  cb_write_bytes(writer, alert->id, sizeof alert->id);
  cb_write_bytes(writer, alert->group.bytes, sizeof alert->group.bytes);
  cb_write_bytes(writer, alert->least.bytes, sizeof alert->least.bytes);
  cb_write_u64(writer, alert->sequence);
  rt_place_write(writer, &alert->place);
  cb_write_i64(writer, alert->time);
  cb_write_i64(writer, alert->time_first);
  cb_write_i64(writer, alert->time_last);
  cb_write_u64(writer, alert->suppressed);
  for (uint32_t i = 0; i < alert->key_count; i++) cb_value_write(writer, &alert->keys[i]);
  for (uint32_t i = 0; i < alert->output_count; i++) cb_value_write(writer, &alert->outputs[i]);
  for (uint32_t i = 0; i < alert->event_count; i++) {
    const rt_alert_event *event = &alert->events[i];
    cb_write_u32(writer, event->step);
    cb_write_u32(writer, event->input);
    cb_write_u32(writer, event->partition);
    cb_write_u64(writer, event->position);
    cb_write_i64(writer, event->time);
  }
}

static void read_into(cb_reader *reader, void *to, size_t size)
{
  const void *bytes = cb_read_bytes(reader, size);
  if (bytes) memcpy(to, bytes, size);
}

/* The head; 0: it is none of this program. */
static int read_head(cb_reader *reader, const prg *program, rt_alert *head)
{
  *head = (rt_alert){.program = program};
  head->detection = cb_read_u32(reader);
  head->kind = cb_read_u32(reader);
  head->event_count = cb_read_u32(reader);
  uint8_t flags = cb_read_u8(reader);
  head->is_by_clock = flags & 1;
  head->has_least = flags >> 1 & 1;
  read_into(reader, head->id, sizeof head->id);
  read_into(reader, head->group.bytes, sizeof head->group.bytes);
  read_into(reader, head->least.bytes, sizeof head->least.bytes);
  head->sequence = cb_read_u64(reader);
  head->place = rt_place_read(reader);
  head->time = cb_read_i64(reader);
  head->time_first = cb_read_i64(reader);
  head->time_last = cb_read_i64(reader);
  head->suppressed = cb_read_u64(reader);
  if (reader->status < 0 || head->detection >= program->detections_count || head->kind > CEP_UPDATE || flags > 3) return 0;
  head->key_count = detection_of(head)->keys.count;
  head->output_count = rt_alert_outputs(head).count;
  return 1;
}

#define EVENT_BYTES 28u /* of one event in the bytes */

static int read_values(cb_reader *reader, cep_value *values, uint32_t count, size_t *bytes)
{
  for (uint32_t i = 0; i < count; i++) {
    values[i] = cb_value_read(reader);
    *bytes += bytes_of(&values[i], 1);
  }
  return reader->status >= 0;
}

static int read_events(cb_reader *reader, rt_alert *alert)
{
  prg_list steps = detection_of(alert)->steps;
  for (uint32_t i = 0; i < alert->event_count; i++) {
    rt_alert_event event = {.step = cb_read_u32(reader)};
    event.input = cb_read_u32(reader);
    event.partition = cb_read_u32(reader);
    event.position = cb_read_u64(reader);
    event.time = cb_read_i64(reader);
    if (reader->status < 0 || event.step >= steps.count) return 0;
    event.stream = alert->program->steps[steps.first + event.step].stream;
    alert->events[i] = event;
  }
  return 1;
}

cep_status rt_alert_read(cb_reader *reader, cb_slab *slab, const prg *program, rt_alert **out)
{
  rt_alert head;
  if (!read_head(reader, program, &head)) return CEP_E_CORRUPT;
  size_t rest = reader->len - reader->at, bytes = 0;
  if (head.event_count > rest / EVENT_BYTES || head.key_count + head.output_count > rest) return CEP_E_CORRUPT;
  /* Values twice: once to know how much room their bytes need. */
  cb_reader ahead = *reader;
  cep_value value;
  for (uint32_t i = 0; i < head.key_count + head.output_count; i++) {
    if (!read_values(&ahead, &value, 1, &bytes)) return CEP_E_CORRUPT;
  }
  size_t values = (size_t)head.key_count + head.output_count;
  head.size = sizeof head + values * sizeof value + head.event_count * sizeof(rt_alert_event) + bytes;
  head.cell = cb_slab_take(slab, head.size);
  if (head.cell == CB_SLAB_NONE) return CEP_E_NOMEM;
  rt_alert *alert = cb_slab_at(slab, head.cell);
  *alert = head;
  alert->keys = (cep_value *)(alert + 1);
  alert->outputs = alert->keys + alert->key_count;
  alert->events = (rt_alert_event *)(alert->outputs + alert->output_count);
  char *to = (char *)(alert->events + alert->event_count);
  (void)read_values(reader, alert->keys, (uint32_t)values, &bytes);
  copy_values(alert->keys, alert->keys, (uint32_t)values, &to);
  if (!read_events(reader, alert)) {
    rt_alert_free(slab, alert);
    return CEP_E_CORRUPT;
  }
  *out = alert;
  return CEP_OK;
}

/* ---- As JSON --------------------------------------------------------------------------- */

static void write_name(cb_writer *writer, const prg *program, prg_string name)
{
  cb_json_write_string(writer, prg_text(program, name), name.length);
}

static void write_time(cb_writer *writer, cep_time time)
{
  char text[CB_TIME_TEXT_MAX + 2];
  size_t len = cb_time_print(time, text + 1);
  text[0] = text[len + 1] = '"';
  cb_write_bytes(writer, text, len + 2);
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
  cb_write_text(writer, ",\"partition\":");
  cb_write_decimal(writer, event->partition);
  cb_write_text(writer, ",\"position\":");
  cb_write_decimal(writer, event->position);
  cb_write_text(writer, ",\"time\":");
  write_time(writer, event->time);
  cb_write_u8(writer, '}');
}

static void write_head(cb_writer *writer, const rt_alert *alert)
{
  static const char *const kinds[] = {"match", "timeout", "window", "update"};
  CB_ASSERT(alert->kind < sizeof kinds / sizeof kinds[0]);
  cb_write_text(writer, "{\"detection\":");
  write_name(writer, alert->program, detection_of(alert)->name);
  cb_write_text(writer, ",\"id\":\"");
  cb_write_hex(writer, alert->id, sizeof alert->id);
  cb_write_text(writer, "\",\"kind\":\"");
  cb_write_text(writer, kinds[alert->kind]);
  cb_write_text(writer, "\",\"time\":");
  write_time(writer, alert->time);
  cb_write_text(writer, ",\"start\":");
  write_time(writer, alert->time_first);
  cb_write_text(writer, ",\"end\":");
  write_time(writer, alert->time_last);
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
    cb_write_text(writer, ",\"suppressed\":");
    cb_write_decimal(writer, alert->suppressed);
  }
  if (alert->is_by_clock) cb_write_text(writer, ",\"clock\":true");
  cb_write_u8(writer, '}');
}
