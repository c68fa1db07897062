/* test_regex_check.c - regular expressions of rules: whether they compile, and their groups. */
#include "tests/support/test.h"

#include "patterns/regex_check.h"

static int check(const char *pattern, char why[128], size_t *at)
{
  return pat_regex_check(pattern, strlen(pattern), why, 128, at);
}

/* A rule with a broken expression would be found out only when the first record comes. */
static void wrong_expressions_have_a_reason_and_a_place(void **state)
{
  (void)state;
  char why[128];
  size_t at;
  assert_true(check("^a(?<x>b+)\\d{2,}$", why, &at));
  assert_true(check("\\p{L}+é", why, &at));
  assert_false(check("a(b", why, &at));
  assert_int_equal(at, 3);
  assert_true(strlen(why) > 0);
  assert_false(check("a**{2}+[", why, &at));
}

/* Deep parentheses would run the stack down inside PCRE2. */
static void parentheses_have_a_limit(void **state)
{
  (void)state;
  char pattern[2048] = "", why[128];
  size_t at;
  memset(pattern, '(', 1000);
  memset(pattern + 1000, ')', 1000);
  assert_false(check(pattern, why, &at));
  assert_true(check("((((((((((a))))))))))", why, &at));
}

/* A field would be declared that no group ever fills. */
static void groups_are_known_by_name(void **state)
{
  (void)state;
  static const char pattern[] = "(?<user>\\S+) from (?P<ip>\\S+)|(?'port'\\d+)";
  assert_true(pat_regex_has_group(pattern, sizeof pattern - 1, "user"));
  assert_true(pat_regex_has_group(pattern, sizeof pattern - 1, "ip"));
  assert_true(pat_regex_has_group(pattern, sizeof pattern - 1, "port"));
  assert_false(pat_regex_has_group(pattern, sizeof pattern - 1, "use"));
  static const char twice[] = "(?J)(?<n>a)|(?<n>b)";
  assert_true(pat_regex_has_group(twice, sizeof twice - 1, "n"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(wrong_expressions_have_a_reason_and_a_place),
    cmocka_unit_test(parentheses_have_a_limit),
    cmocka_unit_test(groups_are_known_by_name),
  };
  return cmocka_run_group_tests_name("patterns/regex_check", tests, NULL, NULL);
}
