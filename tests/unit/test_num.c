/* test_num.c - numbers as text and back, at the edges and anywhere. */
#include "cep/base/num.h"

#include <locale.h>
#include <math.h>

#include "cep/base/prng.h"
#include "tests/support/test.h"

static int reads_int(const char *text, int64_t expected)
{
  int64_t value = 77;
  return cb_num_int(text, strlen(text), &value) && value == expected;
}

static int refuses_int(const char *text)
{
  int64_t value = 77;
  return !cb_num_int(text, strlen(text), &value) && value == 77;
}

static void ints_are_read_whole_and_in_range(void **state)
{
  (void)state;
  assert_true(reads_int("0", 0));
  assert_true(reads_int("-0", 0));
  assert_true(reads_int("007", 7));
  assert_true(reads_int("9223372036854775807", INT64_MAX));
  assert_true(reads_int("-9223372036854775808", INT64_MIN));
  assert_true(reads_int("0x7fffFFFFffffFFFF", INT64_MAX));
  assert_true(reads_int("-0x8000000000000000", INT64_MIN));
  assert_true(reads_int("0X1f", 31));
  static const char *const bad[] = {"",
                                    "-",
                                    "+1",
                                    " 1",
                                    "1 ",
                                    "1.0",
                                    "1e3",
                                    "0x",
                                    "0xg",
                                    "x1",
                                    "--1",
                                    "1-",
                                    "1_000",
                                    "9223372036854775808",
                                    "-9223372036854775809",
                                    "0x8000000000000000",
                                    "99999999999999999999999"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (!refuses_int(bad[i])) fail_msg("\"%s\" was read", bad[i]);
  }
}

static void printed_ints_are_read_back(void **state)
{
  (void)state;
  char text[CB_NUM_TEXT_MAX];
  cb_prng prng;
  cb_prng_init(&prng, 2);
  for (int i = 0; i < 20000; i++) {
    int64_t value = (int64_t)(cb_prng_next(&prng) >> cb_prng_below(&prng, 64));
    if (cb_prng_chance(&prng, 50)) value = -value;
    size_t len = cb_num_print_int(value, text);
    assert_int_equal(len, strlen(text));
    assert_true(reads_int(text, value));
  }
  cb_num_print_int(INT64_MIN, text);
  assert_string_equal(text, "-9223372036854775808");
  cb_num_print_int(0, text);
  assert_string_equal(text, "0");
}

static void floats_print_as_people_write_them(void **state)
{
  (void)state;
  static const struct {
    double value;
    const char *text;
  } cases[] = {
      {0, "0"},           {-0.0, "-0"},
      {1, "1"},           {100000, "100000"},
      {0.1, "0.1"},       {0.1 + 0.2, "0.30000000000000004"},
      {-2.5, "-2.5"},     {1e15, "1000000000000000"},
      {1e16, "1e+16"},    {1e300, "1e+300"},
      {0.0001, "0.0001"}, {0.00001, "1e-05"},
      {5e-324, "5e-324"}, {1.7976931348623157e308, "1.7976931348623157e+308"},
      {INFINITY, "null"}, {-INFINITY, "null"},
      {NAN, "null"},
  };
  char text[CB_NUM_TEXT_MAX];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    size_t len = cb_num_print_float(cases[i].value, text);
    assert_int_equal(len, strlen(text));
    assert_string_equal(text, cases[i].text);
  }
}

/* A value would change each time it is written and read. */
static void any_float_is_read_back_to_the_bit(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 3);
  for (int i = 0; i < 100000; i++) {
    uint64_t bits = cb_prng_next(&prng), again_bits;
    double value, again;
    memcpy(&value, &bits, sizeof value);
    if (cb_prng_chance(&prng, 50)) value = (double)(int64_t)(bits >> 40) / 1000.0;
    if (!isfinite(value)) continue;
    char text[CB_NUM_TEXT_MAX];
    size_t len = cb_num_print_float(value, text);
    assert_int_equal(len, strlen(text));
    assert_int_equal(cb_num_float(text, len, &again), 1);
    memcpy(&bits, &value, sizeof bits);
    memcpy(&again_bits, &again, sizeof again_bits);
    assert_true(bits == again_bits);
  }
}

static void floats_are_read_whole_and_in_range(void **state)
{
  (void)state;
  double value;
  static const char *const good[] = {"1", "-1.5", "1e5", "1E+5", "1e-5", ".5", "5.", "0e99999", "00.10"};
  static const double expected[] = {1, -1.5, 1e5, 1e5, 1e-5, 0.5, 5, 0, 0.1};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_int_equal(cb_num_float(good[i], strlen(good[i]), &value), 1);
    assert_true(value == expected[i]);
  }
  static const char *const bad[] = {"",    ".",     "-",      "+1",     "1e", "e5",  "1e+", "1.2.3",
                                    "inf", "nan",   "0x1p3",  "1 ",     " 1", "1,5", "--1", "1e5.",
                                    "1-",  "1e400", "-1e400", "1e-400", "1f", "-inf"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (cb_num_float(bad[i], strlen(bad[i]), &value)) fail_msg("\"%s\" was read", bad[i]);
  }
  assert_int_equal(cb_num_float("12345", 2, &value), 1); /* the length counts, not a terminator */
  assert_true(value == 12);
  char long_text[5000];
  memset(long_text, '1', sizeof long_text);
  long_text[1] = '.';
  assert_int_equal(cb_num_float(long_text, sizeof long_text, &value), 1);
  assert_true(value > 1.1111 && value < 1.1112);
}

/* A German desktop would read 1.5 as 1 and write 1,5. */
static void the_locale_does_not_matter(void **state)
{
  (void)state;
  static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C.UTF-8"};
  for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++) {
    if (!setlocale(LC_ALL, locales[i])) continue;
    double value = 0;
    char text[CB_NUM_TEXT_MAX];
    assert_int_equal(cb_num_float("1.5", 3, &value), 1);
    assert_true(value == 1.5);
    assert_int_equal(cb_num_float("1,5", 3, &value), 0);
    cb_num_print_float(1.5, text);
    assert_string_equal(text, "1.5");
  }
  setlocale(LC_ALL, "C");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ints_are_read_whole_and_in_range),
      cmocka_unit_test(printed_ints_are_read_back),
      cmocka_unit_test(floats_print_as_people_write_them),
      cmocka_unit_test(any_float_is_read_back_to_the_bit),
      cmocka_unit_test(floats_are_read_whole_and_in_range),
      cmocka_unit_test(the_locale_does_not_matter),
  };
  return cmocka_run_group_tests_name("base/num", tests, NULL, NULL);
}
