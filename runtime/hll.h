/*
 * hll.h - how many different values there were, estimated in little memory (HyperLogLog).
 *
 *   up to 128 hashes:  | hash | hash | ...      ascending: the number is exact
 *   beyond:            4,096 registers of one byte: the longest run of zeros seen in each
 *
 * Contract
 *   Takes hashes of 64 bits. The state, and so the estimate, follows from the set of hashes
 *   alone, in whatever order they came or were merged. The standard error is 1.6 %. A counter
 *   of zero bytes is empty; it holds no pointer, so it may lie in a cell and be moved. The
 *   arithmetic is exact or correctly rounded: one answer on every machine.
 *   Errors: refused memory only; then the counter is unchanged. One owner.
 */
#ifndef RT_HLL_H
#define RT_HLL_H

#include "cep/base/bytes.h"
#include "cep/base/slab.h"

#define RT_HLL_SPARSE_MAX 128u

typedef struct rt_hll {
  cb_slab_id cells;  /* CB_SLAB_NONE: nothing yet */
  uint32_t count;    /* hashes; beyond RT_HLL_SPARSE_MAX: registers */
  uint32_t capacity; /* room for hashes */
  uint32_t pad;
} rt_hll;

int rt_hll_add(rt_hll *hll, cb_slab *slab, uint64_t hash); /* 0: memory refused */
int rt_hll_merge(rt_hll *into, const rt_hll *from, cb_slab *slab);
uint64_t rt_hll_estimate(const rt_hll *hll, const cb_slab *slab);
void rt_hll_clear(rt_hll *hll, cb_slab *slab);
void rt_hll_save(const rt_hll *hll, const cb_slab *slab, cb_writer *writer);
/* Into an empty counter, which is empty again after a failure. CEP_E_CORRUPT, CEP_E_NOMEM. */
cep_status rt_hll_load(rt_hll *hll, cb_slab *slab, cb_reader *reader) CB_MUST_USE;
int rt_hll_check(const rt_hll *hll, const cb_slab *slab); /* 1: all invariants hold */

#endif
