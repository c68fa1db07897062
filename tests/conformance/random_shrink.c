/* random_shrink.c - takes parts of a failing case away as long as it fails. */
#include <stdio.h>
#include <string.h>

#include "tests/conformance/random.h"
#include "tests/support/case_file.h"

/* Change number n of a case; 0 when there are no more. A change that gives no valid
 * program is refused by the judge. */
typedef int (*change_fn)(gen_case *it, uint32_t n);

static int drop_event(gen_case *it, uint32_t n)
{
  if (n >= it->event_count) return 0;
  memmove(&it->events[n], &it->events[n + 1], (it->event_count - n - 1) * sizeof *it->events);
  it->event_count--;
  return 1;
}

static int drop_detection(gen_case *it, uint32_t n)
{
  if (n > 0 || it->detection_count == 1) return 0;
  it->detection_count = 1;
  return 1;
}

/* Takes step `n` out of the ranges of groups; groups that lose their last step go. */
static void leave_groups(gen_detection *d, uint32_t n)
{
  uint32_t kept = 0;
  for (uint32_t g = 0; g < d->group_count; g++) {
    gen_group group = d->groups[g];
    if (group.first == n && group.last == n) continue;
    if (group.first > n) group.first--;
    if (group.last >= n) group.last--;
    d->groups[kept++] = group;
  }
  d->group_count = kept;
}

static int drop_step(gen_case *it, uint32_t n)
{
  for (uint32_t i = 0; i < it->detection_count; i++) {
    gen_detection *d = &it->detections[i];
    if (n >= d->step_count) {
      n -= d->step_count;
      continue;
    }
    if (d->step_count == 1) return 1;
    memmove(&d->steps[n], &d->steps[n + 1], (d->step_count - n - 1) * sizeof *d->steps);
    d->step_count--;
    leave_groups(d, n);
    if (d->skip_step > n) d->skip_step--;
    d->steps[0].hop = GEN_THEN;
    return 1;
  }
  return 0;
}

/* The group of number `n`, over all detections; NULL when there are no more. */
static gen_group *find_group(gen_case *it, uint32_t n, gen_detection **in)
{
  for (uint32_t i = 0; i < it->detection_count; i++) {
    *in = &it->detections[i];
    if (n < (*in)->group_count) return &(*in)->groups[n];
    n -= (*in)->group_count;
  }
  return NULL;
}

/* The steps of a group without it. */
static int unwrap_group(gen_case *it, uint32_t n)
{
  gen_detection *d = NULL;
  gen_group *group = find_group(it, n, &d);
  if (!group) return 0;
  uint32_t at = (uint32_t)(group - d->groups);
  memmove(group, group + 1, (d->group_count - at - 1) * sizeof *group);
  d->group_count--;
  return 1;
}

/* A group with its steps. */
static int drop_group(gen_case *it, uint32_t n)
{
  gen_detection *d = NULL;
  const gen_group *group = find_group(it, n, &d);
  if (!group) return 0;
  uint32_t first = group->first, count = group->last - group->first + 1;
  uint32_t before = 0;
  for (uint32_t i = 0; i < it->detection_count && &it->detections[i] != d; i++) before += it->detections[i].step_count;
  for (; count > 0 && d->step_count > 1; count--) (void)drop_step(it, before + first);
  return 1;
}

static int simplify_group(gen_case *it, uint32_t n)
{
  gen_detection *d = NULL;
  gen_group *group = find_group(it, n / 8, &d);
  if (!group) return 0;
  gen_count *count = &group->count;
  switch (n % 8) {
    case 0: count->optional = 0; break;
    case 1: *count = (gen_count){0, 0, 1, 1, 0, GEN_INNER_UNSAID, 0, 0}; break;
    case 2: count->inner = GEN_INNER_UNSAID; break;
    case 3: memset(&group->until, 0, sizeof group->until); break;
    case 4: memset(&group->until.cond, 0, sizeof group->until.cond); break;
    case 5: group->kind = GEN_PLAIN; break;
    case 6: count->from_zero = 0; break;
    default: count->min = 1; break;
  }
  return 1;
}

static int drop_condition(gen_case *it, uint32_t n)
{
  for (uint32_t i = 0; i < it->detection_count; i++) {
    for (uint32_t s = 0; s < it->detections[i].step_count; s++) {
      gen_step *step = &it->detections[i].steps[s];
      if (n >= step->cond_count) {
        n -= step->cond_count;
        continue;
      }
      memmove(&step->conds[n], &step->conds[n + 1], (step->cond_count - n - 1) * sizeof *step->conds);
      step->cond_count--;
      return 1;
    }
  }
  return 0;
}

static int simplify_step(gen_case *it, uint32_t n)
{
  uint32_t what = n % 12;
  n /= 12;
  for (uint32_t i = 0; i < it->detection_count; i++) {
    if (n >= it->detections[i].step_count) {
      n -= it->detections[i].step_count;
      continue;
    }
    gen_step *step = &it->detections[i].steps[n];
    gen_count *count = &step->count;
    if (what == 0) count->optional = 0;
    if (what == 1) count->counted = 0, count->min = count->max = 1, count->from_zero = 0;
    if (what == 2) count->greedy = 0;
    if (what == 3) count->inner = GEN_INNER_UNSAID;
    if (what == 4) step->distinct = 0;
    if (what == 5) step->hop = GEN_THEN;
    if (what == 6) count->from_zero = 0;
    if (what == 7 && (step->role == GEN_DEFINED || step->role == GEN_OTHER)) step->role = GEN_A;
    if (what == 8) count->min = 1;
    if (what == 9) memset(&step->until, 0, sizeof step->until);
    if (what == 10) memset(&step->until.cond, 0, sizeof step->until.cond);
    if (what == 11) step->gap = 0;
    return 1;
  }
  return 0;
}

static int simplify_detection(gen_case *it, uint32_t n)
{
  uint32_t what = n % 11;
  if (n / 11 >= it->detection_count) return 0;
  gen_detection *d = &it->detections[n / 11];
  if (what == 0) d->earliest = 0;
  if (what == 1) d->on_timeout = 0;
  if (what == 2) d->suppress = 0, d->suppress_by_value = 0;
  if (what == 3) d->limit = d->limit ? -1 : 0;
  if (what == 4) d->skip = 1;
  if (what == 5) d->emit_count = 1, strcpy(d->emit[0].text, d->once ? "matches()" : "1");
  if (what == 6) d->limit = 0;
  if (what == 7) memset(&d->having, 0, sizeof d->having);
  if (what == 8) d->latest = 0;
  if (what == 9 && d->once) d->once = 0, d->emit_count = 1, strcpy(d->emit[0].text, "1");
  if (what == 10 && d->within_events) d->within_events = 0, d->within = 20;
  return 1;
}

static int simplify_case(gen_case *it, uint32_t n)
{
  if (n == 0) it->one_input = 0;
  if (n == 1) it->partitions = 1;
  if (n == 2) it->lateness = 0;
  if (n == 3) it->keys = 0;
  if (n == 4) it->keys = it->keys ? 1 : 0;
  for (uint32_t i = 0; (n == 3 || n == 4) && i < it->detection_count; i++) it->detections[i].keys = it->keys;
  if (n == 5) it->defined = 0;
  if (n == 6) it->finishes = 1;
  if (n == 7) it->pause_at = 0;
  if (n == 8) it->key_words = 0;
  if (n == 9) it->tally = 0;
  for (uint32_t i = 0; n == 1 && i < it->event_count; i++) it->events[i].partition = 0;
  return n < 10;
}

static int simplify_event(gen_case *it, uint32_t n)
{
  uint32_t what = n % 4;
  if (n / 4 >= it->event_count) return 0;
  gen_event *e = &it->events[n / 4];
  if (what == 0) e->ip = 0, e->f = -1;
  if (what == 1) e->v = -1;
  if (what == 2) e->key = e->key2 = 1;
  if (what == 3) e->letter = 0;
  return 1;
}

static const change_fn changes[] = {drop_detection, drop_event,         drop_group,    drop_step,     unwrap_group,
                                    drop_condition, simplify_detection, simplify_group, simplify_step, simplify_case, simplify_event};

/* 1 if the changed case still differs. */
static int still_fails(cb_alloc *alloc, const gen_case *it, uint64_t seed)
{
  cb_arena arena;
  cb_arena_init(&arena, alloc);
  const char *wrong = rnd_judge(&arena, it, seed, 0, NULL);
  int fails = wrong && wrong != RND_INVALID && wrong != RND_UNSUPPORTED && wrong != RND_TOO_BIG;
  cb_arena_fini(&arena);
  return fails;
}

void rnd_shrink(gen_case *it, uint64_t seed)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  for (int improved = 1, rounds = 0; improved && rounds < 20; rounds++) {
    improved = 0;
    for (uint32_t c = 0; c < sizeof changes / sizeof *changes; c++) {
      for (uint32_t n = 0;;) {
        gen_case changed = *it;
        if (!changes[c](&changed, n)) break;
        if (memcmp(&changed, it, sizeof changed) != 0 && still_fails(&alloc, &changed, seed)) {
          *it = changed;
          improved = 1;
        } else {
          n++;
        }
      }
    }
  }
}

void rnd_show(gen_case *it, uint64_t seed, const char *title)
{
  rnd_shrink(it, seed);
  cb_alloc alloc;
  cb_arena arena;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  const char *wrong = rnd_judge(&arena, it, seed, 0, NULL);
  printf("# %s: %s\n", title, wrong ? wrong : "?");
  scenario sc;
  memset(&sc, 0, sizeof sc);
  if (gen_scenario(&arena, it, NULL, &sc)) {
    cb_writer w;
    cb_writer_init(&w, &alloc);
    case_write(&w, &arena, title, &sc, scn_reference(&arena, &sc));
    printf("%.*s\n", (int)w.len, (const char *)w.data);
    cb_writer_fini(&w);
  }
  fflush(stdout);
  cb_arena_fini(&arena);
}
