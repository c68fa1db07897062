/*
 * lanes_windows.c - B5: sums over sliding windows by the slide, and sessions, beside panes kept by hand.
 *
 * "sliding": 60 seconds, every 60, 30, 5 or 1; "session": a gap of 30 seconds. An event costs the same
 * whatever the slide, a window that is told of costs on its own: windows in an event are noted.
 */
#include "suite.h"

#define SECOND 1000000000ll
#define SPAN 60
#define GAP (30 * SECOND)
#define AHEAD 16u
#define BUDGET 2000000000ull

static const char sliding[] =
    "input In from stdin format json { time ts ns }\n"
    "stream E from In { k: int  type: int  v: int }\n"
    "aggregate a from E by k window sliding 60s every %llus { n: count()  s: sum(v) }\n";
static const char session[] = "input In from stdin format json { time ts ns }\n"
                              "stream E from In { k: int  type: int  v: int }\n"
                              "aggregate a from E by k window session gap 30s { n: count()  s: sum(v) }\n";

/* ---- By hand --------------------------------------------------------------------------------------- */

typedef struct pane {
  int64_t count;
  int64_t sum;
} pane;

typedef struct slot {
  int64_t key;
  int64_t is_used;
  int64_t newest; /* number of the newest pane; of a session the time of its newest event */
  int64_t first;  /* of a session: the time of its first event */
  pane all;       /* of the panes of the window, or of the session */
  pane panes[];   /* a ring, by number */
} slot;

typedef struct hand {
  char *slots;
  size_t slot_size;
  uint64_t mask;
  int64_t slide; /* seconds; 0: sessions */
  int64_t pane_count;
  suite_answer answer;
} hand;

static void hand_init(hand *self, uint64_t keys, int64_t slide)
{
  *self = (hand){.slide = slide, .pane_count = slide ? SPAN / slide : 0};
  self->slot_size = (sizeof(slot) + (size_t)self->pane_count * sizeof(pane) + 63) / 64 * 64;
  uint64_t capacity = 16;
  while (capacity < keys * 2) capacity *= 2;
  self->mask = capacity - 1;
  self->slots = suite_memory(aligned_alloc(64, capacity * self->slot_size));
  memset(self->slots, 0, capacity * self->slot_size);
}

static slot *slot_at(const hand *self, uint64_t at)
{
  return (slot *)(void *)(self->slots + at * self->slot_size);
}

static uint64_t place_of(const hand *self, int64_t key)
{
  uint64_t at = (uint64_t)key * 0x9E3779B97F4A7C15u;
  return (at ^ at >> 32) & self->mask;
}

static slot *slot_of(const hand *self, int64_t key)
{
  uint64_t at = place_of(self, key);
  while (slot_at(self, at)->is_used && slot_at(self, at)->key != key) at = (at + 1) & self->mask;
  return slot_at(self, at);
}

static uint64_t window_hash(int64_t key, int64_t start, int64_t count, int64_t sum)
{
  uint64_t of[3] = {(uint64_t)start, (uint64_t)count, (uint64_t)sum};
  return suite_hash(key, of, 3);
}

static void tell(hand *self, const slot *at, int64_t start)
{
  self->answer.matches++;
  self->answer.hash += window_hash(at->key, start, at->all.count, at->all.sum);
}

/* Ends the windows before that of the pane `number`. */
static void slide_to(hand *self, slot *at, int64_t number)
{
  while (at->newest < number && at->all.count > 0) {
    int64_t start = at->newest + 1 - self->pane_count;
    tell(self, at, start * self->slide * SECOND);
    pane *oldest = &at->panes[start % self->pane_count];
    at->all.count -= oldest->count;
    at->all.sum -= oldest->sum;
    *oldest = (pane){0};
    at->newest++;
  }
  at->newest = number;
}

static void meet(hand *self, const cep_event *event)
{
  slot *at = slot_of(self, suite_key(event));
  int64_t value = suite_value(event), number = event->time / (self->slide * SECOND);
  if (!at->is_used) {
    at->key = suite_key(event);
    at->is_used = 1;
    at->newest = number;
  }
  slide_to(self, at, number);
  pane *newest = &at->panes[number % self->pane_count];
  newest->count++;
  newest->sum += value;
  at->all.count++;
  at->all.sum += value;
}

static void meet_session(hand *self, const cep_event *event)
{
  slot *at = slot_of(self, suite_key(event));
  if (at->is_used && event->time - at->newest >= GAP) {
    tell(self, at, at->first);
    at->is_used = 0;
  }
  if (!at->is_used) {
    at->key = suite_key(event);
    at->is_used = 1;
    at->first = event->time;
    at->all = (pane){0};
  }
  at->newest = event->time;
  at->all.count++;
  at->all.sum += suite_value(event);
}

static void push(void *ctx, const cep_event *events, uint32_t count)
{
  hand *self = ctx;
  for (uint32_t i = 0; i < count; i++) {
    if (i + AHEAD < count)
      __builtin_prefetch(slot_at(self, place_of(self, suite_key(&events[i + AHEAD]))), 1);
    if (self->slide)
      meet(self, &events[i]);
    else
      meet_session(self, &events[i]);
  }
}

static void hand_finish(hand *self)
{
  for (uint64_t i = 0; i <= self->mask; i++) {
    slot *at = slot_at(self, i);
    if (!at->is_used) continue;
    if (self->slide)
      slide_to(self, at, at->newest + self->pane_count);
    else
      tell(self, at, at->first);
  }
}

/* ---- The lanes ------------------------------------------------------------------------------------- */

static int on_window(void *ctx, const cep_match *match)
{
  suite_engine *self = ctx;
  self->answer.matches++;
  self->answer.hash +=
      window_hash(cep_match_key(match, 0, NULL)->as.i, cep_match_time_first(match),
                  cep_match_value(match, 0, NULL)->as.i, cep_match_value(match, 1, NULL)->as.i);
  return 0;
}

static void run(suite_plan *suite, const suite_lane *lane)
{
  suite_stream *self = suite_memory(calloc(1, sizeof *self));
  uint64_t keys = suite_keys(suite, lane->keys), slide = lane->how[0];
  char text[sizeof sliding + 32];
  snprintf(text, sizeof text, slide ? sliding : session, (unsigned long long)slide);
  self->suite = suite;
  self->blocks = suite_events(suite, lane->events) / SUITE_BLOCK;
  self->budget = suite->is_tiny ? 0 : BUDGET;
  self->warm_least = self->blocks / 2; /* until windows end as they begin */
  uint64_t step = lane->how[1] * 1000000 / keys;
  for (int i = 0; i < 2; i++) suite_source_init(&self->sources[i], suite, keys, 1, step, 4);
  suite_engine_open(&self->engine, suite, text, NULL, on_window);
  hand by_hand;
  hand_init(&by_hand, keys, (int64_t)slide);
  self->hand = &by_hand;
  self->push = push;
  self->answer = &by_hand.answer;
  suite_side sides[2];
  suite_race race = {.name = lane->name};
  suite_stream_run(self, &race, sides);
  suite_race_note(&race, "bytes a key", (double)self->engine.memory.bytes / (double)keys);
  suite_race_note(&race, "windows an event",
                  (double)self->engine.answer.matches / (double)self->sources[0].position);
  suite_engine_finish(&self->engine);
  hand_finish(&by_hand);
  suite_race_report(&race);
  suite_engine_close(&self->engine);
  free(by_hand.slots);
  free(self);
}

/* The last figure: milliseconds between two events of a key. */
const suite_lane lanes_windows[] = {
    {"B5/1k/sliding/60", run, 3000000, 1000, {60, 50}},
    {"B5/1k/sliding/30", run, 3000000, 1000, {30, 50}},
    {"B5/1k/sliding/5", run, 3000000, 1000, {5, 50}},
    {"B5/1k/sliding/1", run, 3000000, 1000, {1, 50}},
    {"B5/1k/session", run, 3000000, 1000, {0, 10000}},
    {"B5/1M/sliding/60", run, 6000000, 1000000, {60, 30000}},
    {"B5/1M/sliding/30", run, 6000000, 1000000, {30, 30000}},
    {"B5/1M/session", run, 6000000, 1000000, {0, 10000}},
    {NULL, NULL, 0, 0, {0}},
};
