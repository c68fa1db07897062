/* sql_pattern.c - patterns made simpler without another meaning, and what is known of their variables. */
#include <string.h>

#include "tools/import/sql_tree.h"

static sql_node *make_like(sql_state *state, const sql_node *node, sql_node_kind kind)
{
  sql_node *made = sql_take(state->arena, sizeof *made);
  made->kind = kind;
  made->at = node->at;
  made->var = node->var;
  return made;
}

static void append(sql_state *state, sql_node *to, sql_node *item)
{
  to->items = sql_grow(state->arena, to->items, to->item_count, to->item_count + 1u, sizeof *to->items);
  to->items[to->item_count++] = item;
}

static sql_node *make_repeat(sql_state *state, sql_node *inside, uint32_t min, uint32_t max, int is_reluctant)
{
  sql_node *made = make_like(state, inside, SQL_P_REPEAT);
  made->var = NULL;
  made->min = min;
  made->max = max;
  made->is_reluctant = is_reluctant;
  append(state, made, inside);
  return made;
}

int sql_may_be_empty(const sql_node *node)
{
  switch (node->kind) {
    case SQL_P_EMPTY: return 1;
    case SQL_P_FAIL:
    case SQL_P_ANCHOR:
    case SQL_P_VAR: return 0;
    case SQL_P_REPEAT: return node->min == 0 || sql_may_be_empty(node->items[0]);
    case SQL_P_EXCLUDE: return sql_may_be_empty(node->items[0]);
    case SQL_P_ALT:
      for (uint32_t i = 0; i < node->item_count; i++)
        if (sql_may_be_empty(node->items[i])) return 1;
      return 0;
    case SQL_P_SEQ:
    case SQL_P_PERMUTE:
      for (uint32_t i = 0; i < node->item_count; i++)
        if (!sql_may_be_empty(node->items[i])) return 0;
      return 1;
  }
  return 0;
}

int sql_is_fixed(const sql_node *node, uint64_t *len)
{
  uint64_t one = 0, sum = 0;
  *len = 0;
  switch (node->kind) {
    case SQL_P_EMPTY:
    case SQL_P_FAIL:
    case SQL_P_ANCHOR: return 1;
    case SQL_P_VAR: *len = 1; return 1;
    case SQL_P_EXCLUDE: return sql_is_fixed(node->items[0], len);
    case SQL_P_REPEAT:
      if (node->min != node->max || !sql_is_fixed(node->items[0], &one)) return 0;
      *len = one > UINT32_MAX ? one : one * node->min;
      return 1;
    case SQL_P_ALT:
    case SQL_P_SEQ:
    case SQL_P_PERMUTE:
      for (uint32_t i = 0; i < node->item_count; i++) {
        if (!sql_is_fixed(node->items[i], &one)) return 0;
        if (node->kind == SQL_P_ALT && i > 0 && one != sum) return 0;
        sum = node->kind == SQL_P_ALT ? one : sum + one;
      }
      *len = sum;
      return 1;
  }
  return 0;
}

/* ---- Simplification --------------------------------------------------------------------------- */

static sql_node *simplify_sequence(sql_state *state, const sql_node *node)
{
  sql_node *made = make_like(state, node, node->kind);
  for (uint32_t i = 0; i < node->item_count; i++) {
    sql_node *item = sql_simplify(state, node->items[i], 0);
    if (item->kind == SQL_P_FAIL) return item;
    if (item->kind == SQL_P_EMPTY) continue;
    if (item->kind == SQL_P_SEQ && node->kind == SQL_P_SEQ) {
      for (uint32_t j = 0; j < item->item_count; j++) append(state, made, item->items[j]);
    } else {
      append(state, made, item);
    }
  }
  if (made->item_count == 0) return make_like(state, node, SQL_P_EMPTY);
  return made->item_count == 1 ? made->items[0] : made;
}

/* What stands before an empty alternative is optional and greedy, what stands behind it
 * optional and reluctant; of several empty ones the first counts. */
static sql_node *simplify_alternatives(sql_state *state, const sql_node *node)
{
  sql_node *before = make_like(state, node, SQL_P_ALT), *behind = make_like(state, node, SQL_P_ALT);
  int has_empty = 0;
  for (uint32_t i = 0; i < node->item_count; i++) {
    sql_node *item = sql_simplify(state, node->items[i], 0);
    sql_node *to = has_empty ? behind : before;
    if (item->kind == SQL_P_FAIL) continue;
    if (item->kind == SQL_P_EMPTY) has_empty = 1;
    else if (item->kind == SQL_P_ALT) for (uint32_t j = 0; j < item->item_count; j++) append(state, to, item->items[j]);
    else append(state, to, item);
  }
  if (before->item_count + behind->item_count == 0) return make_like(state, node, has_empty ? SQL_P_EMPTY : SQL_P_FAIL);
  sql_node *rest = behind->item_count == 1 ? behind->items[0] : behind;
  if (behind->item_count) rest = make_repeat(state, rest, 0, 1, 1);
  if (before->item_count == 0) return rest;
  if (behind->item_count) append(state, before, rest);
  sql_node *made = before->item_count == 1 ? before->items[0] : before;
  return has_empty && !behind->item_count ? make_repeat(state, made, 0, 1, 0) : made;
}

static sql_node *simplify_repeat(sql_state *state, const sql_node *node)
{
  sql_node *inside = sql_simplify(state, node->items[0], 0);
  if (node->max == 0 || inside->kind == SQL_P_EMPTY) return make_like(state, node, SQL_P_EMPTY);
  if (inside->kind == SQL_P_FAIL) return node->min == 0 ? make_like(state, node, SQL_P_EMPTY) : inside;
  /* A test of a place that may be left out leaves everything as it was. */
  if (inside->kind == SQL_P_ANCHOR) return node->min == 0 ? make_like(state, node, SQL_P_EMPTY) : inside;
  if (node->min == 1 && node->max == 1) return inside;
  int same_way = inside->kind == SQL_P_REPEAT && inside->is_reluctant == node->is_reluctant;
  if (same_way && node->max == SQL_OPEN && inside->max == SQL_OPEN && node->min <= 1 && inside->min <= 1)
    return make_repeat(state, inside->items[0], node->min && inside->min, SQL_OPEN, node->is_reluctant);
  if (same_way && node->min == 0 && node->max == 1 && inside->min <= 1)
    return make_repeat(state, inside->items[0], 0, inside->max, node->is_reluctant);
  return make_repeat(state, inside, node->min, node->max, node->is_reluctant);
}

/* A part behind which nothing comes: reluctant it takes the least, and what is preferred less
 * than nothing is never taken. */
static sql_node *trim_end(sql_state *state, sql_node *node)
{
  sql_node *made = node;
  if (node->kind == SQL_P_SEQ) {
    sql_node *last = trim_end(state, node->items[node->item_count - 1]);
    if (last == node->items[node->item_count - 1]) return node;
    made = make_like(state, node, SQL_P_SEQ);
    for (uint32_t i = 0; i + 1 < node->item_count; i++) append(state, made, node->items[i]);
    append(state, made, last);
  } else if (node->kind == SQL_P_REPEAT && node->is_reluctant && node->min != node->max) {
    made = make_repeat(state, node->items[0], node->min, node->min, 1);
  } else if (node->kind == SQL_P_REPEAT && node->min == 0 && node->max == 1) {
    sql_node *inside = trim_end(state, node->items[0]);
    if (inside == node->items[0]) return node;
    made = make_repeat(state, inside, 0, 1, 0);
  } else if (node->kind == SQL_P_ALT) {
    int is_new = 0, has_empty = 0;
    made = make_like(state, node, SQL_P_ALT);
    for (uint32_t i = 0; i < node->item_count && !has_empty; i++) {
      sql_node *item = trim_end(state, node->items[i]);
      is_new |= item != node->items[i];
      has_empty = sql_may_be_empty(item); /* it always matches, so no other is looked at */
      append(state, made, item);
    }
    if (!is_new && made->item_count == node->item_count) return node;
  }
  if (made == node) return node;
  made = sql_simplify(state, made, 0);
  return made->kind == SQL_P_EMPTY ? made : trim_end(state, made);
}

sql_node *sql_simplify(sql_state *state, sql_node *node, int is_whole)
{
  sql_node *made = node;
  switch (node->kind) {
    case SQL_P_EMPTY:
    case SQL_P_FAIL:
    case SQL_P_ANCHOR: break;
    case SQL_P_VAR:
      if (node->var->define && sql_is_false(node->var->define)) made = make_like(state, node, SQL_P_FAIL);
      break;
    case SQL_P_SEQ:
    case SQL_P_PERMUTE: made = simplify_sequence(state, node); break;
    case SQL_P_ALT: made = simplify_alternatives(state, node); break;
    case SQL_P_REPEAT: made = simplify_repeat(state, node); break;
    case SQL_P_EXCLUDE:
      sql_remark_at(state, SQL_NOTE, node->at, "rows in {- -} are events of the match here, as all others are");
      made = sql_simplify(state, node->items[0], 0);
      break;
  }
  if (!is_whole) return made;
  made = trim_end(state, made);
  /* A match without rows is none here; what SQL prefers to it is all that is left. */
  if (made->kind == SQL_P_REPEAT && made->min == 0 && !made->is_reluctant && !sql_may_be_empty(made->items[0]))
    made = sql_simplify(state, make_repeat(state, made->items[0], 1, made->max, 0), 0);
  return made;
}

/* ---- What is known of variables ------------------------------------------------------------------ */

typedef struct numbering {
  sql_state *state;
  sql_node **leaves;
  uint32_t count;
} numbering;

static void number_leaf(numbering *n, sql_node *node, int repeats, int is_sure)
{
  sql_var *var = node->var;
  if (n->count == SQL_LEAVES_MAX) {
    sql_remark_at(n->state, SQL_ERROR, node->at, "a pattern has at most %u variables here", SQL_LEAVES_MAX);
    n->count++;
  }
  if (n->count > SQL_LEAVES_MAX) return;
  node->leaf = n->count;
  n->leaves[n->count++] = node;
  if (var->uses++ == 0) {
    var->leaf = node;
    node->step = var->name;
  } else {
    node->step = sql_printf(n->state->arena, "%s_%u", var->name, var->uses);
  }
  var->repeats |= repeats || var->uses > 1;
  var->is_sure |= is_sure;
}

static void number_node(numbering *n, sql_node *node, sql_node *parent, int repeats, int is_sure)
{
  node->parent = parent;
  if (node->kind == SQL_P_VAR) number_leaf(n, node, repeats, is_sure);
  if (node->kind == SQL_P_REPEAT) {
    repeats |= node->max > 1;
    is_sure &= node->min > 0;
  }
  if (node->kind == SQL_P_ALT) is_sure = 0;
  for (uint32_t i = 0; i < node->item_count; i++) number_node(n, node->items[i], node, repeats, is_sure);
}

/* Simplification may put one node into two places; each place needs a node of its own. */
static sql_node *copy_tree(sql_state *state, const sql_node *node)
{
  sql_node *copy = sql_take(state->arena, sizeof *copy);
  *copy = *node;
  copy->items = NULL;
  copy->item_count = 0;
  for (uint32_t i = 0; i < node->item_count; i++) append(state, copy, copy_tree(state, node->items[i]));
  return copy;
}

uint32_t sql_number(sql_state *state, sql_node *root, sql_node **leaves)
{
  numbering n = {state, leaves, 0};
  *root = *copy_tree(state, root);
  number_node(&n, root, NULL, 0, 1);
  return n.count > SQL_LEAVES_MAX ? SQL_LEAVES_MAX : n.count;
}
