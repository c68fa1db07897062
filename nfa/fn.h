/*
 * fn.h - functions on values: those of builtin.def, and what the machine does to texts.
 *
 * Contract
 *   Functions are numbered in the order of builtin.def. nfa_fn_call gives null for an
 *   argument that is null or of another kind than declared, and when memory for a text
 *   is refused. Constants that the compiler would have checked (zones, forms, groups) come
 *   from an image here, so bodies look at them again and give null for what they do not
 *   know. Results borrow from the arguments or the scratch. ASCII letters only are
 *   brought to another case; a character is a UTF-8 sequence, or one byte that fits nowhere.
 */
#ifndef NFA_FN_H
#define NFA_FN_H

#include "nfa/expr.h"

typedef cep_value (*nfa_fn_body)(nfa_scratch *scratch, const cep_value *args, uint32_t count);

typedef struct nfa_fn {
  const char *name;
  const char *arguments; /* cep/base/signature.h */
  nfa_fn_body body;
} nfa_fn;

const nfa_fn *nfa_fn_at(uint32_t index); /* NULL: none */
int nfa_fn_takes(const nfa_fn *fn, uint32_t count);
cep_value nfa_fn_call(nfa_scratch *scratch, uint32_t index, const cep_value *args, uint32_t count);

#define F(name, category, arguments, result, text, example, value)                                            \
  cep_value nfa_fn_##name(nfa_scratch *scratch, const cep_value *args, uint32_t count);
#include "patterns/builtin.def"
#undef F

/* `size` bytes that live until the scratch is reset; NULL: refused, and counted. */
char *nfa_scratch_take(nfa_scratch *scratch, size_t size);

/* The same, aligned for any type. */
char *nfa_scratch_aligned(nfa_scratch *scratch, size_t size);

/* Bytes of a text that a function may make out of nothing much. */
#define NFA_TEXT_MAX 65536u

/* Text made in the scratch piece by piece; null past NFA_TEXT_MAX. */
typedef struct nfa_text {
  nfa_scratch *scratch;
  char *bytes;
  size_t len;
  size_t capacity;
  int is_full;
} nfa_text;

void nfa_text_put(nfa_text *text, const char *bytes, size_t len);
cep_value nfa_text_value(const nfa_text *text);

static inline cep_value nfa_finite(double f)
{
  return f - f == 0 ? cb_float(f) : cb_null();
}

/* Bytes of the character at `at`. */
uint32_t nfa_character_at(const cep_value *text, uint32_t at);

/* Values are strings. */
int nfa_text_like(const cep_value *text, const cep_value *pattern, int any_case);
int nfa_text_contains(const cep_value *text, const cep_value *part, int any_case);
int nfa_text_starts(const cep_value *text, const cep_value *part, int any_case);
int nfa_text_ends(const cep_value *text, const cep_value *part, int any_case);

#endif
