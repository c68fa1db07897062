/* reference.c - the reference evaluator: inputs of detections and keys, derived streams, suppression. */
#include "tests/support/reference.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/reference_fold.h"
#include "tests/support/reference_join.h"
#include "tests/support/reference_window.h"

/* Enough for what a case means, small enough to end soon. */
#define HISTORIES_MAX_DEFAULT 20000u

typedef struct keys {
  CB_VEC(ref_key *) at;
} keys;

void ref_init(ref_run *run, cb_arena *arena, const plan *meaning, cep_time frontier)
{
  memset(run, 0, sizeof *run);
  run->arena = arena;
  run->plan = meaning;
  run->frontier = frontier;
  run->newest = CEP_TIME_MIN;
  run->histories_max = HISTORIES_MAX_DEFAULT;
}

void ref_fini(ref_run *run)
{
  cb_vec_free(run->arena->alloc, &run->outputs);
  cb_vec_free(run->arena->alloc, &run->rows);
}

static void *take(ref_run *run, size_t size)
{
  void *p = cb_arena_take(run->arena, size);
  CB_ASSERT(p);
  return p;
}

void ref_add_row(ref_run *run, uint32_t table, const cep_value *values)
{
  int pushed = cb_vec_push(run->arena->alloc, &run->rows, ((ref_row){table, values}));
  CB_ASSERT(pushed);
}

void ref_add(ref_run *run, const ref_event *event)
{
  if (run->events.count == run->events.capacity) {
    uint32_t capacity = run->events.capacity ? run->events.capacity * 2 : 64;
    ref_event *grown = take(run, capacity * sizeof *grown);
    if (run->events.count) memcpy(grown, run->events.at, run->events.count * sizeof *grown);
    run->events.at = grown;
    run->events.capacity = capacity;
  }
  run->events.at[run->events.count++] = *event;
}

/* ---- The input of a detection ---------------------------------------------------------- */

static uint32_t stratum_of(const ref_run *run, const ref_event *event)
{
  return run->plan->streams[event->stream].stratum;
}

/* Events of one instant: those of the inputs, then those of detections by stratum and file. */
static int comes_before(const ref_run *run, uint32_t a, uint32_t b)
{
  const ref_event *x = &run->events.at[a], *y = &run->events.at[b];
  if (x->place != y->place) return x->place < y->place;
  if (stratum_of(run, x) != stratum_of(run, y)) return stratum_of(run, x) < stratum_of(run, y);
  if (stratum_of(run, x) > 0) {
    uint32_t dx = run->plan->streams[x->stream].detection, dy = run->plan->streams[y->stream].detection;
    if (dx != dy) return dx < dy;
  }
  return a < b;
}

static uint32_t *order_events(ref_run *run)
{
  uint32_t *order = take(run, (run->events.count + 1) * sizeof *order);
  for (uint32_t i = 0; i < run->events.count; i++) {
    uint32_t at = i;
    while (at > 0 && comes_before(run, i, order[at - 1])) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = i;
  }
  return order;
}

static void enter(ref_run *run, keys *all, const cep_value *parts, uint32_t part_count, uint32_t event, uint32_t route)
{
  ref_key *key = NULL;
  for (uint32_t i = 0; i < all->at.count && !key; i++) {
    uint32_t same = 0;
    for (uint32_t k = 0; k < part_count; k++) same += (uint32_t)cb_value_same(&all->at.at[i]->keys[k], &parts[k]);
    if (same == part_count) key = all->at.at[i];
  }
  if (!key) {
    key = take(run, sizeof *key);
    key->keys = parts;
    int pushed = cb_vec_push(run->arena->alloc, &all->at, key);
    CB_ASSERT(pushed);
  }
  if (key->input.count > 0 && key->input.at[key->input.count - 1].event == event) {
    key->input.at[key->input.count - 1].routes |= (uint64_t)1 << route;
    return;
  }
  ref_entry entry = {event, (uint64_t)1 << route};
  int pushed = cb_vec_push(run->arena->alloc, &key->input, entry);
  CB_ASSERT(pushed);
}

/* A late event is seen by nobody but aggregates that allow it. */
static int may_see(const plan_detection *d, const ref_event *event)
{
  return event->place == event->time || (d->window && event->place - event->time <= d->window->allowed);
}

/* Sends an event down one route: into the input of its key, unless a part of that is null. */
static void route_event(ref_run *run, keys *all, const plan_detection *d, uint32_t route_number, uint32_t event)
{
  const plan_route *route = &d->routes[route_number];
  ref_scope scope = {run, &run->events.at[event], NULL, 0, NULL, NULL, 0, 0, 0, 0};
  if (scope.event->stream != route->stream || !may_see(d, scope.event) || !ref_holds(&scope, route->member)) return;
  cep_value *parts = take(run, (d->key_count + 1) * sizeof *parts);
  for (uint32_t k = 0; k < d->key_count; k++) {
    parts[k] = ref_eval(&scope, route->keys[k]);
    if (parts[k].kind == CEP_NULL) return;
  }
  enter(run, all, parts, d->key_count, event, route_number);
}

int ref_allows(ref_run *run, const ref_event *event)
{
  ref_scope scope = {run, event, NULL, 0, NULL, NULL, 0, 0, 0, 0};
  for (uint32_t i = 0; i < run->plan->detection_count; i++) {
    const plan_detection *d = &run->plan->detections[i];
    for (uint32_t r = 0; r < d->route_count; r++) {
      const plan_route *route = &d->routes[r];
      uint32_t k = 0;
      if (event->stream != route->stream || !may_see(d, event) || !ref_holds(&scope, route->member)) continue;
      while (k < d->key_count && ref_eval(&scope, route->keys[k]).kind != CEP_NULL) k++;
      if (k == d->key_count) return 1;
    }
  }
  return 0;
}

/* ---- Suppression ------------------------------------------------------------------------- */

static const cep_value *suppress_part(const plan_detection *d, const ref_output *output, uint32_t by)
{
  if (by < d->key_count) return &output->keys[by];
  by -= d->key_count;
  if (output->kind != CEP_TIMEOUT) return &output->values[by];
  for (uint32_t i = 0; i < d->timeout_emit_count; i++) { /* a timeout has the value of that name, or none */
    if (strcmp(d->timeout_emit[i].name, d->emit[by].name) == 0) return &output->values[i];
  }
  static const cep_value nothing = {CEP_NULL, 0, {0}};
  return &nothing;
}

static int same_suppress_key(const plan_detection *d, const ref_output *a, const ref_output *b)
{
  for (uint32_t i = 0; i < d->suppress.by_count; i++) {
    if (!cb_value_same(suppress_part(d, a, d->suppress.by[i]), suppress_part(d, b, d->suppress.by[i]))) return 0;
  }
  return 1;
}

static int goes_before(const ref_output *a, const ref_output *b)
{
  if (a->time != b->time) return a->time < b->time;
  return memcmp(a->id, b->id, sizeof a->id) < 0;
}

/* Outputs from `first` on are those of the detection. What comes out is silent for others
 * of its suppress key in [t, t + D). */
static void suppress(ref_run *run, const plan_detection *d, uint32_t first)
{
  ref_output *at = run->outputs.at;
  for (uint32_t i = first; i < run->outputs.count; i++) { /* by time, then by id */
    ref_output moved = at[i];
    uint32_t to = i;
    while (to > first && goes_before(&moved, &at[to - 1])) {
      at[to] = at[to - 1];
      to--;
    }
    at[to] = moved;
  }
  uint32_t kept = first;
  uint64_t *held = take(run, (run->outputs.count + 1) * sizeof *held); /* since output i */
  for (uint32_t i = first; i < run->outputs.count; i++) {
    uint32_t last = kept;
    while (last > first && !same_suppress_key(d, &at[last - 1], &at[i])) last--;
    if (last > first && at[i].time - at[last - 1].time < d->suppress.duration) {
      held[last - 1]++;
      run->suppressed++;
      continue;
    }
    at[i].suppressed = last > first ? held[last - 1] : 0;
    at[kept++] = at[i];
  }
  run->outputs.count = kept;
}

/* ---- Detections ----------------------------------------------------------------------------- */

static void derive(ref_run *run, const plan_detection *d, const ref_output *output)
{
  uint32_t count = d->key_count + output->value_count;
  cep_value *values = take(run, (count + 1) * sizeof *values);
  for (uint32_t k = 0; k < d->key_count; k++) values[k] = output->keys[k];
  for (uint32_t v = 0; v < output->value_count; v++) values[d->key_count + v] = output->values[v];
  uint64_t position = 0;
  for (int i = 0; i < 8; i++) position = position << 8 | output->id[i];
  ref_event event = {d->stream, output->time, CEP_NONE, 0, position, values, output->time};
  ref_add(run, &event);
}

/* The least id among the matches of one key at one instant. */
static const uint8_t *least_id(const ref_run *run, uint32_t first, const ref_output *output)
{
  const uint8_t *least = output->id;
  for (uint32_t i = first; i < run->outputs.count; i++) {
    const ref_output *other = &run->outputs.at[i];
    if (other->time != output->time || other->key_index != output->key_index || other->kind == CEP_TIMEOUT) continue;
    if (memcmp(other->id, least, sizeof other->id) < 0) least = other->id;
  }
  return least;
}

/* A reader sees by time; of one key in the matcher's order, between keys by the least id. */
static int is_read_later(const ref_output *a, const ref_output *b)
{
  if (a->time != b->time) return a->time > b->time;
  if (a->key_index == b->key_index) return a->sequence > b->sequence;
  return memcmp(a->least, b->least, sizeof a->least) > 0;
}

static void derive_all(ref_run *run, const plan_detection *d, uint32_t first)
{
  uint32_t count = 0, *order = take(run, (run->outputs.count - first + 1) * sizeof *order);
  for (uint32_t i = first; i < run->outputs.count; i++) {
    const ref_output *moved = &run->outputs.at[i];
    if (moved->kind == CEP_TIMEOUT) continue; /* is no event */
    uint32_t at = count++;
    for (; at > 0; at--) {
      const ref_output *before = &run->outputs.at[order[at - 1]];
      if (!is_read_later(before, moved)) break;
      order[at] = order[at - 1];
    }
    order[at] = i;
  }
  for (uint32_t i = 0; i < count; i++) derive(run, d, &run->outputs.at[order[i]]);
}

/* The time of the newest event given, or of the newest that the detection reads: an aggregate may end
 * behind all that is given. */
static cep_time newest_of(const ref_run *run, const keys *all)
{
  cep_time newest = run->newest;
  for (uint32_t k = 0; k < all->at.count; k++) {
    const ref_key *key = all->at.at[k];
    for (uint32_t i = 0; i < key->input.count; i++) {
      cep_time time = run->events.at[key->input.at[i].event].time;
      if (time > newest) newest = time;
    }
  }
  return newest;
}

static void detect(ref_run *run, uint32_t number)
{
  const plan_detection *d = &run->plan->detections[number];
  keys all;
  memset(&all, 0, sizeof all);
  uint32_t first = run->outputs.count;
  const uint32_t *order = order_events(run);
  for (uint32_t i = 0; i < run->events.count; i++) {
    for (uint32_t r = 0; r < d->route_count; r++) route_event(run, &all, d, r, order[i]);
  }
  cb_alloc *alloc = run->arena->alloc;
  cep_time newest = newest_of(run, &all);
  for (uint32_t k = 0; k < all.at.count; k++) {
    if (d->window) {
      ref_windows(run, number, all.at.at[k], k);
      cb_vec_free(alloc, &all.at.at[k]->input);
      continue;
    }
    if (d->join) {
      ref_join(run, number, all.at.at[k], k);
      cb_vec_free(alloc, &all.at.at[k]->input);
      continue;
    }
    ref_search search;
    memset(&search, 0, sizeof search);
    search.run = run;
    search.detection = d;
    search.key = all.at.at[k];
    search.newest = newest;
    ref_search_all(&search);
    if (search.too_big) run->too_big = 1;
    else ref_fold(&search, number, k);
    cb_vec_free(alloc, &search.found);
    cb_vec_free(alloc, &all.at.at[k]->input);
  }
  cb_vec_free(alloc, &all.at);
  uint32_t given = run->outputs.count;
  for (uint32_t i = first; i < given; i++) {
    ref_output *output = &run->outputs.at[i];
    output->sequence = i;
    memcpy(output->least, least_id(run, first, output), sizeof output->least);
  }
  if (d->suppress.duration > 0) suppress(run, d, first);
  derive_all(run, d, first);
}

void ref_go(ref_run *run, uint32_t only)
{
  uint32_t highest = 0;
  for (uint32_t i = 0; i < run->events.count; i++) {
    if (run->events.at[i].time > run->newest) run->newest = run->events.at[i].time;
  }
  for (uint32_t i = 0; i < run->plan->detection_count; i++) {
    if (run->plan->detections[i].stratum > highest) highest = run->plan->detections[i].stratum;
  }
  for (uint32_t s = 0; s <= highest; s++) {
    for (uint32_t i = 0; i < run->plan->detection_count && !run->too_big; i++) {
      if (run->plan->detections[i].stratum == s && (only == CEP_NONE || only == i)) detect(run, i);
    }
  }
}
