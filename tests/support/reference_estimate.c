/* reference_estimate.c - what only windows have: first, last, percentiles, the most frequent values. */
#include <math.h>
#include <string.h>

#include "tests/support/reference_parts.h"

static double as_double(const cep_value *value)
{
  return value->kind == CEP_FLOAT ? value->as.f : (double)value->as.i;
}

/* The middle of the fiftieth part of a power of two that the value is in. */
static double middle_of(double value)
{
  if (value == 0 || isinf(value)) return value;
  double size = fabs(value), power = 1;
  while (power > size) power /= 2;
  while (power * 2 <= size) power *= 2;
  int part = 0;
  while (part < 49 && power * (1 + (part + 1) / 50.0) <= size) part++;
  double low = 1 + part / 50.0, high = low + 1 / 50.0;
  double middle = power * (2 * low * high / (low + high));
  return value < 0 ? -middle : middle;
}

static cep_value percentile(const ref_scope *scope, const plan_expr *expr, const cep_value *values, uint32_t count)
{
  double *sorted = cb_arena_take(scope->run->arena, (count + 1) * sizeof *sorted);
  CB_ASSERT(sorted);
  uint32_t known = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (values[i].kind == CEP_NULL || isnan(as_double(&values[i]))) continue;
    double value = as_double(&values[i]);
    uint32_t at = known++;
    for (; at > 0 && sorted[at - 1] > value; at--) sorted[at] = sorted[at - 1];
    sorted[at] = value;
  }
  if (known == 0) return cb_null();
  double found = middle_of(sorted[(uint32_t)(expr->value.as.f / 100 * (known - 1))]);
  return expr->kind == CEP_DURATION ? cb_value_i(CEP_DURATION, llround(found)) : cb_float(found);
}

static uint32_t times(const cep_value *values, uint32_t count, uint32_t which)
{
  uint32_t same = 0;
  for (uint32_t i = 0; i < count; i++) same += cb_value_compare(&values[i], &values[which]) == CB_EQUAL;
  return same;
}

static cep_value top(const ref_scope *scope, const plan_expr *expr, const cep_value *values, uint32_t count)
{
  cb_writer w;
  cb_writer_init(&w, scope->run->arena->alloc);
  char *is_given = cb_arena_take(scope->run->arena, count + 1);
  CB_ASSERT(is_given);
  memset(is_given, 0, count + 1);
  cb_write_u8(&w, '[');
  for (int64_t place = 0; place < expr->value.as.i; place++) {
    uint32_t best = CEP_NONE;
    for (uint32_t i = 0; i < count; i++) {
      if (values[i].kind == CEP_NULL || is_given[i]) continue;
      uint32_t here = times(values, count, i), there = best == CEP_NONE ? 0 : times(values, count, best);
      if (here > there || (here == there && cb_value_compare(&values[i], &values[best]) == CB_LESS)) best = i;
    }
    if (best == CEP_NONE) break;
    cb_write_text(&w, place > 0 ? ",{\"value\":" : "{\"value\":");
    cb_value_write_json(&w, &values[best]);
    cb_write_printf(&w, ",\"count\":%u}", times(values, count, best));
    for (uint32_t i = 0; i < count; i++) is_given[i] |= cb_value_compare(&values[i], &values[best]) == CB_EQUAL;
  }
  cb_write_u8(&w, ']');
  char *kept = cb_arena_take(scope->run->arena, w.len);
  CB_ASSERT(kept);
  memcpy(kept, w.data, w.len);
  cep_value text = cb_string(kept, (uint32_t)w.len);
  cb_writer_fini(&w);
  return text;
}

cep_value ref_estimate(const ref_scope *scope, const plan_expr *expr, const cep_value *values, uint32_t count)
{
  switch (expr->aggregate) {
  case PLAN_FIRST: return count > 0 ? values[0] : cb_null();
  case PLAN_LAST: return count > 0 ? values[count - 1] : cb_null();
  case PLAN_APPROX_PERCENTILE: return percentile(scope, expr, values, count);
  default: return top(scope, expr, values, count);
  }
}
