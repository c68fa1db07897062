/*
 * alloc.h - the only way to memory.
 *
 * Contract
 *   A cb_alloc wraps the caller's cep_allocator, counts the bytes in use and refuses
 *   above `bytes_max` (0: no limit), or above what it shares with others (budget.h). Sizes are exact on both sides.
 *   cb_new gives uninitialised memory, cb_new0 zeroed; NULL when refused. Freeing NULL
 *   does nothing. One owner.
 */
#ifndef CB_ALLOC_H
#define CB_ALLOC_H

#include "cep/base/assert.h"

typedef struct cb_budget cb_budget;
typedef struct cb_alloc {
  cep_allocator hook;
  size_t bytes_in_use;
  size_t bytes_max;
  cb_budget *budget; /* NULL: none */
} cb_alloc;

/* `hook` NULL: the C library's malloc. */
void cb_alloc_init(cb_alloc *alloc, const cep_allocator *hook, size_t bytes_max);
void *cb_new(cb_alloc *alloc, size_t size);
void *cb_new0(cb_alloc *alloc, size_t size);
/* NULL with `ptr` untouched when refused. size_new > 0. */
void *cb_resize(cb_alloc *alloc, void *ptr, size_t size_old, size_t size_new);
void cb_free(cb_alloc *alloc, void *ptr, size_t size);

#endif
