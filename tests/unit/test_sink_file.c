/* test_sink_file.c - lines go out whole, failures stick, and refusals can be read back. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/io/sink.h"

typedef struct fixture {
  cb_alloc alloc;
  rt_sink *sink;
  char path[32];
  char text[32 * 1024];
} fixture;

static int set_up(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  cb_alloc_init(&f->alloc, NULL, 0);
  strcpy(f->path, "/tmp/cep-sink-XXXXXX");
  int fd = mkstemp(f->path);
  assert_true(fd >= 0);
  close(fd);
  assert_int_equal(rt_sink_file(&f->alloc, f->path, &f->sink, NULL), CEP_OK);
  *state = f;
  return 0;
}

static int tear_down(void **state)
{
  fixture *f = *state;
  f->sink->ops->free(f->sink);
  assert_int_equal(f->alloc.bytes_in_use, 0);
  unlink(f->path);
  free(f);
  return 0;
}

static const char *written(fixture *f)
{
  int fd = open(f->path, O_RDONLY);
  ssize_t len = read(fd, f->text, sizeof f->text - 1);
  close(fd);
  assert_true(len >= 0);
  f->text[len] = 0;
  return f->text;
}

static void lines_are_gathered_until_flushed(void **state)
{
  fixture *f = *state;
  cb_write_text(&f->sink->lines, "one");
  rt_sink_line_end(f->sink);
  cb_write_text(&f->sink->lines, "two");
  rt_sink_line_end(f->sink);
  assert_string_equal(written(f), "");
  assert_int_equal(rt_sink_flush(f->sink), CEP_OK);
  assert_string_equal(written(f), "one\ntwo\n");
  assert_int_equal(f->sink->line_count, 2);
  assert_int_equal(rt_sink_flush(f->sink), CEP_OK);
  assert_string_equal(written(f), "one\ntwo\n");
}

static void a_refusal_is_one_object_with_the_record_as_text(void **state)
{
  fixture *f = *state;
  const char record[] = "a\"\xFF\n\0b";
  const cep_refused refused = {.input = "Sshd",
                               .partition = 2,
                               .position = 77,
                               .reason = "json",
                               .detail = "it is not",
                               .record = record,
                               .record_len = 6};
  rt_sink_refused(f->sink, &refused);
  assert_int_equal(rt_sink_flush(f->sink), CEP_OK);
  assert_string_equal(written(f),
                      "{\"reason\":\"json\",\"detail\":\"it is not\",\"input\":\"Sshd\",\"partition\":2,"
                      "\"position\":77,\"length\":6,\"record\":\"a\\\"\xEF\xBF\xBD\\n\\u0000b\"}\n");
}

static void a_late_one_tells_its_time_and_what_it_needed(void **state)
{
  fixture *f = *state;
  const cep_refused refused = {.input = "S",
                               .reason = "late",
                               .detail = "d",
                               .time = INT64_C(1500000000),
                               .lateness_needed = INT64_C(2500000000)};
  rt_sink_refused(f->sink, &refused);
  assert_int_equal(rt_sink_flush(f->sink), CEP_OK);
  assert_string_equal(written(f),
                      "{\"reason\":\"late\",\"detail\":\"d\",\"input\":\"S\",\"partition\":0,\"position\":0,"
                      "\"time\":\"1970-01-01T00:00:01.5Z\",\"lateness\":2.5,\"length\":0,\"record\":null}\n");
}

/* 4 KiB are shown, and the cut never makes half a character of a whole one. */
static void a_long_record_is_cut_between_characters(void **state)
{
  fixture *f = *state;
  char record[5000];
  for (size_t shift = 0; shift < 4; shift++) {
    memset(record, 'x', sizeof record);
    memcpy(record + 4096 - shift, "\xF0\x9F\x98\x80", 4);
    const cep_refused refused = {
        .input = "S", .reason = "r", .detail = "", .record = record, .record_len = sizeof record};
    rt_sink_refused(f->sink, &refused);
  }
  assert_int_equal(rt_sink_flush(f->sink), CEP_OK);
  assert_null(strstr(written(f), "\xEF\xBF\xBD"));
  assert_non_null(strstr(f->text, "\"length\":5000"));
}

static void a_failure_sticks_and_names_the_file(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  rt_sink *sink;
  cep_error err;
  assert_int_equal(rt_sink_file(&alloc, "/no/such/folder/x", &sink, &err), CEP_E_IO);
  assert_non_null(strstr(err.text, "/no/such/folder/x"));
  if (rt_sink_file(&alloc, "/dev/full", &sink, &err) < 0) return; /* not on this system */
  for (int i = 0; i < 2; i++) {
    cb_write_text(&sink->lines, "x");
    rt_sink_line_end(sink);
    assert_int_equal(rt_sink_flush(sink), CEP_E_IO);
  }
  assert_int_equal(sink->line_count, 1);
  assert_non_null(strstr(sink->err.text, "/dev/full"));
  sink->ops->free(sink);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* `cep run | head -1` must end quietly. */
static void a_reader_that_went_away_is_no_error(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  rt_sink *sink;
  int fds[2], kept = dup(STDOUT_FILENO);
  signal(SIGPIPE, SIG_IGN);
  fflush(stdout);
  assert_int_equal(pipe(fds), 0);
  assert_true(dup2(fds[1], STDOUT_FILENO) >= 0);
  close(fds[0]);
  close(fds[1]);
  cep_status status = rt_sink_file(&alloc, "-", &sink, NULL);
  if (status == CEP_OK) {
    cb_write_text(&sink->lines, "x");
    rt_sink_line_end(sink);
    status = rt_sink_flush(sink);
    sink->ops->free(sink);
  }
  dup2(kept, STDOUT_FILENO);
  close(kept);
  assert_int_equal(status, CEP_STOPPED);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(lines_are_gathered_until_flushed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_refusal_is_one_object_with_the_record_as_text, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_late_one_tells_its_time_and_what_it_needed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_long_record_is_cut_between_characters, set_up, tear_down),
      cmocka_unit_test(a_failure_sticks_and_names_the_file),
      cmocka_unit_test(a_reader_that_went_away_is_no_error),
  };
  return cmocka_run_group_tests_name("runtime/io/sink_file", tests, NULL, NULL);
}
