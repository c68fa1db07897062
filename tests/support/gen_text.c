/* gen_text.c - a model as rule text, and its events as a scenario. */
#include <string.h>

#include "tests/support/gen_parts.h"
#include "tests/support/scenario_parts.h"

#define SECOND ((cep_time)1000000000)

static const char *const role_names[] = {"A", "B", "D", "E", "p"};

static const char *name_of(const gen_case *it, gen_role role)
{
  return role == GEN_DERIVED && it->tally ? "w" : role_names[role];
}

/* ---- Rule text ---------------------------------------------------------------------------- */

static void write_streams(cb_writer *w, const gen_case *it)
{
  char time[64] = "time ts ns";
  if (it->lateness) {
    size_t len = strlen(time);
    char tail[] = " lateness 0s";
    tail[10] = (char)('0' + it->lateness);
    memcpy(time + len, tail, sizeof tail);
  }
  if (it->one_input) {
    cb_write_printf(w, "input I format json { %s  kind: string }\n", time);
    cb_write_text(w, "stream A from I where kind == \"A\" { k: string?  j: int  v: int?  s: string?  f: float?  ip: ip? }\n");
    cb_write_text(w, "stream B from I where kind == \"B\" { kk: string?  j: int  v: int?  s: string? }\n");
  } else {
    cb_write_printf(w, "stream A format json { %s  k: string?  j: int  v: int?  s: string?  f: float?  ip: ip? }\n", time);
    cb_write_printf(w, "stream B format json { %s  kk: string?  j: int  v: int?  s: string? }\n", time);
  }
  if (it->defined) cb_write_text(w, "define D = A where v >= 1\ndefine E = A where v < 4\n");
}

static int uses(const gen_detection *d, gen_role role)
{
  for (uint32_t i = 0; i < d->step_count; i++) {
    if (d->steps[i].role == role || (d->steps[i].until.on && d->steps[i].until.role == role)) return 1;
  }
  for (uint32_t g = 0; g < d->group_count; g++) {
    if (d->groups[g].until.on && d->groups[g].until.role == role) return 1;
  }
  return 0;
}

static void write_key(cb_writer *w, const gen_case *it, const gen_detection *d)
{
  if (d->keys == 0) return;
  static const char *const fields[] = {"k", "kk", "k", "s", "k"};
  cb_write_text(w, " by k");
  int plain = !it->key_words && !uses(d, GEN_B) && !uses(d, GEN_OTHER);
  for (gen_role role = GEN_A; role <= GEN_DERIVED && !plain; role++) {
    if (uses(d, role)) cb_write_printf(w, it->key_words ? " = lower(%s.%s)" : " = %s.%s", name_of(it, role), fields[role]);
  }
  if (d->keys == 2) cb_write_text(w, ", j");
}

static void write_count(cb_writer *w, const gen_count *count, const char *distinct)
{
  if (count->optional) cb_write_text(w, "optional ");
  if (!count->counted) return;
  uint32_t min = count->from_zero ? 0 : count->min;
  if (count->max == 0) cb_write_printf(w, "%u+ ", min);
  else if (count->max != min) cb_write_printf(w, "%u..%u ", min, count->max);
  else cb_write_printf(w, "%u ", min);
  static const char *const inners[] = {"", "relaxed ", "consecutive ", "any "};
  cb_write_text(w, distinct);
  if (count->greedy) cb_write_text(w, "greedy ");
  if (count->reluctant) cb_write_text(w, "reluctant ");
  cb_write_text(w, inners[count->inner]);
}

static void write_until(cb_writer *w, const gen_case *it, const gen_until *until)
{
  if (!until->on) return;
  cb_write_printf(w, " until %s", name_of(it, until->role));
  if (until->cond.text[0]) cb_write_printf(w, " where %s", until->cond.text);
}

static void write_step(cb_writer *w, const gen_case *it, const gen_step *step)
{
  if (step->is_no) {
    cb_write_printf(w, "no %s", name_of(it, step->role));
  } else {
    const char *distinct = step->distinct == 0 ? "" : step->role == GEN_DERIVED ? "distinct(c) " : step->distinct == 1 ? "distinct(v) " : "distinct(v, s) ";
    write_count(w, &step->count, distinct);
    cb_write_printf(w, "%s as %s", name_of(it, step->role), step->name);
  }
  for (uint32_t i = 0; i < step->cond_count; i++) {
    cb_write_printf(w, "%s%s", i == 0 ? " where " : " and ", i == 0 && step->cond_count == 1 ? "" : "(");
    cb_write_printf(w, "%s%s", step->conds[i].text, i == 0 && step->cond_count == 1 ? "" : ")");
  }
  if (step->no_for) cb_write_printf(w, " for %us", step->no_for);
  write_until(w, it, &step->until);
}

static void write_hop(cb_writer *w, const gen_step *step, const char *line)
{
  static const char *const hops[] = {"", "immediately ", "any "};
  cb_write_printf(w, "%sthen %s", line, hops[step->hop]);
  if (step->gap) cb_write_printf(w, "within %us ", step->gap);
}

/* Elements from step `first` to `last`; `outer`: the group that they stand in. */
static void write_elements(cb_writer *w, const gen_case *it, const gen_detection *d, uint32_t first, uint32_t last, uint32_t outer)
{
  int is_list = outer < GEN_GROUPS_MAX && (d->groups[outer].kind == GEN_ONE_OF || d->groups[outer].kind == GEN_ALL_OF);
  for (uint32_t i = first; i <= last; i++) {
    if (i > first && is_list) cb_write_text(w, ", ");
    else if (i > first) write_hop(w, &d->steps[i], outer == GEN_GROUPS_MAX ? "\n  " : " ");
    uint32_t g = gen_group_at(d, i, outer);
    if (g == GEN_GROUPS_MAX) {
      write_step(w, it, &d->steps[i]);
      continue;
    }
    const gen_group *group = &d->groups[g];
    int is_bare = group->kind == GEN_CHOICE && is_list && d->groups[outer].kind == GEN_ONE_OF;
    if (!is_bare) {
      write_count(w, &group->count, "");
      cb_write_text(w, group->kind == GEN_ONE_OF ? "one of (" : group->kind == GEN_ALL_OF ? "all of (" : "(");
    }
    write_elements(w, it, d, group->first, group->last, g);
    if (!is_bare) cb_write_text(w, ")");
    if (!is_bare) write_until(w, it, &group->until);
    i = group->last;
  }
}

/* For the second detection to read. */
static void write_tally(cb_writer *w, const gen_case *it)
{
  static const char *const keys[] = {"", " by k", " by k, j"};
  cb_write_printf(w, "aggregate w from A%s window tumbling 3s { n: count()  emit { c: n } }\n", keys[it->keys]);
}

static void write_span(cb_writer *w, const gen_detection *d)
{
  if (d->within_events) cb_write_printf(w, " within %u events {\n", d->within_events);
  else if (d->within) cb_write_printf(w, " within %us {\n", d->within);
  else cb_write_text(w, " unbounded {\n");
}

static void write_detection(cb_writer *w, const gen_case *it, uint32_t number)
{
  const gen_detection *d = &it->detections[number];
  static const char *const skips[] = {"skip past last", "no skip", "skip to next", "skip to first", "skip to last"};
  cb_write_printf(w, "detect %s", number ? "q" : "p");
  write_key(w, it, d);
  write_span(w, d);
  cb_write_text(w, d->latest ? "  match latest " : "  match ");
  write_elements(w, it, d, 0, d->step_count - 1, GEN_GROUPS_MAX);
  if (d->having.text[0]) cb_write_printf(w, "\n  having %s", d->having.text);
  cb_write_printf(w, "\n  after match %s", skips[d->skip]);
  if (d->skip >= 3) cb_write_printf(w, " %s", d->steps[d->skip_step].name);
  cb_write_text(w, d->earliest ? " earliest start first\n" : "\n");
  if (d->limit < 0) cb_write_text(w, "  limit unbounded\n");
  if (d->limit > 0) cb_write_printf(w, "  limit %d matches\n", d->limit);
  cb_write_text(w, d->once ? "  emit once { " : "  emit { ");
  for (uint32_t i = 0; i < d->emit_count; i++) cb_write_printf(w, "%s%c: %s", i ? ", " : "", (char)('c' + (int)i), d->emit[i].text);
  cb_write_text(w, " }\n");
  if (d->on_timeout) cb_write_printf(w, "  on timeout emit { c: %s }\n", d->once ? "1" : d->emit[0].text);
  if (d->suppress) {
    cb_write_printf(w, "  suppress %us", d->suppress);
    if (d->suppress_by_value) cb_write_printf(w, " by %sc", d->keys > 0 ? "k, " : "");
    else if (d->keys > 0) cb_write_printf(w, " by k%s", d->keys == 2 ? ", j" : "");
    cb_write_text(w, "\n");
  }
  cb_write_text(w, "}\n");
}

/* Rows that each count from a time on, if the case has an odd lateness. */
static const char *table_text(const gen_case *it)
{
  return it->lateness % 2 ? "table T from file \"t.csv\" format csv key k as of since { k: string  since: time  u: int? }\n"
                          : "table T from file \"t.csv\" format csv key k { k: string  u: int? }\n";
}

char *gen_text(cb_arena *arena, const gen_case *it)
{
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  write_streams(&w, it);
  if (it->detection_count > 1 && it->tally) write_tally(&w, it);
  for (uint32_t i = 0; i < it->detection_count; i++) write_detection(&w, it, i);
  cb_write_u8(&w, 0);
  const char *body = (const char *)w.data;
  int looks_up = strstr(body, "T[") != NULL || strstr(body, "T.k") != NULL;
  char *text = cb_arena_printf(arena, "%s%s", looks_up ? table_text(it) : "", body);
  cb_writer_fini(&w);
  CB_ASSERT(text);
  return text;
}

/* ---- Scenario ------------------------------------------------------------------------------- */

static cep_value letter(cb_arena *arena, int c)
{
  char text[2] = {(char)c, 0};
  return c ? cb_string(cb_arena_text(arena, text, 1), 1) : cb_null();
}

static cep_value value_of(cb_arena *arena, const gen_event *e, const plan_field *field)
{
  static const char addresses[3][16] = {"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1", "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\1\0\2",
                                        "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"};
  if (field->is_time) return cb_value_i(CEP_TIME, e->time);
  switch (field->name[0]) {
    case 'k':
      if (strcmp(field->name, "kind") == 0) return letter(arena, e->role == GEN_A ? 'A' : 'B');
      return e->key ? letter(arena, '`' + e->key) : cb_null(); /* a letter of `s`, too: E's key is that */
    case 'j': return cb_int(e->key2);
    case 'v': return e->v < 0 ? cb_null() : cb_int(e->v);
    case 's': return letter(arena, e->letter);
    case 'f': return e->f < 0 ? cb_null() : cb_float(e->f / 2.0);
    default: {
      cep_value ip = {CEP_IP, 16, {0}};
      if (!e->ip) return cb_null();
      ip.as.s = addresses[e->ip - 1];
      return ip;
    }
  }
}

static const plan_stream *stream_named(const plan *meaning, const char *name)
{
  for (uint32_t i = 0; i < meaning->stream_count; i++) {
    if (strcmp(meaning->streams[i].name, name) == 0) return &meaning->streams[i];
  }
  return NULL;
}

/* Moves events forward past newer ones of the same line, by less than the lateness; equal
 * times keep their order. */
static void mix(const gen_case *it, uint32_t *order, cb_prng *prng)
{
  for (uint32_t pass = 0; pass < it->event_count; pass++) {
    for (uint32_t i = 1; i < it->event_count; i++) {
      const gen_event *a = &it->events[order[i - 1]], *b = &it->events[order[i]];
      if (a->time == b->time || !cb_prng_chance(prng, 30)) continue;
      cep_time newest = b->time;
      for (uint32_t k = 0; k < i; k++) {
        if (it->events[order[k]].time > newest) newest = it->events[order[k]].time;
      }
      if (newest - a->time > (cep_time)it->lateness * SECOND) continue;
      uint32_t moved = order[i];
      order[i] = order[i - 1];
      order[i - 1] = moved;
    }
  }
}

/* Equal times must keep their order, though neither passes the other directly. */
static int keeps_ties(const gen_case *it, const uint32_t *order)
{
  for (uint32_t i = 0; i < it->event_count; i++) {
    for (uint32_t k = i + 1; k < it->event_count; k++) {
      if (it->events[order[i]].time == it->events[order[k]].time && order[i] > order[k]) return 0;
    }
  }
  return 1;
}

static uint32_t input_of(const gen_case *it, const gen_event *e)
{
  if (it->one_input) return 0;
  return e->role == GEN_A ? e->partition : it->partitions;
}

static cep_time pause_time(const gen_case *it)
{
  uint32_t before = it->pause_at < it->event_count ? it->pause_at - 1 : 0;
  return it->events[before].time + (cep_time)it->pause_more * (SECOND / 2);
}

/* What the table holds, if there is one: of two rows with one key the later counts; or, as of a time, the one that
 * begins last of those that have begun. */
static void put_rows(cb_arena *arena, const plan *meaning, scenario *out)
{
  static const struct {
    char key;
    int u;
    int since;
  } rows[] = {{'a', 4, 1}, {'c', -1, 0}, {'a', 1, 4}, {'c', 3, 3}, {'b', 2, 2}, {'a', 3, 9}, {'b', -1, 6}};
  if (meaning->table_count == 0) return;
  int by_time = meaning->tables[0].as_of != CEP_NONE;
  out->row_count = by_time ? sizeof rows / sizeof *rows : 3;
  scn_row *at = scn_take(arena, sizeof(scn_row) * out->row_count);
  for (uint32_t i = 0; i < out->row_count; i++) {
    cep_value *values = scn_take(arena, 3 * sizeof *values);
    values[0] = letter(arena, rows[i].key);
    values[1] = cb_value_i(CEP_TIME, rows[i].since * SECOND);
    values[by_time ? 2 : 1] = rows[i].u < 0 ? cb_null() : cb_int(rows[i].u);
    at[i] = (scn_row){0, values};
  }
  out->rows = at;
}

int gen_scenario(cb_arena *arena, const gen_case *it, cb_prng *shuffle, scenario *out)
{
  char *text = gen_text(arena, it);
  plan *meaning = scn_plan(arena, text, NULL);
  if (!meaning) return 0;
  put_rows(arena, meaning, out);
  scn_input *inputs = scn_take(arena, 3 * sizeof *inputs);
  out->input_count = it->one_input ? 1 : it->partitions + 1;
  for (uint32_t i = 0; i < out->input_count; i++) {
    inputs[i].name = it->one_input ? "I" : i < it->partitions ? "A" : "B";
    inputs[i].partition = i < it->partitions ? i : 0;
  }
  scn_act *acts = scn_take(arena, (it->event_count + 2) * sizeof *acts);
  uint32_t order[GEN_EVENTS_MAX];
  for (uint32_t i = 0; i < it->event_count; i++) order[i] = i;
  if (shuffle && it->lateness) {
    mix(it, order, shuffle);
    if (!keeps_ties(it, order)) {
      for (uint32_t i = 0; i < it->event_count; i++) order[i] = i;
    }
  }
  cep_time newest = 0;
  uint32_t count = 0;
  for (uint32_t i = 0; i < it->event_count; i++) {
    const gen_event *e = &it->events[order[i]];
    if (it->pause_at > 0 && i == it->pause_at) {
      newest = pause_time(it) > newest ? pause_time(it) : newest;
      acts[count++] = (scn_act){SCN_ADVANCE, CEP_NONE, NULL, pause_time(it), 0, NULL, 0, 0};
    }
    const plan_stream *stream = stream_named(meaning, role_names[e->role]);
    cep_value *values = scn_take(arena, stream->field_count * sizeof *values);
    for (uint32_t f = 0; f < stream->field_count; f++) values[f] = value_of(arena, e, &stream->fields[f]);
    acts[count++] = (scn_act){SCN_PUSH, input_of(it, e), role_names[e->role], e->time, i, values, stream->field_count, order[i]};
    if (e->time > newest) newest = e->time;
  }
  /* Never the instant of a deadline: what suppression holds back is not out at it. */
  cep_time until = newest + it->advance * SECOND + SECOND / 4;
  acts[count++] = (scn_act){it->finishes ? SCN_FINISH : SCN_ADVANCE, CEP_NONE, NULL, until, 0, NULL, 0, 0};
  out->text = text;
  out->inputs = inputs;
  out->acts = acts;
  out->act_count = count;
  return 1;
}
