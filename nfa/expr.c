/* expr.c - the expression machine: one loop over words of code and a small stack. */
#include "nfa/expr.h"

#include <math.h>
#include <string.h>

#include "nfa/fn.h"
#include "nfa/opcode.h"

/* Infinity is the overflow of a float. */
static cep_value finite(double f)
{
  return f - f == 0 ? cb_float(f) : cb_null();
}

static cep_value field_of_cell(const prg *program, const cb_cell *cell, uint32_t column)
{
  const cb_layout *layout = &program->layout_views[cell->layout];
  uint32_t kept = cb_layout_find(layout, column);
  return kept == CEP_NONE ? cb_null() : cb_cell_get(cell, layout, kept);
}

static cep_value field_of_event(const nfa_env *env, uint32_t column)
{
  if (env->cell) return field_of_cell(env->program, env->cell, column);
  return cb_batch_get(env->batch, column, env->row);
}

static cep_time time_of_event(const nfa_env *env)
{
  return env->cell ? env->cell->time : env->batch->time[env->row];
}

/* As of when tables are looked at. */
static cep_time time_of_look(const nfa_env *env)
{
  return env->cell || env->batch ? time_of_event(env) : env->now;
}

/* `column` PRG_NONE: the time. */
static cep_value field_of_node(const nfa_env *env, cb_slab_id id, uint32_t column)
{
  const nfa_node *node = nfa_history_at(env->captures->slab, id);
  if (column == PRG_NONE) return cb_value_i(CEP_TIME, node->time);
  return field_of_cell(env->program, (const cb_cell *)cb_slab_at(env->captures->slab, node->cell), column);
}

static cep_value capture(const nfa_env *env, uint32_t step, int32_t nth, uint32_t column)
{
  if (!env->captures || env->captures->head == CB_SLAB_NONE) return cb_null();
  cb_slab_id id = nfa_history_nth(env->captures->slab, env->captures->head, step, nth);
  return id == CB_SLAB_NONE ? cb_null() : field_of_node(env, id, column);
}

static cep_value newest(const nfa_env *env, const uint32_t *pairs, uint32_t count, const cep_value *otherwise)
{
  if (!env->captures || env->captures->head == CB_SLAB_NONE) return *otherwise;
  uint32_t step = nfa_history_at(env->captures->slab, env->captures->head)->step;
  for (uint32_t i = 0; i < count; i++) {
    if (pairs[2 * i] == step) return field_of_node(env, env->captures->head, pairs[2 * i + 1]);
  }
  return cb_null();
}

static cep_value register_value(const nfa_env *env, uint32_t index)
{
  const prg_register *reg = &env->program->registers[env->register_first + index];
  cep_value value = {reg->kind, 0, {0}};
  if (prg_register_is_made(reg)) return env->captures && env->captures->values ? env->captures->values[index] : cb_null();
  if (!env->captures) { /* as before the first event */
    int starts_at_zero =
        reg->what == PRG_REG_COUNT || reg->what == PRG_REG_SUM_INT || reg->what == PRG_REG_SUM_FLOAT ||
        reg->what == PRG_REG_SQUARES || reg->what == PRG_REG_PART;
    return starts_at_zero ? value : cb_null();
  }
  if (env->captures->null >> index & 1) return cb_null();
  memcpy(&value.as, &env->captures->registers[index], sizeof(uint64_t));
  return reg->kind == CEP_FLOAT ? finite(value.as.f) : value;
}

static int is_true(const cep_value *value)
{
  return value->kind == CEP_BOOL && value->as.i != 0;
}
static int is_false(const cep_value *value)
{
  return value->kind == CEP_BOOL && value->as.i == 0;
}
static int is_kind(const cep_value *a, cep_kind kind)
{
  return a->kind == (uint32_t)kind;
}
static int are(const cep_value *a, cep_kind kind_a, const cep_value *b, cep_kind kind_b)
{
  return is_kind(a, kind_a) && is_kind(b, kind_b);
}

static cep_value bool_and(const cep_value *a, const cep_value *b)
{
  if (is_false(a) || is_false(b)) return cb_bool(0);
  return is_true(a) && is_true(b) ? cb_bool(1) : cb_null();
}

static cep_value bool_or(const cep_value *a, const cep_value *b)
{
  if (is_true(a) || is_true(b)) return cb_bool(1);
  return is_false(a) && is_false(b) ? cb_bool(0) : cb_null();
}

/* NaN: unordered, so only `!=` is true. */
static cep_value compared(nfa_op op, const cep_value *a, const cep_value *b)
{
  if (is_kind(a, CEP_NULL) || is_kind(b, CEP_NULL)) return cb_null();
  cb_order order = cb_value_compare(a, b);
  if (op == NFA_OP_EQ) return cb_bool(order == CB_EQUAL);
  if (op == NFA_OP_NE) return cb_bool(order != CB_EQUAL);
  if (op == NFA_OP_LT) return cb_bool(order == CB_LESS);
  if (op == NFA_OP_GT) return cb_bool(order == CB_GREATER);
  if (op == NFA_OP_LE) return cb_bool(order == CB_LESS || order == CB_EQUAL);
  return cb_bool(order == CB_GREATER || order == CB_EQUAL);
}

typedef enum whole_op { ADD, SUB, MUL, IDIV, MOD } whole_op;

/* Null when the result does not fit, or for a divisor of 0. */
static cep_value whole(whole_op op, const cep_value *a, cep_kind kind_a, const cep_value *b, cep_kind kind_b,
                       cep_kind kind)
{
  if (!are(a, kind_a, b, kind_b)) return cb_null();
  int64_t x = a->as.i, y = b->as.i, result = 0;
  int fails = 0;
  switch (op) {
  case ADD: fails = __builtin_add_overflow(x, y, &result); break;
  case SUB: fails = __builtin_sub_overflow(x, y, &result); break;
  case MUL: fails = __builtin_mul_overflow(x, y, &result); break;
  case IDIV:
    fails = y == 0 || (x == INT64_MIN && y == -1);
    if (!fails) result = x / y;
    break;
  case MOD:
    fails = y == 0;
    if (!fails && y != -1) result = x % y; /* INT64_MIN % -1 traps, and is 0 */
    break;
  }
  return fails ? cb_null() : cb_value_i(kind, result);
}

static cep_value duration_of(double ns)
{
  if (!(ns >= -0x1p63 && ns < 0x1p63)) return cb_null(); /* also NaN */
  return cb_value_i(CEP_DURATION, (int64_t)ns);
}

static cep_value mean(const cep_value *sum, const cep_value *count)
{
  if (!is_kind(count, CEP_INT) || count->as.i == 0) return cb_null();
  if (is_kind(sum, CEP_FLOAT)) return cb_float(sum->as.f / (double)count->as.i);
  return whole(IDIV, sum, CEP_DURATION, count, CEP_INT, CEP_DURATION);
}

static cep_value deviation(const cep_value *squares, const cep_value *count)
{
  if (!are(squares, CEP_FLOAT, count, CEP_INT) || count->as.i < 2) return cb_null();
  return finite(sqrt(squares->as.f / (double)(count->as.i - 1)));
}

static cep_value on_texts(nfa_op op, const cep_value *a, const cep_value *b)
{
  if (!are(a, CEP_STRING, b, CEP_STRING)) return cb_null();
  if (op == NFA_OP_LIKE || op == NFA_OP_ILIKE) return cb_bool(nfa_text_like(a, b, op == NFA_OP_ILIKE));
  if (op == NFA_OP_CONTAINS || op == NFA_OP_ICONTAINS)
    return cb_bool(nfa_text_contains(a, b, op == NFA_OP_ICONTAINS));
  if (op == NFA_OP_STARTS || op == NFA_OP_ISTARTS)
    return cb_bool(nfa_text_starts(a, b, op == NFA_OP_ISTARTS));
  return cb_bool(nfa_text_ends(a, b, op == NFA_OP_IENDS));
}

static cep_value search(const nfa_env *env, uint32_t regex, const cep_value *text)
{
  if (!is_kind(text, CEP_STRING)) return cb_null();
  int found =
      nfa_regex_search(env->program->regex_codes[regex], env->scratch->regex, text->as.s, text->length);
  if (found < 0) env->scratch->regex_limit_hits++;
  return cb_bool(found > 0);
}

static cep_value in_nets(const prg *program, uint32_t first, uint32_t count, const cep_value *ip)
{
  if (!is_kind(ip, CEP_IP)) return cb_null();
  for (uint32_t i = first; i < first + count; i++) {
    if (cb_cidr_holds(program->nets[i].address, program->nets[i].bits, (const uint8_t *)ip->as.s))
      return cb_bool(1);
  }
  return cb_bool(0);
}

/* The rows of a table; NULL, which is counted, if none were handed in yet. */
static const nfa_table *rows_of(const nfa_env *env, uint32_t table)
{
  if (!env->scratch->tables) return NULL;
  nfa_table_slot *slot = &env->scratch->tables[table];
  if (!slot->rows) slot->unread++;
  return slot->rows;
}

static cep_value in_table(const nfa_env *env, uint32_t table, uint32_t field, const cep_value *value)
{
  if (is_kind(value, CEP_NULL)) return cb_null();
  const nfa_table *rows = rows_of(env, table);
  return cb_bool(rows && nfa_table_has(rows, field, value, time_of_look(env)));
}

static cep_value lookup(const nfa_env *env, uint32_t table, uint32_t field, const cep_value *key)
{
  if (is_kind(key, CEP_NULL)) return cb_null();
  const nfa_table *rows = rows_of(env, table);
  return rows ? nfa_table_get(rows, key, field, time_of_look(env)) : cb_null();
}

/* The loop. Verified code keeps `top` within the stack, every index in its section, and
 * every jump forward to the start of an instruction or to the end. */
/* clang-format off */ /* a line for each instruction */
static cep_value run(const nfa_env *env, const uint32_t *code, uint32_t count)
{
  const prg *program = env->program;
  cep_value stack[NFA_STACK_MAX];
  uint32_t top = 0; /* first free cell */
  const uint32_t *at = code, *end = code + count;
  while (at < end) {
    nfa_op op = (nfa_op)at[0];
    /* The last two values; only instructions that pop them look at them. */
    cep_value *a = top >= 2 ? &stack[top - 2] : stack;
    cep_value *b = top >= 1 ? &stack[top - 1] : stack;
    switch (op) {
    case NFA_OP_CONST: stack[top++] = prg_const_value(program, at[1]); at += 2; continue;
    case NFA_OP_PATTERN: stack[top++] = cb_int(at[1]); at += 2; continue;
    case NFA_OP_COLUMN: stack[top++] = field_of_event(env, at[1]); at += 2; continue;
    case NFA_OP_TIME: stack[top++] = cb_value_i(CEP_TIME, time_of_event(env)); at += 1; continue;
    case NFA_OP_KEY: stack[top++] = env->keys ? env->keys[at[1]] : cb_null(); at += 2; continue;
    case NFA_OP_CAPTURE: stack[top++] = capture(env, at[1], (int32_t)at[2], at[3]); at += 4; continue;
    case NFA_OP_CAPTURE_TIME: stack[top++] = capture(env, at[1], (int32_t)at[2], PRG_NONE); at += 3; continue;
    case NFA_OP_PREV: *b = newest(env, at + 2, at[1], b); at += 2 + 2 * at[1]; continue;
    case NFA_OP_REGISTER: stack[top++] = register_value(env, at[1]); at += 2; continue;
    case NFA_OP_TO_FLOAT: *b = is_kind(b, CEP_INT) ? cb_float((double)b->as.i) : cb_null(); at += 1; continue;
    case NFA_OP_NOT: *b = is_kind(b, CEP_BOOL) ? cb_bool(b->as.i == 0) : cb_null(); at += 1; continue;
    case NFA_OP_IS_NULL: *b = cb_bool(is_kind(b, CEP_NULL)); at += 1; continue;
    case NFA_OP_NEG_FLOAT: *b = is_kind(b, CEP_FLOAT) ? cb_float(-b->as.f) : cb_null(); at += 1; continue;
    case NFA_OP_NEG_INT:
    case NFA_OP_NEG_DURATION: {
      cep_kind kind = op == NFA_OP_NEG_INT ? CEP_INT : CEP_DURATION;
      cep_value zero = cb_value_i(kind, 0);
      *b = whole(SUB, &zero, kind, b, kind, kind);
      at += 1;
      continue;
    }
    case NFA_OP_REGEX: *b = search(env, at[1], b); at += 2; continue;
    case NFA_OP_IN_TABLE: *b = in_table(env, at[1], at[2], b); at += 3; continue;
    case NFA_OP_LOOKUP: *b = lookup(env, at[1], at[2], b); at += 3; continue;
    case NFA_OP_CIDR: *b = in_nets(program, at[1], at[2], b); at += 3; continue;
    case NFA_OP_JUMP_FALSE: at = is_false(b) ? code + at[1] : at + 2; continue;
    case NFA_OP_JUMP_TRUE: at = is_true(b) ? code + at[1] : at + 2; continue;
    case NFA_OP_JUMP_PRESENT:
      if (!is_kind(b, CEP_NULL)) {
        at = code + at[1];
      } else {
        top--;
        at += 2;
      }
      continue;
    case NFA_OP_DISTINCT: stack[top++] = nfa_distinct(env, at[1], at + 3, at[2]); at += 3 + at[2]; continue;
    case NFA_OP_SELECT:
      if (is_true(a)) stack[top - 3] = *b;
      top -= 2;
      at += 1;
      continue;
    case NFA_OP_IN_ITEM: {
      cep_value equal = compared(NFA_OP_EQ, &stack[top - 3], b);
      *a = bool_or(a, &equal);
      top--;
      at += 1;
      continue;
    }
    case NFA_OP_CALL:
      top -= at[2];
      stack[top] = nfa_fn_call(env->scratch, at[1], &stack[top], at[2]);
      top++;
      at += 3;
      continue;
    /* The rest take two values and leave one. */
    case NFA_OP_AVG: *a = mean(a, b); break;
    case NFA_OP_STDDEV: *a = deviation(a, b); break;
    case NFA_OP_AND: *a = bool_and(a, b); break;
    case NFA_OP_OR: *a = bool_or(a, b); break;
    case NFA_OP_EQ:
    case NFA_OP_NE:
    case NFA_OP_LT:
    case NFA_OP_LE:
    case NFA_OP_GT:
    case NFA_OP_GE: *a = compared(op, a, b); break;
    case NFA_OP_ADD_INT: *a = whole(ADD, a, CEP_INT, b, CEP_INT, CEP_INT); break;
    case NFA_OP_SUB_INT: *a = whole(SUB, a, CEP_INT, b, CEP_INT, CEP_INT); break;
    case NFA_OP_MUL_INT: *a = whole(MUL, a, CEP_INT, b, CEP_INT, CEP_INT); break;
    case NFA_OP_IDIV: *a = whole(IDIV, a, CEP_INT, b, CEP_INT, CEP_INT); break;
    case NFA_OP_MOD: *a = whole(MOD, a, CEP_INT, b, CEP_INT, CEP_INT); break;
    case NFA_OP_ADD_FLOAT: *a = are(a, CEP_FLOAT, b, CEP_FLOAT) ? finite(a->as.f + b->as.f) : cb_null(); break;
    case NFA_OP_SUB_FLOAT: *a = are(a, CEP_FLOAT, b, CEP_FLOAT) ? finite(a->as.f - b->as.f) : cb_null(); break;
    case NFA_OP_MUL_FLOAT: *a = are(a, CEP_FLOAT, b, CEP_FLOAT) ? finite(a->as.f * b->as.f) : cb_null(); break;
    case NFA_OP_DIV_FLOAT:
      *a = are(a, CEP_FLOAT, b, CEP_FLOAT) && b->as.f != 0 ? finite(a->as.f / b->as.f) : cb_null();
      break;
    case NFA_OP_ADD_DURATION: *a = whole(ADD, a, CEP_DURATION, b, CEP_DURATION, CEP_DURATION); break;
    case NFA_OP_SUB_DURATION: *a = whole(SUB, a, CEP_DURATION, b, CEP_DURATION, CEP_DURATION); break;
    case NFA_OP_MUL_DURATION_INT: *a = whole(MUL, a, CEP_DURATION, b, CEP_INT, CEP_DURATION); break;
    case NFA_OP_MUL_DURATION_FLOAT:
      *a = are(a, CEP_DURATION, b, CEP_FLOAT) ? duration_of((double)a->as.i * b->as.f) : cb_null();
      break;
    case NFA_OP_DIV_DURATION_FLOAT:
      *a = are(a, CEP_DURATION, b, CEP_FLOAT) && b->as.f != 0 ? duration_of((double)a->as.i / b->as.f) : cb_null();
      break;
    case NFA_OP_DIV_DURATIONS:
      *a = are(a, CEP_DURATION, b, CEP_DURATION) && b->as.i != 0 ? cb_float((double)a->as.i / (double)b->as.i)
                                                                 : cb_null();
      break;
    case NFA_OP_ADD_TIME: *a = whole(ADD, a, CEP_TIME, b, CEP_DURATION, CEP_TIME); break;
    case NFA_OP_SUB_TIME: *a = whole(SUB, a, CEP_TIME, b, CEP_DURATION, CEP_TIME); break;
    case NFA_OP_SUB_TIMES: *a = whole(SUB, a, CEP_TIME, b, CEP_TIME, CEP_DURATION); break;
    case NFA_OP_IN_END: *a = *b; break;
    case NFA_OP_LIKE:
    case NFA_OP_ILIKE:
    case NFA_OP_CONTAINS:
    case NFA_OP_STARTS:
    case NFA_OP_ENDS:
    case NFA_OP_ICONTAINS:
    case NFA_OP_ISTARTS:
    case NFA_OP_IENDS: *a = on_texts(op, a, b); break;
    case NFA_OP_COUNT: CB_UNREACHABLE();
    }
    top--;
    at += 1;
  }
  CB_ASSERT(top == 1);
  return stack[0];
}
/* clang-format on */

/* A column, a constant, and an instruction that takes both: without the machine where it compares. */
static cep_value column_and_const(const nfa_env *env, const uint32_t *code)
{
  if (code[4] < NFA_OP_EQ || code[4] > NFA_OP_GE) return run(env, code, 5);
  cep_value a = field_of_event(env, code[1]), b = prg_const_value(env->program, code[3]);
  if (code[4] == NFA_OP_EQ && are(&a, CEP_INT, &b, CEP_INT)) return cb_bool(a.as.i == b.as.i);
  return compared((nfa_op)code[4], &a, &b);
}

cep_value nfa_expr_eval(const nfa_env *env, uint32_t expr)
{
  CB_ASSERT(expr < env->program->exprs_count);
  const prg_expr *e = &env->program->exprs[expr];
  const uint32_t *code = env->program->code + e->code.first;
  cep_value value;
  if (e->code.count == 2 && code[0] == NFA_OP_COLUMN) {
    value = field_of_event(env, code[1]); /* most keys */
  } else if (e->code.count == 5 && code[0] == NFA_OP_COLUMN && code[2] == NFA_OP_CONST) {
    value = column_and_const(env, code); /* most atoms */
  } else {
    value = run(env, code, e->code.count);
  }
  /* What reads the value relies on its kind; only a forged image can have another. */
  return value.kind == e->kind ? value : cb_null();
}

uint32_t nfa_expr_column(const prg *program, uint32_t expr)
{
  prg_list code = program->exprs[expr].code;
  return code.count == 2 && program->code[code.first] == NFA_OP_COLUMN ? program->code[code.first + 1] : PRG_NONE;
}

int nfa_expr_holds(const nfa_env *env, uint32_t expr)
{
  cep_value value = nfa_expr_eval(env, expr);
  return is_true(&value);
}
