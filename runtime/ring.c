/* ring.c - a bounded queue of pointers between two threads. */
#include "runtime/ring.h"

cep_status rt_ring_init(rt_ring *ring, cb_alloc *alloc, uint32_t capacity)
{
  CB_ASSERT(capacity > 0 && (capacity & (capacity - 1)) == 0);
  atomic_init(&ring->first, 0);
  atomic_init(&ring->end, 0);
  ring->places = cb_new0(alloc, capacity * sizeof *ring->places);
  ring->capacity = capacity;
  return ring->places ? CEP_OK : CEP_E_NOMEM;
}

void rt_ring_fini(rt_ring *ring, cb_alloc *alloc)
{
  cb_free(alloc, ring->places, ring->capacity * sizeof *ring->places);
  ring->places = NULL;
}

int rt_ring_is_full(const rt_ring *ring)
{
  uint32_t end = atomic_load_explicit(&ring->end, memory_order_relaxed);
  return end - atomic_load_explicit(&ring->first, memory_order_acquire) == ring->capacity;
}

int rt_ring_put(rt_ring *ring, void *item)
{
  if (rt_ring_is_full(ring)) return 0;
  uint32_t end = atomic_load_explicit(&ring->end, memory_order_relaxed);
  ring->places[end & (ring->capacity - 1)] = item;
  atomic_store_explicit(&ring->end, end + 1, memory_order_release);
  return 1;
}

void *rt_ring_peek(const rt_ring *ring)
{
  uint32_t first = atomic_load_explicit(&ring->first, memory_order_relaxed);
  if (first == atomic_load_explicit(&ring->end, memory_order_acquire)) return NULL;
  return ring->places[first & (ring->capacity - 1)];
}

void *rt_ring_take(rt_ring *ring)
{
  void *item = rt_ring_peek(ring);
  if (!item) return NULL;
  uint32_t first = atomic_load_explicit(&ring->first, memory_order_relaxed);
  atomic_store_explicit(&ring->first, first + 1, memory_order_release);
  return item;
}
