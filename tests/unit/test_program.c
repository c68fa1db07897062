/* test_program.c - images: built, written, read back, and refused when they are not what was written. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/built.h"

#include "nfa/expr.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/program_use.h"

/* Every section but JOINS has something in it, and every kind of operand is used. */
static const char rules[] =
    "input Logs from file \"x.log\" format line { time \"%b %d %H:%M:%S\" year 2015 lateness 30s idle 1m }\n"
    "stream Failed from Logs r\"Failed password for (?<user>\\S+) from (?<ip>\\S+)\" { user: string ip: ip "
    "}\n"
    "stream Login from stdin format json { time t s  ip: ip user: string outcome: string n: int? = 3\n"
    "  took: duration? ratio: float? at_: time? }\n"
    "table users from file \"users.csv\" format csv (delimiter \";\") key user refresh 5m { user: string level: int = 3 net: ip? }\n"
    "define Bad = Login where outcome in (\"failure\", \"locked\") or not (user like \"svc%\" and n > 3)\n"
    "detect burst by ip within 10m {\n"
    "  meta { severity: \"high\", level: 3 }\n"
    "  match 2+ distinct(user) greedy Bad as bad where ip not in cidr (\"10.0.0.0/8\", \"fd00::/8\")\n"
    "  then no Failed where user ~ r\"^adm\"\n"
    "  then optional 1..3 Login as mid where n > count(bad) and took > prev(took, 0s)\n"
    "  then Login as ok where outcome == \"ok\" and user == last(bad).user and users[user].level > 2 and ip in users.net and lower(user) != "
    "first(bad).outcome\n"
    "    and coalesce(n, 1) * 2 < sum(bad.n) + 100 and ratio > avg(bad.ratio) and (n % 2 == 0 or -n < 3)\n"
    "  emit { user: ok.user, tries: count(bad), worst: max(bad.ratio), since: first(bad).t, gap: ok.t - "
    "first(bad).t,\n"
    "         mean: avg(bad.took), some: count(where bad.n > 1), name: concat(upper(ok.user), \"!\") }\n"
    "  on timeout emit { user: last(bad).user }\n"
    "  suppress 1h by user\n"
    "  test \"one\" { at 0s Login { ip: \"1.2.3.4\", user: \"a\", outcome: \"failure\" } repeat 5 every 10s\n"
    "    watermark 1h expect nothing }\n"
    "}\n"
    "detect rounds by ip within 1h { match Bad as a then within 5m 2..3 (Login as b then no Failed) until Failed\n"
    "  then all of (Login as c where n > 1, 1+ greedy Bad as d until Failed) having count(b) > 2 emit { n: count(b) } }\n"
    "detect ways by ip within 1h { match Bad as a then any 1+ reluctant Login as b after match no skip\n"
    "  emit once { n: matches(), s: sum(b.n), m: avg(b.ratio), late: max(b.t) } }\n"
    "detect again by ip within 1h { match 3 burst as b then no Login for 5m emit { n: count(b), t: "
    "b[1].tries } }\n"
    "aggregate rate from Bad where n > 0 by ip window tumbling 5m offset 1m even empty for 10m {\n"
    "  total: count() users: distinct(user, lower(outcome)) mean: avg(ratio) odd: total / users\n"
    "  having odd > 1.5 and mean is not null emit at once { odd: odd, ip: ip, most: max(took) } suppress 1h }\n";

/* The same for windows and joins: an image of their own, as the time goes with the square of its size. */
static const char windows[] =
    "stream Login from stdin format json { time t s  ip: ip user: string outcome: string n: int? took: duration? }\n"
    "define Bad = Login where outcome == \"failure\"\n"
    "table levels from file \"levels.csv\" format csv key user as of since { user: string since: time level: int }\n"
    "aggregate slow from Bad by ip window sliding 10m every 1m offset 5s even empty for 1h allowed lateness 30s {\n"
    "  begins: window_start newest: last(user) oldest: first(t) users: approx_distinct(user, lower(outcome))\n"
    "  most: top(3, user) tail: approx_percentile(took, 99.5) half: approx_percentile(n, 50)\n"
    "  having begins + 5m < window_end and half > 1.0 emit { newest: newest, tail: tail, ends: window_end, user: most }\n"
    "  early every 20s\n"
    "  test \"two\" { at 0s Login { ip: \"1.2.3.4\", outcome: \"failure\" } expect at 20s update { user: \"[]\" } } }\n"
    "aggregate visit from Login by user window session gap 5m max 1h { n: count() }\n"
    "aggregate last_ten from Login by user window count 10 every 2 { n: sum(n) }\n"
    "join pairs from Bad as bad, Login as ok by ip within 1m left { where bad.user == ok.user and levels[ok.user].level > 2\n"
    "  emit { user: bad.user, later: ok.t - bad.t } suppress 5m }\n"
    "join both from Login as a, Login as b by user window sliding 10m every 5m full { emit { begins: window_start, n: a.n, m: b.n } }\n";

static void build_of(cb_alloc *alloc, cb_writer *image, const char *text)
{
  cb_alloc_init(alloc, NULL, 0);
  cb_writer_init(image, alloc);
  built_image(alloc, text, image);
}

static void build(cb_alloc *alloc, cb_writer *image)
{
  build_of(alloc, image, rules);
}

static void repair(uint8_t *image, size_t size)
{
  uint64_t checksum = cb_hash64(image + sizeof(prg_header), size - sizeof(prg_header));
  memcpy(image + offsetof(prg_header, checksum), &checksum, sizeof checksum);
}

static cep_status load_copy(const uint8_t *image, size_t size, prg **out)
{
  /* A block of just this size: a sanitizer sees one byte too many. */
  uint8_t *copy = malloc(size > 0 ? size : 1);
  cep_error err = {0};
  assert_non_null(copy);
  if (size > 0) memcpy(copy, image, size);
  cep_status status = prg_load(NULL, copy, size, out, &err);
  if (status < 0) {
    assert_int_equal(err.status, status);
    assert_true(err.text[0] != 0);
    assert_null(*out);
  }
  free(copy);
  return status;
}

static void the_same_rules_give_the_same_bytes(void **state)
{
  (void)state;
  cb_alloc alloc_a, alloc_b;
  cb_writer a, b;
  build(&alloc_a, &a);
  build(&alloc_b, &b);
  assert_int_equal(a.len, b.len);
  assert_memory_equal(a.data, b.data, a.len);
  cb_writer_fini(&a);
  cb_writer_fini(&b);
  assert_int_equal(alloc_a.bytes_in_use, 0);
}

/* The image holds all that runs: a program from another process is the same program. */
static void image_can_be_used(const char *text, uint32_t counts[PRG_SECTION_COUNT])
{
  cb_alloc alloc;
  cb_writer image;
  prg *program = NULL;
  build_of(&alloc, &image, text);
  assert_int_equal(load_copy(image.data, image.len, &program), CEP_OK);
  assert_int_equal(program->image_size, image.len);
  assert_memory_equal(program->image, image.data, image.len);
#define S(name, type, member) counts[PRG_SECTION_##name] += program->member##_count;
  PRG_SECTIONS(S)
#undef S
  program_use(program);
  prg_ref(program);
  prg_unref(program);
  program_use(program);
  prg_unref(program);
  prg_unref(NULL);
  cb_writer_fini(&image);
}

static void an_image_loads_and_can_be_used(void **state)
{
  (void)state;
  uint32_t counts[PRG_SECTION_COUNT] = {0};
  image_can_be_used(rules, counts);
  image_can_be_used(windows, counts);
#define S(name, type, member)                                                                                \
  if (counts[PRG_SECTION_##name] == 0) fail_msg("no %s in the images: they test nothing there", #member);
  PRG_SECTIONS(S)
#undef S
}

static void an_image_cut_short_is_refused(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_writer image;
  prg *program = NULL;
  build(&alloc, &image);
  for (size_t size = 0; size < image.len; size += size < 2048 ? 1 : 37)
    assert_int_equal(load_copy(image.data, size, &program), CEP_E_CORRUPT);
  cb_write_u64(&image, 0);
  assert_int_equal(load_copy(image.data, image.len, &program), CEP_E_CORRUPT);
  cb_writer_fini(&image);
}

static void a_changed_byte_is_seen_by_the_checksum(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_writer image;
  prg *program = NULL;
  build(&alloc, &image);
  for (size_t i = 0; i < image.len; i++) {
    image.data[i] ^= 0x10;
    cep_status status = load_copy(image.data, image.len, &program);
    assert_true(status == CEP_E_CORRUPT || (status == CEP_E_VERSION && i >= 4 && i < 8));
    image.data[i] ^= 0x10;
  }
  cb_writer_fini(&image);
}

static void another_version_is_told_apart_from_damage(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_writer image;
  prg *program = NULL;
  build(&alloc, &image);
  image.data[offsetof(prg_header, version)]++;
  assert_int_equal(load_copy(image.data, image.len, &program), CEP_E_VERSION);
  cb_writer_fini(&image);
}

/* Whoever writes an image can also write its checksum: every item is verified by itself. */
static void forge(const char *text)
{
  static const uint8_t masks[] = {0x01, 0x80, 0xFF};
  cb_alloc alloc;
  cb_writer image;
  uint64_t loaded = 0, refused = 0;
  build_of(&alloc, &image, text);
  for (size_t i = sizeof(prg_header); i < image.len; i++) {
    for (size_t m = 0; m < sizeof masks; m++) {
      prg *program = NULL;
      image.data[i] ^= masks[m];
      repair(image.data, image.len);
      cep_status status = load_copy(image.data, image.len, &program);
      assert_true(status == CEP_OK || status == CEP_E_CORRUPT);
      if (program) program_use(program);
      prg_unref(program);
      loaded += status == CEP_OK;
      refused += status == CEP_E_CORRUPT;
      image.data[i] ^= masks[m];
    }
  }
  assert_true(loaded > 0);
  assert_true(refused > loaded);
  cb_writer_fini(&image);
}

static void a_forged_image_is_refused_or_safe_to_run(void **state)
{
  (void)state;
  forge(rules);
  forge(windows);
}

/* Words are what indices, counts and offsets are made of: their edges, everywhere. */
static void set_to_edges(const char *text)
{
  static const uint32_t edges[] = {0,   1,          63,         64,         65,         255,
                                   256, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF};
  cb_alloc alloc;
  cb_writer image;
  build_of(&alloc, &image, text);
  for (size_t at = sizeof(prg_header); at + 4 <= image.len; at += 4) {
    uint32_t before;
    memcpy(&before, image.data + at, 4);
    for (size_t e = 0; e < sizeof edges / sizeof edges[0]; e++) {
      prg *program = NULL;
      memcpy(image.data + at, &edges[e], 4);
      repair(image.data, image.len);
      cep_status status = load_copy(image.data, image.len, &program);
      assert_true(status == CEP_OK || status == CEP_E_CORRUPT);
      if (program) program_use(program);
      prg_unref(program);
    }
    memcpy(image.data + at, &before, 4);
  }
  cb_writer_fini(&image);
}

static void a_word_at_its_edge_is_refused_or_safe_to_run(void **state)
{
  (void)state;
  set_to_edges(rules);
  set_to_edges(windows);
}

static int build_once(const cep_allocator *allocator, void *ctx)
{
  cb_alloc alloc;
  cb_writer image;
  cep_error err = {0};
  cb_alloc_init(&alloc, allocator, 0);
  cb_writer_init(&image, &alloc);
  cep_status status = nfa_build(&alloc, ctx, &image, &err);
  cb_writer_fini(&image);
  return status;
}

static void building_without_memory_fails_and_leaks_nothing(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_arena arena;
  plan *meaning = NULL;
  cep_error err = {0};
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  assert_int_equal(
      plan_compile(&arena, "test.cep", rules, sizeof rules - 1, built_ignore, NULL, &meaning, &err), CEP_OK);
  assert_true(fault_alloc_sweep(build_once, meaning) > 0);
  cb_arena_fini(&arena);
}

static int load_once(const cep_allocator *allocator, void *ctx)
{
  const cb_writer *image = ctx;
  prg *program = NULL;
  cep_error err = {0};
  cep_status status = prg_load(allocator, image->data, image->len, &program, &err);
  if (status == CEP_OK) program_use(program);
  prg_unref(program);
  return status;
}

static void loading_without_memory_fails_and_leaks_nothing(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_writer image;
  build(&alloc, &image);
  assert_true(fault_alloc_sweep(load_once, &image) > 0);
  cb_writer_fini(&image);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_rules_give_the_same_bytes),
      cmocka_unit_test(an_image_loads_and_can_be_used),
      cmocka_unit_test(an_image_cut_short_is_refused),
      cmocka_unit_test(a_changed_byte_is_seen_by_the_checksum),
      cmocka_unit_test(another_version_is_told_apart_from_damage),
      cmocka_unit_test(a_forged_image_is_refused_or_safe_to_run),
      cmocka_unit_test(a_word_at_its_edge_is_refused_or_safe_to_run),
      cmocka_unit_test(building_without_memory_fails_and_leaks_nothing),
      cmocka_unit_test(loading_without_memory_fails_and_leaks_nothing),
  };
  return cmocka_run_group_tests_name("nfa/program", tests, NULL, NULL);
}
