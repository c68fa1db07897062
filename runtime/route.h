/*
 * route.h - which detections want an event, under which keys, and which steps it fits.
 *
 * Contract
 *   A reader is one detection that names a stream, by one or more routes. Readers of a
 *   stream stand in the order (stratum, place in the file): the order in which they get an
 *   event.
 *   An event that comes by several routes with equal keys is one item with the union of
 *   their symbols; with different keys it is one item for each. A route whose condition
 *   the event does not meet, or whose key is null in any part, does not count.
 *   Keys borrow the router's buffer until the next rt_router_items. Resets the scratch.
 *   Errors: refused memory only. One owner.
 */
#ifndef RT_ROUTE_H
#define RT_ROUTE_H

#include "nfa/predicate.h"
#include "runtime/operator.h"

typedef struct rt_reader {
  uint32_t detection;
  uint32_t stratum;
  prg_list routes; /* in the router's routes */
  int sees_all;    /* also an event that fits no step matters to it */
  uint64_t starts; /* bit s: step s can take the first event of a match */
  cep_duration allowed; /* it takes events that are late by so much */
} rt_reader;

typedef struct rt_router {
  const prg *program;
  cb_alloc *alloc;
  nfa_scratch *scratch;
  rt_reader *readers;
  uint32_t reader_count;
  prg_list *by_stream; /* readers */
  uint32_t *routes;    /* ROUTES of the program, by reader */
  uint32_t route_count;
  cb_writer key;
  rt_item *items;      /* room for the most routes of any reader */
  uint32_t item_count;
  uint32_t item_max;
  cep_duration allowed; /* the most of any reader */
} rt_router;

struct rt_routed;

/* One event with the bits of its atoms. */
typedef struct rt_seen {
  const cb_batch *batch;
  uint32_t row;
  const uint64_t *bits;
  cep_duration late; /* how far its place in the order is behind its time; 0: it is not late */
  const struct rt_routed *routed; /* its items, if they were found before; NULL: not */
  uint32_t item_first;
  uint32_t item_count;
} rt_seen;

typedef enum rt_wanted {
  RT_UNWANTED, /* no route takes it */
  RT_UNKEYED,  /* some would, but its key is null in all of those */
  RT_PASSING,  /* taken, but it fits no step, and the detection need not see it go by */
  RT_WANTED
} rt_wanted;

cep_status rt_router_init(rt_router *router, cb_alloc *alloc, const prg *program, nfa_scratch *scratch) CB_MUST_USE;
void rt_router_fini(rt_router *router);
/* 1 if a detection of stratum 2 or more reads the stream. */
int rt_router_is_read_above(const rt_router *router, uint32_t stream);

rt_wanted rt_router_wants(rt_router *router, const rt_reader *reader, const rt_seen *seen);
/* Fills `items` and `item_count`. An event that fits no step, and that the detection does
 * not need to see go by, gives no item: RT_PASSING. */
cep_status rt_router_items(rt_router *router, const rt_reader *reader, const rt_seen *seen, rt_wanted *out) CB_MUST_USE;

#endif
