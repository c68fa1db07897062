/* vec.c - growth of the typed arrays. */
#include "cep/base/vec.h"

#include <string.h>

#define FIRST_CAPACITY 8u

int cb_vec_grow(cb_alloc *alloc, void **at, uint32_t count, uint32_t *capacity, uint32_t more,
                size_t item_size)
{
  CB_ASSERT(count <= *capacity);
  if (more <= *capacity - count) return 1;
  if (more > UINT32_MAX - count) return 0;
  uint32_t needed = count + more;
  uint32_t grown = *capacity < FIRST_CAPACITY / 2 ? FIRST_CAPACITY
                   : *capacity > UINT32_MAX / 2   ? UINT32_MAX
                                                  : *capacity * 2;
  if (grown < needed) grown = needed;
  if (grown > SIZE_MAX / item_size) return 0;

  /* `at` is in truth the address of a T *: it may be read and written as bytes only. */
  void *old;
  memcpy(&old, at, sizeof old);
  void *resized = cb_resize(alloc, old, (size_t)*capacity * item_size, (size_t)grown * item_size);
  if (!resized) return 0;
  memcpy(at, &resized, sizeof resized);
  *capacity = grown;
  return 1;
}
