/*
 * register.h - running values: counts, sums, means' parts, extremes.
 *
 * Contract
 *   A set of running values is one word for each register and a mask of those that are
 *   null. Events are taken one by one in their order; nothing is ever taken back. An int
 *   sum that overflows is null from then on, and `overflows` counts it. Distinct counts
 *   keep more than a word and are the caller's (runtime/aggregate.c).
 *   Resets the scratch of the environment.
 */
#ifndef NFA_REGISTER_H
#define NFA_REGISTER_H

#include "nfa/expr.h"

/* Which registers are null before the first event; all words are then 0. */
uint64_t nfa_registers_null_at_start(const prg *program, prg_list registers);
/* The event of `env` goes into register `index` of the list. */
void nfa_register_take(const nfa_env *env, const prg_register *reg, uint32_t index, uint64_t *words, uint64_t *null,
                       uint64_t *overflows);

#endif
