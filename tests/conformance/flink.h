/*
 * flink.h - what the files of the runner for Flink's cases share.
 *
 * Contract
 *   A case is read from JSON (schema: README of the conformance folder), said in the rule
 *   language, played on an engine and compared. What the language cannot say sets
 *   `unsayable` to the name of the construct, the first one found. All memory is the
 *   arena's of the case.
 */
#ifndef FLINK_H
#define FLINK_H

#include "tests/support/json_tree.h"
#include "tests/support/scenario.h"

typedef struct fl_field {
  const char *name;
  cep_kind kind;
  int nullable;
} fl_field;

typedef struct fl_step {
  const char *name;
  int is_no;
  int loops;
  int optional;
  uint32_t max;
} fl_step;

/* Fields of the one stream that are not the case's own. */
enum { FL_FIELD_TIME, FL_FIELD_MS, FL_FIELD_TYPE, FL_FIELD_NULL, FL_FIELD_NO_TEXT, FL_FIELDS_OWN };

typedef struct fl_case {
  cb_arena *arena;
  const json *json;
  const char *name;
  const char *driver;
  fl_field *fields;
  uint32_t field_count;
  fl_step *steps;
  uint32_t step_count;
  uint32_t step; /* whose condition is translated; CEP_NONE in measures */
  const char *unsayable;
  scenario scenario;
  uint32_t *advances; /* script index of the watermark step behind each act, CEP_NONE */
} fl_case;

const char *fl_cant(fl_case *c, const char *construct);
const json *fl_event(const fl_case *c, int64_t n);
int fl_is_processing_time(const fl_case *c);

/* A condition, or a measure, in our words. */
const char *fl_expr(fl_case *c, const char *text);
/* The rule text; NULL if unsayable. */
const char *fl_rule(fl_case *c);
/* Fills c->scenario with the acts of the script. */
void fl_play(fl_case *c);
/* NULL if everything expected is so, else a sentence. */
const char *fl_check(fl_case *c, const scn_outcome *got);

#endif
