/* fn_math.c - functions of numbers. */
#include "nfa/fn.h"

#include <math.h>

/* ---- Signs and steps --------------------------------------------------------------- */

cep_value nfa_fn_abs(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (args[0].kind == CEP_FLOAT) {
    double f = args[0].as.f;
    return cb_float(f < 0 ? -f : f == 0 ? 0 : f); /* also -0; NaN stays */
  }
  int64_t i = args[0].as.i;
  if (i == INT64_MIN) return cb_null();
  return cb_int(i < 0 ? -i : i);
}

cep_value nfa_fn_sign(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (args[0].kind == CEP_INT) return cb_int((args[0].as.i > 0) - (args[0].as.i < 0));
  double f = args[0].as.f;
  return f == f ? cb_int((f > 0) - (f < 0)) : cb_null();
}

cep_value nfa_fn_floor(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return args[0].kind == CEP_FLOAT ? cb_float(floor(args[0].as.f)) : args[0];
}

cep_value nfa_fn_ceil(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return args[0].kind == CEP_FLOAT ? cb_float(ceil(args[0].as.f)) : args[0];
}

/* Powers of ten that a double holds exactly. */
#define DIGITS_MAX 22

static double ten_to(int64_t digits)
{
  double power = 1;
  while (digits-- > 0) power *= 10;
  return power;
}

static cep_value rounded_float(double f, int64_t digits)
{
  if (digits > DIGITS_MAX || !(f - f == 0)) return nfa_finite(f);
  if (digits < -DIGITS_MAX) return nfa_finite(f < -1e22 || f > 1e22 ? f : 0);
  double power = ten_to(digits < 0 ? -digits : digits);
  double scaled = digits < 0 ? f / power : f * power;
  if (!(scaled - scaled == 0)) return cb_float(f); /* so large that it has no such digits */
  scaled = round(scaled);
  return nfa_finite(digits < 0 ? scaled * power : scaled / power);
}

static cep_value rounded_int(int64_t i, int64_t digits)
{
  uint64_t power = 1, size = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
  if (digits >= 0) return cb_int(i);
  if (digits < -19) return cb_int(0);
  for (; digits < 0; digits++) power *= 10;
  uint64_t over = size % power, result = size - over;
  if (over >= power - over && __builtin_add_overflow(result, power, &result)) return cb_null();
  if (result > (uint64_t)INT64_MAX) return cb_null();
  return cb_int(i < 0 ? -(int64_t)result : (int64_t)result);
}

cep_value nfa_fn_round(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  int64_t digits = count > 1 ? args[1].as.i : 0;
  return args[0].kind == CEP_FLOAT ? rounded_float(args[0].as.f, digits) : rounded_int(args[0].as.i, digits);
}

/* ---- Powers ------------------------------------------------------------------------ */

#define OF_FLOAT(name, is_good, result)                                                                      \
  cep_value nfa_fn_##name(nfa_scratch *scratch, const cep_value *args, uint32_t count)                       \
  {                                                                                                          \
    double x = args[0].as.f;                                                                                 \
    (void)scratch;                                                                                           \
    (void)count;                                                                                             \
    return (is_good) ? nfa_finite(result) : cb_null();                                                       \
  }
OF_FLOAT(sqrt, x >= 0, sqrt(x))
OF_FLOAT(exp, 1, exp(x))
OF_FLOAT(ln, x > 0, log(x))
OF_FLOAT(log10, x > 0, log10(x))
OF_FLOAT(log2, x > 0, log2(x))
#undef OF_FLOAT

cep_value nfa_fn_pow(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return nfa_finite(pow(args[0].as.f, args[1].as.f));
}

/* ---- Of several -------------------------------------------------------------------- */

/* NaN is left out where there is anything else. */
static cep_value extreme(const cep_value *args, uint32_t count, cb_order wanted)
{
  const cep_value *best = &args[0];
  for (uint32_t i = 1; i < count; i++) {
    int best_is_nan = best->kind == CEP_FLOAT && best->as.f != best->as.f;
    if (best_is_nan || cb_value_compare(&args[i], best) == wanted) best = &args[i];
  }
  return *best;
}

cep_value nfa_fn_least(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  return extreme(args, count, CB_LESS);
}

cep_value nfa_fn_greatest(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  return extreme(args, count, CB_GREATER);
}

cep_value nfa_fn_clamp(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (cb_value_compare(&args[1], &args[2]) == CB_GREATER) return cb_null();
  if (cb_value_compare(&args[0], &args[1]) == CB_LESS) return args[1];
  return cb_value_compare(&args[0], &args[2]) == CB_GREATER ? args[2] : args[0];
}

/* ---- Bits -------------------------------------------------------------------------- */

#define OF_BITS(name, result)                                                                                \
  cep_value nfa_fn_##name(nfa_scratch *scratch, const cep_value *args, uint32_t count)                       \
  {                                                                                                          \
    (void)scratch;                                                                                           \
    (void)count;                                                                                             \
    return cb_int(result);                                                                                   \
  }
OF_BITS(bit_and, args[0].as.i & args[1].as.i)
OF_BITS(bit_or, args[0].as.i | args[1].as.i)
OF_BITS(bit_xor, args[0].as.i ^ args[1].as.i)
OF_BITS(bit_not, ~args[0].as.i)
#undef OF_BITS

cep_value nfa_fn_shift_left(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (args[1].as.i < 0 || args[1].as.i > 63) return cb_null();
  return cb_int((int64_t)((uint64_t)args[0].as.i << args[1].as.i));
}

cep_value nfa_fn_shift_right(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  int64_t x = args[0].as.i;
  if (args[1].as.i < 0 || args[1].as.i > 63) return cb_null();
  return cb_int(x < 0 ? ~(int64_t)(~(uint64_t)x >> args[1].as.i) : (int64_t)((uint64_t)x >> args[1].as.i));
}

/* ---- The earth, and surprise ------------------------------------------------------- */

#define EARTH_KM 6371.0088
#define DEGREE   (3.14159265358979323846 / 180)

static int is_place(double latitude, double longitude)
{
  return latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180;
}

cep_value nfa_fn_distance(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  if (!is_place(args[0].as.f, args[1].as.f) || !is_place(args[2].as.f, args[3].as.f)) return cb_null();
  double a = args[0].as.f * DEGREE, b = args[2].as.f * DEGREE;
  double half_up = sin((b - a) / 2), half_along = sin((args[3].as.f - args[1].as.f) * DEGREE / 2);
  double chord = half_up * half_up + cos(a) * cos(b) * half_along * half_along;
  return nfa_finite(2 * EARTH_KM * asin(sqrt(chord > 1 ? 1 : chord)));
}

cep_value nfa_fn_entropy(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  uint32_t times[256] = {0};
  double bits = 0, len = args[0].length;
  (void)scratch;
  (void)count;
  for (uint32_t i = 0; i < args[0].length; i++) times[(uint8_t)args[0].as.s[i]]++;
  for (int i = 0; i < 256; i++) {
    if (times[i] > 0) bits += times[i] / len * log2(len / times[i]);
  }
  return cb_float(bits);
}
