/* num.c - whole numbers as text and back. */
#include "cep/base/num.h"

#include <string.h>

static int digit_of(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

int cb_num_int(const char *text, size_t len, int64_t *out)
{
  size_t at = 0;
  int negative = len > 0 && text[0] == '-';
  if (negative) at++;
  uint64_t base = 10;
  if (len - at > 2 && text[at] == '0' && (text[at + 1] == 'x' || text[at + 1] == 'X')) {
    base = 16;
    at += 2;
  }
  if (at == len) return 0;
  uint64_t limit = (uint64_t)INT64_MAX + (uint64_t)negative;
  uint64_t number = 0;
  for (; at < len; at++) {
    uint64_t digit = (uint64_t)digit_of(text[at]);
    if (digit >= base) return 0;
    if (number > (limit - digit) / base) return 0;
    number = number * base + digit;
  }
  /* -(2^63) has no positive twin: negate as unsigned, then convert. */
  *out = negative ? (int64_t)(0 - number) : (int64_t)number;
  return 1;
}

size_t cb_num_print_int(int64_t value, char out[CB_NUM_TEXT_MAX])
{
  char digits[20];
  size_t count = 0, len = 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    digits[count++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (value < 0) out[len++] = '-';
  while (count > 0) out[len++] = digits[--count];
  out[len] = 0;
  return len;
}
