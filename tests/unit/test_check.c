/* test_check.c - conditions as written and as the plan has them: kinds, conversions, nulls. */
#include "tests/support/test.h"

#include <stdio.h>

#include "patterns/plan.h"

static const char streams[] =
  "stream E { time ts  i: int  f: float  s: string  b: bool  d: duration  a: ip  n: int?  t: time }\n";

/* The `where` of the last step of a detection, as plan_print has it. */
static void check_where(const char *steps, const char *where, const char *expected)
{
  char text[2048], line[512];
  cb_alloc alloc;
  cb_arena arena;
  cb_writer writer;
  plan *made = NULL;
  cep_error err;
  snprintf(text, sizeof text, "%sdetect found within 1m { match %s E as last_one where %s }", streams, steps, where);
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  cb_writer_init(&writer, &alloc);
  cep_status status = plan_compile(&arena, "test", text, strlen(text), NULL, NULL, &made, &err);
  if (status != CEP_OK) print_error("%s\n%s\n", where, err.text);
  assert_int_equal(status, CEP_OK);
  assert_int_equal(plan_print(&writer, made), CEP_OK);
  cb_write_u8(&writer, 0);
  const char *at = (const char *)writer.data, *found = NULL;
  for (at = strstr(at, "\n    where "); at; at = strstr(at + 1, "\n    where ")) found = at + 11;
  assert_non_null(found);
  snprintf(line, sizeof line, "%.*s", (int)strcspn(found, "\n"), found);
  assert_string_equal(line, expected);
  cb_writer_fini(&writer);
  cb_arena_fini(&arena);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* Values of different kinds would meet at run time. */
static void ints_and_floats_meet_as_floats(void **state)
{
  (void)state;
  check_where("", "i == f", "(float(i) == f)");
  check_where("", "f > 2", "(f > 2)");
  check_where("", "i > 2.5", "(float(i) > 2.5)");
  check_where("", "i in (1, 2)", "i in (1, 2)");
  check_where("", "i in (1, 2.5)", "float(i) in (1, 2.5)");
  check_where("", "i / 2 > 1", "((float(i) / 2) > 1)");
  check_where("", "i div 2 % 3 == 1", "(((i div 2) % 3) == 1)");
  check_where("", "coalesce(n, 1.5) == 2", "(coalesce(float(n), 1.5) == 2)");
}

/* An address or time in quotes would be compared as a text. */
static void texts_become_addresses_times_and_durations(void **state)
{
  (void)state;
  check_where("", "a == \"10.0.0.7\"", "(a == \"10.0.0.7\")");
  check_where("", "\"1970-01-01T00:00:01Z\" < t", "(\"1970-01-01T00:00:01Z\" < t)");
  check_where("", "d > \"90s\"", "(d > 1m30s)");
  check_where("", "a in (\"10.0.0.1\", \"::1\")", "a in (\"10.0.0.1\", \"::1\")");
}

/* A difference of times would not be a duration. */
static void times_and_durations_compute(void **state)
{
  (void)state;
  check_where("E as x then", "ts - x.ts > 30s", "((ts - x.ts) > 30s)");
  check_where("", "30s + t < ts + d * 2", "((t + 30s) < (ts + (d * 2)))");
  check_where("", "2 * d / 4 == d", "(((d * 2) / 4) == d)");
  check_where("", "d / 1m > 0.5", "((d / 1m) > 0.5)");
  check_where("", "-d < -(1m)", "(-(d) < -1m)");
}

/* Constants would be computed for every event. */
static void constants_are_folded(void **state)
{
  (void)state;
  check_where("", "i == 2 + 3 * -4", "(i == -10)");
  check_where("", "i == -9223372036854775808", "(i == -9223372036854775808)");
  check_where("", "f == 1 / 4", "(f == 0.25)");
  check_where("", "d == 2 * 1h30m", "(d == 3h)");
  check_where("", "b and 1 < 2", "(b and true)");
}

/* An operator would be another one than written. */
static void operators_are_what_they_say(void **state)
{
  (void)state;
  check_where("", "i not between 1 and 5", "not (((i >= 1) and (i <= 5)))");
  check_where("", "s not like \"a%\" and s !~ r\"\\d\"", "(not ((s like \"a%\")) and not ((s ~ \"\\\\d\")))");
  check_where("", "s starts with \"a\" or s iends with s", "((s starts with \"a\") or (s iends with s))");
  check_where("", "n is not null or not b", "(not (n is null) or not (b))");
  check_where("", "a not in cidr \"10.0.0.0/8\"", "not (a in cidr (\"10.0.0.0/8\"))");
  check_where("", "length(concat(lower(s), upper(s), \"x\")) > abs(-3)", "(length(concat(lower(s), upper(s), \"x\")) > abs(-3))");
}

/* A captured event would be another one than named. */
static void captures_are_found_by_step_and_place(void **state)
{
  (void)state;
  check_where("E as x then", "i == x.i", "(i == x.i)");
  check_where("2+ E as x then", "i == last(x).i and i == last(x.i)", "((i == x[-1].i) and (i == x[-1].i))");
  check_where("2+ E as x then", "i == first(x).i or i == x[1].i or i == x[-2].i", "((i == x[0].i) or (i == x[1].i) or (i == x[-2].i))");
  check_where("2+ E as x then", "count(x) + count(x.n) > count(where x.b and x.i > 1)", "((count(x) + count(x: n)) > count(x where (b and (i > 1))))");
  check_where("2+ E as x then", "sum(x.i * x.f) > avg(x.i) and max(x.ts) < min(x.t)", "((sum(x: (float(i) * f)) > avg(x: i)) and (max(x: ts) < min(x: t)))");
  check_where("E as x then optional E as y then", "i > prev(i, -1)", "(i > prev(y.i | x.i, -1))");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(ints_and_floats_meet_as_floats),
    cmocka_unit_test(texts_become_addresses_times_and_durations),
    cmocka_unit_test(times_and_durations_compute),
    cmocka_unit_test(constants_are_folded),
    cmocka_unit_test(operators_are_what_they_say),
    cmocka_unit_test(captures_are_found_by_step_and_place),
  };
  return cmocka_run_group_tests_name("patterns/check", tests, NULL, NULL);
}
