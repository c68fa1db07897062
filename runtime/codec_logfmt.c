/* codec_logfmt.c - lines of key=value pairs to rows. */
#include <string.h>

#include "cep/base/utf8.h"
#include "runtime/codec_parts.h"

/*
 *   level=info msg="user \"ann\" in" took=12ms cached
 *
 * Pairs stand between blanks. A value is what follows up to the next blank, or a text in quotes
 * with the escapes of JSON. A key without '=' is true. Of a key that comes again the first
 * value counts.
 */

static int is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static cep_status wrong(rt_fault *fault, size_t at, const char *what)
{
  rt_record_wrong(fault, RT_REASON_LOGFMT, "the record is not logfmt: %s at byte %zu", what, at);
  return CEP_OK;
}

static int hex_digits(const char *text, uint32_t *out)
{
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    char c = text[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return 0;
    value = value << 4 | (uint32_t)digit;
  }
  *out = value;
  return 1;
}

/* A \u of four digits, or two of them for one code point; bytes read behind the 'u', or 0. */
static size_t unescape_code(const char *text, size_t len, cb_writer *out)
{
  uint32_t code, low;
  if (len < 4 || !hex_digits(text, &code)) return 0;
  size_t used = 4;
  if (code >= 0xD800 && code < 0xDC00) {
    if (len < 10 || text[4] != '\\' || text[5] != 'u' || !hex_digits(text + 6, &low)) return 0;
    if (low < 0xDC00 || low > 0xDFFF) return 0;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    used = 10;
  } else if (code >= 0xDC00 && code < 0xE000) {
    return 0;
  }
  char bytes[4];
  cb_write_bytes(out, bytes, cb_utf8_encode(code, bytes));
  return used;
}

/* The escape behind a backslash: bytes read, or 0. */
static size_t unescape(const char *text, size_t len, cb_writer *out)
{
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (len == 0 || text[0] == 0) return 0;
  if (text[0] == 'u') {
    size_t used = unescape_code(text + 1, len - 1, out);
    return used > 0 ? used + 1 : 0;
  }
  const char *letter = strchr(letters, text[0]);
  if (!letter) return 0;
  cb_write_u8(out, (uint8_t)meanings[letter - letters]);
  return 1;
}

/* The text in quotes that begins at `*at`, behind its quote. NULL, or what is wrong. */
static const char *read_quoted(rt_codec *codec, size_t *at, rt_text *out)
{
  const char *text = codec->record;
  size_t len = codec->record_len, i = *at, plain = *at, start = codec->unquoted.len;
  int is_copied = 0;
  while (i < len && text[i] != '"') {
    if (text[i] != '\\') {
      i++;
      continue;
    }
    cb_write_bytes(&codec->unquoted, text + plain, i - plain);
    is_copied = 1;
    size_t used = unescape(text + i + 1, len - i - 1, &codec->unquoted);
    if (used == 0) return *at = i, "an unknown escape";
    i += 1 + used;
    plain = i;
  }
  if (i == len) return "a quote is not closed";
  *out = (rt_text){text + *at, i - *at, 1, 1};
  if (is_copied) {
    cb_write_bytes(&codec->unquoted, text + plain, i - plain);
    out->at = (const char *)codec->unquoted.data + start;
    out->len = codec->unquoted.len - start;
  }
  *at = i + 1;
  return *at < len && !is_blank(text[*at]) ? "something stands behind a closing quote" : NULL;
}

/* The pair at `*at`. NULL, or what is wrong at `*at`. */
static const char *read_pair(rt_codec *codec, size_t *at)
{
  const char *text = codec->record;
  size_t len = codec->record_len, from = *at, i = *at;
  while (i < len && !is_blank(text[i]) && text[i] != '=' && text[i] != '"') i++;
  *at = i;
  if (i == from) return text[i] == '"' ? "a quote where a key is expected" : "a value without a key";
  if (i < len && text[i] == '"') return "a quote in a key";
  uint32_t name = rt_name_find(codec, text + from, i - from);
  rt_text value = {"true", 4, 1, 0};
  if (i < len && text[i] == '=') {
    size_t start = ++i;
    if (i < len && text[i] == '"') {
      i++;
      const char *what = read_quoted(codec, &i, &value);
      *at = i;
      if (what) return what;
    } else {
      while (i < len && !is_blank(text[i])) i++;
      value = (rt_text){text + start, i - start, 1, 0};
    }
    *at = i;
  }
  if (name != PRG_NONE && !codec->names.at[name].text.is_set) codec->names.at[name].text = value;
  return NULL;
}

cep_status rt_logfmt_begin(rt_codec *codec, cep_time near, rt_fault *fault)
{
  if (codec->record_len > 0 && codec->record[codec->record_len - 1] == '\r') codec->record_len--;
  codec->time = CEP_TIME_MIN;
  cb_writer_reset(&codec->unquoted);
  /* What is unescaped must not move, and is never longer than it was written. */
  if (!cb_writer_reserve(&codec->unquoted, codec->record_len)) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < codec->names.count; i++) codec->names.at[i].text.is_set = 0;
  for (size_t at = 0;;) {
    while (at < codec->record_len && is_blank(codec->record[at])) at++;
    if (at == codec->record_len) break;
    const char *what = read_pair(codec, &at);
    if (what) return wrong(fault, at, what);
  }
  if (codec->unquoted.status < 0) return codec->unquoted.status;
  rt_text_time(codec, &codec->names.at[codec->time_name].text, near, fault);
  return CEP_OK;
}
