/* test_codec_line.c - text lines become rows by the named groups of regular expressions. */
#include "tests/support/test.h"

#include "cep/base/time.h"
#include "tests/support/codec_bench.h"

#define DETECT "detect d unbounded { match S as x }"

static void a_prefix_time_and_groups_make_a_row(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench,
             "input L from stdin format line { time \"%b %d %H:%M:%S\" year 2015 }\n"
             "stream S from L r\"Failed password for (?<user>\\S+) from (?<ip>\\S+) port (?<port>\\d+)\" "
             "{ user: string  ip: ip  port: int } " DETECT);
  assert_true(bench_read(
      &bench, "Dec 10 07:28:03 LabSZ sshd[1]: Failed password for root from 10.0.0.1 port 22 ssh2"));
  assert_int_equal(bench.time, 1449732483000000000);
  bench_expect(&bench, "user", "\"root\"");
  bench_expect(&bench, "ip", "\"10.0.0.1\"");
  bench_expect(&bench, "port", "22");
  /* Another line of the same log: it has a time, and is not of this stream. */
  assert_false(bench_read(&bench, "Dec 10 07:28:04 LabSZ sshd[1]: Connection closed"));
  assert_int_equal(bench.fits, 0);
  assert_int_equal(bench.fault.reason, RT_REASON_NONE);
  assert_int_equal(bench.time, 1449732484000000000);
  bench_refuses(&bench, "no time here", RT_REASON_TIME,
                "time '%b %d %H:%M:%S': found \"no time here\", expected a time in the declared form");
  bench_refuses(&bench, "", RT_REASON_TIME, NULL);
  bench_close(&bench);
}

static void a_carriage_return_at_the_end_is_cut(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "input L from stdin format line { time \"%s\" }\n"
                     "stream S from L r\"user (?<user>.*)$\" { user: string } " DETECT);
  assert_true(bench_read(&bench, "5 user ann\r"));
  bench_expect(&bench, "user", "\"ann\"");
  assert_true(bench_read(&bench, "5 user ann\r\r"));
  bench_expect(&bench, "user", "\"ann\\r\"");
  bench_refuses(&bench, "\r", RT_REASON_TIME, NULL);
  bench_close(&bench);
}

static void a_year_is_inferred_near_the_newest_time(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "input L from stdin format line { time \"%b %d %H:%M:%S\" }\n"
                     "stream S from L r\"x\" { } " DETECT);
  assert_true(cb_time_read_rfc3339("2016-12-31T23:59:59Z", 20, &bench.near));
  cep_time expected = 0;
  assert_true(bench_read(&bench, "Jan  1 00:00:01 x"));
  assert_true(cb_time_read_rfc3339("2017-01-01T00:00:01Z", 20, &expected));
  assert_int_equal(bench.time, expected);
  assert_true(bench_read(&bench, "Dec 31 23:00:00 x"));
  assert_true(cb_time_read_rfc3339("2016-12-31T23:00:00Z", 20, &expected));
  assert_int_equal(bench.time, expected);
  bench_close(&bench);
}

#define GROUPS                                                                                               \
  "input L from stdin format line r\"^(?<ts>\\S+) (?<rest>.*)$\" { time ts s }\n"                            \
  "stream S from L r\"n=(?<n>\\d*)(?: m=(?<m>-?\\d+))?(?: s=(?<s>\\w*))?(?: d=(?<d>\\w+))?\" "               \
  "{ rest: string  n: int?  m: int = 9  s: string?  d: duration? } " DETECT

static void groups_of_the_input_fill_fields_too(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, GROUPS);
  assert_true(bench_read(&bench, "1.5 n=3 m=-4 s=ab d=5m"));
  assert_int_equal(bench.time, 1500000000);
  bench_expect(&bench, "rest", "\"n=3 m=-4 s=ab d=5m\"");
  bench_expect(&bench, "n", "3");
  bench_expect(&bench, "m", "-4");
  bench_expect(&bench, "s", "\"ab\"");
  bench_expect(&bench, "d", "300");
  bench_close(&bench);
}

static void groups_that_took_no_part_or_are_empty_are_null(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, GROUPS);
  assert_true(bench_read(&bench, "1 n= s="));
  bench_expect(&bench, "n", "null");
  bench_expect(&bench, "m", "9");
  bench_expect(&bench, "s", "\"\"");
  bench_expect(&bench, "d", "null");
  bench_close(&bench);
}

static void a_group_of_another_kind_is_refused(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, GROUPS);
  bench_refuses(&bench, "1 n=99999999999999999999", RT_REASON_TYPE,
                "field 'n': found \"99999999999999999999\", expected an integer of 64 bits");
  bench_refuses(&bench, "1 n=1 d=soon", RT_REASON_TYPE, NULL);
  bench_refuses(&bench, "x n=1", RT_REASON_TIME, "time 'ts': found \"x\", expected seconds since 1970");
  bench_close(&bench);
}

static void a_line_that_is_not_of_the_input_has_no_time_and_no_fault(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, GROUPS);
  assert_false(bench_read(&bench, "nothing"));
  assert_int_equal(bench.fault.reason, RT_REASON_NONE);
  assert_true(bench.time == CEP_TIME_MIN);
  bench_close(&bench);
}

static void a_search_that_stops_at_its_limit_does_not_fit(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "input L from stdin format line { time \"%s\" }\n"
                     "stream S from L r\"(x+x+)+y\" { } " DETECT);
  char line[64] = "1 ";
  memset(line + 2, 'x', 40);
  line[42] = 0;
  assert_false(bench_read(&bench, line));
  assert_int_equal(bench.fits, 0);
  assert_int_equal(bench.fault.reason, RT_REASON_NONE);
  bench_close(&bench);
}

static void bytes_that_are_no_utf8_are_matched_as_they_are(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "input L from stdin format line { time \"%s\" }\n"
                     "stream S from L r\"user=(?<user>\\w+)\" { user: string } " DETECT);
  assert_true(bench_read(&bench, "1 \xff\xfe user=ann"));
  bench_expect(&bench, "user", "\"ann\"");
  assert_true(bench_read_bytes(&bench, "1 \0 user=bob", 12));
  bench_expect(&bench, "user", "\"bob\"");
  bench_close(&bench);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_prefix_time_and_groups_make_a_row),
      cmocka_unit_test(a_carriage_return_at_the_end_is_cut),
      cmocka_unit_test(a_year_is_inferred_near_the_newest_time),
      cmocka_unit_test(groups_of_the_input_fill_fields_too),
      cmocka_unit_test(groups_that_took_no_part_or_are_empty_are_null),
      cmocka_unit_test(a_group_of_another_kind_is_refused),
      cmocka_unit_test(a_line_that_is_not_of_the_input_has_no_time_and_no_fault),
      cmocka_unit_test(a_search_that_stops_at_its_limit_does_not_fit),
      cmocka_unit_test(bytes_that_are_no_utf8_are_matched_as_they_are),
  };
  return cmocka_run_group_tests_name("runtime/codec_line", tests, NULL, NULL);
}
