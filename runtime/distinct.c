/* distinct.c - an exact set of values: a hash table over a list, both in the slab. */
#include "runtime/distinct.h"

#include <string.h>

#include "cep/base/hash.h"

#define FIRST_CAPACITY 8u

typedef struct kept {
  uint64_t hash;
  cb_slab_id next;
  uint32_t len;
  /* uint8_t bytes[len] */
} kept;

static kept *kept_at(const cb_slab *slab, cb_slab_id id)
{
  return cb_slab_at(slab, id);
}

static const uint8_t *bytes_of(const kept *value)
{
  return (const uint8_t *)(value + 1);
}

/* Where the value is, or the free place where it would be. */
static cb_slab_id *place_of(const cb_slab *slab, cb_slab_id *table, uint32_t capacity, uint64_t hash, const uint8_t *bytes, uint32_t len)
{
  for (uint32_t at = (uint32_t)hash & (capacity - 1);; at = (at + 1) & (capacity - 1)) {
    if (table[at] == CB_SLAB_NONE) return &table[at];
    const kept *value = kept_at(slab, table[at]);
    if (value->hash == hash && value->len == len && (len == 0 || memcmp(bytes_of(value), bytes, len) == 0)) return &table[at];
  }
}

/* A table of twice the size with all values in it. 0: memory refused. */
static int grow(rt_distinct *set, cb_slab *slab)
{
  uint32_t capacity = set->capacity > 0 ? set->capacity * 2 : FIRST_CAPACITY;
  cb_slab_id table_id = cb_slab_take(slab, (size_t)capacity * sizeof(cb_slab_id));
  if (table_id == CB_SLAB_NONE) return 0;
  cb_slab_id *table = cb_slab_at(slab, table_id);
  memset(table, 0, (size_t)capacity * sizeof *table);
  for (cb_slab_id id = set->first; id != CB_SLAB_NONE; id = kept_at(slab, id)->next) {
    const kept *value = kept_at(slab, id);
    *place_of(slab, table, capacity, value->hash, bytes_of(value), value->len) = id;
  }
  if (set->table != CB_SLAB_NONE) cb_slab_give(slab, set->table);
  set->table = table_id;
  set->capacity = capacity;
  return 1;
}

/* Where the value is kept; CB_SLAB_NONE: it is not. */
static cb_slab_id find(const rt_distinct *set, const cb_slab *slab, uint64_t hash, const uint8_t *bytes, uint32_t len)
{
  return set->capacity > 0 ? *place_of(slab, cb_slab_at(slab, set->table), set->capacity, hash, bytes, len) : CB_SLAB_NONE;
}

/* A value that is not in it; `behind` bytes lie behind its own, all zero. */
static rt_distinct_added append(rt_distinct *set, cb_slab *slab, uint64_t hash, const uint8_t *bytes, uint32_t len, uint32_t behind,
                                uint64_t max)
{
  if (set->count >= max) return RT_DISTINCT_FULL;
  if (set->count >= set->capacity / 2 && !grow(set, slab)) return RT_DISTINCT_NOMEM;
  cb_slab_id id = cb_slab_take(slab, sizeof(kept) + len + behind);
  if (id == CB_SLAB_NONE) return RT_DISTINCT_NOMEM;
  kept *value = kept_at(slab, id);
  *value = (kept){hash, CB_SLAB_NONE, len};
  if (len > 0) memcpy(value + 1, bytes, len);
  if (behind > 0) memset((uint8_t *)(value + 1) + len, 0, behind);
  *place_of(slab, cb_slab_at(slab, set->table), set->capacity, hash, bytes, len) = id;
  if (set->last != CB_SLAB_NONE) kept_at(slab, set->last)->next = id;
  if (set->first == CB_SLAB_NONE) set->first = id;
  set->last = id;
  set->count++;
  return RT_DISTINCT_NEW;
}

rt_distinct_added rt_distinct_add(rt_distinct *set, cb_slab *slab, const uint8_t *bytes, uint32_t len, uint64_t max)
{
  uint64_t hash = cb_hash64(bytes, len);
  if (find(set, slab, hash, bytes, len) != CB_SLAB_NONE) return RT_DISTINCT_OLD;
  return append(set, slab, hash, bytes, len, 0, max);
}

rt_distinct_added rt_distinct_count(rt_distinct *set, cb_slab *slab, const uint8_t *bytes, uint32_t len, uint64_t more, uint64_t max)
{
  uint64_t hash = cb_hash64(bytes, len), count;
  rt_distinct_added added = RT_DISTINCT_OLD;
  cb_slab_id id = find(set, slab, hash, bytes, len);
  if (id == CB_SLAB_NONE) {
    added = append(set, slab, hash, bytes, len, sizeof count, max);
    if (added != RT_DISTINCT_NEW) return added;
    id = set->last;
  }
  uint8_t *behind = (uint8_t *)(kept_at(slab, id) + 1) + len;
  memcpy(&count, behind, sizeof count);
  count += more;
  memcpy(behind, &count, sizeof count);
  return added;
}

cb_slab_id rt_distinct_next(const rt_distinct *set, const cb_slab *slab, cb_slab_id before, rt_distinct_value *out)
{
  cb_slab_id id = before == CB_SLAB_NONE ? set->first : kept_at(slab, before)->next;
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  const kept *value = kept_at(slab, id);
  *out = (rt_distinct_value){bytes_of(value), value->len};
  return id;
}

uint64_t rt_distinct_counted(const rt_distinct_value *value)
{
  uint64_t count;
  memcpy(&count, value->bytes + value->len, sizeof count);
  return count;
}

void rt_distinct_clear(rt_distinct *set, cb_slab *slab)
{
  for (cb_slab_id id = set->first; id != CB_SLAB_NONE;) {
    cb_slab_id next = kept_at(slab, id)->next;
    cb_slab_give(slab, id);
    id = next;
  }
  if (set->table != CB_SLAB_NONE) cb_slab_give(slab, set->table);
  *set = (rt_distinct){0};
}

void rt_distinct_save(const rt_distinct *set, const cb_slab *slab, cb_writer *writer)
{
  cb_write_u32(writer, set->count);
  for (cb_slab_id id = set->first; id != CB_SLAB_NONE; id = kept_at(slab, id)->next) {
    const kept *value = kept_at(slab, id);
    cb_write_block(writer, bytes_of(value), value->len);
  }
}

cep_status rt_distinct_load(rt_distinct *set, cb_slab *slab, cb_reader *reader)
{
  uint32_t count = cb_read_u32(reader);
  for (uint32_t i = 0; i < count && reader->status == CEP_OK; i++) {
    size_t len;
    const void *bytes = cb_read_block(reader, &len);
    if (reader->status < 0) break;
    rt_distinct_added added = rt_distinct_add(set, slab, bytes, (uint32_t)len, UINT64_MAX);
    if (added == RT_DISTINCT_NOMEM) reader->status = CEP_E_NOMEM;
    if (added == RT_DISTINCT_OLD) reader->status = CEP_E_CORRUPT;
  }
  if (reader->status < 0) rt_distinct_clear(set, slab);
  return reader->status;
}

int rt_distinct_check(const rt_distinct *set, const cb_slab *slab)
{
  uint32_t count = 0;
  cb_slab_id last = CB_SLAB_NONE;
  for (cb_slab_id id = set->first; id != CB_SLAB_NONE; id = kept_at(slab, id)->next) {
    const kept *value = kept_at(slab, id);
    if (*place_of(slab, cb_slab_at(slab, set->table), set->capacity, value->hash, bytes_of(value), value->len) != id) return 0;
    last = id;
    count++;
  }
  return count == set->count && last == set->last && set->count <= set->capacity / 2 && (set->capacity > 0) == (set->table != CB_SLAB_NONE);
}
