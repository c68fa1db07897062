/* columnar.c - comparisons a column at a time, and conditions as words of bits. */
#include "nfa/columnar.h"

#include <string.h>

#include "nfa/opcode.h"

/* What an atom asks of a column. */
typedef struct test {
  uint32_t column;
  uint32_t kind;    /* of the column */
  uint32_t op;      /* NFA_OP_EQ .. NFA_OP_GE, or NFA_OP_IS_NULL */
  uint32_t negated;
  uint64_t bound;   /* bits of what it is compared with */
} test;

static int is_number(uint32_t kind)
{
  return kind == CEP_INT || kind == CEP_FLOAT || kind == CEP_TIME || kind == CEP_DURATION;
}

/* 0: it asks something else. */
static int read_test(const prg *program, uint32_t stream, uint32_t atom, test *out)
{
  const prg_stream *of = &program->streams[stream];
  const prg_atom *asked = &program->atoms[of->atoms.first + atom];
  const prg_expr *expr = &program->exprs[asked->expr];
  const uint32_t *code = program->code + expr->code.first;
  if (expr->kind != CEP_BOOL || expr->code.count < 2 || code[0] != NFA_OP_COLUMN) return 0;
  *out = (test){.column = code[1], .kind = program->columns[of->columns.first + code[1]], .op = NFA_OP_EQ, .negated = asked->negated};
  if (expr->code.count == 2) { /* a bool itself */
    out->bound = 1;
    return out->kind == CEP_BOOL;
  }
  if (expr->code.count == 3) {
    out->op = code[2];
    return code[2] == NFA_OP_IS_NULL;
  }
  if (expr->code.count != 5 || code[2] != NFA_OP_CONST || code[4] < NFA_OP_EQ || code[4] > NFA_OP_GE) return 0;
  cep_value bound = prg_const_value(program, code[3]);
  out->op = code[4];
  memcpy(&out->bound, &bound.as, sizeof out->bound);
  return bound.kind == out->kind && is_number(out->kind);
}

int nfa_is_columnar(const prg *program, uint32_t cond)
{
  if (cond == PRG_NONE) return 1;
  prg_list list = program->conds[cond].code;
  uint32_t depth = 0;
  for (uint32_t i = 0; i < list.count; i++) {
    uint32_t word = program->cond_code[list.first + i];
    test unused;
    if (word == PRG_COND_AND || word == PRG_COND_OR) {
      depth--;
    } else if (++depth > NFA_COLUMNAR_DEPTH || (word != PRG_COND_TRUE && !read_test(program, program->conds[cond].stream, word, &unused))) {
      return 0;
    }
  }
  return 1;
}

/* ---- Comparing ---------------------------------------------------------------------------- */

/* A byte for each of 64 rows, which compilers can do many of at once. */
#define COMPARE(T, OP)                                                                                       \
  do {                                                                                                       \
    T bound;                                                                                                 \
    memcpy(&bound, &with->bound, sizeof bound);                                                              \
    for (uint32_t i = 0; i < count; i++) {                                                                   \
      T value;                                                                                               \
      memcpy(&value, &words[i], sizeof value);                                                               \
      met[i] = value OP bound;                                                                               \
    }                                                                                                        \
  } while (0)

static void compare_whole(const test *with, const uint64_t *restrict words, uint32_t count, uint8_t *restrict met)
{
  switch (with->op) {
  case NFA_OP_EQ: COMPARE(int64_t, ==); return;
  case NFA_OP_NE: COMPARE(int64_t, !=); return;
  case NFA_OP_LT: COMPARE(int64_t, <); return;
  case NFA_OP_LE: COMPARE(int64_t, <=); return;
  case NFA_OP_GT: COMPARE(int64_t, >); return;
  default: COMPARE(int64_t, >=); return;
  }
}

static void compare_floats(const test *with, const uint64_t *restrict words, uint32_t count, uint8_t *restrict met)
{
  switch (with->op) {
  case NFA_OP_EQ: COMPARE(double, ==); return;
  case NFA_OP_NE: COMPARE(double, !=); return;
  case NFA_OP_LT: COMPARE(double, <); return;
  case NFA_OP_LE: COMPARE(double, <=); return;
  case NFA_OP_GT: COMPARE(double, >); return;
  default: COMPARE(double, >=); return;
  }
}

/* 64 bytes of 0 or 1 as bits. */
static uint64_t pack(const uint8_t *met)
{
  uint64_t bits = 0;
  for (uint32_t i = 0; i < 64; i += 8) {
    uint64_t eight;
    memcpy(&eight, met + i, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    eight = __builtin_bswap64(eight);
#endif
    bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << i; /* byte k to bit 56 + k */
  }
  return bits;
}

void nfa_columnar_present(const cb_batch *batch, uint32_t column, nfa_rows *out)
{
  uint32_t words = nfa_row_words(batch->count);
  memcpy(out->bits, batch->present + (size_t)column * nfa_row_words(batch->capacity), words * sizeof *out->bits);
}

static void run_test(const test *asked, const cb_batch *batch, nfa_rows *out)
{
  uint32_t words = nfa_row_words(batch->count);
  nfa_columnar_present(batch, asked->column, out);
  if (asked->op == NFA_OP_IS_NULL) {
    for (uint32_t w = 0; w < words && !asked->negated; w++) out->bits[w] = ~out->bits[w];
    return;
  }
  const uint64_t *values = batch->words + (size_t)asked->column * batch->capacity;
  uint8_t met[64] = {0};
  for (uint32_t w = 0; w < words; w++) {
    uint32_t count = w + 1 < words ? 64 : batch->count - w * 64;
    if (asked->kind == CEP_FLOAT) compare_floats(asked, values + w * 64, count, met);
    else compare_whole(asked, values + w * 64, count, met);
    out->bits[w] &= asked->negated ? ~pack(met) : pack(met);
  }
}

/* ---- Conditions --------------------------------------------------------------------------- */

static void join(uint32_t how, nfa_rows *left, const nfa_rows *right, uint32_t words)
{
  for (uint32_t w = 0; w < words; w++) {
    left->bits[w] = how == PRG_COND_AND ? left->bits[w] & right->bits[w] : left->bits[w] | right->bits[w];
  }
}

void nfa_columnar(const prg *program, uint32_t cond, const cb_batch *batch, nfa_rows *out)
{
  uint32_t words = nfa_row_words(batch->count), top = 0;
  if (cond == PRG_NONE) {
    memset(out->bits, 0xFF, words * sizeof *out->bits);
    return;
  }
  nfa_rows stack[NFA_COLUMNAR_DEPTH];
  prg_list list = program->conds[cond].code;
  for (uint32_t i = 0; i < list.count; i++) {
    uint32_t word = program->cond_code[list.first + i];
    if (word == PRG_COND_AND || word == PRG_COND_OR) {
      top--;
      join(word, &stack[top - 1], &stack[top], words);
      continue;
    }
    CB_ASSERT(top < NFA_COLUMNAR_DEPTH);
    test asked;
    int is_test = word != PRG_COND_TRUE && read_test(program, batch->stream, word, &asked);
    if (is_test) run_test(&asked, batch, &stack[top++]);
    else memset(&stack[top++], 0xFF, sizeof *stack);
  }
  CB_ASSERT(top == 1);
  memcpy(out->bits, stack[0].bits, words * sizeof *out->bits);
}
