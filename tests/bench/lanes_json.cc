/*
 * lanes_json.cc - B6: JSON lines to alerts as JSON lines, beside the bare parse loop of the JSON library.
 *
 * Lines of 206 bytes with ten members, five of which are read. "pipeline" reads a file and writes one;
 * "records" pushes lines that lie in memory; the loop reads the same five members on demand and adds them up.
 * "workers" is the pipeline with two workers beside itself with one, by the clock: 200 % is twice as fast.
 * All answers must be those of the loop by hand of B1, over the same lines.
 */
#include <simdjson.h>

#include <cep/cep_io.h>
#include <unistd.h>

#include <string>
#include <vector>

extern "C" {
#include "hand_seq3.h"
#include "lines.h"
}

namespace
{

enum { RECORDS, PIPELINE, WORKERS };

struct bench;

struct side_state {
  bench *of;
  uint32_t workers;
  suite_answer answer;
};

struct bench {
  suite_plan *suite;
  uint64_t lines;
  std::string all;    /* the lines, and behind them what the library wants to read past the end */
  std::string path;   /* of the same as a file */
  std::string output; /* of the alerts */
  size_t room;
  cep_config *config;
  cep_program *program;
  suite_answer expected;
  side_state one, two;
};

struct fields {
  int64_t ts;
  double amount;
  std::string_view user, kind, country;
};

bool read_line(simdjson::ondemand::parser &parser, const bench &self, uint64_t line, fields &out)
{
  simdjson::ondemand::document doc;
  const char *at = self.all.data() + line * LINES_BYTES;
  return !(parser.iterate(at, LINES_BYTES - 1, self.room - line * LINES_BYTES).get(doc) ||
           doc["ts"].get(out.ts) || doc["user"].get(out.user) || doc["kind"].get(out.kind) ||
           doc["amount"].get(out.amount) || doc["country"].get(out.country));
}

uint64_t number_of(const char *user)
{
  return strtoull(std::string(user + 1, 7).c_str(), nullptr, 10);
}

/* ---- By hand ------------------------------------------------------------------------------------ */

suite_answer answer_by_hand(const bench &self, uint64_t keys)
{
  simdjson::ondemand::parser parser;
  loop *by_hand = loop_new(keys, 600000000000, 0, 0);
  cep_value values[3] = {};
  cep_event event = {};
  event.fields = values;
  for (uint64_t n = 0; n < self.lines; n++) {
    fields of = {};
    if (!read_line(parser, self, n, of)) suite_must(CEP_E_CORRUPT, nullptr);
    int64_t type = 8;
    if (of.kind == "login" && of.country == "se") type = 0;
    if (of.kind == "change") type = 1;
    if (of.kind == "pay" && of.amount > 50) type = 2;
    event.time = of.ts * 1000;
    event.position = n;
    values[1].as.i = static_cast<int64_t>(number_of(of.user.data()));
    values[2].as.i = type;
    loop_push(by_hand, &event, 1);
  }
  loop_finish(by_hand);
  suite_answer answer = *loop_answer(by_hand);
  loop_free(by_hand);
  return answer;
}

suite_took parse_turn(void *ctx, uint64_t)
{
  const bench &self = *static_cast<bench *>(ctx);
  simdjson::ondemand::parser parser;
  double amounts = 0;
  size_t bytes = 0;
  uint64_t start = meter_now();
  for (uint64_t n = 0; n < self.lines; n++) {
    fields of = {};
    if (!read_line(parser, self, n, of)) suite_must(CEP_E_CORRUPT, nullptr);
    amounts += of.amount;
    bytes += of.user.size() + of.kind.size() + of.country.size() + (of.ts > 0);
  }
  uint64_t took = meter_now() - start;
  if (bytes == 0 || amounts < 0) suite_must(CEP_E_CORRUPT, nullptr); /* and so it is not left out */
  return {took, self.lines};
}

/* ---- The engine ----------------------------------------------------------------------------------- */

void take_match(side_state *self, const cep_match *match, uint64_t unit)
{
  uint64_t positions[3] = {};
  cep_captured captured = {};
  captured.size = sizeof captured;
  for (uint32_t i = 0; i < 3; i++)
    if (cep_match_event(match, i, &captured) == CEP_OK) positions[i] = captured.position / unit;
  uint64_t user = number_of(cep_match_key(match, 0, nullptr)->as.s);
  self->answer.matches++;
  self->answer.hash += suite_hash(static_cast<int64_t>(user), positions, 3);
}

int on_record_match(void *ctx, const cep_match *match)
{
  take_match(static_cast<side_state *>(ctx), match, 1);
  return 0;
}

suite_took records_turn(void *ctx, uint64_t)
{
  side_state *side = static_cast<side_state *>(ctx);
  bench &self = *side->of;
  cep_error err = {};
  cep_engine *engine;
  cep_input *input;
  side->answer = {};
  suite_must(cep_engine_new(self.config, self.program, on_record_match, side, &engine, &err), &err);
  suite_must(cep_engine_input(engine, "Act", 0, &input, &err), &err);
  uint64_t start = meter_now();
  for (uint64_t n = 0; n < self.lines; n++)
    suite_must(
        cep_input_record(input, self.all.data() + n * LINES_BYTES, LINES_BYTES - 1, CEP_POSITION_NEXT, &err),
        &err);
  suite_must(cep_engine_finish(engine, &err), &err);
  uint64_t took = meter_now() - start;
  cep_engine_free(engine);
  return {took, self.lines};
}

struct output {
  side_state *side;
  cep_sink *sink;
};

int on_file_match(void *ctx, const cep_match *match)
{
  output *self = static_cast<output *>(ctx);
  take_match(self->side, match, LINES_BYTES);
  return cep_sink_match(self->sink, match);
}

suite_took pipeline_turn(void *ctx, uint64_t)
{
  side_state *side = static_cast<side_state *>(ctx);
  bench &self = *side->of;
  cep_error err = {};
  cep_engine *engine;
  cep_pipeline *pipeline;
  output to = {side, nullptr};
  side->answer = {};
  suite_must(cep_sink_file(self.config, self.output.c_str(), &to.sink, &err), &err);
  suite_must(cep_engine_new(self.config, self.program, on_file_match, &to, &engine, &err), &err);
  suite_must(cep_pipeline_new(self.config, engine, &pipeline, &err), &err);
  suite_must(cep_pipeline_workers(pipeline, side->workers, &err), &err);
  suite_must(cep_pipeline_source(pipeline, "Act", 0, self.path.c_str(), &err), &err);
  suite_must(cep_pipeline_sink(pipeline, to.sink, &err), &err);
  int by_clock = self.two.workers > 0;
  uint64_t start = by_clock ? meter_passed() : meter_now();
  suite_must(cep_pipeline_run(pipeline, &err), &err);
  uint64_t took = (by_clock ? meter_passed() : meter_now()) - start;
  cep_pipeline_free(pipeline);
  cep_engine_free(engine);
  cep_sink_free(to.sink);
  return {took, self.lines};
}

/* ---- The lanes -------------------------------------------------------------------------------------- */

void make_input(bench &self, uint64_t keys)
{
  self.room = self.lines * LINES_BYTES + simdjson::SIMDJSON_PADDING;
  self.all.reserve(self.room);
  self.all.resize(self.lines * LINES_BYTES);
  line_maker from = lines_from(self.suite->seed, keys);
  for (uint64_t n = 0; n < self.lines; n++) lines_next(&from, self.all.data() + n * LINES_BYTES);
  self.expected = answer_by_hand(self, keys);
  char path[] = "/tmp/bench_suite_XXXXXX";
  int fd = mkstemp(path);
  FILE *file = fd < 0 ? nullptr : fdopen(fd, "w");
  if (!file || fwrite(self.all.data(), 1, self.all.size(), file) != self.all.size() || fclose(file) != 0) {
    fprintf(stderr, "no room for the lines in /tmp\n");
    exit(1);
  }
  self.path = path;
  self.output = self.path + ".alerts";
}

suite_side side_of(const char *name, void *ctx, suite_took (*turn)(void *, uint64_t),
                   const suite_answer *answer)
{
  suite_side side = {};
  side.name = name;
  side.ctx = ctx;
  side.turn = turn;
  side.answer = answer;
  return side;
}

void run(suite_plan *suite, const suite_lane *lane)
{
  bench self = {};
  cep_error err = {};
  uint64_t keys = suite->is_tiny ? 20 : lane->keys, kind = lane->how[0];
  self.suite = suite;
  self.lines = suite_events(suite, lane->events);
  self.one = {&self, 1, {}};
  self.two = {&self, kind == WORKERS ? 2u : 0u, {}};
  make_input(self, keys);
  if (suite->events_to) {
    if (fwrite(self.all.data(), 1, self.all.size(), suite->events_to) != self.all.size()) suite->failed = 1;
    (void)unlink(self.path.c_str());
    return;
  }
  suite_must(cep_config_new(nullptr, &self.config), &err);
  suite_must(cep_config_set(self.config, "batch.events", std::to_string(suite->batch).c_str(), &err), &err);
  suite_must(cep_config_set(self.config, "memory.max", "8GiB", &err), &err);
  suite_must(
      cep_program_compile(self.config, "json", lines_rules, sizeof lines_rules - 1, &self.program, &err),
      &err);
  suite_side sides[2];
  if (kind == WORKERS) {
    sides[0] = side_of("two", &self.two, pipeline_turn, &self.two.answer);
    sides[1] = side_of("one", &self.one, pipeline_turn, &self.one.answer);
  } else {
    sides[0] = side_of("engine", &self.one, kind == RECORDS ? records_turn : pipeline_turn, &self.one.answer);
    sides[1] = side_of("parse", &self, parse_turn, &self.expected);
  }
  suite_race race = {};
  race.suite = suite;
  race.name = lane->name;
  race.sides = sides;
  race.side_count = 2;
  uint64_t processors = meter_processors();
  suite_race_run(&race);
  processors = meter_processors() - processors;
  if (self.one.answer.hash != self.expected.hash) {
    fprintf(stderr, "%s: the answer is not that of the loop by hand\n", lane->name);
    suite->failed = 1;
  }
  suite_race_note(&race, "MB/s",
                  LINES_BYTES * 1e3 /
                      (static_cast<double>(sides[0].took) / static_cast<double>(sides[0].events)));
  suite_race_note(&race, "CPU seconds of all", static_cast<double>(processors) / 1e9);
  suite_race_report(&race);
  (void)unlink(self.path.c_str());
  (void)unlink(self.output.c_str());
  cep_program_free(self.program);
  cep_config_free(self.config);
}

} // namespace

extern "C" const suite_lane lanes_json[] = {
    {"B6/records", run, 500000, 1000000, {RECORDS, 0}},
    {"B6/pipeline", run, 500000, 1000000, {PIPELINE, 0}},
    {"B6/workers", run, 500000, 1000000, {WORKERS, 0}},
    {nullptr, nullptr, 0, 0, {0, 0}},
};
