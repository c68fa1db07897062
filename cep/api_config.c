/* api_config.c - settings by name, from one table; hooks. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cep/api_internal.h"
#include "cep/base/num.h"
#include "cep/base/time.h"
#include "nfa/match.h"

typedef enum setting_type { TYPE_size, TYPE_count, TYPE_bool, TYPE_duration } setting_type;

typedef struct setting {
  const char *key;
  setting_type type;
  size_t offset;
  int64_t initial;
  int64_t min;
  int64_t max;
} setting;

static const setting settings_table[] = {
#define C(key, member, type, initial, min, max, text)                                                        \
  {key, TYPE_##type, offsetof(api_settings, member), initial, min, max},
#include "cep/config.def"
#undef C
};
#define SETTING_COUNT (sizeof settings_table / sizeof *settings_table)

static void put(api_settings *settings, const setting *entry, int64_t value)
{
  memcpy((char *)settings + entry->offset, &value, sizeof value);
}

void api_settings_init(api_settings *settings)
{
  for (size_t i = 0; i < SETTING_COUNT; i++) put(settings, &settings_table[i], settings_table[i].initial);
}

rt_options api_options(const api_settings *settings, const cep_allocator *hook)
{
  return (rt_options){
      .hook = *hook,
      .memory_max = (size_t)settings->memory_max,
      .partial_max = (uint64_t)settings->partial_max,
      .history_max = (uint64_t)settings->history_max,
      .distinct_max = (uint64_t)settings->distinct_max,
      .held_max = (uint64_t)settings->held_max,
      .record_max = (size_t)settings->record_max,
      .json_depth = (size_t)settings->json_depth,
      .table_rows = (uint64_t)settings->table_rows,
      .table_bytes = (size_t)settings->table_bytes,
      .regex_match_limit = (uint32_t)settings->regex_match_limit,
      .regex_text_max = (size_t)settings->regex_text_max,
      .batch_events = (uint32_t)settings->batch_events,
      .index_runs = (uint32_t)settings->debug_index_runs,
      .evaluator = (uint32_t)settings->debug_evaluator,
      .ask_all = !settings->debug_predicate_index,
      .workers = (uint32_t)settings->debug_workers,
      .crew_batch = (uint32_t)settings->debug_crew_batch,
      .reload_keys = settings->debug_reload_keys != 0,
      .small_slabs = settings->debug_small_slabs != 0,
  };
}

cep_status api_check_evaluator(const api_settings *settings, const prg *program, cep_error *err)
{
  static const char *const names[] = {"what fits best", "runs", "compact", "first-of"};
  nfa_wish wish = (nfa_wish)settings->debug_evaluator;
  for (uint32_t d = 0; d < program->detections_count; d++) {
    const prg_detection *detection = &program->detections[d];
    const char *why;
    if (detection->window != PRG_NONE || detection->join != PRG_NONE || nfa_evaluator_for(program, detection, wish, &why)) continue;
    return cb_error_set(err, CEP_E_INVALID, "debug.evaluator: %s is not for '%s', which has %s", names[wish],
                        prg_text(program, detection->name), why);
  }
  return CEP_OK;
}

cep_status cep_config_new_abi(uint32_t abi, const cep_allocator *allocator, cep_config **out)
{
  if (!out || (allocator && !allocator->resize)) return CEP_E_INVALID;
  if (abi != CEP_ABI_VERSION) return CEP_E_VERSION;
  cb_alloc alloc;
  cb_alloc_init(&alloc, allocator, 0);
  cep_config *config = cb_new0(&alloc, sizeof *config);
  if (!config) return CEP_E_NOMEM;
  config->alloc = alloc;
  api_settings_init(&config->settings);
  *out = config;
  return CEP_OK;
}

void cep_config_free(cep_config *config)
{
  if (!config) return;
  cb_alloc alloc = config->alloc;
  cb_free(&alloc, config, sizeof *config);
}

/* ---- Values as text ------------------------------------------------------------------ */

static const struct {
  const char *name;
  int64_t bytes;
} units[] = {{"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024 * 1024 * 1024}};
#define UNIT_COUNT (sizeof units / sizeof *units)

static int read_size(const char *text, size_t len, int64_t *out)
{
  int64_t factor = 1;
  for (size_t i = 0; i < UNIT_COUNT; i++) {
    size_t unit_len = strlen(units[i].name);
    if (len <= unit_len || memcmp(text + len - unit_len, units[i].name, unit_len) != 0) continue;
    factor = units[i].bytes;
    len -= unit_len;
    break;
  }
  return cb_num_int(text, len, out) && !__builtin_mul_overflow(*out, factor, out);
}

static int read_bool(const char *text, int64_t *out)
{
  *out = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
  return *out || strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
}

static int read_setting(const setting *entry, const char *text, int64_t *out)
{
  size_t len = strlen(text);
  switch (entry->type) {
  case TYPE_size: return read_size(text, len, out);
  case TYPE_count: return cb_num_int(text, len, out);
  case TYPE_bool: return read_bool(text, out);
  case TYPE_duration: return cb_duration_read(text, len, out) || (cb_num_int(text, len, out) && *out == 0);
  }
  CB_UNREACHABLE();
}

#define BOUND_MAX CB_TIME_TEXT_MAX
static const char *print_bound(const setting *entry, int64_t value, char out[BOUND_MAX])
{
  const char *unit = "";
  if (entry->type == TYPE_duration) {
    cb_duration_print(value, out);
    return out;
  }
  for (size_t i = UNIT_COUNT; entry->type == TYPE_size && i-- > 0;) {
    if (value == 0 || value % units[i].bytes != 0) continue;
    value /= units[i].bytes;
    unit = units[i].name;
    break;
  }
  snprintf(out, BOUND_MAX, "%lld%s", (long long)value, unit);
  return out;
}

static cep_status refuse(const setting *entry, const char *value, cep_error *err)
{
  static const char *const nouns[] = {
      [TYPE_size] = "a size with or without KiB, MiB, GiB", [TYPE_count] = "a number", [TYPE_duration] = "a duration like 90s or 5m,"};
  char low[BOUND_MAX], high[BOUND_MAX];
  if (entry->type == TYPE_bool)
    return cb_error_set(err, CEP_E_INVALID, "\"%s\" is true or false, not \"%.40s\"", entry->key, value);
  print_bound(entry, entry->min, low);
  if (entry->max == INT64_MAX)
    return cb_error_set(err, CEP_E_INVALID, "\"%s\" is %s, at least %s, not \"%.40s\"", entry->key,
                        nouns[entry->type], low, value);
  return cb_error_set(err, CEP_E_INVALID, "\"%s\" is %s from %s to %s, not \"%.40s\"", entry->key,
                      nouns[entry->type], low, print_bound(entry, entry->max, high), value);
}

static const setting *find_setting(const char *key)
{
  for (size_t i = 0; i < SETTING_COUNT; i++) {
    if (strcmp(settings_table[i].key, key) == 0) return &settings_table[i];
  }
  return NULL;
}

cep_status cep_config_set(cep_config *config, const char *key, const char *value, cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(key, "key", "is NULL");
  API_NEED(value, "value", "is NULL");
  const setting *entry = find_setting(key);
  if (!entry) return cb_error_set(err, CEP_E_NOT_FOUND, "there is no setting \"%.60s\"", key);
  int64_t number;
  if (!read_setting(entry, value, &number) || number < entry->min || number > entry->max)
    return refuse(entry, value, err);
  put(&config->settings, entry, number);
  return CEP_OK;
}

cep_status cep_config_get(const cep_config *config, const char *key, int64_t *out, cep_error *err)
{
  API_NEED(config, "config", "is NULL");
  API_NEED(key, "key", "is NULL");
  API_NEED(out, "out", "is NULL");
  const setting *entry = find_setting(key);
  if (!entry) return cb_error_set(err, CEP_E_NOT_FOUND, "there is no setting \"%.60s\"", key);
  memcpy(out, (const char *)&config->settings + entry->offset, sizeof *out);
  return CEP_OK;
}

const cep_allocator *cep_config_allocator(const cep_config *config)
{
  return config ? &config->alloc.hook : NULL;
}

/* ---- Hooks ------------------------------------------------------------------------------ */

void cep_config_set_log(cep_config *config, cep_log_fn log, void *ctx)
{
  if (config) config->log = (api_log){log, ctx};
}

void cep_config_set_diagnostics(cep_config *config, cep_diag_fn report, void *ctx)
{
  if (!config) return;
  config->diag = report;
  config->diag_ctx = ctx;
}

void cep_config_set_late(cep_config *config, cep_refused_fn late, void *ctx)
{
  if (!config) return;
  config->late = late;
  config->late_ctx = ctx;
}

void cep_config_set_dead_letter(cep_config *config, cep_refused_fn dead, void *ctx)
{
  if (!config) return;
  config->dead_letter = dead;
  config->dead_letter_ctx = ctx;
}

void cep_config_set_story(cep_config *config, const char *detection, const char *key, cep_story_fn tell, void *ctx)
{
  if (!config) return;
  config->story = (nfa_trace){.tell = detection ? tell : NULL, .ctx = ctx, .key = key};
  config->told = detection;
}

void api_log_line(const api_log *log, cep_log_level level, const char *format, ...)
{
  if (!log->write) return;
  char line[256];
  va_list args;
  va_start(args, format);
  int len = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (len < 0) return;
  log->write(log->ctx, level, line, (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
}

cep_status api_write(cep_write_fn write, void *ctx, const void *data, size_t len, cep_error *err)
{
  cep_status status = write(ctx, data, len);
  if (status == CEP_OK) return CEP_OK;
  return cb_error_set(err, status < 0 ? status : CEP_E_IO, "the write function failed");
}
