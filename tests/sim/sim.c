/* sim.c - deterministic simulation of the parallel runtime.
 *
 *   sim [--seed N] [--count M] [--expect-failure]
 *
 * One case for each of the seeds N, N + 1, ...: a failure prints its seed and a case made small.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/windows.h"
#include "tests/support/case_file.h"

#define TRIES_MAX 50
#define FAILURES_MAX 3u

typedef struct totals {
  uint64_t cases;
  uint64_t windows;
  uint64_t joins;
  uint64_t with_output;
  uint64_t with_late;
  uint64_t crashes;
  uint64_t failures;
} totals;

/* Copies of events under other keys, at the same times: so that several workers have work at one instant. */
static void spread(gen_case *it, cb_prng *prng)
{
  uint32_t keys = 1 + cb_prng_below(prng, 4);
  for (uint32_t i = it->event_count; keys > 1 && i-- > 0;) {
    if (it->event_count == GEN_EVENTS_MAX) return;
    if (it->events[i].key == 0 || !cb_prng_chance(prng, 70)) continue;
    memmove(&it->events[i + 1], &it->events[i], (it->event_count - i) * sizeof *it->events);
    it->events[i + 1].key = 2 + (int)cb_prng_below(prng, keys);
    it->event_count++;
    if (it->pause_at > i) it->pause_at++;
  }
}

/* Several inputs whose events fall on the same times. */
static void tie(gen_case *it, cb_prng *prng)
{
  if (!cb_prng_chance(prng, 40)) return;
  it->one_input = 0;
  it->partitions = 2;
  cep_time step = (cep_time)(1 + cb_prng_below(prng, 4)) * 1000000000;
  for (uint32_t i = 0; i < it->event_count; i++) {
    gen_event *e = &it->events[i];
    e->partition = e->role == GEN_A ? cb_prng_below(prng, 2) : 0;
    e->time -= e->time % step;
  }
}

static int is_failure(const char *wrong)
{
  return wrong && wrong != RND_INVALID && wrong != RND_UNSUPPORTED && wrong != RND_TOO_BIG;
}

static const char *judge_pattern(cb_alloc *alloc, cb_prng *prng, uint64_t seed, gen_case *it, rnd_tally *tally)
{
  const char *wrong = RND_INVALID;
  for (int i = 0; i < TRIES_MAX && (wrong == RND_INVALID || wrong == RND_UNSUPPORTED || wrong == RND_TOO_BIG); i++) {
    gen_program(it, prng);
    if (cb_prng_chance(prng, 15)) gen_correlate(it, prng);
    else if (cb_prng_chance(prng, 20)) gen_move(it, prng);
    else if (cb_prng_chance(prng, 15)) gen_share(it, prng);
    spread(it, prng);
    tie(it, prng);
    cb_arena arena;
    cb_arena_init(&arena, alloc);
    memset(tally, 0, sizeof *tally);
    wrong = rnd_judge(&arena, it, seed, 0, tally);
    if (is_failure(wrong)) wrong = "";
    cb_arena_fini(&arena);
  }
  return wrong;
}

/* Takes acts away as long as it fails. */
static void shrink_acts(cb_alloc *alloc, scenario *sc, scn_act *acts, uint64_t seed)
{
  for (uint32_t i = 0; i < sc->act_count;) {
    scn_act taken = acts[i];
    cb_arena arena;
    cb_arena_init(&arena, alloc);
    memmove(&acts[i], &acts[i + 1], (sc->act_count - i - 1) * sizeof *acts);
    sc->act_count--;
    if (!is_failure(sim_judge(&arena, sc, seed, NULL))) {
      memmove(&acts[i + 1], &acts[i], (sc->act_count - i) * sizeof *acts);
      acts[i++] = taken;
      sc->act_count++;
    }
    cb_arena_fini(&arena);
  }
}

static void show_windows(cb_alloc *alloc, cb_arena *arena, scenario *sc, uint64_t seed, const char *title)
{
  scn_act *acts = cb_arena_take(arena, sc->act_count * sizeof *acts);
  CB_ASSERT(acts);
  memcpy(acts, sc->acts, sc->act_count * sizeof *acts);
  sc->acts = acts;
  shrink_acts(alloc, sc, acts, seed);
  const char *wrong = sim_judge(arena, sc, seed, NULL);
  printf("# %s: %s\n", title, wrong ? wrong : "?");
  cb_writer w;
  cb_writer_init(&w, alloc);
  case_write(&w, arena, title, sc, scn_reference(arena, sc));
  printf("%.*s\n", (int)w.len, (const char *)w.data);
  cb_writer_fini(&w);
}

/* 1: something was wrong, and was told. */
static int simulate(cb_alloc *alloc, uint64_t seed, totals *t)
{
  char title[64];
  snprintf(title, sizeof title, "seed %llu", (unsigned long long)seed);
  cb_prng prng;
  cb_prng_init(&prng, (seed + 1) * 0x9E3779B97F4A7C15u ^ 0x94D049BB133111EBu);
  rnd_tally tally = {0};
  int fails = 0;
  uint32_t kind = cb_prng_below(&prng, 100);
  if (kind < 40) {
    cb_arena arena;
    cb_arena_init(&arena, alloc);
    win_case it;
    (kind < 20 ? win_make : join_make)(&arena, &prng, &it);
    fails = is_failure(sim_judge(&arena, &it.sc, seed, &tally));
    if (fails) show_windows(alloc, &arena, &it.sc, seed, title);
    cb_arena_fini(&arena);
    *(kind < 20 ? &t->windows : &t->joins) += 1;
  } else {
    gen_case it;
    fails = is_failure(judge_pattern(alloc, &prng, seed, &it, &tally));
    if (fails) rnd_show(&it, seed, title);
  }
  t->cases++;
  t->with_output += tally.matches + tally.timeouts > 0;
  t->with_late += tally.late > 0;
  t->crashes += tally.crashes;
  t->failures += (uint64_t)fails;
  return fails;
}

int main(int argc, char **argv)
{
  uint64_t seed = 1, number = 1000;
  int expect_failure = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) seed = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--count") == 0 && i + 1 < argc) number = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--expect-failure") == 0) expect_failure = 1;
    else {
      fprintf(stderr, "usage: sim [--seed N] [--count M] [--expect-failure]\n");
      return 2;
    }
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  totals t;
  memset(&t, 0, sizeof t);
  for (uint64_t n = 0; n < number && t.failures < (expect_failure ? 1 : FAILURES_MAX); n++) {
    (void)simulate(&alloc, seed + n, &t);
    fflush(stdout);
  }
  printf("%llu cases, %llu of windows, %llu of joins, %llu with an output, %llu with late events, %llu crashes, %llu failures\n",
         (unsigned long long)t.cases, (unsigned long long)t.windows, (unsigned long long)t.joins, (unsigned long long)t.with_output,
         (unsigned long long)t.with_late, (unsigned long long)t.crashes, (unsigned long long)t.failures);
  return (t.failures > 0) == expect_failure ? 0 : 1;
}
