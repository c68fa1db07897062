/* gen_correlate.c - random programs whose steps wait for values that earlier ones have captured. */
#include <stdio.h>
#include <string.h>

#include "tests/support/gen_parts.h"

/* A step before `number` that has surely captured when it is waited for. */
static int pick_captured(cb_prng *prng, const gen_detection *d, uint32_t number, uint32_t *out)
{
  uint32_t found = 0;
  for (uint32_t i = 0; i < number; i++) {
    const gen_step *step = &d->steps[i];
    if (!step->is_no && step->role != GEN_DERIVED && cb_prng_below(prng, ++found) == 0) *out = i;
  }
  return found > 0;
}

static int write_equality(gen_cond *out, cb_prng *prng, const gen_detection *d, uint32_t number)
{
  static const char *const singles[] = {"v == %s.v", "%s.v == v", "v == %s.v and j == %s.j", "v + 1 == %s.v + j", "lower(s) == lower(%s.s)",
                                        "coalesce(v, 1) == %s.v"};
  static const char *const repeated[] = {"v == first(%s).v", "v == last(%s).v", "v == max(%s.v)", "v == %s[-1].v"};
  uint32_t captured = 0;
  if (!pick_captured(prng, d, number, &captured)) return 0;
  const char *name = d->steps[captured].name;
  const char *form = gen_repeats(d, captured) ? repeated[cb_prng_below(prng, 4)] : singles[cb_prng_below(prng, 6)];
  memset(out, 0, sizeof *out);
  size_t len = 0;
  for (const char *at = form; *at; at++) {
    if (*at != '%') out->text[len++] = *at;
    else at++, len += (size_t)snprintf(out->text + len, sizeof out->text - len, "%s", name);
  }
  out->text[len] = 0;
  return 1;
}

static void correlate_step(gen_detection *d, cb_prng *prng, uint32_t number)
{
  gen_step *step = &d->steps[number];
  if (step->role == GEN_DERIVED) return;
  if (step->hop == GEN_IMMEDIATELY && cb_prng_chance(prng, 85)) step->hop = GEN_THEN;
  if (step->count.inner == GEN_INNER_CONSECUTIVE && cb_prng_chance(prng, 85)) step->count.inner = GEN_INNER_UNSAID;
  if (cb_prng_chance(prng, 90)) step->gap = step->no_for = 0;
  if (cb_prng_chance(prng, 60)) step->cond_count = step->cond_count > 1 ? 1 : step->cond_count;
  if (step->cond_count == GEN_CONDS_MAX) step->cond_count--;
  if (cb_prng_chance(prng, 92)) step->cond_count += (uint32_t)write_equality(&step->conds[step->cond_count], prng, d, number);
  if (step->until.on && cb_prng_chance(prng, 80)) (void)write_equality(&step->until.cond, prng, d, number);
}

void gen_correlate(gen_case *it, cb_prng *prng)
{
  it->keys = cb_prng_chance(prng, 70) ? 0 : it->keys;
  for (uint32_t n = 0; n < it->detection_count; n++) {
    gen_detection *d = &it->detections[n];
    if (cb_prng_chance(prng, 80)) d->latest = 0;
    if (d->within_events > 0 && cb_prng_chance(prng, 80)) d->within = d->within_events, d->within_events = 0;
    if (cb_prng_chance(prng, 60)) d->group_count = 0;
    if (d->keys > it->keys) d->keys = it->keys;
    for (uint32_t i = 1; i < d->step_count; i++) correlate_step(d, prng, i);
  }
  for (uint32_t i = 0; i < it->event_count; i++) {
    it->events[i].v = cb_prng_chance(prng, 8) ? -1 : (int)cb_prng_below(prng, 3);
  }
}
