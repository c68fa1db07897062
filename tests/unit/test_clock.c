/* test_clock.c - what an engine gets from outside of its events: rows of tables, a clock, idleness. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cep/cep_io.h"
#include "tests/support/rules.h"

#define SECOND 1000000000

typedef struct bench {
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  uint32_t matches;
  uint32_t marked;
  uint32_t dead;
  cep_time decided; /* the newest */
} bench;

static int on_match(void *ctx, const cep_match *match)
{
  bench *b = ctx;
  b->matches++;
  b->marked += (uint32_t)cep_match_clock(match);
  b->decided = cep_match_time(match);
  return 0;
}

static void on_dead(void *ctx, const cep_refused *refused)
{
  bench *b = ctx;
  assert_true(refused->is_table);
  assert_string_equal(refused->input, "good");
  b->dead++;
}

static void open_bench(bench *b, const char *rules, const char *setting)
{
  memset(b, 0, sizeof *b);
  b->config = rules_config();
  cep_config_set_dead_letter(b->config, on_dead, b);
  if (setting) assert_int_equal(cep_config_set(b->config, setting, "2", NULL), CEP_OK);
  b->program = rules_compile(b->config, rules);
  assert_int_equal(cep_engine_new(b->config, b->program, on_match, b, &b->engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(b->engine, "A", 0, &b->input, NULL), CEP_OK);
}

static void close_bench(bench *b)
{
  cep_engine_free(b->engine);
  cep_program_free(b->program);
  cep_config_free(b->config);
}

static cep_status record(bench *b, const char *text)
{
  return cep_input_record(b->input, text, strlen(text), CEP_POSITION_NEXT, NULL);
}

static cep_status rows(bench *b, const char *text, cep_error *err)
{
  return cep_engine_table(b->engine, "good", text, strlen(text), err);
}

static uint64_t stat(const bench *b, cep_stat which)
{
  return cep_engine_stat(b->engine, which, 0);
}

/* ---- Tables --------------------------------------------------------------------------- */

static const char with_table[] = "table good from file \"g.csv\" format csv key k { k: string  n: int }\n"
                                 "stream A { time ts s  k: string }\n"
                                 "detect p within 1m { match A as a where k in good.k emit { n: good[a.k].n } }\n";

static void a_table_is_empty_until_rows_are_handed_in_and_then_exchanged_whole(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, with_table, NULL);
  assert_string_equal(cep_program_table_name(b.program, 0), "good");
  assert_string_equal(cep_program_table_place(b.program, 0), "g.csv");
  assert_int_equal(record(&b, "{\"ts\":1,\"k\":\"x\"}"), CEP_OK);
  assert_int_equal(stat(&b, CEP_STAT_TABLE_UNREAD), 1);
  assert_int_equal(rows(&b, "k,n\nx,1\r\n\"y\nz\",2\nbad\nx,7\n", NULL), CEP_OK);
  assert_int_equal(stat(&b, CEP_STAT_TABLE_ROWS), 2);
  assert_int_equal(stat(&b, CEP_STAT_TABLE_REFUSED), 1);
  assert_int_equal(b.dead, 1);
  assert_int_equal(record(&b, "{\"ts\":2,\"k\":\"x\"}"), CEP_OK);
  assert_int_equal(record(&b, "{\"ts\":3,\"k\":\"y\\nz\"}"), CEP_OK);
  assert_int_equal(b.matches, 2);
  assert_int_equal(b.marked, 0);
  assert_int_equal(rows(&b, "k,n\nw,1\n", NULL), CEP_OK);
  assert_int_equal(record(&b, "{\"ts\":4,\"k\":\"x\"}"), CEP_OK);
  assert_int_equal(record(&b, "{\"ts\":5,\"k\":\"w\"}"), CEP_OK);
  assert_int_equal(b.matches, 3);
  assert_int_equal(b.marked, 1);
  close_bench(&b);
}

static void a_table_that_is_too_large_leaves_the_one_before(void **state)
{
  (void)state;
  bench b;
  cep_error err = {0};
  open_bench(&b, with_table, "table.rows");
  assert_int_equal(rows(&b, "k,n\nx,1\ny,1\n", NULL), CEP_OK);
  assert_int_equal(rows(&b, "k,n\na,1\nb,1\nc,1\n", &err), CEP_E_LIMIT);
  assert_non_null(strstr(err.text, "table 'good' is too large"));
  assert_int_equal(stat(&b, CEP_STAT_TABLE_KEPT), 1);
  assert_int_equal(record(&b, "{\"ts\":1,\"k\":\"y\"}"), CEP_OK);
  assert_int_equal(b.matches, 1);
  assert_int_equal(cep_engine_table(b.engine, "bad", "", 0, &err), CEP_E_NOT_FOUND);
  close_bench(&b);
}

/* ---- Clocks --------------------------------------------------------------------------- */

static const char with_clock[] = "stream A { time processing  k: string }\n"
                                 "detect p by k within 10s { match A as a then no A emit { t: a.processing } }\n";

static void the_clock_that_is_handed_in_stamps_records_and_moves_time(void **state)
{
  (void)state;
  bench b;
  open_bench(&b, with_clock, NULL);
  assert_int_equal(cep_input_time_source(b.input), CEP_TIME_OF_PROCESSING);
  assert_int_equal(record(&b, "{\"k\":\"x\"}"), CEP_E_INVALID);
  assert_int_equal(cep_input_clock(b.input, 5 * (cep_time)SECOND, NULL), CEP_OK);
  assert_int_equal(record(&b, "{\"k\":\"x\"}"), CEP_OK);
  assert_int_equal(cep_input_clock(b.input, 4 * (cep_time)SECOND, NULL), CEP_OK);
  assert_int_equal(stat(&b, CEP_STAT_CLOCK_BACK), 1);
  assert_int_equal(record(&b, "{\"k\":\"y\"}"), CEP_OK);
  assert_int_equal(cep_input_clock(b.input, 14 * (cep_time)SECOND, NULL), CEP_OK);
  assert_int_equal(b.matches, 0);
  assert_int_equal(cep_input_clock(b.input, 15 * (cep_time)SECOND, NULL), CEP_OK);
  assert_int_equal(b.matches, 2);
  assert_int_equal(b.marked, 2);
  assert_int_equal(b.decided, 15 * (cep_time)SECOND);
  assert_int_equal(stat(&b, CEP_STAT_RECORDS_LATE), 0);
  close_bench(&b);
}

static cep_time seconds_later(void *ctx)
{
  cep_time *now = ctx;
  return *now += SECOND;
}

static void a_pipeline_takes_the_clock_that_it_is_given(void **state)
{
  (void)state;
  bench b;
  cep_pipeline *pipeline;
  cep_time now = 100 * (cep_time)SECOND;
  cep_error err = {0};
  char path[] = "/tmp/cep-clock-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, "{\"k\":\"x\"}\n{\"k\":\"y\"}\n", 20), 20);
  close(fd);
  open_bench(&b, "stream B from stdin { time ingestion  k: string }\nstream A { time ts  k: string }\n"
                 "detect p by k within 10s { match B as a emit { t: a.ingestion } }\n", NULL);
  assert_int_equal(cep_pipeline_new(b.config, b.engine, &pipeline, &err), CEP_OK);
  assert_int_equal(cep_pipeline_clock(pipeline, seconds_later, &now, &err), CEP_OK);
  assert_int_equal(cep_pipeline_source(pipeline, "B", 0, path, &err), CEP_OK);
  assert_int_equal(cep_input_end(b.input, &err), CEP_OK);
  assert_int_equal(cep_pipeline_run(pipeline, &err), CEP_OK);
  assert_int_equal(b.matches, 2);
  assert_int_equal(b.marked, 2);
  assert_true(b.decided > 100 * (cep_time)SECOND);
  assert_true(b.decided <= now);
  cep_pipeline_free(pipeline);
  close_bench(&b);
  unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_table_is_empty_until_rows_are_handed_in_and_then_exchanged_whole),
      cmocka_unit_test(a_table_that_is_too_large_leaves_the_one_before),
      cmocka_unit_test(the_clock_that_is_handed_in_stamps_records_and_moves_time),
      cmocka_unit_test(a_pipeline_takes_the_clock_that_it_is_given),
  };
  return cmocka_run_group_tests_name("cep/clock", tests, NULL, NULL);
}
