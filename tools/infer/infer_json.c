/* infer_json.c - the members of JSON records, down to nested ones. */
#include <string.h>

#include "tools/infer/infer_parts.h"

/* Where in a record the walk is: names from the root, joined by dots. */
typedef struct json_path {
  infer *infer;
  char text[256];
  size_t len;
  size_t before[INFER_DEPTH_MAX]; /* lengths of the paths above */
  unsigned depth;
} json_path;

static infer_type type_of(cb_json_type type)
{
  switch (type) {
  case CB_JSON_BOOL: return INFER_BOOL;
  case CB_JSON_INT: return INFER_INT;
  case CB_JSON_FLOAT:
  case CB_JSON_BIG: return INFER_FLOAT;
  case CB_JSON_STRING: return INFER_TEXT;
  case CB_JSON_ARRAY: return INFER_ARRAY;
  case CB_JSON_OBJECT: return INFER_OBJECT;
  case CB_JSON_MISSING:
  case CB_JSON_NULL: break;
  }
  return INFER_NULL;
}

/* A nested name with a dot, and a path that is too long, cannot be said by `at`. */
static int put_name(json_path *path, const char *name, size_t len)
{
  if (len == 0 || len + 2 > sizeof path->text - path->len || (path->depth > 0 && memchr(name, '.', len))) return 0;
  if (path->len > 0) path->text[path->len++] = '.';
  memcpy(path->text + path->len, name, len);
  path->len += len;
  return 1;
}

static int see_member(void *ctx, const char *name, size_t name_len, cb_json_type type, const char *text, size_t len)
{
  json_path *path = ctx;
  size_t before = path->len;
  if (!put_name(path, name, name_len)) {
    path->infer->dotted++;
    return 0;
  }
  if (type == CB_JSON_OBJECT && path->depth < INFER_DEPTH_MAX) {
    path->before[path->depth++] = before;
    return 1;
  }
  infer_type kind = type_of(type);
  infer_text value = {text, len};
  if (kind == INFER_INT && !infer_text_is(INFER_AS_INT, value) && len > 18) kind = INFER_FLOAT; /* beyond 64 bits */
  infer_field *field = infer_field_find(path->infer, path->text, path->len);
  if (field) infer_field_see(path->infer, field, kind, value);
  path->len = before;
  return 0;
}

static void leave_object(void *ctx)
{
  json_path *path = ctx;
  path->len = path->before[--path->depth];
}

int infer_json_record(infer *self, const char *record, size_t len)
{
  const char *why = "";
  if (cb_json_parse(self->json, record, len, &why) < 0) {
    if (!self->bad_why) self->bad_why = why;
    return 0;
  }
  json_path path = {.infer = self};
  const cb_json_visitor visitor = {see_member, leave_object, &path};
  if (cb_json_walk_run(self->walk, record, len, &visitor) == CEP_E_NOMEM) self->has_failed = 1;
  return 1;
}
