/* test_bound.c - what is said of a key's state holds in the worst streams, and is not far from it. */
#include "nfa/bound.h"

#include <stdio.h>

#include "runtime/engine_parts.h"
#include "tests/support/engine_bench.h"

#define HEAD "stream A { time ts ns  x: int  y: int }\n"
#define COUNT 60u
/* A bound is at most so many times what the worst stream here reaches; but that of a graph allows for every way in
 * which lists could meet, of which a stream has a few. */
#define LOOSE 4u

static nfa_bound bound_of(const prg *program)
{
  cb_alloc alloc;
  nfa_bound bound;
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(nfa_bound_of(&alloc, program, &program->detections[0], &bound), CEP_OK);
  return bound;
}

/* A pattern, and x of its events, one a second, over and over. What stands before a '|' comes once. */
typedef struct worst {
  const char *detection;
  const char *stream;
} worst;

static int64_t event_of(const char *stream, uint32_t i)
{
  const char *bar = strchr(stream, '|');
  size_t once = bar ? (size_t)(bar - stream) : 0;
  if (i < once) return stream[i] - '0';
  const char *round = bar ? bar + 1 : stream;
  return round[(i - once) % strlen(round)] - '0';
}

static void hold(const worst *it)
{
  bench b;
  char text[400];
  snprintf(text, sizeof text, HEAD "detect p %s", it->detection);
  bench_prepare(&b, text);
  b.options.partial_max = 1000000;
  b.options.index_runs = 1;
  nfa_bound bound = bound_of(b.program);
  bench_start(&b);
  uint64_t partials = 0, bytes = 0, n = 0, empty = cb_slab_bytes_in_use(&b.engine->slab);
  for (uint32_t i = 0; i < COUNT; i++) {
    if ((int64_t)n < bound.span / SECOND) n++;
    assert_int_equal(bench_row(&b, "A", i, event_of(it->stream, i), i), CEP_OK);
    bench_advance(&b, 0, i * SECOND + 1);
    uint64_t now = bench_stat(&b, CEP_STAT_PARTIALS_ACTIVE), used = cb_slab_bytes_in_use(&b.engine->slab) - empty;
    if (now > nfa_amount_at(bound.partials, n) || used > nfa_bound_bytes(&bound, n))
      fail_msg("%s on %s: %llu partial matches, %llu bytes after %u events", it->detection, it->stream, (unsigned long long)now,
               (unsigned long long)used, i + 1);
    if (now > partials) partials = now;
    if (used > bytes) bytes = used;
  }
  int is_near = nfa_amount_at(bound.partials, n) <= LOOSE * partials && nfa_bound_bytes(&bound, n) <= 2 * LOOSE * bytes;
  if (!is_near && !bound.is_graph)
    fail_msg("%s on %s: %llu partial matches of %llu, %llu bytes of %llu", it->detection, it->stream, (unsigned long long)partials,
             (unsigned long long)nfa_amount_at(bound.partials, n), (unsigned long long)bytes, (unsigned long long)nfa_bound_bytes(&bound, n));
  bench_close(&b);
}

static const worst all_worst[] = {
    {"within 1h { match A as a then A as b where x == 1 }", "0"},
    {"within 1h { match A as a then A as b where x == 1 and y == a.y }", "0"},
    {"within 1h { match A as a then A as b where y == a.y then no A where x == a.y then A as c where x == b.x }", "0"},
    {"within 1h { match A as a then A as b where x == 1 then A as c where x == 2 }", "1"},
    {"within 1h { match A as a where x == 0 then A as b where x == 1 then A as c where x == 2 }",
     "00000000000000000000000000000|111"},
    {"within 1h { match 3+ A as a then A as b where x == 1 after match no skip }", "0"},
    {"within 1h { match 3+ A as a then A as b where x == 1 }", "0"},
    {"within 1h { match 3+ A as a then A as b where y == sum(a.y) after match no skip }", "0"},
    {"within 1h { match 3+ greedy A as a where x == 0 then A as b where x == 1 after match no skip }", "0"},
    {"within 1h { match 2+ greedy A as a }", "0"},
    {"within 1h { match 2..5 A as a then A as b where x == 1 after match no skip }", "0"},
    {"within 1h { match 5 A as a then A as b where x == 1 after match no skip }", "0"},
    {"within 1h { match A as a then any A as b then A as c where x == 1 limit 10 matches after match no skip }",
     "0"},
    {"within 1h { match A as a then any A as b then any A as c then A as d where x == 1 limit 10 matches after match no skip }",
     "0"},
    {"within 1h { match A as a then immediately A as b then immediately A as c }", "0"},
    {"within 1h { match A as a then immediately A as b then A as c where x == 1 }", "0"},
    {"within 1h { match latest A as a then A as b where x == 1 }", "0"},
    {"within 1h { match latest A as a then A as b then A as c where x == 1 }", "0"},
    {"within 1h { match A as a then optional A as b then A as c where x == 1 after match no skip }", "0"},
    {"within 1h { match A as a then 2..3 ( A as b where x == 0 then A as c where x == 1 ) then A as d where x == 2 after match no skip }",
     "01"},
    {"within 1h { match A as a then 1+ ( A as b where x == 0 then A as c where x == 1 ) then A as d where x == 2 after match no skip }",
     "01"},
    {"within 1h { match A as a then 1+ ( A as b ) then A as d where x == 2 after match no skip }", "0"},
    {"within 1h { match A as a then all of ( A as b where x == 1, A as c where x == 2, A as d where x == 3 ) then A as e where x == 4 }",
     "000000001230000000"},
    {"within 1h { match A as a then all of ( A as b, A as c, A as d ) then A as e where x == 4 }", "0"},
    {"within 1h { match A as a then one of ( A as b, A as c ) then A as d where x == 4 after match no skip }",
     "0"},
    {"within 1h { match A as a then A as b where x == 1 then no A where x == 2 }",
     "0000000000000000000000000000|1"},
    {"within 1h { match A as a then 1+ A as b then A as c where x == 1 after match no skip }", "0"},
    {"within 1h { match A as a then 1+ A as b then 1+ A as c then A as d where x == 1 after match no skip }",
     "0"},
    {"within 1h { match 1+ A as a then A as b where x == 1 then A as c where x == 2 after match no skip earliest start first }",
     "01"},
    {"within 1h { match 4+ distinct(y) A as a then A as b where x == 1 }", "0"},
    {"within 1h { match A as a then 1+ A as b where y == prev(y, 0) + 1 then A as c where x == 1 }", "0"},
    {"within 1h { match A as a then within 10s A as b where x == 1 }", "0"},
    {"within 1h { match 1+ A as a until A where x == 1 then A as b where x == 2 after match no skip }", "0"},
    {"within 1h { match A as a }", "0"},
    {"within 1h { match no A for 5s then A as a }", "0"},
    {"within 20 events { match A as a then A as b where x == 1 }", "0"},
    {"within 20 events { match 3+ A as a then A as b where x == 1 after match no skip }", "0"},
};

static void a_bound_holds_and_is_near(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof all_worst / sizeof *all_worst; i++) hold(&all_worst[i]);
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* What is said of the first detection, from `from` on; to be freed with the writer. */
static const char *said_of(cb_writer *writer, cb_alloc *alloc, const char *rules, const char *from)
{
  cb_alloc_init(alloc, NULL, 0);
  cb_writer_init(writer, alloc);
  prg *program = bench_compile(rules);
  assert_int_equal(nfa_bound_write(writer, program, &program->detections[0]), CEP_OK);
  cb_write_u8(writer, 0);
  prg_unref(program);
  const char *said = strstr((const char *)writer->data, from);
  assert_non_null(said);
  return said;
}

static void expect_text(const char *rules, const char *expected)
{
  cb_alloc alloc;
  cb_writer writer;
  assert_string_equal(said_of(&writer, &alloc, rules, "  key state"), expected);
  cb_writer_fini(&writer);
}

static void expect_cost(const char *rules, const char *expected)
{
  cb_alloc alloc;
  cb_writer writer;
  const char *said = said_of(&writer, &alloc, rules, "  an event   ");
  if (strstr(said, expected) == NULL) fail_msg("%s is not in: %s", expected, said);
  cb_writer_fini(&writer);
}

/* Who writes a rule must see what it costs before a stream shows it. */
static void what_an_event_costs_is_said(void **state)
{
  (void)state;
  expect_cost(HEAD "detect p within 1h { match A as a then A as b }", "one operation on a queue for each state");
  expect_cost(HEAD "detect p within 1h { match A as a then A as b after match no skip }", "a few nodes for each state");
  expect_cost(HEAD "detect p within 1h { match A as a then any 1+ A as b then A as c after match no skip emit once { n: matches() } }",
              "a number for each two states: O(states x states)");
  expect_cost(HEAD "detect p within 1h { match A as a then any 1+ A as b then A as c after match no skip emit once { n: matches(), s: sum(b.x) } }",
              "one that completes matches: O(nodes within the span)");
  expect_cost(HEAD "detect p within 1h { match A as a then A as b where x == a.x }", "found in a table: O(those found)");
  expect_cost(HEAD "detect p within 1h { match A as a then A as b where x > a.x }", "those with the same state, start and values are one");
  expect_cost(HEAD "detect p within 1h { match A as a then A as b where x > a.x after match no skip }", "each of its partial matches: O(partial matches of the key)");
}

static void a_bound_is_a_function_of_the_events_within_the_span(void **state)
{
  (void)state;
  expect_text(HEAD "detect p within 1h { match A as a then A as b }",
              "  key state  partial matches n, events n\n"
              "             bytes 64 + 128 n\n"
              "             n is the events of the key within 1h\n");
  expect_text(HEAD "detect p within 1h { match 1+ A as a then A as b where x > last(a).x after match no skip }",
              "  key state  partial matches n (n + 1) / 2, events n\n"
              "             bytes 96 + 64 n + 64 n (n + 1)\n"
              "             n is the events of the key within 1h\n");
}

static void a_trailing_absence_holds_longer_than_the_span(void **state)
{
  (void)state;
  expect_text(HEAD "detect p within 1h { match A as a then no A for 2h }",
              "  key state  partial matches n, events n\n"
              "             bytes 96 + 192 n\n"
              "             n is the events of the key within 3h\n");
}

static void without_a_span_the_reason_is_said(void **state)
{
  (void)state;
  expect_text(HEAD "detect p unbounded { match A as a then A as b }",
              "  key state  partial matches n, events n\n"
              "             bytes 64 + 128 n\n"
              "             n is all events of the key so far: without a span nothing else bounds it\n");
  expect_text(HEAD "detect p unbounded { match latest A as a then A as b }",
              "  key state  partial matches 1, events 1\n"
              "             bytes 288\n");
  expect_text(HEAD "detect p unbounded { match A as a then within 5s A as b then within 7s A as c }",
              "  key state  partial matches n, events 2 n\n"
              "             bytes 96 + 320 n\n"
              "             n is the events of the key within 12s\n");
}

static void choices_that_are_only_counted_are_bound_by_their_starts(void **state)
{
  (void)state;
  expect_text(HEAD "detect p within 1h { match A as a then any 1+ A as b then A as c where x > a.x after match no skip emit once { n: matches() } }",
              "  key state  partial matches 6 n, events 2 n\n"
              "             bytes 96 + 512 n + 384 n (n + 1)\n"
              "             n is the events of the key within 1h\n");
}

static void choices_that_multiply_have_no_bound_but_the_setting(void **state)
{
  (void)state;
  expect_text(HEAD "detect p within 1h { match 1+ any A as a then A as b where x > last(a).x limit 10 matches after match no skip }",
              "  key state  not bound but by partial.max: at step a each event may multiply the partial matches\n");
  expect_text(HEAD "detect p within 1h { match A as z then 1+ ( 1+ A as a then A as b ) then A as c where x > z.x after match no skip }",
              "  key state  not bound but by partial.max: at step a each event may multiply the partial matches\n");
}

static void a_graph_is_bound_whatever_multiplies(void **state)
{
  (void)state;
  expect_text(HEAD "detect p within 1h { match A as a then any A as b then any A as c after match no skip }",
              "  key state  nodes for all partial matches 76 n, events 2 n\n"
              "             bytes 128 + 7424 n\n"
              "             n is the events of the key within 2h\n");
  expect_text(HEAD "detect p within 1h { match A as a then any 1+ any A as b then any A as c where x > 1 limit 10 matches after match no skip }",
              "  key state  nodes for all partial matches 108 n, events 2 n\n"
              "             bytes 192 + 10496 n\n"
              "             n is the events of the key within 2h\n");
  expect_text(HEAD "detect p within 20 events { match A as a then any A as b after match no skip }",
              "  key state  nodes for all partial matches 960, events 20\n"
              "             bytes 93536\n");
}

static void what_matches_with_one_event_or_is_an_aggregate_keeps_no_partial_match(void **state)
{
  (void)state;
  expect_text(HEAD "detect p within 1h { match A as a }", "  key state  no partial match\n");
  expect_text(HEAD "aggregate p from A window tumbling 1m { n: count()  d: distinct(x) }",
              "  key state  one open window, bytes 128 + up to distinct.max values in each of 1 set\n");
}

/* ---- Amounts ----------------------------------------------------------------------------------- */

static void sums_and_products_of_amounts_are_never_too_small(void **state)
{
  (void)state;
  for (uint64_t n = 1; n < 20; n++) {
    for (uint32_t p = 0; p <= 6; p++) {
      for (uint32_t q = 0; p + q <= 6; q++) {
        nfa_amount a = {3, p}, b = {5, q};
        uint64_t x = nfa_amount_at(a, n), y = nfa_amount_at(b, n);
        assert_true(nfa_amount_at(nfa_amount_add(a, b), n) >= x + y);
        assert_true(nfa_amount_at(nfa_amount_product(a, b), n) >= x * y);
        assert_true(nfa_amount_at(nfa_amount_greater(a, b), n) >= (x > y ? x : y));
      }
    }
  }
  assert_false(nfa_amount_is_bound(nfa_amount_times(nfa_amount_of(UINT64_MAX), 2)));
  assert_false(nfa_amount_is_bound(nfa_amount_product((nfa_amount){1, 6}, (nfa_amount){1, 1})));
  assert_int_equal(nfa_amount_at((nfa_amount){1, 6}, UINT64_MAX), UINT64_MAX);
}

/* ---- Memory -------------------------------------------------------------------------------------- */

static int ask(const cep_allocator *allocator, void *ctx)
{
  const prg *program = ctx;
  cb_alloc alloc;
  nfa_bound bound;
  cb_alloc_init(&alloc, allocator, 0);
  return nfa_bound_of(&alloc, program, &program->detections[0], &bound);
}

static void refused_memory_is_told_and_nothing_is_kept(void **state)
{
  (void)state;
  prg *program = bench_compile(HEAD "detect p within 1h { match A as a then 2..3 ( A as b then A as c ) then A as d }");
  assert_true(fault_alloc_sweep(ask, program) > 3);
  prg_unref(program);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_bound_holds_and_is_near),
      cmocka_unit_test(a_bound_is_a_function_of_the_events_within_the_span),
      cmocka_unit_test(a_trailing_absence_holds_longer_than_the_span),
      cmocka_unit_test(without_a_span_the_reason_is_said),
      cmocka_unit_test(choices_that_are_only_counted_are_bound_by_their_starts),
      cmocka_unit_test(choices_that_multiply_have_no_bound_but_the_setting),
      cmocka_unit_test(a_graph_is_bound_whatever_multiplies),
      cmocka_unit_test(what_an_event_costs_is_said),
      cmocka_unit_test(what_matches_with_one_event_or_is_an_aggregate_keeps_no_partial_match),
      cmocka_unit_test(sums_and_products_of_amounts_are_never_too_small),
      cmocka_unit_test(refused_memory_is_told_and_nothing_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
