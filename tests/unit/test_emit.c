/* test_emit.c - alerts that wait: first in first out, and in order of time when that is asked for. */
#include "runtime/emit.h"
#include "tests/support/test.h"

#define MANY 100u

static void fill(rt_emit *emit, rt_alert *alerts, const cep_time *times, uint32_t count)
{
  rt_emit_init(emit, NULL, NULL, NULL, NULL);
  for (uint32_t i = 0; i < count; i++) {
    alerts[i] = (rt_alert){.time = times[i], .sequence = i};
    rt_emit_add(emit, &alerts[i]);
  }
}

/* In order of time, of one time as they came; and the end of the list is its last. */
static uint32_t check_order(const rt_emit *emit)
{
  uint32_t count = 0;
  for (const rt_alert *at = emit->first; at; at = at->next) {
    count++;
    if (!at->next) {
      assert_ptr_equal(emit->last, at);
      continue;
    }
    assert_true(at->time <= at->next->time);
    if (at->time == at->next->time) assert_true(at->sequence < at->next->sequence);
  }
  return count;
}

static void sorting_nothing_leaves_nothing(void **state)
{
  (void)state;
  rt_emit emit;
  fill(&emit, NULL, NULL, 0);
  rt_emit_sort(&emit);
  assert_null(emit.first);
  assert_null(emit.last);
}

static void alerts_of_one_time_keep_their_order(void **state)
{
  (void)state;
  rt_emit emit;
  rt_alert alerts[MANY];
  cep_time times[MANY];
  for (uint32_t count = 1; count <= MANY; count++) {
    for (uint32_t i = 0; i < count; i++) times[i] = (cep_time)(i * 7919u % 13u);
    fill(&emit, alerts, times, count);
    rt_emit_sort(&emit);
    assert_int_equal(check_order(&emit), count);
  }
}

static void what_is_added_behind_a_sort_comes_last(void **state)
{
  (void)state;
  rt_emit emit;
  rt_alert alerts[4];
  const cep_time times[] = {3, 1, 2};
  fill(&emit, alerts, times, 3);
  rt_emit_sort(&emit);
  alerts[3] = (rt_alert){.time = 9, .sequence = 3};
  rt_emit_add(&emit, &alerts[3]);
  assert_int_equal(check_order(&emit), 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sorting_nothing_leaves_nothing),
      cmocka_unit_test(alerts_of_one_time_keep_their_order),
      cmocka_unit_test(what_is_added_behind_a_sort_comes_last),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
