/*
 * route.h - which detections want an event, under which keys, and which steps it fits.
 *
 *   event --wakes--> readers --way: condition, key--> finds: (reader, key, steps that it fits)
 *     \--every way--> classes: taken, without a key, not taken                    for the statistics
 *
 * Contract
 *   nfa_readers has the readers of a stream and their order. An event that comes to one by several routes with equal keys is one find
 *   with the union of their symbols; with different keys it is one find for each. A route whose condition the event does not
 *   meet, or whose key is null in any part, does not count. Finds stand in the order of readers, those of one
 *   reader in that of its routes.
 *   Of a row: rt_router_begin, then rt_router_fits if that is a question, then rt_router_find, which appends to an rt_finds of
 *   anybody; then what it was to all classes can be counted. Each way is looked at once, each key is written once, whatever the number of
 *   readers, and no key that nobody wants. An event that concerns nobody costs what its values cost to look up.
 *   Errors: refused memory only. One owner.
 */
#ifndef RT_ROUTE_H
#define RT_ROUTE_H

#include "cep/base/vec.h"
#include "nfa/columnar.h"
#include "nfa/wake.h"
#include "runtime/operator.h"

typedef struct rt_found_key {
  uint64_t hash; /* rt_key_hash */
  uint32_t at;   /* in rt_finds.bytes */
  uint32_t len;
} rt_found_key;

typedef struct rt_find {
  uint32_t reader; /* of nfa_readers */
  uint32_t key;    /* in rt_finds.keys */
  uint64_t symbol;
} rt_find;

/* What events were found to be, in memory of whoever keeps them. */
typedef struct rt_finds {
  CB_VEC(rt_find) all;
  CB_VEC(rt_found_key) keys;
  cb_writer bytes; /* of the keys; its alloc is that of all */
} rt_finds;

/* One event. */
typedef struct rt_seen {
  const cb_batch *batch;
  uint32_t row;
  cep_duration late; /* how far its place in the order is behind its time; 0: it is not late */
  const rt_finds *finds; /* what it was found to be; NULL: that was not kept */
  prg_list list;     /* in it */
} rt_seen;

typedef enum rt_wanted {
  RT_UNWANTED, /* no route takes it */
  RT_UNKEYED,  /* some would, but its key is null in all of those */
  RT_PASSING,  /* taken, but it fits no step, and the detection need not see it go by */
  RT_WANTED
} rt_wanted;

typedef struct rt_router {
  const prg *program;
  cb_alloc *alloc;
  int is_asking_all;    /* no index: every reader is asked about every event, one by one */
  uint8_t *straight;    /* by stream: rt_router_rows may be asked */
  uint32_t traced;      /* this detection sees every event, for its story; PRG_NONE: none. With is_asking_all */
  nfa_facts facts;
  nfa_woken woken;
  rt_seen seen;         /* the event that was begun */
  uint8_t *ways;        /* rt_wanted by way of its stream: WANTED: its key is written, */
  uint32_t *way_keys;   /* and is that one */
  uint8_t *classes;     /* rt_wanted by class of its stream: PASSING if taken */
  uint32_t *asked;      /* readers of its stream, from 0 */
  uint32_t way_room;
  uint32_t class_room;
  uint32_t reader_room;
  rt_finds own;         /* of events whose finds nobody keeps */
  rt_item *items;       /* of one reader, for who gives them on */
  uint32_t item_room;
} rt_router;

cep_status rt_router_init(rt_router *router, cb_alloc *alloc, const prg *program, nfa_scratch *scratch, int is_asking_all) CB_MUST_USE;
void rt_router_fini(rt_router *router);
/* All rows of `rows` at once, of a stream that is `straight`: as if each was looked for and counted alone. A find for each one of
 * `wanted`, in their order, is appended to `to`; `counts` gets how many were what. */
cep_status rt_router_rows(rt_router *router, const rt_stats *stats, const cb_batch *batch, const nfa_rows *rows, rt_finds *to,
                          nfa_rows *wanted, uint64_t counts[RT_WANTED + 1]) CB_MUST_USE;
/* A row of such a stream that was found to be wanted before: `seen` gets its find again, which is the router's own. */
cep_status rt_router_refind(rt_router *router, rt_seen *seen, uint64_t hash, uint64_t symbol) CB_MUST_USE;
/* route_rows.c, when the router is made. */
void rt_router_find_straight(rt_router *router);
/* 1 if a detection of stratum 2 or more reads the stream. */
int rt_router_is_read_above(const rt_router *router, uint32_t stream);

void rt_finds_init(rt_finds *finds, cb_alloc *alloc);
void rt_finds_fini(rt_finds *finds);
void rt_finds_clear(rt_finds *finds);

void rt_router_begin(rt_router *router, const rt_seen *seen);
/* 1 if the row meets the stream's `fits`. */
int rt_router_fits(rt_router *router);
/* Appends. What is late is found only for readers that allow it. */
cep_status rt_router_find(rt_router *router, rt_finds *to, prg_list *out) CB_MUST_USE;
/* What the event is to one reader, and the best of what it is to all, as far as no find says more. */
rt_wanted rt_router_takes(const rt_router *router, const nfa_reader *reader);
rt_wanted rt_router_best(const rt_router *router);
/* Counts it for all readers (`stratum` 0), or those of one, but not for those that have a find in `list`: they are counted
 * where it is given to them. */
void rt_router_count(const rt_router *router, const rt_stats *stats, const rt_finds *finds, prg_list list, uint32_t stratum, uint64_t times);
/* `seen` with its finds: those that were kept, or those that are made now in the router's own. */
cep_status rt_router_recall(rt_router *router, rt_seen *seen) CB_MUST_USE;

static inline const nfa_reader *rt_router_reader(const rt_router *router, const rt_find *find)
{
  return &router->program->readers->readers[find->reader];
}

/* The key as it is now: it borrows the finds. */
static inline rt_key rt_finds_key(const rt_finds *finds, uint32_t key)
{
  static const uint8_t nothing[1];
  const rt_found_key *found = &finds->keys.at[key];
  return (rt_key){found->len > 0 ? finds->bytes.data + found->at : nothing, found->len, found->hash};
}

/* Finds of one reader as items: `first` is the first of them. Gives how many. */
uint32_t rt_router_items(rt_router *router, const rt_seen *seen, uint32_t first);

#endif
