/*
 * reorder.h - events held until the frontier passes them.
 *
 *   line   | 610 | 612 | 615 | ...    what came in order
 *   heap   611, 613, ...              what came behind the end of the line
 *
 * Contract
 *   Holds cells (with one reference each, taken over; CB_SLAB_NONE where only the places count) and gives them back in the order
 *   (time, input, position, stream), whatever order they came in. The caller asks only for
 *   what the frontier has passed. Most rows come nearly in order: these stand in the line and cost O(1), the others
 *   O(log of the heap). Errors: refused memory only. One owner.
 */
#ifndef RT_REORDER_H
#define RT_REORDER_H

#include "cep/base/vec.h"
#include "runtime/input.h"

typedef struct rt_held {
  rt_triple at;
  uint32_t stream;
  cb_slab_id cell;
  uint64_t hash;   /* of the key that it was found to have, if it has one find; 0: not known */
  uint64_t symbol; /* and the steps that it fits */
} rt_held;

typedef struct rt_reorder {
  cb_alloc *alloc;
  rt_held *line;   /* a ring */
  uint32_t line_first;
  uint32_t line_count;
  uint32_t line_room; /* 0 or a power of two */
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
rt_held rt_reorder_take(rt_reorder *reorder);

static inline uint32_t rt_reorder_count(const rt_reorder *reorder)
{
  return reorder->line_count + reorder->heap.count;
}
/* The n-th of the line, of those that are there. */
static inline const rt_held *rt_reorder_line(const rt_reorder *reorder, uint32_t n)
{
  return &reorder->line[(reorder->line_first + n) & (reorder->line_room - 1)];
}
/* All of them, in no order. */
static inline const rt_held *rt_reorder_at(const rt_reorder *reorder, uint32_t n)
{
  return n < reorder->line_count ? rt_reorder_line(reorder, n) : &reorder->heap.at[n - reorder->line_count];
}
static inline int rt_held_is_before(const rt_held *a, const rt_held *b)
{
  return rt_held_compare(&a->at, a->stream, &b->at, b->stream) < 0;
}
/* NULL if none. Lives until the next change. */
static inline const rt_held *rt_reorder_first(const rt_reorder *reorder)
{
  const rt_held *line = reorder->line_count > 0 ? rt_reorder_line(reorder, 0) : NULL;
  const rt_held *heap = reorder->heap.count > 0 ? &reorder->heap.at[0] : NULL;
  return !line || (heap && rt_held_is_before(heap, line)) ? heap : line;
}

#endif
