/*
 * why.h - why a condition holds of an event or does not: its parts, whether each is true, and the values they look at.
 *
 *   false    total >= 500   (total = 2)
 *   unknown  user == "root" (user = null)
 *
 * Contract
 *   For people; text may change. A line for each part, with `indent` before it and '\n' behind it. `env` has the event and, for
 * what looks back, the captures; `detection` names those, NULL: there are none. Evaluates anew, and resets the scratch. Errors
 * stick to the writer.
 */
#ifndef NFA_WHY_H
#define NFA_WHY_H

#include "nfa/expr.h"

typedef enum nfa_why { NFA_WHY_ALL, NFA_WHY_REFUSING } nfa_why;

/* Of NFA_WHY_REFUSING only the parts that are not true. PRG_NONE writes nothing. */
void nfa_why_cond(cb_writer *to, const nfa_env *env, uint32_t cond, nfa_why which, const char *indent);
void nfa_why_expr(cb_writer *to, const nfa_env *env, const prg_detection *detection, uint32_t expr, nfa_why which, const char *indent);

#endif
