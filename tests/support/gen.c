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
_Static_assert(GEN_CONSTRUCTS_END <= 64, "constructs are bits of one word");

/* ---- Steps ----------------------------------------------------------------------------- */

static gen_role pick_role(const gen_case *it, cb_prng *prng, int two_streams, int derived)
{
  if (derived && cb_prng_chance(prng, 60)) return GEN_DERIVED;
  if (it->defined && cb_prng_chance(prng, 40)) return cb_prng_chance(prng, 70) ? GEN_DEFINED : GEN_OTHER;
  return two_streams && cb_prng_chance(prng, 35) ? GEN_B : GEN_A;
}

static void make_count(gen_step *step, cb_prng *prng)
{
  step->min = step->max = 1;
  if (cb_prng_chance(prng, 14)) step->optional = 1;
  if (!cb_prng_chance(prng, 42)) return;
  step->counted = 1;
  uint32_t kind = cb_prng_below(prng, 10);
  if (kind < 4) { /* open */
    step->min = 1 + cb_prng_below(prng, 2);
    step->max = 0;
  } else if (kind < 7) { /* a range */
    step->min = 1 + cb_prng_below(prng, 2);
    step->max = step->min + 1 + cb_prng_below(prng, 2);
  } else {
    step->min = step->max = 2 + cb_prng_below(prng, 2);
  }
  if (step->min == 1 && step->min != step->max && !step->optional && cb_prng_chance(prng, 30)) step->from_zero = 1;
  step->inner = (gen_inner)cb_prng_below(prng, 4);
  if (cb_prng_chance(prng, 18)) step->distinct = 1 + cb_prng_chance(prng, 30);
}

static void make_step(const gen_case *it, gen_detection *d, cb_prng *prng, int two_streams, int derived)
{
  uint32_t number = d->step_count++;
  gen_step *step = &d->steps[number];
  memset(step, 0, sizeof *step);
  snprintf(step->name, sizeof step->name, "x%u", number);
  step->role = pick_role(it, prng, two_streams, derived);
  step->letter = (char)('a' + cb_prng_below(prng, 3));
  step->min = step->max = 1;
  uint32_t hop = cb_prng_below(prng, 10);
  step->hop = number == 0 || hop < 6 ? GEN_THEN : hop < 8 ? GEN_IMMEDIATELY : GEN_ANY;
  if (number > 0 && cb_prng_chance(prng, 24)) {
    step->is_no = 1;
    if (step->hop == GEN_ANY) step->hop = GEN_THEN;
    if (step->hop == GEN_THEN && cb_prng_chance(prng, 35)) step->no_for = 1 + cb_prng_below(prng, 5);
  } else {
    make_count(step, prng);
  }
  if (step->role != GEN_DERIVED && cb_prng_chance(prng, 80)) {
    gen_cond *cond = &step->conds[step->cond_count++];
    snprintf(cond->text, sizeof cond->text, "s == \"%c\"", step->letter);
  }
  uint32_t more = cb_prng_below(prng, 10) < 4 ? 0 : 1 + cb_prng_below(prng, 2);
  while (more-- > 0 && step->cond_count < GEN_CONDS_MAX) gen_condition(&step->conds[step->cond_count++], prng, d, number);
}

static uint32_t last_taking(const gen_detection *d)
{
  uint32_t last = 0;
  for (uint32_t i = 0; i < d->step_count; i++) {
    if (!d->steps[i].is_no) last = i;
  }
  return last;
}

static int is_any(const gen_step *step)
{
  return step->inner == GEN_INNER_ANY || (step->inner == GEN_INNER_UNSAID && step->hop == GEN_ANY);
}

static int may_vary(const gen_step *step)
{
  return step->counted && step->max != step->min;
}

static void set_greed(gen_detection *d, cb_prng *prng)
{
  uint32_t last = last_taking(d);
  for (uint32_t i = 0; i < d->step_count; i++) {
    gen_step *step = &d->steps[i];
    if (step->is_no || !may_vary(step)) continue;
    int greedy = !is_any(step) && cb_prng_chance(prng, 40);
    if (greedy && i == last && d->within == 0 && step->inner != GEN_INNER_CONSECUTIVE) greedy = 0;
    step->greedy = greedy;
    if (!greedy && (i == last || cb_prng_chance(prng, 20))) step->reluctant = 1;
  }
}

/* A quiet time before the first step. */
static void put_quiet_first(gen_detection *d, cb_prng *prng)
{
  if (d->step_count == GEN_STEPS_MAX) return;
  memmove(&d->steps[1], &d->steps[0], d->step_count * sizeof *d->steps);
  d->step_count++;
  gen_step *step = &d->steps[0];
  memset(step, 0, sizeof *step);
  step->is_no = 1;
  snprintf(step->name, sizeof step->name, "q");
  step->min = step->max = 1;
  step->role = d->steps[1].role;
  step->no_for = 1 + cb_prng_below(prng, 3);
  step->letter = (char)('a' + cb_prng_below(prng, 3));
  step->cond_count = 1;
  snprintf(step->conds[0].text, sizeof step->conds[0].text, step->role == GEN_DERIVED ? "c > %d" : "v > %d", (int)cb_prng_below(prng, 4));
  d->steps[1].hop = GEN_THEN;
}

/* ---- Detections --------------------------------------------------------------------------- */

/* An open count with `any` must have a limit, unless the skip rule allows one match only. */
static int wants_limit(const gen_detection *d)
{
  int any = 0, open = 0;
  for (uint32_t i = 0; i < d->step_count; i++) {
    const gen_step *step = &d->steps[i];
    if (step->is_no) continue;
    any |= step->hop == GEN_ANY || (gen_loops(step) && is_any(step));
    open |= step->counted && step->max == 0;
  }
  return any && open;
}

static void make_clauses(const gen_case *it, gen_detection *d, cb_prng *prng)
{
  d->skip = cb_prng_below(prng, 5);
  d->skip_step = 0;
  for (uint32_t i = 0, found = 0; i < d->step_count; i++) {
    if (!d->steps[i].is_no && cb_prng_below(prng, ++found) == 0) d->skip_step = i;
  }
  if (cb_prng_chance(prng, 20)) d->earliest = 1;
  if (wants_limit(d)) d->limit = d->earliest || cb_prng_chance(prng, 50) ? -1 : 1 + (int)cb_prng_below(prng, 3);
  else if (!d->earliest && cb_prng_chance(prng, 8)) d->limit = 1 + (int)cb_prng_below(prng, 2);
  if (d->within > 0 && cb_prng_chance(prng, 45)) d->on_timeout = 1;
  d->emit_count = 1 + cb_prng_below(prng, GEN_EMIT_MAX);
  for (uint32_t i = 0; i < d->emit_count; i++) gen_output(&d->emit[i], prng, d, i);
  if (cb_prng_chance(prng, 10)) d->suppress = 1 + cb_prng_below(prng, 6), d->suppress_by_value = cb_prng_chance(prng, 30);
  (void)it;
}

static void make_detection(const gen_case *it, gen_detection *d, cb_prng *prng, int two_streams, int derived)
{
  memset(d, 0, sizeof *d);
  d->within = cb_prng_chance(prng, 75) ? 3 + cb_prng_below(prng, 12) : 0;
  uint32_t wanted = 1 + cb_prng_below(prng, 4);
  while (d->step_count < wanted) make_step(it, d, prng, two_streams, derived);
  if (cb_prng_chance(prng, 6)) put_quiet_first(d, prng);
  gen_step *end = &d->steps[d->step_count - 1];
  if (end->is_no && d->within == 0 && end->no_for == 0 && end->hop != GEN_IMMEDIATELY) end->no_for = 3;
  set_greed(d, prng);
  make_clauses(it, d, prng);
}

void gen_program(gen_case *out, cb_prng *prng)
{
  memset(out, 0, sizeof *out);
  out->one_input = cb_prng_chance(prng, 30);
  out->partitions = !out->one_input && cb_prng_chance(prng, 20) ? 2 : 1;
  out->lateness = cb_prng_chance(prng, 35) ? 2 + cb_prng_below(prng, 4) : 0;
  out->keys = cb_prng_below(prng, 10) < 4 ? 0 : cb_prng_chance(prng, 70) ? 1 : 2;
  out->defined = cb_prng_chance(prng, 30);
  int two_streams = cb_prng_chance(prng, 35);
  out->detection_count = 1;
  make_detection(out, &out->detections[0], prng, two_streams, 0);
  if (cb_prng_chance(prng, 15)) {
    out->detection_count = 2;
    make_detection(out, &out->detections[1], prng, two_streams, 1);
  }
  gen_events(out, prng);
  out->finishes = cb_prng_chance(prng, 60);
  out->advance = cb_prng_below(prng, 12);
}

/* ---- Which constructs ------------------------------------------------------------------------ */

static uint64_t step_constructs(const gen_detection *d, uint32_t number)
{
  const gen_step *step = &d->steps[number];
  uint32_t last = last_taking(d);
  uint64_t bits = 0;
  for (uint32_t i = 0; i < step->cond_count; i++) bits |= step->conds[i].constructs;
  if (step->is_no) {
    if (number == 0) return bits | GEN_BIT(QUIET_FIRST);
    if (step->no_for) return bits | (number > last ? GEN_BIT(QUIET_LAST) : GEN_BIT(QUIET_MIDDLE));
    if (step->hop == GEN_IMMEDIATELY) return bits | (number > last ? GEN_BIT(NEXT_NO_LAST) : GEN_BIT(NEXT_NO_MIDDLE));
    return bits | (number > last ? GEN_BIT(NO_LAST) : GEN_BIT(NO_MIDDLE));
  }
  if (number > 0) bits |= step->hop == GEN_THEN ? GEN_BIT(THEN) : step->hop == GEN_ANY ? GEN_BIT(ANY) : GEN_BIT(IMMEDIATELY);
  if (step->optional) bits |= GEN_BIT(OPTIONAL);
  if (!step->counted) return bits;
  bits |= step->max == 0 ? GEN_BIT(OPEN) : step->max > step->min || step->from_zero ? GEN_BIT(RANGE) : GEN_BIT(EXACT);
  if (step->from_zero) bits |= GEN_BIT(FROM_ZERO);
  if (step->distinct) bits |= GEN_BIT(DISTINCT);
  if (step->greedy) bits |= number == last && last + 1 == d->step_count ? GEN_BIT(GREEDY_LAST) : GEN_BIT(GREEDY_MIDDLE);
  if (step->reluctant) bits |= GEN_BIT(RELUCTANT);
  static const uint64_t inners[] = {0, GEN_BIT(RELAXED), GEN_BIT(CONSECUTIVE), GEN_BIT(INNER_ANY)};
  return bits | inners[step->inner];
}

static uint64_t detection_constructs(const gen_detection *d)
{
  static const uint64_t skips[] = {GEN_BIT(PAST_LAST), GEN_BIT(NO_SKIP), GEN_BIT(TO_NEXT), GEN_BIT(TO_FIRST), GEN_BIT(TO_LAST)};
  uint64_t bits = skips[d->skip];
  for (uint32_t i = 0; i < d->step_count; i++) bits |= step_constructs(d, i);
  for (uint32_t i = 0; i < d->emit_count; i++) bits |= d->emit[i].constructs;
  if (d->earliest) bits |= GEN_BIT(EARLIEST);
  if (d->limit) bits |= d->limit < 0 ? GEN_BIT(LIMIT_NONE) : GEN_BIT(LIMIT);
  if (d->on_timeout) bits |= GEN_BIT(TIMEOUT);
  if (d->within == 0) bits |= GEN_BIT(UNBOUNDED);
  if (d->suppress) bits |= GEN_BIT(SUPPRESS);
  return bits;
}

uint64_t gen_constructs(const gen_case *it)
{
  uint64_t bits = it->keys == 0 ? GEN_BIT(KEY_NONE) : it->keys == 1 ? GEN_BIT(KEY_ONE) : GEN_BIT(KEY_TWO);
  int roles[5] = {0, 0, 0, 0, 0};
  for (uint32_t n = 0; n < it->detection_count; n++) {
    const gen_detection *d = &it->detections[n];
    bits |= detection_constructs(d);
    for (uint32_t i = 0; i < d->step_count; i++) roles[d->steps[i].role] = 1;
  }
  if (roles[GEN_DEFINED] || roles[GEN_OTHER]) bits |= GEN_BIT(DEFINE);
  if (roles[GEN_OTHER] && (roles[GEN_A] || roles[GEN_DEFINED]) && it->keys > 0) bits |= GEN_BIT(TWO_ROUTES);
  if (roles[GEN_DERIVED]) bits |= GEN_BIT(DERIVED);
  if (roles[GEN_B] && (roles[GEN_A] || roles[GEN_DEFINED] || roles[GEN_OTHER])) bits |= GEN_BIT(TWO_STREAMS);
  if (it->one_input) bits |= GEN_BIT(ONE_INPUT);
  if (it->partitions > 1) bits |= GEN_BIT(PARTITIONS);
  if (it->lateness) bits |= GEN_BIT(LATENESS);
  for (uint32_t i = 0; i < it->event_count; i++) {
    if (i > 0 && it->events[i].time == it->events[i - 1].time) bits |= GEN_BIT(TIES);
    if (i > 0 && it->events[i].time < it->events[i - 1].time) bits |= GEN_BIT(GOES_BACK);
    if (it->keys > 0 && it->events[i].key == 0) bits |= GEN_BIT(KEY_NULL);
  }
  return bits;
}
