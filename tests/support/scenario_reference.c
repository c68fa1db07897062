/* scenario_reference.c - runs a scenario through the reference evaluator: takes, orders, asks. */
#include <string.h>

#include "tests/support/scenario.h"
#include "tests/support/scenario_parts.h"

/* One input, as the rules of lateness and of the frontier see it. */
typedef struct line {
  uint32_t declared; /* index in the plan */
  uint32_t partition;
  cep_time newest;
  cep_time advanced;
  cep_time lateness;
  uint64_t next; /* position */
} line;

typedef struct taken {
  ref_event event;
  uint32_t tag;
} taken;

typedef struct taking {
  cb_arena *arena;
  const scenario *sc;
  const plan *meaning;
  scn_outcome *outcome;
  line *lines;
  taken *events;
  uint32_t event_count;
  int finished;
} taking;

static cep_time watermark(const line *l)
{
  cep_time w = l->newest == CEP_TIME_MIN ? CEP_TIME_MIN : l->newest - l->lateness;
  return w > l->advanced ? w : l->advanced;
}

static int event_before(const ref_event *a, const ref_event *b)
{
  if (a->place != b->place) return a->place < b->place;
  if (a->input != b->input) return a->input < b->input;
  if (a->partition != b->partition) return a->partition < b->partition;
  return a->position < b->position;
}

static uint32_t stream_of(const taking *t, const char *name)
{
  for (uint32_t i = 0; i < t->meaning->stream_count; i++) {
    if (strcmp(t->meaning->streams[i].name, name) == 0) return i;
  }
  return CEP_NONE;
}

static int is_allowed(const taking *t, const ref_event *event)
{
  ref_run run;
  ref_init(&run, t->arena, t->meaning, CEP_TIME_MIN);
  for (uint32_t i = 0; i < t->sc->row_count; i++) ref_add_row(&run, t->sc->rows[i].table, t->sc->rows[i].values);
  int allowed = ref_allows(&run, event);
  ref_fini(&run);
  return allowed;
}

static void take_event(taking *t, const scn_act *act)
{
  line *l = &t->lines[act->input];
  cep_time promised = watermark(l), place = act->time < promised ? promised : act->time;
  if (act->time > l->newest) l->newest = act->time;
  l->next = act->position + 1;
  taken one = {{stream_of(t, act->stream), act->time, l->declared, l->partition, act->position, act->values, place}, act->tag};
  CB_ASSERT(one.event.stream != CEP_NONE);
  if (act->time < place && !is_allowed(t, &one.event)) {
    t->outcome->late[t->outcome->late_count++] = act->tag;
    return;
  }
  uint32_t at = t->event_count++;
  while (at > 0 && event_before(&one.event, &t->events[at - 1].event)) {
    t->events[at] = t->events[at - 1];
    at--;
  }
  t->events[at] = one;
}

static void take_all(taking *t)
{
  for (uint32_t i = 0; i < t->sc->act_count; i++) {
    const scn_act *act = &t->sc->acts[i];
    if (act->what == SCN_PUSH) take_event(t, act);
    if (act->what == SCN_FINISH) t->finished = 1;
    for (uint32_t n = 0; act->what == SCN_ADVANCE && n < t->sc->input_count; n++) {
      if ((act->input == CEP_NONE || act->input == n) && act->time > t->lines[n].advanced) t->lines[n].advanced = act->time;
    }
  }
}

/* The least (watermark, input, next position) of the inputs: what lies before it is out. */
static ref_event frontier(const taking *t)
{
  ref_event least = {0, CEP_TIME_MAX, UINT32_MAX, 0, 0, NULL, CEP_TIME_MAX};
  for (uint32_t n = 0; n < t->sc->input_count && !t->finished; n++) {
    const line *l = &t->lines[n];
    ref_event at = {0, watermark(l), l->declared, l->partition, l->next, NULL, watermark(l)};
    if (event_before(&at, &least)) least = at;
  }
  return least;
}

/* ---- Answers ------------------------------------------------------------------------- */

static uint32_t tag_of(const taking *t, uint32_t event)
{
  return event < t->event_count ? t->events[event].tag : CEP_NONE;
}

static void answer(const taking *t, const ref_run *run, const ref_output *r)
{
  const plan_detection *d = &t->meaning->detections[r->detection];
  scn_output *out = scn_output_add(t->arena, t->outcome);
  memset(out, 0, sizeof *out);
  out->detection = r->detection;
  out->name = d->name;
  out->kind = r->kind;
  out->time = r->time;
  out->keys = r->keys;
  out->key_count = d->key_count;
  out->values = r->values;
  out->value_count = r->value_count;
  out->suppressed = r->suppressed;
  const plan_output *outputs = r->kind == CEP_TIMEOUT ? d->timeout_emit : d->emit;
  const char **names = scn_take(t->arena, r->value_count * sizeof *names);
  for (uint32_t i = 0; i < r->value_count; i++) names[i] = outputs[i].name;
  out->value_names = names;
  out->key_names = d->key_names;
  out->capture_count = r->capture_count;
  scn_capture *captures = scn_take(t->arena, r->capture_count * sizeof *captures);
  for (uint32_t i = 0; i < r->capture_count; i++) {
    const ref_event *event = &run->events.at[r->captures[i].event];
    captures[i].step = r->captures[i].step;
    captures[i].step_name = d->steps[r->captures[i].step].name;
    captures[i].stream = t->meaning->streams[event->stream].name;
    captures[i].tag = tag_of(t, r->captures[i].event);
    captures[i].time = event->time;
  }
  out->captures = captures;
  memcpy(out->id, r->id, sizeof out->id);
}

/* As an engine delivers: by decision time; within it, by detection and key. */
static void sort_by_time(scn_outcome *outcome)
{
  for (uint32_t i = 1; i < outcome->output_count; i++) {
    scn_output moved = outcome->outputs[i];
    uint32_t at = i;
    while (at > 0 && outcome->outputs[at - 1].time > moved.time) {
      outcome->outputs[at] = outcome->outputs[at - 1];
      at--;
    }
    outcome->outputs[at] = moved;
  }
}

static void ask(taking *t)
{
  ref_event end = frontier(t);
  ref_run run;
  ref_init(&run, t->arena, t->meaning, end.time);
  if (t->sc->histories_max) run.histories_max = t->sc->histories_max;
  for (uint32_t i = 0; i < t->sc->row_count; i++) ref_add_row(&run, t->sc->rows[i].table, t->sc->rows[i].values);
  for (uint32_t n = 0; n < t->sc->input_count; n++) { /* what an input has delivered, events or promises */
    if (t->lines[n].newest > run.newest) run.newest = t->lines[n].newest;
    if (t->lines[n].advanced > run.newest) run.newest = t->lines[n].advanced;
  }
  uint32_t released = 0;
  while (released < t->event_count && event_before(&t->events[released].event, &end)) released++;
  t->event_count = released;
  for (uint32_t i = 0; i < released; i++) ref_add(&run, &t->events[i].event);
  ref_go(&run, CEP_NONE);
  for (uint32_t i = 0; i < run.outputs.count; i++) answer(t, &run, &run.outputs.at[i]);
  sort_by_time(t->outcome);
  t->outcome->partials = run.partials_open;
  t->outcome->too_big = run.too_big;
  t->outcome->counts[SCN_MATCHES] = run.matches;
  t->outcome->counts[SCN_TIMEOUTS] = run.timeouts;
  t->outcome->counts[SCN_SUPPRESSED] = run.suppressed;
  t->outcome->counts[SCN_SKIP_MISSED] = run.skip_missed;
  t->outcome->counts[SCN_MATCHES_DROPPED] = run.matches_dropped;
  ref_fini(&run);
}

static void ignore_diagnostic(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

plan *scn_plan(cb_arena *arena, const char *text, cep_error *err)
{
  plan *meaning = NULL;
  cep_status status = plan_compile(arena, "case", text, strlen(text), ignore_diagnostic, NULL, &meaning, err);
  return status < 0 ? NULL : meaning;
}

scn_outcome *scn_reference(cb_arena *arena, const scenario *sc)
{
  taking t;
  memset(&t, 0, sizeof t);
  t.arena = arena;
  t.sc = sc;
  t.outcome = scn_outcome_new(arena, sc);
  t.outcome->is_reference = 1;
  cep_error err = {0};
  plan *meaning = scn_plan(arena, sc->text, &err);
  if (!meaning) {
    scn_fail(t.outcome, err.status, "compile", err.text);
    return t.outcome;
  }
  t.meaning = meaning;
  t.lines = scn_take(arena, sc->input_count * sizeof *t.lines);
  t.events = scn_take(arena, sc->act_count * sizeof *t.events);
  for (uint32_t n = 0; n < sc->input_count; n++) {
    line *l = &t.lines[n];
    *l = (line){CEP_NONE, sc->inputs[n].partition, CEP_TIME_MIN, CEP_TIME_MIN, 0, 0};
    for (uint32_t i = 0; i < meaning->input_count; i++) {
      if (strcmp(meaning->inputs[i].name, sc->inputs[n].name) == 0) l->declared = i;
    }
    if (l->declared == CEP_NONE) scn_fail(t.outcome, CEP_E_NOT_FOUND, "input", sc->inputs[n].name);
    else l->lateness = meaning->inputs[l->declared].lateness;
  }
  if (t.outcome->status < 0) return t.outcome;
  take_all(&t);
  ask(&t);
  return t.outcome;
}
