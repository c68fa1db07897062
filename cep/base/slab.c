/* slab.c - cells by size class. */
#include "cep/base/slab.h"

#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#else /* the sanitizer then also sees a use of a cell that was given back */
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define PAGE_BYTES ((size_t)4096)
#define INDEX_MAX ((UINT32_MAX >> 3) - 1)
#define FIRST_SLABS 8u

_Static_assert(CB_SLAB_CELL_MIN << (CB_SLAB_BLOCKS - 1) == 1024, "six classes from 32 bytes to 1,024");
_Static_assert(CB_SLAB_CLASSES <= 8, "a class has 3 bits of an id");

static size_t slab_bytes(const cb_slab *slab, uint32_t class_index)
{
  return (size_t)cb_slab_cell_size(class_index) << cb_slab_shift(slab, class_index);
}

void cb_slab_init(cb_slab *slab, cb_alloc *alloc, int smallest)
{
  *slab = (cb_slab){.alloc = alloc, .smallest = smallest != 0};
}

static size_t block_bytes(uint32_t order)
{
  return PAGE_BYTES << order;
}

void cb_slab_fini(cb_slab *slab)
{
  for (uint32_t c = 0; c < CB_SLAB_CLASSES; c++) {
    cb_slab_class *class = &slab->classes[c];
    for (uint32_t s = 0; s < class->slab_count; s++) {
      size_t size = c == CB_SLAB_BLOCKS ? block_bytes(((cb_slab_block *)class->slabs[s])->order) : slab_bytes(slab, c);
      ASAN_UNPOISON_MEMORY_REGION(class->slabs[s], size);
      cb_free(slab->alloc, class->slabs[s], size);
    }
    cb_free(slab->alloc, class->slabs, class->slab_capacity * sizeof class->slabs[0]);
  }
  cb_slab_init(slab, slab->alloc, slab->smallest);
}

/* Adds memory of `size` to the list of a class; NULL when refused, with nothing changed
 * but perhaps a longer list. */
static void *add_slab(cb_slab *slab, cb_slab_class *class, size_t size)
{
  if (class->slab_count == class->slab_capacity) {
    uint32_t capacity = class->slab_capacity > 0 ? class->slab_capacity * 2 : FIRST_SLABS;
    void **slabs =
        cb_resize(slab->alloc, class->slabs, class->slab_capacity * sizeof *slabs, capacity * sizeof *slabs);
    if (!slabs) return NULL;
    class->slabs = slabs;
    class->slab_capacity = capacity;
  }
  void *memory = cb_new(slab->alloc, size);
  if (memory) class->slabs[class->slab_count++] = memory;
  return memory;
}

static cb_slab_id make_id(uint32_t c, uint32_t index)
{
  return (index + 1) << 3 | c;
}

static cb_slab_id take_cell(cb_slab *slab, uint32_t c)
{
  cb_slab_class *class = &slab->classes[c];
  uint32_t index;
  if (class->free_head != 0) {
    index = class->free_head - 1;
    void *cell = cb_slab_cell_at(slab, c, index);
    ASAN_UNPOISON_MEMORY_REGION(cell, cb_slab_cell_size(c));
    memcpy(&class->free_head, cell, sizeof class->free_head);
  } else {
    index = class->next_fresh;
    if (index > INDEX_MAX) return CB_SLAB_NONE;
    if (index >> cb_slab_shift(slab, c) == class->slab_count) {
      size_t size = slab_bytes(slab, c);
      void *memory = add_slab(slab, class, size);
      if (!memory) return CB_SLAB_NONE;
      ASAN_POISON_MEMORY_REGION(memory, size);
    }
    ASAN_UNPOISON_MEMORY_REGION(cb_slab_cell_at(slab, c, index), cb_slab_cell_size(c));
    class->next_fresh++;
  }
  class->cells_in_use++;
  return make_id(c, index);
}

static uint32_t order_of(size_t size)
{
  uint32_t order = 0;
  while (order < CB_SLAB_ORDERS && block_bytes(order) - sizeof(cb_slab_block) < size) order++;
  return order;
}

/* Sizes double from order to order: a freed block then fits many a later cell, and taking
 * one needs no search, for at most half of its bytes in vain. */
static cb_slab_id take_block(cb_slab *slab, size_t size)
{
  cb_slab_class *class = &slab->classes[CB_SLAB_BLOCKS];
  uint32_t order = order_of(size);
  if (order == CB_SLAB_ORDERS) return CB_SLAB_NONE;

  uint32_t index;
  if (slab->block_free[order] != 0) {
    index = slab->block_free[order] - 1;
    cb_slab_block *head = class->slabs[index];
    slab->block_free[order] = head->next_free;
    ASAN_UNPOISON_MEMORY_REGION(head + 1, block_bytes(order) - sizeof *head);
  } else {
    index = class->next_fresh;
    if (index > INDEX_MAX) return CB_SLAB_NONE;
    cb_slab_block *head = add_slab(slab, class, block_bytes(order));
    if (!head) return CB_SLAB_NONE;
    head->order = order;
    class->next_fresh++;
  }
  ((cb_slab_block *)class->slabs[index])->next_free = 0;
  class->cells_in_use++;
  return make_id(CB_SLAB_BLOCKS, index);
}

cb_slab_id cb_slab_take(cb_slab *slab, size_t size)
{
  for (uint32_t c = 0; c < CB_SLAB_BLOCKS; c++) {
    if (size <= cb_slab_cell_size(c)) return take_cell(slab, c);
  }
  return take_block(slab, size);
}

void cb_slab_give(cb_slab *slab, cb_slab_id id)
{
  void *cell = cb_slab_at(slab, id);
  uint32_t c = id & 7, index = (id >> 3) - 1;
  cb_slab_class *class = &slab->classes[c];
  CB_ASSERT(class->cells_in_use > 0);
  class->cells_in_use--;
  if (c == CB_SLAB_BLOCKS) {
    cb_slab_block *head = (cb_slab_block *)cell - 1;
    head->next_free = slab->block_free[head->order];
    slab->block_free[head->order] = index + 1;
    ASAN_POISON_MEMORY_REGION(cell, block_bytes(head->order) - sizeof *head);
    return;
  }
  memcpy(cell, &class->free_head, sizeof class->free_head);
  class->free_head = index + 1;
  ASAN_POISON_MEMORY_REGION(cell, cb_slab_cell_size(c));
}

cb_slab_id cb_slab_grow(cb_slab *slab, cb_slab_id id, size_t used, size_t size)
{
  CB_ASSERT(used <= size);
  cb_slab_id grown = cb_slab_take(slab, size);
  if (grown == CB_SLAB_NONE || id == CB_SLAB_NONE) return grown;
  memcpy(cb_slab_at(slab, grown), cb_slab_at(slab, id), used);
  cb_slab_give(slab, id);
  return grown;
}

uint64_t cb_slab_in_use(const cb_slab *slab)
{
  uint64_t sum = 0;
  for (uint32_t c = 0; c < CB_SLAB_CLASSES; c++) sum += slab->classes[c].cells_in_use;
  return sum;
}

size_t cb_slab_bytes(size_t size)
{
  for (uint32_t c = 0; c < CB_SLAB_BLOCKS; c++) {
    if (size <= cb_slab_cell_size(c)) return cb_slab_cell_size(c);
  }
  return block_bytes(order_of(size));
}

uint64_t cb_slab_bytes_in_use(const cb_slab *slab)
{
  const cb_slab_class *blocks = &slab->classes[CB_SLAB_BLOCKS];
  uint64_t sum = 0;
  for (uint32_t c = 0; c < CB_SLAB_BLOCKS; c++) sum += (uint64_t)slab->classes[c].cells_in_use * cb_slab_cell_size(c);
  for (uint32_t i = 0; i < blocks->next_fresh; i++) sum += block_bytes(((const cb_slab_block *)blocks->slabs[i])->order);
  for (uint32_t order = 0; order < CB_SLAB_ORDERS; order++) {
    for (uint32_t at = slab->block_free[order]; at != 0; at = ((const cb_slab_block *)blocks->slabs[at - 1])->next_free)
      sum -= block_bytes(order);
  }
  return sum;
}
