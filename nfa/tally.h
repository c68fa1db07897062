/*
 * tally.h - inside of the tally evaluator: how many matches an event completes, where nothing else is asked.
 *
 *   events of the key      . a . b | a . b . b a          | the boundary
 *                                      back: those events, `own` and `product`
 *                      front: for each start, what all from it on have become at the boundary
 *
 * Contract
 *   What is open is, for each state of the automaton (automaton.h), the number of histories in it and the earliest of
 *   their starts: a vector. An event makes of it another one, by a matrix that depends on its symbol alone, and adds what
 *   it starts. So starts that are over can be taken off again without going over the events: the window of
 *   starts is a queue made of two stacks.
 *     front   of each start before the boundary a vector, at the boundary: of all starts from this one on
 *     product what the events since the boundary make of such a vector
 *     own     the vector of the starts since the boundary
 *   Together they are product x front's first + own. When the front is used up, or the back is full, the events of the back are
 *   gone over once, the newest first, and become a new front, behind what is left of the old one: each event is in one such walk.
 *   The back begins with a start: what came before its starts is in `product` alone.
 *
 *   An event costs O(states x states), however many events and matches there are. Counts are exact up to INT64_MAX; what is more is
 *   null, and counted, as it is everywhere.
 *
 *   Shared by tally.c, tally_sums.c and tally_codec.c. Which detections have it: nfa_evaluator_for.
 */
#ifndef NFA_TALLY_H
#define NFA_TALLY_H

#include "cep/base/vec.h"
#include "nfa/automaton.h"
#include "nfa/taken.h"

#define NFA_TALLY_OVER     ((uint64_t)INT64_MAX + 1) /* more than can be told */
#define NFA_TALLY_NO_START INT64_MIN
#define NFA_TALLY_WIDTH_MAX 256u /* detections with more states are not for it */

typedef struct nfa_tally_sum {
  uint64_t count;    /* up to NFA_TALLY_OVER */
  cep_time earliest; /* only if count > 0 */
} nfa_tally_sum;

typedef struct nfa_tally_event {
  uint64_t symbol;
  int64_t start; /* its time, or with `within N events` its place; NFA_TALLY_NO_START: it starts nothing */
  cep_time time;
} nfa_tally_event;

typedef struct nfa_tally_slot {
  cb_slab_id sums;      /* nfa_tally_sum own[width], uint64_t product[width][width], uint32_t states[width] */
  cb_slab_id back;      /* nfa_tally_event[], room for a power of two */
  cb_slab_id front;     /* int64_t start, nfa_tally_sum[front_width]; and so on */
  uint32_t back_count;
  uint32_t back_starts; /* how many of the back start something; the first of it does */
  uint32_t front_first; /* those before it are over */
  uint32_t front_count;
  uint16_t width;       /* states; 0: the slot is empty */
  uint16_t front_width; /* how many of them there were at the boundary */
  int64_t due;          /* as in the slot of the compact evaluator */
} nfa_tally_slot;
_Static_assert(sizeof(nfa_tally_slot) == NFA_SLOT_BYTES, "fills the slot");

/* What the event in hand, or one of the back, makes of the states of a slot; numbers are those of the slot. */
typedef struct nfa_tally_way {
  uint32_t from;
  uint32_t to;
} nfa_tally_way;
typedef struct nfa_tally_end {
  uint32_t from; /* NFA_TALLY_START: the event alone */
  uint32_t step;
} nfa_tally_end;
#define NFA_TALLY_START UINT32_MAX

typedef struct nfa_tally_own {
  nfa_automaton automaton;
  nfa_taken taken;
  CB_VEC(nfa_tally_way) ways;
  CB_VEC(uint32_t) begun;  /* states that the event as a start is in */
  CB_VEC(nfa_tally_end) ends;
  int changes;             /* what is open is not as if the event had not come */
  CB_VEC(uint64_t) matrix; /* scratch */
  CB_VEC(nfa_tally_sum) vector;
} nfa_tally_own;

typedef struct nfa_tally {
  nfa_worker *worker;
  nfa_tally_own *own;
  nfa_tally_slot *slot;
} nfa_tally;

static inline nfa_tally_own *nfa_tally_own_of(const nfa_worker *worker) { return (nfa_tally_own *)worker->own; }
static inline nfa_tally nfa_tally_of(nfa_worker *worker, nfa_slot *slot)
{
  return (nfa_tally){worker, nfa_tally_own_of(worker), (nfa_tally_slot *)(void *)slot};
}
static inline size_t nfa_tally_sums_bytes(uint32_t width)
{
  return width * (sizeof(nfa_tally_sum) + sizeof(uint32_t)) + (size_t)width * width * sizeof(uint64_t);
}
static inline size_t nfa_tally_entry_bytes(uint32_t width) { return sizeof(int64_t) + width * sizeof(nfa_tally_sum); }
static inline nfa_tally_sum *nfa_tally_sums(const nfa_tally *t) { return (nfa_tally_sum *)cb_slab_at(t->worker->slab, t->slot->sums); }
static inline uint64_t *nfa_tally_product(const nfa_tally *t) { return (uint64_t *)(void *)(nfa_tally_sums(t) + t->slot->width); }
static inline uint32_t *nfa_tally_states(const nfa_tally *t)
{
  return (uint32_t *)(void *)(nfa_tally_product(t) + (size_t)t->slot->width * t->slot->width);
}
static inline nfa_tally_event *nfa_tally_back(const nfa_tally *t) { return (nfa_tally_event *)cb_slab_at(t->worker->slab, t->slot->back); }
static inline int64_t *nfa_tally_front(const nfa_tally *t, uint32_t entry)
{
  uint8_t *at = (uint8_t *)cb_slab_at(t->worker->slab, t->slot->front);
  return (int64_t *)(void *)(at + entry * nfa_tally_entry_bytes(t->slot->front_width));
}
static inline uint32_t nfa_tally_held(const nfa_tally_slot *slot) { return slot->back_count + slot->front_count - slot->front_first; }
static inline uint32_t nfa_tally_starts(const nfa_tally_slot *slot) { return slot->back_starts + slot->front_count - slot->front_first; }

/* tally_sums.c ------------------------------------------------------------------------------ */

void nfa_tally_add(nfa_tally_sum *into, nfa_tally_sum more);
/* One state more of the slot, with a reference. 0: memory refused. */
int nfa_tally_add_state(nfa_tally *t, uint32_t state) CB_MUST_USE;
/* One event more of the back. 0: memory refused. */
int nfa_tally_add_event(nfa_tally *t, const nfa_tally_event *event) CB_MUST_USE;
/* own->ways, begun, ends and changes; with `may_grow` states that are new become some of the slot. */
cep_status nfa_tally_find_ways(nfa_tally *t, uint64_t symbol, int may_grow) CB_MUST_USE;
/* What is open now in a state of the slot. */
nfa_tally_sum nfa_tally_open_in(const nfa_tally *t, uint32_t state);
/* The ways found, done to `own` and `product`; begun at `time`. 0: memory refused. */
int nfa_tally_go(nfa_tally *t, cep_time time) CB_MUST_USE;
/* The events of the back become a front. */
cep_status nfa_tally_turn_over(nfa_tally *t, int64_t oldest) CB_MUST_USE;
/* Takes off what started before `oldest`. */
cep_status nfa_tally_expire(nfa_tally *t, int64_t oldest) CB_MUST_USE;
void nfa_tally_release(nfa_tally *t);

/* tally_codec.c ----------------------------------------------------------------------------- */

void nfa_tally_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer);
cep_status nfa_tally_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader) CB_MUST_USE;
int nfa_tally_check(nfa_worker *worker, const nfa_slot *slot);

#endif
