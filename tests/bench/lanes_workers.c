/*
 * lanes_workers.c - B1/workers: the typed rows of B1 to an engine with two workers, beside one, by the clock.
 *
 * Every turn has an engine of its own and all of the rows. 200 % would be twice as fast. The order of the
 * matches counts, too. Noted is what the threads had of the processors together.
 */
#include "runtime/io/parallel.h"
#include "suite.h"

#define TYPES 9u
#define STEP 150000u

static const char rules[] = "input In from stdin format json { time ts ns }\n"
                            "stream E from In { k: int  type: int }\n"
                            "detect seq3 by k within 600s {\n"
                            "  match E as a where type == 0\n"
                            "  then  E as b where type == 1\n"
                            "  then  E as c where type == 2\n"
                            "  emit  { k: k }\n"
                            "}\n";

typedef struct row {
  cep_time time;
  int32_t key;
  int32_t type;
} row;

typedef struct rows {
  suite_plan *suite;
  row *items;
  uint64_t count;
} rows;

/* Its engine takes memory from the C library: that of the other lanes is counted, by one thread. */
typedef struct side {
  const rows *rows;
  cep_config *config;
  cep_program *program;
  uint32_t workers;
  suite_answer answer;
  uint64_t processors; /* ns, of all threads */
  uint64_t own;        /* of the caller's */
} side;

static int on_match(void *ctx, const cep_match *match)
{
  side *self = ctx;
  uint64_t id;
  memcpy(&id, cep_match_id(match), sizeof id);
  self->answer.matches++;
  self->answer.hash = meter_mix(self->answer.hash, id);
  return 0;
}

static rows make_rows(suite_plan *suite, uint64_t events, uint64_t keys)
{
  rows self = {.suite = suite, .count = events / SUITE_BLOCK * SUITE_BLOCK};
  self.items = suite_memory(malloc(self.count * sizeof *self.items));
  suite_source *source = suite_memory(malloc(sizeof *source));
  suite_source_init(source, suite, keys, TYPES, STEP, 3);
  for (uint64_t i = 0; i < self.count; i++) {
    if (i % SUITE_BLOCK == 0) suite_source_fill(source);
    const cep_event *event = &source->events[i % SUITE_BLOCK];
    self.items[i] = (row){event->time, (int32_t)suite_key(event), (int32_t)suite_type(event)};
  }
  free(source);
  return self;
}

static void push_all(cep_input *input, const rows *from)
{
  cep_error err = {0};
  cep_value fields[3] = {{.kind = CEP_TIME}, {.kind = CEP_INT}, {.kind = CEP_INT}};
  cep_event event = {.size = sizeof event, .position = CEP_POSITION_NEXT, .fields = fields, .field_count = 3};
  for (uint64_t i = 0; i < from->count; i++) {
    fields[0].as.i = event.time = from->items[i].time;
    fields[1].as.i = from->items[i].key;
    fields[2].as.i = from->items[i].type;
    suite_must(cep_input_push(input, &event, &err), &err);
  }
}

static suite_took turn(void *ctx, uint64_t round)
{
  side *self = ctx;
  cep_error err = {0};
  cep_engine *engine;
  cep_input *input;
  rt_parallel crew = {0};
  self->answer = (suite_answer){0};
  rt_parallel_init(&crew);
  suite_must(cep_engine_new(self->config, self->program, on_match, self, &engine, &err), &err);
  suite_must(rt_parallel_share(&crew, engine, self->workers, &err), &err);
  suite_must(cep_engine_input(engine, "In", 0, &input, &err), &err);
  uint64_t passed = meter_passed(), processors = meter_processors(), own = meter_now();
  suite_must(rt_parallel_start(&crew, &err), &err);
  push_all(input, self->rows);
  suite_must(cep_engine_finish(engine, &err), &err);
  rt_parallel_end(&crew);
  passed = meter_passed() - passed;
  if (round > 0) {
    self->processors += meter_processors() - processors;
    self->own += meter_now() - own;
  }
  rt_parallel_fini(&crew);
  cep_engine_free(engine);
  return (suite_took){passed, self->rows->count};
}

static void run(suite_plan *suite, const suite_lane *lane)
{
  cep_error err = {0};
  rows all = make_rows(suite, suite_events(suite, lane->events), suite->is_tiny ? 50 : lane->keys);
  side two = {.rows = &all, .workers = 2}, one;
  suite_must(cep_config_new(NULL, &two.config), &err);
  suite_must(cep_config_set(two.config, "batch.events", "1024", &err), &err);
  suite_must(cep_config_set(two.config, "memory.max", "8GiB", &err), &err);
  suite_must(cep_program_compile(two.config, "workers", rules, sizeof rules - 1, &two.program, &err), &err);
  one = two;
  one.workers = 1;
  suite_side sides[2] = {{.name = "two", .ctx = &two, .turn = turn, .answer = &two.answer},
                         {.name = "one", .ctx = &one, .turn = turn, .answer = &one.answer}};
  suite_race race = {.suite = suite, .name = lane->name, .sides = sides, .side_count = 2};
  suite_race_run(&race);
  suite_race_note(&race, "CPU of two beside one", (double)two.processors / (double)one.processors);
  suite_race_note(&race, "of it the caller's", (double)two.own / (double)two.processors);
  suite_race_report(&race);
  cep_program_free(two.program);
  cep_config_free(two.config);
  free(all.items);
}

const suite_lane lanes_workers[] = {
    {"B1/workers", run, 2000000, 1000000, {0}},
    {NULL, NULL, 0, 0, {0}},
};
