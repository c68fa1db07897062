/* sim_crash.c - the run that is cut off in the middle of whatever, and goes on from the last saved state. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "cep/base/hash.h"
#include "tests/sim/sim_parts.h"
#include "tests/support/scenario_run.h"

#define CRASHES_MAX 4u

/* ---- Memory that is gone with the process ---------------------------------------------------- */

/* Stands before the bytes. */
typedef struct block {
  _Alignas(max_align_t) struct block *next;
  struct block *before;
} block;

typedef struct heap {
  cep_allocator hook;
  block all; /* a ring */
} heap;

static void *resize(void *ctx, void *ptr, size_t size_old, size_t size_new)
{
  (void)size_old;
  heap *of = ctx;
  block *old = ptr ? (block *)ptr - 1 : NULL;
  if (old) {
    old->before->next = old->next;
    old->next->before = old->before;
  }
  if (size_new == 0) {
    free(old);
    return NULL;
  }
  block *made = realloc(old, sizeof *made + size_new);
  if (!made) abort();
  made->next = of->all.next;
  made->before = &of->all;
  made->next->before = made;
  of->all.next = made;
  return made + 1;
}

static void heap_init(heap *it)
{
  it->all.next = it->all.before = &it->all;
  it->hook = (cep_allocator){resize, it};
}

static int heap_is_empty(const heap *it)
{
  return it->all.next == &it->all;
}

static void heap_drop(heap *it)
{
  for (block *one = it->all.next, *next; one != &it->all; one = next) {
    next = one->next;
    free(one);
  }
  heap_init(it);
}

/* ---- The run ---------------------------------------------------------------------------------- */

/* The last whole state, and what had come out until then. */
typedef struct whole {
  cb_writer bytes;
  int is_there;
  uint32_t act; /* behind which it was saved */
  uint32_t output_count;
  uint32_t late_count;
} whole;

typedef struct crashing {
  sim_run sim;
  scn_run run;
  scn_way way;
  heap engines; /* gone with each crash */
  heap program;
  whole last;
  uint32_t crashes;
} crashing;

void sim_may_crash(sim_run *run)
{
  if (run->crash_in > 0 && --run->crash_in == 0) longjmp(run->crash, 1);
}

/* Soon, or after some acts, or not before the next state is saved. */
static void draw_crash(crashing *it)
{
  cb_prng *prng = &it->sim.prng;
  it->sim.crash_in = 0;
  if (it->crashes < CRASHES_MAX && cb_prng_chance(prng, 60)) it->sim.crash_in = 1 + cb_prng_below(prng, cb_prng_chance(prng, 50) ? 12 : 150);
}

static void save(crashing *it)
{
  scn_run *run = &it->run;
  whole *last = &it->last;
  scn_run_save(run);
  if (run->outcome->status < 0) sim_fail("act %u: the state is not saved: %s", run->act, run->outcome->error);
  cb_writer_reset(&last->bytes);
  cb_write_bytes(&last->bytes, run->image.data, run->image.len);
  CB_ASSERT(last->bytes.status >= 0);
  last->is_there = 1;
  last->act = run->act;
  last->output_count = run->outcome->output_count;
  last->late_count = run->outcome->late_count;
  if (cb_hash64(run->image.data, run->image.len) != it->sim.notes[run->act].state)
    sim_fail("the state saved at act %u is not that of one engine", run->act);
  sim_watch_barriers(&it->sim);
  draw_crash(it);
}

/* A new engine, from the last state if there is one. Crashes may happen once its workers are polled. */
static void begin(crashing *it)
{
  scn_run *run = &it->run;
  const whole *last = &it->last;
  uint32_t workers = cb_prng_chance(&it->sim.prng, 20) ? 0 : 2 + cb_prng_below(&it->sim.prng, cb_prng_chance(&it->sim.prng, 80) ? 4 : 15);
  run->outcome->output_count = last->output_count;
  run->outcome->late_count = last->late_count;
  run->engine = NULL;
  run->act = last->act;
  cep_config *config = scn_run_config(run, &it->way, workers);
  if (last->is_there) {
    cb_writer_reset(&run->image);
    cb_write_bytes(&run->image, last->bytes.data, last->bytes.len);
    scn_run_restore(run, config);
  } else {
    scn_run_new(run, config);
  }
  cep_config_free(config);
  if (run->outcome->status < 0) sim_fail("after crash %u, from act %u: %s", it->crashes, last->act, run->outcome->error);
  sim_attach(&it->sim, run->engine);
  draw_crash(it);
  scn_run_equip(run);
  sim_watch_barriers(&it->sim);
}

static void do_acts(crashing *it)
{
  scn_run *run = &it->run;
  for (uint32_t i = it->last.is_there ? it->last.act + 1 : 0; i < run->sc->act_count && run->outcome->status >= 0; i++) {
    it->sim.act = i;
    int is_barrier = run->sc->acts[i].what == SCN_CHECK;
    sim_may_crash(&it->sim);
    if (is_barrier && cb_prng_chance(&it->sim.prng, 70)) {
      run->act = i;
      save(it);
    } else {
      scn_run_act(run, i);
      if (is_barrier && it->sim.workers) sim_check_barrier(&it->sim);
    }
    sim_go_on(&it->sim);
  }
  scn_run_count(run);
}

/* A crash drops the heap of the engines as a process that dies does. The few buffers that
 * simdjson asks the system for go the same way, and are no leak that says anything: the other
 * runs of the same case look for those. */
static void lose_what_crashes(int is_on)
{
#ifdef __SANITIZE_ADDRESS__
  if (is_on) __lsan_disable();
  else __lsan_enable();
#else
  (void)is_on;
#endif
}

static void run_and_crash(crashing *it)
{
  if (setjmp(it->sim.crash) != 0) {
    it->crashes++;
    heap_drop(&it->engines);
  }
  begin(it);
  do_acts(it);
  it->sim.crash_in = 0;
}

const scn_outcome *sim_run_crashing(cb_arena *arena, const scenario *sc, uint64_t seed, sim_note *notes, uint32_t *crashes_out)
{
  crashing *it = cb_arena_take(arena, sizeof *it);
  CB_ASSERT(it);
  memset(it, 0, sizeof *it);
  it->sim = (sim_run){.sc = sc, .notes = notes, .arena = arena};
  cb_prng_init(&it->sim.prng, ~seed);
  it->way = sim_draw_way(&it->sim);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&it->last.bytes, &alloc);
  heap_init(&it->engines);
  heap_init(&it->program);
  scn_run_init(&it->run, arena, sc, &alloc);
  it->run.allocator = &it->program.hook;
  cep_config *config = scn_run_config(&it->run, &it->way, 0);
  scn_run_program(&it->run, config, 0);
  it->run.allocator = &it->engines.hook;
  lose_what_crashes(1);
  if (it->run.program) run_and_crash(it);
  lose_what_crashes(0);
  cep_engine_free(it->run.engine);
  if (!heap_is_empty(&it->engines)) sim_fail("an engine that was put back leaves memory behind");
  heap_drop(&it->program); /* engines that are gone still refer to it */
  scn_run_fini(&it->run);
  cb_writer_fini(&it->last.bytes);
  *crashes_out = it->crashes;
  return it->run.outcome;
}
