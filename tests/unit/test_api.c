/* test_api.c - engines through cep.h: every documented error, time, callbacks, statistics. */
#include "tests/support/test.h"

#include "tests/support/api_bench.h"

/* ---- The way through --------------------------------------------------------------------- */

static void pushed_rows_make_a_match(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  assert_int_equal(push_match(&b), CEP_OK);
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(b.matches, 1);
  assert_non_null(strstr(b.json, "\"detection\":\"brute\""));
  assert_non_null(strstr(b.json, "\"key\":{\"user\":\"ann\"}"));
  assert_non_null(strstr(b.json, "\"emit\":{\"attempts\":3,\"last\":null}"));
  assert_non_null(strstr(b.json, "\"meta\":{\"severity\":\"high\"}"));
  assert_null(strchr(b.json, '\n'));
  account(&b, 4);
  close_bench(&b);
}

static void records_make_the_same_match(void **state)
{
  (void)state;
  bench b, c;
  open_bench(&b);
  open_bench(&c);
  assert_int_equal(push_match(&b), CEP_OK);
  for (int i = 1; i <= 4; i++) {
    char record[100];
    int len = snprintf(record, sizeof record, "{\"ts\":%d,\"user\":\"ann\",\"ok\":%s}", i,
                       i == 4 ? "true" : "false");
    assert_int_equal(cep_input_record(c.login, record, (size_t)len, CEP_POSITION_NEXT, NULL), CEP_OK);
  }
  assert_int_equal(b.matches, 1);
  assert_string_equal(b.json, c.json);
  account(&c, 4);
  close_bench(&b);
  close_bench(&c);
}

static int check_match(void *ctx, const cep_match *match)
{
  bench *b = ctx;
  const char *name = NULL;
  b->matches++;
  assert_int_equal(cep_match_detection(match), 0);
  assert_int_equal(cep_match_what(match), CEP_MATCH);
  assert_non_null(cep_match_id(match));
  assert_int_equal(cep_match_time(match), 4000000000);
  assert_int_equal(cep_match_time_first(match), 1000000000);
  assert_int_equal(cep_match_time_last(match), 4000000000);
  assert_int_equal(cep_match_suppressed(match), 0);
  const cep_value *key = cep_match_key(match, 0, &name);
  assert_non_null(key);
  assert_string_equal(name, "user");
  assert_int_equal(key->kind, CEP_STRING);
  assert_memory_equal(key->as.s, "ann", 3);
  assert_null(cep_match_key(match, 1, &name));
  const cep_value *value = cep_match_value(match, 0, &name);
  assert_non_null(value);
  assert_string_equal(name, "attempts");
  assert_int_equal(value->as.i, 3);
  assert_non_null(cep_match_value(match, 1, NULL));
  assert_null(cep_match_value(match, 2, NULL));
  assert_int_equal(cep_match_event_count(match), 4);
  cep_captured event = {.size = sizeof event};
  assert_int_equal(cep_match_event(match, 3, &event), CEP_OK);
  assert_string_equal(event.step, "success");
  assert_string_equal(event.stream, "Login");
  assert_string_equal(event.input, "Login");
  assert_int_equal(event.partition, 0);
  assert_int_equal(event.step_number, 1);
  assert_int_equal(event.position, 3);
  assert_int_equal(event.time, 4000000000);
  /* An older caller's struct is filled as far as it goes. */
  event = (cep_captured){.size = 8, .step = "untouched"};
  assert_int_equal(cep_match_event(match, 0, &event), CEP_OK);
  assert_int_equal(event.step_number, 0);
  assert_string_equal(event.step, "untouched");
  assert_int_equal(event.size, 8);
  event.size = 0;
  assert_int_equal(cep_match_event(match, 0, &event), CEP_E_INVALID);
  event.size = sizeof event;
  assert_int_equal(cep_match_event(match, 4, &event), CEP_E_NOT_FOUND);
  assert_int_equal(cep_match_event(match, 0, NULL), CEP_E_INVALID);
  assert_int_equal(cep_match_write_json(match, NULL, NULL), CEP_E_INVALID);
  return 0;
}

static void a_match_shows_all_its_parts(void **state)
{
  (void)state;
  bench b;
  open_with(&b, check_match);
  assert_int_equal(push_match(&b), CEP_OK);
  assert_int_equal(b.matches, 1);
  close_bench(&b);
}

/* ---- Arguments of engines ------------------------------------------------------------------- */

static void engine_calls_name_missing_arguments(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  cep_engine *engine = NULL;
  cep_input *input = NULL;
  cep_error err = {0};
  assert_int_equal(cep_engine_new(NULL, b.program, on_match, NULL, &engine, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_new(b.config, NULL, on_match, NULL, &engine, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_new(b.config, b.program, NULL, NULL, &engine, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'on_match' is NULL");
  assert_int_equal(cep_engine_new(b.config, b.program, on_match, NULL, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_input(NULL, "Login", 0, &input, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_input(b.engine, NULL, 0, &input, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_input(b.engine, "Login", 0, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_input(b.engine, "Nope", 0, &input, &err), CEP_E_NOT_FOUND);
  assert_string_equal(err.text, "there is no input \"Nope\"");
  assert_int_equal(cep_engine_input(b.engine, "Login", 0, &input, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_input(b.engine, "Login", 1, &input, &err), CEP_OK);
  assert_int_equal(cep_input_push(NULL, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_push(b.login, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_record(NULL, "", 0, 0, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_record(b.login, NULL, 1, 0, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_refuse(NULL, "", 0, 0, "torn", &err), CEP_E_INVALID);
  assert_int_equal(cep_input_refuse(b.login, "", 0, 0, NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_advance(NULL, 0, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_idle(NULL, 1, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_end(NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_flush(NULL, &err), CEP_E_INVALID);
  assert_int_equal(cep_engine_finish(NULL, &err), CEP_E_INVALID);
  assert_true(cep_engine_watermark(NULL, NULL) == CEP_TIME_MIN);
  assert_null(cep_input_name(NULL));
  assert_string_equal(cep_input_name(b.login), "Login");
  cep_engine_free(NULL);
  account(&b, 0);
  close_bench(&b);
}

static void an_event_that_breaks_the_contract_is_invalid(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  cep_value fields[4] = {
      {CEP_TIME, 0, {.i = 1}}, {CEP_STRING, 3, {.s = "ann"}}, {CEP_BOOL, 0, {.i = 1}}, {CEP_NULL, 0, {0}}};
  const cep_event good = {sizeof good, 0, 1, 5, fields, 4};
  cep_error err = {0};
  cep_event event = good;
  event.size = 8;
  assert_int_equal(cep_input_push(b.login, &event, &err), CEP_E_INVALID);
  event = good;
  event.stream = 99;
  assert_int_equal(cep_input_push(b.login, &event, &err), CEP_E_INVALID);
  event.stream = 1;
  assert_int_equal(cep_input_push(b.login, &event, &err), CEP_E_INVALID);
  assert_string_equal(err.text,
                      "argument 'event' is of stream \"Door\", which is not read from input \"Login\"");
  event = good;
  event.field_count = 3;
  assert_int_equal(cep_input_push(b.login, &event, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'event' has 3 fields; stream \"Login\" has 4");
  event = good;
  event.fields = NULL;
  assert_int_equal(cep_input_push(b.login, &event, &err), CEP_E_INVALID);
  fields[1].as.s = NULL;
  assert_int_equal(cep_input_push(b.login, &good, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'event' has no well-formed value for field \"user\"");
  fields[1].as.s = "ann";
  fields[2].as.i = 2;
  assert_int_equal(cep_input_push(b.login, &good, &err), CEP_E_INVALID);
  fields[2].as.i = 1;
  fields[3] = (cep_value){99, 0, {0}};
  assert_int_equal(cep_input_push(b.login, &good, &err), CEP_E_INVALID);
  fields[3] = (cep_value){CEP_IP, 4, {.s = "abcd"}};
  assert_int_equal(cep_input_push(b.login, &good, &err), CEP_E_INVALID);
  fields[3] = (cep_value){CEP_NULL, 0, {0}};
  account(&b, 0);
  assert_int_equal(cep_input_push(b.login, &good, &err), CEP_OK);
  assert_int_equal(cep_input_push(b.login, &good, &err), CEP_E_INVALID); /* position 5 again */
  event = good;
  event.position = 4;
  assert_int_equal(cep_input_push(b.login, &event, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_record(b.login, "{}", 2, 5, &err), CEP_E_INVALID);
  assert_int_equal(cep_input_refuse(b.login, "{}", 2, 5, "torn", &err), CEP_E_INVALID);
  account(&b, 1);
  close_bench(&b);
}

static void a_value_of_another_kind_goes_to_the_dead_letters(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  cep_value fields[4] = {
      {CEP_TIME, 0, {.i = 1}}, {CEP_STRING, 3, {.s = "ann"}}, {CEP_INT, 0, {.i = 1}}, {CEP_NULL, 0, {0}}};
  cep_event event = {sizeof event, 0, 1, CEP_POSITION_NEXT, fields, 4};
  assert_int_equal(cep_input_push(b.login, &event, NULL), CEP_OK);
  assert_int_equal(b.dead, 1);
  assert_string_equal(b.reason, "type");
  assert_non_null(strstr(b.detail, "'ok'"));
  fields[2] = (cep_value){CEP_NULL, 0, {0}};
  assert_int_equal(cep_input_push(b.login, &event, NULL), CEP_OK);
  assert_int_equal(b.dead, 2);
  assert_string_equal(b.reason, "null");
  account(&b, 2);
  close_bench(&b);
}

static void records_that_do_not_decode_go_to_the_dead_letters(void **state)
{
  (void)state;
  static const char *const records[] = {
      "", "{", "[]", "{\"ts\":\"x\"}", "{\"ts\":1,\"user\":1,\"ok\":true}", "{\"ts\":1,\"ok\":true}"};
  static const char *const reasons[] = {"json", "json", "json", "time", "type", "null"};
  bench b;
  open_bench(&b);
  for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
    assert_int_equal(cep_input_record(b.login, records[i], strlen(records[i]), CEP_POSITION_NEXT, NULL),
                     CEP_OK);
    assert_int_equal(b.dead, i + 1);
    assert_string_equal(b.reason, reasons[i]);
  }
  assert_int_equal(cep_input_refuse(b.login, "torn off", 8, CEP_POSITION_NEXT, "torn", NULL), CEP_OK);
  assert_string_equal(b.reason, "torn");
  account(&b, 7);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_DEAD, 0), 7);
  close_bench(&b);
}

/* ---- Time ------------------------------------------------------------------------------------- */

static void an_event_behind_the_watermark_is_late(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  assert_int_equal(push(&b, 10, "ann", 0), CEP_OK);
  assert_int_equal(push(&b, 8, "ann", 0), CEP_LATE);
  assert_int_equal(b.late, 1);
  assert_int_equal(b.lateness_needed, 2000000000);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_LATE, 0), 1);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_LATENESS_NEEDED, 0), 2000000000);
  account(&b, 2);
  close_bench(&b);
}

static void a_watermark_goes_forward_only(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  const cep_input *held_by = NULL;
  assert_int_equal(cep_input_advance(b.login, 100, NULL), CEP_OK);
  assert_int_equal(cep_input_advance(b.login, 100, NULL), CEP_OK);
  assert_int_equal(cep_input_advance(b.login, 99, NULL), CEP_E_INVALID);
  assert_int_equal(cep_engine_watermark(b.engine, &held_by), 100);
  assert_ptr_equal(held_by, b.login);
  assert_int_equal(push(&b, 1, "ann", 0), CEP_OK);
  assert_int_equal(cep_input_advance(b.login, 500, NULL), CEP_OK); /* behind the newest time: nothing */
  assert_int_equal(cep_engine_watermark(b.engine, NULL), 1000000000);
  close_bench(&b);
}

static void an_idle_input_holds_nothing_back(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  assert_int_equal(cep_engine_input(b.engine, "Door", 0, &b.door, NULL), CEP_OK);
  assert_int_equal(push_match(&b), CEP_OK);
  assert_int_equal(b.matches, 0); /* the door may still say something older */
  assert_int_equal(cep_input_idle(b.door, 1, NULL), CEP_OK);
  assert_int_equal(cep_engine_flush(b.engine, NULL), CEP_OK);
  assert_int_equal(b.matches, 1);
  close_bench(&b);
}

static void an_ended_input_and_a_finished_engine_take_nothing(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  assert_int_equal(cep_engine_input(b.engine, "Door", 0, &b.door, NULL), CEP_OK);
  assert_int_equal(push_match(&b), CEP_OK);
  assert_int_equal(cep_input_end(b.door, NULL), CEP_OK);
  assert_int_equal(b.matches, 1);
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(push(&b, 100, "ann", 0), CEP_E_INVALID);
  assert_int_equal(cep_input_record(b.login, "{}", 2, CEP_POSITION_NEXT, NULL), CEP_E_INVALID);
  cep_input *input = NULL;
  assert_int_equal(cep_engine_input(b.engine, "Login", 7, &input, NULL), CEP_E_INVALID);
  account(&b, 4);
  close_bench(&b);
}

static void more_held_events_than_allowed_are_a_limit(void **state)
{
  (void)state;
  bench b;
  memset(&b, 0, sizeof b);
  b.config = rules_config();
  assert_int_equal(cep_config_set(b.config, "held.max", "2", NULL), CEP_OK);
  b.program = rules_compile(b.config, login_rules);
  assert_int_equal(cep_engine_new(b.config, b.program, on_match, &b, &b.engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(b.engine, "Login", 0, &b.login, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(b.engine, "Door", 0, &b.door, NULL), CEP_OK);
  assert_int_equal(push(&b, 1, "ann", 0), CEP_OK);
  assert_int_equal(push(&b, 2, "ann", 0), CEP_OK);
  assert_int_equal(push(&b, 3, "ann", 0), CEP_E_LIMIT);
  account(&b, 2);
  assert_int_equal(cep_input_advance(b.door, 5000000000, NULL), CEP_OK);
  assert_int_equal(push(&b, 3, "ann", 0), CEP_OK);
  assert_int_equal(push(&b, 4, "ann", 1), CEP_OK);
  assert_int_equal(b.matches, 1);
  close_bench(&b);
}

/* ---- Callbacks ----------------------------------------------------------------------------------- */

static int meddle(void *ctx, const cep_match *match)
{
  bench *b = ctx;
  (void)match;
  b->matches++;
  cep_error err = {0};
  cep_input *input = NULL;
  cep_event event = {sizeof event, 0, 0, CEP_POSITION_NEXT, NULL, 0};
  cep_value fields[4] = {
      {CEP_TIME, 0, {.i = 1}}, {CEP_STRING, 3, {.s = "ann"}}, {CEP_BOOL, 0, {.i = 1}}, {CEP_NULL, 0, {0}}};
  event.fields = fields;
  event.field_count = 4;
  assert_int_equal(cep_input_push(b->login, &event, &err), CEP_E_BUSY);
  assert_int_equal(cep_input_record(b->login, "{}", 2, 0, &err), CEP_E_BUSY);
  assert_int_equal(cep_input_refuse(b->login, "", 0, 0, "x", &err), CEP_E_BUSY);
  assert_int_equal(cep_input_advance(b->login, 0, &err), CEP_E_BUSY);
  assert_int_equal(cep_input_idle(b->login, 1, &err), CEP_E_BUSY);
  assert_int_equal(cep_input_end(b->login, &err), CEP_E_BUSY);
  assert_int_equal(cep_engine_flush(b->engine, &err), CEP_E_BUSY);
  assert_int_equal(cep_engine_finish(b->engine, &err), CEP_E_BUSY);
  assert_int_equal(cep_engine_input(b->engine, "Door", 0, &input, &err), CEP_E_BUSY);
  assert_string_equal(err.text, "a callback of the engine may not change the engine");
  cep_engine_stat(b->engine, CEP_STAT_MATCHES, CEP_NONE); /* reading is allowed */
  cep_engine_watermark(b->engine, NULL);
  return 0;
}

static void a_callback_may_not_change_its_engine(void **state)
{
  (void)state;
  bench b;
  open_with(&b, meddle);
  assert_int_equal(push_match(&b), CEP_OK);
  assert_int_equal(b.matches, 1);
  assert_int_equal(push_match(&b), CEP_LATE); /* and the engine is free again */
  close_bench(&b);
}

static void stopped_matches_come_first_in_the_next_call(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  for (int i = 1; i <= 3; i++) {
    assert_int_equal(push(&b, i, "ann", 0), CEP_OK);
    assert_int_equal(push(&b, i, "bob", 0), CEP_OK);
  }
  b.stop = 1;
  assert_int_equal(push(&b, 4, "ann", 1), CEP_STOPPED);
  assert_int_equal(b.matches, 1);
  assert_int_equal(push(&b, 5, "bob", 1), CEP_STOPPED);
  assert_int_equal(b.matches, 2);
  b.stop = 0;
  assert_int_equal(cep_engine_finish(b.engine, NULL), CEP_OK);
  assert_int_equal(b.matches, 2);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_ALERTS_OUT, 0), 2);
  close_bench(&b);
}

/* Failures of ann at 1, 2, 3 s, a success at 4 s, and again from 5 s on. */
static void draw_rows(cep_event *events, cep_value fields[][4], uint32_t count)
{
  for (uint32_t i = 0; i < count; i++) {
    fields[i][0] = (cep_value){CEP_TIME, 0, {.i = (i + 1) * 1000000000ll}};
    fields[i][1] = (cep_value){CEP_STRING, 3, {.s = "ann"}};
    fields[i][2] = (cep_value){CEP_BOOL, 0, {.i = i % 4 == 3}};
    fields[i][3] = (cep_value){CEP_NULL, 0, {0}};
    events[i] = (cep_event){sizeof *events, 0, fields[i][0].as.i, CEP_POSITION_NEXT, fields[i], 4};
  }
}

static void many_rows_are_taken_by_one_call(void **state)
{
  (void)state;
  bench b;
  cep_event events[8];
  cep_value fields[8][4];
  uint32_t taken = 99;
  open_bench(&b);
  draw_rows(events, fields, 8);
  assert_int_equal(cep_input_push_all(b.login, events, 8, &taken, NULL), CEP_OK);
  assert_int_equal(taken, 8);
  assert_int_equal(b.matches, 2);
  assert_int_equal(cep_input_push_all(b.login, events, 0, &taken, NULL), CEP_OK);
  assert_int_equal(taken, 0);
  assert_int_equal(cep_input_push_all(b.login, events, 2, NULL, NULL), CEP_LATE);
  assert_int_equal(b.late, 2);
  assert_int_equal(cep_input_push_all(NULL, events, 2, &taken, NULL), CEP_E_INVALID);
  assert_int_equal(cep_input_push_all(b.login, NULL, 2, &taken, NULL), CEP_E_INVALID);
  account(&b, 10);
  close_bench(&b);
}

static void of_many_rows_those_before_one_that_is_refused_are_taken(void **state)
{
  (void)state;
  bench b;
  cep_event events[8];
  cep_value fields[8][4];
  uint32_t taken = 99;
  cep_error err = {0};
  open_bench(&b);
  draw_rows(events, fields, 8);
  fields[6][2].as.i = 2;
  assert_int_equal(cep_input_push_all(b.login, events, 8, &taken, &err), CEP_E_INVALID);
  assert_string_equal(err.text, "argument 'event' has no well-formed value for field \"ok\"");
  assert_int_equal(taken, 6);
  account(&b, 6);
  fields[6][2].as.i = 0;
  assert_int_equal(cep_input_push_all(b.login, events + taken, 8 - taken, &taken, &err), CEP_OK);
  assert_int_equal(taken, 2);
  assert_int_equal(b.matches, 2);
  close_bench(&b);
}

static void a_callback_that_says_stop_ends_a_call_with_many_rows(void **state)
{
  (void)state;
  bench b;
  cep_event events[8];
  cep_value fields[8][4];
  uint32_t taken = 99;
  open_bench(&b);
  draw_rows(events, fields, 8);
  b.stop = 1;
  assert_int_equal(cep_input_push_all(b.login, events, 8, &taken, NULL), CEP_STOPPED);
  assert_int_equal(taken, 4);
  assert_int_equal(b.matches, 1);
  assert_int_equal(cep_input_push_all(b.login, events + 4, 4, &taken, NULL), CEP_STOPPED);
  assert_int_equal(taken, 4);
  account(&b, 8);
  close_bench(&b);
}

static int free_engine(void *ctx, const cep_match *match)
{
  bench *b = ctx;
  (void)match;
  b->matches++;
  cep_engine_free(b->engine);
  b->engine = NULL;
  return 0;
}

static void an_engine_freed_by_its_callback_ends_after_the_call(void **state)
{
  (void)state;
  bench b;
  open_with(&b, free_engine);
  assert_true(push_match(&b) >= 0);
  assert_int_equal(b.matches, 1);
  close_bench(&b);
}

/* ---- Statistics ------------------------------------------------------------------------------------ */

static void statistics_are_by_scope(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  assert_int_equal(push_match(&b), CEP_OK);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_READ, 0), 4);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_READ, 1), 0);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_READ, 2), 0);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_READ, CEP_NONE), 4);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_STREAM_EVENTS, 0), 4);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_EVENTS_IN, 0), 4);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_MATCHES, 0), 1);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_MATCHES, 1), 0);
  assert_true(cep_engine_stat(b.engine, CEP_STAT_BYTES_IN_USE, CEP_NONE) > 0);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_BYTES_IN_USE, 0), 0);
  assert_int_equal(cep_engine_stat(b.engine, (cep_stat)9999, CEP_NONE), 0);
  assert_int_equal(cep_engine_stat(NULL, CEP_STAT_MATCHES, 0), 0);
  assert_string_equal(cep_stat_name(CEP_STAT_RECORDS_READ), "RECORDS_READ");
  assert_string_equal(cep_stat_name(CEP_STAT_COUNT), "");
  close_bench(&b);
}

static void count_lines(void *ctx, cep_log_level level, const char *text, size_t len)
{
  assert_true(level <= CEP_LOG_DEBUG);
  assert_int_equal(strlen(text), len);
  ++*(uint32_t *)ctx;
}

static void the_log_is_told_of_a_compile(void **state)
{
  (void)state;
  uint32_t lines = 0;
  cep_config *config = rules_config();
  cep_config_set_log(config, count_lines, &lines);
  cep_program_free(rules_compile(config, login_rules));
  assert_int_equal(lines, 1);
  cep_config_free(config);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pushed_rows_make_a_match),
      cmocka_unit_test(records_make_the_same_match),
      cmocka_unit_test(a_match_shows_all_its_parts),
      cmocka_unit_test(engine_calls_name_missing_arguments),
      cmocka_unit_test(an_event_that_breaks_the_contract_is_invalid),
      cmocka_unit_test(a_value_of_another_kind_goes_to_the_dead_letters),
      cmocka_unit_test(records_that_do_not_decode_go_to_the_dead_letters),
      cmocka_unit_test(an_event_behind_the_watermark_is_late),
      cmocka_unit_test(a_watermark_goes_forward_only),
      cmocka_unit_test(an_idle_input_holds_nothing_back),
      cmocka_unit_test(an_ended_input_and_a_finished_engine_take_nothing),
      cmocka_unit_test(more_held_events_than_allowed_are_a_limit),
      cmocka_unit_test(a_callback_may_not_change_its_engine),
      cmocka_unit_test(stopped_matches_come_first_in_the_next_call),
      cmocka_unit_test(many_rows_are_taken_by_one_call),
      cmocka_unit_test(of_many_rows_those_before_one_that_is_refused_are_taken),
      cmocka_unit_test(a_callback_that_says_stop_ends_a_call_with_many_rows),
      cmocka_unit_test(an_engine_freed_by_its_callback_ends_after_the_call),
      cmocka_unit_test(statistics_are_by_scope),
      cmocka_unit_test(the_log_is_told_of_a_compile),
  };
  return cmocka_run_group_tests_name("cep/api_engine", tests, NULL, NULL);
}
