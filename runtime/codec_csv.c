/* codec_csv.c - records of comma-separated values to rows. */
#include <string.h>

#include "runtime/codec_parts.h"

/* One field of the record: where it lies, and where the next one begins. */
typedef struct csv_field {
  const char *at; /* without its quotes */
  size_t len;
  size_t doubled; /* quotes that stand twice in it */
  int is_quoted;
} csv_field;

static int fault_at(rt_fault *fault, uint32_t column, const char *what)
{
  rt_record_wrong(fault, RT_REASON_CSV, "the record is not CSV: %s (its field %u)", what, column + 1);
  return 0;
}

/* Reads the field at `*at`, and passes over the delimiter behind it. `*more`: there is one.
 * 0: the record is wrong. */
static int read_field(const rt_codec *codec, size_t *at, uint32_t column, csv_field *out, int *more,
                      rt_fault *fault)
{
  const char *text = codec->record;
  size_t len = codec->record_len, from = *at;
  const char delimiter = codec->csv.delimiter, quote = codec->csv.quote;
  *out = (csv_field){text + from, 0, 0, 0};
  if (!quote || from == len || text[from] != quote) {
    const char *end = from < len ? memchr(text + from, delimiter, len - from) : NULL;
    out->len = end ? (size_t)(end - out->at) : len - from;
  } else {
    size_t i = from + 1;
    out->at = text + i;
    out->is_quoted = 1;
    for (;; i++) {
      const char *end = i < len ? memchr(text + i, quote, len - i) : NULL;
      if (!end) return fault_at(fault, column, "a quote is not closed");
      i = (size_t)(end - text);
      if (i + 1 == len || text[i + 1] != quote) break;
      i++;
      out->doubled++;
    }
    out->len = (size_t)(text + i - out->at);
    if (i + 1 < len && text[i + 1] != delimiter)
      return fault_at(fault, column, "something stands behind a closing quote");
  }
  size_t end = (size_t)(out->at - text) + out->len + (size_t)out->is_quoted;
  *more = end < len;
  *at = end + (size_t)*more;
  return 1;
}

/* The text of a field, its quotes single; there is room for it in `unquoted`. */
static rt_text text_of(rt_codec *codec, const csv_field *field)
{
  rt_text text = {field->at, field->len, 1, field->is_quoted};
  if (field->doubled == 0) return text;
  cb_writer *out = &codec->unquoted;
  size_t start = out->len;
  for (size_t i = 0; i < field->len;) {
    const char *end = memchr(field->at + i, codec->csv.quote, field->len - i);
    size_t next = end ? (size_t)(end - field->at) + 1 : field->len;
    cb_write_bytes(out, field->at + i, next - i);
    i = next + (end != NULL);
  }
  text.at = (const char *)out->data + start;
  text.len = out->len - start;
  return text;
}

/* ---- Columns -------------------------------------------------------------------------- */

/* The first column of a name counts. */
static int add_column(rt_codec *codec, const char *name, size_t len)
{
  uint32_t index = rt_name_find(codec, name, len);
  for (uint32_t i = 0; index != PRG_NONE && i < codec->columns.count; i++)
    if (codec->columns.at[i] == index) index = PRG_NONE;
  return cb_vec_push(codec->alloc, &codec->columns, index);
}

cep_status rt_csv_prepare(rt_codec *codec)
{
  const prg_input *input = codec->input;
  codec->csv = cb_split_csv((char)input->csv_delimiter, (char)input->csv_quote);
  codec->has_columns = input->csv_columns.length > 0;
  const char *at = prg_text(codec->program, input->csv_columns);
  const char *end = at + input->csv_columns.length;
  while (at < end) {
    const char *comma = memchr(at, ',', (size_t)(end - at));
    size_t len = (size_t)((comma ? comma : end) - at);
    if (!add_column(codec, at, len)) return CEP_E_NOMEM;
    at += len + 1;
  }
  return CEP_OK;
}

/* A record that cannot be read names nothing; then every other one has too many fields. */
static cep_status take_header(rt_codec *codec, rt_fault *fault)
{
  codec->columns.count = 0;
  codec->has_columns = 1;
  size_t at = 0;
  for (int more = 1; more;) {
    csv_field field;
    if (!read_field(codec, &at, codec->columns.count, &field, &more, fault)) {
      codec->columns.count = 0;
      return CEP_OK;
    }
    rt_text name = text_of(codec, &field);
    if (codec->unquoted.status < 0 || !add_column(codec, name.at, name.len)) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

/* ---- Records -------------------------------------------------------------------------- */

cep_status rt_csv_begin(rt_codec *codec, cep_time near, rt_fault *fault)
{
  if (codec->record_len > 0 && codec->record[codec->record_len - 1] == '\r') codec->record_len--;
  codec->time = CEP_TIME_MIN;
  cb_writer_reset(&codec->unquoted);
  /* What is unquoted must not move: room for all of it first. */
  if (!cb_writer_reserve(&codec->unquoted, codec->record_len)) return CEP_E_NOMEM;
  if (!codec->has_columns) return take_header(codec, fault);
  for (uint32_t i = 0; i < codec->names.count; i++) codec->names.at[i].text.is_set = 0;
  size_t at = 0;
  uint32_t column = 0;
  for (int more = 1; more; column++) {
    csv_field field;
    if (column == codec->columns.count) {
      rt_record_wrong(fault, RT_REASON_CSV, "the record has more than %u fields", codec->columns.count);
      return CEP_OK;
    }
    if (!read_field(codec, &at, column, &field, &more, fault)) return CEP_OK;
    uint32_t name = codec->columns.at[column];
    if (name != PRG_NONE) codec->names.at[name].text = text_of(codec, &field);
  }
  if (codec->unquoted.status < 0) return codec->unquoted.status;
  rt_text_time(codec, &codec->names.at[codec->time_name].text, near, fault);
  return CEP_OK;
}
