/*
 * firstof.h - inside of the first-of evaluator: partial matches that move together.
 *
 *   alone   slot | situation | start | second event |                   in the slot of the key
 *
 *   queue   slot --> group "b, waits for c" --> group "a, waits for b"   in order of starts
 *                      |                          |
 *                     [b @7] --> [b @9]          [a @11] --> [a @12]     links: siblings in order of starts
 *                      |          |
 *                     [a @3] ...  [a @8]                                 children: what the event continues
 *
 * Contract
 *   Under `skip past last` and `skip to next` all partial matches of a key that are in one situation
 *   (state, open ways, count) take, skip and lose the same events, and of one start only the first history in
 *   order counts. So starts of one situation are a group: an event that a group takes becomes the parent of all
 *   it has, whatever their number. What an event makes of a situation depends on its symbol only; it is
 *   read off the automaton (automaton.h), whose states of one shape are the situations (firstof_moves.c).
 *
 *   A slot has one of three forms. Alone: one partial match of one or two events. Queue: any number, each start in
 *   one situation. Runs: a slot of the runs evaluator, which does what the others cannot say: an event that leaves
 *   one partial match in several situations. It goes back when nothing is open.
 *
 *   Invariants (nfa_first_check): groups are not empty; starts rise from left to right over all groups, and
 *   neighbours differ in situation; a child is older than its parent; queue.oldest is the time of the first start.
 *
 *   Shared by firstof.c (the evaluator), firstof_moves.c, firstof_queue.c and firstof_codec.c. Which detections it
 *   can have: nfa_first_of_fits.
 */
#ifndef NFA_FIRSTOF_H
#define NFA_FIRSTOF_H

#include <stddef.h>

#include "nfa/automaton.h"

/* An event that was captured, for who asks which it was, and no more. */
typedef struct nfa_caught {
  cep_time time;
  uint64_t at;    /* its position; with NFA_INPUT_CELL the id of its cell, one reference */
  uint32_t seq;   /* its place in the order of the key */
  uint16_t input; /* or NFA_INPUT_CELL */
  uint8_t step;
  uint8_t pad;
} nfa_caught;
#define NFA_INPUT_CELL 0xFFFFu

typedef struct nfa_link {
  cb_slab_id next;  /* the sibling whose starts are later */
  cb_slab_id child; /* the first of those that it continues; none: it is a start */
  nfa_caught event;
} nfa_link;
_Static_assert(sizeof(nfa_link) == 32, "the smallest cell of a slab");

typedef struct nfa_group {
  cb_slab_id next;
  cb_slab_id first; /* links */
  cb_slab_id last;
  uint32_t count;   /* starts */
  uint32_t longest; /* no history has more events */
  uint32_t situation;
} nfa_group;

/* The forms of a slot, told apart by its last byte: one partial match of one or of two events. */
typedef enum nfa_first_form { NFA_FORM_RUNS, NFA_FORM_ONE, NFA_FORM_TWO, NFA_FORM_QUEUE } nfa_first_form;
_Static_assert(NFA_FORM_QUEUE == NFA_SAVED_FORMS, "as they are saved");

typedef struct nfa_alone {
  cep_time time[2];
  uint64_t at[2];       /* as in nfa_caught */
  uint16_t input[2];
  uint16_t situation;
  uint8_t first_step;   /* of the start; the newest event's is that of the situation */
  uint8_t form;         /* NFA_FORM_ONE or NFA_FORM_TWO */
} nfa_alone;
_Static_assert(sizeof(nfa_alone) == NFA_SLOT_BYTES, "fills the slot");

typedef struct nfa_queue {
  cb_slab_id first;     /* groups */
  uint32_t count;       /* starts */
  uint32_t seq;         /* events of the key since the queue was made, after those that it began with */
  uint32_t pad;
  cep_time oldest;      /* of the first start */
  uint64_t silent_below; /* a timeout that starts before this is not told */
  uint8_t rest[7];
  uint8_t form;         /* NFA_FORM_QUEUE */
} nfa_queue;
_Static_assert(sizeof(nfa_queue) == NFA_SLOT_BYTES, "fills the slot");
_Static_assert(offsetof(nfa_runs_slot, pad) + sizeof(uint32_t) == NFA_SLOT_BYTES, "of runs the last byte is 0");

/* What an event makes of a partial match. */
typedef enum nfa_effect {
  NFA_STAYS,     /* it goes on without the event, in `to` */
  NFA_TAKES,     /* it goes on with the event, in `to`; of the start: one begins */
  NFA_ENDS,      /* nothing is left of it; of the start: none begins */
  NFA_COMPLETES, /* a match with the event as its last one */
  NFA_FINISHES,  /* a match without it */
  NFA_SEVERAL    /* it goes on in several ways: a matter of runs */
} nfa_effect;

typedef struct nfa_first_move {
  uint16_t to;
  uint8_t effect;  /* nfa_effect */
  uint8_t step;    /* that took the event */
  uint16_t else_to; /* NFA_TAKES: what a history at its limit goes on as, without the event; NFA_START: it ends */
} nfa_first_move;

/* Situations are states of the automaton, of one shape. The start: nothing captured. */
#define NFA_START NFA_STATE_START
#define NFA_SITUATIONS_MAX 1000u

/* Memory of one worker and detection. The runs evaluator takes it for its own. */
typedef struct nfa_first_own {
  nfa_runs_own runs;
  nfa_automaton automaton;
  CB_VEC(nfa_first_move) moves_now; /* by group of the queue in hand */
  nfa_ids path;         /* links from a group's own down to a start */
  uint64_t reported;    /* matches of the event or instant in hand */
  uint64_t registers[]; /* of the history that comes out */
} nfa_first_own;

static inline nfa_first_own *nfa_first_own_of(const nfa_worker *worker) { return (nfa_first_own *)worker->own; }
static inline nfa_alone *nfa_alone_of(nfa_slot *slot) { return (nfa_alone *)(void *)slot; }
static inline const nfa_alone *nfa_alone_seen(const nfa_slot *slot) { return (const nfa_alone *)(const void *)slot; }
static inline nfa_queue *nfa_queue_of(nfa_slot *slot) { return (nfa_queue *)(void *)slot; }
static inline const nfa_queue *nfa_queue_seen(const nfa_slot *slot) { return (const nfa_queue *)(const void *)slot; }
static inline nfa_runs_slot *nfa_runs_of(nfa_slot *slot) { return (nfa_runs_slot *)(void *)slot; }
static inline nfa_first_form nfa_form_of(const nfa_slot *slot)
{
  return (nfa_first_form)nfa_alone_seen(slot)->form;
}
static inline nfa_link *nfa_link_at(const nfa_worker *worker, cb_slab_id id)
{
  return (nfa_link *)cb_slab_at(worker->slab, id);
}
static inline nfa_group *nfa_group_at(const nfa_worker *worker, cb_slab_id id)
{
  return (nfa_group *)cb_slab_at(worker->slab, id);
}

/* firstof_moves.c ------------------------------------------------------------------------ */

static inline const nfa_shape *nfa_situation_at(const nfa_first_own *own, uint32_t situation)
{
  return &own->automaton.states.at[situation].shapes.at[0];
}
/* The situation of a partial match; 0: memory refused, or there are too many. */
uint32_t nfa_situation_of(nfa_worker *worker, nfa_run *run);
/* The earliest step that is waited for when the span is over, unless that is a match; PRG_NONE: none. */
uint32_t nfa_situation_waits(const nfa_worker *worker, uint32_t situation);
/* 1 if what is still in the situation when its span is over is a match. */
int nfa_situation_is_due(const nfa_worker *worker, uint32_t situation);
/* What the event in hand makes of a situation. 0: memory refused. */
int nfa_move_of(nfa_moment *moment, uint32_t situation, nfa_first_move *out) CB_MUST_USE;

/* firstof_queue.c ------------------------------------------------------------------------ */

/* The event in hand, as captured by a step. 0: memory refused. */
int nfa_catch(nfa_moment *moment, uint32_t step, nfa_caught *out) CB_MUST_USE;
void nfa_caught_free(nfa_worker *worker, const nfa_caught *event);
/* One more event at the end of a history: the caller's reference to `head` becomes one to the result.
 * 0: memory refused, and `head` is gone. */
cb_slab_id nfa_caught_history(nfa_worker *worker, cb_slab_id head, const nfa_caught *event);
/* Registers as they are behind all events of a history. 0: memory refused. */
int nfa_history_registers(nfa_worker *worker, cb_slab_id head, uint64_t *registers, uint64_t *null) CB_MUST_USE;
/* The events of a slot that is alone, first to last. */
nfa_caught nfa_alone_event(const nfa_worker *worker, const nfa_alone *alone, uint32_t i);
/* Its history, with one reference for the caller. 0: memory refused. */
cb_slab_id nfa_alone_history(nfa_worker *worker, const nfa_alone *alone);
void nfa_alone_free(nfa_worker *worker, nfa_slot *slot);

/* A slot that is alone becomes a queue, or a queue of one start with two events alone. 0: memory refused. */
int nfa_queue_make(nfa_worker *worker, nfa_slot *slot) CB_MUST_USE;
void nfa_queue_shrink(nfa_worker *worker, nfa_slot *slot);
/* A new group, or more of the last one. 0: memory refused. */
int nfa_queue_add(nfa_worker *worker, nfa_queue *queue, uint32_t situation, const nfa_caught *start) CB_MUST_USE;
/* An event that all of a group take. 0: memory refused. */
int nfa_group_take(nfa_worker *worker, nfa_group *group, const nfa_caught *event) CB_MUST_USE;
/* Drops what the group has; the group stays, empty. */
void nfa_group_clear(nfa_worker *worker, nfa_queue *queue, nfa_group *group);
void nfa_group_drop_first(nfa_worker *worker, nfa_queue *queue, nfa_group *group);
/* Drops what started before `below`, or at `last` or before it. */
void nfa_queue_prune(nfa_worker *worker, nfa_queue *queue, uint64_t below);
void nfa_queue_expire(nfa_worker *worker, nfa_queue *queue, cep_time last);
/* Takes out empty groups, joins neighbours of one situation, and finds the oldest start. */
void nfa_queue_tidy(nfa_worker *worker, nfa_queue *queue);
void nfa_queue_free(nfa_worker *worker, nfa_slot *slot);

/* own->path: to the first start of a group, then to the next. 1; 0: there is none; -1: memory refused. */
int nfa_walk_first(nfa_worker *worker, const nfa_group *group);
int nfa_walk_next(nfa_worker *worker);
static inline const nfa_caught *nfa_walk_start(const nfa_worker *worker)
{
  const nfa_ids *path = &nfa_first_own_of(worker)->path;
  return &nfa_link_at(worker, path->at[path->count - 1])->event;
}
/* The history that the path leads along, with one reference for the caller. 0: memory refused. */
cb_slab_id nfa_walk_history(nfa_worker *worker);

/* firstof_codec.c ------------------------------------------------------------------------ */

/* The slot as one of the runs evaluator. CEP_E_NOMEM: the slot is as it was. */
cep_status nfa_first_to_runs(nfa_worker *worker, nfa_slot *slot) CB_MUST_USE;
void nfa_first_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer);
cep_status nfa_first_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader) CB_MUST_USE;
int nfa_first_check(nfa_worker *worker, const nfa_slot *slot);

#endif
