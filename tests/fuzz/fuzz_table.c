/* fuzz_table.c - any bytes as the file of a table: taken or refused row by row, found again, and exchanged for others. */
#include <stdlib.h>
#include <string.h>

#include "cep/base/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TABLES 5u

static const char rules[] =
    "table t0 from file \"a\" format csv key k { k: string  v: int?  f: float = 0.5 }\n"
    "table t1 from file \"b\" format csv (columns \"k,v,n\" delimiter \";\" quote \"'\") key k { k: int  v: string?  n: ip? }\n"
    "table t2 from file \"c\" format json key k { k: string  v: int? at \"x.v\"  b: bool?  t: time?  d: duration? }\n"
    "table t3 from file \"d\" format json key k { k: ip  v: string = \"none\" }\n"
    "table t4 from file \"e\" format json key k as of t { k: string  t: time  v: int? }\n"
    "stream A { time ts ns  s: string  i: int  p: ip }\n"
    "detect d unbounded { match A as a where s in t0.k or i in t0.v or i in t1.k or p in t1.n or s in t2.k or p in t3.k or t2[s].b or i in t4.v\n"
    "  emit { a: t0[a.s].v, b: t1[a.i].v, c: t2[a.s].d, d: t2[a.s].t, e: t3[a.p].v, f: t0[a.s].f, g: t4[a.s].v, h: t4[a.s].t } }\n";

typedef struct feed {
  uint64_t dead;
  uint64_t matches;
} feed;

static cep_status swallow(void *ctx, const void *data, size_t data_len)
{
  (void)ctx;
  return data || data_len == 0 ? CEP_OK : CEP_E_INVALID;
}

static int on_match(void *ctx, const cep_match *match)
{
  if (cep_match_write_json(match, swallow, NULL) != CEP_OK) abort();
  ((feed *)ctx)->matches++;
  return 0;
}

static void on_dead(void *ctx, const cep_refused *refused)
{
  if (!refused->is_table || !refused->reason) abort();
  ((feed *)ctx)->dead++;
}

static uint64_t push(cep_engine *engine, cep_input *input, feed *sums, uint64_t number)
{
  static const char address[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 0, 0, 1};
  cep_error err;
  uint64_t before = sums->matches;
  cep_value values[] = {cb_value_i(CEP_TIME, (int64_t)number), cb_string("a", 1), cb_value_i(CEP_INT, 1),
                        {CEP_IP, 16, {.s = address}}};
  cep_event event = {sizeof event, 0, (cep_time)number, number, values, 4};
  if (cep_input_push(input, &event, &err) != CEP_OK || cep_engine_flush(engine, &err) != CEP_OK) abort();
  if (cep_input_advance(input, (cep_time)number + 1, &err) != CEP_OK) abort();
  return sums->matches - before;
}

static cep_program *compiled(void)
{
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_error err;
  if (cep_config_new(NULL, &config) != CEP_OK) abort();
  if (cep_program_compile(config, "fuzz", rules, sizeof rules - 1, &program, &err) != CEP_OK) abort();
  cep_config_free(config);
  return program;
}

/* Twice the same bytes are twice the same rows; those that are too many leave the rows before. */
static void hand_in(cep_engine *engine, feed *sums, uint32_t table, const uint8_t *data, size_t size)
{
  static const char *const names[TABLES] = {"t0", "t1", "t2", "t3", "t4"};
  uint64_t rows[2], refused[2];
  cep_status status[2];
  cep_error err;
  uint64_t before = cep_engine_stat(engine, CEP_STAT_TABLE_ROWS, table);
  for (int i = 0; i < 2; i++) {
    uint64_t dead = sums->dead, counted = cep_engine_stat(engine, CEP_STAT_TABLE_REFUSED, table);
    status[i] = cep_engine_table(engine, names[table], data, size, &err);
    if (status[i] != CEP_OK && status[i] != CEP_E_LIMIT) abort();
    rows[i] = cep_engine_stat(engine, CEP_STAT_TABLE_ROWS, table);
    refused[i] = cep_engine_stat(engine, CEP_STAT_TABLE_REFUSED, table) - counted;
    if (sums->dead - dead != refused[i]) abort();
    if (status[i] == CEP_E_LIMIT && rows[i] != before) abort();
  }
  if (status[0] != status[1] || rows[0] != rows[1] || refused[0] != refused[1]) abort();
}

/* The first byte names the table and where the bytes are cut in two: a file, and the one that takes its place. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static cep_program *program; /* compiled once for all inputs */
  if (!program) program = compiled();
  if (size < 2) return 0;
  cep_config *config = NULL;
  cep_engine *engine = NULL;
  cep_input *input = NULL;
  cep_error err;
  feed sums = {0, 0};
  if (cep_config_new(NULL, &config) != CEP_OK) return 0;
  if (cep_config_set(config, "table.rows", "8", &err) != CEP_OK) abort();
  cep_config_set_dead_letter(config, on_dead, &sums);
  if (cep_engine_new(config, program, on_match, &sums, &engine, &err) != CEP_OK) abort();
  if (cep_engine_input(engine, "A", 0, &input, &err) != CEP_OK) abort();
  uint32_t table = data[0] % TABLES;
  size_t cut = data[1] & 0x80 ? size - 2 : (size_t)data[1] * (size - 2) / 128;
  hand_in(engine, &sums, table, data + 2, cut);
  uint64_t first = push(engine, input, &sums, 1);
  hand_in(engine, &sums, (table + 1) % TABLES, data + 2 + cut, size - 2 - cut);
  if (push(engine, input, &sums, 2) < first) abort(); /* the other table was empty */
  hand_in(engine, &sums, table, data + 2 + cut, size - 2 - cut);
  push(engine, input, &sums, 3);
  cep_engine_free(engine);
  cep_config_free(config);
  return 0;
}
