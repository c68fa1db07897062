/* test_live.c - a run by a clock that the test turns: idleness, how far is read ahead, refresh, timeouts without a record. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cep/cep_io.h"
#include "tests/support/rules.h"

#define SECOND INT64_C(1000000000)
#define START (1000 * SECOND) /* far from the times of events: the two must not meet */

/* What the world does when the clock shows `at` seconds. Of one file; text NULL: it goes away. */
typedef struct act {
  int at;
  const char *file;
  const char *mode; /* of fopen */
  const char *text;
} act;

typedef struct bench {
  char folder[32];
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_pipeline *pipeline;
  const act *acts; /* by time; the last has no file and ends the run */
  cep_time now;
  char told[1024]; /* "second of the clock:detection@event time" of each alert, '!' behind marked ones */
  uint32_t read_again, kept;
  const char *drift_max, *idle_after; /* settings; NULL: as they are */
  int is_watched;
  char watched[512];                  /* "second of the clock: who holds time@where for so long, events that wait" each two seconds */
  uint64_t held_most;                 /* events that waited at once, whenever there was nothing to read */
} bench;

static void path_of(const bench *b, const char *name, char path[64])
{
  snprintf(path, 64, "%s/%s", b->folder, name);
}

static void put(const bench *b, const char *name, const char *mode, const char *text)
{
  char path[64];
  path_of(b, name, path);
  if (!text) {
    assert_int_equal(unlink(path), 0);
    return;
  }
  FILE *file = fopen(path, mode);
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static int on_match(void *ctx, const cep_match *match)
{
  bench *b = ctx;
  size_t len = strlen(b->told);
  const char *kind = cep_match_what(match) == CEP_TIMEOUT ? "timeout of " : "";
  snprintf(b->told + len, sizeof b->told - len, "%s%d: %s%s@%g%s", len > 0 ? ", " : "", (int)((b->now - START) / SECOND), kind,
           cep_program_detection_name(b->program, cep_match_detection(match)), (double)cep_match_time(match) / 1e9,
           cep_match_clock(match) ? "!" : "");
  return 0;
}

static cep_time show(void *ctx)
{
  return ((bench *)ctx)->now;
}

/* Nothing was to be read: a second passes. */
static int a_second_passes(void *ctx, int wake_fd)
{
  bench *b = ctx;
  (void)wake_fd;
  uint64_t held = cep_engine_stat(b->engine, CEP_STAT_EVENTS_HELD, CEP_NONE);
  if (held > b->held_most) b->held_most = held;
  b->now += SECOND;
  for (; b->now - START >= b->acts->at * SECOND; b->acts++) {
    if (!b->acts->file) return 1;
    put(b, b->acts->file, b->acts->mode, b->acts->text);
  }
  return 0;
}

static void on_progress(void *ctx)
{
  bench *b = ctx;
  cep_pipeline_state state = {.size = sizeof state};
  cep_source_state source = {.size = sizeof source};
  assert_int_equal(cep_pipeline_look(b->pipeline, &state), CEP_OK);
  assert_int_equal(state.now, b->now);
  assert_true(state.is_waiting); /* in these tests the clock goes on only then */
  assert_int_equal(cep_pipeline_look_at(b->pipeline, state.sources, &source), CEP_E_NOT_FOUND);
  if (state.held_by != CEP_NONE) assert_int_equal(cep_pipeline_look_at(b->pipeline, state.held_by, &source), CEP_OK);
  size_t len = strlen(b->watched);
  snprintf(b->watched + len, sizeof b->watched - len, "%s%d: %s@%g for %d, %d", len > 0 ? "; " : "", (int)((b->now - START) / SECOND),
           state.held_by == CEP_NONE ? "none" : source.input, (double)state.frontier / 1e9, (int)((state.now - state.since) / SECOND),
           (int)cep_engine_stat(b->engine, CEP_STAT_EVENTS_HELD, CEP_NONE));
}

static void on_table(void *ctx, const char *name, const char *path, cep_status status, const cep_error *err)
{
  bench *b = ctx;
  (void)path;
  (void)err;
  assert_string_equal(name, "good");
  b->read_again += status >= 0;
  b->kept += status < 0;
}

static void run_counted(bench *b, const char *rules, const char *const *inputs, const act *acts)
{
  cep_error err = {0};
  b->config = rules_config();
  if (b->drift_max) assert_int_equal(cep_config_set(b->config, "drift.max", b->drift_max, NULL), CEP_OK);
  if (b->idle_after) assert_int_equal(cep_config_set(b->config, "idle.after", b->idle_after, NULL), CEP_OK);
  b->program = rules_compile(b->config, rules);
  b->now = START;
  b->acts = acts;
  assert_int_equal(cep_engine_new(b->config, b->program, on_match, b, &b->engine, NULL), CEP_OK);
  assert_int_equal(cep_pipeline_new(b->config, b->engine, &b->pipeline, &err), CEP_OK);
  assert_int_equal(cep_pipeline_clock(b->pipeline, show, b, &err), CEP_OK);
  assert_int_equal(cep_pipeline_follow(b->pipeline, a_second_passes, b, &err), CEP_OK);
  assert_int_equal(cep_pipeline_on_table(b->pipeline, on_table, b, &err), CEP_OK);
  if (b->is_watched) assert_int_equal(cep_pipeline_on_progress(b->pipeline, 2 * SECOND, on_progress, b, &err), CEP_OK);
  char path[64];
  for (; *inputs; inputs++) {
    path_of(b, *inputs, path);
    assert_int_equal(cep_pipeline_source(b->pipeline, *inputs, 0, path, &err), CEP_OK);
  }
  if (cep_program_table_count(b->program) > 0) {
    path_of(b, "good", path);
    assert_int_equal(cep_pipeline_table(b->pipeline, "good", path, &err), CEP_OK);
  }
  assert_int_equal(cep_pipeline_run(b->pipeline, &err), CEP_STOPPED);
}

static void run(bench *b, const char *rules, const char *const *inputs, const act *acts, const char *expected)
{
  run_counted(b, rules, inputs, acts);
  assert_string_equal(b->told, expected);
}

static void open_bench(bench *b)
{
  *b = (bench){.folder = "/tmp/cep-live-XXXXXX"};
  assert_non_null(mkdtemp(b->folder));
}

static void close_bench(bench *b)
{
  static const char *const names[] = {"A", "B", "good"};
  char path[64];
  cep_pipeline_free(b->pipeline);
  cep_engine_free(b->engine);
  cep_program_free(b->program);
  cep_config_free(b->config);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    path_of(b, names[i], path);
    (void)unlink(path);
  }
  assert_int_equal(rmdir(b->folder), 0);
}

static const char *const both[] = {"A", "B", NULL};
static const char *const one[] = {"A", NULL};

#define IDLE_RULES(idle)                                  \
  "stream A { time ts s" idle "  k: int }\n"              \
  "stream B { time ts s  k: int }\n"                      \
  "detect b within 1m { match B as x emit { k: x.k } }\n" \
  "detect a within 1m { match A as x emit { k: x.k } }\n"

static void a_silent_input_holds_the_others_until_it_is_idle(void **state)
{
  (void)state;
  static const act acts[] = {
      {3, "B", "a", "{\"ts\":60,\"k\":3}\n"},
      {9, "A", "a", "{\"ts\":20,\"k\":4}\n{\"ts\":70,\"k\":5}\n"}, /* the first is late now */
      {11, "B", "a", "{\"ts\":65,\"k\":6}\n"},
      {12, "A", "a", "{\"ts\":80,\"k\":7}\n"},
      {13, "B", "a", "{\"ts\":75,\"k\":8}\n"},
      {14, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  put(&b, "A", "w", "{\"ts\":10,\"k\":1}\n");
  put(&b, "B", "w", "{\"ts\":5,\"k\":0}\n{\"ts\":50,\"k\":2}\n");
  run(&b, IDLE_RULES(" idle 5s"), both, acts,
      "0: b@5, 0: a@10, 5: b@50!, 5: b@60!, 11: b@65!, 13: a@70!, 13: b@75!");
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_LATE, 0), 1);
  close_bench(&b);
}

static void what_a_run_waits_for_can_be_asked(void **state)
{
  (void)state;
  static const act acts[] = {{3, "B", "a", "{\"ts\":60,\"k\":3}\n"},
                             {7, "A", "a", "{\"ts\":55,\"k\":5}\n{\"ts\":70,\"k\":5}\n"},
                             {11, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  b.is_watched = 1;
  put(&b, "A", "w", "{\"ts\":10,\"k\":1}\n");
  put(&b, "B", "w", "{\"ts\":5,\"k\":0}\n{\"ts\":50,\"k\":2}\n");
  run(&b, IDLE_RULES(" idle 5s"), both, acts, "0: b@5, 0: a@10, 5: b@50!, 5: b@60!");
  assert_string_equal(b.watched, "2: A@10 for 2, 1; 4: A@10 for 4, 2; 6: B@60 for 1, 0; 8: B@60 for 3, 1; 10: B@60 for 5, 1");
  cep_source_state source = {.size = sizeof source};
  assert_int_equal(cep_pipeline_look_at(b.pipeline, 0, &source), CEP_OK);
  assert_int_equal(source.records, 3);
  assert_int_equal(source.newest, 70 * SECOND);
  assert_int_equal(source.heard, START + 7 * SECOND);
  assert_int_equal(source.waited, 5 * SECOND);
  assert_int_equal(source.idle_after, 5 * SECOND);
  assert_false(source.is_idle || source.is_far || source.is_ended);
  assert_int_equal(cep_pipeline_look_at(b.pipeline, 1, &source), CEP_OK);
  assert_int_equal(source.waited, 6 * SECOND);
  assert_int_equal(cep_pipeline_on_progress(b.pipeline, 0, on_progress, &b, NULL), CEP_E_INVALID);
  close_bench(&b);
}

static void if_the_rules_say_nothing_it_is_a_minute(void **state)
{
  (void)state;
  static const act acts[] = {{100, "A", "a", "{\"ts\":90,\"k\":2}\n"}, {101, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  put(&b, "A", "w", "{\"ts\":10,\"k\":1}\n");
  put(&b, "B", "w", "{\"ts\":50,\"k\":2}\n");
  run(&b, IDLE_RULES(""), both, acts, "0: a@10, 60: b@50!, 100: a@90!");
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_IDLE_SET, CEP_NONE), 2);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_ALERTS_CLOCK, CEP_NONE), 2);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_LATE, CEP_NONE), 0);
  close_bench(&b);
}

static void who_is_alone_is_not_called_idle(void **state)
{
  (void)state;
  static const act acts[] = {{100, "A", "a", "{\"ts\":90,\"k\":2}\n"}, {101, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  put(&b, "A", "w", "{\"ts\":10,\"k\":1}\n");
  run(&b, "stream A { time ts s  k: int }\ndetect a within 1m { match A as x emit { } }\n", one, acts, "0: a@10, 100: a@90");
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_IDLE_SET, CEP_NONE), 0);
  close_bench(&b);
}

static void without_idle_a_silent_input_is_waited_for(void **state)
{
  (void)state;
  static const act acts[] = {{100, "A", "a", "{\"ts\":90,\"k\":2}\n"}, {101, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  put(&b, "A", "w", "{\"ts\":10,\"k\":1}\n");
  put(&b, "B", "w", "{\"ts\":50,\"k\":2}\n");
  b.idle_after = "0";
  run(&b, IDLE_RULES(""), both, acts, "0: a@10, 100: b@50");
  close_bench(&b);
}

#define DAY 2000      /* records of A, a second apart */
#define BURST_MOST 64 /* read beyond drift.max */

/* B has its first event, and is silent; then it comes step by step to where A is. `most`: events of A
 * that may wait at once. */
static void read_a_day_ahead(const char *drift_max, uint64_t least, uint64_t most)
{
  static const act acts[] = {{5, "B", "a", "{\"ts\":500,\"k\":1}\n"},
                             {10, "B", "a", "{\"ts\":510,\"k\":1}\n"},
                             {15, "B", "a", "{\"ts\":1900,\"k\":1}\n"},
                             {20, "B", "a", "{\"ts\":3000,\"k\":1}\n"},
                             {25, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  b.idle_after = "0";
  b.drift_max = drift_max;
  put(&b, "A", "w", "");
  char line[64];
  for (int i = 1; i <= DAY; i++) {
    snprintf(line, sizeof line, "{\"ts\":%d,\"k\":1}\n", i);
    put(&b, "A", "a", line);
  }
  put(&b, "B", "w", "{\"ts\":0,\"k\":1}\n");
  run_counted(&b,
              "stream A { time ts s  k: int }\nstream B { time ts s  k: int }\n"
              "detect long by k within 1d { match A as a then B as b where b.k == 2 emit { } }\n",
              both, acts);
  assert_true(b.held_most >= least);
  assert_true(b.held_most <= most);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_USED, 0), DAY);
  assert_int_equal(cep_engine_stat(b.engine, CEP_STAT_RECORDS_LATE, CEP_NONE), 0);
  close_bench(&b);
}

static void while_one_is_silent_the_others_are_read_ahead_as_far_as_drift_max(void **state)
{
  (void)state;
  read_a_day_ahead("100s", 100, 100 + BURST_MOST);
  read_a_day_ahead("1s", 1, 1 + BURST_MOST);
  read_a_day_ahead("0", 0, BURST_MOST);
  read_a_day_ahead("36500d", DAY, DAY);
}

static void a_table_is_looked_at_when_it_is_due_and_read_if_it_has_changed(void **state)
{
  (void)state;
  static const act acts[] = {
      {3, "good", "w", "k\n1\n2\n"},
      {9, "A", "a", "{\"ts\":9,\"k\":2}\n"},   /* not due yet */
      {12, "A", "a", "{\"ts\":12,\"k\":2}\n"},
      {25, "good", NULL, NULL},
      {33, "A", "a", "{\"ts\":33,\"k\":1}\n"}, /* gone: it keeps its rows */
      {34, "good", "w", "k\n3\n"},
      {42, "A", "a", "{\"ts\":42,\"k\":1}\n{\"ts\":43,\"k\":3}\n"},
      {43, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  put(&b, "A", "w", "{\"ts\":1,\"k\":1}\n{\"ts\":2,\"k\":2}\n");
  put(&b, "good", "w", "k\n1\n");
  run(&b,
      "table good from file \"good\" format csv key k refresh 10s { k: int }\n"
      "stream A { time ts s  k: int }\n"
      "detect a within 1m { match A as x where k in good.k emit { } }\n",
      one, acts, "0: a@1, 12: a@12!, 33: a@33!, 42: a@43!");
  assert_int_equal(b.read_again, 2);
  assert_int_equal(b.kept, 1);
  cep_pipeline_counts counts = {.size = sizeof counts};
  assert_int_equal(cep_pipeline_count(b.pipeline, &counts), CEP_OK);
  assert_int_equal(counts.table_reads, 3);
  assert_int_equal(counts.table_failures, 1);
  close_bench(&b);
}

static void by_the_time_of_a_clock_spans_and_absences_end_without_a_record(void **state)
{
  (void)state;
  static const act acts[] = {{4, "A", "a", "{\"k\":2}\n"}, {11, "A", "a", "{\"k\":1}\n"}, {30, NULL, NULL, NULL}};
  bench b;
  open_bench(&b);
  put(&b, "A", "w", "{\"k\":1}\n");
  run(&b,
      "stream A { time processing  k: int }\n"
      "detect pair by k within 10s { match A as a then A as b emit { } on timeout emit { } }\n"
      "detect quiet by k within 1h { match A as a then no A for 8s emit { } }\n",
      one, acts,
      "8: quiet@1008!, 10: timeout of pair@1010!, 12: quiet@1012!, 14: timeout of pair@1014!, "
      "19: quiet@1019!, 21: timeout of pair@1021!");
  close_bench(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_silent_input_holds_the_others_until_it_is_idle),
      cmocka_unit_test(what_a_run_waits_for_can_be_asked),
      cmocka_unit_test(if_the_rules_say_nothing_it_is_a_minute),
      cmocka_unit_test(who_is_alone_is_not_called_idle),
      cmocka_unit_test(while_one_is_silent_the_others_are_read_ahead_as_far_as_drift_max),
      cmocka_unit_test(without_idle_a_silent_input_is_waited_for),
      cmocka_unit_test(a_table_is_looked_at_when_it_is_due_and_read_if_it_has_changed),
      cmocka_unit_test(by_the_time_of_a_clock_spans_and_absences_end_without_a_record),
  };
  return cmocka_run_group_tests_name("runtime/io/live", tests, NULL, NULL);
}
