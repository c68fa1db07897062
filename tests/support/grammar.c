/* grammar.c - the productions of docs/reference/grammar.md, as a tree that can be walked. */
#include "tests/support/grammar.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

#define PATH CEP_SOURCE_DIR "/docs/reference/grammar.md"

/* ---- Tokens ----------------------------------------------------------------------------- */

static char *read_text(void)
{
  FILE *file = fopen(PATH, "rb");
  assert_non_null(file);
  char *text = calloc(1, 1 << 20);
  assert_non_null(text);
  size_t len = fread(text, 1, (1 << 20) - 1, file);
  fclose(file);
  assert_true(len > 0);
  return text;
}

/* The block between "```LABEL" and "```". */
grammar *grammar_open(const char *label)
{
  grammar *g = calloc(1, sizeof *g);
  assert_non_null(g);
  g->page = read_text();
  char fence[40];
  snprintf(fence, sizeof fence, "\n```%s\n", label);
  const char *from = strstr(g->page, fence);
  assert_non_null(from);
  g->at = from + strlen(fence);
  g->end = strstr(g->at, "\n```");
  assert_non_null(g->end);
  return g;
}

void grammar_free(grammar *g)
{
  free(g->page);
  free(g);
}

static int is_name_char(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

int grammar_next(grammar *g, char text[GRAMMAR_TEXT_MAX])
{
  while (g->at < g->end && (*g->at == ' ' || *g->at == '\n')) g->at++;
  if (g->at >= g->end) return 0;
  size_t len = 0;
  if (*g->at == '\'') {
    for (g->at++; *g->at != '\''; g->at++) text[len++] = *g->at;
    g->at++;
    text[len] = 0;
    return '\'';
  }
  while (g->at < g->end && is_name_char(*g->at)) text[len++] = *g->at++;
  text[len] = 0;
  return len > 0 ? 'n' : *g->at++;
}

static int peek(grammar *g)
{
  const char *at = g->at;
  char text[GRAMMAR_TEXT_MAX];
  int token = grammar_next(g, text);
  g->at = at;
  return token;
}

/* ---- The tree --------------------------------------------------------------------------- */

static int terminal_of(grammar *g, grammar_kind kind, const char *text)
{
  char name[GRAMMAR_TEXT_MAX + 2];
  snprintf(name, sizeof name, kind == GRAMMAR_WORD ? "'%s'" : "%s", text);
  for (int i = 0; i < g->terminal_count; i++) {
    if (strcmp(g->terminals[i], name) == 0) return i;
  }
  assert_true(g->terminal_count < GRAMMAR_TERMINALS_MAX && strlen(name) < GRAMMAR_TEXT_MAX);
  memcpy(g->terminals[g->terminal_count], name, strlen(name) + 1);
  return g->terminal_count++;
}

static int new_node(grammar *g, grammar_kind kind, const char *text)
{
  assert_true(g->node_count < GRAMMAR_NODES_MAX);
  grammar_node *n = &g->nodes[g->node_count];
  n->kind = kind;
  snprintf(n->text, sizeof n->text, "%s", text);
  n->child = n->next = n->rule = n->terminal = -1;
  if (kind == GRAMMAR_WORD || kind == GRAMMAR_TERMINAL) n->terminal = terminal_of(g, kind, text);
  return g->node_count++;
}

static int read_choice(grammar *g);

static int read_item(grammar *g)
{
  char text[GRAMMAR_TEXT_MAX];
  int token = grammar_next(g, text), inner;
  switch (token) {
  case '\'': return new_node(g, GRAMMAR_WORD, text);
  case 'n': return new_node(g, text[0] >= 'A' && text[0] <= 'Z' ? GRAMMAR_TERMINAL : GRAMMAR_RULE, text);
  case '(':
    inner = read_choice(g);
    assert_int_equal(grammar_next(g, text), ')');
    return inner;
  case '[':
  case '{': {
    int outer = new_node(g, token == '[' ? GRAMMAR_OPTIONAL : GRAMMAR_REPEAT, "");
    inner = read_choice(g);
    g->nodes[outer].child = inner;
    assert_int_equal(grammar_next(g, text), token == '[' ? ']' : '}');
    return outer;
  }
  default: fail_msg("unexpected '%c' in the grammar", token); return -1;
  }
}

static int read_list(grammar *g, grammar_kind kind, int (*item)(grammar *), const char *ends)
{
  int list = new_node(g, kind, ""), last = -1;
  char text[GRAMMAR_TEXT_MAX];
  for (;;) {
    int one = item(g);
    if (last < 0) {
      g->nodes[list].child = one;
    } else {
      g->nodes[last].next = one;
    }
    last = one;
    if (kind == GRAMMAR_CHOICE && peek(g) == '|') {
      (void)grammar_next(g, text);
    } else if (kind == GRAMMAR_CHOICE || strchr(ends, peek(g))) {
      return list;
    }
  }
}

static int read_sequence(grammar *g)
{
  return read_list(g, GRAMMAR_SEQUENCE, read_item, "|)]}.");
}

static int read_choice(grammar *g)
{
  return read_list(g, GRAMMAR_CHOICE, read_sequence, "");
}

int grammar_find(const grammar *g, const char *name)
{
  for (int i = 0; i < g->count; i++) {
    if (strcmp(g->productions[i].name, name) == 0) return i;
  }
  fail_msg("no production '%s'", name);
  return -1;
}

/* ---- Heights and sets ------------------------------------------------------------------- */

int grammar_height(const grammar *g, int at)
{
  const grammar_node *n = &g->nodes[at];
  int height = n->kind == GRAMMAR_CHOICE ? 1000 : 0;
  if (n->kind == GRAMMAR_RULE) return g->productions[n->rule].height + 1;
  for (int child = n->child; child >= 0 && (n->kind == GRAMMAR_CHOICE || n->kind == GRAMMAR_SEQUENCE); child = g->nodes[child].next) {
    int one = grammar_height(g, child);
    if (n->kind == GRAMMAR_CHOICE ? one < height : one > height) height = one;
  }
  return height;
}

static int join(grammar_set *into, const grammar_set *from)
{
  int has_grown = 0;
  for (size_t i = 0; i < sizeof into->bits / sizeof *into->bits; i++) {
    has_grown |= (from->bits[i] & ~into->bits[i]) != 0;
    into->bits[i] |= from->bits[i];
  }
  return has_grown;
}

int grammar_has(const grammar_set *set, int terminal)
{
  return (int)(set->bits[terminal / 64] >> (terminal % 64) & 1);
}

int grammar_common(const grammar_set *a, const grammar_set *b)
{
  for (int i = 0; i < GRAMMAR_TERMINALS_MAX; i++) {
    if (grammar_has(a, i) && grammar_has(b, i)) return i;
  }
  return -1;
}

/* What it can begin with, from what its parts can; 1 if that is new. */
static int grow_first(grammar *g, grammar_node *n)
{
  grammar_node before = *n;
  int has_grown = 0, is_open = 1;
  if (n->terminal >= 0) {
    grammar_set one = {{0}};
    one.bits[n->terminal / 64] = (uint64_t)1 << (n->terminal % 64);
    return join(&n->first, &one);
  }
  if (n->kind == GRAMMAR_RULE) {
    n->may_be_empty = g->productions[n->rule].may_be_empty;
    return join(&n->first, &g->productions[n->rule].first) | (n->may_be_empty != before.may_be_empty);
  }
  if (n->kind == GRAMMAR_OPTIONAL || n->kind == GRAMMAR_REPEAT) n->may_be_empty = 1;
  for (int child = n->child; child >= 0; child = g->nodes[child].next) {
    if (is_open || n->kind == GRAMMAR_CHOICE) has_grown |= join(&n->first, &g->nodes[child].first);
    is_open &= g->nodes[child].may_be_empty;
    if (n->kind == GRAMMAR_CHOICE) n->may_be_empty |= g->nodes[child].may_be_empty;
  }
  if (n->kind == GRAMMAR_SEQUENCE) n->may_be_empty = is_open;
  return has_grown | (n->may_be_empty != before.may_be_empty);
}

/* Hands on to the parts what can come behind them; 1 if that is new. */
static int grow_follow(grammar *g, grammar_node *n)
{
  int has_grown = 0;
  if (n->kind == GRAMMAR_RULE) return join(&g->productions[n->rule].follow, &n->follow);
  for (int child = n->child; child >= 0; child = g->nodes[child].next) {
    grammar_node *part = &g->nodes[child];
    int is_open = 1;
    if (n->kind == GRAMMAR_REPEAT) has_grown |= join(&part->follow, &n->first);
    for (int later = part->next; n->kind == GRAMMAR_SEQUENCE && later >= 0 && is_open; later = g->nodes[later].next) {
      has_grown |= join(&part->follow, &g->nodes[later].first);
      is_open = g->nodes[later].may_be_empty;
    }
    if (is_open) has_grown |= join(&part->follow, &n->follow);
  }
  return has_grown;
}

static void make_sets(grammar *g)
{
  for (int has_grown = 1; has_grown;) {
    has_grown = 0;
    for (int i = 0; i < g->node_count; i++) has_grown |= grow_first(g, &g->nodes[i]);
    for (int i = 0; i < g->count; i++) {
      grammar_production *production = &g->productions[i];
      const grammar_node *root = &g->nodes[production->root];
      has_grown |= join(&production->first, &root->first) | (production->may_be_empty != root->may_be_empty);
      production->may_be_empty = root->may_be_empty;
    }
  }
  for (int has_grown = 1; has_grown;) {
    has_grown = 0;
    for (int i = 0; i < g->count; i++) has_grown |= join(&g->nodes[g->productions[i].root].follow, &g->productions[i].follow);
    for (int i = 0; i < g->node_count; i++) has_grown |= grow_follow(g, &g->nodes[i]);
  }
}

grammar *grammar_read(void)
{
  grammar *g = grammar_open("grammar");
  char text[GRAMMAR_TEXT_MAX];
  while (peek(g) == 'n') {
    assert_true(g->count < GRAMMAR_PRODUCTIONS_MAX);
    grammar_production *production = &g->productions[g->count++];
    (void)grammar_next(g, production->name);
    assert_int_equal(grammar_next(g, text), '=');
    production->root = read_choice(g);
    production->height = 500;
    assert_int_equal(grammar_next(g, text), '.');
  }
  for (int i = 0; i < g->node_count; i++) {
    if (g->nodes[i].kind == GRAMMAR_RULE) g->nodes[i].rule = grammar_find(g, g->nodes[i].text);
  }
  for (int round = 0; round < g->count; round++) {
    for (int i = 0; i < g->count; i++) g->productions[i].height = grammar_height(g, g->productions[i].root);
  }
  make_sets(g);
  return g;
}
