/* analyse_pattern.c - what a match needs, against what span, gaps, counts and `no` leave it. */
#include <string.h>

#include "patterns/analyse.h"

/* ---- distinct ----------------------------------------------------------------------------- */

static int is_key(const plan_route *route, uint32_t key_count, const plan_expr *expr)
{
  for (uint32_t i = 0; i < key_count; i++) {
    if (pat_same_expr(route->keys[i], expr)) return 1;
  }
  return 0;
}

static void check_distinct(pat_analysis *analysis, uint32_t index)
{
  const plan_detection *detection = analysis->detection;
  const plan_step *step = &detection->steps[index];
  pat_asked given[PAT_GIVEN_MAX];
  uint32_t given_count = pat_given(analysis, step, given);
  uint64_t tuples = 1;
  for (uint32_t i = 0; i < step->distinct_count; i++) {
    const plan_expr *expr = step->distinct[i];
    uint64_t values = is_key(&detection->routes[step->route], detection->key_count, expr) ? 1 : pat_values_at_most(&analysis->logic, expr, given, given_count);
    if (__builtin_mul_overflow(tuples, values, &tuples)) return;
  }
  if (step->distinct_count == 0 || tuples >= step->min) return;
  cb_span span = cb_span_join(step->distinct[0]->span, step->distinct[step->distinct_count - 1]->span);
  pat_report(analysis->compile->diags, 563, span, "'%s' has no more than %llu different value%s here, and %u are asked for%s",
             pat_text_at(analysis->compile, span), (unsigned long long)tuples, tuples == 1 ? "" : "s", step->min, pat_without_step(analysis, index));
}

/* ---- within N events ------------------------------------------------------------------------ */

static uint64_t add_up(uint64_t a, uint64_t b)
{
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Events that a match takes at least in this element. */
static uint64_t least_events(const plan_detection *detection, const plan_element *element)
{
  if (element->optional) return 0;
  if (element->kind == PLAN_STEP) return detection->steps[element->step].kind == PLAN_TAKE ? element->min : 0;
  uint64_t events = element->kind == PLAN_ONE_OF && element->item_count > 0 ? UINT64_MAX : 0, all;
  for (uint32_t i = 0; i < element->item_count; i++) {
    uint64_t item = least_events(detection, &element->items[i]);
    if (element->kind != PLAN_ONE_OF)
      events = add_up(events, item);
    else if (item < events)
      events = item;
  }
  return __builtin_mul_overflow(events, element->min, &all) ? UINT64_MAX : all;
}

static void check_events(pat_analysis *analysis)
{
  const plan_detection *detection = analysis->detection;
  if (detection->within_events == 0) return;
  uint64_t least = least_events(detection, &detection->pattern);
  if (least == 0 || least - 1 <= detection->within_events) return;
  pat_report(analysis->compile->diags, 567, detection->span,
             "a match has %llu events or more, and 'within %llu events' ends that many behind the first, so this detection can never fire",
             (unsigned long long)least, (unsigned long long)detection->within_events);
}

/* ---- Quiet periods and gaps -------------------------------------------------------------------- */

/* Along the pattern, always by the way that needs the least time. */
typedef struct walk {
  pat_analysis *analysis;
  int has_begun;           /* something has been captured */
  uint64_t passed;         /* between the captures so far */
  uint64_t quiet;          /* that must pass before the next one */
  const plan_step *latest; /* that asks for it */
  int is_sure;             /* of `quiet`, on every way */
  int is_full;             /* `passed` has reached the span, and that has been said */
} walk;

static void enter(walk *at, const plan_element *element)
{
  if (element->gap > 0 && at->is_sure && at->latest && at->quiet >= (uint64_t)element->gap)
    pat_report(at->analysis->compile->diags, 565, at->latest->span, "this quiet period is as long as the gap behind it or longer, so the step behind it can never be reached");
}

static void take(walk *at)
{
  const plan_detection *detection = at->analysis->detection;
  int is_one = at->quiet >= (uint64_t)detection->within; /* which has been said of the step itself */
  if (at->has_begun) at->passed = add_up(at->passed, at->quiet);
  if (at->passed >= (uint64_t)detection->within && !at->is_full && at->latest && detection->within != PLAN_UNBOUNDED) {
    at->is_full = 1;
    if (!is_one)
      pat_report(at->analysis->compile->diags, 564, at->latest->span,
                 "with this the quiet periods add up to the span or more, so no later step can be reached");
  }
  at->has_begun = at->is_sure = 1;
  at->quiet = 0;
  at->latest = NULL;
}

static void go_through(walk *at, const plan_element *element);

static void go_through_items(walk *at, const plan_element *element)
{
  if (element->kind == PLAN_SEQUENCE) {
    for (uint32_t i = 0; i < element->item_count; i++) go_through(at, &element->items[i]);
    return;
  }
  walk least = *at;
  for (uint32_t i = 0; i < element->item_count; i++) {
    walk one = *at;
    go_through(&one, &element->items[i]);
    at->is_full |= one.is_full;
    if (element->kind == PLAN_ALL_OF) continue;
    if (i == 0) least = one;
    if (one.passed < least.passed) least.passed = one.passed;
    if (one.quiet < least.quiet) least.quiet = one.quiet;
    least.has_begun &= one.has_begun;
  }
  least.is_full = at->is_full;
  least.is_sure = 0;
  least.latest = NULL;
  *at = least;
}

static void go_through(walk *at, const plan_element *element)
{
  const plan_step *step = element->kind == PLAN_STEP ? &at->analysis->detection->steps[element->step] : NULL;
  if (step && step->kind == PLAN_NO) {
    int is_longer = (uint64_t)step->no_for > at->quiet;
    if (is_longer) at->quiet = (uint64_t)step->no_for;
    if (is_longer) at->latest = step;
    return;
  }
  enter(at, element);
  if (element->optional) {
    /* What is inside may be impossible by itself; the way round it goes on as before. */
    walk inside = *at;
    if (!step) go_through_items(&inside, element);
    at->is_sure = 0;
    return;
  }
  if (step)
    take(at);
  else
    go_through_items(at, element);
}

/* ---- A `no` that forbids what is waited for ------------------------------------------------------- */

/* Whether each event that the step takes also meets the `no`. */
static int is_forbidden(pat_analysis *analysis, const plan_step *step, const plan_step *no)
{
  return step->stream == no->stream && step->route == no->route && pat_implies(analysis, step, no);
}

/* A plain `no` lets an event through that completes the match. */
static int may_complete(const plan_detection *detection, const plan_element *sequence, uint32_t at)
{
  if (sequence->items[at].min > 1) return 0;
  for (uint32_t i = at + 1; i < sequence->item_count; i++) {
    if (least_events(detection, &sequence->items[i]) > 0) return 0;
  }
  return 1;
}

static void check_negation(pat_analysis *analysis, const plan_element *sequence, uint32_t at)
{
  const plan_detection *detection = analysis->detection;
  uint32_t index = sequence->items[at].step;
  const plan_step *step = &detection->steps[index];
  for (uint32_t i = at; i > 0 && sequence->items[i - 1].kind == PLAN_STEP; i--) {
    const plan_step *no = &detection->steps[sequence->items[i - 1].step];
    if (no->kind != PLAN_NO) return;
    int is_next = no->hop == PLAN_STRICT, is_in_force = is_next ? step->hop == PLAN_STRICT && i == at : !may_complete(detection, sequence, at);
    if (no->no_for > 0 || !is_in_force || !is_forbidden(analysis, step, no)) continue;
    pat_report(analysis->compile->diags, 568, no->span, "each event that '%s' waits for is one that this forbids%s", step->name,
               pat_without_step(analysis, index));
    return;
  }
}

static void check_negations(pat_analysis *analysis, const plan_element *element)
{
  for (uint32_t i = 0; i < element->item_count; i++) {
    const plan_element *item = &element->items[i];
    if (item->kind != PLAN_STEP)
      check_negations(analysis, item);
    else if (element->kind == PLAN_SEQUENCE && analysis->detection->steps[item->step].kind == PLAN_TAKE)
      check_negation(analysis, element, i);
  }
}

void pat_analyse_pattern(pat_analysis *analysis)
{
  const plan_detection *detection = analysis->detection;
  for (uint32_t i = 0; i < detection->step_count; i++) {
    if (detection->steps[i].kind == PLAN_TAKE) check_distinct(analysis, i);
  }
  check_events(analysis);
  walk at = {analysis, 0, 0, 0, NULL, 1, 0};
  go_through(&at, &detection->pattern);
  check_negations(analysis, &detection->pattern);
}
