/* test_engine_ways.c - what must not matter: batches, chunks, interleaving, small slabs, saved
 * keys, stopping; and what happens at limits of memory and of held events. */
#include <stdio.h>

#include "cep/base/prng.h"
#include "tests/support/engine_bench.h"

/* Four detections in three strata over two inputs, with suppression, absence, timeouts. */
static const char tower[] = "stream A from file \"a\" format json { time ts s lateness 3s  k: int?  v: int? }\n"
                            "stream B from file \"b\" format json { time ts s lateness 3s  k: int?  v: int? }\n"
                            "detect pairs by k within 10s {\n"
                            "  match A as a then A as b where v >= a.v\n"
                            "  emit { v: a.v + b.v }\n"
                            "  suppress 4s by k\n"
                            "}\n"
                            "detect lone by k within 5s {\n"
                            "  match A as a then no B\n"
                            "  emit { v: a.v }\n"
                            "}\n"
                            "detect both by v within 30s {\n"
                            "  match pairs as p then any B as q\n"
                            "  emit { w: p.v, j: p.k }\n"
                            "  after match skip to next\n"
                            "}\n"
                            "detect top within 20s {\n"
                            "  match both as x then lone as y\n"
                            "  emit { w: x.w, k: y.k }\n"
                            "  on timeout emit { t: x.w }\n"
                            "  suppress 3s\n"
                            "}\n";

enum { ROWS = 300, PARTITIONS = 4 };

typedef struct row {
  cep_time time;
  int64_t k;
  int64_t v;
} row;

/* What each of four inputs (two of A, two of B) will deliver, in its own order. */
typedef struct story {
  row rows[PARTITIONS][ROWS];
} story;

static void tell(story *s, uint64_t seed)
{
  cb_prng prng;
  cb_prng_init(&prng, seed);
  for (int p = 0; p < PARTITIONS; p++) {
    cep_time time = 0;
    for (int i = 0; i < ROWS; i++) {
      time += (cep_time)cb_prng_below(&prng, 2) * SECOND;
      cep_time shuffled = time - (cep_time)cb_prng_below(&prng, 5) * SECOND; /* now and then late */
      s->rows[p][i] = (row){shuffled, cb_prng_chance(&prng, 3) ? NONE : (int64_t)cb_prng_below(&prng, 4),
                            cb_prng_chance(&prng, 3) ? NONE : (int64_t)cb_prng_below(&prng, 6)};
    }
  }
}

typedef struct way {
  uint32_t batch;
  int reload;
  int small;
  int flushes;     /* at random places */
  int in_turn;     /* inputs in turn, not at random */
  uint32_t stop;   /* the callback stops after every so many alerts */
  uint64_t seed;   /* of the interleaving */
} way;

static void run_story(bench *b, const story *s, const way *w)
{
  rt_input *inputs[PARTITIONS];
  cb_prng prng;
  int at[PARTITIONS] = {0}, left = PARTITIONS * ROWS;
  cb_prng_init(&prng, w->seed);
  bench_prepare(b, tower);
  b->options.batch_events = w->batch;
  b->options.reload_keys = w->reload;
  b->options.small_slabs = w->small;
  b->stop_after = w->stop;
  assert_int_equal(rt_engine_new(&b->options, b->program, bench_deliver, b, &b->engine), CEP_OK);
  for (uint32_t p = 0; p < PARTITIONS; p++)
    assert_int_equal(rt_engine_input(b->engine, p / 2, p % 2, &inputs[p], NULL), CEP_OK);
  for (uint32_t turn = 0; left > 0; turn++) {
    uint32_t p = w->in_turn ? turn % PARTITIONS : cb_prng_below(&prng, PARTITIONS);
    if (at[p] == ROWS) continue;
    const row *r = &s->rows[p][at[p]++];
    cep_status status = bench_row_at(b, inputs[p], p / 2 == 0 ? "A" : "B", r->time, CEP_POSITION_NEXT, r->k, r->v);
    assert_true(status == CEP_OK || status == CEP_LATE || (status == CEP_STOPPED && w->stop > 0));
    left--;
    if (!w->flushes || !cb_prng_chance(&prng, 10)) continue;
    status = rt_engine_flush(b->engine, NULL);
    assert_true(status == CEP_OK || (status == CEP_STOPPED && w->stop > 0));
  }
  while (rt_engine_finish(b->engine, NULL) == CEP_STOPPED) assert_true(w->stop > 0);
}

/* One story, told in all ways: every byte of every alert, and their order, is the same. */
static void no_way_of_running_changes_a_byte(void **state)
{
  (void)state;
  static const way ways[] = {{1024, 0, 0, 0, 0, 0, 3}, {7, 0, 0, 0, 1, 0, 0}, {64, 0, 0, 1, 0, 0, 5},
                             {1, 1, 1, 0, 0, 0, 9},    {16, 1, 0, 1, 1, 0, 7}, {1, 0, 1, 0, 0, 1, 4},
                             {32, 0, 0, 0, 0, 3, 6}};
  static story s;
  uint32_t alerts = 0;
  for (uint64_t seed = 1; seed <= 6; seed++) {
    bench plain;
    tell(&s, seed);
    run_story(&plain, &s, &(way){.batch = 1, .seed = 1});
    alerts += plain.alerts;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
      if (ways[i].reload && seed > 2) continue; /* slow */
      bench other;
      run_story(&other, &s, &ways[i]);
      assert_int_equal(other.alerts, plain.alerts);
      assert_string_equal(bench_log(&other), bench_log(&plain));
      for (int stat = 0; stat < CEP_STAT_EVENTS_HELD; stat++)
        assert_int_equal(bench_stat(&other, (cep_stat)stat), bench_stat(&plain, (cep_stat)stat));
      bench_close(&other);
    }
    for (uint32_t d = 0; d < 4; d++) assert_true(rt_engine_stat(plain.engine, CEP_STAT_ALERTS_OUT, d) > 0);
    assert_true(bench_stat(&plain, CEP_STAT_RECORDS_LATE) > 0);
    assert_true(bench_stat(&plain, CEP_STAT_SUPPRESSED) > 0);
    assert_int_equal(bench_stat(&plain, CEP_STAT_PARTIALS_ACTIVE), 0);
    bench_close(&plain);
  }
  assert_true(alerts > 500);
}

/* ---- Any calls in any order ------------------------------------------------------------- */

static cep_time wild_time(cb_prng *prng, cep_time around)
{
  switch (cb_prng_below(prng, 60)) {
  case 0: return CEP_TIME_MAX - (cep_time)cb_prng_below(prng, 3);
  case 1: return CEP_TIME_MIN + (cep_time)cb_prng_below(prng, 3);
  default: return around + ((cep_time)cb_prng_below(prng, 20) - 10) * SECOND / 2;
  }
}

/* One random call; wild ones may be refused, nothing may break. */
static void wild_call(bench *b, rt_input **inputs, cb_prng *prng, int step, int tame)
{
  uint32_t p = cb_prng_below(prng, PARTITIONS);
  cep_time around = (cep_time)step * SECOND / 4;
  cep_time time = tame ? around + ((cep_time)cb_prng_below(prng, 20) - 10) * SECOND / 2 : wild_time(prng, around);
  int64_t k = cb_prng_below(prng, 4), v = cb_prng_below(prng, 6);
  cep_value fields[2] = {cb_int(k), cb_int(v)};
  cep_event derived = {sizeof derived, bench_stream(b, "pairs"), around + SECOND, 0, fields, 2};
  cep_status status = CEP_OK;
  switch (cb_prng_below(prng, 40)) {
  case 0: status = rt_input_idle(inputs[p], 1, NULL); break;
  case 1: status = rt_input_idle(inputs[p], 0, NULL); break;
  case 2: status = rt_input_advance(inputs[p], time, NULL); break;
  case 3: status = rt_engine_flush(b->engine, NULL); break;
  case 4: status = step > 700 ? rt_input_end(inputs[p], NULL) : CEP_OK; break;
  case 5: status = rt_engine_derived_row(b->engine, &derived, NULL); break;
  case 6: status = rt_input_refuse(inputs[p], "x", 1, CEP_POSITION_NEXT, "reader", NULL); break;
  default: status = bench_row_at(b, inputs[p], p / 2 == 0 ? "A" : "B", time, CEP_POSITION_NEXT, k, v);
  }
  assert_true(status == CEP_OK || status == CEP_LATE || status == CEP_E_INVALID);
}

static void run_wild(bench *b, uint64_t seed, uint32_t batch, int reload, int tame)
{
  rt_input *inputs[PARTITIONS];
  cb_prng prng;
  cb_prng_init(&prng, seed);
  bench_prepare(b, tower);
  b->options.batch_events = batch;
  b->options.reload_keys = reload;
  assert_int_equal(rt_engine_new(&b->options, b->program, bench_deliver, b, &b->engine), CEP_OK);
  for (uint32_t p = 0; p < PARTITIONS; p++)
    assert_int_equal(rt_engine_input(b->engine, p / 2, p % 2, &inputs[p], NULL), CEP_OK);
  for (int step = 0; step < 800; step++) wild_call(b, inputs, &prng, step, tame);
  bench_finish(b);
  assert_int_equal(bench_stat(b, CEP_STAT_EVENTS_HELD), 0);
  /* Near the end of time a deadline may lie beyond it, and so never comes. */
  if (tame) assert_int_equal(bench_stat(b, CEP_STAT_PARTIALS_ACTIVE), 0);
}

static void random_calls_break_nothing_and_batches_do_not_show(void **state)
{
  (void)state;
  uint32_t alerts = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    bench plain, other;
    run_wild(&plain, seed, 1, 0, seed % 2 == 0);
    run_wild(&other, seed, 13, seed % 8 == 0, seed % 2 == 0);
    assert_string_equal(bench_log(&other), bench_log(&plain));
    for (int stat = 0; stat < CEP_STAT_EVENTS_HELD; stat++)
      assert_int_equal(bench_stat(&other, (cep_stat)stat), bench_stat(&plain, (cep_stat)stat));
    alerts += plain.alerts;
    bench_close(&other);
    bench_close(&plain);
  }
  assert_true(alerts > 500);
}

static const char each[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                           "detect d by k within 60s { match A as a emit { v: a.v } }\n";

static void what_was_not_delivered_comes_first_in_the_next_call(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s lateness 100s  k: int?  v: int? }\n"
                              "detect d by k within 60s { match A as a emit { v: a.v } }\n";
  bench b;
  bench_open(&b, rules);
  for (int64_t t = 1; t <= 5; t++) assert_int_equal(bench_row(&b, "A", t, 1, t), CEP_OK);
  b.stop_after = 2;
  assert_int_equal(rt_input_advance(b.inputs[0], 10 * SECOND, NULL), CEP_STOPPED);
  assert_int_equal(b.alerts, 2);
  assert_int_equal(bench_row(&b, "A", 11, 1, 11), CEP_STOPPED);
  assert_int_equal(b.alerts, 4);
  assert_int_equal(rt_engine_flush(b.engine, NULL), CEP_OK);
  assert_int_equal(b.alerts, 5);
  assert_int_equal(rt_engine_finish(b.engine, NULL), CEP_STOPPED);
  assert_int_equal(b.alerts, 6);
  assert_int_equal(rt_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(bench_stat(&b, CEP_STAT_ALERTS_OUT), 6);
  bench_close(&b);
}

static void an_input_ahead_waits_at_the_limit_and_the_one_behind_never_does(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                              "stream B from file \"b\" format json { time ts s  k: int?  v: int? }\n"
                              "detect d by k within 60s { match A as a then B as b emit { v: a.v } }\n";
  for (uint32_t n = 0; n < 9; n++) {
    bench b;
    bench_prepare(&b, rules);
    b.options.held_max = 3;
    b.options.batch_events = 1 + n % 3;
    b.options.workers = 1 + n / 3;
    bench_start(&b);
    for (int64_t t = 1; t <= 3; t++) assert_int_equal(bench_row(&b, "A", t, 1, t), CEP_OK);
    assert_int_equal(bench_row(&b, "A", 4, 1, 4), CEP_E_LIMIT);
    assert_int_equal(bench_row(&b, "A", 4, 1, 4), CEP_E_LIMIT);
    assert_int_equal(bench_stat(&b, CEP_STAT_RECORDS_READ), 3);
    assert_int_equal(bench_row(&b, "B", 2, 1, 0), CEP_OK);
    assert_int_equal(bench_row(&b, "A", 4, 1, 4), CEP_OK);
    bench_finish(&b);
    assert_int_equal(bench_stat(&b, CEP_STAT_RECORDS_READ), 5);
    bench_close(&b);
  }
}

/* Memory that runs out stops the engine for good; it says so, and ends cleanly. */
static void an_engine_that_ran_out_of_memory_refuses_everything_after(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                              "detect d by k unbounded { match A as a then A as b where v < 0 emit { v: a.v } }\n";
  bench b;
  cep_error err = {0};
  bench_prepare(&b, rules);
  b.options.memory_max = 1 << 20;
  bench_start(&b);
  cep_status status = CEP_OK;
  int64_t t = 0;
  while (status == CEP_OK && t < 1000000) {
    t++;
    status = bench_row(&b, "A", t, t, 1);
  }
  assert_int_equal(status, CEP_E_NOMEM);
  assert_true(t > 1000);
  assert_true(bench_stat(&b, CEP_STAT_BYTES_IN_USE) <= 1 << 20);
  assert_int_equal(rt_engine_flush(b.engine, &err), CEP_E_NOMEM);
  assert_non_null(strstr(err.text, "memory"));
  assert_int_equal(rt_input_advance(b.inputs[0], t * SECOND, NULL), CEP_E_NOMEM);
  assert_int_equal(rt_engine_finish(b.engine, NULL), CEP_E_NOMEM);
  bench_close(&b);
}

/* The same load over and over: what it needs at most has been seen after some rounds. */
static void an_event_allocates_nothing_once_warm(void **state)
{
  (void)state;
  enum { ROUND = 2000, ROUNDS = 30 };
  bench b;
  bench_open(&b, tower);
  uint64_t warm = 0;
  for (int64_t round = 0; round < ROUNDS; round++) {
    cb_prng prng;
    cb_prng_init(&prng, 8);
    if (round == ROUNDS / 2) warm = b.fault.calls;
    for (int64_t i = 0; i < ROUND; i++) {
      const char *stream = cb_prng_chance(&prng, 50) ? "A" : "B";
      int64_t second = round * (ROUND / 20 + 60) + i / 20;
      cep_status status = bench_row(&b, stream, second, cb_prng_below(&prng, 50), cb_prng_below(&prng, 5));
      assert_int_equal(status, CEP_OK);
    }
  }
  assert_int_equal(b.fault.calls, warm);
  assert_true(b.alerts > 1000);
  bench_close(&b);
}

static void a_record_allocates_nothing_once_warm(void **state)
{
  (void)state;
  static const char rules[] = "input In from file \"a\" format json { time ts s  user: string }\n"
                              "stream T from In where user like \"u%\" { ip: ip?  n: float? }\n"
                              "detect d by user, ip within 60s { match T as p then T as q where n > p.n emit { u: upper(q.user), n: q.n } }\n";
  bench b;
  uint64_t warm = 0;
  bench_open(&b, rules);
  for (int i = 0; i < 20000; i++) {
    char record[200];
    if (i == 10000) warm = b.fault.calls;
    int len = snprintf(record, sizeof record, "{\"ts\":%d,\"user\":\"%c%d with a long name\",\"ip\":\"10.0.0.%d\",\"n\":%d.5}",
                       i / 10, i % 7 == 0 ? 'x' : 'u', i % 50, i % 5, i % 100);
    assert_int_equal(rt_input_record(b.inputs[0], record, (size_t)len, CEP_POSITION_NEXT, NULL), CEP_OK);
    if (i % 500 == 0) b.log.len = 0;
  }
  assert_int_equal(b.fault.calls, warm);
  assert_true(b.alerts > 1000);
  bench_close(&b);
}

static void a_hundred_thousand_keys_come_and_go(void **state)
{
  (void)state;
  static const char rules[] = "stream A from file \"a\" format json { time ts s  k: int?  v: int? }\n"
                              "detect d by k within 60s { match A as a then A as b where v > a.v emit { v: b.v } }\n";
  bench b;
  cb_prng prng;
  bench_open(&b, rules);
  cb_prng_init(&prng, 21);
  for (int64_t i = 0; i < 100000; i++) {
    int64_t k = (int64_t)(cb_prng_next(&prng) >> 1);
    assert_int_equal(bench_row(&b, "A", i / 1000, k, 1), CEP_OK);
    if (i % 10 == 0) assert_int_equal(bench_row(&b, "A", i / 1000, k, 2), CEP_OK);
  }
  assert_int_equal(b.alerts, 10000);
  assert_true(bench_stat(&b, CEP_STAT_KEYS_ACTIVE) > 10000);
  bench_advance(&b, 0, 1000 * SECOND);
  assert_int_equal(bench_stat(&b, CEP_STAT_KEYS_ACTIVE), 0);
  assert_int_equal(bench_stat(&b, CEP_STAT_PARTIALS_ACTIVE), 0);
  bench_close(&b);
}

/* ---- Memory refused at each call ------------------------------------------------------- */

static int count_only(void *ctx, const rt_alert *alert)
{
  (void)alert;
  ++*(uint32_t *)ctx;
  return 0;
}

static int push_some(rt_engine *engine, const prg *program, rt_input **inputs)
{
  for (int64_t t = 1; t <= 12; t++) {
    uint32_t s = t % 3 == 0 ? 1 : 0;
    cep_value fields[3] = {cb_null(), cb_int(t % 2), cb_int(t)};
    cep_event event = {sizeof event, s, t * SECOND, CEP_POSITION_NEXT, fields, 3};
    if (program->streams[s].fields.count != 3) return CEP_E_INVALID;
    cep_status status = rt_input_row(inputs[s], &event, NULL);
    if (status < 0) return status;
  }
  return rt_engine_finish(engine, NULL);
}

static int scenario(const cep_allocator *allocator, void *ctx)
{
  prg *program = ctx;
  rt_options options = {.hook = *allocator,
                        .memory_max = 1 << 30,
                        .partial_max = 100,
                        .history_max = 100,
                        .held_max = 100,
                        .record_max = 1000,
                        .json_depth = 8,
                        .regex_match_limit = 1000,
                        .regex_text_max = 10000,
                        .batch_events = 2,
                        .small_slabs = 1};
  rt_engine *engine = NULL;
  rt_input *inputs[2];
  uint32_t alerts = 0;
  cep_status status = rt_engine_new(&options, program, count_only, &alerts, &engine);
  for (uint32_t i = 0; i < 2 && status == CEP_OK; i++) status = rt_engine_input(engine, i, 0, &inputs[i], NULL);
  if (status == CEP_OK) status = push_some(engine, program, inputs);
  if (status == CEP_OK && alerts < 4) status = CEP_E_INVALID;
  rt_engine_free(engine);
  return status;
}

static void memory_refused_anywhere_leaves_nothing_behind(void **state)
{
  (void)state;
  prg *program = bench_compile(tower);
  assert_true(fault_alloc_sweep(scenario, program) > 50);
  prg_unref(program);
}

static void a_row_for_each_alert_is_seen_at_once(void **state)
{
  (void)state;
  bench b;
  bench_open(&b, each);
  for (uint32_t i = 1; i <= 10; i++) {
    assert_int_equal(bench_row(&b, "A", i, 1, i), CEP_OK);
    assert_int_equal(b.alerts, i);
  }
  bench_close(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_way_of_running_changes_a_byte),
      cmocka_unit_test(random_calls_break_nothing_and_batches_do_not_show),
      cmocka_unit_test(what_was_not_delivered_comes_first_in_the_next_call),
      cmocka_unit_test(a_row_for_each_alert_is_seen_at_once),
      cmocka_unit_test(an_input_ahead_waits_at_the_limit_and_the_one_behind_never_does),
      cmocka_unit_test(an_engine_that_ran_out_of_memory_refuses_everything_after),
      cmocka_unit_test(an_event_allocates_nothing_once_warm),
      cmocka_unit_test(a_record_allocates_nothing_once_warm),
      cmocka_unit_test(a_hundred_thousand_keys_come_and_go),
      cmocka_unit_test(memory_refused_anywhere_leaves_nothing_behind)};
  return cmocka_run_group_tests_name("runtime/engine_ways", tests, NULL, NULL);
}
