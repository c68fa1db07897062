/*
 * list.h - a growing array in an arena.
 *
 * Contract
 *   Zero is the empty list. pat_list_push gives 1, or 0 when memory is refused (then the
 *   list has not changed). Outgrown arrays stay in the arena until it ends.
 */
#ifndef PAT_LIST_H
#define PAT_LIST_H

#include "cep/base/arena.h"

#define PAT_LIST(T)    \
  struct {             \
    T *at;             \
    uint32_t count;    \
    uint32_t capacity; \
  }

/* The array with room for one more item, or `at` itself when memory is refused. */
void *pat_list_room(cb_arena *arena, void *at, uint32_t count, uint32_t *capacity, size_t item_size);

#define pat_list_push(arena, list, item)                                                        \
  ((list)->at = pat_list_room((arena), (list)->at, (list)->count, &(list)->capacity,            \
                              sizeof *(list)->at),                                              \
   (list)->count < (list)->capacity ? ((list)->at[(list)->count++] = (item), 1) : 0)

#endif
