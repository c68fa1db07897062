/*
 * predicate.h - conditions of single events: what an event meets, found out once for all rules of its stream.
 *
 *   condition   a > 3 and (s == "x" or b)        of atoms, each with a number in its stream
 *   tests       a > 3 --true--> s == "x" --false--> b --> the answer
 *                  \--false--> the answer
 *
 * Contract
 *   nfa_conds is made of a verified program when it is loaded, and never changes: the conditions as tests, each of which says which
 *   one comes next, so that an atom that cannot matter is not evaluated.
 *   nfa_facts is what is known of one event. An atom is evaluated when a condition first asks for it, and not again
 *   for that event; or somebody else has found it out (nfa_facts_set), of atoms that he then names in `settled`: those that
 *   were not set do not hold. nfa_facts_begin forgets all, at the cost of what was known, and resets the scratch.
 *   Errors: refused memory only, when made. One owner of facts.
 */
#ifndef NFA_PREDICATE_H
#define NFA_PREDICATE_H

#include "nfa/expr.h"

typedef struct nfa_test {
  uint32_t atom; /* or PRG_COND_TRUE */
  uint32_t on_true; /* the next test, or PRG_NONE: what the atom is is the answer */
  uint32_t on_false;
} nfa_test;

typedef struct nfa_conds {
  nfa_test *tests;
  uint32_t test_count;
  uint32_t *first; /* by condition: its first test */
} nfa_conds;

typedef struct nfa_facts {
  nfa_env env; /* program, scratch, and the event: batch and row */
  cb_alloc *alloc;
  uint64_t *known;  /* by atom */
  uint64_t *holds;
  uint32_t words;   /* of the stream with the most atoms */
  uint32_t *touched; /* words with something known */
  uint32_t touched_count;
  const uint64_t *settled; /* atoms that hold only if they were set; NULL: none */
} nfa_facts;

cep_status nfa_conds_make(const prg *program, cb_alloc *alloc, nfa_conds **out) CB_MUST_USE;
void nfa_conds_free(const prg *program, cb_alloc *alloc, nfa_conds *conds); /* NULL is fine */

cep_status nfa_facts_init(nfa_facts *facts, cb_alloc *alloc, const prg *program, nfa_scratch *scratch) CB_MUST_USE;
void nfa_facts_fini(nfa_facts *facts);
void nfa_facts_begin(nfa_facts *facts, const cb_batch *batch, uint32_t row);
/* The atom holds. */
void nfa_facts_set(nfa_facts *facts, uint32_t atom);
/* PRG_NONE holds always. */
int nfa_cond_holds(nfa_facts *facts, uint32_t cond);
/* The same of an event of which nothing is kept. */
int nfa_cond_is_true(const nfa_env *env, uint32_t cond);
/* Bit k: the local condition of step k of the detection holds, and the step is of this
 * route. An event on several routes of one key has the union of their symbols. */
uint64_t nfa_symbol(nfa_facts *facts, const prg_detection *detection, uint32_t route);

#endif
