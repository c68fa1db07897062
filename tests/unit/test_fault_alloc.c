/* test_fault_alloc.c - the failing allocator must itself be right. */
#include "tests/support/fault_alloc.h"

#include "tests/support/test.h"

static void *take(fault_alloc *fault, size_t size)
{
  return fault->hook.resize(fault->hook.ctx, NULL, 0, size);
}

static void give(fault_alloc *fault, void *at, size_t size)
{
  assert_null(fault->hook.resize(fault->hook.ctx, at, size, 0));
}

/* Tests of "no memory" would test nothing. */
static void the_nth_call_fails_once_or_for_ever(void **state)
{
  (void)state;
  for (int for_ever = 0; for_ever < 2; for_ever++) {
    fault_alloc fault;
    fault_alloc_init(&fault);
    fault.fail_at = 1;
    fault.fail_for_ever = for_ever;
    void *a = take(&fault, 10);
    assert_non_null(a);
    assert_null(take(&fault, 10));
    void *b = take(&fault, 10);
    assert_int_equal(b != NULL, !for_ever);
    assert_int_equal(fault.failures, for_ever ? 2 : 1);
    assert_int_equal(fault.calls, 3);
    give(&fault, a, 10);
    if (b) give(&fault, b, 10);
    assert_int_equal(fault.live_blocks, 0);
    assert_int_equal(fault_alloc_fini(&fault), 0);
  }
}

/* Books that are wrong would hide leaks. */
static void mistakes_are_found(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  char *a = take(&fault, 10), *b = take(&fault, 20), outside;
  give(&fault, a, 11); /* wrong size */
  assert_int_equal(fault.mistakes, 1);
  give(&fault, a, 10); /* twice */
  assert_int_equal(fault.mistakes, 2);
  give(&fault, &outside, 1);
  assert_int_equal(fault.mistakes, 3);
  b[20] = 0; /* past the end */
  give(&fault, b, 20);
  assert_int_equal(fault.mistakes, 4);
  assert_non_null(take(&fault, 5)); /* never given back */
  assert_int_equal(fault_alloc_fini(&fault), 5);
}

/* Pointers kept over a resize would go unseen. */
static void a_moving_resize_moves_and_keeps_the_bytes(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  fault.moving = 1;
  char *a = take(&fault, 4);
  memcpy(a, "abc", 4);
  char *b = fault.hook.resize(fault.hook.ctx, a, 4, 8);
  assert_ptr_not_equal(a, b);
  assert_string_equal(b, "abc");
  char *c = fault.hook.resize(fault.hook.ctx, b, 8, 8);
  assert_ptr_not_equal(b, c);
  fault.fail_at = fault.calls;
  assert_null(fault.hook.resize(fault.hook.ctx, c, 8, 9));
  c = fault.hook.resize(fault.hook.ctx, c, 8, 2); /* smaller never fails */
  assert_memory_equal(c, "ab", 2);
  give(&fault, c, 2);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* The table would lose blocks when it grows. */
static void many_blocks_are_all_known(void **state)
{
  (void)state;
  enum { COUNT = 5000 };
  static void *blocks[COUNT];
  fault_alloc fault;
  fault_alloc_init(&fault);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < COUNT; i++) blocks[i] = take(&fault, i + 1);
    assert_int_equal(fault.live_blocks, COUNT);
    for (size_t i = 0; i < COUNT; i++) give(&fault, blocks[i], i + 1);
  }
  assert_int_equal(fault.live_bytes, 0);
  assert_int_equal(fault.peak_bytes, (size_t)COUNT * (COUNT + 1) / 2);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

static int three_blocks(const cep_allocator *allocator, void *ctx)
{
  int leaks = *(int *)ctx;
  void *blocks[3] = {NULL, NULL, NULL};
  int status = CEP_OK;
  for (int i = 0; i < 3 && status == CEP_OK; i++) {
    blocks[i] = allocator->resize(allocator->ctx, NULL, 0, 8);
    if (!blocks[i]) status = CEP_E_NOMEM;
  }
  for (int i = 0; i < 3; i++) {
    if (blocks[i] && !(leaks && i == 1)) allocator->resize(allocator->ctx, blocks[i], 8, 0);
  }
  return status;
}

static int wrong_status(const cep_allocator *allocator, void *ctx)
{
  return three_blocks(allocator, ctx) < 0 ? CEP_E_IO : CEP_OK;
}

/* A sweep that stops early would leave failures untested. */
static void a_sweep_fails_each_call_and_finds_leaks(void **state)
{
  (void)state;
  int leaks = 0;
  assert_int_equal(fault_alloc_sweep(three_blocks, &leaks), 3);
  assert_int_equal(fault_alloc_sweep(wrong_status, &leaks), -1);
  leaks = 1;
  assert_int_equal(fault_alloc_sweep(three_blocks, &leaks), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_nth_call_fails_once_or_for_ever),
      cmocka_unit_test(mistakes_are_found),
      cmocka_unit_test(a_moving_resize_moves_and_keeps_the_bytes),
      cmocka_unit_test(many_blocks_are_all_known),
      cmocka_unit_test(a_sweep_fails_each_call_and_finds_leaks),
  };
  return cmocka_run_group_tests_name("support/fault_alloc", tests, NULL, NULL);
}
