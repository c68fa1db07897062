/* test_grammar.c - the published grammar: its words are the lexer's, its sentences the parser's. */
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "cep/base/prng.h"
#include "patterns/parser.h"

#define PATH CEP_SOURCE_DIR "/docs/reference/language.md"

enum { PRODUCTIONS_MAX = 64, NODES_MAX = 2048, SENTENCES = 5000, BUDGET = 60, TEXT_MAX = 60000 };

/* ---- Reading the productions ---------------------------------------------------------- */

typedef enum node_kind { WORD, TERMINAL, RULE, SEQUENCE, CHOICE, OPTIONAL, REPEAT } node_kind;

/* Children are a list: `child`, then `next` from one to the other. */
typedef struct node {
  node_kind kind;
  char text[24];
  int child;
  int next;
  int rule; /* RULE: the production, once all are known */
} node;

typedef struct grammar {
  const char *at;
  const char *end;
  node nodes[NODES_MAX];
  int node_count;
  char names[PRODUCTIONS_MAX][24];
  int roots[PRODUCTIONS_MAX];
  int heights[PRODUCTIONS_MAX]; /* the least nesting of productions that a sentence of it has */
  int count;
} grammar;

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
static void find_block(grammar *g, const char *text, const char *label)
{
  char fence[40];
  snprintf(fence, sizeof fence, "\n```%s\n", label);
  const char *from = strstr(text, fence);
  assert_non_null(from);
  g->at = from + strlen(fence);
  g->end = strstr(g->at, "\n```");
  assert_non_null(g->end);
}

static int is_name_char(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* The next token: 0 at the end, '\'' a word, 'n' a name, else the sign itself. */
static int next(grammar *g, char text[24])
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
  char text[24];
  int token = next(g, text);
  g->at = at;
  return token;
}

static int new_node(grammar *g, node_kind kind, const char *text)
{
  assert_true(g->node_count < NODES_MAX);
  node *n = &g->nodes[g->node_count];
  n->kind = kind;
  snprintf(n->text, sizeof n->text, "%s", text);
  n->child = n->next = n->rule = -1;
  return g->node_count++;
}

static int read_choice(grammar *g);

static int read_item(grammar *g)
{
  char text[24];
  int token = next(g, text), inner;
  switch (token) {
  case '\'': return new_node(g, WORD, text);
  case 'n': return new_node(g, text[0] >= 'A' && text[0] <= 'Z' ? TERMINAL : RULE, text);
  case '(':
    inner = read_choice(g);
    assert_int_equal(next(g, text), ')');
    return inner;
  case '[':
  case '{': {
    int outer = new_node(g, token == '[' ? OPTIONAL : REPEAT, "");
    inner = read_choice(g);
    g->nodes[outer].child = inner;
    assert_int_equal(next(g, text), token == '[' ? ']' : '}');
    return outer;
  }
  default: fail_msg("unexpected '%c' in the grammar", token); return -1;
  }
}

static int read_list(grammar *g, node_kind kind, int (*item)(grammar *), const char *ends)
{
  int list = new_node(g, kind, ""), last = -1;
  char text[24];
  for (;;) {
    int one = item(g);
    if (last < 0) {
      g->nodes[list].child = one;
    } else {
      g->nodes[last].next = one;
    }
    last = one;
    if (kind == CHOICE && peek(g) == '|') {
      (void)next(g, text);
    } else if (kind == CHOICE || strchr(ends, peek(g))) {
      return list;
    }
  }
}

static int read_sequence(grammar *g)
{
  return read_list(g, SEQUENCE, read_item, "|)]}.");
}

static int read_choice(grammar *g)
{
  return read_list(g, CHOICE, read_sequence, "");
}

static int find_production(const grammar *g, const char *name)
{
  for (int i = 0; i < g->count; i++) {
    if (strcmp(g->names[i], name) == 0) return i;
  }
  fail_msg("no production '%s'", name);
  return -1;
}

/* ---- The least height, so that sentences end ------------------------------------------- */

static int height_of(const grammar *g, int at)
{
  const node *n = &g->nodes[at];
  int height = n->kind == CHOICE ? 1000 : 0;
  if (n->kind == RULE) return g->heights[n->rule] + 1;
  for (int child = n->child; child >= 0 && (n->kind == CHOICE || n->kind == SEQUENCE); child = g->nodes[child].next) {
    int one = height_of(g, child);
    if (n->kind == CHOICE ? one < height : one > height) height = one;
  }
  return height;
}

static void read_grammar(grammar *g)
{
  char text[24];
  while (peek(g) == 'n') {
    assert_true(g->count < PRODUCTIONS_MAX);
    (void)next(g, text);
    snprintf(g->names[g->count], sizeof g->names[0], "%s", text);
    assert_int_equal(next(g, text), '=');
    g->roots[g->count++] = read_choice(g);
    assert_int_equal(next(g, text), '.');
  }
  for (int i = 0; i < g->node_count; i++) {
    if (g->nodes[i].kind == RULE) g->nodes[i].rule = find_production(g, g->nodes[i].text);
  }
  for (int i = 0; i < g->count; i++) g->heights[i] = 500;
  for (int round = 0; round < g->count; round++) {
    for (int i = 0; i < g->count; i++) g->heights[i] = height_of(g, g->roots[i]);
  }
}

/* ---- Sentences ------------------------------------------------------------------------- */

typedef struct sentence {
  const grammar *g;
  cb_prng prng;
  char text[TEXT_MAX];
  size_t len;
  int budget;
} sentence;

static void say(sentence *s, const char *text)
{
  int used = snprintf(s->text + s->len, sizeof s->text - s->len, "%s ", text);
  assert_true(used > 0);
  if ((size_t)used < sizeof s->text - s->len) s->len += (size_t)used;
}

static const char *terminal(sentence *s, const char *kind)
{
  static const char *const all[][5] = {
    {"NAME", "a1", "bb", "`c d`", "`match`"},
    {"LABEL", "a1:", "match :", "time:", "`x`:"},
    {"NUMBER", "1", "2", "30", "0x1f"},
    {"DURATION", "5s", "1h30m", "250ms", "7d"},
    {"STRING", "\"2015-12-10T07:28:03Z\"", "r\"2015-12-10\"", "\"2015-12-10\"", "\"1970-01-01\""},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    if (strcmp(all[i][0], kind) == 0) return all[i][1 + cb_prng_below(&s->prng, 4)];
  }
  fail_msg("no terminal '%s'", kind);
  return "";
}

static void derive(sentence *s, int at);

static void derive_choice(sentence *s, const node *n)
{
  int count = 0, best = n->child;
  for (int child = n->child; child >= 0; child = s->g->nodes[child].next) {
    count++;
    if (height_of(s->g, child) < height_of(s->g, best)) best = child;
  }
  if (s->budget > 0) {
    best = n->child;
    for (uint32_t skip = cb_prng_below(&s->prng, (uint32_t)count); skip > 0; skip--) best = s->g->nodes[best].next;
  }
  derive(s, best);
}

static void derive(sentence *s, int at)
{
  const node *n = &s->g->nodes[at];
  switch (n->kind) {
  case WORD: say(s, n->text); return;
  case TERMINAL: say(s, terminal(s, n->text)); return;
  case RULE:
    s->budget--;
    derive(s, s->g->roots[n->rule]);
    return;
  case CHOICE: derive_choice(s, n); return;
  case SEQUENCE:
    for (int child = n->child; child >= 0; child = s->g->nodes[child].next) derive(s, child);
    return;
  case OPTIONAL:
    if (s->budget > 0 && cb_prng_chance(&s->prng, 50)) derive(s, n->child);
    return;
  case REPEAT:
    while (s->budget > 0 && cb_prng_chance(&s->prng, 50)) derive(s, n->child);
    return;
  }
}

static void count_refusals(void *ctx, const cep_error *diagnostic)
{
  /* Said in words beside the grammar: what stands only once. */
  if (diagnostic->code == 208 || diagnostic->code == 219) return;
  print_error("%u:%u %s\n", diagnostic->line, diagnostic->column, diagnostic->text);
  ++*(uint32_t *)ctx;
}

static uint32_t parse(const char *text, size_t len)
{
  cb_alloc alloc;
  cb_arena arena;
  cb_source source;
  pat_diags diags;
  pat_file *file = NULL;
  uint32_t refused = 0;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  cb_source_init(&source, "sentence", text, (uint32_t)len);
  pat_diags_init(&diags, &arena, &source, count_refusals, &refused);
  assert_int_equal(pat_parse(&arena, &diags, &source, &file), CEP_OK);
  pat_diags_flush(&diags);
  cb_arena_fini(&arena);
  return refused;
}

/* Productions to begin with, and what makes a file of them: from `file` alone the budget is
 * mostly gone before the rare ones come. */
static const char *const starts[][3] = {
  {"file", "", ""},
  {"stream", "", ""},
  {"member", "stream s {", "}"},
  {"detect", "", ""},
  {"clause", "detect d within 1m {", "}"},
  {"skip", "detect d within 1m { match a after match", "}"},
  {"then", "detect d within 1m { match a", "}"},
  {"element", "detect d within 1m { match", "}"},
  {"count", "detect d within 1m { match", "a as b }"},
  {"action", "detect d within 1m { test \"t\" {", "} }"},
  {"aggregate", "", ""},
  {"measure", "aggregate d from a window tumbling 1m {", "}"},
  {"not", "define d = a where", ""},
};
enum { STARTS = sizeof starts / sizeof *starts };

/* What the reference promises would be refused. */
static void every_sentence_of_the_grammar_is_read(void **state)
{
  (void)state;
  char *text = read_text();
  grammar *g = calloc(1, sizeof *g);
  sentence *s = calloc(1, sizeof *s);
  assert_true(g && s);
  find_block(g, text, "grammar");
  read_grammar(g);
  s->g = g;
  for (uint32_t seed = 1; seed <= SENTENCES; seed++) {
    cb_prng_init(&s->prng, seed);
    s->len = 0;
    s->budget = BUDGET;
    const char *const *start = starts[seed % STARTS];
    say(s, start[1]);
    derive(s, g->roots[find_production(g, start[0])]);
    say(s, start[2]);
    uint32_t refused = parse(s->text, s->len);
    if (refused > 0) print_error("%.*s\n", (int)s->len, s->text);
    assert_int_equal(refused, 0);
  }
  free(s);
  free(g);
  free(text);
}

/* ---- Words ------------------------------------------------------------------------------ */

static int is_quoted(const char *from, const char *to, const char *word)
{
  char quoted[32];
  snprintf(quoted, sizeof quoted, "'%s'", word);
  const char *found = strstr(from, quoted);
  return found && found < to;
}

static int is_in_table(const char *word)
{
  for (int kind = PAT_AND; kind < PAT_TOKEN_KINDS; kind++) {
    if (strcmp(pat_token_text((pat_token_kind)kind), word) == 0) return 1;
  }
  for (int known = PAT_W_NONE + 1; known < PAT_WORDS; known++) {
    if (strcmp(pat_word_text((pat_word)known), word) == 0) return 1;
  }
  return 0;
}

/* A word could be added to the language, or dropped from it, and the reference would not say so. */
static void the_words_of_the_grammar_are_those_of_the_lexer(void **state)
{
  (void)state;
  char *text = read_text();
  grammar *built = calloc(1, sizeof *built), *refused = calloc(1, sizeof *refused);
  assert_true(built && refused);
  find_block(built, text, "grammar");
  find_block(refused, text, "grammar-refused");
  for (int kind = PAT_AND; kind < PAT_TOKEN_KINDS; kind++) {
    const char *word = pat_token_text((pat_token_kind)kind);
    /* The ':' is part of what the page calls a label. */
    int is_there = kind == PAT_COLON || is_quoted(built->at, built->end, word) || is_quoted(refused->at, refused->end, word);
    if (!is_there) print_error("'%s' is not in the grammar\n", word);
    assert_true(is_there);
  }
  for (int known = PAT_W_NONE + 1; known < PAT_WORDS; known++) {
    const char *word = pat_word_text((pat_word)known);
    int is_there = is_quoted(built->at, built->end, word) || is_quoted(refused->at, refused->end, word);
    if (!is_there) print_error("'%s' is not in the grammar\n", word);
    assert_true(is_there);
  }
  grammar *const both[] = {built, refused};
  for (int i = 0; i < 2; i++) {
    char word[24];
    for (int token = next(both[i], word); token != 0; token = next(both[i], word)) {
      int is_known = token != '\'' || is_in_table(word);
      if (!is_known) print_error("'%s' is in the grammar and no word of the lexer\n", word);
      assert_true(is_known);
    }
  }
  free(built);
  free(refused);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_sentence_of_the_grammar_is_read),
    cmocka_unit_test(the_words_of_the_grammar_are_those_of_the_lexer),
  };
  return cmocka_run_group_tests_name("patterns/grammar", tests, NULL, NULL);
}
