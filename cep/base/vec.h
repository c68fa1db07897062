/*
 * vec.h - a typed growable array.
 *
 * Contract
 *   CB_VEC(T) declares {T *at; uint32_t count, capacity}. Zero is the empty vector.
 *   cb_vec_push gives 1, or 0 when memory is refused (then nothing has changed).
 *   cb_vec_free gives the memory back and leaves the empty vector.
 */
#ifndef CB_VEC_H
#define CB_VEC_H

#include "cep/base/alloc.h"

#define CB_VEC(T)      \
  struct {             \
    T *at;             \
    uint32_t count;    \
    uint32_t capacity; \
  }

/* Makes room for `more` items. 1, or 0 when refused. */
int cb_vec_grow(cb_alloc *alloc, void **at, uint32_t count, uint32_t *capacity, uint32_t more, size_t item_size);

#define cb_vec_reserve(alloc, v, more) \
  cb_vec_grow((alloc), (void **)&(v)->at, (v)->count, &(v)->capacity, (more), sizeof *(v)->at)
#define cb_vec_push(alloc, v, item) \
  ((v)->count < (v)->capacity || cb_vec_reserve((alloc), (v), 1) ? ((v)->at[(v)->count++] = (item), 1) : 0)
#define cb_vec_free(alloc, v)                                                \
  (cb_free((alloc), (v)->at, (size_t)(v)->capacity * sizeof *(v)->at), (v)->at = NULL, \
   (v)->count = 0, (v)->capacity = 0)

#endif
