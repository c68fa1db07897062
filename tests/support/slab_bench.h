/*
 * slab_bench.h - a slab in memory that counts and can refuse, for tests of what lies in cells.
 *
 * Contract
 *   slab_bench_close fails the test if a cell or an allocation was not given back.
 */
#ifndef TEST_SLAB_BENCH_H
#define TEST_SLAB_BENCH_H

#include "cep/base/slab.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

typedef struct slab_bench {
  fault_alloc fault;
  cb_alloc alloc;
  cb_slab slab;
} slab_bench;

static inline void slab_bench_open(slab_bench *bench, int smallest)
{
  fault_alloc_init(&bench->fault);
  cb_alloc_init(&bench->alloc, &bench->fault.hook, 0);
  cb_slab_init(&bench->slab, &bench->alloc, smallest);
}

static inline void slab_bench_close(slab_bench *bench)
{
  assert_int_equal(cb_slab_in_use(&bench->slab), 0);
  cb_slab_fini(&bench->slab);
  assert_int_equal(fault_alloc_fini(&bench->fault), 0);
}

#endif
