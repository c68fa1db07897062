/* test_diagnostics.c - tests/cases/errors.case: every mistake gives the line that is written there. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "patterns/plan.h"

/*
 * A case: a line "== title", the program, a line "-- error", and the diagnostics expected,
 * each "  LINE:COL-ENDCOL text" with "warning: " or "note: " before the text of one that is
 * no error. With CEP_UPDATE=1 the expected lines are rewritten from what came.
 */
#define PATH CEP_SOURCE_DIR "/tests/cases/errors.case"

typedef struct buffer {
  char *at;
  size_t len;
} buffer;

static buffer read_file(const char *path)
{
  buffer all = {NULL, 0};
  FILE *file = fopen(path, "rb");
  if (!file) return all;
  if (fseek(file, 0, SEEK_END) == 0) {
    long size = ftell(file);
    rewind(file);
    all.at = size >= 0 ? calloc(1, (size_t)size + 1) : NULL;
    if (all.at) all.len = fread(all.at, 1, (size_t)size, file);
  }
  fclose(file);
  return all;
}

/* The start of the next line from `at` that begins with `mark`, or the end. */
static const char *find_line(const char *at, const char *end, const char *mark)
{
  size_t len = strlen(mark);
  while (at < end) {
    if ((size_t)(end - at) >= len && memcmp(at, mark, len) == 0) return at;
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    at = newline ? newline + 1 : end;
  }
  return end;
}

static const char *next_line(const char *at, const char *end)
{
  const char *newline = memchr(at, '\n', (size_t)(end - at));
  return newline ? newline + 1 : end;
}

typedef struct listener {
  cb_writer text;
  uint8_t seen[1000]; /* by number, over all cases */
} listener;

static void write_diagnostic(void *ctx, const cep_error *diagnostic)
{
  listener *told = ctx;
  assert_true(diagnostic->code < sizeof told->seen);
  told->seen[diagnostic->code] = 1;
  static const char *const labels[] = {[CEP_ERROR] = "", [CEP_WARNING] = "warning: ", [CEP_NOTE] = "note: "};
  uint32_t last = diagnostic->column + (diagnostic->length > 0 ? diagnostic->length - 1 : 0);
  cb_write_printf(&told->text, "  %u:%u-%u %s%s\n", diagnostic->line, diagnostic->column, last, labels[diagnostic->severity], diagnostic->text);
}

static void compile_into(cb_alloc *alloc, listener *told, const char *program, size_t len)
{
  cb_arena arena;
  cb_arena_init(&arena, alloc);
  plan *made = NULL;
  cep_error err;
  cep_status status = plan_compile(&arena, "case", program, len, write_diagnostic, told, &made, &err);
  assert_int_not_equal(status, CEP_E_NOMEM);
  if (status < 0) {
    assert_null(made);
    assert_int_equal(err.severity, CEP_ERROR);
    assert_int_not_equal(err.code, 0);
  } else {
    assert_non_null(made);
  }
  cb_arena_fini(&arena);
}

/* Blank lines at the end of the expected block belong to the file, not to the block. */
static size_t block_length(const char *from, const char *to)
{
  size_t len = (size_t)(to - from);
  while (len > 0 && from[len - 1] == '\n' && (len == 1 || from[len - 2] == '\n')) len--;
  return len;
}

static void save(const cb_writer *writer)
{
  FILE *file = fopen(PATH, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(writer->data, 1, writer->len, file), writer->len);
  assert_int_equal(fclose(file), 0);
}

/* Bytes that have no place in a text file of cases. */
static void compile_bytes(cb_alloc *alloc, listener *told)
{
  compile_into(alloc, told, "`a\0b`", 5);
  compile_into(alloc, told, "\"\xFF\"", 3);
}

/* Without this a message could lose its place, its hint or its being said once, and nobody would see. */
static void every_mistake_is_said_as_written(void **state)
{
  (void)state;
  const char *update = getenv("CEP_UPDATE");
  int is_update = update && strcmp(update, "1") == 0;
  buffer file = read_file(PATH);
  assert_non_null(file.at);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  listener *told = calloc(1, sizeof *told);
  assert_non_null(told);
  cb_writer *got = &told->text, whole;
  cb_writer_init(got, &alloc);
  cb_writer_init(&whole, &alloc);
  const char *end = file.at + file.len, *at = find_line(file.at, end, "== ");
  cb_write_bytes(&whole, file.at, (size_t)(at - file.at));
  uint32_t cases = 0, wrong = 0;
  while (at < end) {
    const char *program = next_line(at, end), *next = find_line(program, end, "== ");
    const char *mark = find_line(program, next, "-- error"), *expected = next_line(mark, next);
    assert_true(mark < next);
    cb_writer_reset(got);
    compile_into(&alloc, told, program, (size_t)(mark - program));
    assert_int_equal(got->status, CEP_OK);
    size_t len = block_length(expected, next);
    int is_same = got->len == len && (len == 0 || memcmp(got->data, expected, len) == 0);
    if (!is_same && !is_update) {
      print_error("%.*sexpected:\n%.*sgot:\n%.*s", (int)(program - at), at, (int)len, expected, (int)got->len, (const char *)got->data);
      wrong++;
    }
    cb_write_bytes(&whole, at, (size_t)(expected - at));
    cb_write_bytes(&whole, got->data, got->len);
    if (next < end) cb_write_text(&whole, "\n");
    cases++;
    at = next;
  }
  if (is_update) save(&whole);
  cb_writer_fini(&whole);
  compile_bytes(&alloc, told);
  cb_writer_fini(got);
  free(file.at);
  assert_int_equal(alloc.bytes_in_use, 0);
  assert_int_equal(wrong, 0);
  assert_true(cases >= 45);
#define D(number, severity, summary)                                \
  if (!told->seen[number]) {                                        \
    print_error("no case has diagnostic %d: %s\n", number, summary); \
    wrong++;                                                        \
  }
#include "cep/diag.def"
#undef D
  free(told);
  assert_int_equal(wrong, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_mistake_is_said_as_written)};
  return cmocka_run_group_tests_name("patterns/diagnostics", tests, NULL, NULL);
}
