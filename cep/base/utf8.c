/* utf8.c - well-formed characters, by the table of the Unicode standard. */
#include "cep/base/utf8.h"

#include <string.h>

size_t cb_utf8_step(const char *text, size_t len)
{
  /* Overlong forms, surrogates and codes above 10FFFF all show in the second byte. */
  static const struct {
    uint8_t lead_min, lead_max, second_min, second_max, length;
  } forms[] = {
      {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
      {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
      {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
  };
  if (len == 0) return 0;
  const uint8_t *at = (const uint8_t *)text;
  if (at[0] < 0x80) return 1;
  for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
    if (at[0] < forms[f].lead_min || at[0] > forms[f].lead_max) continue;
    if (forms[f].length > len) return 0;
    if (at[1] < forms[f].second_min || at[1] > forms[f].second_max) return 0;
    for (size_t i = 2; i < forms[f].length; i++) {
      if (at[i] < 0x80 || at[i] > 0xBF) return 0;
    }
    return forms[f].length;
  }
  return 0;
}

/* Bytes of ASCII at the start, in eights: most text is nothing else. */
static size_t ascii_run(const char *text, size_t len)
{
  size_t run = 0;
  while (len - run >= 8) {
    uint64_t eight;
    memcpy(&eight, text + run, 8);
    if (eight & 0x8080808080808080u) break;
    run += 8;
  }
  return run;
}

int cb_utf8_valid(const char *text, size_t len)
{
  for (size_t i = 0; i < len;) {
    i += ascii_run(text + i, len - i);
    if (i == len) break;
    size_t step = cb_utf8_step(text + i, len - i);
    if (step == 0) return 0;
    i += step;
  }
  return 1;
}

size_t cb_utf8_encode(uint32_t code, char out[4])
{
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    out[0] = (char)(0xC0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    if (code >= 0xD800 && code <= 0xDFFF) return 0;
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
  }
  if (code > 0x10FFFF) return 0;
  out[0] = (char)(0xF0 | code >> 18);
  out[1] = (char)(0x80 | (code >> 12 & 0x3F));
  out[2] = (char)(0x80 | (code >> 6 & 0x3F));
  out[3] = (char)(0x80 | (code & 0x3F));
  return 4;
}

size_t cb_utf8_count(const char *text, size_t len)
{
  size_t count = 0;
  for (size_t i = 0; i < len; count++) {
    size_t step = cb_utf8_step(text + i, len - i);
    i += step > 0 ? step : 1;
  }
  return count;
}
