/*
 * slab.h - cells of a few size classes with free lists; for running.
 *
 * Contract
 *   Classes of 32, 64, 128, 256, 512 and 1,024 bytes; above that a block of its own of
 *   4 KiB, 8 KiB, 16 KiB and so on. A cell is named by a 32-bit id (class in the low 3 bits, index + 1
 *   above it); CB_SLAB_NONE is 0. Cells never move: a pointer lives until its cell is
 *   freed. Slabs grow in steps and are given back only by cb_slab_fini; freed cells are
 *   reused, so a warm slab allocates nothing. Contents are uninitialised.
 *   CB_SLAB_NONE from cb_slab_take: memory refused. One owner. O(1).
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
void *cb_slab_at(const cb_slab *slab, cb_slab_id id);
void cb_slab_give(cb_slab *slab, cb_slab_id id);
/* Cells handed out and not given back, over all classes. */
uint64_t cb_slab_in_use(const cb_slab *slab);

#endif
