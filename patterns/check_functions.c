/* check_functions.c - functions of builtin.def: how many arguments, of which kinds. */
#include "patterns/check.h"

#include <string.h>

typedef struct builtin {
  const char *name;
  const char *args;
  char result;
} builtin;

static const builtin builtins[] = {
#define F(name, args, result, text) {#name, args, result},
#include "patterns/builtin.def"
#undef F
};
#define BUILTIN_COUNT (sizeof builtins / sizeof *builtins)

const char *pat_builtin_name(uint32_t index)
{
  return index < BUILTIN_COUNT ? builtins[index].name : NULL;
}

uint32_t pat_find_builtin(const char *name)
{
  for (uint32_t i = 0; i < BUILTIN_COUNT; i++) {
    if (strcmp(name, builtins[i].name) == 0) return i;
  }
  return CEP_NONE;
}

static cep_kind letter_kind(char letter)
{
  switch (letter) {
  case 'i': return CEP_INT;
  case 'f': return CEP_FLOAT;
  case 's': return CEP_STRING;
  case 'b': return CEP_BOOL;
  case 't': return CEP_TIME;
  case 'd': return CEP_DURATION;
  case 'a': return CEP_IP;
  default: return CEP_NULL;
  }
}

/* The letter for argument `at`; 0 past the end. '+' repeats the last. */
static char letter_of(const char *letters, uint32_t at)
{
  size_t len = strlen(letters);
  int repeats = len > 1 && letters[len - 1] == '+';
  size_t fixed = repeats ? len - 1 : len;
  if (at < fixed) return letters[at];
  return repeats ? letters[fixed - 1] : '\0';
}

static int right_number_of_args(const builtin *function, uint32_t count)
{
  size_t len = strlen(function->args);
  if (len > 1 && function->args[len - 1] == '+') return count >= len - 1;
  return count == len;
}

const plan_expr *pat_check_builtin(pat_scope *scope, const pat_expr *expr, uint32_t index)
{
  pat_compile *compile = scope->compile;
  const builtin *function = &builtins[index];
  if (expr->has_where || !right_number_of_args(function, expr->args.count)) {
    size_t len = strlen(function->args);
    int is_open = function->args[len - 1] == '+';
    pat_report(compile->diags, 323, expr->span, "%s takes %zu %s%s, found %u", function->name, is_open ? len - 1 : len,
               len == 1 ? "value" : "values", is_open ? " or more" : "", expr->args.count);
    return NULL;
  }
  const plan_expr **args = pat_check_all(scope, expr);
  const plan_expr **converted = cb_arena_take(compile->arena, expr->args.count * sizeof *converted + 1);
  if (!args || !converted) return NULL;
  cep_kind kind = letter_kind(function->result);
  for (uint32_t i = 0; i < expr->args.count; i++) {
    const char *why = NULL;
    char letter = letter_of(function->args, i);
    int is_number = args[i]->kind == CEP_INT || args[i]->kind == CEP_FLOAT;
    converted[i] = letter == 'n' ? (is_number ? args[i] : NULL) : pat_convert(compile, args[i], letter_kind(letter), &why);
    if (!converted[i]) {
      pat_report(compile->diags, 401, args[i]->span, "%s takes %s here, found '%s' (%s)", function->name,
                 letter == 'n' ? "a number" : cb_kind_name(letter_kind(letter)), pat_text_at(compile, args[i]->span),
                 cb_kind_name(args[i]->kind));
      return NULL;
    }
    if (function->result == 'n') kind = args[0]->kind;
  }
  plan_expr *result = pat_new_plan_expr(compile, PLAN_CALL, kind, expr->span, expr->args.count, converted);
  if (!result) return NULL;
  result->index = index;
  if (function->result == 'n') result->may_be_null = 1;
  return result;
}
