/* test_codec_json.c - JSON records become rows, or say why not. */
#include "tests/support/test.h"

#include "cep/base/time.h"
#include "runtime/codec_parts.h"
#include "tests/support/codec_bench.h"

#define DETECT "detect d unbounded { match S as x }"
#define S_OF(time, members) "stream S from stdin format json { time ts " time " " members " } " DETECT

/* ---- Time ---------------------------------------------------------------------------- */

static void time_is(const char *form, const char *value, cep_time expected)
{
  char rules[256], record[256];
  codec_bench bench;
  snprintf(rules, sizeof rules, S_OF("%s", ""), form);
  snprintf(record, sizeof record, "{\"ts\":%s}", value);
  bench_open(&bench, rules);
  if (!bench_read(&bench, record)) fail_msg("%s as %s: %s", value, form, bench.fault.detail);
  assert_int_equal(bench.time, expected);
  bench_close(&bench);
}

static void time_is_refused(const char *form, const char *value, const char *detail)
{
  char rules[256], record[256];
  codec_bench bench;
  snprintf(rules, sizeof rules, S_OF("%s", ""), form);
  snprintf(record, sizeof record, "{\"ts\":%s}", value);
  bench_open(&bench, rules);
  bench_refuses(&bench, record, RT_REASON_TIME, detail);
  bench_close(&bench);
}

static void epoch_numbers_are_exact(void **state)
{
  (void)state;
  time_is("s", "1449732483", 1449732483000000000);
  time_is("s", "1.5", 1500000000);
  time_is("s", "1449732483.123456", 1449732483123456000);
  time_is("s", "0.1", 100000000);
  time_is("s", "-0.1", -100000000);
  time_is("s", "-1", -1000000000);
  time_is("ms", "1449732483123", 1449732483123000000);
  time_is("ms", "1449732483123.25", 1449732483123250000);
  time_is("us", "1449732483123456", 1449732483123456000);
  time_is("ns", "1449732483123456789", 1449732483123456789);
  time_is("ns", "1e3", 1000);
}

static void epoch_numbers_may_be_text(void **state)
{
  (void)state;
  time_is("s", "\"1.000000001\"", 1000000001);
  time_is("s", "\"1.0000000019\"", 1000000001);
  time_is("ms", "\"-2.5\"", -2500000);
  time_is("ns", "\"9223372036854775807\"", INT64_MAX);
  time_is("s", "\"1.5e3\"", 1500000000000);
  time_is("s", "\"15000e-3\"", 15000000000);
}

static void times_out_of_range_are_refused(void **state)
{
  (void)state;
  time_is_refused("s", "9223372037", "time 'ts': found 9223372037, expected seconds since 1970");
  time_is_refused("s", "1e300", NULL);
  time_is_refused("s", "1e18", NULL);
  time_is_refused("ns", "9223372036854775808",
                  "time 'ts': found an integer of more than 64 bits, expected nanoseconds since 1970");
  time_is_refused("ns", "-9223372036854775808", NULL);
  time_is_refused("ns", "\"9223372036854775808\"", NULL);
  time_is_refused("s", "\"1e99999999999999999999\"", NULL);
}

static void times_of_another_form_are_refused(void **state)
{
  (void)state;
  time_is_refused("s", "\"\"", "time 'ts': found \"\", expected seconds since 1970");
  time_is_refused("s", "\" 1\"", NULL);
  time_is_refused("s", "\"1.\"", NULL);
  time_is_refused("s", "\"0x10\"", NULL);
  time_is_refused("s", "true", "time 'ts': found true, expected seconds since 1970");
  time_is_refused("s", "[1]", "time 'ts': found an array, expected seconds since 1970");
  time_is_refused("s", "null", "time 'ts': found null, expected seconds since 1970");
  time_is_refused("rfc3339", "1449732483", "time 'ts': found 1449732483, expected RFC 3339 text");
  time_is_refused("rfc3339", "\"yesterday\"", "time 'ts': found \"yesterday\", expected RFC 3339 text");
  time_is_refused("\"%Y-%m-%d\"", "2015", NULL);
}

static void a_zero_with_a_huge_exponent_is_zero(void **state)
{
  /* Digits are counted out one by one; this must not run for ever. */
  (void)state;
  int64_t out = 1;
  assert_int_equal(rt_decimal_read("0e99999", 7, 9, &out), 1);
  assert_int_equal(out, 0);
  assert_int_equal(rt_decimal_read("0.000e-99999", 12, 9, &out), 1);
  assert_int_equal(out, 0);
  assert_int_equal(rt_decimal_read("0.00000001e8", 12, 0, &out), 1);
  assert_int_equal(out, 1);
  assert_int_equal(rt_decimal_read("-9223372036854775808", 20, 0, &out), 1);
  assert_true(out == INT64_MIN);
  assert_int_equal(rt_decimal_read("-9223372036854775809", 20, 0, &out), 0);
  assert_int_equal(rt_decimal_read("1e", 2, 0, &out), 0);
  assert_int_equal(rt_decimal_read("1e+", 3, 0, &out), 0);
  assert_int_equal(rt_decimal_read("-", 1, 0, &out), 0);
  assert_int_equal(rt_decimal_read(".5", 2, 0, &out), 0);
}

static void rfc3339_and_strptime_forms_are_read(void **state)
{
  (void)state;
  time_is("", "\"2015-12-10T07:28:03Z\"", 1449732483000000000);
  time_is("rfc3339", "\"2015-12-10T09:28:03.5+02:00\"", 1449732483500000000);
  time_is("\"%Y-%m-%d %H:%M:%S\" zone \"+02:00\"", "\"2015-12-10 09:28:03\"", 1449732483000000000);
  time_is("\"%Y-%m-%d %H:%M:%S\" zone \"Europe/Berlin\"", "\"2015-12-10 08:28:03\"", 1449732483000000000);
  time_is("\"%Y-%m-%d %H:%M:%S\" zone \"Europe/Berlin\"", "\"2015-07-10 09:28:03\"", 1436513283000000000);
  time_is("\"%Y-%m-%d %H:%M:%S %z\" zone \"Europe/Berlin\"", "\"2015-12-10 07:28:03 Z\"", 1449732483000000000);
  time_is("\"%b %d %H:%M:%S\" year 2015", "\"Dec 10 07:28:03\"", 1449732483000000000);
}

static void the_time_may_lie_deeper(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "stream S from stdin format json { time ts at \"event.created\" ms } " DETECT);
  assert_true(bench_read(&bench, "{\"event\":{\"created\":5}}"));
  assert_int_equal(bench.time, 5000000);
  assert_true(bench_read(&bench, "{\"event\":{\"created\":5},\"event.created\":6}"));
  assert_int_equal(bench.time, 6000000);
  bench_refuses(&bench, "{\"ts\":5}", RT_REASON_TIME,
                "time 'event.created': found nothing, expected milliseconds since 1970");
  bench_close(&bench);
}

/* ---- Fields --------------------------------------------------------------------------- */

#define ALL                                                                                                  \
  S_OF("s", "b: bool?  i: int?  f: float?  s: string?  t: time?  d: duration?  a: ip?  need: int = 7 "       \
            "deep: int? at \"x.y.z\"  dotted: int? at \"u.v\"")

static void each_kind_is_read(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  assert_true(bench_read(&bench,
                         "{\"ts\":1,\"b\":true,\"i\":-9223372036854775808,\"f\":2.5,\"s\":\"h\\u00e9\","
                         "\"t\":\"1970-01-01T00:00:01Z\",\"d\":\"1m30s\",\"a\":\"10.0.0.1\",\"need\":1,"
                         "\"x\":{\"y\":{\"z\":3}},\"u\":{\"v\":4}}"));
  bench_expect(&bench, "b", "true");
  bench_expect(&bench, "i", "-9223372036854775808");
  bench_expect(&bench, "f", "2.5");
  bench_expect(&bench, "s", "\"h\xc3\xa9\"");
  bench_expect(&bench, "t", "\"1970-01-01T00:00:01Z\"");
  bench_expect(&bench, "d", "90");
  bench_expect(&bench, "a", "\"10.0.0.1\"");
  bench_expect(&bench, "need", "1");
  bench_expect(&bench, "deep", "3");
  bench_expect(&bench, "dotted", "4");
  bench_close(&bench);
}

static void missing_and_null_are_null_and_defaults_apply_to_missing(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  assert_true(bench_read(&bench, "{\"ts\":1,\"i\":null,\"x\":{\"y\":3}}"));
  bench_expect(&bench, "b", "null");
  bench_expect(&bench, "i", "null");
  bench_expect(&bench, "deep", "null");
  bench_expect(&bench, "need", "7");
  bench_refuses(&bench, "{\"ts\":1,\"need\":null}", RT_REASON_NULL,
                "field 'need': found null, expected an integer of 64 bits");
  bench_close(&bench);
}

static void one_member_of_that_spelling_counts_before_the_way_down(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  assert_true(bench_read(&bench, "{\"ts\":1,\"u\":{\"v\":4},\"u.v\":5}"));
  bench_expect(&bench, "dotted", "5");
  assert_true(bench_read(&bench, "{\"ts\":1,\"u\":{\"v\":4},\"u.v\":null}"));
  bench_expect(&bench, "dotted", "null");
  bench_close(&bench);
}

static void numbers_go_where_they_fit_and_nowhere_else(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  assert_true(bench_read(&bench, "{\"ts\":1,\"f\":3}"));
  bench_expect(&bench, "f", "3");
  assert_true(bench_read(&bench, "{\"ts\":1,\"f\":18446744073709551615}"));
  assert_true(bench_read(&bench, "{\"ts\":1,\"d\":90}"));
  bench_expect(&bench, "d", "90");
  assert_true(bench_read(&bench, "{\"ts\":1,\"d\":0.1}"));
  bench_expect(&bench, "d", "0.1");
  bench_refuses(&bench, "{\"ts\":1,\"i\":1.5}", RT_REASON_TYPE,
                "field 'i': found 1.5, expected an integer of 64 bits");
  bench_refuses(&bench, "{\"ts\":1,\"i\":\"12\"}", RT_REASON_TYPE,
                "field 'i': found \"12\", expected an integer of 64 bits");
  bench_refuses(&bench, "{\"ts\":1,\"i\":18446744073709551615}", RT_REASON_TYPE,
                "field 'i': found an integer of more than 64 bits, expected an integer of 64 bits");
  bench_refuses(&bench, "{\"ts\":1,\"f\":\"1\"}", RT_REASON_TYPE,
                "field 'f': found \"1\", expected a number");
  bench_refuses(&bench, "{\"ts\":1,\"s\":12}", RT_REASON_TYPE, "field 's': found 12, expected text");
  bench_refuses(&bench, "{\"ts\":1,\"b\":1}", RT_REASON_TYPE, "field 'b': found 1, expected true or false");
  bench_refuses(&bench, "{\"ts\":1,\"d\":1e300}", RT_REASON_TYPE, NULL);
  bench_refuses(&bench, "{\"ts\":1,\"d\":\"soon\"}", RT_REASON_TYPE, NULL);
  bench_refuses(&bench, "{\"ts\":1,\"a\":\"10.0.0\"}", RT_REASON_TYPE,
                "field 'a': found \"10.0.0\", expected an address");
  bench_refuses(&bench, "{\"ts\":1,\"a\":{}}", RT_REASON_TYPE,
                "field 'a': found an object, expected an address");
  bench_refuses(&bench, "{\"ts\":1,\"t\":1}", RT_REASON_TYPE, NULL);
  bench_close(&bench);
}

static void the_first_fault_is_told(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  bench_refuses(&bench, "{\"ts\":1,\"b\":1,\"i\":\"x\"}", RT_REASON_TYPE,
                "field 'b': found 1, expected true or false");
  bench_close(&bench);
}

static void long_and_wild_text_is_cut_and_escaped(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  bench_refuses(&bench, "{\"ts\":1,\"i\":\"a\\n\\u0001b\"}", RT_REASON_TYPE,
                "field 'i': found \"a\\x0a\\x01b\", expected an integer of 64 bits");
  bench_refuses(
      &bench, "{\"ts\":1,\"i\":\"0123456789012345678901234567890123456789xyz\"}", RT_REASON_TYPE,
      "field 'i': found \"0123456789012345678901234567890123456789\"..., expected an integer of 64 bits");
  char out[RT_FOUND_MAX];
  char wild[200];
  memset(wild, 1, sizeof wild);
  rt_found_text(out, wild, sizeof wild);
  assert_true(strlen(out) < RT_FOUND_MAX);
  memset(wild, 0xFF, sizeof wild);
  rt_found_text(out, wild, sizeof wild);
  assert_true(strlen(out) < RT_FOUND_MAX);
  bench_close(&bench);
}

static void long_names_leave_room_for_the_rest(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, S_OF("s", "a_name_that_is_far_longer_than_anyone_would_choose: int"));
  bench_refuses(
      &bench,
      "{\"ts\":1,\"a_name_that_is_far_longer_than_anyone_would_choose\":\"\\u0001\\u0001\\u0001\\u0001\\u0001"
      "\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\\u0001\"}",
      RT_REASON_TYPE, NULL);
  assert_non_null(strstr(bench.fault.detail, "expected an integer of 64 bits"));
  bench_close(&bench);
}

/* ---- Records --------------------------------------------------------------------------- */

static void what_is_no_object_is_refused(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  bench_refuses(&bench, "", RT_REASON_JSON, NULL);
  bench_refuses(&bench, "[1]", RT_REASON_JSON, NULL);
  bench_refuses(&bench, "12", RT_REASON_JSON, NULL);
  bench_refuses(&bench, "{\"ts\":1", RT_REASON_JSON, NULL);
  bench_refuses(&bench, "{\"ts\":1} {\"ts\":2}", RT_REASON_JSON, NULL);
  bench_refuses(&bench, "{\"ts\":1,\"junk\":tru}", RT_REASON_JSON, NULL);
  bench_refuses(&bench, "{\"ts\":1,\"junk\":\"\xff\xfe\"}", RT_REASON_JSON, NULL);
  bench_refuses(&bench, "{\"ts\":1,\"junk\":[[[[[[[[[[1]]]]]]]]]]}", RT_REASON_JSON, NULL);
  bench_close(&bench);
}

static void a_record_over_the_limit_is_refused(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, ALL);
  char record[5000];
  memset(record, ' ', sizeof record);
  memcpy(record, "{\"ts\":1}", 8);
  assert_true(bench_read_bytes(&bench, record, 4096));
  assert_false(bench_read_bytes(&bench, record, 4097));
  assert_int_equal(bench.fault.reason, RT_REASON_LENGTH);
  assert_string_equal(bench.fault.detail, "the record has 4097 bytes, expected at most 4096 (record.max)");
  bench_close(&bench);
}

static void a_field_that_nothing_reads_is_not_looked_at(void **state)
{
  (void)state;
  codec_bench bench;
  bench_open(&bench, "stream S from stdin format json { time ts s  a: int  b: int } "
                     "detect d unbounded { match S as x where a > 0 emit { a: x.a } }");
  assert_true(bench_read(&bench, "{\"ts\":1,\"a\":1,\"b\":\"not an int\"}"));
  assert_true(bench_read(&bench, "{\"ts\":1,\"a\":1}"));
  bench_close(&bench);
}

static void every_reason_has_a_word(void **state)
{
  (void)state;
  assert_string_equal(rt_reason_word(RT_REASON_JSON), "json");
  assert_string_equal(rt_reason_word(RT_REASON_LATE), "late");
  for (int i = RT_REASON_NONE + 1; i < RT_REASON_COUNT; i++)
    assert_true(strlen(rt_reason_word((rt_reason)i)) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(epoch_numbers_are_exact),
      cmocka_unit_test(epoch_numbers_may_be_text),
      cmocka_unit_test(times_out_of_range_are_refused),
      cmocka_unit_test(times_of_another_form_are_refused),
      cmocka_unit_test(a_zero_with_a_huge_exponent_is_zero),
      cmocka_unit_test(rfc3339_and_strptime_forms_are_read),
      cmocka_unit_test(the_time_may_lie_deeper),
      cmocka_unit_test(each_kind_is_read),
      cmocka_unit_test(missing_and_null_are_null_and_defaults_apply_to_missing),
      cmocka_unit_test(one_member_of_that_spelling_counts_before_the_way_down),
      cmocka_unit_test(numbers_go_where_they_fit_and_nowhere_else),
      cmocka_unit_test(the_first_fault_is_told),
      cmocka_unit_test(long_and_wild_text_is_cut_and_escaped),
      cmocka_unit_test(long_names_leave_room_for_the_rest),
      cmocka_unit_test(what_is_no_object_is_refused),
      cmocka_unit_test(a_record_over_the_limit_is_refused),
      cmocka_unit_test(a_field_that_nothing_reads_is_not_looked_at),
      cmocka_unit_test(every_reason_has_a_word),
  };
  return cmocka_run_group_tests_name("runtime/codec_json", tests, NULL, NULL);
}
