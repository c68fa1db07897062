/* records.c - random programs over records, in blocks, with threads, from files: the same as typed rows.
 *
 *   record_cases [--seed N] [--count M] [--from I] [--expect-difference]
 */
#include "tests/conformance/records.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/windows.h"
#include "tests/support/case_args.h"
#include "tests/support/case_file.h"

#define TRIES_MAX 50
#define DIFFERENCES_MAX 3u

const char RND_INVALID[] = "the program does not compile";
const char RND_UNSUPPORTED[] = "the engine cannot run it yet";
const char RND_TOO_BIG[] = "too large";

static rec_tally all;
static int expect_difference;
static const char *under_way = "nothing";

/* Instead of the library's own: a broken claim, on whatever thread, is a finding too, and the end of the run. */
void cb_assert_fail(const char *claim, const char *file, int line)
{
  printf("# %s: %s:%d: claim does not hold: %s\n", under_way, file, line, claim);
  fflush(stdout);
  rec_close();
  _Exit(expect_difference ? 0 : 1);
}

static int is_difference(const char *wrong)
{
  return wrong && wrong != RND_INVALID && wrong != RND_UNSUPPORTED;
}

/* For the shrinker too. */
const char *rnd_judge(cb_arena *arena, const gen_case *it, uint64_t seed, int quick, rnd_tally *tally)
{
  (void)quick, (void)tally;
  scenario sc;
  memset(&sc, 0, sizeof sc);
  return gen_scenario(arena, it, NULL, &sc) ? rec_judge(arena, &sc, seed, &all) : RND_INVALID;
}

static void show_lines(cb_arena *arena, const scenario *sc, uint64_t seed)
{
  cb_prng prng;
  rec_case lines;
  cb_prng_init(&prng, seed ^ 0x7265636F7264);
  rec_make(arena, sc, &prng, &lines);
  rec_print(&lines);
}

/* Most have one input, and end: those go through all ways. */
static int judge_pattern(cb_alloc *alloc, cb_prng *prng, uint64_t seed, const char *title)
{
  for (int i = 0; i < TRIES_MAX; i++) {
    gen_case it;
    gen_program(&it, prng);
    if (cb_prng_chance(prng, 60)) it.one_input = 1;
    if (cb_prng_chance(prng, 50)) it.pause_at = 0, it.finishes = 1;
    cb_arena arena;
    cb_arena_init(&arena, alloc);
    const char *wrong = rnd_judge(&arena, &it, seed, 0, NULL);
    int differs = is_difference(wrong);
    if (differs) {
      scenario sc;
      memset(&sc, 0, sizeof sc);
      printf("# %s: %s\n", title, wrong);
      rnd_show(&it, seed, title);
      if (gen_scenario(&arena, &it, NULL, &sc)) show_lines(&arena, &sc, seed);
    }
    cb_arena_fini(&arena);
    if (!wrong || differs) return differs;
  }
  return 0;
}

static int judge_windows(cb_alloc *alloc, cb_prng *prng, uint64_t seed, const char *title, int joins)
{
  cb_arena arena;
  cb_arena_init(&arena, alloc);
  win_case it;
  (joins ? join_make : win_make)(&arena, prng, &it);
  if (!joins && cb_prng_chance(prng, 50)) {
    scn_act *acts = cb_arena_take(&arena, it.sc.act_count * sizeof *acts);
    CB_ASSERT(acts);
    memcpy(acts, it.sc.acts, it.sc.act_count * sizeof *acts);
    acts[it.sc.act_count - 1].what = SCN_FINISH;
    it.sc.acts = acts;
  }
  const char *wrong = rec_judge(&arena, &it.sc, seed, &all);
  if (is_difference(wrong)) {
    printf("# %s: %s\n", title, wrong);
    show_lines(&arena, &it.sc, seed);
  }
  cb_arena_fini(&arena);
  return is_difference(wrong);
}

static int judge_number(cb_alloc *alloc, uint64_t seed, uint64_t number)
{
  static char title[64];
  snprintf(title, sizeof title, "records %llu", (unsigned long long)number);
  under_way = title;
  uint64_t own = case_seed(seed, number);
  cb_prng prng;
  cb_prng_init(&prng, own);
  uint32_t kind = cb_prng_below(&prng, 10);
  return kind < 6 ? judge_pattern(alloc, &prng, own, title) : judge_windows(alloc, &prng, own, title, kind >= 8);
}

int main(int argc, char **argv)
{
  case_args args = {.seed = 1, .count = 500};
  uint64_t differences = 0;
  for (int i = 1; i < argc; i++) {
    if (case_args_take(&args, argc, argv, &i)) continue;
    fprintf(stderr, "usage: record_cases " CASE_ARGS "\n");
    return 2;
  }
  expect_difference = args.expect_difference;
  (void)signal(SIGPIPE, SIG_IGN);
  if (!rec_open()) {
    perror("a folder for files");
    return 2;
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  for (uint64_t n = args.from; n < args.from + args.count && differences < (expect_difference ? 1 : DIFFERENCES_MAX); n++) {
    differences += (uint64_t)judge_number(&alloc, args.seed, n);
    fflush(stdout);
  }
  rec_close();
  printf("%llu cases, %llu with records in blocks, %llu from files, %llu runs; %llu alerts, %llu late, %llu dead letters, %llu held back, %llu dropped; %llu differences\n",
         (unsigned long long)args.count, (unsigned long long)all.apart, (unsigned long long)all.files, (unsigned long long)all.runs,
         (unsigned long long)all.alerts, (unsigned long long)all.late, (unsigned long long)all.dead,
         (unsigned long long)all.held, (unsigned long long)all.dropped, (unsigned long long)differences);
  if (expect_difference) return differences > 0 ? 0 : 1;
  return differences > 0 || all.alerts == 0 || all.late == 0 || all.dead == 0 || all.held == 0 || all.dropped == 0;
}
