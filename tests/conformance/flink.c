/* flink.c - runs cases of Flink's schema as rule text: `flink [--reference] [-v] PATH…`. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "tests/conformance/flink.h"

typedef struct totals {
  uint32_t passed;
  uint32_t failed;
  uint32_t skipped;
  int reference; /* judge the reference evaluator instead of the engine */
  int verbose;
} totals;

/* ---- Files ------------------------------------------------------------------------------ */

static char *read_file(const char *path, size_t *len_out)
{
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  size_t len = 0, room = 1 << 16;
  char *text = malloc(room);
  while (text) {
    len += fread(text + len, 1, room - len, file);
    if (len < room) break;
    room *= 2;
    char *grown = realloc(text, room);
    if (!grown) free(text);
    text = grown;
  }
  fclose(file);
  *len_out = len;
  return text;
}

#ifdef HAVE_ZSTD
static char *unpack(char *packed, size_t packed_len, size_t *len_out)
{
  unsigned long long size = ZSTD_getFrameContentSize(packed, packed_len);
  size_t room = size < ((unsigned long long)1 << 30) ? (size_t)size : (size_t)1 << 28;
  char *text = malloc(room + 1);
  size_t len = text ? ZSTD_decompress(text, room, packed, packed_len) : 0;
  free(packed);
  if (!text || ZSTD_isError(len)) {
    free(text);
    return NULL;
  }
  *len_out = len;
  return text;
}
#endif

static int ends_with(const char *text, const char *end)
{
  size_t len = strlen(text), end_len = strlen(end);
  return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* ---- One case ---------------------------------------------------------------------------- */

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
  if (json_get(c->json, "expected_match_processing_time") && !fl_is_processing_time(c)) {
    fl_cant(c, "processing time of a match in event time");
  }
  const json *timeouts = json_get(c->json, "expected_timeouts");
  for (uint32_t i = 0; timeouts && i < timeouts->count; i++) {
    if (json_get(timeouts->items[i], "timeout_processing_time")) fl_cant(c, "processing time at which a timeout is noticed");
  }
}

static const char *judge(fl_case *c, const totals *t)
{
  if (t->reference) {
    scn_outcome *got = scn_reference(c->arena, &c->scenario);
    if (got->too_big) {
      fl_cant(c, "too large for the reference evaluator");
      return NULL;
    }
    return fl_check(c, got);
  }
  scn_outcome *first = NULL;
  for (uint32_t i = 0; i < scn_way_count; i++) {
    scn_outcome *got = scn_engine(c->arena, &c->scenario, &scn_ways[i]);
    const char *wrong = i == 0 || json_get(c->json, "expected_sequence") == NULL ? fl_check(c, got) : NULL;
    if (i == 0) first = got;
    else if (!wrong) wrong = scn_compare(c->arena, first, got, 1);
    if (wrong) return cb_arena_printf(c->arena, "%s: %s", scn_ways[i].name, wrong);
  }
  return NULL;
}

static void run_malformed(fl_case *c, totals *t, const char *rule)
{
  scn_outcome *got = t->reference ? scn_reference(c->arena, &c->scenario) : scn_engine(c->arena, &c->scenario, &scn_ways[0]);
  if (got->status == CEP_E_SYNTAX || got->status == CEP_E_SEMANTIC || got->status == CEP_E_UNSUPPORTED) {
    t->passed++;
    return;
  }
  t->failed++;
  printf("FAIL %s: is not refused (%s)\n", c->name, json_text(c->json, "reason", ""));
  if (t->verbose) printf("%s", rule);
}

static void run_case(cb_arena *arena, const json *it, totals *t)
{
  fl_case c;
  memset(&c, 0, sizeof c);
  c.arena = arena;
  c.json = it;
  c.name = json_text(it, "name", "?");
  const char *wrong = NULL;
  if (json_get(it, "error") && strcmp(json_text(it, "phase", ""), "run") == 0) fl_cant(&c, "errors at run time");
  const char *rule = c.unsayable ? NULL : fl_rule(&c);
  if (rule) {
    look_for_unseen(&c);
    c.scenario.text = rule;
    fl_play(&c);
    if (json_get(it, "error") && !c.unsayable) {
      run_malformed(&c, t, rule);
      return;
    }
    if (!c.unsayable) wrong = judge(&c, t);
  }
  if (c.unsayable) {
    t->skipped++;
    printf("skip %s: %s\n", c.name, c.unsayable);
  } else if (wrong) {
    t->failed++;
    printf("FAIL %s: %s\n", c.name, wrong);
    if (t->verbose) printf("%s", rule);
  } else {
    t->passed++;
  }
}

static void run_text(const char *text, size_t len, totals *t)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena whole;
  cb_arena_init(&whole, &alloc);
  json *list = json_read(&whole, text, len);
  if (list && list->kind == JSON_LIST) {
    for (uint32_t i = 0; i < list->count; i++) {
      cb_arena arena;
      cb_arena_init(&arena, &alloc);
      run_case(&arena, list->items[i], t);
      cb_arena_fini(&arena);
    }
  }
  int is_list = list && list->kind == JSON_LIST;
  cb_arena_fini(&whole);
  const char *at = text, *end = text + len;
  while (!is_list && at < end) { /* a case on each line */
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) stop = end;
    cb_arena arena;
    cb_arena_init(&arena, &alloc);
    json *it = stop > at ? json_read(&arena, at, (size_t)(stop - at)) : NULL;
    if (it) {
      run_case(&arena, it, t);
    } else if (stop > at) {
      printf("FAIL: a line that is not JSON\n");
      t->failed++;
    }
    cb_arena_fini(&arena);
    at = stop + 1;
  }
}

static int run_path(const char *path, totals *t);

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static int run_folder(const char *path, totals *t)
{
  DIR *folder = opendir(path);
  if (!folder) return 0;
  char *names[1000];
  size_t count = 0;
  for (struct dirent *entry = readdir(folder); entry && count < 1000; entry = readdir(folder)) {
    if (!ends_with(entry->d_name, ".json") && !ends_with(entry->d_name, ".ndjson") && !ends_with(entry->d_name, ".zst")) continue;
    size_t room = strlen(path) + strlen(entry->d_name) + 2;
    names[count] = malloc(room);
    if (names[count]) snprintf(names[count++], room, "%s/%s", path, entry->d_name);
  }
  closedir(folder);
  qsort(names, count, sizeof *names, compare_names);
  int ok = 1;
  for (size_t i = 0; i < count; i++) {
    ok &= run_path(names[i], t);
    free(names[i]);
  }
  return ok;
}

static int run_path(const char *path, totals *t)
{
  struct stat is;
  if (stat(path, &is) == 0 && S_ISDIR(is.st_mode)) return run_folder(path, t);
  size_t len = 0;
  char *text = read_file(path, &len);
  if (text && ends_with(path, ".zst")) {
#ifdef HAVE_ZSTD
    text = unpack(text, len, &len);
#else
    printf("skip %s: built without zstd; unpack it first\n", path);
    free(text);
    return 1;
#endif
  }
  if (!text) {
    fprintf(stderr, "flink: cannot read %s\n", path);
    return 0;
  }
  run_text(text, len, t);
  free(text);
  return 1;
}

int main(int argc, char **argv)
{
  totals t = {0, 0, 0, 0, 0};
  int ok = 1, paths = 0;
  uint32_t least = 0, at_least = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--reference") == 0) t.reference = 1;
    else if (strcmp(argv[i], "-v") == 0) t.verbose = 1;
    else if (strcmp(argv[i], "--at-least") == 0 && i + 1 < argc) {
      least = (uint32_t)strtoul(argv[++i], NULL, 10); /* passes if so many cases pass, though others fail */
      at_least = 1;
    } else {
      struct stat is;
      paths++;
      if (stat(argv[i], &is) != 0) printf("skipped: %s is not there\n", argv[i]);
      else ok &= run_path(argv[i], &t);
    }
  }
  if (paths == 0) {
    fprintf(stderr, "usage: flink [--reference] [-v] [--at-least N] PATH...\n");
    return 2;
  }
  printf("%u passed, %u failed, %u skipped\n", t.passed, t.failed, t.skipped);
  if (at_least && t.passed + t.failed + t.skipped > 0) return ok && t.passed >= least ? 0 : 1;
  return ok && t.failed == 0 ? 0 : 1;
}
