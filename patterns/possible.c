/* possible.c - whether conditions can all have the values that are asked of them. */
#include "patterns/possible.h"

#include <string.h>

/* Choices inside of choices; deeper ones are taken for possible. */
#define CHOICES_MAX 200u
/* Of one question. */
#define WORK_MAX 20000u

/* What must be, still to be looked at. Of what is no bool: whether it is null. */
typedef struct todo {
  pat_asked asked;
  const struct todo *next;
} todo;

/* What is known of a term; the newest counts. */
typedef struct known {
  pat_term term;
  pat_set set;
  const struct known *next;
} known;

typedef struct state {
  const todo *goals;
  const todo *choices; /* `and`, `or` of which one part must be so, or which have two values to choose from */
  const known *facts;
} state;

typedef struct solver {
  pat_logic *logic;
  cb_arena *arena;
  uint64_t work;
} solver;

static int push(solver *self, const todo **list, const plan_expr *expr, uint32_t values)
{
  todo *one = cb_arena_take(self->arena, sizeof *one);
  if (!one) return 0;
  one->asked.expr = expr;
  one->asked.values = values;
  one->next = *list;
  *list = one;
  return 1;
}

/* A part of the work; 0 when there is none left, and then nothing is impossible any more. */
static int spend(solver *self, uint64_t work)
{
  if (self->work < work || self->arena->failed) return 0;
  self->work -= work;
  return 1;
}

/* Functions with `state` give 0 when it has become impossible. */

static int add_fact(solver *self, state *at, const pat_term *term, const pat_set *set)
{
  known *fact = cb_arena_take(self->arena, sizeof *fact);
  if (!fact) return 1;
  pat_set before = pat_term_values(self->arena, term, self->logic->nothing_captured), now = *set;
  uint64_t looked_at = 1;
  fact->term = *term;
  for (const known *other = at->facts; other; other = other->next, looked_at++) {
    int is_turned;
    if (!pat_same_term(&other->term, term, &is_turned)) continue;
    before = other->set;
    fact->term = other->term;
    if (is_turned) now = pat_turn_order(self->arena, set);
    break;
  }
  if (!spend(self, looked_at)) return 1;
  fact->set = pat_set_and(self->arena, &before, &now);
  if (self->arena->failed) return 1;
  fact->next = at->facts;
  at->facts = fact;
  return !pat_set_is_empty(&fact->set);
}

/* What its parts have to be for it not to be null. */
static void ask_parts(solver *self, state *at, const plan_expr *expr)
{
  uint32_t count = pat_strict_args(expr);
  for (uint32_t i = 0; i < count; i++) (void)push(self, &at->goals, expr->args[i], PAT_V_OTHER);
}

static int look_at_value(solver *self, state *at, const pat_asked *asked)
{
  const plan_expr *expr = asked->expr;
  if (expr->op == PLAN_CONST) return (asked->values & (expr->value.kind == CEP_NULL ? PAT_V_NIL : PAT_V_OTHER)) != 0;
  pat_term term = {expr, NULL};
  pat_set set = asked->values & PAT_V_OTHER ? pat_set_all(self->arena) : pat_set_none();
  set.nan = (asked->values & PAT_V_OTHER) != 0;
  set.null = (asked->values & PAT_V_NIL) != 0;
  if (!set.null) ask_parts(self, at, expr);
  return add_fact(self, at, &term, &set);
}

static int look_at_constant(const pat_asked *asked)
{
  const cep_value *value = &asked->expr->value;
  uint32_t is = value->kind == CEP_NULL ? PAT_V_NIL : value->as.i ? PAT_V_YES : PAT_V_NO;
  return (asked->values & is) != 0;
}

/* `deciding`: NO for `and`, YES for `or`: one such part is enough for it. */
static void look_at_logic(solver *self, state *at, const pat_asked *asked, uint32_t deciding)
{
  const plan_expr *expr = asked->expr;
  uint32_t other = PAT_V_OTHER & ~deciding, values = asked->values;
  int is_all = !(values & deciding), is_one = !(values & other);
  if (!is_all && !is_one) { /* deciding or other, but not null */
    (void)push(self, &at->choices, expr, values);
    return;
  }
  if (is_all) {
    for (uint32_t i = 0; i < expr->arg_count; i++) (void)push(self, &at->goals, expr->args[i], values & other ? values : PAT_V_NIL | other);
  }
  if (is_one) (void)push(self, &at->choices, expr, values);
}

static int look_at(solver *self, state *at, const pat_asked *asked)
{
  const plan_expr *expr = asked->expr;
  uint32_t values = asked->values;
  if (!expr || values == (PAT_V_NIL | PAT_V_OTHER)) return 1;
  if (values == 0) return 0;
  if (expr->kind != CEP_BOOL) return look_at_value(self, at, asked);
  switch (expr->op) {
  case PLAN_CONST: return look_at_constant(asked);
  case PLAN_AND: look_at_logic(self, at, asked, PAT_V_NO); return 1;
  case PLAN_OR: look_at_logic(self, at, asked, PAT_V_YES); return 1;
  case PLAN_NOT: {
    uint32_t turned = (values & PAT_V_NIL) | (values & PAT_V_YES ? PAT_V_NO : 0) | (values & PAT_V_NO ? PAT_V_YES : 0);
    return push(self, &at->goals, expr->args[0], turned);
  }
  case PLAN_IS_NULL: {
    uint32_t turned = (values & PAT_V_YES ? PAT_V_NIL : 0) | (values & PAT_V_NO ? PAT_V_OTHER : 0);
    return push(self, &at->goals, expr->args[0], turned);
  }
  default: break;
  }
  pat_term term;
  pat_set set;
  pat_read_atom(self->arena, expr, values, &term, &set);
  if (!(values & PAT_V_NIL)) ask_parts(self, at, expr);
  return add_fact(self, at, &term, &set);
}

static int can_meet(solver *self, state at, uint32_t depth);

/* Each way of a choice in turn. */
static int can_choose(solver *self, const state *at, const pat_asked *choice, uint32_t depth)
{
  uint32_t deciding = choice->expr->op == PLAN_AND ? PAT_V_NO : PAT_V_YES, other = PAT_V_OTHER & ~deciding;
  state next;
  if ((choice->values & deciding) && (choice->values & other)) {
    for (uint32_t value = PAT_V_NO; value <= PAT_V_YES; value *= 2) {
      next = *at;
      if (!push(self, &next.goals, choice->expr, value) || can_meet(self, next, depth + 1)) return 1;
    }
    return 0;
  }
  for (uint32_t i = 0; i < choice->expr->arg_count; i++) {
    next = *at;
    if (!push(self, &next.goals, choice->expr->args[i], choice->values) || can_meet(self, next, depth + 1)) return 1;
  }
  return 0;
}

static int can_meet(solver *self, state at, uint32_t depth)
{
  while (at.goals) {
    pat_asked asked = at.goals->asked;
    at.goals = at.goals->next;
    if (!spend(self, 1)) return 1;
    if (!look_at(self, &at, &asked)) return self->arena->failed;
  }
  if (!at.choices || depth >= CHOICES_MAX) return 1;
  pat_asked choice = at.choices->asked;
  at.choices = at.choices->next;
  return can_choose(self, &at, &choice, depth);
}

int pat_possible(pat_logic *logic, const pat_asked *asked, uint32_t count)
{
  cb_arena arena;
  cb_arena_init(&arena, logic->alloc);
  uint64_t work = logic->work < WORK_MAX ? logic->work : WORK_MAX;
  solver self = {logic, &arena, work};
  state at = {NULL, NULL, NULL};
  for (uint32_t i = count; i > 0; i--) (void)push(&self, &at.goals, asked[i - 1].expr, asked[i - 1].values);
  int is_possible = can_meet(&self, at, 0) || arena.failed;
  logic->work -= work - self.work;
  logic->is_refused |= arena.failed;
  cb_arena_fini(&arena);
  return is_possible;
}

/* ---- How many values --------------------------------------------------------------------- */

/* The values of `expr` that are left when `asked` is so; all of them where it says nothing. */
static pat_set left_by(cb_arena *arena, const plan_expr *expr, const pat_asked *asked, uint32_t depth)
{
  pat_term wanted = {expr, NULL}, term;
  const plan_expr *condition = asked->expr;
  pat_set all = pat_set_all(arena), set;
  all.null = all.nan = 1;
  if (!condition || depth > CHOICES_MAX) return all;
  int is_joined = condition->op == PLAN_AND || condition->op == PLAN_OR;
  if (is_joined && asked->values == PAT_V_YES) {
    set = condition->op == PLAN_AND ? all : pat_set_none();
    for (uint32_t i = 0; i < condition->arg_count; i++) {
      pat_asked part = {condition->args[i], PAT_V_YES};
      pat_set left = left_by(arena, expr, &part, depth + 1);
      set = condition->op == PLAN_AND ? pat_set_and(arena, &set, &left) : pat_set_or(arena, &set, &left);
    }
    return set;
  }
  if (is_joined || condition->op == PLAN_NOT || condition->op == PLAN_CONST || condition->kind != CEP_BOOL) return all;
  int is_turned;
  pat_read_atom(arena, condition, asked->values, &term, &set);
  return pat_same_term(&wanted, &term, &is_turned) ? set : all;
}

uint64_t pat_values_at_most(pat_logic *logic, const plan_expr *expr, const pat_asked *asked, uint32_t count)
{
  cb_arena arena;
  cb_arena_init(&arena, logic->alloc);
  pat_term term = {expr, NULL};
  pat_set set = pat_term_values(&arena, &term, 0);
  for (uint32_t i = 0; i < count; i++) {
    pat_set left = left_by(&arena, expr, &asked[i], 0);
    set = pat_set_and(&arena, &set, &left);
  }
  uint64_t size = pat_set_size(&set, expr->kind);
  if (arena.failed) size = UINT64_MAX;
  else if (set.nan && size != UINT64_MAX) size++;
  logic->is_refused |= arena.failed;
  cb_arena_fini(&arena);
  return size;
}
