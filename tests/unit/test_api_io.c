/* test_api_io.c - pipelines as a program uses them: arguments, counts, stopping, memory refused. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cep/cep_io.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/rules.h"

static const char two_logins[] = "stream Login from stdin format json { time ts s  user: string }\n"
                                 "detect pair by user within 5m { match 2 Login as l }\n";
static const char records[] =
    "{\"ts\":1,\"user\":\"a\"}\n\n{\"ts\":2,\"user\":\"a\"}\nbroken\n{\"ts\":3,\"user\":\"b\"}\n";

typedef struct plant {
  char folder[32];
  char in[64];
  char out[64];
  char dead[64];
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_sink *alerts;
  cep_sink *refused;
  cep_pipeline *pipeline;
} plant;

static void close_plant(plant *p)
{
  cep_pipeline_free(p->pipeline);
  cep_engine_free(p->engine);
  cep_sink_free(p->alerts);
  cep_sink_free(p->refused);
  cep_program_free(p->program);
  cep_config_free(p->config);
}

/* Everything but the source. */
static cep_status open_plant(plant *p, const cep_allocator *allocator)
{
  cep_status status = cep_config_new(allocator, &p->config);
  if (status == CEP_OK)
    status = cep_program_compile(p->config, "test.cep", two_logins, sizeof two_logins - 1, &p->program, NULL);
  if (status == CEP_OK) status = cep_sink_file(p->config, p->out, &p->alerts, NULL);
  if (status == CEP_OK) status = cep_sink_file(p->config, p->dead, &p->refused, NULL);
  if (status != CEP_OK) return status;
  cep_config_set_dead_letter(p->config, cep_sink_refused, p->refused);
  status = cep_engine_new(p->config, p->program, cep_sink_match, p->alerts, &p->engine, NULL);
  if (status == CEP_OK) status = cep_pipeline_new(p->config, p->engine, &p->pipeline, NULL);
  if (status == CEP_OK) status = cep_pipeline_sink(p->pipeline, p->alerts, NULL);
  if (status == CEP_OK) status = cep_pipeline_sink(p->pipeline, p->refused, NULL);
  return status;
}

static void make_files(plant *p)
{
  memset(p, 0, sizeof *p);
  strcpy(p->folder, "/tmp/cep-plant-XXXXXX");
  assert_non_null(mkdtemp(p->folder));
  snprintf(p->in, sizeof p->in, "%s/in", p->folder);
  snprintf(p->out, sizeof p->out, "%s/out", p->folder);
  snprintf(p->dead, sizeof p->dead, "%s/dead", p->folder);
  FILE *file = fopen(p->in, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(records, 1, sizeof records - 1, file), sizeof records - 1);
  assert_int_equal(fclose(file), 0);
}

static void remove_files(const plant *p)
{
  unlink(p->in);
  unlink(p->out);
  unlink(p->dead);
  rmdir(p->folder);
}

static long size_of(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

static void a_file_becomes_alerts_and_refusals(void **state)
{
  (void)state;
  plant p;
  make_files(&p);
  cep_error err = {0};
  assert_int_equal(open_plant(&p, NULL), CEP_OK);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Login", 0, p.in, &err), CEP_OK);
  assert_int_equal(cep_pipeline_run(p.pipeline, &err), CEP_OK);
  assert_int_equal(cep_sink_lines(p.alerts), 1);
  assert_int_equal(cep_sink_lines(p.refused), 1);
  assert_true(size_of(p.out) > 100);
  assert_true(size_of(p.dead) > 50);
  cep_pipeline_counts counts = {.size = sizeof counts};
  assert_int_equal(cep_pipeline_count(p.pipeline, &counts), CEP_OK);
  assert_int_equal(counts.sources, 1);
  assert_int_equal(counts.bytes, sizeof records - 1);
  assert_int_equal(counts.lines, 4);
  assert_int_equal(counts.empty_lines, 1);
  assert_int_equal(cep_pipeline_run(p.pipeline, &err), CEP_E_INVALID);
  close_plant(&p);
  remove_files(&p);
}

static void wrong_arguments_are_named_and_change_nothing(void **state)
{
  (void)state;
  plant p;
  make_files(&p);
  cep_error err = {0};
  cep_sink *sink = NULL;
  assert_int_equal(open_plant(&p, NULL), CEP_OK);
  assert_int_equal(cep_sink_file(NULL, p.out, &sink, &err), CEP_E_INVALID);
  assert_non_null(strstr(err.text, "config"));
  assert_int_equal(cep_sink_file(p.config, p.folder, &sink, &err), CEP_E_IO);
  assert_null(sink);
  assert_int_equal(cep_pipeline_new(p.config, NULL, &p.pipeline, &err), CEP_E_INVALID);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Nobody", 0, p.in, &err), CEP_E_NOT_FOUND);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Login", 0, "/no/such/file", &err), CEP_E_IO);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Login", 0, p.in, &err), CEP_OK);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Login", 0, p.in, &err), CEP_E_INVALID);
  assert_int_equal(cep_pipeline_run(p.pipeline, &err), CEP_OK);
  assert_int_equal(cep_sink_lines(p.alerts), 1);
  close_plant(&p);
  remove_files(&p);
}

static void on_scanned(void *ctx, const cep_scanned *scanned)
{
  *(cep_scanned *)ctx = *scanned;
}

static void files_are_scanned_for_the_lateness_they_need(void **state)
{
  (void)state;
  static const char mixed[] = "{\"ts\":5,\"user\":\"a\"}\n{\"ts\":3,\"user\":\"a\"}\nbroken\n{\"ts\":4.5005,\"user\":\"b\"}\n";
  plant p;
  make_files(&p);
  FILE *file = fopen(p.in, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(mixed, 1, sizeof mixed - 1, file), sizeof mixed - 1);
  assert_int_equal(fclose(file), 0);
  cep_error err = {0};
  cep_scanned scanned = {.size = 0};
  assert_int_equal(open_plant(&p, NULL), CEP_OK);
  assert_int_equal(cep_program_input_lateness(p.program, 0), -1);
  assert_int_equal(cep_program_input_lateness(p.program, 1), -1);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Login", 0, p.in, &err), CEP_OK);
  assert_int_equal(cep_pipeline_scan(p.pipeline, on_scanned, &scanned, &err), CEP_OK);
  assert_string_equal(scanned.input, "Login");
  assert_int_equal(scanned.lateness, 2000000000);
  assert_int_equal(scanned.disorder.worst, 2000000000);
  assert_int_equal(scanned.disorder.records, 4);
  assert_int_equal(scanned.disorder.behind, 2);
  assert_int_equal(scanned.disorder.timeless, 1);
  assert_int_equal(cep_pipeline_run(p.pipeline, &err), CEP_OK);
  assert_int_equal(cep_engine_stat(p.engine, CEP_STAT_RECORDS_LATE, CEP_NONE), 0);
  assert_int_equal(cep_sink_lines(p.alerts), 1);
  assert_int_equal(cep_pipeline_scan(p.pipeline, NULL, NULL, &err), CEP_E_INVALID);
  close_plant(&p);
  remove_files(&p);
}

static void a_reader_gives_the_bytes_of_a_file(void **state)
{
  (void)state;
  plant p;
  make_files(&p);
  cep_error err = {0};
  cep_reader *reader = NULL;
  char bytes[sizeof records];
  size_t len = 0, all = 0;
  assert_int_equal(open_plant(&p, NULL), CEP_OK);
  assert_int_equal(cep_reader_open(p.config, "/no/such/file", &reader, &err), CEP_E_IO);
  assert_int_equal(cep_reader_open(p.config, p.in, &reader, &err), CEP_OK);
  do {
    assert_int_equal(cep_reader_read(reader, bytes + all, 7 < sizeof bytes - all ? 7 : sizeof bytes - all, &len, &err), CEP_OK);
    all += len;
  } while (len > 0);
  assert_int_equal(all, sizeof records - 1);
  assert_memory_equal(bytes, records, all);
  cep_reader_free(reader);
  close_plant(&p);
  remove_files(&p);
}

static void a_pipeline_stopped_before_it_runs_reads_nothing(void **state)
{
  (void)state;
  plant p;
  make_files(&p);
  assert_int_equal(open_plant(&p, NULL), CEP_OK);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Login", 0, p.in, NULL), CEP_OK);
  cep_pipeline_stop(p.pipeline);
  assert_int_equal(cep_pipeline_run(p.pipeline, NULL), CEP_STOPPED);
  assert_int_equal(cep_sink_lines(p.alerts), 0);
  close_plant(&p);
  remove_files(&p);
}

static void *stop_soon(void *pipeline)
{
  const struct timespec pause = {0, 20 * 1000 * 1000};
  nanosleep(&pause, NULL);
  cep_pipeline_stop(pipeline);
  return NULL;
}

/* A daemon's way to end: the pipeline waits for a pipe that nobody writes to. */
static void another_thread_may_stop_a_waiting_pipeline(void **state)
{
  (void)state;
  plant p;
  make_files(&p);
  unlink(p.in);
  assert_int_equal(mkfifo(p.in, 0600), 0);
  FILE *other_end = fopen(p.in, "r+");
  assert_non_null(other_end);
  assert_int_equal(open_plant(&p, NULL), CEP_OK);
  assert_int_equal(cep_pipeline_source(p.pipeline, "Login", 0, p.in, NULL), CEP_OK);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, stop_soon, p.pipeline), 0);
  assert_int_equal(cep_pipeline_run(p.pipeline, NULL), CEP_STOPPED);
  pthread_join(thread, NULL);
  fclose(other_end);
  close_plant(&p);
  remove_files(&p);
}

static int whole_run(const cep_allocator *allocator, void *ctx)
{
  plant *p = ctx;
  cep_status status = open_plant(p, allocator);
  if (status == CEP_OK) status = cep_pipeline_source(p->pipeline, "Login", 0, p->in, NULL);
  if (status == CEP_OK) status = cep_pipeline_run(p->pipeline, NULL);
  close_plant(p);
  p->config = NULL;
  p->program = NULL;
  p->engine = NULL;
  p->alerts = p->refused = NULL;
  p->pipeline = NULL;
  return status;
}

static void every_refused_allocation_is_survived(void **state)
{
  (void)state;
  plant p;
  make_files(&p);
  assert_true(fault_alloc_sweep(whole_run, &p) > 20);
  remove_files(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_becomes_alerts_and_refusals),
      cmocka_unit_test(wrong_arguments_are_named_and_change_nothing),
      cmocka_unit_test(files_are_scanned_for_the_lateness_they_need),
      cmocka_unit_test(a_reader_gives_the_bytes_of_a_file),
      cmocka_unit_test(a_pipeline_stopped_before_it_runs_reads_nothing),
      cmocka_unit_test(another_thread_may_stop_a_waiting_pipeline),
      cmocka_unit_test(every_refused_allocation_is_survived),
  };
  return cmocka_run_group_tests_name("cep/api_io", tests, NULL, NULL);
}
