/*
 * build_internal.h - what the passes of the compiler share.
 *
 * Contract
 *   A `build` holds every section as a growing array, in the order in which the verifier
 *   wants owners and what they own. Errors are sticky: after the first one the passes do
 *   nothing of worth, indices that they give may be wrong, and nfa_build looks at `status`
 *   at the end and writes no image.
 *   Equal strings, constants, layouts, expressions and conditions are stored once.
 */
#ifndef NFA_BUILD_INTERNAL_H
#define NFA_BUILD_INTERNAL_H

#include "cep/base/vec.h"
#include "nfa/build.h"
#include "nfa/expr.h"

typedef CB_VEC(uint32_t) build_words;

/* What the compiler knows of a stream of the plan. */
typedef struct build_stream {
  uint8_t *is_read;  /* by field */
  uint32_t *columns; /* by field; PRG_NONE */
  uint32_t column_count;
  CB_VEC(prg_atom) atoms;
} build_stream;

/* Of a detection: which fields of each step's events are read after their capture. */
typedef struct build_detection {
  uint8_t **is_kept; /* by step, by field of its stream */
  uint32_t register_first;
  uint32_t counter_first;
} build_detection;

typedef struct build_entry { /* of the table of things that are stored once */
  uint64_t hash;
  const void *bytes; /* NULL: free */
  uint32_t len;
  uint32_t tag; /* prg_section_id */
  uint32_t index;
} build_entry;

typedef struct build {
  cb_alloc *alloc;
  cb_arena arena;
  const plan *plan;
  cep_error *err;
  cep_status status;
  build_stream *streams;
  build_detection *detections;
  uint8_t *reads; /* by detection, and in it by table, and one more for clocks; NULL: not looked for yet */
  build_entry *entries;
  uint32_t entry_count;
  uint32_t entry_capacity; /* a power of two */
  struct {
#define S(name, type, member) CB_VEC(type) member;
    PRG_SECTIONS(S)
#undef S
  } out; /* the sections */
} build;

/* Where an expression stands: what a bare field means, and whose captures it may read. */
typedef struct build_scope {
  uint32_t stream;                 /* of the event under test; CEP_NONE */
  const plan_detection *detection; /* NULL: none */
  uint32_t register_first;
  int in_condition; /* registers that it reads decide what can match */
  int is_once;      /* of `emit once`: aggregates are over all matches */
} build_scope;

void build_fail(build *b, cep_status status);
void build_limit(build *b, cb_span span, const char *format, ...) CB_PRINTF(3, 4);
#define BUILD_PUSH(b, member, item)                                                                          \
  do {                                                                                                       \
    if (!cb_vec_push((b)->alloc, &(b)->out.member, item)) build_fail(b, CEP_E_NOMEM);                        \
  } while (0)

/* The index of what was stored under these bytes before, else `next`, which it is from now on. */
uint32_t build_once(build *b, prg_section_id tag, const void *bytes, size_t len, uint32_t next);
prg_string build_string(build *b, const char *text); /* NULL: "" */
uint32_t build_const(build *b, const cep_value *value);
uint32_t build_regex(build *b, const char *pattern);
prg_list build_list(build *b, const uint32_t *items, uint32_t count);
/* The fields of `is_kept` (NULL: all) that have a column. */
uint32_t build_layout(build *b, uint32_t stream, const uint8_t *is_kept);

/* build_mark.c: which fields are read at all, and which of captured events. */
void build_mark(build *b);

/* build_flow.c: inputs, streams and fields; keys, routes, outputs and the rest of a detection. */
void build_inputs(build *b);
void build_streams(build *b);
void build_detections(build *b);
void build_atoms(build *b);

/* build_expr.c: the index in EXPRS. */
uint32_t build_expr(build *b, const build_scope *scope, const plan_expr *expr);

/* build_cond.c: conditions in negation normal form, cut into what one event decides and the rest. */
typedef struct build_condition {
  uint32_t local;    /* CONDS, or PRG_NONE */
  uint32_t residual; /* EXPRS, or PRG_NONE */
  prg_list equals;   /* LISTS, as in prg_step */
} build_condition;
build_condition build_cond(build *b, const build_scope *scope, const plan_expr *member,
                           const plan_expr *where);

/* For build_cond.c: code of several conjuncts, joined by `and`. */
typedef struct build_conjunct {
  const plan_expr *expr;
  int negated;
} build_conjunct;
uint32_t build_expr_all(build *b, const build_scope *scope, const build_conjunct *conjuncts, uint32_t count);

/* build_automaton.c: steps' states and edges; the counters and flags that follow from them. After the steps. */
void build_automaton(build *b, const plan_detection *detection, prg_detection *out);
/* 1 if a repetition more is a choice: greedy has a meaning. */
int build_is_greedy(const plan_step *step);

/* build_identity.c: a hash of what a step asks of an event, independent of indices and places. */
uint64_t build_identity(build *b, const plan_detection *detection, uint32_t step);

/* build_table.c: tables; and which of them decide what a detection gives (LISTS), and whether
 * a clock does (a flag of the detection). */
void build_tables(build *b);
prg_list build_reads(build *b, uint32_t detection, uint32_t *flags);

void build_tests(build *b);
/* build_emit.c */
void build_emit(build *b, cb_writer *image);

#endif
