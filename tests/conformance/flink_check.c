/* flink_check.c - what a case expects, beside what came out. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/flink.h"

#define MS ((cep_time)1000000)

typedef enum order { AS_LIST, AS_LIST_BY_KEY, AS_BAG, AS_SET } order;

/* One side of a comparison: outputs of one kind. */
typedef struct side {
  const scn_output **at;
  uint32_t count;
} side;

static const char *text_of(fl_case *c, cb_writer *w)
{
  const char *text = cb_arena_text(c->arena, (const char *)w->data, w->len);
  cb_writer_fini(w);
  return text;
}

static side outputs_of(fl_case *c, const scn_outcome *got, cep_match_kind kind)
{
  side s = {cb_arena_take(c->arena, (got->output_count + 1) * sizeof *s.at), 0};
  CB_ASSERT(s.at);
  for (uint32_t i = 0; i < got->output_count; i++) {
    if (got->outputs[i].kind == kind) s.at[s.count++] = &got->outputs[i];
  }
  return s;
}

/* ---- One match ------------------------------------------------------------------------ */

static int compare_tags(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static int same_flat(fl_case *c, const json *flat, const scn_output *got)
{
  if (flat->count != got->capture_count) return 0;
  uint32_t *tags = cb_arena_take(c->arena, (flat->count + 1) * sizeof *tags);
  CB_ASSERT(tags);
  for (uint32_t i = 0; i < got->capture_count; i++) tags[i] = got->captures[i].tag;
  qsort(tags, got->capture_count, sizeof *tags, compare_tags);
  for (uint32_t i = 0; i < flat->count; i++) {
    if (flat->items[i]->i != (int64_t)tags[i]) return 0;
  }
  return 1;
}

static int same_match(fl_case *c, const json *expected, const scn_output *got)
{
  const json *flat = json_get(expected, "_flat");
  if (flat) return same_flat(c, flat, got);
  uint32_t total = 0;
  for (uint32_t s = 0; s < expected->count; s++) {
    const json *events = expected->items[s];
    uint32_t found = 0;
    for (uint32_t i = 0; i < got->capture_count; i++) {
      if (strcmp(got->captures[i].step_name, expected->names[s]) != 0) continue;
      if (found == events->count || events->items[found]->i != (int64_t)got->captures[i].tag) return 0;
      found++;
    }
    if (found != events->count) return 0;
    total += found;
  }
  return total == got->capture_count;
}

/* The key of an event as text, "" without one. */
static const char *key_text(fl_case *c, int64_t n)
{
  const json *key = json_get(c->json, "key"), *event = fl_event(c, n);
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  cb_write_text(&w, "");
  for (uint32_t i = 0; key && i < (key->kind == JSON_STRING ? 1 : key->count); i++) {
    const json *part = json_get(event, key->kind == JSON_STRING ? key->text : key->items[i]->text);
    if (part && part->kind == JSON_STRING) cb_write_printf(&w, "%s|", part->text);
    else cb_write_printf(&w, "%g|", part ? part->f : -1.0);
  }
  return text_of(c, &w);
}

static int64_t first_event(const json *expected)
{
  for (uint32_t s = 0; s < expected->count; s++) {
    if (expected->items[s]->count > 0) return expected->items[s]->items[0]->i;
  }
  return -1;
}

/* ---- Lists of matches --------------------------------------------------------------------- */

/* An expectation: entry i of `list`, its time at `times`[i] and the clock when it came out
 * at `clocks`[i], if there. */
typedef struct wanted {
  const json *list;
  const json *times;
  const json *clocks;
  int timeouts;
} wanted;

static int has_time(const json *times, uint32_t i, cep_time got)
{
  return !times || i >= times->count || times->items[i]->i * MS == got;
}

static int agrees(fl_case *c, const wanted *w, uint32_t i, const scn_output *got)
{
  const json *entry = w->list->items[i];
  int64_t clock = c->clocks[got->act];
  if (!has_time(w->times, i, got->time)) return 0;
  if (c->told_acts && !has_time(w->clocks, i, clock * MS)) return 0;
  if (w->timeouts) {
    if (json_int(entry, "timeout_ts", got->time / MS) * MS != got->time) return 0;
    if (c->told_acts && json_int(entry, "timeout_processing_time", clock) != clock) return 0;
    entry = json_get(entry, "match");
  }
  return same_match(c, entry, got);
}

static const char *entry_key(fl_case *c, const wanted *w, uint32_t i)
{
  const json *entry = w->list->items[i];
  return key_text(c, first_event(w->timeouts ? json_get(entry, "match") : entry));
}

static const char *tell(fl_case *c, const char *what, const scn_output *got, uint32_t wanted_count, uint32_t got_count)
{
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  cb_write_printf(&w, "%s (%u expected, %u came)", what, wanted_count, got_count);
  if (got) {
    cb_write_text(&w, ": ");
    scn_print_output(&w, got);
  }
  return text_of(c, &w);
}

static const char *compare_lists(fl_case *c, const wanted *w, const side *got, order how, const char *what)
{
  uint32_t count = w->list->count;
  int *used = cb_arena_take(c->arena, (got->count + 1) * sizeof *used);
  CB_ASSERT(used);
  for (uint32_t i = 0; i < count; i++) {
    int found = 0;
    for (uint32_t g = 0; g < got->count && !found; g++) {
      if (how == AS_LIST && g != i) continue;
      if (used[g] && how != AS_SET) continue;
      if (how == AS_LIST_BY_KEY && strcmp(entry_key(c, w, i), key_text(c, got->at[g]->captures[0].tag)) != 0) continue;
      int same = agrees(c, w, i, got->at[g]);
      if (same || how == AS_LIST_BY_KEY) used[g] = 1;
      if (how == AS_LIST_BY_KEY && !same) break;
      found = same;
    }
    if (!found) {
      cb_writer place;
      cb_writer_init(&place, c->arena->alloc);
      cb_write_printf(&place, "%s: number %u is missing or out of order", what, i + 1);
      return tell(c, text_of(c, &place), how == AS_LIST && i < got->count ? got->at[i] : NULL, count, got->count);
    }
  }
  for (uint32_t g = 0; g < got->count; g++) {
    int wanted_too = used[g];
    for (uint32_t i = 0; how == AS_SET && i < count && !wanted_too; i++) wanted_too = agrees(c, w, i, got->at[g]);
    if (!wanted_too) return tell(c, cb_arena_printf(c->arena, "%s: one too many", what), got->at[g], count, got->count);
  }
  return NULL;
}

static int has_tag(const fl_case *c, const char *tag)
{
  const json *tags = json_get(c->json, "tags");
  for (uint32_t i = 0; tags && i < tags->count; i++) {
    if (strcmp(tags->items[i]->text, tag) == 0) return 1;
  }
  return 0;
}

/* ---- The other expectations ------------------------------------------------------------------- */

static int same_value(const json *expected, const cep_value *got)
{
  if (expected->kind == JSON_NULL) return got->kind == CEP_NULL;
  switch (got->kind) {
    case CEP_INT: return expected->f == (double)got->as.i;
    case CEP_FLOAT: return expected->f == got->as.f;
    case CEP_BOOL: return expected->kind == JSON_BOOL && expected->i == got->as.i;
    case CEP_STRING:
      return expected->text && strlen(expected->text) == got->length && memcmp(expected->text, got->as.s, got->length) == 0;
    default: return 0;
  }
}

static int same_row(const json *measures, const json *row, const scn_output *got)
{
  uint32_t at = 0;
  for (uint32_t i = 0; i < measures->count; i++) {
    cep_value value = got->values[at++];
    if (strncmp(measures->items[i]->items[1]->text, "sum(", 4) == 0) {
      if (got->values[at++].as.i == 0) value = cb_null();
    }
    if (i >= row->count || !same_value(row->items[i], &value)) return 0;
  }
  return 1;
}

static const char *check_rows(fl_case *c, const side *got)
{
  const json *sql = json_get(c->json, "sql"), *rows = json_get(sql, "expected_rows");
  if (!rows) return NULL;
  if (rows->count != got->count) return tell(c, "number of rows", NULL, rows->count, got->count);
  int *used = cb_arena_take(c->arena, (got->count + 1) * sizeof *used);
  CB_ASSERT(used);
  for (uint32_t i = 0; i < rows->count; i++) {
    int found = 0;
    for (uint32_t g = 0; g < got->count && !found; g++) {
      if (used[g] || !same_row(json_get(sql, "measures"), rows->items[i], got->at[g])) continue;
      used[g] = found = 1;
    }
    if (!found) return tell(c, "a row is missing", got->count ? got->at[0] : NULL, rows->count, got->count);
  }
  return NULL;
}

static const char *check_late(fl_case *c, const scn_outcome *got)
{
  const json *late = json_get(c->json, "expected_late");
  if (!late) return NULL;
  if (late->count != got->late_count) return tell(c, "late events", NULL, late->count, got->late_count);
  for (uint32_t i = 0; i < late->count; i++) {
    if (late->items[i]->i != (int64_t)got->late[i]) return "other events are late";
  }
  return NULL;
}

/* Matches and watermarks interleaved: what came out since the watermark before. */
static const char *check_sequence(fl_case *c, const side *got)
{
  const json *sequence = json_get(c->json, "expected_sequence"), *script = json_get(c->json, "script");
  if (!sequence || !c->told_acts) return NULL;
  uint32_t next = 0, act = 0;
  for (uint32_t i = 0; i < sequence->count; i++) {
    const json *match = json_get(sequence->items[i], "match"), *mark = json_get(sequence->items[i], "watermark");
    if (match) {
      if (next == got->count || !same_match(c, match, got->at[next])) return "expected_sequence: another match";
      const scn_output *output = got->at[next];
      if (output->act < act) return "expected_sequence: a match before its watermark";
      next++;
    } else if (mark->kind == JSON_INT) {
      while (act < c->scenario.act_count &&
             (c->advances[act] == CEP_NONE || json_int(script->items[c->advances[act]], "ts", -1) != mark->i)) {
        act++;
      }
      if (next > 0 && got->at[next - 1]->act > act) return "expected_sequence: a match behind its watermark";
      act++;
    }
  }
  return next == got->count ? NULL : "expected_sequence: more matches";
}

static const char *check_numbers(fl_case *c, const scn_outcome *got, const side *matches)
{
  const json *count = json_get(c->json, "expected_count"), *open = json_get(c->json, "expected_open_partials");
  if (count && count->i != (int64_t)matches->count) return tell(c, "expected_count", NULL, (uint32_t)count->i, matches->count);
  if (open && open->i != (int64_t)got->partials) return tell(c, "expected_open_partials", NULL, (uint32_t)open->i, (uint32_t)got->partials);
  return NULL;
}

const char *fl_check(fl_case *c, const scn_outcome *got)
{
  if (got->status < 0) return got->error;
  c->told_acts = !got->is_reference;
  int own_order = fl_is_own_order(c);
  order how = json_true(c->json, "order_matters") ? AS_LIST : own_order ? AS_LIST_BY_KEY : AS_BAG;
  side matches = outputs_of(c, got, CEP_MATCH), timeouts = outputs_of(c, got, CEP_TIMEOUT);
  wanted expected = {json_get(c->json, "expected"), json_get(c->json, "expected_match_ts"),
                     json_get(c->json, "expected_match_processing_time"), 0};
  wanted expected_timeouts = {json_get(c->json, "expected_timeouts"), NULL, NULL, 1};
  const char *wrong = NULL;
  if (expected.list) {
    wrong = compare_lists(c, &expected, &matches, how == AS_BAG && has_tag(c, "duplicate_matches") ? AS_SET : how, "expected");
  }
  if (!wrong && expected_timeouts.list) {
    order timeouts_how = own_order ? how : has_tag(c, "duplicate_timeouts") ? AS_SET : AS_BAG;
    wrong = compare_lists(c, &expected_timeouts, &timeouts, timeouts_how, "expected_timeouts");
  }
  if (!wrong) wrong = check_rows(c, &matches);
  if (!wrong) wrong = check_late(c, got);
  if (!wrong) wrong = check_sequence(c, &matches);
  if (!wrong) wrong = check_numbers(c, got, &matches);
  return wrong;
}
