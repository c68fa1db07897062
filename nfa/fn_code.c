/* fn_code.c - texts in other clothes: hexadecimal, Base64, UTF-16, URLs. */
#include "nfa/fn.h"

#include <string.h>

#include "cep/base/utf8.h"

static int digit_of(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static const char digits[] = "0123456789abcdef";

static cep_value hex_of_int(nfa_scratch *scratch, uint64_t number)
{
  char *text = nfa_scratch_take(scratch, 16);
  uint32_t len = 1;
  if (!text) return cb_null();
  while (len < 16 && number >> 4 * len) len++;
  for (uint32_t i = 0; i < len; i++) text[i] = digits[number >> 4 * (len - 1 - i) & 15];
  return cb_string(text, len);
}

cep_value nfa_fn_hex(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  if (args[0].kind == CEP_INT) return hex_of_int(scratch, (uint64_t)args[0].as.i);
  if (args[0].length > NFA_TEXT_MAX / 2) return cb_null();
  char *text = nfa_scratch_take(scratch, 2 * (size_t)args[0].length);
  if (!text) return cb_null();
  for (uint32_t i = 0; i < args[0].length; i++) {
    uint8_t byte = (uint8_t)args[0].as.s[i];
    text[2 * i] = digits[byte >> 4];
    text[2 * i + 1] = digits[byte & 15];
  }
  return cb_string(text, 2 * args[0].length);
}

cep_value nfa_fn_unhex(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  uint32_t len = args[0].length / 2;
  char *bytes = args[0].length % 2 == 0 ? nfa_scratch_take(scratch, len) : NULL;
  if (!bytes) return cb_null();
  for (uint32_t i = 0; i < len; i++) {
    int high = digit_of(args[0].as.s[2 * i]), low = digit_of(args[0].as.s[2 * i + 1]);
    if (high < 0 || low < 0) return cb_null();
    bytes[i] = (char)(high << 4 | low);
  }
  return cb_string(bytes, len);
}

/* ---- Base64 ------------------------------------------------------------------------ */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

cep_value nfa_fn_base64_encode(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  uint32_t len = args[0].length;
  if (len > NFA_TEXT_MAX / 4 * 3) return cb_null();
  char *text = nfa_scratch_take(scratch, ((size_t)len + 2) / 3 * 4), *at = text;
  if (!text) return cb_null();
  for (uint32_t i = 0; i < len; i += 3) {
    uint32_t left = len - i < 3 ? len - i : 3, word = 0;
    for (uint32_t k = 0; k < 3; k++) word = word << 8 | (k < left ? (uint8_t)args[0].as.s[i + k] : 0u);
    for (uint32_t k = 0; k < 4; k++) *at++ = k <= left ? letters[word >> (18 - 6 * k) & 63] : '=';
  }
  return cb_string(text, (uint32_t)(at - text));
}

/* The six bits of a letter of either alphabet; -1: it is none. */
static int bits_of(char c)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

cep_value nfa_fn_base64_decode(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  uint32_t len = args[0].length, padding = 0;
  while (padding < 2 && len > 0 && args[0].as.s[len - 1] == '=') len--, padding++;
  if (len % 4 == 1 || (padding > 0 && (len + padding) % 4 != 0)) return cb_null();
  char *bytes = nfa_scratch_take(scratch, (size_t)len / 4 * 3 + 3), *at = bytes;
  if (!bytes) return cb_null();
  uint32_t word = 0, held = 0;
  for (uint32_t i = 0; i < len; i++) {
    int bits = bits_of(args[0].as.s[i]);
    if (bits < 0) return cb_null();
    word = word << 6 | (uint32_t)bits;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    *at++ = (char)(uint8_t)(word >> held);
    word &= (1u << held) - 1;
  }
  return cb_string(bytes, (uint32_t)(at - bytes));
}

/* ---- UTF-16 and URLs --------------------------------------------------------------- */

static uint32_t unit_at(const cep_value *text, uint32_t at)
{
  return (uint32_t)(uint8_t)text->as.s[at] | (uint32_t)(uint8_t)text->as.s[at + 1] << 8;
}

cep_value nfa_fn_utf16_decode(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  uint32_t len = args[0].length;
  /* Two bytes become three at most. */
  char *text = len % 2 == 0 ? nfa_scratch_take(scratch, (size_t)len / 2 * 3 + 1) : NULL;
  size_t written = 0;
  if (!text) return cb_null();
  for (uint32_t at = 0; at < len; at += 2) {
    uint32_t code = unit_at(&args[0], at);
    if (code >= 0xD800 && code < 0xDC00 && len - at >= 4) {
      uint32_t low = unit_at(&args[0], at + 2);
      if (low < 0xDC00 || low > 0xDFFF) return cb_null();
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 2;
    }
    char bytes[4];
    size_t size = cb_utf8_encode(code, bytes);
    if (size == 0) return cb_null();
    memcpy(text + written, bytes, size);
    written += size;
  }
  return cb_string(text, (uint32_t)written);
}

cep_value nfa_fn_url_decode(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  const char *from = args[0].as.s;
  uint32_t len = args[0].length, written = 0;
  if (len == 0 || !memchr(from, '%', len)) return args[0];
  char *text = nfa_scratch_take(scratch, len);
  if (!text) return cb_null();
  for (uint32_t i = 0; i < len; i++) {
    int is_code = from[i] == '%' && len - i > 2 && digit_of(from[i + 1]) >= 0 && digit_of(from[i + 2]) >= 0;
    int byte = is_code ? digit_of(from[i + 1]) * 16 + digit_of(from[i + 2]) : from[i];
    text[written++] = (char)byte;
    if (is_code) i += 2;
  }
  return cb_string(text, written);
}

static int is_one_of(char c, const char *signs)
{
  return c != '\0' && strchr(signs, c) != NULL;
}

/* scheme://[user@]host[:port]… */
cep_value nfa_fn_host_of(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  const char *text = args[0].as.s;
  uint32_t len = args[0].length, from = 0;
  while (from + 3 <= len && memcmp(text + from, "://", 3) != 0 && !is_one_of(text[from], "/?#")) from++;
  if (from == 0 || from + 3 > len || memcmp(text + from, "://", 3) != 0) return cb_null();
  from += 3;
  uint32_t end = from;
  while (end < len && !is_one_of(text[end], "/?#\\")) end++;
  for (uint32_t i = from; i < end; i++) {
    if (text[i] == '@') from = i + 1;
  }
  int is_bracketed = from < end && text[from] == '[';
  uint32_t to = is_bracketed ? ++from : from;
  while (to < end && text[to] != (is_bracketed ? ']' : ':')) to++;
  if (to == from || (is_bracketed && to == end)) return cb_null();
  cep_value host = cb_string(text + from, to - from);
  return nfa_fn_lower(scratch, &host, 1);
}
