/* sql_disjoint.c - can one row fit two conditions: what is certain from their comparisons. */
#include <stdlib.h>
#include <string.h>

#include "tools/import/sql_tree.h"

#define BUDGET 4000 /* pairs of comparisons that are looked at */

/* Which of less, equal, greater a comparison allows. */
enum { LESS = 1, EQUAL = 2, GREATER = 4 };

typedef struct side {
  sql_say say;
} side;

typedef struct pair {
  sql_state *state;
  side sides[2];
  int budget;
} pair;

typedef enum atom_kind { COMPARED, IS_NULL, OTHER } atom_kind;

typedef struct atom {
  atom_kind kind;
  int negated;      /* OTHER, IS_NULL */
  unsigned allowed; /* COMPARED */
  const char *left; /* as text; of OTHER the whole */
  const char *right;
  const sql_expr *constant; /* right, if it is one */
} atom;

typedef struct term {
  const sql_expr *expr;
  int negated;
  int side;
} term;

static unsigned allowed_by(const char *sign)
{
  if (strcmp(sign, "=") == 0) return EQUAL;
  if (strcmp(sign, "<>") == 0) return LESS | GREATER;
  if (strcmp(sign, "<") == 0) return LESS;
  if (strcmp(sign, "<=") == 0) return LESS | EQUAL;
  if (strcmp(sign, ">") == 0) return GREATER;
  return strcmp(sign, ">=") == 0 ? GREATER | EQUAL : 0;
}

static unsigned turned(unsigned allowed)
{
  return (allowed & EQUAL) | (allowed & LESS ? GREATER : 0u) | (allowed & GREATER ? LESS : 0u);
}

static int is_constant(const sql_expr *expr)
{
  if (expr->kind == SQL_X_MINUS) return expr->args[0]->kind == SQL_X_NUMBER;
  return expr->kind == SQL_X_NUMBER || expr->kind == SQL_X_STRING || expr->kind == SQL_X_BOOL;
}

static atom compared(pair *p, int which, const sql_expr *left, unsigned allowed, const sql_expr *right)
{
  if (is_constant(left) && !is_constant(right)) {
    const sql_expr *other = left;
    left = right;
    right = other;
    allowed = turned(allowed);
  }
  sql_say *say = &p->sides[which].say;
  atom made = {COMPARED, 0, allowed, sql_say_expr(say, left, SQL_L_PRIMARY), sql_say_expr(say, right, SQL_L_PRIMARY),
               is_constant(right) ? right : NULL};
  return made;
}

static double number_of(const sql_expr *expr)
{
  return expr->kind == SQL_X_MINUS ? -strtod(expr->args[0]->text, NULL) : strtod(expr->text, NULL);
}

static int is_number(const sql_expr *expr)
{
  return expr->kind == SQL_X_NUMBER || expr->kind == SQL_X_MINUS;
}

/* No value lies on the allowed side of both constants. */
static int constants_exclude(const atom *a, const atom *b)
{
  if (is_number(a->constant) && is_number(b->constant)) {
    double x = number_of(a->constant), y = number_of(b->constant);
    if (x > y) return constants_exclude(b, a);
    if (!(x < y)) return (a->allowed & b->allowed) == 0;
    int below = a->allowed & LESS && b->allowed & LESS, at_x = a->allowed & EQUAL && b->allowed & LESS;
    int between = a->allowed & GREATER && b->allowed & LESS, at_y = a->allowed & GREATER && b->allowed & EQUAL;
    int above = a->allowed & GREATER && b->allowed & GREATER;
    return !below && !at_x && !between && !at_y && !above;
  }
  if (a->constant->kind != b->constant->kind) return 0;
  int same = a->constant->kind == SQL_X_BOOL ? a->constant->number == b->constant->number
                                             : strcmp(a->constant->text, b->constant->text) == 0;
  if (same) return (a->allowed & b->allowed) == 0;
  return a->allowed == EQUAL && b->allowed == EQUAL;
}

static int atoms_exclude(const atom *a, const atom *b)
{
  if (a->kind == COMPARED && b->kind == COMPARED) {
    if (strcmp(a->left, b->left) == 0 && strcmp(a->right, b->right) == 0) return (a->allowed & b->allowed) == 0;
    if (strcmp(a->left, b->right) == 0 && strcmp(a->right, b->left) == 0) return (a->allowed & turned(b->allowed)) == 0;
    return a->constant && b->constant && strcmp(a->left, b->left) == 0 && constants_exclude(a, b);
  }
  if (a->kind == IS_NULL && b->kind == COMPARED)
    return !a->negated && (strcmp(a->left, b->left) == 0 || strcmp(a->left, b->right) == 0);
  if (a->kind == COMPARED && b->kind == IS_NULL) return atoms_exclude(b, a);
  return a->kind == b->kind && a->negated != b->negated && strcmp(a->left, b->left) == 0;
}

static int exclude(pair *p, term a, term b);

/* A term of two parts: `both` must hold, or one of them. */
static int exclude_parts(pair *p, term first, term second, int both, term other)
{
  if (both) return exclude(p, first, other) || exclude(p, second, other);
  return exclude(p, first, other) && exclude(p, second, other);
}

static sql_expr *make_binary(pair *p, const char *sign, sql_expr *left, sql_expr *right)
{
  sql_expr *made = sql_take(p->state->arena, sizeof *made);
  made->kind = SQL_X_BINARY;
  made->at = left->at;
  made->text = sign;
  sql_append_expr(p->state, &made->args, &made->arg_count, left);
  sql_append_expr(p->state, &made->args, &made->arg_count, right);
  return made;
}

/* If the term is made of parts: takes it apart, and gives 1 with the answer. */
static int take_apart(pair *p, term a, term b, int *answer)
{
  const sql_expr *x = a.expr;
  int is_and = x->kind == SQL_X_BINARY && strcmp(x->text, "AND") == 0, is_or = x->kind == SQL_X_BINARY && strcmp(x->text, "OR") == 0;
  if (x->kind == SQL_X_NOT) {
    *answer = exclude(p, (term){x->args[0], !a.negated, a.side}, b);
    return 1;
  }
  if (is_and || is_or) {
    *answer = exclude_parts(p, (term){x->args[0], a.negated, a.side}, (term){x->args[1], a.negated, a.side}, is_and != a.negated, b);
    return 1;
  }
  if (x->kind == SQL_X_BETWEEN) {
    term low = {make_binary(p, ">=", x->args[0], x->args[1]), a.negated != x->negated, a.side};
    term high = {make_binary(p, "<=", x->args[0], x->args[2]), a.negated != x->negated, a.side};
    *answer = exclude_parts(p, low, high, !low.negated, b);
    return 1;
  }
  if (x->kind == SQL_X_IN) {
    int is_out = a.negated != x->negated;
    *answer = !is_out;
    for (uint32_t i = 1; i < x->arg_count; i++) {
      int one = exclude(p, (term){make_binary(p, "=", x->args[0], x->args[i]), is_out, a.side}, b);
      *answer = is_out ? *answer || one : *answer && one;
    }
    return 1;
  }
  return 0;
}

static atom atom_of(pair *p, term t)
{
  const sql_expr *x = t.expr;
  unsigned allowed = x->kind == SQL_X_BINARY ? allowed_by(x->text) : 0;
  if (allowed) return compared(p, t.side, x->args[0], t.negated ? 7u & ~allowed : allowed, x->args[1]);
  sql_say *say = &p->sides[t.side].say;
  atom made = {OTHER, t.negated, 0, NULL, "", NULL};
  if (x->kind == SQL_X_IS_NULL) {
    made.kind = IS_NULL;
    made.negated = t.negated != x->negated;
    made.left = sql_say_expr(say, x->args[0], SQL_L_PRIMARY);
  } else {
    made.left = sql_say_expr(say, x, SQL_L_PRIMARY);
  }
  return made;
}

/* Certainly not both true. */
static int exclude(pair *p, term a, term b)
{
  if (p->budget-- <= 0) return 0;
  if ((a.negated ? sql_is_true(a.expr) : sql_is_false(a.expr)) || (b.negated ? sql_is_true(b.expr) : sql_is_false(b.expr))) return 1;
  int answer;
  if (take_apart(p, a, b, &answer)) return answer;
  if (take_apart(p, b, a, &answer)) return answer;
  atom x = atom_of(p, a), y = atom_of(p, b);
  return atoms_exclude(&x, &y);
}

int sql_exclude_each_other(sql_state *state, const sql_table *table, const sql_match *match, const sql_var *a, const sql_var *b)
{
  if (!a->define || !b->define) return 0;
  pair p = {state, {{{0}}, {{0}}}, BUDGET};
  const sql_var *vars[2] = {a, b};
  for (int i = 0; i < 2; i++) {
    sql_say *say = &p.sides[i].say;
    say->state = state;
    say->table = table;
    say->match = match;
    say->place = SQL_IN_DEFINE;
    say->own = vars[i];
    say->is_quiet = 1;
  }
  int excluded = exclude(&p, (term){a->define, 0, 0}, (term){b->define, 0, 1});
  return excluded && p.sides[0].say.faults == 0 && p.sides[1].say.faults == 0;
}
