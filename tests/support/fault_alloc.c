/* fault_alloc.c - memory that fails when told, and keeps the books. */
#include "tests/support/fault_alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD_BYTES 16
#define FRESH 0xA5
#define GUARD 0xC3
#define GIVEN_BACK 0x5A
#define SWEEP_MAX 1000000

static unsigned char grave_mark; /* its address stands where a block was */

static void mistake(fault_alloc *fault, const char *what, const void *at, size_t expected, size_t got)
{
  fprintf(stderr, "fault_alloc: %s: block %p, expected %zu bytes, got %zu\n", what, at, expected, got);
  fault->mistakes++;
}

static size_t slot_of(const fault_alloc *fault, const void *at)
{
  return (size_t)(((uintptr_t)at >> 4) * 0x9E3779B97F4A7C15u >> 20) & (fault->table_size - 1);
}

static fault_block *find(fault_alloc *fault, const void *at)
{
  for (size_t slot = slot_of(fault, at); fault->table[slot].at; slot = (slot + 1) & (fault->table_size - 1)) {
    if (fault->table[slot].at == at) return &fault->table[slot];
  }
  return NULL;
}

static void insert(fault_alloc *fault, unsigned char *at, size_t size)
{
  size_t slot = slot_of(fault, at);
  while (fault->table[slot].at) slot = (slot + 1) & (fault->table_size - 1);
  fault->table[slot] = (fault_block){at, size};
  fault->table_used++;
}

/* The books are kept with the C library's memory; without it there is no test. */
static void *must(void *memory)
{
  if (!memory) abort();
  return memory;
}

static void make_room(fault_alloc *fault)
{
  if (fault->table_used * 2 < fault->table_size) return;
  fault_block *old = fault->table;
  size_t old_size = fault->table_size;
  fault->table_size = fault->live_blocks * 4 < 64 ? 64 : old_size;
  while (fault->table_size < fault->live_blocks * 4) fault->table_size *= 2;
  fault->table = must(calloc(fault->table_size, sizeof *fault->table));
  fault->table_used = 0;
  for (size_t slot = 0; slot < old_size; slot++) {
    if (old[slot].at && old[slot].at != &grave_mark) insert(fault, old[slot].at, old[slot].size);
  }
  free(old);
}

static void *new_block(fault_alloc *fault, size_t size)
{
  make_room(fault);
  unsigned char *at = must(malloc(size + GUARD_BYTES));
  memset(at, FRESH, size);
  memset(at + size, GUARD, GUARD_BYTES);
  insert(fault, at, size);
  fault->live_blocks++;
  fault->live_bytes += size;
  if (fault->live_bytes > fault->peak_bytes) fault->peak_bytes = fault->live_bytes;
  return at;
}

static void check_guard(fault_alloc *fault, const fault_block *block)
{
  for (size_t i = 0; i < GUARD_BYTES; i++) {
    if (block->at[block->size + i] == GUARD) continue;
    mistake(fault, "written past the end", block->at, block->size, block->size + i + 1);
    return;
  }
}

static void drop_block(fault_alloc *fault, fault_block *block)
{
  check_guard(fault, block);
  memset(block->at, GIVEN_BACK, block->size);
  free(block->at);
  fault->live_blocks--;
  fault->live_bytes -= block->size;
  *block = (fault_block){&grave_mark, 0};
}

/* Whether this request for `more` bytes is to fail. */
static int refuses(fault_alloc *fault, size_t more)
{
  uint64_t call = fault->calls++;
  int fails = call == fault->fail_at || (fault->fail_for_ever && call > fault->fail_at);
  if (fault->bytes_max != 0 && fault->live_bytes + more > fault->bytes_max) fails = 1;
  fault->failures += (uint64_t)fails;
  return fails;
}

static void *resize(void *ctx, void *ptr, size_t size_old, size_t size_new)
{
  fault_alloc *fault = ctx;
  if (!ptr) {
    if (size_old != 0) mistake(fault, "old size of no block", ptr, 0, size_old);
    if (size_new == 0) {
      mistake(fault, "free of no block", ptr, 0, 0);
      return NULL;
    }
    return refuses(fault, size_new) ? NULL : new_block(fault, size_new);
  }
  fault_block *block = fault->table ? find(fault, ptr) : NULL;
  if (!block) {
    mistake(fault, "not a live block", ptr, 0, size_old);
    return NULL;
  }
  if (block->size != size_old) mistake(fault, "wrong old size", ptr, block->size, size_old);
  if (size_new == 0) {
    drop_block(fault, block);
    return NULL;
  }
  size_t kept = block->size < size_new ? block->size : size_new;
  if (size_new > block->size && refuses(fault, size_new - block->size)) return NULL;
  if (!fault->moving && size_new == block->size) return ptr;
  void *moved = new_block(fault, size_new);
  memcpy(moved, ptr, kept);
  drop_block(fault, find(fault, ptr)); /* the table may have moved */
  return moved;
}

void fault_alloc_init(fault_alloc *fault)
{
  *fault = (fault_alloc){.fail_at = FAULT_NEVER};
  fault->hook = (cep_allocator){resize, fault};
}

uint64_t fault_alloc_fini(fault_alloc *fault)
{
  for (size_t slot = 0; slot < fault->table_size; slot++) {
    fault_block *block = &fault->table[slot];
    if (!block->at || block->at == &grave_mark) continue;
    mistake(fault, "never given back", block->at, 0, block->size);
    drop_block(fault, block);
  }
  free(fault->table);
  fault->table = NULL;
  fault->table_size = 0;
  fault->table_used = 0;
  return fault->mistakes;
}

/* 1: came through with no failure; 0: failed as it should; -1: broken. */
static int run_once(int (*scenario)(const cep_allocator *allocator, void *ctx), void *ctx, uint64_t fail_at,
                    int for_ever)
{
  fault_alloc fault;
  fault_alloc_init(&fault);
  fault.fail_at = fail_at;
  fault.fail_for_ever = for_ever;
  fault.moving = 1;
  int status = scenario(&fault.hook, ctx);
  uint64_t failures = fault.failures;
  int broken = fault_alloc_fini(&fault) > 0;
  if (status < 0 && (status != CEP_E_NOMEM || failures == 0)) {
    fprintf(stderr, "fault_alloc: status %d after %llu failures\n", status, (unsigned long long)failures);
    broken = 1;
  }
  if (broken) {
    fprintf(stderr, "fault_alloc: with call %llu failing%s\n", (unsigned long long)fail_at,
            for_ever ? " and all after it" : "");
    return -1;
  }
  return failures == 0;
}

int fault_alloc_sweep(int (*scenario)(const cep_allocator *allocator, void *ctx), void *ctx)
{
  for (int call = 0; call < SWEEP_MAX; call++) {
    int alone = run_once(scenario, ctx, (uint64_t)call, 0);
    int with_later = run_once(scenario, ctx, (uint64_t)call, 1);
    if (alone < 0 || with_later < 0) return -1;
    if (alone && with_later) return call;
  }
  fprintf(stderr, "fault_alloc: no end after %d calls\n", SWEEP_MAX);
  return -1;
}
