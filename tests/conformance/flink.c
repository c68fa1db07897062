/* flink.c - runs cases of Flink's schema as rule text: `flink [options] PATH...`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/flink.h"
#include "tests/support/differences.h"
#include "tests/support/json_cases.h"

static const char usage[] =
    "usage: flink [--reference] [-v] [--differences PAGE] [--quirks N] [--unlisted PERCENT] PATH...\n"
    "  --reference    judge the reference evaluator instead of the engine\n"
    "  -v             with the rule text of each case that fails\n"
    "  --differences  the cases that PAGE names must differ, no others may\n"
    "  --quirks       at most N cases may differ by a reason of PAGE's section 'Flink: quirks'\n"
    "  --unlisted     of files that PAGE does not know: so many of a hundred cases may differ\n";

typedef struct totals {
  uint32_t passed;
  uint32_t failed;
  uint32_t listed;
  uint32_t unsaid;
  int reference;
  int verbose;
  differences *page;
} totals;

/* Expectations that this engine has no means to see. */
static void look_for_unseen(fl_case *c)
{
  static const char *const known[] = {"expected", "expected_is_derived", "expected_timeouts", "expected_match_ts",
                                      "expected_match_processing_time", "expected_sequence", "expected_count",
                                      "expected_open_partials", "expected_late"};
  for (uint32_t i = 0; i < c->json->count; i++) {
    const char *name = c->json->names[i];
    int is_known = strncmp(name, "expected", 8) != 0;
    for (uint32_t k = 0; k < sizeof known / sizeof *known; k++) is_known |= strcmp(name, known[k]) == 0;
    if (!is_known) fl_cant(c, name);
  }
}

static int is_malformed(const fl_case *c)
{
  return json_get(c->json, "error") != NULL;
}

static const char *judge_malformed(fl_case *c, const totals *t)
{
  scn_outcome *got = t->reference ? scn_reference(c->arena, &c->scenario) : scn_engine(c->arena, &c->scenario, &scn_ways[0]);
  if (got->status == CEP_E_SYNTAX || got->status == CEP_E_SEMANTIC) {
    if (t->verbose) printf("refused %s: %s\n", c->name, got->error);
    return NULL;
  }
  if (got->status < 0) return got->error;
  return cb_arena_printf(c->arena, "is not refused (%s)", json_text(c->json, "reason", ""));
}

/* What is wrong; NULL if nothing is, or the case cannot be said. */
static const char *judge(fl_case *c, const totals *t)
{
  if (is_malformed(c) && strcmp(json_text(c->json, "phase", ""), "run") == 0) fl_cant(c, "errors at run time");
  c->scenario.text = c->unsayable ? NULL : fl_rule(c);
  if (!c->scenario.text) return NULL;
  look_for_unseen(c);
  fl_play(c);
  if (c->unsayable) return NULL;
  return is_malformed(c) ? judge_malformed(c, t) : fl_judge(c, t->reference);
}

static void fail(totals *t, const fl_case *c, const char *wrong)
{
  t->failed++;
  printf("FAIL %s: %s\n", c->name, wrong);
  if (t->verbose && c->scenario.text) printf("%s", c->scenario.text);
}

static void run_case(void *ctx, cb_arena *arena, const json *it)
{
  totals *t = ctx;
  fl_case c;
  memset(&c, 0, sizeof c);
  c.arena = arena;
  c.json = it;
  c.name = json_text(it, "name", "?");
  c.verbose = t->verbose;
  c.driver = json_text(it, "driver", "nfa");
  if (!it) {
    fail(t, &c, "a line that is not JSON");
    return;
  }
  const char *wrong = judge(&c, t);
  diff_row *row = diff_find(t->page, c.name), *construct = c.unsayable ? diff_find(t->page, c.unsayable) : NULL;
  if (row && (wrong || c.unsayable)) {
    row->found++;
    t->listed++;
    if (t->verbose) printf("differs %s: %s\n", c.name, wrong ? wrong : c.unsayable);
  } else if (row) {
    fail(t, &c, cb_arena_printf(arena, "passes, though the page says: %s", row->what));
  } else if (c.unsayable && t->page && !construct && !t->reference) {
    fail(t, &c, cb_arena_printf(arena, "cannot be said, which the page does not say: %s", c.unsayable));
  } else if (c.unsayable) {
    t->unsaid++;
    if (construct) construct->found++;
    else printf("skip %s: %s\n", c.name, c.unsayable);
  } else if (wrong) {
    fail(t, &c, wrong);
  } else {
    t->passed++;
  }
}

/* ---- The call ---------------------------------------------------------------------------- */

typedef struct limits {
  int has_quirks;
  uint32_t quirks;
  double unlisted;
} limits;

static int is_good(const totals *t, const limits *l)
{
  uint32_t total = t->passed + t->failed + t->listed + t->unsaid;
  uint32_t quirks = diff_found(t->page, "Flink: quirks");
  if (l->has_quirks && quirks > l->quirks) {
    printf("%u cases differ by a quirk; at most %u may\n", quirks, l->quirks);
    return 0;
  }
  return (double)t->failed * 100 <= l->unlisted * (double)total;
}

static differences *read_page(cb_arena *arena, const char *path)
{
  differences *page = diff_read(arena, path);
  if (!page) {
    fprintf(stderr, "flink: cannot read %s\n", path);
    exit(2);
  }
  return page;
}

int main(int argc, char **argv)
{
  totals t;
  limits l = {0, 0, 0};
  memset(&t, 0, sizeof t);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  int ok = 1, paths = 0;
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--reference") == 0) t.reference = 1;
    else if (strcmp(argv[i], "-v") == 0) t.verbose = 1;
    else if (strcmp(argv[i], "--differences") == 0) t.page = read_page(&arena, value), i++;
    else if (strcmp(argv[i], "--quirks") == 0) l.quirks = (uint32_t)strtoul(value, NULL, 10), l.has_quirks = 1, i++;
    else if (strcmp(argv[i], "--unlisted") == 0) l.unlisted = strtod(value, NULL), i++;
    else if (paths++, json_cases_there(argv[i])) ok &= json_cases_read(argv[i], run_case, &t);
  }
  if (paths == 0) {
    fputs(usage, stderr);
    return 2;
  }
  diff_print(t.page);
  printf("%u passed, %u failed, %u differ as listed, %u cannot be said\n", t.passed, t.failed, t.listed, t.unsaid);
  ok &= is_good(&t, &l);
  cb_arena_fini(&arena);
  return ok ? 0 : 1;
}
