/* check_functions.c - functions of builtin.def: how many arguments, of which kinds, and what constants must say. */
#include "patterns/check.h"

#include <string.h>

#include "cep/base/json.h"
#include "cep/base/signature.h"
#include "cep/base/zone.h"
#include "patterns/regex_check.h"

typedef struct builtin {
  const char *name;
  const char *args;
  const char *result;
} builtin;

static const builtin builtins[] = {
#define F(name, category, args, result, text, example, value) {#name, args, result},
#include "patterns/builtin.def"
#undef F
};
#define BUILTIN_COUNT (sizeof builtins / sizeof *builtins)

const char *pat_builtin_name(uint32_t index)
{
  return index < BUILTIN_COUNT ? builtins[index].name : NULL;
}

uint32_t pat_find_builtin(const char *name)
{
  for (uint32_t i = 0; i < BUILTIN_COUNT; i++) {
    if (strcmp(name, builtins[i].name) == 0) return i;
  }
  return CEP_NONE;
}

/* ---- Constants --------------------------------------------------------------------- */

typedef struct call {
  pat_scope *scope;
  const builtin *function;
  const plan_expr **args;
  uint32_t count;
} call;

static const cep_value *text_of(const call *c, uint32_t at)
{
  return &c->args[at]->value;
}

int pat_check_zone(pat_compile *compile, const char *name, size_t len, cb_span span)
{
  char space[CB_ZONE_RULE_MAX];
  if (cb_zone_rule(name, len, space)) return 1;
  pat_nearest nearest;
  char *text = cb_arena_text(compile->arena, name, len);
  if (!text) return 0;
  pat_nearest_init(&nearest, text);
  for (uint32_t i = 0; cb_zone_name(i); i++) pat_nearest_offer(&nearest, cb_zone_name(i));
  const char *proposal = pat_nearest_text(&nearest, compile->arena);
  pat_report(compile->diags, 335, span, "%s is no zone; there are \"UTC\", offsets such as \"+02:00\", and names such as \"Europe/Berlin\"%s",
             pat_text_at(compile, span), proposal);
  return 0;
}

static int form_is_good(const call *c, uint32_t at, char letter)
{
  const cep_value *form = text_of(c, at);
  pat_compile *compile = c->scope->compile;
  int has_year = 0;
  char *text = cb_arena_text(compile->arena, form->as.s, form->length);
  if (!text) return 0;
  if (letter == 'W' ? cb_time_write_form_valid(text, form->length)
                    : form->length <= CB_TIME_FORM_MAX && cb_time_form_valid(text, &has_year) && has_year)
    return 1;
  pat_report(compile->diags, 335, c->args[at]->span,
             letter == 'W' ? "%s is no form to write times in, such as \"%%Y-%%m-%%d %%H:%%M:%%S\" (at most 128 bytes)"
                           : "%s is no form to read times in: it needs a date with its year, such as \"%%Y-%%m-%%d %%H:%%M:%%S\", or \"%%s\" (at most 128 bytes)",
             pat_text_at(compile, c->args[at]->span));
  return 0;
}

static int path_is_good(const call *c, uint32_t at)
{
  pat_compile *compile = c->scope->compile;
  if (cb_json_path_valid(text_of(c, at)->as.s, text_of(c, at)->length)) return 1;
  pat_report(compile->diags, 413, c->args[at]->span, "%s is no way into JSON; write names with '.' between them, [0] for a place in an array, [\"…\"] for a name with dots",
             pat_text_at(compile, c->args[at]->span));
  return 0;
}

/* $0 to $9 and $$, and groups that the regular expression before has. */
static int replacement_is_good(const call *c, uint32_t at)
{
  pat_compile *compile = c->scope->compile;
  const cep_value *with = text_of(c, at), *pattern = text_of(c, at - 1);
  uint32_t groups = pat_regex_groups(pattern->as.s, pattern->length);
  for (uint32_t i = 0; i < with->length; i++) {
    if (with->as.s[i] != '$') continue;
    char next = ++i < with->length ? with->as.s[i] : '\0';
    int is_group = next >= '0' && next <= '9';
    if (next == '$' || (is_group && (uint32_t)(next - '0') <= groups)) continue;
    if (is_group) {
      pat_report(compile->diags, 412, c->args[at]->span, "%s says $%c, but the regular expression has %u %s", pat_text_at(compile, c->args[at]->span), next,
                 groups, groups == 1 ? "group" : "groups");
    } else {
      pat_report(compile->diags, 412, c->args[at]->span, "%s has a lone $; write $$ for the sign itself, $1 for what a group took",
                 pat_text_at(compile, c->args[at]->span));
    }
    return 0;
  }
  return 1;
}

/* By number or name, of the regular expression before; the number takes its place. */
static int group_is_good(const call *c, uint32_t at)
{
  pat_compile *compile = c->scope->compile;
  const cep_value *group = text_of(c, at), *pattern = text_of(c, at - 1);
  uint32_t groups = pat_regex_groups(pattern->as.s, pattern->length), number = 0;
  if (group->kind == CEP_STRING) {
    char *name = cb_arena_text(compile->arena, group->as.s, group->length);
    number = name ? pat_regex_group(pattern->as.s, pattern->length, name) : 0;
  }
  if (group->kind == CEP_INT && group->as.i >= 0 && group->as.i <= (int64_t)groups) return 1;
  if (number > 0) {
    c->args[at] = pat_new_constant(compile, c->args[at]->span, CEP_INT, cb_int(number));
    return c->args[at] != NULL;
  }
  pat_report(compile->diags, 412, c->args[at]->span, "the regular expression has no group %s; it has %u %s", pat_text_at(compile, c->args[at]->span),
             groups, groups == 1 ? "group" : "groups");
  return 0;
}

static int constant_is_good(const call *c, uint32_t at, char letter)
{
  pat_compile *compile = c->scope->compile;
  const plan_expr *arg = c->args[at];
  if (arg->op != PLAN_CONST) {
    pat_report(compile->diags, 404, arg->span, "%s takes a constant here, found '%s'", c->function->name, pat_text_at(compile, arg->span));
    return 0;
  }
  switch (letter) {
  case 'R': return pat_check_regex(c->scope, arg);
  case 'G': return group_is_good(c, at);
  case 'T': return replacement_is_good(c, at);
  case 'Z': return pat_check_zone(c->scope->compile, text_of(c, at)->as.s, text_of(c, at)->length, c->args[at]->span);
  case 'J': return path_is_good(c, at);
  case 'W':
  case 'P': return form_is_good(c, at, letter);
  default: break;
  }
  if (arg->value.as.i > 0) return 1;
  pat_report(compile->diags, 414, arg->span, "%s takes a duration longer than 0, found '%s'", c->function->name, pat_text_at(compile, arg->span));
  return 0;
}

/* ---- Kinds ------------------------------------------------------------------------- */

/* What a rule may write for a letter. */
static uint32_t written_kinds(char letter)
{
  if (letter == 'R') return CB_KIND_BIT(CEP_STRING);
  return cb_signature_kinds(letter) | (letter == 'G' ? CB_KIND_BIT(CEP_STRING) : 0);
}

static const char *kinds_text(const pat_compile *compile, uint32_t kinds)
{
  const char *text = "";
  for (uint32_t kind = CEP_BOOL, left = kinds; left; kind++) {
    if (!(left & CB_KIND_BIT(kind))) continue;
    left &= ~CB_KIND_BIT(kind);
    const char *between = !*text ? "" : left ? ", " : " or ";
    text = cb_arena_printf(compile->arena, "%s%s%s", text, between, cb_kind_name((cep_kind)kind));
    if (!text) return "";
  }
  return text;
}

static int argument_is_good(const call *c, uint32_t at)
{
  pat_compile *compile = c->scope->compile;
  char letter = cb_signature_letter(c->function->args, at);
  uint32_t kinds = written_kinds(letter);
  const plan_expr *arg = c->args[at];
  const char *why = NULL;
  int is_one_kind = (kinds & (kinds - 1)) == 0;
  if (is_one_kind) {
    cep_kind kind = CEP_NULL;
    while (!(kinds & CB_KIND_BIT(kind))) kind++;
    c->args[at] = pat_convert(compile, arg, kind, &why);
  } else if (arg->kind == CEP_NULL || !(kinds & CB_KIND_BIT(arg->kind))) {
    c->args[at] = NULL;
  }
  if (c->args[at]) return letter >= 'a' || constant_is_good(c, at, letter);
  pat_report(compile->diags, 401, arg->span, "%s takes %s here, found '%s' (%s)%s%s", c->function->name,
             letter == 'n' ? "a number" : kinds_text(compile, kinds), pat_text_at(compile, arg->span), cb_kind_name(arg->kind), why ? ": " : "",
             why ? why : "");
  return 0;
}

/* Values that are compared with each other: of one kind. */
static int are_alike(const call *c)
{
  pat_compile *compile = c->scope->compile;
  const plan_expr *all = NULL;
  for (uint32_t i = 0; i < c->count; i++) {
    const char *why = NULL;
    if (cb_signature_letter(c->function->args, i) != 'm') return 1;
    if (!all) all = c->args[i];
    const plan_expr *arg = c->args[i];
    if (pat_unify(compile, &all, &arg, &why)) continue;
    pat_report(compile->diags, 401, arg->span, "%s needs values of one kind, found '%s' (%s) and '%s' (%s)", c->function->name,
               pat_text_at(compile, c->args[0]->span), cb_kind_name(all->kind), pat_text_at(compile, arg->span), cb_kind_name(arg->kind));
    return 0;
  }
  for (uint32_t i = 0; i < c->count; i++) {
    const char *why = NULL;
    c->args[i] = pat_convert(compile, c->args[i], all->kind, &why);
    if (!c->args[i]) return 0;
  }
  return 1;
}

/* ---- Calls ------------------------------------------------------------------------- */

static const plan_expr *wrong_number(pat_scope *scope, const pat_expr *expr, const builtin *function, uint32_t least, uint32_t most)
{
  const char *how_many = cb_arena_printf(scope->compile->arena, most == least ? "%u" : most == CB_SIGNATURE_OPEN ? "%u or more" : "%u to %u", least, most);
  pat_report(scope->compile->diags, 323, expr->span, "%s takes %s %s, found %u", function->name, how_many ? how_many : "",
             most == 1 ? "value" : "values", expr->args.count);
  return NULL;
}

static cep_kind kind_of_result(const builtin *function, const plan_expr *const *args)
{
  char letter = function->result[0];
  cep_kind kind = CEP_NULL;
  if (letter == 'n' || letter == 'm') return args[0]->kind;
  while (cb_signature_kinds(letter) != CB_KIND_BIT(kind)) kind++;
  return kind;
}

/* regex_extract without a group: the first one, or what was found. */
static int add_group(call *c, cb_span span)
{
  if (strcmp(c->function->args, "sR[G") != 0 || c->count > 2) return 1;
  const cep_value *pattern = text_of(c, 1);
  int has_groups = pat_regex_groups(pattern->as.s, pattern->length) > 0;
  c->args[2] = pat_new_constant(c->scope->compile, span, CEP_INT, cb_int(has_groups));
  c->count = 3;
  return c->args[2] != NULL;
}

const plan_expr *pat_check_builtin(pat_scope *scope, const pat_expr *expr, uint32_t index)
{
  pat_compile *compile = scope->compile;
  const builtin *function = &builtins[index];
  uint32_t least, most, count = expr->args.count;
  cb_signature_count(function->args, &least, &most);
  if (expr->has_where || count < least || count > most) return wrong_number(scope, expr, function, least, most);
  const plan_expr **checked = pat_check_all(scope, expr);
  const plan_expr **args = cb_arena_take(compile->arena, (count + 1) * sizeof *args);
  if (!checked || !args) return NULL;
  memcpy(args, checked, count * sizeof *args);
  call c = {scope, function, args, count};
  for (uint32_t i = 0; i < count; i++) {
    if (!argument_is_good(&c, i)) return NULL;
  }
  if (!are_alike(&c) || !add_group(&c, expr->span)) return NULL;
  plan_expr *result = pat_new_plan_expr(compile, PLAN_CALL, kind_of_result(function, args), expr->span, c.count, args);
  if (!result) return NULL;
  result->index = index;
  if (strchr(function->result, '?')) result->may_be_null = 1;
  return result;
}
