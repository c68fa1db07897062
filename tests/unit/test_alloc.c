/* test_alloc.c - counting and the limit of bytes. */
#include "cep/base/budget.h"

#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

/* Memory would be lost or counted twice. */
static void bytes_in_use_follow_every_call(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  void *a = cb_new(&alloc, 100);
  void *b = cb_new0(&alloc, 50);
  assert_int_equal(alloc.bytes_in_use, 150);
  for (int i = 0; i < 50; i++) assert_int_equal(((char *)b)[i], 0);
  a = cb_resize(&alloc, a, 100, 300);
  b = cb_resize(&alloc, b, 50, 10);
  assert_int_equal(alloc.bytes_in_use, 310);
  assert_int_equal(fault.live_bytes, 310);
  cb_free(&alloc, a, 300);
  cb_free(&alloc, b, 10);
  cb_free(&alloc, NULL, 12);
  assert_int_equal(alloc.bytes_in_use, 0);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* "memory.max" would not hold, or would refuse what fits exactly. */
static void the_limit_is_exact(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 100);
  void *a = cb_new(&alloc, 60);
  assert_non_null(a);
  assert_null(cb_new(&alloc, 41));
  assert_null(cb_new(&alloc, SIZE_MAX));
  assert_null(cb_resize(&alloc, a, 60, 101));
  assert_null(cb_resize(&alloc, a, 60, SIZE_MAX));
  assert_int_equal(alloc.bytes_in_use, 60);
  a = cb_resize(&alloc, a, 60, 100);
  assert_non_null(a);
  assert_null(cb_new(&alloc, 1));
  a = cb_resize(&alloc, a, 100, 20); /* smaller is always possible */
  assert_non_null(a);
  void *b = cb_new(&alloc, 80);
  assert_non_null(b);
  cb_free(&alloc, a, 20);
  cb_free(&alloc, b, 80);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* An empty block would be a free in disguise. */
static void a_block_of_no_bytes_is_a_block(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  void *a = cb_new(&alloc, 0);
  assert_non_null(a);
  a = cb_resize(&alloc, a, 0, 8);
  assert_non_null(a);
  cb_free(&alloc, a, 8);
  void *b = cb_new0(&alloc, 0);
  cb_free(&alloc, b, 0);
  assert_int_equal(alloc.bytes_in_use, 0);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* A refused resize would lose the block. */
static void a_refused_resize_leaves_the_block(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  char *a = cb_new(&alloc, 4);
  memcpy(a, "abc", 4);
  fault.fail_at = fault.calls;
  assert_null(cb_resize(&alloc, a, 4, 400));
  assert_string_equal(a, "abc");
  assert_int_equal(alloc.bytes_in_use, 4);
  cb_free(&alloc, a, 4);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* Each of several would hold as much as all may. */
static void a_budget_bounds_the_sum(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  cb_budget budget;
  cb_alloc one, two;
  cb_budget_init(&budget, 100);
  cb_alloc_init(&one, &fault.hook, 0);
  cb_alloc_init(&two, &fault.hook, 0);
  void *a = cb_new(&one, 30); /* counts, though it was there before */
  cb_alloc_share(&one, &budget);
  cb_alloc_share(&two, &budget);
  assert_int_equal(cb_budget_in_use(&budget), 30);
  void *b = cb_new(&two, 70);
  assert_non_null(b);
  assert_null(cb_new(&one, 1));
  assert_null(cb_new(&two, SIZE_MAX));
  assert_null(cb_resize(&two, b, 70, 71));
  assert_int_equal(cb_budget_in_use(&budget), 100);
  b = cb_resize(&two, b, 70, 10);
  a = cb_resize(&one, a, 30, 90);
  assert_non_null(a);
  assert_int_equal(cb_budget_in_use(&budget), 100);
  cb_free(&one, a, 90);
  fault.fail_at = fault.calls;
  assert_null(cb_new(&two, 5));
  assert_int_equal(cb_budget_in_use(&budget), 10);
  cb_free(&two, b, 10);
  assert_int_equal(cb_budget_in_use(&budget), 0);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_in_use_follow_every_call),
      cmocka_unit_test(the_limit_is_exact),
      cmocka_unit_test(a_block_of_no_bytes_is_a_block),
      cmocka_unit_test(a_refused_resize_leaves_the_block),
      cmocka_unit_test(a_budget_bounds_the_sum),
  };
  return cmocka_run_group_tests_name("base/alloc", tests, NULL, NULL);
}
