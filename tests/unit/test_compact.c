/* test_compact.c - the compact evaluator over long streams: the answers of runs, its limits, its memory. */
#include <stdio.h>
#include <stdlib.h>

#include "cep/base/prng.h"
#include "nfa/compact.h"
#include "runtime/engine_parts.h"
#include "tests/support/engine_bench.h"

#define HEAD "input In from stdin format json { time ts ns }\nstream E from In { t: int  v: int }\n"
#define EVENTS 200u

/* t is what kind of event it is: 0 to 5. */
static const char *const rules[] = {
    "within 12s { match E as a where t == 0 then any E as b where t == 1 then any E as c where t == 2 after match no skip emit { s: a.v + b.v * 3 + c.v * 7 } }",
    "within 6s { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 2 then any E as c where t >= 3 after match no skip limit 40 matches emit { n: count(b), s: sum(b.v) } }",
    "within 14s { match E as a where t == 0 then 1..3 reluctant E as b where t <= 1 then any E as c where t == 2 after match no skip emit { n: count(b), s: c.v } }",
    "within 8s { match 1..2 ( E as a where t == 0 then any E as b where t <= 2 ) then any E as c where t == 3 after match no skip emit { n: count(a), s: sum(b.v) } }",
    "within 10s { match E as a where t == 0 then no E where t == 4 then any E as b where t <= 2 then any optional E as c where t == 2 then any E as d where t == 3 after match no skip emit { s: a.v + d.v } }",
    "within 7s { match E as a where t == 0 then any all of ( E as b where t <= 2, E as c where t >= 2 ) then any E as d where t == 3 after match no skip emit { s: b.v + c.v * 3 } }",
    "within 9s { match E as a where t <= 1 then immediately 1+ reluctant consecutive E as b where t <= 3 then any E as c where t == 2 after match no skip emit { n: count(b) } }",
    "within 6s { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 3 until E where t == 5 then any one of ( E as c where t == 2, E as d where t <= 3 ) "
    "having max(b.v) > 30 after match no skip limit 25 matches emit { n: count(b) } }",
    "within 6s { match E as a where t <= 1 then any 2+ reluctant any ( E as b where t <= 2 then immediately E as c where t <= 3 ) then any E as d where t == 3 "
    "after match no skip limit 30 matches emit { n: count(b), s: sum(c.v) } }",
    "within 9s { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 3 then any E as c where t == 3 after match no skip emit once { n: matches(), s: sum(b.v), m: max(a.v) } }",
    "within 20 events { match 1..3 ( 1..2 reluctant E as a where t <= 2 ) then any E as c where t == 3 after match no skip emit once { n: matches(), k: count(a) } }",
};
#define RULES (sizeof rules / sizeof *rules)

/* Nothing but the number of matches is asked for: the tally evaluator. */
static const char *const counted[] = {
    "within 9s { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 3 then any E as c where t == 3 after match no skip emit once { n: matches() } }",
    "within 40 events { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 3 then any E as c where t == 3 after match no skip emit once { } }",
    "within 100h { match E as a where t <= 1 then any 1+ reluctant any E as b where t <= 3 then any E as c where t == 3 after match no skip emit once { n: matches() } }",
    "within 6s { match E as a where t <= 1 then no E where t == 4 then 2..3 any E as b where t <= 3 then immediately E as c where t == 3 after match no skip emit once { n: matches() } }",
    "within 25 events { match optional E as a where t == 1 then any E as b where t <= 3 then any optional E as c where t == 3 after match no skip emit once { n: matches() } }",
};
#define COUNTED (sizeof counted / sizeof *counted)

typedef struct outcome {
  char *lines;
  uint64_t dropped;
  uint64_t partials_dropped;
} outcome;

static outcome run_of(const char *rule, nfa_wish evaluator, uint32_t seed, uint64_t partial_max, int reload)
{
  bench b;
  char text[900];
  snprintf(text, sizeof text, HEAD "detect p %s", rule);
  bench_prepare(&b, text);
  const nfa_evaluator *chosen = nfa_evaluator_for(b.program, &b.program->detections[0], NFA_WISH_NONE, NULL);
  assert_true(chosen == &nfa_compact || chosen == &nfa_tallied);
  b.options.evaluator = evaluator;
  b.options.partial_max = partial_max;
  b.options.reload_keys = reload;
  bench_start(&b);
  cb_prng prng;
  cb_prng_init(&prng, seed);
  cep_time now = 0;
  for (uint32_t i = 0; i < EVENTS; i++) {
    now += cb_prng_below(&prng, 3) * SECOND / 2;
    assert_int_equal(bench_row_at(&b, b.inputs[0], "E", now, CEP_POSITION_NEXT, cb_prng_below(&prng, 6), cb_prng_below(&prng, 50)), CEP_OK);
    bench_advance(&b, 0, now);
  }
  bench_finish(&b);
  assert_int_equal(bench_stat(&b, CEP_STAT_PARTIALS_ACTIVE), 0);
  outcome out = {strdup(bench_log(&b)), bench_stat(&b, CEP_STAT_MATCHES_DROPPED), bench_stat(&b, CEP_STAT_PARTIALS_DROPPED)};
  bench_close(&b);
  return out;
}

static void long_streams_give_what_runs_give(void **state)
{
  (void)state;
  for (size_t r = 0; r < RULES; r++) {
    for (uint32_t seed = 1; seed <= 2; seed++) {
      outcome runs = run_of(rules[r], NFA_WISH_RUNS, seed, 100000000, 0);
      outcome compact = run_of(rules[r], NFA_WISH_NONE, seed, 100000000, 0);
      assert_true(strlen(runs.lines) > 0);
      assert_string_equal(compact.lines, runs.lines);
      assert_true(compact.dropped == runs.dropped);
      free(runs.lines);
      free(compact.lines);
    }
  }
}

static void a_key_that_is_saved_and_loaded_goes_on_as_before(void **state)
{
  (void)state;
  for (size_t r = 0; r < RULES; r++) {
    outcome plain = run_of(rules[r], NFA_WISH_NONE, 4, 100000000, 0);
    outcome reloaded = run_of(rules[r], NFA_WISH_NONE, 4, 100000000, 1);
    assert_string_equal(reloaded.lines, plain.lines);
    free(plain.lines);
    free(reloaded.lines);
  }
}

/* Numbers alone, numbers over the graph and records one by one are three ways to the same answer. */
static void counting_without_a_graph_gives_the_same_numbers(void **state)
{
  (void)state;
  for (size_t r = 0; r < COUNTED; r++) {
    for (uint32_t seed = 1; seed <= 3; seed++) {
      outcome tally = run_of(counted[r], NFA_WISH_NONE, seed, 100000000, 0);
      outcome reloaded = run_of(counted[r], NFA_WISH_NONE, seed, 100000000, 1);
      outcome compact = run_of(counted[r], NFA_WISH_COMPACT, seed, 100000000, 0);
      assert_true(strlen(tally.lines) > 0);
      assert_string_equal(tally.lines, compact.lines);
      assert_string_equal(reloaded.lines, compact.lines);
      free(tally.lines);
      free(reloaded.lines);
      free(compact.lines);
    }
  }
}

/* What is dropped is counted, and the rest is as it would be had it never come. */
static void a_tally_that_is_full_starts_nothing_more(void **state)
{
  (void)state;
  outcome all = run_of(counted[0], NFA_WISH_NONE, 1, 100000000, 0);
  outcome few = run_of(counted[0], NFA_WISH_NONE, 1, 2, 0);
  outcome reloaded = run_of(counted[0], NFA_WISH_NONE, 1, 2, 1);
  assert_true(all.partials_dropped == 0);
  assert_true(few.partials_dropped > 0);
  assert_true(strcmp(all.lines, few.lines) != 0);
  assert_string_equal(reloaded.lines, few.lines);
  assert_true(reloaded.partials_dropped == few.partials_dropped);
  free(all.lines);
  free(few.lines);
  free(reloaded.lines);
}

/* ---- The evaluator alone ---------------------------------------------------------------------- */

typedef struct alone {
  const nfa_evaluator *kind;
  cb_alloc alloc;
  cb_slab slab;
  nfa_scratch scratch;
  nfa_worker worker;
  nfa_slot slot;
  cb_batch batch;
  uint64_t matches;
  uint64_t longest;
} alone;

static cep_status count_result(void *ctx, const nfa_result *result)
{
  alone *a = ctx;
  uint64_t length = nfa_history_at(result->captures.slab, result->captures.head)->length;
  a->matches++;
  if (length > a->longest) a->longest = length;
  return CEP_OK;
}

static cep_status open_alone(alone *a, const prg *program, const cep_allocator *allocator, uint64_t partial_max)
{
  memset(a, 0, sizeof *a);
  a->kind = nfa_evaluator_for(program, &program->detections[0], NFA_WISH_NONE, NULL);
  cb_alloc_init(&a->alloc, allocator, 0);
  cb_slab_init(&a->slab, &a->alloc, 1);
  a->worker = (nfa_worker){.program = program,
                           .detection = &program->detections[0],
                           .alloc = &a->alloc,
                           .slab = &a->slab,
                           .scratch = &a->scratch,
                           .partial_max = partial_max,
                           .history_max = 5};
  cep_status status = nfa_scratch_init(&a->scratch, &a->alloc, program, 1000, 1000);
  const prg_stream *stream = &program->streams[0];
  if (status == CEP_OK) status = cb_batch_init(&a->batch, &a->alloc, 0, stream->columns.count, program->columns + stream->columns.first, 1);
  return status == CEP_OK ? a->kind->open(&a->worker) : status;
}

static void close_alone(alone *a)
{
  a->kind->release(&a->worker, &a->slot);
  assert_true(a->kind->is_empty(&a->slot));
  assert_int_equal(a->worker.counters.active, 0);
  if (a->worker.own != NULL) a->kind->close(&a->worker);
  assert_int_equal(cb_slab_in_use(&a->slab), 0);
  cb_batch_fini(&a->batch);
  nfa_scratch_fini(&a->scratch);
  cb_slab_fini(&a->slab);
}

/* One event; bit k of `symbol`: it fits step k. */
static cep_status step_alone(alone *a, uint32_t second, uint64_t symbol)
{
  nfa_slot *slot = &a->slot;
  nfa_event event = {&a->batch, 0};
  nfa_out out = {.report = count_result, .ctx = a};
  cb_batch_clear(&a->batch);
  cb_batch_begin_row(&a->batch, second * SECOND, 0, second);
  cb_batch_end_row(&a->batch);
  cep_status status = a->kind->advance(&a->worker, slot, second * SECOND, &out);
  if (status >= 0) status = a->kind->step(&a->worker, &slot, &event, &symbol, 1, &out);
  if (status >= 0) assert_true(a->kind->check(&a->worker, slot));
  return status;
}

static const char *const alone_rules[] = {
    HEAD "detect p within 20s { match 1..2 ( E as a where t == 0 then any 1+ reluctant any E as b where t == 1 ) then any E as c where t == 2 "
         "after match no skip limit 7 matches emit { n: count(a) } }",
    HEAD "detect p within 20s { match E as a where t == 0 then any 1+ reluctant any E as b where t == 1 then any E as c where t == 2 after match no skip emit once { n: matches() } }",
    HEAD "detect p within 20 events { match E as a where t == 0 then any 1+ reluctant any E as b where t == 1 then any E as c where t == 2 after match no skip emit once { } }",
};
#define ALONE_RULES (sizeof alone_rules / sizeof *alone_rules)

/* One for each evaluator. */
static const char *const past_rules[] = {
    HEAD "detect p within 20s { match E as a where t == 0 then any 1+ reluctant any E as b where t == 1 then any E as c where t == 2 after match no skip limit 7 matches emit { n: last(b).v } }",
    HEAD "detect p within 20s { match E as a where t == 0 then any 1+ reluctant any E as b where t == 1 then any E as c where t == 2 after match no skip emit once { n: matches() } }",
    HEAD "detect p within 20s { match E as a where t == 0 then E as b where t == 1 then E as c where t == 2 emit { n: b.v } }",
    HEAD "detect p within 20s { match E as a where t == 0 then E as b where t == 1 and v > a.v then E as c where t == 2 emit { n: b.v } }",
};
#define PAST_RULES (sizeof past_rules / sizeof *past_rules)

static cep_status run_alone(alone *a, uint32_t from, uint32_t events)
{
  cb_prng prng;
  cb_prng_init(&prng, from + 1);
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < events && status >= 0; i++) status = step_alone(a, from + i, 1 + cb_prng_below(&prng, 7));
  return status;
}

static int ask_memory(const cep_allocator *allocator, void *ctx)
{
  alone a;
  cep_status status = open_alone(&a, ctx, allocator, 1000);
  if (status == CEP_OK) status = run_alone(&a, 0, 25);
  cb_writer writer;
  cb_writer_init(&writer, &a.alloc);
  if (status >= 0) a.kind->save(&a.worker, &a.slot, &writer);
  if (status >= 0) status = writer.status;
  if (status >= 0) {
    a.kind->release(&a.worker, &a.slot);
    cb_reader reader;
    cb_reader_init(&reader, writer.data, writer.len);
    status = a.kind->load(&a.worker, &a.slot, &reader);
  }
  if (status >= 0) status = run_alone(&a, 25, 3);
  cb_writer_fini(&writer);
  close_alone(&a);
  return status;
}

static void memory_refused_anywhere_leaves_nothing_behind(void **state)
{
  (void)state;
  for (size_t r = 0; r < ALONE_RULES; r++) {
    prg *program = bench_compile(alone_rules[r]);
    assert_true(fault_alloc_sweep(ask_memory, program) > 50);
    prg_unref(program);
  }
}

/* What a damaged state is: refused, or one that can be worked with. */
static void damage(const char *rule)
{
  prg *program = bench_compile(rule);
  alone a, b;
  assert_int_equal(open_alone(&a, program, NULL, 1000), CEP_OK);
  assert_int_equal(run_alone(&a, 0, 25), CEP_OK);
  cb_writer writer;
  cb_writer_init(&writer, &a.alloc);
  a.kind->save(&a.worker, &a.slot, &writer);
  assert_int_equal(writer.status, CEP_OK);
  uint32_t refused = 0, taken = 0;
  for (uint32_t seed = 0; seed < 800; seed++) {
    cb_prng prng;
    cb_reader reader;
    cb_prng_init(&prng, seed);
    uint8_t *bytes = malloc(writer.len);
    size_t len = seed % 5 == 0 ? cb_prng_below(&prng, (uint32_t)writer.len) : writer.len;
    memcpy(bytes, writer.data, writer.len);
    for (uint32_t n = cb_prng_below(&prng, 3); n < 3; n++) {
      bytes[cb_prng_below(&prng, (uint32_t)writer.len)] = (uint8_t)(cb_prng_below(&prng, 2) ? cb_prng_below(&prng, 256) : cb_prng_below(&prng, 4));
    }
    assert_int_equal(open_alone(&b, program, NULL, 1000), CEP_OK);
    b.worker.input_limit = 1;
    b.worker.time_limit = 24 * SECOND;
    cb_reader_init(&reader, bytes, len);
    cep_status status = b.kind->load(&b.worker, &b.slot, &reader);
    refused += status < 0;
    taken += status >= 0;
    if (status < 0) assert_true(b.kind->is_empty(&b.slot));
    else assert_true(run_alone(&b, 25, 8) >= 0);
    close_alone(&b);
    free(bytes);
  }
  assert_true(refused > 100 && taken > 30);
  cb_writer_fini(&writer);
  close_alone(&a);
  prg_unref(program);
}

static void damaged_states_are_refused_or_safe(void **state)
{
  (void)state;
  for (size_t r = 0; r < ALONE_RULES; r++) damage(alone_rules[r]);
}

/* Events up to second 4, of which the newest is kept: loaded where the newest that may be is at `limit`. */
static cep_status load_at(const char *rule, cep_time limit)
{
  static const uint64_t symbols[] = {1, 2, 1, 2, 1};
  prg *program = bench_compile(rule);
  alone a;
  assert_int_equal(open_alone(&a, program, NULL, 1000), CEP_OK);
  for (uint32_t i = 0; i < 5; i++) assert_int_equal(step_alone(&a, i, symbols[i]), CEP_OK);
  cb_writer writer;
  cb_writer_init(&writer, &a.alloc);
  a.kind->save(&a.worker, &a.slot, &writer);
  assert_int_equal(writer.status, CEP_OK);
  a.kind->release(&a.worker, &a.slot);
  a.worker.input_limit = 1;
  a.worker.time_limit = limit;
  cb_reader reader;
  cb_reader_init(&reader, writer.data, writer.len);
  cep_status status = a.kind->load(&a.worker, &a.slot, &reader);
  cb_writer_fini(&writer);
  close_alone(&a);
  prg_unref(program);
  return status;
}

static void a_state_with_events_that_are_to_come_is_refused(void **state)
{
  (void)state;
  for (size_t r = 0; r < PAST_RULES; r++) {
    assert_int_equal(load_at(past_rules[r], 4 * SECOND), CEP_OK);
    assert_int_equal(load_at(past_rules[r], 4 * SECOND - 1), CEP_E_CORRUPT);
  }
}

/* 1,000 events of which each could be anything: nodes stay below the limit, and so do the matches of an event. */
static void limits_are_kept_and_counted(void **state)
{
  (void)state;
  prg *program = bench_compile(HEAD "detect p within 1h { match E as a where t == 0 then any 1+ reluctant any E as b where t == 1 then any E as c where t == 2 "
                                    "after match no skip limit unbounded emit { } }");
  alone a;
  assert_int_equal(open_alone(&a, program, NULL, 50), CEP_OK);
  uint64_t most = 0;
  for (uint32_t i = 0; i < 1000; i++) {
    uint64_t before = a.matches;
    assert_int_equal(step_alone(&a, i, 7), CEP_OK);
    if (a.matches - before > most) most = a.matches - before;
    assert_true(a.worker.counters.active <= 2 * NFA_PARTIAL_NODES * 50);
  }
  assert_true(most > 20 && most <= 50);
  assert_true(a.longest <= 5);
  assert_true(a.worker.counters.partials_dropped > 0);
  assert_true(a.worker.counters.matches_dropped > UINT32_MAX); /* 2 to the power of what was kept */
  close_alone(&a);
  prg_unref(program);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counting_without_a_graph_gives_the_same_numbers),
      cmocka_unit_test(a_tally_that_is_full_starts_nothing_more),
      cmocka_unit_test(long_streams_give_what_runs_give),
      cmocka_unit_test(memory_refused_anywhere_leaves_nothing_behind),
      cmocka_unit_test(damaged_states_are_refused_or_safe),
      cmocka_unit_test(a_state_with_events_that_are_to_come_is_refused),
      cmocka_unit_test(limits_are_kept_and_counted),
      cmocka_unit_test(a_key_that_is_saved_and_loaded_goes_on_as_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
