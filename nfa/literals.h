/*
 * literals.h - many literals in one pass over a text (Aho-Corasick).
 *
 * Contract
 *   A set is made once and never changes. Literals are bytes, not empty, numbered as they were given; equal ones may come several times.
 *   With `any_case` an ASCII letter stands for both of its cases.
 *   nfa_literals_find says which literals occur in the text, each once, in no order that means anything: the time is that of
 *   the length of the text and of what is found. `seen` is a bit for each literal, all 0, and stays so for who clears those that were found.
 *   Memory: four bytes for each state (at most one for each byte of the literals) and each class of bytes that the
 *   literals tell apart. Errors: refused memory only.
 */
#ifndef NFA_LITERALS_H
#define NFA_LITERALS_H

#include "cep/base/alloc.h"

typedef struct nfa_literal {
  const char *bytes; /* borrowed while the set is made */
  uint32_t len;
} nfa_literal;

typedef struct nfa_literals {
  uint32_t count;
  uint32_t states;
  uint32_t classes;
  uint8_t class_of[256];
  uint32_t *next;    /* state * classes + class: the state that follows */
  uint32_t *first;   /* by state: the longest literal that ends there, + 1; 0: none */
  uint32_t *shorter; /* by literal: the next one that ends where it does, an equal one or a shorter one, + 1; 0: none */
} nfa_literals;

cep_status nfa_literals_make(nfa_literals *set, cb_alloc *alloc, const nfa_literal *literals, uint32_t count, int any_case) CB_MUST_USE;
void nfa_literals_free(nfa_literals *set, cb_alloc *alloc);
/* Numbers of literals into `found`, which has room for all: how many. */
uint32_t nfa_literals_find(const nfa_literals *set, const char *text, uint32_t len, uint64_t *seen, uint32_t *found);

#endif
