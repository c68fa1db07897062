/*
 * trace.h - the story of the partial matches of a key: what began, what each event was to them, why each ended.
 *
 *   2026-03-14T08:32:47Z  Accepted @2764
 *       MATCH of attempt @2376: 5 events, the last as ok
 *       ends: attempt @2473, @2570: a match came out, and 'after match skip past last' drops them
 *
 * Contract
 *   nfa_traced is the evaluator `runs`, which tells what it did; slower, and for one detection that somebody wants to understand.
 *   An attempt is named by the position of its first event. Lines come without their end; bytes of events in them are as in
 *   JSON. Its worker needs `trace`, and no index.
 */
#ifndef NFA_TRACE_H
#define NFA_TRACE_H

#include "nfa/match.h"

typedef struct nfa_trace {
  void (*tell)(void *ctx, const char *line, size_t len); /* NULL: nobody listens */
  void *ctx;
  const char *key; /* parts as text with "," between; NULL: all keys */
  struct nfa_cover *cover; /* counted into (cover.h); NULL: nothing is */
} nfa_trace;

extern const nfa_evaluator nfa_traced;

#endif
