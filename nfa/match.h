/*
 * match.h - an evaluator: functions over slots that the runtime owns.
 *
 *   keyed table entry: | hash | key | flags | slot (40 bytes) |
 *                                              \-> records in the worker's slab
 *
 * Contract
 *   An evaluator holds no key and no object per key: all state of a key is its slot and
 *   what the slot reaches in the slab, by 32-bit index. A slot of zero bytes is the empty
 *   one. Evaluators are interchangeable: each gives the answers of docs/reference/language.md.
 *
 *   Time    Before `step` gets an event at time t, the runtime has called `advance` with a
 *           time >= every deadline <= t. Events of a slot come in the order of the
 *           detection's input (time, stratum, input, position).
 *   Output  `out->report` is called once for each result, in the order in which they come
 *           out; what it is given lives during the call only. It may not call back. A
 *           status below zero stops the evaluator, which gives it back.
 *   Scratch `step` and `advance` reset the worker's scratch: what the caller needs must not
 *           lie in it.
 *   Errors  CEP_E_NOMEM: the slot is as some prefix of the work left it, still valid, but
 *           the engine must not go on. Limits (partial_max, history_max) never fail: what
 *           they refuse is counted.
 *   Threads One owner for a worker and its slots.
 *
 *   save writes one key's state, self-contained (captured events included), the same bytes
 *   for the same state; load reads them back into an empty slot: CEP_E_CORRUPT,
 *   CEP_E_MISMATCH (a step's condition is another one now), CEP_E_NOMEM; on failure the
 *   slot is empty.
 */
#ifndef NFA_MATCH_H
#define NFA_MATCH_H

#include "cep/base/time.h"
#include "nfa/expr.h"

#define NFA_SLOT_BYTES 40u

typedef struct nfa_slot {
  uint64_t words[NFA_SLOT_BYTES / 8];
} nfa_slot;

typedef struct nfa_event {
  const cb_batch *batch;
  uint32_t row;
} nfa_event;

typedef enum nfa_result_kind { NFA_MATCHED, NFA_TIMED_OUT } nfa_result_kind;

typedef struct nfa_result {
  nfa_result_kind kind;
  uint32_t index;       /* of the event in `step`'s arrays; 0 in `advance` */
  cep_time time;        /* decision time */
  cep_time start;       /* of the first captured event */
  uint32_t waited;      /* NFA_TIMED_OUT: the earliest step in the text that it waited for; else PRG_NONE */
  nfa_captures captures; /* of `emit once`: totals over its matches; the newest event of them all, and some
                            match that has it; `start` is the earliest of them */
} nfa_result;

typedef struct nfa_out {
  cep_status (*report)(void *ctx, const nfa_result *result);
  /* The key's parts, for `having`; index as in nfa_result. They live until the next call. */
  const cep_value *(*keys)(void *ctx, uint32_t index);
  void *ctx;
} nfa_out;

typedef struct nfa_counters {
  uint64_t started;
  uint64_t active;          /* partial matches alive now */
  uint64_t partials_dropped;
  uint64_t matches_dropped; /* by the detection's limit */
  uint64_t skip_missed;
  uint64_t sum_overflow;
} nfa_counters;

/* What an evaluator needs; made by the runtime, one for each worker and detection. */
typedef struct nfa_worker {
  const prg *program;
  const prg_detection *detection;
  cb_alloc *alloc;
  cb_slab *slab;       /* shared by the detections of a worker */
  nfa_scratch *scratch;
  uint64_t partial_max;
  uint64_t history_max;
  uint32_t index_runs; /* so many waiting partial matches of a slot make a table of them worth it; 0: none is made */
  int deadline_rises;  /* set by open: as long as a slot has a deadline, it only comes later */
  uint32_t input_limit; /* of loaded state: events of inputs below this; 0: not known, any */
  cep_time time_limit;  /* and, where that is known: no event is later than this */
  const struct nfa_trace *trace; /* of nfa_traced alone (trace.h) */
  nfa_counters counters;
  void *own;           /* the evaluator's scratch memory: open and close */
} nfa_worker;

/* Of loaded state: whether this time may have come. */
static inline int nfa_time_may_be(const nfa_worker *worker, cep_time time)
{
  return worker->input_limit == 0 || time <= worker->time_limit;
}
/* Whether there is an input of that number; an event of a detection has none. */
static inline int nfa_input_may_be(const nfa_worker *worker, uint32_t input)
{
  return worker->input_limit == 0 || input == PRG_NONE || input < worker->input_limit;
}
static inline int nfa_event_may_be(const nfa_worker *worker, uint32_t input, cep_time time)
{
  return nfa_input_may_be(worker, input) && nfa_time_may_be(worker, time);
}
/* Whether an event that may have come is over a span later. */
static inline int nfa_due_may_be(const nfa_worker *worker, cep_time due)
{
  return worker->input_limit == 0 || due <= cb_time_add(worker->time_limit, worker->detection->within);
}

typedef struct nfa_evaluator {
  const char *name;
  cep_status (*open)(nfa_worker *worker);
  void (*close)(nfa_worker *worker); /* after every slot was released */
  /* Events in order; the same slot may come several times. symbols[i]: nfa_symbol of events[i]. */
  cep_status (*step)(nfa_worker *worker, nfa_slot *const *slots, const nfa_event *events,
                     const uint64_t *symbols, uint32_t count, const nfa_out *out);
  /* Everything whose deadline is <= time, in order of deadlines. */
  cep_status (*advance)(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out);
  /* `within N events`: no event can come any more; what is over with that is decided at `time`. */
  cep_status (*end)(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out);
  cep_time (*next_deadline)(const nfa_worker *worker, const nfa_slot *slot); /* CEP_TIME_MAX: none */
  int (*is_empty)(const nfa_slot *slot);
  void (*release)(nfa_worker *worker, nfa_slot *slot);
  void (*save)(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer);
  cep_status (*load)(nfa_worker *worker, nfa_slot *slot, cb_reader *reader);
  int (*check)(nfa_worker *worker, const nfa_slot *slot); /* 1: all invariants hold */
} nfa_evaluator;

/* One record per partial match; under `past last` and `to next` the first-of rule. */
extern const nfa_evaluator nfa_runs;
/* One graph for all partial matches of a key; for what nfa_evaluator_for gives it to. */
extern const nfa_evaluator nfa_compact;
/* Of what compact would do, where only the number of matches is asked for: vectors of numbers. */
extern const nfa_evaluator nfa_tallied;
/* Under `past last` and `to next`, where only the event itself decides: partial matches that move together. */
extern const nfa_evaluator nfa_first_of;
int nfa_first_of_fits(const prg *program, const prg_detection *detection);
/* No event leaves one of its partial matches in several states. */
int nfa_first_of_is_chain(const prg *program, const prg_detection *detection);

/* A wish, for tests and for finding faults. Only runs is for everything. */
typedef enum nfa_wish { NFA_WISH_NONE, NFA_WISH_RUNS, NFA_WISH_COMPACT, NFA_WISH_FIRST_OF } nfa_wish;

/* The evaluator of a detection, and why, as a sentence; NULL: it is not for the detection, which has no other than the
 * one wished for. */
const nfa_evaluator *nfa_evaluator_for(const prg *program, const prg_detection *detection, nfa_wish wish, const char **why);
/* What an event costs with the evaluator that the detection has without a wish, as a sentence. `is_looked_up`: with
 * runs, some partial matches can be found by a value. */
const char *nfa_evaluator_cost(const prg *program, const prg_detection *detection, int is_looked_up);

#endif
