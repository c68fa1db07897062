/* joins_make.c - random joins as text, and events that find partners, or none. */
#include <string.h>

#include "cep/base/bytes.h"
#include "tests/conformance/windows.h"

#define SECOND ((cep_time)1000000000)
#define EVENTS_MAX 40u
#define ROWS_MAX 8u
#define FIELDS 5u /* ts k j v s */

#define PICK(prng, table) (table)[cb_prng_below(prng, sizeof(table) / sizeof *(table))]

/* ---- Text -------------------------------------------------------------------------------- */

static const char *const sides[] = {"A", "A", "A", "B", "B", "B", "D", "e"};
static const char *const keys[] = {" by k", " by k", " by k", " by k, j", " by q = lower(k)", " by q = a.k = b.s", " by q = a.j = b.j + 1", " by j"};
static const char *const conditions[] = {
    "a.v < b.v", "a.v >= b.v", "b.v is null", "a.s == b.s", "a.s != b.s", "b.ts - a.ts >= 0s", "a.v + b.v > 3", "a.v > 1", "b.j == 0 or a.j == 1",
    "coalesce(a.v, 0) != coalesce(b.v, 0)", "t[a.k].v > b.v", "b.v in t.v", "a.v not in t.v",
};
static const char *const outputs[] = {"a.s", "b.s", "b.ts - a.ts", "a.v * b.v", "b.v is null", "a.s == b.s", "t[a.k].v", "t[b.s].since", "b.v in t.v"};
static const char *const readers[] = {
    "aggregate r from w window tumbling 10s { c: count()  s: sum(n) }\n",
    "detect r within 20s { match w as x then w as y where n > x.n emit { d: y.n - x.n } }\n",
    "join r from w as x, A as y by g = x.n = y.v within 4s left { where x.n > 0  emit { n: x.n, v: y.v } }\n",
    "join r from A as x, w as y by g = x.v = y.n window sliding 6s every 3s full { emit { v: x.v, n: y.n, at: window_start } }\n",
};

static void write_seconds(cb_writer *w, const char *before, uint32_t seconds)
{
  cb_write_printf(w, "%s%us", before, seconds);
}

static void write_reach(cb_writer *w, cb_prng *prng, int *has_window)
{
  static const uint32_t lengths[] = {1, 2, 3, 5, 7, 10};
  uint32_t length = PICK(prng, lengths), every = 1 + cb_prng_below(prng, length), kind = cb_prng_below(prng, 4);
  *has_window = kind >= 2;
  if (!*has_window) {
    write_seconds(w, " within ", length);
    return;
  }
  write_seconds(w, kind == 2 ? " window tumbling " : " window sliding ", length);
  if (kind == 2) every = length;
  else write_seconds(w, " every ", every);
  if (cb_prng_chance(prng, 30)) write_seconds(w, " offset ", cb_prng_below(prng, every));
}

static void write_emit(cb_writer *w, cb_prng *prng, int has_window)
{
  cb_write_text(w, "\n  emit { n: coalesce(a.v, 0) + coalesce(b.v, 0)");
  for (uint32_t i = cb_prng_below(prng, 4); i > 0; i--) cb_write_printf(w, ", e%u: %s", i, PICK(prng, outputs));
  if (has_window && cb_prng_chance(prng, 50)) cb_write_text(w, ", from_: window_start, to_: window_end");
  cb_write_text(w, " }");
}

/* 1: ids have a part in what comes out: they put events of detections of one instant in order, and what is suppressed. */
static int write_join(cb_writer *w, cb_prng *prng)
{
  static const char *const kinds[] = {"", " inner", " left", " left", " full", " full"};
  int has_window, suppresses = cb_prng_chance(prng, 12);
  const char *first = PICK(prng, sides), *second = PICK(prng, sides);
  cb_write_printf(w, "join w from %s as a, %s as b%s", first, second, PICK(prng, keys));
  write_reach(w, prng, &has_window);
  cb_write_printf(w, "%s {", PICK(prng, kinds));
  if (cb_prng_chance(prng, 60)) cb_write_printf(w, "\n  where %s", PICK(prng, conditions));
  write_emit(w, prng, has_window);
  if (suppresses) write_seconds(w, "\n  suppress ", 1 + cb_prng_below(prng, 10));
  cb_write_text(w, "\n}\n");
  int is_read = cb_prng_chance(prng, 40);
  if (is_read) cb_write_text(w, PICK(prng, readers));
  return suppresses || is_read || *first == 'e' || *second == 'e';
}

static void write_text(cb_writer *w, cb_prng *prng, win_case *out)
{
  static const char fields[] = "  k: string?  j: int  v: int?  s: string?";
  int is_one = cb_prng_chance(prng, 50); /* both streams of one input */
  uint32_t lateness = cb_prng_chance(prng, 40) ? 0 : cb_prng_below(prng, WIN_LATENESS_MAX + 1);
  out->lateness = (cep_time)lateness * SECOND;
  cb_write_text(w, "table t from file \"t.csv\" format csv key k as of since { k: string  since: time  v: int? }\n");
  if (is_one) {
    cb_write_printf(w, "input A_B from stdin format json { time ts ns lateness %us%s }\nstream A from A_B where j == 0 { }\nstream B from A_B where j == 1 { }\n", lateness, fields);
  } else {
    cb_write_printf(w, "stream A format json { time ts ns lateness %us%s }\nstream B format json { time ts ns lateness %us%s }\n", lateness, fields, lateness, fields);
  }
  cb_write_text(w, "define D = A where v >= 0\n"
                   "detect e by k within 3s { match A as x where v > 1 emit { ts: x.ts, j: x.j, v: x.v, s: x.s } }\n");
  out->suppresses = write_join(w, prng);
  out->inputs[0] = (scn_input){is_one ? "A_B" : "A", 0};
  out->inputs[1] = (scn_input){is_one ? "A_B" : "B", is_one ? 1 : 0};
  out->sc.input_count = is_one && cb_prng_chance(prng, 60) ? 1 : 2;
}

/* ---- Events -------------------------------------------------------------------------------- */

static cep_value text_of(cb_prng *prng, uint32_t nulls)
{
  static const char *const texts[] = {"a", "b", "A"};
  const char *text = PICK(prng, texts);
  return cb_prng_chance(prng, nulls) ? cb_null() : cb_string(text, 1);
}

static void fill(cb_prng *prng, cep_time time, cep_value *values)
{
  values[0] = cb_value_i(CEP_TIME, time);
  values[1] = text_of(prng, 5);
  values[2] = cb_int((int64_t)cb_prng_below(prng, 2));
  values[3] = cb_prng_chance(prng, 15) ? cb_null() : cb_int((int64_t)cb_prng_below(prng, 5) - 1);
  values[4] = text_of(prng, 10);
}

static cep_time gap(cb_prng *prng)
{
  uint32_t kind = cb_prng_below(prng, 100);
  if (kind < 30) return 0;
  if (kind < 85) return (cep_time)(1 + cb_prng_below(prng, 3)) * SECOND / 2;
  return (cep_time)(kind < 97 ? 1 + cb_prng_below(prng, 8) : 40) * SECOND;
}

static void *take(cb_arena *arena, size_t size)
{
  void *p = cb_arena_take(arena, size);
  CB_ASSERT(p);
  return p;
}

static void make_acts(cb_arena *arena, cb_prng *prng, win_case *out, cep_time now)
{
  uint32_t count = 1 + cb_prng_below(prng, EVENTS_MAX), at = 0;
  scn_act *acts = take(arena, (count + 1) * sizeof *acts);
  int strays = cb_prng_chance(prng, 20), is_one = strcmp(out->inputs[0].name, "A") != 0; /* some events come late */
  for (; at < count; at++) {
    cep_value *values = take(arena, FIELDS * sizeof *values);
    now += gap(prng);
    cep_time time = strays && cb_prng_chance(prng, 20) ? now - (cep_time)cb_prng_below(prng, 10) * SECOND : now;
    fill(prng, time, values);
    uint32_t input = cb_prng_below(prng, out->sc.input_count), second = is_one ? cb_prng_below(prng, 2) : input;
    acts[at] = (scn_act){.what = SCN_PUSH,
                         .input = input,
                         .stream = second ? "B" : "A",
                         .time = time,
                         .position = at,
                         .values = values,
                         .value_count = FIELDS,
                         .tag = at};
  }
  int finishes = cb_prng_chance(prng, 70);
  /* Never to the very end of a window: what is done with its result then waits for the instant to pass. */
  cep_time end = now + (cep_time)cb_prng_below(prng, 20) * SECOND + SECOND / 4;
  acts[at++] = (scn_act){.what = finishes ? SCN_FINISH : SCN_ADVANCE, .input = CEP_NONE, .time = end};
  out->sc.acts = acts;
  out->sc.act_count = at;
}

static void make_rows(cb_arena *arena, cb_prng *prng, win_case *out, cep_time now)
{
  uint32_t count = cb_prng_below(prng, ROWS_MAX + 1);
  scn_row *rows = take(arena, (count + 1) * sizeof *rows);
  for (uint32_t i = 0; i < count; i++) {
    cep_value *values = take(arena, 3 * sizeof *values);
    values[0] = text_of(prng, 0);
    values[1] = cb_value_i(CEP_TIME, now + (cep_time)cb_prng_below(prng, 40) * SECOND / 2);
    values[2] = cb_prng_chance(prng, 15) ? cb_null() : cb_int((int64_t)cb_prng_below(prng, 4) - 1);
    rows[i] = (scn_row){0, values};
  }
  out->sc.rows = rows;
  out->sc.row_count = count;
}

void join_make(cb_arena *arena, cb_prng *prng, win_case *out)
{
  memset(out, 0, sizeof *out);
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  write_text(&w, prng, out);
  out->sc.text = cb_arena_text(arena, (const char *)w.data, w.len);
  CB_ASSERT(out->sc.text);
  cb_writer_fini(&w);
  out->sc.inputs = out->inputs;
  cep_time now = ((cep_time)cb_prng_below(prng, 40) - 20) * SECOND;
  make_acts(arena, prng, out, now);
  make_rows(arena, prng, out, now);
}
