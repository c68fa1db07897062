/* test_api_memory.c - memory is refused at every single request: clean failure, nothing lost, nothing leaks.
 */
#include "tests/support/test.h"

#include <stdio.h>

#include "cep/cep.h"
#include "tests/support/fault_alloc.h"

static const char rules[] =
    "stream Web from stdin format json { time ts s lateness 5s  user: string  ok: bool  n: int? at \"a.b\" "
    "}\n"
    "input Ssh from stdin format line { time \"%s\" }\n"
    "stream Failed from Ssh r\"Failed for (?<user>\\w+)\" { user: string }\n"
    "detect brute by user within 1m {\n"
    "  match 2+ greedy Web as fail where not ok and user ~ \"a.n\" and n > prev(n, 0)\n"
    "  then Failed as f\n"
    "  emit { n: sum(fail.n), who: concat(user, \"!\") }\n"
    "  on timeout emit { n: count(fail) }\n"
    "  suppress 10s by user\n"
    "  test \"none\" { at 0s Failed { user: \"ann\" } expect nothing }\n"
    "}\n"
    "aggregate rate from Web where n >= 0 by user window tumbling 5s even empty for 7s {\n"
    "  names: distinct(user, n)  total: sum(n)  having names > 0 or total == 0  emit at once { names: names, who: upper(user) }\n"
    "  suppress 1s }\n"
    "join near from Web as w, Failed as f by user within 3s full { where w.n > 2 emit { n: w.n, who: upper(user) } }\n"
    "join among from Web as w, Failed as f by user window sliding 4s every 2s left { emit { n: w.n, at_: window_start } }\n"
    "detect again by user within 1h { match 2 brute as b emit { n: last(b).n } }\n";

static cep_status swallow(void *ctx, const void *data, size_t len)
{
  (void)data;
  *(size_t *)ctx += len;
  return CEP_OK;
}

static int on_match(void *ctx, const cep_match *match)
{
  size_t len = 0;
  ++*(uint32_t *)ctx;
  return cep_match_write_json(match, swallow, &len) < 0 && len > 0;
}

static cep_status feed(cep_engine *engine)
{
  cep_input *web = NULL, *ssh = NULL;
  cep_status status = cep_engine_input(engine, "Web", 0, &web, NULL);
  if (status >= 0) status = cep_engine_input(engine, "Ssh", 0, &ssh, NULL);
  for (int i = 0; i < 24 && status >= 0; i++) {
    char record[128];
    int len = snprintf(record, sizeof record, "{\"ts\":%d,\"user\":\"%s\",\"ok\":false,\"a\":{\"b\":%d}}",
                       10 + i, i % 3 ? "ann" : "aen", i);
    status = cep_input_record(web, record, (size_t)len, CEP_POSITION_NEXT, NULL);
    if (status < 0 || i % 6 != 5) continue;
    len = snprintf(record, sizeof record, "%d sshd: Failed for ann", 10 + i);
    status = cep_input_record(ssh, record, (size_t)len, CEP_POSITION_NEXT, NULL);
  }
  if (status >= 0) status = cep_engine_finish(engine, NULL);
  return status;
}

typedef struct way {
  const char *workers;
  uint32_t matches;
  uint32_t crew; /* so many workers, for which the engine itself works when it waits */
} way;

static void wake_nobody(void *ctx)
{
  (void)ctx;
}

static void work(void *ctx)
{
  (void)cep_engine_work(ctx, 0);
}

static cep_status share(cep_engine *engine, uint32_t workers)
{
  cep_crew crew = {sizeof crew, wake_nobody, work, engine};
  return workers ? cep_engine_share(engine, workers, &crew, NULL) : CEP_OK;
}

/* The whole way through cep.h; the first status below zero ends it. */
static int whole_way(const cep_allocator *allocator, void *ctx)
{
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_engine *engine = NULL;
  cep_error err = {0};
  way *how = ctx;
  uint32_t failed = 0;
  size_t len = 0;
  how->matches = 0;
  cep_status status = cep_config_new(allocator, &config);
  if (status >= 0) status = cep_config_set(config, "debug.workers", how->workers, &err);
  if (status >= 0) status = cep_program_compile(config, "x.cep", rules, sizeof rules - 1, &program, &err);
  if (status >= 0) status = cep_program_test(program, NULL, NULL, &failed, &err);
  if (status >= 0) status = cep_program_explain(program, CEP_EXPLAIN_NFA, swallow, &len, &err);
  if (status >= 0) status = cep_engine_new(config, program, on_match, &how->matches, &engine, &err);
  if (status >= 0) status = share(engine, how->crew);
  if (status >= 0) status = feed(engine);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  if (status < 0 && status != CEP_E_NOMEM)
    fprintf(stderr, "%s %u:%u: %s\n", cep_status_name(status), err.line, err.column, err.text);
  return status;
}

static void memory_refused_at_every_request_is_no_more_than_a_status(void **state)
{
  (void)state;
  way alone = {"1", 0, 0};
  assert_true(whole_way(NULL, &alone) >= 0);
  uint32_t expected = alone.matches;
  assert_true(expected > 0);
  assert_true(fault_alloc_sweep(whole_way, &alone) > 50);
  assert_int_equal(alone.matches, expected);
}

static void so_it_is_with_workers(void **state)
{
  (void)state;
  way alone = {"1", 0, 0}, shared = {"2", 0, 0}, crewed = {"1", 0, 2};
  assert_true(whole_way(NULL, &alone) >= 0);
  assert_true(fault_alloc_sweep(whole_way, &shared) > 100);
  assert_int_equal(shared.matches, alone.matches);
  assert_true(fault_alloc_sweep(whole_way, &crewed) > 100);
  assert_int_equal(crewed.matches, alone.matches);
}

typedef struct kept {
  char image[1 << 16];
  size_t len;
} kept;

static cep_status keep(void *ctx, const void *data, size_t len)
{
  kept *out = ctx;
  if (out->len + len > sizeof out->image) return CEP_E_LIMIT;
  memcpy(out->image + out->len, data, len);
  out->len += len;
  return CEP_OK;
}

static int load(const cep_allocator *allocator, void *ctx)
{
  const kept *saved = ctx;
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_status status = cep_config_new(allocator, &config);
  if (status >= 0) status = cep_program_load(config, saved->image, saved->len, &program, NULL);
  cep_program_free(program);
  cep_config_free(config);
  return status;
}

static void loading_without_memory_is_no_more_than_a_status(void **state)
{
  (void)state;
  static kept saved;
  cep_config *config = NULL;
  cep_program *program = NULL;
  assert_int_equal(cep_config_new(NULL, &config), CEP_OK);
  assert_int_equal(cep_program_compile(config, "x.cep", rules, sizeof rules - 1, &program, NULL), CEP_OK);
  assert_int_equal(cep_program_save(program, keep, &saved, NULL), CEP_OK);
  cep_program_free(program);
  cep_config_free(config);
  assert_true(fault_alloc_sweep(load, &saved) > 3);
}

static void an_engine_without_memory_stays_stopped(void **state)
{
  /* What it would say after losing an event could not be trusted. */
  (void)state;
  fault_alloc fault;
  fault_alloc_init(&fault);
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_engine *engine = NULL;
  cep_input *web = NULL;
  uint32_t matches = 0;
  assert_int_equal(cep_config_new(&fault.hook, &config), CEP_OK);
  assert_int_equal(cep_program_compile(config, "x.cep", rules, sizeof rules - 1, &program, NULL), CEP_OK);
  assert_int_equal(cep_engine_new(config, program, on_match, &matches, &engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(engine, "Web", 0, &web, NULL), CEP_OK);
  fault.fail_at = fault.calls;
  fault.fail_for_ever = 1;
  cep_status status = CEP_OK;
  const char *record = "{\"ts\":1,\"user\":\"ann\",\"ok\":false,\"a\":{\"b\":1}}";
  for (int i = 0; i < 100000 && status >= 0; i++)
    status = cep_input_record(web, record, strlen(record), CEP_POSITION_NEXT, NULL);
  assert_int_equal(status, CEP_E_NOMEM);
  fault.fail_at = FAULT_NEVER;
  fault.fail_for_ever = 0;
  cep_error err = {0};
  assert_int_equal(cep_input_record(web, record, strlen(record), CEP_POSITION_NEXT, &err), CEP_E_NOMEM);
  assert_true(strlen(err.text) > 0);
  assert_int_equal(cep_engine_finish(engine, NULL), CEP_E_NOMEM);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  assert_int_equal(fault.live_blocks, 0);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* How many users it took until memory ran out. `crew`: whether others work for the engine, in blocks. */
static int users_in(uint32_t mebibytes, uint32_t workers, int crew)
{
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_engine *engine = NULL;
  cep_input *web = NULL;
  uint32_t matches = 0;
  char number[16], memory[16];
  snprintf(number, sizeof number, "%u", (unsigned)workers);
  snprintf(memory, sizeof memory, "%uMiB", (unsigned)mebibytes);
  assert_int_equal(cep_config_new(NULL, &config), CEP_OK);
  assert_int_equal(cep_config_set(config, "memory.max", memory, NULL), CEP_OK);
  assert_int_equal(cep_config_set(config, "partial.max", "100000000", NULL), CEP_OK);
  if (!crew) assert_int_equal(cep_config_set(config, "debug.workers", number, NULL), CEP_OK);
  assert_int_equal(cep_program_compile(config, "x.cep", rules, sizeof rules - 1, &program, NULL), CEP_OK);
  assert_int_equal(cep_engine_new(config, program, on_match, &matches, &engine, NULL), CEP_OK);
  if (crew) assert_int_equal(share(engine, workers), CEP_OK);
  assert_int_equal(cep_engine_input(engine, "Web", 0, &web, NULL), CEP_OK);
  cep_status status = CEP_OK;
  int users = 0;
  for (; users < 1000000 && status >= 0; users++) {
    char record[128];
    int len = snprintf(record, sizeof record, "{\"ts\":%d,\"user\":\"ann%d\",\"ok\":false,\"a\":{\"b\":1}}",
                       users / 100000, users);
    status = cep_input_record(web, record, (size_t)len, CEP_POSITION_NEXT, NULL);
  }
  assert_int_equal(status, CEP_E_NOMEM);
  cep_engine_dismiss(engine);
  assert_true(cep_engine_stat(engine, CEP_STAT_BYTES_IN_USE, CEP_NONE) <= (uint64_t)mebibytes << 20);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  return users;
}

/* Four workers would hold four times as much. What they hold beside keys (chunks under way) is some 4 MiB. */
static void memory_max_is_such_a_refusal_for_all_workers_together(void **state)
{
  (void)state;
  int alone = users_in(16, 1, 0);
  assert_in_range(users_in(16, 4, 0), alone / 2, alone * 3 / 2);
  assert_in_range(users_in(16, 4, 1), alone / 2, alone * 3 / 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_refused_at_every_request_is_no_more_than_a_status),
      cmocka_unit_test(so_it_is_with_workers),
      cmocka_unit_test(loading_without_memory_is_no_more_than_a_status),
      cmocka_unit_test(an_engine_without_memory_stays_stopped),
      cmocka_unit_test(memory_max_is_such_a_refusal_for_all_workers_together),
  };
  return cmocka_run_group_tests_name("cep/memory", tests, NULL, NULL);
}
