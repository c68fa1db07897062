/* siddhi_rule.c - an app as rule text: one input, its streams, one detection. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/siddhi.h"

/* ---- Expressions ---------------------------------------------------------------------------- */

typedef struct reader {
  sd_case *c;
  const char *at;
  const char *end;
  const sd_node *own;
  cb_writer *w;
} reader;

static int is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static void space(reader *r)
{
  while (r->at < r->end && *r->at == ' ') r->at++;
}

static int sign(reader *r, char c)
{
  space(r);
  if (r->at == r->end || *r->at != c) return 0;
  r->at++;
  return 1;
}

static const char *word(reader *r)
{
  space(r);
  const char *start = r->at;
  while (r->at < r->end && (is_letter(*r->at) || is_digit(*r->at))) r->at++;
  return sd_keep(r->c, (sd_text){start, (size_t)(r->at - start)});
}

/* `[2]`, `[last]`, `[last - 1]` behind a step's name, as our index; 0 without one. */
static int read_index(reader *r, int64_t *index_out)
{
  if (!sign(r, '[')) return 0;
  const char *text = word(r);
  int64_t index = strtoll(text, NULL, 10);
  if (strcmp(text, "last") == 0) index = sign(r, '-') ? -1 - strtoll(word(r), NULL, 10) : -1;
  if (!sign(r, ']')) sd_cant(r->c, "an expression that does not read");
  *index_out = index;
  return 1;
}

/* A name that stands before `.` or `[`: a step, or the stream of the condition's own. */
static void write_reference(reader *r, const char *name)
{
  int64_t index = 0;
  int indexed = read_index(r, &index);
  if (!sign(r, '.')) sd_cant(r->c, "a captured event as a value");
  const char *field = word(r);
  const sd_node *step = sd_find_step(r->c, name);
  int own = r->own && !indexed && (step == r->own || strcmp(name, r->own->stream) == 0);
  if (own) {
    cb_write_printf(r->w, "`%s`", field);
    return;
  }
  if (!step) {
    sd_cant(r->c, "a name that is no step");
    return;
  }
  int repeats = step->counted && step->max > 1;
  if (repeats && !indexed) sd_cant(r->c, "a list of captured values");
  if (repeats) cb_write_printf(r->w, "`%s`[%lld].`%s`", name, (long long)index, field);
  else cb_write_printf(r->w, "`%s`.`%s`", name, field);
}

static void write_word(reader *r)
{
  static const char *const same[] = {"and", "or", "not", "is", "null", "true", "false"};
  const char *name = word(r);
  for (uint32_t i = 0; i < sizeof same / sizeof *same; i++) {
    if (strcmp(name, same[i]) == 0) {
      cb_write_printf(r->w, " %s ", name);
      return;
    }
  }
  space(r);
  char next = r->at < r->end ? *r->at : 0;
  if (next == '.' || next == '[') write_reference(r, name);
  else if (next == '(' || next == ':') sd_cant(r->c, "functions");
  else if (r->own) cb_write_printf(r->w, "`%s`", name);
  else sd_cant(r->c, "a selected value that names no step");
}

static void write_number(reader *r)
{
  const char *start = r->at;
  while (r->at < r->end && (is_digit(*r->at) || *r->at == '.')) r->at++;
  cb_write_text(r->w, sd_keep(r->c, (sd_text){start, (size_t)(r->at - start)}));
  if (r->at < r->end && strchr("fFdDlL", *r->at)) r->at++;
}

static void write_string(reader *r)
{
  char quote = *r->at++;
  const char *start = r->at;
  while (r->at < r->end && *r->at != quote) r->at++;
  cb_write_printf(r->w, "\"%s\"", sd_keep(r->c, (sd_text){start, (size_t)(r->at - start)}));
  if (r->at < r->end) r->at++;
}

const char *sd_expr(sd_case *c, sd_text text, const sd_node *own)
{
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  reader r = {c, text.at, text.at + text.len, own, &w};
  cb_write_text(&w, "");
  while (!c->unsayable && r.at < r.end) {
    if (is_letter(*r.at)) write_word(&r);
    else if (is_digit(*r.at)) write_number(&r);
    else if (*r.at == '\'' || *r.at == '"') write_string(&r);
    else if (strchr(" ()<>=!+-*/%", *r.at)) cb_write_u8(&w, (uint8_t)*r.at++);
    else sd_cant(c, "an expression that does not read");
  }
  const char *said = cb_arena_text(c->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return said;
}

/* ---- The pattern ------------------------------------------------------------------------------ */

static void write_node(sd_case *c, cb_writer *w, const sd_node *node);

static void write_source(sd_case *c, cb_writer *w, const sd_node *node)
{
  cb_write_text(w, node->stream);
  if (node->kind == SD_STEP) cb_write_printf(w, " as `%s`", node->name);
  if (node->filter.len) cb_write_printf(w, " where %s", sd_expr(c, node->filter, node));
  if (node->quiet > 0) cb_write_printf(w, " for %lldms", (long long)node->quiet);
}

static void write_step(sd_case *c, cb_writer *w, const sd_node *node, int strict)
{
  if (node->counted) {
    uint32_t min = node->min ? node->min : 1;
    if (node->min == 0) cb_write_text(w, "optional ");
    if (node->max == PLAN_OPEN) cb_write_printf(w, "%u+ ", min);
    else if (node->max > min) cb_write_printf(w, "%u..%u ", min, node->max);
    else if (min > 1) cb_write_printf(w, "%u ", min);
    if (node->max > min) cb_write_text(w, "reluctant ");
    if (node->max > 1) cb_write_text(w, strict ? "consecutive " : "relaxed ");
  }
  write_source(c, w, node);
}

static int has_absence(const sd_node *node)
{
  for (uint32_t i = 0; i < node->item_count; i++) {
    if (node->items[i]->kind == SD_ABSENT) return 1;
  }
  return 0;
}

static void write_list(sd_case *c, cb_writer *w, const char *words, const sd_node *node)
{
  cb_write_printf(w, "%s ( ", words);
  for (uint32_t i = 0; i < node->item_count; i++) {
    if (i > 0) cb_write_text(w, ", ");
    write_node(c, w, node->items[i]);
  }
  cb_write_text(w, " )");
}

static void write_node(sd_case *c, cb_writer *w, const sd_node *node)
{
  switch (node->kind) {
    case SD_STEP: write_step(c, w, node, node->strict); break;
    case SD_AND: write_list(c, w, "all of", node); break;
    case SD_OR: write_list(c, w, "one of", node); break;
    default: sd_cant(c, "a group inside and, or"); break;
  }
}

/* `within` behind a part bounds the way to it. */
static void write_hop(cb_writer *w, const sd_node *node)
{
  cb_write_text(w, node->strict ? "then immediately " : "then ");
  if (node->within > 0) cb_write_printf(w, "within %lldms ", (long long)node->within);
}

/* `not X and e = Y`: X must not come before Y. */
static void write_absence_and(sd_case *c, cb_writer *w, sd_node *node, int is_first)
{
  sd_node *absent = node->items[0]->kind == SD_ABSENT ? node->items[0] : node->items[1];
  sd_node *other = node->items[0] == absent ? node->items[1] : node->items[0];
  if (node->kind == SD_OR) sd_cant(c, "or with an absence");
  else if (other->kind == SD_ABSENT) sd_cant(c, "two absences joined");
  else if (absent->quiet > 0) sd_cant(c, "and with an absence for a time");
  else if (is_first) sd_cant(c, "and with an absence at the start");
  if (c->unsayable) return;
  cb_write_text(w, "then no ");
  write_source(c, w, absent);
  cb_write_text(w, "\n  ");
  write_hop(w, node);
  write_step(c, w, other, node->strict);
}

static void write_element(sd_case *c, cb_writer *w, sd_node *node, int is_first)
{
  if (node->kind == SD_SEQUENCE) {
    sd_cant(c, node->every ? "every around a part of the pattern" : "a group");
    return;
  }
  if (node->every) sd_cant(c, node->kind == SD_ABSENT ? "every around an absence" : "every behind the first step");
  if (node->within > 0 && is_first) sd_cant(c, "within on a part of the pattern");
  if ((node->kind == SD_AND || node->kind == SD_OR) && has_absence(node)) {
    write_absence_and(c, w, node, is_first);
    return;
  }
  if (node->kind == SD_ABSENT) {
    if (node->within > 0) sd_cant(c, "within on a part of the pattern");
    cb_write_text(w, is_first ? "match no " : "then no ");
    write_source(c, w, node);
    return;
  }
  if (is_first) cb_write_text(w, "match ");
  else write_hop(w, node);
  write_node(c, w, node);
}

/* ---- The rest ----------------------------------------------------------------------------------- */

static void write_streams(const sd_case *c, cb_writer *w)
{
  static const char *const kinds[] = {"null", "bool", "int", "float", "string"};
  cb_write_text(w, "input I format json {\n  time `$time`\n}\n");
  for (uint32_t i = 0; i < c->stream_count; i++) {
    const sd_stream *stream = &c->streams[i];
    cb_write_printf(w, "stream %s from I {", stream->name);
    for (uint32_t k = 0; k < stream->field_count; k++) cb_write_printf(w, " `%s`: %s?", stream->fields[k].name, kinds[stream->fields[k].kind]);
    cb_write_text(w, " }\n");
  }
}

static int is_used(const sd_node *node, const char *stream)
{
  if (node->stream && strcmp(node->stream, stream) == 0) return 1;
  for (uint32_t i = 0; i < node->item_count; i++) {
    if (is_used(node->items[i], stream)) return 1;
  }
  return 0;
}

static void write_key(sd_case *c, cb_writer *w)
{
  int any = 0, all = 1;
  for (uint32_t i = 0; i < c->stream_count; i++) {
    const sd_stream *stream = &c->streams[i];
    if (!is_used(c->pattern, stream->name)) continue;
    any |= stream->key != NULL;
    all &= stream->key != NULL;
  }
  if (!any) return;
  if (!all) sd_cant(c, "a stream without a key in a partition");
  cb_write_text(w, " by `$key`");
  for (uint32_t i = 0; i < c->stream_count; i++) {
    const sd_stream *stream = &c->streams[i];
    if (is_used(c->pattern, stream->name)) cb_write_printf(w, " = %s.`%s`", stream->name, stream->key);
  }
}

static void write_emit(sd_case *c, cb_writer *w)
{
  cb_write_text(w, "  emit {");
  for (uint32_t i = 0; i < c->select_count; i++) cb_write_printf(w, "%s `c%u`: %s", i ? "," : "", i, sd_expr(c, c->select[i], NULL));
  cb_write_text(w, " }\n");
}

/* With `every` before the first step each event that fits it starts, but a step that is
 * counted first takes them all, and in a sequence only the last event of a match may start. */
static void write_skip(const sd_case *c, cb_writer *w, const sd_node *pattern, int around_all)
{
  const sd_node *first = pattern->items[0], *last = pattern->items[pattern->item_count - 1];
  const char *skip = "no skip";
  if (around_all || (!c->once && first->counted)) skip = "skip past last";
  else if (!c->once && last->strict && last->kind == SD_STEP) skip = cb_arena_printf(c->arena, "skip to last `%s`", last->name);
  cb_write_printf(w, "  after match %s\n", skip);
}

/* `every` around the whole starts anew when it has matched; before the first step alone, with
 * each event. Without it the query is over with its first match. */
const char *sd_rule(sd_case *c)
{
  sd_node *pattern = c->pattern;
  int64_t within = pattern->within;
  int around_all = pattern->every;
  sd_node alone = {.kind = SD_SEQUENCE, .items = {pattern}, .item_count = 1};
  if (pattern->kind != SD_SEQUENCE) {
    around_all = around_all && pattern->kind != SD_STEP;
    c->once = !pattern->every;
    pattern->every = 0;
    pattern->within = 0;
    pattern = &alone;
  } else if (!around_all) {
    c->once = !pattern->items[0]->every;
    if (pattern->items[0]->kind == SD_STEP) pattern->items[0]->every = 0;
    if (pattern->items[0]->every && pattern->items[0]->kind != SD_ABSENT) sd_cant(c, "every around a part of the pattern");
  }
  if (pattern == &alone && pattern->items[0]->kind == SD_ABSENT) sd_cant(c, "a pattern that takes no event");
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  write_streams(c, &w);
  cb_write_text(&w, "detect p");
  write_key(c, &w);
  if (within > 0) cb_write_printf(&w, " within %lldms {\n", (long long)within);
  else cb_write_text(&w, " unbounded {\n");
  for (uint32_t i = 0; i < pattern->item_count; i++) {
    cb_write_text(&w, "  ");
    write_element(c, &w, pattern->items[i], i == 0);
    cb_write_text(&w, "\n");
  }
  write_skip(c, &w, pattern, around_all);
  write_emit(c, &w);
  cb_write_text(&w, "}\n");
  const char *text = cb_arena_text(c->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return c->unsayable ? NULL : text;
}
