/* test_aggregate.c - windows through cep.h: what an alert says, what is counted, what is kept. */
#include <stdio.h>

#include "tests/support/rules.h"

#define SECOND INT64_C(1000000000)

typedef struct seen {
  uint32_t count;
  cep_match_kind kind;
  cep_time time, first, last;
  uint32_t events;
  int64_t value;
  uint8_t ids[8][16];
} seen;

static int on_match(void *ctx, const cep_match *match)
{
  seen *s = ctx;
  s->kind = cep_match_what(match);
  s->time = cep_match_time(match);
  s->first = cep_match_time_first(match);
  s->last = cep_match_time_last(match);
  s->events = cep_match_event_count(match);
  const cep_value *value = cep_match_value(match, 0, NULL);
  s->value = value && value->kind == CEP_INT ? value->as.i : -1;
  if (s->count < 8) memcpy(s->ids[s->count], cep_match_id(match), 16);
  s->count++;
  return 0;
}

typedef struct bench {
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  seen seen;
} bench;

/* `set` NULL, or the value of distinct.max. */
static void open_bench(bench *b, const char *aggregate, const char *set)
{
  char text[512];
  memset(b, 0, sizeof *b);
  b->config = rules_config();
  if (set) assert_int_equal(cep_config_set(b->config, "distinct.max", set, NULL), CEP_OK);
  snprintf(text, sizeof text, "stream A { time ts ns  k: int  v: int }\n%s", aggregate);
  b->program = rules_compile(b->config, text);
  assert_int_equal(cep_engine_new(b->config, b->program, on_match, &b->seen, &b->engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(b->engine, "A", 0, &b->input, NULL), CEP_OK);
}

static void close_bench(bench *b)
{
  cep_engine_free(b->engine);
  cep_program_free(b->program);
  cep_config_free(b->config);
}

static cep_status push(bench *b, cep_time time, int64_t k, int64_t v)
{
  cep_value values[3] = {{CEP_TIME, 0, {.i = time}}, {CEP_INT, 0, {.i = k}}, {CEP_INT, 0, {.i = v}}};
  cep_event event = {sizeof event, 0, time, CEP_POSITION_NEXT, values, 3};
  assert_int_equal(cep_program_stream(b->program, "A", &event.stream), CEP_OK);
  return cep_input_push(b->input, &event, NULL);
}

static uint64_t stat(const bench *b, cep_stat which)
{
  return cep_engine_stat(b->engine, which, CEP_NONE);
}

static void an_alert_of_a_window_has_its_bounds_and_no_events(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "aggregate w from A by k window tumbling 10s { n: count() }", NULL);
  assert_int_equal(push(&b, 12 * SECOND, 1, 0), CEP_OK);
  assert_int_equal(push(&b, 13 * SECOND, 1, 0), CEP_OK);
  assert_int_equal(stat(&b, CEP_STAT_KEYS_ACTIVE), 1);
  assert_int_equal(cep_input_advance(b.input, 20 * SECOND, NULL), CEP_OK);
  assert_int_equal(cep_engine_flush(b.engine, NULL), CEP_OK);
  assert_int_equal(push(&b, 21 * SECOND, 1, 0), CEP_OK);
  assert_int_equal(b.seen.count, 1);
  assert_int_equal(b.seen.kind, CEP_WINDOW);
  assert_int_equal(b.seen.time, 20 * SECOND);
  assert_int_equal(b.seen.first, 10 * SECOND);
  assert_int_equal(b.seen.last, 20 * SECOND);
  assert_int_equal(b.seen.events, 0);
  assert_int_equal(b.seen.value, 2);
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(b.seen.count, 2);
  assert_memory_not_equal(b.seen.ids[0], b.seen.ids[1], 16);
  assert_int_equal(stat(&b, CEP_STAT_WINDOWS), 2);
  assert_int_equal(stat(&b, CEP_STAT_STARTED), 2);
  assert_int_equal(stat(&b, CEP_STAT_MATCHES), 0);
  assert_int_equal(stat(&b, CEP_STAT_EVENTS_IN), 3);
  assert_int_equal(stat(&b, CEP_STAT_KEYS_ACTIVE), 0);
  close_bench(&b);
}

/* What a window says has no part in its id: an event more, and it is the same window still. */
static void the_id_of_a_window_is_its_key_and_start(void **state)
{
  (void)state;
  uint8_t ids[2][16];
  for (int more = 0; more < 2; more++) {
    bench b;
    open_bench(&b, "aggregate w from A by k window tumbling 10s { n: count() }", NULL);
    assert_int_equal(push(&b, SECOND, 1, 0), CEP_OK);
    if (more) assert_int_equal(push(&b, 2 * SECOND, 1, 0), CEP_OK);
    assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
    memcpy(ids[more], b.seen.ids[0], 16);
    close_bench(&b);
  }
  assert_memory_equal(ids[0], ids[1], 16);
}

static void distinct_stands_still_at_its_limit_and_says_so(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "aggregate w from A by k window tumbling 10s { n: distinct(v) }", "3");
  for (int64_t v = 0; v < 5; v++) assert_int_equal(push(&b, SECOND, 1, v), CEP_OK);
  assert_int_equal(push(&b, SECOND, 1, 0), CEP_OK); /* known: not dropped */
  assert_int_equal(push(&b, SECOND, 2, 9), CEP_OK); /* another key has room */
  assert_int_equal(push(&b, 11 * SECOND, 1, 4), CEP_OK);
  assert_int_equal(stat(&b, CEP_STAT_DISTINCT_DROPPED), 2);
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(b.seen.count, 3);
  assert_int_equal(b.seen.value, 1);
  close_bench(&b);
}

static void sums_that_do_not_fit_are_null_and_counted(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "aggregate w from A by k window tumbling 10s { s: sum(v) }", NULL);
  assert_int_equal(push(&b, SECOND, 1, INT64_MAX), CEP_OK);
  assert_int_equal(push(&b, SECOND, 1, 1), CEP_OK);
  assert_int_equal(push(&b, 11 * SECOND, 1, INT64_MAX), CEP_OK);
  assert_int_equal(b.seen.value, -1);
  assert_int_equal(stat(&b, CEP_STAT_SUM_OVERFLOW), 1);
  assert_int_equal(push(&b, 11 * SECOND, 1, 7), CEP_OK); /* too much on the way is nothing */
  assert_int_equal(push(&b, 11 * SECOND, 1, -8), CEP_OK);
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(stat(&b, CEP_STAT_SUM_OVERFLOW), 1);
  assert_true(b.seen.value == INT64_MAX - 1);
  close_bench(&b);
}

/* A window whose end lies beyond time cannot be decided; it must not fire, and not wrap round. */
static void the_ends_of_time_do_no_harm(void **state)
{
  (void)state;
  static const char *const rules[] = {"aggregate w from A by k window tumbling 10s offset 3s { n: count() }",
                                      "aggregate w from A by k window tumbling 100000d even empty for 7d { n: count() }"};
  for (size_t i = 0; i < 2; i++) {
    bench b;
    open_bench(&b, rules[i], NULL);
    assert_true(push(&b, CEP_TIME_MIN + 1, 1, 0) >= 0);
    assert_true(push(&b, CEP_TIME_MIN + 2, 1, 0) >= 0);
    assert_true(push(&b, CEP_TIME_MAX - 2, 1, 0) >= 0);
    assert_true(push(&b, CEP_TIME_MAX - 1, 1, 0) >= 0);
    assert_int_equal(b.seen.count, 1);
    assert_int_equal(b.seen.value, 2);
    assert_int_equal(b.seen.first, CEP_TIME_MIN);
    assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
    assert_int_equal(b.seen.count, 1);
    close_bench(&b);
  }
}

/* A thousand windows of one key need no more than the first did. */
static void a_window_gives_its_memory_back(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "aggregate w from A by k window tumbling 10s even empty for 20s { d: distinct(v)  s: sum(v) }", NULL);
  uint64_t after_first = 0;
  for (int64_t window = 0; window < 1000; window++) {
    for (int64_t v = 0; v < 50; v++) assert_int_equal(push(&b, window * 10 * SECOND + v, 1, v), CEP_OK);
    if (window == 2) after_first = stat(&b, CEP_STAT_BYTES_IN_USE);
  }
  assert_true(after_first > 0);
  assert_int_equal(stat(&b, CEP_STAT_BYTES_IN_USE), after_first);
  assert_int_equal(b.seen.count, 999);
  close_bench(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_alert_of_a_window_has_its_bounds_and_no_events),
      cmocka_unit_test(the_id_of_a_window_is_its_key_and_start),
      cmocka_unit_test(distinct_stands_still_at_its_limit_and_says_so),
      cmocka_unit_test(sums_that_do_not_fit_are_null_and_counted),
      cmocka_unit_test(the_ends_of_time_do_no_harm),
      cmocka_unit_test(a_window_gives_its_memory_back),
  };
  return cmocka_run_group_tests_name("runtime/aggregate", tests, NULL, NULL);
}
