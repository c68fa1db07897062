/* parser_expr.c - expressions and objects. */
#include "patterns/parser_state.h"

#include <string.h>

static pat_expr *parse_or(pat_parser *parser);
static pat_expr *parse_unary(pat_parser *parser);

static pat_expr *new_expr(pat_parser *parser, pat_expr_kind kind, cb_span span)
{
  pat_expr *expr = cb_arena_take(parser->arena, sizeof *expr);
  if (!expr) return NULL;
  expr->kind = kind;
  expr->span = span;
  expr->op_span = span;
  expr->depth = 1;
  return expr;
}

static pat_expr *too_deep(pat_parser *parser, cb_span span)
{
  pat_parser_broken(parser);
  pat_report(parser->diags, 202, span, "an expression nests deeper than %u; name parts of it with 'define', or split it",
             PAT_DEPTH_MAX);
  return NULL;
}

/* Adds an operand. NULL, with what is to be said said, if there is none or it is too deep. */
static pat_expr *add_arg(pat_parser *parser, pat_expr *expr, pat_expr *arg)
{
  if (!expr || !arg || !pat_list_push(parser->arena, &expr->args, arg)) return NULL;
  expr->span = cb_span_join(expr->span, arg->span);
  if (arg->depth + 1 > expr->depth) expr->depth = arg->depth + 1;
  return expr->depth > PAT_DEPTH_MAX ? too_deep(parser, expr->op_span) : expr;
}

static pat_expr *new_op(pat_parser *parser, plan_op op, cb_span op_span, pat_expr *first)
{
  if (!first) return NULL;
  pat_expr *expr = new_expr(parser, PAT_E_OP, first->span);
  if (!expr) return NULL;
  expr->op = op;
  expr->op_span = op_span;
  return add_arg(parser, expr, first);
}

/* ---- Primaries --------------------------------------------------------------------- */

static pat_expr *parse_literal(pat_parser *parser)
{
  const pat_token token = parser->token;
  pat_expr *expr = new_expr(parser, PAT_E_LITERAL, token.span);
  if (!expr) return NULL;
  switch (token.kind) {
  case PAT_INT: expr->value = cb_int(token.i); break;
  case PAT_FLOAT: expr->value = cb_float(token.f); break;
  case PAT_DURATION: expr->value = cb_value_i(CEP_DURATION, token.i); break;
  case PAT_STRING: expr->value = cb_string(token.text, token.text_len); break;
  case PAT_TRUE: expr->value = cb_bool(1); break;
  case PAT_FALSE: expr->value = cb_bool(0); break;
  default: expr->value = cb_null(); break;
  }
  if (token.kind == PAT_INT && token.is_int_min) {
    pat_parser_broken(parser);
    pat_report(parser->diags, 106, token.span, "the number '9223372036854775808' is out of range");
  }
  pat_parser_next(parser);
  return expr;
}

int pat_parse_exprs(pat_parser *parser, pat_exprs *out)
{
  do {
    pat_expr *arg = pat_parse_expr(parser);
    if (!arg || !pat_list_push(parser->arena, out, arg)) return 0;
  } while (pat_parser_take(parser, PAT_COMMA));
  return 1;
}

static pat_expr *parse_call(pat_parser *parser, pat_expr *name)
{
  name->kind = PAT_E_CALL;
  pat_parser_next(parser);
  if (pat_parser_take(parser, PAT_WHERE)) {
    name->has_where = 1;
    if (!add_arg(parser, name, pat_parse_expr(parser))) return NULL;
  } else if (!pat_parser_at(parser, PAT_PAREN_CLOSE)) {
    do {
      if (!add_arg(parser, name, pat_parse_expr(parser))) return NULL;
    } while (pat_parser_take(parser, PAT_COMMA));
  }
  if (!pat_parser_want(parser, PAT_PAREN_CLOSE, "',' or ')'")) return NULL;
  name->span = pat_parser_since(parser, name->span);
  return name;
}

static pat_expr *parse_parens(pat_parser *parser)
{
  cb_span open = parser->token.span;
  pat_parser_next(parser);
  pat_expr *expr = pat_parse_expr(parser);
  if (!expr || !pat_parser_want(parser, PAT_PAREN_CLOSE, "')'")) return NULL;
  expr->span = pat_parser_since(parser, open);
  return expr;
}

/* `case when c then v {when c then v} else v end`. */
static pat_expr *parse_case(pat_parser *parser)
{
  pat_expr *expr = new_expr(parser, PAT_E_CASE, parser->token.span);
  pat_parser_next(parser);
  if (!expr) return NULL;
  do {
    if (!pat_parser_want_word(parser, PAT_W_when)) return NULL;
    if (!add_arg(parser, expr, pat_parse_expr(parser))) return NULL;
    if (!pat_parser_want(parser, PAT_THEN, "'then' and the value of this 'when'")) return NULL;
    if (!add_arg(parser, expr, pat_parse_expr(parser))) return NULL;
  } while (pat_parser_at_word(parser, PAT_W_when));
  if (!pat_parser_at_word(parser, PAT_W_else)) {
    (void)pat_parser_expected(parser, "another 'when', or 'else' and the value when none is true ('else null' for nothing)");
    return NULL;
  }
  pat_parser_next(parser);
  if (!add_arg(parser, expr, pat_parse_expr(parser))) return NULL;
  if (!pat_parser_want_word(parser, PAT_W_end)) return NULL;
  expr->span = pat_parser_since(parser, expr->span);
  return expr;
}

static pat_expr *parse_primary(pat_parser *parser)
{
  switch (parser->token.kind) {
  case PAT_INT:
  case PAT_FLOAT:
  case PAT_DURATION:
  case PAT_STRING:
  case PAT_TRUE:
  case PAT_FALSE:
  case PAT_NULL: return parse_literal(parser);
  case PAT_PAREN_OPEN: return parse_parens(parser);
  case PAT_CASE: return parse_case(parser);
  case PAT_NAME: break;
  default:
    (void)pat_parser_expected(parser, "a value: a name, a literal, a function or '('");
    return NULL;
  }
  if (parser->token.is_label) {
    (void)pat_parser_expected(parser, "a value, not a label");
    return NULL;
  }
  pat_expr *expr = new_expr(parser, PAT_E_NAME, parser->token.span);
  if (!expr) return NULL;
  expr->name.text = parser->token.text;
  expr->name.span = parser->token.span;
  pat_parser_next(parser);
  return pat_parser_at(parser, PAT_PAREN_OPEN) ? parse_call(parser, expr) : expr;
}

static pat_expr *parse_postfix(pat_parser *parser)
{
  pat_expr *expr = parse_primary(parser);
  while (expr && (pat_parser_at(parser, PAT_DOT) || pat_parser_at(parser, PAT_BRACKET_OPEN))) {
    cb_span op_span = parser->token.span;
    int is_member = pat_parser_at(parser, PAT_DOT);
    pat_parser_next(parser);
    pat_expr *outer = new_expr(parser, is_member ? PAT_E_MEMBER : PAT_E_INDEX, expr->span);
    if (!outer) return NULL;
    outer->op_span = op_span;
    if (!add_arg(parser, outer, expr)) return NULL;
    if (is_member) {
      if (!pat_parser_want_name(parser, "the name of a field", &outer->name)) return NULL;
    } else {
      if (!add_arg(parser, outer, pat_parse_expr(parser))) return NULL;
      if (!pat_parser_want(parser, PAT_BRACKET_CLOSE, "']'")) return NULL;
    }
    outer->span = pat_parser_since(parser, expr->span);
    expr = outer;
  }
  return expr;
}

/* ---- Arithmetic -------------------------------------------------------------------- */

static pat_expr *parse_minus(pat_parser *parser)
{
  cb_span sign = parser->token.span;
  pat_parser_next(parser);
  if (pat_parser_at(parser, PAT_INT) && parser->token.is_int_min) {
    pat_expr *least = new_expr(parser, PAT_E_LITERAL, cb_span_join(sign, parser->token.span));
    if (least) least->value = cb_int(INT64_MIN);
    pat_parser_next(parser);
    return least;
  }
  pat_expr *expr = new_op(parser, PLAN_NEG, sign, parse_unary(parser));
  if (expr) expr->span = cb_span_join(sign, expr->span);
  return expr;
}

static pat_expr *parse_unary(pat_parser *parser)
{
  if (!pat_parser_at(parser, PAT_MINUS)) return parse_postfix(parser);
  if (parser->depth >= PAT_DEPTH_MAX) return too_deep(parser, parser->token.span);
  parser->depth++;
  pat_expr *expr = parse_minus(parser);
  parser->depth--;
  return expr;
}

static int product_op(const pat_parser *parser, plan_op *op)
{
  switch (parser->token.kind) {
  case PAT_STAR: *op = PLAN_MUL; return 1;
  case PAT_SLASH: *op = PLAN_DIV; return 1;
  case PAT_PERCENT: *op = PLAN_MOD; return 1;
  default: *op = PLAN_IDIV; return pat_parser_at_word(parser, PAT_W_div);
  }
}

static int sum_op(const pat_parser *parser, plan_op *op)
{
  *op = pat_parser_at(parser, PAT_PLUS) ? PLAN_ADD : PLAN_SUB;
  return pat_parser_at(parser, PAT_PLUS) || pat_parser_at(parser, PAT_MINUS);
}

static pat_expr *parse_product(pat_parser *parser)
{
  pat_expr *expr = parse_unary(parser);
  plan_op op;
  while (expr && product_op(parser, &op)) {
    expr = new_op(parser, op, parser->token.span, expr);
    pat_parser_next(parser);
    expr = add_arg(parser, expr, parse_unary(parser));
  }
  return expr;
}

pat_expr *pat_parse_sum(pat_parser *parser)
{
  pat_expr *expr = parse_product(parser);
  plan_op op;
  while (expr && sum_op(parser, &op)) {
    expr = new_op(parser, op, parser->token.span, expr);
    pat_parser_next(parser);
    expr = add_arg(parser, expr, parse_product(parser));
  }
  return expr;
}

/* ---- Tests ------------------------------------------------------------------------- */

static int sign_test(const pat_parser *parser, plan_op *op, int *is_negated)
{
  *is_negated = parser->token.kind == PAT_MATCHES_NOT;
  switch (parser->token.kind) {
  case PAT_EQ: *op = PLAN_EQ; return 1;
  case PAT_NE: *op = PLAN_NE; return 1;
  case PAT_LT: *op = PLAN_LT; return 1;
  case PAT_LE: *op = PLAN_LE; return 1;
  case PAT_GT: *op = PLAN_GT; return 1;
  case PAT_GE: *op = PLAN_GE; return 1;
  case PAT_MATCHES:
  case PAT_MATCHES_NOT: *op = PLAN_REGEX; return 1;
  case PAT_LIKE: *op = PLAN_LIKE; return 1;
  case PAT_ILIKE: *op = PLAN_ILIKE; return 1;
  default: return 0;
  }
}

static int word_test(const pat_parser *parser, plan_op *op, int *needs_with)
{
  *needs_with = 0;
  if (!pat_parser_at(parser, PAT_NAME)) return 0;
  switch (parser->token.word) {
  case PAT_W_contains: *op = PLAN_CONTAINS; return 1;
  case PAT_W_icontains: *op = PLAN_ICONTAINS; return 1;
  case PAT_W_starts: *op = PLAN_STARTS; break;
  case PAT_W_istarts: *op = PLAN_ISTARTS; break;
  case PAT_W_ends: *op = PLAN_ENDS; break;
  case PAT_W_iends: *op = PLAN_IENDS; break;
  default: return 0;
  }
  *needs_with = 1;
  return 1;
}

static pat_expr *parse_cidr(pat_parser *parser, pat_expr *expr)
{
  expr->op = PLAN_CIDR;
  pat_parser_next(parser);
  int is_list = pat_parser_take(parser, PAT_PAREN_OPEN);
  do {
    if (!pat_parser_at(parser, PAT_STRING)) {
      (void)pat_parser_expected(parser, "a network as a string, like \"10.0.0.0/8\"");
      return NULL;
    }
    if (!add_arg(parser, expr, parse_literal(parser))) return NULL;
  } while (is_list && pat_parser_take(parser, PAT_COMMA));
  if (is_list && !pat_parser_want(parser, PAT_PAREN_CLOSE, "',' or ')'")) return NULL;
  return expr;
}

/* in TABLE.FIELD */
static pat_expr *parse_in_table(pat_parser *parser, pat_expr *expr)
{
  pat_expr *table = new_expr(parser, PAT_E_NAME, parser->token.span);
  if (!table || !pat_parser_want_name(parser, "the name of a table", &table->name)) return NULL;
  if (!pat_parser_at(parser, PAT_DOT)) {
    (void)pat_parser_expected(parser, "'.' and a field of the table: in risky.country");
    return NULL;
  }
  pat_expr *field = new_expr(parser, PAT_E_MEMBER, table->span);
  if (!field || !add_arg(parser, field, table)) return NULL;
  pat_parser_next(parser);
  if (!pat_parser_want_name(parser, "the name of a field of the table", &field->name)) return NULL;
  field->span = pat_parser_since(parser, table->span);
  expr->op = PLAN_IN_TABLE;
  return add_arg(parser, expr, field);
}

static pat_expr *parse_in(pat_parser *parser, pat_expr *operand)
{
  pat_expr *expr = new_op(parser, PLAN_IN, parser->token.span, operand);
  pat_parser_next(parser);
  if (!expr) return NULL;
  if (pat_parser_at_word(parser, PAT_W_cidr)) {
    expr = parse_cidr(parser, expr);
  } else if (pat_parser_take(parser, PAT_PAREN_OPEN)) {
    do {
      if (!add_arg(parser, expr, pat_parse_expr(parser))) return NULL;
    } while (pat_parser_take(parser, PAT_COMMA));
    if (!pat_parser_want(parser, PAT_PAREN_CLOSE, "',' or ')'")) return NULL;
  } else if (pat_parser_at(parser, PAT_NAME)) {
    expr = parse_in_table(parser, expr);
  } else {
    (void)pat_parser_expected(parser, "'(' with a list of values, or 'cidr'");
    return NULL;
  }
  if (expr) expr->span = pat_parser_since(parser, operand->span);
  return expr;
}

static pat_expr *parse_between(pat_parser *parser, pat_expr *operand)
{
  pat_expr *expr = new_op(parser, PLAN_AND, parser->token.span, operand);
  pat_parser_next(parser);
  if (!expr) return NULL;
  expr->kind = PAT_E_BETWEEN;
  if (!add_arg(parser, expr, pat_parse_sum(parser))) return NULL;
  if (!pat_parser_want(parser, PAT_AND, "'and' and the upper bound of 'between'")) return NULL;
  return add_arg(parser, expr, pat_parse_sum(parser));
}

static pat_expr *parse_is(pat_parser *parser, pat_expr *operand)
{
  pat_expr *expr = new_op(parser, PLAN_IS_NULL, parser->token.span, operand);
  pat_parser_next(parser);
  if (!expr) return NULL;
  expr->is_negated = pat_parser_take(parser, PAT_NOT);
  if (!pat_parser_want(parser, PAT_NULL, "'null' or 'not null' behind 'is'")) return NULL;
  expr->span = pat_parser_since(parser, operand->span);
  return expr;
}

static pat_expr *parse_not_test(pat_parser *parser, pat_expr *operand)
{
  pat_expr *expr;
  plan_op op;
  int is_negated;
  pat_parser_next(parser);
  if (pat_parser_at(parser, PAT_IN)) {
    expr = parse_in(parser, operand);
  } else if (pat_parser_at(parser, PAT_BETWEEN)) {
    expr = parse_between(parser, operand);
  } else if (pat_parser_at(parser, PAT_LIKE) || pat_parser_at(parser, PAT_ILIKE)) {
    (void)sign_test(parser, &op, &is_negated);
    expr = new_op(parser, op, parser->token.span, operand);
    pat_parser_next(parser);
    expr = add_arg(parser, expr, pat_parse_sum(parser));
  } else {
    (void)pat_parser_expected(parser, "'in', 'like', 'ilike' or 'between' behind 'not'");
    return NULL;
  }
  if (expr) expr->is_negated = 1;
  return expr;
}

/* `=` where only a test can stand: said, and taken for `==`. */
static void take_lone_equals(pat_parser *parser)
{
  if (!pat_parser_at(parser, PAT_ASSIGN)) return;
  pat_report(parser->diags, 203, parser->token.span, "'=' compares nothing here; write '==' to test equality");
  parser->token.kind = PAT_EQ;
}

static pat_expr *parse_one_test(pat_parser *parser, pat_expr *operand)
{
  plan_op op;
  int is_negated = 0, needs_with = 0;
  take_lone_equals(parser);
  if (sign_test(parser, &op, &is_negated) || word_test(parser, &op, &needs_with)) {
    pat_expr *expr = new_op(parser, op, parser->token.span, operand);
    pat_parser_next(parser);
    if (needs_with && !pat_parser_want_word(parser, PAT_W_with)) return NULL;
    expr = add_arg(parser, expr, pat_parse_sum(parser));
    if (expr) expr->is_negated = is_negated;
    return expr;
  }
  switch (parser->token.kind) {
  case PAT_NOT: return parse_not_test(parser, operand);
  case PAT_IN: return parse_in(parser, operand);
  case PAT_BETWEEN: return parse_between(parser, operand);
  case PAT_IS: return parse_is(parser, operand);
  default: return operand;
  }
}

static pat_expr *parse_test(pat_parser *parser)
{
  pat_expr *operand = pat_parse_sum(parser);
  if (!operand) return NULL;
  pat_expr *expr = parse_one_test(parser, operand);
  plan_op op;
  int unused;
  if (!expr || expr == operand) return expr;
  if (sign_test(parser, &op, &unused) || word_test(parser, &op, &unused)) {
    pat_parser_broken(parser);
    pat_report(parser->diags, 204, parser->token.span, "comparisons do not follow each other; join two with 'and', or put one in parentheses");
    return NULL;
  }
  return expr;
}

/* ---- Logic ------------------------------------------------------------------------- */

static pat_expr *parse_not(pat_parser *parser)
{
  if (!pat_parser_at(parser, PAT_NOT)) return parse_test(parser);
  if (parser->depth >= PAT_DEPTH_MAX) return too_deep(parser, parser->token.span);
  parser->depth++;
  cb_span word = parser->token.span;
  pat_parser_next(parser);
  pat_expr *expr = new_op(parser, PLAN_NOT, word, parse_not(parser));
  if (expr) expr->span = cb_span_join(word, expr->span);
  parser->depth--;
  return expr;
}

static pat_expr *parse_chain(pat_parser *parser, plan_op op, pat_token_kind word, pat_expr *(*operand)(pat_parser *))
{
  pat_expr *first = operand(parser);
  if (!first || !pat_parser_at(parser, word)) return first;
  pat_expr *expr = new_op(parser, op, parser->token.span, first);
  while (expr && pat_parser_take(parser, word)) expr = add_arg(parser, expr, operand(parser));
  return expr;
}

static pat_expr *parse_and(pat_parser *parser)
{
  return parse_chain(parser, PLAN_AND, PAT_AND, parse_not);
}

static pat_expr *parse_or(pat_parser *parser)
{
  return parse_chain(parser, PLAN_OR, PAT_OR, parse_and);
}

pat_expr *pat_parse_expr(pat_parser *parser)
{
  if (parser->depth >= PAT_DEPTH_MAX) return too_deep(parser, parser->token.span);
  parser->depth++;
  pat_expr *expr = parse_or(parser);
  parser->depth--;
  return expr;
}

/* ---- Objects ----------------------------------------------------------------------- */

int pat_parse_object(pat_parser *parser, pat_object *out)
{
  if (!pat_parser_want(parser, PAT_BRACE_OPEN, NULL)) return 0;
  if (pat_parser_take(parser, PAT_BRACE_CLOSE)) return 1;
  do {
    pat_entry entry = {{NULL, {0, 0}}, NULL};
    if (!pat_parser_want_label(parser, "a name with ':' behind it", &entry.name)) return 0;
    entry.expr = pat_parse_expr(parser);
    if (!entry.expr || !pat_list_push(parser->arena, out, entry)) return 0;
  } while (pat_parser_take(parser, PAT_COMMA));
  return pat_parser_want(parser, PAT_BRACE_CLOSE, "',' or '}'");
}
