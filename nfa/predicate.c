/* predicate.c - atoms to bits, bits to conditions, conditions to symbols. */
#include "nfa/predicate.h"

#include <string.h>

uint32_t nfa_atom_words(const prg *program, uint32_t stream)
{
  uint32_t words = (program->streams[stream].atoms.count + 63) / 64;
  return words > 0 ? words : 1;
}

void nfa_atoms_eval(const prg *program, nfa_scratch *scratch, const cb_batch *batch, uint64_t *bits)
{
  CB_ASSERT(batch->stream < program->streams_count);
  prg_list atoms = program->streams[batch->stream].atoms;
  uint32_t words = nfa_atom_words(program, batch->stream);
  memset(bits, 0, (size_t)batch->count * words * sizeof *bits);
  nfa_env env = {.program = program, .scratch = scratch, .batch = batch};
  for (uint32_t row = 0; row < batch->count; row++) {
    env.row = row;
    uint64_t *row_bits = bits + (size_t)row * words;
    for (uint32_t i = 0; i < atoms.count; i++) {
      const prg_atom *atom = &program->atoms[atoms.first + i];
      cep_value value = nfa_expr_eval(&env, atom->expr);
      uint64_t holds = value.kind == CEP_BOOL && (value.as.i != 0) == (atom->negated == 0);
      row_bits[i / 64] |= holds << (i % 64);
    }
    nfa_scratch_reset(scratch);
  }
}

int nfa_cond_holds(const prg *program, uint32_t cond, const uint64_t *row_bits)
{
  if (cond == PRG_NONE) return 1;
  CB_ASSERT(cond < program->conds_count);
  prg_list list = program->conds[cond].code;
  const uint32_t *code = program->cond_code + list.first;
  uint64_t stack = 0; /* the newest value is the lowest bit: 64 deep */
  for (uint32_t i = 0; i < list.count; i++) {
    uint32_t word = code[i];
    if (word == PRG_COND_AND) {
      stack = (stack >> 1 & ~UINT64_C(1)) | (stack & stack >> 1 & 1);
    } else if (word == PRG_COND_OR) {
      stack = (stack >> 1 & ~UINT64_C(1)) | ((stack | stack >> 1) & 1);
    } else if (word == PRG_COND_TRUE) {
      stack = stack << 1 | 1;
    } else {
      stack = stack << 1 | (row_bits[word / 64] >> (word % 64) & 1);
    }
  }
  return (int)(stack & 1);
}

uint64_t nfa_symbol(const prg *program, const prg_detection *detection, uint32_t route,
                    const uint64_t *row_bits)
{
  uint64_t symbol = 0;
  for (uint32_t i = 0; i < detection->steps.count; i++) {
    const prg_step *step = &program->steps[detection->steps.first + i];
    if (step->route != route) continue;
    if (nfa_cond_holds(program, step->local, row_bits)) symbol |= UINT64_C(1) << i;
  }
  return symbol;
}
