/* test_split.c - records end where they should, in whatever pieces the bytes come. */
#include "tests/support/test.h"

#include "cep/base/prng.h"
#include "cep/base/split.h"

/* The ends of all records, as offsets of the line feeds. */
static unsigned find_ends(cb_split split, const char *text, size_t len, size_t piece, size_t ends[16])
{
  unsigned count = 0;
  size_t at = 0, limit = piece < len ? piece : len;
  while (at < len && count < 16) {
    const char *end = cb_split_end(&split, text + at, limit - at);
    if (end) {
      ends[count] = (size_t)(end - text);
      at = ends[count++] + 1;
    } else {
      at = limit;
    }
    if (at == limit) limit = len - at < piece ? len : at + piece;
  }
  return count;
}

static void assert_ends(cb_split split, const char *text, unsigned count, const size_t *expected)
{
  for (size_t piece = 1; piece <= strlen(text); piece++) {
    size_t ends[16];
    assert_int_equal(find_ends(split, text, strlen(text), piece, ends), count);
    for (unsigned i = 0; i < count; i++) assert_int_equal(ends[i], expected[i]);
  }
}
#define ENDS(split, text, ...) \
  assert_ends(split, text, sizeof((size_t[]){__VA_ARGS__}) / sizeof(size_t), (size_t[]){__VA_ARGS__})

static void a_line_ends_at_each_line_feed(void **state)
{
  (void)state;
  ENDS(cb_split_lines(), "a\n\"b\n\nc", 1, 4, 5);
}

static void a_line_feed_within_quotes_is_text(void **state)
{
  (void)state;
  ENDS(cb_split_csv(',', '"'), "a,\"b\nc\",d\n\"\n\"\n", 9, 13);
  ENDS(cb_split_csv(';', '\''), "a;'b\nc,d'\nx\n", 9, 11);
}

static void a_doubled_quote_does_not_close(void **state)
{
  (void)state;
  ENDS(cb_split_csv(',', '"'), "\"a\"\"\nb\"\nc\n", 7, 9);
  ENDS(cb_split_csv(',', '"'), "\"\"\n\"\"\"\"\n", 2, 7);
}

static void a_quote_opens_only_at_the_start_of_a_field(void **state)
{
  (void)state;
  ENDS(cb_split_csv(',', '"'), "5\" pipe,x\ny\n", 9, 11);
  ENDS(cb_split_csv(',', '"'), "a, \"b\nc\n", 5, 7);
}

static void behind_a_closing_quote_the_next_line_feed_ends(void **state)
{
  (void)state;
  ENDS(cb_split_csv(',', '"'), "\"a\" x\"\n\"b\"\r\n", 6, 11);
}

static void without_a_quote_all_is_text(void **state)
{
  (void)state;
  ENDS(cb_split_csv(',', 0), "\"a\nb\"\n", 2, 5);
}

static void what_is_open_has_no_end(void **state)
{
  (void)state;
  cb_split split = cb_split_csv(',', '"');
  const char *text = "\"a\nb\n";
  assert_null(cb_split_end(&split, text, strlen(text)));
  cb_split_restart(&split);
  assert_ptr_equal(cb_split_end(&split, text + 2, 1), text + 2);
  assert_null(cb_split_end(&split, NULL, 0));
}

static void random_bytes_split_alike_in_any_pieces(void **state)
{
  (void)state;
  static const char signs[] = "\",\n\r;a\"\n";
  cb_prng prng;
  cb_prng_init(&prng, 7);
  for (int round = 0; round < 2000; round++) {
    char text[48];
    size_t len = cb_prng_below(&prng, sizeof text), whole[16], pieces[16];
    for (size_t i = 0; i < len; i++) text[i] = signs[cb_prng_below(&prng, sizeof signs - 1)];
    unsigned count = find_ends(cb_split_csv(',', '"'), text, len, 48, whole);
    assert_int_equal(find_ends(cb_split_csv(',', '"'), text, len, 1 + cb_prng_below(&prng, 5), pieces), count);
    assert_memory_equal(whole, pieces, count * sizeof *whole);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_ends_at_each_line_feed),
      cmocka_unit_test(a_line_feed_within_quotes_is_text),
      cmocka_unit_test(a_doubled_quote_does_not_close),
      cmocka_unit_test(a_quote_opens_only_at_the_start_of_a_field),
      cmocka_unit_test(behind_a_closing_quote_the_next_line_feed_ends),
      cmocka_unit_test(without_a_quote_all_is_text),
      cmocka_unit_test(what_is_open_has_no_end),
      cmocka_unit_test(random_bytes_split_alike_in_any_pieces),
  };
  return cmocka_run_group_tests_name("base/split", tests, NULL, NULL);
}
