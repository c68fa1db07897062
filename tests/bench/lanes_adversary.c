/*
 * lanes_adversary.c - A: events made to hurt: how long does one of them take, what does it hold, are other
 * keys slowed.
 *
 *   attacked   events of a thousand good keys, a hostile one among every ten, one call each
 *   alone      the same good events by themselves
 *
 * The figure is the time of a good event, and the ratio 100 % if they feel nothing. Their matches must be the
 * same on both sides. Noted are the longest call (processor time; of good and hostile events) and what the
 * engine held at the most. A turn that takes more than some seconds is cut short, on both sides: then there
 * are less hostile events than were meant.
 */
#include "suite.h"

#define KEYS 1000u
#define HOT ((int64_t)1 << 40)
#define BUDGET 1500000000ull
#define FIELDS 5u
#define ROUNDS 2u

typedef struct attack {
  suite_plan *suite;
  const suite_lane *lane;
  const char *rules;
  const char *const *settings;
  suite_engine engine;
  suite_answer answers[2]; /* of good keys: attacked, alone */
  uint64_t good, done;
  uint64_t random, step;
  uint64_t hostile; /* events of an attack so far */
  uint64_t begun;   /* of them before the first good one */
  uint64_t begin;   /* hostile events before the first good one */
  int64_t (*type)(uint64_t hostile, uint64_t begin);
  uint64_t longest[2]; /* ns of one call */
  uint64_t held[2], dropped;
  uint64_t spent;
  char *text;
  uint32_t text_len;
} attack;

/* ---- Events ---------------------------------------------------------------------------------------- */

static int on_match(void *ctx, const cep_match *match)
{
  suite_engine *self = ctx;
  const cep_value *key = cep_match_key(match, 0, NULL);
  if (key && key->as.i == HOT) return 0;
  return suite_on_match(self, match);
}

/* Of sessions: how many there were, each of one event. */
static int on_session(void *ctx, const cep_match *match)
{
  suite_engine *self = ctx;
  self->answer.matches += cep_match_value(match, 0, NULL)->as.i == 1;
  return 0;
}

static uint64_t push(attack *self, int is_attacked, int64_t key, int64_t type, int64_t value)
{
  cep_error err;
  cep_value fields[FIELDS] = {
      {.kind = CEP_TIME}, {.kind = CEP_INT}, {.kind = CEP_INT}, {.kind = CEP_INT}, {.kind = CEP_NULL}};
  uint64_t now = 1700000000000000000 + self->step++ * 1000;
  fields[0].as.i = (int64_t)now;
  fields[1].as.i = key;
  fields[2].as.i = type;
  fields[3].as.i = value;
  if (self->text)
    fields[4] =
        (cep_value){.kind = CEP_STRING, .length = key == HOT ? self->text_len : 8, .as.s = self->text};
  cep_event event = {.size = sizeof event,
                     .time = (cep_time)now,
                     .position = self->step,
                     .fields = fields,
                     .field_count = FIELDS};
  uint64_t start = meter_now();
  suite_must(cep_input_push(self->engine.input, &event, &err), &err);
  uint64_t took = meter_now() - start;
  if (took > self->longest[!is_attacked]) self->longest[!is_attacked] = took;
  self->spent += took;
  return took;
}

static void push_hostile(attack *self)
{
  (void)push(self, 1, HOT, self->type(self->hostile, self->begin), 0);
  self->hostile++;
}

static suite_took turn(attack *self, int is_attacked)
{
  uint64_t ns = 0, goods = is_attacked ? self->good : self->done;
  suite_engine_open(&self->engine, self->suite, self->rules, self->settings, on_match);
  self->random = self->suite->seed;
  self->spent = self->done = 0;
  if (is_attacked) {
    self->step = self->hostile = 0;
    while (self->hostile < self->begin && self->spent < BUDGET) push_hostile(self);
    self->begun = self->hostile;
  }
  self->step = self->begun; /* the same times and positions on both sides */
  self->spent = 0;
  for (; self->done < goods && (!is_attacked || self->spent < BUDGET); self->done++) {
    uint64_t x = meter_random(&self->random);
    if (self->done % 10 == 0) {
      if (is_attacked)
        push_hostile(self);
      else
        self->step++;
    }
    ns += push(self, is_attacked, (int64_t)((x >> 20) % KEYS), (int64_t)((x >> 8) % 9),
               (int64_t)(x >> 40) % 10000);
  }
  if (is_attacked) self->dropped = cep_engine_stat(self->engine.engine, CEP_STAT_PARTIALS_DROPPED, CEP_NONE);
  self->held[!is_attacked] = self->engine.memory.bytes_peak;
  self->answers[!is_attacked] = self->engine.answer;
  suite_engine_close(&self->engine);
  return (suite_took){ns, self->done};
}

static suite_took attacked_turn(void *ctx, uint64_t round)
{
  return round == 0 ? (suite_took){0} : turn(ctx, 1);
}

static suite_took alone_turn(void *ctx, uint64_t round)
{
  return round == 0 ? (suite_took){0} : turn(ctx, 0);
}

static void race_attack(attack *self, suite_took (*attacked)(void *, uint64_t),
                        suite_took (*alone)(void *, uint64_t))
{
  uint64_t rounds = self->suite->rounds;
  if (rounds > ROUNDS) self->suite->rounds = ROUNDS; /* the longest call is what matters */
  suite_side sides[2] = {{.name = "attacked", .ctx = self, .turn = attacked, .answer = &self->answers[0]},
                         {.name = "alone", .ctx = self, .turn = alone, .answer = &self->answers[1]}};
  suite_race race = {.suite = self->suite, .name = self->lane->name, .sides = sides, .side_count = 2};
  suite_race_run(&race);
  suite_race_note(&race, "longest ms", (double)self->longest[0] / 1e6);
  suite_race_note(&race, "longest ms alone", (double)self->longest[1] / 1e6);
  suite_race_note(&race, "MiB", (double)self->held[0] / 1048576);
  suite_race_note(&race, "MiB alone", (double)self->held[1] / 1048576);
  suite_race_note(&race, "partial matches dropped", (double)self->dropped);
  suite_race_note(&race, "hostile events", (double)self->hostile);
  suite_race_report(&race);
  self->suite->rounds = rounds;
}

/* ---- The lanes --------------------------------------------------------------------------------------- */

#define HEAD                                                                                                 \
  "input In from stdin format json { time ts ns }\nstream E from In { k: int  type: int  v: int  text: "     \
  "string? }\n"

static const char *const one_by_one[] = {"batch.events", "1", NULL};
static const char *const many_open[] = {"batch.events", "1", "partial.max", "1000000", NULL};

static const char *const few_open[] = {"batch.events", "1", "partial.max", "500", NULL};

static int64_t all_starts(uint64_t hostile, uint64_t begin)
{
  (void)hostile;
  (void)begin;
  return 0;
}

static int64_t all_seconds(uint64_t hostile, uint64_t begin)
{
  (void)hostile;
  (void)begin;
  return 1;
}

/* Starts, then second events, which all of them have waited for. */
static int64_t starts_then_seconds(uint64_t hostile, uint64_t begin)
{
  return hostile >= begin;
}

/* Starts, a second event, a third that ends all of it; over and over. */
static int64_t starts_then_end(uint64_t hostile, uint64_t begin)
{
  uint64_t at = hostile % (begin + 2);
  return at < begin ? 0 : (int64_t)(at - begin) + 1;
}

static void run(suite_plan *suite, const suite_lane *lane, const char *rules, const char *const *settings,
                int64_t (*type)(uint64_t, uint64_t))
{
  attack self = {.suite = suite,
                 .lane = lane,
                 .rules = rules,
                 .settings = settings,
                 .type = type,
                 .begin = lane->how[0]};
  self.good = suite_events(suite, lane->events);
  if (suite->is_tiny && self.begin > 300) self.begin = 300;
  if (suite->is_tiny) self.good /= 6;
  race_attack(&self, attacked_turn, alone_turn);
}

static const char three_steps[] =
    HEAD "detect seq by k within 600s {\n"
         "  match E as a where type == 0 then E as b where type == 1 then E as c where type == 2\n"
         "  after match %s  emit { k: k }\n}\n";

static void run_hot(suite_plan *suite, const suite_lane *lane)
{
  char text[sizeof three_steps + 32];
  snprintf(text, sizeof text, three_steps, lane->how[1] ? "no skip" : "skip past last");
  run(suite, lane, text, many_open, lane->how[1] ? starts_then_seconds : starts_then_end);
}

static void run_hot_limit(suite_plan *suite, const suite_lane *lane)
{
  char text[sizeof three_steps + 32];
  snprintf(text, sizeof text, three_steps, "no skip");
  run(suite, lane, text, one_by_one, all_starts);
}

static void run_loops(suite_plan *suite, const suite_lane *lane)
{
  static const struct {
    const char *after, *emit;
  } kinds[] = {{"skip past last", "emit"},
               {"skip to next", "emit"},
               {"skip to first x limit 10 matches", "emit"},
               {"skip to last x limit 10 matches", "emit"},
               {"no skip limit 10 matches", "emit"},
               {"no skip", "emit once"}};
  char text[1024];
  snprintf(text, sizeof text,
           HEAD "detect loops by k within 600s {\n"
                "  match E as a where type == 1 then any 1+ reluctant E as x where type == 1\n"
                "  then any 1+ reluctant E as y where type == 1 then any E as z where type == 2\n"
                "  after match %s  %s { }\n}\n",
           kinds[lane->how[1]].after, kinds[lane->how[1]].emit);
  run(suite, lane, text, suite->is_tiny ? few_open : one_by_one, all_seconds);
}

static void run_prefix(suite_plan *suite, const suite_lane *lane)
{
  uint64_t count = suite->is_tiny ? 50 : 10000;
  size_t size = 512 + count * 192;
  char *text = suite_memory(malloc(size));
  size_t len = (size_t)snprintf(text, size, HEAD);
  for (uint64_t i = 0; i < count; i++)
    len += (size_t)snprintf(text + len, size - len,
                            "detect r%llu by k within 600s { match E as a where type == 0 then E as b where "
                            "type == 1 then E as c where v == %llu emit { } }\n",
                            (unsigned long long)i, (unsigned long long)i);
  run(suite, lane, text, one_by_one, all_starts);
  free(text);
}

/* Each key has a session open, which ends when its next event comes, while others begin. */
static suite_took sessions_turn(attack *self, int is_attacked)
{
  static const char text[] = HEAD "aggregate s from E by k window session gap 60s { n: count() }\n";
  uint64_t keys = is_attacked ? self->begin : KEYS, ns = 0;
  suite_engine_open(&self->engine, self->suite, text, one_by_one, on_session);
  for (uint64_t i = 0; i < self->good; i++) {
    self->step = i * (60000000 / keys + 1);
    ns += push(self, is_attacked, (int64_t)(i % keys), 0, 0);
  }
  self->held[!is_attacked] = self->engine.memory.bytes_peak;
  suite_engine_finish(&self->engine);
  self->answers[!is_attacked] = self->engine.answer;
  suite_engine_close(&self->engine);
  return (suite_took){ns, self->good};
}

static suite_took many_sessions_turn(void *ctx, uint64_t round)
{
  return round == 0 ? (suite_took){0} : sessions_turn(ctx, 1);
}

static suite_took few_sessions_turn(void *ctx, uint64_t round)
{
  return round == 0 ? (suite_took){0} : sessions_turn(ctx, 0);
}

static void run_sessions(suite_plan *suite, const suite_lane *lane)
{
  attack self = {.suite = suite, .lane = lane, .begin = suite_keys(suite, lane->how[0])};
  self.good = suite_events(suite, lane->events);
  race_attack(&self, many_sessions_turn, few_sessions_turn);
}

static void run_regex(suite_plan *suite, const suite_lane *lane)
{
  attack self = {.suite = suite, .lane = lane, .settings = one_by_one, .type = all_starts};
  self.rules = HEAD "detect slow by k within 600s { match E as a where type == 0 and text ~ r\"(a+)+$\" then "
                    "E as b where type == 1 emit { } }\n";
  self.good = suite_events(suite, lane->events) / (suite->is_tiny ? 6 : 1);
  self.text_len = 32768;
  self.text = suite_memory(malloc(self.text_len));
  memset(self.text, 'a', self.text_len);
  self.text[self.text_len - 1] = 'b';
  race_attack(&self, attacked_turn, alone_turn);
  free(self.text);
}

const suite_lane lanes_adversary[] = {
    {"A/hot/past_last", run_hot, 20000, 0, {100000, 0}},
    {"A/hot/no_skip", run_hot, 20000, 0, {100000, 1}},
    {"A/hot/limit", run_hot_limit, 20000, 0, {100000}},
    {"A/any_any/past_last", run_loops, 20000, 0, {0, 0}},
    {"A/any_any/to_next", run_loops, 20000, 0, {0, 1}},
    {"A/any_any/to_first", run_loops, 20000, 0, {0, 2}},
    {"A/any_any/to_last", run_loops, 20000, 0, {0, 3}},
    {"A/any_any/no_skip", run_loops, 20000, 0, {0, 4}},
    {"A/any_any/once", run_loops, 20000, 0, {0, 5}},
    {"A/prefix", run_prefix, 20000, 0, {0}},
    {"A/regex", run_regex, 20000, 0, {0}},
    {"A/sessions", run_sessions, 4000000, 0, {1000000}},
    {NULL, NULL, 0, 0, {0}},
};
