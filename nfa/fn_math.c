/* fn_math.c - functions of numbers. */
#include "nfa/fn.h"

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
