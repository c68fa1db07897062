/* api_match.c - what a callback reads of a match. */
#include <string.h>

#include "cep/api_internal.h"

size_t cep_value_print(const cep_value *value, char *out, size_t size)
{
  char text[CB_VALUE_TEXT_MAX];
  int is_string = value->kind == CEP_STRING;
  size_t len = is_string ? value->length : cb_value_print(value, text);
  if (size == 0) return len;
  size_t cut = len < size ? len : size - 1;
  if (cut) memcpy(out, is_string ? value->as.s : text, cut);
  out[cut] = 0;
  return len;
}

cep_detection_id cep_match_detection(const cep_match *match)
{
  return match->alert->detection;
}

cep_match_kind cep_match_what(const cep_match *match)
{
  return (cep_match_kind)match->alert->kind;
}

const uint8_t *cep_match_id(const cep_match *match)
{
  return match->alert->id;
}

cep_time cep_match_time(const cep_match *match)
{
  return match->alert->time;
}

cep_time cep_match_time_first(const cep_match *match)
{
  return match->alert->time_first;
}

cep_time cep_match_time_last(const cep_match *match)
{
  return match->alert->time_last;
}

uint64_t cep_match_suppressed(const cep_match *match)
{
  return match->alert->suppressed;
}

int cep_match_clock(const cep_match *match)
{
  return match->alert->is_by_clock;
}

const cep_value *cep_match_key(const cep_match *match, uint32_t index, const char **name)
{
  const rt_alert *alert = match->alert;
  if (index >= alert->key_count) return NULL;
  const prg *image = alert->program;
  if (name) *name = prg_text(image, image->keys[image->detections[alert->detection].keys.first + index].name);
  return &alert->keys[index];
}

const cep_value *cep_match_value(const cep_match *match, uint32_t index, const char **name)
{
  const rt_alert *alert = match->alert;
  if (index >= alert->output_count) return NULL;
  const prg *image = alert->program;
  const prg_detection *detection = &image->detections[alert->detection];
  const prg_list *outputs = alert->kind == CEP_TIMEOUT ? &detection->timeout_outputs : &detection->outputs;
  if (name) *name = prg_text(image, image->outputs[outputs->first + index].name);
  return &alert->outputs[index];
}

uint32_t cep_match_event_count(const cep_match *match)
{
  return match->alert->event_count;
}

cep_status cep_match_event(const cep_match *match, uint32_t index, cep_captured *out)
{
  if (!match || !out || out->size < sizeof out->size) return CEP_E_INVALID;
  const rt_alert *alert = match->alert;
  if (index >= alert->event_count) return CEP_E_NOT_FOUND;
  const prg *image = alert->program;
  const rt_alert_event *event = &alert->events[index];
  const prg_stream *stream = &image->streams[event->stream];
  cep_captured full = {
      .size = out->size,
      .step_number = event->step,
      .step =
          prg_text(image, image->steps[image->detections[alert->detection].steps.first + event->step].name),
      .stream = prg_text(image, stream->name),
      .input = stream->input == PRG_NONE ? "" : prg_text(image, image->inputs[stream->input].name),
      .partition = event->partition,
      .position = event->position,
      .time = event->time,
  };
  memcpy(out, &full, out->size < sizeof full ? out->size : sizeof full);
  return CEP_OK;
}

cep_status cep_match_write_json(const cep_match *match, cep_write_fn write, void *ctx)
{
  if (!match || !write) return CEP_E_INVALID;
  cb_writer *json = &match->engine->json;
  cb_writer_reset(json);
  rt_alert_write_json(json, match->alert);
  if (json->status < 0) return json->status;
  return api_write(write, ctx, json->data, json->len, NULL);
}
