/* test_snapshot_threads.c - checkpoints of an engine for which threads work, put back for other numbers of threads. */
#include "tests/support/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "cep/cep.h"
#include "tests/support/rules.h"

enum { RECORDS = 12000, SAVES = 4, THREADS_MAX = 3 };

/* Three stages: patterns; suppression by another key; detections of detections. */
static const char rules[] =
    "input In format json { time at s lateness 5s  to: string? }\n"
    "stream Web from In { user: string  n: int  host: string }\n"
    "stream Mail from In where to is not null { user: string  to: string? }\n"
    "detect pair by user within 1m {\n"
    "  match Web as a where n > 4 then no Web where n == 9 then Web as b where n > a.n\n"
    "  emit { low: a.n, high: b.n }\n  suppress 10s by high\n}\n"
    "aggregate rate from Web by host window tumbling 20s { total: sum(n)  emit { total: total } }\n"
    "join read from Web as w, Mail as m by user within 3s { emit { n: w.n, to: m.to } }\n"
    "detect often by high within 5m { match 2 pair as p emit { n: last(p).low } }\n";

typedef struct bytes {
  char *at;
  size_t len;
  size_t room;
  size_t read;
} bytes;

static cep_status put(void *ctx, const void *data, size_t len)
{
  bytes *to = ctx;
  if (to->len + len > to->room) {
    to->room = (to->len + len) * 2;
    to->at = realloc(to->at, to->room);
    if (!to->at) return CEP_E_NOMEM;
  }
  memcpy(to->at + to->len, data, len);
  to->len += len;
  return CEP_OK;
}

static cep_status get(void *ctx, void *data, size_t cap, size_t *len)
{
  bytes *from = ctx;
  *len = from->len - from->read < cap ? from->len - from->read : cap;
  if (*len > 0) memcpy(data, from->at + from->read, *len);
  from->read += *len;
  return CEP_OK;
}

typedef struct run {
  cep_program *program;
  cep_config *config;
  cep_engine *engine;
  cep_input *input;
  bytes out;
  bytes states[SAVES];
  pthread_t threads[THREADS_MAX];
  uint32_t thread_count;
  atomic_int is_over;
} run;

static int on_match(void *ctx, const cep_match *match)
{
  run *it = ctx;
  if (cep_match_write_json(match, put, &it->out) < 0 || put(&it->out, "\n", 1) < 0) abort();
  return 0;
}

/* ---- Threads ----------------------------------------------------------------------------- */

static void *work(void *ctx)
{
  run *it = ctx;
  while (!atomic_load(&it->is_over)) {
    if (!cep_engine_work(it->engine, 1)) sched_yield();
  }
  return NULL;
}

static void wake(void *ctx)
{
  (void)ctx;
}

static void wait_for_work(void *ctx)
{
  run *it = ctx;
  if (!cep_engine_work(it->engine, 0)) sched_yield();
}

typedef struct crew_size {
  uint32_t workers;
  uint32_t threads; /* beside the owner's */
} crew_size;

static void begin_threads(run *it, crew_size size)
{
  cep_crew crew = {sizeof crew, wake, wait_for_work, it};
  if (size.workers > 1) assert_int_equal(cep_engine_share(it->engine, size.workers, &crew, NULL), CEP_OK);
  atomic_store(&it->is_over, 0);
  for (it->thread_count = 0; it->thread_count < size.threads; it->thread_count++)
    assert_int_equal(pthread_create(&it->threads[it->thread_count], NULL, work, it), 0);
  assert_int_equal(cep_engine_input(it->engine, "In", 0, &it->input, NULL), CEP_OK);
}

static void end_threads(run *it)
{
  atomic_store(&it->is_over, 1);
  for (uint32_t i = 0; i < it->thread_count; i++) assert_int_equal(pthread_join(it->threads[i], NULL), 0);
  it->thread_count = 0;
  cep_engine_dismiss(it->engine);
}

/* ---- Records ------------------------------------------------------------------------------ */

static void feed(run *it, int from, int to)
{
  for (int i = from; i < to; i++) {
    char line[160];
    int at = i / 8 - (i % 7 == 0 ? 1 + i % 5 : 0);
    int len = snprintf(line, sizeof line, "{\"at\":%d,\"user\":\"u%d\",\"n\":%d,\"host\":\"h%d\"%s}", at > 0 ? at : 0, i * 7 % 61,
                       i * 13 % 10, i % 5, i % 11 == 0 ? ",\"to\":\"all\"" : "");
    cep_status status = cep_input_record(it->input, line, (size_t)len, CEP_POSITION_NEXT, NULL);
    if (status != CEP_OK && status != CEP_LATE) fail_msg("record %d: %s", i, cep_status_name(status));
  }
}

/* How much of the records belongs to the first `parts` parts. */
static int end_of(int parts)
{
  return RECORDS / (SAVES + 1) * parts;
}

static void change_engine(run *it, bytes *state, crew_size next)
{
  size_t given = it->out.len;
  int from = end_of((int)(state - it->states) + 1);
  feed(it, from, from + 300); /* which is lost with the engine, in the middle of work */
  end_threads(it);
  cep_engine_free(it->engine);
  it->out.len = given;
  assert_int_equal(cep_engine_restore(it->config, it->program, on_match, it, get, state, &it->engine, NULL), CEP_OK);
  begin_threads(it, next);
}

/* After each part the state is saved. `sizes`: for each part another engine, with as many workers and threads. */
static void whole_way(run *it, const crew_size *sizes)
{
  it->config = rules_config();
  it->program = rules_compile(it->config, rules);
  assert_int_equal(cep_engine_new(it->config, it->program, on_match, it, &it->engine, NULL), CEP_OK);
  begin_threads(it, sizes ? sizes[0] : (crew_size){1, 0});
  for (int part = 0; part < SAVES; part++) {
    feed(it, end_of(part), end_of(part + 1));
    assert_int_equal(cep_engine_checkpoint(it->engine, &part, sizeof part, put, &it->states[part], NULL), CEP_OK);
    if (sizes) change_engine(it, &it->states[part], sizes[part + 1]);
  }
  feed(it, end_of(SAVES), RECORDS);
  assert_int_equal(cep_engine_finish(it->engine, NULL), CEP_OK);
  end_threads(it);
}

static void end(run *it)
{
  cep_engine_free(it->engine);
  cep_program_free(it->program);
  cep_config_free(it->config);
  for (int i = 0; i < SAVES; i++) free(it->states[i].at);
  free(it->out.at);
}

static void a_state_saved_while_threads_work_goes_on_with_any_number_of_them(void **state)
{
  (void)state;
  static const crew_size sizes[][SAVES + 1] = {{{3, 2}, {1, 0}, {4, 3}, {2, 1}, {8, 3}}, {{1, 0}, {7, 3}, {2, 1}, {3, 2}, {1, 0}}};
  static run plain, it;
  whole_way(&plain, NULL);
  assert_true(plain.out.len > 100000);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    it = (run){.is_over = 0};
    whole_way(&it, sizes[i]);
    for (int part = 0; part < SAVES; part++) {
      assert_int_equal(it.states[part].len, plain.states[part].len);
      assert_memory_equal(it.states[part].at, plain.states[part].at, plain.states[part].len);
    }
    assert_int_equal(it.out.len, plain.out.len);
    assert_memory_equal(it.out.at, plain.out.at, plain.out.len);
    for (uint32_t which = 0; which < CEP_STAT_COUNT; which++) {
      if (which == CEP_STAT_BYTES_IN_USE) continue;
      assert_int_equal(cep_engine_stat(it.engine, (cep_stat)which, CEP_NONE), cep_engine_stat(plain.engine, (cep_stat)which, CEP_NONE));
    }
    end(&it);
  }
  end(&plain);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_state_saved_while_threads_work_goes_on_with_any_number_of_them),
  };
  return cmocka_run_group_tests_name("runtime/snapshot under threads", tests, NULL, NULL);
}
