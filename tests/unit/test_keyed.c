/* test_keyed.c - entries are found again, stay put, leave no trace, and are walked in order. */
#include <stdlib.h>

#include "cep/base/prng.h"
#include "runtime/keyed.h"
#include "tests/support/slab_bench.h"

typedef struct table {
  slab_bench memory;
  rt_keyed keyed;
} table;

static void open_table(table *t, int smallest)
{
  slab_bench_open(&t->memory, smallest);
  rt_keyed_init(&t->keyed, &t->memory.alloc, &t->memory.slab, smallest);
}

static void close_table(table *t)
{
  rt_keyed_fini(&t->keyed);
  slab_bench_close(&t->memory);
}

/* Keys of many lengths: inline ones and spilled ones. */
static rt_key key_of(uint64_t number, uint8_t bytes[32])
{
  for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)(number >> (i % 8 * 8));
  uint32_t len = 4 + (uint32_t)(number % 28);
  return (rt_key){bytes, len, rt_key_hash(bytes, len)};
}

static void a_key_is_found_under_its_operator_only(void **state)
{
  (void)state;
  table t;
  uint8_t bytes[32];
  open_table(&t, 0);
  rt_key key = key_of(77, bytes);
  cb_slab_id one = rt_keyed_add(&t.keyed, 1, &key);
  assert_int_not_equal(one, CB_SLAB_NONE);
  assert_int_equal(rt_keyed_find(&t.keyed, 1, &key), one);
  assert_int_equal(rt_keyed_find(&t.keyed, 2, &key), CB_SLAB_NONE);
  cb_slab_id two = rt_keyed_add(&t.keyed, 2, &key);
  assert_int_not_equal(two, one);
  assert_int_equal(rt_keyed_add(&t.keyed, 1, &key), one);
  assert_int_equal(t.keyed.count, 2);
  rt_keyed_remove(&t.keyed, one);
  assert_int_equal(rt_keyed_find(&t.keyed, 1, &key), CB_SLAB_NONE);
  assert_int_equal(rt_keyed_find(&t.keyed, 2, &key), two);
  close_table(&t);
}

static void a_new_entry_has_an_empty_slot_and_is_changed(void **state)
{
  (void)state;
  table t;
  open_table(&t, 0);
  rt_key key = {(const uint8_t *)"", 0, rt_key_hash((const uint8_t *)"", 0)};
  cb_slab_id id = rt_keyed_add(&t.keyed, 0, &key);
  const rt_entry *entry = rt_keyed_at(&t.keyed, id);
  static const nfa_slot empty;
  assert_memory_equal(&entry->slot, &empty, sizeof empty);
  assert_int_equal(entry->timer, 0);
  assert_int_equal(entry->flags, RT_ENTRY_CHANGED);
  assert_int_equal(rt_keyed_find(&t.keyed, 0, &key), id);
  close_table(&t);
}

static void the_group_is_fixed_by_the_key_alone(void **state)
{
  (void)state;
  table t;
  uint8_t bytes[32];
  open_table(&t, 0);
  rt_key key = key_of(12345, bytes);
  uint8_t group = rt_keyed_at(&t.keyed, rt_keyed_add(&t.keyed, 3, &key))->group;
  assert_int_equal(group, key.hash & 255);
  assert_int_equal(rt_keyed_at(&t.keyed, rt_keyed_add(&t.keyed, 9, &key))->group, group);
  close_table(&t);
}

/* A hundred thousand keys come and go, beside a plain array that says what must be there. */
static void a_hundred_thousand_random_keys_are_kept_exactly(void **state)
{
  (void)state;
  enum { KEYS = 100000 };
  table t;
  uint8_t bytes[32];
  open_table(&t, 0);
  cb_slab_id *ids = calloc(KEYS, sizeof *ids);
  assert_non_null(ids);
  cb_prng prng;
  cb_prng_init(&prng, 7);
  uint64_t live = 0;
  for (uint32_t i = 0; i < KEYS; i++) {
    rt_key key = key_of(i, bytes);
    ids[i] = rt_keyed_add(&t.keyed, i % 3, &key);
    rt_keyed_at(&t.keyed, ids[i])->slot.words[0] = i;
    live++;
  }
  for (uint32_t step = 0; step < KEYS * 3; step++) {
    uint32_t i = cb_prng_below(&prng, KEYS);
    rt_key key = key_of(i, bytes);
    assert_int_equal(rt_keyed_find(&t.keyed, i % 3, &key), ids[i]);
    if (ids[i] != CB_SLAB_NONE) {
      assert_int_equal(rt_keyed_at(&t.keyed, ids[i])->slot.words[0], i);
      rt_keyed_remove(&t.keyed, ids[i]);
      ids[i] = CB_SLAB_NONE;
      live--;
    } else {
      ids[i] = rt_keyed_add(&t.keyed, i % 3, &key);
      rt_keyed_at(&t.keyed, ids[i])->slot.words[0] = i;
      live++;
    }
    assert_int_equal(t.keyed.count, live);
  }
  free(ids);
  close_table(&t);
}

static void keys_that_come_and_go_allocate_nothing_once_warm(void **state)
{
  (void)state;
  table t;
  uint8_t bytes[32];
  open_table(&t, 0);
  uint64_t warm = 0;
  for (uint32_t round = 0; round < 20; round++) {
    for (uint32_t i = 0; i < 1000; i++) {
      rt_key key = key_of(i, bytes);
      rt_keyed_add(&t.keyed, 0, &key);
    }
    for (uint32_t i = 0; i < 1000; i++) {
      rt_key key = key_of(i, bytes);
      rt_keyed_remove(&t.keyed, rt_keyed_find(&t.keyed, 0, &key));
    }
    if (round == 0) warm = t.memory.fault.calls;
  }
  assert_int_equal(t.memory.fault.calls, warm);
  close_table(&t);
}

typedef struct walked {
  table *t;
  const rt_entry *last;
  uint32_t count;
} walked;

static cep_status visit(void *ctx, cb_slab_id id)
{
  walked *w = ctx;
  const rt_entry *entry = rt_keyed_at(&w->t->keyed, id);
  if (w->last) {
    assert_true(w->last->group <= entry->group);
    if (w->last->group == entry->group) {
      assert_true(w->last->operator_number <= entry->operator_number);
      if (w->last->operator_number == entry->operator_number)
        assert_true(rt_keyed_compare(&w->t->keyed, w->last, entry) < 0);
    }
  }
  w->last = entry;
  w->count++;
  return CEP_OK;
}

static void a_walk_goes_by_group_then_operator_then_key(void **state)
{
  (void)state;
  table t;
  uint8_t bytes[32];
  open_table(&t, 1);
  for (uint32_t i = 0; i < 5000; i++) {
    rt_key key = key_of(i * 7919u, bytes);
    rt_keyed_add(&t.keyed, i % 4, &key);
  }
  walked w = {&t, NULL, 0};
  assert_int_equal(rt_keyed_walk(&t.keyed, 0, visit, &w), CEP_OK);
  assert_int_equal(w.count, 5000);
  close_table(&t);
}

static void a_walk_over_changed_entries_leaves_out_saved_ones(void **state)
{
  (void)state;
  table t;
  uint8_t bytes[32];
  open_table(&t, 0);
  for (uint32_t i = 0; i < 100; i++) {
    rt_key key = key_of(i, bytes);
    rt_keyed_add(&t.keyed, 0, &key);
  }
  rt_keyed_saved(&t.keyed);
  rt_key key = key_of(50, bytes);
  rt_keyed_at(&t.keyed, rt_keyed_find(&t.keyed, 0, &key))->flags |= RT_ENTRY_CHANGED;
  walked w = {&t, NULL, 0};
  assert_int_equal(rt_keyed_walk(&t.keyed, 1, visit, &w), CEP_OK);
  assert_int_equal(w.count, 1);
  close_table(&t);
}

static cep_status refuse(void *ctx, cb_slab_id id)
{
  (void)id;
  ++*(uint32_t *)ctx;
  return CEP_STOPPED;
}

static void a_walk_stops_when_told(void **state)
{
  (void)state;
  table t;
  uint8_t bytes[32];
  open_table(&t, 0);
  for (uint32_t i = 0; i < 10; i++) {
    rt_key key = key_of(i, bytes);
    rt_keyed_add(&t.keyed, 0, &key);
  }
  uint32_t calls = 0;
  assert_int_equal(rt_keyed_walk(&t.keyed, 0, refuse, &calls), CEP_STOPPED);
  assert_int_equal(calls, 1);
  close_table(&t);
}

/* A refusal at any allocation leaves the table as it was, and usable. */
static void a_refused_entry_changes_nothing(void **state)
{
  (void)state;
  uint8_t bytes[32];
  for (uint64_t fail = 0; fail < 40; fail++) {
    table t;
    open_table(&t, 1);
    t.memory.fault.fail_at = fail;
    uint32_t refused = 0;
    for (uint32_t i = 0; i < 200; i++) {
      rt_key key = key_of(i, bytes);
      uint64_t before = t.keyed.count;
      if (rt_keyed_add(&t.keyed, 0, &key) != CB_SLAB_NONE) continue;
      refused++;
      assert_int_equal(t.keyed.count, before);
      assert_int_equal(rt_keyed_find(&t.keyed, 0, &key), CB_SLAB_NONE);
      assert_int_not_equal(rt_keyed_add(&t.keyed, 0, &key), CB_SLAB_NONE);
    }
    assert_int_equal(refused, 1);
    assert_int_equal(t.keyed.count, 200);
    close_table(&t);
  }
}

static void minus_zero_and_zero_are_one_key(void **state)
{
  (void)state;
  fault_alloc fault;
  cb_alloc alloc;
  cb_writer a, b;
  fault_alloc_init(&fault);
  cb_alloc_init(&alloc, &fault.hook, 0);
  cb_writer_init(&a, &alloc);
  cb_writer_init(&b, &alloc);
  cep_value zero = cb_float(0.0), minus = cb_float(-0.0);
  rt_key_write(&a, &zero);
  rt_key_write(&b, &minus);
  assert_int_equal(a.len, b.len);
  assert_memory_equal(a.data, b.data, a.len);
  cb_writer_fini(&a);
  cb_writer_fini(&b);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_key_is_found_under_its_operator_only),
                                     cmocka_unit_test(a_new_entry_has_an_empty_slot_and_is_changed),
                                     cmocka_unit_test(the_group_is_fixed_by_the_key_alone),
                                     cmocka_unit_test(a_hundred_thousand_random_keys_are_kept_exactly),
                                     cmocka_unit_test(keys_that_come_and_go_allocate_nothing_once_warm),
                                     cmocka_unit_test(a_walk_goes_by_group_then_operator_then_key),
                                     cmocka_unit_test(a_walk_over_changed_entries_leaves_out_saved_ones),
                                     cmocka_unit_test(a_walk_stops_when_told),
                                     cmocka_unit_test(a_refused_entry_changes_nothing),
                                     cmocka_unit_test(minus_zero_and_zero_are_one_key)};
  return cmocka_run_group_tests_name("runtime/keyed", tests, NULL, NULL);
}
