/* analysis_make.c - random conditions over few values, in detections that put them everywhere. */
#include <string.h>

#include "cep/base/bytes.h"
#include "tests/conformance/analysis.h"
#include "tests/support/scenario_parts.h"

#define SECOND ((cep_time)1000000000)
#define EVENTS 40u
#define FIELDS 7u /* ts v w f s g b */

#define PICK(prng, table) (table)[cb_prng_below(prng, sizeof(table) / sizeof *(table))]

/* ---- Conditions ------------------------------------------------------------------------------- */

static const char *const compares[] = {"==", "!=", "<", "<=", ">", ">="};

static const char *const atoms[] = {
    "v in (1, 2)", "v not in (0, 1)", "w in (2, 3)", "w not in (1, 2, 3)", "w is null", "w is not null", "w == v", "v < w", "w <= v", "v + 1 > 2",
    "s == \"x\"", "s != \"x\"", "s in (\"x\", \"ab\")", "s like \"a%\"", "s like \"ab%\"", "s like \"x\"", "s starts with \"a\"", "g == \"x\"", "g != \"ab\"",
    "g is null", "g is not null", "g in (\"x\", \"y\")", "s < \"b\"", "s >= \"ab\"", "b", "not b", "b == true", "f != f", "f == f", "coalesce(w, 1) > 1",
    "coalesce(w, v) == v", "if(b, 1, 2) == 3", "v % 2 == 0", "w % 2 == 1", "abs(v) >= 0", "length(s) > 1", "f in (0.5, 1.5)", "v is null",
};

static void write_atom(cb_writer *w, cb_prng *prng, int has_a)
{
  static const char *const numbers[] = {"v", "v", "w", "w", "f"};
  if (has_a && cb_prng_chance(prng, 25)) {
    cb_write_printf(w, "v %s a.v", PICK(prng, compares));
  } else if (cb_prng_chance(prng, 55)) {
    cb_write_printf(w, "%s %s %u", PICK(prng, numbers), PICK(prng, compares), cb_prng_below(prng, 4));
  } else {
    cb_write_text(w, PICK(prng, atoms));
  }
}

static void write_condition(cb_writer *w, cb_prng *prng, uint32_t depth, int has_a)
{
  uint32_t what = depth == 0 ? 9 : cb_prng_below(prng, 8);
  if (what == 0) {
    cb_write_text(w, "not (");
    write_condition(w, prng, depth - 1, has_a);
    cb_write_text(w, ")");
  } else if (what < 6) {
    const char *word = what < 4 ? " and " : " or ";
    for (uint32_t i = 0, count = 2 + cb_prng_below(prng, 2); i < count; i++) {
      cb_write_text(w, i > 0 ? word : "");
      cb_write_text(w, "(");
      write_condition(w, prng, depth - 1, has_a);
      cb_write_text(w, ")");
    }
  } else {
    write_atom(w, prng, has_a);
  }
}

static void write_where(cb_writer *w, cb_prng *prng, int has_a)
{
  if (cb_prng_chance(prng, 20)) return;
  cb_write_text(w, " where ");
  write_condition(w, prng, cb_prng_below(prng, 4), has_a);
}

/* ---- Detections -------------------------------------------------------------------------------- */

static void write_step(cb_writer *w, cb_prng *prng, const char *name, int has_a)
{
  static const char *const counts[] = {"", "", "", "", "2 ", "2 distinct(v) ", "3 distinct(b) ", "4 distinct(b, w) "};
  const char *count = name[0] == 'a' ? "" : PICK(prng, counts);
  cb_write_printf(w, "%s%s as %s", count, cb_prng_chance(prng, 40) ? "D" : "A", name);
  write_where(w, prng, has_a);
}

static void write_no(cb_writer *w, cb_prng *prng)
{
  cb_write_printf(w, " then %sno %s", cb_prng_chance(prng, 40) ? "immediately " : "", cb_prng_chance(prng, 40) ? "D" : "A");
  write_where(w, prng, 0);
}

static void write_pattern(cb_writer *w, cb_prng *prng)
{
  static const char *const hops[] = {" then ", " then ", " then immediately ", " then any "};
  uint32_t steps = 1 + cb_prng_below(prng, 3);
  write_step(w, prng, "a", 0);
  for (uint32_t i = 1; i < steps; i++) {
    static const char *const names[] = {"", "x", "y"};
    int has_no = cb_prng_chance(prng, 30);
    if (has_no) write_no(w, prng);
    const char *hop = PICK(prng, hops);
    if (has_no && cb_prng_chance(prng, 60)) hop = " then ";
    cb_write_text(w, hop);
    if (cb_prng_chance(prng, 15)) cb_write_text(w, "optional ");
    write_step(w, prng, names[i], 1);
  }
}

static void write_detection(cb_writer *w, cb_prng *prng, char name)
{
  static const char *const spans[] = {"10s", "30s", "2 events", "3 events", "20 events"};
  static const char *const ends[] = {"", "", " after match no skip"};
  cb_write_printf(w, "detect %c within %s { match ", name, PICK(prng, spans));
  write_pattern(w, prng);
  if (cb_prng_chance(prng, 15)) {
    static const char *const lefts[] = {"a.v", "count(a)", "a.w"};
    cb_write_printf(w, " having %s %s %u", PICK(prng, lefts), PICK(prng, compares), cb_prng_below(prng, 4));
    if (cb_prng_chance(prng, 50)) cb_write_printf(w, " and a.v %s %u", PICK(prng, compares), cb_prng_below(prng, 4));
  }
  cb_write_printf(w, "%s limit 50 matches emit { v: a.v } }\n", PICK(prng, ends));
}

/* Two that may find the same, or the one more than the other. */
static void write_pair(cb_writer *w, cb_prng *prng)
{
  cb_prng again = *prng;
  const char *role = cb_prng_chance(prng, 40) ? "D" : "A";
  int narrow = cb_prng_chance(prng, 70);
  for (char name = 'p'; name <= 'q'; name++) {
    cb_prng same = again;
    cb_write_printf(w, "detect %c within 30s { match %s as a where (", name, role);
    write_condition(w, &same, 1, 0);
    cb_write_text(w, ")");
    if (narrow && name == 'p') {
      cb_write_text(w, " and ");
      write_atom(w, prng, 0);
    }
    cb_write_text(w, " emit { v: a.v } }\n");
  }
}

static const char *make_text(cb_arena *arena, cb_prng *prng)
{
  cb_writer w;
  cb_writer_init(&w, arena->alloc);
  cb_write_text(&w, "stream A { time ts ns  v: int  w: int?  f: float  s: string  g: string?  b: bool }\ndefine D = A where ");
  write_condition(&w, prng, cb_prng_below(prng, 4), 0);
  cb_write_text(&w, "\n");
  if (cb_prng_chance(prng, 15)) write_pair(&w, prng);
  else write_detection(&w, prng, 'p');
  const char *text = cb_arena_text(arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return text;
}

/* ---- Events -------------------------------------------------------------------------------------- */

static const cep_value *make_event(cb_arena *arena, cb_prng *prng, cep_time time)
{
  static const char *const texts[] = {"", "x", "y", "a", "ab", "abc", "b"};
  static const double floats[] = {0, 0.5, 1, 1.5, 2, 3, 4, -1};
  cep_value *values = scn_take(arena, FIELDS * sizeof *values);
  const char *s = PICK(prng, texts), *g = PICK(prng, texts);
  values[0] = cb_value_i(CEP_TIME, time);
  values[1] = cb_int((int64_t)cb_prng_below(prng, 7) - 1);
  values[2] = cb_prng_chance(prng, 25) ? cb_null() : cb_int((int64_t)cb_prng_below(prng, 7) - 1);
  values[3] = cb_float(PICK(prng, floats));
  values[4] = cb_string(s, (uint32_t)strlen(s));
  values[5] = cb_prng_chance(prng, 25) ? cb_null() : cb_string(g, (uint32_t)strlen(g));
  values[6] = cb_bool(cb_prng_chance(prng, 50));
  return values;
}

void ana_make(cb_arena *arena, cb_prng *prng, scenario *out)
{
  scn_input *input = scn_take(arena, sizeof *input);
  scn_act *acts = scn_take(arena, (EVENTS + 1) * sizeof *acts);
  memset(out, 0, sizeof *out);
  *input = (scn_input){"A", 0};
  for (uint32_t i = 0; i < EVENTS; i++) {
    cep_time time = (cep_time)i * SECOND;
    acts[i] = (scn_act){SCN_PUSH, 0, "A", time, i, make_event(arena, prng, time), FIELDS, i};
  }
  acts[EVENTS] = (scn_act){SCN_FINISH, CEP_NONE, NULL, 0, 0, NULL, 0, 0};
  out->text = make_text(arena, prng);
  out->inputs = input;
  out->input_count = 1;
  out->acts = acts;
  out->act_count = EVENTS + 1;
}
