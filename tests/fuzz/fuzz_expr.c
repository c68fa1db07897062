/* fuzz_expr.c - any bytes as an expression and the values of events: folded, run as code, and what comes out can be written. */
#include <stdlib.h>
#include <string.h>

#include "cep/base/json.h"
#include "cep/base/num.h"
#include "cep/base/utf8.h"
#include "cep/base/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX   600u
#define EVENTS_MAX 8u
#define FIELDS     11u

/* The expression as a key, over one event; as an output, over what was captured; as a condition. */
static const char *const forms[][2] = {
    {"detect d by x = (", "\n) unbounded { match A as a emit { s: a.s } }"},
    {"detect d unbounded { match A as a emit { x: (", "\n) } }"},
    {"detect d unbounded { match A as a where (", "\n) emit { s: a.s } }"},
};
static const char declared[] = "stream A { time ts ns  s: string?  u: string?  i: int?  j: int?  f: float?  g: float?  b: bool?\n"
                               "  a: ip?  d: duration?  t: time? }\n";

typedef struct reader {
  const uint8_t *at;
  const uint8_t *end;
} reader;

typedef struct text {
  char bytes[16384];
  size_t len;
  int too_long;
} text;

/* Fewer bytes than wanted: zeros. */
static void take(reader *in, void *out, size_t len)
{
  size_t left = (size_t)(in->end - in->at), some = len < left ? len : left;
  memset(out, 0, len);
  if (some > 0) memcpy(out, in->at, some);
  in->at += some;
}

static cep_value take_text(reader *in)
{
  uint8_t len;
  take(in, &len, 1);
  if (len > (size_t)(in->end - in->at)) len = (uint8_t)(in->end - in->at);
  const char *bytes = (const char *)in->at;
  in->at += len;
  return cb_utf8_valid(bytes, len) ? cb_string(bytes, len) : cb_null();
}

static cep_value take_word(reader *in, cep_kind kind)
{
  int64_t word = 0;
  double number;
  uint8_t width;
  take(in, &width, 1);
  if (width == 0xFF) return cb_null();
  take(in, &word, (size_t)1 << (width & 3));
  if (kind == CEP_BOOL) return cb_value_i(kind, word & 1);
  if (kind != CEP_FLOAT) return cb_value_i(kind, width & 4 ? (int64_t)(0 - (uint64_t)word) : word);
  memcpy(&number, &word, sizeof number);
  if (width & 4) number = (double)word / 8;
  return number - number == 0 ? cb_float(number) : cb_null();
}

static cep_status append(void *ctx, const void *data, size_t data_len)
{
  text *out = ctx;
  if (data_len > sizeof out->bytes - out->len) out->too_long = 1;
  if (out->too_long) return CEP_OK;
  memcpy(out->bytes + out->len, data, data_len);
  out->len += data_len;
  return CEP_OK;
}

/* A record that other programs can read. */
static int on_match(void *ctx, const cep_match *match)
{
  text *out = ctx;
  const char *why = NULL;
  out->len = 0;
  out->too_long = 0;
  if (cep_match_write_json(match, append, out) != CEP_OK) abort();
  if (out->too_long) return 0;
  cb_json *json = cb_json_new(sizeof out->bytes, 64);
  if (!json) abort();
  if (cb_json_parse(json, out->bytes, out->len, &why) != CEP_OK || !cb_utf8_valid(out->bytes, out->len)) abort();
  cb_json_free(json);
  return 0;
}

static void feed(cep_engine *engine, reader *in)
{
  cep_error err;
  cep_input *input = NULL;
  if (cep_engine_input(engine, "A", 0, &input, &err) != CEP_OK) abort();
  for (uint32_t n = 0; n < EVENTS_MAX && (n == 0 || in->at < in->end); n++) {
    uint8_t address[16];
    cep_time now = (cep_time)n * 1000000000;
    cep_value values[FIELDS] = {cb_value_i(CEP_TIME, now), take_text(in), take_text(in), take_word(in, CEP_INT),
                                take_word(in, CEP_INT), take_word(in, CEP_FLOAT), take_word(in, CEP_FLOAT),
                                take_word(in, CEP_BOOL)};
    take(in, address, sizeof address);
    values[8] = (cep_value){CEP_IP, sizeof address, {.s = (const char *)address}};
    values[9] = take_word(in, CEP_DURATION);
    values[10] = take_word(in, CEP_TIME);
    cep_event event = {sizeof event, 0, now, n + 1, values, FIELDS};
    if (cep_input_push(input, &event, &err) != CEP_OK) abort();
  }
  if (cep_engine_finish(engine, &err) != CEP_OK) abort();
}

/* The first byte: the form, and how much work regular expressions may do. Then the expression, a zero byte, values. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static text out;
  if (size < 2) return 0;
  const uint8_t *zero = memchr(data + 1, 0, size - 1);
  size_t len = zero ? (size_t)(zero - data - 1) : size - 1;
  if (len > TEXT_MAX) return 0;
  reader in = {zero ? zero + 1 : data + size, data + size};
  const char *const *form = forms[data[0] % (sizeof forms / sizeof *forms)];
  char rules[1024];
  size_t at = 0;
  memcpy(rules, declared, sizeof declared - 1), at = sizeof declared - 1;
  memcpy(rules + at, form[0], strlen(form[0])), at += strlen(form[0]);
  memcpy(rules + at, data + 1, len), at += len;
  memcpy(rules + at, form[1], strlen(form[1])), at += strlen(form[1]);
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_engine *engine = NULL;
  cep_error err;
  if (cep_config_new(NULL, &config) != CEP_OK) return 0;
  if (data[0] & 0x80 && cep_config_set(config, "regex.match_limit", "100", &err) != CEP_OK) abort();
  if (cep_program_compile(config, "fuzz", rules, at, &program, &err) == CEP_OK) {
    if (cep_engine_new(config, program, on_match, &out, &engine, &err) != CEP_OK) abort();
    feed(engine, &in);
  }
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  return 0;
}
