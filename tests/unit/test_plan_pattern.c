/* test_plan_pattern.c - how the elements of a pattern stand together in the plan. */
#include "tests/support/test.h"

#include <stdio.h>

#include "patterns/plan.h"
#include "patterns/plan_shape.h"

#define A "stream A { time ts  k: int  u: string }\nstream B { time ts  k: int }\n"

typedef struct compiled {
  cb_alloc alloc;
  cb_arena arena;
  plan *made;
} compiled;

static void tell(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  print_error("%u:%u %s\n", diagnostic->line, diagnostic->column, diagnostic->text);
}

static const plan_detection *compile(compiled *c, const char *text)
{
  cep_error err;
  memset(c, 0, sizeof *c);
  cb_alloc_init(&c->alloc, NULL, 0);
  cb_arena_init(&c->arena, &c->alloc);
  assert_int_equal(plan_compile(&c->arena, "test", text, strlen(text), tell, NULL, &c->made, &err), CEP_OK);
  return &c->made->detections[0];
}

static void end(compiled *c)
{
  cb_arena_fini(&c->arena);
  assert_int_equal(c->alloc.bytes_in_use, 0);
}

static cb_writer text_of(compiled *c, int is_identity)
{
  cb_writer writer;
  cb_writer_init(&writer, &c->alloc);
  const plan_detection *detection = &c->made->detections[0];
  assert_int_equal(is_identity ? plan_identity(&writer, c->made, detection) : plan_print(&writer, c->made), CEP_OK);
  cb_write_u8(&writer, 0);
  assert_int_equal(writer.status, CEP_OK);
  return writer;
}

/* From the line of the pattern to the skip rule. */
static void check_pattern(const char *match, const char *expected)
{
  char rule[1024];
  compiled c;
  snprintf(rule, sizeof rule, A "detect d within 1m { match %s emit { n: 1 } }\n", match);
  (void)compile(&c, rule);
  cb_writer text = text_of(&c, 0);
  const char *from = strstr((const char *)text.data, "  pattern\n"), *to = strstr((const char *)text.data, "  after match");
  if (!*expected) assert_null(from);
  if (*expected) {
    assert_non_null(from);
    assert_int_equal(strlen(expected), (size_t)(to - from - 10));
    assert_memory_equal(from + 10, expected, strlen(expected));
  }
  cb_writer_fini(&text);
  end(&c);
}

/* The engine would be built from something else than what was written. */
static void groups_keep_their_hops_counts_and_ends(void **state)
{
  (void)state;
  check_pattern("A as a then 2+ consecutive (A as b then optional A as c) until A then any within 5s one of (A as x then no B, all of (A as y, (A as z then A as w)))",
                "    step 0\n"
                "    2+ consecutive sequence until 3\n"
                "      step 1\n"
                "      step 2\n"
                "    any within 5s one of\n"
                "      any sequence\n"
                "        step 4\n"
                "        step 5\n"
                "      any sequence\n"
                "        any all of\n"
                "          step 6\n"
                "          any sequence\n"
                "            step 7\n"
                "            step 8\n");
  check_pattern("0+ reluctant (A as a then A as b)",
                "    optional 1+ relaxed sequence\n"
                "      step 0\n"
                "      step 1\n");
}

/* Two spellings of one pattern would be two programs with different ids. */
static void parentheses_that_say_nothing_are_not_there(void **state)
{
  (void)state;
  check_pattern("(A as a then (A as b))", "");
  check_pattern("A as a then immediately (((A as b then A as c))) then optional (2+ A as x) then B", "");
  check_pattern("A as a then within 3s (A as b then A as c)", "");
  check_pattern("one of (A as a) then all of (A as b)", "");
  check_pattern("A as a then within 3s (optional A as b then A as c)", "    step 0\n    within 3s sequence\n      step 1\n      step 2\n");
  check_pattern("A as a then optional ((A as b then A as c))", "    step 0\n    optional sequence\n      step 1\n      step 2\n");
  check_pattern("2 (A as a)", "    2..2 relaxed sequence\n      step 0\n");
}

/* A first item would come at any distance, or a repeated step be read as if it were one event. */
static void steps_have_what_their_groups_say(void **state)
{
  (void)state;
  compiled c;
  const plan_detection *d = compile(&c, A "detect d within 1m { match A as a then immediately within 2s 1..3 (2+ A as b then any A as c) until A where last(c).k > k "
                                          "then within 5s (A as e then A as f)  emit { n: 1 } }\n");
  assert_int_equal(d->steps[1].hop, PLAN_STRICT);
  assert_int_equal(d->steps[1].inner, PLAN_STRICT);
  assert_int_equal(d->steps[1].gap, 0);
  assert_int_equal(d->pattern.items[1].gap, 2000000000);
  assert_int_equal(d->pattern.items[1].until, 3);
  assert_int_equal(d->steps[2].hop, PLAN_ANY);
  assert_true(d->steps[2].repeats);
  assert_int_equal(d->steps[3].kind, PLAN_UNTIL);
  assert_false(d->steps[3].repeats);
  assert_int_equal(d->steps[4].gap, 5000000000);
  assert_int_equal(d->steps[5].gap, 0);
  assert_false(d->steps[4].repeats);
  end(&c);
}

/* A read of something that may not be there would be taken for a sure one. */
static void a_capture_is_sure_only_on_every_way(void **state)
{
  (void)state;
  compiled c;
  const plan_detection *d = compile(&c, A "detect d within 1m { match A as a then one of (A as b, A as x then A as y where x.k > 1) then optional (A as o then A as p where o.k > 1) "
                                          "then 2 (A as r then A as s) then all of (A as v, A as w where v.k is null or v.k > a.k)\n"
                                          "  emit { a: a.k, b: b.k, o: o.k, r0: r[0].k, r1: r[1].k, r2: r[2].k, v: v.k } }\n");
  static const int may_be_null[] = {0, 1, 1, 0, 0, 1, 0};
  for (uint32_t i = 0; i < d->emit_count; i++) assert_int_equal(d->emit[i].expr->may_be_null, may_be_null[i]);
  assert_false(d->steps[3].where->args[0]->may_be_null);
  assert_false(d->steps[5].where->args[0]->may_be_null);
  assert_true(d->steps[9].where->may_be_null);
  end(&c);
}

static void check_prev(const char *match, uint32_t step, uint32_t count, const uint32_t *expected, int may_be_null)
{
  char rule[1024];
  compiled c;
  snprintf(rule, sizeof rule, A "detect d within 1m { match %s emit { n: 1 } }\n", match);
  const plan_detection *d = compile(&c, rule);
  const plan_expr *prev = d->steps[step].where->args[1];
  assert_int_equal(prev->op, PLAN_PREV);
  assert_int_equal(prev->prev_count, count);
  for (uint32_t i = 0; i < count; i++) assert_int_equal(prev->prev[i].step, expected[i]);
  assert_int_equal(prev->may_be_null, may_be_null);
  end(&c);
}

/* prev would read a field of the wrong stream. */
static void prev_knows_every_step_that_may_be_newest(void **state)
{
  (void)state;
  check_prev("A as a then 2 (A as b where k > prev(k) then optional A as c)", 1, 3, (const uint32_t[]){1, 0, 2}, 0);
  check_prev("A as a then one of (A as b, A as c then A as d1) then A as e where k > prev(k)", 4, 2, (const uint32_t[]){3, 1}, 0);
  check_prev("all of (A as a, A as b where k > prev(k), 2 A as c)", 1, 2, (const uint32_t[]){0, 2}, 1);
  check_prev("A as a then 2+ (A as b then A as c) until A where k > prev(k) then A as e", 3, 3, (const uint32_t[]){2, 1, 0}, 0);
  check_prev("1+ A as a until A where k > prev(k) then A as e", 1, 1, (const uint32_t[]){0}, 1);
  check_prev("2 (A as a then no B where k > prev(k) then A as b)", 1, 1, (const uint32_t[]){0}, 0);
}

/* Ids of patterns that were there before would change, or two meanings share one. */
static void identity_tells_of_groups_only_where_there_are_some(void **state)
{
  (void)state;
  static const char *const rules[] = {"A as a then A as b then A as c", "A as a then 2 (A as b then A as c)", "A as a then optional (A as b then A as c)",
                                      "A as a then within 1s A as b then A as c", "A as a then one of (A as b, A as c)", "A as a then all of (A as b, A as c)"};
  char texts[6][2048];
  for (size_t i = 0; i < 6; i++) {
    char rule[1024];
    compiled c;
    snprintf(rule, sizeof rule, A "detect d within 1m { match %s emit { n: 1 } }\n", rules[i]);
    (void)compile(&c, rule);
    cb_writer text = text_of(&c, 1);
    snprintf(texts[i], sizeof texts[i], "%s", (const char *)text.data);
    assert_int_equal(strstr(texts[i], "(pattern") != NULL, i > 0);
    for (size_t j = 0; j < i; j++) assert_string_not_equal(texts[i], texts[j]);
    cb_writer_fini(&text);
    end(&c);
  }
}

/* Which steps can end a match decides who waits; a step lost here would never be waited for. */
static void a_shape_knows_first_and_last_steps(void **state)
{
  (void)state;
  compiled c;
  plan_shape shape;
  const plan_detection *d = compile(&c, A "detect d within 1m { match optional A as a then one of (A as b then optional A as c, A as x) then optional all of (A as y, A as z) then no B  emit { n: 1 } }\n");
  plan_shape_make(&shape, &d->pattern, d->steps);
  assert_int_equal(shape.first, 1u << 0 | 1u << 1 | 1u << 3);
  assert_int_equal(shape.last, 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5);
  assert_int_equal(shape.before[4], 1u << 1 | 1u << 2 | 1u << 3 | 1u << 5);
  assert_int_equal(shape.before[6], shape.last);
  end(&c);
}

/* A clause would be read, checked, and forgotten. */
static void what_is_asked_of_the_whole_match_is_in_the_plan(void **state)
{
  (void)state;
  compiled c;
  const plan_detection *d = compile(&c, A "detect d by k within 10 events { match latest A as a then any 2+ reluctant A as b having sum(b.k) > a.k and k > 1\n"
                                          "  after match no skip  emit once { n: matches(), most: max(b.k), k: k } }\n");
  assert_int_equal(d->within, PLAN_UNBOUNDED);
  assert_int_equal(d->within_events, 10);
  assert_true(d->latest);
  assert_true(d->emit_once);
  assert_int_equal(d->having->op, PLAN_AND);
  assert_int_equal(d->emit[0].expr->op, PLAN_MATCHES);
  assert_int_equal(d->emit[0].expr->kind, CEP_INT);
  assert_false(d->emit[0].expr->may_be_null);
  cb_writer text = text_of(&c, 0);
  assert_non_null(strstr((const char *)text.data, "  within 10 events\n"));
  assert_non_null(strstr((const char *)text.data, "  latest\n  having "));
  assert_non_null(strstr((const char *)text.data, "  emit once\n    n: int = "));
  cb_writer_fini(&text);
  end(&c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(groups_keep_their_hops_counts_and_ends),
    cmocka_unit_test(parentheses_that_say_nothing_are_not_there),
    cmocka_unit_test(steps_have_what_their_groups_say),
    cmocka_unit_test(a_capture_is_sure_only_on_every_way),
    cmocka_unit_test(prev_knows_every_step_that_may_be_newest),
    cmocka_unit_test(identity_tells_of_groups_only_where_there_are_some),
    cmocka_unit_test(a_shape_knows_first_and_last_steps),
    cmocka_unit_test(what_is_asked_of_the_whole_match_is_in_the_plan),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
