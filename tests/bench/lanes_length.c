/*
 * lanes_length.c - B3: sequences of three to nine steps within the last 100 events; a match uses up what it
 * has.
 *
 * Of n steps and n + 6 types, drawn evenly.
 */
#include "suite.h"

#define WITHIN 100u
#define STEPS 9u
#define STEP 150000u
#define BUDGET 1500000000ull
#define RING 256u

/* Starts are numbered; those that have come as far as step i are a run of numbers, older ones never behind
 * younger. */
typedef struct hand {
  uint32_t steps;
  uint64_t behind[STEPS + 1]; /* [0]: the number of the next start. Of those at step i the first is [i + 1],
                                 the last before [i] */
  uint64_t oldest;            /* number of the oldest start within reach */
  uint64_t starts[RING];      /* by number */
  uint8_t types[RING];        /* by position */
  suite_answer answer;
} hand;

static void complete(hand *self, uint64_t start, uint64_t end)
{
  uint64_t positions[STEPS] = {start};
  uint32_t step = 1;
  for (uint64_t at = start + 1; at <= end && step < self->steps; at++)
    if (self->types[at % RING] == step) positions[step++] = at;
  self->answer.matches++;
  self->answer.hash += suite_hash(0, positions, self->steps);
}

static void push(void *ctx, const cep_event *events, uint32_t count)
{
  hand *self = ctx;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t type = (uint64_t)suite_type(&events[i]), position = events[i].position;
    self->types[position % RING] = (uint8_t)type;
    if (type >= self->steps) continue;
    while (self->oldest < self->behind[0] && position - self->starts[self->oldest % RING] > WITHIN)
      self->oldest++;
    if (type == 0) {
      self->starts[self->behind[0]++ % RING] = position;
    } else if (type + 1 < self->steps) {
      self->behind[type] = self->behind[type - 1];
    } else {
      uint64_t first = self->behind[type] > self->oldest ? self->behind[type] : self->oldest;
      if (first >= self->behind[type - 1]) continue;
      complete(self, self->starts[first % RING], position);
      self->oldest = self->behind[0];
      for (uint32_t s = 1; s <= self->steps; s++) self->behind[s] = self->behind[0];
    }
  }
}

static void run(suite_plan *suite, const suite_lane *lane)
{
  suite_stream *self = suite_memory(calloc(1, sizeof *self));
  hand by_hand = {.steps = (uint32_t)lane->how[0]};
  char text[1024];
  int len =
      snprintf(text, sizeof text,
               "input In from stdin format json { time ts ns }\nstream E from In { k: int  type: int }\n"
               "detect seq within %u events {\n  match E as s0 where type == 0\n",
               WITHIN);
  for (uint32_t i = 1; i < by_hand.steps; i++)
    len += snprintf(text + len, sizeof text - (size_t)len, "  then E as s%u where type == %u\n", i, i);
  snprintf(text + len, sizeof text - (size_t)len, "  emit { }\n}\n");
  self->suite = suite;
  self->blocks = suite_events(suite, lane->events) / SUITE_BLOCK;
  self->budget = BUDGET;
  for (int i = 0; i < 2; i++) suite_source_init(&self->sources[i], suite, 1, by_hand.steps + 6, STEP, 3);
  suite_engine_open(&self->engine, suite, text, NULL, suite_on_match);
  self->hand = &by_hand;
  self->push = push;
  self->answer = &by_hand.answer;
  suite_side sides[2];
  suite_race race = {.name = lane->name};
  suite_stream_run(self, &race, sides);
  suite_engine_finish(&self->engine);
  suite_race_report(&race);
  suite_engine_close(&self->engine);
  free(self);
}

const suite_lane lanes_length[] = {
    {"B3/3", run, 4000000, 1, {3}}, {"B3/5", run, 4000000, 1, {5}}, {"B3/7", run, 4000000, 1, {7}},
    {"B3/9", run, 4000000, 1, {9}}, {NULL, NULL, 0, 0, {0}},
};
