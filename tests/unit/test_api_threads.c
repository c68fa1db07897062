/* test_api_threads.c - one program in several threads, each with engines of its own. */
#include "tests/support/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/rules.h"

#define THREADS 4
#define ROUNDS 20

static const char rules[] =
    "input L from stdin format line { time \"%s\" }\n"
    "stream Failed from L r\"Failed for (?<user>\\w+)\" { user: string }\n"
    "detect d by user within 1m { match 3 Failed as f where user ~ \"^a\" emit { n: count(f) }\n"
    "  test \"t\" { at 0s Failed { user: \"a\" } repeat 3 every 1s expect { n: 3 } } }\n";

static int on_match(void *ctx, const cep_match *match)
{
  (void)match;
  ++*(uint32_t *)ctx;
  return 0;
}

/* What goes wrong is counted, not asserted: cmocka jumps on the main thread only. */
typedef struct worker {
  pthread_t thread;
  const cep_config *config;
  cep_program *program;
  uint32_t faults;
} worker;

static cep_status feed(cep_input *input, cep_engine *engine)
{
  cep_status status = CEP_OK;
  for (int i = 0; i < 30 && status >= 0; i++) {
    char line[64];
    int len = snprintf(line, sizeof line, "%d sshd: Failed for a%d", i, i % 5);
    status = cep_input_record(input, line, (size_t)len, CEP_POSITION_NEXT, NULL);
  }
  return status < 0 ? status : cep_engine_finish(engine, NULL);
}

static void *work(void *ctx)
{
  worker *w = ctx;
  for (int round = 0; round < ROUNDS; round++) {
    cep_program *program = cep_program_ref(w->program);
    cep_engine *engine = NULL;
    cep_input *input = NULL;
    uint32_t matches = 0, failed = 0;
    cep_status status = cep_engine_new(w->config, program, on_match, &matches, &engine, NULL);
    if (status >= 0) status = cep_engine_input(engine, "L", 0, &input, NULL);
    if (status >= 0) status = feed(input, engine);
    if (status >= 0) status = cep_program_test(program, NULL, NULL, &failed, NULL);
    w->faults += status < 0 || matches != 10 || failed != 0;
    cep_program_free(program);
    cep_engine_free(engine);
  }
  cep_program_free(w->program);
  return NULL;
}

static void a_program_is_shared_by_threads(void **state)
{
  (void)state;
  cep_config *config = rules_config();
  cep_program *program = rules_compile(config, rules);
  worker workers[THREADS];
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (worker){.config = config, .program = cep_program_ref(program)};
    assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
  }
  cep_program_free(program); /* the last thread to end frees it */
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    assert_int_equal(workers[i].faults, 0);
  }
  cep_config_free(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_program_is_shared_by_threads),
  };
  return cmocka_run_group_tests_name("cep/threads", tests, NULL, NULL);
}
