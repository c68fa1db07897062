/* codec_line.c - text lines to rows, by the named groups of regular expressions. */
#include <stdio.h>
#include <string.h>

#include "runtime/codec_parts.h"

/* 1 if found. A search that stops at its limit counts as not found, and is counted. */
static int search(rt_codec *codec, const nfa_regex *regex)
{
  int found = nfa_regex_search(regex, codec->scratch->regex, codec->record, codec->record_len);
  if (found < 0) codec->scratch->regex_limit_hits++;
  return found > 0;
}

static rt_span span_of(const rt_codec *codec, uint32_t group)
{
  rt_span span = {0, 0, 0};
  if (group != 0) span.is_set = nfa_regex_span(codec->scratch->regex, group, &span.start, &span.end);
  return span;
}

/* ---- Time --------------------------------------------------------------------------- */

static void fault_time(rt_codec *codec, const char *name, const char *text, size_t len, rt_fault *fault)
{
  char found[RT_FOUND_MAX] = "nothing";
  if (text) rt_found_text(found, text, len);
  rt_fault_set(fault, RT_REASON_TIME, "time", name, found, rt_time_expected(codec->input));
}

static void time_at_start(rt_codec *codec, cep_time near, rt_fault *fault)
{
  const prg_input *input = codec->input;
  const char *form = prg_text(codec->program, input->time_strptime);
  size_t used;
  if (!cb_time_read_form(codec->record, codec->record_len, form, input->time_year, codec->zone_used, near,
                         &used, &codec->time) ||
      codec->time == CEP_TIME_MIN)
    fault_time(codec, form, codec->record, codec->record_len, fault);
}

static void time_of_span(rt_codec *codec, rt_span span, cep_time near, rt_fault *fault)
{
  const char *text = span.is_set ? codec->record + span.start : NULL;
  size_t len = span.is_set ? span.end - span.start : 0;
  if (!text || !rt_time_read(codec, text, len, near, &codec->time) || codec->time == CEP_TIME_MIN)
    fault_time(codec, prg_text(codec->program, codec->input->time_path), text, len, fault);
}

cep_status rt_line_begin(rt_codec *codec, cep_time near, rt_fault *fault)
{
  if (codec->record_len > 0 && codec->record[codec->record_len - 1] == '\r') codec->record_len--;
  codec->time = CEP_TIME_MIN;
  if (codec->regex) {
    codec->fits = search(codec, codec->regex);
    for (uint32_t i = 0; codec->fits && i < codec->span_count; i++) codec->spans[i] = span_of(codec, i);
  }
  if (codec->input->clock != PRG_CLOCK_EVENT)
    codec->time = near;
  else if (codec->input->time_path.length == 0)
    time_at_start(codec, near, fault);
  else if (codec->fits)
    time_of_span(codec, codec->time_group != 0 ? codec->spans[codec->time_group] : (rt_span){0, 0, 0}, near,
                 fault);
  return CEP_OK;
}

/* ---- Fields ------------------------------------------------------------------------- */

static cep_status fill_field(rt_codec *codec, const rt_codec_field *at, cb_batch *batch, rt_fault *fault)
{
  const prg_field *field = at->field;
  cep_value value;
  if (field->is_time) {
    value = cb_value_i(CEP_TIME, codec->time);
    return cb_batch_set(batch, field->column, &value);
  }
  rt_span span = span_of(codec, at->group);
  if (!span.is_set && at->input_group != 0) span = codec->spans[at->input_group];
  rt_text text = {.is_set = span.is_set};
  if (span.is_set) text = (rt_text){codec->record + span.start, span.end - span.start, 1, 0};
  int may_lack = field->kind != CEP_STRING && (field->nullable || field->missing != PRG_NONE);
  if (text.len == 0 && may_lack) text.is_set = 0;
  return rt_text_fill(codec, field, &text, batch, fault);
}

cep_status rt_line_fill(rt_codec *codec, const rt_codec_stream *stream, cb_batch *batch, int *fits_out,
                        rt_fault *fault)
{
  *fits_out = codec->fits && (!stream->regex || search(codec, stream->regex));
  if (!*fits_out) return CEP_OK;
  for (uint32_t i = 0; i < stream->field_count; i++) {
    cep_status status = fill_field(codec, &stream->fields[i], batch, fault);
    if (status < 0) return status;
  }
  return CEP_OK;
}
