/* test_ring.c - what goes in comes out in its order, and no more than there is room for. */
#include "runtime/ring.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

static void a_full_ring_refuses_and_an_empty_one_gives_nothing(void **state)
{
  (void)state;
  fault_alloc fault;
  cb_alloc alloc;
  rt_ring ring;
  int items[5];
  fault_alloc_init(&fault);
  cb_alloc_init(&alloc, &fault.hook, 0);
  assert_int_equal(rt_ring_init(&ring, &alloc, 4), CEP_OK);
  for (int round = 0; round < 3; round++) { /* the places are used again */
    assert_null(rt_ring_take(&ring));
    assert_null(rt_ring_peek(&ring));
    for (int i = 0; i < 4; i++) {
      assert_false(rt_ring_is_full(&ring));
      assert_true(rt_ring_put(&ring, &items[i]));
    }
    assert_true(rt_ring_is_full(&ring));
    assert_false(rt_ring_put(&ring, &items[4]));
    for (int i = 0; i < 4; i++) {
      assert_ptr_equal(rt_ring_peek(&ring), &items[i]);
      assert_ptr_equal(rt_ring_take(&ring), &items[i]);
    }
  }
  rt_ring_fini(&ring, &alloc);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

static void numbers_that_wrap_do_not_matter(void **state)
{
  (void)state;
  cb_alloc alloc;
  rt_ring ring;
  int item;
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(rt_ring_init(&ring, &alloc, 2), CEP_OK);
  atomic_store(&ring.first, UINT32_MAX);
  atomic_store(&ring.end, UINT32_MAX);
  for (int i = 0; i < 5; i++) {
    assert_true(rt_ring_put(&ring, &item));
    assert_true(rt_ring_put(&ring, &item));
    assert_false(rt_ring_put(&ring, &item));
    assert_ptr_equal(rt_ring_take(&ring), &item);
    assert_ptr_equal(rt_ring_take(&ring), &item);
    assert_null(rt_ring_take(&ring));
  }
  rt_ring_fini(&ring, &alloc);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_full_ring_refuses_and_an_empty_one_gives_nothing),
      cmocka_unit_test(numbers_that_wrap_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
