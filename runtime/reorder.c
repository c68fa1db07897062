/* reorder.c - a heap of held events. */
#include "runtime/reorder.h"

void rt_reorder_init(rt_reorder *reorder, cb_alloc *alloc)
{
  *reorder = (rt_reorder){.alloc = alloc};
}

void rt_reorder_fini(rt_reorder *reorder)
{
  CB_ASSERT(reorder->heap.count == 0);
  cb_vec_free(reorder->alloc, &reorder->heap);
}

static int is_before(const rt_held *a, const rt_held *b)
{
  return rt_held_compare(&a->at, a->stream, &b->at, b->stream) < 0;
}

int rt_reorder_add(rt_reorder *reorder, const rt_held *held)
{
  rt_held item = *held;
  if (!cb_vec_push(reorder->alloc, &reorder->heap, item)) return 0;
  uint32_t at = reorder->heap.count - 1;
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!is_before(&item, &reorder->heap.at[parent])) break;
    reorder->heap.at[at] = reorder->heap.at[parent];
    at = parent;
  }
  reorder->heap.at[at] = item;
  return 1;
}

const rt_held *rt_reorder_first(const rt_reorder *reorder)
{
  return reorder->heap.count > 0 ? &reorder->heap.at[0] : NULL;
}

rt_held rt_reorder_take(rt_reorder *reorder)
{
  CB_ASSERT(reorder->heap.count > 0);
  rt_held first = reorder->heap.at[0], last = reorder->heap.at[--reorder->heap.count];
  uint32_t at = 0, count = reorder->heap.count;
  for (;;) {
    uint32_t child = at * 2 + 1;
    if (child >= count) break;
    if (child + 1 < count && is_before(&reorder->heap.at[child + 1], &reorder->heap.at[child])) child++;
    if (!is_before(&reorder->heap.at[child], &last)) break;
    reorder->heap.at[at] = reorder->heap.at[child];
    at = child;
  }
  if (count > 0) reorder->heap.at[at] = last;
  return first;
}
