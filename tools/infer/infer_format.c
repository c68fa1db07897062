/* infer_format.c - which format a file has, by how it begins. */
#include <string.h>

#include "tools/infer/infer_parts.h"

#define LINES_MAX   200
#define COLUMNS_MAX 1024

typedef struct beginning {
  infer *infer;
  infer_text lines[LINES_MAX]; /* not empty */
  size_t count;
  const char *bytes;
  size_t len;
} beginning;

static void cut_lines(beginning *self)
{
  for (size_t at = 0; at < self->len && self->count < LINES_MAX;) {
    const char *end = memchr(self->bytes + at, '\n', self->len - at);
    size_t next = end ? (size_t)(end - self->bytes) : self->len, len = next - at;
    if (len > 0 && self->bytes[at + len - 1] == '\r') len--;
    if (len > 0) self->lines[self->count++] = (infer_text){self->bytes + at, len};
    at = next + 1;
  }
}

/* At least `percent` of the lines. */
static int is_most(const beginning *self, size_t count, size_t percent)
{
  return count > 0 && count * 100 >= self->count * percent;
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static int is_json(beginning *self)
{
  size_t good = 0;
  const char *why;
  for (size_t i = 0; i < self->count; i++) {
    infer_text line = self->lines[i];
    size_t at = 0;
    while (at < line.len && (line.at[at] == ' ' || line.at[at] == '\t')) at++;
    good += at < line.len && line.at[at] == '{' && cb_json_parse(self->infer->json, line.at, line.len, &why) >= 0;
  }
  return is_most(self, good, 50); /* no other format has lines that are objects */
}

/* One value over many lines, or an array of objects. */
static int is_other_json(const beginning *self)
{
  infer_text first = self->lines[0];
  size_t at = 1;
  if (first.at[0] != '[' && first.at[0] != '{') return 0;
  while (at < first.len && (first.at[at] == ' ' || first.at[at] == '\t')) at++;
  if (at == first.len) return 1;
  return first.at[0] == '[' ? first.at[at] == '{' : first.at[at] == '"';
}

/* ---- logfmt ------------------------------------------------------------------------------------- */

static int is_key_char(char c)
{
  return infer_is_word(c) || c == '.' || c == '-' || c == '@';
}

/* Pairs and nothing else but a few keys alone. */
static int is_logfmt_line(infer_text line)
{
  size_t pairs = 0, words = 0;
  for (size_t at = 0; at < line.len;) {
    if (line.at[at] == ' ') {
      at++;
      continue;
    }
    size_t start = at;
    while (at < line.len && is_key_char(line.at[at])) at++;
    if (at == start || (at < line.len && line.at[at] != '=' && line.at[at] != ' ')) return 0;
    words++;
    if (at == line.len || line.at[at] == ' ') continue;
    pairs++;
    if (++at < line.len && line.at[at] == '"') {
      for (at++; at < line.len && line.at[at] != '"'; at++) at += line.at[at] == '\\';
      at++;
    } else {
      while (at < line.len && line.at[at] != ' ') at++;
    }
  }
  return pairs >= 2 && pairs * 10 >= words * 7;
}

/* ---- CSV ---------------------------------------------------------------------------------------- */

/* Fields of a line if cut by this delimiter. */
static size_t cut_count(beginning *self, infer_text line)
{
  infer_text cells[1];
  return infer_csv_split(self->infer, line.at, line.len, cells, 1);
}

/* How many fields nearly all lines have; 0: they differ, or it is one only. */
static size_t same_count(beginning *self, char delimiter)
{
  self->infer->split = cb_split_csv(delimiter, '"');
  size_t want = cut_count(self, self->lines[0]), same = 0;
  for (size_t i = 0; i < self->count; i++) same += cut_count(self, self->lines[i]) == want;
  return want >= 2 && want <= COLUMNS_MAX && is_most(self, same, 95) ? want : 0;
}

static int is_typed(infer_text cell)
{
  for (int as = 0; as < INFER_AS_COUNT; as++)
    if (infer_text_is((infer_as)as, cell)) return 1;
  for (size_t form = INFER_FORM_S; form < infer_form_count(); form++) {
    cep_time time;
    if (infer_form_read(form, cell, CEP_TIME_MIN, NULL, &time)) return 1;
  }
  return 0;
}

static int is_same(infer_text a, infer_text b)
{
  return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* Names: each once, none of them a number or a time, and not among the values below. */
static int is_header(beginning *self)
{
  infer_text names[COLUMNS_MAX], cells[COLUMNS_MAX];
  size_t count = infer_csv_split(self->infer, self->lines[0].at, self->lines[0].len, names, COLUMNS_MAX);
  for (size_t i = 0; i < count; i++) {
    names[i].at = cb_arena_text(&self->infer->arena, names[i].at, names[i].len); /* it moves with the next row */
    if (!names[i].at) return 0;
    if (names[i].len == 0 || names[i].len > 64 || is_typed(names[i])) return 0;
    for (size_t j = 0; j < i; j++)
      if (is_same(names[i], names[j])) return 0;
  }
  for (size_t row = 1; row < self->count && row < 20; row++) {
    size_t there = infer_csv_split(self->infer, self->lines[row].at, self->lines[row].len, cells, COLUMNS_MAX);
    for (size_t i = 0; i < count && i < there; i++)
      if (is_same(names[i], cells[i])) return 0;
  }
  return 1;
}

static int is_csv(beginning *self)
{
  static const char delimiters[] = ",;\t|";
  char best = 0;
  size_t most = 0;
  for (size_t i = 0; i < sizeof delimiters - 1; i++) {
    size_t count = same_count(self, delimiters[i]);
    if (count <= most) continue;
    most = count;
    best = delimiters[i];
  }
  if (!best) return 0;
  self->infer->split = cb_split_csv(best, '"');
  self->infer->has_header = is_header(self);
  /* Without names it takes more than one sign in each line, and more than one line, to be a table. */
  return self->infer->has_header ? self->count > 1 : most > 2 && self->count > 2;
}

void infer_format_find(infer *self, const char *bytes, size_t len)
{
  beginning start = {.infer = self, .bytes = bytes, .len = len};
  cut_lines(&start);
  size_t logfmt = 0;
  for (size_t i = 0; i < start.count; i++) logfmt += (size_t)is_logfmt_line(start.lines[i]);
  if (start.count == 0)
    self->fault = "there is no record in it";
  else if (memchr(bytes, 0, len))
    self->fault = "it is not text";
  else if (is_json(&start))
    self->format = INFER_JSON;
  else if (is_other_json(&start))
    self->fault = "it is JSON, but not an object a line; 'jq -c .[]' makes lines of an array, 'jq -c .' of objects";
  else if (is_most(&start, logfmt, 80))
    self->format = INFER_LOGFMT;
  else if (is_csv(&start))
    self->format = INFER_CSV;
  else if (!self->fault)
    self->format = INFER_LINE;
  if (self->format == INFER_UNKNOWN || self->format == INFER_CSV) return;
  self->split = cb_split_lines();
}
