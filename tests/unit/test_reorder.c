/* test_reorder.c - held events come out by (time, input, position, stream), however they came. */
#include "cep/base/prng.h"
#include "runtime/reorder.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

typedef struct bench {
  fault_alloc fault;
  cb_alloc alloc;
  rt_reorder reorder;
  cb_prng prng;
} bench;

static void open_bench(bench *b, uint64_t seed)
{
  fault_alloc_init(&b->fault);
  cb_alloc_init(&b->alloc, &b->fault.hook, 0);
  rt_reorder_init(&b->reorder, &b->alloc);
  cb_prng_init(&b->prng, seed);
}

static void close_bench(bench *b)
{
  rt_reorder_fini(&b->reorder);
  assert_int_equal(fault_alloc_fini(&b->fault), 0);
}

static void events_come_out_in_the_one_order(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, 5);
  for (uint32_t i = 0; i < 5000; i++) {
    rt_held held = {{cb_prng_below(&b.prng, 40), cb_prng_below(&b.prng, 3), cb_prng_below(&b.prng, 50)},
                    .stream = cb_prng_below(&b.prng, 3),
                    .cell = i + 1};
    assert_true(rt_reorder_add(&b.reorder, &held));
  }
  rt_held last = rt_reorder_take(&b.reorder);
  for (uint32_t i = 1; i < 5000; i++) {
    rt_triple first = rt_reorder_first(&b.reorder)->at;
    rt_held held = rt_reorder_take(&b.reorder);
    assert_memory_equal(&first, &held.at, sizeof first);
    assert_true(rt_held_compare(&last.at, last.stream, &held.at, held.stream) <= 0);
    last = held;
  }
  assert_null(rt_reorder_first(&b.reorder));
  close_bench(&b);
}

/* As they mostly come: rising, but for some; and some go while others come. */
static void a_line_with_gaps_comes_out_in_order(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, 6);
  cep_time passed = 0;
  for (uint32_t i = 0; i < 5000; i++) {
    cep_time late = cb_prng_below(&b.prng, 20) == 0 ? (cep_time)cb_prng_below(&b.prng, 300) : 0;
    rt_held held = {.at = {2 * i + 1000 - late, 0, i}, .cell = i + 1};
    assert_true(rt_reorder_add(&b.reorder, &held));
    while (rt_reorder_first(&b.reorder) && rt_reorder_first(&b.reorder)->at.time < 2 * i + 700) {
      held = rt_reorder_take(&b.reorder);
      assert_true(held.at.time >= passed);
      passed = held.at.time;
    }
  }
  assert_true(rt_reorder_count(&b.reorder) >= 100);
  assert_true(b.reorder.heap.count < 50);
  while (rt_reorder_first(&b.reorder)) {
    rt_held held = rt_reorder_take(&b.reorder);
    assert_true(held.at.time >= passed);
    passed = held.at.time;
  }
  close_bench(&b);
}

static void position_and_stream_break_ties(void **state)
{
  (void)state;
  rt_triple a = {1, 1, 1}, b = {1, 1, 2}, c = {1, 2, 0}, d = {2, 0, 0};
  assert_true(rt_held_compare(&a, 9, &b, 0) < 0);
  assert_true(rt_held_compare(&b, 0, &c, 0) < 0);
  assert_true(rt_held_compare(&c, 0, &d, 0) < 0);
  assert_true(rt_held_compare(&a, 0, &a, 1) < 0);
  assert_int_equal(rt_held_compare(&a, 1, &a, 1), 0);
}

static void a_refused_event_is_not_held(void **state)
{
  (void)state;
  fault_alloc fault;
  cb_alloc alloc;
  rt_reorder reorder;
  rt_held held = {.at = {1, 0, 0}, .cell = 1};
  fault_alloc_init(&fault);
  cb_alloc_init(&alloc, &fault.hook, 0);
  rt_reorder_init(&reorder, &alloc);
  fault.fail_at = 0;
  assert_false(rt_reorder_add(&reorder, &held));
  assert_null(rt_reorder_first(&reorder));
  rt_reorder_fini(&reorder);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(events_come_out_in_the_one_order),
                                     cmocka_unit_test(a_line_with_gaps_comes_out_in_order),
                                     cmocka_unit_test(position_and_stream_break_ties),
                                     cmocka_unit_test(a_refused_event_is_not_held)};
  return cmocka_run_group_tests_name("runtime/reorder", tests, NULL, NULL);
}
