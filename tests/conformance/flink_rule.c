/* flink_rule.c - a case as rule text: one stream, one detection. */
#include <string.h>

#include "tests/conformance/flink.h"

/* Where a sequence of stages stands. */
typedef struct place {
  const json *group; /* the stage that holds it; NULL: the whole pattern */
  int is_last;       /* nothing that takes an event comes behind it */
} place;

static void write_sequence(fl_case *c, cb_writer *w, const json *stages, place at, uint32_t *number);

static void write_stream(fl_case *c, cb_writer *w)
{
  cb_write_text(w, "stream E {\n  time `$time`");
  int scripted = json_get(c->json, "script") && !fl_has_prefix(c->driver, "nfa") && !fl_is_processing_time(c);
  if (scripted || fl_has_prefix(c->driver, "sql_event") || fl_has_prefix(c->driver, "sql_batch") ||
      fl_has_prefix(c->driver, "operator_event")) {
    cb_write_text(w, " lateness 36500d");
  }
  cb_write_text(w, "\n");
  for (uint32_t i = FL_FIELD_MS; i < c->field_count; i++) {
    static const char *const kinds[] = {"null", "bool", "int", "float", "string", "time", "duration", "ip"};
    cb_write_printf(w, "  `%s`: %s%s\n", c->fields[i].name, kinds[c->fields[i].kind], c->fields[i].nullable ? "?" : "");
  }
  cb_write_text(w, "}\n");
}

static const char *condition(fl_case *c, const json *stage)
{
  const char *subtype = json_text(stage, "subtype", NULL), *where = json_text(stage, "where", NULL);
  const json *others = json_get(stage, "or");
  if (!subtype && !where) return NULL;
  const char *text = where ? fl_expr(c, where) : "true";
  if (subtype && strcmp(subtype, "Event") != 0) text = cb_arena_printf(c->arena, "(`$type` == \"%s\" and %s)", subtype, text);
  for (uint32_t i = 0; others && i < others->count; i++) {
    const char *other = others->items[i]->text;
    if (!other) fl_cant(c, "a condition that is no text");
    else text = cb_arena_printf(c->arena, "%s or %s", text, fl_expr(c, other));
  }
  return text;
}

static const char *contiguity_word(const char *name)
{
  return strcmp(name, "strict") == 0 ? "consecutive" : name;
}

/* A group that begins with a group is entered, in each round, by the contiguity of the inner
 * one, which Flink has as strict because it comes first. */
static int begins_with_group(const json *stage)
{
  const json *inner = json_get(json_get(stage, "group"), "stages");
  return inner && inner->count > 0 && json_get(inner->items[0], "group") != NULL;
}

/* The count with its words, e.g. `2+ greedy relaxed `. Flink rules the way between the
 * repetitions of a group's first stage by the group's own contiguity. A last loop is
 * reluctant there, whatever it says. */
static void write_count(cb_writer *w, const json *stage, place at, int is_first, int is_last)
{
  fl_count count = fl_count_of(stage);
  int is_group = json_get(stage, "group") != NULL;
  if (count.optional) cb_write_text(w, "optional ");
  if (!count.counted) return;
  if (count.max == PLAN_OPEN) cb_write_printf(w, "%u+ ", count.min);
  else if (count.max == count.min) cb_write_printf(w, "%u ", count.min);
  else cb_write_printf(w, "%u..%u ", count.min, count.max);
  if (count.max > count.min) {
    if (is_last && (!is_group || count.max == PLAN_OPEN)) cb_write_text(w, "reluctant ");
    else if (count.greedy) cb_write_text(w, "greedy ");
  }
  if (is_first && at.group && !is_group) count.inner = fl_count_of(at.group).inner;
  if (begins_with_group(stage)) count.inner = "strict";
  cb_write_printf(w, "%s ", contiguity_word(count.inner));
}

/* A gap window belongs to one stage; on a counted one Flink ignores it. */
static int64_t gap_of(const fl_case *c, const json *stage)
{
  const json *pattern = json_get(c->json, "pattern"), *windows = json_get(pattern, "windows");
  const char *name = json_text(stage, "name", "");
  for (uint32_t i = 0; windows && i < windows->count; i++) {
    const json *window = windows->items[i];
    if (strcmp(json_text(window, "kind", ""), "PREVIOUS_AND_CURRENT") != 0) continue;
    if (strcmp(json_text(window, "stage", ""), name) == 0) return json_int(window, "ms", 0);
  }
  if (strcmp(json_text(pattern, "within_kind", ""), "PREVIOUS_AND_CURRENT") != 0) return 0;
  if (fl_count_of(stage).counted || strcmp(json_text(pattern, "within_stage", ""), name) != 0) return 0;
  return json_int(pattern, "within_ms", 0);
}

static void write_hop(fl_case *c, cb_writer *w, const json *stage, place at, int is_first)
{
  static const char *const combines[][2] = {{"next", "then immediately "},       {"followedBy", "then "},
                                            {"followedByAny", "then any "},      {"notNext", "then immediately no "},
                                            {"notFollowedBy", "then no "}};
  int64_t gap = gap_of(c, stage);
  if (is_first) {
    cb_write_text(w, at.group ? "" : "match ");
    if (gap > 0 && at.group) fl_cant(c, "a gap window on the first stage of a group");
    return;
  }
  const char *combine = json_text(stage, "combine", ""), *words = NULL;
  for (uint32_t i = 0; i < sizeof combines / sizeof *combines; i++) {
    if (strcmp(combine, combines[i][0]) == 0) words = combines[i][1];
  }
  if (!words) {
    fl_cant(c, cb_arena_printf(c->arena, "combine %s", combine));
    return;
  }
  cb_write_text(w, begins_with_group(stage) ? "then immediately " : words);
  if (gap > 0 && !fl_is_no(stage)) {
    cb_write_printf(w, "within %lldms ", (long long)gap);
    c->gaps++;
  }
}

static void write_calls(cb_writer *w, const json *stage)
{
  const json *calls = json_get(stage, "calls");
  for (uint32_t i = 0; calls && i < calls->count; i++) {
    const json *call = calls->items[i];
    const char *name = call->count > 0 && call->items[0]->text ? call->items[0]->text : "";
    if (strcmp(name, "oneOrMore") == 0) cb_write_text(w, "1+ reluctant ");
    if (strcmp(name, "optional") == 0) cb_write_text(w, "optional ");
    if (strcmp(name, "times") == 0 && call->count == 2) cb_write_printf(w, "%lld ", (long long)call->items[1]->i);
    if (strcmp(name, "times") == 0 && call->count == 3) {
      cb_write_printf(w, "%lld..%lld ", (long long)call->items[1]->i, (long long)call->items[2]->i);
    }
  }
}

static void write_until(fl_case *c, cb_writer *w, const json *stage)
{
  const char *until = json_text(stage, "until", NULL);
  const json *calls = json_get(stage, "calls");
  if (until) cb_write_printf(w, " until E where %s", fl_expr(c, until));
  for (uint32_t i = 0; calls && i < calls->count; i++) {
    const json *call = calls->items[i];
    if (call->count < 2 || !call->items[0]->text || strcmp(call->items[0]->text, "until") != 0) continue;
    cb_write_printf(w, " until E where %s", fl_expr(c, call->items[1]->text));
  }
}

/* One stage that is no group, behind its hop. */
static void write_step(fl_case *c, cb_writer *w, const json *stage, uint32_t number)
{
  c->step = number;
  write_calls(w, stage);
  cb_write_text(w, "E");
  if (!fl_is_no(stage)) cb_write_printf(w, " as `%s`", c->steps[number].name);
  const char *where = condition(c, stage);
  if (where) cb_write_printf(w, " where %s", where);
  int64_t quiet = fl_is_no(stage) ? gap_of(c, stage) : 0;
  if (quiet > 0) {
    cb_write_printf(w, " for %lldms", (long long)quiet);
    c->quiets++;
  }
  write_until(c, w, stage);
  c->step = CEP_NONE;
}

static void write_element(fl_case *c, cb_writer *w, const json *stage, place at, int is_first, int is_last, uint32_t *number)
{
  const json *inner = json_get(json_get(stage, "group"), "stages");
  write_hop(c, w, stage, at, is_first);
  if (!fl_is_no(stage)) write_count(w, stage, at, is_first, is_last);
  if (!inner) {
    write_step(c, w, stage, (*number)++);
    return;
  }
  cb_write_text(w, "( ");
  write_sequence(c, w, inner, (place){stage, is_last}, number);
  cb_write_text(w, " )");
  c->step = *number - 1;
  write_until(c, w, stage);
  c->step = CEP_NONE;
}

static void write_sequence(fl_case *c, cb_writer *w, const json *stages, place at, uint32_t *number)
{
  for (uint32_t i = 0; i < stages->count; i++) {
    if (i > 0) cb_write_text(w, at.group ? " " : "\n");
    if (!at.group) cb_write_text(w, "  ");
    write_element(c, w, stages->items[i], at, i == 0, at.is_last && i + 1 == stages->count, number);
  }
  if (!at.group) cb_write_text(w, "\n");
}

/* Can a skip to this step miss it, or find the first event of the match. */
static int skip_may_throw(const fl_case *c, const char *name)
{
  uint32_t mandatory = 0;
  for (uint32_t i = 0; i < c->step_count; i++) {
    if (strcmp(c->steps[i].name, name) == 0) return c->steps[i].optional || c->steps[i].is_no || mandatory == 0;
    mandatory += !c->steps[i].is_no && !c->steps[i].optional;
  }
  return 1;
}

static void write_skip(fl_case *c, cb_writer *w, const json *pattern)
{
  const json *skip = json_get(pattern, "skip");
  const char *strategy = json_text(skip, "strategy", "NO_SKIP"), *name = json_text(skip, "var", "");
  const char *held = fl_is_own_order(c) ? "" : " earliest start first";
  if (json_true(skip, "throw_if_missing") && skip_may_throw(c, name)) fl_cant(c, "throw_if_missing");
  cb_write_text(w, "  after match ");
  if (strcmp(strategy, "NO_SKIP") == 0) cb_write_text(w, "no skip");
  else if (strcmp(strategy, "SKIP_TO_NEXT") == 0) cb_write_printf(w, "skip to next%s", held);
  else if (strcmp(strategy, "SKIP_PAST_LAST_EVENT") == 0) cb_write_printf(w, "skip past last%s", held);
  else if (strcmp(strategy, "SKIP_TO_FIRST") == 0) cb_write_printf(w, "skip to first `%s`%s", name, held);
  else if (strcmp(strategy, "SKIP_TO_LAST") == 0) cb_write_printf(w, "skip to last `%s`%s", name, held);
  else fl_cant(c, cb_arena_printf(c->arena, "skip strategy %s", strategy));
  cb_write_text(w, "\n");
}

static void write_emit(fl_case *c, cb_writer *w)
{
  const json *measures = json_get(json_get(c->json, "sql"), "measures");
  cb_write_text(w, "  emit {");
  for (uint32_t i = 0; measures && i < measures->count; i++) {
    const char *text = measures->items[i]->items[1]->text;
    cb_write_printf(w, "%s `%s`: %s", i ? "," : "", measures->items[i]->items[0]->text, fl_expr(c, text));
    /* Our sum of nothing is 0, SQL's is null: a count beside it tells. */
    if (fl_has_prefix(text, "sum(")) {
      cb_write_printf(w, ", `count of %s`: %s", measures->items[i]->items[0]->text,
                      fl_expr(c, cb_arena_printf(c->arena, "count(%s", text + 4)));
    }
  }
  cb_write_text(w, " }\n");
}

static void write_key(fl_case *c, cb_writer *w)
{
  const json *key = json_get(c->json, "key");
  if (!key) return;
  cb_write_text(w, " by ");
  if (key->kind == JSON_STRING) cb_write_printf(w, "`%s`", key->text);
  for (uint32_t i = 0; i < key->count; i++) cb_write_printf(w, "%s`%s`", i ? ", " : "", key->items[i]->text);
}

static void write_header(fl_case *c, cb_writer *w, const json *pattern)
{
  int64_t within = json_int(pattern, "within_ms", 0);
  const json *windows = json_get(pattern, "windows");
  if (strcmp(json_text(pattern, "within_kind", ""), "PREVIOUS_AND_CURRENT") == 0) within = 0;
  for (uint32_t i = 0; windows && i < windows->count; i++) {
    int64_t ms = json_int(windows->items[i], "ms", 0);
    int whole = strcmp(json_text(windows->items[i], "kind", ""), "FIRST_AND_LAST") == 0;
    if (whole && ms > 0 && (within == 0 || ms < within)) within = ms;
  }
  c->within = within;
  cb_write_text(w, "detect p");
  write_key(c, w);
  if (within > 0) cb_write_printf(w, " within %lldms {\n", (long long)within);
  else cb_write_text(w, " unbounded {\n");
}

const char *fl_rule(fl_case *c)
{
  const json *pattern = json_get(c->json, "pattern"), *stages = json_get(pattern, "stages");
  if (json_get(pattern, "sql")) return fl_sql_rule(c, json_get(pattern, "sql"));
  if (!stages) return fl_cant(c, "a case without stages");
  fl_read(c, stages);
  if (c->unsayable) return NULL;
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  write_stream(c, &w);
  write_header(c, &w, pattern);
  uint32_t number = 0;
  write_sequence(c, &w, stages, (place){NULL, 1}, &number);
  write_skip(c, &w, pattern);
  if (c->branches && c->opens) cb_write_text(&w, "  limit unbounded\n");
  write_emit(c, &w);
  int wants_timeouts = json_get(c->json, "expected_timeouts") || fl_is_own_order(c);
  if ((c->within > 0 || c->gaps > 0) && wants_timeouts) cb_write_text(&w, "  on timeout emit { }\n");
  cb_write_text(&w, "}\n");
  const char *text = cb_arena_text(c->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return c->unsayable ? NULL : text;
}
