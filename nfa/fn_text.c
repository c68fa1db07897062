/* fn_text.c - texts cut, filled, turned round and put together. */
#include "nfa/fn.h"

#include <string.h>

#include "cep/base/utf8.h"

/* ---- Cut --------------------------------------------------------------------------- */

/* Bytes up to character number `count`, or all. */
static uint32_t bytes_of(const cep_value *text, int64_t count)
{
  uint32_t at = 0;
  for (; count > 0 && at < text->length; count--) at += nfa_character_at(text, at);
  return at < text->length ? at : text->length;
}

static cep_value part(const cep_value *text, uint32_t from, uint32_t to)
{
  return cb_string(text->as.s ? text->as.s + from : "", to - from);
}

static int64_t length_of(const cep_value *text)
{
  return (int64_t)cb_utf8_count(text->as.s, text->length);
}

cep_value nfa_fn_substring(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  int64_t place = args[1].as.i, wanted = count > 2 ? args[2].as.i : INT64_MAX;
  if (wanted < 0) return cb_null();
  if (place < 0) {
    int64_t length = length_of(&args[0]);
    place = place < -length ? 0 : length + place;
  }
  uint32_t from = bytes_of(&args[0], place);
  cep_value rest = part(&args[0], from, args[0].length);
  return part(&rest, 0, bytes_of(&rest, wanted));
}

cep_value nfa_fn_left(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (args[1].as.i < 0) return cb_null();
  return part(&args[0], 0, bytes_of(&args[0], args[1].as.i));
}

cep_value nfa_fn_right(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (args[1].as.i < 0) return cb_null();
  int64_t length = length_of(&args[0]);
  uint32_t from = args[1].as.i >= length ? 0 : bytes_of(&args[0], length - args[1].as.i);
  return part(&args[0], from, args[0].length);
}

static int is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static cep_value trimmed(const cep_value *text, int at_start, int at_end)
{
  uint32_t from = 0, to = text->length;
  while (at_start && from < to && is_space(text->as.s[from])) from++;
  while (at_end && to > from && is_space(text->as.s[to - 1])) to--;
  return part(text, from, to);
}

cep_value nfa_fn_trim(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return trimmed(&args[0], 1, 1);
}

cep_value nfa_fn_ltrim(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return trimmed(&args[0], 1, 0);
}

cep_value nfa_fn_rtrim(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return trimmed(&args[0], 0, 1);
}

/* ---- Searched ---------------------------------------------------------------------- */

/* Where `what`, which is not empty, begins at or behind `from`; UINT32_MAX: nowhere. */
static uint32_t find(const cep_value *text, const cep_value *what, uint32_t from)
{
  while (from < text->length && text->length - from >= what->length) {
    const char *found = memchr(text->as.s + from, what->as.s[0], text->length - from - what->length + 1);
    if (!found) break;
    if (memcmp(found, what->as.s, what->length) == 0) return (uint32_t)(found - text->as.s);
    from = (uint32_t)(found - text->as.s) + 1;
  }
  return UINT32_MAX;
}

cep_value nfa_fn_index_of(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (args[1].length == 0) return cb_int(0);
  uint32_t at = find(&args[0], &args[1], 0);
  return cb_int(at == UINT32_MAX ? -1 : (int64_t)cb_utf8_count(args[0].as.s, at));
}

cep_value nfa_fn_replace(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  uint32_t at = 0, found = args[1].length > 0 ? find(&args[0], &args[1], 0) : UINT32_MAX;
  if (found == UINT32_MAX) return args[0];
  nfa_text text = {.scratch = scratch};
  for (; found != UINT32_MAX && !text.is_full; found = find(&args[0], &args[1], at)) {
    nfa_text_put(&text, args[0].as.s + at, found - at);
    nfa_text_put(&text, args[2].as.s, args[2].length);
    at = found + args[1].length;
  }
  nfa_text_put(&text, args[0].as.s + at, args[0].length - at);
  return nfa_text_value(&text);
}

cep_value nfa_fn_split(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  int64_t wanted = args[2].as.i, parts = 1;
  if (args[1].length == 0) return cb_null();
  if (wanted < 0) {
    for (uint32_t at = find(&args[0], &args[1], 0); at != UINT32_MAX; at = find(&args[0], &args[1], at + args[1].length)) parts++;
    if (wanted < -parts) return cb_null();
    wanted += parts;
  }
  uint32_t from = 0, to = find(&args[0], &args[1], 0);
  for (; wanted > 0 && to != UINT32_MAX; wanted--) {
    from = to + args[1].length;
    to = find(&args[0], &args[1], from);
  }
  if (wanted > 0) return cb_null();
  return part(&args[0], from, to == UINT32_MAX ? args[0].length : to);
}

/* ---- Made -------------------------------------------------------------------------- */

cep_value nfa_fn_byte_length(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return cb_int(args[0].length);
}

cep_value nfa_fn_repeat(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  uint64_t times = (uint64_t)args[1].as.i;
  if (args[1].as.i < 0) return cb_null();
  if (args[0].length == 0 || times == 0) return cb_string("", 0);
  if (times > NFA_TEXT_MAX / args[0].length) return cb_null();
  nfa_text text = {.scratch = scratch};
  for (uint64_t i = 0; i < times; i++) nfa_text_put(&text, args[0].as.s, args[0].length);
  return nfa_text_value(&text);
}

cep_value nfa_fn_reverse(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  char *copy = nfa_scratch_take(scratch, args[0].length);
  if (!copy) return cb_null();
  for (uint32_t at = 0; at < args[0].length;) {
    uint32_t step = nfa_character_at(&args[0], at);
    memcpy(copy + (args[0].length - at - step), args[0].as.s + at, step);
    at += step;
  }
  return cb_string(copy, args[0].length);
}

static cep_value padded(nfa_scratch *scratch, const cep_value *args, uint32_t count, int at_start)
{
  cep_value fill = count > 2 ? args[2] : cb_string(" ", 1);
  int64_t length = length_of(&args[0]), wanted = args[1].as.i;
  if (length >= wanted) return args[0];
  if (fill.length == 0 || wanted > NFA_TEXT_MAX) return cb_null();
  nfa_text text = {.scratch = scratch};
  if (!at_start) nfa_text_put(&text, args[0].as.s, args[0].length);
  for (uint32_t at = 0; length < wanted; length++) {
    uint32_t step = nfa_character_at(&fill, at);
    nfa_text_put(&text, fill.as.s + at, step);
    at = at + step < fill.length ? at + step : 0;
  }
  if (at_start) nfa_text_put(&text, args[0].as.s, args[0].length);
  return nfa_text_value(&text);
}

cep_value nfa_fn_lpad(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  return padded(scratch, args, count, 1);
}

cep_value nfa_fn_rpad(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  return padded(scratch, args, count, 0);
}

/* ---- Compared and measured --------------------------------------------------------- */

#define LEVENSHTEIN_MAX 255

/* Places where the characters of a text begin, and its end. 0: more than LEVENSHTEIN_MAX. */
static int characters(const cep_value *text, uint32_t out[LEVENSHTEIN_MAX + 1], uint32_t *count_out)
{
  uint32_t count = 0;
  for (uint32_t at = 0; at < text->length; at += nfa_character_at(text, at)) {
    if (count == LEVENSHTEIN_MAX) return 0;
    out[count++] = at;
  }
  out[count] = text->length;
  *count_out = count;
  return 1;
}

cep_value nfa_fn_levenshtein(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  uint32_t a[LEVENSHTEIN_MAX + 1], b[LEVENSHTEIN_MAX + 1], row[LEVENSHTEIN_MAX + 1];
  uint32_t a_count, b_count;
  (void)scratch;
  (void)count;
  if (!characters(&args[0], a, &a_count) || !characters(&args[1], b, &b_count)) return cb_null();
  for (uint32_t j = 0; j <= b_count; j++) row[j] = j;
  for (uint32_t i = 0; i < a_count; i++) {
    uint32_t corner = row[0];
    row[0] = i + 1;
    for (uint32_t j = 0; j < b_count; j++) {
      uint32_t len = a[i + 1] - a[i];
      int same = len == b[j + 1] - b[j] && memcmp(args[0].as.s + a[i], args[1].as.s + b[j], len) == 0;
      uint32_t cheapest = corner + !same;
      if (row[j + 1] + 1 < cheapest) cheapest = row[j + 1] + 1;
      if (row[j] + 1 < cheapest) cheapest = row[j] + 1;
      corner = row[j + 1];
      row[j + 1] = cheapest;
    }
  }
  return cb_int(row[b_count]);
}
