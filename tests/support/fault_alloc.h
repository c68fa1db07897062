/*
 * fault_alloc.h - an allocator that counts, checks, moves and fails when told.
 *
 * Contract
 *   Give `hook` to the code under test. Each block is known by address and size: a free or
 *   resize of an unknown block, of a wrong size, or of a block written past its end is a
 *   mistake, told on stderr and counted, never acted on. New memory holds 0xA5 bytes.
 *   "Calls" are requests for memory that may fail (new blocks and growing resizes, counted
 *   from 0); frees and shrinking resizes always work.
 *   fault_alloc_fini gives blocks still alive back and counts them as a mistake each.
 */
#ifndef FAULT_ALLOC_H
#define FAULT_ALLOC_H

#include "cep/cep.h"

#define FAULT_NEVER UINT64_MAX

typedef struct fault_block {
  unsigned char *at;
  size_t size;
} fault_block;

typedef struct fault_alloc {
  cep_allocator hook;
  uint64_t fail_at;  /* number of the call that fails; FAULT_NEVER */
  int fail_for_ever; /* and all calls after it */
  int moving;        /* every resize gives another address */
  size_t bytes_max;  /* calls that would go above it fail; 0: no limit */
  uint64_t calls;
  uint64_t failures;
  uint64_t mistakes;
  size_t live_blocks;
  size_t live_bytes;
  size_t peak_bytes;
  fault_block *table; /* open addressing, by address */
  size_t table_size;
  size_t table_used; /* graves too */
} fault_alloc;

void fault_alloc_init(fault_alloc *fault);
/* Gives the mistakes. */
uint64_t fault_alloc_fini(fault_alloc *fault);

/*
 * Runs the scenario with call 0 failing, then call 1, and so on, each once alone and once
 * with all later calls failing too, until it comes through without a failure. It must end
 * with CEP_E_NOMEM or a status that is not negative, and have given everything back.
 * Gives the number of calls that were made to fail, or -1 with the reason on stderr.
 */
int fault_alloc_sweep(int (*scenario)(const cep_allocator *allocator, void *ctx), void *ctx);

#endif
