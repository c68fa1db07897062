/* alone.c - one detection of a rule file with what it uses. */
#include "alone.h"

#include <stdlib.h>
#include <string.h>

/* ---- Words ------------------------------------------------------------------------------------ */

typedef struct scanner {
  const char *text;
  size_t len;
  size_t at;
  int depth; /* of brackets of any kind */
  size_t word;
  size_t word_len; /* 0: what was read is no name */
} scanner;

static int is_word_char(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static int begins(const scanner *self, const char *what)
{
  return self->len - self->at >= strlen(what) && memcmp(self->text + self->at, what, strlen(what)) == 0;
}

/* To behind the next `end`, or the end of the text. */
static void skip_past(scanner *self, const char *end)
{
  while (self->at < self->len && !begins(self, end)) self->at++;
  self->at = self->at < self->len ? self->at + strlen(end) : self->len;
}

/* In both kinds of text what stands behind a backslash does not end it. */
static void skip_text(scanner *self)
{
  for (self->at++; self->at < self->len && self->text[self->at] != '"'; self->at++)
    if (self->text[self->at] == '\\') self->at++;
  self->at = self->at < self->len ? self->at + 1 : self->len;
}

static void take_word(scanner *self)
{
  self->word = self->at;
  while (self->at < self->len && is_word_char(self->text[self->at])) self->at++;
  self->word_len = self->at - self->word;
}

static void take_quoted_word(scanner *self)
{
  self->word = ++self->at;
  while (self->at < self->len && self->text[self->at] != '`') self->at++;
  self->word_len = self->at - self->word;
  self->at++;
}

/* The next sign or word; 0: the end. */
static int scan(scanner *self)
{
  self->word_len = 0;
  while (self->at < self->len) {
    char c = self->text[self->at];
    if (begins(self, "//"))
      skip_past(self, "\n");
    else if (begins(self, "/*"))
      skip_past(self, "*/");
    else if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
      self->at++;
    else
      break;
  }
  if (self->at >= self->len) return 0;
  char c = self->text[self->at];
  if (c == '"') {
    skip_text(self);
  } else if (begins(self, "r\"")) {
    self->at++;
    skip_text(self);
  } else if (c == '`') {
    take_quoted_word(self);
  } else if (is_word_char(c)) {
    take_word(self);
  } else {
    self->depth += (c == '{' || c == '(' || c == '[') - (c == '}' || c == ')' || c == ']');
    self->at++;
  }
  return 1;
}

/* ---- Parts ------------------------------------------------------------------------------------- */

enum { KIND_NONE, KIND_SOURCE, KIND_DEFINE, KIND_DETECTION };

static int kind_of(const scanner *self)
{
  static const struct {
    const char *word;
    int kind;
  } kinds[] = {{"input", KIND_SOURCE},  {"stream", KIND_SOURCE},    {"table", KIND_SOURCE},
               {"define", KIND_DEFINE}, {"detect", KIND_DETECTION}, {"aggregate", KIND_DETECTION},
               {"join", KIND_DETECTION}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (self->word_len == strlen(kinds[i].word) &&
        memcmp(self->text + self->word, kinds[i].word, self->word_len) == 0)
      return kinds[i].kind;
  return KIND_NONE;
}

static int add_part(rule_parts *parts, const scanner *name, size_t start, int kind)
{
  rule_part *grown = realloc(parts->items, (parts->count + 1) * sizeof *grown);
  if (!grown) return 0;
  parts->items = grown;
  if (parts->count) grown[parts->count - 1].end = start;
  grown[parts->count++] = (rule_part){.start = start,
                                      .end = name->len,
                                      .name = name->word,
                                      .name_len = name->word_len,
                                      .is_optional = kind != KIND_SOURCE,
                                      .is_detection = kind == KIND_DETECTION};
  return 1;
}

static int is_named(const rule_parts *parts, const rule_part *part, const char *name, size_t len)
{
  return part->name_len == len && memcmp(parts->rules->text + part->name, name, len) == 0;
}

/* Are they the detections of the program? */
static int are_right(const rule_parts *parts)
{
  uint32_t found = 0;
  for (size_t i = 0; i < parts->count; i++) found += (uint32_t)parts->items[i].is_detection;
  if (found != cep_program_detection_count(parts->rules->program)) return 0;
  for (uint32_t d = 0; d < found; d++) {
    const char *name = cep_program_detection_name(parts->rules->program, d);
    size_t i = 0;
    while (i < parts->count &&
           !(parts->items[i].is_detection && is_named(parts, &parts->items[i], name, strlen(name))))
      i++;
    if (i == parts->count) return 0;
  }
  return 1;
}

/* A declaration begins with a word of its own and a name, outside of all brackets. */
int parts_find(rule_parts *parts, const rule_file *rules)
{
  *parts = (rule_parts){.rules = rules};
  scanner self = {.text = rules->text, .len = rules->text_len};
  while (scan(&self)) {
    int kind = self.depth == 0 ? kind_of(&self) : KIND_NONE;
    if (kind == KIND_NONE || self.text[self.word - (self.word > 0)] == '`') continue;
    scanner name = self;
    if (!scan(&name) || name.word_len == 0) continue;
    if (!add_part(parts, &name, self.word, kind)) return 0;
    self = name;
  }
  return are_right(parts);
}

void parts_free(rule_parts *parts)
{
  free(parts->items);
  *parts = (rule_parts){0};
}

/* All parts whose names stand in this one. 1: there were new ones. */
static int keep_used(rule_parts *parts, const rule_part *part)
{
  int is_new = 0;
  scanner self = {.text = parts->rules->text, .len = part->end, .at = part->start};
  while (scan(&self)) {
    if (self.word_len == 0) continue;
    for (size_t i = 0; i < parts->count; i++) {
      rule_part *other = &parts->items[i];
      if (other->stays || !is_named(parts, other, self.text + self.word, self.word_len)) continue;
      other->stays = is_new = 1;
    }
  }
  return is_new;
}

char *parts_alone(rule_parts *parts, const char *detection, size_t *len)
{
  for (size_t i = 0; i < parts->count; i++) {
    rule_part *part = &parts->items[i];
    part->stays =
        !part->is_optional || (part->is_detection && is_named(parts, part, detection, strlen(detection)));
  }
  for (int is_new = 1; is_new;) {
    is_new = 0;
    for (size_t i = 0; i < parts->count; i++)
      if (parts->items[i].stays && parts->items[i].is_optional) is_new |= keep_used(parts, &parts->items[i]);
  }
  char *text = malloc(parts->rules->text_len + 1);
  *len = 0;
  for (size_t i = 0; text && i < parts->count; i++) {
    const rule_part *part = &parts->items[i];
    if (!part->stays) continue;
    memcpy(text + *len, parts->rules->text + part->start, part->end - part->start);
    *len += part->end - part->start;
  }
  return text;
}
