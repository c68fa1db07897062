/*
 * bench_waiting.c - many partial matches of one slot that wait for equal values: looked up, and walked.
 *
 *   bench_waiting [--open N] [--pairs N] [--rounds N] [--seed N] [--texts 1]
 *
 * `match E as a where type == 0 then E as b where type == 1 and id == a.id` without a key. N starts are open;
 * then a second event ends the oldest, and a first one opens another, over and over. Three engines, turn about:
 * one walks all partial matches (debug.index_runs beyond reach); one looks them up, and gets the same events,
 * for equal answers; one looks them up, and gets more events, for its time. The events are made in the time
 * that is measured, the same for all. Without --open the sizes 10, 1,000, 10,000 and 100,000 follow each other.
 * Above 30,000 nothing is walked: to open as many takes minutes alone, each event walking over those before it.
 * Exit code 1: the answers differ.
 */
#include "meter.h"

#define WALKED_MAX 30000u
#define WORDS 64u /* bytes of a value as text, at most */

static const char rules[] = "input In from stdin format json { time ts ns }\n"
                            "stream E from In { id: %s  type: int }\n"
                            "detect pair unbounded {\n"
                            "  match E as a where type == 0\n"
                            "  then  E as b where type == 1 and id == a.id\n"
                            "  after match no skip\n"
                            "  emit  { id: a.id }\n"
                            "}\n";

typedef struct side {
  const char *name;
  meter_alloc memory;
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  uint64_t matches, hash;
  uint64_t next, took, events; /* ids: next opens, next - open ends */
  uint64_t random;
  cep_time now;
} side;

static int on_match(void *ctx, const cep_match *match)
{
  side *self = ctx;
  cep_captured first = {.size = sizeof first}, second = {.size = sizeof second};
  if (cep_match_event(match, 0, &first) == CEP_OK && cep_match_event(match, 1, &second) == CEP_OK)
    self->hash = meter_mix(self->hash, meter_mix(first.position, second.position));
  self->matches++;
  return 0;
}

static void must(cep_status status, const cep_error *err)
{
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cep_status_name(status), err->text);
  exit(1);
}

static void open_side(side *self, const char *index_runs, int texts, uint64_t seed)
{
  cep_error err = {0};
  char text[sizeof rules + 32];
  const char *kind = texts ? "string" : "int";
  int len = snprintf(text, sizeof text, rules, kind);
  meter_alloc_init(&self->memory);
  self->random = seed;
  self->now = 1700000000000000000;
  must(cep_config_new(&self->memory.hook, &self->config), &err);
  must(cep_config_set(self->config, "partial.max", "100000000", &err), &err);
  must(cep_config_set(self->config, "batch.events", "1024", &err), &err);
  must(cep_config_set(self->config, "debug.index_runs", index_runs, &err), &err);
  must(cep_program_compile(self->config, "waiting", text, (size_t)len, &self->program, &err), &err);
  must(cep_engine_new(self->config, self->program, on_match, self, &self->engine, &err), &err);
  must(cep_engine_input(self->engine, "In", 0, &self->input, &err), &err);
}

static void close_side(side *self)
{
  cep_engine_free(self->engine);
  cep_program_free(self->program);
  cep_config_free(self->config);
}

static void push(side *self, int64_t type, uint64_t id, int texts)
{
  cep_error err = {0};
  char words[WORDS];
  cep_value fields[3] = {{.kind = CEP_TIME}, {.kind = CEP_INT}, {.kind = CEP_INT}};
  fields[0].as.i = self->now += 1000;
  fields[1].as.i = (int64_t)id;
  fields[2].as.i = type;
  if (texts) {
    fields[1].kind = CEP_STRING;
    fields[1].length = (uint32_t)snprintf(words, sizeof words, "order-%012llu", (unsigned long long)id);
    fields[1].as.s = words;
  }
  cep_event event = {.size = sizeof event, .time = self->now, .position = CEP_POSITION_NEXT, .fields = fields, .field_count = 3};
  must(cep_input_push(self->input, &event, &err), &err);
  self->events++;
}

/* In one of eight rounds the second event has a value that nothing waits for. */
static void turn(side *self, uint64_t open, uint64_t pairs, int texts)
{
  uint64_t start = meter_now();
  for (uint64_t i = 0; i < pairs; i++) {
    if (meter_random(&self->random) % 8 == 0) push(self, 1, UINT32_MAX, texts);
    push(self, 1, self->next - open, texts);
    push(self, 0, self->next++, texts);
  }
  self->took += meter_now() - start;
}

static double rate_of(const side *self) { return (double)self->events / ((double)self->took / 1e9); }

static int run(uint64_t open, uint64_t pairs, uint64_t rounds, uint64_t seed, int texts)
{
  side sides[3] = {{.name = "walked"}, {.name = "the same events, looked up"}, {.name = "looked up"}};
  uint64_t most = 20000000 / open + 20, walked = pairs < most ? pairs : most;
  uint32_t first = open > WALKED_MAX ? 2 : 0;
  for (uint32_t i = first; i < 3; i++) {
    open_side(&sides[i], i == 0 ? "1000000000" : "32", texts, seed);
    while (sides[i].next < open) push(&sides[i], 0, sides[i].next++, texts);
    sides[i].events = 0;
  }
  for (uint64_t r = 0; r < rounds; r++) {
    for (uint32_t i = first; i < 3; i++) turn(&sides[i], open, i == 2 ? pairs : walked, texts);
  }
  for (uint32_t i = first; i < 3; i++) must(cep_engine_finish(sides[i].engine, &(cep_error){0}), &(cep_error){0});
  double by_value = rate_of(&sides[2]);
  printf("%7llu open: looked up %10.0f events/s, %.0f bytes for each", (unsigned long long)open, by_value,
         (double)sides[2].memory.bytes / (double)open);
  int same = sides[0].matches == sides[1].matches && sides[0].hash == sides[1].hash;
  if (first == 0) {
    double by_walk = rate_of(&sides[0]);
    printf("; walked %10.0f events/s, %.0f bytes: %.1f times; matches %llu and %llu: %s", by_walk,
           (double)sides[0].memory.bytes / (double)open, by_value / by_walk, (unsigned long long)sides[0].matches,
           (unsigned long long)sides[1].matches, same ? "equal" : "DIFFERENT");
  }
  printf("\n");
  for (uint32_t i = first; i < 3; i++) close_side(&sides[i]);
  return same ? 0 : 1;
}

int main(int argc, char **argv)
{
  uint64_t pairs = meter_option(argc, argv, "--pairs", 200000), rounds = meter_option(argc, argv, "--rounds", 5);
  uint64_t seed = meter_option(argc, argv, "--seed", 1), one = meter_option(argc, argv, "--open", 0);
  int texts = meter_option(argc, argv, "--texts", 0) != 0;
  static const uint64_t sizes[] = {10, 1000, 10000, 100000};
  if (one > 0) return run(one, pairs, rounds, seed, texts);
  int failed = 0;
  for (uint32_t i = 0; i < 4; i++) failed |= run(sizes[i], pairs, rounds, seed, texts);
  return failed;
}
