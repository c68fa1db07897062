/* test_bytes.c - writer and reader: there and back, ends, failures. */
#include "cep/base/bytes.h"

#include "cep/base/prng.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

/* Images of one machine could not be read on another. */
static void numbers_are_little_endian(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  cb_write_u8(&writer, 0x01);
  cb_write_u16(&writer, 0x0302);
  cb_write_u32(&writer, 0x07060504);
  cb_write_u64(&writer, 0x0F0E0D0C0B0A0908);
  cb_write_i64(&writer, -2);
  static const uint8_t expected[] = {1,  2,  3,  4,   5,   6,   7,   8,   9,   10,  11, 12,
                                     13, 14, 15, 254, 255, 255, 255, 255, 255, 255, 255};
  assert_int_equal(writer.len, sizeof expected);
  assert_memory_equal(writer.data, expected, sizeof expected);
  cb_writer_fini(&writer);
  assert_int_equal(alloc.bytes_in_use, 0);
}

static void write_some(cb_writer *writer, cb_prng *prng, int count)
{
  for (int i = 0; i < count; i++) {
    uint64_t number = cb_prng_next(prng);
    switch (number % 6) {
    case 0: cb_write_u8(writer, (uint8_t)(number >> 8)); break;
    case 1: cb_write_u16(writer, (uint16_t)(number >> 8)); break;
    case 2: cb_write_u32(writer, (uint32_t)(number >> 8)); break;
    case 3: cb_write_u64(writer, number); break;
    case 4: cb_write_i64(writer, (int64_t)number); break;
    case 5: cb_write_block(writer, &number, number >> 8 & 7); break;
    }
  }
}

static void read_some(cb_reader *reader, cb_prng *prng, int count)
{
  for (int i = 0; i < count; i++) {
    uint64_t number = cb_prng_next(prng);
    size_t len;
    const void *block;
    switch (number % 6) {
    case 0: assert_int_equal(cb_read_u8(reader), (uint8_t)(number >> 8)); break;
    case 1: assert_int_equal(cb_read_u16(reader), (uint16_t)(number >> 8)); break;
    case 2: assert_int_equal(cb_read_u32(reader), (uint32_t)(number >> 8)); break;
    case 3: assert_true(cb_read_u64(reader) == number); break;
    case 4: assert_true(cb_read_i64(reader) == (int64_t)number); break;
    case 5:
      block = cb_read_block(reader, &len);
      assert_int_equal(len, number >> 8 & 7);
      assert_memory_equal(block, &number, len);
      break;
    }
  }
}

/* Saved state would not be what was saved. */
static void what_is_written_is_read(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  for (uint64_t seed = 0; seed < 50; seed++) {
    cb_prng prng;
    cb_writer writer;
    cb_reader reader;
    cb_writer_init(&writer, &alloc);
    cb_prng_init(&prng, seed);
    write_some(&writer, &prng, 500);
    assert_int_equal(writer.status, CEP_OK);
    cb_reader_init(&reader, writer.data, writer.len);
    cb_prng_init(&prng, seed);
    read_some(&reader, &prng, 500);
    assert_int_equal(reader.status, CEP_OK);
    assert_true(cb_reader_at_end(&reader));
    cb_writer_fini(&writer);
  }
}

/* Hostile bytes would be read past their end. */
static void a_reader_stops_at_its_end_and_stays_stopped(void **state)
{
  (void)state;
  static const uint8_t bytes[] = {1, 2, 3};
  cb_reader reader;
  cb_reader_init(&reader, bytes, sizeof bytes);
  assert_int_equal(cb_read_u32(&reader), 0);
  assert_int_equal(reader.status, CEP_E_CORRUPT);
  assert_int_equal(cb_read_u8(&reader), 0); /* though a byte is there */
  assert_null(cb_read_bytes(&reader, 0));

  static const uint8_t block[] = {0xFF, 0xFF, 0xFF, 0xFF, 'a'};
  size_t len = 9;
  cb_reader_init(&reader, block, sizeof block);
  assert_null(cb_read_block(&reader, &len));
  assert_int_equal(len, 0);
  assert_int_equal(reader.status, CEP_E_CORRUPT);

  cb_reader_init(&reader, bytes, sizeof bytes);
  assert_null(cb_read_bytes(&reader, SIZE_MAX));
  assert_int_equal(reader.status, CEP_E_CORRUPT);

  cb_reader_init(&reader, NULL, 0);
  assert_non_null(cb_read_bytes(&reader, 0));
  assert_int_equal(reader.status, CEP_OK);
  assert_true(cb_reader_at_end(&reader));
}

/* Half-written state would pass for whole. */
static void a_writer_without_memory_stays_failed(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 1000);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  for (int i = 0; i < 300; i++) cb_write_u32(&writer, 7);
  assert_int_equal(writer.status, CEP_E_NOMEM);
  size_t len = writer.len;
  cb_write_u8(&writer, 1);
  cb_write_text(&writer, "x");
  cb_write_printf(&writer, "%d", 1);
  assert_int_equal(writer.len, len);
  cb_writer_reset(&writer);
  assert_int_equal(writer.status, CEP_OK);
  cb_write_u8(&writer, 1);
  assert_int_equal(writer.len, 1);
  volatile size_t overflowing = SIZE_MAX; /* the compiler would see it, and warn */
  cb_write_bytes(&writer, "", overflowing); /* refused, not added */
  assert_int_equal(writer.status, CEP_E_NOMEM);
  cb_writer_fini(&writer);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* A warm engine would allocate for each alert. */
static void a_reset_writer_keeps_its_buffer(void **state)
{
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  for (int i = 0; i < 1000; i++) cb_write_u64(&writer, 1);
  uint64_t calls = fault.calls;
  for (int round = 0; round < 10; round++) {
    cb_writer_reset(&writer);
    for (int i = 0; i < 1000; i++) cb_write_u64(&writer, 1);
  }
  assert_int_equal(fault.calls, calls);
  cb_writer_fini(&writer);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

static void text_and_formats_are_written_without_terminators(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  cb_write_text(&writer, "ab");
  cb_write_printf(&writer, "%d:%s", 42, "cd");
  cb_write_printf(&writer, "%300s", "e");
  assert_int_equal(writer.len, 2 + 5 + 300);
  assert_memory_equal(writer.data, "ab42:cd ", 8);
  assert_int_equal(writer.data[writer.len - 1], 'e');
  cb_writer_fini(&writer);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_little_endian),
      cmocka_unit_test(what_is_written_is_read),
      cmocka_unit_test(a_reader_stops_at_its_end_and_stays_stopped),
      cmocka_unit_test(a_writer_without_memory_stays_failed),
      cmocka_unit_test(a_reset_writer_keeps_its_buffer),
      cmocka_unit_test(text_and_formats_are_written_without_terminators),
  };
  return cmocka_run_group_tests_name("base/bytes", tests, NULL, NULL);
}
