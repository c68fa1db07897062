/* test_api_program.c - programs through cep.h: compile, save, load, look up, explain. */
#include "tests/support/test.h"

#include <stdlib.h>

#include "tests/support/api_bench.h"

/* ---- Programs -------------------------------------------------------------------------------- */

static void count_diagnostic(void *ctx, const cep_error *diagnostic)
{
  assert_true(diagnostic->line > 0);
  ++*(uint32_t *)ctx;
}

static void rule_errors_have_a_status_and_a_place(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    cep_status status;
    uint32_t line;
  } cases[] = {
      {"detect", CEP_E_SYNTAX, 1},
      {"stream S from stdin format json { time ts }\ndetect d within 1s { match Zed as z }", CEP_E_SEMANTIC,
       2},
      {"stream S from stdin format json { time ts  n: int }\n\ndetect d within 1s { match S as x where n == "
       "\"a\" }",
       CEP_E_SEMANTIC, 3},
      {"stream S from stdin format json { time ts late to \"x\" }\ndetect d within 1s { match S }", CEP_E_UNSUPPORTED, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cep_config *config = rules_config();
    uint32_t count = 0;
    cep_config_set_diagnostics(config, count_diagnostic, &count);
    cep_program *program = NULL;
    cep_error err = {0};
    cep_status status =
        cep_program_compile(config, "x.cep", cases[i].text, strlen(cases[i].text), &program, &err);
    assert_int_equal(status, cases[i].status);
    assert_int_equal(err.status, cases[i].status);
    assert_int_equal(err.line, cases[i].line);
    assert_true(err.column > 0);
    assert_true(strlen(err.text) > 0);
    assert_true(count > 0);
    assert_null(program);
    cep_config_free(config);
  }
}

static void a_rule_file_of_more_than_16_mib_is_a_limit(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  size_t size = (16u << 20) + 1;
  char *text = malloc(size);
  assert_non_null(text);
  memset(text, ' ', size);
  cep_program *program = NULL;
  assert_int_equal(cep_program_compile(config, "big.cep", text, size, &program, NULL), CEP_E_LIMIT);
  free(text);
  cep_config_free(config);
}

static void compile_and_load_name_missing_arguments(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = NULL;
  cep_error err = {0};
  assert_int_equal(cep_program_compile(NULL, "x", "", 0, &program, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'config' is NULL");
  assert_int_equal(cep_program_compile(config, NULL, "", 0, &program, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'name' is NULL");
  assert_int_equal(cep_program_compile(config, "x", NULL, 1, &program, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'text' is NULL");
  assert_int_equal(cep_program_compile(config, "x", "", 0, NULL, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'out' is NULL");
  assert_int_equal(cep_program_load(NULL, "", 0, &program, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_load(config, NULL, 1, &program, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_load(config, "", 0, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_save(NULL, write_text, NULL, &err), CEP_E_INVALID);
  program = rules_compile(config, login_rules);
  assert_int_equal(cep_program_save(program, NULL, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_explain(NULL, CEP_EXPLAIN_PLAN, write_text, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_explain(program, (cep_explain)99, write_text, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_explain(program, CEP_EXPLAIN_PLAN, NULL, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_explain_detection(program, CEP_EXPLAIN_NFA, 0, write_text, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_explain_detection(program, CEP_EXPLAIN_AUTOMATON, 99, write_text, NULL, &err), CEP_E_INVALID);
  uint32_t failed = 0;
  assert_int_equal(cep_program_test(NULL, NULL, NULL, &failed, &err), CEP_E_INVALID);
  assert_int_equal(cep_program_test(program, NULL, NULL, NULL, &err), CEP_E_INVALID);
  assert_null(cep_program_ref(NULL));
  cep_program_free(NULL);
  cep_program_free(program);
  cep_config_free(config);
}

static void fields_and_scopes_are_told(void **state)
{
  (void)state;
  static const char rules[] = "stream A from stdin format json { time ts  user: string?  ip: ip }\n"
                              "detect d within 1m { match A as a }\n";
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, rules);
  assert_int_equal(cep_program_field_kind(program, 0, 0), CEP_TIME);
  assert_int_equal(cep_program_field_kind(program, 0, 2), CEP_IP);
  assert_int_equal(cep_program_field_kind(program, 0, 3), CEP_NULL);
  assert_int_equal(cep_program_field_kind(NULL, 0, 0), CEP_NULL);
  assert_true(cep_program_field_is_time(program, 0, 0));
  assert_false(cep_program_field_is_time(program, 0, 1));
  assert_false(cep_program_field_is_time(program, 9, 0));
  assert_true(cep_program_field_may_be_null(program, 0, 1));
  assert_false(cep_program_field_may_be_null(program, 0, 2));
  assert_false(cep_program_field_may_be_null(program, 0, 3));
  assert_string_equal(cep_stat_scope(CEP_STAT_RECORDS_READ), "input");
  assert_string_equal(cep_stat_scope(CEP_STAT_BYTES_IN_USE), "engine");
  assert_string_equal(cep_stat_scope(CEP_STAT_COUNT), "");
  cep_program_free(program);
  cep_config_free(config);
}

static void names_are_looked_up(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, login_rules);
  uint32_t index = 99;
  assert_int_equal(cep_program_input_count(program), 2);
  assert_string_equal(cep_program_input_name(program, 1), "Door");
  assert_string_equal(cep_program_input_place(program, 1), "doors.ndjson");
  assert_null(cep_program_input_name(program, 2));
  assert_null(cep_program_input_place(program, 2));
  assert_int_equal(cep_program_stream_count(program), 3); /* the detection is one */
  assert_int_equal(cep_program_stream(program, "Door", &index), CEP_OK);
  assert_string_equal(cep_program_stream_name(program, index), "Door");
  assert_int_equal(cep_program_stream(program, "Window", &index), CEP_E_NOT_FOUND);
  assert_int_equal(cep_program_stream(program, NULL, &index), CEP_E_INVALID);
  assert_null(cep_program_stream_name(program, CEP_NONE));
  assert_int_equal(cep_program_field_count(program, 0), 4);
  assert_int_equal(cep_program_field_count(program, 77), 0);
  assert_int_equal(cep_program_field(program, 0, "ok", &index), CEP_OK);
  assert_string_equal(cep_program_field_name(program, 0, index), "ok");
  assert_null(cep_program_field_name(program, 0, 4));
  assert_int_equal(cep_program_field(program, 0, "nope", &index), CEP_E_NOT_FOUND);
  assert_int_equal(cep_program_field(program, 77, "ok", &index), CEP_E_NOT_FOUND);
  assert_int_equal(cep_program_field(NULL, 0, "ok", &index), CEP_E_INVALID);
  assert_int_equal(cep_program_detection_count(program), 1);
  assert_string_equal(cep_program_detection_name(program, 0), "brute");
  assert_null(cep_program_detection_name(program, 1));
  assert_int_equal(cep_program_test_count(program), 0);
  assert_int_equal(cep_program_input_count(NULL), 0);
  cep_program_free(program);
  cep_config_free(config);
}

typedef struct image {
  unsigned char *data;
  size_t len;
} image;

static cep_status write_image(void *ctx, const void *data, size_t len)
{
  image *out = ctx;
  unsigned char *grown = realloc(out->data, out->len + len);
  if (!grown) return CEP_E_NOMEM;
  memcpy(grown + out->len, data, len);
  out->data = grown;
  out->len += len;
  return CEP_OK;
}

static cep_status write_fails(void *ctx, const void *data, size_t len)
{
  (void)data;
  (void)len;
  return *(cep_status *)ctx;
}

static void what_alerts_have_is_named(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  static const char text[] = "stream S from stdin format json { time ts  k: int }\n"
                             "detect d by k within 1s { meta { severity: \"high\" } match 2 S as x on timeout emit { t: 1 } emit { n: count(x), k: 2 } }";
  cep_program *program = NULL;
  assert_int_equal(cep_program_compile(config, "x.cep", text, sizeof text - 1, &program, NULL), CEP_OK);
  cep_value value;
  assert_string_equal(cep_program_key_name(program, 0, 0), "k");
  assert_null(cep_program_key_name(program, 0, 1));
  assert_null(cep_program_key_name(program, 1, 0));
  assert_string_equal(cep_program_value_name(program, 0, 0, 1), "k");
  assert_null(cep_program_value_name(program, 0, 0, 2));
  assert_string_equal(cep_program_value_name(program, 0, 1, 0), "t");
  assert_null(cep_program_value_name(program, 1, 1, 0));
  assert_string_equal(cep_program_meta(program, 0, 0, &value), "severity");
  assert_int_equal(value.kind, CEP_STRING);
  assert_memory_equal(value.as.s, "high", 4);
  assert_string_equal(cep_program_meta(program, 0, 0, NULL), "severity");
  assert_null(cep_program_meta(program, 0, 1, &value));
  assert_null(cep_program_meta(NULL, 0, 0, &value));
  cep_program_free(program);
  cep_config_free(config);
}

static void a_value_prints_as_text_cut_to_the_room(void **state)
{
  (void)state;
  static const uint8_t ip[16] = {[10] = 255, [11] = 255, [12] = 10, [15] = 1};
  const struct {
    cep_value value;
    const char *text;
  } cases[] = {
      {{.kind = CEP_NULL}, "null"},
      {{.kind = CEP_BOOL, .as.i = 1}, "true"},
      {{.kind = CEP_INT, .as.i = -5}, "-5"},
      {{.kind = CEP_FLOAT, .as.f = 0.1}, "0.1"},
      {{.kind = CEP_STRING, .length = 3, .as.s = "a\nb"}, "a\nb"},
      {{.kind = CEP_TIME, .as.i = 1500000000}, "1970-01-01T00:00:01.5Z"},
      {{.kind = CEP_DURATION, .as.i = 90000000000}, "90"},
      {{.kind = CEP_IP, .length = 16, .as.s = (const char *)ip}, "10.0.0.1"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char room[64];
    size_t len = strlen(cases[i].text);
    assert_int_equal(cep_value_print(&cases[i].value, room, sizeof room), len);
    assert_string_equal(room, cases[i].text);
    assert_int_equal(cep_value_print(&cases[i].value, room, len), len);
    assert_int_equal(strlen(room), len - 1);
    assert_int_equal(cep_value_print(&cases[i].value, NULL, 0), len);
  }
}

static void a_saved_program_loads_and_matches_the_same(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  assert_int_equal(push_match(&b), CEP_OK);
  image saved = {0}, again = {0};
  assert_int_equal(cep_program_save(b.program, write_image, &saved, NULL), CEP_OK);
  cep_program *loaded = NULL;
  cep_error err = {0};
  assert_int_equal(cep_program_load(b.config, saved.data, saved.len, &loaded, &err), CEP_OK);
  assert_int_equal(cep_program_save(loaded, write_image, &again, NULL), CEP_OK);
  assert_int_equal(saved.len, again.len);
  assert_memory_equal(saved.data, again.data, saved.len);
  bench c;
  memset(&c, 0, sizeof c);
  assert_int_equal(cep_engine_new(b.config, loaded, on_match, &c, &c.engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(c.engine, "Login", 0, &c.login, NULL), CEP_OK);
  assert_int_equal(push_match(&c), CEP_OK);
  assert_string_equal(b.json, c.json);
  assert_int_equal(cep_program_explain(loaded, CEP_EXPLAIN_PLAN, write_image, &again, &err),
                   CEP_E_UNSUPPORTED);
  cep_engine_free(c.engine);
  cep_program_free(loaded);
  free(saved.data);
  free(again.data);
  close_bench(&b);
}

static void bytes_that_are_no_program_are_refused(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, login_rules);
  image saved = {0};
  assert_int_equal(cep_program_save(program, write_image, &saved, NULL), CEP_OK);
  cep_program *loaded = NULL;
  for (size_t len = 0; len < saved.len; len += len < 64 ? 1 : 61) {
    cep_status status = cep_program_load(config, saved.data, len, &loaded, NULL);
    assert_true(status == CEP_E_CORRUPT || status == CEP_E_VERSION);
  }
  for (size_t at = 0; at < saved.len; at++) {
    saved.data[at] ^= 0x10;
    cep_status status = cep_program_load(config, saved.data, saved.len, &loaded, NULL);
    assert_true(status == CEP_E_CORRUPT || status == CEP_E_VERSION);
    saved.data[at] ^= 0x10;
  }
  assert_null(loaded);
  free(saved.data);
  cep_program_free(program);
  cep_config_free(config);
}

static void a_write_that_fails_gives_its_status(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, login_rules);
  cep_status status = CEP_E_LIMIT;
  cep_error err = {0};
  assert_int_equal(cep_program_save(program, write_fails, &status, &err), CEP_E_LIMIT);
  assert_int_equal(err.status, CEP_E_LIMIT);
  status = 5;
  assert_int_equal(cep_program_save(program, write_fails, &status, &err), CEP_E_IO);
  assert_int_equal(cep_program_explain(program, CEP_EXPLAIN_NFA, write_fails, &status, &err), CEP_E_IO);
  cep_program_free(program);
  cep_config_free(config);
}

static void every_explanation_has_text(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, login_rules);
  for (int what = CEP_EXPLAIN_PLAN; what <= CEP_EXPLAIN_MERMAID; what++) {
    image text = {0};
    assert_int_equal(cep_program_explain(program, (cep_explain)what, write_image, &text, NULL), CEP_OK);
    assert_true(text.len > 20);
    free(text.data);
  }
  cep_program_free(program);
  cep_config_free(config);
}

static cep_status gather(void *ctx, const void *data, size_t len)
{
  char *text = ctx;
  assert_true(strlen(text) + len < 4096);
  strncat(text, data, len);
  return CEP_OK;
}

static void a_record_is_explained(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  static const char text[] = "stream S from stdin format json { time ts s  k: int  n: int }\n"
                             "detect d by k within 1s { match S as x where n > 3 emit { n: x.n } }";
  cep_program *program = NULL;
  assert_int_equal(cep_program_compile(config, "x.cep", text, sizeof text - 1, &program, NULL), CEP_OK);
  static const char record[] = "{\"ts\":1,\"k\":7,\"n\":2}";
  cep_record_question question = {.size = sizeof question, .detection = CEP_NONE, .input = "S", .record = record, .record_len = sizeof record - 1};
  char told[4096] = "";
  assert_int_equal(cep_program_explain_record(program, &question, gather, told, NULL), CEP_OK);
  assert_non_null(strstr(told, "step x (S): does not fit\n    false    n > 3   (n = 2)\n"));
  question.input = "T";
  assert_int_equal(cep_program_explain_record(program, &question, gather, told, NULL), CEP_E_NOT_FOUND);
  question.input = NULL;
  assert_int_equal(cep_program_explain_record(program, &question, gather, told, NULL), CEP_E_INVALID);
  question.input = "S";
  question.detection = 5;
  assert_int_equal(cep_program_explain_record(program, &question, gather, told, NULL), CEP_E_INVALID);
  cep_program_free(program);
  cep_config_free(config);
}

static void a_program_outlives_its_config_and_serves_many_engines(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, login_rules);
  cep_program *other = cep_program_ref(program);
  bench b, c;
  memset(&b, 0, sizeof b);
  memset(&c, 0, sizeof c);
  assert_int_equal(cep_engine_new(config, program, on_match, &b, &b.engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_new(config, other, on_match, &c, &c.engine, NULL), CEP_OK);
  cep_config_free(config);
  cep_program_free(program);
  cep_program_free(other);
  assert_int_equal(cep_engine_input(b.engine, "Login", 0, &b.login, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(c.engine, "Login", 0, &c.login, NULL), CEP_OK);
  assert_int_equal(push_match(&b), CEP_OK);
  assert_int_equal(push_match(&c), CEP_OK);
  assert_int_equal(b.matches, 1);
  assert_string_equal(b.json, c.json);
  cep_engine_free(b.engine);
  cep_engine_free(c.engine);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_errors_have_a_status_and_a_place),
      cmocka_unit_test(a_rule_file_of_more_than_16_mib_is_a_limit),
      cmocka_unit_test(compile_and_load_name_missing_arguments),
      cmocka_unit_test(names_are_looked_up),
      cmocka_unit_test(what_alerts_have_is_named),
      cmocka_unit_test(a_value_prints_as_text_cut_to_the_room),
      cmocka_unit_test(fields_and_scopes_are_told),
      cmocka_unit_test(a_saved_program_loads_and_matches_the_same),
      cmocka_unit_test(bytes_that_are_no_program_are_refused),
      cmocka_unit_test(a_write_that_fails_gives_its_status),
      cmocka_unit_test(every_explanation_has_text),
      cmocka_unit_test(a_record_is_explained),
      cmocka_unit_test(a_program_outlives_its_config_and_serves_many_engines),
  };
  return cmocka_run_group_tests_name("cep/api_program", tests, NULL, NULL);
}
