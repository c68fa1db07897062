/* reference_fold.c - from assignments to outputs: order, skip rule, timeouts, limit, over time. */
#include "tests/support/reference_fold.h"

#include <stdlib.h>
#include <string.h>

/* A finished match that waits for its turn (`earliest start first`). */
typedef struct waiting {
  const ref_history *history;
  uint32_t order; /* of completion */
} waiting;

typedef struct fold {
  ref_search *search;
  const plan_detection *d;
  uint32_t detection;
  uint32_t key_index;
  uint32_t alive_from;   /* assignments that start before this position are dropped */
  uint32_t silent_until; /* timeouts that start before this position are not reported */
  uint8_t *timed;        /* by position: a timeout that starts there was reported */
  CB_VEC(ref_moment) moments;
  CB_VEC(waiting) waiting;
} fold;

static uint32_t start_of(const ref_history *h)
{
  return h->positions[0];
}

/* The order of matches of one instant: by start, then by the positions with the end as
 * the largest, then by the earlier step. */
static int compare_histories(const ref_history *a, const ref_history *b)
{
  for (uint32_t i = 0; i < a->count || i < b->count; i++) {
    if (i >= a->count) return 1;
    if (i >= b->count) return -1;
    if (a->positions[i] != b->positions[i]) return a->positions[i] < b->positions[i] ? -1 : 1;
  }
  for (uint32_t i = 0; i < a->count; i++) {
    if (a->captures[i].step != b->captures[i].step) return a->captures[i].step < b->captures[i].step ? -1 : 1;
  }
  return 0;
}

static int sort_histories(const void *a, const void *b)
{
  return compare_histories(*(const ref_history *const *)a, *(const ref_history *const *)b);
}

static int sort_moments(const void *a, const void *b)
{
  return ref_moment_compare(*(const ref_moment *)a, *(const ref_moment *)b);
}

/* Events have all been processed; deadlines only up to the frontier. */
static int is_reached(const fold *f, ref_moment m)
{
  if (m.is_event) return m.position != UINT32_MAX;
  return m.time <= f->search->run->frontier;
}

static void add_moment(fold *f, ref_moment m)
{
  if (!is_reached(f, m)) return;
  int pushed = cb_vec_push(f->search->run->arena->alloc, &f->moments, m);
  CB_ASSERT(pushed);
}

static void list_moments(fold *f)
{
  for (uint32_t i = 0; i < f->search->found.count; i++) {
    const ref_history *h = &f->search->found.at[i];
    if (h->completes) add_moment(f, h->completed);
    if (h->times_out) add_moment(f, h->timed_out);
    add_moment(f, h->dies);
  }
  if (f->moments.count == 0) return;
  qsort(f->moments.at, f->moments.count, sizeof *f->moments.at, sort_moments);
  uint32_t kept = 1;
  for (uint32_t i = 1; i < f->moments.count; i++) {
    if (ref_moment_compare(f->moments.at[i], f->moments.at[kept - 1]) != 0) f->moments.at[kept++] = f->moments.at[i];
  }
  f->moments.count = kept;
}

/* ---- Outputs ------------------------------------------------------------------------- */

static void push_output(fold *f, ref_output *output, const ref_scope *scope, const plan_output *outputs, uint32_t count)
{
  ref_run *run = f->search->run;
  cep_value *values = cb_arena_take(run->arena, (count + 1) * sizeof *values);
  CB_ASSERT(values);
  for (uint32_t i = 0; i < count; i++) values[i] = ref_eval(scope, outputs[i].expr);
  output->detection = f->detection;
  output->key_index = f->key_index;
  output->keys = f->search->key->keys;
  output->values = values;
  output->value_count = count;
  ref_identify(run, output);
  int pushed = cb_vec_push(run->arena->alloc, &run->outputs, *output);
  CB_ASSERT(pushed);
}

static void put(fold *f, const ref_history *h, cep_match_kind kind, cep_time time)
{
  ref_run *run = f->search->run;
  ref_output output;
  memset(&output, 0, sizeof output);
  output.kind = kind;
  output.time = time;
  output.captures = h->captures;
  output.capture_count = h->count;
  output.waited = kind == CEP_TIMEOUT ? h->waited : CEP_NONE;
  ref_scope scope = {run, NULL, h->captures, h->count, f->search->key->keys, NULL, 0, 0, 0, time};
  if (kind == CEP_MATCH) push_output(f, &output, &scope, f->d->emit, f->d->emit_count);
  else push_output(f, &output, &scope, f->d->timeout_emit, f->d->timeout_emit_count);
  if (kind == CEP_MATCH) run->matches++;
  else run->timeouts++;
}

/* One output for all matches of an instant: their captures one after the other. */
static void put_once(fold *f, const ref_history *const *list, uint32_t count, cep_time time)
{
  ref_run *run = f->search->run;
  uint32_t total = 0, newest = 0, used = 0;
  for (uint32_t i = 0; i < count; i++) total += list[i]->count;
  ref_capture *all = cb_arena_take(run->arena, total * sizeof *all);
  ref_capture *shown = cb_arena_take(run->arena, sizeof *shown);
  CB_ASSERT(all && shown);
  for (uint32_t i = 0; i < count; i++) {
    const ref_history *h = list[i];
    memcpy(all + used, h->captures, h->count * sizeof *all);
    used += h->count;
    uint32_t position = h->positions[h->count - 1];
    const ref_capture *last = &h->captures[h->count - 1];
    if (i > 0 && (position < newest || (position == newest && last->step >= shown->step))) continue;
    newest = position;
    *shown = *last;
  }
  ref_output output;
  memset(&output, 0, sizeof output);
  output.kind = CEP_MATCH;
  output.time = time;
  output.captures = shown;
  output.capture_count = 1;
  output.waited = CEP_NONE;
  ref_scope scope = {run, NULL, all, total, f->search->key->keys, NULL, count, 0, 0, time};
  push_output(f, &output, &scope, f->d->emit, f->d->emit_count);
  run->matches++;
}

/* The position before which starts are dropped by the skip rule after these captures. */
static uint32_t skip_to(const fold *f, const ref_history *h)
{
  uint32_t found = 0;
  switch (f->d->skip) {
    case PLAN_SKIP_NO: return 0;
    case PLAN_SKIP_PAST_LAST: return h->positions[h->count - 1] + 1;
    case PLAN_SKIP_TO_NEXT: return h->positions[0] + 1;
    case PLAN_SKIP_TO_FIRST:
      for (uint32_t i = h->count; i > 0; i--) {
        if (h->captures[i - 1].step == f->d->skip_step) found = h->positions[i - 1];
      }
      return found;
    default:
      for (uint32_t i = 0; i < h->count; i++) {
        if (h->captures[i].step == f->d->skip_step) found = h->positions[i];
      }
      return found;
  }
}

static int captured(const ref_history *h, uint32_t step)
{
  for (uint32_t i = 0; i < h->count; i++) {
    if (h->captures[i].step == step) return 1;
  }
  return 0;
}

/* Prunes by a match that comes out. */
static void prune(fold *f, const ref_history *h)
{
  int by_step = f->d->skip == PLAN_SKIP_TO_FIRST || f->d->skip == PLAN_SKIP_TO_LAST;
  if (by_step && !captured(h, f->d->skip_step)) f->search->run->skip_missed++;
  uint32_t from = skip_to(f, h);
  if (from > f->alive_from) f->alive_from = from;
}

static void report(fold *f, const ref_history *h, cep_time time)
{
  put(f, h, CEP_MATCH, time);
  prune(f, h);
}

static void report_timeout(fold *f, const ref_history *h)
{
  int prunes = f->d->skip != PLAN_SKIP_NO && !f->d->earliest_first;
  if (prunes && (start_of(h) < f->silent_until || f->timed[start_of(h)])) return;
  put(f, h, CEP_TIMEOUT, h->timed_out.time);
  f->timed[start_of(h)] = 1;
  uint32_t from = skip_to(f, h);
  if (from > f->silent_until) f->silent_until = from;
}

/* ---- One instant ----------------------------------------------------------------------- */

/* Does it complete (or time out) at this instant. */
static int is_of(const ref_history *h, ref_moment now, int timeouts)
{
  if (timeouts) return h->times_out && ref_moment_compare(h->timed_out, now) == 0;
  return h->completes && ref_moment_compare(h->completed, now) == 0;
}

/* Several paths through the pattern may lead to the same captures; those are one history. What
 * it did at this instant, by whichever path, it does not do again. */
static void mark_same(fold *f, const ref_history *h, ref_moment now, int timeouts)
{
  for (uint32_t i = 0; i < f->search->found.count; i++) {
    ref_history *other = &f->search->found.at[i];
    if (compare_histories(h, other) != 0) continue;
    if (timeouts) {
      other->is_timed = 1;
    } else {
      other->is_reported = 1;
      other->reported = now;
    }
  }
}

static int comes_out_now(const ref_history *h, ref_moment now)
{
  return h->is_reported && ref_moment_compare(h->reported, now) == 0;
}

/* The histories that complete (or time out) at this instant, each once, in their order. */
static const ref_history **gather(fold *f, ref_moment now, int timeouts, uint32_t *count_out)
{
  const ref_history **list = cb_arena_take(f->search->run->arena, (f->search->found.count + 1) * sizeof *list);
  CB_ASSERT(list);
  uint32_t count = 0, kept = 0;
  for (uint32_t i = 0; i < f->search->found.count; i++) {
    const ref_history *h = &f->search->found.at[i];
    if (start_of(h) < f->alive_from || !is_of(h, now, timeouts)) continue;
    if (timeouts ? h->is_timed || comes_out_now(h, now) : h->is_reported) continue;
    list[count++] = h;
  }
  qsort(list, count, sizeof *list, sort_histories);
  for (uint32_t i = 0; i < count; i++) {
    int is_again = kept > 0 && compare_histories(list[kept - 1], list[i]) == 0;
    if (!is_again) list[kept++] = list[i];
    else if (timeouts && list[i]->waited < list[kept - 1]->waited) list[kept - 1] = list[i];
  }
  for (uint32_t i = 0; i < kept; i++) mark_same(f, list[i], now, timeouts);
  *count_out = kept;
  return list;
}

static void matches_at(fold *f, ref_moment now)
{
  uint32_t count = 0;
  const ref_history **list = gather(f, now, 0, &count);
  if (f->d->emit_once) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
      if (start_of(list[i]) < f->alive_from) continue;
      list[kept++] = list[i];
      prune(f, list[i]);
    }
    if (kept > 0) put_once(f, list, kept, now.time);
    return;
  }
  uint64_t reported = 0;
  for (uint32_t i = 0; i < count; i++) {
    if (f->d->earliest_first) {
      waiting w = {list[i], f->waiting.count};
      int pushed = cb_vec_push(f->search->run->arena->alloc, &f->waiting, w);
      CB_ASSERT(pushed);
    } else if (start_of(list[i]) >= f->alive_from) {
      if (f->d->limit > 0 && reported == f->d->limit) {
        f->search->run->matches_dropped++;
        continue;
      }
      reported++;
      report(f, list[i], now.time);
    }
  }
}

/* Is an assignment with an earlier start still open after this instant. */
static int is_held(const fold *f, const ref_history *match, ref_moment now)
{
  for (uint32_t i = 0; i < f->search->found.count; i++) {
    const ref_history *h = &f->search->found.at[i];
    if (start_of(h) >= start_of(match) || start_of(h) < f->alive_from) continue;
    if (ref_moment_compare(h->born, now) <= 0 && ref_moment_compare(h->dies, now) > 0) return 1;
  }
  return 0;
}

static void release(fold *f, ref_moment now)
{
  for (;;) {
    waiting *best = NULL;
    for (uint32_t i = 0; i < f->waiting.count; i++) {
      waiting *w = &f->waiting.at[i];
      if (!w->history || start_of(w->history) < f->alive_from) continue;
      if (!best || start_of(w->history) < start_of(best->history) ||
          (start_of(w->history) == start_of(best->history) && w->order < best->order)) {
        best = w;
      }
    }
    if (!best || is_held(f, best->history, now)) return;
    const ref_history *h = best->history;
    best->history = NULL;
    report(f, h, now.time);
  }
}

void ref_fold(ref_search *search, uint32_t detection, uint32_t key_index)
{
  fold f;
  memset(&f, 0, sizeof f);
  f.search = search;
  f.d = search->detection;
  f.detection = detection;
  f.key_index = key_index;
  f.timed = cb_arena_take(search->run->arena, search->key->input.count + 1);
  CB_ASSERT(f.timed);
  memset(f.timed, 0, search->key->input.count + 1);
  list_moments(&f);
  for (uint32_t m = 0; m < f.moments.count; m++) {
    ref_moment now = f.moments.at[m];
    matches_at(&f, now);
    uint32_t count = 0;
    const ref_history **timeouts = f.d->on_timeout ? gather(&f, now, 1, &count) : NULL;
    if (f.d->earliest_first) release(&f, now); /* drops no timeout of this instant */
    for (uint32_t i = 0; i < count; i++) report_timeout(&f, timeouts[i]);
  }
  for (uint32_t i = 0; i < search->found.count; i++) {
    const ref_history *h = &search->found.at[i];
    if (!is_reached(&f, h->dies) && start_of(h) >= f.alive_from) search->run->partials_open++;
  }
  cb_alloc *alloc = search->run->arena->alloc;
  cb_vec_free(alloc, &f.moments);
  cb_vec_free(alloc, &f.waiting);
}
