/*
 * opcode.h - the instructions of opcode.def as an enum and a table.
 *
 * Contract
 *   nfa_op_length gives the words of the instruction at `code` with its operands, 0 if
 *   there is no such instruction or it would pass `end`. Everything that walks code uses it.
 */
#ifndef NFA_OPCODE_H
#define NFA_OPCODE_H

#include "cep/base/assert.h"

#define NFA_POPS_COUNT 255u

typedef enum nfa_op {
#define O(name, operands, pops, pushes, text) NFA_OP_##name,
#include "nfa/opcode.def"
#undef O
  NFA_OP_COUNT
} nfa_op;

typedef struct nfa_op_info {
  const char *name;
  const char *operands;
  uint8_t pops;
  uint8_t pushes;
} nfa_op_info;

const nfa_op_info *nfa_op_at(uint32_t op); /* NULL: none */
uint32_t nfa_op_length(const uint32_t *code, const uint32_t *end);

#endif
