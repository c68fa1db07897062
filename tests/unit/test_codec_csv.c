/* test_codec_csv.c - rows of CSV become rows of a stream by the names of their columns. */
#include "tests/support/test.h"

#include "tests/support/codec_bench.h"

#define FIELDS                                                                                  \
  "{ time ts s  user: string  n: int?  m: int = 7  ok: bool?  note: string?  from_: ip? at \"source.ip\" }\n" \
  "detect d within 1s { match R as r emit { u: r.user, n: r.n, m: r.m, ok: r.ok, note: r.note, f: r.from_, t: r.ts } }\n"
#define HEADER "stream R from stdin format csv " FIELDS
#define NAMED "stream R from stdin format csv (columns \"ts,user,n,m,ok,note,source.ip\") " FIELDS

static void the_first_record_names_the_columns(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, HEADER);
  assert_false(bench_read(&bench, "note,\"user\",other,ts,n\r"));
  assert_int_equal(bench.fault.reason, RT_REASON_NONE);
  assert_int_equal(bench.time, CEP_TIME_MIN);
  assert_true(bench_read(&bench, "hm,ann,1,5.5,12\r"));
  assert_int_equal(bench.time, 5500000000);
  bench_expect(&bench, "user", "\"ann\"");
  bench_expect(&bench, "n", "12");
  bench_expect(&bench, "note", "\"hm\"");
  bench_expect(&bench, "m", "7");
  bench_expect(&bench, "ok", "null");
  bench_expect(&bench, "from_", "null");
  bench_close(&bench);
}

static void another_file_names_them_again(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, HEADER);
  (void)bench_read(&bench, "ts,user");
  assert_true(bench_read(&bench, "1,ann"));
  rt_codec_restart(bench.codec);
  (void)bench_read(&bench, "user,ts,user");
  assert_true(bench_read(&bench, "bob,2,eve"));
  bench_expect(&bench, "user", "\"bob\"");
  bench_close(&bench);
  bench_open(&bench, NAMED);
  rt_codec_restart(bench.codec);
  assert_true(bench_read(&bench, "1,ann"));
  bench_close(&bench);
}

static void quotes_hold_delimiters_line_ends_and_quotes(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, NAMED);
  assert_true(bench_read(&bench, "1,\"a,b\r\nc \"\"d\"\"\",\"3\",4,\"true\",\"\"\"\",::1"));
  bench_expect(&bench, "user", "\"a,b\\r\\nc \\\"d\\\"\"");
  bench_expect(&bench, "n", "3");
  bench_expect(&bench, "m", "4");
  bench_expect(&bench, "ok", "true");
  bench_expect(&bench, "note", "\"\\\"\"");
  bench_expect(&bench, "from_", "\"::1\"");
  bench_close(&bench);
}

static void empty_is_nothing_unless_quoted(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, NAMED);
  assert_true(bench_read(&bench, "1,,,,,,"));
  bench_expect(&bench, "user", "\"\"");
  bench_expect(&bench, "n", "null");
  bench_expect(&bench, "m", "7");
  bench_expect(&bench, "note", "null");
  assert_true(bench_read(&bench, "1,\"\",,,,\"\","));
  bench_expect(&bench, "note", "\"\"");
  bench_refuses(&bench, "1,ann,\"\"", RT_REASON_TYPE, "field 'n': found \"\", expected an integer of 64 bits");
  bench_close(&bench);
}

static void rows_may_be_short_but_not_long(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, NAMED);
  assert_true(bench_read(&bench, "1,ann"));
  bench_expect(&bench, "note", "null");
  bench_refuses(&bench, "1", RT_REASON_NULL, "field 'user': found nothing, expected text");
  bench_refuses(&bench, "1,ann,,,,,,", RT_REASON_CSV, "the record has more than 7 fields");
  bench_close(&bench);
}

static void bad_quotes_are_refused_with_their_field(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, NAMED);
  bench_refuses(&bench, "1,\"ann\n2,bob", RT_REASON_CSV, "the record is not CSV: a quote is not closed (its field 2)");
  bench_refuses(&bench, "1,\"ann\" x", RT_REASON_CSV,
                "the record is not CSV: something stands behind a closing quote (its field 2)");
  assert_true(bench_read(&bench, "1,5\" pipe"));
  bench_expect(&bench, "user", "\"5\\\" pipe\"");
  bench_close(&bench);
}

static void a_header_that_cannot_be_read_names_nothing(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, HEADER);
  assert_false(bench_read(&bench, "ts,\"user"));
  assert_int_equal(bench.fault.reason, RT_REASON_CSV);
  bench_refuses(&bench, "1,ann", RT_REASON_CSV, "the record has more than 0 fields");
  bench_close(&bench);
}

static void a_time_that_is_not_there_is_refused(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, NAMED);
  bench_refuses(&bench, ",ann", RT_REASON_TIME, "time 'ts': found \"\", expected seconds since 1970");
  bench_refuses(&bench, "\"x\",ann", RT_REASON_TIME, "time 'ts': found \"x\", expected seconds since 1970");
  bench_close(&bench);
  bench_open(&bench, HEADER);
  (void)bench_read(&bench, "user");
  bench_refuses(&bench, "ann", RT_REASON_TIME, "time 'ts': found nothing, expected seconds since 1970");
  bench_close(&bench);
}

static void delimiter_and_quote_can_be_others(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "stream R from stdin format csv (columns \"ts,user,note\" delimiter \"\\t\" quote \"'\") { time ts s  user: string  "
                     "note: string? }\ndetect d within 1s { match R as r emit { u: r.user, n: r.note } }\n");
  assert_true(bench_read(&bench, "1\t'it''s\tso'\t\"x\""));
  bench_expect(&bench, "user", "\"it's\\tso\"");
  bench_expect(&bench, "note", "\"\\\"x\\\"\"");
  bench_close(&bench);
  bench_open(&bench, "stream R from stdin format csv (columns \"ts,user\", quote \"\") { time ts s  user: string }\n"
                     "detect d within 1s { match R as r emit { u: r.user } }\n");
  assert_true(bench_read(&bench, "1,\"x"));
  bench_expect(&bench, "user", "\"\\\"x\"");
  bench_close(&bench);
}

static void streams_of_one_input_are_told_apart_by_conditions(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "input I from stdin format csv (columns \"ts,kind,n\") { time ts s  kind: string }\n"
                     "stream R from I where kind == \"a\" { n: int }\n"
                     "detect d within 1s { match R as r emit { n: r.n } }\n");
  assert_true(bench_read(&bench, "1,a,5"));
  bench_expect(&bench, "n", "5");
  bench_close(&bench);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_record_names_the_columns),
      cmocka_unit_test(another_file_names_them_again),
      cmocka_unit_test(quotes_hold_delimiters_line_ends_and_quotes),
      cmocka_unit_test(empty_is_nothing_unless_quoted),
      cmocka_unit_test(rows_may_be_short_but_not_long),
      cmocka_unit_test(bad_quotes_are_refused_with_their_field),
      cmocka_unit_test(a_header_that_cannot_be_read_names_nothing),
      cmocka_unit_test(a_time_that_is_not_there_is_refused),
      cmocka_unit_test(delimiter_and_quote_can_be_others),
      cmocka_unit_test(streams_of_one_input_are_told_apart_by_conditions),
  };
  return cmocka_run_group_tests_name("runtime/codec_csv", tests, NULL, NULL);
}
