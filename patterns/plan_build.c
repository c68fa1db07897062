/* plan_build.c - a detection of the plan: its steps' streams and names, then its parts in order. */
#include "patterns/plan_build.h"

#include <string.h>

/* ---- Names of steps ---------------------------------------------------------------- */

static int is_name_taken(pat_builder *builder, uint32_t index, const pat_step *written)
{
  const plan_step *step = &builder->steps[index];
  pat_diags *diags = builder->compile->diags;
  cb_span span = written->name.text ? written->name.span : written->role.span;
  for (uint32_t i = 0; i < index; i++) {
    const plan_step *other = &builder->steps[i];
    if (other->kind != PLAN_TAKE || strcmp(other->name, step->name) != 0) continue;
    pat_report(diags, 501, span, step->named ? "two steps are called '%s'" : "two steps are called '%s'; give this one a name with 'as'",
               step->name);
    return 1;
  }
  for (uint32_t i = 0; i < builder->decl->keys.count; i++) {
    if (strcmp(builder->decl->keys.at[i].name.text, step->name) != 0) continue;
    pat_report(diags, 309, span, "'%s' is a key of this detection; a step needs another name", step->name);
    return 1;
  }
  if (!step->named || strcmp(step->name, step->role) == 0 || !pat_find_symbol(builder->compile, step->name)) return 0;
  pat_report(diags, 309, span, "'%s' is a stream, definition, detection or table; a step needs another name", step->name);
  return 1;
}

static int resolve_step(pat_builder *builder, uint32_t index)
{
  const pat_step *written = &builder->decl->steps.at[index];
  plan_step *step = &builder->steps[index];
  const pat_symbol *role = pat_resolve_name(builder->compile, &written->role);
  step->kind = written->kind;
  step->role = written->role.text;
  step->named = written->name.text != NULL;
  step->name = step->named ? written->name.text : step->role;
  step->span = written->span;
  step->until = CEP_NONE;
  step->stream = role ? role->stream : CEP_NONE;
  step->member = role ? role->member : NULL;
  builder->roles[index] = role;
  if (role && role->stratum >= builder->detection->stratum) builder->detection->stratum = role->stratum + 1;
  int is_clash = step->kind == PLAN_TAKE && is_name_taken(builder, index, written);
  return role != NULL && !is_clash;
}

int pat_resolve_steps(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  uint32_t count = decl->steps.count;
  int is_good = 1;
  if (count > PLAN_STEPS_MAX) {
    pat_report(builder->compile->diags, 502, decl->steps.at[PLAN_STEPS_MAX].span, "a detection has at most %u steps, this one has %u",
               PLAN_STEPS_MAX, count);
    return 0;
  }
  builder->steps = cb_arena_take(builder->compile->arena, ((size_t)count + 1) * sizeof *builder->steps);
  builder->roles = cb_arena_take(builder->compile->arena, ((size_t)count + 1) * sizeof *builder->roles);
  if (!builder->steps || !builder->roles) return 0;
  for (uint32_t i = 0; i < count; i++) is_good &= resolve_step(builder, i);
  builder->detection->steps = builder->steps;
  builder->detection->step_count = count;
  return is_good;
}

/* ---- Header ------------------------------------------------------------------------ */

static int check_header(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  pat_diags *diags = builder->compile->diags;
  int is_good = 1;
  if (!decl->has_span) {
    pat_report(diags, 503, builder->symbol->span,
               "detection '%s' has no 'within'. A match could stay open for ever; give a span, or write 'unbounded'",
               builder->symbol->name);
    is_good = 0;
  }
  if (decl->match_span.length == 0) {
    pat_report(diags, 504, builder->symbol->span, "detection '%s' has no 'match'", builder->symbol->name);
    is_good = 0;
  }
  return pat_check_key_names(builder) & is_good;
}

int pat_check_key_names(pat_builder *builder)
{
  const pat_detect *decl = builder->decl;
  pat_diags *diags = builder->compile->diags;
  int is_good = 1;
  if (decl->keys.count > PLAN_KEYS_MAX) {
    pat_report(diags, 502, decl->keys.at[PLAN_KEYS_MAX].name.span, "a key has at most %u parts, this one has %u", PLAN_KEYS_MAX,
               decl->keys.count);
    is_good = 0;
  }
  for (uint32_t i = 0; i < decl->keys.count && i <= PLAN_KEYS_MAX; i++) {
    const pat_name *name = &decl->keys.at[i].name;
    for (uint32_t j = 0; j < i; j++) {
      if (strcmp(decl->keys.at[j].name.text, name->text) != 0) continue;
      pat_report(diags, 309, name->span, "the key has two parts called '%s'", name->text);
      is_good = 0;
    }
    if (!pat_find_symbol(builder->compile, name->text)) continue;
    pat_report(diags, 309, name->span, "'%s' is a stream, definition, detection or table; a key needs another name", name->text);
    is_good = 0;
  }
  return is_good;
}

pat_builder pat_builder_begin(pat_compile *compile, pat_symbol *symbol)
{
  plan_detection *detection = &compile->detections[symbol->detection];
  detection->name = symbol->name;
  detection->span = symbol->span;
  detection->stream = symbol->stream;
  detection->stratum = 1;
  detection->skip_step = CEP_NONE;
  return (pat_builder){.compile = compile, .symbol = symbol, .decl = symbol->decl->detect, .detection = detection, .read_stream = CEP_NONE};
}

int pat_build_detection(pat_compile *compile, pat_symbol *symbol)
{
  if (symbol->decl->detect->window) return pat_build_aggregate(compile, symbol);
  if (symbol->decl->detect->join) return pat_build_join(compile, symbol);
  pat_builder builder = pat_builder_begin(compile, symbol);
  plan_detection *detection = builder.detection;
  detection->within = builder.decl->within;
  detection->within_events = builder.decl->within_events;
  detection->latest = builder.decl->latest_span.length > 0;
  detection->emit_once = builder.decl->once_span.length > 0;
  int is_good = check_header(&builder);
  is_good &= pat_resolve_steps(&builder);
  if (!is_good || builder.decl->steps.count == 0) return 0;
  /* Rules first: they do not need the conditions, and both may have something to say. */
  is_good &= pat_check_rules(&builder);
  if (!pat_build_key(&builder)) return 0;
  is_good &= pat_build_steps(&builder);
  is_good &= pat_build_outputs(&builder);
  if (!is_good || !pat_build_output_stream(&builder)) return 0;
  symbol->stratum = detection->stratum;
  return pat_build_tests(&builder);
}
