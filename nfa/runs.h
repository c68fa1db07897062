/*
 * runs.h - inside of the runs evaluator: one record for each partial match.
 *
 *   slot --> run --> run --> run        in order of start; of one start in the order made
 *     |       \-> history (shared)
 *     \--> extra: finished matches that wait, silence, quiet start
 *
 * Contract
 *   Shared by runs.c (the evaluator), runs_take.c (an event meets a partial match),
 *   policy.c (order, skip rules, deadlines), match_codec.c and match_check.c; bound.c asks
 *   it for sizes, and automaton.c for what becomes of one run; nobody else includes it. A run is a slab cell followed by the detection's registers and counters.
 *
 *   A partial match is one history, whatever number of ways it could still go: `open` has
 *   a bit for each edge of its state that is still a way. Invariants (nfa_runs_check):
 *     runs are in order of start_seq; a run has an open way; its history ends in its step;
 *     count is within the step's bounds, counters within theirs; slot.deadline is the least
 *     of its runs'.
 *   Where the ways of a pattern meet again (counts in counts), several runs may have one
 *   history. They then share its newest node, and differ in count or counters.
 */
#ifndef NFA_RUNS_H
#define NFA_RUNS_H

#include "cep/base/time.h"
#include "cep/base/vec.h"
#include "nfa/taken.h"

enum {
  RUN_FRESH = 1,  /* no event of the input since the newest capture */
  RUN_MATCHED = 2,  /* its history came out at the instant in hand: no timeout as well */
  RUN_TIMED_OUT = 4, /* another run with its history has timed out */
  RUN_SILENT = 8    /* a history of the same start has timed out, and silences this one */
};

typedef struct nfa_run {
  cb_slab_id next;
  cb_slab_id head;     /* one reference */
  uint64_t start_seq;
  cep_time start_time;
  uint64_t open;       /* bit e: edge e of the state is a way on */
  uint32_t state;      /* index in the detection's states */
  uint32_t count;      /* repetitions of the state's step so far */
  uint32_t flags;
  cb_slab_id hook;     /* in an indexed slot: the first one; else none */
  uint64_t null;       /* registers that are null */
  /* uint64_t registers[]; uint32_t counters[], and two more words if own->lifts */
} nfa_run;

/* What few keys need. */
typedef struct nfa_extra {
  cb_slab_id waiting;    /* finished matches held back by `earliest start first`, in order */
  uint32_t quiet_count;  /* `no X for D` at the front */
  uint64_t silent_below; /* a timeout that starts before this seq is not reported */
  /* cep_time since[quiet_count]: CEP_TIME_MIN before the key's first event */
} nfa_extra;

typedef struct nfa_runs_slot {
  cb_slab_id first;
  cb_slab_id extra;
  uint32_t count;        /* runs */
  cb_slab_id last;       /* newest run at the end of the last sweep; later ones hang behind it */
  uint64_t seq;          /* events of the key since the slot was empty */
  cep_time deadline;     /* only if count > 0 */
  cb_slab_id index;      /* nfa_index, once so many runs wait that it is worth it */
  uint32_t pad;
} nfa_runs_slot;
_Static_assert(sizeof(nfa_runs_slot) <= NFA_SLOT_BYTES, "lies in the slot");

/*
 * Runs that wait for equal values, found by those values (runs_index.c). Each run of an
 * indexed slot has a hook in the table for each lookup of its state, or one among the loose.
 */
typedef struct nfa_hook {
  uint64_t hash;
  cb_slab_id run;
  cb_slab_id before;     /* first hook of its run: the run before it in the list */
  cb_slab_id next;       /* hooks of the chain, or of the loose ones */
  cb_slab_id prev;
  cb_slab_id more;       /* the next hook of this run */
  uint8_t where;         /* nfa_hook_place */
  uint8_t lookup;
  uint8_t is_touched;    /* first hook: the run is in own->touched */
  uint8_t pad;
} nfa_hook;

typedef enum nfa_hook_place { NFA_HOOK_NEW, NFA_HOOK_LOOSE, NFA_HOOK_TABLE } nfa_hook_place;

typedef struct nfa_index {
  cb_slab_id buckets;    /* cb_slab_id[bucket_count]: hooks */
  uint32_t bucket_count; /* a power of two */
  uint32_t hooked;       /* hooks in the table */
  uint32_t waiting;      /* runs in the table */
  cb_slab_id loose_first;
  cb_slab_id loose_last;
} nfa_index;

#define NFA_LOOKUPS_MAX 8u
#define NFA_BUCKETS_MIN 8u

typedef CB_VEC(cb_slab_id) nfa_ids;

typedef struct nfa_step_info {
  prg_list registers; /* into own->register_order */
  uint32_t state;     /* the state whose newest event this step took */
} nfa_step_info;

/* Memory of one worker and detection, reused for every event. Tables stand behind it: most detections have few steps, and there may be
 * ten thousand of them. */
typedef struct nfa_runs_own {
  size_t size;     /* of this, and what stands behind it */
  nfa_ids done;    /* finished in the event or instant in hand: runs outside any list */
  nfa_ids sorted;  /* scratch of the sort */
  nfa_ids born;    /* may_twin: partial matches that the event in hand has made */
  nfa_taken taken; /* the event in hand, once it was captured */
  uint32_t run_size;
  uint32_t counter_count;
  uint32_t counter_words; /* counters, and what stands behind them */
  int lifts;          /* some greedy loop can be ended by an `until`: runs remember which were met since the
                         newest capture, a bit for each step */
  int may_twin;       /* several runs may have one history */
  uint64_t looked_up; /* steps that runs which wait in a table look at; 0: none does */
  uint64_t span_seq;  /* `within N events`: how many events of the key in hand have been counted */
  uint32_t *register_order;
  nfa_step_info *steps;
  uint8_t *head_matters;  /* by state: the newest capture's identity or time decides */
  uint8_t *fresh_matters; /* by state: so does whether an event came since */
  uint64_t *finishes;    /* by state: the edges that are ends */
  uint64_t *gaps;        /* by state: the edges that have a gap bound */
  uint64_t *lifters;     /* by state: the `until`s that end a loop which guards an edge */
  uint64_t null_at_start;
  uint64_t condition_registers;
  /* Lookups: steps with an equality, by what they compare with. Zero without any. */
  uint32_t lookup_count;
  uint32_t lookup_steps[NFA_LOOKUPS_MAX]; /* a step of each */
  uint8_t *lookup_of;    /* by step: number + 1; 0: none */
  uint64_t *steady;      /* by state: the edges that an event which fits no step with a lookup leaves alone */
  uint8_t *lookups;      /* by state: a bit for each lookup of its steady edges */
  uint32_t steady_runs;     /* runs with steady edges only, in the last sweep of a slot without an index */
  nfa_ids touched;          /* indexed slot: runs that the event or instant in hand concerns, in list order */
} nfa_runs_own;

/* The event in hand. */
typedef struct nfa_moment {
  nfa_worker *worker;
  nfa_runs_own *own;
  nfa_runs_slot *slot;
  const nfa_event *event; /* NULL at a deadline */
  uint64_t symbol;
  uint64_t seq;
  cep_time time;
  uint32_t index;
  const nfa_out *out;
} nfa_moment;

/* Event number `index` of a call of `step`. */
static inline nfa_moment nfa_moment_of(nfa_worker *worker, nfa_slot *slot, const nfa_event *event, uint64_t symbol, uint32_t index,
                                       const nfa_out *out)
{
  return (nfa_moment){.worker = worker,
                      .own = (nfa_runs_own *)worker->own,
                      .slot = (nfa_runs_slot *)(void *)slot,
                      .event = event,
                      .symbol = symbol,
                      .time = event->batch->time[event->row],
                      .index = index,
                      .out = out};
}
static inline nfa_run *nfa_run_at(const nfa_worker *worker, cb_slab_id id)
{
  return (nfa_run *)cb_slab_at(worker->slab, id);
}
static inline uint64_t *nfa_run_registers(nfa_run *run) { return (uint64_t *)(run + 1); }
static inline uint32_t *nfa_run_counters(const nfa_worker *worker, nfa_run *run)
{
  return (uint32_t *)(void *)(nfa_run_registers(run) + worker->detection->registers.count);
}
/* The steps of kind UNTIL that were met since the newest capture; only if own->lifts. */
static inline uint64_t nfa_run_met(const nfa_worker *worker, nfa_run *run)
{
  const uint32_t *words = nfa_run_counters(worker, run) + worker->detection->counters.count;
  return (uint64_t)words[1] << 32 | words[0];
}
static inline void nfa_run_set_met(const nfa_worker *worker, nfa_run *run, uint64_t met)
{
  uint32_t *words = nfa_run_counters(worker, run) + worker->detection->counters.count;
  words[0] = (uint32_t)met;
  words[1] = (uint32_t)(met >> 32);
}
static inline int nfa_counter_holds(const prg_counter *counter, uint32_t value)
{
  return counter->what == PRG_COUNTER_ITEMS ? (value & ~counter->most) == 0 : value <= counter->most;
}
static inline nfa_extra *nfa_extra_at(const nfa_worker *worker, const nfa_runs_slot *slot)
{
  return slot->extra == CB_SLAB_NONE ? NULL : (nfa_extra *)cb_slab_at(worker->slab, slot->extra);
}
static inline cep_time *nfa_extra_since(nfa_extra *extra) { return (cep_time *)(extra + 1); }
static inline const prg_step *nfa_step(const nfa_worker *worker, uint32_t step)
{
  return &worker->program->steps[worker->detection->steps.first + step];
}
static inline const prg_state *nfa_state(const nfa_worker *worker, uint32_t state)
{
  return &worker->program->states[worker->detection->states.first + state];
}
static inline const prg_edge *nfa_edge(const nfa_worker *worker, const prg_state *state, uint32_t edge)
{
  return &worker->program->edges[state->edges.first + edge];
}
static inline uint32_t nfa_list_at(const nfa_worker *worker, prg_list list, uint32_t i)
{
  return worker->program->lists[list.first + i];
}
static inline nfa_captures nfa_run_captures(const nfa_worker *worker, nfa_run *run)
{
  nfa_captures captures = {.slab = worker->slab, .head = run->head, .registers = nfa_run_registers(run), .null = run->null};
  return captures;
}

/* runs_take.c ------------------------------------------------------------------------ */

/* A match may come out: `having` holds of its captures, or there is none. */
int nfa_runs_having(const nfa_moment *moment, nfa_run *run);
/* The event fits the step, as a partial match with these captures sees it. */
int nfa_runs_fits(const nfa_moment *moment, uint32_t step, const nfa_captures *captures);
/* One run meets the event: ways are taken and closed; new runs go behind it, finished
 * ones to own->done. The caller removes it when nothing is open any more. */
cep_status nfa_runs_meet(nfa_moment *moment, cb_slab_id run_id) CB_MUST_USE;
/* The event as the first of new partial matches. */
cep_status nfa_runs_start(nfa_moment *moment) CB_MUST_USE;

/* policy.c --------------------------------------------------------------------------- */

/* When this end of the run is free: CEP_TIME_MAX if no deadline frees it. */
cep_time nfa_runs_finish_time(const nfa_worker *worker, const nfa_run *run, const prg_edge *finish);
cep_time nfa_runs_span_end(const nfa_worker *worker, const nfa_run *run);
cep_time nfa_runs_deadline(const nfa_worker *worker, const nfa_run *run);
/* Sorts what the event finished, lets it come out by the skip rule, sweeps and merges. */
cep_status nfa_runs_settle(nfa_moment *moment) CB_MUST_USE;
/* `within N events`: what this event was the last one for. */
cep_status nfa_runs_count_event(nfa_moment *moment) CB_MUST_USE;
/* Everything that falls due at moment->time. */
cep_status nfa_runs_fall_due(nfa_moment *moment) CB_MUST_USE;

/* runs.c ----------------------------------------------------------------------------- */

/* Opens with `own` at the front of `size` bytes of zeros, which go with it. */
cep_status nfa_runs_open(nfa_worker *worker, size_t size) CB_MUST_USE;
cep_status nfa_runs_step_one(nfa_moment *moment) CB_MUST_USE;

void nfa_run_free(nfa_worker *worker, cb_slab_id run); /* not linked any more */
/* A copy with its own reference to the history; 0: memory refused. */
cb_slab_id nfa_run_copy(nfa_worker *worker, const nfa_run *run);
/* The slot's extra record, made if it is not there; NULL: memory refused. */
nfa_extra *nfa_extra_make(nfa_worker *worker, nfa_runs_slot *slot);
/* Removes the runs with start_seq < below, those with nothing open, and above partial_max
 * the last ones (counted). Recomputes the deadline. */
void nfa_runs_sweep(nfa_worker *worker, nfa_runs_slot *slot, uint64_t below);

/* runs_lookup.c ------------------------------------------------------------------------ */

/* Everything falls due with its span: those that are due come first in the list. */
int nfa_runs_has_spans_only(const nfa_worker *worker);
/* Which partial matches of the detection may wait in a table: fills own->lookup_… and steady. */
void nfa_lookups_find(const nfa_worker *worker);
/* 1 if only steady edges are open: the run concerns no event but those with its values. */
static inline int nfa_run_is_steady(const nfa_runs_own *own, const nfa_run *run)
{
  return (run->open & ~own->steady[run->state]) == 0;
}
/* What the run waits for, or the event has, as a hash: 0 if it could not be computed, or is
 * equal to nothing. */
int nfa_lookup_of_run(const nfa_worker *worker, nfa_run *run, uint32_t lookup, uint64_t *hash);
int nfa_lookup_of_event(const nfa_moment *moment, uint32_t step, uint64_t *hash);

/* runs_index.c ------------------------------------------------------------------------- *
 * An index is never the reason why anything fails: where memory is refused it is dropped,
 * and the slot is as if it had none. Functions of an indexed slot give 0 then. */

static inline nfa_index *nfa_index_at(const nfa_worker *worker, const nfa_runs_slot *slot)
{
  return slot->index != CB_SLAB_NONE ? (nfa_index *)cb_slab_at(worker->slab, slot->index) : NULL;
}
/* own->touched: the runs that the event must meet. Before it is counted. */
int nfa_index_find(nfa_moment *moment);
/* own->touched: the runs that may be due at moment->time. */
int nfa_index_due(nfa_moment *moment);
/* Adds what the event has made, and where runs of one start are compared all of those starts. */
int nfa_index_gather(nfa_moment *moment);
/* The history of the run is another one now. */
void nfa_index_moved(nfa_worker *worker, nfa_runs_slot *slot, cb_slab_id run);
/* nfa_runs_sweep of an indexed slot: only own->touched may have changed. */
int nfa_index_sweep(nfa_worker *worker, nfa_runs_slot *slot, uint64_t below);
/* Ends the event or instant: makes an index if the slot has come to be worth one. */
void nfa_index_settle(nfa_worker *worker, nfa_runs_slot *slot);
void nfa_index_drop(nfa_worker *worker, nfa_runs_slot *slot);
int nfa_index_holds(nfa_worker *worker, const nfa_runs_slot *slot);
/* RUN_FRESH as it would be had every event met the run. */
void nfa_run_refresh(const nfa_worker *worker, const nfa_runs_slot *slot, nfa_run *run);

/* match_codec.c, match_check.c --------------------------------------------------------- */

/* First byte of what evaluators save: the version of their form. */
#define NFA_SAVED_RUNS    2u
#define NFA_SAVED_COMPACT 129u
#define NFA_SAVED_TALLY   130u
#define NFA_SAVED_FIRST_OF 64u /* and the form of the slot, 1 to NFA_SAVED_FORMS */
#define NFA_SAVED_FORMS    3u

/* Ways as (kind, target step, which of those), and back to bits: CEP_E_CORRUPT. */
void nfa_ways_write(const nfa_worker *worker, const prg_state *state, uint64_t open, cb_writer *writer);
cep_status nfa_ways_read(const nfa_worker *worker, const prg_state *state, cb_reader *reader, uint64_t *open) CB_MUST_USE;
void nfa_runs_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer);
cep_status nfa_runs_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader) CB_MUST_USE;
int nfa_runs_check(nfa_worker *worker, const nfa_slot *slot);

#endif
