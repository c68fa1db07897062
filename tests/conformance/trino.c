/* trino.c - runs row-pattern cases through `cep import`'s SQL: `trino [options] PATH...`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/json_tree.h"
#include "tests/support/scenario.h"
#include "tools/import/sql.h"

#define SECOND ((cep_time)1000000000)

static const char usage[] =
    "usage: trino [--reference] [-v] [--differences PAGE] PATH...\n"
    "  --reference    judge the reference evaluator instead of the engine\n"
    "  -v             with the rule text of each case\n"
    "  --differences  only what PAGE names in back-ticks may differ: cases, or what SQL has and the rules have not\n";

typedef struct totals {
  uint32_t passed;
  uint32_t failed;
  uint32_t listed;
  int reference;
  int verbose;
  const char *page; /* NULL: none */
} totals;

typedef struct trino_case {
  cb_arena *arena;
  const json *json;
  const char *name;
  const char *rules;
  const char *hidden;   /* variables in {- -}, each between blanks */
  const char *unsayable; /* what the case needs and the rules have not; NULL */
} trino_case;

/* ---- A case as SQL ------------------------------------------------------------------------- */

static int has_parts(const trino_case *c)
{
  const json *rows = json_get(c->json, "rows");
  return rows && rows->count && json_get(rows->items[0], "part");
}

static const char *skip_clause(const trino_case *c)
{
  const char *skip = json_text(c->json, "skip", "PAST LAST");
  if (strcmp(skip, "PAST LAST") == 0) return "AFTER MATCH SKIP PAST LAST ROW";
  if (strcmp(skip, "NEXT") == 0) return "AFTER MATCH SKIP TO NEXT ROW";
  return cb_arena_printf(c->arena, "AFTER MATCH SKIP TO %s", skip);
}

static const char *subset_clause(const trino_case *c)
{
  const json *subsets = json_get(c->json, "subset");
  const char *made = "";
  for (uint32_t i = 0; subsets && i < subsets->count; i++) {
    const json *members = subsets->items[i];
    made = cb_arena_printf(c->arena, "%s%s%s = (", made, i ? ", " : "SUBSET ", subsets->names[i]);
    for (uint32_t j = 0; j < members->count; j++) made = cb_arena_printf(c->arena, "%s%s%s", made, j ? ", " : "", members->items[j]->text);
    made = cb_arena_printf(c->arena, "%s)", made);
  }
  return made;
}

/* The cases call the one column v; some say value. */
static const char *sql_of(const trino_case *c)
{
  const json *define = json_get(c->json, "define");
  const char *mode = json_text(c->json, "rows_per_match", json_get(c->json, "one_row") ? "ONE ROW PER MATCH" : "ALL ROWS PER MATCH");
  const char *conditions = "";
  for (uint32_t i = 0; define && i < define->count; i++)
    conditions = cb_arena_printf(c->arena, "%s%s%s AS %s", conditions, i ? ", " : "DEFINE ", define->names[i], define->items[i]->text);
  return cb_arena_printf(c->arena,
                         "CREATE TABLE t (id INT NOT NULL, part STRING NOT NULL, v INT NOT NULL, value INT NOT NULL, ts TIMESTAMP, "
                         "WATERMARK FOR ts AS ts);\nCREATE VIEW m AS SELECT * FROM t MATCH_RECOGNIZE (%s ORDER BY ts\n%s\n%s\n"
                         "PATTERN (%s)\n%s\n%s)",
                         has_parts(c) ? "PARTITION BY part" : "", mode, skip_clause(c), json_text(c->json, "pattern", ""), subset_clause(c),
                         conditions);
}

/* Names of the variables that {- -} keeps out of the rows. */
static void find_hidden(trino_case *c)
{
  int depth = 0;
  c->hidden = " ";
  for (const char *at = json_text(c->json, "pattern", ""); *at;) {
    size_t len = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    if (strncmp(at, "{-", 2) == 0) depth++;
    if (strncmp(at, "-}", 2) == 0) depth--;
    if (len && depth > 0) c->hidden = cb_arena_printf(c->arena, "%s%.*s ", c->hidden, (int)len, at);
    at += len ? len : 1;
  }
}

static int compare_rows(const void *a, const void *b)
{
  int64_t x = json_int(*(json *const *)a, "id", 0), y = json_int(*(json *const *)b, "id", 0);
  return (x > y) - (x < y);
}

static scenario scenario_of(const trino_case *c)
{
  static const scn_input inputs[] = {{"t", 0}};
  const json *rows = json_get(c->json, "rows");
  uint32_t count = rows ? rows->count : 0;
  scn_act *acts = cb_arena_take(c->arena, (count + 1) * sizeof *acts);
  json **sorted = cb_arena_take(c->arena, (count + 1) * sizeof(json *));
  CB_ASSERT(acts);
  CB_ASSERT(sorted);
  for (uint32_t i = 0; i < count; i++) sorted[i] = rows->items[i];
  qsort(sorted, count, sizeof *sorted, compare_rows);
  for (uint32_t i = 0; i < count; i++) {
    const char *part = json_text(sorted[i], "part", "");
    cep_value *values = cb_arena_take(c->arena, 5 * sizeof *values);
    CB_ASSERT(values);
    int64_t id = json_int(sorted[i], "id", 0), value = json_int(sorted[i], "value", 0);
    values[0] = cb_value_i(CEP_TIME, id * SECOND); /* the time first, then the columns */
    values[1] = cb_int(id);
    values[2] = cb_string(part, (uint32_t)strlen(part));
    values[3] = values[4] = cb_int(value);
    acts[i] = (scn_act){SCN_PUSH, 0, "t", id * SECOND, i, values, 5, i};
  }
  acts[count] = (scn_act){SCN_FINISH, 0, NULL, 0, 0, NULL, 0, 0};
  return (scenario){.text = c->rules, .inputs = inputs, .input_count = 1, .acts = acts, .act_count = count + 1};
}

/* ---- What is expected, and what came, as lines "part: 1A 2B 3B" ----------------------------- */

static const char *expected_lines(const trino_case *c)
{
  const json *rows = json_get(c->json, "expect_id_match_label");
  const char *made = "";
  int64_t match = -1;
  for (uint32_t i = 0; rows && i < rows->count; i++) {
    const json *row = rows->items[i];
    uint32_t at = row->count > 3;
    if (row->count < 3) return cb_arena_printf(c->arena, "%s\nan error of SQL", made);
    if (row->items[at + 2]->kind == JSON_NULL) continue;
    if (row->items[at + 1]->i != match) made = cb_arena_printf(c->arena, "%s\n%s:", made, at ? row->items[0]->text : "");
    match = row->items[at + 1]->i;
    made = cb_arena_printf(c->arena, "%s %lld%s", made, (long long)row->items[at]->i, row->items[at + 2]->text);
  }
  return made;
}

/* Our steps are called like the variables, with an ending where a variable has several. */
static const char *label_of(const trino_case *c, const char *step)
{
  size_t len = strcspn(step, "_");
  return cb_arena_printf(c->arena, "%.*s", (int)len, step);
}

static const char *came_lines(const trino_case *c, const scn_outcome *got)
{
  int one_row = json_true(c->json, "one_row");
  const char *made = "";
  for (uint32_t i = 0; i < got->output_count; i++) {
    const scn_output *output = &got->outputs[i];
    if (strcmp(output->name, "m") != 0) continue;
    const char *line = "";
    for (uint32_t k = one_row && output->capture_count ? output->capture_count - 1 : 0; k < output->capture_count; k++) {
      const char *label = label_of(c, output->captures[k].step_name);
      if (strstr(c->hidden, cb_arena_printf(c->arena, " %s ", label))) continue;
      line = cb_arena_printf(c->arena, "%s %lld%s", line, (long long)(output->captures[k].time / SECOND), label);
    }
    const char *part = output->key_count ? cb_arena_text(c->arena, output->keys[0].as.s, output->keys[0].length) : "";
    if (*line) made = cb_arena_printf(c->arena, "%s\n%s:%s", made, part, line);
  }
  return made;
}

/* Lines of one partition in their order. */
static const char *of_part(const trino_case *c, const char *lines, const char *part)
{
  const char *made = "";
  for (const char *at = lines; *at;) {
    size_t len = strcspn(at + 1, "\n") + 1;
    if (strncmp(at + 1, part, strlen(part)) == 0 && at[1 + strlen(part)] == ':') made = cb_arena_printf(c->arena, "%s%.*s", made, (int)len, at);
    at += len;
  }
  return made;
}

static const char *compare(const trino_case *c, const char *want, const char *came)
{
  const json *rows = json_get(c->json, "rows");
  int differs = strlen(want) != strlen(came);
  for (uint32_t i = 0; rows && i < rows->count; i++) {
    const char *part = json_text(rows->items[i], "part", "");
    differs |= strcmp(of_part(c, want, part), of_part(c, came, part)) != 0;
  }
  return differs ? cb_arena_printf(c->arena, "expected%s\n  came%s", *want ? want : " nothing", *came ? came : " nothing") : NULL;
}

/* ---- Judging ---------------------------------------------------------------------------------- */

static const char *judge_rules(const trino_case *c, const totals *t)
{
  scenario played = scenario_of(c);
  const char *want = expected_lines(c);
  if (t->reference) {
    scn_outcome *got = scn_reference(c->arena, &played);
    return got->status < 0 ? got->error : compare(c, want, came_lines(c, got));
  }
  for (uint32_t i = 0; i < scn_way_count; i++) {
    scn_outcome *got = scn_engine(c->arena, &played, &scn_ways[i]);
    const char *wrong = got->status < 0 ? got->error : compare(c, want, came_lines(c, got));
    if (wrong) return cb_arena_printf(c->arena, "%s: %s", scn_ways[i].name, wrong);
  }
  return NULL;
}

/* What an import refuses, in the words of the page. */
static const char *construct_of(const char *refusal)
{
  static const char *const constructs[][2] = {
      {"^ and $", "^ and $"},
      {"without rows", "a pattern that prefers no rows"},
      {"nowhere to skip to", "a skip to a variable without rows"},
      {"SUBSET", "rows of a SUBSET"},
      {"PREV has", "PREV of another row"},
      {"NEXT", "NEXT"},
      {"times in PATTERN", "rows of a variable at several places"},
      {"several variables", "an aggregate over several variables"},
  };
  for (size_t i = 0; i < sizeof constructs / sizeof *constructs; i++)
    if (strstr(refusal, constructs[i][0])) return constructs[i][1];
  return NULL;
}

static int fails_in_sql(const trino_case *c)
{
  const json *rows = json_get(c->json, "expect_id_match_label");
  for (uint32_t i = 0; rows && i < rows->count; i++)
    if (rows->items[i]->count < 3) return 1;
  return 0;
}

static const char *judge(trino_case *c, const totals *t)
{
  sql_import import;
  const char *sql = sql_of(c), *wrong = NULL;
  find_hidden(c);
  if (sql_import_text(&import, sql, strlen(sql), SQL_STANDARD) != 0) {
    wrong = "no memory";
    for (uint32_t i = 0; i < import.remark_count; i++)
      if (import.remarks[i].kind == SQL_ERROR) wrong = cb_arena_printf(c->arena, "is refused: %s", import.remarks[i].text);
    c->unsayable = construct_of(wrong);
  } else {
    c->rules = cb_arena_text(c->arena, import.rules, import.rules_len);
    if (t->verbose) printf("%s", c->rules);
  }
  sql_import_free(&import);
  if (!wrong) wrong = judge_rules(c, t);
  if (wrong && !c->unsayable && fails_in_sql(c)) c->unsayable = "a skip to a variable without rows";
  return wrong;
}

static void fail(totals *t, const trino_case *c, const char *wrong)
{
  t->failed++;
  printf("FAIL %s: %s\n", c->name, wrong);
}

static int page_names(const totals *t, cb_arena *arena, const char *name)
{
  return name && t->page && strstr(t->page, cb_arena_printf(arena, "`%s`", name));
}

static void run_case(totals *t, cb_arena *arena, const json *it)
{
  trino_case c = {arena, it, json_text(it, "id", "?"), NULL, NULL, NULL};
  if (t->verbose) printf("== %s  %s\n", c.name, json_text(it, "pattern", ""));
  const char *wrong = judge(&c, t);
  int is_named = page_names(t, arena, c.name);
  if (wrong && (is_named || page_names(t, arena, c.unsayable))) {
    t->listed++;
    if (t->verbose) printf("differs %s: %s\n", c.name, wrong);
  } else if (wrong) {
    fail(t, &c, wrong);
  } else if (is_named) {
    fail(t, &c, "passes, though the page names it");
  } else {
    t->passed++;
  }
}

/* The whole file; NULL: it is not there. */
static const char *read_file(cb_arena *arena, const char *path, size_t *len)
{
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  rewind(file);
  char *text = size >= 0 ? cb_arena_take(arena, (size_t)size + 1) : NULL;
  *len = text ? fread(text, 1, (size_t)size, file) : 0;
  if (text) text[*len] = '\0';
  fclose(file);
  return text;
}

static int run_path(totals *t, const char *path)
{
  cb_alloc alloc;
  cb_arena whole;
  size_t len;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&whole, &alloc);
  const char *text = read_file(&whole, path, &len);
  if (!text) {
    printf("skipped: %s is not there\n", path);
    cb_arena_fini(&whole);
    return 1;
  }
  const json *cases = json_read(&whole, text, len);
  int ok = cases && cases->kind == JSON_LIST;
  for (uint32_t i = 0; ok && i < cases->count; i++) {
    cb_arena arena;
    cb_arena_init(&arena, &alloc);
    run_case(t, &arena, cases->items[i]);
    cb_arena_fini(&arena);
  }
  if (!ok) printf("FAIL: %s is not a JSON list\n", path);
  cb_arena_fini(&whole);
  return ok;
}

int main(int argc, char **argv)
{
  totals t = {0};
  cb_alloc alloc;
  cb_arena arena;
  size_t len;
  int ok = 1, count = 0;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena_init(&arena, &alloc);
  for (int i = 1; i < argc && ok; i++) {
    if (strcmp(argv[i], "--reference") == 0) {
      t.reference = 1;
    } else if (strcmp(argv[i], "-v") == 0) {
      t.verbose = 1;
    } else if (strcmp(argv[i], "--differences") == 0 && i + 1 < argc) {
      t.page = read_file(&arena, argv[++i], &len);
      ok = t.page != NULL;
    } else {
      ok = run_path(&t, argv[i]);
      count++;
    }
  }
  if (!count) fputs(usage, stderr);
  printf("%u passed, %u failed, %u differ for a reason\n", t.passed, t.failed, t.listed);
  cb_arena_fini(&arena);
  return ok && count && t.failed == 0 ? 0 : 1;
}
