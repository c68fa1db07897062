/* reference_ways.c - what can come next after a capture, found by walking over the tree of the pattern. */
#include "tests/support/reference_ways.h"

#include <string.h>

typedef struct walk {
  const plan_detection *detection;
  ref_ways *out;
} walk;

/* How an element is entered. */
typedef struct entry {
  plan_contiguity contiguity;
  cep_duration gap;
  int optional; /* something on the way in could be left out */
} entry;

static void enter(const walk *w, const ref_cursor *at, uint32_t item, entry how, const ref_path *path);
static void behind(const walk *w, const ref_cursor *at, const ref_path *path);

static const plan_step *step_of(const walk *w, const plan_element *element)
{
  return &w->detection->steps[element->step];
}

static int is_no(const walk *w, const plan_element *element)
{
  return element->kind == PLAN_STEP && step_of(w, element)->kind == PLAN_NO;
}

/* May all of it be left out. */
static int may_leave(const walk *w, const plan_element *element);

static int is_empty_allowed(const walk *w, const plan_element *group)
{
  uint32_t taking = 0, free = 0;
  for (uint32_t i = 0; i < group->item_count; i++) {
    if (is_no(w, &group->items[i])) continue;
    taking++;
    free += (uint32_t)may_leave(w, &group->items[i]);
  }
  return group->kind == PLAN_ONE_OF ? free > 0 : free == taking;
}

static int may_leave(const walk *w, const plan_element *element)
{
  if (element->kind == PLAN_STEP) return step_of(w, element)->optional;
  return element->optional || is_empty_allowed(w, element);
}

static ref_frame *top(ref_cursor *cursor)
{
  return &cursor->frames[cursor->depth - 1];
}

static void pass(ref_path *path, ref_pass_kind kind, uint32_t step, uint32_t way)
{
  CB_ASSERT(path->count < REF_PASSES_MAX);
  path->at[path->count++] = (ref_pass){kind, step, way, 0};
}

/* The steps that an element could end with. */
static void pass_ends(const walk *w, ref_path *path, const plan_element *element)
{
  if (element->kind == PLAN_STEP) {
    pass(path, REF_PASS_GUARD, element->step, REF_NONE);
    return;
  }
  uint32_t first = 0;
  for (uint32_t i = element->item_count; element->kind == PLAN_SEQUENCE && i-- > 0;) {
    first = i;
    if (is_no(w, &element->items[i]) || !may_leave(w, &element->items[i])) break;
  }
  for (uint32_t i = first; i < element->item_count; i++) {
    if (!is_no(w, &element->items[i])) pass_ends(w, path, &element->items[i]);
  }
}

/* Leaves an item out. `first_way`: the number of ways before those into the item. */
static void leave_out(const walk *w, ref_path *path, const plan_element *item, uint32_t first_way)
{
  if (item->kind == PLAN_STEP) {
    pass(path, REF_PASS_STEP, item->step, first_way);
    return;
  }
  pass(path, REF_PASS_GROUP, CEP_NONE, REF_NONE);
  if (item->max != PLAN_OPEN) pass_ends(w, path, item);
}

static cep_duration least_gap(cep_duration a, cep_duration b)
{
  if (a == 0 || b == 0) return a == 0 ? b : a;
  return a < b ? a : b;
}

/* ---- Into ---------------------------------------------------------------------------------- */

static void add_way(const walk *w, const ref_cursor *to, int repeats, entry how, const ref_path *path)
{
  ref_way way;
  way.target = to->frames[to->depth - 1].at->step;
  way.repeats = repeats;
  way.contiguity = how.contiguity;
  way.gap = how.gap;
  way.enters_optional = how.optional;
  way.path = *path;
  way.to = *to;
  int pushed = cb_vec_push(w->out->alloc, &w->out->all, way);
  CB_ASSERT(pushed);
}

/* Items of a sequence from number `from` on, until one that has to be taken. The first
 * item of the sequence is entered as the sequence is; others by their own hop. 1 if all
 * could be left out: `path` then goes past them. */
static int go_along(const walk *w, ref_cursor *at, uint32_t from, entry how, ref_path *path)
{
  const plan_element *sequence = top(at)->at;
  for (uint32_t i = from; i < sequence->item_count; i++) {
    const plan_element *item = &sequence->items[i];
    if (is_no(w, item)) {
      pass(path, REF_PASS_NO, item->step, REF_NONE);
      continue;
    }
    entry into = how;
    if (i > 0) {
      into.contiguity = item->hop;
      into.gap = least_gap(how.gap, item->gap);
    }
    uint32_t first_way = w->out->all.count;
    enter(w, at, i, into, path);
    if (!may_leave(w, item)) return 0;
    leave_out(w, path, item, first_way);
  }
  return 1;
}

/* Into the first steps of the group on top. */
static void enter_items(const walk *w, ref_cursor *at, entry how, const ref_path *path)
{
  const plan_element *group = top(at)->at;
  if (group->kind == PLAN_SEQUENCE) {
    ref_path along = *path;
    (void)go_along(w, at, 0, how, &along);
    return;
  }
  for (uint32_t i = 0; i < group->item_count; i++) enter(w, at, i, how, path);
}

/* Into item number `item` of the group on top. */
static void enter(const walk *w, const ref_cursor *at, uint32_t item, entry how, const ref_path *path)
{
  ref_cursor to = *at;
  top(&to)->item = item;
  const plan_element *element = &top(&to)->at->items[item];
  how.optional |= may_leave(w, element);
  CB_ASSERT(to.depth < REF_FRAMES_MAX);
  to.frames[to.depth++] = (ref_frame){element, 0, 0, 0};
  to.count = 1;
  if (element->kind == PLAN_STEP) {
    add_way(w, &to, 0, how, path);
    return;
  }
  enter_items(w, &to, how, path);
  if (element->max < 2 || !is_empty_allowed(w, element)) return;
  top(&to)->rounds = 1; /* an empty round, and then one with an event */
  how.contiguity = element->inner;
  enter_items(w, &to, how, path);
}

/* ---- Out of -------------------------------------------------------------------------------- */

/* The round of the group on top is over: another one, or on behind it. */
static void end_round(const walk *w, const ref_cursor *at, const ref_path *path)
{
  const ref_frame *frame = &at->frames[at->depth - 1];
  const plan_element *group = frame->at;
  uint32_t rounds = frame->rounds + 1;
  if (rounds < group->max) {
    ref_cursor again = *at;
    *top(&again) = (ref_frame){group, 0, rounds, 0};
    entry how = {group->inner, 0, 0};
    enter_items(w, &again, how, path);
  }
  if (rounds < group->min && !is_empty_allowed(w, group)) return;
  ref_path out = *path;
  for (uint32_t i = 0; i < out.count; i++) out.at[i].round_too |= group->max == PLAN_OPEN;
  behind(w, at, &out);
}

static void behind_item_of_all(const walk *w, ref_cursor *at, const ref_path *path)
{
  const plan_element *all = top(at)->at;
  top(at)->done |= 1u << top(at)->item;
  uint32_t done = top(at)->done;
  int complete = 1;
  ref_path out = *path;
  for (uint32_t i = 0; i < all->item_count; i++) {
    if (done >> i & 1) continue;
    entry how = {all->inner, 0, 0};
    uint32_t first_way = w->out->all.count;
    enter(w, at, i, how, path);
    complete &= may_leave(w, &all->items[i]);
    leave_out(w, &out, &all->items[i], first_way);
  }
  if (complete) end_round(w, at, &out);
}

/* The element on top is over. */
static void behind(const walk *w, const ref_cursor *at, const ref_path *path)
{
  if (at->depth == 1) {
    w->out->may_end = 1;
    w->out->end = *path;
    return;
  }
  ref_cursor holder = *at;
  holder.depth--;
  if (top(&holder)->at->kind == PLAN_ALL_OF) {
    behind_item_of_all(w, &holder, path);
    return;
  }
  ref_path along = *path;
  entry how = {PLAN_RELAXED, 0, 0}; /* each item behind the first has its own */
  int is_over = top(&holder)->at->kind == PLAN_ONE_OF || go_along(w, &holder, top(&holder)->item + 1, how, &along);
  if (is_over) end_round(w, &holder, &along);
}

void ref_list_ways(cb_alloc *alloc, const plan_detection *detection, const ref_cursor *from, ref_ways *out)
{
  walk w = {detection, out};
  memset(out, 0, sizeof *out);
  out->alloc = alloc;
  ref_path path;
  path.count = 0;
  if (!from) {
    ref_cursor start;
    memset(&start, 0, sizeof start);
    start.depth = 1;
    start.frames[0].at = &detection->pattern;
    entry how = {PLAN_RELAXED, 0, 0};
    enter_items(&w, &start, how, &path);
    return;
  }
  const plan_element *leaf = from->frames[from->depth - 1].at;
  const plan_step *step = &detection->steps[leaf->step];
  uint32_t repeat = REF_NONE;
  if (from->count < step->max) {
    ref_cursor again = *from;
    again.count++;
    repeat = out->all.count;
    entry how = {step->inner, 0, 0};
    add_way(&w, &again, 1, how, &path);
  }
  if (from->count < step->min) return;
  pass(&path, REF_PASS_STEP, leaf->step, repeat);
  behind(&w, from, &path);
}

void ref_free_ways(ref_ways *ways)
{
  cb_vec_free(ways->alloc, &ways->all);
}

void ref_list_direct(const plan_detection *detection, const ref_cursor *from, ref_direct *out)
{
  walk w = {detection, NULL};
  out->count = 0;
  int is_ready = from->count >= detection->steps[from->frames[from->depth - 1].at->step].min;
  for (uint32_t depth = from->depth - 1; depth > 0; depth--) {
    const ref_frame *holder = &from->frames[depth - 1];
    if (holder->at->kind == PLAN_ALL_OF) return;
    for (uint32_t i = holder->item + 1; holder->at->kind == PLAN_SEQUENCE && i < holder->at->item_count; i++) {
      if (!is_no(&w, &holder->at->items[i])) return;
      out->step[out->count] = holder->at->items[i].step;
      out->is_ready[out->count++] = is_ready;
    }
    is_ready &= holder->rounds + 1 >= holder->at->min || is_empty_allowed(&w, holder->at);
  }
}
