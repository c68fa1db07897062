/*
 * gen.h - random rule texts with event streams that walk along their steps.
 *
 * Contract
 *   gen_program fills a gen_case from a generator: the same seed gives the same case on
 *   every machine. A case is a model, small and of fixed size, so that a shrinker can take
 *   parts away; gen_text says it as rule text and gen_scenario as a scenario, both in an
 *   arena. Not every model is a valid program: the compiler has the last word.
 *   gen_constructs tells which constructs of the language a case has, as bits in the order
 *   of gen_construct_names.
 */
#ifndef GEN_H
#define GEN_H

#include "cep/base/prng.h"
#include "tests/support/scenario.h"

#define GEN_STEPS_MAX  8
#define GEN_GROUPS_MAX 4
#define GEN_CONDS_MAX  3
#define GEN_EVENTS_MAX 24
#define GEN_EMIT_MAX   3
#define GEN_TEXT_MAX   120

typedef enum gen_hop { GEN_THEN, GEN_IMMEDIATELY, GEN_ANY } gen_hop;
typedef enum gen_inner { GEN_INNER_UNSAID, GEN_INNER_RELAXED, GEN_INNER_CONSECUTIVE, GEN_INNER_ANY } gen_inner;
typedef enum gen_role { GEN_A, GEN_B, GEN_DEFINED, GEN_OTHER, GEN_DERIVED } gen_role; /* DEFINED, OTHER: of A; OTHER has a key of its own. DERIVED: a detection, or an aggregate */

/* A set of constructs: a bit for each, in the order of gen_construct_names. */
__extension__ typedef unsigned __int128 gen_set;

typedef struct gen_cond {
  char text[GEN_TEXT_MAX];
  gen_set constructs;
} gen_cond;

typedef struct gen_count {
  int optional;
  int counted;
  uint32_t min; /* 1, 1: no count written unless `counted` */
  uint32_t max; /* 0: open */
  int from_zero; /* written 0+ or 0..n */
  gen_inner inner;
  int greedy; /* not of groups */
  int reluctant;
} gen_count;

typedef struct gen_until {
  int on;
  gen_role role;
  char letter; /* 0: any */
  gen_cond cond; /* no text: none */
} gen_until;

typedef struct gen_step {
  int is_no;
  gen_hop hop;  /* of the outermost element that begins here, as is `gap` */
  uint32_t gap; /* seconds, 0: none */
  gen_role role;
  char name[4];
  gen_count count;
  gen_until until;
  int distinct; /* number of values */
  uint32_t no_for; /* seconds */
  uint32_t cond_count;
  gen_cond conds[GEN_CONDS_MAX];
  char letter; /* what a walking event puts in `s` */
} gen_step;

typedef enum gen_group_kind {
  GEN_PLAIN,
  GEN_ONE_OF, /* of the elements in it */
  GEN_ALL_OF,
  GEN_CHOICE  /* several steps as one choice of `one of`, without parentheses */
} gen_group_kind;

/* Steps `first` to `last` in parentheses. Groups are disjoint or nested; the outer one comes first. */
typedef struct gen_group {
  gen_group_kind kind;
  uint32_t first;
  uint32_t last;
  gen_count count;
  gen_until until;
} gen_group;

typedef struct gen_detection {
  uint32_t within; /* seconds, 0: unbounded, or */
  uint32_t within_events;
  uint32_t step_count;
  gen_step steps[GEN_STEPS_MAX];
  uint32_t group_count;
  gen_group groups[GEN_GROUPS_MAX];
  int latest;
  gen_cond having; /* no text: none */
  uint32_t skip; /* in the order of gen.c's table */
  uint32_t skip_step;
  int earliest;
  int limit; /* 0 unsaid, -1 unbounded */
  int on_timeout;
  int once;
  uint32_t emit_count;
  gen_cond emit[GEN_EMIT_MAX];
  uint32_t suppress; /* seconds, 0: none; by the whole key, */
  int suppress_by_value; /* or by an emitted value */
  uint32_t keys; /* parts: 0, 1, 2 */
} gen_detection;

typedef struct gen_event {
  gen_role role; /* A or B */
  uint32_t partition;
  cep_time time;
  int letter; /* of s: 0 null, else a letter */
  int key;    /* 0 null, 1.. */
  int key2;
  int v;      /* -1: null */
  int f;      /* halves, -1: null */
  int ip;     /* 0 null, 1.. */
} gen_event;

typedef struct gen_case {
  int one_input;       /* A and B are streams of one input, else of two */
  uint32_t partitions; /* of A */
  uint32_t lateness;   /* seconds */
  uint32_t keys;       /* parts of the first detection's: 0, 1, 2 */
  int key_words;       /* the first part is an expression */
  int defined;         /* there are defines D and E */
  uint32_t detection_count;
  gen_detection detections[2]; /* the second reads the first, */
  int tally;                   /* or an aggregate */
  uint32_t event_count;
  gen_event events[GEN_EVENTS_MAX];
  uint32_t pause_at;   /* in front of this event all inputs advance to the time of the one before; 0: not */
  uint32_t pause_more; /* half seconds more */
  int finishes; /* the inputs end, else time is moved behind the last event */
  uint32_t advance; /* seconds behind the last event; a quarter is added */
} gen_case;

void gen_program(gen_case *out, cb_prng *prng);
/* Makes most of its steps wait for values that were captured before. */
void gen_correlate(gen_case *it, cb_prng *prng);
/* Makes most of its detections such that the compact evaluator may have them. */
void gen_share(gen_case *it, cb_prng *prng);
/* Or the first-of evaluator. */
void gen_move(gen_case *it, cb_prng *prng);
char *gen_text(cb_arena *arena, const gen_case *it);
/* Acts in the order of arrival: as the times are, or shuffled within the lateness. The
 * text must compile (its fields say where the values go). 0 if it does not. */
int gen_scenario(cb_arena *arena, const gen_case *it, cb_prng *shuffle, scenario *out);

extern const char *const gen_construct_names[];
extern const uint32_t gen_construct_count;
gen_set gen_constructs(const gen_case *it);

#endif
