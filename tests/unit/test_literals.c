/* test_literals.c - many literals in one pass find what looking for each one finds. */
#include "tests/support/test.h"

#include "cep/base/prng.h"
#include "nfa/fn.h"
#include "nfa/literals.h"
#include "tests/support/fault_alloc.h"

#define LITERALS_MAX 60u

/* Texts of few letters, so that they are parts of each other. */
static uint32_t make_text(cb_prng *prng, char *out, uint32_t least, uint32_t most)
{
  static const char letters[] = "aabbcABz\xC3\xFF";
  uint32_t len = least + cb_prng_below(prng, most - least + 1);
  for (uint32_t i = 0; i < len; i++) out[i] = letters[cb_prng_below(prng, sizeof letters - 1)];
  return len;
}

static void check(const nfa_literals *set, const nfa_literal *literals, const char *text, uint32_t len, int any_case)
{
  uint64_t seen[LITERALS_MAX / 64 + 1] = {0};
  uint32_t found[LITERALS_MAX];
  uint32_t count = nfa_literals_find(set, text, len, seen, found), expected = 0;
  for (uint32_t i = 0; i < set->count; i++) {
    cep_value whole = cb_string(text, len), part = cb_string(literals[i].bytes, literals[i].len);
    int is_there = nfa_text_contains(&whole, &part, any_case);
    expected += (uint32_t)is_there;
    assert_int_equal(seen[i / 64] >> i % 64 & 1, is_there);
  }
  assert_int_equal(count, expected);
}

static void it_finds_what_looking_for_each_finds(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_prng prng;
  cb_alloc_init(&alloc, NULL, 0);
  cb_prng_init(&prng, 3);
  for (uint32_t i = 0; i < 400; i++) {
    char bytes[LITERALS_MAX][8], text[64];
    nfa_literal literals[LITERALS_MAX];
    nfa_literals set;
    uint32_t count = 1 + cb_prng_below(&prng, LITERALS_MAX);
    int any_case = (int)cb_prng_below(&prng, 2);
    for (uint32_t k = 0; k < count; k++) literals[k] = (nfa_literal){bytes[k], make_text(&prng, bytes[k], 1, 8)};
    assert_int_equal(nfa_literals_make(&set, &alloc, literals, count, any_case), CEP_OK);
    for (uint32_t t = 0; t < 50; t++) check(&set, literals, text, make_text(&prng, text, 0, sizeof text), any_case);
    nfa_literals_free(&set, &alloc);
  }
  assert_int_equal(alloc.bytes_in_use, 0);
}

static void all_256_bytes_can_be_told_apart(void **state)
{
  (void)state;
  cb_alloc alloc;
  nfa_literals set;
  char bytes[256];
  nfa_literal literals[256];
  uint64_t seen[4] = {0};
  uint32_t found[256];
  cb_alloc_init(&alloc, NULL, 0);
  for (uint32_t i = 0; i < 256; i++) {
    bytes[i] = (char)(255 - i);
    literals[i] = (nfa_literal){&bytes[i], 1};
  }
  assert_int_equal(nfa_literals_make(&set, &alloc, literals, 256, 0), CEP_OK);
  for (uint32_t i = 0; i < 256; i++) {
    memset(seen, 0, sizeof seen);
    assert_int_equal(nfa_literals_find(&set, &bytes[i], 1, seen, found), 1);
    assert_int_equal(found[0], i);
  }
  nfa_literals_free(&set, &alloc);
}

static void equal_literals_are_all_found(void **state)
{
  (void)state;
  cb_alloc alloc;
  nfa_literals set;
  const nfa_literal literals[] = {{"ab", 2}, {"b", 1}, {"ab", 2}, {"b", 1}};
  uint64_t seen[1] = {0};
  uint32_t found[4];
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(nfa_literals_make(&set, &alloc, literals, 4, 0), CEP_OK);
  assert_int_equal(nfa_literals_find(&set, "xabab", 5, seen, found), 4);
  assert_int_equal(seen[0], 15);
  nfa_literals_free(&set, &alloc);
}

static int make_one(const cep_allocator *hook, void *ctx)
{
  (void)ctx;
  const nfa_literal literals[] = {{"abc", 3}, {"bcd", 3}};
  cb_alloc alloc;
  nfa_literals set;
  cb_alloc_init(&alloc, hook, 0);
  cep_status status = nfa_literals_make(&set, &alloc, literals, 2, 1);
  nfa_literals_free(&set, &alloc);
  return status;
}

static void refused_memory_leaves_nothing(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(make_one, NULL) >= 5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_finds_what_looking_for_each_finds),
      cmocka_unit_test(all_256_bytes_can_be_told_apart),
      cmocka_unit_test(equal_literals_are_all_found),
      cmocka_unit_test(refused_memory_leaves_nothing),
  };
  return cmocka_run_group_tests_name("nfa/literals", tests, NULL, NULL);
}
