/*
 * bound.h - how much state one key of a detection can have, at most.
 *
 * Contract
 *   Worked out of the program alone, so as a function of n, the number of events of the key's
 *   input that the span holds: rates are not known. What is said is never too little, whatever
 *   the events are; conditions are not looked into, each event may fit each step.
 *   Counted between two events, as the statistics show it. Without the settings partial.max
 *   and history.max, which cut it off, and without the bytes of a key longer than 12, the tables
 *   that find keys and deadlines, and what `suppress` remembers.
 *   CEP_E_NOMEM, else CEP_OK. No state of its own.
 */
#ifndef NFA_BOUND_H
#define NFA_BOUND_H

#include "nfa/program.h"

/* `times` for each way to choose `power` of n events in order, the same one again allowed:
 * times, times n, times n (n+1) / 2, ... Any number above power NFA_POWER_MAX: no bound. */
typedef struct nfa_amount {
  uint64_t times;
  uint32_t power;
} nfa_amount;
#define NFA_POWER_MAX 6u

typedef struct nfa_bound {
  nfa_amount partials;    /* partial matches alive */
  nfa_amount waiting;     /* finished matches that `earliest start first` holds back */
  nfa_amount captures;    /* nodes of their histories */
  nfa_amount events;      /* events kept for them */
  uint64_t fixed_bytes;   /* of a key with any state */
  uint64_t partial_bytes; /* of one of each */
  uint64_t capture_bytes;
  uint64_t event_bytes;   /* without the bytes of strings and addresses */
  int has_strings;
  int is_graph;           /* `partials` are nodes of the compact evaluator, which stand for any number of them */
  int is_tally;           /* `partials` are events and starts of the tally evaluator */
  int is_looked_up;       /* with runs, some partial matches can be found by a value */
  int is_too_big;         /* too many states and counters together: not worked out, no bound */
  uint32_t doubles_at;    /* if there is no bound: a step whose choices multiply; or PRG_NONE */
  cep_duration span;      /* n: events within that time; INT64_MAX: ever */
  uint64_t span_events;   /* > 0: n is this number */
} nfa_bound;

cep_status nfa_bound_of(cb_alloc *alloc, const prg *program, const prg_detection *detection, nfa_bound *out) CB_MUST_USE;

static inline int nfa_amount_is_bound(nfa_amount amount) { return amount.power <= NFA_POWER_MAX; }
/* Saturates at UINT64_MAX, which is also what is not bound. */
uint64_t nfa_amount_at(nfa_amount amount, uint64_t n);
/* Of all together, without strings. */
uint64_t nfa_bound_bytes(const nfa_bound *bound, uint64_t n);
/* The lines of `cep explain`: what an event costs, what a key may hold, the window of an aggregate included. */
cep_status nfa_bound_write(cb_writer *writer, const prg *program, const prg_detection *detection) CB_MUST_USE;

/* ---- Among the files of this ---------------------------------------------------------- */

/* Amounts: sums and products that are never too small, for n > 0. */
nfa_amount nfa_amount_of(uint64_t times);
nfa_amount nfa_amount_endless(void);
nfa_amount nfa_amount_add(nfa_amount a, nfa_amount b);
nfa_amount nfa_amount_times(nfa_amount a, uint64_t times);
/* Times n, where the new choice of an event lies beside the others in order ... */
nfa_amount nfa_amount_chosen(nfa_amount a, uint32_t choices);
/* ... and where it does not. */
nfa_amount nfa_amount_product(nfa_amount a, nfa_amount b);
/* The lesser one for many events. */
nfa_amount nfa_amount_lesser(nfa_amount a, nfa_amount b);
nfa_amount nfa_amount_greater(nfa_amount a, nfa_amount b);

/* A key's entry with its slot; of an aggregate what stands in front of the accum of a pane and of a window, and
 * what a register keeps beside its word. The runtime asserts all of them. */
#define NFA_ENTRY_BYTES 64u
#define NFA_PANE_BYTES  24u
#define NFA_SPAN_BYTES  48u
uint32_t nfa_bytes_beside(uint32_t register_kind);

#endif
