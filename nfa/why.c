/* why.c - why a condition holds of an event or does not. */
#include "nfa/why.h"

#include <string.h>

#include "nfa/opcode.h"
#include "nfa/program_text.h"

/* Values behind one part; more would hide it. */
#define VALUES_MAX 8u

/* The program with this instruction as its only expression, so that it can be evaluated and written alone. */
static prg alone(const prg *program, prg_expr *leaf, uint32_t at, uint32_t len)
{
  prg copy = *program;
  leaf->code = (prg_list){at, len};
  leaf->depth = 1;
  copy.exprs = leaf;
  copy.exprs_count = 1;
  return copy;
}

/* An expression gives values of its kind only, and an instruction does not tell it. */
static cep_value value_alone(const nfa_env *env, const prg *copy, prg_expr *leaf)
{
  nfa_env inner = *env;
  inner.program = copy;
  cep_value value = cb_null();
  for (uint32_t kind = CEP_BOOL; kind <= CEP_IP && value.kind == CEP_NULL; kind++) {
    leaf->kind = kind;
    nfa_scratch_reset(env->scratch);
    value = nfa_expr_eval(&inner, 0);
  }
  return value;
}

static int is_leaf(uint32_t op)
{
  return op == NFA_OP_COLUMN || op == NFA_OP_TIME || op == NFA_OP_CAPTURE || op == NFA_OP_CAPTURE_TIME || op == NFA_OP_REGISTER ||
         op == NFA_OP_DISTINCT || op == NFA_OP_KEY;
}

/* 1 if the same instruction stands before. */
static int is_repeated(const uint32_t *code, uint32_t at, uint32_t len, uint32_t end)
{
  for (uint32_t i = 0; i < at; i += nfa_op_length(code + i, code + end)) {
    if (nfa_op_length(code + i, code + end) == len && memcmp(code + i, code + at, len * sizeof *code) == 0) return 1;
  }
  return 0;
}

static void write_values(cb_writer *to, const nfa_env *env, const prg_detection *detection, uint32_t expr)
{
  const prg *program = env->program;
  prg_expr whole = program->exprs[expr];
  const uint32_t *code = program->code + whole.code.first;
  uint32_t count = 0, len;
  for (uint32_t at = 0; at < whole.code.count && count < VALUES_MAX; at += len) {
    len = nfa_op_length(code + at, code + whole.code.count);
    if (!is_leaf(code[at]) || is_repeated(code, at, len, whole.code.count)) continue;
    prg_expr leaf = whole;
    prg copy = alone(program, &leaf, whole.code.first + at, len);
    cb_write_text(to, count++ ? ", " : "   (");
    prg_write_expr(to, &copy, detection, 0);
    cb_write_text(to, " = ");
    cep_value value = value_alone(env, &copy, &leaf);
    cb_value_write_json(to, &value);
  }
  if (count) cb_write_u8(to, ')');
}

static void write_part(cb_writer *to, const nfa_env *env, const prg_detection *detection, uint32_t expr, int negated, nfa_why which,
                       const char *indent)
{
  nfa_scratch_reset(env->scratch);
  cep_value value = nfa_expr_eval(env, expr);
  int is_true = value.kind == CEP_BOOL && (value.as.i != 0) != negated;
  if (is_true && which == NFA_WHY_REFUSING) return;
  cb_write_printf(to, "%s%s  %s", indent, value.kind == CEP_NULL ? "unknown" : is_true ? "true   " : "false  ", negated ? "not " : "");
  prg_write_expr(to, env->program, detection, expr);
  write_values(to, env, detection, expr);
  cb_write_u8(to, '\n');
}

void nfa_why_expr(cb_writer *to, const nfa_env *env, const prg_detection *detection, uint32_t expr, nfa_why which, const char *indent)
{
  if (expr != PRG_NONE) write_part(to, env, detection, expr, 0, which, indent);
  nfa_scratch_reset(env->scratch);
}

void nfa_why_cond(cb_writer *to, const nfa_env *env, uint32_t cond, nfa_why which, const char *indent)
{
  if (cond == PRG_NONE) return;
  const prg *program = env->program;
  const prg_cond *c = &program->conds[cond];
  const uint32_t *code = program->cond_code + c->code.first;
  prg_list atoms = program->streams[c->stream].atoms;
  for (uint32_t i = 0; i < c->code.count; i++) {
    if (code[i] >= PRG_COND_AND) continue;
    int is_seen = 0;
    for (uint32_t k = 0; k < i && !is_seen; k++) is_seen = code[k] == code[i];
    const prg_atom *atom = &program->atoms[atoms.first + code[i]];
    if (!is_seen) write_part(to, env, NULL, atom->expr, (int)atom->negated, which, indent);
  }
  nfa_scratch_reset(env->scratch);
}
