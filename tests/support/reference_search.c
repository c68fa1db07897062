/* reference_search.c - every assignment of one key's events to steps, and what becomes of each. */
#include <string.h>

#include "tests/support/reference_parts.h"

#define NOWHERE UINT32_MAX

/* An assignment while it is looked at: the captures so far and the search it belongs to. */
typedef struct look {
  ref_search *search;
  const plan_detection *detection;
  const ref_capture *captures;
  const uint32_t *positions;
  uint32_t count;
  uint32_t step;    /* of the newest capture */
  uint32_t repeats; /* captures of that step */
  uint32_t last;    /* position of the newest capture */
  cep_time t_last;
  int has_span;
  cep_time span_end;
  uint32_t killed; /* position of the event that meets a `no` right behind; NOWHERE */
} look;

/* A way on from an assignment: to take `target`, `open` until something closes it. */
typedef struct way {
  uint32_t target;
  plan_contiguity contiguity;
} way;

static void explore(ref_search *search, const ref_capture *captures, const uint32_t *positions, uint32_t count,
                    int may_go_on);

/* ---- Moments and small questions -------------------------------------------------------- */

static uint32_t input_count(const look *l)
{
  return l->search->key->input.count;
}

static cep_time time_at(const look *l, uint32_t position)
{
  return l->search->run->events.at[l->search->key->input.at[position].event].time;
}

static ref_moment at_event(const look *l, uint32_t position)
{
  ref_moment m = {time_at(l, position), 1, position};
  return m;
}

static ref_moment at_deadline(cep_time time)
{
  ref_moment m = {time, 0, 0};
  return m;
}

static ref_moment later(ref_moment a, ref_moment b)
{
  return ref_moment_compare(a, b) >= 0 ? a : b;
}

static const ref_moment never = {CEP_TIME_MAX, 1, UINT32_MAX};

static cep_time plus(cep_time time, cep_duration duration)
{
  int64_t sum = 0;
  return __builtin_add_overflow(time, duration, &sum) ? CEP_TIME_MAX : sum;
}

static int takes(const plan_step *step)
{
  return step->kind == PLAN_TAKE;
}

/* The next step behind `step` that captures; step_count if there is none. */
static uint32_t next_taking(const plan_detection *d, uint32_t step)
{
  do step++;
  while (step < d->step_count && !takes(&d->steps[step]));
  return step;
}

static int in_span(const look *l, uint32_t position)
{
  return !l->has_span || time_at(l, position) < l->span_end;
}

/* ---- Does an event fit a step --------------------------------------------------------- */

static int is_new(const ref_scope *scope, const plan_step *step, uint32_t number)
{
  if (step->distinct_count == 0) return 1;
  for (uint32_t i = 0; i < step->distinct_count; i++) {
    if (ref_eval(scope, step->distinct[i]).kind == CEP_NULL) return 0;
  }
  for (uint32_t c = 0; c < scope->capture_count; c++) {
    if (scope->captures[c].step != number) continue;
    ref_scope old = *scope;
    old.event = &scope->run->events.at[scope->captures[c].event];
    uint32_t equal = 0;
    for (uint32_t i = 0; i < step->distinct_count; i++) {
      cep_value a = ref_eval(scope, step->distinct[i]), b = ref_eval(&old, step->distinct[i]);
      equal += cb_value_compare(&a, &b) == CB_EQUAL;
    }
    if (equal == step->distinct_count) return 0;
  }
  return 1;
}

/* Does the event at `position` fit the step, as an assignment of `count` captures sees it. */
static int fits_seen(const ref_search *search, uint32_t number, uint32_t position, const ref_capture *captures,
                     uint32_t count)
{
  const plan_step *step = &search->detection->steps[number];
  const ref_entry *entry = &search->key->input.at[position];
  const ref_event *event = &search->run->events.at[entry->event];
  if (event->stream != step->stream || !(entry->routes >> step->route & 1)) return 0;
  ref_scope scope = {search->run, event, NULL, 0, search->key->keys, NULL};
  if (!ref_holds(&scope, step->member)) return 0;
  scope.captures = captures;
  scope.capture_count = count;
  return ref_holds(&scope, step->where) && is_new(&scope, step, number);
}

static int fits(const look *l, uint32_t step, uint32_t position)
{
  return fits_seen(l->search, step, position, l->captures, l->count);
}

/* ---- Absence ----------------------------------------------------------------------------- */

static int is_greedy(const plan_step *step)
{
  return takes(step) && step->greed == PLAN_GREEDY && step->max > step->min;
}

/* Does the event at `position` meet this `no`, while it is in force. `immediately no`
 * behind a greedy loop does not see an event that fits the loop. */
static int meets_no(const look *l, uint32_t number, uint32_t position)
{
  const plan_step *step = &l->detection->steps[number];
  if (step->no_for > 0) {
    if (time_at(l, position) >= plus(l->t_last, step->no_for)) return 0;
  } else if (!in_span(l, position)) {
    return 0;
  } else if (step->hop == PLAN_STRICT) {
    const plan_step *newest = &l->detection->steps[l->step];
    if (position != l->last + 1 || l->repeats < newest->min) return 0;
    if (is_greedy(newest) && fits(l, l->step, position)) return 0;
  }
  return fits(l, number, position);
}

/* Does the event meet a `no` that a way to `target` passes only by leaving out a step. */
static int meets_indirect(const look *l, uint32_t target, uint32_t position)
{
  for (uint32_t s = next_taking(l->detection, l->step); s < target; s++) {
    if (!takes(&l->detection->steps[s]) && meets_no(l, s, position)) return 1;
  }
  return 0;
}

/* Does the event meet an `immediately no` on the way to `target`: then that way does not
 * take it, not even to complete a match, as it may with a `no` that looks further. */
static int blocked(const look *l, uint32_t target, uint32_t position)
{
  for (uint32_t s = l->step + 1; s < target; s++) {
    const plan_step *step = &l->detection->steps[s];
    if (!takes(step) && step->no_for == 0 && step->hop == PLAN_STRICT && meets_no(l, s, position)) return 1;
  }
  return 0;
}

/* Before this time a way to `target` takes nothing: quiet periods that it must pass. */
static cep_time wait_until(const look *l, uint32_t target)
{
  cep_time until = CEP_TIME_MIN;
  for (uint32_t s = l->step + 1; s < target; s++) {
    const plan_step *step = &l->detection->steps[s];
    if (takes(step) || step->no_for == 0) continue;
    cep_time passed = plus(l->t_last, step->no_for);
    if (passed > until) until = passed;
  }
  return until;
}

/* ---- Greed --------------------------------------------------------------------------------- */

static uint32_t last_taking(const plan_detection *d)
{
  uint32_t step = d->step_count - 1;
  while (!takes(&d->steps[step])) step--;
  return step;
}

static int has_trailing_no(const plan_detection *d)
{
  return last_taking(d) + 1 < d->step_count;
}

/* Does the event fit a greedy loop that a way to `target` has left or left out, so that
 * the way is closed by it. `target` is step_count for the end. */
static int guarded(const look *l, uint32_t target, uint32_t position)
{
  const plan_detection *d = l->detection;
  if (!in_span(l, position)) return 0;
  for (uint32_t g = l->step; g < target; g = next_taking(d, g)) {
    if (!is_greedy(&d->steps[g])) continue;
    uint32_t next = next_taking(d, g);
    int only_first = next < d->step_count && d->steps[next].optional;
    if (only_first && position != l->last + 1) continue;
    if (fits(l, g, position)) return 1;
  }
  return 0;
}

/* Without a trailing absence: is the end held back by a greedy loop in the middle that
 * the newest event fits, as the assignment before it saw that event. */
static int end_is_guarded(const look *l)
{
  const plan_detection *d = l->detection;
  for (uint32_t g = l->step; g < last_taking(d); g = next_taking(d, g)) {
    if (is_greedy(&d->steps[g]) && fits_seen(l->search, g, l->last, l->captures, l->count - 1)) return 1;
  }
  return 0;
}

/* The first event that meets a `no` right behind the newest capture. */
static uint32_t find_kill(const look *l)
{
  uint32_t end = next_taking(l->detection, l->step);
  for (uint32_t p = l->last + 1; p < input_count(l); p++) {
    for (uint32_t s = l->step + 1; s < end; s++) {
      if (meets_no(l, s, p)) return p;
    }
  }
  return NOWHERE;
}

/* ---- Ways ------------------------------------------------------------------------------------ */

static void extend(const look *l, uint32_t step, uint32_t position, int may_go_on)
{
  cb_arena *arena = l->search->run->arena;
  ref_capture *captures = cb_arena_take(arena, (l->count + 1) * sizeof *captures);
  uint32_t *positions = cb_arena_take(arena, (l->count + 1) * sizeof *positions);
  CB_ASSERT(captures && positions);
  memcpy(captures, l->captures, l->count * sizeof *captures);
  memcpy(positions, l->positions, l->count * sizeof *positions);
  captures[l->count].step = step;
  captures[l->count].event = l->search->key->input.at[position].event;
  positions[l->count] = position;
  explore(l->search, captures, positions, l->count + 1, may_go_on);
}

/* How a way ended: an event was taken; nothing can come any more (the span is over, the one
 * next event did not fit, a `no` was met); or a greedy loop before it took the event. */
typedef enum way_end { WAY_TAKEN, WAY_OVER, WAY_GUARDED } way_end;

/* Follows one way over all later events, writes down what it leads to, and gives the
 * moment at which it closes. */
static ref_moment follow(const look *l, const way *w, way_end *end_out)
{
  *end_out = WAY_OVER;
  cep_time wait = wait_until(l, w->target);
  for (uint32_t p = l->last + 1; p < input_count(l) && in_span(l, p); p++) {
    int ends = l->killed == p || meets_indirect(l, w->target, p);
    if (w->target != l->step && guarded(l, w->target, p)) {
      if (*end_out == WAY_OVER) *end_out = WAY_GUARDED;
      return at_event(l, p);
    }
    if (w->target != l->step && blocked(l, w->target, p)) return at_event(l, p);
    if (time_at(l, p) >= wait) {
      if (fits(l, w->target, p)) {
        *end_out = WAY_TAKEN;
        extend(l, w->target, p, !ends);
        if (w->contiguity != PLAN_ANY) return at_event(l, p);
      } else if (w->contiguity == PLAN_STRICT) {
        return at_event(l, p);
      }
    }
    if (ends) return at_event(l, p);
  }
  return l->has_span ? at_deadline(l->span_end) : never;
}

static uint32_t list_ways(const look *l, way ways[PLAN_STEPS_MAX])
{
  const plan_detection *d = l->detection;
  const plan_step *step = &d->steps[l->step];
  uint32_t count = 0;
  if (l->repeats < step->max) {
    way again = {l->step, step->inner};
    ways[count++] = again;
  }
  if (l->repeats < step->min) return count;
  for (uint32_t s = next_taking(d, l->step); s < d->step_count; s = next_taking(d, s)) {
    way on = {s, d->steps[s].hop};
    ways[count++] = on;
    if (!d->steps[s].optional) break;
  }
  return count;
}

/* ---- The end ---------------------------------------------------------------------------------- */

/* 1 if nothing that must be taken is left. */
static int may_end(const look *l)
{
  const plan_detection *d = l->detection;
  if (l->repeats < d->steps[l->step].min) return 0;
  for (uint32_t s = next_taking(d, l->step); s < d->step_count; s = next_taking(d, s)) {
    if (!d->steps[s].optional) return 0;
  }
  return 1;
}

/* The moment at which all trailing absences are passed: each quiet period must pass, and of
 * the others the last element tells when it is over; earlier ones hold until then. */
static ref_moment absence_passed(const look *l)
{
  const plan_detection *d = l->detection;
  ref_moment over = l->has_span ? at_deadline(l->span_end) : never;
  ref_moment passed = at_event(l, l->last);
  for (uint32_t s = last_taking(d) + 1; s < d->step_count; s++) {
    ref_moment m = over;
    if (d->steps[s].no_for > 0) {
      m = at_deadline(plus(l->t_last, d->steps[s].no_for));
    } else if (s + 1 < d->step_count) {
      continue;
    } else if (d->steps[s].hop == PLAN_STRICT && l->last + 1 < input_count(l) && in_span(l, l->last + 1)) {
      m = at_event(l, l->last + 1);
    }
    passed = later(passed, m);
  }
  return passed;
}

static void end_by_absence(const look *l, ref_history *history)
{
  ref_moment passed = absence_passed(l);
  history->dies = later(history->dies, passed);
  for (uint32_t p = l->last + 1; p < input_count(l); p++) {
    ref_moment now = at_event(l, p);
    if (ref_moment_compare(now, passed) > 0) break;
    if (l->killed == p || meets_indirect(l, l->detection->step_count, p) ||
        guarded(l, l->detection->step_count, p)) {
      history->dies = later(history->born, now);
      return;
    }
  }
  if (ref_moment_compare(passed, never) == 0) return; /* waits for an event that has not come */
  history->completes = 1;
  history->completed = passed;
}

/* A greedy last loop that could still take an event: its run, be it empty, has to end first. */
static int run_is_open(const look *l)
{
  const plan_detection *d = l->detection;
  const plan_step *step = &d->steps[last_taking(d)];
  return is_greedy(step) && (l->step != last_taking(d) || l->repeats < step->max);
}

/* `into_last`: how the way into the last capturing step ended, and when. */
static void find_end(const look *l, ref_history *history, way_end into_last, ref_moment into_last_closed)
{
  if (!may_end(l)) return;
  if (has_trailing_no(l->detection)) {
    ref_moment ways_end = history->dies;
    end_by_absence(l, history);
    history->dies = later(history->dies, ways_end);
    return;
  }
  if (!run_is_open(l)) {
    if (end_is_guarded(l)) return;
    history->completes = 1;
    history->completed = history->born;
  } else if (into_last == WAY_OVER && ref_moment_compare(into_last_closed, never) != 0) {
    history->completes = 1;
    history->completed = into_last_closed;
  }
}

/* ---- One assignment -------------------------------------------------------------------------- */

static void record(look *l, const ref_history *history)
{
  ref_search *search = l->search;
  if (search->found.count >= search->run->histories_max) search->too_big = 1;
  int pushed = cb_vec_push(search->run->arena->alloc, &search->found, *history);
  CB_ASSERT(pushed);
}

/* `may_go_on` 0: the newest event met a `no`, so that only a match which it completes is left. */
static void explore(ref_search *search, const ref_capture *captures, const uint32_t *positions, uint32_t count,
                    int may_go_on)
{
  if (search->too_big) return;
  const plan_detection *d = search->detection;
  look l = {search, d, captures, positions, count, captures[count - 1].step, 0, positions[count - 1], 0, 0, 0, NOWHERE};
  for (uint32_t i = 0; i < count; i++) l.repeats += captures[i].step == l.step;
  l.t_last = time_at(&l, l.last);
  l.has_span = d->within != PLAN_UNBOUNDED;
  l.span_end = l.has_span ? plus(time_at(&l, positions[0]), d->within) : CEP_TIME_MAX;

  ref_history h;
  memset(&h, 0, sizeof h);
  h.captures = captures;
  h.positions = positions;
  h.count = count;
  h.born = at_event(&l, l.last);
  h.dies = h.born;
  h.span_end = at_deadline(l.span_end);
  h.waited = NOWHERE;
  ref_moment into_last_closed = h.born;
  way_end into_last = WAY_GUARDED;
  if (may_go_on) {
    l.killed = find_kill(&l);
    way ways[PLAN_STEPS_MAX];
    uint32_t way_count = list_ways(&l, ways);
    for (uint32_t i = 0; i < way_count; i++) {
      way_end end = WAY_OVER;
      ref_moment closed = follow(&l, &ways[i], &end);
      h.dies = later(h.dies, closed);
      if (l.has_span && !closed.is_event && ways[i].target < h.waited) h.waited = ways[i].target;
      if (ways[i].target == last_taking(d)) {
        into_last_closed = closed;
        into_last = end;
      }
    }
    h.times_out = h.waited != NOWHERE;
    find_end(&l, &h, into_last, into_last_closed);
  } else if (may_end(&l) && !has_trailing_no(d) && !run_is_open(&l) && !end_is_guarded(&l)) {
    h.completes = 1;
    h.completed = h.born;
  }
  if (h.completes) h.dies = later(h.dies, h.completed);
  if (h.times_out && h.completes && ref_moment_compare(h.completed, h.span_end) == 0) h.times_out = 0;
  record(&l, &h);
}

/* ---- Starts -------------------------------------------------------------------------------------- */

/* A quiet time before the first step: every leading `no X for D` must be passed. */
static int quiet_before(ref_search *search, uint32_t first, uint32_t position)
{
  for (uint32_t s = 0; s < first; s++) {
    const plan_step *step = &search->detection->steps[s];
    if (takes(step)) continue;
    const ref_key *key = search->key;
    if (position == 0) return 0;
    uint32_t since = 0;
    for (uint32_t p = 0; p < position; p++) {
      if (fits_seen(search, s, p, NULL, 0)) since = p;
    }
    cep_time t0 = search->run->events.at[key->input.at[since].event].time;
    if (search->run->events.at[key->input.at[position].event].time < plus(t0, step->no_for)) return 0;
  }
  return 1;
}

/* A start that leaves out a greedy loop which the event fits: the loop takes it. */
static int start_is_guarded(ref_search *search, uint32_t first, uint32_t step, uint32_t position)
{
  for (uint32_t g = first; g < step; g = next_taking(search->detection, g)) {
    if (is_greedy(&search->detection->steps[g]) && fits_seen(search, g, position, NULL, 0)) return 1;
  }
  return 0;
}

void ref_search_all(ref_search *search)
{
  const plan_detection *d = search->detection;
  uint32_t first = 0;
  while (!takes(&d->steps[first])) first++;
  for (uint32_t p = 0; p < search->key->input.count; p++) {
    for (uint32_t s = first; s < d->step_count; s = next_taking(d, s)) {
      if (fits_seen(search, s, p, NULL, 0) && quiet_before(search, first, p) && !start_is_guarded(search, first, s, p)) {
        ref_capture *captures = cb_arena_take(search->run->arena, sizeof *captures);
        uint32_t *positions = cb_arena_take(search->run->arena, sizeof *positions);
        CB_ASSERT(captures && positions);
        captures->step = s;
        captures->event = search->key->input.at[p].event;
        *positions = p;
        explore(search, captures, positions, 1, 1);
      }
      if (!d->steps[s].optional) break;
    }
  }
}
