/*
 * reference_fn.h - the reference's own functions.
 *
 * Contract
 *   ref_fn gives the value of a function, by its number in builtin.def, over arguments that
 *   are there (none is null) and of the kinds that the checker lets through: constants as
 *   they are written. Slow and obvious, by other means than the engine's where there are
 *   any: the C library for calendars, numbers and addresses, PCRE2 for regular expressions.
 *   Results borrow from the arguments or the arena.
 */
#ifndef REFERENCE_FN_H
#define REFERENCE_FN_H

#include "cep/base/arena.h"
#include "cep/base/value.h"

cep_value ref_fn(cb_arena *arena, uint32_t function, const cep_value *args, uint32_t count);

#endif
