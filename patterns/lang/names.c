/* names.c - what a name in a rule text stands for, read off the tokens around it. */
#include "patterns/lang/names.h"

#include <string.h>

#include "patterns/check.h"

/* ---- Declarations -------------------------------------------------------------------- */

uint32_t lsp_find_decl(const lsp_study *study, const char *name, int is_input)
{
  uint32_t other = CEP_NONE;
  for (uint32_t i = 0; i < study->decls.count; i++) {
    const pat_decl *decl = study->decls.at[i].decl;
    if (strcmp(decl->name.text, name) != 0) continue;
    if ((decl->kind == PAT_D_INPUT) == is_input) return i;
    if (other == CEP_NONE) other = i;
  }
  return other;
}

static const lsp_token *before_of(const lsp_study *study, uint32_t token, uint32_t count)
{
  return token >= count ? lsp_at(study, token - count) : NULL;
}

static uint32_t decl_named_at(const lsp_study *study, uint32_t token, int is_input)
{
  return lsp_is(study, token, PAT_NAME) ? lsp_find_decl(study, lsp_at(study, token)->text, is_input) : CEP_NONE;
}

/* ---- Fields -------------------------------------------------------------------------- */

static void add_field(cb_arena *arena, lsp_fields *out, const char *name, cep_kind kind, int is_nullable)
{
  for (uint32_t i = 0; i < out->count; i++)
    if (strcmp(out->at[i].name, name) == 0) return;
  lsp_field field = {name, kind, is_nullable};
  (void)pat_list_push(arena, out, field);
}

/* What the compiler made of it, if it could. */
static int add_built(const lsp_study *study, cb_arena *arena, const char *name, lsp_fields *out)
{
  const pat_symbol *symbol = study->compile.symbols ? pat_find_symbol(&study->compile, name) : NULL;
  if (!symbol || symbol->state != PAT_BUILT) return 0;
  const plan_field *fields;
  uint32_t count;
  if (symbol->table != CEP_NONE) {
    fields = study->compile.tables[symbol->table].fields;
    count = study->compile.tables[symbol->table].field_count;
  } else {
    fields = study->compile.streams[symbol->stream].fields;
    count = study->compile.streams[symbol->stream].field_count;
  }
  for (uint32_t i = 0; i < count; i++) add_field(arena, out, fields[i].name, fields[i].kind, fields[i].nullable);
  return 1;
}

static void add_members(cb_arena *arena, const pat_stream *stream, lsp_fields *out)
{
  if (stream->time.span.length > 0 && stream->time.field.text) add_field(arena, out, stream->time.field.text, CEP_TIME, 0);
  for (uint32_t i = 0; i < stream->members.count; i++) {
    const pat_member *member = &stream->members.at[i];
    add_field(arena, out, member->name.text, member->kind, member->is_nullable);
  }
}

static void add_detected(cb_arena *arena, const pat_detect *detect, lsp_fields *out)
{
  for (uint32_t i = 0; i < detect->keys.count; i++) add_field(arena, out, detect->keys.at[i].name.text, CEP_NULL, 0);
  const pat_object *values = detect->window && detect->emit.count == 0 ? &detect->window->measures : &detect->emit;
  for (uint32_t i = 0; i < values->count; i++) add_field(arena, out, values->at[i].name.text, CEP_NULL, 0);
}

void lsp_fields_of(const lsp_text *text, cb_arena *arena, uint32_t decl, lsp_fields *out)
{
  /* A define stands for its stream; a chain of them ends, or is a cycle and gives nothing. */
  for (uint32_t depth = 0; decl != CEP_NONE && depth < PAT_DEPTH_MAX; depth++) {
    const pat_decl *found = text->study->decls.at[decl].decl;
    if (found->kind != PAT_D_INPUT && add_built(text->study, arena, found->name.text, out)) return;
    if (found->is_broken && text->older) (void)add_built(text->older, arena, found->name.text, out);
    switch (found->kind) {
    case PAT_D_STREAM:
    case PAT_D_INPUT:
      add_members(arena, found->stream, out);
      if (!found->stream->from.text) return;
      decl = lsp_find_decl(text->study, found->stream->from.text, 1);
      break;
    case PAT_D_TABLE: add_members(arena, &found->table->source, out); return;
    case PAT_D_DETECT: add_detected(arena, found->detect, out); return;
    case PAT_D_DEFINE: decl = found->define->base.text ? lsp_find_decl(text->study, found->define->base.text, 0) : CEP_NONE; break;
    case PAT_D_OTHER: return;
    }
  }
}

void lsp_measures_of(const lsp_text *text, cb_arena *arena, uint32_t decl, lsp_fields *out)
{
  const pat_decl *found = text->study->decls.at[decl].decl;
  if (found->kind != PAT_D_DETECT || !found->detect->window) return;
  const pat_symbol *symbol = pat_find_symbol(&text->study->compile, found->name.text);
  int is_built = symbol && symbol->state == PAT_BUILT && symbol->detection != CEP_NONE;
  const plan_window *window = is_built ? text->study->compile.detections[symbol->detection].window : NULL;
  for (uint32_t i = 0; window && i < window->measure_count; i++)
    add_field(arena, out, window->measures[i].name, window->measures[i].expr->kind, window->measures[i].expr->may_be_null);
  for (uint32_t i = 0; i < found->detect->window->measures.count; i++)
    add_field(arena, out, found->detect->window->measures.at[i].name.text, CEP_NULL, 0);
}

/* Whether a label there is a field of what the declaration gives: of its body, or of `emit`. */
static int is_own_label(const lsp_study *study, uint32_t token)
{
  uint32_t brace = lsp_at(study, token)->brace;
  if (brace == CEP_NONE) return 0;
  if (lsp_at(study, brace)->brace == CEP_NONE) return 1;
  const lsp_token *before = before_of(study, brace, 1);
  return before && (before->kind == PAT_EMIT || before->word == PAT_W_once);
}

static int brings_field(const lsp_study *study, uint32_t token, const char *name)
{
  const lsp_token *at = lsp_at(study, token), *before = before_of(study, token, 1);
  if (at->kind != PAT_NAME || strcmp(at->text, name) != 0 || !before) return 0;
  if (at->is_label) return is_own_label(study, token);
  if (before->word == PAT_W_time && before->kind == PAT_NAME) return 1;
  int is_head = at->brace == CEP_NONE && (before->word == PAT_W_by || before->kind == PAT_COMMA);
  return is_head && !lsp_is(study, token + 1, PAT_AS);
}

uint32_t lsp_field_token(const lsp_study *study, uint32_t decl, const char *name)
{
  for (uint32_t depth = 0; decl != CEP_NONE && depth < PAT_DEPTH_MAX; depth++) {
    const lsp_decl *found = &study->decls.at[decl];
    for (uint32_t i = found->first; i <= found->last; i++)
      if (brings_field(study, i, name)) return i;
    const pat_decl *tree = found->decl;
    if (tree->kind == PAT_D_STREAM && tree->stream->from.text) {
      decl = lsp_find_decl(study, tree->stream->from.text, 1);
    } else if (tree->kind == PAT_D_DEFINE && tree->define->base.text) {
      decl = lsp_find_decl(study, tree->define->base.text, 0);
    } else {
      return CEP_NONE;
    }
  }
  return CEP_NONE;
}

/* ---- Steps --------------------------------------------------------------------------- */

static int begins_step(const lsp_token *before)
{
  switch (before->kind) {
  case PAT_THEN:
  case PAT_MATCH:
  case PAT_PAREN_OPEN:
  case PAT_PAREN_CLOSE: /* of distinct(…) */
  case PAT_COMMA:
  case PAT_INT:
  case PAT_DURATION:
  case PAT_PLUS:
  case PAT_NO:
  case PAT_UNTIL: return 1;
  case PAT_NAME:
    switch (before->word) {
    case PAT_W_latest:
    case PAT_W_optional:
    case PAT_W_immediately:
    case PAT_W_any:
    case PAT_W_greedy:
    case PAT_W_reluctant:
    case PAT_W_consecutive:
    case PAT_W_relaxed: return 1;
    default: return 0;
    }
  default: return 0;
  }
}

/* `A as a` wherever it stands, and a stream alone between the words of a pattern. */
void lsp_steps_of(const lsp_study *study, cb_arena *arena, uint32_t decl, lsp_steps *out)
{
  const lsp_decl *found = &study->decls.at[decl];
  if (found->decl->kind != PAT_D_DETECT) return;
  for (uint32_t i = found->first + 2; i + 1 <= found->last; i++) {
    const lsp_token *at = lsp_at(study, i);
    if (at->kind != PAT_NAME || at->is_label) continue;
    if (lsp_is(study, i + 1, PAT_AS) && lsp_is(study, i + 2, PAT_NAME)) {
      lsp_step step = {lsp_at(study, i + 2)->text, i + 2, i};
      (void)pat_list_push(arena, out, step);
      i += 2;
    } else if (begins_step(lsp_at(study, i - 1)) && !lsp_is(study, i - 1, PAT_NO) && !lsp_is(study, i - 1, PAT_UNTIL) && lsp_stream_at(study, i) == CEP_NONE && lsp_find_decl(study, at->text, 0) != CEP_NONE &&
               at->brace != CEP_NONE && lsp_at(study, at->brace)->brace == CEP_NONE && !lsp_is(study, i + 1, PAT_DOT)) {
      lsp_step step = {at->text, i, i};
      (void)pat_list_push(arena, out, step);
    }
  }
}

/* The step of that name; found without a list, for it is asked for every name. */
static int find_step(const lsp_study *study, uint32_t decl, const char *name, lsp_step *out)
{
  cb_arena arena;
  lsp_steps steps = {NULL, 0, 0};
  int is_found = 0;
  cb_arena_init(&arena, study->alloc);
  lsp_steps_of(study, &arena, decl, &steps);
  for (uint32_t i = 0; i < steps.count && !is_found; i++) {
    is_found = strcmp(steps.at[i].name, name) == 0;
    *out = steps.at[i];
  }
  cb_arena_fini(&arena);
  return is_found;
}

/* ---- Places -------------------------------------------------------------------------- */

int lsp_is_case_then(const lsp_study *study, uint32_t token)
{
  for (uint32_t i = token; i > 0; i--) {
    const lsp_token *at = lsp_at(study, i - 1);
    if ((at->kind == PAT_PAREN_CLOSE || at->kind == PAT_BRACKET_CLOSE) && at->match != CEP_NONE) {
      i = at->match + 1;
      continue;
    }
    if (at->kind == PAT_NAME && at->word == PAT_W_when) return 1;
    if (at->kind == PAT_NAME && at->word == PAT_W_end) continue;
    if (at->kind == PAT_CASE || at->kind == PAT_MATCH || at->kind == PAT_THEN || at->kind == PAT_WHERE || at->kind == PAT_BRACE_OPEN ||
        at->kind == PAT_BRACE_CLOSE || at->kind == PAT_PAREN_OPEN)
      return 0;
  }
  return 0;
}

/* Of the condition behind the `where` at the token. */
static uint32_t stream_of_where(const lsp_study *study, uint32_t where, uint32_t decl)
{
  const lsp_decl *found = &study->decls.at[decl];
  const lsp_token *before = before_of(study, where, 1);
  if (!before) return CEP_NONE;
  if (found->decl->kind == PAT_D_STREAM) return decl;
  if (before->kind == PAT_PAREN_OPEN) { /* count(where …) */
    return found->decl->kind == PAT_D_DETECT && found->decl->detect->window ? decl_named_at(study, found->first + 3, 0) : CEP_NONE;
  }
  uint32_t role = where - 1;
  if (role >= 2 && lsp_is(study, role - 1, PAT_AS)) role -= 2;
  return decl_named_at(study, role, 0);
}

/* distinct(…) stands in front of its stream. */
static uint32_t stream_of_distinct(const lsp_study *study, uint32_t open)
{
  uint32_t close = lsp_at(study, open)->match;
  if (close == CEP_NONE || !lsp_is(study, open - 2, PAT_INT)) {
    if (close == CEP_NONE || !(lsp_is(study, open - 2, PAT_PLUS) && lsp_is(study, open - 3, PAT_INT))) return CEP_NONE;
  }
  uint32_t i = close + 1;
  while (lsp_is(study, i, PAT_NAME) && begins_step(lsp_at(study, i)) && lsp_is(study, i + 1, PAT_NAME)) i++;
  return decl_named_at(study, i, 0);
}

static int is_aggregate(const lsp_decl *decl)
{
  return decl->decl->kind == PAT_D_DETECT && decl->decl->detect && decl->decl->detect->window;
}

uint32_t lsp_stream_at(const lsp_study *study, uint32_t token)
{
  uint32_t decl = lsp_decl_of(study, token);
  if (decl == CEP_NONE) return CEP_NONE;
  const lsp_decl *found = &study->decls.at[decl];
  for (uint32_t i = token; i > found->first + 1; i--) {
    uint32_t at = i - 1;
    const lsp_token *before = lsp_at(study, at);
    switch (before->kind) {
    case PAT_WHERE: return stream_of_where(study, at, decl);
    case PAT_PAREN_CLOSE:
    case PAT_BRACKET_CLOSE:
      if (before->match != CEP_NONE && before->match > found->first) i = before->match + 1;
      break;
    case PAT_PAREN_OPEN:
      if (lsp_is_word(study, at - 1, PAT_W_distinct) && !is_aggregate(found)) return stream_of_distinct(study, at);
      if (lsp_is(study, at - 1, PAT_NAME) && is_aggregate(found) && before->brace != CEP_NONE) return decl_named_at(study, found->first + 3, 0);
      break;
    case PAT_THEN:
      if (lsp_is_case_then(study, at)) break;
      return CEP_NONE;
    case PAT_BRACE_OPEN:
    case PAT_BRACE_CLOSE:
    case PAT_MATCH:
    case PAT_HAVING:
    case PAT_EMIT:
    case PAT_UNTIL: return CEP_NONE;
    default: break;
    }
  }
  return CEP_NONE;
}

static uint32_t stream_of_step(const lsp_study *study, const lsp_step *step)
{
  return decl_named_at(study, step->role, 0);
}

uint32_t lsp_owner_of(const lsp_text *text, uint32_t dot)
{
  const lsp_study *study = text->study;
  if (dot == 0) return CEP_NONE;
  uint32_t at = dot - 1, decl = lsp_decl_of(study, dot);
  const lsp_token *token = lsp_at(study, at);
  if (decl == CEP_NONE) return CEP_NONE;
  if (token->kind == PAT_PAREN_CLOSE || token->kind == PAT_BRACKET_CLOSE) {
    uint32_t open = token->match;
    if (open == CEP_NONE || open == 0) return CEP_NONE;
    at = token->kind == PAT_PAREN_CLOSE ? open + 1 : open - 1; /* last(x).f; x[0].f and t[x].f */
    token = lsp_at(study, at);
  }
  lsp_step step;
  if (token->kind != PAT_NAME) return CEP_NONE;
  if (find_step(study, decl, token->text, &step)) return stream_of_step(study, &step);
  return lsp_find_decl(study, token->text, 0);
}

uint32_t lsp_labels_of(const lsp_study *study, uint32_t brace)
{
  if (brace == CEP_NONE || brace == 0) return CEP_NONE;
  const lsp_token *before = lsp_at(study, brace - 1), *instant = before_of(study, brace, 2);
  uint32_t decl = lsp_decl_of(study, brace), test = lsp_at(study, brace)->brace;
  if (decl == CEP_NONE || !instant) return CEP_NONE;
  int is_in_test = test != CEP_NONE && test >= 2 && lsp_is_word(study, test - 2, PAT_W_test);
  if (before->kind == PAT_EMIT || before->word == PAT_W_once) return decl;
  if (!is_in_test) return CEP_NONE;
  int is_instant = instant->kind == PAT_DURATION || instant->kind == PAT_STRING;
  if (before->kind == PAT_NAME && is_instant && !before->is_label && before->word != PAT_W_timeout && before->word != PAT_W_update)
    return decl_named_at(study, brace - 1, 0);
  return decl;
}

/* ---- Meanings ------------------------------------------------------------------------ */

static lsp_meaning of_decl(const lsp_study *study, uint32_t decl)
{
  lsp_meaning meaning = {LSP_NOTHING, NULL, decl, CEP_NONE, CEP_NONE};
  if (decl == CEP_NONE) return meaning;
  meaning.sort = LSP_DECL;
  meaning.name = study->decls.at[decl].decl->name.text;
  meaning.token = study->decls.at[decl].first + 1;
  return meaning;
}

static lsp_meaning of_field(const lsp_text *text, uint32_t decl, const char *name)
{
  lsp_meaning meaning = {LSP_NOTHING, name, decl, CEP_NONE, CEP_NONE};
  cb_arena arena;
  lsp_fields fields = {NULL, 0, 0};
  if (decl == CEP_NONE) return meaning;
  cb_arena_init(&arena, text->study->alloc);
  lsp_fields_of(text, &arena, decl, &fields);
  for (uint32_t i = 0; i < fields.count; i++)
    if (strcmp(fields.at[i].name, name) == 0) meaning.sort = LSP_FIELD;
  cb_arena_fini(&arena);
  if (meaning.sort == LSP_FIELD) meaning.token = lsp_field_token(text->study, decl, name);
  return meaning;
}

static lsp_meaning of_step(const lsp_text *text, uint32_t decl, const char *name)
{
  lsp_step step;
  lsp_meaning meaning = {LSP_NOTHING, name, decl, CEP_NONE, CEP_NONE};
  if (!find_step(text->study, decl, name, &step)) return meaning;
  meaning.sort = LSP_STEP;
  meaning.token = step.token;
  meaning.stream = stream_of_step(text->study, &step);
  return meaning;
}

static lsp_meaning of_key(const lsp_text *text, uint32_t decl, const char *name)
{
  lsp_meaning meaning = {LSP_NOTHING, name, decl, CEP_NONE, CEP_NONE};
  const lsp_decl *found = &text->study->decls.at[decl];
  if (found->decl->kind != PAT_D_DETECT) return meaning;
  for (uint32_t i = found->first + 2; i <= found->last && lsp_at(text->study, i)->brace == CEP_NONE; i++) {
    if (!brings_field(text->study, i, name) || lsp_at(text->study, i)->is_label) continue;
    meaning.sort = LSP_KEY;
    meaning.token = i;
    return meaning;
  }
  return meaning;
}

/* A label in the body of an aggregate. */
static int brings_measure(const lsp_study *study, uint32_t token, const char *name)
{
  const lsp_token *at = lsp_at(study, token);
  return at->kind == PAT_NAME && at->is_label && at->brace != CEP_NONE && lsp_at(study, at->brace)->brace == CEP_NONE && strcmp(at->text, name) == 0;
}

static lsp_meaning of_measure(const lsp_text *text, uint32_t decl, const char *name)
{
  lsp_meaning meaning = {LSP_NOTHING, name, decl, CEP_NONE, CEP_NONE};
  const lsp_decl *found = &text->study->decls.at[decl];
  for (uint32_t i = found->first + 2; i <= found->last && is_aggregate(found); i++) {
    if (!brings_measure(text->study, i, name)) continue;
    meaning.sort = LSP_MEASURE;
    meaning.token = i;
    return meaning;
  }
  return meaning;
}

static int is_function(const char *name)
{
  static const char *const choices[] = {"coalesce", "if", "nullif", "prev", "first", "last"};
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
    if (strcmp(name, choices[i]) == 0) return 1;
  return pat_find_builtin(name) != CEP_NONE || pat_find_aggregate(name) != CEP_NONE;
}

/* In `first(x)` and the like a step is meant, before a field of that name. */
static int is_argument(const lsp_study *study, uint32_t token)
{
  const lsp_token *at = lsp_at(study, token);
  return at->paren != CEP_NONE && at->paren > 0 && token == at->paren + 1 && lsp_is(study, at->paren - 1, PAT_NAME);
}

static lsp_meaning bare_meaning(const lsp_text *text, uint32_t decl, uint32_t token)
{
  const lsp_study *study = text->study;
  const lsp_token *at = lsp_at(study, token);
  int step_first = lsp_is(study, token + 1, PAT_DOT) || lsp_is(study, token + 1, PAT_BRACKET_OPEN) || is_argument(study, token) ||
                   lsp_is(study, token - 1, PAT_AS);
  lsp_meaning meaning = step_first ? of_step(text, decl, at->text) : of_field(text, lsp_stream_at(study, token), at->text);
  if (meaning.sort == LSP_NOTHING) meaning = step_first ? of_field(text, lsp_stream_at(study, token), at->text) : of_step(text, decl, at->text);
  /* A stream that is a step without a name of its own. */
  if (meaning.sort == LSP_STEP && !lsp_is(study, meaning.token - 1, PAT_AS)) return of_decl(study, meaning.stream);
  if (meaning.sort == LSP_NOTHING) meaning = of_key(text, decl, at->text);
  if (meaning.sort == LSP_NOTHING && at->brace != CEP_NONE) meaning = of_measure(text, decl, at->text);
  return meaning;
}

lsp_meaning lsp_meaning_of(const lsp_text *text, uint32_t token)
{
  const lsp_study *study = text->study;
  lsp_meaning nothing = {LSP_NOTHING, NULL, CEP_NONE, CEP_NONE, CEP_NONE};
  if (!lsp_is(study, token, PAT_NAME)) return nothing;
  const lsp_token *at = lsp_at(study, token);
  uint32_t decl = lsp_decl_of(study, token);
  if (decl == CEP_NONE) return nothing;
  const lsp_decl *found = &study->decls.at[decl];
  if (token == found->first + 1) return of_decl(study, decl);
  if (token == found->first) return nothing;
  if (lsp_is(study, token - 1, PAT_DOT)) return of_field(text, lsp_owner_of(text, token - 1), at->text);
  if (at->is_label && is_aggregate(found) && brings_measure(study, token, at->text)) return of_measure(text, decl, at->text);
  if (at->is_label) {
    uint32_t owner = is_own_label(study, token) ? decl : lsp_labels_of(study, at->brace);
    lsp_meaning label = of_field(text, owner, at->text);
    if (label.sort == LSP_NOTHING && owner == decl) label = (lsp_meaning){LSP_FIELD, at->text, decl, token, CEP_NONE};
    return label;
  }
  if (lsp_is(study, token + 1, PAT_PAREN_OPEN) && is_function(at->text)) {
    nothing.sort = LSP_FUNCTION;
    nothing.name = at->text;
    nothing.decl = decl;
    return nothing;
  }
  int follows_step = begins_step(lsp_at(study, token - 1)) && at->brace != CEP_NONE && lsp_stream_at(study, token) == CEP_NONE && at->paren == CEP_NONE;
  lsp_meaning meaning = follows_step ? nothing : bare_meaning(text, decl, token);
  if (meaning.sort == LSP_NOTHING && (at->word == PAT_W_NONE || follows_step || lsp_is_word(study, token - 1, PAT_W_from)))
    meaning = of_decl(study, lsp_find_decl(study, at->text, lsp_is_word(study, token - 1, PAT_W_from) && found->decl->kind == PAT_D_STREAM));
  if (meaning.sort == LSP_NOTHING && follows_step) meaning = bare_meaning(text, decl, token);
  return meaning;
}
