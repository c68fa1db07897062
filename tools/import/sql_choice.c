/*
 * sql_choice.c - where SQL and the rules would choose differently among the ways to match.
 *
 * SQL looks for one match from each row and prefers: an earlier alternative, and at each
 * quantifier one row more (greedy) or less (reluctant); it tries the next choice when the rest
 * does not match. The rules follow all ways at once: the match that is complete first
 * counts, of those complete together the one whose steps come first in the text; a greedy
 * step keeps each row that fits it, and at the end of a pattern waits for the end of its run.
 * Both give the same if at most one choice fits a row, or if all matches from one row have
 * the same length, or in the few forms below. Everything else is told.
 */
#include <string.h>

#include "tools/import/sql_tree.h"

static void add(sql_choices *to, uint32_t choice)
{
  for (uint32_t i = 0; i < to->count; i++)
    if (to->all[i] == choice) return;
  if (to->count < SQL_LEAVES_MAX + 1) to->all[to->count++] = choice;
}

/* `from`, with what comes behind in place of its end. */
static void add_all(sql_choices *to, const sql_choices *from, const sql_choices *behind)
{
  for (uint32_t i = 0; i < from->count; i++) {
    if (from->all[i] != SQL_CHOICE_END || !behind) add(to, from->all[i]);
    else for (uint32_t j = 0; j < behind->count; j++) add(to, behind->all[j]);
  }
}

/* The first of the rest of a sequence, then `end`. */
static sql_choices first_of_items(sql_node *const *items, uint32_t count)
{
  sql_choices made = {{SQL_CHOICE_END}, 1};
  for (uint32_t i = count; i-- > 0;) {
    sql_choices first = sql_first(items[i]), joined = {{0}, 0};
    add_all(&joined, &first, &made);
    made = joined;
  }
  return made;
}

sql_choices sql_first(const sql_node *node)
{
  sql_choices made = {{0}, 0}, inside;
  switch (node->kind) {
    case SQL_P_EMPTY:
    case SQL_P_FAIL:
    case SQL_P_ANCHOR: add(&made, SQL_CHOICE_END); break;
    case SQL_P_VAR: add(&made, node->leaf); break;
    case SQL_P_EXCLUDE: return sql_first(node->items[0]);
    case SQL_P_SEQ: return first_of_items(node->items, node->item_count);
    case SQL_P_REPEAT:
      inside = sql_first(node->items[0]);
      if (node->min == 0 && node->is_reluctant) add(&made, SQL_CHOICE_END);
      add_all(&made, &inside, NULL);
      if (node->min == 0) add(&made, SQL_CHOICE_END);
      break;
    case SQL_P_ALT:
    case SQL_P_PERMUTE:
      for (uint32_t i = 0; i < node->item_count; i++) {
        inside = sql_first(node->items[i]);
        add_all(&made, &inside, NULL);
      }
      break;
  }
  return made;
}

#define EXACT_NESTED 3 /* exact counts in each other that are told apart */

/* What may come behind a node that is done. An exact count goes on with the next round or
 * leaves, never either: with `again` 0 all leave, with n the n-th from inside goes on. */
static sql_choices behind(const sql_node *node, int again)
{
  const sql_node *up = node->parent;
  sql_choices made = {{0}, 0}, after;
  if (!up) {
    add(&made, SQL_CHOICE_END);
    return made;
  }
  if (up->kind == SQL_P_SEQ) {
    uint32_t at = 0;
    while (up->items[at] != node) at++;
    sql_choices rest = first_of_items(up->items + at + 1, up->item_count - at - 1);
    after = behind(up, again);
    add_all(&made, &rest, &after);
    return made;
  }
  int is_loop = up->kind == SQL_P_REPEAT && up->max > 1, is_exact = is_loop && up->min == up->max;
  if (is_exact && again == 1) return sql_first(node);
  after = behind(up, is_exact && again ? again - 1 : again);
  if (!is_loop || is_exact) return after;
  sql_choices round = sql_first(node);
  add_all(&made, up->is_reluctant ? &after : &round, NULL);
  add_all(&made, up->is_reluctant ? &round : &after, NULL);
  return made;
}

/* ---- A tree of its own ------------------------------------------------------------------------------ */

typedef struct unfolding {
  sql_state *state;
  sql_node *leaves[SQL_LEAVES_MAX];
  uint32_t count;
  int is_too_large;
} unfolding;

static sql_node *unfold(unfolding *u, const sql_node *node, sql_node *parent);

static sql_node *make_child(unfolding *u, const sql_node *like, sql_node_kind kind, sql_node *parent, uint32_t room)
{
  sql_node *made = sql_take(u->state->arena, sizeof *made);
  *made = *like;
  made->kind = kind;
  made->parent = parent;
  made->item_count = 0;
  made->items = room ? sql_take(u->state->arena, room * sizeof *made->items) : NULL;
  return made;
}

/* PERMUTE(A, B, C) as A (B C | C B) | B (...) | C (...): which is how SQL prefers. `left` has
 * a bit for each item that is still to come. */
static sql_node *unfold_permute(unfolding *u, const sql_node *node, sql_node *parent, unsigned left)
{
  sql_node *choice = make_child(u, node, SQL_P_ALT, parent, node->item_count);
  for (uint32_t i = 0; i < node->item_count && !u->is_too_large; i++) {
    unsigned rest = left & ~(1u << i);
    if (!(left & (1u << i))) continue;
    sql_node *one = make_child(u, node, SQL_P_SEQ, choice, 2);
    choice->items[choice->item_count++] = one;
    one->items[one->item_count++] = unfold(u, node->items[i], one);
    if (rest) one->items[one->item_count++] = unfold_permute(u, node, one, rest);
  }
  return choice;
}

static sql_node *unfold(unfolding *u, const sql_node *node, sql_node *parent)
{
  if (node->kind == SQL_P_PERMUTE && node->item_count <= 16) return unfold_permute(u, node, parent, (1u << node->item_count) - 1);
  sql_node *made = make_child(u, node, node->kind, parent, node->item_count);
  if (node->kind == SQL_P_PERMUTE || (node->kind == SQL_P_VAR && u->count == SQL_LEAVES_MAX)) u->is_too_large = 1;
  if (u->is_too_large) return made;
  if (node->kind == SQL_P_VAR) {
    made->leaf = u->count;
    u->leaves[u->count++] = made;
  }
  for (uint32_t i = 0; i < node->item_count; i++) made->items[made->item_count++] = unfold(u, node->items[i], made);
  return made;
}

/* ---- Judging -------------------------------------------------------------------------------------- */

typedef struct judge {
  sql_state *state;
  const sql_table *table;
  const sql_match *match;
  const sql_node *root;
  sql_node *const *leaves;
  const sql_node *free_from; /* a reluctant loop of the whole sequence: see find_free() */
  uint32_t free_leaf;        /* its leaf; those behind it may be ambiguous */
} judge;

static const sql_node *loop_of(const sql_node *leaf)
{
  return leaf->parent && leaf->parent->kind == SQL_P_REPEAT ? leaf->parent : NULL;
}

static int has(const sql_choices *choices, uint32_t choice)
{
  for (uint32_t i = 0; i < choices->count; i++)
    if (choices->all[i] == choice) return 1;
  return 0;
}

static int has_end(const sql_choices *choices)
{
  return has(choices, SQL_CHOICE_END);
}

static int is_inside(const sql_node *node, const sql_node *of)
{
  while (node && node != of) node = node->parent;
  return node != NULL;
}

/* A greedy repetition of one variable with which the match may end at every row of it that
 * follows `from`. */
static int waits_for_more(const judge *j, uint32_t from, uint32_t leaf)
{
  const sql_node *node = j->leaves[leaf], *loop = loop_of(node);
  if (!loop || loop->is_reluctant || loop->min == loop->max) return 0;
  if (loop->min > 1 && from != leaf) return 0;
  for (const sql_node *up = loop->parent; up; up = up->parent) {
    if (up->kind == SQL_P_REPEAT && up->max > 1) return 0;
    /* Who leaves out a choice or a group as a whole does not wait for what is in it. */
    if (up->kind != SQL_P_SEQ && (from == SQL_CHOICE_END || !is_inside(j->leaves[from], up))) return 0;
  }
  sql_choices next = behind(node, 0);
  return has_end(&next);
}

/* Behind this loop everything has a fixed length, so the match that is complete first is the
 * one with the fewest rows in the loop, which is what reluctant means. */
static void find_free(judge *j)
{
  const sql_node *root = j->root;
  j->free_from = NULL;
  uint32_t count = root->kind == SQL_P_SEQ ? root->item_count : 0;
  uint64_t len;
  for (uint32_t i = count; i-- > 0;) {
    const sql_node *item = root->items[i];
    if (item->kind == SQL_P_REPEAT && item->is_reluctant && item->min != item->max && item->items[0]->kind == SQL_P_VAR) {
      j->free_from = item;
      j->free_leaf = item->items[0]->leaf;
      return;
    }
    if (!sql_is_fixed(item, &len)) return;
  }
}

static int is_free(const judge *j, uint32_t from, uint32_t a, uint32_t b)
{
  if (!j->free_from) return 0;
  if (from != SQL_CHOICE_END && from >= j->free_leaf) return 1;
  return a >= j->free_leaf && b >= j->free_leaf;
}

/* Two ways for one row. `from`: the leaf before them, SQL_CHOICE_END at the start. */
static void judge_pair(const judge *j, uint32_t from, const sql_choices *choices, uint32_t a, uint32_t b)
{
  const sql_var *first = j->leaves[a]->var, *second = j->leaves[b]->var;
  if (is_free(j, from, a, b)) return;
  /* Of two greedy ends in a row the first takes what it can; whatever is left, the match is there. */
  const sql_node *loop = loop_of(j->leaves[a]);
  sql_choices after = behind(j->leaves[a], 0);
  if (has_end(choices) && waits_for_more(j, from, a) && waits_for_more(j, from, b) && a < b && loop->max == SQL_OPEN && has(&after, b)) return;
  if (first != second && sql_exclude_each_other(j->state, j->table, j->match, first, second)) return;
  if (first == second) {
    sql_remark_at(j->state, SQL_CHANGED, j->leaves[a]->at,
                  "a row that fits \"%s\" can be taken at two places of the pattern: SQL tries the preferred one and "
                  "then the other; here the match that is complete first counts", first->name);
    return;
  }
  const char *what = loop && !loop->is_reluctant && loop->min != loop->max
                         ? "SQL takes as many as it can and gives rows back if the rest does not match; here \"%s\" keeps every row that fits it"
                         : "SQL tries \"%s\" first and the other if the rest does not match; here the match that is complete first counts";
  const char *told = sql_printf(j->state->arena, what, first->name);
  sql_remark_at(j->state, SQL_CHANGED, j->leaves[a]->at,
                "a row may fit \"%s\" and \"%s\": %s. With conditions that exclude each other both are the same",
                first->name, second->name, told);
}

static void judge_choices(const judge *j, uint32_t from, const sql_choices *choices)
{
  uint32_t end = 0;
  while (end < choices->count && choices->all[end] != SQL_CHOICE_END) end++;
  for (uint32_t a = 0; a < choices->count; a++)
    for (uint32_t b = a + 1; b < choices->count; b++)
      if (a != end && b != end) judge_pair(j, from, choices, choices->all[a], choices->all[b]);
  if (end == choices->count) return;
  /* At the start the end is a match without rows, which is none here; what SQL prefers to it is the same. */
  for (uint32_t i = from == SQL_CHOICE_END ? end : 0; i < choices->count; i++) {
    if (i == end || (i < end && waits_for_more(j, from, choices->all[i]))) continue;
    sql_remark_at(j->state, SQL_CHANGED, j->leaves[choices->all[i]]->at,
                  "the match may end before \"%s\" or go on with it: SQL prefers %s; here the match that is complete first counts",
                  j->leaves[choices->all[i]]->var->name, i < end ? "the longer one" : "the shorter one");
  }
}

void sql_check_choices(sql_state *state, const sql_table *table, const sql_match *match)
{
  uint64_t len;
  if (sql_is_fixed(match->pattern, &len)) return;
  unfolding u = {.state = state};
  const sql_node *root = unfold(&u, match->pattern, NULL);
  if (u.is_too_large) {
    sql_remark_at(state, SQL_CHANGED, match->pattern_at, "the choices of PERMUTE are too many to tell whether SQL makes others");
    return;
  }
  judge j = {state, table, match, root, u.leaves, NULL, 0};
  find_free(&j);
  sql_choices first = sql_first(root);
  judge_choices(&j, SQL_CHOICE_END, &first);
  for (uint32_t i = 0; i < u.count; i++) {
    for (int again = 0; again <= EXACT_NESTED; again++) {
      sql_choices next = behind(u.leaves[i], again);
      judge_choices(&j, i, &next);
    }
  }
}
