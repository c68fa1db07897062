/* plan_output.c - what a detection gives: emit, on timeout emit, suppress, meta, and its stream. */
#include <string.h>

#include "cep/base/cell.h"
#include "patterns/plan_build.h"

#define OUTPUTS_MAX (CB_CELL_COLUMNS_MAX - PLAN_KEYS_MAX)

void pat_scope_outputs(pat_scope *scope, const pat_builder *builder, const char *what)
{
  pat_scope_constant(scope, builder->compile, what);
  scope->kind = PAT_IN_OUTPUT;
  scope->steps = builder->steps;
  scope->step_count = builder->detection->step_count;
  scope->detection = builder->detection;
  scope->pattern = &builder->detection->pattern;
}

static int check_object(pat_compile *compile, const pat_object *object, const char *what)
{
  if (object->count > OUTPUTS_MAX) {
    pat_report(compile->diags, 327, object->at[OUTPUTS_MAX].name.span, "%s has more than %u values", what, OUTPUTS_MAX);
    return 0;
  }
  int is_good = 1;
  for (uint32_t i = 0; i < object->count; i++) {
    for (uint32_t j = 0; j < i; j++) {
      if (strcmp(object->at[j].name.text, object->at[i].name.text) != 0) continue;
      pat_report(compile->diags, 330, object->at[i].name.span, "%s names '%s' twice", what, object->at[i].name.text);
      is_good = 0;
      break;
    }
  }
  return is_good;
}

/* ---- emit -------------------------------------------------------------------------- */

int pat_build_object(pat_builder *builder, pat_scope *scope, const pat_object *object, const plan_output **out, uint32_t *count_out)
{
  plan_output *outputs = cb_arena_take(builder->compile->arena, (object->count + 1) * sizeof *outputs);
  if (!outputs || object->count > OUTPUTS_MAX) return outputs ? check_object(builder->compile, object, scope->what) : 0;
  int is_good = check_object(builder->compile, object, scope->what);
  for (uint32_t i = 0; i < object->count; i++) {
    const pat_entry *entry = &object->at[i];
    outputs[i].name = entry->name.text;
    outputs[i].expr = pat_check(scope, entry->expr);
    if (!outputs[i].expr) {
      is_good = 0;
    } else if (outputs[i].expr->kind == CEP_NULL) {
      pat_report(builder->compile->diags, 331, entry->expr->span, "'%s' is always null; leave it out", entry->name.text);
      is_good = 0;
    }
  }
  *out = outputs;
  *count_out = object->count;
  return is_good;
}

static uint32_t count_default(const pat_builder *builder)
{
  uint64_t count = 0;
  for (uint32_t i = 0; i < builder->detection->step_count; i++) {
    const plan_step *step = &builder->steps[i];
    if (step->kind == PLAN_TAKE && !step->repeats) count += builder->compile->streams[step->stream].field_count;
  }
  return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

/* Of a join: those of which there is an event in everything that comes out. */
static uint64_t sure_sides(const plan_detection *detection)
{
  if (!detection->join) return 0;
  return detection->join->kind == PLAN_INNER ? 3 : detection->join->kind == PLAN_LEFT ? 1 : 0;
}

/* Without `emit`: every field of every step that takes one event, as step.field. */
static int build_default(pat_builder *builder)
{
  pat_compile *compile = builder->compile;
  uint32_t room = count_default(builder), count = 0;
  if (room > OUTPUTS_MAX) {
    pat_report(compile->diags, 327, builder->symbol->span, "without 'emit' this detection would give %u values, more than %u; write an 'emit'",
               room, OUTPUTS_MAX);
    return 0;
  }
  plan_output *outputs = cb_arena_take(compile->arena, ((size_t)room + 1) * sizeof *outputs);
  if (!outputs) return 0;
  pat_scope scope;
  pat_scope_outputs(&scope, builder, "'emit'");
  scope.sure = sure_sides(builder->detection);
  for (uint32_t i = 0; i < builder->detection->step_count; i++) {
    const plan_step *step = &builder->steps[i];
    if (step->kind != PLAN_TAKE || step->repeats) continue;
    const plan_stream *stream = &compile->streams[step->stream];
    for (uint32_t field = 0; field < stream->field_count; field++) {
      /* An emitted value that is called like a key: the name means the key. */
      if (pat_find_field(stream, stream->fields[field].name) != field) continue;
      pat_capture capture = {i, 0, 1};
      pat_name name = {stream->fields[field].name, step->span};
      outputs[count].name = cb_arena_printf(compile->arena, "%s.%s", step->name, name.text);
      outputs[count].expr = pat_read_capture(&scope, &capture, &name, step->span);
      if (!outputs[count].name || !outputs[count].expr) return 0;
      count++;
    }
  }
  builder->detection->emit = outputs;
  builder->detection->emit_count = count;
  return 1;
}

static int build_emits(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  plan_detection *detection = builder->detection;
  pat_scope scope;
  int is_good = 1;
  if (decl->emit_span.length > 0) {
    pat_scope_outputs(&scope, builder, "'emit'");
    scope.sure = sure_sides(detection);
    scope.is_once = detection->emit_once;
    if (scope.is_once) scope.what = "'emit once'";
    is_good = pat_build_object(builder, &scope, &decl->emit, &detection->emit, &detection->emit_count);
  } else {
    is_good = build_default(builder);
  }
  if (decl->timeout_span.length == 0) return is_good;
  detection->on_timeout = 1;
  pat_scope_outputs(&scope, builder, "'on timeout emit'");
  scope.is_timeout = 1;
  return pat_build_object(builder, &scope, &decl->timeout_emit, &detection->timeout_emit, &detection->timeout_emit_count) & is_good;
}

/* ---- suppress and meta -------------------------------------------------------------- */

static uint32_t find_output(const plan_detection *detection, const char *name)
{
  for (uint32_t i = 0; i < detection->key_count; i++) {
    if (strcmp(detection->key_names[i], name) == 0) return i;
  }
  for (uint32_t i = 0; i < detection->emit_count; i++) {
    if (strcmp(detection->emit[i].name, name) == 0) return detection->key_count + i;
  }
  return CEP_NONE;
}

static void report_unknown_output(pat_builder *builder, const pat_name *name)
{
  const plan_detection *detection = builder->detection;
  pat_nearest nearest;
  pat_nearest_init(&nearest, name->text);
  for (uint32_t i = 0; i < detection->key_count; i++) pat_nearest_offer(&nearest, detection->key_names[i]);
  for (uint32_t i = 0; i < detection->emit_count; i++) pat_nearest_offer(&nearest, detection->emit[i].name);
  pat_report(builder->compile->diags, 332, name->span, "'suppress by' needs a key or an emitted value, and '%s' is neither%s", name->text,
             pat_nearest_text(&nearest, builder->compile->arena));
}

/* Without `by`: the key of the detection. */
static int build_suppress(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  plan_detection *detection = builder->detection;
  if (decl->suppress_span.length == 0) return 1;
  if (decl->suppress_by.count > PAT_PARTS_MAX) {
    pat_report(builder->compile->diags, 502, decl->suppress_by.at[PAT_PARTS_MAX].span, "'suppress by' takes at most %u names", PAT_PARTS_MAX);
    return 0;
  }
  uint32_t written = decl->suppress_by.count, count = written > 0 ? written : detection->key_count;
  uint32_t *by = cb_arena_take(builder->compile->arena, ((size_t)count + 1) * sizeof *by);
  if (!by) return 0;
  int is_good = 1;
  for (uint32_t i = 0; i < count; i++) {
    by[i] = i;
    if (written == 0) continue;
    by[i] = find_output(detection, decl->suppress_by.at[i].text);
    if (by[i] != CEP_NONE) continue;
    report_unknown_output(builder, &decl->suppress_by.at[i]);
    is_good = 0;
  }
  detection->suppress.duration = decl->suppress;
  detection->suppress.by = by;
  detection->suppress.by_count = count;
  return is_good;
}

static int build_meta(pat_builder *builder)
{
  const pat_object *object = &builder->decl->meta;
  plan_meta *meta = cb_arena_take(builder->compile->arena, (object->count + 1) * sizeof *meta);
  if (!meta || !check_object(builder->compile, object, "'meta'")) return 0;
  int is_good = 1;
  for (uint32_t i = 0; i < object->count; i++) {
    meta[i].name = object->at[i].name.text;
    is_good &= pat_check_constant(builder->compile, object->at[i].expr, CEP_NULL, "a value of 'meta'", &meta[i].value);
  }
  builder->detection->meta = meta;
  builder->detection->meta_count = object->count;
  return is_good;
}

int pat_build_after_emit(pat_builder *builder, int is_emit_good)
{
  /* Its names could be any if the emit is broken. */
  int is_good = is_emit_good && build_suppress(builder);
  return build_meta(builder) & is_good;
}

/* `having` sees what the whole match has. */
static int build_having(pat_builder *builder)
{
  const pat_expr *written = builder->decl->having;
  if (!written) return 1;
  pat_scope scope;
  pat_scope_outputs(&scope, builder, "'having'");
  builder->detection->having = pat_check_condition(&scope, written);
  return builder->detection->having != NULL;
}

int pat_build_outputs(pat_builder *builder)
{
  int is_good = build_having(builder);
  return pat_build_after_emit(builder, build_emits(builder)) & is_good;
}

int pat_build_output_stream(pat_builder *builder)
{
  const plan_detection *detection = builder->detection;
  plan_stream *stream = &builder->compile->streams[builder->symbol->stream];
  plan_field *fields = cb_arena_take(builder->compile->arena, ((size_t)detection->key_count + detection->emit_count + 1) * sizeof *fields);
  if (!fields) return 0;
  for (uint32_t i = 0; i < detection->key_count; i++) {
    fields[i].name = fields[i].path = detection->key_names[i];
    fields[i].kind = detection->key_kinds[i];
  }
  for (uint32_t i = 0; i < detection->emit_count; i++) {
    plan_field *field = &fields[detection->key_count + i];
    field->name = field->path = detection->emit[i].name;
    field->kind = detection->emit[i].expr->kind;
    field->nullable = detection->emit[i].expr->may_be_null;
  }
  stream->name = builder->symbol->name;
  stream->span = builder->symbol->span;
  stream->input = CEP_NONE;
  stream->detection = builder->symbol->detection;
  stream->stratum = detection->stratum;
  stream->fields = fields;
  stream->field_count = detection->key_count + detection->emit_count;
  return 1;
}
