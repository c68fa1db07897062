/*
 * bench_ndjson.cc - JSON lines end to end beside the bare parse loop of the JSON library, in one run.
 *
 *   bench_ndjson [--lines N] [--keys N] [--batch N] [--rounds N] [--seed N]
 *
 * Lines of 206 bytes with ten members, five of which are read. The engine takes each line by
 * cep_input_record through a rule of three steps; the bare loop reads the same five members
 * of the same lines on demand and does nothing with them but add them up. Turn about, a
 * round each. Exit code 1: lines were refused, or the two did not see the same values.
 */
#include <simdjson.h>

#include <string>
#include <vector>

extern "C" {
#include "lines.h"
}

static const size_t line_bytes = LINES_BYTES; /* with its end */
static const uint64_t block = 1000;

/* Lines one behind the other, and behind them what the library wants to read past the end. */
static std::string make_lines(uint64_t count, uint64_t keys, uint64_t seed)
{
  std::string all;
  all.reserve(count * line_bytes + simdjson::SIMDJSON_PADDING);
  all.resize(count * line_bytes);
  line_maker from = lines_from(seed, keys);
  for (uint64_t i = 0; i < count; i++) lines_next(&from, all.data() + i * line_bytes);
  return all;
}

static int on_match(void *ctx, const cep_match *)
{
  ++*static_cast<uint64_t *>(ctx);
  return 0;
}

static void must(cep_status status, const cep_error &err)
{
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cep_status_name(status), err.text);
  exit(1);
}

struct sums {
  uint64_t lines = 0, refused = 0, bytes = 0;
  double amount = 0;
};

static void bare_line(simdjson::ondemand::parser &parser, const char *line, size_t room, sums &out)
{
  simdjson::ondemand::document doc;
  int64_t ts;
  double amount;
  std::string_view user, kind, country;
  if (parser.iterate(line, line_bytes - 1, room).get(doc) || doc["ts"].get(ts) || doc["user"].get(user) ||
      doc["kind"].get(kind) || doc["amount"].get(amount) || doc["country"].get(country)) {
    out.refused++;
    return;
  }
  out.lines++;
  out.amount += amount;
  out.bytes += user.size() + kind.size() + country.size() + (ts > 0);
}

struct side {
  std::vector<double> ns;
  uint64_t total = 0;
};

template <typename F> static void turn(side &of, uint64_t first, uint64_t last, F one)
{
  for (uint64_t i = first; i < last; i += block) {
    uint64_t start = meter_now();
    for (uint64_t n = i; n < i + block; n++) one(n);
    uint64_t took = meter_now() - start;
    of.ns.push_back((double)took / (double)block);
    of.total += took;
  }
}

static double report(const char *name, side &of)
{
  double lines = (double)of.ns.size() * (double)block, rate = lines / ((double)of.total / 1e9);
  double median = meter_quantile(of.ns.data(), of.ns.size(), 0.5);
  printf("%-7s %10.0f lines/s  %7.1f MB/s   ns/line: median %.1f  p99 %.1f\n", name, rate, rate * (double)line_bytes / 1e6,
         median, meter_quantile(of.ns.data(), of.ns.size(), 0.99));
  return rate;
}

int main(int argc, char **argv)
{
  uint64_t lines = meter_option(argc, argv, "--lines", 2000000) / block * block;
  uint64_t keys = meter_option(argc, argv, "--keys", 1000000), rounds = meter_option(argc, argv, "--rounds", 10);
  uint64_t batch = meter_option(argc, argv, "--batch", 1024), seed = meter_option(argc, argv, "--seed", 88172645463325252u);
  if (lines == 0 || keys == 0 || keys > 10000000 || rounds == 0 || seed == 0) {
    fprintf(stderr, "a thousand lines or more; keys, rounds and seed are not 0, keys at most 10000000\n");
    return 2;
  }
  std::string all = make_lines(lines, keys, seed);
  size_t room = all.size() + simdjson::SIMDJSON_PADDING;
  all.reserve(room);

  cep_error err = {};
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *input;
  uint64_t matches = 0;
  std::string number = std::to_string(batch);
  must(cep_config_new(nullptr, &config), err);
  must(cep_config_set(config, "batch.events", number.c_str(), &err), err);
  must(cep_program_compile(config, "ndjson", lines_rules, sizeof lines_rules - 1, &program, &err), err);
  must(cep_engine_new(config, program, on_match, &matches, &engine, &err), err);
  must(cep_engine_input(engine, "Act", 0, &input, &err), err);

  simdjson::ondemand::parser parser;
  sums seen;
  side end_to_end, bare;
  uint64_t each = (lines / rounds + block - 1) / block * block;
  for (uint64_t first = 0; first < lines; first += each) {
    uint64_t last = first + each < lines ? first + each : lines;
    turn(end_to_end, first, last, [&](uint64_t n) {
      must(cep_input_record(input, all.data() + n * line_bytes, line_bytes - 1, CEP_POSITION_NEXT, &err), err);
    });
    turn(bare, first, last,
         [&](uint64_t n) { bare_line(parser, all.data() + n * line_bytes, room - n * line_bytes, seen); });
  }
  must(cep_engine_finish(engine, &err), err);
  printf("ndjson: %llu lines of %zu bytes, %llu keys, batch.events %llu, simdjson %s\n", (unsigned long long)lines,
         line_bytes, (unsigned long long)keys, (unsigned long long)batch,
         simdjson::get_active_implementation()->name().c_str());
  double rate = report("engine", end_to_end), by_library = report("parse", bare);
  uint64_t used = cep_engine_stat(engine, CEP_STAT_RECORDS_USED, CEP_NONE);
  printf("ratio   %.1f %% of the bare parse loop\n", 100 * rate / by_library);
  printf("lines   %llu used, %llu parsed, %llu matches; checksum %.2f %llu\n", (unsigned long long)used,
         (unsigned long long)seen.lines, (unsigned long long)matches, seen.amount, (unsigned long long)seen.bytes);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  return used == lines && seen.lines == lines && seen.refused == 0 ? 0 : 1;
}
