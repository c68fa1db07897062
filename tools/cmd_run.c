/* cmd_run.c - `cep run`: rules over files and pipes, alerts in a form that fits. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "alerts.h"
#include "arguments.h"
#include "commands.h"
#include "counters.h"
#include "inferred.h"
#include "progress.h"
#include "summary.h"
#include "terminal.h"

enum { OPT_INPUT, OPT_OUTPUT, OPT_LATE, OPT_DEAD, OPT_STATS, OPT_FOLLOW, OPT_TABLE, OPT_WORKERS, OPT_SET, OPT_NO_SCAN, OPT_WAITING, OPT_WHY, OPT_FORMAT, OPT_VERBOSE, OPT_DETECTION, OPT_EXIT_ALERT, OPT_EVALUATOR, OPT_RULE, OPT_QUIET };
static const option_spec options[] = {
    [OPT_INPUT] = {"input", "NAME=PATH", "read this input from a file, files ('*.gz') or '-' (again: next partition)", 'i'},
    [OPT_OUTPUT] = {"output", "PATH", "alerts to a file instead of standard output", 'o'},
    [OPT_LATE] = {"late", "PATH", "late records to a file", 0},
    [OPT_DEAD] = {"dead-letter", "PATH", "records that could not be read to a file", 0},
    [OPT_STATS] = {"stats", "json[=PATH]", "all counters as one JSON object: on stderr in place of the summary, or to a file", 0},
    [OPT_FOLLOW] = {"follow", NULL, "go on when files grow; end with Ctrl-C", 'f'},
    [OPT_TABLE] = {"table", "NAME=PATH", "read this table from another file than the rules say", 0},
    [OPT_WORKERS] = {"workers", "N", "threads that the keys are shared out over; 0, or if not given: as many as there are cores", 'w'},
    [OPT_SET] = {"set", "KEY=VALUE", "a setting, e.g. record.max=64KiB", 0},
    [OPT_NO_SCAN] = {"no-scan", NULL, "do not look through files for the lateness they need, where the rules declare none", 0},
    [OPT_WAITING] = {"why-waiting", NULL, "say on stderr which input the run waits for, since when, and what waits", 0},
    [OPT_WHY] = {"why", "NAME[=KEY]", "the story of a detection in place of alerts: what its partial matches took, and why they ended", 0},
    [OPT_FORMAT] = {"format", "ndjson|text|csv", "of alerts; text is the default on a terminal, else ndjson", 0},
    [OPT_VERBOSE] = {"verbose", NULL, "text: with the events of each alert on a time line", 'v'},
    [OPT_DETECTION] = {"detection", "NAME", "only alerts of this detection (again: of this one, too)", 0},
    [OPT_EXIT_ALERT] = {"exit-alert", NULL, "exit code 3 if there were alerts; then 4 if reading or writing failed", 0},
    [OPT_RULE] = {"rule", "TEXT", "rules from the command line, over inferred declarations or behind those of RULES", 'e'},
    [OPT_EVALUATOR] = {"evaluator", "NAME", NULL, 0},
    [OPT_QUIET] = {"quiet", NULL, "no summary, no line of progress", 'q'},
    {NULL, NULL, NULL, 0},
};

#define OPERANDS_MAX (INPUTS_MAX + 1)

typedef struct run_state {
  const command_spec *self;
  const char *operands[OPERANDS_MAX]; /* rules, then records; with `rule` there may be records only */
  uint32_t operand_count;
  const char *rules_path; /* NULL: only `rule` */
  const char *rule;       /* text of the command line, or NULL */
  inferred found;
  input_paths inputs;
  table_paths tables;
  const char *paths[OPT_QUIET]; /* of OPT_OUTPUT to OPT_STATS */
  int is_following;
  uint32_t workers; /* 0: one for each core */
  int is_quiet;
  int counts_to_stderr;
  int shows_alerts; /* on a terminal, each at once */
  int exits_by_alert;
  alert_output alerts;
  int is_unscanned;
  cep_config *config;
  rule_file rules;
  cep_sink *sinks[OPT_QUIET]; /* likewise */
  cep_engine *engine;
  cep_pipeline *pipeline;
  run_summary summary;
  run_progress progress;
} run_state;

/* With --exit-alert. */
enum { EXIT_ALERTS = 3, EXIT_FAILED_OF_ALERTS = 4 };

/* ---- The command line ----------------------------------------------------------------- */

static int take_stats(run_state *run, const char *value)
{
  if (strncmp(value, "json", 4) != 0 || (value[4] && (value[4] != '=' || !value[5])))
    return usage_wrong(run->self, "--stats is json or json=PATH, not '%s'", value);
  run->counts_to_stderr = !value[4];
  run->paths[OPT_STATS] = value[4] ? value + 5 : NULL;
  return EXIT_FINE;
}

static int take_option(run_state *run, int what, const char *value)
{
  switch (what) {
  case OPTION_OPERAND:
    if (run->operand_count == OPERANDS_MAX) return usage_wrong(run->self, "more than %d files", OPERANDS_MAX);
    run->operands[run->operand_count++] = value;
    return EXIT_FINE;
  case OPT_INPUT: return inputs_take(run->self, &run->inputs, value);
  case OPT_TABLE: return tables_take(run->self, &run->tables, value);
  case OPT_WORKERS: return workers_take(run->self, &run->workers, value);
  case OPT_SET: return setting_take(run->self, run->config, value);
  case OPT_STATS: return take_stats(run, value);
  case OPT_NO_SCAN: run->is_unscanned = 1; return EXIT_FINE;
  case OPT_EVALUATOR: return evaluator_take(run->self, run->config, value);
  case OPT_FOLLOW: run->is_following = 1; return EXIT_FINE;
  case OPT_WHY: return alerts_take_story(run->self, &run->alerts, value);
  case OPT_WAITING: run->progress.tells_why = 1; return EXIT_FINE;
  case OPT_FORMAT: return alerts_take_format(run->self, &run->alerts, value);
  case OPT_VERBOSE: run->alerts.has_events = 1; return EXIT_FINE;
  case OPT_DETECTION: return alerts_take_detection(run->self, &run->alerts, value);
  case OPT_RULE: run->rule = value; return EXIT_FINE;
  case OPT_EXIT_ALERT: run->exits_by_alert = 1; return EXIT_FINE;
  case OPT_QUIET: run->is_quiet = 1; return EXIT_FINE;
  case OPTION_WRONG: return EXIT_USAGE;
  default: run->paths[what] = value; return EXIT_FINE;
  }
}

/* ---- Setting up --------------------------------------------------------------------------- */

static void on_dead_letter(void *ctx, const cep_refused *refused)
{
  run_state *run = ctx;
  if (!refused->is_table) summary_refused(&run->summary, refused);
  if (run->sinks[OPT_DEAD]) cep_sink_refused(run->sinks[OPT_DEAD], refused);
}

static int open_sinks(run_state *run)
{
  cep_error err;
  if (!run->paths[OPT_OUTPUT]) run->paths[OPT_OUTPUT] = "-";
  for (int i = OPT_OUTPUT; i <= OPT_STATS; i++) {
    if (!run->paths[i]) continue;
    for (int before = OPT_OUTPUT; before < i; before++)
      if (run->paths[before] && strcmp(run->paths[before], run->paths[i]) == 0)
        return usage_wrong(run->self, "--%s and --%s are the same place", options[before].name,
                           options[i].name);
    if (cep_sink_file(run->config, run->paths[i], &run->sinks[i], &err) < 0) return command_failed(run->self, &err);
  }
  cep_config_set_dead_letter(run->config, on_dead_letter, run);
  if (run->sinks[OPT_LATE]) cep_config_set_late(run->config, cep_sink_refused, run->sinks[OPT_LATE]);
  return EXIT_FINE;
}

/* Opening an output empties it: an input or the rules given by mistake would be lost. */
static int is_output(const run_state *run, const char *path)
{
  struct stat of_path, of_output;
  if (stat(path, &of_path) < 0 || !S_ISREG(of_path.st_mode)) return 0;
  for (int i = OPT_OUTPUT; i <= OPT_STATS; i++)
    if (run->paths[i] && stat(run->paths[i], &of_output) == 0 && of_output.st_dev == of_path.st_dev &&
        of_output.st_ino == of_path.st_ino)
      return 1;
  return 0;
}

static int check_input_files(const run_state *run, const char *path)
{
  file_list files;
  int code = EXIT_FINE;
  if (file_list_find(&files, &path)) /* else opening it will tell */
    for (size_t i = 0; i < files.count && code == EXIT_FINE; i++)
      if (is_output(run, files.paths[i]))
        code = usage_wrong(run->self, "'%s' is read, it cannot be written", files.paths[i]);
  file_list_free(&files);
  return code;
}

static int check_table_files(const run_state *run)
{
  int code = EXIT_FINE;
  for (uint32_t i = 0; i < cep_program_table_count(run->rules.program) && code == EXIT_FINE; i++) {
    char *path = tables_path(&run->tables, &run->rules, i);
    if (!path) return EXIT_FAILED;
    if (is_output(run, path)) code = usage_wrong(run->self, "'%s' is read, it cannot be written", path);
    free(path);
  }
  return code;
}

static int check_outputs(const run_state *run)
{
  if (run->rules_path && is_output(run, run->rules_path))
    return usage_wrong(run->self, "'%s' is read, it cannot be written", run->rules_path);
  int code = EXIT_FINE;
  for (uint32_t i = 0; i < run->inputs.count && code == EXIT_FINE; i++)
    code = check_input_files(run, run->inputs.given[i].path);
  for (uint32_t i = 0; i < cep_program_input_count(run->rules.program) && code == EXIT_FINE; i++)
    code = check_input_files(run, cep_program_input_place(run->rules.program, i));
  return code == EXIT_FINE ? check_table_files(run) : code;
}

static void on_table(void *ctx, const char *name, const char *path, cep_status status, const cep_error *err)
{
  run_state *run = ctx;
  progress_clear(&run->progress);
  if (status < 0)
    fprintf(stderr, "cep run: table %s keeps its rows: %s\n", name, err->text);
  else if (!run->is_quiet)
    fprintf(stderr, "cep run: table %s has been read again from %s\n", name, path);
}

/* On a terminal there may be a line of progress, which an alert takes the place of. */
static int on_alert(void *ctx, const cep_match *match)
{
  run_state *run = ctx;
  int stops = alerts_write(&run->alerts, match);
  if (!run->shows_alerts) return stops;
  progress_clear(&run->progress);
  return cep_sink_flush(run->sinks[OPT_OUTPUT], NULL) != CEP_OK;
}

static cep_status set_up_progress(run_state *run, cep_error *err)
{
  run->progress.pipeline = run->pipeline;
  run->progress.engine = run->engine;
  run->progress.draws = !run->is_quiet && terminal_draws(STDERR_FILENO) && !(run->shows_alerts && run->alerts.story);
  run->progress.colours = terminal_colours(STDERR_FILENO);
  return progress_start(&run->progress, err);
}

static int is_rule_file(const char *path)
{
  size_t len = strlen(path);
  return len >= 4 && strcmp(path + len - 4, ".cep") == 0;
}

/* What is not there, or is a directory, is told of by who opens it. */
static int can_be_read_once_only(const char *path)
{
  struct stat of;
  return strcmp(path, "-") == 0 || (stat(path, &of) == 0 && !S_ISREG(of.st_mode) && !S_ISDIR(of.st_mode));
}

/* Which of the files are rules: the first, but beside rules of the command line only if it is called so. */
static int sort_operands(run_state *run)
{
  uint32_t first = run->operand_count > 0 && (!run->rule || is_rule_file(run->operands[0]));
  if (first) run->rules_path = run->operands[0];
  if (!first && !run->rule) return usage_wrong(run->self, "which rule file?");
  if (!first && run->operand_count == 0) return usage_wrong(run->self, "which file are the rules of -e for?");
  int code = EXIT_FINE;
  for (uint32_t i = first; i < run->operand_count && code == EXIT_FINE; i++) {
    code = file_take(run->self, &run->inputs, run->operands[i]);
    if (!first && code == EXIT_FINE) code = inferred_file(&run->found, run->operands[i]);
    if (!first && can_be_read_once_only(run->operands[i]))
      code = usage_wrong(run->self, "'%s' is a pipe, which cannot be looked at first: put it into a file, or write its "
                                    "declarations with 'cep infer'", run->operands[i]);
  }
  return code;
}

static int load_inferred(run_state *run)
{
  run->found.command = run->self;
  int code = inferred_make(&run->found);
  if (code != EXIT_FINE) return code;
  run->rules.path = "inferred";
  run->rules.is_inferred = run->is_unscanned = 1; /* all times have been read */
  code = rules_load_text(&run->rules, run->config, run->found.text, run->found.text_len, run->rule);
  if (code == EXIT_WRONG) inferred_show(&run->found);
  return code;
}

static int load_rules(run_state *run)
{
  if (!run->rule) return rules_load(&run->rules, run->config, run->rules_path);
  if (!run->rules_path) return load_inferred(run);
  char *text;
  size_t len;
  int code = EXIT_FAILED;
  run->rules.path = run->rules_path;
  if (rules_read_file(run->rules_path, &text, &len)) code = rules_load_text(&run->rules, run->config, text, len, run->rule);
  free(text);
  return code;
}

static int set_up(run_state *run)
{
  int code = load_rules(run);
  if (code == EXIT_FINE) code = inputs_check(run->self, &run->inputs, &run->rules);
  if (code == EXIT_FINE) code = tables_check(run->self, &run->tables, &run->rules);
  if (code == EXIT_FINE) code = check_outputs(run);
  if (code == EXIT_FINE) code = open_sinks(run);
  if (code != EXIT_FINE) return code;
  run->shows_alerts = strcmp(run->paths[OPT_OUTPUT], "-") == 0 && isatty(STDOUT_FILENO);
  alerts_set_story(&run->alerts, run->config);
  if (run->alerts.story) run->workers = 1;
  code = alerts_begin(run->self, &run->alerts, run->rules.program, run->sinks[OPT_OUTPUT], run->shows_alerts);
  if (code != EXIT_FINE) return code;
  cep_error err;
  cep_status status = cep_engine_new(run->config, run->rules.program, on_alert, run, &run->engine, &err);
  if (status == CEP_OK) status = cep_pipeline_new(run->config, run->engine, &run->pipeline, &err);
  if (status == CEP_OK) status = cep_pipeline_workers(run->pipeline, run->workers, &err);
  for (int i = OPT_OUTPUT; i <= OPT_STATS && status == CEP_OK; i++)
    if (run->sinks[i]) status = cep_pipeline_sink(run->pipeline, run->sinks[i], &err);
  if (status == CEP_OK && run->is_following) status = cep_pipeline_follow(run->pipeline, NULL, NULL, &err);
  if (status == CEP_OK) status = cep_pipeline_on_table(run->pipeline, on_table, run, &err);
  if (status == CEP_OK) status = set_up_progress(run, &err);
  if (status < 0) return command_failed(run->self, &err);
  code = tables_open(run->self, &run->tables, &run->rules, run->pipeline);
  return code == EXIT_FINE ? inputs_open(run->self, &run->inputs, &run->rules, run->pipeline) : code;
}

/* ---- Running -------------------------------------------------------------------------------- */

/* A signal handler can reach nothing but globals. */
static cep_pipeline *volatile running;
static volatile sig_atomic_t signal_seen;

static void on_signal(int number)
{
  signal_seen = number;
  if (running) cep_pipeline_stop(running);
}

/* The first one ends the run in good order, the second at once. Who started us with the
 * signal ignored (nohup, a shell's background job) keeps it so. */
static void catch_signal(int number)
{
  struct sigaction before, stop = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
  if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(number, &stop, NULL);
}

static void catch_signals(void)
{
  catch_signal(SIGINT);
  catch_signal(SIGTERM);
  signal(SIGPIPE,
         SIG_IGN); /* a closed pipe is then a failed write, and the other outputs are still written */
}

static double clock_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int write_counters(run_state *run)
{
  if (run->counts_to_stderr) {
    counters_write(stderr, &run->summary);
    fputc('\n', stderr);
  }
  if (!run->sinks[OPT_STATS]) return EXIT_FINE;
  char *text = NULL;
  size_t len = 0;
  FILE *memory = open_memstream(&text, &len);
  if (memory) counters_write(memory, &run->summary);
  int is_written = memory && fclose(memory) == 0;
  cep_error err = {.text = "no memory for the counters"};
  if (is_written) {
    cep_sink_line(run->sinks[OPT_STATS], text, len);
    is_written = cep_sink_flush(run->sinks[OPT_STATS], &err) == CEP_OK;
  }
  free(text);
  return is_written ? EXIT_FINE : command_failed(run->self, &err);
}

/* What there is to say when it is over. */
static int conclude(run_state *run, cep_status status, double seconds)
{
  cep_pipeline_counts counts = {.size = sizeof counts};
  (void)cep_pipeline_count(run->pipeline, &counts);
  run->summary.program = run->rules.program;
  run->summary.engine = run->engine;
  run->summary.seconds = seconds;
  run->summary.bytes = counts.bytes;
  run->summary.empty_lines = counts.empty_lines;
  run->summary.dead_letter_path = run->paths[OPT_DEAD];
  run->summary.late_path = run->paths[OPT_LATE];
  if (run->alerts.story && !run->alerts.has_told && status == CEP_OK)
    fprintf(stderr, "--why has nothing to tell: no event came for %s%s%s\n", run->alerts.story,
            run->alerts.story_key ? " with the key " : "", run->alerts.story_key ? run->alerts.story_key : "");
  if (!run->is_quiet && !run->counts_to_stderr) summary_print(&run->summary, status != CEP_OK);
  if ((!run->is_quiet && !run->counts_to_stderr) || run->progress.tells_why) progress_end(&run->progress, status != CEP_OK);
  return write_counters(run);
}

static int run_pipeline(run_state *run)
{
  cep_error err;
  running = run->pipeline;
  catch_signals();
  int code = run->is_unscanned ? EXIT_FINE : inputs_scan(run->self, &run->rules, run->pipeline, run->is_quiet || run->counts_to_stderr);
  if (code != EXIT_FINE) { /* not when it was stopped meanwhile: the run ends as it begins */
    running = NULL;
    return code;
  }
  double start = clock_seconds();
  cep_status status = cep_pipeline_run(run->pipeline, &err);
  running = NULL;
  progress_clear(&run->progress);
  if (status < 0) (void)command_failed(run->self, &err);
  if (status == CEP_STOPPED && !signal_seen) {
    signal(SIGPIPE, SIG_DFL); /* the reader has gone: end as any filter does */
    raise(SIGPIPE);
  }
  code = conclude(run, status, clock_seconds() - start);
  if (code != EXIT_FINE) return code;
  if (status < 0) return EXIT_FAILED;
  return status == CEP_STOPPED ? 128 + (int)signal_seen : EXIT_FINE;
}

static void tear_down(run_state *run)
{
  cep_pipeline_free(run->pipeline);
  cep_engine_free(run->engine);
  for (int i = OPT_OUTPUT; i <= OPT_STATS; i++) cep_sink_free(run->sinks[i]);
  alerts_end(&run->alerts);
  rules_free(&run->rules);
  inferred_free(&run->found);
  cep_config_free(run->config);
}

static int run_command(const command_spec *self, int argc, char **argv)
{
  static run_state run; /* large, and there is one */
  run.self = self;
  if (cep_config_new(NULL, &run.config) < 0) return EXIT_FAILED;
  option_reader reader = option_reader_start(self, argc, argv);
  int code = EXIT_FINE, what = OPTION_END;
  while (code == EXIT_FINE && (what = option_next(&reader)) != OPTION_END && what != OPTION_HELP)
    code = take_option(&run, what, reader.value);
  if (what != OPTION_HELP) {
    if (code == EXIT_FINE) code = sort_operands(&run);
    if (code == EXIT_FINE) code = set_up(&run);
    if (code == EXIT_FINE) code = run_pipeline(&run);
  }
  tear_down(&run);
  if (run.exits_by_alert && code == EXIT_FAILED) return EXIT_FAILED_OF_ALERTS;
  return run.exits_by_alert && code == EXIT_FINE && run.alerts.count ? EXIT_ALERTS : code;
}

const command_spec command_run = {
    .name = "run",
    .operands = "RULES [FILE...] | -e TEXT [RULES.cep] FILE...",
    .summary = "run a rule file over records; alerts come out as text, NDJSON or CSV",
    .options = options,
    .details = "FILEs are read by the only input of the rules that no --input gives. An input that\n"
               "is not given is read from the place its rules name (from file \"...\").\n"
               "Several --input for one input are its partitions 0, 1, ... in the order given;\n"
               "the files of a pattern are one partition, read in the order of their first events.\n"
               "What is packed by gzip or zstd is unpacked.\n"
               "Alerts are one line of text each on a terminal, else one JSON object a line.\n"
               "exit code: 0 done, with or without alerts; 1 the rules are wrong; 2 usage;\n"
               "           3 reading or writing failed; 130 interrupted: what was decided is written\n\n"
               "examples:\n"
               "  cep run rules.cep /var/log/auth.log\n"
               "  cep -e 'detect many by ip within 1m { match 5 FailedPassword as f }' /var/log/auth.log\n"
               "  cep run rules.cep --input Sshd=a.log --input Sshd=b.log --dead-letter bad.ndjson\n"
               "  cep run rules.cep --input 'Sshd=/var/log/auth.log*'\n"
               "  cep run rules.cep --input Sshd=/var/log/auth.log --follow\n"
               "  cep run rules.cep --format csv --detection brute_force > brute_force.csv\n"
               "  journalctl -f | cep run rules.cep --input Sshd=- | tee alerts.ndjson\n",
    .run = run_command,
};
