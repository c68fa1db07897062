/* sql_match.c - MATCH_RECOGNIZE as a detection. */
#include <string.h>

#include "tools/import/sql_tree.h"

/* A span that ends only with the input: what still waits there, a run or a match behind an
 * earlier start, is decided then. Without a span it would wait for ever. */
#define WHOLE_INPUT "36500d"

typedef struct writer {
  sql_state *state;
  const sql_select *select;
  const sql_match *match;
  sql_table *table;
  sql_node *root;
  sql_node *leaves[SQL_LEAVES_MAX];
  uint32_t leaf_count;
  sql_choices first;
  int has_pairs;       /* the steps read rows joined with the row before them */
  int has_first_row;   /* ... and the first row of each partition */
  const char *pairs;   /* name of that detection */
  const char *firsts;
  const char *wait;    /* the last greedy run is written so */
  int waits;
} writer;

/* ---- Steps -------------------------------------------------------------------------------------------- */

static const char *condition_of(writer *w, const sql_node *leaf)
{
  if (!leaf->var->define || sql_is_true(leaf->var->define)) return NULL;
  sql_say say = {.state = w->state, .table = w->table, .match = w->match, .place = SQL_IN_DEFINE, .own = leaf->var, .has_pairs = w->has_pairs};
  return sql_say_expr(&say, leaf->var->define, SQL_L_ANY);
}

static int is_first(const writer *w, const sql_node *leaf)
{
  for (uint32_t i = 0; i < w->first.count; i++)
    if (w->first.all[i] == leaf->leaf) return 1;
  return 0;
}

static void put_step(writer *w, const char *stream, const char *step, const char *condition)
{
  sql_arena *arena = w->state->arena;
  sql_putf(&w->state->out, "%s as %s", sql_say_name(arena, stream), sql_say_name(arena, step));
  if (condition) sql_putf(&w->state->out, " where %s", condition);
}

static void put_leaf(writer *w, const sql_node *leaf, int is_alternative)
{
  const char *condition = condition_of(w, leaf);
  /* The first row of a partition has no row before it; only a step that asks for none takes it. */
  int takes_first = w->has_first_row && is_first(w, leaf) && !(leaf->var->define && sql_calls(leaf->var->define, "PREV"));
  if (!takes_first) {
    put_step(w, w->has_pairs ? w->pairs : w->table->name, leaf->step, condition);
    return;
  }
  if (!is_alternative) sql_put(&w->state->out, "one of (");
  put_step(w, w->pairs, leaf->step, condition);
  sql_put(&w->state->out, ", ");
  put_step(w, w->firsts, sql_printf(w->state->arena, "%s_first", leaf->step), condition);
  if (!is_alternative) sql_put(&w->state->out, ")");
}

/* 1 if the part stands in a group that repeats. */
static int is_in_rounds(const sql_node *node)
{
  for (const sql_node *up = node->parent; up; up = up->parent)
    if (up->kind == SQL_P_REPEAT && up->max > 1) return 1;
  return 0;
}

/* 1 if the match may end behind this part. */
static int is_at_end(const sql_node *node)
{
  for (const sql_node *up = node->parent; up; node = up, up = up->parent) {
    if (up->kind == SQL_P_PERMUTE) continue;
    if (up->kind != SQL_P_SEQ) continue;
    uint32_t at = 0;
    while (up->items[at] != node) at++;
    for (at++; at < up->item_count; at++)
      if (!sql_may_be_empty(up->items[at])) return 0;
  }
  return 1;
}

static void put_node(writer *w, const sql_node *node, int is_first_item);

static void put_sequence(writer *w, const sql_node *node, int is_first_item, const char *between)
{
  if (node->kind != SQL_P_SEQ) {
    put_node(w, node, is_first_item);
    return;
  }
  for (uint32_t i = 0; i < node->item_count; i++) {
    if (i) sql_putf(&w->state->out, "%sthen immediately ", between);
    put_node(w, node->items[i], is_first_item && i == 0);
  }
}

/* A run that ends the match: `? ` in the standard takes its row if it fits. A greedy count of one
 * is no count, so it is up to two of which the second never fits. */
static void put_greedy_option(writer *w, const sql_node *leaf)
{
  sql_arena *arena = w->state->arena;
  const char *condition = condition_of(w, leaf), *name = sql_say_name(arena, leaf->step);
  condition = condition ? sql_printf(arena, "count(%s) == 0 and (%s)", name, condition) : sql_printf(arena, "count(%s) == 0", name);
  sql_put(&w->state->out, "0..2 greedy consecutive ");
  put_step(w, w->has_pairs ? w->pairs : w->table->name, leaf->step, condition);
}

static void put_count(writer *w, const sql_node *node, int is_leaf, int is_first_item)
{
  sql_text *out = &w->state->out;
  int is_end = is_at_end(node), varies = node->min != node->max;
  if (node->min == 0 && node->max == 1) sql_put(out, "optional ");
  else if (node->max == SQL_OPEN) sql_putf(out, "%u+ ", node->min);
  else if (varies) sql_putf(out, "%u..%u ", node->min, node->max);
  else sql_putf(out, "%u ", node->min);
  if (node->max == 1) return;
  if (is_leaf && varies && !node->is_reluctant) {
    sql_put(out, "greedy ");
    w->waits |= is_end;
  } else if (node->max == SQL_OPEN && is_end) {
    sql_put(out, "reluctant ");
  }
  /* Behind `then immediately` repetitions are consecutive without a word. */
  if (is_first_item || is_end) sql_put(out, "consecutive ");
}

static void put_repeat(writer *w, const sql_node *node, int is_first_item)
{
  sql_node *inside = node->items[0];
  int is_leaf = inside->kind == SQL_P_VAR;
  int is_plain_leaf = is_leaf && !(w->has_first_row && is_first(w, inside));
  if (is_leaf && node->min == 0 && node->max == 1 && !node->is_reluctant && is_at_end(node) && !is_in_rounds(node) && w->state->dialect == SQL_STANDARD) {
    put_greedy_option(w, inside);
    w->waits = 1;
    return;
  }
  put_count(w, node, is_plain_leaf, is_first_item);
  if (is_leaf || inside->kind == SQL_P_ALT || inside->kind == SQL_P_PERMUTE) {
    put_node(w, inside, 1);
    return;
  }
  sql_put(&w->state->out, "( ");
  put_sequence(w, inside, 1, " ");
  sql_put(&w->state->out, " )");
}

static void put_node(writer *w, const sql_node *node, int is_first_item)
{
  if (node->kind == SQL_P_VAR) put_leaf(w, node, node->parent && node->parent->kind == SQL_P_ALT);
  else if (node->kind == SQL_P_REPEAT) put_repeat(w, node, is_first_item);
  else if (node->kind == SQL_P_SEQ) {
    sql_put(&w->state->out, "( ");
    put_sequence(w, node, 1, " ");
    sql_put(&w->state->out, " )");
  } else {
    int is_counted = node->parent && node->parent->kind == SQL_P_REPEAT && node->parent->max > 1;
    sql_put(&w->state->out, node->kind == SQL_P_ALT ? "one of (" : is_counted ? "all of (" : "1 consecutive all of (");
    for (uint32_t i = 0; i < node->item_count; i++) {
      if (i) sql_put(&w->state->out, ", ");
      if (node->kind == SQL_P_ALT) put_sequence(w, node->items[i], 1, " ");
      else put_node(w, node->items[i], 1);
    }
    sql_put(&w->state->out, ")");
  }
}

/* ---- The row before the first --------------------------------------------------------------------------- */

/* Certainly not true where PREV is null. */
static int needs_prev(const sql_expr *expr)
{
  int is_and = expr->kind == SQL_X_BINARY && strcmp(expr->text, "AND") == 0, is_or = expr->kind == SQL_X_BINARY && strcmp(expr->text, "OR") == 0;
  if (is_and) return needs_prev(expr->args[0]) || needs_prev(expr->args[1]);
  if (is_or) return needs_prev(expr->args[0]) && needs_prev(expr->args[1]);
  if (expr->kind == SQL_X_NOT) return needs_prev(expr->args[0]);
  if (expr->kind == SQL_X_IS_NULL) return expr->negated && sql_calls(expr->args[0], "PREV") && !sql_calls(expr, "COALESCE");
  int is_test = expr->kind == SQL_X_BINARY || expr->kind == SQL_X_LIKE || expr->kind == SQL_X_BETWEEN || expr->kind == SQL_X_IN;
  return is_test && sql_calls(expr->args[0], "PREV") + (expr->arg_count > 1 && sql_calls(expr->args[1], "PREV")) > 0 &&
         !sql_calls(expr, "COALESCE") && !sql_calls(expr, "CASE");
}

/* PREV in a condition that the first row of a match meets looks at a row before the match. */
static void find_pairs(writer *w)
{
  for (uint32_t i = 0; i < w->first.count; i++) {
    if (w->first.all[i] == SQL_CHOICE_END) continue;
    const sql_var *var = w->leaves[w->first.all[i]]->var;
    w->has_pairs |= var->define && sql_calls(var->define, "PREV");
  }
  if (!w->has_pairs) return;
  w->pairs = sql_printf(w->state->arena, "%s_pair", w->select->name);
  w->firsts = sql_printf(w->state->arena, "%s_first", w->select->name);
  for (uint32_t i = 0; i < w->first.count; i++) {
    if (w->first.all[i] == SQL_CHOICE_END) continue;
    const sql_node *leaf = w->leaves[w->first.all[i]];
    if (leaf->var->define && needs_prev(leaf->var->define)) continue;
    int is_sayable = !leaf->var->is_referenced && leaf->var->uses == 1 && !(leaf->var->define && sql_calls(leaf->var->define, "PREV")) &&
                     !(leaf->parent && leaf->parent->kind == SQL_P_REPEAT);
    if (is_sayable) w->has_first_row = 1;
    else
      sql_remark_at(w->state, SQL_CHANGED, leaf->at, "the first row of a partition may fit \"%s\" in SQL; here no match begins with it, since it has no row before it",
                    leaf->var->name);
  }
}

static void put_key(writer *w)
{
  for (uint32_t i = 0; i < w->match->partition_count; i++) {
    const sql_expr *key = w->match->partition[i];
    const sql_column *column = key->kind == SQL_X_COLUMN ? sql_column_of(w->table, key->text) : NULL;
    if (!column) {
      sql_remark_at(w->state, SQL_ERROR, key->at, "PARTITION BY takes columns of \"%.60s\" here", w->table->name);
      continue;
    }
    if (!column->not_null)
      sql_remark_at(w->state, SQL_CHANGED, key->at, "rows whose \"%s\" is null are a partition of their own in SQL; here they are in none, and counted", column->name);
    sql_putf(&w->state->out, "%s%s", i ? ", " : " by ", sql_say_name(w->state->arena, column->name));
  }
}

static int is_key(const writer *w, const char *name)
{
  for (uint32_t i = 0; i < w->match->partition_count; i++)
    if (w->match->partition[i]->kind == SQL_X_COLUMN && sql_same(w->match->partition[i]->text, name)) return 1;
  return 0;
}

/* The columns of a row, and of the row before it the ones that PREV asks for. */
static void put_row(writer *w, const char *before)
{
  sql_arena *arena = w->state->arena;
  sql_text *out = &w->state->out;
  int count = 0;
  sql_put(out, "    emit { ");
  for (uint32_t i = 0; i < w->table->column_count; i++) {
    const sql_column *column = &w->table->columns[i];
    if (column->is_processing || is_key(w, column->name)) continue;
    const char *name = sql_say_name(arena, column->name);
    sql_putf(out, "%s%s: row.%s", count++ ? ", " : "", name, name);
    if (before) sql_putf(out, ", %s: %s.%s", sql_say_name(arena, sql_printf(arena, "prev_%s", column->name)), before, name);
  }
  sql_put(out, " }\n");
}

static void put_pairs(writer *w)
{
  sql_arena *arena = w->state->arena;
  sql_text *out = &w->state->out;
  const char *table = sql_say_name(arena, w->table->name);
  if (!w->has_pairs) return;
  if (w->has_first_row) {
    sql_put(out, "// The first row of each partition, once.\n");
    sql_putf(out, "detect %s", sql_say_name(arena, w->firsts));
    put_key(w);
    sql_putf(out, " unbounded {\n    match %s as row\n", table);
    put_row(w, NULL);
    sql_putf(out, "    suppress %s\n}\n\n", WHOLE_INPUT);
  }
  sql_put(out, "// Each row with the row before it, which may be in no match.\n");
  sql_putf(out, "detect %s", sql_say_name(arena, w->pairs));
  put_key(w);
  sql_putf(out, " unbounded {\n    match %s as before\n    then  immediately %s as row\n    after match no skip\n", table, table);
  put_row(w, "before");
  sql_put(out, "}\n\n");
}

/* ---- Clauses ---------------------------------------------------------------------------------------------- */

/* The variable that a skip goes to; of a subset the only member that has rows. */
static const sql_var *skip_target(writer *w)
{
  const sql_match *match = w->match;
  const sql_var *var = sql_var_of(match, match->skip_to);
  for (uint32_t i = 0; i < match->subset_count && !var; i++) {
    if (!sql_same(match->subsets[i].name, match->skip_to)) continue;
    uint32_t count = 0;
    for (uint32_t j = 0; j < match->subsets[i].member_count; j++) {
      const sql_var *member = sql_var_of(match, match->subsets[i].members[j]);
      if (member && member->uses && ++count) var = member;
    }
    if (count != 1) {
      sql_remark_at(w->state, SQL_ERROR, match->skip_at, "\"%.60s\" is a SUBSET of several variables; a skip goes to one here", match->skip_to);
      return NULL;
    }
  }
  if (!var || var->uses != 1) {
    sql_remark_at(w->state, SQL_ERROR, match->skip_at,
                  !var ? "\"%.60s\" is no variable of PATTERN"
                       : var->uses ? "\"%.60s\" stands several times in PATTERN; give each place a name of its own"
                                   : "no row ever fits \"%.60s\", so there is nowhere to skip to", match->skip_to);
    return NULL;
  }
  return var;
}

static void put_skip(writer *w)
{
  static const char *const words[] = {"", "past last", "to next", "to first", "to last"};
  const sql_match *match = w->match;
  sql_skip skip = match->skip;
  if (skip == SQL_SKIP_UNSAID) skip = w->state->dialect == SQL_FLINK ? SQL_SKIP_NEXT : SQL_SKIP_PAST_LAST;
  sql_putf(&w->state->out, "    after match skip %s", words[skip]);
  if (skip == SQL_SKIP_FIRST || skip == SQL_SKIP_LAST) {
    const sql_var *var = skip_target(w);
    if (!var) return;
    sql_putf(&w->state->out, " %s", sql_say_name(w->state->arena, var->leaf->step));
    if (!var->is_sure || is_first(w, var->leaf))
      sql_remark_at(w->state, SQL_NOTE, match->skip_at,
                    "SQL fails when a match has no row of \"%s\", or begins with it; here such a match drops no other, or only those that began before it", var->name);
  }
  sql_put(&w->state->out, " earliest start first\n");
}

static const sql_item *measure_of(const writer *w, const char *name)
{
  for (uint32_t i = 0; i < w->match->measures.count; i++)
    if (sql_same(w->match->measures.all[i].name, name)) return &w->match->measures.all[i];
  return NULL;
}

static void put_value(writer *w, uint32_t *count, const char *name, const sql_expr *expr)
{
  sql_say say = {.state = w->state, .table = w->table, .match = w->match, .place = SQL_IN_MEASURE};
  const char *said = sql_say_expr(&say, expr, SQL_L_ANY);
  sql_putf(&w->state->out, "%s%s: %s", (*count)++ ? ", " : " ", sql_say_name(w->state->arena, name), said);
}

static void put_emit(writer *w)
{
  const sql_items *items = &w->select->items;
  uint32_t count = 0;
  sql_put(&w->state->out, "    emit {");
  for (uint32_t i = 0; i < items->count; i++) {
    const sql_item *item = &items->all[i];
    for (uint32_t j = 0; !item->expr && j < w->match->measures.count; j++)
      put_value(w, &count, w->match->measures.all[j].name, w->match->measures.all[j].expr);
    if (!item->expr) continue;
    const sql_item *measure = item->expr->kind == SQL_X_COLUMN ? measure_of(w, item->expr->text) : NULL;
    if (measure) {
      put_value(w, &count, item->name ? item->name : measure->name, measure->expr);
    } else if (item->expr->kind == SQL_X_COLUMN && is_key(w, item->expr->text)) {
      if (!item->name || sql_same(item->name, item->expr->text)) continue; /* the key is part of every alert */
      put_value(w, &count, item->name, item->expr);
    } else if (item->expr->kind != SQL_X_COLUMN) {
      sql_remark_at(w->state, SQL_ERROR, item->at, "SELECT from a MATCH_RECOGNIZE takes names only here; compute in MEASURES");
    } else if (!w->match->all_rows) {
      sql_remark_at(w->state, SQL_ERROR, item->at, "\"%.60s\" is neither in MEASURES nor in PARTITION BY", item->expr->text);
    }
  }
  sql_put(&w->state->out, count ? " }\n" : "}\n");
}

/* ---- The whole --------------------------------------------------------------------------------------------- */

static int is_anchored(const sql_node *node)
{
  if (node->kind == SQL_P_ANCHOR) return 1;
  for (uint32_t i = 0; i < node->item_count; i++)
    if (is_anchored(node->items[i])) return 1;
  return 0;
}

/* Simplifies the pattern. 0: it cannot be said, told. */
static int prepare(writer *w)
{
  sql_state *state = w->state;
  sql_match *match = w->select->match;
  w->root = sql_simplify(state, match->pattern, 1);
  if (w->root->kind == SQL_P_EMPTY)
    sql_remark_at(state, SQL_ERROR, match->pattern_at, "this pattern prefers a match without rows at every row; such a match has nothing to report here");
  else if (w->root->kind == SQL_P_FAIL)
    sql_remark_at(state, SQL_ERROR, match->pattern_at, "this pattern never matches: it needs a row of a variable that is FALSE");
  else if (is_anchored(w->root))
    sql_remark_at(state, SQL_ERROR, match->pattern_at, "^ and $ have no counterpart: a stream has no last row, and its first is not known to be one");
  if (state->import->error_count) return 0;
  w->leaf_count = sql_number(state, w->root, w->leaves);
  match->pattern = w->root;
  w->first = sql_first(w->root);
  return !state->import->error_count;
}

/* Steps share names with streams and keys here, which SQL keeps apart. */
static void settle_names(writer *w)
{
  for (uint32_t i = 0; i < w->leaf_count; i++) {
    const char *step = w->leaves[i]->step;
    int is_taken = 0;
    for (const sql_table *table = w->state->tables; table; table = table->next) is_taken |= strcmp(table->name, step) == 0;
    for (const sql_select *select = w->state->selects; select; select = select->next) is_taken |= select->name && strcmp(select->name, step) == 0;
    if (is_taken || is_key(w, step)) w->leaves[i]->step = sql_printf(w->state->arena, "%s_row", step);
  }
}

static void tell_rest(writer *w)
{
  const sql_match *match = w->match;
  if (match->all_rows)
    sql_remark_at(w->state, SQL_CHANGED, match->all_rows_at, "ALL ROWS PER MATCH gives a row for each row; here there is one alert for a match, which lists its events");
  if (match->has_more_order)
    sql_remark_at(w->state, SQL_CHANGED, match->order_at, "rows of one time are taken in the order in which they are read; the further columns of ORDER BY are not looked at");
  if (w->state->dialect == SQL_STANDARD) sql_check_choices(w->state, w->table, match);
}

void sql_write_match(sql_state *state, const sql_select *select, sql_table *table)
{
  writer w = {.state = state, .select = select, .match = select->match, .table = table};
  if (!prepare(&w)) return;
  settle_names(&w);
  find_pairs(&w);
  tell_rest(&w);
  put_pairs(&w);
  /* The pattern is written first: whether it waits for the end of a run decides the span. */
  sql_text rest = state->out;
  state->out = (sql_text){state->arena, NULL, 0, 0};
  sql_put(&state->out, "    match ");
  put_sequence(&w, w.root, 1, "\n    ");
  uint64_t len;
  w.waits |= !sql_is_fixed(w.root, &len);
  sql_put(&state->out, "\n");
  put_skip(&w);
  put_emit(&w);
  sql_text body = state->out;
  state->out = rest;
  sql_putf(&state->out, "detect %s", sql_say_name(state->arena, select->name));
  put_key(&w);
  if (w.match->within_ns) sql_putf(&state->out, " within %s {\n", sql_say_duration(state->arena, w.match->within_ns));
  else sql_putf(&state->out, "%s {\n", w.waits ? " within " WHOLE_INPUT : " unbounded");
  sql_putf(&state->out, "%s}\n\n", sql_text_of(&body));
}
