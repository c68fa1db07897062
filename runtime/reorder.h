/*
 * reorder.h - events held until the frontier passes them.
 *
 * Contract
 *   Holds cells (with one reference each, taken over; CB_SLAB_NONE where only the places count) and gives them back in the order
 *   (time, input, position, stream), whatever order they came in. The caller asks only for
 *   what the frontier has passed. Errors: refused memory only. O(log held). One owner.
 */
#ifndef RT_REORDER_H
#define RT_REORDER_H

#include "cep/base/vec.h"
#include "runtime/input.h"

typedef struct rt_held {
  rt_triple at;
  uint32_t stream;
  cb_slab_id cell;
} rt_held;

typedef struct rt_reorder {
  cb_alloc *alloc;
  CB_VEC(rt_held) heap; /* the first is the least */
} rt_reorder;

/* The order in which events are processed: negative, 0 or positive. */
static inline int rt_held_compare(const rt_triple *a, uint32_t a_stream, const rt_triple *b, uint32_t b_stream)
{
  int order = rt_triple_compare(a, b);
  return order != 0 ? order : (a_stream > b_stream) - (a_stream < b_stream);
}

void rt_reorder_init(rt_reorder *reorder, cb_alloc *alloc);
void rt_reorder_fini(rt_reorder *reorder); /* the cells must have been taken out */
int rt_reorder_add(rt_reorder *reorder, const rt_held *held); /* 0: memory refused */
/* NULL if none. Lives until the next change. */
const rt_held *rt_reorder_first(const rt_reorder *reorder);
rt_held rt_reorder_take(rt_reorder *reorder);

#endif
