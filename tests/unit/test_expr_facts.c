/* test_expr_facts.c - conditions that can never be true are found, and no others. */
#include "tests/support/test.h"

#include <stdio.h>

#include "patterns/plan.h"

static void keep_code(void *ctx, const cep_error *diagnostic)
{
  *(uint32_t *)ctx = diagnostic->code;
}

/* The last diagnostic that a first step with this condition gets; 0: none. */
static uint32_t said_of(const char *where)
{
  char text[1024];
  cb_alloc alloc;
  cb_arena arena;
  plan *made = NULL;
  uint32_t code = 0;
  snprintf(text, sizeof text,
           "stream E { time ts  i: int  f: float  s: string  b: bool  n: int? }\n"
           "detect d within 1m { match 2+ E as a where %s then E as c }",
           where);
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  assert_int_equal(plan_compile(&arena, "test", text, strlen(text), keep_code, &code, &made, NULL), CEP_OK);
  cb_arena_fini(&arena);
  return code;
}

/* A rule that cannot fire would sit in production in silence. */
static void contradictions_are_found(void **state)
{
  (void)state;
  static const char *const never[] = {
    "i > 5 and i < 3",           "i == 1 and i == 2",      "f >= 2.5 and 2 > f",         "s == \"a\" and s == \"b\"",
    "i > 5 and b and (i < 5)",   "i == 1 and i != 1",      "false",                      "not true",
    "i > 5 and (b and b and i <= 5 and i > 6 and i < 2)", "b and false", "false or not true", "i between 5 and 3",
  };
  for (size_t i = 0; i < sizeof never / sizeof *never; i++) assert_int_equal(said_of(never[i]), 522);
}

/* A good rule would be called useless. */
static void what_can_be_true_is_left_in_peace(void **state)
{
  (void)state;
  static const char *const can[] = {
    "i > 3 and i < 5",   "i >= 5 and i <= 5", "i > 5 or i < 3",          "i > 5 and n < 3",        "s > \"a\" and s < \"b\"",
    "not (i > 5) and i < 3", "n is null",     "n is null and n is null", "i == 1 and i >= 1",      "coalesce(n, 1) == 1",
    "i > 5 and not (i < 3)", "i != 1 and i != 2", "true",
  };
  for (size_t i = 0; i < sizeof can / sizeof *can; i++) assert_int_equal(said_of(can[i]), 0);
}

/* A loop whose first event needs one before it would never begin, and nobody would know why. */
static void what_needs_an_event_before_the_first_is_found(void **state)
{
  (void)state;
  static const char *const never[] = {"i > prev(i)", "not (i > prev(i))", "b and i == prev(i) + 1", "i > last(a).i", "i > sum(a.i) and i > prev(i)"};
  static const char *const can[] = {"i > prev(i, 0)", "prev(i) is null or i > prev(i)", "i > coalesce(prev(i), 0)", "b or i > prev(i)", "i > count(a)", "i > coalesce(last(a).i, 0)"};
  for (size_t i = 0; i < sizeof never / sizeof *never; i++) assert_int_equal(said_of(never[i]), 523);
  for (size_t i = 0; i < sizeof can / sizeof *can; i++) assert_int_equal(said_of(can[i]), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(contradictions_are_found),
    cmocka_unit_test(what_can_be_true_is_left_in_peace),
    cmocka_unit_test(what_needs_an_event_before_the_first_is_found),
  };
  return cmocka_run_group_tests_name("patterns/expr_facts", tests, NULL, NULL);
}
