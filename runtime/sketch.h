/*
 * sketch.h - percentiles within 1 % of themselves, in little memory (a DDSketch).
 *
 *   | bucket, how many | bucket, how many | ...     ascending by the values in them
 *
 * Contract
 *   A bucket holds values that differ by 2 % at most: 50 of equal width lie between a power
 *   of two and the next; negative values have buckets of their own, and zero has one. Past
 *   2,048 buckets the lowest two become one, so only the lowest percentiles suffer. The
 *   state follows from the values alone, in whatever order they came or were merged: bucket
 *   limits are exact arithmetic, one answer on every machine. NaN is not taken.
 *   A sketch of zero bytes is empty; it holds no pointer, so it may lie in a cell and be
 *   moved. Errors: refused memory only; then the sketch is unchanged. One owner.
 */
#ifndef RT_SKETCH_H
#define RT_SKETCH_H

#include "cep/base/bytes.h"
#include "cep/base/slab.h"

#define RT_SKETCH_BUCKETS_MAX 2048u

typedef struct rt_sketch {
  cb_slab_id cells; /* CB_SLAB_NONE: nothing yet */
  uint32_t count;   /* buckets */
  uint32_t capacity;
  uint32_t pad;
} rt_sketch;

int rt_sketch_add(rt_sketch *sketch, cb_slab *slab, double value); /* 0: memory refused */
int rt_sketch_merge(rt_sketch *into, const rt_sketch *from, cb_slab *slab);
/* Of n values in order the one at floor(percent / 100 * (n - 1)), or near it. 0: there are none. */
int rt_sketch_percentile(const rt_sketch *sketch, const cb_slab *slab, double percent, double *out);
void rt_sketch_clear(rt_sketch *sketch, cb_slab *slab);
void rt_sketch_save(const rt_sketch *sketch, const cb_slab *slab, cb_writer *writer);
/* Into an empty sketch, which is empty again after a failure. CEP_E_CORRUPT, CEP_E_NOMEM. */
cep_status rt_sketch_load(rt_sketch *sketch, cb_slab *slab, cb_reader *reader) CB_MUST_USE;
int rt_sketch_check(const rt_sketch *sketch, const cb_slab *slab); /* 1: all invariants hold */

#endif
