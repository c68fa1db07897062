/*
 * wake_handle.h - what of an atom can be looked up.
 *
 * Contract
 *   nfa_handle_of reads the code of an atom. NFA_HANDLE_NONE: nothing can be looked up. Else the atom can hold only for events whose column
 *   has one of the values (EQUAL), is on the bound's side (BELOW, ABOVE), or contains the literal (TEXT). `is_exact`: then it does hold.
 *   Values and literals borrow the program or the handle. `weight` guesses how often it holds: 1 is seldom.
 */
#ifndef NFA_WAKE_HANDLE_H
#define NFA_WAKE_HANDLE_H

#include "nfa/needle.h"
#include "nfa/program.h"

typedef enum nfa_handle_kind { NFA_HANDLE_NONE, NFA_HANDLE_EQUAL, NFA_HANDLE_BELOW, NFA_HANDLE_ABOVE, NFA_HANDLE_TEXT } nfa_handle_kind;

typedef struct nfa_handle {
  nfa_handle_kind kind;
  uint32_t column;
  uint32_t weight;
  int is_exact;
  int is_open;      /* BELOW, ABOVE: not the bound itself */
  int any_case;     /* TEXT */
  char text[NFA_NEEDLE_MAX];
  uint32_t text_len;
  cep_value value;  /* EQUAL of one value, BELOW, ABOVE */
  uint32_t items;   /* EQUAL of several: where the first stands in the code; 0: of one */
  uint32_t item_count;
} nfa_handle;

nfa_handle nfa_handle_of(const prg *program, uint32_t stream, const prg_atom *atom);
/* Value `index` of EQUAL. */
cep_value nfa_handle_value(const prg *program, const nfa_handle *handle, uint32_t index);

#endif
