/* test_engine.c - order, lateness, accounts, stopping and limits of the whole loop. */
#include "tests/support/engine_bench.h"

static const char pair[] = "stream A from file \"a\" format json { time ts s lateness 10s  k: int?  v: int? }\n"
                           "stream B from file \"b\" format json { time ts s lateness 10s  k: int?  v: int? }\n"
                           "detect ab by k within 60s {\n"
                           "  meta { severity: \"high\" }\n"
                           "  match A as a then B as b\n"
                           "  emit { first: a.v, second: b.v }\n"
                           "}\n";

static const char one[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                          "detect up by k within 60s { match A as a then A as b where v > a.v emit { v: b.v } }\n";

/* Emits "v v v ..." of the alerts, by the emitted field `v`. */
static void assert_values(bench *b, const char *expected)
{
  char got[256] = "";
  const char *log = bench_log(b);
  for (const char *at = strstr(log, "\"emit\":{\"v\":"); at; at = strstr(at + 1, "\"emit\":{\"v\":")) {
    at += strlen("\"emit\":{\"v\":");
    if (got[0]) strcat(got, " ");
    strncat(got, at, strcspn(at, ",}"));
  }
  assert_string_equal(got, expected);
}

static void an_alert_is_one_line_with_all_that_it_stands_on(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, pair);
  assert_int_equal(bench_row(&b, "A", 1, 7, 11), CEP_OK);
  assert_int_equal(bench_row(&b, "B", 3, 7, 22), CEP_OK);
  assert_int_equal(b.alerts, 0); /* within the lateness an earlier B may still come */
  bench_finish(&b);
  assert_int_equal(b.alerts, 1);
  char *id = strstr((char *)(uintptr_t)bench_log(&b), "\"id\":\"") + 6;
  assert_int_equal(strspn(id, "0123456789abcdef"), 32);
  memset(id, '*', 32);
  assert_string_equal(bench_log(&b),
                      "{\"detection\":\"ab\",\"id\":\"********************************\",\"kind\":\"match\","
                      "\"time\":\"1970-01-01T00:00:03Z\",\"start\":\"1970-01-01T00:00:01Z\","
                      "\"end\":\"1970-01-01T00:00:03Z\",\"key\":{\"k\":7},\"emit\":{\"first\":11,\"second\":22},"
                      "\"meta\":{\"severity\":\"high\"},\"events\":["
                      "{\"step\":\"a\",\"stream\":\"A\",\"input\":\"A\",\"partition\":0,\"position\":0,"
                      "\"time\":\"1970-01-01T00:00:01Z\"},"
                      "{\"step\":\"b\",\"stream\":\"B\",\"input\":\"B\",\"partition\":0,\"position\":0,"
                      "\"time\":\"1970-01-01T00:00:03Z\"}]}\n");
  bench_account(&b, 0, 0, 0, 0, 2);
  bench_close(&b);
}

static void a_single_input_in_order_waits_for_nothing(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, one);
  bench_row(&b, "A", 1, 1, 1);
  bench_row(&b, "A", 2, 1, 2);
  assert_int_equal(b.alerts, 1);
  assert_int_equal(bench_stat(&b, CEP_STAT_EVENTS_HELD), 0);
  bench_close(&b);
}

static void events_within_the_lateness_are_put_in_order(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, pair);
  bench_row(&b, "B", 3, 7, 22);
  bench_row(&b, "A", 9, 7, 12);
  bench_row(&b, "A", 1, 7, 11);
  bench_row(&b, "B", 0, 7, 21);
  assert_int_equal(bench_stat(&b, CEP_STAT_EVENTS_HELD), 4);
  bench_finish(&b);
  assert_int_equal(b.alerts, 1);
  assert_non_null(strstr(bench_log(&b), "\"emit\":{\"first\":11,\"second\":22}"));
  assert_int_equal(bench_stat(&b, CEP_STAT_EVENTS_HELD), 0);
  bench_close(&b);
}

static void exactly_the_lateness_behind_is_on_time_and_one_more_is_late(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, pair);
  rt_input *a = b.inputs[0];
  assert_int_equal(bench_row_at(&b, a, "A", 20 * SECOND, CEP_POSITION_NEXT, 1, 1), CEP_OK);
  assert_int_equal(bench_row_at(&b, a, "A", 10 * SECOND, CEP_POSITION_NEXT, 1, 1), CEP_OK);
  assert_int_equal(bench_row_at(&b, a, "A", 10 * SECOND - 1, CEP_POSITION_NEXT, 1, 1), CEP_LATE);
  assert_int_equal(b.late, 1);
  assert_int_equal(b.lateness_needed, 10 * SECOND + 1);
  assert_int_equal(bench_stat(&b, CEP_STAT_LATENESS_NEEDED), 10 * SECOND + 1);
  bench_account(&b, 0, 1, 0, 0, 2);
  bench_close(&b);
}

/* A record is judged by those before it; its own time moves the watermark only then. */
static void a_jump_ahead_is_not_late_by_its_own_time(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, pair);
  assert_int_equal(bench_row(&b, "A", 1, 1, 1), CEP_OK);
  assert_int_equal(bench_row(&b, "A", 1000, 1, 1), CEP_OK);
  assert_int_equal(bench_row(&b, "A", 989, 1, 1), CEP_LATE);
  assert_int_equal(bench_row(&b, "A", 990, 1, 1), CEP_OK);
  bench_close(&b);
}

static void lateness_is_each_inputs_own(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, pair);
  assert_int_equal(bench_row(&b, "A", 1000, 1, 1), CEP_OK);
  assert_int_equal(bench_row(&b, "B", 1, 1, 1), CEP_OK);
  assert_int_equal(bench_row(&b, "B", 500, 1, 1), CEP_OK);
  bench_close(&b);
}

static void an_explicit_watermark_makes_older_events_late_and_may_not_go_back(void **state)
{
  (void)state;
  bench b;
  cep_error err = {0};
  bench_open(&b, one);
  assert_int_equal(rt_input_advance(b.inputs[0], 50 * SECOND, NULL), CEP_OK);
  assert_int_equal(rt_engine_watermark(b.engine, NULL), 50 * SECOND);
  assert_int_equal(bench_row(&b, "A", 49, 1, 1), CEP_LATE);
  assert_int_equal(bench_row(&b, "A", 50, 1, 1), CEP_OK);
  assert_int_equal(rt_input_advance(b.inputs[0], 50 * SECOND, NULL), CEP_OK);
  assert_int_equal(rt_input_advance(b.inputs[0], 49 * SECOND, &err), CEP_E_INVALID);
  assert_non_null(strstr(err.text, "goes back"));
  bench_close(&b);
}

/* Which input was read first, and which was made first, must not show. */
static void a_tie_goes_by_declaration_and_partition_never_by_arrival(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int  v: int }\n"
                              "stream B from file \"b\" format json { time ts s  k: int  v: int }\n"
                              "detect ab within 60s { match A as a then B as b emit { v: a.v + b.v } }\n";
  static const char *const orders[] = {"AB", "BA"};
  for (int i = 0; i < 2; i++) {
    bench b;
    bench_prepare(&b, rules);
    assert_int_equal(rt_engine_new(&b.options, b.program, bench_deliver, &b, &b.engine), CEP_OK);
    for (int j = 0; j < 2; j++) {
      uint32_t declared = orders[i][j] == 'A' ? 0 : 1;
      assert_int_equal(rt_engine_input(b.engine, declared, 0, &b.inputs[declared], NULL), CEP_OK);
    }
    for (int j = 0; j < 2; j++) bench_row(&b, orders[i][j] == 'A' ? "A" : "B", 5, 1, 1);
    bench_finish(&b);
    assert_values(&b, "2"); /* A comes before B at one time */
    bench_close(&b);
  }
}

static void an_idle_input_holds_nothing_and_is_judged_by_the_frontier_when_it_wakes(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, pair);
  bench_row(&b, "A", 100, 1, 1);
  const rt_input *held_by;
  assert_int_equal(rt_engine_watermark(b.engine, &held_by), CEP_TIME_MIN);
  assert_ptr_equal(held_by, b.inputs[1]);
  assert_int_equal(rt_input_idle(b.inputs[1], 1, NULL), CEP_OK);
  assert_int_equal(rt_engine_watermark(b.engine, &held_by), 90 * SECOND);
  assert_ptr_equal(held_by, b.inputs[0]);
  assert_int_equal(bench_row(&b, "B", 89, 1, 1), CEP_LATE);
  assert_int_equal(bench_row(&b, "B", 91, 1, 1), CEP_OK);
  assert_int_equal(rt_engine_watermark(b.engine, &held_by), 90 * SECOND);
  assert_ptr_equal(held_by, b.inputs[1]);
  bench_account(&b, 0, 1, 0, 0, 2);
  bench_close(&b);
}

static void an_input_made_late_can_only_add_to_what_is_not_decided(void **state)
{
  (void)state;
  bench b;
  rt_input *other, *again;
  bench_open(&b, one);
  bench_row(&b, "A", 100, 1, 1);
  assert_int_equal(rt_engine_input(b.engine, 0, 1, &other, NULL), CEP_OK);
  assert_int_equal(rt_engine_input(b.engine, 0, 1, &again, NULL), CEP_E_INVALID);
  assert_int_equal(bench_row_at(&b, other, "A", 99 * SECOND, CEP_POSITION_NEXT, 1, 1), CEP_LATE);
  assert_int_equal(bench_row_at(&b, other, "A", 101 * SECOND, CEP_POSITION_NEXT, 1, 2), CEP_OK);
  bench_finish(&b);
  assert_values(&b, "2");
  bench_close(&b);
}

static void every_row_ends_in_exactly_one_way(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int }\n"
                              "stream C from file \"c\" format json { time ts s  k: int?  v: int }\n"
                              "define Big = A where v > 10\n"
                              "detect d by k within 60s { match Big as a then Big as b emit { v: b.v } }\n";
  bench b;
  bench_open(&b, rules);
  assert_int_equal(rt_input_end(b.inputs[1], NULL), CEP_OK);
  bench_row(&b, "A", 1, 1, 11);    /* used */
  bench_row(&b, "A", 2, 1, 5);     /* filtered */
  bench_row(&b, "A", 3, NONE, 12); /* unkeyed */
  bench_row(&b, "A", 4, 1, NONE);  /* dead: v has no '?' */
  assert_string_equal(b.reason, "null");
  assert_string_equal(b.detail, "field 'v': found null, expected int");
  bench_row(&b, "A", 3, 1, 13); /* late: the dead one has moved the watermark */
  cep_value fields[3] = {cb_null(), cb_int(1), cb_string("x", 1)};
  cep_event event = {sizeof event, bench_stream(&b, "A"), 5 * SECOND, CEP_POSITION_NEXT, fields, 3};
  assert_int_equal(rt_input_row(b.inputs[0], &event, NULL), CEP_OK); /* dead */
  assert_string_equal(b.reason, "type");
  bench_account(&b, 2, 1, 1, 1, 1);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_EVENTS_UNKEYED, 0), 1);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_EVENTS_IN, 0), 1);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_STREAM_EVENTS, 0), 3);
  bench_close(&b);
}

static cep_status record(bench *b, const char *text)
{
  return rt_input_record(b->inputs[0], text, strlen(text), CEP_POSITION_NEXT, NULL);
}

static void every_record_ends_in_exactly_one_way(void **state)
{
  (void)state;
  static const char rules[] = "input In from file \"a\" format json { time ts s lateness 5s  kind: string }\n"
                              "stream P from In where kind == \"p\" { k: int?  v: int }\n"
                              "stream Q from In where kind == \"q\" { k: int?  w: int? }\n"
                              "detect d by k within 60s { match P as a then Q as b emit { v: a.v } }\n";
  bench b;
  bench_open(&b, rules);
  assert_int_equal(record(&b, "{\"ts\":1,\"kind\":\"p\",\"k\":1,\"v\":4}"), CEP_OK);
  assert_int_equal(record(&b, "{\"ts\":2,\"kind\":\"q\",\"k\":1}"), CEP_OK);
  assert_int_equal(record(&b, "{\"ts\":3,\"kind\":\"z\",\"k\":1}"), CEP_OK);   /* filtered; v is missing only for P */
  assert_int_equal(record(&b, "{\"ts\":4,\"kind\":\"p\",\"k\":1}"), CEP_OK);   /* dead */
  assert_string_equal(b.reason, "null");
  assert_int_equal(record(&b, "{\"ts\":4,\"kind\":\"p\",\"v\":1}"), CEP_OK);   /* unkeyed */
  assert_int_equal(record(&b, "{\"ts\":4,"), CEP_OK);                          /* dead */
  assert_string_equal(b.reason, "json");
  assert_int_equal(record(&b, "{\"kind\":\"p\"}"), CEP_OK);                    /* dead */
  assert_string_equal(b.reason, "time");
  assert_int_equal(record(&b, "{\"ts\":20,\"kind\":\"z\"}"), CEP_OK);          /* filtered, and moves time */
  assert_int_equal(record(&b, "{\"ts\":14,\"kind\":\"p\",\"k\":1,\"v\":4}"), CEP_LATE);
  assert_int_equal(rt_input_refuse(b.inputs[0], "xx", 2, CEP_POSITION_NEXT, "reader", NULL), CEP_OK);
  assert_string_equal(b.reason, "reader");
  bench_finish(&b);
  bench_account(&b, 4, 1, 2, 1, 2);
  assert_values(&b, "4");
  bench_close(&b);
}

static void positions_must_rise(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, one);
  assert_int_equal(bench_row_at(&b, b.inputs[0], "A", SECOND, 100, 1, 1), CEP_OK);
  assert_int_equal(bench_row_at(&b, b.inputs[0], "A", SECOND, 100, 1, 1), CEP_E_INVALID);
  assert_int_equal(bench_row_at(&b, b.inputs[0], "A", SECOND, 101, 1, 1), CEP_OK);
  bench_account(&b, 0, 0, 0, 0, 2);
  bench_close(&b);
}

static void nothing_is_taken_after_the_end(void **state)
{
  (void)state;
  bench b;
  rt_input *input;
  bench_open(&b, one);
  bench_finish(&b);
  assert_int_equal(bench_row(&b, "A", 1, 1, 1), CEP_E_INVALID);
  assert_int_equal(rt_input_advance(b.inputs[0], 5, NULL), CEP_E_INVALID);
  assert_int_equal(rt_engine_input(b.engine, 0, 1, &input, NULL), CEP_E_INVALID);
  bench_finish(&b);
  bench_account(&b, 0, 0, 0, 0, 0);
  bench_close(&b);
}

/* ---- Absence, strata, suppression ---------------------------------------------------- */

static void absence_needs_no_later_event(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int  v: int }\n"
                              "detect d by k within 10s { match A as a then no A where v > 100 emit { v: a.v } }\n";
  bench b;
  bench_open(&b, rules);
  bench_row(&b, "A", 1, 1, 5);
  bench_advance(&b, 0, 11 * SECOND - 1);
  assert_int_equal(b.alerts, 0);
  assert_int_equal(bench_stat(&b, CEP_STAT_KEYS_ACTIVE), 1);
  bench_advance(&b, 0, 11 * SECOND);
  assert_values(&b, "5");
  assert_non_null(strstr(bench_log(&b), "\"time\":\"1970-01-01T00:00:11Z\""));
  assert_int_equal(bench_stat(&b, CEP_STAT_KEYS_ACTIVE), 0);
  bench_close(&b);
}

static void a_detection_is_a_stream_at_its_decision_time(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int  v: int }\n"
                              "detect low by k within 10s { match A as a then A as b where v > a.v emit { v: b.v } }\n"
                              "detect high within 100s { match low as x then low as y emit { v: x.v * 100 + y.v } }\n";
  bench b;
  bench_open(&b, rules);
  bench_row(&b, "A", 1, 1, 5);
  bench_row(&b, "A", 2, 1, 6);
  bench_row(&b, "A", 3, 2, 7);
  bench_row(&b, "A", 4, 2, 8);
  assert_int_equal(b.alerts, 2); /* the instant 4 s is not over */
  bench_advance(&b, 0, 4 * SECOND + 1);
  assert_values(&b, "6 8 608");
  assert_non_null(strstr(bench_log(&b), "\"stream\":\"low\",\"input\":null"));
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_EVENTS_IN, 1), 2);
  bench_close(&b);
}

static void a_suppressed_alert_is_no_event_and_the_next_one_tells_the_number(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int  v: int }\n"
                              "detect low by k within 10s { match A as a where v > 0 emit { v: a.v } suppress 5s by k }\n"
                              "detect high unbounded { match low as x then low as y emit { v: x.v * 100 + y.v } }\n";
  bench b;
  bench_open(&b, rules);
  for (int64_t t = 1; t <= 7; t++) bench_row(&b, "A", t, 1, t);
  bench_finish(&b);
  assert_values(&b, "1 6 106");
  assert_non_null(strstr(bench_log(&b), "\"suppressed\":4}"));
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_SUPPRESSED, 0), 5);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_MATCHES, 0), 7);
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_ALERTS_OUT, 0), 2);
  bench_close(&b);
}

static void a_timeout_is_an_alert_but_no_event(void **state)
{
  (void)state;
  static const char rules[] =
      "stream A from file \"a\" format json { time ts s  k: int  v: int }\n"
      "detect low by k within 5s { match A as a then A as b where v == 9 emit { v: a.v } on timeout emit { v: a.v } }\n"
      "detect high within 100s { match low as x emit { v: x.v } }\n";
  bench b;
  bench_open(&b, rules);
  bench_row(&b, "A", 1, 1, 5);
  bench_finish(&b);
  assert_int_equal(b.alerts, 1);
  assert_non_null(strstr(bench_log(&b), "\"kind\":\"timeout\""));
  assert_int_equal(rt_engine_stat(b.engine, CEP_STAT_TIMEOUTS, 0), 1);
  bench_close(&b);
}

static void an_event_of_a_detection_may_be_given_from_outside(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int  v: int }\n"
                              "detect low by k within 5s { match A as a then A as b emit { v: a.v } }\n"
                              "detect high within 100s { match low as x then low as y emit { v: x.v * 100 + y.v } }\n";
  bench b;
  bench_open(&b, rules);
  cep_value fields[2] = {cb_int(1), cb_int(3)};
  cep_event event = {sizeof event, bench_stream(&b, "low"), 10 * SECOND, 0, fields, 2};
  assert_int_equal(rt_engine_derived_row(b.engine, &event, NULL), CEP_OK);
  event.time = 4 * SECOND;
  fields[1] = cb_int(2);
  assert_int_equal(rt_engine_derived_row(b.engine, &event, NULL), CEP_OK);
  bench_advance(&b, 0, 10 * SECOND);
  assert_int_equal(b.alerts, 0);
  assert_int_equal(rt_engine_derived_row(b.engine, &event, NULL), CEP_LATE);
  bench_finish(&b);
  assert_values(&b, "203");
  bench_close(&b);
}

/* 2^50 matches, from a few nodes for each event. */
static void matches_that_are_only_counted_do_not_pile_up(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                 "detect all within 1h { match A as a where k == 0 then any 1+ reluctant A as b where k == 1 then A as c where k == 2\n"
                 "  after match no skip  emit once { n: matches(), least: min(a.v) } }\n");
  enum { STARTS = 5, EVENTS = 50 };
  for (int64_t i = 0; i < STARTS; i++) assert_int_equal(bench_row(&b, "A", i, 0, i), CEP_OK);
  for (int64_t i = 0; i < EVENTS; i++) {
    assert_int_equal(bench_row(&b, "A", STARTS + i, 1, i), CEP_OK);
    bench_advance(&b, 0, (STARTS + i) * SECOND + 1);
    assert_true(bench_stat(&b, CEP_STAT_PARTIALS_ACTIVE) <= (uint64_t)(2 * STARTS + 5 * (i + 1)));
  }
  assert_int_equal(bench_row(&b, "A", 100, 2, 0), CEP_OK);
  bench_finish(&b);
  assert_int_equal(b.alerts, 1);
  assert_non_null(strstr(bench_log(&b), "\"emit\":{\"n\":5629499534213115,\"least\":0}")); /* 5 * (2^50 - 1) */
  assert_non_null(strstr(bench_log(&b), "\"start\":\"1970-01-01T00:00:00Z\",\"end\":\"1970-01-01T00:01:40Z\""));
  assert_int_equal(bench_stat(&b, CEP_STAT_PARTIALS_DROPPED), 0);
  bench_close(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_alert_is_one_line_with_all_that_it_stands_on),
      cmocka_unit_test(a_single_input_in_order_waits_for_nothing),
      cmocka_unit_test(events_within_the_lateness_are_put_in_order),
      cmocka_unit_test(exactly_the_lateness_behind_is_on_time_and_one_more_is_late),
      cmocka_unit_test(a_jump_ahead_is_not_late_by_its_own_time),
      cmocka_unit_test(lateness_is_each_inputs_own),
      cmocka_unit_test(an_explicit_watermark_makes_older_events_late_and_may_not_go_back),
      cmocka_unit_test(a_tie_goes_by_declaration_and_partition_never_by_arrival),
      cmocka_unit_test(an_idle_input_holds_nothing_and_is_judged_by_the_frontier_when_it_wakes),
      cmocka_unit_test(an_input_made_late_can_only_add_to_what_is_not_decided),
      cmocka_unit_test(every_row_ends_in_exactly_one_way),
      cmocka_unit_test(every_record_ends_in_exactly_one_way),
      cmocka_unit_test(positions_must_rise),
      cmocka_unit_test(nothing_is_taken_after_the_end),
      cmocka_unit_test(absence_needs_no_later_event),
      cmocka_unit_test(a_detection_is_a_stream_at_its_decision_time),
      cmocka_unit_test(a_suppressed_alert_is_no_event_and_the_next_one_tells_the_number),
      cmocka_unit_test(a_timeout_is_an_alert_but_no_event),
      cmocka_unit_test(an_event_of_a_detection_may_be_given_from_outside),
      cmocka_unit_test(matches_that_are_only_counted_do_not_pile_up)};
  return cmocka_run_group_tests_name("runtime/engine", tests, NULL, NULL);
}
