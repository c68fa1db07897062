/* json_tree.c - a JSON text as a tree, for the data that tests read. */
#include "tests/support/json_tree.h"

#include <string.h>

#include "cep/base/num.h"

#define DEPTH_MAX 64

typedef struct reader {
  cb_arena *arena;
  const char *at;
  const char *end;
  uint32_t depth;
  int failed;
} reader;

static json *read_value(reader *r);

static void skip_space(reader *r)
{
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static int accept(reader *r, char c)
{
  skip_space(r);
  if (r->at == r->end || *r->at != c) return 0;
  r->at++;
  return 1;
}

static json *make(reader *r, json_kind kind)
{
  json *value = cb_arena_take(r->arena, sizeof *value);
  CB_ASSERT(value);
  value->kind = kind;
  return value;
}

static uint32_t hex4(reader *r)
{
  uint32_t code = 0;
  for (int i = 0; i < 4; i++) {
    char c = r->at < r->end ? *r->at++ : 0;
    uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                            : 16;
    if (digit == 16) r->failed = 1;
    code = code * 16 + digit;
  }
  return code;
}

static char *put_utf8(char *out, uint32_t code)
{
  if (code < 0x80) {
    *out++ = (char)code;
  } else if (code < 0x800) {
    *out++ = (char)(0xC0 | code >> 6);
    *out++ = (char)(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *out++ = (char)(0xE0 | code >> 12);
    *out++ = (char)(0x80 | (code >> 6 & 0x3F));
    *out++ = (char)(0x80 | (code & 0x3F));
  } else {
    *out++ = (char)(0xF0 | code >> 18);
    *out++ = (char)(0x80 | (code >> 12 & 0x3F));
    *out++ = (char)(0x80 | (code >> 6 & 0x3F));
    *out++ = (char)(0x80 | (code & 0x3F));
  }
  return out;
}

static char *read_escape(reader *r, char *out)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = r->at < r->end ? *r->at++ : 0;
  const char *known = c ? strchr(from, c) : NULL;
  if (known) {
    *out++ = to[known - from];
    return out;
  }
  if (c != 'u') {
    r->failed = 1;
    return out;
  }
  uint32_t code = hex4(r);
  if (code >= 0xD800 && code < 0xDC00 && r->end - r->at >= 2 && r->at[0] == '\\' && r->at[1] == 'u') {
    r->at += 2;
    code = 0x10000 + ((code - 0xD800) << 10) + ((hex4(r) - 0xDC00) & 0x3FF);
  }
  return put_utf8(out, code);
}

/* After the opening quote. An escape is never shorter than what it stands for. */
static const char *read_text(reader *r)
{
  const char *end = r->at;
  while (end < r->end && *end != '"') end += *end == '\\' && end + 1 < r->end ? 2 : 1;
  char *text = cb_arena_take(r->arena, (size_t)(end - r->at) + 1);
  CB_ASSERT(text);
  char *out = text;
  while (r->at < r->end && *r->at != '"' && !r->failed) {
    char c = *r->at++;
    if (c == '\\') out = read_escape(r, out);
    else *out++ = c;
  }
  if (r->at == r->end) r->failed = 1;
  else r->at++;
  *out = 0;
  return text;
}

static json *read_number(reader *r)
{
  const char *start = r->at;
  while (r->at < r->end && *r->at && strchr("+-0123456789.eE", *r->at)) r->at++;
  size_t len = (size_t)(r->at - start);
  json *value = make(r, JSON_INT);
  if (cb_num_int(start, len, &value->i)) {
    value->f = (double)value->i;
    return value;
  }
  value->kind = JSON_FLOAT;
  if (!cb_num_float(start, len, &value->f)) r->failed = 1;
  return value;
}

static void append(reader *r, json *parent, const char *name, json *item, uint32_t *room)
{
  if (parent->count == *room) {
    uint32_t more = *room ? *room * 2 : 8;
    json **items = cb_arena_take(r->arena, more * sizeof *items);
    const char **names = cb_arena_take(r->arena, more * sizeof *names);
    CB_ASSERT(items && names);
    if (parent->count) {
      memcpy(items, parent->items, parent->count * sizeof *items);
      memcpy(names, parent->names, parent->count * sizeof *names);
    }
    parent->items = items;
    parent->names = names;
    *room = more;
  }
  parent->items[parent->count] = item;
  parent->names[parent->count++] = name;
}

static json *read_nested(reader *r, json_kind kind, char close)
{
  json *value = make(r, kind);
  uint32_t room = 0;
  if (++r->depth > DEPTH_MAX) r->failed = 1;
  if (!accept(r, close)) {
    do {
      const char *name = NULL;
      if (kind == JSON_OBJECT) {
        if (!accept(r, '"')) r->failed = 1;
        else name = read_text(r);
        if (!accept(r, ':')) r->failed = 1;
      }
      if (r->failed) break;
      append(r, value, name, read_value(r), &room);
    } while (!r->failed && accept(r, ','));
    if (!r->failed && !accept(r, close)) r->failed = 1;
  }
  r->depth--;
  return value;
}

static json *read_word(reader *r, const char *word, json_kind kind, int64_t i)
{
  size_t len = strlen(word);
  json *value = make(r, kind);
  value->i = i;
  if ((size_t)(r->end - r->at) < len || memcmp(r->at, word, len) != 0) r->failed = 1;
  else r->at += len;
  return value;
}

static json *read_value(reader *r)
{
  skip_space(r);
  char c = r->at < r->end ? *r->at : 0;
  switch (c) {
    case '{': r->at++; return read_nested(r, JSON_OBJECT, '}');
    case '[': r->at++; return read_nested(r, JSON_LIST, ']');
    case 't': return read_word(r, "true", JSON_BOOL, 1);
    case 'f': return read_word(r, "false", JSON_BOOL, 0);
    case 'n': return read_word(r, "null", JSON_NULL, 0);
    case '"': {
      r->at++;
      json *value = make(r, JSON_STRING);
      value->text = read_text(r);
      return value;
    }
    default: return read_number(r);
  }
}

json *json_read(cb_arena *arena, const char *text, size_t len)
{
  reader r = {arena, text, text + len, 0, 0};
  json *value = read_value(&r);
  skip_space(&r);
  return r.failed || r.at != r.end ? NULL : value;
}

const json *json_get(const json *object, const char *name)
{
  if (!object || object->kind != JSON_OBJECT) return NULL;
  for (uint32_t i = 0; i < object->count; i++) {
    if (strcmp(object->names[i], name) == 0) return object->items[i]->kind == JSON_NULL ? NULL : object->items[i];
  }
  return NULL;
}

const char *json_text(const json *object, const char *name, const char *other)
{
  const json *value = json_get(object, name);
  return value && value->kind == JSON_STRING ? value->text : other;
}

int64_t json_int(const json *object, const char *name, int64_t other)
{
  const json *value = json_get(object, name);
  return value && value->kind == JSON_INT ? value->i : other;
}

int json_true(const json *object, const char *name)
{
  const json *value = json_get(object, name);
  return value && value->kind == JSON_BOOL && value->i;
}
