/*
 * plan_build.h - what the builders of a detection share.
 *
 * Contract
 *   Functions give 1, or 0 when the detection is broken, which has been reported.
 */
#ifndef PAT_PLAN_BUILD_H
#define PAT_PLAN_BUILD_H

#include "patterns/check.h"
#include "patterns/plan_shape.h"

/* Expressions in one distinct(…), names in one 'suppress by'. */
#define PAT_PARTS_MAX 64u

typedef struct pat_builder {
  pat_compile *compile;
  const pat_symbol *symbol;
  const pat_detect *decl;
  plan_detection *detection; /* an element of compile->detections */
  plan_step *steps;
  const pat_symbol **roles;  /* by step: its stream, define or detection */
  plan_shape shape;          /* of the pattern, once it is built */
  uint32_t read_stream;      /* whose fields `read` is about; CEP_NONE: none yet */
  const uint8_t *read;       /* by field: the detection looks at it */
} pat_builder;

/* A builder for the detection of `symbol`, which gets what all three sorts of detections begin with. */
pat_builder pat_builder_begin(pat_compile *compile, pat_symbol *symbol);
/* Streams and names of the steps; names of the key's parts. */
int pat_resolve_steps(pat_builder *builder);
int pat_check_key_names(pat_builder *builder);
/* Routes and the kinds of the key, from the roles of the steps. */
int pat_build_key(pat_builder *builder);
/* The tree of elements, and what steps have from it. */
int pat_build_pattern(pat_builder *builder);
/* Conditions of the steps, once the tree is there. */
int pat_build_steps(pat_builder *builder);
/* emit, on timeout emit, suppress, meta. */
int pat_build_outputs(pat_builder *builder);
/* The parts of that which an aggregate has too. */
int pat_build_object(pat_builder *builder, pat_scope *scope, const pat_object *object, const plan_output **out, uint32_t *count_out);
int pat_build_after_emit(pat_builder *builder, int is_emit_good);
/* The stream that the detection is for others. */
int pat_build_output_stream(pat_builder *builder);
int pat_build_tests(pat_builder *builder);

/* plan_window.c: of an aggregate, or of a join. */
int pat_build_window(const pat_builder *builder, const pat_window *written, plan_window *window);
/* How long a window is at the longest; PLAN_UNBOUNDED: as long as it takes. */
cep_duration pat_window_span(const plan_window *window);

/* Rules of a pattern that need no expression: counts, groups, `no`, greed, limit, skip. */
int pat_check_rules(pat_builder *builder);

void pat_scope_outputs(pat_scope *scope, const pat_builder *builder, const char *what);

#endif
