/*
 * engine_bench.h - rule text to a runtime engine, rows of whole numbers in, alerts as lines out.
 *
 * Contract
 *   bench_open makes program, engine and, for each declared input, partition 0. Fields of a
 *   row after the time field are ints; NONE is null. Alerts are appended to `log` as JSON
 *   lines. All memory of the engine comes from `fault`, which bench_close checks.
 */
#ifndef ENGINE_BENCH_H
#define ENGINE_BENCH_H

#include "nfa/build.h"
#include "patterns/plan.h"
#include "runtime/engine.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

#define NONE   INT64_MIN
#define SECOND ((cep_time)1000000000)

typedef struct bench {
  fault_alloc fault;
  cb_alloc own; /* of the bench itself */
  prg *program;
  rt_options options;
  rt_engine *engine;
  rt_input *inputs[8]; /* by declared input */
  cb_writer log;
  uint32_t alerts;
  uint32_t stop_after; /* alerts until the callback says stop; 0: never */
  uint32_t late;
  uint32_t dead;
  char reason[32];
  char detail[200];
  int64_t lateness_needed;
} bench;

static inline prg *bench_compile(const char *text)
{
  cb_alloc alloc;
  cb_arena arena;
  cb_writer image;
  plan *rules;
  cep_error err = {0};
  prg *program = NULL;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  cb_writer_init(&image, &alloc);
  cep_status status = plan_compile(&arena, "test.cep", text, strlen(text), NULL, NULL, &rules, &err);
  if (status == CEP_OK) status = nfa_build(&alloc, rules, &image, &err);
  if (status == CEP_OK) status = prg_load(NULL, image.data, image.len, &program, &err);
  if (status < 0) fail_msg("%d at %u:%u: %s", status, err.line, err.column, err.text);
  cb_writer_fini(&image);
  cb_arena_fini(&arena);
  return program;
}

static inline int bench_deliver(void *ctx, const rt_alert *alert)
{
  bench *b = ctx;
  rt_alert_write_json(&b->log, alert);
  cb_write_u8(&b->log, '\n');
  b->alerts++;
  return b->stop_after > 0 && b->alerts % b->stop_after == 0;
}

static inline void bench_late(void *ctx, const cep_refused *refused)
{
  bench *b = ctx;
  b->late++;
  b->lateness_needed = refused->lateness_needed;
  assert_string_equal(refused->reason, "late");
}

static inline void bench_dead(void *ctx, const cep_refused *refused)
{
  bench *b = ctx;
  b->dead++;
  strncpy(b->reason, refused->reason, sizeof b->reason - 1);
  strncpy(b->detail, refused->detail, sizeof b->detail - 1);
}

/* Program and options; the caller may change options before bench_start. */
static inline void bench_prepare(bench *b, const char *text)
{
  memset(b, 0, sizeof *b);
  fault_alloc_init(&b->fault);
  cb_alloc_init(&b->own, NULL, 0);
  cb_writer_init(&b->log, &b->own);
  b->program = bench_compile(text);
  b->options = (rt_options){.hook = b->fault.hook,
                            .memory_max = (size_t)1 << 30,
                            .partial_max = 10000,
                            .history_max = 10000,
                            .held_max = 100000,
                            .record_max = 4096,
                            .json_depth = 16,
                            .regex_match_limit = 10000,
                            .regex_text_max = 10000,
                            .batch_events = 1,
                            .late = bench_late,
                            .late_ctx = b,
                            .dead_letter = bench_dead,
                            .dead_letter_ctx = b};
}

static inline void bench_start(bench *b)
{
  assert_int_equal(rt_engine_new(&b->options, b->program, bench_deliver, b, &b->engine), CEP_OK);
  for (uint32_t i = 0; i < b->program->inputs_count; i++)
    assert_int_equal(rt_engine_input(b->engine, i, 0, &b->inputs[i], NULL), CEP_OK);
}

static inline void bench_open(bench *b, const char *text)
{
  bench_prepare(b, text);
  bench_start(b);
}

static inline void bench_close(bench *b)
{
  rt_engine_free(b->engine);
  prg_unref(b->program);
  cb_writer_fini(&b->log);
  assert_int_equal(fault_alloc_fini(&b->fault), 0);
}

static inline uint32_t bench_stream(const bench *b, const char *name)
{
  for (uint32_t s = 0; s < b->program->streams_count; s++) {
    if (strcmp(prg_text(b->program, b->program->streams[s].name), name) == 0) return s;
  }
  fail_msg("no stream %s", name);
  return 0;
}

/* One row at `time` (nanoseconds) with at most two values behind the time field. */
static inline cep_status bench_row_at(bench *b, rt_input *input, const char *stream, cep_time time, uint64_t position,
                                      int64_t x, int64_t y)
{
  cep_value fields[3] = {cb_value_i(CEP_TIME, time), x == NONE ? cb_null() : cb_int(x),
                         y == NONE ? cb_null() : cb_int(y)};
  uint32_t s = bench_stream(b, stream);
  cep_event event = {sizeof event, s, time, position, fields, b->program->streams[s].fields.count};
  return rt_input_row(input, &event, NULL);
}

/* As above: into partition 0 of the stream's input, in seconds. */
static inline cep_status bench_row(bench *b, const char *stream, int64_t second, int64_t x, int64_t y)
{
  rt_input *input = b->inputs[b->program->streams[bench_stream(b, stream)].input];
  return bench_row_at(b, input, stream, second * SECOND, CEP_POSITION_NEXT, x, y);
}

static inline void bench_advance(bench *b, uint32_t input, cep_time time)
{
  assert_int_equal(rt_input_advance(b->inputs[input], time, NULL), CEP_OK);
}

static inline void bench_finish(bench *b)
{
  assert_int_equal(rt_engine_finish(b->engine, NULL), CEP_OK);
}

static inline uint64_t bench_stat(const bench *b, cep_stat which)
{
  return rt_engine_stat(b->engine, which, CEP_NONE);
}

/* The log so far, terminated. */
static inline const char *bench_log(bench *b)
{
  cb_write_u8(&b->log, 0);
  assert_int_equal(b->log.status, CEP_OK);
  b->log.len--;
  return (const char *)b->log.data;
}

static inline void bench_account(const bench *b, uint64_t dead, uint64_t late, uint64_t filtered, uint64_t unkeyed,
                                 uint64_t used)
{
  assert_int_equal(bench_stat(b, CEP_STAT_RECORDS_DEAD), dead);
  assert_int_equal(bench_stat(b, CEP_STAT_RECORDS_LATE), late);
  assert_int_equal(bench_stat(b, CEP_STAT_RECORDS_FILTERED), filtered);
  assert_int_equal(bench_stat(b, CEP_STAT_RECORDS_UNKEYED), unkeyed);
  assert_int_equal(bench_stat(b, CEP_STAT_RECORDS_USED), used);
  assert_int_equal(bench_stat(b, CEP_STAT_RECORDS_READ), dead + late + filtered + unkeyed + used);
}

#endif
