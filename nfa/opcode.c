/* opcode.c - the table of instructions, and how long each one is. */
#include "nfa/opcode.h"

#include <stddef.h>

static const nfa_op_info infos[] = {
#define O(name, operands, pops, pushes, text) {#name, operands, pops, pushes},
#include "nfa/opcode.def"
#undef O
};

const nfa_op_info *nfa_op_at(uint32_t op)
{
  return op < NFA_OP_COUNT ? &infos[op] : NULL;
}

uint32_t nfa_op_length(const uint32_t *code, const uint32_t *end)
{
  size_t left = (size_t)(end - code);
  if (left == 0) return 0;
  const nfa_op_info *info = nfa_op_at(code[0]);
  if (!info) return 0;
  uint64_t length = 1;
  for (const char *letter = info->operands; *letter; letter++) {
    length += *letter == 'm' || *letter == 'F' ? 2 : 1;
    if (*letter == 'p' && left > 1) length += (uint64_t)code[1] * 2;
    if (*letter == 'e' && left > length - 1) length += code[length - 1];
  }
  return length <= left ? (uint32_t)length : 0;
}
