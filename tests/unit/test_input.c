/* test_input.c - the watermark of one input moves as promised; positions rise. */
#include "runtime/input.h"
#include "tests/support/test.h"

static rt_input fresh(cep_duration lateness)
{
  rt_input input;
  rt_input_init(&input, NULL, 0, 2, 3, lateness);
  return input;
}

static void nothing_seen_promises_nothing(void **state)
{
  (void)state;
  rt_input input = fresh(30);
  assert_int_equal(rt_input_watermark(&input), CEP_TIME_MIN);
}

static void the_watermark_is_the_newest_time_less_the_lateness(void **state)
{
  (void)state;
  rt_input input = fresh(30);
  rt_input_see(&input, 100);
  assert_int_equal(rt_input_watermark(&input), 70);
  rt_input_see(&input, 90);
  assert_int_equal(rt_input_watermark(&input), 70);
  rt_input_see(&input, 101);
  assert_int_equal(rt_input_watermark(&input), 71);
}

static void an_advance_only_raises_the_watermark(void **state)
{
  (void)state;
  rt_input input = fresh(30);
  rt_input_see(&input, 100);
  input.advanced = 60;
  assert_int_equal(rt_input_watermark(&input), 70);
  input.advanced = 80;
  assert_int_equal(rt_input_watermark(&input), 80);
  rt_input_see(&input, 120);
  assert_int_equal(rt_input_watermark(&input), 90);
}

static void times_at_the_ends_saturate(void **state)
{
  (void)state;
  rt_input input = fresh(INT64_MAX);
  rt_input_see(&input, CEP_TIME_MIN + 5);
  assert_int_equal(rt_input_watermark(&input), CEP_TIME_MIN);
  rt_input_see(&input, CEP_TIME_MAX);
  assert_int_equal(rt_input_watermark(&input), 0);
}

static void inputs_are_ordered_by_declaration_then_partition(void **state)
{
  (void)state;
  rt_input a, b, c;
  rt_input_init(&a, NULL, 2, 0, 7, 0);
  rt_input_init(&b, NULL, 1, 1, 0, 0);
  rt_input_init(&c, NULL, 0, 1, 1, 0);
  assert_true(a.order < b.order);
  assert_true(b.order < c.order);
}

static void positions_rise_and_are_counted_if_not_given(void **state)
{
  (void)state;
  rt_input input = fresh(0);
  uint64_t position;
  assert_true(rt_input_position(&input, CEP_POSITION_NEXT, &position));
  assert_int_equal(position, 0);
  assert_true(rt_input_position(&input, 500, &position));
  assert_int_equal(position, 500);
  input.next_position = 501;
  assert_false(rt_input_position(&input, 500, &position));
  assert_true(rt_input_position(&input, 501, &position));
  assert_true(rt_input_position(&input, CEP_POSITION_NEXT, &position));
  assert_int_equal(position, 501);
  input.next_position = CEP_POSITION_NEXT;
  assert_false(rt_input_position(&input, CEP_POSITION_NEXT, &position));
}

static void the_reach_of_an_input_is_behind_all_that_came(void **state)
{
  (void)state;
  rt_input input = fresh(30);
  rt_input_see(&input, 100);
  input.next_position = 9;
  rt_triple next = rt_input_next(&input), reach = rt_input_reach(&input);
  rt_triple newest = {100, input.order, 8};
  assert_true(rt_triple_compare(&next, &newest) < 0);
  assert_true(rt_triple_compare(&newest, &reach) < 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_seen_promises_nothing),
                                     cmocka_unit_test(the_watermark_is_the_newest_time_less_the_lateness),
                                     cmocka_unit_test(an_advance_only_raises_the_watermark),
                                     cmocka_unit_test(times_at_the_ends_saturate),
                                     cmocka_unit_test(inputs_are_ordered_by_declaration_then_partition),
                                     cmocka_unit_test(positions_rise_and_are_counted_if_not_given),
                                     cmocka_unit_test(the_reach_of_an_input_is_behind_all_that_came)};
  return cmocka_run_group_tests_name("runtime/input", tests, NULL, NULL);
}
