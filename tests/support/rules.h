/*
 * rules.h - rule text to a program, for tests that are about something else.
 *
 * Contract
 *   rules_compile gives a program or fails the test with the diagnostic and its place.
 */
#ifndef RULES_H
#define RULES_H

#include "cep/cep.h"
#include "tests/support/test.h"

static inline cep_config *rules_config(void)
{
  cep_config *config = NULL;
  assert_int_equal(cep_config_new(NULL, &config), CEP_OK);
  return config;
}

static inline cep_program *rules_compile(const cep_config *config, const char *text)
{
  cep_program *program = NULL;
  cep_error err = {0};
  cep_status status = cep_program_compile(config, "test.cep", text, strlen(text), &program, &err);
  if (status < 0) fail_msg("%s at %u:%u: %s", cep_status_name(status), err.line, err.column, err.text);
  return program;
}

#endif
