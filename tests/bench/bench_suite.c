/*
 * bench_suite.c - how fast the engine is beside loops written by hand, in one run: the command line.
 *
 *   bench_suite [LANE...] [--events N] [--rounds N] [--seed N] [--batch N] [--tiny] [--json FILE] [--compare
 * FILE] bench_suite --list
 *
 * A LANE is the beginning of names: `B1` is all of B1, `B1/1M` those of a million keys; none: all. --json
 * writes a line of JSON for each lane; --compare reads such a file and says which ratios have changed beyond
 * the spread of the rounds. --tiny runs everything small, for its answers and not for its times. Exit code 1:
 * answers differ; 2: the command line.
 */
#include "suite.h"

static const suite_lane *const tables[] = {lanes_seq3, lanes_kleene, lanes_length, lanes_rules, lanes_windows, lanes_json, lanes_adversary};

static int is_wanted(const char *name, char *const *wanted, int count)
{
  if (count == 0) return 1;
  for (int i = 0; i < count; i++)
    if (strncmp(name, wanted[i], strlen(wanted[i])) == 0) return 1;
  return 0;
}

static int run_lanes(suite_plan *suite, char *const *wanted, int count, int is_list)
{
  int found = 0;
  for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
    for (const suite_lane *lane = tables[t]; lane->name; lane++) {
      if (!is_wanted(lane->name, wanted, count)) continue;
      found = 1;
      if (is_list)
        printf("%s\n", lane->name);
      else
        lane->run(suite, lane);
    }
  }
  if (!found) fprintf(stderr, "there is no such lane; --list shows them\n");
  return found;
}

static int usage(void)
{
  fprintf(stderr, "bench_suite [LANE...] [--events N] [--rounds N] [--seed N] [--batch N] [--tiny] [--json "
                  "FILE] [--compare FILE] [--list]\n");
  return 2;
}

int main(int argc, char **argv)
{
  suite_plan self = {.rounds = 5, .seed = 88172645463325252u, .batch = 1024};
  const char *json = NULL, *compare = NULL;
  int count = 0, is_list = 0;
  char **wanted = argv;
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    uint64_t number = value ? strtoull(value, NULL, 10) : 0;
    if (strcmp(argv[i], "--list") == 0)
      is_list = 1;
    else if (strcmp(argv[i], "--tiny") == 0)
      self.is_tiny = 1;
    else if (argv[i][0] != '-')
      wanted[count++] = argv[i];
    else if (!value)
      return usage();
    else if (strcmp(argv[i], "--json") == 0)
      json = argv[++i];
    else if (strcmp(argv[i], "--compare") == 0)
      compare = argv[++i];
    else if (number == 0)
      return usage();
    else if (strcmp(argv[i], "--events") == 0)
      self.events = number, i++;
    else if (strcmp(argv[i], "--rounds") == 0 && number < SUITE_ROUNDS_MAX)
      self.rounds = number, i++;
    else if (strcmp(argv[i], "--seed") == 0)
      self.seed = number, i++;
    else if (strcmp(argv[i], "--batch") == 0)
      self.batch = number, i++;
    else
      return usage();
  }
  if (compare && !results_read(&self.earlier, compare)) return 2;
  if (json && !(self.json = fopen(json, "w"))) {
    perror(json);
    return 2;
  }
  if (!is_list)
    printf("%-26s %llu rounds, seed %llu, batch.events %llu; ns: processor time of an event, median (min .. "
           "max)\n",
           "", (unsigned long long)self.rounds, (unsigned long long)self.seed,
           (unsigned long long)self.batch);
  int found = run_lanes(&self, wanted, count, is_list);
  if (self.json && fclose(self.json) != 0) self.failed = 1;
  results_free(&self.earlier);
  if (!found) return 2;
  return self.failed;
}
