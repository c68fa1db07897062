/* gen_events.c - random events that walk along the steps of a model, with noise. */
#include "tests/support/gen_parts.h"

#define EVENTS_MIN 5
#define EVENTS_OFTEN 10

static void fill(gen_event *e, cb_prng *prng)
{
  uint32_t kind = cb_prng_below(prng, 100);
  e->letter = kind < 5 ? 0 : 'a' + (int)cb_prng_below(prng, 3);
  e->v = cb_prng_chance(prng, 7) ? -1 : (int)cb_prng_below(prng, 6);
  e->f = cb_prng_chance(prng, 10) ? -1 : (int)cb_prng_below(prng, 5);
  e->ip = cb_prng_chance(prng, 10) ? 0 : 1 + (int)cb_prng_below(prng, 3);
  e->key = cb_prng_chance(prng, 3) ? 0 : cb_prng_chance(prng, 80) ? 1 : 2;
  e->key2 = cb_prng_chance(prng, 85) ? 1 : 2;
}

/* The next step that a walk takes: loops some times, a `no` now and then. */
static uint32_t walk_on(const gen_detection *d, uint32_t at, cb_prng *prng)
{
  const gen_step *step = &d->steps[at];
  if (gen_loops(step) && cb_prng_chance(prng, 60)) return at;
  uint32_t next = (at + 1) % d->step_count;
  for (uint32_t tries = 0; tries < d->step_count; tries++) {
    const gen_step *s = &d->steps[next];
    int skipped = (s->is_no && cb_prng_chance(prng, 85)) || (s->optional && cb_prng_chance(prng, 40)) || s->role == GEN_DERIVED;
    if (!skipped) break;
    next = (next + 1) % d->step_count;
  }
  return next;
}

static cep_time gap(cb_prng *prng)
{
  uint32_t kind = cb_prng_below(prng, 20);
  if (kind < 6) return 0;
  return (cep_time)(kind < 16 ? 1 : kind < 19 ? 2 : 4) * 1000000000;
}

void gen_events(gen_case *it, cb_prng *prng)
{
  uint32_t count = EVENTS_MIN + cb_prng_below(prng, cb_prng_chance(prng, 10) ? EVENTS_OFTEN * 2 - EVENTS_MIN : EVENTS_OFTEN);
  const gen_detection *d = &it->detections[0];
  uint32_t at = d->steps[0].is_no && d->step_count > 1 ? 1 : 0;
  cep_time now = 0;
  int stays = 0, goes_back = cb_prng_chance(prng, 10); /* then some are late, with or without a lateness */
  for (uint32_t i = 0; i < count; i++) {
    gen_event *e = &it->events[it->event_count++];
    fill(e, prng);
    now += gap(prng);
    e->time = now;
    if (goes_back && cb_prng_chance(prng, 25)) {
      cep_time back = (cep_time)cb_prng_below(prng, it->lateness + 4) * 1000000000;
      e->time = back < now ? now - back : 0;
    }
    e->role = cb_prng_chance(prng, 75) ? GEN_A : GEN_B;
    if (cb_prng_chance(prng, 80)) { /* a walking event */
      const gen_step *step = &d->steps[at];
      e->role = step->role == GEN_B ? GEN_B : GEN_A;
      if (cb_prng_chance(prng, 90)) e->letter = step->letter;
      if (e->key == 2 && cb_prng_chance(prng, 70)) e->key = 1;
      stays = gen_loops(step) && stays < 4 ? stays + 1 : 0;
      at = walk_on(d, at, prng);
    }
    e->partition = e->role == GEN_A ? cb_prng_below(prng, it->partitions) : 0;
  }
  if (cb_prng_chance(prng, 15)) it->pause_at = 1 + cb_prng_below(prng, count - 1);
  it->pause_more = cb_prng_below(prng, 4);
}
