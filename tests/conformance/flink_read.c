/* flink_read.c - the fields and the stages of a case. */
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

int fl_is_own_order(const fl_case *c)
{
  return json_text(json_get(c->json, "pattern"), "order", NULL) != NULL;
}

const json *fl_event(const fl_case *c, int64_t n)
{
  const json *events = json_get(c->json, "events");
  for (uint32_t i = 0; events && i < events->count; i++) {
    if (json_int(events->items[i], "n", -1) == n) return events->items[i];
  }
  return NULL;
}

int fl_has_prefix(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void read_fields(fl_case *c)
{
  static const char malformed[] = "{\"name\": \"string\", \"price\": \"double\"}"; /* those cases have no schema */
  const json *schema = json_get(c->json, "schema");
  if (!schema) schema = json_read(c->arena, malformed, sizeof malformed - 1);
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
    else if (fl_has_prefix(type, "int") || fl_has_prefix(type, "long")) field.kind = CEP_INT;
    else if (fl_has_prefix(type, "double") || fl_has_prefix(type, "float")) field.kind = CEP_FLOAT;
    else if (fl_has_prefix(type, "bool")) field.kind = CEP_BOOL;
    else if (!fl_has_prefix(type, "string")) fl_cant(c, cb_arena_printf(c->arena, "field type %s", type));
    c->fields[c->field_count++] = field;
  }
}

int fl_is_no(const json *stage)
{
  return fl_has_prefix(json_text(stage, "combine", ""), "not");
}

fl_count fl_count_of(const json *stage)
{
  const json *quant = json_get(stage, "quant");
  const char *kind = json_text(quant, "kind", "one"), *inner = json_text(quant, "inner", "relaxed");
  int64_t min = json_int(quant, "min", 1);
  int open = strcmp(kind, "oneOrMore") == 0 || strcmp(kind, "timesOrMore") == 0;
  fl_count count = {strcmp(kind, "one") != 0, json_true(quant, "optional"), 1, 1, inner, json_true(quant, "greedy")};
  if (!count.counted) return count;
  count.optional |= min == 0;
  count.min = min == 0 ? 1 : (uint32_t)min;
  count.max = open ? PLAN_OPEN : (uint32_t)json_int(quant, "max", min);
  return count;
}

static uint32_t count_leaves(const json *stages)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < stages->count; i++) {
    const json *group = json_get(stages->items[i], "group"), *inner = json_get(group, "stages");
    count += inner ? count_leaves(inner) : 1;
  }
  return count;
}

static void add_step(fl_case *c, const json *stage, int repeats, int optional)
{
  fl_count count = fl_count_of(stage);
  fl_step *step = &c->steps[c->step_count];
  step->name = json_text(stage, "name", "");
  step->is_no = fl_is_no(stage);
  step->loops = count.counted || repeats;
  step->optional = count.optional || optional;
  c->step_count++;
}

static void add_steps(fl_case *c, const json *stages, int repeats, int optional)
{
  for (uint32_t i = 0; i < stages->count; i++) {
    const json *stage = stages->items[i], *inner = json_get(json_get(stage, "group"), "stages");
    if (json_get(json_get(stage, "quant"), "window_ms")) fl_cant(c, "a gap window of a quantifier's own");
    fl_count count = fl_count_of(stage);
    c->groups_repeat |= inner && count.counted;
    c->opens |= count.max == PLAN_OPEN;
    c->branches |= strcmp(json_text(stage, "combine", ""), "followedByAny") == 0;
    c->branches |= count.counted && strcmp(count.inner, "any") == 0;
    if (inner) add_steps(c, inner, repeats || count.counted, optional || count.optional);
    else add_step(c, stage, repeats, optional);
  }
}

void fl_read(fl_case *c, const json *stages)
{
  c->step = CEP_NONE;
  read_fields(c);
  c->steps = cb_arena_take(c->arena, (count_leaves(stages) + 1) * sizeof *c->steps);
  CB_ASSERT(c->steps);
  add_steps(c, stages, 0, 0);
}
