/*
 * random.h - one random case judged, and made smaller.
 *
 * Contract
 *   rnd_judge gives NULL when the engine, in every way, and the reference agree on the
 *   case; else a sentence. `RND_INVALID` when the program does not compile, `RND_UNSUPPORTED`
 *   when the engine says so, `RND_TOO_BIG` when the reference gave up. rnd_shrink takes parts away as long as a difference stays;
 *   rnd_show does so and prints what is left as a `.case` file.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include "tests/support/gen.h"

extern const char RND_INVALID[];
extern const char RND_UNSUPPORTED[];
extern const char RND_TOO_BIG[];

typedef struct rnd_tally {
  uint32_t matches;
  uint32_t timeouts;
  uint32_t late;
  uint32_t compact; /* detections that the compact evaluator may have, */
  uint32_t first_of; /* and those that first-of has */
  uint32_t crashes; /* of the simulator */
} rnd_tally;

/* `quick`: as written and the reference only. */
const char *rnd_judge(cb_arena *arena, const gen_case *it, uint64_t seed, int quick, rnd_tally *tally);
void rnd_shrink(gen_case *it, uint64_t seed);
void rnd_show(gen_case *it, uint64_t seed, const char *title);

#endif
