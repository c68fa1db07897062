/*
 * reference_ways.h - what can come next after a capture, found by walking over the tree of the pattern.
 *
 * Contract
 *   Private to tests/support/reference*.c. A cursor says where in the pattern the newest
 *   capture stands: one frame for each element from the whole pattern down to the step,
 *   with the rounds that are done and the items of `all of` that are done. It is a plain
 *   value: walks copy it. Nothing is kept between two walks.
 */
#ifndef REFERENCE_WAYS_H
#define REFERENCE_WAYS_H

#include "tests/support/reference_parts.h"

#define REF_FRAMES_MAX (2 * PLAN_NESTING_MAX + 4) /* each choice of `one of` is a sequence of its own */
#define REF_PASSES_MAX (4 * PLAN_STEPS_MAX) /* to the end of a round, and into another */
#define REF_NONE       UINT32_MAX

typedef struct ref_frame {
  const plan_element *at;
  uint32_t item;   /* of `at`: the next frame is in it */
  uint32_t rounds; /* done before this one */
  uint32_t done;   /* `all of`: items done in this round, without `item` */
} ref_frame;

typedef struct ref_cursor {
  ref_frame frames[REF_FRAMES_MAX]; /* the last is the step */
  uint32_t depth;
  uint32_t count; /* repetitions of the step so far */
} ref_cursor;

/* What a way goes past, in order. */
typedef enum ref_pass_kind {
  REF_PASS_NO,   /* a `no` that has to hold */
  REF_PASS_STEP, /* a step that the way leaves, or leaves out */
  REF_PASS_GROUP, /* a group that it leaves out as a whole */
  REF_PASS_GUARD  /* a step that such a group could end with */
} ref_pass_kind;

typedef struct ref_pass {
  ref_pass_kind kind;
  uint32_t step;
  uint32_t way; /* STEP: the way that takes an event into it instead; REF_NONE */
  int round_too; /* another round of its group could come instead of what is behind */
} ref_pass;

typedef struct ref_path {
  ref_pass at[REF_PASSES_MAX];
  uint32_t count;
} ref_path;

/* To take one event into `target`. */
typedef struct ref_way {
  uint32_t target;
  int repeats;             /* the loop once more, else the step is entered */
  plan_contiguity contiguity;
  cep_duration gap;        /* the event must be earlier than newest + gap; 0: none */
  int enters_optional;     /* something that it enters could be left out */
  ref_path path;
  ref_cursor to;
} ref_way;

typedef struct ref_ways {
  cb_alloc *alloc;
  CB_VEC(ref_way) all;
  int may_end;   /* nothing that must be taken is left */
  ref_path end;  /* what the end goes past */
} ref_ways;

/* Ways from a capture; `from` NULL: to the first one. */
void ref_list_ways(cb_alloc *alloc, const plan_detection *detection, const ref_cursor *from, ref_ways *out);
void ref_free_ways(ref_ways *ways);

/* The `no`s right behind the newest capture, and whether everything before each has its minimum. */
typedef struct ref_direct {
  uint32_t step[PLAN_STEPS_MAX];
  int is_ready[PLAN_STEPS_MAX];
  uint32_t count;
} ref_direct;

void ref_list_direct(const plan_detection *detection, const ref_cursor *from, ref_direct *out);

#endif
