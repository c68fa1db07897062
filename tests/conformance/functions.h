/*
 * functions.h - random calls of functions, and random values for them.
 *
 * Contract
 *   fns_call writes a call of a function as rule text into `out`, over fields of the stream
 *   FNS_STREAM and constants; fns_value gives a value for one of its fields, often one that
 *   the call knows what to do with. The same generator gives the same on every machine.
 *   Texts and addresses lie in the arena.
 */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include "cep/base/arena.h"
#include "cep/base/prng.h"
#include "cep/base/value.h"

/* Three fields of each kind, named by its letter and a digit. */
#define FNS_STREAM                                                                                          \
  "stream S from stdin format json { time ts ns\n"                                                          \
  "  b0: bool?  b1: bool?  b2: bool?  i0: int?  i1: int?  i2: int?  f0: float?  f1: float?  f2: float?\n"   \
  "  s0: string?  s1: string?  s2: string?  t0: time?  t1: time?  t2: time?\n"                              \
  "  d0: duration?  d1: duration?  d2: duration?  a0: ip?  a1: ip?  a2: ip? }\n"

typedef struct fns_function {
  const char *name;
  const char *arguments; /* cep/base/signature.h */
} fns_function;

extern const fns_function fns_functions[];
extern const uint32_t fns_function_count;

void fns_call(cb_writer *out, cb_prng *prng, const fns_function *function);
cep_value fns_value(cb_arena *arena, cb_prng *prng, const char *call, cep_kind kind);

#endif
