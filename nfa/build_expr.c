/* build_expr.c - expressions to bytecode, aggregates to registers. */
#include "nfa/build_internal.h"

#include <string.h>

#include "cep/base/signature.h"
#include "cep/base/zone.h"
#include "nfa/fn.h"
#include "nfa/opcode.h"

/* One piece of code on its way. Equal pieces become one expression at the end. */
typedef struct coder {
  build *b;
  const build_scope *scope;
  build_words code;
  uint32_t depth;
  uint32_t depth_max;
  uint32_t reads_event;
  uint32_t looks_back;
} coder;

static void put(coder *c, uint32_t word)
{
  if (!cb_vec_push(c->b->alloc, &c->code, word)) build_fail(c->b, CEP_E_NOMEM);
}

/* The instruction; its operands are put by the caller. */
static void put_op(coder *c, nfa_op op)
{
  const nfa_op_info *info = nfa_op_at(op);
  put(c, op);
  c->depth += info->pushes;
  if (info->pops != NFA_POPS_COUNT) c->depth -= info->pops;
  if (c->depth > c->depth_max) c->depth_max = c->depth;
}

static void put_const(coder *c, const cep_value *value)
{
  put_op(c, NFA_OP_CONST);
  put(c, build_const(c->b, value));
}

/* A jump whose target is filled in by `land`: gives the place of the operand. */
static uint32_t put_jump(coder *c, nfa_op op)
{
  put_op(c, op);
  put(c, 0);
  return c->code.count > 0 ? c->code.count - 1 : 0;
}

static void land(coder *c, uint32_t place)
{
  if (c->b->status == CEP_OK) c->code.at[place] = c->code.count;
}

static void code_expr(coder *c, const plan_expr *expr);

static void code_args(coder *c, const plan_expr *expr)
{
  for (uint32_t i = 0; i < expr->arg_count; i++) code_expr(c, expr->args[i]);
}

/* Every jump of a chain goes to its end; places are kept in the code itself, each one
 * holding the place before, until they land. */
typedef struct chain {
  uint32_t newest; /* UINT32_MAX: none */
} chain;

static void chain_jump(coder *c, chain *ends, nfa_op op)
{
  uint32_t place = put_jump(c, op);
  if (c->b->status == CEP_OK) c->code.at[place] = ends->newest;
  ends->newest = place;
}

static void chain_land(coder *c, chain ends)
{
  while (c->b->status == CEP_OK && ends.newest != UINT32_MAX) {
    uint32_t before = c->code.at[ends.newest];
    land(c, ends.newest);
    ends.newest = before;
  }
}

static void code_bools(coder *c, const plan_expr *expr)
{
  int is_and = expr->op == PLAN_AND;
  chain ends = {UINT32_MAX};
  code_expr(c, expr->args[0]);
  for (uint32_t i = 1; i < expr->arg_count; i++) {
    chain_jump(c, &ends, is_and ? NFA_OP_JUMP_FALSE : NFA_OP_JUMP_TRUE);
    code_expr(c, expr->args[i]);
    put_op(c, is_and ? NFA_OP_AND : NFA_OP_OR);
  }
  chain_land(c, ends);
}

static void code_coalesce(coder *c, const plan_expr *expr)
{
  chain ends = {UINT32_MAX};
  code_expr(c, expr->args[0]);
  for (uint32_t i = 1; i < expr->arg_count; i++) {
    chain_jump(c, &ends, NFA_OP_JUMP_PRESENT);
    code_expr(c, expr->args[i]);
  }
  chain_land(c, ends);
}

static void code_in(coder *c, const plan_expr *expr)
{
  cep_value no = cb_bool(0);
  chain ends = {UINT32_MAX};
  code_expr(c, expr->args[0]);
  put_const(c, &no);
  for (uint32_t i = 1; i < expr->arg_count; i++) {
    if (i > 1) chain_jump(c, &ends, NFA_OP_JUMP_TRUE);
    code_expr(c, expr->args[i]);
    put_op(c, NFA_OP_IN_ITEM);
  }
  chain_land(c, ends);
  put_op(c, NFA_OP_IN_END);
}

static void code_field(coder *c, const plan_expr *expr)
{
  CB_ASSERT(c->scope->stream != CEP_NONE);
  const plan_stream *stream = &c->b->plan->streams[c->scope->stream];
  c->reads_event = 1;
  if (stream->fields[expr->field].is_time) {
    put_op(c, NFA_OP_TIME);
  } else {
    put_op(c, NFA_OP_COLUMN);
    put(c, c->b->streams[c->scope->stream].columns[expr->field]);
  }
}

/* The column of a captured event's field, PRG_NONE for its time. */
static uint32_t captured_column(coder *c, uint32_t step, uint32_t field)
{
  return c->b->streams[c->scope->detection->steps[step].stream].columns[field];
}

static void code_capture(coder *c, const plan_expr *expr)
{
  /* A step that takes one event at most: its last is its first. */
  int32_t nth = expr->nth == -1 && !c->scope->detection->steps[expr->step].repeats ? 0 : expr->nth;
  uint32_t column = captured_column(c, expr->step, expr->field);
  c->looks_back = 1;
  put_op(c, column == PRG_NONE ? NFA_OP_CAPTURE_TIME : NFA_OP_CAPTURE);
  put(c, expr->step);
  put(c, (uint32_t)nth);
  if (column != PRG_NONE) put(c, column);
}

static void code_prev(coder *c, const plan_expr *expr)
{
  cep_value nothing = cb_null();
  c->looks_back = 1;
  if (expr->arg_count > 0) {
    code_expr(c, expr->args[0]);
  } else {
    put_const(c, &nothing);
  }
  put_op(c, NFA_OP_PREV);
  put(c, expr->prev_count);
  for (uint32_t i = 0; i < expr->prev_count; i++) {
    put(c, expr->prev[i].step);
    put(c, captured_column(c, expr->prev[i].step, expr->prev[i].field));
  }
}

/* ---- Registers -------------------------------------------------------------------- */

/* The tuples of two distinct counts are the same expressions. */
static int same_tuple(const build *b, prg_list tuple, const build_words *other)
{
  return tuple.count == other->count && (other->count == 0 || memcmp(&b->out.lists.at[tuple.first], other->at, other->count * sizeof *other->at) == 0);
}

/* Room for `more` registers behind those that are there; 0, and said, if there is none. */
static int has_room(coder *c, uint32_t more, const plan_expr *expr)
{
  if (c->b->out.registers.count - c->scope->register_first + more <= NFA_REGISTERS_MAX) return 1;
  build_limit(c->b, expr->span, "more than %u running values (count, sum, avg and so on) in one detection",
              NFA_REGISTERS_MAX);
  return 0;
}

/* How many registers one that is asked for takes. */
static uint32_t width_of(const prg_register *reg)
{
  return reg->what == PRG_REG_SQUARES ? 3 : 1;
}

static uint32_t find_register(coder *c, prg_register *reg, const build_words *tuple, const plan_expr *expr)
{
  build *b = c->b;
  uint32_t first = c->scope->register_first;
  for (uint32_t i = first; i < b->out.registers.count; i++) {
    prg_register *old = &b->out.registers.at[i];
    if (old->what != reg->what || old->step != reg->step || old->arg != reg->arg || old->where != reg->where) continue;
    if (old->total != reg->total || old->parameter != reg->parameter || !same_tuple(b, old->tuple, tuple)) continue;
    for (uint32_t k = 0; k < width_of(reg); k++) old[k].in_condition |= (uint32_t)c->scope->in_condition;
    return i - first;
  }
  if (!has_room(c, width_of(reg), expr)) return 0;
  uint32_t index = b->out.registers.count - first;
  reg->tuple = build_list(b, tuple->at, tuple->count);
  BUILD_PUSH(b, registers, *reg);
  for (uint32_t k = 1; k < width_of(reg); k++) {
    prg_register part = {.what = PRG_REG_PART, .step = reg->step, .arg = PRG_NONE, .where = PRG_NONE};
    part.in_condition = reg->in_condition;
    part.kind = k == 1 ? CEP_FLOAT : CEP_INT;
    part.tuple = build_list(b, NULL, 0);
    BUILD_PUSH(b, registers, part);
  }
  return index;
}

static uint32_t put_register(coder *c, const plan_expr *expr, prg_register_kind what, cep_kind kind, uint32_t arg,
                             uint32_t where)
{
  prg_register reg = {.what = (uint32_t)what,
                      .step = expr->step,
                      .arg = arg,
                      .where = where,
                      .in_condition = (uint32_t)c->scope->in_condition,
                      .kind = (uint32_t)kind,
                      .total = (uint32_t)c->scope->is_once};
  build_words none = {0};
  c->looks_back = 1;
  put_op(c, NFA_OP_REGISTER);
  uint32_t index = find_register(c, &reg, &none, expr);
  put(c, index);
  return index;
}

static prg_register_kind register_kind(plan_aggregate aggregate, cep_kind kind)
{
  int is_float = kind == CEP_FLOAT;
  switch (aggregate) {
  case PLAN_COUNT: return PRG_REG_COUNT;
  case PLAN_SUM: return is_float ? PRG_REG_SUM_FLOAT : PRG_REG_SUM_INT;
  case PLAN_MIN: return is_float ? PRG_REG_MIN_FLOAT : PRG_REG_MIN_INT;
  case PLAN_MAX: return is_float ? PRG_REG_MAX_FLOAT : PRG_REG_MAX_INT;
  case PLAN_DISTINCT: return PRG_REG_DISTINCT;
  case PLAN_FIRST: return PRG_REG_FIRST;
  case PLAN_LAST: return PRG_REG_LAST;
  case PLAN_APPROX_DISTINCT: return PRG_REG_HLL;
  case PLAN_APPROX_PERCENTILE: return PRG_REG_DDSKETCH;
  case PLAN_TOP: return PRG_REG_TOP;
  case PLAN_AVG: /* made of two */
  case PLAN_STDDEV: break;
  }
  CB_UNREACHABLE();
}

static void code_distinct(coder *c, const plan_expr *expr)
{
  build_scope scope = {.stream = c->scope->detection->steps[expr->step].stream};
  build_words tuple = {0};
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    uint32_t part = build_expr(c->b, &scope, expr->args[i]);
    if (!cb_vec_push(c->b->alloc, &tuple, part)) build_fail(c->b, CEP_E_NOMEM);
  }
  if (!c->scope->detection->window) { /* counted over the captures when it is asked for */
    c->looks_back = 1;
    put_op(c, NFA_OP_DISTINCT);
    put(c, expr->step);
    put(c, tuple.count);
    for (uint32_t i = 0; i < tuple.count; i++) put(c, tuple.at[i]);
    cb_vec_free(c->b->alloc, &tuple);
    return;
  }
  prg_register reg = {.what = (uint32_t)register_kind(expr->aggregate, CEP_INT), .step = expr->step, .arg = PRG_NONE, .where = PRG_NONE, .kind = CEP_INT};
  c->looks_back = 1;
  put_op(c, NFA_OP_REGISTER);
  if (c->b->status == CEP_OK) put(c, find_register(c, &reg, &tuple, expr));
  cb_vec_free(c->b->alloc, &tuple);
}

static uint32_t float_of(build *b, const build_scope *scope, const plan_expr *arg)
{
  const plan_expr *const args[] = {arg};
  plan_expr as_float = {.op = PLAN_TO_FLOAT, .kind = CEP_FLOAT, .span = arg->span, .args = args, .arg_count = 1};
  return build_expr(b, scope, &as_float);
}

/* Those whose values whoever keeps the window makes. */
static void code_made(coder *c, const plan_expr *expr)
{
  build_scope scope = {.stream = c->scope->detection->steps[expr->step].stream};
  const plan_expr *arg = expr->args[0];
  int is_int_percentile = expr->aggregate == PLAN_APPROX_PERCENTILE && arg->kind == CEP_INT;
  prg_register reg = {.what = (uint32_t)register_kind(expr->aggregate, expr->kind),
                      .step = expr->step,
                      .arg = is_int_percentile ? float_of(c->b, &scope, arg) : build_expr(c->b, &scope, arg),
                      .where = PRG_NONE,
                      .kind = (uint32_t)expr->kind};
  if (expr->aggregate == PLAN_APPROX_PERCENTILE || expr->aggregate == PLAN_TOP)
    memcpy(&reg.parameter, &expr->value.as, sizeof reg.parameter);
  build_words none = {0};
  c->looks_back = 1;
  put_op(c, NFA_OP_REGISTER);
  if (c->b->status == CEP_OK) put(c, find_register(c, &reg, &none, expr));
}

static void code_aggregate(coder *c, const plan_expr *expr)
{
  switch (expr->aggregate) {
  case PLAN_DISTINCT:
  case PLAN_APPROX_DISTINCT: code_distinct(c, expr); return;
  case PLAN_FIRST:
  case PLAN_LAST:
  case PLAN_APPROX_PERCENTILE:
  case PLAN_TOP: code_made(c, expr); return;
  default: break;
  }
  const plan_expr *arg = expr->arg_count > 0 ? expr->args[0] : NULL;
  const plan_expr *where = expr->arg_count > 1 ? expr->args[1] : NULL;
  build_scope scope = {.stream = c->scope->detection->steps[expr->step].stream};
  uint32_t arg_expr = arg ? build_expr(c->b, &scope, arg) : PRG_NONE;
  uint32_t where_expr = where ? build_expr(c->b, &scope, where) : PRG_NONE;
  cep_kind kind = arg ? arg->kind : CEP_INT;
  if (expr->aggregate != PLAN_AVG && expr->aggregate != PLAN_STDDEV) {
    cep_kind of_value = expr->aggregate == PLAN_COUNT ? CEP_INT : kind;
    put_register(c, expr, register_kind(expr->aggregate, kind), of_value, arg_expr, where_expr);
    return;
  }
  uint32_t sum_expr = arg_expr;
  if (kind == CEP_INT) { /* as floats: a mean does not overflow */
    sum_expr = float_of(c->b, &scope, arg);
    kind = CEP_FLOAT;
  }
  if (expr->aggregate == PLAN_STDDEV) {
    uint32_t squares = put_register(c, expr, PRG_REG_SQUARES, kind, sum_expr, where_expr);
    put_op(c, NFA_OP_REGISTER);
    put(c, squares + 2);
    put_op(c, NFA_OP_STDDEV);
    return;
  }
  put_register(c, expr, register_kind(PLAN_SUM, kind), kind, sum_expr, where_expr);
  put_register(c, expr, PRG_REG_COUNT, CEP_INT, arg_expr, where_expr);
  put_op(c, NFA_OP_AVG);
}

/* ---- Operators -------------------------------------------------------------------- */

static void code_nets(coder *c, const plan_expr *expr)
{
  build *b = c->b;
  uint32_t count = expr->arg_count - 1, first = b->out.nets.count;
  prg_net *nets = cb_arena_take(&b->arena, count * sizeof *nets);
  if (!nets) {
    build_fail(b, CEP_E_NOMEM);
    return;
  }
  for (uint32_t i = 0; i < count; i++) {
    const cep_value *text = &expr->args[i + 1]->value;
    int is_net = cb_cidr_read(text->as.s, text->length, nets[i].address, &nets[i].bits);
    CB_ASSERT(is_net);
  }
  uint32_t at = build_once(b, PRG_SECTION_NETS, nets, count * sizeof *nets, first);
  for (uint32_t i = 0; at == first && i < count; i++) BUILD_PUSH(b, nets, nets[i]);
  put_op(c, NFA_OP_CIDR);
  put(c, at);
  put(c, count);
}

static void code_table(coder *c, const plan_expr *expr)
{
  code_expr(c, expr->args[0]);
  put_op(c, expr->op == PLAN_LOOKUP ? NFA_OP_LOOKUP : NFA_OP_IN_TABLE);
  put(c, expr->table);
  put(c, expr->field);
}

/* By the kinds of both sides; `swapped` when the machine wants them the other way round. */
static nfa_op arithmetic(const plan_expr *expr, int *swapped)
{
  cep_kind a = expr->args[0]->kind, b = expr->args[1]->kind;
  *swapped = 0;
  switch (expr->op) {
  case PLAN_ADD:
    *swapped = a == CEP_DURATION && b == CEP_TIME;
    if (a == CEP_TIME || b == CEP_TIME) return NFA_OP_ADD_TIME;
    if (expr->kind == CEP_DURATION) return NFA_OP_ADD_DURATION;
    return expr->kind == CEP_FLOAT ? NFA_OP_ADD_FLOAT : NFA_OP_ADD_INT;
  case PLAN_SUB:
    if (expr->kind == CEP_TIME) return NFA_OP_SUB_TIME;
    if (a == CEP_TIME || b == CEP_TIME) return NFA_OP_SUB_TIMES;
    if (expr->kind == CEP_DURATION) return NFA_OP_SUB_DURATION;
    return expr->kind == CEP_FLOAT ? NFA_OP_SUB_FLOAT : NFA_OP_SUB_INT;
  case PLAN_MUL:
    if (expr->kind == CEP_DURATION) {
      *swapped = b == CEP_DURATION;
      return (*swapped ? a : b) == CEP_FLOAT ? NFA_OP_MUL_DURATION_FLOAT : NFA_OP_MUL_DURATION_INT;
    }
    return expr->kind == CEP_FLOAT ? NFA_OP_MUL_FLOAT : NFA_OP_MUL_INT;
  case PLAN_DIV:
    if (expr->kind == CEP_DURATION) return NFA_OP_DIV_DURATION_FLOAT;
    return a == CEP_DURATION || b == CEP_DURATION ? NFA_OP_DIV_DURATIONS : NFA_OP_DIV_FLOAT;
  case PLAN_IDIV: return NFA_OP_IDIV;
  case PLAN_MOD: return NFA_OP_MOD;
  default: CB_UNREACHABLE();
  }
}

static void code_arithmetic(coder *c, const plan_expr *expr)
{
  int swapped;
  nfa_op op = arithmetic(expr, &swapped);
  code_expr(c, expr->args[swapped ? 1 : 0]);
  code_expr(c, expr->args[swapped ? 0 : 1]);
  put_op(c, op);
}

static nfa_op negation(cep_kind kind)
{
  return kind == CEP_FLOAT ? NFA_OP_NEG_FLOAT : kind == CEP_DURATION ? NFA_OP_NEG_DURATION : NFA_OP_NEG_INT;
}

/* Operators that are their arguments and then one instruction. */
static nfa_op plain_op(const plan_expr *expr)
{
  switch (expr->op) {
  case PLAN_TO_FLOAT: return NFA_OP_TO_FLOAT;
  case PLAN_NOT: return NFA_OP_NOT;
  case PLAN_EQ: return NFA_OP_EQ;
  case PLAN_NE: return NFA_OP_NE;
  case PLAN_LT: return NFA_OP_LT;
  case PLAN_LE: return NFA_OP_LE;
  case PLAN_GT: return NFA_OP_GT;
  case PLAN_GE: return NFA_OP_GE;
  case PLAN_NEG: return negation(expr->kind);
  case PLAN_IS_NULL: return NFA_OP_IS_NULL;
  case PLAN_LIKE: return NFA_OP_LIKE;
  case PLAN_ILIKE: return NFA_OP_ILIKE;
  case PLAN_CONTAINS: return NFA_OP_CONTAINS;
  case PLAN_STARTS: return NFA_OP_STARTS;
  case PLAN_ENDS: return NFA_OP_ENDS;
  case PLAN_ICONTAINS: return NFA_OP_ICONTAINS;
  case PLAN_ISTARTS: return NFA_OP_ISTARTS;
  case PLAN_IENDS: return NFA_OP_IENDS;
  default: CB_UNREACHABLE();
  }
}

static char *text_of(build *b, const cep_value *value)
{
  char *text = cb_arena_text(&b->arena, value->as.s, value->length);
  if (!text) build_fail(b, CEP_E_NOMEM);
  return text;
}

static void code_zone(coder *c, const plan_expr *zone)
{
  char space[CB_ZONE_RULE_MAX];
  const char *rule = cb_zone_rule(zone->value.as.s, zone->value.length, space);
  CB_ASSERT(rule);
  cep_value value = cb_string(rule, (uint32_t)strlen(rule));
  put_const(c, &value);
}

/* Constants become what the function wants at run time: no names to look up. */
static void code_call(coder *c, const plan_expr *expr)
{
  const char *letters = nfa_fn_at(expr->index)->arguments;
  for (uint32_t i = 0; i < expr->arg_count; i++) {
    char letter = cb_signature_letter(letters, i);
    if (letter == 'R') {
      put_op(c, NFA_OP_PATTERN);
      put(c, build_regex(c->b, text_of(c->b, &expr->args[i]->value)));
    } else if (letter == 'Z') {
      code_zone(c, expr->args[i]);
    } else {
      code_expr(c, expr->args[i]);
    }
  }
  put_op(c, NFA_OP_CALL);
  put(c, expr->index);
  put(c, expr->arg_count);
  c->depth -= expr->arg_count;
}

/* What is chosen if no condition is true comes first; the last condition is asked first, so that
 * the first one that is true has the last word. All values are computed: they have no effects. */
static void code_case(coder *c, const plan_expr *expr)
{
  code_expr(c, expr->args[expr->arg_count - 1]);
  for (uint32_t i = expr->arg_count - 1; i >= 2; i -= 2) {
    code_expr(c, expr->args[i - 2]);
    code_expr(c, expr->args[i - 1]);
    put_op(c, NFA_OP_SELECT);
  }
}

/* The first register of `emit once`. */
static void code_matches(coder *c)
{
  c->looks_back = 1;
  put_op(c, NFA_OP_REGISTER);
  put(c, 0);
}

static void code_expr(coder *c, const plan_expr *expr)
{
  if (c->b->status < 0) return;
  switch (expr->op) {
  case PLAN_CONST: put_const(c, &expr->value); return;
  case PLAN_FIELD: code_field(c, expr); return;
  case PLAN_KEY:
    put_op(c, NFA_OP_KEY);
    put(c, expr->index);
    return;
  case PLAN_MEASURE:
    put_op(c, NFA_OP_KEY);
    put(c, c->scope->detection->key_count + PRG_WINDOW_PARTS + expr->index);
    return;
  case PLAN_WINDOW_START:
  case PLAN_WINDOW_END:
    put_op(c, NFA_OP_KEY);
    put(c, c->scope->detection->key_count + (expr->op == PLAN_WINDOW_END ? 1 : 0));
    return;
  case PLAN_CAPTURE: code_capture(c, expr); return;
  case PLAN_PREV: code_prev(c, expr); return;
  case PLAN_AGGREGATE: code_aggregate(c, expr); return;
  case PLAN_AND:
  case PLAN_OR: code_bools(c, expr); return;
  case PLAN_ADD:
  case PLAN_SUB:
  case PLAN_MUL:
  case PLAN_DIV:
  case PLAN_IDIV:
  case PLAN_MOD: code_arithmetic(c, expr); return;
  case PLAN_IN: code_in(c, expr); return;
  case PLAN_COALESCE: code_coalesce(c, expr); return;
  case PLAN_REGEX:
    code_expr(c, expr->args[0]);
    put_op(c, NFA_OP_REGEX);
    put(c, build_regex(c->b, text_of(c->b, &expr->args[1]->value)));
    return;
  case PLAN_CIDR:
    code_expr(c, expr->args[0]);
    code_nets(c, expr);
    return;
  case PLAN_CASE: code_case(c, expr); return;
  case PLAN_IN_TABLE:
  case PLAN_LOOKUP: code_table(c, expr); return;
  case PLAN_MATCHES: code_matches(c); return;
  case PLAN_CALL: code_call(c, expr); return;
  case PLAN_TO_FLOAT:
  case PLAN_NOT:
  case PLAN_EQ:
  case PLAN_NE:
  case PLAN_LT:
  case PLAN_LE:
  case PLAN_GT:
  case PLAN_GE:
  case PLAN_NEG:
  case PLAN_IS_NULL:
  case PLAN_LIKE:
  case PLAN_ILIKE:
  case PLAN_CONTAINS:
  case PLAN_STARTS:
  case PLAN_ENDS:
  case PLAN_ICONTAINS:
  case PLAN_ISTARTS:
  case PLAN_IENDS:
    code_args(c, expr);
    put_op(c, plain_op(expr));
    return;
  }
  CB_UNREACHABLE();
}

/* ---- Whole expressions ------------------------------------------------------------- */

static uint32_t finish(coder *c, cep_kind kind, cb_span span)
{
  build *b = c->b;
  uint32_t index = b->out.exprs.count;
  if (c->depth_max > NFA_STACK_MAX)
    build_limit(b, span,
                "this expression needs %u values at a time, more than %u; cut it into smaller conditions",
                c->depth_max, NFA_STACK_MAX);
  /* What makes expressions equal stands in front of the code, and is cut off again. */
  uint32_t count = c->code.count;
  put(c, (uint32_t)kind);
  put(c, c->reads_event ? c->scope->stream : PRG_NONE);
  if (b->status == CEP_OK) {
    index = build_once(b, PRG_SECTION_EXPRS, c->code.at, c->code.count * sizeof(uint32_t), index);
    if (index == b->out.exprs.count) {
      prg_expr item = {.code = {b->out.code.count, count},
                       .depth = c->depth_max,
                       .kind = (uint32_t)kind,
                       .stream = c->code.at[count + 1],
                       .looks_back = c->looks_back};
      for (uint32_t i = 0; i < count; i++) BUILD_PUSH(b, code, c->code.at[i]);
      BUILD_PUSH(b, exprs, item);
    }
  }
  cb_vec_free(b->alloc, &c->code);
  return index;
}

uint32_t build_expr(build *b, const build_scope *scope, const plan_expr *expr)
{
  coder c = {.b = b, .scope = scope};
  code_expr(&c, expr);
  return finish(&c, expr->kind, expr->span);
}

uint32_t build_expr_all(build *b, const build_scope *scope, const build_conjunct *conjuncts, uint32_t count)
{
  coder c = {.b = b, .scope = scope};
  chain ends = {UINT32_MAX};
  for (uint32_t i = 0; i < count; i++) {
    if (i > 0) chain_jump(&c, &ends, NFA_OP_JUMP_FALSE);
    code_expr(&c, conjuncts[i].expr);
    if (conjuncts[i].negated) put_op(&c, NFA_OP_NOT);
    if (i > 0) put_op(&c, NFA_OP_AND);
  }
  chain_land(&c, ends);
  return finish(&c, CEP_BOOL, cb_span_join(conjuncts[0].expr->span, conjuncts[count - 1].expr->span));
}
