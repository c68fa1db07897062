/*
 * budget.h - memory that several allocators may hold together.
 *
 * Contract
 *   cb_alloc_share makes an allocator count in a budget too, what it has already included; then it is refused what
 *   the sum of all would exceed. A budget outlives the allocators that count in it. Any thread, each with an
 *   allocator of its own.
 */
#ifndef CB_BUDGET_H
#define CB_BUDGET_H

#include <stdatomic.h>

#include "cep/base/alloc.h"

struct cb_budget {
  atomic_size_t in_use;
  size_t max;
};

void cb_budget_init(cb_budget *budget, size_t max); /* 0: no limit */
size_t cb_budget_in_use(const cb_budget *budget);
void cb_alloc_share(cb_alloc *alloc, cb_budget *budget);

#endif
