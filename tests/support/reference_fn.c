/* reference_fn.c - the reference's own functions: the table, numbers, hashes. */
#include <math.h>

#include "cep/base/hash.h"
#include "tests/support/reference_fn_parts.h"

typedef cep_value (*fn_body)(cb_arena *arena, const cep_value *args, uint32_t count);

static const fn_body bodies[] = {
#define F(name, category, arguments, result, text, example, value) ref_fn_##name,
#include "patterns/builtin.def"
#undef F
};

cep_value ref_fn(cb_arena *arena, uint32_t function, const cep_value *args, uint32_t count)
{
  CB_ASSERT(function < sizeof bodies / sizeof *bodies);
  return bodies[function](arena, args, count);
}

/* ---- Numbers --------------------------------------------------------------------------- */

static int is_nan(const cep_value *value)
{
  return value->kind == CEP_FLOAT && isnan(value->as.f);
}

REF_FN(abs)
{
  if (args[0].kind == CEP_FLOAT) return cb_float(fabs(args[0].as.f));
  if (args[0].as.i == INT64_MIN) return cb_null();
  return cb_int(args[0].as.i < 0 ? -args[0].as.i : args[0].as.i);
}

REF_FN(sign)
{
  if (is_nan(&args[0])) return cb_null();
  cep_value zero = args[0].kind == CEP_FLOAT ? cb_float(0) : cb_int(0);
  return cb_int((int64_t)cb_value_compare(&args[0], &zero));
}

REF_FN(floor)
{
  return args[0].kind == CEP_INT ? args[0] : cb_float(floor(args[0].as.f));
}

REF_FN(ceil)
{
  return args[0].kind == CEP_INT ? args[0] : cb_float(-floor(-args[0].as.f));
}

/* To tens, hundreds ...: the multiple that is not further than half of one. */
static cep_value rounded_int(int64_t value, int64_t digits)
{
  ref_wide unit = 1;
  if (digits < -19) return cb_int(0);
  for (; digits < 0; digits++) unit *= 10;
  ref_wide size = value < 0 ? -(ref_wide)value : value;
  ref_wide multiple = (size + unit / 2) / unit * unit;
  if (multiple > INT64_MAX) return cb_null();
  return cb_int(value < 0 ? -(int64_t)multiple : (int64_t)multiple);
}

REF_FN(round)
{
  int64_t digits = count > 1 ? args[1].as.i : 0;
  if (args[0].kind == CEP_INT) return digits < 0 ? rounded_int(args[0].as.i, digits) : args[0];
  double value = args[0].as.f, unit = 1;
  if (!isfinite(value)) return cb_null();
  if (digits > 22) return args[0];
  if (digits < -22) return cb_float(fabs(value) > 1e22 ? value : 0);
  for (int64_t i = 0; i < digits || i < -digits; i++) unit *= 10;
  if (digits < 0) return ref_finite(round(value / unit) * unit);
  return isfinite(value * unit) ? cb_float(round(value * unit) / unit) : args[0];
}

REF_FN(sqrt)
{
  return args[0].as.f < 0 ? cb_null() : ref_finite((double)sqrtl((long double)args[0].as.f));
}

REF_FN(pow)
{
  return ref_finite((double)powl((long double)args[0].as.f, (long double)args[1].as.f));
}

REF_FN(exp)
{
  return ref_finite((double)expl((long double)args[0].as.f));
}

REF_FN(ln)
{
  return args[0].as.f <= 0 ? cb_null() : ref_finite((double)logl((long double)args[0].as.f));
}

REF_FN(log10)
{
  return args[0].as.f <= 0 ? cb_null() : ref_finite((double)log10l((long double)args[0].as.f));
}

REF_FN(log2)
{
  return args[0].as.f <= 0 ? cb_null() : ref_finite((double)log2l((long double)args[0].as.f));
}

/* NaN is nothing's extreme. */
static cep_value extreme(const cep_value *args, uint32_t count, cb_order wanted)
{
  for (uint32_t i = 0; i < count; i++) {
    int is_best = !is_nan(&args[i]);
    for (uint32_t k = 0; k < count && is_best; k++) {
      is_best = is_nan(&args[k]) || cb_value_compare(&args[i], &args[k]) == CB_EQUAL || cb_value_compare(&args[i], &args[k]) == wanted;
    }
    if (is_best) return args[i];
  }
  return args[0];
}

REF_FN(least)
{
  return extreme(args, count, CB_LESS);
}

REF_FN(greatest)
{
  return extreme(args, count, CB_GREATER);
}

REF_FN(clamp)
{
  if (cb_value_compare(&args[1], &args[2]) == CB_GREATER) return cb_null();
  if (cb_value_compare(&args[0], &args[1]) == CB_LESS) return args[1];
  return cb_value_compare(&args[0], &args[2]) == CB_GREATER ? args[2] : args[0];
}

/* ---- Bits: one after the other ----------------------------------------------------------- */

static int bit_of(int64_t number, int at)
{
  return (int)((uint64_t)number >> at & 1);
}

/* Bit 2 * a + b of `table` is what comes out for bits a and b. */
static cep_value by_bits(int64_t a, int64_t b, uint32_t table)
{
  uint64_t out = 0;
  for (int i = 0; i < 64; i++) out |= (uint64_t)(table >> (2 * bit_of(a, i) + bit_of(b, i)) & 1) << i;
  return cb_int((int64_t)out);
}

REF_FN(bit_and)
{
  return by_bits(args[0].as.i, args[1].as.i, 8);
}

REF_FN(bit_or)
{
  return by_bits(args[0].as.i, args[1].as.i, 14);
}

REF_FN(bit_xor)
{
  return by_bits(args[0].as.i, args[1].as.i, 6);
}

REF_FN(bit_not)
{
  return by_bits(args[0].as.i, 0, 1);
}

/* Each bit comes from `by` places further down; from outside `low` or the sign. */
static cep_value moved(int64_t number, int64_t by)
{
  uint64_t out = 0;
  for (int64_t i = 0; i < 64; i++) {
    int64_t from = i - by;
    int bit = from < 0 ? 0 : from > 63 ? number < 0 : bit_of(number, (int)from);
    out |= (uint64_t)bit << i;
  }
  return cb_int((int64_t)out);
}

REF_FN(shift_left)
{
  return args[1].as.i < 0 || args[1].as.i > 63 ? cb_null() : moved(args[0].as.i, args[1].as.i);
}

REF_FN(shift_right)
{
  return args[1].as.i < 0 || args[1].as.i > 63 ? cb_null() : moved(args[0].as.i, -args[1].as.i);
}

/* ---- Places, surprise, hashes -------------------------------------------------------------- */

typedef struct vector {
  long double x, y, z;
} vector;

static vector on_the_globe(double latitude, double longitude)
{
  long double degree = acosl(-1) / 180, up = (long double)latitude * degree, along = (long double)longitude * degree;
  return (vector){cosl(up) * cosl(along), cosl(up) * sinl(along), sinl(up)};
}

/* The angle between two arrows from the middle of the earth. */
REF_FN(distance)
{
  for (int i = 0; i < 4; i++) {
    double most = i % 2 == 0 ? 90 : 180;
    if (!(args[i].as.f >= -most && args[i].as.f <= most)) return cb_null();
  }
  vector a = on_the_globe(args[0].as.f, args[1].as.f), b = on_the_globe(args[2].as.f, args[3].as.f);
  vector across = {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
  long double sine = sqrtl(across.x * across.x + across.y * across.y + across.z * across.z);
  return cb_float((double)(6371.0088L * atan2l(sine, a.x * b.x + a.y * b.y + a.z * b.z)));
}

REF_FN(entropy)
{
  long double bits = 0, len = args[0].length;
  for (int byte = 0; byte < 256; byte++) {
    long double times = 0;
    for (uint32_t i = 0; i < args[0].length; i++) times += (unsigned char)args[0].as.s[i] == byte;
    if (times > 0) bits -= times / len * log2l(times / len);
  }
  return cb_float((double)bits);
}

/* Of each value its kind, how many bytes it has, and those: numbers from the low end up. */
REF_FN(hash)
{
  cb_writer bytes;
  cb_writer_init(&bytes, arena->alloc);
  for (uint32_t i = 0; i < count; i++) {
    int has_bytes = args[i].kind == CEP_STRING || args[i].kind == CEP_IP;
    cb_write_u8(&bytes, (uint8_t)args[i].kind);
    cb_write_u32(&bytes, has_bytes ? args[i].length : 8);
    if (has_bytes) cb_write_bytes(&bytes, args[i].as.s, args[i].length);
    else if (args[i].kind == CEP_FLOAT && args[i].as.f == 0) cb_write_u64(&bytes, 0);
    else cb_write_u64(&bytes, (uint64_t)args[i].as.i);
  }
  uint64_t hash = cb_hash64(bytes.data, bytes.len);
  cb_writer_fini(&bytes);
  return cb_int((int64_t)hash);
}

REF_FN(bucket)
{
  if (args[1].as.i <= 0) return cb_null();
  uint64_t hash = (uint64_t)ref_fn_hash(arena, args, 1).as.i;
  return cb_int((int64_t)(hash % (uint64_t)args[1].as.i));
}
