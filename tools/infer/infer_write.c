/* infer_write.c - what was found as declarations: what all formats share. */
#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "cep/base/utf8.h"
#include "tools/infer/infer_parts.h"

void infer_write_number(infer *self, uint64_t value)
{
  char digits[CB_NUM_TEXT_MAX];
  size_t len = cb_num_print_int((int64_t)value, digits);
  for (size_t i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0) cb_write_u8(&self->text, ',');
    cb_write_u8(&self->text, (uint8_t)digits[i]);
  }
}

void infer_write_quoted(infer *self, infer_text text, size_t most)
{
  cb_write_u8(&self->text, '"');
  size_t at = 0;
  while (at < text.len && at < most) {
    size_t step = cb_utf8_step(text.at + at, text.len - at);
    unsigned char c = (unsigned char)text.at[at];
    if (step == 0 || c < 0x20 || c == 0x7F || (c == 0xC2 && (unsigned char)text.at[at + 1] < 0xA0))
      cb_write_u8(&self->text, c == '\t' ? ' ' : '?');
    else
      cb_write_bytes(&self->text, text.at + at, step);
    at += step > 0 ? step : 1;
  }
  cb_write_text(&self->text, at < text.len ? "...\"" : "\"");
}

void infer_write_string(infer *self, infer_text text)
{
  cb_writer *out = &self->text;
  cb_write_u8(out, '"');
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.at[i];
    if (c == '"' || c == '\\')
      cb_write_printf(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7F)
      cb_write_printf(out, "\\u{%X}", c);
    else
      cb_write_u8(out, c);
  }
  cb_write_u8(out, '"');
}

static const char *format_words(const infer *self)
{
  switch (self->format) {
  case INFER_JSON: return "JSON lines";
  case INFER_CSV: return self->has_header ? "CSV with a header" : "CSV without a header";
  case INFER_LOGFMT: return "logfmt";
  case INFER_LINE: return "lines of text";
  case INFER_UNKNOWN: break;
  }
  CB_UNREACHABLE();
}

static void write_order(infer *self, const infer_order *order)
{
  cb_writer *out = &self->text;
  char span[CB_TIME_TEXT_MAX];
  if (order->behind == 0) {
    cb_write_text(out, order->is_whole ? "// They are in the order of their times" : "// The first of them are in the order of their times");
  } else {
    cb_duration_print(order->worst, span);
    cb_write_text(out, "// Out of order: ");
    infer_write_number(self, order->behind);
    cb_write_printf(out, " %s behind a newer one, by %s at most%s", order->behind == 1 ? "comes" : "come", span, order->is_whole ? "" : ", among the first of them");
    if (order->lateness == 0 && order->worst > 0) cb_write_text(out, "; that is no order of time, so no lateness is declared");
  }
  if (order->timeless > self->bad) { /* those that could not be read have been told of */
    cb_write_text(out, "; ");
    infer_write_number(self, order->timeless - self->bad);
    cb_write_text(out, order->timeless - self->bad == 1 ? " has no time that can be read, and is refused" : " have no time that can be read, and are refused");
  }
  cb_write_text(out, ".\n");
}

void infer_write_head(infer *self, const infer_order *order)
{
  cb_writer *out = &self->text;
  cb_write_text(out, "// Inferred from ");
  infer_write_number(self, self->records);
  cb_write_printf(out, " record%s of ", self->records == 1 ? "" : "s");
  infer_write_quoted(self, (infer_text){self->path, strlen(self->path)}, 80);
  if (self->file_count > 1) cb_write_printf(out, " and %u more", self->file_count - 1);
  cb_write_printf(out, ": %s.", format_words(self));
  if (self->is_cut) cb_write_text(out, " There are more, which may be other.");
  cb_write_text(out, "\n");
  if (self->bad > 0) {
    cb_write_text(out, "// ");
    infer_write_number(self, self->bad);
    cb_write_printf(out, " could not be read and will be refused; of the first: %s.\n", self->bad_why);
  }
  if (order) write_order(self, order);
}

void infer_write_lateness(infer *self, const infer_order *order)
{
  if (!order || order->lateness <= 0) return;
  int64_t ms = order->lateness / 1000000;
  if (ms % 1000 == 0)
    cb_write_printf(&self->text, " lateness %llds", (long long)(ms / 1000));
  else
    cb_write_printf(&self->text, " lateness %lldms", (long long)ms);
}

void infer_write_place(infer *self)
{
  if (self->file_count > 1) return;
  if (strcmp(self->path, "-") == 0) {
    cb_write_text(&self->text, " from stdin");
    return;
  }
  cb_write_text(&self->text, " from file ");
  infer_write_string(self, (infer_text){self->path, strlen(self->path)});
}
