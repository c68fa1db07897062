/* test_program_picture.c - automata as pictures. */
#include <stdio.h>

#include "tests/support/built.h"

static void expect_picture(const char *rules, int as_mermaid, const char *expected)
{
  cb_alloc alloc;
  cb_writer text;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&text, &alloc);
  prg *program = built_program(rules);
  assert_int_equal(prg_draw(&text, program, program->detections_count - 1, as_mermaid), CEP_OK);
  cb_write_u8(&text, 0);
  assert_string_equal((const char *)text.data, expected);
  prg_unref(program);
  cb_writer_fini(&text);
  assert_int_equal(alloc.bytes_in_use, 0);
}

#define STREAMS "stream A { time ts  k: int x: int s: string } stream B { time ts  k: int } "

static void each_state_has_its_ways_and_what_ends_it(void **state)
{
  (void)state;
  static const char rules[] = STREAMS "detect d by k within 1h {"
                                      "  match 2+ greedy A as a where x > prev(x, 0) until B"
                                      "  then no B"
                                      "  then within 5s optional A as b where x == 0"
                                      "  then immediately B as last_one"
                                      "  on timeout emit { n: count(a) } }";
  expect_picture(rules, 0,
                 "d by k within 1h\n"
                 "\n"
                 "start\n"
                 "  └─▶ a         not with a B\n"
                 "\n"
                 "a: 2+ greedy A where x > prev(x, 0)\n"
                 "  ├─↻ a         until B\n"
                 "  ├─▶ b         within 5s, from 2 on, given up if the next fits a\n"
                 "  ├─▶ last_one  immediately, from 2 on, given up if the next fits a\n"
                 "  ├─✗ gone      B\n"
                 "  └─▶ timeout   when the span is over\n"
                 "\n"
                 "b: A where x == 0\n"
                 "  ├─▶ last_one  immediately\n"
                 "  └─▶ timeout   when the span is over\n"
                 "\n"
                 "last_one: B\n"
                 "  └─▶ match\n");
}

static void rounds_and_items_are_told_in_words(void **state)
{
  (void)state;
  expect_picture(STREAMS "detect d by k unbounded {"
                         "  match 2..3 ( A as a then B as b ) then all of ( A as c, B as e ) then immediately no A }",
                 0,
                 "d by k unbounded\n"
                 "\n"
                 "start\n"
                 "  └─▶ a\n"
                 "\n"
                 "a: A\n"
                 "  └─▶ b\n"
                 "\n"
                 "b: B\n"
                 "  ├─▶ a        rounds < 3, next round\n"
                 "  ├─▶ c        rounds >= 2\n"
                 "  └─▶ e        rounds >= 2\n"
                 "\n"
                 "c: A\n"
                 "  ├─▶ e        if not there yet\n"
                 "  └─▶ match    when all items are there, when the next is no A\n"
                 "\n"
                 "e: B\n"
                 "  ├─▶ c        if not there yet\n"
                 "  └─▶ match    when all items are there, when the next is no A\n");
}

static void signs_of_mermaid_in_conditions_are_entities(void **state)
{
  (void)state;
  expect_picture(STREAMS "detect d by k within 1m { match A as `a;b` where s in (\"<b>: #1; %%\", \"\\n`x`\") or x < 1 }", 1,
                 "%% d by k within 1m\n"
                 "stateDiagram-v2\n"
                 "    s0 : a#59;b\n"
                 "    s0 : A where s in (\"#60;b>#58; #35;1#59; #37;%\", \"\\n#96;x#96;\") or x < 1\n"
                 "    [*] --> s0\n"
                 "    s0 --> [*]\n");
}

static void a_window_begins_takes_and_ends(void **state)
{
  (void)state;
  expect_picture(STREAMS "aggregate w from A by k window tumbling 1m even empty for 5m { n: count() having n > 2 }", 0,
                 "w by k\n"
                 "\n"
                 "start\n"
                 "  └─▶ window   A of the key\n"
                 "\n"
                 "window: tumbling 1m\n"
                 "  ├─↻ window   A\n"
                 "  ├─↻ window   empty ones for 5m\n"
                 "  └─▶ result   at its end, if n > 2\n");
}

static void a_window_that_slides_is_told_of_early(void **state)
{
  (void)state;
  expect_picture(STREAMS "aggregate w from A by k window sliding 1m every 10s offset 5s allowed lateness 2s { n: count() early every 20s }", 0,
                 "w by k\n"
                 "\n"
                 "start\n"
                 "  └─▶ window   A of the key\n"
                 "\n"
                 "window: sliding 1m every 10s offset 5s allowed lateness 2s\n"
                 "  ├─↻ window   A\n"
                 "  ├─▶ result   every 20s, if it grew\n"
                 "  └─▶ result   at its end\n");
}

static void the_sides_of_a_join_wait_for_each_other(void **state)
{
  (void)state;
  expect_picture(STREAMS "join j from A as a, A as b by k within 1m left { where a.x < b.x }", 1,
                 "%% j by k\n"
                 "stateDiagram-v2\n"
                 "    [*] --> s0 : A\n"
                 "    s0 : a\n"
                 "    s0 : within 1m\n"
                 "    s0 --> [*] : with each b of the key, if a.x < b.x\n"
                 "    s0 --> [*] : alone, when none can come any more\n"
                 "    [*] --> s1 : A\n"
                 "    s1 : b\n"
                 "    s1 : within 1m\n"
                 "    s1 --> [*] : with each a of the key, if a.x < b.x\n");
}

static void a_long_condition_is_cut_between_characters(void **state)
{
  (void)state;
  char rules[600], sign[] = "ä";
  int len = snprintf(rules, sizeof rules, "%s", STREAMS "detect d by k within 1m { match A where s == \"");
  for (int i = 0; i < 100; i++) len += snprintf(rules + len, sizeof rules - (size_t)len, "%s", sign);
  snprintf(rules + len, sizeof rules - (size_t)len, "\" }");
  char expected[600];
  len = snprintf(expected, sizeof expected, "d by k within 1m\n\nstart\n  └─▶ A\n\nA: A where s == \"");
  for (int i = 0; i < 73; i++) len += snprintf(expected + len, sizeof expected - (size_t)len, "%s", sign);
  snprintf(expected + len, sizeof expected - (size_t)len, "…\n  └─▶ match\n");
  expect_picture(rules, 0, expected);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_state_has_its_ways_and_what_ends_it),
      cmocka_unit_test(rounds_and_items_are_told_in_words),
      cmocka_unit_test(signs_of_mermaid_in_conditions_are_entities),
      cmocka_unit_test(a_window_begins_takes_and_ends),
      cmocka_unit_test(a_window_that_slides_is_told_of_early),
      cmocka_unit_test(the_sides_of_a_join_wait_for_each_other),
      cmocka_unit_test(a_long_condition_is_cut_between_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
