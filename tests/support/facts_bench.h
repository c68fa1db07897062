/*
 * facts_bench.h - a program, a batch of rows of its first stream, and what is asked of them.
 *
 * Contract
 *   facts_open compiles the rules, or fails the test; facts_close gives everything back and checks that.
 */
#ifndef FACTS_BENCH_H
#define FACTS_BENCH_H

#include "nfa/predicate.h"
#include "tests/support/built.h"

typedef struct facts_bench {
  cb_alloc alloc;
  prg *program;
  nfa_scratch scratch;
  cb_batch batch;
  nfa_facts facts;
} facts_bench;

static inline void facts_open(facts_bench *f, const char *rules, uint32_t capacity)
{
  f->program = built_program(rules);
  cb_alloc_init(&f->alloc, NULL, 0);
  assert_int_equal(nfa_scratch_init(&f->scratch, &f->alloc, f->program, 1000000, 1 << 20), CEP_OK);
  prg_list columns = f->program->streams[0].columns;
  assert_int_equal(
      cb_batch_init(&f->batch, &f->alloc, 0, columns.count, f->program->columns + columns.first, capacity),
      CEP_OK);
  assert_int_equal(nfa_facts_init(&f->facts, &f->alloc, f->program, &f->scratch), CEP_OK);
}

static inline void facts_close(facts_bench *f)
{
  nfa_facts_fini(&f->facts);
  cb_batch_fini(&f->batch);
  nfa_scratch_fini(&f->scratch);
  assert_int_equal(f->alloc.bytes_in_use, 0);
  prg_unref(f->program);
}

#endif
