/*
 * slab.h - cells of a few size classes with free lists; for running.
 *
 * Contract
 *   Classes of 32, 64, 128, 256, 512 and 1,024 bytes; above that a block of its own of
 *   4 KiB, 8 KiB, 16 KiB and so on. A cell is named by a 32-bit id (class in the low 3 bits, index + 1
 *   above it); CB_SLAB_NONE is 0. Cells never move: a pointer lives until its cell is
 *   freed. Slabs grow in steps and are given back only by cb_slab_fini; freed cells are
 *   reused, so a warm slab allocates nothing. Contents are uninitialised.
 *   CB_SLAB_NONE from cb_slab_take and cb_slab_grow: memory refused, nothing has changed. One owner. O(1).
 */
#ifndef CB_SLAB_H
#define CB_SLAB_H

#include "cep/base/alloc.h"

typedef uint32_t cb_slab_id;
#define CB_SLAB_NONE    0u
#define CB_SLAB_CLASSES 7
#define CB_SLAB_ORDERS  20 /* blocks of their own: 4 KiB << order, up to 2 GiB */

typedef struct cb_slab_class {
  void **slabs;
  uint32_t slab_count;
  uint32_t slab_capacity;
  uint32_t next_fresh; /* index of the first cell never handed out */
  uint32_t free_head;  /* index + 1 of the first free cell; 0: none */
  uint32_t cells_in_use;
} cb_slab_class;

typedef struct cb_slab {
  cb_alloc *alloc;
  int smallest; /* tests: slabs of two cells */
  cb_slab_class classes[CB_SLAB_CLASSES];
  uint32_t block_free[CB_SLAB_ORDERS]; /* index + 1 of the first free block; 0: none */
} cb_slab;

void cb_slab_init(cb_slab *slab, cb_alloc *alloc, int smallest);
void cb_slab_fini(cb_slab *slab);
cb_slab_id cb_slab_take(cb_slab *slab, size_t size);
void cb_slab_give(cb_slab *slab, cb_slab_id id);
/* A cell of `size` with the first `used` bytes of this one, which is given back; of CB_SLAB_NONE: a new one. */
cb_slab_id cb_slab_grow(cb_slab *slab, cb_slab_id id, size_t used, size_t size);
/* Cells handed out and not given back, over all classes. */
uint64_t cb_slab_in_use(const cb_slab *slab);
/* What a cell of `size` takes. */
size_t cb_slab_bytes(size_t size);
/* All cells in use, as cb_slab_bytes counts them. */
uint64_t cb_slab_bytes_in_use(const cb_slab *slab);

/* ---- Finding a cell: in the header because every step to a record goes through it ---- */

#define CB_SLAB_BLOCKS   (CB_SLAB_CLASSES - 1) /* the class of blocks of their own */
#define CB_SLAB_CELL_MIN 32u
#define CB_SLAB_SHIFT    10u /* 1,024 cells of the smallest class: 32 KiB for each slab */

/* In front of a block of its own. The next free block is named here, as the index + 1. */
typedef struct cb_slab_block {
  _Alignas(max_align_t) uint32_t order;
  uint32_t next_free;
} cb_slab_block;

static inline uint32_t cb_slab_cell_size(uint32_t class_index)
{
  return CB_SLAB_CELL_MIN << class_index;
}

/* log2 of the cells in a slab: finding a cell is then a shift and a mask. */
static inline uint32_t cb_slab_shift(const cb_slab *slab, uint32_t class_index)
{
  return slab->smallest ? 1 : CB_SLAB_SHIFT - class_index;
}

static inline void *cb_slab_cell_at(const cb_slab *slab, uint32_t class_index, uint32_t index)
{
  uint32_t shift = cb_slab_shift(slab, class_index), within = index & ((1u << shift) - 1);
  return (char *)slab->classes[class_index].slabs[index >> shift] + (size_t)within * cb_slab_cell_size(class_index);
}

static inline void *cb_slab_at(const cb_slab *slab, cb_slab_id id)
{
  uint32_t c = id & 7, index = (id >> 3) - 1; /* of CB_SLAB_NONE beyond any that was handed out */
  CB_ASSERT(c < CB_SLAB_CLASSES);
  CB_ASSERT(index < slab->classes[c].next_fresh);
  if (c == CB_SLAB_BLOCKS) return (cb_slab_block *)slab->classes[c].slabs[index] + 1;
  return cb_slab_cell_at(slab, c, index);
}

#endif
