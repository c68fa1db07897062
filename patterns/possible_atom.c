/* possible_atom.c - a comparison as a value and the set that it must lie in. */
#include <string.h>

#include "patterns/possible.h"

/* More constants in one list are not looked through. */
#define LIST_MAX 4096u
#define NETWORKS_MAX 256u

cep_kind pat_term_kind(const pat_term *term)
{
  return term->b ? CEP_INT : term->a->kind;
}

uint32_t pat_strict_args(const plan_expr *expr)
{
  switch (expr->op) {
  case PLAN_TO_FLOAT:
  case PLAN_EQ:
  case PLAN_NE:
  case PLAN_LT:
  case PLAN_LE:
  case PLAN_GT:
  case PLAN_GE:
  case PLAN_ADD:
  case PLAN_SUB:
  case PLAN_MUL:
  case PLAN_DIV:
  case PLAN_IDIV:
  case PLAN_MOD:
  case PLAN_NEG:
  case PLAN_LIKE:
  case PLAN_ILIKE:
  case PLAN_REGEX:
  case PLAN_CONTAINS:
  case PLAN_STARTS:
  case PLAN_ENDS:
  case PLAN_ICONTAINS:
  case PLAN_ISTARTS:
  case PLAN_IENDS: return expr->arg_count;
  case PLAN_IN:
  case PLAN_IN_TABLE:
  case PLAN_LOOKUP:
  case PLAN_CIDR: return 1;
  default: return 0;
  }
}

/* ---- Comparisons ---------------------------------------------------------------------- */

static plan_op turned(plan_op op)
{
  switch (op) {
  case PLAN_LT: return PLAN_GT;
  case PLAN_LE: return PLAN_GE;
  case PLAN_GT: return PLAN_LT;
  case PLAN_GE: return PLAN_LE;
  default: return op;
  }
}

/* Below 2^53 an int and its float compare with it alike. */
static int is_small(const cep_value *value)
{
  return value->kind == CEP_FLOAT && value->as.f > -0x1p53 && value->as.f < 0x1p53;
}

/* A value that can be a place in the order of `kind`. */
static int is_place(cep_kind kind, const cep_value *value)
{
  if (value->kind == CEP_FLOAT && value->as.f != value->as.f) return 0;
  if (kind == CEP_INT || kind == CEP_FLOAT) return value->kind == CEP_INT || value->kind == CEP_FLOAT;
  return value->kind == (uint32_t)kind;
}

/* The values that make it true. 0: it is something else. */
static int read_comparison(cb_arena *arena, const plan_expr *expr, pat_term *term, pat_set *yes)
{
  if (expr->op < PLAN_EQ || expr->op > PLAN_GE) return 0;
  const plan_expr *a = expr->args[0], *b = expr->args[1];
  plan_op op = expr->op;
  if (a->op == PLAN_CONST) {
    const plan_expr *first = a;
    a = b;
    b = first;
    op = turned(op);
  }
  if (b->op == PLAN_CONST && a->op == PLAN_TO_FLOAT && is_small(&b->value)) a = a->args[0];
  if (b->op == PLAN_CONST && !is_place(a->kind, &b->value)) return 0;
  term->a = a;
  term->b = b->op == PLAN_CONST ? NULL : b;
  cep_value equal = cb_int(0);
  *yes = pat_set_compared(arena, pat_term_kind(term), op, term->b ? &equal : &b->value);
  return 1;
}

/* ---- Lists, texts, networks -------------------------------------------------------------- */

static int read_list(cb_arena *arena, const plan_expr *expr, pat_term *term, pat_set *yes)
{
  if (expr->op != PLAN_IN || expr->arg_count > LIST_MAX) return 0;
  const plan_expr *value = expr->args[0];
  int is_float = value->op == PLAN_TO_FLOAT;
  for (uint32_t i = 1; i < expr->arg_count; i++) {
    const plan_expr *other = expr->args[i];
    if (other->op != PLAN_CONST || !is_place(value->kind, &other->value)) return 0;
    if (is_float && !is_small(&other->value)) is_float = 0;
  }
  term->a = is_float ? value->args[0] : value;
  *yes = pat_set_values(arena, term->a->kind, expr->args + 1, expr->arg_count - 1);
  return 1;
}

/* `like` with nothing but a text and maybe one % at its end. */
static int read_like(cb_arena *arena, const plan_expr *expr, pat_term *term, pat_set *yes)
{
  if (expr->op != PLAN_LIKE || expr->args[1]->op != PLAN_CONST || expr->args[1]->value.kind != CEP_STRING) return 0;
  cep_value pattern = expr->args[1]->value;
  int has_tail = pattern.length > 0 && pattern.as.s[pattern.length - 1] == '%';
  if (has_tail) pattern.length--;
  for (uint32_t i = 0; i < pattern.length; i++) {
    if (strchr("%_\\", pattern.as.s[i])) return 0;
  }
  term->a = expr->args[0];
  *yes = has_tail ? pat_set_prefix(arena, &pattern) : pat_set_compared(arena, CEP_STRING, PLAN_EQ, &pattern);
  return 1;
}

static int read_prefix(cb_arena *arena, const plan_expr *expr, pat_term *term, pat_set *yes)
{
  if (expr->op != PLAN_STARTS || expr->args[1]->op != PLAN_CONST || expr->args[1]->value.kind != CEP_STRING) return 0;
  term->a = expr->args[0];
  *yes = pat_set_prefix(arena, &expr->args[1]->value);
  return 1;
}

static int read_networks(cb_arena *arena, const plan_expr *expr, pat_term *term, pat_set *yes)
{
  if (expr->op != PLAN_CIDR || expr->arg_count > NETWORKS_MAX) return 0;
  term->a = expr->args[0];
  *yes = pat_set_none();
  for (uint32_t i = 1; i < expr->arg_count; i++) {
    if (expr->args[i]->op != PLAN_CONST || expr->args[i]->value.kind != CEP_STRING) return 0;
    pat_set network = pat_set_network(arena, &expr->args[i]->value);
    *yes = pat_set_or(arena, yes, &network);
  }
  return 1;
}

static void read_null(cb_arena *arena, const plan_expr *expr, uint32_t values, pat_term *term, pat_set *out)
{
  term->a = expr->args[0];
  *out = values & PAT_V_NO ? pat_set_all(arena) : pat_set_none();
  out->nan = (values & PAT_V_NO) != 0;
  out->null = (values & PAT_V_YES) != 0;
}

void pat_read_atom(cb_arena *arena, const plan_expr *expr, uint32_t values, pat_term *term, pat_set *out)
{
  pat_set yes;
  term->a = expr;
  term->b = NULL;
  if (expr->op == PLAN_IS_NULL) {
    read_null(arena, expr, values, term, out);
    return;
  }
  if (!read_comparison(arena, expr, term, &yes) && !read_list(arena, expr, term, &yes) && !read_like(arena, expr, term, &yes) &&
      !read_prefix(arena, expr, term, &yes) && !read_networks(arena, expr, term, &yes)) {
    cep_value is_true = cb_bool(1);
    term->a = expr;
    yes = pat_set_compared(arena, CEP_BOOL, PLAN_EQ, &is_true);
  }
  pat_set no = pat_set_not(arena, &yes);
  *out = pat_set_none();
  if (values & PAT_V_YES) *out = pat_set_or(arena, out, &yes);
  if (values & PAT_V_NO) *out = pat_set_or(arena, out, &no);
  out->nan = (values & (expr->op == PLAN_NE ? PAT_V_YES : PAT_V_NO)) != 0; /* of NaN only `!=` is true */
  out->null = (values & PAT_V_NIL) != 0;
}

/* ---- Terms ---------------------------------------------------------------------------------- */

static pat_set range_of(cb_arena *arena, cep_kind kind, int64_t least, int64_t most)
{
  cep_value from = cb_value_i(kind, least), to = cb_value_i(kind, most);
  pat_set above = pat_set_compared(arena, kind, PLAN_GE, &from), below = pat_set_compared(arena, kind, PLAN_LE, &to);
  return pat_set_and(arena, &above, &below);
}

pat_set pat_term_values(cb_arena *arena, const pat_term *term, int nothing_captured)
{
  uint32_t values = pat_values_of(term->a, nothing_captured);
  pat_set set;
  if (term->b) {
    uint32_t other = pat_values_of(term->b, nothing_captured);
    int is_same = pat_same_expr(term->a, term->b);
    set = (values & PAT_V_OTHER) && (other & PAT_V_OTHER) ? range_of(arena, CEP_INT, is_same ? 0 : -1, is_same ? 0 : 1) : pat_set_none();
    set.null = ((values | other) & PAT_V_NIL) != 0;
    set.nan = term->a->kind == CEP_FLOAT || term->b->kind == CEP_FLOAT;
    return set;
  }
  if (term->a->kind == CEP_BOOL)
    set = values & PAT_V_OTHER ? range_of(arena, CEP_BOOL, values & PAT_V_NO ? 0 : 1, values & PAT_V_YES ? 1 : 0) : pat_set_none();
  else
    set = values & PAT_V_OTHER ? pat_set_all(arena) : pat_set_none();
  set.null = (values & PAT_V_NIL) != 0;
  set.nan = term->a->kind == CEP_FLOAT && (values & PAT_V_OTHER);
  return set;
}

int pat_same_term(const pat_term *a, const pat_term *b, int *is_turned)
{
  *is_turned = 0;
  if (!a->b || !b->b) return !a->b && !b->b && pat_same_expr(a->a, b->a);
  if (pat_same_expr(a->a, b->a) && pat_same_expr(a->b, b->b)) return 1;
  *is_turned = 1;
  return pat_same_expr(a->a, b->b) && pat_same_expr(a->b, b->a);
}

pat_set pat_turn_order(cb_arena *arena, const pat_set *set)
{
  pat_set out = pat_set_none();
  for (int64_t order = -1; order <= 1; order++) {
    pat_set point = range_of(arena, CEP_INT, order, order), other = range_of(arena, CEP_INT, -order, -order);
    pat_set common = pat_set_and(arena, set, &point);
    if (common.count > 0) out = pat_set_or(arena, &out, &other);
  }
  out.null = set->null;
  out.nan = set->nan;
  return out;
}
