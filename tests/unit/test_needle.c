/* test_needle.c - what a text must have to fit a pattern: longest runs, and none in doubt. */
#include "tests/support/test.h"

#include "cep/base/prng.h"
#include "cep/base/utf8.h"
#include "nfa/fn.h"
#include "nfa/needle.h"
#include "nfa/regex.h"
#include "tests/conformance/rules.h"

static void needle_is(const char *pattern, const char *expected, int any_case)
{
  char out[NFA_NEEDLE_MAX];
  int has_any_case = 0;
  uint32_t len = nfa_needle_regex(pattern, (uint32_t)strlen(pattern), out, &has_any_case);
  if (len != strlen(expected) || memcmp(out, expected, len) != 0) fail_msg("%s: found %.*s, expected %s", pattern, (int)len, out, expected);
  if (len > 0) assert_int_equal(has_any_case, any_case);
}

static void plain_runs_outside_of_brackets_are_needed(void **state)
{
  (void)state;
  needle_is("powershell", "powershell", 0);
  needle_is("^cmd\\.exe$", "cmd.exe", 0);
  needle_is("a.*bcd.*ef", "bcd", 0);
  needle_is("abc|def", "", 0);
  needle_is("(abc|def)gh", "gh", 0);
  needle_is("x[abc]yz", "yz", 0);
  needle_is("ab+cd", "cd", 0);
  needle_is("abc\\d+", "abc", 0);
  needle_is("a\xC3\xA9" "b", "a\xC3\xA9" "b", 0);
  needle_is("(?i)PowerPoint", "PowerPoint", 1);
  needle_is("0123456789abcdefgh", "0123456789abcdef", 0);
}

static void what_may_be_missing_is_not_needed(void **state)
{
  (void)state;
  needle_is("abc?", "ab", 0);
  needle_is("abc*?", "ab", 0);
  needle_is("abc{0,3}d", "ab", 0);
  needle_is("abc{2,3}d", "abc", 0);
  needle_is("a\xC3\xA9?", "a", 0);
  needle_is("0123456789abcde\xC3\xA9?", "0123456789abcde", 0);
  needle_is("(abc)?", "", 0);
  needle_is("(?!abc)d", "d", 0);
}

/* k and s have a partner beyond ASCII, other letters theirs. */
static void without_case_only_safe_letters_are_needed(void **state)
{
  (void)state;
  needle_is("(?i)task", "ta", 1);
  needle_is("(?i)xs\xC3\xA9", "x", 1);
}

static void in_doubt_there_is_no_needle(void **state)
{
  (void)state;
  static const char *const patterns[] = {"(?x)a b c",  "\\Qabc\\E",   "abc\\x41", "(?i)(?-i)abc", "abc(?#x)", "(*UTF)abc", "abc\\1",
                                         "abc{,3}",    "abc{x",       "(?i:abc)d", "a(?i)bcd",     "(?|a|b)c", "(?(1)a|b)c", "abc\\p{L}",
                                         "ab[c\\Qd]\\Ee]f", "abc\\Kd", "(?P>n)abc", "(a(?x) b )cd", "abc\\N{U+41}"};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) needle_is(patterns[i], "", 0);
}

static void of_like_the_longest_run_is_needed(void **state)
{
  (void)state;
  char out[NFA_NEEDLE_MAX];
  assert_int_equal(nfa_needle_like("%abc_de%", 8, out), 3);
  assert_memory_equal(out, "abc", 3);
  assert_int_equal(nfa_needle_like("a\\%b%", 5, out), 3);
  assert_memory_equal(out, "a%b", 3);
  assert_int_equal(nfa_needle_like("ab\\", 3, out), 3);
  assert_memory_equal(out, "ab\\", 3);
  assert_int_equal(nfa_needle_like("%_%", 3, out), 0);
}

/* What the needle of `(?i)` relies on. */
static void no_character_beyond_ascii_is_a_letter_without_case_but_k_and_s(void **state)
{
  (void)state;
  cb_alloc alloc;
  nfa_regex *regex;
  nfa_regex_scratch *scratch;
  const char *pattern = "(?i)^[abcdefghijlmnopqrtuvwxyz]$";
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(nfa_regex_new(&alloc, pattern, strlen(pattern), &regex), CEP_OK);
  assert_int_equal(nfa_regex_scratch_new(&alloc, 1000, 100, 1, &scratch), CEP_OK);
  for (uint32_t code = 0x80; code < 0x30000; code++) {
    char text[4];
    size_t len = cb_utf8_encode(code, text);
    if (len > 0 && nfa_regex_search(regex, scratch, text, len) > 0) fail_msg("U+%04X", code);
  }
  nfa_regex_scratch_free(&alloc, scratch);
  nfa_regex_free(&alloc, regex);
}

static int has_needle(const char *text, uint32_t len, const char *needle, uint32_t needle_len, int any_case)
{
  cep_value whole = cb_string(text, len), part = cb_string(needle, needle_len);
  return nfa_text_contains(&whole, &part, any_case);
}

static void a_text_that_fits_has_the_needle(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_prng prng;
  cb_writer pattern;
  nfa_regex_scratch *scratch;
  uint32_t needles = 0, found = 0;
  cb_alloc_init(&alloc, NULL, 0);
  cb_prng_init(&prng, 7);
  cb_writer_init(&pattern, &alloc);
  assert_int_equal(nfa_regex_scratch_new(&alloc, 100000, 100, 4, &scratch), CEP_OK);
  for (uint32_t i = 0; i < 4000; i++) {
    nfa_regex *regex;
    char needle[NFA_NEEDLE_MAX], text[24];
    int any_case;
    cb_writer_reset(&pattern);
    rul_write_regex(&pattern, &prng);
    assert_int_equal(nfa_regex_new(&alloc, (const char *)pattern.data, pattern.len, &regex), CEP_OK);
    uint32_t len = nfa_needle_regex((const char *)pattern.data, (uint32_t)pattern.len, needle, &any_case);
    needles += len > 0;
    for (uint32_t t = 0; t < 30 && len > 0; t++) {
      uint32_t text_len = rul_write_text(&prng, text, sizeof text);
      if (nfa_regex_search(regex, scratch, text, text_len) <= 0) continue;
      found++;
      if (!has_needle(text, text_len, needle, len, any_case)) fail_msg("%.*s fits %.*s", (int)text_len, text, (int)pattern.len, (const char *)pattern.data);
    }
    nfa_regex_free(&alloc, regex);
  }
  assert_true(needles > 1000 && found > 1000);
  nfa_regex_scratch_free(&alloc, scratch);
  cb_writer_fini(&pattern);
  assert_int_equal(alloc.bytes_in_use, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_runs_outside_of_brackets_are_needed),
      cmocka_unit_test(what_may_be_missing_is_not_needed),
      cmocka_unit_test(without_case_only_safe_letters_are_needed),
      cmocka_unit_test(in_doubt_there_is_no_needle),
      cmocka_unit_test(of_like_the_longest_run_is_needed),
      cmocka_unit_test(no_character_beyond_ascii_is_a_letter_without_case_but_k_and_s),
      cmocka_unit_test(a_text_that_fits_has_the_needle),
  };
  return cmocka_run_group_tests_name("nfa/needle", tests, NULL, NULL);
}
