/*
 * hash.h - XXH3 for tables, fingerprints and checksums.
 *
 * Contract
 *   cb_hash64/cb_hash128 use a fixed seed: the same bytes give the same value on every
 *   machine and run (ids, key groups, checksums). Output order never depends on a table.
 */
#ifndef CB_HASH_H
#define CB_HASH_H

#include "cep/base/assert.h"

typedef struct cb_hash128 {
  uint8_t bytes[16]; /* canonical, big-endian */
} cb_hash128;

uint64_t cb_hash64(const void *data, size_t len);
cb_hash128 cb_hash128_of(const void *data, size_t len);

#endif
