/* test_infer.c - formats, times, types and shapes, found in small samples. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"
#include "tools/infer/infer.h"

/* The declarations of a text, as one file "log"; "" if there are none. Pieces of any size give the same. */
static char *inferred(const char *text, size_t piece)
{
  infer *model = infer_new(1);
  assert_non_null(model);
  infer_file(model, "log");
  for (size_t at = 0; at < strlen(text); at += piece) {
    size_t left = strlen(text) - at;
    assert_true(infer_bytes(model, text + at, left < piece ? left : piece));
  }
  assert_true(infer_file_end(model));
  char *copy = NULL;
  size_t len = 0;
  if (infer_finish(model) == NULL) {
    infer_order order;
    infer_sample_order(model, &order);
    order.lateness = order.worst;
    const char *rules = infer_rules(model, "Log", &order, &len);
    assert_non_null(rules);
    copy = strdup(rules);
  } else {
    copy = strdup("");
  }
  infer_free(model);
  return copy;
}

static void assert_says(const char *text, const char *part)
{
  char *rules = inferred(text, 1 << 20), *same = inferred(text, 3);
  assert_string_equal(rules, same);
  if (!strstr(rules, part)) fail_msg("no \"%s\" in:\n%s", part, rules);
  free(rules);
  free(same);
}

static void each_form_of_time_is_known(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"{\"ts\":1700000000}\n", "time ts s "},
      {"{\"ts\":1700000000.25}\n", "time ts s "},
      {"{\"ts\":\"1700000000123\"}\n", "time ts ms "},
      {"{\"ts\":1700000000123456}\n", "time ts us "},
      {"{\"ts\":1700000000123456789}\n", "time ts ns "},
      {"{\"ts\":\"2024-05-01T10:00:00.5+02:00\"}\n", "time ts   "},
      {"{\"when\":\"Wed, 01 May 2024 10:00:00 GMT\"}\n", "time when \"%a, %d %b %Y %H:%M:%S %Z\""},
      {"{\"when\":\"05/01/2024 10:00:00 PM\"}\n", "time when \"%m/%d/%Y %I:%M:%S %p\""},
      {"{\"when\":\"25/12/2024 10:00:00\"}\n", "time when \"%d/%m/%Y %H:%M:%S\""},
      {"Mar 14 08:12:01 a b: c\n", "time ts \"%b %e %H:%M:%S\""},
      {"2024-05-01T10:00:00.123Z a b c\n", "time ts \"%Y-%m-%dT%H:%M:%S.%f%z\""},
      {"x 1700000000 a b c\n", "time ts s"},
      {"{\"id\":1700000000}\n", "time ingestion"}, /* its name says nothing of a time */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_says(cases[i][0], cases[i][1]);
}

static void the_name_decides_between_fields_that_are_times(void **state)
{
  (void)state;
  assert_says("{\"@timestamp\":\"2024-05-01T10:00:02Z\",\"received\":\"2024-05-01T10:00:01Z\",\"EventTime\":\"2024-05-01T10:00:00Z\"}\n",
              "time EventTime");
  assert_says("{\"received_at\":\"2024-05-01T10:00:01Z\",\"ts\":\"2024-05-01T10:00:00Z\"}\n", "time ts ");
  assert_says("{\"ts\":\"2024-05-01T10:00:00Z\",\"end\":\"2024-05-01T10:00:00Z\"}\n{\"end\":\"2024-05-01T10:00:00Z\"}\n", "time end ");
}

static void types_are_those_of_all_values(void **state)
{
  (void)state;
  assert_says("{\"a\":1}\n{\"a\":2.5}\n", "a: float ");
  assert_says("{\"a\":\"10.0.0.1\"}\n{\"a\":\"::1\"}\n", "a: ip ");
  assert_says("{\"a\":\"10.0.0.1\"}\n{\"a\":\"\"}\n", "a: string ");
  assert_says("{\"a\":1}\n{\"a\":2}\n{\"a\":\"x\"}\n", "1 are of another type");
  assert_says("{\"a\":123456789012345678901234567890}\n", "a: float ");
  assert_says("{\"a\":{\"b\":{\"c\":true}}}\n{}\n", "a_b_c: bool? at \"a.b.c\"");
  assert_says("{\"a b\":1,\"a-b\":2,\"9\":3,\"match\":4}\n", "a_b_2: int at \"a-b\"");
  assert_says("{\"a b\":1,\"a-b\":2,\"9\":3,\"match\":4}\n", "match_: int at \"match\"");
  assert_says("a,b\n007,1\n008,\n", "a: string ");
  assert_says("a,b\n007,1\n008,\n", "b: int? ");
}

static void shapes_keep_words_and_let_values_go(void **state)
{
  (void)state;
  const char *text = "2024-05-01 10:00:00 job 17 done in 5 ms\n2024-05-01 10:00:01 job 18 done in 7 ms\n"
                     "2024-05-01 10:00:02 user ann gone\n2024-05-01 10:00:03 user bob gone\n"
                     "2024-05-01 10:00:04 user eve gone for good\n2024-05-01 10:00:05 user kim gone for good\n";
  assert_says(text, "job +(?<job>-?\\d+) +done +in +(?<number>-?\\d+) +ms\\s*$\" { job: int  number: int }");
  assert_says(text, "stream UserGone from Log");
  assert_says(text, "user +(?<user>\\S+) +gone(?: +for +good)?\\s*$\" { user: string }");
}

static void what_is_no_log_is_refused(void **state)
{
  (void)state;
  static const char *const texts[] = {"", "\n\n", "[\n{\"a\":1}\n]\n", "{\n\"a\":1\n}\n"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char *rules = inferred(texts[i], 100);
    assert_string_equal(rules, "");
    free(rules);
  }
}

static void a_name_comes_from_the_path(void **state)
{
  (void)state;
  static const char *const cases[][2] = {{"/var/log/auth.log.1", "Auth"}, {"web-access_2024.json.gz", "WebAccess2024"}, {"a_rather_long_name_of_a_file.json", "ARatherLongNameOf"}, {"-", "Event"}, {"1.log", "Event"}, {".hidden", "Hidden"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char name[INFER_NAME_MAX];
    infer_name(cases[i][0], name);
    assert_string_equal(name, cases[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_form_of_time_is_known),
      cmocka_unit_test(the_name_decides_between_fields_that_are_times),
      cmocka_unit_test(types_are_those_of_all_values),
      cmocka_unit_test(shapes_keep_words_and_let_values_go),
      cmocka_unit_test(what_is_no_log_is_refused),
      cmocka_unit_test(a_name_comes_from_the_path),
  };
  return cmocka_run_group_tests_name("infer/infer", tests, NULL, NULL);
}
