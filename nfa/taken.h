/*
 * taken.h - the cells of the event in hand, one for each layout that a step keeps of it.
 *
 * Contract
 *   Steps of one layout share a cell, and so does every partial match that takes the event. The
 *   nfa_taken holds one reference of its own to each until nfa_taken_forget. Zero is the empty one.
 *   One owner.
 */
#ifndef NFA_TAKEN_H
#define NFA_TAKEN_H

#include "nfa/match.h"

typedef struct nfa_taken {
  cb_slab_id cells[64]; /* by step number; CB_SLAB_NONE: not captured yet */
  uint32_t steps;       /* cells[0..] may be set */
} nfa_taken;

/* The event as a cell for a step, with no reference for the caller. CB_SLAB_NONE: memory refused. */
cb_slab_id nfa_taken_cell(nfa_worker *worker, nfa_taken *taken, const nfa_event *event, uint32_t step);
void nfa_taken_forget(nfa_worker *worker, nfa_taken *taken);

#endif
