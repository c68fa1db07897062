/*
 * bench_suite.c - how fast the engine is beside loops written by hand, in one run: the command line.
 *
 *   bench_suite [LANE...] [--events N] [--rounds N] [--seed N] [--batch N] [--tiny] [--json FILE] [--compare
 * FILE] bench_suite --list
 *
 * A LANE is the beginning of names: `B1` is all of B1, `B1/1M` those of a million keys; none: all. --json
 * writes a line of JSON for each lane; --compare reads such a file and says which ratios have changed beyond
 * the spread of the rounds. --tiny runs everything small, for its answers and not for its times. --write
 * gives the events of a lane, for other engines. Exit code 1: answers differ; 2: the command line.
 */
#include "suite.h"

static const suite_lane *const tables[] = {lanes_seq3,    lanes_workers, lanes_waiting,
                                           lanes_kleene,  lanes_length,  lanes_rules,
                                           lanes_windows, lanes_json,    lanes_adversary};

typedef struct command_line {
  char **lanes; /* in place of the arguments */
  int lane_count;
  int is_list;
  const char *json, *compare, *write;
} command_line;

/* The beginning of a name stands for all that begin so; but what is written is one. */
static int is_wanted(const suite_plan *suite, const command_line *line, const char *name)
{
  for (int i = 0; i < line->lane_count; i++) {
    size_t len = suite->events_to ? strlen(name) + 1 : strlen(line->lanes[i]);
    if (strncmp(name, line->lanes[i], len) == 0) return 1;
  }
  return line->lane_count == 0 && !suite->events_to;
}

static int run_lanes(suite_plan *suite, const command_line *line)
{
  int found = 0;
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
    for (const suite_lane *lane = tables[t]; lane->name; lane++) {
      if (!is_wanted(suite, line, lane->name)) continue;
      found = 1;
      if (line->is_list)
        printf("%s\n", lane->name);
      else
        lane->run(suite, lane);
    }
  }
  if (!found) fprintf(stderr, "there is no such lane; --list shows them\n");
  return found;
}

static int take_text(command_line *line, const char *name, const char *value)
{
  if (strcmp(name, "--json") == 0)
    line->json = value;
  else if (strcmp(name, "--compare") == 0)
    line->compare = value;
  else if (strcmp(name, "--write") == 0)
    line->write = value;
  else
    return 0;
  return 1;
}

static int take_number(suite_plan *suite, const char *name, uint64_t number)
{
  if (number == 0) return 0;
  if (strcmp(name, "--events") == 0)
    suite->events = number;
  else if (strcmp(name, "--rounds") == 0 && number < SUITE_ROUNDS_MAX)
    suite->rounds = number;
  else if (strcmp(name, "--seed") == 0)
    suite->seed = number;
  else if (strcmp(name, "--batch") == 0)
    suite->batch = number;
  else
    return 0;
  return 1;
}

static int take_arguments(suite_plan *suite, command_line *line, int argc, char **argv)
{
  line->lanes = argv;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--list") == 0)
      line->is_list = 1;
    else if (strcmp(argv[i], "--tiny") == 0)
      suite->is_tiny = 1;
    else if (argv[i][0] != '-')
      line->lanes[line->lane_count++] = argv[i];
    else if (i + 1 == argc)
      return 0;
    else if (take_text(line, argv[i], argv[i + 1]) ||
             take_number(suite, argv[i], strtoull(argv[i + 1], NULL, 10)))
      i++;
    else
      return 0;
  }
  return 1;
}

static int open_for_writing(const char *path, FILE **file)
{
  if (!path || (*file = fopen(path, "wb"))) return 1;
  perror(path);
  return 0;
}

int main(int argc, char **argv)
{
  suite_plan self = {.rounds = 5, .seed = 88172645463325252u, .batch = 1024};
  command_line line = {.lane_count = 0};
  if (!take_arguments(&self, &line, argc, argv)) {
    fprintf(stderr,
            "bench_suite [LANE...] [--events N] [--rounds N] [--seed N] [--batch N] [--tiny] [--json FILE] "
            "[--compare FILE] [--write FILE] [--list]\n");
    return 2;
  }
  if (line.compare && !results_read(&self.earlier, line.compare)) return 2;
  if (!open_for_writing(line.json, &self.json) || !open_for_writing(line.write, &self.events_to)) return 2;
  if (!line.is_list && !line.write)
    printf("%-26s %llu rounds, seed %llu, batch.events %llu; ns: processor time of an event, median (min .. "
           "max)\n",
           "", (unsigned long long)self.rounds, (unsigned long long)self.seed,
           (unsigned long long)self.batch);
  int found = run_lanes(&self, &line);
  if (self.json && fclose(self.json) != 0) self.failed = 1;
  if (self.events_to && fclose(self.events_to) != 0) self.failed = 1;
  results_free(&self.earlier);
  if (!found) return 2;
  return self.failed;
}
