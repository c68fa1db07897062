/*
 * json.h - reading one JSON record through simdjson, behind a C door.
 *
 * Contract
 *   The DOM parser, so that the whole record is checked (UTF-8, structure, numbers), also
 *   the parts that nothing reads. Keeps buffers between calls: a warm parser allocates
 *   nothing. Its buffers come from the C++ heap, not from cb_alloc: simdjson has no hook.
 *   A duplicate key: the first one counts.
 *   In a record with an integer past 64 bits, floats from 2^63 on are given as CB_JSON_BIG.
 *   Values borrow from the parser until the next parse.
 */
#ifndef CB_JSON_H
#define CB_JSON_H

#include "cep/base/value.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cb_json cb_json;

typedef enum cb_json_type {
  CB_JSON_MISSING,
  CB_JSON_NULL,
  CB_JSON_BOOL,
  CB_JSON_INT,
  CB_JSON_FLOAT,
  CB_JSON_BIG, /* an integer outside int64, given as f */
  CB_JSON_STRING,
  CB_JSON_ARRAY,
  CB_JSON_OBJECT
} cb_json_type;

typedef struct cb_json_value {
  cb_json_type type;
  uint32_t length;
  int64_t i; /* also of bools */
  double f;
  const char *s;
} cb_json_value;

/* A way to a value: member names from the root, as C strings. Where the first name
 * contains dots and the root has a member of just that spelling, that one counts: the
 * decoder passes {"a.b"} and {"a","b"} as two paths. */
typedef struct cb_json_path {
  const char *const *names;
  uint32_t count;
} cb_json_path;

/* NULL when memory is refused. */
cb_json *cb_json_new(size_t record_max, size_t depth_max);
void cb_json_free(cb_json *json);
/* CEP_E_INVALID with a static sentence in `*why`: not one well-formed JSON object; too
 * deep (empty arrays and objects do not count); too long; a number past a double's range.
 * CEP_E_NOMEM. */
cep_status cb_json_parse(cb_json *json, const char *text, size_t len, const char **why);
void cb_json_get(cb_json *json, const cb_json_path *path, cb_json_value *out);

/* A value of any kind, not a record: no path by names is asked of it, but cb_json_find. A
 * text that is the one before is not parsed again. 1, or 0 when it is not well-formed. */
int cb_json_parse_value(cb_json *json, const char *text, size_t len);
/* 1 if the text is a path: names and [numbers] or ["names"], `a.b[0]["x.y"]`; empty: all of it. */
int cb_json_path_valid(const char *path, size_t len);
/* Along such a path. Of arrays and objects `length` is how much they have. */
void cb_json_find(cb_json *json, const char *path, size_t len, cb_json_value *out);

#ifdef __cplusplus
}
#endif

#endif
