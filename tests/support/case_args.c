/* case_args.c - what all judges of random cases are asked on the command line. */
#include "tests/support/case_args.h"

#include <stdlib.h>
#include <string.h>

int case_args_take(case_args *args, int argc, char **argv, int *at)
{
  const char *word = argv[*at];
  if (strcmp(word, "--expect-difference") == 0) {
    args->expect_difference = 1;
    return 1;
  }
  uint64_t *to = strcmp(word, "--seed") == 0    ? &args->seed
                 : strcmp(word, "--count") == 0 ? &args->count
                 : strcmp(word, "--from") == 0  ? &args->from
                                                : NULL;
  if (!to || *at + 1 >= argc) return 0;
  *to = strtoull(argv[++*at], NULL, 10);
  return 1;
}

uint64_t case_seed(uint64_t seed, uint64_t number)
{
  return (seed + 1) * 0x9E3779B97F4A7C15u ^ (number * 0xBF58476D1CE4E5B9u + 0x94D049BB133111EBu);
}
