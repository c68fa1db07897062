/*
 * source.h - a text with its lines; spans; places for messages.
 *
 * Contract
 *   A cb_source borrows name and text. Offsets are bytes from 0; lines and columns from 1,
 *   columns in bytes. cb_source_init cannot fail (lines are found by scanning).
 */
#ifndef CB_SOURCE_H
#define CB_SOURCE_H

#include "cep/base/bytes.h"

typedef struct cb_span {
  uint32_t offset;
  uint32_t length;
} cb_span;

typedef struct cb_source {
  const char *name;
  const char *text;
  uint32_t len;
} cb_source;

void cb_source_init(cb_source *source, const char *name, const char *text, uint32_t len);
void cb_source_place(const cb_source *source, uint32_t offset, uint32_t *line, uint32_t *column);
/* The span from the start of `a` to the end of `b`. */
cb_span cb_span_join(cb_span a, cb_span b);

#endif
