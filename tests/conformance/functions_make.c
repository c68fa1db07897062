/* functions_make.c - random calls of functions, and random values for them. */
#include <stdio.h>
#include <string.h>

#include "cep/base/signature.h"
#include "cep/base/time.h"
#include "cep/base/zone.h"
#include "tests/conformance/functions.h"

const fns_function fns_functions[] = {
#define F(name, category, arguments, result, text, example, value) {#name, arguments},
#include "patterns/builtin.def"
#undef F
};
const uint32_t fns_function_count = sizeof fns_functions / sizeof *fns_functions;

#define PICK(prng, list) (list)[cb_prng_below((prng), (uint32_t)(sizeof(list) / sizeof *(list)))]

/* ---- Calls ------------------------------------------------------------------------------- */

typedef struct regex_form {
  const char *text;
  uint32_t groups;
} regex_form;

static const regex_form regexes[] = {{"a", 0},           {"[a-c]+", 0},        {"(\\\\w)(\\\\d*)", 2}, {"x*", 0},
                                     {"^(.)|b(c)?", 2},  {"(?<id>\\\\d+)", 1}, {"(?i)A|ü", 0},          {"\\\\b", 0},
                                     {"(a|b)*?(.)$", 2}, {"\\\\s*,\\\\s*", 0}, {".", 0},                {"(?<=a)b|", 0}};
static const char *const zones[] = {"UTC", "Z", "+05:30", "-02:00", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana"};
static const char *const ways[] = {"", "a", "a.b", "[0]", "[1]", "a[0]", "a[1].b", "[\\\"x.y\\\"]", "b", "[0].a", "a.b.a", "[2][0]"};
static const char *const spans[] = {"1ns", "7ms", "40s", "15m", "40m", "90m", "1h", "5h", "1d", "36h", "7d", "500d"};
static const char *const read_forms[] = {"%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%b %e %Y %T",  "%a, %d %b %Y %T %z", "%s",         "%s.%f",
                                         "%F %I:%M %p",       "%Y-%j",          "%D %R",        "%FT%T.%f%z",         "%B %d, %Y",  "%y%m%d %H"};
static const char write_letters[] = "YymdejHIMSfpaAbBuGVzsFTDR%";

static void write_form(cb_writer *out, cb_prng *prng)
{
  for (uint32_t n = 1 + cb_prng_below(prng, 4); n > 0; n--) {
    char letter = write_letters[cb_prng_below(prng, sizeof write_letters - 1)];
    cb_write_printf(out, "%s%%%c", cb_prng_chance(prng, 50) ? " " : "", letter);
  }
}

static void write_zone(cb_writer *out, cb_prng *prng)
{
  uint32_t many = 0;
  while (cb_zone_name(many)) many++;
  cb_write_text(out, cb_prng_chance(prng, 50) ? PICK(prng, zones) : cb_zone_name(cb_prng_below(prng, many)));
}

/* A constant; `regex` is the newest regular expression. */
static void write_constant(cb_writer *out, cb_prng *prng, char letter, const regex_form **regex)
{
  if (letter == 'D') {
    cb_write_text(out, PICK(prng, spans));
    return;
  }
  if (letter == 'G') {
    int by_name = strstr((*regex)->text, "?<id>") && cb_prng_chance(prng, 50);
    if (by_name) cb_write_text(out, "\"id\"");
    else cb_write_printf(out, "%u", cb_prng_below(prng, (*regex)->groups + 1));
    return;
  }
  cb_write_text(out, "\"");
  switch (letter) {
    case 'R':
      *regex = &PICK(prng, regexes);
      cb_write_text(out, (*regex)->text);
      break;
    case 'T': cb_write_text(out, (*regex)->groups > 0 && cb_prng_chance(prng, 70) ? "<$1|$0>" : cb_prng_chance(prng, 50) ? "$$[$0]" : ""); break;
    case 'Z': write_zone(out, prng); break;
    case 'J': cb_write_text(out, PICK(prng, ways)); break;
    case 'P': cb_write_text(out, PICK(prng, read_forms)); break;
    default: write_form(out, prng); break;
  }
  cb_write_text(out, "\"");
}

static const char kind_letters[] = {[CEP_BOOL] = 'b', [CEP_INT] = 'i', [CEP_FLOAT] = 'f', [CEP_STRING] = 's', [CEP_TIME] = 't', [CEP_DURATION] = 'd', [CEP_IP] = 'a'};

static cep_kind pick_kind(cb_prng *prng, uint32_t kinds)
{
  for (;;) {
    cep_kind kind = (cep_kind)(CEP_BOOL + cb_prng_below(prng, CEP_IP));
    if (kind < (cep_kind)sizeof kind_letters && kind_letters[kind] && (kinds & CB_KIND_BIT(kind))) return kind;
  }
}

void fns_call(cb_writer *out, cb_prng *prng, const fns_function *function)
{
  uint32_t least, most;
  const regex_form *regex = &regexes[0];
  cep_kind alike = CEP_NULL;
  cb_signature_count(function->arguments, &least, &most);
  uint32_t count = least + cb_prng_below(prng, (most == CB_SIGNATURE_OPEN ? 3 : most - least) + 1);
  cb_write_printf(out, "%s(", function->name);
  for (uint32_t i = 0; i < count; i++) {
    char letter = cb_signature_letter(function->arguments, i);
    cb_write_text(out, i > 0 ? ", " : "");
    if (letter < 'a') {
      write_constant(out, prng, letter, &regex);
      continue;
    }
    cep_kind kind = pick_kind(prng, cb_signature_kinds(letter));
    if (letter == 'm' && alike != CEP_NULL && !(alike <= CEP_FLOAT && kind <= CEP_FLOAT && kind >= CEP_INT)) kind = alike;
    if (letter == 'm') alike = kind;
    if (i > 0 && kind == CEP_INT && cb_prng_chance(prng, 25)) cb_write_printf(out, "%d", (int)cb_prng_below(prng, 12) - 3);
    else cb_write_printf(out, "%c%u", kind_letters[kind], cb_prng_below(prng, 3));
  }
  cb_write_text(out, ")");
}

/* ---- Texts ------------------------------------------------------------------------------- */

/* `call`: what the text is for. */
typedef void (*text_fn)(cb_writer *out, cb_prng *prng, const char *call);


static void plain_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  static const char *const pieces[] = {"a", "b", "c", "aa", "ab", "x", "1", "42", ",", " ", "\t", ".", "Ab", "B", "ü", "€", "\xF0\x9F\x98\x80", "%", "$1", "z\n"};
  static const char *const odd[] = {"\x80", "\xC3", "\xED\xA0\x80", "\xF0\x9F", "\xFF", "\xC0\x80"};
  uint32_t many = cb_prng_chance(prng, 35) ? 1 : cb_prng_chance(prng, 5) ? 200 + cb_prng_below(prng, 100) : cb_prng_below(prng, 9);
  int is_odd = cb_prng_chance(prng, 15);
  while (many-- > 0) cb_write_text(out, is_odd && cb_prng_chance(prng, 30) ? PICK(prng, odd) : PICK(prng, pieces));
}

static void number_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  static const char *const texts[] = {"9223372036854775807", "9223372036854775808", "-9223372036854775808", "0x7fffffffffffffff", "0X1f", "0x", "-0x10", "-0", "1e400", "1e-400",
                                      ".5", "5.", "-.5e-3", "1e", "+1", "true", "false", "True", "1_0", "0.1", "1e16", "123456789012345678", "nan", "inf", "-", "00012", "1e+05"};
  if (cb_prng_chance(prng, 50)) cb_write_text(out, PICK(prng, texts));
  else cb_write_printf(out, "%d%s", (int)cb_prng_below(prng, 2000) - 1000, cb_prng_chance(prng, 40) ? ".25" : "");
}

static void time_text(cb_writer *out, cb_prng *prng, const char *call)
{
  char text[CB_TIME_WRITTEN_MAX];
  cb_clock clock;
  cep_time time = (cep_time)cb_prng_below(prng, 2000000000) * CB_SECOND + (cb_prng_chance(prng, 40) ? (cep_time)cb_prng_below(prng, 999999999) : 0);
  const char *form = cb_prng_chance(prng, 20) ? PICK(prng, read_forms) : cb_prng_chance(prng, 50) ? "%FT%T%z" : "%F %T";
  for (size_t i = 0; i < sizeof read_forms / sizeof *read_forms; i++) { /* that of the call */
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", read_forms[i]);
    if (strstr(call, quoted) && cb_prng_chance(prng, 90)) form = read_forms[i];
  }
  cb_clock_at(time, (int32_t)(cb_prng_below(prng, 27) * 1800) - 21600, &clock);
  size_t len = cb_time_write_form(&clock, form, strlen(form), text, sizeof text);
  cb_write_bytes(out, text, len);
}

static void duration_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  static const char *const texts[] = {"1h30m", "90m", "2w", "250ms", "1d12h", "0.25", "-1.5", "5", "1m1h", "1s1s", "7us3ns", "0.1234567890", "0.12345678901", "1h ", "15251w", "9223372036.854775807", "9223372036.854775808", "-9223372036.854775808", "s", "1.", "1x"};
  cb_write_text(out, PICK(prng, texts));
}

static void address_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  static const char *const texts[] = {"10.0.0.1", "::1", "fe80::1", "2001:db8::", "::ffff:192.168.1.9", "::10.0.0.1", "1.2.3", "256.1.1.1", "01.2.3.4", "1:2:3:4:5:6:7:8", "1::2::3", "1:2:3:4:5:6:7::", "::", "g::1", "12345::", "1.2.3.4 ", "1:0:0:4:0:0:0:8", "FF02::FB"};
  cb_write_text(out, PICK(prng, texts));
}

static void byte_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  for (uint32_t many = cb_prng_below(prng, 10); many > 0; many--) cb_write_printf(out, "%02x", cb_prng_below(prng, 256));
}

static void base64_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  static const char letters[] = "ABCXYZabcxyz0189+/-_";
  uint32_t many = cb_prng_below(prng, 14);
  for (uint32_t i = 0; i < many; i++) cb_write_u8(out, (uint8_t)letters[cb_prng_below(prng, sizeof letters - 1)]);
  if (cb_prng_chance(prng, 50)) {
    for (uint32_t i = many; i % 4 != 0; i++) cb_write_u8(out, '=');
  }
}

static void unit_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  static const uint32_t units[] = {0x41, 0x20AC, 0xFC, 0, 0xFFFF, 0x7FF, 0x800};
  for (uint32_t many = cb_prng_below(prng, 7); many > 0; many--) {
    int is_pair = cb_prng_chance(prng, 20);
    uint32_t unit = is_pair ? 0xD800u + cb_prng_below(prng, 0x400) : (uint32_t)PICK(prng, units);
    cb_write_u8(out, (uint8_t)unit), cb_write_u8(out, (uint8_t)(unit >> 8 & 255));
    if (!is_pair || cb_prng_chance(prng, 10)) continue;
    unit = 0xDC00u + cb_prng_below(prng, 0x400);
    cb_write_u8(out, (uint8_t)unit), cb_write_u8(out, (uint8_t)(unit >> 8 & 255));
  }
}

static void url_text(cb_writer *out, cb_prng *prng, const char *call)
{
  (void)call;
  static const char *const schemes[] = {"https://", "http://", "ftp+x://", "//", "://", "a/b://", ""};
  static const char *const users[] = {"", "", "", "me@", "me:pw@", "a@b@"};
  static const char *const hosts[] = {"Example.org", "10.0.0.1", "[::1]", "[::1", "[]", "", "x", "h%41.de", "a]b", "a[b"};
  static const char *const tails[] = {"", ":80", "/a%20b%2Fc", "?q=%zz", "#x@y", "\\x", ":8/p?%4", "/%E2%82%AC"};
  cb_write_printf(out, "%s%s%s%s", PICK(prng, schemes), PICK(prng, users), PICK(prng, hosts), PICK(prng, tails));
}

static void json_value(cb_writer *out, cb_prng *prng, uint32_t depth)
{
  static const char *const names[] = {"\"a\"", "\"b\"", "\"x.y\"", "\"\\u0061\"", "\"\""};
  static const char *const leaves[] = {"1", "-0", "2.50", "1e3", "true", "false", "null", "\"x\"", "\"\\u00fc\\n\\ud83d\\ude00\"", "\"\"", "9223372036854775807",
                                       "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1e300", "0.1e-400", "1e309", "01", "\"\\ud800\"", "tru", "-", "1.", "\"ü\"",
                                       "1.0", "9.2e18", "1e19"};
  uint32_t kind = depth > 3 ? 0 : cb_prng_below(prng, 4), many = cb_prng_below(prng, 4);
  if (kind < 2 && depth > 0) {
    cb_write_text(out, cb_prng_chance(prng, 85) ? leaves[cb_prng_below(prng, 12)] : PICK(prng, leaves));
    return;
  }
  int is_object = kind % 2 == 0;
  cb_write_text(out, is_object ? "{" : "[");
  for (uint32_t i = 0; i < many; i++) {
    cb_write_text(out, i > 0 ? ", " : "");
    if (is_object) cb_write_printf(out, "%s:", PICK(prng, names));
    json_value(out, prng, depth + 1);
  }
  cb_write_text(out, is_object ? " }" : "]");
}

/* A text in which there is something at the way. */
static void json_around(cb_writer *out, cb_prng *prng, const char *way)
{
  if (*way == 0 || *way == '"') {
    json_value(out, prng, cb_prng_chance(prng, 70) ? 4 : 0);
    return;
  }
  int is_place = *way == '[' && way[1] != '\\';
  if (is_place) {
    cb_write_text(out, "[");
    for (char i = way[1]; i > '0'; i--) cb_write_text(out, "{\"a\": 1}, ");
    json_around(out, prng, strchr(way, ']') + 1);
    cb_write_text(out, cb_prng_chance(prng, 30) ? ", null]" : "]");
    return;
  }
  const char *name = *way == '[' ? "x.y" : *way == 'a' ? "a" : "b", *next = *way == '[' ? strchr(way, ']') + 1 : way + 1;
  cb_write_printf(out, "{%s\"%s\" : ", cb_prng_chance(prng, 30) ? "\"c\": [], " : "", name);
  json_around(out, prng, *next == '.' ? next + 1 : next);
  cb_write_text(out, cb_prng_chance(prng, 20) ? ", \"a\": 3, \"b\":{}}" : "}");
}

static void json_text(cb_writer *out, cb_prng *prng, const char *call)
{
  const char *way = strchr(call, '"');
  if (strncmp(call, "json_", 5) != 0 || !way || cb_prng_chance(prng, 25)) json_value(out, prng, cb_prng_chance(prng, 15) ? 1u : 0u);
  else json_around(out, prng, way + 1);
}

static text_fn fitting_text(const char *call)
{
  static const struct {
    const char *name;
    text_fn text;
  } fitting[] = {{"json_", json_text},          {"unhex", byte_text},   {"base64_decode", base64_text}, {"utf16_decode", unit_text}, {"url_decode", url_text},
                 {"host_of", url_text},         {"ip(", address_text},  {"time(", time_text},            {"parse_time", time_text},   {"duration", duration_text},
                 {"int(", number_text},         {"float(", number_text}, {"bool(", number_text}};
  for (size_t i = 0; i < sizeof fitting / sizeof *fitting; i++) {
    if (strncmp(call, fitting[i].name, strlen(fitting[i].name)) == 0) return fitting[i].text;
  }
  return plain_text;
}

static cep_value random_text(cb_arena *arena, cb_prng *prng, const char *call)
{
  static const text_fn all[] = {plain_text, number_text, time_text, duration_text, address_text, byte_text, base64_text, unit_text, url_text, json_text};
  cb_writer out;
  cb_writer_init(&out, arena->alloc);
  (cb_prng_chance(prng, 85) ? fitting_text(call) : PICK(prng, all))(&out, prng, call);
  if (out.len > 0 && cb_prng_chance(prng, 12)) out.data[cb_prng_below(prng, (uint32_t)out.len)] = (uint8_t)" 0a:.Z-\"\0\xC3"[cb_prng_below(prng, 10)];
  if (out.len > 0 && cb_prng_chance(prng, 8)) out.len = cb_prng_below(prng, (uint32_t)out.len);
  char *copy = cb_arena_text(arena, out.len ? (const char *)out.data : "", out.len);
  cep_value value = cb_string(copy, (uint32_t)out.len);
  cb_writer_fini(&out);
  return value;
}

/* ---- Other values -------------------------------------------------------------------------- */

static int64_t random_int(cb_prng *prng)
{
  static const int64_t special[] = {INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_MIN + 1, 65536, 65537, -1, 1000000000};
  uint32_t kind = cb_prng_below(prng, 10);
  if (kind < 5) return (int64_t)cb_prng_below(prng, 16) - 5;
  if (kind < 7) return (int64_t)cb_prng_below(prng, 140);
  return kind < 8 ? PICK(prng, special) : (int64_t)(cb_prng_next(prng) >> cb_prng_below(prng, 63));
}

static double random_float(cb_prng *prng)
{
  static const double special[] = {0.0, -0.0, 1e308, -1e308, 5e-324, 0x1p63, -0x1p63, 9007199254740993.0, 0.5, 1e16, 1e-5, 709.8, 1e22};
  uint32_t kind = cb_prng_below(prng, 20);
  if (kind < 5) return (double)cb_prng_below(prng, 20) / 2 - 4;
  if (kind < 13) return ((double)cb_prng_below(prng, 40000) - 20000) / 100;
  if (kind < 16) return PICK(prng, special);
  if (kind == 16) return cb_prng_chance(prng, 50) ? (double)__builtin_nanf("") : (double)__builtin_inff();
  double value = (double)(cb_prng_next(prng) >> 11);
  for (uint32_t n = cb_prng_below(prng, 60); n > 0; n--) value /= 10;
  return value;
}

/* Half of them near the days on which clocks are set. */
static cep_time random_time(cb_prng *prng)
{
  static const int64_t set[] = {1774746000, 1792893600, 1772953200, 1793512800, 1775314800, 1791037800, 1798761600};
  uint32_t kind = cb_prng_below(prng, 20);
  int64_t ns = cb_prng_chance(prng, 50) ? 0 : (int64_t)cb_prng_below(prng, 999999999);
  if (kind < 9) return (PICK(prng, set) + (int64_t)cb_prng_below(prng, 43200) - 21600) * CB_SECOND + ns;
  if (kind < 17) return ((int64_t)cb_prng_below(prng, 4000000000u) - 1000000000) * CB_SECOND + ns;
  if (kind < 19) return (int64_t)(cb_prng_next(prng) % (UINT64_MAX - 2) - (uint64_t)INT64_MAX + 1);
  return cb_prng_chance(prng, 50) ? INT64_MAX - 1 - ns : INT64_MIN + 1 + ns;
}

static cep_value random_address(cb_arena *arena, cb_prng *prng)
{
  static const char *const texts[] = {"10.1.2.3", "127.0.0.1", "::1", "fe80::1:2", "febf::", "fec0::", "fc00::", "fdff::9", "224.0.0.1", "239.255.255.255", "240.0.0.0", "ff02::1", "172.15.0.1", "172.31.255.255", "172.32.0.1",
                                      "192.168.0.1", "169.254.3.4", "2001:db8:0:0:1::1", "::", "0.0.0.0", "::10.1.2.3", "1:0:0:4:0:0:0:8", "a:b:c:d:e:f:0:0"};
  const char *text = PICK(prng, texts);
  uint8_t *bytes = cb_arena_take(arena, 16);
  CB_ASSERT(bytes && cb_ip_read(text, strlen(text), bytes));
  for (int i = 12; i < 16 && cb_prng_chance(prng, 20); i++) bytes[i] = (uint8_t)cb_prng_below(prng, 256);
  cep_value ip = cb_string((const char *)bytes, 16);
  ip.kind = CEP_IP;
  return ip;
}

cep_value fns_value(cb_arena *arena, cb_prng *prng, const char *call, cep_kind kind)
{
  if (cb_prng_chance(prng, 6)) return cb_null();
  switch (kind) {
    case CEP_BOOL: return cb_bool(cb_prng_chance(prng, 50));
    case CEP_INT: return cb_int(random_int(prng));
    case CEP_FLOAT: return cb_float(random_float(prng));
    case CEP_STRING: return random_text(arena, prng, call);
    case CEP_TIME: return cb_value_i(CEP_TIME, random_time(prng));
    case CEP_DURATION: return cb_value_i(CEP_DURATION, cb_prng_chance(prng, 50) ? random_int(prng) : random_int(prng) % 4000000 * 1000000);
    case CEP_IP: return random_address(arena, prng);
    default: return cb_null();
  }
}
