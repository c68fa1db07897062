/* reference_fn_code.c - the reference's functions of texts in other clothes, and of regular expressions. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>

#include "tests/support/reference_fn_parts.h"

/* ---- Hexadecimal, Base64 ------------------------------------------------------------------- */

static int place_in(char c, const char *letters)
{
  const char *found = c ? strchr(letters, c) : NULL;
  return found ? (int)(found - letters) : -1;
}

static int hex_digit(char c)
{
  int digit = place_in(c, "0123456789abcdef");
  return digit >= 0 ? digit : place_in(c, "0123456789ABCDEF");
}

REF_FN(hex)
{
  char two[20];
  cb_writer text;
  if (args[0].kind == CEP_INT) {
    int len = snprintf(two, sizeof two, "%llx", (unsigned long long)args[0].as.i);
    return ref_text(arena, two, (size_t)len);
  }
  cb_writer_init(&text, arena->alloc);
  for (uint32_t i = 0; i < args[0].length; i++) {
    snprintf(two, sizeof two, "%02x", (unsigned char)args[0].as.s[i]);
    cb_write_bytes(&text, two, 2);
  }
  return ref_made(arena, &text);
}

REF_FN(unhex)
{
  cb_writer text;
  int is_good = args[0].length % 2 == 0;
  cb_writer_init(&text, arena->alloc);
  for (uint32_t i = 0; is_good && i < args[0].length; i += 2) {
    int high = hex_digit(args[0].as.s[i]), low = hex_digit(args[0].as.s[i + 1]);
    is_good = high >= 0 && low >= 0;
    if (is_good) cb_write_u8(&text, (uint8_t)(high * 16 + low));
  }
  cep_value value = ref_made(arena, &text);
  return is_good ? value : cb_null();
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Bit number `at` of bytes, the highest of the first byte being number 0; 0 behind them. */
static int bit_at(const cep_value *bytes, uint32_t at)
{
  return at / 8 < bytes->length ? (unsigned char)bytes->as.s[at / 8] >> (7 - at % 8) & 1 : 0;
}

REF_FN(base64_encode)
{
  cb_writer text;
  cb_writer_init(&text, arena->alloc);
  for (uint32_t at = 0; at < 8 * args[0].length; at += 6) {
    int six = 0;
    for (uint32_t i = 0; i < 6; i++) six = 2 * six + bit_at(&args[0], at + i);
    cb_write_u8(&text, (uint8_t)base64[six]);
  }
  while (text.len % 4 != 0) cb_write_u8(&text, '=');
  return ref_made(arena, &text);
}

REF_FN(base64_decode)
{
  cb_writer bits, text;
  uint32_t len = args[0].length, padding = 0;
  int is_good = 1;
  while (padding < 2 && len > 0 && args[0].as.s[len - 1] == '=') len--, padding++;
  if (padding > 0 && args[0].length % 4 != 0) return cb_null();
  cb_writer_init(&bits, arena->alloc);
  cb_writer_init(&text, arena->alloc);
  for (uint32_t i = 0; i < len; i++) {
    char c = args[0].as.s[i];
    int six = place_in(c == '-' ? '+' : c == '_' ? '/' : c, base64);
    is_good &= six >= 0;
    for (int bit = 5; bit >= 0; bit--) cb_write_u8(&bits, (uint8_t)(six >> bit & 1));
  }
  is_good &= len % 4 != 1;
  for (size_t at = 0; at + 8 <= bits.len; at += 8) {
    int byte = 0;
    for (size_t i = 0; i < 8; i++) byte = 2 * byte + bits.data[at + i];
    cb_write_u8(&text, (uint8_t)byte);
  }
  cb_writer_fini(&bits);
  cep_value value = ref_made(arena, &text);
  return is_good ? value : cb_null();
}

/* ---- UTF-16, URLs -------------------------------------------------------------------------- */

static void write_utf8(cb_writer *out, uint32_t code)
{
  uint32_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const uint32_t marks[] = {0, 0xC0, 0xE0, 0xF0};
  cb_write_u8(out, (uint8_t)(marks[more] | code >> 6 * more));
  while (more-- > 0) cb_write_u8(out, (uint8_t)(0x80 | (code >> 6 * more & 0x3F)));
}

REF_FN(utf16_decode)
{
  const unsigned char *bytes = (const unsigned char *)args[0].as.s;
  cb_writer text;
  int is_good = args[0].length % 2 == 0;
  uint32_t high = 0; /* half of a pair */
  cb_writer_init(&text, arena->alloc);
  for (uint32_t i = 0; is_good && i < args[0].length; i += 2) {
    uint32_t unit = bytes[i] + 256u * bytes[i + 1];
    int is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    is_good = is_low == (high != 0);
    if (unit >= 0xD800 && unit < 0xDC00) high = unit;
    else if (is_low) write_utf8(&text, 0x10000 + (high - 0xD800) * 1024 + (unit - 0xDC00)), high = 0;
    else write_utf8(&text, unit);
  }
  is_good &= high == 0;
  cep_value value = ref_made(arena, &text);
  return is_good ? value : cb_null();
}

REF_FN(url_decode)
{
  cb_writer text;
  cb_writer_init(&text, arena->alloc);
  for (uint32_t i = 0; i < args[0].length; i++) {
    const char *at = args[0].as.s + i;
    int is_code = *at == '%' && i + 2 < args[0].length && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0;
    cb_write_u8(&text, (uint8_t)(is_code ? hex_digit(at[1]) * 16 + hex_digit(at[2]) : *at));
    if (is_code) i += 2;
  }
  return ref_made(arena, &text);
}

/* By a regular expression: scheme, ://, user up to the last @, host in brackets or up to a colon. */
REF_FN(host_of)
{
  static const char pattern[] = "(?s)\\A(?:(?!://)[^/?#])+://(?:[^/?#\\\\]*@)?+(?:\\[([^\\]/?#\\\\]+)\\]|([^/?#\\\\:\\[][^/?#\\\\:]*))";
  int number = 0;
  PCRE2_SIZE offset = 0;
  cep_value host = cb_null();
  pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, sizeof pattern - 1, 0, &number, &offset, NULL);
  CB_ASSERT(code);
  pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
  if (pcre2_match(code, (PCRE2_SPTR)args[0].as.s, args[0].length, 0, 0, data, NULL) > 0) {
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    int group = at[2] != PCRE2_UNSET ? 1 : 2;
    host = cb_string(args[0].as.s + at[2 * group], (uint32_t)(at[2 * group + 1] - at[2 * group]));
    host = ref_fn_lower(arena, &host, 1);
  }
  pcre2_match_data_free(data);
  pcre2_code_free(code);
  return host;
}

/* ---- Regular expressions ------------------------------------------------------------------- */

typedef struct finder {
  pcre2_code *code;
  pcre2_match_data *data;
  const cep_value *text;
  size_t from;
  const PCRE2_SIZE *spans;
  uint32_t span_count;
} finder;

static void find_begin(finder *f, const cep_value *args)
{
  int number = 0;
  PCRE2_SIZE offset = 0;
  memset(f, 0, sizeof *f);
  f->text = &args[0];
  f->code = pcre2_compile((PCRE2_SPTR)args[1].as.s, args[1].length, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &number, &offset, NULL);
  CB_ASSERT(f->code);
  f->data = pcre2_match_data_create_from_pattern(f->code, NULL);
  CB_ASSERT(f->data);
}

/* The next place behind the one before; behind an empty one a character further on. */
static int find_next(finder *f)
{
  if (f->from > f->text->length) return 0;
  int found = pcre2_match(f->code, (PCRE2_SPTR)(f->text->length ? f->text->as.s : ""), f->text->length, f->from, 0, f->data, NULL);
  f->spans = pcre2_get_ovector_pointer(f->data);
  f->span_count = found > 0 ? (uint32_t)found : 0;
  if (found <= 0 || f->spans[0] < f->from) return 0;
  size_t end = f->spans[1];
  f->from = end;
  if (f->spans[0] == end) f->from += end < f->text->length ? ref_char_bytes(f->text, (uint32_t)end) : 1;
  while (f->from < f->text->length && ((unsigned char)f->text->as.s[f->from] & 0xC0) == 0x80) f->from++;
  return 1;
}

static void find_end(finder *f)
{
  pcre2_match_data_free(f->data);
  pcre2_code_free(f->code);
}

static int has_group(const finder *f, uint32_t group)
{
  return group < f->span_count && f->spans[2 * group] != PCRE2_UNSET;
}

REF_FN(regex_extract)
{
  finder f;
  cep_value value = cb_null();
  uint32_t group = (uint32_t)args[2].as.i;
  find_begin(&f, args);
  if (find_next(&f) && has_group(&f, group)) {
    value = ref_text(arena, (args[0].length ? args[0].as.s : "") + f.spans[2 * group], f.spans[2 * group + 1] - f.spans[2 * group]);
  }
  find_end(&f);
  return value;
}

REF_FN(regex_count)
{
  finder f;
  int64_t places = 0;
  find_begin(&f, args);
  while (find_next(&f)) places++;
  find_end(&f);
  return cb_int(places);
}

REF_FN(regex_replace)
{
  finder f;
  cb_writer text;
  size_t kept = 0;
  const char *from = args[0].length ? args[0].as.s : "";
  cb_writer_init(&text, arena->alloc);
  find_begin(&f, args);
  while (find_next(&f)) {
    cb_write_bytes(&text, from + kept, f.spans[0] - kept);
    for (uint32_t i = 0; i < args[2].length; i++) {
      char c = args[2].as.s[i];
      char next = c == '$' && i + 1 < args[2].length ? args[2].as.s[++i] : 0;
      uint32_t group = (uint32_t)(next - '0');
      if (next >= '0' && next <= '9' && has_group(&f, group)) cb_write_bytes(&text, from + f.spans[2 * group], f.spans[2 * group + 1] - f.spans[2 * group]);
      if (next == 0 || next == '$') cb_write_u8(&text, (uint8_t)c);
    }
    kept = f.spans[1];
  }
  find_end(&f);
  cb_write_bytes(&text, from + kept, args[0].length - kept);
  return ref_made(arena, &text);
}
