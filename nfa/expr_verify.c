/* expr_verify.c - one walk over code before anything runs it. */
#include "nfa/expr_verify.h"

#include <string.h>

#include "nfa/fn.h"
#include "nfa/opcode.h"

#define NOT_A_TARGET 0xFFu
_Static_assert(NFA_STACK_MAX < NOT_A_TARGET, "a depth is not the mark");

typedef struct walk {
  const prg *program;
  const prg_expr *expr;
  uint8_t *depths; /* by word: the depth that jumps to it bring along */
  uint32_t depth;
  nfa_expr_needs *needs;
} walk;

static void need(uint32_t *most, uint32_t index)
{
  if (index >= *most) *most = index < UINT32_MAX ? index + 1 : index;
}

/* Operand `at[0]` (and the words behind it) is what its letter says. */
static int operand_is_good(walk *w, char letter, const uint32_t *at)
{
  const prg *program = w->program;
  switch (letter) {
  case 'c': return at[0] < program->consts_count;
  case 'f': return w->expr->stream != PRG_NONE && at[0] < program->streams[w->expr->stream].columns.count;
  case 'k': need(&w->needs->keys, at[0]); return 1;
  case 'r':
    need(&w->needs->registers, at[0]);
    w->needs->looks_back = 1;
    return at[0] < NFA_REGISTERS_MAX;
  case 's':
    need(&w->needs->steps, at[0]);
    w->needs->looks_back = 1;
    return 1;
  case 'x': return at[0] < program->regexes_count;
  case 't':
    w->needs->tables = 1;
    return at[0] < program->tables_count && at[1] < program->tables[at[0]].fields.count;
  case 'q': return 1; /* seen with its table */
  case 'm': return at[0] <= program->nets_count && at[1] <= program->nets_count - at[0];
  case 'p':
    w->needs->looks_back = 1;
    for (uint32_t i = 0; i < at[0]; i++) need(&w->needs->steps, at[1 + 2 * i]);
    return 1;
  case 'e':
    w->needs->tables = 1;
    for (uint32_t i = 1; i <= at[0]; i++) {
      if (at[i] >= program->exprs_count || program->exprs[at[i]].looks_back) return 0; /* so none runs into itself */
    }
    return at[0] > 0;
  case 'F': {
    const nfa_fn *fn = nfa_fn_at(at[0]);
    return fn && nfa_fn_takes(fn, at[1]);
  }
  case 'g': /* looked up in the layout of the cell, where it may be missing */
  case 'n':
  case 'j': return 1; /* jumps are followed below */
  default: CB_UNREACHABLE();
  }
}

static int operands_are_good(walk *w, const uint32_t *at)
{
  const nfa_op_info *info = nfa_op_at(at[0]);
  const uint32_t *operand = at + 1;
  for (const char *letter = info->operands; *letter; letter++) {
    if (!operand_is_good(w, *letter, operand)) return 0;
    operand += *letter == 'm' || *letter == 'F' ? 2 : 1;
  }
  if ((at[0] == NFA_OP_TIME || at[0] == NFA_OP_COLUMN) && w->expr->stream == PRG_NONE) return 0;
  return 1;
}

/* Marks the target of the jump at `place` with the depth it brings there. */
static int jump_is_good(walk *w, uint32_t place, uint32_t target, uint32_t depth)
{
  if (target <= place + 1 || target > w->expr->code.count) return 0;
  if (target == w->expr->code.count) return depth == 1;
  if (w->depths[target] != NOT_A_TARGET) return w->depths[target] == depth;
  w->depths[target] = (uint8_t)depth;
  return 1;
}

static int step_is_good(walk *w, const uint32_t *code, uint32_t place, uint32_t length)
{
  const uint32_t *at = code + place;
  if (w->depths[place] != NOT_A_TARGET && w->depths[place] != w->depth) return 0;
  for (uint32_t i = 1; i < length; i++) {
    if (w->depths[place + i] != NOT_A_TARGET) return 0; /* a jump into the middle */
  }
  if (!operands_are_good(w, at)) return 0;
  const nfa_op_info *info = nfa_op_at(at[0]);
  uint32_t pops = info->pops == NFA_POPS_COUNT ? at[2] : info->pops;
  if (w->depth < pops) return 0;
  if (info->operands[0] == 'j' && !jump_is_good(w, place, at[1], w->depth)) return 0;
  w->depth = w->depth - pops + info->pushes;
  return w->depth <= w->expr->depth;
}

int nfa_expr_verify(const prg *program, uint32_t expr, uint8_t *depths, nfa_expr_needs *needs)
{
  const prg_expr *e = &program->exprs[expr];
  *needs = (nfa_expr_needs){0};
  if (e->depth > NFA_STACK_MAX || e->kind > CEP_IP) return 0;
  if (e->stream != PRG_NONE && e->stream >= program->streams_count) return 0;
  walk w = {.program = program, .expr = e, .depths = depths, .needs = needs};
  const uint32_t *code = program->code + e->code.first;
  memset(depths, NOT_A_TARGET, e->code.count);
  for (uint32_t place = 0; place < e->code.count;) {
    uint32_t length = nfa_op_length(code + place, code + e->code.count);
    if (length == 0 || !step_is_good(&w, code, place, length)) return 0;
    place += length;
  }
  return w.depth == 1 && e->looks_back == needs->looks_back;
}
