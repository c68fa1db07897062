/* error.c - a cep_error, filled in one go. */
#include "cep/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cep/base/utf8.h"

static void fill_text(cep_error *err, const char *format, va_list args)
{
  int len = vsnprintf(err->text, sizeof err->text, format, args);
  if (len < 0) err->text[0] = 0;
  if (len < (int)sizeof err->text) return;
  /* Cut: drop the bytes of a character that did not fit whole. */
  size_t end = sizeof err->text - 1, start = end;
  while (start > 0 && end - start < 4 && ((uint8_t)err->text[start - 1] & 0xC0) == 0x80) start--;
  if (start > 0 && (uint8_t)err->text[start - 1] >= 0xC0) start--;
  if (start < end && cb_utf8_step(err->text + start, end - start) != end - start) err->text[start] = 0;
}

cep_status cb_error_set(cep_error *err, cep_status status, const char *format, ...)
{
  if (!err) return status;
  memset(err, 0, sizeof *err);
  err->status = status;
  va_list args;
  va_start(args, format);
  fill_text(err, format, args);
  va_end(args);
  return status;
}

cep_status cb_error_at(cep_error *err, cep_status status, uint32_t code, const cb_source *source,
                       cb_span span, const char *format, ...)
{
  if (!err) return status;
  memset(err, 0, sizeof *err);
  err->status = status;
  err->code = code;
  err->offset = span.offset;
  err->length = span.length;
  cb_source_place(source, span.offset, &err->line, &err->column);
  va_list args;
  va_start(args, format);
  fill_text(err, format, args);
  va_end(args);
  return status;
}
