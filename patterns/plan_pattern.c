/* plan_pattern.c - the tree of a pattern, from the elements as written; and what its steps take from it. */
#include "patterns/plan_build.h"

typedef PAT_LIST(plan_element) plan_elements;

/* What an element has from where it stands. */
typedef struct standing {
  plan_contiguity hop;
  cep_duration gap;
  int repeats; /* a group around it does */
} standing;

static int add_items(pat_builder *builder, const pat_elements *written, const standing *around, plan_elements *out);

/* ---- Groups that say nothing ------------------------------------------------------- */

/* A choice of one, or all of one, is that one. */
static const pat_elements *items_of(const pat_element *written)
{
  if (written->kind == PLAN_ONE_OF && written->items.count == 1) return &written->items.at[0].items;
  return &written->items;
}

static int is_sequence(const pat_element *written)
{
  return written->kind == PLAN_SEQUENCE || (written->kind != PLAN_STEP && written->items.count == 1);
}

static int takes_at_once(const pat_builder *builder, const pat_element *written)
{
  if (written->kind != PLAN_STEP || builder->steps[written->step].kind != PLAN_TAKE) return 0;
  return !written->is_optional && (!written->has_count || written->min > 0);
}

/* Parentheses that mean no more than what stands in them. A gap goes to the first item, and
 * so must not be needed behind it. */
static int is_plain(const pat_builder *builder, const pat_element *written, const standing *stand, int is_optional)
{
  if (!is_sequence(written) || written->has_count || written->until != CEP_NONE) return 0;
  const pat_elements *items = items_of(written);
  const pat_element *first = &items->at[0];
  int is_single = items->count == 1 && !(first->kind == PLAN_STEP && builder->steps[first->step].kind == PLAN_NO);
  if (is_optional || written->is_optional) return is_single;
  return stand->gap == 0 || is_single || takes_at_once(builder, first);
}

/* ---- Elements ---------------------------------------------------------------------- */

static plan_element element_of(const pat_element *written, const standing *stand)
{
  plan_element element = {.kind = written->kind, .span = written->span, .step = written->step, .hop = stand->hop, .gap = stand->gap, .until = written->until};
  /* `0+` and `0..n` are none, or one and more. */
  element.optional = written->is_optional || (written->has_count && written->min == 0);
  element.min = written->min > 0 ? (uint32_t)written->min : 1;
  element.max = (uint32_t)written->max;
  element.inner = written->has_inner ? written->inner : stand->hop;
  return element;
}

static void fill_step(plan_step *step, const pat_step *written_step, const pat_element *written, const plan_element *element, int repeats)
{
  step->hop = element->hop;
  step->gap = element->gap;
  step->optional = element->optional;
  step->counted = written->has_count;
  step->min = element->min;
  step->max = element->max;
  step->inner = element->inner;
  step->greed = written->has_greed ? written->greed : PLAN_RELUCTANT;
  step->no_for = written_step->no_for;
  step->until = element->until;
  step->repeats = repeats || step->max > 1;
}

/* A choice of `one of` is a sequence, whatever stands in it. */
static int add_choices(pat_builder *builder, const pat_element *written, const standing *inside, plan_elements *out)
{
  for (uint32_t i = 0; i < written->items.count; i++) {
    const pat_element *choice = &written->items.at[i];
    plan_elements items = {0};
    plan_element made = element_of(choice, inside);
    if (!add_items(builder, &choice->items, inside, &items)) return 0;
    made.items = items.at;
    made.item_count = items.count;
    if (!pat_list_push(builder->compile->arena, out, made)) return 0;
  }
  return 1;
}

static int add_element(pat_builder *builder, const pat_element *written, const standing *stand, int is_optional, plan_elements *out)
{
  plan_element made = element_of(written, stand);
  plan_elements items = {0};
  standing inside = {made.hop, 0, stand->repeats || made.max > 1};
  int is_good = 1;
  made.optional |= is_optional;
  if (made.kind == PLAN_STEP) {
    fill_step(&builder->steps[made.step], &builder->decl->steps.at[made.step], written, &made, stand->repeats);
  } else if (is_sequence(written)) {
    made.kind = PLAN_SEQUENCE;
    is_good = add_items(builder, items_of(written), &inside, &items);
  } else if (made.kind == PLAN_ONE_OF) {
    is_good = add_choices(builder, written, &inside, &items);
  } else {
    for (uint32_t i = 0; i < written->items.count && is_good; i++) is_good = add_element(builder, &written->items.at[i], &inside, 0, &items);
  }
  made.items = items.at;
  made.item_count = items.count;
  return is_good && pat_list_push(builder->compile->arena, out, made);
}

/* Plain parentheses are left out; those of one item give it their `optional`. */
static int add_item(pat_builder *builder, const pat_element *written, const standing *stand, int is_optional, plan_elements *out)
{
  if (!is_plain(builder, written, stand, is_optional)) return add_element(builder, written, stand, is_optional, out);
  const pat_elements *items = items_of(written);
  if (items->count == 1) return add_item(builder, &items->at[0], stand, is_optional || written->is_optional, out);
  return add_items(builder, items, stand, out);
}

/* `around`: what the first one has; the others have their own hops. */
static int add_items(pat_builder *builder, const pat_elements *written, const standing *around, plan_elements *out)
{
  for (uint32_t i = 0; i < written->count; i++) {
    const pat_element *item = &written->at[i];
    standing stand = *around;
    if (i > 0) {
      stand.hop = item->hop;
      stand.gap = item->gap;
    }
    if (!add_item(builder, item, &stand, 0, out)) return 0;
  }
  return 1;
}

/* An `until` is on the way to nothing; it takes part in no count. */
static void fill_untils(pat_builder *builder)
{
  for (uint32_t i = 0; i < builder->detection->step_count; i++) {
    plan_step *step = &builder->steps[i];
    if (step->kind != PLAN_UNTIL) continue;
    step->min = step->max = 1;
  }
}

int pat_build_pattern(pat_builder *builder)
{
  const pat_element *written = &builder->decl->pattern;
  const standing start = {PLAN_RELAXED, 0, 0};
  plan_elements items = {0};
  if (!add_items(builder, &written->items, &start, &items)) return 0;
  plan_element whole = {PLAN_SEQUENCE, written->span, CEP_NONE, items.at, items.count, PLAN_RELAXED, 0, 0, 1, 1, PLAN_RELAXED, CEP_NONE};
  builder->detection->pattern = whole;
  fill_untils(builder);
  plan_shape_make(&builder->shape, &builder->detection->pattern, builder->steps);
  return 1;
}
