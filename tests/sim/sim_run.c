/* sim_run.c - the run: who is polled next, and what must hold after it. */
#include <stdio.h>
#include <string.h>

#include "cep/api_internal.h"
#include "cep/base/hash.h"
#include "runtime/engine_parts.h"
#include "runtime/fan.h"
#include "runtime/snapshot.h"
#include "tests/sim/sim_parts.h"

#define STUCK_MAX 3u

/* ---- Steps --------------------------------------------------------------------------------- */

static void check_worker(sim_run *run, uint32_t w)
{
  for (uint32_t s = 0; s < run->workers->stage_count; s++) {
    rt_engine *stage = rt_worker_stage(run->workers->at[w], s);
    rt_place *before = &run->lows[w * run->workers->stage_count + s], low;
    rt_stage_low(stage, &low);
    if (rt_place_compare(&low, before) < 0) sim_fail("the time of stage %u of worker %u goes back", s, w);
    *before = low;
    const char *wrong = sim_check_keys(stage);
    if (wrong) sim_fail("stage %u of worker %u, act %u: %s", s, w, run->act, wrong);
  }
}

/* 1: the worker did something. */
static int poll_worker(sim_run *run, uint32_t w)
{
  sim_may_crash(run);
  uint32_t budget = cb_prng_chance(&run->prng, 60) ? 1 : 1 + cb_prng_below(&run->prng, 8);
  rt_polled polled;
  cep_error err = {0};
  cep_status status = rt_worker_poll(run->workers->at[w], budget, &polled, &err);
  if (status < 0) sim_fail("worker %u failed: %s", w, cep_status_name(status));
  check_worker(run, w);
  return polled == RT_POLLED_WORK;
}

/* Sometimes one worker, or all but one, gets nothing for long. */
static void draw_starved(sim_run *run)
{
  uint32_t kind = cb_prng_below(&run->prng, 10), one = cb_prng_below(&run->prng, run->workers->count);
  run->starved = kind < 4 ? 0 : kind < 8 ? 1ull << one : ~(1ull << one);
  run->patience = 1 + cb_prng_below(&run->prng, kind == 7 ? 400 : 40);
}

int sim_step(sim_run *run)
{
  if (run->patience-- == 0) draw_starved(run);
  uint32_t w = cb_prng_below(&run->prng, run->workers->count);
  return (run->starved >> w & 1) == 0 && poll_worker(run, w);
}

/* ---- The crew ------------------------------------------------------------------------------- */

/* Until somebody did something; those who are starved come last. */
static void wait_for_work(void *ctx)
{
  sim_run *run = ctx;
  for (uint32_t i = 0; i < run->workers->count * 4; i++) {
    if (!sim_step(run)) continue;
    run->stuck = 0;
    return;
  }
  int did = 0;
  for (uint32_t w = 0; w < run->workers->count; w++) did |= poll_worker(run, w);
  run->stuck = did ? 0 : run->stuck + 1;
  if (run->stuck == STUCK_MAX) sim_fail("nobody can go on, act %u", run->act);
}

static void wake(void *ctx)
{
  sim_run *run = ctx;
  for (uint32_t i = cb_prng_below(&run->prng, 3); run->is_eager && i > 0; i--) (void)sim_step(run);
}

static cep_status note_saved(void *ctx, uint64_t barrier, uint32_t stage, rt_engine *engine)
{
  (void)barrier;
  (void)stage;
  sim_run *run = ctx;
  run->digest += sim_digest(engine);
  run->passed++;
  return CEP_OK;
}

void sim_watch_barriers(sim_run *run)
{
  run->digest = 0;
  run->passed = 0;
  for (uint32_t w = 0; run->workers && w < run->workers->count; w++) rt_worker_on_saved(run->workers->at[w], note_saved, run);
}

/* ---- One scenario ------------------------------------------------------------------------------ */

static void open_one(void *ctx, cep_engine *engine)
{
  sim_run *run = ctx;
  run->engine = engine->inner;
}

void sim_attach(sim_run *run, cep_engine *engine)
{
  run->engine = engine->inner;
  run->workers = NULL;
  run->stuck = 0;
  if (!run->engine->fan) return; /* a program whose keys stay together */
  run->workers = rt_fan_all(run->engine->fan);
  sim_watch_barriers(run);
  size_t queues = (size_t)run->workers->count * run->workers->stage_count;
  run->lows = cb_arena_take(run->arena, queues * sizeof *run->lows);
  CB_ASSERT(run->lows);
  for (size_t i = 0; i < queues; i++) run->lows[i].time = CEP_TIME_MIN;
  rt_fan_crew(run->engine->fan, &(rt_crew){wake, wait_for_work, run});
}

static void open_many(void *ctx, cep_engine *engine)
{
  sim_attach(ctx, engine);
}

/* The state of one engine at a barrier, as one number. */
static uint64_t hash_state(rt_engine *engine, uint32_t act)
{
  char position[16];
  int len = snprintf(position, sizeof position, "%u", act);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer bytes;
  cb_writer_init(&bytes, &alloc);
  cep_status status = rt_engine_save(engine, position, (size_t)len, &bytes, NULL);
  if (status < 0) sim_fail("one engine, act %u: not saved: %s", act, cep_status_name(status));
  uint64_t hash = cb_hash64(bytes.data, bytes.len);
  cb_writer_fini(&bytes);
  return hash;
}

static void note_digest(void *ctx, const cep_engine *engine)
{
  (void)engine;
  sim_run *run = ctx;
  if (run->sc->acts[run->act].what == SCN_CHECK) {
    run->notes[run->act].digest = sim_digest(run->engine);
    run->notes[run->act].state = hash_state(run->engine, run->act);
  }
  const char *wrong = sim_check_keys(run->engine);
  if (wrong) sim_fail("one engine, act %u: %s", run->act, wrong);
  run->act++;
}

/* All stages that have passed the barrier have saved what one engine holds at that place. */
void sim_check_barrier(sim_run *run)
{
  uint32_t stages = run->workers->count * run->workers->stage_count;
  if (run->passed != stages) sim_fail("%u of %u stages have passed the barrier of act %u", run->passed, stages, run->act);
  if (run->digest != run->notes[run->act].digest) sim_fail("what was saved at the barrier of act %u is not the state of one engine", run->act);
}

void sim_go_on(sim_run *run)
{
  run->digest = 0;
  run->passed = 0;
  for (uint32_t i = cb_prng_below(&run->prng, 6); run->workers && run->is_eager && i > 0; i--) (void)sim_step(run);
}

static void after_act(void *ctx, const cep_engine *engine)
{
  (void)engine;
  sim_run *run = ctx;
  if (run->workers && run->sc->acts[run->act].what == SCN_CHECK) sim_check_barrier(run);
  sim_go_on(run);
  run->act++;
}

const scn_outcome *sim_run_one(cb_arena *arena, const scenario *sc, sim_note *notes)
{
  sim_run run = {.sc = sc, .notes = notes};
  scenario watched = *sc;
  watched.open = open_one;
  watched.watch = note_digest;
  watched.watch_ctx = &run;
  return scn_engine(arena, &watched, &scn_ways[0]);
}

scn_way sim_draw_way(sim_run *run)
{
  static const uint32_t batches[] = {1, 1, 1, 2, 3, 7, 1024};
  cb_prng *prng = &run->prng;
  scn_way way = {.name = "simulated",
                 .small_slabs = cb_prng_chance(prng, 50),
                 .reload_keys = cb_prng_chance(prng, 10),
                 .index_runs = cb_prng_chance(prng, 20),
                 .batch = batches[cb_prng_below(prng, sizeof batches / sizeof *batches)],
                 .workers = 2 + cb_prng_below(prng, cb_prng_chance(prng, 80) ? 4 : 15)};
  run->is_eager = cb_prng_chance(prng, 65);
  return way;
}

const scn_outcome *sim_run_many(cb_arena *arena, const scenario *sc, uint64_t seed, sim_note *notes)
{
  sim_run run = {.sc = sc, .notes = notes, .arena = arena};
  cb_prng_init(&run.prng, seed);
  scn_way way = sim_draw_way(&run);
  scenario watched = *sc;
  watched.open = open_many;
  watched.watch = after_act;
  watched.watch_ctx = &run;
  return scn_engine(arena, &watched, &way);
}
