/*
 * bench_seq3.c - a three-step sequence by key: the engine beside a loop written by hand, in one run.
 *
 *   bench_seq3 [--events N] [--keys N] [--batch N] [--lateness SECONDS] [--rounds N] [--seed N]
 *
 * The first half of the events warms up and is not measured. The second half goes in
 * rounds, the engine's and the loop's turn about, so that what slows the machine slows both.
 * Making the events is not measured. With a lateness one event in twenty lies up to a little
 * more than that in the past, so that some are late. Exit code 1: the answers differ.
 */
#include "meter.h"
#include "seq3_loop.h"

#define BLOCK 1000u
#define TYPES 9u
#define SPAN  600000000000
#define STEP  150000u /* between two events on average: 4 million of them within the span */

static const char rules[] = "input In from stdin format json { time ts ns lateness %llus }\n"
                            "stream E from In { k: int  type: int }\n"
                            "detect seq3 by k within 600s {\n"
                            "  match E as a where type == 0\n"
                            "  then  E as b where type == 1\n"
                            "  then  E as c where type == 2\n"
                            "  emit  { k: k }\n"
                            "}\n";

/* ---- Events ------------------------------------------------------------------------- */

typedef struct source {
  uint64_t random;
  uint64_t keys;
  uint64_t lateness; /* ns */
  cep_time now;
  cep_event events[BLOCK];
  cep_value fields[BLOCK][3]; /* ts, k, type */
} source;

static void source_init(source *self, uint64_t seed, uint64_t keys, uint64_t lateness)
{
  *self = (source){.random = seed, .keys = keys, .lateness = lateness, .now = 1700000000000000000};
  for (uint32_t i = 0; i < BLOCK; i++) {
    self->fields[i][0].kind = CEP_TIME;
    self->fields[i][1].kind = self->fields[i][2].kind = CEP_INT;
    self->events[i] = (cep_event){.size = sizeof(cep_event),
                                  .position = CEP_POSITION_NEXT,
                                  .fields = self->fields[i],
                                  .field_count = 3};
  }
}

static void source_fill(source *self)
{
  for (uint32_t i = 0; i < BLOCK; i++) {
    uint64_t x = meter_random(&self->random);
    self->now += (cep_time)(x % (2 * STEP) + 1);
    self->events[i].time = self->now;
    self->fields[i][1].as.i = (int64_t)((x >> 20) % self->keys);
    uint64_t y = meter_random(&self->random);
    self->fields[i][2].as.i = (int64_t)((y >> 8) % TYPES);
    if (self->lateness > 0 && y >> 40 < (1u << 24) / 20) {
      self->events[i].time -= (cep_time)((y >> 12) % (self->lateness + self->lateness / 50));
    }
  }
}

/* ---- The engine ----------------------------------------------------------------------- */

typedef struct side {
  source source;
  double *ns; /* of each measured block, for one event */
  size_t count;
  uint64_t total;
} side;

typedef struct bench {
  meter_alloc memory;
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  loop *loop;
  side engine_side, loop_side;
  uint64_t matches, late, hash;
} bench;

static int on_match(void *ctx, const cep_match *match)
{
  bench *self = ctx;
  uint64_t positions[3] = {0};
  for (uint32_t i = 0; i < 3; i++) {
    cep_captured captured = {.size = sizeof captured};
    if (cep_match_event(match, i, &captured) == CEP_OK) positions[i] = captured.position;
  }
  self->matches++;
  self->hash += seq3_hash(cep_match_key(match, 0, NULL)->as.i, positions);
  return 0;
}

static void must(cep_status status, const cep_error *err)
{
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cep_status_name(status), err->text);
  exit(1);
}

static void open_engine(bench *self, uint64_t lateness, uint64_t batch)
{
  cep_error err = {0};
  char text[sizeof rules + 32], number[32];
  int len = snprintf(text, sizeof text, rules, (unsigned long long)lateness);
  snprintf(number, sizeof number, "%llu", (unsigned long long)batch);
  meter_alloc_init(&self->memory);
  must(cep_config_new(&self->memory.hook, &self->config), &err);
  must(cep_config_set(self->config, "memory.max", "8GiB", &err), &err);
  must(cep_config_set(self->config, "batch.events", number, &err), &err);
  must(cep_program_compile(self->config, "seq3", text, (size_t)len, &self->program, &err), &err);
  must(cep_engine_new(self->config, self->program, on_match, self, &self->engine, &err), &err);
  must(cep_engine_input(self->engine, "In", 0, &self->input, &err), &err);
}

/* ---- Rounds ---------------------------------------------------------------------------- */

static void engine_block(bench *self, const source *from)
{
  cep_error err;
  for (uint32_t i = 0; i < BLOCK; i++) must(cep_input_push(self->input, &from->events[i], &err), &err);
}

static void loop_block(bench *self, const source *from)
{
  for (uint32_t i = 0; i < BLOCK; i++) loop_push(self->loop, &from->events[i]);
}

static void turn(bench *self, side *of, void (*block)(bench *, const source *), uint64_t blocks, int is_measured)
{
  for (uint64_t b = 0; b < blocks; b++) {
    source_fill(&of->source);
    uint64_t start = meter_now();
    block(self, &of->source);
    uint64_t took = meter_now() - start;
    if (!is_measured) continue;
    of->ns[of->count++] = (double)took / BLOCK;
    of->total += took;
  }
}

static double report(const char *name, side *of)
{
  double events = (double)of->count * BLOCK, rate = events / ((double)of->total / 1e9);
  double median = meter_quantile(of->ns, of->count, 0.5);
  printf("%-7s %10.0f events/s   ns/event: mean %.1f  median %.1f  p99 %.1f  (batches of %u)\n", name, rate,
         (double)of->total / events, median, meter_quantile(of->ns, of->count, 0.99), BLOCK);
  return rate;
}

static uint64_t stat(const bench *self, cep_stat which)
{
  return cep_engine_stat(self->engine, which, CEP_NONE);
}

static int run(bench *self, uint64_t blocks, uint64_t rounds)
{
  uint64_t warm = blocks / 2, each = (blocks - warm) / rounds;
  turn(self, &self->engine_side, engine_block, warm, 0);
  turn(self, &self->loop_side, loop_block, warm, 0);
  uint64_t requests = self->memory.requests;
  for (uint64_t r = 0; r < rounds; r++) {
    turn(self, &self->engine_side, engine_block, each, 1);
    turn(self, &self->loop_side, loop_block, each, 1);
  }
  requests = self->memory.requests - requests;
  uint64_t open = stat(self, CEP_STAT_PARTIALS_ACTIVE), keys = stat(self, CEP_STAT_KEYS_ACTIVE);
  size_t bytes = self->memory.bytes;
  cep_error err;
  must(cep_engine_finish(self->engine, &err), &err);
  loop_finish(self->loop);
  self->late = stat(self, CEP_STAT_RECORDS_LATE);

  double rate = report("engine", &self->engine_side), by_hand = report("loop", &self->loop_side);
  printf("ratio   %.1f %% of the loop\n", 100 * rate / by_hand);
  printf("memory  %.1f bytes for each of %llu keys with an open match (%llu open matches; %zu bytes in all)\n",
         (double)bytes / (double)(keys ? keys : 1), (unsigned long long)keys, (unsigned long long)open, bytes);
  printf("        %.1f bytes for each key of the loop; peak of the process %.1f MiB\n",
         (double)loop_bytes(self->loop) / (double)self->engine_side.source.keys, (double)meter_peak() / 1048576);
  printf("        %.6f allocations for each event once warm (%llu)\n",
         (double)requests / (double)(each * rounds * BLOCK), (unsigned long long)requests);
  int same = self->matches == loop_matches(self->loop) && self->hash == loop_hash(self->loop) &&
             self->late == loop_late(self->loop);
  printf("matches %llu and %llu, late %llu and %llu, hashes %016llx and %016llx: %s\n",
         (unsigned long long)self->matches, (unsigned long long)loop_matches(self->loop),
         (unsigned long long)self->late, (unsigned long long)loop_late(self->loop), (unsigned long long)self->hash,
         (unsigned long long)loop_hash(self->loop), same ? "equal" : "DIFFERENT");
  return same ? 0 : 1;
}

int main(int argc, char **argv)
{
  uint64_t events = meter_option(argc, argv, "--events", 16000000);
  uint64_t keys = meter_option(argc, argv, "--keys", 1000000);
  uint64_t batch = meter_option(argc, argv, "--batch", 1024);
  uint64_t lateness = meter_option(argc, argv, "--lateness", 0);
  uint64_t rounds = meter_option(argc, argv, "--rounds", 10);
  uint64_t seed = meter_option(argc, argv, "--seed", 88172645463325252u);
  uint64_t blocks = events / BLOCK;
  if (keys == 0 || seed == 0 || rounds == 0 || blocks < 2 * rounds) {
    fprintf(stderr, "keys, seed and rounds are not 0; a round has 2000 events or more\n");
    return 2;
  }
  bench *self = calloc(1, sizeof *self);
  if (!self) return 1;
  double *ns = calloc(blocks * 2, sizeof *ns);
  if (!ns) return 1;
  self->engine_side.ns = ns;
  self->loop_side.ns = ns + blocks;
  source_init(&self->engine_side.source, seed, keys, lateness * 1000000000);
  source_init(&self->loop_side.source, seed, keys, lateness * 1000000000);
  self->loop = loop_new(keys, SPAN, (cep_duration)lateness * 1000000000);
  open_engine(self, lateness, batch);
  printf("seq3: %llu events, %llu keys, %u types, batch.events %llu, lateness %llus, seed %llu\n",
         (unsigned long long)events, (unsigned long long)keys, TYPES, (unsigned long long)batch,
         (unsigned long long)lateness, (unsigned long long)seed);
  int code = run(self, blocks, rounds);
  cep_engine_free(self->engine);
  cep_program_free(self->program);
  cep_config_free(self->config);
  loop_free(self->loop);
  free(ns);
  free(self);
  return code;
}
