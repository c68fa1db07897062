/*
 * predicate.h - conditions of single events: once per event, for all rules of its stream.
 *
 * Contract
 *   nfa_atoms_eval writes one bit for each atom of the batch's stream and row into `bits`,
 *   row r at bits[r * words], words = nfa_atom_words(program, stream) (at least 1).
 *   A condition is then a monotone function of its row's bits. Never fails, no allocation
 *   once `scratch` is warm; resets `scratch`.
 */
#ifndef NFA_PREDICATE_H
#define NFA_PREDICATE_H

#include "nfa/expr.h"

uint32_t nfa_atom_words(const prg *program, uint32_t stream);
void nfa_atoms_eval(const prg *program, nfa_scratch *scratch, const cb_batch *batch, uint64_t *bits);
/* PRG_NONE holds always. */
int nfa_cond_holds(const prg *program, uint32_t cond, const uint64_t *row_bits);
/* Bit k: the local condition of step k of the detection holds, and the step is of this
 * route. An event on several routes of one key has the union of their symbols. */
uint64_t nfa_symbol(const prg *program, const prg_detection *detection, uint32_t route, const uint64_t *row_bits);

#endif
