/* test_join.c - joins through cep.h: what an alert says, what is counted, what is kept, and the ends of time. */
#include <stdio.h>

#include "tests/support/rules.h"

#define SECOND INT64_C(1000000000)
#define SEEN_MAX 64u

typedef struct seen {
  uint32_t count;
  cep_match_kind kind;
  cep_time time, first, last;
  uint32_t events;
  cep_time event_times[2];
  uint8_t ids[SEEN_MAX][16];
} seen;

static int on_match(void *ctx, const cep_match *match)
{
  seen *s = ctx;
  s->kind = cep_match_what(match);
  s->time = cep_match_time(match);
  s->first = cep_match_time_first(match);
  s->last = cep_match_time_last(match);
  s->events = cep_match_event_count(match);
  for (uint32_t i = 0; i < s->events && i < 2; i++) {
    cep_captured event = {.size = sizeof event};
    assert_int_equal(cep_match_event(match, i, &event), CEP_OK);
    s->event_times[i] = event.time;
  }
  if (s->count < SEEN_MAX) memcpy(s->ids[s->count], cep_match_id(match), 16);
  s->count++;
  return 0;
}

typedef struct bench {
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *inputs[2];
  seen seen;
} bench;

/* `set` NULL, or the value of partial.max. */
static void open_bench(bench *b, const char *join, const char *set)
{
  char text[512];
  memset(b, 0, sizeof *b);
  b->config = rules_config();
  if (set) assert_int_equal(cep_config_set(b->config, "partial.max", set, NULL), CEP_OK);
  snprintf(text, sizeof text, "stream A { time ts ns  k: int  v: int }\nstream B { time ts ns  k: int  v: int }\n%s", join);
  b->program = rules_compile(b->config, text);
  assert_int_equal(cep_engine_new(b->config, b->program, on_match, &b->seen, &b->engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(b->engine, "A", 0, &b->inputs[0], NULL), CEP_OK);
  assert_int_equal(cep_engine_input(b->engine, "B", 0, &b->inputs[1], NULL), CEP_OK);
}

static void close_bench(bench *b)
{
  cep_engine_free(b->engine);
  cep_program_free(b->program);
  cep_config_free(b->config);
}

/* An event of one stream; the other one promises nothing before it. */
static void push(bench *b, int side, cep_time time, int64_t k, int64_t v)
{
  cep_value values[3] = {{CEP_TIME, 0, {.i = time}}, {CEP_INT, 0, {.i = k}}, {CEP_INT, 0, {.i = v}}};
  cep_event event = {sizeof event, 0, time, CEP_POSITION_NEXT, values, 3};
  assert_int_equal(cep_program_stream(b->program, side ? "B" : "A", &event.stream), CEP_OK);
  assert_true(cep_input_push(b->inputs[side], &event, NULL) >= 0);
  assert_int_equal(cep_input_advance(b->inputs[!side], time, NULL), CEP_OK);
}

static void advance(bench *b, cep_time time)
{
  for (int side = 0; side < 2; side++) assert_int_equal(cep_input_advance(b->inputs[side], time, NULL), CEP_OK);
  assert_int_equal(cep_engine_flush(b->engine, NULL), CEP_OK);
}

static uint64_t stat(const bench *b, cep_stat which)
{
  return cep_engine_stat(b->engine, which, CEP_NONE);
}

/* ---- Alerts ------------------------------------------------------------------------------ */

static void a_pair_has_its_events_by_side_and_spans_them(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "join j from A as a, B as b by k within 10s { }", NULL);
  push(&b, 1, 3 * SECOND, 1, 0);
  push(&b, 0, 5 * SECOND, 1, 0);
  advance(&b, 6 * SECOND);
  assert_int_equal(b.seen.count, 1);
  assert_int_equal(b.seen.kind, CEP_MATCH);
  assert_int_equal(b.seen.time, 5 * SECOND);
  assert_int_equal(b.seen.first, 3 * SECOND);
  assert_int_equal(b.seen.last, 5 * SECOND);
  assert_int_equal(b.seen.events, 2);
  assert_int_equal(b.seen.event_times[0], 5 * SECOND);
  assert_int_equal(b.seen.event_times[1], 3 * SECOND);
  close_bench(&b);
}

static void who_comes_out_alone_is_a_match_of_one_event(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "join j from A as a, B as b by k within 10s full { }", NULL);
  push(&b, 1, 3 * SECOND, 1, 0);
  advance(&b, 13 * SECOND);
  assert_int_equal(b.seen.count, 1);
  assert_int_equal(b.seen.kind, CEP_MATCH);
  assert_int_equal(b.seen.time, 13 * SECOND);
  assert_int_equal(b.seen.events, 1);
  assert_int_equal(b.seen.first, 3 * SECOND);
  assert_int_equal(b.seen.last, 3 * SECOND);
  assert_int_equal(stat(&b, CEP_STAT_MATCHES), 1);
  close_bench(&b);
}

static void a_pair_has_an_id_for_each_window_that_it_is_in(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "join j from A as a, B as b by k window sliding 10s every 5s { }", NULL);
  push(&b, 0, 6 * SECOND, 1, 0);
  push(&b, 1, 7 * SECOND, 1, 0);
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(b.seen.count, 2);
  assert_memory_not_equal(b.seen.ids[0], b.seen.ids[1], 16);
  assert_int_equal(b.seen.first, 6 * SECOND);
  assert_int_equal(b.seen.last, 7 * SECOND);
  close_bench(&b);
}

/* ---- What is kept ------------------------------------------------------------------------ */

static void of_too_many_events_of_a_side_the_oldest_goes_and_is_counted(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, "join j from A as a, B as b by k within 60s left { }", "3");
  for (int64_t i = 0; i < 5; i++) push(&b, 0, i * SECOND, 1, i);
  push(&b, 0, 4 * SECOND, 2, 9); /* another key has room */
  push(&b, 1, 5 * SECOND, 1, 0);
  advance(&b, 6 * SECOND);
  assert_int_equal(b.seen.count, 3);
  assert_int_equal(b.seen.first, 4 * SECOND);
  assert_int_equal(stat(&b, CEP_STAT_PARTIALS_DROPPED), 2);
  assert_int_equal(stat(&b, CEP_STAT_PARTIALS_ACTIVE), 5);
  assert_int_equal(stat(&b, CEP_STAT_STARTED), 7);
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(b.seen.count, 4); /* what went does not come out alone */
  close_bench(&b);
}

static void a_key_goes_when_none_of_its_events_can_find_a_partner(void **state)
{
  (void)state;
  static const char *const joins[] = {"join j from A as a, B as b by k within 10s { }", "join j from A as a, B as b by k within 10s full { }",
                                      "join j from A as a, B as b by k window tumbling 10s { }",
                                      "join j from A as a, B as b by k window sliding 10s every 3s left { }"};
  for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
    bench b;
    open_bench(&b, joins[i], NULL);
    push(&b, 0, 1 * SECOND, 1, 0);
    push(&b, 1, 2 * SECOND, 2, 0);
    advance(&b, 3 * SECOND);
    assert_int_equal(stat(&b, CEP_STAT_KEYS_ACTIVE), 2);
    advance(&b, 30 * SECOND);
    assert_int_equal(stat(&b, CEP_STAT_KEYS_ACTIVE), 0);
    assert_int_equal(stat(&b, CEP_STAT_PARTIALS_ACTIVE), 0);
    close_bench(&b);
  }
}

static void memory_does_not_grow_with_the_length_of_the_input(void **state)
{
  (void)state;
  static const char *const joins[] = {"join j from A as a, B as b by k within 10s { where a.v < 0 }",
                                      "join j from A as a, B as b by k within 10s full { where a.v < 0 }",
                                      "join j from A as a, B as b by k window sliding 10s every 2s left { where a.v < 0 }"};
  for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
    bench b;
    uint64_t after = 0;
    open_bench(&b, joins[i], NULL);
    for (int64_t n = 0; n < 4000; n++) {
      push(&b, (int)(n & 1), n * SECOND / 2, n % 3, n);
      if (n == 1000) after = stat(&b, CEP_STAT_BYTES_IN_USE);
    }
    assert_int_equal(stat(&b, CEP_STAT_BYTES_IN_USE), after);
    close_bench(&b);
  }
}

/* What would be decided beyond time is not decided, and nothing wraps round. */
static void the_ends_of_time_do_no_harm(void **state)
{
  (void)state;
  static const char *const joins[] = {"join j from A as a, B as b by k within 10s full { }", "join j from A as a, B as b by k within 100000d { }",
                                      "join j from A as a, B as b by k window tumbling 10s offset 3s left { }",
                                      "join j from A as a, B as b by k window sliding 10s every 3s offset 1s full { }"};
  for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
    bench b;
    open_bench(&b, joins[i], NULL);
    push(&b, 0, CEP_TIME_MIN + 1, 1, 0);
    push(&b, 1, CEP_TIME_MIN + 2, 1, 0);
    push(&b, 0, 0, 1, 0);
    push(&b, 0, CEP_TIME_MAX - 2, 1, 0);
    push(&b, 1, CEP_TIME_MAX - 1, 1, 0);
    assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
    assert_true(b.seen.count >= 1);
    close_bench(&b);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pair_has_its_events_by_side_and_spans_them),
      cmocka_unit_test(who_comes_out_alone_is_a_match_of_one_event),
      cmocka_unit_test(a_pair_has_an_id_for_each_window_that_it_is_in),
      cmocka_unit_test(of_too_many_events_of_a_side_the_oldest_goes_and_is_counted),
      cmocka_unit_test(a_key_goes_when_none_of_its_events_can_find_a_partner),
      cmocka_unit_test(memory_does_not_grow_with_the_length_of_the_input),
      cmocka_unit_test(the_ends_of_time_do_no_harm),
  };
  return cmocka_run_group_tests_name("runtime/join", tests, NULL, NULL);
}
