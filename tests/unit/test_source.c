/* test_source.c - places in a text. */
#include "cep/base/source.h"

#include "tests/support/test.h"

static void check_place(const char *text, uint32_t offset, uint32_t line, uint32_t column)
{
  cb_source source;
  uint32_t got_line, got_column;
  cb_source_init(&source, "x", text, (uint32_t)strlen(text));
  cb_source_place(&source, offset, &got_line, &got_column);
  assert_int_equal(got_line, line);
  assert_int_equal(got_column, column);
}

/* Messages would point at the wrong place. */
static void lines_and_columns_count_from_one(void **state)
{
  (void)state;
  check_place("", 0, 1, 1);
  check_place("", 5, 1, 1);
  check_place("ab\ncd", 0, 1, 1);
  check_place("ab\ncd", 2, 1, 3); /* the line end is of its line */
  check_place("ab\ncd", 3, 2, 1);
  check_place("ab\ncd", 5, 2, 3);
  check_place("ab\ncd", 500, 2, 3); /* past the end is the end */
  check_place("\n\n\n", 2, 3, 1);
  check_place("\n\n\n", 3, 4, 1);
}

static void joined_spans_cover_both(void **state)
{
  (void)state;
  cb_span joined = cb_span_join((cb_span){3, 4}, (cb_span){10, 5});
  assert_int_equal(joined.offset, 3);
  assert_int_equal(joined.length, 12);
  joined = cb_span_join((cb_span){3, 4}, (cb_span){3, 4});
  assert_int_equal(joined.length, 4);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_and_columns_count_from_one),
      cmocka_unit_test(joined_spans_cover_both),
  };
  return cmocka_run_group_tests_name("base/source", tests, NULL, NULL);
}
