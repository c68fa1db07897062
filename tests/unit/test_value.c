/* test_value.c - order, bytes, JSON, and values from text. */
#include "cep/base/value.h"

#include <math.h>

#include "cep/base/prng.h"
#include "cep/base/time.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

static const uint8_t some_ip[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 1};

static cep_value ip_value(const uint8_t ip[16])
{
  cep_value value = cb_string((const char *)ip, 16);
  value.kind = CEP_IP;
  return value;
}

static cb_order order(cep_value a, cep_value b)
{
  return cb_value_compare(&a, &b);
}

/* 2^53 + 1 would equal 2^53, and a threshold would be missed. */
static void ints_and_floats_compare_exactly(void **state)
{
  (void)state;
  int64_t big = (int64_t)1 << 53;
  assert_int_equal(order(cb_int(big + 1), cb_float(0x1p53)), CB_GREATER);
  assert_int_equal(order(cb_float(0x1p53), cb_int(big + 1)), CB_LESS);
  assert_int_equal(order(cb_int(big), cb_float(0x1p53)), CB_EQUAL);
  assert_int_equal(order(cb_int(INT64_MAX), cb_float(0x1p63)), CB_LESS);
  assert_int_equal(order(cb_int(INT64_MIN), cb_float(-0x1p63)), CB_EQUAL);
  assert_int_equal(order(cb_int(INT64_MIN), cb_float(-0x1.8p63)), CB_GREATER);
  assert_int_equal(order(cb_int(5), cb_float(5.5)), CB_LESS);
  assert_int_equal(order(cb_int(-5), cb_float(-5.5)), CB_GREATER);
  assert_int_equal(order(cb_int(0), cb_float(-0.0)), CB_EQUAL);
  assert_int_equal(order(cb_int(0), cb_float(5e-324)), CB_LESS);
  assert_int_equal(order(cb_int(0), cb_float(INFINITY)), CB_LESS);
  assert_int_equal(order(cb_int(0), cb_float(-INFINITY)), CB_GREATER);
  assert_int_equal(order(cb_int(0), cb_float(NAN)), CB_UNORDERED);
  assert_int_equal(order(cb_float(NAN), cb_int(0)), CB_UNORDERED);
}

/* An exact comparison through long double, which holds every int64 here. */
static void mixed_order_agrees_with_a_wider_type(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 6);
  for (int i = 0; i < 100000; i++) {
    int64_t a = (int64_t)(cb_prng_next(&prng) >> cb_prng_below(&prng, 64));
    if (cb_prng_chance(&prng, 50)) a = -a;
    double b = (double)a;
    uint32_t change = cb_prng_below(&prng, 4);
    if (change == 1) b = nextafter(b, INFINITY);
    if (change == 2) b = nextafter(b, -INFINITY);
    if (change == 3) b += 0.5;
    long double wide_a = (long double)a, wide_b = (long double)b;
    cb_order expected = wide_a < wide_b ? CB_LESS : wide_a > wide_b ? CB_GREATER : CB_EQUAL;
    assert_int_equal(order(cb_int(a), cb_float(b)), expected);
    assert_int_equal(order(cb_float(b), cb_int(a)), -(int)expected);
  }
}

static void each_kind_compares_with_itself_only(void **state)
{
  (void)state;
  const cep_value values[] = {
      cb_null(),         cb_bool(1), cb_string("1", 1), cb_value_i(CEP_TIME, 1), cb_value_i(CEP_DURATION, 1),
      ip_value(some_ip), cb_int(1)};
  enum { COUNT = sizeof values / sizeof values[0] };
  for (int a = 0; a < COUNT; a++) {
    for (int b = 0; b < COUNT; b++) {
      cb_order expected = a == b && values[a].kind != CEP_NULL ? CB_EQUAL : CB_UNORDERED;
      assert_int_equal(order(values[a], values[b]), expected);
      assert_int_equal(cb_value_same(&values[a], &values[b]), a == b);
    }
  }
  assert_int_equal(order(cb_bool(0), cb_bool(1)), CB_LESS);
  assert_int_equal(order(cb_value_i(CEP_TIME, 2), cb_value_i(CEP_TIME, 1)), CB_GREATER);
}

static void strings_compare_by_bytes(void **state)
{
  (void)state;
  assert_int_equal(order(cb_string("", 0), cb_string(NULL, 0)), CB_EQUAL);
  assert_int_equal(order(cb_string("a", 1), cb_string("", 0)), CB_GREATER);
  assert_int_equal(order(cb_string("ab", 2), cb_string("abc", 3)), CB_LESS);
  assert_int_equal(order(cb_string("a\xC3", 2), cb_string("az", 2)), CB_GREATER); /* unsigned */
  assert_int_equal(order(cb_string("a\0b", 3), cb_string("a\0c", 3)), CB_LESS);
}

static void sameness_is_of_bytes_and_nan_is_one(void **state)
{
  (void)state;
  cep_value nan = cb_float(NAN), other_nan = cb_float(-NAN), zero = cb_float(0), minus_zero = cb_float(-0.0);
  cep_value one = cb_int(1), one_float = cb_float(1);
  assert_true(cb_value_same(&nan, &other_nan));
  assert_false(cb_value_same(&zero, &minus_zero));
  assert_false(cb_value_same(&one, &one_float));
}

static cep_value random_value(cb_prng *prng, char *space, size_t space_len)
{
  switch (cb_prng_below(prng, 8)) {
  case 0: return cb_null();
  case 1: return cb_bool((int)cb_prng_below(prng, 2));
  case 2: return cb_int((int64_t)cb_prng_next(prng));
  case 3: return cb_float((double)(int64_t)cb_prng_next(prng) / 7);
  case 4: return cb_value_i(CEP_TIME, (int64_t)cb_prng_next(prng));
  case 5: return cb_value_i(CEP_DURATION, (int64_t)cb_prng_next(prng));
  case 6: return ip_value(some_ip);
  default: {
    size_t len = cb_prng_below(prng, (uint32_t)space_len);
    for (size_t i = 0; i < len; i++) space[i] = (char)cb_prng_next(prng);
    return cb_string(space, (uint32_t)len);
  }
  }
}

/* Keys would change over a restart. */
static void written_values_are_read_back(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  cb_prng prng;
  cb_prng_init(&prng, 7);
  for (int i = 0; i < 20000; i++) {
    char space[40];
    cep_value value = random_value(&prng, space, sizeof space);
    cb_writer_reset(&writer);
    cb_value_write(&writer, &value);
    cb_reader reader;
    cb_reader_init(&reader, writer.data, writer.len);
    cep_value again = cb_value_read(&reader);
    assert_int_equal(reader.status, CEP_OK);
    assert_true(cb_reader_at_end(&reader));
    assert_true(cb_value_same(&value, &again));
    for (size_t len = 0; len < writer.len; len++) { /* cut anywhere, it is corrupt */
      cb_reader_init(&reader, writer.data, len);
      again = cb_value_read(&reader);
      assert_int_equal(reader.status, CEP_E_CORRUPT);
      assert_int_equal(again.kind, CEP_NULL);
    }
  }
  cb_writer_fini(&writer);
}

/* Whatever the bytes, the reader gives a value that can be used, and that writes the same bytes. */
static void flipped_bytes_are_refused_or_canonical(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  cb_prng prng;
  cb_prng_init(&prng, 8);
  for (int i = 0; i < 100000; i++) {
    uint8_t bytes[24];
    for (size_t b = 0; b < sizeof bytes; b++) bytes[b] = (uint8_t)cb_prng_next(&prng);
    bytes[0] = (uint8_t)cb_prng_below(&prng, 10);
    if (cb_prng_chance(&prng, 50)) memcpy(bytes + 1, "\x03\0\0\0", 4);
    cb_reader reader;
    cb_reader_init(&reader, bytes, sizeof bytes);
    cep_value value = cb_value_read(&reader);
    if (reader.status != CEP_OK) continue;
    cb_writer_reset(&writer);
    cb_value_write(&writer, &value);
    assert_int_equal(writer.len, reader.at);
    assert_memory_equal(writer.data, bytes, reader.at);
  }
  cb_writer_fini(&writer);
}

static void check_json(cep_value value, const char *expected)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  cb_value_write_json(&writer, &value);
  cb_write_u8(&writer, 0);
  assert_int_equal(writer.status, CEP_OK);
  assert_string_equal((const char *)writer.data, expected);
  cb_writer_fini(&writer);
}

static void values_print_as_json(void **state)
{
  (void)state;
  check_json(cb_null(), "null");
  check_json(cb_bool(1), "true");
  check_json(cb_bool(0), "false");
  check_json(cb_int(-12), "-12");
  check_json(cb_float(0.1), "0.1");
  check_json(cb_float(NAN), "null");
  check_json(cb_value_i(CEP_TIME, 0), "\"1970-01-01T00:00:00Z\"");
  check_json(cb_value_i(CEP_DURATION, 1500000000), "1.5");
  check_json(ip_value(some_ip), "\"10.0.0.1\"");
  check_json(cb_string("a\"b\\c/\n\r\t\b\f\x01\x1F\x7F", 14),
             "\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u001f\x7F\"");
  check_json(cb_string("a\0b", 3), "\"a\\u0000b\"");
  check_json(cb_string("\xE2\x82\xAC", 3), "\"\xE2\x82\xAC\"");
  check_json(cb_string("x\xE2\x82", 3), "\"x\xEF\xBF\xBD\xEF\xBF\xBD\"");
  check_json(cb_string("\xED\xA0\x80", 3), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  check_json(cb_string("", 0), "\"\"");
}

static int parses(cep_kind kind, const char *text, cep_value expected)
{
  uint8_t space[16];
  cep_value value;
  return cb_value_parse(kind, text, strlen(text), space, &value) && cb_value_same(&value, &expected);
}

static int refuses(cep_kind kind, const char *text)
{
  uint8_t space[16];
  cep_value value;
  return !cb_value_parse(kind, text, strlen(text), space, &value);
}

static void text_becomes_values_of_a_kind(void **state)
{
  (void)state;
  assert_true(parses(CEP_BOOL, "true", cb_bool(1)));
  assert_true(parses(CEP_BOOL, "false", cb_bool(0)));
  assert_true(parses(CEP_INT, "-5", cb_int(-5)));
  assert_true(parses(CEP_FLOAT, "2.5", cb_float(2.5)));
  assert_true(parses(CEP_FLOAT, "3", cb_float(3)));
  assert_true(parses(CEP_STRING, "", cb_string("", 0)));
  assert_true(parses(CEP_STRING, "x y", cb_string("x y", 3)));
  assert_true(parses(CEP_TIME, "1970-01-01T00:00:01Z", cb_value_i(CEP_TIME, CB_SECOND)));
  assert_true(parses(CEP_DURATION, "5m", cb_value_i(CEP_DURATION, 300 * CB_SECOND)));
  assert_true(parses(CEP_DURATION, "0.25", cb_value_i(CEP_DURATION, CB_SECOND / 4)));
  assert_true(parses(CEP_IP, "10.0.0.1", ip_value(some_ip)));
  assert_true(refuses(CEP_NULL, "null"));
  assert_true(refuses(CEP_BOOL, "True"));
  assert_true(refuses(CEP_BOOL, "1"));
  assert_true(refuses(CEP_INT, "5.0"));
  assert_true(refuses(CEP_FLOAT, ""));
  assert_true(refuses(CEP_TIME, "12"));
  assert_true(refuses(CEP_DURATION, "5 m"));
  assert_true(refuses(CEP_IP, "10.0.0"));
}

static void every_kind_has_a_name(void **state)
{
  (void)state;
  assert_string_equal(cb_kind_name(CEP_NULL), "null");
  assert_string_equal(cb_kind_name(CEP_BOOL), "bool");
  assert_string_equal(cb_kind_name(CEP_INT), "int");
  assert_string_equal(cb_kind_name(CEP_FLOAT), "float");
  assert_string_equal(cb_kind_name(CEP_STRING), "string");
  assert_string_equal(cb_kind_name(CEP_TIME), "time");
  assert_string_equal(cb_kind_name(CEP_DURATION), "duration");
  assert_string_equal(cb_kind_name(CEP_IP), "ip");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ints_and_floats_compare_exactly),
      cmocka_unit_test(mixed_order_agrees_with_a_wider_type),
      cmocka_unit_test(each_kind_compares_with_itself_only),
      cmocka_unit_test(strings_compare_by_bytes),
      cmocka_unit_test(sameness_is_of_bytes_and_nan_is_one),
      cmocka_unit_test(written_values_are_read_back),
      cmocka_unit_test(flipped_bytes_are_refused_or_canonical),
      cmocka_unit_test(values_print_as_json),
      cmocka_unit_test(text_becomes_values_of_a_kind),
      cmocka_unit_test(every_kind_has_a_name),
  };
  return cmocka_run_group_tests_name("base/value", tests, NULL, NULL);
}
