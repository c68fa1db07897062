/* test_time_form.c - times in the forms of logs. */
#include "cep/base/prng.h"
#include "cep/base/zone.h"
#include "tests/support/test.h"

static void check_form(const char *form, const char *text, const char *expected)
{
  cep_time time;
  char printed[CB_TIME_TEXT_MAX];
  if (!cb_time_read_form(text, strlen(text), form, 0, NULL, CEP_TIME_MIN, NULL, &time)) {
    fail_msg("\"%s\" was refused by \"%s\"", text, form);
  }
  cb_time_print(time, printed);
  assert_string_equal(printed, expected);
}

static void refuse_form(const char *form, const char *text)
{
  cep_time time;
  if (cb_time_read_form(text, strlen(text), form, 0, NULL, CEP_TIME_MIN, NULL, &time)) {
    fail_msg("\"%s\" was read by \"%s\"", text, form);
  }
}

static void each_conversion_is_read(void **state)
{
  (void)state;
  check_form("%Y-%m-%d %H:%M:%S", "2015-12-10 07:28:03", "2015-12-10T07:28:03Z");
  check_form("%Y-%m-%d %H:%M:%S.%f", "2015-12-10 07:28:03.25", "2015-12-10T07:28:03.25Z");
  check_form("%FT%T%z", "2015-12-10T07:28:03+0200", "2015-12-10T05:28:03Z");
  check_form("%F %T %z", "2015-12-10 07:28:03 -05:30", "2015-12-10T12:58:03Z");
  check_form("%F %T %z", "2015-12-10 07:28:03 Z", "2015-12-10T07:28:03Z");
  check_form("%F %T %Z", "2015-12-10 07:28:03 CEST", "2015-12-10T07:28:03Z");
  check_form("%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z");
  check_form("%A, %d %B %Y %R", "thursday, 10 DECEMBER 2015 07:28", "2015-12-10T07:28:00Z");
  check_form("%a %b %e %H:%M:%S %Y", "Thu Dec  3 07:28:03 2015", "2015-12-03T07:28:03Z");
  check_form("%d%b%Y", "03may2015", "2015-05-03T00:00:00Z");
  check_form("%B %d %Y", "Jul 1 2015", "2015-07-01T00:00:00Z");
  check_form("%b %d %Y", "July 1 2015", "2015-07-01T00:00:00Z");
  check_form("%D %I:%M %p", "12/10/15 12:30 AM", "2015-12-10T00:30:00Z");
  check_form("%D %I:%M %p", "12/10/15 12:30 pm", "2015-12-10T12:30:00Z");
  check_form("%D %I:%M %p", "12/10/68 1:30 pm", "2068-12-10T13:30:00Z");
  check_form("%D", "12/10/69", "1969-12-10T00:00:00Z");
  check_form("%Y%m%d%H%M%S", "20151210072803", "2015-12-10T07:28:03Z");
  check_form("%Y-%j", "2016-366", "2016-12-31T00:00:00Z");
  check_form("%Y-%j", "2015-1", "2015-01-01T00:00:00Z");
  check_form("%s", "1449732483", "2015-12-10T07:28:03Z");
  check_form("%s.%f", "1449732483.5", "2015-12-10T07:28:03.5Z");
  check_form("%s.%f", "-1.25", "1969-12-31T23:59:58.75Z");
  check_form("%s.%f", "-0.25", "1969-12-31T23:59:59.75Z");
  check_form("100%% %F", "100% 2015-12-10", "2015-12-10T00:00:00Z");
  check_form("%Y-%m-%d\t%H:%M", "2015-12-10  \t 07:28", "2015-12-10T07:28:00Z");
  check_form("[%F]", "[2015-12-10]", "2015-12-10T00:00:00Z");
}

static void what_does_not_fit_is_refused(void **state)
{
  (void)state;
  refuse_form("%F", "2015-13-10");
  refuse_form("%F", "2015-02-29");
  refuse_form("%F", "2015-12-1x");
  refuse_form("%F", "2015-12-10 ");
  refuse_form("%F", "");
  refuse_form("%Y-%j", "2015-366");
  refuse_form("%Y-%j", "2015-0");
  refuse_form("%F %T", "2015-12-10 24:00:00");
  refuse_form("%F %I:%M %p", "2015-12-10 13:00 pm");
  refuse_form("%F %I:%M %p", "2015-12-10 0:00 pm");
  refuse_form("%F %I:%M %p", "2015-12-10 1:00 xm");
  refuse_form("%b %d %Y", "Sept 1 2015"); /* neither short nor whole */
  refuse_form("%b %d %Y", "Foo 1 2015");
  refuse_form("%F %T.%f", "2015-12-10 07:28:03.1234567890");
  refuse_form("%F %Z", "2015-12-10 ");
  refuse_form("%F %z", "2015-12-10 CET");
  refuse_form("%s", "99999999999");
  refuse_form("%s", "9999999999999999999999999");
  refuse_form("%s", "-");
  refuse_form("%Y-%m-%d", "9999-01-01");
  refuse_form("%Y", "2015");
  refuse_form("%F %Q", "2015-12-10 1");
  refuse_form("%F%", "2015-12-10");
}

static void forms_are_checked_before_use(void **state)
{
  (void)state;
  int has_year = -1;
  assert_int_equal(cb_time_form_valid("%b %d %H:%M:%S", &has_year), 1);
  assert_int_equal(has_year, 0);
  assert_int_equal(cb_time_form_valid("%F %T", &has_year), 1);
  assert_int_equal(has_year, 1);
  assert_int_equal(cb_time_form_valid("%s", &has_year), 1);
  assert_int_equal(has_year, 1);
  assert_int_equal(cb_time_form_valid("%j", &has_year), 1);
  assert_int_equal(has_year, 0);
  static const char *const bad[] = {
      "",      "%",     "%Q",       "%F %",     "%Y",          "%H:%M",       "%Y-%m", "%d",
      "plain", "%F %M", "%F %H:%S", "%F %I:%M", "%F %H:%M %p", "%F %H %I %p", "%F %f", "%Y %d"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (cb_time_form_valid(bad[i], &has_year)) fail_msg("\"%s\" passed", bad[i]);
  }
}

/* The rest of a log line follows the time. */
static void bytes_used_are_told(void **state)
{
  (void)state;
  static const char line[] = "Dec 10 07:28:03 LabSZ sshd[24245]: ok";
  size_t used = 0;
  cep_time time;
  assert_int_equal(cb_time_read_form(line, strlen(line), "%b %d %H:%M:%S", 2015, NULL, 0, &used, &time), 1);
  assert_int_equal(used, 15);
  assert_int_equal(cb_time_read_form(line, strlen(line), "%b %d %H:%M:%S", 2015, NULL, 0, NULL, &time), 0);
  assert_int_equal(cb_time_read_form(line, 14, "%b %d %H:%M:%S", 2015, NULL, 0, &used, &time), 1); /* ":0" */
  assert_int_equal(cb_time_read_form(line, 13, "%b %d %H:%M:%S", 2015, NULL, 0, &used, &time), 0);
}

static cep_time instant(const char *text)
{
  cep_time time;
  assert_int_equal(cb_time_read_rfc3339(text, strlen(text), &time), 1);
  return time;
}

static void check_year(const char *text, int32_t year, const char *zone_name, cep_time near, const char *expected)
{
  cep_time time;
  char printed[CB_TIME_TEXT_MAX], space[CB_ZONE_RULE_MAX];
  cb_zone zone;
  if (zone_name) {
    const char *rule = cb_zone_rule(zone_name, strlen(zone_name), space);
    assert_non_null(rule);
    assert_int_equal(cb_zone_parse(rule, strlen(rule), &zone), 1);
  }
  if (!cb_time_read_form(text, strlen(text), "%b %d %H:%M:%S", year, zone_name ? &zone : NULL, near, NULL, &time)) {
    fail_msg("\"%s\" was refused", text);
  }
  cb_time_print(time, printed);
  assert_string_equal(printed, expected);
}

/* Around New Year events would jump by a year. */
static void a_missing_year_is_the_nearest(void **state)
{
  (void)state;
  check_year("Dec 31 23:59:59", 0, NULL, instant("2016-01-01T00:00:05Z"), "2015-12-31T23:59:59Z");
  check_year("Jan 1 00:00:01", 0, NULL, instant("2015-12-31T23:59:59Z"), "2016-01-01T00:00:01Z");
  check_year("Jun 1 00:00:00", 0, NULL, instant("2015-12-10T00:00:00Z"), "2016-06-01T00:00:00Z");
  check_year("Jul 1 00:00:00", 0, NULL, instant("2015-12-10T00:00:00Z"), "2015-07-01T00:00:00Z");
  check_year("Feb 29 12:00:00", 0, NULL, instant("2015-12-10T00:00:00Z"), "2016-02-29T12:00:00Z");
  check_year("Feb 29 12:00:00", 0, NULL, instant("2099-01-01T00:00:00Z"), "2096-02-29T12:00:00Z");
  check_year("Feb 29 12:00:00", 0, NULL, instant("2101-01-01T00:00:00Z"), "2104-02-29T12:00:00Z");
  check_year("Dec 10 07:28:03", 0, NULL, CEP_TIME_MIN, "1970-12-10T07:28:03Z");
  check_year("Feb 29 07:28:03", 0, NULL, CEP_TIME_MIN, "1972-02-29T07:28:03Z");
  check_year("Dec 10 07:28:03", 2015, "+01:00", 0, "2015-12-10T06:28:03Z");
  check_year("Jan 1 00:30:00", 0, "+01:00", instant("2015-12-31T23:30:00Z"), "2015-12-31T23:30:00Z");
  check_year("Dec 31 23:00:00", 0, NULL, instant("1960-01-01T00:00:00Z"), "1959-12-31T23:00:00Z");
  /* At the ends of time only one of the neighbours can be said. */
  check_year("Dec 31 00:00:00", 0, NULL, CEP_TIME_MAX, "2261-12-31T00:00:00Z");
  check_year("Jan 1 00:00:00", 0, NULL, CEP_TIME_MIN + 1, "1678-01-01T00:00:00Z");
  cep_time time;
  assert_int_equal(cb_time_read_form("Feb 29", 6, "%b %d", 2015, NULL, 0, NULL, &time), 0);
  assert_int_equal(cb_time_read_form("Feb 28", 6, "%b %d", -5, NULL, 0, NULL, &time), 0);
  assert_int_equal(cb_time_read_form("Feb 28", 6, "%b %d", INT32_MAX, NULL, 0, NULL, &time), 0);
}

/* Clocks go forward and back: a log that goes on keeps its order through both. */
static void a_time_that_clocks_show_twice_is_the_nearer_one(void **state)
{
  (void)state;
  static const char zone[] = "Europe/Berlin";
  check_year("Jul 1 12:00:00", 2024, zone, CEP_TIME_MIN, "2024-07-01T10:00:00Z");
  check_year("Dec 1 12:00:00", 2024, zone, CEP_TIME_MIN, "2024-12-01T11:00:00Z");
  check_year("Oct 27 02:30:00", 2024, zone, CEP_TIME_MIN, "2024-10-27T00:30:00Z");
  check_year("Oct 27 02:00:00", 2024, zone, instant("2024-10-26T23:59:59Z"), "2024-10-27T00:00:00Z");
  check_year("Oct 27 02:59:59", 2024, zone, instant("2024-10-27T00:40:00Z"), "2024-10-27T00:59:59Z");
  check_year("Oct 27 02:00:00", 2024, zone, instant("2024-10-27T00:59:59Z"), "2024-10-27T01:00:00Z");
  check_year("Oct 27 02:59:59", 2024, zone, instant("2024-10-27T01:59:58Z"), "2024-10-27T01:59:59Z");
  check_year("Oct 27 03:00:00", 2024, zone, instant("2024-10-27T00:59:59Z"), "2024-10-27T02:00:00Z");
  check_year("Oct 27 01:59:59", 2024, zone, instant("2024-10-27T03:00:00Z"), "2024-10-26T23:59:59Z");
  check_year("Mar 31 02:30:00", 2024, zone, instant("2024-03-31T00:59:59Z"), "2024-03-31T01:30:00Z");
  check_year("Mar 31 03:00:00", 2024, zone, instant("2024-03-31T00:59:59Z"), "2024-03-31T01:00:00Z");
  check_year("Oct 27 02:30:00", 0, zone, instant("2024-10-27T01:00:01Z"), "2024-10-27T01:30:00Z");
  /* South of the equator, and half an hour of summer time. */
  check_year("Jan 1 12:00:00", 2024, "Australia/Lord_Howe", CEP_TIME_MIN, "2024-01-01T01:00:00Z");
  check_year("Apr 7 01:45:00", 2024, "Australia/Lord_Howe", CEP_TIME_MIN, "2024-04-06T14:45:00Z");
  check_year("Apr 7 01:45:00", 2024, "Australia/Lord_Howe", instant("2024-04-06T15:10:00Z"), "2024-04-06T15:15:00Z");
}

/* Random forms on random text: both come from outside. */
static void any_form_reads_or_refuses_any_text(void **state)
{
  (void)state;
  static const char form_bytes[] = "%%%%%%%%YmdeHMSybBaAjpIfzZsTDFR% :-/.x";
  static const char text_bytes[] = "0123456789 :-/.+ZapmjanfebdecTMSW%\xFF";
  cb_prng prng;
  cb_prng_init(&prng, 12);
  for (int i = 0; i < 300000; i++) {
    char form[20], text[32];
    size_t form_len = cb_prng_below(&prng, sizeof form), len = cb_prng_below(&prng, sizeof text);
    for (size_t c = 0; c < form_len; c++) form[c] = form_bytes[cb_prng_below(&prng, sizeof form_bytes - 1)];
    form[form_len] = 0;
    for (size_t c = 0; c < len; c++) text[c] = text_bytes[cb_prng_below(&prng, sizeof text_bytes - 1)];
    int has_year;
    size_t used = SIZE_MAX;
    cep_time time;
    int valid = cb_time_form_valid(form, &has_year);
    cb_zone zone;
    const char *rule = "CET-1CEST,M3.5.0,M10.5.0/3";
    assert_int_equal(cb_zone_parse(rule, strlen(rule), &zone), 1);
    if (cb_time_read_form(text, len, form, 0, i % 2 ? &zone : NULL, (int64_t)cb_prng_next(&prng), &used, &time)) {
      assert_true(valid);
      assert_true(used <= len);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_conversion_is_read),       cmocka_unit_test(what_does_not_fit_is_refused),
      cmocka_unit_test(forms_are_checked_before_use),  cmocka_unit_test(bytes_used_are_told),
      cmocka_unit_test(a_time_that_clocks_show_twice_is_the_nearer_one),
      cmocka_unit_test(a_missing_year_is_the_nearest), cmocka_unit_test(any_form_reads_or_refuses_any_text),
  };
  return cmocka_run_group_tests_name("base/time_form", tests, NULL, NULL);
}
