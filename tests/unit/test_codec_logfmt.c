/* test_codec_logfmt.c - lines of key=value pairs become rows by their keys. */
#include "tests/support/test.h"

#include "tests/support/codec_bench.h"

#define RULES                                                                                                 \
  "stream R from stdin format logfmt { time ts  level: string?  msg: string?  n: int = 7  cached: bool?  took: " \
  "duration? at \"http.took\" }\n"                                                                            \
  "detect d within 1s { match R as r emit { l: r.level, m: r.msg, n: r.n, c: r.cached, t: r.took } }\n"
#define TS "ts=1970-01-01T00:00:01Z "

static void pairs_fill_the_fields_of_their_names(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, RULES);
  assert_true(bench_read(&bench, "  " TS "\tlevel=info  other=x http.took=12ms n=3 cached msg=a=b\"c \r"));
  assert_int_equal(bench.time, 1000000000);
  bench_expect(&bench, "level", "\"info\"");
  bench_expect(&bench, "msg", "\"a=b\\\"c\"");
  bench_expect(&bench, "n", "3");
  bench_expect(&bench, "cached", "true");
  bench_expect(&bench, "took", "0.012");
  bench_close(&bench);
}

static void quoted_values_have_escapes(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, RULES);
  assert_true(bench_read(&bench, TS "level=\"a b\" msg=\"\\\"x\\\"\\\\\\n\\t\\u00e9\\ud83d\\ude00=\""));
  bench_expect(&bench, "level", "\"a b\"");
  bench_expect(&bench, "msg", "\"\\\"x\\\"\\\\\\n\\t\xc3\xa9\xf0\x9f\x98\x80=\"");
  bench_close(&bench);
}

static void the_first_of_two_counts_and_empty_is_nothing(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, RULES);
  assert_true(bench_read(&bench, TS "n=1 n=2 level= msg=\"\" cached="));
  bench_expect(&bench, "n", "1");
  bench_expect(&bench, "level", "null");
  bench_expect(&bench, "msg", "\"\"");
  bench_expect(&bench, "cached", "null");
  assert_true(bench_read(&bench, TS));
  bench_expect(&bench, "n", "7");
  bench_close(&bench);
}

static void what_is_no_logfmt_is_refused_with_its_byte(void **state)
{
  (void)state;
  static const struct {
    const char *record;
    const char *detail;
  } wrong[] = {
      {"a=\"b", "the record is not logfmt: a quote is not closed at byte 3"},
      {"a=\"b\"c", "the record is not logfmt: something stands behind a closing quote at byte 5"},
      {"a =b", "the record is not logfmt: a value without a key at byte 2"},
      {"a \"b\"", "the record is not logfmt: a quote where a key is expected at byte 2"},
      {"a\"b=1", "the record is not logfmt: a quote in a key at byte 1"},
      {"a=\"\\x\"", "the record is not logfmt: an unknown escape at byte 3"},
      {"a=\"\\", "the record is not logfmt: an unknown escape at byte 3"},
      {"a=\"\\u12\"", "the record is not logfmt: an unknown escape at byte 3"},
      {"a=\"\\ud800x\"", "the record is not logfmt: an unknown escape at byte 3"},
      {"a=\"\\udc00\"", "the record is not logfmt: an unknown escape at byte 3"},
      {"a=\"\\ud800\\u0041\"", "the record is not logfmt: an unknown escape at byte 3"},
  };
  codec_bench bench;
  bench_open(&bench, RULES);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    bench_refuses(&bench, wrong[i].record, RT_REASON_LOGFMT, wrong[i].detail);
  bench_close(&bench);
}

static void values_that_do_not_fit_are_refused(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, RULES);
  bench_refuses(&bench, TS "n=x", RT_REASON_TYPE, "field 'n': found \"x\", expected an integer of 64 bits");
  bench_refuses(&bench, "n=1", RT_REASON_TIME, "time 'ts': found nothing, expected RFC 3339 text");
  bench_refuses(&bench, "ts n=1", RT_REASON_TIME, "time 'ts': found \"true\", expected RFC 3339 text");
  bench_close(&bench);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_fill_the_fields_of_their_names),
      cmocka_unit_test(quoted_values_have_escapes),
      cmocka_unit_test(the_first_of_two_counts_and_empty_is_nothing),
      cmocka_unit_test(what_is_no_logfmt_is_refused_with_its_byte),
      cmocka_unit_test(values_that_do_not_fit_are_refused),
  };
  return cmocka_run_group_tests_name("runtime/codec_logfmt", tests, NULL, NULL);
}
