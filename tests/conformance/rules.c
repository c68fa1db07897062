/* rules.c - many random rules over few fields: found by their values, asked one by one, and the reference.
 *
 *   rule_cases [--seed N] [--count M] [--from I] [--expect-difference]
 *
 * Outputs must be the same bytes in every way, and what is counted for each detection and input too.
 */
#include "tests/conformance/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/case_args.h"
#include "tests/support/case_file.h"

/* What an engine has counted when it ends. */
typedef struct tally {
  uint64_t *counts;
  uint32_t count;
} tally;

typedef struct totals {
  uint64_t rules;
  uint64_t matches;
  uint64_t with_match;
  uint64_t differences;
} totals;

static const cep_stat of_detections[] = {CEP_STAT_EVENTS_IN, CEP_STAT_EVENTS_UNKEYED, CEP_STAT_MATCHES, CEP_STAT_STARTED};
static const cep_stat of_inputs[] = {CEP_STAT_RECORDS_USED, CEP_STAT_RECORDS_UNKEYED, CEP_STAT_RECORDS_FILTERED, CEP_STAT_RECORDS_LATE};

static int expect_difference;

/* Instead of the library's own: a broken claim is a difference too. */
void cb_assert_fail(const char *claim, const char *file, int line)
{
  printf("%s:%d: claim does not hold: %s\n", file, line, claim);
  fflush(stdout);
  if (expect_difference) _Exit(0);
  abort();
}

#define COUNT_OF(array) (uint32_t)(sizeof(array) / sizeof *(array))

static void watch(void *ctx, const cep_engine *engine)
{
  tally *t = ctx;
  uint32_t next = 0, rules = (t->count - COUNT_OF(of_inputs)) / COUNT_OF(of_detections);
  for (uint32_t i = 0; i < COUNT_OF(of_inputs); i++) t->counts[next++] = cep_engine_stat(engine, of_inputs[i], CEP_NONE);
  for (uint32_t r = 0; r < rules; r++) {
    for (uint32_t i = 0; i < COUNT_OF(of_detections); i++) t->counts[next++] = cep_engine_stat(engine, of_detections[i], r);
  }
}

static tally make_tally(cb_arena *arena, uint32_t rules)
{
  tally t = {.count = COUNT_OF(of_inputs) + rules * COUNT_OF(of_detections)};
  t.counts = cb_arena_take(arena, t.count * sizeof *t.counts);
  if (!t.counts) abort();
  memset(t.counts, 0, t.count * sizeof *t.counts);
  return t;
}

static const char *compare_tallies(cb_arena *arena, const tally *a, const tally *b)
{
  for (uint32_t i = 0; i < a->count; i++) {
    if (a->counts[i] == b->counts[i]) continue;
    return cb_arena_printf(arena, "count %u of rule %d is %llu and %llu", i % COUNT_OF(of_detections),
                           (int)((i - COUNT_OF(of_inputs)) / COUNT_OF(of_detections)), (unsigned long long)a->counts[i],
                           (unsigned long long)b->counts[i]);
  }
  return NULL;
}

static scn_outcome *run(cb_arena *arena, const rul_case *it, const scn_way *way, tally *t)
{
  scenario sc = it->sc;
  *t = make_tally(arena, it->rule_count);
  sc.watch = watch;
  sc.watch_ctx = t;
  return scn_engine(arena, &sc, way);
}

static const char *in_way(cb_arena *arena, const char *way, const char *wrong)
{
  return wrong ? cb_arena_printf(arena, "%s: %s", way, wrong) : NULL;
}

static const char *judge(cb_arena *arena, const rul_case *it, totals *t)
{
  static const scn_way ways[] = {
      {.name = "every detection asked about every event", .ask_all = 1},
      {.name = "program saved and loaded, batches of 1024", .image = 1, .batch = 1024},
      {.name = "every detection asked about every event, batches of 7", .ask_all = 1, .batch = 7},
      {.name = "three workers", .workers = 3, .batch = 16},
  };
  tally own, other;
  const scn_outcome *first = run(arena, it, &scn_ways[0], &own);
  if (first->status < 0) return first->error;
  t->rules += it->rule_count;
  t->matches += first->output_count;
  t->with_match += first->output_count > 0;
  const scn_outcome *reference = scn_reference(arena, &it->sc);
  const char *wrong = in_way(arena, "reference, engine", scn_compare(arena, reference, first, 1));
  for (uint32_t i = 0; i < COUNT_OF(ways) && !wrong; i++) {
    const scn_outcome *got = run(arena, it, &ways[i], &other);
    wrong = in_way(arena, ways[i].name, scn_compare(arena, first, got, 1));
    if (!wrong) wrong = in_way(arena, ways[i].name, compare_tallies(arena, &own, &other));
  }
  return wrong;
}

int main(int argc, char **argv)
{
  case_args args = {.seed = 1, .count = 100};
  for (int i = 1; i < argc; i++) {
    if (case_args_take(&args, argc, argv, &i)) continue;
    fprintf(stderr, "usage: rule_cases " CASE_ARGS "\n");
    return 2;
  }
  expect_difference = args.expect_difference;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  totals t;
  memset(&t, 0, sizeof t);
  for (uint64_t n = args.from; n < args.from + args.count && t.differences < (expect_difference ? 1 : 3); n++) {
    cb_arena arena;
    cb_arena_init(&arena, &alloc);
    cb_prng prng;
    cb_prng_init(&prng, case_seed(args.seed, n));
    rul_case it;
    rul_make(&arena, &prng, &it);
    const char *wrong = judge(&arena, &it, &t);
    if (wrong) {
      t.differences++;
      printf("# case %llu: %s\n", (unsigned long long)n, wrong);
      if (!expect_difference) {
        cb_writer w;
        cb_writer_init(&w, &alloc);
        case_write(&w, &arena, "many rules", &it.sc, scn_reference(&arena, &it.sc));
        printf("%.*s\n", (int)w.len, (const char *)w.data);
        cb_writer_fini(&w);
      }
    }
    cb_arena_fini(&arena);
  }
  printf("%llu cases, %llu rules, %llu matches in %llu cases, %llu differences\n", (unsigned long long)args.count, (unsigned long long)t.rules,
         (unsigned long long)t.matches, (unsigned long long)t.with_match, (unsigned long long)t.differences);
  return (t.differences > 0) == expect_difference ? 0 : 1;
}
