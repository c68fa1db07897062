/* test_program_dump.c - programs as people read them. */
#include <stdio.h>

#include "tests/support/built.h"

#include "nfa/match.h"

static const char rules[] = "stream Login from stdin format json { time ts s  ip: ip user: string outcome: "
                            "string n: int? took: duration? }\n"
                            "define Bad = Login where outcome != \"ok\" and not (user like \"svc%\")\n"
                            "detect guess by ip within 10m {\n"
                            "  match 2..5 greedy Bad as bad where ip not in cidr (\"10.0.0.0/8\")\n"
                            "  then no Login where user ~ r\"^\\w+$\"\n"
                            "  then Login as ok where outcome == \"ok\" and user in (bad[0].user, "
                            "bad[1].user) and coalesce(n, prev(n, 0), -1) < sum(bad.n)\n"
                            "    and took > 90s and ts - first(bad).ts < 5m\n"
                            "  emit { who: upper(ok.user), mean: avg(bad.n), some: count(where bad.n > 1), "
                            "far: bad[-2].n is not null }\n"
                            "  after match skip to next\n"
                            "  limit 1 matches\n"
                            "}\n";

typedef cep_status (*dump)(cb_writer *writer, const prg *program);

static void expect_text(dump print, const char *expected, int whole)
{
  cb_alloc alloc;
  cb_writer text;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&text, &alloc);
  prg *program = built_program(rules);
  assert_int_equal(print(&text, program), CEP_OK);
  cb_write_u8(&text, 0);
  if (whole) {
    assert_string_equal((const char *)text.data, expected);
  } else if (!strstr((const char *)text.data, expected)) {
    fail_msg("not found in the text: %s", expected);
  }
  prg_unref(program);
  cb_writer_fini(&text);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* An analyst must recognise the rule in what will run. */
static void an_automaton_reads_like_its_rule(void **state)
{
  (void)state;
  expect_text(
      prg_dump_nfa,
      "detection guess\n"
      "  within 10m, stratum 1, to next, limit 1\n"
      "  evaluator runs: one record for each partial match; first-of is on, but they do not move together: a condition "
      "looks at what each has captured\n"
      "  an event   the key's slot, and each of its partial matches, of which those with the same state, start and values "
      "are one: O(partial matches of the key)\n"
      "  key state  partial matches n, events n\n"
      "             bytes 96 + 512 n + the strings of the events\n"
      "             n is the events of the key within 10m\n"
      "  input Login by ip = ip\n"
      "  step 0 2..5 greedy relaxed Bad as bad\n"
      "         if outcome != \"ok\" and not (user like \"svc%\") and not (ip in cidr (\"10.0.0.0/8\"))\n"
      "         keeps user, n\n"
      "  step 1 no Login\n"
      "         if user ~ \"^\\\\w+$\"\n"
      "  step 2 Login as ok\n"
      "         if outcome == \"ok\" and took > 1m30s\n"
      "         if, looking back, user in (first(bad).user, bad[1].user) and coalesce(n, prev(n, 0), -1) < "
      "sum(bad.n) and (ts - first(bad).ts) < 5m\n"
      "         keeps user\n"
      "  register 0 sum of bad: n, in a condition\n"
      "  register 1 sum of bad: n\n"
      "  register 2 count of bad: n\n"
      "  register 3 count of bad where n > 1\n"
      "  state start\n"
      "    then bad\n"
      "  state bad, newest event matters, histories matter, ends on Login\n"
      "    again bad up to 5\n"
      "    then ok from 2 on, no Login, given up on a bad\n"
      "  state ok\n"
      "    finish at once\n",
      1);
}

static void an_automaton_can_be_drawn(void **state)
{
  (void)state;
  expect_text(prg_dump_dot,
              "digraph program {\n"
              "  rankdir=LR;\n"
              "  node [shape=box];\n"
              "  subgraph cluster_0 {\n"
              "    label=\"guess\";\n"
              "    d0_start [shape=point];\n"
              "    d0_end [shape=doublecircle, label=\"\"];\n"
              "    d0_s0 [label=\"2..5 bad\"];\n"
              "    d0_s2 [label=\"ok\"];\n"
              "    d0_start -> d0_s0 [label=\"\"];\n"
              "    d0_s0 -> d0_s0 [label=\"up to 5\"];\n"
              "    d0_s0 -> d0_s2 [label=\"from 2 on no Login unless bad\"];\n"
              "    d0_s2 -> d0_end [label=\"\"];\n"
              "  }\n"
              "}\n",
              1);
}

static void code_is_listed_with_the_expression_it_came_from(void **state)
{
  (void)state;
  expect_text(prg_dump_code,
              "expression 8: bool, depth 3, of Login, looks back\n"
              "  = user in (step 0[0].column 1, step 0[1].column 1) and coalesce(n, prev(…, 0), -1) < "
              "register 0 and (ts - step 0[0].time) < 5m\n"
              "    0 COLUMN 1\n"
              "    2 CONST 3  ; false\n"
              "    4 CAPTURE 0 0 1\n"
              "    8 IN_ITEM\n"
              "    9 JUMP_TRUE 16\n"
              "   11 CAPTURE 0 1 1\n"
              "   15 IN_ITEM\n"
              "   16 IN_END\n"
              "   17 JUMP_FALSE 48\n"
              "   19 COLUMN 3\n"
              "   21 JUMP_PRESENT 33\n"
              "   23 CONST 4  ; 0\n"
              "   25 PREV 1 0 3\n"
              "   29 JUMP_PRESENT 33\n"
              "   31 CONST 5  ; -1\n"
              "   33 REGISTER 0\n"
              "   35 LT\n"
              "   36 AND\n"
              "   37 JUMP_FALSE 48\n"
              "   39 TIME\n"
              "   40 CAPTURE_TIME 0 0\n"
              "   43 SUB_TIMES\n"
              "   44 CONST 6  ; 5m\n"
              "   46 LT\n"
              "   47 AND\n"
              "expression 9: string, depth 2, looks back\n"
              "  = upper(step 2[0].column 1)\n"
              "    0 CAPTURE 2 0 1\n"
              "    4 CALL 1 1\n",
              0);
}

/* What is too long to read is named by its number, and nothing grows without bound. */
static void a_long_condition_is_shown_by_its_number(void **state)
{
  (void)state;
  char text[16384];
  size_t at = (size_t)snprintf(text, sizeof text,
                               "stream A from stdin format json { time ts s  k: int }\n"
                               "detect d by k within 1h { match A as a where k + 1 in (1000");
  for (int i = 1; i < 400; i++) at += (size_t)snprintf(text + at, sizeof text - at, ", %d", 1000 + i);
  snprintf(text + at, sizeof text - at, ") emit { k: k } }");
  cb_alloc alloc;
  cb_writer writer;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&writer, &alloc);
  prg *program = built_program(text);
  assert_int_equal(prg_dump_nfa(&writer, program), CEP_OK);
  cb_write_u8(&writer, 0);
  assert_non_null(strstr((const char *)writer.data, "if expression "));
  assert_true(writer.len < 1000);
  prg_unref(program);
  cb_writer_fini(&writer);
}

/* `explain` says which evaluator runs a detection, and why it can or cannot keep less. */
static void the_choice_of_evaluator_has_a_reason(void **state)
{
  (void)state;
  prg *program = built_program(rules);
  const char *why = NULL;
  assert_ptr_equal(nfa_evaluator_for(program, &program->detections[0], NFA_WISH_NONE, &why), &nfa_runs);
  assert_non_null(strstr(why, "first-of is on"));
  prg_detection other = program->detections[0];
  other.flags = 0;
  other.skip = PRG_SKIP_TO_LAST;
  (void)nfa_evaluator_for(program, &other, NFA_WISH_NONE, &why);
  assert_non_null(strstr(why, "first-of is off"));
  (void)nfa_evaluator_for(program, &other, NFA_WISH_NONE, NULL);
  prg_unref(program);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_automaton_reads_like_its_rule),
      cmocka_unit_test(an_automaton_can_be_drawn),
      cmocka_unit_test(code_is_listed_with_the_expression_it_came_from),
      cmocka_unit_test(a_long_condition_is_shown_by_its_number),
      cmocka_unit_test(the_choice_of_evaluator_has_a_reason),
  };
  return cmocka_run_group_tests_name("nfa/program_dump", tests, NULL, NULL);
}
