/* fn_convert.c - values of one kind as values of another; hashes. */
#include "nfa/fn.h"

#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "nfa/tuples.h"

/* ---- Numbers ----------------------------------------------------------------------- */

static cep_value whole_of(double f)
{
  if (!(f >= -0x1p63 && f < 0x1p63)) return cb_null(); /* also NaN */
  return cb_int((int64_t)f);
}

cep_value nfa_fn_int(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  int64_t i;
  (void)scratch;
  (void)count;
  switch (args[0].kind) {
  case CEP_FLOAT: return whole_of(args[0].as.f);
  case CEP_STRING: return cb_num_int(args[0].as.s, args[0].length, &i) ? cb_int(i) : cb_null();
  default: return cb_int(args[0].as.i);
  }
}

cep_value nfa_fn_float(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  double f;
  (void)scratch;
  (void)count;
  switch (args[0].kind) {
  case CEP_FLOAT: return args[0];
  case CEP_STRING: return cb_num_float(args[0].as.s, args[0].length, &f) ? nfa_finite(f) : cb_null();
  default: return cb_float((double)args[0].as.i);
  }
}

cep_value nfa_fn_bool(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cep_value result;
  (void)scratch;
  (void)count;
  switch (args[0].kind) {
  case CEP_BOOL: return args[0];
  case CEP_STRING: return cb_value_parse(CEP_BOOL, args[0].as.s, args[0].length, NULL, &result) ? result : cb_null();
  case CEP_FLOAT: return args[0].as.f == 0 || args[0].as.f == 1 ? cb_bool(args[0].as.f == 1) : cb_null();
  default: return args[0].as.i == 0 || args[0].as.i == 1 ? cb_bool(args[0].as.i == 1) : cb_null();
  }
}

/* ---- Texts ------------------------------------------------------------------------- */

static cep_value copied(nfa_scratch *scratch, const char *bytes, size_t len)
{
  char *copy = nfa_scratch_take(scratch, len);
  if (!copy) return cb_null();
  memcpy(copy, bytes, len);
  return cb_string(copy, (uint32_t)len);
}

cep_value nfa_fn_string(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  char text[CB_TIME_TEXT_MAX];
  _Static_assert(CB_TIME_TEXT_MAX >= CB_NUM_TEXT_MAX && CB_TIME_TEXT_MAX >= CB_IP_TEXT_MAX, "room for all");
  (void)count;
  switch ((cep_kind)args[0].kind) {
  case CEP_STRING: return args[0];
  case CEP_BOOL: return args[0].as.i ? cb_string("true", 4) : cb_string("false", 5);
  case CEP_INT: return copied(scratch, text, cb_num_print_int(args[0].as.i, text));
  case CEP_FLOAT:
    if (nfa_finite(args[0].as.f).kind == CEP_NULL) return cb_null();
    return copied(scratch, text, cb_num_print_float(args[0].as.f, text));
  case CEP_TIME: return copied(scratch, text, cb_time_print(args[0].as.i, text));
  case CEP_DURATION: return copied(scratch, text, cb_duration_print(args[0].as.i, text));
  case CEP_IP: return copied(scratch, text, cb_ip_print((const uint8_t *)args[0].as.s, text));
  case CEP_NULL: break;
  }
  return cb_null();
}

/* ---- Addresses, times, durations --------------------------------------------------- */

cep_value nfa_fn_ip(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  if (args[0].kind == CEP_IP) return args[0];
  uint8_t bytes[16];
  if (!cb_ip_read(args[0].as.s, args[0].length, bytes)) return cb_null();
  cep_value ip = copied(scratch, (const char *)bytes, sizeof bytes);
  if (ip.kind == CEP_STRING) ip.kind = CEP_IP;
  return ip;
}

/* Seconds as nanoseconds; null out of range. */
static cep_value ns_of(const cep_value *seconds, cep_kind kind)
{
  int64_t ns;
  if (seconds->kind == CEP_INT) return __builtin_mul_overflow(seconds->as.i, CB_SECOND, &ns) ? cb_null() : cb_value_i(kind, ns);
  double exact = seconds->as.f * 1e9;
  if (!(exact > -0x1p63 && exact < 0x1p63)) return cb_null();
  return cb_value_i(kind, (int64_t)exact);
}

cep_value nfa_fn_time(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cep_time time;
  (void)scratch;
  (void)count;
  switch (args[0].kind) {
  case CEP_TIME: return args[0];
  case CEP_STRING: return cb_time_read_rfc3339(args[0].as.s, args[0].length, &time) ? cb_value_i(CEP_TIME, time) : cb_null();
  default: return ns_of(&args[0], CEP_TIME);
  }
}

cep_value nfa_fn_duration(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cep_value result;
  (void)scratch;
  (void)count;
  switch (args[0].kind) {
  case CEP_DURATION: return args[0];
  case CEP_STRING: return cb_value_parse(CEP_DURATION, args[0].as.s, args[0].length, NULL, &result) ? result : cb_null();
  default: return ns_of(&args[0], CEP_DURATION);
  }
}

/* ---- Hashes ------------------------------------------------------------------------ */

cep_value nfa_fn_hash(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  size_t len;
  const char *bytes = nfa_tuple_bytes(scratch, args, count, &len);
  return bytes ? cb_int((int64_t)cb_hash64(bytes, len)) : cb_null();
}

cep_value nfa_fn_bucket(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  if (args[1].as.i <= 0) return cb_null();
  cep_value hash = nfa_fn_hash(scratch, args, 1);
  return hash.kind == CEP_INT ? cb_int((int64_t)((uint64_t)hash.as.i % (uint64_t)args[1].as.i)) : hash;
}
