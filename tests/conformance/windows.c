/* windows.c - random aggregates, or joins: the engine, in every way, against the reference.
 *
 *   window_cases [--joins] [--seed N] [--count M] [--from I] [--expect-difference]
 */
#include "tests/conformance/windows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/case_args.h"
#include "tests/support/case_file.h"

typedef struct totals {
  uint64_t windows;
  uint64_t with_window;
  uint64_t updates;
  uint64_t late;
  uint64_t shuffled;
  uint64_t differences;
} totals;

static const char *in_way(cb_arena *arena, const char *way, const char *wrong)
{
  return wrong ? cb_arena_printf(arena, "%s: %s", way, wrong) : NULL;
}

/* Of joins all that comes out. */
static void count(totals *t, const scn_outcome *outcome, int joins)
{
  uint32_t windows = 0;
  for (uint32_t i = 0; i < outcome->output_count; i++) {
    windows += joins || outcome->outputs[i].kind == CEP_WINDOW;
    t->updates += outcome->outputs[i].kind == CEP_UPDATE;
  }
  t->windows += windows;
  t->with_window += windows > 0;
  t->late += outcome->late_count;
}

static const char *judge(cb_arena *arena, const win_case *it, cb_prng *prng, int joins, totals *t)
{
  const scn_outcome *reference = scn_reference(arena, &it->sc);
  const scn_outcome *first = scn_engine(arena, &it->sc, &scn_ways[0]);
  if (first->status < 0) return first->error;
  count(t, first, joins);
  const char *wrong = in_way(arena, "reference, engine", scn_compare(arena, reference, first, 1));
  for (uint32_t i = 1; i < scn_way_count && !wrong; i++) {
    const scn_outcome *got = scn_engine(arena, &it->sc, &scn_ways[i]);
    wrong = in_way(arena, scn_ways[i].name, scn_compare(arena, first, got, 1));
  }
  scenario mixed;
  /* Suppression goes by ids where windows end together, and a detection's ids hold positions. */
  if (wrong || it->suppresses || first->late_count > 0 || it->takes_late || !win_shuffle(arena, it, prng, &mixed)) return wrong;
  t->shuffled++;
  return in_way(arena, "shuffled within the lateness", scn_compare(arena, first, scn_engine(arena, &mixed, &scn_ways[0]), 0));
}

static void show(cb_alloc *alloc, cb_arena *arena, const win_case *it, uint64_t number, const char *wrong)
{
  char title[64];
  snprintf(title, sizeof title, "random windows %llu", (unsigned long long)number);
  printf("# case %llu: %s\n", (unsigned long long)number, wrong);
  cb_writer w;
  cb_writer_init(&w, alloc);
  case_write(&w, arena, title, &it->sc, scn_reference(arena, &it->sc));
  printf("%.*s\n", (int)w.len, (const char *)w.data);
  cb_writer_fini(&w);
}

int main(int argc, char **argv)
{
  case_args args = {.seed = 1, .count = 2000};
  int joins = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--joins") == 0) {
      joins = 1;
    } else if (!case_args_take(&args, argc, argv, &i)) {
      fprintf(stderr, "usage: window_cases [--joins] " CASE_ARGS "\n");
      return 2;
    }
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  totals t;
  memset(&t, 0, sizeof t);
  for (uint64_t n = args.from; n < args.from + args.count && t.differences < (args.expect_difference ? 1 : 3); n++) {
    cb_arena arena;
    cb_arena_init(&arena, &alloc);
    cb_prng prng;
    cb_prng_init(&prng, case_seed(args.seed, n));
    win_case it;
    (joins ? join_make : win_make)(&arena, &prng, &it);
    const char *wrong = judge(&arena, &it, &prng, joins, &t);
    if (wrong) {
      t.differences++;
      show(&alloc, &arena, &it, n, wrong);
    }
    cb_arena_fini(&arena);
  }
  printf("%llu cases, %llu with a window, %llu windows, %llu updates, %llu late events, %llu shuffled, %llu differences\n", (unsigned long long)args.count,
         (unsigned long long)t.with_window, (unsigned long long)t.windows, (unsigned long long)t.updates, (unsigned long long)t.late, (unsigned long long)t.shuffled,
         (unsigned long long)t.differences);
  return (t.differences > 0) == args.expect_difference ? 0 : 1;
}
