/* test_parser.c - texts and the trees that they are read as. */
#include "tests/support/test.h"

#include "patterns/parser.h"

static void pass_over(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

static void check_tree(const char *text, const char *expected)
{
  cb_alloc alloc;
  cb_arena arena;
  cb_source source;
  cb_writer writer;
  pat_diags diags;
  pat_file *file = NULL;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  cb_writer_init(&writer, &alloc);
  cb_source_init(&source, "text", text, (uint32_t)strlen(text));
  pat_diags_init(&diags, &arena, &source, pass_over, NULL);
  assert_int_equal(pat_parse(&arena, &diags, &source, &file), CEP_OK);
  pat_diags_flush(&diags);
  assert_int_equal(pat_ast_print(&writer, file), CEP_OK);
  cb_write_u8(&writer, 0);
  assert_int_equal(writer.status, CEP_OK);
  assert_string_equal((const char *)writer.data, expected);
  cb_writer_fini(&writer);
  cb_arena_fini(&arena);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* A condition would mean something else than it reads. */
static void operators_bind_as_the_grammar_says(void **state)
{
  (void)state;
  check_tree(
    "define d = A where a or b and not c == 1 + 2 * -3 - 4\n"
    "define e = A where not a and (b or c)\n"
    "define f = A where a - b - c < a / b % c div d\n"
    "define g = A where x not in (1, 2 + 3) and y not between 1 and 2 + 3 and z is not null and w is null\n"
    "define h = A where a starts with \"x\" and b iends with lower(c) and d icontains e and f not like \"%\" and g !~ r\"\\d\"\n"
    "define i = A where n in cidr \"10.0.0.0/8\" or n not in cidr (\"::1\", \"fe80::/10\")\n"
    "define j = A where first(f).x[0] == f[-1].y and count(where f.a > 1) > count(f) and g() == -9223372036854775808\n",
    "define d = A\n"
    "  where (or a (and b (not (== c (- (+ 1 (* 2 (- 3))) 4)))))\n"
    "define e = A\n"
    "  where (and (not a) (or b c))\n"
    "define f = A\n"
    "  where (< (- (- a b) c) (div (% (/ a b) c) d))\n"
    "define g = A\n"
    "  where (and (not-in x 1 (+ 2 3)) (not-between y 1 (+ 2 3)) (not-is-null z) (is-null w))\n"
    "define h = A\n"
    "  where (and (starts-with a \"x\") (iends-with b (lower() c)) (icontains d e) (not-like f \"%\") (not-~ g \"\\\\d\"))\n"
    "define i = A\n"
    "  where (or (in-cidr n \"10.0.0.0/8\") (not-in-cidr n \"::1\" \"fe80::/10\"))\n"
    "define j = A\n"
    "  where (and (== ([] (. x (first() f)) 0) (. y ([] f (- 1)))) (> (count where (> (. a f) 1)) (count() f)) (== (g()) -9223372036854775808))\n");
}

/* A clause would be read and forgotten. */
static void declarations_keep_all_their_parts(void **state)
{
  (void)state;
  check_tree(
    "input Sshd from file format line { time \"%b %d %H:%M:%S\" year 2015 zone \"+01:00\" lateness 30s idle 1m }\n"
    "stream Failed from Sshd r\"x(?<ip>\\S+)\" { ip: ip  port: int? = 22 }\n"
    "stream Proc from Sysmon where EventID == 1 { time: time  match: string at \"a.b\"  `id.orig h`: bool }\n"
    "stream L from kafka \"topic\" format line r\"(?<ts>\\d+)\" { time ts ms }\n"
    "stream M from stdin { time at at \"x.y\" ns }\n"
    "stream N { time ts rfc3339 lateness 5s }\n",
    "input Sshd place \"file\" \"\" line\n"
    "  time (line start) form \"%b %d %H:%M:%S\" year 2015 zone \"+01:00\" lateness 30s idle 1m\n"
    "stream Failed from Sshd \"x(?<ip>\\\\S+)\"\n"
    "  ip: ip\n"
    "  port: int?\n"
    "    = 22\n"
    "stream Proc from Sysmon\n"
    "  where (== EventID 1)\n"
    "  time: time\n"
    "  match: string at \"a.b\"\n"
    "  id.orig h: bool\n"
    "stream L place \"kafka\" \"topic\" line \"(?<ts>\\\\d+)\"\n"
    "  time ts ms\n"
    "stream M place \"stdin\" \"\"\n"
    "  time at at \"x.y\" ns\n"
    "stream N\n"
    "  time ts rfc3339 lateness 5s\n");
}

/* A clause would be read and forgotten. */
static void a_detection_keeps_all_its_clauses(void **state)
{
  (void)state;
  check_tree(
    "detect d by k, order_id = Order.id = Shipment.order_ref, u = lower(user) within 1h30m {\n"
    "  match 2+ distinct(a, b) greedy consecutive A as x where k == 1\n"
    "  then immediately optional 0..3 reluctant any B\n"
    "  then any 3 relaxed C as y\n"
    "  then no D where k == x.k\n"
    "  then immediately no E\n"
    "  then no F for 5m\n"
    "  then `any` as z\n"
    "  after match skip to first x earliest start first\n"
    "  limit 10 matches\n"
    "  emit { a: 1, where: count(x) }\n"
    "  on timeout emit { }\n"
    "  suppress 10m by k, a\n"
    "  meta { severity: \"high\", n: 1.5, d: 5m }\n"
    "  test \"one\" {\n"
    "    at 0s A { k: 1, u: null } repeat 5 every 10s partition 2\n"
    "    at \"1970-01-01T00:01:00Z\" B { }\n"
    "    watermark 2h1s\n"
    "    expect { a: 1 }\n"
    "    expect at 5s { a: 1 }\n"
    "    expect timeout { }\n"
    "    expect 3 matches\n"
    "    expect nothing\n"
    "    expect late 2\n"
    "  }\n"
    "}\n"
    "detect e unbounded { match A after match no skip }\n"
    "detect f within 1s { match A after match skip past last limit unbounded }\n"
    "detect g within 1s { match A after match skip to next }\n"
    "detect h within 1s { match A as a then A as b after match skip to last a }\n",
    "detect d within 1h30m\n"
    "  by k\n"
    "  by order_id = (. id Order) = (. order_ref Shipment)\n"
    "  by u = (lower() user)\n"
    "  step 2+ greedy inner-strict A as x\n"
    "    distinct a\n"
    "    distinct b\n"
    "    where (== k 1)\n"
    "  step strict optional 0..3 reluctant inner-any B\n"
    "  step any 3 inner-relaxed C as y\n"
    "  no relaxed D\n"
    "    where (== k (. k x))\n"
    "  no strict E\n"
    "  no relaxed F for 5m\n"
    "  step relaxed any as z\n"
    "  skip to first x earliest-first\n"
    "  limit 10\n"
    "  emit\n"
    "    a: 1\n"
    "    where: (count() x)\n"
    "  on timeout emit\n"
    "  suppress 10m k a\n"
    "  meta\n"
    "    severity: \"high\"\n"
    "    n: 1.5\n"
    "    d: 5m\n"
    "  test \"one\"\n"
    "    at 0s A x5 every 10s partition 2\n"
    "      values\n"
    "        k: 1\n"
    "        u: null\n"
    "    at 1m B x1\n"
    "    watermark 2h1s\n"
    "    expect match\n"
    "      values\n"
    "        a: 1\n"
    "    expect match 5s\n"
    "      values\n"
    "        a: 1\n"
    "    expect timeout\n"
    "    expect count x3\n"
    "    expect nothing\n"
    "    expect late x2\n"
    "detect e unbounded\n"
    "  step A\n"
    "  skip no\n"
    "detect f within 1s\n"
    "  step A\n"
    "  skip past last\n"
    "  limit 0\n"
    "detect g within 1s\n"
    "  step A\n"
    "  skip to next\n"
    "detect h within 1s\n"
    "  step A as a\n"
    "  step relaxed A as b\n"
    "  skip to last a\n");
}

/* A field could not be called time, count or last. */
static void words_of_the_language_are_names_where_the_grammar_asks_for_none(void **state)
{
  (void)state;
  check_tree(
    "stream time { time time  count: int  key: int  from: int  last: int  window: int  match: int  by: int }\n"
    "detect within by key within 1s {\n"
    "  match time as first where count == 1 and last > from and window == 2 and `match` == 3\n"
    "  then time as suppress where by == first.last\n"
    "  emit { emit: first.last, limit: suppress.count }\n"
    "}\n",
    "stream time\n"
    "  time time\n"
    "  count: int\n"
    "  key: int\n"
    "  from: int\n"
    "  last: int\n"
    "  window: int\n"
    "  match: int\n"
    "  by: int\n"
    "detect within within 1s\n"
    "  by key\n"
    "  step time as first\n"
    "    where (and (== count 1) (> last from) (== window 2) (== match 3))\n"
    "  step relaxed time as suppress\n"
    "    where (== by (. last first))\n"
    "  emit\n"
    "    emit: (. last first)\n"
    "    limit: (. count suppress)\n");
}

/* One mistake would hide the others. */
static void the_parser_goes_on_behind_a_mistake(void **state)
{
  (void)state;
  check_tree(
    "stream A { time ts  k: integer  u: string }\n"
    "detect d within 1s { match A where k == }\n"
    "define e = A where k == 1\n"
    "nonsense here\n"
    "detect f within 1s { match A emit { a b } limit 1 matches }\n"
    "define g = A where true\n",
    "broken\n"
    "broken\n"
    "define e = A\n"
    "  where (== k 1)\n"
    "broken\n"
    "broken\n"
    "define g = A\n"
    "  where true\n");
}

/* A group would be read and its items lost, or an until stand at another loop. */
static void groups_keep_what_stands_in_them(void **state)
{
  (void)state;
  check_tree(
    "detect d within 1m { match A as a then any within 5s 2..3 reluctant consecutive (no B for 1s then 1+ A as b until B where k > 1) until B\n"
    "  then one of (A, B then A as c) then immediately optional all of (A as e, 2+ B as f) }\n",
    "detect d within 1m\n"
    "  step A as a\n"
    "  group any within 5s 2..3 reluctant inner-strict\n"
    "    no B for 1s\n"
    "    step relaxed 1+ A as b\n"
    "    until B\n"
    "      where (> k 1)\n"
    "  until B\n"
    "  one-of relaxed\n"
    "    group\n"
    "      step A\n"
    "    group\n"
    "      step B\n"
    "      step relaxed A as c\n"
    "  all-of strict optional\n"
    "    step A as e\n"
    "    step 2+ B as f\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(operators_bind_as_the_grammar_says),
    cmocka_unit_test(declarations_keep_all_their_parts),
    cmocka_unit_test(a_detection_keeps_all_its_clauses),
    cmocka_unit_test(words_of_the_language_are_names_where_the_grammar_asks_for_none),
    cmocka_unit_test(the_parser_goes_on_behind_a_mistake),
    cmocka_unit_test(groups_keep_what_stands_in_them),
  };
  return cmocka_run_group_tests_name("patterns/parser", tests, NULL, NULL);
}
