/* build_walk.c - the ways behind a step: a walk over the elements that can come next. */
#include "nfa/build_walk.h"

#include <string.h>

#define CHANGES_MAX 256u
#define GUARDS_MAX  (4 * PLAN_STEPS_MAX)
#define TESTS_MAX   (PRG_COUNTERS_MAX * (PLAN_ITEMS_MAX + 1)) /* of each group left, and of each of its items */

/* A way on its way: copied at every fork, so that the other branch is not touched. Its
 * lists are stacks in the walk; here is how full they are. */
typedef struct way {
  uint32_t no_count;
  uint32_t trailing;     /* the newest `no`s, behind which nothing was left out */
  uint32_t guard_count;
  uint32_t lasting;      /* the newest guards, behind which nothing else that could capture was left out */
  uint32_t tail;         /* what was left, or left out, last is this greedy loop; PRG_NONE */
  uint32_t test_count;
  uint32_t change_count;
  int64_t gap;           /* 0: none */
  int optional;          /* something that was entered could be left out */
} way;

typedef struct pending {
  prg_edge edge; /* lists not in place yet */
  const uint32_t *nos;
  const uint32_t *guards;
  const uint32_t *untils;
  const prg_count *tests;
  const prg_count *changes;
} pending;

typedef struct walk {
  build *b;
  const plan_detection *detection;
  build_tree *tree;
  uint32_t from;
  const uint32_t *direct;
  uint32_t direct_count;
  way way;
  uint32_t nos[PLAN_STEPS_MAX];
  uint32_t guards[GUARDS_MAX]; /* a step may be among them twice: its last place counts */
  prg_count tests[TESTS_MAX];
  prg_count changes[CHANGES_MAX];
  uint32_t edge_count;
  pending edges[BUILD_EDGES_MAX];
} walk;

static build_node *node_at(const walk *w, uint32_t node) { return &w->tree->nodes[node]; }

static const plan_step *step_of(const walk *w, uint32_t node)
{
  return &w->detection->steps[w->tree->nodes[node].element->step];
}

/* ---- What a way collects -------------------------------------------------------------- */

static void pass_no(walk *w, uint32_t step)
{
  w->way.trailing++;
  for (uint32_t i = 0; i < w->way.no_count; i++) {
    if (w->nos[i] == step) return; /* passed in the round before as well */
  }
  w->nos[w->way.no_count++] = step;
}

static void pass_guard(walk *w, uint32_t step)
{
  if (w->way.guard_count == GUARDS_MAX) {
    build_limit(w->b, w->detection->span, "more than %u greedy loops on one way through this pattern", GUARDS_MAX);
    return;
  }
  w->way.lasting++;
  w->guards[w->way.guard_count++] = step;
}

static void test(walk *w, uint32_t counter, prg_count_kind what, uint32_t value)
{
  CB_ASSERT(w->way.test_count < TESTS_MAX);
  w->tests[w->way.test_count++] = (prg_count){counter, (uint32_t)what, value, 0};
}

static void change(walk *w, uint32_t counter, prg_count_kind what, uint32_t value)
{
  if (counter == PRG_NONE) return;
  if (w->way.change_count == CHANGES_MAX) {
    build_limit(w->b, w->detection->span, "the groups of this pattern are nested too deep to be counted");
    return;
  }
  w->changes[w->way.change_count++] = (prg_count){counter, (uint32_t)what, value, 0};
}

/* ---- Edges ---------------------------------------------------------------------------- */

static const void *kept(walk *w, const void *items, size_t size)
{
  void *copy = cb_arena_take(&w->b->arena, size > 0 ? size : 1);
  if (!copy) {
    build_fail(w->b, CEP_E_NOMEM);
    return NULL;
  }
  if (size > 0) memcpy(copy, items, size);
  return copy;
}

static int same_list(const void *a, uint32_t count_a, const void *b, uint32_t count_b, size_t size)
{
  return count_a == count_b && (count_a == 0 || memcmp(a, b, count_a * size) == 0);
}

static int same_way(const pending *a, const pending *b)
{
  const prg_edge *x = &a->edge, *y = &b->edge;
  return x->kind == y->kind && x->flags == y->flags && x->target == y->target && x->contiguity == y->contiguity &&
         x->gap == y->gap && x->until == y->until && x->passes == y->passes && x->trailing == y->trailing &&
         x->tail == y->tail && x->lasting == y->lasting && same_list(a->nos, x->nos.count, b->nos, y->nos.count, sizeof(uint32_t)) &&
         same_list(a->guards, x->guards.count, b->guards, y->guards.count, sizeof(uint32_t)) &&
         same_list(a->untils, x->untils.count, b->untils, y->untils.count, sizeof(uint32_t)) &&
         same_list(a->tests, x->tests.count, b->tests, y->tests.count, sizeof(prg_count)) &&
         same_list(a->changes, x->changes.count, b->changes, y->changes.count, sizeof(prg_count));
}

/* Of the changes of one counter the last one holds; one to 0 where it is 0 is none. */
static uint32_t settled_changes(const walk *w, prg_count *out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < w->way.change_count; i++) {
    const prg_count *item = &w->changes[i];
    uint32_t at = 0;
    while (at < count && out[at].counter != item->counter) at++;
    out[at] = *item;
    if (at == count) count++;
  }
  uint32_t first = w->b->detections[w->detection - w->b->plan->detections].counter_first;
  uint32_t left = 0;
  for (uint32_t i = 0; i < count; i++) {
    const prg_counter *counter = &w->b->out.counters.at[first + out[i].counter];
    int inside = w->from != PRG_NONE && counter->first <= w->from && w->from <= counter->last;
    if (out[i].what == PRG_COUNT_SET && out[i].value == 0 && !inside) continue;
    out[left++] = out[i];
  }
  return left;
}

/* The guards of the way but for the last `left` ones, each in its last place; their number. */
static uint32_t settled_guards(const walk *w, uint32_t left, uint32_t *out)
{
  uint32_t count = 0, end = w->way.guard_count - left;
  for (uint32_t i = 0; i < end; i++) {
    uint32_t again = i + 1;
    while (again < end && w->guards[again] != w->guards[i]) again++;
    if (again == end) out[count++] = w->guards[i];
  }
  return count;
}

static void put(walk *w, const pending *item)
{
  for (uint32_t i = 0; i < w->edge_count; i++) {
    if (same_way(&w->edges[i], item)) return;
  }
  if (w->edge_count == BUILD_EDGES_MAX) {
    const plan_step *at = &w->detection->steps[w->from == PRG_NONE ? 0 : w->from];
    build_limit(w->b, at->span, "more than %u ways on from step '%s'", BUILD_EDGES_MAX, at->name);
    return;
  }
  pending *edge = &w->edges[w->edge_count++];
  *edge = *item;
  edge->nos = kept(w, item->nos, item->edge.nos.count * sizeof *item->nos);
  edge->guards = kept(w, item->guards, item->edge.guards.count * sizeof *item->guards);
  edge->untils = kept(w, item->untils, item->edge.untils.count * sizeof *item->untils);
  edge->tests = kept(w, item->tests, item->edge.tests.count * sizeof *item->tests);
  edge->changes = kept(w, item->changes, item->edge.changes.count * sizeof *item->changes);
}

/* The way in hand as an edge of this kind, with the lists that it has collected. */
static void put_way(walk *w, prg_edge edge)
{
  if (w->b->status < 0) return;
  uint32_t untils[PLAN_STEPS_MAX], guards[PLAN_STEPS_MAX];
  prg_count changes[CHANGES_MAX];
  edge.nos.count = w->way.no_count;
  edge.guards.count = settled_guards(w, edge.tail != PRG_NONE ? 1 : 0, guards);
  edge.tests.count = w->way.test_count;
  edge.changes.count = edge.kind == PRG_EDGE_FINISH ? 0 : settled_changes(w, changes);
  if (edge.target != PRG_NONE)
    edge.untils.count = build_untils(w->tree, edge.target, edge.kind == PRG_EDGE_REPEAT, untils);
  edge.gap = w->way.gap;
  while (edge.passes < w->direct_count && edge.passes < w->way.no_count &&
         w->nos[edge.passes] == w->direct[edge.passes])
    edge.passes++;
  put(w, &(pending){edge, w->nos, guards, untils, w->tests, changes});
}

static void put_forward(walk *w, uint32_t node, plan_contiguity hop)
{
  const plan_step *step = step_of(w, node);
  put_way(w, (prg_edge){.kind = PRG_EDGE_FORWARD,
                        .target = w->tree->nodes[node].element->step,
                        .contiguity = (uint32_t)hop,
                        .until = step->max > 1 ? step->until : PRG_NONE,
                        .lasting = w->way.optional ? 0 : w->way.lasting,
                        .tail = PRG_NONE});
}

static void put_finish(walk *w)
{
  if (w->from == PRG_NONE) return; /* no match without an event */
  /* Also from before an optional greedy loop at the end: it may still take its first event. */
  int after_loop = w->way.tail != PRG_NONE && w->way.trailing == 0;
  uint32_t flags = 0;
  if (w->way.trailing == 0) flags = after_loop ? PRG_EDGE_AFTER_LOOP : PRG_EDGE_AT_ONCE;
  put_way(w, (prg_edge){.kind = PRG_EDGE_FINISH,
                        .flags = flags,
                        .target = PRG_NONE,
                        .contiguity = PRG_RELAXED,
                        .until = PRG_NONE,
                        .lasting = after_loop ? 0 : w->way.lasting,
                        .trailing = w->way.trailing,
                        .tail = after_loop ? w->way.tail : PRG_NONE});
}

/* ---- The walk ------------------------------------------------------------------------- */

static void go_on(walk *w, uint32_t node);
static void begin(walk *w, uint32_t node, plan_contiguity hop);

/* May the whole element be left out. */
static int may_leave(const walk *w, uint32_t number)
{
  const build_node *node = node_at(w, number);
  return node->element->optional || node->nullable;
}

/* Every way into an element, its first event with contiguity `hop`. */
static void enter(walk *w, uint32_t number, plan_contiguity hop)
{
  if (w->b->status < 0) return;
  build_node *node = node_at(w, number);
  int64_t gap = node->element->gap;
  way before = w->way;
  if (gap > 0 && (w->way.gap == 0 || gap < w->way.gap)) w->way.gap = gap;
  w->way.optional |= may_leave(w, number);
  if (node->element->kind == PLAN_STEP) {
    put_forward(w, number, hop);
  } else {
    change(w, node->rounds, PRG_COUNT_SET, 1);
    change(w, node->items, PRG_COUNT_SET, 0);
    int was = node->is_entered;
    node->is_entered = 1;
    begin(w, number, hop);
    if (node->nullable && node->rounds != PRG_NONE) { /* an empty round, and then one with an event */
      change(w, node->rounds, PRG_COUNT_SET, node->element->max == PLAN_OPEN ? 1 : 2);
      begin(w, number, node->element->inner);
    }
    node->is_entered = was;
  }
  w->way = before;
}

/* A round of a group has ended, with an event in it: else the group was entered on this
 * walk, and going past it is the business of what holds it. */
static void end_round(walk *w, uint32_t number)
{
  build_node *node = node_at(w, number);
  const plan_element *element = node->element;
  if (w->b->status < 0 || node->is_entered) return;
  if (node->parent == CEP_NONE) {
    put_finish(w);
    return;
  }
  way before = w->way;
  if (node->rounds != PRG_NONE) {
    uint32_t min = node->nullable ? 1 : element->min;
    int is_open = element->max == PLAN_OPEN;
    if (!is_open) test(w, node->rounds, PRG_COUNT_BELOW, element->max);
    change(w, node->rounds, PRG_COUNT_ADD, is_open ? min : element->max);
    change(w, node->items, PRG_COUNT_SET, 0);
    node->is_entered = 1;
    begin(w, number, element->inner);
    node->is_entered = 0;
    w->way = before;
    if (min > 1) test(w, node->rounds, PRG_COUNT_FROM, min);
    if (is_open) w->way.lasting = 0; /* another round could come instead of what is behind */
  }
  change(w, node->rounds, PRG_COUNT_SET, 0);
  change(w, node->items, PRG_COUNT_SET, 0);
  go_on(w, number);
  w->way = before;
}

static int is_no(const walk *w, uint32_t number)
{
  return node_at(w, number)->element->kind == PLAN_STEP && step_of(w, number)->kind == PLAN_NO;
}

/* A step that the way leaves, or leaves out. */
static void pass_step(walk *w, uint32_t number)
{
  uint32_t step = node_at(w, number)->element->step;
  w->way.trailing = 0;
  w->way.lasting = 0;
  w->way.tail = build_is_greedy(step_of(w, number)) ? step : PRG_NONE;
  if (w->way.tail != PRG_NONE) pass_guard(w, step);
}

/* The greedy loops that a group could end with guard what is behind it as well. */
static void pass_ends(walk *w, uint32_t number)
{
  const build_node *node = node_at(w, number);
  if (node->element->kind == PLAN_STEP) {
    if (build_is_greedy(step_of(w, number))) pass_guard(w, node->element->step);
    return;
  }
  uint32_t first = 0;
  for (uint32_t i = node->element->item_count; node->element->kind == PLAN_SEQUENCE && i-- > 0;) {
    first = i;
    if (is_no(w, node->first + i) || !may_leave(w, node->first + i)) break;
  }
  for (uint32_t i = first; i < node->element->item_count; i++) {
    if (!is_no(w, node->first + i)) pass_ends(w, node->first + i);
  }
}

static void leave_out(walk *w, uint32_t number)
{
  const plan_element *element = node_at(w, number)->element;
  if (element->kind == PLAN_STEP) {
    pass_step(w, number);
    return;
  }
  w->way.trailing = 0;
  w->way.lasting = 0;
  w->way.tail = PRG_NONE;
  if (element->max != PLAN_OPEN) pass_ends(w, number);
}

/* The items of a sequence from the k-th on. The way is spoilt afterwards. */
static void walk_items(walk *w, uint32_t number, uint32_t k, plan_contiguity hop)
{
  const build_node *node = node_at(w, number);
  for (; k < node->element->item_count; k++) {
    uint32_t child = node->first + k;
    const plan_element *item = node_at(w, child)->element;
    if (is_no(w, child)) {
      pass_no(w, item->step);
      continue;
    }
    enter(w, child, k == 0 ? hop : item->hop);
    if (!may_leave(w, child)) return;
    leave_out(w, child);
  }
  end_round(w, number);
}

static uint32_t mandatory_items(const walk *w, const build_node *node)
{
  uint32_t bits = 0;
  for (uint32_t i = 0; i < node->element->item_count; i++) {
    if (!may_leave(w, node->first + i)) bits |= 1u << i;
  }
  return bits;
}

/* The first items of a round. */
static void begin(walk *w, uint32_t number, plan_contiguity hop)
{
  const build_node *node = node_at(w, number);
  way before = w->way;
  if (node->element->kind == PLAN_SEQUENCE) {
    walk_items(w, number, 0, hop);
    w->way = before;
    return;
  }
  for (uint32_t i = 0; i < node->element->item_count; i++) enter(w, node->first + i, hop);
}

/* Out of an `all of`, from the `own`-th item: past the optional items from the i-th on that
 * are not behind the partial match. It is known of an item only where that makes a difference. */
static void leave_all(walk *w, uint32_t number, uint32_t own, uint32_t i)
{
  const build_node *node = node_at(w, number);
  way before = w->way;
  for (; i < node->element->item_count && w->b->status == CEP_OK; i++) {
    uint32_t child = node->first + i;
    if (i == own || !may_leave(w, child)) continue;
    way fork = w->way;
    leave_out(w, child);
    int differs = w->way.guard_count != fork.guard_count || w->way.lasting != fork.lasting ||
                  w->way.tail != fork.tail || w->way.trailing != fork.trailing;
    test(w, node->items, PRG_COUNT_LACKS, 1u << i);
    if (differs) leave_all(w, number, own, i + 1);
    w->way = fork;
    if (!differs) continue;
    test(w, node->items, PRG_COUNT_HAS, 1u << i);
  }
  if (i == node->element->item_count) end_round(w, number);
  w->way = before;
}

/* Behind an element, in the one that holds it. */
static void go_on(walk *w, uint32_t number)
{
  const build_node *node = node_at(w, number);
  const build_node *parent = node_at(w, node->parent);
  way before = w->way;
  switch (parent->element->kind) {
  case PLAN_SEQUENCE: walk_items(w, node->parent, node->place + 1, PLAN_RELAXED); break;
  case PLAN_ONE_OF: end_round(w, node->parent); break;
  case PLAN_ALL_OF: {
    uint32_t own = 1u << node->place;
    for (uint32_t i = 0; i < parent->element->item_count; i++) {
      if (i == node->place) continue;
      test(w, parent->items, PRG_COUNT_LACKS, 1u << i);
      change(w, parent->items, PRG_COUNT_MARK, own);
      enter(w, parent->first + i, parent->element->inner);
      w->way = before;
    }
    uint32_t needed = mandatory_items(w, parent) & ~own;
    if (needed != 0) test(w, parent->items, PRG_COUNT_HAS, needed);
    leave_all(w, node->parent, node->place, 0);
    break;
  }
  case PLAN_STEP: CB_UNREACHABLE();
  }
  w->way = before;
}

/* ---- The edges of a state -------------------------------------------------------------- */

static prg_list put_counts(build *b, const prg_count *items, uint32_t count)
{
  prg_list list = {b->out.counts.count, count};
  for (uint32_t i = 0; i < count; i++) BUILD_PUSH(b, counts, items[i]);
  return list;
}

static void push_edge(build *b, const pending *item)
{
  prg_edge edge = item->edge;
  edge.nos = build_list(b, item->nos, edge.nos.count);
  edge.guards = build_list(b, item->guards, edge.guards.count);
  edge.untils = build_list(b, item->untils, edge.untils.count);
  edge.tests = put_counts(b, item->tests, edge.tests.count);
  edge.changes = put_counts(b, item->changes, edge.changes.count);
  BUILD_PUSH(b, edges, edge);
}

/* By kind and target; of one target in the order of the walk. */
static int comes_before(const prg_edge *a, const prg_edge *b)
{
  return a->kind != b->kind ? a->kind < b->kind : a->target < b->target;
}

prg_list build_walk(build_tree *tree, uint32_t from, const uint32_t *direct, uint32_t direct_count)
{
  build *b = tree->b;
  prg_list list = {b->out.edges.count, 0};
  walk *w = cb_new0(b->alloc, sizeof *w);
  if (!w) {
    build_fail(b, CEP_E_NOMEM);
    return list;
  }
  w->b = b;
  w->detection = tree->detection;
  w->tree = tree;
  w->from = from;
  w->direct = direct;
  w->direct_count = direct_count;
  w->way.tail = PRG_NONE;
  if (from == PRG_NONE) {
    begin(w, 0, PLAN_RELAXED);
  } else {
    const plan_step *step = &tree->detection->steps[from];
    if (step->max > 1)
      put_way(w, (prg_edge){.kind = PRG_EDGE_REPEAT, .target = from, .contiguity = (uint32_t)step->inner,
                            .until = PRG_NONE, .tail = PRG_NONE});
    pass_step(w, tree->leaves[from]);
    go_on(w, tree->leaves[from]);
  }
  for (uint32_t i = 1; i < w->edge_count; i++) {
    pending edge = w->edges[i];
    uint32_t at = i;
    for (; at > 0 && comes_before(&edge.edge, &w->edges[at - 1].edge); at--) w->edges[at] = w->edges[at - 1];
    w->edges[at] = edge;
  }
  for (uint32_t i = 0; i < w->edge_count && b->status == CEP_OK; i++) push_edge(b, &w->edges[i]);
  list.count = b->out.edges.count - list.first;
  cb_free(b->alloc, w, sizeof *w);
  return list;
}

uint32_t build_direct_nos(const build_tree *tree, uint32_t from, uint32_t *out)
{
  uint32_t count = 0;
  uint32_t number = from == PRG_NONE ? 0 : tree->leaves[from];
  const build_node *node = &tree->nodes[number];
  uint32_t next = from == PRG_NONE ? 0 : node->place + 1;
  if (from != PRG_NONE) number = node->parent;
  while (number != CEP_NONE) {
    const build_node *holder = &tree->nodes[number];
    if (holder->element->kind == PLAN_ALL_OF) break;
    int is_sequence = holder->element->kind == PLAN_SEQUENCE;
    for (; is_sequence && next < holder->element->item_count; next++) {
      const plan_element *item = tree->nodes[holder->first + next].element;
      if (item->kind != PLAN_STEP || tree->detection->steps[item->step].kind != PLAN_NO) return count;
      out[count++] = item->step;
    }
    next = holder->place + 1;
    number = holder->parent;
  }
  return count;
}

uint32_t build_untils(const build_tree *tree, uint32_t step, int with_own, uint32_t *out)
{
  uint32_t count = 0;
  const plan_step *own = &tree->detection->steps[step];
  if (with_own && own->max > 1 && own->until != CEP_NONE) out[count++] = own->until;
  for (uint32_t n = tree->nodes[tree->leaves[step]].parent; n != CEP_NONE; n = tree->nodes[n].parent) {
    const plan_element *element = tree->nodes[n].element;
    if (element->max > 1 && element->until != CEP_NONE) out[count++] = element->until;
  }
  return count;
}

/* ---- The tree ------------------------------------------------------------------------- */

static uint32_t put_counter(build_tree *tree, prg_counter_kind what, uint32_t most)
{
  build *b = tree->b;
  uint32_t first = b->detections[tree->detection - b->plan->detections].counter_first;
  uint32_t index = b->out.counters.count - first;
  if (index == PRG_COUNTERS_MAX) {
    build_limit(b, tree->detection->span, "more than %u groups that are counted in one detection", PRG_COUNTERS_MAX);
    return 0;
  }
  prg_counter counter = {(uint32_t)what, most, 0, 0};
  BUILD_PUSH(b, counters, counter);
  return index;
}

static uint32_t take_nodes(build_tree *tree, uint32_t count)
{
  uint32_t first = tree->count;
  if (tree->capacity - tree->count < count) {
    uint32_t capacity = 2 * (tree->capacity + count);
    build_node *nodes = cb_arena_take(&tree->b->arena, capacity * sizeof *nodes);
    if (!nodes) {
      build_fail(tree->b, CEP_E_NOMEM);
      return CEP_NONE;
    }
    if (tree->count > 0) memcpy(nodes, tree->nodes, tree->count * sizeof *nodes);
    tree->nodes = nodes;
    tree->capacity = capacity;
  }
  tree->count += count;
  return first;
}

/* Fills node `number` and all below it. The nodes may move. */
static void make_node(build_tree *tree, uint32_t number, const plan_element *element, uint32_t parent, uint32_t place)
{
  if (tree->b->status < 0) return;
  build_node node = {.element = element, .parent = parent, .place = place, .rounds = PRG_NONE, .items = PRG_NONE};
  if (element->kind == PLAN_STEP) {
    tree->nodes[number] = node;
    tree->leaves[element->step] = number;
    return;
  }
  uint32_t first_counter = tree->b->out.counters.count;
  if (element->max > 1) {
    node.rounds = put_counter(tree, PRG_COUNTER_ROUNDS, 1);
  }
  if (element->kind == PLAN_ALL_OF) {
    CB_ASSERT(element->item_count <= PLAN_ITEMS_MAX);
    node.items = put_counter(tree, PRG_COUNTER_ITEMS, (1u << element->item_count) - 1);
  }
  uint32_t own_counters = tree->b->out.counters.count - first_counter;
  node.first = take_nodes(tree, element->item_count);
  if (tree->b->status < 0) return;
  int any = 0, all = 1;
  uint32_t first_step = UINT32_MAX, last_step = 0;
  for (uint32_t i = 0; i < element->item_count; i++) {
    make_node(tree, node.first + i, &element->items[i], number, i);
    if (tree->b->status < 0) return;
    const build_node *item = &tree->nodes[node.first + i];
    int is_no = item->element->kind == PLAN_STEP && tree->detection->steps[item->element->step].kind == PLAN_NO;
    int empty = is_no || item->element->optional || item->nullable;
    any |= empty;
    all &= empty;
  }
  node.nullable = element->kind == PLAN_ONE_OF ? any : all;
  tree->nodes[number] = node;
  for (uint32_t s = 0; s < tree->detection->step_count; s++) {
    uint32_t at = tree->leaves[s];
    while (at != CEP_NONE && at != number) at = at < node.first ? CEP_NONE : tree->nodes[at].parent;
    if (at == CEP_NONE) continue;
    if (s < first_step) first_step = s;
    last_step = s;
  }
  for (uint32_t i = 0; i < own_counters; i++) {
    prg_counter *counter = &tree->b->out.counters.at[first_counter + i];
    counter->first = first_step;
    counter->last = last_step;
    if (counter->what != PRG_COUNTER_ROUNDS) continue;
    uint32_t min = node.nullable ? 1 : element->min;
    counter->most = element->max == PLAN_OPEN ? min : element->max;
  }
}

void build_tree_make(build_tree *tree, build *b, const plan_detection *detection)
{
  *tree = (build_tree){.b = b, .detection = detection};
  for (uint32_t i = 0; i < PLAN_STEPS_MAX; i++) tree->leaves[i] = CEP_NONE;
  b->detections[detection - b->plan->detections].counter_first = b->out.counters.count;
  uint32_t root = take_nodes(tree, 1);
  if (root != CEP_NONE) make_node(tree, root, &detection->pattern, CEP_NONE, 0);
}
