/* needle.c - the longest run of plain characters that a pattern cannot do without.
 *
 * Of a regular expression only what lies outside of all brackets is looked at, and of that only plain characters and
 * escapes that are known. Whatever could change the meaning of what follows (options, verbs, quoting, comments) ends the search. */
#include "nfa/needle.h"

#include <string.h>

typedef struct search {
  const char *at;
  const char *end;
  int any_case;
  int fails;       /* no needle at all */
  char run[NFA_NEEDLE_MAX];
  uint32_t len;
  uint32_t last;   /* bytes of the newest character in the run; 0: what came last is none of it */
  char best[NFA_NEEDLE_MAX];
  uint32_t best_len;
} search;

/* Of equally long ones the later: paths and messages differ at their ends. */
static void end_run(search *s)
{
  if (s->len > 0 && s->len >= s->best_len) {
    memcpy(s->best, s->run, s->len);
    s->best_len = s->len;
  }
  s->len = s->last = 0;
}

/* A whole character: no count behind it may take half of one back. */
static void add_character(search *s, const char *bytes, uint32_t len)
{
  if (s->len + len > NFA_NEEDLE_MAX) end_run(s);
  memcpy(s->run + s->len, bytes, len);
  s->len += len;
  s->last = len;
}

static uint32_t give(const search *s, char *out)
{
  memcpy(out, s->best, s->best_len);
  return s->best_len;
}

uint32_t nfa_needle_like(const char *pattern, uint32_t len, char *out)
{
  search s = {.any_case = 0};
  for (uint32_t i = 0; i < len; i++) {
    if (pattern[i] == '%' || pattern[i] == '_') {
      end_run(&s);
      continue;
    }
    if (pattern[i] == '\\' && i + 1 < len) i++;
    add_character(&s, &pattern[i], 1);
  }
  end_run(&s);
  return give(&s, out);
}

/* ---- Regular expressions -------------------------------------------------------------------- */

static int is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static uint32_t utf8_length(char c)
{
  uint8_t first = (uint8_t)c;
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* A plain character. Without case k and s have partners beyond ASCII, and other letters than those of ASCII have theirs. */
static void take_plain(search *s)
{
  uint32_t len = utf8_length(*s->at);
  if ((size_t)(s->end - s->at) < len) len = (uint32_t)(s->end - s->at);
  char c = s->at[0];
  if (s->any_case && (len > 1 || c == 'k' || c == 'K' || c == 's' || c == 'S')) {
    end_run(s);
  } else {
    add_character(s, s->at, len);
  }
  s->at += len;
}

static void take_escape(search *s)
{
  if (s->end - s->at < 2) {
    s->fails = 1;
    return;
  }
  char c = s->at[1];
  if (!is_letter(c) && !is_digit(c)) {
    s->at++;
    take_plain(s);
    return;
  }
  if (!strchr("dDwWsShHvVRNXbBAzZG", c)) s->fails = 1;
  if (c == 'N' && s->end - s->at > 2 && s->at[2] == '{') s->fails = 1;
  end_run(s);
  s->at += 2;
}

/* Past the end of [...]. */
static void skip_class(search *s)
{
  end_run(s);
  s->at++;
  if (s->at < s->end && *s->at == '^') s->at++;
  if (s->at < s->end && *s->at == ']') s->at++;
  while (s->at < s->end && *s->at != ']') {
    if (*s->at == '[' && s->end - s->at > 1 && s->at[1] == ':') {
      const char *close = s->at + 2;
      while (close < s->end && (is_letter(*close) || *close == '^')) close++;
      if (s->end - close > 1 && close[0] == ':' && close[1] == ']') s->at = close + 1;
    } else if (*s->at == '\\') {
      if (s->end - s->at > 1 && (s->at[1] == 'Q' || s->at[1] == 'E' || s->at[1] == 'c')) s->fails = 1;
      s->at++;
    }
    s->at++;
  }
  if (s->at >= s->end) s->fails = 1;
  s->at++;
}

/* What stands behind an opening bracket changes nothing behind the closing one. */
static int is_tame_group(const search *s)
{
  if (s->end - s->at < 2) return 0;
  if (s->at[1] == '*') return 0;
  if (s->at[1] != '?') return 1;
  if (s->end - s->at < 4) return 0;
  if (s->at[2] == ':' || s->at[2] == '=' || s->at[2] == '!' || s->at[2] == '>') return 1;
  return s->at[2] == '<' && (is_letter(s->at[3]) || s->at[3] == '_' || s->at[3] == '=' || s->at[3] == '!');
}

/* Past the end of (...), with all that is in it. */
static void skip_group(search *s)
{
  uint32_t depth = 0;
  end_run(s);
  while (s->at < s->end && !s->fails) {
    char c = *s->at;
    if (c == '[') {
      skip_class(s);
      continue;
    }
    if (c == '(' && !is_tame_group(s)) s->fails = 1;
    if (c == '\\' && s->end - s->at > 1 && (s->at[1] == 'Q' || s->at[1] == 'E' || s->at[1] == 'c')) s->fails = 1;
    if (c == '\\') s->at++;
    s->at++;
    if (c == '(') depth++;
    if (c == ')' && --depth == 0) return;
  }
  s->fails = 1;
}

static int number_at(const search *s, const char **at, uint32_t *value)
{
  const char *from = *at;
  for (*value = 0; *at < s->end && is_digit(**at) && *at - from < 6; ++*at) *value = *value * 10 + (uint32_t)(**at - '0');
  return *at > from;
}

/* {n}, {n,} or {n,m}. Other things that begin so are not known. */
static uint32_t take_braces(search *s)
{
  const char *at = s->at + 1;
  uint32_t least = 0, most;
  if (!number_at(s, &at, &least)) s->fails = 1;
  if (at < s->end && *at == ',') {
    at++;
    (void)number_at(s, &at, &most);
  }
  if (at >= s->end || *at != '}') s->fails = 1;
  s->at = at + 1;
  return least;
}

/* What may be missing is no part of the run. */
static void take_count(search *s)
{
  uint32_t least = *s->at == '+';
  if (*s->at == '{') {
    least = take_braces(s);
  } else {
    s->at++;
  }
  if (s->at < s->end && (*s->at == '?' || *s->at == '+')) s->at++; /* lazy, possessive */
#ifdef CEP_FAULT_NEEDLE_OPTIONAL
  least = 1;
#endif
  if (least == 0) s->len -= s->last;
  end_run(s);
}

static void take_item(search *s)
{
  switch (*s->at) {
  case '\\': take_escape(s); return;
  case '[': skip_class(s); return;
  case '(': skip_group(s); return;
  case '|':
  case ')': s->fails = 1; return;
  case '*':
  case '+':
  case '?':
  case '{': take_count(s); return;
  case '.':
  case '^':
  case '$':
    end_run(s);
    s->at++;
    return;
  default: take_plain(s); return;
  }
}

uint32_t nfa_needle_regex(const char *pattern, uint32_t len, char *out, int *any_case)
{
  search s = {.at = pattern, .end = pattern + len};
  if (len >= 4 && memcmp(pattern, "(?i)", 4) == 0) {
    s.any_case = 1;
    s.at += 4;
  }
  while (s.at < s.end && !s.fails) take_item(&s);
  end_run(&s);
  *any_case = s.any_case;
  return s.fails ? 0 : give(&s, out);
}
