/*
 * lanes_seq3.c - B1: a three-step sequence by key, in order and out of order, beside a loop written by hand.
 *
 * Nine types drawn evenly, so six of nine events fit no step; four million events lie within the span. The
 * first half of the events warms up.
 */
#include "hand_seq3.h"

#define TYPES 9u
#define SPAN 600000000000
#define STEP 150000u
#define LATE 5u /* seconds */

enum { NO_SKIP = 1, DISORDER = 2 };

static const char rules[] = "input In from stdin format json { time ts ns lateness %us }\n"
                            "stream E from In { k: int  type: int }\n"
                            "detect seq3 by k within 600s {\n"
                            "  match E as a where type == 0\n"
                            "  then  E as b where type == 1\n"
                            "  then  E as c where type == 2\n"
                            "  after match %s\n"
                            "  emit  { k: k }\n"
                            "}\n";

static void make_rules(char *text, size_t size, const suite_lane *lane)
{
  snprintf(text, size, rules, lane->how[0] & DISORDER ? LATE : 0u,
           lane->how[0] & NO_SKIP ? "no skip" : "skip past last");
}

static void push_one(suite_engine *engine, uint64_t time, uint64_t key, int64_t type)
{
  cep_error err = {0};
  cep_value fields[3] = {{.kind = CEP_TIME}, {.kind = CEP_INT}, {.kind = CEP_INT}};
  fields[0].as.i = 1700000000000000000 + (cep_time)time;
  fields[1].as.i = (int64_t)key;
  fields[2].as.i = type;
  cep_event event = {.size = sizeof event,
                     .time = fields[0].as.i,
                     .fields = fields,
                     .field_count = 3,
                     .position = CEP_POSITION_NEXT};
  suite_must(cep_input_push(engine->input, &event, &err), &err);
}

/* What each key of an engine holds after one event of that type each. Before that the engine gets what it
 * needs for any events. */
static double bytes_of_key(suite_plan *suite, const suite_lane *lane, int64_t type)
{
  uint64_t keys = suite_keys(suite, 100000);
  suite_engine engine;
  cep_error err = {0};
  char text[sizeof rules + 32];
  make_rules(text, sizeof text, lane);
  suite_engine_open(&engine, suite, text, NULL, suite_on_match);
  for (uint64_t i = 0; i < 3 * suite->batch; i++) push_one(&engine, 0, keys, 1);
  suite_must(cep_engine_flush(engine.engine, &err), &err);
  size_t before = engine.memory.bytes;
  for (uint64_t i = 0; i < keys; i++) push_one(&engine, i, i, type);
  suite_must(cep_engine_flush(engine.engine, &err), &err);
  double bytes = (double)(engine.memory.bytes - before);
  suite_engine_close(&engine);
  return bytes / (double)keys;
}

static void push(void *hand, const cep_event *events, uint32_t count)
{
  loop_push(hand, events, count);
}

static void run(suite_plan *suite, const suite_lane *lane)
{
  uint64_t keys = suite_keys(suite, lane->keys);
  suite_stream *self = suite_memory(calloc(1, sizeof *self));
  char text[sizeof rules + 32];
  make_rules(text, sizeof text, lane);
  self->suite = suite;
  self->blocks = suite_events(suite, lane->events) / SUITE_BLOCK;
  for (int i = 0; i < 2; i++) {
    suite_source_init(&self->sources[i], suite, keys, TYPES, STEP, 3);
    if (lane->how[0] & DISORDER) self->sources[i].lateness = LATE * 1000000000ull;
  }
  suite_engine_open(&self->engine, suite, text, NULL, suite_on_match);
  loop *by_hand =
      loop_new(keys, SPAN, lane->how[0] & DISORDER ? LATE * 1000000000ll : 0, (lane->how[0] & NO_SKIP) != 0);
  self->hand = by_hand;
  self->push = push;
  self->answer = loop_answer(by_hand);
  suite_side sides[2];
  suite_race race = {.name = lane->name};
  suite_stream_run(self, &race, sides);
  uint64_t active = cep_engine_stat(self->engine.engine, CEP_STAT_KEYS_ACTIVE, CEP_NONE);
  suite_race_note(&race, "keys open", (double)active);
  suite_race_note(&race, "bytes a key open",
                  (double)self->engine.memory.bytes / (double)(active ? active : 1));
  suite_race_note(&race, "bytes a key of the loop", (double)loop_bytes(by_hand) / (double)keys);
  suite_engine_finish(&self->engine);
  loop_finish(by_hand);
  if (!(lane->how[0] & DISORDER)) {
    suite_race_note(&race, "bytes a key with one open match", bytes_of_key(suite, lane, 0));
    suite_race_note(&race, "bytes a key with none", bytes_of_key(suite, lane, 1));
  }
  suite_race_report(&race);
  suite_engine_close(&self->engine);
  loop_free(by_hand);
  free(self);
}

const suite_lane lanes_seq3[] = {
    {"B1/1M/past_last", run, 8000000, 1000000, {0}},
    {"B1/1M/no_skip", run, 8000000, 1000000, {NO_SKIP}},
    {"B1/1M/past_last/late", run, 8000000, 1000000, {DISORDER}},
    {"B1/1M/no_skip/late", run, 8000000, 1000000, {NO_SKIP | DISORDER}},
    {"B1/1k/past_last", run, 8000000, 1000, {0}},
    {"B1/1k/no_skip", run, 8000000, 1000, {NO_SKIP}},
    {NULL, NULL, 0, 0, {0}},
};
