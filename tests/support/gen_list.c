/* gen_list.c - which constructs of the language a model has. */
#include "tests/support/gen_parts.h"

static gen_set step_constructs(const gen_detection *d, uint32_t number)
{
  const gen_step *step = &d->steps[number];
  uint32_t last = gen_last_taking(d);
  gen_set bits = 0;
  for (uint32_t i = 0; i < step->cond_count; i++) bits |= step->conds[i].constructs;
  if (step->is_no) {
    if (number == 0) return bits | GEN_BIT(QUIET_FIRST);
    if (step->no_for) return bits | (number > last ? GEN_BIT(QUIET_LAST) : GEN_BIT(QUIET_MIDDLE));
    if (step->hop == GEN_IMMEDIATELY) return bits | (number > last ? GEN_BIT(NEXT_NO_LAST) : GEN_BIT(NEXT_NO_MIDDLE));
    return bits | (number > last ? GEN_BIT(NO_LAST) : GEN_BIT(NO_MIDDLE));
  }
  if (number > 0) bits |= step->hop == GEN_THEN ? GEN_BIT(THEN) : step->hop == GEN_ANY ? GEN_BIT(ANY) : GEN_BIT(IMMEDIATELY);
  if (step->gap && number > 0) bits |= gen_group_at(d, number, GEN_GROUPS_MAX) < GEN_GROUPS_MAX ? GEN_BIT(GAP_GROUP) : GEN_BIT(GAP);
  const gen_count *count = &step->count;
  if (count->optional) bits |= GEN_BIT(OPTIONAL);
  if (!count->counted) return bits;
  bits |= count->max == 0 ? GEN_BIT(OPEN) : count->max > count->min || count->from_zero ? GEN_BIT(RANGE) : GEN_BIT(EXACT);
  if (count->from_zero) bits |= GEN_BIT(FROM_ZERO);
  if (step->distinct) bits |= GEN_BIT(DISTINCT);
  if (step->until.on) bits |= GEN_BIT(UNTIL) | step->until.cond.constructs;
  if (count->greedy) bits |= number == last && last + 1 == d->step_count ? GEN_BIT(GREEDY_LAST) : GEN_BIT(GREEDY_MIDDLE);
  if (count->greedy && gen_group_of(d, number) < GEN_GROUPS_MAX) bits |= GEN_BIT(GROUP_GREEDY);
  if (count->reluctant) bits |= GEN_BIT(RELUCTANT);
  static const gen_set inners[] = {0, GEN_BIT(RELAXED), GEN_BIT(CONSECUTIVE), GEN_BIT(INNER_ANY)};
  return bits | inners[count->inner];
}

static gen_set group_constructs(const gen_detection *d, uint32_t number)
{
  const gen_group *group = &d->groups[number];
  static const gen_set kinds[] = {0, GEN_BIT(ONE_OF), GEN_BIT(ALL_OF), GEN_BIT(CHOICE)};
  gen_set bits = kinds[group->kind];
  if (group->kind == GEN_CHOICE) return bits;
  const gen_count *count = &group->count;
  bits |= GEN_BIT(GROUP);
  if (count->optional || count->from_zero) bits |= GEN_BIT(GROUP_OPTIONAL);
  if (count->counted) {
    bits |= count->max == 0 ? GEN_BIT(GROUP_OPEN) : count->max > count->min || count->from_zero ? GEN_BIT(GROUP_RANGE) : GEN_BIT(GROUP_EXACT);
  }
  if (group->until.on) bits |= GEN_BIT(UNTIL_GROUP) | group->until.cond.constructs;
  for (uint32_t g = 0; g < number; g++) {
    if (d->groups[g].kind != GEN_CHOICE && d->groups[g].first <= group->first && d->groups[g].last >= group->last) bits |= GEN_BIT(GROUP_NESTED);
  }
  for (uint32_t i = group->first; i <= group->last; i++) {
    if (d->steps[i].is_no) bits |= GEN_BIT(GROUP_NO);
  }
  return bits;
}

static gen_set detection_constructs(const gen_detection *d)
{
  static const gen_set skips[] = {GEN_BIT(PAST_LAST), GEN_BIT(NO_SKIP), GEN_BIT(TO_NEXT), GEN_BIT(TO_FIRST), GEN_BIT(TO_LAST)};
  gen_set bits = skips[d->skip];
  for (uint32_t i = 0; i < d->step_count; i++) bits |= step_constructs(d, i);
  for (uint32_t g = 0; g < d->group_count; g++) bits |= group_constructs(d, g);
  for (uint32_t i = 0; i < d->emit_count; i++) bits |= d->emit[i].constructs;
  if (d->having.text[0]) bits |= GEN_BIT(HAVING) | d->having.constructs;
  if (d->latest) bits |= GEN_BIT(LATEST);
  if (d->within_events) bits |= GEN_BIT(WITHIN_EVENTS);
  if (d->once) bits |= GEN_BIT(ONCE);
  if (d->earliest) bits |= GEN_BIT(EARLIEST);
  if (d->limit) bits |= d->limit < 0 ? GEN_BIT(LIMIT_NONE) : GEN_BIT(LIMIT);
  if (d->on_timeout) bits |= GEN_BIT(TIMEOUT);
  if (d->within == 0 && d->within_events == 0) bits |= GEN_BIT(UNBOUNDED);
  if (d->suppress) bits |= GEN_BIT(SUPPRESS);
  return bits;
}

gen_set gen_constructs(const gen_case *it)
{
  gen_set bits = it->keys == 0 ? GEN_BIT(KEY_NONE) : it->keys == 1 ? GEN_BIT(KEY_ONE) : GEN_BIT(KEY_TWO);
  int roles[5] = {0, 0, 0, 0, 0};
  for (uint32_t n = 0; n < it->detection_count; n++) {
    const gen_detection *d = &it->detections[n];
    bits |= detection_constructs(d);
    if (d->keys != it->keys) bits |= GEN_BIT(OTHER_KEY);
    for (uint32_t i = 0; i < d->step_count; i++) {
      roles[d->steps[i].role] = 1;
      if (d->steps[i].until.on) roles[d->steps[i].until.role] = 1;
    }
  }
  if (roles[GEN_DEFINED] || roles[GEN_OTHER]) bits |= GEN_BIT(DEFINE);
  if (roles[GEN_OTHER] && (roles[GEN_A] || roles[GEN_DEFINED]) && it->keys > 0) bits |= GEN_BIT(TWO_ROUTES);
  if (roles[GEN_DERIVED]) bits |= it->tally ? GEN_BIT(TALLY) : GEN_BIT(DERIVED);
  if (roles[GEN_B] && (roles[GEN_A] || roles[GEN_DEFINED] || roles[GEN_OTHER])) bits |= GEN_BIT(TWO_STREAMS);
  if (it->key_words) bits |= GEN_BIT(KEY_WORDS);
  if (it->one_input) bits |= GEN_BIT(ONE_INPUT);
  if (it->partitions > 1) bits |= GEN_BIT(PARTITIONS);
  if (it->lateness) bits |= GEN_BIT(LATENESS);
  for (uint32_t i = 0; i < it->event_count; i++) {
    if (i > 0 && it->events[i].time == it->events[i - 1].time) bits |= GEN_BIT(TIES);
    if (i > 0 && it->events[i].time < it->events[i - 1].time) bits |= GEN_BIT(GOES_BACK);
    if (it->keys > 0 && it->events[i].key == 0) bits |= GEN_BIT(KEY_NULL);
  }
  return bits;
}
