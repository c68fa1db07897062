/*
 * lines.h - JSON lines that benches read: logins, changes and payments of users, and noise.
 *
 * Contract
 *   Header only, C and C++. LINES_BYTES for each line, its end counted; ten members of which the rules read five; the same
 *   lines for the same seed.
 */
#ifndef LINES_H
#define LINES_H

#include "meter.h"

#define LINES_BYTES 206u

static const char lines_rules[] = "stream Act from stdin format json {\n"
                                  "  time ts us  user: string  kind: string  amount: float  country: string\n"
                                  "}\n"
                                  "detect seq3 by user within 600s {\n"
                                  "  match Act as a where kind == \"login\" and country == \"se\"\n"
                                  "  then  Act as b where kind == \"change\"\n"
                                  "  then  Act as c where kind == \"pay\" and amount > 50.0\n"
                                  "  emit  { user: user, amount: c.amount }\n"
                                  "}\n";

typedef struct line_maker {
  uint64_t random; /* the seed; not 0 */
  uint64_t keys;
  uint64_t now; /* us */
  uint64_t count;
} line_maker;

static inline line_maker lines_from(uint64_t seed, uint64_t keys)
{
  line_maker self = {seed, keys, 1700000000000000, 0};
  return self;
}

/* LINES_BYTES, and no NUL behind them. */
static inline void lines_next(line_maker *self, char *out)
{
  static const char *const kinds[] = {"login", "change", "pay", "view", "list", "move", "help", "quit", "find"};
  static const char *const countries[] = {"se", "no", "dk", "fi"};
  uint64_t x = meter_random(&self->random);
  self->now += x % 299 + 1;
  char line[512];
  int len = snprintf(line, sizeof line,
                     "{\"id\":%llu,\"ts\":%llu,\"user\":\"u%07llu\",\"host\":\"web-%02llu\",\"kind\":\"%s\",\"ok\":true,"
                     "\"amount\":%llu.%02llu,\"country\":\"%s\",\"agent\":\"Mozilla/5.0\",\"note\":\"",
                     (unsigned long long)(10000000 + self->count++), (unsigned long long)self->now,
                     (unsigned long long)((x >> 20) % self->keys), (unsigned long long)(x >> 9) % 64, kinds[(x >> 44) % 9],
                     (unsigned long long)(x >> 50) % 100, (unsigned long long)(x >> 30) % 100, countries[x >> 62]);
  memcpy(out, line, (size_t)len);
  memset(out + len, '.', LINES_BYTES - (size_t)len - 3);
  memcpy(out + LINES_BYTES - 3, "\"}\n", 3);
}

#endif
