/* records_judge.c - one case in every way of records, beside its typed rows. */
#include <string.h>

#include "tests/conformance/records.h"

static const rec_way rows = {"typed rows", REC_ROWS, 1, REC_ALONE};
static const rec_way records = {"records, one by one", REC_RECORDS, 1, REC_ALONE};
static const rec_way record_ways[] = {
    {"records, two workers", REC_RECORDS, 2, REC_ALONE},
    {"records in blocks, one worker by turns", REC_RECORDS, 1, REC_TURNS},
    {"records in blocks, three workers by turns", REC_RECORDS, 3, REC_TURNS},
    {"records in blocks, two threads", REC_RECORDS, 2, REC_THREADS},
    {"records in blocks, three threads", REC_RECORDS, 3, REC_THREADS},
};
static const rec_way files = {"files", REC_FILES, 1, REC_ALONE};
static const rec_way files_shared = {"files, two workers", REC_FILES, 2, REC_ALONE};
static const rec_way packed = {"packed files", REC_PACKED, 1, REC_ALONE};
static const rec_way packed_shared = {"packed files, three workers", REC_PACKED, 3, REC_ALONE};
static const rec_way pipe = {"a pipe", REC_PIPE, 1, REC_ALONE};
static const rec_way pipe_shared = {"a pipe, two workers", REC_PIPE, 2, REC_ALONE};

static const char *line_at(cb_arena *arena, const cb_writer *w, size_t at)
{
  const uint8_t *end = w->len > at ? memchr(w->data + at, '\n', w->len - at) : NULL;
  return end ? cb_arena_text(arena, (const char *)w->data + at, (size_t)(end - (w->data + at))) : "nothing";
}

/* The first line in which they differ. */
static const char *compare_lines(cb_arena *arena, const char *what, const cb_writer *a, const cb_writer *b)
{
  size_t at = 0, line = 0, least = a->len < b->len ? a->len : b->len;
  while (at < least && a->data[at] == b->data[at]) {
    if (a->data[at++] == '\n') line = at;
  }
  if (a->len == b->len && at == a->len) return NULL;
  return cb_arena_printf(arena, "%s: %s  <>  %s", what, line_at(arena, a, line), line_at(arena, b, line));
}

static const char *compare(cb_arena *arena, const char *way, const rec_outcome *a, const rec_outcome *b)
{
  const char *wrong = NULL;
  if (b->status < 0) wrong = b->error;
  if (!wrong) wrong = compare_lines(arena, "refused", &a->refused, &b->refused);
  if (!wrong) wrong = compare_lines(arena, "alerts", &a->alerts, &b->alerts);
  if (!wrong) wrong = compare_lines(arena, "counts", &a->counts, &b->counts);
  return wrong ? cb_arena_printf(arena, "%s: %s", way, wrong) : NULL;
}

/* Typed rows: there are no others between them, and a late one has no bytes. */
static const char *compare_rows(cb_arena *arena, const rec_outcome *typed, const rec_outcome *first)
{
  const char *wrong = typed->status < 0 ? typed->error : NULL;
  if (!wrong) wrong = compare_lines(arena, "late", &typed->late, &first->late);
  if (!wrong) wrong = compare_lines(arena, "alerts", &typed->alerts, &first->alerts);
  return wrong ? cb_arena_printf(arena, "typed rows, records: %s", wrong) : NULL;
}

typedef struct judging {
  cb_arena *arena;
  const rec_case *it;
  cb_prng prng;
  rec_tally *tally;
} judging;

static void go(judging *j, const rec_way *way, rec_outcome *out)
{
  rec_run(j->arena, j->it, way, cb_prng_next(&j->prng), out);
  j->tally->runs++;
}

static const char *judge_ways(judging *j, const rec_way *ways, size_t count, const rec_outcome *first)
{
  const char *wrong = NULL;
  for (size_t i = 0; i < count && !wrong; i++) {
    rec_outcome got;
    go(j, &ways[i], &got);
    wrong = compare(j->arena, ways[i].name, first, &got);
    rec_fini(&got);
  }
  return wrong;
}

/* Which of several inputs is read next, and how far, is decided by the files and the pieces that they come in: only of
 * one input the order must be that of the acts. */
static const char *judge_files(judging *j, const rec_way *alone, const rec_way *shared, const rec_outcome *by_hand)
{
  rec_outcome first;
  go(j, alone, &first);
  const char *wrong = j->it->sc->input_count == 1 ? compare(j->arena, alone->name, by_hand, &first) : NULL;
  if (!wrong) wrong = judge_ways(j, shared, 1, &first);
  rec_fini(&first);
  return wrong;
}

static const char *judge_all_files(judging *j, const rec_outcome *by_hand)
{
  const char *wrong = judge_files(j, &files, &files_shared, by_hand);
  if (!wrong) wrong = judge_files(j, &packed, &packed_shared, by_hand);
  if (!wrong && j->it->sc->input_count == 1) wrong = judge_files(j, &pipe, &pipe_shared, by_hand);
  return wrong;
}

static const char *judge(judging *j)
{
  rec_outcome typed = {.status = CEP_OK}, first;
  go(j, &records, &first);
  const char *wrong = NULL;
  if (first.status == CEP_E_UNSUPPORTED) wrong = RND_UNSUPPORTED;
  else if (first.status < 0) wrong = cb_arena_printf(j->arena, "%s", first.error);
  if (!wrong && j->it->has_rows) {
    go(j, &rows, &typed);
    wrong = compare_rows(j->arena, &typed, &first);
    rec_fini(&typed);
  }
  j->tally->alerts += first.alert_count;
  j->tally->late += first.late_count;
  j->tally->dead += first.dead_count;
  j->tally->held += first.held_count;
  j->tally->dropped += first.dropped_count;
  if (!wrong) wrong = judge_ways(j, record_ways, sizeof record_ways / sizeof *record_ways, &first);
  if (!wrong && j->it->has_files) wrong = judge_all_files(j, &first);
  rec_fini(&first);
  return wrong;
}

const char *rec_judge(cb_arena *arena, const scenario *sc, uint64_t seed, rec_tally *tally)
{
  judging j = {.arena = arena, .tally = tally};
  cb_prng_init(&j.prng, seed ^ 0x7265636F7264);
  rec_case it;
  rec_make(arena, sc, &j.prng, &it);
  j.it = &it;
  tally->apart += sc->input_count == 1;
  tally->files += it.has_files != 0;
  return judge(&j);
}
