/* hash.c - XXH3, and nothing else of it outside this file. */
#include "cep/base/hash.h"

#include <string.h>

#define XXH_INLINE_ALL /* keys are short: a call costs as much as their hash */
#include <xxhash.h>

_Static_assert(sizeof(XXH128_canonical_t) == sizeof(cb_hash128), "16 bytes on both sides");

uint64_t cb_hash64(const void *data, size_t len)
{
  return XXH3_64bits(data, len);
}

cb_hash128 cb_hash128_of(const void *data, size_t len)
{
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, len));
  cb_hash128 hash;
  memcpy(&hash, &canonical, sizeof hash);
  return hash;
}
