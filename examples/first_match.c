/*
 * first_match.c - three failed logins and a success, found in rows that a program pushes.
 *
 *   cc first_match.c $(pkg-config --cflags --libs cep) -o first_match && ./first_match
 */
#include <cep/cep.h>
#include <stdio.h>
#include <string.h>

static const char rules[] = "stream Login from stdin format json { time ts  user: string  ok: bool }\n"
                            "detect brute_force by user within 5m {\n"
                            "  match 3+ Login as fail where not ok\n"
                            "  then  Login as success where ok\n"
                            "  emit  { user: user, attempts: count(fail) }\n"
                            "}\n";

static cep_status print(void *ctx, const void *data, size_t len)
{
  return fwrite(data, 1, len, ctx) == len ? CEP_OK : CEP_E_IO;
}

static int on_match(void *ctx, const cep_match *match)
{
  (void)ctx;
  if (cep_match_write_json(match, print, stdout) < 0) return 1;
  return putchar('\n') == EOF;
}

static cep_status push(cep_input *input, int64_t second, const char *user, int ok, cep_error *err)
{
  cep_time time = second * 1000000000;
  cep_value fields[3] = {{CEP_TIME, 0, {.i = time}},
                         {CEP_STRING, (uint32_t)strlen(user), {.s = user}},
                         {CEP_BOOL, 0, {.i = ok}}};
  cep_event event = {sizeof event, 0, time, CEP_POSITION_NEXT, fields, 3};
  return cep_input_push(input, &event, err);
}

int main(void)
{
  cep_error err = {0};
  cep_config *config = NULL;
  cep_program *program = NULL;
  cep_engine *engine = NULL;
  cep_input *input = NULL;
  cep_status status = cep_config_new(NULL, &config);
  if (status == CEP_OK)
    status = cep_program_compile(config, "login.cep", rules, sizeof rules - 1, &program, &err);
  if (status == CEP_OK) status = cep_engine_new(config, program, on_match, NULL, &engine, &err);
  if (status == CEP_OK) status = cep_engine_input(engine, "Login", 0, &input, &err);
  for (int i = 0; i < 4 && status == CEP_OK; i++) status = push(input, i, "ann", i == 3, &err);
  if (status == CEP_OK) status = cep_engine_finish(engine, &err);
  if (status < 0) fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.text);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
  return status < 0;
}
