/*
 * api_bench.h - one program about logins and one engine, for tests of cep.h.
 *
 * Contract
 *   open_bench makes config, program, engine and the input "Login"; close_bench frees what
 *   is there. The callbacks count, and keep the newest match as JSON and the newest reason.
 */
#ifndef API_BENCH_H
#define API_BENCH_H

#include <stdio.h>

#include "tests/support/rules.h"

static const char login_rules[] =
    "stream Login from stdin format json { time ts s  user: string  ok: bool  note: string? }\n"
    "stream Door from file \"doors.ndjson\" format json { time ts s  user: string  room: int }\n"
    "detect brute by user within 5m {\n"
    "  meta { severity: \"high\" }\n"
    "  match 3 Login as fail where not ok\n"
    "  then Login as success where ok\n"
    "  emit { attempts: count(fail), last: success.note }\n"
    "}\n";

typedef struct bench {
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *login;
  cep_input *door;
  char json[2048]; /* of the newest match */
  uint32_t matches;
  int stop; /* what the callback gives back */
  uint32_t dead;
  uint32_t late;
  char reason[32];
  char detail[200];
  int64_t lateness_needed;
} bench;

static inline cep_status write_text(void *ctx, const void *data, size_t len)
{
  char *out = ctx;
  size_t used = strlen(out);
  if (used + len >= 2048) return CEP_E_LIMIT;
  memcpy(out + used, data, len);
  out[used + len] = 0;
  return CEP_OK;
}

static inline int on_match(void *ctx, const cep_match *match)
{
  bench *b = ctx;
  b->matches++;
  b->json[0] = 0;
  assert_int_equal(cep_match_write_json(match, write_text, b->json), CEP_OK);
  return b->stop;
}

static inline void on_dead(void *ctx, const cep_refused *refused)
{
  bench *b = ctx;
  b->dead++;
  snprintf(b->reason, sizeof b->reason, "%s", refused->reason);
  snprintf(b->detail, sizeof b->detail, "%s", refused->detail);
}

static inline void on_late(void *ctx, const cep_refused *refused)
{
  bench *b = ctx;
  b->late++;
  b->lateness_needed = refused->lateness_needed;
  assert_string_equal(refused->reason, "late");
}

static inline void open_with(bench *b, cep_match_fn match)
{
  memset(b, 0, sizeof *b);
  b->config = rules_config();
  cep_config_set_dead_letter(b->config, on_dead, b);
  cep_config_set_late(b->config, on_late, b);
  b->program = rules_compile(b->config, login_rules);
  assert_int_equal(cep_engine_new(b->config, b->program, match, b, &b->engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(b->engine, "Login", 0, &b->login, NULL), CEP_OK);
}

static inline void open_bench(bench *b)
{
  open_with(b, on_match);
}

static inline void close_bench(bench *b)
{
  cep_engine_free(b->engine);
  cep_program_free(b->program);
  cep_config_free(b->config);
}

static inline cep_status push(bench *b, int64_t second, const char *user, int ok)
{
  cep_value fields[4] = {{CEP_TIME, 0, {.i = second * 1000000000}},
                         {CEP_STRING, (uint32_t)strlen(user), {.s = user}},
                         {CEP_BOOL, 0, {.i = ok}},
                         {CEP_NULL, 0, {0}}};
  cep_event event = {sizeof event, 0, second * 1000000000, CEP_POSITION_NEXT, fields, 4};
  return cep_input_push(b->login, &event, NULL);
}

/* Three failures at 1 s, 2 s, 3 s, and a success at 4 s. */
static inline cep_status push_match(bench *b)
{
  cep_status status = CEP_OK;
  for (int i = 1; i <= 4 && status == CEP_OK; i++) status = push(b, i, "ann", i == 4);
  return status;
}

static inline void account(const bench *b, uint64_t read)
{
  static const cep_stat parts[] = {CEP_STAT_RECORDS_DEAD, CEP_STAT_RECORDS_LATE, CEP_STAT_RECORDS_FILTERED,
                                   CEP_STAT_RECORDS_UNKEYED, CEP_STAT_RECORDS_USED};
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    sum += cep_engine_stat(b->engine, parts[i], CEP_NONE);
  assert_int_equal(cep_engine_stat(b->engine, CEP_STAT_RECORDS_READ, CEP_NONE), read);
  assert_int_equal(sum, read);
}

#endif
