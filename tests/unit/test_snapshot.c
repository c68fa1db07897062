/* test_snapshot.c - the state of an engine out and in again: nothing is lost, hostile bytes are refused, memory may be. */
#include "tests/support/test.h"

#include "cep/base/hash.h"
#include "cep/cep.h"
#include "tests/support/fault_alloc.h"

static const char rules[] =
    "input In format csv { time ts s lateness 5s }\n"
    "stream Web from In { user: string  n: int? }\n"
    "table known from file \"known.csv\" format csv key user { user: string }\n"
    "detect pair by user within 1m {\n"
    "  match Web as a where n > 0 and user in known.user then no Web where n == 9 then Web as b where n > a.n\n"
    "  emit { low: a.n, high: b.n }\n  suppress 10s by high\n}\n"
    "aggregate rate from Web window tumbling 20s { total: sum(n)  names: distinct(user)  emit { total: total, names: names } }\n"
    "detect often by user within 5m { match 2 pair as p emit { n: last(p).high } }\n";

static const char *const records[] = {
    "user,ts,n",  "ann,10,1", "bob,12,2",  "ann,11,3",  "ann,14,5", "bob,15,7", "eve,16,1", "ann,22,6", "bob,29,9",
    "ann,31,2",   "bob,33,1", "ann,33,8",  "ann,33,9",  "bob,41,4", "ann,44,1", "ann,40,3", "bob,52,6", "ann,58,7",
    "bob,63,8",   "ann,66,2", "ann,71,4",  "eve,72,5",  "bob,73,3", "ann,90,6", "bob,95,5", "ann,99,7"};
enum { RECORDS = sizeof records / sizeof *records };

typedef struct bytes {
  unsigned char at[1 << 16];
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

/* In small pieces. */
static cep_status get(void *ctx, void *data, size_t cap, size_t *len)
{
  bytes *from = ctx;
  size_t rest = from->len - from->read;
  *len = rest < 1000 ? rest : 1000;
  assert_true(*len <= cap);
  memcpy(data, from->at + from->read, *len);
  from->read += *len;
  return CEP_OK;
}

typedef struct run {
  const char *workers;
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  bytes out;         /* alerts, a line each */
  uint32_t stop_at;  /* the callback says stop after so many; 0: never */
  uint32_t alerts;
} run;

static int on_match(void *ctx, const cep_match *match)
{
  run *it = ctx;
  if (cep_match_write_json(match, put, &it->out) == CEP_OK) (void)put(&it->out, "\n", 1);
  return ++it->alerts == it->stop_at;
}

static cep_status begin(run *it, const cep_allocator *allocator, const char *text)
{
  cep_status status = cep_config_new(allocator, &it->config);
  if (status >= 0) status = cep_config_set(it->config, "debug.workers", it->workers, NULL);
  if (status >= 0) status = cep_program_compile(it->config, "x.cep", text, strlen(text), &it->program, NULL);
  return status;
}

static cep_status equip(run *it)
{
  static const char known[] = "user\nann\nbob\n";
  cep_status status = cep_engine_input(it->engine, "In", 3, &it->input, NULL);
  if (status >= 0) status = cep_engine_table(it->engine, "known", known, sizeof known - 1, NULL);
  return status;
}

static cep_status feed(run *it, uint32_t from, uint32_t to)
{
  cep_status status = CEP_OK;
  for (uint32_t i = from; i < to && status >= 0; i++)
    status = cep_input_record(it->input, records[i], strlen(records[i]), CEP_POSITION_NEXT, NULL);
  return status;
}

static cep_status change(run *it, bytes *state)
{
  cep_engine *engine = NULL;
  state->len = state->read = 0;
  cep_status status = cep_engine_checkpoint(it->engine, "here", 4, put, state, NULL);
  if (status >= 0) status = cep_engine_restore(it->config, it->program, on_match, it, get, state, &engine, NULL);
  if (status < 0) return status;
  cep_engine_free(it->engine);
  it->engine = engine;
  return equip(it);
}

static void end(run *it)
{
  cep_engine_free(it->engine);
  cep_program_free(it->program);
  cep_config_free(it->config);
}

static cep_status start(run *it, const cep_allocator *allocator)
{
  cep_status status = begin(it, allocator, rules);
  if (status >= 0) status = cep_engine_new(it->config, it->program, on_match, it, &it->engine, NULL);
  return status >= 0 ? equip(it) : status;
}

/* All records; after record `at` the engine is exchanged for one that the state was put back into. */
static cep_status whole_way(run *it, const cep_allocator *allocator, uint32_t at, bytes *state)
{
  cep_status status = start(it, allocator);
  if (status >= 0) status = feed(it, 0, at);
  if (status >= 0 && at < RECORDS) status = change(it, state);
  if (status >= 0) status = feed(it, at, RECORDS);
  if (status >= 0) status = cep_engine_finish(it->engine, NULL);
  return status;
}

static void an_engine_that_was_put_back_goes_on_as_if_nothing_had_been(void **state)
{
  (void)state;
  static run plain;
  static bytes saved;
  plain = (run){.workers = "1"};
  assert_int_equal(whole_way(&plain, NULL, RECORDS, &saved), CEP_OK);
  assert_true(plain.alerts > 5);
  for (uint32_t at = 0; at < RECORDS; at++) {
    static run it;
    it = (run){.workers = at % 2 ? "1" : "3"};
    assert_int_equal(whole_way(&it, NULL, at, &saved), CEP_OK);
    assert_int_equal(it.out.len, plain.out.len);
    assert_memory_equal(it.out.at, plain.out.at, plain.out.len);
    for (uint32_t which = 0; which < CEP_STAT_COUNT; which++) {
      if (which == CEP_STAT_BYTES_IN_USE || which == CEP_STAT_TABLE_UNREAD) continue;
      assert_int_equal(cep_engine_stat(it.engine, (cep_stat)which, CEP_NONE), cep_engine_stat(plain.engine, (cep_stat)which, CEP_NONE));
    }
    end(&it);
  }
  end(&plain);
}

static void the_bytes_are_the_same_for_any_number_of_workers(void **state)
{
  (void)state;
  static const char *const workers[] = {"2", "3", "8"};
  for (uint32_t at = 0; at < RECORDS; at++) {
    static run one;
    static bytes expected, got;
    one = (run){.workers = "1"};
    assert_int_equal(whole_way(&one, NULL, at, &expected), CEP_OK);
    end(&one);
    for (size_t w = 0; w < sizeof workers / sizeof *workers; w++) {
      static run it;
      it = (run){.workers = workers[w]};
      assert_int_equal(whole_way(&it, NULL, at, &got), CEP_OK);
      assert_int_equal(got.len, expected.len);
      assert_memory_equal(got.at, expected.at, got.len);
      end(&it);
    }
  }
}

static void alerts_that_the_callback_did_not_want_yet_are_in_the_state(void **state)
{
  (void)state;
  static const char *const workers[] = {"1", "3"};
  static run plain;
  static bytes saved[2];
  plain = (run){.workers = "1"};
  assert_int_equal(whole_way(&plain, NULL, RECORDS, &saved[0]), CEP_OK);
  for (int w = 0; w < 2; w++) {
    static run it;
    it = (run){.workers = workers[w], .stop_at = 2};
    assert_int_equal(start(&it, NULL), CEP_OK);
    assert_int_equal(feed(&it, 0, RECORDS), CEP_OK);
    it.stop_at = it.alerts + 1; /* of what the end brings, only the first */
    assert_int_equal(cep_engine_finish(it.engine, NULL), CEP_STOPPED);
    it.stop_at = it.alerts + 1;
    assert_int_equal(cep_engine_checkpoint(it.engine, NULL, 0, put, &saved[w], NULL), CEP_STOPPED);
    saved[w].read = 0;
    cep_engine_free(it.engine);
    uint32_t before = it.alerts;
    assert_int_equal(cep_engine_restore(it.config, it.program, on_match, &it, get, &saved[w], &it.engine, NULL), CEP_OK);
    assert_int_equal(it.alerts, before);
    assert_int_equal(cep_engine_flush(it.engine, NULL), CEP_OK);
    assert_int_equal(it.out.len, plain.out.len);
    assert_memory_equal(it.out.at, plain.out.at, plain.out.len);
    end(&it);
    saved[w].read = 0;
  }
  end(&plain);
}

static void inputs_come_back_as_they_were_and_once(void **state)
{
  (void)state;
  static run it;
  static bytes saved;
  cep_input *again = NULL;
  it = (run){.workers = "1"};
  assert_int_equal(start(&it, NULL), CEP_OK);
  assert_int_equal(feed(&it, 0, 9), CEP_OK);
  assert_int_equal(change(&it, &saved), CEP_OK);
  assert_int_equal(cep_engine_input(it.engine, "In", 3, &again, NULL), CEP_E_INVALID);
  assert_int_equal(cep_engine_input(it.engine, "In", 4, &again, NULL), CEP_OK);
  assert_int_equal(cep_input_record(it.input, "ann,50,1", 8, 3, NULL), CEP_E_INVALID); /* a position that was */
  assert_int_equal(cep_input_record(it.input, "ann,20,1", 8, CEP_POSITION_NEXT, NULL), CEP_LATE);
  size_t len = 0;
  assert_memory_equal(cep_engine_position(it.engine, &len), "here", 4);
  assert_int_equal(len, 4);
  assert_null(cep_engine_position(NULL, &len));
  assert_int_equal(len, 0);
  end(&it);
}

/* ---- Bytes that are not what was written ---------------------------------------------------- */

static cep_status try_state(run *it, bytes *state, cep_error *err)
{
  cep_engine *engine = NULL;
  state->read = 0;
  cep_status status = cep_engine_restore(it->config, it->program, on_match, it, get, state, &engine, err);
  if (status >= 0) {
    run other = {.workers = it->workers, .engine = engine};
    if (equip(&other) >= 0) (void)feed(&other, 9, RECORDS);
    (void)cep_engine_finish(engine, NULL);
  }
  cep_engine_free(engine);
  return status;
}

static void make_state(run *it, bytes *state)
{
  assert_int_equal(start(it, NULL), CEP_OK);
  assert_int_equal(feed(it, 0, 9), CEP_OK);
  state->len = 0;
  assert_int_equal(cep_engine_checkpoint(it->engine, "x", 1, put, state, NULL), CEP_OK);
}

static void a_damaged_state_is_refused(void **state)
{
  (void)state;
  static run it;
  static bytes saved, other;
  it = (run){.workers = "1"};
  make_state(&it, &saved);
  for (size_t len = 0; len < saved.len; len++) {
    memcpy(other.at, saved.at, len);
    other.len = len;
    assert_int_equal(try_state(&it, &other, NULL), CEP_E_CORRUPT);
  }
  for (size_t i = 0; i < saved.len; i++) {
    memcpy(other.at, saved.at, saved.len);
    other.len = saved.len;
    other.at[i] ^= 0x40;
    assert_int_equal(try_state(&it, &other, NULL), i >= 8 && i < 12 ? CEP_E_VERSION : CEP_E_CORRUPT);
  }
  assert_int_equal(try_state(&it, &saved, NULL), CEP_OK);
  end(&it);
}

/* Whatever a forger says, it is refused, or it runs. */
static void a_forged_state_harms_nothing(void **state)
{
  (void)state;
  static const unsigned char values[] = {0, 1, 0x80, 0xFF};
  for (int w = 0; w < 2; w++) {
    static run it;
    static bytes saved, other;
    it = (run){.workers = w ? "3" : "1"};
    make_state(&it, &saved);
    for (size_t i = 20; i + 8 < saved.len; i += w ? 7 : 1) {
      for (size_t v = 0; v < sizeof values; v++) {
        memcpy(other.at, saved.at, saved.len);
        other.len = saved.len;
        other.at[i] = values[v];
        uint64_t sum = cb_hash64(other.at, other.len - 8);
        for (int b = 0; b < 8; b++) other.at[other.len - 8 + (size_t)b] = (unsigned char)(sum >> (8 * b));
        it.out.len = 0;
        cep_status status = try_state(&it, &other, NULL);
        assert_true(status == CEP_OK || status == CEP_E_CORRUPT || status == CEP_E_NOMEM);
      }
    }
    end(&it);
  }
}

static void a_state_of_another_program_is_refused(void **state)
{
  (void)state;
  static run it, other;
  static bytes saved;
  cep_error err = {0};
  it = (run){.workers = "1"};
  other = (run){.workers = "1"};
  make_state(&it, &saved);
  assert_int_equal(begin(&other, NULL, "stream A from stdin format json { time ts s }\ndetect d within 1s { match A as a }\n"), CEP_OK);
  assert_int_equal(try_state(&other, &saved, &err), CEP_E_MISMATCH);
  assert_non_null(strstr(err.text, "another program"));
  end(&it);
  end(&other);
}

static cep_status refuse_write(void *ctx, const void *data, size_t len)
{
  (void)ctx;
  (void)data;
  (void)len;
  return CEP_E_IO;
}

static cep_status refuse_read(void *ctx, void *data, size_t cap, size_t *len)
{
  (void)ctx;
  (void)data;
  (void)cap;
  (void)len;
  return CEP_E_IO;
}

static void a_place_that_cannot_be_written_or_read_is_a_status(void **state)
{
  (void)state;
  static run it;
  cep_engine *engine = NULL;
  it = (run){.workers = "1"};
  assert_int_equal(start(&it, NULL), CEP_OK);
  assert_int_equal(cep_engine_checkpoint(it.engine, NULL, 0, refuse_write, NULL, NULL), CEP_E_IO);
  assert_int_equal(cep_engine_restore(it.config, it.program, on_match, &it, refuse_read, NULL, &engine, NULL), CEP_E_IO);
  assert_null(engine);
  assert_int_equal(feed(&it, 0, RECORDS), CEP_OK); /* the engine goes on */
  assert_int_equal(cep_engine_checkpoint(it.engine, NULL, 1, put, NULL, NULL), CEP_E_INVALID);
  assert_int_equal(cep_engine_checkpoint(it.engine, NULL, 0, NULL, NULL, NULL), CEP_E_INVALID);
  assert_int_equal(cep_engine_restore(it.config, it.program, on_match, &it, NULL, NULL, &engine, NULL), CEP_E_INVALID);
  end(&it);
}

static int save_and_go_on(const cep_allocator *allocator, void *ctx)
{
  static run it;
  static bytes saved;
  it = (run){.workers = ctx};
  cep_status status = whole_way(&it, allocator, 17, &saved);
  end(&it);
  return status;
}

static void memory_refused_at_every_request_is_no_more_than_a_status(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(save_and_go_on, "1") > 50);
  assert_true(fault_alloc_sweep(save_and_go_on, "2") > 100);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_engine_that_was_put_back_goes_on_as_if_nothing_had_been),
      cmocka_unit_test(the_bytes_are_the_same_for_any_number_of_workers),
      cmocka_unit_test(alerts_that_the_callback_did_not_want_yet_are_in_the_state),
      cmocka_unit_test(inputs_come_back_as_they_were_and_once),
      cmocka_unit_test(a_damaged_state_is_refused),
      cmocka_unit_test(a_forged_state_harms_nothing),
      cmocka_unit_test(a_state_of_another_program_is_refused),
      cmocka_unit_test(a_place_that_cannot_be_written_or_read_is_a_status),
      cmocka_unit_test(memory_refused_at_every_request_is_no_more_than_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
