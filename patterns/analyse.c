/* analyse.c - conditions that are never or always true, and what nothing reads. */
#include "patterns/analyse.h"

#include <string.h>

/* Questions are answered as long as this lasts: a second or less for the worst of files. */
#define WORK_ALL 1000000u

/* ---- Conditions ------------------------------------------------------------------------- */

/* A condition, and what is known of what it is asked of. */
typedef struct judged {
  const plan_expr *expr;
  pat_asked given[PAT_GIVEN_MAX];
  uint32_t given_count;
  const char *name; /* of what is given: a stream, a define */
  const char *then; /* what it means that this is never true: ", so ..." */
} judged;

/* Something has been said of these words, which may be the reason for all the rest. */
static int is_said(const pat_analysis *analysis, cb_span span)
{
  const pat_diags *diags = analysis->compile->diags;
  for (uint32_t i = 0; i < diags->kept.count; i++) {
    const cep_error *kept = &diags->kept.at[i];
    if (kept->offset >= span.offset && kept->offset < span.offset + span.length) return 1;
  }
  return 0;
}

/* Whether it can have one of the values; `given`: for what is given. */
static int can_be(pat_analysis *analysis, const judged *it, const plan_expr *expr, uint32_t values, int given)
{
  pat_asked asked[PAT_GIVEN_MAX + 1];
  uint32_t count = 0;
  for (uint32_t i = 0; given && i < it->given_count; i++) asked[count++] = it->given[i];
  asked[count].expr = expr;
  asked[count++].values = values;
  return pat_possible(&analysis->logic, asked, count);
}

static const char *text_of(const pat_analysis *analysis, const plan_expr *expr)
{
  return pat_text_at(analysis->compile, expr->span);
}

/* One that stands there on purpose. */
static int is_written_constant(const pat_analysis *analysis, const plan_expr *expr)
{
  return expr->op == PLAN_CONST && strcmp(text_of(analysis, expr), "true") == 0;
}

/* Parts that decide nothing: never true in an `or`, always true in an `and`. Inside of a `not` null
 * is as good as true: there the part of an `or` has to be always false. */
static void judge_parts(pat_analysis *analysis, const judged *it, const plan_expr *expr, int is_turned, uint32_t depth)
{
  if (expr->op == PLAN_NOT) judge_parts(analysis, it, expr->args[0], !is_turned, depth);
  if ((expr->op != PLAN_AND && expr->op != PLAN_OR) || depth == 0) return;
  int is_or = expr->op == PLAN_OR;
  uint32_t decides = is_or ? PAT_V_YES | (is_turned ? PAT_V_NIL : 0u) : PAT_V_NIL | PAT_V_NO;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    const plan_expr *part = expr->args[i];
    if (part->op == PLAN_CONST) continue;
    if (can_be(analysis, it, part, decides, 0)) {
      judge_parts(analysis, it, part, is_turned, depth - 1);
      continue;
    }
    pat_report(analysis->compile->diags, 562, part->span, "'%s' is %s true, so it changes nothing in this condition; leave it out",
               text_of(analysis, part), is_or ? "never" : "always");
  }
}

/* 1 if it is never true. */
static int judge(pat_analysis *analysis, const judged *it)
{
  pat_diags *diags = analysis->compile->diags;
  const plan_expr *expr = it->expr;
  if (!expr || is_said(analysis, expr->span)) return 0;
  if (!can_be(analysis, it, expr, PAT_V_YES, 0)) {
    pat_report(diags, 522, expr->span, "'%s' is never true%s", text_of(analysis, expr), it->then);
    return 1;
  }
  int is_given = it->given_count > 0 && can_be(analysis, it, NULL, PAT_V_YES, 1);
  if (is_given && !can_be(analysis, it, expr, PAT_V_YES, 1)) {
    pat_report(diags, 560, expr->span, "no event of '%s' meets '%s'%s", it->name, text_of(analysis, expr), it->then);
    return 1;
  }
  if (is_written_constant(analysis, expr)) return 0;
  if (!can_be(analysis, it, expr, PAT_V_NIL | PAT_V_NO, 0))
    pat_report(diags, 561, expr->span, "'%s' is always true; leave it out, or say what was meant", text_of(analysis, expr));
  else if (is_given && !can_be(analysis, it, expr, PAT_V_NIL | PAT_V_NO, 1))
    pat_report(diags, 561, expr->span, "every event of '%s' meets '%s' already; leave it out, or say what was meant", it->name, text_of(analysis, expr));
  else
    judge_parts(analysis, it, expr, 0, 8);
  return 0;
}

static void give(judged *it, const plan_expr *expr)
{
  if (!expr) return;
  it->given[it->given_count].expr = expr;
  it->given[it->given_count++].values = PAT_V_YES;
}

/* ---- Streams and defines ------------------------------------------------------------------ */

static void judge_stream(pat_analysis *analysis, const plan_stream *stream)
{
  judged it = {stream->fits, {{NULL, 0}}, 0, stream->name, ", so no record is in this stream"};
  (void)judge(analysis, &it);
}

/* The last part of the joined conditions is the define's own. */
static void judge_define(pat_analysis *analysis, const pat_symbol *symbol)
{
  const pat_define *define = symbol->decl->define;
  const pat_symbol *base = pat_find_symbol(analysis->compile, define->base.text);
  judged it = {symbol->member, {{NULL, 0}}, 0, define->base.text, ", so this definition holds no event"};
  give(&it, analysis->plan->streams[symbol->stream].fits);
  if (base && base->member) {
    give(&it, base->member);
    it.expr = symbol->member->args[symbol->member->arg_count - 1];
  }
  (void)judge(analysis, &it);
}

/* Unread ones of a kind that are told one by one. */
#define UNREAD_MAX 3

/* Is it the one to be told of? `*others`: how many are not, because it stands for them. */
static int is_told(const pat_analysis *analysis, const pat_symbol *symbol, uint32_t *others)
{
  const pat_compile *compile = analysis->compile;
  const pat_symbol *first = NULL;
  uint32_t count = 0;
  for (uint32_t i = 0; i < compile->symbol_count; i++) {
    const pat_symbol *other = &compile->symbols[i];
    if (other->is_used || other->decl->kind != symbol->decl->kind) continue;
    if (!first) first = other;
    count++;
  }
  *others = count > UNREAD_MAX ? count - 1 : 0;
  return count <= UNREAD_MAX || first == symbol;
}

/* Detections are told to the outside; of the others something here must read each, if there is a detection at all. */
static void judge_use(pat_analysis *analysis, const pat_symbol *symbol)
{
  pat_diags *diags = analysis->compile->diags;
  uint32_t others;
  if (symbol->is_used || analysis->plan->detection_count == 0 || !is_told(analysis, symbol, &others)) return;
  const char *more = others ? cb_arena_printf(analysis->compile->arena, ", nor %u others", (unsigned)others) : "";
  const char *which = others ? "them" : "it";
  if (!more) return; /* the arena remembers */
  if (symbol->decl->kind == PAT_D_DEFINE)
    pat_report(diags, 342, symbol->span, "nothing reads the definition '%s'%s; use %s, or leave %s out", symbol->name, more, which, which);
  if (symbol->decl->kind == PAT_D_TABLE)
    pat_report(diags, 343, symbol->span, "no condition looks into the table '%s'%s; use %s, or leave %s out", symbol->name, more, which, which);
  if (symbol->decl->kind == PAT_D_STREAM)
    pat_report(diags, 344, symbol->span, "no detection reads the stream '%s'%s; use %s, or leave %s out", symbol->name, more, which, which);
}

/* ---- Steps --------------------------------------------------------------------------------- */

const char *pat_without_step(const pat_analysis *analysis, uint32_t step)
{
  const plan_step *it = &analysis->detection->steps[step];
  if (it->kind == PLAN_NO) return ", so this 'no' forbids nothing";
  if (it->kind == PLAN_UNTIL) return ", so this 'until' ends nothing";
  return analysis->is_needed >> step & 1 ? ", so this detection can never fire" : ", so this step never takes an event";
}

uint32_t pat_given(const pat_analysis *analysis, const plan_step *step, pat_asked given[PAT_GIVEN_MAX])
{
  const plan_expr *all[] = {analysis->plan->streams[step->stream].fits, step->member, step->where};
  uint32_t count = 0;
  for (uint32_t i = 0; i < PAT_GIVEN_MAX; i++) {
    if (!all[i]) continue;
    given[count].expr = all[i];
    given[count++].values = PAT_V_YES;
  }
  return count;
}

int pat_implies(pat_analysis *analysis, const plan_step *narrow, const plan_step *wide)
{
  pat_asked asked[PAT_GIVEN_MAX + 1];
  const plan_expr *const conditions[] = {wide->member, wide->where};
  uint32_t count = pat_given(analysis, narrow, asked);
  if (!pat_possible(&analysis->logic, asked, count)) return 0; /* which has been said */
  for (uint32_t i = 0; i < 2; i++) {
    if (!conditions[i]) continue;
    asked[count].expr = conditions[i];
    asked[count].values = PAT_V_NIL | PAT_V_NO;
    if (pat_possible(&analysis->logic, asked, count + 1)) return 0;
  }
  return 1;
}

/* Steps in front of which nothing can have been captured. */
static uint64_t first_steps(const plan_detection *detection, const plan_element *element)
{
  uint64_t found = 0;
  if (element->kind == PLAN_STEP) return detection->steps[element->step].kind == PLAN_TAKE ? (uint64_t)1 << element->step : 0;
  if (element->kind == PLAN_ALL_OF) return 0;
  for (uint32_t i = 0; i < element->item_count; i++) {
    const plan_element *item = &element->items[i];
    found |= first_steps(detection, item);
    int is_no = item->kind == PLAN_STEP && detection->steps[item->step].kind == PLAN_NO;
    if (element->kind == PLAN_SEQUENCE && !is_no) break;
  }
  return found;
}

/* A first step whose condition needs an event before it. */
static void judge_first(pat_analysis *analysis, const judged *it)
{
  analysis->logic.nothing_captured = 1;
  if (!can_be(analysis, it, it->expr, PAT_V_YES, 0))
    pat_report(analysis->compile->diags, 523, it->expr->span,
               "'%s' is never true for the first event of a match: nothing was captured before it; begin with a step without it, or give prev another value",
               text_of(analysis, it->expr));
  analysis->logic.nothing_captured = 0;
}

static void judge_steps(pat_analysis *analysis)
{
  const plan_detection *detection = analysis->detection;
  uint64_t first = first_steps(detection, &detection->pattern);
  for (uint32_t i = 0; i < detection->step_count; i++) {
    const plan_step *step = &detection->steps[i];
    judged it = {step->where, {{NULL, 0}}, 0, step->role, pat_without_step(analysis, i)};
    give(&it, analysis->plan->streams[step->stream].fits);
    give(&it, step->member);
    if (!step->where || judge(analysis, &it)) continue;
    if ((first >> i & 1) && !is_said(analysis, step->where->span)) judge_first(analysis, &it);
  }
}

/* Behind a define the conditions of both are joined; the last part is the aggregate's own. */
static void judge_aggregate(pat_analysis *analysis, const pat_symbol *symbol)
{
  const plan_detection *detection = analysis->detection;
  const plan_route *route = &detection->routes[0];
  const pat_step *written = &symbol->decl->detect->steps.at[0];
  const pat_symbol *base = pat_find_symbol(analysis->compile, written->role.text);
  judged counted = {route->member, {{NULL, 0}}, 0, written->role.text, ", so this aggregate counts nothing"};
  judged having = {detection->window->having, {{NULL, 0}}, 0, NULL, ", so this aggregate never reports"};
  give(&counted, analysis->plan->streams[route->stream].fits);
  if (written->where && base && base->member) {
    give(&counted, base->member);
    counted.expr = route->member->args[route->member->arg_count - 1];
  }
  if (written->where) (void)judge(analysis, &counted);
  (void)judge(analysis, &having);
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* Steps that every match has. */
static uint64_t needed_steps(const plan_detection *detection, const plan_element *element)
{
  uint64_t found = 0;
  if (element->optional) return 0;
  if (element->kind == PLAN_STEP) return detection->steps[element->step].kind == PLAN_TAKE ? (uint64_t)1 << element->step : 0;
  if (element->kind == PLAN_ONE_OF && element->item_count > 1) return 0;
  for (uint32_t i = 0; i < element->item_count; i++) found |= needed_steps(detection, &element->items[i]);
  return found;
}

static void judge_join(pat_analysis *analysis)
{
  judged pairs = {analysis->detection->join->where, {{NULL, 0}}, 0, NULL, ", so this join never makes a pair"};
  (void)judge(analysis, &pairs);
}

static void analyse_detection(pat_analysis *analysis, const pat_symbol *symbol)
{
  const plan_detection *detection = &analysis->plan->detections[symbol->detection];
  analysis->detection = detection;
  if (detection->window) {
    judge_aggregate(analysis, symbol);
    return;
  }
  if (detection->join) {
    judge_join(analysis);
    return;
  }
  analysis->is_needed = needed_steps(detection, &detection->pattern);
  judge_steps(analysis);
  if (detection->having) {
    judged having = {detection->having, {{NULL, 0}}, 0, NULL, ", so this detection can never fire"};
    (void)judge(analysis, &having);
  }
  pat_analyse_pattern(analysis);
}

cep_status pat_analyse(pat_compile *compile)
{
  pat_analysis analysis;
  memset(&analysis, 0, sizeof analysis);
  analysis.compile = compile;
  analysis.plan = compile->plan;
  analysis.logic.alloc = compile->arena->alloc;
  analysis.logic.work = WORK_ALL;
  for (uint32_t i = 0; i < compile->plan->stream_count; i++) judge_stream(&analysis, &compile->plan->streams[i]);
  for (uint32_t i = 0; i < compile->symbol_count && !compile->diags->is_full; i++) {
    const pat_symbol *symbol = &compile->symbols[i];
    judge_use(&analysis, symbol);
    if (symbol->decl->kind == PAT_D_DEFINE) judge_define(&analysis, symbol);
    if (symbol->decl->kind == PAT_D_DETECT) analyse_detection(&analysis, symbol);
  }
  pat_analyse_pairs(&analysis);
  return analysis.logic.is_refused || compile->arena->failed ? CEP_E_NOMEM : CEP_OK;
}
