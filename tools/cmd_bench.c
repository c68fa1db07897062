/* cmd_bench.c - `cep bench`: how fast are these rules on these records. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alone.h"
#include "arguments.h"
#include "commands.h"
#include "results.h"

enum { OPT_INPUT, OPT_ROUNDS, OPT_EACH, OPT_WORKERS, OPT_JSON, OPT_COMPARE, OPT_TABLE, OPT_SET };
static const option_spec options[] = {
    [OPT_INPUT] = {"input", "NAME=PATH", "read this input from a file or files ('*.gz')", 'i'},
    [OPT_ROUNDS] = {"rounds", "N", "rounds to measure, behind one to warm up; 5 if not given", 'r'},
    [OPT_EACH] = {"each", NULL, "also each detection alone, turn about", 0},
    [OPT_WORKERS] = {"workers", "N", "as in run, but 1 if not given", 'w'},
    [OPT_JSON] = {"json", "PATH", "the figures to a file, a line of JSON each", 0},
    [OPT_COMPARE] = {"compare", "PATH", "beside the figures of such a file", 0},
    [OPT_TABLE] = {"table", "NAME=PATH", "read this table from another file than the rules say", 0},
    [OPT_SET] = {"set", "KEY=VALUE", "a setting, e.g. batch.events=1024", 0},
    {NULL, NULL, NULL, 0},
};

#define ROUNDS_MAX 1000

/* What is held now, and was held at the most; by any thread. */
typedef struct memory_meter {
  cep_allocator hook;
  atomic_size_t bytes;
  atomic_size_t peak;
} memory_meter;

/* Some of the rules, over all of the records. */
typedef struct subject {
  const char *name;
  rule_file rules;
  double *rates; /* records in a second, of each round */
  double *ns;    /* of a record */
  double cpu_seconds;
  size_t peak;
  uint64_t records, bytes, refused, late;
  uint64_t alerts, hash;
} subject;

typedef struct bench_state {
  const command_spec *self;
  const char *rules_path;
  const char *json_path;
  const char *compare_path;
  input_paths inputs;
  table_paths tables;
  uint32_t workers;
  unsigned rounds;
  int is_each;
  memory_meter memory;
  cep_config *config;
  rule_file rules;
  rule_parts parts;
  results earlier;
  subject *subjects;
  size_t subject_count;
} bench_state;

/* ---- Meters --------------------------------------------------------------------------------- */

static void *resize(void *ctx, void *at, size_t old, size_t size)
{
  memory_meter *self = ctx;
  if (size == 0) {
    free(at);
    atomic_fetch_sub_explicit(&self->bytes, old, memory_order_relaxed);
    return NULL;
  }
  void *fresh = realloc(at, size);
  if (!fresh) return NULL;
  size_t now = atomic_fetch_add_explicit(&self->bytes, size - old, memory_order_relaxed) + size - old;
  size_t peak = atomic_load_explicit(&self->peak, memory_order_relaxed);
  while (now > peak && !atomic_compare_exchange_weak_explicit(&self->peak, &peak, now, memory_order_relaxed,
                                                              memory_order_relaxed)) {
  }
  return fresh;
}

static double seconds_of(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* For rules with `time processing`: the same in each round. */
static cep_time tick(void *ctx)
{
  cep_time *now = ctx;
  return *now += 1000;
}

/* A sum, so that it does not depend on the order of alerts. */
typedef struct alert_sum {
  uint64_t count;
  uint64_t hash;
} alert_sum;

static int on_alert(void *ctx, const cep_match *match)
{
  alert_sum *sum = ctx;
  uint64_t halves[2];
  memcpy(halves, cep_match_id(match), sizeof halves);
  sum->count++;
  sum->hash += halves[0] ^ (halves[1] << 1);
  return 0;
}

/* ---- Rounds --------------------------------------------------------------------------------- */

static int set_up(bench_state *bench, subject *of, alert_sum *sum, cep_time *now, cep_engine **engine,
                  cep_pipeline **pipeline)
{
  cep_error err;
  cep_status status = cep_engine_new(bench->config, of->rules.program, on_alert, sum, engine, &err);
  if (status == CEP_OK) status = cep_pipeline_new(bench->config, *engine, pipeline, &err);
  if (status == CEP_OK) status = cep_pipeline_clock(*pipeline, tick, now, &err);
  if (status == CEP_OK) status = cep_pipeline_workers(*pipeline, bench->workers, &err);
  if (status < 0) return command_failed(bench->self, &err);
  int code = tables_open(bench->self, &bench->tables, &of->rules, *pipeline);
  if (code == EXIT_FINE) code = inputs_open(bench->self, &bench->inputs, &of->rules, *pipeline);
  int is_told = of->rates[0] > 0 || of != bench->subjects;
  return code == EXIT_FINE ? inputs_scan(bench->self, &of->rules, *pipeline, is_told) : code;
}

/* All rounds see the same alerts, or the figures are not those of one question. */
static int take_alerts(const bench_state *bench, subject *of, unsigned round, const alert_sum *sum)
{
  if (round > 0 && (sum->count != of->alerts || sum->hash != of->hash)) {
    fprintf(stderr, "cep %s: the alerts of %s are not the same in each round\n", bench->self->name, of->name);
    return EXIT_WRONG;
  }
  of->alerts = sum->count;
  of->hash = sum->hash;
  return EXIT_FINE;
}

static int run_pipeline(bench_state *bench, subject *of, unsigned round, const cep_engine *engine,
                        cep_pipeline *pipeline)
{
  cep_error err;
  double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), start = seconds_of(CLOCK_MONOTONIC);
  if (cep_pipeline_run(pipeline, &err) != CEP_OK) return command_failed(bench->self, &err);
  double took = seconds_of(CLOCK_MONOTONIC) - start;
  cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  cep_pipeline_counts counts = {.size = sizeof counts};
  (void)cep_pipeline_count(pipeline, &counts);
  of->records = counts.lines;
  of->bytes = counts.bytes;
  of->refused = cep_engine_stat(engine, CEP_STAT_RECORDS_DEAD, CEP_NONE);
  of->late = cep_engine_stat(engine, CEP_STAT_RECORDS_LATE, CEP_NONE);
  if (round == 0 || of->records == 0 || took <= 0) return EXIT_FINE;
  of->cpu_seconds += cpu;
  of->rates[round - 1] = (double)of->records / took;
  of->ns[round - 1] = took * 1e9 / (double)of->records;
  return EXIT_FINE;
}

static int run_once(bench_state *bench, subject *of, unsigned round)
{
  alert_sum sum = {0};
  cep_time now = 0;
  cep_engine *engine = NULL;
  cep_pipeline *pipeline = NULL;
  size_t before = atomic_load(&bench->memory.bytes);
  atomic_store(&bench->memory.peak, before);
  int code = set_up(bench, of, &sum, &now, &engine, &pipeline);
  if (code == EXIT_FINE) code = run_pipeline(bench, of, round, engine, pipeline);
  size_t peak = atomic_load(&bench->memory.peak) - before;
  if (peak > of->peak) of->peak = peak;
  cep_pipeline_free(pipeline);
  cep_engine_free(engine);
  return code == EXIT_FINE ? take_alerts(bench, of, round, &sum) : code;
}

static int run_rounds(bench_state *bench)
{
  for (unsigned round = 0; round <= bench->rounds; round++) {
    for (size_t i = 0; i < bench->subject_count; i++) {
      int code = run_once(bench, &bench->subjects[i], round);
      if (code != EXIT_FINE) return code;
    }
  }
  if (bench->subjects[0].records > 0) return EXIT_FINE;
  fprintf(stderr, "cep %s: there are no records\n", bench->self->name);
  return EXIT_FAILED;
}

/* ---- What to measure ------------------------------------------------------------------------- */

static int add_subject(bench_state *bench, const char *name, const rule_file *rules)
{
  subject *of = &bench->subjects[bench->subject_count++];
  *of = (subject){.name = name, .rules = *rules};
  of->rates = calloc(bench->rounds, sizeof *of->rates);
  of->ns = calloc(bench->rounds, sizeof *of->ns);
  return of->rates && of->ns ? EXIT_FINE : EXIT_FAILED;
}

static int add_alone(bench_state *bench, const char *name)
{
  rule_file rules = {.path = bench->rules.path};
  cep_error err = {0};
  rules.text = parts_alone(&bench->parts, name, &rules.text_len);
  if (!rules.text) return EXIT_FAILED;
  cep_status status =
      cep_program_compile(bench->config, name, rules.text, rules.text_len, &rules.program, &err);
  if (status == CEP_OK) return add_subject(bench, name, &rules);
  fprintf(stderr, "cep %s: %s cannot be run alone: %s\n", bench->self->name, name, err.text);
  rules_free(&rules);
  return EXIT_FAILED;
}

static int choose_subjects(bench_state *bench)
{
  uint32_t count = cep_program_detection_count(bench->rules.program);
  bench->subjects = calloc((size_t)count + 1, sizeof *bench->subjects);
  if (!bench->subjects) return EXIT_FAILED;
  rule_file all = bench->rules;
  all.text = NULL;
  all.program = cep_program_ref(bench->rules.program);
  int code = add_subject(bench, "all rules", &all);
  if (!bench->is_each || code != EXIT_FINE) return code;
  cep_config_set_diagnostics(bench->config, NULL, NULL); /* told when all of it was compiled */
  if (!parts_find(&bench->parts, &bench->rules)) {
    fprintf(stderr, "cep %s: the detections of %s cannot be told apart\n", bench->self->name,
            bench->rules.path);
    return EXIT_FAILED;
  }
  for (uint32_t d = 0; d < count && code == EXIT_FINE; d++)
    code = add_alone(bench, cep_program_detection_name(bench->rules.program, d));
  return code;
}

/* ---- Reports ---------------------------------------------------------------------------------- */

static void print_subject(bench_state *bench, subject *of, FILE *json)
{
  result rate = result_of(of->name, of->rates, bench->rounds),
         ns = result_of(of->name, of->ns, bench->rounds);
  double bytes = (double)of->bytes / (double)of->records;
  printf("%-24s %11.0f %9.1f (%.1f .. %.1f) %8.1f %8.2f %8.1f %9llu\n", of->name, rate.median, ns.median,
         ns.min, ns.max, rate.median * bytes / 1e6, of->cpu_seconds / bench->rounds,
         (double)of->peak / 1048576, (unsigned long long)of->alerts);
  const result *then = results_find(&bench->earlier, of->name);
  if (then)
    printf("%-24s %11.0f before (%.0f .. %.0f): %.3g times, %s\n", "", then->median, then->min, then->max,
           rate.median / then->median, result_verdict(&rate, then));
  if (!json) return;
  result_write(json, &rate);
  fprintf(json,
          ",\"ns\":%.6g,\"bytes_per_second\":%.9g,\"cpu_seconds\":%.6g,\"memory\":%zu,\"records\":%llu,",
          ns.median, rate.median * bytes, of->cpu_seconds / bench->rounds, of->peak,
          (unsigned long long)of->records);
  fprintf(json, "\"alerts\":%llu,\"hash\":\"%016llx\",\"workers\":%u,\"rounds\":%u}\n",
          (unsigned long long)of->alerts, (unsigned long long)of->hash, bench->workers, bench->rounds);
}

static int report(bench_state *bench)
{
  const subject *all = &bench->subjects[0];
  FILE *json = NULL;
  if (bench->json_path && !(json = fopen(bench->json_path, "w"))) {
    fprintf(stderr, "cep %s: cannot write \"%s\"\n", bench->self->name, bench->json_path);
    return EXIT_FAILED;
  }
  printf("%s: %llu records, %llu bytes, %llu refused, %llu late; %u rounds\n\n", bench->rules.path,
         (unsigned long long)all->records, (unsigned long long)all->bytes, (unsigned long long)all->refused,
         (unsigned long long)all->late, bench->rounds);
  printf("%-24s %11s %9s (min .. max) %8s %8s %8s %9s\n", "", "records/s", "ns", "MB/s", "CPU s", "MiB",
         "alerts");
  for (size_t i = 0; i < bench->subject_count; i++) print_subject(bench, &bench->subjects[i], json);
  if (json && fclose(json) != 0) {
    fprintf(stderr, "cep %s: cannot write \"%s\"\n", bench->self->name, bench->json_path);
    return EXIT_FAILED;
  }
  return EXIT_FINE;
}

/* ---- The command line --------------------------------------------------------------------------- */

static int take_rounds(bench_state *bench, const char *text)
{
  int len = 0;
  if (sscanf(text, "%4u%n", &bench->rounds, &len) != 1 || text[len] || bench->rounds < 1 ||
      bench->rounds > ROUNDS_MAX)
    return usage_wrong(bench->self, "--rounds is a number from 1 to %d, not '%s'", ROUNDS_MAX, text);
  return EXIT_FINE;
}

#define ONCE "standard input can be read once only; a file is wanted"

static int take_option(bench_state *bench, int what, const char *value)
{
  switch (what) {
  case OPTION_OPERAND:
    if (bench->rules_path && strcmp(value, "-") == 0) return usage_wrong(bench->self, ONCE);
    if (bench->rules_path) return file_take(bench->self, &bench->inputs, value);
    bench->rules_path = value;
    return EXIT_FINE;
  case OPT_INPUT:
    if (strlen(value) > 2 && strcmp(value + strlen(value) - 2, "=-") == 0)
      return usage_wrong(bench->self, ONCE);
    return inputs_take(bench->self, &bench->inputs, value);
  case OPT_ROUNDS: return take_rounds(bench, value);
  case OPT_EACH: bench->is_each = 1; return EXIT_FINE;
  case OPT_WORKERS: return workers_take(bench->self, &bench->workers, value);
  case OPT_JSON: bench->json_path = value; return EXIT_FINE;
  case OPT_COMPARE: bench->compare_path = value; return EXIT_FINE;
  case OPT_TABLE: return tables_take(bench->self, &bench->tables, value);
  case OPT_SET: return setting_take(bench->self, bench->config, value);
  default: return EXIT_USAGE;
  }
}

/* A round reads all of it again. */
static int check_standard_input(const bench_state *bench)
{
  for (uint32_t i = 0; i < cep_program_input_count(bench->rules.program); i++) {
    const char *name = cep_program_input_name(bench->rules.program, i);
    if (strcmp(cep_program_input_place(bench->rules.program, i), "-") != 0 ||
        inputs_give(&bench->inputs, name))
      continue;
    return usage_wrong(
        bench->self,
        "input '%s' is read from standard input, which can be read once only; say --input %s=PATH", name,
        name);
  }
  return EXIT_FINE;
}

static int measure(bench_state *bench)
{
  if (bench->compare_path && !results_read(&bench->earlier, bench->compare_path)) return EXIT_FAILED;
  int code = rules_load(&bench->rules, bench->config, bench->rules_path);
  if (code == EXIT_FINE) code = inputs_check(bench->self, &bench->inputs, &bench->rules);
  if (code == EXIT_FINE) code = tables_check(bench->self, &bench->tables, &bench->rules);
  if (code == EXIT_FINE) code = check_standard_input(bench);
  if (code == EXIT_FINE) code = choose_subjects(bench);
  if (code == EXIT_FINE) code = run_rounds(bench);
  return code == EXIT_FINE ? report(bench) : code;
}

static void tear_down(bench_state *bench)
{
  for (size_t i = 0; i < bench->subject_count; i++) {
    rules_free(&bench->subjects[i].rules);
    free(bench->subjects[i].rates);
    free(bench->subjects[i].ns);
  }
  free(bench->subjects);
  parts_free(&bench->parts);
  results_free(&bench->earlier);
  rules_free(&bench->rules);
  cep_config_free(bench->config);
}

static int run_command(const command_spec *self, int argc, char **argv)
{
  static bench_state bench; /* large, and there is one */
  bench.self = self;
  bench.workers = 1;
  bench.rounds = 5;
  bench.memory.hook = (cep_allocator){.resize = resize, .ctx = &bench.memory};
  if (cep_config_new(&bench.memory.hook, &bench.config) < 0) return EXIT_FAILED;
  option_reader reader = option_reader_start(self, argc, argv);
  int code = EXIT_FINE, what = OPTION_END;
  while (code == EXIT_FINE && (what = option_next(&reader)) != OPTION_END && what != OPTION_HELP)
    code = take_option(&bench, what, reader.value);
  if (what != OPTION_HELP) {
    if (code == EXIT_FINE && !bench.rules_path) code = usage_wrong(self, "which rule file?");
    if (code == EXIT_FINE) code = measure(&bench);
  }
  tear_down(&bench);
  return code;
}

const command_spec command_bench = {
    .name = "bench",
    .operands = "RULES [FILE...]",
    .summary = "how fast a rule file is on records, in rounds; nothing is written",
    .options = options,
    .details = "An input that is not given is read from the place its rules name. Times are those of\n"
               "the clock, CPU seconds those of one round; MiB is what the rules held at the most.\n"
               "Alerts are made and counted, and must be the same in each round.\n"
               "exit code: 0 done; 1 the rules are wrong, or alerts differ between rounds; 2 usage;\n"
               "           3 reading or writing failed\n\n"
               "examples:\n"
               "  cep bench rules.cep --input Sshd=/var/log/auth.log\n"
               "  cep bench rules.cep --input Sshd=auth.log --each --json now.ndjson\n"
               "  cep bench rules.cep --input Sshd=auth.log --compare now.ndjson\n",
    .run = run_command,
};
