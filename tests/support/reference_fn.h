/*
 * reference_fn.h - the reference's own functions.
 *
 * Contract
 *   ref_fn gives the value of a function of builtin.def over arguments that are there (none
 *   is null). Those that random programs use are known; another name is a broken claim.
 */
#ifndef REFERENCE_FN_H
#define REFERENCE_FN_H

#include "cep/base/arena.h"
#include "cep/base/value.h"

cep_value ref_fn(cb_arena *arena, const char *name, const cep_value *args, uint32_t count);

#endif
