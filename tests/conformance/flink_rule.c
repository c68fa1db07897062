/* flink_rule.c - a case as rule text: one stream, one detection. */
#include <string.h>

#include "tests/conformance/flink.h"

const char *fl_cant(fl_case *c, const char *construct)
{
  if (!c->unsayable) c->unsayable = construct;
  return NULL;
}

int fl_is_processing_time(const fl_case *c)
{
  return strcmp(c->driver, "operator_processing_time") == 0 || strcmp(c->driver, "sql_processing_time") == 0;
}

const json *fl_event(const fl_case *c, int64_t n)
{
  const json *events = json_get(c->json, "events");
  for (uint32_t i = 0; events && i < events->count; i++) {
    if (json_int(events->items[i], "n", -1) == n) return events->items[i];
  }
  return NULL;
}

/* ---- Fields and stages ------------------------------------------------------------------- */

static int has_prefix(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void read_fields(fl_case *c)
{
  const json *schema = json_get(c->json, "schema");
  c->fields = cb_arena_take(c->arena, (FL_FIELDS_OWN + (schema ? schema->count : 0)) * sizeof *c->fields);
  CB_ASSERT(c->fields);
  c->fields[FL_FIELD_TIME] = (fl_field){"$time", CEP_TIME, 0};
  c->fields[FL_FIELD_MS] = (fl_field){"$ms", CEP_INT, 0};
  c->fields[FL_FIELD_TYPE] = (fl_field){"$type", CEP_STRING, 1};
  c->fields[FL_FIELD_NULL] = (fl_field){"$null", CEP_INT, 1}; /* always null: what a NOT stage has captured */
  c->fields[FL_FIELD_NO_TEXT] = (fl_field){"$no text", CEP_STRING, 1};
  c->field_count = FL_FIELDS_OWN;
  for (uint32_t i = 0; schema && i < schema->count; i++) {
    const char *type = schema->items[i]->text;
    fl_field field = {schema->names[i], CEP_STRING, 1};
    if (!type) fl_cant(c, "a schema that is no text");
    else if (has_prefix(type, "int") || has_prefix(type, "long")) field.kind = CEP_INT;
    else if (has_prefix(type, "double") || has_prefix(type, "float")) field.kind = CEP_FLOAT;
    else if (has_prefix(type, "bool")) field.kind = CEP_BOOL;
    else if (!has_prefix(type, "string")) fl_cant(c, cb_arena_printf(c->arena, "field type %s", type));
    c->fields[c->field_count++] = field;
  }
}

static int is_no(const json *stage)
{
  return has_prefix(json_text(stage, "combine", ""), "not");
}

static void read_steps(fl_case *c, const json *stages)
{
  c->steps = cb_arena_take(c->arena, stages->count * sizeof *c->steps);
  CB_ASSERT(c->steps);
  for (uint32_t i = 0; i < stages->count; i++) {
    const json *stage = stages->items[i], *quant = json_get(stage, "quant");
    const json *calls = json_get(stage, "calls");
    if (calls && calls->count > 0) fl_cant(c, "calls of a builder");
    if (json_get(stage, "group")) fl_cant(c, "groups");
    if (json_get(stage, "until")) fl_cant(c, "until");
    if (json_get(quant, "window_ms")) fl_cant(c, "gap windows of a quantifier");
    fl_step *step = &c->steps[c->step_count++];
    step->name = json_text(stage, "name", "");
    step->is_no = is_no(stage);
    step->loops = strcmp(json_text(quant, "kind", "one"), "one") != 0;
    step->optional = json_true(quant, "optional") || (step->loops && json_int(quant, "min", 1) == 0);
    step->max = step->loops ? (uint32_t)json_int(quant, "max", PLAN_OPEN) : 1;
    for (uint32_t k = 0; k < i; k++) {
      if (strcmp(c->steps[k].name, step->name) == 0) fl_cant(c, "two stages of one name");
    }
  }
}

/* ---- Text ----------------------------------------------------------------------------------- */

static void write_stream(fl_case *c, cb_writer *w)
{
  cb_write_text(w, "stream E {\n  time `$time`");
  int scripted = json_get(c->json, "script") && !has_prefix(c->driver, "nfa") && !fl_is_processing_time(c);
  if (scripted || has_prefix(c->driver, "sql_event") || has_prefix(c->driver, "sql_batch") ||
      has_prefix(c->driver, "operator_event")) {
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


/* The count with its words, e.g. `2+ greedy relaxed `. */
static void write_count(fl_case *c, cb_writer *w, const json *quant, uint32_t number)
{
  const fl_step *step = &c->steps[number];
  if (step->optional) cb_write_text(w, "optional ");
  if (!step->loops) return;
  int64_t min = json_int(quant, "min", 1);
  if (min == 0) min = 1;
  const char *kind = json_text(quant, "kind", "");
  int open = strcmp(kind, "oneOrMore") == 0 || strcmp(kind, "timesOrMore") == 0;
  int64_t max = open ? 0 : json_int(quant, "max", min);
  if (open) cb_write_printf(w, "%lld+ ", (long long)min);
  else if (max == min) cb_write_printf(w, "%lld ", (long long)min);
  else cb_write_printf(w, "%lld..%lld ", (long long)min, (long long)max);
  if (open || max > min) {
    int is_last = number + 1 == c->step_count;
    if (is_last) cb_write_text(w, "reluctant ");
    else if (json_true(quant, "greedy")) cb_write_text(w, "greedy ");
  }
  const char *inner = json_text(quant, "inner", "relaxed");
  cb_write_printf(w, "%s ", strcmp(inner, "strict") == 0 ? "consecutive" : inner);
}

static void write_step(fl_case *c, cb_writer *w, const json *stage, uint32_t number)
{
  static const char *const combines[][2] = {{"begin", "match "},
                                            {"next", "then immediately "},
                                            {"followedBy", "then "},
                                            {"followedByAny", "then any "},
                                            {"notNext", "then immediately no "},
                                            {"notFollowedBy", "then no "}};
  const char *combine = json_text(stage, "combine", ""), *words = NULL;
  for (uint32_t i = 0; i < sizeof combines / sizeof *combines; i++) {
    if (strcmp(combine, combines[i][0]) == 0) words = combines[i][1];
  }
  if (!words) {
    fl_cant(c, cb_arena_printf(c->arena, "combine %s", combine));
    return;
  }
  c->step = number;
  cb_write_printf(w, "  %s", words);
  if (!c->steps[number].is_no) write_count(c, w, json_get(stage, "quant"), number);
  cb_write_text(w, "E");
  if (!c->steps[number].is_no) cb_write_printf(w, " as `%s`", c->steps[number].name);
  const char *where = condition(c, stage);
  if (where) cb_write_printf(w, " where %s", where);
  cb_write_text(w, "\n");
  c->step = CEP_NONE;
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
  int own_order = strcmp(json_text(pattern, "order", ""), "first_completed") == 0;
  const char *held = own_order ? "" : " earliest start first";
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

static int needs_limit(const fl_case *c, const json *stages)
{
  int any = 0, open = 0;
  for (uint32_t i = 0; i < stages->count; i++) {
    const json *quant = json_get(stages->items[i], "quant");
    any |= strcmp(json_text(stages->items[i], "combine", ""), "followedByAny") == 0;
    any |= c->steps[i].loops && strcmp(json_text(quant, "inner", ""), "any") == 0;
    open |= c->steps[i].loops && c->steps[i].max == PLAN_OPEN;
  }
  return any && open;
}

static void write_emit(fl_case *c, cb_writer *w)
{
  const json *measures = json_get(json_get(c->json, "sql"), "measures");
  cb_write_text(w, "  emit {");
  for (uint32_t i = 0; measures && i < measures->count; i++) {
    const char *text = measures->items[i]->items[1]->text;
    cb_write_printf(w, "%s `%s`: %s", i ? "," : "", measures->items[i]->items[0]->text, fl_expr(c, text));
    /* Our sum of nothing is 0, SQL's is null: a count beside it tells. */
    if (has_prefix(text, "sum(")) {
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

const char *fl_rule(fl_case *c)
{
  const json *pattern = json_get(c->json, "pattern"), *stages = json_get(pattern, "stages");
  if (!stages) return fl_cant(c, "a case without stages");
  c->driver = json_text(c->json, "driver", "nfa");
  c->step = CEP_NONE;
  read_fields(c);
  read_steps(c, stages);
  if (json_get(pattern, "windows")) fl_cant(c, "gap windows (several)");
  if (strcmp(json_text(pattern, "within_kind", ""), "PREVIOUS_AND_CURRENT") == 0) fl_cant(c, "gap windows (PREVIOUS_AND_CURRENT)");
  if (c->unsayable) return NULL;
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  write_stream(c, &w);
  int64_t within = json_int(pattern, "within_ms", 0);
  cb_write_text(&w, "detect p");
  write_key(c, &w);
  if (within > 0) cb_write_printf(&w, " within %lldms {\n", (long long)within);
  else cb_write_text(&w, " unbounded {\n");
  for (uint32_t i = 0; i < stages->count; i++) write_step(c, &w, stages->items[i], i);
  write_skip(c, &w, pattern);
  if (needs_limit(c, stages)) cb_write_text(&w, "  limit unbounded\n");
  write_emit(c, &w);
  int wants_timeouts = json_get(c->json, "expected_timeouts") || json_text(pattern, "order", NULL);
  if (within > 0 && wants_timeouts) cb_write_text(&w, "  on timeout emit { }\n");
  cb_write_text(&w, "}\n");
  const char *text = cb_arena_text(c->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return c->unsayable ? NULL : text;
}
