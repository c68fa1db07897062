/*
 * json_tree.h - a JSON text as a tree, for the data that tests read.
 *
 * Contract
 *   Everything lies in the arena. json_read gives NULL for a text that is not one JSON
 *   value (with white space around). Depth is limited to 64. Numbers that are whole and
 *   fit are JSON_INT. Look-ups are by scanning: test data is small.
 */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include "cep/base/arena.h"

typedef enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_FLOAT, JSON_STRING, JSON_LIST, JSON_OBJECT } json_kind;

typedef struct json json;
struct json {
  json_kind kind;
  int64_t i;        /* JSON_INT, JSON_BOOL */
  double f;         /* JSON_INT, JSON_FLOAT */
  const char *text; /* JSON_STRING, terminated */
  uint32_t count;   /* of a list or an object */
  json **items;
  const char **names; /* of an object */
};

json *json_read(cb_arena *arena, const char *text, size_t len);
/* NULL if `object` is NULL, no object, or has no such member, or its value is null. */
const json *json_get(const json *object, const char *name);
/* The text of a string member; `other` if there is none. */
const char *json_text(const json *object, const char *name, const char *other);
int64_t json_int(const json *object, const char *name, int64_t other);
int json_true(const json *object, const char *name);

#endif
