/* value_set.c - sets of values of one kind, as ranges in their order. */
#include "patterns/value_set.h"

#include <stdlib.h>
#include <string.h>

enum { BEFORE_ALL = -2, BEFORE = -1, BEHIND = 1, BEHIND_ALL = 2 };

static const pat_cut first_cut = {BEFORE_ALL, {CEP_NULL, 0, {0}}}, last_cut = {BEHIND_ALL, {CEP_NULL, 0, {0}}};

static int is_whole(cep_kind kind)
{
  return kind == CEP_INT || kind == CEP_TIME || kind == CEP_DURATION || kind == CEP_BOOL;
}

static int compare_values(const cep_value *a, const cep_value *b)
{
  if (a->kind == CEP_IP) return memcmp(a->as.s, b->as.s, 16);
  return (int)cb_value_compare(a, b);
}

static int compare_cuts(const pat_cut *a, const pat_cut *b)
{
  if (a->side == BEFORE_ALL || a->side == BEHIND_ALL || b->side == BEFORE_ALL || b->side == BEHIND_ALL) {
    int a_end = a->side / 2, b_end = b->side / 2;
    return a_end - b_end;
  }
  int order = compare_values(&a->value, &b->value);
  return order != 0 ? order : a->side - b->side;
}

/* ---- Cuts ----------------------------------------------------------------------------- */

/* In front of the first whole number that is not in front of the cut. */
static pat_cut whole_cut(cep_kind kind, pat_cut cut)
{
  int64_t at;
  if (cut.value.kind == CEP_FLOAT) {
    double number = cut.value.as.f;
    if (number >= 9223372036854775808.0) return last_cut;
    if (number < -9223372036854775808.0) return first_cut;
    at = (int64_t)number;
    double whole = (double)at;
    int is_above = whole > number, is_below = whole < number;
    if (is_above && cut.side == BEHIND) cut.side = BEFORE; /* behind -2.5 is in front of -2 */
    if (is_below) cut.side = BEHIND;                       /* in front of 2.5 is behind 2 */
  } else {
    at = cut.value.as.i;
  }
  if (cut.side == BEHIND) {
    if (at == INT64_MAX) return last_cut;
    at++;
  }
  if (at == INT64_MIN) return first_cut;
  pat_cut whole = {BEFORE, cb_value_i(kind, at)};
  return whole;
}

static pat_cut cut_at(cep_kind kind, int side, const cep_value *value)
{
  pat_cut cut = {side, *value};
  return is_whole(kind) ? whole_cut(kind, cut) : cut;
}

/* ---- Sets ------------------------------------------------------------------------------- */

pat_set pat_set_none(void)
{
  pat_set none = {0, 0, 0, NULL};
  return none;
}

static pat_set one_range(cb_arena *arena, pat_cut from, pat_cut to)
{
  pat_set set = pat_set_none();
  if (compare_cuts(&from, &to) >= 0) return set;
  pat_range *range = cb_arena_take(arena, sizeof *range);
  if (!range) return set;
  range->from = from;
  range->to = to;
  set.at = range;
  set.count = 1;
  return set;
}

pat_set pat_set_all(cb_arena *arena)
{
  return one_range(arena, first_cut, last_cut);
}

pat_set pat_set_compared(cb_arena *arena, cep_kind kind, plan_op op, const cep_value *value)
{
  pat_cut before = cut_at(kind, BEFORE, value), behind = cut_at(kind, BEHIND, value);
  switch (op) {
  case PLAN_EQ: return one_range(arena, before, behind);
  case PLAN_LT: return one_range(arena, first_cut, before);
#ifdef CEP_FAULT_RANGE_EDGE
  case PLAN_LE: return one_range(arena, first_cut, before);
#else
  case PLAN_LE: return one_range(arena, first_cut, behind);
#endif
  case PLAN_GT: return one_range(arena, behind, last_cut);
  case PLAN_GE: return one_range(arena, before, last_cut);
  default: break;
  }
  pat_set equal = one_range(arena, before, behind);
  return pat_set_not(arena, &equal);
}

pat_set pat_set_prefix(cb_arena *arena, const cep_value *start)
{
  pat_cut from = {BEFORE, *start};
  uint32_t len = start->length;
  while (len > 0 && (uint8_t)start->as.s[len - 1] == 0xFF) len--;
  char *bytes = cb_arena_text(arena, start->as.s, len);
  if (len == 0 || !bytes) return one_range(arena, from, last_cut);
  bytes[len - 1] = (char)((uint8_t)bytes[len - 1] + 1);
  pat_cut to = {BEFORE, cb_string(bytes, len)};
  return one_range(arena, from, to);
}

pat_set pat_set_network(cb_arena *arena, const cep_value *network)
{
  uint8_t base[16];
  uint32_t bits = 0;
  uint8_t *ends = cb_arena_take(arena, 32);
  if (!ends || !cb_cidr_read(network->as.s, network->length, base, &bits)) return pat_set_all(arena);
  for (uint32_t i = 0; i < 16; i++) {
    uint32_t kept = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * i : 0;
    uint8_t mask = (uint8_t)(0xFF00u >> kept);
    ends[i] = base[i] & mask;
    ends[16 + i] = (uint8_t)(base[i] | (uint8_t)~mask);
  }
  pat_cut from = {BEFORE, {CEP_IP, 16, {0}}}, to = {BEHIND, {CEP_IP, 16, {0}}};
  from.value.as.s = (const char *)ends;
  to.value.as.s = (const char *)ends + 16;
  return one_range(arena, from, to);
}

/* ---- Together ----------------------------------------------------------------------------- */

pat_set pat_set_and(cb_arena *arena, const pat_set *a, const pat_set *b)
{
  pat_set both = {a->null && b->null, a->nan && b->nan, 0, NULL};
  pat_range *ranges = cb_arena_take(arena, ((size_t)a->count + b->count + 1) * sizeof *ranges);
  if (!ranges) return both;
  for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
    const pat_range *x = &a->at[i], *y = &b->at[j];
    pat_range common = {compare_cuts(&x->from, &y->from) > 0 ? x->from : y->from, compare_cuts(&x->to, &y->to) < 0 ? x->to : y->to};
    if (compare_cuts(&common.from, &common.to) < 0) ranges[both.count++] = common;
    if (compare_cuts(&x->to, &y->to) < 0)
      i++;
    else
      j++;
  }
  both.at = ranges;
  return both;
}

static int by_start(const void *a, const void *b)
{
  return compare_cuts(&((const pat_range *)a)->from, &((const pat_range *)b)->from);
}

/* Sorts, and joins what touches. */
static uint32_t join_ranges(pat_range *ranges, uint32_t count)
{
  if (count == 0) return 0;
  qsort(ranges, count, sizeof *ranges, by_start);
  uint32_t last = 0;
  for (uint32_t i = 1; i < count; i++) {
    if (compare_cuts(&ranges[i].from, &ranges[last].to) > 0)
      ranges[++last] = ranges[i];
    else if (compare_cuts(&ranges[i].to, &ranges[last].to) > 0)
      ranges[last].to = ranges[i].to;
  }
  return last + 1;
}

pat_set pat_set_or(cb_arena *arena, const pat_set *a, const pat_set *b)
{
  pat_set either = {a->null || b->null, a->nan || b->nan, 0, NULL};
  pat_range *ranges = cb_arena_take(arena, ((size_t)a->count + b->count + 1) * sizeof *ranges);
  if (!ranges) return either;
  for (uint32_t i = 0; i < a->count; i++) ranges[i] = a->at[i];
  for (uint32_t i = 0; i < b->count; i++) ranges[a->count + i] = b->at[i];
  either.count = join_ranges(ranges, a->count + b->count);
  either.at = ranges;
  return either;
}

pat_set pat_set_not(cb_arena *arena, const pat_set *set)
{
  pat_set other = pat_set_none();
  pat_range *ranges = cb_arena_take(arena, ((size_t)set->count + 1) * sizeof *ranges);
  if (!ranges) return other;
  pat_cut from = first_cut;
  for (uint32_t i = 0; i <= set->count; i++) {
    pat_range gap = {from, i < set->count ? set->at[i].from : last_cut};
    if (compare_cuts(&gap.from, &gap.to) < 0) ranges[other.count++] = gap;
    if (i < set->count) from = set->at[i].to;
  }
  other.at = ranges;
  return other;
}

pat_set pat_set_values(cb_arena *arena, cep_kind kind, const plan_expr *const *constants, uint32_t count)
{
  pat_set set = pat_set_none();
  pat_range *ranges = cb_arena_take(arena, ((size_t)count + 1) * sizeof *ranges);
  if (!ranges) return set;
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    pat_range point = {cut_at(kind, BEFORE, &constants[i]->value), cut_at(kind, BEHIND, &constants[i]->value)};
    if (compare_cuts(&point.from, &point.to) < 0) ranges[used++] = point;
  }
  set.count = join_ranges(ranges, used);
  set.at = ranges;
  return set;
}

/* ---- Size ----------------------------------------------------------------------------------- */

static uint64_t range_size(const pat_range *range, cep_kind kind)
{
  int from = range->from.side, to = range->to.side;
  if (from == BEFORE && to == BEHIND && compare_values(&range->from.value, &range->to.value) == 0) return 1;
  if (!is_whole(kind) || from != BEFORE || to != BEFORE) return UINT64_MAX;
  return (uint64_t)range->to.value.as.i - (uint64_t)range->from.value.as.i;
}

uint64_t pat_set_size(const pat_set *set, cep_kind kind)
{
  uint64_t size = 0;
  for (uint32_t i = 0; i < set->count; i++) {
    if (__builtin_add_overflow(size, range_size(&set->at[i], kind), &size)) return UINT64_MAX;
  }
  return size;
}
