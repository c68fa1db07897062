/* test_arena.c - takes of all sizes, refusal, text. */
#include "cep/base/arena.h"

#include "cep/base/prng.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

/* Two things would share memory. */
static void takes_are_zeroed_aligned_and_apart(void **state)
{
  (void)state;
  enum { COUNT = 2000 };
  static struct {
    unsigned char *at;
    size_t size;
  } taken[COUNT];
  fault_alloc fault;
  fault_alloc_init(&fault);
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  cb_prng prng;
  cb_prng_init(&prng, 1);
  for (int i = 0; i < COUNT; i++) {
    taken[i].size = cb_prng_chance(&prng, 5) ? cb_prng_below(&prng, 50000) : cb_prng_below(&prng, 100);
    taken[i].at = cb_arena_take(&arena, taken[i].size);
    assert_non_null(taken[i].at);
    assert_int_equal((uintptr_t)taken[i].at % _Alignof(max_align_t), 0);
    for (size_t b = 0; b < taken[i].size; b++) assert_int_equal(taken[i].at[b], 0);
    memset(taken[i].at, i & 0xFF, taken[i].size);
  }
  for (int i = 0; i < COUNT; i++) {
    for (size_t b = 0; b < taken[i].size; b++) assert_int_equal(taken[i].at[b], i & 0xFF);
  }
  assert_ptr_not_equal(cb_arena_take(&arena, 0), cb_arena_take(&arena, 0));
  cb_arena_fini(&arena);
  assert_int_equal(alloc.bytes_in_use, 0);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* A caller that looks only at the end would miss a refusal. */
static void a_refusal_is_for_ever(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 20000);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  assert_non_null(cb_arena_take(&arena, 10));
  assert_null(cb_arena_take(&arena, 10000));
  assert_int_equal(arena.failed, 1);
  assert_null(cb_arena_take(&arena, 1));
  assert_null(cb_arena_text(&arena, "x", 1));
  assert_null(cb_arena_printf(&arena, "%d", 1));
  cb_arena_fini(&arena);
  assert_int_equal(arena.failed, 0);
  assert_null(cb_arena_take(&arena, SIZE_MAX));
  cb_arena_fini(&arena);
  assert_null(cb_arena_text(&arena, "x", SIZE_MAX));
  cb_arena_fini(&arena);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* Names in messages would run on or be cut. */
static void texts_are_whole_and_terminated(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  assert_string_equal(cb_arena_text(&arena, "hello world", 5), "hello");
  assert_string_equal(cb_arena_text(&arena, NULL, 0), "");
  assert_string_equal(cb_arena_printf(&arena, "%s-%d", "step", 12), "step-12");
  char *wide = cb_arena_printf(&arena, "%30000s", "x");
  assert_int_equal(strlen(wide), 30000);
  cb_arena_fini(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(takes_are_zeroed_aligned_and_apart),
      cmocka_unit_test(a_refusal_is_for_ever),
      cmocka_unit_test(texts_are_whole_and_terminated),
  };
  return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
