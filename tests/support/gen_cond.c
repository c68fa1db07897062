/* gen_cond.c - random conditions on the event and on what was captured, and random outputs. */
#include <stdio.h>
#include <string.h>

#include "tests/support/gen_parts.h"

typedef struct form {
  const char *text; /* %c a letter, %d a small number; at most one of each, the letter first */
  gen_set constructs;
} form;

/* On the event alone; for streams A and B. */
static const form local_forms[] = {
    {"v >= %d", 0},
    {"v < %d", 0},
    {"v != %d", 0},
    {"s in (\"%c\", \"b\")", GEN_BIT(IN)},
    {"v in (%d, 2, j)", GEN_BIT(IN)},
    {"s not in (\"%c\")", GEN_BIT(IN)},
    {"s != \"%c\"", 0},
    {"s like \"%c%%\"", GEN_BIT(LIKE)},
    {"s ilike \"_%c\" or v < 4", GEN_BIT(LIKE)},
    {"s ~ \"^[%cb]\"", GEN_BIT(REGEX)},
    {"s ~ \"%c\"", GEN_BIT(REGEX)},
    {"not (s ~ \"b|%c$\")", GEN_BIT(REGEX)},
    {"s starts with \"%c\"", GEN_BIT(PART)},
    {"s ends with \"x\" or v >= %d", GEN_BIT(PART)},
    {"s contains \"%c\"", GEN_BIT(PART)},
    {"v is null", GEN_BIT(NULLS)},
    {"v is not null", GEN_BIT(NULLS)},
    {"coalesce(v, 3) >= %d", GEN_BIT(NULLS)},
    {"not (s == \"%c\" and v > 1)", 0},
    {"not (v > %d)", 0},
    {"v between 1 and %d", 0},
    {"v + j > %d", GEN_BIT(ARITHMETIC)},
    {"v * 2 - j < %d", GEN_BIT(ARITHMETIC)},
    {"v div 2 == %d", GEN_BIT(ARITHMETIC)},
    {"v %% 2 == 1", GEN_BIT(ARITHMETIC)},
    {"v / 2 > 0.5", GEN_BIT(ARITHMETIC)},
    {"lower(s) == \"%c\"", GEN_BIT(FN_TEXT)},
    {"index_of(s, \"%c\") == 0", GEN_BIT(FN_TEXT)},
    {"replace(s, \"%c\", \"xy\") == \"xy\"", GEN_BIT(FN_TEXT)},
    {"rpad(lpad(substring(s, 0, 1), 3, \"ab\"), 4) contains \"%c\"", GEN_BIT(FN_TEXT)},
    {"right(repeat(s, j), 1) == left(s, 1)", GEN_BIT(FN_TEXT)},
    {"least(v, j, 2) < %d", GEN_BIT(FN_NUMBER)},
    {"clamp(v, 1, 3) == greatest(j, 2)", GEN_BIT(FN_NUMBER)},
    {"bit_and(v, 1) == bit_xor(j, %d)", GEN_BIT(FN_NUMBER)},
    {"sign(v - j) >= 0", GEN_BIT(FN_NUMBER)},
    {"second(ts) %% 2 == 0", GEN_BIT(FN_TIME)},
    {"epoch_s(ts) > %d and weekday(ts) == 4", GEN_BIT(FN_TIME)},
    {"length(s) == 1", GEN_BIT(FN_TEXT)},
    {"s in T.k", GEN_BIT(TABLE)},
    {"s not in T.k", GEN_BIT(TABLE)},
    {"T[s].u > %d", GEN_BIT(TABLE)},
    {"coalesce(T[s].u, 2) != v", GEN_BIT(TABLE) | GEN_BIT(NULLS)},
    {"split(concat(s, \"-\", \"%c\"), \"-\", 1) == s", GEN_BIT(FN_TEXT)},
    {"levenshtein(s, \"%c\") == 0", GEN_BIT(FN_TEXT)},
    {"regex_count(concat(s, s), \"[%cb]\") == 2", GEN_BIT(FN_REGEX)},
    {"regex_extract(s, \"(%c)|b\") is null", GEN_BIT(FN_REGEX) | GEN_BIT(NULLS)},
    {"regex_replace(s, \"[%cb]\", \"<$0>\") starts with \"<\"", GEN_BIT(FN_REGEX)},
    {"minute(ts, \"Asia/Kolkata\") == 30 and v >= %d", GEN_BIT(FN_TIME)},
    {"trunc(ts, 2s) == ts", GEN_BIT(FN_TIME)},
    {"format_time(ts, \"%%S\") ends with \"0\" or v > %d", GEN_BIT(FN_TIME)},
    {"round(v / 2) >= %d", GEN_BIT(FN_NUMBER)},
    {"sqrt(v) > 1.%d", GEN_BIT(FN_NUMBER)},
    {"int(string(v)) > %d", GEN_BIT(FN_CONVERT)},
    {"bool(j) or v > %d", GEN_BIT(FN_CONVERT)},
    {"bucket(s, 2) == 0", GEN_BIT(FN_HASH)},
    {"hash(v, s) %% 2 == 0", GEN_BIT(FN_HASH) | GEN_BIT(ARITHMETIC)},
    {"json_int(concat(\"[1,\", string(v), \"]\"), \"[1]\") >= %d", GEN_BIT(FN_JSON)},
    {"json_length(concat(\"{\\\"k\\\":[\", string(j), \"]}\"), \"k\") == 1", GEN_BIT(FN_JSON)},
    {"(s == \"%c\" or v == 2 or j == 1)", 0},
    {"case when v is null then j when s == \"%c\" then 4 else v end >= 2", GEN_BIT(CASE) | GEN_BIT(NULLS)},
    {"if(s == \"%c\", v, j) < %d", GEN_BIT(CASE)},
    {"coalesce(nullif(v, %d), 9) > 2", GEN_BIT(CASE) | GEN_BIT(NULLS)},
};
/* Of stream A and its define only. */
static const form local_a_forms[] = {
    {"f < 1.%d", 0},
    {"f >= 0.5", 0},
    {"floor(f) == ceil(f)", GEN_BIT(FN_NUMBER)},
    {"is_private(ip)", GEN_BIT(FN_ADDRESS)},
    {"is_v6(ip)", GEN_BIT(FN_ADDRESS)},
    {"net(ip, 8) == ip(\"10.0.0.0\")", GEN_BIT(FN_ADDRESS)},
    {"ip in cidr \"10.0.0.0/8\"", GEN_BIT(CIDR)},
    {"ip not in cidr (\"10.1.0.0/16\", \"::1\")", GEN_BIT(CIDR)},
};

/* With %s the step: of one event (its field read by name), or a loop. */
static const form single_forms[] = {
    {"v > %s.v", GEN_BIT(CAPTURED)},
    {"v == %s.v", GEN_BIT(CAPTURED)},
    {"v != %s.v", GEN_BIT(CAPTURED)},
    {"s == %s.s", GEN_BIT(CAPTURED)},
    {"not (s == %s.s)", GEN_BIT(CAPTURED)},
    {"ts - %s.ts <= 3s", GEN_BIT(CAPTURED) | GEN_BIT(ARITHMETIC)},
    {"%s.v is not null", GEN_BIT(CAPTURED) | GEN_BIT(NULLS)},
};
static const form loop_forms[] = {
    {"v >= last(%s).v", GEN_BIT(LAST)},
    {"v != last(%s.v)", GEN_BIT(LAST)},
    {"v >= first(%s).v", GEN_BIT(FIRST)},
    {"coalesce(first(%s).v, 1) <= v", GEN_BIT(FIRST) | GEN_BIT(NULLS)},
    {"v != %s[1].v", GEN_BIT(INDEX)},
    {"v > %s[-1].v", GEN_BIT(INDEX)},
    {"coalesce(%s[-2].v, 0) <= v", GEN_BIT(INDEX) | GEN_BIT(NULLS)},
    {"count(%s) >= 1", GEN_BIT(COUNT)},
    {"count(%s.v) < 3", GEN_BIT(COUNT)},
    {"count(where %s.v > 1) < 2", GEN_BIT(COUNT)},
    {"sum(%s.v) + v < 9", GEN_BIT(SUM) | GEN_BIT(ARITHMETIC)},
    {"sum(%s.v * 2) < 16", GEN_BIT(SUM) | GEN_BIT(ARITHMETIC)},
    {"v >= avg(%s.v)", GEN_BIT(AVG)},
    {"coalesce(avg(%s.j), 0) < 3", GEN_BIT(AVG) | GEN_BIT(NULLS)},
    {"v >= min(%s.v)", GEN_BIT(MINMAX)},
    {"coalesce(max(%s.v), 0) < 4", GEN_BIT(MINMAX) | GEN_BIT(NULLS)},
    {"v != max(%s.v)", GEN_BIT(MINMAX)},
    {"coalesce(stddev(%s.v), 0) < 1.45", GEN_BIT(STDDEV) | GEN_BIT(NULLS)},
    {"distinct(%s.v) < 2", GEN_BIT(DISTINCT_OF)},
};
static const form prev_forms[] = {
    {"v > prev(v, -1)", GEN_BIT(PREV)},
    {"v >= prev(v)", GEN_BIT(PREV)},
    {"coalesce(prev(v), 0) != v", GEN_BIT(PREV) | GEN_BIT(NULLS)},
    {"s != prev(s, \"z\")", GEN_BIT(PREV)},
};

static const form single_outputs[] = {
    {"%s.v", GEN_BIT(CAPTURED)},
    {"%s.s", GEN_BIT(CAPTURED)},
    {"coalesce(%s.v, 0) + 1", GEN_BIT(CAPTURED) | GEN_BIT(NULLS) | GEN_BIT(ARITHMETIC)},
    {"%s.ts", GEN_BIT(CAPTURED)},
};
static const form loop_outputs[] = {
    {"count(%s)", GEN_BIT(COUNT)},
    {"sum(%s.v)", GEN_BIT(SUM)},
    {"first(%s).v", GEN_BIT(FIRST)},
    {"last(%s).s", GEN_BIT(LAST)},
    {"avg(%s.v)", GEN_BIT(AVG)},
    {"max(%s.v) - min(%s.v)", GEN_BIT(MINMAX) | GEN_BIT(ARITHMETIC)},
    {"%s[1].v", GEN_BIT(INDEX)},
    {"count(where %s.v >= 2)", GEN_BIT(COUNT)},
    {"stddev(%s.v)", GEN_BIT(STDDEV)},
    {"distinct(%s.s, %s.v)", GEN_BIT(DISTINCT_OF)},
    {"case when count(%s) > 2 then \"many\" else \"few\" end", GEN_BIT(CASE) | GEN_BIT(COUNT)},
};

/* Over the whole match. */
static const form single_having[] = {
    {"%s.v is not null", GEN_BIT(NULLS)},
    {"coalesce(%s.v, 3) >= %d", GEN_BIT(NULLS)},
    {"%s.j == 1", 0},
};
static const form loop_having[] = {
    {"count(%s) >= 2", GEN_BIT(COUNT)},
    {"count(%s) != %d", GEN_BIT(COUNT)},
    {"sum(%s.v) < 9", GEN_BIT(SUM)},
    {"max(%s.v) > min(%s.v)", GEN_BIT(MINMAX)},
    {"avg(%s.v) >= 2", GEN_BIT(AVG)},
    {"stddev(%s.v) > 0.55", GEN_BIT(STDDEV)},
    {"distinct(%s.s) >= 2", GEN_BIT(DISTINCT_OF)},
    {"coalesce(last(%s).v, 2) >= %d", GEN_BIT(LAST) | GEN_BIT(NULLS)},
    {"first(%s).v != last(%s).v", GEN_BIT(FIRST) | GEN_BIT(LAST)},
};
/* Of `emit once`: over all matches. */
static const form once_outputs[] = {
    {"matches()", 0},
    {"count(%s)", GEN_BIT(COUNT)},
    {"sum(%s.v)", GEN_BIT(SUM)},
    {"max(%s.v) - min(%s.v)", GEN_BIT(MINMAX) | GEN_BIT(ARITHMETIC)},
    {"avg(%s.v)", GEN_BIT(AVG)},
    {"count(where %s.v >= 2)", GEN_BIT(COUNT)},
    {"matches() * 2 + count(%s.v)", GEN_BIT(COUNT) | GEN_BIT(ARITHMETIC)},
};

#define PICK(forms, prng) (&(forms)[cb_prng_below((prng), (uint32_t)(sizeof(forms) / sizeof *(forms)))])

/* Writes a form: %c a letter, %d a number, %s the step's name, %% a percent sign. */
static void write_form(gen_cond *out, cb_prng *prng, const form *f, const char *name)
{
  size_t len = 0;
  for (const char *at = f->text; *at && len + 8 < sizeof out->text; at++) {
    if (*at != '%') {
      out->text[len++] = *at;
      continue;
    }
    at++;
    if (*at == 'c') out->text[len++] = (char)('a' + cb_prng_below(prng, 3));
    else if (*at == 'd') out->text[len++] = (char)('0' + cb_prng_below(prng, 5));
    else if (*at == 's') len += (size_t)snprintf(out->text + len, sizeof out->text - len, "%s", name);
    else out->text[len++] = *at;
  }
  out->text[len] = 0;
  out->constructs |= f->constructs;
}

/* A step whose captures may be looked at: an earlier one, the loop itself, or a later one of a group
 * that repeats. `own` CEP_NONE: any step. */
static int pick_step(cb_prng *prng, const gen_detection *d, uint32_t own, uint32_t *out)
{
  uint32_t found = 0, group = own == CEP_NONE ? GEN_GROUPS_MAX : gen_group_of(d, own);
  for (uint32_t i = 0; i < d->step_count; i++) {
    const gen_step *step = &d->steps[i];
    if (step->is_no || step->role == GEN_DERIVED) continue;
    int again = group < GEN_GROUPS_MAX && gen_loops(&d->groups[group].count) && gen_group_of(d, i) == group;
    if (own != CEP_NONE && i >= own && !again && !(i == own && gen_repeats(d, i))) continue;
    if (cb_prng_below(prng, ++found) == 0) *out = i;
  }
  return found > 0;
}

void gen_condition(gen_cond *out, cb_prng *prng, const gen_detection *d, uint32_t number, gen_role role, int is_until)
{
  const gen_step *step = &d->steps[number];
  memset(out, 0, sizeof *out);
  if (role == GEN_DERIVED) {
    snprintf(out->text, sizeof out->text, "c >= %u", cb_prng_below(prng, 2));
    return;
  }
  uint32_t looked = 0, kind = cb_prng_below(prng, 10);
  if (kind < (is_until ? 8 : 5) && pick_step(prng, d, number, &looked)) {
    const gen_step *other = &d->steps[looked];
    if (looked == number) out->constructs |= GEN_BIT(OWN);
    write_form(out, prng, gen_repeats(d, looked) ? PICK(loop_forms, prng) : PICK(single_forms, prng), other->name);
    if (is_until) out->constructs |= GEN_BIT(UNTIL_CAPTURED);
    return;
  }
  if (kind == 5 && !step->is_no && !is_until) {
    write_form(out, prng, PICK(prev_forms, prng), "");
    return;
  }
  int wide = role != GEN_B && cb_prng_chance(prng, 30);
  write_form(out, prng, wide ? PICK(local_a_forms, prng) : PICK(local_forms, prng), "");
}

static uint32_t first_taking(const gen_detection *d)
{
  uint32_t first = 0;
  while (d->steps[first].is_no) first++;
  return first;
}

void gen_output(gen_cond *out, cb_prng *prng, const gen_detection *d, uint32_t number)
{
  uint32_t looked = 0;
  memset(out, 0, sizeof *out);
  if (number == 0 || !pick_step(prng, d, CEP_NONE, &looked)) {
    snprintf(out->text, sizeof out->text, "count(%s)", d->steps[first_taking(d)].name);
    out->constructs = GEN_BIT(COUNT);
    return;
  }
  const gen_step *step = &d->steps[looked];
  write_form(out, prng, gen_repeats(d, looked) ? PICK(loop_outputs, prng) : PICK(single_outputs, prng), step->name);
}

void gen_once_output(gen_cond *out, cb_prng *prng, const gen_detection *d, uint32_t number)
{
  uint32_t looked = 0;
  memset(out, 0, sizeof *out);
  if (number == 0 || !pick_step(prng, d, CEP_NONE, &looked)) snprintf(out->text, sizeof out->text, "matches()");
  else write_form(out, prng, PICK(once_outputs, prng), d->steps[looked].name);
}

void gen_having(gen_cond *out, cb_prng *prng, const gen_detection *d, int has_key)
{
  uint32_t looked = 0;
  memset(out, 0, sizeof *out);
  if (!pick_step(prng, d, CEP_NONE, &looked)) return;
  write_form(out, prng, gen_repeats(d, looked) ? PICK(loop_having, prng) : PICK(single_having, prng), d->steps[looked].name);
  if (has_key && cb_prng_chance(prng, 10)) snprintf(out->text, sizeof out->text, "k != \"b\"");
}
