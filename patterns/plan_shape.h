/*
 * plan_shape.h - what can come before what in a pattern.
 *
 * Contract
 *   Worked out from the tree of elements alone: conditions and times are not looked at, and
 *   a count is "once" or "more often". A set of steps has one bit for each number.
 */
#ifndef PAT_PLAN_SHAPE_H
#define PAT_PLAN_SHAPE_H

#include "patterns/plan.h"

typedef struct plan_shape {
  uint64_t first;                  /* steps that may be tried while nothing is captured */
  uint64_t last;                   /* steps that may take the last event of a match */
  uint64_t before[PLAN_STEPS_MAX]; /* by step: those that may have taken the newest event when it is tried; of
                                      an `until` when any step of its loop is */
} plan_shape;

/* Of the detection's steps only the kinds are read. */
void plan_shape_make(plan_shape *shape, const plan_element *pattern, const plan_step *steps);

/* Whether the step, or the loop of the `until`, stands in the element. */
int plan_holds(const plan_element *element, uint32_t step);
/* The innermost element around both; `*is_open`: one of those around both repeats. */
const plan_element *plan_around(const plan_element *pattern, uint32_t a, uint32_t b, int *is_open);
/* How many captures a step inside the element has at least once the element is behind, one
 * round of it; 0: it may have none. Saturates. */
uint64_t plan_least(const plan_element *element, uint32_t step);

#endif
