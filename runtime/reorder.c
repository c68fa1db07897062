/* reorder.c - held events: a line of those that came in order, a heap of the others. */
#include "runtime/reorder.h"

#define FIRST_ROOM 16u

void rt_reorder_init(rt_reorder *reorder, cb_alloc *alloc)
{
  *reorder = (rt_reorder){.alloc = alloc};
}

void rt_reorder_fini(rt_reorder *reorder)
{
  CB_ASSERT(rt_reorder_count(reorder) == 0);
  cb_free(reorder->alloc, reorder->line, reorder->line_room * sizeof *reorder->line);
  cb_vec_free(reorder->alloc, &reorder->heap);
}

/* ---- The line ----------------------------------------------------------------------------- */

static int make_room(rt_reorder *reorder)
{
  if (reorder->line_count < reorder->line_room) return 1;
  if (reorder->line_room > UINT32_MAX / 4) return 0;
  uint32_t room = reorder->line_room > 0 ? reorder->line_room * 2 : FIRST_ROOM;
  rt_held *line = cb_new(reorder->alloc, room * sizeof *line);
  if (!line) return 0;
  for (uint32_t i = 0; i < reorder->line_count; i++) line[i] = *rt_reorder_line(reorder, i);
  cb_free(reorder->alloc, reorder->line, reorder->line_room * sizeof *line);
  reorder->line = line;
  reorder->line_first = 0;
  reorder->line_room = room;
  return 1;
}

static int add_to_line(rt_reorder *reorder, const rt_held *held)
{
  if (!make_room(reorder)) return 0;
  reorder->line[(reorder->line_first + reorder->line_count++) & (reorder->line_room - 1)] = *held;
  return 1;
}

/* ---- The heap ----------------------------------------------------------------------------- */

static int add_to_heap(rt_reorder *reorder, const rt_held *held)
{
  rt_held item = *held;
  if (!cb_vec_push(reorder->alloc, &reorder->heap, item)) return 0;
  uint32_t at = reorder->heap.count - 1;
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!rt_held_is_before(&item, &reorder->heap.at[parent])) break;
    reorder->heap.at[at] = reorder->heap.at[parent];
    at = parent;
  }
  reorder->heap.at[at] = item;
  return 1;
}

static rt_held take_from_heap(rt_reorder *reorder)
{
  rt_held first = reorder->heap.at[0], last = reorder->heap.at[--reorder->heap.count];
  uint32_t at = 0, count = reorder->heap.count;
  for (;;) {
    uint32_t child = at * 2 + 1;
    if (child >= count) break;
    if (child + 1 < count && rt_held_is_before(&reorder->heap.at[child + 1], &reorder->heap.at[child])) child++;
    if (!rt_held_is_before(&reorder->heap.at[child], &last)) break;
    reorder->heap.at[at] = reorder->heap.at[child];
    at = child;
  }
  if (count > 0) reorder->heap.at[at] = last;
  return first;
}

/* ---- Both --------------------------------------------------------------------------------- */

int rt_reorder_add(rt_reorder *reorder, const rt_held *held)
{
  int is_behind = reorder->line_count > 0 && rt_held_is_before(held, rt_reorder_line(reorder, reorder->line_count - 1));
  return is_behind ? add_to_heap(reorder, held) : add_to_line(reorder, held);
}

rt_held rt_reorder_take(rt_reorder *reorder)
{
  const rt_held *first = rt_reorder_first(reorder);
  CB_ASSERT(first);
  if (reorder->line_count == 0 || first != rt_reorder_line(reorder, 0)) return take_from_heap(reorder);
  rt_held taken = *first;
  reorder->line_first = (reorder->line_first + 1) & (reorder->line_room - 1);
  reorder->line_count--;
  return taken;
}
