/*
 * lanes_kleene.c - B2: a, some of b, c within the last N events: is there a match, and which ones.
 *
 * Nine types. "detect": is there a match that ends with this c, for which any choice of b's counts: one
 * output at most for each c. "list": every a, b, c of three events, one output each; the figures are times of
 * an event, and the matches in a second are noted.
 */
#include "suite.h"

#define TYPES 9u
#define STEP 150000u
#define BUDGET 1500000000ull

static const char detect_rules[] = "input In from stdin format json { time ts ns }\n"
                                   "stream E from In { k: int  type: int }\n"
                                   "detect kleene within %llu events {\n"
                                   "  match E as a where type == 0\n"
                                   "  then any 1+ reluctant E as b where type == 1\n"
                                   "  then any E as c where type == 2\n"
                                   "  after match no skip\n"
                                   "  emit once { n: matches() }\n"
                                   "}\n";
static const char list_rules[] = "input In from stdin format json { time ts ns }\n"
                                 "stream E from In { k: int  type: int }\n"
                                 "detect three within %llu events {\n"
                                 "  match E as a where type == 0\n"
                                 "  then any E as b where type == 1\n"
                                 "  then any E as c where type == 2\n"
                                 "  after match no skip\n"
                                 "  emit { }\n"
                                 "}\n";
static const char *const settings[] = {"partial.max", "100000000", NULL};

/* ---- By hand ------------------------------------------------------------------------------------ */

typedef struct positions { /* a ring */
  uint64_t *items;
  uint64_t first, end, mask;
} positions;

typedef struct hand {
  uint64_t within;
  uint64_t start; /* the newest a that a b has come behind; UINT64_MAX: none */
  positions a, b;
  suite_answer answer;
} hand;

static positions positions_new(uint64_t within)
{
  positions self = {.mask = 1};
  while (self.mask < within + 2) self.mask *= 2;
  self.items = suite_memory(malloc(self.mask * sizeof *self.items));
  self.mask--;
  return self;
}

static void positions_take(positions *self, uint64_t position)
{
  self->items[self->end++ & self->mask] = position;
}
static uint64_t position_at(const positions *self, uint64_t at)
{
  return self->items[at & self->mask];
}

static void positions_forget(positions *self, uint64_t before)
{
  while (self->first < self->end && position_at(self, self->first) < before) self->first++;
}

static void detect_push(void *ctx, const cep_event *events, uint32_t count)
{
  hand *self = ctx;
  for (uint32_t i = 0; i < count; i++) {
    int64_t type = suite_type(&events[i]);
    if (type == 0) self->a.items[0] = events[i].position;
    if (type == 1) self->start = self->a.items[0];
    if (type != 2 || self->start == UINT64_MAX || events[i].position - self->start > self->within) continue;
    self->answer.matches++;
    self->answer.hash += suite_hash(0, &events[i].position, 1);
  }
}

static void list_all(hand *self, uint64_t end)
{
  for (uint64_t b = self->b.first; b < self->b.end; b++) {
    uint64_t second = position_at(&self->b, b);
    for (uint64_t a = self->a.first; a < self->a.end && position_at(&self->a, a) < second; a++) {
      uint64_t all[3] = {position_at(&self->a, a), second, end};
      self->answer.matches++;
      self->answer.hash += suite_hash(0, all, 3);
    }
  }
}

static void list_push(void *ctx, const cep_event *events, uint32_t count)
{
  hand *self = ctx;
  for (uint32_t i = 0; i < count; i++) {
    uint64_t position = events[i].position, oldest = position > self->within ? position - self->within : 0;
    positions_forget(&self->a, oldest);
    positions_forget(&self->b, oldest);
    if (suite_type(&events[i]) == 0) positions_take(&self->a, position);
    if (suite_type(&events[i]) == 1) positions_take(&self->b, position);
    if (suite_type(&events[i]) == 2) list_all(self, position);
  }
}

/* ---- The lanes ------------------------------------------------------------------------------------ */

/* Of the newest event alone, which is all that `emit once` shows. */
static int on_detected(void *ctx, const cep_match *match)
{
  suite_engine *self = ctx;
  cep_captured captured = {.size = sizeof captured};
  uint32_t count = cep_match_event_count(match);
  if (count == 0 || cep_match_event(match, count - 1, &captured) != CEP_OK) return 0;
  self->answer.matches++;
  self->answer.hash += suite_hash(0, &captured.position, 1);
  return 0;
}

static void run(suite_plan *suite, const suite_lane *lane)
{
  suite_stream *self = suite_memory(calloc(1, sizeof *self));
  int is_list = lane->how[1] != 0;
  uint64_t within = suite->is_tiny && lane->how[0] > 200 ? 200 : lane->how[0];
  if (suite->is_tiny && is_list) within = 60;
  char text[sizeof detect_rules + 32];
  snprintf(text, sizeof text, is_list ? list_rules : detect_rules, (unsigned long long)within);
  self->suite = suite;
  self->blocks = suite_events(suite, lane->events) / SUITE_BLOCK;
  self->budget = BUDGET;
  self->warm_least = within / SUITE_BLOCK + 1;
  for (int i = 0; i < 2; i++) suite_source_init(&self->sources[i], suite, 1, TYPES, STEP, 3);
  suite_engine_open(&self->engine, suite, text, settings, is_list ? suite_on_match : on_detected);
  hand by_hand = {
      .within = within, .start = UINT64_MAX, .a = positions_new(within), .b = positions_new(within)};
  by_hand.a.items[0] = UINT64_MAX;
  self->hand = &by_hand;
  self->push = is_list ? list_push : detect_push;
  self->answer = &by_hand.answer;
  suite_side sides[2];
  suite_race race = {.name = lane->name};
  suite_stream_run(self, &race, sides);
  if (self->sources[0].position < within)
    suite_race_note(&race, "of the window never filled",
                    1 - (double)self->sources[0].position / (double)within);
  suite_engine_finish(&self->engine);
  if (is_list) {
    double all =
        (double)self->engine.answer.matches * (double)sides[0].events / (double)self->sources[0].position;
    suite_race_note(&race, "million matches a second", all / ((double)sides[0].took / 1e3));
    suite_race_note(&race, "of the loop", all / ((double)sides[1].took / 1e3));
  }
  suite_race_report(&race);
  suite_engine_close(&self->engine);
  free(by_hand.a.items);
  free(by_hand.b.items);
  free(self);
}

const suite_lane lanes_kleene[] = {
    {"B2/detect/100", run, 2000000, 1, {100, 0}},
    {"B2/detect/1k", run, 2000000, 1, {1000, 0}},
    {"B2/detect/10k", run, 2000000, 1, {10000, 0}},
    {"B2/detect/100k", run, 2000000, 1, {100000, 0}},
    {"B2/list/100", run, 2000000, 1, {100, 1}},
    {"B2/list/1k", run, 2000000, 1, {1000, 1}},
    {NULL, NULL, 0, 0, {0}},
};
