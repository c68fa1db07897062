/* siddhi_read.c - the text of an app: streams, partition, pattern, select list. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/siddhi.h"

typedef struct reader {
  sd_case *c;
  const char *at;
} reader;

static sd_node *read_sequence(reader *r);

const char *sd_cant(sd_case *c, const char *construct)
{
  if (!c->unsayable) c->unsayable = construct;
  return NULL;
}

const char *sd_keep(const sd_case *c, sd_text text)
{
  const char *kept = cb_arena_text(c->arena, text.at, text.len);
  CB_ASSERT(kept);
  return kept;
}

sd_stream *sd_find_stream(const sd_case *c, const char *name)
{
  for (uint32_t i = 0; i < c->stream_count; i++) {
    if (strcmp(c->streams[i].name, name) == 0) return &c->streams[i];
  }
  return NULL;
}

sd_node *sd_find_step(const sd_case *c, const char *name)
{
  for (uint32_t i = 0; i < c->step_count; i++) {
    if (strcmp(c->steps[i]->name, name) == 0) return c->steps[i];
  }
  return NULL;
}

/* ---- Words -------------------------------------------------------------------------------- */

static int is_word(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '#';
}

static void space(reader *r)
{
  while (*r->at == ' ' || *r->at == '\n' || *r->at == '\t') r->at++;
}

static int sign(reader *r, const char *text)
{
  space(r);
  size_t len = strlen(text);
  if (strncmp(r->at, text, len) != 0) return 0;
  r->at += len;
  return 1;
}

static int peek_word(reader *r, const char *text)
{
  space(r);
  size_t len = strlen(text);
  return strncmp(r->at, text, len) == 0 && !is_word(r->at[len]);
}

static int keyword(reader *r, const char *text)
{
  if (!peek_word(r, text)) return 0;
  r->at += strlen(text);
  return 1;
}

static const char *word(reader *r)
{
  space(r);
  const char *start = r->at;
  while (is_word(*r->at)) r->at++;
  return sd_keep(r->c, (sd_text){start, (size_t)(r->at - start)});
}

static void expect(reader *r, const char *text)
{
  if (!sign(r, text)) sd_cant(r->c, "an app that does not read");
}

static int64_t number(reader *r)
{
  space(r);
  char *end = NULL;
  int64_t value = strtoll(r->at, &end, 10);
  if (end == r->at) sd_cant(r->c, "an app that does not read");
  r->at = end;
  return value;
}

/* What stands up to the bracket that closes the one just read. */
static sd_text enclosed(reader *r, char open, char close)
{
  const char *start = r->at;
  int depth = 1;
  while (*r->at && depth > 0) {
    if (*r->at == open) depth++;
    if (*r->at == close) depth--;
    r->at++;
  }
  return (sd_text){start, (size_t)(r->at - start) - (depth == 0)};
}

static int64_t duration(reader *r)
{
  int64_t value = number(r);
  const char *unit = word(r);
  if (strncmp(unit, "milli", 5) == 0) return value;
  if (strncmp(unit, "sec", 3) == 0) return value * 1000;
  if (strncmp(unit, "min", 3) == 0) return value * 60000;
  if (strncmp(unit, "hour", 4) == 0) return value * 3600000;
  sd_cant(r->c, "an app that does not read");
  return 0;
}

/* ---- The pattern --------------------------------------------------------------------------- */

static sd_node *new_node(reader *r, sd_kind kind)
{
  sd_node *node = cb_arena_take(r->c->arena, sizeof *node);
  CB_ASSERT(node);
  memset(node, 0, sizeof *node);
  node->kind = kind;
  node->min = node->max = 1;
  return node;
}

static void add_item(reader *r, sd_node *to, sd_node *item)
{
  if (to->item_count == sizeof to->items / sizeof *to->items) sd_cant(r->c, "a pattern of many elements");
  else to->items[to->item_count++] = item;
}

/* `<2:5>`, `<2:>`, `<:5>`, `<2>`, `*`, `+`, `?` */
static void read_count(reader *r, sd_node *step)
{
  step->counted = 1;
  if (sign(r, "*")) {
    step->min = 0;
    step->max = PLAN_OPEN;
  } else if (sign(r, "+")) {
    step->max = PLAN_OPEN;
  } else if (sign(r, "?")) {
    step->min = 0;
  } else if (sign(r, "<")) {
    space(r);
    step->min = *r->at == ':' ? 0 : (uint32_t)number(r);
    step->max = step->min;
    if (sign(r, ":")) {
      space(r);
      step->max = *r->at == '>' ? PLAN_OPEN : (uint32_t)number(r);
    }
    expect(r, ">");
  } else {
    step->counted = 0;
  }
}

static void read_source(reader *r, sd_node *node)
{
  node->stream = word(r);
  if (node->stream[0] == '#' || !sd_find_stream(r->c, node->stream)) sd_cant(r->c, "a stream of another query");
  if (sign(r, "[")) node->filter = enclosed(r, '[', ']');
  if (sign(r, "[")) sd_cant(r->c, "two filters");
}

static sd_node *read_atom(reader *r)
{
  if (sign(r, "(")) {
    sd_node *inner = read_sequence(r);
    expect(r, ")");
    return inner;
  }
  if (keyword(r, "not")) {
    sd_node *absent = new_node(r, SD_ABSENT);
    read_source(r, absent);
    if (keyword(r, "for")) absent->quiet = duration(r);
    return absent;
  }
  sd_node *step = new_node(r, SD_STEP);
  reader ahead = *r;
  const char *name = word(&ahead);
  if (sign(&ahead, "=")) {
    step->name = name;
    *r = ahead;
  } else {
    step->name = cb_arena_printf(r->c->arena, "step %u", r->c->step_count);
  }
  if (r->c->step_count == sizeof r->c->steps / sizeof *r->c->steps) sd_cant(r->c, "a pattern of many elements");
  else r->c->steps[r->c->step_count++] = step;
  read_source(r, step);
  read_count(r, step);
  return step;
}

static sd_node *read_element(reader *r)
{
  int every = keyword(r, "every");
  space(r);
  int is_part = *r->at == '('; /* else a `within` behind it is the whole pattern's */
  sd_node *node = read_atom(r);
  if (peek_word(r, "and") || peek_word(r, "or")) {
    sd_node *both = new_node(r, peek_word(r, "and") ? SD_AND : SD_OR);
    word(r);
    add_item(r, both, node);
    add_item(r, both, read_atom(r));
    node = both;
  }
  if (every) node->every = 1;
  if (is_part && keyword(r, "within")) node->within = duration(r);
  return node;
}

static sd_node *read_sequence(reader *r)
{
  sd_node *sequence = new_node(r, SD_SEQUENCE);
  add_item(r, sequence, read_element(r));
  for (;;) {
    int strict = 0;
    if (sign(r, ",")) strict = 1;
    else if (!sign(r, "->")) break;
    sd_node *node = read_element(r);
    node->strict = strict;
    add_item(r, sequence, node);
  }
  if (keyword(r, "within")) sequence->within = duration(r);
  if (sequence->item_count > 1) return sequence;
  if (sequence->within > 0) sequence->items[0]->within = sequence->within;
  return sequence->items[0];
}

/* ---- The app -------------------------------------------------------------------------------- */

static void read_stream(reader *r)
{
  sd_stream *stream = &r->c->streams[r->c->stream_count++];
  *stream = (sd_stream){word(r), cb_arena_take(r->c->arena, 16 * sizeof *stream->fields), 0, NULL};
  CB_ASSERT(stream->fields);
  expect(r, "(");
  do {
    const char *name = word(r), *type = word(r);
    cep_kind kind = strcmp(type, "string") == 0 ? CEP_STRING : strcmp(type, "bool") == 0 ? CEP_BOOL : CEP_FLOAT;
    if (strcmp(type, "int") == 0 || strcmp(type, "long") == 0) kind = CEP_INT;
    if (stream->field_count < 16) stream->fields[stream->field_count++] = (sd_field){name, kind};
  } while (sign(r, ","));
  expect(r, ")");
  expect(r, ";");
}

static void read_partition(reader *r)
{
  if (!keyword(r, "with")) sd_cant(r->c, "an app that does not read");
  expect(r, "(");
  do {
    const char *field = word(r);
    if (!keyword(r, "of")) sd_cant(r->c, "a partition by ranges");
    sd_stream *stream = sd_find_stream(r->c, word(r));
    if (stream) stream->key = field;
  } while (!r->c->unsayable && sign(r, ","));
  expect(r, ")");
  if (!keyword(r, "begin")) sd_cant(r->c, "an app that does not read");
}

/* One value of the list, without `as NAME`. */
static void add_selected(reader *r, const char *start, const char *end)
{
  static const char as[] = " as ";
  const char *stop = end;
  for (const char *at = start; at + 4 < end; at++) {
    if (memcmp(at, as, 4) == 0) stop = at;
  }
  if (r->c->select_count == sizeof r->c->select / sizeof *r->c->select) sd_cant(r->c, "a long select list");
  else r->c->select[r->c->select_count++] = (sd_text){start, (size_t)(stop - start)};
}

static void read_select(reader *r)
{
  if (sign(r, "*")) r->c->selects_all = 1;
  const char *start = r->at;
  int depth = 0;
  while (*r->at && !(depth == 0 && (peek_word(r, "insert") || peek_word(r, "having") || peek_word(r, "group")))) {
    if (*r->at == '(') depth++;
    if (*r->at == ')') depth--;
    if (*r->at == ',' && depth == 0) {
      add_selected(r, start, r->at);
      start = r->at + 1;
    }
    r->at++;
    while (is_word(r->at[-1]) && is_word(*r->at)) r->at++;
  }
  if (!r->c->selects_all) add_selected(r, start, r->at);
  if (!peek_word(r, "insert")) sd_cant(r->c, "having or group by behind select");
}

static void read_query(reader *r)
{
  if (r->c->pattern) {
    sd_cant(r->c, "several queries");
    return;
  }
  r->c->pattern = read_sequence(r);
  if (keyword(r, "within")) r->c->pattern->within = duration(r);
  if (!keyword(r, "select")) {
    sd_cant(r->c, "an app that does not read");
    return;
  }
  read_select(r);
  while (*r->at && *r->at != ';') r->at++;
  sign(r, ";");
}

static void read_annotation(reader *r)
{
  word(r);
  if (sign(r, ":")) word(r);
  if (sign(r, "(")) enclosed(r, '(', ')');
}

void sd_read(sd_case *c, const char *app)
{
  reader r = {c, app};
  c->streams = cb_arena_take(c->arena, 16 * sizeof *c->streams);
  CB_ASSERT(c->streams);
  while (!c->unsayable) {
    if (sign(&r, "@")) {
      read_annotation(&r);
    } else if (keyword(&r, "define")) {
      if (!keyword(&r, "stream") || c->stream_count == 16) sd_cant(c, "a table or a window");
      else read_stream(&r);
    } else if (keyword(&r, "partition")) {
      read_partition(&r);
    } else if (keyword(&r, "from")) {
      read_query(&r);
    } else if (!keyword(&r, "end") && !sign(&r, ";")) {
      break;
    }
  }
  space(&r);
  if (*r.at || !c->pattern) sd_cant(c, "an app that does not read");
}
