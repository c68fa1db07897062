/* run_cases.c - runs .case files every way that must not matter, and against the reference.
 *
 *   run_cases [-v] FILE…      with CEP_UPDATE=1 in the environment the expected lines are rewritten
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/case_file.h"

typedef struct totals {
  uint32_t passed;
  uint32_t failed;
  int verbose;
} totals;

static char *text_of(cb_arena *arena, const scenario *sc, const scn_output *output)
{
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  case_write_output(&w, sc, output);
  char *text = cb_arena_text(arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  CB_ASSERT(text);
  return text;
}

/* ---- Expected lines ------------------------------------------------------------------- */

/* Walks the blocks of expectations: block b holds what came out up to its check. */
typedef struct walk {
  uint32_t line; /* next of the case */
  uint32_t act;  /* of the check behind it */
  uint32_t output;
} walk;

static int is_expectation(const case_line *line)
{
  return line->kind == CASE_EXPECT || line->kind == CASE_NONE;
}

/* Moves to the next block; 0 if there is none. */
static int next_block(const case_item *item, const scenario *sc, walk *w)
{
  while (w->line < item->lines.count && !is_expectation(&item->lines.at[w->line])) w->line++;
  if (w->line == item->lines.count) return 0;
  while (sc->acts[w->act].what != SCN_CHECK) w->act++;
  return 1;
}

static const char *check_lines(cb_arena *arena, const case_item *item, const scenario *sc, const scn_outcome *got)
{
  walk w = {0, 0, 0};
  while (next_block(item, sc, &w)) {
    for (; w.line < item->lines.count && is_expectation(&item->lines.at[w.line]); w.line++) {
      const case_line *line = &item->lines.at[w.line];
      if (line->kind == CASE_NONE) continue;
      const scn_output *output = w.output < got->output_count ? &got->outputs[w.output] : NULL;
      if (!output || output->act > w.act) return cb_arena_printf(arena, "line %u: did not come out: %s", line->number, line->text);
      const char *full = text_of(arena, sc, output);
      if (!case_holds(arena, line->text, full)) return cb_arena_printf(arena, "line %u: expected %s, came %s", line->number, line->text, full);
      w.output++;
    }
    if (w.output < got->output_count && got->outputs[w.output].act <= w.act) {
      return cb_arena_printf(arena, "line %u: came too: %s", item->lines.at[w.line - 1].number, text_of(arena, sc, &got->outputs[w.output]));
    }
    w.act++;
  }
  if (w.output < got->output_count) return cb_arena_printf(arena, "left over: %s", text_of(arena, sc, &got->outputs[w.output]));
  return NULL;
}

/* ---- Ways ---------------------------------------------------------------------------------- */

/* Swaps neighbours of different times where the later one's lateness allows it. Only for
 * cases whose events all come before the first advance. Gives 0 if nothing could move. */
static int shuffle(cb_arena *arena, const scenario *sc, cep_time lateness, scenario *out)
{
  scn_act *acts = cb_arena_take(arena, (sc->act_count + 1) * sizeof *acts);
  CB_ASSERT(acts);
  uint32_t pushes = 0, moved = 0, count = 0;
  for (uint32_t i = 0; i < sc->act_count; i++) {
    if (sc->acts[i].what == SCN_PUSH && pushes < count) return 0;
    pushes += sc->acts[i].what == SCN_PUSH;
    if (sc->acts[i].what != SCN_CHECK) acts[count++] = sc->acts[i];
  }
  for (uint32_t i = 1; i < pushes; i += 2) {
    if (acts[i].time <= acts[i - 1].time || acts[i].time - acts[i - 1].time > lateness) continue;
    scn_act later = acts[i];
    acts[i] = acts[i - 1];
    acts[i - 1] = later;
    moved++;
  }
  for (uint32_t i = 0; i < count; i++) acts[i].position = i;
  *out = *sc;
  out->acts = acts;
  out->act_count = count;
  return moved > 0;
}

static const char *check_shuffled(cb_arena *arena, const scenario *sc, const scn_outcome *first)
{
  plan *meaning = scn_plan(arena, sc->text, NULL);
  if (!meaning) return "the program does not compile";
  cep_time lateness = CEP_TIME_MAX;
  for (uint32_t i = 0; i < meaning->input_count; i++) {
    if (meaning->inputs[i].lateness < lateness) lateness = meaning->inputs[i].lateness;
  }
  for (uint32_t i = 0; i < meaning->detection_count; i++) {
    if (meaning->detections[i].suppress.duration > 0) return NULL; /* ordered by ids, which hold positions */
  }
  scenario mixed;
  if (first->late_count > 0 || !shuffle(arena, sc, lateness, &mixed)) return NULL;
  return scn_compare(arena, first, scn_engine(arena, &mixed, &scn_ways[0]), 0);
}

static const char *run_ways(cb_arena *arena, const case_item *item, const scenario *sc)
{
  scn_outcome *first = NULL;
  for (uint32_t i = 0; i < scn_way_count; i++) {
    scn_outcome *got = scn_engine(arena, sc, &scn_ways[i]);
    const char *wrong = got->status < 0 ? got->error : check_lines(arena, item, sc, got);
    if (i == 0) first = got;
    else if (!wrong) wrong = scn_compare(arena, first, got, 1);
    if (wrong) return cb_arena_printf(arena, "%s: %s", scn_ways[i].name, wrong);
  }
  scn_outcome *reference = scn_reference(arena, sc);
  const char *wrong = reference->too_big ? NULL : scn_compare(arena, reference, first, 1);
  if (wrong) return cb_arena_printf(arena, "reference, engine: %s", wrong);
  wrong = check_shuffled(arena, sc, first);
  return wrong ? cb_arena_printf(arena, "shuffled: %s", wrong) : NULL;
}

/* ---- Rewriting ------------------------------------------------------------------------------- */

static void write_got(cb_writer *w, cb_arena *arena, const scenario *sc, const scn_outcome *got, walk *at, uint32_t until)
{
  uint32_t before = at->output;
  for (; at->output < got->output_count && got->outputs[at->output].act <= until; at->output++) {
    cb_write_printf(w, "  %s\n", text_of(arena, sc, &got->outputs[at->output]));
  }
  if (at->output == before) cb_write_text(w, "  +none\n");
}

/* The text of the file with what came out in place of what was expected. */
static void rewrite(cb_writer *w, cb_arena *arena, const case_file *file, const char *text)
{
  uint32_t number = 0;
  for (const char *at = text; *at;) {
    const char *stop = strchr(at, '\n');
    size_t len = stop ? (size_t)(stop - at) + 1 : strlen(at);
    number++;
    const case_item *owner = NULL;
    uint32_t first = 0;
    int expected = 0;
    for (uint32_t i = 0; i < file->items.count; i++) {
      const case_item *item = &file->items.at[i];
      for (uint32_t k = 0; k < item->lines.count; k++) {
        if (item->lines.at[k].number != number || !is_expectation(&item->lines.at[k])) continue;
        expected = 1;
        if (k == 0 || !is_expectation(&item->lines.at[k - 1])) {
          owner = item;
          first = k;
        }
      }
    }
    char error[CASE_ERROR_MAX];
    scenario sc;
    memset(&sc, 0, sizeof sc);
    int readable = owner && case_scenario(arena, owner, &sc, error);
    if (owner && !readable) printf("line %u: %s\n", owner->number, error);
    if (readable) {
      scn_outcome *got = scn_engine(arena, &sc, &scn_ways[0]);
      walk here = {0, 0, 0};
      while (next_block(owner, &sc, &here) && here.line < first) {
        while (here.output < got->output_count && got->outputs[here.output].act <= here.act) here.output++;
        while (here.line < owner->lines.count && is_expectation(&owner->lines.at[here.line])) here.line++;
        here.act++;
      }
      write_got(w, arena, &sc, got, &here, here.act);
    }
    if (!expected) cb_write_bytes(w, at, len);
    at += len;
  }
}

/* ---- Files -------------------------------------------------------------------------------------- */

static char *read_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  long len = ftell(file);
  rewind(file);
  char *text = len < 0 ? NULL : malloc((size_t)len + 1);
  if (text) text[fread(text, 1, (size_t)len, file)] = 0;
  fclose(file);
  return text;
}

static void run_item(cb_alloc *alloc, const case_item *item, const char *path, totals *t)
{
  cb_arena arena;
  cb_arena_init(&arena, alloc);
  char error[CASE_ERROR_MAX];
  scenario sc;
  memset(&sc, 0, sizeof sc);
  const char *wrong = case_scenario(&arena, item, &sc, error) ? run_ways(&arena, item, &sc) : error;
  if (wrong) printf("FAIL %s:%u %s: %s\n", path, item->number, item->title, wrong);
  else if (t->verbose) printf("ok   %s:%u %s\n", path, item->number, item->title);
  if (wrong) t->failed++;
  else t->passed++;
  cb_arena_fini(&arena);
}

static int update(cb_arena *arena, const case_file *file, const char *path, const char *text)
{
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  rewrite(&w, arena, file, text);
  FILE *out = fopen(path, "wb");
  int ok = out && fwrite(w.data, 1, w.len, out) == w.len;
  if (out) ok &= fclose(out) == 0;
  cb_writer_fini(&w);
  return ok;
}

static int run_file(const char *path, totals *t)
{
  char *text = read_file(path);
  if (!text) {
    fprintf(stderr, "run_cases: cannot read %s\n", path);
    return 0;
  }
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  case_file file;
  char error[CASE_ERROR_MAX];
  int ok = case_read(&arena, text, strlen(text), &file, error);
  if (!ok) printf("FAIL %s: %s\n", path, error);
  if (ok && getenv("CEP_UPDATE")) ok = update(&arena, &file, path, text);
  for (uint32_t i = 0; ok && !getenv("CEP_UPDATE") && i < file.items.count; i++) {
    if (file.items.at[i].has_events) run_item(&alloc, &file.items.at[i], path, t);
  }
  case_free(&arena, &file);
  cb_arena_fini(&arena);
  free(text);
  return ok;
}

int main(int argc, char **argv)
{
  totals t = {0, 0, 0};
  int ok = 1;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-v") == 0) t.verbose = 1;
    else ok &= run_file(argv[i], &t);
  }
  printf("%u passed, %u failed\n", t.passed, t.failed);
  return ok && t.failed == 0 ? 0 : 1;
}
