/* plan_rules.c - what may stand together in a pattern: counts, greed, `no`, groups, limit, skip. */
#include <string.h>

#include "patterns/plan_build.h"

/* Where an element stands. */
typedef struct standing {
  plan_contiguity hop; /* its own, or that of the group whose first it is */
  int is_front; /* nothing of the pattern but `no` stands before it */
  int is_last;  /* nothing stands behind it */
  int is_tail;  /* nothing but `no` does */
  int is_inner; /* in a group */
} standing;

static int refuse(const pat_builder *builder, uint32_t number, cb_span span, const char *text)
{
  pat_report(builder->compile->diags, number, span, "%s", text);
  return 0;
}

static const pat_step *step_of(const pat_builder *builder, const pat_element *element)
{
  return element->kind == PLAN_STEP ? &builder->decl->steps.at[element->step] : NULL;
}

static int is_no(const pat_builder *builder, const pat_element *element)
{
  return element->kind == PLAN_STEP && step_of(builder, element)->kind == PLAN_NO;
}

/* Nothing ends a match that waits. */
static int is_unbounded(const pat_detect *decl)
{
  return decl->within == PLAN_UNBOUNDED && decl->within_events == 0;
}

static int is_open(const pat_element *element)
{
  return element->max == PLAN_OPEN;
}

/* ---- Counts and greed -------------------------------------------------------------- */

static int check_count(const pat_builder *builder, const pat_element *element)
{
  if (!element->has_count) return 1;
  if (element->max == 0)
    return refuse(builder, 509, element->word_span, "a count of 0 takes nothing; for an event that must not come write 'no'");
  if (element->max < element->min) return refuse(builder, 509, element->word_span, "the upper count is below the lower one");
  if (element->min == 0 && element->is_optional)
    return refuse(builder, 509, element->word_span, "a count from 0 is optional already; write one or the other");
  int64_t most = is_open(element) ? element->min : element->max;
  if (element->kind == PLAN_STEP || most <= PLAN_ROUNDS_MAX) return 1;
  pat_report(builder->compile->diags, 509, element->word_span, "a group goes at most %u rounds", PLAN_ROUNDS_MAX);
  return 0;
}

/* "1st", "2nd", "11th". */
static const char *ordinal_end(long long number)
{
  static const char *const ends[] = {"th", "st", "nd", "rd"};
  int is_teen = number % 100 >= 11 && number % 100 <= 13;
  return is_teen || number % 10 > 3 ? ends[0] : ends[number % 10];
}

static int refuse_open_end(const pat_builder *builder, const pat_element *element)
{
  long long min = (long long)element->min, at = min > 0 ? min : 1;
  if (element->kind == PLAN_STEP) {
    pat_report(builder->compile->diags, 511, element->word_span,
               "the last step repeats without an upper limit (%lld+). Say 'reluctant' (report at the %lld%s event) or 'greedy' (report once, when the run ends)",
               min, at, ordinal_end(at));
  } else {
    pat_report(builder->compile->diags, 511, element->word_span,
               "the last group repeats without an upper limit (%lld+). Say 'reluctant' (report at the end of the %lld%s round and of each later one), or give an upper limit",
               min, at, ordinal_end(at));
  }
  return 0;
}

static int check_greed(const pat_builder *builder, const pat_element *element, const standing *stand)
{
  int is_greedy = element->has_greed && element->greed == PLAN_GREEDY;
  if (is_greedy && element->has_inner && element->inner == PLAN_ANY)
    return refuse(builder, 510, element->greed_span,
                  "'greedy' does not go with 'any' between repetitions: 'any' also leaves events out, 'greedy' takes all it can");
  if (is_greedy && !element->has_inner && stand->hop == PLAN_ANY && element->max > 1)
    return refuse(builder, 510, element->greed_span,
                  "'then any' makes the repetitions 'any' too, which does not go with 'greedy'; write 'greedy relaxed' or 'greedy consecutive'");
  if (!stand->is_last) return 1;
  if (is_open(element) && !element->has_greed) return refuse_open_end(builder, element);
  int waits = is_greedy && element->max != element->min;
  int is_strict = (element->has_inner ? element->inner : stand->hop) == PLAN_STRICT;
  if (!waits || !is_unbounded(builder->decl)) return 1;
  if (!is_strict)
    return refuse(builder, 512, element->greed_span,
                  "without a span this run would never end, and 'greedy' would report nothing; write 'greedy consecutive', or give a span");
  if ((element->is_optional || element->min == 0) && stand->hop != PLAN_STRICT)
    return refuse(builder, 512, element->greed_span,
                  "without a span this run could begin at any time, and 'greedy' would never report the match without it; write 'then immediately', or give a span");
  return 1;
}

static int is_any(const pat_element *element, plan_contiguity hop)
{
  return hop == PLAN_ANY || (element->has_inner && element->inner == PLAN_ANY);
}

static int has_any_inside(const pat_element *element)
{
  for (uint32_t i = 0; i < element->items.count; i++) {
    const pat_element *item = &element->items.at[i];
    if (is_any(item, item->hop) || has_any_inside(item)) return 1;
  }
  return 0;
}

/* `any` before or inside an open count gives matches for every subset of events. */
static int check_any(const pat_builder *builder, const pat_element *element, const standing *stand)
{
  const pat_detect *decl = builder->decl;
  if (!is_open(element) || decl->limit_span.length > 0 || decl->once_span.length > 0) return 1;
  if (decl->skip == PLAN_SKIP_PAST_LAST || decl->skip == PLAN_SKIP_TO_NEXT) return 1;
  if (!is_any(element, stand->hop) && !has_any_inside(element)) return 1;
  return refuse(builder, 513, element->word_span,
                "'any' with an open count can give a match for every choice of events; write 'limit N matches', 'limit unbounded', 'emit once', or skip past last or to next");
}

static int check_until(const pat_builder *builder, const pat_element *element)
{
  if (element->until == CEP_NONE || element->max != 1) return 1;
  return refuse(builder, 541, builder->decl->steps.at[element->until].span,
                "'until' ends what repeats; give the step or group in front of it a count, such as 1+");
}

/* ---- no ---------------------------------------------------------------------------- */

static int check_front_no(const pat_builder *builder, const pat_step *step, const standing *stand)
{
  pat_diags *diags = builder->compile->diags;
  const char *role = step->role.text;
  if (!step->has_for) {
    pat_report(diags, 514, step->span, "a detection cannot begin with 'no %s': nothing says from when on. A quiet period has a length: 'no %s for 5m'",
               role, role);
    return 0;
  }
  if (!stand->is_inner) return 1;
  return refuse(builder, 544, step->span, "a quiet period at the beginning stands in front of all groups; write it as the first step of the pattern");
}

static int check_no(const pat_builder *builder, const pat_element *element, const standing *stand)
{
  pat_diags *diags = builder->compile->diags;
  const pat_step *step = step_of(builder, element);
  const char *role = step->role.text;
  if (stand->is_front && !check_front_no(builder, step, stand)) return 0;
  if (step->has_for && element->hop == PLAN_STRICT) {
    return refuse(builder, 515, cb_span_join(element->hop_span, element->word_span),
                  "'immediately no' looks at the next event only, 'for' at a time; write one or the other");
  }
  /* Of several the last one tells when it is over. */
  int needs_span = !step->has_for && element->hop != PLAN_STRICT && stand->is_last;
  if (needs_span && builder->decl->has_span && is_unbounded(builder->decl)) {
    pat_report(diags, 516, step->span,
               "'then no %s' at the end waits for the end of the span, and this detection is unbounded; give a span, or write 'no %s for 5m'",
               role, role);
    return 0;
  }
  int is_long = step->has_for && !stand->is_tail && !stand->is_front && step->no_for >= builder->decl->within;
  if (is_long && builder->decl->has_span)
    (void)refuse(builder, 517, step->span, "this quiet period is as long as the span or longer, so no later step can be reached");
  return 1;
}

static int takes_something(const pat_builder *builder, const pat_elements *elements)
{
  for (uint32_t i = 0; i < elements->count; i++) {
    const pat_element *element = &elements->at[i];
    if (element->kind == PLAN_STEP ? !is_no(builder, element) : takes_something(builder, &element->items)) return 1;
  }
  return 0;
}

/* ---- Groups ------------------------------------------------------------------------ */

static int check_sequence(const pat_builder *builder, const pat_elements *elements, const standing *around);
static int check_element(const pat_builder *builder, const pat_element *element, const standing *stand);

static int check_choice(const pat_builder *builder, const pat_element *choice, const standing *inside)
{
  if (!takes_something(builder, &choice->items))
    return refuse(builder, 542, choice->span, "a choice of 'one of' takes an event, and 'no' takes none; write the 'no' behind or in front of the group");
  return check_sequence(builder, &choice->items, inside);
}

static int check_all(const pat_builder *builder, const pat_element *element, const standing *inside)
{
  int is_good = 1;
  if (element->items.count > PLAN_ITEMS_MAX) {
    pat_report(builder->compile->diags, 502, element->items.at[PLAN_ITEMS_MAX].span, "'all of' has at most %u items, this one has %u", PLAN_ITEMS_MAX,
               element->items.count);
    return 0;
  }
  for (uint32_t i = 0; i < element->items.count; i++) {
    const pat_element *item = &element->items.at[i];
    if (is_no(builder, item)) {
      is_good = refuse(builder, 543, item->span, "an item of 'all of' takes an event, and 'no' takes none; write the 'no' behind or in front of the group");
    } else {
      is_good &= check_element(builder, item, inside);
    }
  }
  return is_good;
}

static int check_group(const pat_builder *builder, const pat_element *element, const standing *stand)
{
  standing inside = *stand;
  int is_good = 1;
  inside.is_inner = 1;
  if (element->kind == PLAN_ALL_OF) return check_all(builder, element, &inside);
  if (element->kind == PLAN_ONE_OF) {
    for (uint32_t i = 0; i < element->items.count; i++) is_good &= check_choice(builder, &element->items.at[i], &inside);
    return is_good;
  }
  if (!takes_something(builder, &element->items))
    return refuse(builder, 518, element->span, "this group takes no event; 'no' stands beside steps, without parentheses of its own");
  return check_sequence(builder, &element->items, &inside);
}

/* A match that is over by its span ends no later by a gap. */
static int check_gap(const pat_builder *builder, const pat_element *element)
{
  const pat_detect *decl = builder->decl;
  if (!decl->has_span || element->gap <= decl->within) return 1;
  return refuse(builder, 545, element->hop_span, "this bound on the gap is longer than the span of the detection, and so never reached; give a shorter one, or leave it out");
}

static int check_element(const pat_builder *builder, const pat_element *element, const standing *stand)
{
  if (is_no(builder, element)) return check_no(builder, element, stand);
  if (!check_count(builder, element)) return 0;
  int is_good = check_gap(builder, element) & check_greed(builder, element, stand) & check_any(builder, element, stand) & check_until(builder, element);
  return element->kind == PLAN_STEP ? is_good : check_group(builder, element, stand) & is_good;
}

/* Elements `from` to before `to` are all `no`. */
static int is_only_no(const pat_builder *builder, const pat_elements *elements, uint32_t from, uint32_t to)
{
  for (uint32_t i = from; i < to; i++) {
    if (!is_no(builder, &elements->at[i])) return 0;
  }
  return 1;
}

static int check_sequence(const pat_builder *builder, const pat_elements *elements, const standing *around)
{
  int is_good = 1;
  for (uint32_t i = 0; i < elements->count; i++) {
    standing stand = *around;
    stand.is_front &= is_only_no(builder, elements, 0, i);
    stand.is_last &= i + 1 == elements->count;
    stand.is_tail &= is_only_no(builder, elements, i + 1, elements->count);
    if (i > 0) stand.hop = elements->at[i].hop;
    is_good &= check_element(builder, &elements->at[i], &stand);
  }
  return is_good;
}

static uint32_t counters_in(const pat_elements *elements)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < elements->count; i++) {
    const pat_element *element = &elements->at[i];
    if (element->kind == PLAN_STEP) continue;
    count += counters_in(&element->items) + (element->max > 1) + (element->kind == PLAN_ALL_OF);
  }
  return count;
}

static int check_pattern(const pat_builder *builder)
{
  const pat_element *pattern = &builder->decl->pattern;
  const standing whole = {PLAN_RELAXED, 1, 1, 1, 0};
  uint32_t counters = counters_in(&pattern->items);
  int is_good = 1;
  if (!takes_something(builder, &pattern->items))
    is_good = refuse(builder, 518, builder->decl->steps.at[0].span, "a match needs at least one step that takes an event");
  if (counters > PLAN_COUNTERS_MAX) {
    pat_report(builder->compile->diags, 502, pattern->span, "a detection has at most %u groups that repeat, 'all of' among them; this one has %u",
               PLAN_COUNTERS_MAX, counters);
    return 0;
  }
  return check_sequence(builder, &pattern->items, &whole) & is_good;
}

/* ---- Skip -------------------------------------------------------------------------- */

static int check_skip(const pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  pat_diags *diags = builder->compile->diags;
  plan_detection *detection = builder->detection;
  detection->skip = decl->skip;
  detection->earliest_first = decl->is_earliest_first;
  detection->limit = decl->limit;
  if (!decl->skip_step.text) return 1;
  const pat_name *target = &decl->skip_step;
  pat_nearest nearest;
  pat_nearest_init(&nearest, target->text);
  for (uint32_t i = 0; i < detection->step_count; i++) {
    const plan_step *step = &builder->steps[i];
    if (step->kind == PLAN_TAKE) pat_nearest_offer(&nearest, step->name);
    if (step->kind == PLAN_TAKE && strcmp(step->name, target->text) == 0) detection->skip_step = i;
  }
  if (detection->skip_step != CEP_NONE) return 1;
  for (uint32_t i = 0; i < detection->step_count; i++) {
    const plan_step *step = &builder->steps[i];
    if (strcmp(step->role, target->text) != 0) continue;
    pat_report(diags, 519, target->span,
               step->kind == PLAN_TAKE ? "the step on '%s' is called '%s'; skip to that" : "'%s %s' never captures an event, so there is nothing to skip to",
               step->kind == PLAN_TAKE ? step->role : step->kind == PLAN_NO ? "no" : "until", step->kind == PLAN_TAKE ? step->name : step->role);
    return 0;
  }
  pat_report(diags, 303, target->span, "unknown step '%s'%s", target->text, pat_nearest_text(&nearest, builder->compile->arena));
  return 0;
}

/* ---- latest, once --------------------------------------------------------------------- */

static int check_latest(const pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  if (decl->latest_span.length == 0) return 1;
  const pat_element *first = &decl->pattern.items.at[0];
  while (first->kind == PLAN_SEQUENCE && !first->is_optional && !first->has_count) first = &first->items.at[0];
  int is_single = first->kind == PLAN_STEP && !is_no(builder, first) && !first->is_optional && !first->has_count;
  return is_single || refuse(builder, 548, decl->latest_span,
                             "'latest' keeps the newest event of the first step, which then is a plain step, without count, 'optional', 'no' or a choice");
}

static int check_once(const pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  int is_good = 1;
  if (decl->once_span.length == 0) return 1;
  if (decl->limit_span.length > 0)
    is_good = refuse(builder, 549, decl->limit_span, "'emit once' gives one output whatever the number of matches; leave the limit out");
  if (decl->skip == PLAN_SKIP_TO_FIRST || decl->skip == PLAN_SKIP_TO_LAST)
    is_good = refuse(builder, 549, decl->skip_span, "'emit once' goes with 'no skip', 'skip past last' and 'skip to next'; a step to skip to may be another one in each of its matches");
  if (decl->is_earliest_first)
    is_good = refuse(builder, 549, decl->skip_span, "'emit once' tells of all matches of an instant when it has come; leave out 'earliest start first', which lets some of them wait");
  return is_good;
}

static int has_gap(const pat_elements *elements)
{
  for (uint32_t i = 0; i < elements->count; i++) {
    if (elements->at[i].gap > 0 || has_gap(&elements->at[i].items)) return 1;
  }
  return 0;
}

int pat_check_rules(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  int is_good = check_pattern(builder) & check_latest(builder) & check_once(builder);
  if (decl->timeout_span.length > 0 && decl->has_span && is_unbounded(decl) && !has_gap(&decl->pattern.items))
    (void)refuse(builder, 520, decl->timeout_span, "an unbounded detection never times out, so 'on timeout' emits nothing");
  return is_good & check_skip(builder);
}
