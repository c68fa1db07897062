/* gen_shape.c - random patterns: steps, groups around them, counts, untils, greed. */
#include <stdio.h>
#include <string.h>

#include "tests/support/gen_parts.h"

uint32_t gen_last_taking(const gen_detection *d)
{
  uint32_t last = 0;
  for (uint32_t i = 0; i < d->step_count; i++) {
    if (!d->steps[i].is_no) last = i;
  }
  return last;
}

int gen_loops(const gen_count *count)
{
  return count->counted && count->max != 1;
}

int gen_repeats(const gen_detection *d, uint32_t number)
{
  if (gen_loops(&d->steps[number].count)) return 1;
  for (uint32_t g = 0; g < d->group_count; g++) {
    const gen_group *group = &d->groups[g];
    if (number >= group->first && number <= group->last && gen_loops(&group->count)) return 1;
  }
  return 0;
}

uint32_t gen_group_of(const gen_detection *d, uint32_t number)
{
  uint32_t found = GEN_GROUPS_MAX;
  for (uint32_t g = 0; g < d->group_count; g++) {
    if (number >= d->groups[g].first && number <= d->groups[g].last) found = g;
  }
  return found;
}

static int is_inside(const gen_group *inner, const gen_group *outer)
{
  return inner->first >= outer->first && inner->last <= outer->last;
}

uint32_t gen_group_at(const gen_detection *d, uint32_t first, uint32_t outer)
{
  for (uint32_t g = outer == GEN_GROUPS_MAX ? 0 : outer + 1; g < d->group_count; g++) {
    if (d->groups[g].first == first && (outer == GEN_GROUPS_MAX || is_inside(&d->groups[g], &d->groups[outer]))) return g;
  }
  return GEN_GROUPS_MAX;
}

/* ---- Steps ----------------------------------------------------------------------------- */

static gen_role pick_role(const gen_case *it, cb_prng *prng, int two_streams, int derived)
{
  if (derived && cb_prng_chance(prng, 60)) return GEN_DERIVED;
  if (it->defined && cb_prng_chance(prng, 40)) return cb_prng_chance(prng, 70) ? GEN_DEFINED : GEN_OTHER;
  return two_streams && cb_prng_chance(prng, 35) ? GEN_B : GEN_A;
}

static void make_count(gen_count *count, cb_prng *prng, uint32_t chance)
{
  memset(count, 0, sizeof *count);
  count->min = count->max = 1;
  if (cb_prng_chance(prng, 14)) count->optional = 1;
  if (!cb_prng_chance(prng, chance)) return;
  count->counted = 1;
  uint32_t kind = cb_prng_below(prng, 10);
  if (kind < 4) { /* open */
    count->min = 1 + cb_prng_below(prng, 2);
    count->max = 0;
  } else if (kind < 7) { /* a range */
    count->min = 1 + cb_prng_below(prng, 2);
    count->max = count->min + 1 + cb_prng_below(prng, 2);
  } else {
    count->min = count->max = 2 + cb_prng_below(prng, 2);
  }
  if (count->min == 1 && count->min != count->max && !count->optional && cb_prng_chance(prng, 30)) count->from_zero = 1;
  count->inner = (gen_inner)cb_prng_below(prng, 4);
}

static void make_step(const gen_case *it, gen_detection *d, cb_prng *prng, int two_streams, int derived)
{
  uint32_t number = d->step_count++;
  gen_step *step = &d->steps[number];
  memset(step, 0, sizeof *step);
  snprintf(step->name, sizeof step->name, "x%u", number);
  step->role = pick_role(it, prng, two_streams, derived);
  step->letter = (char)('a' + cb_prng_below(prng, 3));
  step->count.min = step->count.max = 1;
  uint32_t hop = cb_prng_below(prng, 10);
  step->hop = number == 0 || hop < 6 ? GEN_THEN : hop < 8 ? GEN_IMMEDIATELY : GEN_ANY;
  if (number > 0 && cb_prng_chance(prng, 24)) {
    step->is_no = 1;
    if (step->hop == GEN_ANY) step->hop = GEN_THEN;
    if (step->hop == GEN_THEN && cb_prng_chance(prng, 35)) step->no_for = 1 + cb_prng_below(prng, 5);
  } else {
    make_count(&step->count, prng, 42);
    if (step->count.counted && cb_prng_chance(prng, 18)) step->distinct = 1 + cb_prng_chance(prng, 30);
  }
}

/* A quiet time before the first step. */
static void put_quiet_first(gen_detection *d, cb_prng *prng)
{
  memmove(&d->steps[1], &d->steps[0], d->step_count * sizeof *d->steps);
  d->step_count++;
  gen_step *step = &d->steps[0];
  memset(step, 0, sizeof *step);
  step->is_no = 1;
  snprintf(step->name, sizeof step->name, "q");
  step->count.min = step->count.max = 1;
  step->role = d->steps[1].role;
  step->no_for = 1 + cb_prng_below(prng, 3);
  step->letter = (char)('a' + cb_prng_below(prng, 3));
  step->cond_count = 1;
  snprintf(step->conds[0].text, sizeof step->conds[0].text, step->role == GEN_DERIVED ? "c > %d" : "v > %d", (int)cb_prng_below(prng, 4));
}

/* ---- Groups ------------------------------------------------------------------------------ */

static uint32_t taking_between(const gen_detection *d, uint32_t first, uint32_t last)
{
  uint32_t count = 0;
  for (uint32_t i = first; i <= last; i++) count += !d->steps[i].is_no;
  return count;
}

/* A `no` cannot stand alone in a group of choices. */
static int has_bare_no(const gen_detection *d, uint32_t group)
{
  const gen_group *outer = &d->groups[group];
  for (uint32_t i = outer->first; i <= outer->last; i++) {
    if (d->steps[i].is_no && gen_group_of(d, i) == group) return 1;
  }
  return 0;
}

static int fits_among(const gen_detection *d, const gen_group *group)
{
  for (uint32_t g = 0; g < d->group_count; g++) {
    const gen_group *other = &d->groups[g];
    int is_apart = group->last < other->first || group->first > other->last;
    if (!is_apart && !is_inside(group, other)) return 0;
  }
  return 1;
}

static void add_group(gen_detection *d, cb_prng *prng)
{
  if (d->group_count == GEN_GROUPS_MAX || d->step_count < 2) return;
  gen_group *group = &d->groups[d->group_count];
  memset(group, 0, sizeof *group);
  group->first = d->latest ? 1 + cb_prng_below(prng, d->step_count - 1) : cb_prng_below(prng, d->step_count);
  group->last = group->first + cb_prng_below(prng, d->step_count - group->first);
  if (!fits_among(d, group) || taking_between(d, group->first, group->last) == 0) return;
  uint32_t outer = gen_group_of(d, group->first);
  uint32_t kind = cb_prng_below(prng, 10);
  if (group->first == group->last) group->kind = GEN_PLAIN;
  else group->kind = kind < 5 ? GEN_PLAIN : kind < 8 ? GEN_ONE_OF : GEN_ALL_OF;
  if (outer < GEN_GROUPS_MAX && d->groups[outer].kind == GEN_ONE_OF && group->kind == GEN_PLAIN && cb_prng_chance(prng, 70)) {
    group->kind = GEN_CHOICE;
  }
  group->count.min = group->count.max = 1;
  if (group->kind != GEN_CHOICE) make_count(&group->count, prng, 45);
  if (group->first == 0) group->count.optional = group->count.from_zero = 0;
  d->group_count++;
}

static void put_groups(gen_detection *d, cb_prng *prng)
{
  for (uint32_t tries = 1 + cb_prng_below(prng, 4); tries > 0; tries--) add_group(d, prng);
  for (uint32_t g = 0; g < d->group_count; g++) {
    gen_group *group = &d->groups[g];
    if ((group->kind == GEN_ONE_OF || group->kind == GEN_ALL_OF) && has_bare_no(d, g)) group->kind = GEN_PLAIN;
  }
}

/* ---- Untils, gaps, greed ------------------------------------------------------------------- */

static int is_any(const gen_count *count, gen_hop hop)
{
  return count->inner == GEN_INNER_ANY || (count->inner == GEN_INNER_UNSAID && hop == GEN_ANY);
}

static int may_vary(const gen_count *count)
{
  return count->counted && count->max != count->min;
}

/* Can the match end behind step `number`, as far as is easily seen. */
static int may_be_last(const gen_detection *d, uint32_t number)
{
  for (uint32_t i = number + 1; i < d->step_count; i++) {
    if (d->steps[i].is_no || d->steps[i].count.optional || d->steps[i].count.from_zero) continue;
    int is_free = 0;
    for (uint32_t g = 0; g < d->group_count; g++) {
      const gen_group *group = &d->groups[g];
      if (i < group->first || i > group->last) continue;
      is_free |= group->count.optional || group->count.from_zero || group->kind == GEN_ONE_OF || group->kind == GEN_ALL_OF;
    }
    if (!is_free) return 0;
  }
  return 1;
}

static int is_bounded(const gen_detection *d)
{
  return d->within > 0 || d->within_events > 0;
}

static void set_greed(gen_detection *d, cb_prng *prng)
{
  for (uint32_t i = 0; i < d->step_count; i++) {
    gen_step *step = &d->steps[i];
    if (step->is_no || !may_vary(&step->count)) continue;
    int is_last = may_be_last(d, i);
    int greedy = !is_any(&step->count, step->hop) && cb_prng_chance(prng, 40);
    if (greedy && is_last && !is_bounded(d) && step->count.inner != GEN_INNER_CONSECUTIVE) greedy = 0;
    step->count.greedy = greedy;
    if (!greedy && (is_last || cb_prng_chance(prng, 20))) step->count.reluctant = 1;
  }
  for (uint32_t g = 0; g < d->group_count; g++) {
    gen_group *group = &d->groups[g];
    if (may_vary(&group->count) && (may_be_last(d, group->last) || cb_prng_chance(prng, 20))) group->count.reluctant = 1;
  }
}

static void make_until(const gen_case *it, gen_detection *d, cb_prng *prng, gen_until *until, uint32_t number)
{
  until->on = 1;
  until->role = d->steps[number].role;
  if (until->role != GEN_DERIVED && it->defined && cb_prng_chance(prng, 20)) until->role = GEN_DEFINED;
  if (cb_prng_chance(prng, 50)) {
    gen_condition(&until->cond, prng, d, number, until->role, 1);
  } else if (until->role == GEN_DERIVED) {
    snprintf(until->cond.text, sizeof until->cond.text, "c > %u", cb_prng_below(prng, 2));
  } else {
    until->letter = (char)('a' + cb_prng_below(prng, 3));
    snprintf(until->cond.text, sizeof until->cond.text, "s == \"%c\"", until->letter);
  }
}

static void put_untils(const gen_case *it, gen_detection *d, cb_prng *prng)
{
  for (uint32_t i = 0; i < d->step_count; i++) {
    gen_step *step = &d->steps[i];
    if (!step->is_no && gen_loops(&step->count) && cb_prng_chance(prng, 14)) make_until(it, d, prng, &step->until, i);
  }
  for (uint32_t g = 0; g < d->group_count; g++) {
    gen_group *group = &d->groups[g];
    uint32_t last = group->last;
    while (d->steps[last].is_no) last--;
    if (gen_loops(&group->count) && cb_prng_chance(prng, 25)) make_until(it, d, prng, &group->until, last);
  }
}

static void put_gaps(gen_detection *d, cb_prng *prng)
{
  uint32_t chance = cb_prng_chance(prng, 25) ? 45 : 0;
  for (uint32_t i = 1; i < d->step_count; i++) {
    uint32_t longest = d->within > 0 && d->within < 6 ? d->within - 1 : 5;
    if (!d->steps[i].is_no && cb_prng_chance(prng, chance)) d->steps[i].gap = 1 + cb_prng_below(prng, longest);
  }
}

static void put_conditions(gen_detection *d, cb_prng *prng, uint32_t number)
{
  gen_step *step = &d->steps[number];
  if (step->cond_count > 0) return; /* the quiet time before the first step */
  if (step->role != GEN_DERIVED && cb_prng_chance(prng, 80)) {
    gen_cond *cond = &step->conds[step->cond_count++];
    snprintf(cond->text, sizeof cond->text, "s == \"%c\"", step->letter);
  }
  uint32_t more = cb_prng_below(prng, 10) < 4 ? 0 : 1 + cb_prng_below(prng, 2);
  while (more-- > 0 && step->cond_count < GEN_CONDS_MAX) {
    gen_condition(&step->conds[step->cond_count++], prng, d, number, step->role, 0);
  }
}

void gen_shape(const gen_case *it, gen_detection *d, cb_prng *prng, int two_streams, int derived)
{
  uint32_t wanted = 1 + cb_prng_below(prng, 4);
  int grouped = cb_prng_chance(prng, 50);
  if (grouped) wanted += 1 + cb_prng_below(prng, 2);
  while (d->step_count < wanted) make_step(it, d, prng, two_streams, derived);
  if (cb_prng_chance(prng, 6)) put_quiet_first(d, prng);
  if (cb_prng_chance(prng, 7) && !d->steps[0].is_no) {
    d->latest = 1;
    d->steps[0].count = (gen_count){0, 0, 1, 1, 0, GEN_INNER_UNSAID, 0, 0};
    d->steps[0].distinct = 0;
  }
  if (grouped) put_groups(d, prng);
  gen_step *end = &d->steps[d->step_count - 1];
  if (end->is_no && !is_bounded(d) && end->no_for == 0 && end->hop != GEN_IMMEDIATELY) end->no_for = 3;
  put_gaps(d, prng);
  for (uint32_t i = 0; i < d->step_count; i++) put_conditions(d, prng, i);
  put_untils(it, d, prng);
  set_greed(d, prng);
}
