/*
 * possible.h - whether conditions can all have the values that are asked of them.
 *
 * Contract
 *   "No" is certain for every event and every history; "yes" also means "cannot tell". Reasons
 *   about each value alone (a field, a capture, a call), and about the order of each two
 *   values, as sets and ranges; not about what one value says of another one.
 *   `work` is what may still be spent, over all questions of a compile; without any left the
 *   answer is yes. Memory is taken from `alloc` and given back before a function returns.
 */
#ifndef PAT_POSSIBLE_H
#define PAT_POSSIBLE_H

#include "patterns/value_set.h"

/* The values of a condition, as a set. What is not bool has NIL and OTHER. */
enum { PAT_V_NIL = 1, PAT_V_NO = 2, PAT_V_YES = 4, PAT_V_OTHER = PAT_V_NO | PAT_V_YES };

typedef struct pat_asked {
  const plan_expr *expr; /* NULL: nothing is asked */
  uint32_t values;       /* one of these */
} pat_asked;

typedef struct pat_logic {
  cb_alloc *alloc;
  uint64_t work;
  int nothing_captured; /* the event would be the first of its match */
  int is_refused;       /* memory */
} pat_logic;

/* What the expression may be by its own form alone. */
uint32_t pat_values_of(const plan_expr *expr, int nothing_captured);
int pat_same_expr(const plan_expr *a, const plan_expr *b);

int pat_possible(pat_logic *logic, const pat_asked *asked, uint32_t count);
/* At most so many values but null, if all that is asked is so; UINT64_MAX: no saying. */
uint64_t pat_values_at_most(pat_logic *logic, const plan_expr *expr, const pat_asked *asked, uint32_t count);

/* ---- Among the files of this ---------------------------------------------------------- */

/* What a condition is about: a value, or how `a` compares with `b`: -1, 0, 1. */
typedef struct pat_term {
  const plan_expr *a;
  const plan_expr *b; /* or NULL */
} pat_term;

cep_kind pat_term_kind(const pat_term *term);
/* The values that the term has when the condition, no `and`, `or`, `not` or constant, has one of those. */
void pat_read_atom(cb_arena *arena, const plan_expr *expr, uint32_t values, pat_term *term, pat_set *out);
/* All values that the term can have. */
pat_set pat_term_values(cb_arena *arena, const pat_term *term, int nothing_captured);
/* 1 if `b` is about the same, or `out` of the same two values the other way round: then `*is_turned`. */
int pat_same_term(const pat_term *a, const pat_term *b, int *is_turned);
/* Of an order: as seen from the other side. */
pat_set pat_turn_order(cb_arena *arena, const pat_set *set);
/* How many of its first arguments must not be null for it not to be null. */
uint32_t pat_strict_args(const plan_expr *expr);

#endif
