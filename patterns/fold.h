/*
 * fold.h - operations over constants, done at compile time.
 *
 * Contract
 *   The meaning is the run time's: overflow and division by zero give null. pat_fold gives
 *   1 and the value when all arguments are constants and the operation is one that it
 *   does (arithmetic, comparison, logic); else 0.
 */
#ifndef PAT_FOLD_H
#define PAT_FOLD_H

#include "patterns/plan.h"

int pat_fold(const plan_expr *expr, cep_value *out);

#endif
