/* test_compact.c - the compact evaluator over long streams: the answers of runs, its limits, its memory. */
#include <stdio.h>
#include <stdlib.h>

#include "cep/base/prng.h"
#include "nfa/compact.h"
#include "runtime/engine_parts.h"
#include "tests/support/engine_bench.h"

#define HEAD "input In from stdin format json { time ts ns }\nstream E from In { t: int  v: int }\n"
#define EVENTS 160u

/* t is what kind of event it is: 0 to 5. */
static const char *const rules[] = {
    "within 12s { match E as a where t == 0 then any E as b where t == 1 then any E as c where t == 2 after match no skip emit { s: a.v + b.v * 3 + c.v * 7 } }",
    "within 9s { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 2 then any E as c where t >= 3 after match no skip limit 40 matches emit { n: count(b), s: sum(b.v) } }",
    "within 14s { match E as a where t == 0 then 1..3 reluctant E as b where t <= 1 then any E as c where t == 2 after match no skip emit { n: count(b), s: c.v } }",
    "within 8s { match 1..2 ( E as a where t == 0 then any E as b where t <= 2 ) then any E as c where t == 3 after match no skip emit { n: count(a), s: sum(b.v) } }",
    "within 10s { match E as a where t == 0 then no E where t == 4 then any E as b where t <= 2 then any optional E as c where t == 2 then any E as d where t == 3 after match no skip emit { s: a.v + d.v } }",
    "within 7s { match E as a where t == 0 then any all of ( E as b where t <= 2, E as c where t >= 2 ) then any E as d where t == 3 after match no skip emit { s: b.v + c.v * 3 } }",
    "within 9s { match E as a where t <= 1 then immediately 1+ reluctant consecutive E as b where t <= 3 then any E as c where t == 2 after match no skip emit { n: count(b) } }",
    "within 9s { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 3 until E where t == 5 then any one of ( E as c where t == 2, E as d where t <= 3 ) "
    "having max(b.v) > 30 after match no skip limit 25 matches emit { n: count(b) } }",
    "within 11s { match E as a where t <= 1 then any 2+ reluctant any ( E as b where t <= 2 then immediately E as c where t <= 3 ) then any E as d where t == 3 "
    "after match no skip limit 30 matches emit { n: count(b), s: sum(c.v) } }",
};
#define RULES (sizeof rules / sizeof *rules)

typedef struct outcome {
  char *lines;
  uint64_t dropped;
  uint64_t partials_dropped;
} outcome;

static outcome run_of(const char *rule, nfa_wish evaluator, uint32_t seed, uint64_t partial_max, int reload)
{
  bench b;
  char text[900];
  snprintf(text, sizeof text, HEAD "detect p %s", rule);
  bench_prepare(&b, text);
  if (evaluator == NFA_WISH_NONE)
    assert_ptr_equal(nfa_evaluator_for(b.program, &b.program->detections[0], evaluator, NULL), &nfa_compact);
  b.options.evaluator = evaluator;
  b.options.partial_max = partial_max;
  b.options.reload_keys = reload;
  bench_start(&b);
  cb_prng prng;
  cb_prng_init(&prng, seed);
  cep_time now = 0;
  for (uint32_t i = 0; i < EVENTS; i++) {
    now += cb_prng_below(&prng, 3) * SECOND / 2;
    assert_int_equal(bench_row_at(&b, b.inputs[0], "E", now, CEP_POSITION_NEXT, cb_prng_below(&prng, 6), cb_prng_below(&prng, 50)), CEP_OK);
    bench_advance(&b, 0, now);
  }
  bench_finish(&b);
  assert_int_equal(bench_stat(&b, CEP_STAT_PARTIALS_ACTIVE), 0);
  outcome out = {strdup(bench_log(&b)), bench_stat(&b, CEP_STAT_MATCHES_DROPPED), bench_stat(&b, CEP_STAT_PARTIALS_DROPPED)};
  bench_close(&b);
  return out;
}

static void long_streams_give_what_runs_give(void **state)
{
  (void)state;
  for (size_t r = 0; r < RULES; r++) {
    for (uint32_t seed = 1; seed <= 2; seed++) {
      outcome runs = run_of(rules[r], NFA_WISH_RUNS, seed, 100000000, 0);
      outcome compact = run_of(rules[r], NFA_WISH_NONE, seed, 100000000, 0);
      assert_true(strlen(runs.lines) > 0);
      assert_string_equal(compact.lines, runs.lines);
      assert_true(compact.dropped == runs.dropped);
      free(runs.lines);
      free(compact.lines);
    }
  }
}

static void a_key_that_is_saved_and_loaded_goes_on_as_before(void **state)
{
  (void)state;
  for (size_t r = 0; r < RULES; r++) {
    outcome plain = run_of(rules[r], NFA_WISH_NONE, 4, 100000000, 0);
    outcome reloaded = run_of(rules[r], NFA_WISH_NONE, 4, 100000000, 1);
    assert_string_equal(reloaded.lines, plain.lines);
    free(plain.lines);
    free(reloaded.lines);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(long_streams_give_what_runs_give),
      cmocka_unit_test(a_key_that_is_saved_and_loaded_goes_on_as_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
