/* reference_look.c - the questions about one assignment: what fits, what is forbidden, what is guarded. */
#include "tests/support/reference_look.h"

#include <string.h>

/* ---- Moments ------------------------------------------------------------------------------ */

uint32_t ref_input_count(const ref_look *l)
{
  return l->search->key->input.count;
}

cep_time ref_time_at(const ref_look *l, uint32_t position)
{
  return l->search->run->events.at[l->search->key->input.at[position].event].time;
}

ref_moment ref_at_event(const ref_look *l, uint32_t position)
{
  ref_moment m = {ref_time_at(l, position), 1, position, 0};
  return m;
}

ref_moment ref_at_deadline(cep_time time)
{
  ref_moment m = {time, 0, 0, 0};
  return m;
}

ref_moment ref_later(ref_moment a, ref_moment b)
{
  return ref_moment_compare(a, b) >= 0 ? a : b;
}

cep_time ref_plus(cep_time time, cep_duration duration)
{
  int64_t sum = 0;
  return __builtin_add_overflow(time, duration, &sum) ? CEP_TIME_MAX : sum;
}

int ref_in_span(const ref_look *l, uint32_t position)
{
  return position <= l->span_last && ref_moment_compare(ref_at_event(l, position), l->span_end) < 0;
}

/* A span of events is over right after its last event; with the end of the input, behind all
 * that happens at the time of the newest event of any key. */
static void find_span(ref_look *l)
{
  const plan_detection *d = l->detection;
  l->span_last = REF_NONE;
  l->span_end = ref_never;
  if (d->within_events > 0) {
    uint32_t left = ref_input_count(l) - 1 - l->positions[0];
    int is_full = d->within_events <= left;
    if (is_full) l->span_last = l->positions[0] + (uint32_t)d->within_events;
    if (is_full) l->span_end = (ref_moment){ref_time_at(l, l->span_last), 1, l->span_last, 1};
    else if (l->search->run->frontier == CEP_TIME_MAX) l->span_end = (ref_moment){l->search->newest, 1, UINT32_MAX - 1, 1};
  } else if (d->within != PLAN_UNBOUNDED) {
    l->span_end = ref_at_deadline(ref_plus(ref_time_at(l, l->positions[0]), d->within));
  }
}

void ref_look_at(ref_look *l, ref_search *search, const ref_capture *captures, const uint32_t *positions,
                 uint32_t count, const ref_cursor *cursor)
{
  memset(l, 0, sizeof *l);
  l->search = search;
  l->detection = search->detection;
  l->captures = captures;
  l->positions = positions;
  l->count = count;
  l->cursor = cursor;
  l->step = captures[count - 1].step;
  l->last = positions[count - 1];
  l->t_last = ref_time_at(l, l->last);
  l->killed = l->replaced = REF_NONE;
  find_span(l);
  ref_list_direct(l->detection, cursor, &l->direct);
}

/* ---- Does an event fit -------------------------------------------------------------------- */

int ref_is_greedy(const plan_step *step)
{
  return step->kind == PLAN_TAKE && step->greed == PLAN_GREEDY && step->max > step->min;
}

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

int ref_fits_seen(const ref_search *search, uint32_t number, uint32_t position, const ref_capture *captures, uint32_t count)
{
  const plan_step *step = &search->detection->steps[number];
  const ref_entry *entry = &search->key->input.at[position];
  const ref_event *event = &search->run->events.at[entry->event];
  if (event->stream != step->stream || !(entry->routes >> step->route & 1)) return 0;
  ref_scope scope = {search->run, event, NULL, 0, search->key->keys, NULL, 0, 0, 0, 0};
  if (!ref_holds(&scope, step->member)) return 0;
  scope.captures = captures;
  scope.capture_count = count;
  return ref_holds(&scope, step->where) && is_new(&scope, step, number);
}

int ref_fits(const ref_look *l, uint32_t step, uint32_t position)
{
  return ref_fits_seen(l->search, step, position, l->captures, l->count);
}

/* Is an `until` met of an element on the way down to the step. */
static int until_around(const ref_search *search, const plan_element *element, uint32_t step, uint32_t position,
                        const ref_capture *captures, uint32_t count, int *found)
{
  if (element->kind == PLAN_STEP && element->step != step) return 0;
  int met = 0;
  *found = element->kind == PLAN_STEP;
  for (uint32_t i = 0; i < element->item_count && !*found; i++) {
    met = until_around(search, &element->items[i], step, position, captures, count, found);
  }
  uint32_t until = element->kind == PLAN_STEP ? search->detection->steps[step].until : element->until;
  return met || (*found && until != CEP_NONE && ref_fits_seen(search, until, position, captures, count));
}

int ref_fits_loop(const ref_search *search, uint32_t step, uint32_t position, const ref_capture *captures, uint32_t count)
{
  int found = 0;
  return ref_fits_seen(search, step, position, captures, count) &&
         !until_around(search, &search->detection->pattern, step, position, captures, count, &found);
}

/* Has an earlier event since the newest capture ended the loop: then it takes nothing any more. */
static int loop_is_over(const ref_look *l, uint32_t step, uint32_t position)
{
  for (uint32_t p = l->last + 1; p < position; p++) {
    int found = 0;
    if (until_around(l->search, &l->detection->pattern, step, p, l->captures, l->count, &found)) return 1;
  }
  return 0;
}

int ref_until_met(const ref_look *l, const ref_way *way, uint32_t position)
{
  uint32_t own = l->detection->steps[way->target].until;
  if (way->repeats && own != CEP_NONE && ref_fits(l, own, position)) return 1;
  for (uint32_t i = 0; i + 1 < way->to.depth; i++) {
    uint32_t until = way->to.frames[i].at->until;
    if (until != CEP_NONE && ref_fits(l, until, position)) return 1;
  }
  return 0;
}

/* ---- Absence ------------------------------------------------------------------------------ */

static int looks_at_next(const plan_step *step)
{
  return step->no_for == 0 && step->hop == PLAN_STRICT;
}

/* Does the event meet this `no`, while it is in force. `immediately no` behind a greedy
 * loop does not see an event that fits the loop. */
static int meets_no(const ref_look *l, uint32_t number, uint32_t position)
{
  const plan_step *step = &l->detection->steps[number];
  if (step->no_for > 0) {
    if (ref_time_at(l, position) >= ref_plus(l->t_last, step->no_for)) return 0;
  } else if (!ref_in_span(l, position)) {
    return 0;
  } else if (looks_at_next(step)) {
    if (position != l->last + 1) return 0;
    if (ref_is_greedy(&l->detection->steps[l->step]) &&
        ref_fits_loop(l->search, l->step, position, l->captures, l->count)) {
      return 0;
    }
  }
  return ref_fits(l, number, position);
}

static int is_direct(const ref_look *l, uint32_t no)
{
  for (uint32_t i = 0; i < l->direct.count; i++) {
    if (l->direct.step[i] == no) return 1;
  }
  return 0;
}

int ref_meets_indirect(const ref_look *l, const ref_path *path, uint32_t position)
{
  for (uint32_t i = 0; i < path->count; i++) {
    const ref_pass *passed = &path->at[i];
    if (passed->kind == REF_PASS_NO && !is_direct(l, passed->step) && meets_no(l, passed->step, position)) return 1;
  }
  return 0;
}

int ref_blocked(const ref_look *l, const ref_path *path, uint32_t position)
{
  for (uint32_t i = 0; i < path->count; i++) {
    const ref_pass *passed = &path->at[i];
    if (passed->kind != REF_PASS_NO || !looks_at_next(&l->detection->steps[passed->step])) continue;
    if (meets_no(l, passed->step, position)) return 1;
  }
  return 0;
}

cep_time ref_wait_until(const ref_look *l, const ref_path *path)
{
  cep_time until = CEP_TIME_MIN;
  for (uint32_t i = 0; i < path->count; i++) {
    if (path->at[i].kind != REF_PASS_NO) continue;
    const plan_step *step = &l->detection->steps[path->at[i].step];
    if (step->no_for == 0) continue;
    cep_time passed = ref_plus(l->t_last, step->no_for);
    if (passed > until) until = passed;
  }
  return until;
}

uint32_t ref_trailing_from(const ref_path *path)
{
  uint32_t from = path->count;
  while (from > 0 && path->at[from - 1].kind == REF_PASS_NO) from--;
  return from;
}

/* The first event that meets a `no` right behind the newest capture. */
static uint32_t find_kill(const ref_look *l)
{
  for (uint32_t p = l->last + 1; p < ref_input_count(l); p++) {
    for (uint32_t i = 0; i < l->direct.count; i++) {
      uint32_t no = l->direct.step[i];
      if (looks_at_next(&l->detection->steps[no]) && !l->direct.is_ready[i]) continue;
      if (meets_no(l, no, p)) return p;
    }
  }
  return REF_NONE;
}

static uint32_t find_later_start(const ref_look *l)
{
  if (!l->detection->latest || l->count > 1) return REF_NONE;
  for (uint32_t p = l->last + 1; p < ref_input_count(l); p++) {
    if (l->search->starts[p]) return p;
  }
  return REF_NONE;
}

void ref_look_ahead(ref_look *l)
{
  l->killed = find_kill(l);
  l->replaced = find_later_start(l);
}

/* ---- Greed -------------------------------------------------------------------------------- */

/* What comes behind pass number `at`: 1 if that was left out, or could be. */
static int next_is_optional(const ref_path *path, uint32_t at, int enters_optional)
{
  for (uint32_t i = at + 1; i < path->count; i++) {
    if (path->at[i].kind != REF_PASS_NO && path->at[i].kind != REF_PASS_GUARD) return 1;
  }
  return enters_optional;
}

static int is_greedy_at(const ref_look *l, const ref_path *path, uint32_t at)
{
  return (path->at[at].kind == REF_PASS_STEP || path->at[at].kind == REF_PASS_GUARD) && ref_is_greedy(&l->detection->steps[path->at[at].step]);
}

int ref_guarded(const ref_look *l, const ref_path *path, int enters_optional, uint32_t position)
{
  if (!ref_in_span(l, position)) return 0;
  for (uint32_t i = 0; i < path->count; i++) {
    if (!is_greedy_at(l, path, i)) continue;
    int first_only = path->at[i].round_too || next_is_optional(path, i, enters_optional);
    if (position != l->last + 1 && first_only) continue;
    if (ref_fits_loop(l->search, path->at[i].step, position, l->captures, l->count) &&
        !loop_is_over(l, path->at[i].step, position)) {
      return 1;
    }
  }
  return 0;
}

int ref_end_guarded(const ref_look *l, const ref_path *end)
{
  for (uint32_t i = 0; i < ref_trailing_from(end); i++) {
    const ref_pass *passed = &end->at[i];
    if (passed->kind != REF_PASS_NO || !looks_at_next(&l->detection->steps[passed->step])) continue;
    if (ref_fits_seen(l->search, passed->step, l->last, l->captures, l->count - 1)) return 1;
  }
  for (uint32_t i = 0; i < end->count; i++) {
    if (i + 1 == end->count && end->at[i].kind != REF_PASS_GUARD) continue;
    if (!is_greedy_at(l, end, i)) continue;
    if (ref_fits_loop(l->search, end->at[i].step, l->last, l->captures, l->count - 1)) return 1;
  }
  return 0;
}
