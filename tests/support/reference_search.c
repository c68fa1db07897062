/* reference_search.c - every assignment of one key's events to steps, and what becomes of each. */
#include <string.h>

#include "tests/support/reference_look.h"

static void explore(ref_search *search, const ref_capture *captures, const uint32_t *positions, uint32_t count,
                    const ref_cursor *cursor, int may_go_on);

/* ---- Ways ------------------------------------------------------------------------------------ */

static void extend(const ref_look *l, const ref_way *w, uint32_t position, int may_go_on)
{
  cb_arena *arena = l->search->run->arena;
  ref_capture *captures = cb_arena_take(arena, (l->count + 1) * sizeof *captures);
  uint32_t *positions = cb_arena_take(arena, (l->count + 1) * sizeof *positions);
  CB_ASSERT(captures && positions);
  memcpy(captures, l->captures, l->count * sizeof *captures);
  memcpy(positions, l->positions, l->count * sizeof *positions);
  captures[l->count].step = w->target;
  captures[l->count].event = l->search->key->input.at[position].event;
  positions[l->count] = position;
  explore(l->search, captures, positions, l->count + 1, &w->to, may_go_on);
}

/* How a way ended: an event was taken; nothing can come any more (the span is over, the one
 * next event did not fit, a `no` or an `until` was met); or what it stands for lives on in
 * another assignment: a greedy loop before it took the event, a later start replaced this one. */
typedef enum way_end { WAY_TAKEN, WAY_OVER, WAY_ELSEWHERE } way_end;

typedef struct fate {
  way_end end;
  ref_moment closed;
  int by_deadline; /* the end of the span, or of a gap */
} fate;

typedef enum reply { REPLY_WAITS, REPLY_TAKES, REPLY_CLOSES } reply;

/* What a way does with an event that nothing forbids. */
static reply answer(const ref_look *l, const ref_way *w, uint32_t position)
{
  int fits = ref_fits(l, w->target, position);
  const plan_step *step = &l->detection->steps[w->target];
  if (!w->repeats && step->until != CEP_NONE && ref_fits(l, step->until, position)) {
    if (w->contiguity == PLAN_STRICT || (w->contiguity == PLAN_RELAXED && fits)) return REPLY_CLOSES;
    return REPLY_WAITS;
  }
  if (fits) return REPLY_TAKES;
  return w->contiguity == PLAN_STRICT ? REPLY_CLOSES : REPLY_WAITS;
}

/* The way when no more event meets it: the span ends, or the gap before that. */
static fate end_in_time(const ref_look *l, way_end end, ref_moment gap_end)
{
  ref_moment closed = ref_moment_compare(gap_end, l->span_end) < 0 ? gap_end : l->span_end;
  return (fate){end, closed, ref_moment_compare(closed, ref_never) != 0};
}

/* Follows one way over all later events, writes down what it leads to, and tells how it closes. */
static fate follow(const ref_look *l, const ref_way *w)
{
  way_end end = WAY_OVER;
  cep_time wait = ref_wait_until(l, &w->path);
  ref_moment gap_end = w->gap > 0 ? ref_at_deadline(ref_plus(l->t_last, w->gap)) : ref_never;
  for (uint32_t p = l->last + 1; p < ref_input_count(l) && ref_in_span(l, p); p++) {
    ref_moment now = ref_at_event(l, p);
    if (ref_moment_compare(gap_end, now) < 0) break;
    if (ref_guarded(l, &w->path, w->enters_optional, p)) return (fate){end == WAY_OVER ? WAY_ELSEWHERE : end, now, 0};
    if (ref_until_met(l, w, p) || ref_blocked(l, &w->path, p)) return (fate){end, now, 0};
    int ends = l->killed == p || ref_meets_indirect(l, &w->path, p);
    if (ref_time_at(l, p) >= wait) {
      reply said = answer(l, w, p);
      if (said == REPLY_TAKES) {
        end = WAY_TAKEN;
        extend(l, w, p, !ends);
      }
      if (said == REPLY_CLOSES || (said == REPLY_TAKES && w->contiguity != PLAN_ANY)) return (fate){end, now, 0};
    }
    if (ends) return (fate){end, now, 0};
    if (l->replaced == p) return (fate){end == WAY_OVER ? WAY_ELSEWHERE : end, now, 0};
  }
  return end_in_time(l, end, gap_end);
}

/* ---- The end ---------------------------------------------------------------------------------- */

/* The moment at which all trailing absences are passed: each quiet period must pass, and of
 * the others the last element tells when it is over; earlier ones hold until then. */
static ref_moment absence_passed(const ref_look *l, const ref_path *end)
{
  ref_moment passed = ref_at_event(l, l->last);
  for (uint32_t i = ref_trailing_from(end); i < end->count; i++) {
    const plan_step *step = &l->detection->steps[end->at[i].step];
    ref_moment m = l->span_end;
    if (step->no_for > 0) {
      m = ref_at_deadline(ref_plus(l->t_last, step->no_for));
    } else if (i + 1 < end->count) {
      continue;
    } else if (step->hop == PLAN_STRICT && l->last + 1 < ref_input_count(l) && ref_in_span(l, l->last + 1)) {
      m = ref_at_event(l, l->last + 1);
    }
    passed = ref_later(passed, m);
  }
  return passed;
}

static void end_by_absence(const ref_look *l, const ref_path *end, ref_history *history)
{
  ref_moment passed = absence_passed(l, end);
  ref_moment replaced = l->replaced == REF_NONE ? ref_never : ref_at_event(l, l->replaced);
  int is_replaced = ref_moment_compare(replaced, passed) < 0;
  ref_moment until = is_replaced ? replaced : passed;
  history->dies = ref_later(history->born, until);
  for (uint32_t p = l->last + 1; p < ref_input_count(l); p++) {
    ref_moment now = ref_at_event(l, p);
    if (ref_moment_compare(now, until) > 0) break;
    if (l->killed == p || ref_meets_indirect(l, end, p) || ref_guarded(l, end, 0, p)) {
      history->dies = ref_later(history->born, now);
      return;
    }
  }
  if (is_replaced || ref_moment_compare(passed, ref_never) == 0) return; /* never: waits for an event that has not come */
  history->completes = 1;
  history->completed = passed;
}

/* A greedy last loop that could still take an event: its run, be it empty, has to end first. */
static int run_is_open(const ref_look *l, const ref_pass *last)
{
  if (last->kind != REF_PASS_STEP || !ref_is_greedy(&l->detection->steps[last->step])) return 0;
  return last->way != REF_NONE;
}

/* 1 if, while the end waits for its last loop, an event goes to a greedy one that the end leaves out before it. The way to
 * the loop knows that itself but in `all of`, where ways leave nothing out. */
static int end_is_left(const ref_look *l, const ref_ways *ways, ref_moment over)
{
  ref_path before = ways->end;
  before.count--;
  int enters_optional = ways->all.at[ways->end.at[before.count].way].enters_optional;
  for (uint32_t p = l->last + 1; p < ref_input_count(l) && ref_in_span(l, p); p++) {
    if (ref_moment_compare(over, ref_at_event(l, p)) <= 0) return 0;
    if (ref_guarded(l, &before, enters_optional, p)) return 1;
  }
  return 0;
}

/* `fates`: of the ways, in their order; NULL: they may take nothing any more. */
static void find_end(const ref_look *l, const ref_ways *ways, const fate *fates, ref_history *history)
{
  if (!ways->may_end) return;
  uint32_t trailing = ref_trailing_from(&ways->end);
  if (trailing < ways->end.count) {
    if (!fates) return;
    ref_moment ways_end = history->dies;
    end_by_absence(l, &ways->end, history);
    history->dies = ref_later(history->dies, ways_end);
    return;
  }
  const ref_pass *last = &ways->end.at[ways->end.count - 1];
  if (!run_is_open(l, last)) {
    if (ref_end_guarded(l, &ways->end)) return;
    history->completes = 1;
    history->completed = history->born;
  } else if (fates && fates[last->way].end == WAY_OVER && ref_moment_compare(fates[last->way].closed, ref_never) != 0) {
    if (end_is_left(l, ways, fates[last->way].closed)) return;
    history->completes = 1;
    history->completed = fates[last->way].closed;
  }
}

/* ---- One assignment -------------------------------------------------------------------------- */

static void record(ref_look *l, const ref_history *history)
{
  ref_search *search = l->search;
  if (search->found.count >= search->run->histories_max) search->too_big = 1;
  int pushed = cb_vec_push(search->run->arena->alloc, &search->found, *history);
  CB_ASSERT(pushed);
}

static int end_is_wanted(const ref_look *l, cep_time now)
{
  ref_scope scope = {l->search->run, NULL, l->captures, l->count, l->search->key->keys, NULL, 0, 0, 0, now};
  return ref_holds(&scope, l->detection->having);
}

/* Follows all ways; the last of them to close, if by a deadline, is a timeout. */
static const fate *follow_all(const ref_look *l, const ref_ways *ways, ref_history *history)
{
  fate *fates = cb_arena_take(l->search->run->arena, (ways->all.count + 1) * sizeof *fates);
  CB_ASSERT(fates);
  for (uint32_t i = 0; i < ways->all.count; i++) {
    fates[i] = follow(l, &ways->all.at[i]);
    history->dies = ref_later(history->dies, fates[i].closed);
  }
  for (uint32_t i = 0; i < ways->all.count; i++) {
    uint32_t target = ways->all.at[i].target;
    if (!fates[i].by_deadline || ref_moment_compare(fates[i].closed, history->dies) < 0) continue;
    history->times_out = 1;
    history->timed_out = history->dies;
    if (target < history->waited) history->waited = target;
  }
  return fates;
}

/* `may_go_on` 0: the newest event met a `no`, so that only a match which it completes is left. */
static void explore(ref_search *search, const ref_capture *captures, const uint32_t *positions, uint32_t count,
                    const ref_cursor *cursor, int may_go_on)
{
  if (search->too_big) return;
  ref_look l;
  ref_look_at(&l, search, captures, positions, count, cursor);
  ref_history h;
  memset(&h, 0, sizeof h);
  h.captures = captures;
  h.positions = positions;
  h.count = count;
  h.born = ref_at_event(&l, l.last);
  h.dies = h.born;
  h.waited = REF_NONE;
  ref_ways ways;
  ref_list_ways(search->run->arena->alloc, search->detection, cursor, &ways);
  if (may_go_on) ref_look_ahead(&l);
  const fate *fates = may_go_on ? follow_all(&l, &ways, &h) : NULL;
  find_end(&l, &ways, fates, &h);
  if (h.completes) h.dies = ref_later(h.dies, h.completed);
  if (h.completes && !end_is_wanted(&l, h.completed.time)) h.completes = 0;
  ref_free_ways(&ways);
  record(&l, &h);
}

/* ---- Starts -------------------------------------------------------------------------------------- */

/* A quiet time before the first step: every leading `no X for D` must be passed. */
static int quiet_before(ref_search *search, const ref_path *path, uint32_t position)
{
  for (uint32_t i = 0; i < path->count && path->at[i].kind == REF_PASS_NO; i++) {
    const plan_step *step = &search->detection->steps[path->at[i].step];
    const ref_key *key = search->key;
    if (position == 0) return 0;
    uint32_t since = 0;
    for (uint32_t p = 0; p < position; p++) {
      if (ref_fits_seen(search, path->at[i].step, p, NULL, 0)) since = p;
    }
    cep_time t0 = search->run->events.at[key->input.at[since].event].time;
    if (search->run->events.at[key->input.at[position].event].time < ref_plus(t0, step->no_for)) return 0;
  }
  return 1;
}

static int starts(ref_search *search, const ref_way *w, uint32_t position)
{
  if (!ref_fits_seen(search, w->target, position, NULL, 0) || !quiet_before(search, &w->path, position)) return 0;
  const plan_step *step = &search->detection->steps[w->target];
  if (step->until != CEP_NONE && ref_fits_seen(search, step->until, position, NULL, 0)) return 0;
  for (uint32_t i = 0; i + 1 < w->to.depth; i++) {
    uint32_t until = w->to.frames[i].at->until;
    if (until != CEP_NONE && ref_fits_seen(search, until, position, NULL, 0)) return 0;
  }
  for (uint32_t i = 0; i < w->path.count; i++) { /* a greedy loop that it leaves out takes the event */
    const ref_pass *left = &w->path.at[i];
    if ((left->kind == REF_PASS_STEP || left->kind == REF_PASS_GUARD) && ref_is_greedy(&search->detection->steps[left->step]) &&
        ref_fits_loop(search, left->step, position, NULL, 0)) {
      return 0;
    }
  }
  return 1;
}

void ref_search_all(ref_search *search)
{
  uint32_t count = search->key->input.count;
  cb_arena *arena = search->run->arena;
  ref_ways ways;
  ref_list_ways(arena->alloc, search->detection, NULL, &ways);
  uint8_t *any = cb_arena_take(arena, count + 1);
  CB_ASSERT(any);
  memset(any, 0, count + 1);
  for (uint32_t p = 0; p < count; p++) {
    for (uint32_t i = 0; i < ways.all.count; i++) any[p] |= (uint8_t)starts(search, &ways.all.at[i], p);
  }
  search->starts = any;
  for (uint32_t p = 0; p < count; p++) {
    for (uint32_t i = 0; i < ways.all.count; i++) {
      const ref_way *w = &ways.all.at[i];
      if (!starts(search, w, p)) continue;
      ref_capture *captures = cb_arena_take(arena, sizeof *captures);
      uint32_t *positions = cb_arena_take(arena, sizeof *positions);
      CB_ASSERT(captures && positions);
      *captures = (ref_capture){w->target, search->key->input.at[p].event};
      *positions = p;
      explore(search, captures, positions, 1, &w->to, 1);
    }
  }
  ref_free_ways(&ways);
}
