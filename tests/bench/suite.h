/*
 * suite.h - what the lanes of bench_suite share: sides that take turns, an engine, events, and the report.
 *
 *   lane --> sides (the engine first, then yardsticks) --> rounds: A B A B ... --> table, JSON, comparison
 *
 * Contract
 *   A lane has two or three sides that do the same work on the same events. In each round each has one turn,
 * so what slows the machine slows all of them; round 0 warms up. A figure is the processor time of an event,
 * and the ratio of yardstick and engine in the same round. Matches and an order-free hash over them must be
 * equal on all sides: a lane whose answers differ is told, and the program fails. A program of one thread,
 * except where a lane says otherwise; what fails beyond repair (memory, rules that do not compile) ends it.
 */
#ifndef SUITE_H
#define SUITE_H

#include "meter.h"
#include "tools/results.h"

#define SUITE_ROUNDS_MAX 100
#define SUITE_NOTES_MAX 12
#define SUITE_BLOCK 1000u

/* ---- Lanes -------------------------------------------------------------------------------- */

typedef struct suite_plan suite_plan;
typedef struct suite_lane {
  const char *name; /* NULL ends a table */
  void (*run)(suite_plan *suite, const struct suite_lane *lane);
  uint64_t events; /* if not said otherwise */
  uint64_t keys;
  uint64_t how[2]; /* the lane's own */
} suite_lane;

extern const suite_lane lanes_seq3[], lanes_workers[], lanes_waiting[], lanes_kleene[], lanes_length[],
    lanes_rules[], lanes_windows[], lanes_json[], lanes_adversary[];

struct suite_plan {
  uint64_t events; /* 0: as the lane says */
  uint64_t rounds;
  uint64_t seed;
  uint64_t batch;
  int is_tiny; /* for answers, not for times */
  FILE *json;
  FILE *events_to; /* not NULL: a lane writes its events there, and does nothing else */
  results earlier;
  int failed;
};

/* What a lane has by default, or what the command line says; at most 3,000 and a thousandth of the keys for
 * tiny ones. */
uint64_t suite_events(const suite_plan *suite, uint64_t otherwise);
uint64_t suite_keys(const suite_plan *suite, uint64_t otherwise);

/* ---- Sides -------------------------------------------------------------------------------- */

typedef struct suite_answer {
  uint64_t matches;
  uint64_t hash; /* a sum over all matches: their order does not matter */
  uint64_t late;
} suite_answer;

typedef struct suite_took {
  uint64_t ns; /* of the processor */
  uint64_t events;
} suite_took;

typedef struct suite_side {
  const char *name;
  void *ctx;
  suite_took (*turn)(void *ctx, uint64_t round);
  const suite_answer *answer;  /* looked at when all rounds are over; NULL: none to compare */
  double ns[SUITE_ROUNDS_MAX]; /* of an event, in each round */
  uint64_t took;
  uint64_t events;
} suite_side;

typedef struct suite_note {
  const char *name;
  double value;
} suite_note;

typedef struct suite_race {
  suite_plan *suite;
  const char *name;
  suite_side *sides; /* the engine, and its yardstick */
  uint32_t side_count;
  uint32_t note_count;
  suite_note notes[SUITE_NOTES_MAX];
} suite_race;

/* All rounds of all sides. */
void suite_race_run(suite_race *race);
/* A figure beside the times. */
void suite_race_note(suite_race *race, const char *name, double value);
/* Compares the answers, prints the lane, writes its line of JSON. Nothing, if events are written. */
void suite_race_report(suite_race *race);

/* ---- An engine ------------------------------------------------------------------------------ */

typedef struct suite_engine {
  meter_alloc memory;
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  suite_answer answer;
} suite_engine;

/* `settings`: keys and values by turns, NULL behind the last; may be NULL. The input is called In. */
void suite_engine_open(suite_engine *self, const suite_plan *suite, const char *rules,
                       const char *const *settings, cep_match_fn on_match);
/* Late records go to the answer. */
void suite_engine_finish(suite_engine *self);
void suite_engine_close(suite_engine *self);
void suite_must(cep_status status, const cep_error *err);
void *suite_memory(void *memory);
/* A match callback, of suite_engine: the hash of the key, if there is one, and of all captured positions. */
int suite_on_match(void *ctx, const cep_match *match);
uint64_t suite_hash(int64_t key, const uint64_t *positions, uint32_t count);

/* ---- Events ---------------------------------------------------------------------------------- */

/* ts, k, type, v: the first three are drawn from two numbers of xorshift64 for each event, v from the second.
 */
typedef struct suite_source {
  uint64_t random;
  uint64_t keys;
  uint64_t types;
  uint64_t step;     /* mean time between two events, ns */
  uint64_t lateness; /* ns; one event in twenty lies up to a little more than that in the past. 0: in order */
  cep_time now;
  uint64_t position;
  uint32_t field_count;
  void (*draw)(struct suite_source *self,
               uint32_t i); /* what else event i is than its time; NULL: key, type, v at random */
  uint64_t drawn[2];        /* the drawer's own */
  cep_event events[SUITE_BLOCK];
  cep_value fields[SUITE_BLOCK][4];
} suite_source;

/* `field_count` 3 or 4. */
void suite_source_init(suite_source *self, const suite_plan *suite, uint64_t keys, uint64_t types,
                       uint64_t step, uint32_t field_count);
/* The next SUITE_BLOCK events. */
void suite_source_fill(suite_source *self);
static inline int64_t suite_key(const cep_event *event)
{
  return event->fields[1].as.i;
}
static inline int64_t suite_type(const cep_event *event)
{
  return event->fields[2].as.i;
}
static inline int64_t suite_value(const cep_event *event)
{
  return event->fields[3].as.i;
}

/* ---- Both over one stream ---------------------------------------------------------------------- */

/* An engine and a loop by hand, block by block of the same events. */
typedef struct suite_stream {
  suite_plan *suite;
  suite_engine engine;
  suite_source sources[2]; /* of each side */
  uint64_t blocks;         /* the first half of them warms up */
  uint64_t budget; /* ns of a turn of the engine, after which it stops; the loop then does as many events. 0:
                      none */
  uint64_t warm_least; /* blocks to warm up, even if they take as long as several turns */
  uint64_t done;       /* blocks of the engine's last turn */
  void *hand;
  void (*push)(void *hand, const cep_event *events, uint32_t count);
  const suite_answer *answer; /* of the hand */
  uint64_t requests;          /* for memory, by the engine, since it was warm */
} suite_stream;

/* Rounds of both sides, and notes on memory. The engine is open, the sources are made. To `events_to` each
 * event goes as five numbers of eight bytes, little-endian: time, position, k, type, v. */
void suite_stream_run(suite_stream *self, suite_race *race, suite_side sides[2]);

#endif
