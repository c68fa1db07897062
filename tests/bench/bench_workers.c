/*
 * bench_workers.c - what more workers give: the same input by one and by more, turn about.
 *
 *   bench_workers ndjson|seq3 [--events N] [--keys N] [--workers N] [--rounds N] [--seed N]
 *
 * ndjson: JSON lines of a file through a pipeline. seq3: typed rows pushed to an engine. In both a sequence of
 * three steps by key. One worker is an engine as it is without threads; N are as many threads, the caller's
 * one of them. Every turn has an engine of its own and all of the input. Told are the time that passed and what the
 * threads had of the processors together. Exit code 1: the answers differ, in what they are or in their order.
 */
#include <cep/cep_io.h>
#include <unistd.h>

#include "lines.h"
#include "runtime/io/parallel.h"

#define TYPES      9u
#define ROUNDS_MAX 100u
#define LANES      2u

static const char rules_of_rows[] = "input In from stdin format json { time ts ns }\n"
                                    "stream E from In { k: int  type: int }\n"
                                    "detect seq3 by k within 600s {\n"
                                    "  match E as a where type == 0\n"
                                    "  then  E as b where type == 1\n"
                                    "  then  E as c where type == 2\n"
                                    "  emit  { k: k }\n"
                                    "}\n";

typedef struct row {
  cep_time time;
  int32_t key;
  int32_t type;
} row;

typedef struct lane {
  uint32_t workers;
  double passed[ROUNDS_MAX]; /* ns, by round */
  double processors[ROUNDS_MAX];
  double own[ROUNDS_MAX]; /* the caller's thread */
  uint64_t matches;
  uint64_t hash;
} lane;

typedef struct bench {
  uint64_t events;
  uint64_t keys;
  uint64_t seed;
  row *rows;      /* seq3 */
  char path[64];  /* ndjson */
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  lane *lane;     /* whose turn it is */
  uint64_t matches;
  uint64_t hash;
} bench;

static void must(cep_status status, const cep_error *err)
{
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", cep_status_name(status), err->text);
  exit(1);
}

static void must_have(int is_there, const char *what)
{
  if (is_there) return;
  fprintf(stderr, "no %s\n", what);
  exit(1);
}

/* The order counts. */
static int on_match(void *ctx, const cep_match *match)
{
  bench *self = ctx;
  uint64_t id;
  memcpy(&id, cep_match_id(match), sizeof id);
  self->matches++;
  self->hash = meter_mix(self->hash, id);
  return 0;
}

/* ---- Input ------------------------------------------------------------------------------ */

static void make_rows(bench *self)
{
  self->rows = malloc(self->events * sizeof *self->rows);
  must_have(self->rows != NULL, "memory for the rows");
  uint64_t random = self->seed;
  cep_time now = 1700000000000000000;
  for (uint64_t i = 0; i < self->events; i++) {
    uint64_t x = meter_random(&random);
    now += (cep_time)(x % 300000 + 1);
    self->rows[i] = (row){now, (int32_t)((x >> 20) % self->keys), (int32_t)((meter_random(&random) >> 8) % TYPES)};
  }
}

static void make_lines(bench *self)
{
  snprintf(self->path, sizeof self->path, "/tmp/bench_workers_XXXXXX");
  int fd = mkstemp(self->path);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
  must_have(file != NULL, "file for the lines");
  line_maker from = lines_from(self->seed, self->keys);
  for (uint64_t i = 0; i < self->events; i++) {
    char line[LINES_BYTES];
    lines_next(&from, line);
    must_have(fwrite(line, LINES_BYTES, 1, file) == 1, "room for the lines");
  }
  must_have(fclose(file) == 0, "room for the lines");
}

/* ---- Turns ------------------------------------------------------------------------------ */

static void run_lines(bench *self)
{
  cep_error err = {0};
  cep_pipeline *pipeline;
  must(cep_pipeline_new(self->config, self->engine, &pipeline, &err), &err);
  must(cep_pipeline_workers(pipeline, self->lane->workers, &err), &err);
  must(cep_pipeline_source(pipeline, "Act", 0, self->path, &err), &err);
  must(cep_pipeline_run(pipeline, &err), &err);
  cep_pipeline_free(pipeline);
}

static void run_rows(bench *self)
{
  cep_error err = {0};
  rt_parallel crew = {0};
  cep_input *input;
  rt_parallel_init(&crew);
  must(rt_parallel_share(&crew, self->engine, self->lane->workers, &err), &err);
  must(cep_engine_input(self->engine, "In", 0, &input, &err), &err);
  must(rt_parallel_start(&crew, &err), &err);
  cep_value fields[3] = {{.kind = CEP_TIME}, {.kind = CEP_INT}, {.kind = CEP_INT}};
  cep_event event = {.size = sizeof event, .position = CEP_POSITION_NEXT, .fields = fields, .field_count = 3};
  for (uint64_t i = 0; i < self->events; i++) {
    event.time = self->rows[i].time;
    fields[1].as.i = self->rows[i].key;
    fields[2].as.i = self->rows[i].type;
    must(cep_input_push(input, &event, &err), &err);
  }
  must(cep_engine_finish(self->engine, &err), &err);
  rt_parallel_end(&crew);
  rt_parallel_fini(&crew);
}

/* 1: the answers are those of the turns before. */
static int take_turn(bench *self, lane *of, uint64_t round)
{
  cep_error err = {0};
  self->lane = of;
  self->matches = self->hash = 0;
  must(cep_engine_new(self->config, self->program, on_match, self, &self->engine, &err), &err);
  uint64_t passed = meter_passed(), processors = meter_processors(), own = meter_now();
  if (self->rows) run_rows(self);
  else run_lines(self);
  of->passed[round] = (double)(meter_passed() - passed);
  of->processors[round] = (double)(meter_processors() - processors);
  of->own[round] = (double)(meter_now() - own);
  cep_engine_free(self->engine);
  int is_same = round == 0 || (of->matches == self->matches && of->hash == self->hash);
  of->matches = self->matches;
  of->hash = self->hash;
  return is_same;
}

static double report(const bench *self, lane *of, uint64_t rounds)
{
  double least = meter_quantile(of->passed, rounds, 0), median = meter_quantile(of->passed, rounds, 0.5),
         most = meter_quantile(of->passed, rounds, 1), processors = meter_quantile(of->processors, rounds, 0.5),
         own = meter_quantile(of->own, rounds, 0.5);
  printf("%2u worker%s %10.0f events/s   seconds: median %.3f (%.3f to %.3f), of processors %.3f, the caller's thread %.3f   "
         "%llu matches, hash %016llx\n",
         of->workers, of->workers == 1 ? " " : "s", (double)self->events / (median / 1e9), median / 1e9, least / 1e9,
         most / 1e9, processors / 1e9, own / 1e9, (unsigned long long)of->matches, (unsigned long long)of->hash);
  return median;
}

int main(int argc, char **argv)
{
  uint64_t events = meter_option(argc, argv, "--events", 2000000), keys = meter_option(argc, argv, "--keys", 1000000),
           rounds = meter_option(argc, argv, "--rounds", 5), seed = meter_option(argc, argv, "--seed", 88172645463325252u),
           workers = meter_option(argc, argv, "--workers", 2);
  int is_lines = argc > 1 && strcmp(argv[1], "ndjson") == 0, is_rows = argc > 1 && strcmp(argv[1], "seq3") == 0;
  if ((!is_lines && !is_rows) || events == 0 || keys == 0 || keys > 10000000 || seed == 0 || rounds == 0 || rounds > ROUNDS_MAX ||
      workers == 0 || workers > RT_THREADS_MAX) {
    fprintf(stderr, "ndjson or seq3; events, keys (at most 10000000), rounds (at most 100), workers (at most 64) and seed are not 0\n");
    return 2;
  }
  cep_error err = {0};
  bench self = {.events = events, .keys = keys, .seed = seed};
  lane lanes[LANES] = {{.workers = 1}, {.workers = (uint32_t)workers}};
  const char *rules = is_lines ? lines_rules : rules_of_rows;
  must(cep_config_new(NULL, &self.config), &err);
  must(cep_config_set(self.config, "memory.max", "8GiB", &err), &err);
  must(cep_config_set(self.config, "batch.events", "1024", &err), &err);
  must(cep_program_compile(self.config, argv[1], rules, strlen(rules), &self.program, &err), &err);
  if (is_lines) make_lines(&self);
  else make_rows(&self);
  int is_same = 1;
  for (uint64_t r = 0; r < rounds; r++) {
    for (uint32_t l = 0; l < LANES; l++) is_same &= take_turn(&self, &lanes[l], r);
  }
  printf("%s: %llu events, %llu keys, %llu rounds\n", argv[1], (unsigned long long)events, (unsigned long long)keys,
         (unsigned long long)rounds);
  double one = report(&self, &lanes[0], rounds), more = report(&self, &lanes[1], rounds);
  is_same &= lanes[0].matches == lanes[1].matches && lanes[0].hash == lanes[1].hash;
  printf("%.2f times as fast; answers %s\n", one / more, is_same ? "equal" : "DIFFERENT");
  if (is_lines) (void)unlink(self.path);
  free(self.rows);
  cep_program_free(self.program);
  cep_config_free(self.config);
  return is_same ? 0 : 1;
}
