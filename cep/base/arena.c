/* arena.c - blocks of many small allocations, freed together. */
#include "cep/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Big enough that a rule file of some pages takes a few blocks. */
#define BLOCK_BYTES 16384u
#define ALIGNMENT _Alignof(max_align_t)

struct cb_arena_block {
  _Alignas(max_align_t) cb_arena_block *next;
  size_t size; /* of the whole block, this head too */
};

void cb_arena_init(cb_arena *arena, cb_alloc *alloc)
{
  *arena = (cb_arena){.alloc = alloc};
}

void cb_arena_fini(cb_arena *arena)
{
  cb_arena_block *next;
  for (cb_arena_block *block = arena->blocks; block; block = next) {
    next = block->next;
    cb_free(arena->alloc, block, block->size);
  }
  *arena = (cb_arena){.alloc = arena->alloc};
}

static cb_arena_block *add_block(cb_arena *arena, size_t size)
{
  cb_arena_block *block = cb_new0(arena->alloc, size);
  if (!block) {
    arena->failed = 1;
    return NULL;
  }
  block->size = size;
  return block;
}

void *cb_arena_take(cb_arena *arena, size_t size)
{
  if (arena->failed) return NULL;
  if (size > SIZE_MAX / 2) {
    arena->failed = 1;
    return NULL;
  }
  size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (rounded == 0) rounded = ALIGNMENT; /* different takes give different pointers */

  if (rounded > BLOCK_BYTES / 4) { /* a block of its own, behind the newest, which stays in use */
    cb_arena_block *block = add_block(arena, sizeof *block + rounded);
    if (!block) return NULL;
    if (arena->blocks) {
      block->next = arena->blocks->next;
      arena->blocks->next = block;
    } else {
      arena->blocks = block;
      arena->used = block->size;
    }
    return block + 1;
  }

  if (!arena->blocks || arena->used > arena->blocks->size || rounded > arena->blocks->size - arena->used) {
    cb_arena_block *block = add_block(arena, BLOCK_BYTES);
    if (!block) return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used = sizeof *block;
  }
  void *taken = (char *)arena->blocks + arena->used;
  arena->used += rounded;
  return taken;
}

char *cb_arena_text(cb_arena *arena, const char *text, size_t len)
{
  char *copy = len < SIZE_MAX ? cb_arena_take(arena, len + 1) : NULL;
  if (copy && len > 0) memcpy(copy, text, len);
  return copy;
}

char *cb_arena_printf(cb_arena *arena, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, format, args);
  CB_ASSERT(len >= 0);
  char *text = cb_arena_take(arena, (size_t)len + 1);
  if (text) vsnprintf(text, (size_t)len + 1, format, again);
  va_end(again);
  va_end(args);
  return text;
}
