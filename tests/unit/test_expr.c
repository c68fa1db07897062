/* test_expr.c - expressions, from text through bytecode to a value. */
#include "tests/support/built.h"

#include <stdio.h>

#include "nfa/expr.h"
#include "tests/support/fault_alloc.h"

#define FIELDS                                                                                               \
  "stream S from stdin format json { time ts s\n"                                                            \
  "  a: int b: int n: int? big: int low: int\n"                                                              \
  "  f: float g: float nf: float? zero: float\n"                                                             \
  "  s: string p: string ns: string? none: string\n"                                                         \
  "  d: duration h: duration nd: duration? t: time nt: time? i: ip ni: ip? yes: bool no_: bool nb: bool? "   \
  "}\n"

static const uint8_t address[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 7};

/* The value of a field of the one event that every expression here is tried on. */
static cep_value value_of(const char *name)
{
  const struct {
    const char *name;
    cep_value value;
  } values[] = {
      {"a", cb_int(7)},
      {"b", cb_int(-3)},
      {"big", cb_int(INT64_MAX)},
      {"low", cb_int(INT64_MIN)},
      {"f", cb_float(2.5)},
      {"g", cb_float(-0.5)},
      {"zero", cb_float(0)},
      {"s", cb_string("Grüße_100%", 12)},
      {"p", cb_string("ab.cd", 5)},
      {"none", cb_string("", 0)},
      {"d", cb_value_i(CEP_DURATION, 90000000000)},
      {"h", cb_value_i(CEP_DURATION, 60000000000)},
      {"t", cb_value_i(CEP_TIME, 120000000000)},
      {"i", {CEP_IP, 16, {.s = (const char *)address}}},
      {"yes", cb_bool(1)},
      {"no_", cb_bool(0)},
  };
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    if (strcmp(values[i].name, name) == 0) return values[i].value;
  }
  return cb_null();
}

static void fill_batch(const prg *program, cb_alloc *alloc, cb_batch *batch)
{
  const prg_stream *stream = &program->streams[0];
  assert_int_equal(
      cb_batch_init(batch, alloc, 0, stream->columns.count, program->columns + stream->columns.first, 4),
      CEP_OK);
  cb_batch_begin_row(batch, 100000000000, 0, 1);
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    const prg_field *field = &program->fields[stream->fields.first + i];
    cep_value value = value_of(prg_text(program, field->name));
    if (field->column != PRG_NONE && value.kind != CEP_NULL)
      assert_int_equal(cb_batch_set(batch, field->column, &value), CEP_OK);
  }
  cb_batch_end_row(batch);
}

/* Writes the value of `text`, as a key of the event, as JSON. */
static void evaluate(const char *text, cb_writer *out)
{
  char rules[2048];
  snprintf(rules, sizeof rules, FIELDS "detect d by k = %s within 1h { match S as e emit { k: k } }", text);
  prg *program = built_program(rules);
  cb_alloc alloc;
  cb_batch batch;
  nfa_scratch scratch;
  cb_alloc_init(&alloc, NULL, 0);
  fill_batch(program, &alloc, &batch);
  assert_int_equal(nfa_scratch_init(&scratch, &alloc, program, 1000000, 1 << 20), CEP_OK);
  nfa_env env = {.program = program, .scratch = &scratch, .batch = &batch};
  cep_value value = nfa_expr_eval(&env, program->lists[program->routes[0].keys.first]);
  cb_writer_reset(out);
  cb_value_write_json(out, &value);
  cb_write_u8(out, 0);
  nfa_scratch_fini(&scratch);
  cb_batch_fini(&batch);
  assert_int_equal(alloc.bytes_in_use, 0);
  prg_unref(program);
}

typedef struct pair {
  const char *text;
  const char *json;
} pair;

static void check_all(const pair *pairs, size_t count)
{
  cb_alloc alloc;
  cb_writer out;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&out, &alloc);
  for (size_t i = 0; i < count; i++) {
    evaluate(pairs[i].text, &out);
    if (strcmp((const char *)out.data, pairs[i].json) != 0)
      fail_msg("%s gave %s, not %s", pairs[i].text, (const char *)out.data, pairs[i].json);
  }
  cb_writer_fini(&out);
}
#define CHECK_ALL(pairs) check_all(pairs, sizeof(pairs) / sizeof(pairs)[0])

/* Whole numbers never wrap: what does not fit is null. */
static void whole_numbers_overflow_to_null(void **state)
{
  (void)state;
  const pair pairs[] = {
      {"a + b", "4"},
      {"a - b", "10"},
      {"a * b", "-21"},
      {"a div b", "-2"},
      {"a % b", "1"},
      {"b % a", "-3"},
      {"-a", "-7"},
      {"big + a", "null"},
      {"low - a", "null"},
      {"big * a", "null"},
      {"low div (b + 2)", "null"},
      {"low % (b + 2)", "0"},
      {"-low", "null"},
      {"a div (a - a)", "null"},
      {"a % (a - a)", "null"},
      {"a + n", "null"},
      {"n * a", "null"},
      {"abs(b)", "3"},
      {"abs(low)", "null"},
      {"low + big", "-1"},
  };
  CHECK_ALL(pairs);
}

static void floats_divide_and_ints_become_floats(void **state)
{
  (void)state;
  const pair pairs[] = {
      {"f + g", "2"},
      {"f * a", "17.5"},
      {"a / b", "-2.3333333333333335"},
      {"f / zero", "null"},
      {"a / (a - a)", "null"},
      {"f - nf", "null"},
      {"-f", "-2.5"},
      {"abs(g)", "0.5"},
      {"f * zero", "0"},
      {"big * 1e300 * 1e300", "null"},
  };
  CHECK_ALL(pairs);
}

/* Times are points, durations lengths: only what has a meaning is computed. */
static void times_and_durations_have_their_own_arithmetic(void **state)
{
  (void)state;
  const pair pairs[] = {
      {"t + d", "\"1970-01-01T00:03:30Z\""},
      {"t - h", "\"1970-01-01T00:01:00Z\""},
      {"t - ts", "20"},
      {"d + h", "150"},
      {"d - h", "30"},
      {"d * a", "630"},
      {"d * f", "225"},
      {"d / h", "1.5"},
      {"d / f", "36"},
      {"-d", "-90"},
      {"d * big", "null"},
      {"d / zero", "null"},
      {"d / (h - h)", "null"},
      {"t + nd", "null"},
      {"nt - t", "null"},
  };
  CHECK_ALL(pairs);
}

static void comparisons_with_null_are_unknown(void **state)
{
  (void)state;
  const pair pairs[] = {
      {"coalesce(a == 7, no_)", "true"},
      {"coalesce(n == 7, nb)", "null"},
      {"coalesce(a != n, nb)", "null"},
      {"coalesce(a < 7.5, no_)", "true"},
      {"coalesce(f >= 2.5, no_)", "true"},
      {"coalesce(p > \"ab\", no_)", "true"},
      {"coalesce(p < \"b\", no_)", "true"},
      {"coalesce(t <= ts, yes)", "false"},
      {"coalesce(d > h, no_)", "true"},
      {"coalesce(i == ni, nb)", "null"},
      {"coalesce(n is null, no_)", "true"},
      {"coalesce(a is not null, no_)", "true"},
      {"coalesce(n, b)", "-3"},
      {"coalesce(n, nf, f)", "2.5"},
      {"coalesce(a, b)", "7"},
      {"coalesce(nf / zero, g)", "-0.5"},
  };
  CHECK_ALL(pairs);
}

/* Kleene's tables, whole. */
static void and_or_not_are_three_valued(void **state)
{
  (void)state;
  const pair pairs[] = {
      {"coalesce(yes and yes, nb)", "true"},
      {"coalesce(yes and no_, nb)", "false"},
      {"coalesce(yes and nb, nb)", "null"},
      {"coalesce(no_ and nb, nb)", "false"},
      {"coalesce(nb and no_, nb)", "false"},
      {"coalesce(nb and nb, nb)", "null"},
      {"coalesce(yes or nb, nb)", "true"},
      {"coalesce(nb or yes, nb)", "true"},
      {"coalesce(no_ or no_, nb)", "false"},
      {"coalesce(no_ or nb, nb)", "null"},
      {"coalesce(not yes, nb)", "false"},
      {"coalesce(not nb, nb)", "null"},
      {"coalesce(yes and yes and nb and no_, nb)", "false"},
      {"coalesce(no_ or nb or yes, nb)", "true"},
  };
  CHECK_ALL(pairs);
}

static void membership_is_unknown_only_where_null_could_decide(void **state)
{
  (void)state;
  const pair pairs[] = {
      {"coalesce(a in (1, 7), nb)", "true"},
      {"coalesce(a in (1, 2), nb)", "false"},
      {"coalesce(a in (1, n), nb)", "null"},
      {"coalesce(a in (n, 7), nb)", "true"},
      {"coalesce(n in (1, 2), nb)", "null"},
      {"coalesce(a not in (1, 2), nb)", "true"},
      {"coalesce(p in (\"x\", \"ab.cd\"), nb)", "true"},
      {"coalesce(f in (2, 2.5), nb)", "true"},
      {"coalesce(i in cidr \"10.0.0.0/8\", nb)", "true"},
      {"coalesce(i in cidr (\"192.168.0.0/16\", \"10.0.0.7\"), nb)", "true"},
      {"coalesce(i in cidr \"10.1.0.0/16\", nb)", "false"},
      {"coalesce(ni in cidr \"10.0.0.0/8\", nb)", "null"},
  };
  CHECK_ALL(pairs);
}

static void texts_are_searched_by_characters_and_bytes(void **state)
{
  (void)state;
  const pair pairs[] = {
      {"coalesce(s like \"Gr%\", nb)", "true"},
      {"coalesce(s like \"Gr__e%\", nb)", "true"},
      {"coalesce(s like \"Gr_e%\", nb)", "false"},
      {"coalesce(s like \"%\\\\_100\\\\%\", nb)", "true"},
      {"coalesce(s like \"%\\\\_\", nb)", "false"},
      {"coalesce(s ilike \"gR%\", nb)", "true"},
      {"coalesce(p like \"%b%d\", nb)", "true"},
      {"coalesce(p like \"a%c\", nb)", "false"},
      {"coalesce(none like \"%\", nb)", "true"},
      {"coalesce(none like \"_\", nb)", "false"},
      {"coalesce(none like \"\", nb)", "true"},
      {"coalesce(ns like \"%\", nb)", "null"},
      {"coalesce(s ~ r\"^Gr.{2}e\", nb)", "true"},
      {"coalesce(p ~ r\"b.c\", nb)", "true"},
      {"coalesce(p !~ r\"^b\", nb)", "true"},
      {"coalesce(ns ~ r\".\", nb)", "null"},
      {"coalesce(p contains \"b.c\", nb)", "true"},
      {"coalesce(p contains \"\", nb)", "true"},
      {"coalesce(p contains \"cda\", nb)", "false"},
      {"coalesce(p icontains \"B.C\", nb)", "true"},
      {"coalesce(p starts with \"ab\", nb)", "true"},
      {"coalesce(p istarts with \"AB.\", nb)", "true"},
      {"coalesce(p ends with \".cd\", nb)", "true"},
      {"coalesce(p iends with \"D\", nb)", "true"},
      {"coalesce(p ends with \"xab.cd\", nb)", "false"},
      {"coalesce(ns contains p, nb)", "null"},
      {"length(s)", "10"},
      {"length(none)", "0"},
      {"lower(s)", "\"grüße_100%\""},
      {"upper(p)", "\"AB.CD\""},
      {"concat(p, \"-\", upper(p))", "\"ab.cd-AB.CD\""},
      {"concat(p, ns)", "null"},
      {"lower(upper(concat(s, s)))", "\"grüße_100%grüße_100%\""},
  };
  CHECK_ALL(pairs);
}

/* The machine has a stack of 64 values; what needs more is refused when it is built, with a place. */
static void an_expression_that_is_too_deep_has_a_place(void **state)
{
  (void)state;
  char rules[4096];
  size_t at = (size_t)snprintf(rules, sizeof rules, FIELDS "detect d by k = ");
  for (int i = 0; i < 70; i++) at += (size_t)snprintf(rules + at, sizeof rules - at, "(a + ");
  at += (size_t)snprintf(rules + at, sizeof rules - at, "a");
  for (int i = 0; i < 70; i++) at += (size_t)snprintf(rules + at, sizeof rules - at, ")");
  snprintf(rules + at, sizeof rules - at, " within 1h { match S as e emit { k: k } }");
  cb_alloc alloc;
  cb_writer image;
  cep_error err = {0};
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&image, &alloc);
  cep_status status = built_try(&alloc, rules, &image, &err);
  assert_true(status < 0);
  assert_true(err.line > 0);
  cb_writer_fini(&image);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* Values of one evaluation stay where they are, however much memory it needs. */
static void computed_texts_outlive_the_growth_of_the_scratch(void **state)
{
  (void)state;
  char text[1024] = "upper(p)";
  cb_alloc alloc;
  cb_writer out;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&out, &alloc);
  for (int i = 0; i < 9; i++) { /* 5 * 2^9 bytes, more than the first block */
    char longer[1024];
    if (strlen(text) * 2 + 16 > sizeof longer) break;
    snprintf(longer, sizeof longer, "concat(%.480s, %.480s)", text, text);
    strcpy(text, longer);
  }
  char wide[1200];
  snprintf(wide, sizeof wide, "length(%s)", text);
  evaluate(wide, &out);
  assert_string_not_equal((const char *)out.data, "null");
  cb_writer_fini(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_numbers_overflow_to_null),
      cmocka_unit_test(floats_divide_and_ints_become_floats),
      cmocka_unit_test(times_and_durations_have_their_own_arithmetic),
      cmocka_unit_test(comparisons_with_null_are_unknown),
      cmocka_unit_test(and_or_not_are_three_valued),
      cmocka_unit_test(membership_is_unknown_only_where_null_could_decide),
      cmocka_unit_test(texts_are_searched_by_characters_and_bytes),
      cmocka_unit_test(an_expression_that_is_too_deep_has_a_place),
      cmocka_unit_test(computed_texts_outlive_the_growth_of_the_scratch),
  };
  return cmocka_run_group_tests_name("nfa/expr", tests, NULL, NULL);
}
