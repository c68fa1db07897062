/* test_engine_rows.c - rows pushed by the batch come to what they come to one by one. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/rules.h"

static const char rules[] = "input In from stdin format json { time ts ns  lateness 40ns }\n"
                            "stream E from In { k: int  type: int  v: float?  took: duration }\n"
                            "stream F from In { k: int  when: time }\n"
                            "detect chain by k within 500ns {\n"
                            "  match E as a where type == 0 then F as b then E as c where type == 1 and v > 0.5\n"
                            "  emit { took: c.took, seen: b.when, first: a.v }\n"
                            "}\n";

enum { ROWS = 3000, FIELDS = 5 };

typedef struct rows {
  cep_event events[ROWS];
  cep_value fields[ROWS][FIELDS];
} rows;

/* What an engine made of them. */
typedef struct told {
  char *text;
  size_t len;
  size_t size;
} told;

static void tell(told *all, const char *text, size_t len)
{
  assert_true(len < all->size - all->len);
  memcpy(all->text + all->len, text, len);
  all->len += len;
  all->text[all->len] = 0;
}

static cep_status write_match(void *ctx, const void *data, size_t len)
{
  tell(ctx, data, len);
  return CEP_OK;
}

static int on_match(void *ctx, const cep_match *match)
{
  assert_int_equal(cep_match_write_json(match, write_match, ctx), CEP_OK);
  return 0;
}

static void on_refused(void *ctx, const cep_refused *refused)
{
  char line[300];
  int len = snprintf(line, sizeof line, "%s %s\n", refused->reason, refused->detail ? refused->detail : "");
  tell(ctx, line, (size_t)len);
}

static uint32_t draw(uint64_t *seed, uint32_t below)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((*seed >> 33) % below);
}

/* Mostly rows alike; now and then one that is late, has a null, a number of another kind, or no place. */
static void draw_rows(rows *out, uint64_t seed, uint32_t odd)
{
  cep_time now = 1000;
  uint64_t position = 0;
  for (uint32_t i = 0; i < ROWS; i++) {
    cep_value *f = out->fields[i];
    int is_e = draw(&seed, 3) > 0;
    now += draw(&seed, 4);
    cep_time time = now - draw(&seed, 30) - (draw(&seed, odd) == 0 ? 60 : 0);
    if (draw(&seed, 4 * odd) == 0) time = CEP_TIME_MAX;
    f[0] = (cep_value){CEP_TIME, 0, {.i = time}};
    f[1] = (cep_value){CEP_INT, 0, {.i = draw(&seed, 5)}};
    f[2] = is_e ? (cep_value){CEP_INT, 0, {.i = draw(&seed, 3)}} : (cep_value){CEP_TIME, 0, {.i = now + 5}};
    f[3] = (cep_value){CEP_FLOAT, 0, {.f = draw(&seed, 10) / 8.0}};
    if (draw(&seed, odd) == 0) f[3] = (cep_value){CEP_NULL, 0, {0}};
    if (draw(&seed, odd) == 0) f[3] = (cep_value){CEP_INT, 0, {.i = 1}};
    f[4] = (cep_value){CEP_DURATION, 0, {.i = i}};
    if (draw(&seed, odd) == 0) f[1 + draw(&seed, 2)] = (cep_value){CEP_NULL, 0, {0}};
    position += 1 + draw(&seed, 2);
    out->events[i] = (cep_event){sizeof *out->events, !is_e, time, draw(&seed, 2) ? position : CEP_POSITION_NEXT, f, is_e ? 5 : 3};
  }
}

static void write_stats(const cep_engine *engine, told *out)
{
  char line[60];
  for (uint32_t which = 0; which < CEP_STAT_COUNT; which++) {
    int len = snprintf(line, sizeof line, "%u %llu\n", which, (unsigned long long)cep_engine_stat(engine, (cep_stat)which, CEP_NONE));
    tell(out, line, (size_t)len);
  }
}

/* `most` 1: one by one. */
static void run(const rows *given, uint32_t most, uint64_t seed, const char *batch, told *out)
{
  cep_config *config = rules_config();
  cep_engine *engine = NULL;
  cep_input *input = NULL;
  out->len = 0;
  cep_config_set_dead_letter(config, on_refused, out);
  cep_config_set_late(config, on_refused, out);
  assert_int_equal(cep_config_set(config, "batch.events", batch, NULL), CEP_OK);
  cep_program *program = rules_compile(config, rules);
  assert_int_equal(cep_engine_new(config, program, on_match, out, &engine, NULL), CEP_OK);
  assert_int_equal(cep_engine_input(engine, "In", 0, &input, NULL), CEP_OK);
  for (uint32_t at = 0; at < ROWS;) {
    uint32_t count = 1 + draw(&seed, most), taken = 0;
    if (count > ROWS - at) count = ROWS - at;
    cep_error err = {0};
    cep_status status = most == 1 ? cep_input_push(input, &given->events[at], &err) : cep_input_push_all(input, &given->events[at], count, &taken, &err);
    assert_string_equal(err.text, "");
    assert_true(status >= 0);
    at += most == 1 ? 1 : taken;
  }
  assert_int_equal(cep_engine_finish(engine, NULL), CEP_OK);
  write_stats(engine, out);
  cep_engine_free(engine);
  cep_program_free(program);
  cep_config_free(config);
}

static void rows_by_the_batch_come_to_what_they_come_to_alone(void **state)
{
  (void)state;
  static const char *const batches[] = {"1024", "64", "7", "1"};
  rows *given = calloc(1, sizeof *given);
  told alone = {.size = 4000000}, together = {.size = 4000000};
  alone.text = calloc(1, alone.size);
  together.text = calloc(1, together.size);
  for (uint64_t seed = 1; seed <= 12; seed++) {
    draw_rows(given, seed, seed % 3 == 0 ? 5 : seed % 3 == 1 ? 100 : 2000);
    const char *batch = batches[seed % 4];
    run(given, 1, seed, batch, &alone);
    run(given, 2 + (uint32_t)seed * 40, seed, batch, &together);
    assert_non_null(strstr(alone.text, "chain"));
    assert_string_equal(alone.text, together.text);
  }
  free(together.text);
  free(alone.text);
  free(given);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_by_the_batch_come_to_what_they_come_to_alone)};
  return cmocka_run_group_tests_name("runtime/engine_rows", tests, NULL, NULL);
}
