/* test_vec.c - growth, refusal, overflow. */
#include "cep/base/vec.h"

#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

typedef CB_VEC(uint64_t) numbers;

/* Items would be lost when the array moves. */
static void pushed_items_stay(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  fault.moving = 1;
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  numbers v = {0};
  for (uint64_t i = 0; i < 10000; i++) assert_int_equal(cb_vec_push(&alloc, &v, i * i), 1);
  assert_int_equal(v.count, 10000);
  for (uint64_t i = 0; i < 10000; i++) assert_int_equal(v.at[i], i * i);
  assert_true(fault.calls < 20); /* doubling, not one by one */
  cb_vec_free(&alloc, &v);
  assert_null(v.at);
  assert_int_equal(v.count, 0);
  cb_vec_free(&alloc, &v);
  assert_int_equal(alloc.bytes_in_use, 0);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* A refused push would break the array. */
static void a_refused_push_changes_nothing(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 8 * sizeof(uint64_t));
  numbers v = {0};
  for (uint64_t i = 0; i < 8; i++) assert_int_equal(cb_vec_push(&alloc, &v, i), 1);
  assert_int_equal(cb_vec_push(&alloc, &v, 8), 0);
  assert_int_equal(v.count, 8);
  assert_int_equal(v.capacity, 8);
  assert_int_equal(v.at[7], 7);
  cb_vec_free(&alloc, &v);
}

/* A hostile count would make a small array with a big capacity. */
static void counts_that_overflow_are_refused(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 1 << 20);
  numbers v = {0};
  assert_int_equal(cb_vec_push(&alloc, &v, 1), 1);
  assert_int_equal(cb_vec_reserve(&alloc, &v, UINT32_MAX), 0);
  assert_int_equal(cb_vec_reserve(&alloc, &v, UINT32_MAX - 1), 0);
  assert_int_equal(cb_vec_reserve(&alloc, &v, 1000), 1);
  assert_true(v.capacity >= 1001);
  assert_int_equal(v.at[0], 1);
  cb_vec_free(&alloc, &v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pushed_items_stay),
      cmocka_unit_test(a_refused_push_changes_nothing),
      cmocka_unit_test(counts_that_overflow_are_refused),
  };
  return cmocka_run_group_tests_name("base/vec", tests, NULL, NULL);
}
