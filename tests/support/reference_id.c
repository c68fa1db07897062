/* reference_id.c - the id of an output: a hash of what it is made of. */
#include <string.h>

#include "cep/base/hash.h"
#include "tests/support/reference_parts.h"

static void write_name(cb_writer *writer, const char *name)
{
  cb_write_block(writer, name, strlen(name));
}

void ref_identify(const ref_run *run, ref_output *output)
{
  const plan_detection *d = &run->plan->detections[output->detection];
  cb_writer w;
  cb_writer_init(&w, run->arena->alloc);
  cep_status status = plan_identity(&w, run->plan, d);
  CB_ASSERT(status == CEP_OK);
  cb_hash128 meaning = cb_hash128_of(w.data, w.len);
  cb_writer_reset(&w);
  write_name(&w, d->name);
  cb_write_bytes(&w, meaning.bytes, sizeof meaning.bytes);
  cb_write_u8(&w, (uint8_t)output->kind);
  for (uint32_t k = 0; k < d->key_count; k++) cb_value_write(&w, &output->keys[k]);
  for (uint32_t i = 0; i < output->capture_count; i++) {
    const ref_event *event = &run->events.at[output->captures[i].event];
    const plan_stream *stream = &run->plan->streams[event->stream];
    int derived = stream->input == CEP_NONE;
    cb_write_u32(&w, output->captures[i].step);
    write_name(&w, derived ? stream->name : run->plan->inputs[stream->input].name);
    cb_write_u32(&w, derived ? CEP_NONE : event->partition);
    cb_write_u64(&w, event->position);
  }
  if (d->emit_once && output->kind == CEP_MATCH) cb_write_i64(&w, output->time);
  if (d->join && d->join->window) cb_write_i64(&w, output->window_start);
  if (output->kind == CEP_TIMEOUT) cb_write_u32(&w, output->waited);
  if (output->kind == CEP_WINDOW || output->kind == CEP_UPDATE) {
    cb_write_i64(&w, output->window_start);
    cb_write_u32(&w, output->firing);
  }
  cb_hash128 id = cb_hash128_of(w.data, w.len);
  memcpy(output->id, id.bytes, sizeof output->id);
  cb_writer_fini(&w);
}
