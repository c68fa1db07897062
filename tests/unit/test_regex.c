/* test_regex.c - PCRE2 behind its few functions. */
#include "tests/support/test.h"

#include "nfa/regex.h"
#include "tests/support/fault_alloc.h"

#define TEXT_MAX 300u

typedef struct fixture {
  cb_alloc alloc;
  nfa_regex *regex;
  nfa_regex_scratch *scratch;
} fixture;

static void open_regex(fixture *f, const char *pattern, uint32_t match_limit)
{
  cb_alloc_init(&f->alloc, NULL, 0);
  assert_int_equal(nfa_regex_new(&f->alloc, pattern, strlen(pattern), &f->regex), CEP_OK);
  assert_int_equal(nfa_regex_scratch_new(&f->alloc, match_limit, TEXT_MAX, nfa_regex_pairs(f->regex), &f->scratch),
                   CEP_OK);
}

static void close_regex(fixture *f)
{
  nfa_regex_scratch_free(&f->alloc, f->scratch);
  nfa_regex_free(&f->alloc, f->regex);
  assert_int_equal(f->alloc.bytes_in_use, 0);
}

static int finds(const fixture *f, const char *text)
{
  return nfa_regex_search(f->regex, f->scratch, text, strlen(text));
}

/* A condition `~` looks anywhere in the text. */
static void a_pattern_is_searched_not_anchored(void **state)
{
  (void)state;
  fixture f;
  open_regex(&f, "fail(ed|ure)", 1000000);
  assert_int_equal(finds(&f, "auth failure;"), 1);
  assert_int_equal(finds(&f, "auth failed"), 1);
  assert_int_equal(finds(&f, "auth fail"), 0);
  close_regex(&f);
}

/* Lines are decoded by the names of groups; one that took no part leaves its field null. */
static void named_groups_say_where_they_lie(void **state)
{
  (void)state;
  fixture f;
  open_regex(&f, "from (?<ip>[0-9.]+)(?: port (?<port>\\d+))?", 1000000);
  const char *text = "x from 10.0.0.7 port 22";
  size_t start = 0, end = 0;
  assert_int_equal(nfa_regex_pairs(f.regex), 3);
  assert_int_equal(finds(&f, text), 1);
  assert_int_equal(nfa_regex_span(f.scratch, nfa_regex_group(f.regex, "ip"), &start, &end), 1);
  assert_int_equal(end - start, 8);
  assert_memory_equal(text + start, "10.0.0.7", 8);
  assert_int_equal(nfa_regex_span(f.scratch, nfa_regex_group(f.regex, "port"), &start, &end), 1);
  assert_memory_equal(text + start, "22", 2);

  assert_int_equal(finds(&f, "from 10.0.0.7"), 1);
  assert_int_equal(nfa_regex_span(f.scratch, nfa_regex_group(f.regex, "port"), &start, &end), 0);
  assert_int_equal(nfa_regex_group(f.regex, "nobody"), 0);

  assert_int_equal(finds(&f, "nothing here"), 0);
  assert_int_equal(nfa_regex_span(f.scratch, 0, &start, &end), 0);
  close_regex(&f);
}

/* Two forms of a line may name the same field in two places. */
static void groups_of_one_name_are_one_field(void **state)
{
  (void)state;
  fixture f;
  open_regex(&f, "(?J)(?:from (?<ip>\\S+)|(?<ip>\\S+) says)", 1000000);
  size_t start = 0, end = 0;
  uint32_t group = nfa_regex_group(f.regex, "ip");
  assert_true(group > 0);
  assert_int_equal(finds(&f, "from ab"), 1);
  assert_int_equal(nfa_regex_span(f.scratch, group, &start, &end), 1);
  assert_int_equal(start, 5);
  assert_int_equal(finds(&f, "abc says"), 1);
  assert_int_equal(nfa_regex_span(f.scratch, group, &start, &end), 1);
  assert_int_equal(end, 3);
  close_regex(&f);
}

/* Characters, not bytes. */
static void a_dot_is_a_character(void **state)
{
  (void)state;
  fixture f;
  open_regex(&f, "^a.b$", 1000000);
  assert_int_equal(finds(&f, "a\xC3\xA9"
                             "b"),
                   1);
  assert_int_equal(finds(&f, "a\xE2\x82\xAC"
                             "b"),
                   1);
  assert_int_equal(finds(&f, "axxb"), 0);
  close_regex(&f);
}

/* A log may hold any bytes; they neither match as characters nor stop the search. */
static void bytes_that_are_no_text_are_searched_around(void **state)
{
  (void)state;
  fixture f;
  open_regex(&f, "user=(\\w+)", 1000000);
  const char text[] = "\xFF\xFE user=bob \xC3";
  assert_int_equal(nfa_regex_search(f.regex, f.scratch, text, sizeof text - 1), 1);
  assert_int_equal(nfa_regex_search(f.regex, f.scratch, NULL, 0), 0);
  close_regex(&f);
}

static void bytes_behind_a_text_are_not_looked_at(void **state)
{
  (void)state;
  fixture f;
  open_regex(&f, "\\b\\z", 1000000);
  assert_int_equal(nfa_regex_search(f.regex, f.scratch, "ab\x80", 3), nfa_regex_search(f.regex, f.scratch, "ab\x80z", 3));
  assert_int_equal(nfa_regex_search_from(f.regex, f.scratch, "\x80z", 1, 1), 0);
  assert_int_equal(nfa_regex_search_from(f.regex, f.scratch, "\x80", 1, 1), 0);
  close_regex(&f);
}

/* A hostile line must not hang a rule that backtracks. */
static void runaway_backtracking_stops_at_the_limit(void **state)
{
  (void)state;
  fixture f;
  open_regex(&f, "^(a+)+$", 10000);
  char text[64];
  memset(text, 'a', sizeof text - 2);
  memcpy(text + sizeof text - 2, "b", 2);
  assert_int_equal(finds(&f, text), -1);
  size_t start, end;
  assert_int_equal(nfa_regex_span(f.scratch, 0, &start, &end), 0);
  close_regex(&f);
}

/* From each of its places such a text costs its length, without one step that PCRE2 would count. */
static void a_text_that_is_too_long_is_not_looked_into(void **state)
{
  (void)state;
  fixture f;
  char text[TEXT_MAX + 1];
  open_regex(&f, "(?=[a-z]*#)a|^b", 10000);
  memset(text, 'a', sizeof text);
  assert_int_equal(nfa_regex_search(f.regex, f.scratch, text, TEXT_MAX), 0);
  text[0] = 'b';
  assert_int_equal(nfa_regex_search(f.regex, f.scratch, text, TEXT_MAX), 1);
  assert_int_equal(nfa_regex_search(f.regex, f.scratch, text, TEXT_MAX + 1), -1);
  size_t start, end;
  assert_int_equal(nfa_regex_span(f.scratch, 0, &start, &end), 0);
  close_regex(&f);
}

/* Only a forged program image holds such a pattern. */
static void a_pattern_that_does_not_compile_is_corrupt(void **state)
{
  (void)state;
  cb_alloc alloc;
  nfa_regex *regex = NULL;
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(nfa_regex_new(&alloc, "(", 1, &regex), CEP_E_CORRUPT);
  assert_null(regex);
  assert_int_equal(nfa_regex_new(&alloc, "a\xFF", 2, &regex), CEP_E_CORRUPT);
  assert_int_equal(nfa_regex_new(&alloc, "\\C", 2, &regex), CEP_E_CORRUPT);
  assert_int_equal(alloc.bytes_in_use, 0);
}

static int make_and_search(const cep_allocator *allocator, void *ctx)
{
  (void)ctx;
  cb_alloc alloc;
  nfa_regex *regex = NULL;
  nfa_regex_scratch *scratch = NULL;
  cb_alloc_init(&alloc, allocator, 0);
  cep_status status = nfa_regex_new(&alloc, "(?<a>x+)y", 9, &regex);
  if (status == CEP_OK) status = nfa_regex_scratch_new(&alloc, 1000, TEXT_MAX, nfa_regex_pairs(regex), &scratch);
  if (status == CEP_OK) (void)nfa_regex_search(regex, scratch, "xxxy", 4);
  nfa_regex_scratch_free(&alloc, scratch);
  nfa_regex_free(&alloc, regex);
  return status;
}

static void refused_memory_is_reported_and_nothing_leaks(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(make_and_search, NULL) > 0);
}

/* Code of the JIT must find by \S, \D and \W what the interpreter does. */
static void characters_beyond_ascii_are_found_by_what_they_are_not(void **state)
{
  (void)state;
  static const char *const patterns[] = {"\\Sa", "\\Da", "\\Wa", "[^b]a", "(?i)\\Wa", "\\S$", "^\\S\\S$"};
  static const char *const texts[] = {"\xC5\xBF" "a", "x\xE2\x84\xAA" "a", "\xC3\xA9" "a", "\xF0\x9F\x98\x80" "a", "\xFF" "a"};
  for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
      fixture f;
      open_regex(&f, patterns[p], 1000000);
      int is_whole = p == sizeof patterns / sizeof *patterns - 1;
      int is_two = t != 1 && t != 4;
      int expected = is_whole ? is_two : t != 4 || p == 5; /* the last text has a byte that is no character */
      assert_int_equal(finds(&f, texts[t]), expected);
      close_regex(&f);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_pattern_is_searched_not_anchored),
      cmocka_unit_test(named_groups_say_where_they_lie),
      cmocka_unit_test(groups_of_one_name_are_one_field),
      cmocka_unit_test(a_dot_is_a_character),
      cmocka_unit_test(bytes_that_are_no_text_are_searched_around),
      cmocka_unit_test(bytes_behind_a_text_are_not_looked_at),
      cmocka_unit_test(runaway_backtracking_stops_at_the_limit),
      cmocka_unit_test(a_text_that_is_too_long_is_not_looked_into),
      cmocka_unit_test(characters_beyond_ascii_are_found_by_what_they_are_not),
      cmocka_unit_test(a_pattern_that_does_not_compile_is_corrupt),
      cmocka_unit_test(refused_memory_is_reported_and_nothing_leaks),
  };
  return cmocka_run_group_tests_name("nfa/regex", tests, NULL, NULL);
}
