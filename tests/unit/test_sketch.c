/* test_sketch.c - percentiles: within 1 % of themselves, free of order, bounded. */
#include "runtime/sketch.h"

#include <math.h>
#include <stdlib.h>

#include "cep/base/prng.h"
#include "tests/support/slab_bench.h"

typedef struct bench {
  slab_bench memory;
  rt_sketch a, b;
} bench;

static void open_bench(bench *b)
{
  memset(b, 0, sizeof *b);
  slab_bench_open(&b->memory, 1);
}

static void close_bench(bench *b)
{
  rt_sketch_clear(&b->a, &b->memory.slab);
  rt_sketch_clear(&b->b, &b->memory.slab);
  slab_bench_close(&b->memory);
}

static double percentile(bench *b, const rt_sketch *sketch, double percent)
{
  double found = 0;
  assert_true(rt_sketch_percentile(sketch, &b->memory.slab, percent, &found));
  return found;
}

static int compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void percentiles_are_within_one_percent(void **state)
{
  (void)state;
  enum { COUNT = 5000 };
  static double values[COUNT];
  cb_prng prng;
  cb_prng_init(&prng, 7);
  for (int kind = 0; kind < 3; kind++) {
    bench b;
    open_bench(&b);
    for (int i = 0; i < COUNT; i++) {
      double value = (double)(1 + cb_prng_below(&prng, 1000000));
      values[i] = kind == 0 ? value : kind == 1 ? (value - 500000) / 7 : pow(value, 1.7) / 1e6;
      assert_true(rt_sketch_add(&b.a, &b.memory.slab, values[i]));
    }
    assert_true(rt_sketch_check(&b.a, &b.memory.slab));
    qsort(values, COUNT, sizeof *values, compare);
    for (double percent = 0; percent <= 100; percent += 0.5) {
      double wanted = values[(int)(percent / 100 * (COUNT - 1))];
      assert_true(fabs(percentile(&b, &b.a, percent) - wanted) <= 0.01 * fabs(wanted) + 1e-12);
    }
    close_bench(&b);
  }
}

static void odd_values_have_their_place(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  double found;
  assert_false(rt_sketch_percentile(&b.a, &b.memory.slab, 50, &found));
  assert_true(rt_sketch_add(&b.a, &b.memory.slab, NAN));
  assert_false(rt_sketch_percentile(&b.a, &b.memory.slab, 50, &found));
  static const double odd[] = {-HUGE_VAL, -1e308, -5e-324, -0.0, 5e-324, 1, HUGE_VAL};
  for (size_t i = 0; i < 7; i++) assert_true(rt_sketch_add(&b.a, &b.memory.slab, odd[i]));
  assert_true(rt_sketch_check(&b.a, &b.memory.slab));
  assert_true(percentile(&b, &b.a, 0) == -HUGE_VAL);
  assert_true(fabs(percentile(&b, &b.a, 20) / -1e308 - 1) <= 0.01);
  assert_true(percentile(&b, &b.a, 34) <= 0);
  assert_true(percentile(&b, &b.a, 50) == 0);
  assert_true(fabs(percentile(&b, &b.a, 84) - 1) <= 0.01);
  assert_true(percentile(&b, &b.a, 100) == HUGE_VAL);
  close_bench(&b);
}

static void assert_same(bench *b)
{
  cb_writer x, y;
  cb_writer_init(&x, &b->memory.alloc);
  cb_writer_init(&y, &b->memory.alloc);
  rt_sketch_save(&b->a, &b->memory.slab, &x);
  rt_sketch_save(&b->b, &b->memory.slab, &y);
  assert_int_equal(x.len, y.len);
  assert_memory_equal(x.data, y.data, x.len);
  cb_reader reader;
  rt_sketch loaded = {0};
  cb_reader_init(&reader, x.data, x.len);
  assert_int_equal(rt_sketch_load(&loaded, &b->memory.slab, &reader), CEP_OK);
  assert_true(cb_reader_at_end(&reader));
  assert_int_equal(loaded.count, b->a.count);
  rt_sketch_clear(&loaded, &b->memory.slab);
  cb_reader_init(&reader, x.data, x.len - 1);
  assert_true(rt_sketch_load(&loaded, &b->memory.slab, &reader) < 0);
  cb_writer_fini(&x);
  cb_writer_fini(&y);
}

/* More buckets than there may be: then the lowest are one. */
static void order_and_merging_do_not_show(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  rt_sketch other = {0};
  enum { COUNT = 4000 };
  for (int i = 0; i < COUNT; i++) assert_true(rt_sketch_add(&b.a, &b.memory.slab, pow(1.03, i - 2000) * (i % 3 == 0 ? -1 : 1)));
  for (int i = COUNT - 1; i >= 0; i--) {
    rt_sketch *to = i % 5 < 2 ? &b.b : &other;
    assert_true(rt_sketch_add(to, &b.memory.slab, pow(1.03, i - 2000) * (i % 3 == 0 ? -1 : 1)));
  }
  assert_true(rt_sketch_merge(&b.b, &other, &b.memory.slab));
  assert_int_equal(b.a.count, RT_SKETCH_BUCKETS_MAX);
  assert_same(&b);
  assert_true(percentile(&b, &b.a, 100) > 1e25);
  rt_sketch_clear(&other, &b.memory.slab);
  close_bench(&b);
}

static void refused_memory_leaves_it_as_it_was(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  b.memory.fault.fail_at = b.memory.fault.calls;
  b.memory.fault.fail_for_ever = 1;
  assert_false(rt_sketch_add(&b.a, &b.memory.slab, 1));
  assert_true(rt_sketch_check(&b.a, &b.memory.slab));
  assert_int_equal(b.a.count, 0);
  close_bench(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(percentiles_are_within_one_percent),
      cmocka_unit_test(odd_values_have_their_place),
      cmocka_unit_test(order_and_merging_do_not_show),
      cmocka_unit_test(refused_memory_leaves_it_as_it_was),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
