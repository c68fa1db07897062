/* fuzz_snapshot.c - any bytes as the saved state of an engine: refused, or put back and safe to run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cep/base/hash.h"
#include "cep/cep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STATE_MAX 65536u
#define HEAD      20u /* magic, version, program */

static const char rules[] =
    "input In format csv { time ts s lateness 5s }\n"
    "stream Web from In { user: string  n: int?  f: float? }\n"
    "stream Other format json { time ts s  user: string  n: int? }\n"
    "detect pair by user within 1m { match 1+ Web as a where n > 0 then no Other for 2s then 0..3 greedy Web as b where n > last(a).n\n"
    "  emit { low: sum(a.n), high: count(b), name: upper(user) } on timeout emit { high: 0 } suppress 10s by high }\n"
    "detect once unbounded { match Web as x then any Other as y where n == x.n then optional Other as z emit once { k: matches() } }\n"
    "aggregate rate from Web by user window tumbling 20s { total: sum(n)  names: distinct(n)  mean: avg(f) emit { total: total, names: names, mean: mean } }\n"
    "detect often by user within 5m { match 2 pair as p then no rate emit { n: last(p).high } suppress 1m }\n"
    "table known from file \"known.csv\" format csv key user as of at { user: string  at: time  level: int? }\n"
    "join met from Web as w, Other as o by user within 5s full { where known[w.user].level is null or o.n > 1  emit { n: w.n, m: o.n } }\n"
    "join both from Web as w, met as m by k = w.n = m.n window sliding 6s every 3s left { emit { f: w.f, m: m.m } }\n"
    "aggregate flow from Web by user window sliding 12s every 5s { d: approx_distinct(n)  p: approx_percentile(f, 90)  t: top(3, n)\n"
    "  emit { d: d, p: p, t: t } }\n"
    "aggregate visit from Web by user window session gap 4s max 20s allowed lateness 3s { a: first(n)  z: last(n)  emit { a: a, z: z } }\n"
    "aggregate five from Other window count 5 every 2 { total: sum(n)  dev: stddev(n)  emit { total: total, dev: dev } }\n"
    "detect chain by user within 30s { match Web as a then any Web as b then any Other as c after match no skip emit { a: a.n, c: c.n } }\n"
    "detect tally by user within 30s { match Web as a then any 1+ reluctant any Web as b then any Other as c after match no skip emit once { k: matches() } }\n";

typedef struct bytes {
  uint8_t at[STATE_MAX];
  size_t len;
  size_t read;
} bytes;

static cep_status put(void *ctx, const void *data, size_t len)
{
  bytes *to = ctx;
  if (len > sizeof to->at - to->len) return CEP_E_LIMIT;
  memcpy(to->at + to->len, data, len);
  to->len += len;
  return CEP_OK;
}

static cep_status get(void *ctx, void *data, size_t cap, size_t *len)
{
  bytes *from = ctx;
  *len = from->len - from->read < cap ? from->len - from->read : cap;
  memcpy(data, from->at + from->read, *len);
  from->read += *len;
  return CEP_OK;
}

static cep_status swallow(void *ctx, const void *data, size_t len)
{
  (void)ctx;
  return data || len == 0 ? CEP_OK : CEP_E_INVALID;
}

static int on_match(void *ctx, const cep_match *match)
{
  if (cep_match_write_json(match, swallow, NULL) != CEP_OK) abort();
  return ++*(uint32_t *)ctx % 7 == 0;
}

/* Some records, from a place in time on; whatever they give. */
static void play(cep_engine *engine, cep_time from, uint32_t count)
{
  static const char *const names[] = {"ann", "bob", "eve"};
  cep_input *web = NULL, *other = NULL;
  if (cep_engine_input(engine, "In", 0, &web, NULL) < 0 || cep_engine_input(engine, "Other", 1, &other, NULL) < 0) return;
  static const char head[] = "ts,user,n,f", known[] = "user,at,level\nann,1970-01-01T00:01:45Z,1\nann,1970-01-01T00:02:00Z,2\nbob,1970-01-01T00:01:50Z,\n";
  if (cep_engine_table(engine, "known", known, sizeof known - 1, NULL) < 0) return;
  (void)cep_input_record(web, head, sizeof head - 1, CEP_POSITION_NEXT, NULL);
  for (uint32_t i = 0; i < count; i++) {
    char row[64];
    int len = snprintf(row, sizeof row, "%lld,%s,%u,%u.5", (long long)from + i - i % 4, names[i % 3], i % 6, i);
    (void)cep_input_record(web, row, (size_t)len, CEP_POSITION_NEXT, NULL);
    len = snprintf(row, sizeof row, "{\"ts\":%lld,\"user\":\"%s\",\"n\":%u}", (long long)from + i - 3, names[i % 2], i % 5);
    (void)cep_input_record(other, row, (size_t)len, CEP_POSITION_NEXT, NULL);
  }
}

/* Magic, version, program and checksum are made right: no mutation would find them, and a forger would. */
static void repair(bytes *state, const bytes *right)
{
  if (state->len < HEAD + sizeof(uint64_t)) return;
  memcpy(state->at, right->at, HEAD);
  uint64_t sum = cb_hash64(state->at, state->len - sizeof sum);
  for (size_t i = 0; i < sizeof sum; i++) state->at[state->len - sizeof sum + i] = (uint8_t)(sum >> (8 * i));
}

/* Bytes as they are, or changes of a right state: place in two bytes, then what stands there. */
static void make_state(bytes *out, const bytes *right, const uint8_t *data, size_t size, int is_edit)
{
  out->read = 0;
  if (!is_edit) {
    out->len = size < sizeof out->at ? size : sizeof out->at;
    if (out->len > 0) memcpy(out->at, data, out->len);
    return;
  }
  memcpy(out->at, right->at, right->len);
  out->len = right->len;
  for (size_t i = 0; i + 3 <= size; i += 3) out->at[((size_t)data[i] << 8 | data[i + 1]) % out->len] = data[i + 2];
}

/* What is the same for all bytes, made once. */
typedef struct setup {
  cep_config *config[2]; /* one worker, three */
  cep_program *program;
  bytes right;
} setup;

static void make_setup(setup *out)
{
  cep_engine *engine = NULL;
  uint32_t matches = 0;
  for (int i = 0; i < 2; i++) {
    if (cep_config_new(NULL, &out->config[i]) < 0 || cep_config_set(out->config[i], "debug.workers", i ? "3" : "1", NULL) < 0 ||
        cep_config_set(out->config[i], "memory.max", "64MiB", NULL) < 0)
      abort();
  }
  if (cep_program_compile(out->config[0], "x", rules, sizeof rules - 1, &out->program, NULL) < 0 ||
      cep_engine_new(out->config[0], out->program, on_match, &matches, &engine, NULL) < 0)
    abort();
  play(engine, 100, 12);
  if (cep_engine_checkpoint(engine, "p", 1, put, &out->right, NULL) < 0) abort();
  cep_engine_free(engine);
}

/* The first byte: how many workers, and what the rest is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static setup same;
  static bytes state, again;
  if (!same.program) make_setup(&same);
  if (size == 0) return 0;
  uint32_t matches = 0;
  cep_engine *engine = NULL;
  make_state(&state, &same.right, data + 1, size - 1, data[0] & 2);
  repair(&state, &same.right);
  cep_status status = cep_engine_restore(same.config[data[0] & 1], same.program, on_match, &matches, get, &state, &engine, NULL);
  if (status != CEP_OK && status != CEP_E_CORRUPT && status != CEP_E_VERSION && status != CEP_E_NOMEM) abort();
  if (status < 0) return 0;
  play(engine, 112, 12);
  again.len = 0;
  if (cep_engine_checkpoint(engine, NULL, 0, put, &again, NULL) == CEP_E_INVALID) abort();
  (void)cep_engine_finish(engine, NULL);
  (void)cep_engine_flush(engine, NULL);
  cep_engine_free(engine);
  return 0;
}
