/* test_time.c - calendar, RFC 3339, durations, saturation. */
#include "cep/base/time.h"

#include "cep/base/prng.h"
#include "tests/support/test.h"

/* A deadline past the end of time would come at its beginning. */
static void sums_saturate(void **state)
{
  (void)state;
  assert_true(cb_time_add(5, 7) == 12);
  assert_true(cb_time_add(CEP_TIME_MAX, 1) == CEP_TIME_MAX);
  assert_true(cb_time_add(CEP_TIME_MAX - 5, INT64_MAX) == CEP_TIME_MAX);
  assert_true(cb_time_add(CEP_TIME_MIN, -1) == CEP_TIME_MIN);
  assert_true(cb_time_add(CEP_TIME_MIN, INT64_MIN) == CEP_TIME_MIN);
  assert_true(cb_time_add(CEP_TIME_MIN, INT64_MAX) == -1);
  assert_true(cb_time_sub(5, 7) == -2);
  assert_true(cb_time_sub(CEP_TIME_MAX, CEP_TIME_MIN) == INT64_MAX);
  assert_true(cb_time_sub(CEP_TIME_MIN, CEP_TIME_MAX) == INT64_MIN);
  assert_true(cb_time_sub(0, CEP_TIME_MIN) == INT64_MAX);
  assert_true(cb_time_sub(-1, CEP_TIME_MIN) == INT64_MAX);
}

/* A day would be skipped or counted twice: walks every day of 1,000 years. */
static void days_and_dates_agree(void **state)
{
  (void)state;
  static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t days = cb_days_from_date(1599, 12, 31);
  for (int64_t year = 1600; year < 2600; year++) {
    for (uint32_t month = 1; month <= 12; month++) {
      int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
      uint32_t length = lengths[month - 1] + (uint32_t)(month == 2 && leap);
      for (uint32_t day = 1; day <= length; day++) {
        days++;
        int64_t got_year;
        uint32_t got_month, got_day;
        cb_date_from_days(days, &got_year, &got_month, &got_day);
        if (cb_days_from_date(year, month, day) != days || got_year != year || got_month != month ||
            got_day != day) {
          fail_msg("%d-%u-%u", (int)year, month, day);
        }
      }
    }
  }
  assert_true(cb_days_from_date(1970, 1, 1) == 0);
  assert_true(cb_days_from_date(2000, 3, 1) == 11017);
  for (int64_t far = -3000000; far < 3000000; far += 997) { /* years before 0 too */
    int64_t year;
    uint32_t month, day;
    cb_date_from_days(far, &year, &month, &day);
    assert_true(cb_days_from_date(year, month, day) == far);
  }
}

static void check_read(const char *text, const char *expected)
{
  cep_time time;
  char again[CB_TIME_TEXT_MAX];
  if (!cb_time_read_rfc3339(text, strlen(text), &time)) fail_msg("\"%s\" was refused", text);
  size_t len = cb_time_print(time, again);
  assert_int_equal(len, strlen(again));
  assert_string_equal(again, expected);
}

static void instants_are_read_and_printed_in_utc(void **state)
{
  (void)state;
  check_read("2015-12-10T07:28:03Z", "2015-12-10T07:28:03Z");
  check_read("2015-12-10t07:28:03z", "2015-12-10T07:28:03Z");
  check_read("2015-12-10 07:28:03", "2015-12-10T07:28:03Z");
  check_read("2015-12-10T07:28:03.5Z", "2015-12-10T07:28:03.5Z");
  check_read("2015-12-10T07:28:03,120", "2015-12-10T07:28:03.12Z");
  check_read("2015-12-10T07:28:03.123456789+02:00", "2015-12-10T05:28:03.123456789Z");
  check_read("2015-12-10T07:28:03.000000001-0530", "2015-12-10T12:58:03.000000001Z");
  check_read("2015-12-31T23:30:00-01", "2016-01-01T00:30:00Z");
  check_read("2015-12-10T07:28Z", "2015-12-10T07:28:00Z");
  check_read("2015-12-10", "2015-12-10T00:00:00Z");
  check_read("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z");
  check_read("1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.75Z");
  check_read("2016-02-29", "2016-02-29T00:00:00Z");
  check_read("1677-09-21T00:12:43.145224193Z", "1677-09-21T00:12:43.145224193Z");
  check_read("2262-04-11T23:47:16.854775806Z", "2262-04-11T23:47:16.854775806Z");
}

static void what_is_no_instant_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"",
                                    "2015",
                                    "2015-12",
                                    "2015-13-01",
                                    "2015-00-01",
                                    "2015-02-29",
                                    "2100-02-29",
                                    "2015-04-31",
                                    "2015-01-00",
                                    "15-01-01",
                                    "2015-1-1",
                                    "2015-12-10T",
                                    "2015-12-10T07",
                                    "2015-12-10T24:00:00Z",
                                    "2015-12-10T07:60:00Z",
                                    "2015-12-10T07:28:61Z",
                                    "2015-12-10T07:28:03.Z",
                                    "2015-12-10T07:28:03.1234567890Z",
                                    "2015-12-10T07:28:03+24:00",
                                    "2015-12-10T07:28:03+02:60",
                                    "2015-12-10T07:28:03+2",
                                    "2015-12-10T07:28:03ZZ",
                                    "2015-12-10T07:28:03 Z",
                                    " 2015-12-10",
                                    "2015-12-10 ",
                                    "2015/12/10",
                                    "-015-12-10",
                                    "1677-09-21T00:12:43.145224192Z", /* the least int64 is "never" */
                                    "2262-04-11T23:47:16.854775807Z",
                                    "1600-01-01",
                                    "9999-12-31T23:59:59Z"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    cep_time time;
    if (cb_time_read_rfc3339(bad[i], strlen(bad[i]), &time)) fail_msg("\"%s\" was read", bad[i]);
  }
}

static void any_instant_is_read_back(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 9);
  for (int i = 0; i < 100000; i++) {
    cep_time time = (int64_t)cb_prng_next(&prng), again;
    if (cb_prng_chance(&prng, 50)) time -= time % CB_SECOND;
    char text[CB_TIME_TEXT_MAX];
    size_t len = cb_time_print(time, text);
    assert_true(len < CB_TIME_TEXT_MAX);
    assert_int_equal(cb_time_read_rfc3339(text, len, &again), 1);
    assert_true(again == time);
  }
  char text[CB_TIME_TEXT_MAX];
  cb_time_print(CEP_TIME_MIN, text);
  assert_string_equal(text, "-inf");
  assert_int_equal(cb_time_print(CEP_TIME_MAX, text), 3);
  assert_string_equal(text, "inf");
}

/* The reader of times sees every byte of a log: none may lead it astray. */
static void mangled_text_is_read_or_refused(void **state)
{
  (void)state;
  static const char good[] = "2015-12-10T07:28:03.123456789+02:00";
  cb_prng prng;
  cb_prng_init(&prng, 10);
  for (int i = 0; i < 200000; i++) {
    char text[sizeof good];
    memcpy(text, good, sizeof good);
    for (uint32_t k = cb_prng_below(&prng, 4); k > 0; k--) {
      text[cb_prng_below(&prng, sizeof good - 1)] = "0123456789-+:.TZ x\xFF"[cb_prng_below(&prng, 19)];
    }
    cep_time time;
    cb_time_read_rfc3339(text, cb_prng_below(&prng, sizeof good), &time);
    int64_t zone;
    if (cb_zone_read(text + 29, cb_prng_below(&prng, 7), &zone)) {
      assert_true(zone > -86400 * CB_SECOND && zone < 86400 * CB_SECOND);
    }
  }
}

static void check_duration(const char *text, int64_t expected, const char *printed)
{
  cep_duration duration;
  char again[CB_TIME_TEXT_MAX];
  if (!cb_duration_read(text, strlen(text), &duration)) fail_msg("\"%s\" was refused", text);
  assert_true(duration == expected);
  size_t len = cb_duration_print(duration, again);
  assert_int_equal(len, strlen(again));
  assert_string_equal(again, printed);
}

static void durations_are_read_and_printed(void **state)
{
  (void)state;
  check_duration("250ms", 250000000, "250ms");
  check_duration("1h30m", 5400 * CB_SECOND, "1h30m");
  check_duration("90m", 5400 * CB_SECOND, "1h30m");
  check_duration("7d", 7 * 86400 * CB_SECOND, "7d");
  check_duration("2w", 14 * 86400 * CB_SECOND, "14d");
  check_duration("1w2d3h4m5s6ms7us8ns", 788645 * CB_SECOND + 6007008, "9d3h4m5s6ms7us8ns");
  check_duration("0s", 0, "0s");
  check_duration("0h", 0, "0s");
  check_duration("9223372036854775us", 9223372036854775000, "106751d23h47m16s854ms775us");
  static const char *const bad[] = {"",
                                    "5",
                                    "s",
                                    "5 s",
                                    "5S",
                                    "1m1h",
                                    "1s1s",
                                    "1.5s",
                                    "-5s",
                                    "+5s",
                                    "5x",
                                    "5mss",
                                    "5s ",
                                    " 5s",
                                    "1h30",
                                    "106752d",
                                    "15251w",
                                    "9223372036s854775808ns",
                                    "99999999999999999999s",
                                    "1000000000000000000s"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    cep_duration duration;
    if (cb_duration_read(bad[i], strlen(bad[i]), &duration)) fail_msg("\"%s\" was read", bad[i]);
  }
}

static void any_duration_is_read_back(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 11);
  for (int i = 0; i < 100000; i++) {
    cep_duration duration = (int64_t)(cb_prng_next(&prng) >> cb_prng_below(&prng, 64)), again;
    char text[CB_TIME_TEXT_MAX];
    if (duration >= 0) {
      size_t len = cb_duration_print(duration, text);
      assert_int_equal(cb_duration_read(text, len, &again), 1);
      assert_true(again == duration);
    }
    size_t len = cb_duration_print_seconds(duration, text);
    assert_int_equal(len, strlen(text));
    assert_int_equal(cb_duration_read_seconds(text, len, &again), 1);
    assert_true(again == duration);
  }
  char text[CB_TIME_TEXT_MAX];
  cb_duration_print(INT64_MIN, text);
  assert_string_equal(text, "-106751d23h47m16s854ms775us808ns");
  cb_duration_print(-5 * CB_SECOND, text);
  assert_string_equal(text, "-5s");
}

static int reads_seconds(const char *text, int64_t expected)
{
  cep_duration duration;
  return cb_duration_read_seconds(text, strlen(text), &duration) && duration == expected;
}

static void decimal_seconds_are_exact(void **state)
{
  (void)state;
  char text[CB_TIME_TEXT_MAX];
  cb_duration_print_seconds(5400 * CB_SECOND, text);
  assert_string_equal(text, "5400");
  cb_duration_print_seconds(-CB_SECOND / 4, text);
  assert_string_equal(text, "-0.25");
  cb_duration_print_seconds(0, text);
  assert_string_equal(text, "0");
  assert_true(reads_seconds("0.1", 100000000));
  assert_true(reads_seconds("-0.000000001", -1));
  assert_true(reads_seconds("1.5000000000000000", 1500000000));
  assert_true(reads_seconds("9223372036.854775807", INT64_MAX));
  assert_true(reads_seconds("-9223372036.854775808", INT64_MIN));
  static const char *const bad[] = {"",   "-",  ".5",    "5.",  "5.0000000001",         "1e3",         "+1",
                                    " 1", "1 ", "1.2.3", "--1", "9223372036.854775808", "99999999999", "5s"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    cep_duration duration;
    if (cb_duration_read_seconds(bad[i], strlen(bad[i]), &duration)) fail_msg("\"%s\" was read", bad[i]);
  }
}

static void zones_are_read(void **state)
{
  (void)state;
  int64_t zone;
  assert_int_equal(cb_zone_read("+02:00", 6, &zone), 1);
  assert_true(zone == 7200 * CB_SECOND);
  assert_int_equal(cb_zone_read("-0530", 5, &zone), 1);
  assert_true(zone == -19800 * CB_SECOND);
  assert_int_equal(cb_zone_read("UTC", 3, &zone), 1);
  assert_true(zone == 0);
  assert_int_equal(cb_zone_read("Z", 1, &zone), 1);
  assert_true(zone == 0);
  static const char *const bad[] = {"",     "+",     "+2",      "02:00", "+02:0", "+2:00",
                                    "UTC ", "utc+1", "+02:000", "CET",   "+24"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (cb_zone_read(bad[i], strlen(bad[i]), &zone)) fail_msg("\"%s\" was read", bad[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_saturate),
      cmocka_unit_test(days_and_dates_agree),
      cmocka_unit_test(instants_are_read_and_printed_in_utc),
      cmocka_unit_test(what_is_no_instant_is_refused),
      cmocka_unit_test(any_instant_is_read_back),
      cmocka_unit_test(mangled_text_is_read_or_refused),
      cmocka_unit_test(durations_are_read_and_printed),
      cmocka_unit_test(any_duration_is_read_back),
      cmocka_unit_test(decimal_seconds_are_exact),
      cmocka_unit_test(zones_are_read),
  };
  return cmocka_run_group_tests_name("base/time", tests, NULL, NULL);
}
