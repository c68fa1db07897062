/* random.c - random programs and streams: the engine against the reference.
 *
 *   random_cases " CASE_ARGS " [--keep-going] [--coverage N] [--correlated] [--shared] [--first-of]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/conformance/random.h"
#include "tests/support/case_args.h"

#define TRIES_MAX 50

typedef struct totals {
  uint64_t cases;
  uint64_t with_match;
  uint64_t with_timeout;
  uint64_t with_late;
  uint64_t refused; /* models that did not compile */
  uint64_t unsupported;
  uint64_t too_big;
  uint64_t differences;
  uint64_t with[128][2];      /* construct, 1: with a match */
  uint64_t timed[128];        /* with a timeout */
  uint64_t not_compiled[128]; /* drawn, and refused by the compiler */
  uint64_t not_run[128];      /* drawn, and not supported by the engine */
  uint64_t shared;            /* cases with a detection of the compact evaluator, */
  uint64_t moved;             /* or of the first-of evaluator */
  uint64_t with_compact[128]; /* construct */
  int correlated;             /* of such programs */
  int is_shared;
  int is_moved;
} totals;

static double now(void)
{
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void count_constructs(uint64_t counts[128], const gen_case *it)
{
  gen_set constructs = gen_constructs(it);
  for (uint32_t i = 0; i < gen_construct_count; i++) counts[i] += (uint64_t)(constructs >> i & 1);
}

/* Draws until the program compiles and the reference can judge it. */
static const char *draw(cb_alloc *alloc, cb_arena *arena, gen_case *it, cb_prng *prng, uint64_t seed, totals *t,
                        rnd_tally *tally)
{
  for (int i = 0; i < TRIES_MAX; i++) {
    gen_program(it, prng);
    if (t->correlated) gen_correlate(it, prng);
    if (t->is_shared) gen_share(it, prng);
    if (t->is_moved) gen_move(it, prng);
    memset(tally, 0, sizeof *tally);
    const char *wrong = rnd_judge(arena, it, seed, 0, tally);
    if (wrong != RND_INVALID && wrong != RND_UNSUPPORTED && wrong != RND_TOO_BIG) return wrong;
    t->refused += wrong == RND_INVALID;
    t->unsupported += wrong == RND_UNSUPPORTED;
    if (wrong == RND_INVALID) count_constructs(t->not_compiled, it);
    if (wrong == RND_UNSUPPORTED) count_constructs(t->not_run, it);
    t->too_big += wrong == RND_TOO_BIG;
    cb_arena_fini(arena);
    cb_arena_init(arena, alloc);
  }
  return RND_INVALID;
}

static void tell_table(const totals *t, double seconds)
{
  printf("%-32s %10s %10s %10s %10s %10s\n", "construct", "match", "no match", "timeout", "refused", "compact");
  for (uint32_t i = 0; i < gen_construct_count; i++) {
    printf("%-32s %10llu %10llu %10llu %10llu %10llu\n", gen_construct_names[i], (unsigned long long)t->with[i][1], (unsigned long long)t->with[i][0],
           (unsigned long long)t->timed[i], (unsigned long long)(t->not_compiled[i] + t->not_run[i]),
           (unsigned long long)t->with_compact[i]);
  }
  printf("%llu cases, %llu with a match (%.1f %%), %llu with a timeout, %llu with late events, %llu evaluated as graphs, %llu by first-of, %llu differences; "
         "%llu drawn anew because they did not compile, %llu because the engine cannot run them, %llu because they were too large; %.1f s\n",
         (unsigned long long)t->cases, (unsigned long long)t->with_match,
         t->cases ? 100.0 * (double)t->with_match / (double)t->cases : 0.0, (unsigned long long)t->with_timeout,
         (unsigned long long)t->with_late, (unsigned long long)t->shared, (unsigned long long)t->moved, (unsigned long long)t->differences, (unsigned long long)t->refused,
         (unsigned long long)t->unsupported, (unsigned long long)t->too_big, seconds);
}

/* Each construct often enough, with a match and without; but those that the engine never runs. */
static int is_covered(const totals *t, uint64_t least)
{
  int covered = 1;
  for (uint32_t i = 0; i < gen_construct_count; i++) {
    if (t->with[i][0] >= least && t->with[i][1] >= least) continue;
    if (t->with[i][0] + t->with[i][1] == 0 && t->not_run[i] > 0) {
      printf("the engine cannot run: %s\n", gen_construct_names[i]);
      continue;
    }
    printf("too few cases of: %s\n", gen_construct_names[i]);
    covered = 0;
  }
  return covered;
}

static void add(totals *t, const gen_case *it, const rnd_tally *tally)
{
  gen_set constructs = gen_constructs(it);
  t->cases++;
  t->with_match += tally->matches > 0;
  t->with_timeout += tally->timeouts > 0;
  t->with_late += tally->late > 0;
  t->shared += tally->compact > 0;
  t->moved += tally->first_of > 0;
  for (uint32_t i = 0; i < gen_construct_count; i++) {
    if ((constructs >> i & 1) == 0) continue;
    t->with[i][tally->matches > 0]++;
    t->timed[i] += tally->timeouts > 0;
    t->with_compact[i] += tally->compact > 0;
  }
}

int main(int argc, char **argv)
{
  case_args args = {.seed = 1, .count = 2000};
  uint64_t coverage = 0;
  int keep_going = 0, correlated = 0, is_shared = 0, is_moved = 0;
  for (int i = 1; i < argc; i++) {
    if (case_args_take(&args, argc, argv, &i)) continue;
    if (strcmp(argv[i], "--coverage") == 0 && i + 1 < argc) coverage = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--keep-going") == 0) keep_going = 1;
    else if (strcmp(argv[i], "--correlated") == 0) correlated = 1;
    else if (strcmp(argv[i], "--shared") == 0) is_shared = 1;
    else if (strcmp(argv[i], "--first-of") == 0) is_moved = 1;
    else {
      fprintf(stderr, "usage: random_cases " CASE_ARGS " [--keep-going] [--coverage N] [--correlated] [--shared] [--first-of]\n");
      return 2;
    }
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  totals t;
  memset(&t, 0, sizeof t);
  t.correlated = correlated;
  t.is_shared = is_shared;
  t.is_moved = is_moved;
  double start = now();
  for (uint64_t n = args.from; n < args.from + args.count; n++) {
    cb_arena arena;
    cb_arena_init(&arena, &alloc);
    cb_prng prng;
    cb_prng_init(&prng, case_seed(args.seed, n));
    gen_case it;
    rnd_tally tally;
    const char *wrong = draw(&alloc, &arena, &it, &prng, case_seed(args.seed, n), &t, &tally);
    cb_arena_fini(&arena);
    add(&t, &it, &tally);
    if (!wrong) continue;
    t.differences++;
    char title[64];
    snprintf(title, sizeof title, "random case %llu", (unsigned long long)n);
    rnd_show(&it, case_seed(args.seed, n), title);
    if (args.expect_difference || (!keep_going && t.differences == 3)) break;
  }
  tell_table(&t, now() - start);
  if (args.expect_difference) return t.differences > 0 ? 0 : 1;
  if (!is_covered(&t, coverage)) return 1;
  return t.differences > 0 ? 1 : 0;
}
