/* register.c - an event goes into running values. */
#include "nfa/register.h"

#include <string.h>

uint64_t nfa_registers_null_at_start(const prg *program, prg_list registers)
{
  uint64_t null = 0;
  for (uint32_t r = 0; r < registers.count; r++) {
    switch ((prg_register_kind)program->registers[registers.first + r].what) {
    case PRG_REG_COUNT:
    case PRG_REG_SUM_INT:
    case PRG_REG_SUM_FLOAT:
    case PRG_REG_DISTINCT:
    case PRG_REG_SQUARES:
    case PRG_REG_PART:
    case PRG_REG_MATCHES:
    case PRG_REG_FIRST:
    case PRG_REG_LAST:
    case PRG_REG_HLL:
    case PRG_REG_DDSKETCH:
    case PRG_REG_TOP: break;
    case PRG_REG_MIN_INT:
    case PRG_REG_MAX_INT:
    case PRG_REG_MIN_FLOAT:
    case PRG_REG_MAX_FLOAT: null |= 1ull << r; break;
    }
  }
  return null;
}

static void add_float(uint64_t *word, double value)
{
  double sum;
  memcpy(&sum, word, sizeof sum);
  sum += value;
  memcpy(word, &sum, sizeof sum);
}

static void make_null(uint64_t *word, uint64_t *null, uint64_t bit)
{
  *null |= bit;
  *word = 0;
}

static void add_int(uint64_t *word, uint64_t *null, uint64_t bit, int64_t value, uint64_t *overflows)
{
  int64_t sum = (int64_t)*word;
  if (!__builtin_add_overflow(sum, value, &sum)) {
    *word = (uint64_t)sum;
    return;
  }
  make_null(word, null, bit); /* from now on: a later event must not bring a wrong sum back */
  ++*overflows;
}

static void keep_extreme(const prg_register *reg, uint64_t *word, uint64_t *null, uint64_t bit, const cep_value *value)
{
  int is_float = reg->what == PRG_REG_MIN_FLOAT || reg->what == PRG_REG_MAX_FLOAT;
  int wants_less = reg->what == PRG_REG_MIN_INT || reg->what == PRG_REG_MIN_FLOAT;
  if (is_float && value->as.f != value->as.f) return; /* NaN is no extreme */
  cep_value kept = cb_value_i(is_float ? CEP_FLOAT : CEP_INT, 0);
  memcpy(&kept.as, word, sizeof *word);
  cep_value fresh = kept;
  fresh.as = value->as;
  int better = (*null & bit) || cb_value_compare(&fresh, &kept) == (wants_less ? CB_LESS : CB_GREATER);
  if (!better) return;
  memcpy(word, &value->as, sizeof *word);
  *null &= ~bit;
}

/* Welford's: the sum of squares, the mean, the count. */
static void add_deviation(uint64_t *words, double value)
{
  double squares, mean;
  memcpy(&squares, &words[0], sizeof squares);
  memcpy(&mean, &words[1], sizeof mean);
  double count = (double)++words[2];
  double before = value - mean;
  mean += before / count;
  squares += before * (value - mean);
  memcpy(&words[0], &squares, sizeof squares);
  memcpy(&words[1], &mean, sizeof mean);
}

/* A count or sum over as many matches as the first register says. */
static void add_total(const prg_register *reg, uint64_t *words, uint32_t index, uint64_t *null, const cep_value *value,
                      uint64_t *overflows)
{
  uint64_t *word = &words[index], bit = 1ull << index;
  if (*null & bit) return;
  if (*null & 1) {
    make_null(word, null, bit);
    return;
  }
  int64_t matches = (int64_t)words[0], product;
  if (reg->what == PRG_REG_SUM_FLOAT) {
    add_float(word, (double)matches * value->as.f);
  } else if (!__builtin_mul_overflow(matches, reg->what == PRG_REG_COUNT ? 1 : value->as.i, &product)) {
    add_int(word, null, bit, product, overflows);
  } else {
    make_null(word, null, bit);
    ++*overflows;
  }
}

void nfa_register_take(const nfa_env *env, const prg_register *reg, uint32_t index, uint64_t *words, uint64_t *null,
                       uint64_t *overflows)
{
  uint64_t *word = &words[index], bit = 1ull << index;
  if (reg->what == PRG_REG_PART || reg->what == PRG_REG_MATCHES) return;
  nfa_scratch_reset(env->scratch);
  if (reg->where != PRG_NONE && !nfa_expr_holds(env, reg->where)) return;
  cep_value value = reg->arg == PRG_NONE ? cb_null() : nfa_expr_eval(env, reg->arg);
  if (reg->arg != PRG_NONE && value.kind == CEP_NULL) return;
  int is_sum = reg->what == PRG_REG_COUNT || reg->what == PRG_REG_SUM_INT || reg->what == PRG_REG_SUM_FLOAT;
  if (reg->total && is_sum) {
    add_total(reg, words, index, null, &value, overflows);
    return;
  }
  switch ((prg_register_kind)reg->what) {
  case PRG_REG_COUNT: ++*word; break;
  case PRG_REG_SUM_INT:
    if (!(*null & bit)) add_int(word, null, bit, value.as.i, overflows);
    break;
  case PRG_REG_SUM_FLOAT: add_float(word, value.as.f); break;
  case PRG_REG_MIN_INT:
  case PRG_REG_MAX_INT:
  case PRG_REG_MIN_FLOAT:
  case PRG_REG_MAX_FLOAT: keep_extreme(reg, word, null, bit, &value); break;
  case PRG_REG_SQUARES: add_deviation(word, value.as.f); break;
  case PRG_REG_PART:
  case PRG_REG_MATCHES:
  case PRG_REG_DISTINCT:
  case PRG_REG_FIRST:
  case PRG_REG_LAST:
  case PRG_REG_HLL:
  case PRG_REG_DDSKETCH:
  case PRG_REG_TOP: CB_UNREACHABLE();
  }
}

static void join(const prg_register *reg, uint64_t *word, uint64_t *null, uint64_t bit, uint64_t more, int more_is_null,
                 uint64_t *overflows)
{
  cep_value value = cb_value_i((cep_kind)reg->kind, 0);
  memcpy(&value.as, &more, sizeof more);
  switch ((prg_register_kind)reg->what) {
  case PRG_REG_COUNT:
  case PRG_REG_SUM_INT:
  case PRG_REG_SUM_FLOAT:
  case PRG_REG_MATCHES:
    if (more_is_null || (*null & bit)) make_null(word, null, bit);
    else if (reg->what == PRG_REG_SUM_FLOAT) add_float(word, value.as.f);
    else add_int(word, null, bit, value.as.i, overflows);
    return;
  case PRG_REG_MIN_INT:
  case PRG_REG_MAX_INT:
  case PRG_REG_MIN_FLOAT:
  case PRG_REG_MAX_FLOAT:
    if (!more_is_null) keep_extreme(reg, word, null, bit, &value);
    return;
  case PRG_REG_SQUARES:
  case PRG_REG_PART:
  case PRG_REG_DISTINCT:
  case PRG_REG_FIRST:
  case PRG_REG_LAST:
  case PRG_REG_HLL:
  case PRG_REG_DDSKETCH:
  case PRG_REG_TOP: CB_UNREACHABLE();
  }
}

/* Chan's: the sums of squares of two sets of values, about their common mean. */
static void join_deviations(uint64_t *words, const uint64_t *more)
{
  double squares, mean, more_squares, more_mean;
  if (more[2] == 0) return;
  if (words[2] == 0) {
    memcpy(words, more, 3 * sizeof *words);
    return;
  }
  memcpy(&squares, &words[0], sizeof squares);
  memcpy(&mean, &words[1], sizeof mean);
  memcpy(&more_squares, &more[0], sizeof more_squares);
  memcpy(&more_mean, &more[1], sizeof more_mean);
  double count = (double)words[2], more_count = (double)more[2], all = count + more_count, apart = more_mean - mean;
  squares += more_squares + apart * apart * (count * more_count / all);
  mean += apart * (more_count / all);
  memcpy(&words[0], &squares, sizeof squares);
  memcpy(&words[1], &mean, sizeof mean);
  words[2] += more[2];
}

void nfa_register_merge(const prg_register *reg, uint32_t index, uint64_t *words, uint64_t *null, const uint64_t *more, uint64_t more_null)
{
  uint64_t overflows = 0;
  CB_ASSERT(reg->what != PRG_REG_SUM_INT);
  if (reg->what == PRG_REG_PART) return;
  if (reg->what == PRG_REG_SQUARES) join_deviations(&words[index], &more[index]);
  else join(reg, &words[index], null, UINT64_C(1) << index, more[index], (int)(more_null >> index & 1), &overflows);
}

void nfa_registers_join(const prg *program, prg_list registers, uint64_t *words, uint64_t *null, const uint64_t *more,
                        uint64_t more_null, uint64_t *overflows)
{
  for (uint32_t r = 0; r < registers.count; r++) {
    const prg_register *reg = &program->registers[registers.first + r];
    if (!reg->total && reg->what != PRG_REG_MATCHES) continue;
    join(reg, &words[r], null, 1ull << r, more[r], (int)(more_null >> r & 1), overflows);
  }
}
