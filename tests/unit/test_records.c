/* test_records.c - a hundred thousand spoilt records: none is lost, none is counted twice. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "cep/base/prng.h"
#include "tests/support/record_feed.h"

#define RECORD_MAX 6000

static const char *const seeds[] = {
    "{\"ts\":1700000000.5,\"user\":\"ann\",\"status\":500,\"path\":\"/a\",\"why\":0.75,\"again\":true}",
    "{\"ts\":1700000001,\"user\":\"ann\",\"status\":503,\"path\":\"/b\\u00e9\",\"why\":1e3,\"again\":null}",
    "{\"ts\":\"1700000002\",\"user\":\"ann\",\"status\":200,\"size\":10,\"took\":\"5ms\",\"source\":{\"ip\":"
    "\"10.1.2.3\"}}",
    "{\"ts\":1700000003,\"user\":null,\"status\":200,\"took\":0.25,\"source.ip\":\"2001:db8::1\"}",
    "{\"ts\":1700000004,\"status\":404,\"path\":\"/"
    "c\",\"more\":[[1,2,{\"x\":[]}],\"\\ud83d\\ude00\",-0.0,1e-300]}",
    "Dec 10 07:28:03 LabSZ sshd[24245]: Failed password for ann from 10.1.2.3 port 50456 ssh2",
    "Dec 10 07:28:04 LabSZ sshd[24245]: Failed password for ann from 2001:db8::7 port 60022 ssh2\r",
    "Dec 10 07:28:05 LabSZ sshd[24245]: session opened for user ann by (uid=0)",
    "Dec 31 23:59:59 LabSZ sshd[1]: Connection closed by 10.0.0.1 [preauth]",
    ",1700000000.5,ann,5,2001:db8::1,plain",
    ",1700000001,\"ann\",,,\"two \"\"lines\"\",\nof text\"\r",
    ",1700000002,ann,\"7\"",
    "=ts=2023-11-14T22:13:23Z user=ann took=5ms http.size=10 msg=\"it \\\"works\\\" \\u00e9\"",
    "=level=info cached ts=\"2023-11-14T22:13:24Z\" user=\"\" took= http.size=-1",
};
#define MARKED 9 /* from here on the first byte says where it goes, and stays */

typedef struct spoilt {
  char text[RECORD_MAX];
  size_t len;
} spoilt;

static void insert(spoilt *record, size_t at, const char *text, size_t len)
{
  if (record->len + len > RECORD_MAX) return;
  memmove(record->text + at + len, record->text + at, record->len - at);
  memcpy(record->text + at, text, len);
  record->len += len;
}

static void insert_wild(spoilt *record, size_t at, cb_prng *prng)
{
  static const char *const wild[] = {"\xff",
                                     "\xc3",
                                     "\xed\xa0\x80",
                                     "\xf4\x90\x80\x80",
                                     "99999999999999999999999999",
                                     "1e999",
                                     "-",
                                     "\\u0000",
                                     "\\ud800",
                                     "\"",
                                     "{",
                                     "}",
                                     "[",
                                     ",",
                                     ":",
                                     "null",
                                     "true",
                                     "1.7e308",
                                     "0x10",
                                     "\r",
                                     "\x01",
                                     "-9223372036854775808",
                                     "\"ts\":5,",
                                     "Feb 29 25:61:61 ",
                                     " "};
  const char *text = wild[cb_prng_below(prng, sizeof wild / sizeof *wild)];
  insert(record, at, text, strlen(text));
}

static void insert_deep(spoilt *record, size_t at, cb_prng *prng)
{
  char open[3000];
  size_t depth = cb_prng_below(prng, sizeof open);
  memset(open, cb_prng_chance(prng, 50) ? '[' : 'x', depth);
  insert(record, at, open, depth);
}

static void spoil(spoilt *record, cb_prng *prng)
{
  size_t at = record->len ? cb_prng_below(prng, (uint32_t)record->len) : 0;
  switch (cb_prng_below(prng, 8)) {
  case 0:
  case 1:
    if (record->len) record->text[at] = (char)(record->text[at] ^ (1 << cb_prng_below(prng, 8)));
    break;
  case 2: record->len = at; break;
  case 3: { /* cut a piece out */
    size_t gone = cb_prng_below(prng, (uint32_t)(record->len - at) + 1);
    memmove(record->text + at, record->text + at + gone, record->len - at - gone);
    record->len -= gone;
    break;
  }
  case 4: insert_deep(record, at, prng); break;
  case 5: { /* another byte in place of a digit: other times and numbers */
    while (at < record->len && (record->text[at] < '0' || record->text[at] > '9')) at++;
    if (at < record->len) record->text[at] = (char)('0' + cb_prng_below(prng, 10));
    break;
  }
  default: insert_wild(record, at, prng); break;
  }
}

/* Of the seeds from `first` on. */
static void feed_spoilt(const char *batch, uint64_t seed, uint32_t count, uint32_t first)
{
  record_feed feed;
  cb_prng prng;
  spoilt record;
  cb_prng_init(&prng, seed);
  assert_true(feed_open(&feed, batch));
  for (uint32_t i = 0; i < count; i++) {
    if (i % 1000 == 999) {
      assert_true(cep_engine_flush(feed.engine, NULL) >= 0);
      if (!feed_account(&feed))
        fail_msg("batch %s, seed %llu: wrong sum after record %u", batch, (unsigned long long)seed, i);
    }
    if (i % 5000 == 4999) assert_true(feed_restart(&feed)); /* one wild time would make all others late */
    uint32_t chosen = first + cb_prng_below(&prng, (uint32_t)(sizeof seeds / sizeof *seeds) - first);
    const char *text = seeds[chosen];
    record.len = strlen(text);
    memcpy(record.text, text, record.len);
    for (uint32_t n = cb_prng_below(&prng, 4); n > 0; n--) spoil(&record, &prng);
    if (chosen >= MARKED && record.len > 0) record.text[0] = text[0];
    cep_status status = feed_record(&feed, record.text, record.len);
    if (status < 0) fail_msg("record %u: %s: %.*s", i, cep_status_name(status), (int)record.len, record.text);
  }
  assert_true(cep_engine_finish(feed.engine, NULL) >= 0);
  assert_true(feed_account(&feed));
  feed_close(&feed);
}

static void spoilt_records_are_all_accounted_for(void **state)
{
  (void)state;
  feed_spoilt("1", 1, 60000, 0);
}

static void also_in_batches(void **state)
{
  (void)state;
  feed_spoilt("64", 2, 40000, 0);
}

static void a_hundred_thousand_rows_and_pairs_too(void **state)
{
  (void)state;
  feed_spoilt("1", 3, 60000, MARKED);
  feed_spoilt("64", 4, 40000, MARKED);
}

static void whole_records_are_used(void **state)
{
  /* Without this, a decoder that refuses everything would pass the tests above. */
  (void)state;
  record_feed feed;
  assert_true(feed_open(&feed, "1"));
  for (int i = 0; i < 4; i++)
    assert_true(feed_record(&feed, seeds[i == 3 ? 2 : 0], strlen(seeds[i == 3 ? 2 : 0])) >= 0);
  for (size_t i = 5; i < 8; i++) assert_true(feed_record(&feed, seeds[i], strlen(seeds[i])) >= 0);
  for (size_t i = MARKED; i < MARKED + 4; i++) assert_true(feed_record(&feed, seeds[i], strlen(seeds[i])) >= 0);
  assert_true(cep_engine_finish(feed.engine, NULL) >= 0);
  assert_int_equal(cep_engine_stat(feed.engine, CEP_STAT_RECORDS_USED, CEP_NONE), 11);
  assert_int_equal(feed.matches, 3);
  assert_true(feed_account(&feed));
  feed_close(&feed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_records_are_used),
      cmocka_unit_test(spoilt_records_are_all_accounted_for),
      cmocka_unit_test(also_in_batches),
      cmocka_unit_test(a_hundred_thousand_rows_and_pairs_too),
  };
  return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
