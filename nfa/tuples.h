/*
 * tuples.h - values as bytes, to hash and to tell apart.
 *
 * Contract
 *   nfa_tuple_bytes writes values one behind the other so that equal lists of values, and
 *   only those, have equal bytes: 0 and -0 are equal. The bytes live in the scratch.
 *   NULL: memory refused, and counted.
 */
#ifndef NFA_TUPLES_H
#define NFA_TUPLES_H

#include "nfa/expr.h"

const char *nfa_tuple_bytes(nfa_scratch *scratch, const cep_value *values, uint32_t count, size_t *len_out);

#endif
