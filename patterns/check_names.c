/* check_names.c - what names in expressions stand for: fields, keys, captures, the previous event. */
#include "patterns/check.h"

#include <string.h>

uint32_t pat_find_step(const pat_scope *scope, const char *name)
{
  for (uint32_t i = 0; i < scope->step_count; i++) {
    if (scope->steps[i].kind == PLAN_TAKE && strcmp(scope->steps[i].name, name) == 0) return i;
  }
  return CEP_NONE;
}

static int is_looping(const plan_step *step)
{
  return step->repeats;
}

static uint32_t find_key(const pat_scope *scope, const char *name)
{
  for (uint32_t i = 0; scope->detection && i < scope->detection->key_count; i++) {
    if (strcmp(scope->detection->key_names[i], name) == 0) return i;
  }
  return CEP_NONE;
}

/* ---- Bare names -------------------------------------------------------------------- */

static const plan_expr *read_field(pat_scope *scope, const plan_stream *stream, uint32_t field, cb_span span)
{
  plan_expr *expr = pat_new_plan_expr(scope->compile, PLAN_FIELD, stream->fields[field].kind, span, 0, NULL);
  if (!expr) return NULL;
  expr->field = field;
  expr->may_be_null = stream->fields[field].nullable;
  scope->fields_read++;
  return expr;
}

static const plan_expr *unknown_in_event(pat_scope *scope, const pat_name *name)
{
  pat_diags *diags = scope->compile->diags;
  const plan_stream *stream = scope->stream;
  uint32_t step = pat_find_step(scope, name->text);
  if (step != CEP_NONE) {
    pat_report(diags, 312, name->span, "'%s' is a step, not a value; write %s.<field>, or count(%s)", name->text, name->text,
               name->text);
    return NULL;
  }
  if (pat_find_field(stream, name->text) != CEP_NONE) {
    pat_report(diags, 302, name->span, "%s reads the fields of the input only; declare '%s' there", scope->what, name->text);
    return NULL;
  }
  pat_report(diags, 302, name->span, "stream '%s' has no field '%s'%s", stream->name, name->text,
             pat_near_field(scope->compile, stream, name->text));
  return NULL;
}

static const plan_expr *check_key_name(pat_scope *scope, const pat_name *name)
{
  pat_compile *compile = scope->compile;
  const plan_detection *detection = scope->detection;
  uint32_t key = find_key(scope, name->text);
  if (key != CEP_NONE) {
    plan_expr *expr = pat_new_plan_expr(compile, PLAN_KEY, detection->key_kinds[key], name->span, 0, NULL);
    if (expr) expr->index = key;
    return expr;
  }
  const plan_expr *bound = detection->join && detection->join->window ? pat_check_bound(scope, name) : NULL;
  if (bound) return bound;
  if (pat_find_step(scope, name->text) != CEP_NONE) {
    pat_report(compile->diags, 312, name->span, detection->join ? "'%s' is an event, not a value; write %s.<field>" : "'%s' is a step, not a value; write %s.<field>, or count(%s)",
               name->text, name->text, name->text);
    return NULL;
  }
  for (uint32_t i = 0; i < scope->step_count; i++) {
    const plan_step *step = &scope->steps[i];
    if (step->kind != PLAN_TAKE || pat_find_field(&compile->streams[step->stream], name->text) == CEP_NONE) continue;
    pat_report(compile->diags, 313, name->span, "in %s a bare name is a key of the detection; write %s%s%s.%s", scope->what,
               is_looping(step) ? "last(" : "", step->name, is_looping(step) ? ")" : "", name->text);
    return NULL;
  }
  pat_nearest nearest;
  pat_nearest_init(&nearest, name->text);
  for (uint32_t i = 0; i < detection->key_count; i++) pat_nearest_offer(&nearest, detection->key_names[i]);
  pat_report(compile->diags, 313, name->span, "in %s a bare name is a key of the detection, and '%s' is none%s", scope->what,
             name->text, pat_nearest_text(&nearest, compile->arena));
  return NULL;
}

/* A bare name outside of an aggregate's parentheses. */
static const plan_expr *check_window_name(pat_scope *scope, const pat_name *name)
{
  pat_compile *compile = scope->compile;
  const plan_detection *detection = scope->detection;
  uint32_t key = find_key(scope, name->text);
  plan_expr *expr = NULL;
  if (key != CEP_NONE) {
    expr = pat_new_plan_expr(compile, PLAN_KEY, detection->key_kinds[key], name->span, 0, NULL);
    if (expr) expr->index = key;
    return expr;
  }
  pat_nearest nearest;
  pat_nearest_init(&nearest, name->text);
  for (uint32_t i = 0; i < scope->measures->count; i++) {
    const char *written = scope->measures->at[i].name.text;
    pat_nearest_offer(&nearest, written);
    if (strcmp(written, name->text) != 0) continue;
    if (i >= scope->measure_count) {
      pat_report(compile->diags, 341, name->span, "the measure '%s' stands below; a measure can only use those above it", name->text);
      return NULL;
    }
    const plan_expr *measure = scope->measures_built[i].expr;
    if (!measure) return NULL; /* reported there */
    expr = pat_new_plan_expr(compile, PLAN_MEASURE, measure->kind, name->span, 0, NULL);
    if (!expr) return NULL;
    expr->index = i;
    expr->may_be_null = measure->may_be_null;
    return expr;
  }
  const plan_expr *bound = pat_check_bound(scope, name);
  if (bound) return bound;
  pat_offer_bounds(&nearest);
  for (uint32_t i = 0; i < detection->key_count; i++) pat_nearest_offer(&nearest, detection->key_names[i]);
  int is_field = pat_find_field(scope->stream, name->text) != CEP_NONE;
  pat_report(compile->diags, 341, name->span, is_field ? "'%s' is a field; a window has many events, so write sum(%s), max(%s) or the like" :
             "a bare name is a key or a measure here, and '%s' is neither%s", name->text,
             is_field ? name->text : pat_nearest_text(&nearest, compile->arena), name->text);
  return NULL;
}

const plan_expr *pat_check_name(pat_scope *scope, const pat_expr *expr)
{
  const pat_name *name = &expr->name;
  if (pat_report_table(scope, expr)) return NULL;
  if (scope->kind == PAT_IN_WINDOW && !scope->is_aggregate) return check_window_name(scope, name);
  if (scope->kind == PAT_IN_CONSTANT) {
    pat_report(scope->compile->diags, 404, expr->span, "%s must be a constant, '%s' is a name; a text stands in quotes",
               scope->what, name->text);
    return NULL;
  }
  if (scope->is_aggregate && scope->kind != PAT_IN_WINDOW) {
    uint32_t step = pat_find_step(scope, name->text);
    if (step != CEP_NONE) {
      pat_report(scope->compile->diags, 312, name->span, "'%s' is a step, not a value; write %s.<field>", name->text, name->text);
    } else {
      pat_report(scope->compile->diags, 314, name->span,
                 "an aggregate ranges over the captures of a step; write <step>.%s", name->text);
    }
    return NULL;
  }
  if (scope->kind == PAT_IN_OUTPUT) return check_key_name(scope, name);
  uint32_t field = pat_find_field(scope->stream, name->text);
  if (field == CEP_NONE || field >= scope->field_count) return unknown_in_event(scope, name);
  return read_field(scope, scope->stream, field, expr->span);
}

/* ---- Captures ---------------------------------------------------------------------- */

/* The stream's name where a step's is needed, in a condition on that very stream. 1 if said. */
static int report_own_stream(const pat_scope *scope, const pat_name *name)
{
  if (scope->kind != PAT_IN_STEP || strcmp(scope->steps[scope->step].role, name->text) != 0) return 0;
  const char *before = NULL;
  for (uint32_t i = 0; i < scope->step; i++) {
    if (scope->steps[i].kind == PLAN_TAKE && strcmp(scope->steps[i].role, name->text) == 0) before = scope->steps[i].name;
  }
  pat_report(scope->compile->diags, 303, name->span, "'%s' is the stream; for the event under test write the field alone%s%s", name->text,
             before ? ", for one captured before write " : "", before ? before : "");
  return 1;
}

static void report_unknown_step(pat_scope *scope, const pat_name *name)
{
  pat_compile *compile = scope->compile;
  if (report_own_stream(scope, name)) return;
  for (uint32_t i = 0; i < scope->step_count; i++) {
    const plan_step *step = &scope->steps[i];
    if (strcmp(step->role, name->text) != 0) continue;
    if (step->kind != PLAN_TAKE) {
      pat_report(compile->diags, 315, name->span, "step '%s %s' cannot be used in %s: it never captures an event",
                 step->kind == PLAN_NO ? "no" : "until", step->role, scope->what);
    } else {
      pat_report(compile->diags, 303, name->span, "the step on '%s' is called '%s'; write %s", step->role, step->name, step->name);
    }
    return;
  }
  int is_field = scope->stream && pat_find_field(scope->stream, name->text) != CEP_NONE;
  pat_nearest nearest;
  pat_nearest_init(&nearest, name->text);
  for (uint32_t i = 0; i < scope->step_count; i++) {
    if (scope->steps[i].kind == PLAN_TAKE) pat_nearest_offer(&nearest, scope->steps[i].name);
  }
  pat_report(compile->diags, 303, name->span, "unknown step '%s'%s%s", name->text,
             pat_nearest_text(&nearest, compile->arena), is_field ? "; it is a field, and a value has no members" : "");
}

/* Later in the text, but in another round of a group, or in any order. */
static int may_come_before(const pat_scope *scope, uint32_t step)
{
  int is_open;
  const plan_element *around = plan_around(scope->pattern, step, scope->step, &is_open);
  return is_open || around->kind == PLAN_ALL_OF;
}

/* The step of that name; CEP_NONE after saying why not. */
static uint32_t want_step(pat_scope *scope, const pat_name *name)
{
  pat_diags *diags = scope->compile->diags;
  if (scope->kind == PAT_IN_CONSTANT || scope->kind == PAT_IN_EVENT || scope->kind == PAT_IN_WINDOW) {
    int is_field = scope->stream && pat_find_field(scope->stream, name->text) != CEP_NONE;
    pat_report(diags, 316, name->span, "%s sees one event alone; '%s' %s", scope->what, name->text,
               is_field ? "is a field and has no members" : "is no field of it: write the field's name without a step");
    return CEP_NONE;
  }
  uint32_t step = pat_find_step(scope, name->text);
  if (step == CEP_NONE) {
    report_unknown_step(scope, name);
    return CEP_NONE;
  }
  if (scope->kind == PAT_IN_STEP && step > scope->step && !may_come_before(scope, step)) {
    pat_report(diags, 317, name->span, "step '%s' comes later; it has captured nothing yet", name->text);
    return CEP_NONE;
  }
  if (scope->kind == PAT_IN_STEP && step == scope->step && !is_looping(&scope->steps[step])) {
    pat_report(diags, 318, name->span,
               "step '%s' has captured nothing while its own event is under test; for that event write the field alone",
               name->text);
  }
  return step;
}

/* k of x[k]: a constant whole number. */
static int want_index(pat_scope *scope, const pat_expr *expr, int32_t *out)
{
  cep_value value;
  pat_compile *compile = scope->compile;
  if (!pat_check_constant(compile, expr, CEP_INT, "an index", &value)) return 0;
  if (value.kind != CEP_INT || value.as.i < -1000000 || value.as.i > 1000000) {
    pat_report(compile->diags, 405, expr->span, "an index is a whole number: 0 the first capture, -1 the last");
    return 0;
  }
  *out = (int32_t)value.as.i;
  return 1;
}

static int is_end_function(const pat_expr *expr, int32_t *nth)
{
  if (expr->kind != PAT_E_CALL || expr->has_where || expr->args.count != 1) return 0;
  *nth = strcmp(expr->name.text, "last") == 0 ? -1 : 0;
  return *nth == -1 || strcmp(expr->name.text, "first") == 0;
}

int pat_find_capture(pat_scope *scope, const pat_expr *expr, pat_capture *out)
{
  const pat_expr *base = expr;
  out->nth = 0;
  out->is_bare = expr->kind == PAT_E_NAME;
  if (is_end_function(expr, &out->nth) || expr->kind == PAT_E_INDEX) base = expr->args.at[0];
  if (base->kind != PAT_E_NAME) {
    pat_report(scope->compile->diags, 319, base->span, "'%s' is no step; a field is read as step.field, last(step).field or step[0].field",
               pat_text_at(scope->compile, base->span));
    return 0;
  }
  out->step = want_step(scope, &base->name);
  if (out->step == CEP_NONE) return 0;
  return expr->kind != PAT_E_INDEX || want_index(scope, expr->args.at[1], &out->nth);
}

/* Whether the nth capture is surely there when this scope is evaluated. */
static int is_sure(const pat_scope *scope, const pat_capture *capture)
{
  if (scope->is_timeout) return 0;
  if (scope->detection && scope->detection->join) return (capture->nth == 0 || capture->nth == -1) && (scope->sure >> capture->step & 1);
  const plan_element *around = scope->pattern;
  if (scope->kind == PAT_IN_STEP) {
    int unused;
    around = plan_around(scope->pattern, capture->step, scope->step, &unused);
    if (around->kind != PLAN_SEQUENCE || around->until == scope->step || capture->step >= scope->step) return 0;
  }
  uint64_t at = (uint64_t)(capture->nth < 0 ? -(int64_t)capture->nth - 1 : capture->nth);
  return at < plan_least(around, capture->step);
}

static uint32_t want_field(pat_scope *scope, const plan_step *step, const pat_name *field)
{
  const plan_stream *stream = &scope->compile->streams[step->stream];
  uint32_t index = pat_find_field(stream, field->text);
  if (index == CEP_NONE) {
    pat_report(scope->compile->diags, 302, field->span, "stream '%s' of step '%s' has no field '%s'%s", stream->name, step->name,
               field->text, pat_near_field(scope->compile, stream, field->text));
  }
  return index;
}

/* In an aggregate's parentheses `step.field` is the field of the capture at hand. */
static const plan_expr *read_in_aggregate(pat_scope *scope, const pat_capture *capture, const pat_name *field, cb_span span)
{
  const plan_step *step = &scope->steps[capture->step];
  if (!capture->is_bare) {
    pat_report(scope->compile->diags, 314, span, "an aggregate ranges over all captures of a step; write %s.%s", step->name,
               field->text);
    return NULL;
  }
  if (scope->over != CEP_NONE && scope->over != capture->step) {
    pat_report(scope->compile->diags, 314, span, "an aggregate ranges over the captures of one step; '%s' and '%s' are two",
               scope->steps[scope->over].name, step->name);
    return NULL;
  }
  scope->over = capture->step;
  uint32_t index = want_field(scope, step, field);
  return index == CEP_NONE ? NULL : read_field(scope, &scope->compile->streams[step->stream], index, span);
}

const plan_expr *pat_read_capture(pat_scope *scope, const pat_capture *capture, const pat_name *field, cb_span span)
{
  pat_compile *compile = scope->compile;
  const plan_step *step = &scope->steps[capture->step];
  if (scope->is_aggregate) return read_in_aggregate(scope, capture, field, span);
  uint32_t index = want_field(scope, step, field);
  if (index == CEP_NONE) return NULL;
  if (scope->is_once) {
    pat_report(compile->diags, 546, span, "'emit once' gives one output for several matches, whose '%s' may differ; write max(%s.%s), sum(%s.%s) or count(%s)",
               pat_text_at(compile, span), step->name, field->text, step->name, field->text, step->name);
    return NULL;
  }
  if (capture->is_bare && is_looping(step)) {
    pat_report(compile->diags, 320, span, "step '%s' repeats, so '%s.%s' could be any of its events; write last(%s).%s or first(%s).%s",
               step->name, step->name, field->text, step->name, field->text, step->name, field->text);
    return NULL;
  }
  const plan_field *found = &compile->streams[step->stream].fields[index];
  plan_expr *expr = pat_new_plan_expr(compile, PLAN_CAPTURE, found->kind, span, 0, NULL);
  if (!expr) return NULL;
  expr->step = capture->step;
  expr->field = index;
  expr->nth = capture->nth;
  expr->may_be_null = found->nullable || !is_sure(scope, capture);
  return expr;
}

const plan_expr *pat_check_member(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  if (pat_is_lookup(scope, expr)) return pat_check_lookup(scope, expr);
  if (pat_report_table(scope, expr)) return NULL;
  if (expr->kind == PAT_E_INDEX) {
    pat_report(compile->diags, 312, expr->span, "'%s' is an event, not a value; write %s.<field>", pat_text_at(compile, expr->span),
               pat_text_at(compile, expr->span));
    return NULL;
  }
  const pat_expr *base = expr->args.at[0];
  int is_role = scope->role && base->kind == PAT_E_NAME && strcmp(base->name.text, scope->role) == 0;
  if (is_role) {
    uint32_t field = pat_find_field(scope->stream, expr->name.text);
    if (field != CEP_NONE) return read_field(scope, scope->stream, field, expr->span);
    pat_report(compile->diags, 302, expr->name.span, "'%s' has no field '%s'%s", scope->role, expr->name.text,
               pat_near_field(compile, scope->stream, expr->name.text));
    return NULL;
  }
  pat_capture capture;
  if (!pat_find_capture(scope, base, &capture)) return NULL;
  return pat_read_capture(scope, &capture, &expr->name, expr->span);
}

const plan_expr *pat_check_matches(pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  if (!scope->is_once || scope->is_aggregate) {
    pat_report(compile->diags, 547, expr->span, "matches() is how many matches one event completes; it stands in 'emit once { … }' only");
    return NULL;
  }
  if (expr->has_where || expr->args.count > 0) {
    pat_report(compile->diags, 323, expr->span, "matches takes nothing: matches()");
    return NULL;
  }
  return pat_new_plan_expr(compile, PLAN_MATCHES, CEP_INT, expr->span, 0, NULL);
}

/* ---- The previous event ------------------------------------------------------------ */

/* The steps that may have taken the newest captured event when `scope->step` is under test:
 * itself, then backwards, then those of an earlier round. 1 in `*may_be_none` if there may be no such event. */
static uint32_t steps_before(const pat_scope *scope, uint32_t out[PLAN_STEPS_MAX], int *may_be_none)
{
  uint64_t before = scope->shape->before[scope->step], itself = (uint64_t)1 << scope->step;
  uint32_t count = 0;
  *may_be_none = (scope->shape->first & itself) != 0;
  if (before & itself) out[count++] = scope->step;
  for (uint32_t i = scope->step; i-- > 0;) {
    if (before >> i & 1) out[count++] = i;
  }
  for (uint32_t i = scope->step_count; i-- > scope->step + 1;) {
    if (before >> i & 1) out[count++] = i;
  }
  return count;
}

static plan_expr *new_prev(pat_scope *scope, const pat_expr *expr, const pat_name *field)
{
  uint32_t steps[PLAN_STEPS_MAX];
  int may_be_null;
  uint32_t count = steps_before(scope, steps, &may_be_null);
  plan_prev *prev = cb_arena_take(scope->compile->arena, ((size_t)count + 1) * sizeof *prev);
  plan_expr *result = pat_new_plan_expr(scope->compile, PLAN_PREV, CEP_NULL, expr->span, 0, NULL);
  if (!prev || !result) return NULL;
  for (uint32_t i = 0; i < count; i++) {
    const plan_step *step = &scope->steps[steps[i]];
    const plan_stream *stream = &scope->compile->streams[step->stream];
    uint32_t index = pat_find_field(stream, field->text);
    if (index == CEP_NONE) {
      pat_report(scope->compile->diags, 321, field->span,
                 "the previous event may be that of step '%s', and stream '%s' has no field '%s'%s", step->name, stream->name,
                 field->text, pat_near_field(scope->compile, stream, field->text));
      return NULL;
    }
    const plan_field *found = &stream->fields[index];
    if (i > 0 && found->kind != result->kind) {
      pat_report(scope->compile->diags, 321, field->span, "'%s' is %s in step '%s' and %s in step '%s'; the previous event may be either",
                 field->text, cb_kind_name(result->kind), scope->steps[steps[0]].name, cb_kind_name(found->kind), step->name);
      return NULL;
    }
    result->kind = found->kind;
    may_be_null |= found->nullable;
    prev[i].step = steps[i];
    prev[i].field = index;
  }
  result->prev = prev;
  result->prev_count = count;
  result->may_be_null = may_be_null;
  return result;
}

/* With nothing that could be before it, prev is null for ever; its kind is that of the step's own field. */
static plan_expr *new_first_prev(pat_scope *scope, const pat_expr *expr, const pat_name *field)
{
  uint32_t index = pat_find_field(scope->stream, field->text);
  if (index == CEP_NONE) {
    (void)unknown_in_event(scope, field);
    return NULL;
  }
  plan_expr *result = pat_new_plan_expr(scope->compile, PLAN_PREV, scope->stream->fields[index].kind, expr->span, 0, NULL);
  if (result) result->may_be_null = 1;
  return result;
}

static const plan_expr *with_default(pat_scope *scope, plan_expr *result, const pat_expr *written)
{
  const char *why = NULL;
  const plan_expr *value = pat_check(scope, written);
  if (!value) return NULL;
  const plan_expr *converted = pat_convert(scope->compile, value, result->kind, &why);
  if (!converted) {
    pat_report(scope->compile->diags, 401, written->span, "the other value of prev must be %s, found '%s' (%s)",
               cb_kind_name(result->kind), pat_text_at(scope->compile, written->span), cb_kind_name(value->kind));
    return NULL;
  }
  const plan_expr **args = cb_arena_take(scope->compile->arena, sizeof *args);
  if (!args) return NULL;
  args[0] = converted;
  result->args = args;
  result->arg_count = 1;
  return result;
}

const plan_expr *pat_check_prev(pat_scope *scope, const pat_expr *expr)
{
  pat_diags *diags = scope->compile->diags;
  if (scope->kind != PAT_IN_STEP || scope->is_aggregate) {
    pat_report(diags, 322, expr->span, "prev belongs into the condition of a step; here write last(step).field");
    return NULL;
  }
  if (expr->has_where || expr->args.count < 1 || expr->args.count > 2 || expr->args.at[0]->kind != PAT_E_NAME) {
    pat_report(diags, 323, expr->span, "prev takes a field and maybe another value for the first event: prev(price), prev(price, 0)");
    return NULL;
  }
  const pat_name *field = &expr->args.at[0]->name;
  uint32_t unused[PLAN_STEPS_MAX];
  int may_be_none;
  uint32_t count = steps_before(scope, unused, &may_be_none);
  plan_expr *result = count > 0 ? new_prev(scope, expr, field) : new_first_prev(scope, expr, field);
  if (!result || expr->args.count == 1) return result;
  return with_default(scope, result, expr->args.at[1]);
}
