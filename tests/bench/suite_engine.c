/* suite_engine.c - an engine as a side of a lane, and the events that all sides get. */
#include "suite.h"

#define WARM_TURNS 4u

void suite_must(cep_status status, const cep_error *err)
{
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cep_status_name(status), err->text);
  exit(1);
}

void *suite_memory(void *memory)
{
  if (memory) return memory;
  fprintf(stderr, "no memory for the bench\n");
  exit(1);
}

uint64_t suite_hash(int64_t key, const uint64_t *positions, uint32_t count)
{
  uint64_t hash = meter_mix(0, (uint64_t)key);
  for (uint32_t i = 0; i < count; i++) hash = meter_mix(hash, positions[i]);
  return hash;
}

int suite_on_match(void *ctx, const cep_match *match)
{
  suite_engine *self = ctx;
  const cep_value *key = cep_match_key(match, 0, NULL);
  uint64_t hash = meter_mix(0, key ? (uint64_t)key->as.i : 0);
  cep_captured captured = {.size = sizeof captured};
  for (uint32_t i = 0; cep_match_event(match, i, &captured) == CEP_OK; i++)
    hash = meter_mix(hash, captured.position);
  self->answer.matches++;
  self->answer.hash += hash;
  return 0;
}

void suite_engine_open(suite_engine *self, const suite_plan *suite, const char *rules,
                       const char *const *settings, cep_match_fn on_match)
{
  cep_error err = {0};
  char number[32];
  memset(self, 0, sizeof *self);
  meter_alloc_init(&self->memory);
  suite_must(cep_config_new(&self->memory.hook, &self->config), &err);
  snprintf(number, sizeof number, "%llu", (unsigned long long)suite->batch);
  suite_must(cep_config_set(self->config, "batch.events", number, &err), &err);
  suite_must(cep_config_set(self->config, "memory.max", "8GiB", &err), &err);
  for (; settings && *settings; settings += 2)
    suite_must(cep_config_set(self->config, settings[0], settings[1], &err), &err);
  suite_must(cep_program_compile(self->config, "bench", rules, strlen(rules), &self->program, &err), &err);
  suite_must(cep_engine_new(self->config, self->program, on_match, self, &self->engine, &err), &err);
  suite_must(cep_engine_input(self->engine, "In", 0, &self->input, &err), &err);
}

void suite_engine_finish(suite_engine *self)
{
  cep_error err = {0};
  suite_must(cep_engine_finish(self->engine, &err), &err);
  self->answer.late = cep_engine_stat(self->engine, CEP_STAT_RECORDS_LATE, CEP_NONE);
}

void suite_engine_close(suite_engine *self)
{
  cep_engine_free(self->engine);
  cep_program_free(self->program);
  cep_config_free(self->config);
  self->engine = NULL;
  self->program = NULL;
  self->config = NULL;
}

/* ---- Events ---------------------------------------------------------------------------------- */

void suite_source_init(suite_source *self, const suite_plan *suite, uint64_t keys, uint64_t types,
                       uint64_t step, uint32_t field_count)
{
  memset(self, 0, sizeof *self);
  self->random = suite->seed;
  self->keys = keys;
  self->types = types;
  self->step = step;
  self->now = 1700000000000000000;
  self->field_count = field_count;
  for (uint32_t i = 0; i < SUITE_BLOCK; i++) {
    self->fields[i][0].kind = CEP_TIME;
    for (uint32_t f = 1; f < 4; f++) self->fields[i][f].kind = CEP_INT;
    self->events[i] =
        (cep_event){.size = sizeof(cep_event), .fields = self->fields[i], .field_count = field_count};
  }
}

static void draw(suite_source *self, uint32_t i)
{
  uint64_t x = meter_random(&self->random), y = meter_random(&self->random);
  self->now += (cep_time)(x % (2 * self->step) + 1);
  self->events[i].time = self->now;
  self->fields[i][1].as.i = (int64_t)((x >> 20) % self->keys);
  self->fields[i][2].as.i = (int64_t)((y >> 8) % self->types);
  self->fields[i][3].as.i = (int64_t)(y >> 32 & 1023);
  if (self->lateness > 0 && y >> 40 < (1u << 24) / 20) {
    self->events[i].time -= (cep_time)((y >> 12) % (self->lateness + self->lateness / 50));
  }
}

void suite_source_fill(suite_source *self)
{
  for (uint32_t i = 0; i < SUITE_BLOCK; i++) {
    self->events[i].position = self->position++;
    if (self->draw) {
      self->events[i].time = self->now += (cep_time)self->step;
      self->draw(self, i);
    } else {
      draw(self, i);
    }
    self->fields[i][0].as.i = self->events[i].time;
  }
}

/* ---- Both over one stream ---------------------------------------------------------------------- */

static uint64_t blocks_of_turn(const suite_stream *self, uint64_t round)
{
  uint64_t warm = self->blocks / 2, rounds = self->suite->rounds;
  return round == 0 ? warm : (self->blocks - warm + rounds - 1) / rounds;
}

/* Has a turn done what it should, or all that it may? */
static int is_over(const suite_stream *self, uint64_t round, uint64_t blocks, uint64_t ns)
{
  if (self->done == 0) return 0;
  if (self->done >= blocks) return 1;
  if (self->budget == 0) return 0;
  return ns >= (round == 0 && self->done < self->warm_least ? WARM_TURNS : 1) * self->budget;
}

static suite_took engine_turn(void *ctx, uint64_t round)
{
  suite_stream *self = ctx;
  cep_error err;
  uint64_t blocks = blocks_of_turn(self, round), ns = 0;
  if (round == 0 && blocks < self->warm_least) blocks = self->warm_least;
  if (round == 1) self->requests = self->engine.memory.requests;
  self->done = 0;
  while (!is_over(self, round, blocks, ns)) {
    suite_source_fill(&self->sources[0]);
    uint64_t start = meter_now();
    suite_must(cep_input_push_all(self->engine.input, self->sources[0].events, SUITE_BLOCK, NULL, &err), &err);
    ns += meter_now() - start;
    self->done++;
  }
  return (suite_took){ns, self->done * SUITE_BLOCK};
}

static suite_took hand_turn(void *ctx, uint64_t round)
{
  suite_stream *self = ctx;
  uint64_t ns = 0;
  (void)round;
  for (uint64_t b = 0; b < self->done; b++) {
    suite_source_fill(&self->sources[1]);
    uint64_t start = meter_now();
    self->push(self->hand, self->sources[1].events, SUITE_BLOCK);
    ns += meter_now() - start;
  }
  return (suite_took){ns, self->done * SUITE_BLOCK};
}

static void write_number(FILE *to, uint64_t number)
{
  unsigned char bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(number >> (8 * i));
  if (fwrite(bytes, 1, sizeof bytes, to) == sizeof bytes) return;
  perror("the events cannot be written");
  exit(1);
}

static void write_events(suite_source *source, uint64_t blocks, FILE *to)
{
  for (uint64_t b = 0; b < blocks; b++) {
    suite_source_fill(source);
    for (uint32_t i = 0; i < SUITE_BLOCK; i++) {
      write_number(to, (uint64_t)source->events[i].time);
      write_number(to, source->events[i].position);
      for (uint32_t f = 1; f < 4; f++) write_number(to, (uint64_t)source->fields[i][f].as.i);
    }
  }
}

void suite_stream_run(suite_stream *self, suite_race *race, suite_side sides[2])
{
  sides[0] = (suite_side){.name = "engine", .ctx = self, .turn = engine_turn, .answer = &self->engine.answer};
  sides[1] = (suite_side){.name = "loop", .ctx = self, .turn = hand_turn, .answer = self->answer};
  race->suite = self->suite;
  race->sides = sides;
  race->side_count = 2;
  if (self->suite->events_to) {
    write_events(&self->sources[0], self->blocks, self->suite->events_to);
    return;
  }
  suite_race_run(race);
  uint64_t requests = self->engine.memory.requests - self->requests;
  suite_race_note(race, "events in all", (double)self->sources[0].position);
  suite_race_note(race, "MiB", (double)self->engine.memory.bytes_peak / 1048576);
  suite_race_note(race, "allocations an event",
                  (double)requests / (double)(sides[0].events ? sides[0].events : 1));
}
