/* test_config.c - settings by name: types, ranges, what the message says. */
#include "tests/support/test.h"

#include <stdio.h>

#include "cep/api_internal.h"
#include "tests/support/rules.h"

static void refuses(const char *key, const char *value, cep_status status, const char *text)
{
  cep_config *config = rules_config();
  cep_error err = {0};
  int64_t before = 0, after = 0;
  if (status == CEP_E_INVALID) assert_int_equal(cep_config_get(config, key, &before, NULL), CEP_OK);
  assert_int_equal(cep_config_set(config, key, value, &err), status);
  assert_int_equal(err.status, status);
  assert_string_equal(err.text, text);
  assert_int_equal(cep_config_set(config, key, value, NULL), status);
  if (status == CEP_E_INVALID) {
    assert_int_equal(cep_config_get(config, key, &after, NULL), CEP_OK);
    assert_int_equal(before, after);
  }
  cep_config_free(config);
}

static void takes(const char *key, const char *value, int64_t expected)
{
  cep_config *config = rules_config();
  int64_t got = 0;
  assert_int_equal(cep_config_set(config, key, value, NULL), CEP_OK);
  assert_int_equal(cep_config_get(config, key, &got, NULL), CEP_OK);
  assert_int_equal(got, expected);
  cep_config_free(config);
}

static void every_setting_has_its_default_and_takes_its_bounds(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  int64_t value = 0;
#define C(key, member, type, initial, min, max, text)                                                        \
  assert_int_equal(cep_config_get(config, key, &value, NULL), CEP_OK);                                       \
  assert_int_equal(value, initial);                                                                          \
  assert_true(initial >= min);                                                                               \
  assert_true(initial <= max);
#include "cep/config.def"
#undef C
  cep_config_free(config);
}

static void sizes_have_units(void **state)
{
  (void)state;
  takes("memory.max", "1GiB", 1073741824);
  takes("memory.max", "64MiB", 67108864);
  takes("record.max", "64KiB", 65536);
  takes("record.max", "100", 100);
  takes("memory.max", "9223372036854775807", INT64_MAX);
}

static void counts_and_bools_are_read(void **state)
{
  (void)state;
  takes("partial.max", "100000", 100000);
  takes("batch.events", "1024", 1024);
  takes("debug.reload_keys", "true", 1);
  takes("debug.reload_keys", "false", 0);
  takes("debug.small_slabs", "1", 1);
  takes("debug.small_slabs", "0", 0);
  takes("debug.index_runs", "1", 1);
  takes("debug.evaluator", "3", 3);
}

static void durations_are_written_as_in_rules(void **state)
{
  (void)state;
  takes("drift.max", "90s", INT64_C(90000000000));
  takes("drift.max", "1h30m", INT64_C(5400000000000));
  takes("idle.after", "0", 0);
  takes("idle.after", "0s", 0);
  refuses("idle.after", "5", CEP_E_INVALID,
          "\"idle.after\" is a duration like 90s or 5m, from 0s to 36500d, not \"5\"");
  refuses("drift.max", "40000d", CEP_E_INVALID,
          "\"drift.max\" is a duration like 90s or 5m, from 0s to 36500d, not \"40000d\"");
}

static void values_out_of_range_are_refused(void **state)
{
  (void)state;
  refuses("memory.max", "1KiB", CEP_E_INVALID,
          "\"memory.max\" is a size with or without KiB, MiB, GiB, at least 1MiB, not \"1KiB\"");
  refuses("record.max", "2GiB", CEP_E_INVALID,
          "\"record.max\" is a size with or without KiB, MiB, GiB from 16 to 1GiB, not \"2GiB\"");
  refuses("partial.max", "0", CEP_E_INVALID, "\"partial.max\" is a number from 1 to 100000000, not \"0\"");
  refuses("partial.max", "-1", CEP_E_INVALID, "\"partial.max\" is a number from 1 to 100000000, not \"-1\"");
  refuses("batch.events", "1025", CEP_E_INVALID, "\"batch.events\" is a number from 1 to 1024, not \"1025\"");
}

static void values_of_another_type_are_refused(void **state)
{
  (void)state;
  refuses("partial.max", "many", CEP_E_INVALID,
          "\"partial.max\" is a number from 1 to 100000000, not \"many\"");
  refuses("partial.max", "", CEP_E_INVALID, "\"partial.max\" is a number from 1 to 100000000, not \"\"");
  refuses("partial.max", "1KiB", CEP_E_INVALID,
          "\"partial.max\" is a number from 1 to 100000000, not \"1KiB\"");
  refuses("memory.max", "KiB", CEP_E_INVALID,
          "\"memory.max\" is a size with or without KiB, MiB, GiB, at least 1MiB, not \"KiB\"");
  refuses("memory.max", "99999999999GiB", CEP_E_INVALID,
          "\"memory.max\" is a size with or without KiB, MiB, GiB, at least 1MiB, not \"99999999999GiB\"");
  refuses("memory.max", "1 GiB", CEP_E_INVALID,
          "\"memory.max\" is a size with or without KiB, MiB, GiB, at least 1MiB, not \"1 GiB\"");
  refuses("debug.reload_keys", "yes", CEP_E_INVALID, "\"debug.reload_keys\" is true or false, not \"yes\"");
}

static void an_unknown_key_is_not_found(void **state)
{
  (void)state;
  refuses("memory.min", "1GiB", CEP_E_NOT_FOUND, "there is no setting \"memory.min\"");
  cep_config *config = rules_config();
  int64_t value = 0;
  assert_int_equal(cep_config_get(config, "memory.min", &value, NULL), CEP_E_NOT_FOUND);
  cep_config_free(config);
}

static void missing_arguments_are_named(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_error err = {0};
  int64_t value = 0;
  assert_int_equal(cep_config_set(NULL, "memory.max", "1GiB", &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'config' is NULL");
  assert_int_equal(cep_config_set(config, NULL, "1GiB", &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'key' is NULL");
  assert_int_equal(cep_config_set(config, "memory.max", NULL, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'value' is NULL");
  assert_int_equal(cep_config_get(NULL, "memory.max", &value, &err), CEP_E_INVALID);
  assert_int_equal(cep_config_get(config, NULL, &value, &err), CEP_E_INVALID);
  assert_int_equal(cep_config_get(config, "memory.max", NULL, &err), CEP_E_INVALID);
  cep_config_set_log(NULL, NULL, NULL);
  cep_config_set_diagnostics(NULL, NULL, NULL);
  cep_config_set_late(NULL, NULL, NULL);
  cep_config_set_dead_letter(NULL, NULL, NULL);
  cep_config_free(NULL);
  cep_config_free(config);
}

static void another_abi_is_refused(void **state)
{
  (void)state;
  cep_config *config = NULL;
  assert_int_equal(cep_config_new_abi(CEP_ABI_VERSION + 1, NULL, &config), CEP_E_VERSION);
  assert_null(config);
  assert_int_equal(cep_config_new(NULL, NULL), CEP_E_INVALID);
  cep_allocator empty = {NULL, NULL};
  assert_int_equal(cep_config_new(&empty, &config), CEP_E_INVALID);
  assert_null(config);
}

static void the_allocator_can_be_read_back(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  const cep_allocator *allocator = cep_config_allocator(config);
  assert_non_null(allocator);
  void *block = allocator->resize(allocator->ctx, NULL, 0, 10);
  assert_non_null(block);
  allocator->resize(allocator->ctx, block, 10, 0);
  assert_null(cep_config_allocator(NULL));
  cep_config_free(config);
}

static void settings_reach_the_engine(void **state)
{
  (void)state;
  api_settings settings;
  api_settings_init(&settings);
  settings.batch_events = 7;
  settings.debug_reload_keys = 1;
  rt_options options = api_options(&settings, &(cep_allocator){NULL, NULL});
  assert_int_equal(options.batch_events, 7);
  assert_int_equal(options.reload_keys, 1);
  assert_int_equal(options.small_slabs, 0);
  assert_int_equal(options.index_runs, 32);
  assert_int_equal(options.record_max, 1048576);
  assert_int_equal(options.json_depth, 64);
  assert_int_equal(options.partial_max, 10000);
  assert_int_equal(options.history_max, 100000);
  assert_int_equal(options.held_max, 4000000);
  assert_int_equal(options.regex_match_limit, 100000);
  assert_int_equal(options.regex_text_max, 32768);
  assert_int_equal(options.memory_max, 1073741824);
}

static void versions_and_statuses_have_names(void **state)
{
  (void)state;
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", CEP_VERSION_MAJOR, CEP_VERSION_MINOR, CEP_VERSION_PATCH);
  assert_string_equal(cep_version_string(), text);
  assert_int_equal(cep_version(), CEP_VERSION_NUM);
  assert_string_equal(cep_status_name(CEP_E_NOMEM), "CEP_E_NOMEM");
  assert_string_equal(cep_status_name(CEP_OK), "CEP_OK");
  assert_string_equal(cep_status_name(-999), "unknown status");
  for (cep_status status = CEP_E_UNSUPPORTED; status <= CEP_STOPPED; status++) {
    assert_string_not_equal(cep_status_name(status), "unknown status");
    assert_true(strlen(cep_status_text(status)) > 0);
  }
  assert_true(strlen(cep_status_text(-999)) > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_setting_has_its_default_and_takes_its_bounds),
      cmocka_unit_test(sizes_have_units),
      cmocka_unit_test(counts_and_bools_are_read),
      cmocka_unit_test(durations_are_written_as_in_rules),
      cmocka_unit_test(values_out_of_range_are_refused),
      cmocka_unit_test(values_of_another_type_are_refused),
      cmocka_unit_test(an_unknown_key_is_not_found),
      cmocka_unit_test(missing_arguments_are_named),
      cmocka_unit_test(another_abi_is_refused),
      cmocka_unit_test(the_allocator_can_be_read_back),
      cmocka_unit_test(settings_reach_the_engine),
      cmocka_unit_test(versions_and_statuses_have_names),
  };
  return cmocka_run_group_tests_name("cep/api_config", tests, NULL, NULL);
}
