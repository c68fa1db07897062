/*
 * expr_verify.h - is code safe to run, and what does it need around it?
 *
 * Contract
 *   nfa_expr_verify follows the code once (jumps go forward only): 1 if every instruction
 *   and operand is good, the stack stays within the depth that the expression states and
 *   ends with one value. Registers, keys and captures belong to a detection that the code
 *   does not name: `needs` says what its users must have. `depths` is room for one byte
 *   for each word of the code.
 */
#ifndef NFA_EXPR_VERIFY_H
#define NFA_EXPR_VERIFY_H

#include "nfa/program.h"

typedef struct nfa_expr_needs {
  uint32_t registers; /* highest index + 1; 0: none */
  uint32_t keys;
  uint32_t steps;
  uint32_t looks_back;
  uint32_t tables; /* it reads rows of a table, or may */
} nfa_expr_needs;

int nfa_expr_verify(const prg *program, uint32_t expr, uint8_t *depths, nfa_expr_needs *needs);

#endif
