/* flink_play.c - the script of a case as acts on an engine. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/flink.h"

#define MS ((cep_time)1000000)

typedef struct player {
  fl_case *c;
  scn_act *acts;
  uint32_t count;
  const json **held; /* events that wait for their order to be known */
  uint32_t held_count;
  int64_t now;         /* the clock in processing time, else the newest watermark; ms */
  int64_t clock;       /* ms */
  cep_time advanced; /* our watermark */
} player;

static int is_event_time(const fl_case *c)
{
  return !fl_is_processing_time(c) && strcmp(c->driver, "nfa") != 0;
}

static cep_value value_of(const fl_field *field, const json *value)
{
  if (!value || value->kind == JSON_NULL) return cb_null();
  switch (field->kind) {
    case CEP_INT: return cb_int(value->kind == JSON_FLOAT ? (int64_t)value->f : value->i);
    case CEP_FLOAT: return cb_float(value->f);
    case CEP_BOOL: return cb_bool(value->i != 0);
    default: return value->text ? cb_string(value->text, (uint32_t)strlen(value->text)) : cb_null();
  }
}

static void add(player *p, const scn_act *act)
{
  p->c->clocks[p->count] = p->clock;
  p->acts[p->count++] = *act;
}

static void push(player *p, const json *event)
{
  fl_case *c = p->c;
  int64_t ts = fl_is_processing_time(c) ? p->now : json_int(event, "ts", 0);
  cep_value *values = cb_arena_take(c->arena, c->field_count * sizeof *values);
  CB_ASSERT(values);
  values[FL_FIELD_TIME] = cb_value_i(CEP_TIME, ts * MS);
  values[FL_FIELD_MS] = cb_int(ts);
  values[FL_FIELD_TYPE] = value_of(&c->fields[FL_FIELD_TYPE], json_get(event, "type"));
  for (uint32_t i = FL_FIELDS_OWN; i < c->field_count; i++) values[i] = value_of(&c->fields[i], json_get(event, c->fields[i].name));
  scn_act act = {SCN_PUSH, 0, "E", ts * MS, p->count, values, c->field_count, (uint32_t)json_int(event, "n", 0)};
  add(p, &act);
}

static void advance(player *p, cep_time to, uint32_t script_index)
{
  if (to <= p->advanced) return;
  p->advanced = to;
  scn_act act = {SCN_ADVANCE, CEP_NONE, NULL, to, 0, NULL, 0, 0};
  p->c->advances[p->count] = script_index;
  add(p, &act);
}

static void finish(player *p, uint32_t script_index)
{
  scn_act act = {SCN_FINISH, 0, NULL, 0, 0, NULL, 0, 0};
  p->c->advances[p->count] = script_index;
  add(p, &act);
}

/* ---- Order among equal times --------------------------------------------------------------- */

static int compare_json(const json *a, const json *b)
{
  if (!a || !b) return (a != NULL) - (b != NULL);
  if (a->kind == JSON_STRING && b->kind == JSON_STRING) return strcmp(a->text, b->text);
  return (a->f > b->f) - (a->f < b->f);
}

static int comes_before(const fl_case *c, const json *a, const json *b)
{
  const json *order = json_get(c->json, "order_by");
  int64_t x = json_int(a, "ts", 0), y = json_int(b, "ts", 0);
  if (x != y && !fl_is_processing_time(c)) return x < y;
  for (uint32_t i = 0; i < order->count; i++) {
    const char *name = order->items[i]->items[0]->text, *way = order->items[i]->items[1]->text;
    int compared = compare_json(json_get(a, name), json_get(b, name));
    if (compared != 0) return strcmp(way, "desc") == 0 ? compared > 0 : compared < 0;
  }
  return json_int(a, "n", 0) < json_int(b, "n", 0);
}

static void hold(player *p, const json *event)
{
  uint32_t at = p->held_count++;
  while (at > 0 && comes_before(p->c, event, p->held[at - 1])) {
    p->held[at] = p->held[at - 1];
    at--;
  }
  p->held[at] = event;
}

/* Pushes what is held up to this time. */
static void release(player *p, int64_t to)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < p->held_count; i++) {
    if (fl_is_processing_time(p->c) || json_int(p->held[i], "ts", 0) <= to) push(p, p->held[i]);
    else p->held[kept++] = p->held[i];
  }
  p->held_count = kept;
}

static void arrive(player *p, const json *event)
{
  int late = is_event_time(p->c) && json_int(event, "ts", 0) <= p->now;
  if (json_get(p->c->json, "order_by") && !late) hold(p, event);
  else push(p, event);
}

/* ---- The script ------------------------------------------------------------------------------ */

/* Flink's watermark t says that nothing at or before t will come, ours that nothing before
 * it will. The cases of our own order mean the next unit of their time; for Flink's, whose
 * timers at t + 1 must not fire yet, it is the next instant. */
static cep_time behind_watermark(const fl_case *c)
{
  return fl_is_own_order(c) ? MS : 1;
}

static void play_step(player *p, const json *step, uint32_t index)
{
  const char *op = json_text(step, "op", ""), *word = json_text(step, "ts", NULL);
  int64_t ts = json_int(step, "ts", 0);
  if (strcmp(op, "event") == 0) {
    arrive(p, fl_event(p->c, json_int(step, "n", -1)));
  } else if (strcmp(op, "watermark") == 0) {
    if (word && strcmp(word, "min") == 0) return;
    if (word) {
      release(p, INT64_MAX);
      finish(p, index);
      return;
    }
    release(p, ts);
    if (ts > p->now) p->now = ts;
    advance(p, ts * MS + behind_watermark(p->c), index);
  } else if (strcmp(op, "processing_time") == 0) {
    p->clock = ts;
    if (!fl_is_processing_time(p->c)) return;
    if (ts > p->now) release(p, INT64_MAX);
    p->now = ts;
    advance(p, ts * MS, index);
  } else if (strcmp(op, "advance_time") == 0) {
    advance(p, ts * MS, index);
  } else if (strcmp(op, "snapshot_restore") != 0) { /* done after each event, in a way of its own */
    fl_cant(p->c, cb_arena_printf(p->c->arena, "script step %s", op));
  }
}

void fl_play(fl_case *c)
{
  const json *events = json_get(c->json, "events"), *script = json_get(c->json, "script");
  static const scn_input inputs[] = {{"E", 0}};
  uint32_t room = (events ? events->count : 0) + (script ? script->count : 0) + 2;
  player p;
  memset(&p, 0, sizeof p);
  p.c = c;
  p.acts = cb_arena_take(c->arena, room * sizeof *p.acts);
  p.held = cb_arena_take(c->arena, room * sizeof *p.held);
  c->advances = cb_arena_take(c->arena, room * sizeof *c->advances);
  c->clocks = cb_arena_take(c->arena, room * sizeof *c->clocks);
  CB_ASSERT(p.acts && p.held && c->advances && c->clocks);
  for (uint32_t i = 0; i < room; i++) c->advances[i] = CEP_NONE;
  p.now = is_event_time(c) ? INT64_MIN : 0;
  p.advanced = INT64_MIN;
  if (script) {
    for (uint32_t i = 0; i < script->count; i++) play_step(&p, script->items[i], i);
    release(&p, INT64_MAX);
  } else {
    for (uint32_t i = 0; events && i < events->count; i++) arrive(&p, events->items[i]);
    release(&p, INT64_MAX);
    if (is_event_time(c)) finish(&p, CEP_NONE);
  }
  c->scenario.inputs = inputs;
  c->scenario.input_count = 1;
  c->scenario.acts = p.acts;
  c->scenario.act_count = p.count;
}
