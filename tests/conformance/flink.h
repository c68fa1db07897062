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

/* A stage that is no group, in the order of the text. */
typedef struct fl_step {
  const char *name;
  int is_no;
  int loops;    /* it, or a group that it stands in, is counted */
  int optional; /* it, or a group that it stands in */
} fl_step;

/* How often a stage or a group may come. */
typedef struct fl_count {
  int counted;
  int optional;
  uint32_t min;
  uint32_t max;      /* PLAN_OPEN */
  const char *inner; /* contiguity between repetitions: relaxed, any, strict */
  int greedy;
} fl_count;

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
  int verbose;
  uint32_t step;   /* whose condition is translated; CEP_NONE in measures */
  int64_t within;  /* ms; 0: unbounded */
  uint32_t gaps;   /* `then within D` written */
  uint32_t quiets; /* `no X for D` written */
  int opens;         /* an open count */
  int groups_repeat; /* a group with a count */
  int told_acts;     /* the outcome says during which act an output came */
  int branches;    /* `any` somewhere */
  const char *unsayable;
  scenario scenario;
  uint32_t *advances; /* script index of the watermark step behind each act, CEP_NONE */
  int64_t *clocks;    /* of processing time at each act; ms */
} fl_case;

const char *fl_cant(fl_case *c, const char *construct);
const json *fl_event(const fl_case *c, int64_t n);
int fl_is_processing_time(const fl_case *c);
int fl_is_own_order(const fl_case *c);
int fl_has_prefix(const char *text, const char *prefix);

int fl_is_no(const json *stage);
fl_count fl_count_of(const json *stage);
/* Fills the fields and the steps of the case. */
void fl_read(fl_case *c, const json *stages);

/* A condition, or a measure, in our words. */
const char *fl_expr(fl_case *c, const char *text);
/* The rule text; NULL if unsayable. */
const char *fl_rule(fl_case *c);
/* The same of a malformed row pattern. */
const char *fl_sql_rule(fl_case *c, const json *sql);
/* Fills c->scenario with the acts of the script. */
void fl_play(fl_case *c);
/* NULL if the answers are as expected, and the same in every way that must not matter, else
 * a sentence. Of the reference: only the first. */
const char *fl_judge(fl_case *c, int reference);
/* NULL if everything expected is so, else a sentence. */
const char *fl_check(fl_case *c, const scn_outcome *got);

#endif
