/* plan_shape.c - what can come before what in a pattern. */
#include "patterns/plan_shape.h"

#include <string.h>

typedef struct part {
  uint64_t first;
  uint64_t last;
  int may_be_empty;
} part;

static uint64_t bit(uint32_t step)
{
  return (uint64_t)1 << step;
}

static void connect(plan_shape *shape, uint64_t from, uint64_t to)
{
  for (; to != 0; to &= to - 1) shape->before[__builtin_ctzll(to)] |= from;
}

static part part_of(plan_shape *shape, const plan_element *element, const plan_step *steps);

static part sequence_of(plan_shape *shape, const plan_element *element, const plan_step *steps)
{
  part whole = {0, 0, 1};
  for (uint32_t i = 0; i < element->item_count; i++) {
    part item = part_of(shape, &element->items[i], steps);
    connect(shape, whole.last, item.first);
    if (whole.may_be_empty) whole.first |= item.first;
    whole.last = item.last | (item.may_be_empty ? whole.last : 0);
    whole.may_be_empty &= item.may_be_empty;
  }
  return whole;
}

/* One of the items, or all of them in any order. */
static part choice_of(plan_shape *shape, const plan_element *element, const plan_step *steps)
{
  int is_all = element->kind == PLAN_ALL_OF;
  part whole = {0, 0, is_all};
  part items[PLAN_STEPS_MAX];
  for (uint32_t i = 0; i < element->item_count; i++) {
    items[i] = part_of(shape, &element->items[i], steps);
    whole.first |= items[i].first;
    whole.last |= items[i].last;
    whole.may_be_empty = is_all ? whole.may_be_empty & items[i].may_be_empty : whole.may_be_empty | items[i].may_be_empty;
  }
  for (uint32_t i = 0; is_all && i < element->item_count; i++) {
    for (uint32_t j = 0; j < element->item_count; j++) {
      if (i != j) connect(shape, items[i].last, items[j].first);
    }
  }
  return whole;
}

static part part_of(plan_shape *shape, const plan_element *element, const plan_step *steps)
{
  part whole;
  switch (element->kind) {
  case PLAN_STEP:
    whole.first = bit(element->step);
    whole.may_be_empty = steps[element->step].kind == PLAN_NO;
    whole.last = whole.may_be_empty ? 0 : whole.first;
    break;
  case PLAN_SEQUENCE: whole = sequence_of(shape, element, steps); break;
  case PLAN_ONE_OF:
  case PLAN_ALL_OF: whole = choice_of(shape, element, steps); break;
  default: CB_UNREACHABLE();
  }
  if (element->max > 1) connect(shape, whole.last, whole.first);
  whole.may_be_empty |= element->optional;
  return whole;
}

static uint64_t taken_in(const plan_element *element, const plan_step *steps)
{
  if (element->kind == PLAN_STEP) return steps[element->step].kind == PLAN_TAKE ? bit(element->step) : 0;
  uint64_t taken = 0;
  for (uint32_t i = 0; i < element->item_count; i++) taken |= taken_in(&element->items[i], steps);
  return taken;
}

static void add_untils(plan_shape *shape, const plan_element *element, const plan_step *steps)
{
  for (uint32_t i = 0; i < element->item_count; i++) add_untils(shape, &element->items[i], steps);
  if (element->until == CEP_NONE) return;
  uint64_t taken = taken_in(element, steps);
  if (shape->first & taken) shape->first |= bit(element->until);
  for (; taken != 0; taken &= taken - 1) shape->before[element->until] |= shape->before[__builtin_ctzll(taken)];
}

void plan_shape_make(plan_shape *shape, const plan_element *pattern, const plan_step *steps)
{
  memset(shape, 0, sizeof *shape);
  part whole = part_of(shape, pattern, steps);
  shape->first = whole.first;
  shape->last = whole.last;
  add_untils(shape, pattern, steps);
}

/* ---- Where a step stands ------------------------------------------------------------ */

int plan_holds(const plan_element *element, uint32_t step)
{
  if (element->until == step || (element->kind == PLAN_STEP && element->step == step)) return 1;
  for (uint32_t i = 0; i < element->item_count; i++) {
    if (plan_holds(&element->items[i], step)) return 1;
  }
  return 0;
}

static const plan_element *item_with(const plan_element *element, uint32_t step)
{
  for (uint32_t i = 0; i < element->item_count; i++) {
    if (plan_holds(&element->items[i], step)) return &element->items[i];
  }
  return NULL;
}

const plan_element *plan_around(const plan_element *pattern, uint32_t a, uint32_t b, int *is_open)
{
  const plan_element *element = pattern;
  *is_open = 0;
  for (;;) {
    if (element->max > 1) *is_open = 1;
    const plan_element *item = item_with(element, a);
    if (!item || item != item_with(element, b)) return element;
    element = item;
  }
}

uint64_t plan_least(const plan_element *element, uint32_t step)
{
  uint64_t least = 1;
  while (element->kind != PLAN_STEP) {
    const plan_element *item = item_with(element, step);
    if (!item || item->optional || element->kind == PLAN_ONE_OF) return 0;
    if (__builtin_mul_overflow(least, (uint64_t)item->min, &least)) least = UINT64_MAX;
    element = item;
  }
  return least;
}
