/* test_route.c - an event by several routes is in the input of each of its keys once. */
#include "tests/support/engine_bench.h"

static const char one_stream[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n";

static void open_rules(bench *b, const char *detections)
{
  static char rules[2048];
  strcpy(rules, one_stream);
  strcat(rules, detections);
  bench_open(b, rules);
}

static uint64_t in(const bench *b, uint32_t detection)
{
  return rt_engine_stat(b->engine, CEP_STAT_EVENTS_IN, detection);
}

/* The same event may be the P of one key and the Q of another. */
static void routes_with_different_keys_bring_it_to_each(void **state)
{
  (void)state;
  bench b;
  open_rules(&b, "define P = A where v > 0\n"
                 "define Q = A where v > 1\n"
                 "detect d by n = P.k = Q.v within 60s { match P as p then Q as q emit { first: p.v, second: q.k } }\n");
  bench_row(&b, "A", 1, 5, 9); /* P of 5, Q of 9 */
  bench_row(&b, "A", 2, 7, 5); /* P of 7, Q of 5: completes 5 */
  assert_int_equal(b.alerts, 1);
  assert_non_null(strstr(bench_log(&b), "\"key\":{\"n\":5},\"emit\":{\"first\":9,\"second\":7}"));
  assert_int_equal(in(&b, 0), 2);
  bench_close(&b);
}

/* With equal keys it is one event that fits both steps: the second must be another one. */
static void routes_with_equal_keys_join_their_symbols(void **state)
{
  (void)state;
  bench b;
  open_rules(&b, "define P = A where v > 0\n"
                 "define Q = A where v > 1\n"
                 "detect d by k within 60s { match P as p then Q as q emit { first: p.v, second: q.v } }\n");
  bench_row(&b, "A", 1, 5, 9);
  assert_int_equal(b.alerts, 0);
  bench_row(&b, "A", 2, 5, 8);
  assert_int_equal(b.alerts, 1);
  assert_int_equal(in(&b, 0), 2);
  bench_close(&b);
}

static void a_null_in_one_key_leaves_the_other_route(void **state)
{
  (void)state;
  bench b;
  open_rules(&b, "define P = A where v > 0 or v is null\n"
                 "define Q = A where k > 0\n"
                 "detect d by n = P.k = Q.v within 60s { match P as p then Q as q emit { x: p.k } }\n");
  bench_row(&b, "A", 1, 5, NONE); /* P of 5; as Q its key is null */
  bench_row(&b, "A", 2, NONE, 5); /* P without a key; no Q, for k > 0 is unknown */
  bench_row(&b, "A", 3, 1, 5);    /* Q of 5 */
  assert_int_equal(b.alerts, 1);
  assert_int_equal(in(&b, 0), 2);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_EVENTS_UNKEYED, 0), 1);
  bench_account(&b, 0, 0, 0, 1, 2);
  bench_close(&b);
}

/* `immediately` means next in the input: what satisfies no define is not in it. */
static void an_event_of_no_route_is_not_in_the_input(void **state)
{
  (void)state;
  bench b;
  open_rules(&b, "define P = A where v > 0\n"
                 "detect d by k within 60s { match P as p where v == 1 then immediately P as q where v == 2 emit { x: q.v } }\n");
  bench_row(&b, "A", 1, 5, 1);
  bench_row(&b, "A", 2, 5, 0); /* not in the input */
  bench_row(&b, "A", 3, 5, 2);
  assert_int_equal(b.alerts, 1);
  bench_row(&b, "A", 4, 5, 1);
  bench_row(&b, "A", 5, 5, 3); /* in the input, fits no step: ends the partial match */
  bench_row(&b, "A", 6, 5, 2);
  assert_int_equal(b.alerts, 1);
  bench_account(&b, 0, 0, 1, 0, 5);
  bench_close(&b);
}

static void a_key_that_nothing_begins_for_leaves_no_entry(void **state)
{
  (void)state;
  bench b;
  open_rules(&b, "detect d by k within 60s { match A as p where v == 1 then immediately A as q where v == 2 emit { x: q.v } }\n");
  for (int64_t k = 0; k < 100; k++) bench_row(&b, "A", 1, k, 3);
  assert_int_equal(bench_stat(&b, CEP_STAT_KEYS_ACTIVE), 0);
  for (int64_t k = 0; k < 100; k++) bench_row(&b, "A", 2, k, 1);
  assert_int_equal(bench_stat(&b, CEP_STAT_KEYS_ACTIVE), 100);
  for (int64_t k = 0; k < 100; k++) bench_row(&b, "A", 3, k, 3);
  assert_int_equal(bench_stat(&b, CEP_STAT_KEYS_ACTIVE), 0);
  bench_close(&b);
}

/* Such an event is dropped when it was looked at, and yet counted, also in a stream of a detection. */
static void an_event_that_fits_no_step_is_in_the_input(void **state)
{
  (void)state;
  bench b;
  open_rules(&b, "detect d by k within 60s { match A as p where v > 0 emit { w: p.v } }\n"
                 "detect e by k within 60s { match d as p where w == 1 then d as q where w == 2 emit { x: q.w } }\n"
                 "detect f by k within 60s { match A as p where v == 1 then A as q where v == 2 emit { x: q.v } }\n");
  bench_row(&b, "A", 1, 5, 0);
  bench_row(&b, "A", 2, 5, 3);
  bench_row(&b, "A", 3, 5, 2);
  assert_int_equal(bench_stat(&b, CEP_STAT_KEYS_ACTIVE), 0);
  bench_row(&b, "A", 4, 5, 1);
  bench_row(&b, "A", 5, 5, 7);
  bench_row(&b, "A", 6, 5, 2);
  bench_row(&b, "A", 7, 5, 0);
  assert_int_equal(in(&b, 0), 7);
  assert_int_equal(in(&b, 1), 5);
  assert_int_equal(in(&b, 2), 7);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_MATCHES, 1), 1);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_MATCHES, 2), 1);
  bench_account(&b, 0, 0, 0, 0, 7);
  bench_close(&b);
}

static void a_detection_without_a_key_has_one_state(void **state)
{
  (void)state;
  bench b;
  open_rules(&b, "detect d within 60s { match A as p where v == 1 then A as q where v == 2 emit { x: q.k } }\n");
  bench_row(&b, "A", 1, 5, 1);
  bench_row(&b, "A", 2, 6, 2);
  assert_non_null(strstr(bench_log(&b), "\"key\":{},\"emit\":{\"x\":6}"));
  bench_close(&b);
}

static void several_key_parts_and_long_texts_make_keys(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, "stream T from file \"t\" format json { time ts s  a: string  b: string?  v: int }\n"
                 "detect d by a, b within 60s { match T as p then T as q where v > p.v emit { v: q.v } }\n");
  static const char *const rows[] = {
      "{\"ts\":1,\"a\":\"x\",\"b\":\"yz\",\"v\":1}", "{\"ts\":2,\"a\":\"xy\",\"b\":\"z\",\"v\":2}",
      "{\"ts\":3,\"a\":\"a rather long text that does not lie in the entry\",\"b\":\"\",\"v\":3}",
      "{\"ts\":4,\"a\":\"x\",\"v\":9}", /* unkeyed */
      "{\"ts\":5,\"a\":\"a rather long text that does not lie in the entry\",\"b\":\"\",\"v\":4}",
      "{\"ts\":6,\"a\":\"x\",\"b\":\"yz\",\"v\":5}"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_int_equal(rt_input_record(b.inputs[0], rows[i], strlen(rows[i]), CEP_POSITION_NEXT, NULL), CEP_OK);
  assert_int_equal(b.alerts, 2);
  assert_non_null(strstr(bench_log(&b), "\"key\":{\"a\":\"a rather long text that does not lie in the entry\",\"b\":\"\"}"));
  assert_non_null(strstr(bench_log(&b), "\"key\":{\"a\":\"x\",\"b\":\"yz\"},\"emit\":{\"v\":5}"));
  bench_account(&b, 0, 0, 0, 1, 5);
  bench_close(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(routes_with_different_keys_bring_it_to_each),
                                     cmocka_unit_test(routes_with_equal_keys_join_their_symbols),
                                     cmocka_unit_test(a_null_in_one_key_leaves_the_other_route),
                                     cmocka_unit_test(an_event_of_no_route_is_not_in_the_input),
                                     cmocka_unit_test(a_key_that_nothing_begins_for_leaves_no_entry),
                                     cmocka_unit_test(an_event_that_fits_no_step_is_in_the_input),
                                     cmocka_unit_test(a_detection_without_a_key_has_one_state),
                                     cmocka_unit_test(several_key_parts_and_long_texts_make_keys)};
  return cmocka_run_group_tests_name("runtime/route", tests, NULL, NULL);
}
