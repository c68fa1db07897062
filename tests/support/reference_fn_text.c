/* reference_fn_text.c - the reference's functions of texts: one character after the other. */
#include "tests/support/reference_fn_parts.h"

/* ---- Characters -------------------------------------------------------------------------- */

uint32_t ref_char_bytes(const cep_value *text, uint32_t at)
{
  static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *bytes = (const unsigned char *)text->as.s + at;
  uint32_t size = bytes[0] < 0xC0 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : bytes[0] < 0xF8 ? 4 : 1;
  if (size == 1 || text->length - at < size) return 1;
  uint32_t code = bytes[0] & (0x7Fu >> size);
  for (uint32_t i = 1; i < size; i++) {
    if ((bytes[i] & 0xC0) != 0x80) return 1;
    code = code * 64 + (bytes[i] & 0x3F);
  }
  int is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < least[size] || code > 0x10FFFF || is_surrogate ? 1 : size;
}

static int64_t char_count(const cep_value *text)
{
  int64_t count = 0;
  for (uint32_t at = 0; at < text->length; at += ref_char_bytes(text, at)) count++;
  return count;
}

/* Characters number `from` to `to`, those that there are. */
static cep_value chars(const cep_value *text, int64_t from, int64_t to)
{
  uint32_t start = text->length, end = text->length;
  int64_t number = 0;
  for (uint32_t at = 0; at < text->length; at += ref_char_bytes(text, at), number++) {
    if (number == from) start = at;
    if (number == to) end = at;
  }
  return cb_string(text->length ? text->as.s + start : "", start < end ? end - start : 0);
}

static int stands_at(const cep_value *text, const cep_value *part, uint32_t at)
{
  if (text->length - at < part->length) return 0;
  for (uint32_t i = 0; i < part->length; i++) {
    if (text->as.s[at + i] != part->as.s[i]) return 0;
  }
  return 1;
}

/* ---- Cut --------------------------------------------------------------------------------- */

REF_FN(length)
{
  return cb_int(char_count(&args[0]));
}

REF_FN(byte_length)
{
  return cb_int(args[0].length);
}

REF_FN(substring)
{
  int64_t length = char_count(&args[0]), from = args[1].as.i, many = count > 2 ? args[2].as.i : length;
  if (many < 0) return cb_null();
  if (from < 0) from = from < -length ? 0 : from + length;
  if (from >= length) return cb_string("", 0);
  if (many > length) many = length;
  return chars(&args[0], from, from + many);
}

REF_FN(left)
{
  return args[1].as.i < 0 ? cb_null() : chars(&args[0], 0, args[1].as.i);
}

REF_FN(right)
{
  if (args[1].as.i < 0) return cb_null();
  int64_t length = char_count(&args[0]), from = length > args[1].as.i ? length - args[1].as.i : 0;
  return chars(&args[0], from, length);
}

static int is_white(char c)
{
  return c != 0 && strchr(" \t\n\v\f\r", c) != NULL;
}

REF_FN(ltrim)
{
  cep_value text = args[0];
  while (text.length > 0 && is_white(text.as.s[0])) text.as.s++, text.length--;
  return text;
}

REF_FN(rtrim)
{
  cep_value text = args[0];
  while (text.length > 0 && is_white(text.as.s[text.length - 1])) text.length--;
  return text;
}

REF_FN(trim)
{
  cep_value text = ref_fn_ltrim(arena, args, 1);
  return ref_fn_rtrim(arena, &text, 1);
}

REF_FN(split)
{
  int64_t wanted = args[2].as.i, parts = 1;
  if (args[1].length == 0) return cb_null();
  for (int round = 0; round < 2; round++) { /* counts the parts, then finds the one */
    uint32_t start = 0;
    int64_t number = 0;
    for (uint32_t at = 0; at < args[0].length;) {
      if (!stands_at(&args[0], &args[1], at)) {
        at++;
        continue;
      }
      if (round == 1 && number == wanted) return cb_string(args[0].as.s + start, at - start);
      number++;
      at += args[1].length;
      start = at;
    }
    if (round == 1) return number == wanted ? cb_string(args[0].length ? args[0].as.s + start : "", args[0].length - start) : cb_null();
    parts = number + 1;
    if (wanted < -parts || wanted >= parts) return cb_null();
    if (wanted < 0) wanted += parts;
  }
  return cb_null();
}

REF_FN(index_of)
{
  for (uint32_t at = 0; at + args[1].length <= args[0].length; at++) {
    cep_value before = cb_string(args[0].as.s, at);
    if (stands_at(&args[0], &args[1], at)) return cb_int(char_count(&before));
  }
  return cb_int(-1);
}

/* ---- Made -------------------------------------------------------------------------------- */

static cep_value changed_case(cb_arena *arena, const cep_value *text, char first, int by)
{
  cb_writer out;
  cb_writer_init(&out, arena->alloc);
  for (uint32_t i = 0; i < text->length; i++) {
    char c = text->as.s[i];
    cb_write_u8(&out, (uint8_t)(c >= first && c < first + 26 ? c + by : c));
  }
  cep_value value = ref_text(arena, (const char *)out.data, out.len);
  cb_writer_fini(&out);
  return value;
}

REF_FN(lower)
{
  return changed_case(arena, &args[0], 'A', 32);
}

REF_FN(upper)
{
  return changed_case(arena, &args[0], 'a', -32);
}

REF_FN(concat)
{
  cb_writer out;
  cb_writer_init(&out, arena->alloc);
  for (uint32_t i = 0; i < count; i++) cb_write_bytes(&out, args[i].as.s, args[i].length);
  cep_value value = ref_text(arena, (const char *)out.data, out.len);
  cb_writer_fini(&out);
  return value;
}

REF_FN(replace)
{
  cb_writer text;
  int is_found = 0;
  cb_writer_init(&text, arena->alloc);
  for (uint32_t at = 0; at < args[0].length;) {
    if (args[1].length > 0 && stands_at(&args[0], &args[1], at)) {
      cb_write_bytes(&text, args[2].as.s, args[2].length);
      at += args[1].length;
      is_found = 1;
    } else {
      cb_write_bytes(&text, args[0].as.s + at++, 1);
    }
  }
  cep_value value = ref_made(arena, &text);
  return is_found ? value : args[0];
}

REF_FN(repeat)
{
  cb_writer text;
  if (args[1].as.i < 0) return cb_null();
  cb_writer_init(&text, arena->alloc);
  for (int64_t i = 0; i < args[1].as.i && args[0].length > 0 && text.len <= REF_TEXT_MAX; i++) {
    cb_write_bytes(&text, args[0].as.s, args[0].length);
  }
  return ref_made(arena, &text);
}

REF_FN(reverse)
{
  cb_writer text;
  cb_writer_init(&text, arena->alloc);
  for (int64_t i = char_count(&args[0]) - 1; i >= 0; i--) {
    cep_value one = chars(&args[0], i, i + 1);
    cb_write_bytes(&text, one.as.s, one.length);
  }
  return ref_made(arena, &text);
}

static cep_value padded(cb_arena *arena, const cep_value *args, uint32_t count, int at_start)
{
  int64_t length = char_count(&args[0]);
  cep_value fill = count > 2 ? args[2] : cb_string(" ", 1);
  cb_writer text;
  if (args[1].as.i <= length) return args[0];
  if (fill.length == 0 || args[1].as.i > REF_TEXT_MAX) return cb_null();
  int64_t missing = args[1].as.i - length, unit = char_count(&fill);
  cb_writer_init(&text, arena->alloc);
  if (!at_start) cb_write_bytes(&text, args[0].as.s, args[0].length);
  for (int64_t i = 0; i < missing; i++) {
    cep_value one = chars(&fill, i % unit, i % unit + 1);
    cb_write_bytes(&text, one.as.s, one.length);
  }
  if (at_start) cb_write_bytes(&text, args[0].as.s, args[0].length);
  return ref_made(arena, &text);
}

REF_FN(lpad)
{
  return padded(arena, args, count, 1);
}

REF_FN(rpad)
{
  return padded(arena, args, count, 0);
}

/* The whole table: cost of making the first i characters of one out of the first j of the other. */
REF_FN(levenshtein)
{
  int64_t a = char_count(&args[0]), b = char_count(&args[1]);
  if (a > 255 || b > 255) return cb_null();
  int64_t (*cost)[256] = cb_arena_take(arena, 256 * sizeof *cost);
  CB_ASSERT(cost);
  for (int64_t i = 0; i <= a; i++) {
    for (int64_t j = 0; j <= b; j++) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      cep_value x = chars(&args[0], i - 1, i), y = chars(&args[1], j - 1, j);
      cost[i][j] = cost[i - 1][j - 1] + !cb_value_same(&x, &y);
      if (cost[i - 1][j] + 1 < cost[i][j]) cost[i][j] = cost[i - 1][j] + 1;
      if (cost[i][j - 1] + 1 < cost[i][j]) cost[i][j] = cost[i][j - 1] + 1;
    }
  }
  return cb_int(cost[a][b]);
}
