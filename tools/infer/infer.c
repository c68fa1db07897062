/* infer.c - bytes of files to records, records to what is known of them. */
#include "tools/infer/infer.h"

#include <string.h>

#include "tools/infer/infer_lines.h"

/* What of a file is looked at to find its format. */
#define BEGINNING  ((size_t)64 * 1024)
#define RECORD_MAX ((size_t)1024 * 1024)
#define JSON_DEPTH 64

infer *infer_new(uint32_t file_count)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  infer *self = cb_new0(&alloc, sizeof *self);
  if (!self) return NULL;
  self->alloc = alloc;
  self->file_count = file_count > 0 ? file_count : 1;
  cb_arena_init(&self->arena, &self->alloc);
  cb_writer_init(&self->bytes, &self->alloc);
  cb_writer_init(&self->unquoted, &self->alloc);
  cb_writer_init(&self->text, &self->alloc);
  self->json = cb_json_new(RECORD_MAX, JSON_DEPTH);
  self->walk = cb_json_walk_new();
  if (self->json && self->walk) return self;
  infer_free(self);
  return NULL;
}

void infer_free(infer *self)
{
  if (!self) return;
  cb_json_free(self->json);
  cb_json_walk_free(self->walk);
  if (self->found) cb_vec_free(&self->alloc, &self->found->shapes);
  cb_vec_free(&self->alloc, &self->fields);
  cb_vec_free(&self->alloc, &self->index);
  cb_vec_free(&self->alloc, &self->columns);
  cb_vec_free(&self->alloc, &self->lines);
  cb_writer_fini(&self->bytes);
  cb_writer_fini(&self->unquoted);
  cb_writer_fini(&self->text);
  cb_arena_fini(&self->arena);
  cb_alloc alloc = self->alloc;
  cb_free(&alloc, self, sizeof *self);
}

/* ---- Records ------------------------------------------------------------------------------------ */

static uint64_t record_limit(const infer *self)
{
  uint64_t most = self->format == INFER_LINE ? INFER_LINES_MAX : INFER_RECORDS_MAX;
  uint64_t each = most / self->file_count;
  return each > 0 ? each : 1;
}

static uint64_t byte_limit(const infer *self)
{
  return (self->format == INFER_LINE ? INFER_LINE_BYTES_MAX : INFER_BYTES_MAX) / self->file_count;
}

static int keep_line(infer *self, const char *record, size_t len)
{
  const char *copy = cb_arena_text(&self->arena, record, len);
  if (!copy || !cb_vec_push(&self->alloc, &self->lines, ((infer_text){copy, len}))) self->has_failed = 1;
  return 1;
}

static int read_record(infer *self, const char *record, size_t len)
{
  switch (self->format) {
  case INFER_JSON: return infer_json_record(self, record, len);
  case INFER_CSV: return infer_csv_record(self, record, len);
  case INFER_LOGFMT: return infer_logfmt_record(self, record, len);
  case INFER_LINE: return keep_line(self, record, len);
  case INFER_UNKNOWN: break;
  }
  CB_UNREACHABLE();
}

static void take_record(infer *self, const char *record, size_t len)
{
  if (len > 0 && record[len - 1] == '\r') len--;
  if (len == 0) {
    self->empty_lines++;
    return;
  }
  if (len > RECORD_MAX) {
    self->bad++;
    if (!self->bad_why) self->bad_why = "a record is longer than 1 MiB";
    return;
  }
  int done = read_record(self, record, len);
  if (done < 0) return; /* it names the columns */
  if (done)
    self->records++;
  else
    self->bad++;
  if (++self->file_records >= record_limit(self)) self->is_file_done = 1;
}

/* All whole records of what is there; with `is_end` the last one needs no end. */
static void take_records(infer *self, int is_end)
{
  const char *bytes = (const char *)self->bytes.data;
  size_t at = 0, len = self->bytes.len;
  cb_split_restart(&self->split);
  while (at < len && !self->is_file_done) {
    const char *end = cb_split_end(&self->split, bytes + at, len - at);
    if (!end && !is_end) break;
    size_t next = end ? (size_t)(end - bytes) : len;
    take_record(self, bytes + at, next - at);
    cb_split_restart(&self->split);
    at = end ? next + 1 : len;
  }
  if (at == 0) return;
  memmove(self->bytes.data, self->bytes.data + at, len - at);
  self->bytes.len = len - at;
}

/* ---- Files -------------------------------------------------------------------------------------- */

void infer_file(infer *self, const char *path)
{
  self->file++;
  if (!self->path) self->path = cb_arena_text(&self->arena, path, strlen(path));
  cb_writer_reset(&self->bytes);
  self->file_bytes = self->file_records = 0;
  self->is_file_done = 0;
  if (self->has_header) self->has_columns = 0;
}

static void pass_over_mark(infer *self)
{
  static const char mark[] = "\xEF\xBB\xBF";
  if (self->bytes.len < 3 || memcmp(self->bytes.data, mark, 3) != 0) return;
  memmove(self->bytes.data, self->bytes.data + 3, self->bytes.len - 3);
  self->bytes.len -= 3;
}

/* Of the first file, from whole lines; of another one it must be the same. */
static void begin_records(infer *self, int is_end)
{
  pass_over_mark(self);
  const char *bytes = (const char *)self->bytes.data;
  size_t len = self->bytes.len;
  while (!is_end && len > 0 && bytes[len - 1] != '\n') len--;
  infer_format before = self->format;
  cb_split split = self->split;
  int has_header = self->has_header;
  self->format = INFER_UNKNOWN;
  infer_format_find(self, bytes, len > 0 ? len : self->bytes.len);
  if (!self->fault && before != INFER_UNKNOWN &&
      (before != self->format || split.delimiter != self->split.delimiter || has_header != self->has_header))
    self->fault = "it has another format than the files before it: infer them one by one";
  if (self->fault || self->format != INFER_CSV || self->has_header || self->has_columns) return;
  const char *end = memchr(bytes, '\n', self->bytes.len);
  size_t first = end ? (size_t)(end - bytes) : self->bytes.len;
  infer_csv_columns(self, infer_csv_split(self, bytes, first, NULL, 0));
}

static int has_begun(const infer *self)
{
  return self->file_bytes > BEGINNING;
}

int infer_bytes(infer *self, const char *data, size_t len)
{
  if (self->fault || self->is_file_done || self->has_failed) return 0;
  int had_begun = has_begun(self);
  self->file_bytes += len;
  cb_write_bytes(&self->bytes, data, len);
  if (self->bytes.status < 0) {
    self->has_failed = 1;
    return 0;
  }
  if (!had_begun && has_begun(self)) begin_records(self, 0);
  if (self->fault || !has_begun(self)) return !self->fault;
  take_records(self, 0);
  if (self->file_bytes >= byte_limit(self) || self->bytes.len > 2 * RECORD_MAX) self->is_file_done = 1;
  if (self->is_file_done) self->is_cut = 1;
  return !self->is_file_done;
}

int infer_file_end(infer *self)
{
  if (self->fault || self->has_failed) return 1;
  if (!has_begun(self)) begin_records(self, 1);
  if (!self->fault && !self->is_file_done) take_records(self, 1);
  if (self->is_file_done && self->bytes.len > 0) self->is_cut = 1;
  return !self->is_file_done;
}

const char *infer_finish(infer *self)
{
  if (self->has_failed || self->arena.failed) return "there is no memory for it";
  if (self->fault) return self->fault;
  if (self->format == INFER_UNKNOWN || self->records == 0) return "there is no record in it";
  if (self->format == INFER_LINE) infer_lines_find(self);
  return self->has_failed || self->arena.failed ? "there is no memory for it" : NULL;
}

void infer_sample_order(const infer *self, infer_order *out)
{
  *out = (infer_order){.records = self->records, .is_whole = !self->is_cut};
  if (self->format == INFER_LINE) {
    infer_lines_order(self, out);
    return;
  }
  const infer_field *time = infer_time_field(self);
  if (!time) return;
  const infer_ticks *ticks = &time->clock->ticks[infer_clock_form(time->clock)];
  out->behind = ticks->behind;
  out->worst = ticks->worst;
  out->timeless = self->records - ticks->hits;
}

const char *infer_rules(infer *self, const char *name, const infer_order *order, size_t *len)
{
  char plain[INFER_NAME_MAX];
  if (infer_identifier((infer_text){name, strlen(name)}, plain) == 0 || infer_is_reserved(plain)) memcpy(plain, "Event", 6);
  cb_writer_reset(&self->text);
  if (self->format == INFER_LINE)
    infer_write_lines(self, plain, order);
  else
    infer_write_fields(self, plain, order);
  cb_write_u8(&self->text, 0);
  if (self->text.status < 0 || self->has_failed || self->arena.failed) return NULL;
  *len = self->text.len - 1;
  return (const char *)self->text.data;
}
