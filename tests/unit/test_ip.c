/* test_ip.c - addresses and networks: text, bytes, membership. */
#include "cep/base/prng.h"
#include "cep/base/value.h"
#include "tests/support/test.h"

static void check_ip(const char *text, const char *expected)
{
  uint8_t ip[16];
  char again[CB_IP_TEXT_MAX];
  if (!cb_ip_read(text, strlen(text), ip)) fail_msg("\"%s\" was refused", text);
  size_t len = cb_ip_print(ip, again);
  assert_int_equal(len, strlen(again));
  assert_string_equal(again, expected);
}

/* One address in two spellings would be two keys. */
static void each_address_has_one_printed_form(void **state)
{
  (void)state;
  check_ip("10.0.0.1", "10.0.0.1");
  check_ip("255.255.255.255", "255.255.255.255");
  check_ip("::ffff:1.2.3.4", "1.2.3.4");
  check_ip("::FFFF:0102:0304", "1.2.3.4");
  check_ip("::", "::");
  check_ip("::1", "::1");
  check_ip("1::", "1::");
  check_ip("2001:DB8::1", "2001:db8::1");
  check_ip("2001:0db8:0:0:0:0:0:1", "2001:db8::1");
  check_ip("1:0:0:2:0:0:0:3", "1:0:0:2::3");
  check_ip("1:0:0:2:3:0:0:4", "1::2:3:0:0:4");
  check_ip("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"); /* one group is not shortened */
  check_ip("1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7");
  check_ip("0:0:1:2:3:4:5:6", "::1:2:3:4:5:6");
  check_ip("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::");
  check_ip("::1.2.3.4", "::102:304");
  check_ip("64:ff9b::1.2.3.4", "64:ff9b::102:304");
  check_ip("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
}

static void what_is_no_address_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"",
                                    "1",
                                    "1.2.3",
                                    "1.2.3.4.5",
                                    "256.1.1.1",
                                    "01.2.3.4",
                                    "1.2.3.4 ",
                                    " 1.2.3.4",
                                    "1..2.3",
                                    "1.2.3.",
                                    ".1.2.3",
                                    "1.2.3.1000",
                                    "a.b.c.d",
                                    ":",
                                    ":::",
                                    "1:2",
                                    "1:2:3:4:5:6:7",
                                    "1:2:3:4:5:6:7:8:9",
                                    "1:2:3:4:5:6:7:",
                                    ":1:2:3:4:5:6:7:8",
                                    "1::2::3",
                                    "12345::",
                                    "::g",
                                    "1:2:3:4::5:6:7:8",
                                    "::1.2.3",
                                    "::1.2.3.4:5",
                                    "1:2:3:4:5:6:7:1.2.3.4",
                                    "fe80::1%eth0",
                                    "::ffff:1.2.3.256",
                                    "1.2.3.4/8",
                                    "::1:",
                                    "1:::2"};
  uint8_t ip[16];
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (cb_ip_read(bad[i], strlen(bad[i]), ip)) fail_msg("\"%s\" was read", bad[i]);
  }
}

static void any_address_is_read_back(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 4);
  for (int i = 0; i < 50000; i++) {
    uint8_t ip[16], again[16];
    for (int b = 0; b < 16; b += 2) {
      uint64_t bits = cb_prng_chance(&prng, 50) ? 0 : cb_prng_next(&prng) >> cb_prng_below(&prng, 16);
      ip[b] = (uint8_t)(bits >> 8);
      ip[b + 1] = (uint8_t)bits;
    }
    if (cb_prng_chance(&prng, 20)) memcpy(ip, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
    char text[CB_IP_TEXT_MAX];
    size_t len = cb_ip_print(ip, text);
    assert_int_equal(cb_ip_read(text, len, again), 1);
    assert_memory_equal(again, ip, 16);
  }
}

/* Bytes of any kind must not lead the reader astray. */
static void random_text_is_read_or_refused(void **state)
{
  (void)state;
  static const char alphabet[] = "0123456789abcdefF::::....%/ ";
  cb_prng prng;
  cb_prng_init(&prng, 5);
  for (int i = 0; i < 200000; i++) {
    char text[24];
    size_t len = cb_prng_below(&prng, sizeof text);
    for (size_t c = 0; c < len; c++) text[c] = alphabet[cb_prng_below(&prng, sizeof alphabet - 1)];
    uint8_t ip[16], again[16];
    uint32_t bits;
    if (cb_ip_read(text, len, ip)) {
      char printed[CB_IP_TEXT_MAX];
      assert_int_equal(cb_ip_read(printed, cb_ip_print(ip, printed), again), 1);
      assert_memory_equal(again, ip, 16);
    }
    if (cb_cidr_read(text, len, ip, &bits)) assert_true(bits <= 128);
  }
}

static int holds(const char *net, const char *ip)
{
  uint8_t net_bytes[16], ip_bytes[16];
  uint32_t bits;
  assert_int_equal(cb_cidr_read(net, strlen(net), net_bytes, &bits), 1);
  assert_int_equal(cb_ip_read(ip, strlen(ip), ip_bytes), 1);
  return cb_cidr_holds(net_bytes, bits, ip_bytes);
}

/* An allow list would let strangers in. */
static void networks_hold_their_addresses(void **state)
{
  (void)state;
  assert_true(holds("10.0.0.0/8", "10.255.0.1"));
  assert_false(holds("10.0.0.0/8", "11.0.0.1"));
  assert_false(holds("10.0.0.0/8", "::"));
  assert_true(holds("10.0.0.128/25", "10.0.0.200"));
  assert_false(holds("10.0.0.128/25", "10.0.0.100"));
  assert_true(holds("10.1.2.3/8", "10.9.9.9")); /* bits past the prefix do not matter */
  assert_true(holds("0.0.0.0/0", "1.2.3.4"));
  assert_false(holds("0.0.0.0/0", "2001:db8::1"));
  assert_true(holds("::/0", "1.2.3.4"));
  assert_true(holds("2001:db8::/32", "2001:db8:ffff::1"));
  assert_false(holds("2001:db8::/32", "2001:db9::1"));
  assert_true(holds("1.2.3.4", "1.2.3.4"));
  assert_false(holds("1.2.3.4", "1.2.3.5"));
  assert_true(holds("::ffff:10.0.0.0/104", "10.2.3.4"));
}

static void what_is_no_network_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "",       "/",       "/8",          "10.0.0.0/", "10.0.0.0/33",  "10.0.0.0/-1", "10.0.0.0/8 ",
      "::/129", "::/1000", "10.0.0.0/08", "10.0.0/8",  "10.0.0.0/8/8", "::/a"};
  uint8_t net[16];
  uint32_t bits;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (cb_cidr_read(bad[i], strlen(bad[i]), net, &bits)) fail_msg("\"%s\" was read", bad[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_address_has_one_printed_form), cmocka_unit_test(what_is_no_address_is_refused),
      cmocka_unit_test(any_address_is_read_back),          cmocka_unit_test(random_text_is_read_or_refused),
      cmocka_unit_test(networks_hold_their_addresses),     cmocka_unit_test(what_is_no_network_is_refused),
  };
  return cmocka_run_group_tests_name("base/ip", tests, NULL, NULL);
}
