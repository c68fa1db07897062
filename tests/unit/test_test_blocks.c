/* test_test_blocks.c - `test` blocks of rule files: what they give in, what they expect, what they say. */
#include "tests/support/test.h"

#include <stdio.h>

#include "cep/cep.h"
#include "tests/support/rules.h"

#define LOGIN                                                                                                \
  "stream Login from stdin format json { time ts  lateness 30s  user: string  ok: bool  n: int?  extra: "    \
  "string }\n"
#define BRUTE                                                                                                \
  LOGIN                                                                                                      \
  "detect brute by user within 10m {\n"                                                                      \
  "  match 3 Login as fail where not ok\n"                                                                   \
  "  then Login as good where ok\n"                                                                          \
  "  emit { user: user, tries: count(fail), mean: avg(fail.n) }\n"
#define FAILS "at 0s Login { user: \"ann\", ok: false, n: 2 } repeat 3 every 10s\n"
#define GOOD "at 60s Login { user: \"ann\", ok: true }\n"

typedef struct outcome {
  uint32_t count;
  int passed;
  uint32_t line;
  uint32_t column;
  char name[64];
  char detection[64];
  char expected[512];
  char got[512];
} outcome;

static void keep(void *ctx, const cep_test_result *result)
{
  outcome *out = ctx;
  out->count++;
  out->passed = result->passed;
  out->line = result->line;
  out->column = result->column;
  snprintf(out->name, sizeof out->name, "%s", result->name);
  snprintf(out->detection, sizeof out->detection, "%s", result->detection);
  snprintf(out->expected, sizeof out->expected, "%s", result->expected);
  snprintf(out->got, sizeof out->got, "%s", result->got);
}

static outcome run(const char *rules)
{
  outcome out = {0};
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, rules);
  uint32_t failed = 99;
  cep_error err = {0};
  cep_status status = cep_program_test(program, keep, &out, &failed, &err);
  if (status < 0) fail_msg("%s: %s", cep_status_name(status), err.text);
  assert_int_equal(out.count, cep_program_test_count(program));
  assert_int_equal(failed, out.count == 1 ? !out.passed : failed);
  cep_program_free(program);
  cep_config_free(config);
  return out;
}

static void passes(const char *rules)
{
  outcome out = run(rules);
  if (!out.passed) fail_msg("%u:%u: expected %s, got %s", out.line, out.column, out.expected, out.got);
  assert_int_equal(out.count, 1);
  assert_string_equal(out.expected, "");
  assert_string_equal(out.got, "");
}

static void fails(const char *rules, const char *expected, const char *got)
{
  outcome out = run(rules);
  assert_int_equal(out.count, 1);
  assert_int_equal(out.passed, 0);
  assert_string_equal(out.expected, expected);
  assert_string_equal(out.got, got);
}

#define TEST(body) "  test \"t\" {\n" body "  }\n}\n"

static void an_expected_alert_passes(void **state)
{
  (void)state;
  passes(BRUTE TEST(FAILS GOOD "expect { user: \"ann\", tries: 3 }\n"));
  passes(BRUTE TEST(FAILS GOOD "expect { }\n"));
  passes(BRUTE TEST(FAILS GOOD "expect at 60s { mean: 2 }\n"));
  passes(BRUTE TEST(FAILS GOOD "expect 1 matches\n"));
}

static void a_wrong_value_tells_expected_and_got(void **state)
{
  (void)state;
  fails(BRUTE TEST(FAILS GOOD "expect { user: \"bob\", tries: 3 }\n"), "{user: \"bob\", tries: 3}",
        "at 1m {user: \"ann\", tries: 3, mean: 2}");
  fails(BRUTE TEST(FAILS GOOD "expect { mean: 2.5 }\n"), "{mean: 2.5}",
        "at 1m {user: \"ann\", tries: 3, mean: 2}");
  fails(BRUTE TEST(FAILS GOOD "expect at 61s { tries: 3 }\n"), "at 1m1s {tries: 3}",
        "at 1m {user: \"ann\", tries: 3, mean: 2}");
}

static void an_alert_that_does_not_come_is_told(void **state)
{
  (void)state;
  fails(BRUTE TEST(FAILS "expect { user: \"ann\" }\n"), "{user: \"ann\"}", "no alert");
  fails(BRUTE TEST(FAILS GOOD "expect 2 matches\n"), "2 matches",
        "1 match; at 1m {user: \"ann\", tries: 3, mean: 2}");
  fails(BRUTE TEST("expect 1 matches\n"), "1 match", "0 matches");
}

static void nothing_holds_when_there_is_none(void **state)
{
  (void)state;
  passes(BRUTE TEST(FAILS "expect nothing\n"));
  passes(BRUTE TEST("expect nothing\n"));
  passes(BRUTE TEST(FAILS "expect nothing\n" GOOD "expect { }\n expect nothing\n"));
  fails(BRUTE TEST(FAILS GOOD "expect nothing\n"), "nothing", "at 1m {user: \"ann\", tries: 3, mean: 2}");
}

static void an_alert_left_over_fails(void **state)
{
  (void)state;
  fails(BRUTE TEST(FAILS GOOD), "no further alert", "at 1m {user: \"ann\", tries: 3, mean: 2}");
  fails(BRUTE TEST(FAILS "at 60s Login { user: \"ann\", ok: true }\n expect late 0\n"), "no further alert",
        "at 1m {user: \"ann\", tries: 3, mean: 2}");
}

static void the_place_is_that_of_the_expectation(void **state)
{
  (void)state;
  outcome out = run(BRUTE TEST(FAILS "expect nothing\n  expect { tries: 3 }\n"));
  assert_int_equal(out.passed, 0);
  assert_int_equal(out.line, 9);
  assert_int_equal(out.column, 3);
  assert_string_equal(out.name, "t");
  assert_string_equal(out.detection, "brute");
  out = run(BRUTE TEST(FAILS GOOD));
  assert_int_equal(out.line, 6);
  assert_int_equal(out.column, 8); /* the name of the block */
}

static void lateness_and_idleness_do_not_apply(void **state)
{
  (void)state;
  /* With the 30 s that are declared, the event at 55 s would be on time. */
  passes(BRUTE TEST(FAILS GOOD "at 55s Login { user: \"ann\", ok: false }\n expect late 1\n expect { }\n"));
  fails(BRUTE TEST(FAILS GOOD "expect late 1\n expect { }\n"), "1 late", "0 late");
}

static void a_watermark_decides_absence(void **state)
{
  (void)state;
  const char *absent = "stream Order from stdin format json { time ts  id: string }\n"
                       "stream Ship from stdin format json { time ts  id: string }\n"
                       "detect unshipped by id within 2h {\n"
                       "  match Order as o\n then no Ship\n emit { id: id }\n"
                       "  test \"t\" {\n"
                       "    at 0s Order { id: \"A\" }\n"
                       "    watermark 1h59m\n expect nothing\n"
                       "    watermark 2h1s\n expect at 2h { id: \"A\" }\n"
                       "  }\n}\n";
  passes(absent);
  fails("stream Order from stdin format json { time ts  id: string }\n"
        "stream Ship from stdin format json { time ts  id: string }\n"
        "detect unshipped by id within 2h {\n"
        "  match Order as o\n then no Ship\n emit { id: id }\n"
        "  test \"t\" { at 0s Order { id: \"A\" } at 1h Ship { id: \"A\" } watermark 3h expect { id: \"A\" } "
        "}\n}\n",
        "{id: \"A\"}", "no alert");
}

static void a_timeout_is_expected_as_one(void **state)
{
  (void)state;
#define TIMEOUT                                                                                              \
  LOGIN "detect pair by user within 1m {\n match Login as a where ok\n then Login as b where not ok\n"       \
        " emit { n: b.n }\n on timeout emit { since: a.n }\n"
#define FIRST "at 0s Login { user: \"ann\", ok: true, n: 4 }\n watermark 2m\n"
  passes(TIMEOUT TEST(FIRST "expect timeout { since: 4 }\n"));
  passes(TIMEOUT TEST(FIRST "expect at 1m timeout { since: 4 }\n"));
  fails(TIMEOUT TEST(FIRST "expect timeout { since: 5 }\n"), "timeout {since: 5}",
        "at 1m timeout {since: 4}");
  fails(TIMEOUT TEST(FIRST "expect { n: 4 }\n"), "{n: 4}", "at 1m timeout {since: 4}");
  fails(TIMEOUT TEST(FIRST "expect 1 matches\n"), "1 match", "0 matches");
}

static void inputs_of_one_instant_are_all_heard(void **state)
{
  /* The second stream comes first in the order of inputs, and both events are of one time. */
  (void)state;
#define TWO                                                                                                  \
  "stream A from stdin format json { time ts  k: int }\nstream B from stdin format json { time ts  k: int "  \
  "}\n"
  passes(TWO "detect d by k within 1m { match A as a then B as b emit { k: k }\n"
             "test \"t\" { at 0s A { k: 1 } at 5s B { k: 1 } expect at 5s { k: 1 } } }");
  passes(TWO "detect d by k within 1m { match B as b then A as a emit { k: k }\n"
             "test \"t\" { at 0s B { k: 1 } at 5s A { k: 1 } expect { k: 1 } } }");
  passes(TWO "detect d by k within 1m { match A as a then B as b emit { k: k }\n"
             "test \"t\" { at 5s B { k: 1 } expect nothing at 5s A { k: 1 } expect { k: 1 } } }");
}

static void partitions_are_inputs_of_their_own(void **state)
{
  (void)state;
  passes(BRUTE TEST("at 0s Login { user: \"ann\", ok: false } repeat 3 every 1s partition 3\n"
                    "at 3s Login { user: \"ann\", ok: true } partition 1\n expect { tries: 3 }\n"));
}

static void suppression_works_in_tests(void **state)
{
  (void)state;
  passes(LOGIN
         "detect d by user within 1m { match Login as a where not ok emit { n: a.n } suppress 1h by user\n"
         "test \"t\" { at 0s Login { user: \"ann\", ok: false, n: 1 } expect at 0s { n: 1 }\n"
         "at 10s Login { user: \"ann\", ok: false, n: 2 } expect nothing\n"
         "at 2h Login { user: \"ann\", ok: false, n: 3 } expect { n: 3 } } }");
}

static void a_detection_over_a_detection_is_tested_alone(void **state)
{
  (void)state;
#define OVER                                                                                                 \
  LOGIN "detect low by user within 1m { match Login as a where not ok emit { n: a.n } }\n"                   \
        "detect high by user within 1h { match 2 low as l emit { n: last(l).n }\n"
  passes(OVER "test \"t\" { at 0s low { user: \"ann\", n: 1 } at 10s low { user: \"ann\", n: 2 } expect at "
              "10s { n: 2 } } }");
  passes(OVER "test \"t\" { at 0s Login { user: \"ann\", ok: false, n: 1 } repeat 2 every 10s expect at 10s "
              "{ n: 1 } } }");
}

static void each_test_starts_afresh(void **state)
{
  (void)state;
  outcome out = run(BRUTE "  test \"one\" {\n" FAILS "expect nothing }\n  test \"two\" {\n" GOOD
                          "expect nothing }\n}\n");
  assert_int_equal(out.count, 2);
  assert_int_equal(out.passed, 1);
  assert_string_equal(out.name, "two");
}

static void absolute_times_are_shown_as_such(void **state)
{
  (void)state;
  fails(BRUTE TEST("at \"2015-12-10T07:28:03Z\" Login { user: \"ann\", ok: false } repeat 3 every 1s\n"
                   "at \"2015-12-10T07:28:06Z\" Login { user: \"ann\", ok: true }\n expect nothing\n"),
        "nothing", "at 2015-12-10T07:28:06Z {user: \"ann\", tries: 3, mean: null}");
}

static void several_matches_are_counted_and_taken(void **state)
{
  (void)state;
  passes(LOGIN "detect d by user within 1m { match Login as a where not ok emit { n: a.n }\n"
               "test \"t\" { at 0s Login { user: \"ann\", ok: false } repeat 3 every 1s\n"
               "expect { } expect 2 matches at 9s Login { user: \"ann\", ok: false } expect 1 matches expect "
               "nothing } }");
}

static void no_result_function_is_fine(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, BRUTE TEST(FAILS GOOD));
  uint32_t failed = 0;
  assert_int_equal(cep_program_test(program, NULL, NULL, &failed, NULL), CEP_OK);
  assert_int_equal(failed, 1);
  cep_program_free(program);
  cep_config_free(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_expected_alert_passes),
      cmocka_unit_test(a_wrong_value_tells_expected_and_got),
      cmocka_unit_test(an_alert_that_does_not_come_is_told),
      cmocka_unit_test(nothing_holds_when_there_is_none),
      cmocka_unit_test(an_alert_left_over_fails),
      cmocka_unit_test(the_place_is_that_of_the_expectation),
      cmocka_unit_test(lateness_and_idleness_do_not_apply),
      cmocka_unit_test(a_watermark_decides_absence),
      cmocka_unit_test(a_timeout_is_expected_as_one),
      cmocka_unit_test(inputs_of_one_instant_are_all_heard),
      cmocka_unit_test(partitions_are_inputs_of_their_own),
      cmocka_unit_test(suppression_works_in_tests),
      cmocka_unit_test(a_detection_over_a_detection_is_tested_alone),
      cmocka_unit_test(each_test_starts_afresh),
      cmocka_unit_test(absolute_times_are_shown_as_such),
      cmocka_unit_test(several_matches_are_counted_and_taken),
      cmocka_unit_test(no_result_function_is_fine),
  };
  return cmocka_run_group_tests_name("cep/api_test", tests, NULL, NULL);
}
