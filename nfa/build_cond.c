/* build_cond.c - conditions: `not` down to the atoms, then what one event decides is cut off.
 *
 * A condition is asked only whether it is true. So `not` may go down through `and` and
 * `or` (three-valued logic keeps De Morgan's laws), and an atom under it is true only where
 * its expression is false: never where it is null. What is left above the atoms is
 * monotone, and can be computed from a bit for each atom. */
#include "nfa/build_internal.h"

typedef CB_VEC(build_conjunct) conjuncts;

typedef struct conder {
  build *b;
  const build_scope *scope;
  build_words code;
  uint32_t depth;
  int too_deep;
} conder;

static void put(conder *c, uint32_t word)
{
  if (!cb_vec_push(c->b->alloc, &c->code, word)) build_fail(c->b, CEP_E_NOMEM);
}

static void put_leaf(conder *c, uint32_t word)
{
  put(c, word);
  if (++c->depth > PRG_COND_DEPTH_MAX) c->too_deep = 1;
}

static void put_join(conder *c, int is_and)
{
  put(c, is_and ? PRG_COND_AND : PRG_COND_OR);
  c->depth--;
}

static uint32_t atom_of(build *b, uint32_t stream, uint32_t expr, int negated)
{
  build_stream *s = &b->streams[stream];
  struct {
    uint32_t stream, expr, negated;
  } key = {stream, expr, negated != 0};
  uint32_t index = build_once(b, PRG_SECTION_ATOMS, &key, sizeof key, s->atoms.count);
  if (index == s->atoms.count) {
    prg_atom atom = {expr, negated != 0};
    if (!cb_vec_push(b->alloc, &s->atoms, atom)) build_fail(b, CEP_E_NOMEM);
  }
  return index;
}

/* 1 if the join is an `and` of parts, 0 an `or`, -1 an atom; sees through `not`. */
static int shape_of(const plan_expr **expr, int *negated)
{
  while ((*expr)->op == PLAN_NOT) {
    *expr = (*expr)->args[0];
    *negated = !*negated;
  }
  if ((*expr)->op == PLAN_AND) return !*negated;
  if ((*expr)->op == PLAN_OR) return *negated;
  return -1;
}

static int is_always_true(const plan_expr *expr, int negated)
{
  return expr->op == PLAN_CONST && expr->value.kind == CEP_BOOL && (expr->value.as.i != 0) != negated;
}

static void code_cond(conder *c, const plan_expr *expr, int negated)
{
  if (c->b->status < 0) return;
  int is_and = shape_of(&expr, &negated);
  if (is_and >= 0) {
    for (uint32_t i = 0; i < expr->arg_count; i++) {
      code_cond(c, expr->args[i], negated);
      if (i > 0) put_join(c, is_and);
    }
  } else if (is_always_true(expr, negated)) {
    put_leaf(c, PRG_COND_TRUE);
  } else {
    put_leaf(c, atom_of(c->b, c->scope->stream, build_expr(c->b, c->scope, expr), negated));
  }
}

static void split(build *b, conjuncts *out, const plan_expr *expr, int negated)
{
  if (shape_of(&expr, &negated) == 1) {
    for (uint32_t i = 0; i < expr->arg_count; i++) split(b, out, expr->args[i], negated);
    return;
  }
  build_conjunct conjunct = {expr, negated};
  if (is_always_true(expr, negated)) return;
  if (!cb_vec_push(b->alloc, out, conjunct)) build_fail(b, CEP_E_NOMEM);
}

/* The conjuncts joined by `and`, as one condition over the atoms of the scope's stream. */
static uint32_t local_cond(build *b, const build_scope *scope, const conjuncts *all)
{
  conder c = {.b = b, .scope = scope};
  put(&c, scope->stream); /* equal conditions of two streams are two */
  for (uint32_t i = 0; i < all->count; i++) {
    code_cond(&c, all->at[i].expr, all->at[i].negated);
    if (i > 0) put_join(&c, 1);
  }
  if (c.too_deep)
    build_limit(b, cb_span_join(all->at[0].expr->span, all->at[all->count - 1].expr->span),
                "this condition is nested too deep: it needs more than %u values at a time",
                PRG_COND_DEPTH_MAX);
  uint32_t index = b->out.conds.count;
  if (b->status == CEP_OK) {
    index = build_once(b, PRG_SECTION_CONDS, c.code.at, c.code.count * sizeof(uint32_t), index);
    if (index == b->out.conds.count) {
      prg_cond item = {scope->stream, 0, {b->out.cond_code.count, c.code.count - 1}};
      for (uint32_t i = 1; i < c.code.count; i++) BUILD_PUSH(b, cond_code, c.code.at[i]);
      BUILD_PUSH(b, conds, item);
    }
  }
  cb_vec_free(b->alloc, &c.code);
  return index;
}

/* 1 if the value is settled once the captures are: no event under test, and no table, whose
 * rows may change. */
static int is_settled(const plan_expr *expr)
{
  switch (expr->op) {
  case PLAN_FIELD:
  case PLAN_KEY:
  case PLAN_MEASURE:
  case PLAN_IN_TABLE:
  case PLAN_LOOKUP:
  case PLAN_MATCHES: return 0;
  case PLAN_AGGREGATE: return expr->aggregate != PLAN_DISTINCT; /* its arguments are of captured events */
  default: break;
  }
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    if (!is_settled(expr->args[i])) return 0;
  }
  return 1;
}

/* Conjuncts that compare something of the event with something captured. */
static prg_list put_equals(build *b, const build_scope *scope, const conjuncts *all)
{
  uint32_t pairs[2 * PRG_EQUALS_MAX], count = 0;
  for (uint32_t i = 0; i < all->count && count < 2 * PRG_EQUALS_MAX; i++) {
    const plan_expr *expr = all->at[i].expr;
    if (expr->op != PLAN_EQ || all->at[i].negated) continue;
    int turned = plan_expr_looks_back(expr->args[0]);
    const plan_expr *own = expr->args[turned], *captured = expr->args[!turned];
    if (plan_expr_looks_back(own) || is_settled(own) || !plan_expr_looks_back(captured) || !is_settled(captured)) continue;
    pairs[count++] = build_expr(b, scope, own);
    pairs[count++] = build_expr(b, scope, captured);
  }
  return build_list(b, pairs, count);
}

build_condition build_cond(build *b, const build_scope *scope, const plan_expr *member,
                           const plan_expr *where)
{
  build_condition condition = {.local = PRG_NONE, .residual = PRG_NONE};
  conjuncts all = {0}, local = {0}, rest = {0};
  if (member) split(b, &all, member, 0);
  if (where) split(b, &all, where, 0);
  for (uint32_t i = 0; i < all.count; i++) {
    int looks_back = plan_expr_looks_back(all.at[i].expr);
    int pushed =
        looks_back ? cb_vec_push(b->alloc, &rest, all.at[i]) : cb_vec_push(b->alloc, &local, all.at[i]);
    if (!pushed) build_fail(b, CEP_E_NOMEM);
  }
  if (local.count > 0) condition.local = local_cond(b, scope, &local);
  if (rest.count > 0) condition.residual = build_expr_all(b, scope, rest.at, rest.count);
  condition.equals = put_equals(b, scope, &rest);
  cb_vec_free(b->alloc, &all);
  cb_vec_free(b->alloc, &local);
  cb_vec_free(b->alloc, &rest);
  return condition;
}
