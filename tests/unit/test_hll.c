/* test_hll.c - different values estimated: exact while few, near while many, free of order. */
#include "runtime/hll.h"

#include "cep/base/hash.h"
#include "cep/base/prng.h"
#include "tests/support/slab_bench.h"

typedef struct bench {
  slab_bench memory;
  rt_hll a, b;
} bench;

static void open_bench(bench *b)
{
  memset(b, 0, sizeof *b);
  slab_bench_open(&b->memory, 1);
}

static void close_bench(bench *b)
{
  rt_hll_clear(&b->a, &b->memory.slab);
  rt_hll_clear(&b->b, &b->memory.slab);
  slab_bench_close(&b->memory);
}

static void add(bench *b, rt_hll *hll, uint64_t value)
{
  assert_true(rt_hll_add(hll, &b->memory.slab, cb_hash64(&value, sizeof value)));
}

static void assert_same(bench *b)
{
  cb_writer x, y;
  cb_writer_init(&x, &b->memory.alloc);
  cb_writer_init(&y, &b->memory.alloc);
  rt_hll_save(&b->a, &b->memory.slab, &x);
  rt_hll_save(&b->b, &b->memory.slab, &y);
  assert_int_equal(x.len, y.len);
  assert_memory_equal(x.data, y.data, x.len);
  cb_writer_fini(&x);
  cb_writer_fini(&y);
}

static void few_values_are_counted_exactly(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  assert_int_equal(rt_hll_estimate(&b.a, &b.memory.slab), 0);
  for (uint64_t i = 0; i < 3 * RT_HLL_SPARSE_MAX; i++) {
    add(&b, &b.a, i % RT_HLL_SPARSE_MAX);
    assert_true(rt_hll_check(&b.a, &b.memory.slab));
    uint64_t there = i + 1 < RT_HLL_SPARSE_MAX ? i + 1 : RT_HLL_SPARSE_MAX;
    assert_int_equal(rt_hll_estimate(&b.a, &b.memory.slab), there);
  }
  close_bench(&b);
}

/* Four standard errors, at every size from few to many. */
static void many_values_are_estimated(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  uint64_t check = 150;
  for (uint64_t i = 1; i <= 300000; i++) {
    add(&b, &b.a, i * 977);
    if (i != check) continue;
    double off = ((double)rt_hll_estimate(&b.a, &b.memory.slab) - (double)i) / (double)i;
    assert_true(off < 0.065 && off > -0.065);
    check += check / 3;
  }
  assert_true(rt_hll_check(&b.a, &b.memory.slab));
  close_bench(&b);
}

static void order_and_merging_do_not_show(void **state)
{
  (void)state;
  static const uint64_t sizes[] = {0, 5, 100, 128, 129, 5000};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    bench b;
    open_bench(&b);
    rt_hll other = {0};
    for (uint64_t i = 0; i < sizes[s]; i++) add(&b, &b.a, i);
    for (uint64_t i = sizes[s]; i > sizes[s] / 3; i--) add(&b, &b.b, i - 1);
    for (uint64_t i = 0; i < sizes[s] / 2; i++) add(&b, &other, i);
    assert_true(rt_hll_merge(&b.b, &other, &b.memory.slab));
    assert_same(&b);
    rt_hll_clear(&other, &b.memory.slab);
    assert_true(rt_hll_merge(&other, &b.a, &b.memory.slab)); /* into an empty one */
    assert_int_equal(rt_hll_estimate(&other, &b.memory.slab), rt_hll_estimate(&b.a, &b.memory.slab));
    rt_hll_clear(&other, &b.memory.slab);
    close_bench(&b);
  }
}

static void what_was_saved_comes_back_and_damage_is_seen(void **state)
{
  (void)state;
  static const uint64_t sizes[] = {0, 9, 400};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    bench b;
    open_bench(&b);
    for (uint64_t i = 0; i < sizes[s]; i++) add(&b, &b.a, i);
    cb_writer w;
    cb_writer_init(&w, &b.memory.alloc);
    rt_hll_save(&b.a, &b.memory.slab, &w);
    cb_reader reader;
    cb_reader_init(&reader, w.data, w.len);
    assert_int_equal(rt_hll_load(&b.b, &b.memory.slab, &reader), CEP_OK);
    assert_true(cb_reader_at_end(&reader));
    assert_same(&b);
    rt_hll_clear(&b.b, &b.memory.slab);
    cb_reader_init(&reader, w.data, w.len - 1);
    assert_true(rt_hll_load(&b.b, &b.memory.slab, &reader) < 0);
    w.data[0] ^= 0x80;
    cb_reader_init(&reader, w.data, w.len);
    assert_true(rt_hll_load(&b.b, &b.memory.slab, &reader) < 0 || !cb_reader_at_end(&reader));
    cb_writer_fini(&w);
    close_bench(&b);
  }
}

static void refused_memory_leaves_it_as_it_was(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  for (uint64_t i = 0; i < RT_HLL_SPARSE_MAX; i++) add(&b, &b.a, i);
  b.memory.fault.fail_at = b.memory.fault.calls;
  b.memory.fault.fail_for_ever = 1;
  uint64_t one_more = RT_HLL_SPARSE_MAX;
  assert_false(rt_hll_add(&b.a, &b.memory.slab, cb_hash64(&one_more, sizeof one_more)));
  assert_true(rt_hll_check(&b.a, &b.memory.slab));
  assert_int_equal(rt_hll_estimate(&b.a, &b.memory.slab), RT_HLL_SPARSE_MAX);
  close_bench(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(few_values_are_counted_exactly),
      cmocka_unit_test(many_values_are_estimated),
      cmocka_unit_test(order_and_merging_do_not_show),
      cmocka_unit_test(what_was_saved_comes_back_and_damage_is_seen),
      cmocka_unit_test(refused_memory_leaves_it_as_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
