/* fn_address.c - addresses: which network, which sort. */
#include "nfa/fn.h"

#include <string.h>

/* IPv4 lies in ::ffff:0:0/96. */
#define V4_BITS 96

static const uint8_t *bytes_of(const cep_value *ip)
{
  return (const uint8_t *)ip->as.s;
}

static int is_v4(const uint8_t *ip)
{
  static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return memcmp(ip, prefix, sizeof prefix) == 0;
}

cep_value nfa_fn_is_v4(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return cb_bool(is_v4(bytes_of(&args[0])));
}

cep_value nfa_fn_is_v6(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return cb_bool(!is_v4(bytes_of(&args[0])));
}

cep_value nfa_fn_net(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)count;
  int is_short = is_v4(bytes_of(&args[0]));
  int64_t bits = args[1].as.i;
  if (bits < 0 || bits > (is_short ? 32 : 128)) return cb_null();
  if (is_short) bits += V4_BITS;
  char *net = nfa_scratch_take(scratch, 16);
  if (!net) return cb_null();
  for (int i = 0; i < 16; i++) {
    int64_t kept = bits - 8 * i;
    uint32_t mask = kept >= 8 ? 0xFFu : kept <= 0 ? 0u : 0xFFu << (8 - kept);
    net[i] = (char)(bytes_of(&args[0])[i] & mask);
  }
  cep_value result = {CEP_IP, 16, {.s = net}};
  return result;
}

typedef struct range { /* the first bytes under a mask; IPv4 with the four of its own */
  int is_v4;
  uint8_t bits;
  uint8_t bytes[4];
} range;

static cep_value in_ranges(const cep_value *ip, const range *ranges, size_t count)
{
  const uint8_t *bytes = bytes_of(ip);
  int is_short = is_v4(bytes);
  if (is_short) bytes += V4_BITS / 8;
  uint32_t word = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
  for (size_t i = 0; i < count; i++) {
    const uint8_t *own = ranges[i].bytes;
    uint32_t net = (uint32_t)own[0] << 24 | (uint32_t)own[1] << 16 | (uint32_t)own[2] << 8 | own[3];
    if (ranges[i].is_v4 == is_short && (word ^ net) >> (32 - ranges[i].bits) == 0) return cb_bool(1);
  }
  return cb_bool(0);
}
#define IN_RANGES(ip, ranges) in_ranges(ip, ranges, sizeof(ranges) / sizeof(ranges)[0])

cep_value nfa_fn_is_private(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  static const range ranges[] = {{1, 8, {10}}, {1, 12, {172, 16}}, {1, 16, {192, 168}}, {0, 7, {0xFC}}};
  (void)scratch;
  (void)count;
  return IN_RANGES(&args[0], ranges);
}

cep_value nfa_fn_is_loopback(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  static const range ranges[] = {{1, 8, {127}}};
  static const uint8_t one[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  (void)scratch;
  (void)count;
  if (memcmp(bytes_of(&args[0]), one, sizeof one) == 0) return cb_bool(1);
  return IN_RANGES(&args[0], ranges);
}

cep_value nfa_fn_is_link_local(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  static const range ranges[] = {{1, 16, {169, 254}}, {0, 10, {0xFE, 0x80}}};
  (void)scratch;
  (void)count;
  return IN_RANGES(&args[0], ranges);
}

cep_value nfa_fn_is_multicast(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  static const range ranges[] = {{1, 4, {224}}, {0, 8, {0xFF}}};
  (void)scratch;
  (void)count;
  return IN_RANGES(&args[0], ranges);
}
