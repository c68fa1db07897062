/*
 * junit.h - results of tests in the XML of JUnit, which build servers read.
 *
 * Contract
 *   One suite for each rule file, begun before its tests; one that has errors is a suite with one error. Gathered in memory, as
 * counts stand before what they count; written by junit_write. A test's time is that since the one before it.
 */
#ifndef TOOLS_JUNIT_H
#define TOOLS_JUNIT_H

#include <stdio.h>

#include "cep/cep.h"

typedef struct junit {
  FILE *memory; /* of the suite at hand; NULL: nothing is wanted */
  char *text;
  size_t len;
  FILE *all; /* suites that are over */
  char *all_text;
  size_t all_len;
  const char *file;
  unsigned tests;
  unsigned failures;
  unsigned errors;
  double then;
} junit;

/* 0: no memory. */
int junit_begin(junit *out);
void junit_suite(junit *out, const char *file);
void junit_result(junit *out, const cep_test_result *result);
/* The file has errors, or its tests could not run. */
void junit_error(junit *out, const char *why);
void junit_suite_end(junit *out);
/* 0: told on stderr. Ends what junit_begin began. */
int junit_write(junit *out, const char *path);

#endif
