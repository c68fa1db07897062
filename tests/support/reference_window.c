/* reference_window.c - windows by brute force: which exist, what is in each, when it is told. */
#include "tests/support/reference_window.h"

#include <string.h>

typedef CB_VEC(cep_time) starts;

typedef struct telling {
  ref_run *run;
  const plan_detection *d;
  uint32_t detection;
  const ref_key *key;
  uint32_t key_index;
} telling;

static void *take(ref_run *run, size_t size)
{
  void *p = cb_arena_take(run->arena, size ? size : 1);
  CB_ASSERT(p);
  return p;
}

static cep_time floor_to(cep_time time, const plan_window *window)
{
  cep_time from = time - window->offset;
  cep_time whole = from / window->length;
  if (whole * window->length > from) whole--;
  return whole * window->length + window->offset;
}

/* Every window that an event is in, or that has a part of the time behind one. */
static void list_starts(const telling *t, starts *all)
{
  const plan_window *window = t->d->window;
  for (uint32_t i = 0; i < t->key->input.count; i++) {
    cep_time time = t->run->events.at[t->key->input.at[i].event].time;
    for (cep_time start = floor_to(time, window); start <= time || start < time + window->even_empty; start += window->length) {
      uint32_t at = all->count, known = 0;
      for (uint32_t k = 0; k < all->count; k++) known |= all->at[k] == start;
      if (known) continue;
      int pushed = cb_vec_push(t->run->arena->alloc, all, start);
      CB_ASSERT(pushed);
      for (; at > 0 && all->at[at - 1] > start; at--) all->at[at] = all->at[at - 1];
      all->at[at] = start;
    }
  }
}

/* The event numbers of a window, as if the aggregate's one step had captured them. */
static uint32_t events_in(const telling *t, cep_time start, ref_capture *out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < t->key->input.count; i++) {
    uint32_t event = t->key->input.at[i].event;
    cep_time time = t->run->events.at[event].time;
    if (time >= start && time < start + t->d->window->length) out[count++] = (ref_capture){0, event};
  }
  return count;
}

static ref_scope scope_of(const telling *t, const ref_capture *events, uint32_t count, cep_time start)
{
  ref_scope scope = {t->run, NULL, events, count, t->key->keys, t->d->window, 0, start, start + t->d->window->length};
  return scope;
}

static int holds(const telling *t, const ref_capture *events, uint32_t count, cep_time start)
{
  ref_scope scope = scope_of(t, events, count, start);
  return ref_holds(&scope, t->d->window->having);
}

static void tell(const telling *t, const ref_capture *events, uint32_t count, cep_time start, cep_time time)
{
  cep_value *values = take(t->run, t->d->emit_count * sizeof *values);
  ref_scope scope = scope_of(t, events, count, start);
  for (uint32_t i = 0; i < t->d->emit_count; i++) values[i] = ref_eval(&scope, t->d->emit[i].expr);
  ref_output output;
  memset(&output, 0, sizeof output);
  output.detection = t->detection;
  output.kind = CEP_WINDOW;
  output.time = time;
  output.window_start = start;
  output.key_index = t->key_index;
  output.keys = t->key->keys;
  output.waited = CEP_NONE;
  output.values = values;
  output.value_count = t->d->emit_count;
  ref_identify(t->run, &output);
  int pushed = cb_vec_push(t->run->arena->alloc, &t->run->outputs, output);
  CB_ASSERT(pushed);
}

static void window_at(const telling *t, cep_time start)
{
  ref_capture *events = take(t->run, t->key->input.count * sizeof *events);
  uint32_t count = events_in(t, start, events);
  cep_time end = start + t->d->window->length;
  for (uint32_t n = 1; t->d->window->at_once && n <= count; n++) {
    if (!holds(t, events, n, start)) continue;
    tell(t, events, n, start, t->run->events.at[events[n - 1].event].time);
    return;
  }
  if (end <= t->run->frontier && holds(t, events, count, start)) tell(t, events, count, start, end);
}

void ref_windows(ref_run *run, uint32_t detection, const ref_key *key, uint32_t key_index)
{
  telling t = {run, &run->plan->detections[detection], detection, key, key_index};
  starts all;
  memset(&all, 0, sizeof all);
  list_starts(&t, &all);
  for (uint32_t i = 0; i < all.count; i++) window_at(&t, all.at[i]);
  cb_vec_free(run->arena->alloc, &all);
}
