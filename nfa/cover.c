/* cover.c - what the events of tests have reached of a detection. */
#include "nfa/cover.h"

#include <string.h>

#include "nfa/program_text.h"

static const prg_step *step_at(const nfa_cover *cover, uint32_t step)
{
  return &cover->program->steps[cover->detection->steps.first + step];
}

/* An aggregate has one step and a join two, without states: nothing counts there. */
static uint32_t step_count(const nfa_cover *cover)
{
  return cover->detection->states.count > 0 ? cover->detection->steps.count : 0;
}

static prg_list code_of(const nfa_cover *cover, uint32_t step)
{
  uint32_t local = step_at(cover, step)->local;
  return local == PRG_NONE ? (prg_list){0, 0} : cover->program->conds[local].code;
}

cep_status nfa_cover_init(nfa_cover *cover, cb_alloc *alloc, const prg *program, uint32_t detection)
{
  *cover = (nfa_cover){.program = program, .detection = &program->detections[detection], .alloc = alloc};
  uint32_t steps = step_count(cover), parts = 0;
  cover->first = cb_new0(alloc, (steps + 1) * sizeof *cover->first);
  cover->steps = cb_new0(alloc, (steps + 1) * sizeof *cover->steps);
  if (!cover->first || !cover->steps) return CEP_E_NOMEM;
  for (uint32_t s = 0; s < steps; s++) {
    cover->first[s] = parts;
    parts += code_of(cover, s).count;
  }
  cover->first[steps] = parts;
  for (int i = 0; i < 2; i++) {
    cover->parts[i] = cb_new0(alloc, (parts + 1) * sizeof *cover->parts[i]);
    cover->rest[i] = cb_new0(alloc, (steps + 1) * sizeof *cover->rest[i]);
    if (!cover->parts[i] || !cover->rest[i]) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

void nfa_cover_fini(nfa_cover *cover)
{
  if (!cover->alloc) return;
  uint32_t steps = step_count(cover), parts = cover->first ? cover->first[steps] : 0;
  for (int i = 0; i < 2; i++) {
    cb_free(cover->alloc, cover->parts[i], (parts + 1) * sizeof *cover->parts[i]);
    cb_free(cover->alloc, cover->rest[i], (steps + 1) * sizeof *cover->rest[i]);
  }
  cb_free(cover->alloc, cover->steps, (steps + 1) * sizeof *cover->steps);
  cb_free(cover->alloc, cover->first, (steps + 1) * sizeof *cover->first);
  cover->alloc = NULL;
}

void nfa_cover_event(nfa_cover *cover, const nfa_env *env)
{
  const prg *program = cover->program;
  prg_list atoms = program->streams[env->batch->stream].atoms;
  for (uint32_t s = 0; s < step_count(cover); s++) {
    if (step_at(cover, s)->stream != env->batch->stream) continue;
    prg_list code = code_of(cover, s);
    for (uint32_t i = 0; i < code.count; i++) {
      uint32_t word = program->cond_code[code.first + i];
      if (word >= PRG_COND_AND) continue;
      const prg_atom *atom = &program->atoms[atoms.first + word];
      cep_value value = nfa_expr_eval(env, atom->expr);
      int holds = value.kind == CEP_BOOL && (value.as.i != 0) != (atom->negated != 0);
      cover->parts[holds][cover->first[s] + i]++;
      nfa_scratch_reset(env->scratch);
    }
  }
}

/* ---- The list --------------------------------------------------------------------------------- */

static const char *ended(cb_writer *text)
{
  cb_write_u8(text, 0);
  return text->status < 0 ? "" : (const char *)text->data;
}

static void list_parts(const nfa_cover *cover, uint32_t s, const char *of, cb_writer *text, nfa_cover_fn tell, void *ctx)
{
  const prg *program = cover->program;
  prg_list code = code_of(cover, s), atoms = program->streams[step_at(cover, s)->stream].atoms;
  for (uint32_t i = 0; i < code.count; i++) {
    uint32_t word = program->cond_code[code.first + i];
    if (word >= PRG_COND_AND) continue;
    const prg_atom *atom = &program->atoms[atoms.first + word];
    cb_writer_reset(text);
    if (atom->negated) cb_write_text(text, "not ");
    prg_write_expr(text, program, NULL, atom->expr);
    const char *part = ended(text);
    tell(ctx, "true", of, part, cover->parts[1][cover->first[s] + i]);
    tell(ctx, "false", of, part, cover->parts[0][cover->first[s] + i]);
  }
}

cep_status nfa_cover_list(const nfa_cover *cover, nfa_cover_fn tell, void *ctx)
{
  cb_writer text;
  cb_writer_init(&text, cover->alloc);
  for (uint32_t s = 0; s < step_count(cover); s++) {
    const prg_step *step = step_at(cover, s);
    int is_no = (step->flags & PRG_STEP_NO) != 0, is_until = (step->flags & PRG_STEP_UNTIL) != 0;
    const char *name = prg_text(cover->program, is_no || is_until ? step->role : step->name);
    tell(ctx, is_no ? "no" : is_until ? "until" : "step", name, name, cover->steps[s]);
    list_parts(cover, s, name, &text, tell, ctx);
    if (step->residual == PRG_NONE) continue;
    cb_writer_reset(&text);
    prg_write_expr(&text, cover->program, cover->detection, step->residual);
    const char *rest = ended(&text);
    tell(ctx, "true", name, rest, cover->rest[1][s]);
    tell(ctx, "false", name, rest, cover->rest[0][s]);
  }
  if (step_count(cover)) tell(ctx, "match", "", "a match", cover->matches);
  if (step_count(cover) && (cover->detection->flags & PRG_DETECT_ON_TIMEOUT)) tell(ctx, "timeout", "", "a timeout", cover->timeouts);
  cep_status status = text.status;
  cb_writer_fini(&text);
  return status;
}
