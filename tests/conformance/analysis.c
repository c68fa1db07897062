/*
 * analysis.c - what the static warnings claim, against what the engine finds.
 *
 *   analysis [--seed N] [--count M] [--from I] [--expect-difference]
 *
 * A condition that is called never or always true may be written as `false` or `true` with the
 * same outputs; what can never fire does not fire; of two detections that find the same both do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cep/base/bytes.h"
#include "tests/conformance/analysis.h"
#include "tests/support/case_args.h"

#define TOLD_MAX 24u
#define NUMBERS 1000u

typedef struct told {
  cep_error at[TOLD_MAX];
  uint32_t count;
} told;

static void keep(void *ctx, const cep_error *diagnostic)
{
  told *all = ctx;
  if (all->count < TOLD_MAX) all->at[all->count++] = *diagnostic;
}

/* ---- What a warning claims ---------------------------------------------------------------------- */

static int says(const cep_error *it, const char *words)
{
  return strstr(it->text, words) != NULL;
}

/* What the condition may be written as; NULL: it claims something else. */
static const char *instead(const cep_error *it)
{
  switch (it->code) {
  case 522:
  case 560: return "false";
  case 561: return "true";
  case 562: return says(it, "' is never true") ? "false" : "true";
  default: return NULL;
  }
}

static const char *replaced(cb_arena *arena, const char *text, const cep_error *it, const char *by)
{
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  cb_write_bytes(&w, text, it->offset);
  cb_write_text(&w, by);
  cb_write_text(&w, text + it->offset + it->length);
  const char *out = cb_arena_text(arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return out;
}

/* The detection that the words are in: the last that begins before them. */
static uint32_t detection_at(const plan *meaning, uint32_t offset)
{
  uint32_t found = 0;
  for (uint32_t i = 0; i < meaning->detection_count; i++) {
    if (meaning->detections[i].span.offset <= offset) found = i;
  }
  return found;
}

static uint32_t outputs_of(const scn_outcome *outcome, uint32_t detection)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < outcome->output_count; i++) count += outcome->outputs[i].detection == detection;
  return count;
}

/* For each match of `a` one of `b` from the same first event, and not later; `same`: the same captures. */
static int covers(const scn_outcome *outcome, uint32_t a, uint32_t b, int same)
{
  for (uint32_t i = 0; i < outcome->output_count; i++) {
    const scn_output *x = &outcome->outputs[i];
    int found = x->detection != a;
    for (uint32_t k = 0; k < outcome->output_count && !found; k++) {
      const scn_output *y = &outcome->outputs[k];
      if (y->detection != b || y->time > x->time || y->captures[0].tag != x->captures[0].tag) continue;
      found = !same || (y->capture_count == x->capture_count && y->time == x->time);
    }
    if (!found) return 0;
  }
  return 1;
}

static const char *judge(cb_arena *arena, const scenario *sc, const plan *meaning, const scn_outcome *first, const cep_error *it)
{
  const char *by = instead(it);
  uint32_t at = detection_at(meaning, it->offset);
  if (by) {
    scenario other = *sc;
    other.text = replaced(arena, sc->text, it, by);
    const scn_outcome *got = scn_engine(arena, &other, &scn_ways[0]);
    if (got->status < 0) return NULL; /* the words cannot be written so here */
    const char *wrong = scn_compare(arena, first, got, 0);
    if (wrong) return wrong;
  }
  if (says(it, "can never fire") && outputs_of(first, at) > 0) return "it has fired";
  if (it->code == 569 && (!covers(first, 0, 1, 1) || !covers(first, 1, 0, 1))) return "they find different matches";
  if (it->code == 570 && !covers(first, at, 1 - at, 0)) return "the other one has not fired";
  return NULL;
}

/* ---- All ------------------------------------------------------------------------------------------ */

typedef struct totals {
  uint64_t programs;
  uint64_t refused;
  uint64_t contradicted;
  uint64_t told[NUMBERS];
} totals;

static void run(cb_alloc *alloc, uint64_t seed, uint64_t number, totals *t)
{
  cb_arena arena;
  cb_prng prng;
  cb_arena_init(&arena, alloc);
  cb_prng_init(&prng, seed * 0x9E3779B97F4A7C15u + number);
  scenario sc;
  told all = {.count = 0};
  plan *meaning = NULL;
  cep_error err;
  ana_make(&arena, &prng, &sc);
  t->programs++;
  if (plan_compile(&arena, "case", sc.text, strlen(sc.text), keep, &all, &meaning, &err) < 0) {
    t->refused++;
    cb_arena_fini(&arena);
    return;
  }
  const scn_outcome *first = all.count > 0 ? scn_engine(&arena, &sc, &scn_ways[0]) : NULL;
  for (uint32_t i = 0; i < all.count; i++) {
    t->told[all.at[i].code % NUMBERS]++;
    const char *wrong = first->status < 0 ? NULL : judge(&arena, &sc, meaning, first, &all.at[i]);
    if (!wrong) continue;
    t->contradicted++;
    printf("# case %llu\n%s%u:%u: %u: %s\n  but: %s\n\n", (unsigned long long)number, sc.text, all.at[i].line, all.at[i].column, all.at[i].code,
           all.at[i].text, wrong);
  }
  cb_arena_fini(&arena);
}

/* So many of each at least, or it has not been tested. */
static int is_covered(const totals *t)
{
  static const uint32_t wanted[] = {522, 560, 561, 562, 563, 567, 568, 570};
  int covered = 1;
  for (uint32_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    if (t->told[wanted[i]] * 1000 >= t->programs) continue;
    printf("too few warnings %u\n", wanted[i]);
    covered = 0;
  }
  return covered;
}

int main(int argc, char **argv)
{
  case_args args = {.seed = 1, .count = 2000};
  for (int i = 1; i < argc; i++) {
    if (case_args_take(&args, argc, argv, &i)) continue;
    fprintf(stderr, "usage: analysis " CASE_ARGS "\n");
    return 2;
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  totals t;
  memset(&t, 0, sizeof t);
  for (uint64_t n = args.from; n < args.from + args.count && t.contradicted < 5; n++) run(&alloc, args.seed, n, &t);
  for (uint32_t i = 0; i < NUMBERS; i++) {
    if (t.told[i] > 0) printf("warning %u: %llu times\n", i, (unsigned long long)t.told[i]);
  }
  printf("%llu programs, %llu refused, %llu warnings contradicted\n", (unsigned long long)t.programs, (unsigned long long)t.refused,
         (unsigned long long)t.contradicted);
  if (args.expect_difference) return t.contradicted > 0 ? 0 : 1;
  return t.contradicted > 0 || !is_covered(&t);
}
