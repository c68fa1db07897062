/* test_json_walk.c - the members of a record come in order, each as it is written; what is wrong stops the walk. */
#include <stdio.h>
#include <string.h>

#include "cep/base/json_walk.h"
#include "tests/support/test.h"

typedef struct seen {
  char text[512];
  size_t len;
  unsigned depth;
  unsigned depth_max;
} seen;

static int see(void *ctx, const char *name, size_t name_len, cb_json_type type, const char *text, size_t len)
{
  seen *to = ctx;
  static const char letters[] = "-nbif!saO"; /* by cb_json_type */
  int count = snprintf(to->text + to->len, sizeof to->text - to->len, "%u%.*s:%c=%.*s ", to->depth, (int)name_len, name, letters[type], (int)len, text);
  to->len += (size_t)count;
  if (type != CB_JSON_OBJECT || to->depth == to->depth_max) return 0;
  to->depth++;
  return 1;
}

static void leave(void *ctx)
{
  ((seen *)ctx)->depth--;
}

static cep_status walked(const char *record, unsigned depth_max, seen *to)
{
  *to = (seen){.depth_max = depth_max};
  cb_json_walk *walk = cb_json_walk_new();
  assert_non_null(walk);
  const cb_json_visitor visitor = {see, leave, to};
  cep_status status = cb_json_walk_run(walk, record, strlen(record), &visitor);
  cb_json_walk_free(walk);
  return status;
}

static void members_come_in_order_as_they_are_written(void **state)
{
  (void)state;
  seen to;
  assert_int_equal(walked("{\"a\" : 1 ,\"b\":{\"c\":\"x\\u00e9\\n\",\"d\":{\"e\":true}},\"f\":[1,{\"g\":2}],\"h\":null,\"i\":-1.50e3,\"j\":123456789012345678901234567890}", 1, &to), CEP_OK);
  assert_string_equal(to.text, "0a:i=1 0b:O= 1c:s=x\xC3\xA9\n 1d:O= 0f:a= 0h:n= 0i:f=-1.50e3 0j:i=123456789012345678901234567890 ");
  assert_int_equal(to.depth, 0);
  assert_int_equal(walked("{}", 1, &to), CEP_OK);
  assert_string_equal(to.text, "");
}

static void what_is_wrong_stops_the_walk(void **state)
{
  (void)state;
  static const char *const records[] = {"", "[1]", "7", "{\"a\":1", "{\"a\" 1}", "{\"a\":\"x}", "{\"a\":{\"b\":1}"};
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    seen to;
    assert_int_equal(walked(records[i], 5, &to), CEP_E_INVALID);
    assert_int_equal(to.depth, 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_come_in_order_as_they_are_written),
      cmocka_unit_test(what_is_wrong_stops_the_walk),
  };
  return cmocka_run_group_tests_name("base/json_walk", tests, NULL, NULL);
}
