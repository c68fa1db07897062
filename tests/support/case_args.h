/*
 * case_args.h - what all judges of random cases are asked on the command line.
 *
 *   --seed N   --count M   --from I   --expect-difference
 *
 * Contract
 *   The caller sets `count` and the seed it begins with, and walks over argv; what is not one of these is its own.
 */
#ifndef TESTS_CASE_ARGS_H
#define TESTS_CASE_ARGS_H

#include <stdint.h>

#define CASE_ARGS "[--seed N] [--count M] [--from I] [--expect-difference]"

typedef struct case_args {
  uint64_t seed;
  uint64_t count;
  uint64_t from; /* number of the first case */
  int expect_difference;
} case_args;

/* 1: argv[*at] was one of them; *at then stands at the last word of it. */
int case_args_take(case_args *args, int argc, char **argv, int *at);
/* The seed of one case. */
uint64_t case_seed(uint64_t seed, uint64_t number);

#endif
