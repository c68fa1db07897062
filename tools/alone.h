/*
 * alone.h - one detection of a rule file with what it uses, as rules of its own.
 *
 *   text --words--> parts, one for each declaration --names in them--> the parts that a detection uses
 *
 * Contract
 *   For text that compiles. Inputs, streams and tables stay; of definitions, detections, aggregates and joins
 * those whose names stand in what stays. A name that happens to be that of a detection, too, keeps it: more
 * may stay than is used, never less.
 */
#ifndef TOOLS_ALONE_H
#define TOOLS_ALONE_H

#include "rules.h"

typedef struct rule_part {
  size_t start; /* bytes of the text */
  size_t end;
  size_t name;
  size_t name_len;
  int is_optional;  /* stays only if it is used */
  int is_detection; /* detect, aggregate, join */
  int stays;
} rule_part;

typedef struct rule_parts {
  const rule_file *rules; /* borrowed */
  rule_part *items;
  size_t count;
} rule_parts;

/* 0: no memory, or the parts are not those that were compiled. parts_free in any case. */
int parts_find(rule_parts *parts, const rule_file *rules);
void parts_free(rule_parts *parts);
/* The text for one detection. The caller frees it; NULL: no memory. */
char *parts_alone(rule_parts *parts, const char *detection, size_t *len);

#endif
