/*
 * meter.h - what the benches share: a clock, an allocator that counts, figures of rounds.
 *
 * Contract
 *   Header only, C and C++. Times (meter_now) are nanoseconds that the thread had a processor: what other programs
 *   take of a shared machine is not in them (but what they do to its caches is). `meter_alloc.hook` goes to
 *   cep_config_new; it counts requests for memory (not frees) and the bytes alive, in a
 *   program of one thread.
 */
#ifndef METER_H
#define METER_H

#include <cep/cep.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline uint64_t meter_of_clock(clockid_t which)
{
  struct timespec now;
  clock_gettime(which, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What the thread had of a processor. */
static inline uint64_t meter_now(void)
{
  return meter_of_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* For programs of several threads: what passed, and what all threads had of the processors. */
static inline uint64_t meter_passed(void)
{
  return meter_of_clock(CLOCK_MONOTONIC);
}

static inline uint64_t meter_processors(void)
{
  return meter_of_clock(CLOCK_PROCESS_CPUTIME_ID);
}

typedef struct meter_alloc {
  cep_allocator hook;
  uint64_t requests;
  size_t bytes;
  size_t bytes_peak;
} meter_alloc;

static inline void *meter_resize(void *ctx, void *at, size_t old, size_t size)
{
  meter_alloc *alloc = (meter_alloc *)ctx;
  if (size == 0) {
    free(at);
    alloc->bytes -= old;
    return NULL;
  }
  void *fresh = realloc(at, size);
  if (!fresh) return NULL;
  alloc->requests++;
  alloc->bytes += size - old;
  if (alloc->bytes > alloc->bytes_peak) alloc->bytes_peak = alloc->bytes;
  return fresh;
}

static inline void meter_alloc_init(meter_alloc *alloc)
{
  memset(alloc, 0, sizeof *alloc);
  alloc->hook.resize = meter_resize;
  alloc->hook.ctx = alloc;
}

/* xorshift64: the same numbers on every machine. */
static inline uint64_t meter_random(uint64_t *state)
{
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

static inline uint64_t meter_mix(uint64_t hash, uint64_t value)
{
  hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 29;
}

static inline int meter_compare(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The value below which `part` (0 to 1) of them lie. Sorts. */
static inline double meter_quantile(double *values, size_t count, double part)
{
  if (count == 0) return 0;
  qsort(values, count, sizeof *values, meter_compare);
  size_t at = (size_t)(part * (double)(count - 1) + 0.5);
  return values[at];
}

/* The most memory that the process has held, in bytes; 0 where the system does not say. */
static inline uint64_t meter_peak(void)
{
  unsigned long long kib = 0;
  char line[128];
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file)) {
    if (strncmp(line, "VmHWM:", 6) == 0) kib = strtoull(line + 6, NULL, 10);
  }
  if (file) fclose(file);
  return kib * 1024;
}

/* `--name N` among the arguments, else `otherwise`. */
static inline uint64_t meter_option(int argc, char **argv, const char *name, uint64_t otherwise)
{
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp(argv[i], name) == 0) return strtoull(argv[i + 1], NULL, 10);
  }
  return otherwise;
}

#endif
