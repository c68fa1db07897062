/* alloc.c - the counted way to the caller's allocator. */
#include "cep/base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *ctx, void *ptr, size_t size_old, size_t size_new)
{
  (void)ctx;
  (void)size_old;
  if (size_new != 0) return realloc(ptr, size_new);
  free(ptr);
  return NULL;
}

void cb_alloc_init(cb_alloc *alloc, const cep_allocator *hook, size_t bytes_max)
{
  alloc->hook = hook ? *hook : (cep_allocator){libc_resize, NULL};
  alloc->bytes_in_use = 0;
  alloc->bytes_max = bytes_max != 0 ? bytes_max : SIZE_MAX;
}

/* The hook takes a size of 0 for "free", so an empty block is asked for as one byte. */
static size_t real_size(size_t size)
{
  return size != 0 ? size : 1;
}

void *cb_new(cb_alloc *alloc, size_t size)
{
  size_t real = real_size(size);
  if (real > alloc->bytes_max - alloc->bytes_in_use) return NULL;
  void *ptr = alloc->hook.resize(alloc->hook.ctx, NULL, 0, real);
  if (ptr) alloc->bytes_in_use += real;
  return ptr;
}

void *cb_new0(cb_alloc *alloc, size_t size)
{
  void *ptr = cb_new(alloc, size);
  if (ptr) memset(ptr, 0, size);
  return ptr;
}

void *cb_resize(cb_alloc *alloc, void *ptr, size_t size_old, size_t size_new)
{
  CB_ASSERT(size_new > 0);
  if (!ptr) return cb_new(alloc, size_new);
  size_t real_old = real_size(size_old);
  CB_ASSERT(real_old <= alloc->bytes_in_use);
  size_t others = alloc->bytes_in_use - real_old;
  if (size_new > real_old && size_new > alloc->bytes_max - others) return NULL;
  void *resized = alloc->hook.resize(alloc->hook.ctx, ptr, real_old, size_new);
  if (resized) alloc->bytes_in_use = others + size_new;
  return resized;
}

void cb_free(cb_alloc *alloc, void *ptr, size_t size)
{
  if (!ptr) return;
  size_t real = real_size(size);
  CB_ASSERT(real <= alloc->bytes_in_use);
  alloc->bytes_in_use -= real;
  alloc->hook.resize(alloc->hook.ctx, ptr, real, 0);
}
