/* test_operator.c - entries, timers and slots around a small operator: a key that counts its
 * items, tells the number and goes when it has been quiet for 10. */
#include "nfa/readers.h"
#include "runtime/operator.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

typedef struct counted { /* a slot */
  uint64_t count;
  int64_t deadline;
} counted;

typedef struct desk {
  fault_alloc fault;
  cb_alloc alloc;
  cb_slab slab;
  nfa_readers readers;
  prg program;
  rt_core core;
  rt_operator op;
  rt_out out;
  int64_t fired[64]; /* count of the keys that went, in order */
  uint32_t fired_count;
  cep_status answer; /* of the operator's `events` */
} desk;

static desk *desk_of(const rt_operator *op)
{
  return (desk *)(void *)((char *)op->core - offsetof(desk, core));
}

static counted get(const nfa_slot *slot)
{
  counted it;
  memcpy(&it, slot, sizeof it);
  return it;
}

static cep_status fake_open(rt_operator *op)
{
  (void)op;
  return CEP_OK;
}

static void fake_close(rt_operator *op)
{
  (void)op;
}

static cep_status fake_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  (void)out;
  for (uint32_t i = 0; i < count; i++) {
    if (items[i].entry == CB_SLAB_NONE) continue;
    nfa_slot *slot = &rt_keyed_at(&op->core->keyed, items[i].entry)->slot;
    counted it = get(slot);
    it.count++;
    it.deadline = (int64_t)items[i].symbol + 10;
    if (items[i].symbol == 0) it = (counted){0, 0}; /* symbol 0 empties the slot */
    memcpy(slot, &it, sizeof it);
  }
  return desk_of(op)->answer;
}

static cep_status fake_advance(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  (void)out;
  desk *d = desk_of(op);
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, entry)->slot;
  assert_int_equal(get(slot).deadline, time);
  d->fired[d->fired_count++] = (int64_t)get(slot).count;
  *slot = (nfa_slot){{0}};
  return CEP_OK;
}

static cep_time fake_deadline(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return get(slot).count > 0 ? get(slot).deadline : CEP_TIME_MAX;
}

static int fake_is_empty(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return get(slot).count == 0;
}

static void fake_release(rt_operator *op, nfa_slot *slot)
{
  (void)op;
  *slot = (nfa_slot){{0}};
}

static void fake_save(rt_operator *op, const nfa_slot *slot, cb_writer *writer)
{
  (void)op;
  cb_write_u64(writer, get(slot).count);
  cb_write_i64(writer, get(slot).deadline);
}

static cep_status fake_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  (void)op;
  counted it = {cb_read_u64(reader), 0};
  it.deadline = cb_read_i64(reader);
  memcpy(slot, &it, sizeof it);
  return reader->status;
}

static int fake_check(rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  (void)slot;
  return 1;
}

static const rt_operator_kind fake = {.name = "fake",
                                      .open = fake_open,
                                      .close = fake_close,
                                      .events = fake_events,
                                      .advance = fake_advance,
                                      .next_deadline = fake_deadline,
                                      .is_empty = fake_is_empty,
                                      .release = fake_release,
                                      .save = fake_save,
                                      .load = fake_load,
                                      .check = fake_check};

static void open_desk(desk *d)
{
  memset(d, 0, sizeof *d);
  fault_alloc_init(&d->fault);
  cb_alloc_init(&d->alloc, &d->fault.hook, 0);
  cb_slab_init(&d->slab, &d->alloc, 0);
  d->program.readers = &d->readers;
  assert_int_equal(rt_core_init(&d->core, &d->program, &d->alloc, &d->slab, NULL, 1), CEP_OK);
  assert_int_equal(rt_operator_open(&d->op, &d->core, &fake, 0, 0), CEP_OK);
}

static void close_desk(desk *d)
{
  rt_operators_release(&d->op, &d->core);
  rt_operator_close(&d->op);
  rt_core_fini(&d->core);
  assert_int_equal(cb_slab_in_use(&d->slab), 0);
  cb_slab_fini(&d->slab);
  assert_int_equal(fault_alloc_fini(&d->fault), 0);
}

static rt_item item_of(const char *key, uint64_t time)
{
  rt_item item = {.key = {(const uint8_t *)key, (uint32_t)strlen(key), 0}, .symbol = time};
  item.key.hash = rt_key_hash(item.key.bytes, item.key.len);
  return item;
}

static cep_time deadline_of(desk *d)
{
  cep_time deadline;
  assert_int_equal(rt_operators_deadline(&d->op, &d->core, CEP_TIME_MAX, &deadline), CEP_OK);
  return deadline;
}

static void one_key_several_times_in_a_batch_is_one_entry(void **state)
{
  (void)state;
  desk d;
  open_desk(&d);
  rt_item items[] = {item_of("a", 1), item_of("b", 2), item_of("a", 3), item_of("a", 4)};
  assert_int_equal(rt_operator_events(&d.op, items, 4, &d.out), CEP_OK);
  assert_int_equal(d.op.keys, 2);
  assert_int_equal(d.core.keyed.count, 2);
  assert_int_equal(deadline_of(&d), 12);
  assert_int_equal(rt_operators_fire(&d.op, &d.core, 12, &d.out), CEP_OK);
  assert_int_equal(deadline_of(&d), 14);
  assert_int_equal(rt_operators_fire(&d.op, &d.core, 14, &d.out), CEP_OK);
  assert_int_equal(d.fired[0], 1);
  assert_int_equal(d.fired[1], 3);
  assert_int_equal(d.op.keys, 0);
  assert_int_equal(deadline_of(&d), CEP_TIME_MAX);
  close_desk(&d);
}

static void an_entry_that_is_empty_again_is_removed_with_its_timer(void **state)
{
  (void)state;
  desk d;
  open_desk(&d);
  rt_item begin[] = {item_of("a", 1), item_of("b", 1)};
  rt_item end[] = {item_of("a", 0), item_of("b", 0), item_of("a", 0)};
  assert_int_equal(rt_operator_events(&d.op, begin, 2, &d.out), CEP_OK);
  assert_int_equal(rt_operator_events(&d.op, end, 3, &d.out), CEP_OK);
  assert_int_equal(d.core.keyed.count, 0);
  assert_int_equal(deadline_of(&d), CEP_TIME_MAX);
  close_desk(&d);
}

static void an_item_that_only_finds_makes_no_entry(void **state)
{
  (void)state;
  desk d;
  open_desk(&d);
  rt_item items[] = {item_of("a", 1), item_of("b", 2)};
  items[1].finds_only = 1;
  assert_int_equal(rt_operator_events(&d.op, items, 2, &d.out), CEP_OK);
  assert_int_equal(d.op.keys, 1);
  items[0] = item_of("a", 5);
  items[0].finds_only = 1;
  assert_int_equal(rt_operator_events(&d.op, items, 1, &d.out), CEP_OK);
  assert_int_equal(deadline_of(&d), 15);
  close_desk(&d);
}

/* An event that puts the deadline off leaves the timer: it is put right when it comes up. */
static void a_deadline_that_was_put_off_fires_once_and_in_time(void **state)
{
  (void)state;
  desk d;
  open_desk(&d);
  for (uint64_t t = 1; t <= 50; t++) {
    rt_item item = item_of("a", t);
    assert_int_equal(rt_operator_events(&d.op, &item, 1, &d.out), CEP_OK);
    if (t < 11) assert_int_equal(rt_timers_first(&d.core.timers, CEP_TIME_MAX)->time, 11);
  }
  assert_int_equal(deadline_of(&d), 60);
  assert_int_equal(rt_operators_fire(&d.op, &d.core, 60, &d.out), CEP_OK);
  assert_int_equal(d.fired[0], 50);
  close_desk(&d);
}

static void a_deadline_that_comes_nearer_is_seen_at_once(void **state)
{
  (void)state;
  desk d;
  open_desk(&d);
  rt_item far = item_of("a", 100), near = item_of("a", 3);
  assert_int_equal(rt_operator_events(&d.op, &far, 1, &d.out), CEP_OK);
  assert_int_equal(rt_operator_events(&d.op, &near, 1, &d.out), CEP_OK);
  assert_int_equal(deadline_of(&d), 13);
  close_desk(&d);
}

static void reloading_every_key_changes_nothing(void **state)
{
  (void)state;
  desk d;
  open_desk(&d);
  rt_item items[] = {item_of("a", 1), item_of("b", 2), item_of("a key of many bytes", 3)};
  assert_int_equal(rt_operator_events(&d.op, items, 3, &d.out), CEP_OK);
  assert_int_equal(rt_operators_reload(&d.op, &d.core), CEP_OK);
  assert_int_equal(deadline_of(&d), 11);
  assert_int_equal(d.op.keys, 3);
  close_desk(&d);
}

static void a_failing_operator_stops_the_call(void **state)
{
  (void)state;
  desk d;
  open_desk(&d);
  d.answer = CEP_E_NOMEM;
  rt_item item = item_of("a", 1);
  assert_int_equal(rt_operator_events(&d.op, &item, 1, &d.out), CEP_E_NOMEM);
  close_desk(&d);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_key_several_times_in_a_batch_is_one_entry),
                                     cmocka_unit_test(an_entry_that_is_empty_again_is_removed_with_its_timer),
                                     cmocka_unit_test(an_item_that_only_finds_makes_no_entry),
                                     cmocka_unit_test(a_deadline_that_was_put_off_fires_once_and_in_time),
                                     cmocka_unit_test(a_deadline_that_comes_nearer_is_seen_at_once),
                                     cmocka_unit_test(reloading_every_key_changes_nothing),
                                     cmocka_unit_test(a_failing_operator_stops_the_call)};
  return cmocka_run_group_tests_name("runtime/operator", tests, NULL, NULL);
}
