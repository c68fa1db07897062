/* arrival.c - a heap of what waits for its instant. */
#include "runtime/arrival.h"

#include "cep/base/cell.h"

void rt_arrivals_init(rt_arrivals *arrivals, cb_alloc *alloc)
{
  *arrivals = (rt_arrivals){.alloc = alloc};
}

void rt_arrivals_fini(rt_arrivals *arrivals, cb_slab *slab)
{
  for (uint32_t i = 0; i < arrivals->heap.count; i++) {
    rt_arrival *arrival = &arrivals->heap.at[i];
    if (arrival->alert) rt_alert_free(slab, arrival->alert);
    else cb_cell_unref(slab, arrival->derived.cell);
  }
  cb_vec_free(arrivals->alloc, &arrivals->heap);
}

int rt_arrivals_add(rt_arrivals *arrivals, const rt_arrival *arrival)
{
  if (!cb_vec_push(arrivals->alloc, &arrivals->heap, *arrival)) return 0;
  rt_arrival *heap = arrivals->heap.at;
  uint32_t at = arrivals->heap.count - 1;
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (arrival->time >= heap[parent].time) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = *arrival;
  return 1;
}

cep_time rt_arrivals_first(const rt_arrivals *arrivals)
{
  return arrivals->heap.count > 0 ? arrivals->heap.at[0].time : CEP_TIME_MAX;
}

rt_arrival rt_arrivals_take(rt_arrivals *arrivals)
{
  CB_ASSERT(arrivals->heap.count > 0);
  rt_arrival *heap = arrivals->heap.at;
  rt_arrival first = heap[0], last = heap[--arrivals->heap.count];
  uint32_t at = 0, count = arrivals->heap.count;
  for (;;) {
    uint32_t child = at * 2 + 1;
    if (child >= count) break;
    if (child + 1 < count && heap[child + 1].time < heap[child].time) child++;
    if (heap[child].time >= last.time) break;
    heap[at] = heap[child];
    at = child;
  }
  if (count > 0) heap[at] = last;
  return first;
}
