/*
 * sql_random.c - random MATCH_RECOGNIZE: what SQL gives, beside what the imported rules give.
 *
 * A seed makes a pattern, conditions and rows. SQL's answer is worked out by backtracking in
 * the order of its preferences. If the import has no error and nothing changed, the rules
 * must give the same matches, with the same variable for each row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cep/base/prng.h"
#include "tests/support/scenario.h"
#include "tools/import/sql.h"

#define SECOND   ((cep_time)1000000000)
#define ROWS_MAX 12
#define VARS     6
#define OPEN     UINT32_MAX
#define STEPS    20000 /* of one search; more is given up */

typedef enum node_kind { VAR, SEQ, ALT, REPEAT, PERMUTE } node_kind;

typedef struct node node;
struct node {
  node_kind kind;
  int var;
  uint32_t min, max;
  int reluctant;
  node *items[3];
  int count;
};

typedef struct model {
  cb_arena *arena;
  cb_prng random;
  node *pattern;
  int conditions[VARS]; /* index into the table below */
  int used[VARS];
  int values[ROWS_MAX];
  int row_count;
  int skip_next;
} model;

static const char *const condition_texts[] = {NULL, "v = 0", "v = 1", "v = 2", "v = 3", "v < 2", "v >= 2", "v < PREV(v)", "v > PREV(v)",
                                              "v <> 1", "NOT v < PREV(v)", "v IN (0, 3)", "v BETWEEN 1 AND 2", "FALSE"};
#define CONDITIONS ((int)(sizeof condition_texts / sizeof *condition_texts))

static int fits(const model *m, int var, int row)
{
  int v = m->values[row], has_prev = row > 0, prev = has_prev ? m->values[row - 1] : 0;
  switch (m->conditions[var]) {
    case 0: return 1;
    case 1: case 2: case 3: case 4: return v == m->conditions[var] - 1;
    case 5: return v < 2;
    case 6: return v >= 2;
    case 7: return has_prev && v < prev;
    case 8: return has_prev && v > prev;
    case 9: return v != 1;
    case 10: return has_prev && v >= prev;
    case 11: return v == 0 || v == 3;
    case 12: return v == 1 || v == 2;
    default: return 0;
  }
}

/* ---- Making ------------------------------------------------------------------------------------ */

static uint32_t pick(model *m, uint32_t below)
{
  return (uint32_t)cb_prng_below(&m->random, below);
}

static node *make_node(model *m, node_kind kind)
{
  node *made = cb_arena_take(m->arena, sizeof *made);
  CB_ASSERT(made);
  memset(made, 0, sizeof *made);
  made->kind = kind;
  return made;
}

static node *make_pattern(model *m, int depth)
{
  uint32_t choice = depth == 0 ? 0 : pick(m, 10);
  if (choice < 2) {
    node *var = make_node(m, VAR);
    do {
      var->var = (int)pick(m, VARS);
    } while (m->used[var->var] && pick(m, 8)); /* mostly once each */
    m->used[var->var] = 1;
    return var;
  }
  if (choice < 5) {
    static const uint32_t bounds[][2] = {{0, OPEN}, {1, OPEN}, {0, 1}, {2, 2}, {1, 2}, {2, OPEN}, {0, 2}, {2, 3}};
    node *repeat = make_node(m, REPEAT);
    uint32_t bound = pick(m, 8);
    repeat->min = bounds[bound][0];
    repeat->max = bounds[bound][1];
    repeat->reluctant = pick(m, 3) == 0;
    repeat->items[repeat->count++] = make_pattern(m, pick(m, 3) ? 0 : depth - 1);
    return repeat;
  }
  node *made = make_node(m, choice < 8 ? SEQ : choice < 9 ? ALT : PERMUTE);
  int count = made->kind == SEQ ? 2 + (int)pick(m, 2) : 2;
  for (int i = 0; i < count; i++) made->items[made->count++] = make_pattern(m, depth - 1);
  return made;
}

static void make_model(model *m, uint64_t seed)
{
  cb_prng_init(&m->random, seed);
  m->pattern = make_pattern(m, 3);
  int distinct = (int)pick(m, 2);
  for (int i = 0; i < VARS; i++) m->conditions[i] = distinct ? i % 5 : (int)pick(m, (uint32_t)CONDITIONS);
  m->row_count = 3 + (int)pick(m, ROWS_MAX - 2);
  for (int i = 0; i < m->row_count; i++) m->values[i] = (int)pick(m, 4);
  m->skip_next = (int)pick(m, 2);
}

/* ---- As SQL --------------------------------------------------------------------------------------- */

static const char *pattern_text(const model *m, const node *n)
{
  const char *inside = "";
  if (n->kind == VAR) return cb_arena_printf(m->arena, "%c", 'A' + n->var);
  for (int i = 0; i < n->count; i++)
    inside = cb_arena_printf(m->arena, "%s%s%s", inside, i == 0 ? "" : n->kind == ALT ? " | " : n->kind == PERMUTE ? ", " : " ", pattern_text(m, n->items[i]));
  if (n->kind == PERMUTE) return cb_arena_printf(m->arena, "PERMUTE(%s)", inside);
  if (n->kind != REPEAT) return cb_arena_printf(m->arena, "(%s)", inside);
  const char *max = n->max == OPEN ? "" : cb_arena_printf(m->arena, "%u", n->max);
  return cb_arena_printf(m->arena, "(%s){%u,%s}%s", inside, n->min, max, n->reluctant ? "?" : "");
}

static const char *sql_of(const model *m)
{
  const char *define = "";
  for (int i = 0; i < VARS; i++)
    if (m->used[i] && condition_texts[m->conditions[i]])
      define = cb_arena_printf(m->arena, "%s%s%c AS %s", define, *define ? ", " : "DEFINE ", 'A' + i, condition_texts[m->conditions[i]]);
  return cb_arena_printf(m->arena,
                         "CREATE TABLE t (v INT NOT NULL, ts TIMESTAMP, WATERMARK FOR ts AS ts);\n"
                         "CREATE VIEW m AS SELECT * FROM t MATCH_RECOGNIZE (ORDER BY ts AFTER MATCH SKIP %s\nPATTERN (%s)\n%s)",
                         m->skip_next ? "TO NEXT ROW" : "PAST LAST ROW", pattern_text(m, m->pattern), define);
}

/* ---- SQL's answer ------------------------------------------------------------------------------------ */

typedef struct todo todo; /* what has to match from here on */
struct todo {
  const node *node;
  uint32_t rounds; /* of a REPEAT: done */
  int from;        /* ... where the last one began */
  unsigned left;   /* of a PERMUTE: items to come */
  const todo *next;
};

typedef struct search {
  const model *m;
  int labels[ROWS_MAX];
  int end;
  long steps;
} search;

static int try_from(search *s, const todo *t, int row);

static int try_repeat(search *s, const todo *t, int row)
{
  const node *n = t->node;
  /* A round without rows is the last one. */
  int may_go_on = t->rounds < n->max && !(t->rounds > n->min && t->from == row), may_leave = t->rounds >= n->min;
  if (t->rounds > 0 && t->from == row) may_go_on = t->rounds < n->min;
  todo again = {n, t->rounds + 1, row, 0, t->next}, round = {n->items[0], 0, -1, 0, &again};
  if (n->reluctant && may_leave && try_from(s, t->next, row)) return 1;
  if (may_go_on && try_from(s, &round, row)) return 1;
  return !n->reluctant && may_leave && try_from(s, t->next, row);
}

static int try_permute(search *s, const todo *t, int row)
{
  unsigned left = t->left ? t->left : (1u << t->node->count) - 1;
  for (int i = 0; i < t->node->count; i++) {
    if (!(left & (1u << i))) continue;
    unsigned rest = left & ~(1u << i);
    todo others = {t->node, 0, -1, rest, t->next}, one = {t->node->items[i], 0, -1, 0, rest ? &others : t->next};
    if (try_from(s, &one, row)) return 1;
  }
  return 0;
}

static int try_from(search *s, const todo *t, int row)
{
  if (++s->steps > STEPS) return 0;
  if (!t) {
    s->end = row;
    return 1;
  }
  const node *n = t->node;
  todo chain[3];
  switch (n->kind) {
    case VAR:
      if (row >= s->m->row_count || !fits(s->m, n->var, row)) return 0;
      if (!try_from(s, t->next, row + 1)) return 0;
      s->labels[row] = n->var;
      return 1;
    case SEQ:
      for (int i = n->count; i-- > 0;) chain[i] = (todo){n->items[i], 0, -1, 0, i + 1 < n->count ? &chain[i + 1] : t->next};
      return try_from(s, &chain[0], row);
    case ALT:
      for (int i = 0; i < n->count; i++) {
        todo one = {n->items[i], 0, -1, 0, t->next};
        if (try_from(s, &one, row)) return 1;
      }
      return 0;
    case PERMUTE: return try_permute(s, t, row);
    case REPEAT: return try_repeat(s, t, row);
  }
  return 0;
}

/* NULL: the search took too long. */
static const char *sql_answer(const model *m)
{
  const char *made = "";
  for (int row = 0; row < m->row_count;) {
    search s = {m, {0}, 0, 0};
    todo whole = {m->pattern, 0, -1, 0, NULL};
    int found = try_from(&s, &whole, row);
    if (s.steps > STEPS) return NULL;
    if (found && s.end > row) {
      made = cb_arena_printf(m->arena, "%s\n ", made);
      for (int i = row; i < s.end; i++) made = cb_arena_printf(m->arena, "%s %d%c", made, i, 'A' + s.labels[i]);
    }
    row = found && s.end > row && !m->skip_next ? s.end : row + 1;
  }
  return made;
}

/* ---- Ours ----------------------------------------------------------------------------------------------- */

static const char *answer_of(const model *m, const scn_outcome *got)
{
  const char *made = "";
  if (got->status < 0) return cb_arena_printf(m->arena, "\n  %s", got->error);
  for (uint32_t i = 0; i < got->output_count; i++) {
    if (strcmp(got->outputs[i].name, "m") != 0) continue;
    made = cb_arena_printf(m->arena, "%s\n ", made);
    for (uint32_t k = 0; k < got->outputs[i].capture_count; k++)
      made = cb_arena_printf(m->arena, "%s %lld%c", made, (long long)(got->outputs[i].captures[k].time / SECOND), got->outputs[i].captures[k].step_name[0]);
  }
  return made;
}

static const char *our_answer(const model *m, const char *rules, int is_reference, int *is_too_big)
{
  static const scn_input inputs[] = {{"t", 0}};
  scn_act acts[ROWS_MAX + 1];
  cep_value values[ROWS_MAX][2];
  for (int i = 0; i < m->row_count; i++) {
    values[i][0] = cb_value_i(CEP_TIME, i * SECOND);
    values[i][1] = cb_int(m->values[i]);
    acts[i] = (scn_act){SCN_PUSH, 0, "t", i * SECOND, (uint64_t)i, values[i], 2, (uint32_t)i};
  }
  acts[m->row_count] = (scn_act){SCN_FINISH, 0, NULL, 0, 0, NULL, 0, 0};
  scenario played = {.text = rules, .inputs = inputs, .input_count = 1, .acts = acts, .act_count = (uint32_t)m->row_count + 1};
  scn_outcome *got = is_reference ? scn_reference(m->arena, &played) : scn_engine(m->arena, &played, &scn_ways[0]);
  *is_too_big = got->too_big;
  return answer_of(m, got);
}

typedef struct totals {
  uint64_t same;
  uint64_t changed;
  uint64_t refused;
  uint64_t given_up;
  uint64_t wrong;
} totals;

static void run_seed(uint64_t seed, int is_reference, totals *t)
{
  cb_alloc alloc;
  cb_arena arena;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  model m = {.arena = &arena};
  make_model(&m, seed);
  const char *sql = sql_of(&m), *want = sql_answer(&m);
  sql_import import;
  int done = sql_import_text(&import, sql, strlen(sql), SQL_STANDARD), is_too_big = 0;
  if (done != 0) t->refused++;
  else if (import.change_count) t->changed++;
  else if (!want) t->given_up++;
  else {
    const char *came = our_answer(&m, import.rules, is_reference, &is_too_big);
    if (is_too_big) {
      t->given_up++;
    } else if (strcmp(want, came) != 0) {
      t->wrong++;
      printf("seed %llu\n%s\nrows:", (unsigned long long)seed, sql);
      for (int i = 0; i < m.row_count; i++) printf(" %d", m.values[i]);
      printf("\nSQL gives%s\nthe rules give%s\n%s\n", want, came, import.rules);
    } else {
      t->same++;
    }
  }
  sql_import_free(&import);
  cb_arena_fini(&arena);
}

int main(int argc, char **argv)
{
  uint64_t count = 1000, first = 1;
  int is_reference = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--reference") == 0) is_reference = 1;
    else if (strcmp(argv[i], "--count") == 0 && i + 1 < argc) count = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) first = strtoull(argv[++i], NULL, 10);
    else {
      fputs("usage: sql_random [--reference] [--count N] [--seed FIRST]\n", stderr);
      return 2;
    }
  }
  totals t = {0};
  for (uint64_t seed = first; seed < first + count && t.wrong < 10; seed++) run_seed(seed, is_reference, &t);
  printf("%llu the same, %llu wrong, %llu told as changed, %llu refused, %llu too large\n", (unsigned long long)t.same, (unsigned long long)t.wrong,
         (unsigned long long)t.changed, (unsigned long long)t.refused, (unsigned long long)t.given_up);
  return t.wrong == 0 && t.same > count / 20 ? 0 : 1;
}
