/* gen.c - random models of rule texts, and which constructs a model has. */
#include "tests/support/gen.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/gen_parts.h"

const char *const gen_construct_names[] = {
#define C(name, words) words,
    GEN_CONSTRUCTS(C)
#undef C
};
const uint32_t gen_construct_count = GEN_CONSTRUCTS_END;
_Static_assert(GEN_CONSTRUCTS_END <= 128, "constructs are bits of one word");

/* ---- Detections --------------------------------------------------------------------------- */

/* An open count with `any` must have a limit, unless the skip rule allows one match only. */
static int wants_limit(const gen_detection *d)
{
  int any = 0, open = 0;
  for (uint32_t i = 0; i < d->step_count; i++) {
    const gen_step *step = &d->steps[i];
    if (step->is_no) continue;
    any |= step->hop == GEN_ANY || (gen_loops(&step->count) && step->count.inner == GEN_INNER_ANY);
    open |= step->count.counted && step->count.max == 0;
  }
  for (uint32_t g = 0; g < d->group_count; g++) {
    const gen_count *count = &d->groups[g].count;
    any |= count->inner == GEN_INNER_ANY;
    open |= count->counted && count->max == 0;
  }
  return any && open;
}

static int has_gap(const gen_detection *d)
{
  for (uint32_t i = 0; i < d->step_count; i++) {
    if (d->steps[i].gap) return 1;
  }
  return 0;
}

static void make_skip(gen_detection *d, cb_prng *prng)
{
  d->skip = cb_prng_below(prng, d->once ? 3 : 5);
  for (uint32_t i = 0, found = 0; i < d->step_count; i++) {
    if (!d->steps[i].is_no && cb_prng_below(prng, ++found) == 0) d->skip_step = i;
  }
  if (d->once) return;
  if (cb_prng_chance(prng, 20)) d->earliest = 1;
  if (wants_limit(d)) d->limit = d->earliest || cb_prng_chance(prng, 50) ? -1 : 1 + (int)cb_prng_below(prng, 3);
  else if (!d->earliest && cb_prng_chance(prng, 8)) d->limit = 1 + (int)cb_prng_below(prng, 2);
}

static void make_clauses(gen_detection *d, cb_prng *prng)
{
  d->once = cb_prng_chance(prng, 10);
  make_skip(d, prng);
  if (cb_prng_chance(prng, 12)) gen_having(&d->having, prng, d, d->keys > 0);
  if ((d->within > 0 || d->within_events > 0 || has_gap(d)) && cb_prng_chance(prng, 45)) d->on_timeout = 1;
  d->emit_count = 1 + cb_prng_below(prng, GEN_EMIT_MAX);
  for (uint32_t i = 0; i < d->emit_count; i++) {
    if (d->once) gen_once_output(&d->emit[i], prng, d, i);
    else gen_output(&d->emit[i], prng, d, i);
  }
  if (cb_prng_chance(prng, 10)) d->suppress = 1 + cb_prng_below(prng, 6), d->suppress_by_value = cb_prng_chance(prng, 30);
}

static void make_detection(const gen_case *it, gen_detection *d, cb_prng *prng, int two_streams, int derived)
{
  memset(d, 0, sizeof *d);
  d->keys = derived && it->keys > 0 && cb_prng_chance(prng, 25) ? it->keys - 1 : it->keys;
  if (cb_prng_chance(prng, 20)) d->within_events = 1 + cb_prng_below(prng, cb_prng_chance(prng, 40) ? 3 : 9);
  else d->within = cb_prng_chance(prng, 75) ? 3 + cb_prng_below(prng, 12) : 0;
  gen_shape(it, d, prng, two_streams, derived);
  make_clauses(d, prng);
}

void gen_program(gen_case *out, cb_prng *prng)
{
  memset(out, 0, sizeof *out);
  out->one_input = cb_prng_chance(prng, 30);
  out->partitions = !out->one_input && cb_prng_chance(prng, 20) ? 2 : 1;
  out->lateness = cb_prng_chance(prng, 35) ? 2 + cb_prng_below(prng, 4) : 0;
  out->keys = cb_prng_below(prng, 10) < 4 ? 0 : cb_prng_chance(prng, 70) ? 1 : 2;
  out->key_words = out->keys > 0 && cb_prng_chance(prng, 15);
  out->defined = cb_prng_chance(prng, 30);
  int two_streams = cb_prng_chance(prng, 35);
  out->detection_count = 1;
  make_detection(out, &out->detections[0], prng, two_streams, 0);
  if (cb_prng_chance(prng, 15)) {
    out->detection_count = 2;
    out->tally = cb_prng_chance(prng, 25);
    make_detection(out, &out->detections[1], prng, two_streams, 1);
  }
  gen_events(out, prng);
  out->finishes = cb_prng_chance(prng, 60);
  out->advance = cb_prng_below(prng, 12);
}
