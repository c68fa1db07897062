/* test_suppress.c - an alert silences its key for a while; what is held back is counted. */
#include "nfa/readers.h"
#include "runtime/operator.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

/* A detection with one key part, outputs "user" and "n" (timeouts: "n" alone), and
 * `suppress 10` by key part 0 or by output 0. */
static const char names[] = "d\0user\0n";
static const prg_detection detections[] = {{.name = {0, 1},
                                            .keys = {0, 1},
                                            .window = PRG_NONE,
                                            .join = PRG_NONE,
                                            .outputs = {0, 2},
                                            .timeout_outputs = {2, 1},
                                            .suppress = 10,
                                            .suppress_by = {0, 1}},
                                           {.name = {0, 1},
                                            .keys = {0, 1},
                                            .window = PRG_NONE,
                                            .join = PRG_NONE,
                                            .outputs = {0, 2},
                                            .timeout_outputs = {2, 1},
                                            .suppress = 10,
                                            .suppress_by = {1, 1}}};
static const prg_output outputs[] = {{.name = {2, 4}}, {.name = {7, 1}}, {.name = {7, 1}}};
static const prg_key keys[] = {{.name = {2, 4}}};
static const uint32_t lists[] = {0, 1};

typedef struct quiet {
  fault_alloc fault;
  cb_alloc alloc;
  cb_slab slab;
  nfa_readers readers;
  prg program;
  rt_core core;
  rt_operator op;
  rt_out out;
  uint32_t out_count;
  uint64_t suppressed; /* of the newest that came out */
} quiet;

static cep_status take_alert(void *ctx, const rt_operator *from, rt_alert *alert)
{
  quiet *q = ctx;
  assert_ptr_equal(from, &q->op);
  q->out_count++;
  q->suppressed = alert->suppressed;
  rt_alert_free(&q->slab, alert);
  return CEP_OK;
}

static void open_quiet(quiet *q, uint32_t detection)
{
  memset(q, 0, sizeof *q);
  fault_alloc_init(&q->fault);
  cb_alloc_init(&q->alloc, &q->fault.hook, 0);
  cb_slab_init(&q->slab, &q->alloc, 0);
  q->program.readers = &q->readers;
  q->program.detections = detections;
  q->program.detections_count = 2;
  q->program.outputs = outputs;
  q->program.keys = keys;
  q->program.lists = lists;
  q->program.strings = names;
  assert_int_equal(rt_core_init(&q->core, &q->program, &q->alloc, &q->slab, NULL, 0), CEP_OK);
  assert_int_equal(rt_operator_open(&q->op, &q->core, &rt_suppress, 0, detection), CEP_OK);
  q->out = (rt_out){take_alert, q};
}

static void close_quiet(quiet *q)
{
  rt_operators_release(&q->op, &q->core);
  rt_operator_close(&q->op);
  rt_core_fini(&q->core);
  assert_int_equal(cb_slab_in_use(&q->slab), 0);
  cb_slab_fini(&q->slab);
  assert_int_equal(fault_alloc_fini(&q->fault), 0);
}

/* Gives an alert; 1 if it came out. */
static int give(quiet *q, cep_time time, cep_match_kind kind, int64_t key, int64_t user)
{
  cep_value key_value = cb_int(key);
  cep_value match_values[] = {cb_int(user), cb_int(7)}, timeout_values[] = {cb_int(7)};
  rt_alert_parts parts = {.program = &q->program,
                          .detection = q->op.detection,
                          .kind = kind,
                          .waited = 0,
                          .time = time,
                          .keys = &key_value,
                          .outputs = kind == CEP_MATCH ? match_values : timeout_values};
  rt_item item = {.alert = rt_alert_make(&q->slab, &q->core.bytes, &parts)};
  assert_non_null(item.alert);
  assert_true(rt_suppress_key(&q->op, item.alert, &item.key));
  uint32_t before = q->out_count;
  assert_int_equal(rt_operator_events(&q->op, &item, 1, &q->out), CEP_OK);
  return q->out_count > before;
}

static uint64_t held(const quiet *q)
{
  return rt_stats_read(&q->core.stats, CEP_STAT_SUPPRESSED, q->op.detection);
}

static void an_alert_silences_its_key_until_the_end_of_the_span(void **state)
{
  (void)state;
  quiet q;
  open_quiet(&q, 0);
  assert_true(give(&q, 0, CEP_MATCH, 1, 0));
  assert_false(give(&q, 0, CEP_MATCH, 1, 0));
  assert_false(give(&q, 9, CEP_MATCH, 1, 0));
  assert_true(give(&q, 9, CEP_MATCH, 2, 0));
  assert_true(give(&q, 10, CEP_MATCH, 1, 0));
  assert_int_equal(q.suppressed, 2);
  assert_int_equal(held(&q), 2);
  close_quiet(&q);
}

static void what_is_held_back_does_not_prolong_the_silence(void **state)
{
  (void)state;
  quiet q;
  open_quiet(&q, 0);
  assert_true(give(&q, 0, CEP_MATCH, 1, 0));
  for (cep_time t = 1; t < 10; t++) assert_false(give(&q, t, CEP_MATCH, 1, 0));
  assert_true(give(&q, 10, CEP_MATCH, 1, 0));
  assert_int_equal(q.suppressed, 9);
  assert_false(give(&q, 19, CEP_MATCH, 1, 0));
  assert_true(give(&q, 25, CEP_MATCH, 1, 0));
  assert_int_equal(q.suppressed, 1);
  close_quiet(&q);
}

static void fire_until(quiet *q, cep_time time)
{
  for (;;) {
    cep_time deadline;
    assert_int_equal(rt_operators_deadline(&q->op, &q->core, CEP_TIME_MAX, &deadline), CEP_OK);
    if (deadline > time) return;
    assert_int_equal(rt_operators_fire(&q->op, &q->core, deadline, &q->out), CEP_OK);
  }
}

static void a_key_goes_away_with_its_silence_unless_it_has_a_number_to_tell(void **state)
{
  (void)state;
  quiet q;
  open_quiet(&q, 0);
  assert_true(give(&q, 0, CEP_MATCH, 1, 0));
  assert_true(give(&q, 1, CEP_MATCH, 2, 0));
  assert_false(give(&q, 2, CEP_MATCH, 2, 0));
  assert_int_equal(q.op.keys, 2);
  fire_until(&q, 9);
  assert_int_equal(q.op.keys, 2);
  fire_until(&q, 10);
  assert_int_equal(q.op.keys, 1);
  fire_until(&q, 1000);
  assert_int_equal(q.op.keys, 1);
  assert_true(give(&q, 1000, CEP_MATCH, 2, 0));
  assert_int_equal(q.suppressed, 1);
  fire_until(&q, 1010);
  assert_int_equal(q.op.keys, 0);
  close_quiet(&q);
}

static void a_timeout_is_silenced_by_the_output_of_the_same_name(void **state)
{
  (void)state;
  quiet q;
  open_quiet(&q, 1); /* by output "user", which timeouts do not have */
  assert_true(give(&q, 0, CEP_MATCH, 1, 5));
  assert_false(give(&q, 1, CEP_MATCH, 2, 5));
  assert_true(give(&q, 1, CEP_TIMEOUT, 1, 5)); /* its part is null: a key of its own */
  assert_false(give(&q, 2, CEP_TIMEOUT, 2, 6));
  close_quiet(&q);
}

static void a_silence_past_the_end_of_time_never_ends(void **state)
{
  (void)state;
  quiet q;
  open_quiet(&q, 0);
  assert_true(give(&q, CEP_TIME_MAX - 3, CEP_MATCH, 1, 0));
  assert_false(give(&q, CEP_TIME_MAX - 1, CEP_MATCH, 1, 0));
  fire_until(&q, CEP_TIME_MAX - 1);
  assert_int_equal(q.op.keys, 1);
  close_quiet(&q);
}

static void saved_and_loaded_it_goes_on_as_before(void **state)
{
  (void)state;
  quiet q;
  open_quiet(&q, 0);
  assert_true(give(&q, -5, CEP_MATCH, 1, 0));
  assert_true(give(&q, 0, CEP_MATCH, 2, 0));
  assert_false(give(&q, 0, CEP_MATCH, 1, 0));
  assert_int_equal(rt_operators_reload(&q.op, &q.core), CEP_OK);
  assert_false(give(&q, 4, CEP_MATCH, 1, 0));
  assert_true(give(&q, 5, CEP_MATCH, 1, 0));
  assert_int_equal(q.suppressed, 2);
  close_quiet(&q);
}

static void torn_bytes_are_refused_and_leave_the_slot_empty(void **state)
{
  (void)state;
  quiet q;
  cb_writer writer;
  open_quiet(&q, 0);
  cb_writer_init(&writer, &q.alloc);
  rt_suppress.save(&q.op, &(nfa_slot){{1, 77, 3}}, &writer);
  for (size_t len = 0; len <= writer.len; len++) {
    nfa_slot slot = {{0}};
    cb_reader reader;
    cb_reader_init(&reader, writer.data, len);
    cep_status status = rt_suppress.load(&q.op, &slot, &reader);
    assert_int_equal(status, len == writer.len ? CEP_OK : CEP_E_CORRUPT);
    assert_int_equal(rt_suppress.is_empty(&q.op, &slot), len < writer.len);
  }
  cb_writer_fini(&writer);
  close_quiet(&q);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_alert_silences_its_key_until_the_end_of_the_span),
      cmocka_unit_test(what_is_held_back_does_not_prolong_the_silence),
      cmocka_unit_test(a_key_goes_away_with_its_silence_unless_it_has_a_number_to_tell),
      cmocka_unit_test(a_timeout_is_silenced_by_the_output_of_the_same_name),
      cmocka_unit_test(a_silence_past_the_end_of_time_never_ends),
      cmocka_unit_test(saved_and_loaded_it_goes_on_as_before),
      cmocka_unit_test(torn_bytes_are_refused_and_leave_the_slot_empty)};
  return cmocka_run_group_tests_name("runtime/suppress", tests, NULL, NULL);
}
