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

/* What a walk along the pattern would take: a way through it, by the numbers of steps. */
#define WALK_MAX 40

typedef struct visit {
  gen_role role;
  char letter; /* 0: any */
} visit;

typedef struct walk {
  const gen_detection *d;
  cb_prng *prng;
  visit at[WALK_MAX];
  uint32_t count;
} walk;

static void visit_one(walk *w, gen_role role, char letter)
{
  if (w->count < WALK_MAX && role != GEN_DERIVED) w->at[w->count++] = (visit){role, letter};
}

static uint32_t rounds_of(walk *w, const gen_count *count)
{
  if ((count->optional || count->from_zero) && cb_prng_chance(w->prng, 40)) return 0;
  uint32_t rounds = count->counted ? count->min : 1;
  while (gen_loops(count) && rounds < 4 && (count->max == 0 || rounds < count->max) && cb_prng_chance(w->prng, 45)) rounds++;
  return rounds;
}

static void visit_until(walk *w, const gen_until *until)
{
  if (until->on && cb_prng_chance(w->prng, 40)) visit_one(w, until->role, until->letter);
}

static void visit_step(walk *w, const gen_step *step)
{
  if (step->is_no && cb_prng_chance(w->prng, 85)) return;
  for (uint32_t n = rounds_of(w, &step->count); n > 0; n--) visit_one(w, step->role, step->letter);
  visit_until(w, &step->until);
}

static void visit_elements(walk *w, uint32_t first, uint32_t last, uint32_t outer);

static void visit_group(walk *w, uint32_t number)
{
  const gen_group *group = &w->d->groups[number];
  for (uint32_t n = rounds_of(w, &group->count); n > 0; n--) visit_elements(w, group->first, group->last, number);
  visit_until(w, &group->until);
}

/* Of choices one, of `all of` all from a random one on. */
static void visit_elements(walk *w, uint32_t first, uint32_t last, uint32_t outer)
{
  uint32_t begins[GEN_STEPS_MAX], groups[GEN_STEPS_MAX], count = 0;
  for (uint32_t i = first; i <= last; i++) {
    begins[count] = i;
    groups[count] = gen_group_at(w->d, i, outer);
    if (groups[count] < GEN_GROUPS_MAX) i = w->d->groups[groups[count]].last;
    count++;
  }
  gen_group_kind kind = outer < GEN_GROUPS_MAX ? w->d->groups[outer].kind : GEN_PLAIN;
  uint32_t from = kind == GEN_ONE_OF || kind == GEN_ALL_OF ? cb_prng_below(w->prng, count) : 0;
  for (uint32_t n = 0; n < (kind == GEN_ONE_OF ? 1 : count); n++) {
    uint32_t at = (from + n) % count;
    if (groups[at] < GEN_GROUPS_MAX) visit_group(w, groups[at]);
    else visit_step(w, &w->d->steps[begins[at]]);
  }
}

static cep_time gap(cb_prng *prng)
{
  uint32_t kind = cb_prng_below(prng, 20);
  if (kind < 6) return 0;
  return (cep_time)(kind < 16 ? 1 : kind < 19 ? 2 : 4) * 1000000000;
}

/* A walking event: it is what the walk would take next, more or less. */
static void walk_on(walk *w, uint32_t *at, gen_event *e)
{
  if (*at >= w->count) {
    w->count = *at = 0;
    visit_elements(w, 0, w->d->step_count - 1, GEN_GROUPS_MAX);
    if (w->count == 0) return;
  }
  const visit *next = &w->at[(*at)++];
  e->role = next->role == GEN_B ? GEN_B : GEN_A;
  if (next->letter && cb_prng_chance(w->prng, 90)) e->letter = next->letter;
  if (e->key == 2 && cb_prng_chance(w->prng, 70)) e->key = 1;
}

void gen_events(gen_case *it, cb_prng *prng)
{
  uint32_t count = EVENTS_MIN + cb_prng_below(prng, cb_prng_chance(prng, 10) ? EVENTS_OFTEN * 2 - EVENTS_MIN : EVENTS_OFTEN);
  const gen_detection *d = &it->detections[0];
  if (d->step_count > 4) count += 2;
  walk w = {.d = d, .prng = prng};
  uint32_t at = 0;
  cep_time now = 0;
  int goes_back = cb_prng_chance(prng, 10); /* then some are late, with or without a lateness */
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
    if (cb_prng_chance(prng, 80)) walk_on(&w, &at, e);
    e->partition = e->role == GEN_A ? cb_prng_below(prng, it->partitions) : 0;
  }
  if (cb_prng_chance(prng, 15)) it->pause_at = 1 + cb_prng_below(prng, count - 1);
  it->pause_more = cb_prng_below(prng, 4);
}
