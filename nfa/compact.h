/*
 * compact.h - inside of the compact evaluator: all partial matches of a key in one graph with shared parts.
 *
 *   a then any b then any c, after a1 b2 a3 b4:
 *
 *   list of "a": [a3, .]          list of "b": [b4, b2]
 *                    \                          |    \
 *                     a1 <--------- union <-----'     \         b4 extends a3 and a1, b2 extends a1:
 *                     ^            a3 | a1             \        three partial matches in "b", and
 *                     '---------------------------------'       no record of any of them
 *
 *   slot -> one partial match of one event, which needs no more (compact_one.c), or
 *        -> nodes: one array, children before parents        automaton (of the worker)
 *        -> lists: (state of the automaton, its nodes) ...      state x symbol -> skip, takes
 *
 *   This is the algorithm of CORE: Bucchi, Grez, Quintana, Riveros, Vansummeren: "CORE: a Complex Event Recognition
 *   Engine", PVLDB 15 (2022), arXiv 2111.04635; with the semantics of docs/internals/meaning.md in its automaton.
 *
 * Contract
 *   Shared by compact*.c; bound.c asks it for sizes; nobody else includes it.
 *
 *   A node stands for a set of histories, which all are in the same state:
 *     output       those of `left`, each with this event behind it; without `left` the event alone, which starts it
 *     union        those of `left` and those of `right`; no history is in both
 *   Each knows the newest start among its histories, `max_start`: to forget all that started before an instant is to
 *   compare with it. Starts are times, or with `within N events` places among the events of the key. Invariants (nfa_compact_check):
 *     I1  left->max_start >= right->max_start of a union: whoever is young enough is found by going left
 *     I2  a node of a list, and what an output extends, is safe: it is no union, or its left is none
 *     I3  along the lefts there are at most 3 unions before an output: no search is long
 *   A union list is n0, n1, ...: n0 is no union, max_start falls (n1 may have that of n0), all are safe. The lists of
 *   a slot stand in order of their n0, the newest first. A history is in one list only, since the automaton's states
 *   are sets (automaton.h): so each match is found once.
 *
 *   Work of an event: for each list one output for each step that takes it, and a few unions. What an event costs
 *   does not depend on how many partial matches there are, nor on how many nodes.
 *   Memory: nodes are only added; those that no list reaches are found when their number has doubled (nfa_tecs_tidy).
 */
#ifndef NFA_COMPACT_H
#define NFA_COMPACT_H

#include <stddef.h>

#include "cep/base/time.h"
#include "cep/base/vec.h"
#include "nfa/automaton.h"
#include "nfa/taken.h"

#define NFA_TECS_NONE  UINT32_MAX
#define NFA_TIDY_LEAST 16u         /* fewer nodes are not worth tidying */
#define NFA_NODES_MAX  (1u << 30)  /* of a slot, whatever partial.max says */
#define NFA_PARTIAL_NODES 4u       /* so many nodes of a slot for each partial match that partial.max allows */

typedef struct nfa_tecs_node {
  int64_t max_start;
  uint32_t left;     /* node; of an output NFA_TECS_NONE: it starts */
  uint32_t right;    /* union: node; output: its cell, one reference */
  uint32_t seq;      /* output: the place of its event among those of the slot, rising with the index */
  uint16_t step;     /* output: which took the event */
  uint16_t is_union;
} nfa_tecs_node;
_Static_assert(sizeof(nfa_tecs_node) == 24, "a node is small");

typedef struct nfa_compact_slot {
  cb_slab_id nodes;    /* nfa_tecs_node[capacity] */
  uint32_t count;
  uint32_t capacity;
  uint32_t counted;    /* as `count`, but that a load leaves out what nothing reaches: for counters and tidy_at */
  uint32_t tidy_at;    /* so many nodes are worth tidying */
  cb_slab_id lists;    /* words: state, how many nodes, those nodes; and so on */
  uint32_t list_words; /* 0: the slot is empty */
  uint32_t seq;        /* of the newest event that a node holds */
  int64_t due;         /* when it is looked after, whether an event comes or not; CEP_TIME_MAX: unbounded span.
                          With `within N events`: how many of the key there were since it was empty */
} nfa_compact_slot;
_Static_assert(sizeof(nfa_compact_slot) == NFA_SLOT_BYTES, "fills the slot");

/* A slot with one partial match of one event, which was empty before: what most keys have. */
typedef struct nfa_compact_one {
  cep_time time;   /* of the event */
  uint64_t at;     /* its position; with NFA_ONE_CELL the id of its cell, one reference */
  uint32_t state;  /* of the automaton, one of its refs */
  uint16_t input;  /* or NFA_ONE_CELL */
  uint8_t step;
  uint8_t pad;
  uint32_t form;   /* NFA_COMPACT_ONE, where the other form has its list_words */
  uint32_t pad_too;
  int64_t due;     /* as of the other form */
} nfa_compact_one;
_Static_assert(sizeof(nfa_compact_one) == sizeof(nfa_compact_slot), "lies in the slot as well");
_Static_assert(offsetof(nfa_compact_one, form) == offsetof(nfa_compact_slot, list_words), "tells the two apart");
_Static_assert(offsetof(nfa_compact_one, due) == offsetof(nfa_compact_slot, due), "is looked at in both");
#define NFA_COMPACT_ONE UINT32_MAX
#define NFA_ONE_CELL    0xFFFFu
#define NFA_ONE_PLACE   1 /* `within N events`: of the first event of a key that was empty */

/* A list that is being made. */
typedef struct nfa_union_list {
  uint32_t state;
  CB_VEC(uint32_t) nodes;
} nfa_union_list;

/* A list as it lies in the slot. */
typedef struct nfa_list_view {
  uint32_t state;
  uint32_t count;
  const uint32_t *nodes;
} nfa_list_view;

/* ---- Listing ------------------------------------------------------------------------- */

/* What is known of a node while the matches of an event are listed. */
typedef struct nfa_mark {
  uint64_t matches;    /* how many it stands for; saturates */
  uint32_t first_edge; /* output: to the next events, in order; edge + 1 */
  uint32_t last_edge;
  uint32_t fan;        /* events that edges lead to */
  uint32_t is_full;    /* what it reaches needs no more edges */
} nfa_mark;

typedef struct nfa_next_edge {
  uint32_t node; /* an output, one event further, */
  uint32_t seq;  /* and the place of that event */
  uint32_t next; /* edge + 1 */
} nfa_next_edge;

/* A beginning of matches: one output for each event so far. */
typedef struct nfa_beginning {
  uint32_t node;
  uint32_t before; /* beginning without this event */
  uint32_t cursor; /* the edge to follow next, + 1 */
} nfa_beginning;

/* Beginnings that have the same events, by different steps. */
typedef struct nfa_level {
  uint32_t first;
  uint32_t count;
} nfa_level;

/* An event of the match that is shown, as a node of a history. */
typedef struct nfa_shown {
  nfa_node *node;
  cb_slab_id id;
  uint32_t of; /* output */
} nfa_shown;

typedef struct nfa_listing {
  CB_VEC(nfa_mark) marks;         /* by node */
  CB_VEC(uint64_t) seen;          /* a bit for each node; zero between two listings */
  CB_VEC(uint32_t) stack;
  CB_VEC(nfa_next_edge) edges;
  CB_VEC(nfa_beginning) beginnings;
  CB_VEC(nfa_level) levels;
  CB_VEC(nfa_shown) chain;        /* by depth: what a result shows */
  CB_VEC(uint64_t) words;         /* registers by depth; counting: by node */
  CB_VEC(uint64_t) nulls;         /* and which are null */
  CB_VEC(cep_time) starts;        /* counting: the earliest, by node */
} nfa_listing;

/* ---- Of a worker and detection -------------------------------------------------------- */

typedef struct nfa_compact_own {
  nfa_automaton automaton;
  CB_VEC(nfa_union_list) next; /* the lists that the event in hand makes; next_count of them */
  uint32_t next_count;
  CB_VEC(uint32_t) ends;       /* outputs by which the event in hand completes matches */
  CB_VEC(uint32_t) moved;      /* scratch of tidying and saving, by node */
  nfa_taken taken;
  nfa_listing listing;
  uint64_t null_at_start;
} nfa_compact_own;

/* The nodes of one slot, as they are worked on. */
typedef struct nfa_tecs {
  nfa_worker *worker;
  nfa_compact_slot *slot;
  nfa_tecs_node *at; /* moves when a node is made */
} nfa_tecs;

static inline nfa_compact_own *nfa_compact_own_of(const nfa_worker *worker) { return (nfa_compact_own *)worker->own; }
static inline int nfa_compact_is_one(const nfa_compact_slot *slot) { return slot->list_words == NFA_COMPACT_ONE; }
static inline nfa_tecs nfa_tecs_of(nfa_worker *worker, nfa_compact_slot *slot)
{
  nfa_tecs_node *at = slot->nodes != CB_SLAB_NONE && !nfa_compact_is_one(slot) ? (nfa_tecs_node *)cb_slab_at(worker->slab, slot->nodes) : NULL;
  return (nfa_tecs){worker, slot, at};
}

/* Calls nothing: the lists of a slot one after the other. `at` begins at 0; 0: no more. */
static inline int nfa_list_next(const nfa_worker *worker, const nfa_compact_slot *slot, uint32_t *at, nfa_list_view *out)
{
  if (*at == slot->list_words) return 0;
  const uint32_t *words = (const uint32_t *)cb_slab_at(worker->slab, slot->lists) + *at;
  *out = (nfa_list_view){words[0], words[1], words + 2};
  *at += 2 + words[1];
  return 1;
}

static inline int nfa_compact_counts(const nfa_worker *worker) { return worker->detection->within_events > 0; }

/* Starts before this are over at `now`: the last instant of a span is not in it, the last of so many events is. */
static inline int64_t nfa_compact_oldest(const nfa_worker *worker, int64_t now)
{
  uint64_t events = worker->detection->within_events;
  if (events > 0) return events > (uint64_t)now ? 0 : now - (int64_t)events;
  cep_duration within = worker->detection->within;
  if (within == CEP_TIME_MAX || now < CEP_TIME_MIN + within) return CEP_TIME_MIN;
  return now - within + 1;
}

static inline uint32_t nfa_compact_nodes_max(const nfa_worker *worker)
{
  uint64_t max = worker->partial_max;
  return max > NFA_NODES_MAX / NFA_PARTIAL_NODES ? NFA_NODES_MAX : (uint32_t)max * NFA_PARTIAL_NODES;
}

/* compact_set.c: the set. Nodes are named by index; NFA_TECS_NONE: memory refused ----------- */

/* The event with `cell` behind all histories of `left` (NFA_TECS_NONE: it starts, at `start`). Refs the cell. */
uint32_t nfa_tecs_output(nfa_tecs *set, uint32_t left, cb_slab_id cell, uint32_t step, int64_t start);
/* All of a list as one safe node. */
uint32_t nfa_tecs_merge(nfa_tecs *set, const uint32_t *nodes, uint32_t count);
/* One more list of own->next, empty; NULL: memory refused. */
nfa_union_list *nfa_union_list_add(const nfa_worker *worker, uint32_t state);
/* Adds a safe node, whose max_start is not above that of the first. 0: memory refused. */
int nfa_tecs_insert(nfa_tecs *set, nfa_union_list *list, uint32_t node);
/* Drops what no list reaches or what started before `oldest`; the lists are renumbered. Where memory is refused,
 * nothing changes. */
void nfa_tecs_tidy(nfa_tecs *set, int64_t oldest);
/* own->moved: for each node that a list reaches and that is not older, its number among them; others
 * NFA_TECS_NONE. Unions of which one half is old are that of the other. *count: how many. 0: memory refused. */
int nfa_tecs_number(nfa_tecs *set, int64_t oldest, uint32_t *count);
/* Makes own->next the lists of the slot. 0: memory refused, the slot is as it was. */
int nfa_tecs_store(nfa_tecs *set);
/* Gives back all, and leaves the slot empty. */
void nfa_tecs_release(nfa_worker *worker, nfa_compact_slot *slot);

/* compact_one.c --------------------------------------------------------------------------- */

/* The event as the only one of an empty slot. 0: memory refused. */
int nfa_compact_begin_one(nfa_worker *worker, nfa_compact_slot *slot, const nfa_event *event, const nfa_take *how) CB_MUST_USE;
/* What it makes of a slot with one; 0 in *done: the slot has a graph now, or is empty, and is to meet the event. */
cep_status nfa_compact_meet_one(nfa_worker *worker, nfa_compact_slot *slot, const nfa_event *event, uint64_t symbol, int64_t oldest, int *done) CB_MUST_USE;
void nfa_compact_free_one(nfa_worker *worker, nfa_compact_slot *slot);
/* The same as a graph, in a slot of its own. 0: memory refused. */
int nfa_compact_graph_of(nfa_worker *worker, const nfa_compact_slot *slot, nfa_compact_slot *out) CB_MUST_USE;
int nfa_compact_unfold(nfa_worker *worker, nfa_compact_slot *slot) CB_MUST_USE;
/* Makes a graph that can be one, as it was when it began, one: always, so that a slot that was loaded has the same form. */
void nfa_compact_fold(nfa_worker *worker, nfa_compact_slot *slot);
int nfa_compact_one_holds(const nfa_worker *worker, const nfa_compact_slot *slot);

/* compact_reach.c ------------------------------------------------------------------------- */

typedef struct nfa_reach {
  uint64_t *seen;  /* a bit for each node that own->ends reach and that is not older */
  uint32_t low;    /* those lie between, ends included */
  uint32_t high;
  uint32_t *stack; /* empty, with room for two of each node */
  uint32_t top;
} nfa_reach;

/* 0: memory refused, nothing to forget. */
int nfa_reach_ends(nfa_reach *reach, const nfa_tecs *set, int64_t oldest);
void nfa_reach_forget(nfa_reach *reach);

/* compact_list.c, compact_count.c ------------------------------------------------------------ */

/* Where results go, and of which event they are. */
typedef struct nfa_when {
  const nfa_out *out;
  cep_time now;
  uint32_t index;
} nfa_when;

/* `emit once`: one result for all matches of own->ends. */
cep_status nfa_compact_count(nfa_tecs *set, int64_t oldest, const nfa_when *when) CB_MUST_USE;
/* Reports the matches of own->ends in their order, up to the limits; counts the others. */
cep_status nfa_compact_report(nfa_tecs *set, int64_t oldest, const nfa_when *when) CB_MUST_USE;
void nfa_listing_free(nfa_worker *worker, nfa_listing *listing);

/* compact_codec.c, compact_check.c ---------------------------------------------------------- */

void nfa_compact_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer);
cep_status nfa_compact_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader) CB_MUST_USE;
int nfa_compact_check(nfa_worker *worker, const nfa_slot *slot);

#endif
