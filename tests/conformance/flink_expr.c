/* flink_expr.c - conditions and measures of the cases in the words of the rule language. */
#include <stdio.h>
#include <string.h>

#include "cep/base/num.h"
#include "tests/conformance/flink.h"

typedef struct said {
  const char *text;
  cep_kind kind;
} said;

typedef struct reader {
  fl_case *c;
  const char *at;
  const char *of; /* what stands before a field: "", or a captured event with its dot */
} reader;

static said read_or(reader *r);

static said say(reader *r, cep_kind kind, const char *format, const char *a, const char *b)
{
  said s = {cb_arena_printf(r->c->arena, format, a, b), kind};
  CB_ASSERT(s.text);
  return s;
}

static void space(reader *r)
{
  while (*r->at == ' ') r->at++;
}

static int sign(reader *r, const char *text)
{
  space(r);
  size_t len = strlen(text);
  if (strncmp(r->at, text, len) != 0) return 0;
  if (len == 1 && (*text == '<' || *text == '>' || *text == '!') && r->at[1] == '=') return 0;
  r->at += len;
  return 1;
}

static void expect(reader *r, const char *text)
{
  if (!sign(r, text)) fl_cant(r->c, "an expression that does not read");
}

static int is_word(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A name, bare or in back quotes; "" if there is none. */
static const char *word(reader *r)
{
  space(r);
  const char *start = r->at;
  if (*start == '`') {
    const char *end = strchr(start + 1, '`');
    if (!end) return "";
    r->at = end + 1;
    return cb_arena_text(r->c->arena, start + 1, (size_t)(end - start - 1));
  }
  while (is_word(*r->at)) r->at++;
  return cb_arena_text(r->c->arena, start, (size_t)(r->at - start));
}

static int64_t number(reader *r)
{
  int64_t value = 0;
  const char *text = word(r);
  if (!cb_num_int(text, strlen(text), &value)) fl_cant(r->c, "an index that is no number");
  return value;
}

static said field(reader *r, const char *name)
{
  for (uint32_t i = 0; i < r->c->field_count; i++) {
    if (strcmp(r->c->fields[i].name, name) == 0) return say(r, r->c->fields[i].kind, "%s`%s`", r->of, name);
  }
  fl_cant(r->c, "a field that the schema does not have");
  return say(r, CEP_NULL, "%s%s", "null", "");
}

/* ---- Captured events -------------------------------------------------------------------- */

typedef enum pick { PICK_FIRST, PICK_LAST, PICK_NTH, PICK_NTH_LAST, PICK_COUNT, PICK_SUM, PICK_AVG, PICK_MIN, PICK_MAX } pick;
static const char *const pick_names[] = {"first", "last", "nth", "nth_last", "count", "sum", "avg", "min", "max"};

static uint32_t find_step(const fl_case *c, const char *name)
{
  for (uint32_t i = 0; i < c->step_count; i++) {
    if (strcmp(c->steps[i].name, name) == 0) return i;
  }
  return CEP_NONE;
}

static uint32_t taking_steps(const fl_case *c, uint32_t *first_out, uint32_t *last_out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < c->step_count; i++) {
    if (c->steps[i].is_no) continue;
    if (count++ == 0) *first_out = i;
    *last_out = i;
  }
  return count;
}

/* The argument behind the step: `.field`, `.(expr)` or nothing. */
static said argument(reader *r, const char *of, int *has_value)
{
  reader inner = *r;
  inner.of = of;
  said value = say(r, CEP_INT, "%s%s", "", "");
  *has_value = 0;
  if (sign(&inner, ".")) {
    *has_value = 1;
    if (sign(&inner, "(")) {
      value = read_or(&inner);
      expect(&inner, ")");
    } else {
      value = field(&inner, word(&inner));
    }
  }
  r->at = inner.at;
  return value;
}

static const char *picked_event(reader *r, pick p, uint32_t step, int64_t k)
{
  const char *name = r->c->steps[step].name;
  char text[300];
  if (p == PICK_FIRST) snprintf(text, sizeof text, "first(`%s`).", name);
  else if (p == PICK_LAST) snprintf(text, sizeof text, "last(`%s`).", name);
  else snprintf(text, sizeof text, "`%s`[%lld].", name, (long long)(p == PICK_NTH ? k : -1 - k));
  if (!r->c->steps[step].loops && (p == PICK_FIRST || p == PICK_LAST || k == 0)) snprintf(text, sizeof text, "`%s`.", name);
  return cb_arena_text(r->c->arena, text, strlen(text));
}

static said nothing(reader *r, pick p, cep_kind kind)
{
  if (p == PICK_COUNT || p == PICK_SUM) return say(r, CEP_INT, "%s%s", "0", "");
  const fl_field *null = &r->c->fields[kind == CEP_STRING ? FL_FIELD_NO_TEXT : FL_FIELD_NULL];
  uint32_t first = 0, last = 0; /* in a measure a field needs its event */
  const char *of = r->c->step == CEP_NONE && taking_steps(r->c, &first, &last) ? picked_event(r, PICK_FIRST, first, 0) : "";
  return say(r, null->kind, "%s`%s`", of, null->name);
}

static said over_step(reader *r, pick p, uint32_t step)
{
  const char *before = r->at;
  int has_value = 0;
  const char *name = r->c->steps[step].name;
  if (p < PICK_COUNT) {
    argument(r, "", &has_value); /* to where `k` stands */
    int64_t k = 0;
    if (p == PICK_NTH || p == PICK_NTH_LAST) {
      expect(r, ",");
      k = number(r);
    }
    const char *after = r->at;
    r->at = before;
    said value = argument(r, picked_event(r, p, step, k), &has_value);
    r->at = after;
    return r->c->steps[step].is_no ? nothing(r, p, value.kind) : value;
  }
  said value = argument(r, cb_arena_printf(r->c->arena, "`%s`.", name), &has_value);
  if (r->c->steps[step].is_no) return nothing(r, p, value.kind);
  if (p == PICK_COUNT) return has_value ? say(r, CEP_INT, "count(%s)%s", value.text, "") : say(r, CEP_INT, "count(`%s`)%s", name, "");
  return say(r, p == PICK_AVG ? CEP_FLOAT : value.kind, "%s(%s)", pick_names[p], value.text);
}

static int captures_by_now(const fl_case *c, uint32_t step)
{
  if (c->steps[step].is_no) return 0;
  return c->step == CEP_NONE || step < c->step || (step == c->step && c->steps[step].loops);
}

/* The k-th event of the stages from number `at` on (from the end: before `at`, backwards),
 * said by how many events each stage has. */
static said nth_from(reader *r, uint32_t at, int64_t k, int from_end)
{
  const fl_case *c = r->c;
  uint32_t step = at;
  while (step < c->step_count && !captures_by_now(c, step)) step += from_end ? UINT32_MAX : 1; /* below 0: past the end */
  const char *before = r->at;
  int has_value = 0;
  if (step >= c->step_count) {
    said value = argument(r, "", &has_value);
    return nothing(r, PICK_FIRST, value.kind);
  }
  uint32_t next = from_end ? step - 1 : step + 1;
  int64_t most = c->steps[step].loops ? k + 1 : 1;
  said value = argument(r, picked_event(r, from_end ? PICK_NTH_LAST : PICK_NTH, step, most > k ? k : 0), &has_value);
  const char *after = r->at, *text = NULL;
  for (int64_t have = most; have >= 0; have--) {
    r->at = before;
    const char *then = have > k ? value.text : nth_from(r, next, k - have, from_end).text;
    if (have == most) text = cb_arena_printf(c->arena, "case when count(`%s`) >= %lld then %s", c->steps[step].name, (long long)have, then);
    else if (have > 0) text = cb_arena_printf(c->arena, "%s when count(`%s`) == %lld then %s", text, c->steps[step].name, (long long)have, then);
    else text = cb_arena_printf(c->arena, "%s else %s end", text, then);
  }
  r->at = after;
  return say(r, value.kind, "%s%s", text, "");
}

static said nth_of_all(reader *r, pick p)
{
  reader ahead = *r;
  int has_value = 0;
  int64_t k = 0;
  argument(&ahead, "", &has_value);
  if (p == PICK_NTH || p == PICK_NTH_LAST) {
    expect(&ahead, ",");
    k = number(&ahead);
  }
  int from_end = p == PICK_LAST || p == PICK_NTH_LAST;
  if (r->c->groups_repeat) fl_cant(r->c, "`*` over stages of a group that repeats");
  said value = nth_from(r, from_end ? r->c->step_count - 1 : 0, k, from_end);
  r->at = ahead.at;
  return value;
}

/* `*`: all stages in the order of the match. */
static said over_all(reader *r, pick p)
{
  uint32_t first = 0, last = 0;
  if (taking_steps(r->c, &first, &last) == 1) return over_step(r, p, first);
  if (p == PICK_FIRST && !r->c->steps[first].optional) return over_step(r, p, first);
  if (p == PICK_LAST && r->c->step == CEP_NONE && !r->c->steps[last].optional) return over_step(r, p, last);
  if (p == PICK_LAST && r->c->step != CEP_NONE) {
    expect(r, ".");
    said value = field(r, word(r));
    return say(r, value.kind, "prev(%s)%s", value.text, "");
  }
  if (p < PICK_COUNT) return nth_of_all(r, p);
  if (p == PICK_COUNT || p == PICK_SUM) {
    const char *before = r->at;
    said sum = {"0", CEP_INT};
    for (uint32_t i = 0; i < r->c->step_count; i++) {
      if (r->c->steps[i].is_no) continue;
      r->at = before;
      said part = over_step(r, p, i);
      sum = say(r, part.kind, "(%s + %s)", sum.text, part.text);
    }
    return sum;
  }
  fl_cant(r->c, "an average or extreme over several stages");
  return nothing(r, p, CEP_INT);
}

static said over_captured(reader *r, pick p)
{
  expect(r, "(");
  said value;
  if (sign(r, "*")) {
    value = over_all(r, p);
  } else {
    uint32_t step = find_step(r->c, word(r));
    if (step == CEP_NONE) {
      fl_cant(r->c, "a stage that is not there");
      return nothing(r, p, CEP_INT);
    }
    value = over_step(r, p, step);
  }
  expect(r, ")");
  return value;
}

/* ---- Functions and operators ------------------------------------------------------------- */

static said infix_call(reader *r, const char *format)
{
  said a = read_or(r);
  expect(r, ",");
  said b = read_or(r);
  expect(r, ")");
  return say(r, CEP_BOOL, format, a.text, b.text);
}

static said list_call(reader *r, const char *name)
{
  said all = read_or(r);
  cep_kind kind = all.kind;
  while (sign(r, ",")) {
    said more = read_or(r);
    if (kind == CEP_NULL || more.kind == CEP_FLOAT) kind = more.kind;
    all = say(r, kind, "%s, %s", all.text, more.text);
  }
  expect(r, ")");
  return say(r, kind, "%s(%s)", name, all.text);
}

static said call(reader *r, const char *name)
{
  for (uint32_t i = 0; i < sizeof pick_names / sizeof *pick_names; i++) {
    if (strcmp(name, pick_names[i]) == 0) return over_captured(r, (pick)i);
  }
  expect(r, "(");
  if (strcmp(name, "startswith") == 0) return infix_call(r, "(%s starts with %s)");
  if (strcmp(name, "contains") == 0) return infix_call(r, "(%s contains %s)");
  if (strcmp(name, "concat") == 0 || strcmp(name, "coalesce") == 0 || strcmp(name, "abs") == 0) return list_call(r, name);
  if (strcmp(name, "isnull") == 0) {
    said value = read_or(r);
    expect(r, ")");
    return say(r, CEP_BOOL, "(%s is null)%s", value.text, "");
  }
  if (strcmp(name, "timestamp") == 0 || (strcmp(name, "processing_time") == 0 && fl_is_processing_time(r->c))) {
    expect(r, ")");
    return say(r, CEP_INT, "%s`%s`", r->of, r->c->fields[FL_FIELD_MS].name);
  }
  fl_cant(r->c, cb_arena_printf(r->c->arena, "function %s()", name));
  return say(r, CEP_NULL, "%s%s", "null", "");
}

static said string_literal(reader *r)
{
  cb_writer w;
  cb_writer_init(&w, r->c->arena->alloc);
  cb_write_u8(&w, '"');
  while (*r->at && *r->at != '\'') {
    if (*r->at == '"' || *r->at == '\\') cb_write_u8(&w, '\\');
    cb_write_u8(&w, (uint8_t)*r->at++);
  }
  expect(r, "'");
  cb_write_u8(&w, '"');
  said s = {cb_arena_text(r->c->arena, (const char *)w.data, w.len), CEP_STRING};
  cb_writer_fini(&w);
  return s;
}

static said primary(reader *r)
{
  if (sign(r, "(")) {
    said inner = read_or(r);
    expect(r, ")");
    return say(r, inner.kind, "(%s)%s", inner.text, "");
  }
  if (sign(r, "'")) return string_literal(r);
  space(r);
  if (*r->at >= '0' && *r->at <= '9') {
    const char *start = r->at;
    int is_float = 0;
    while (is_word(*r->at) || *r->at == '.') is_float |= *r->at++ == '.';
    said s = {cb_arena_text(r->c->arena, start, (size_t)(r->at - start)), is_float ? CEP_FLOAT : CEP_INT};
    return s;
  }
  int quoted = *r->at == '`';
  const char *name = word(r);
  space(r);
  if (!quoted && *r->at == '(') return call(r, name);
  if (!quoted && strcmp(name, "null") == 0) return say(r, CEP_NULL, "%s%s", "null", "");
  if (!quoted && (strcmp(name, "true") == 0 || strcmp(name, "false") == 0)) return say(r, CEP_BOOL, "%s%s", name, "");
  return field(r, name);
}

static said unary(reader *r)
{
  if (sign(r, "!")) return say(r, CEP_BOOL, "(not %s)%s", unary(r).text, "");
  if (sign(r, "-")) {
    said value = unary(r);
    return say(r, value.kind, "-%s%s", value.text, "");
  }
  return primary(r);
}

static said arithmetic(reader *r, said a, const char *sign_text, said b)
{
  int ints = a.kind == CEP_INT && b.kind == CEP_INT;
  const char *op = *sign_text == '/' && ints ? "div" : sign_text;
  const char *left = cb_arena_printf(r->c->arena, "%s %s", a.text, op);
  return say(r, ints ? CEP_INT : CEP_FLOAT, "(%s %s)", left, b.text);
}

static said read_product(reader *r)
{
  said a = unary(r);
  for (;;) {
    if (sign(r, "*")) a = arithmetic(r, a, "*", unary(r));
    else if (sign(r, "/")) a = arithmetic(r, a, "/", unary(r));
    else if (sign(r, "%")) a = arithmetic(r, a, "%", unary(r));
    else return a;
  }
}

static said read_sum(reader *r)
{
  said a = read_product(r);
  for (;;) {
    if (sign(r, "+")) a = arithmetic(r, a, "+", read_product(r));
    else if (sign(r, "-")) a = arithmetic(r, a, "-", read_product(r));
    else return a;
  }
}

static said read_test(reader *r)
{
  static const char *const signs[] = {"==", "!=", "<=", ">=", "<", ">"};
  said a = read_sum(r);
  for (uint32_t i = 0; i < sizeof signs / sizeof *signs; i++) {
    if (!sign(r, signs[i])) continue;
    said b = read_sum(r);
    const char *left = cb_arena_printf(r->c->arena, "%s %s", a.text, signs[i]);
    return say(r, CEP_BOOL, "(%s %s)", left, b.text);
  }
  return a;
}

static said read_and(reader *r)
{
  said a = read_test(r);
  while (sign(r, "&&")) a = say(r, CEP_BOOL, "(%s and %s)", a.text, read_test(r).text);
  return a;
}

static said read_or(reader *r)
{
  said a = read_and(r);
  while (sign(r, "||")) a = say(r, CEP_BOOL, "(%s or %s)", a.text, read_and(r).text);
  return a;
}

const char *fl_expr(fl_case *c, const char *text)
{
  reader r = {c, text, ""};
  said all = read_or(&r);
  space(&r);
  if (*r.at) fl_cant(c, "an expression that does not read");
  return all.text;
}
