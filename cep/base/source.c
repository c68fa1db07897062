/* source.c - lines and columns of an offset. */
#include "cep/base/source.h"

#include <string.h>

void cb_source_init(cb_source *source, const char *name, const char *text, uint32_t len)
{
  *source = (cb_source){name, text, len};
}

void cb_source_place(const cb_source *source, uint32_t offset, uint32_t *line, uint32_t *column)
{
  if (offset > source->len) offset = source->len;
  uint32_t lines = 1, line_start = 0;
  while (line_start < offset) {
    const char *end = memchr(source->text + line_start, '\n', offset - line_start);
    if (!end) break;
    line_start = (uint32_t)(end - source->text) + 1;
    lines++;
  }
  *line = lines;
  *column = offset - line_start + 1;
}

cb_span cb_span_join(cb_span a, cb_span b)
{
  CB_ASSERT(b.offset + b.length >= a.offset);
  return (cb_span){a.offset, b.offset + b.length - a.offset};
}
