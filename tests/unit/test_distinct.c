/* test_distinct.c - sets of values in the slab: exact, in order, bounded, saved. */
#include "runtime/distinct.h"

#include "cep/base/prng.h"
#include "tests/support/slab_bench.h"

typedef struct bench {
  slab_bench memory;
  rt_distinct set;
} bench;

static void open_bench(bench *b)
{
  memset(b, 0, sizeof *b);
  slab_bench_open(&b->memory, 1);
}

static void close_bench(bench *b)
{
  rt_distinct_clear(&b->set, &b->memory.slab);
  slab_bench_close(&b->memory);
}

static rt_distinct_added add(bench *b, uint64_t value, uint64_t max)
{
  rt_distinct_added added = rt_distinct_add(&b->set, &b->memory.slab, (const uint8_t *)&value, sizeof value, max);
  assert_true(rt_distinct_check(&b->set, &b->memory.slab));
  return added;
}

/* Compared with an array of marks. */
static void each_value_is_new_once(void **state)
{
  (void)state;
  enum { VALUES = 300 };
  bench b;
  uint8_t seen[VALUES] = {0};
  uint32_t count = 0;
  cb_prng prng;
  open_bench(&b);
  cb_prng_init(&prng, 5);
  for (int i = 0; i < 2000; i++) {
    uint32_t value = cb_prng_below(&prng, VALUES);
    assert_int_equal(add(&b, value, UINT64_MAX), seen[value] ? RT_DISTINCT_OLD : RT_DISTINCT_NEW);
    count += !seen[value];
    seen[value] = 1;
    assert_int_equal(b.set.count, count);
  }
  rt_distinct_clear(&b.set, &b.memory.slab);
  assert_int_equal(cb_slab_in_use(&b.memory.slab), 0);
  assert_int_equal(add(&b, 7, UINT64_MAX), RT_DISTINCT_NEW);
  close_bench(&b);
}

static void values_of_other_lengths_are_other_values(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  const uint8_t bytes[3] = {0, 0, 0};
  for (uint32_t len = 0; len <= 3; len++) {
    assert_int_equal(rt_distinct_add(&b.set, &b.memory.slab, bytes, len, UINT64_MAX), RT_DISTINCT_NEW);
    assert_int_equal(rt_distinct_add(&b.set, &b.memory.slab, bytes, len, UINT64_MAX), RT_DISTINCT_OLD);
  }
  assert_int_equal(b.set.count, 4);
  close_bench(&b);
}

static void a_full_set_knows_what_it_has(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  for (uint64_t i = 0; i < 10; i++) assert_int_equal(add(&b, i, 10), RT_DISTINCT_NEW);
  assert_int_equal(add(&b, 10, 10), RT_DISTINCT_FULL);
  assert_int_equal(add(&b, 9, 10), RT_DISTINCT_OLD);
  assert_int_equal(b.set.count, 10);
  close_bench(&b);
}

static void saved_and_loaded_it_saves_the_same_bytes(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  cb_writer first, second;
  cb_writer_init(&first, &b.memory.alloc);
  cb_writer_init(&second, &b.memory.alloc);
  for (uint64_t i = 0; i < 100; i++) add(&b, i * 7919 % 64, UINT64_MAX);
  rt_distinct_save(&b.set, &b.memory.slab, &first);
  rt_distinct_clear(&b.set, &b.memory.slab);
  cb_reader reader;
  cb_reader_init(&reader, first.data, first.len);
  assert_int_equal(rt_distinct_load(&b.set, &b.memory.slab, &reader), CEP_OK);
  assert_true(cb_reader_at_end(&reader));
  assert_true(rt_distinct_check(&b.set, &b.memory.slab));
  assert_int_equal(b.set.count, 64);
  rt_distinct_save(&b.set, &b.memory.slab, &second);
  assert_int_equal(first.len, second.len);
  assert_memory_equal(first.data, second.data, first.len);
  rt_distinct_clear(&b.set, &b.memory.slab);
  for (size_t len = 0; len < first.len; len++) {
    cb_reader_init(&reader, first.data, len);
    assert_int_equal(rt_distinct_load(&b.set, &b.memory.slab, &reader), CEP_E_CORRUPT);
    assert_int_equal(b.set.count, 0);
    assert_int_equal(cb_slab_in_use(&b.memory.slab), 0);
  }
  cb_writer_fini(&first);
  cb_writer_fini(&second);
  close_bench(&b);
}

/* One value twice: no set saves that. */
static void a_repeated_value_is_corrupt(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  cb_writer writer;
  cb_writer_init(&writer, &b.memory.alloc);
  cb_write_u32(&writer, 2);
  cb_write_block(&writer, "x", 1);
  cb_write_block(&writer, "x", 1);
  cb_reader reader;
  cb_reader_init(&reader, writer.data, writer.len);
  assert_int_equal(rt_distinct_load(&b.set, &b.memory.slab, &reader), CEP_E_CORRUPT);
  assert_int_equal(cb_slab_in_use(&b.memory.slab), 0);
  cb_writer_fini(&writer);
  close_bench(&b);
}

static void refused_memory_leaves_the_set_as_it_was(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  uint32_t refused = 0;
  for (uint64_t i = 0; i < 200; i++) {
    b.memory.fault.fail_at = b.memory.fault.calls;
    uint32_t before = b.set.count;
    if (add(&b, i, UINT64_MAX) == RT_DISTINCT_NOMEM) {
      assert_int_equal(b.set.count, before);
      refused++;
      b.memory.fault.fail_at = FAULT_NEVER;
      assert_int_equal(add(&b, i, UINT64_MAX), RT_DISTINCT_NEW);
    }
    b.memory.fault.fail_at = FAULT_NEVER;
  }
  assert_true(refused > 10);
  assert_int_equal(b.set.count, 200);
  close_bench(&b);
}

static void values_can_be_counted_and_walked_in_the_order_in_which_they_came(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  for (uint64_t i = 0; i < 300; i++) {
    uint64_t value = i % 20;
    rt_distinct_added added = rt_distinct_count(&b.set, &b.memory.slab, (const uint8_t *)&value, sizeof value, value, 20);
    assert_int_equal(added, i < 20 ? RT_DISTINCT_NEW : RT_DISTINCT_OLD);
    assert_true(rt_distinct_check(&b.set, &b.memory.slab));
  }
  uint64_t more = 77, next = 0, value;
  assert_int_equal(rt_distinct_count(&b.set, &b.memory.slab, (const uint8_t *)&more, sizeof more, 1, 20), RT_DISTINCT_FULL);
  rt_distinct_value seen;
  for (cb_slab_id id = rt_distinct_next(&b.set, &b.memory.slab, CB_SLAB_NONE, &seen); id != CB_SLAB_NONE;
       id = rt_distinct_next(&b.set, &b.memory.slab, id, &seen)) {
    assert_int_equal(seen.len, sizeof value);
    memcpy(&value, seen.bytes, sizeof value);
    assert_int_equal(value, next++);
    assert_int_equal(rt_distinct_counted(&seen), 15 * value);
  }
  assert_int_equal(next, 20);
  close_bench(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_value_is_new_once),
      cmocka_unit_test(values_can_be_counted_and_walked_in_the_order_in_which_they_came),
      cmocka_unit_test(values_of_other_lengths_are_other_values),
      cmocka_unit_test(a_full_set_knows_what_it_has),
      cmocka_unit_test(saved_and_loaded_it_saves_the_same_bytes),
      cmocka_unit_test(a_repeated_value_is_corrupt),
      cmocka_unit_test(refused_memory_leaves_the_set_as_it_was),
  };
  return cmocka_run_group_tests_name("runtime/distinct", tests, NULL, NULL);
}
