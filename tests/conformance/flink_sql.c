/* flink_sql.c - a malformed row pattern, which has no stages, as rule text. */
#include <string.h>

#include "tests/conformance/flink.h"

typedef struct reader {
  fl_case *c;
  const char *at;
  int bad;
} reader;

static const char *read_row_sequence(reader *r);

static int is_word(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static const char *name_at(fl_case *c, const char **at)
{
  const char *start = *at;
  while (is_word(**at)) (*at)++;
  return cb_arena_text(c->arena, start, (size_t)(*at - start));
}

/* The words of the quantifier that stands here, "" if none does. */
static const char *read_quantifier(reader *r, int is_group)
{
  static const char *const counts[][2] = {{"*", "0+"}, {"+", "1+"}, {"?", "optional"}};
  const char *count = "";
  for (uint32_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    if (*r->at == *counts[i][0]) count = counts[i][1];
  }
  if (!*count) return "";
  r->at++;
  int reluctant = *r->at == '?';
  r->at += reluctant;
  if (strcmp(count, "optional") == 0) return "optional ";
  const char *greed = reluctant ? "reluctant " : is_group ? "" : "greedy ";
  return cb_arena_printf(r->c->arena, "%s %sconsecutive ", count, greed);
}

static const char *read_row_element(reader *r)
{
  const char *unit = NULL;
  int is_group = *r->at == '(';
  if (is_group) {
    r->at++;
    unit = cb_arena_printf(r->c->arena, "( %s )", read_row_sequence(r));
    r->bad |= *r->at != ')';
    r->at += *r->at == ')';
  } else {
    const char *name = name_at(r->c, &r->at);
    r->bad |= !*name;
    unit = cb_arena_printf(r->c->arena, "E as `%s`", name);
  }
  const char *count = read_quantifier(r, is_group);
  return cb_arena_printf(r->c->arena, "%s%s", count, unit);
}

static const char *read_row_sequence(reader *r)
{
  const char *text = NULL;
  while (!r->bad && *r->at && *r->at != ')') {
    if (*r->at == ' ') {
      r->at++;
      continue;
    }
    const char *element = read_row_element(r);
    text = text ? cb_arena_printf(r->c->arena, "%s then immediately %s", text, element) : element;
  }
  return text ? text : "";
}

static int is_declared(const json *names, uint32_t before, const char *name)
{
  for (uint32_t i = 0; names && i < before; i++) {
    if (names->items[i]->text && strcmp(names->items[i]->text, name) == 0) return 1;
  }
  return 0;
}

/* `A.symbol AS symbol`: the value and its name. */
static const char *read_measure(fl_case *c, const char *text, uint32_t number)
{
  const char *as = strstr(text, " AS ");
  const char *value = as ? cb_arena_text(c->arena, text, (size_t)(as - text)) : text;
  if (!as && !strchr(text, '(')) fl_cant(c, "SQL around the pattern");
  const char *name = as ? as + 4 : cb_arena_printf(c->arena, "m%u", number);
  return cb_arena_printf(c->arena, "`%s`: %s", name, strncmp(value, "SUM(", 4) == 0 ? cb_arena_printf(c->arena, "sum(%s", value + 4) : value);
}

const char *fl_sql_rule(fl_case *c, const json *sql)
{
  static const char *const known[] = {"pattern", "measures", "partition_by"};
  for (uint32_t i = 0; i < sql->count; i++) {
    int is_known = 0;
    for (uint32_t k = 0; k < sizeof known / sizeof *known; k++) is_known |= strcmp(sql->names[i], known[k]) == 0;
    if (!is_known) return fl_cant(c, "SQL around the pattern");
  }
  const json *keys = json_get(sql, "partition_by"), *measures = json_get(sql, "measures");
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  cb_write_text(&w, "stream E {\n  time t\n  price: float?\n  tax: float?\n  symbol: string?\n");
  for (uint32_t i = 0; keys && i < keys->count; i++) {
    const char *name = keys->items[i]->text;
    int there = strcmp(name, "price") == 0 || strcmp(name, "tax") == 0 || strcmp(name, "symbol") == 0;
    if (!there && !is_declared(keys, i, name)) cb_write_printf(&w, "  `%s`: string?\n", name);
  }
  cb_write_text(&w, "}\ndetect p");
  for (uint32_t i = 0; keys && i < keys->count; i++) cb_write_printf(&w, "%s`%s`", i ? ", " : " by ", keys->items[i]->text);
  reader r = {c, json_text(sql, "pattern", ""), 0};
  cb_write_printf(&w, " within 1h {\n  match %s\n  emit {", read_row_sequence(&r));
  for (uint32_t i = 0; measures && i < measures->count; i++) {
    cb_write_printf(&w, "%s%s", i ? ", " : " ", read_measure(c, measures->items[i]->text, i));
  }
  cb_write_text(&w, " }\n}\n");
  const char *text = cb_arena_text(c->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return r.bad || *r.at ? fl_cant(c, "SQL around the pattern") : text;
}
