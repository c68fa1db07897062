/* test_hash.c - hashes are the same everywhere. */
#include "cep/base/hash.h"

#include "tests/support/test.h"

/* Match ids and checksums would differ between machines. The values are the published
 * ones of XXH3 for no bytes, with seed 0. */
static void known_bytes_give_known_hashes(void **state)
{
  (void)state;
  static const uint8_t empty[16] = {0x99, 0xAA, 0x06, 0xD3, 0x01, 0x47, 0x98, 0xD8,
                                    0x60, 0x01, 0xC3, 0x24, 0x46, 0x8D, 0x49, 0x7F};
  assert_true(cb_hash64("", 0) == 0x2D06800538D394C2u);
  cb_hash128 hash = cb_hash128_of("", 0);
  assert_memory_equal(hash.bytes, empty, 16);
}

/* Two keys would be taken for one, or one for two. */
static void equal_bytes_give_equal_hashes_and_others_do_not(void **state)
{
  (void)state;
  char text[300];
  memset(text, 'a', sizeof text);
  for (size_t len = 1; len < sizeof text; len++) {
    char copy[300];
    memcpy(copy, text, sizeof copy);
    uint64_t hash = cb_hash64(text, len);
    cb_hash128 wide = cb_hash128_of(text, len), other;
    assert_true(cb_hash64(copy, len) == hash);
    copy[len - 1] ^= 1;
    assert_true(cb_hash64(copy, len) != hash);
    assert_true(cb_hash64(text, len - 1) != hash);
    other = cb_hash128_of(copy, len);
    assert_memory_not_equal(other.bytes, wide.bytes, 16);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_bytes_give_known_hashes),
      cmocka_unit_test(equal_bytes_give_equal_hashes_and_others_do_not),
  };
  return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
