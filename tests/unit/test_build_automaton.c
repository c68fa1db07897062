/* test_build_automaton.c - states and edges of the shapes that patterns have. */
#include <stdio.h>

#include "tests/support/built.h"

#define STREAMS                                                                                              \
  "stream A from stdin format json { time ts s  k: int v: int? u: string? }\n"                               \
  "stream B from stdin format json { time ts s  k: int v: int? u: string? }\n"                               \
  "stream C from stdin format json { time ts s  k: int v: int? u: string? }\n"                               \
  "stream D from stdin format json { time ts s  k: int v: int? u: string? }\n"

static prg *program_of(const char *clauses)
{
  char rules[8192];
  int len = snprintf(rules, sizeof rules, STREAMS "detect rule by k within 1h { %s }", clauses);
  assert_true(len > 0 && (size_t)len < sizeof rules);
  return built_program(rules);
}

/* The states of the only detection, as explain shows them. */
static void expect_states(const char *clauses, const char *expected)
{
  cb_alloc alloc;
  cb_writer text;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&text, &alloc);
  prg *program = program_of(clauses);
  assert_int_equal(prg_dump_nfa(&text, program), CEP_OK);
  cb_write_u8(&text, 0);
  const char *states = strstr((const char *)text.data, "  state start");
  assert_non_null(states);
  assert_string_equal(states, expected);
  prg_unref(program);
  cb_writer_fini(&text);
  assert_int_equal(alloc.bytes_in_use, 0);
}

static uint32_t flags_of(const char *clauses)
{
  prg *program = program_of(clauses);
  uint32_t flags = program->detections[0].flags;
  prg_unref(program);
  return flags;
}

static uint32_t state_flags(const char *clauses, uint32_t state)
{
  prg *program = program_of(clauses);
  assert_true(state < program->detections[0].states.count);
  uint32_t flags = program->states[program->detections[0].states.first + state].flags;
  prg_unref(program);
  return flags;
}

static void each_hop_has_its_contiguity(void **state)
{
  (void)state;
  expect_states("match A as a then immediately B as b then any C as c emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    immediately then b\n"
                "  state b\n"
                "    any then c\n"
                "  state c\n"
                "    finish at once\n");
}

/* Leaving a greedy optional loop out is allowed only as long as nothing fits it. */
static void a_greedy_loop_guards_what_lies_beyond(void **state)
{
  (void)state;
  expect_states("match A as a then optional 1+ greedy B as b then no D then C as c emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    then b\n"
                "    then c, no D, given up on a b\n"
                "  state b, ends on D\n"
                "    again b\n"
                "    then c, no D, given up on a b\n"
                "  state c\n"
                "    finish at once\n");
}

/* Behind an optional step the guard looks at one event only. */
static void a_guard_before_an_optional_step_lasts_one_event(void **state)
{
  (void)state;
  const char *clauses =
      "match A as a then 2..4 greedy consecutive B as b then optional C as c then D as d emit { k: k }";
  expect_states(clauses, "  state start\n"
                         "    then a\n"
                         "  state a\n"
                         "    then b\n"
                         "  state b\n"
                         "    immediately again b up to 4\n"
                         "    then c from 2 on, given up if the next is a b\n"
                         "    then d from 2 on, given up if the next is a b\n"
                         "  state c\n"
                         "    then d\n"
                         "  state d\n"
                         "    finish at once\n");
  assert_true(flags_of(clauses) & PRG_DETECT_EVERY_EVENT);
}

/* An exact number of repetitions leaves nothing to be greedy about. */
static void greedy_means_nothing_for_an_exact_count(void **state)
{
  (void)state;
  expect_states("match A as a then 3 greedy B as b then C as c emit { k: k }", "  state start\n"
                                                                               "    then a\n"
                                                                               "  state a\n"
                                                                               "    then b\n"
                                                                               "  state b\n"
                                                                               "    again b up to 3\n"
                                                                               "    then c from 3 on\n"
                                                                               "  state c\n"
                                                                               "    finish at once\n");
}

static void a_trailing_no_is_waited_for(void **state)
{
  (void)state;
  expect_states("match A as a then 1+ greedy B as b then no C then no D emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    then b\n"
                "  state b, ends on C, D\n"
                "    again b\n"
                "    finish when the wait ends, no C, D, given up on a b\n");
}

/* Only a greedy loop at the very end waits for its own end. */
static void a_trailing_loop_finishes_as_it_is_told(void **state)
{
  (void)state;
  expect_states("match A as a then 2+ greedy B as b emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    then b\n"
                "  state b\n"
                "    again b\n"
                "    finish when the loop ends from 2 on\n");
  expect_states("match A as a then 2+ reluctant B as b emit { k: k }", "  state start\n"
                                                                       "    then a\n"
                                                                       "  state a\n"
                                                                       "    then b\n"
                                                                       "  state b\n"
                                                                       "    again b\n"
                                                                       "    finish at once from 2 on\n");
}

/* The loop may still begin: the match without it waits as one within it does. */
static void a_greedy_loop_that_may_be_left_out_is_waited_for(void **state)
{
  (void)state;
  expect_states("match A as a then optional 1+ greedy B as b emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    then b\n"
                "    finish when the loop ends\n"
                "  state b\n"
                "    again b\n"
                "    finish when the loop ends\n");
}

static void optional_ends_finish_before_them(void **state)
{
  (void)state;
  expect_states("match A as a then no D then optional B as b then optional C as c emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a, ends on D\n"
                "    then b, no D\n"
                "    then c, no D\n"
                "    finish at once, no D\n"
                "  state b\n"
                "    then c\n"
                "    finish at once\n"
                "  state c\n"
                "    finish at once\n");
}

/* Rounds are a counter: tested on the way, changed when it is taken. */
static void a_group_is_counted_in_rounds(void **state)
{
  (void)state;
  expect_states("match A as a then 2..3 ( B as b then C as c ) then D as d emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    then b, c0 = 1\n"
                "  state b\n"
                "    then c\n"
                "  state c\n"
                "    then b, if c0 < 3, c0 + 1\n"
                "    then d, if c0 >= 2, c0 = 0\n"
                "  state d\n"
                "    finish at once\n");
}

static void the_items_of_all_of_are_a_mask(void **state)
{
  (void)state;
  expect_states("match all of ( A as a, B as b ) then C as c emit { k: k }",
                "  state start\n"
                "    then a\n"
                "    then b\n"
                "  state a\n"
                "    then b, if c0 lacks 0x2, c0 gets 0x1\n"
                "    then c, if c0 has 0x2, c0 = 0\n"
                "  state b\n"
                "    then a, if c0 lacks 0x1, c0 gets 0x2\n"
                "    then c, if c0 has 0x1, c0 = 0\n"
                "  state c\n"
                "    finish at once\n");
}

static void a_group_that_may_be_empty_is_left_out_as_a_whole(void **state)
{
  (void)state;
  expect_states("match A as a then ( optional B as b then optional C as c ) then D as d emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    then b\n"
                "    then c\n"
                "    then d\n"
                "  state b\n"
                "    then c\n"
                "    then d\n"
                "  state c\n"
                "    then d\n"
                "  state d\n"
                "    finish at once\n");
}

static void untils_and_gaps_stand_on_the_ways(void **state)
{
  (void)state;
  expect_states("match A as a then within 5s 1+ B as b until D then C as c emit { k: k }",
                "  state start\n"
                "    then a\n"
                "  state a\n"
                "    then b within 5s, not with a D\n"
                "  state b\n"
                "    again b, until D\n"
                "    then c\n"
                "  state c\n"
                "    finish at once\n");
}

/* In a group that repeats, a condition of an earlier step may read what a later one captured. */
static void histories_matter_round_a_group(void **state)
{
  (void)state;
  const char *clauses = "match A as a then 2+ ( B as b where v > last(c.v) then C as c ) then D as d emit { k: k }";
  assert_int_equal(state_flags(clauses, 2) & PRG_STATE_UNMERGED, PRG_STATE_UNMERGED);
  assert_int_equal(state_flags(clauses, 3) & PRG_STATE_UNMERGED, PRG_STATE_UNMERGED);
  assert_int_equal(state_flags(clauses, 4), 0);
  const char *having = "match A as a then B as b then C as c having b.v > 3 emit { k: k }";
  assert_int_equal(state_flags(having, 2), PRG_STATE_UNMERGED);
}

static void a_quiet_start_stands_before_everything(void **state)
{
  (void)state;
  const char *clauses = "match no B for 5m then A as a emit { k: k }";
  expect_states(clauses, "  state start, ends on B\n"
                         "    then a, no B\n"
                         "  state a\n"
                         "    finish at once\n");
  assert_true(flags_of(clauses) & PRG_DETECT_QUIET_START);
  assert_false(flags_of("match A as a then no B for 5m emit { k: k }") & PRG_DETECT_QUIET_START);
}

static void strict_ways_need_every_event(void **state)
{
  (void)state;
  assert_true(flags_of("match A as a then immediately B as b emit { k: k }") & PRG_DETECT_EVERY_EVENT);
  assert_true(flags_of("match A as a then 2 consecutive B as b emit { k: k }") & PRG_DETECT_EVERY_EVENT);
  assert_true(flags_of("match A as a then immediately no B then C as c emit { k: k }") &
              PRG_DETECT_EVERY_EVENT);
  assert_false(flags_of("match A as a then any B as b then no C then D as d emit { k: k }") &
               PRG_DETECT_EVERY_EVENT);
}

/* Where it does not hold, first-of would lose matches. */
static void first_of_is_for_rules_that_report_one(void **state)
{
  (void)state;
  const char *on[] = {"match A as a then B as b emit { k: k }",
                      "match A as a then B as b after match skip to next emit { k: k }",
                      "match A as a then B as b limit 1 matches emit { k: k }"};
  const char *off[] = {
      "match A as a then B as b after match no skip emit { k: k }",
      "match A as a then B as b after match skip to last b emit { k: k }",
      "match A as a then B as b after match skip past last earliest start first emit { k: k }",
      "match A as a then B as b limit 2 matches emit { k: k }"};
  for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) assert_true(flags_of(on[i]) & PRG_DETECT_FIRST_OF);
  for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
    assert_false(flags_of(off[i]) & PRG_DETECT_FIRST_OF);
}

/* Added up is what cannot be asked for one by one any more, and stands in one partial match only. */
static void emit_once_adds_up_where_nothing_asks_for_single_matches(void **state)
{
  (void)state;
#define ONCE " emit once { n: matches() }"
  const char *on[] = {"match A as a then any 1+ reluctant B as b after match no skip" ONCE,
                      "match A as a then 2..3 (A as b then optional B as c) after match no skip" ONCE};
  const char *off[] = {"match A as a then B as b" ONCE,
                       "match A as a then B as b after match skip to next" ONCE,
                       "match A as a then B as b after match no skip" ONCE " on timeout emit { k: k }",
                       "match 1..2 reluctant ( 1..2 A as a ) then B as b after match no skip" ONCE};
  for (size_t i = 0; i < sizeof on / sizeof on[0]; i++)
    assert_int_equal(flags_of(on[i]) & (PRG_DETECT_ONCE | PRG_DETECT_WEIGHED), PRG_DETECT_ONCE | PRG_DETECT_WEIGHED);
  for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
    assert_int_equal(flags_of(off[i]) & (PRG_DETECT_ONCE | PRG_DETECT_WEIGHED), PRG_DETECT_ONCE);
  assert_int_equal(flags_of("match A as a after match no skip emit { k: k }") & PRG_DETECT_ONCE, 0);
#undef ONCE
}

/* A condition reads the events of one match, `emit once` those of all. */
static void a_total_is_another_register_than_what_a_condition_reads(void **state)
{
  (void)state;
  prg *program = program_of("match 2+ A as a then any 1+ reluctant C as c where v > sum(a.v) after match no skip "
                            "emit once { n: matches(), s: sum(a.v), m: avg(a.v), x: matches() }");
  const prg_detection *detection = &program->detections[0];
  const prg_register *registers = program->registers + detection->registers.first;
  assert_int_equal(detection->registers.count, 5);
  assert_int_equal(registers[0].what, PRG_REG_MATCHES);
  assert_int_equal(registers[1].what, PRG_REG_SUM_INT);
  assert_int_equal(registers[1].in_condition, 1);
  assert_int_equal(registers[1].total, 0);
  assert_int_equal(registers[2].what, PRG_REG_SUM_INT);
  assert_int_equal(registers[2].in_condition, 0);
  for (uint32_t i = 2; i < 5; i++) assert_int_equal(registers[i].total, 1);
  prg_unref(program);
}

/* Merging partial matches that a later condition can tell apart would lose matches. */
static void histories_matter_where_a_condition_reads_them(void **state)
{
  (void)state;
  const uint32_t unmerged = PRG_STATE_UNMERGED, prev = PRG_STATE_PREV;
  const char *first = "match A as a then B as b then C as c where v > a.v emit { k: k }";
  assert_int_equal(state_flags(first, 1), 0); /* equal starts have equal first events */
  const char *middle = "match A as a then B as b then C as c then D as d where v > b.v emit { k: k }";
  assert_int_equal(state_flags(middle, 1), 0); /* b is not there yet */
  assert_int_equal(state_flags(middle, 2), unmerged);
  assert_int_equal(state_flags(middle, 3), unmerged);
  assert_int_equal(state_flags(middle, 4), 0);
  const char *maybe = "match optional A as a then B as b then C as c where v > a.v emit { k: k }";
  assert_int_equal(state_flags(maybe, 1), unmerged);
  const char *loop = "match 2+ A as a then C as c where v > a[1].v emit { k: k }";
  assert_int_equal(state_flags(loop, 1), unmerged);
  const char *distinct = "match 3 distinct(u) A as a then C as c emit { k: k }";
  assert_int_equal(state_flags(distinct, 1), unmerged);
  assert_int_equal(state_flags(distinct, 2), 0);
  const char *rising = "match A as a then 2+ B as b where v > prev(v) then C as c emit { k: k }";
  assert_int_equal(state_flags(rising, 1), prev);
  assert_int_equal(state_flags(rising, 2), prev);
  assert_int_equal(state_flags(rising, 3), 0);
  const char *counted = "match 1+ A as a then C as c where v > count(a) emit { k: k }";
  assert_int_equal(state_flags(counted, 1), 0); /* registers are compared by themselves */
}

/* A running value is kept once, however often it is read, and marked if it decides. */
static void equal_aggregates_share_a_register(void **state)
{
  (void)state;
  prg *program = program_of(
      "match 2+ A as a then C as c where v > sum(a.v) emit { s: sum(a.v), m: avg(a.v), n: count(a.v), "
      "x: max(a.v), y: count(where a.v > 3) }");
  const prg_detection *detection = &program->detections[0];
  const prg_register *registers = program->registers + detection->registers.first;
  assert_int_equal(detection->registers.count, 5);
  assert_int_equal(registers[0].what, PRG_REG_SUM_INT);
  assert_int_equal(registers[0].in_condition, 1);
  assert_int_equal(registers[1].what, PRG_REG_SUM_FLOAT);
  assert_int_equal(registers[1].in_condition, 0);
  assert_int_equal(registers[2].what, PRG_REG_COUNT);
  assert_int_equal(registers[3].what, PRG_REG_MAX_INT);
  assert_int_equal(registers[4].what, PRG_REG_COUNT);
  assert_true(registers[4].where != PRG_NONE);
  prg_unref(program);
}

/* What a captured event keeps, and what is decoded at all, is what something reads. */
static void only_fields_that_are_read_have_columns(void **state)
{
  (void)state;
  prg *program = program_of("match A as a where u == \"x\" then B as b where v > a.v emit { k: k, t: b.ts }");
  const prg_field *fields = program->fields + program->streams[0].fields.first;
  uint32_t with_column = 0;
  for (uint32_t i = 0; i < program->streams[0].fields.count; i++) {
    if (strcmp(prg_text(program, fields[i].name), "ts") == 0) assert_int_equal(fields[i].column, PRG_NONE);
    with_column += fields[i].column != PRG_NONE;
  }
  assert_int_equal(with_column, 3); /* k, v and u of A; its time needs none */
  const prg_step *steps = program->steps + program->detections[0].steps.first;
  assert_int_equal(program->layouts[steps[0].layout].columns.count, 1); /* v, for the comparison */
  assert_int_equal(program->layouts[steps[1].layout].columns.count, 0); /* the time is always there */
  assert_int_equal(program->streams[2].columns.count, 0);               /* C is not read at all */
  prg_unref(program);
}

static void too_many_running_values_are_refused_with_a_place(void **state)
{
  (void)state;
  char clauses[4096];
  size_t at = (size_t)snprintf(clauses, sizeof clauses,
                               STREAMS "detect rule by k within 1h { match 2 A as a emit { ");
  for (int i = 0; i < 66; i++)
    at +=
        (size_t)snprintf(clauses + at, sizeof clauses - at, "%sx%d: sum(a.v + %d)", i > 0 ? ", " : "", i, i);
  snprintf(clauses + at, sizeof clauses - at, " } }");
  cb_alloc alloc;
  cb_writer image;
  cep_error err = {0};
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&image, &alloc);
  assert_int_equal(built_try(&alloc, clauses, &image, &err), CEP_E_LIMIT);
  assert_int_equal(err.line, 5);
  cb_writer_fini(&image);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* A step's identity lets saved state say that its condition is another one now. */
static void identity_follows_the_condition_and_nothing_else(void **state)
{
  (void)state;
  prg *one = program_of("match A as a then B as b where v > a.v emit { k: k }");
  prg *two = program_of("match A as a\n\n then B as b where v > a.v emit { k: k, u: b.u }");
  prg *three = program_of("match A as a then B as b where v >= a.v emit { k: k }");
  assert_true(one->steps[0].identity == two->steps[0].identity);
  assert_true(one->steps[1].identity == two->steps[1].identity);
  assert_true(one->steps[0].identity == three->steps[0].identity);
  assert_true(one->steps[1].identity != three->steps[1].identity);
  assert_true(one->steps[0].identity != one->steps[1].identity);
  prg_unref(one);
  prg_unref(two);
  prg_unref(three);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_hop_has_its_contiguity),
      cmocka_unit_test(a_greedy_loop_guards_what_lies_beyond),
      cmocka_unit_test(a_guard_before_an_optional_step_lasts_one_event),
      cmocka_unit_test(greedy_means_nothing_for_an_exact_count),
      cmocka_unit_test(a_trailing_no_is_waited_for),
      cmocka_unit_test(a_trailing_loop_finishes_as_it_is_told),
      cmocka_unit_test(a_greedy_loop_that_may_be_left_out_is_waited_for),
      cmocka_unit_test(optional_ends_finish_before_them),
      cmocka_unit_test(a_group_is_counted_in_rounds),
      cmocka_unit_test(the_items_of_all_of_are_a_mask),
      cmocka_unit_test(a_group_that_may_be_empty_is_left_out_as_a_whole),
      cmocka_unit_test(untils_and_gaps_stand_on_the_ways),
      cmocka_unit_test(histories_matter_round_a_group),
      cmocka_unit_test(a_quiet_start_stands_before_everything),
      cmocka_unit_test(strict_ways_need_every_event),
      cmocka_unit_test(first_of_is_for_rules_that_report_one),
      cmocka_unit_test(histories_matter_where_a_condition_reads_them),
      cmocka_unit_test(equal_aggregates_share_a_register),
      cmocka_unit_test(emit_once_adds_up_where_nothing_asks_for_single_matches),
      cmocka_unit_test(a_total_is_another_register_than_what_a_condition_reads),
      cmocka_unit_test(only_fields_that_are_read_have_columns),
      cmocka_unit_test(too_many_running_values_are_refused_with_a_place),
      cmocka_unit_test(identity_follows_the_condition_and_nothing_else),
  };
  return cmocka_run_group_tests_name("nfa/build_automaton", tests, NULL, NULL);
}
