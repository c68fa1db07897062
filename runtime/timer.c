/* timer.c - a heap of deadlines whose entries know their place. */
#include "runtime/timer.h"

void rt_timers_init(rt_timers *timers, cb_alloc *alloc, const rt_keyed *keyed)
{
  *timers = (rt_timers){.alloc = alloc, .keyed = keyed};
}

void rt_timers_fini(rt_timers *timers)
{
  cb_vec_free(timers->alloc, &timers->heap);
}

static int is_before(const rt_timers *timers, const rt_timer *a, const rt_timer *b)
{
  if (a->time != b->time) return a->time < b->time;
  if (a->operator_number != b->operator_number) return a->operator_number < b->operator_number;
  return rt_keyed_compare(timers->keyed, rt_keyed_at(timers->keyed, a->entry), rt_keyed_at(timers->keyed, b->entry)) < 0;
}

static void put(rt_timers *timers, uint32_t at, rt_timer timer)
{
  timers->heap.at[at] = timer;
  rt_keyed_at(timers->keyed, timer.entry)->timer = at + 1;
}

/* Both move a gap rather than swap: `timer` is written once, where it ends up. */
static void rise(rt_timers *timers, uint32_t at, rt_timer timer)
{
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!is_before(timers, &timer, &timers->heap.at[parent])) break;
    put(timers, at, timers->heap.at[parent]);
    at = parent;
  }
  put(timers, at, timer);
}

static void sink(rt_timers *timers, uint32_t at, rt_timer timer)
{
  for (;;) {
    uint32_t child = at * 2 + 1;
    if (child >= timers->heap.count) break;
    if (child + 1 < timers->heap.count &&
        is_before(timers, &timers->heap.at[child + 1], &timers->heap.at[child])) {
      child++;
    }
    if (!is_before(timers, &timers->heap.at[child], &timer)) break;
    put(timers, at, timers->heap.at[child]);
    at = child;
  }
  put(timers, at, timer);
}

int rt_timers_arm(rt_timers *timers, cb_slab_id entry, cep_time time)
{
  const rt_entry *found = rt_keyed_at(timers->keyed, entry);
  rt_timer timer = {time, entry, found->operator_number};
  if (found->timer == 0) {
    if (!cb_vec_push(timers->alloc, &timers->heap, timer)) return 0;
    rise(timers, timers->heap.count - 1, timer);
    return 1;
  }
  uint32_t at = found->timer - 1;
  if (time < timers->heap.at[at].time) {
    rise(timers, at, timer);
  } else {
    sink(timers, at, timer);
  }
  return 1;
}

void rt_timers_disarm(rt_timers *timers, cb_slab_id entry)
{
  rt_entry *found = rt_keyed_at(timers->keyed, entry);
  if (found->timer == 0) return;
  uint32_t at = found->timer - 1;
  found->timer = 0;
  rt_timer last = timers->heap.at[--timers->heap.count];
  if (last.entry == entry) return;
  if (at > 0 && is_before(timers, &last, &timers->heap.at[(at - 1) / 2])) {
    rise(timers, at, last);
  } else {
    sink(timers, at, last);
  }
}

cep_time rt_timers_time(const rt_timers *timers, cb_slab_id entry)
{
  uint32_t timer = rt_keyed_at(timers->keyed, entry)->timer;
  return timer == 0 ? CEP_TIME_MAX : timers->heap.at[timer - 1].time;
}

const rt_timer *rt_timers_first(const rt_timers *timers)
{
  return timers->heap.count > 0 ? &timers->heap.at[0] : NULL;
}

int rt_timers_check(const rt_timers *timers)
{
  for (uint32_t i = 0; i < timers->heap.count; i++) {
    const rt_timer *timer = &timers->heap.at[i];
    if (rt_keyed_at(timers->keyed, timer->entry)->timer != i + 1) return 0;
    if (i > 0 && is_before(timers, timer, &timers->heap.at[(i - 1) / 2])) return 0;
  }
  return 1;
}
