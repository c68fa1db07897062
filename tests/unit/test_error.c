/* test_error.c - what stands in a cep_error. */
#include "cep/base/error.h"

#include "cep/base/utf8.h"
#include "tests/support/test.h"

static void all_parts_are_filled(void **state)
{
  (void)state;
  cep_error err;
  memset(&err, 0xFF, sizeof err);
  assert_int_equal(cb_error_set(&err, CEP_E_LIMIT, "key \"%s\" is over %d", "a", 5), CEP_E_LIMIT);
  assert_int_equal(err.status, CEP_E_LIMIT);
  assert_string_equal(err.text, "key \"a\" is over 5");
  assert_int_equal(err.line, 0);
  assert_int_equal(err.code, 0);
  assert_int_equal(err.os_errno, 0);

  cb_source source;
  cb_source_init(&source, "x", "ab\ncd", 5);
  assert_int_equal(cb_error_at(&err, CEP_E_SYNTAX, 204, &source, (cb_span){4, 1}, "unknown \"%s\"", "d"),
                   CEP_E_SYNTAX);
  assert_int_equal(err.code, 204);
  assert_int_equal(err.line, 2);
  assert_int_equal(err.column, 2);
  assert_int_equal(err.offset, 4);
  assert_int_equal(err.length, 1);
  assert_string_equal(err.text, "unknown \"d\"");
}

static void no_error_to_fill_is_allowed(void **state)
{
  (void)state;
  cb_source source;
  cb_source_init(&source, "x", "", 0);
  assert_int_equal(cb_error_set(NULL, CEP_E_IO, "%d", 1), CEP_E_IO);
  assert_int_equal(cb_error_at(NULL, CEP_E_IO, 1, &source, (cb_span){0, 0}, "%d", 1), CEP_E_IO);
}

/* A message could end in half a character, which no terminal shows. */
static void long_messages_are_cut_between_characters(void **state)
{
  (void)state;
  static const char *const characters[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
  for (size_t c = 0; c < 4; c++) {
    for (int before = 0; before < 4; before++) {
      char text[1000] = "";
      memset(text, '-', (size_t)before);
      for (int i = 0; i < 200; i++) strcat(text, characters[c]);
      cep_error err;
      cb_error_set(&err, CEP_E_LIMIT, "%s%s", text, text);
      size_t len = strlen(err.text);
      assert_true(len < CEP_ERROR_TEXT_MAX);
      assert_true(len > CEP_ERROR_TEXT_MAX - 5);
      assert_true(cb_utf8_valid(err.text, len));
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_parts_are_filled),
      cmocka_unit_test(no_error_to_fill_is_allowed),
      cmocka_unit_test(long_messages_are_cut_between_characters),
  };
  return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
