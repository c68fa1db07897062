/*
 * lanes_rules.c - B4: ten to ten thousand two-step rules at once, each on a constant of its own.
 *
 * Nine types; the constant of an event is drawn from as many as there are rules.
 */
#include "suite.h"

#define TYPES 9u
#define STEP 150000u
#define SPAN 600000000000
#define BUDGET 1500000000ull

typedef struct start {
  cep_time time;
  uint64_t position;
} start;

typedef struct hand {
  struct {
    start *items;
    size_t count, capacity;
  } * rules;
  suite_answer answer;
} hand;

static void meet_start(hand *self, uint64_t rule, const cep_event *event)
{
  if (self->rules[rule].count == self->rules[rule].capacity) {
    size_t capacity = self->rules[rule].capacity ? self->rules[rule].capacity * 2 : 4;
    self->rules[rule].items = suite_memory(realloc(self->rules[rule].items, capacity * sizeof(start)));
    self->rules[rule].capacity = capacity;
  }
  self->rules[rule].items[self->rules[rule].count++] = (start){event->time, event->position};
}

static void meet_end(hand *self, uint64_t rule, const cep_event *event)
{
  for (size_t i = 0; i < self->rules[rule].count; i++) {
    start from = self->rules[rule].items[i];
    if (from.time + SPAN <= event->time) continue;
    uint64_t positions[2] = {from.position, event->position};
    self->answer.matches++;
    self->answer.hash += suite_hash((int64_t)rule, positions, 2);
  }
  self->rules[rule].count = 0;
}

static void push(void *ctx, const cep_event *events, uint32_t count)
{
  hand *self = ctx;
  for (uint32_t i = 0; i < count; i++) {
    if (suite_type(&events[i]) == 0) meet_start(self, (uint64_t)suite_key(&events[i]), &events[i]);
    if (suite_type(&events[i]) == 1) meet_end(self, (uint64_t)suite_key(&events[i]), &events[i]);
  }
}

/* The rules have no key: their place in the file is the constant. */
static int on_match(void *ctx, const cep_match *match)
{
  suite_engine *self = ctx;
  uint64_t positions[2] = {0};
  cep_captured captured = {.size = sizeof captured};
  for (uint32_t i = 0; i < 2; i++)
    if (cep_match_event(match, i, &captured) == CEP_OK) positions[i] = captured.position;
  self->answer.matches++;
  self->answer.hash += suite_hash((int64_t)cep_match_detection(match), positions, 2);
  return 0;
}

static char *make_rules(uint64_t count)
{
  size_t size = 256 + count * 192, len = 0;
  char *text = suite_memory(malloc(size));
  len += (size_t)snprintf(
      text, size, "input In from stdin format json { time ts ns }\nstream E from In { k: int  type: int }\n");
  for (uint64_t i = 0; i < count; i++) {
    len += (size_t)snprintf(text + len, size - len,
                            "detect r%llu within 600s { match E as a where type == 0 and k == %llu then E as "
                            "b where type == 1 and k == %llu "
                            "after match no skip emit { } }\n",
                            (unsigned long long)i, (unsigned long long)i, (unsigned long long)i);
  }
  return text;
}

static void run(suite_plan *suite, const suite_lane *lane)
{
  suite_stream *self = suite_memory(calloc(1, sizeof *self));
  uint64_t count = suite->is_tiny && lane->keys > 10 ? lane->keys / 10 : lane->keys;
  char *text = make_rules(count);
  hand by_hand = {.rules = suite_memory(calloc(count, sizeof *by_hand.rules))};
  self->suite = suite;
  self->blocks = suite_events(suite, lane->events) / SUITE_BLOCK;
  if (suite->is_tiny && count >= 1000) self->blocks = 2;
  self->budget = suite->is_tiny ? 0 : BUDGET;
  self->warm_least = 1;
  for (int i = 0; i < 2; i++) suite_source_init(&self->sources[i], suite, count, TYPES, STEP, 3);
  uint64_t begin = meter_now();
  suite_engine_open(&self->engine, suite, text, NULL, on_match);
  double load = (double)(meter_now() - begin) / 1e9;
  self->hand = &by_hand;
  self->push = push;
  self->answer = &by_hand.answer;
  suite_side sides[2];
  suite_race race = {.name = lane->name};
  suite_stream_run(self, &race, sides);
  suite_race_note(&race, "seconds to load", load);
  suite_engine_finish(&self->engine);
  suite_race_report(&race);
  suite_engine_close(&self->engine);
  for (uint64_t i = 0; i < count; i++) free(by_hand.rules[i].items);
  free(by_hand.rules);
  free(text);
  free(self);
}

const suite_lane lanes_rules[] = {
    {"B4/10", run, 4000000, 10, {0}},
    {"B4/100", run, 4000000, 100, {0}},
    {"B4/1k", run, 4000000, 1000, {0}},
    {"B4/10k", run, 4000000, 10000, {0}},
    {NULL, NULL, 0, 0, {0}},
};
