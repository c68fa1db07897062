/* test_grammar.c - the published grammar: its words are the lexer's, its sentences the parser's. */
#include "tests/support/test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "cep/base/prng.h"
#include "patterns/parser.h"
#include "tests/support/format_check.h"
#include "tests/support/grammar.h"

enum { SENTENCES = 20000, BUDGET = 60, TEXT_MAX = 60000 };

/* ---- Sentences ------------------------------------------------------------------------- */

typedef struct sentence {
  const grammar *g;
  uint8_t *said; /* by node */
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

static void derive_choice(sentence *s, const grammar_node *n)
{
  int count = 0, best = n->child;
  for (int child = n->child; child >= 0; child = s->g->nodes[child].next) {
    count++;
    if (grammar_height(s->g, child) < grammar_height(s->g, best)) best = child;
  }
  if (s->budget > 0) {
    best = n->child;
    for (uint32_t skip = cb_prng_below(&s->prng, (uint32_t)count); skip > 0; skip--) best = s->g->nodes[best].next;
  }
  derive(s, best);
}

static void derive(sentence *s, int at)
{
  const grammar_node *n = &s->g->nodes[at];
  s->said[at] = 1;
  switch (n->kind) {
  case GRAMMAR_WORD: say(s, n->text); return;
  case GRAMMAR_TERMINAL: say(s, terminal(s, n->text)); return;
  case GRAMMAR_RULE:
    s->budget--;
    derive(s, s->g->productions[n->rule].root);
    return;
  case GRAMMAR_CHOICE: derive_choice(s, n); return;
  case GRAMMAR_SEQUENCE:
    for (int child = n->child; child >= 0; child = s->g->nodes[child].next) derive(s, child);
    return;
  case GRAMMAR_OPTIONAL:
    if (s->budget > 0 && cb_prng_chance(&s->prng, 35)) derive(s, n->child);
    return;
  case GRAMMAR_REPEAT:
    while (s->budget > 0 && cb_prng_chance(&s->prng, 35)) derive(s, n->child);
    return;
  }
}

static void count_refusals(void *ctx, const cep_error *diagnostic)
{
  /* Said in words beside the grammar: what stands only once, what only a step has, how deep groups stand. */
  static const uint32_t beside[] = {208, 219, 225, 502};
  for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
    if (diagnostic->code == beside[i]) return;
  }
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
  {"next", "detect d within 1m { match a then", "}"},
  {"sequence", "detect d within 1m { match", "}"},
  {"unit", "detect d within 1m { match 2", "}"},
  {"count", "detect d within 1m { match", "a as b }"},
  {"action", "detect d within 1m { test \"t\" {", "} }"},
  {"aggregate", "", ""},
  {"measure", "aggregate d from a window tumbling 1m {", "}"},
  {"window", "aggregate d from a window", "{ }"},
  {"join", "", ""},
  {"pair", "join j from a as b, c as d by k within 1m {", "}"},
  {"not", "define d = a where", ""},
  {"case", "define d = a where", ""},
};
enum { STARTS = sizeof starts / sizeof *starts };

/* The next word or name in the text of the table. */
static const char *near_text(const grammar *g, int node)
{
  while (node < g->node_count - 1 && !*g->nodes[node].text) node++;
  return g->nodes[node].text;
}

/* Every construct has a layout, wherever comments stand in it. */
static void check_layout(sentence *s)
{
  cb_alloc alloc;
  cb_arena arena;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  const char *shaken = format_shake(&arena, &s->prng, s->text, s->len);
  const char *fault = format_check(&arena, shaken, strlen(shaken), NULL);
  if (fault) fail_msg("%s\n%s", shaken, fault);
  cb_arena_fini(&arena);
}

/* What the reference promises would be refused. */
static void every_sentence_of_the_grammar_is_read(void **state)
{
  (void)state;
  grammar *g = grammar_read();
  sentence *s = calloc(1, sizeof *s);
  assert_non_null(s);
  s->g = g;
  int is_whole = 1;
  s->said = calloc(1, GRAMMAR_NODES_MAX);
  assert_non_null(s->said);
  for (uint32_t seed = 1; seed <= SENTENCES; seed++) {
    cb_prng_init(&s->prng, seed);
    s->len = 0;
    s->budget = BUDGET;
    const char *const *start = starts[seed % STARTS];
    say(s, start[1]);
    derive(s, g->productions[grammar_find(g, start[0])].root);
    say(s, start[2]);
    uint32_t refused = parse(s->text, s->len);
    if (refused > 0) print_error("%.*s\n", (int)s->len, s->text);
    assert_int_equal(refused, 0);
    check_layout(s);
  }
  for (int i = 0; i < g->node_count; i++) {
    if (!s->said[i]) print_error("no sentence has node %d, near '%s'\n", i, near_text(g, i));
    is_whole &= s->said[i];
  }
  assert_true(is_whole);
  free(s->said);
  free(s);
  grammar_free(g);
}

/* ---- One token of look-ahead ------------------------------------------------------------- */

static int differ(const grammar *g, const grammar_set *a, const grammar_set *b, int node)
{
  int common = grammar_common(a, b);
  if (common < 0) return 1;
  print_error("node %d: %s decides nothing\n", node, g->terminals[common]);
  return 0;
}

/* The parser could only guess, and one of two readings would never be taken. */
static void one_token_of_look_ahead_decides(void **state)
{
  (void)state;
  grammar *g = grammar_read();
  int is_good = 1;
  for (int i = 0; i < g->node_count; i++) {
    const grammar_node *n = &g->nodes[i];
    if (n->kind == GRAMMAR_OPTIONAL || n->kind == GRAMMAR_REPEAT) is_good &= differ(g, &n->first, &n->follow, i);
    for (int a = n->child; n->kind == GRAMMAR_CHOICE && a >= 0; a = g->nodes[a].next) {
      for (int b = g->nodes[a].next; b >= 0; b = g->nodes[b].next) is_good &= differ(g, &g->nodes[a].first, &g->nodes[b].first, i);
    }
  }
  assert_true(is_good);
  grammar_free(g);
}

/* ---- Rule files by the table ---------------------------------------------------------------- */

typedef struct reader {
  const grammar *g;
  uint8_t *used; /* by production */
  pat_lexer lexer;
  pat_token token;
  int is_wrong;
} reader;

static int stands_for(const reader *r, int index)
{
  const char *name = r->g->terminals[index];
  const pat_token *token = &r->token;
  if (*name != '\'') {
    if (strcmp(name, "NAME") == 0) return token->kind == PAT_NAME && !token->is_label;
    if (strcmp(name, "LABEL") == 0) return token->is_label;
    if (strcmp(name, "NUMBER") == 0) return token->kind == PAT_INT || token->kind == PAT_FLOAT;
    if (strcmp(name, "DURATION") == 0) return token->kind == PAT_DURATION;
    return token->kind == PAT_STRING;
  }
  const char *text = token->kind == PAT_NAME ? (token->is_label ? "" : pat_word_text(token->word)) : pat_token_text(token->kind);
  return *text && strlen(text) == strlen(name) - 2 && memcmp(text, name + 1, strlen(text)) == 0;
}

/* 2 for a word, 1 for a name that could be one, 0. */
static int fits(const reader *r, const grammar_set *first)
{
  int best = 0;
  for (int i = 0; i < r->g->terminal_count; i++) {
    if (!grammar_has(first, i) || !stands_for(r, i)) continue;
    int rank = r->g->terminals[i][0] == '\'' ? 2 : 1;
    if (rank > best) best = rank;
  }
  return best;
}

static void take(reader *r, int index)
{
  if (!stands_for(r, index)) {
    print_error("expected %s, found %s\n", r->g->terminals[index], pat_token_found(&r->lexer, &r->token));
    r->is_wrong = 1;
    return;
  }
  if (r->token.is_label) (void)pat_lexer_next(&r->lexer); /* its ':' */
  r->token = pat_lexer_next(&r->lexer);
}

static void follow_table(reader *r, int at)
{
  const grammar_node *n = &r->g->nodes[at];
  if (r->is_wrong) return;
  switch (n->kind) {
  case GRAMMAR_WORD:
  case GRAMMAR_TERMINAL: take(r, n->terminal); return;
  case GRAMMAR_RULE:
    r->used[n->rule] = 1;
    follow_table(r, r->g->productions[n->rule].root);
    return;
  case GRAMMAR_SEQUENCE:
    for (int child = n->child; child >= 0; child = r->g->nodes[child].next) follow_table(r, child);
    return;
  case GRAMMAR_CHOICE: {
    int best = n->child;
    for (int child = n->child; child >= 0; child = r->g->nodes[child].next) {
      if (fits(r, &r->g->nodes[child].first) > fits(r, &r->g->nodes[best].first)) best = child;
    }
    follow_table(r, best);
    return;
  }
  case GRAMMAR_OPTIONAL:
    if (fits(r, &n->first) > 0 && fits(r, &n->first) >= fits(r, &n->follow)) follow_table(r, n->child);
    return;
  case GRAMMAR_REPEAT:
    while (!r->is_wrong && fits(r, &n->first) > 0 && fits(r, &n->first) >= fits(r, &n->follow)) follow_table(r, n->child);
    return;
  }
}

static void pass_over(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

static void read_by_table(reader *r, const char *text, size_t len)
{
  cb_alloc alloc;
  cb_arena arena;
  cb_source source;
  pat_diags diags;
  int file = grammar_find(r->g, "file");
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  cb_source_init(&source, "rules", text, (uint32_t)len);
  pat_diags_init(&diags, &arena, &source, pass_over, NULL);
  pat_lexer_init(&r->lexer, &arena, &diags, text, (uint32_t)len);
  r->token = pat_lexer_next(&r->lexer);
  r->is_wrong = 0;
  r->used[file] = 1;
  follow_table(r, r->g->productions[file].root);
  if (!r->is_wrong && r->token.kind != PAT_END) {
    print_error("found %s at the end\n", pat_token_found(&r->lexer, &r->token));
    r->is_wrong = 1;
  }
  if (r->is_wrong) print_error("%.*s\n", (int)len, text);
  assert_false(r->is_wrong);
  cb_arena_fini(&arena);
}

static char *read_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = calloc(1, 1 << 22);
  assert_non_null(text);
  (void)fread(text, 1, (1 << 22) - 1, file);
  fclose(file);
  return text;
}

/* Programs of one file: all of it, or what stands between two marks. */
static void read_programs(reader *r, const char *path, const char *begin, const char *end)
{
  char *text = read_file(path);
  if (!begin) read_by_table(r, text, strlen(text));
  for (const char *at = begin ? strstr(text, begin) : NULL; at; at = strstr(at, begin)) {
    const char *from = strchr(at + 1, '\n') + 1, *to = strstr(from, end);
    if (!to) to = from + strlen(from);
    /* What stands for a repetition is no rule text. */
    const char *repeated = strstr(from, "<1..");
    if (!repeated || repeated > to) read_by_table(r, from, (size_t)(to - from));
    at = to;
  }
  free(text);
}

static void read_all(reader *r, const char *pattern, const char *begin, const char *end)
{
  glob_t found;
  assert_int_equal(glob(pattern, 0, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    if (!strstr(found.gl_pathv[i], "errors.case")) read_programs(r, found.gl_pathv[i], begin, end);
  }
  globfree(&found);
}

/* The page would describe a language that nobody writes. */
static void every_rule_file_follows_the_grammar_and_every_production_is_used(void **state)
{
  (void)state;
  reader r = {.g = grammar_read(), .used = calloc(1, GRAMMAR_PRODUCTIONS_MAX)};
  assert_non_null(r.used);
  read_all(&r, CEP_SOURCE_DIR "/examples/*.cep", NULL, NULL);
  read_all(&r, CEP_SOURCE_DIR "/tests/cases/*.case", "\n== ", "\n-- in");
  read_all(&r, CEP_SOURCE_DIR "/cep/diag.examples", "\n-- right", "\n\n");
  read_all(&r, CEP_SOURCE_DIR "/docs/reference/*.md", "\n```cep\n", "\n```\n");
  for (int i = 0; i < r.g->count; i++) {
    if (!r.used[i]) print_error("no rule file uses '%s'\n", r.g->productions[i].name);
    assert_true(r.used[i]);
  }
  grammar *g = (grammar *)r.g;
  free(r.used);
  grammar_free(g);
}

/* ---- Words ------------------------------------------------------------------------------ */

static int is_quoted(const grammar *g, const char *word)
{
  char quoted[32];
  snprintf(quoted, sizeof quoted, "'%s'", word);
  const char *found = strstr(g->at, quoted);
  return found && found < g->end;
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
  grammar *built = grammar_open("grammar"), *refused = grammar_open("grammar-refused");
  for (int kind = PAT_AND; kind < PAT_TOKEN_KINDS; kind++) {
    const char *word = pat_token_text((pat_token_kind)kind);
    /* The ':' is part of what the page calls a label. */
    int is_there = kind == PAT_COLON || is_quoted(built, word) || is_quoted(refused, word);
    if (!is_there) print_error("'%s' is not in the grammar\n", word);
    assert_true(is_there);
  }
  for (int known = PAT_W_NONE + 1; known < PAT_WORDS; known++) {
    const char *word = pat_word_text((pat_word)known);
    int is_there = is_quoted(built, word) || is_quoted(refused, word);
    if (!is_there) print_error("'%s' is not in the grammar\n", word);
    assert_true(is_there);
  }
  grammar *const both[] = {built, refused};
  for (int i = 0; i < 2; i++) {
    char word[GRAMMAR_TEXT_MAX];
    for (int token = grammar_next(both[i], word); token != 0; token = grammar_next(both[i], word)) {
      int is_known = token != '\'' || is_in_table(word);
      if (!is_known) print_error("'%s' is in the grammar and no word of the lexer\n", word);
      assert_true(is_known);
    }
  }
  grammar_free(built);
  grammar_free(refused);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_sentence_of_the_grammar_is_read),
    cmocka_unit_test(one_token_of_look_ahead_decides),
    cmocka_unit_test(every_rule_file_follows_the_grammar_and_every_production_is_used),
    cmocka_unit_test(the_words_of_the_grammar_are_those_of_the_lexer),
  };
  return cmocka_run_group_tests_name("patterns/grammar", tests, NULL, NULL);
}
