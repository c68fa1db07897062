/* prng.h - xorshift64*: the one seeded generator, for tests and benches; never hidden randomness. */
#ifndef CB_PRNG_H
#define CB_PRNG_H

#include "cep/base/assert.h"

typedef struct cb_prng {
  uint64_t state;      /* never 0 */
  const uint8_t *tape; /* borrowed: a byte of it decides each choice, until it is used up */
  const uint8_t *tape_end;
} cb_prng;

static inline void cb_prng_init(cb_prng *prng, uint64_t seed)
{
  prng->state = seed * 0x9E3779B97F4A7C15u + 0xD1B54A32D192ED03u;
  if (prng->state == 0) prng->state = 1;
  prng->tape = prng->tape_end = NULL;
}

/* A fuzzer chooses: bytes that differ a little make choices that differ a little. */
static inline void cb_prng_init_tape(cb_prng *prng, const uint8_t *tape, size_t len)
{
  cb_prng_init(prng, 1);
  prng->tape = tape;
  prng->tape_end = tape + len;
}

static inline uint64_t cb_prng_next(cb_prng *prng)
{
  if (prng->tape != prng->tape_end) return *prng->tape++ * UINT64_C(0x0101010101010101);
  uint64_t x = prng->state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  prng->state = x;
  return x * 0x2545F4914F6CDD1Du;
}

/* 0 .. bound-1, bound > 0. */
static inline uint32_t cb_prng_below(cb_prng *prng, uint32_t bound)
{
  return (uint32_t)(((cb_prng_next(prng) >> 32) * (uint64_t)bound) >> 32);
}

/* 1 with a chance of `percent` in 100. */
static inline int cb_prng_chance(cb_prng *prng, uint32_t percent)
{
  return cb_prng_below(prng, 100) < percent;
}

#endif
