/* test_runs_index.c - partial matches that are looked up: the same results in the same order as from a walk. */
#include <stdio.h>
#include <stdlib.h>

#include "cep/base/prng.h"
#include "runtime/engine_parts.h"
#include "tests/support/engine_bench.h"

#define HEAD "stream A { time ts ns  x: int?  y: int }\nstream B { time ts ns  x: int?  y: int }\n"
#define EVENTS 1500u

static const char *const rules[] = {
    "unbounded { match A as a then B as b where x == a.x after match no skip emit { s: a.y + b.y } }",
    "within 90s { match A as a then B as b where x == a.x then B as c where y == b.y emit { s: c.y } }",
    "within 40s { match A as a then no B where x == a.x emit { s: a.y } }",
    "within 60s { match A as a then no B where y == a.y then any A as b where x == a.x emit { s: b.y } on timeout emit { s: a.y } }",
    "within 50s { match A as a then 2+ any B as b where x == a.x then A as c where y == last(b).y emit { s: count(b) } }",
    "within 30s { match A as a then B as b where x == a.x then A as c where y > b.y after match skip to next earliest start first emit { s: c.y } }",
};

/* The alerts of one stream of events, as lines; the caller frees. */
static char *lines_of(const char *rule, uint32_t index_runs, uint64_t partial_max, uint64_t *dropped)
{
  bench b;
  char text[600];
  snprintf(text, sizeof text, HEAD "detect p %s", rule);
  bench_prepare(&b, text);
  b.options.index_runs = index_runs;
  b.options.partial_max = partial_max;
  bench_start(&b);
  cb_prng prng;
  cb_prng_init(&prng, 7);
  for (uint32_t i = 0; i < EVENTS; i++) {
    int64_t x = cb_prng_chance(&prng, 5) ? NONE : cb_prng_below(&prng, 40);
    const char *stream = cb_prng_chance(&prng, 60) ? "A" : "B";
    assert_int_equal(bench_row_at(&b, b.inputs[strcmp(stream, "B") == 0 && b.program->inputs_count > 1], stream, i * SECOND / 2,
                                  CEP_POSITION_NEXT, x, cb_prng_below(&prng, 9)), CEP_OK);
    for (uint32_t n = 0; n < b.program->inputs_count; n++) bench_advance(&b, n, i * SECOND / 2 + 1);
  }
  bench_finish(&b);
  *dropped = bench_stat(&b, CEP_STAT_PARTIALS_DROPPED);
  assert_true(b.alerts > 0);
  char *lines = strdup(bench_log(&b));
  bench_close(&b);
  return lines;
}

/* How many partial matches the limit dropped, over all rules. */
static uint64_t same_by_any_threshold(uint64_t partial_max)
{
  uint64_t sum = 0;
  static const uint32_t thresholds[] = {1, 8, 32};
  for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
    uint64_t dropped, other;
    char *walked = lines_of(rules[r], 0, partial_max, &dropped);
    for (size_t t = 0; t < 3; t++) {
      char *found = lines_of(rules[r], thresholds[t], partial_max, &other);
      assert_string_equal(found, walked);
      assert_true(other == dropped);
      free(found);
    }
    sum += dropped;
    free(walked);
  }
  return sum;
}

static void what_is_looked_up_is_what_a_walk_finds(void **state)
{
  (void)state;
  assert_true(same_by_any_threshold(10000) == 0);
}

static void above_the_limit_the_last_starts_are_dropped_all_the_same(void **state)
{
  (void)state;
  assert_true(same_by_any_threshold(20) > 0);
}

/* ---- Memory refused at each call ------------------------------------------------------- */

static int count_only(void *ctx, const rt_alert *alert)
{
  (void)alert;
  ++*(uint32_t *)ctx;
  return 0;
}

static cep_status push_some(rt_engine *engine, rt_input *const *inputs)
{
  for (int64_t t = 1; t <= 120; t++) {
    uint32_t s = t > 60;
    cep_value fields[3] = {cb_null(), cb_int(t % 60), cb_int(t)};
    cep_event event = {sizeof event, s, t * SECOND, CEP_POSITION_NEXT, fields, 3};
    cep_status status = rt_input_row(inputs[s], &event, NULL);
    if (status < 0) return status;
  }
  return rt_engine_finish(engine, NULL);
}

static int scenario(const cep_allocator *allocator, void *ctx)
{
  rt_options options = {.hook = *allocator,
                        .memory_max = 1 << 30,
                        .partial_max = 1000,
                        .history_max = 100,
                        .held_max = 1000,
                        .record_max = 1000,
                        .json_depth = 8,
                        .regex_match_limit = 1000,
                        .batch_events = 2,
                        .index_runs = 4,
                        .small_slabs = 1};
  rt_engine *engine = NULL;
  rt_input *inputs[2];
  uint32_t alerts = 0;
  cep_status status = rt_engine_new(&options, ctx, count_only, &alerts, &engine);
  for (uint32_t i = 0; i < 2 && status == CEP_OK; i++) status = rt_engine_input(engine, i, 0, &inputs[i], NULL);
  if (status == CEP_OK) status = push_some(engine, inputs);
  if (status == CEP_OK && alerts != 60) status = CEP_E_INVALID;
  rt_engine_free(engine);
  return status;
}

static void memory_refused_anywhere_drops_the_index_or_stops_the_engine(void **state)
{
  (void)state;
  prg *program = bench_compile(HEAD "detect p unbounded { match A as a then B as b where x == a.x after match no skip }");
  assert_int_equal(program->inputs_count, 2);
  assert_true(fault_alloc_sweep(scenario, program) > 50);
  prg_unref(program);
}

int main(void)
{
  static const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_looked_up_is_what_a_walk_finds),
      cmocka_unit_test(above_the_limit_the_last_starts_are_dropped_all_the_same),
      cmocka_unit_test(memory_refused_anywhere_drops_the_index_or_stops_the_engine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
