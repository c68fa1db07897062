/* test_timer.c - deadlines come up in one order, whatever order they were set in. */
#include "cep/base/prng.h"
#include "runtime/timer.h"
#include "tests/support/slab_bench.h"

typedef struct clocks {
  slab_bench memory;
  rt_keyed keyed;
  rt_timers timers;
} clocks;

static void open_clocks(clocks *c)
{
  slab_bench_open(&c->memory, 0);
  rt_keyed_init(&c->keyed, &c->memory.alloc, &c->memory.slab, 0);
  rt_timers_init(&c->timers, &c->memory.alloc, &c->keyed);
}

static void close_clocks(clocks *c)
{
  rt_timers_fini(&c->timers);
  rt_keyed_fini(&c->keyed);
  slab_bench_close(&c->memory);
}

static cb_slab_id entry_of(clocks *c, uint32_t op, uint32_t number)
{
  uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
  rt_key key = {bytes, 4, rt_key_hash(bytes, 4)};
  return rt_keyed_add(&c->keyed, op, &key);
}

static void the_earliest_deadline_comes_first(void **state)
{
  (void)state;
  clocks c;
  open_clocks(&c);
  assert_null(rt_timers_first(&c.timers, CEP_TIME_MAX));
  cb_slab_id a = entry_of(&c, 0, 1), b = entry_of(&c, 0, 2);
  assert_int_equal(rt_timers_time(&c.timers, a), CEP_TIME_MAX);
  assert_true(rt_timers_arm(&c.timers, a, 20));
  assert_true(rt_timers_arm(&c.timers, b, 10));
  assert_int_equal(rt_timers_first(&c.timers, CEP_TIME_MAX)->entry, b);
  assert_true(rt_timers_arm(&c.timers, a, 5));
  assert_int_equal(rt_timers_first(&c.timers, CEP_TIME_MAX)->entry, a);
  assert_int_equal(rt_timers_time(&c.timers, a), 5);
  assert_true(rt_timers_arm(&c.timers, a, 30));
  assert_int_equal(rt_timers_first(&c.timers, CEP_TIME_MAX)->entry, b);
  rt_timers_disarm(&c.timers, b);
  rt_timers_disarm(&c.timers, b);
  assert_int_equal(rt_timers_first(&c.timers, CEP_TIME_MAX)->entry, a);
  rt_timers_disarm(&c.timers, a);
  assert_null(rt_timers_first(&c.timers, CEP_TIME_MAX));
  close_clocks(&c);
}

/* Two heaps filled in opposite order must empty in the same one: alerts hang on it. */
static void the_order_does_not_depend_on_how_the_heap_was_filled(void **state)
{
  (void)state;
  enum { COUNT = 2000 };
  static rt_timer first[COUNT];
  for (int pass = 0; pass < 2; pass++) {
    clocks c;
    open_clocks(&c);
    for (uint32_t i = 0; i < COUNT; i++) {
      uint32_t n = pass == 0 ? i : COUNT - 1 - i;
      assert_true(rt_timers_arm(&c.timers, entry_of(&c, n % 3, n), (cep_time)(n * 31 % 7)));
    }
    assert_true(rt_timers_check(&c.timers));
    const rt_entry *last = NULL;
    rt_timer last_timer = {0, 0, 0};
    rt_entry copy;
    for (uint32_t i = 0; i < COUNT; i++) {
      rt_timer timer = *rt_timers_first(&c.timers, CEP_TIME_MAX);
      const rt_entry *entry = rt_keyed_at(&c.keyed, timer.entry);
      if (last && timer.time == last_timer.time) {
        assert_true(timer.operator_number >= last_timer.operator_number);
        if (timer.operator_number == last_timer.operator_number)
          assert_true(rt_keyed_compare(&c.keyed, last, entry) < 0);
      }
      if (last) assert_true(timer.time >= last_timer.time);
      uint32_t key;
      memcpy(&key, entry->key.bytes, sizeof key);
      if (pass == 0) {
        first[i] = (rt_timer){timer.time, key, timer.operator_number};
      } else {
        assert_int_equal(first[i].entry, key);
        assert_int_equal(first[i].operator_number, timer.operator_number);
      }
      copy = *entry;
      last = &copy;
      last_timer = timer;
      rt_timers_disarm(&c.timers, timer.entry);
    }
    close_clocks(&c);
  }
}

/* The least of all, looked for one by one. */
static cb_slab_id least_of(clocks *c, uint32_t keys)
{
  cb_slab_id least = CB_SLAB_NONE;
  for (uint32_t i = 0; i < keys; i++) {
    cb_slab_id id = entry_of(c, 0, i);
    cep_time time = rt_timers_time(&c->timers, id), than = least == CB_SLAB_NONE ? CEP_TIME_MAX : rt_timers_time(&c->timers, least);
    if (time < than) least = id;
    else if (time == than && time < CEP_TIME_MAX && rt_keyed_compare(&c->keyed, rt_keyed_at(&c->keyed, id), rt_keyed_at(&c->keyed, least)) < 0)
      least = id;
  }
  return least;
}

static void entries_know_their_place_through_random_changes(void **state)
{
  (void)state;
  clocks c;
  cb_prng prng;
  open_clocks(&c);
  cb_prng_init(&prng, 3);
  for (uint32_t step = 0; step < 20000; step++) {
    cb_slab_id entry = entry_of(&c, 0, cb_prng_below(&prng, 300));
    if (cb_prng_chance(&prng, 30)) {
      rt_timers_disarm(&c.timers, entry);
    } else {
      assert_true(rt_timers_arm(&c.timers, entry, cb_prng_below(&prng, 50)));
    }
    if (cb_prng_chance(&prng, 5)) {
      const rt_timer *first = rt_timers_first(&c.timers, CEP_TIME_MAX);
      assert_int_equal(first ? first->entry : CB_SLAB_NONE, least_of(&c, 300));
      if (first) rt_timers_disarm(&c.timers, first->entry);
    }
    if (step % 64 == 0) assert_true(rt_timers_check(&c.timers));
  }
  close_clocks(&c);
}

/* As in an engine: time goes on, what comes up is armed again or not, some end early. */
static void deadlines_in_order_come_up_in_order(void **state)
{
  (void)state;
  enum { KEYS = 200 };
  clocks c;
  cb_prng prng;
  open_clocks(&c);
  cb_prng_init(&prng, 5);
  cep_time now = 0;
  for (uint32_t step = 0; step < 30000; step++) {
    now += cb_prng_below(&prng, 3);
    const rt_timer *first;
    while ((first = rt_timers_first(&c.timers, now)) != NULL) {
      cb_slab_id entry = first->entry;
      for (uint32_t op = 0; op < 2; op++) {
        for (uint32_t i = 0; i < KEYS; i++) assert_true(rt_timers_time(&c.timers, entry_of(&c, op, i)) >= first->time);
        if (step % 97 != 0) break; /* the look at everything is slow */
      }
      if (cb_prng_chance(&prng, 40)) {
        assert_true(rt_timers_arm(&c.timers, entry, now + 1 + cb_prng_below(&prng, 90)));
      } else {
        rt_timers_disarm(&c.timers, entry);
      }
    }
    cb_slab_id entry = entry_of(&c, cb_prng_below(&prng, 2), cb_prng_below(&prng, KEYS));
    if (cb_prng_chance(&prng, 20)) rt_timers_disarm(&c.timers, entry);
    cep_time was = rt_timers_time(&c.timers, entry);
    cep_time at = now + 100 + (cep_time)cb_prng_below(&prng, 2);
    if (was == CEP_TIME_MAX) assert_true(rt_timers_arm(&c.timers, entry, at));
    assert_int_equal(rt_timers_time(&c.timers, entry), was == CEP_TIME_MAX ? at : was);
    if (step % 64 == 0) assert_true(rt_timers_check(&c.timers));
  }
  close_clocks(&c);
}

/* Windows that all end together: keys that differ early, late, or in their length only. */
static cb_slab_id window_of(clocks *c, uint32_t number)
{
  uint8_t bytes[24] = "a key with a beginning";
  if (number % 3 == 0) return entry_of(c, 0, number);
  if (number % 3 == 1) memcpy(bytes + 20, &number, sizeof number);
  uint32_t len = number % 3 == 1 ? 24 : 1 + number / 3 % 22;
  rt_key key = {bytes, len, rt_key_hash(bytes, len)};
  return rt_keyed_add(&c->keyed, 0, &key);
}

static void those_of_one_instant_come_up_by_their_keys(void **state)
{
  (void)state;
  enum { KEYS = 3000, LENGTH = 60 };
  clocks c;
  cb_prng prng;
  open_clocks(&c);
  cb_prng_init(&prng, 11);
  uint64_t came = 0;
  for (cep_time now = 0; now < 20 * LENGTH; now++) {
    cb_slab_id last = CB_SLAB_NONE;
    for (const rt_timer *first; (first = rt_timers_first(&c.timers, now)) != NULL; came++) {
      cb_slab_id entry = first->entry;
      assert_int_equal(first->time, now);
      if (last != CB_SLAB_NONE) assert_true(rt_keyed_compare(&c.keyed, rt_keyed_at(&c.keyed, last), rt_keyed_at(&c.keyed, entry)) < 0);
      last = entry;
      rt_timers_disarm(&c.timers, entry);
      if (cb_prng_chance(&prng, 30)) assert_true(rt_timers_arm(&c.timers, entry, now + LENGTH));
    }
    assert_true(rt_timers_check(&c.timers));
    for (uint32_t i = 0; i < 100; i++) {
      cb_slab_id entry = window_of(&c, cb_prng_below(&prng, KEYS));
      if (cb_prng_chance(&prng, 10)) rt_timers_disarm(&c.timers, entry);
      else if (rt_timers_time(&c.timers, entry) == CEP_TIME_MAX) assert_true(rt_timers_arm(&c.timers, entry, (now / LENGTH + 1) * LENGTH));
    }
  }
  assert_true(came > 10000);
  close_clocks(&c);
}

static void what_ends_early_does_not_pile_up(void **state)
{
  (void)state;
  clocks c;
  open_clocks(&c);
  assert_true(rt_timers_arm(&c.timers, entry_of(&c, 0, 0), 1)); /* stays in front */
  for (uint32_t i = 0; i < 2000; i++) {
    cb_slab_id entry = entry_of(&c, 0, 1 + i % 5);
    rt_timers_disarm(&c.timers, entry);
    assert_true(rt_timers_arm(&c.timers, entry, 1000 + i));
  }
  assert_true(rt_timers_check(&c.timers));
  assert_true(c.timers.lines.at[0].capacity <= 32);
  close_clocks(&c);
}

static void a_refused_timer_changes_nothing(void **state)
{
  (void)state;
  clocks c;
  open_clocks(&c);
  cb_slab_id entry = entry_of(&c, 0, 1);
  c.memory.fault.fail_at = c.memory.fault.calls;
  assert_false(rt_timers_arm(&c.timers, entry, 1));
  assert_null(rt_timers_first(&c.timers, CEP_TIME_MAX));
  assert_true(rt_timers_arm(&c.timers, entry, 1));
  close_clocks(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_earliest_deadline_comes_first),
                                     cmocka_unit_test(the_order_does_not_depend_on_how_the_heap_was_filled),
                                     cmocka_unit_test(deadlines_in_order_come_up_in_order),
                                     cmocka_unit_test(those_of_one_instant_come_up_by_their_keys),
                                     cmocka_unit_test(what_ends_early_does_not_pile_up),
                                     cmocka_unit_test(entries_know_their_place_through_random_changes),
                                     cmocka_unit_test(a_refused_timer_changes_nothing)};
  return cmocka_run_group_tests_name("runtime/timer", tests, NULL, NULL);
}
