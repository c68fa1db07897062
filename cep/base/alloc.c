/* alloc.c - the counted way to the caller's allocator. */
#include "cep/base/budget.h"

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
  alloc->budget = NULL;
}

/* ---- Budgets --------------------------------------------------------------------------- */

void cb_budget_init(cb_budget *budget, size_t max)
{
  atomic_init(&budget->in_use, 0);
  budget->max = max != 0 ? max : SIZE_MAX;
}

size_t cb_budget_in_use(const cb_budget *budget)
{
  return atomic_load_explicit(&budget->in_use, memory_order_relaxed);
}

void cb_alloc_share(cb_alloc *alloc, cb_budget *budget)
{
  atomic_fetch_add_explicit(&budget->in_use, alloc->bytes_in_use, memory_order_relaxed);
  alloc->budget = budget;
}

static void give_back(cb_alloc *alloc, size_t size)
{
  alloc->bytes_in_use -= size;
  if (alloc->budget) atomic_fetch_sub_explicit(&alloc->budget->in_use, size, memory_order_relaxed);
}

/* 0: more than may be held. */
static int take(cb_alloc *alloc, size_t size)
{
  if (size > alloc->bytes_max - alloc->bytes_in_use) return 0;
  if (alloc->budget) {
    if (size > alloc->budget->max) return 0;
    size_t before = atomic_fetch_add_explicit(&alloc->budget->in_use, size, memory_order_relaxed);
    if (before > alloc->budget->max || size > alloc->budget->max - before) {
      atomic_fetch_sub_explicit(&alloc->budget->in_use, size, memory_order_relaxed);
      return 0;
    }
  }
  alloc->bytes_in_use += size;
  return 1;
}

/* ---- Blocks ---------------------------------------------------------------------------- */

/* The hook takes a size of 0 for "free", so an empty block is asked for as one byte. */
static size_t real_size(size_t size)
{
  return size != 0 ? size : 1;
}

void *cb_new(cb_alloc *alloc, size_t size)
{
  size_t real = real_size(size);
  if (!take(alloc, real)) return NULL;
  void *ptr = alloc->hook.resize(alloc->hook.ctx, NULL, 0, real);
  if (!ptr) give_back(alloc, real);
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
  size_t more = size_new > real_old ? size_new - real_old : 0;
  if (!take(alloc, more)) return NULL;
  void *resized = alloc->hook.resize(alloc->hook.ctx, ptr, real_old, size_new);
  if (!resized) give_back(alloc, more);
  else if (size_new < real_old) give_back(alloc, real_old - size_new);
  return resized;
}

void cb_free(cb_alloc *alloc, void *ptr, size_t size)
{
  if (!ptr) return;
  size_t real = real_size(size);
  CB_ASSERT(real <= alloc->bytes_in_use);
  give_back(alloc, real);
  alloc->hook.resize(alloc->hook.ctx, ptr, real, 0);
}
