/* test_json.c - records in, values out; what is refused, and why. */
#include "cep/base/json.h"

#include "cep/base/prng.h"
#include "tests/support/test.h"

static cb_json *parser(void)
{
  cb_json *json = cb_json_new(1 << 20, 4);
  assert_non_null(json);
  return json;
}

static cb_json_value get(cb_json *json, const char *a, const char *b)
{
  const char *names[] = {a, b};
  cb_json_path path = {names, b ? 2 : a ? 1 : 0};
  cb_json_value value;
  cb_json_get(json, &path, &value);
  return value;
}

static cep_status parse(cb_json *json, const char *text)
{
  const char *why = NULL;
  cep_status status = cb_json_parse(json, text, strlen(text), &why);
  assert_int_equal(why != NULL, status < 0);
  return status;
}

static void each_type_is_given(void **state)
{
  (void)state;
  cb_json *json = parser();
  assert_int_equal(
      parse(json,
            " {\"n\":null, \"t\":true, \"f\":false, \"i\":-5, \"d\":2.5, \"e\":1e3, \"s\":\"x\\u00e9\\n\","
            "\"a\":[1], \"o\":{\"i\":7, \"o\":{}}, \"\":1} "),
      CEP_OK);
  assert_int_equal(get(json, NULL, NULL).type, CB_JSON_OBJECT);
  assert_int_equal(get(json, "n", NULL).type, CB_JSON_NULL);
  assert_int_equal(get(json, "t", NULL).type, CB_JSON_BOOL);
  assert_int_equal(get(json, "t", NULL).i, 1);
  assert_int_equal(get(json, "f", NULL).i, 0);
  assert_int_equal(get(json, "i", NULL).type, CB_JSON_INT);
  assert_int_equal(get(json, "i", NULL).i, -5);
  assert_int_equal(get(json, "d", NULL).type, CB_JSON_FLOAT);
  assert_true(get(json, "d", NULL).f == 2.5);
  assert_int_equal(get(json, "e", NULL).type, CB_JSON_FLOAT);
  assert_true(get(json, "e", NULL).f == 1000);
  cb_json_value text = get(json, "s", NULL);
  assert_int_equal(text.type, CB_JSON_STRING);
  assert_int_equal(text.length, 4);
  assert_memory_equal(text.s, "x\xC3\xA9\n", 4);
  assert_int_equal(get(json, "a", NULL).type, CB_JSON_ARRAY);
  assert_int_equal(get(json, "o", NULL).type, CB_JSON_OBJECT);
  assert_int_equal(get(json, "o", "i").i, 7);
  assert_int_equal(get(json, "o", "o").type, CB_JSON_OBJECT);
  assert_int_equal(get(json, "", NULL).i, 1);
  assert_int_equal(get(json, "x", NULL).type, CB_JSON_MISSING);
  assert_int_equal(get(json, "o", "x").type, CB_JSON_MISSING);
  assert_int_equal(get(json, "a", "x").type, CB_JSON_MISSING);
  assert_int_equal(get(json, "i", "x").type, CB_JSON_MISSING);
  cb_json_free(json);
}

/* An attacker would say one thing to us and another to the application. */
static void the_first_of_two_equal_names_counts(void **state)
{
  (void)state;
  cb_json *json = parser();
  assert_int_equal(parse(json, "{\"a\":1,\"a\":2,\"b\":{\"c\":3},\"b\":{\"c\":4,\"d\":5}}"), CEP_OK);
  assert_int_equal(get(json, "a", NULL).i, 1);
  assert_int_equal(get(json, "b", "c").i, 3);
  assert_int_equal(get(json, "b", "d").type, CB_JSON_MISSING);
  cb_json_free(json);
}

static void names_are_compared_unescaped_and_whole(void **state)
{
  (void)state;
  cb_json *json = parser();
  assert_int_equal(parse(json, "{\"\\u0061\":1,\"a.b\":2,\"a\\u0000\":3}"), CEP_OK);
  assert_int_equal(get(json, "a", NULL).i, 1);
  assert_int_equal(get(json, "a.b", NULL).i, 2);
  assert_int_equal(get(json, "a", "b").type, CB_JSON_MISSING);
  cb_json_free(json);
}

static void check_big(cb_json *json, const char *number, cb_json_type type, double expected)
{
  char text[200] = "{\"s\":\"99999999999999999999 \\\" 1\",\"a\":";
  strcat(text, number);
  strcat(text, ",\"b\":[1.5,{\"c\":-3}],\"d\":1}");
  assert_int_equal(parse(json, text), CEP_OK);
  cb_json_value value = get(json, "a", NULL);
  assert_int_equal(value.type, type);
  assert_true(value.f == expected);
  assert_int_equal(get(json, "d", NULL).i, 1);
  assert_int_equal(get(json, "s", NULL).length, 24);
}

/* One long number would make a whole record undecodable. */
static void integers_past_64_bits_are_told_apart(void **state)
{
  (void)state;
  cb_json *json = parser();
  check_big(json, "9223372036854775807", CB_JSON_INT, 0x1p63);
  check_big(json, "9223372036854775808", CB_JSON_BIG, 0x1p63);
  check_big(json, "18446744073709551615", CB_JSON_BIG, 0x1p64);
  check_big(json, "18446744073709551616", CB_JSON_BIG, 0x1p64);
  check_big(json, "-9223372036854775808", CB_JSON_INT, -0x1p63);
  check_big(json, "-9223372036854775809", CB_JSON_BIG, -0x1p63);
  check_big(json, "100000000000000000000000000", CB_JSON_BIG, 1e26);
  check_big(json, "1e26", CB_JSON_FLOAT, 1e26);
  check_big(json, "100000000000000000000.5", CB_JSON_FLOAT, 1e20);
  char text[500] = "{\"a\":1";
  memset(text + 6, '0', 400);
  strcpy(text + 406, "}");
  assert_int_equal(parse(json, text), CEP_E_INVALID); /* past the range of a float */
  cb_json_free(json);
}

static void what_is_no_object_is_refused(void **state)
{
  (void)state;
  cb_json *json = parser();
  static const char *const bad[] = {"",
                                    " ",
                                    "[1]",
                                    "1",
                                    "\"x\"",
                                    "null",
                                    "true",
                                    "{",
                                    "}",
                                    "{}}",
                                    "{} {}",
                                    "{\"a\"}",
                                    "{\"a\":}",
                                    "{\"a\":1,}",
                                    "{a:1}",
                                    "{'a':1}",
                                    "{\"a\":01}",
                                    "{\"a\":+1}",
                                    "{\"a\":.5}",
                                    "{\"a\":5.}",
                                    "{\"a\":1e}",
                                    "{\"a\":0x1}",
                                    "{\"a\":NaN}",
                                    "{\"a\":tru}",
                                    "{\"a\":truee}",
                                    "{\"a\":\"x}",
                                    "{\"a\":\"\\x\"}",
                                    "{\"a\":\"\\u12\"}",
                                    "{\"a\":\"\\ud800\"}",
                                    "{\"a\":\"\t\"}",
                                    "{\"a\":\"\xFF\"}",
                                    "{\"a\":\"\xED\xA0\x80\"}",
                                    "{\"a\":1 2}",
                                    "{\"a\":1}x",
                                    "{\"a\":1}\x01",
                                    "{\"a\":1e999}",
                                    "{\"a\":-}",
                                    "// x\n{}",
                                    "{\"a\":[1,2}",
                                    "{\"a\":0123456789012345678901234567890}"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (parse(json, bad[i]) != CEP_E_INVALID) fail_msg("%s was taken", bad[i]);
    assert_int_equal(get(json, "a", NULL).type, CB_JSON_MISSING);
    assert_int_equal(get(json, NULL, NULL).type, CB_JSON_MISSING);
  }
  assert_int_equal(parse(json, "{}"), CEP_OK); /* still works */
  const char *why;
  assert_int_equal(cb_json_parse(json, "{\"a\":1}\0", 8, &why), CEP_E_INVALID);
  cb_json_free(json);
}

static void nesting_and_length_have_a_limit(void **state)
{
  (void)state;
  const char *why = NULL;
  cb_json *json = cb_json_new(100, 3);
  assert_int_equal(parse(json, "{\"a\":{\"b\":{\"c\":1}}}"), CEP_OK);
  assert_int_equal(parse(json, "{\"a\":{\"b\":{\"c\":[1]}}}"), CEP_E_INVALID);
  assert_int_equal(parse(json, "{\"a\":[[1]]}"), CEP_OK);
  assert_int_equal(parse(json, "{\"a\":[[[1]]]}"), CEP_E_INVALID);
  char text[102];
  memset(text, ' ', sizeof text);
  memcpy(text, "{\"a\":1}", 7);
  assert_int_equal(cb_json_parse(json, text, 100, &why), CEP_OK);
  assert_int_equal(get(json, "a", NULL).i, 1);
  assert_int_equal(cb_json_parse(json, text, 101, &why), CEP_E_INVALID);
  assert_int_equal(get(json, "a", NULL).type, CB_JSON_MISSING);
  cb_json_free(json);

  json = cb_json_new(1 << 20, 1);
  assert_int_equal(parse(json, "{\"a\":1}"), CEP_OK);
  assert_int_equal(parse(json, "{\"a\":{\"b\":1}}"), CEP_E_INVALID);
  static char deep[100000];
  memset(deep, '[', sizeof deep);
  memcpy(deep, "{\"a\":", 5);
  assert_int_equal(cb_json_parse(json, deep, sizeof deep, &why), CEP_E_INVALID);
  cb_json_free(json);
  cb_json_free(NULL);
}

/* Buffers grow with the records, up and down again. */
static void records_of_all_lengths_are_read(void **state)
{
  (void)state;
  cb_json *json = parser();
  static char text[300000];
  cb_prng prng;
  cb_prng_init(&prng, 17);
  for (int i = 0; i < 300; i++) {
    size_t fill = cb_prng_below(&prng, (uint32_t)(sizeof text - 100) >> cb_prng_below(&prng, 16));
    memcpy(text, "{\"a\":\"", 6);
    memset(text + 6, 'x', fill);
    strcpy(text + 6 + fill, "\",\"b\":5}");
    assert_int_equal(parse(json, text), CEP_OK);
    cb_json_value value = get(json, "a", NULL);
    assert_int_equal(value.length, fill);
    if (fill > 0) assert_int_equal(value.s[fill - 1], 'x');
    assert_int_equal(get(json, "b", NULL).i, 5);
  }
  memcpy(text, "{\"a\":[", 6); /* as many values as bytes allow */
  for (size_t i = 6; i < 200006; i++) text[i] = i % 2 ? ',' : '7';
  strcpy(text + 200005, "]}");
  assert_int_equal(parse(json, text), CEP_OK);
  cb_json_free(json);
}

/* Any byte flipped: parsed or refused, and never read outside. */
static void a_value_is_read_again_after_a_text_without_any(void **state)
{
  (void)state;
  cb_json *json = parser();
  cb_json_value value;
  assert_int_equal(cb_json_parse_value(json, "[7]", 3), 1);
  assert_int_equal(cb_json_parse_value(json, "", 0), 0);
  assert_int_equal(cb_json_parse_value(json, "[7]", 3), 1);
  cb_json_find(json, "[0]", 3, &value);
  assert_int_equal(value.type, CB_JSON_INT);
  cb_json_free(json);
}

static void damaged_records_are_parsed_or_refused(void **state)
{
  (void)state;
  cb_json *json = parser();
  static const char good[] =
      "{\"time\":\"2015-12-10T07:28:03Z\",\"n\":12345678901234567890123,\"o\":{\"a\":[1,2.5e3,null],"
      "\"b\":\"\\ud83d\\ude00\xE2\x82\xAC\"},\"f\":-0.0}";
  cb_prng prng;
  cb_prng_init(&prng, 18);
  for (int i = 0; i < 100000; i++) {
    char text[sizeof good];
    memcpy(text, good, sizeof good);
    for (uint32_t k = 1 + cb_prng_below(&prng, 3); k > 0; k--) {
      text[cb_prng_below(&prng, sizeof good - 1)] =
          cb_prng_chance(&prng, 50) ? "{}[]\",:\\0-e. "[cb_prng_below(&prng, 13)] : (char)cb_prng_next(&prng);
    }
    const char *why;
    size_t len = cb_prng_chance(&prng, 80) ? sizeof good - 1 : cb_prng_below(&prng, sizeof good);
    if (cb_json_parse(json, text, len, &why) != CEP_OK) continue;
    get(json, "time", NULL);
    get(json, "n", NULL);
    get(json, "o", "b");
  }
  cb_json_free(json);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_type_is_given),
      cmocka_unit_test(the_first_of_two_equal_names_counts),
      cmocka_unit_test(names_are_compared_unescaped_and_whole),
      cmocka_unit_test(integers_past_64_bits_are_told_apart),
      cmocka_unit_test(what_is_no_object_is_refused),
      cmocka_unit_test(nesting_and_length_have_a_limit),
      cmocka_unit_test(records_of_all_lengths_are_read),
      cmocka_unit_test(a_value_is_read_again_after_a_text_without_any),
      cmocka_unit_test(damaged_records_are_parsed_or_refused),
  };
  return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
