/*
 * codec_bench.h - one codec and one batch, for tests of records.
 *
 * Contract
 *   The rules declare their stream 0 first; every field must be read by a detection (the
 *   default `emit` reads all). bench_read gives 1 if the record became a row.
 */
#ifndef CODEC_BENCH_H
#define CODEC_BENCH_H

#include <stdio.h>

#include "cep/api_internal.h"
#include "runtime/codec.h"
#include "tests/support/rules.h"

typedef struct codec_bench {
  cb_alloc alloc;
  cep_program *program;
  nfa_scratch scratch;
  rt_codec *codec;
  cb_batch batch;
  cep_time near;
  cep_time time;
  int fits;
  rt_fault fault;
} codec_bench;

static inline void bench_open(codec_bench *bench, const char *rules)
{
  memset(bench, 0, sizeof *bench);
  cep_config *config = rules_config();
  bench->program = rules_compile(config, rules);
  cep_config_free(config);
  const prg *image = bench->program->image;
  const prg_stream *stream = &image->streams[0];
  bench->near = CEP_TIME_MIN;
  cb_alloc_init(&bench->alloc, NULL, 0);
  assert_int_equal(nfa_scratch_init(&bench->scratch, &bench->alloc, image, 1000, 1000), CEP_OK);
  assert_int_equal(rt_codec_new(&bench->alloc, image, stream->input, &bench->scratch, 4096, 8, &bench->codec),
                   CEP_OK);
  assert_int_equal(cb_batch_init(&bench->batch, &bench->alloc, 0, stream->columns.count,
                                 image->columns + stream->columns.first, 1),
                   CEP_OK);
}

static inline void bench_close(codec_bench *bench)
{
  cb_batch_fini(&bench->batch);
  rt_codec_free(&bench->alloc, bench->codec);
  nfa_scratch_fini(&bench->scratch);
  cep_program_free(bench->program);
  assert_int_equal(bench->alloc.bytes_in_use, 0);
}

static inline int bench_read_bytes(codec_bench *bench, const char *record, size_t len)
{
  cb_batch_clear(&bench->batch);
  bench->fits = 0;
  assert_int_equal(rt_codec_begin(bench->codec, record, len, bench->near, &bench->time, &bench->fault),
                   CEP_OK);
  if (bench->fault.reason != RT_REASON_NONE || bench->time == CEP_TIME_MIN) return 0;
  cb_batch_begin_row(&bench->batch, bench->time, 0, 0);
  assert_int_equal(rt_codec_fill(bench->codec, 0, &bench->batch, &bench->fits, &bench->fault), CEP_OK);
  cb_batch_end_row(&bench->batch);
  return bench->fits && bench->fault.reason == RT_REASON_NONE;
}

static inline int bench_read(codec_bench *bench, const char *record)
{
  return bench_read_bytes(bench, record, strlen(record));
}

static inline cep_value bench_get(const codec_bench *bench, const char *name)
{
  const prg *image = bench->program->image;
  uint32_t index = 0;
  assert_int_equal(cep_program_field(bench->program, 0, name, &index), CEP_OK);
  uint32_t column = image->fields[image->streams[0].fields.first + index].column;
  assert_int_not_equal(column, PRG_NONE);
  return cb_batch_get(&bench->batch, column, 0);
}

/* The value as JSON text: "null", "12", "\"x\"". */
static inline void bench_expect(codec_bench *bench, const char *name, const char *json)
{
  cep_value value = bench_get(bench, name);
  cb_writer writer;
  cb_writer_init(&writer, &bench->alloc);
  cb_value_write_json(&writer, &value);
  cb_write_u8(&writer, 0);
  assert_int_equal(writer.status, CEP_OK);
  assert_string_equal((const char *)writer.data, json);
  cb_writer_fini(&writer);
}

static inline void bench_refuses(codec_bench *bench, const char *record, rt_reason reason, const char *detail)
{
  assert_int_equal(bench_read(bench, record), 0);
  assert_int_equal(bench->fault.reason, reason);
  if (detail) assert_string_equal(bench->fault.detail, detail);
}

#endif
