/* reference_window.c - windows by brute force: what each has seen by when, and what is told of it. */
#include "tests/support/reference_window.h"

#include <string.h>

/* One window or session, with the events that have gone into it. */
typedef struct span {
  cep_time start;
  cep_time end;
  cep_time newest;  /* of a session */
  cep_time checked; /* early reports up to here have been given or passed over */
  int is_fresh;     /* took an event since it was told of */
  int is_decided;
  int is_told;      /* as `window` */
  uint32_t firing;
  ref_capture *events;
  uint32_t count;
} span;

typedef struct telling {
  ref_run *run;
  const plan_detection *d;
  uint32_t detection;
  const ref_key *key;
  uint32_t key_index;
  CB_VEC(span *) spans;
} telling;

static void *take(ref_run *run, size_t size)
{
  void *p = cb_arena_take(run->arena, size ? size : 1);
  CB_ASSERT(p);
  return p;
}

static const ref_event *event_at(const telling *t, uint32_t entry)
{
  return &t->run->events.at[t->key->input.at[entry].event];
}

static cep_time floor_to(cep_time time, const plan_window *window)
{
  cep_time from = time - window->offset;
  cep_time whole = from / window->every;
  if (whole * window->every > from) whole--;
  return whole * window->every + window->offset;
}

/* ---- Telling ------------------------------------------------------------------------------ */

static void tell(const telling *t, span *of, cep_time time, cep_match_kind kind)
{
  ref_scope scope = {t->run, NULL, of->events, of->count, t->key->keys, t->d->window, 0, of->start, of->end, time};
  if (!ref_holds(&scope, t->d->window->having)) return;
  cep_value *values = take(t->run, t->d->emit_count * sizeof *values);
  for (uint32_t i = 0; i < t->d->emit_count; i++) values[i] = ref_eval(&scope, t->d->emit[i].expr);
  ref_output output;
  memset(&output, 0, sizeof output);
  output.detection = t->detection;
  output.kind = kind;
  output.time = time;
  output.window_start = of->start;
  output.firing = ++of->firing;
  output.key_index = t->key_index;
  output.keys = t->key->keys;
  output.waited = CEP_NONE;
  output.values = values;
  output.value_count = t->d->emit_count;
  ref_identify(t->run, &output);
  int pushed = cb_vec_push(t->run->arena->alloc, &t->run->outputs, output);
  CB_ASSERT(pushed);
  of->is_fresh = 0;
  if (kind == CEP_WINDOW) of->is_told = 1;
}

/* ---- Spans ---------------------------------------------------------------------------------- */

/* The one that begins there, made if it is not there; they stay in the order of their starts. */
static span *want(telling *t, cep_time start, cep_time end)
{
  for (uint32_t i = 0; i < t->spans.count; i++) {
    if (t->spans.at[i]->start == start) return t->spans.at[i];
  }
  span *fresh = take(t->run, sizeof *fresh);
  *fresh = (span){.start = start, .end = end, .newest = start, .checked = CEP_TIME_MIN};
  fresh->events = take(t->run, t->key->input.count * sizeof *fresh->events);
  int pushed = cb_vec_push(t->run->arena->alloc, &t->spans, fresh);
  CB_ASSERT(pushed);
  uint32_t at = t->spans.count - 1;
  for (; at > 0 && t->spans.at[at - 1]->start > start; at--) t->spans.at[at] = t->spans.at[at - 1];
  t->spans.at[at] = fresh;
  return fresh;
}

/* Events of a window lie by their own time; of one time, as they came. */
static void put(const telling *t, span *of, uint32_t event)
{
  uint32_t at = of->count++;
  while (at > 0 && t->run->events.at[of->events[at - 1].event].time > t->run->events.at[event].time) {
    of->events[at] = of->events[at - 1];
    at--;
  }
  of->events[at] = (ref_capture){0, event};
  of->is_fresh = 1;
}

static void took(const telling *t, span *of, cep_time place)
{
  of->is_decided = of->end <= place;
  of->checked = place;
  if (t->d->window->at_once) {
    if (!of->is_told) tell(t, of, place, CEP_WINDOW);
  } else if (of->is_decided) {
    tell(t, of, place, CEP_UPDATE);
  }
}

static void into_windows(telling *t, uint32_t entry)
{
  const plan_window *window = t->d->window;
  cep_time time = event_at(t, entry)->time, place = event_at(t, entry)->place;
  cep_time newest = floor_to(time, window), start = newest;
  while (start - window->every + window->length > time) start -= window->every;
  for (; start <= newest; start += window->every) {
    span *of = want(t, start, start + window->length);
    put(t, of, t->key->input.at[entry].event);
    took(t, of, place);
  }
  for (; start < time + window->even_empty; start += window->every) { /* those without it that exist because of it */
    if (start + window->length > place) (void)want(t, start, start + window->length);
  }
}

/* ---- Sessions ---------------------------------------------------------------------------------- */

static int is_short(const plan_window *window, cep_time start, cep_time newest)
{
  return window->max == 0 || newest < start + window->max;
}

static span *session_of(telling *t, cep_time time)
{
  const plan_window *window = t->d->window;
  span *before = NULL, *behind = NULL;
  for (uint32_t i = 0; i < t->spans.count; i++) {
    span *one = t->spans.at[i];
    if (one->start <= time) before = one;
    else if (!behind) behind = one;
  }
  if (before && time - before->newest < window->length && is_short(window, before->start, time)) return before;
  if (!behind || behind->start - time >= window->length || !is_short(window, time, behind->newest)) return want(t, time, time);
  behind->start = time;
  return behind;
}

/* What comes behind becomes part of it as long as it is near enough. */
static void join_behind(telling *t, span *of)
{
  for (uint32_t i = 0; i < t->spans.count; i++) {
    span *other = t->spans.at[i];
    if (other->start <= of->start) continue;
    if (other->start - of->newest >= t->d->window->length || !is_short(t->d->window, of->start, other->newest)) return;
    for (uint32_t e = 0; e < other->count; e++) put(t, of, other->events[e].event);
    of->newest = other->newest;
    of->is_told |= other->is_told;
    if (other->firing > of->firing) of->firing = other->firing;
    for (uint32_t k = i + 1; k < t->spans.count; k++) t->spans.at[k - 1] = t->spans.at[k];
    t->spans.count--;
    i--;
  }
}

static void into_session(telling *t, uint32_t entry)
{
  const plan_window *window = t->d->window;
  cep_time time = event_at(t, entry)->time;
  span *of = session_of(t, time);
  if (time > of->newest) of->newest = time;
  put(t, of, t->key->input.at[entry].event);
  join_behind(t, of);
  of->end = of->newest + window->length;
  if (window->max > 0 && of->start + window->max < of->end) of->end = of->start + window->max;
  took(t, of, event_at(t, entry)->place);
}

/* ---- Time ---------------------------------------------------------------------------------------- */

/* The next instant at which something is due for it, CEP_TIME_MAX if nothing is. */
static cep_time due(const telling *t, const span *of)
{
  cep_duration every = t->d->window->early_every;
  if (of->is_decided) return CEP_TIME_MAX;
  for (cep_time early = of->start + every; every > 0 && early < of->end; early += every) {
    if (early > of->checked) return early;
  }
  return of->end;
}

static void come_due(const telling *t, span *of, cep_time time)
{
  if (time < of->end) {
    of->checked = time;
    if (of->is_fresh) tell(t, of, time, CEP_UPDATE);
    return;
  }
  of->is_decided = 1;
  if (!of->is_told) tell(t, of, time, CEP_WINDOW);
  else if (!t->d->window->at_once) tell(t, of, time, CEP_UPDATE);
}

/* Everything that is due up to `until`, one after the other; of one instant by start. */
static void pass(const telling *t, cep_time until)
{
  for (;;) {
    span *first = NULL;
    for (uint32_t i = 0; i < t->spans.count; i++) {
      if (!first || due(t, t->spans.at[i]) < due(t, first)) first = t->spans.at[i];
    }
    if (!first || due(t, first) > until || due(t, first) == CEP_TIME_MAX) return;
    come_due(t, first, due(t, first));
  }
}

static void by_time(telling *t)
{
  for (uint32_t i = 0; i < t->key->input.count; i++) {
    pass(t, event_at(t, i)->place);
    if (t->d->window->kind == PLAN_SESSION) into_session(t, i);
    else into_windows(t, i);
  }
  pass(t, t->run->frontier);
}

static void by_count(telling *t)
{
  uint64_t events = t->d->window->events, every = t->d->window->every_events;
  for (uint64_t first = 0; first + events <= t->key->input.count; first += every) {
    cep_time start = event_at(t, (uint32_t)first)->time, end = event_at(t, (uint32_t)(first + events - 1))->time;
    span of = {.start = start, .end = end};
    of.events = take(t->run, events * sizeof *of.events);
    for (uint64_t i = 0; i < events; i++) put(t, &of, t->key->input.at[first + i].event);
    tell(t, &of, end, CEP_WINDOW);
  }
}

void ref_windows(ref_run *run, uint32_t detection, const ref_key *key, uint32_t key_index)
{
  telling t = {run, &run->plan->detections[detection], detection, key, key_index, {0}};
  if (t.d->window->kind == PLAN_COUNT_WINDOW) by_count(&t);
  else by_time(&t);
  cb_vec_free(run->arena->alloc, &t.spans);
}
