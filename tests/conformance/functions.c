/* functions.c - every function of the language over random values: the engine against the reference.
 *
 *   function_cases [--seed N] [--count M] [--only NAME]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfa/build.h"
#include "nfa/expr.h"
#include "tests/conformance/functions.h"
#include "tests/support/reference_parts.h"

/* Evaluations of one call, each over values of its own. */
#define ROWS 64

typedef struct tally {
  uint64_t values;
  uint64_t nulls;
  uint64_t refused; /* calls that do not compile */
  uint64_t differences;
} tally;

static void ignore_diagnostic(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

/* What is computed in another order may differ in the last digits. */
static int is_near(double a, double b, const char *name)
{
  double room = strcmp(name, "distance") == 0 ? 1e-3 : 1e-12 * (fabs(a) > fabs(b) ? fabs(a) : fabs(b));
  return a == b || (isnan(a) && isnan(b)) || fabs(a - b) <= room;
}

static int is_same(const cep_value *a, const cep_value *b, const char *name)
{
  if (a->kind == CEP_FLOAT && b->kind == CEP_FLOAT) return is_near(a->as.f, b->as.f, name);
  return cb_value_same(a, b);
}

static void print_value(const cep_value *value)
{
  cb_alloc alloc;
  cb_writer out;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&out, &alloc);
  cb_value_write_json(&out, value);
  printf("%.*s", (int)out.len, (const char *)out.data);
  cb_writer_fini(&out);
}

static void show(const plan *meaning, const char *call, const cep_value *values, const cep_value *expected, const cep_value *got)
{
  printf("%s\n ", call);
  for (uint32_t i = 1; i < meaning->streams[0].field_count; i++) {
    const char *name = meaning->streams[0].fields[i].name;
    if (!strstr(call, name)) continue;
    printf(" %s = ", name);
    print_value(&values[i]);
  }
  printf("\n  reference: ");
  print_value(expected);
  printf("\n  engine:    ");
  print_value(got);
  printf("\n");
}

static uint32_t column_of(const prg *program, const char *name)
{
  const prg_stream *stream = &program->streams[0];
  for (uint32_t i = 0; i < stream->fields.count; i++) {
    const prg_field *field = &program->fields[stream->fields.first + i];
    if (strcmp(prg_text(program, field->name), name) == 0) return field->column;
  }
  return PRG_NONE;
}

static void fill_row(const prg *program, const plan *meaning, cb_batch *batch, const cep_value *values)
{
  cb_batch_begin_row(batch, 1, 0, 1);
  for (uint32_t i = 1; i < meaning->streams[0].field_count; i++) {
    uint32_t column = column_of(program, meaning->streams[0].fields[i].name);
    if (column == PRG_NONE || values[i].kind == CEP_NULL) continue;
    cep_status status = cb_batch_set(batch, column, &values[i]);
    CB_ASSERT(status == CEP_OK);
  }
  cb_batch_end_row(batch);
}

/* One evaluation. */
static void judge(cb_arena *arena, const plan *meaning, const prg *program, const char *call, cb_prng *prng,
                  const fns_function *function, nfa_scratch *scratch, tally *t)
{
  const plan_stream *stream = &meaning->streams[0];
  const prg_stream *columns = &program->streams[0];
  cep_value *values = cb_arena_take(arena, stream->field_count * sizeof *values);
  CB_ASSERT(values);
  values[0] = cb_value_i(CEP_TIME, 1);
  for (uint32_t i = 1; i < stream->field_count; i++) values[i] = fns_value(arena, prng, call, stream->fields[i].kind);
  cb_batch batch;
  cep_status status = cb_batch_init(&batch, arena->alloc, 0, columns->columns.count, program->columns + columns->columns.first, 1);
  CB_ASSERT(status == CEP_OK);
  fill_row(program, meaning, &batch, values);
  nfa_scratch_reset(scratch);
  nfa_env env = {.program = program, .scratch = scratch, .batch = &batch};
  cep_value got = nfa_expr_eval(&env, program->lists[program->routes[0].keys.first]);
  ref_run run;
  ref_init(&run, arena, meaning, 0);
  ref_event event = {0, 1, 0, 0, 1, values, 1};
  ref_scope scope = {.run = &run, .event = &event};
  cep_value expected = ref_eval(&scope, meaning->detections[0].routes[0].keys[0]);
  t->values += expected.kind != CEP_NULL;
  t->nulls += expected.kind == CEP_NULL;
  if (!is_same(&expected, &got, function->name) && t->differences++ < 3) show(meaning, call, values, &expected, &got);
  ref_fini(&run);
  cb_batch_fini(&batch);
}

/* One call, compiled, over many rows. */
static void judge_call(cb_alloc *alloc, cb_prng *prng, const fns_function *function, uint64_t rows, tally *t)
{
  cb_arena arena;
  cb_writer call, rules, image;
  cb_arena_init(&arena, alloc);
  cb_writer_init(&call, alloc);
  cb_writer_init(&rules, alloc);
  cb_writer_init(&image, alloc);
  fns_call(&call, prng, function);
  cb_write_u8(&call, 0);
  cb_write_printf(&rules, "%sdetect d by k = %s within 1h { match S as e emit { x: 1 } }", FNS_STREAM, (const char *)call.data);
  plan *meaning = NULL;
  prg *program = NULL;
  cep_error err = {0};
  cep_status status = plan_compile(&arena, "call", (const char *)rules.data, rules.len, ignore_diagnostic, NULL, &meaning, &err);
  if (status >= 0) status = nfa_build(alloc, meaning, &image, &err);
  if (status >= 0) status = prg_load(NULL, image.data, image.len, &program, &err);
  if (status < 0) {
    if (t->refused++ == 2) printf("%s does not compile: %s\n", (const char *)call.data, err.text);
  } else {
    nfa_scratch scratch;
    status = nfa_scratch_init(&scratch, alloc, program, 1000000, 1 << 20);
    CB_ASSERT(status == CEP_OK);
    for (; rows > 0; rows--) judge(&arena, meaning, program, (const char *)call.data, prng, function, &scratch, t);
    nfa_scratch_fini(&scratch);
    prg_unref(program);
  }
  cb_writer_fini(&image);
  cb_writer_fini(&rules);
  cb_writer_fini(&call);
  cb_arena_fini(&arena);
}

int main(int argc, char **argv)
{
  uint64_t seed = 1, count = 100000;
  const char *only = NULL;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) seed = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--count") == 0 && i + 1 < argc) count = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) only = argv[++i];
    else return fprintf(stderr, "usage: function_cases [--seed N] [--count M] [--only NAME]\n"), 2;
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  uint64_t calls = count / fns_function_count / ROWS + 1, evaluations = 0, differences = 0;
  int is_covered = 1;
  printf("%-16s %10s %10s %10s\n", "function", "values", "nulls", "differ");
  for (uint32_t f = 0; f < fns_function_count; f++) {
    const fns_function *function = &fns_functions[f];
    tally t = {0, 0, 0, 0};
    if (only && strcmp(only, function->name) != 0) continue;
    cb_prng prng;
    cb_prng_init(&prng, seed * 1000 + f);
    for (uint64_t n = 0; n < calls; n++) judge_call(&alloc, &prng, function, ROWS, &t);
    printf("%-16s %10llu %10llu %10llu\n", function->name, (unsigned long long)t.values, (unsigned long long)t.nulls, (unsigned long long)t.differences);
    evaluations += t.values + t.nulls;
    differences += t.differences;
    is_covered &= t.values >= calls && t.nulls >= calls; /* enough of both to mean something */
  }
  printf("%llu evaluations, %llu differences%s\n", (unsigned long long)evaluations, (unsigned long long)differences, is_covered ? "" : "; too few values or nulls of some function");
  return differences > 0 || !is_covered;
}
