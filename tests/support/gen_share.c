/* gen_share.c - random programs whose conditions look at single events: for the evaluators that are for those. */
#include <stdio.h>
#include <string.h>

#include "tests/support/gen_parts.h"

#define LOOKS_BACK                                                                                                     \
  (GEN_BIT(CAPTURED) | GEN_BIT(OWN) | GEN_BIT(FIRST) | GEN_BIT(LAST) | GEN_BIT(INDEX) | GEN_BIT(COUNT) | GEN_BIT(SUM) | \
   GEN_BIT(AVG) | GEN_BIT(MINMAX) | GEN_BIT(STDDEV) | GEN_BIT(DISTINCT_OF) | GEN_BIT(PREV))

static void keep_local(gen_step *step)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < step->cond_count; i++) {
    if ((step->conds[i].constructs & LOOKS_BACK) == 0) step->conds[kept++] = step->conds[i];
  }
  step->cond_count = kept;
}

/* An `until` that looks at captures asks for a letter instead. */
static void localise_until(gen_until *until, cb_prng *prng)
{
  if (!until->on || (until->cond.constructs & LOOKS_BACK) == 0) return;
  memset(&until->cond, 0, sizeof until->cond);
  until->letter = (char)('a' + cb_prng_below(prng, 3));
  snprintf(until->cond.text, sizeof until->cond.text, "s == \"%c\"", until->letter);
}

static void share_step(gen_detection *d, cb_prng *prng, uint32_t number)
{
  gen_step *step = &d->steps[number];
  keep_local(step);
  localise_until(&step->until, prng);
  step->gap = step->no_for = 0;
  step->distinct = 0;
  if (!step->is_no && number > 0 && cb_prng_chance(prng, 30)) step->hop = GEN_ANY;
  if (step->count.counted && cb_prng_chance(prng, 20)) step->count.inner = GEN_INNER_ANY;
  if (step->count.greedy && cb_prng_chance(prng, 60)) step->count.greedy = 0, step->count.reluctant = 1;
  if (step->count.greedy && (step->count.inner == GEN_INNER_ANY || step->hop == GEN_ANY)) step->count.greedy = 0, step->count.reluctant = 1;
}

/* A pattern that ends with a `no` waits for time. */
static void end_with_step(gen_detection *d)
{
  while (d->step_count > 1 && d->steps[d->step_count - 1].is_no) {
    uint32_t last = --d->step_count;
    for (uint32_t g = 0; g < d->group_count; g++) {
      if (d->groups[g].last == last) d->groups[g].last--;
    }
  }
  uint32_t kept = 0;
  for (uint32_t g = 0; g < d->group_count; g++) {
    if (d->groups[g].first < d->groups[g].last && d->groups[g].last < d->step_count) d->groups[kept++] = d->groups[g];
  }
  d->group_count = kept;
}

void gen_share(gen_case *it, cb_prng *prng)
{
  for (uint32_t n = 0; n < it->detection_count; n++) {
    gen_detection *d = &it->detections[n];
    if (d->steps[0].is_no) continue;
    d->skip = 1;
    d->latest = d->earliest = d->on_timeout = 0;
    if (d->once) {
      memset(&d->having, 0, sizeof d->having);
    } else if (cb_prng_chance(prng, 15)) {
      d->once = 1;
      memset(&d->having, 0, sizeof d->having);
      for (uint32_t i = 0; i < d->emit_count; i++) gen_once_output(&d->emit[i], prng, d, i);
    }
    d->limit = d->once ? 0 : cb_prng_chance(prng, 50) ? -1 : 1 + (int)cb_prng_below(prng, 3);
    for (uint32_t i = 0; i < d->step_count; i++) share_step(d, prng, i);
    if (cb_prng_chance(prng, 90)) end_with_step(d);
    for (uint32_t g = 0; g < d->group_count; g++) localise_until(&d->groups[g].until, prng);
  }
}

/* Steps as they are, most of them one event each; what looks at captures is left out. */
static void move_step(gen_detection *d, cb_prng *prng, uint32_t number)
{
  gen_step *step = &d->steps[number];
  keep_local(step);
  localise_until(&step->until, prng);
  step->gap = step->no_for = 0;
  step->distinct = 0;
  if (step->hop == GEN_ANY) step->hop = GEN_THEN;
  if (cb_prng_chance(prng, 60) && !step->is_no) {
    memset(&step->count, 0, sizeof step->count);
    memset(&step->until, 0, sizeof step->until);
    step->count.min = step->count.max = 1;
  }
}

static int needs_count(const gen_detection *d)
{
  for (uint32_t g = 0; g < d->group_count; g++) {
    if (d->groups[g].count.counted || d->groups[g].kind == GEN_ALL_OF) return 1;
  }
  return 0;
}

void gen_move(gen_case *it, cb_prng *prng)
{
  for (uint32_t n = 0; n < it->detection_count; n++) {
    gen_detection *d = &it->detections[n];
    if (d->steps[0].is_no) continue;
    if (d->within_events > 0) d->within = d->within_events, d->within_events = 0;
    d->skip = cb_prng_chance(prng, 50) ? 0 : 2;
    d->latest = d->earliest = 0;
    d->having.text[0] = '\0';
    d->having.constructs = 0;
    d->limit = cb_prng_chance(prng, 80) ? 0 : 1;
    if (d->once) {
      d->once = 0;
      for (uint32_t i = 0; i < d->emit_count; i++) gen_output(&d->emit[i], prng, d, i);
    }
    if (needs_count(d) && cb_prng_chance(prng, 80)) d->group_count = 0;
    for (uint32_t i = 0; i < d->step_count; i++) move_step(d, prng, i);
    for (uint32_t g = 0; g < d->group_count; g++) localise_until(&d->groups[g].until, prng);
  }
}
