/* test_differences.c - the page of differences as data. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/differences.h"
#include "tests/support/test.h"

static const char page[] = "# Title\n"
                           "| What | Cases |\n"
                           "|---|---|\n"
                           "| outside | `a` |\n"
                           "\n"
                           "## One\n"
                           "\n"
                           "| What | Here | Cases |\n"
                           "|---|---|---|\n"
                           "| left | `not a name` | `b.c`, `d[x=1]` |\n"
                           "| right | said | none |\n"
                           "## Two\n"
                           "| What | Cases |\n"
                           "|---|---|\n"
                           "| last | `e` |";

static differences *read_text(cb_arena *arena, const char *text)
{
  char path[] = "/tmp/cep_differences_XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
  differences *d = diff_read(arena, path);
  unlink(path);
  return d;
}

static void the_last_cell_names_the_cases(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  differences *d = read_text(&arena, page);
  assert_non_null(d);
  assert_string_equal(diff_find(d, "a")->what, "outside");
  assert_string_equal(diff_find(d, "d[x=1]")->what, "left");
  assert_string_equal(diff_find(d, "e")->section, "Two");
  assert_null(diff_find(d, "not a name"));
  assert_null(diff_find(d, "none"));
  cb_arena_fini(&arena);
}

static void what_was_found_is_counted_by_section(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  differences *d = read_text(&arena, page);
  diff_find(d, "b.c")->found++;
  diff_find(d, "d[x=1]")->found++;
  assert_int_equal(diff_found(d, "One"), 2);
  assert_int_equal(diff_found(d, "Two"), 0);
  assert_null(diff_find(NULL, "a"));
  assert_int_equal(diff_found(NULL, "One"), 0);
  cb_arena_fini(&arena);
}

static void a_page_that_is_not_there_is_none(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  assert_null(diff_read(&arena, "/tmp/cep-no-such-page"));
  cb_arena_fini(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_cell_names_the_cases),
      cmocka_unit_test(what_was_found_is_counted_by_section),
      cmocka_unit_test(a_page_that_is_not_there_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
