/* test_frontier.c - the frontier is the least place still to come, and never goes back. */
#include "cep/base/prng.h"
#include "runtime/frontier.h"
#include "tests/support/test.h"

typedef struct shore {
  rt_input made[8];
  rt_input *inputs[8];
  uint32_t count;
  rt_frontier frontier;
} shore;

static void open_shore(shore *s, uint32_t count, cep_duration lateness)
{
  s->count = count;
  rt_frontier_init(&s->frontier);
  for (uint32_t i = 0; i < count; i++) {
    rt_input_init(&s->made[i], NULL, i, i, 0, lateness);
    s->inputs[i] = &s->made[i];
  }
  rt_frontier_update(&s->frontier, s->inputs, count, PRG_NONE);
}

static void take(shore *s, uint32_t i, cep_time time)
{
  s->made[i].next_position++;
  s->made[i].is_idle = 0;
  rt_input_see(&s->made[i], time);
  rt_frontier_update(&s->frontier, s->inputs, s->count, i);
}

static void one_input_in_order_waits_for_nothing(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 1, 0);
  take(&s, 0, 10);
  rt_triple event = {10, s.made[0].order, 0}, next = {10, s.made[0].order, 1};
  assert_true(rt_frontier_passed(&s.frontier, &event));
  assert_false(rt_frontier_passed(&s.frontier, &next));
  assert_int_equal(s.frontier.held_by, 0);
}

static void the_slowest_input_holds_it(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 3, 0);
  take(&s, 0, 10);
  assert_int_equal(s.frontier.at.time, CEP_TIME_MIN);
  take(&s, 1, 20);
  take(&s, 2, 5);
  assert_int_equal(s.frontier.at.time, 5);
  assert_int_equal(s.frontier.held_by, 2);
  take(&s, 2, 30);
  assert_int_equal(s.frontier.at.time, 10);
  assert_int_equal(s.frontier.held_by, 0);
}

/* With equal times the input decides, so that a tie never depends on which was read first. */
static void a_tie_is_decided_by_the_input(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 2, 0);
  take(&s, 0, 10);
  take(&s, 1, 10);
  rt_triple a = {10, s.made[0].order, 0}, b = {10, s.made[1].order, 0};
  assert_true(rt_frontier_passed(&s.frontier, &a));
  assert_false(rt_frontier_passed(&s.frontier, &b)); /* another at 10 may come in input 0 */
  take(&s, 0, 11);
  assert_true(rt_frontier_passed(&s.frontier, &b));
}

static void an_idle_input_holds_nothing_back_and_waking_takes_nothing_back(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 2, 0);
  take(&s, 0, 10);
  s.made[1].is_idle = 1;
  rt_frontier_update(&s.frontier, s.inputs, s.count, PRG_NONE);
  assert_int_equal(s.frontier.at.time, 10);
  take(&s, 1, 3);
  assert_int_equal(s.frontier.at.time, 10);
  assert_int_equal(s.frontier.held_by, 1);
  take(&s, 0, 20);
  assert_int_equal(s.frontier.at.time, 10);
  take(&s, 1, 15);
  assert_int_equal(s.frontier.at.time, 15);
}

static void when_all_are_idle_the_furthest_counts(void **state)
{
  (void)state;
  for (int order = 0; order < 2; order++) {
    shore s;
    open_shore(&s, 2, 0);
    take(&s, 0, 10);
    take(&s, 1, 50);
    for (int i = 0; i < 2; i++) {
      s.made[i == order].is_idle = 1;
      rt_frontier_update(&s.frontier, s.inputs, s.count, PRG_NONE);
    }
    assert_int_equal(s.frontier.at.time, 50);
    assert_int_equal(s.frontier.held_by, PRG_NONE);
    assert_false(s.frontier.is_end);
  }
}

static void what_an_ended_input_delivered_does_not_wait_for_idle_ones(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 2, 30);
  take(&s, 0, 100);
  take(&s, 1, 10);
  s.made[1].is_idle = 1;
  s.made[0].is_ended = 1;
  rt_frontier_update(&s.frontier, s.inputs, s.count, PRG_NONE);
  rt_triple last = {100, s.made[0].order, 0};
  assert_true(rt_frontier_passed(&s.frontier, &last));
  assert_false(s.frontier.is_end);
}

static void all_ended_is_the_end_of_time(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 2, 30);
  s.made[0].is_ended = 1;
  rt_frontier_update(&s.frontier, s.inputs, s.count, PRG_NONE);
  assert_false(s.frontier.is_end);
  s.made[1].is_ended = 1;
  rt_frontier_update(&s.frontier, s.inputs, s.count, PRG_NONE);
  assert_true(s.frontier.is_end);
  assert_true(rt_frontier_is_beyond(&s.frontier, CEP_TIME_MAX));
}

static void no_input_is_the_start_of_time(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 0, 0);
  assert_int_equal(s.frontier.at.time, CEP_TIME_MIN);
  assert_false(s.frontier.is_end);
}

static void a_deadline_is_reached_at_its_instant_and_an_instant_is_over_after_it(void **state)
{
  (void)state;
  shore s;
  open_shore(&s, 1, 0);
  take(&s, 0, 10);
  assert_true(rt_frontier_reached(&s.frontier, 10));
  assert_false(rt_frontier_is_beyond(&s.frontier, 10));
  assert_true(rt_frontier_is_beyond(&s.frontier, 9));
}

/* The short cut for one input that moved must give what a look at all of them gives. */
static void moving_one_input_gives_the_same_as_looking_at_all(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 11);
  for (int run = 0; run < 200; run++) {
    shore s;
    open_shore(&s, 5, cb_prng_below(&prng, 5));
    rt_frontier all = s.frontier;
    for (int step = 0; step < 100; step++) {
      uint32_t i = cb_prng_below(&prng, 5);
      uint32_t moved = i;
      uint32_t what = cb_prng_below(&prng, 20);
      if (what == 0) {
        s.made[i].is_idle = 1;
        moved = PRG_NONE;
      } else if (what == 1) {
        s.made[i].is_ended = step > 90;
        moved = PRG_NONE;
      } else if (!s.made[i].is_ended) {
        s.made[i].is_idle = 0;
        s.made[i].next_position++;
        rt_input_see(&s.made[i], step + (cep_time)cb_prng_below(&prng, 10));
      }
      rt_triple before = s.frontier.at;
      rt_frontier_update(&s.frontier, s.inputs, s.count, moved);
      rt_frontier_update(&all, s.inputs, s.count, PRG_NONE);
      assert_memory_equal(&s.frontier.at, &all.at, sizeof all.at);
      assert_int_equal(s.frontier.held_by, all.held_by);
      assert_true(rt_triple_compare(&before, &s.frontier.at) <= 0);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_input_in_order_waits_for_nothing),
      cmocka_unit_test(the_slowest_input_holds_it),
      cmocka_unit_test(a_tie_is_decided_by_the_input),
      cmocka_unit_test(an_idle_input_holds_nothing_back_and_waking_takes_nothing_back),
      cmocka_unit_test(when_all_are_idle_the_furthest_counts),
      cmocka_unit_test(what_an_ended_input_delivered_does_not_wait_for_idle_ones),
      cmocka_unit_test(all_ended_is_the_end_of_time),
      cmocka_unit_test(no_input_is_the_start_of_time),
      cmocka_unit_test(a_deadline_is_reached_at_its_instant_and_an_instant_is_over_after_it),
      cmocka_unit_test(moving_one_input_gives_the_same_as_looking_at_all)};
  return cmocka_run_group_tests_name("runtime/frontier", tests, NULL, NULL);
}
