/*
 * routed.h - the items of rows: which detection wants each row under which key, found out once.
 *
 *   row --looked at--> item, item, ... one behind the other; the bytes of their keys apart
 *
 * Contract
 *   Whoever looks at a row notes its items here (rt_rows_look), for whoever has the keys: another thread, or the same
 *   one later. Items of a row stand in the order of the readers of its stream, and are the same whatever
 *   engine of the program looks, so readers are named by number. Rows name their items (rt_staged); they
 *   and the items go together and are emptied together.
 *   Errors: CEP_E_NOMEM. One owner at a time.
 */
#ifndef RT_ROUTED_H
#define RT_ROUTED_H

#include "runtime/route.h"

typedef struct rt_routed_item {
  uint64_t hash;
  uint64_t symbol;
  uint32_t key;     /* where its bytes begin */
  uint32_t key_len;
  uint32_t reader;  /* of the router */
  uint32_t stratum; /* of the reader */
  uint32_t number;  /* among the items of this reader */
  int finds_only;
} rt_routed_item;

typedef struct rt_routed {
  cb_alloc *alloc;
  cb_writer keys;
  CB_VEC(rt_routed_item) items;
} rt_routed;

void rt_routed_init(rt_routed *routed, cb_alloc *alloc);
void rt_routed_fini(rt_routed *routed);
void rt_routed_clear(rt_routed *routed);
/* What the router has just found (rt_router_items) for a reader. */
cep_status rt_routed_add(rt_routed *routed, const rt_router *router, const rt_reader *reader) CB_MUST_USE;
/* As the router gave it; the key lives until the next rt_routed_add or _clear. */
rt_item rt_routed_item_of(const rt_routed *routed, const rt_routed_item *item, const rt_seen *seen);

#endif
