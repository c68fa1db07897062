/* infer_lines.c - where the time of log lines stands, and what they begin with. */
#include "tools/infer/infer_lines.h"

#include <string.h>

#include "cep/base/time.h"

#define TRIED_LINES  500
#define TRIED_TOKENS 6
#define PLACES       (3 + TRIED_TOKENS) /* the tokens behind the other three */

/* ---- Time --------------------------------------------------------------------------------------- */

static int is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* From its token on; len 0: there are fewer. */
static infer_text from_token(infer_text line, uint32_t token)
{
  size_t at = 0;
  for (uint32_t i = 0; i < token; i++) {
    while (at < line.len && !is_blank(line.at[at])) at++;
    while (at < line.len && is_blank(line.at[at])) at++;
  }
  return (infer_text){line.at + at, line.len - at};
}

/* A number or RFC 3339 is all of a word; other forms say themselves how far they go. */
static int read_at(size_t form, infer_text text, cep_time near, size_t *used, cep_time *time)
{
  if (form >= INFER_FORM_TEXT) {
    if (!infer_form_read(form, text, near, used, time)) return 0;
    return *used == text.len || !infer_is_word(text.at[*used]);
  }
  size_t len = 0;
  while (len < text.len && !is_blank(text.at[len])) len++;
  *used = len;
  return infer_form_read(form, (infer_text){text.at, len}, near, NULL, time);
}

/* The text in which the time is looked for; `*before`: bytes of the line in front of it. */
static int place_of(infer_place place, uint32_t token, infer_text line, infer_text *text)
{
  size_t at = 0;
  if (place == INFER_AT_TOKEN) {
    *text = from_token(line, token);
    return text->len > 0;
  }
  if (place == INFER_IN_BRACKET) {
    const char *bracket = memchr(line.at, '[', line.len);
    if (!bracket) return 0;
    at = (size_t)(bracket - line.at) + 1;
  } else if (place == INFER_AT_BRACKET) {
    if (line.len == 0 || line.at[0] != '[') return 0;
    at = 1;
  }
  *text = (infer_text){line.at + at, line.len - at};
  return 1;
}

int infer_line_time(const infer_lines *lines, infer_text line, cep_time near, cep_time *time, infer_text *rest)
{
  infer_text text;
  size_t used = 0;
  if (!place_of(lines->place, lines->token, line, &text)) return 0;
  if (!read_at(lines->form, text, near, &used, time)) return 0;
  int is_bracketed = lines->place == INFER_AT_BRACKET || lines->place == INFER_IN_BRACKET;
  if (is_bracketed && (used == text.len || text.at[used] != ']')) return 0;
  used += (size_t)is_bracketed;
  *rest = (infer_text){text.at + used, text.len - used};
  return 1;
}

/* The place and form that read most of the lines; of equal ones the one that reads more of them, then the first. */
static void find_time(infer *self, infer_lines *lines)
{
  uint64_t tried = self->lines.count < TRIED_LINES ? self->lines.count : TRIED_LINES, most = 0, longest = 0;
  lines->form = CEP_NONE;
  infer_lines best = *lines;
  for (uint32_t place = 0; place < PLACES; place++) {
    for (uint32_t form = INFER_FORM_RFC3339; form < infer_form_count(); form++) {
      infer_lines trial = *lines;
      trial.form = form;
      trial.place = place < 3 ? (infer_place)place : INFER_AT_TOKEN;
      trial.token = place < 3 ? 0 : place - 3;
      if (form < INFER_FORM_TEXT && trial.place != INFER_AT_TOKEN) continue;
      uint64_t hits = 0, bytes = 0;
      for (uint32_t i = 0; i < tried; i++) {
        infer_text rest, line = self->lines.at[i];
        cep_time time;
        if (!infer_line_time(&trial, line, CEP_TIME_MIN, &time, &rest)) continue;
        hits++;
        bytes += trial.place == INFER_AT_START || place == 3 ? line.len - rest.len : 0;
      }
      if (hits * 10 < tried * 8 || hits < most || (hits == most && bytes <= longest && most > 0)) continue;
      most = hits;
      longest = bytes;
      best = trial;
    }
  }
  *lines = best;
}

/* ---- Heads -------------------------------------------------------------------------------------- */

int infer_is_level(infer_text word)
{
  static const char *const levels[] = {"trace", "debug", "info", "information", "notice", "warn", "warning", "err",
                                       "error", "severe", "crit", "critical", "alert", "emerg", "fatal", "panic"};
  while (word.len > 0 && (word.at[0] == '[' || word.at[0] == '<')) word.at++, word.len--;
  while (word.len > 0 && strchr("]>:,", word.at[word.len - 1])) word.len--;
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
    if (word.len == strlen(levels[i]) && infer_has_word(word, levels[i])) return 1;
  return 0;
}

static infer_text word_of(infer_text text)
{
  size_t len = 0;
  while (len < text.len && !is_blank(text.at[len])) len++;
  return (infer_text){text.at, len};
}

/* " host process[pid]: message" */
static int syslog_head(infer_text rest, infer_text *process, infer_text *message)
{
  infer_text tail = from_token(rest, 2);
  size_t at = 0;
  if (rest.len == 0 || !is_blank(rest.at[0])) return 0;
  while (at < tail.len && !is_blank(tail.at[at]) && tail.at[at] != '[' && tail.at[at] != ':') at++;
  *process = (infer_text){tail.at, at};
  if (at == 0 || at == tail.len) return 0;
  if (tail.at[at] == '[') {
    size_t start = ++at;
    while (at < tail.len && infer_is_digit(tail.at[at])) at++;
    if (at == start || at >= tail.len || tail.at[at++] != ']') return 0;
  }
  if (at >= tail.len || tail.at[at] != ':') return 0;
  for (at++; at < tail.len && is_blank(tail.at[at]);) at++;
  *message = (infer_text){tail.at + at, tail.len - at};
  return 1;
}

int infer_line_head(const infer_lines *lines, infer_text rest, infer_text *process, infer_text *message)
{
  *process = (infer_text){"", 0};
  if (lines->is_syslog) return syslog_head(rest, process, message);
  size_t at = 0;
  while (at < rest.len && (is_blank(rest.at[at]) || (lines->form != CEP_NONE && strchr(":,|-", rest.at[at]) && rest.at[at]))) at++;
  infer_text text = {rest.at + at, rest.len - at};
  if (lines->level == CEP_NONE) {
    *message = text;
    return 1;
  }
  text = from_token(text, lines->level);
  if (!infer_is_level(word_of(text))) return 0;
  *message = from_token(text, 1);
  return 1;
}

/* Which head most lines have: 1 if at least eight in ten. */
static int fits_most(const infer *self, const infer_lines *lines)
{
  uint64_t hits = 0, tried = 0;
  for (uint32_t i = 0; i < self->lines.count && tried < TRIED_LINES; i++) {
    infer_text rest = self->lines.at[i], process, message;
    cep_time time;
    if (lines->form != CEP_NONE && !infer_line_time(lines, self->lines.at[i], CEP_TIME_MIN, &time, &rest)) continue;
    tried++;
    hits += (uint64_t)infer_line_head(lines, rest, &process, &message);
  }
  return tried > 0 && hits * 10 >= tried * 8;
}

static void find_head(infer *self, infer_lines *lines)
{
  lines->level = CEP_NONE;
  lines->is_syslog = lines->form != CEP_NONE && lines->place != INFER_IN_BRACKET;
  if (lines->is_syslog && fits_most(self, lines)) return;
  lines->is_syslog = 0;
  for (lines->level = 0; lines->level < 4; lines->level++)
    if (fits_most(self, lines)) return;
  lines->level = CEP_NONE;
}

static int is_access_log(const infer *self, infer_lines *lines)
{
  uint64_t plain = 0, combined = 0, addresses = 0, tried = self->lines.count < TRIED_LINES ? self->lines.count : TRIED_LINES;
  for (uint32_t i = 0; i < tried; i++) {
    int is_combined = 0;
    plain += (uint64_t)infer_access_line(self->lines.at[i], &is_combined);
    combined += (uint64_t)is_combined;
    addresses += (uint64_t)infer_text_is(INFER_AS_IP, word_of(self->lines.at[i]));
  }
  lines->has_addresses = addresses == tried;
  lines->is_combined = combined * 10 >= tried * 9;
  return plain * 10 >= tried * 9;
}

void infer_lines_find(infer *self)
{
  infer_lines *lines = cb_arena_take(&self->arena, sizeof *lines);
  if (!lines) return;
  self->found = lines;
  lines->level = CEP_NONE;
  find_time(self, lines);
  lines->is_access = is_access_log(self, lines);
  if (!lines->is_access) find_head(self, lines);
  for (uint32_t i = 0; i < self->lines.count; i++) {
    infer_text line = self->lines.at[i], rest = line, process, message;
    cep_time time;
    int is_good = 1;
    if (lines->form != CEP_NONE) {
      is_good = infer_line_time(lines, line, lines->ticks.hits ? lines->ticks.newest : CEP_TIME_MIN, &time, &rest);
      if (is_good) infer_ticks_see(&lines->ticks, time);
    }
    if (lines->is_access) continue;
    is_good = is_good && infer_line_head(lines, rest, &process, &message);
    if (is_good)
      infer_shapes_add(self, process, message, line);
    else
      lines->headless++;
  }
  infer_shapes_end(self);
}

void infer_lines_order(const infer *self, infer_order *out)
{
  const infer_ticks *ticks = &self->found->ticks;
  out->behind = ticks->behind;
  out->worst = ticks->worst;
  out->timeless = 0; /* a line without a time is none of the input */
}

/* ---- Access logs -------------------------------------------------------------------------------- */

/* A quoted text from `*at` on. */
static int pass_quoted(infer_text line, size_t *at)
{
  if (*at >= line.len || line.at[*at] != '"') return 0;
  for (++*at; *at < line.len && line.at[*at] != '"'; ++*at) *at += line.at[*at] == '\\';
  return ++*at <= line.len;
}

static int pass_word(infer_text line, size_t *at)
{
  size_t start = *at;
  while (*at < line.len && line.at[*at] != ' ') ++*at;
  return *at > start;
}

static int pass_blank(infer_text line, size_t *at)
{
  return *at < line.len && line.at[(*at)++] == ' ';
}

/* 10.0.0.7 - ann [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 200 2326 "http://…" "Mozilla…" */
int infer_access_line(infer_text line, int *is_combined)
{
  size_t at = 0;
  for (int i = 0; i < 3; i++)
    if (!pass_word(line, &at) || !pass_blank(line, &at)) return 0;
  if (at >= line.len || line.at[at] != '[') return 0;
  while (at < line.len && line.at[at] != ']') at++;
  at++;
  if (!pass_blank(line, &at) || !pass_quoted(line, &at) || !pass_blank(line, &at)) return 0;
  size_t status = at;
  if (!pass_word(line, &at) || at - status != 3 || !infer_is_digit(line.at[status])) return 0;
  if (!pass_blank(line, &at) || !pass_word(line, &at)) return 0;
  *is_combined = pass_blank(line, &at) && pass_quoted(line, &at) && pass_blank(line, &at) && pass_quoted(line, &at);
  return 1;
}
