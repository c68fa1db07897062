/*
 * ring.h - a bounded queue of pointers between two threads.
 *
 *        first                    end
 *   | .... | item | item | item | .... |      a power of two places; both numbers only rise
 *
 * Contract
 *   One producer and one consumer at a time. Nothing waits: a full ring refuses, an empty one gives NULL. What was
 *   written before rt_ring_put is seen after the rt_ring_take or rt_ring_peek that gives the item. No
 *   allocation but in rt_ring_init.
 */
#ifndef RT_RING_H
#define RT_RING_H

#include <stdatomic.h>

#include "cep/base/alloc.h"

/* The two ends lie in lines of the cache of their own, wherever the allocator puts the ring. */
#define RT_LINE 64

typedef struct rt_ring {
  atomic_uint first; /* written by the consumer only */
  char apart[RT_LINE - sizeof(atomic_uint)];
  atomic_uint end;   /* written by the producer only */
  char far_apart[RT_LINE - sizeof(atomic_uint)];
  void **places;
  uint32_t capacity;
} rt_ring;

/* `capacity`: a power of two. CEP_E_NOMEM. */
cep_status rt_ring_init(rt_ring *ring, cb_alloc *alloc, uint32_t capacity) CB_MUST_USE;
void rt_ring_fini(rt_ring *ring, cb_alloc *alloc);
int rt_ring_put(rt_ring *ring, void *item); /* 0: it is full */
void *rt_ring_take(rt_ring *ring);          /* NULL: it is empty */
void *rt_ring_peek(const rt_ring *ring);    /* the first, which stays */
int rt_ring_is_full(const rt_ring *ring);   /* as the producer sees it */

#endif
