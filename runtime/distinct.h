/*
 * distinct.h - an exact set of values, in cells of the slab.
 *
 *   set -> first -> value -> value -> ... last      in the order in which they came
 *       \-> table: open addressing over slab ids, a power of two
 *
 * Contract
 *   A value is bytes; equal bytes are one value. A set of zero bytes is the empty one. It
 *   holds no pointer, so it may lie in a cell itself and be moved. Nothing is taken out
 *   but all of it. Saved as its values in order, so equal sets that grew alike save alike.
 *   Errors: refused memory only; then the set is unchanged. One owner.
 */
#ifndef RT_DISTINCT_H
#define RT_DISTINCT_H

#include "cep/base/bytes.h"
#include "cep/base/slab.h"

typedef struct rt_distinct {
  cb_slab_id table; /* CB_SLAB_NONE: none yet */
  uint32_t capacity;
  uint32_t count;
  cb_slab_id first;
  cb_slab_id last;
} rt_distinct;

typedef enum rt_distinct_added { RT_DISTINCT_OLD, RT_DISTINCT_NEW, RT_DISTINCT_FULL, RT_DISTINCT_NOMEM } rt_distinct_added;

/* RT_DISTINCT_FULL: it would be new, and there are `max` already. */
rt_distinct_added rt_distinct_add(rt_distinct *set, cb_slab *slab, const uint8_t *bytes, uint32_t len, uint64_t max);
/* The same, and `more` is added to how often it came. A set is of values that are counted, or of values that are not. */
rt_distinct_added rt_distinct_count(rt_distinct *set, cb_slab *slab, const uint8_t *bytes, uint32_t len, uint64_t more, uint64_t max);

typedef struct rt_distinct_value { /* lives as long as the set is not cleared */
  const uint8_t *bytes;
  uint32_t len;
} rt_distinct_value;

/* The value behind `before` in the order in which they came; CB_SLAB_NONE: the first, and none is left. */
cb_slab_id rt_distinct_next(const rt_distinct *set, const cb_slab *slab, cb_slab_id before, rt_distinct_value *out);
uint64_t rt_distinct_counted(const rt_distinct_value *value); /* of a set of values that are counted */
void rt_distinct_clear(rt_distinct *set, cb_slab *slab);
void rt_distinct_save(const rt_distinct *set, const cb_slab *slab, cb_writer *writer);
/* Into an empty set, which is empty again after a failure. CEP_E_CORRUPT, CEP_E_NOMEM. */
cep_status rt_distinct_load(rt_distinct *set, cb_slab *slab, cb_reader *reader) CB_MUST_USE;
int rt_distinct_check(const rt_distinct *set, const cb_slab *slab); /* 1: all invariants hold */

#endif
