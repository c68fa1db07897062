/* ip.c - addresses as text and back; networks. */
#include <string.h>

#include "cep/base/value.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/* Four decimal numbers. A leading zero is refused: some read it as octal. */
static int read_v4(const char *text, size_t len, uint8_t out[4])
{
  size_t at = 0;
  for (int part = 0; part < 4; part++) {
    if (part > 0 && (at >= len || text[at++] != '.')) return 0;
    size_t start = at;
    uint32_t number = 0;
    while (at < len && at - start < 3 && text[at] >= '0' && text[at] <= '9') {
      number = number * 10 + (uint32_t)(text[at++] - '0');
    }
    if (at == start || number > 255) return 0;
    if (at - start > 1 && text[start] == '0') return 0;
    out[part] = (uint8_t)number;
  }
  return at == len;
}

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static int read_v6(const char *text, size_t len, uint8_t out[16])
{
  uint8_t bytes[16] = {0};
  size_t filled = 0, at = 0;
  size_t gap = SIZE_MAX; /* where "::" stands, in bytes filled */
  if (len >= 2 && text[0] == ':' && text[1] == ':') {
    gap = 0;
    at = 2;
  }
  while (at < len) {
    size_t start = at;
    uint32_t group = 0;
    while (at < len && at - start < 4 && hex_digit(text[at]) >= 0) {
      group = group << 4 | (uint32_t)hex_digit(text[at++]);
    }
    if (at < len && text[at] == '.') { /* the last 32 bits may be in IPv4 form */
      if (filled > 12 || !read_v4(text + start, len - start, bytes + filled)) return 0;
      filled += 4;
      at = len;
      break;
    }
    if (at == start || filled > 14) return 0;
    bytes[filled++] = (uint8_t)(group >> 8);
    bytes[filled++] = (uint8_t)group;
    if (at == len) break;
    if (text[at++] != ':' || at == len) return 0;
    if (text[at] == ':') {
      if (gap != SIZE_MAX) return 0;
      gap = filled;
      at++;
    }
  }
  if (gap == SIZE_MAX ? filled != 16 : filled > 14) return 0;
  memset(out, 0, 16);
  size_t head = gap == SIZE_MAX ? filled : gap;
  memcpy(out, bytes, head);
  memcpy(out + 16 - (filled - head), bytes + head, filled - head);
  return 1;
}

int cb_ip_read(const char *text, size_t len, uint8_t out[16])
{
  uint8_t v4[4];
  if (len == 0 || len >= CB_IP_TEXT_MAX) return 0;
  if (!read_v4(text, len, v4)) return read_v6(text, len, out);
  memcpy(out, mapped_prefix, sizeof mapped_prefix);
  memcpy(out + 12, v4, 4);
  return 1;
}

static size_t print_number(char *out, uint32_t number, uint32_t base)
{
  char digits[10];
  size_t count = 0, len = 0;
  do {
    digits[count++] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number > 0);
  while (count > 0) out[len++] = digits[--count];
  return len;
}

/* RFC 5952: lower case, no leading zeros, "::" for the longest run of two or more zero
 * groups, the first of equals. */
static size_t print_v6(const uint8_t ip[16], char *out)
{
  uint32_t groups[8];
  size_t run_start = 8, run_length = 1;
  for (size_t i = 0; i < 8; i++) groups[i] = (uint32_t)ip[2 * i] << 8 | ip[2 * i + 1];
  for (size_t i = 0; i < 8; i++) {
    size_t end = i;
    while (end < 8 && groups[end] == 0) end++;
    if (end - i > run_length) {
      run_start = i;
      run_length = end - i;
    }
  }
  size_t len = 0;
  for (size_t i = 0; i < 8;) {
    if (i == run_start) {
      out[len++] = ':';
      out[len++] = ':';
      i += run_length;
      continue;
    }
    if (i > 0 && out[len - 1] != ':') out[len++] = ':';
    len += print_number(out + len, groups[i++], 16);
  }
  return len;
}

size_t cb_ip_print(const uint8_t ip[16], char out[CB_IP_TEXT_MAX])
{
  size_t len = 0;
  if (memcmp(ip, mapped_prefix, sizeof mapped_prefix) == 0) {
    for (int part = 0; part < 4; part++) {
      if (part > 0) out[len++] = '.';
      len += print_number(out + len, ip[12 + part], 10);
    }
  } else {
    len = print_v6(ip, out);
  }
  CB_ASSERT(len < CB_IP_TEXT_MAX);
  out[len] = 0;
  return len;
}

int cb_cidr_read(const char *text, size_t len, uint8_t out[16], uint32_t *bits_out)
{
  const char *slash = len > 0 ? memchr(text, '/', len) : NULL;
  size_t address_len = slash ? (size_t)(slash - text) : len;
  if (!cb_ip_read(text, address_len, out)) return 0;
  uint32_t width = memchr(text, ':', address_len) ? 128 : 32; /* as it is written */
  uint32_t bits = width;
  if (slash) {
    size_t digits = len - address_len - 1;
    if (digits == 0 || digits > 3 || (digits > 1 && slash[1] == '0')) return 0;
    bits = 0;
    for (size_t i = 1; i <= digits; i++) {
      if (slash[i] < '0' || slash[i] > '9') return 0;
      bits = bits * 10 + (uint32_t)(slash[i] - '0');
    }
    if (bits > width) return 0;
  }
  *bits_out = bits + (128 - width);
  return 1;
}

int cb_cidr_holds(const uint8_t net[16], uint32_t bits, const uint8_t ip[16])
{
  CB_ASSERT(bits <= 128);
  uint32_t whole = bits / 8, rest = bits % 8;
  if (memcmp(net, ip, whole) != 0) return 0;
  return rest == 0 || (net[whole] ^ ip[whole]) >> (8 - rest) == 0;
}
