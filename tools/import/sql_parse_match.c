/* sql_parse_match.c - the clauses of MATCH_RECOGNIZE and the pattern in it. */
#include <stdlib.h>
#include <string.h>

#include "tools/import/sql_tree.h"

/* ---- PATTERN ------------------------------------------------------------------------------ */

static sql_node *make(sql_state *state, sql_node_kind kind, const sql_token *at)
{
  sql_node *node = sql_take(state->arena, sizeof *node);
  node->kind = kind;
  node->at = at;
  return node;
}

static void append(sql_state *state, sql_node *to, sql_node *item)
{
  if ((to->item_count & (to->item_count - 1)) == 0)
    to->items = sql_grow(state->arena, to->items, to->item_count, to->item_count ? to->item_count * 2u : 1u, sizeof *to->items);
  to->items[to->item_count++] = item;
}

static sql_var *find_or_add_var(sql_state *state, sql_match *match, const sql_token *at)
{
  sql_var *known = sql_var_of(match, at->text);
  if (known) return known;
  sql_var *var = sql_take(state->arena, sizeof *var);
  var->name = at->text;
  var->at = at;
  sql_var **end = &match->vars;
  while (*end) end = &(*end)->next;
  *end = var;
  return var;
}

static sql_node *parse_alternatives(sql_state *state, sql_match *match);

static sql_node *parse_permute(sql_state *state, sql_match *match, const sql_token *at)
{
  sql_node *node = make(state, SQL_P_PERMUTE, at);
  sql_need_sign(state, "(");
  do {
    append(state, node, parse_alternatives(state, match));
  } while (sql_take_sign(state, ","));
  sql_need_sign(state, ")");
  return node;
}

static sql_node *parse_pattern_primary(sql_state *state, sql_match *match)
{
  const sql_token *at = state->token;
  if (sql_take_sign(state, "(")) {
    if (sql_take_sign(state, ")")) return make(state, SQL_P_EMPTY, at);
    sql_node *inside = parse_alternatives(state, match);
    sql_need_sign(state, ")");
    return inside;
  }
  if (sql_take_sign(state, "{-")) {
    sql_node *node = make(state, SQL_P_EXCLUDE, at);
    append(state, node, parse_alternatives(state, match));
    sql_need_sign(state, "-}");
    return node;
  }
  if (sql_take_sign(state, "^") || sql_take_sign(state, "$")) return make(state, SQL_P_ANCHOR, at);
  if (sql_at_word(state, "PERMUTE") && at[1].kind == SQL_SIGN && strcmp(at[1].text, "(") == 0) {
    sql_advance(state);
    return parse_permute(state, match, at);
  }
  sql_need_name(state, "a variable, '(', '{-' or PERMUTE(...)");
  sql_node *node = make(state, SQL_P_VAR, at);
  if (!state->is_lost) node->var = find_or_add_var(state, match, at);
  return node;
}

static uint32_t parse_count(sql_state *state, uint32_t unsaid)
{
  if (state->token->kind != SQL_NUMBER) return unsaid;
  const char *text = state->token->text;
  unsigned long value = strlen(text) > 7 || strchr(text, '.') || strpbrk(text, "eE") ? SQL_COUNT_MAX + 1ul : strtoul(text, NULL, 10);
  if (value > SQL_COUNT_MAX) sql_expected(state, "a whole number up to 1000000");
  sql_advance(state);
  return (uint32_t)value;
}

/* 1 if there is a quantifier. */
static int parse_quantifier(sql_state *state, uint32_t *min, uint32_t *max)
{
  *min = 0;
  *max = SQL_OPEN;
  if (sql_take_sign(state, "*")) return 1;
  if (sql_take_sign(state, "+")) {
    *min = 1;
    return 1;
  }
  if (sql_take_sign(state, "?")) {
    *max = 1;
    return 1;
  }
  const sql_token *at = state->token;
  if (!sql_take_sign(state, "{")) return 0;
  int has_min = state->token->kind == SQL_NUMBER;
  *min = parse_count(state, 0);
  if (sql_take_sign(state, ",")) *max = parse_count(state, SQL_OPEN);
  else if (has_min) *max = *min;
  else sql_expected(state, "a count: {2}, {2,}, {2,4} or {,4}");
  sql_need_sign(state, "}");
  if (*max < *min && !state->is_lost) {
    sql_remark_at(state, SQL_ERROR, at, "the quantifier ends before it begins: {%u,%u}", *min, *max);
    state->is_lost = 1;
  }
  return 1;
}

static sql_node *parse_factor(sql_state *state, sql_match *match)
{
  sql_node *inside = parse_pattern_primary(state, match);
  const sql_token *at = state->token;
  uint32_t min, max;
  if (!parse_quantifier(state, &min, &max)) return inside;
  sql_node *node = make(state, SQL_P_REPEAT, at);
  node->min = min;
  node->max = max;
  node->is_reluctant = sql_take_sign(state, "?");
  append(state, node, inside);
  if (sql_at_sign(state, "*") || sql_at_sign(state, "+") || sql_at_sign(state, "?") || sql_at_sign(state, "{"))
    sql_expected(state, "one quantifier; put what it repeats in parentheses");
  return node;
}

static int at_end_of_sequence(const sql_state *state)
{
  return state->token->kind == SQL_END || sql_at_sign(state, ")") || sql_at_sign(state, "|") || sql_at_sign(state, "-}") ||
         sql_at_sign(state, ",");
}

static sql_node *parse_sequence(sql_state *state, sql_match *match)
{
  sql_node *node = make(state, SQL_P_SEQ, state->token);
  do {
    append(state, node, parse_factor(state, match));
  } while (!at_end_of_sequence(state) && !state->is_lost);
  return node->item_count == 1 ? node->items[0] : node;
}

static sql_node *parse_alternatives(sql_state *state, sql_match *match)
{
  sql_node *node = make(state, SQL_P_ALT, state->token);
  if (!sql_enter(state)) return node;
  do {
    append(state, node, parse_sequence(state, match));
  } while (sql_take_sign(state, "|"));
  state->depth--;
  return node->item_count == 1 ? node->items[0] : node;
}

/* ---- The other clauses --------------------------------------------------------------------- */

static void parse_partition(sql_state *state, sql_match *match)
{
  sql_need_word(state, "BY");
  do {
    sql_append_expr(state, &match->partition, &match->partition_count, sql_parse_expr(state));
  } while (sql_take_sign(state, ","));
}

static void parse_order(sql_state *state, sql_match *match)
{
  sql_need_word(state, "BY");
  match->order_at = state->token;
  match->order = sql_need_name(state, "the column of the time");
  sql_take_word(state, "ASC");
  if (sql_at_word(state, "DESC")) sql_expected(state, "ASC: events are matched in the order of time");
  while (sql_take_sign(state, ",")) {
    match->has_more_order = 1;
    sql_need_name(state, "a column");
    if (!sql_take_word(state, "ASC")) sql_take_word(state, "DESC");
  }
}

static void parse_rows(sql_state *state, sql_match *match, int all)
{
  match->all_rows = all;
  match->all_rows_at = state->token;
  sql_need_word(state, all ? "ROWS" : "ROW");
  sql_need_word(state, "PER");
  sql_need_word(state, "MATCH");
  if (!all) return;
  if (sql_take_word(state, "SHOW") || sql_take_word(state, "OMIT")) {
    sql_need_word(state, "EMPTY");
    sql_need_word(state, "MATCHES");
  } else if (sql_take_word(state, "WITH")) {
    sql_need_word(state, "UNMATCHED");
    sql_need_word(state, "ROWS");
  }
}

static void parse_skip(sql_state *state, sql_match *match)
{
  match->skip_at = state->token;
  sql_need_word(state, "MATCH");
  sql_need_word(state, "SKIP");
  if (sql_take_word(state, "PAST")) {
    sql_need_word(state, "LAST");
    sql_need_word(state, "ROW");
    match->skip = SQL_SKIP_PAST_LAST;
    return;
  }
  sql_need_word(state, "TO");
  if (sql_take_word(state, "NEXT")) {
    sql_need_word(state, "ROW");
    match->skip = SQL_SKIP_NEXT;
    return;
  }
  match->skip = sql_take_word(state, "FIRST") ? SQL_SKIP_FIRST : SQL_SKIP_LAST;
  if (match->skip == SQL_SKIP_LAST) sql_take_word(state, "LAST");
  match->skip_at = state->token;
  match->skip_to = sql_need_name(state, "a variable");
}

static void parse_subset(sql_state *state, sql_match *match)
{
  do {
    match->subsets = sql_grow(state->arena, match->subsets, match->subset_count, match->subset_count + 1u, sizeof *match->subsets);
    sql_subset *subset = &match->subsets[match->subset_count++];
    subset->name = sql_need_name(state, "the name of the subset");
    sql_need_sign(state, "=");
    sql_need_sign(state, "(");
    do {
      subset->members = sql_grow(state->arena, subset->members, subset->member_count, subset->member_count + 1u, sizeof *subset->members);
      subset->members[subset->member_count++] = sql_need_name(state, "a variable");
    } while (sql_take_sign(state, ","));
    sql_need_sign(state, ")");
  } while (sql_take_sign(state, ",") && !state->is_lost);
}

static void parse_define(sql_state *state, sql_match *match)
{
  do {
    const sql_token *at = state->token;
    const char *name = sql_need_name(state, "a variable");
    sql_need_word(state, "AS");
    sql_expr *condition = sql_parse_expr(state);
    if (state->is_lost) return;
    sql_var *var = sql_var_of(match, name);
    if (!var || var->define) {
      sql_remark_at(state, SQL_ERROR, at, var ? "\"%s\" is defined twice" : "\"%s\" is defined and does not stand in PATTERN", name);
      state->is_lost = 1;
      return;
    }
    var->define = condition;
  } while (sql_take_sign(state, ","));
}

static void parse_pattern(sql_state *state, sql_match *match)
{
  match->pattern_at = state->token;
  sql_need_sign(state, "(");
  if (sql_take_sign(state, ")")) {
    match->pattern = make(state, SQL_P_EMPTY, match->pattern_at);
    return;
  }
  match->pattern = parse_alternatives(state, match);
  sql_need_sign(state, ")");
}

/* One clause; 0 if none begins here. Order is free. */
static int parse_clause(sql_state *state, sql_match *match)
{
  if (sql_take_word(state, "PARTITION")) parse_partition(state, match);
  else if (sql_take_word(state, "ORDER")) parse_order(state, match);
  else if (sql_take_word(state, "MEASURES")) sql_parse_items(state, &match->measures, 0);
  else if (sql_take_word(state, "ONE")) parse_rows(state, match, 0);
  else if (sql_take_word(state, "ALL")) parse_rows(state, match, 1);
  else if (sql_take_word(state, "AFTER")) parse_skip(state, match);
  else if (sql_take_word(state, "INITIAL")) return 1;
  else if (sql_at_word(state, "SEEK")) sql_expected(state, "PATTERN: a match may begin at any row");
  else if (sql_take_word(state, "PATTERN")) parse_pattern(state, match);
  else if (sql_take_word(state, "SUBSET")) parse_subset(state, match);
  else if (sql_take_word(state, "DEFINE")) parse_define(state, match);
  else if (sql_take_word(state, "WITHIN")) {
    sql_need_word(state, "INTERVAL");
    match->within_ns = sql_parse_interval(state);
  } else return 0;
  return 1;
}

sql_match *sql_parse_match(sql_state *state)
{
  sql_match *match = sql_take(state->arena, sizeof *match);
  sql_need_sign(state, "(");
  while (!state->is_lost && parse_clause(state, match)) {}
  if (!state->is_lost && (!match->pattern || !match->order))
    sql_expected(state, match->pattern ? "ORDER BY and the column of the time" : "PATTERN ( ... )");
  sql_need_sign(state, ")");
  return match;
}
