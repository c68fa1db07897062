/*
 * bounds.c - the bounds of a key's state, held against the engine in random programs.
 *
 *   bounds [--seed N] [--count M]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfa/bound.h"
#include "nfa/build.h"
#include "tests/support/gen.h"

#define DETECTIONS_MAX 8u

typedef struct watched {
  nfa_bound bounds[DETECTIONS_MAX];
  int is_matcher[DETECTIONS_MAX];
  uint32_t count;
  uint64_t looks;    /* with a partial match */
  uint64_t at_bound; /* as many as are possible */
  uint64_t endless;
  char wrong[200];
} watched;

/* Over all keys: what grows with n grows faster than in proportion, the rest is once for each key. */
static void look(void *ctx, const cep_engine *engine)
{
  watched *all = ctx;
  for (uint32_t d = 0; d < all->count; d++) {
    if (!all->is_matcher[d]) continue;
    nfa_amount amount = all->bounds[d].partials;
    uint64_t partials = cep_engine_stat(engine, CEP_STAT_PARTIALS_ACTIVE, d), n = cep_engine_stat(engine, CEP_STAT_EVENTS_IN, d);
    uint64_t most = nfa_amount_at(amount, n), keys = cep_engine_stat(engine, CEP_STAT_KEYS_ACTIVE, d);
    if (amount.power == 0) most *= keys;
    all->looks += partials > 0;
    all->at_bound += partials > 0 && partials == most;
    all->endless += partials > 0 && most == UINT64_MAX;
    if (partials <= most || all->wrong[0]) continue;
    snprintf(all->wrong, sizeof all->wrong, "detection %u has %llu partial matches after %llu events, and %llu are possible", d,
             (unsigned long long)partials, (unsigned long long)n, (unsigned long long)most);
  }
}

/* 0: the program is none. */
static int ask_bounds(cb_alloc *alloc, cb_arena *arena, const char *text, watched *all)
{
  cb_writer image;
  prg *program = NULL;
  cep_error err;
  plan *meaning = scn_plan(arena, text, &err);
  cb_writer_init(&image, alloc);
  int is_good = meaning && nfa_build(alloc, meaning, &image, &err) == CEP_OK && prg_load(NULL, image.data, image.len, &program, &err) == CEP_OK;
  all->count = is_good && program->detections_count < DETECTIONS_MAX ? program->detections_count : 0;
  for (uint32_t d = 0; d < all->count; d++) {
    all->is_matcher[d] = program->detections[d].window == PRG_NONE;
    if (all->is_matcher[d]) is_good &= nfa_bound_of(alloc, program, &program->detections[d], &all->bounds[d]) == CEP_OK;
  }
  prg_unref(program);
  cb_writer_fini(&image);
  return is_good;
}

int main(int argc, char **argv)
{
  uint64_t seed = 1, count = 2000, ran = 0, wrongs = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--seed") == 0) seed = strtoull(argv[i + 1], NULL, 10);
    if (strcmp(argv[i], "--count") == 0) count = strtoull(argv[i + 1], NULL, 10);
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  static watched all;
  for (uint64_t n = 0; n < count && wrongs < 3; n++) {
    cb_arena arena;
    cb_prng prng;
    gen_case it;
    scenario sc;
    cb_arena_init(&arena, &alloc);
    cb_prng_init(&prng, seed * 0x9E3779B97F4A7C15u + n);
    gen_program(&it, &prng);
    memset(&sc, 0, sizeof sc);
    if (gen_scenario(&arena, &it, NULL, &sc) && ask_bounds(&alloc, &arena, sc.text, &all)) {
      all.wrong[0] = '\0';
      sc.watch = look;
      sc.watch_ctx = &all;
      (void)scn_engine(&arena, &sc, &scn_ways[0]);
      ran++;
      if (all.wrong[0]) printf("# case %llu: %s\n%s\n", (unsigned long long)n, all.wrong, sc.text);
      wrongs += all.wrong[0] != '\0';
    }
    cb_arena_fini(&arena);
  }
  printf("%llu programs; %llu times with partial matches, %llu of them at the bound, %llu without one; %llu wrong\n", (unsigned long long)ran,
         (unsigned long long)all.looks, (unsigned long long)all.at_bound, (unsigned long long)all.endless, (unsigned long long)wrongs);
  return wrongs > 0 || all.at_bound == 0;
}
