/* test_plan.c - the whole way from text to plan: routes, strata, identity, limits, memory. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "patterns/plan.h"
#include "tests/support/fault_alloc.h"

typedef struct compiled {
  cb_alloc alloc;
  cb_arena arena;
  plan *made;
  cep_error err;
  cep_status status;
} compiled;

static void compile_bytes(compiled *c, const char *text, size_t len)
{
  memset(c, 0, sizeof *c);
  cb_alloc_init(&c->alloc, NULL, 0);
  cb_arena_init(&c->arena, &c->alloc);
  c->status = plan_compile(&c->arena, "test", text, len, NULL, NULL, &c->made, &c->err);
}

static const plan *compile(compiled *c, const char *text)
{
  compile_bytes(c, text, strlen(text));
  if (c->status != CEP_OK) print_error("%u:%u %s\n", c->err.line, c->err.column, c->err.text);
  assert_int_equal(c->status, CEP_OK);
  return c->made;
}

static void end(compiled *c)
{
  cb_arena_fini(&c->arena);
  assert_int_equal(c->alloc.bytes_in_use, 0);
}

#define A "stream A { time ts  k: int  u: string  f: float  ip: ip  n: int? }\n"
#define B "stream B { time ts  k: int  u: string }\n"

/* ---- Routes ------------------------------------------------------------------------- */

/* An event would be taken into the input twice, or a define's filter would reach the whole stream. */
static void steps_share_a_route_when_stream_and_key_are_the_same(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, A "define D = A where n > 1\ndefine E = A where n > 2\n"
                                 "detect d by k within 1m { match D as a then A as b then E as c }\n"
                                 "detect e by k within 1m { match D as a then E as b then D as c }\n");
  const plan_detection *d = &made->detections[0], *e = &made->detections[1];
  assert_int_equal(d->route_count, 1);
  assert_null(d->routes[0].member);
  assert_non_null(d->steps[0].member);
  assert_null(d->steps[1].member);
  assert_int_equal(e->route_count, 2);
  assert_int_equal(e->steps[0].route, 0);
  assert_int_equal(e->steps[1].route, 1);
  assert_int_equal(e->steps[2].route, 0);
  assert_non_null(e->routes[0].member);
  end(&c);
}

/* A key would be read from the wrong field. */
static void a_key_finds_its_field_by_stream_define_or_expression(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, A "stream S { time ts  ref: int  who: string }\n"
                                 "define D = A where n > 1\n"
                                 "detect d by k = S.ref within 1m { match A then S then D }\n"
                                 "detect e by u = lower(u) = S.who within 1m { match A then S }\n"
                                 "detect f by x = D.n = A.k within 1m { match A then D }\n");
  const plan_detection *d = &made->detections[0], *e = &made->detections[1], *f = &made->detections[2];
  assert_int_equal(d->route_count, 2);
  assert_int_equal(d->routes[0].keys[0]->field, 1);
  assert_int_equal(d->routes[1].keys[0]->field, 1);
  assert_int_equal(d->steps[2].route, 0);
  assert_int_equal(e->routes[0].keys[0]->op, PLAN_CALL);
  assert_int_equal(e->routes[1].keys[0]->op, PLAN_FIELD);
  assert_int_equal(f->route_count, 2);
  assert_int_equal(f->routes[1].keys[0]->field, 5);
  end(&c);
}

/* ---- Streams ------------------------------------------------------------------------ */

/* Readers of one input would look for its time in different places. */
static void fields_of_an_input_come_first_in_all_its_streams(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, "input I { EventID: int  time ts ms  host: string }\n"
                                 "stream S from I where EventID == 1 { x: int  host: string }\n"
                                 "stream T from I { y: int }\n"
                                 "detect d within 1m { match S then T }\n");
  assert_int_equal(made->input_count, 1);
  assert_int_equal(made->stream_count, 3);
  assert_int_equal(made->inputs[0].time_field, 1);
  for (uint32_t i = 0; i < 2; i++) {
    assert_int_equal(made->streams[i].field_count, 4);
    assert_string_equal(made->streams[i].fields[0].name, "EventID");
    assert_true(made->streams[i].fields[1].is_time);
    assert_string_equal(made->streams[i].fields[2].name, "host");
  }
  assert_non_null(made->streams[0].fits);
  end(&c);
}

/* A detection would run before the one that it reads, or have other fields than were emitted. */
static void detections_are_streams_in_any_order_with_strata(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, "detect top by k within 1h { match 2+ mid as m then low as l emit { n: count(m), last: last(m).x } }\n"
                                 "define mid = low where x > 1\n"
                                 "detect low by k within 1m { match A as a emit { x: a.n, k: a.k } }\n" A);
  assert_int_equal(made->detections[0].stratum, 2);
  assert_int_equal(made->detections[1].stratum, 1);
  assert_int_equal(made->streams[0].detection, 0);
  assert_int_equal(made->streams[1].detection, 1);
  assert_int_equal(made->streams[2].detection, CEP_NONE);
  const plan_stream *low = &made->streams[1];
  assert_int_equal(low->field_count, 3);
  assert_string_equal(low->fields[0].name, "k");
  assert_false(low->fields[0].nullable);
  assert_string_equal(low->fields[1].name, "x");
  assert_true(low->fields[1].nullable);
  assert_int_equal(made->detections[0].emit[1].expr->kind, CEP_INT);
  end(&c);
}

/* ---- Steps -------------------------------------------------------------------------- */

/* Counts would mean other numbers of events than they say. */
static void counts_from_zero_are_optional(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, A "detect d within 1m { match 0..2 A as a then immediately 0+ A as b then any 3 A as c then A as e }\n");
  const plan_step *steps = made->detections[0].steps;
  assert_true(steps[0].optional);
  assert_int_equal(steps[0].min, 1);
  assert_int_equal(steps[0].max, 2);
  assert_int_equal(steps[0].inner, PLAN_RELAXED);
  assert_true(steps[1].optional);
  assert_int_equal(steps[1].max, PLAN_OPEN);
  assert_int_equal(steps[1].inner, PLAN_STRICT);
  assert_int_equal(steps[2].inner, PLAN_ANY);
  assert_int_equal(steps[2].min, 3);
  assert_int_equal(steps[2].max, 3);
  assert_false(steps[3].counted);
  end(&c);
}

/* prev would read another step's event, or a field number of another stream. */
static void prev_lists_every_step_that_may_be_before(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, "stream B2 { u: string  k: int  time ts }\n" A
                                 "detect d within 1m { match A as a then optional B2 as b then no A then 2+ A as c where k > prev(k, 0) then A as e where k > prev(k) }\n");
  const plan_expr *prev = made->detections[0].steps[3].where->args[1];
  assert_int_equal(prev->op, PLAN_PREV);
  assert_int_equal(prev->prev_count, 3);
  assert_int_equal(prev->prev[0].step, 3);
  assert_int_equal(prev->prev[1].step, 1);
  assert_int_equal(prev->prev[1].field, 1);
  assert_int_equal(prev->prev[2].step, 0);
  assert_int_equal(prev->prev[2].field, 1);
  assert_int_equal(prev->arg_count, 1);
  assert_int_equal(made->detections[0].steps[4].where->args[1]->prev_count, 1);
  end(&c);
}

/* The default output would lose a step, or give a repeated one as if it were one event. */
static void without_emit_single_steps_give_their_fields(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, B "detect d by k within 1m { match 2+ B as x then optional B as y then no B then B as `z w` }\n");
  const plan_detection *d = &made->detections[0];
  assert_int_equal(d->emit_count, 6);
  assert_string_equal(d->emit[0].name, "y.ts");
  assert_true(d->emit[0].expr->may_be_null);
  assert_string_equal(d->emit[5].name, "z w.u");
  assert_false(d->emit[5].expr->may_be_null);
  end(&c);
}

/* A silence without `by` would be one for all keys. */
static void suppress_without_by_means_the_key(void **state)
{
  (void)state;
  compiled c;
  const plan *made = compile(&c, A "detect d by k, u within 1m { match A as a suppress 1h }\n"
                                 "detect e by k within 1m { match A as a emit { u: a.u } suppress 1h by u, k }\n");
  assert_int_equal(made->detections[0].suppress.by_count, 2);
  assert_int_equal(made->detections[0].suppress.by[1], 1);
  assert_int_equal(made->detections[1].suppress.by[0], 1);
  assert_int_equal(made->detections[1].suppress.by[1], 0);
  end(&c);
}

/* ---- Identity ----------------------------------------------------------------------- */

static char *identity_of(const char *text)
{
  compiled c;
  cb_writer writer;
  const plan *made = compile(&c, text);
  cb_writer_init(&writer, &c.alloc);
  assert_int_equal(plan_identity(&writer, made, &made->detections[0]), CEP_OK);
  char *copy = calloc(1, writer.len + 1);
  assert_non_null(copy);
  memcpy(copy, writer.data, writer.len);
  cb_writer_fini(&writer);
  end(&c);
  return copy;
}

static int same_identity(const char *a, const char *b)
{
  char *first = identity_of(a), *second = identity_of(b);
  int is_same = strcmp(first, second) == 0;
  free(first);
  free(second);
  return is_same;
}

/* Alerts would change their ids with a comment, or keep them with another meaning. */
static void identity_follows_the_meaning_alone(void **state)
{
  (void)state;
  static const char base[] = A "detect d by k within 1m { match A as a where n > 1 emit { x: a.u } }";
  assert_true(same_identity(base, "// a comment\n" A
                                  "detect   d by k within 60s {\n meta { owner: \"x\" }\n match A as a where n > 2 - 1\n"
                                  "emit { x: a.u }\n test \"t\" { watermark 1s expect nothing } }"));
  static const char *const others[] = {
    A "detect e by k within 1m { match A as a where n > 1 emit { x: a.u } }",
    A "detect d by u within 1m { match A as a where n > 1 emit { x: a.u } }",
    A "detect d by k within 2m { match A as a where n > 1 emit { x: a.u } }",
    A "detect d by k within 1m { match A as b where n > 1 emit { x: b.u } }",
    A "detect d by k within 1m { match A as a where n > 2 emit { x: a.u } }",
    A "detect d by k within 1m { match A as a where k > 1 emit { x: a.u } }",
    A "detect d by k within 1m { match A as a where n > 1 emit { y: a.u } }",
    A "detect d by k within 1m { match A as a where n > 1 emit { x: a.k } }",
    A "detect d by k within 1m { match A as a where n > 1 emit { x: a.u } suppress 1m }",
    A "detect d by k within 1m { match A as a where n > 1 after match no skip emit { x: a.u } }",
    A "detect d by k within 1m { match 1 A as a where n > 1 emit { x: a.u } }",
    A "detect d by k within 1m { match A as a where n > 1 limit 1 matches emit { x: a.u } }",
    A "detect d by k within 1m { match A as a where n > 1 emit { x: a.u } on timeout emit { } }",
  };
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_false(same_identity(base, others[i]));
}

/* ---- Limits and memory -------------------------------------------------------------- */

/* A file of any size or shape would take the process down. */
static void limits_are_diagnostics(void **state)
{
  (void)state;
  compiled c;
  size_t size = (size_t)17 * 1024 * 1024;
  char *text = calloc(1, size);
  assert_non_null(text);
  memset(text, ' ', size);
  compile_bytes(&c, text, size);
  assert_int_equal(c.status, CEP_E_LIMIT);
  end(&c);
  memset(text, '(', size);
  static const char head[] = A "detect d within 1m { match A where ";
  memcpy(text, head, sizeof head - 1);
  compile_bytes(&c, text, 1024 * 1024);
  assert_int_equal(c.status, CEP_E_SYNTAX);
  end(&c);
  /* Each define stands on the one before. */
  size_t len = (size_t)snprintf(text, size, A);
  for (int i = 0; i < 300; i++) len += (size_t)snprintf(text + len, size - len, i ? "define d%d = d%d where n > %d\n" : "define d%d = A where n > 0\n", i, i - 1, i);
  len += (size_t)snprintf(text + len, size - len, "detect x within 1m { match d299 }");
  compile_bytes(&c, text, len);
  assert_int_equal(c.status, CEP_OK);
  end(&c);
  len = 0;
  for (int i = 0; i < 300; i++) len += (size_t)snprintf(text + len, size - len, "define e%d = e%d where n > %d\n", i, i + 1, i);
  len += (size_t)snprintf(text + len, size - len, "define e300 = A where n > 0\n" A "detect x within 1m { match e0 }");
  compile_bytes(&c, text, len);
  assert_int_equal(c.err.code, 311);
  end(&c);
  free(text);
}

/* Long lists are no nesting: they must not meet the limit of depth. */
static void long_lists_are_flat(void **state)
{
  (void)state;
  compiled c;
  size_t size = 200000, len = (size_t)0;
  char *text = calloc(1, size);
  assert_non_null(text);
  len += (size_t)snprintf(text + len, size - len, A "detect d within 1m { match A where k in (0");
  for (int i = 1; i < 5000; i++) len += (size_t)snprintf(text + len, size - len, ", %d", i);
  len += (size_t)snprintf(text + len, size - len, ") and (n == 0");
  for (int i = 1; i < 5000; i++) len += (size_t)snprintf(text + len, size - len, " or n == %d", i);
  len += (size_t)snprintf(text + len, size - len, ") }");
  assert_non_null(compile(&c, text));
  end(&c);
  free(text);
}

static const char everything[] =
  "input S format line { time \"%b %d %H:%M:%S\" year 2015 zone \"+01:00\" }\n"
  "stream F from S r\"for (?<u>\\S+) from (?<ip>\\S+)\" { u: string  ip: ip }\n" A
  "define D = F where u in (\"a\", \"b\") and ip in cidr \"10.0.0.0/8\" and u ~ \"x+\"\n"
  "detect d by who = D.u = lower(u) within 1m {\n"
  "  match 2+ distinct(ip) D as x then no A where n > 1 then optional A as y where n > count(x) or u == prev(u)\n"
  "  after match skip to last x\n"
  "  emit { who: who, n: count(x), s: sum(y.k), i: last(x).ip } on timeout emit { n: x[0].u }\n"
  "  suppress 1m by who meta { a: 1 }\n"
  "  test \"t\" { at 0s F { u: \"a\", ip: \"10.0.0.1\" } repeat 2 every 1s expect { who: \"a\", i: \"10.0.0.1\" } watermark 1h }\n"
  "}\n"
  "detect e by who within 1h { match d as p where n > 1 and (who like \"a%\" or not (s is null)) then no d }\n";

static const char mistakes[] = "stream A { time ts  k: integer }\n" B "detect d by k within 1m { match B as a where kk == 1 and u == 2 then Bb as c emit { x: q.y, z: u } }\n"
                               "detect d { match B as `x y` where k = 1 }\n";

static int compile_text(const cep_allocator *allocator, void *ctx)
{
  cb_alloc alloc;
  cb_arena arena;
  plan *made = NULL;
  cep_error err;
  cb_alloc_init(&alloc, allocator, 0);
  cb_arena_init(&arena, &alloc);
  const char *text = ctx;
  cep_status status = plan_compile(&arena, "test", text, strlen(text), NULL, NULL, &made, &err);
  if (status == CEP_OK) {
    cb_writer writer;
    cb_writer_init(&writer, &alloc);
    status = plan_print(&writer, made);
    for (uint32_t i = 0; i < made->detection_count && status == CEP_OK; i++) status = plan_identity(&writer, made, &made->detections[i]);
    cb_writer_fini(&writer);
  }
  cb_arena_fini(&arena);
  /* Mistakes are an answer too. */
  return status == CEP_E_NOMEM || status == CEP_OK ? status : 0;
}

/* A compile that runs out of memory would crash, leak or give half a plan. */
static void refused_memory_is_an_answer_at_every_step(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(compile_text, (void *)(uintptr_t)everything) > 0);
  assert_true(fault_alloc_sweep(compile_text, (void *)(uintptr_t)mistakes) > 0);
}

/* The arena takes large blocks: that it may have only so many, and that some of the first
 * is gone already, makes it fail at each of its own calls in turn. */
static cep_status compile_in(const char *text, size_t bytes_max, size_t gone)
{
  cb_alloc alloc;
  cb_arena arena;
  plan *made = NULL;
  cep_error err;
  cb_alloc_init(&alloc, NULL, bytes_max);
  cb_arena_init(&arena, &alloc);
  for (size_t taken = 0; taken < gone; taken += 32) (void)cb_arena_take(&arena, 32);
  cep_status status = plan_compile(&arena, "test", text, strlen(text), NULL, NULL, &made, &err);
  cb_arena_fini(&arena);
  assert_int_equal(alloc.bytes_in_use, 0);
  return status;
}

static void too_little_memory_is_an_answer_at_every_place(void **state)
{
  (void)state;
  const char *const texts[] = {everything, mistakes};
  for (size_t i = 0; i < 2; i++) {
    cep_status status = CEP_E_NOMEM;
    for (size_t bytes = 4096; status == CEP_E_NOMEM; bytes += 8192) {
      assert_true(bytes < (size_t)64 * 1024 * 1024);
      for (size_t gone = 0; gone < 16384; gone += 32) {
        status = compile_in(texts[i], bytes, gone);
        if (status != CEP_E_NOMEM) assert_int_equal(status, i == 0 ? CEP_OK : CEP_E_SYNTAX);
      }
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(steps_share_a_route_when_stream_and_key_are_the_same),
    cmocka_unit_test(a_key_finds_its_field_by_stream_define_or_expression),
    cmocka_unit_test(fields_of_an_input_come_first_in_all_its_streams),
    cmocka_unit_test(detections_are_streams_in_any_order_with_strata),
    cmocka_unit_test(counts_from_zero_are_optional),
    cmocka_unit_test(prev_lists_every_step_that_may_be_before),
    cmocka_unit_test(without_emit_single_steps_give_their_fields),
    cmocka_unit_test(suppress_without_by_means_the_key),
    cmocka_unit_test(identity_follows_the_meaning_alone),
    cmocka_unit_test(limits_are_diagnostics),
    cmocka_unit_test(long_lists_are_flat),
    cmocka_unit_test(refused_memory_is_an_answer_at_every_step),
    cmocka_unit_test(too_little_memory_is_an_answer_at_every_place),
  };
  return cmocka_run_group_tests_name("patterns/plan", tests, NULL, NULL);
}
