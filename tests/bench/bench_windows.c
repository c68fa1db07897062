/*
 * bench_windows.c - what sliding costs by the slide; sessions of many keys, and what an event waits for.
 *
 *   bench_windows [--events N] [--keys N] [--rate N] [--rounds N] [--sessions N] [--seed N]
 *
 * Sliding: `window sliding 60s` over the same events, every 60, 30, 5 and 1 seconds, turn about; the rate of each, and
 * the time beside that of 60 seconds. A key has `rate` events in a second. Every event must be counted as often
 * as windows lie over it: exit code 1 if one is not.
 * Sessions: so many keys have a session open, each of which ends in its turn while others begin; how long the calls that
 * take an event last at the most, by the clock of the wall, and how much memory each session has.
 */
#include "meter.h"

#define SECOND 1000000000ull

static const char sliding[] = "input In from stdin format json { time ts ns }\n"
                              "stream E from In { k: int  v: int  f: float }\n"
                              "aggregate a from E by k window sliding 60s every %us {\n"
                              "  n: count()  s: sum(v)  m: max(f)  mean: avg(f)\n"
                              "}\n";
static const char session[] = "input In from stdin format json { time ts ns }\n"
                              "stream E from In { k: int  v: int  f: float }\n"
                              "aggregate a from E by k window session gap 60s {\n"
                              "  n: count()  s: sum(v)  m: max(f)  mean: avg(f)\n"
                              "}\n";

typedef struct side {
  meter_alloc memory;
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  uint64_t windows, counted, took;
} side;

static int on_match(void *ctx, const cep_match *match)
{
  side *self = ctx;
  self->windows++;
  self->counted += (uint64_t)cep_match_value(match, 0, NULL)->as.i;
  return 0;
}

static void must(cep_status status, const cep_error *err)
{
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cep_status_name(status), err->text);
  exit(1);
}

static void open_side(side *self, const char *text)
{
  cep_error err = {0};
  memset(self, 0, sizeof *self);
  meter_alloc_init(&self->memory);
  must(cep_config_new(&self->memory.hook, &self->config), &err);
  must(cep_program_compile(self->config, "windows", text, strlen(text), &self->program, &err), &err);
  must(cep_engine_new(self->config, self->program, on_match, self, &self->engine, &err), &err);
  must(cep_engine_input(self->engine, "In", 0, &self->input, &err), &err);
}

static void close_side(side *self)
{
  cep_engine_free(self->engine);
  cep_program_free(self->program);
  cep_config_free(self->config);
}

static void push(side *self, uint64_t time, uint64_t key, uint64_t value)
{
  cep_error err = {0};
  cep_value fields[4] = {{.kind = CEP_TIME}, {.kind = CEP_INT}, {.kind = CEP_INT}, {.kind = CEP_FLOAT}};
  fields[0].as.i = (int64_t)time;
  fields[1].as.i = (int64_t)key;
  fields[2].as.i = (int64_t)value;
  fields[3].as.f = (double)value / 8;
  cep_event event = {.size = sizeof event, .time = (int64_t)time, .position = CEP_POSITION_NEXT, .fields = fields, .field_count = 4};
  must(cep_input_push(self->input, &event, &err), &err);
}

static void turn(side *self, unsigned every, uint64_t events, uint64_t keys, uint64_t rate, uint64_t seed)
{
  char text[sizeof sliding + 16];
  snprintf(text, sizeof text, sliding, every);
  uint64_t took = self->took, random = seed;
  open_side(self, text);
  uint64_t start = meter_now();
  for (uint64_t i = 0; i < events; i++) {
    uint64_t value = meter_random(&random);
    push(self, 1000 * SECOND + i * SECOND / (keys * rate), value % keys, value >> 32 & 1023);
  }
  must(cep_engine_finish(self->engine, &(cep_error){0}), &(cep_error){0});
  self->took = took + (meter_now() - start);
}

static int slide(uint64_t events, uint64_t keys, uint64_t rate, uint64_t rounds, uint64_t seed)
{
  static const unsigned everies[] = {60, 30, 5, 1};
  side sides[4];
  memset(sides, 0, sizeof sides);
  int is_wrong = 0;
  for (uint64_t r = 0; r < rounds; r++) {
    for (int i = 0; i < 4; i++) {
      turn(&sides[i], everies[i], events, keys, rate, seed);
      is_wrong |= sides[i].counted != events * (60 / everies[i]);
      close_side(&sides[i]);
    }
  }
  for (int i = 0; i < 4; i++) {
    printf("slide %2u s: %10.0f events/s, %.2f times the time of 60 s; %llu windows, %.0f bytes a key\n", everies[i],
           (double)(events * rounds) / ((double)sides[i].took / 1e9), (double)sides[i].took / (double)sides[0].took,
           (unsigned long long)sides[i].windows, (double)sides[i].memory.bytes_peak / (double)keys);
  }
  if (is_wrong) printf("events are missing or were counted too often\n");
  return is_wrong;
}

static uint64_t wall(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* One event of each key within half a gap, so that all sessions are open; then the keys again, each once its session is over. */
static int sessions(uint64_t keys, uint64_t seed)
{
  side self;
  uint64_t random = seed, step = 60 * SECOND / keys, time = 1000 * SECOND, most = 0, most_cpu = 0, calls = 0, start = meter_now();
  open_side(&self, session);
  for (uint64_t i = 0; i < keys * 4; i++) {
    time += i < keys ? step / 2 : step;
    uint64_t before = wall(), cpu = meter_now();
    push(&self, time, i % keys, meter_random(&random) & 1023);
    uint64_t after = wall() - before, after_cpu = meter_now() - cpu;
    if (after > most) most = after;
    if (after_cpu > most_cpu) most_cpu = after_cpu;
    calls++;
  }
  uint64_t took = meter_now() - start;
  printf("%llu sessions: %.0f events/s; the longest call %.2f ms (%.2f ms of the processor); %.0f bytes each\n", (unsigned long long)keys,
         (double)calls / ((double)took / 1e9), (double)most / 1e6, (double)most_cpu / 1e6, (double)self.memory.bytes_peak / (double)keys);
  must(cep_engine_finish(self.engine, &(cep_error){0}), &(cep_error){0});
  int is_wrong = self.counted != keys * 4;
  close_side(&self);
  return is_wrong;
}

int main(int argc, char **argv)
{
  uint64_t events = meter_option(argc, argv, "--events", 1000000), keys = meter_option(argc, argv, "--keys", 500);
  uint64_t rounds = meter_option(argc, argv, "--rounds", 3), seed = meter_option(argc, argv, "--seed", 1);
  int is_wrong = slide(events, keys, meter_option(argc, argv, "--rate", 20), rounds, seed);
  return is_wrong | sessions(meter_option(argc, argv, "--sessions", 1000000), seed);
}
