/* test_predicate.c - conditions of single events as bits, shared by all rules of a stream. */
#include <stdio.h>

#include "tests/support/facts_bench.h"

#define STREAM "stream S from stdin format json { time ts s  k: int a: int? s: string? x: bool? }\n"

static void open_rules(facts_bench *f, const char *text)
{
  facts_open(f, text, 64);
}

static void set(facts_bench *f, const char *name, cep_value value)
{
  const prg_stream *stream = &f->program->streams[0];
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    const prg_field *field = &f->program->fields[stream->fields.first + i];
    if (strcmp(prg_text(f->program, field->name), name) != 0 || field->column == PRG_NONE) continue;
    if (value.kind != CEP_NULL) assert_int_equal(cb_batch_set(&f->batch, field->column, &value), CEP_OK);
  }
}

/* An event with these values; the row's number is `a`'s place in the batch. */
static void add(facts_bench *f, cep_value a, const char *s, cep_value x)
{
  cb_batch_begin_row(&f->batch, (cep_time)f->batch.count, 0, f->batch.count);
  set(f, "k", cb_int(1));
  set(f, "a", a);
  set(f, "s", s ? cb_string(s, (uint32_t)strlen(s)) : cb_null());
  set(f, "x", x);
  cb_batch_end_row(&f->batch);
}

static uint64_t symbol_of(facts_bench *f, uint32_t row)
{
  const prg_detection *detection = &f->program->detections[0];
  uint64_t symbol = 0;
  nfa_facts_begin(&f->facts, &f->batch, row);
  for (uint32_t i = 0; i < detection->routes.count; i++) {
    uint32_t route = detection->routes.first + i;
    uint32_t member = f->program->routes[route].member;
    if (!nfa_cond_holds(&f->facts, member)) continue;
    symbol |= nfa_symbol(&f->facts, detection, route);
  }
  return symbol;
}

/* Two rules that ask the same thing of an event ask it once. */
static void equal_conditions_of_all_rules_are_one_atom(void **state)
{
  (void)state;
  facts_bench f;
  open_rules(&f, STREAM "detect one by k within 1h { match S as p where a > 3 then S as q where s == \"x\" "
                        "and a > 3 emit { k: k } }\n"
                        "detect two by k within 1h { match S as p where s == \"x\" then S as q where not (a "
                        "> 3) emit { k: k } }\n");
  assert_int_equal(f.program->streams[0].atoms.count, 3); /* a > 3, s == "x", and a > 3 being false */
  assert_int_equal(f.program->atoms[0].expr, f.program->atoms[2].expr);
  facts_close(&f);
}

/* A null is neither above nor not above: under `not` it must not become true. */
static void a_negated_condition_does_not_hold_for_null(void **state)
{
  (void)state;
  facts_bench f;
  open_rules(&f,
             STREAM "detect d by k within 1h { match S as p where not (a > 3 or s like \"x%\")\n"
                    "  then S as q where not (a > 3 and x) then S as r where a is null emit { k: k } }\n");
  add(&f, cb_int(1), "yes", cb_bool(1));
  add(&f, cb_int(9), "yes", cb_bool(1));
  add(&f, cb_null(), "yes", cb_bool(1));
  add(&f, cb_int(1), NULL, cb_null());
  add(&f, cb_null(), "xx", cb_bool(0));
  assert_int_equal(symbol_of(&f, 0), 3); /* neither; not both */
  assert_int_equal(symbol_of(&f, 1), 0);
  assert_int_equal(symbol_of(&f, 2), 4);     /* unknown on both counts */
  assert_int_equal(symbol_of(&f, 3), 2);     /* a > 3 is false, so the `and` is, whatever x */
  assert_int_equal(symbol_of(&f, 4), 2 | 4); /* x is false */
  facts_close(&f);
}

/* What looks back is asked later, and must not take the rest with it. */
static void only_what_looks_back_is_left_for_later(void **state)
{
  (void)state;
  facts_bench f;
  open_rules(&f,
             STREAM "detect d by k within 1h { match S as p\n"
                    "  then S as q where a > 1 and (s == p.s or x) and not (x and a > 5) emit { k: k } }\n");
  const prg_step *q = &f.program->steps[1];
  assert_true(f.program->steps[0].local == PRG_NONE);
  assert_true(f.program->steps[0].residual == PRG_NONE);
  assert_true(q->local != PRG_NONE);
  assert_true(q->residual != PRG_NONE);
  add(&f, cb_int(3), "x", cb_bool(1));
  add(&f, cb_int(7), "x", cb_bool(1));
  add(&f, cb_int(7), "x", cb_bool(0));
  add(&f, cb_int(0), "x", cb_bool(0));
  assert_int_equal(symbol_of(&f, 0), 3);
  assert_int_equal(symbol_of(&f, 1), 1);
  assert_int_equal(symbol_of(&f, 2), 3);
  assert_int_equal(symbol_of(&f, 3), 1);
  facts_close(&f);
}

/* A define is a way in of its own: its events are those that meet it. */
static void a_define_filters_the_steps_that_name_it(void **state)
{
  (void)state;
  facts_bench f;
  open_rules(&f, STREAM
             "define Big = S where a > 10\n"
             "detect d by k within 1h { match Big as p where s == \"x\" then S as q emit { k: k } }\n");
  add(&f, cb_int(11), "x", cb_null());
  add(&f, cb_int(11), "y", cb_null());
  add(&f, cb_int(3), "x", cb_null());
  assert_int_equal(symbol_of(&f, 0), 3);
  assert_int_equal(symbol_of(&f, 1), 2);
  assert_int_equal(symbol_of(&f, 2), 2);
  facts_close(&f);
}

/* More atoms than a word has bits. */
static void atoms_beyond_the_first_word_count_too(void **state)
{
  (void)state;
  facts_bench f;
  char text[8192];
  size_t at =
      (size_t)snprintf(text, sizeof text, STREAM "detect d by k within 1h { match S as p where a == 0");
  for (int i = 1; i < 100; i++) at += (size_t)snprintf(text + at, sizeof text - at, " or a == %d", i);
  at +=
      (size_t)snprintf(text + at, sizeof text - at, " then S as q where a == 99 and k == 1 emit { k: k } }");
  open_rules(&f, text);
  assert_int_equal(f.program->streams[0].atoms.count, 101);
  add(&f, cb_int(0), "", cb_null());
  add(&f, cb_int(99), "", cb_null());
  add(&f, cb_int(100), "", cb_null());
  assert_int_equal(symbol_of(&f, 0), 1);
  assert_int_equal(symbol_of(&f, 1), 3);
  assert_int_equal(symbol_of(&f, 2), 0);
  facts_close(&f);
}

/* Deep nesting on the left costs nothing; on the right each level needs a value more. */
static void a_condition_that_is_too_deep_has_a_place(void **state)
{
  (void)state;
  char text[8192];
  cb_alloc alloc;
  cb_writer image;
  cep_error err = {0};
  size_t at = (size_t)snprintf(text, sizeof text, STREAM "detect d by k within 1h { match S as p where ");
  for (int i = 0; i < 70; i++)
    at += (size_t)snprintf(text + at, sizeof text - at, " a == %d %s (", i, i % 2 ? "and" : "or");
  at += (size_t)snprintf(text + at, sizeof text - at, "x");
  for (int i = 0; i < 70; i++) at += (size_t)snprintf(text + at, sizeof text - at, ")");
  snprintf(text + at, sizeof text - at, " emit { k: k } }");
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&image, &alloc);
  assert_true(built_try(&alloc, text, &image, &err) < 0);
  assert_int_equal(err.line, 2);
  cb_writer_fini(&image);
  assert_int_equal(alloc.bytes_in_use, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equal_conditions_of_all_rules_are_one_atom),
      cmocka_unit_test(a_negated_condition_does_not_hold_for_null),
      cmocka_unit_test(only_what_looks_back_is_left_for_later),
      cmocka_unit_test(a_define_filters_the_steps_that_name_it),
      cmocka_unit_test(atoms_beyond_the_first_word_count_too),
      cmocka_unit_test(a_condition_that_is_too_deep_has_a_place),
  };
  return cmocka_run_group_tests_name("nfa/predicate", tests, NULL, NULL);
}
