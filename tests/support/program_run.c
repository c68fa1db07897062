/* program_run.c - runs some events through an engine of any program image. */
#include "tests/support/program_run.h"

#include <stdlib.h>
#include <string.h>

#include "cep/base/prng.h"
#include "cep/base/value.h"

#define EVENTS     24u
#define FIELDS_MAX 64u
#define MATCHES_MAX 1000u
#define TEXTS      8u

static const char *const texts[TEXTS] = {"a", "b", "ok", "failure", "10.1.2.3", "", "\xC3\xA9 and (more", "2026-03-29T01:30:00Z"};

static cep_value value_of(uint32_t kind, cb_prng *prng)
{
  static const char addresses[] = "\0\0\0\0\0\0\0\0\0\0\xFF\xFF\x0A\0\0\x07\xFD\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01";
  static const double floats[] = {0, 0.5, 1, -1, 1e300, -1e-300};
  static const int64_t ints[] = {0, 1, 2, 3, 4, 100, -1, INT64_MAX, INT64_MIN, (int64_t)1 << 40};
  switch (kind) {
  case CEP_NULL: return cb_null();
  case CEP_BOOL: return cb_value_i(CEP_BOOL, cb_prng_below(prng, 2));
  case CEP_FLOAT: return cb_float(floats[cb_prng_below(prng, 6)]);
  case CEP_IP: return (cep_value){CEP_IP, 16, {.s = addresses + (size_t)cb_prng_below(prng, 2) * 16}};
  case CEP_STRING: {
    const char *text = texts[cb_prng_below(prng, TEXTS)];
    return cb_string(text, (uint32_t)strlen(text));
  }
  default: return cb_value_i((cep_kind)kind, ints[cb_prng_below(prng, cb_prng_chance(prng, 80) ? 5 : 10)]);
  }
}

static cep_status swallow(void *ctx, const void *data, size_t data_len)
{
  size_t *bytes = ctx;
  if (data_len > 0 && !data) abort();
  *bytes += data_len;
  return CEP_OK;
}

/* A program may give any number of empty windows: enough is enough. */
static int on_match(void *ctx, const cep_match *match)
{
  uint32_t *count = ctx;
  size_t bytes = 0;
  cep_status status = cep_match_write_json(match, swallow, &bytes);
  if (status != CEP_OK && status != CEP_E_NOMEM) abort();
  return ++*count >= MATCHES_MAX;
}

/* Rows for two of the forms of tables; the others refuse them. */
static int give_tables(const prg *program, cep_engine *engine)
{
  static const char rows[] = "user,k,v,level,net\na,1,2,3,10.0.0.0\nb,2,,4,::1\n{\"user\":\"a\",\"k\":1,\"v\":2,\"level\":3}\n";
  for (uint32_t i = 0; i < program->tables_count; i++) {
    cep_error err;
    const char *name = cep_program_table_name(cep_engine_program(engine), i);
    if (!name || cep_engine_table(engine, name, rows, sizeof rows - 1, &err) < 0) return 0;
  }
  return 1;
}

static cep_status push(const prg *program, cep_input *input, uint32_t stream, cep_time time, uint64_t position, cb_prng *prng)
{
  cep_error err;
  cep_value values[FIELDS_MAX];
  prg_list fields = program->streams[stream].fields;
  if (fields.count > FIELDS_MAX) return CEP_OK;
  for (uint32_t i = 0; i < fields.count; i++) {
    const prg_field *field = &program->fields[fields.first + i];
    values[i] = field->nullable && cb_prng_chance(prng, 10) ? cb_null() : value_of(field->kind, prng);
    if (field->is_time) values[i] = cb_value_i(CEP_TIME, time);
  }
  cep_event event = {sizeof event, stream, time, position, values, fields.count};
  return cep_input_push(input, &event, &err);
}

static int goes_on(cep_status status)
{
  return status == CEP_OK || status == CEP_LATE;
}

/* Streams of inputs in any order; mostly whole seconds, now and then a step of minutes. */
static void feed(const prg *program, cep_engine *engine, cb_prng *prng)
{
  cep_error err;
  cep_input *inputs[16] = {NULL};
  cep_time now = 0;
  if (!give_tables(program, engine)) return;
  for (uint32_t i = 0; i < program->inputs_count && i < 16; i++) {
    if (cep_engine_input(engine, prg_text(program, program->inputs[i].name), 0, &inputs[i], &err) < 0) return;
  }
  for (uint32_t n = 0; n < EVENTS && program->streams_count > 0; n++) {
    uint32_t stream = cb_prng_below(prng, program->streams_count), input = program->streams[stream].input;
    now += (cep_time)(cb_prng_chance(prng, 95) ? cb_prng_below(prng, 3) : 300) * 1000000000;
    if (input < 16 && inputs[input] && !goes_on(push(program, inputs[input], stream, now, n + 1, prng))) return;
  }
  if (!goes_on(cep_engine_flush(engine, &err))) return;
  for (uint32_t i = 0; i < 16; i++) {
    if (inputs[i] && !goes_on(cep_input_advance(inputs[i], now + (cep_time)3600 * 1000000000, &err))) return;
  }
  (void)!cep_engine_finish(engine, &err);
}

void program_run(const prg *program, const void *image, size_t image_len, uint64_t seed)
{
  static const char *const settings[][2] = {{"memory.max", "16MiB"}, {"partial.max", "40"}, {"history.max", "60"},
                                            {"distinct.max", "50"}, {"table.rows", "20"}, {"regex.match_limit", "1000"},
                                            {"debug.small_slabs", "1"}};
  cep_config *config = NULL;
  cep_program *loaded = NULL;
  cep_engine *engine = NULL;
  cep_error err;
  uint32_t matches = 0;
  cb_prng prng;
  cb_prng_init(&prng, seed);
  if (cep_config_new(NULL, &config) != CEP_OK) return;
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    if (cep_config_set(config, settings[i][0], settings[i][1], &err) != CEP_OK) abort();
  }
  if (seed % 3 == 0 && cep_config_set(config, "debug.reload_keys", "1", &err) != CEP_OK) abort();
  if (cep_program_load(config, image, image_len, &loaded, &err) == CEP_OK &&
      cep_engine_new(config, loaded, on_match, &matches, &engine, &err) == CEP_OK)
    feed(program, engine, &prng);
  cep_engine_free(engine);
  cep_program_free(loaded);
  cep_config_free(config);
}
