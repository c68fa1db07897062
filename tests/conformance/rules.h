/*
 * rules.h - many random rules over few fields, and events for them.
 *
 * Contract
 *   The same generator state gives the same text and acts on every machine. Texts always compile. Conditions are of
 *   every sort that can be looked up by value, and of some that cannot, under `and`, `or` and `not`; values are few, texts are parts
 *   of each other, and any field but the time may be null or, of a float, NaN.
 */
#ifndef RULES_H
#define RULES_H

#include "cep/base/prng.h"
#include "tests/support/scenario.h"

typedef struct rul_case {
  scenario sc;
  scn_input input;
  uint32_t rule_count;
} rul_case;

void rul_make(cb_arena *arena, cb_prng *prng, rul_case *out);
/* A regular expression that compiles, and a text that it may fit. */
void rul_write_regex(cb_writer *writer, cb_prng *prng);
uint32_t rul_write_text(cb_prng *prng, char *out, uint32_t most);

#endif
