/* test_plan_window.c - windows of four kinds and joins in the plan, and what may be null in what they give. */
#include "tests/support/test.h"

#include <stdio.h>

#include "cep/base/time.h"
#include "patterns/plan.h"

#define A "stream A { time ts  k: string  v: int  u: string? }\nstream B { time ts  k: string  w: int }\n"

typedef struct compiled {
  cb_alloc alloc;
  cb_arena arena;
  plan *made;
} compiled;

static void tell(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  if (diagnostic->severity == CEP_ERROR) print_error("%u:%u %s\n", diagnostic->line, diagnostic->column, diagnostic->text);
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

static plan_window window_of(const char *header)
{
  char rule[512];
  compiled c;
  snprintf(rule, sizeof rule, A "aggregate w from A by k window %s { n: count() }\n", header);
  plan_window window = *compile(&c, rule)->window;
  end(&c);
  return window;
}

/* Another window would be opened than was written. */
static void a_window_has_the_lengths_that_are_written(void **state)
{
  (void)state;
  plan_window window = window_of("tumbling 1m offset 90s even empty for 1h allowed lateness 5s");
  assert_true(window.kind == PLAN_TUMBLING && window.length == 60 * CB_SECOND && window.every == 60 * CB_SECOND);
  assert_true(window.offset == 30 * CB_SECOND && window.even_empty == 3600 * CB_SECOND && window.allowed == 5 * CB_SECOND);
  assert_true(window.max == 0 && window.events == 0 && window.every_events == 0 && window.early_every == 0 && !window.at_once);
  window = window_of("sliding 1m every 25s offset 30s");
  assert_true(window.kind == PLAN_SLIDING && window.length == 60 * CB_SECOND && window.every == 25 * CB_SECOND && window.offset == 5 * CB_SECOND);
  window = window_of("session gap 1m max 1h");
  assert_true(window.kind == PLAN_SESSION && window.length == 60 * CB_SECOND && window.max == 3600 * CB_SECOND && window.every == 0);
  window = window_of("count 10");
  assert_true(window.kind == PLAN_COUNT_WINDOW && window.length == 0 && window.events == 10 && window.every_events == 10);
  window = window_of("count 10 every 3");
  assert_true(window.events == 10 && window.every_events == 3);
}

/* What reads it would believe that a value is always there, or ask in vain whether it is. */
static void a_side_of_a_join_may_be_missing_only_where_it_can(void **state)
{
  (void)state;
  static const struct {
    const char *kind;
    int a, b;
  } cases[] = {{"", 0, 0}, {"inner", 0, 0}, {"left", 0, 1}, {"full", 1, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char rule[512];
    compiled c;
    snprintf(rule, sizeof rule, A "join j from A as a, B as b by k within 1m %s { where a.v > b.w emit { v: a.v, w: b.w } }\n", cases[i].kind);
    const plan_detection *join = compile(&c, rule);
    assert_int_equal(join->emit[0].expr->may_be_null, cases[i].a);
    assert_int_equal(join->emit[1].expr->may_be_null, cases[i].b);
    assert_int_equal(join->join->where->may_be_null, 0);
    assert_int_equal(join->within, 60 * CB_SECOND);
    end(&c);
  }
}

/* Two sides of one stream with other keys would be paired by the same one. */
static void sides_of_one_stream_have_keys_of_their_own(void **state)
{
  (void)state;
  compiled c;
  const plan_detection *join = compile(&c, A "join j from A as child, A as parent by k = child.u = parent.k window sliding 2m every 1m { emit { s: window_start, v: parent.v } }\n");
  assert_int_equal(join->route_count, 2);
  assert_int_equal(join->steps[0].route, 0);
  assert_int_equal(join->steps[1].route, 1);
  assert_int_equal(join->routes[0].keys[0]->field, 3);
  assert_int_equal(join->routes[1].keys[0]->field, 1);
  assert_int_equal(join->emit[0].expr->op, PLAN_WINDOW_START);
  assert_true(join->join->within == 0 && join->join->window->every == 60 * CB_SECOND);
  end(&c);
  join = compile(&c, A "join j from A as a, A as b by k within 1m { }\n");
  assert_int_equal(join->route_count, 1);
  end(&c);
}

static void contains(const char *text, const char *part)
{
  if (!strstr(text, part)) fail_msg("'%s' is not in\n%s", part, text);
}

/* Alerts of before would have other ids; or those of two rules the same. */
static void the_identity_has_what_a_window_is_and_for_tumbling_ones_no_more_than_before(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"aggregate w from A by k window tumbling 1m { n: count() }", "\n(window tumbling 60000000000 0 0 at-end)\n(measures"},
      {"aggregate w from A by k window sliding 1m every 1s { n: count() }", "\n(window sliding 60000000000 1000000000 0 0 at-end)\n(measures"},
      {"aggregate w from A by k window session gap 1s max 2s { n: count() }", "\n(window session 1000000000 2000000000 0 0 at-end)\n"},
      {"aggregate w from A by k window count 9 every 2 { n: count() }", "\n(window count 0 9 2 0 0 at-end)\n"},
      {"aggregate w from A by k window tumbling 1m allowed lateness 1s { n: count() early every 2s }", "\n(early 2000000000)\n(allowed 1000000000)\n"},
      {"aggregate w from A by k window tumbling 1m { n: top(3, u) }", "(aggregate top 0 (int 3) (field"},
      {"join w from A as a, B as b by k within 1m left { }", "\n(join left 60000000000 ())"},
      {"join w from A as a, B as b by k window tumbling 1m { }", "\n(join inner 0 ())\n(window tumbling 60000000000 0 0 at-end)"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char rule[512];
    compiled c;
    cb_writer text;
    snprintf(rule, sizeof rule, A "%s\n", cases[i][0]);
    const plan_detection *made = compile(&c, rule);
    cb_writer_init(&text, &c.alloc);
    assert_int_equal(plan_identity(&text, c.made, made), CEP_OK);
    cb_write_u8(&text, 0);
    contains((const char *)text.data, cases[i][1]);
    cb_writer_fini(&text);
    end(&c);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_window_has_the_lengths_that_are_written),
      cmocka_unit_test(a_side_of_a_join_may_be_missing_only_where_it_can),
      cmocka_unit_test(sides_of_one_stream_have_keys_of_their_own),
      cmocka_unit_test(the_identity_has_what_a_window_is_and_for_tumbling_ones_no_more_than_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
