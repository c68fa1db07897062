/*
 * lanes_waiting.c - W: many partial matches without a key that wait for equal values, beside a hash table.
 *
 * So many starts are open; then an event ends the oldest and another one begins, over and over; one in
 * eight of those that could end one has a value that nothing waits for.
 */
#include "suite.h"

#define STEP 1000u
#define BUDGET 1500000000ull

static const char rules[] = "input In from stdin format json { time ts ns }\n"
                            "stream E from In { k: int  type: int }\n"
                            "detect pair unbounded {\n"
                            "  match E as a where type == 0\n"
                            "  then  E as b where type == 1 and k == a.k\n"
                            "  after match no skip\n"
                            "  emit  { k: a.k }\n"
                            "}\n";
static const char *const settings[] = {"partial.max", "100000000", NULL};

/* `drawn` counts starts and ends, `keys` says how many are open. */
static void draw(suite_source *self, uint32_t i)
{
  int is_end = self->drawn[0] - self->drawn[1] >= self->keys;
  uint64_t value = is_end ? self->drawn[1] : self->drawn[0];
  if (is_end && meter_random(&self->random) % 8 == 0)
    value = INT64_MAX;
  else
    self->drawn[is_end]++;
  self->fields[i][1].as.i = (int64_t)value;
  self->fields[i][2].as.i = is_end;
}

/* ---- By hand ------------------------------------------------------------------------------------- */

typedef struct waiting {
  int64_t value;
  uint64_t position; /* plus 1; 0: none */
} waiting;

typedef struct hand {
  waiting *slots;
  uint64_t mask;
  suite_answer answer;
} hand;

static uint64_t place_of(const hand *self, int64_t value)
{
  uint64_t at = (uint64_t)value * 0x9E3779B97F4A7C15u;
  return (at ^ at >> 32) & self->mask;
}

/* The value's slot, or the empty one where it would lie. */
static uint64_t find(const hand *self, int64_t value)
{
  uint64_t at = place_of(self, value);
  while (self->slots[at].position && self->slots[at].value != value) at = (at + 1) & self->mask;
  return at;
}

/* What lies behind moves up, unless it would come before its place. */
static void take_out(hand *self, uint64_t hole)
{
  for (uint64_t at = (hole + 1) & self->mask; self->slots[at].position; at = (at + 1) & self->mask) {
    uint64_t away = (at - place_of(self, self->slots[at].value)) & self->mask;
    if (away < ((at - hole) & self->mask)) continue;
    self->slots[hole] = self->slots[at];
    hole = at;
  }
  self->slots[hole].position = 0;
}

static void push(void *ctx, const cep_event *events, uint32_t count)
{
  hand *self = ctx;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t at = find(self, suite_key(&events[i]));
    if (suite_type(&events[i]) == 0) {
      self->slots[at] = (waiting){suite_key(&events[i]), events[i].position + 1};
    } else if (self->slots[at].position) {
      uint64_t positions[2] = {self->slots[at].position - 1, events[i].position};
      self->answer.matches++;
      self->answer.hash += suite_hash(0, positions, 2);
      take_out(self, at);
    }
  }
}

static void run(suite_plan *suite, const suite_lane *lane)
{
  suite_stream *self = suite_memory(calloc(1, sizeof *self));
  uint64_t open = suite->is_tiny && lane->keys > 1000 ? 1000 : lane->keys;
  hand by_hand = {.mask = 15};
  while (by_hand.mask < open * 2) by_hand.mask = by_hand.mask * 2 + 1;
  by_hand.slots = suite_memory(calloc(by_hand.mask + 1, sizeof *by_hand.slots));
  self->suite = suite;
  self->blocks = suite_events(suite, lane->events) / SUITE_BLOCK;
  self->budget = BUDGET;
  self->warm_least = open / SUITE_BLOCK + 1;
  for (int i = 0; i < 2; i++) {
    suite_source_init(&self->sources[i], suite, open, 2, STEP, 3);
    self->sources[i].draw = draw;
  }
  suite_engine_open(&self->engine, suite, rules, settings, suite_on_match);
  self->hand = &by_hand;
  self->push = push;
  self->answer = &by_hand.answer;
  suite_side sides[2];
  suite_race race = {.name = lane->name};
  suite_stream_run(self, &race, sides);
  uint64_t active = cep_engine_stat(self->engine.engine, CEP_STAT_PARTIALS_ACTIVE, CEP_NONE);
  suite_race_note(&race, "open", (double)active);
  suite_race_note(&race, "bytes for each", (double)self->engine.memory.bytes / (double)active);
  suite_engine_finish(&self->engine);
  suite_race_report(&race);
  suite_engine_close(&self->engine);
  free(by_hand.slots);
  free(self);
}

const suite_lane lanes_waiting[] = {
    {"W/10", run, 1000000, 10, {0}},
    {"W/1k", run, 1000000, 1000, {0}},
    {"W/10k", run, 1000000, 10000, {0}},
    {"W/100k", run, 1000000, 100000, {0}},
    {NULL, NULL, 0, 0, {0}},
};
