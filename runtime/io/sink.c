/* sink.c - lines gathered, and the record of a refusal. */
#include "runtime/io/sink.h"

#include <inttypes.h>
#include <string.h>

#include "cep/base/error.h"
#include "cep/base/time.h"
#include "cep/base/utf8.h"
#include "cep/base/value.h"

/* Written when this much is gathered: large enough that system calls do not show. */
#define GATHER_SIZE ((size_t)64 * 1024)
/* Bytes of a refused record that are shown. */
#define SHOWN_MAX ((size_t)4096)

cep_status rt_sink_flush(rt_sink *sink)
{
  if (sink->status != CEP_OK || sink->lines.len == 0) return sink->status;
  sink->status = sink->ops->write(sink, sink->lines.data, sink->lines.len, &sink->err);
  cb_writer_reset(&sink->lines);
  return sink->status;
}

void rt_sink_line_end(rt_sink *sink)
{
  if (sink->status != CEP_OK) {
    cb_writer_reset(&sink->lines);
    return;
  }
  cb_write_u8(&sink->lines, '\n');
  if (sink->lines.status < 0) {
    sink->status = cb_error_set(&sink->err, sink->lines.status, "no memory for a line of output");
    return;
  }
  sink->line_count++;
  if (sink->lines.len >= GATHER_SIZE) rt_sink_flush(sink);
}

static void write_member(cb_writer *lines, const char *name, const char *text)
{
  cb_write_printf(lines, "\"%s\":", name);
  cb_json_write_string(lines, text, strlen(text));
  cb_write_u8(lines, ',');
}

/* A character that the cut would split is left out whole. */
static size_t shown_len(const char *record, size_t len)
{
  if (len <= SHOWN_MAX) return len;
  for (size_t back = 1; back <= 3; back++)
    if (((uint8_t)record[SHOWN_MAX - back] & 0xC0) == 0xC0)
      return cb_utf8_step(record + SHOWN_MAX - back, len - (SHOWN_MAX - back)) > back ? SHOWN_MAX - back
                                                                                      : SHOWN_MAX;
  return SHOWN_MAX;
}

void rt_sink_refused(rt_sink *sink, const cep_refused *refused)
{
  cb_writer *lines = &sink->lines;
  if (sink->status != CEP_OK) return;
  cb_write_u8(lines, '{');
  write_member(lines, "reason", refused->reason);
  write_member(lines, "detail", refused->detail);
  write_member(lines, refused->is_table ? "table" : "input", refused->input);
  cb_write_printf(lines, "\"partition\":%" PRIu32 ",\"position\":%" PRIu64 ",", refused->partition,
                  refused->position);
  if (strcmp(refused->reason, "late") == 0) {
    char text[CB_TIME_TEXT_MAX];
    cb_time_print(refused->time, text);
    write_member(lines, "time", text);
    cb_duration_print_seconds(refused->lateness_needed, text);
    cb_write_printf(lines, "\"lateness\":%s,", text);
  }
  cb_write_printf(lines, "\"length\":%zu,\"record\":", refused->record_len);
  if (refused->record)
    cb_json_write_string(lines, refused->record, shown_len(refused->record, refused->record_len));
  else
    cb_write_text(lines, "null");
  cb_write_u8(lines, '}');
  rt_sink_line_end(sink);
}
