/* test_format.c - the canonical layout: what it keeps, what it looks like. */
#include "tests/support/test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "patterns/format.h"
#include "tests/support/format_check.h"
#include "tests/support/gen.h"

enum { RANDOM_PROGRAMS = 2000, SHAKES = 6 };

typedef struct bench {
  cb_alloc alloc;
  cb_arena arena;
  cep_error err;
} bench;

static void bench_start(bench *b)
{
  cb_alloc_init(&b->alloc, NULL, 0);
  cb_arena_init(&b->arena, &b->alloc);
}

static void bench_end(bench *b)
{
  cb_arena_fini(&b->arena);
  assert_int_equal(b->alloc.bytes_in_use, 0);
}

static void looks_like(const char *text, const char *expected)
{
  bench b;
  cb_writer out;
  bench_start(&b);
  cb_writer_init(&out, &b.alloc);
  cep_status status = pat_format_text(&b.arena, "text", text, strlen(text), NULL, NULL, &out, &b.err);
  if (status < 0) fail_msg("%u:%u: %s", b.err.line, b.err.column, b.err.text);
  cb_write_u8(&out, 0);
  assert_string_equal((const char *)out.data, expected);
  const char *fault = format_check(&b.arena, text, strlen(text), NULL);
  if (fault) fail_msg("%s", fault);
  cb_writer_fini(&out);
  bench_end(&b);
}

/* ---- What it looks like --------------------------------------------------------------------- */

static void nothing_is_nothing(void **state)
{
  (void)state;
  looks_like("", "");
  looks_like(" \n\t\r\n", "");
  looks_like("\xEF\xBB\xBF// only this", "// only this\n");
}

static void blanks_stand_between_words_and_around_signs(void **state)
{
  (void)state;
  looks_like("define  A=B   where not(x==- 1 or y . z [ 0 ]+2*f ( a,b ))and z not   in(1,2)",
             "define A = B where not (x == -1 or y.z[0] + 2 * f(a, b)) and z not in (1, 2)\n");
  looks_like("define A=B where x in cidr(\"10.0.0.0/8\") and x in t . f and `a b`is not null",
             "define A = B where x in cidr (\"10.0.0.0/8\") and x in t.f and `a b` is not null\n");
  looks_like("detect d by k=A . x=B.y within 1m{match 3 +distinct( u )A as a then 2 .. 4(A then B)}",
             "detect d by k = A.x = B.y within 1m { match 3+ distinct(u) A as a then 2..4 (A then B) }\n");
}

static void braces_stay_open_where_the_author_opened_them(void **state)
{
  (void)state;
  looks_like("stream A { time t\nx: int\ny:string? }", "stream A { time t  x: int  y: string? }\n");
  looks_like("stream A {\ntime t x: int\n\n\ny:string?   z: ip at\"b\"\n\n}",
             "stream A {\n    time t\n    x: int\n\n    y: string?  z: ip at \"b\"\n}\n");
  looks_like("detect d within 1m { match A emit {\na:1,b:2} }",
             "detect d within 1m {\n    match A\n    emit  {\n        a: 1,\n        b: 2\n    }\n}\n");
}

static void clauses_stand_below_each_other(void **state)
{
  (void)state;
  looks_like("detect d by k within 1m {\nmatch A as a then any B as b then immediately C then no D after match no skip emit { x: 1 } limit 3 matches\n"
             "test \"t\" { at 0s A { } at 10s B { k: 1 } watermark 1m expect nothing } }",
             "detect d by k within 1m {\n"
             "    match A as a\n"
             "    then any B as b\n"
             "    then immediately C\n"
             "    then  no D\n"
             "    after match no skip\n"
             "    emit  { x: 1 }\n"
             "    limit 3 matches\n"
             "    test \"t\" { at 0s A { } at 10s B { k: 1 } watermark 1m expect nothing }\n"
             "}\n");
}

static void cells_of_lines_that_belong_together_are_aligned(void **state)
{
  (void)state;
  looks_like("aggregate a from S window tumbling 1m {\nn: count() total: sum(v)\nhaving n > 1 m: max(v) }",
             "aggregate a from S window tumbling 1m {\n    n:     count()\n    total: sum(v)\n    having n > 1\n    m: max(v)\n}\n");
  looks_like("detect d within 1m { match A\ntest \"t\" {\nat 0s A { }\nat 100s A { }\n\nat 5s A { } } }",
             "detect d within 1m {\n    match A\n    test \"t\" {\n        at 0s   A { }\n        at 100s A { }\n\n        at 5s A { }\n    }\n}\n");
}

static void long_lines_break_at_the_outermost_place(void **state)
{
  (void)state;
  looks_like("define A = B where aaaaaaaaaaaaaaaaaaa == 1 and bbbbbbbbbbbbbbbbbbbbbbb == 2 and cccccccccccccccccccc == 333",
             "define A = B\n"
             "    where aaaaaaaaaaaaaaaaaaa == 1 and bbbbbbbbbbbbbbbbbbbbbbb == 2 and cccccccccccccccccccc == 333\n");
  looks_like("define A = B where aaaaaaaaaaaaaaaaaaaa == 1 and (bbbbbbbbbbbbbbbbbbbbbbbb == 2 or cccccccccccccccccccccc == 33) and dddd",
             "define A = B\n"
             "    where aaaaaaaaaaaaaaaaaaaa == 1\n"
             "        and (bbbbbbbbbbbbbbbbbbbbbbbb == 2 or cccccccccccccccccccccc == 33)\n"
             "        and dddd\n");
  looks_like("aggregate aaaaaaaaaaaaaaaaaaaaaaaaaaaa from bbbbbbbbbbbbbbbbbbbbbbbbbbbb where c > 1 by ddddddddd, eeeeee window tumbling 1m { n: count() }",
             "aggregate aaaaaaaaaaaaaaaaaaaaaaaaaaaa from bbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
             "        where c > 1\n"
             "        by ddddddddd, eeeeee\n"
             "        window tumbling 1m {\n"
             "    n: count()\n"
             "}\n");
}

static void comments_stay_where_they_are(void **state)
{
  (void)state;
  looks_like("// a  \n\n\n// b\nstream A {   // c\n  // d\n x: int// e\n  /* f */ y: int /* g */ ?\n// h\n}// i\n\n// j",
             "// a\n\n// b\nstream A {  // c\n    // d\n    x: int  // e\n    /* f */\n    y: int /* g */ ?\n    // h\n}  // i\n\n// j\n");
  looks_like("define A = B where x // why\nand y", "define A = B\n    where x  // why\n        and y\n");
}

/* ---- What it keeps -------------------------------------------------------------------------- */

static uint32_t check_text(const char *text, size_t len, cb_prng *prng, const char *where)
{
  bench b;
  int is_laid_out;
  bench_start(&b);
  const char *fault = format_check(&b.arena, text, len, &is_laid_out);
  if (fault) fail_msg("%s: %s", where, fault);
  for (int i = 0; is_laid_out && i < SHAKES; i++) {
    const char *shaken = format_shake(&b.arena, prng, text, len);
    fault = format_check(&b.arena, shaken, strlen(shaken), NULL);
    if (fault) fail_msg("%s, shaken:\n%s\n%s", where, shaken, fault);
  }
  bench_end(&b);
  return (uint32_t)is_laid_out;
}

static char *read_file(const char *path, size_t *len)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = malloc(4u << 20);
  assert_non_null(text);
  *len = fread(text, 1, (4u << 20) - 1, file);
  text[*len] = 0;
  (void)fclose(file);
  return text;
}

/* The parts of a page between a line that begins with `open` and one that begins with `close`. */
static uint32_t check_parts(char *text, const char *open, const char *close, cb_prng *prng, const char *where)
{
  uint32_t laid_out = 0;
  for (char *at = strstr(text, open); at; at = strstr(at, open)) {
    char *from = strchr(at + 1, '\n');
    char *end = from ? strstr(from, close) : NULL;
    if (!end) break;
    laid_out += check_text(from + 1, (size_t)(end - from), prng, where);
    at = end + 1;
  }
  return laid_out;
}

static uint32_t check_files(const char *pattern, const char *open, const char *close)
{
  char path[400];
  glob_t found;
  uint32_t laid_out = 0;
  cb_prng prng;
  cb_prng_init(&prng, 7);
  (void)snprintf(path, sizeof path, "%s/%s", CEP_SOURCE_DIR, pattern);
  assert_int_equal(glob(path, 0, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    size_t len;
    char *text = read_file(found.gl_pathv[i], &len);
    laid_out += open ? check_parts(text, open, close, &prng, found.gl_pathv[i]) : check_text(text, len, &prng, found.gl_pathv[i]);
    free(text);
  }
  globfree(&found);
  return laid_out;
}

static void every_rule_file_keeps_its_meaning(void **state)
{
  (void)state;
  assert_true(check_files("examples/*.cep", NULL, NULL) >= 8);
  assert_true(check_files("docs/*.md", "\n```cep", "\n```") >= 5);
  assert_true(check_files("docs/reference/*.md", "\n```cep", "\n```") >= 30);
  assert_true(check_files("tests/cases/*.case", "\n== ", "\n-- ") >= 200);
  assert_true(check_files("tests/fuzz/corpus/plan/*", NULL, NULL) + check_files("tests/fuzz/corpus/rules/*", NULL, NULL) >= 10);
}

static void every_random_program_keeps_its_meaning(void **state)
{
  (void)state;
  uint32_t laid_out = 0;
  static gen_case made;
  for (uint64_t seed = 1; seed <= RANDOM_PROGRAMS; seed++) {
    bench b;
    cb_prng prng;
    bench_start(&b);
    cb_prng_init(&prng, seed);
    gen_program(&made, &prng);
    const char *text = gen_text(&b.arena, &made);
    const char *shaken = format_shake(&b.arena, &prng, text, strlen(text));
    int is_good;
    const char *fault = format_check(&b.arena, shaken, strlen(shaken), &is_good);
    if (fault) fail_msg("seed %llu:\n%s\n%s", (unsigned long long)seed, shaken, fault);
    laid_out += (uint32_t)is_good;
    bench_end(&b);
  }
  assert_true(laid_out > RANDOM_PROGRAMS / 2);
}

/* Half a file would be worse than an ugly one. */
static void a_text_with_mistakes_is_not_touched(void **state)
{
  (void)state;
  bench b;
  cb_writer out;
  bench_start(&b);
  cb_writer_init(&out, &b.alloc);
  static const char *const wrong[] = {"detect", "stream A { x: int, y: int }", "define A = B where x = 1", "/*", "stream A { time t time u }", "@"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_true(pat_format_text(&b.arena, "text", wrong[i], strlen(wrong[i]), NULL, NULL, &out, &b.err) < 0);
    assert_int_equal(out.len, 0);
    assert_true(b.err.line > 0);
  }
  cb_writer_fini(&out);
  bench_end(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_nothing),
      cmocka_unit_test(blanks_stand_between_words_and_around_signs),
      cmocka_unit_test(braces_stay_open_where_the_author_opened_them),
      cmocka_unit_test(clauses_stand_below_each_other),
      cmocka_unit_test(cells_of_lines_that_belong_together_are_aligned),
      cmocka_unit_test(long_lines_break_at_the_outermost_place),
      cmocka_unit_test(comments_stay_where_they_are),
      cmocka_unit_test(every_rule_file_keeps_its_meaning),
      cmocka_unit_test(every_random_program_keeps_its_meaning),
      cmocka_unit_test(a_text_with_mistakes_is_not_touched),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
