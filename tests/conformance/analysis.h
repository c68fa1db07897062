/*
 * analysis.h - random rule files that say what cannot be meant, and streams that may contradict the warnings.
 *
 * Contract
 *   ana_make fills a scenario from a generator, all in the arena: the same seed, the same
 *   scenario. Its text compiles, but for what the compiler refuses. Small values over every
 *   field, so that a condition that can be met is likely to be met.
 */
#ifndef ANALYSIS_H
#define ANALYSIS_H

#include "cep/base/prng.h"
#include "tests/support/scenario.h"

void ana_make(cb_arena *arena, cb_prng *prng, scenario *out);

#endif
