/*
 * columnar.h - conditions of single events, for all rows of a batch at once.
 *
 *   column type   3 0 1 0 2 ...      type == 0   ->  bits 0 1 0 1 0 ...   \
 *   column v      9 7 - 1 2 ...      v > 5       ->  bits 1 1 0 0 0 ...    >-- and, or: a word for 64 rows
 *
 * Contract
 *   What compares a column of whole numbers, floats, times or durations with a constant, looks at a bool, or asks whether a column is
 *   null, is columnar; so is a condition of such atoms only. It then holds for exactly the rows for which
 *   nfa_cond_holds says so, and evaluating it has no other effect.
 *   Cannot fail, keeps nothing. Any thread.
 */
#ifndef NFA_COLUMNAR_H
#define NFA_COLUMNAR_H

#include "nfa/program.h"

/* Conditions that need more intermediate results are not columnar. */
#define NFA_COLUMNAR_DEPTH 8u
#define NFA_ROW_WORDS      (CB_BATCH_MAX / 64)

typedef struct nfa_rows {
  uint64_t bits[NFA_ROW_WORDS]; /* bit r % 64 of word r / 64: row r */
} nfa_rows;

/* PRG_NONE holds always, and is columnar. */
int nfa_is_columnar(const prg *program, uint32_t cond);
/* The rows of the batch for which the condition, which is columnar and of the batch's stream, holds; bits of rows behind the last
 * one mean nothing. */
void nfa_columnar(const prg *program, uint32_t cond, const cb_batch *batch, nfa_rows *out);
/* The rows in which the column is not null. */
void nfa_columnar_present(const cb_batch *batch, uint32_t column, nfa_rows *out);

static inline uint32_t nfa_row_words(uint32_t rows)
{
  return (rows + 63) / 64;
}

#endif
