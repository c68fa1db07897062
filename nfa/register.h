/*
 * register.h - running values: counts, sums, means' parts, extremes.
 *
 * Contract
 *   A set of running values is one word for each register and a mask of those that are
 *   null. Events are taken one by one in their order; nothing is ever taken back. An int
 *   sum that overflows is null from then on, and `overflows` counts it. Distinct counts
 *   and registers that are made (prg_register_is_made) keep more than a word and are the caller's.
 *   Totals (`emit once`) are over several matches: of an event that all of them take, each
 *   counts as often as the first register says, PRG_REG_MATCHES, which the caller starts at
 *   1. What does not fit is null, and counted, as of any int sum.
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
/* `more` is of events behind those of `words`: register `index` is of both from now on. A
 * PRG_REG_PART goes with the register before it. No sum of ints, no total. */
void nfa_register_merge(const prg_register *reg, uint32_t index, uint64_t *words, uint64_t *null, const uint64_t *more, uint64_t more_null);
/* The matches of `more` join those of `words`: their number and the totals are of both from now
 * on, the other registers stay. */
void nfa_registers_join(const prg *program, prg_list registers, uint64_t *words, uint64_t *null, const uint64_t *more,
                        uint64_t more_null, uint64_t *overflows);

#endif
