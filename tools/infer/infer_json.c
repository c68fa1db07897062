/* infer_json.c - the members of JSON records, down to nested ones. */
#include <string.h>

#include "cep/base/utf8.h"
#include "tools/infer/infer_parts.h"

/* The door to JSON says whether a record is well formed; a walk over text that is needs no checks. */
typedef struct walk {
  infer *infer;
  const char *at;
  char path[256]; /* names from the root, joined by dots */
  size_t path_len;
  unsigned depth;
} walk;

static void skip_blanks(walk *self)
{
  while (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r') self->at++;
}

static uint32_t hex4(const char *text)
{
  uint32_t code = 0;
  for (int i = 0; i < 4; i++) {
    char c = infer_lower(text[i]);
    code = code << 4 | (uint32_t)(infer_is_digit(c) ? c - '0' : c - 'a' + 10);
  }
  return code;
}

/* Behind the backslash; gives what stands behind the escape. */
static const char *unescape(const char *at, cb_writer *out)
{
  static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
  const char *letter = strchr(letters, *at);
  if (*at != 'u') {
    cb_write_u8(out, (uint8_t)(letter ? meanings[letter - letters] : *at));
    return at + 1;
  }
  uint32_t code = hex4(at + 1);
  at += 5;
  if (code >= 0xD800 && code < 0xDC00 && at[0] == '\\' && at[1] == 'u') {
    code = 0x10000 + ((code - 0xD800) << 10) + (hex4(at + 2) - 0xDC00);
    at += 6;
  }
  char bytes[4];
  cb_write_bytes(out, bytes, cb_utf8_encode(code, bytes));
  return at;
}

/* From the quote on. Lives until the next text that has escapes. */
static infer_text read_text(walk *self)
{
  const char *start = ++self->at;
  while (*self->at != '"' && *self->at != '\\') self->at++;
  if (*self->at == '"') return (infer_text){start, (size_t)(self->at++ - start)};
  cb_writer *out = &self->infer->unquoted;
  cb_writer_reset(out);
  self->at = start;
  while (*self->at != '"') {
    if (*self->at == '\\') {
      self->at = unescape(self->at + 1, out);
      continue;
    }
    const char *plain = self->at;
    while (*self->at != '"' && *self->at != '\\') self->at++;
    cb_write_bytes(out, plain, (size_t)(self->at - plain));
  }
  self->at++;
  if (out->status < 0) self->infer->has_failed = 1;
  return out->status < 0 ? (infer_text){"", 0} : (infer_text){(const char *)out->data, out->len};
}

/* An array, or an object that is too deep. */
static void skip_nested(walk *self)
{
  unsigned depth = 0;
  do {
    char c = *self->at;
    if (c == '"') {
      (void)read_text(self);
      continue;
    }
    depth += c == '[' || c == '{';
    depth -= c == ']' || c == '}';
    self->at++;
  } while (depth > 0);
}

static void see(walk *self, infer_type type, infer_text text)
{
  infer_field *field = infer_field_find(self->infer, self->path, self->path_len);
  if (field) infer_field_see(self->infer, field, type, text);
}

static void walk_object(walk *self);

static void walk_value(walk *self)
{
  char c = *self->at;
  const char *start = self->at;
  if (c == '"') {
    see(self, INFER_TEXT, read_text(self));
  } else if (c == '{' && self->depth < INFER_DEPTH_MAX) {
    walk_object(self);
  } else if (c == '{' || c == '[') {
    see(self, c == '{' ? INFER_OBJECT : INFER_ARRAY, (infer_text){"", 0});
    skip_nested(self);
  } else {
    int is_float = 0;
    while (*self->at != ',' && *self->at != '}' && *self->at != ']' && (unsigned char)*self->at > ' ') {
      is_float |= *self->at == '.' || *self->at == 'e' || *self->at == 'E';
      self->at++;
    }
    infer_text text = {start, (size_t)(self->at - start)};
    if (c == '-' || infer_is_digit(c)) {
      is_float |= !infer_text_is(INFER_AS_INT, text) && text.len > 18;
      see(self, is_float ? INFER_FLOAT : INFER_INT, text);
    } else {
      see(self, c == 'n' ? INFER_NULL : INFER_BOOL, text);
    }
  }
}

/* A nested name with a dot, and a path that is too long, cannot be said by `at`. */
static int go_down(walk *self, infer_text name)
{
  size_t room = sizeof self->path - self->path_len;
  if (name.len + 2 > room || name.len == 0 || (self->depth > 1 && memchr(name.at, '.', name.len))) return 0;
  if (self->path_len > 0) self->path[self->path_len++] = '.';
  memcpy(self->path + self->path_len, name.at, name.len);
  self->path_len += name.len;
  return 1;
}

static void skip_value(walk *self)
{
  if (*self->at == '{' || *self->at == '[') {
    skip_nested(self);
  } else if (*self->at == '"') {
    (void)read_text(self);
  } else {
    while (*self->at != ',' && *self->at != '}') self->at++;
  }
}

static void walk_object(walk *self)
{
  size_t path_len = self->path_len;
  self->depth++;
  for (self->at++;; self->at++) {
    skip_blanks(self);
    if (*self->at == '}') break;
    infer_text name = read_text(self);
    int is_down = go_down(self, name);
    skip_blanks(self);
    self->at++; /* the colon */
    skip_blanks(self);
    if (is_down) {
      walk_value(self);
    } else {
      self->infer->dotted++;
      skip_value(self);
    }
    self->path_len = path_len;
    skip_blanks(self);
    if (*self->at == '}') break;
  }
  self->at++;
  self->depth--;
}

int infer_json_record(infer *self, const char *record, size_t len)
{
  const char *why = "";
  if (cb_json_parse(self->json, record, len, &why) < 0) {
    if (!self->bad_why) self->bad_why = why;
    return 0;
  }
  walk root = {.infer = self, .at = record};
  skip_blanks(&root);
  walk_object(&root);
  return 1;
}
