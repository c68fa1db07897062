/* reference_fn.c - the reference's own functions: naive, for those that random programs use. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "tests/support/reference_fn.h"

/* ---- Texts: one character after the other -------------------------------------------- */

static uint32_t next_char(const cep_value *text, uint32_t at)
{
  uint32_t end = at + 1;
  while (end < text->length && ((unsigned char)text->as.s[end] & 0xC0) == 0x80) end++;
  return end;
}

static int64_t char_count(const cep_value *text)
{
  int64_t count = 0;
  for (uint32_t at = 0; at < text->length; at = next_char(text, at)) count++;
  return count;
}

/* Characters number `from` to `to`, those that there are. */
static cep_value chars(const cep_value *text, int64_t from, int64_t to)
{
  uint32_t start = text->length, end = text->length;
  int64_t number = 0;
  for (uint32_t at = 0; at < text->length; at = next_char(text, at), number++) {
    if (number == from) start = at;
    if (number == to) end = at;
  }
  return cb_string(text->as.s + start, start < end ? end - start : 0);
}

static cep_value substring(const cep_value *args, uint32_t count)
{
  int64_t length = char_count(&args[0]), from = args[1].as.i, many = count > 2 ? args[2].as.i : length;
  if (many < 0) return cb_null();
  if (from < 0) from = from + length < 0 ? 0 : from + length;
  if (many > length) many = length;
  return chars(&args[0], from, from + many);
}

static int stands_at(const cep_value *text, const cep_value *part, uint32_t at)
{
  return text->length - at >= part->length && memcmp(text->as.s + at, part->as.s, part->length) == 0;
}

static cep_value index_of(const cep_value *args)
{
  for (uint32_t at = 0; at + args[1].length <= args[0].length; at++) {
    cep_value before = cb_string(args[0].as.s, at);
    if (stands_at(&args[0], &args[1], at)) return cb_int(char_count(&before));
  }
  return cb_int(-1);
}

static cep_value made(cb_arena *arena, cb_writer *text)
{
  char *copy = cb_arena_text(arena, text->len ? (const char *)text->data : "", text->len);
  cep_value value = cb_string(copy, (uint32_t)text->len);
  cb_writer_fini(text);
  return value;
}

static cep_value replace(cb_arena *arena, const cep_value *args)
{
  cb_writer text;
  cb_writer_init(&text, arena->alloc);
  for (uint32_t at = 0; at < args[0].length;) {
    if (args[1].length > 0 && stands_at(&args[0], &args[1], at)) {
      cb_write_bytes(&text, args[2].as.s, args[2].length);
      at += args[1].length;
    } else {
      cb_write_bytes(&text, args[0].as.s + at++, 1);
    }
  }
  return made(arena, &text);
}

static cep_value padded(cb_arena *arena, const cep_value *args, uint32_t count, int at_start)
{
  int64_t missing = args[1].as.i - char_count(&args[0]);
  cep_value fill = count > 2 ? args[2] : cb_string(" ", 1);
  cb_writer text;
  if (missing <= 0) return args[0];
  if (fill.length == 0) return cb_null();
  cb_writer_init(&text, arena->alloc);
  if (!at_start) cb_write_bytes(&text, args[0].as.s, args[0].length);
  for (int64_t i = 0; i < missing; i++) {
    cep_value one = chars(&fill, i % char_count(&fill), i % char_count(&fill) + 1);
    cb_write_bytes(&text, one.as.s, one.length);
  }
  if (at_start) cb_write_bytes(&text, args[0].as.s, args[0].length);
  return made(arena, &text);
}

static cep_value repeated(cb_arena *arena, const cep_value *args)
{
  cb_writer text;
  if (args[1].as.i < 0) return cb_null();
  cb_writer_init(&text, arena->alloc);
  for (int64_t i = 0; i < args[1].as.i; i++) cb_write_bytes(&text, args[0].as.s, args[0].length);
  return made(arena, &text);
}

static cep_value of_text(cb_arena *arena, const char *name, const cep_value *args, uint32_t count)
{
  if (strcmp(name, "substring") == 0) return substring(args, count);
  if (strcmp(name, "left") == 0) return args[1].as.i < 0 ? cb_null() : chars(&args[0], 0, args[1].as.i);
  if (strcmp(name, "right") == 0) {
    int64_t length = char_count(&args[0]), from = length > args[1].as.i ? length - args[1].as.i : 0;
    return args[1].as.i < 0 ? cb_null() : chars(&args[0], from, length);
  }
  if (strcmp(name, "index_of") == 0) return index_of(args);
  if (strcmp(name, "replace") == 0) return replace(arena, args);
  if (strcmp(name, "repeat") == 0) return repeated(arena, args);
  CB_ASSERT(strcmp(name, "lpad") == 0 || strcmp(name, "rpad") == 0);
  return padded(arena, args, count, name[0] == 'l');
}

/* ---- Numbers --------------------------------------------------------------------------- */

static int is_one_of(const char *name, const char *const *names)
{
  for (; *names; names++) {
    if (strcmp(name, *names) == 0) return 1;
  }
  return 0;
}

static cep_value of_numbers(const char *name, const cep_value *args, uint32_t count)
{
  cep_value best = args[0];
  if (strcmp(name, "sign") == 0) {
    double value = args[0].kind == CEP_FLOAT ? args[0].as.f : (double)args[0].as.i;
    return cb_int(value > 0 ? 1 : value < 0 ? -1 : 0);
  }
  if (strcmp(name, "floor") == 0) return args[0].kind == CEP_INT ? args[0] : cb_float(floor(args[0].as.f));
  if (strcmp(name, "ceil") == 0) return args[0].kind == CEP_INT ? args[0] : cb_float(-floor(-args[0].as.f));
  if (strcmp(name, "bit_and") == 0) return cb_int(args[0].as.i & args[1].as.i);
  if (strcmp(name, "bit_xor") == 0) return cb_int((args[0].as.i | args[1].as.i) - (args[0].as.i & args[1].as.i));
  if (strcmp(name, "clamp") == 0) {
    if (cb_value_compare(&args[1], &args[2]) == CB_GREATER) return cb_null();
    if (cb_value_compare(&best, &args[1]) == CB_LESS) best = args[1];
    return cb_value_compare(&best, &args[2]) == CB_GREATER ? args[2] : best;
  }
  for (uint32_t i = 1; i < count; i++) {
    cb_order order = cb_value_compare(&args[i], &best);
    if (order == (strcmp(name, "least") == 0 ? CB_LESS : CB_GREATER)) best = args[i];
  }
  return best;
}

/* ---- Times and addresses ---------------------------------------------------------------- */

/* What clocks show in UTC, by the C library. */
static cep_value of_clock(const char *name, cep_time time)
{
  struct tm tm;
  time_t seconds = (time_t)(time / 1000000000 - (time % 1000000000 < 0));
  CB_ASSERT(gmtime_r(&seconds, &tm));
  if (strcmp(name, "hour") == 0) return cb_int(tm.tm_hour);
  if (strcmp(name, "minute") == 0) return cb_int(tm.tm_min);
  if (strcmp(name, "second") == 0) return cb_int(tm.tm_sec);
  if (strcmp(name, "weekday") == 0) return cb_int(tm.tm_wday == 0 ? 7 : tm.tm_wday);
  CB_ASSERT(strcmp(name, "epoch_s") == 0);
  return cb_int((int64_t)seconds);
}

static cep_value is_private(const cep_value *ip)
{
  static const char *const nets[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"};
  for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
    uint8_t net[16];
    uint32_t bits = 0;
    CB_ASSERT(cb_cidr_read(nets[i], strlen(nets[i]), net, &bits));
    if (cb_cidr_holds(net, bits, (const uint8_t *)ip->as.s)) return cb_bool(1);
  }
  return cb_bool(0);
}

cep_value ref_fn(cb_arena *arena, const char *name, const cep_value *args, uint32_t count)
{
  static const char *const numbers[] = {"sign", "floor", "ceil", "bit_and", "bit_xor", "clamp", "least", "greatest", NULL};
  static const char *const clocks[] = {"hour", "minute", "second", "weekday", "epoch_s", NULL};
  if (is_one_of(name, numbers)) return of_numbers(name, args, count);
  if (is_one_of(name, clocks)) return of_clock(name, args[0].as.i);
  if (strcmp(name, "is_private") == 0) return is_private(&args[0]);
  return of_text(arena, name, args, count);
}
