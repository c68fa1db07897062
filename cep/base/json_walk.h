/*
 * json_walk.h - every member of a JSON record, through simdjson, behind a C door.
 *
 * Contract
 *   For who does not know which members there are; who does asks json.h, which also judges whether a record is
 *   well formed as a whole: this here sees only what it passes, and stops where that is wrong.
 *   Members come in the order of the record, those of an object between its own call and `leave`; what is in arrays
 *   does not come. Texts live during the call. Keeps buffers between calls, of the C++ heap like json.h. One owner.
 */
#ifndef CB_JSON_WALK_H
#define CB_JSON_WALK_H

#include "cep/base/json.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cb_json_walk cb_json_walk;

typedef struct cb_json_visitor {
  /* `text`: of a string what it says, of a number, true and false as they are written, else empty. Numbers are
   * CB_JSON_INT or CB_JSON_FLOAT by how they are written. Of an object: not 0 to go into it. */
  int (*member)(void *ctx, const char *name, size_t name_len, cb_json_type type, const char *text, size_t len);
  void (*leave)(void *ctx); /* an object that was gone into has ended */
  void *ctx;
} cb_json_visitor;

/* NULL when memory is refused. */
cb_json_walk *cb_json_walk_new(void);
void cb_json_walk_free(cb_json_walk *walk);
/* CEP_E_INVALID: it is no object, or is wrong somewhere; the members before that have come. CEP_E_NOMEM. */
cep_status cb_json_walk_run(cb_json_walk *walk, const char *record, size_t len, const cb_json_visitor *visitor);

#ifdef __cplusplus
}
#endif

#endif
