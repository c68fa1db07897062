/* plan_rules.c - what may stand together in a sequence: counts, greed, `no`, limit, skip. */
#include <string.h>

#include "patterns/plan_build.h"

static int is_open(const pat_step *step)
{
  return step->max == PLAN_OPEN;
}

static int is_last(const pat_builder *builder, uint32_t index)
{
  return index + 1 == builder->decl->steps.count;
}

static int refuse(const pat_builder *builder, uint32_t number, cb_span span, const char *text)
{
  pat_report(builder->compile->diags, number, span, "%s", text);
  return 0;
}

/* ---- Counts and greed -------------------------------------------------------------- */

static int check_count(const pat_builder *builder, const pat_step *step)
{
  if (!step->has_count) return 1;
  if (step->max == 0)
    return refuse(builder, 509, step->word_span, "a count of 0 takes nothing; for an event that must not come write 'no'");
  if (step->max < step->min) return refuse(builder, 509, step->word_span, "the upper count is below the lower one");
  if (step->min == 0 && step->is_optional)
    return refuse(builder, 509, step->word_span, "a count from 0 is optional already; write one or the other");
  return 1;
}

/* "1st", "2nd", "11th". */
static const char *ordinal_end(long long number)
{
  static const char *const ends[] = {"th", "st", "nd", "rd"};
  int is_teen = number % 100 >= 11 && number % 100 <= 13;
  return is_teen || number % 10 > 3 ? ends[0] : ends[number % 10];
}

static int check_greed(const pat_builder *builder, uint32_t index, const pat_step *step)
{
  pat_diags *diags = builder->compile->diags;
  int is_greedy = step->has_greed && step->greed == PLAN_GREEDY;
  if (is_greedy && step->has_inner && step->inner == PLAN_ANY)
    return refuse(builder, 510, step->greed_span,
                  "'greedy' does not go with 'any' between repetitions: 'any' also leaves events out, 'greedy' takes all it can");
  if (is_greedy && !step->has_inner && step->hop == PLAN_ANY && index > 0 && step->max > 1)
    return refuse(builder, 510, step->greed_span,
                  "'then any' makes the repetitions 'any' too, which does not go with 'greedy'; write 'greedy relaxed' or 'greedy consecutive'");
  if (!is_last(builder, index)) return 1;
  if (is_open(step) && !step->has_greed) {
    long long at = step->min > 0 ? (long long)step->min : 1;
    pat_report(diags, 511, step->word_span,
               "the last step repeats without an upper limit (%lld+). Say 'reluctant' (report at the %lld%s event) or 'greedy' (report once, when the run ends)",
               (long long)step->min, at, ordinal_end(at));
    return 0;
  }
  int waits = is_greedy && step->max != step->min;
  int is_strict = step->has_inner ? step->inner == PLAN_STRICT : index > 0 && step->hop == PLAN_STRICT;
  if (waits && builder->decl->within == PLAN_UNBOUNDED && !is_strict)
    return refuse(builder, 512, step->greed_span,
                  "without a span this run would never end, and 'greedy' would report nothing; write 'greedy consecutive', or give a span");
  return 1;
}

/* `any` before or inside an open count gives matches for every subset of events. */
static int check_any(const pat_builder *builder, uint32_t index, const pat_step *step)
{
  const pat_detect *decl = builder->decl;
  if (!is_open(step) || decl->limit_span.length > 0) return 1;
  if (decl->skip == PLAN_SKIP_PAST_LAST || decl->skip == PLAN_SKIP_TO_NEXT) return 1;
  int is_any = (index > 0 && step->hop == PLAN_ANY) || (step->has_inner && step->inner == PLAN_ANY);
  if (!is_any) return 1;
  return refuse(builder, 513, step->word_span,
                "'any' with an open count can give a match for every choice of events; write 'limit N matches', 'limit unbounded', or skip past last or to next");
}

/* ---- no ---------------------------------------------------------------------------- */

static int is_tail(const pat_builder *builder, uint32_t index)
{
  for (uint32_t i = index; i < builder->decl->steps.count; i++) {
    if (builder->decl->steps.at[i].kind != PLAN_NO) return 0;
  }
  return 1;
}

static int check_no(const pat_builder *builder, uint32_t index, const pat_step *step)
{
  pat_diags *diags = builder->compile->diags;
  const char *role = step->role.text;
  if (index == 0 && !step->has_for) {
    pat_report(diags, 514, step->span, "a detection cannot begin with 'no %s': nothing says from when on. A quiet period has a length: 'no %s for 5m'",
               role, role);
    return 0;
  }
  if (step->has_for && step->hop == PLAN_STRICT) {
    return refuse(builder, 515, cb_span_join(step->hop_span, step->word_span),
                  "'immediately no' looks at the next event only, 'for' at a time; write one or the other");
  }
  int is_end = index + 1 == builder->decl->steps.count; /* of several the last one tells when it is over */
  int needs_span = !step->has_for && step->hop != PLAN_STRICT && is_end;
  if (needs_span && builder->decl->has_span && builder->decl->within == PLAN_UNBOUNDED) {
    pat_report(diags, 516, step->span,
               "'then no %s' at the end waits for the end of the span, and this detection is unbounded; give a span, or write 'no %s for 5m'",
               role, role);
    return 0;
  }
  int is_long = step->has_for && !is_tail(builder, index) && index > 0 && step->no_for >= builder->decl->within;
  if (is_long && builder->decl->has_span)
    (void)refuse(builder, 517, step->span, "this quiet period is as long as the span or longer, so no later step can be reached");
  return 1;
}

static int takes_something(const pat_builder *builder)
{
  for (uint32_t i = 0; i < builder->decl->steps.count; i++) {
    if (builder->decl->steps.at[i].kind == PLAN_TAKE) return 1;
  }
  return refuse(builder, 518, builder->decl->steps.at[0].span, "a match needs at least one step that takes an event");
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
               step->kind == PLAN_NO ? "'no %s' never captures an event, so there is nothing to skip to%s" : "the step on '%s' is called '%s'; skip to that",
               step->role, step->kind == PLAN_NO ? "" : step->name);
    return 0;
  }
  pat_report(diags, 303, target->span, "unknown step '%s'%s", target->text, pat_nearest_text(&nearest, builder->compile->arena));
  return 0;
}

int pat_check_rules(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  int is_good = takes_something(builder);
  for (uint32_t i = 0; i < decl->steps.count; i++) {
    const pat_step *step = &decl->steps.at[i];
    if (step->kind == PLAN_NO) {
      is_good &= check_no(builder, i, step);
    } else if (!check_count(builder, step)) {
      is_good = 0;
    } else {
      is_good &= check_greed(builder, i, step) & check_any(builder, i, step);
    }
  }
  if (decl->timeout_span.length > 0 && decl->has_span && decl->within == PLAN_UNBOUNDED)
    (void)refuse(builder, 520, decl->timeout_span, "an unbounded detection never times out, so 'on timeout' emits nothing");
  return is_good & check_skip(builder);
}
