/* test_fold.c - constants computed while compiling have the values that the engine would compute. */
#include "tests/support/test.h"

#include "patterns/fold.h"

static plan_expr constant(cep_kind kind, cep_value value)
{
  plan_expr expr = {.op = PLAN_CONST, .kind = kind, .value = value};
  return expr;
}

static cep_value fold2(plan_op op, cep_kind kind, plan_expr a, plan_expr b)
{
  const plan_expr *args[] = {&a, &b};
  plan_expr expr = {.op = op, .kind = kind, .args = args, .arg_count = 2};
  cep_value out = cb_int(-999);
  assert_true(pat_fold(&expr, &out));
  return out;
}

static cep_value fold1(plan_op op, cep_kind kind, plan_expr a)
{
  const plan_expr *args[] = {&a};
  plan_expr expr = {.op = op, .kind = kind, .args = args, .arg_count = 1};
  cep_value out = cb_int(-999);
  assert_true(pat_fold(&expr, &out));
  return out;
}

static plan_expr whole(int64_t i) { return constant(CEP_INT, cb_int(i)); }
static plan_expr real(double f) { return constant(CEP_FLOAT, cb_float(f)); }
static plan_expr span(int64_t i) { return constant(CEP_DURATION, cb_value_i(CEP_DURATION, i)); }
static plan_expr truth(int b) { return constant(CEP_BOOL, cb_bool(b)); }
static plan_expr nothing(cep_kind kind) { return constant(kind, cb_null()); }

/* A rule's constant would be another number than its text. */
static void arithmetic_is_exact_or_null(void **state)
{
  (void)state;
  assert_int_equal(fold2(PLAN_ADD, CEP_INT, whole(2), whole(3)).as.i, 5);
  assert_int_equal(fold2(PLAN_ADD, CEP_INT, whole(INT64_MAX), whole(1)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_SUB, CEP_INT, whole(INT64_MIN), whole(1)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_MUL, CEP_INT, whole(INT64_MAX), whole(2)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_IDIV, CEP_INT, whole(-7), whole(2)).as.i, -3);
  assert_int_equal(fold2(PLAN_IDIV, CEP_INT, whole(INT64_MIN), whole(-1)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_IDIV, CEP_INT, whole(1), whole(0)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_MOD, CEP_INT, whole(-7), whole(2)).as.i, -1);
  assert_int_equal(fold2(PLAN_MOD, CEP_INT, whole(INT64_MIN), whole(-1)).as.i, 0);
  assert_int_equal(fold2(PLAN_MOD, CEP_INT, whole(1), whole(0)).kind, CEP_NULL);
  assert_true(fold2(PLAN_DIV, CEP_FLOAT, real(1), real(4)).as.f == 0.25);
  assert_int_equal(fold2(PLAN_DIV, CEP_FLOAT, real(1), real(0)).kind, CEP_NULL);
  assert_int_equal(fold1(PLAN_NEG, CEP_INT, whole(INT64_MIN)).kind, CEP_NULL);
  assert_true(fold1(PLAN_TO_FLOAT, CEP_FLOAT, whole(3)).as.f == 3.0);
}

/* A span computed from others would be wrong, or overflow without a word. */
static void durations_compute_with_numbers_and_with_each_other(void **state)
{
  (void)state;
  assert_int_equal(fold2(PLAN_MUL, CEP_DURATION, span(10), whole(3)).as.i, 30);
  assert_int_equal(fold2(PLAN_MUL, CEP_DURATION, span(10), real(1.5)).as.i, 15);
  assert_int_equal(fold2(PLAN_DIV, CEP_DURATION, span(10), real(4)).as.i, 2);
  assert_int_equal(fold2(PLAN_DIV, CEP_DURATION, span(10), real(0)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_MUL, CEP_DURATION, span(INT64_MAX), real(2)).kind, CEP_NULL);
  cep_value ratio = fold2(PLAN_DIV, CEP_FLOAT, span(10), span(4));
  assert_int_equal(ratio.kind, CEP_FLOAT);
  assert_true(ratio.as.f == 2.5);
}

/* Null would count as false in a folded condition, and `not` would turn it true. */
static void logic_is_three_valued(void **state)
{
  (void)state;
  plan_expr unknown = nothing(CEP_BOOL);
  assert_int_equal(fold2(PLAN_AND, CEP_BOOL, unknown, truth(0)).as.i, 0);
  assert_int_equal(fold2(PLAN_AND, CEP_BOOL, unknown, truth(0)).kind, CEP_BOOL);
  assert_int_equal(fold2(PLAN_AND, CEP_BOOL, unknown, truth(1)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_OR, CEP_BOOL, unknown, truth(1)).as.i, 1);
  assert_int_equal(fold2(PLAN_OR, CEP_BOOL, unknown, truth(0)).kind, CEP_NULL);
  assert_int_equal(fold1(PLAN_NOT, CEP_BOOL, unknown).kind, CEP_NULL);
  assert_int_equal(fold1(PLAN_IS_NULL, CEP_BOOL, unknown).as.i, 1);
  assert_int_equal(fold2(PLAN_EQ, CEP_BOOL, nothing(CEP_INT), whole(1)).kind, CEP_NULL);
  assert_int_equal(fold2(PLAN_LE, CEP_BOOL, whole(1), whole(1)).as.i, 1);
  assert_int_equal(fold2(PLAN_GT, CEP_BOOL, whole(1), whole(1)).as.i, 0);
}

/* A field would be taken for a constant. */
static void what_is_not_constant_is_left_alone(void **state)
{
  (void)state;
  plan_expr field = {.op = PLAN_FIELD, .kind = CEP_INT}, one = whole(1);
  const plan_expr *args[] = {&field, &one};
  plan_expr sum = {.op = PLAN_ADD, .kind = CEP_INT, .args = args, .arg_count = 2};
  cep_value out;
  assert_false(pat_fold(&sum, &out));
  assert_false(pat_fold(&field, &out));
  const plan_expr *texts[] = {&one, &one};
  plan_expr like = {.op = PLAN_LIKE, .kind = CEP_BOOL, .args = texts, .arg_count = 2};
  assert_false(pat_fold(&like, &out));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(arithmetic_is_exact_or_null),
    cmocka_unit_test(durations_compute_with_numbers_and_with_each_other),
    cmocka_unit_test(logic_is_three_valued),
    cmocka_unit_test(what_is_not_constant_is_left_alone),
  };
  return cmocka_run_group_tests_name("patterns/fold", tests, NULL, NULL);
}
