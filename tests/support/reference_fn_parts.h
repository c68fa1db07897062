/* reference_fn_parts.h - what the files of the reference's functions share. Private to tests/support/reference_fn*.c. */
#ifndef REFERENCE_FN_PARTS_H
#define REFERENCE_FN_PARTS_H

#include <string.h>

#include "tests/support/reference_fn.h"

__extension__ typedef __int128 ref_wide; /* what 64 bits may not hold on the way */

/* Bytes of a text that a function may make out of nothing much. */
#define REF_TEXT_MAX 65536u

#define F(name, category, arguments, result, text, example, value)                                           \
  cep_value ref_fn_##name(cb_arena *arena, const cep_value *args, uint32_t count);
#include "patterns/builtin.def"
#undef F

/* A function that needs only its arguments. */
#define REF_FN(name) cep_value ref_fn_##name(__attribute__((unused)) cb_arena *arena, const cep_value *args, __attribute__((unused)) uint32_t count)

static inline cep_value ref_text(cb_arena *arena, const char *bytes, size_t len)
{
  char *copy = cb_arena_text(arena, len ? bytes : "", len);
  CB_ASSERT(copy);
  return cb_string(copy, (uint32_t)len);
}

/* What a writer has, which is then gone. Null past REF_TEXT_MAX. */
static inline cep_value ref_made(cb_arena *arena, cb_writer *text)
{
  cep_value value = text->len > REF_TEXT_MAX ? cb_null() : ref_text(arena, (const char *)text->data, text->len);
  cb_writer_fini(text);
  return value;
}

static inline cep_value ref_finite(double value)
{
  return value - value == 0 ? cb_float(value) : cb_null();
}

/* The text with a NUL behind it. */
static inline const char *ref_c_text(cb_arena *arena, const cep_value *text)
{
  return ref_text(arena, text->as.s, text->length).as.s;
}

/* Bytes of the character at `at`: of well-formed UTF-8, else 1. */
uint32_t ref_char_bytes(const cep_value *text, uint32_t at);

#endif
