/* list.c - a growing array in an arena. */
#include "patterns/list.h"

#include <string.h>

void *pat_list_room(cb_arena *arena, void *at, uint32_t count, uint32_t *capacity, size_t item_size)
{
  if (count < *capacity) return at;
  if (count > UINT32_MAX / 2) return at;
  uint32_t wanted = count == 0 ? 4 : count * 2;
  void *grown = cb_arena_take(arena, (size_t)wanted * item_size);
  if (!grown) return at;
  if (count > 0) memcpy(grown, at, (size_t)count * item_size);
  *capacity = wanted;
  return grown;
}
