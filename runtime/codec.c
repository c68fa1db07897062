/* codec.c - records to rows: tables made once, numbers and times, what the formats share. */
#include "runtime/codec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cep/base/num.h"
#include "cep/base/utf8.h"
#include "runtime/codec_parts.h"

#define FOUND_BYTES 40 /* of a value in a sentence */
#define NAME_BYTES 32  /* of a field's name in a sentence */

const char *rt_reason_word(rt_reason reason)
{
  static const char *const words[] = {
#define R(name, word) word,
      RT_REASONS(R)
#undef R
  };
  _Static_assert(sizeof words / sizeof *words == RT_REASON_COUNT, "a word for each reason");
  CB_ASSERT(reason < RT_REASON_COUNT);
  return words[reason];
}

/* ---- Sentences --------------------------------------------------------------------- */

void rt_found_text(char out[RT_FOUND_MAX], const char *text, size_t len)
{
  /* Room behind the text for a cut mark, a quote and the terminator. */
  size_t used = 0, at = 0, room = RT_FOUND_MAX - 6;
  out[used++] = '"';
  while (at < len && at < FOUND_BYTES && used + 4 <= room) {
    unsigned char c = (unsigned char)text[at];
    size_t step = c < 0x80 ? 1 : cb_utf8_step(text + at, len - at);
    if (step == 0 || c < 0x20 || c == 0x7F) {
      used += (size_t)snprintf(out + used, 5, "\\x%02x", c);
      at++;
      continue;
    }
    memcpy(out + used, text + at, step);
    used += step;
    at += step;
  }
  out[used++] = '"';
  if (at < len) {
    memcpy(out + used, "...", 3);
    used += 3;
  }
  out[used] = 0;
}

void rt_fault_set(rt_fault *fault, rt_reason reason, const char *what, const char *name, const char *found,
                  const char *expected)
{
  if (fault->reason != RT_REASON_NONE) return;
  fault->reason = reason;
  size_t name_len = 0, step;
  while (name[name_len] && (step = cb_utf8_step(name + name_len, strlen(name + name_len))) > 0 &&
         name_len + step <= NAME_BYTES)
    name_len += step;
  snprintf(fault->detail, sizeof fault->detail, "%s '%.*s%s': found %s, expected %s", what, (int)name_len,
           name, name[name_len] ? "..." : "", found, expected);
}

const char *rt_kind_expected(cep_kind kind)
{
  switch (kind) {
  case CEP_NULL: break;
  case CEP_BOOL: return "true or false";
  case CEP_INT: return "an integer of 64 bits";
  case CEP_FLOAT: return "a number";
  case CEP_STRING: return "text";
  case CEP_TIME: return "a time (RFC 3339 text)";
  case CEP_DURATION: return "a duration (5m, or seconds)";
  case CEP_IP: return "an address";
  }
  return "a value";
}

const char *rt_time_expected(const prg_input *input)
{
  switch ((prg_time_form)input->time_form) {
  case PRG_TIME_RFC3339: return "RFC 3339 text";
  case PRG_TIME_S: return "seconds since 1970";
  case PRG_TIME_MS: return "milliseconds since 1970";
  case PRG_TIME_US: return "microseconds since 1970";
  case PRG_TIME_NS: return "nanoseconds since 1970";
  case PRG_TIME_STRPTIME: return "a time in the declared form";
  }
  CB_UNREACHABLE();
}

/* ---- Numbers and times --------------------------------------------------------------- */

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

/* The exponent behind 'e': sign and digits to the end of the text. */
static int read_exponent(const char *text, size_t len, int64_t *out)
{
  size_t at = 0;
  int negative = 0;
  if (len > 0 && (text[0] == '-' || text[0] == '+')) negative = text[at++] == '-';
  if (at == len) return 0;
  int64_t value = 0;
  for (; at < len; at++) {
    if (!is_digit(text[at])) return 0;
    if (value < 100000) value = value * 10 + (text[at] - '0'); /* enough to be out of any range */
  }
  *out = negative ? -value : value;
  return 1;
}

/* Puts one digit behind `*value`; 0 when that leaves 64 bits. */
static int add_digit(uint64_t *value, unsigned digit)
{
  return !__builtin_mul_overflow(*value, 10u, value) && !__builtin_add_overflow(*value, digit, value);
}

int rt_decimal_read(const char *text, size_t len, int32_t shift, int64_t *out)
{
  size_t at = 0;
  int negative = len > 0 && text[0] == '-';
  if (negative) at++;
  size_t whole = at;
  while (at < len && is_digit(text[at])) at++;
  size_t whole_end = at, fraction = at, fraction_end = at;
  if (whole_end == whole) return 0;
  if (at < len && text[at] == '.') {
    fraction = ++at;
    while (at < len && is_digit(text[at])) at++;
    fraction_end = at;
    if (fraction_end == fraction) return 0;
  }
  int64_t exponent = 0;
  if (at < len && (text[at] == 'e' || text[at] == 'E')) {
    if (!read_exponent(text + at + 1, len - at - 1, &exponent)) return 0;
    at = len;
  }
  if (at != len) return 0;

  /* The result is the first `take` digits; below the last of them everything is cut. */
  int64_t take = (int64_t)(whole_end - whole) + exponent + shift;
  uint64_t value = 0;
  size_t from = whole;
  for (int64_t i = 0; i < take; i++) {
    if (from == whole_end) from = fraction;
    int in_text = from < whole_end || (from >= fraction && from < fraction_end);
    if (!in_text && value == 0) break; /* only zeros: "0e99999" */
    if (!add_digit(&value, in_text ? (unsigned)(text[from] - '0') : 0)) return 0;
    if (in_text) from++;
  }
  if (value > (uint64_t)INT64_MAX + (negative ? 1 : 0)) return 0;
  *out = negative ? (int64_t)(0 - value) : (int64_t)value;
  return 1;
}

int rt_decimal_of_float(double value, int32_t shift, int64_t *out)
{
  char text[CB_NUM_TEXT_MAX];
  size_t len = cb_num_print_float(value, text);
  return rt_decimal_read(text, len, shift, out);
}

int32_t rt_time_shift(const prg_input *input)
{
  switch ((prg_time_form)input->time_form) {
  case PRG_TIME_S: return 9;
  case PRG_TIME_MS: return 6;
  case PRG_TIME_US: return 3;
  case PRG_TIME_NS: return 0;
  case PRG_TIME_RFC3339:
  case PRG_TIME_STRPTIME: break;
  }
  return -1;
}

int rt_time_read(const rt_codec *codec, const char *text, size_t len, cep_time near, cep_time *out)
{
  const prg_input *input = codec->input;
  int32_t shift = rt_time_shift(input);
  if (shift >= 0) return rt_decimal_read(text, len, shift, out);
  if (input->time_form == PRG_TIME_RFC3339) return cb_time_read_rfc3339(text, len, out);
  const char *form = prg_text(codec->program, input->time_strptime);
  return cb_time_read_form(text, len, form, input->time_year, codec->zone_used, near, NULL, out);
}

/* ---- Making one ------------------------------------------------------------------------ */

/* One literal name, and the parts between its dots. A name with an empty part has no way. */
static void make_path(cb_arena *arena, const char *text, size_t len, rt_path *path)
{
  uint32_t parts = 1;
  for (size_t i = 0; i < len; i++) parts += text[i] == '.';
  char *copy = cb_arena_text(arena, text, len);
  char *cut = cb_arena_text(arena, text, len);
  const char **names = cb_arena_take(arena, (parts + 1) * sizeof *names);
  if (!copy || !cut || !names) return; /* the arena remembers */
  names[0] = copy;
  path->literal = (cb_json_path){names, 1};
  if (parts == 1) return;
  uint32_t count = 0;
  size_t start = 0;
  for (size_t i = 0; i <= len; i++) {
    if (i < len && cut[i] != '.') continue;
    if (i == start) return;
    cut[i] = 0;
    names[1 + count++] = cut + start;
    start = i + 1;
  }
  path->way = (cb_json_path){names + 1, count};
}

static int is_named(const rt_codec *codec)
{
  return codec->input->format == PRG_CSV || codec->input->format == PRG_LOGFMT;
}

uint32_t rt_name_find(const rt_codec *codec, const char *text, size_t len)
{
  for (uint32_t i = 0; i < codec->names.count; i++) {
    const rt_name *name = &codec->names.at[i];
    if (name->len == len && memcmp(name->at, text, len) == 0) return i;
  }
  return PRG_NONE;
}

/* The index of the name, which is made if it is new. */
static uint32_t want_name(rt_codec *codec, prg_string string)
{
  const char *text = prg_text(codec->program, string);
  uint32_t found = rt_name_find(codec, text, string.length);
  if (found != PRG_NONE) return found;
  rt_name name = {.at = text, .len = string.length};
  if (!cb_vec_push(codec->alloc, &codec->names, name)) {
    codec->arena.failed = 1; /* looked at once, at the end */
    return 0;
  }
  return codec->names.count - 1;
}

static const nfa_regex *regex_of(const prg *program, uint32_t index)
{
  return index == PRG_NONE ? NULL : program->regex_codes[index];
}

static void make_field(rt_codec *codec, const nfa_regex *stream_regex, const prg_field *field,
                       rt_codec_field *out)
{
  const char *path = prg_text(codec->program, field->path);
  out->field = field;
  if (codec->json) make_path(&codec->arena, path, field->path.length, &out->path);
  if (is_named(codec)) out->name = want_name(codec, field->path);
  if (stream_regex) out->group = nfa_regex_group(stream_regex, path);
  if (codec->regex) out->input_group = nfa_regex_group(codec->regex, path);
}

static void make_stream(rt_codec *codec, const nfa_regex *regex, prg_list fields, rt_codec_stream *out)
{
  const prg *program = codec->program;
  out->regex = regex;
  out->fields = cb_arena_take(&codec->arena, (fields.count + 1) * sizeof *out->fields);
  if (!out->fields) return;
  for (uint32_t i = 0; i < fields.count; i++) {
    const prg_field *field = &program->fields[fields.first + i];
    if (field->column == PRG_NONE) continue;
    make_field(codec, out->regex, field, &out->fields[out->field_count++]);
  }
}

/* All tables; the arena says whether memory was there. */
static void make_tables(rt_codec *codec)
{
  const prg *program = codec->program;
  const prg_input *input = codec->input;
  codec->regex = regex_of(program, input->regex);
  codec->stream_at = cb_arena_take(&codec->arena, (program->streams_count + 1) * sizeof *codec->stream_at);
  codec->streams = cb_arena_take(&codec->arena, (input->streams.count + 1) * sizeof *codec->streams);
  if (codec->regex) {
    codec->span_count = nfa_regex_pairs(codec->regex);
    codec->spans = cb_arena_take(&codec->arena, (codec->span_count + 1) * sizeof *codec->spans);
    codec->time_group = nfa_regex_group(codec->regex, prg_text(program, input->time_path));
  }
  if (codec->json)
    make_path(&codec->arena, prg_text(program, input->time_path), input->time_path.length, &codec->time_path);
  if (is_named(codec)) codec->time_name = want_name(codec, input->time_path);
  if (codec->arena.failed) return;
  for (uint32_t i = 0; i < program->streams_count; i++) codec->stream_at[i] = PRG_NONE;
  for (uint32_t i = 0; i < input->streams.count; i++) {
    uint32_t stream = program->lists[input->streams.first + i];
    codec->stream_at[stream] = codec->stream_count;
    const prg_stream *of = &program->streams[stream];
    make_stream(codec, regex_of(program, of->regex), of->fields, &codec->streams[codec->stream_count++]);
  }
}

/* Of a table: one kind of row. */
static void make_row(rt_codec *codec, prg_list fields)
{
  codec->streams = cb_arena_take(&codec->arena, sizeof *codec->streams);
  if (is_named(codec)) codec->time_name = want_name(codec, codec->own.time_path);
  if (codec->arena.failed) return;
  make_stream(codec, NULL, fields, codec->streams);
  codec->stream_count = 1;
}

/* `input` NULL: of `table`. */
static cep_status new_codec(cb_alloc *alloc, const prg *program, const prg_input *input, const prg_table *table,
                            nfa_scratch *scratch, size_t record_max, size_t json_depth, rt_codec **out)
{
  rt_codec *codec = cb_new0(alloc, sizeof *codec);
  if (!codec) return CEP_E_NOMEM;
  codec->alloc = alloc;
  cb_arena_init(&codec->arena, alloc);
  cb_writer_init(&codec->unquoted, alloc);
  codec->program = program;
  codec->input = input;
  if (!input) {
    codec->own = (prg_input){.format = table->format,
                             .regex = PRG_NONE,
                             .time_path = table->name,
                             .csv_columns = table->csv_columns,
                             .csv_delimiter = table->csv_delimiter,
                             .csv_quote = table->csv_quote,
                             .clock = PRG_CLOCK_PROCESSING};
    codec->input = &codec->own;
  }
  prg_string zone = codec->input->time_zone;
  if (cb_zone_parse(prg_text(program, zone), zone.length, &codec->zone)) codec->zone_used = &codec->zone;
  codec->scratch = scratch;
  codec->record_max = record_max;
  int is_json = codec->input->format == PRG_JSON;
  if (is_json) codec->json = cb_json_new(record_max, json_depth);
  if (!is_json || codec->json) {
    if (input)
      make_tables(codec);
    else
      make_row(codec, table->fields);
  }
  cep_status status = (is_json && !codec->json) || codec->arena.failed ? CEP_E_NOMEM : CEP_OK;
  if (status == CEP_OK && codec->input->format == PRG_CSV) status = rt_csv_prepare(codec);
  if (status < 0) {
    rt_codec_free(alloc, codec);
    return status;
  }
  *out = codec;
  return CEP_OK;
}

cep_status rt_codec_new(cb_alloc *alloc, const prg *program, uint32_t input, nfa_scratch *scratch,
                        size_t record_max, size_t json_depth, rt_codec **out)
{
  CB_ASSERT(input < program->inputs_count);
  return new_codec(alloc, program, &program->inputs[input], NULL, scratch, record_max, json_depth, out);
}

cep_status rt_codec_of_table(cb_alloc *alloc, const prg *program, uint32_t table, nfa_scratch *scratch,
                             size_t record_max, size_t json_depth, rt_codec **out)
{
  CB_ASSERT(table < program->tables_count);
  return new_codec(alloc, program, NULL, &program->tables[table], scratch, record_max, json_depth, out);
}

void rt_codec_free(cb_alloc *alloc, rt_codec *codec)
{
  if (!codec) return;
  cb_json_free(codec->json);
  cb_vec_free(alloc, &codec->names);
  cb_vec_free(alloc, &codec->columns);
  cb_writer_fini(&codec->unquoted);
  cb_arena_fini(&codec->arena);
  cb_free(alloc, codec, sizeof *codec);
}

static int learns_columns(const rt_codec *codec)
{
  return codec->input->format == PRG_CSV && codec->input->csv_columns.length == 0;
}

void rt_codec_restart(rt_codec *codec)
{
  if (learns_columns(codec)) codec->has_columns = 0;
}

int rt_codec_has_learned(const rt_codec *codec)
{
  return learns_columns(codec) && codec->has_columns;
}

void rt_codec_save(const rt_codec *codec, cb_writer *writer)
{
  CB_ASSERT(rt_codec_has_learned(codec));
  cb_write_u32(writer, codec->columns.count);
  for (uint32_t i = 0; i < codec->columns.count; i++) cb_write_u32(writer, codec->columns.at[i]);
}

cep_status rt_codec_load(rt_codec *codec, cb_reader *reader)
{
  if (!learns_columns(codec)) return CEP_E_CORRUPT;
  uint32_t count = cb_read_u32(reader);
  codec->has_columns = 1;
  codec->columns.count = 0;
  for (uint32_t i = 0; i < count && reader->status >= 0; i++) {
    uint32_t name = cb_read_u32(reader);
    if (name != PRG_NONE && name >= codec->names.count) return CEP_E_CORRUPT;
    if (!cb_vec_push(codec->alloc, &codec->columns, name)) return CEP_E_NOMEM;
  }
  return reader->status;
}

/* ---- Using it ---------------------------------------------------------------------------- */

static cep_status begin(rt_codec *codec, cep_time near, rt_fault *fault)
{
  switch ((prg_format)codec->input->format) {
  case PRG_JSON: return rt_json_begin(codec, near, fault);
  case PRG_LINE: return rt_line_begin(codec, near, fault);
  case PRG_CSV: return rt_csv_begin(codec, near, fault);
  case PRG_LOGFMT: return rt_logfmt_begin(codec, near, fault);
  }
  CB_UNREACHABLE();
}

cep_status rt_codec_begin(rt_codec *codec, const char *record, size_t len, cep_time near, cep_time *time_out,
                          rt_fault *fault)
{
  *fault = (rt_fault){.reason = RT_REASON_NONE};
  codec->record = len > 0 ? record : "";
  codec->record_len = len;
  codec->fits = 1;
  if (len > codec->record_max) {
    fault->reason = RT_REASON_LENGTH;
    snprintf(fault->detail, sizeof fault->detail,
             "the record has %zu bytes, expected at most %zu (record.max)", len, codec->record_max);
    return CEP_OK;
  }
  cep_status status = begin(codec, near, fault);
  if (status == CEP_OK && fault->reason == RT_REASON_NONE) *time_out = codec->time;
  return status;
}

cep_status rt_codec_fill(rt_codec *codec, uint32_t stream, cb_batch *batch, int *fits_out, rt_fault *fault)
{
  CB_ASSERT(!codec->stream_at || stream < codec->program->streams_count);
  uint32_t at = codec->stream_at ? codec->stream_at[stream] : 0; /* of a table there is one */
  CB_ASSERT(at != PRG_NONE);
  *fits_out = 1;
  *fault = (rt_fault){.reason = RT_REASON_NONE};
  if (codec->json) return rt_json_fill(codec, &codec->streams[at], batch, fault);
  if (is_named(codec)) return rt_named_fill(codec, &codec->streams[at], batch, fault);
  return rt_line_fill(codec, &codec->streams[at], batch, fits_out, fault);
}

cep_status rt_codec_missing(rt_codec *codec, const prg_field *field, cb_batch *batch, rt_fault *fault)
{
  if (field->missing != PRG_NONE) {
    cep_value value = prg_const_value(codec->program, field->missing);
    return cb_batch_set(batch, field->column, &value);
  }
  if (!field->nullable) {
    rt_fault_set(fault, RT_REASON_NULL, "field", prg_text(codec->program, field->name), "nothing",
                 rt_kind_expected((cep_kind)field->kind));
  }
  return CEP_OK;
}

/* ---- Texts: lines, csv, logfmt ------------------------------------------------------------- */

void rt_record_wrong(rt_fault *fault, rt_reason reason, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fault->reason = reason;
  vsnprintf(fault->detail, sizeof fault->detail, format, args);
  va_end(args);
}

void rt_text_time(rt_codec *codec, const rt_text *text, cep_time near, rt_fault *fault)
{
  if (codec->input->clock != PRG_CLOCK_EVENT) {
    codec->time = near;
    return;
  }
  /* CEP_TIME_MIN stands for "no time" (codec.h). */
  if (text->is_set && rt_time_read(codec, text->at, text->len, near, &codec->time) && codec->time != CEP_TIME_MIN)
    return;
  char found[RT_FOUND_MAX] = "nothing";
  if (text->is_set) rt_found_text(found, text->at, text->len);
  rt_fault_set(fault, RT_REASON_TIME, "time", prg_text(codec->program, codec->input->time_path), found,
               rt_time_expected(codec->input));
}

cep_status rt_text_fill(rt_codec *codec, const prg_field *field, const rt_text *text, cb_batch *batch,
                        rt_fault *fault)
{
  cep_value value;
  if (!text->is_set) return rt_codec_missing(codec, field, batch, fault);
  uint8_t space[16];
  if (cb_value_parse((cep_kind)field->kind, text->at, text->len, space, &value))
    return cb_batch_set(batch, field->column, &value);
  char found[RT_FOUND_MAX];
  rt_found_text(found, text->at, text->len);
  rt_fault_set(fault, RT_REASON_TYPE, "field", prg_text(codec->program, field->name), found,
               rt_kind_expected((cep_kind)field->kind));
  return CEP_OK;
}

/* Empty without quotes is nothing, where nothing may be; for a text it is the empty one. */
static int is_nothing(const prg_field *field, const rt_text *text)
{
  if (text->len > 0 || text->is_quoted) return 0;
  return field->nullable || field->missing != PRG_NONE || field->kind != CEP_STRING;
}

cep_status rt_named_fill(rt_codec *codec, const rt_codec_stream *stream, cb_batch *batch, rt_fault *fault)
{
  for (uint32_t i = 0; i < stream->field_count; i++) {
    const prg_field *field = stream->fields[i].field;
    rt_text text = codec->names.at[stream->fields[i].name].text;
    if (is_nothing(field, &text)) text.is_set = 0;
    cep_value time = cb_value_i(CEP_TIME, codec->time);
    cep_status status = field->is_time ? cb_batch_set(batch, field->column, &time)
                                       : rt_text_fill(codec, field, &text, batch, fault);
    if (status < 0) return status;
  }
  return CEP_OK;
}
