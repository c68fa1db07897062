/*
 * siddhi.h - what the files of the runner for Siddhi's cases share.
 *
 * Contract
 *   An app is read into streams, a pattern and a select list; the pattern is said in the
 *   rule language; events are played in event time. What the language cannot say sets
 *   `unsayable` to the name of the construct, the first one found. All memory is the
 *   arena's of the case.
 */
#ifndef SIDDHI_H
#define SIDDHI_H

#include "tests/support/json_tree.h"
#include "tests/support/scenario.h"

typedef struct sd_text {
  const char *at;
  size_t len;
} sd_text;

typedef struct sd_field {
  const char *name;
  cep_kind kind;
} sd_field;

typedef struct sd_stream {
  const char *name;
  sd_field *fields;
  uint32_t field_count;
  const char *key; /* field of the partition; NULL */
} sd_stream;

typedef enum sd_kind { SD_STEP, SD_ABSENT, SD_AND, SD_OR, SD_SEQUENCE } sd_kind;

typedef struct sd_node sd_node;
struct sd_node {
  sd_kind kind;
  int every;
  int strict;         /* `,` leads to it, not `->` */
  const char *name;   /* SD_STEP; made up if there is none */
  const char *stream; /* SD_STEP, SD_ABSENT */
  sd_text filter;
  int counted;
  uint32_t min;
  uint32_t max;       /* PLAN_OPEN */
  int64_t quiet;      /* `for`, ms; 0: none */
  int64_t within;     /* ms; 0: none */
  sd_node *items[16]; /* SD_AND, SD_OR, SD_SEQUENCE */
  uint32_t item_count;
};

typedef struct sd_case {
  cb_arena *arena;
  const json *json;
  const char *name;
  const char *unsayable;
  sd_stream *streams;
  uint32_t stream_count;
  sd_node *steps[32]; /* of kind SD_STEP, in the order of the text */
  uint32_t step_count;
  sd_node *pattern;
  sd_text select[32]; /* the values, without their names */
  uint32_t select_count;
  int selects_all;    /* `select *` */
  int once;           /* no `every`: the first match ends the query */
  scenario scenario;
} sd_case;

const char *sd_cant(sd_case *c, const char *construct);
sd_stream *sd_find_stream(const sd_case *c, const char *name);
sd_node *sd_find_step(const sd_case *c, const char *name);
const char *sd_keep(const sd_case *c, sd_text text);

/* Fills all but the scenario from the text of the app. */
void sd_read(sd_case *c, const char *app);
/* A condition of `own`, or a selected value (`own` NULL), in our words. */
const char *sd_expr(sd_case *c, sd_text text, const sd_node *own);
/* The rule text; NULL if unsayable. */
const char *sd_rule(sd_case *c);
/* Fills the scenario with the events. */
void sd_play(sd_case *c);

#endif
