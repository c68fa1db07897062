/* fn.c - the table of functions, made from builtin.def. */
#include "nfa/fn.h"

#include <string.h>

static const nfa_fn fns[] = {
#define F(name, arguments, result, text) {#name, arguments, result, nfa_fn_##name},
#include "patterns/builtin.def"
#undef F
};

const nfa_fn *nfa_fn_at(uint32_t index)
{
  return index < sizeof fns / sizeof fns[0] ? &fns[index] : NULL;
}

int nfa_fn_takes(const nfa_fn *fn, uint32_t count)
{
  size_t letters = strlen(fn->arguments);
  if (letters > 0 && fn->arguments[letters - 1] == '+') return count >= letters - 1;
  return count == letters;
}

static int is_kind(char letter, uint32_t kind)
{
  switch (letter) {
  case 'i': return kind == CEP_INT;
  case 'f': return kind == CEP_FLOAT;
  case 's': return kind == CEP_STRING;
  case 'n': return kind == CEP_INT || kind == CEP_FLOAT;
  case 'b': return kind == CEP_BOOL;
  case 't': return kind == CEP_TIME;
  case 'd': return kind == CEP_DURATION;
  case 'a': return kind == CEP_IP;
  default: CB_UNREACHABLE();
  }
}

cep_value nfa_fn_call(nfa_scratch *scratch, uint32_t index, const cep_value *args, uint32_t count)
{
  const nfa_fn *fn = nfa_fn_at(index);
  CB_ASSERT(fn && nfa_fn_takes(fn, count));
  const char *letter = fn->arguments;
  for (uint32_t i = 0; i < count; i++) {
    if (!is_kind(*letter, args[i].kind)) return cb_null();
    if (letter[1] != '+') letter++;
  }
  return fn->body(scratch, args, count);
}
