/* codec_json.c - JSON objects to rows. */
#include <stdio.h>
#include <string.h>

#include "cep/base/num.h"
#include "runtime/codec_parts.h"

static void find(const cb_json *json, const rt_path *path, cb_json_value *out)
{
  /* cb_json_get changes nothing that shows; its parameter is not const for simdjson's sake. */
  cb_json_get((cb_json *)json, &path->literal, out);
  if (out->type == CB_JSON_MISSING && path->way.count > 0) cb_json_get((cb_json *)json, &path->way, out);
}

static void describe(const cb_json_value *value, char out[RT_FOUND_MAX])
{
  char number[CB_NUM_TEXT_MAX];
  const char *text = number;
  switch (value->type) {
  case CB_JSON_MISSING: text = "nothing"; break;
  case CB_JSON_NULL: text = "null"; break;
  case CB_JSON_BOOL: text = value->i ? "true" : "false"; break;
  case CB_JSON_INT: cb_num_print_int(value->i, number); break;
  case CB_JSON_FLOAT: cb_num_print_float(value->f, number); break;
  case CB_JSON_BIG: text = "an integer of more than 64 bits"; break;
  case CB_JSON_STRING: rt_found_text(out, value->s, value->length); return;
  case CB_JSON_ARRAY: text = "an array"; break;
  case CB_JSON_OBJECT: text = "an object"; break;
  }
  snprintf(out, RT_FOUND_MAX, "%s", text);
}

/* ---- Time --------------------------------------------------------------------------- */

static int read_time(const rt_codec *codec, const cb_json_value *value, cep_time near, cep_time *out)
{
  if (value->type == CB_JSON_STRING) return rt_time_read(codec, value->s, value->length, near, out);
  int32_t shift = rt_time_shift(codec->input);
  if (shift < 0) return 0;
  if (value->type == CB_JSON_FLOAT) return rt_decimal_of_float(value->f, shift, out);
  if (value->type != CB_JSON_INT) return 0;
  int64_t unit = 1;
  for (int32_t i = 0; i < shift; i++) unit *= 10;
  return !__builtin_mul_overflow(value->i, unit, out);
}

cep_status rt_json_begin(rt_codec *codec, cep_time near, rt_fault *fault)
{
  const char *why = "";
  cep_status status = cb_json_parse(codec->json, codec->record, codec->record_len, &why);
  if (status == CEP_E_NOMEM) return status;
  if (status < 0) {
    fault->reason = RT_REASON_JSON;
    snprintf(fault->detail, sizeof fault->detail, "the record is not a JSON object: %s", why);
    return CEP_OK;
  }
  if (codec->input->clock != PRG_CLOCK_EVENT) {
    codec->time = near;
    return CEP_OK;
  }
  cb_json_value value;
  find(codec->json, &codec->time_path, &value);
  /* CEP_TIME_MIN stands for "no time" (codec.h). */
  if (read_time(codec, &value, near, &codec->time) && codec->time != CEP_TIME_MIN) return CEP_OK;
  char found[RT_FOUND_MAX];
  describe(&value, found);
  rt_fault_set(fault, RT_REASON_TIME, "time", prg_text(codec->program, codec->input->time_path), found,
               rt_time_expected(codec->input));
  return CEP_OK;
}

/* ---- Fields ------------------------------------------------------------------------- */

static int to_float(const cb_json_value *in, cep_value *out)
{
  if (in->type == CB_JSON_INT) {
    *out = cb_float((double)in->i);
    return 1;
  }
  *out = cb_float(in->f);
  return in->type == CB_JSON_FLOAT || in->type == CB_JSON_BIG;
}

static int to_duration(const cb_json_value *in, cep_value *out)
{
  int64_t ns = 0;
  int ok = 0;
  if (in->type == CB_JSON_STRING) ok = cb_duration_read(in->s, in->length, &ns);
  if (in->type == CB_JSON_INT) ok = !__builtin_mul_overflow(in->i, CB_SECOND, &ns);
  if (in->type == CB_JSON_FLOAT) ok = rt_decimal_of_float(in->f, 9, &ns);
  *out = cb_value_i(CEP_DURATION, ns);
  return ok;
}

static int to_time(const cb_json_value *in, cep_value *out)
{
  cep_time time = 0;
  int ok = in->type == CB_JSON_STRING && cb_time_read_rfc3339(in->s, in->length, &time);
  *out = cb_value_i(CEP_TIME, time);
  return ok;
}

static int to_ip(const cb_json_value *in, uint8_t space[16], cep_value *out)
{
  *out = (cep_value){CEP_IP, 16, {.s = (const char *)space}};
  return in->type == CB_JSON_STRING && cb_ip_read(in->s, in->length, space);
}

static int convert(const cb_json_value *in, cep_kind kind, uint8_t space[16], cep_value *out)
{
  switch (kind) {
  case CEP_NULL: break;
  case CEP_BOOL: *out = cb_bool(in->i != 0); return in->type == CB_JSON_BOOL;
  case CEP_INT: *out = cb_int(in->i); return in->type == CB_JSON_INT;
  case CEP_FLOAT: return to_float(in, out);
  case CEP_STRING: *out = cb_string(in->s, in->length); return in->type == CB_JSON_STRING;
  case CEP_TIME: return to_time(in, out);
  case CEP_DURATION: return to_duration(in, out);
  case CEP_IP: return to_ip(in, space, out);
  }
  CB_UNREACHABLE();
}

static cep_status fill_field(rt_codec *codec, const rt_codec_field *at, cb_batch *batch, rt_fault *fault)
{
  const prg_field *field = at->field;
  cep_value value;
  if (field->is_time) {
    value = cb_value_i(CEP_TIME, codec->time);
    return cb_batch_set(batch, field->column, &value);
  }
  cb_json_value in;
  find(codec->json, &at->path, &in);
  if (in.type == CB_JSON_MISSING) return rt_codec_missing(codec, field, batch, fault);
  if (in.type == CB_JSON_NULL && field->nullable) return CEP_OK;
  uint8_t space[16];
  if (in.type != CB_JSON_NULL && convert(&in, (cep_kind)field->kind, space, &value))
    return cb_batch_set(batch, field->column, &value);
  char found[RT_FOUND_MAX];
  describe(&in, found);
  rt_fault_set(fault, in.type == CB_JSON_NULL ? RT_REASON_NULL : RT_REASON_TYPE, "field",
               prg_text(codec->program, field->name), found, rt_kind_expected((cep_kind)field->kind));
  return CEP_OK;
}

cep_status rt_json_fill(rt_codec *codec, const rt_codec_stream *stream, cb_batch *batch, rt_fault *fault)
{
  for (uint32_t i = 0; i < stream->field_count; i++) {
    cep_status status = fill_field(codec, &stream->fields[i], batch, fault);
    if (status < 0) return status;
  }
  return CEP_OK;
}
