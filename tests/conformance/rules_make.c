/* rules_make.c - random rules as text, and events whose values are theirs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cep/base/bytes.h"
#include "tests/conformance/rules.h"

#define SECOND ((cep_time)1000000000)
#define EVENTS_MAX 40u
#define FIELDS 6u /* ts k j f s b */
#define TEXT_MAX 24u

#define PICK(prng, table) (table)[cb_prng_below(prng, sizeof(table) / sizeof *(table))]

/* ---- Texts and expressions ------------------------------------------------------------------ */

/* Few letters, in both cases; those that have partners beyond ASCII, and these. */
static const char *const letters[] = {"a", "b", "c", "a", "b", "A", "B", "k", "s", "K", "S", "\xE2\x84\xAA", "\xC5\xBF", "\xC3\xA9", "1", "."};

uint32_t rul_write_text(cb_prng *prng, char *out, uint32_t most)
{
  uint32_t len = 0, count = cb_prng_below(prng, 9);
  for (uint32_t i = 0; i < count; i++) {
    const char *letter = PICK(prng, letters);
    if (len + strlen(letter) > most) break;
    memcpy(out + len, letter, strlen(letter));
    len += (uint32_t)strlen(letter);
  }
  return len;
}

static void write_part(cb_writer *w, cb_prng *prng, uint32_t least)
{
  uint32_t count = least + cb_prng_below(prng, 4);
  for (uint32_t i = 0; i < count; i++) cb_write_text(w, PICK(prng, letters));
}

/* 1: it has the one name that there may be. */
static int write_item(cb_writer *w, cb_prng *prng, uint32_t depth)
{
  static const char *const classes[] = {"[ab]", "[^a]", "[[:alpha:]]", "[]a]", "[a\\]b]", ".", "\\d", "\\w", "\\.", "\\(", "\\S", "[(|]"};
  uint32_t kind = cb_prng_below(prng, depth > 1 ? 5 : 7);
  if (kind < 3) {
    const char *letter = PICK(prng, letters);
    cb_write_text(w, letter[0] == '.' ? "\\." : letter);
  } else if (kind < 5) {
    cb_write_text(w, PICK(prng, classes));
  } else {
    static const char *const heads[] = {"(", "(?:", "(?=", "(?!", "(?>", "(?<n>", "((?i)"};
    uint32_t head = cb_prng_below(prng, depth > 0 ? 5 : 7);
    cb_write_text(w, heads[head]);
    for (uint32_t i = cb_prng_below(prng, 3) + 1; i > 0; i--) {
      (void)write_item(w, prng, depth + 2);
      if (i > 1 && cb_prng_chance(prng, 40)) cb_write_u8(w, '|');
    }
    cb_write_u8(w, ')');
    return head == 5;
  }
  return 0;
}

void rul_write_regex(cb_writer *w, cb_prng *prng)
{
  static const char *const counts[] = {"?", "*", "+", "{2}", "{0}", "{0,2}", "{1,}", "??", "*+", "+?", "{1,2}?"};
  if (cb_prng_chance(prng, 30)) cb_write_text(w, "(?i)");
  if (cb_prng_chance(prng, 10)) cb_write_text(w, "^");
  int has_name = 0;
  for (uint32_t i = cb_prng_below(prng, 6) + 1; i > 0; i--) {
    has_name |= write_item(w, prng, has_name ? 1 : 0);
    if (cb_prng_chance(prng, 25)) cb_write_text(w, PICK(prng, counts));
    if (cb_prng_chance(prng, 5) && i > 1) cb_write_text(w, "|");
    if (cb_prng_chance(prng, 4)) cb_write_text(w, "\\Qa.\\E");
    if (cb_prng_chance(prng, 4)) cb_write_text(w, "\\x61");
  }
  if (cb_prng_chance(prng, 10)) cb_write_text(w, "$");
}

/* In quotes: what has a meaning there is escaped. */
static void write_quoted(cb_writer *w, const cb_writer *bare)
{
  cb_write_u8(w, '"');
  for (size_t i = 0; i < bare->len; i++) {
    if (bare->data[i] == '\\' || bare->data[i] == '"') cb_write_u8(w, '\\');
    cb_write_u8(w, bare->data[i]);
  }
  cb_write_u8(w, '"');
}

/* ---- Conditions ----------------------------------------------------------------------------- */

static const char *const signs[] = {" == ", " == ", " == ", " != ", " < ", " <= ", " > ", " >= "};
static const char *const floats[] = {"0.0", "-0.0", "1.5", "-1.5", "2.0", "1e300"};

static void write_number_test(cb_writer *w, cb_prng *prng)
{
  const char *sign = PICK(prng, signs);
  uint32_t value = cb_prng_below(prng, 60);
  switch (cb_prng_below(prng, 8)) {
  case 0: cb_write_printf(w, "f%s%s", sign, PICK(prng, floats)); return;
  case 1: cb_write_printf(w, "f%s%u", sign, value % 4); return;
  case 2: cb_write_printf(w, "%u%sk", value, sign); return;
  case 3: cb_write_printf(w, "k in (%u, %u, %u)", value, value / 2, value % 7); return;
  case 4: cb_write_printf(w, "k not in (%u, %u)", value, value / 2); return;
  case 5: cb_write_printf(w, "j%s%u", sign, value % 5); return;
  case 6: cb_write_printf(w, "k + j%s%u", sign, value); return;
  default: cb_write_printf(w, "k%s%u", sign, value); return;
  }
}

static void write_text_test(cb_writer *w, cb_prng *prng, cb_writer *bare)
{
  static const char *const tests[] = {" contains ", " starts with ", " ends with ", " icontains ", " istarts with ", " iends with ", " == ", " != ", " < "};
  cb_writer_reset(bare);
  uint32_t kind = cb_prng_below(prng, 10);
  if (kind < 5) {
    const char *test = PICK(prng, tests);
    write_part(bare, prng, cb_prng_chance(prng, 90) ? 1 : 0);
    cb_write_printf(w, "s%s", test);
  } else if (kind < 7) {
    if (cb_prng_chance(prng, 70)) cb_write_u8(bare, '%');
    write_part(bare, prng, 0);
    if (cb_prng_chance(prng, 40)) cb_write_text(bare, cb_prng_chance(prng, 50) ? "_" : "\\%");
    write_part(bare, prng, 0);
    if (cb_prng_chance(prng, 70)) cb_write_u8(bare, '%');
    cb_write_text(w, cb_prng_chance(prng, 50) ? "s like " : "s ilike ");
  } else if (kind < 9) {
    rul_write_regex(bare, prng);
    cb_write_text(w, cb_prng_chance(prng, 80) ? "s ~ " : "s !~ ");
  } else {
    write_part(bare, prng, 0);
    cb_write_text(w, "lower(s) == ");
  }
  write_quoted(w, bare);
}

static void write_cond(cb_writer *w, cb_prng *prng, cb_writer *bare, uint32_t depth)
{
  static const char *const others[] = {"b", "not b", "b == true", "k is null", "s is not null", "f is null", "true"};
  uint32_t kind = cb_prng_below(prng, depth > 2 ? 6 : 10);
  if (kind < 3) {
    write_number_test(w, prng);
  } else if (kind < 5) {
    write_text_test(w, prng, bare);
  } else if (kind == 5) {
    cb_write_text(w, PICK(prng, others));
  } else {
    uint32_t parts = 2 + cb_prng_below(prng, 2);
    const char *join = kind < 9 ? " and " : " or ";
    if (cb_prng_chance(prng, 10)) cb_write_text(w, "not ");
    cb_write_u8(w, '(');
    for (uint32_t i = 0; i < parts; i++) {
      if (i > 0) cb_write_text(w, join);
      write_cond(w, prng, bare, depth + 1);
    }
    cb_write_u8(w, ')');
  }
}

/* ---- Rules ---------------------------------------------------------------------------------- */

static void write_rule(cb_writer *w, cb_prng *prng, cb_writer *bare, uint32_t number)
{
  static const char *const keys[] = {"", "", " by k", " by k", " by s", " by j", " by n = k + j", " by k, b", " by n = A.k = Big.j", " by n = A.j = Big.j"};
  static const char *const joins[] = {"\n  then ", "\n  then ", "\n  then ", "\n  then immediately ", "\n  then any "};
  uint32_t steps = 1 + cb_prng_below(prng, 3);
  uint32_t key = cb_prng_below(prng, sizeof keys / sizeof *keys);
  int is_two = key >= 8;
  cb_write_printf(w, "detect r%u%s within %us {\n  match ", number, keys[key], 2 + cb_prng_below(prng, 20));
  for (uint32_t i = 0; i < (is_two ? 2 : steps); i++) {
    if (i > 0) cb_write_text(w, PICK(prng, joins));
    cb_write_printf(w, "%s as x%u", is_two ? (i == 0 ? "A" : "Big") : cb_prng_chance(prng, 10) ? "Big" : "A", i);
    if (cb_prng_chance(prng, 97)) {
      cb_write_text(w, " where ");
      write_cond(w, prng, bare, 0);
    }
  }
  cb_write_text(w, cb_prng_chance(prng, 50) ? "\n  after match skip to next limit 5 matches" : "");
  cb_write_text(w, "\n  emit { t: x0.ts }\n}\n");
}

/* ---- Events --------------------------------------------------------------------------------- */

static cep_value float_of(cb_prng *prng)
{
  static const double values[] = {0.0, -0.0, 1.5, -1.5, 2.0, 1.0, 1e300, 3.0};
  return cb_prng_chance(prng, 15) ? cb_float(NAN) : cb_float(PICK(prng, values));
}

static void make_event(cb_arena *arena, cb_prng *prng, cep_time time, uint32_t number, scn_act *act)
{
  cep_value *values = cb_arena_take(arena, FIELDS * sizeof *values);
  char *text = cb_arena_take(arena, TEXT_MAX);
  if (!values || !text) abort();
  values[0] = cb_value_i(CEP_TIME, time);
  values[1] = cb_int(cb_prng_below(prng, 60));
  values[2] = cb_int(cb_prng_below(prng, 5));
  values[3] = float_of(prng);
  uint32_t len = rul_write_text(prng, text, TEXT_MAX);
  values[4] = cb_string(text, len);
  values[5] = cb_bool(cb_prng_chance(prng, 50));
  for (uint32_t i = 1; i < FIELDS; i++) {
    if (cb_prng_chance(prng, 10)) values[i] = cb_null();
  }
  *act = (scn_act){.what = SCN_PUSH, .stream = "A", .time = time, .position = number, .values = values, .value_count = FIELDS, .tag = number};
}

void rul_make(cb_arena *arena, cb_prng *prng, rul_case *out)
{
  static const char head[] = "input In from file \"x\" format json { time ts s  lateness 3s }\n"
                             "stream A from In { k: int?  j: int?  f: float?  s: string?  b: bool? }\n"
                             "define Big = A where k > 20\n";
  memset(out, 0, sizeof *out);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer w, bare;
  cb_writer_init(&w, &alloc);
  cb_writer_init(&bare, &alloc);
  cb_write_text(&w, head);
  out->rule_count = cb_prng_chance(prng, 30) ? 1 + cb_prng_below(prng, 20) : 20 + cb_prng_below(prng, 200);
  for (uint32_t i = 0; i < out->rule_count; i++) write_rule(&w, prng, &bare, i);
  cb_write_u8(&w, 0);
  char *text = cb_arena_take(arena, w.len);
  uint32_t events = 5 + cb_prng_below(prng, EVENTS_MAX - 5);
  scn_act *acts = cb_arena_take(arena, (events + 1) * sizeof *acts);
  if (!text || !acts || w.status < 0) abort();
  memcpy(text, w.data, w.len);
  cb_writer_fini(&w);
  cb_writer_fini(&bare);
  cep_time time = 100 * SECOND;
  for (uint32_t i = 0; i < events; i++) {
    time += (cep_time)cb_prng_below(prng, 4) * SECOND;
    make_event(arena, prng, time - (cep_time)cb_prng_below(prng, 3) * SECOND, i, &acts[i]);
  }
  acts[events] = (scn_act){.what = SCN_FINISH};
  out->input = (scn_input){"In", 0};
  out->sc = (scenario){.text = text, .inputs = &out->input, .input_count = 1, .acts = acts, .act_count = events + 1};
}
