/* records_make.c - the events of a scenario as lines of text, and other lines between them. */
#include <stdio.h>
#include <string.h>

#include "cep/base/json.h"
#include "tests/conformance/records.h"
#include "tests/support/scenario_parts.h"

#define FIELDS_MAX 16u
#define PICK(prng, table) (table)[cb_prng_below(prng, sizeof(table) / sizeof *(table))]

typedef struct making {
  cb_arena *arena;
  cb_prng *prng;
  const scenario *sc;
  const plan *meaning;
  rec_case *out;
  rec_act *acts;
  uint32_t count;
  uint32_t room;
  int is_logfmt;
  int has_faults;     /* some lines have a value of another kind */
  cep_time advanced;  /* promised by all inputs */
  cep_time *newest;   /* by input */
  uint64_t *position; /* by input */
} making;

static const plan_stream *stream_of(const making *m, const char *name)
{
  for (uint32_t i = 0; i < m->meaning->stream_count; i++) {
    if (strcmp(m->meaning->streams[i].name, name) == 0) return &m->meaning->streams[i];
  }
  CB_UNREACHABLE();
}

static cep_duration lateness_of(const making *m, uint32_t input)
{
  for (uint32_t i = 0; i < m->meaning->input_count; i++) {
    if (strcmp(m->meaning->inputs[i].name, m->sc->inputs[input].name) == 0) return m->meaning->inputs[i].lateness;
  }
  CB_UNREACHABLE();
}

/* ---- Lines ------------------------------------------------------------------------------- */

static rec_act *add(making *m, rec_what what, uint32_t input)
{
  CB_ASSERT(m->count < m->room);
  rec_act *act = &m->acts[m->count++];
  *act = (rec_act){.what = what, .input = input, .end = ""};
  return act;
}

static rec_act *add_line(making *m, rec_what what, uint32_t input, const char *text, size_t len)
{
  static const char *const ends[] = {"\n", "\n", "\n", "\r\n", "\n\n", "\n\r\n"};
  rec_act *act = add(m, what, input);
  act->text = text;
  act->len = len;
  act->end = PICK(m->prng, ends);
  act->position = m->position[input];
  m->position[input] += len + strlen(act->end);
  return act;
}

static void write_value(const making *m, cb_writer *w, const cep_value *value, const plan_field *field, int is_wrong)
{
  if (field->is_time) cb_write_printf(w, "%lld", (long long)value->as.i);
  else if (is_wrong) cb_write_text(w, m->is_logfmt ? "\"?\"" : "[\"?\"]");
  else cb_value_write_json(w, value);
}

/* In any order, with fields that nothing knows, nulls said or left out. `wrong`: a field of another kind, or CEP_NONE. */
static void write_event(const making *m, cb_writer *w, const plan_stream *stream, const cep_value *values, uint32_t wrong)
{
  uint32_t order[FIELDS_MAX], count = stream->field_count, written = 0;
  CB_ASSERT(count <= FIELDS_MAX);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = cb_prng_below(m->prng, i + 1);
    order[i] = order[at];
    order[at] = i;
  }
  if (!m->is_logfmt) cb_write_text(w, "{");
  for (uint32_t i = 0; i < count; i++) {
    uint32_t f = order[i];
    int is_null = values[f].kind == CEP_NULL && f != wrong;
    if (is_null && (m->is_logfmt || cb_prng_chance(m->prng, 50))) continue;
    if (written++ > 0) cb_write_text(w, m->is_logfmt ? " " : ",");
    cb_write_printf(w, m->is_logfmt ? "%s=" : "\"%s\":", stream->fields[f].path);
    write_value(m, w, &values[f], &stream->fields[f], f == wrong);
  }
  if (cb_prng_chance(m->prng, 30)) cb_write_text(w, m->is_logfmt ? " more=\"x y\" most" : ", \"more\": {\"x\":[1,{}]}");
  if (!m->is_logfmt) cb_write_text(w, "}");
}

static void add_event(making *m, const scn_act *from, cep_time time, uint32_t wrong, int has_row)
{
  const plan_stream *stream = stream_of(m, from->stream);
  cep_value *values = scn_take(m->arena, from->value_count * sizeof *values);
  for (uint32_t f = 0; f < from->value_count; f++) values[f] = stream->fields[f].is_time ? cb_value_i(CEP_TIME, time) : from->values[f];
  cb_writer w;
  cb_writer_init(&w, m->arena->alloc);
  write_event(m, &w, stream, values, wrong);
  CB_ASSERT(w.len <= REC_RECORD_MAX);
  rec_act *line = add_line(m, REC_LINE, from->input, cb_arena_text(m->arena, (const char *)w.data, w.len), w.len);
  cb_writer_fini(&w);
  line->time = time;
  scn_act *row = has_row ? scn_take(m->arena, sizeof *row) : NULL;
  if (row) {
    *row = *from;
    row->time = time;
    row->values = values;
  }
  line->row = row;
  if (time > m->newest[from->input]) m->newest[from->input] = time;
}

/* ---- Between them ------------------------------------------------------------------------ */

/* Refused, whatever the rules read. */
static void add_dead(making *m, uint32_t input)
{
  static const char *const json[] = {"no record", "{", "[1]", "{}", "{\"ts\":\"yesterday\"}", "{\"ts\":1,}", "\xff\xfe",
                                     "{\"ts\":9223372036854775807}", "{\"ts\":[[[[[[[[[[1]]]]]]]]]]}", "\"ts\""};
  static const char *const logfmt[] = {"no record", "ts=\"1", "ts=yesterday", "=", "ts=9223372036854775807", "k=a"};
  const char *text = m->is_logfmt ? PICK(m->prng, logfmt) : PICK(m->prng, json);
  (void)add_line(m, REC_LINE, input, text, strlen(text));
}

static void add_long(making *m, uint32_t input)
{
  size_t len = REC_RECORD_MAX + 1 + cb_prng_below(m->prng, 2 * REC_RECORD_MAX);
  char *text = scn_take(m->arena, len);
  memset(text, 'x', len);
  (void)add_line(m, REC_LONG, input, text, len);
}

static void add_late(making *m, const scn_act *from)
{
  cep_duration back = lateness_of(m, from->input) + (1 + (cep_duration)cb_prng_below(m->prng, 5)) * 500000000;
  if (m->newest[from->input] == CEP_TIME_MIN) return;
  add_event(m, from, m->newest[from->input] - back, CEP_NONE, 1);
}

/* A time at which the input is already, so that it moves nothing; 0: there is none. */
static int stands(const making *m, uint32_t input)
{
  return m->newest[input] != CEP_TIME_MIN && m->newest[input] >= m->advanced;
}

static void add_faulty(making *m, const scn_act *from)
{
  const plan_stream *stream = stream_of(m, from->stream);
  uint32_t wrong = cb_prng_below(m->prng, stream->field_count);
  if (!stands(m, from->input) || stream->fields[wrong].is_time) return;
  add_event(m, from, m->newest[from->input], wrong, 0);
}

/* Of no stream, where an input has several. */
static void add_filtered(making *m, const scn_act *from)
{
  int is_by_kind = strcmp(m->sc->inputs[from->input].name, "I") == 0;
  if (!is_by_kind || !stands(m, from->input)) return;
  char *text = cb_arena_printf(m->arena, m->is_logfmt ? "ts=%lld kind=C" : "{\"kind\":\"C\", \"ts\":%lld}",
                               (long long)m->newest[from->input]);
  CB_ASSERT(text);
  (void)add_line(m, REC_LINE, from->input, text, strlen(text));
}

static void add_others(making *m, const scn_act *before)
{
  while (cb_prng_chance(m->prng, 30)) {
    switch (cb_prng_below(m->prng, 8)) {
    case 0: case 1: add_dead(m, before->input); break;
    case 2: add_long(m, before->input); break;
    case 3: add_filtered(m, before); break;
    case 4: if (m->has_faults) add_faulty(m, before); break;
    default: add_late(m, before); break;
    }
    if (m->count + 8 > m->room) return;
  }
}

/* ---- A case -------------------------------------------------------------------------------- */

/* Of an input with several streams the field `j` says which one a line is of: so must the row. */
static const scn_act *in_its_stream(const making *m, const scn_act *act)
{
  if (strcmp(m->sc->inputs[act->input].name, "A_B") != 0) return act;
  const plan_stream *stream = stream_of(m, act->stream);
  scn_act *own = scn_take(m->arena, sizeof *own);
  cep_value *values = scn_take(m->arena, act->value_count * sizeof *values);
  for (uint32_t f = 0; f < act->value_count; f++)
    values[f] = strcmp(stream->fields[f].name, "j") == 0 ? cb_int(act->stream[0] == 'B') : act->values[f];
  *own = *act;
  own->values = values;
  return own;
}

static const char *rules_text(const making *m)
{
  static const char json[] = "format json", logfmt[] = "format logfmt";
  if (!m->is_logfmt) return m->sc->text;
  cb_writer w;
  cb_writer_init(&w, m->arena->alloc);
  const char *rest = m->sc->text;
  for (const char *at; (at = strstr(rest, json)) != NULL; rest = at + strlen(json)) {
    cb_write_bytes(&w, rest, (size_t)(at - rest));
    cb_write_text(&w, logfmt);
  }
  cb_write_text(&w, rest);
  const char *text = cb_arena_text(m->arena, (const char *)w.data, w.len);
  CB_ASSERT(text);
  cb_writer_fini(&w);
  return text;
}

/* The last line of a file needs no end. */
static void leave_out_ends(making *m)
{
  for (uint32_t input = 0; input < m->sc->input_count; input++) {
    rec_act *last = NULL;
    for (uint32_t i = 0; i < m->count; i++) {
      if (m->acts[i].text && m->acts[i].input == input) last = &m->acts[i];
    }
    if (last && cb_prng_chance(m->prng, 30)) last->end = "";
  }
}

static uint32_t some(cb_prng *prng, uint32_t most)
{
  return cb_prng_chance(prng, 50) ? 0 : 1 + cb_prng_below(prng, most);
}

void rec_make(cb_arena *arena, const scenario *sc, cb_prng *prng, rec_case *out)
{
  making m = {.arena = arena, .prng = prng, .sc = sc, .out = out, .room = sc->act_count * 3 + 16, .advanced = CEP_TIME_MIN};
  m.meaning = scn_plan(arena, sc->text, NULL);
  CB_ASSERT(m.meaning);
  m.acts = scn_take(arena, m.room * sizeof *m.acts);
  m.newest = scn_take(arena, sc->input_count * sizeof *m.newest);
  m.position = scn_take(arena, sc->input_count * sizeof *m.position);
  for (uint32_t i = 0; i < sc->input_count; i++) m.newest[i] = CEP_TIME_MIN, m.position[i] = 0;
  m.is_logfmt = cb_prng_chance(prng, 25);
  m.has_faults = cb_prng_chance(prng, 40);
  *out = (rec_case){.sc = sc, .has_rows = !m.has_faults, .has_files = 1};
  for (uint32_t i = 0; i < sc->act_count; i++) {
    const scn_act *act = &sc->acts[i];
    if (act->what == SCN_PUSH) {
      act = in_its_stream(&m, act);
      if (m.count + (sc->act_count - i) + 8 < m.room) add_others(&m, act);
      add_event(&m, act, act->time, CEP_NONE, 1);
    } else {
      add(&m, act->what == SCN_FINISH ? REC_FINISH : REC_ADVANCE, act->input)->time = act->time;
      out->has_files &= act->what == SCN_FINISH;
      if (act->what == SCN_ADVANCE && act->time > m.advanced) m.advanced = act->time;
    }
  }
  leave_out_ends(&m);
  if (cb_prng_chance(prng, 40)) out->limits = (rec_limits){some(prng, 3), some(prng, 5), some(prng, 3), some(prng, 6)};
  out->has_rows &= out->limits.held == 0; /* other lines may be refused too */
  out->text = rules_text(&m);
  out->acts = m.acts;
  out->act_count = m.count;
}

void rec_print(const rec_case *it)
{
  printf("%s# partial.max %u, history.max %u, distinct.max %u, held.max %u; 0: as ever\n-- records\n", it->text, it->limits.partial,
         it->limits.history, it->limits.distinct, it->limits.held);
  for (uint32_t i = 0; i < it->act_count; i++) {
    const rec_act *act = &it->acts[i];
    if (act->what == REC_FINISH) printf("  @end\n");
    else if (act->what == REC_ADVANCE) printf("  @%lld\n", (long long)act->time);
    else printf("  %s/%u %llu: %.*s%s\n", it->sc->inputs[act->input].name, it->sc->inputs[act->input].partition,
                (unsigned long long)act->position, act->len > 200 ? 20 : (int)act->len, act->text, act->what == REC_LONG ? "..." : "");
  }
}
