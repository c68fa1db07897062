/* test_utf8.c - what is well-formed, against a decoder written the slow way. */
#include "cep/base/utf8.h"

#include "cep/base/prng.h"
#include "tests/support/test.h"

/* Some code point would be written so that it is not read. */
static void every_scalar_value_is_well_formed(void **state)
{
  (void)state;
  for (uint32_t code = 0; code < 0x110100; code++) {
    char text[4];
    size_t len = cb_utf8_encode(code, text);
    int is_scalar = code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
    assert_int_equal(len != 0, is_scalar);
    if (!is_scalar) continue;
    assert_int_equal(cb_utf8_step(text, len), len);
    if (len > 1) assert_int_equal(cb_utf8_step(text, len - 1), 0);
    assert_int_equal(cb_utf8_count(text, len), 1);
  }
}

/* Decodes by bits and compares with the shortest encoding. */
static int slow_valid(const uint8_t *text, size_t len)
{
  for (size_t i = 0; i < len;) {
    size_t n = text[i] < 0x80       ? 1
               : text[i] >> 5 == 6  ? 2
               : text[i] >> 4 == 14 ? 3
               : text[i] >> 3 == 30 ? 4
                                    : 0;
    if (n == 0 || i + n > len) return 0;
    uint32_t code = n == 1 ? text[i] : text[i] & (0x7Fu >> n);
    for (size_t k = 1; k < n; k++) {
      if ((text[i + k] & 0xC0) != 0x80) return 0;
      code = code << 6 | (text[i + k] & 0x3F);
    }
    char again[4];
    if (cb_utf8_encode(code, again) != n) return 0;
    i += n;
  }
  return 1;
}

/* Ill-formed text would reach the output, or good text would be refused. */
static void validity_agrees_with_the_slow_way(void **state)
{
  (void)state;
  static const uint8_t bytes[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                  0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                  0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFE, 0xFF};
  enum { N = sizeof bytes };
  for (uint32_t i = 0; i < N * N * N * N; i++) {
    const uint8_t text[4] = {bytes[i % N], bytes[i / N % N], bytes[i / N / N % N], bytes[i / N / N / N]};
    for (size_t len = 1; len <= 4; len++) {
      if (cb_utf8_valid((const char *)text, len) != slow_valid(text, len)) {
        fail_msg("%02x %02x %02x %02x, length %zu", text[0], text[1], text[2], text[3], len);
      }
    }
  }
  assert_int_equal(cb_utf8_valid(NULL, 0), 1);
  for (size_t len = 1; len < 40; len++) { /* a bad byte anywhere in plain text */
    for (size_t bad = 0; bad < len; bad++) {
      char plain[40];
      memset(plain, 'x', len);
      assert_int_equal(cb_utf8_valid(plain, len), 1);
      plain[bad] = (char)0x80;
      assert_int_equal(cb_utf8_valid(plain, len), 0);
    }
  }
}

static void bad_bytes_count_one_each(void **state)
{
  (void)state;
  assert_int_equal(cb_utf8_count("", 0), 0);
  assert_int_equal(cb_utf8_count("a\xC3\xA9\xE2\x82\xAC", 6), 3);
  assert_int_equal(cb_utf8_count("\xE2\x82", 2), 2);
  assert_int_equal(cb_utf8_count("\xFF\x80z", 3), 3);
  assert_int_equal(cb_utf8_step("", 0), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_scalar_value_is_well_formed),
      cmocka_unit_test(validity_agrees_with_the_slow_way),
      cmocka_unit_test(bad_bytes_count_one_each),
  };
  return cmocka_run_group_tests_name("base/utf8", tests, NULL, NULL);
}
