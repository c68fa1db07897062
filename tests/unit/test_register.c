/* test_register.c - totals over several matches: as often as there are matches, joined, and too large; two sets of events as one. */
#include "nfa/register.h"
#include "tests/support/built.h"

/* Registers: matches, then count, sum, sum of floats, min, max. */
static const char rules[] = "stream A { time ts ns  v: int?  f: float? }\n"
                            "detect p within 1m { match A as a then any 1+ reluctant A as b  after match no skip\n"
                            "  emit once { n: matches(), c: count(b), s: sum(b.v), f: sum(b.f), low: min(b.v), high: max(b.f) } }\n";

enum { MATCHES, COUNT, SUM, FLOATS, LOW, HIGH, REGISTERS };

typedef struct bench {
  cb_alloc alloc;
  prg *program;
  prg_list registers;
  nfa_scratch scratch;
  cb_batch batch;
  uint64_t words[REGISTERS];
  uint64_t null;
  uint64_t overflows;
} bench;

static void open_bench(bench *b)
{
  memset(b, 0, sizeof *b);
  cb_alloc_init(&b->alloc, NULL, 0);
  b->program = built_program(rules);
  b->registers = b->program->detections[0].registers;
  assert_int_equal(b->registers.count, REGISTERS);
  assert_int_equal(nfa_scratch_init(&b->scratch, &b->alloc, b->program, 1000, 1000), CEP_OK);
  static const uint8_t kinds[] = {CEP_INT, CEP_FLOAT};
  assert_int_equal(cb_batch_init(&b->batch, &b->alloc, 0, 2, kinds, 1), CEP_OK);
  b->null = nfa_registers_null_at_start(b->program, b->registers);
  b->words[MATCHES] = 1;
}

static void close_bench(bench *b)
{
  cb_batch_fini(&b->batch);
  nfa_scratch_fini(&b->scratch);
  prg_unref(b->program);
  assert_int_equal(b->alloc.bytes_in_use, 0);
}

/* One event goes into all registers. */
static void take(bench *b, int64_t v, double f)
{
  cep_value values[2] = {cb_int(v), cb_float(f)};
  cb_batch_clear(&b->batch);
  cb_batch_begin_row(&b->batch, 1, 0, 1);
  for (uint32_t i = 0; i < 2; i++) assert_int_equal(cb_batch_set(&b->batch, i, &values[i]), CEP_OK);
  cb_batch_end_row(&b->batch);
  nfa_env env = {.program = b->program, .scratch = &b->scratch, .batch = &b->batch};
  for (uint32_t r = 0; r < REGISTERS; r++)
    nfa_register_take(&env, &b->program->registers[b->registers.first + r], r, b->words, &b->null, &b->overflows);
}

static void join(bench *b, const bench *more)
{
  nfa_registers_join(b->program, b->registers, b->words, &b->null, more->words, more->null, &b->overflows);
}

static double as_float(uint64_t word)
{
  double f;
  memcpy(&f, &word, sizeof f);
  return f;
}

static void an_event_counts_for_every_match_that_takes_it(void **state)
{
  (void)state;
  bench b;
  open_bench(&b);
  b.words[MATCHES] = 3;
  take(&b, -5, 0.5);
  take(&b, 2, 4.0);
  assert_int_equal(b.words[MATCHES], 3);
  assert_int_equal(b.words[COUNT], 6);
  assert_int_equal((int64_t)b.words[SUM], -9);
  assert_true(as_float(b.words[FLOATS]) == 13.5);
  assert_int_equal((int64_t)b.words[LOW], -5);
  assert_true(as_float(b.words[HIGH]) == 4.0);
  assert_int_equal(b.null, 0);
  close_bench(&b);
}

static void matches_that_join_are_added_and_their_extremes_kept(void **state)
{
  (void)state;
  bench a, b;
  open_bench(&a);
  open_bench(&b);
  b.words[MATCHES] = 4;
  take(&b, 7, 2.5);
  join(&a, &b); /* of nothing there is no extreme */
  assert_int_equal(a.words[MATCHES], 5);
  assert_int_equal(a.words[COUNT], 4);
  assert_int_equal(a.words[SUM], 28);
  assert_true(as_float(a.words[FLOATS]) == 10.0);
  assert_int_equal(a.words[LOW], 7);
  assert_true(as_float(a.words[HIGH]) == 2.5);
  assert_int_equal(a.null, 0);
  take(&a, 9, 1.0);
  join(&a, &b);
  assert_int_equal(a.words[MATCHES], 9);
  assert_int_equal(a.words[SUM], 28 + 45 + 28);
  assert_int_equal(a.words[LOW], 7);
  close_bench(&a);
  close_bench(&b);
}

static void what_does_not_fit_is_null_for_good_and_counted(void **state)
{
  (void)state;
  bench a, b;
  open_bench(&a);
  open_bench(&b);
  a.words[MATCHES] = (uint64_t)1 << 62;
  take(&a, 3, 1.0); /* the sum does not fit, the count does */
  assert_int_equal(a.null, 1u << SUM);
  assert_int_equal(a.overflows, 1);
  b.words[MATCHES] = (uint64_t)1 << 62;
  join(&a, &b);
  assert_int_equal(a.null, 1u << SUM | 1u << MATCHES);
  assert_int_equal(a.overflows, 2);
  assert_int_equal(a.words[COUNT], (uint64_t)1 << 62);
  take(&a, 1, 1.0); /* as often as nobody knows */
  assert_int_equal(a.null, 1u << SUM | 1u << MATCHES | 1u << COUNT | 1u << FLOATS);
  assert_int_equal(a.words[LOW], 1);
  join(&b, &a);
  assert_int_equal(b.null, 1u << SUM | 1u << MATCHES | 1u << COUNT | 1u << FLOATS);
  assert_int_equal(b.overflows, 0);
  close_bench(&a);
  close_bench(&b);
}

/* Values 1..n in two parts: the deviations are those of all, whatever the parts; an empty part changes nothing. */
static void deviations_of_two_parts_are_those_of_all(void **state)
{
  (void)state;
  prg_register squares = {.what = PRG_REG_SQUARES}, part = {.what = PRG_REG_PART};
  for (uint64_t count = 0; count <= 8; count++) {
    uint64_t first[3] = {0}, second[3] = {0}, null = 0;
    double parts[2] = {0, 0}, means[2] = {0, 0};
    uint64_t *words[2] = {first, second}, counts[2] = {count, 8 - count};
    for (int p = 0; p < 2; p++) {
      double from = p == 0 ? 1 : (double)count + 1, n = (double)counts[p];
      if (n == 0) continue;
      means[p] = from + (n - 1) / 2;
      parts[p] = n * (n * n - 1) / 12;
      memcpy(&words[p][0], &parts[p], sizeof parts[p]);
      memcpy(&words[p][1], &means[p], sizeof means[p]);
      words[p][2] = counts[p];
    }
    nfa_register_merge(&squares, 0, first, &null, second, 0);
    nfa_register_merge(&part, 1, first, &null, second, 0);
    assert_true(as_float(first[0]) > 42 - 1e-9 && as_float(first[0]) < 42 + 1e-9);
    assert_true(as_float(first[1]) > 4.5 - 1e-12 && as_float(first[1]) < 4.5 + 1e-12);
    assert_int_equal(first[2], 8);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_event_counts_for_every_match_that_takes_it),
      cmocka_unit_test(matches_that_join_are_added_and_their_extremes_kept),
      cmocka_unit_test(what_does_not_fit_is_null_for_good_and_counted),
      cmocka_unit_test(deviations_of_two_parts_are_those_of_all),
  };
  return cmocka_run_group_tests_name("nfa/register", tests, NULL, NULL);
}
