/*
 * value_set.h - sets of values of one kind, as ranges in their order.
 *
 * Contract
 *   A set may hold null, NaN, and any values of its kind: ranges that do not touch, in order.
 *   Strings are ordered by bytes, addresses by their 16 bytes, bools as 0 and 1. Sets do not
 *   change; their ranges lie in the arena, constants stay where they were. When the arena is
 *   refused memory a set may come out wrong: look at arena->failed at the end.
 */
#ifndef PAT_VALUE_SET_H
#define PAT_VALUE_SET_H

#include "patterns/plan.h"

/* A place between values. Of whole numbers always in front of one. */
typedef struct pat_cut {
  int side; /* -2 in front of all, -1 in front of the value, 1 behind it, 2 behind all */
  cep_value value;
} pat_cut;

typedef struct pat_range {
  pat_cut from;
  pat_cut to;
} pat_range;

typedef struct pat_set {
  int null;
  int nan;
  uint32_t count;
  const pat_range *at;
} pat_set;

pat_set pat_set_none(void);
/* Every value but null and NaN. */
pat_set pat_set_all(cb_arena *arena);
/* The values of `kind` for which `x op value` is true; op from PLAN_EQ to PLAN_GE. */
pat_set pat_set_compared(cb_arena *arena, cep_kind kind, plan_op op, const cep_value *value);
/* Strings with that start. */
pat_set pat_set_prefix(cb_arena *arena, const cep_value *start);
/* Addresses of a network, "10.0.0.0/8". */
pat_set pat_set_network(cb_arena *arena, const cep_value *network);
pat_set pat_set_and(cb_arena *arena, const pat_set *a, const pat_set *b);
pat_set pat_set_or(cb_arena *arena, const pat_set *a, const pat_set *b);
/* Of the ranges alone; null and NaN are out. */
pat_set pat_set_not(cb_arena *arena, const pat_set *set);
/* The union of `count` values. */
pat_set pat_set_values(cb_arena *arena, cep_kind kind, const plan_expr *const *constants, uint32_t count);

static inline int pat_set_is_empty(const pat_set *set) { return !set->null && !set->nan && set->count == 0; }
/* How many values without null and NaN; UINT64_MAX if there is no saying. */
uint64_t pat_set_size(const pat_set *set, cep_kind kind);

#endif
