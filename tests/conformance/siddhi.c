/* siddhi.c - runs cases of Siddhi's patterns as rule text: `siddhi [-v] [--differences PAGE] PATH...`. */
#include "tests/conformance/siddhi.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/differences.h"
#include "tests/support/json_cases.h"

#define MS ((cep_time)1000000)

typedef struct totals {
  uint32_t passed;
  uint32_t failed;
  uint32_t listed;
  uint32_t unsaid;
  int verbose;
  differences *page;
} totals;

/* ---- Events ------------------------------------------------------------------------------- */

static cep_value value_of(const sd_field *field, const json *value)
{
  if (!value || value->kind == JSON_NULL) return cb_null();
  switch (field->kind) {
    case CEP_INT: return cb_int(value->kind == JSON_FLOAT ? (int64_t)value->f : value->i);
    case CEP_FLOAT: return cb_float(value->f);
    case CEP_BOOL: return cb_bool(value->i != 0);
    default: return value->text ? cb_string(value->text, (uint32_t)strlen(value->text)) : cb_null();
  }
}

static void push(sd_case *c, scn_act *act, const sd_stream *stream, const json *data, cep_time time, uint32_t tag)
{
  cep_value *values = cb_arena_take(c->arena, (stream->field_count + 1) * sizeof *values);
  CB_ASSERT(values);
  values[0] = cb_value_i(CEP_TIME, time);
  for (uint32_t i = 0; i < stream->field_count; i++) {
    values[i + 1] = value_of(&stream->fields[i], data && i < data->count ? data->items[i] : NULL);
  }
  *act = (scn_act){SCN_PUSH, 0, stream->name, time, tag, values, stream->field_count + 1, tag};
}

/* Explicit times: numbers count from the first one, `++now` one by one. */
static cep_time time_of(const json *event, int64_t *base, int64_t *now)
{
  const json *given = json_get(event, "event_ts");
  if (!given) return json_int(event, "t", 0) * MS;
  if (given->kind != JSON_INT) return ++*now * MS;
  if (*base < 0) *base = given->i;
  return (given->i - *base) * MS;
}

/* A quiet period at the start counts from the start of the query: an event of the stream
 * that must be quiet, which has no values, stands for it. */
static const sd_stream *quiet_at_start(const sd_case *c)
{
  const sd_node *first = c->pattern->kind == SD_SEQUENCE ? c->pattern->items[0] : c->pattern;
  return first->kind == SD_ABSENT ? sd_find_stream(c, first->stream) : NULL;
}

void sd_play(sd_case *c)
{
  static const scn_input inputs[] = {{"I", 0}};
  const json *events = json_get(c->json, "events");
  uint32_t room = (events ? events->count : 0) + 2, count = 0;
  scn_act *acts = cb_arena_take(c->arena, room * sizeof *acts);
  CB_ASSERT(acts);
  int64_t base = -1, now = 0;
  int waited = 0;
  const sd_stream *quiet = quiet_at_start(c);
  if (quiet) push(c, &acts[count++], quiet, NULL, 0, 0);
  for (uint32_t i = 0; events && i < events->count; i++) {
    const json *event = events->items[i], *wait = json_get(event, "wait_up_to_ms");
    const char *name = json_text(event, "stream", "");
    const sd_stream *stream = sd_find_stream(c, name);
    if (wait) {
      acts[count++] = (scn_act){SCN_ADVANCE, CEP_NONE, NULL, (json_int(event, "t", 0) + wait->i) * MS, 0, NULL, 0, 0};
      waited = 1;
    } else if (!stream) {
      sd_cant(c, "events of a stream that is not defined");
    } else {
      push(c, &acts[count++], stream, json_get(event, "data"), time_of(event, &base, &now), i + 1);
    }
  }
  if (!waited) acts[count++] = (scn_act){SCN_FINISH, 0, NULL, 0, 0, NULL, 0, 0};
  c->scenario.inputs = inputs;
  c->scenario.input_count = 1;
  c->scenario.acts = acts;
  c->scenario.act_count = count;
}

/* ---- Answers ---------------------------------------------------------------------------- */

static int same_value(const json *expected, const cep_value *got)
{
  if (!expected || expected->kind == JSON_NULL) return got->kind == CEP_NULL;
  switch (got->kind) {
    case CEP_INT: return expected->f == (double)got->as.i;
    case CEP_FLOAT: return fabs(expected->f - got->as.f) < 1e-4; /* theirs had 32 bits */
    case CEP_BOOL: return expected->i == got->as.i;
    case CEP_STRING:
      return expected->text && strlen(expected->text) == got->length && memcmp(expected->text, got->as.s, got->length) == 0;
    default: return 0;
  }
}

static int same_row(const json *row, const scn_output *got)
{
  for (uint32_t i = 0; i < row->count; i++) {
    if (i >= got->value_count || !same_value(row->items[i], &got->values[i])) return 0;
  }
  return 1;
}

static int same_key(const scn_output *a, const scn_output *b)
{
  for (uint32_t i = 0; i < a->key_count; i++) {
    if (!cb_value_same(&a->keys[i], &b->keys[i])) return 0;
  }
  return 1;
}

static int same_start(const scn_output *a, const scn_output *b)
{
  return a->capture_count > 0 && b->capture_count > 0 && a->captures[0].tag == b->captures[0].tag;
}

/* What came out: the first match of each start; of a query that ends with its first match,
 * the first of each key. */
static uint32_t answers(const sd_case *c, const scn_outcome *got, const scn_output **out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < got->output_count; i++) {
    int again = 0;
    for (uint32_t k = 0; k < count; k++) again |= c->once ? same_key(out[k], &got->outputs[i]) : same_start(out[k], &got->outputs[i]);
    if (!again) out[count++] = &got->outputs[i];
  }
  return count;
}

static const char *tell(sd_case *c, const char *what, const scn_output *const *got, uint32_t count)
{
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  cb_write_printf(&w, "%s; %u came:", what, count);
  for (uint32_t i = 0; i < count; i++) {
    cb_write_text(&w, "  ");
    scn_print_output(&w, got[i]);
  }
  const char *text = cb_arena_text(c->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return text;
}

static const char *check(sd_case *c, const scn_outcome *outcome)
{
  if (outcome->status < 0) return outcome->error;
  const scn_output **got = cb_arena_take(c->arena, (outcome->output_count + 1) * sizeof *got);
  CB_ASSERT(got);
  uint32_t count = answers(c, outcome, got);
  int64_t expected = json_int(c->json, "expected_count", 0);
  const json *rows = json_get(c->json, "expected_rows");
  if ((int64_t)count != expected) return tell(c, cb_arena_printf(c->arena, "%lld expected", (long long)expected), got, count);
  if (!rows || rows->count != count || c->selects_all) return NULL;
  for (uint32_t i = 0; i < count; i++) { /* the order between keys is free */
    uint32_t k = i;
    while (k < count && !same_row(rows->items[i], got[k])) k++;
    if (k == count) return tell(c, cb_arena_printf(c->arena, "row %u is missing", i + 1), got, count);
    const scn_output *found = got[k];
    got[k] = got[i];
    got[i] = found;
  }
  return NULL;
}

static const char *judge(sd_case *c)
{
  sd_read(c, json_text(c->json, "app", ""));
  c->scenario.text = c->unsayable ? NULL : sd_rule(c);
  if (c->scenario.text) sd_play(c);
  if (c->unsayable) return NULL;
  const scn_outcome *first = scn_engine(c->arena, &c->scenario, &scn_ways[0]);
  const char *wrong = check(c, first);
  for (uint32_t i = 1; i < scn_way_count && !wrong; i++) {
    wrong = scn_compare(c->arena, first, scn_engine(c->arena, &c->scenario, &scn_ways[i]), 1);
    if (wrong) wrong = cb_arena_printf(c->arena, "%s: %s", scn_ways[i].name, wrong);
  }
  scn_outcome *reference = wrong ? NULL : scn_reference(c->arena, &c->scenario);
  if (reference && !reference->too_big) wrong = check(c, reference);
  return wrong;
}

static void fail(totals *t, const sd_case *c, const char *wrong)
{
  t->failed++;
  printf("FAIL %s: %s\n", c->name, wrong);
  if (t->verbose && c->scenario.text) printf("%s", c->scenario.text);
}

static void run_case(void *ctx, cb_arena *arena, const json *it)
{
  totals *t = ctx;
  sd_case c;
  memset(&c, 0, sizeof c);
  c.arena = arena;
  c.json = it;
  c.name = json_text(it, "id", "?");
  const char *wrong = it ? judge(&c) : "a line that is not JSON";
  diff_row *row = diff_find(t->page, c.name), *construct = c.unsayable ? diff_find(t->page, c.unsayable) : NULL;
  if (row && wrong) {
    row->found++;
    t->listed++;
    if (t->verbose) printf("differs %s: %s\n%s", c.name, wrong, c.scenario.text);
  } else if (row) {
    fail(t, &c, cb_arena_printf(arena, "%s, though the page says: %s", c.unsayable ? "cannot be said" : "passes", row->what));
  } else if (c.unsayable && t->page && !construct) {
    fail(t, &c, cb_arena_printf(arena, "cannot be said, which the page does not say: %s", c.unsayable));
  } else if (c.unsayable) {
    t->unsaid++;
    if (construct) construct->found++;
    else printf("skip %s: %s\n", c.name, c.unsayable);
  } else if (wrong) {
    fail(t, &c, wrong);
  } else {
    t->passed++;
    if (t->verbose) printf("passes %s\n", c.name);
  }
}

int main(int argc, char **argv)
{
  totals t;
  memset(&t, 0, sizeof t);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena arena;
  cb_arena_init(&arena, &alloc);
  int ok = 1, paths = 0;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "-v") == 0) t.verbose = 1;
    else if (strcmp(argv[i], "--differences") == 0 && i + 1 < argc) {
      t.page = diff_read(&arena, argv[++i]);
      ok &= t.page != NULL;
    } else if (paths++, json_cases_there(argv[i])) ok &= json_cases_read(argv[i], run_case, &t);
  }
  if (paths == 0) {
    fprintf(stderr, "usage: siddhi [-v] [--differences PAGE] PATH...\n");
    return 2;
  }
  diff_print(t.page);
  printf("%u passed, %u failed, %u differ as listed, %u cannot be said\n", t.passed, t.failed, t.listed, t.unsaid);
  cb_arena_fini(&arena);
  return ok && t.failed == 0 ? 0 : 1;
}
