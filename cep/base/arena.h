/*
 * arena.h - many allocations, one free; for compiling.
 *
 * Contract
 *   Memory lives until cb_arena_fini. Zeroed, aligned for any type. After a refusal the
 *   arena is `failed` and gives NULL for ever, so that a caller may look once at the end.
 */
#ifndef CB_ARENA_H
#define CB_ARENA_H

#include "cep/base/alloc.h"

typedef struct cb_arena_block cb_arena_block;
typedef struct cb_arena {
  cb_alloc *alloc;
  cb_arena_block *blocks;
  size_t used; /* of the newest block */
  int failed;
} cb_arena;

void cb_arena_init(cb_arena *arena, cb_alloc *alloc);
void cb_arena_fini(cb_arena *arena);
void *cb_arena_take(cb_arena *arena, size_t size);
/* A terminated copy. */
char *cb_arena_text(cb_arena *arena, const char *text, size_t len);
char *cb_arena_printf(cb_arena *arena, const char *format, ...) CB_PRINTF(2, 3);

#endif
