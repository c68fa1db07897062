/* reference_fn_convert.c - the reference's functions of addresses, and values of one kind as values of another. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cep/base/time.h"
#include "tests/support/reference_fn_parts.h"

/* ---- Addresses ----------------------------------------------------------------------------- */

static int is_in(const cep_value *ip, const char *const *nets)
{
  for (; *nets; nets++) {
    uint8_t net[16];
    uint32_t bits = 0;
    CB_ASSERT(cb_cidr_read(*nets, strlen(*nets), net, &bits));
    if (cb_cidr_holds(net, bits, (const uint8_t *)ip->as.s)) return 1;
  }
  return 0;
}

#define IN_NETS(name, ...)                                                                                   \
  REF_FN(name)                                                                                               \
  {                                                                                                          \
    static const char *const nets[] = {__VA_ARGS__, NULL};                                                   \
    return cb_bool(is_in(&args[0], nets));                                                                   \
  }
IN_NETS(is_v4, "0.0.0.0/0")
IN_NETS(is_private, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
IN_NETS(is_loopback, "127.0.0.0/8", "::1")
IN_NETS(is_link_local, "169.254.0.0/16", "fe80::/10")
IN_NETS(is_multicast, "224.0.0.0/4", "ff00::/8")
#undef IN_NETS

REF_FN(is_v6)
{
  return cb_bool(!ref_fn_is_v4(arena, args, count).as.i);
}

static cep_value address(cb_arena *arena, const uint8_t bytes[16])
{
  cep_value ip = ref_text(arena, (const char *)bytes, 16);
  ip.kind = CEP_IP;
  return ip;
}

REF_FN(net)
{
  uint8_t bytes[16];
  int first = ref_fn_is_v4(arena, args, 1).as.i ? 96 : 0;
  if (args[1].as.i < 0 || args[1].as.i > 128 - first) return cb_null();
  memcpy(bytes, args[0].as.s, 16);
  for (int bit = first + (int)args[1].as.i; bit < 128; bit++) bytes[bit / 8] = (uint8_t)(bytes[bit / 8] & ~(0x80 >> bit % 8));
  return address(arena, bytes);
}

static size_t print_address(const uint8_t bytes[16], char out[64])
{
  int longest = 1, where = -1;
  char *at = out;
  if (memcmp(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0) return (size_t)snprintf(out, 64, "%d.%d.%d.%d", bytes[12], bytes[13], bytes[14], bytes[15]);
  for (int first = 0; first < 8; first++) { /* the longest row of zeros */
    int zeros = 0;
    while (first + zeros < 8 && bytes[2 * (first + zeros)] == 0 && bytes[2 * (first + zeros) + 1] == 0) zeros++;
    if (zeros > longest) longest = zeros, where = first;
  }
  for (int i = 0; i < 8; i++) {
    if (i == where) {
      at += sprintf(at, "::");
      i += longest - 1;
      continue;
    }
    at += sprintf(at, "%s%x", i > 0 && at[-1] != ':' ? ":" : "", bytes[2 * i] * 256 + bytes[2 * i + 1]);
  }
  return (size_t)(at - out);
}

REF_FN(ip)
{
  uint8_t bytes[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (args[0].kind == CEP_IP) return args[0];
  const char *text = ref_c_text(arena, &args[0]);
  if (strlen(text) != args[0].length || args[0].length >= CB_IP_TEXT_MAX) return cb_null();
  if (inet_pton(AF_INET, text, bytes + 12) != 1 && inet_pton(AF_INET6, text, bytes) != 1) return cb_null();
  return address(arena, bytes);
}

/* ---- Numbers ------------------------------------------------------------------------------- */

/* Is all of the text of these signs. */
static int is_made_of(const cep_value *text, const char *signs)
{
  for (uint32_t i = 0; i < text->length; i++) {
    if (text->as.s[i] == 0 || !strchr(signs, text->as.s[i])) return 0;
  }
  return text->length > 0;
}

REF_FN(int)
{
  if (args[0].kind == CEP_FLOAT) {
    double whole = trunc(args[0].as.f);
    return whole >= -0x1p63 && whole < 0x1p63 ? cb_int((int64_t)whole) : cb_null();
  }
  if (args[0].kind != CEP_STRING) return cb_int(args[0].as.i);
  const char *text = ref_c_text(arena, &args[0]);
  const char *digits = text + (*text == '-');
  int is_hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') && digits[2] != 0;
  cep_value rest = cb_string(digits + 2 * is_hex, args[0].length - (uint32_t)(digits - text) - 2 * (uint32_t)is_hex);
  if (!is_made_of(&rest, is_hex ? "0123456789abcdefABCDEF" : "0123456789")) return cb_null();
  errno = 0;
  long long value = strtoll(text, NULL, is_hex ? 16 : 10);
  return errno ? cb_null() : cb_int(value);
}

/* [-] digits, with a point among or beside them, and perhaps an exponent. */
static int is_decimal(const char *at)
{
  size_t before, after = 0;
  if (*at == '-') at++;
  before = strspn(at, "0123456789");
  at += before;
  if (*at == '.') {
    after = strspn(at + 1, "0123456789");
    at += 1 + after;
  }
  if (before + after == 0) return 0;
  if (*at != 'e' && *at != 'E') return *at == 0;
  at++;
  if (*at == '+' || *at == '-') at++;
  return *at != 0 && at[strspn(at, "0123456789")] == 0;
}

REF_FN(float)
{
  if (args[0].kind == CEP_FLOAT) return args[0];
  if (args[0].kind != CEP_STRING) return cb_float((double)args[0].as.i);
  const char *text = ref_c_text(arena, &args[0]);
  if (strlen(text) != args[0].length || !is_decimal(text)) return cb_null();
  double value = strtod(text, NULL);
  int is_zero = strcspn(text, "123456789eE") == strcspn(text, "eE"); /* of zeros: too small for a double is not that */
  return !isfinite(value) || (value == 0 && !is_zero) ? cb_null() : cb_float(value);
}

REF_FN(bool)
{
  if (args[0].kind == CEP_BOOL) return args[0];
  if (args[0].kind == CEP_STRING) {
    if (args[0].length == 4 && memcmp(args[0].as.s, "true", 4) == 0) return cb_bool(1);
    return args[0].length == 5 && memcmp(args[0].as.s, "false", 5) == 0 ? cb_bool(0) : cb_null();
  }
  double value = args[0].kind == CEP_FLOAT ? args[0].as.f : (double)args[0].as.i;
  return value == 0 ? cb_bool(0) : value == 1 ? cb_bool(1) : cb_null();
}

/* ---- As text ------------------------------------------------------------------------------- */

/* The fewest digits that read back. */
static size_t print_float(double value, char out[64])
{
  char digits[40];
  int many = 1;
  while (snprintf(digits, sizeof digits, "%.*e", many - 1, value), strtod(digits, NULL) != value) many++;
  double size = fabs(value);
  if (size != 0 && (size < 1e-4 || size >= 1e16)) return (size_t)snprintf(out, 64, "%s", digits);
  int exponent = atoi(strchr(digits, 'e') + 1), behind = many - 1 - exponent;
  return (size_t)snprintf(out, 64, "%.*f", behind > 0 ? behind : 0, value);
}

static size_t print_duration(int64_t duration, char out[64])
{
  static const char *const names[] = {"d", "h", "m", "s", "ms", "us", "ns"};
  static const uint64_t sizes[] = {86400000000000u, 3600000000000u, 60000000000u, 1000000000u, 1000000u, 1000u, 1u};
  uint64_t left = duration < 0 ? 0 - (uint64_t)duration : (uint64_t)duration;
  char *at = out;
  if (left == 0) return (size_t)sprintf(out, "0s");
  if (duration < 0) *at++ = '-';
  for (int i = 0; i < 7; left %= sizes[i++]) {
    if (left / sizes[i] > 0) at += sprintf(at, "%llu%s", (unsigned long long)(left / sizes[i]), names[i]);
  }
  return (size_t)(at - out);
}

static size_t print_time(cep_time time, char out[64])
{
  cep_value form[] = {cb_value_i(CEP_TIME, time), cb_string("%Y-%m-%dT%H:%M:%S.%f", 20)};
  cb_alloc alloc;
  cb_arena arena;
  if (time == CEP_TIME_MIN || time == CEP_TIME_MAX) return (size_t)sprintf(out, "%s", time == CEP_TIME_MIN ? "-inf" : "inf");
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  cep_value text = ref_fn_format_time(&arena, form, 2);
  uint32_t len = text.length;
  memcpy(out, text.as.s, len);
  cb_arena_fini(&arena);
  while (out[len - 1] == '0') len--;
  if (out[len - 1] == '.') len--;
  out[len++] = 'Z';
  return len;
}

REF_FN(string)
{
  char text[64];
  switch ((cep_kind)args[0].kind) {
    case CEP_BOOL: return args[0].as.i ? cb_string("true", 4) : cb_string("false", 5);
    case CEP_INT: return ref_text(arena, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)args[0].as.i));
    case CEP_FLOAT: return isfinite(args[0].as.f) ? ref_text(arena, text, print_float(args[0].as.f, text)) : cb_null();
    case CEP_TIME: return ref_text(arena, text, print_time(args[0].as.i, text));
    case CEP_DURATION: return ref_text(arena, text, print_duration(args[0].as.i, text));
    case CEP_IP: return ref_text(arena, text, print_address((const uint8_t *)args[0].as.s, text));
    default: return args[0];
  }
}

/* ---- Times and durations ------------------------------------------------------------------- */

static cep_value of_seconds(const cep_value *seconds, cep_kind kind)
{
  int64_t ns = 0;
  if (seconds->kind == CEP_INT) return __builtin_mul_overflow(seconds->as.i, 1000000000, &ns) ? cb_null() : cb_value_i(kind, ns);
  double exact = trunc(seconds->as.f * 1e9);
  return exact > -0x1p63 && exact < 0x1p63 ? cb_value_i(kind, (int64_t)exact) : cb_null();
}

/* RFC 3339 as forms of parse_time, of which one fits. */
REF_FN(time)
{
  static const char *const forms[] = {"%F", "%FT%R", "%FT%T", "%FT%T.%f", "%FT%R%z", "%FT%T%z", "%FT%T.%f%z"};
  if (args[0].kind == CEP_TIME) return args[0];
  if (args[0].kind != CEP_STRING) return of_seconds(&args[0], CEP_TIME);
  cep_value text = ref_text(arena, args[0].as.s, args[0].length);
  char *bytes = cb_arena_text(arena, text.as.s, text.length);
  CB_ASSERT(bytes);
  if (text.length > 10 && (bytes[10] == ' ' || bytes[10] == 't')) bytes[10] = 'T';
  if (text.length > 19 && bytes[19] == ',') bytes[19] = '.';
  static const char shape[] = "dddd-dd-ddTdd:dd:dd"; /* all in two digits, the year in four */
  uint32_t shaped = text.length <= 10 ? 10 : text.length > 16 && bytes[16] == ':' ? 19 : 16;
  if (text.length < shaped) return cb_null();
  for (uint32_t i = 0; i < shaped; i++) {
    if ((shape[i] == 'd') != (bytes[i] >= '0' && bytes[i] <= '9')) return cb_null();
  }
  text.as.s = bytes;
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    cep_value of_form[] = {text, cb_string(forms[i], (uint32_t)strlen(forms[i]))};
    cep_value time = ref_fn_parse_time(arena, of_form, 2);
    if (time.kind == CEP_TIME) return time;
  }
  return cb_null();
}

static int64_t unit_of(const char *name, size_t len, int *rank)
{
  static const char *const names[] = {"w", "d", "h", "m", "s", "ms", "us", "ns"};
  static const int64_t sizes[] = {604800000000000, 86400000000000, 3600000000000, 60000000000, 1000000000, 1000000, 1000, 1};
  for (int i = 0; i < 8; i++) {
    if (strlen(names[i]) != len || memcmp(names[i], name, len) != 0) continue;
    *rank = i;
    return sizes[i];
  }
  return 0;
}

/* Numbers with units, from the largest down. */
static int read_units(const char *at, ref_wide *out)
{
  int before = -1;
  for (*out = 0; *at;) {
    size_t digits = strspn(at, "0123456789"), letters = strspn(at + digits, "abcdefghijklmnopqrstuvwxyz");
    int rank = 0;
    int64_t unit = digits > 0 && digits <= 18 ? unit_of(at + digits, letters, &rank) : 0;
    if (unit == 0 || rank <= before) return 0;
    *out += (ref_wide)strtoll(at, NULL, 10) * unit;
    before = rank;
    at += digits + letters;
  }
  return before >= 0;
}

/* Decimal seconds; what is below a nanosecond must be zeros. */
static int read_seconds(const char *at, ref_wide *out)
{
  int is_negative = *at == '-';
  at += is_negative;
  size_t digits = strspn(at, "0123456789");
  if (digits == 0 || digits > 18) return 0;
  *out = (ref_wide)strtoll(at, NULL, 10) * 1000000000;
  at += digits;
  if (*at == '.') {
    int64_t worth = 100000000;
    if (at[1] < '0' || at[1] > '9') return 0;
    for (at++; *at >= '0' && *at <= '9'; at++, worth /= 10) {
      if (worth == 0 && *at != '0') return 0;
      *out += (*at - '0') * worth;
    }
  }
  if (is_negative) *out = -*out;
  return *at == 0;
}

REF_FN(duration)
{
  ref_wide ns = 0;
  if (args[0].kind == CEP_DURATION) return args[0];
  if (args[0].kind != CEP_STRING) return of_seconds(&args[0], CEP_DURATION);
  const char *text = ref_c_text(arena, &args[0]);
  if (strlen(text) != args[0].length || (!read_units(text, &ns) && !read_seconds(text, &ns))) return cb_null();
  return ns < INT64_MIN || ns > INT64_MAX ? cb_null() : cb_value_i(CEP_DURATION, (int64_t)ns);
}
