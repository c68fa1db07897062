/* test_diag.c - diagnostics: order, once each, at most twenty; the nearest name. */
#include "tests/support/test.h"

#include "patterns/diag.h"

typedef struct fixture {
  cb_alloc alloc;
  cb_arena arena;
  cb_source source;
  pat_diags diags;
  cep_error told[64];
  uint32_t count;
} fixture;

static void keep(void *ctx, const cep_error *diagnostic)
{
  fixture *f = ctx;
  assert_true(f->count < 64);
  f->told[f->count++] = *diagnostic;
}

static void begin(fixture *f)
{
  static const char text[] = "0123456789\n0123456789\n0123456789\n0123456789\n0123456789\n";
  memset(f, 0, sizeof *f);
  cb_alloc_init(&f->alloc, NULL, 0);
  cb_arena_init(&f->arena, &f->alloc);
  cb_source_init(&f->source, "text", text, sizeof text - 1);
  pat_diags_init(&f->diags, &f->arena, &f->source, keep, f);
}

static void end(fixture *f)
{
  cb_arena_fini(&f->arena);
  assert_int_equal(f->alloc.bytes_in_use, 0);
}

static cb_span at(uint32_t offset)
{
  cb_span span = {offset, 1};
  return span;
}

/* A person would have to search the file up and down. */
static void a_phase_is_given_out_in_order_of_place(void **state)
{
  (void)state;
  fixture f;
  begin(&f);
  pat_report(&f.diags, 301, at(30), "third");
  pat_report(&f.diags, 522, at(5), "first");
  pat_report(&f.diags, 302, at(12), "second");
  assert_int_equal(f.count, 0);
  pat_diags_flush(&f.diags);
  assert_int_equal(f.count, 3);
  assert_string_equal(f.told[0].text, "first");
  assert_int_equal(f.told[0].severity, CEP_WARNING);
  assert_string_equal(f.told[2].text, "third");
  assert_int_equal(f.told[2].line, 3);
  assert_int_equal(f.told[2].column, 9);
  assert_int_equal(f.diags.first.code, 302);
  assert_int_equal(f.diags.first.status, CEP_E_SEMANTIC);
  end(&f);
}

/* One mistake would be said as often as something depends on it. */
static void the_same_mistake_is_said_once(void **state)
{
  (void)state;
  fixture f;
  begin(&f);
  pat_report(&f.diags, 301, at(3), "once");
  pat_report(&f.diags, 301, at(3), "again");
  pat_report(&f.diags, 901, at(3), "other");
  pat_diags_flush(&f.diags);
  assert_int_equal(f.count, 2);
  assert_int_equal(f.told[1].status, CEP_E_UNSUPPORTED);
  end(&f);
}

/* A broken file would fill the screen. */
static void after_twenty_errors_there_is_a_note_and_silence(void **state)
{
  (void)state;
  fixture f;
  begin(&f);
  for (uint32_t i = 0; i < 30; i++) pat_report(&f.diags, 301, at(i), "number %u", i);
  pat_diags_flush(&f.diags);
  assert_int_equal(f.count, PAT_ERRORS_MAX + 1);
  assert_int_equal(f.told[PAT_ERRORS_MAX].severity, CEP_NOTE);
  pat_report(&f.diags, 302, at(1), "in the next phase");
  pat_diags_flush(&f.diags);
  assert_int_equal(f.count, PAT_ERRORS_MAX + 1);
  end(&f);
}

static const char *nearest(const char *wanted, const char *const *names, size_t count)
{
  pat_nearest near;
  pat_nearest_init(&near, wanted);
  for (size_t i = 0; i < count; i++) pat_nearest_offer(&near, names[i]);
  return near.best ? near.best : "";
}

/* The proposed repair would be nonsense, or a plain slip would get none. */
static void near_names_are_proposed_and_far_ones_not(void **state)
{
  (void)state;
  static const char *const names[] = {"src_ip", "user", "outcome", "ok", "Login"};
  const size_t count = sizeof names / sizeof *names;
  assert_string_equal(nearest("src_pi", names, count), "src_ip");
  assert_string_equal(nearest("usr", names, count), "user");
  assert_string_equal(nearest("login", names, count), "Login");
  assert_string_equal(nearest("outcom", names, count), "outcome");
  assert_string_equal(nearest("weight", names, count), "");
  assert_string_equal(nearest("x", names, count), "");
  assert_string_equal(nearest("zz", names, count), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_phase_is_given_out_in_order_of_place),
    cmocka_unit_test(the_same_mistake_is_said_once),
    cmocka_unit_test(after_twenty_errors_there_is_a_note_and_silence),
    cmocka_unit_test(near_names_are_proposed_and_far_ones_not),
  };
  return cmocka_run_group_tests_name("patterns/diag", tests, NULL, NULL);
}
