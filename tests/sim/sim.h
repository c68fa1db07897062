/*
 * sim.h - one scenario on many workers, polled in an order that a seed decides.
 *
 *   scenario --sim_deliver (virtual clock)--> acts as readers deliver them --> one engine --------------+--> compare
 *                                                                       \--> intake, workers, collector -+
 *                                                    polled by the seed; looked over after every step
 *
 * Contract
 *   Everything follows from the scenario and the seed: the same on every machine. Nothing here has a thread.
 *   sim_judge gives NULL if the reference, one engine and many workers agree and nothing was found wrong on the way,
 *   else a sentence, or RND_INVALID, RND_UNSUPPORTED, RND_TOO_BIG of random.h. A broken assertion is one of the
 *   sentences; what the run held is then not given back.
 */
#ifndef SIM_H
#define SIM_H

#include "runtime/engine.h"
#include "tests/conformance/random.h"

/* How long each input takes, when it falls silent, where barriers are. */
typedef struct sim_delivery {
  int idles;            /* inputs that are silent for `idle_after` are said to be idle */
  cep_time idle_after;
  uint32_t barriers;    /* in 100 acts */
} sim_delivery;

/* The acts of each input in their order, those of different inputs as a virtual clock says. */
void sim_deliver(cb_arena *arena, const scenario *sc, const sim_delivery *how, cb_prng *prng, scenario *out);

const char *sim_judge(cb_arena *arena, const scenario *sc, uint64_t seed, rnd_tally *tally);

/* ---- sim_check.c: what must hold of an engine at rest ------------------------------------------ */

/* NULL, or what is wrong with its keys and timers. */
const char *sim_check_keys(rt_engine *engine);
/* A sum over all keys: equal states give equal sums, however the keys are shared out. */
uint64_t sim_digest(rt_engine *engine);

/* ---- The runs --------------------------------------------------------------------------------- */

/* Of one engine at a barrier. */
typedef struct sim_note {
  uint64_t digest; /* of its keys */
  uint64_t state;  /* hash of its saved state */
} sim_note;

/* One engine; notes what it is at each barrier, by act. */
const scn_outcome *sim_run_one(cb_arena *arena, const scenario *sc, sim_note *notes);
/* Many workers; sees that the digests are the same, and everything else that must hold. */
const scn_outcome *sim_run_many(cb_arena *arena, const scenario *sc, uint64_t seed, sim_note *notes);
/* The same, with barriers at which the state is saved, and crashes after which it is put back; what came out behind the
 * last state is thrown away then, and its acts are done again. `crashes_out`: how many there were. */
const scn_outcome *sim_run_crashing(cb_arena *arena, const scenario *sc, uint64_t seed, sim_note *notes, uint32_t *crashes_out);

/* Ends the run under way with a sentence; never returns. */
__attribute__((noreturn, format(printf, 1, 2))) void sim_fail(const char *format, ...);

#endif
