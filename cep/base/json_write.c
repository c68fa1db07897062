/* json_write.c - texts and values as JSON. */
#include <string.h>

#include "cep/base/utf8.h"
#include "cep/base/value.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte)) /* of eight */

static int is_plain(char c)
{
  return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* Whether eight bytes are all plain: each difference has the highest bit of a byte that is not, and maybe of others then. */
static int are_plain(const char *at)
{
  uint64_t eight;
  memcpy(&eight, at, sizeof eight);
  uint64_t quote = eight ^ EACH('"'), slash = eight ^ EACH('\\');
  return ((((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) | (eight - EACH(0x20)) | eight) & EACH(0x80)) == 0;
}

/* Passes over plain text: to a quote, a backslash, a control character, a byte past ASCII, or the end. */
static const char *pass_plain(const char *at, const char *end)
{
  while (end - at >= 8 && are_plain(at)) at += 8;
  while (at < end && is_plain(*at)) at++;
  return at;
}

/* A byte that does not go out as it is. */
static void write_escape(cb_writer *writer, uint8_t c)
{
  static const char hex[] = "0123456789abcdef";
  switch (c) {
  case '"': cb_write_text(writer, "\\\""); return;
  case '\\': cb_write_text(writer, "\\\\"); return;
  case '\b': cb_write_text(writer, "\\b"); return;
  case '\f': cb_write_text(writer, "\\f"); return;
  case '\n': cb_write_text(writer, "\\n"); return;
  case '\r': cb_write_text(writer, "\\r"); return;
  case '\t': cb_write_text(writer, "\\t"); return;
  default: break;
  }
  if (c >= 0x20) {
    cb_write_text(writer, "\xEF\xBF\xBD"); /* U+FFFD, one for each byte that fits nowhere */
    return;
  }
  const char escape[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
  cb_write_bytes(writer, escape, sizeof escape);
}

void cb_json_write_string(cb_writer *writer, const char *text, size_t len)
{
  if (len == 0) {
    cb_write_text(writer, "\"\"");
    return;
  }
  const char *from = text, *end = text + len; /* what is before `from` has gone out */
  cb_write_u8(writer, '"');
  for (const char *at = pass_plain(text, end); at < end; at = pass_plain(at, end)) {
    size_t step = (unsigned char)*at >= 0x80 ? cb_utf8_step(at, (size_t)(end - at)) : 0;
    if (step > 0) {
      at += step;
      continue;
    }
    cb_write_bytes(writer, from, (size_t)(at - from));
    write_escape(writer, (uint8_t)*at);
    from = ++at;
  }
  cb_write_bytes(writer, from, (size_t)(end - from));
  cb_write_u8(writer, '"');
}

static void write_quoted(cb_writer *writer, const char *text, size_t len)
{
  cb_write_u8(writer, '"');
  cb_write_bytes(writer, text, len);
  cb_write_u8(writer, '"');
}

void cb_value_write_json(cb_writer *writer, const cep_value *value)
{
  char text[CB_VALUE_TEXT_MAX];
  if (value->kind == CEP_STRING) {
    cb_json_write_string(writer, value->as.s, value->length);
    return;
  }
  size_t len = cb_value_print(value, text);
  if (value->kind == CEP_TIME || value->kind == CEP_IP)
    write_quoted(writer, text, len);
  else
    cb_write_bytes(writer, text, len);
}
