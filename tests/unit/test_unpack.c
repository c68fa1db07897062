/* test_unpack.c - what gzip and zstd packed comes out whole, in any pieces, or is told to be broken. */
#include "tests/support/test.h"

#include <zlib.h>
#include <zstd.h>

#include "cep/base/prng.h"
#include "runtime/io/unpack.h"

#define TEXT_LEN 20000
#define PACKED_MAX 65536

typedef struct bytes {
  uint8_t at[PACKED_MAX];
  size_t len;
} bytes;

static void make_text(bytes *text)
{
  cb_prng prng;
  cb_prng_init(&prng, 3);
  text->len = TEXT_LEN;
  for (size_t i = 0; i < text->len; i++) text->at[i] = (uint8_t)('a' + cb_prng_below(&prng, 5));
}

static void pack(rt_packing packing, const uint8_t *text, size_t len, bytes *out)
{
  if (packing == RT_PACKING_ZSTD) {
    size_t made = ZSTD_compress(out->at + out->len, PACKED_MAX - out->len, text, len, 3);
    assert_false(ZSTD_isError(made));
    out->len += made;
    return;
  }
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  uint8_t copy[TEXT_LEN];
  memcpy(copy, text, len);
  z.next_in = copy;
  z.avail_in = (uInt)len;
  z.next_out = out->at + out->len;
  z.avail_out = (uInt)(PACKED_MAX - out->len);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  out->len = PACKED_MAX - z.avail_out;
  deflateEnd(&z);
}

/* Gives all in pieces; NULL, or what was said to be wrong. */
static const char *unpack_all(const bytes *packed, rt_packing packing, size_t piece, size_t room, bytes *out, int *is_within)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  rt_unpack *unpack;
  assert_int_equal(rt_unpack_new(&alloc, packing, &unpack), CEP_OK);
  const char *why = NULL;
  size_t at = 0, used, made;
  out->len = 0;
  do {
    size_t len = packed->len - at < piece ? packed->len - at : piece;
    size_t space = PACKED_MAX - out->len < room ? PACKED_MAX - out->len : room;
    why = rt_unpack_run(unpack, packed->at + at, len, &used, out->at + out->len, space, &made);
    at += used;
    out->len += made;
  } while (!why && (at < packed->len || made > 0));
  *is_within = rt_unpack_is_within(unpack);
  rt_unpack_free(&alloc, unpack);
  assert_int_equal(alloc.bytes_in_use, 0);
  return why;
}

static const rt_packing packings[] = {RT_PACKING_GZIP, RT_PACKING_ZSTD};

static void the_first_bytes_tell(void **state)
{
  (void)state;
  assert_int_equal(rt_packing_of("", 0), RT_PACKING_UNSURE);
  assert_int_equal(rt_packing_of("{\"a\"", 4), RT_PACKING_NONE);
  assert_int_equal(rt_packing_of("\x1F", 1), RT_PACKING_UNSURE);
  assert_int_equal(rt_packing_of("\x1F\x8B", 2), RT_PACKING_GZIP);
  assert_int_equal(rt_packing_of("\x1F\x8C", 2), RT_PACKING_NONE);
  assert_int_equal(rt_packing_of("\x28\xB5\x2F", 3), RT_PACKING_UNSURE);
  assert_int_equal(rt_packing_of("\x28\xB5\x2F\xFD", 4), RT_PACKING_ZSTD);
  assert_int_equal(rt_packing_of("(x", 2), RT_PACKING_NONE);
  assert_int_equal(rt_packing_of("\x5A\x2A\x4D\x18", 4), RT_PACKING_ZSTD);
  assert_int_equal(rt_packing_of("Zeit", 4), RT_PACKING_NONE);
}

static void all_comes_out_in_any_pieces(void **state)
{
  (void)state;
  static const size_t pieces[] = {1, 7, 1000, PACKED_MAX};
  static bytes text, packed, out;
  make_text(&text);
  for (size_t p = 0; p < 2; p++) {
    packed.len = 0;
    pack(packings[p], text.at, text.len, &packed);
    for (size_t i = 0; i < 4; i++)
      for (size_t r = 0; r < 4; r++) {
        int is_within;
        assert_null(unpack_all(&packed, packings[p], pieces[i], pieces[r], &out, &is_within));
        assert_false(is_within);
        assert_int_equal(out.len, text.len);
        assert_memory_equal(out.at, text.at, text.len);
      }
  }
}

static void members_and_frames_follow_each_other(void **state)
{
  (void)state;
  static bytes text, packed, out;
  make_text(&text);
  for (size_t p = 0; p < 2; p++) {
    int is_within;
    packed.len = 0;
    pack(packings[p], text.at, 5000, &packed);
    pack(packings[p], text.at, 0, &packed);
    pack(packings[p], text.at + 5000, 7000, &packed);
    assert_null(unpack_all(&packed, packings[p], 100, 333, &out, &is_within));
    assert_false(is_within);
    assert_int_equal(out.len, 12000);
    assert_memory_equal(out.at, text.at, 12000);
  }
}

static void what_is_cut_off_is_known_to_be(void **state)
{
  (void)state;
  static bytes text, packed, out;
  make_text(&text);
  for (size_t p = 0; p < 2; p++) {
    packed.len = 0;
    pack(packings[p], text.at, text.len, &packed);
    for (size_t cut = 1; cut < packed.len; cut += 97) {
      int is_within;
      packed.len -= cut;
      assert_null(unpack_all(&packed, packings[p], 512, 4096, &out, &is_within));
      assert_true(is_within);
      packed.len += cut;
    }
  }
}

static void what_is_spoilt_is_refused_or_other_bytes_but_no_fault(void **state)
{
  (void)state;
  static bytes text, packed, out;
  make_text(&text);
  cb_prng prng;
  cb_prng_init(&prng, 5);
  for (size_t p = 0; p < 2; p++) {
    unsigned refused = 0;
    for (int round = 0; round < 300; round++) {
      int is_within;
      packed.len = 0;
      pack(packings[p], text.at, 3000, &packed);
      packed.at[cb_prng_below(&prng, (uint32_t)packed.len)] ^= (uint8_t)(1 << cb_prng_below(&prng, 8));
      refused += unpack_all(&packed, packings[p], 64, 128, &out, &is_within) != NULL || is_within;
    }
    /* zstd has a checksum only where it is asked for. */
    assert_true(refused > (packings[p] == RT_PACKING_GZIP ? 280 : 20));
  }
}

static void a_bomb_costs_no_memory(void **state)
{
  (void)state;
  static uint8_t zeros[TEXT_LEN];
  static bytes packed, out;
  packed.len = 0;
  pack(RT_PACKING_GZIP, zeros, sizeof zeros, &packed);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  rt_unpack *unpack;
  assert_int_equal(rt_unpack_new(&alloc, RT_PACKING_GZIP, &unpack), CEP_OK);
  size_t before = alloc.bytes_in_use, total = 0, at = 0, used, made;
  do {
    assert_null(rt_unpack_run(unpack, packed.at + at, packed.len - at, &used, out.at, 64, &made));
    at += used;
    total += made;
    assert_true(made <= 64);
  } while (made > 0);
  assert_int_equal(total, sizeof zeros);
  assert_int_equal(alloc.bytes_in_use, before);
  rt_unpack_free(&alloc, unpack);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_bytes_tell),
      cmocka_unit_test(all_comes_out_in_any_pieces),
      cmocka_unit_test(members_and_frames_follow_each_other),
      cmocka_unit_test(what_is_cut_off_is_known_to_be),
      cmocka_unit_test(what_is_spoilt_is_refused_or_other_bytes_but_no_fault),
      cmocka_unit_test(a_bomb_costs_no_memory),
  };
  return cmocka_run_group_tests_name("runtime/io/unpack", tests, NULL, NULL);
}
