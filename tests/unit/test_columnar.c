/* test_columnar.c - conditions over all rows of a batch hold for the rows for which they hold one by one. */
#include <math.h>

#include "nfa/columnar.h"
#include "nfa/predicate.h"
#include "tests/support/facts_bench.h"

#define ROWS     200u
#define CAPACITY 210u /* no whole number of words */

static const char rules[] = "stream S from stdin format json { time ts s  k: int  a: int?  f: float?  x: bool?  t: time?  d: duration?  s: string? }\n"
                            "detect d by k within 1h {\n"
                            "  match S as s1 where a == 1\n"
                            "  then S as s2 where a != 1\n"
                            "  then S as s3 where a < 1 or x\n"
                            "  then S as s4 where a <= 1 and f > 0.0\n"
                            "  then S as s5 where a > 1 and not x\n"
                            "  then S as s6 where a >= 1 or (a is null and f is not null)\n"
                            "  then S as s7 where f == 0.0\n"
                            "  then S as s8 where f != 0.0\n"
                            "  then S as s9 where f < 0.0\n"
                            "  then S as s10 where f <= 0.0\n"
                            "  then S as s11 where f > 0.0\n"
                            "  then S as s12 where f >= 0.0\n"
                            "  then S as s13 where not (f >= 0.0)\n"
                            "  then S as s14 where not (f == 0.0 or a == 1)\n"
                            "  then S as s15 where x is null or not (a > 1 and (f < 0.0 or x))\n"
                            "  then S as s16 where d > 1s and d <= 5s\n"
                            "  then S as s17\n"
                            "  then S as text where s == \"x\"\n"
                            "  then S as math where a + 1 > 1\n"
                            "  emit { k: k }\n"
                            "}\n";
#define COLUMNAR 17u /* the first steps */

static cep_value value_of(uint32_t kind, uint32_t draw)
{
  static const int64_t whole[] = {INT64_MIN, -1, 0, 1, 2, INT64_MAX, 1000000000, 5000000000};
  static const double floats[] = {-INFINITY, -1.5, -0.0, 0.0, 5e-324, 1.5, INFINITY, NAN};
  if (draw % 9 == 8) return cb_null();
  if (kind == CEP_FLOAT) return cb_float(floats[draw % 9]);
  if (kind == CEP_BOOL) return cb_bool(draw & 1);
  if (kind == CEP_STRING) return cb_string("xy", 1 + draw % 2);
  return cb_value_i((cep_kind)kind, whole[draw % 9]);
}

static void fill(facts_bench *f)
{
  uint64_t random = 7;
  for (uint32_t row = 0; row < ROWS; row++) {
    cb_batch_begin_row(&f->batch, row, 0, row);
    for (uint32_t c = 0; c < f->batch.column_count; c++) {
      random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
      cep_value value = value_of(f->batch.kinds[c], (uint32_t)(random >> 33));
      if (value.kind != CEP_NULL) assert_int_equal(cb_batch_set(&f->batch, c, &value), CEP_OK);
    }
    cb_batch_end_row(&f->batch);
  }
}

static void all_rows_at_once_are_as_one_by_one(void **state)
{
  (void)state;
  facts_bench f;
  facts_open(&f, rules, CAPACITY);
  fill(&f);
  const prg_detection *detection = &f.program->detections[0];
  uint32_t held = 0;
  for (uint32_t s = 0; s < COLUMNAR; s++) {
    uint32_t cond = f.program->steps[detection->steps.first + s].local;
    nfa_rows rows;
    assert_true(nfa_is_columnar(f.program, cond));
    nfa_columnar(f.program, cond, &f.batch, &rows);
    for (uint32_t row = 0; row < ROWS; row++) {
      nfa_facts_begin(&f.facts, &f.batch, row);
      int holds = nfa_cond_holds(&f.facts, cond);
      if ((int)(rows.bits[row / 64] >> row % 64 & 1) != holds) fail_msg("step %u, row %u: alone %d", s, row, holds);
      held += (uint32_t)holds;
    }
  }
  assert_true(held > ROWS);
  facts_close(&f);
}

static void what_is_no_comparison_of_a_column_is_not_columnar(void **state)
{
  (void)state;
  facts_bench f;
  facts_open(&f, rules, CAPACITY);
  const prg_detection *detection = &f.program->detections[0];
  for (uint32_t s = COLUMNAR; s < detection->steps.count; s++)
    assert_false(nfa_is_columnar(f.program, f.program->steps[detection->steps.first + s].local));
  facts_close(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_rows_at_once_are_as_one_by_one),
      cmocka_unit_test(what_is_no_comparison_of_a_column_is_not_columnar),
  };
  return cmocka_run_group_tests_name("nfa/columnar", tests, NULL, NULL);
}
