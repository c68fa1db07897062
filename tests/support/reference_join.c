/* reference_join.c - joins by brute force: every pair of events, and who has none. */
#include "tests/support/reference_join.h"

#include <string.h>

/* What comes out, and where in the order: by time, deadlines before events, then by the three numbers. */
typedef struct outcome {
  cep_time time;
  int is_event;
  uint32_t order[3];
  cep_time start; /* of the window */
  uint32_t a;     /* positions in the key's input; CEP_NONE: nobody */
  uint32_t b;
} outcome;

typedef struct joining {
  ref_run *run;
  const plan_detection *d;
  uint32_t detection;
  const ref_key *key;
  uint32_t key_index;
  CB_VEC(outcome) found;
} joining;

static cep_time time_of(const joining *j, uint32_t position)
{
  return j->run->events.at[j->key->input.at[position].event].time;
}

/* 1 if the event is one of that side of the join. */
static int is_on(const joining *j, uint32_t position, uint32_t side)
{
  const plan_step *step = &j->d->steps[side];
  const ref_entry *entry = &j->key->input.at[position];
  const ref_event *event = &j->run->events.at[entry->event];
  ref_scope scope = {.run = j->run, .event = event, .keys = j->key->keys};
  return event->stream == step->stream && (entry->routes >> step->route & 1) != 0 && ref_holds(&scope, step->member);
}

static ref_scope scope_of(const joining *j, const outcome *it, ref_capture *captures)
{
  ref_scope scope = {.run = j->run, .captures = captures, .keys = j->key->keys, .window_start = it->start, .window_end = it->time, .now = it->time};
  if (it->a != CEP_NONE) captures[scope.capture_count++] = (ref_capture){0, j->key->input.at[it->a].event};
  if (it->b != CEP_NONE) captures[scope.capture_count++] = (ref_capture){1, j->key->input.at[it->b].event};
  return scope;
}

static int is_pair(const joining *j, uint32_t a, uint32_t b, cep_time start, cep_time time)
{
  if (a == b || !is_on(j, a, 0) || !is_on(j, b, 1)) return 0;
  ref_capture captures[2];
  outcome it = {.time = time, .start = start, .a = a, .b = b};
  ref_scope scope = scope_of(j, &it, captures);
  return ref_holds(&scope, j->d->join->where);
}

static void add(joining *j, outcome it)
{
  int pushed = cb_vec_push(j->run->arena->alloc, &j->found, it);
  CB_ASSERT(pushed);
}

static int is_told_alone(const joining *j, uint32_t side)
{
  return j->d->join->kind == PLAN_FULL || (j->d->join->kind == PLAN_LEFT && side == 0);
}

/* ---- Within a span ------------------------------------------------------------------------- */

static int is_near(const joining *j, uint32_t a, uint32_t b)
{
  cep_time apart = time_of(j, a) - time_of(j, b);
  return (apart < 0 ? -apart : apart) < j->d->join->within;
}

static void pairs_within(joining *j)
{
  for (uint32_t a = 0; a < j->key->input.count; a++) {
    for (uint32_t b = 0; b < j->key->input.count; b++) {
      uint32_t later = a > b ? a : b, earlier = a > b ? b : a;
      cep_time time = time_of(j, later);
      if (!is_near(j, a, b) || !is_pair(j, a, b, 0, time)) continue;
      add(j, (outcome){.time = time, .is_event = 1, .order = {later, earlier, a == later}, .a = a, .b = b});
    }
  }
}

static void alone_within(joining *j, uint32_t side)
{
  uint32_t count = j->key->input.count;
  for (uint32_t i = 0; i < count; i++) {
    if (!is_on(j, i, side)) continue;
    int has_partner = 0;
    for (uint32_t k = 0; k < count && !has_partner; k++) {
      uint32_t a = side == 0 ? i : k, b = side == 0 ? k : i;
      cep_time time = time_of(j, a > b ? a : b);
      has_partner = is_near(j, a, b) && is_pair(j, a, b, 0, time);
    }
    cep_time time = time_of(j, i) + j->d->join->within;
    if (has_partner || time > j->run->frontier) continue;
    add(j, (outcome){.time = time, .order = {i, side}, .a = side == 0 ? i : CEP_NONE, .b = side == 0 ? CEP_NONE : i});
  }
}

/* ---- In windows ---------------------------------------------------------------------------- */

static cep_time floor_to(cep_time time, const plan_window *window)
{
  cep_time from = time - window->offset, whole = from / window->every;
  if (whole * window->every > from) whole--;
  return whole * window->every + window->offset;
}

static int is_in(const joining *j, uint32_t position, cep_time start)
{
  cep_time time = time_of(j, position);
  return time >= start && time < start + j->d->join->window->length;
}

static void pairs_in(joining *j, cep_time start)
{
  uint32_t count = j->key->input.count;
  cep_time end = start + j->d->join->window->length;
  uint8_t *has_partner[2];
  for (int side = 0; side < 2; side++) {
    has_partner[side] = cb_arena_take(j->run->arena, count);
    CB_ASSERT(has_partner[side]);
    memset(has_partner[side], 0, count);
  }
  for (uint32_t a = 0; a < count; a++) {
    for (uint32_t b = 0; b < count; b++) {
      if (!is_in(j, a, start) || !is_in(j, b, start) || !is_pair(j, a, b, start, end)) continue;
      add(j, (outcome){.time = end, .order = {0, a, b}, .start = start, .a = a, .b = b});
      has_partner[0][a] = has_partner[1][b] = 1;
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!is_in(j, i, start)) continue;
    if (is_told_alone(j, 0) && is_on(j, i, 0) && !has_partner[0][i])
      add(j, (outcome){.time = end, .order = {0, i}, .start = start, .a = i, .b = CEP_NONE});
    if (is_told_alone(j, 1) && is_on(j, i, 1) && !has_partner[1][i])
      add(j, (outcome){.time = end, .order = {1, i}, .start = start, .a = CEP_NONE, .b = i});
  }
}

/* Every window that an event is in, once. */
static void all_windows(joining *j)
{
  const plan_window *window = j->d->join->window;
  cep_time next = CEP_TIME_MIN;
  for (uint32_t i = 0; i < j->key->input.count; i++) {
    cep_time last = floor_to(time_of(j, i), window), start = last;
    while (start - window->every > time_of(j, i) - window->length) start -= window->every;
    for (; start <= last; start += window->every) {
      if (start < next) continue;
      next = start + window->every;
      if (start + window->length <= j->run->frontier) pairs_in(j, start);
    }
  }
}

/* ---- In order ------------------------------------------------------------------------------ */

static int comes_before(const outcome *a, const outcome *b)
{
  if (a->time != b->time) return a->time < b->time;
  if (a->is_event != b->is_event) return a->is_event < b->is_event;
  for (int i = 0; i < 3; i++) {
    if (a->order[i] != b->order[i]) return a->order[i] < b->order[i];
  }
  return 0;
}

static void tell(const joining *j, const outcome *it)
{
  ref_run *run = j->run;
  cep_value *values = cb_arena_take(run->arena, (j->d->emit_count + 1) * sizeof *values);
  ref_capture *captures = cb_arena_take(run->arena, 2 * sizeof *captures);
  CB_ASSERT(values && captures);
  ref_scope scope = scope_of(j, it, captures);
  for (uint32_t i = 0; i < j->d->emit_count; i++) values[i] = ref_eval(&scope, j->d->emit[i].expr);
  ref_output output;
  memset(&output, 0, sizeof output);
  output.detection = j->detection;
  output.kind = CEP_MATCH;
  output.time = it->time;
  output.key_index = j->key_index;
  output.keys = j->key->keys;
  output.captures = captures;
  output.capture_count = scope.capture_count;
  output.window_start = it->start;
  output.waited = CEP_NONE;
  output.values = values;
  output.value_count = j->d->emit_count;
  ref_identify(run, &output);
  int pushed = cb_vec_push(run->arena->alloc, &run->outputs, output);
  CB_ASSERT(pushed);
  run->matches++;
}

void ref_join(ref_run *run, uint32_t detection, const ref_key *key, uint32_t key_index)
{
  joining j = {.run = run, .d = &run->plan->detections[detection], .detection = detection, .key = key, .key_index = key_index};
  if (j.d->join->window) {
    all_windows(&j);
  } else {
    pairs_within(&j);
    for (uint32_t side = 0; side < 2; side++) {
      if (is_told_alone(&j, side)) alone_within(&j, side);
    }
  }
  for (uint32_t i = 1; i < j.found.count; i++) {
    outcome moved = j.found.at[i];
    uint32_t at = i;
    for (; at > 0 && comes_before(&moved, &j.found.at[at - 1]); at--) j.found.at[at] = j.found.at[at - 1];
    j.found.at[at] = moved;
  }
  for (uint32_t i = 0; i < j.found.count; i++) tell(&j, &j.found.at[i]);
  cb_vec_free(run->arena->alloc, &j.found);
}
