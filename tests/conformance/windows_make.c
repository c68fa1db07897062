/* windows_make.c - random aggregates as text, and events that fall into their windows. */
#include <string.h>

#include "cep/base/bytes.h"
#include "tests/conformance/windows.h"

#define SECOND ((cep_time)1000000000)
#define EVENTS_MAX 60u
#define FIELDS 7u /* ts k j v f s d */

#define PICK(prng, table) (table)[cb_prng_below(prng, sizeof(table) / sizeof *(table))]

/* ---- Text -------------------------------------------------------------------------------- */

static const char *const measures[] = {
    "count()", "count(v)", "count(where v > 2)", "count(where s == \"a\" or v is null)", "sum(v)", "sum(f)", "sum(d)", "avg(v)", "avg(f)", "avg(d)",
    "min(v)", "max(v)", "min(f)", "max(f)", "min(d)", "min(ts)", "max(ts)", "max(ts) - min(ts)", "distinct(s)", "distinct(s, v)", "distinct(f)",
    "distinct(lower(s))", "distinct(v, d, s)", "sum(v * 2000000000000000000)", "sum(v + j)", "max(abs(f))", "count() - count(v)",
    "coalesce(max(v), -1)", "sum(j) / count()", "first(v)", "last(s)", "first(f)", "last(d)", "approx_distinct(s, v)", "approx_distinct(d)",
    "approx_percentile(v, 50)", "approx_percentile(f, 99)", "approx_percentile(d, 10)", "top(2, s)", "top(3, v)", "top(1, f)", "stddev(v)", "stddev(f)",
    "window_end - window_start", "window_start",
};
/* Of any measure, and of the two counts that every aggregate begins with. */
static const char *const havings[] = {
    "n >= 2", "n < 3", "n == 0", "n > 1 and u > 0", "u >= 2", "u / n > 0.4", "not (n > 2)", "sum(v) > 4", "max(v) is null", "max(v) > 3",
    "distinct(s) >= 2", "count(where v > 2) >= 1", "avg(v) >= 2.0", "min(f) < 1.0",
};
static const char *const conditions[] = {"v >= 1", "s != \"b\"", "v is not null", "not (f > 1.0)", "s in (\"a\", \"B\")"};
static const char *const keys[] = {"", " by k", " by k, j", " by t = lower(s)", " by k, t = v + 1"};
static const char *const outputs[] = {"n", "u", "n + u", "u / n", "sum(v)", "max(f)", "distinct(s)", "n * 2"};

static void write_seconds(cb_writer *w, const char *before, uint32_t seconds)
{
  cb_write_printf(w, "%s%us", before, seconds);
}

typedef enum shape { TUMBLING, SLIDING, SESSION, BY_COUNT, SHAPES } shape;

/* What of an aggregate decides what else it may say. */
typedef struct header {
  shape kind;
  uint32_t length; /* seconds */
  int is_allowed;  /* takes late events */
} header;

static void write_fixed(cb_writer *w, cb_prng *prng, header *h)
{
  static const uint32_t lengths[] = {1, 2, 3, 5, 7, 10, 60};
  h->length = PICK(prng, lengths);
  write_seconds(w, h->kind == SLIDING ? " window sliding " : " window tumbling ", h->length);
  uint32_t every = h->kind == SLIDING ? 1 + cb_prng_below(prng, h->length) : h->length;
  if (h->kind == SLIDING) write_seconds(w, " every ", every);
  if (cb_prng_chance(prng, 30)) write_seconds(w, " offset ", cb_prng_below(prng, 2 * every + 1));
  if (cb_prng_chance(prng, 25)) write_seconds(w, " even empty for ", 1 + cb_prng_below(prng, 3 * h->length));
}

static void write_window(cb_writer *w, cb_prng *prng, header *h)
{
  h->kind = (shape)cb_prng_below(prng, SHAPES);
  if (h->kind == TUMBLING || h->kind == SLIDING) write_fixed(w, prng, h);
  if (h->kind == SESSION) {
    h->length = 1 + cb_prng_below(prng, 6);
    write_seconds(w, " window session gap ", h->length);
    if (cb_prng_chance(prng, 40)) write_seconds(w, " max ", h->length = h->length + cb_prng_below(prng, 9));
  }
  if (h->kind == BY_COUNT) {
    uint32_t events = 1 + cb_prng_below(prng, 6);
    cb_write_printf(w, " window count %u", events);
    if (cb_prng_chance(prng, 60)) cb_write_printf(w, " every %u", 1 + cb_prng_below(prng, events));
    return;
  }
  h->is_allowed &= cb_prng_chance(prng, 50);
  if (h->is_allowed) write_seconds(w, " allowed lateness ", 1 + cb_prng_below(prng, 8));
}

static void write_emit(cb_writer *w, cb_prng *prng, int has_having, int may_be_at_once)
{
  if (cb_prng_chance(prng, 30) && !has_having) return;
  cb_write_text(w, may_be_at_once && has_having && cb_prng_chance(prng, 45) ? "\n  emit at once { n: n" : "\n  emit { n: n");
  for (uint32_t i = cb_prng_below(prng, 3); i > 0; i--) cb_write_printf(w, ", e%u: %s", i, PICK(prng, outputs));
  cb_write_text(w, " }");
}

static int write_aggregate(cb_writer *w, cb_prng *prng, int *takes_late)
{
  int suppresses = 0;
  header h = {.is_allowed = 1};
  cb_write_printf(w, "aggregate w from %s", cb_prng_chance(prng, 20) ? "D" : "A");
  if (cb_prng_chance(prng, 30)) cb_write_printf(w, " where %s", PICK(prng, conditions));
  cb_write_text(w, PICK(prng, keys));
  write_window(w, prng, &h);
  *takes_late = h.is_allowed && h.kind != BY_COUNT;
  cb_write_text(w, " {\n  n: count()\n  u: count(v)");
  for (uint32_t i = 0, count = cb_prng_below(prng, 4); i < count; i++) cb_write_printf(w, "\n  m%u: %s", i, PICK(prng, measures));
  int has_having = cb_prng_chance(prng, 60);
  if (has_having) cb_write_printf(w, "\n  having %s", PICK(prng, havings));
  int is_early = h.length > 1 && cb_prng_chance(prng, 25);
  write_emit(w, prng, has_having, h.kind != BY_COUNT && !is_early);
  if (is_early) write_seconds(w, "\n  early every ", 1 + cb_prng_below(prng, h.length - 1));
  if (cb_prng_chance(prng, 15)) {
    suppresses = 1;
    write_seconds(w, "\n  suppress ", 1 + cb_prng_below(prng, 20));
  }
  cb_write_text(w, "\n}\n");
  return suppresses;
}

/* What reads the aggregate's stream, which all of them have as `n`. */
static void write_reader(cb_writer *w, cb_prng *prng)
{
  static const char *const readers[] = {
      "aggregate r from w window tumbling 10s { c: count()  s: sum(n)  m: max(n)  a: avg(n) }\n",
      "aggregate r from w where n > 1 by n window tumbling 7s even empty for 9s { c: count()  having c < 3  emit at once { c: c } }\n",
      "detect r within 20s { match w as a then w as b where n > a.n emit { d: b.n - a.n } }\n",
  };
  if (cb_prng_chance(prng, 40)) cb_write_text(w, PICK(prng, readers));
}

/* ---- Events -------------------------------------------------------------------------------- */

static cep_value text_of(cb_prng *prng)
{
  static const char *const texts[] = {"a", "b", "A", "B", "c"};
  const char *text = PICK(prng, texts);
  return cb_prng_chance(prng, 10) ? cb_null() : cb_string(text, 1);
}

static void fill(cb_prng *prng, cep_time time, cep_value *values)
{
  static const char *const names[] = {"x", "y", "z"};
  const char *name = PICK(prng, names);
  values[0] = cb_value_i(CEP_TIME, time);
  values[1] = cb_prng_chance(prng, 5) ? cb_null() : cb_string(name, 1);
  values[2] = cb_int((int64_t)cb_prng_below(prng, 2));
  values[3] = cb_prng_chance(prng, 15) ? cb_null() : cb_int((int64_t)cb_prng_below(prng, 7) - 1);
  values[4] = cb_prng_chance(prng, 15) ? cb_null() : cb_float((double)cb_prng_below(prng, 24) / 8.0 - 0.5);
  values[5] = text_of(prng);
  values[6] = cb_prng_chance(prng, 15) ? cb_null() : cb_value_i(CEP_DURATION, (int64_t)cb_prng_below(prng, 5) * SECOND / 2);
}

static cep_time gap(cb_prng *prng)
{
  uint32_t kind = cb_prng_below(prng, 100);
  if (kind < 25) return 0;
  if (kind < 80) return (cep_time)(1 + cb_prng_below(prng, 3)) * SECOND / 2;
  return (cep_time)(kind < 97 ? 1 + cb_prng_below(prng, 8) : 40) * SECOND;
}

static void make_acts(cb_arena *arena, cb_prng *prng, win_case *out)
{
  uint32_t count = 1 + cb_prng_below(prng, EVENTS_MAX), at = 0;
  scn_act *acts = cb_arena_take(arena, (count + 1) * sizeof *acts);
  CB_ASSERT(acts);
  cep_time now = ((cep_time)cb_prng_below(prng, 40) - 20) * SECOND;
  int strays = cb_prng_chance(prng, 35); /* some events come late */
  for (; at < count; at++) {
    cep_value *values = cb_arena_take(arena, FIELDS * sizeof *values);
    CB_ASSERT(values);
    now += gap(prng);
    cep_time time = strays && cb_prng_chance(prng, 20) ? now - (cep_time)cb_prng_below(prng, 10) * SECOND : now;
    fill(prng, time, values);
    acts[at] = (scn_act){.what = SCN_PUSH,
                         .input = cb_prng_below(prng, out->sc.input_count),
                         .stream = "A",
                         .time = time,
                         .position = at,
                         .values = values,
                         .value_count = FIELDS,
                         .tag = at};
  }
  int finishes = cb_prng_chance(prng, 70);
  /* Never to the very end of a window: what is done with its result then waits for the instant to pass. */
  cep_time end = now + (cep_time)cb_prng_below(prng, 30) * SECOND + SECOND / 4;
  acts[at++] = (scn_act){.what = finishes ? SCN_FINISH : SCN_ADVANCE, .input = CEP_NONE, .time = end};
  out->sc.acts = acts;
  out->sc.act_count = at;
}

void win_make(cb_arena *arena, cb_prng *prng, win_case *out)
{
  memset(out, 0, sizeof *out);
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  uint32_t lateness = cb_prng_chance(prng, 40) ? 0 : cb_prng_below(prng, WIN_LATENESS_MAX + 1);
  out->lateness = (cep_time)lateness * SECOND;
  write_seconds(&w, "stream A format json { time ts ns lateness ", lateness);
  cb_write_text(&w, "  k: string?  j: int  v: int?  f: float?  s: string?  d: duration? }\ndefine D = A where v >= 0\n");
  out->suppresses = write_aggregate(&w, prng, &out->takes_late);
  write_reader(&w, prng);
  out->sc.text = cb_arena_text(arena, (const char *)w.data, w.len);
  CB_ASSERT(out->sc.text);
  cb_writer_fini(&w);
  out->inputs[0] = (scn_input){"A", 0};
  out->inputs[1] = (scn_input){"A", 1};
  out->sc.inputs = out->inputs;
  out->sc.input_count = cb_prng_chance(prng, 30) ? 2 : 1;
  make_acts(arena, prng, out);
}

/* Neighbours of one input change places, as long as none of them becomes late. Ties of one
 * input stay in their order: their positions decide it. */
int win_shuffle(cb_arena *arena, const win_case *it, cb_prng *prng, scenario *out)
{
  if (it->lateness == 0 || it->sc.input_count > 1) return 0;
  scn_act *acts = cb_arena_take(arena, it->sc.act_count * sizeof *acts);
  CB_ASSERT(acts);
  memcpy(acts, it->sc.acts, it->sc.act_count * sizeof *acts);
  uint32_t pushes = it->sc.act_count - 1;
  for (uint32_t pass = 0; pass < pushes; pass++) {
    cep_time newest = CEP_TIME_MIN;
    for (uint32_t i = 1; i < pushes; i++) {
      if (acts[i - 1].time > newest) newest = acts[i - 1].time;
      scn_act a = acts[i - 1], b = acts[i];
      cep_time then = b.time > newest ? b.time : newest;
      if (a.time >= b.time || then - a.time > it->lateness || !cb_prng_chance(prng, 40)) continue;
      acts[i - 1] = b;
      acts[i] = a;
      newest = then;
    }
  }
  for (uint32_t i = 0; i < pushes; i++) acts[i].position = i;
  *out = it->sc;
  out->acts = acts;
  return 1;
}
