/* test_source_file.c - lines come out of files and pipes whole, with their places. */
#include "tests/support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/io/source.h"

#define SEEN_MAX 64

typedef struct seen {
  unsigned count;
  struct {
    char text[64];
    size_t len;
    uint64_t position;
    int is_too_long;
  } records[SEEN_MAX];
  rt_source_counts counts;
} seen;

/* A file of these bytes; its name goes into `path`. */
static void make_file(char path[32], const void *bytes, size_t len)
{
  strcpy(path, "/tmp/cep-source-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, bytes, len), len);
  close(fd);
}

static void read_path(const char *path, size_t record_max, int wake_fd, seen *out, cep_status *status_out)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  memset(out, 0, sizeof *out);
  rt_source *source;
  cep_error err;
  rt_source_options options = {&path, 1, record_max, cb_split_lines(), {.wake_fd = wake_fd}};
  *status_out = rt_source_file(&alloc, &options, &source, &err);
  if (*status_out < 0) return;
  for (rt_record record;;) {
    rt_source_state state = source->ops->next(source, &record);
    if (state == RT_SOURCE_END) break;
    if (state == RT_SOURCE_EMPTY) {
      *status_out = source->ops->fill(source, &err);
      if (*status_out != CEP_OK) break;
      continue;
    }
    assert_true(out->count < SEEN_MAX);
    out->records[out->count].len = record.len;
    out->records[out->count].position = record.position;
    out->records[out->count].is_too_long = record.is_too_long;
    memcpy(out->records[out->count].text, record.bytes, record.len < 63 ? record.len : 63);
    out->count++;
  }
  out->counts = source->counts;
  source->ops->free(source);
  assert_int_equal(alloc.bytes_in_use, 0);
}

static void read_bytes(const void *bytes, size_t len, size_t record_max, seen *out)
{
  char path[32];
  cep_status status;
  make_file(path, bytes, len);
  read_path(path, record_max, -1, out, &status);
  unlink(path);
  assert_int_equal(status, CEP_OK);
  assert_int_equal(out->counts.bytes, len);
  assert_int_equal(out->counts.records, out->count);
}
#define READ(text, record_max, out) read_bytes("" text, sizeof text - 1, record_max, out)

static void assert_record(const seen *got, unsigned i, const char *text, uint64_t position)
{
  assert_true(i < got->count);
  assert_string_equal(got->records[i].text, text);
  assert_int_equal(got->records[i].len, strlen(text));
  assert_int_equal(got->records[i].position, position);
}

/* Who edits a log by hand forgets the last line end. */
static void the_last_line_needs_no_end(void **state)
{
  (void)state;
  seen got;
  READ("one\ntwo", 100, &got);
  assert_int_equal(got.count, 2);
  assert_record(&got, 0, "one", 0);
  assert_record(&got, 1, "two", 4);
}

static void line_ends_of_both_kinds_are_cut(void **state)
{
  (void)state;
  seen got;
  READ("one\r\ntwo\nthree\r", 100, &got);
  assert_int_equal(got.count, 3);
  assert_record(&got, 0, "one", 0);
  assert_record(&got, 1, "two", 5);
  assert_record(&got, 2, "three", 9);
}

static void empty_lines_are_counted_and_no_records(void **state)
{
  (void)state;
  seen got;
  READ("\n\r\none\n\n\r", 100, &got);
  assert_int_equal(got.count, 1);
  assert_record(&got, 0, "one", 3);
  assert_int_equal(got.counts.empty_lines, 4);
}

static void nothing_gives_nothing(void **state)
{
  (void)state;
  seen got;
  READ("", 100, &got);
  assert_int_equal(got.count, 0);
}

/* A record may hold any byte but the line end. */
static void a_zero_byte_is_a_byte(void **state)
{
  (void)state;
  seen got;
  READ("a\0b\nc\n", 100, &got);
  assert_int_equal(got.count, 2);
  assert_int_equal(got.records[0].len, 3);
  assert_record(&got, 1, "c", 4);
}

static void a_mark_at_the_start_is_passed_over(void **state)
{
  (void)state;
  seen got;
  READ("\xEF\xBB\xBFone\n\xEF\xBB\xBF\n", 100, &got);
  assert_int_equal(got.count, 2);
  assert_record(&got, 0, "one", 3);
  assert_record(&got, 1, "\xEF\xBB\xBF", 7);
}

static void a_line_as_long_as_allowed_is_whole(void **state)
{
  (void)state;
  seen got;
  READ("12345678\r\n12345678\n12345678", 8, &got);
  assert_int_equal(got.count, 3);
  for (unsigned i = 0; i < 3; i++) assert_false(got.records[i].is_too_long);
}

static void a_line_one_byte_longer_is_marked_and_cut(void **state)
{
  (void)state;
  seen got;
  READ("123456789\r\nnext\n123456789", 8, &got);
  assert_int_equal(got.count, 3);
  assert_true(got.records[0].is_too_long);
  assert_record(&got, 0, "12345678", 0);
  assert_record(&got, 1, "next", 11);
  assert_true(got.records[2].is_too_long);
}

/* Its rest must not come back as a record, whatever is in it. */
static void a_line_of_many_reads_is_one_refused_record(void **state)
{
  (void)state;
  size_t len = 3 * 1024 * 1024;
  char *bytes = malloc(len);
  assert_non_null(bytes);
  memset(bytes, 'x', len);
  memcpy(bytes + len - 5, "\nend\n", 5);
  seen got;
  read_bytes(bytes, len, 1024, &got);
  free(bytes);
  assert_int_equal(got.count, 2);
  assert_true(got.records[0].is_too_long);
  assert_int_equal(got.records[0].len, 1024);
  assert_record(&got, 1, "end", len - 4);
}

/* Lines that lie across two reads, at each offset in turn. */
static void a_line_across_two_reads_is_whole(void **state)
{
  (void)state;
  size_t edge = 256 * 1024;
  for (size_t shift = 0; shift < 8; shift++) {
    char *bytes = malloc(edge + 16);
    assert_non_null(bytes);
    memset(bytes, 'x', edge + 16);
    memcpy(bytes + edge - shift, "\r\nline\r\n", 8);
    seen got;
    read_bytes(bytes, edge - shift + 8, edge * 2, &got);
    free(bytes);
    assert_int_equal(got.count, 2);
    assert_int_equal(got.records[0].len, edge - shift);
    assert_record(&got, 1, "line", edge - shift + 2);
  }
}

static void what_cannot_be_read_is_an_error_with_its_name(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  rt_source *source;
  cep_error err;
  const char *path = "/no/such/file";
  rt_source_options options = {&path, 1, 100, cb_split_lines(), {.wake_fd = -1}};
  assert_int_equal(rt_source_file(&alloc, &options, &source, &err), CEP_E_IO);
  assert_int_equal(err.os_errno, ENOENT);
  assert_non_null(strstr(err.text, "/no/such/file"));
  path = "/tmp";
  assert_int_equal(rt_source_file(&alloc, &options, &source, &err), CEP_E_IO);
  assert_int_equal(err.os_errno, EISDIR);
  assert_null(source);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* A person who presses Ctrl-C must not have to wait for the next line. */
static void a_wait_for_a_pipe_ends_when_woken(void **state)
{
  (void)state;
  char path[] = "/tmp/cep-fifo-XXXXXX";
  assert_non_null(mkdtemp(path));
  char fifo[64];
  snprintf(fifo, sizeof fifo, "%s/f", path);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  FILE *other_end = fopen(fifo, "r+");
  assert_non_null(other_end);
  int wake[2];
  assert_int_equal(pipe(wake), 0);
  assert_int_equal(write(wake[1], "", 1), 1);
  seen got;
  cep_status status;
  read_path(fifo, 100, wake[0], &got, &status);
  assert_int_equal(status, CEP_STOPPED);
  close(wake[0]);
  close(wake[1]);
  fclose(other_end);
  unlink(fifo);
  rmdir(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_line_needs_no_end),
      cmocka_unit_test(line_ends_of_both_kinds_are_cut),
      cmocka_unit_test(empty_lines_are_counted_and_no_records),
      cmocka_unit_test(nothing_gives_nothing),
      cmocka_unit_test(a_zero_byte_is_a_byte),
      cmocka_unit_test(a_mark_at_the_start_is_passed_over),
      cmocka_unit_test(a_line_as_long_as_allowed_is_whole),
      cmocka_unit_test(a_line_one_byte_longer_is_marked_and_cut),
      cmocka_unit_test(a_line_of_many_reads_is_one_refused_record),
      cmocka_unit_test(a_line_across_two_reads_is_whole),
      cmocka_unit_test(what_cannot_be_read_is_an_error_with_its_name),
      cmocka_unit_test(a_wait_for_a_pipe_ends_when_woken),
  };
  return cmocka_run_group_tests_name("runtime/io/source_file", tests, NULL, NULL);
}
