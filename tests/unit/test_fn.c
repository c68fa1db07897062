/* test_fn.c - functions: every example of builtin.def, and the corners of each category. */
#include "tests/support/built.h"

#include <stdio.h>

#include "nfa/expr.h"

/* An event with texts that cannot be written in a rule, and nulls of every kind. */
#define STREAM                                                                                               \
  "stream S from stdin format json { time ts s\n"                                                            \
  "  n: int?  nf: float?  ns: string?  nt: time?  nd: duration?  ni: ip?  nb: bool?\n"                       \
  "  big: int  low: int  bad: string  t: time  huge: float }\n"

static cep_value value_of(const char *name)
{
  if (strcmp(name, "big") == 0) return cb_int(INT64_MAX);
  if (strcmp(name, "low") == 0) return cb_int(INT64_MIN);
  if (strcmp(name, "bad") == 0) return cb_string("a\xC3(\x80\xF0z", 6);
  if (strcmp(name, "huge") == 0) return cb_float(1e308);
  if (strcmp(name, "t") == 0) return cb_value_i(CEP_TIME, INT64_MAX - 1);
  return cb_null();
}

static void fill(const prg *program, cb_alloc *alloc, cb_batch *batch)
{
  const prg_stream *stream = &program->streams[0];
  assert_int_equal(cb_batch_init(batch, alloc, 0, stream->columns.count, program->columns + stream->columns.first, 2), CEP_OK);
  cb_batch_begin_row(batch, 1000000000, 0, 1);
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    const prg_field *field = &program->fields[stream->fields.first + i];
    cep_value value = value_of(prg_text(program, field->name));
    if (field->column != PRG_NONE && value.kind != CEP_NULL) assert_int_equal(cb_batch_set(batch, field->column, &value), CEP_OK);
  }
  cb_batch_end_row(batch);
}

/* The value of `text` over the one event, as JSON. */
static void check(const char *text, const char *json)
{
  char rules[4096];
  snprintf(rules, sizeof rules, STREAM "detect d by k = case when big > 0 then %s else null end within 1h { match S as e emit { k: k } }", text);
  prg *program = built_program(rules);
  cb_alloc alloc;
  cb_batch batch;
  nfa_scratch scratch;
  cb_writer out;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&out, &alloc);
  fill(program, &alloc, &batch);
  assert_int_equal(nfa_scratch_init(&scratch, &alloc, program, 1000000, 1 << 20), CEP_OK);
  nfa_env env = {.program = program, .scratch = &scratch, .batch = &batch};
  cep_value value = nfa_expr_eval(&env, program->lists[program->routes[0].keys.first]);
  cb_value_write_json(&out, &value);
  cb_write_u8(&out, 0);
  if (strcmp((const char *)out.data, json) != 0) fail_msg("%s gave %s, not %s", text, (const char *)out.data, json);
  nfa_scratch_fini(&scratch);
  cb_batch_fini(&batch);
  cb_writer_fini(&out);
  assert_int_equal(alloc.bytes_in_use, 0);
  prg_unref(program);
}

static void every_example_gives_what_stands_beside_it(void **state)
{
  (void)state;
#define F(name, category, arguments, result, text, example, value) check(example, value);
#include "patterns/builtin.def"
#undef F
}

typedef struct pair {
  const char *text;
  const char *json;
} pair;

static void check_all(const pair *pairs, size_t count)
{
  for (size_t i = 0; i < count; i++) check(pairs[i].text, pairs[i].json);
}
#define CHECK_ALL(pairs) check_all(pairs, sizeof(pairs) / sizeof(pairs)[0])

static void null_in_gives_null_out(void **state)
{
  (void)state;
  const pair pairs[] = {{"upper(ns)", "null"},
                        {"substring(ns, 0)", "null"},
                        {"substring(\"abc\", n)", "null"},
                        {"lpad(\"a\", 3, ns)", "null"},
                        {"regex_extract(ns, r\"a\")", "null"},
                        {"net(ni, 8)", "null"},
                        {"net(ip(\"10.0.0.1\"), n)", "null"},
                        {"hour(nt, \"Europe/Berlin\")", "null"},
                        {"seconds(nd)", "null"},
                        {"round(nf, 2)", "null"},
                        {"greatest(1, n, 3)", "null"},
                        {"int(nb)", "null"},
                        {"string(ni)", "null"},
                        {"hash(1, n)", "null"},
                        {"bucket(ns, 4)", "null"},
                        {"json_int(ns, \"a\")", "null"}};
  CHECK_ALL(pairs);
}

static void texts_are_cut_by_characters(void **state)
{
  (void)state;
  const pair pairs[] = {{"substring(\"Grüße\", 2)", "\"üße\""},
                        {"substring(\"Grüße\", -2)", "\"ße\""},
                        {"substring(\"Grüße\", -9, 2)", "\"Gr\""},
                        {"substring(\"Grüße\", 5)", "\"\""},
                        {"substring(\"Grüße\", 9, 1)", "\"\""},
                        {"substring(\"Grüße\", big)", "\"\""},
                        {"substring(\"Grüße\", low)", "\"Grüße\""},
                        {"substring(\"Grüße\", 1, -1)", "null"},
                        {"substring(\"\", 0, 3)", "\"\""},
                        {"substring(bad, 2, 1)", "\"(\""},
                        {"left(\"Grüße\", 3)", "\"Grü\""},
                        {"left(\"Grüße\", 99)", "\"Grüße\""},
                        {"left(\"a\", -1)", "null"},
                        {"right(\"Grüße\", 3)", "\"üße\""},
                        {"right(\"Grüße\", big)", "\"Grüße\""},
                        {"right(\"\", 1)", "\"\""},
                        {"trim(\" \\t\\n\")", "\"\""},
                        {"trim(\"\")", "\"\""},
                        {"index_of(\"\", \"\")", "0"},
                        {"index_of(\"abab\", \"ba\")", "1"},
                        {"index_of(\"ab\", \"abc\")", "-1"},
                        {"split(\"a,b,,c\", \",\", 2)", "\"\""},
                        {"split(\"a,b\", \",\", 2)", "null"},
                        {"split(\"a,b\", \",\", -3)", "null"},
                        {"split(\"a,b\", \",\", low)", "null"},
                        {"split(\"a,b\", \",\", big)", "null"},
                        {"split(\"a\", \"\", 0)", "null"},
                        {"split(\"\", \",\", 0)", "\"\""},
                        {"split(\"a--b\", \"--\", 1)", "\"b\""},
                        {"replace(\"aaa\", \"aa\", \"b\")", "\"ba\""},
                        {"replace(\"abc\", \"\", \"x\")", "\"abc\""},
                        {"replace(\"\", \"a\", \"x\")", "\"\""},
                        {"replace(\"aXbX\", \"X\", \"\")", "\"ab\""},
                        {"reverse(\"\")", "\"\""},
                        {"length(reverse(bad))", "6"},
                        {"length(bad)", "6"}};
  CHECK_ALL(pairs);
}

static void texts_that_grow_have_a_limit(void **state)
{
  (void)state;
  const pair pairs[] = {{"length(repeat(\"a\", 65536))", "65536"},
                        {"repeat(\"a\", 65537)", "null"},
                        {"repeat(\"a\", big)", "null"},
                        {"repeat(\"\", big)", "\"\""},
                        {"repeat(\"a\", -1)", "null"},
                        {"length(lpad(\"\", 65536, \"ab\"))", "65536"},
                        {"lpad(\"\", 65537)", "null"},
                        {"lpad(\"\", 65536, \"ü\")", "null"},
                        {"lpad(\"abc\", 2)", "\"abc\""},
                        {"lpad(\"abc\", low)", "\"abc\""},
                        {"rpad(\"a\", 3, \"\")", "null"},
                        {"rpad(\"ü\", 3, \"ß-\")", "\"üß-\""},
                        {"length(replace(repeat(\"a\", 65536), \"a\", \"b\"))", "65536"},
                        {"replace(repeat(\"a\", 40000), \"a\", \"bb\")", "null"},
                        {"regex_replace(repeat(\"a\", 40000), r\"a\", \"bb\")", "null"},
                        {"length(hex(repeat(\"a\", 32768)))", "65536"},
                        {"hex(repeat(\"a\", 32769))", "null"},
                        {"length(base64_encode(repeat(\"a\", 49152)))", "65536"},
                        {"base64_encode(repeat(\"a\", 49153))", "null"},
                        {"levenshtein(repeat(\"ü\", 255), \"\")", "255"},
                        {"levenshtein(repeat(\"a\", 256), \"\")", "null"}};
  CHECK_ALL(pairs);
}

static void texts_in_other_clothes_come_back(void **state)
{
  (void)state;
  const pair pairs[] = {{"levenshtein(\"\", \"\")", "0"},
                        {"levenshtein(\"kitten\", \"sitting\")", "3"},
                        {"levenshtein(\"Grüße\", \"Grusse\")", "3"},
                        {"hex(\"\")", "\"\""},
                        {"hex(255)", "\"ff\""},
                        {"hex(0)", "\"0\""},
                        {"hex(low)", "\"8000000000000000\""},
                        {"unhex(\"4\")", "null"},
                        {"unhex(\"4g\")", "null"},
                        {"unhex(\"\")", "\"\""},
                        {"base64_encode(\"\")", "\"\""},
                        {"base64_encode(\"a\")", "\"YQ==\""},
                        {"base64_encode(\"ab\")", "\"YWI=\""},
                        {"base64_decode(\"YWI=\")", "\"ab\""},
                        {"base64_decode(\"YWI\")", "\"ab\""},
                        {"base64_decode(\"YWI==\")", "null"},
                        {"base64_decode(\"YWJj=\")", "null"},
                        {"base64_decode(\"Y\")", "null"},
                        {"base64_decode(\"Y*I=\")", "null"},
                        {"base64_decode(\"\")", "\"\""},
                        {"hex(base64_decode(\"-_8\"))", "\"fbff\""},
                        {"utf16_decode(unhex(\"4100\"))", "\"A\""},
                        {"utf16_decode(unhex(\"3DD800DE\"))", "\"😀\""},
                        {"utf16_decode(unhex(\"3DD8\"))", "null"},
                        {"utf16_decode(unhex(\"00DE\"))", "null"},
                        {"utf16_decode(unhex(\"3DD84100\"))", "null"},
                        {"utf16_decode(\"a\")", "null"},
                        {"url_decode(\"%41%4\")", "\"A%4\""},
                        {"url_decode(\"%zz%C3%BC+\")", "\"%zzü+\""},
                        {"host_of(\"http://[::1]:80/\")", "\"::1\""},
                        {"host_of(\"http://[::1\")", "null"},
                        {"host_of(\"ftp://u:p@h@Host\")", "\"host\""},
                        {"host_of(\"http://?x\")", "null"},
                        {"host_of(\"://a\")", "null"},
                        {"host_of(\"/a?u=http://b\")", "null"},
                        {"host_of(\"example.org\")", "null"},
                        {"host_of(\"x://evil.org\\\\@good.org/\")", "\"evil.org\""},
                        {"entropy(\"\")", "0"},
                        {"entropy(\"aaaa\")", "0"}};
  CHECK_ALL(pairs);
}

static void regular_expressions_give_groups(void **state)
{
  (void)state;
  const pair pairs[] = {{"regex_extract(\"k=v\", r\"(?<key>\\w)=(?<val>\\w)\", \"val\")", "\"v\""},
                        {"regex_extract(\"k=v\", r\"(\\w)=(\\w)\", 0)", "\"k=v\""},
                        {"regex_extract(\"k=v\", r\"(\\w)=(\\w)\")", "\"k\""},
                        {"regex_extract(\"abc\", r\"b.\")", "\"bc\""},
                        {"regex_extract(\"b\", r\"(a)?b\", 1)", "null"},
                        {"regex_extract(\"x\", r\"y\")", "null"},
                        {"regex_extract(\"\", r\"(x*)\")", "\"\""},
                        {"regex_extract(\"b\", r\"(?J)(?:(?<n>a)|(?<n>b))\", \"n\")", "\"b\""},
                        {"regex_replace(\"baac\", r\"a*\", \"x\")", "\"xbxxcx\""},
                        {"regex_replace(\"ü\", r\"\", \"-\")", "\"-ü-\""},
                        {"regex_replace(\"a1\", r\"(\\d)\", \"$$$1$0\")", "\"a$11\""},
                        {"regex_replace(\"ab\", r\"(?<=a)b\", \"\")", "\"a\""},
                        {"regex_replace(\"x\", r\"y\", \"z\")", "\"x\""},
                        {"regex_replace(\"b\", r\"(a)?b\", \"<$1>\")", "\"<>\""},
                        {"regex_replace(\"\", r\"^\", \"z\")", "\"z\""},
                        {"regex_count(\"\", r\"x\")", "0"},
                        {"regex_count(\"\", r\"\")", "1"},
                        {"regex_count(\"aaa\", r\"aa\")", "1"},
                        {"regex_count(bad, r\"[a-z]\")", "2"},
                        {"regex_count(\"aab\", r\"(?=a)\\K\")", "2"},
                        {"regex_count(repeat(\"a\", 3000), r\"(a+)+$|(a+)+b\")", "1"},
                        {"regex_count(concat(repeat(\"a\", 60), \"!\"), r\"^(a|aa)+$\")", "null"},
                        {"regex_extract(concat(repeat(\"a\", 60), \"!\"), r\"^(a|aa)+$\")", "null"}};
  CHECK_ALL(pairs);
}

static void addresses_have_networks_and_sorts(void **state)
{
  (void)state;
  const pair pairs[] = {{"net(ip(\"10.1.2.3\"), 0)", "\"0.0.0.0\""},
                        {"net(ip(\"10.1.2.3\"), 32)", "\"10.1.2.3\""},
                        {"net(ip(\"10.1.2.3\"), 33)", "null"},
                        {"net(ip(\"10.1.2.3\"), -1)", "null"},
                        {"net(ip(\"10.1.2.255\"), 25)", "\"10.1.2.128\""},
                        {"net(ip(\"2001:db8:ffff::1\"), 33)", "\"2001:db8:8000::\""},
                        {"net(ip(\"2001:db8::1\"), 128)", "\"2001:db8::1\""},
                        {"net(ip(\"2001:db8::1\"), 129)", "null"},
                        {"is_private(ip(\"172.32.0.1\"))", "false"},
                        {"is_private(ip(\"fd00::1\"))", "true"},
                        {"is_private(ip(\"fe00::1\"))", "false"},
                        {"is_private(ip(\"::ffff:192.168.1.1\"))", "true"},
                        {"is_loopback(ip(\"127.255.0.1\"))", "true"},
                        {"is_loopback(ip(\"::2\"))", "false"},
                        {"is_link_local(ip(\"fec0::1\"))", "false"},
                        {"is_link_local(ip(\"169.254.9.9\"))", "true"},
                        {"is_multicast(ip(\"239.1.1.1\"))", "true"},
                        {"is_multicast(ip(\"240.0.0.1\"))", "false"},
                        {"is_multicast(ip(\"ff02::1\"))", "true"},
                        {"is_v6(ip(\"::1\"))", "true"},
                        {"ip(\"10.0.0\")", "null"}};
  CHECK_ALL(pairs);
}

static void calendars_know_leap_days_and_weeks(void **state)
{
  (void)state;
  const pair pairs[] = {{"day_of_year(time(\"2024-02-29T00:00:00Z\"))", "60"},
                        {"day(time(\"2024-02-29T23:59:59Z\"), \"+00:01\")", "1"},
                        {"week(time(\"2020-12-31T00:00:00Z\"))", "53"},
                        {"week(time(\"2021-01-03T00:00:00Z\"))", "53"},
                        {"week(time(\"2021-01-04T00:00:00Z\"))", "1"},
                        {"week(time(\"2024-12-30T00:00:00Z\"))", "1"},
                        {"weekday(time(\"1969-12-31T23:59:59Z\"))", "3"},
                        {"year(time(\"1969-12-31T23:59:59.5Z\"))", "1969"},
                        {"second(time(\"1969-12-31T23:59:59.5Z\"))", "59"},
                        {"string(time_of_day(time(\"1969-12-31T23:59:59.5Z\")))", "\"23h59m59s500ms\""},
                        {"year(t)", "2262"},
                        {"hour(t, \"Pacific/Kiritimati\")", "13"},
                        {"format_time(time(\"2021-01-03T00:05:09.000000042Z\"), \"%G-W%V-%u %e %I:%M:%S.%f %p %j %y %s %%\")",
                         "\"2020-W53-7  3 12:05:09.000000042 AM 003 21 1609632309 %\""},
                        {"format_time(time(\"2021-11-03T13:05:09Z\"), \"%A %B %D %R %T %z\", \"-03:30\")",
                         "\"Wednesday November 11/03/21 09:35 09:35:09 -0330\""},
                        {"format_time(time(0), \"\")", "\"\""},
                        {"trunc(time(\"1969-12-31T23:59:59Z\"), 1h)", "\"1969-12-31T23:00:00Z\""},
                        {"trunc(time(\"2026-01-01T12:34:56Z\"), 7d)", "\"2026-01-01T00:00:00Z\""},
                        {"epoch_s(time(\"1969-12-31T23:59:59.5Z\"))", "-1"},
                        {"epoch_ms(time(\"1969-12-31T23:59:59.9995Z\"))", "-1"},
                        {"ms(duration(\"-0.0015\"))", "-1"}};
  CHECK_ALL(pairs);
}

static void clocks_are_set_in_spring_and_autumn(void **state)
{
  (void)state;
  const pair pairs[] = {{"hour(time(\"2026-03-29T00:59:59Z\"), \"Europe/Berlin\")", "1"},
                        {"hour(time(\"2026-03-29T01:00:00Z\"), \"Europe/Berlin\")", "3"},
                        {"hour(time(\"2026-10-25T00:59:59Z\"), \"Europe/Berlin\")", "2"},
                        {"hour(time(\"2026-10-25T01:00:00Z\"), \"Europe/Berlin\")", "2"},
                        {"hour(time(\"2026-10-25T02:00:00Z\"), \"Europe/Berlin\")", "3"},
                        {"hour(time(\"2026-01-01T00:00:00Z\"), \"Australia/Sydney\")", "11"},
                        {"hour(time(\"2026-07-01T00:00:00Z\"), \"Australia/Sydney\")", "10"},
                        {"hour(time(\"2026-07-01T12:00:00Z\"), \"Europe/Dublin\")", "13"},
                        {"hour(time(\"2026-01-01T12:00:00Z\"), \"Europe/Dublin\")", "12"},
                        {"parse_time(\"2026-03-29 02:30\", \"%Y-%m-%d %H:%M\", \"Europe/Berlin\")", "\"2026-03-29T01:30:00Z\""},
                        {"parse_time(\"2026-10-25 02:30\", \"%Y-%m-%d %H:%M\", \"Europe/Berlin\")", "\"2026-10-25T00:30:00Z\""},
                        {"parse_time(\"2026-03-08 02:30\", \"%Y-%m-%d %H:%M\", \"America/New_York\")", "\"2026-03-08T07:30:00Z\""},
                        {"parse_time(\"2026-03-08 02:30 +01:00\", \"%Y-%m-%d %H:%M %z\", \"America/New_York\")", "\"2026-03-08T01:30:00Z\""},
                        {"parse_time(\"60\", \"%s\", \"America/New_York\")", "\"1970-01-01T00:01:00Z\""},
                        {"parse_time(\"2026-02-29\", \"%Y-%m-%d\")", "null"},
                        {"parse_time(\"2026-02-28x\", \"%Y-%m-%d\")", "null"},
                        {"start_of_day(time(\"2026-03-29T12:00:00Z\"), \"Europe/Berlin\")", "\"2026-03-28T23:00:00Z\""},
                        {"start_of_day(time(\"2026-03-08T12:00:00Z\"), \"America/Havana\")", "\"2026-03-08T05:00:00Z\""},
                        {"trunc(time(\"2026-10-25T00:45:00Z\"), 1h, \"Europe/Berlin\")", "\"2026-10-25T00:00:00Z\""},
                        {"trunc(time(\"2026-10-25T01:45:00Z\"), 1h, \"Europe/Berlin\")", "\"2026-10-25T01:00:00Z\""},
                        /* 3:10, and no clock has shown 2:30 */
                        {"trunc(time(\"2026-03-29T01:10:00Z\"), 90m, \"Europe/Berlin\")", "\"2026-03-29T01:00:00Z\""},
                        {"start_of_day(time(\"2026-03-08T12:00:00Z\"), \"America/Havana\")", "\"2026-03-08T05:00:00Z\""},
                        {"trunc(t, 1h, \"Asia/Kolkata\")", "\"2262-04-11T23:30:00Z\""}};
  CHECK_ALL(pairs);
}

static void numbers_that_do_not_fit_are_null(void **state)
{
  (void)state;
  const pair pairs[] = {{"abs(low)", "null"},
                        {"sign(low)", "-1"},
                        {"sign(0.0)", "0"},
                        {"floor(big)", "9223372036854775807"},
                        {"ceil(-0.5)", "-0"},
                        {"round(-2.5)", "-3"},
                        {"round(2.5)", "3"},
                        {"round(1234.5, -2)", "1200"},
                        {"round(1250, -2)", "1300"},
                        {"round(-1250, -2)", "-1300"},
                        {"round(big, -1)", "null"},
                        {"round(big, -19)", "null"},
                        {"round(low, -20)", "0"},
                        {"round(low, low)", "0"},
                        {"round(huge, 10)", "1e+308"},
                        {"round(huge, 400)", "1e+308"},
                        {"round(2.345, 2)", "2.35"},
                        {"round(huge, -400)", "1e+308"},
                        {"sqrt(-1)", "null"},
                        {"pow(huge, 2)", "null"},
                        {"pow(-1, 0.5)", "null"},
                        {"pow(0, -1)", "null"},
                        {"exp(1000)", "null"},
                        {"ln(0)", "null"},
                        {"log10(-1)", "null"},
                        {"log2(0.0)", "null"},
                        {"least(2, 1.0)", "1"},
                        {"least(\"b\")", "\"b\""},
                        {"greatest(time(\"2026-01-01\"), time(\"2025-01-01\"))", "\"2026-01-01T00:00:00Z\""},
                        {"clamp(5, 10, 0)", "null"},
                        {"clamp(-5, 0, 10.5)", "0"},
                        {"shift_left(1, 63)", "-9223372036854775808"},
                        {"shift_left(1, 64)", "null"},
                        {"shift_right(low, 63)", "-1"},
                        {"shift_right(1, -1)", "null"},
                        {"distance(0, 0, 0, 180) > 20015", "true"},
                        {"distance(91, 0, 0, 0)", "null"},
                        {"distance(10, 20, 10, 20)", "0"}};
  CHECK_ALL(pairs);
}

static void conversions_give_null_for_what_they_cannot(void **state)
{
  (void)state;
  const pair pairs[] = {{"int(2.9)", "2"},
                        {"int(-2.9)", "-2"},
                        {"int(huge)", "null"},
                        {"int(\"12x\")", "null"},
                        {"int(\"\")", "null"},
                        {"int(true)", "1"},
                        {"float(\"1e400\")", "null"},
                        {"float(\"x\")", "null"},
                        {"float(false)", "0"},
                        {"string(1e300)", "\"1e+300\""},
                        {"string(true)", "\"true\""},
                        {"string(1h)", "\"1h\""},
                        {"string(ip(\"::1\"))", "\"::1\""},
                        {"string(time(0))", "\"1970-01-01T00:00:00Z\""},
                        {"bool(2)", "null"},
                        {"bool(0.0)", "false"},
                        {"bool(\"yes\")", "null"},
                        {"time(big)", "null"},
                        {"time(huge)", "null"},
                        {"time(\"today\")", "null"},
                        {"string(duration(1.5))", "\"1s500ms\""},
                        {"duration(\"1x\")", "null"},
                        {"string(duration(\"0.25\"))", "\"250ms\""},
                        {"hash(0.0) == hash(-0.0)", "true"},
                        {"hash(\"ab\", \"c\") == hash(\"a\", \"bc\")", "false"},
                        {"hash(1) == hash(1.0)", "false"},
                        {"bucket(\"x\", 0)", "null"},
                        {"bucket(\"x\", -1)", "null"}};
  CHECK_ALL(pairs);
}

#define JSON "\"{\\\"a\\\": {\\\"b.c\\\": [10, 2.0, \\\"x\\\\n\\\", true, null, 1e300, 99999999999999999999]}}\""

static void json_is_looked_into(void **state)
{
  (void)state;
  const pair pairs[] = {{"json_int(" JSON ", \"a[\\\"b.c\\\"][0]\")", "10"},
                        {"json_int(" JSON ", \"a[\\\"b.c\\\"][1]\")", "2"},
                        {"json_int(" JSON ", \"a[\\\"b.c\\\"][5]\")", "null"},
                        {"json_int(" JSON ", \"a[\\\"b.c\\\"][6]\")", "null"},
                        {"json_float(" JSON ", \"a[\\\"b.c\\\"][6]\")", "1e+20"},
                        {"json_string(" JSON ", \"a[\\\"b.c\\\"][2]\")", "\"x\\n\""},
                        {"json_string(" JSON ", \"a[\\\"b.c\\\"][3]\")", "\"true\""},
                        {"json_string(" JSON ", \"a[\\\"b.c\\\"][0]\")", "\"10\""},
                        {"json_string(" JSON ", \"a[\\\"b.c\\\"][4]\")", "null"},
                        {"json_string(" JSON ", \"a\")", "null"},
                        {"json_bool(" JSON ", \"a[\\\"b.c\\\"][3]\")", "true"},
                        {"json_length(" JSON ", \"a[\\\"b.c\\\"]\")", "7"},
                        {"json_length(" JSON ", \"\")", "1"},
                        {"json_length(" JSON ", \"a[0]\")", "null"},
                        {"json_int(" JSON ", \"a.x\")", "null"},
                        {"json_int(\"7\", \"\")", "7"},
                        {"json_int(\"{\", \"\")", "null"},
                        {"json_int(\"\", \"\")", "null"},
                        {"concat(json_string(\"{\\\"a\\\": \\\"x\\\", \\\"b\\\": \\\"y\\\"}\", \"a\"), json_string(\"[\\\"z\\\"]\", \"[0]\"))", "\"xz\""}};
  CHECK_ALL(pairs);
}

static void choices_take_the_first_that_is_true(void **state)
{
  (void)state;
  const pair pairs[] = {{"case when n > 1 then 1 when n is null then 2 else 3 end", "2"},
                        {"case when big > 1 then 1 when big > 2 then 2 else 3 end", "1"},
                        {"case when big < 1 then 1 else 2.5 end", "2.5"},
                        {"case when big < 1 then 1 else null end", "null"},
                        {"case when true then n else 1 end", "null"},
                        {"case when 1 > 2 then 1 else 7 end", "7"},
                        {"if(nb, 1, 2)", "2"},
                        {"if(not nb, 1, 2)", "2"},
                        {"nullif(big, 7)", "9223372036854775807"},
                        {"nullif(\"a\", \"a\")", "null"},
                        {"nullif(n, 1)", "null"},
                        {"case when big > 1 then case when low < 1 then \"in\" else \"x\" end else \"y\" end", "\"in\""}};
  CHECK_ALL(pairs);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_example_gives_what_stands_beside_it),
      cmocka_unit_test(null_in_gives_null_out),
      cmocka_unit_test(texts_are_cut_by_characters),
      cmocka_unit_test(texts_that_grow_have_a_limit),
      cmocka_unit_test(texts_in_other_clothes_come_back),
      cmocka_unit_test(regular_expressions_give_groups),
      cmocka_unit_test(addresses_have_networks_and_sorts),
      cmocka_unit_test(calendars_know_leap_days_and_weeks),
      cmocka_unit_test(clocks_are_set_in_spring_and_autumn),
      cmocka_unit_test(numbers_that_do_not_fit_are_null),
      cmocka_unit_test(conversions_give_null_for_what_they_cannot),
      cmocka_unit_test(json_is_looked_into),
      cmocka_unit_test(choices_take_the_first_that_is_true),
  };
  return cmocka_run_group_tests_name("nfa/fn", tests, NULL, NULL);
}
