/*
 * automaton.h - what an event makes of partial matches whose conditions look at single events only.
 *
 *   state x symbol -> skip: the state of those that do not take the event, or none
 *                     takes: for each step that does: the state of what it makes, and whether that is a match
 *                     finishes: whether without the event it is a match
 *
 * Contract
 *   A shape is a partial match without its history: step, count, open ways, counters. What becomes of a shape
 *   depends on the symbol (nfa_symbol) alone, and a state is the set of the shapes in which one history stands:
 *   counts in counts may reach it by several paths. So each history is in one state, and each step that
 *   takes an event gives one history: nothing is found twice (determinism of inputs and outputs).
 *
 *   Nothing here knows what `no`, greed or `until` mean. A move that is not known yet is found by letting the runs
 *   evaluator meet the event with each shape, in a partial match made for that; all evaluators so have one
 *   meaning. It is then remembered. Two evaluators use it: compact, and first-of, whose states have one shape each.
 *
 *   States and moves are made when they are first met. Many of them are cut down (nfa_automaton_trim): all moves
 *   go, and those states that no list is in (`refs`). One owner. CEP_E_NOMEM.
 */
#ifndef NFA_AUTOMATON_H
#define NFA_AUTOMATON_H

#include "cep/base/vec.h"
#include "nfa/runs.h"

#define NFA_SHAPE_COUNTERS 8u
#define NFA_SHAPE_COUNT    64u /* the largest count, or minimum of an open one, that states tell apart */
#define NFA_STATE_START    0u  /* nothing captured */
#define NFA_STATE_NONE     UINT32_MAX

/* Compared as bytes: no padding. */
typedef struct nfa_shape {
  uint64_t open;  /* ways, as in nfa_run */
  uint64_t met;   /* `until`s */
  uint32_t state; /* of the detection */
  uint32_t count;
  uint32_t flags; /* RUN_FRESH, where that matters */
  uint32_t counters[NFA_SHAPE_COUNTERS];
  uint32_t pad;
} nfa_shape;

typedef CB_VEC(nfa_shape) nfa_shapes;

typedef struct nfa_state_set {
  nfa_shapes shapes; /* in order, each once; empty: the start, or a number that is free */
  uint64_t hash;
  uint32_t refs;     /* lists in it */
  uint32_t is_used;
} nfa_state_set;

typedef struct nfa_take {
  uint32_t step;
  uint32_t state;  /* NFA_STATE_NONE: no way on from there */
  uint32_t is_end; /* with this event it is a match */
} nfa_take;

typedef struct nfa_move {
  uint32_t skip;       /* NFA_STATE_NONE: none is left */
  uint32_t first_take; /* in `takes`, by step */
  uint32_t take_count;
  uint32_t finishes;   /* the history as it is is a match now */
  uint64_t note;       /* what the evaluator makes of it; 0 when it is found */
} nfa_move;

typedef struct nfa_known_move {
  uint64_t symbol;
  uint32_t state;
  uint32_t is_used;
  nfa_move move;
} nfa_known_move;

typedef struct nfa_automaton {
  nfa_worker runs;          /* of the runs evaluator */
  int is_shared;            /* its memory is another one's; else its detection is `plain` */
  prg_detection plain;      /* the detection without what looks at histories */
  CB_VEC(nfa_state_set) states;
  uint32_t used_states;
  uint32_t states_max;      /* above this they are trimmed */
  CB_VEC(nfa_take) takes;
  nfa_known_move *moves;    /* open addressing */
  uint32_t move_count;
  uint32_t move_capacity;
  struct nfa_taken_shape {
    uint32_t step;
    nfa_shape shape;
  } *born;                  /* scratch of one move */
  uint32_t born_count;
  uint32_t born_capacity;
  nfa_shapes kept;          /* scratch of one move */
  uint64_t ends;            /* steps by which the move completes matches */
  uint32_t finishes;        /* and whether it is one without the event */
} nfa_automaton;

/* 1 if the conditions of the detection look at single events, and its shapes are few. */
int nfa_automaton_fits(const prg *program, const prg_detection *detection);

cep_status nfa_automaton_open(nfa_automaton *automaton, const nfa_worker *worker) CB_MUST_USE;
/* The same for a worker of the runs evaluator, which is open and whose memory is used. */
cep_status nfa_automaton_share(nfa_automaton *automaton, const nfa_worker *worker) CB_MUST_USE;
void nfa_automaton_close(nfa_automaton *automaton);
/* What the event makes of the partial matches in `state`: lives until the next call. `event` may be NULL, unless the
 * memory is shared: any with that symbol. */
cep_status nfa_automaton_move(nfa_automaton *automaton, uint32_t state, const nfa_event *event, uint64_t symbol,
                              nfa_move **out) CB_MUST_USE;
/* Between two events: forgets moves and states if there are many. */
void nfa_automaton_trim(nfa_automaton *automaton);
/* The state of exactly these shapes, which are put in order; NFA_STATE_NONE: memory refused. */
uint32_t nfa_automaton_state(nfa_automaton *automaton, nfa_shapes *shapes);
/* automaton_codec.c: the shapes of a state, and the state of shapes. */
void nfa_automaton_write(const nfa_automaton *automaton, uint32_t state, cb_writer *writer);
cep_status nfa_automaton_read(nfa_automaton *automaton, cb_reader *reader, uint32_t *state) CB_MUST_USE;
/* The part of a run that decides its future; and a run of that shape, zero but for it. */
nfa_shape nfa_shape_of(const nfa_worker *runs, nfa_run *run);
void nfa_shape_write(const nfa_worker *runs, const nfa_shape *shape, nfa_run *run);

#endif
