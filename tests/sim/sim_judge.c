/* sim_judge.c - one seed: the reference, one engine, and many workers in an order drawn from the seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define SECOND ((cep_time)1000000000)
#define HISTORIES_MAX 1500u

const char RND_INVALID[] = "the program does not compile";
const char RND_UNSUPPORTED[] = "the engine cannot run it yet";
const char RND_TOO_BIG[] = "too large for the reference evaluator";

/* ---- Failing in the middle of a run -------------------------------------------------------------- */

/* Where a run ends that cannot go on. The simulator has one thread and one run at a time. */
static jmp_buf *way_out;
static char sentence[400];

void sim_fail(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  if (way_out) longjmp(*way_out, 1);
  fprintf(stderr, "%s\n", sentence);
  abort();
}

/* Instead of the library's own: a broken claim is a finding with a seed. */
void cb_assert_fail(const char *claim, const char *file, int line)
{
  sim_fail("%s:%d: claim does not hold: %s", file, line, claim);
}

/* ---- Judging ------------------------------------------------------------------------------------- */

static int compare_tags(const void *a_void, const void *b_void)
{
  uint32_t a = *(const uint32_t *)a_void, b = *(const uint32_t *)b_void;
  return (a > b) - (a < b);
}

/* Which events are late does not depend on how inputs interleave; the order in which they are told does. */
static const char *compare_reference(cb_arena *arena, const scn_outcome *reference, const scn_outcome *one)
{
  scn_outcome a = *reference, b = *one;
  a.late = cb_arena_take(arena, (a.late_count + b.late_count + 1) * sizeof *a.late);
  CB_ASSERT(a.late);
  b.late = a.late + a.late_count;
  if (a.late_count) memcpy(a.late, reference->late, a.late_count * sizeof *a.late);
  if (b.late_count) memcpy(b.late, one->late, b.late_count * sizeof *b.late);
  qsort(a.late, a.late_count, sizeof *a.late, compare_tags);
  qsort(b.late, b.late_count, sizeof *b.late, compare_tags);
  return scn_compare(arena, &a, &b, 1);
}

static void count(const scn_outcome *outcome, rnd_tally *tally)
{
  for (uint32_t i = 0; i < outcome->output_count; i++) {
    tally->matches += outcome->outputs[i].kind != CEP_TIMEOUT;
    tally->timeouts += outcome->outputs[i].kind == CEP_TIMEOUT;
  }
  tally->late += outcome->late_count;
}

static const char *compare_runs(cb_arena *arena, const char *what, const scn_outcome *one, const scn_outcome *many)
{
  const char *wrong = scn_compare(arena, one, many, 1);
  if (!wrong && one->output_count != many->output_count) wrong = "number of outputs";
  if (!wrong && one->partials != many->partials) wrong = "number of partial matches at the end";
  return wrong ? cb_arena_printf(arena, "%s: %s", what, wrong) : NULL;
}

static const char *judge(cb_arena *arena, const scenario *sc, uint64_t seed, rnd_tally *tally)
{
  static const uint32_t barriers[] = {0, 15, 15, 15, 50, 50};
  cb_prng prng;
  cb_prng_init(&prng, seed ^ 0x73696D);
  sim_delivery how = {.idles = sc->input_count > 1 && cb_prng_chance(&prng, 30),
                      .idle_after = (cep_time)(1 + cb_prng_below(&prng, 6)) * SECOND / 2,
                      .barriers = barriers[cb_prng_below(&prng, sizeof barriers / sizeof *barriers)]};
  scenario delivered;
  sim_deliver(arena, sc, &how, &prng, &delivered);
  /* What an idle input makes late, the reference does not know. */
  const scn_outcome *reference = how.idles ? NULL : scn_reference(arena, sc);
  if (reference && reference->too_big) return RND_TOO_BIG;
  sim_note *notes = cb_arena_take(arena, (delivered.act_count + 1) * sizeof *notes);
  CB_ASSERT(notes);
  const scn_outcome *one = sim_run_one(arena, &delivered, notes);
  if (one->status == CEP_E_UNSUPPORTED) return RND_UNSUPPORTED;
  if (tally) count(one, tally);
  const char *wrong = reference ? compare_reference(arena, reference, one) : NULL;
  if (wrong) return cb_arena_printf(arena, "reference, one engine: %s", wrong);
  wrong = compare_runs(arena, "one engine, many workers", one, sim_run_many(arena, &delivered, seed, notes));
  if (wrong) return wrong;
  uint32_t crashes = 0;
  const scn_outcome *crashing = sim_run_crashing(arena, &delivered, seed, notes, &crashes);
  if (tally) tally->crashes += crashes;
  return compare_runs(arena, cb_arena_printf(arena, "one engine, one that crashed %u times", crashes), one, crashing);
}

const char *sim_judge(cb_arena *arena, const scenario *sc, uint64_t seed, rnd_tally *tally)
{
  jmp_buf here;
  const char *wrong = NULL;
  if (setjmp(here) == 0) {
    way_out = &here;
    wrong = judge(arena, sc, seed, tally);
  } else {
    wrong = sentence;
  }
  way_out = NULL;
  return wrong;
}

/* For the shrinker. */
const char *rnd_judge(cb_arena *arena, const gen_case *it, uint64_t seed, int quick, rnd_tally *tally)
{
  (void)quick;
  scenario sc;
  memset(&sc, 0, sizeof sc);
  if (!gen_scenario(arena, it, NULL, &sc)) return RND_INVALID;
  sc.histories_max = HISTORIES_MAX;
  return sim_judge(arena, &sc, seed, tally);
}
