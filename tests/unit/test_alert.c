/* test_alert.c - the id of an alert is made of what happened, and of nothing else. */
#include "tests/support/engine_bench.h"

static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                            "detect d by k within 60s { match A as a then A as b emit { v: b.v } }\n";

/* The ids of a run, one after the other. */
static void ids_of(bench *b, char *out)
{
  out[0] = 0;
  for (const char *at = strstr(bench_log(b), "\"id\":\""); at; at = strstr(at + 1, "\"id\":\"")) strncat(out, at + 6, 32);
}

static void run(const char *text, uint64_t position, int64_t key, int64_t value, char *ids)
{
  bench b;
  bench_open(&b, text);
  bench_row_at(&b, b.inputs[0], "A", SECOND, 10, key, value);
  bench_row_at(&b, b.inputs[0], "A", 2 * SECOND, position, key, value);
  bench_finish(&b);
  ids_of(&b, ids);
  assert_int_equal(strlen(ids), 32);
  bench_close(&b);
}

static void the_same_events_give_the_same_id(void **state)
{
  (void)state;
  char a[64], b[64];
  run(rules, 20, 1, 1, a);
  run(rules, 20, 1, 1, b);
  assert_string_equal(a, b);
  run(rules, 20, 1, 2, b); /* values that were not captured as identity do not count */
  assert_string_equal(a, b);
}

static void another_event_key_or_plan_gives_another_id(void **state)
{
  (void)state;
  static const char renamed[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                                "detect e by k within 60s { match A as a then A as b emit { v: b.v } }\n";
  static const char changed[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                                "detect d by k within 61s { match A as a then A as b emit { v: b.v } }\n";
  static const char remarked[] = "// a comment\n"
                                 "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                                 "detect d by k within 60s { meta { m: 1 } match A as a then A as b emit { v: b.v } }\n";
  char a[64], b[64];
  run(rules, 20, 1, 1, a);
  run(rules, 21, 1, 1, b);
  assert_string_not_equal(a, b);
  run(rules, 20, 2, 1, b);
  assert_string_not_equal(a, b);
  run(renamed, 20, 1, 1, b);
  assert_string_not_equal(a, b);
  run(changed, 20, 1, 1, b);
  assert_string_not_equal(a, b);
  run(remarked, 20, 1, 1, b);
  assert_string_equal(a, b);
}

static void another_partition_gives_another_id(void **state)
{
  (void)state;
  char ids[2][64];
  for (uint32_t p = 0; p < 2; p++) {
    bench b;
    rt_input *input;
    bench_prepare(&b, rules);
    assert_int_equal(rt_engine_new(&b.options, b.program, bench_deliver, &b, &b.engine), CEP_OK);
    assert_int_equal(rt_engine_input(b.engine, 0, p, &input, NULL), CEP_OK);
    bench_row_at(&b, input, "A", SECOND, 10, 1, 1);
    bench_row_at(&b, input, "A", 2 * SECOND, 20, 1, 1);
    ids_of(&b, ids[p]);
    bench_close(&b);
  }
  assert_string_not_equal(ids[0], ids[1]);
}

static void timeouts_have_ids_of_their_own(void **state)
{
  (void)state;
  static const char timed[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                              "detect d by k within 5s { match A as a where v == 1 then A as b where v == 2\n"
                              "  emit { v: a.v } on timeout emit { t: a.v, n: a.k } }\n";
  bench b;
  char ids[128];
  bench_open(&b, timed);
  bench_row(&b, "A", 1, 1, 1);
  bench_row(&b, "A", 2, 2, 1);
  bench_finish(&b);
  ids_of(&b, ids);
  assert_int_equal(strlen(ids), 64);
  assert_memory_not_equal(ids, ids + 32, 32);
  assert_non_null(strstr(bench_log(&b), "\"kind\":\"timeout\",\"time\":\"1970-01-01T00:00:06Z\""));
  assert_non_null(strstr(bench_log(&b), "\"emit\":{\"t\":1,\"n\":1}"));
  bench_close(&b);
}

static void start_and_end_are_the_captured_events_and_time_is_the_decision(void **state)
{
  (void)state;
  static const char quiet[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                              "detect d by k within 100s { match A as a then A as b then no A for 5s emit { v: b.v } }\n";
  bench b;
  bench_open(&b, quiet);
  bench_row(&b, "A", 1, 1, 1);
  bench_row(&b, "A", 10, 1, 2);
  bench_finish(&b);
  assert_int_equal(b.alerts, 1);
  assert_non_null(strstr(bench_log(&b), "\"time\":\"1970-01-01T00:00:15Z\",\"start\":\"1970-01-01T00:00:01Z\","
                                        "\"end\":\"1970-01-01T00:00:10Z\""));
  bench_close(&b);
}

static void an_alert_stands_alone_once_made(void **state)
{
  (void)state;
  static const char texts[] = "stream T from file \"t\" format json { time ts s  a: string  ip: ip  d: duration }\n"
                              "detect d by a within 60s { meta { n: 3, s: \"q\\\"\" } match T as p emit { ip: p.ip, d: p.d, u: upper(p.a) } }\n";
  bench b;
  bench_open(&b, texts);
  const char *record = "{\"ts\":1.5,\"a\":\"x\\ny\",\"ip\":\"10.0.0.7\",\"d\":\"90s\"}";
  assert_int_equal(rt_input_record(b.inputs[0], record, strlen(record), 7, NULL), CEP_OK);
  assert_non_null(strstr(bench_log(&b), "\"time\":\"1970-01-01T00:00:01.5Z\""));
  assert_non_null(strstr(bench_log(&b), "\"key\":{\"a\":\"x\\ny\"},\"emit\":{\"ip\":\"10.0.0.7\",\"d\":90,\"u\":\"X\\nY\"},"
                                        "\"meta\":{\"n\":3,\"s\":\"q\\\"\"}"));
  assert_non_null(strstr(bench_log(&b), "\"position\":7"));
  bench_close(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_events_give_the_same_id),
                                     cmocka_unit_test(another_event_key_or_plan_gives_another_id),
                                     cmocka_unit_test(another_partition_gives_another_id),
                                     cmocka_unit_test(timeouts_have_ids_of_their_own),
                                     cmocka_unit_test(start_and_end_are_the_captured_events_and_time_is_the_decision),
                                     cmocka_unit_test(an_alert_stands_alone_once_made)};
  return cmocka_run_group_tests_name("runtime/alert", tests, NULL, NULL);
}
