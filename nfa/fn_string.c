/* fn_string.c - functions of texts, and the tests that conditions make on them. */
#include "nfa/fn.h"

#include <string.h>

#include "cep/base/utf8.h"

static char lower_of(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char upper_of(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static cep_value map_bytes(nfa_scratch *scratch, const cep_value *text, char (*map)(char))
{
  uint32_t len = text->length, same = 0;
  while (same < len && map(text->as.s[same]) == text->as.s[same]) same++;
  if (same == len) return *text;
  char *copy = nfa_scratch_take(scratch, len);
  if (!copy) return cb_null();
  memcpy(copy, text->as.s, same);
  for (uint32_t i = same; i < len; i++) copy[i] = map(text->as.s[i]);
  return cb_string(copy, len);
}

cep_value nfa_fn_lower(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  return map_bytes(scratch, &args[0], lower_of);
}

cep_value nfa_fn_upper(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  return map_bytes(scratch, &args[0], upper_of);
}

cep_value nfa_fn_length(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return cb_int((int64_t)cb_utf8_count(args[0].as.s, args[0].length));
}

cep_value nfa_fn_concat(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  size_t size = 0;
  for (uint32_t i = 0; i < count; i++) size += args[i].length;
  char *text = nfa_scratch_take(scratch, size);
  if (!text) return cb_null();
  size_t at = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (args[i].length > 0) memcpy(text + at, args[i].as.s, args[i].length);
    at += args[i].length;
  }
  return cb_string(text, (uint32_t)size);
}

static int same_bytes(const char *a, const char *b, uint32_t len, int any_case)
{
  if (!any_case) return len == 0 || memcmp(a, b, len) == 0;
  for (uint32_t i = 0; i < len; i++) {
    if (lower_of(a[i]) != lower_of(b[i])) return 0;
  }
  return 1;
}

int nfa_text_starts(const cep_value *text, const cep_value *part, int any_case)
{
  return part->length <= text->length && same_bytes(text->as.s, part->as.s, part->length, any_case);
}

int nfa_text_ends(const cep_value *text, const cep_value *part, int any_case)
{
  if (part->length > text->length) return 0;
  return same_bytes(text->as.s + (text->length - part->length), part->as.s, part->length, any_case);
}

int nfa_text_contains(const cep_value *text, const cep_value *part, int any_case)
{
  if (part->length == 0) return 1;
  if (part->length > text->length) return 0;
  uint32_t last = text->length - part->length;
  for (uint32_t at = 0; at <= last; at++) {
    if (!any_case) { /* to the next place where it could begin */
      const char *found = memchr(text->as.s + at, part->as.s[0], last - at + 1);
      if (!found) return 0;
      at = (uint32_t)(found - text->as.s);
    }
    if (same_bytes(text->as.s + at, part->as.s, part->length, any_case)) return 1;
  }
  return 0;
}

uint32_t nfa_character_at(const cep_value *text, uint32_t at)
{
  size_t step = cb_utf8_step(text->as.s + at, text->length - at);
  return step > 0 ? (uint32_t)step : 1;
}

/* A failure behind a `%` goes back to the newest one only: an earlier `%` has already
 * taken as little as it could, so taking more there cannot help. `%` grows by whole
 * characters, so that `_` never stands for half of one. */
int nfa_text_like(const cep_value *text, const cep_value *pattern, int any_case)
{
  uint32_t at = 0, p = 0;
  uint32_t back_at = 0, back_p = UINT32_MAX; /* behind the newest %: how much it took, what follows */
  for (;;) {
    if (p < pattern->length && pattern->as.s[p] == '%') {
      back_at = at;
      back_p = ++p;
      continue;
    }
    if (p == pattern->length && at == text->length) return 1;
    if (p < pattern->length && at < text->length) {
      char c = pattern->as.s[p];
      if (c == '_') {
        at += nfa_character_at(text, at);
        p++;
        continue;
      }
      uint32_t literal = c == '\\' && p + 1 < pattern->length ? p + 1 : p;
      if (same_bytes(text->as.s + at, pattern->as.s + literal, 1, any_case)) {
        at++;
        p = literal + 1;
        continue;
      }
    }
    if (back_p == UINT32_MAX || back_at >= text->length) return 0;
    back_at += nfa_character_at(text, back_at);
    at = back_at;
    p = back_p;
  }
}
