/*
 * cover.h - what the events of tests have reached of a detection: its steps, its conditions both ways, its outputs.
 *
 * Contract
 *   Of a detection with a pattern. Counted by nfa_traced (trace.h); an event counts once for each step of its stream, and what
 * looks back once for each partial match that waits for the step. Unknown counts as false. Errors: refused memory only.
 */
#ifndef NFA_COVER_H
#define NFA_COVER_H

#include "nfa/match.h"

typedef struct nfa_cover {
  const prg *program;
  const prg_detection *detection;
  cb_alloc *alloc;
  uint32_t *first;   /* by step: its first part in `parts`; one more behind the last */
  uint64_t *parts[2]; /* false, true: by instruction of the condition of each step */
  uint64_t *rest[2]; /* by step: what looks back */
  uint64_t *steps;   /* by step: events taken; of `no` and `until`: events that fit while it was in force */
  uint64_t matches;
  uint64_t timeouts;
} nfa_cover;

cep_status nfa_cover_init(nfa_cover *cover, cb_alloc *alloc, const prg *program, uint32_t detection) CB_MUST_USE;
void nfa_cover_fini(nfa_cover *cover);
/* The event, to the conditions of the steps of its stream. */
void nfa_cover_event(nfa_cover *cover, const nfa_env *env);

/* One thing that could be reached. `what`: "step", "no", "until", "true", "false", "match", "timeout"; `of`: the step that a
 * condition belongs to. */
typedef void (*nfa_cover_fn)(void *ctx, const char *what, const char *of, const char *text, uint64_t times);
cep_status nfa_cover_list(const nfa_cover *cover, nfa_cover_fn tell, void *ctx) CB_MUST_USE;

#endif
