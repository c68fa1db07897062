/* plan.c - from text to plan: the phases in order. */
#include "patterns/plan.h"

#include <string.h>

#include "patterns/analyse.h"
#include "patterns/parser.h"
#include "patterns/resolve.h"

const char *plan_format_word(plan_format format)
{
  static const char *const words[] = {[PLAN_JSON] = "json", [PLAN_LINE] = "line", [PLAN_CSV] = "csv", [PLAN_LOGFMT] = "logfmt"};
  return words[format];
}

const char *plan_window_word(plan_window_kind kind)
{
  static const char *const words[] = {[PLAN_TUMBLING] = "tumbling", [PLAN_SLIDING] = "sliding", [PLAN_SESSION] = "session", [PLAN_COUNT_WINDOW] = "count"};
  return words[kind];
}

const char *plan_join_word(plan_join_kind kind)
{
  static const char *const words[] = {[PLAN_INNER] = "inner", [PLAN_LEFT] = "left", [PLAN_FULL] = "full"};
  return words[kind];
}

static void warn_unfed_inputs(pat_compile *compile)
{
  for (uint32_t i = 0; i < compile->input_count; i++) {
    const pat_input *input = &compile->inputs[i];
    if (input->is_fed || input->is_bad || compile->has_lost_names) continue;
    pat_report(compile->diags, 333, input->span, "no stream reads the input '%s'", input->name);
  }
}

/* Every detection may be broken and its mistakes reported; then there is nothing to add. Declarations alone are good
 * for who will write rules below them. */
static void check_detections(pat_compile *compile)
{
  cb_span start = {0, 0};
  int has_errors = compile->diags->errors + compile->diags->errors_kept > 0;
  if (compile->plan->detection_count > 0 || has_errors) return;
  if (compile->plan->stream_count == 0 && compile->symbol_count == 0)
    pat_report(compile->diags, 334, start, "'%s' declares nothing; it wants a stream and a detection", compile->plan->source.name);
  else
    pat_report(compile->diags, 347, start, "'%s' has no detection, so there is nothing to watch for", compile->plan->source.name);
}

cep_status pat_compile_source(pat_compile *compile, cb_arena *arena, pat_diags *diags, plan *made)
{
  pat_file *file = NULL;
  memset(compile, 0, sizeof *compile);
  cep_status status = pat_parse(arena, diags, &made->source, &file);
  pat_diags_flush(diags);
  if (status < 0) return status;
  compile->arena = arena;
  compile->diags = diags;
  compile->file = file;
  compile->plan = made;
  status = pat_resolve(compile);
  if (status == CEP_OK) {
    warn_unfed_inputs(compile);
    check_detections(compile);
  }
  if (status == CEP_OK && diags->errors + diags->errors_kept == 0) status = pat_analyse(compile);
  pat_diags_flush(diags);
  return status;
}

cep_status plan_compile(cb_arena *arena, const char *name, const char *text, size_t text_len, cep_diag_fn report,
                        void *report_ctx, plan **out, cep_error *err)
{
  *out = NULL;
  if (text_len > PAT_TEXT_MAX)
    return cb_error_set(err, CEP_E_LIMIT, "'%s' has %zu bytes; a rule file has at most %zu", name, text_len, PAT_TEXT_MAX);
  pat_compile compile;
  pat_diags diags;
  plan *made = cb_arena_take(arena, sizeof *made);
  if (!made) return cb_error_set(err, CEP_E_NOMEM, "no memory to compile '%s'", name);
  cb_source_init(&made->source, name, text, (uint32_t)text_len);
  pat_diags_init(&diags, arena, &made->source, report, report_ctx);
  cep_status status = pat_compile_source(&compile, arena, &diags, made);
  if (status < 0 || arena->failed) return cb_error_set(err, CEP_E_NOMEM, "no memory to compile '%s'", name);
  if (diags.errors > 0) {
    if (err) *err = diags.first;
    return diags.first.status;
  }
  *out = made;
  return CEP_OK;
}
