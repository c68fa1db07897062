/* resolve.c - the names of a file, and the compile that fills them with meaning. */
#include "patterns/resolve.h"

#include <string.h>

#include "cep/base/hash.h"
#include "patterns/check.h"

static uint32_t *head_of(const pat_compile *compile, uint32_t *heads, const char *name)
{
  return &heads[cb_hash64(name, strlen(name)) & compile->mask];
}

const pat_symbol *pat_find_symbol(const pat_compile *compile, const char *name)
{
  uint32_t at = *head_of(compile, compile->symbol_heads, name);
  while (at != 0 && strcmp(compile->symbols[at - 1].name, name) != 0) at = compile->symbols[at - 1].next;
  return at == 0 ? NULL : &compile->symbols[at - 1];
}

pat_input *pat_find_input(const pat_compile *compile, const char *name)
{
  uint32_t at = *head_of(compile, compile->input_heads, name);
  while (at != 0 && strcmp(compile->inputs[at - 1].name, name) != 0) at = compile->inputs[at - 1].next;
  return at == 0 ? NULL : &compile->inputs[at - 1];
}

uint32_t pat_find_field(const plan_stream *stream, const char *name)
{
  for (uint32_t i = 0; i < stream->field_count; i++) {
    if (strcmp(stream->fields[i].name, name) == 0) return i;
  }
  return CEP_NONE;
}

const char *pat_near_field(const pat_compile *compile, const plan_stream *stream, const char *name)
{
  pat_nearest nearest;
  pat_nearest_init(&nearest, name);
  for (uint32_t i = 0; i < stream->field_count; i++) pat_nearest_offer(&nearest, stream->fields[i].name);
  return pat_nearest_text(&nearest, compile->arena);
}

/* ---- Collecting -------------------------------------------------------------------- */

static uint32_t line_of(const pat_compile *compile, cb_span span)
{
  uint32_t line = 0, column = 0;
  cb_source_place(&compile->plan->source, span.offset, &line, &column);
  return line;
}

static void add_symbol(pat_compile *compile, const pat_decl *decl)
{
  const pat_symbol *other = pat_find_symbol(compile, decl->name.text);
  if (other) {
    pat_report(compile->diags, 305, decl->name.span, "the name '%s' is taken already, on line %u", decl->name.text,
               line_of(compile, other->span));
    return;
  }
  pat_symbol *symbol = &compile->symbols[compile->symbol_count];
  symbol->name = decl->name.text;
  symbol->span = decl->name.span;
  symbol->decl = decl;
  symbol->state = decl->is_broken ? PAT_BAD : PAT_UNBUILT;
  symbol->stream = symbol->detection = symbol->table = CEP_NONE;
  uint32_t *head = head_of(compile, compile->symbol_heads, symbol->name);
  symbol->next = *head;
  *head = ++compile->symbol_count;
}

static void add_input(pat_compile *compile, const pat_decl *decl)
{
  const pat_input *other = pat_find_input(compile, decl->name.text);
  if (other) {
    /* Two streams of one name have been reported as such. */
    if (decl->kind == PAT_D_INPUT || other->decl->is_input)
      pat_report(compile->diags, 306, decl->name.span, "there is an input '%s' already, on line %u", decl->name.text,
                 line_of(compile, other->span));
    return;
  }
  pat_input *input = &compile->inputs[compile->input_count];
  input->name = decl->name.text;
  input->span = decl->name.span;
  input->decl = decl->stream;
  input->is_bad = decl->is_broken;
  input->is_fed = decl->kind == PAT_D_STREAM;
  uint32_t *head = head_of(compile, compile->input_heads, input->name);
  input->next = *head;
  *head = ++compile->input_count;
}

static int make_tables(pat_compile *compile)
{
  uint32_t count = compile->file->decls.count, heads = 16;
  while (heads < count) heads *= 2;
  compile->mask = heads - 1;
  compile->symbols = cb_arena_take(compile->arena, ((size_t)count + 1) * sizeof *compile->symbols);
  compile->inputs = cb_arena_take(compile->arena, ((size_t)count + 1) * sizeof *compile->inputs);
  compile->symbol_heads = cb_arena_take(compile->arena, (size_t)heads * sizeof *compile->symbol_heads);
  compile->input_heads = cb_arena_take(compile->arena, (size_t)heads * sizeof *compile->input_heads);
  return compile->symbols && compile->inputs && compile->symbol_heads && compile->input_heads;
}

static void collect(pat_compile *compile)
{
  for (uint32_t i = 0; i < compile->file->decls.count && !compile->diags->is_full; i++) {
    const pat_decl *decl = &compile->file->decls.at[i];
    if (!decl->name.text) {
      compile->has_lost_names = 1;
      continue;
    }
    if (decl->kind != PAT_D_INPUT) add_symbol(compile, decl);
    int is_input = decl->kind == PAT_D_INPUT || (decl->kind == PAT_D_STREAM && !decl->stream->from.text);
    if (is_input) add_input(compile, decl);
  }
}

/* Streams are numbered in file order, those of detections among them; tables likewise. */
static int number_streams(pat_compile *compile)
{
  uint32_t streams = 0, detections = 0, tables = 0;
  for (uint32_t i = 0; i < compile->symbol_count; i++) {
    pat_symbol *symbol = &compile->symbols[i];
    if (symbol->decl->kind == PAT_D_STREAM || symbol->decl->kind == PAT_D_DETECT) symbol->stream = streams++;
    if (symbol->decl->kind == PAT_D_DETECT) symbol->detection = detections++;
    if (symbol->decl->kind == PAT_D_TABLE) symbol->table = tables++;
  }
  plan *made = compile->plan;
  compile->streams = cb_arena_take(compile->arena, ((size_t)streams + 1) * sizeof *compile->streams);
  compile->detections = cb_arena_take(compile->arena, ((size_t)detections + 1) * sizeof *compile->detections);
  compile->plan_inputs = cb_arena_take(compile->arena, ((size_t)compile->input_count + 1) * sizeof *compile->plan_inputs);
  compile->tables = cb_arena_take(compile->arena, ((size_t)tables + 1) * sizeof *compile->tables);
  if (!compile->streams || !compile->detections || !compile->plan_inputs || !compile->tables) return 0;
  made->tables = compile->tables;
  made->table_count = tables;
  made->streams = compile->streams;
  made->stream_count = streams;
  made->detections = compile->detections;
  made->detection_count = detections;
  made->inputs = compile->plan_inputs;
  made->input_count = compile->input_count;
  return 1;
}

/* ---- Building ---------------------------------------------------------------------- */

static int build_one(pat_compile *compile, pat_symbol *symbol)
{
  switch (symbol->decl->kind) {
  case PAT_D_STREAM: return pat_build_stream(compile, symbol);
  case PAT_D_DEFINE: return pat_build_define(compile, symbol);
  case PAT_D_DETECT: return pat_build_detection(compile, symbol);
  case PAT_D_TABLE: return pat_build_table(compile, symbol);
  case PAT_D_INPUT:
  case PAT_D_OTHER: return 0;
  }
  CB_UNREACHABLE();
}

/* `used_at`: the name that asked for it; NULL from the top. */
static void build(pat_compile *compile, pat_symbol *symbol, const pat_name *used_at)
{
  if (symbol->state == PAT_BUILDING) {
    pat_report(compile->diags, 310, used_at ? used_at->span : symbol->span,
               "'%s' reads itself, directly or through others; a detection can only read what does not depend on it",
               symbol->name);
    symbol->state = PAT_BAD;
  }
  if (symbol->state != PAT_UNBUILT) return;
  if (compile->depth >= PAT_DEPTH_MAX) {
    pat_report(compile->diags, 311, symbol->span, "'%s' stands on a chain of more than %u definitions and detections",
               symbol->name, PAT_DEPTH_MAX);
    symbol->state = PAT_BAD;
    return;
  }
  symbol->state = PAT_BUILDING;
  compile->depth++;
  int is_good = build_one(compile, symbol);
  compile->depth--;
  /* It may have been found to be a cycle meanwhile. */
  symbol->state = is_good && symbol->state == PAT_BUILDING ? PAT_BUILT : PAT_BAD;
}

const pat_symbol *pat_resolve_name(pat_compile *compile, const pat_name *name)
{
  const pat_symbol *found = pat_find_symbol(compile, name->text);
  if (!found) {
    if (compile->has_lost_names) return NULL;
    pat_nearest nearest;
    pat_nearest_init(&nearest, name->text);
    for (uint32_t i = 0; i < compile->symbol_count && i < PAT_NEAR_MAX; i++)
      pat_nearest_offer(&nearest, compile->symbols[i].name);
    const char *hint = pat_nearest_text(&nearest, compile->arena);
    int is_input = !*hint && pat_find_input(compile, name->text) != NULL;
    pat_report(compile->diags, 301, name->span,
               is_input ? "'%s' is an input; a step needs a stream that reads it%s" : "unknown stream '%s'%s", name->text, hint);
    return NULL;
  }
  if (found->decl->kind == PAT_D_TABLE) {
    pat_report(compile->diags, 372, name->span, "'%s' is a table and has no events; it is looked into by conditions: x in %s.<field>, %s[x].<field>",
               name->text, name->text, name->text);
    return NULL;
  }
  pat_symbol *symbol = &compile->symbols[found - compile->symbols];
  symbol->is_used = 1;
  build(compile, symbol, name);
  return symbol->state == PAT_BUILT ? symbol : NULL;
}

const plan_table *pat_resolve_table(pat_compile *compile, const pat_name *name)
{
  const pat_symbol *found = pat_find_symbol(compile, name->text);
  if (!found || found->decl->kind != PAT_D_TABLE) {
    if (!found && compile->has_lost_names) return NULL;
    pat_nearest nearest;
    pat_nearest_init(&nearest, name->text);
    for (uint32_t i = 0; i < compile->symbol_count && i < PAT_NEAR_MAX; i++) {
      if (compile->symbols[i].table != CEP_NONE) pat_nearest_offer(&nearest, compile->symbols[i].name);
    }
    const char *hint = pat_nearest_text(&nearest, compile->arena);
    pat_report(compile->diags, 370, name->span, "there is no table '%s'%s", name->text,
               *hint ? hint : "; write  table NAME from file \"…\" key FIELD { … },  or the values themselves: in (…)");
    return NULL;
  }
  pat_symbol *symbol = &compile->symbols[found - compile->symbols];
  symbol->is_used = 1;
  build(compile, symbol, name);
  return symbol->state == PAT_BUILT ? &compile->tables[symbol->table] : NULL;
}

int pat_build_define(pat_compile *compile, pat_symbol *symbol)
{
  const pat_define *define = symbol->decl->define;
  const pat_symbol *base = pat_resolve_name(compile, &define->base);
  if (!base) return 0;
  symbol->stream = base->stream;
  symbol->stratum = base->stratum;
  pat_scope scope;
  pat_scope_event(&scope, compile, &compile->streams[base->stream], "a define");
  const plan_expr *where = pat_check_condition(&scope, define->where);
  if (!where) return 0;
  symbol->member = base->member ? pat_both(compile, base->member, where) : where;
  return symbol->member != NULL;
}

cep_status pat_resolve(pat_compile *compile)
{
  if (!make_tables(compile)) return CEP_E_NOMEM;
  collect(compile);
  if (!number_streams(compile) || !pat_build_inputs(compile)) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < compile->symbol_count && !compile->diags->is_full; i++) build(compile, &compile->symbols[i], NULL);
  return compile->arena->failed ? CEP_E_NOMEM : CEP_OK;
}
