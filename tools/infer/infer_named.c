/* infer_named.c - records of CSV and logfmt to fields. */
#include <string.h>

#include "tools/infer/infer_parts.h"

static int wrong(infer *self, const char *why)
{
  if (!self->bad_why) self->bad_why = why;
  return 0;
}

/* ---- CSV ---------------------------------------------------------------------------------------- */

/* The field at `*at`; a doubled quote is written once into `unquoted`, which has room. `*is_bad`: a quote is amiss. */
static infer_text csv_field(infer *self, const char *record, size_t len, size_t *at, int *is_bad)
{
  char delimiter = self->split.delimiter, quote = self->split.quote;
  size_t start = *at;
  if (quote == 0 || start >= len || record[start] != quote) {
    const char *end = memchr(record + start, delimiter, len - start);
    *at = end ? (size_t)(end - record) : len;
    return (infer_text){record + start, *at - start};
  }
  cb_writer *out = &self->unquoted;
  size_t from = out->len;
  for (start++; start < len; start++) {
    if (record[start] == quote && (start + 1 == len || record[start + 1] != quote)) break;
    start += record[start] == quote;
    cb_write_u8(out, (uint8_t)record[start]);
  }
  *is_bad |= start >= len || (start + 1 < len && record[start + 1] != delimiter);
  const char *end = start < len ? memchr(record + start, delimiter, len - start) : NULL;
  *at = end ? (size_t)(end - record) : len;
  return out->status < 0 ? (infer_text){"", 0} : (infer_text){(const char *)out->data + from, out->len - from};
}

/* Calls for each field of the row with its number. 0: a quote is amiss. */
static int csv_row(infer *self, const char *record, size_t len,
                   void (*each)(infer *self, void *ctx, uint32_t column, infer_text text), void *ctx)
{
  int is_bad = 0;
  cb_writer_reset(&self->unquoted);
  if (!cb_writer_reserve(&self->unquoted, len + 1)) {
    self->has_failed = 1;
    return 0;
  }
  size_t at = 0;
  for (uint32_t column = 0;; column++) {
    infer_text text = csv_field(self, record, len, &at, &is_bad);
    each(self, ctx, column, text);
    if (at >= len) return !is_bad;
    at++;
  }
}

typedef struct row_list {
  infer_text *out;
  size_t room;
  size_t count;
} row_list;

static void list_text(infer *self, void *ctx, uint32_t column, infer_text text)
{
  (void)self;
  row_list *list = ctx;
  list->count = (size_t)column + 1;
  if (column < list->room) list->out[column] = text;
}

size_t infer_csv_split(const infer *self, const char *record, size_t len, infer_text *out, size_t room)
{
  row_list list = {out, room, 0};
  return csv_row((infer *)self, record, len, list_text, &list) ? list.count : 0; /* only `unquoted` changes */
}

static void add_column(infer *self, void *ctx, uint32_t column, infer_text text)
{
  (void)ctx;
  (void)column;
  infer_field *field = infer_field_find(self, text.at, text.len);
  if (!cb_vec_push(&self->alloc, &self->columns, field)) self->has_failed = 1;
}

void infer_csv_columns(infer *self, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    const char *name = cb_arena_printf(&self->arena, "c%zu", i + 1);
    if (name) add_column(self, NULL, (uint32_t)i, (infer_text){name, strlen(name)});
  }
  self->has_columns = 1;
}

static void see_cell(infer *self, void *ctx, uint32_t column, infer_text text)
{
  uint32_t *count = ctx;
  *count = column + 1;
  infer_field *field = column < self->columns.count ? self->columns.at[column] : NULL;
  if (field) infer_field_see(self, field, INFER_TEXT, text);
}

int infer_csv_record(infer *self, const char *record, size_t len)
{
  if (!self->has_columns) {
    self->columns.count = 0;
    self->has_columns = 1;
    return csv_row(self, record, len, add_column, NULL) ? -1 : wrong(self, "the names of the columns cannot be read");
  }
  row_list list = {NULL, 0, 0};
  if (!csv_row(self, record, len, list_text, &list)) return wrong(self, "a quote is not where it should be");
  if (list.count > self->columns.count) return wrong(self, "a record has more fields than there are columns");
  uint32_t count = 0;
  return csv_row(self, record, len, see_cell, &count);
}

/* ---- logfmt ------------------------------------------------------------------------------------- */

static int is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* The text in quotes at `*at`, its escapes left as they are: its kind does not depend on them. */
static int quoted(const char *record, size_t len, size_t *at, infer_text *out)
{
  size_t start = *at + 1, i = start;
  while (i < len && record[i] != '"') i += record[i] == '\\' ? 2 : 1;
  if (i >= len || (i + 1 < len && !is_blank(record[i + 1]))) return 0;
  *out = (infer_text){record + start, i - start};
  *at = i + 1;
  return 1;
}

int infer_logfmt_record(infer *self, const char *record, size_t len)
{
  for (size_t at = 0; at < len;) {
    if (is_blank(record[at])) {
      at++;
      continue;
    }
    size_t start = at;
    while (at < len && !is_blank(record[at]) && record[at] != '=' && record[at] != '"') at++;
    if (at == start || (at < len && record[at] == '"')) return wrong(self, "a key is expected");
    infer_text key = {record + start, at - start}, value = {"true", 4};
    if (at < len && record[at] == '=') {
      at++;
      if (at < len && record[at] == '"') {
        if (!quoted(record, len, &at, &value)) return wrong(self, "a quote is not closed, or something stands behind it");
      } else {
        size_t from = at;
        while (at < len && !is_blank(record[at])) at++;
        value = (infer_text){record + from, at - from};
      }
    }
    infer_field *field = infer_field_find(self, key.at, key.len);
    if (field) infer_field_see(self, field, INFER_TEXT, value);
  }
  return 1;
}
